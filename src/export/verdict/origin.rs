//! Method and provenance: what was asked of whom and how, at which prices of which day, how far timing may be believed, and what
//! was not measured.

use super::Lang;
use super::tradeoffs::measure;
use crate::board::Reason;
use crate::domain::Name;
use crate::export::report::{Column, NOTHING, Table, instant, significant};
use crate::verdict::{Comparison, Declared, Measure, Paid, Part};
use std::collections::{BTreeMap, BTreeSet};

/// All of them; a table that would be empty is left out.
pub(super) fn tables(comparison: &Comparison, lang: Lang) -> Vec<Table> {
    [targets(comparison, lang), runs(comparison, lang), timing(comparison, lang), hardware(comparison, lang)]
        .into_iter()
        .flatten()
        .collect()
}

fn some(text: &str) -> String {
    if text.is_empty() { NOTHING.to_owned() } else { text.to_owned() }
}

fn targets(comparison: &Comparison, lang: Lang) -> Option<Table> {
    let served = |target: &Name| -> String {
        let of = comparison.background.served.iter().filter(|served| served.target == *target);
        let models: BTreeSet<&str> = of.filter_map(|served| served.model.as_deref()).collect();
        some(&models.into_iter().collect::<Vec<_>>().join("\n"))
    };
    let declared = |target: &Name| comparison.declared.iter().find(|declared| declared.target == *target);
    let columns = vec![
        Column::text(lang.terms().target),
        Column::text(lang.pick("model asked for", "请求的模型")),
        Column::text(lang.pick("model that answered", "应答的模型")),
        Column::text(lang.pick("protocol and place", "协议与地址")),
        Column::text(lang.pick("sampling", "采样参数")),
        Column::text(lang.pick("price", "价格")),
        Column::text(lang.pick("meters", "计量")),
    ];
    let row = |target: &Name| {
        let Some(Declared { api, url, model, sampling, price, meters, .. }) = declared(target) else {
            let nothing = || NOTHING.to_owned();
            return vec![target.to_string(), nothing(), served(target), nothing(), nothing(), nothing(), nothing()];
        };
        vec![
            target.to_string(),
            model.clone(),
            served(target),
            format!("{api}\n{url}"),
            some(&sampling.join("\n")),
            some(&price.join("\n")),
            some(&meters.join("\n")),
        ]
    };
    let rows: Vec<_> = comparison.targets.iter().map(row).collect();
    (!rows.is_empty()).then(|| Table { title: lang.pick("targets", "目标").to_owned(), columns, rows })
}

fn runs(comparison: &Comparison, lang: Lang) -> Option<Table> {
    let columns = vec![
        Column::text(lang.pick("run", "运行")),
        Column::text(lang.pick("begun", "开始")),
        Column::text(lang.pick("ended", "结束")),
        Column::text(lang.pick("result", "结果")),
        Column::text(lang.pick("seed", "种子")),
        Column::text(lang.pick("plan", "计划")),
    ];
    let rows: Vec<Vec<String>> = comparison
        .origins
        .iter()
        .map(|run| {
            vec![
                run.name.clone(),
                instant(run.started_unix_ms),
                run.finished_unix_ms.map_or_else(|| NOTHING.to_owned(), instant),
                lang.result(run.result.as_deref()).to_owned(),
                run.seed.to_string(),
                run.plan.to_string(),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Table { title: lang.pick("runs", "运行").to_owned(), columns, rows })
}

fn reason(reason: Reason, lang: Lang) -> &'static str {
    match reason {
        Reason::ClientLag => lang.pick("this client was slow to read", "客户端读取滞后"),
        Reason::SendLag => lang.pick("requests were sent late", "请求发送过晚"),
        Reason::Underdelivered => lang.pick("less load than was to be offered", "未达到计划负载"),
        Reason::NotKernelStamped => lang.pick("without the kernel's receive stamps", "缺少内核接收时间戳"),
        Reason::FewSamples => lang.pick("fewer than 100 answers: p99 is the slowest", "不足 100 个回答：p99 即最慢者"),
    }
}

/// How far timing may be believed, where a rule does not hold.
fn timing(comparison: &Comparison, lang: Lang) -> Option<Table> {
    let columns = vec![
        Column::text(lang.pick("run", "运行")),
        Column::text(lang.terms().target),
        Column::text(lang.pick("scenario", "场景")),
        Column::text(lang.pick("timing", "计时")),
        Column::text(lang.pick("why", "原因")),
    ];
    let rows: Vec<Vec<String>> = comparison
        .background
        .timing
        .iter()
        .filter(|timing| !timing.reasons.is_empty())
        .map(|timing| {
            let why: Vec<&str> = timing.reasons.iter().map(|one| reason(*one, lang)).collect();
            let word = if timing.is_valid() {
                lang.pick("with care", "谨慎采信")
            } else {
                lang.pick("not valid", "无效")
            };
            vec![
                timing.run.clone(),
                timing.target.to_string(),
                timing.scenario.to_string(),
                word.to_owned(),
                why.join("\n"),
            ]
        })
        .collect();
    let title = lang.pick("timing that asks for care", "需谨慎对待的计时");
    (!rows.is_empty()).then(|| Table { title: title.to_owned(), columns, rows })
}

fn hardware(comparison: &Comparison, lang: Lang) -> Option<Table> {
    let columns = vec![
        Column::text(lang.pick("run", "运行")),
        Column::text(lang.terms().target),
        Column::number(lang.pick("window s", "时长 s")),
        Column::text(lang.pick("busy", "繁忙占比")),
        Column::text(lang.pick("energy J", "能耗 J")),
        Column::text(lang.pick("flags", "质量标记")),
    ];
    let rows: Vec<Vec<String>> = comparison
        .background
        .used
        .iter()
        .filter(|used| {
            used.duty.is_some() || used.joules.is_some() || !used.flags.is_empty() || !used.absent.is_empty()
        })
        .map(|used| {
            let mut flags: Vec<String> = used.flags.iter().map(|flag| (*flag).to_owned()).collect();
            flags.extend(used.absent.iter().cloned());
            vec![
                used.run.clone(),
                used.target.to_string(),
                significant(used.seconds, 3),
                used.duty.map_or_else(|| NOTHING.to_owned(), |(kind, share)| format!("{share:.2} ({kind})")),
                used.joules
                    .map_or_else(|| NOTHING.to_owned(), |(joules, how)| format!("{} ({how})", significant(joules, 3))),
                some(&flags.join("\n")),
            ]
        })
        .collect();
    (!rows.is_empty()).then(|| Table {
        title: lang.pick("hardware during the runs", "运行期间的硬件").to_owned(),
        columns,
        rows,
    })
}

/// What was not measured, a sentence each.
pub(super) fn not_measured(comparison: &Comparison, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    let background = &comparison.background;
    let comma = lang.pick(", ", "、");
    let joined = |names: &[&Name]| names.iter().map(|name| name.as_str()).collect::<Vec<_>>().join(comma);
    // Who was never asked what others were.
    let scenarios: BTreeSet<&Name> = background.asked.keys().map(|(_, scenario)| scenario).collect();
    for scenario in scenarios {
        let lacks: Vec<&Name> = comparison
            .targets
            .iter()
            .filter(|target| !background.asked.contains_key(&((*target).clone(), scenario.clone())))
            .collect();
        if !lacks.is_empty() {
            lines.push(match lang {
                Lang::En => format!("Never asked {scenario}: {}.", joined(&lacks)),
                Lang::Zh => format!("从未被问过 {scenario}：{}。", joined(&lacks)),
            });
        }
    }
    let mut absent: BTreeMap<Measure, Vec<&Name>> = BTreeMap::new();
    for (of, lacks) in comparison.tradeoffs.iter().flat_map(|traded| &traded.absent) {
        absent.insert(*of, lacks.iter().collect());
    }
    for (of, lacks) in absent {
        let hint = match of {
            Measure::Energy => lang.pick("a meter of its devices tells it", "需为其设备配置计量"),
            Measure::Goodput => lang.pick("an slo and a complete run tell it", "需声明 slo 并完成一次运行"),
            Measure::Memory => lang.pick(
                "it is exported while a daemon runs, and not stored with samples",
                "仅在守护进程运行时导出，不随样本保存",
            ),
            _ => "",
        };
        let hint = if hint.is_empty() {
            String::new()
        } else {
            lang.pick(" (", "（").to_owned() + hint + lang.pick(")", "）")
        };
        lines.push(match lang {
            Lang::En => format!(
                "Not in the trade-offs: {}, which was not measured of {}{hint}.",
                measure(of, lang),
                joined(&lacks)
            ),
            Lang::Zh => format!("未纳入权衡：{}，{} 没有该项测量{hint}。", measure(of, lang), joined(&lacks)),
        });
    }
    let unpriced: Vec<&Name> =
        comparison.declared.iter().filter(|one| one.paid == Paid::Unpriced).map(|one| &one.target).collect();
    if !unpriced.is_empty() {
        lines.push(match lang {
            Lang::En => format!("Without a price in the configuration: {}.", joined(&unpriced)),
            Lang::Zh => format!("配置中没有价格：{}。", joined(&unpriced)),
        });
    }
    let by_hour = comparison.declared.iter().filter(|one| matches!(one.paid, Paid::ByHour(_)));
    let no_rate: Vec<&Name> =
        by_hour.filter(|one| background.mix(&one.target).is_none()).map(|one| &one.target).collect();
    if !no_rate.is_empty() && comparison.declared.iter().any(|one| one.paid == Paid::ByToken) {
        lines.push(match lang {
            Lang::En => format!(
                "No break-even for {}: how many answers a second it can give is not known of everything that it was asked (a sweep \
                 or a steady load tells).",
                joined(&no_rate)
            ),
            Lang::Zh => format!("{} 没有盈亏平衡点：其每秒可给出的回答数并非对所有题目都已知（可由扫描或稳定负载测得）。", joined(&no_rate)),
        });
    }
    let without_item: Vec<&Name> = comparison
        .targets
        .iter()
        .filter(|target| comparison.standing(&Part::All, target).is_none_or(|s| s.first.is_none()))
        .collect();
    if !without_item.is_empty() {
        lines.push(match lang {
            Lang::En => format!("No time to the first token: {}.", joined(&without_item)),
            Lang::Zh => format!("没有首字延迟：{}。", joined(&without_item)),
        });
    }
    if !background.forgotten.is_empty() {
        lines.push(match lang {
            Lang::En => format!(
                "Timing rules and hardware of these runs are no longer remembered, or not yet, since only the last of every name is: {}.",
                background.forgotten.join(comma)
            ),
            Lang::Zh => format!("以下运行的计时规则与硬件信息已不再（或尚未）保存（每个名称只保存最近一次）：{}。", background.forgotten.join(comma)),
        });
    }
    if comparison.declared.is_empty() && !comparison.targets.is_empty() {
        lines.push(
            lang.pick(
                "Prices, sampling and places are not told: the report was made of a store alone, without a configuration.",
                "未给出价格、采样参数与地址：本报告仅根据存储生成，没有配置文件。",
            )
            .to_owned(),
        );
    }
    lines
}
