//! What is wrong, or doubtful, with a scenario's items; their strata; what asking them costs.

use crate::domain::{Item, Length, Message, Role, Tags, estimated_tokens};
use crate::plan::{Plan, Scenario, estimate};
use crate::workload::Occasion;
use crate::workload::duplicates::{Likeness, find};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Items that are named where something is found; the rest is counted.
const NAMED: usize = 5;
/// A letter that is right so much more often than its share would be learnt by guessing.
const LOPSIDED: f64 = 1.5;
/// With fewer choice questions no balance can be told.
const FEWEST: usize = 40;
/// Likeness from which two questions are told as near duplicates.
const NEAR: f64 = 0.9;
/// Items between which near duplicates are looked for.
const MOST_COMPARED: usize = 200_000;

/// The report, and how many findings are in it.
pub(super) fn lint(plan: &Plan, scenario: &Scenario, on: Occasion) -> (String, usize) {
    let items = scenario.items.draw(on);
    let items: Vec<&Item> = items.iter().map(|item| &**item).collect();
    let mut out = String::new();
    let _ = writeln!(out, "scenario {} ({})", scenario.name, scenario.origin);
    let _ = writeln!(out, "  items       {}", items.len());
    let answered = items.iter().filter(|item| !item.answers.is_empty() || item.spec.is_some()).count();
    let _ = writeln!(out, "  answers     {answered} of {} have what {} grades by", items.len(), scenario.scorer_kind);
    let _ = writeln!(out, "  prompts     {}", lengths(scenario, &items));
    let mut found = Vec::new();
    found.extend(scenario.bad_rows.iter().map(|row| format!("bad row: {row}")));
    found.extend(unanswered(scenario, &items));
    found.extend(repeats(&items));
    found.extend(balance(&items));
    found.extend(leaks(&items));
    found.extend(options(&items));
    for line in strata(&items) {
        let _ = writeln!(out, "{line}");
    }
    for line in costs(plan, scenario) {
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(
        out,
        "  found       {}",
        if found.is_empty() { "nothing".to_owned() } else { found.len().to_string() }
    );
    for finding in &found {
        let _ = writeln!(out, "    {}", finding.replace('\n', "\n    "));
    }
    out.push('\n');
    (out, found.len())
}

/// A finding about several items, the first few of them named.
fn about(items: &[&Item], what: &str) -> Option<String> {
    let names: Vec<&str> = items.iter().take(NAMED).map(|item| item.id.as_str()).collect();
    let more = if items.len() > NAMED { format!(" and {} more", items.len() - NAMED) } else { String::new() };
    (!items.is_empty()).then(|| format!("{} {what}: {}{more}", items.len(), names.join(", ")))
}

fn lengths(scenario: &Scenario, items: &[&Item]) -> String {
    let tokens = |item: &Item| {
        let prompt = scenario.template.render(item);
        prompt.messages.iter().map(|message| estimated_tokens(&message.content)).sum::<u64>()
    };
    let mut all: Vec<u64> = items.iter().copied().map(tokens).collect();
    all.sort_unstable();
    let at = |share: usize| all.get((all.len().saturating_sub(1)) * share / 100).copied().unwrap_or(0);
    format!("{} tokens at the median, {} at p99, {} at the most (by estimate)", at(50), at(99), at(100))
}

fn unanswered(scenario: &Scenario, items: &[&Item]) -> Option<String> {
    let cannot = |item: &&Item| scenario.scorer.accepts(item).is_err();
    let these: Vec<&Item> = items.iter().copied().filter(cannot).collect();
    about(&these, "can't be graded")
}

fn repeats(items: &[&Item]) -> Vec<String> {
    let base: Vec<&Item> = items.iter().copied().filter(|item| item.variant.is_none()).take(MOST_COMPARED).collect();
    let mut lines: BTreeMap<&str, Vec<&Item>> = BTreeMap::new();
    for repeat in find(&base, Some(NEAR)) {
        let what = match repeat.likeness {
            Likeness::Exact => "repeat an earlier item",
            Likeness::Near(_) => "are nearly an earlier item",
            Likeness::OtherAnswer => "ask the same as an earlier item, and have another answer",
        };
        lines.entry(what).or_default().extend(base.get(repeat.item).copied());
    }
    lines.into_iter().filter_map(|(what, items)| about(&items, what)).collect()
}

/// Whether one letter is right much more often than its share.
fn balance(items: &[&Item]) -> Option<String> {
    let mut counts: BTreeMap<char, usize> = BTreeMap::new();
    let (mut all, mut expected) = (0, 0.0);
    for item in items.iter().copied().filter(|item| item.options.len() > 1) {
        let mut letters = item.answers.first().map_or("", String::as_str).trim().chars();
        let (Some(only), None) = (letters.next(), letters.next()) else { continue };
        *counts.entry(only.to_ascii_uppercase()).or_default() += 1;
        all += 1;
        expected += 1.0 / float(item.options.len());
    }
    let (letter, most) = counts.into_iter().max_by_key(|(_, count)| *count)?;
    let share = float(most) / float(all);
    let due = expected / float(all);
    (all >= FEWEST && share > LOPSIDED * due).then(|| {
        format!(
            "{letter} is right in {:.0} % of {all} choice questions; even would be {:.0} %",
            share * 100.0,
            due * 100.0
        )
    })
}

#[expect(clippy::cast_precision_loss, reason = "a share for display")]
fn float(n: usize) -> f64 {
    n as f64
}

/// Questions that say their own answer: a word of at least four characters, where there are no options.
fn leaks(items: &[&Item]) -> Option<String> {
    let says = |item: &&Item| {
        let question = || {
            let users = item.messages.iter().filter(|message| message.role == Role::User);
            users.map(|Message { content, .. }| content.to_lowercase()).collect::<String>()
        };
        let long = |answer: &&String| answer.chars().count() >= 4 && !answer.chars().all(|c| c.is_ascii_digit());
        item.options.is_empty()
            && item.spec.is_none()
            && item.answers.iter().filter(long).any(|answer| question().contains(&answer.to_lowercase()))
    };
    let these: Vec<&Item> = items.iter().copied().filter(says).collect();
    about(&these, "have their answer in the question")
}

fn options(items: &[&Item]) -> Option<String> {
    let twice = |item: &&Item| {
        let mut texts: Vec<String> = item.options.iter().map(|option| option.trim().to_lowercase()).collect();
        texts.sort();
        texts.windows(2).any(|pair| pair.first() == pair.last())
    };
    let these: Vec<&Item> = items.iter().copied().filter(twice).collect();
    about(&these, "have an option twice")
}

/// How many items each stratum has.
fn strata(items: &[&Item]) -> Vec<String> {
    let mut counts: BTreeMap<(&'static str, String), usize> = BTreeMap::new();
    for item in items {
        let Tags { domain, capability, language, split, length, hard } = &item.tags;
        let form = item.variant.as_deref().unwrap_or("base");
        let long = if *length == Length::Long { "long" } else { "short" };
        for (kind, word) in [
            ("cell", format!("{domain} × {capability}")),
            ("language", language.to_string()),
            ("split", split.label().to_owned()),
            ("length", long.to_owned()),
            ("hard", if *hard { "hard" } else { "not hard" }.to_owned()),
            ("form", form.to_owned()),
        ] {
            *counts.entry((kind, word)).or_default() += 1;
        }
    }
    let mut lines: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for ((kind, word), count) in counts {
        lines.entry(kind).or_default().push(format!("{word} {count}"));
    }
    let line = |(kind, words): (&str, Vec<String>)| format!("  {kind:<11} {}", words.join(", "));
    lines.into_iter().filter(|(kind, words)| *kind == "cell" || words.len() > 1).map(line).collect()
}

/// What each run that asks it would pay each target.
fn costs(plan: &Plan, scenario: &Scenario) -> Vec<String> {
    let mut lines = Vec::new();
    for run in &plan.runs {
        for asked in run.scenarios.iter().filter(|asked| asked.name == scenario.name) {
            for target in &run.targets {
                let judge = run.judges.get(&asked.name).map(|judge| &**judge);
                let estimate = estimate(target, asked, judge, &run.workload);
                let cost = match (estimate.typical, estimate.most) {
                    (Some(typical), Some(most)) => format!("{typical}, at the most {most}"),
                    _ => "no price by token".to_owned(),
                };
                let exchanges = estimate.least_exchanges;
                lines.push(format!("  cost        run {}, {}: {exchanges} exchanges, {cost}", run.name, target.name));
            }
        }
    }
    lines
}
