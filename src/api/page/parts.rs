//! What several pages show alike: tables that scroll, verdicts, amounts, links.

use crate::domain::{Money, Verdict};
use crate::export::report::{Table, significant, usd};
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

/// Whether amounts of this size are shown in millionths of a dollar: in dollars they would be mostly zeros.
pub(super) fn is_micro(usd: f64) -> bool {
    usd > 0.0 && usd < 1e-4
}

/// An amount in USD, or in millionths of one.
pub(super) fn money(amount: f64, micro: bool) -> String {
    if micro { format!("µ${}", significant(amount * 1e6, 3)) } else { usd(amount) }
}

/// What a single thing cost, in the unit that shows it.
pub(super) fn price(amount: Money) -> String {
    money(amount.usd(), is_micro(amount.usd()))
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

/// Characters of a text that stand in a table.
const SHORT: usize = 48;
/// Characters of a text that are shown of it on its own page.
const LONG: usize = 20_000;

/// The beginning of a text, on one line, with what can't be seen made visible.
pub(super) fn short(text: &str) -> String {
    let mut out: String = text.chars().take(SHORT).map(|c| seen(c).unwrap_or(c)).collect();
    if text.chars().nth(SHORT).is_some() {
        out.push('…');
    }
    out
}

/// A character that stands for one that would not be seen, or would turn around what is beside it; none for all others.
const fn seen(c: char) -> Option<char> {
    match c {
        '\u{0}'..='\u{1f}' => char::from_u32(c as u32 + 0x2400),
        '\u{7f}' => Some('\u{2421}'),
        '\u{80}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{feff}' => Some('\u{fffd}'),
        _ => None,
    }
}

/// A text that a model, an endpoint or a file wrote, as it is, in a region that scrolls: too long ones are cut, with a note;
/// control characters and marks that turn the direction of writing are shown by their code.
pub(super) fn quoted(label: &str, text: &str) -> Markup {
    let (mut plain, mut parts) = (String::new(), Vec::new());
    for c in text.chars().take(LONG) {
        match seen(c) {
            Some(_) if !matches!(c, '\n' | '\t') => {
                parts.push((std::mem::take(&mut plain), Some(format!("[U+{:04X}]", c as u32))));
            }
            _ => plain.push(c),
        }
    }
    parts.push((plain, None));
    let more = text.chars().skip(LONG).count();
    html! {
        @if text.is_empty() { p.soft { "(empty)" } } @else {
            pre dir="auto" tabindex="0" role="group" aria-label=(label) {
                @for (plain, control) in &parts { (plain) @if let Some(control) = control { span.control { (control) } } }
            }
        }
        @if more > 0 { p.soft { "Cut here: " (more) " characters more are stored. " code { "assayd export samples" } " has them all." } }
    }
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
    fn hostile_text_stays_text_and_what_is_not_seen_is_shown() {
        let shown =
            quoted("answer", "a <script>alert(1)</script> & \u{202e}evil\0\u{1b}[31m\r\nnext\t\u{feff}").into_string();
        assert!(shown.contains("a &lt;script&gt;alert(1)&lt;/script&gt; &amp; "), "{shown}");
        for code in ["[U+202E]", "[U+0000]", "[U+001B]", "[U+000D]", "[U+FEFF]"] {
            assert!(shown.contains(&format!("<span class=\"control\">{code}</span>")), "{code} in {shown}");
        }
        assert!(shown.contains("\nnext\t") && !shown.contains(['\u{202e}', '\0', '\u{1b}', '\r']), "{shown}");
        assert_eq!(short("a\nb\u{202e}c\0"), "a\u{240a}b\u{fffd}c\u{2400}");
        assert_eq!(short(&"x".repeat(49)), format!("{}…", "x".repeat(48)));
    }

    #[test]
    fn a_huge_text_is_cut_with_a_note() {
        let shown = quoted("answer", &"é".repeat(20_007)).into_string();
        assert!(shown.contains("7 characters more are stored") && shown.matches('é').count() == 20_000);
        assert!(!quoted("answer", &"é".repeat(20_000)).into_string().contains("more are stored"));
    }

    #[test]
    fn small_amounts_are_told_in_millionths() {
        let of = |nanos| price(Money::from_nanos(nanos));
        assert_eq!((of(966), of(51_000)), ("µ$0.966".to_owned(), "µ$51.0".to_owned()));
        assert_eq!(
            (of(0), of(129_000), of(1_500_000_000)),
            ("$0.00".to_owned(), "$0.000129".to_owned(), "$1.50".to_owned())
        );
    }

    #[test]
    fn a_word_that_was_parted_is_whole_on_a_page() {
        assert_eq!(lines("un-\nparsed").into_string(), "unparsed");
        assert_eq!(lines("TTFT ms\np50/p99").into_string(), "TTFT ms<br>p50/p99");
    }
}
