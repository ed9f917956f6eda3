//! Where a text leaves open which of several answers it gives: each under a condition of its own ("if …, the answer is 6;
//! otherwise 8"), or a close that says it can't tell.

use super::statement::pattern;
use super::{after, before};
use regex::Regex;
use std::sync::LazyLock;

static CONDITION: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:if|assuming|provided|otherwise|else|in\s+case)\b|如果|假如|假设|倘若|要是|否则|若(?:[^干]|\z)")
});
static OTHERWISE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\A|[,;.。\s])\s*(?:or\s+|but\s+)?(?:otherwise|else|if\s+not|否则|反之|不然)[\s,:]*(?:则|就)?(?:(?:it(?:'s|\s+is)|the\s+answer\s+is|答案)\s*)?(?:[是为选:]\s*)?[(\[$\\-]?(?:\d|(?-i:[A-J])(?-u:\b))",
    )
});
static UNDECIDED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:can(?:no|')t|can\s+not|could(?:n't|\s+not)|unable\s+to|impossible\s+to|hard\s+to|do(?:n't|\s+not))\s+(?:really\s+)?(?:tell|say|determine|decide|know|be\s+(?:sure|certain))\b",
        r"|\b(?:not\s+(?:sure|certain|clear)|unsure|unclear)\s+which\b|\beither\s+(?:is|could\s+be|may\s+be)\s+(?:possible|right|correct)\b",
        r"|(?:无法|不能|没法|难以|不好|很难)(?:确定|判断|断定|肯定|决定)|(?:我|也|还)?不(?:太)?确定|说不准|(?:可能|也许|或许)是?[^。\n]{1,30}[,;]\s*(?:也(?:有)?可能|也许|或许|还可能))",
    ))
});

/// How far before a statement its condition may begin, in characters.
const NEAR: usize = 120;

/// Whether a statement stands under a condition in its own sentence.
fn is_conditional(text: &str, at: usize) -> bool {
    let head = before(text, at, NEAR);
    let clause = head.rsplit(['.', '。', ';', '!', '?', '\n']).next().unwrap_or(head);
    CONDITION.is_match(clause)
}

/// Whether a text's last words say that it can't tell.
#[must_use]
pub fn is_undecided(text: &str) -> bool {
    UNDECIDED.is_match(before(text, text.len(), NEAR))
}

/// Whether statements (where each begins, in order, with what it says) are alternatives of which the text takes none.
#[must_use]
pub fn are_alternatives<T: PartialEq>(text: &str, said: &[(usize, T)]) -> bool {
    let Some(((at, last), earlier)) = said.split_last() else { return false };
    let mut differing = earlier.iter().filter(|(_, other)| other != last).peekable();
    let behind = text.get(*at..).unwrap_or("");
    if differing.peek().is_some() && is_undecided(behind) {
        return true;
    }
    is_conditional(text, *at)
        && (differing.any(|(other, _)| is_conditional(text, *other))
            || OTHERWISE.is_match(after(behind, 0, NEAR).lines().next().unwrap_or("")))
}

/// Whether the last line of a text holds two conditions, each with what follows from it, and concludes nothing.
#[must_use]
pub fn weighs_conditions(line: &str) -> bool {
    static CLAUSE: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)(?:\A|[,;.。\s])(?:\bif\b|如果|假如|若)[^;。\n]{0,80}?\d"));
    static SO: LazyLock<Regex> =
        LazyLock::new(|| pattern(r"(?i)\b(?:so|therefore|thus|hence)\b|所以|因此|因而|故|综上|于是|解得|可得"));
    CLAUSE.find_iter(line).last().is_some_and(|last| {
        CLAUSE.find_iter(line).count() > 1 && !line.get(last.start()..).is_some_and(|rest| SO.is_match(rest))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alternatives_are_told_from_answers() {
        for (text, want) in [
            ("if one counts it, answer 6; if not, answer 8.", true),
            ("answer 6, and then answer 8.", false),
            ("answer 6. Or answer 8. I can't tell which.", true),
            ("If 3 pens cost 6, then answer 2.", false),
            ("如果合并，answer 6；如果分开，answer 8。", true),
            ("若干人，answer 6；answer 8。", false),
        ] {
            let text = super::super::fold(text);
            let said: Vec<(usize, &str)> =
                text.match_indices("answer").map(|(at, _)| (at, text.get(at + 7..at + 8).unwrap_or(""))).collect();
            assert_eq!(are_alternatives(&text, &said), want, "{text}");
        }
        assert!(are_alternatives("if so, answer 6; otherwise 8.", &[(7, "6")]));
        assert!(weighs_conditions("若合并,有6个;若分开,有8个。"));
        assert!(!weighs_conditions("若合并,有6个;若分开,有8个,所以共14个。"));
    }
}
