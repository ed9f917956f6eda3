//! What adaptive testing decided, in words; what it asked, and what the full pass would have asked and cost.

use super::words::{NOTHING, percent, usd};
use super::{Column, Report, Table};
use crate::board::{CampaignEnd, CampaignTarget, Campaigned, Question, Shown, Standing};
use crate::stats::Interval;
use serde_json::{Value, json};

/// A table for each campaign: a row for each target, best first.
pub(super) fn tables(report: &Report) -> Vec<Table> {
    report.campaigns.iter().map(table).collect()
}

fn table(campaign: &Campaigned) -> Table {
    let rows = campaign.targets.iter().enumerate().map(|(at, target)| {
        let CampaignTarget { target: name, asked, void, accuracy, exact, standing: _ } = target;
        let Interval { estimate, lower, upper } = accuracy;
        let interval = match (asked > void, exact) {
            (false, _) => NOTHING.to_owned(),
            (true, true) => format!("{} (exact)", percent(*estimate)),
            (true, false) => format!("{} ({}–{})", percent(*estimate), percent(*lower), percent(*upper)),
        };
        let asked = format!("{asked} of {}", campaign.items);
        vec![name.to_string(), place(campaign, at), asked, void.to_string(), interval]
    });
    Table {
        title: format!("scenario {}: {}", campaign.scenario, asked_for(campaign)),
        columns: vec![
            Column::text("target"),
            Column::text("stands"),
            Column::number("items asked"),
            Column::number("not graded"),
            Column::number(format!("accuracy %\n({} %, over all items)", points(campaign.level))),
        ],
        rows: rows.collect(),
    }
}

/// The question.
fn asked_for(campaign: &Campaigned) -> String {
    let n = campaign.targets.len();
    match &campaign.question {
        Question::Best => format!("the best of {n}"),
        Question::BetterThan(name) => format!("better than {name}?"),
        Question::AllRanked => format!("all {n} ranked"),
        Question::Precision(half) => format!("accuracy to ±{}", apart(*half)),
        Question::Ranking(share) => format!("the best order for {} % of the full pass", points(*share)),
    }
}

/// Where a target stands, in a word or two.
fn place(campaign: &Campaigned, at: usize) -> String {
    let Some(target) = campaign.targets.get(at) else { return String::new() };
    let possible = || campaign.targets.iter().filter(|t| t.standing == Standing::Possible).count();
    match &campaign.question {
        Question::Best => match target.standing {
            Standing::Possible if possible() == 1 => "the best",
            Standing::Possible => "can be the best",
            Standing::Out | Standing::Unsaid => "not the best",
        }
        .to_owned(),
        Question::BetterThan(name) => {
            let base = campaign.targets.iter().position(|target| target.target == *name);
            match base {
                Some(base) if base == at => "held against".to_owned(),
                Some(base) => word(campaign.relation(at, base)).to_owned(),
                None => NOTHING.to_owned(),
            }
        }
        Question::AllRanked | Question::Ranking(_) => (at + 1).to_string(),
        Question::Precision(half) => match target.exact {
            true => "exact".to_owned(),
            false if is_narrow(target, *half) => "known".to_owned(),
            false => "not yet".to_owned(),
        },
    }
}

const fn word(shown: Shown) -> &'static str {
    match shown {
        Shown::Better => "better",
        Shown::Worse => "worse",
        Shown::Close => "alike",
        Shown::Open => "open",
    }
}

/// Whether an interval is as narrow as was asked for: rounding aside, since an estimate near 0 or 1 is cut there.
fn is_narrow(target: &CampaignTarget, half: f64) -> bool {
    target.accuracy.half_width() <= half + 1e-9
}

/// What was decided, in one sentence for each campaign, and what that took in another.
pub(super) fn sentences(report: &Report) -> Vec<String> {
    report.campaigns.iter().flat_map(|campaign| [finding(campaign), taken(campaign)]).collect()
}

fn names<'a>(targets: impl IntoIterator<Item = &'a CampaignTarget>) -> Vec<String> {
    targets.into_iter().map(|target| target.target.to_string()).collect()
}

/// `a`, `a and b`, `a, b and c`.
fn listed(names: &[String], last: &str) -> String {
    match names {
        [] => "none".to_owned(),
        [one] => one.clone(),
        [all @ .., end] => format!("{} {last} {end}", all.join(", ")),
    }
}

/// A finding: what is shown, at which level, or that nothing is.
fn finding(campaign: &Campaigned) -> String {
    let Campaigned { scenario, question, end, targets, level, .. } = campaign;
    let level = points(*level);
    let by = match end {
        CampaignEnd::Exact => "for every item that matters was asked".to_owned(),
        _ => format!("at {level} %"),
    };
    let Some(first) = targets.first() else { return format!("{scenario}: nobody was asked") };
    match question {
        Question::Best => best(campaign, first, &by),
        Question::BetterThan(name) => {
            let base = targets.iter().position(|target| target.target == *name).unwrap_or(0);
            let of = |shown| {
                let those = (0..targets.len()).filter(|k| *k != base && campaign.relation(*k, base) == shown);
                names(those.filter_map(|k| targets.get(k)))
            };
            let words = [Shown::Better, Shown::Worse, Shown::Close, Shown::Open].map(|shown| (shown, of(shown)));
            let told = words.iter().filter(|(_, names)| !names.is_empty()).map(|(shown, names)| {
                let (many, names) = (names.len() > 1, listed(names, "and"));
                let are = if many { "are" } else { "is" };
                match shown {
                    Shown::Better => format!("{names} {are} better than {name}"),
                    Shown::Worse => format!("{names} {are} worse"),
                    Shown::Close => format!("{names} {are} within {}", apart(campaign.margin)),
                    Shown::Open => format!("{names} {are} still open"),
                }
            });
            format!("{scenario}: {}{} ({by})", until(*end), told.collect::<Vec<_>>().join("; "))
        }
        Question::AllRanked => {
            let mut text = first.target.to_string();
            let mut open = false;
            for (at, target) in targets.iter().enumerate().skip(1) {
                let sign = match campaign.relation(at - 1, at) {
                    Shown::Better => ">",
                    // Estimates order them; what is shown is the other way round only in a tie of estimates.
                    Shown::Worse => "<",
                    Shown::Close => "≈",
                    Shown::Open => {
                        open = true;
                        "?"
                    }
                };
                text.push_str(&format!(" {sign} {}", target.target));
            }
            let mut legend = format!("≈ within {}", apart(campaign.margin));
            if open {
                legend.push_str(", ? not shown");
            }
            format!("{scenario}: {}{text} ({by}; {legend})", until(*end))
        }
        Question::Precision(half) => {
            let all = |narrow: bool| targets.iter().filter(move |t| (t.exact || is_narrow(t, *half)) == narrow);
            let told = |target: &CampaignTarget| format!("{} {}", target.target, interval(&target.accuracy));
            let known: Vec<String> = all(true).map(told).collect();
            let wide: Vec<String> = all(false).map(told).collect();
            let half = apart(*half);
            let mut text = format!("{scenario}: {}", until(*end));
            text.push_str(&match known.is_empty() {
                true => format!("no accuracy is known to ±{half} at {level} %"),
                false => format!("known to ±{half} at {level} %: {}", known.join("; ")),
            });
            if !wide.is_empty() {
                text.push_str(&format!("; not so narrow: {}", wide.join("; ")));
            }
            text
        }
        Question::Ranking(share) => format!(
            "{scenario}: {}the best order for {} % of the full pass's cost: {}; no error rate is promised",
            until(*end),
            points(*share),
            names(targets).join(", ")
        ),
    }
}

fn best(campaign: &Campaigned, first: &CampaignTarget, by: &str) -> String {
    let Campaigned { scenario, targets, margin, .. } = campaign;
    let n = targets.len();
    let left: Vec<&CampaignTarget> = targets.iter().filter(|target| target.standing == Standing::Possible).collect();
    let told = |target: &CampaignTarget| format!("{} {}", target.target, interval(&target.accuracy));
    match (campaign.end, left.as_slice()) {
        (CampaignEnd::Decided | CampaignEnd::Exact, [_]) => {
            let next = targets.get(1).map_or_else(String::new, |next| format!(", then {}", told(next)));
            format!("{scenario}: {} is the best of {n} ({by}): {}{next}", first.target, interval(&first.accuracy))
        }
        (CampaignEnd::Decided | CampaignEnd::Exact, tie) => {
            let all: Vec<String> = tie.iter().map(|target| told(target)).collect();
            format!(
                "{scenario}: the best of {n} is {} ({by}), and none but perhaps {} leads all the others by {}: {}",
                listed(&names(tie.iter().copied()), "or"),
                first.target,
                apart(*margin),
                all.join("; ")
            )
        }
        (end, open) => {
            let all: Vec<String> = open.iter().map(|target| told(target)).collect();
            format!(
                "{scenario}: {}{} can still be the best of {n}: {}",
                until(end),
                listed(&names(open.iter().copied()), "and"),
                all.join("; ")
            )
        }
    }
}

/// What there is to say first where the question is not answered.
const fn until(end: CampaignEnd) -> &'static str {
    match end {
        CampaignEnd::Budget => "no decision within the budget; ",
        CampaignEnd::Open => "not decided yet; ",
        CampaignEnd::Decided | CampaignEnd::Exact | CampaignEnd::Share => "",
    }
}

/// What was asked and paid, and what the full pass would have taken.
fn taken(campaign: &Campaigned) -> String {
    let Campaigned { scenario, calls: (asked, full), cost, history, noise, .. } = campaign;
    let mut text = format!(
        "{scenario}: {asked} calls, where the full pass asks {full}: {} % saved",
        percent(campaign.saved_calls())
    );
    match (cost, campaign.saved_cost()) {
        (Some((spent, full)), Some(saved)) => text.push_str(&format!(
            "; {}, where the full pass would have cost {} at the prices of what was asked: {} % saved",
            usd(spent.usd()),
            usd(full.usd()),
            percent(saved)
        )),
        (Some(_), None) => {}
        (None, _) => text.push_str("; what that saved in money is not known: something has no price, or was not asked"),
    }
    if *history > 0 {
        let targets = if *history == 1 { "target's" } else { "targets'" };
        text.push_str(&format!("; {history} earlier {targets} answers to these items helped to foresee"));
    }
    if let Some((between, within)) = noise {
        let all = between + within;
        let share = if all > 0.0 { within / all } else { 0.0 };
        text.push_str(&format!(
            "; of the variance of one answer {} % is the answers' own, the rest lies between items",
            percent(share)
        ));
    }
    text
}

fn interval(accuracy: &Interval) -> String {
    let Interval { estimate, lower, upper } = accuracy;
    format!("{} % ({} to {})", percent(*estimate), percent(*lower), percent(*upper))
}

/// A difference in points of a share.
fn apart(share: f64) -> String {
    let points = points(share);
    if points == "1" { "1 point".to_owned() } else { format!("{points} points") }
}

/// A share in per cent without needless zeros.
fn points(share: f64) -> String {
    format!("{}", (share * 1e6).round() / 1e4)
}

/// The definition behind a campaign's figures.
pub(super) fn definition(report: &Report) -> Option<String> {
    (!report.campaigns.is_empty()).then(|| {
        "adaptive run: accuracy is the mean over all items, estimated from those that were asked, which were drawn with known \
         chances; its interval (confidence sequence by betting) holds whenever the run stopped, where Wilson's would not; counts, \
         cost per correct and rows by domain are of what was asked; targets took turns batch by batch, so tokens/s over the \
         whole run has others' turns in it"
            .to_owned()
    })
}

/// All campaigns as JSON.
pub(super) fn json(report: &Report) -> Vec<Value> {
    report.campaigns.iter().map(one).collect()
}

fn one(campaign: &Campaigned) -> Value {
    let Campaigned { scenario, question, margin, level, end, items, calls, cost, targets, relations, history, noise } =
        campaign;
    let (asked_for, about) = match question {
        Question::Best => ("best", Value::Null),
        Question::BetterThan(name) => ("better-than", json!(name.as_str())),
        Question::AllRanked => ("all-ranked", Value::Null),
        Question::Precision(half) => ("precision", json!(half)),
        Question::Ranking(share) => ("ranking", json!(share)),
    };
    let end = match end {
        CampaignEnd::Open => "open",
        CampaignEnd::Decided => "decided",
        CampaignEnd::Exact => "exact",
        CampaignEnd::Budget => "budget",
        CampaignEnd::Share => "share",
    };
    let rows = targets.iter().enumerate().map(|(at, target)| {
        let CampaignTarget {
            target: name,
            asked,
            void,
            accuracy: Interval { estimate, lower, upper },
            exact,
            standing,
        } = target;
        json!({
            "target": name.as_str(),
            "stands": place(campaign, at),
            "can_be_best": match standing {
                Standing::Possible => Some(true),
                Standing::Out => Some(false),
                Standing::Unsaid => None,
            },
            "items_asked": asked,
            "items_not_graded": void,
            "accuracy": { "estimate": estimate, "lower": lower, "upper": upper },
            "exact": exact,
        })
    });
    let name = |at: &usize| targets.get(*at).map(|target| target.target.as_str());
    let pairs = relations.iter().map(|(a, b, shown)| json!({ "a": name(a), "b": name(b), "a_is": word(*shown) }));
    json!({
        "scenario": scenario.as_str(),
        "question": asked_for,
        "about": about,
        "margin": margin,
        "level": level,
        "end": end,
        "items": items,
        "calls_asked": calls.0,
        "calls_of_full_pass": calls.1,
        "calls_saved": campaign.saved_calls(),
        "cost_nano_usd": cost.map(|(spent, _)| spent.nanos()),
        "cost_of_full_pass_nano_usd": cost.map(|(_, full)| full.nanos()),
        "cost_saved": campaign.saved_cost(),
        "earlier_targets": history,
        "variance_between_items": noise.map(|(between, _)| between),
        "variance_within_items": noise.map(|(_, within)| within),
        "targets": rows.collect::<Vec<_>>(),
        "pairs": pairs.collect::<Vec<_>>(),
        "in_words": finding(campaign),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Money, Name};

    fn target(name: &str, estimate: f64, standing: Standing) -> CampaignTarget {
        CampaignTarget {
            target: Name::new(name).unwrap(),
            asked: 120,
            void: 2,
            accuracy: Interval { estimate, lower: estimate - 0.04, upper: estimate + 0.03 },
            exact: false,
            standing,
        }
    }

    fn campaign(question: Question, end: CampaignEnd) -> Campaigned {
        let out = |possible: bool| match (&question, possible) {
            (Question::Best, true) => Standing::Possible,
            (Question::Best, false) => Standing::Out,
            _ => Standing::Unsaid,
        };
        let targets =
            vec![target("nano", 0.912, out(true)), target("micro", 0.801, out(false)), target("base", 0.5, out(false))];
        Campaigned {
            scenario: Name::new("arith").unwrap(),
            question,
            margin: 0.01,
            level: 0.95,
            end,
            items: 500,
            calls: (310, 1500),
            cost: Some((Money::from_nanos(1_200_000), Money::from_nanos(6_300_000))),
            targets,
            relations: vec![(0, 1, Shown::Better), (0, 2, Shown::Better), (1, 2, Shown::Open)],
            history: 0,
            noise: None,
        }
    }

    #[test]
    fn every_question_and_every_end_has_its_words() {
        let base = || Question::BetterThan(Name::new("base").unwrap());
        let mut tie = campaign(Question::Best, CampaignEnd::Decided);
        tie.targets[1].standing = Standing::Possible;
        let open = Campaigned { end: CampaignEnd::Budget, ..tie.clone() };
        let noisy = Campaigned {
            history: 3,
            noise: Some((0.15, 0.05)),
            cost: None,
            ..campaign(Question::AllRanked, CampaignEnd::Exact)
        };
        let campaigns = vec![
            campaign(Question::Best, CampaignEnd::Decided),
            tie,
            open,
            campaign(base(), CampaignEnd::Decided),
            noisy,
            campaign(Question::Precision(0.04), CampaignEnd::Decided),
            campaign(Question::Precision(0.02), CampaignEnd::Budget),
            campaign(Question::Ranking(0.25), CampaignEnd::Share),
        ];
        let report = Report { campaigns, ..Report::default() };
        insta::assert_snapshot!(sentences(&report).join("\n"));
    }

    #[test]
    fn a_campaign_as_a_table_and_as_json() {
        let report = Report { campaigns: vec![campaign(Question::Best, CampaignEnd::Decided)], ..Report::default() };
        let table: Vec<String> = tables(&report).iter().map(super::super::text::drawn).collect();
        insta::assert_snapshot!(format!(
            "{}\n{}\n{}",
            table.join("\n"),
            definition(&report).unwrap(),
            serde_json::to_string_pretty(&json(&report)).unwrap()
        ));
    }
}
