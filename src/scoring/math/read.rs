//! Where in a text its answer stands: the last box or announcement, what corrects it, or how its last sentence concludes.

use super::clean::Clean;
use super::lex::{CLOSE, OPEN};
use super::phrases::{
    ABOUT, ALTERED, ASIDE, BREAKS_OFF, CHECKED, CODE, CONCLUDES, CONSEQUENCE, COPULA, CORRECTION, DECIDES, DENIED,
    DENIES, DONE, HEADING, HEDGED, IN_ALL, INSTEAD, LEADING, LEADS, NAMED, OFFERED, OUT_OF, PROSE, REJECTED, RELATES,
    REMARK, SOLVED, SUPPOSED, TAKEN_BACK, WHERE, WORKED_OUT, follows_emphasis,
};
use super::sentences::{REACH, has_value, last_step, leading_math, outside, reason_cut, sentence, sentences, trimmed};
use crate::scoring::text::{
    Marker, Pattern, Statement, after, are_alternatives, before, breaks_off, is_undecided, pattern, statements,
    trails_off,
};
use std::sync::LazyLock;

/// A piece of text that may be the answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    pub text: String,
    /// Whether all of it is mathematics.
    pub math: bool,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    pub piece: Piece,
    /// The boxes of the last sentence, where it has several.
    pub boxes: Vec<Piece>,
    /// Whether the last box is one of two between which the text leaves the choice.
    pub either: bool,
    pub rule: &'static str,
}

pub const UNCLEAR: &str = "math/unclear";
pub const NONE: &str = "math/none";
const CUT: &str = "math/cut-short";

/// How many announcements are looked at, from the end.
const MOST: usize = 40;
/// How many announcements may be alternatives of one another.
const ALTERNATIVES: usize = 6;
/// A sentence longer than this, in bytes, concludes nothing.
const LONG: usize = 3000;

/// What a piece of text comes to.
enum Reading {
    Said(Piece),
    Unclear,
    Nothing,
}

/// Finds the answer; `reads` says whether a piece can be parsed.
/// In bold, as a last resort, is what the last line sets in bold.
pub fn find(
    clean: &Clean,
    cut: bool,
    bold: Option<&str>,
    reads: &dyn Fn(&Piece) -> bool,
) -> Result<Found, &'static str> {
    let whole = clean.text.as_str();
    let text = if cut { whole.trim_end_matches(|c: char| !c.is_whitespace()) } else { whole };
    let reader = Reader { reads };
    let all: Vec<_> = statements(text).collect();
    let read_at = |s: &Statement| {
        let body = sentence(text, s.body);
        let heading = s.marker == Marker::Hashes && HEADING.is_match(body);
        let reading = if heading { Reading::Nothing } else { reader.stated(body) };
        (!matches!(reading, Reading::Nothing)).then(|| (*s, s.body + body.len(), reading))
    };
    let announced = all.iter().rev().take(MOST).find_map(read_at);
    let last = clean.boxes.last();
    let open = clean.open_box.filter(|open| last.is_none_or(|b| b.start < *open));
    if open.is_some() && cut {
        return Err(CUT);
    }
    let boxed = match (open, last) {
        (Some(at), _) => Some((at, whole.len(), after(whole, at, REACH).lines().next().unwrap_or(""))),
        (None, Some(range)) => Some((range.start, range.end, whole.get(range.clone()).unwrap_or(""))),
        (None, None) => None,
    };
    if let Some((at, end, content)) = boxed {
        if let Some((statement, end, Reading::Said(piece))) = &announced
            && statement.at > at
        {
            return Ok(reader.corrected(text, *end).unwrap_or_else(|| found(piece.clone(), rule(statement.marker))));
        }
        let piece = math(last_step(content));
        if let Some(later) = reader.corrected(text, end) {
            return Ok(later);
        }
        if !(reader.reads)(&piece) || reader.is_doubted(text, end) {
            return Err(UNCLEAR);
        }
        let boxes = together(clean);
        let gap = match clean.boxes.as_slice() {
            [.., a, b] => whole.get(a.end..b.start).unwrap_or(""),
            _ => "",
        };
        let gap: String = gap.chars().filter(|c| c.is_alphabetic()).collect();
        let either = open.is_none()
            && matches!(gap.to_lowercase().as_str(), "or" | "textor" | "或" | "或者" | "x或x" | "ormaybe");
        return Ok(Found { piece, boxes, either, rule: "math/boxed" });
    }
    match announced {
        Some((statement, end, Reading::Said(piece))) => {
            if let Some(later) = reader.corrected(text, end) {
                return Ok(later);
            }
            let last = all.get(all.len().saturating_sub(ALTERNATIVES)..).unwrap_or(&all);
            let said = last.iter().filter_map(|s| match read_at(s)?.2 {
                Reading::Said(piece) => Some((s.at, piece)),
                _ => None,
            });
            let open = all.len() > 1 && are_alternatives(text, &said.collect::<Vec<_>>());
            if open || reader.is_doubted(text, end) {
                return Err(UNCLEAR);
            }
            return Ok(found(piece, rule(statement.marker)));
        }
        Some(_) => return Err(UNCLEAR),
        None if cut => return Err(CUT),
        None => {}
    }
    if crate::scoring::text::only_refuses(text) {
        return Err(NONE);
    }
    let piece =
        bold.map(|bold| Piece { text: trimmed(bold).trim_matches('$').to_owned(), math: bold.starts_with('$') });
    let told = !is_undecided(text) && !breaks_off(text);
    let bold = piece.filter(|p| told && reads(p)).map(|piece| found(piece, "math/bold"));
    // What a text ends with in bold is its answer, whatever equation stands before it; or 圆心为 **(2,-3)**,半径为 2.
    if let Some(found) = &bold
        && (text.trim_end_matches(['.', '。', '!', ' ', '\n', '*', '$']).ends_with(&found.piece.text)
            || follows_emphasis(text, &found.piece.text))
    {
        return Ok(found.clone());
    }
    reader.unannounced(text).or_else(|rule| bold.ok_or(rule))
}

/// Whether a text ends with the stop of a sentence, and not with an ellipsis.
fn has_stop(text: &str) -> bool {
    text.ends_with('。') || text.strip_suffix('.').is_some_and(|head| head.ends_with(char::is_alphanumeric))
}

/// What a text without figures tells in words.
pub const fn told(text: String) -> Found {
    found(Piece { text, math: false }, "math/words")
}

const fn rule(marker: Marker) -> &'static str {
    match marker {
        Marker::Words => "math/marker",
        Marker::Hashes => "math/hashes",
    }
}

const fn found(piece: Piece, rule: &'static str) -> Found {
    Found { piece, boxes: Vec::new(), either: false, rule }
}

fn math(text: &str) -> Piece {
    Piece { text: text.trim().to_owned(), math: true }
}

/// The boxes of the last line that has one, and of the lines right above it that have.
fn together(clean: &Clean) -> Vec<Piece> {
    let mut found = Vec::new();
    let mut below: Option<usize> = None;
    for range in clean.boxes.iter().rev().take(12) {
        let gap = below.map_or("", |start| clean.text.get(range.end..start).unwrap_or(""));
        if gap.trim().matches('\n').count() > 1 || gap.contains("\n\n") || gap.len() > 200 {
            break;
        }
        found.push(math(clean.text.get(range.clone()).unwrap_or("")));
        below = Some(range.start);
    }
    found.reverse();
    if found.len() > 1 { found } else { Vec::new() }
}

struct Reader<'a> {
    reads: &'a dyn Fn(&Piece) -> bool,
}

impl Reader<'_> {
    /// What replaces an answer that the text goes on to correct.
    fn corrected(&self, text: &str, from: usize) -> Option<Found> {
        let rest = text.get(from..)?;
        let again = CORRECTION.find_iter(rest).last()?;
        let later = rest.get(again.end()..)?;
        let piece = later.lines().rev().filter(|l| !l.trim().is_empty()).take(3).find_map(|line| {
            let line = line.trim();
            let piece = self.concluded(line)?;
            (has_value(&piece.text) && !CHECKED.is_match(line)).then_some(piece)
        })?;
        Some(found(piece, "math/corrected"))
    }

    /// Whether the text takes its answer back and gives no other one.
    fn is_doubted(&self, text: &str, from: usize) -> bool {
        text.get(from..).is_some_and(|rest| TAKEN_BACK.is_match(rest))
    }

    /// The answer of a statement.
    fn stated(&self, body: &str) -> Reading {
        let body = body.split("</").next().unwrap_or(body);
        let body = trimmed(body);
        if let Some(rest) = DENIED.find(body).and_then(|m| body.get(m.end()..)) {
            let instead = INSTEAD.find(rest).and_then(|m| rest.get(m.end()..));
            return instead.map_or(Reading::Nothing, |rest| self.stated_once(trimmed(rest)));
        }
        self.stated_once(body)
    }

    fn stated_once(&self, body: &str) -> Reading {
        let full = Piece { text: body.to_owned(), math: false };
        let short = trimmed(reason_cut(body));
        let short = Piece { text: short.to_owned(), math: false };
        for piece in [&full, &short] {
            if (self.reads)(piece) {
                return Reading::Said(piece.clone());
            }
        }
        if !has_value(body) {
            return Reading::Nothing;
        }
        if let Some(piece) = self.told(&short.text) {
            return Reading::Said(piece);
        }
        // Mathematics right behind the announcement, then words about it.
        if let Some((inner, rest)) = leading_math(body)
            && (rest.trim().is_empty() || ABOUT.is_match(rest))
        {
            let piece = math(last_step(inner));
            if (self.reads)(&piece) {
                return Reading::Said(piece);
            }
        }
        Reading::Unclear
    }

    /// What stands behind the last "is", or in the only mathematics of a sentence.
    fn told(&self, sentence: &str) -> Option<Piece> {
        let step = last_step(sentence);
        if step.len() < sentence.len() {
            let piece = Piece { text: trimmed(step).to_owned(), math: false };
            if (self.reads)(&piece) {
                return Some(piece);
            }
        }
        let copulas: Vec<_> = COPULA
            .find_iter(sentence)
            // 即可 is "will do", and no "that is".
            .filter(|m| {
                outside(sentence, m.start()) && !(m.as_str().ends_with('即') && after(sentence, m.end(), 1) == "可")
            })
            .collect();
        if let Some(last) = copulas.last() {
            if HEDGED.is_match(before(sentence, last.start(), 12)) {
                return None;
            }
            let rest = trimmed(sentence.get(last.end()..).unwrap_or(""));
            if let Some(share) = OUT_OF.captures(rest) {
                let part = |group: usize| share.get(group).map_or("", |m| m.as_str());
                return Some(Piece { text: format!("{}/{}", part(1), part(2)), math: false });
            }
            let piece = Piece { text: rest.to_owned(), math: false };
            if has_value(rest) {
                if (self.reads)(&piece) {
                    return Some(piece);
                }
                if let Some((inner, rest)) = leading_math(rest)
                    && (rest.trim().is_empty() || ABOUT.is_match(rest))
                {
                    let piece = math(last_step(inner));
                    return (self.reads)(&piece).then_some(piece);
                }
                // "is a defect rate of 15%", "the set {1, 2, 4}".
                return self.ends_in_set(rest).or_else(|| self.worked_out(sentence)).or_else(|| self.sole(rest));
            }
        }
        if let Some(piece) =
            self.ends_in_set(sentence).or_else(|| self.worked_out(sentence)).or_else(|| self.in_all(sentence))
        {
            return Some(piece);
        }
        if let Some(piece) = self.solved(sentence) {
            return Some(piece);
        }
        // "Josh made a profit of $70,000": prose with one number in it.
        if !sentence.contains([OPEN, '\\', '=', '^', '_', '√']) && !CODE.is_match(sentence) {
            return self.sole(sentence);
        }
        let mut regions = sentence.split(OPEN).skip(1).map(|r| r.split(CLOSE).next().unwrap_or(""));
        let (only, None) = (regions.next()?, regions.next()) else { return None };
        // P(two heads) $= 3/8$: words are the left side.
        let piece = math(last_step(only).trim_start().trim_start_matches('='));
        (self.reads)(&piece).then_some(piece)
    }

    /// The one number of prose.
    fn sole(&self, sentence: &str) -> Option<Piece> {
        if sentence.contains([OPEN, '\\', '=', '^', '_', '√']) || CODE.is_match(sentence) || ALTERED.is_match(sentence)
        {
            return None;
        }
        let text = crate::scoring::number::sole(&crate::scoring::text::plain(sentence).text)?;
        let piece = Piece { text, math: false };
        (self.reads)(&piece).then_some(piece)
    }

    /// The set that a sentence of prose ends with: "they form the set {1, 2, 4}".
    fn ends_in_set(&self, sentence: &str) -> Option<Piece> {
        let bare = sentence.trim_end_matches(['.', '。', ' ', '!']);
        let open = bare.rfind('{').filter(|_| bare.ends_with('}'))?;
        let (head, set) = bare.split_at_checked(open)?;
        let named = !head.contains(['{', '\\', OPEN]) && PROSE.is_match(head) && !ALTERED.is_match(head);
        let named = named && !HEDGED.is_match(head) && !DENIED.is_match(head);
        let piece = math(&set.replace('{', "\\{").replace('}', "\\}"));
        (named && (self.reads)(&piece)).then_some(piece)
    }

    /// What a calculation in a sentence of prose comes to: 共有 C(7,3)=35 种选法.
    fn worked_out(&self, sentence: &str) -> Option<Piece> {
        let found = WORKED_OUT.captures(sentence)?;
        let (head, value) = (sentence.get(..found.get(0)?.start())?, found.get(1)?.as_str());
        // Another equation before it would be another value.
        let earlier = head.rfind('=').map_or("", |at| head.get(at..).unwrap_or(""));
        let chained =
            earlier.chars().all(|c| !matches!(c, ',' | ';' | '、') && !('\u{2E80}'..='\u{9FFF}').contains(&c));
        let plain = !sentence.contains(OPEN) && chained && PROSE.is_match(sentence) && !CODE.is_match(sentence);
        let calculated = head.ends_with(|c: char| c.is_ascii_digit() || matches!(c, ')' | '!' | ' '))
            && head.trim_end().ends_with(|c: char| c.is_ascii_digit() || matches!(c, ')' | '!' | '²' | '³' | '%'));
        let piece = Piece { text: value.to_owned(), math: false };
        (plain && calculated && (self.reads)(&piece)).then_some(piece)
    }

    /// What the last clause of a sentence says that it is in all: "…, 一共要 15 元".
    fn in_all(&self, sentence: &str) -> Option<Piece> {
        let (_, clause) = sentence.rsplit_once(',')?;
        if IN_ALL.is_match(clause) { self.sole(clause) } else { None }
    }

    /// The one equation for a variable, behind other mathematics and at the end of its sentence.
    fn solved(&self, sentence: &str) -> Option<Piece> {
        let open = sentence.rfind(OPEN)?;
        let (head, last) = sentence.split_at_checked(open)?;
        let (inner, behind) = leading_math(last)?;
        let other = head.split(OPEN).skip(1).map(|r| r.split(CLOSE).next().unwrap_or("")).any(|r| RELATES.is_match(r));
        let told =
            head.contains(OPEN) && PROSE.is_match(head) && !other && behind.trim().is_empty() && SOLVED.is_match(inner);
        let piece = math(last_step(inner));
        (told && !SUPPOSED.is_match(head) && (self.reads)(&piece)).then_some(piece)
    }

    /// What a concluding sentence says.
    fn concluded(&self, sentence: &str) -> Option<Piece> {
        static USING: LazyLock<Pattern> = LazyLock::new(|| {
            pattern(r"(?i)\A(?:using|with|applying|given|from|by|in\s+[a-z -]{3,30}\bform,|[a-z]{3,}ing)\s")
        });
        // 故舍去3: what follows is no value.
        static PUT_ASIDE: LazyLock<Pattern> =
            LazyLock::new(|| pattern(r"(?i)\A(?:we\s+|i\s+)?(?:应?该?舍|排除|reject|discard)"));
        if sentence.len() > LONG {
            return None;
        }
        let body = trimmed(trimmed(sentence).trim_end_matches(['✓', '✔', '✅']));
        let body = CONCLUDES.find(body).map_or(body, |m| body.get(m.end()..).unwrap_or(""));
        let body = trimmed(body);
        // 导数为 2x+3,定义域为全体实数: where it holds.
        let body = WHERE.find(body).and_then(|m| body.get(..m.start())).filter(|head| has_value(head)).unwrap_or(body);
        let body =
            DONE.find(body).and_then(|m| body.get(m.end()..)).filter(|rest| has_value(rest)).map_or(body, trimmed);
        // "x = ±3; since x > 0, x = 3", "the book gives 3x, but the right one is 2x": the last clause decides.
        let decides = DECIDES.find_iter(body).filter(|m| outside(body, m.start())).last();
        let decided = decides.and_then(|m| Some((body.get(..m.start())?, body.get(m.end()..)?)));
        let body =
            decided.filter(|(head, rest)| has_value(head) && has_value(rest)).map_or(body, |(_, rest)| trimmed(rest));
        if DENIED.is_match(body) {
            return None;
        }
        // 2x = 6, so x = 3: what follows is what it comes to.
        let last = CONSEQUENCE.find_iter(body).filter(|m| outside(body, m.start())).last();
        let follows = last
            .and_then(|m| body.get(m.end()..))
            .map(trimmed)
            .filter(|rest| has_value(rest) && !PUT_ASIDE.is_match(rest));
        if let Some(piece) = follows.and_then(|rest| self.concluded_once(rest)) {
            return Some(piece);
        }
        // "Using the formula A = bh/2 with b = 6, the area is 12": what is used, and the main clause.
        if USING.is_match(body)
            && let Some(at) = body.rmatch_indices(", ").map(|(at, _)| at).find(|at| outside(body, *at))
            && let Some(clause) = body.get(at + 2..).filter(|clause| has_value(clause))
        {
            let equation = Piece { text: trimmed(clause).to_owned(), math: false };
            if SOLVED.is_match(&equation.text) && (self.reads)(&equation) {
                return Some(equation);
            }
            if let Some(piece) = COPULA.find(clause).and_then(|_| self.told(&equation.text)) {
                return Some(piece);
            }
        }
        self.concluded_once(body)
    }

    fn concluded_once(&self, body: &str) -> Option<Piece> {
        // "= 3": what a chain of equations goes on to on a line of its own.
        if let Some((inner, rest)) = leading_math(body)
            && let Some(side) = inner.trim_start().strip_prefix('=')
            && rest.trim().is_empty()
        {
            let piece = math(last_step(side));
            return (self.reads)(&piece).then_some(piece);
        }
        let piece = Piece { text: body.to_owned(), math: false };
        if (self.reads)(&piece) {
            return Some(piece);
        }
        if let Some(piece) = self.in_all(body) {
            return Some(piece);
        }
        let short = trimmed(reason_cut(body));
        let piece = Piece { text: short.to_owned(), math: false };
        if (self.reads)(&piece) {
            return Some(piece);
        }
        self.told(short).or_else(|| if short.len() < trimmed(body).len() { self.behind_reason(body) } else { None })
    }

    /// What the last clause leads to, behind a reason: 斜率为 2,又因为它过点 (0,1),由斜截式得方程为 y=2x+1.
    fn behind_reason(&self, body: &str) -> Option<Piece> {
        let (at, _) = body.rmatch_indices([',', ';']).find(|(at, _)| outside(body, *at))?;
        let clause = trimmed(body.get(at + 1..)?);
        let leads = LEADS.is_match(clause) && has_value(clause);
        if leads && !clause.contains(['若', '不', '或']) { self.told(clause) } else { None }
    }

    /// The one equation of a sentence that is its last clause: 半径为 4,面积 S = πr² = 16π.
    fn closing(&self, sentence: &str) -> Option<Piece> {
        let (head, last) = sentence.rsplit_once(',').filter(|(head, _)| outside(sentence, head.len()))?;
        let found = NAMED.captures(last)?;
        let equation = found.name("equation")?.as_str();
        // 最大值为 10,x = 3: where it is reached.
        if found.name("words").is_none_or(|words| words.is_empty()) && equation.matches('=').count() < 2 {
            return None;
        }
        let told = PROSE.is_match(head) && !RELATES.is_match(head) && !head.contains(OPEN) && !SUPPOSED.is_match(head);
        let doubted =
            HEDGED.is_match(head) || DENIED.is_match(head) || head.contains(['若', '当', '如', '设', '不', '或', '?']);
        let bare = equation.strip_prefix(OPEN).and_then(|e| e.strip_suffix(CLOSE)).unwrap_or(equation);
        let piece = Piece { text: trimmed(bare).to_owned(), math: bare.len() < equation.len() };
        (told && !doubted && (self.reads)(&piece)).then_some(piece)
    }

    /// The value of what a line gave a formula for: "V=(4/3)πr³, r=3 代入, V=36π".
    fn again(&self, line: &str) -> Option<Piece> {
        let (head, last) = line.rsplit_once(',')?;
        let (name, value) = last.split_once('=')?;
        let name = name.trim();
        let mut first = head.split([',', ';']);
        let formula = first.next()?.split_once('=')?;
        let sole = name.chars().count() == 1 && name.chars().all(char::is_alphabetic);
        let formed = formula.0.trim() == name && formula.1.chars().any(char::is_alphabetic);
        let plain = !line.contains([OPEN, '\n', '{', '或']) && !value.contains('=') && first.next().is_some();
        let piece = Piece { text: trimmed(last).to_owned(), math: false };
        (sole && formed && plain && (self.reads)(&piece)).then_some(piece)
    }

    fn unannounced(&self, text: &str) -> Result<Found, &'static str> {
        // "By the quadratic formula, x = …": a way, and what it leads to.
        static BY: LazyLock<Pattern> =
            LazyLock::new(|| pattern(r"(?i)\A(?:by|using|from|since|with|after|applying|as|because)\s+[a-z][^,=]*,\s"));
        // "The integral of x² dx = …": words name what is worked out.
        static NAMED_BY: LazyLock<Pattern> = LazyLock::new(|| {
            pattern(
                r"(?i)\A(?:the\s+)?(?:indefinite\s+|definite\s+)?(?:integral|antiderivative|derivative|limit|sum|product|value|area|volume)\s+of\s[^=]*=",
            )
        });
        let whole = trimmed(text);
        if !whole.contains('\n')
            && sentences(whole).len() == 1
            && let Some(piece) = self.solved(whole)
        {
            return Ok(found(piece, "math/last"));
        }
        if BREAKS_OFF.is_match(whole.trim_end_matches(CLOSE)) && !has_stop(text.trim_end())
            || trails_off(text)
            || text.trim_end().ends_with([',', '、'])
        {
            return Err(UNCLEAR);
        }
        if let Some(piece) = self.again(whole) {
            return Ok(found(piece, "math/last"));
        }
        if !whole.contains('\n')
            && let Some(piece) = self.closing(whole)
        {
            return Ok(found(piece, "math/last"));
        }
        let whole =
            WHERE.find(whole).and_then(|m| whole.get(..m.start())).filter(|head| has_value(head)).unwrap_or(whole);
        let whole = DONE.find(whole).and_then(|m| whole.get(m.end()..)).filter(|rest| has_value(rest)).unwrap_or(whole);
        // "So −3 ≤ x ≤ 3": what leads to it is no part of it.
        let whole =
            CONCLUDES.find(whole).and_then(|m| whole.get(m.end()..)).filter(|rest| has_value(rest)).unwrap_or(whole);
        let piece = Piece { text: whole.to_owned(), math: false };
        if whole.len() < 300 && !whole.contains('\n') && !OFFERED.is_match(whole) && (self.reads)(&piece) {
            // 通项公式是 aₙ=2n-1: what stands before the equation names nothing.
            if let Some(side) = NAMED_BY.find(whole).and_then(|_| whole.rsplit_once('=')) {
                let piece = Piece { text: trimmed(side.1).to_owned(), math: false };
                if (self.reads)(&piece) {
                    return Ok(found(piece, "math/whole"));
                }
            }
            let named = (whole.contains('=') || whole.contains("分之"))
                && (whole.starts_with(|c: char| ('\u{4E00}'..='\u{9FFF}').contains(&c)) || BY.is_match(whole));
            if let Some(piece) = named.then(|| self.told(whole)).flatten() {
                return Ok(found(piece, "math/whole"));
            }
            return Ok(found(piece, "math/whole"));
        }
        if let Some(first) = LEADING.captures(whole).and_then(|c| c.get(1)) {
            let piece = Piece { text: trimmed(first.as_str()).to_owned(), math: false };
            if (self.reads)(&piece) {
                return Ok(found(piece, "math/leading"));
            }
        }
        let mut seen = 0;
        let mut checked = None;
        let said = |line: &&str| !line.is_empty() && !REMARK.is_match(line);
        for line in whole.lines().rev().map(str::trim).filter(said) {
            // 4. Sanity check: a step of its own, whose figure is no value.
            if HEADING.is_match(line)
                && CHECKED.is_match(line)
                && whole.find(line).and_then(|at| whole.get(..at)).is_some_and(has_value)
            {
                continue;
            }
            for sentence in sentences(line).into_iter().rev() {
                let behind = CONSEQUENCE.find_iter(sentence).last().and_then(|m| sentence.get(m.end()..));
                let concluding = CONCLUDES.is_match(trimmed(sentence)) || behind.is_some_and(has_value);
                // What might be asked for next, and a root put aside, only behind an answer.
                let beside = OFFERED.is_match(sentence) || REJECTED.is_match(sentence) && !concluding;
                if beside && whole.find(sentence).and_then(|at| whole.get(..at)).is_some_and(has_value) {
                    continue;
                }
                if !has_value(sentence) || ASIDE.is_match(sentence) || (CHECKED.is_match(sentence) && !concluding) {
                    if has_value(sentence) && !ASIDE.is_match(sentence) {
                        checked = checked.or(Some(sentence));
                    }
                    seen += 1;
                    if seen > 6 {
                        return Err(NONE);
                    }
                    continue;
                }
                if DENIES.is_match(sentence) || is_undecided(whole) {
                    return Err(UNCLEAR);
                }
                return match self.concluded(sentence) {
                    Some(piece) => Ok(found(piece, if concluding { "math/conclusion" } else { "math/last" })),
                    None => Err(UNCLEAR),
                };
            }
        }
        // What holds may be the answer where nothing else is said: |x| > 2 holds exactly when ….
        let piece = checked.filter(|_| sentences(whole).len() == 1).and_then(|sentence| self.concluded(sentence));
        piece.map(|piece| found(piece, "math/last")).ok_or(NONE)
    }
}
