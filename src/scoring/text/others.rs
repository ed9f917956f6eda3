//! What a text tells as a mistake of others behind its answer ("Some sources say 366, but this is a myth.", 常见错误答案是ABC)
//! or as the asker's opinion before it (您说您觉得答案是 B，不过我不太同意): neither is what it answers.

use super::pattern::{Pattern, pattern};
use std::sync::LazyLock;

/// How many sentences at the end are looked at.
const MOST: usize = 4;

static BOUNDARY: LazyLock<Pattern> = LazyLock::new(|| pattern(r#"[.!?]["')*]*\s+|[。!?]["')*」”]*\s*|\n\s*"#));
/// A sentence that tells a mistake and names it itself.
static MISTAKE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:common|frequent|typical|popular|widespread)\s+(?:mistake|error|misconception|myth|wrong\s+answer|confusion)s?\b|\b(?:this|that|it|which)\s+is\s+(?:(?:just|only|simply)\s+)?an?\s+(?:common\s+|popular\s+)?(?:myth|misconception|mistake|error)\b",
        r"|\b(?:students?|people|learners|beginners|many|some|sources)\s+(?:\w+\s+){0,2}?(?:confuse|mix\s+up|mistake|mistakenly|wrongly|incorrectly)\b|\bscholars\s+reject\b",
        r"|常见的?(?:错误|误区|误解)|(?:常有|有些?|很多|不少|许多)(?:同学|学生|人|考生)[^。]{0,12}(?:误|错|混淆|算成|写成)|易错|(?:不要|别|切勿|勿)(?:误|错)?(?:写|算|当|看)成",
    ))
});
/// What says in it what is so instead, or leans on what stands before it.
static OWN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A[\s*(>-]*(?:but|however|though|yet|and|so|this|that|it|which|which\s+is)\b|\A[\s*(>-]*(?:这|那|此|但|不过|然而|可|而)",
        r"|\b(?:actually|in\s+fact|in\s+reality|correct|right|should|instead|really|rather|truth|answer\s+is|answer:|my|i|above|wrong\s+again)\b|其实|实际|而是|正确|应该?[是为]|应当|才是|[^误]答案[是为:]|我|上面|前面|刚才|以上",
    ))
});
/// What is told for comparison.
static COMPARES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s*(>-]*(?:(?:for|by|in)\s+(?:comparison|contrast)\b|in\s+(?-i:\p{Lu})[\p{L}' -]{2,30},\s+for\s+(?:instance|example)\b|相比之下|作为(?:对比|比较))",
    )
});
/// A word that this has: most texts have none, and their sentences need not be told apart.
static COMPARISON: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)comparison|contrast|instance|example|相比之下|作为(?:对比|比较)"));
static OPINION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A[\s*]*(?:(?:您|你)(?:刚才|之前)?(?:说|认为|觉得|提到|以为)[^。;\n]{0,60}?[,;](?P<zh>不过|但是?|可是|然而)[^。\n]{0,20}?(?:不(?:太|大|是很|敢)?(?:同意|赞同|认同|认可)|不(?:对|正确)|有误|错)",
        r"|you\s+(?:said|say|think|suggested|mentioned|believe)\b[^.;\n]{0,80}?,\s+(?P<en>but|however)\b[^.\n]{0,40}?\b(?:disagree|don't\s+(?:\w+\s+)?agree|not\s+(?:correct|right)|wrong|incorrect|mistaken))",
    ))
});

/// Where the last sentence of a text begins.
fn last_start(text: &str) -> usize {
    let body = text.trim_end_matches(|c: char| !c.is_alphanumeric());
    BOUNDARY.find_iter(body).last().map_or(0, |found| found.end())
}

/// The text without sentences at its end that `told` holds of; something must stand before them.
fn without_end(text: &str, told: impl Fn(&str) -> bool) -> &str {
    let mut kept = text;
    for _ in 0..MOST {
        let at = last_start(kept);
        let (head, sentence) = kept.split_at_checked(at).unwrap_or((kept, ""));
        let leads = head.trim_end().ends_with([':', ',', '、']);
        if leads || !head.contains(char::is_alphanumeric) || !told(sentence) {
            break;
        }
        kept = head.trim_end();
    }
    kept
}

/// A text without the mistakes of others that it tells behind its answer.
#[must_use]
pub fn without_mistakes(text: &str) -> &str {
    if !MISTAKE.is_match(text) {
        return text;
    }
    without_end(text, |sentence| MISTAKE.is_match(sentence) && !OWN.is_match(sentence))
}

/// A text without what it tells at its end for comparison, where figures stand before that.
#[must_use]
pub fn without_comparison(text: &str) -> &str {
    if !COMPARISON.is_match(text) || !COMPARES.is_match(text.get(last_start(text)..).unwrap_or("")) {
        return text;
    }
    let kept = without_end(text, |sentence| COMPARES.is_match(sentence));
    if kept.contains(|c: char| c.is_ascii_digit()) { kept } else { text }
}

/// A text without the opinion of the asker that it begins with and disagrees with.
#[must_use]
pub fn without_opinion(text: &str) -> &str {
    let found = OPINION.captures(text).and_then(|found| found.name("zh").or_else(|| found.name("en")));
    found.and_then(|but| text.get(but.end()..)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_of_others_are_no_answer() {
        for (text, kept) in [
            ("There are 365 days in it. Some sources say 366, but this is a myth.", "There are 365 days in it."),
            ("cos 60° = √3/2. Students often confuse this with sin 30° = 1/2, so be careful!", "cos 60° = √3/2."),
            ("答案ABCD\n解析:略。常见错误答案是ABC,忽略了罚金。", "答案ABCD\n解析:略。"),
            ("共50秒。注意:如果忽略车长,会得到40秒,这是常见的错误。", "共50秒。"),
        ] {
            assert_eq!(without_mistakes(text), kept);
        }
        for whole in [
            "Some say 365. This is a myth.",
            "Some say 365. But this is a common mistake, and it is 366.",
            "It is 365. A common mistake; the correct one is 366.",
            "A common mistake is to say 366.",
            "有365天。很多人误以为是365,其实是366。",
            "我算得50。这是常见的错误。",
        ] {
            assert_eq!(without_mistakes(whole), whole);
        }
    }

    #[test]
    fn comparisons_and_opinions_are_cut() {
        assert_eq!(without_comparison("It is 5. For comparison, the other is 7."), "It is 5.");
        assert_eq!(
            without_comparison("Look. For comparison, the other is 7."),
            "Look. For comparison, the other is 7."
        );
        assert_eq!(without_opinion("您说您觉得答案是 B,不过我不太同意。所以我选 A。"), "我不太同意。所以我选 A。");
        for whole in ["您说答案是 B,我同意。", "您说答案是 B,不过要验证一下。确实选B。"] {
            assert_eq!(without_opinion(whole), whole);
        }
    }
}
