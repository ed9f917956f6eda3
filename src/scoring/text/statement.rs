//! Where a text states its answer: "The answer is …", "Answer: …", "答案是…", "#### …", `<answer>…`.

use super::pattern::{Pattern, pattern};
use super::{after, before};
use std::sync::LazyLock;

/// How an answer was announced.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Marker {
    /// By words.
    Words,
    /// By `####`, which is also a heading in Markdown.
    Hashes,
}

/// One announced answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Statement {
    /// Where the announcement begins, in bytes.
    pub at: usize,
    /// Where what it announces begins.
    pub body: usize,
    /// How it is announced.
    pub marker: Marker,
}

/// How far a statement reaches, in characters.
pub const REACH: usize = 400;

static ANNOUNCED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?im)(?:",
        // Answer: / The final answer (to …) is / Ans. =
        r"\b(?:answers?|ans)\b\.?(?:\s?\(s\))?(?:\s+(?:choice|option|letter|number|value|key))?",
        r"(?:\s+(?:to|for|of|that|which|i|we)\s[^.:;=\n]{1,80}?)?(?:,?\s+(?:then|therefore|thus|hence|of\s+course|in\s+short|here|now),?)?",
        r"(?:\s*(?:\b(?:(?:would|should|must|will|can\s+only|could|might|may|has\s+to)\s+be|is|are|was|equals?|becomes)\b|'s\b|=>|->|[:=→⇒]))+",
        // 答案是 / 正确答案：/ 【答案】/ 答：
        r"|(?:答案|正解)\s*(?:选项|选择|字母|编号)?(?:应该|应当|应|就|便|则|即|当然|只能|可能|大概|最终|显然|无疑|自然|必然|一定|肯定)*\s*(?:等于|[是为為选選即:=】\]→])+(?:选项?)?[:=]?",
        r"|(?:正确的?(?:选项|选择|选法|说法|结果|一项)|正确的|我的(?:选择|回答|作答))(?:应该|应当|应|就|只能)?\s*[是为為:=]+[:=]?",
        r"|(?:^|[\s。;])答\s*:",
        // 本题填 780 米: what goes onto the paper.
        r"|(?:(?:本|此|这道?|该)(?:小?题|空)|横线[处上]|空[白格]?处|括号[内里中])(?:应该|应当|应|该|就|只能|最终|最后|我|要)*(?P<fills>填写?|写|选择?)(?:上|入|的是)?:?",
        // The correct solution is / the final result is:
        r"|\b(?:correct|final|right|actual|corrected)\s+(?:solution|result|value|total)\s+(?:is|are|equals|should\s+be|comes\s+to)\b",
        r"|<(?:final[_ ]?)?answer>|<(?:最终)?答案>",
        // {"answer": …}
        r#"|["'](?:(?:final|correct|predicted|my)[_ -]?)?(?:answer|(?:最终|正确)?答案)["']\s*:"#,
        // A heading of its own: ### Answer
        r"|^[ \t#>]*(?P<heading>(?:(?:the|my|final|correct)[ \t]+)*answer|(?:最终|正确|参考)?答案)[ \t#]*$",
        r"|^\s*(?P<hashes>####)",
        r")[ \t\u{2009}]*",
    ))
});

/// A statement that a text makes about what is not the answer: 不正确的选项是…, "incorrect answers are …".
static DENIED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:(?:不|非)(?:正确|对|准确)?的?|错误的?|错的|incorrect|wrong|false|no|not\s+the|student'?s|previous|(?:previous|last|earlier|other)\s+(?:question|problem|part)'?s|(?:[上前][一道]?(?:小?题|道题|问|个问题)|例题)的)\s*\z",
    )
});

/// What one thought before one thought better.
static AT_FIRST: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:at\s+first|initially|originally|first|in\s+the\s+beginning)[\s,]+(?:i|we|one|you|it)(?:'d|\s+had)?\s+(?:\w+ly\s+)?(?:thought|think|guess(?:ed)?|believed?|assumed?|suspected|said|say|picked|chose|answered|went\s+(?:with|for)|leaned|got\s+(?:the|an)|seem(?:s|ed)|look(?:s|ed)|appear(?:s|ed))\b",
        r"|\b(?:first|initial|original|earlier)\s+(?:guess|thought|instinct|impression|answer|choice|reaction|inclination|attempt)\s+(?:was|had\s+been)\b",
        r"|(?:一开始|刚开始|开始时?|起初|最初|起先|原先|原本|本来|乍一?看|初看|第一反应|第一眼|先前|之前),?[^。;,!?\n]{0,12}?(?:认为|以为|觉得|想选?|选|判断|猜|算得|算出|(?:得到|得出)的?(?:答案|结果))|(?:原|本|曾|误)以为)",
    ))
});
static THOUGHT_BETTER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:but|however|now|yet|then|on\s+reflection|after|actually|later|although|so|therefore|turns\s+out|wrong|mistaken|incorrect|final)\b|有误|错|不对|不准确|最[终后]|改[为选]|但|不过|然而|后来|现在|可是|再|仔细|重新|其实|所以|因此|实际",
    )
});

/// Whether what is said at a place is what one thought at first: "At first I thought the answer was B", 一开始以为答案是B.
#[must_use]
pub fn is_first_thought(text: &str, at: usize) -> bool {
    let head = before(text, at, 60);
    let head = head.rsplit(['。', ';', '!', '?', '\n']).next().unwrap_or(head);
    let head = head.rsplit(". ").next().unwrap_or(head);
    // What is announced may be announced by the words themselves: "My first guess was".
    let near = after(text, at, 24).split(['是', '为', ':', ',', '.', '。', '\n']).next().unwrap_or("");
    let clause = format!("{head}{near}");
    AT_FIRST.find(&clause).is_some_and(|found| {
        found.start() < head.len().max(1) && !THOUGHT_BETTER.is_match(clause.get(found.end()..).unwrap_or(""))
    })
}

/// Whether what is said at a place is the answer to another question: "If it had asked about the phonograph, the answer would be Edison."
#[must_use]
pub fn is_of_another(text: &str, at: usize) -> bool {
    static OTHER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\bif\b[^.;!?\n]*\b(?:had|were|asked|asks|instead)\b[^.;!?\n]*\z|(?:\A|[.!?;\n]\s*)had\s+(?:you|we|it|the\s+(?:question|task|problem))\b[^.;!?\n]*\z|(?:如果|假如|倘若|若|要是)[^。;!\n]{0,12}?(?:问|求|题目)[^。;!\n]*\z",
        )
    });
    // "…, but it asks for another thing, so …": what follows is of this one.
    static THIS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)[,;]\s*(?:but|however|yet|here|though)\b|[,;](?:但|不过|然而|可|而)?(?:本题|这里|此题|这题|此处|题目)|[,;](?:但|不过|然而)",
        )
    });
    OTHER.find(before(text, at, 120)).is_some_and(|found| !THIS.is_match(found.as_str()))
}

/// All announced answers, in the order of their place.
pub fn statements(text: &str) -> impl Iterator<Item = Statement> + '_ {
    ANNOUNCED.captures_iter(text).filter_map(|found| {
        let whole = found.get(0)?;
        if DENIED.is_match(before(text, whole.start(), 12)) || is_first_thought(text, whole.start()) {
            return None;
        }
        if is_of_another(text, whole.start()) {
            return None;
        }
        // 答案应该是 5 吗?: asked, not said.
        if asks(line_at(text, whole.end())) {
            return None;
        }
        // 本题选出…, 这道题填空…: the task, or its kind.
        if found.name("fills").is_some()
            && after(text, whole.end(), 1).starts_with(['空', '表', '出', '的', '项', '了', '错'])
        {
            return None;
        }
        // Under a heading stands the answer itself, or a text about it.
        if found.name("heading").is_some() && !is_brief(line_at(text, whole.end())) {
            return None;
        }
        // 最终答案:是: the word that leads to an answer is the answer where nothing follows it.
        let word = whole.as_str().trim_end();
        let rest = text.get(whole.end()..).and_then(|rest| rest.lines().next()).unwrap_or("");
        let said = word.ends_with(":是") && !rest.contains(char::is_alphanumeric);
        let body = if said { whole.start() + word.len() - '是'.len_utf8() } else { whole.end() };
        let marker = if found.name("hashes").is_some() { Marker::Hashes } else { Marker::Words };
        Some(Statement { at: whole.start(), body, marker })
    })
}

/// Whether the first sentence of a line asks: 5 吗?….
fn asks(line: &str) -> bool {
    let end = line.find(['。', '!', '?', '\n', ';']).unwrap_or(line.len());
    line.get(..end).is_some_and(|said| said.trim_end().ends_with('吗'))
}

/// Whether a line is short enough for an answer without a sentence around it.
fn is_brief(line: &str) -> bool {
    line.chars().count() <= 60 && line.split_whitespace().count() <= 8 && !line.ends_with(':')
}

/// The line at a place: what is left of it, or the next line that says something when nothing is left. A statement is
/// short: what lies beyond [`REACH`] characters is not read.
#[must_use]
pub fn line_at(text: &str, from: usize) -> &str {
    after(text, from, REACH).lines().map(str::trim).find(|line| line.chars().any(char::is_alphanumeric)).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn announcements_are_found_with_what_they_announce() {
        for (text, want) in [
            ("Answer: 42", Some("42")),
            ("The final answer is 42.", Some("42.")),
            ("The answer to question 3 is: 42", Some("42")),
            ("ANSWER = 42", Some("42")),
            ("The answer should be 42", Some("42")),
            ("Answer:\n\n42 km", Some("42 km")),
            ("so\n#### 42", Some("42")),
            ("正确答案:B", Some("B")),
            ("【答案】B", Some("B")),
            ("答案应为:B", Some("B")),
            ("因此答案是B。", Some("B。")),
            ("答:42元", Some("42元")),
            ("最终答案:是", Some("是")),
            ("我的作答:42", Some("42")),
            ("还剩 420 米。本题填 780 米。", Some("780 米。")),
            ("这道题填空", None),
            ("<answer>42</answer>", Some("42</answer>")),
            ("{\"answer\": 42}", Some("42}")),
            ("{'final_answer': 42}", Some("42}")),
            ("The answer that fits is 42", Some("42")),
            ("The correct answer, then, is 42", Some("42")),
            ("### Answer\n\n42", Some("42")),
            ("### Answer\nTo find out how many there are, we count them", None),
            ("The wrong answer is 3", None),
            ("不正确答案是C", None),
            ("I can answer that", None),
            ("答应了", None),
        ] {
            let found = statements(text).last().map(|s| line_at(text, s.body));
            assert_eq!(found, want, "{text}");
        }
    }
}
