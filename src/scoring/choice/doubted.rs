//! Where a text that comes to a set of options doubts another one at its end: "A and B; I'm not sure about C", C可能也对.
//! Which set it means is then left open.

use super::options::index_of;
use super::set::Set;
use crate::scoring::text::{Pattern, before, pattern};
use std::sync::LazyLock;

/// How much of a text's end is looked at, in characters.
const NEAR: usize = 300;

static DOUBT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\bnot\s+(?:\w+ly\s+|so\s+|quite\s+)?(?:sure|certain)|\bunsure|\buncertain|\bundecided|\bon\s+the\s+fence)\s+(?:about|of|on|whether|if)\s+(?:(?:option|choice|statement)\s+)?[(]?(?-i:([A-J]))(?-u:\b)",
        r"|\b(?-i:([A-J]))[)]?\s+(?:(?:might|may|could)(?:\s+or\s+(?:might|may)\s+not)?\s+(?:also\s+|well\s+)?(?:be|apply|hold|fit|belong)\b|(?:is|seems)\s+(?:debatable|doubtful|questionable|uncertain|unclear)\b|i(?:'m|\s+am)\s+(?:not\s+(?:\w+ly\s+)?(?:sure|certain)|unsure))",
        r"|(?-i:([A-J]))(?:选?项)?,?(?:我|则|倒是|就|还|有点|是否正确|对不对|是不是)*(?:不(?:太|大|是很|敢|能)?(?:确定|肯定|好说|清楚)|拿不准|吃不准|说不准|没有?把握|(?:无法|没法|难以)(?:确定|判断)|存疑|待定|(?:可能|也许|或许)(?:也|还)?(?:对|正确|是|符合|成立|要?选))",
        r"|(?:不(?:太|大|是很|敢|能)?确定|拿不准|吃不准|说不准|没有?把握|(?:可能|也许|或许)(?:还|也)(?:有|包括|要选))[^,。;\nA-J]{0,6}(?-i:([A-J]))",
    ))
});
/// What settles it behind a doubt.
static SETTLES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:so|therefore|thus|hence|final(?:ly)?|answers?|but|however|exclud\w*|rul\w+\s+out|leav\w+\s+(?:it|that)\s+out|drop|skip)\b|所以|因此|因而|综上|最终|最后|故|答案|排除|但|不过|然而|不选|暂不|仔细",
    )
});

/// How a text leaves its set open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doubt {
    /// The set is only what is sure at least: 至少A和B, and C is in doubt.
    AtLeast,
    /// Another option is in doubt.
    Another,
}

/// How an option that is not in a set is left open at a text's end, if it is.
pub fn left_open(text: &str, said: Set) -> Option<Doubt> {
    static AT_LEAST: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)(?:\bat\s+least|至少)\s*(?:options?\s+|选项|选)?[(]?(?-i:[A-J])"));
    let near = before(text, text.len(), NEAR);
    let found = DOUBT.captures_iter(near).last()?;
    let letter = (1..5).find_map(|group| found.get(group))?;
    let index = letter.as_str().chars().next().and_then(index_of)?;
    let behind = found.get(0).and_then(|m| near.get(m.end()..)).unwrap_or("");
    let settled = behind.contains(letter.as_str()) || SETTLES.is_match(behind);
    if settled || !Set::of([index]).and(said).is_empty() {
        return None;
    }
    Some(if AT_LEAST.is_match(near) { Doubt::AtLeast } else { Doubt::Another })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_that_is_doubted_leaves_a_set_open() {
        let said = Set::of([0, 1]);
        for (text, want) in [
            ("至少A和B是对的,C我不太确定,可能也对,可能不对。", Some(Doubt::AtLeast)),
            ("A和B正确,可能还有D。", Some(Doubt::Another)),
            ("A and B are correct, and I'm not sure about C.", Some(Doubt::Another)),
            ("A and B are right; C might also be.", Some(Doubt::Another)),
            ("C我不太确定,但它不符合题意,所以选A和B。", None),
            ("I'm not sure about C, so A and B.", None),
            ("A和B正确,B我不太确定。", None),
            ("A and B are correct. C is wrong.", None),
        ] {
            assert_eq!(left_open(text, said), want, "{text}");
        }
    }
}
