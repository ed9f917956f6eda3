//! Where a text takes back what it said: "Wait, no", "On second thought", 不对, 更正.

use super::pattern::{Pattern, pattern};
use super::{after, before};
use std::sync::LazyLock;

/// Words that turn against what stands before them, at the beginning of a clause.
static TURN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?im)(?:^|[.!?。;,…—\n(-]|\bbut\b|\bno\b)[\s*]*(?:but\s+)?(?:hmm+|oh|ah|ugh|um)?[\s,.!…]*",
        r"(?:wait|actually|oops|correction|scratch\s+that|on\s+second\s+thought|hold\s+on|my\s+mistake|apologies|hmm+",
        r"|let\s+me\s+(?:double[- ]?check|re-?(?:check|think|consider|examine|read|visit|do|calculate|compute|evaluate)|check|verify|correct|try\s+again)",
        r"|i\s+(?:was\s+wrong|made\s+(?:a|an)\s+(?:mistake|error)|misread|miscalculated|misspoke|take\s+that\s+back)|now\s+i\s+(?:think|see)|upon\s+(?:reflection|closer|review))\b",
        r"|(?:^|[。;,!\s—])(?:哦|啊|呃|嗯)?(?:不对|更正|纠正|等等|等一下|重新|其实|修正|哦不|慢着|且慢|抱歉)|(?:说|算|看|搞|弄|写)错了|发现(?:有)?错",
    ))
});
/// What takes a statement back and puts nothing in its place.
static TAKEN_BACK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:wait|oops|hmm+|no|actually|hold\s+on)[\s,.!…-]+){1,3}(?:but\s+|i\s+think\s+)?(?:that|this|it)(?:'s|\s+is|\s+was|\s+can't\s+be|\s+cannot\s+be|\s+isn't|\s+does\s+not|\s+doesn't)\s*(?:\w+\s+)?(?:wrong|incorrect|not\s+(?:right|correct)|right|correct|true|work)\b",
        r"|\bi\s+(?:think\s+i\s+)?(?:made|have\s+made|must\s+have\s+made|just\s+made|seem\s+to\s+have\s+made)\s+(?:a|an|some)\s+(?:\w+\s+)?(?:mistake|error)\b|\bscratch\s+that\b|\bi\s+take\s+that\s+back\b",
        r"|\bmy\s+(?:earlier|previous|first|initial|original|prior)\s+(?:answer|choice|selection|response|conclusion|pick)(?:,[^,.]{1,16},)?\s+(?:was|is)\s+(?:wrong|incorrect|mistaken|a\s+mistake)\b",
        r"|(?:我的?|刚才|之前|前面|上面|先前|最初|起初|原先|上述)的?(?:选择|答案|判断|回答|结论|推断|选项)(?:是|就)?(?:有误|错误的|错的|错了|不准确|不对|不正确|作废|需要更正)",
        r"|(?:^|[,。;!\s])(?:哦|啊|呃|嗯|等等|等一下)?,?\s*不对[,。!]?\s*(?:重新|再|我|让我|等|\z)|(?:我|刚才|上面|前面)(?:算|说|看|搞|弄)错了|(?:^|[,。;!\s])(?:算|看|搞)错了",
    ))
});

/// Whether a text turns against what was said earlier, anywhere in it.
#[must_use]
pub fn turns(text: &str) -> bool {
    TURN.is_match(text)
}

/// Whether what was said at a place is taken back later; where something is put in its place, ask about that.
#[must_use]
pub fn taken_back(text: &str, from: usize) -> bool {
    TAKEN_BACK.find_iter(text.get(from..).unwrap_or("")).any(|found| {
        let at = from + found.start();
        let doubtful = before(text, at, 12).to_lowercase();
        !["if ", "unless ", "whether ", "如果"].iter().any(|word| doubtful.ends_with(word))
            && !after(text, from + found.end(), 1).starts_with('?')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn turns_and_withdrawals_are_told() {
        for (text, turn, back) in [
            (" Wait, no. ", true, false),
            (". Hmm, let me double-check.", true, false),
            (". Wait, that is wrong. Let me think again.", true, true),
            (". No, that's not right", false, true),
            (". Some say A, but that's wrong.", false, false),
            (". I made a mistake above.", true, true),
            ("。不对，重新想想。", true, true),
            ("，因为A不对。", false, false),
            (". The other options are wrong.", false, false),
            (". I cannot wait.", false, false),
        ] {
            let text = super::super::fold(text);
            assert_eq!((turns(&text), taken_back(&text, 0)), (turn, back), "{text}");
        }
    }
}
