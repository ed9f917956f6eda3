//! Where a text leaves open which of several answers it gives: each under a condition of its own ("if …, the answer is 6;
//! otherwise 8"), or a close that says it can't tell.

use super::pattern::{Pattern, pattern};
use super::{after, before};
use std::sync::LazyLock;

static CONDITION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:if|assuming|provided|otherwise|else|in\s+case)\b|如果|假如|假设|倘若|要是|否则|若(?:[^干]|\z)")
});
static OTHERWISE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\A|[,;.。\s])\s*(?:or\s+|but\s+)?(?:otherwise|else|if\s+not|否则|反之|不然)[\s,:]*(?:则|就)?(?:(?:it(?:'s|\s+is)|the\s+answer\s+is|答案)\s*)?(?:[是为选:]\s*)?[(\[$\\-]?(?:\d|(?-i:[A-J])(?-u:\b))",
    )
});
static UNDECIDED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:can(?:no|')t|can\s+not|could(?:n't|\s+not)|unable\s+to|impossible\s+to|hard\s+to|do(?:n't|\s+not))\s+(?:really\s+)?(?:tell|say|determine|decide|know|be\s+(?:sure|certain))\b",
        r"|(?:\bnot|n't)\s+(?:been\s+)?(?:able\s+to\s+|managed\s+to\s+)?(?:find|found|work(?:ed)?|figured?|tell|told)(?:\s+out)?\s+which\b|没能?(?:找出|判断|弄清|看出|分清|找到)[^。,;\n]{0,4}哪",
        r"|\b(?:can(?:no|')t|can\s+not|couldn't|unable\s+to)\s+(?:really\s+)?(?:commit\s+to|settle\s+on|(?:choose|pick|decide)\s+(?:between|among|either\b|one\s+(?:of|over)\b))|\btell\s+me\s+which\b[^.\n]{0,60}\band\s+i(?:'ll|\s+will|\s+can)\b",
        r"|\b(?:not\s+(?:sure|certain|clear)|unsure|unclear)\s+which\b|\beither\s+(?:is|could\s+be|may\s+be)\s+(?:possible|right|correct)\b",
        r"|(?:无法|不能|没法|难以|不好|很难|没有?办法)[^。,;\n]{0,10}?(?:确定|判断|断定|肯定|决定|取舍|抉择|下结论|定论|定下来|定夺)|(?:告知|告诉我|说明|明确)[^。\n]{0,10}?(?:后|再|才)[^。\n]{0,8}?(?:给出|作答|回答|判断)|(?:判断|确定|断定|肯定|决定|分辨|选)不了|(?:我|也|还)?不(?:太)?确定|说不准|(?:可能|也许|或许)是?[^。\n]{1,30}[,;]\s*(?:也(?:有)?可能|也许|或许|还可能))",
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

/// Whether a text's last words weigh two answers and take none: 可能是李白,也可能是杜甫; "it could be Oslo or Bergen".
#[must_use]
pub fn wavers(text: &str) -> bool {
    static TWO: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)\bpossibly\s[^.\n]{1,30},\s+possibly\s|\b(?:can't|cannot|couldn't)\s+decide\s+between\b|\b(?:could|might|may)\s+(?:well\s+)?(?:be|have\s+been)\b[^.\n]{1,60}\b(?:or|but\s+(?:it\s+)?(?:could|might|may)(?:\s+(?:also|just\s+as\s+well))?\s+(?:be|have\s+been))\b",
            r"|\b(?:not\s+(?:sure|certain)|unsure|(?:can't|cannot|couldn't)\s+(?:\w+ly\s+)?(?:tell|decide|say|determine)(?:\s+you)?)\s+(?:which(?:\s*[.,;!]|\s*\z|\s+(?:one|of|is|it)\b)|whether\s+it(?:'s|\s+(?:is|was))\b)|\b(?:do(?:n't|\s+not)|can't|cannot)\s+(?:\w+ly\s+)?(?:know|tell|say)\s+which\s+(?:one|of\s+(?:them|the(?:se|\s+two|\s+three)?|those)\b)|\b(?:it's|it\s+is|it\s+was|i'd\s+say)\s+either\b[^.\n]{1,60}\bor\b",
            r"|(?:可能|也许|或许)(?:是|出自|在|由)?[^。\n]{1,30}[,;]\s*(?:但?也(?:有)?可能|也许|或许|还可能|又可能)|(?:不能|无法|没法|难以|没办法|不敢|不太?)(?:确定|判断|肯定|分清|断定)(?:到底|究竟)?是?(?:哪一?[个位种座条者]|谁|前者)|要么是?[^。\n]{1,20}[,;]\s*要么|\p{Han}[和与或、]\p{Han}{1,10}[,]?我?(?:拿不准|说不准|吃不准|分不清)|[都均]有可能[^。\n]{0,20}(?:记不清|不敢|说不准|拿不准|不确定|不清楚|不知道)",
        ))
    });
    static SETTLES: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:so|therefore|thus|hence|but\s+(?:i(?:'d|\s+(?:think|believe|would|say|pick|choose|lean|suspect))|the|most|it\s+is)|most\s+likely|i(?:'d|\s+would|'ll)\s+(?:go|say|pick|choose)|answer|conclusion|in\s+the\s+end|finally|actually)\b|所以|因此|因而|综上|最终|答案|结论|更可能|最可能|应该是|应当是|我(?:选|认为|倾向)|实际上|其实",
        )
    });
    let near = before(text, text.len(), NEAR);
    TWO.find_iter(near).last().is_some_and(|found| !SETTLES.is_match(near.get(found.end()..).unwrap_or("")))
}

/// Whether a text answers under two conditions and asks which of them holds: "If you are in the north, …; if in the south, ….
/// Please tell me first."
#[must_use]
pub fn asks_back(text: &str) -> bool {
    static ASKS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)\byou\s+(?:haven't|didn't|have\s+not|did\s+not)\s+(?:said|say|specif|state|mention|given|give|told|tell)|\bplease\s+(?:tell|specify|clarify)\b|\bcould\s+you\s+(?:clarify|specify|tell)\b|\bneed\s+to\s+know\s+(?:which|where|what|whether)\b",
            r"|(?:没有?|未)(?:说明|给出|指明|告诉|注明|提供|提及)|请(?:您|你)?先?(?:告诉|说明|告知|明确)|才能(?:回答|作答|判断)",
        ))
    });
    ASKS.is_match(before(text, text.len(), NEAR)) && CONDITION.find_iter(before(text, text.len(), 4 * NEAR)).count() > 1
}

/// Whether two options or more are chosen, each under a condition of its own, and none without one: 若闭合,应选A;若断开,应选B.
#[must_use]
pub fn each_has_its_condition<T: PartialEq>(text: &str, chosen: &[(usize, T)]) -> bool {
    static SO: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\b(?:so|therefore|thus|hence|answer)\b|所以|因此|因而|故|综上|可见|可知|答案"));
    let Some(((at, last), earlier)) = chosen.split_last() else { return false };
    // What a condition leads to is not what is concluded from it: 若选A,则矛盾,故选B.
    let depends = |at: usize| {
        let head = before(text, at, NEAR);
        let clause = head.rsplit(['.', '。', ';', '!', '?', '\n']).next().unwrap_or(head);
        CONDITION.find_iter(clause).last().is_some_and(|condition| {
            let since = clause.get(condition.end()..).unwrap_or("");
            since.chars().count() > 1 && !SO.is_match(since) && !SO.is_match(after(text, at, 4))
        })
    };
    earlier.iter().any(|(other, said)| said != last && depends(*other)) && depends(*at)
}

/// Whether what is chosen at a place stands under a condition of its own, in a text that ends undecided.
#[must_use]
pub fn is_left_to_condition(text: &str, at: usize) -> bool {
    is_conditional(text, at) && is_undecided(text)
}

/// Whether a text ends by letting two options stand: A、B均可, "either A or B is fine".
#[must_use]
pub fn allows_both(text: &str) -> bool {
    static BOTH: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?:[A-J]\s*(?:[、,和与或及/]|或者)\s*(?:选?项)?[A-J](?:选?项)?(?:这?两[个项者种]|二者)?(?:选项|答案)?(?:均可|皆可|都可以?|都行|都说得通|都有可能|均有可能)(?:以|选|能)?[。.!]?\s*\z",
            r"|\b[Ee]ither\s+(?:option\s+)?[(]?[A-J][)]?\s+or\s+(?:option\s+)?[(]?[A-J][)]?\s+(?:is|are|would|will|works?|could|can|may|might)\b[^.\n]{0,30}[.!]?\s*\z)",
        ))
    });
    BOTH.is_match(before(text, text.len(), NEAR))
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
    static CLAUSE: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)(?:\A|[,;.。\s])(?:\bif\b|如果|假如|若)[^;。\n]{0,80}?\d"));
    static SO: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:so|therefore|thus|hence|(?:since|because)\s+the\s+(?:problem|question|order))\b|所以|因此|因而|故|综上|于是|解得|可得",
        )
    });
    // What says that the conditions stay open settles nothing: "so I'll leave both", 故无法给出唯一答案.
    static OPEN: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:both|either|can(?:not|'t)|can\s+not|couldn't|unable|unclear|depends|no\s+(?:single|unique|one))\b|不能|无法|没法|难以|不唯一",
        )
    });
    static UNSAID: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:problem|question|text|it)\s+(?:doesn't|does\s+not|didn't|did\s+not)\s+(?:actually\s+)?(?:say|specify|state|tell|make)\b|\bnot\s+(?:specified|stated)\b|(?:没有?|未)[^。,;\n]{0,4}(?:交代|说明|明确|给出|规定|指明)|(?:条件|信息)不足|缺少条件|(?:不能|无法)[^。,;\n]{0,6}唯一",
        )
    });
    let settles = |rest: &str| SO.find_iter(rest).any(|so| !OPEN.is_match(after(rest, so.end(), 40)));
    let Some(last) = CONDITION.find_iter(line).nth(1).and_then(|_| CONDITION.find_iter(line).last()) else {
        return false;
    };
    let figure = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    let open = |rest: &str| UNSAID.find_iter(rest).last().is_some_and(|m| !figure(rest.get(m.end()..).unwrap_or("")));
    let behind = line.get(last.start()..).unwrap_or("");
    let clauses = CLAUSE.find_iter(line).count() > 1;
    (clauses && !CLAUSE.find_iter(line).last().and_then(|c| line.get(c.start()..)).is_some_and(settles))
        || figure(line) && open(behind) && !settles(behind)
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
        for (text, want) in [
            ("若合并,应选A;若分开,应选B。", true),
            ("若选A,则矛盾;若选B,则成立,故应选B。", false),
            ("若合并,应选A。应选B。", false),
        ] {
            let chosen: Vec<(usize, &str)> =
                text.match_indices("应选").map(|(at, _)| (at, text.get(at + 6..at + 7).unwrap_or(""))).collect();
            assert_eq!(each_has_its_condition(text, &chosen), want, "{text}");
        }
        for (text, want) in [
            ("可能是李白写的,也可能是杜甫写的,我不能确定是哪一位。", true),
            ("可能是李白,也可能是杜甫。所以应该是李白。", false),
            ("It could be Oslo or Bergen.", true),
            ("It was written in 1900, or so.", false),
            ("作者是李白,我不确定年份。", false),
        ] {
            assert_eq!(wavers(text), want, "{text}");
        }
        assert!(allows_both("因此A、B均可。") && allows_both("Either A or B is acceptable."));
        assert!(!allows_both("A、B均可排除。") && !allows_both("Neither A nor B."));
        assert!(are_alternatives("if so, answer 6; otherwise 8.", &[(7, "6")]));
        assert!(weighs_conditions("若合并,有6个;若分开,有8个。"));
        assert!(!weighs_conditions("若合并,有6个;若分开,有8个,所以共14个。"));
    }
}
