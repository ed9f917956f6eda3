//! What can be said of a text's form: JSON, lists, tables, headings, quotes, titles, placeholders.

use super::super::text::{Pattern, pattern};
use super::count::{number, says};
use serde_json::Value;
use std::sync::LazyLock;

/// The whole text as JSON, in one fence or none.
pub fn json(text: &str) -> Option<Value> {
    let text = text.trim();
    let inner = match text.strip_prefix("```") {
        Some(rest) => {
            let (language, rest) = rest.split_once('\n')?;
            if !matches!(language.trim().to_lowercase().as_str(), "" | "json") {
                return None;
            }
            rest.trim_end().strip_suffix("```")?
        }
        None => text,
    };
    serde_json::from_str(inner.trim()).ok()
}

static BULLET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"^\s*(?:[-+•·]|\*)\s+\S"));

/// Items of lists with bullets.
pub fn bullets(text: &str) -> u64 {
    number(text.lines().filter(|line| BULLET.is_match(line) && says(line)).count())
}

static NUMBERED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"^\s*(?:\*\*)?(\d{1,4})(?:[.)、．）]|\\\.)(?:\*\*)?\s*\S"));

/// Items of the longest list that counts 1, 2, 3, …
pub fn numbered(text: &str) -> u64 {
    let (mut most, mut next) = (0, 1);
    for line in text.lines() {
        let Some(found) = NUMBERED.captures(line).and_then(|found| found.get(1)?.as_str().parse::<u64>().ok()) else {
            continue;
        };
        if found == next {
            next += 1;
        } else if found == 1 {
            next = 2;
        }
        most = most.max(next - 1);
    }
    most
}

/// Columns and rows (the head apart) of each table.
pub fn tables(text: &str) -> Vec<(u64, u64)> {
    let cells = |line: &str| {
        let line = line.trim();
        let inner = line.strip_prefix('|').unwrap_or(line);
        let inner = inner.strip_suffix('|').unwrap_or(inner);
        inner.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>()
    };
    let is_row = |line: &str| line.contains('|') && !line.trim().is_empty();
    let is_rule = |line: &str| {
        let rule = |cell: &String| cell.contains('-') && cell.chars().all(|c| matches!(c, '-' | ':' | ' '));
        line.contains('|') && cells(line).iter().all(rule)
    };
    let (mut found, mut lines) = (Vec::new(), text.lines().peekable());
    while let Some(head) = lines.next() {
        let is_head = is_row(head) && !is_rule(head);
        if !is_head || lines.next_if(|rule| is_rule(rule) && cells(head).len() == cells(rule).len()).is_none() {
            continue;
        }
        let rows = std::iter::from_fn(|| lines.next_if(|line| is_row(line))).count();
        found.push((number(cells(head).len()), number(rows)));
    }
    found
}

/// Headings in Markdown, of one level or of any.
pub fn headings(text: &str, level: Option<u64>) -> u64 {
    let of_level = |line: &&str| {
        let marks = line.chars().take_while(|c| *c == '#').count();
        (1..=6).contains(&marks)
            && level.is_none_or(|level| number(marks) == level)
            && line.get(marks..).is_some_and(|rest| rest.starts_with([' ', '\t']) && says(rest))
    };
    number(text.lines().map(str::trim_start).filter(of_level).count())
}

/// Sections that a marker with a number begins: `SECTION 1`, `第1部分` by the marker `第{n}部分`; counted from 1 on.
pub fn sections(text: &str, marker: &str) -> u64 {
    let mut next = 1;
    for line in text.lines() {
        let line = line.trim_start_matches(['#', '*', ' ', '\t', '_', '[', '【']).to_lowercase();
        let begins = if marker.contains("{n}") {
            let in_words = marker.replace("{n}", &chinese(next));
            line.starts_with(&marker.replace("{n}", &next.to_string())) || line.starts_with(&in_words)
        } else {
            let rest = line.strip_prefix(marker).map(|rest| rest.trim_start());
            let after = rest.and_then(|rest| rest.strip_prefix(&next.to_string()));
            after.is_some_and(|after| !after.starts_with(|c: char| c.is_alphanumeric()))
        };
        next += u64::from(begins);
    }
    next - 1
}

/// A number up to 99 in Chinese.
fn chinese(n: u64) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    let digit = |n: u64| usize::try_from(n).ok().and_then(|n| DIGITS.get(n).copied()).unwrap_or("");
    match n {
        1..10 => digit(n).to_owned(),
        10..20 => format!("十{}", digit(n - 10)),
        _ => format!("{}十{}", digit(n / 10 % 10), digit(n % 10)),
    }
}

/// Whether the whole text stands in double quotes.
pub fn quoted(text: &str) -> bool {
    let inner = [('"', '"'), ('“', '”'), ('„', '“'), ('«', '»'), ('「', '」'), ('『', '』')]
        .into_iter()
        .find_map(|(open, close)| text.strip_prefix(open)?.strip_suffix(close));
    inner.is_some_and(says)
}

static TITLE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"<<([^<>\n]+)>>"));

/// Whether there is a title in double angular brackets.
pub fn titled(text: &str) -> bool {
    TITLE.captures_iter(text).any(|found| found.get(1).is_some_and(|title| says(title.as_str())))
}

static PLACEHOLDER: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[\[［]([^\[\]［］\n]+)[\]］](\(|:\s)?"));

/// Placeholders in square brackets: not links, not ticks, not notes that are only a number.
pub fn placeholders(text: &str) -> u64 {
    let is_one = |found: &regex::Captures<'_>| {
        let inner = found.get(1).map_or("", |inner| inner.as_str().trim());
        let link = found.get(2).is_some_and(|after| after.as_str() == "(");
        !link && inner.chars().any(char::is_alphabetic) && !inner.eq_ignore_ascii_case("x")
    };
    number(PLACEHOLDER.captures_iter(text).filter(is_one).count())
}

/// Whether two different answers are given, parted by six stars.
pub fn two_responses(text: &str) -> bool {
    let parts: Vec<&str> = text.split("******").map(str::trim).collect();
    match parts.as_slice() {
        [one, two] => says(one) && says(two) && one != two,
        _ => false,
    }
}

/// Whether a line that a marker begins, with something behind it, ends the text.
pub fn postscript(text: &str, marker: &str) -> bool {
    let marker = marker.trim();
    // "P. S." is "P.S."
    let spaced = marker.replace('.', ". ").trim_end().to_owned();
    let paragraphs = super::count::paragraphs(text, None);
    let Some(last) = paragraphs.last() else { return false };
    last.lines().any(|line| {
        let line = line.trim_start_matches(['*', '_', ' ', '\t', '#', '>']);
        let rest = line.strip_prefix(marker).or_else(|| line.strip_prefix(spaced.as_str()));
        rest.is_some_and(says)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_tables_and_headings_are_seen() {
        assert_eq!(bullets("- a\n* b\n  + c\n• d\n-- e\n**bold**\n---\n*it*"), 4);
        assert_eq!(numbered("1. a\n2) b\n\n3、c\n**4.** d\n7. e"), 4);
        assert_eq!(numbered("1. a\n2. b\n1. c\n2. d\n3. e"), 3);
        assert_eq!(numbered("2024. a"), 0);
        assert_eq!(tables("| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 | 4 |\n\na|b|c\n-|-|-\n1|2|3"), [(2, 2), (3, 1)]);
        assert_eq!(tables("| a | b |\n| 1 | 2 |"), []);
        let text = "# One\n## Two\n#tag\n###### Six\n####### Seven";
        assert_eq!((headings(text, None), headings(text, Some(2))), (3, 1));
        assert_eq!(sections("**SECTION 1**\na\nSection 2: b\nSECTION 4", "section"), 2);
        assert_eq!(sections("第一部分\nx\n第2部分：y", "第{n}部分"), 2);
        assert_eq!(sections("SECTION 10\n", "section"), 0);
    }

    #[test]
    fn frames_and_marks_are_seen() {
        for (text, want) in [("\"a\"", true), ("“好”", true), ("\"a\" b", false), ("\"\"", false), ("\"", false)] {
            assert_eq!(quoted(text), want, "{text}");
        }
        for (text, want) in [("<<A>> b", true), ("<< >>", false), ("<A>", false), ("<<a\nb>>", false)] {
            assert_eq!(titled(text), want, "{text}");
        }
        for (text, want) in [("[name] and [city]", 2), ("[a](http://b)", 0), ("- [x] done\n- [ ] not", 0), ("[1]", 0)] {
            assert_eq!(placeholders(text), want, "{text}");
        }
        for (text, want) in
            [("a\n******\nb", true), ("a******a", false), ("a\n******", false), ("a******b******c", false)]
        {
            assert_eq!(two_responses(text), want, "{text}");
        }
        for (text, want) in [("a\n\np.s. b", true), ("a\n\n**p. s.** b", true), ("a p.s. b", false), ("p.s.", false)] {
            assert_eq!(postscript(text, "p.s."), want, "{text}");
        }
        assert!(json("```json\n{\"a\": 1}\n```").is_some_and(|v| v.is_object()));
        assert_eq!(json("Here: {}"), None);
    }
}
