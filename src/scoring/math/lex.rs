//! Cuts LaTeX, plain and Unicode mathematics into the same tokens. One pass, no recursion, bounded.

use super::node::{Constant, Func, Node, Numeral};
use super::words::{
    CONSTANTS, DRESS, FUNCTIONS, LETTERS, NAMES, SHORT, SIGNS, SILENT, SPACES, UNIT_LETTERS, is_glued_unit, unit,
};
use crate::scoring::text::THIN;

/// Where mathematics begins and ends in a cleaned text.
pub const OPEN: char = '\u{E000}';
pub const CLOSE: char = '\u{E001}';

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

    fn other(&mut self, c: char) {
        const ABOVE: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";
        const BELOW: &str = "₀₁₂₃₄₅₆₇₈₉";
        for (digits, sign, minus) in [(ABOVE, '^', '⁻'), (BELOW, '_', '₋')] {
            let digit = |c: char| digits.chars().position(|d| d == c);
            if digit(c).is_some() || (c == minus && self.rest.chars().nth(1).is_some_and(|c| digit(c).is_some())) {
                self.push(Token::Op(sign));
                self.push(Token::Op('{'));
                let run: Vec<char> = self.rest.chars().take_while(|c| digit(*c).is_some() || *c == minus).collect();
                if c == minus {
                    self.push(Token::Op('-'));
                }
                let figures: String = run.iter().filter_map(|c| digit(*c)).take(9).map(|d| d.to_string()).collect();
                self.push(Token::Num(Numeral::integer(figures)));
                self.push(Token::Op('}'));
                self.skip(run.iter().map(|c| c.len_utf8()).sum());
                return;
            }
        }
        if let Some((_, above, below)) = VULGAR.iter().find(|(v, _, _)| *v == c) {
            let spaced = self.spaced;
            self.push(Token::Frac);
            for n in [above, below] {
                self.push(Token::Num(Numeral::integer(n.to_string())));
            }
            self.spaced = spaced;
            return self.skip(c.len_utf8());
        }
        match c {
            'ⁿ' => {
                self.push(Token::Op('^'));
                self.push(Token::Sym("n".into()));
                self.skip(c.len_utf8());
            }
            'ℤ' | 'ℕ' | 'ℚ' | 'ℂ' | 'ℓ' | 'ħ' | 'Α'..='ω' | 'ϵ' | 'ϕ' => {
                let name = match c {
                    'ϵ' => 'ε',
                    'ϕ' => 'φ',
                    other => other,
                };
                self.push(Token::Sym(name.to_string()));
                self.skip(c.len_utf8());
            }
            _ if c.is_alphabetic() => self.han(),
            _ => self.bad = true,
        }
    }

    /// Words of other scripts.
    fn han(&mut self) {
        let end = self.rest.find(|c: char| !c.is_alphabetic() || c.is_ascii()).unwrap_or(self.rest.len());
        let run = self.rest.get(..end).unwrap_or("");
        for (word, token) in [
            ("或者", Token::Or),
            ("或", Token::Or),
            ("和", Token::And),
            ("以及", Token::And),
            ("与", Token::And),
            ("且", Token::And),
            ("及", Token::And),
        ] {
            if let Some(found) = run.find(word) {
                if found == 0 {
                    self.push(token);
                    return self.skip(word.len());
                }
                self.text(run.get(..found).unwrap_or(""));
                return self.skip(found);
            }
        }
        if matches!(self.last(), Some(Token::Num(_))) && !self.spaced {
            for (word, power) in [("万", 4), ("亿", 8)] {
                if run.starts_with(word) {
                    if let Some(Lexeme { token: Token::Num(n), .. }) = self.out.last_mut() {
                        n.exponent += power;
                    }
                    return self.skip(word.len());
                }
            }
        }
        if run == "度" {
            self.degree();
        } else {
            self.text(run);
        }
        self.skip(end);
    }

    /// Adds words, to those before them where there are some.
    fn text(&mut self, words: &str) {
        let words = words.trim();
        if words.is_empty() {
            return;
        }
        if let Some(Lexeme { token: Token::Text(before), .. }) = self.out.last_mut() {
            if before.ends_with(|c: char| c.is_ascii()) {
                before.push(' ');
            }
            before.push_str(words);
            self.spaced = false;
        } else {
            self.push(Token::Text(words.to_owned()));
        }
    }

    /// `42^\circ` and `42^{\circ}` are degrees, not powers.
    fn degree(&mut self) {
        if self.last() == Some(&Token::Op('^')) {
            self.out.pop();
        } else if let [.., Lexeme { token: Token::Op('^'), .. }, Lexeme { token: Token::Op('{'), .. }] = self.out.as_slice() {
            self.out.truncate(self.out.len() - 2);
            let math = self.math;
            if let Some(brace) = self.braces.last_mut() {
                *brace = Brace::Dress(math);
            }
        }
        self.push(Token::Op('°'));
    }

    fn number(&mut self) {
        let text: &'a str = self.rest;
        let run = |from: usize| {
            text.get(from..).map_or(0, |r| r.bytes().take_while(u8::is_ascii_digit).count())
        };
        let mut end = run(0);
        let mut digits = text.get(..end).unwrap_or("").to_owned();
        // Groups of three behind a comma, a thin space, or a space.
        if (1..=3).contains(&end) && !(digits.len() > 1 && digits.starts_with('0')) {
            let mut at = end;
            let mut kind = None;
            let mut figures = digits.clone();
            while let Some((gap, this)) = separator(text.get(at..).unwrap_or("")) {
                if run(at + gap) != 3 || kind.is_some_and(|k| k != this) {
                    break;
                }
                kind = Some(this);
                figures.push_str(text.get(at + gap..at + gap + 3).unwrap_or(""));
                at += gap + 3;
            }
            let whole = kind.is_some_and(|k| k != ',' || separator(text.get(at..).unwrap_or("")).is_none_or(|(gap, k)| k != ',' || run(at + gap) == 0));
            let sure = kind.is_some_and(|k| k != ',' && k != ' ');
            self.grouped |= whole && !sure;
            if whole && (sure || self.mode.grouped) {
                (end, digits) = (at, figures);
            }
        }
        let mut decimals = 0;
        if text.get(end..).is_some_and(|r| r.starts_with('.')) && run(end + 1) > 0 {
            let count = run(end + 1);
            digits.push_str(text.get(end + 1..end + 1 + count).unwrap_or(""));
            decimals = u32::try_from(count).unwrap_or(u32::MAX);
            end += 1 + count;
        } else if text.get(end..).is_some_and(|r| r.starts_with(".\\overline") || r.starts_with(".\\dot")) {
            end += 1;
        }
        let mut exponent = 0;
        if let Some(tail) = text.get(end..).and_then(|r| r.strip_prefix(['e', 'E'])) {
            let unsigned = tail.strip_prefix(['+', '-']).unwrap_or(tail);
            let count = unsigned.bytes().take_while(u8::is_ascii_digit).count();
            let length = tail.len() - unsigned.len() + count;
            let ends = tail.get(length..).is_none_or(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric() || "^.".contains(c)));
            if count > 0 && ends {
                let power = tail.get(..length).and_then(|t| t.trim_start_matches('+').parse::<i32>().ok());
                match power.filter(|p| p.abs() <= 9999) {
                    Some(power) => exponent = power,
                    None => self.bad = true,
                }
                end += 1 + length;
            }
        }
        if digits.len() > DIGITS {
            self.bad = true;
        }
        self.push(Token::Num(Numeral { digits, decimals, exponent }));
        self.skip(end);
    }

    fn letters(&mut self) {
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let rest: &'a str = self.rest;
        let run = rest.get(..end).unwrap_or("");
        let after = rest.get(end..).unwrap_or("");
        let numeric = matches!(self.last(), Some(Token::Num(_) | Token::Op('}' | ')' | '°') | Token::Const(_)));
        match run {
            "or" | "OR" => return self.sign(Token::Or, end),
            "and" | "AND" => return self.sign(Token::And, end),
            "union" | "U" if self.spaced && matches!(self.last(), Some(Token::Op(')' | ']'))) => return self.op('∪', end),
            "in" if matches!(self.last(), Some(Token::Sym(_))) => return self.op('∈', end),
            "million" if numeric => return self.grow(6, end),
            "billion" if numeric => return self.grow(9, end),
            "thousand" if numeric => return self.grow(3, end),
            "percent" if numeric => return self.op('%', end),
            "degrees" | "degree" | "deg" if numeric => {
                self.degree();
                return self.skip(end);
            }
            // 3 x 10^5.
            "x" | "X" if matches!(self.last(), Some(Token::Num(_))) && after.trim_start().starts_with("10^") => {
                return self.op('*', end);
            }
            _ => {}
        }
        if run.len() == 1 {
            let stops = after.trim_start();
            let ends = stops.is_empty() || stops.starts_with([',', ';', ')', '/', '.', '²', '³', '^', CLOSE, '}']);
            if numeric && self.spaced && ends && UNIT_LETTERS.contains(run) {
                self.units = true;
                if self.mode.units {
                    self.text(run);
                    return self.skip(end);
                }
            }
            self.letter(run);
            return self.skip(end);
        }
        if numeric && (is_glued_unit(run) || !self.math && unit(run).is_some()) {
            self.text(run);
            return self.skip(end);
        }
        if let Some(token) = known(run) {
            return self.sign(token, end);
        }
        if let Some(tokens) = run_together(run) {
            for token in tokens {
                self.push(token);
            }
            return self.skip(end);
        }
        let word = SHORT.contains(&run) && !(self.math && run.len() == 2) || run.len() > 3;
        // After a backslash-free word in prose everything is a word.
        if word {
            self.text(run);
        } else {
            for (at, _) in run.char_indices() {
                self.letter(run.get(at..=at).unwrap_or(""));
            }
        }
        self.skip(end);
    }

    fn grow(&mut self, power: i32, bytes: usize) {
        if let Some(Lexeme { token: Token::Num(n), .. }) = self.out.last_mut() {
            n.exponent += power;
        }
        self.skip(bytes);
    }

    fn letter(&mut self, name: &str) {
        self.push(match name {
            "e" => Token::Const(Constant::E),
            "i" => Token::Const(Constant::I),
            other => Token::Sym(other.to_owned()),
        });
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
        let simple = plain.chars().all(|c| c.is_alphabetic() || matches!(c, ' ' | '/' | '-' | '.' | ',' | '\'' | '²' | '³' | '~'));
        if !simple || words.contains(OPEN) {
            // Numbers or commands inside: read on as prose.
            self.braces.push(Brace::Dress(self.math));
            self.math = self.math && !command.starts_with("text") && command != "mbox";
            return;
        }
        self.skip(close + 1);
        if command == "mathbb" {
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
                    (Some(c), None) if c.is_ascii_alphabetic() && !(numeric && UNIT_LETTERS.contains(c)) => self.letter(words),
                    _ => match known(words).or_else(|| Some(Token::Exp).filter(|_| words == "exp")) {
                        Some(token) => self.push(token),
                        None => self.text(words),
                    },
                }
            }
        }
    }
}

/// A word that is a function, a constant or a letter.
fn known(word: &str) -> Option<Token> {
    match word {
        "sqrt" => return Some(Token::Sqrt),
        "cbrt" => return Some(Token::Cbrt),
        "log" => return Some(Token::Log),
        "exp" => return Some(Token::Exp),
        "emptyset" => return Some(Token::Special(Node::Nothing)),
        _ => {}
    }
    let lower = word.to_ascii_lowercase();
    let function = FUNCTIONS.iter().find(|(n, _)| *n == word || (*n == lower && n.len() == 3));
    let function = function.filter(|(n, _)| !matches!(*n, "min" | "max") || word == "min" || word == "max");
    function
        .map(|(_, f)| Token::Func(*f))
        .or_else(|| CONSTANTS.iter().find(|(n, _)| *n == word).map(|(_, c)| Token::Const(*c)))
        .or_else(|| LETTERS.iter().find(|(n, _)| *n == word && word.len() > 2).map(|(_, l)| Token::Sym((*l).to_owned())))
}

/// `sinx`, `xlnx`: a function's name run together with single letters.
fn run_together(run: &str) -> Option<Vec<Token>> {
    const ARGUMENTS: &str = "xytnzABC";
    if matches!(run, "cost" | "tant" | "sint") || run.len() > 9 {
        return None;
    }
    let letter = |s: &str| s.len() == 1 && ARGUMENTS.contains(s);
    for lead in 0..=1 {
        let (before, rest) = (run.get(..lead)?, run.get(lead..)?);
        if lead == 1 && !letter(before) {
            continue;
        }
        for name in ["sin", "cos", "tan", "ln", "pi"] {
            let Some(argument) = rest.strip_prefix(name).filter(|a| a.is_empty() || letter(a)) else { continue };
            let all = [before, name, argument].into_iter().filter(|part| !part.is_empty());
            return Some(all.map(|part| known(part).unwrap_or_else(|| Token::Sym(part.to_owned()))).collect());
        }
    }
    None
}

/// What parts groups of digits at the beginning of a text: how long it is, and its kind.
fn separator(text: &str) -> Option<(usize, char)> {
    const KINDS: &[(&str, char)] =
        &[(",\\!", '!'), ("{,}", '{'), ("\\,", THIN), ("\u{2009}", THIN), (",", ','), (" ", ' '), ("\\ ", ' '), ("'", '\'')];
    let found = KINDS.iter().find(|(s, _)| text.starts_with(s))?;
    let digit = text.get(found.0.len()..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()));
    digit.then_some((found.0.len(), found.1))
}

/// Fractions that are one character.
const VULGAR: &[(char, u32, u32)] = &[
    ('½', 1, 2),
    ('⅓', 1, 3),
    ('⅔', 2, 3),
    ('¼', 1, 4),
    ('¾', 3, 4),
    ('⅕', 1, 5),
    ('⅖', 2, 5),
    ('⅗', 3, 5),
    ('⅘', 4, 5),
    ('⅙', 1, 6),
    ('⅚', 5, 6),
    ('⅛', 1, 8),
    ('⅜', 3, 8),
    ('⅝', 5, 8),
    ('⅞', 7, 8),
];
