//! Finds the numbers of a plain text, exactly, with what stands around each of them.

use super::digits::scan;
use super::measures::{ALTERED_BEFORE, ALTERED_BEHIND, BELOW_ZERO, measured_together, unit_of};
use super::units::{self, Unit};
use super::value::Value;
use crate::scoring::text::{Pattern, THIN, before, pattern};
use std::sync::LazyLock;

/// One number, or something made of digits that is not one (a date, a range, a version).
#[derive(Debug, Clone, PartialEq)]
pub struct Token {
    /// The number; none for what only looks like one.
    pub value: Option<Value>,
    /// Followed by a percent sign or word.
    pub percent: bool,
    /// Followed by a per mille sign; the value is the share.
    pub permille: bool,
    /// The unit behind it, or the currency before it.
    pub unit: Option<Unit>,
    /// Of several measures of one quantity: the whole in the smallest of their units.
    pub least: Option<Value>,
    /// Where it begins, in bytes, with sign and currency.
    pub start: usize,
    /// Where it ends, with its percent sign.
    pub end: usize,
    /// Where the last measure ends that it was put together of.
    pub last: usize,
    /// What stands around it.
    pub role: Role,
}

/// What a number is in its sentence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// A plain statement of a number.
    Plain,
    /// An operand of an expression that was not worked out.
    Operand,
    /// A label: step 3, (2), #7.
    Label,
    /// What the number is said not to be.
    Denied,
    /// Only a bound: at least 5, > 5.
    Bound,
    /// One of several that are left open, or of a range or a list: 3 or 5, 3 to 5, 1, 2, 3.
    Open,
}

/// What a text's numbers are for: a stated number may be grouped by plain spaces (1 234) and mixed (1 3/4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Context {
    /// A statement that is nothing but a number with its unit.
    Stated,
    /// Running text.
    Prose,
}

static LABEL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:steps?|parts?|sections?|questions?|problems?|equations?|eqs?|figures?|figs?|tables?|pages?|lines?|cases?|examples?|chapters?|items?|options?|no|method|way|rule|theorem|version|exercise|point|phase|stage|level|apollo|boeing|airbus|route|highway|flight|article|psalm)[\s.\u{2009}]*[(#]?|第|#|步骤|题|例|图|表)\s*\z",
    )
});
static DENIED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:(?:cannot|can't|couldn't|won't|shouldn't|mustn't|wouldn't)\s+(?:possibly\s+)?(?:be|equal)|not|never|rather\s+than|instead\s+of|isn't|wasn't|aren't)\s+(?:the\s+|be\s+|equal\s+(?:to\s+)?)?|不(?:可能|会|应该?|该|大可能|能)?(?:是|为|等于)|而非|并非|绝非|≠)\s*\z",
    )
});
/// What is said of a number right behind it: 42 is wrong, 42 是错的.
static DENIED_BEHIND: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s\u{2009})\]]*(?:(?:is|are|was|were)\s+(?:(?:clearly|definitely|also|simply)\s+)?(?:wrong|incorrect|false|not\s+(?:right|correct|the\s+(?:right\s+|correct\s+)?answer))\b|(?:这个)?(?:答案|结果)?(?:是(?:错|不对|不正确)|不正确|不对(?:[,。;!\s]|\z)))",
    )
});
static BOUND: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:more|less|fewer|greater|larger|smaller|higher|lower)\s+than(?:\s+or\s+equal\s+to)?|\b(?:below|above|under)|\bat\s+(?:least|most)|\bup\s+to|[<>≤≥]=?|超过|大于|小于|不到|至少|至多|多于|少于|高于|低于|不超过|不少于)\s*\z",
    )
});
/// Words that make another number of it.
static CHANGED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A[\s\u{2009}]+(?:squared|cubed|dozens?|factorial|choose|mod|to\s+the\s+power)\b"));
static PERCENT: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A\s*(?:%|percent\b|per\s+cent\b)"));
static FRACTION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A\\frac\s*(?:\{\s*([+-]?[\d.,\u{2009}]{1,60})\s*\}\s*\{\s*([+-]?[\d.,\u{2009}]{1,60})\s*\}|\s*(\d)(\d)|\s*(\d)\{\s*(\d{1,60})\s*\}|\{\s*(\d{1,60})\s*\}(\d))",
    )
});

/// The numbers of a plain text, in the order of their place.
#[must_use]
pub fn tokens(text: &str, context: Context) -> Vec<Token> {
    let mut found: Vec<Token> = Vec::new();
    let mut at = 0;
    while let Some(start) = next_start(text, at) {
        let Some(mut token) = lex(text, start, context) else {
            // An identifier such as x2 or B12: none of its digits is a number.
            let rest = text.get(start..).unwrap_or("");
            at = start + NAME.find(rest).map_or(rest.len(), |m| m.end()).max(1);
            continue;
        };
        at = token.end.max(start + 1);
        if let Some(joined) = found.last().and_then(|whole| mixed(text, whole, &token, context)) {
            found.pop();
            token = joined;
        }
        if let Some(whole) = found.last().and_then(|whole| measured_together(text, whole, &token)) {
            found.pop();
            token = whole;
        }
        found.push(token);
    }
    if context == Context::Prose {
        leave_open(text, &mut found);
    }
    found
}

/// The rest of a name with digits: x2, v1.2.3.
static NAME: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A[A-Za-z0-9]+(?:\.\d+)*"));
/// Between two numbers of which one is meant, or a range.
static EITHER: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*[\p{L}°%¤]{0,8}\s*,?\s*(?:\bor\b|或者?|还是|\bto\b|\bthrough\b|到|至|~|,\s*(?:maybe|perhaps|possibly|可能是?))\s*(?:even\s+|perhaps\s+|about\s+)?\z",
    )
});
/// A "to" that belongs to its verb: in 2019 it amounted to 5.
static VERB_TO: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:amount|equal|add|round|sum)(?:s|ed|ing)?(?:\s+up)?\s+to\b|\b(?:come|came|rose|grew|fell|drop|dropp?ed|increased|decreased|declined|climbed|up|down|due|led|went|goes)s?\s+to\b",
    )
});
/// Between two entries of a list, and between two numbers that bound a third.
static LISTED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)\A\s*(?:[,、;]\s*(?:and\s+|or\s+|和|或)?|\band\b|和|与|及|[ \t]|\n[\s*•-]*)\s*\z"));
static AND: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A\s*[\p{L}°%¤]{0,8}\s*(?:\band\b|和|与|及)\s*\z"));
static BETWEEN: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)(?:\bbetween|介于|处于|位于|在)\s*(?:about\s+|¤)?\z"));
/// Two measures of one quantity: 5 hours 30 minutes.
static COMPOUND: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*(?:hours?|hrs?|h|minutes?|mins?|feet|foot|ft|pounds?|lbs?|dollars?|years?|weeks?|days?|months?|小时|分钟?|元|天|年|个月|周)\s*(?:,\s*)?(?:and\s+|零|又)?\z",
    )
});

/// The fewest entries of a list.
const ENTRIES: usize = 3;

/// Whether two are one amount: 1/2 or 0.5, 0.35 or 35%.
fn is_same(a: &Token, b: &Token) -> bool {
    let share = |t: &Token| t.value.clone().map(|value| if t.percent { value.scaled(-2) } else { value });
    a.value.is_some() && (a.value == b.value || a.percent != b.percent && share(a) == share(b))
}

/// Marks the numbers that a text leaves open among.
fn leave_open(text: &str, tokens: &mut [Token]) {
    let between = |a: &Token, b: &Token| text.get(a.end..b.start).unwrap_or("x").to_owned();
    let mut open = vec![false; tokens.len()];
    let mut run = 1;
    for (at, pair) in tokens.windows(2).enumerate() {
        let [a, b] = pair else { continue };
        let (joint, same) = (between(a, b), is_same(a, b));
        let bounded = AND.is_match(&joint) && BETWEEN.is_match(before(text, a.start, 16));
        let counts = |t: &Token| t.value.is_some() && !matches!(t.role, Role::Label | Role::Denied | Role::Operand);
        let either = EITHER.is_match(&joint) && counts(a) && counts(b) && !VERB_TO.is_match(&joint);
        let listed = LISTED.is_match(&joint) && counts(a) && counts(b);
        run = if listed { run + 1 } else { 1 };
        let first = if (either || bounded || COMPOUND.is_match(&joint)) && !same {
            at
        } else if run >= ENTRIES {
            at + 2 - run
        } else {
            continue;
        };
        open.iter_mut().skip(first).take(at + 2 - first).for_each(|o| *o = true);
    }
    for (token, open) in tokens.iter_mut().zip(open) {
        if open && token.role == Role::Plain {
            token.role = Role::Open;
        }
    }
}

/// The next digit, `.5` or `\frac` at or after a place.
fn next_start(text: &str, from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    let mut bytes = rest.bytes().enumerate().peekable();
    while let Some((i, b)) = bytes.next() {
        let next = bytes.peek().map(|(_, b)| *b);
        let opens = match b {
            b'0'..=b'9' => true,
            b'.' => {
                next.is_some_and(|n| n.is_ascii_digit())
                    && !last_char(text, from + i).is_some_and(|c| c.is_ascii_alphanumeric() || c == '.')
            }
            b'\\' => rest.get(i..).is_some_and(|r| r.starts_with("\\frac")),
            _ => false,
        };
        if opens {
            return Some(from + i);
        }
    }
    None
}

fn last_char(text: &str, at: usize) -> Option<char> {
    text.get(..at)?.chars().next_back()
}

fn lex(text: &str, start: usize, context: Context) -> Option<Token> {
    let head = text.get(..start)?;
    let rest = text.get(start..)?;
    if rest.starts_with('\\') {
        return Some(latex_fraction(text, start, rest, context));
    }
    // x2, and GPT-4: names.
    let named = |c: char| c.is_ascii_alphabetic() || c == '_';
    if head.strip_suffix('-').unwrap_or(head).ends_with(named) {
        return None;
    }
    let (begin, negative) = sign(head);
    let scanned = scan(rest, context);
    let mut end = start + scanned.length;
    let mut value = scanned.value.map(|v| if negative { v.negated() } else { v });
    let mut role = role(text, begin, end, context);
    let after = text.get(end..)?;
    let parts = text.get(..begin).is_some_and(|h| h.ends_with("百分之"));
    let percent = PERCENT.find(after);
    let permille = percent.is_none() && after.trim_start_matches([' ', THIN]).starts_with('‰');
    let mut unit = None;
    if let Some(sign) = percent {
        end += sign.end();
    } else if permille {
        value = value.map(|v| v.scaled(-3));
        end += after.len() - after.trim_start_matches([' ', THIN, '‰']).len();
    } else if role == Role::Plain && is_operand(text, begin, end) {
        role = Role::Operand;
    } else if let Some((power, length)) = short_scale(after, text.get(begin..start).unwrap_or("")) {
        value = value.zip(power).map(|(v, p)| v.scaled(p));
        end += length;
    } else if glued_variable(after) || CHANGED.is_match(after) {
        value = None;
    }
    if percent.is_none() && !parts && !permille {
        unit = unit_of(text, start, end);
    }
    if let Some(rest) = text.get(end..) {
        // 3年半, 1个半小时; "5 degrees below zero".
        let half = units::behind(rest).and_then(|(_, length)| rest.get(length..)).is_some_and(|r| r.starts_with('半'));
        if half {
            value = value.and_then(|v| v.sum(&Value::integer(1).scaled(-1).product(&Value::integer(5))?));
        }
        // 3h12m: two measures run together.
        let runs_on = units::behind(rest).and_then(|(_, length)| rest.get(length..));
        if !rest.starts_with([' ', THIN])
            && runs_on.is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
            && rest.starts_with(|c: char| c.is_ascii_alphabetic())
        {
            value = None;
        }
        if BELOW_ZERO.is_match(rest) && !negative {
            value = value.map(Value::negated);
        }
    }
    Some(Token {
        value,
        percent: percent.is_some() || parts,
        permille,
        unit,
        least: None,
        start: begin,
        end,
        last: end,
        role,
    })
}

/// The power of ten of a short scale word, none where it is open what it means, and its length: $3M, $15k, 2.5bn.
fn short_scale(after: &str, before: &str) -> Option<(Option<i64>, usize)> {
    let money = before.contains(['¤', '$', '€', '£', '¥', '￥', '₹', '₩']);
    let word = SHORT_SCALE.captures(after)?.get(1)?;
    let power = match word.as_str() {
        "bn" | "Bn" => Some(9),
        "mn" | "Mn" => Some(6),
        "k" | "K" => money.then_some(3),
        "B" => money.then_some(9),
        // Metres, without a currency.
        "m" if !money => return None,
        _ => money.then_some(6),
    };
    Some((power, word.end()))
}

static SHORT_SCALE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A(bn|Bn|mn|Mn|k|K|B|M|m)(?:[^A-Za-z0-9²³/^]|\z)"));

/// A fraction in LaTeX; one that is not of two plain numbers is no number.
fn latex_fraction(text: &str, start: usize, rest: &str, context: Context) -> Token {
    let (begin, negative) = sign(text.get(..start).unwrap_or(""));
    let bare = |value, percent, end, role| {
        let (permille, unit, least) = (false, None, None);
        Token { value, percent, permille, unit, least, start: begin, end, last: end, role }
    };
    let none = |end: usize| bare(None, false, end, Role::Plain);
    let Some(found) = FRACTION.captures(rest) else {
        // Skip the arguments, so that their digits don't pass for numbers.
        return none(start + arguments(rest).max(1));
    };
    let mut parts = found.iter().skip(1).flatten().map(|m| {
        let (negative, digits) = m.as_str().strip_prefix('-').map_or((false, m.as_str()), |d| (true, d));
        let scan = scan(digits.trim_start_matches('+'), Context::Prose);
        let whole = scan.length == digits.trim_start_matches('+').len();
        scan.value.filter(|_| whole).map(|v| if negative { v.negated() } else { v })
    });
    let (n, d) = (parts.next().flatten(), parts.next().flatten());
    let end = start + found.get(0).map_or(1, |m| m.end());
    let variable = glued_variable(text.get(end..).unwrap_or(""));
    let value = n.filter(|_| !variable).and_then(|n| n.quotient(&d?)).map(|v| if negative { v.negated() } else { v });
    let percent = PERCENT.find(text.get(end..).unwrap_or(""));
    let role = match role(text, begin, end, context) {
        Role::Plain if is_operand(text, begin, end) => Role::Operand,
        role => role,
    };
    let unit = if percent.is_none() { unit_of(text, begin.max(start), end) } else { None };
    Token { unit, ..bare(value, percent.is_some(), end + percent.map_or(0, |p| p.end()), role) }
}

/// How long a fraction is whose arguments are no plain numbers: up to the end of its
/// expression, or of its line.
fn arguments(rest: &str) -> usize {
    let line = rest.lines().next().unwrap_or("");
    let (mut depth, mut groups) = (0_usize, 0);
    for (at, c) in line.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 1 => {
                (depth, groups) = (0, groups + 1);
                if groups == 2 {
                    // What follows at once is of the same expression.
                    let behind = line.get(at + 1..).unwrap_or("");
                    return at + 1 + behind.find(['=', '≈', ',', ';', '。']).unwrap_or(behind.len());
                }
            }
            '}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    line.len()
}

/// Where a number begins with its currency and sign, and whether that sign is a minus.
fn sign(before_it: &str) -> (usize, bool) {
    let currency = |text: &'_ str| {
        text.trim_end_matches([' ', THIN]).trim_end_matches(['¤', '$', '€', '£', '¥', '￥', '₹', '₩']).len()
    };
    let bare = {
        let cut = currency(before_it);
        // Without a currency sign the spaces don't belong to the number.
        if before_it.get(cut..).is_some_and(|c| c.trim().is_empty()) { before_it.len() } else { cut }
    };
    let head = before_it.get(..bare).unwrap_or("");
    if let Some(outer) = head.strip_suffix(['-', '+']) {
        let joins = outer
            .chars()
            .next_back()
            .is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, ')' | ']' | '}' | '%' | '-' | '+' | '_'));
        if !joins {
            return (outer.len(), head.ends_with('-'));
        }
    }
    for (word, length) in [
        ("负", 3),
        ("負", 3),
        ("零下", 6),
        ("minus ", 6),
        ("negative ", 9),
        ("Negative ", 9),
        ("Minus ", 6),
        ("= - ", 2),
        (": - ", 2),
    ] {
        if let Some(outer) = head.strip_suffix(word) {
            let word_begins =
                !word.ends_with(' ') || word.contains('-') || !outer.ends_with(|c: char| c.is_ascii_alphanumeric());
            // `7 minus 5` subtracts.
            let subtracts =
                word.starts_with(['m', 'M']) && outer.trim_end().ends_with(|c: char| c.is_ascii_digit() || c == ')');
            if word_begins && !subtracts {
                return (head.len() - length, true);
            }
        }
    }
    (bare, false)
}

fn role(text: &str, begin: usize, end: usize, context: Context) -> Role {
    let near = before(text, begin, 40);
    let after = text.get(end..).unwrap_or("");
    // The line as far as it is near; a long one doesn't begin with an enumeration.
    let line = near.rsplit('\n').next().filter(|l| l.len() < near.len() || near.len() == begin).unwrap_or("x");
    let enumerates = {
        let bare = line.trim_matches([' ', '\t', '#', THIN]);
        let text_follows = |r: &str| r.trim_start().starts_with(|c: char| c.is_alphabetic());
        (bare.is_empty()
            && after
                .strip_prefix(". ")
                .or_else(|| after.strip_prefix(')'))
                .or_else(|| after.strip_prefix('、'))
                .is_some_and(text_follows))
            || (bare == "(" && after.starts_with(')'))
    };
    let enumerates = enumerates && context == Context::Prose;
    // The 2 of m^2 belongs to the unit.
    let power = near.trim_end_matches('{').strip_suffix('^').is_some_and(|b| b.ends_with(|c: char| c.is_alphabetic()));
    let cites = near.ends_with('[') && after.starts_with(']') && near.len() > 1 && end - begin <= 2;
    if LABEL.is_match(near) || enumerates || cites || power {
        Role::Label
    } else if DENIED.is_match(near) || DENIED_BEHIND.is_match(after) {
        Role::Denied
    } else if ALTERED_BEFORE.is_match(near) || ALTERED_BEHIND.is_match(after) {
        Role::Operand
    } else if BOUND.is_match(near) {
        Role::Bound
    } else {
        Role::Plain
    }
}

/// Whether an operator binds the number on either side.
fn is_operand(text: &str, begin: usize, end: usize) -> bool {
    let head = text.get(..begin).unwrap_or("");
    // An argument, as it is or in quotes: print(42), int('42').
    let called = head.strip_suffix(['\'', '"']).unwrap_or(head);
    if called.strip_suffix('(').is_some_and(|f| f.ends_with(|c: char| c.is_ascii_alphabetic())) {
        return true;
    }
    let head = head.trim_end_matches([' ', THIN, '¤', '{', '(']);
    let left = match head.chars().next_back() {
        Some('*' | '×' | '·' | '÷' | '√' | '^' | '±') => true,
        Some('/') => !head.trim_end_matches('/').ends_with(|c: char| c.is_alphabetic() || c == '<'),
        Some('+' | '-') => {
            let operand = head.trim_end_matches(['+', '-', ' ']);
            operand.len() < head.len()
                && operand.ends_with(|c: char| c.is_ascii_digit() || matches!(c, ')' | '}' | '%'))
        }
        // log 7, \log 7: a function of it.
        _ if FUNCTION.is_match(before(head, head.len(), 8)) => true,
        _ => head.trim_end_matches(|c: char| c.is_ascii_alphabetic()).ends_with('\\'),
    };
    let after = text.get(end..).unwrap_or("");
    let spaced = after.trim_start_matches([' ', THIN]);
    let mut next = spaced.chars();
    let right = match next.next() {
        Some('*' | '×' | '·' | '÷' | '^' | '±' | '√') => true,
        Some('+' | '-') => {
            next.as_str().trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '\\' | '¤'))
                || next.as_str().starts_with([' '])
                    && next.as_str().trim_start().starts_with(|c: char| c.is_ascii_alphabetic())
        }
        Some('/') => next.as_str().trim_start().starts_with(|c: char| c.is_ascii_digit() || matches!(c, '(' | '\\')),
        Some('(') => after.starts_with('(') && next.next().is_some_and(|c| c.is_ascii_digit()),
        Some('!') => next.next().is_some_and(|c| matches!(c, '/' | '*' | '×' | '=' | '!')),
        Some('²' | '³') => after.starts_with(['²', '³']),
        Some('\\') => !spaced.starts_with("\\frac") && !spaced.starts_with("\\n"),
        Some('π' | '%' | '>' | '≤' | '≥') => true,
        Some('<') => next.next() != Some('/'),
        _ => false,
    };
    left || right
}

static FUNCTION: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?i)(?:\A|[^\p{L}])(?:log|ln|lg|sin|cos|tan|exp|sqrt|lim|max|min)\z"));

/// A letter directly behind a number that is more likely a variable than a unit: 5x, 3n, 2k.
fn glued_variable(after: &str) -> bool {
    let spaced = after.strip_prefix([' ', THIN]).filter(|rest| rest.starts_with(['x', 'y', 'z']));
    let mut chars = spaced.unwrap_or(after).chars();
    let first = chars.next().is_some_and(|c| {
        matches!(c, 'x' | 'y' | 'z' | 'n' | 'k' | 'a' | 'b' | 'c' | 'i' | 'e' | 'p' | 'q' | 'r' | 'u' | 'v' | 'w' | 't')
    });
    first && !chars.next().is_some_and(|c| c.is_ascii_alphabetic())
}

/// `1 3/4` as one number.
fn mixed(text: &str, whole: &Token, part: &Token, context: Context) -> Option<Token> {
    let between = text.get(whole.end..part.start)?;
    let latex = text.get(part.start..)?.starts_with("\\frac");
    let near = match between {
        "" => latex,
        " " => context == Context::Stated || latex,
        "又" => true,
        " and " => context == Context::Stated,
        _ => between.chars().eq([THIN]),
    };
    let slash = latex || text.get(part.start..part.end)?.contains('/');
    let (w, p) = (whole.value.as_ref()?, part.value.as_ref()?);
    let digits = text.get(whole.start..whole.end)?.ends_with(|c: char| c.is_ascii_digit());
    if !(near && slash && digits && w.is_whole()) || whole.percent {
        return None;
    }
    let negative = text.get(whole.start..whole.end)?.starts_with('-');
    let value = if negative { p.clone().negated().sum(w) } else { p.sum(w) };
    let unit = whole.unit.or(part.unit);
    Some(Token { value: Some(value?), unit, start: whole.start, role: whole.role, ..part.clone() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn show(text: &str, context: Context) -> String {
        let tokens = tokens(text, context);
        let words: Vec<String> = tokens
            .iter()
            .map(|t| {
                let value = t.value.as_ref().map_or_else(|| "none".into(), ToString::to_string);
                let role = if matches!(t.role, Role::Plain | Role::Open) {
                    String::new()
                } else {
                    format!("{:?}", t.role).to_lowercase()
                };
                format!("{value}{}{role}", if t.percent { "%" } else { "" })
            })
            .collect();
        words.join(" ")
    }

    #[test]
    fn numbers_are_found_exactly() {
        for (text, want) in [
            ("1,234,567 and 1_234 and 1'234", "1234567 1234 1234"),
            ("1,234,5", "none"),
            ("12,34", "12 34"),
            ("is 3. Then .5 and 0.50", "3 0.5 0.5"),
            ("-5, a-5, 3-5, (-2)", "-5 none -2"),
            ("1.2e3 1.2E-3 1.2×10^3 1.2 x 10^{-3} 3×10⁴", "1200 0.0012 1200 0.0012 30000"),
            ("¤5.50, -¤5, ¤-5, 5¤", "5.5 -5 -5 5"),
            ("12% 12 percent 12 %", "12% 12% 12%"),
            ("3/4 of it, 1/3", "0.75 1/3"),
            (r"\frac{3}{4}, \frac12, -\frac{1}{3}, \frac{a}{b} 7", "0.75 0.5 -1/3 none"),
            ("1\u{2009}1/2", "1.5"),
            ("2024-01-05, 3:45, 1.2.3, 3/4/2024", "none none none none"),
            ("x2 H2O x_1 B12", ""),
            ("5x and 5km and 5 k", "none 5 5"),
            (
                "2^10, 3*4, 7 - 2, 9^9^9^9",
                "2operand 10operand 3operand 4operand 7operand 2operand 9operand 9operand 9operand 9operand",
            ),
            ("Step 3: 7, #8, 第3步", "3label 7 8label 3label"),
            ("not 5 but 7; rather than 6", "5denied 7 6denied"),
            ("at least 5, >6", "5bound 6bound"),
            ("3万5千 1.2亿 1万2345 3千米 2 million", "35000 120000000 12345 3 2000000"),
            ("负5, minus 5, 7 minus 5", "-5 -5 7 5"),
            ("1. First\n2) Second\n30 apples", "1label 2label 30"),
        ] {
            assert_eq!(show(text, Context::Prose), want, "{text}");
        }
        assert_eq!(show("1 234", Context::Stated), "1234");
        assert_eq!(show("1 234", Context::Prose), "1 234");
        assert_eq!(show("1 3/4 and -1 1/2", Context::Stated), "1.75 -1.5");
    }

    #[test]
    fn lists_ranges_and_alternatives_are_left_open() {
        let open = |text| tokens(text, Context::Prose).iter().filter(|t| t.role == Role::Open).count();
        for (text, want) in [
            ("1, 2, 3", 3),
            ("40\n41\n42", 3),
            ("10, 20, 30 and 40", 4),
            ("3 or 5", 2),
            ("3 to 5 km", 2),
            ("3 km or 5 km", 2),
            ("between 3 and 5", 2),
            ("介于3和5之间", 2),
            ("5 hours 30 minutes", 0),
            ("5 hours 90 minutes", 2),
            ("3 apples and 5 pears", 0),
            ("In 2023, 42 of them", 0),
            ("40, then 42", 0),
            ("1/2 or 0.5", 0),
        ] {
            assert_eq!(open(text), want, "{text}");
        }
    }

    proptest! {
        #[test]
        fn tokens_are_in_order_and_inside(text in "([0-9]{1,4}|[-+*/^.,:%e x=()\\\\{}]|万|千|¤|frac|½| million){0,60}") {
            for context in [Context::Prose, Context::Stated] {
                let mut last = 0;
                for token in tokens(&text, context) {
                    prop_assert!(token.end > last && token.end <= text.len() && token.start <= token.end);
                    last = token.end;
                }
            }
        }
    }
}
