//! The break-even of own hardware in words and as a table.

use super::Lang;
use crate::export::report::{Column, NOTHING, Table, significant, usd};
use crate::pricing::{Estimate, Verdict};
use crate::verdict::{Comparison, OwnAgainstApi, ShownBy};

/// The duties that are shown.
pub(super) const SHOWN: [f64; 7] = [0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0];

/// A share of time, in two digits: `0.62`.
fn share(duty: f64) -> String {
    if duty < 0.01 { significant(duty, 1) } else { format!("{duty:.2}") }
}

fn ends(duty: &Estimate, lang: Lang) -> String {
    let lower = duty.lower.map_or_else(|| "0".to_owned(), share);
    let upper = duty.upper.map_or_else(|| "∞".to_owned(), share);
    match lang {
        Lang::En => format!("{} ({lower} to {upper})", share(duty.value)),
        Lang::Zh => format!("{}（{lower} 至 {upper}）", share(duty.value)),
    }
}

/// A large number in three digits: `32000`.
fn thousands(number: f64) -> String {
    let unit = 10_f64.powf((number.log10().floor() - 2.0).max(0.0));
    significant((number / unit).round() * unit, 3)
}

/// What may be said of it.
pub(super) fn sentence(found: &OwnAgainstApi, lang: Lang) -> String {
    let OwnAgainstApi { own, api, per_hour, answers_per_hour, shown, without_energy, found, .. } = found;
    let (duty, hour) = (ends(&found.duty, lang), usd(*per_hour));
    let rate = significant(answers_per_hour / 3600.0, 3);
    let daily = thousands(found.answers_per_day);
    let mut text = match (lang, found.verdict()) {
        (Lang::En, Verdict::Reachable) => format!(
            "{own} is cheaper per correct answer than {api} above duty {duty}: from {daily} answers a day on, at {hour} an hour and \
             {rate} answers per second."
        ),
        (Lang::En, Verdict::Unresolved) => format!(
            "Whether {own} can be cheaper per correct answer than {api} is not shown: the break-even duty is {duty}, and 1 is \
             hardware that never rests ({hour} an hour, {rate} answers per second)."
        ),
        (Lang::En, Verdict::Never) => format!(
            "{own} is not cheaper per correct answer than {api} even where it never rests: the break-even duty is {duty}, at {hour} an \
             hour and {rate} answers per second."
        ),
        (Lang::Zh, Verdict::Reachable) => format!(
            "利用率高于 {duty}时，{own} 每个正确答案的成本低于 {api}：即每天 {daily} 个回答以上，每小时 {hour}，每秒 {rate} 个回答。"
        ),
        (Lang::Zh, Verdict::Unresolved) => format!(
            "{own} 每个正确答案的成本能否低于 {api} 未得到证实：盈亏平衡利用率为 {duty}，1 表示硬件从不空闲（每小时 {hour}，每秒 {rate} 个回答）。"
        ),
        (Lang::Zh, Verdict::Never) => format!(
            "即使硬件从不空闲，{own} 每个正确答案的成本也不低于 {api}：盈亏平衡利用率为 {duty}，每小时 {hour}，每秒 {rate} 个回答。"
        ),
    };
    if let ShownBy::AtLeast { in_flight } = shown {
        let in_flight = in_flight.map(|in_flight| significant(in_flight, 2));
        text += &match (lang, in_flight) {
            (Lang::En, Some(in_flight)) => format!(
                " That rate was shown with {in_flight} in flight; if more at once brings more, which a sweep tells, the duty is lower."
            ),
            (Lang::En, None) => {
                " That rate is the whole run's; if more at once brings more, which a sweep tells, the duty is lower."
                    .to_owned()
            }
            (Lang::Zh, Some(in_flight)) => {
                format!("该速率在 {in_flight} 个并发下测得；若更高并发能带来更高速率（可用扫描测得），则平衡点更低。")
            }
            (Lang::Zh, None) => {
                "该速率为整个运行的速率；若更高并发能带来更高速率（可用扫描测得），则平衡点更低。".to_owned()
            }
        };
    }
    if *without_energy {
        text += lang.pick(" Its energy is not in it: its power is not known.", "其中不含电费：功率未知。");
    }
    text
}

/// Cost of a correct answer at duties, beside that of the other; none where there is no such pair.
pub(super) fn table(comparison: &Comparison, lang: Lang) -> Option<Table> {
    if comparison.duties.is_empty() {
        return None;
    }
    let unit = super::unit(comparison);
    let mut columns = vec![
        Column::text(lang.pick("own − API", "自有 − API")),
        Column::number(lang.pick("break-even\nduty (95 %)", "盈亏平衡\n利用率 (95 %)")),
        Column::number(lang.pick("API, per\ncorrect", "API 每个\n正确答案")),
    ];
    columns.extend(SHOWN.iter().map(|duty| Column::number(format!("{}\n{duty}", lang.pick("at duty", "利用率")))));
    let row = |one: &OwnAgainstApi| {
        let mut cells =
            vec![format!("{} − {}", one.own, one.api), ends(&one.found.duty, lang), unit.signed(one.api_cost.value)];
        cells.extend(SHOWN.iter().map(|duty| {
            let cost = one.own_cost(*duty);
            if cost.is_finite() { unit.signed(cost) } else { NOTHING.to_owned() }
        }));
        cells
    };
    Some(Table {
        title: lang.pick("cost of a correct answer by duty", "不同利用率下每个正确答案的成本").to_owned(),
        columns,
        rows: comparison.duties.iter().map(row).collect(),
    })
}
