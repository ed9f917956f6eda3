//! Markdown and LaTeX read away, boxes found: one pass, linear, whatever is nested in what.

use super::{REACH, THIN, after, before};
use std::ops::Range;

/// A text without markup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plain {
    /// The text. Of LaTeX, `\frac`, unknown commands and braces that group are kept.
    pub text: String,
    /// The last box that is not inside another one, without its inner boxes' markup; empty boxes don't count.
    pub boxed: Option<Range<usize>>,
    /// Where the content of a box begins that was never closed.
    pub open_box: Option<usize>,
}

impl Plain {
    /// The last box's content.
    #[must_use]
    pub fn boxed_text(&self) -> Option<&str> {
        self.boxed.clone().and_then(|range| self.text.get(range)).map(str::trim)
    }
}

#[derive(Clone, Copy)]
enum Brace {
    /// `\boxed{`: where its content begins.
    Box(usize),
    /// `\text{` and its like: only the content counts.
    Dress,
    /// A group.
    Group,
}

const BOXES: &[&str] = &["boxed", "fbox", "framebox"];
const DRESS: &[&str] = &[
    "text",
    "textbf",
    "textit",
    "textrm",
    "textsf",
    "texttt",
    "mathrm",
    "mathbf",
    "mathit",
    "mathsf",
    "mathtt",
    "mathbb",
    "mbox",
    "hbox",
    "emph",
    "underline",
    "operatorname",
    "bm",
    "boldsymbol",
];
/// Commands with a meaning in plain characters.
const WORDS: &[(&str, &str)] = &[
    ("dfrac", "\\frac"),
    ("tfrac", "\\frac"),
    ("cfrac", "\\frac"),
    ("times", "×"),
    ("cdot", "·"),
    ("div", "÷"),
    ("approx", "≈"),
    ("simeq", "≈"),
    ("pm", "±"),
    ("to", "→"),
    ("rightarrow", "→"),
    ("Rightarrow", "→"),
    ("implies", "→"),
    ("quad", " "),
    ("qquad", " "),
    ("degree", "°"),
    ("circ", "°"),
    ("left", ""),
    ("right", ""),
    ("displaystyle", ""),
    ("Large", ""),
    ("large", ""),
    ("huge", ""),
    ("bf", ""),
    ("newline", "\n"),
    ("lt", "<"),
    ("gt", ">"),
    ("le", "≤"),
    ("leq", "≤"),
    ("ge", "≥"),
    ("geq", "≥"),
    ("therefore", ""),
    ("because", ""),
    ("equiv", "="),
    ("sim", "≈"),
    ("Longrightarrow", "→"),
    ("neq", "≠"),
    ("ne", "≠"),
];
/// Elements of HTML that are read away; those that begin or end a line are [`BREAKS`].
const TAGS: [&str; 16] =
    ["b", "strong", "i", "em", "u", "p", "br", "code", "span", "div", "li", "ul", "ol", "h1", "h2", "h3"];
const BREAKS: [&str; 8] = ["p", "br", "div", "li", "ul", "h1", "h2", "h3"];
/// How far a tag reaches with its attributes, in bytes.
const TAG: usize = 120;
/// Fractions that are one character.
const VULGAR: &[(char, &str)] = &[
    ('½', "1/2"),
    ('⅓', "1/3"),
    ('⅔', "2/3"),
    ('¼', "1/4"),
    ('¾', "3/4"),
    ('⅕', "1/5"),
    ('⅖', "2/5"),
    ('⅗', "3/5"),
    ('⅘', "4/5"),
    ('⅙', "1/6"),
    ('⅚', "5/6"),
    ('⅛', "1/8"),
    ('⅜', "3/8"),
    ('⅝', "5/8"),
    ('⅞', "7/8"),
];

/// The name of the tag that a text begins with, if it is one of [`TAGS`], and how many bytes it takes: `<b>`, `</b>`,
/// `<br />`, `<span class="answer">`.
fn tag(text: &str) -> Option<(&'static str, usize)> {
    let inner = text.strip_prefix('<')?;
    let inner = inner.strip_prefix('/').unwrap_or(inner);
    let length = inner.bytes().take_while(u8::is_ascii_alphanumeric).count();
    let name = TAGS.into_iter().find(|tag| Some(*tag) == inner.get(..length))?;
    let rest = inner.get(length..)?;
    let end = rest.bytes().take(TAG).position(|b| b == b'>')?;
    let attributes = rest.get(..end)?;
    // "a <b and c> d" compares: attributes are given values.
    let given = matches!(attributes.trim(), "" | "/") || attributes.starts_with(' ') && attributes.contains("=\"");
    given.then(|| (name, text.len() - rest.len() + end + 1))
}

/// Whether a character is a fraction.
fn is_vulgar(c: char) -> bool {
    matches!(c, '\u{BC}'..='\u{BE}' | '\u{2150}'..='\u{215F}')
}

/// Reads markup away.
#[must_use]
pub fn plain(text: &str) -> Plain {
    let mut reader = Reader {
        rest: text,
        before: None,
        out: String::with_capacity(text.len()),
        braces: Vec::new(),
        open_boxes: 0,
        boxed: None,
    };
    loop {
        reader.pass();
        let Some(c) = reader.rest.chars().next() else { break };
        reader.step(c);
    }
    let open_box = reader.braces.iter().find_map(|b| if let Brace::Box(start) = b { Some(*start) } else { None });
    Plain { text: reader.out, boxed: reader.boxed, open_box }
}

struct Reader<'a> {
    rest: &'a str,
    /// The character before `rest`.
    before: Option<char>,
    out: String,
    braces: Vec<Brace>,
    open_boxes: usize,
    boxed: Option<Range<usize>>,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, bytes: usize) {
        let (gone, rest) = self.rest.split_at_checked(bytes).unwrap_or((self.rest, ""));
        self.before = gone.chars().next_back().or(self.before);
        self.rest = rest;
    }

    /// Keeps everything up to what may be markup.
    fn pass(&mut self) {
        let may_be = |c: char| matches!(c, '\\' | '{' | '}' | '*' | '_' | '`' | '$' | '~' | '<') || is_vulgar(c);
        let kept = self.rest.find(may_be).unwrap_or(self.rest.len());
        if let Some(text) = self.rest.get(..kept) {
            self.out.push_str(text);
            self.skip(kept);
        }
    }

    fn after(&self, c: char) -> Option<char> {
        self.rest.get(c.len_utf8()..).and_then(|rest| rest.chars().next())
    }

    fn step(&mut self, c: char) {
        match c {
            '\\' => self.command(),
            '{' => self.open(Brace::Group, 1),
            '}' => self.close(),
            '*' => self.stars(),
            '_' => {
                if self.before.is_some_and(|b| b.is_ascii_alphanumeric())
                    && self.after(c).is_some_and(|a| a.is_ascii_alphanumeric() || a == '{')
                {
                    self.out.push(c);
                }
                self.skip(1);
            }
            '`' => self.skip(fence(self.rest)),
            '$' => {
                // Before a figure it is money, unless it opens mathematics; else it only delimits.
                if self.after(c).is_some_and(|a| a.is_ascii_digit() || matches!(a, '-' | '.')) && !self.opens_figure() {
                    self.out.push('¤');
                }
                self.skip(1);
            }
            '~' if self.rest.starts_with("~~") => self.struck(),
            // A calculator's scratch: <<40+2=42>>.
            '<' if self.rest.starts_with("<<") => {
                let near = after(self.rest, 0, 100);
                match near.lines().next().and_then(|line| line.find(">>")) {
                    Some(end) => self.skip(end + 2),
                    None => self.keep(c),
                }
            }
            '<' => match tag(self.rest) {
                Some((name, length)) => {
                    if BREAKS.contains(&name) {
                        self.out.push('\n');
                    }
                    self.skip(length);
                }
                None => self.keep(c),
            },
            _ => match VULGAR.iter().find(|(v, _)| *v == c) {
                Some((_, fraction)) => {
                    // 1½ is one number: the thin space joins them.
                    if self.before.is_some_and(|b| b.is_ascii_digit()) {
                        self.out.push(THIN);
                    }
                    self.out.push_str(fraction);
                    self.skip(c.len_utf8());
                }
                None => self.keep(c),
            },
        }
    }

    /// Whether a dollar sign opens mathematics, and is no currency: `$12$ km`, `$2000\,\text{g}$`, `$1\frac{1}{2}$ hours`.
    fn opens_figure(&self) -> bool {
        let near = after(self.rest.get(1..).unwrap_or(""), 0, 60);
        let Some((inner, behind)) = near.split_once('$') else { return false };
        let figure = inner.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | ',' | '-' | '{' | '}'));
        let set = ["\\text{", "\\mathrm{", "\\textrm{", "\\rm "].iter().any(|command| inner.contains(command));
        // `$5 × 3 = $15` are two sums: mathematics ends with no space and no operator.
        let command =
            inner.contains('\\') && inner.ends_with(|c: char| c.is_ascii_alphanumeric() || matches!(c, ')' | '}'));
        (figure || set || command) && !inner.contains('\n') && !behind.starts_with(|c: char| c.is_ascii_digit())
    }

    fn keep(&mut self, c: char) {
        self.out.push(c);
        self.skip(c.len_utf8());
    }

    fn open(&mut self, brace: Brace, bytes: usize) {
        match brace {
            // `1{,}234`: braces around a thousands separator.
            Brace::Group if self.rest.starts_with("{,}") => {
                self.out.push(',');
                return self.skip(3);
            }
            Brace::Group => self.out.push('{'),
            Brace::Box(_) => self.open_boxes += 1,
            Brace::Dress => {}
        }
        self.braces.push(brace);
        self.skip(bytes);
    }

    fn close(&mut self) {
        match self.braces.pop() {
            Some(Brace::Box(start)) => {
                self.open_boxes -= 1;
                let content = start..self.out.len();
                if self.open_boxes == 0 && self.out.get(content.clone()).is_some_and(|c| !c.trim().is_empty()) {
                    self.boxed = Some(content);
                }
            }
            Some(Brace::Dress) => {}
            Some(Brace::Group) | None => self.out.push('}'),
        }
        self.skip(1);
    }

    fn command(&mut self) {
        let after = self.rest.get(1..).unwrap_or("");
        let name = after.get(..after.bytes().take_while(u8::is_ascii_alphabetic).count()).unwrap_or("");
        let Some(first) = after.chars().next() else { return self.keep('\\') };
        if name.is_empty() {
            match first {
                '(' | ')' | '[' | ']' | '!' => {}
                ',' | ';' | ':' | ' ' => self.out.push(THIN),
                '\\' => self.out.push('\n'),
                '%' | '$' | '#' | '&' | '_' | '{' | '}' => self.out.push(if first == '$' { '¤' } else { first }),
                // Escaped Markdown: the character itself is meant.
                '*' | '.' | '-' | '+' | '>' | '<' | '"' | '\'' => self.out.push(first),
                _ => return self.keep('\\'),
            }
            return self.skip(1 + first.len_utf8());
        }
        let rest: &'a str = after.get(name.len()..).unwrap_or("");
        let spaces = rest.len() - rest.trim_start_matches([' ', '\n', '\t']).len();
        let braced = rest.get(spaces..).is_some_and(|r| r.starts_with('{'));
        let whole = 1 + name.len() + spaces + 1;
        if braced && BOXES.contains(&name) {
            return self.open(Brace::Box(self.out.len()), whole);
        }
        if braced && DRESS.contains(&name) {
            return self.open(Brace::Dress, whole);
        }
        match WORDS.iter().find(|(word, _)| *word == name) {
            Some((_, "°")) => self.degree(),
            Some((_, plain)) => self.out.push_str(plain),
            None => {
                self.out.push('\\');
                self.out.push_str(name);
            }
        }
        self.skip(1 + name.len());
    }

    /// `42^\circ` and `42^{\circ}` are degrees, not powers.
    fn degree(&mut self) {
        if self.out.ends_with('^') {
            self.out.pop();
        } else if self.out.ends_with("^{")
            && let Some(brace @ Brace::Group) = self.braces.last_mut()
        {
            *brace = Brace::Dress;
            self.out.truncate(self.out.len() - 2);
        }
        self.out.push('°');
    }

    /// Emphasis goes; multiplication and powers between figures stay.
    fn stars(&mut self) {
        let run = self.rest.bytes().take_while(|b| *b == b'*').count();
        let next = self.rest.get(run..).unwrap_or("");
        let figure = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit() || matches!(c, '(' | ')'));
        let below = run == 2 && next.strip_prefix('-').is_some_and(|n| figure(n.chars().next()));
        let glued = figure(self.before) && (below || figure(next.chars().next()));
        let apart = self.before == Some(' ') && next.starts_with(' ');
        let line = before(&self.out, self.out.len(), 40).rsplit('\n').next().unwrap_or("").trim_end();
        let operand = figure(line.chars().next_back()) && figure(next.trim_start().chars().next());
        let spaced = apart && if run == 1 { !line.is_empty() } else { operand };
        if run <= 2 && (glued || spaced) {
            self.out.push_str(if run == 1 { "*" } else { "^" });
        }
        self.skip(run);
    }

    /// What is struck out is withdrawn.
    fn struck(&mut self) {
        let line = after(self.rest, 0, REACH).lines().next().unwrap_or("");
        let end = line.get(2..).and_then(|r| r.find("~~")).map_or(2, |at| at + 4);
        self.skip(end);
    }
}

/// How much of a text that begins with a backtick is markup: three of them with the name of a language, on a line of their
/// own, or one.
fn fence(rest: &str) -> usize {
    const NAMES: [&str; 12] =
        ["text", "txt", "plain", "plaintext", "markdown", "md", "json", "python", "latex", "tex", "yaml", "bash"];
    let tag = rest.strip_prefix("```").and_then(|rest| rest.split_once('\n')).map_or("", |(tag, _)| tag.trim_end());
    if NAMES.contains(&tag) { 3 + tag.len() } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_is_read_away() {
        for (raw, want) in [
            ("**B**", "B"),
            ("*B* and __C__ and _D_ and `E`", "B and C and D and E"),
            ("3*4 = 12, 2 ** 3, 2**3, 10**-3", "3*4 = 12, 2 ^ 3, 2^3, 10^-3"),
            ("3 * 4", "3 * 4"),
            ("* item 5", " item 5"),
            ("1_234 x_1", "1_234 x_1"),
            (r"\(\text{B}\)", "B"),
            (r"$$42\,\mathrm{km}$$", "42\u{2009}km"),
            (r"$1\frac{1}{2}$ km for $5 \times 3 = $15", "1\\frac{1}{2} km for ¤5 × 3 = ¤15"),
            (r"1{,}234", "1,234"),
            (r"\dfrac{3}{4}", r"\frac{3}{4}"),
            (r"12\%", "12%"),
            ("1½", "1\u{2009}1/2"),
            ("~~B~~ C", " C"),
            ("<b>C</b>", "C"),
            ("<span class=\"x\">C</span><br/>D", "C\nD"),
            ("a <b and c> d", "a <b and c> d"),
            ("A$5", "A¤5"),
            (r"42^\circ, 42^{\circ}\text{C}", "42°, 42°C"),
            ("40 + 2 = <<40+2=42>>42", "40 + 2 = 42"),
        ] {
            assert_eq!(plain(raw).text, want, "{raw}");
        }
    }

    #[test]
    fn the_last_outermost_box_is_the_box() {
        for (raw, want) in [
            (r"\boxed{3} then \boxed{42}", Some("42")),
            (r"\boxed{\boxed{42}}", Some("42")),
            (r"\boxed{\frac{1}{2}}", Some(r"\frac{1}{2}")),
            (r"\boxed {\text{B}}", Some("B")),
            (r"\boxed{5} or \boxed{}", Some("5")),
            (r"\boxed{42", None),
            ("no box }", None),
        ] {
            assert_eq!(plain(raw).boxed_text(), want, "{raw}");
        }
        assert_eq!(plain(r"\boxed{42").open_box, Some(0));
        let nested = format!("{}42{}", r"\boxed{".repeat(400), "}".repeat(400));
        assert_eq!(plain(&nested).boxed_text(), Some("42"));
        let braces = "{".repeat(1 << 20);
        assert_eq!(plain(&braces).text.len(), 1 << 20);
    }
}
