//! Where a text runs on into a question of its own: a model that was not told to stop writes the next one of its
//! examples, with an answer to that. And where it takes its answer back for good.
//!
//! What is asked of it ends before that: evaluation harnesses stop such models at the next question's label.

use super::pattern::{Pattern, pattern};
use std::sync::LazyLock;

/// A label that opens a question, at the beginning of a line.
static LABEL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?im)^[ \t#*>-]*(?:(?:(?:next|new|another)\s+)?(?:question|problem|exercise|q)|(?:下一(?:道|个)?|新的?)?(?:问题|题目|试题|例题|习题|题|问))",
        r"[ \t]*(?P<number>[0-9]{1,3}|[一二三四五六七八九十]{1,3})?[ \t*]*[:.](?:\s|[^\s.0-9])",
        // 12. (多选)下列…, 3. 下列…的是( )
        r"|^[ \t]*\d{1,3}[.、][ \t]*(?:[(\[【](?:多选|单选|不定项|判断|多项选择|单项选择|填空)题?[)\]】]|[^\n]{4,80}\([ \t\u{3000}]*\)[ \t。]*(?:\n|\z))",
    ))
});
/// What leads up to a question that is only told again, or taken apart.
static LEADS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?::|\b(?:question|problem|exercise|restate|rephrase|break|follows|below|parts?|steps?)\b[^\n]{0,40}|(?:题目|问题|题意|原题|复述|如下|分解|步骤)[^\n]{0,20})[\s*]*\z",
    )
});
/// What takes the answer back.
static WITHDRAWS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:withdraw|retract|tak(?:e|ing)\s+back|disregard|scrap)\b[^.\n]{0,40}\b(?:that|it|this|answers?|above|previous|earlier|initial|response|statement)\b|\btak(?:e|ing)\s+(?:that|it|this|my\s+answer)\s+back\b|收回|撤回|撤销|作废|不算数",
    )
});
/// A word that this has: most texts have none.
static TAKES_BACK: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)withdraw|retract|tak(?:e|ing)|disregard|scrap|收回|撤回|撤销|作废|不算数"));
/// What says that there is no other one.
static GIVES_NONE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:no\s+longer|not|never)\s+(?:\w+\s+)?(?:certain|sure|confident|able)\b|n't\s+(?:\w+\s+)?(?:certain|sure|confident|know|give|provide|answer|commit|choose|determine|say|tell)\b|\bcan(?:not|\s+not)\s+(?:determine|decide|give|provide|answer|say|tell|commit|choose)\b|\b(?:unable|decline|refuse)\s+to\b|\brather\s+not\b|\b(?:unanswered|blank)\b|(?:无法|不能|没办法|没法|难以)(?:\p{Han}{0,3})(?:确定|判断|作答|回答|给出|得出|肯定|提供)|不(?:再)?(?:作答|回答|确定|清楚)|放弃",
    )
});

/// The text up to where it runs on into another question.
#[must_use]
pub fn own(text: &str) -> &str {
    // A label of the first line has no answer before it: nothing is cut there.
    if !text.contains('\n') {
        return text;
    }
    let number = LABEL.captures(text).and_then(|first| Some(first.name("number")?.as_str()));
    if matches!(number, Some("1" | "一")) {
        // A question taken apart: its parts are the answer's own.
        return text;
    }
    let mut ends = LABEL.find_iter(text).map(|label| text.get(..label.start()).unwrap_or("").trim_end());
    let told = |before: &&str| {
        before.chars().any(char::is_alphanumeric)
            && !LEADS.is_match(before.lines().last().unwrap_or(""))
            && !only_asks(before)
    };
    ends.find(told).unwrap_or(text)
}

/// Whether a text is a heading, a fence of code, or a question and nothing else.
fn only_asks(text: &str) -> bool {
    let last = text.lines().last().unwrap_or("").trim_end_matches([' ', '*', '_']);
    last.ends_with('?') || (text.lines().count() == 1 && text.starts_with(['#', '`']))
}

/// Whether the text takes its answer back and gives no other.
#[must_use]
pub fn is_withdrawn(text: &str) -> bool {
    TAKES_BACK.is_match(text)
        && WITHDRAWS.find_iter(text).last().is_some_and(|found| {
            let rest = text.get(found.end()..).unwrap_or("");
            GIVES_NONE.is_match(rest) && super::part(rest).is_none()
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_next_question_is_cut_off_and_one_that_is_told_again_is_not() {
        for (text, kept) in [
            ("B\n\nQuestion: Which is a verb?\nA. run\nAnswer: A", "B"),
            ("Jupiter\n\nQ: What is the smallest planet?\nA: Mercury", "Jupiter"),
            ("= 9 × 2\n= 18\n\n题目2: 计算 2+2\n= 4", "= 9 × 2\n= 18"),
            ("老子\n\n问题: 《论语》记录了谁的言行?\n答案: 孔子", "老子"),
            ("ACD\n解析:略。\n\n12. (多选)下列属于扩散的是( )\nA. 花香\n答案: AC", "ACD\n解析:略。"),
            (
                "Question: What is 2+2?\nAnswer: 4\n\nQuestion: What is 3+3?\nAnswer: 6",
                "Question: What is 2+2?\nAnswer: 4",
            ),
        ] {
            assert_eq!(own(text), kept, "{text}");
        }
        for whole in [
            "Question: What is 2+2?\nAnswer: 4",
            "Let me restate the question.\n\nQuestion: What is 2+2?\nAnswer: 4",
            "Sub-questions:\nQuestion 1: how many?\n3\nQuestion 2: and then?\n5",
            "Question 1: how many are there?\nAnswer: 3\n\nQuestion 2: how many are left?\nAnswer: 5",
            "The question: is it B? The answer is B.",
            "这道题目的问题: 选B",
        ] {
            assert_eq!(own(whole), whole);
        }
    }

    #[test]
    fn an_answer_taken_back_for_good_is_none() {
        for text in [
            "My initial answer was B and D. On reflection I withdraw that: I'm no longer certain about any of these, so I'd rather not give an answer.",
            "答案是B。\n\n抱歉,我需要收回上面的回答。我无法判断哪个选项正确。",
            "The answer is 5. I take that back, I can't determine it.",
        ] {
            assert!(is_withdrawn(text), "{text}");
        }
        for text in [
            "I withdraw that: I was not sure. The answer is B.",
            "The bank let him withdraw that sum; we can't say more.\n\nAnswer: 5",
            "答案是B,因为该法案后来被撤销。",
        ] {
            assert!(!is_withdrawn(text), "{text}");
        }
    }
}
