//! Parses tokens into an answer: lists, relations, unions, sums and products. Recursive descent with a cap on depth, so
//! that no text can use up the stack; what is not understood to its end is no answer at all.

mod atoms;
mod brackets;

use super::lex::{Lexeme, Mode, Token, lex};
use super::node::{Join, Node, Rel};
use super::words::{phrase, unit};

/// How deep brackets, fractions and powers may be nested.
const DEPTH: u32 = 40;

/// What a text says.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    pub node: Node,
    /// The unit it is in, where one is known.
    pub unit: Option<&'static str>,
    /// It is in degrees.
    pub degrees: bool,
}

/// Parses a text; none where any of it is not understood. Says besides which choices of the mode mattered.
pub fn parse(text: &str, math: bool, mode: Mode, percent: bool) -> (Option<Parsed>, Mode) {
    let Some(lexed) = lex(text, math, mode) else { return (None, Mode { grouped: false, units: false }) };
    let mattered = Mode { grouped: lexed.grouped, units: lexed.units };
    let mut parser = Parser {
        tokens: lexed.tokens,
        at: 0,
        depth: 0,
        bars: Bars::None,
        angle: 0,
        percent,
        words: String::new(),
        degrees: false,
        conditions: Vec::new(),
    };
    let node = parser.whole();
    (node.map(|node| Parsed { node, unit: unit(&parser.words), degrees: parser.degrees }), mattered)
}

/// What a bar means where a factor could end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Bars {
    /// It opens.
    None,
    /// It closes.
    Inside,
    /// It parts a set from its condition.
    Set,
}

/// Whether words around a value make something else of it: a bound, a denial, a condition.
fn is_hedge(words: &str) -> bool {
    const ENGLISH: &[&str] = &[
        "not",
        "least",
        "most",
        "more",
        "less",
        "than",
        "between",
        "over",
        "under",
        "above",
        "below",
        "neither",
        "never",
        "except",
        "if",
        "because",
        "cannot",
        "wrong",
        "incorrect",
        "false",
        "error",
        "no",
        "unless",
        "maybe",
        "perhaps",
        "isn't",
    ];
    const CHINESE: &[&str] = &[
        "不是",
        "不对",
        "不等",
        "不可",
        "不能",
        "不为",
        "不会",
        "不确定",
        "不小",
        "不大",
        "不少",
        "不超",
        "不正确",
        "大于",
        "小于",
        "超过",
        "并非",
        "之间",
        "除了",
        "错",
        "以上",
        "以下",
        "可能",
        "如果",
        "因为",
        "或许",
    ];
    words.split_whitespace().any(|w| ENGLISH.contains(&w.to_ascii_lowercase().as_str()))
        || CHINESE.iter().any(|w| words.contains(w))
        || words.ends_with(['不', '非'])
}

struct Parser {
    tokens: Vec<Lexeme>,
    at: usize,
    depth: u32,
    bars: Bars,
    /// How many trigonometric functions are around.
    angle: u32,
    percent: bool,
    words: String,
    degrees: bool,
    conditions: Vec<Node>,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.at).map(|l| &l.token)
    }

    fn ahead(&self, by: usize) -> Option<&Token> {
        self.tokens.get(self.at + by).map(|l| &l.token)
    }

    fn spaced(&self) -> bool {
        self.tokens.get(self.at).is_some_and(|l| l.spaced)
    }

    fn next(&mut self) -> Option<Token> {
        let token = self.tokens.get(self.at).map(|l| l.token.clone());
        self.at += 1;
        token
    }

    fn is(&self, c: char) -> bool {
        self.peek() == Some(&Token::Op(c))
    }

    fn eat(&mut self, c: char) -> bool {
        let is = self.is(c);
        self.at += usize::from(is);
        is
    }

    /// Goes one level down, if there is one.
    fn deeper<T>(&mut self, of: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        if self.depth >= DEPTH {
            return None;
        }
        self.depth += 1;
        let found = of(self);
        self.depth -= 1;
        found
    }

    fn whole(&mut self) -> Option<Node> {
        if self.tokens.is_empty() {
            return None;
        }
        let words: Option<Vec<&str>> = self
            .tokens
            .iter()
            .map(|l| match &l.token {
                Token::Text(text) => Some(text.as_str()),
                Token::And => Some("and"),
                Token::Or => Some("or"),
                Token::Op(',') => Some(","),
                _ => None,
            })
            .collect();
        if let Some(words) = words {
            let words = words.join(" ");
            return phrase(&words).or(Some(Node::Words(words)));
        }
        let list = self.list()?;
        self.peek().is_none().then_some(list)
    }

    /// One item, or several side by side, up to what they don't go on with.
    fn list(&mut self) -> Option<Node> {
        let mut items = Vec::new();
        let mut join = Join::Comma;
        loop {
            let item = self.item()?;
            items.push(item);
            items.append(&mut self.conditions);
            let before = self.at;
            while let Some(Token::Op(',' | ';' | '⏎') | Token::And | Token::Or) = self.peek() {
                match self.peek() {
                    Some(Token::Or) => join = Join::Or,
                    Some(Token::And) if join == Join::Comma => join = Join::And,
                    _ => {}
                }
                self.at += 1;
            }
            if self.at == before || self.peek().is_none() || self.closes() {
                break;
            }
        }
        if items.len() == 1 { items.pop() } else { Some(Node::List(items, join)) }
    }

    fn closes(&self) -> bool {
        matches!(self.peek(), Some(Token::Op(')' | ']' | '}' | '⦄' | '⟩' | '|' | '⎹' | '&') | Token::End))
    }

    /// A relation, or what stands in one.
    fn item(&mut self) -> Option<Node> {
        // Words before mathematics name it or lead to it; further on they say something else.
        let mut name = None;
        while let Some(Token::Text(text)) = self.peek() {
            let leads = self.at == 0 || self.depth > 0 || name.is_some();
            let text = text.clone();
            self.at += 1;
            let ends = matches!(
                self.peek(),
                None | Some(Token::Op(',' | ';' | '⏎' | ')' | '}' | '⦄' | '&') | Token::And | Token::Or)
            );
            if ends {
                return phrase(&text).or(Some(Node::Words(text)));
            }
            let colon = self.eat(':');
            if !colon && self.relation_sign().is_none() {
                let called = self.is('(') && !self.spaced();
                if !leads || called || is_hedge(&text) {
                    return None;
                }
            }
            name = Some(text);
        }
        let first = match (name, self.relation_sign()) {
            (Some(name), Some(_)) => Node::Words(name),
            _ => self.side()?,
        };
        let (mut parts, mut rels) = (vec![first], Vec::new());
        while let Some(rel) = self.relation_sign() {
            self.at += 1;
            parts.push(self.side()?);
            rels.push(rel);
        }
        if rels.is_empty() { parts.pop() } else { Some(Node::Relation(parts, rels)) }
    }

    fn relation_sign(&self) -> Option<Rel> {
        let Some(Token::Op(c)) = self.peek() else { return None };
        Some(match c {
            '=' => Rel::Eq,
            '≠' => Rel::Ne,
            '<' => Rel::Lt,
            '≤' => Rel::Le,
            '>' => Rel::Gt,
            '≥' => Rel::Ge,
            '≈' => Rel::About,
            '∈' => Rel::In,
            _ => return None,
        })
    }

    /// One side of a relation, with its unit.
    fn side(&mut self) -> Option<Node> {
        let mut node = self.ratio()?;
        while let Some(Token::Op(sign @ ('∪' | '∩' | '∖'))) = self.peek().cloned() {
            self.at += 1;
            let other = self.ratio()?;
            node = match (sign, node) {
                ('∪', Node::Union(mut all)) => {
                    all.push(other);
                    Node::Union(all)
                }
                ('∪', first) => Node::Union(vec![first, other]),
                ('∩', Node::Meet(mut all)) => {
                    all.push(other);
                    Node::Meet(all)
                }
                ('∩', first) => Node::Meet(vec![first, other]),
                (_, first) => self.deeper(|_| Some(Node::Without(Box::new(first), Box::new(other))))?,
            };
            if matches!(node, Node::Without(..)) && self.is('∖') {
                return None;
            }
        }
        self.trailing().then_some(node)
    }

    /// Words behind an expression: its unit, with its powers. False where they take it back or make it a bound.
    fn trailing(&mut self) -> bool {
        let mut words = String::new();
        loop {
            match self.peek() {
                Some(Token::Text(text)) => {
                    if !words.is_empty() && !words.ends_with('/') {
                        words.push(' ');
                    }
                    words.push_str(text);
                    self.at += 1;
                }
                Some(Token::Op('/')) if !words.is_empty() => {
                    let unit = match self.ahead(1) {
                        Some(Token::Text(text)) => text.clone(),
                        Some(Token::Sym(letter)) => letter.clone(),
                        _ => break,
                    };
                    words.push('/');
                    words.push_str(&unit);
                    self.at += 2;
                }
                Some(Token::Op('^')) if !words.is_empty() => match (self.ahead(1), self.ahead(2), self.ahead(3)) {
                    (Some(Token::Num(n)), ..) => {
                        words.push_str(&n.digits);
                        self.at += 2;
                    }
                    (Some(Token::Op('{')), Some(Token::Num(n)), Some(Token::Op('}'))) => {
                        words.push_str(&n.digits);
                        self.at += 4;
                    }
                    _ => break,
                },
                _ => break,
            }
        }
        let plain = !is_hedge(&words);
        if !words.is_empty() {
            self.words = words;
        }
        plain
    }

    fn ratio(&mut self) -> Option<Node> {
        let first = self.sum()?;
        if !self.is(':') || self.bars == Bars::Set {
            return Some(first);
        }
        let mut parts = vec![first];
        while self.eat(':') {
            parts.push(self.sum()?);
        }
        parts.iter().all(Node::is_expression).then_some(Node::Ratio(parts))
    }

    fn sum(&mut self) -> Option<Node> {
        let mut terms: Vec<Node> = Vec::new();
        loop {
            let mut negative = false;
            let mut either = None;
            let start = self.at;
            loop {
                match self.peek() {
                    Some(Token::Op('+')) => {}
                    Some(Token::Op('-')) => negative = !negative,
                    Some(Token::Op(sign @ ('±' | '∓'))) if either.is_none() => either = Some(*sign == '∓'),
                    _ => break,
                }
                self.at += 1;
            }
            if !terms.is_empty() && self.at == start {
                break;
            }
            let term = self.term()?;
            if let (Some(last), true) = (terms.last(), negative)
                && (!last.is_expression() || !term.is_expression())
                && terms.len() == 1
            {
                return terms.pop().map(|from| Node::Without(Box::new(from), Box::new(term)));
            }
            let signed = match (negative, either) {
                (false, None) => term,
                (true, None) if matches!(term, Node::Const(_) | Node::Num(_)) || term.is_expression() => term.neg(),
                (negative, Some(sign)) if term.is_expression() => Node::Either(Box::new(term), sign != negative),
                _ => return None,
            };
            terms.push(signed);
            if !self.goes_on() {
                break;
            }
        }
        if terms.len() == 1 {
            return terms.pop();
        }
        terms.iter().all(Node::is_expression).then_some(Node::Sum(terms))
    }

    fn goes_on(&self) -> bool {
        matches!(self.peek(), Some(Token::Op('+' | '-' | '±' | '∓')))
    }

    fn term(&mut self) -> Option<Node> {
        let mut factors = vec![self.power()?];
        loop {
            match self.peek() {
                Some(Token::Op(sign @ ('*' | '/'))) => {
                    let divides = *sign == '/';
                    self.at += 1;
                    let mut negative = false;
                    while let Some(Token::Op(sign @ ('+' | '-'))) = self.peek() {
                        negative ^= *sign == '-';
                        self.at += 1;
                    }
                    let factor = self.power()?;
                    let factor = if negative { factor.neg() } else { factor };
                    factors.push(if divides { factor.inverse() } else { factor });
                }
                _ if self.begins_factor() => {
                    let factor = self.power()?;
                    // x = kπ (k ∈ ℤ).
                    if let Node::Relation(_, rels) = &factor
                        && rels.as_slice() == [Rel::In]
                    {
                        self.conditions.push(factor);
                        break;
                    }
                    factors.push(factor);
                }
                _ => break,
            }
        }
        if factors.len() == 1 {
            return factors.pop();
        }
        factors.iter().all(Node::is_expression).then_some(Node::Product(factors))
    }

    /// Whether what follows is multiplied with what stands before it.
    fn begins_factor(&self) -> bool {
        match self.peek() {
            Some(
                Token::Sym(_)
                | Token::Const(_)
                | Token::Func(_)
                | Token::Log
                | Token::Exp
                | Token::Frac
                | Token::Sqrt
                | Token::Cbrt
                | Token::Binom
                | Token::Line
                | Token::Hat
                | Token::Op('(' | '{' | '⎸' | '⌊' | '⌈'),
            ) => true,
            Some(Token::Op('[')) => !self.spaced(),
            Some(Token::Op('|')) => self.bars == Bars::None,
            Some(Token::Num(_)) => {
                let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
                before.is_some_and(|l| matches!(l.token, Token::Op(')' | '}')))
            }
            _ => false,
        }
    }
}
