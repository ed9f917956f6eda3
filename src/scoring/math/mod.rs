//! Scorer `math`: whether the mathematics that an answer states equals the reference, however either is written.
//!
//! The answer is found as in `number`: the last box or announcement (whichever comes later) and what corrects it; a text
//! that is nothing but an answer; what the last sentence concludes, or its last line alone sets in bold. It is parsed whole ([`parse`]) or not at all, and
//! compared by structure ([`compare`]) down to expressions, which are compared exactly in finite fields ([`field`]) and
//! only where those can't tell in floating point ([`scalar`]). Nothing is evaluated but by these; a power tower is never
//! raised. Where equality is not certain the answer is wrong.

mod clean;
mod compare;
mod field;
mod float;
mod forms;
mod lex;
mod modular;
mod node;
mod parse;
mod phrases;
mod ratio;
mod read;
mod scalar;
mod sentences;
mod spans;
mod words;

use super::number::told_in_words;
use super::prepared::Prepared;
use super::text::{Pattern, breaks_off, excerpt, fold, last_bold, pattern, readable, refuses, tail};
use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Verdict};
use compare::Judge;
use lex::{CLOSE, Mode, OPEN};
use node::{Constant, Join, Node, Rel};
use parse::{Parsed, parse};
use read::{Found, Piece, UNCLEAR};
use scalar::Rules;
use std::borrow::Cow;
use std::sync::{Arc, LazyLock};

/// `scorer = "math"`.
pub const KIND: Kind = Kind {
    name: "math",
    about: "equality of mathematics in LaTeX or plain notation; `tolerance`, `rounded`, `percent = \"unit\" | \"fraction\"`",
    build,
};

/// Grows whenever a verdict could change.
const VERSION: u32 = 13;

#[derive(Debug)]
struct Mathematics {
    rules: Rules,
    /// Whether 12% is always 0.12; else a percent sign is a unit, and a share where only one side has it.
    percent: bool,
    prepared: Prepared<Vec<Reference>>,
}

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    let exact = Mathematics::new(Rules { tolerance: 0.0, rounded: false }, false);
    let Some(section) = section else { return Some(Arc::new(exact)) };
    let tolerance = section.or("tolerance", 0.0_f64).filter(|tolerance| {
        let fits = (0.0..1.0).contains(tolerance);
        if !fits {
            section.problem("tolerance", "expected a number from 0, below 1", None);
        }
        fits
    });
    let rounded = section.or("rounded", false);
    let percent = if section.has("percent") {
        section.choice("percent", &[("unit", false), ("fraction", true)])
    } else {
        Some(false)
    };
    section.finish();
    Some(Arc::new(Mathematics::new(Rules { tolerance: tolerance?, rounded: rounded? }, percent?)))
}

impl Scorer for Mathematics {
    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        let finding = match readable(answer) {
            Err(finding) => finding,
            Ok(shown) => {
                let references = self.prepared.of(item, |item| self.references(item));
                let worded = references
                    .iter()
                    .any(|(text, all)| is_word(text) || all.iter().any(|p| matches!(p.node, Node::Words(_))));
                let text = tail(&shown.text);
                let pictured = |c: char| matches!(c, '\u{1F000}'..='\u{1FAFF}');
                let bare =
                    if text.contains(pictured) { Cow::Owned(text.replace(pictured, "")) } else { Cow::Borrowed(text) };
                let named: Vec<&str> = references.iter().map(|(text, _)| text.as_str()).collect();
                let bare = forms::uniform(&bare, &named);
                // 4!=24: no inequality of two figures is an answer.
                let bare = FACTORIAL.replace_all(&bare, "$1! = ");
                let bare = SAME_AS.replace_all(&bare, "原式为 $$");
                let bare = crate::scoring::text::without_comparison(&bare);
                let text = solutions(IT_IS.find(bare).and_then(|m| bare.get(m.end()..)).unwrap_or(bare));
                let clean = clean::clean(keyed(text).as_deref().unwrap_or(text));
                let reads = |piece: &Piece| self.readings(piece).iter().any(|p| is_answer(&p.node, worded));
                let found = read::find(&clean, shown.cut || breaks_off(&shown.text), last_bold(text), &reads);
                let found = found.or_else(|rule| told_in_words(text, shown.cut).map(read::told).ok_or(rule));
                match found {
                    Ok(found) => self.judged(&references, &found),
                    Err(rule) if rule != UNCLEAR && refuses(&shown.text) => {
                        Finding::bare(Verdict::Refused, "refused/text")
                    }
                    Err(rule) => Finding::bare(Verdict::Unparsed, rule),
                }
            }
        };
        finding.into()
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        if item.answers.is_empty() {
            return Err("a math item needs an answer".into());
        }
        match self.references(item).iter().position(|(_, all)| all.is_empty()) {
            Some(at) => {
                let answer = item.answers.get(at).map_or("", String::as_str);
                Err(format!("the answer {:?} is not mathematics that can be read", excerpt(answer)))
            }
            None => Ok(()),
        }
    }

    fn fingerprint(&self) -> String {
        let Self { rules: Rules { tolerance, rounded }, percent, prepared: _ } = self;
        format!("math/{VERSION} tolerance={tolerance} rounded={rounded} percent={percent}")
    }
}

/// A reference's text and its readings.
type Reference = (String, Vec<Parsed>);

/// 36π(立方单位): units that are none in particular.
static UNITS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\s*\(\s*(?:立方|平方|(?:cubic|square)\s+)?(?:单位(?:长度|面积|体积)?|units?)\s*\)\s*[.。]?\s*\z")
});

/// 原式 $=…$: what was asked for is the chain's end.
static SAME_AS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"原式\s*\$\s*="));
static IT_IS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A\s*(?:it|that)(?:'s|\s+is)\s+"));
static FACTORIAL: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(\d)!=\s*"));
static CASES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\A\s*(?:\\left\s*\\?\{?\s*)?\\begin\{(?:cases|aligned|array)\}(?:\{[lcr|]*\})?((?s:.*?))\\end\{(?:cases|aligned|array)\}(?:\s*\\right\s*\.)?\s*[.。]?\s*\z",
    )
});

impl Mathematics {
    fn new(rules: Rules, percent: bool) -> Self {
        Self { rules, percent, prepared: Prepared::default() }
    }

    fn references(&self, item: &Item) -> Vec<Reference> {
        let read = |answer: &String| {
            let text = fold(answer);
            let cleaned = clean::clean(text.trim());
            // A reference may itself be boxed.
            let content =
                cleaned.boxes.last().and_then(|range| cleaned.text.get(range.clone())).unwrap_or(&cleaned.text);
            let piece = Piece { text: content.trim().trim_end_matches(['.', '。']).to_owned(), math: false };
            let readings = self.readings(&piece);
            (piece.text, readings)
        };
        item.answers.iter().map(read).collect()
    }

    /// All readings of a piece: `1,234` as one number or two, a letter behind a number as a unit or a factor.
    fn readings(&self, piece: &Piece) -> Vec<Parsed> {
        let all = self.read_as(&piece.text, piece.math);
        // (B) 15: a choice's letter before its words.
        if let Some((letter, rest)) = labelled(&piece.text) {
            let mut either = self.read_as(rest, piece.math);
            either.extend(self.read_as(letter, piece.math));
            return either;
        }
        if !all.is_empty() {
            return all;
        }
        // What an integral or a limit comes to is what stands behind its last equals sign.
        match last_side(&piece.text) {
            Some(side) => self.read_as(side, piece.math),
            None => all,
        }
    }

    fn read_as(&self, text: &str, math: bool) -> Vec<Parsed> {
        let units = if text.contains('(') { UNITS.find(text) } else { None };
        let text = units.map_or(text, |found| text.get(..found.start()).unwrap_or(text));
        // A system of equations is a list of them; one with conditions (&) is a function by parts.
        if text.contains("\\begin")
            && let Some(found) = CASES.captures(text)
            && let Some(inner) = found.get(1).map(|m| m.as_str()).filter(|inner| !inner.contains('&'))
        {
            return self.read_as(&inner.replace(r"\\", ", "), math);
        }
        let worded = in_words(text);
        let text = worded.as_deref().unwrap_or(text);
        let read = |grouped, units| parse(text, math, Mode { grouped, units }, self.percent);
        let mut all: Vec<Parsed> = Vec::new();
        let (first, mattered) = read(true, true);
        all.extend(first);
        for (grouped, units) in [(true, false), (false, true), (false, false)] {
            if (grouped || mattered.grouped) && (units || mattered.units) {
                all.extend(read(grouped, units).0.filter(|p| all.iter().all(|other| other.node != p.node)));
            }
        }
        all
    }

    fn judged(&self, references: &[Reference], found: &Found) -> Finding {
        // "Twice 15" is not 15.
        if !found.piece.math && super::number::is_altered(&found.piece.text) {
            return Finding::bare(Verdict::Unparsed, UNCLEAR);
        }
        let chosen = !(found.either && references.iter().any(|(_, all)| all.iter().any(|p| p.node.is_expression())));
        let right = references.iter().any(|reference| {
            chosen && self.is_right(&found.piece, reference)
                || (!found.boxes.is_empty() && self.are_right(&found.boxes, reference))
        });
        if !right && self.leaves_open(references, found) {
            return Finding::bare(Verdict::Unparsed, UNCLEAR);
        }
        let shown: String = found.piece.text.chars().filter(|c| !matches!(*c, OPEN | CLOSE)).collect();
        Finding::judged(right, excerpt(shown.trim()), found.rule)
    }

    /// Whether it names several values and takes none, where one is asked for: "7 or 8".
    fn leaves_open(&self, references: &[Reference], found: &Found) -> bool {
        let one = references.iter().all(|(_, all)| all.iter().all(|p| p.node.is_expression()));
        let several = |p: &Parsed| matches!(&p.node, Node::List(all, Join::Or) if all.iter().all(Node::is_expression));
        // 2 或 −2 are the solutions of a square: both, and not one of them.
        let opposite = |p: &Parsed| match &p.node {
            Node::List(all, Join::Or) => {
                matches!(all.as_slice(), [a, b] if *b == a.clone().neg() || *a == b.clone().neg())
            }
            _ => false,
        };
        if !found.either && self.readings(&found.piece).iter().any(opposite) {
            return false;
        }
        one && (found.either || (found.rule != "math/boxed" && self.readings(&found.piece).iter().any(several)))
    }

    fn is_right(&self, piece: &Piece, reference: &Reference) -> bool {
        let judge = Judge::new(self.rules);
        let readings = self.readings(piece);
        let letters =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let (text, expected) = reference;
        // Words are compared as words: `Tom` and `\text{Tom}`.
        // 充分不必要, 充分不必要条件.
        let named = |text: &str| letters(text).trim_end_matches("条件").to_owned();
        if is_word(text) && named(text) == named(&undressed(&piece.text)) {
            return true;
        }
        if readings.iter().any(|a| expected.iter().any(|r| matches(&judge, a, r))) {
            return true;
        }
        // A sign on one side only leaves both readings: 25 and 1/4 are each what 25% may mean. (On both sides it is a unit.)
        let signed = |text: &str| text.contains('%');
        if self.percent || signed(&piece.text) == signed(text) {
            return false;
        }
        let shares = Self::new(self.rules, true);
        let reference = Piece { text: text.clone(), math: false };
        let expected = shares.readings(&reference);
        shares.readings(piece).iter().any(|a| expected.iter().any(|r| matches(&judge, a, r)))
    }

    /// Whether the boxes of one sentence are together what the reference lists.
    fn are_right(&self, boxes: &[Piece], (_, expected): &Reference) -> bool {
        expected.iter().any(|r| {
            let (Node::List(all, _) | Node::Set(all) | Node::Tuple(_, all, _)) = &r.node else { return false };
            if all.len() != boxes.len() {
                return false;
            }
            let parts: Option<Vec<Node>> =
                boxes.iter().map(|b| self.readings(b).into_iter().next().map(|p| p.node)).collect();
            let judge = Judge::new(self.rules);
            parts.is_some_and(|parts| match &r.node {
                Node::Tuple(open, _, close) => judge.same(&Node::Tuple(*open, parts, *close), &r.node),
                _ => judge.same(&Node::List(parts, Join::And), &r.node),
            })
        })
    }
}

/// A text from its last sentence on, where that tells the solutions and is all that is concluded.
fn solutions(text: &str) -> &str {
    static TELLS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\.\s+(?P<last>(?:so\s+|thus,?\s+|hence,?\s+|therefore,?\s+)?(?:the|its)\s+(?:two\s+)?(?:solutions|roots|zeros)\s+are\s+[^.\n]{1,60}\.?\s*)\z",
        )
    });
    if text.contains("\\boxed") {
        return text;
    }
    TELLS.captures(text).and_then(|found| Some(found.name("last")?.as_str())).unwrap_or(text)
}

/// The answer of a text that is a JSON object with one.
fn keyed(text: &str) -> Option<String> {
    let body = text.trim().trim_start_matches("```json").trim_matches(['`', '\n', ' ']);
    if !body.starts_with('{') || !body.ends_with('}') || !["answer\"", "答案\""].iter().any(|key| body.contains(key))
    {
        return None;
    }
    let object: serde_json::Value = serde_json::from_str(body).ok()?;
    ["answer", "final_answer", "答案", "最终答案", "正确答案"].iter().find_map(|key| match object.get(key)? {
        serde_json::Value::String(text) => Some(format!("\\boxed{{{text}}}")),
        serde_json::Value::Number(n) => Some(n.to_string()),
        _ => None,
    })
}

/// A Chinese numeral with its measure word, in digits: 十八个, 二分之一.
fn in_words(text: &str) -> Option<String> {
    const MEASURES: &[&str] = &[
        "",
        "个",
        "只",
        "条",
        "本",
        "张",
        "件",
        "名",
        "位",
        "人",
        "次",
        "天",
        "年",
        "岁",
        "元",
        "米",
        "倍",
        "种",
        "辆",
        "棵",
        "度",
        "厘米",
        "千米",
        "公里",
        "千克",
        "小时",
        "分钟",
        "平方米",
        "平方厘米",
        "种方法",
    ];
    let text = text.trim();
    if text.len() < 80 && text.is_ascii() && text.contains(' ') && !text.contains(['=', '\\']) {
        return super::number::in_english_words(text);
    }
    text.chars().next().filter(|c| "负一二三四五六七八九十两零百".contains(*c))?;
    let (value, percent, rest) = super::number::chinese::numeral(text)?;
    MEASURES.contains(&rest).then(|| format!("{value}{}", if percent { "%" } else { "" }))
}

/// A choice's letter, in the form that competitions give it, and what follows.
fn labelled(text: &str) -> Option<(&str, &str)> {
    static LABEL: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\A\s*(?:\\(?:text(?:bf|rm)?|mathrm|mathbf)\{\s*\(?([A-F])\)?[.:]?\s*\}|\(([A-F])\)(?:\\ |[ ~]|\\quad|\\;|\\,))[\s~]*(?:\\[ ,;:!]|\\quad)*\s*(\S.*)\z",
        )
    });
    if !text.trim_start().starts_with(['\\', '(']) {
        return None;
    }
    let found = LABEL.captures(text)?;
    let letter = found.get(1).or_else(|| found.get(2))?.as_str();
    let rest = found.get(3)?.as_str();
    (!rest.starts_with(['=', '+', '-', '\'', '_', '^', ')', ','])).then_some((letter, rest))
}

/// What stands behind the last equals sign that is in no braces, where the other side is mathematics.
fn last_side(text: &str) -> Option<&str> {
    let mut depth = 0_usize;
    let mut last = None;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        let literal = escaped;
        escaped = c == '\\' && !literal;
        if literal {
            continue;
        }
        match c {
            '{' | '(' => depth += 1,
            '}' | ')' => depth = depth.saturating_sub(1),
            '=' if depth == 0 => last = Some(at),
            // Several things side by side, or words: that is no equation.
            ',' | ';' | OPEN if depth == 0 && at > 0 => return None,
            _ if !c.is_ascii() && c.is_alphabetic() && !matches!(c, 'Α'..='ω' | 'ᵢ'..='ᵪ' | 'ₐ'..='ₜ' | '∁') =>
            {
                return None;
            }
            _ => {}
        }
    }
    let (left, right) = text.split_at_checked(last?)?;
    let opens = left.contains('\\') || left.contains(['∫', '∑', '∏', '∁', '∠', '△']) || left.contains('(');
    opens.then(|| right.trim_start_matches('='))
}

/// Whether a reference is words by themselves, such as a name.
fn is_word(text: &str) -> bool {
    text.chars().count() > 1 && text.chars().all(|c| c.is_alphabetic() || c == ' ')
}

/// Without `\text{…}` around it.
fn undressed(text: &str) -> String {
    let mut plain = text.replace([OPEN, CLOSE], "");
    for command in ["\\text", "\\mathrm", "\\textbf", "\\mathbf", "\\operatorname", "\\mbox", "\\textit", "\\mathit"] {
        plain = plain.replace(&format!("{command}{{"), "");
    }
    plain
}

/// Whether a reading can be an answer: words are one only where words are asked for.
fn is_answer(node: &Node, worded: bool) -> bool {
    worded
        || !node.any(&|n| matches!(n, Node::Words(_)))
        || matches!(node, Node::Relation(parts, _) if parts.last().is_some_and(|p| !matches!(p, Node::Words(_))))
}

/// Whether an answer in its unit is the reference in its.
fn matches(judge: &Judge, answer: &Parsed, reference: &Parsed) -> bool {
    if let (Some(a), Some(r)) = (answer.unit, reference.unit)
        && a != r
    {
        return false;
    }
    let scaled = |node: &Node, above: Node, below: Node| {
        let turned = |n: Node| Node::Product(vec![n, above.clone(), below.clone().inverse()]);
        match node.clone() {
            Node::Relation(mut parts, rels) => {
                let last = parts.pop().map(turned);
                parts.extend(last);
                Node::Relation(parts, rels)
            }
            Node::List(all, join) => Node::List(all.into_iter().map(turned).collect(), join),
            other => turned(other),
        }
    };
    let (pi, half_turn) = (Node::Const(Constant::Pi), Node::int(180));
    // 60° is π/3.
    match (answer.degrees, reference.degrees) {
        (true, false) if compare::has_pi(&reference.node) => {
            judge.same(&scaled(&answer.node, pi, half_turn), &reference.node)
        }
        (false, true) if compare::has_pi(&answer.node) => {
            judge.same(&scaled(&answer.node, half_turn, pi), &reference.node)
        }
        _ => {
            judge.same(&answer.node, &reference.node)
                || judge.same(&by_coordinates(&answer.node), &by_coordinates(&reference.node))
        }
    }
}

/// (x, y) = (3, 2) as what it says of each letter: x = 3 and y = 2.
fn by_coordinates(node: &Node) -> Node {
    let Node::Relation(parts, rels) = node else { return node.clone() };
    match (parts.as_slice(), rels.as_slice()) {
        ([Node::Tuple(_, letters, _), Node::Tuple(_, values, _)], [Rel::Eq]) if letters.len() == values.len() => {
            let each = letters.iter().zip(values);
            let equations = each.map(|(l, v)| Node::Relation(vec![l.clone(), v.clone()], vec![Rel::Eq]));
            Node::List(equations.collect(), Join::And)
        }
        _ => node.clone(),
    }
}

#[cfg(test)]
mod tests;
