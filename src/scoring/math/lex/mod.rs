//! Cuts LaTeX, plain and Unicode mathematics into the same tokens. One pass, no recursion, bounded.

mod runs;

use crate::scoring::math::node::{Constant, Func, Node, Numeral};
use crate::scoring::math::words::{CONSTANTS, DRESS, FUNCTIONS, LETTERS, NAMES, SIGNS, SILENT, SPACES, UNIT_LETTERS};
use crate::scoring::text::THIN;
use runs::known;

/// Where mathematics begins and ends in a cleaned text. In ASCII, which keeps patterns with `\b` fast.
pub const OPEN: char = '\u{1}';
pub const CLOSE: char = '\u{2}';

/// The most digits of a number.
pub const DIGITS: usize = 1000;
/// The most tokens of an answer.
pub const TOKENS: usize = 1500;
/// The most bytes of an answer.
pub const BYTES: usize = 6000;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    Num(Numeral),
    Sym(String),
    Const(Constant),
    Func(Func),
    Log,
    Exp,
    Frac,
    Sqrt,
    Cbrt,
    Binom,
    /// A line or a dot over something: in decimals, what repeats.
    Line,
    /// An arrow, a hat: part of a name.
    Hat,
    Op(char),
    Begin(String),
    End,
    Text(String),
    Or,
    And,
    Dots,
    Special(Node),
}

/// A token and whether space stands before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lexeme {
    pub token: Token,
    pub spaced: bool,
}

/// How what has two readings is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mode {
    /// `1,234` is one number.
    pub grouped: bool,
    /// A letter after a number and a space is a unit.
    pub units: bool,
}

/// Tokens, and which choices of [`Mode`] mattered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lexed {
    pub tokens: Vec<Lexeme>,
    pub grouped: bool,
    pub units: bool,
}

enum Brace {
    Group,
    /// Dropped; whether mathematics goes on behind it.
    Dress(bool),
}

struct Lexer<'a> {
    rest: &'a str,
    math: bool,
    mode: Mode,
    spaced: bool,
    braces: Vec<Brace>,
    out: Vec<Lexeme>,
    grouped: bool,
    units: bool,
    bad: bool,
}

/// Cuts; none where there is too much of it, or what is not known here.
pub fn lex(text: &str, math: bool, mode: Mode) -> Option<Lexed> {
    if text.len() > BYTES {
        return None;
    }
    let mut lexer = Lexer {
        rest: text,
        math,
        mode,
        spaced: false,
        braces: Vec::new(),
        out: Vec::new(),
        grouped: false,
        units: false,
        bad: false,
    };
    while let Some(c) = lexer.rest.chars().next() {
        lexer.step(c);
        if lexer.bad || lexer.out.len() > TOKENS {
            return None;
        }
    }
    Some(Lexed { tokens: lexer.out, grouped: lexer.grouped, units: lexer.units })
}

impl<'a> Lexer<'a> {
    fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or("");
    }

    fn push(&mut self, token: Token) {
        self.out.push(Lexeme { token, spaced: std::mem::take(&mut self.spaced) });
    }

    fn op(&mut self, c: char, bytes: usize) {
        self.push(Token::Op(c));
        self.skip(bytes);
    }

    fn last(&self) -> Option<&Token> {
        self.out.last().map(|l| &l.token)
    }

    fn step(&mut self, c: char) {
        let size = c.len_utf8();
        match c {
            OPEN => {
                self.math = true;
                self.skip(size);
            }
            CLOSE => {
                self.math = false;
                self.spaced = true;
                self.skip(size);
            }
            '\\' => self.command(),
            '{' if self.rest.starts_with("{,}") => self.skip(3),
            '{' => {
                self.braces.push(Brace::Group);
                self.op('{', 1);
            }
            '}' => {
                match self.braces.pop() {
                    Some(Brace::Dress(math)) => self.math = math,
                    Some(Brace::Group) => self.push(Token::Op('}')),
                    None => {}
                }
                self.skip(1);
            }
            '0'..='9' => self.number(),
            '.' if self.rest.get(1..).is_some_and(|r| r.starts_with(|d: char| d.is_ascii_digit())) => self.number(),
            '.' if self.rest.starts_with("...") => {
                self.push(Token::Dots);
                self.skip(3);
            }
            '…' => {
                self.push(Token::Dots);
                self.skip(size);
            }
            // The full stop of a sentence.
            '.' | '。' | '?' => self.skip(size),
            'a'..='z' | 'A'..='Z' => self.letters(),
            '+' if self.rest.starts_with("+/-") => self.op('±', 3),
            '*' if self.rest.starts_with("**") => self.op('^', 2),
            '<' | '>' if self.rest.get(1..).is_some_and(|r| r.starts_with('=')) => {
                self.op(if c == '<' { '≤' } else { '≥' }, 2);
            }
            '!' if self.rest.starts_with("!=") => self.op('≠', 2),
            '=' if self.rest.starts_with("==") => self.op('=', 2),
            '~' => {
                self.spaced = true;
                self.skip(1);
            }
            '+' | '-' | '*' | '/' | '^' | '_' | '!' | '\'' | '%' | '(' | ')' | '[' | ']' | '|' | ',' | ';' | ':'
            | '=' | '<' | '>' | '&' | '±' | '∓' | '≤' | '≥' | '≠' | '≈' | '∈' | '∪' | '∩' | '∖' | '⟨' | '⟩' | '⌊'
            | '⌋' | '⌈' | '⌉' => self.op(c, size),
            '⩽' | '≦' => self.op('≤', size),
            '⩾' | '≧' => self.op('≥', size),
            '×' | '·' | '⋅' | '∙' | '•' | '∗' => self.op('*', size),
            '÷' | '∕' | '⁄' => self.op('/', size),
            '、' => self.op(',', size),
            '∣' => self.op('|', size),
            '∶' => self.op(':', size),
            '′' => self.op('\'', size),
            '°' | '∘' | '˚' => {
                self.degree();
                self.skip(size);
            }
            '¤' | '€' | '£' | '¥' | '￥' | '∴' | '∵' | '"' | '∠' | '△' | '@' => self.skip(size),
            '√' => self.sign(Token::Sqrt, size),
            '∛' => self.sign(Token::Cbrt, size),
            '∞' => self.sign(Token::Const(Constant::Infinity), size),
            'π' => self.sign(Token::Const(Constant::Pi), size),
            '∅' => self.sign(Token::Special(Node::Nothing), size),
            'ℝ' => self.sign(Token::Special(Node::Reals), size),
            _ if c.is_whitespace() || c == THIN => {
                self.spaced = true;
                self.skip(size);
            }
            _ => self.other(c),
        }
    }

    fn sign(&mut self, token: Token, bytes: usize) {
        self.push(token);
        self.skip(bytes);
    }

    fn command(&mut self) {
        let after: &'a str = self.rest.get(1..).unwrap_or("");
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let name = after.get(..end).unwrap_or("");
        if name.is_empty() {
            return self.escaped(after);
        }
        self.skip(1 + end);
        let rest: &'a str = self.rest;
        let braced = rest.trim_start().strip_prefix('{').map(|content| (rest.len() - content.len(), content));
        match name {
            "frac" | "dfrac" | "tfrac" | "cfrac" => return self.push(Token::Frac),
            "sqrt" => return self.push(Token::Sqrt),
            "binom" | "dbinom" | "tbinom" => return self.push(Token::Binom),
            "log" => return self.push(Token::Log),
            "exp" => return self.push(Token::Exp),
            "overline" | "dot" | "bar" => return self.push(Token::Line),
            "vec" | "hat" | "widehat" | "overrightarrow" | "tilde" => return self.push(Token::Hat),
            "ldots" | "cdots" | "dots" | "dotsc" => return self.push(Token::Dots),
            "emptyset" | "varnothing" => return self.push(Token::Special(Node::Nothing)),
            "R" | "Reals" => return self.push(Token::Special(Node::Reals)),
            "lor" | "vee" => return self.push(Token::Or),
            "land" | "wedge" => return self.push(Token::And),
            "degree" | "circ" => return self.degree(),
            "cr" | "newline" => return self.push(Token::Op('⏎')),
            "begin" | "end" => {
                let Some((gap, content)) = braced else { return self.bad = true };
                let close = content.find('}').unwrap_or(content.len());
                let environment = content.get(..close).unwrap_or("").trim_end_matches('*').to_owned();
                self.skip(gap + close + 1);
                if name == "begin" && environment == "array" && self.rest.trim_start().starts_with('{') {
                    let columns = self.rest.find('}').map_or(self.rest.len(), |at| at + 1);
                    self.skip(columns);
                }
                return self.push(if name == "begin" { Token::Begin(environment) } else { Token::End });
            }
            _ => {}
        }
        if let Some((_, token)) = FUNCTIONS.iter().find(|(n, _)| *n == name) {
            return self.push(Token::Func(*token));
        }
        if let Some((_, letter)) = LETTERS.iter().find(|(n, _)| *n == name) {
            return self.push(Token::Sym((*letter).to_owned()));
        }
        if let Some((_, constant)) = CONSTANTS.iter().find(|(n, _)| *n == name) {
            return self.push(Token::Const(*constant));
        }
        if let Some((_, sign)) = SIGNS.iter().find(|(n, _)| *n == name) {
            return self.push(Token::Op(*sign));
        }
        if matches!(name, "left" | "right") {
            let side = rest.trim_start();
            let gap = rest.len() - side.len();
            if side.starts_with('|') {
                return self.op(if name == "left" { '⎸' } else { '⎹' }, gap + 1);
            }
            if side.starts_with('.') {
                return self.skip(gap + 1);
            }
            return;
        }
        if SPACES.contains(&name) {
            self.spaced = true;
        } else if DRESS.contains(&name) {
            if let Some((gap, _)) = braced {
                self.braces.push(Brace::Dress(self.math));
                self.skip(gap);
            }
        } else if NAMES.contains(&name) {
            if let Some((gap, content)) = braced {
                self.skip(gap);
                self.name(name, content);
            }
        } else if !SILENT.contains(&name) {
            self.bad = true;
        }
    }

    fn escaped(&mut self, after: &str) {
        let Some(first) = after.chars().next() else { return self.skip(1) };
        let bytes = 1 + first.len_utf8();
        match first {
            '{' => self.op('⦃', bytes),
            '}' => self.op('⦄', bytes),
            '%' => self.op('%', bytes),
            '|' => self.op('|', bytes),
            '\\' => {
                self.op('⏎', bytes);
                // The height of a row's gap.
                if let Some(close) = self.rest.strip_prefix('[').and_then(|r| r.find(']')).filter(|at| *at < 8) {
                    let gap = self.rest.get(1..=close).unwrap_or("");
                    if gap.ends_with("pt") || gap.ends_with("em") || gap.ends_with("ex") || gap.ends_with("mm") {
                        self.skip(close + 2);
                    }
                }
            }
            ',' | ';' | ':' | ' ' | '\n' | '!' => {
                self.spaced |= first != '!';
                self.skip(bytes);
            }
            '(' | ')' | '[' | ']' | '$' | '#' | '&' | '_' => self.skip(bytes),
            _ => self.skip(1),
        }
    }

    /// A name or words in braces, of which `content` is what follows the opening one.
    fn name(&mut self, command: &str, content: &str) {
        let close = content.find('}').unwrap_or(content.len());
        let words = content.get(..close).unwrap_or("");
        let plain = words.trim();
        let simple = plain
            .chars()
            .all(|c| c.is_alphabetic() || matches!(c, ' ' | '/' | '-' | '.' | ',' | '\'' | '²' | '³' | '~'));
        if !simple || words.contains(OPEN) {
            // Numbers or commands inside: read on as prose.
            self.braces.push(Brace::Dress(self.math));
            self.math = self.math && !command.starts_with("text") && command != "mbox";
            return;
        }
        self.skip(close + 1);
        if command == "mathbb" {
            // ℕ*, ℤ₊: part of the name.
            for mark in ["^*", "^{*}", "^+", "^{+}", "_+", "_{+}", "^\\ast", "^{\\ast}"] {
                if let (true, Some(_)) = (matches!(plain, "Z" | "N"), self.rest.strip_prefix(mark)) {
                    self.skip(mark.len());
                    return self.push(Token::Sym("ℕ".into()));
                }
            }
            return match plain {
                "R" => self.push(Token::Special(Node::Reals)),
                "Z" => self.push(Token::Sym("ℤ".into())),
                "N" => self.push(Token::Sym("ℕ".into())),
                "Q" => self.push(Token::Sym("ℚ".into())),
                "C" => self.push(Token::Sym("ℂ".into())),
                other => self.push(Token::Sym(other.to_owned())),
            };
        }
        let words = plain.trim_matches([',', '.', ' ', '~']);
        match words {
            "" => self.spaced = true,
            "or" | "或" | "或者" => self.push(Token::Or),
            "and" | "和" | "与" | "且" | "及" | "以及" => self.push(Token::And),
            _ => {
                let numeric = matches!(self.last(), Some(Token::Num(_) | Token::Op('}' | ')' | '°') | Token::Const(_)));
                let mut letters = words.chars();
                match (letters.next(), letters.next()) {
                    (Some(c), None) if c.is_ascii_alphabetic() && !(numeric && UNIT_LETTERS.contains(c)) => {
                        self.letter(words)
                    }
                    _ => match known(words).or_else(|| Some(Token::Exp).filter(|_| words == "exp")) {
                        Some(token) => self.push(token),
                        None => self.text(words),
                    },
                }
            }
        }
    }
}
