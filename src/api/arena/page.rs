//! What the arena looks like. Answers are text and nothing else: whatever a model wrote is escaped, and a long one is folded.
//!
//! Before the vote nothing here tells whose answers they are: no name, no number that follows from one, no time, no cost.

use super::{Contest, Line};
use crate::api::page::layout::{Page, Way};
use crate::domain::{Item, Preference};
use maud::{Markup, html};

/// Votes by key.
pub(in crate::api) const SCRIPT: &str = include_str!("vote.js");

/// Characters of an answer that are shown before the rest is folded away …
const SHOWN: usize = 4_000;
/// … and those that are sent at all.
const MOST: usize = 200_000;

/// The four things that can be said, with their keys and their words.
const WORDS: [(Preference, &str, &str, &str); 4] = [
    (Preference::Left, "1 a", "1", "A is better"),
    (Preference::Right, "2 b", "2", "B is better"),
    (Preference::Tie, "3 t", "3", "Both are good"),
    (Preference::BothBad, "4 x", "4", "Both are bad"),
];

fn page(title: &str, scripts: &[&'static str], is_entry: bool, body: Markup) -> String {
    Page { title, way: Some(Way::Arena), is_entry, scripts, body, ..Page::default() }.render()
}

/// Two answers to be voted on.
pub(super) fn contest(id: &str, contest: &Contest, form: &str) -> String {
    let [a, b] = &contest.duel.texts;
    let body = html! {
        p.lead { "Two models answered the same question. Which answer is better? Whose they are is told afterwards." }
        section aria-labelledby="question" {
            h2 id="question" { "Question" }
            (question(&contest.duel.entry.question.item))
        }
        div.duel {
            (answer("A", a))
            (answer("B", b))
        }
        form.ballot method="post" action="/arena/vote" aria-label="Your vote" {
            input type="hidden" name="contest" value=(id);
            input type="hidden" name="form" value=(form);
            @for (preference, keys, key, words) in WORDS {
                button type="submit" name="preference" value=(preference.label()) data-keys=(keys) {
                    (words) " " kbd aria-hidden="true" { (key) }
                }
            }
        }
        p.soft {
            label { input type="checkbox" id="keys" checked; " Keys vote: 1 or a, 2 or b, 3 or t, 4 or x." }
        }
        p.soft {
            "A vote counts once. It is kept under a random number in a cookie of this browser, and nothing else of you is."
        }
    };
    page("Arena", &[SCRIPT], true, body)
}

fn question(item: &Item) -> Markup {
    html! {
        @for message in &item.messages {
            div.asked {
                @if item.messages.len() > 1 { p.soft { (message.role.label()) } }
                (folded(&message.content))
            }
        }
        @if !item.options.is_empty() && !item.shows_options() {
            div.asked { ul {
                @for (letter, option) in ('A'..='Z').zip(&item.options) { li { (letter) ". " (option) } }
            } }
        }
    }
}

fn answer(letter: &str, text: &str) -> Markup {
    let id = format!("answer-{}", letter.to_lowercase());
    html! {
        section aria-labelledby=(id) {
            h2 id=(id) { "Answer " (letter) }
            (folded(text))
        }
    }
}

/// A text as it is; what is beyond its beginning is folded away.
fn folded(text: &str) -> Markup {
    let cut = |text: &'_ str, most: usize| text.char_indices().nth(most).map_or(text.len(), |(at, _)| at);
    let (first, rest) = text.split_at(cut(text, SHOWN));
    let (rest, beyond) = rest.split_at(cut(rest, MOST));
    html! {
        pre { (first) }
        @if !rest.is_empty() {
            details {
                summary { "The rest: " (rest.chars().count()) " characters more" }
                pre { (rest) }
                @if !beyond.is_empty() { p.soft { "It is longer still; what follows is not shown." } }
            }
        }
    }
}

/// After the vote: whose answers they were, and how it stands.
pub(super) fn result(contest: &Contest, tally: &[Line]) -> String {
    let [a, b] = &contest.duel.sides;
    let said = contest.voted.and_then(|voted| WORDS.iter().find(|(preference, ..)| *preference == voted));
    let body = html! {
        div.well role="status" {
            @if let Some((.., words)) = said { p { "You said: " (words) "." } }
            p { "Answer A was by " strong { (a.target.as_str()) } ", answer B by " strong { (b.target.as_str()) } "." }
        }
        p { a.next href="/arena" data-keys="n enter" { "Next two answers " kbd aria-hidden="true" { "n" } } }
        (table(tally))
    };
    page("Arena: your vote", &[SCRIPT], false, body)
}

fn table(tally: &[Line]) -> Markup {
    html! {
        @if !tally.is_empty() {
            h2 { "So far" }
            div.wide { table {
                caption { "Votes of everybody on this page; ratings with their 95 % intervals, from 50 votes on" }
                thead { tr {
                    th scope="col" { "target" } th.number scope="col" { "votes" } th.number scope="col" { "won" }
                    th.number scope="col" { "neither" } th.number scope="col" { "rating" }
                } }
                tbody { @for line in tally { tr {
                    th scope="row" { (line.target.as_str()) }
                    td.number { (line.votes) } td.number { (line.wins) } td.number { (line.ties) }
                    td.number { @match line.rating {
                        Some(rating) => { (format!("{:.0}", rating.estimate)) span.range { (format!("{:.0}–{:.0}", rating.lower, rating.upper)) } },
                        None => "—",
                    } }
                } } }
            } }
        }
    }
}

/// A page that says something and leads on.
pub(super) fn note(title: &str, text: &str) -> String {
    let body = html! {
        p { (text) }
        p { a.next href="/arena" data-keys="n" { "To the arena" } }
    };
    page(title, &[], false, body)
}

/// There is nothing to vote on.
pub(super) fn nothing() -> String {
    let body = html! {
        p { "There is nothing here that you have not voted on." }
        p.soft {
            "Answers are shown once two targets have answered the same question, as long as their texts are kept \
             (store_answers) and the configuration still asks it. Conversations and very long documents are not shown, and \
             neither are answers that name a target."
        }
    };
    page("Arena", &[], true, body)
}

/// The page is off.
pub(super) fn off() -> String {
    let body = html! {
        p { "The arena is off: this server is reached from other machines, and nobody said who may vote." }
        p.soft { "Give it a token ([server.arena] token), or listen on 127.0.0.1 only." }
    };
    page("Arena", &[], true, body)
}

/// The token is asked for.
pub(super) fn login(form: &str, wrong: Option<&str>) -> String {
    let body = html! {
        @if let Some(wrong) = wrong { div.alert role="alert" { p { (wrong) } } }
        form.stack method="post" action="/arena/login" {
            input type="hidden" name="form" value=(form);
            div {
                label for="token" { "Token" } br;
                input type="password" id="token" name="token" required autocomplete="current-password";
            }
            div { button type="submit" { "Enter" } }
        }
        p.soft { "Whoever runs this server has it." }
    };
    page("Arena", &[], true, body)
}
