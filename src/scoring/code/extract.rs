//! Takes the program out of an answer: its fenced blocks, or the parts of it that are nothing but Python.
//!
//! Of several blocks it is the last one that has what is wanted (the function that the tests call; for a program that
//! reads input, one that does), and before it those earlier ones that define a name which it uses and does not define.
//! A block that the output limit cut is no program. All of it is linear in the text.

use super::super::text::{Pattern, pattern};
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// What of a text's end is searched, in bytes: programs are longer than other answers.
const SEARCHED: usize = 256 << 10;
/// The longest program, in bytes.
const LONGEST: usize = 64 << 10;
/// Blocks that are looked at, the last ones.
const MOST_BLOCKS: usize = 64;

/// What the tests need a program to have.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// The function or class that must be there; none where the tests do not say.
    pub entry: Option<String>,
    /// Names that the tests call.
    pub called: BTreeSet<String>,
    /// It is run with input, rather than called.
    pub reads: bool,
    /// What the question gives, for an answer that goes on from there.
    pub prefix: String,
}

/// Why there is no program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoProgram {
    /// Nothing in the text is one.
    Nothing,
    /// The output limit cut it.
    Cut,
    /// It is longer than any that is run.
    TooLong,
}

/// A piece of the text that is code.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Block {
    marked: bool,
    code: String,
    closed: bool,
}

/// The program in an answer's text; `cut` where the output limit ended it.
pub fn program(text: &str, cut: bool, wanted: &Wanted) -> Result<String, NoProgram> {
    let text = end_of(text);
    let (mut blocks, fenced) = blocks(text);
    if !fenced {
        blocks = bare(text, wanted);
    }
    let was_cut = cut && blocks.last().is_some_and(|block| !block.closed);
    if was_cut {
        blocks.pop();
    }
    // Marked ones go before those that could be anything; what shows a use at a prompt is not a program.
    let session = |block: &Block| block.code.trim_start().starts_with(">>>");
    blocks.retain(|block| !block.code.trim().is_empty() && !session(block));
    let first = blocks.len().saturating_sub(MOST_BLOCKS);
    blocks.drain(..first);
    let wants = |block: &&Block| has(&block.code, wanted);
    let marked: Vec<&Block> = blocks.iter().filter(|block| block.marked).collect();
    let found = marked.iter().rposition(&wants).map(|at| (&marked, at));
    let all: Vec<&Block> = blocks.iter().collect();
    let found = found.or_else(|| all.iter().rposition(wants).map(|at| (&all, at)));
    let (among, at) = match found {
        Some(found) => found,
        // The last block may lack what is wanted, and is wrong then; but what was cut may have had it.
        None if was_cut => return Err(NoProgram::Cut),
        None if !marked.is_empty() => (&marked, marked.len() - 1),
        None if !all.is_empty() => (&all, all.len() - 1),
        None => return Err(NoProgram::Nothing),
    };
    let before: Vec<&str> = among.iter().take(at).map(|block| block.code.as_str()).collect();
    let last = among.get(at).map_or("", |block| block.code.as_str());
    let program = framed(&joined(&before, last), wanted);
    if program.len() > LONGEST { Err(NoProgram::TooLong) } else { Ok(program) }
}

/// The end of a text, beginning with a whole line.
fn end_of(text: &str) -> &str {
    let mut start = text.len().saturating_sub(SEARCHED);
    if start == 0 {
        return text;
    }
    while !text.is_char_boundary(start) {
        start += 1;
    }
    let end = text.get(start..).unwrap_or("");
    end.split_once('\n').map_or("", |(_, rest)| rest)
}

/// A fence that is open.
struct Fence {
    mark: char,
    length: usize,
    indent: usize,
    quoted: bool,
    /// Python, or nothing that speaks against it; other languages are passed over.
    counts: bool,
    marked: bool,
    code: String,
}

/// All fenced blocks that may be Python, and whether there is any fence.
fn blocks(text: &str) -> (Vec<Block>, bool) {
    let (mut found, mut open, mut any) = (Vec::new(), None::<Fence>, false);
    for raw in text.lines() {
        let line = raw.trim_end();
        let bare = line.trim_start_matches(['>', ' ', '\t']);
        match &mut open {
            None => {
                let tagged = TAGS.iter().any(|(begin, _)| bare.eq_ignore_ascii_case(begin));
                if tagged {
                    any = true;
                    open = Some(Fence {
                        mark: '[',
                        length: 1,
                        indent: 0,
                        quoted: false,
                        counts: true,
                        marked: true,
                        code: String::new(),
                    });
                } else if let Some((fence, rest)) = opening(line, bare) {
                    any = true;
                    match whole_on_a_line(rest, &fence) {
                        Some(code) if fence.counts => found.push(Block { marked: fence.marked, code, closed: true }),
                        Some(_) => {}
                        None => open = Some(fence),
                    }
                }
            }
            Some(fence) => {
                let line = if fence.quoted {
                    line.strip_prefix('>').map_or(line, |l| l.strip_prefix(' ').unwrap_or(l))
                } else {
                    line
                };
                let trimmed = line.trim();
                let ends = if fence.mark == '[' {
                    TAGS.iter().any(|(_, end)| trimmed.eq_ignore_ascii_case(end))
                } else {
                    trimmed.chars().count() >= fence.length && trimmed.chars().all(|c| c == fence.mark)
                };
                let marks: String = std::iter::repeat_n(fence.mark, fence.length).collect();
                // A closing that stands at the end of the last line of code.
                let last = trimmed.strip_suffix(marks.as_str()).filter(|_| fence.mark == '`' && !ends);
                if let Some(last) = last.filter(|code| !code.contains(marks.as_str()) && !code.contains('#')) {
                    fence.code.push_str(
                        dedented(line, fence.indent)
                            .get(..)
                            .map_or("", |l| l.split(marks.as_str()).next().unwrap_or(last)),
                    );
                }
                if ends || last.is_some() {
                    let Fence { counts, marked, code, .. } = std::mem::replace(fence, closed_fence());
                    open = None;
                    found.extend(counts.then_some(Block { marked, code, closed: true }));
                } else {
                    fence.code.push_str(dedented(line, fence.indent));
                    fence.code.push('\n');
                }
            }
        }
    }
    if let Some(Fence { counts: true, marked, code, .. }) = open {
        found.push(Block { marked, code, closed: false });
    }
    (found, any)
}

fn closed_fence() -> Fence {
    Fence { mark: ' ', length: 0, indent: 0, quoted: false, counts: false, marked: false, code: String::new() }
}

/// Tags that some models put around code in place of a fence.
const TAGS: [(&str, &str); 4] =
    [("[PYTHON]", "[/PYTHON]"), ("<code>", "</code>"), ("<python>", "</python>"), ("[CODE]", "[/CODE]")];

/// A fence that a line opens, and what stands behind it on that line.
fn opening<'a>(line: &'a str, bare: &'a str) -> Option<(Fence, &'a str)> {
    let at_start = |mark: char| bare.chars().take_while(|c| *c == mark).count();
    let (mark, length, rest, first) = match (at_start('`'), at_start('~')) {
        (n, _) if n >= 3 => ('`', n, bare.get(n..)?, true),
        (_, n) if n >= 3 => ('~', n, bare.get(n..)?, true),
        _ => {
            // Behind words of the same line; there only where it says which language.
            let at = line.find("```")?;
            let rest = line.get(at..)?;
            let length = rest.chars().take_while(|c| *c == '`').count();
            ('`', length, rest.get(length..)?, false)
        }
    };
    let word = rest.trim_start_matches([' ', '{', '.']);
    let word = word.split([' ', ':', ',', '{', '}', '\t', '(', '`']).next().unwrap_or("").to_lowercase();
    let python = word == "py" || word == "py3" || word.starts_with("python") || word == "ipython" || word == "cpython";
    let marked = python;
    if !first && !marked {
        return None;
    }
    let unmarked = matches!(word.as_str(), "" | "code" | "plaintext" | "text" | "txt" | "代码");
    let spaces = line.len() - line.trim_start().len();
    let quoted = line.trim_start().starts_with('>');
    let indent = if first && !quoted { spaces } else { 0 };
    let fence = Fence { mark, length, indent, quoted, counts: python || unmarked, marked, code: String::new() };
    Some((fence, rest))
}

/// A block that is closed on the line that opened it.
fn whole_on_a_line(rest: &str, fence: &Fence) -> Option<String> {
    let marks: String = std::iter::repeat_n(fence.mark, fence.length).collect();
    let inner = rest.trim_end().strip_suffix(marks.as_str())?;
    let word = inner.split_whitespace().next().unwrap_or("");
    let code = if fence.marked { inner.trim_start().strip_prefix(word).unwrap_or(inner) } else { inner };
    Some(code.trim().to_owned() + "\n")
}

/// At most so many blanks less at the beginning.
fn dedented(line: &str, indent: usize) -> &str {
    let blanks = line.bytes().take(indent).take_while(u8::is_ascii_whitespace).count();
    line.get(blanks..).unwrap_or(line)
}

/// Lines that begin nothing but Python.
static STARTS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"^(?:async\s+)?def\s+\w+\s*\(|^class\s+\w+\s*[:(]|^from\s+[\w.]+\s+import\s|^import\s+\w[\w.]*(?:\s+as\s+\w+)?",
        r"(?:\s*,\s*\w[\w.]*(?:\s+as\s+\w+)?)*\s*(?:#.*)?$|^@\w[\w.]*(?:\(.*\))?$|^#!|^(?:print|input|main|exec)\s*\(|^sys\.\w+",
    ))
});

/// Lines that may be Python between others.
static GOES_ON: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r#"^(?:#|"""|'''|[)\]}])|^(?:for|while|if|elif|else|with|try|except|finally|match)\b.*:\s*(?:#.*)?$"#,
        r"|^(?:return|yield|raise|assert|global|del|pass|break|continue)\b|^[A-Za-z_][\w.]*(?:\[[^\]]*\])?(?:\s*,\s*[A-Za-z_]\w*)*",
        r"(?:\s*:\s*[\w\[\], .]+)?\s*(?:[-+*/%|&^]|//|\*\*|<<|>>)?=\s*[^=\s]|^[A-Za-z_][\w.]*\(.*\)\s*(?:#.*)?$|^[A-Za-z_][\w.]*\($",
    ))
});

/// The parts of a text without fences that are Python. Where the question gave the beginning, an indented text goes on.
fn bare(text: &str, wanted: &Wanted) -> Vec<Block> {
    let (mut found, mut code, mut strong) = (Vec::new(), String::new(), false);
    let (mut quotes, mut depth, mut last_is_code) = (None::<&str>, 0_i64, false);
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let mut body = !wanted.prefix.is_empty() && first.starts_with([' ', '\t']);
    if body {
        code.push_str(&wanted.prefix);
        strong = true;
    }
    for line in text.lines() {
        let line = line.trim_end();
        let starts = STARTS.is_match(line);
        let inside = !code.is_empty();
        let goes_on =
            quotes.is_some() || depth > 0 || line.is_empty() || line.starts_with([' ', '\t']) || GOES_ON.is_match(line);
        last_is_code = starts || (inside && goes_on) || (!inside && !line.is_empty() && GOES_ON.is_match(line));
        if !last_is_code || (body && !line.is_empty() && !line.starts_with([' ', '\t']) && !starts && quotes.is_none())
        {
            if strong {
                found.push(Block { marked: true, code: std::mem::take(&mut code), closed: true });
            }
            (code, strong, quotes, depth, body) = (String::new(), false, None, 0, false);
            continue;
        }
        strong |= starts;
        code.push_str(line);
        code.push('\n');
        (quotes, depth) = after(line, quotes, depth);
    }
    if strong {
        found.push(Block { marked: true, code, closed: !last_is_code });
    }
    found
}

/// The string of three quotes that is open after a line, and how many brackets are.
fn after<'a>(line: &str, mut quotes: Option<&'a str>, mut depth: i64) -> (Option<&'a str>, i64) {
    let mut rest = line;
    while let Some(c) = rest.chars().next() {
        if let Some(open) = quotes {
            match rest.find(open) {
                Some(at) => {
                    rest = rest.get(at + 3..).unwrap_or("");
                    quotes = None;
                    continue;
                }
                None => return (quotes, depth),
            }
        }
        let three = ["\"\"\"", "'''"].into_iter().find(|three| rest.starts_with(three));
        if let Some(three) = three {
            quotes = Some(three);
            rest = rest.get(3..).unwrap_or("");
            continue;
        }
        match c {
            '#' => break,
            '"' | '\'' => {
                // To the end of the string, or of the line.
                let body = rest.get(1..).unwrap_or("");
                let mut escaped = false;
                let end = body.char_indices().find(|(_, d)| {
                    let ends = *d == c && !escaped;
                    escaped = *d == '\\' && !escaped;
                    ends
                });
                rest = end.and_then(|(at, _)| body.get(at + 1..)).unwrap_or("");
                continue;
            }
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth = (depth - 1).max(0),
            _ => {}
        }
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    (quotes, depth)
}

static DEFINES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(concat!(
        r"(?m)^(?:(?:async[ \t]+)?def[ \t]+(?P<def>\w+)|class[ \t]+(?P<class>\w+)|import[ \t]+(?P<import>[^\n#]+)",
        r"|from[ \t]+[\w.]+[ \t]+import[ \t]+(?P<from>[^\n#]+)|(?P<name>[A-Za-z_]\w*)[ \t]*(?::[^=\n]+)?=[^=])",
    ))
});

/// Names that a program defines or imports outside of its functions.
fn defined(code: &str) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    for found in DEFINES.captures_iter(code) {
        for kind in ["def", "class", "name"] {
            names.extend(found.name(kind).map(|name| name.as_str()));
        }
        for kind in ["import", "from"] {
            let list = found.name(kind).map_or("", |list| list.as_str());
            let parts = list.trim_matches(['(', ')', ' ']).split(',');
            names.extend(parts.filter_map(|part| part.split_whitespace().last()?.split('.').next()));
        }
    }
    names
}

/// Words of a program.
fn words(code: &str) -> BTreeSet<&str> {
    code.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty()).collect()
}

/// Names that are called in a test, outside of any object.
pub fn called(test: &str) -> BTreeSet<String> {
    static CALLS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?:^|[^\w.])([A-Za-z_]\w*)\s*\("));
    CALLS.captures_iter(test).filter_map(|found| Some(found.get(1)?.as_str().to_owned())).collect()
}

fn has(code: &str, wanted: &Wanted) -> bool {
    let defines = || defined(code);
    match &wanted.entry {
        Some(entry) => defines().contains(entry.as_str()),
        None if wanted.reads => ["input(", "sys.stdin", "open(0", "fileinput"].iter().any(|word| code.contains(word)),
        None => defines().iter().any(|name| wanted.called.contains(*name)),
    }
}

/// A block with those before it that it needs.
fn joined(before: &[&str], last: &str) -> String {
    let mut parts = vec![last];
    for code in before.iter().rev() {
        let (mut used, mut known) = (BTreeSet::new(), BTreeSet::new());
        for part in &parts {
            used.extend(words(part));
            known.extend(defined(part));
        }
        if defined(code).iter().any(|name| used.contains(name) && !known.contains(name)) {
            parts.push(code);
        }
    }
    parts.reverse();
    parts.join("\n")
}

/// With what the question gives: its imports, or all of it where the answer only goes on from there.
fn framed(code: &str, wanted: &Wanted) -> String {
    let Wanted { entry: Some(entry), prefix, .. } = wanted else { return code.to_owned() };
    if prefix.is_empty() || code.starts_with(prefix.as_str()) {
        return code.to_owned();
    }
    if defined(code).contains(entry.as_str()) {
        let imports: Vec<&str> =
            prefix.lines().filter(|line| line.starts_with("import ") || line.starts_with("from ")).collect();
        // Before everything else a program may want the future.
        let future = code.contains("from __future__");
        return if imports.is_empty() || future { code.to_owned() } else { format!("{}\n{code}", imports.join("\n")) };
    }
    let indented = code.lines().find(|line| !line.trim().is_empty()).is_some_and(|line| line.starts_with([' ', '\t']));
    if indented {
        return format!("{}\n{code}", prefix.trim_end());
    }
    let body: Vec<String> = code.lines().map(|line| format!("    {line}")).collect();
    format!("{}\n{}\n", prefix.trim_end(), body.join("\n"))
}
