//! Claims as sentences.

use super::Lang;
use crate::domain::Name;
use crate::export::report::{Unit, significant};
use crate::stats::{Interval, PerCorrect};
use crate::verdict::{Cabinet, Claim, Contender, KinPair, Pair, Part};
use std::collections::BTreeMap;

/// Points (hundredths of everything) with their interval: `21.1 points (19.2 to 23.0)`.
fn points(by: &Interval, lang: Lang) -> String {
    let [at, low, high] = [by.estimate, by.lower, by.upper].map(|share| format!("{:.1}", share * 100.0 + 0.0));
    match lang {
        Lang::En => format!("{at} points ({low} to {high})"),
        Lang::Zh => format!("{at} 个百分点（{low} 至 {high}）"),
    }
}

fn times(by: &Interval, lang: Lang) -> String {
    let [at, low, high] = [by.estimate, by.lower, by.upper].map(|ratio| significant(ratio, 3));
    match lang {
        Lang::En => format!("{at} times ({low} to {high})"),
        Lang::Zh => format!("{at} 倍（{low} 至 {high}）"),
    }
}

fn share(share: &Interval) -> String {
    let [at, low, high] = [share.estimate, share.lower, share.upper].map(|share| format!("{:.1}", share * 100.0 + 0.0));
    format!("{at} % ({low}–{high})")
}

fn money(cost: &PerCorrect, unit: Unit) -> String {
    let upper = cost.upper.map_or_else(|| "∞".to_owned(), |upper| unit.bare(upper));
    format!("{} ({}–{upper})", unit.signed(cost.estimate), unit.bare(cost.lower))
}

pub(super) fn p_value(p: f64) -> String {
    if p < 0.0001 { "< 0.0001".to_owned() } else { format!("{p:.4}") }
}

fn p(p: f64) -> String {
    if p < 0.0001 { "p < 0.0001".to_owned() } else { format!("p {p:.4}") }
}

fn list(contenders: &[Contender], each: impl Fn(&Contender) -> String, lang: Lang) -> String {
    let all: Vec<String> = contenders.iter().map(each).collect();
    all.join(if lang == Lang::En { "; " } else { "；" })
}

fn parts(parts: &[Part], lang: Lang) -> String {
    let all: Vec<String> = parts.iter().map(|part| lang.part(part)).collect();
    all.join(if lang == Lang::En { ", " } else { "、" })
}

/// Who has which seats, by target.
fn seats(cabinet: &Cabinet, comma: &str) -> String {
    let mut by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (domain, target) in &cabinet.ministers {
        by.entry(target.as_str()).or_default().push(domain);
    }
    let seats: Vec<String> = by.iter().map(|(target, domains)| format!("{target}: {}", domains.join(" "))).collect();
    seats.join(comma)
}

/// How a council differs from the one best: in accuracy, and in cost.
fn council(cabinet: &Cabinet, lang: Lang) -> (String, String) {
    let share = |share: f64| format!("{:.1}", share * 100.0 + 0.0);
    let ((own, _), (alone, _)) = (cabinet.council, cabinet.alone);
    let gap = cabinet.gap.map_or_else(String::new, |gap| points(&gap, lang));
    let equal = cabinet.gap.is_some_and(|gap| gap.covers(0.0));
    let saved = cabinet.saving.map(|saving| {
        let [at, low, high] =
            [saving.estimate, saving.lower, saving.upper].map(|saved| format!("{:.0}", saved * 100.0 + 0.0));
        (format!("{at} % ({low} to {high})"), format!("{at} %（{low} 至 {high}）"), saving.lower > 0.0)
    });
    match lang {
        Lang::En => {
            let shown = if equal { ", no difference shown" } else { "" };
            let cost = saved.map_or_else(
                || "its saving is not known".to_owned(),
                |(en, _, shown)| {
                    format!("it saves {en} of the cost{}", if shown { "" } else { ", which is not shown" })
                },
            );
            (format!("{} % against {} %, difference {gap}{shown}", share(own), share(alone)), cost)
        }
        Lang::Zh => {
            let shown = if equal { "，未显示差异" } else { "" };
            let cost = saved.map_or_else(
                || "节省多少未知".to_owned(),
                |(_, zh, shown)| format!("节省成本 {zh}{}", if shown { "" } else { "，未得到证实" }),
            );
            (format!(" {} % 对 {} %，差 {gap}{shown}", share(own), share(alone)), cost)
        }
    }
}

/// Whom a leader was not held against.
fn not_held(apart: &[Name], lang: Lang) -> String {
    let names: Vec<&str> = apart.iter().map(Name::as_str).collect();
    match lang {
        _ if names.is_empty() => String::new(),
        Lang::En => format!(" Not held against it, for want of items in common: {}.", names.join(", ")),
        Lang::Zh => format!("因没有共同题目而未与其对比：{}。", names.join("、")),
    }
}

/// A claim in words.
pub(super) fn sentence(claim: &Claim, lang: Lang, unit: Unit) -> String {
    match lang {
        Lang::En => english(claim, unit),
        Lang::Zh => chinese(claim, unit),
    }
}

fn english(claim: &Claim, unit: Unit) -> String {
    let lang = Lang::En;
    match claim {
        Claim::Best { part, target, accuracy, next, level, apart } => {
            let part = lang.part(part);
            let accuracy = share(accuracy);
            let mut text = if level.is_empty() && apart.is_empty() && next.is_some() {
                format!("At 95 %, {target} is the most accurate {part}: {accuracy}.")
            } else {
                format!("{target} has the highest accuracy {part}: {accuracy}.")
            };
            if !level.is_empty() {
                let each = |other: &Contender| format!("{} (difference {})", other.target, points(&other.by, lang));
                text += &format!(" No difference is shown to {}.", list(level, each, lang));
            }
            if let Some(Contender { target, by, p: value }) = next {
                let word = if level.is_empty() { "Next is" } else { "Shown to be worse is first" };
                text += &format!(" {word} {target}, {} behind, {}.", points(by, lang), p(*value));
            }
            text + &not_held(apart, lang)
        }
        Claim::Cheapest { part, target, per_correct, next, level, apart } => {
            let part = lang.part(part);
            let mut text =
                format!("{target} has the lowest cost of a correct answer {part}: {}.", money(per_correct, unit));
            if !level.is_empty() {
                let each = |other: &Contender| format!("{} ({})", other.target, times(&other.by, lang));
                text += &format!(" No difference is shown to {}.", list(level, each, lang));
            }
            if let Some(Contender { target, by, p: value }) = next {
                text += &format!(" {target} costs {} as much, {}.", times(by, lang), p(*value));
            }
            text + &not_held(apart, lang)
        }
        Claim::Dominated { target, by, accuracy, cost, p: value, but } => {
            let mut text = format!(
                "{target} is dominated by {by}: {} less accurate at {} the cost of a correct answer, {}.",
                points(accuracy, lang),
                times(cost, lang),
                p(*value)
            );
            if !but.is_empty() {
                text += &format!(" It is the more accurate of both {}, though.", parts(but, lang));
            }
            text
        }
        Claim::Overfit { target, scenario, gap, items, p: value } => format!(
            "{target} knows the published items of {scenario}: {} better on them than on other forms of the same {items} items, \
             {}. Its accuracy there does not tell how it does on new ones.",
            points(gap, lang),
            p(*value)
        ),
        Claim::Kin { pair: KinPair { a, b, compared, same, expected, p: value, .. } } => format!(
            "{a} and {b} look like kin: of {compared} items that both and a third one got wrong, they gave the same wrong answer \
             to {same}; {} were to be expected, {}. One may be made of the other, or both of one parent.",
            significant(*expected, 3),
            p(*value)
        ),
        Claim::Council { cabinet } => {
            if !cabinet.is_mixed() {
                return format!(
                    "A council is of no use here: in every domain {} is the cheapest that is shown to be within 2 points of the \
                     best.",
                    cabinet.best
                );
            }
            let mut text = format!(
                "A council ({}) against {} alone, on {} items that it was not chosen on:",
                seats(cabinet, ", "),
                cabinet.best,
                cabinet.scored_on
            );
            let (accuracy, cost) = council(cabinet, lang);
            text += &format!(" accuracy {accuracy}; {cost}.");
            text
        }
        Claim::AgainstBaseline { pair } => {
            let Pair { a, b, difference, p: value, cost_ratio, cost_p, .. } = pair;
            let shown = if *value < 0.05 { "" } else { " (no difference shown)" };
            let mut text = format!("Against {b}, {a}: accuracy {:+.1} points", difference.estimate * 100.0 + 0.0);
            text += &format!(
                " ({:+.1} to {:+.1}), {}{shown}",
                difference.lower * 100.0 + 0.0,
                difference.upper * 100.0 + 0.0,
                p(*value)
            );
            if let (Some(ratio), Some(value)) = (cost_ratio, cost_p) {
                let shown = if *value < 0.05 { "" } else { " (no difference shown)" };
                text += &format!("; cost of a correct answer {}, {}{shown}", times(ratio, lang), p(*value));
            }
            text + "."
        }
        Claim::BreakEven { found } => super::duties::sentence(found, lang),
        Claim::Unpriced { target, samples } => format!(
            "{target} has no price for {samples} of its samples, and so no cost of a correct answer to decide by."
        ),
    }
}

fn chinese(claim: &Claim, unit: Unit) -> String {
    let lang = Lang::Zh;
    match claim {
        Claim::Best { part, target, accuracy, next, level, apart } => {
            let part = lang.part(part);
            let accuracy = share(accuracy);
            let mut text = if level.is_empty() && apart.is_empty() && next.is_some() {
                format!("{part}，在 95 % 置信水平下 {target} 正确率最高：{accuracy}。")
            } else {
                format!("{part}，{target} 的正确率数值最高：{accuracy}。")
            };
            if !level.is_empty() {
                let each = |other: &Contender| format!("{}（差 {}）", other.target, points(&other.by, lang));
                text += &format!("与下列目标未显示差异：{}。", list(level, each, lang));
            }
            if let Some(Contender { target, by, p: value }) = next {
                let word = if level.is_empty() { "其次是" } else { "首个显示较差的是" };
                text += &format!("{word} {target}，落后 {}，{}。", points(by, lang), p(*value));
            }
            text + &not_held(apart, lang)
        }
        Claim::Cheapest { part, target, per_correct, next, level, apart } => {
            let part = lang.part(part);
            let mut text = format!("{part}，{target} 每个正确答案的成本最低：{}。", money(per_correct, unit));
            if !level.is_empty() {
                let each = |other: &Contender| format!("{}（{}）", other.target, times(&other.by, lang));
                text += &format!("与下列目标未显示差异：{}。", list(level, each, lang));
            }
            if let Some(Contender { target, by, p: value }) = next {
                text += &format!("{target} 的成本是它的 {}，{}。", times(by, lang), p(*value));
            }
            text + &not_held(apart, lang)
        }
        Claim::Dominated { target, by, accuracy, cost, p: value, but } => {
            let mut text = format!(
                "{target} 总体不如 {by}：正确率低 {}，每个正确答案的成本却是其 {}，{}。",
                points(accuracy, lang),
                times(cost, lang),
                p(*value)
            );
            if !but.is_empty() {
                text += &format!("不过{}它的正确率更高。", parts(but, lang));
            }
            text
        }
        Claim::Overfit { target, scenario, gap, items, p: value } => format!(
            "{target} 见过 {scenario} 的公开题目：在这 {items} 道题的公开形式上比其他形式高 {}，{}。它在公开题目上的正确率不能说明它在新题上的表现。",
            points(gap, lang),
            p(*value)
        ),
        Claim::Kin { pair: KinPair { a, b, compared, same, expected, p: value, .. } } => format!(
            "{a} 与 {b} 疑似同源：在双方和第三方都答错的 {compared} 道题中，两者有 {same} 道给出相同的错误答案，随机情况下预期 {} 道，{}。\
             可能一个由另一个改造而来，或出自同一母模型。",
            significant(*expected, 3),
            p(*value)
        ),
        Claim::Council { cabinet } => {
            if !cabinet.is_mixed() {
                return format!(
                    "分领域组合在此无益：在每个领域，{} 都是与最佳相差不超过 2 个百分点的目标中最便宜的。",
                    cabinet.best
                );
            }
            let (accuracy, cost) = council(cabinet, lang);
            format!(
                "分领域组合（{}）与单用 {} 相比（在未用于挑选的 {} 道题上）：正确率{accuracy}；{cost}。",
                seats(cabinet, "、"),
                cabinet.best,
                cabinet.scored_on
            )
        }
        Claim::AgainstBaseline { pair } => {
            let Pair { a, b, difference, p: value, cost_ratio, cost_p, .. } = pair;
            let shown = |value: f64| if value < 0.05 { "" } else { "（未显示差异）" };
            let mut text = format!(
                "与 {b} 相比，{a} 的正确率差 {:+.1} 个百分点（{:+.1} 至 {:+.1}），{}{}",
                difference.estimate * 100.0 + 0.0,
                difference.lower * 100.0 + 0.0,
                difference.upper * 100.0 + 0.0,
                p(*value),
                shown(*value)
            );
            if let (Some(ratio), Some(value)) = (cost_ratio, cost_p) {
                text += &format!("；每个正确答案的成本是其 {}，{}{}", times(ratio, lang), p(*value), shown(*value));
            }
            text + "。"
        }
        Claim::BreakEven { found } => super::duties::sentence(found, lang),
        Claim::Unpriced { target, samples } => {
            format!("{target} 有 {samples} 个样本没有价格，因此没有可供决策的每个正确答案的成本。")
        }
    }
}
