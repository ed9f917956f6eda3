//! Programs in an answer: their figures are no number that it states.

use crate::scoring::text::{Pattern, pattern};
use std::sync::LazyLock;

const FENCE: &str = "```";

static PROGRAM: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\bprint(?:f|ln)?!?\s*\(|\bconsole\.log|\bSystem\.out|\bcout\b|\bfor\b[^\n]*(?:\bin\b|;)|\bdef\s+\w+\(|\bimport\s+\w|#include|\breturn\b|\bwhile\b[^\n]*[:{]",
    )
});
/// What a comment tells of the output.
static COMMENT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?:#|//)[^\n\d]*\d"));
static RUNS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\b(?:run(?:s|ning)?|execut(?:e|es|ing)|prints?|outputs?)\b|运行|执行|输出|打印"));

/// A text without its fenced programs. The inner none: what it leads to is left to whoever runs them ("Run it to get the
/// sum"). The outer none: it has no program, or one whose comments tell a number.
pub(super) fn left_out(shown: &str) -> Option<Option<String>> {
    if !shown.contains(FENCE) {
        return None;
    }
    let mut rest = String::with_capacity(shown.len());
    let (mut found, mut behind) = (false, 0);
    for (at, part) in shown.split(FENCE).enumerate() {
        if at % 2 == 0 {
            rest.push_str(part);
        } else if !PROGRAM.is_match(part) {
            rest.extend([FENCE, part, FENCE]);
        } else if COMMENT.is_match(part) {
            return None;
        } else {
            found = true;
            // What leads to a program needs nothing behind its colon.
            rest.truncate(rest.trim_end().trim_end_matches([':', '：']).len());
            behind = rest.len();
        }
    }
    if !found {
        return None;
    }
    let after = rest.get(behind..).unwrap_or("");
    let left = RUNS.is_match(after) && !after.contains(|c: char| c.is_ascii_digit());
    Some((!left && rest.contains(|c: char| c.is_ascii_digit())).then_some(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_left_out() {
        let program = "```python\nprint(sum(range(11)))\n```";
        assert_eq!(left_out("It is 42."), None);
        assert_eq!(left_out("```\n42\n```"), None);
        assert_eq!(left_out("```python\nprint(6 * 7)  # 42\n```"), None);
        assert_eq!(left_out(&format!("It is 55:\n{program}")), Some(Some("It is 55".into())));
        assert_eq!(left_out(&format!("{program}\nThis prints 55.")), Some(Some("\nThis prints 55.".into())));
        assert_eq!(left_out(&format!("Take 10 steps.\n{program}\nRun it to see.")), Some(None));
    }
}
