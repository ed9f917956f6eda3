//! Runs of digits and of letters: numbers in every usual form, names, functions, units and words.

use super::{Brace, CLOSE, DIGITS, Lexeme, Lexer, Token};
use crate::scoring::math::node::{Constant, Node, Numeral};
use crate::scoring::math::words::{CONSTANTS, FUNCTIONS, LETTERS, SHORT, UNIT_LETTERS, is_glued_unit, unit};
use crate::scoring::text::THIN;

impl<'a> Lexer<'a> {
    pub(super) fn other(&mut self, c: char) {
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
            'ₙ' | 'ᵢ' | 'ₖ' | 'ₘ' | 'ⱼ' | 'ₐ' | 'ₓ' => {
                let name = match c {
                    'ₙ' => "n",
                    'ᵢ' => "i",
                    'ₖ' => "k",
                    'ₘ' => "m",
                    'ⱼ' => "j",
                    'ₐ' => "a",
                    _ => "x",
                };
                self.push(Token::Op('_'));
                self.push(Token::Sym(name.into()));
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
    pub(super) fn han(&mut self) {
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
    pub(super) fn text(&mut self, words: &str) {
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
    pub(super) fn degree(&mut self) {
        if self.last() == Some(&Token::Op('^')) {
            self.out.pop();
        } else if let [.., Lexeme { token: Token::Op('^'), .. }, Lexeme { token: Token::Op('{'), .. }] =
            self.out.as_slice()
        {
            self.out.truncate(self.out.len() - 2);
            let math = self.math;
            if let Some(brace) = self.braces.last_mut() {
                *brace = Brace::Dress(math);
            }
        }
        self.push(Token::Op('°'));
    }

    pub(super) fn number(&mut self) {
        let text: &'a str = self.rest;
        let run = |from: usize| text.get(from..).map_or(0, |r| r.bytes().take_while(u8::is_ascii_digit).count());
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
            let whole = kind.is_some_and(|k| {
                k != ','
                    || separator(text.get(at..).unwrap_or("")).is_none_or(|(gap, k)| k != ',' || run(at + gap) == 0)
            });
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
            let ends = tail
                .get(length..)
                .is_none_or(|r| !r.starts_with(|c: char| c.is_ascii_alphanumeric() || "^.".contains(c)));
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

    pub(super) fn letters(&mut self) {
        let end = self.rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest.len());
        let rest: &'a str = self.rest;
        let run = rest.get(..end).unwrap_or("");
        let after = rest.get(end..).unwrap_or("");
        let numeric = matches!(self.last(), Some(Token::Num(_) | Token::Op('}' | ')' | '°') | Token::Const(_)));
        match run {
            "or" | "OR" => return self.sign(Token::Or, end),
            "and" | "AND" => return self.sign(Token::And, end),
            "union" | "U" if self.spaced && matches!(self.last(), Some(Token::Op(')' | ']'))) => {
                return self.op('∪', end);
            }
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

    pub(super) fn grow(&mut self, power: i32, bytes: usize) {
        if let Some(Lexeme { token: Token::Num(n), .. }) = self.out.last_mut() {
            n.exponent += power;
        }
        self.skip(bytes);
    }

    pub(super) fn letter(&mut self, name: &str) {
        self.push(match name {
            "e" => Token::Const(Constant::E),
            "i" => Token::Const(Constant::I),
            other => Token::Sym(other.to_owned()),
        });
    }
}

/// A word that is a function, a constant or a letter.
pub(super) fn known(word: &str) -> Option<Token> {
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
        .or_else(|| {
            LETTERS.iter().find(|(n, _)| *n == word && word.len() > 2).map(|(_, l)| Token::Sym((*l).to_owned()))
        })
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
    const KINDS: &[(&str, char)] = &[
        (",\\!", '!'),
        ("{,}", '{'),
        ("\\,", THIN),
        ("\u{2009}", THIN),
        (",", ','),
        (" ", ' '),
        ("\\ ", ' '),
        ("'", '\''),
    ];
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
