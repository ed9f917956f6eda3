//! Scorer `number`: the number an answer states, compared exactly (or within a tolerance) with the reference.
//!
//! Read in this order: the last box or announced answer (whichever comes later); a text that is nothing but a number; a
//! conclusion (所以一共是…); the only number of the last line; the last number. A statement with two different numbers,
//! an expression that was not worked out, a date or a range is not a number, and no guess is made among its parts. What
//! the output limit cut counts only where a box or an announcement is complete.
//!
//! A unit beside the number counts where the reference has one too ([`units`]): 12,000 m is 12 km, 12 m and 12 kg are not.
//! A reference without a unit doesn't ask for one, and an answer without one is taken in the reference's.

pub(super) mod chinese;
mod conclusion;
mod digits;
mod english;
mod first;
mod lex;
mod measures;
mod program;
mod prose;
mod share;
mod spelled;
mod units;
mod value;
mod worded;

use super::prepared::Prepared;
use super::text::{
    self, Marker, Pattern, are_alternatives, breaks_off, fold, last_bold, last_boxes, line_at, only_refuses, pattern,
    plain, readable, refuses, statements, tail, taken_back,
};
use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Verdict};
use lex::{Context, Role, tokens};
use measures::in_figures;
use prose::{single, unannounced, without_ticked_check};
use share::{as_share, is_another_share};

use std::sync::{Arc, LazyLock};
use units::Unit;
use value::Value;

pub(super) use prose::sole;

/// `scorer = "number"`.
pub const KIND: Kind = Kind {
    name: "number",
    about: "the number the answer states, exact or within `absolute` / `relative`; `percent = \"unit\" | \"fraction\"`",
    build,
};

/// Grows whenever a verdict could change.
const VERSION: u32 = 14;

/// What a percent sign means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Percent {
    /// A unit: 12% is 12, with or without the sign on either side.
    Unit,
    /// A fraction: 12% is 0.12.
    Fraction,
}

#[derive(Debug)]
struct Numeric {
    absolute: f64,
    relative: f64,
    percent: Percent,
    accepted: Prepared<Vec<Number>>,
}

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    let exact = Numeric { absolute: 0.0, relative: 0.0, percent: Percent::Unit, accepted: Prepared::default() };
    let Some(section) = section else { return Some(Arc::new(exact)) };
    let limit = |key| {
        let value = section.or(key, 0.0_f64)?;
        if value < 0.0 {
            section.problem(key, "expected a number from 0", None);
            return None;
        }
        Some(value)
    };
    let (absolute, relative) = (limit("absolute"), limit("relative"));
    let percent = if section.has("percent") {
        section.choice("percent", &[("unit", Percent::Unit), ("fraction", Percent::Fraction)])
    } else {
        Some(exact.percent)
    };
    section.finish();
    Some(Arc::new(Numeric { absolute: absolute?, relative: relative?, percent: percent?, ..exact }))
}

impl Scorer for Numeric {
    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        let finding = match readable(answer) {
            Err(finding) => finding,
            Ok(shown) => match read(&in_figures(tail(&shown.text)), shown.cut || breaks_off(&shown.text)) {
                Ok((number, rule)) => {
                    let number = Number { unit: number.unit.or_else(|| declared(&shown.text, &number)), ..number };
                    Finding::judged(self.is_right(item, &number, &shown.text), number.shown(), rule)
                }
                Err(rule) if rule != UNCLEAR && refuses(&shown.text) => Finding::bare(Verdict::Refused, "refused/text"),
                Err(rule) => Finding::bare(Verdict::Unparsed, rule),
            },
        };
        finding.into()
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        if item.answers.is_empty() {
            return Err("a number item needs an answer".into());
        }
        match item.answers.iter().find(|a| reference(a).is_none()) {
            Some(answer) => Err(format!("the answer {:?} is not a number", text::excerpt(answer))),
            None => Ok(()),
        }
    }

    fn fingerprint(&self) -> String {
        let Self { absolute, relative, percent, accepted: _ } = self;
        format!("number/{VERSION} absolute={absolute} relative={relative} percent={percent:?}")
    }
}

impl Numeric {
    fn is_right(&self, item: &Item, number: &Number, text: &str) -> bool {
        let accepted = self.accepted.of(item, |item| item.answers.iter().filter_map(|a| reference(a)).collect());
        let share = |accepted: &Number| as_share(number, accepted, text).is_some_and(|n| self.is_one(&n, accepted));
        let one = |n: &Number| self.is_one(number, n) && !is_another_share(number, n, text);
        accepted.iter().any(|accepted| one(accepted) || share(accepted))
    }

    /// Whether a number is an accepted one.
    fn is_one(&self, number: &Number, accepted: &Number) -> bool {
        let within = |got: &Value, wanted: &Value| got.is_within(wanted, self.absolute, self.relative);
        // 3‰ is 0.3%, and 0.003.
        if number.permille != accepted.permille && (number.permille || accepted.permille) {
            let share = |n: &Number| if n.percent { n.value.clone().scaled(-2) } else { n.value.clone() };
            return within(&share(number), &share(accepted));
        }
        let (got, wanted) = (self.meaning(number), self.meaning(accepted));
        match (number.unit, accepted.unit) {
            (Some(unit), Some(other)) => {
                let converted = unit.in_terms_of(other).into_iter().filter_map(|by| got.product(&by));
                converted.into_iter().any(|got| within(&got, &wanted))
            }
            // 12% are not 12 km.
            (Some(_), None) if accepted.percent => false,
            (None, Some(_)) if number.percent => false,
            // 2小时30分钟 are 2.5, or 150.
            (Some(_), None) => within(&got, &wanted) || number.least.as_ref().is_some_and(|l| within(l, &wanted)),
            (None, _) => within(&got, &wanted),
        }
    }

    fn meaning(&self, number: &Number) -> Value {
        match self.percent {
            Percent::Fraction if number.percent => number.value.clone().scaled(-2),
            Percent::Fraction | Percent::Unit => number.value.clone(),
        }
    }
}

/// A number as it was stated.
#[derive(Debug, Clone)]
struct Number {
    value: Value,
    percent: bool,
    /// In thousandths: its value is the share.
    permille: bool,
    unit: Option<Unit>,
    /// Of several measures of one quantity (2小时30分钟): the whole in the smallest of their units.
    least: Option<Value>,
}

impl PartialEq for Number {
    /// The same number, or the same amount in another unit.
    fn eq(&self, other: &Self) -> bool {
        let same = self.value == other.value && self.percent == other.percent;
        match (self.unit, other.unit) {
            (Some(mine), Some(theirs)) => mine
                .in_terms_of(theirs)
                .into_iter()
                .filter_map(|by| self.value.product(&by))
                .any(|value| value == other.value),
            // 0.35, or 35%.
            (None, None) if self.percent != other.percent && !self.permille && !other.permille => {
                let share = |n: &Self| if n.percent { n.value.clone().scaled(-2) } else { n.value.clone() };
                share(self) == share(other)
            }
            _ => same,
        }
    }
}

impl Number {
    const fn bare(value: Value, percent: bool) -> Self {
        Self { value, percent, permille: false, unit: None, least: None }
    }

    /// With the unit that a text begins with.
    fn with_unit(self, behind: &str) -> Self {
        let unit = units::behind(behind).map(|(unit, _)| unit).filter(|_| !self.percent);
        Self { unit, ..self }
    }

    fn shown(&self) -> String {
        text::excerpt(&format!("{}{}", self.value, if self.percent { "%" } else { "" }))
    }
}

/// The unit that a text says its answer is in: "The answer in metres is 12", 单位：米, `"unit": "m"`.
fn declared(text: &str, number: &Number) -> Option<Unit> {
    static IN: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r#"(?i)\bin\s+(?P<en>[a-z][a-z0-9/^²³ ]{0,24}?)\s*\)?["']?\s*(?:\bis\b|\bare\b|[:=])|["']?\bunits?\b["']?\s*(?:\bis\b|[:=])\s*["']?(?P<unit>[^\s"',.}]{1,16})|单位(?:为|是)?\s*[:：]?\s*(?P<zh>[^\s"',.。;)}]{1,8})"#,
        )
    });
    if number.percent || number.permille || !text.contains(|c: char| c.is_ascii_digit() || chinese::is_numeral(c)) {
        return None;
    }
    let found = IN.captures_iter(tail(text)).take(MOST).last()?;
    let said = found.name("en").or_else(|| found.name("unit")).or_else(|| found.name("zh"))?.as_str();
    // All of it is a unit, and not a word that begins like one.
    units::behind(said).filter(|(_, length)| *length == said.len()).map(|(unit, _)| unit)
}

/// Words that make another number of the one behind them, or before them: "twice 15", 15的两倍.
static ALTERED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:twice|double|triple|thrice|half(?:\s+of)?|(?:third|quarter|fifth|tenth)s?\s+of|(?:more|less|fewer|greater|smaller|larger)\s+than|(?:two|three|four|five|ten|\d)\s+times)\s+[$¤]?-?\d|\d\s*[\p{Han}]{0,2}的(?:[两二三四五六七八九十百\d]+倍|一半|平方|立方|[一二三四五六]分之)|\d\s?[多余几][个只条本张件名位人元米天年岁次种]|比\s*\d+[\p{Han}]{0,3}[多少大小高低长短]",
    )
});

/// Whether what a statement says of its one number makes another one of it.
pub(super) fn is_altered(statement: &str) -> bool {
    ALTERED.is_match(statement)
}

/// What a statement comes to.
#[derive(Debug, Clone, PartialEq)]
enum Reading {
    Said(Number),
    /// Several numbers, or one that can't be taken alone.
    Unclear,
    /// No number at all.
    Nothing,
}

fn reference(answer: &str) -> Option<Number> {
    match stated(plain(&in_figures(&fold(answer))).text.trim()) {
        Reading::Said(number) => Some(number),
        Reading::Unclear | Reading::Nothing => None,
    }
}

/// How many announcements are looked at, from the end: more is no answer but a loop.
const MOST: usize = 100;

/// How many announcements may be alternatives of one another.
const ALTERNATIVES: usize = 6;

const UNCLEAR: &str = "number/unclear";
const CUT: &str = "number/cut-short";

/// The number a visible text answers with and the rule that found it, or the rule that says why there is none.
fn read(shown: &str, cut: bool) -> Result<(Number, &'static str), &'static str> {
    let plain = plain(shown);
    // What the limit cut may be half a number.
    let whole = plain.text.as_str();
    // 12 *: taken for markup, where it is an operator.
    if shown.trim_end().strip_suffix(" *").is_some_and(|head| head.ends_with(|c: char| c.is_ascii_digit() || c == ')'))
    {
        return Err(CUT);
    }
    let text = if cut { whole.trim_end_matches(may_go_on) } else { whole };
    let all: Vec<_> = statements(text).collect();
    // From the end: the last one that can be read is the one.
    let read_at = |s: &text::Statement| {
        let body = line_at(text, s.body);
        let heading = s.marker == Marker::Hashes && HEADING.is_match(body);
        let reading = if heading { Reading::Nothing } else { stated(body) };
        (reading != Reading::Nothing).then_some((*s, reading))
    };
    let announced = all.iter().rev().take(MOST).find_map(read_at);
    let boxed = match (&plain.boxed, plain.open_box) {
        (_, Some(_)) if cut => return Err(CUT),
        (boxed, Some(open)) if boxed.as_ref().is_none_or(|b| b.start < open) => Some((open, line_at(whole, open))),
        (Some(range), _) => Some((range.start, plain.boxed_text().unwrap_or(""))),
        (None, _) => None,
    };
    if let Some((at, content)) = boxed {
        if let Some((statement, Reading::Said(number))) = &announced
            && statement.at > at
        {
            return amended(text, statement.body).unwrap_or_else(|| Ok((number.clone(), rule(statement.marker))));
        }
        let side_by_side = last_boxes(shown);
        if side_by_side.iter().any(|other| stated(other) != stated(content)) {
            return Err(UNCLEAR);
        }
        if let Some(result) = amended(text, at) {
            return result;
        }
        // A box holds no exclamations: 5! in it is a factorial.
        return match stated(content) {
            Reading::Said(number) if !content.contains('!') => {
                // \boxed{12} km: the unit may stand behind the box.
                let behind = plain.boxed.as_ref().and_then(|range| whole.get(range.end..)).unwrap_or("");
                let number = if number.unit.is_none() { number.with_unit(behind) } else { number };
                Ok((number, "number/boxed"))
            }
            _ => Err(UNCLEAR),
        };
    }
    match announced {
        Some((statement, Reading::Said(number))) => {
            let last = all.get(all.len().saturating_sub(ALTERNATIVES)..).unwrap_or(&all);
            let said: Vec<_> = last.iter().filter_map(read_at).map(|(s, reading)| (s.at, reading)).collect();
            if are_alternatives(text, &said) {
                return Err(UNCLEAR);
            }
            return amended(text, statement.body).unwrap_or(Ok((number, rule(statement.marker))));
        }
        Some(_) => return Err(UNCLEAR),
        None if cut => return Err(CUT),
        None => {}
    }
    if only_refuses(text) {
        return Err("number/none");
    }
    match program::left_out(shown) {
        Some(Some(rest)) => unannounced(&text::plain(&rest).text, last_bold(&rest)),
        Some(None) => Err(UNCLEAR),
        None => match without_ticked_check(shown) {
            same if same.len() == shown.len() => unannounced(text, last_bold(shown)),
            head => unannounced(&text::plain(head).text, last_bold(head)),
        },
    }
}

/// Whether a character at the very end of a text may be half of a number or of a word.
fn may_go_on(c: char) -> bool {
    !c.is_whitespace() && (u32::from(c) < 0x2E80 || chinese::is_numeral(c))
}

/// What an answer was changed to behind its announcement: "Wait, it should be 42", 不对，应该是42.
static AMENDED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?i)(?:\b(?:wait|oops|no|actually|correction|sorry|scratch\s+that|on\s+second\s+thought|i\s+made\s+(?:a|an)\s+(?:mistake|error))\b[^\n]{0,200}?\b(?:it\s+should\s+(?:have\s+been|be)|should\s+be|must\s+be|it\s+is|it's|that's)\s+(?:actually\s+)?",
        r"|\b(?:wait|oops|actually|correction|hold\s+on)\b[^\n]{0,200}?\b(?:making|makes|bringing|leaving|giving|gives)\s+(?:(?:it|that|this|us|the\s+\w+)\s+)?(?:up\s+|down\s+)?(?:to\s+)?(?:a\s+total\s+of\s+)?",
        r"|(?:不对|更正|纠正|错了|哦不|其实)[^\n]{0,80}?(?:应该?是|应为|应当是|而是|是)\s*)",
    ))
});

/// The number that takes the place of an announced one, or why there is none any more.
fn amended(text: &str, from: usize) -> Option<Result<(Number, &'static str), &'static str>> {
    let rest = text.get(from..)?;
    let last = AMENDED.find_iter(rest).take(MOST).last().map(|found| stated(line_at(rest, found.end())));
    match last {
        Some(Reading::Said(number)) => Some(Ok((number, "number/amended"))),
        _ if taken_back(text, from) => Some(Err("number/taken-back")),
        _ => None,
    }
}

const fn rule(marker: Marker) -> &'static str {
    match marker {
        Marker::Words => "number/marker",
        Marker::Hashes => "number/hashes",
    }
}

/// `#### 2. Next step` is a heading.
static HEADING: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\d+\s*[.)、:]\s*\p{L}"));

/// Where a statement gives its reason or goes on to something else.
static REASON: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)[\s,]+(?:because|since|as|which|where|so|but|when|given|due|using|rather|instead|i\.e\.|that\s+is)\b|[;。\n]|</|[.!](?:\s|\z)|因为|由于|因而|所以|即",
    )
});

/// `41. No, 42`: what takes a number back, up to the next one.
static CORRECTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s.,!;-]*(?:no|wait|sorry|correction)\b[\s.,!:;-]*(?:(?:no|wait|it's|it\s+is|that's|i\s+mean|rather|it\s+should\s+be|make\s+that)\b[\s,:]*)*",
    )
});

/// A pause after which words follow: `42, as shown`, `42 (see above)`.
static PAUSE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[,、]\s*(?:and\b|or\b|和|或|以及|[\p{L}\p{Han}])|\s?\("));

/// Reads a text that is to be nothing but one number with its unit, a name before `=`, and perhaps a reason after it.
fn stated(body: &str) -> Reading {
    // {"answer": 42, "unit": "km"}: up to the next key.
    let body = body.get(..NEXT_KEY.find(body).map_or(body.len(), |m| m.start())).unwrap_or(body);
    let mut all = tokens(body, Context::Stated);
    all.retain(|t| !matches!(t.role, Role::Label | Role::Denied));
    let Some(first) = all.first() else { return in_words(body) };
    // 答案是六分之一。掷一枚骰子有6种…: what the statement itself says in words comes before figures of what follows it.
    if body.get(..first.start).is_some_and(|head| head.contains(['。', '\n']) || head.contains(". "))
        && let Reading::Said(number) = in_words(body)
    {
        return Reading::Said(number);
    }
    // In 12!/10! = 132 the marks are factorials, and end no sentence.
    let factorial = |at: usize| {
        let behind = body.get(at..).and_then(|rest| rest.strip_prefix('!')).map_or("", str::trim_start);
        text::before(body, at, 1).ends_with(|c: char| c.is_ascii_digit() || c == ')')
            && behind.starts_with(['=', '/', '×', '*', '÷', '+', '-', ')', '·'])
    };
    let mut ends = REASON.find_iter(body).map(|m| m.start()).filter(|at| *at >= first.end && !factorial(*at));
    let reason = ends.next().unwrap_or(body.len());
    let corrected = body.get(reason..).and_then(|rest| CORRECTED.find(rest)).map(|m| reason + m.end());
    // Only where a number follows at once: otherwise it goes on to something else.
    let corrected = corrected.filter(|at| {
        body.get(*at..).is_some_and(|r| r.trim_start_matches(['-', '¤']).starts_with(|c: char| c.is_ascii_digit()))
    });
    if let Some(Reading::Said(number)) = corrected.map(|at| stated(body.get(at..).unwrap_or(""))) {
        return Reading::Said(number);
    }
    let (mut from, mut to) = (0, reason);
    let sentence = body.get(..reason).unwrap_or(body);
    if let Some(equals) = sentence.rfind('=') {
        // `x = 1 or x = 2` states two numbers; `f(1, 2) = 3` and `3·4 = 12` state one.
        let between = sentence.get(sentence.find('=').unwrap_or(equals)..equals).unwrap_or("");
        if JOINED.is_match(between) {
            return Reading::Unclear;
        }
        if all.iter().any(|t| t.start > equals && t.end <= reason) {
            from = equals;
        } else {
            to = equals;
        }
    }
    // Of `10/3 ≈ 3.33` the exact side counts.
    if let Some(about) = body.get(from..to).and_then(|s| s.find('≈')).map(|at| from + at) {
        // 9π ≈ 28.27: the exact side is no number.
        let symbolic = body.get(from..about).is_some_and(|exact| exact.contains(['π', '√']));
        let exact = !symbolic && all.iter().any(|t| t.start >= from && t.end <= about);
        if exact { to = about } else { from = about }
    }
    let Some(head) = all.iter().find(|t| t.start >= from && t.end <= to) else { return Reading::Unclear };
    let pause = PAUSE
        .find_iter(body.get(..to).unwrap_or(body))
        .find(|m| m.start() >= head.end && !GOES_ON.is_match(m.as_str()));
    to = pause.map_or(to, |m| m.start());
    let mut numbers = all.iter().filter(|t| t.start >= from && t.end <= to).map(single);
    let Some(Some(number)) = numbers.next() else { return Reading::Unclear };
    if numbers.all(|other| other.as_ref() == Some(&number)) { Reading::Said(number) } else { Reading::Unclear }
}

static NEXT_KEY: LazyLock<Pattern> = LazyLock::new(|| pattern(r#"["']?\s*,\s*["'][^"'\n]{1,40}["']\s*:"#));

/// What joins two numbers into a list.
static GOES_ON: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)(?:and|or|和|或|以及)\z"));
/// A list between two equations.
static JOINED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)[,;、]\s*\D|,\s|\b(?:and|or)\b|和|或|以及"));

/// A statement without digits: a numeral in words.
fn in_words(body: &str) -> Reading {
    if body.is_ascii() {
        return in_english(body);
    }
    // 人民币(大写):壹仟元整.
    let written = body.contains("(大写)").then(|| body.replace("(大写)", ""));
    let body = written.as_deref().unwrap_or(body);
    let sentence = body.split(['。', ',', ';', '.', '!', '\n', '<', '(']).next().unwrap_or("");
    let mut rest = sentence.trim_matches(|c: char| c.is_whitespace() || "\"':=“”「」".contains(c));
    while let Some(after) = LEAD_IN.iter().find_map(|word| rest.strip_prefix(word)) {
        rest = after.trim_start_matches([' ', ':']);
    }
    let Some((value, percent, after)) = chinese::numeral(rest) else { return Reading::Nothing };
    let one = value == Value::integer(1);
    let fits = if one { MEASURE.is_match(after) } else { MEASURED.is_match(after) };
    let permille = rest.trim_start_matches('负').starts_with("千分之");
    let number = Number { permille, ..Number::bare(value, percent) };
    if fits { Reading::Said(number.with_unit(after)) } else { Reading::Nothing }
}

/// What may stand before a numeral in words, and behind it.
static BEFORE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)\A[\s"':=*({-]*(?:(?:so|thus|therefore|hence|then),?\s+)?(?:(?:it|that|this|there|x|they|(?:the|your|our|my)\s+(?:\w+\s+)?(?:answer|result|total|sum|value|number))\s+(?:is|are|was|were|equals)\s+)?(?:(?:equals?|about|approximately|exactly|roughly|a\s+total\s+of|only|just|precisely|the\s+number)\s+)*"#,
    )
});
static BEHIND: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r#"(?i)\A["')}*\s]*(?:[.,;!(\n]|</|\z|because\b|since\b|not\b|\s*[a-z%]+(?:\s+[a-z]+){0,3}\s*(?:[.,;!(\n]|\z))"#,
    )
});
static NO_UNIT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*(?:or|and|to|of\s+the|out\s+of|if|when|thing|things|way|ways|other|another|more|less|plus|times|minus|factorial|squared|cubed|point|hundred|thousand)\b",
    )
});

/// What says behind a numeral that it is none: "seven is not the answer", "seven might have".
static DOUBTED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s+(?:[a-z]+\s+)?(?:(?:is|are|was|were)(?:\s+not|n't)|might|may|could|can't|cannot|can\s+not)\b|\A\s+(?:is|are)\s+(?:wrong|incorrect|too)\b",
    )
});

/// `forty-two`, `forty-two apples`; a lone "one" and numerals that go on to something else are no statement.
fn in_english(body: &str) -> Reading {
    let rest = body.get(BEFORE.find(body).map_or(0, |m| m.end())..).unwrap_or("");
    let Some((value, percent, words, behind)) = english::numeral(rest) else { return Reading::Nothing };
    let unit = behind;
    let (value, behind) = with_cents(value, behind);
    let sentence = behind.split(['.', ';', '!', '\n']).next().unwrap_or("");
    let ends = BEHIND.is_match(behind) && !NO_UNIT.is_match(behind) && !DOUBTED.is_match(sentence);
    let bare = !behind.contains(|c: char| c.is_ascii_alphabetic());
    let fits = ends && (bare || words > 1 || value != Value::integer(1));
    if fits { Reading::Said(Number::bare(value, percent).with_unit(unit)) } else { Reading::Nothing }
}

/// "Twelve dollars and fifty cents": an amount with what is said behind its unit, and the words behind all of it.
fn with_cents(value: Value, behind: &str) -> (Value, &str) {
    static AND: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A\s+(?:dollars?|euros?|pounds?)\s+(?:and\s+)?"));
    static CENTS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A\s+(?:cents?|pence|penny)\b"));
    let cents =
        AND.find(behind).and_then(|m| english::numeral(behind.get(m.end()..)?)).and_then(|(cents, _, _, rest)| {
            let end = CENTS.find(rest)?.end();
            Some((value.sum(&cents.scaled(-2))?, rest.get(end..)?))
        });
    cents.unwrap_or((value, behind))
}

/// The number that a text without figures and without mathematics tells in words: 方程共有五个解, "Eighteen."
pub(super) fn told_in_words(text: &str, cut: bool) -> Option<String> {
    if cut || text.contains(|c: char| c.is_ascii_digit() || "\\$=^√π{}".contains(c)) {
        return None;
    }
    // "Two cases remain" counts what is not asked for.
    if english::numeral(text).is_some_and(|(.., behind)| prose::VAGUE.is_match(behind)) {
        return None;
    }
    unannounced(&plain(text).text, None).ok().map(|(number, _)| number.shown())
}

/// What a short English text says in words alone, in figures: "it is exactly one half".
pub(super) fn in_english_words(text: &str) -> Option<String> {
    // "Two cases remain" counts what is not asked for.
    let behind = text.get(BEFORE.find(text).map_or(0, |m| m.end())..).and_then(english::numeral);
    if behind.is_none_or(|(_, _, _, rest)| rest.split_whitespace().count() > 1) {
        return None;
    }
    match in_english(text) {
        Reading::Said(number) if !text.contains(|c: char| c.is_ascii_digit()) => Some(number.shown()),
        _ => None,
    }
}

const LEAD_IN: &[&str] = &[
    "人民币",
    "大写",
    "金额",
    "合计",
    "共计",
    "总计",
    "这个数",
    "该数",
    "总数",
    "结果",
    "一共",
    "总共",
    "共有",
    "共",
    "大约",
    "大概",
    "约",
    "等于",
    "应该",
    "就",
    "是",
    "为",
    "有",
];

/// A measure word, or nothing.
static MEASURE: LazyLock<Pattern> = LazyLock::new(|| pattern(&format!(r"\A(?:{MEASURE_WORDS})?\s*\z")));
/// A measure word with what it measures, or nothing. After 一 this would also fit 一个三角形, which is no number.
static MEASURED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(&format!(
        r"\A(?:(?:{MEASURE_WORDS})(?:左右)?|左右|(?:{CLASSIFIERS})[\p{{Han}}--[零一二两三四五六七八九十百千万亿]]{{1,4}})?\s*\z"
    ))
});
const CLASSIFIERS: &str = "个|只|条|本|张|件|名|位|棵|头|辆|支|朵|颗|块|种|箱|瓶|杯|盒|套|间|座|匹|根|把|双|对";
const MEASURE_WORDS: &str = "里|亩|公顷|袋|桶|卷|册|幅|台|架|艘|列|节|份|封|支|首|部|场|户|家|所|组|套|排|盘|碗|步|圈|遍|趟|票|毫克|摄氏度|平方千米|平方公里|立方厘米|千瓦时|个|只|条|本|张|件|名|位|棵|头|辆|支|朵|颗|块|种|箱|瓶|杯|盒|套|间|座|匹|根|把|双|对|人|次|层|页|题|岁|倍|度|元|角|分|块钱|元钱|米|厘米|分米|毫米|千米|公里|克|千克|公斤|斤|吨|升|毫升|小时|分钟|秒|秒钟|天|日|周|年|月|个月|个百分点|整|正|元整|圆整|元正|圆正|圆|平方米|平方厘米|立方米|个人|名学生|美元|人民币";

#[cfg(test)]
mod tests;
