//! Takes Markdown and the dress of LaTeX off a text, marks where mathematics begins and ends, and finds boxes.
//!
//! [`crate::scoring::text::plain`] does this for scorers that read words and numbers; it drops what mathematics needs
//! (`\{`, `\left`, blackboard letters, where `$` stood), so this one keeps LaTeX as it is. One pass, linear.

use super::lex::{CLOSE, OPEN};
use crate::scoring::text::{Pattern, REACH, after, pattern};
use std::ops::Range;
use std::sync::LazyLock;

/// A text without Markdown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Clean {
    /// The text, with [`OPEN`] and [`CLOSE`] around mathematics; newlines inside it are spaces.
    pub text: String,
    /// The boxes that are in no other one and not empty, in order.
    pub boxes: Vec<Range<usize>>,
    /// Where the content of a box begins that was never closed.
    pub open_box: Option<usize>,
}

enum Brace {
    Box(usize),
    Group,
}

struct Cleaner<'a> {
    rest: &'a str,
    before: Option<char>,
    out: String,
    braces: Vec<Brace>,
    depth: usize,
    boxes: Vec<Range<usize>>,
    math: bool,
    /// Environments whose rows are lines of a derivation.
    rows: usize,
}

/// What ends a derivation's step.
pub const ARROW: char = '⇒';

const TAGS: &[&str] = &[
    "b", "strong", "i", "em", "u", "p", "br", "br/", "br /", "code", "span", "div", "/b", "/strong", "/i", "/em", "/u",
    "/p", "/code", "/span", "/div", "sup", "/sup", "center", "/center",
];
const ROWS: &[&str] =
    &["align", "aligned", "gather", "gathered", "split", "multline", "eqnarray", "equation", "flalign"];
/// Commands that go with what is in their braces.
const DROPPED: &[&str] = &["tag", "label", "hspace", "vspace", "color", "textcolor", "phantom", "hphantom", "vphantom"];

/// Words between two dollar signs: those are prices.
static PROSE: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[A-Za-z]{3,} [A-Za-z]{2,}|\p{Han}{4}"));

/// How long the word for a root is that a text begins with, where what is under it follows.
fn root(text: &str) -> Option<usize> {
    let rest = text.strip_prefix('倍').unwrap_or(text);
    let rest = rest.strip_prefix("根号").or_else(|| rest.strip_prefix("根號"))?;
    let rest = rest.strip_prefix('下').unwrap_or(rest);
    rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '(').then(|| text.len() - rest.len())
}

/// Cleans a text.
pub fn clean(text: &str) -> Clean {
    let mut cleaner = Cleaner {
        rest: text,
        before: None,
        out: String::with_capacity(text.len()),
        braces: Vec::new(),
        depth: 0,
        boxes: Vec::new(),
        math: false,
        rows: 0,
    };
    while let Some(c) = cleaner.rest.chars().next() {
        cleaner.step(c);
    }
    if cleaner.math {
        cleaner.out.push(CLOSE);
    }
    let open_box = cleaner.braces.iter().find_map(|b| if let Brace::Box(start) = b { Some(*start) } else { None });
    Clean { text: cleaner.out, boxes: cleaner.boxes, open_box }
}

impl<'a> Cleaner<'a> {
    fn skip(&mut self, bytes: usize) {
        let (gone, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.before = gone.chars().next_back().or(self.before);
        self.rest = rest;
    }

    fn keep(&mut self, c: char) {
        self.out.push(c);
        self.skip(c.len_utf8());
    }

    fn open(&mut self) {
        if !self.math {
            self.math = true;
            self.out.push(OPEN);
        }
    }

    fn close(&mut self) {
        if self.math {
            self.math = false;
            self.out.push(CLOSE);
        }
    }

    fn step(&mut self, c: char) {
        match c {
            OPEN | CLOSE => self.skip(c.len_utf8()),
            '\\' => self.command(),
            '{' => {
                self.braces.push(Brace::Group);
                self.keep(c);
            }
            '}' => self.end_brace(),
            '$' => self.dollar(),
            '⇒' | '⟹' | '⟶' | '→' | '⇔' | '⟺' => {
                self.out.push(ARROW);
                self.skip(c.len_utf8());
            }
            '\n' if self.depth > 0 => {
                self.out.push(' ');
                self.skip(1);
            }
            '\n' if self.math => {
                if self.rest.starts_with("\n\n") {
                    self.close();
                    self.out.push('\n');
                } else {
                    self.out.push(' ');
                }
                self.skip(1);
            }
            '&' if self.rows > 0 && self.depth == 0 => self.skip(1),
            // 根号3, and 2倍根号3.
            '根' | '倍' if let Some(length) = root(self.rest) => {
                self.out.push('√');
                self.skip(length);
            }
            _ if self.math => self.keep(c),
            '*' => self.stars(),
            '_' if self.rest.starts_with("__") => self.skip(2),
            '`' => {
                let fence = self.rest.starts_with("```");
                let run = self.rest.bytes().take_while(|b| *b == b'`').count();
                self.skip(run);
                if fence {
                    let word = self.rest.bytes().take_while(u8::is_ascii_alphabetic).count();
                    self.skip(word);
                }
            }
            '~' if self.rest.starts_with("~~") => {
                // What is struck out is withdrawn.
                let line = after(self.rest, 0, REACH).lines().next().unwrap_or("");
                let end = line.get(2..).and_then(|r| r.find("~~")).map_or(2, |at| at + 4);
                self.skip(end);
            }
            '<' => self.tag(),
            _ => self.keep(c),
        }
    }

    fn tag(&mut self) {
        if self.rest.starts_with("<<") {
            let near = after(self.rest, 0, 100);
            if let Some(end) = near.lines().next().and_then(|line| line.find(">>")) {
                return self.skip(end + 2);
            }
        }
        let tag = self.rest.get(1..).and_then(|r| {
            TAGS.iter().find(|t| r.starts_with(**t) && r.get(t.len()..).is_some_and(|r| r.starts_with('>')))
        });
        match tag {
            Some(tag) => {
                if tag.starts_with("br") || matches!(*tag, "p" | "/p" | "div" | "/div") {
                    self.out.push('\n');
                } else if *tag == "sup" {
                    self.out.push('^');
                }
                self.skip(tag.len() + 2);
            }
            None => self.keep('<'),
        }
    }

    fn end_brace(&mut self) {
        match self.braces.pop() {
            Some(Brace::Box(start)) => {
                self.depth -= 1;
                let content = start..self.out.len();
                if self.depth == 0 && self.out.get(content.clone()).is_some_and(|c| !c.trim().is_empty()) {
                    self.boxes.push(content);
                    self.out.push(if self.math { ' ' } else { CLOSE });
                }
                self.skip(1);
            }
            _ => self.keep('}'),
        }
    }

    fn dollar(&mut self) {
        let run = if self.rest.starts_with("$$") { 2 } else { 1 };
        if self.math {
            self.close();
            return self.skip(run);
        }
        let content = self.rest.get(run..).unwrap_or("");
        let content = content.find('$').and_then(|end| content.get(..end));
        let is_math = content.is_some_and(|c| {
            !c.trim().is_empty()
                && (run == 2 || !c.contains("\n\n"))
                && (run == 2 || c.contains('\\') || !PROSE.is_match(c))
        });
        if is_math {
            self.open();
        } else if run == 1 {
            self.out.push('¤');
        }
        self.skip(run);
    }

    fn command(&mut self) {
        let after: &'a str = self.rest.get(1..).unwrap_or("");
        let end = after.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(after.len());
        let name = after.get(..end).unwrap_or("");
        if name.is_empty() {
            return self.escaped(after);
        }
        let rest: &'a str = after.get(end..).unwrap_or("");
        let gap = rest.len() - rest.trim_start_matches([' ', '\n', '\t']).len();
        let braced = rest.get(gap..).is_some_and(|r| r.starts_with('{'));
        match name {
            "boxed" | "fbox" | "framebox" => {
                self.skip(1 + end);
                if braced {
                    self.skip(gap + 1);
                    if self.depth == 0 {
                        // In running text a box is mathematics of its own.
                        self.out.push(if self.math { ' ' } else { OPEN });
                    }
                    self.braces.push(Brace::Box(self.out.len()));
                    self.depth += 1;
                }
            }
            "begin" | "end" if braced => {
                let content = rest.get(gap + 1..).unwrap_or("");
                let close = content.find('}').filter(|at| *at < 20).unwrap_or(0);
                let environment = content.get(..close).unwrap_or("").trim_end_matches('*');
                if !ROWS.contains(&environment) || self.depth > 0 {
                    self.out.push_str(self.rest.get(..=end).unwrap_or(""));
                    return self.skip(1 + end);
                }
                if name == "begin" {
                    self.rows += 1;
                    self.open();
                } else {
                    self.rows = self.rows.saturating_sub(1);
                    self.out.push(' ');
                }
                self.skip(1 + end + gap + 1 + close + 1);
            }
            "implies" | "Rightarrow" | "Longrightarrow" | "iff" | "Leftrightarrow" | "rightarrow"
            | "longrightarrow" => {
                self.out.push(ARROW);
                self.skip(1 + end);
            }
            _ if DROPPED.contains(&name) && braced => {
                let close = after.find('}').filter(|at| *at < 80).unwrap_or(end + gap);
                self.skip(1 + close + 1);
            }
            _ => {
                self.out.push_str(self.rest.get(..=end).unwrap_or(""));
                self.skip(1 + end);
            }
        }
    }

    fn escaped(&mut self, after: &str) {
        let Some(first) = after.chars().next() else { return self.keep('\\') };
        let bytes = 1 + first.len_utf8();
        match first {
            '(' | '[' => {
                self.open();
                self.skip(bytes);
            }
            ')' | ']' => {
                self.close();
                self.skip(bytes);
            }
            '\\' if self.rows > 0 && self.depth == 0 => {
                self.out.extend([CLOSE, '\n', OPEN]);
                self.skip(bytes);
            }
            '$' => {
                self.out.push('¤');
                self.skip(bytes);
            }
            '*' | '_' | '#' | '.' | '-' | '+' | '<' | '>' | '"' | '\'' | '`' if !self.math => {
                self.out.push(first);
                self.skip(bytes);
            }
            _ => {
                self.out.push('\\');
                self.out.push(first);
                self.skip(bytes);
            }
        }
    }

    /// Emphasis goes; multiplication and powers stay.
    fn stars(&mut self) {
        let run = self.rest.bytes().take_while(|b| *b == b'*').count();
        let next = self.rest.get(run..).unwrap_or("");
        let after = next.chars().next();
        let operand =
            |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric() || matches!(c, ')' | '(' | '-' | '√' | 'π'));
        let tail = self.out.trim_end_matches(' ');
        let left = operand(tail.chars().next_back().filter(|c| !matches!(c, '-' | '(')));
        let word = tail.chars().rev().take_while(char::is_ascii_alphabetic).count() > 3;
        let right = next.trim_start_matches(' ').chars().next();
        let ahead = next.trim_start_matches(' ');
        let letters = ahead.bytes().take_while(u8::is_ascii_alphabetic).count();
        let word_next = letters > 3 && !ahead.get(letters..).is_some_and(|r| r.starts_with('('));
        let spaced = self.before == Some(' ');
        let even = spaced == (after == Some(' '));
        // **2** has no operand before it, `of **x**` has a space on one side only.
        if run <= 2 && left && operand(right.filter(|c| *c != ')')) && even && !(word || word_next) {
            self.out.push_str(if run == 1 { "*" } else { "^" });
        }
        self.skip(run);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(raw: &str) -> String {
        clean(raw).text.replace(OPEN, "«").replace(CLOSE, "»")
    }

    #[test]
    fn mathematics_is_marked_and_markdown_gone() {
        for (raw, want) in [
            ("**Answer:** $x = 3$.", "Answer: «x = 3»."),
            (r"so \(x\) and \[y\]", "so «x» and «y»"),
            ("$$x\n= 3$$", "«x = 3»"),
            ("It costs $18 per day and $5 more.", "It costs ¤18 per day and ¤5 more."),
            ("2*x + 3**2 and **bold**", "2*x + 3^2 and bold"),
            ("* item", " item"),
            (r"\begin{align*}x&=2+1\\&=3\end{align*}", "«x=2+1»\n«=3 »"),
            (r"$\begin{pmatrix}1\\2\end{pmatrix}$", r"«\begin{pmatrix}1\\2\end{pmatrix}»"),
            (r"x = 1 \implies y = 2 \tag{1}", "x = 1 ⇒ y = 2 "),
            ("x<sup>2</sup>", "x^2"),
            ("~~3~~ 4", " 4"),
            ("高是根号3,周长2倍根号下(x+1)", "高是√3,周长2√(x+1)"),
            ("根号的定义", "根号的定义"),
        ] {
            assert_eq!(shown(raw), want, "{raw}");
        }
    }

    #[test]
    fn boxes_are_found() {
        for (raw, want) in [
            (r"$\boxed{\frac{1}{2}}$", vec![r"\frac{1}{2}"]),
            (r"\boxed{\boxed{3}}", vec!["3"]),
            (r"$\boxed{\{1, 2\}}$ or \boxed {4}", vec![r"\{1, 2\}", "4"]),
            (r"\boxed{}", vec![]),
            (r"\boxed{3", vec![]),
        ] {
            let clean = clean(raw);
            let found: Vec<&str> = clean.boxes.iter().filter_map(|r| clean.text.get(r.clone())).collect();
            assert_eq!(found, want, "{raw}");
        }
        assert!(clean(r"\boxed{3").open_box.is_some());
        let nested = clean(&format!("{}7{}", r"\boxed{".repeat(400), "}".repeat(400)));
        assert_eq!(nested.boxes.len(), 1);
    }
}
