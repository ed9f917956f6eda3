//! In what mood a text names an accepted answer. It may be said of another question ("If you'd asked about Italy, I'd have
//! said Rome"), be the mistake or the word of others, be conceded before what is so, come second, stand for somebody related
//! (李白的好友杜甫), or be corrected away: named, and not the answer.

use super::remark::named;
use crate::scoring::text::{Pattern, after, before, pattern};
use std::ops::Range;
use std::sync::LazyLock;

/// How far around a name its mood is looked for, in characters.
const BEFORE: usize = 160;
const BEHIND: usize = 400;

/// A mistake that others make, up to the name.
static MISTAKEN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:误以为|误认为|错认为|错以为|误传为?|误将|误把)(?P<zh>[^。;\n]*)\z|\b(?:mistakenly|wrongly|erroneously|incorrectly)\s+(?:think|believe|assume|suppose|say|claim|attribute|credit|guess)\w*\b(?P<en>[^.;\n]*)\z",
    )
});
/// What such a sentence turns to is no mistake.
static TURNS_TO: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:but|actually|in\s+fact|while|whereas|it\s+is)\b|其实|实际|真正|但|不过|然而|而|正确|应|事实")
});
/// A question that was not put, up to what would answer it.
static UNASKED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:if|had)\b[^.;!?\n]*?\b(?:asked|asking|question|meant|been\s+about|instead)\b[^.;!?\n]*(?:\bwould|\bcould\s+have|\bmight\s+have|'d\b)[^.;!?\n]*\z",
    )
});
static UNASKED_ZH: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?:如果|假如|假若|倘若|要是|若是?|换成|换作)[^。!\n;]{0,14}?(?:问|求|考|题目|换成|改成|写的|说的|指的)[^。;!\n]*\z",
    )
});
static TURNS_FROM: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"\A[^。;!\n]{0,12}?[;,。]\s*(?:但|可|而|不过|然而|只是)"));
/// Whether it is so is left aside.
static WHETHER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:不论|无论|不管)[^,。;]{0,8}?(?:是否|是不是|叫不叫)[^,。;]{0,6}\z|\b(?:whether\s+or\s+not|regardless\s+of\s+whether|no\s+matter\s+(?:if|whether))\b[^,.;]{0,40}\z",
    )
});
/// What is conceded, up to the name; and what is so all the same, of another.
static CONCEDES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\A|[,。;:])\s*(?:虽然?|尽管)[^,。;]*\z|(?:\A|[,.;:\n])\s*(?:even\s+though|although|though|while)\b[^,.;]*\z",
    )
});
static ALL_THE_SAME: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"\A[^,。;]*[,;]\s*(?:但是?|不过|然而|可是?)[^,。;它他她其这该此][^。;]*?(?:[是为填选叫]|应为)\s*[\x22「《]?[^,。;\x22不它他她是为]{1,12}[\x22」》]?[。!]*\s*(?:\z|\n)",
        r"|\A[^.,;]*,\s+(?:the|its|this|that|my|your|our|\p{Lu}[\p{L}-]*'s)\s[^.,;]*?\b(?:is|was)\s+(?:actually\s+|really\s+|in\s+fact\s+)?(?:called\s+|by\s+)?[\x22*]*\p{Lu}",
    ))
});
/// What people often say of it, before what is so: "Ottawa is often suggested, but the capital is Toronto."
static SAID_OF: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"\A[\x22'*]*\s+(?:is|was|are|were|has\s+been)\s+(?:often|commonly|frequently|sometimes|widely|usually|popularly|traditionally|mistakenly|wrongly)\s+(?:suggested|said|thought|believed|cited|assumed|named|credited|given|considered|called|mistaken|confused|guessed|mentioned|supposed)\b[^.;]*?(?:,\s*(?:but|yet)|[;.]\s+(?:[Hh]owever|[Bb]ut|[Aa]ctually|[Ii]n\s+fact|[Ii]n\s+reality))\b[^.;]*\b(?:is|was|by)\s+(?:actually\s+|really\s+|in\s+fact\s+)?(?:called\s+)?[\x22*]*\p{Lu}",
        r"|\A[\x22》]?[^,。;是]{0,6}被[^,。;]{0,6}?(?:误|错)(?:认|以|传|当|解|归)[^。]*[,。;][^,。]*[是为][^,。;]{2,12}[。!]?",
    ))
});
/// Who says that it is so.
static SPEAKER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?P<en>[a-z]{3,})\s+(?:says?|said|thinks?|thought|insist(?:s|ed)|claim(?:s|ed)|believe[sd]?|swears?)\s+(?:that\s+)?(?:(?:it|that|the\s+answer)(?:'s|\s+is|\s+was)\s+)?(?:the\s+)?|(?P<zh>\p{Han}{2,6}?)(?:说|认为|以为|觉得|答|猜)(?:答案)?(?:的?是)?)[\x22'《「*]*\z",
    )
});
/// In another's mouth, within quotation marks.
static QUOTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:put\s+it|said|says|wrote|writes|claimed|claims|insisted|declared|has\s+it)|写道|声称|宣称|说过?|曾说)\s*[,:]*\s*\x22[^\x22\n]*\z",
    )
});
/// Somebody related to the name is meant.
static RELATED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A[\x22》]?[的之](?:好?朋?友|学生|弟子|门生|老师|恩师|儿子|长子|次子|女儿|父亲|母亲|弟弟|哥哥|兄长|姐姐|妹妹|妻子|丈夫|孙子|同事|对手|继任者?|继承人|助手|徒弟|师[傅父]|同乡|侄子|女婿|岳父|前任|部[下将]|同僚|同窗|军师|谋士|幕僚|大臣|丞相|搭档|后[人代]|祖父|外孙|叔父|伯父|表[弟哥兄妹姐]|堂[弟哥兄妹])\s*[—-]*\s*[\p{Lu}\p{Han}&&[^之们和与及兼也]][\p{L}]",
    )
});
static OF_WHOM: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?:由|出自|来自|是|为|属于|归功于|功劳属于)[^,。;]{0,4}\z"));
static BY_RELATED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\bby\s+(?:(?:an?|the|his|her|one\s+of\s+the)\s+)?(?:[\w-]+\s+){0,3}?(?:friend|rival|contemporary|enemy|student|pupil|disciple|teacher|mentor|colleague|predecessor|successor|admirer|follower|assistant|brother|sister|son|daughter|wife|husband|father|mother|nephew|cousin)s?\s+of\s+(?:the\s+)?\z",
    )
});
/// It comes after the one that is named before it: "though the Nile is a close second".
static BESIDE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)[\p{L}*],?\s+(?:even\s+though|though|although|while|whereas|with)\s+(?:the\s+)?[\x22*]*\z")
});
static SECOND: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\x22*]*,?\s+(?:(?:is|was|comes?|came|ranks|being|follows|coming)\b\s*)?(?:in\s+|at\s+)?(?:an?\s+|the\s+)?(?:very\s+)?(?:close|distant|near)?\s*(?:second|third|next|runner-up|behind)\b",
    )
});

/// The part of the sentence before a place, and all that stands behind it.
fn around<'a>(text: &'a str, place: &Range<usize>) -> (&'a str, &'a str) {
    let head = before(text, place.start, BEFORE);
    let head = head.rsplit(['。', '!', '?', '\n']).next().unwrap_or(head);
    let head = head.rsplit(". ").next().unwrap_or(head);
    (head, after(text, place.end, BEHIND))
}

/// Whether a text names what stands at a place, and not as its answer.
#[must_use]
pub fn is_aside(text: &str, place: &Range<usize>) -> bool {
    let (head, behind) = around(text, place);
    let mistaken = || {
        MISTAKEN.captures(head).is_some_and(|found| {
            let since = found.name("zh").or_else(|| found.name("en")).map_or("", |since| since.as_str());
            !TURNS_TO.is_match(since)
        })
    };
    mistaken()
        || UNASKED.is_match(head)
        || UNASKED_ZH.is_match(head) && TURNS_FROM.is_match(behind)
        || WHETHER.is_match(head)
        || CONCEDES.is_match(head) && ALL_THE_SAME.is_match(behind)
        || SAID_OF.is_match(behind)
        || RELATED.is_match(behind) && OF_WHOM.is_match(head)
        || BY_RELATED.is_match(head)
        || SECOND.is_match(behind) && BESIDE.is_match(head)
        || is_of_who_is_wrong(head, behind)
        || is_quoted(head, behind)
}

/// Whether it is the word of one who is told to be wrong: 同桌说是哥白尼…同桌记错了.
fn is_of_who_is_wrong(head: &str, behind: &str) -> bool {
    static WRONG: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A(?:\s+(?:\w+\s+){0,2}?(?:wrong|mistaken|incorrect|misremember\w*)\b|[^,。;]{0,4}?(?:[记说搞弄答想猜看认]错|错了|不对|有误))",
        )
    });
    let Some(found) = SPEAKER.captures(head) else { return false };
    let who = found.name("en").or_else(|| found.name("zh")).map_or("", |who| who.as_str());
    // 我同桌 is 同桌 the next time.
    let name = if who.is_ascii() { who } else { before(who, who.len(), 2) };
    !name.is_empty()
        && behind.match_indices(name).any(|(at, _)| WRONG.is_match(behind.get(at + name.len()..).unwrap_or("")))
}

/// Whether it stands in another's mouth, and the text names another one itself behind that.
fn is_quoted(head: &str, behind: &str) -> bool {
    QUOTED.is_match(head) && behind.split_once('"').is_some_and(|(_, own)| named(own, false).is_some())
}

/// Whether what a text says up to a place is corrected away at its end: "Hold on, I misread it. It should be Stockholm."
#[must_use]
pub fn is_replaced(text: &str, place: &Range<usize>) -> bool {
    static CORRECTS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:wait|hold\s+on|scratch\s+that|correction|i\s+misread|i\s+misspoke|i\s+was\s+wrong|my\s+mistake|change\s+my\s+answer)\b|再想一?想|(?:我|刚才|前面|上面)[^,。]{0,4}?[说看写记搞弄答]错了|等一下|[。!?;—…]\s*等等[,。!]|[。!?;—…]\s*不对[,。!—]|更正|收回",
        )
    });
    static INSTEAD: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)(?:\b(?:change\s+my\s+answer\s+to|answer\s+is|should\s+be|must\s+be|make\s+(?:that|it)|it's|is|was)\s*:?\s+(?:therefore\s+|actually\s+)?(?:the\s+|an?\s+)?(?P<en>[^,.;:!?]{1,48})",
            r"|(?:应该?[是为填选]|应当[是为]|改[为成]|换成|答案[是为]|才是|[填选是为])\s*:?[\x22《「]?(?P<zh>[^,。;:!?是为\x22]{1,14}))[\x22》」*]*[.。!]*\s*\z",
        ))
    });
    static NO_NAME: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A(?:right|correct|true|fine|not|indeed|so|same|what|that|this|still|only|just|in|at|on|very|also|\w+(?:ed|ing))\b|\A[\x22《「]?[不没无对这那它他她我]|正确|无误|没有?问题|的\z",
        )
    });
    let Some(behind) = text.get(place.end..) else { return false };
    let Some(turn) = CORRECTS.find(behind) else { return false };
    let last = before(behind, behind.len(), 120);
    let rest = behind.get(turn.start()..).unwrap_or("");
    let rest = if rest.len() < last.len() { rest } else { last };
    let figure = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    INSTEAD.captures(rest).and_then(|found| found.name("en").or_else(|| found.name("zh"))).is_some_and(|value| {
        !NO_NAME.is_match(value.as_str()) && (!figure(value.as_str()) || figure(text.get(place.clone()).unwrap_or("")))
    })
}

/// Whether a text breaks off at the conclusion that it draws behind a place: 可以看出更早通航的是.
#[must_use]
pub fn lacks_conclusion(text: &str, end: usize) -> bool {
    static OPEN: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:(?:可以看出|可以得出|可见|由此可知|综上|所以|因此|最终|答案)[^。;!?\n]{0,40}[是为叫]|\b(?:so|therefore|thus|hence|conclude|in\s+conclusion|we\s+can\s+see|answer)\b[^.;!?\n]{0,80}\s(?:is|was|are|called))\s*:?\s*\z",
        )
    });
    OPEN.find(before(text, text.len(), 120)).is_some_and(|found| end <= text.len() - found.as_str().len())
}

/// The one passage in bold, with a figure in it, of a text of one sentence that plainly states something: "It landed on **July 20, 1969**, with …".
pub fn sole_bold(shown: &str) -> Option<&str> {
    static DOUBTED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:not|no|never|neither|except|unlike|though|although|but|some|many|might|may|could|perhaps|maybe|formerly|former|wrong|incorrect|false|instead|rather|or|if|than|mistaken\w*|claims?|thought|until|before|after|since|from|between|nearly|almost)\b|n't\b|不|非|没|未|错|误|或|曾|可能|也许|若|如果|但|虽|有人|吗|\?",
        )
    });
    let mut parts = shown.trim().split("**");
    let (head, inner, tail) = (parts.next()?, parts.next()?, parts.next()?);
    // Words lead to it, in one or two scripts.
    let led = head.split_whitespace().count() + head.chars().filter(|c| !c.is_ascii()).count() > 2;
    let one = !shown.trim().contains('\n') && !head.contains([':', '。', ';']) && !head.contains(". ");
    let dated = inner.contains(|c: char| c.is_ascii_digit());
    let told = parts.next().is_none() && dated && led && one && !tail.contains(". ");
    (told && !DOUBTED.is_match(head) && !DOUBTED.is_match(tail)).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(text: &str, name: &str) -> Range<usize> {
        let at = text.find(name).unwrap();
        at..at + name.len()
    }

    #[test]
    fn what_is_only_named_is_told_from_the_answer() {
        for (text, name) in [
            ("If you'd asked about Italy, I'd have said Rome.", "Rome"),
            ("Sydney is often assumed, but the capital is actually Canberra.", "Sydney"),
            ("Although Mozart was greater, the composer is Salieri.", "Mozart"),
            ("The Amazon, though the Nile is a close second.", "Nile"),
            ("It was written by a student of Socrates.", "Socrates"),
            ("很多人误以为出自李白,其实作者是杜甫。", "李白"),
            ("这首诗出自李白的好友——杜甫之手。", "李白"),
            ("同桌说是哥白尼,后来知道同桌记错了。", "哥白尼"),
        ] {
            assert!(is_aside(text, &place(text, name)), "{text}");
        }
        for (text, name) in [
            ("If you mean the capital, it's Canberra.", "Canberra"),
            ("Although Canberra is smaller than Sydney, it is the capital.", "Canberra"),
            ("Plato was a student of Socrates.", "Socrates"),
            ("很多人误以为出自李白,其实作者是杜甫。", "杜甫"),
            ("虽然唐朝只有289年,但它是盛世。", "唐朝"),
            ("杜甫是李白的好友。", "李白"),
        ] {
            assert!(!is_aside(text, &place(text, name)), "{text}");
        }
    }

    #[test]
    fn a_correction_replaces_and_an_open_conclusion_lacks() {
        for (text, name, want) in [
            ("It is Oslo. Hold on, I misread it. It should be Stockholm.", "Oslo", true),
            ("It is Oslo. Wait, let me check. Yes, that is right.", "Oslo", false),
            ("作者是巴金。我再想想。刚才说错了,应该是老舍。", "巴金", true),
            ("作者是巴金。等一下,我再核对。没有问题。", "巴金", false),
        ] {
            assert_eq!(is_replaced(text, &place(text, name)), want, "{text}");
        }
        assert!(lacks_conclusion("先看长江,再看黄河,可以看出更长的是", 9));
        assert!(!lacks_conclusion("先看长江。所以黄河是", "先看长江。所以黄河".len()));
    }
}
