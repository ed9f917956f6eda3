//! What a text sets in bold in its last line: the value that it wants to be seen.

use super::pattern::{Pattern, pattern};
use super::{after, before};
use std::sync::LazyLock;

/// The longest such value, in characters.
const LONGEST: usize = 40;

/// What goes on from a value to another one.
static GOES_ON: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:so|thus|therefore|hence|then|leav(?:es|ing)|left|remain(?:s|ing)?|gives|giving|result|total|which|but)\b[^.]*\d|[所则剩得共故但][^。]*\d",
    )
});

/// The one passage in bold of the last line that holds a figure, where nothing joins it to an expression; as it is written.
#[must_use]
pub fn last_bold(text: &str) -> Option<&str> {
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    let mut parts = line.split("**");
    let mut found: Option<(usize, &str)> = None;
    let mut at = parts.next()?.len() + 2;
    while let (Some(inner), Some(rest)) = (parts.next(), parts.next()) {
        let short = inner.chars().count() <= LONGEST && inner.contains(|c: char| c.is_ascii_digit());
        if short && found.is_some() {
            return None;
        }
        found = if short { Some((at, inner)) } else { found };
        at += inner.len() + rest.len() + 4;
    }
    let (at, inner) = found?;
    let joins = |c: char| matches!(c, '=' | '+' | '-' | '×' | '÷' | '*' | '/' | '^' | '≈' | '<' | '>' | '~' | '–');
    let end = at + inner.len() + 2;
    let left = before(line, at.saturating_sub(2), 4).trim_end().ends_with(|c| joins(c) && c != '=' && c != '≈');
    let right = after(line, end, 4).trim_start().starts_with(joins);
    let worked = line.get(end..).is_some_and(|rest| rest.contains(['=', '≈', '?', '？']) || GOES_ON.is_match(rest));
    (!left && !right && !worked && !inner.trim_end().ends_with([':', '：', '?', '？'])).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bold_value_of_the_last_line_is_found() {
        for (text, want) in [
            ("鸡有 23 只，兔有 12 只，鸡比兔多 **11** 只。", Some("11")),
            ("3 of 4, which is **75%**.", Some("75%")),
            ("**Step 1**\nwe get 5", None),
            ("**5** + 3 = 8", None),
            ("we start with **20** and remove 5, which leaves 15", None),
            ("**5** apples and **6** pears", None),
            ("the **total**: 45 of **60**", Some("60")),
            ("**Final answer 3:**", None),
            ("a ** b", None),
        ] {
            assert_eq!(last_bold(text), want, "{text}");
        }
    }
}
