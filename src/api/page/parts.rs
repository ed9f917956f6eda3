//! What several pages show alike: tables that scroll, verdicts, amounts, links.

use crate::domain::{Money, Verdict};
use crate::export::report::{Table, usd};
use maud::{Markup, html};

/// A table in a region of its own, which scrolls where it is wider than the window: also by keyboard, so that it takes the
/// focus. `label` is what it is called there; it tells apart tables of the same title.
pub(super) fn wide(label: &str, table: &Markup) -> Markup {
    html! { div.wide role="group" aria-label=(label) tabindex="0" { (table) } }
}

/// A table of a report.
pub(super) fn drawn(label: &str, table: &Table) -> Markup {
    let Table { title, columns, rows } = table;
    let number = |at: usize| columns.get(at).is_some_and(|column| column.number);
    wide(
        label,
        &html! { table {
            caption { (title) }
            thead { tr {
                @for column in columns { th.number[column.number] scope="col" { (lines(&column.head)) } }
            } }
            tbody { @for cells in rows {
                tr {
                    @for (at, cell) in cells.iter().enumerate() {
                        @if at == 0 { th scope="row" { (lines(cell)) } }
                        @else { td.number[number(at)] { (lines(cell)) } }
                    }
                }
            } }
        } },
    )
}

/// A head or cell of two lines; a word that is parted at the end of the first is put together again, since a page has
/// room.
pub(super) fn lines(text: &str) -> Markup {
    let text = text.replace("-\n", "");
    html! {
        @for (at, line) in text.lines().enumerate() {
            @if at > 0 { br; }
            (line)
        }
    }
}

/// An amount, and the limit on it where there is one.
pub(super) fn spent(amount: Money, limit: Option<Money>) -> String {
    let amount = usd(amount.usd());
    match limit {
        Some(limit) => format!("{amount} of {}", usd(limit.usd())),
        None => amount,
    }
}

/// A verdict: a word, with a sign in front so that nobody has to go by its colour.
pub(super) fn verdict(verdict: Verdict) -> Markup {
    let sign = match verdict {
        Verdict::Correct => "✓",
        Verdict::Wrong => "✗",
        Verdict::Unparsed => "?",
        Verdict::Refused => "⊘",
        Verdict::Failed => "!",
        Verdict::Unknown => "…",
        Verdict::Ungraded => "–",
    };
    html! { span class={ "verdict " (verdict.label()) } { span aria-hidden="true" { (sign) } " " (verdict.label()) } }
}

/// A text as part of a path or query: what is not a letter, digit or one of `-._~` as per cent.
pub(super) fn encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_an_address_is_encoded() {
        assert_eq!(encoded("run-1.a_b~"), "run-1.a_b~");
        assert_eq!(encoded("a/b?c=d&e#f \"<é"), "a%2Fb%3Fc%3Dd%26e%23f%20%22%3C%C3%A9");
    }

    #[test]
    fn a_word_that_was_parted_is_whole_on_a_page() {
        assert_eq!(lines("un-\nparsed").into_string(), "unparsed");
        assert_eq!(lines("TTFT ms\np50/p99").into_string(), "TTFT ms<br>p50/p99");
    }
}
