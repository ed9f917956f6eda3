//! Forms of one answer that are made one before it is read: where an equation holds, what the constant of an integral is
//! called, how a program prints a matrix, what is said in words.

use crate::scoring::text::{Pattern, pattern};
use regex::Captures;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Where an equation holds, in brackets behind it or behind a comma: y = √x (x ≥ 0), aₙ = 2n − 1, n ∈ ℕ*.
static CONDITION: LazyLock<Pattern> = LazyLock::new(|| {
    const GAP: &str = r"(?:\\[ ,;:]|\\q?quad|[~\s$])*";
    const SET: &str =
        r"(?:\\(?:mathbb|mathbf|mathrm|bf|rm|Bbb)\s*)?\{?\s*[NZRQℕℤℝℚ]\s*\}?\s*(?:[_^]?\{?(?:[*+⁺₊]|\\ast)\}?){0,2}";
    const LIMIT: &str = r"(?:[<>≤≥≠]|\\(?:geq?|leq?|neq?|gt|lt|geqslant|leqslant))\s*-?\d+";
    pattern(&format!(
        r"(=[^=\n<>≤≥,∈]{{1,80}}?){GAP}(?:\({GAP}[A-Za-z]\s*(?:{LIMIT}|(?:∈|\\in)\s*{SET}){GAP}\)|,{GAP}[a-z]\s*(?:∈|\\in)\s*{SET})"
    ))
});

/// A relation, as a reference that is a range has one.
static RANGED: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"[<>≤≥≠∈]|\\(?:geq?|leq?|neq?|gt|lt|geqslant|leqslant|in)(?:[^A-Za-z]|\z)"));

/// What the constant of an integral is: x²+C，其中C为任意常数.
static CONSTANT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)([+]\s*\$?C\$?)\s*[,(]\s*(?:其中|where)?\s*\$?C\$?\s*(?:为|是|is)\s*(?:an?\s+|the\s+)?(?:任意|积分|arbitrary\s+)?(?:常数|constant(?:\s+of\s+integration)?)\)?",
    )
});
/// A constant at the end by another name than C.
static NAMED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\+\s*(?:[cK]|\\(?:text|mathrm)\{\s*[Cc](?:onst(?:ant)?\.?)?\s*\}|const(?:ant)?)(?P<end>\s*(?:[$})\]]|\\\)|\\\])*\s*(?:[.。,]|\n|\z))",
    )
});

/// A list of lists of figures, as programs print a matrix.
static ROWS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?P<call>(?:[a-z]{1,8}\.)?(?:array|[Mm]atrix|tensor)\(\s*)?\[\s*(?P<rows>\[[-+\d.,/\s]+\](?:[\s,]*\[[-+\d.,/\s]+\])*)\s*\](?P<close>\s*\))?",
    )
});

/// Combinations and arrangements of figures: C_7^3, C(10, 3), A_5^3, "10 choose 3".
static CHOSEN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?:\\(?:mathrm|text)\{(?P<set>[CA])\}|\b(?P<name>[CA]))_\{?(?P<n>\d{1,2})\}?\s*\^\{?(?P<k>\d{1,2})\}?|\bC\((?P<of>\d{1,2}),\s?(?P<some>\d{1,2})\)|\b(?P<all>\d{1,2})\s+choose\s+(?P<part>\d{1,2})\b",
    )
});

/// Roots and parts of them in words: 二分之根号三, 三分之π, "2 times the square root of 3".
static SAID: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)(?P<minus>负)?(?P<below>[二三四五六七八九十]{1,3})分之(?:(?P<root>根号)(?P<under>[二三五六七十]{1,3}|\d{1,3})|(?P<pi>π))|(?:\b(?P<times>\d{1,4})\s+times\s+)?\bthe\s+square\s+root\s+of\s+(?P<of>\d{1,6})\b",
    )
});

/// A fraction in figures, read as Chinese reads it: 3分之1, 2又3分之1.
static IN_PARTS: LazyLock<Pattern> =
    LazyLock::new(|| pattern(r"(?:(?P<whole>\d{1,4})\s?又\s?)?(?P<below>\d{1,4})\s?分之\s?(?P<above>\d{1,4})"));
/// One of two roots that is put aside in brackets: x = 3 或 x = -2(舍去).
static PUT_ASIDE: LazyLock<Pattern> = LazyLock::new(|| {
    const ROOT: &str = r"\$?[a-z](?:[₁-₉]|_\{?\d\}?)?\s*=\s*[^=,;()或\n]{1,24}?\$?\s*\((?:舍去?|应?舍[去掉]|不合题意[^()\n]{0,6}|rejected|discarded|extraneous)\)";
    pattern(&format!(r"(?i)(?:\s*(?:,|;|或者?|\bor\b)\s*{ROOT}|{ROOT}\s*(?:,|;|或者?|\bor\b)\s*)"))
});
/// A table with a root a row.
static TABLE: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?im)^[ \t]*\|[^|\n]*(?:根|解|root|solution)[^|\n]*\|[^|\n]*\|[ \t]*\n[ \t]*\|[-:| ]+\|[ \t]*\n(?P<rows>(?:[ \t]*\|\s*\$?[a-z](?:[₁-₉]|_\{?\d\}?)\$?\s*\|[^|\n]+\|[ \t]*(?:\n|\z))+)",
    )
});
/// 2 to 3, 3比5: a ratio in words.
static RATIO: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?P<a>\b\d{1,6})\s*(?:\bto\b|比)\s*(?P<b>\d{1,6}\b)"));
/// x equals 1.
static EQUALS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\b(?P<name>[a-z])\s+equals\s+(?P<value>-?\d)"));
/// The last two lines, each with what a letter is.
static LINES: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?m)^(?P<a>[\s$>*-]*[a-z]\s*=\s*[-+\d./]{1,20})[\s$,;.]*\n(?P<b>[\s$>*-]*[a-z]\s*=\s*[-+\d./]{1,20})(?P<end>[\s$.`]*)\z",
    )
});

/// A text in the forms that its references have.
pub fn uniform<'t>(text: &'t str, references: &[&str]) -> Cow<'t, str> {
    let asked = |is: &dyn Fn(&str) -> bool| references.iter().any(|reference| is(reference));
    let mut text = Cow::Borrowed(text);
    // A reference that is a range says itself where it holds.
    if text.contains(['(', ',']) && RANGED.is_match(&text) && !asked(&|r| RANGED.is_match(r)) {
        text = made(text, |text| CONDITION.replace_all(text, "$1"));
    }
    if text.contains('+') {
        text = made(text, |text| CONSTANT.replace(text, "$1"));
        if asked(&|r| r.trim_end_matches(['$', ' ', '.']).ends_with('C')) {
            text = made(text, |text| NAMED.replace_all(text, "+ C$end"));
        }
    }
    if !asked(&|r| r.contains(['C', 'A'])) {
        text = made(text, |text| CHOSEN.replace_all(text, chosen));
    }
    if asked(&|r| r.contains(':')) {
        text = made(text, |text| RATIO.replace_all(text, "$a:$b"));
    }
    if asked(&|r| r.contains(',') || r.contains("\\\\")) {
        text = made(text, |text| EQUALS.replace_all(text, "$name = $value"));
        text = made(text, |text| LINES.replace(text, lines));
    }
    text = made(text, |text| SAID.replace_all(text, said));
    text = made(text, |text| IN_PARTS.replace_all(text, in_parts));
    if text.contains('(') {
        text = made(text, |text| PUT_ASIDE.replace_all(text, ""));
    }
    if text.contains("|-") || text.contains("| -") {
        text = made(text, |text| TABLE.replace(text, listed));
    }
    if text.contains('[') {
        text = made(text, |text| ROWS.replace_all(text, matrix));
    }
    text
}

/// What a replacement makes of a text, which is copied only where something is replaced.
fn made<'t>(text: Cow<'t, str>, replace: impl Fn(&str) -> Cow<'_, str>) -> Cow<'t, str> {
    let made = match replace(&text) {
        Cow::Owned(made) => Some(made),
        Cow::Borrowed(_) => None,
    };
    made.map_or(text, Cow::Owned)
}

/// The rows of a table as a list of equations.
fn listed(found: &Captures<'_>) -> String {
    let rows = found.name("rows").map_or("", |m| m.as_str()).lines();
    let cells = rows.filter_map(|row| row.trim().trim_matches('|').split_once('|'));
    let bare = |cell: &str| cell.trim().trim_matches('$').to_owned();
    let all: Vec<String> = cells.map(|(name, value)| format!("{} = {}", bare(name), bare(value))).collect();
    format!("{}\n", all.join(", "))
}

/// A fraction, and a whole with one as one fraction.
fn in_parts(found: &Captures<'_>) -> String {
    let of = |name: &str| found.name(name).and_then(|m| m.as_str().parse::<u64>().ok());
    let below = of("below").unwrap_or(1);
    format!("\\frac{{{}}}{{{below}}}", of("whole").unwrap_or(0) * below + of("above").unwrap_or(0))
}

/// Two lines as one.
fn lines(found: &Captures<'_>) -> String {
    let of = |name: &str| found.name(name).map_or("", |m| m.as_str());
    let bare = |line: &str| line.trim_matches(|c: char| c.is_whitespace() || "$>*-".contains(c)).to_owned();
    format!("{}, {}{}", bare(of("a")), bare(of("b")), of("end").replace('$', ""))
}

/// How many ways there are to choose, as mathematics.
fn chosen(found: &Captures<'_>) -> String {
    let whole = found.get(0).map_or("", |m| m.as_str());
    let of = |names: [&str; 3]| names.iter().find_map(|name| found.name(name)?.as_str().parse::<u32>().ok());
    let (Some(n), Some(k)) = (of(["n", "of", "all"]), of(["k", "some", "part"])) else { return whole.to_owned() };
    let arranged = found.name("name").or_else(|| found.name("set")).is_some_and(|m| m.as_str() == "A");
    match n.checked_sub(k) {
        Some(rest) if arranged => format!("\\frac{{{n}!}}{{{rest}!}}"),
        Some(_) => format!("\\binom{{{n}}}{{{k}}}"),
        None => whole.to_owned(),
    }
}

/// A root or a part of one, as mathematics.
fn said(found: &Captures<'_>) -> String {
    let of = |name: &str| found.name(name).map(|m| m.as_str());
    if let Some(root) = of("of") {
        return format!("{}\\sqrt{{{root}}}", of("times").unwrap_or(""));
    }
    let figures = |word: &str| match crate::scoring::number::chinese::numeral(word) {
        Some((value, ..)) => value.to_string(),
        None => word.to_owned(),
    };
    let above = of("under").map_or_else(|| "π".to_owned(), |under| format!("\\sqrt{{{}}}", figures(under)));
    let minus = if of("minus").is_some() { "-" } else { "" };
    format!("{minus}\\frac{{{above}}}{{{}}}", figures(of("below").unwrap_or("")))
}

/// A printed matrix on one line, with commas.
fn matrix(found: &Captures<'_>) -> String {
    let of = |name: &str| found.name(name).map(|m| m.as_str());
    let rows = of("rows").unwrap_or("").split(']').filter_map(|row| row.split_once('['));
    let row = |row: &str| {
        let entries = row.split(|c: char| c == ',' || c.is_whitespace()).filter(|entry| !entry.is_empty());
        format!("[{}]", entries.map(|entry| entry.trim_end_matches('.')).collect::<Vec<_>>().join(", "))
    };
    let rows: Vec<String> = rows.map(|(_, inner)| row(inner)).collect();
    let close = if of("call").is_some() { "" } else { of("close").unwrap_or("") };
    format!("[{}]{close}", rows.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_are_those_of_the_reference() {
        for (text, reference, want) in [
            (r"$y=\sqrt{x}\ (x\geq0)$", "y", r"$y=\sqrt{x}$"),
            (r"$a_n=2n-1$ $(n\in N^*)$", "2n-1", "$a_n=2n-1$"),
            (r"aₙ=2n-1,n∈ℕ*。", "2n-1", "aₙ=2n-1。"),
            (r"$y=\sqrt{x}\ (x\geq0)$", r"y=\sqrt x,x\ge0", r"$y=\sqrt{x}\ (x\geq0)$"),
            ("x^2 + c", "x^2+C", "x^2 + C"),
            ("x^2 + c", "x^2+c", "x^2 + c"),
            ("array([[ 7., 10.],\n       [15., 22.]])", "A", "[[7, 10], [15, 22]]"),
            ("[[7 10]\n [15 22]]", "A", "[[7, 10], [15, 22]]"),
            ("[1, 2]", "A", "[1, 2]"),
            ("x = 1\ny = 2", "x=1, y=2", "x = 1, y = 2"),
            ("x = 1\ny = 2", "2", "x = 1\ny = 2"),
            ("x equals 1", "(x,y)=(1,2)", "x = 1"),
            ("3比5", "3:5", "3:5"),
            (r"$C_{7}^{3}$, A_5^3", "35", r"$\binom{7}{3}$, \frac{5!}{2!}"),
            ("10 choose 3", "120", r"\binom{10}{3}"),
            ("负二分之根号三", "1", r"-\frac{\sqrt{3}}{2}"),
            ("2 times the square root of 3", "1", r"2\sqrt{3}"),
        ] {
            assert_eq!(uniform(text, &[reference]), want, "{text}");
        }
    }
}
