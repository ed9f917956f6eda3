//! What is traded for what, as tables and notes.

use super::Lang;
use crate::export::report::{Column, NOTHING, Table, significant};
use crate::verdict::{Cabinet, Comparison, Measure, Place, Scheme, Tradeoffs};

/// A measure in words.
pub(super) fn measure(measure: Measure, lang: Lang) -> &'static str {
    match measure {
        Measure::Accuracy => lang.pick("accuracy", "正确率"),
        Measure::Cost => lang.pick("cost per correct", "每个正确答案的成本"),
        Measure::Ttft => lang.pick("median TTFT", "首字延迟中位数"),
        Measure::Goodput => lang.pick("correct goodput", "达标正确吞吐"),
        Measure::Energy => lang.pick("energy per correct", "每个正确答案的能耗"),
        Measure::Memory => lang.pick("GPU memory", "显存"),
    }
}

/// Weights as shares of the whole: `accuracy 0.67, cost 0.33`.
fn weights(scheme: &Scheme, lang: Lang) -> String {
    let total: f64 = scheme.weights.iter().map(|(_, weight)| weight).sum();
    let all: Vec<String> = scheme
        .weights
        .iter()
        .filter(|(_, weight)| *weight > 0.0)
        .map(|(of, weight)| format!("{} {:.2}", measure(*of, lang), weight / total))
        .collect();
    all.join(lang.pick(", ", "，"))
}

/// All of them; none where there is nothing to trade.
pub(super) fn tables(comparison: &Comparison, lang: Lang) -> Vec<Table> {
    let traded = comparison.tradeoffs.as_ref();
    let council = comparison.cabinet.as_ref().filter(|cabinet| cabinet.is_mixed());
    let all = [
        traded.map(|traded| places(traded, lang)),
        traded.map(|traded| orders(traded, lang)),
        super::duties::table(comparison, lang),
        council.map(|cabinet| routes(comparison, cabinet, lang)),
    ];
    all.into_iter().flatten().collect()
}

fn share(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

fn places(traded: &Tradeoffs, lang: Lang) -> Table {
    let mut columns = vec![
        Column::text(lang.terms().target),
        Column::text(lang.pick("frontier", "前沿")),
        Column::number(lang.pick("own part\nof volume", "独占\n体积")),
        Column::number(lang.pick("ranks", "名次")),
        Column::number(lang.pick("wins under … of\nweights (95 %)", "胜出权重\n占比 (95 %)")),
        Column::number(lang.pick("wins where accuracy\nagainst cost weighs", "仅比正确率与成本时\n胜出的正确率权重")),
    ];
    columns.extend(
        traded
            .measures
            .iter()
            .map(|of| Column::number(format!("{}\n{}", measure(*of, lang), lang.pick("score", "得分")))),
    );
    let nothing = || NOTHING.to_owned();
    let row = |place: &Place| {
        let frontier = match (place.frontier, place.beaten_by.as_slice()) {
            (None, _) => nothing(),
            (Some(true), _) => lang.pick("yes", "是").to_owned(),
            (Some(false), by) => {
                let by: Vec<&str> = by.iter().map(|name| name.as_str()).collect();
                format!("{}{}", lang.pick("beaten by ", "不及 "), by.join(", "))
            }
        };
        let rank = |rank: f64| if rank.fract() == 0.0 { format!("{rank:.0}") } else { format!("{rank:.1}") };
        let mut cells = vec![
            place.target.to_string(),
            frontier,
            place.own_volume.map_or_else(nothing, |volume| format!("{:.1} %", volume * 100.0)),
            place.ranks.map_or_else(nothing, |(best, worst)| {
                if best == worst { rank(best) } else { format!("{}–{}", rank(best), rank(worst)) }
            }),
            place.wins.map_or_else(nothing, |wins| {
                format!("{} ({:.0}–{:.0})", share(wins.estimate), wins.lower * 100.0, wins.upper * 100.0)
            }),
            place.accuracy_weight.map_or_else(nothing, |(from, to)| format!("{from:.2}–{to:.2}")),
        ];
        match &place.scores {
            Some(scores) => cells.extend(scores.iter().map(|score| format!("{score:.2}"))),
            None => cells.extend(traded.measures.iter().map(|_| nothing())),
        }
        cells
    };
    Table {
        title: lang.pick("trade-offs", "权衡").to_owned(), columns, rows: traded.places.iter().map(row).collect()
    }
}

fn orders(traded: &Tradeoffs, lang: Lang) -> Table {
    let columns =
        vec![Column::text(lang.pick("weights", "权重")), Column::text(lang.pick("order (score)", "排序（得分）"))];
    let rows = traded.orders.iter().map(|ordered| {
        let own = if ordered.scheme.own { lang.pick("yours: ", "您的：") } else { "" };
        let order: Vec<String> = ordered.order.iter().map(|(name, score)| format!("{name} {score:.2}")).collect();
        vec![format!("{own}{}", weights(&ordered.scheme, lang)), order.join(" > ")]
    });
    Table { title: lang.pick("order by weights", "不同权重下的排序").to_owned(), columns, rows: rows.collect() }
}

fn routes(comparison: &Comparison, cabinet: &Cabinet, lang: Lang) -> Table {
    let scored = |who: String, (accuracy, cost): (f64, f64)| {
        vec![who, format!("{:.1} %", accuracy * 100.0), super::unit(comparison).signed(cost)]
    };
    let columns = vec![
        Column::text(lang.pick("who answers", "由谁回答")),
        Column::number(lang.pick("accuracy", "正确率")),
        Column::number(lang.pick("cost of\nan answer", "每个回答\n的成本")),
    ];
    let rows = vec![
        scored(lang.pick("a council: each domain its own target", "分领域组合").to_owned(), cabinet.council),
        scored(format!("{}{}", cabinet.best, lang.pick(" alone", "（单用）")), cabinet.alone),
        scored(lang.pick("an oracle that knew who is right", "事先知道谁答对（理想上限）").to_owned(), cabinet.oracle),
    ];
    let title = match lang {
        Lang::En => format!("council, on {} items that it was not chosen on", cabinet.scored_on),
        Lang::Zh => format!("分领域组合（在未用于挑选的 {} 道题上）", cabinet.scored_on),
    };
    Table { title, columns, rows }
}

/// What must be said of them.
pub(super) fn notes(comparison: &Comparison, lang: Lang) -> Vec<String> {
    let mut notes = Vec::new();
    if let Some(traded) = &comparison.tradeoffs {
        let names = |measures: &[Measure]| {
            let names: Vec<&str> = measures.iter().map(|of| measure(*of, lang)).collect();
            names.join(lang.pick(", ", "、"))
        };
        let Tradeoffs { measures, orders, amplitude, volume, draws, seed, .. } = traded;
        let schemes = orders.len();
        let unknown = || lang.pick("not known", "未知").to_owned();
        let amplitude = amplitude.map_or_else(unknown, |amplitude| significant(amplitude, 3));
        let volume = volume.map_or_else(unknown, share);
        notes.push(match lang {
            Lang::En => format!(
                "Trade-offs over {}: by estimates, without their intervals. Scores are 0 for the worst of these targets and 1 for the \
                 best (money, time and energy on the logarithm), and so depend on who is compared. Rank stability amplitude \
                 {amplitude} over M = {schemes} schemes, which are those of the table: the mean over targets of worst less best rank; \
                 amplitudes of another M don't compare. The frontier covers {volume} of the space of scores (hypervolume; \
                 reference a tenth below the worst in everything). Shares of weights: {draws} drawn, every mix as likely as any \
                 other, seed {seed}.",
                names(measures)
            ),
            Lang::Zh => format!(
                "权衡所用指标：{}；按估计值计算，未计入区间。得分以这些目标中最差者为 0、最好者为 1（费用、时间和能耗取对数），因此取决于参与比较者。\
                 名次稳定幅度 {amplitude}（M = {schemes} 种权重，见表）：各目标最差名次减最好名次的平均；M 不同则不可比。\
                 前沿覆盖得分空间的 {volume}（超体积；参考点在各项最差值之下十分之一）。权重占比：抽取 {draws} 组权重，各种组合等可能，种子 {seed}。",
                names(measures)
            ),
        });
        for scheme in &traded.unusable {
            notes.push(match lang {
                Lang::En => {
                    format!("Weights {} are not used: not all of it was measured of every target.", scheme.words())
                }
                Lang::Zh => format!("未采用权重 {}：其中有指标并非每个目标都有测量。", scheme.words()),
            });
        }
    }
    if let Some(cabinet) = comparison.cabinet.as_ref().filter(|cabinet| !cabinet.hull.is_empty()) {
        let hull: Vec<&str> = cabinet.hull.iter().map(|name| name.as_str()).collect();
        let above = cabinet.above_hull.map(|above| (format!("{:.1}", (above * 100.0).abs()), above >= 0.0));
        notes.push(match (lang, above) {
            (Lang::En, Some((points, above))) => format!(
                "Sending a random part of the work to each of two targets reaches the convex hull of cost and accuracy, which is {}; \
                 the council is {points} points {} it at the same cost.",
                hull.join(", "),
                if above { "above" } else { "below" }
            ),
            (Lang::En, None) => format!(
                "Sending a random part of the work to each of two targets reaches the convex hull of cost and accuracy, which is {}.",
                hull.join(", ")
            ),
            (Lang::Zh, above) => format!(
                "把工作随机分给两个目标可达到成本与正确率的凸包：{}{}。",
                hull.join("、"),
                above.map_or_else(String::new, |(points, above)| {
                    format!("；同等成本下，组合比它{} {points} 个百分点", if above { "高" } else { "低" })
                })
            ),
        });
    }
    notes
}
