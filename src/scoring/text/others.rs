//! What a text tells as a mistake of others behind its answer ("Some sources say 366, but this is a myth.", 常见错误答案是ABC)
//! or as the asker's opinion before it (您说您觉得答案是 B，不过我不太同意): neither is what it answers.

use super::pattern::{Pattern, pattern};
use regex::Captures;
use std::borrow::Cow;
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

/// Who else is told to say something, as the beginning of a text, up to where it is called wrong or another thing is said.
static ANOTHERS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\A[\s*]*(?:(?:a|an|one|my|the|some|your|another)\s+)?(?:\w+\s+)?(?:students?|friend|roommate|colleague|classmate|brother|sister|teacher|key|guide|worksheet|textbook|book|website|forum|post|people)\s+(?:\w+ly\s+)?(?:wrote|writes|says?|said|swears?|claims?|claimed|insists?|insisted|thinks?|believes?|gives?|gave|lists?|answered|told\s+\w+)\b[^.\n]{1,80}\.\s+(?:(?:that|this|it|which)(?:'s|\s+is|\s+was)\s+(?:an?\s+)?(?:incorrect|wrong|not\s+(?:right|correct|true)|mistaken?|error|false|misprint|typo)\b[^.:;\n]{0,30}[.:;,-]+\s*|(?:but\s+)?(?-i:I)t(?:'s|\s+is|\s+was)\s+)",
        r"|\A[\s*]*(?:标准答案|参考答案|答案|课本|教材|题库|网上|同学|有(?:的|些)?(?:人|同学|学生)|老师|朋友)[^。;\n]{1,30}?[,;。](?:但|不过|然而|可是?)?[^。,;\n]{0,10}?(?:这|那)?(?:有误|是?错的?|不对|不正确|错了)[,;。:]+",
        r"|\A[\s*]*(?:网上|同学|有(?:的|些)?(?:人|同学|学生)|朋友|同桌)[^。,;\n]{1,30}[,;。](?:但|不过)?其实",
    ))
});
/// What agrees with it all the same.
static AGREES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:agree|is\s+right|is\s+correct|so\s+do\s+i)\b|(?:我|也|完全)同意|没错|说得?对|是对的")
});
/// What most others say, behind an answer: "Lyon, though many people guess Paris."
static OTHERS_GUESS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i),\s+(?:though|although|even\s+though|while|despite\s+the\s+fact\s+that)\s+(?:many|some|most|a\s+lot\s+of|lots\s+of|plenty\s+of)\s+(?:people|students|readers|sources|of\s+\w+)?\s*(?:\w+ly\s+)?(?:guess|say|think|answer|believe|assume|write|pick|choose|name|claim)\b[^.\n]*[.!]?\s*\z",
        r"|[,。](?:虽然|尽管|不过)?(?:不少|很多|有些|许多|有的?|多数)(?:人|同学|学生|考生)[^,。\n]{0,4}?(?:答|选|猜|说|以为|认为|写)[^,。\n]{1,20}[。!]?\s*\z",
    ))
});

/// What somebody is quoted with; who speaks of himself is left out by [`without_quoted`].
static QUOTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r#"(?i)(?P<who>\b[a-z']+\s+)?(?:[a-z]+ly\s+)?\b(?:says?|said|states?|stated|claims?|claimed|insists?|insisted|reads?|writes?|wrote|argues?|gives?|gave|lists?|has|according\s+to\s+[^".\n]{1,40})[,:]?\s*"(?P<said>[^"\n]{1,120})""#,
        r#"|(?P<zh>\p{Han})?(?:说|写着?|写的是|坚称|声称|认为|给的是|称)[,:]?\s*"(?P<told>[^"\n]{1,80})""#,
    ))
});
/// What is quoted as an answer.
static ANSWERS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\banswers?\b|\bit(?:'s|\s+is)\s+(?:option\s+)?(?:(?-i:[A-J])(?-u:\b)|\d)|答案|选\s*[A-J](?-u:\b)|应该?是\s*(?:[A-J](?-u:\b)|\d)",
    )
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
    static WHEREAS: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i),\s+whereas\s[^.!?\n]*[.!]?\s*\z|,而[^,。\n]{2,20}[则却][^。\n]*[。!]?\s*\z"));
    let end = WHEREAS.find(text).map_or(text.len(), |found| found.start());
    let text = text.get(..end).filter(|head| head.contains(|c: char| c.is_ascii_digit())).unwrap_or(text);
    if !COMPARISON.is_match(text) || !COMPARES.is_match(text.get(last_start(text)..).unwrap_or("")) {
        return text;
    }
    let kept = without_end(text, |sentence| COMPARES.is_match(sentence));
    if kept.contains(|c: char| c.is_ascii_digit()) { kept } else { text }
}

/// A text without the opinion of the asker or of others that it begins with and disagrees with, and without what others are
/// said to guess behind its answer.
#[must_use]
pub fn without_opinion(text: &str) -> &str {
    let found = OPINION.captures(text).and_then(|found| found.name("zh").or_else(|| found.name("en")));
    let end = found.map(|but| but.end()).or_else(|| Some(ANOTHERS.find(text)?.end()));
    let rest = end
        .and_then(|end| text.get(end..))
        .filter(|rest| !AGREES.is_match(rest) && rest.contains(char::is_alphanumeric));
    let text = rest.unwrap_or(text);
    let guessed = OTHERS_GUESS.find(text).map_or(text.len(), |found| found.start());
    text.get(..guessed).filter(|head| head.contains(char::is_alphanumeric)).unwrap_or(text)
}

/// A text without what it quotes as somebody's answer: "The key says "The answer is C", which can't be right".
#[must_use]
pub fn without_quoted(text: &str) -> Cow<'_, str> {
    if !text.contains('"') {
        return Cow::Borrowed(text);
    }
    QUOTED.replace_all(text, |found: &Captures<'_>| {
        let part = |name| found.name(name).map_or("", |m| m.as_str());
        let whole = found.get(0).map_or("", |m| m.as_str());
        let said = format!("{}{}", part("said"), part("told"));
        let own = matches!(part("who").trim().to_lowercase().as_str(), "i" | "we" | "would" | "i'd" | "i'll")
            || part("zh") == "我";
        if own || !ANSWERS.is_match(&said) { whole.to_owned() } else { whole.replace(&format!("\"{said}\""), "\"\"") }
    })
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
    fn what_others_are_quoted_with_is_no_answer() {
        for (text, kept) in [
            ("The key says \"The answer is C\", which is wrong.", "The key says \"\", which is wrong."),
            ("According to my brother, \"it's 42\".", "According to my brother, \"\"."),
            ("同桌说\"答案是42\",我没验算。", "同桌说\"\",我没验算。"),
        ] {
            assert_eq!(without_quoted(text), kept);
        }
        for whole in [
            "I say \"the answer is 42\".",
            "我说\"答案是42\"。",
            "It reads \"It is a truth\".",
            "The meter reads \"42\".",
            "\"42\"",
        ] {
            assert_eq!(without_quoted(whole), whole);
        }
    }

    #[test]
    fn comparisons_and_opinions_are_cut() {
        assert_eq!(without_comparison("It has 206, whereas a child has 270 to 300."), "It has 206");
        assert_eq!(without_comparison("It is 5. For comparison, the other is 7."), "It is 5.");
        assert_eq!(
            without_comparison("Look. For comparison, the other is 7."),
            "Look. For comparison, the other is 7."
        );
        assert_eq!(without_opinion("您说您觉得答案是 B,不过我不太同意。所以我选 A。"), "我不太同意。所以我选 A。");
        for (text, kept) in [
            ("A student wrote Paris. That is incorrect: Lyon.", "Lyon."),
            ("My friend swears it's Paris. It's Lyon.", "Lyon."),
            ("标准答案写的是李白,但我认为有误,应是杜甫。", "应是杜甫。"),
            ("网上流传的说法是李白,其实是杜甫。", "是杜甫。"),
            ("Lyon, though many people guess Paris.", "Lyon"),
            ("杜甫,虽然不少人会答李白。", "杜甫"),
        ] {
            assert_eq!(without_opinion(text), kept);
        }
        for whole in [
            "My friend says it is Paris. It is, I agree.",
            "Lyon, though smaller than Paris.",
            "A student wrote a poem. The poem is long.",
            "您说答案是 B,我同意。",
            "您说答案是 B,不过要验证一下。确实选B。",
        ] {
            assert_eq!(without_opinion(whole), whole);
        }
    }
}
