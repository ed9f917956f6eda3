//! The places of a text where an answer of options begins: announced ("Final choice: …", 正确的有…, `"answer": …`), or
//! chosen in a sentence ("I choose …", 故选…).

use super::cues;
use super::find::{MOST, is_denied};
use super::letter::{self, Reading};
use super::options::{Options, index_of};
use crate::scoring::text::{
    Marker, Pattern, REACH, after, before, is_first_thought, is_of_another, line_at, pattern, statements,
};
use std::sync::LazyLock;

/// How an answer begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// Announced as the answer.
    Announced,
    /// Chosen: "I choose …".
    Chosen,
    /// Concluded: "so it's …"; this counts only where it ends its sentence soon.
    Concluded,
}

/// Where an answer begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Where its announcement begins, in bytes.
    pub at: usize,
    /// Where what it announces begins.
    pub body: usize,
    /// How it begins.
    pub via: Via,
}

impl Place {
    /// Reads the one option that is announced here.
    pub fn read(&self, text: &str, options: &Options) -> Reading {
        let line = line_at(text, self.body);
        let reading = letter::read(line, options);
        // An announcement over a list of the options announces none of them.
        let below = places_below(text, self.body, line);
        let lists = |index: usize| below.and_then(leads).is_some_and(|other| other != index);
        match reading {
            Reading::Said(index) if below.is_some() && leads(line) == Some(index) && lists(index) => Reading::Several,
            reading => reading,
        }
    }
}

/// The line after the one that an announcement takes for its body, where that is not its own line.
fn places_below<'t>(text: &'t str, body: usize, line: &str) -> Option<&'t str> {
    let own = here(text, body);
    if own.chars().any(char::is_alphanumeric) {
        return None;
    }
    let mut lines = after(text, body, REACH).lines().map(str::trim).filter(|l| l.chars().any(char::is_alphanumeric));
    lines.find(|l| *l == line)?;
    lines.next()
}

/// The letter that leads a line, set off from what follows.
fn leads(line: &str) -> Option<usize> {
    static LEADS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A[ \t>#*-]*[(\[]?([A-J])(?:[)\].:、,]|\s*\z)"));
    LEADS.captures(line)?.get(1)?.as_str().chars().next().and_then(index_of)
}

/// What announces the choice of an option, beyond what announces any answer.
static ANNOUNCED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?im)(?:",
        // Final choice: / Solution: / Verdict:
        r#"^[\s>*#"'{-]*(?:final|(?:final\s+)?(?:choices?|options?|selections?|decision|picks?|verdict|selected|chosen)|solution|conclusion|result|output)["']?\s*(?:[:=]|-)+"#,
        r"|^[\s>*#-]*(?:correct|right|true|正确|对)\s*[:=]+",
        r"|^[\s>*#-]*[\[【](?:answer|(?:正确|最终|我的)?答案?|作答|(?:最终)?选(?:项|择)?)[\]】]\s*:?|\bans\.\s+|[.;!…]\s+final(?:ly)?\s*:|(?:^|-\s+)(?:final\s+)?answers?\.[ \t]+|^[\s>*#]*(?:(?:final|my)\s+)?(?:answer|ans)[ \t]+-+[ \t]+",
        // The correct option here is / my pick:
        r"|\b(?:final|correct|best|right|selected|chosen|my|remaining|possible|appropriate|suitable)\s+(?:options?|choices?|selections?|picks?|guess|letters?|decision|one|statements?|ones|answers)\b(?:\s+(?:here|then|now|left|for\s[^.:;=\n]{1,40}?))?[\s,]*(?:(?:is|are|would\s+be|must\s+be|should\s+be|has\s+to\s+be|seems?\s+to\s+be|therefore|thus|then|clearly|includes?|[:=])\s*)+",
        r"|\b(?:are|is)\s+(?:correct|right|true|valid):",
        // "selected_option": / <choice>
        r#"|["']?\b(?:final|selected|correct|chosen|predicted)_(?:answers?|options?|choices?|letters?)["']?\s*[:=]"#,
        r#"|["'](?:choices?|options?|selected|selection|answers|correct|prediction|letters?|response|pick|final|best[_ ]choice|(?:最终|正确|最佳|我的|所选)?(?:选项|选择)|正确项|答)["']\s*:"#,
        r"|<(?:final[_ ]?)?(?:choices?|options?|selection|result|answers)>",
        // 最合适的选项是 / 正确的有 / 结论：
        r"|(?:最终|最后)?(?:结论|选择|选项|判断|决定)(?:结果)?\s*(?:[是为選:=]|应为)+",
        r"|最(?:合适|恰当|佳|准确|好|符合题意|符合|贴切|合理|适合)的?(?:选项|答案|选择|说法|一项|一个)?(?:应该|应)?\s*[是为:=]+",
        r"|(?:符合(?:题意|要求|条件)|正确|成立|合理|恰当|属实|应选|可选)的?(?:选项|一项|几项|一组|说法|表述|叙述|描述|答案|结论|选择|项)?(?:应该|应|就|只|分别)?\s*(?:[是为有:=]|包括|包含)+",
        r"|^\s*解\s*:",
        r"|我选(?:择)?的(?:选项|答案)?是",
        r")[ \t\u{2009}]*",
    ))
});
static CHOOSES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)\b(?:(?:chang(?:e|ed|ing)|switch(?:ed|ing)?|revis(?:e|ed|ing)|correct(?:ed|ing)?|updat(?:e|ed|ing)|mov(?:e|ed|ing)|amend(?:ed|ing)?)\s+(?:(?:it|this|that|(?:my|the)\s+(?:final\s+)?(?:answer|choice|selection|response))\s+)?(?:from\s+(?:option\s+)?\(?(?-i:[A-J])\)?\s+)?to|choose|pick|select|go(?:ing)?\s+with|opt\s+for|vote\s+for|settle\s+on|choosing|picking|selecting|my\s+(?:choice|pick|guess)\s+is|left\s+with|leaves(?:\s+us\s+with)?|leaving(?:\s+us\s+with)?(?:\s+only)?|i(?:'d|\s+would|'ll|\s+will)?\s+(?:answer|mark|submit|put\s+down)|make\s+(?:that|it)|(?:which|that|this)\s+is\s+(?:option|choice)|(?:corresponds?\s+to|matches|match|points?\s+to|namely)\s+(?:option|choice|answer))\s+",
        r"|(?:\p{Han}|,|。|:|;|\s|\A)选(?:择|擇)?(?:的就?是)?(?:答案|选项)?[\s:]*|(?:应该?|应当|故|所以|就|要|宜|[,。])填(?:写|入|上)?\s*|(?:改选?|换|更改|更正|修改|修正|调整|订正)(?:成|为|选)\s*|答案\s*",
    ))
});
static CONCLUDES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\A|[\s,.;:!?。])(?:(?:(?:so|thus|therefore|hence|it's|it\s+is|it\s+must\s+be|it\s+has\s+to\s+be|that's|that\s+is|this\s+is|(?:that|this|it)\s+would\s+be|it\s+was|(?:the|this)\s+(?:statement|claim|sentence|proposition|assertion)\s+is|i\s+think|i\s+believe|(?:i'd|i\s+would)\s+say|must\s+be|it\s+should\s+(?:have\s+been|be))\b[ \t,:]*)+",
        r"|(?:应该是|应为|所以|因此|故|综上|因而|我认为|我觉得|我想|也就是|即|就是|其实是|对应的?(?:是|为)?|(?:大概|肯定|一定|估计|多半|应该|显然|当然|必然|绝对)就?是)[ \t,:]*)+",
    ))
});
static LIKEWISE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A(?:is|are|was|were|do|does|did|has|have|had|can|will|would)\s"));
static TASK: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A(?:all|every|each|any|the\s+(?:correct|best|right|true))\b[^.:\n]{0,40}\b(?:that|which|apply|applies)\b[^.:\n]{0,40}(?:[.\n]|\z)",
    )
});
/// An empty place to fill in, as in the question itself: 正确的是（ ）.
static BLANK: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\s*(?:[(\[（]\s*[)\]）]|_{2,}|\?)"));

/// What makes of the word for an option one for all of them: 逐一来看各个选项:.
static EACH: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?:各个?|每一?个|这些|所有|全部|下列|以下|[二两三四五六几]个|分析|看|比较|备|候|待)\z"));

/// Where an answer is announced, in order; what denies itself or leaves a blank is left out.
pub fn announced(text: &str) -> Vec<Place> {
    let general = statements(text)
        .filter(|s| !is_anothers(text, s.at))
        .filter(|s| s.marker == Marker::Words || hashes_name_options(text, s.body))
        .map(|s| Place { at: s.at, body: s.body, via: Via::Announced });
    let mut all: Vec<Place> = general.collect();
    let of_each = |head: &str, place: usize| here(text, place).is_empty() && EACH.is_match(head);
    let own = ANNOUNCED.find_iter(text).filter(|m| {
        let head = before(text, m.start(), 12);
        let options = m.as_str().contains('选') && of_each(head, m.end());
        !options && !is_denied(text, m.start()) && !is_anothers(text, m.start()) && !is_wrong(head)
    });
    for found in own {
        // What stands on the lines below is read line by line.
        let (at, body) = (found.start(), found.start() + found.as_str().trim_end().len());
        // 正确答案是: found by both; the one that reaches farther is meant.
        if !all.iter().any(|p| p.at <= body && at <= p.body && p.body >= body) {
            all.push(Place { at, body, via: Via::Announced });
        }
    }
    all.retain(|place| !BLANK.is_match(text.get(place.body..).unwrap_or("")));
    all.sort_by_key(|place| (place.at, place.body));
    all.split_off(all.len().saturating_sub(MOST))
}

/// What opens a quotation.
const QUOTES: [char; 4] = ['"', '“', '「', '『'];

/// Whether what is said at a place is what somebody else says: "You said the answer was B", 小王选C.
pub fn is_anothers(text: &str, at: usize) -> bool {
    let head = before(text, at, 60);
    let clause = |head: &str| {
        let parted = head.char_indices().rfind(|(_, c)| matches!(c, ',' | ';' | ':' | '.' | '。' | '!' | '?' | '\n'));
        parted.map_or(0, |(at, c)| at + c.len_utf8())
    };
    let here = clause(head);
    // `The guide states, "The answer …`: who is quoted stands before the mark that leads to the quotation.
    let said = head.get(here..).unwrap_or("").trim_start();
    let quoted = said.starts_with(QUOTES) && said.matches(QUOTES).count() == 1;
    let lead = head.get(..here).unwrap_or("").trim_end_matches([',', ':']);
    let from = if quoted { clause(lead) } else { here };
    cues::is_reported(head.get(from..).unwrap_or(head)) || is_first_thought(text, at)
}

/// Whether a place is in a question.
fn is_asked(text: &str, at: usize) -> bool {
    let rest = after(text, at, 60);
    rest.find(['.', '。', '!', '?', ';', '\n', ','])
        .and_then(|end| rest.get(end..))
        .is_some_and(|end| end.starts_with('?'))
}

fn is_wrong(head: &str) -> bool {
    static WRONG: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)(?:(?:不|非)(?:正确|对)?的?|错误的?|\b(?:incorrect|wrong|false|not\s+(?:the\s+)?|no))\s*\z")
    });
    WRONG.is_match(head)
}

/// Where an option is chosen or concluded on; what denies itself is left out.
pub fn chosen(text: &str) -> Vec<Place> {
    let mut all = Vec::new();
    for (finder, via) in [(&CHOOSES, Via::Chosen), (&CONCLUDES, Via::Concluded)] {
        let places: Vec<_> = finder.find_iter(text).collect();
        for found in places.iter().skip(places.len().saturating_sub(MOST)) {
            // The character before 选 is part of what was found.
            let verb = found.as_str().find('选').map_or(found.start(), |at| found.start() + at);
            // 选项 is a noun; "and so is iron" says the same of another thing.
            let noun = text.get(found.end()..).is_some_and(|rest| rest.starts_with('项'));
            let likewise = found.as_str().to_lowercase().trim_end().ends_with("so")
                && LIKEWISE.is_match(after(text, found.end(), 8));
            // 选A还是选B: open.
            let open = before(text, verb, 3).ends_with("还是") || before(text, verb, 1).starts_with(['备', '候', '待']);
            // "We have to select every statement that is true" tells the task.
            let task = TASK.is_match(after(text, found.end(), 80));
            if !open
                && !task
                && !noun
                && !likewise
                && !is_anothers(text, found.end())
                && !is_asked(text, found.end())
                && !is_denied(text, found.start())
                && !is_denied(text, verb)
                && !UNWANTED.is_match(before(text, found.start(), 24))
                && !UNWANTED.is_match(before(text, verb, 24))
                && !is_of_those(text, verb)
                && !is_case(text, found.start())
                && !is_of_another(text, verb)
                && !cues::is_mistaken(text.get(..found.end()).unwrap_or(""))
            {
                all.push(Place { at: found.start(), body: found.end(), via });
            }
        }
    }
    all
}

/// What keeps a verb that chooses from choosing: "I decline to pick", 不要改成.
static UNWANTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:never|not|could|might|decline|refuse|hesitate|unable|unwilling)\s+(?:to\s+)?|n't\s+|[没未]有?再?|不要|不能|不可以?|不应该?|不该|不必|不用|无需|没必要|要不要)\z",
    )
});

/// Whether a verb that chooses tells of those who do, or of one that is elected: 选A的人, 选B的话, C当选,….
fn is_of_those(text: &str, verb: usize) -> bool {
    static THOSE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A选(?:择|了)?\s*[A-Ja-j]+\s*(?:选?项)?(?:的(?:人|同学|学生|考生|朋友|那些|话)|则|会|就会|便会|把|误|混淆|忽略)",
        )
    });
    let rest = after(text, verb, 16);
    THOSE.is_match(rest)
        || before(text, verb, 1) == "当"
            && rest.starts_with(['选'])
            && rest.chars().nth(1).is_some_and(|c| matches!(c, ',' | '。' | ';'))
}

/// Whether a place follows from a case that is only looked at: 如果B不对,就选C.
pub fn is_case(text: &str, at: usize) -> bool {
    static CASE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:如果|若|假如|要是)[^。;\n]{0,12}?(?-i:[A-J])[^。;\n]{0,12}?(?:不对|错|不正确|不行|不成立|不符合)[^。;\n故因所应]{0,12}\z|\bif\s+(?:option\s+)?\(?(?-i:[A-J])\)?\s+(?:is|were|turns)\b[^.;\n]{0,40}\z",
        )
    });
    CASE.is_match(before(text, at, 60))
}

/// `#### B` announces; `#### Background` is a heading.
fn hashes_name_options(text: &str, body: usize) -> bool {
    static SOLE: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\A(?:\(?[A-Ja-j]\)?|[A-J]{2,10}|[A-J](?:\s*[,、]\s*[A-J])+)[.。]?\z"));
    SOLE.is_match(line_at(text, body))
}

/// The rest of the line at a place, which may be empty.
pub fn here(text: &str, from: usize) -> &str {
    after(text, from, REACH).lines().next().unwrap_or("").trim()
}

/// Where a place of a text is in a form of it in which labels are letters: near enough to tell the order.
pub fn shifted(from: &str, to: &str, at: usize) -> usize {
    if from.len() == to.len() {
        return at;
    }
    let lines = from.get(..at).map_or(0, |head| head.matches('\n').count());
    let start: usize = to.split_inclusive('\n').take(lines).map(str::len).sum();
    let column = from.get(..at).and_then(|head| head.rsplit('\n').next()).map_or(0, str::len);
    let line = to.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    let near = start + column.min(line);
    (near..=to.len()).find(|i| to.is_char_boundary(*i)).unwrap_or(to.len())
}

/// Whether a letter or an option's words end their sentence soon: "so it's B." and not "so B grows faster than A".
pub fn is_short(body: &str) -> bool {
    static SHORT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r#"(?i)\A(?:option|choice|answer|选项|选|the\s+answer\s+is|\s|:)*[(\["']?[A-J][)\]"']?(?:选项|项)?\s*(?:[.。!;,:]|\z|\bbecause\b|\bsince\b|\bnot\b|\bit\s+is\b)"#,
        )
    });
    SHORT.is_match(body)
        || body.split_whitespace().count() <= 6
            && !body.starts_with(|c: char| c.is_ascii_uppercase() && index_of(c).is_some())
}

/// `B`, `(b)`, `**C**.`: a line that is nothing but a letter.
pub fn only_letter(line: &str) -> Option<usize> {
    static SOLE: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r#"\A\s*(?:[>#-]+\s*|\d{1,2}[.)]\s+)?(?:[✅✓✔☑👉➡⭐🎯]\x{FE0F}?\s*)?["'(\[【《]?(?:选项|[Oo]ption\s+|[Cc]hoice\s+|[Ll]etter\s+)?[(\[]?([A-Ja-j])[)\]】》"']*\s*(?:选项|项)?[.。)!:,]?["']?\s*(?:[✅✓✔☑⭐🎯😊]\x{FE0F}?\s*)?\z"#,
        )
    });
    SOLE.captures(line)?.get(1)?.as_str().chars().next().and_then(index_of)
}
