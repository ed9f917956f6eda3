//! `/samples/ID`: all that is known of one sample: what was asked and answered, how it was graded and by which rule, when, for
//! how much, and what its figures hang on.

use super::figures::{nothing, run_link, target_link};
use super::layout::{Page, Way};
use super::parts::{encoded, price, quoted, short, verdict, wide};
use super::samples::time;
use crate::domain::{
    Answer, Charge, Component, Exchange, Finding, Money, Purpose, Sample, TokenKind, ToolCall, Verdict,
};
use crate::export::report::{instant, significant};
use crate::store::{Dossier, Recorded, Regrade};
use maud::{Markup, html};

/// What was asked, as far as it can be told: the store keeps answers, and the configuration has the questions.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::api) enum Question {
    /// The messages, each with the word for who speaks, and the right answers.
    Known {
        /// The prompt of the last turn, which has those before it.
        messages: Vec<(&'static str, String)>,
        /// What is right; empty where it is not told by texts.
        references: Vec<String>,
        /// What can be chosen from.
        options: Vec<String>,
    },
    /// Why it can't be told, in a sentence.
    Not(String),
}

/// Renders the page.
pub(in crate::api) fn render(dossier: &Dossier, question: &Question) -> String {
    let Dossier { recorded: Recorded { position, sample, good, .. }, run, findings } = dossier;
    let title = format!("Sample {position}");
    let body = html! {
        (summary(sample, &run.name, *good))
        section aria-labelledby="asked" { h2 id="asked" { "What was asked" } (asked(question)) }
        section aria-labelledby="answered" { h2 id="answered" { "What was answered" } (answers(sample)) }
        section aria-labelledby="graded" { h2 id="graded" { "How it was graded" } (grading(sample, question, findings)) }
        section aria-labelledby="sent" { h2 id="sent" { "Time, use and cost" } (exchanges(sample)) (costs(sample)) }
        section aria-labelledby="origin" { h2 id="origin" { "Where it comes from" } (origin(dossier)) }
    };
    let above = &[("/samples", "Samples")];
    Page { title: &title, way: Some(Way::Samples), above, body, ..Page::default() }.render()
}

fn summary(sample: &Sample, run: &str, good: bool) -> Markup {
    let Sample { key, finding, at_unix_ms, .. } = sample;
    html! {
        dl.facts {
            dt { "Verdict" } dd { (verdict(finding.verdict)) " " (score(finding)) }
            dt { "Rule that fired" } dd { (rule(finding.rule)) }
            dt { "Target" } dd { (target_link(key.target.as_str())) }
            dt { "Scenario and item" }
            dd { bdi { (key.scenario) } " / " bdi { (short(key.item.as_str())) } @if key.repeat > 0 { ", asked again (" (key.repeat) ")" } }
            dt { "Asked" } dd { (instant(*at_unix_ms)) " by run " (run_link(run)) " (execution " (key.run) ")" }
            @if finding.verdict == Verdict::Correct {
                dt { "Inside the SLO" } dd { @if good { "yes, or there is none" } @else { "no" } }
            }
        }
    }
}

fn score(finding: &Finding) -> Markup {
    html! { @if finding.score.is_finite() { span.soft { "(score " (significant(finding.score, 3)) ")" } } }
}

fn rule(rule: &str) -> Markup {
    html! { a href={ "/samples?rule=" (encoded(rule)) } { code { (rule) } } }
}

fn asked(question: &Question) -> Markup {
    match question {
        Question::Not(why) => html! { p.soft { (why) } },
        Question::Known { messages, .. } => html! {
            @for (at, (role, content)) in messages.iter().enumerate() {
                h3 { (role) }
                (quoted(&format!("{role}, message {}", at + 1), content))
            }
        },
    }
}

/// The answers of the attempts that succeeded, turn by turn; of one that failed its fault.
fn answers(sample: &Sample) -> Markup {
    let several = sample.exchanges.len() > 1;
    html! {
        @if sample.exchanges.is_empty() { p { "It was never sent." } }
        @for exchange in &sample.exchanges {
            @let label = format!("Attempt {}, turn {}", exchange.attempt, exchange.turn + 1);
            @if several { h3 { (label) } }
            @if let Some(fault) = &exchange.fault {
                p { "It failed: " code { (fault.kind.label()) } @if let Some(status) = fault.status { " (HTTP " (status) ")" } }
                @if !fault.detail.is_empty() { (quoted(&format!("{label}: what the endpoint said"), &fault.detail)) }
            }
            (answer(&label, &exchange.answer, exchange.is_success()))
        }
    }
}

fn answer(label: &str, answer: &Answer, success: bool) -> Markup {
    let Answer { text, reasoning, tool_calls, refusal, finish, model, .. } = answer;
    let silent = text.is_empty() && reasoning.is_empty() && tool_calls.is_empty() && refusal.is_none();
    html! {
        @if silent && success {
            p.soft { "Nothing is stored of it: the answer was empty, or answers of this target are not kept (" code { "store_answers" } ")." }
        }
        @if !text.is_empty() { (quoted(&format!("{label}: answer"), text)) }
        @if hashed(text) { p.soft { "Only a hash of the answer is kept (" code { "store_answers = \"hash\"" } ")." } }
        @if let Some(refusal) = refusal { h3 { "Refusal" } (quoted(&format!("{label}: refusal"), refusal)) }
        @for ToolCall { name, arguments } in tool_calls {
            h3 { "Calls the tool " code { (short(name)) } }
            (quoted(&format!("{label}: arguments of {}", short(name)), arguments))
        }
        @if !reasoning.is_empty() {
            details { summary { "Reasoning" } (quoted(&format!("{label}: reasoning"), reasoning)) }
        }
        @if success {
            p.soft {
                @if let Some(finish) = finish { "Ended by " code { (short(finish.label())) } ". " }
                @if let Some(model) = model { "Served by " code { (short(model)) } "." }
            }
        }
    }
}

/// Whether only a hash of a text was kept.
fn hashed(text: &str) -> bool {
    let digits = text.strip_prefix("sha256:");
    digits.is_some_and(|digits| digits.len() == 64 && digits.bytes().all(|b| b.is_ascii_hexdigit()))
}

fn grading(sample: &Sample, question: &Question, findings: &[Regrade]) -> Markup {
    let Finding { verdict: found, extracted, rule: fired, .. } = &sample.finding;
    html! {
        dl.facts {
            dt { "Verdict" } dd { (verdict(*found)) " " (score(&sample.finding)) }
            dt { "Rule that fired" } dd { (rule(fired)) }
            dt { "Read out of the answer" }
            dd { @match extracted { Some(text) => (quoted("what was read out of the answer", text)), None => span.soft { "nothing" } } }
            @if let Question::Known { references, options, .. } = question {
                dt { "Right would be" }
                dd {
                    @if references.is_empty() { span.soft { "not told by a text: the scorer checks something else" } }
                    @for (at, text) in references.iter().take(20).enumerate() { (quoted(&format!("right answer {}", at + 1), text)) }
                }
                @if !options.is_empty() {
                    dt { "Out of" }
                    dd { ol type="A" { @for option in options.iter().take(26) { li { bdi { (short(option)) } } } } }
                }
            }
        }
        @if findings.len() > 1 { (history(findings)) }
    }
}

/// Every finding, the one that holds last.
fn history(findings: &[Regrade]) -> Markup {
    let caption = "graded anew: every finding, the last one holds";
    wide(
        caption,
        &html! { table {
            caption { (caption) }
            thead { tr {
                th scope="col" { "version" } th scope="col" { "when" } th scope="col" { "verdict" } th.number scope="col" { "score" }
                th scope="col" { "rule" } th scope="col" { "read out" } th scope="col" { "grader" }
            } }
            tbody { @for Regrade { version, grader, at_unix_ms, finding } in findings { tr {
                th scope="row" { (version) }
                td { (instant(*at_unix_ms)) }
                td { (verdict(finding.verdict)) }
                td.number { @if finding.score.is_finite() { (significant(finding.score, 3)) } @else { (nothing()) } }
                td { code { (finding.rule) } }
                td { @match &finding.extracted { Some(text) => bdi { (short(text)) }, None => (nothing()) } }
                td { code { (grader) } }
            } } }
        } },
    )
}

fn exchanges(sample: &Sample) -> Markup {
    let caption = "every exchange that was or may have been billed";
    wide(
        caption,
        &html! { table {
            caption { (caption) }
            thead { tr {
                th scope="col" { "attempt" } th scope="col" { "for" } th scope="col" { "outcome" }
                th.number scope="col" { "sent late by" } th.number scope="col" { "first token" } th.number scope="col" { "whole" }
                th.number scope="col" { "connect" } th.number scope="col" { "tokens in" } th.number scope="col" { "tokens out" }
                th.number scope="col" { "cost" } th scope="col" { "stamps" }
            } }
            tbody { @for exchange in sample.paid() { (row(exchange)) } }
        } },
    )
}

fn row(exchange: &Exchange) -> Markup {
    let Exchange { attempt, turn: _, purpose, timing, answer, fault, charge } = exchange;
    let count = |n: Option<u64>| html! { @match n { Some(n) => (n), None => (nothing()) } };
    let (tokens_in, tokens_out) = (answer.usage.input_total(), answer.usage.output_total());
    let outcome = fault.as_ref().map_or("ok", |fault| fault.kind.label());
    html! { tr {
        th scope="row" { (attempt) }
        td { @if *purpose == Purpose::Judge { "judge" } @else { "answer" } }
        td { code { (outcome) } }
        td.number { (time(timing.send_lag())) }
        td.number { (time(timing.ttft())) }
        td.number { (time(timing.e2e())) }
        td.number { (time(timing.connect)) }
        td.number { (count(tokens_in)) }
        td.number { (count(tokens_out)) }
        td.number { (charged(charge)) }
        td { (timing.stamps.label()) }
    } }
}

fn charged(charge: &Charge) -> String {
    match charge {
        Charge::Settled(cost) => price(cost.total()),
        Charge::Unpriced { bound } if bound.is_zero() => "unpriced".to_owned(),
        Charge::Unpriced { bound } => format!("unpriced, at most {}", price(*bound)),
        Charge::Unknown { bound } => format!("unknown, at most {}", price(*bound)),
    }
}

/// What the sample came to, by component, and the tokens by kind.
fn costs(sample: &Sample) -> Markup {
    let cost = sample.cost();
    let parts: Vec<(&str, Money)> = Component::ALL.into_iter().map(|c| (c.label(), cost.get(c))).collect();
    let parts: Vec<_> = parts.into_iter().filter(|(_, amount)| !amount.is_zero()).collect();
    let tokens: Vec<(&str, u64)> = TokenKind::ALL
        .into_iter()
        .map(|kind| (kind.label(), sample.paid().filter_map(|e| e.answer.usage.get(kind)).sum()))
        .filter(|(_, count)| *count > 0)
        .collect();
    html! {
        dl.facts {
            dt { "Cost" }
            dd { (price(cost.total()))
                @if !parts.is_empty() { " = " @for (at, (word, amount)) in parts.iter().enumerate() {
                    @if at > 0 { " + " } (price(*amount)) " " (word) } } }
            @if !tokens.is_empty() {
                dt { "Tokens" }
                dd { @for (at, (word, count)) in tokens.iter().enumerate() { @if at > 0 { ", " } (count) " " (word) } }
            }
            @if let Some(energy) = sample.share.energy {
                dt { "Energy" }
                dd { (significant(joules(energy.microjoules), 3)) " J, " (energy.quality.label()) }
            }
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
fn joules(microjoules: u64) -> f64 {
    microjoules as f64 / 1e6
}

fn origin(dossier: &Dossier) -> Markup {
    let Dossier { recorded: Recorded { sample, .. }, run, findings } = dossier;
    let tags = &sample.tags;
    let models: std::collections::BTreeSet<&str> =
        sample.exchanges.iter().filter_map(|exchange| exchange.answer.model.as_deref()).collect();
    html! {
        dl.facts {
            dt { "Provenance" } dd { code { (sample.provenance) } " " span.soft { "a hash of items, template, scorer, sampling, price, served model and version" } }
            dt { "Plan" } dd { code { (run.plan) } ", seed " (run.seed) }
            dt { "Grader" } dd { @match findings.last() { Some(last) => code { (last.grader) }, None => (nothing()) } }
            dt { "Served model" } dd { @if models.is_empty() { (nothing()) } @for model in &models { code { (short(model)) } " " } }
            dt { "Stratum" }
            dd { bdi { (tags.domain) } ", " bdi { (tags.capability) } ", " bdi { (tags.language) } ", " (tags.split.label()) ", "
                (tags.length.label()) @if tags.hard { ", hard" } }
            dt { "Form of" } dd { bdi { (short(sample.cluster.as_str())) } }
        }
    }
}
