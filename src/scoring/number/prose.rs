//! The number of a text that announces none: one that is nothing but a number, what it concludes, its last one.

use super::conclusion::{before_its_reason, concluded};
use super::first::{before_explanation, sole_first_line, sole_first_sentence, with_parts, with_reason};
use super::lex::{Context, Role, Token, tokens};
use super::spelled::{spelled, spelled_before};
use super::value::Value;
use super::worded::{DID_NOT, counted, counted_first, ends_in_words, instead, ordinal, without_denied, year};
use super::{CUT, MOST, Number, Reading, UNCLEAR, chinese, english, in_words, stated, units, with_cents};
use crate::scoring::text::{self, Match, Pattern, after, is_undecided, line_at, pattern, plain, weighs_conditions};
use std::sync::LazyLock;

/// The number of a text that announces none.
pub(super) fn unannounced(text: &str, bold: Option<&str>) -> Result<(Number, &'static str), &'static str> {
    let text = text::without_comparison(without_denied(text.trim()));
    let text = without_gloss(without_note(without_check(without_aside(without_leave(text)))));
    let trimmed = text;
    let all = prose_numbers(text);
    if all.last().is_some_and(|last| text::is_first_thought(trimmed, last.start)) {
        return Err(UNCLEAR);
    }
    if ASKS.is_match(last_sentence(trimmed)) {
        return Err(UNCLEAR);
    }
    if stops_short(trimmed) || text::trails_off(trimmed) {
        return Err(CUT);
    }
    if let Some(number) = ordinal(trimmed) {
        return Ok((number, "number/ordinal"));
    }
    if let Some(number) = ends_in_words(trimmed) {
        return Ok((number, "number/told"));
    }
    if after(trimmed, 0, 80).len() == trimmed.len() && !trimmed.contains('\n') {
        match stated(trimmed) {
            // What stands before a pause is not the whole: its number has to be the last one too.
            Reading::Said(number) if is_last(trimmed, &number) => {
                // 是5倍,因此高5厘米: the last one says of what it is.
                let unit = number.unit.or_else(|| all.last().and_then(single).and_then(|last| last.unit));
                return Ok((Number { unit, ..number }, "number/whole"));
            }
            Reading::Unclear if !WORDS.is_match(trimmed) => return Err(UNCLEAR),
            _ => {}
        }
    }
    if let Some(found) = LEADING.captures(trimmed).and_then(|c| c.get(1))
        && let Reading::Said(number) = stated(found.as_str())
        && !fails(trimmed.get(found.end()..).unwrap_or(""))
    {
        return Ok((number, "number/leading"));
    }
    if let Some(number) = instead(trimmed).or_else(|| counted_first(trimmed)) {
        return Ok((number, "number/leading"));
    }
    if let Some(number) = with_reason(trimmed).or_else(|| before_explanation(trimmed)) {
        return Ok((number, "number/leading"));
    }
    if let Some(number) = with_parts(trimmed) {
        return Ok((number, "number/breakdown"));
    }
    if let Some(number) = sole_first_line(trimmed).or_else(|| sole_first_sentence(trimmed)) {
        return Ok((number, "number/leading"));
    }
    if let Some(Reading::Said(number)) = TOTAL
        .find_iter(last_sentence(trimmed))
        .last()
        .map(|found| stated(last_sentence(trimmed).get(found.end()..).unwrap_or("")))
    {
        return Ok((number, "number/conclusion"));
    }
    if let Some(both) = OR_BOTH.find_iter(trimmed).last()
        && !INSTEAD.is_match(trimmed.get(both.end()..).unwrap_or(""))
    {
        return Err(UNCLEAR);
    }
    if DENIES.find(trimmed).is_some_and(|m| !INSTEAD.is_match(trimmed.get(m.end()..).unwrap_or(""))) {
        return Err(UNCLEAR);
    }
    let last_line = trimmed.lines().next_back().unwrap_or("");
    let several = all.iter().filter_map(single).any(|n| all.last().and_then(single).is_some_and(|last| last != n));
    if several && is_undecided(trimmed) || weighs_conditions(last_line) {
        return Err(UNCLEAR);
    }
    let conclusions: Vec<_> = CONCLUSION.find_iter(text).collect();
    // 所以结果是正确的 concludes on no number: one before it may.
    let numbered = |found: &Match<'_>| match stated(line_at(text, found.end())) {
        Reading::Nothing => None,
        reading => Some((found.end(), reading)),
    };
    let concluded_on = conclusions.iter().rev().take(MOST).find_map(numbered);
    if let Some((end, Reading::Said(number))) = concluded_on.filter(|(end, _)| !is_overtaken(text, *end)) {
        // 所以是 4.5 圈，共 1800 米: what it comes to in all is the conclusion.
        let rest = line_at(text, end);
        let sum = IN_ALL.find_iter(rest).last().and_then(|found| rest.get(found.end()..)).map(stated);
        let number = if let Some(Reading::Said(sum)) = sum { sum } else { number };
        return Ok((number, "number/conclusion"));
    }
    if let Some(number) = concluded(trimmed) {
        return Ok((number, "number/conclusion"));
    }
    if let Some(number) = concluded_in_words(trimmed) {
        return Ok((number, "number/conclusion"));
    }
    if let Some(number) = told_at_last(trimmed) {
        return Ok((number, "number/told"));
    }
    if let Some(number) = before_its_reason(trimmed) {
        return Ok((number, "number/conclusion"));
    }
    if let Some(Reading::Said(number)) = bold.map(|bold| stated(plain(bold).text.trim()))
        && text
            .lines()
            .next_back()
            .is_some_and(|line| prose_numbers(line).iter().any(|t| single(t).as_ref() == Some(&number)))
    {
        return Ok((number, "number/bold"));
    }
    if let Some(number) = sole_last_line(trimmed) {
        return Ok((number, "number/last-line"));
    }
    let sole: Vec<Token> = all.iter().filter(|t| t.start >= text.trim_end().len() - last_line.len()).cloned().collect();
    let (token, rule) = match (sole.as_slice(), all.last()) {
        ([token], _) => (token, "number/last-line"),
        (_, Some(token)) => (token, "number/last"),
        (_, None) => {
            let told = told(trimmed).map(|number| (number, "number/told"));
            let told = told.or_else(|| counted(trimmed).map(|number| (number, "number/told")));
            let told = told.or_else(|| year(trimmed).map(|number| (number, "number/told")));
            return told.or_else(|| spelled(trimmed).map(|number| (number, "number/told"))).ok_or("number/none");
        }
    };
    if rule == "number/last"
        && let Some(main) = before_a_reason(trimmed)
    {
        return main.map(|number| (number, "number/conclusion")).ok_or(UNCLEAR);
    }
    if is_compared(trimmed, token, &all) {
        return Err(UNCLEAR);
    }
    // "There are twelve months with at least 28 days": a bound of something else is no number of it.
    let bounds = || all.iter().all(|t| t.role == Role::Bound);
    match single(token) {
        Some(number) => Ok((number, rule)),
        None if let Some(number) = spelled(trimmed).filter(|_| bounds()) => Ok((number, "number/told")),
        None => spelled_before(trimmed, &all).map(|number| (number, "number/told")).ok_or(UNCLEAR),
    }
}

/// What a last sentence says before the reason that it ends with, where either has numbers; the inner none where it is open
/// which of several it says: "180 km in 3 hours, since it drove at 60 km/h".
fn before_a_reason(text: &str) -> Option<Option<Number>> {
    static REASON: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i),?\s(?:since|because)\s|,?(?:因为|由于)"));
    static GOES_ON: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)[,=≈;]|\b(?:so|therefore|thus|hence|must|total|leaving|left)\b|所以|因此|故"));
    let sentence = last_sentence(text).trim_end_matches(['。', '.', ' ']);
    let sentence = sentence.rsplit('。').next()?;
    let reason = REASON.find_iter(sentence).last()?;
    let (main, behind) = (sentence.get(..reason.start())?, sentence.get(reason.end()..)?);
    let figured = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    if !figured(main) || !figured(behind) || GOES_ON.is_match(behind) {
        return None;
    }
    let numbers = prose_numbers(main);
    let [token] = numbers.as_slice() else { return Some(None) };
    Some(single(token).filter(|_| !DOUBTFUL.is_match(main)))
}

/// Whether a number only tells how much more something is than another one, so that what is asked for was not worked out:
/// 小明12岁,爸爸比他大30岁. The difference of two others is what was asked for.
fn is_compared(text: &str, token: &Token, all: &[Token]) -> bool {
    static MORE: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\p{Han}比[^,。;比\d]{1,8}[多少大小高低重轻长短贵快慢]了?\s*\z"));
    static SO: LazyLock<Pattern> = LazyLock::new(|| pattern(r"所以|因此|因而|故|答|可见|可知"));
    let head = text::before(text, token.start, 24);
    if !MORE.is_match(head) || SO.is_match(head) {
        return false;
    }
    let others: Vec<&Value> =
        all.iter().filter(|t| t.start < token.start).take(8).filter_map(|t| t.value.as_ref()).collect();
    let differ = |a: &&Value, b: &&Value| token.value.as_ref().and_then(|n| b.sum(n)).as_ref() == Some(*a);
    !others.is_empty() && !others.iter().any(|a| others.iter().any(|b| differ(a, b)))
}

/// Whether a text goes on behind a conclusion to another number that takes its place: 共54棵。等等,还要减去6棵,54-6=48.
fn is_overtaken(text: &str, end: usize) -> bool {
    static TURNS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"不过|但|然而|[哦啊]|等等|等一下|不对|更正|漏了|忘了|重新|再想|实际|修正|应为|应该是")
    });
    static SUPPOSED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"如果|若|假如|要是|假设|顺便|另外|提示|注意"));
    let Some(rest) = text.get(end..) else { return false };
    let Some((said, later)) = rest.split_once(['。', '\n', '!', ';']) else { return false };
    let numbers = prose_numbers(later);
    let last = numbers.last().and_then(single);
    TURNS.is_match(later)
        && !SUPPOSED.is_match(later)
        && last.is_some_and(|last| prose_numbers(said).iter().all(|t| single(t).as_ref() != Some(&last)))
}

/// What a last clause without figures concludes in words: "13 passed, so seven students didn't."
fn concluded_in_words(text: &str) -> Option<Number> {
    static SO: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\A|[,;.]\s)\s*(?:and\s+)?(?:so|therefore|thus|hence|(?:that|which)\s+leaves|leaving),?\s+(?:there\s+(?:are|were)\s+)?",
        )
    });
    let sentence = last_sentence(text);
    let clause = sentence.get(SO.find_iter(sentence).last()?.end()..)?;
    // "So seven didn't pass" counts those; what is denied of the number itself is no count.
    let counted = DID_NOT.replace_all(clause, " ");
    if clause.contains(|c: char| c.is_ascii_digit()) || DOUBTFUL.is_match(&counted) || is_undecided(text) {
        return None;
    }
    let (value, percent, _, unit) = english::numeral(clause)?;
    let bare = unit.trim_start();
    if ["isn't", "is not", "aren't", "are not", "wasn't", "weren't", "was not", "were not"]
        .iter()
        .any(|no| bare.starts_with(no))
    {
        return None;
    }
    let (value, behind) = with_cents(value, unit);
    let sole = value != Value::integer(1) && behind.split_whitespace().all(|word| english::numeral(word).is_none());
    let part = behind.trim_start().starts_with("of ");
    (sole && !part && !VAGUE.is_match(behind)).then_some(Number::bare(value, percent).with_unit(unit))
}

/// What the last sentence of a text without figures says in words: 总和是二千零二十四, "There are twelve ways".
fn told(text: &str) -> Option<Number> {
    if text.contains(|c: char| c.is_ascii_digit()) || text.ends_with(['?', '？']) {
        return None;
    }
    let sentence = text.lines().next_back()?.trim().trim_end_matches(['。', '.', '!']);
    let sentence = sentence.rsplit(['。', ';', '!']).next()?;
    if let Some(found) = TELLS.find_iter(sentence).take(MOST).last() {
        let denied = text::before(sentence, found.start(), 4).ends_with(['不', '非', '没', '未', '能', '否']);
        return match in_words(sentence.get(found.end()..)?) {
            Reading::Said(number) if !denied && !is_undecided(text) => Some(number),
            _ => None,
        };
    }
    if let Some(number) = sole_fraction(sentence) {
        return (!is_undecided(text)).then_some(number);
    }
    let clause = sentence.rsplit(". ").next()?;
    if clause.len() > 120 || DOUBTFUL.is_match(clause) {
        return None;
    }
    let place = COUNTS.find(clause)?;
    let (value, percent, _, unit) = english::numeral(clause.get(place.end()..)?)?;
    let (value, behind) = with_cents(value, unit);
    // Another numeral would make it one of two.
    let mut words = clause.get(..place.start())?.split_whitespace().chain(behind.split_whitespace());
    let sole = value != Value::integer(1) && words.all(|word| english::numeral(word).is_none());
    (sole && !VAGUE.is_match(behind)).then_some(Number::bare(value, percent).with_unit(unit))
}

/// The one fraction in words that a Chinese sentence has and ends with: 每人分到千分之三.
fn sole_fraction(sentence: &str) -> Option<Number> {
    const PARTS: &str = "分之";
    static DOUBTED: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"不|没|未|或|至少|至多|超过|可能|如果|若|比|约?之间|[以之]上|[以之]下"));
    let at = sentence.find(PARTS).filter(|at| sentence.rfind(PARTS) == Some(*at))?;
    let head = sentence.get(..at)?.trim_end_matches(|c| chinese::is_numeral(c) || c == '又');
    let Reading::Said(number) = in_words(sentence.get(head.len()..)?) else { return None };
    (!DOUBTED.is_match(sentence)).then_some(number)
}

/// What a last sentence that concludes without figures says in words, whatever figures stand before it: "Altogether it
/// travels one hundred thirty-five kilometres."
fn told_at_last(text: &str) -> Option<Number> {
    static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A[\s*]*(?:so|therefore|thus|hence|altogether|in\s+(?:total|all)|overall|consequently)\b|\b(?:in\s+total|in\s+all|(?:al)?together)\b|\A[\s*]*(?:所以|因此|故|综上|答)|共|合计",
        )
    });
    let line = text.lines().next_back()?.trim().trim_end_matches(['。', '.', '!', '*']);
    let sentence = line.rsplit(['。', ';', '!', '?']).next()?;
    let sentence = sentence.rsplit(". ").next()?;
    let figured = |text: &str| text.contains(|c: char| c.is_ascii_digit());
    // 小明有8个,小红有9个,两人共有十七个: the last clause.
    let sentence = match sentence.rsplit_once(',') {
        Some((head, clause)) if !clause.is_ascii() && figured(head) => clause,
        _ => sentence,
    };
    let plain = !figured(sentence) && sentence.len() <= 160;
    if !plain || !CONCLUDES.is_match(sentence) || DOUBTFUL.is_match(sentence) || is_undecided(text) {
        return None;
    }
    if !sentence.is_ascii() {
        return told(sentence).or_else(|| spelled(sentence));
    }
    let mut found: Option<Number> = None;
    let mut until = 0;
    let starts = sentence.char_indices().filter(|(at, c)| {
        c.is_ascii_alphabetic()
            && !text::before(sentence, *at, 1).ends_with(|c: char| c.is_ascii_alphabetic() || c == '-')
    });
    for (at, _) in starts {
        if at < until {
            continue;
        }
        let Some((value, percent, words, behind)) = english::numeral(sentence.get(at..)?) else { continue };
        if found.is_some() || words < 2 && value == Value::integer(1) || VAGUE.is_match(behind) {
            return None;
        }
        until = sentence.len() - behind.len();
        found = Some(Number::bare(value, percent).with_unit(behind));
    }
    found
}

/// A text whose only statement is what the number is not.
static DENIES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[^.\n]{0,60}?(?:\b(?:can't|cannot|can\s+not|couldn't)\s+(?:possibly\s+)?be|不(?:可能|会|能)[是为])\s*[$¤]?\d[^.\n]*[.\s]*\z",
    )
});
/// Two values of which either may be meant: x = 7 or x = 8.
static OR_BOTH: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)=\s*-?\d[\d./]*[\s¤$]*(?:或者?|\bor\b)[\s¤$]*[A-Za-z]\s*=\s*-?\d"));
static INSTEAD: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:so|but|therefore|thus|must|it's|it\s+is|instead|rather)\b|而是|应该?[是为]|所以|因此|只能|故|舍")
});

/// What leads to a numeral in words that ends a Chinese sentence.
static TELLS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?:[是为]|等于|占(?:了|[\p{Han}]{1,8}?的)?|(?:增长|增加|减少|提高|下降|降低|上升|缩短|节约|提升)了?|达到?|剩下?了?|(?:[共还]|[人数格者员]的)有|(?:[一总]?共|合计|共计)(?:[\p{Han}&&[^不没未非超近至最多少]]{0,4}?[了过有要需出得完到付花用买卖走跑分获收]{1,2})?|比[^。,;]{1,10}?[多少高低]了?|得到?)(?:约|大约)?\s*",
    )
});
/// What leads to a numeral in words that an English sentence is about.
static COUNTS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:there\s+(?:are|were|will\s+be)|(?:total|sum|result|product|difference|number|value)\s+(?:\w+\s+){0,4}?(?:is|was|equals)|(?:has|have|need|needs|makes?|leaves?|gets?|costs?|takes?))\s+(?:exactly\s+|only\s+|a\s+total\s+of\s+|in\s+total\s+)?",
    )
});
/// What makes a sentence with a numeral no statement.
pub(super) static DOUBTFUL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:not|or|if|maybe|perhaps|possibly|might|could|may|between|at\s+least|at\s+most|than|unless)\b|n't\b|[:?]",
    )
});
/// What is counted in an explanation and not in an answer.
pub(super) static VAGUE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*(?:\w+\s+){0,2}?(?:ways?\s+to\s+(?:solve|see|think|look|approach|do|answer|interpret|read|go|find|count)|things?|reasons?|cases?|steps?|kinds?|types?|options?|answers?|methods?|approaches|problems?|questions?|conditions?|facts?|ideas?|interpretations?)\b",
    )
});
/// 共, where a number follows.
static IN_ALL: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"[,;]\s*(?:一共|总共|共计?|合计|总计)(?:是|为|有|需要?|花了?|跑了?|走了?)?\s*"));

/// A sentence that asks for something.
static ASKS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:what|which|how|when|where|could\s+you|can\s+you|do\s+you|would\s+you|did\s+you|are\s+you)\b[^.?]*\?\s*\z|(?:请问|能否|可否|是否|什么|哪|多少|怎么)[^。?]*\?\s*\z|吗\?\s*\z",
    )
});

/// Whether a text breaks off in the middle of a calculation: at an operator, or at a comma.
fn stops_short(text: &str) -> bool {
    let end = text.trim_end_matches(['*', ' ', '\n', '$', '¤']);
    let figures = end.chars().filter(char::is_ascii_digit).count();
    figures > 0
        && WORDS.is_match(text)
        && (end.ends_with(['=', '+', '×', '÷', '≈', ',', ':', '(', '、', '^', '/'])
            || end.ends_with(" -")
            || end.ends_with("·"))
}

/// The number that a last line of its own begins with and is: **2 1/2 cups of flour**.
fn sole_last_line(text: &str) -> Option<Number> {
    let (_, last) = text.rsplit_once("\n\n")?;
    let line = last.trim().trim_end_matches(['.', '。', '!']);
    let begins = line.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '$' | '¤' | '-' | '¥' | '€' | '£'));
    let bare =
        begins && !line.contains('\n') && line.split_whitespace().count() <= 6 && !line.contains([':', '=', '?']);
    match stated(line) {
        Reading::Said(number) if bare => Some(number),
        _ => None,
    }
}

/// A text without the sentences at its end that take leave: "Let me know if you'd like 2 or 3 more problems!"
fn without_leave(text: &str) -> &str {
    static LEAVE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:[.!?。]|\n|[^\x00-\x{2FFF}\p{L}\p{N}])\s*[*_]*(?:(?:please\s+)?let\s+me\s+know|(?:i\s+)?hope\s+(?:this|that|it)|(?:please\s+)?feel\s+free|would\s+you\s+like|do\s+you\s+(?:want|need)|if\s+you(?:'d|\s+would|\s+have|\s+want|\s+need)\s|希望(?:这|以上|对你|能)|如果(?:你|您)(?:还)?(?:有|想|需要)|需要我|还有(?:其他|别的|什么))[^\n]*\z",
        )
    });
    match LEAVE.find(text) {
        Some(found) if text.get(..found.start()).is_some_and(|head| head.contains(|c: char| c.is_ascii_digit())) => {
            let mark = text.get(found.start()..).and_then(|r| r.chars().next()).map_or(0, char::len_utf8);
            text.get(..found.start() + mark).unwrap_or(text).trim_end()
        }
        _ => text,
    }
}

/// A text without what it adds by the way behind its statement (顺带一提,中位数是 90), or compares with it ("Final price: $64.80.
/// That's $15.20 less than before").
fn without_aside(text: &str) -> &str {
    static ASIDE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:[.!?。]|\n)\s*[*_(]*(?:by\s+the\s+way|incidentally|as\s+an\s+aside|(?:as|on)\s+a\s+side\s+note|side\s+note|fun\s+fact|for\s+what\s+it's\s+worth|顺带一提|顺带(?:说|提)一[下句]|顺便(?:一提|(?:说|提)一[下句])|题外话)[^\n]*\z",
        )
    });
    static COMPARES: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:[.!]\s|\n)\s*(?:that's|that\s+is|this\s+is)\s+[¤$€£]?\d[\d.,]*\s*(?:%|[a-z]+)?\s*(?:less|more|fewer|cheaper|higher|lower|longer|shorter|above|below|off)\b[^\n=]*\z",
        )
    });
    static LABELLED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)(?:\A|\n)[\s*#>-]*(?:final|total|answer|result)\b[^=\n:]{0,30}:\s*[¤$€£]?\d[^:\n]*\z")
    });
    static ANSWERS: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)\b(?:answer|so|therefore|thus|total|correct)\b|答|所以|因此|故|才是|题目"));
    let cut = |finder: &Pattern| {
        let found = finder.find(text)?;
        let mark = found.as_str().chars().next().map_or(0, char::len_utf8);
        let (head, rest) = text.split_at_checked(found.start() + mark)?;
        let figures = last_sentence(head.trim_end()).contains(|c: char| c.is_ascii_digit());
        (figures && !ANSWERS.is_match(rest) && !AMISS.is_match(rest) && !text::turns(rest)).then(|| head.trim_end())
    };
    cut(&ASIDE).or_else(|| cut(&COMPARES).filter(|head| LABELLED.is_match(head))).unwrap_or(text)
}

/// A text without a last line that checks what stands in bold above it, and ticks it: "Check: 365 ÷ 5 = 73 ✓".
pub fn without_ticked_check(shown: &str) -> &str {
    static TICKED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:\n|[.。!]\s)[\s>*#_-]*(?:(?:quick\s+|double-?\s?)?check|verif\w*|检验|验证|验算|检查)[^\n]*[✓✔✅√][\s.。*]*\z",
        )
    });
    if !shown.trim_end().ends_with(['✓', '✔', '✅', '√', '.', '。', '*']) {
        return shown;
    }
    let head = TICKED.find(shown).and_then(|found| shown.get(..found.start())).unwrap_or(shown).trim_end();
    static COMES_TO: LazyLock<Pattern> = LazyLock::new(|| pattern(r"=\s*[\d.,]+\s*\p{L}{0,12}[.。]?\z"));
    if text::last_bold(head).is_some() || COMES_TO.is_match(head) { head } else { shown }
}

/// A text without the paragraph at its end that checks what was found, where it doesn't turn against it.
fn without_check(text: &str) -> &str {
    static CHECK: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\n[\s>*#_-]*(?:检验|验证|验算|检查|(?:(?:quick|sanity)\s+)?(?:check|verification)|verify(?:ing)?|(?:let(?:'s|\s+us|\s+me)|to)\s+(?:check|verify|double-check))\b?[\s*_]*[:：,(]",
        )
    });
    static SOLVED: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?:\A|[\s,;。:])[a-zA-Z]\s*=\s*-?[\d.,/]+\s*\p{Han}{0,4}[.。]?\s*\z"));
    let Some(found) = CHECK.find_iter(text).last() else { return text };
    let (head, check) = text.split_at_checked(found.start()).unwrap_or((text, ""));
    let kept = head.contains(|c: char| c.is_ascii_digit())
        && !text::turns(check)
        && !AMISS.is_match(check)
        && !check.trim_start().contains("\n\n")
        && (CONCLUDED.is_match(head) || SOLVED.is_match(head));
    if kept { head.trim_end() } else { text }
}

/// Whether a check or an explanation turns against what it belongs to, apart from what it only supposes: 如果是17,….
fn fails(check: &str) -> bool {
    static SUPPOSED: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)(?:\bif\b|如果|假如|要是|若)[^。;\n]*?(?:[。;\n]|\.\s|\z)"));
    let held = SUPPOSED.replace_all(check, " ");
    text::turns(check) || AMISS.is_match(&held)
}

/// A text without a sentence of its own in brackets at its end, where all before it is a number in words: 利率为百分之三点五。(本金10000元。)
fn without_note(text: &str) -> &str {
    static NOTE: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?:[.!。]\s*|\n\s*)(?P<note>\([^()]{4,400}\))[\s.。]*\z"));
    static TURNS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:answer|so|therefore|thus|hence|actually|rather|or|not|should|correct(?:ion)?|wait|sorry|left|leav(?:es|ing)|remain(?:s|ing)?)\b|剩|答|所以|因此|故|应|改|或|不",
        )
    });
    if !text.ends_with([')', '.', '。']) {
        return text;
    }
    let Some(note) = NOTE.captures(text).and_then(|found| found.name("note")) else { return text };
    let head = text.get(..note.start()).unwrap_or("").trim_end();
    let figures = head.contains(|c: char| c.is_ascii_digit()) || TURNS.is_match(note.as_str());
    let told = || ends_in_words(head).or_else(|| told(head)).or_else(|| spelled(head)).is_some();
    if !figures && told() { head } else { text }
}

/// What a check says where it fails.
pub(super) static AMISS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:wrong|mistake|error|incorrect|should\s+be|doesn't|does\s+not|not\s+(?:equal|match))\b|错|不(?:对|符|等|成立|正确)|应(?:该|当)?[是为]|所以答案|有误",
    )
});

/// What came before a check must have been a conclusion.
static CONCLUDED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\b(?:so|therefore|thus|hence|total|altogether|answer|in\s+all)\b|所以|因此|故|答|一共|综上|共")
});

/// A text without what its last line adds in brackets behind a number: `0.75 (75%)`.
fn without_gloss(text: &str) -> &str {
    static GLOSS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\s?\([^()\n]*\)[\s.。!]*\z|,?\s+or\s+(?:about|approximately|roughly|around)\s+\d[\d.,]*\s?%?[\s.。!]*\z|,?\s+(?:i\.e\.,?|that\s+is,?|or)\s+(?:about|approximately|roughly|around|almost|nearly|just\s+(?:over|under))\s+\d[\d.,]*\s[a-z]{2,12}[\s.!]*\z",
        )
    });
    static OTHER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\A\s?\(\s*(?:or|not|no|maybe|perhaps|actually|wait|and|in\s+fact|should|或|不|也|应)")
    });
    let line = text.rfind('\n').map_or(0, |at| at + 1);
    let Some(found) = GLOSS.find_at(text, line) else { return text };
    let head = text.get(..found.start()).unwrap_or("");
    let number = tokens(head.get(line..).unwrap_or(""), Context::Prose).last().is_some_and(|t| single(t).is_some());
    if number && !OTHER.is_match(found.as_str()) { head } else { text }
}

/// A text from its last full stop on.
pub(super) fn last_sentence(text: &str) -> &str {
    static FULL_STOP: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[.!?]\s+(?:\p{Lu})|\n"));
    text.get(FULL_STOP.find_iter(text).last().map_or(0, |m| m.start() + 1)..).unwrap_or(text)
}

/// "The total is": what it is counts, and not what is told of it.
static TOTAL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:total|result|sum|difference|product|quotient|remainder|(?:final|correct|right)\s+\w+)\s+(?:is|are|was|equals|comes\s+to|=)\s+(?:therefore\s+|thus\s+|then\s+)?",
    )
});

/// Whether a number is the last exact one of a text, or there is none in figures.
fn is_last(text: &str, number: &Number) -> bool {
    let all = tokens(text.split('≈').next().unwrap_or(text), Context::Stated);
    let mut counted = all.iter().filter(|t| !matches!(t.role, Role::Label | Role::Denied));
    counted.next_back().is_none_or(|last| single(last).as_ref() == Some(number))
}

/// The numbers of running text that could be answers.
pub(super) fn prose_numbers(text: &str) -> Vec<Token> {
    let mut all = tokens(text, Context::Prose);
    all.retain(|t| !matches!(t.role, Role::Label | Role::Denied));
    // 6,650 kilometres (4,130 miles) long: the same in another unit.
    let glosses = all.windows(2).map(|pair| {
        let [whole, gloss] = pair else { return false };
        let between = text.get(whole.end..gloss.start).unwrap_or("");
        let lead = between.trim_end_matches([' ', '≈', '~']).trim_end_matches("约").trim_end();
        let (Some(head), Some(unit), Some(_)) = (lead.strip_suffix('('), whole.unit, gloss.unit) else { return false };
        let named = units::behind(head).map_or(0, |(_, length)| length);
        let closed = text.get(gloss.end..).and_then(|r| r.find(')')).is_some_and(|at| at < 24);
        closed && Some(unit) != gloss.unit && head.get(named..).is_some_and(|rest| rest.trim().is_empty())
    });
    let glosses: Vec<bool> = std::iter::once(false).chain(glosses).collect();
    let mut gone = glosses.into_iter();
    all.retain(|_| !gone.next().unwrap_or(false));
    all
}

pub(super) fn single(token: &Token) -> Option<Number> {
    let value = token.value.clone().filter(|_| token.role == Role::Plain)?;
    let Token { percent, permille, unit, .. } = *token;
    Some(Number { value, percent, permille, unit, least: token.least.clone() })
}

/// Words that make a sentence of figures; `4 2` and `x = 1 or x = 2` have none.
pub(super) static WORDS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[A-Za-z]{4}|\p{Han}{2}"));

/// A first line of its own before an explanation.
static LEADING: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A([^\n]{1,40})\n[\s*_#>]*(?:(?:explanation|reason(?:ing)?|because|check(?:ing)?|verification|working|steps|breakdown|details?|here(?:'s| is))\b|检验|验算|验证|过程|解析|解释|理由|因为|说明|明细|构成|分项)",
    )
});

/// 所以一共是…: a conclusion in Chinese, up to the figure.
static CONCLUSION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?:所以|因此|因而|故|综上|总之|于是|最后|最终)[^。;\n0-9]{0,40}?(?:一共|总共|共)?(?:是|为|有|等于|得|需要?|剩下?|花了?)\s*[:=]?\s*",
    )
});

/// The one number of a sentence of prose, as text: figures that are labels or denied apart.
pub fn sole(sentence: &str) -> Option<String> {
    let all = prose_numbers(sentence);
    let [token] = all.as_slice() else { return None };
    let number = single(token).filter(|_| WORDS.is_match(sentence) && !DOUBTFUL.is_match(sentence))?;
    Some(format!("{}{}", number.value, if number.percent { "%" } else { "" }))
}
