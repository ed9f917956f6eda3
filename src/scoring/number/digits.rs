//! Reads one number from its first digit on: thousands, decimals, powers of ten, scale words, fractions.

use super::chinese::unit;
use super::lex::Context;
use super::value::Value;
use crate::scoring::text::{Pattern, THIN, pattern};
use std::sync::LazyLock;

static POWER_OF_TEN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"\A\s*[×xX*·]\s*10\s*(?:(?:\^|\*\*)\s*[{(]?\s*([+-]?\d{1,6})\s*[})]?|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,6}))")
});
static SCALE: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A[\s\u{2009}-]?(hundred|thousand|million|billion|trillion)s?\b"));

static COMPOUND: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A\d{1,4}\s?(?:年|月|日|号|点|时|小时|分|分钟|元|块|角|米|厘米|公里|千米|斤)零?\d+(?:\s?[年月日号点时分秒钟角毛厘米两克]+\s?\d*)*",
    )
});
/// Groups as in India: 2,50,000 is a quarter of a million.
static INDIAN: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\d{1,2}(?:,\d{2})+,\d{3}\b"));
/// Several groups behind plain spaces in running text, where they are no list: 1 250 000.
static SPACED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A(?:\d{1,2}(?: \d{3}){2,}|\d{3}(?: \d{3})* 000 000)\b"));
/// A power of ten by itself: 10^6, 10^{-3}, 10**6, 10⁶.
static TEN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"\A10\s*(?:(?:\^|\*\*)\s*(?:([+-]?\d{1,6})|[{(]\s*([+-]?\d{1,6})\s*[})])|([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,6}))")
});

/// What a compound of digits and Chinese units is.
enum Measures {
    /// A date, a time of day, or several things.
    None,
    /// 3块5, 1米75: one number.
    One(Value),
    /// Measures each with its unit, which are read one by one: 2小时30分钟.
    Each,
}

fn measures(text: &str) -> Measures {
    static SHORT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A(\d{1,4})\s?(块|米)(\d{1,2})(毛?)\z"));
    static DATE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\d{1,4}\s?(?:年|月|日|号|点|时)"));
    if let Some(found) = SHORT.captures(text) {
        let of = |group: usize| found.get(group).map_or("", |m| m.as_str());
        let fits = of(3).len() == 1 || of(2) == "米";
        let value = Value::decimal(&format!("{}.{}", of(1), of(3)), 0).filter(|_| fits);
        return value.map_or(Measures::None, Measures::One);
    }
    if DATE.is_match(text) || text.ends_with(|c: char| c.is_ascii_digit() || c == ' ') {
        Measures::None
    } else {
        Measures::Each
    }
}

fn ten(text: &str) -> Option<(Option<Value>, usize)> {
    let found = TEN.captures(text)?;
    let end = found.get(0)?.end();
    // 10^2^3 and 10^6x are expressions.
    let rest = text.get(end..)?;
    if rest.starts_with(['^', '!', '.', '/', '*', '×']) && !rest.starts_with(". ") && rest != "." {
        return None;
    }
    let power = match found.get(3) {
        Some(raised) => superscript(raised.as_str()),
        None => found.get(1).or_else(|| found.get(2))?.as_str().to_owned(),
    };
    Some((power.parse().ok().and_then(|p| Value::decimal("1", p)), end))
}

/// What was read.
pub struct Scan {
    /// The number; none for what only looks like one.
    pub value: Option<Value>,
    /// How many bytes it took.
    pub length: usize,
}

/// Reads the number at the beginning of a text that begins with a digit or a point.
pub fn scan(text: &str, context: Context) -> Scan {
    let bytes = text.as_bytes();
    // 5月5日, 5点30分: dates, times and compound measures.
    if let Some(found) = COMPOUND.find(text) {
        match measures(found.as_str()) {
            Measures::None => return Scan { value: None, length: found.end() },
            Measures::One(value) => return Scan { value: Some(value), length: found.end() },
            Measures::Each => {}
        }
    }
    if let Some((scan, length)) = ten(text) {
        return Scan { value: scan, length };
    }
    let digits_at = |at: usize| bytes.get(at..).map_or(0, |b| b.iter().take_while(|b| b.is_ascii_digit()).count());
    let none = |length: usize| Scan { value: None, length };
    let first = digits_at(0);
    let mut at = first;
    let mut number = text.get(..first).unwrap_or("").to_owned();
    // Thousands: one to three digits, then groups of three behind one and the same separator.
    let separator = text.get(at..).and_then(|r| r.chars().next()).filter(|c| {
        matches!(c, ',' | '_' | '\'')
            || *c == THIN
            || *c == ' ' && (context == Context::Stated || SPACED.is_match(text))
    });
    if let Some(c) = separator {
        let mut groups = 0;
        while text.get(at..).is_some_and(|r| r.starts_with(c)) && digits_at(at + c.len_utf8()) > 0 {
            let from = at + c.len_utf8();
            let grouped = (1..=3).contains(&first) && digits_at(from) == 3 && !number.starts_with('0');
            if !grouped {
                if (groups > 0 || c != ',') && matches!(c, ',' | '_' | '\'') {
                    // 1,234,5 and 7_8 are neither numbers nor clearly lists.
                    return none(from + digits_at(from));
                }
                break;
            }
            number.push_str(text.get(from..from + 3).unwrap_or(""));
            (at, groups) = (from + 3, groups + 1);
        }
    }
    if number.len() == first
        && let Some(found) = INDIAN.find(text).filter(|_| (1..=2).contains(&first) && !number.starts_with('0'))
    {
        number = found.as_str().replace(',', "");
        at = found.end();
    }
    // Decimals; a second point makes it a version or a European grouping: no number.
    if bytes.get(at) == Some(&b'.') && digits_at(at + 1) > 0 {
        let end = at + 1 + digits_at(at + 1);
        number.push_str(text.get(at..end).unwrap_or(""));
        at = end;
        if bytes.get(at) == Some(&b'.') && digits_at(at + 1) > 0 {
            let run = bytes.get(at..).map_or(0, |b| b.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count());
            return none(at + run);
        }
    }
    let plain = !number.contains('.');
    let rest = |at: usize| text.get(at..).unwrap_or("");
    // Dates, times, ranges and scores: digits joined by - : ~ or more than one slash.
    let joined = |at: usize| matches!(bytes.get(at), Some(b'-' | b':' | b'~')) && digits_at(at + 1) > 0;
    if joined(at) {
        let run = rest(at)
            .bytes()
            .take_while(|b| b.is_ascii_digit() || matches!(b, b'-' | b':' | b'~' | b'.' | b'/'))
            .count();
        // A sentence's full stop is no part of the run.
        let run = rest(at).get(..run).unwrap_or("").trim_end_matches(['.', ':', '-', '/', '~']).len();
        return none(at + run);
    }
    if let Some(found) = POWER_OF_TEN.captures(rest(at)) {
        let power =
            found.get(1).map(|m| m.as_str().to_owned()).or_else(|| found.get(2).map(|m| superscript(m.as_str())));
        let value = power.and_then(|p| p.parse().ok()).and_then(|p| Value::decimal(&number, p));
        return Scan { value, length: at + found.get(0).map_or(0, |m| m.end()) };
    }
    if let Some((power, length)) = exponent(rest(at)) {
        return Scan { value: power.and_then(|p| Value::decimal(&number, p)), length: at + length };
    }
    let Some(value) = Value::decimal(&number, 0) else { return none(at.max(1)) };
    // 1.2 万
    let gap = usize::from(rest(at).starts_with([' ']) && rest(at + 1).starts_with(['万', '亿', '萬', '億']));
    at += gap;
    if rest(at).starts_with("个半") {
        return Scan { value: value.sum(&Value::integer(5).scaled(-1)), length: at + "个半".len() };
    }
    if let Some((scaled, length)) = chinese_scale(&value, rest(at)) {
        return Scan { value: scaled, length: at + length };
    }
    if let Some(found) = SCALE.captures(rest(at)) {
        let power = match found.get(1).map_or("", |m| m.as_str()).to_ascii_lowercase().as_str() {
            "hundred" => 2,
            "thousand" => 3,
            "million" => 6,
            "billion" => 9,
            _ => 12,
        };
        return Scan { value: Some(value.scaled(power)), length: at + found.get(0).map_or(0, |m| m.end()) };
    }
    if plain && let Some((fraction, length)) = slash(&value, rest(at)) {
        return Scan { value: fraction, length: at + length };
    }
    Scan { value: Some(value), length: at }
}

/// `e-3` behind a number: the power, none when it is beyond any use.
fn exponent(text: &str) -> Option<(Option<i64>, usize)> {
    let sign = text.strip_prefix(['e', 'E'])?;
    let digits = sign.strip_prefix(['+', '-']).unwrap_or(sign);
    let count = digits.bytes().take_while(u8::is_ascii_digit).count();
    let length = text.len() - digits.len() + count;
    if count == 0 || text.get(length..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_alphanumeric())) {
        return None;
    }
    let power = text.get(1..length)?;
    Some(((count <= 6).then(|| power.parse().ok()).flatten(), length))
}

fn superscript(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            '⁻' => Some('-'),
            '⁺' => None,
            c => "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|s| s == c).and_then(|d| char::from_digit(u32::try_from(d).ok()?, 10)),
        })
        .collect()
}

/// Measures before which 千 means kilo: 3千米 is 3 km.
const METRIC: &[char] = &['米', '克', '瓦', '卡', '赫', '焦', '帕', '伏', '字', '安', '牛'];

/// `3万5千` or `1.2亿`: digits with Chinese units, each smaller than the one before.
fn chinese_scale(first: &Value, text: &str) -> Option<(Option<Value>, usize)> {
    let (mut total, mut last) = (None, i128::MAX);
    let (mut current, mut at) = (first.clone(), 0);
    loop {
        let rest = text.get(at..)?;
        let units = rest.find(|c| unit(c).is_none()).unwrap_or(rest.len());
        let words = rest.get(..units)?;
        // 千 before a measure is kilo: 3千米 is 3 km.
        let metric = words.ends_with('千') && rest.get(units..)?.starts_with(METRIC);
        let words = if metric { words.get(..words.len() - '千'.len_utf8())? } else { words };
        if words.is_empty() {
            return total.map(|total| (Some(total), at)).filter(|_| metric);
        }
        let worth = words.chars().try_fold(1_i128, |w, c| w.checked_mul(unit(c)?))?;
        if worth >= last {
            return Some((None, at + words.len()));
        }
        let part = current.scaled(i64::from(worth.ilog10()));
        total = Some(match total {
            None => part,
            Some(sum) => part.sum(&sum)?,
        });
        (last, at) = (worth, at + words.len());
        let next = text.get(at..)?;
        let digits = next.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || metric {
            return Some((total, at));
        }
        current = Value::decimal(next.get(..digits)?, 0)?;
        at += digits;
        if text.get(at..)?.chars().next().is_none_or(|c| unit(c).is_none()) {
            // 1万2345: the digits below the unit, all of them.
            let whole = usize::try_from(worth.ilog10()).ok() == Some(digits);
            return Some((if whole { total?.sum(&current) } else { None }, at));
        }
    }
}

/// `/4` behind a whole number; a second slash makes it a date.
fn slash(numerator: &Value, text: &str) -> Option<(Option<Value>, usize)> {
    let after = text.trim_start_matches([' ', THIN]).strip_prefix('/')?.trim_start_matches([' ', THIN]);
    let count = after.bytes().take_while(u8::is_ascii_digit).count();
    if count == 0 {
        return None;
    }
    let (denominator, rest) = after.split_at_checked(count)?;
    let length = text.len() - rest.len();
    if let Some(more) = rest.strip_prefix(['/', '-']).filter(|m| m.starts_with(|c: char| c.is_ascii_digit())) {
        let run = more.bytes().take_while(|b| b.is_ascii_digit() || matches!(b, b'/' | b'-')).count();
        return Some((None, length + 1 + run));
    }
    if rest.starts_with('.') && rest.get(1..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit())) {
        return Some((None, length));
    }
    Some((Value::decimal(denominator, 0).and_then(|d| numerator.quotient(&d)), length))
}
