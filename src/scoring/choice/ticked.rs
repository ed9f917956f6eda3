//! Options that are ticked or crossed where they are listed by their words (`- [x] Paris`, `Rome ❌`), and rows of a table
//! whose cells judge an option (`| B | yes | yes | ✅ |`).

use super::judged::Judgement;
use super::options::Options;
use crate::scoring::text::{Pattern, pattern};
use std::sync::LazyLock;

/// What ticks an option, and what crosses it out or leaves it.
const TICKS: [char; 6] = ['✓', '✔', '✅', '☑', '√', '🗹'];
const CROSSES: [char; 6] = ['✗', '✘', '❌', '×', '☐', '✖'];
/// A box with a cross in it: ticked beside empty boxes, crossed out beside ticked ones.
const CROSSED_BOX: char = '☒';
/// What asks for another presentation of the character before it.
const VARIANT: char = '\u{FE0F}';

/// How many lines are looked at, from the end.
const MOST: usize = 100;

static BULLET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A[ \t>|*•·-]*(?:\d{1,2}[.)]\s+)?"));
static BOX: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A\[(?P<tick>[ xX✓✔√])\][ \t]*"));
/// What may stand behind an option's words in its line.
static BEHIND: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A(?:\z|\s*[(|:,;.。→✓✔✅☑√🗹✗✘❌×☐✖☒—-]|\s{2})"));

/// Whether a mark ticks or crosses, in a text with or without ticked boxes.
fn mark(c: char, ticked: bool) -> Option<bool> {
    match c {
        CROSSED_BOX => Some(!ticked),
        c if TICKS.contains(&c) => Some(true),
        c if CROSSES.contains(&c) => Some(false),
        _ => None,
    }
}

/// What lines say by a tick or a cross of options that they name by their words: two lines or more.
pub fn ticked(text: &str, options: &Options) -> Vec<Judgement> {
    let has_marks = |c: char| TICKS.contains(&c) || CROSSES.contains(&c) || c == CROSSED_BOX;
    if !options.are_known() || !text.contains(has_marks) && !text.contains("[x]") && !text.contains("[X]") {
        return Vec::new();
    }
    let ticked = text.contains(TICKS);
    let mut all = Vec::new();
    let mut at = 0;
    let lines: Vec<(usize, &str)> = text
        .split_inclusive('\n')
        .map(|line| {
            at += line.len();
            (at - line.len(), line.trim_end())
        })
        .collect();
    for (at, line) in lines.iter().skip(lines.len().saturating_sub(MOST)) {
        all.extend(one(line, ticked, options).map(|(index, right)| Judgement { at: *at, index, right }));
    }
    // One such line may be an answer with a flourish; it is read as any other.
    if all.len() > 1 { all } else { Vec::new() }
}

/// The option whose words a text begins with, and what stands behind them.
fn own<'t>(text: &'t str, options: &Options) -> Option<(usize, &'t str)> {
    let text = text.trim_start_matches(['*', '_', '"']);
    let (index, length) = options.at_start(text)?;
    let rest = text.get(length..)?.trim_start_matches(['*', '_', '"']);
    BEHIND.is_match(rest).then_some((index, rest))
}

/// The option that a line names, and whether it ticks it.
fn one(line: &str, ticked: bool, options: &Options) -> Option<(usize, bool)> {
    let body = line.get(BULLET.find(line).map_or(0, |m| m.end())..)?;
    if let Some(found) = BOX.captures(body) {
        let (index, _) = own(body.get(found.get(0)?.end()..)?, options)?;
        return Some((index, found.name("tick").is_some_and(|m| m.as_str() != " ")));
    }
    if let Some(right) = body.chars().next().and_then(|c| mark(c, ticked)) {
        let words = body.get(body.chars().next()?.len_utf8()..)?.trim_start_matches([VARIANT, ' ', '\t']);
        return own(words, options).map(|(index, _)| (index, right));
    }
    let (index, rest) = own(body, options)?;
    let rest = rest.trim_end_matches(['|', ' ', '*', VARIANT]);
    match row(rest, false) {
        Row::Judged(right) => return Some((index, right)),
        Row::Silent => return None,
        Row::Single => {}
    }
    rest.chars().next_back().and_then(|c| mark(c, ticked)).map(|right| (index, right))
}

/// What the cells of a table's row behind an option come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Row {
    /// It has one cell or none, and is read as any other line.
    Single,
    /// Nothing that can be told.
    Silent,
    /// The option is right, or wrong.
    Judged(bool),
}

/// Reads a row's cells. The last column counts alone where it is headed as the `verdict`; else a tick in every cell is
/// needed.
pub fn row(cells: &str, verdict: bool) -> Row {
    let cells: Vec<&str> = cells.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect();
    let Some(last) = cells.last().filter(|_| cells.len() > 1) else { return Row::Single };
    if verdict {
        return said(last).map_or(Row::Silent, Row::Judged);
    }
    let judged: Vec<bool> = cells.iter().filter_map(|cell| said(cell)).collect();
    let marks = cells.iter().filter_map(|cell| cell.chars().next()).filter(|c| mark(*c, true).is_some()).count();
    match judged.as_slice() {
        [one] => Row::Judged(*one),
        // Ticks say that an option meets what is asked; properties that it has or lacks say nothing by themselves.
        [_, ..] if marks == judged.len() => Row::Judged(judged.iter().all(|right| *right)),
        _ => Row::Silent,
    }
}

/// What a cell that is a mark or a word of judgement says.
fn said(cell: &str) -> Option<bool> {
    static RIGHT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\A(?:yes|true|correct|right|selected|chosen|正确|对|是|符合|[应当]?选)\b?[\s.!。]*\z")
    });
    static WRONG: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A(?:no|false|incorrect|wrong|not\s+(?:correct|right|selected|chosen)|错误?|不正确|不对|否|不是|不符合|不选|排除)\b?[\s.!。]*\z",
        )
    });
    let bare = cell.trim_matches(['*', '_', '`', ' ']);
    bare.chars()
        .next()
        .and_then(|c| mark(c, true))
        .or_else(|| RIGHT.is_match(bare).then_some(true))
        .or_else(|| WRONG.is_match(bare).then_some(false))
}

/// Whether the table that a place of a text is in has a last column that is headed as a verdict.
pub fn has_verdict(text: &str, at: usize) -> bool {
    static VERDICT: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)verdict|correct|answer|conclusion|result|right\b|true\b|valid|judge?ment|decision|select|status|判断|结论|正确|是否|对错|正误|选",
        )
    });
    let rows = text.get(..at).unwrap_or("");
    let rows =
        rows.get(rows.rfind('\n').unwrap_or(0)..).map_or(rows, |own| rows.get(..rows.len() - own.len()).unwrap_or(""));
    // Up to the rule below the heading, as long as there are rows.
    let mut lines = rows.lines().rev().skip_while(|line| line.contains('|') && !is_rule(line));
    lines.next().filter(|line| is_rule(line));
    lines
        .next()
        .and_then(|head| head.split('|').map(str::trim).rfind(|cell| !cell.is_empty()))
        .is_some_and(|cell| VERDICT.is_match(cell))
}

/// `|---|:---:|`.
fn is_rule(line: &str) -> bool {
    line.contains("--") && line.chars().all(|c| matches!(c, '|' | '-' | ':' | ' ' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::item;

    #[test]
    fn ticks_judge_options_by_their_words() {
        let options = Options::of(&item(&["A"], &["Paris", "Rome", "Oslo"]));
        let all = |text: &str| ticked(text, &options).iter().map(|j| (j.index, j.right)).collect::<Vec<_>>();
        for (text, want) in [
            ("- [ ] Paris\n- [x] Rome\n- [ ] Oslo (too cold)", vec![(0, false), (1, true), (2, false)]),
            ("☐ Paris\n☒ Rome", vec![(0, false), (1, true)]),
            ("☑ Paris\n☒ Rome", vec![(0, true), (1, false)]),
            ("Paris ❌\n**Rome** ✅\nOslo: ❌", vec![(0, false), (1, true), (2, false)]),
            ("✅ Rome\n❌ Romeo", vec![]),
            ("✅ Rome", vec![]),
            ("| Rome | ✅ | ✅ |\n| Oslo | ✅ | ❌ |", vec![(1, true), (2, false)]),
        ] {
            assert_eq!(all(text), want, "{text}");
        }
    }

    #[test]
    fn rows_are_judged_by_their_last_column_or_by_all() {
        for (cells, verdict, want) in [
            ("| yes | no | ✅ |", true, Row::Judged(true)),
            ("| yes | no |", true, Row::Judged(false)),
            ("| yes | no |", false, Row::Silent),
            ("| ✅ | ❌ |", false, Row::Judged(false)),
            ("| ✅ | ✅ |", false, Row::Judged(true)),
            ("| too small | ❌ |", false, Row::Judged(false)),
            ("| ❌ |", false, Row::Single),
        ] {
            assert_eq!(row(cells, verdict), want, "{cells}");
        }
        let table = "| Option | Gas | Correct? |\n|---|---|---|\n| A | yes | no |\n";
        assert!(has_verdict(table, table.find("| A").unwrap()));
        assert!(!has_verdict("| Option | Gas | Heavy |\n|---|---|---|\n| A | yes | no |", 44));
    }
}
