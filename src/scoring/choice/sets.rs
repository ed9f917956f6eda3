//! Finds where a text says which set of options it chooses, and which of these places counts.

use super::clauses::claims;
use super::cues::{self, Stance};
use super::each::{every, one_by_one};
use super::find::MOST;
use super::judged::{judgements, settled};
use super::late::late_set;
use super::letter::{self, Reading};
use super::listed::{in_brackets, said_at_once, under_sentence};
use super::mentions::mentions;
use super::options::{Options, index_of};
use super::places::{Via, announced, chosen, here, shifted};
use super::rest::rest;
use super::set::{self, Named, Set};
use super::weigh::{Weighed, weigh_all};
use crate::scoring::text::{
    Pattern, after, are_alternatives, is_undecided, last_boxes, pattern, plain, taken_back, turns,
};
use std::sync::LazyLock;

/// What a text comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Find {
    /// A set, and the rule that found it.
    Found(Set, &'static str),
    /// The rule that says why there is none.
    Missing(&'static str),
}

const NONE: Find = Find::Missing("multi_choice/none");
const CLAUSES: &str = "multi_choice/clauses";
const LISTED: &str = "multi_choice/listed";
const BRACKETED: &str = "multi_choice/in-brackets";
const REST: &str = "multi_choice/rest";
const UNCLEAR: Find = Find::Missing("multi_choice/unclear");
const LISTS_ALL: Find = Find::Missing("multi_choice/lists-all");
const CUT: Find = Find::Missing("multi_choice/cut-short");
const TAKEN_BACK: Find = Find::Missing("multi_choice/taken-back");

/// How far an answer reaches whose options stand on lines of their own, in characters.
const BLOCK: usize = 2000;

/// One place with its reading.
#[derive(Debug, Clone, Copy)]
struct Candidate {
    at: usize,
    named: Named,
    rule: &'static str,
    /// Where the line that it is on ends.
    end: usize,
}

/// The set that a text that is nothing but a set means.
pub fn read_set(text: &str, options: &Options) -> Option<Set> {
    match set::read(text, options) {
        Named::Said(said) if !said.is_empty() => Some(said),
        _ => None,
    }
}

/// The set of options a visible text answers with.
pub fn find_set(shown: &str, cut: bool, options: &Options) -> Find {
    let plain = plain(shown);
    let lettered = options.lettered(&plain.text);
    let text = lettered.as_ref();
    if cut && plain.open_box.is_some() {
        return CUT;
    }
    if let Some(said) = one_by_one(text, options).filter(|_| !cut) {
        return Find::Found(said, "multi_choice/judged");
    }
    let mut stated = stated(text, options);
    let mut alternatives: Vec<(usize, Named)> =
        stated.iter().filter(|c| c.named != Named::Nothing).map(|c| (c.at, c.named)).collect();
    alternatives.sort_by_key(|(at, _)| *at);
    if plain.boxed.is_none() && are_alternatives(text, &alternatives) {
        return UNCLEAR;
    }
    let boxes = last_boxes(shown);
    if let Some(range) = &plain.boxed {
        let at = shifted(&plain.text, text, range.start);
        let named = boxed(&boxes, plain.boxed_text().unwrap_or(""), options);
        stated.push(Candidate { at, named, rule: "multi_choice/boxed", end: at });
    } else if let Some(open) = plain.open_box {
        let at = shifted(&plain.text, text, open);
        let named = set::read(here(text, at), options);
        stated.push(Candidate { at, named, rule: "multi_choice/boxed", end: at });
    }
    let judged = judgements(text, options);
    stated.retain(|c| c.named != Named::Nothing);
    if let Some(last) = stated.iter().max_by_key(|c| c.at) {
        return decided(text, cut, last, &judged, options);
    }
    if cut {
        return CUT;
    }
    if sorts(text) {
        return UNCLEAR;
    }
    if let Some(said) = said_at_once(&plain.text, options) {
        return Find::Found(said, CLAUSES);
    }
    if let Some(said) = every(text, options) {
        return Find::Found(said, CLAUSES);
    }
    if let Some(said) = rest(text, options) {
        return Find::Found(said, REST);
    }
    if let Some(found) = apart(text, options) {
        return found;
    }
    let weighed = weigh_all(text, cut, options);
    if let Weighed::Said(said, Stance::Chosen) = weighed {
        return Find::Found(said, CLAUSES);
    }
    let right = Set::of(settled(&judged).iter().filter(|j| j.right).map(|j| j.index));
    if (!right.is_empty() || matches!(weighed, Weighed::Said(_, Stance::Right))) && wants_wrong(text) {
        return UNCLEAR;
    }
    if let Weighed::Said(said, Stance::Right) = weighed
        && right.without(said).is_empty()
        && !right.is_empty()
    {
        return Find::Found(said, CLAUSES);
    }
    if !right.is_empty() {
        let last = text.trim_end().lines().next_back().and_then(|line| set::sole(bullet(line), options));
        if let Some((said, _)) = last.filter(|(said, _)| said.len() > 1) {
            return Find::Found(said, "multi_choice/last-line");
        }
        return Find::Found(right, "multi_choice/judged");
    }
    match weighed {
        _ if is_undecided(text) => UNCLEAR,
        Weighed::Said(said, Stance::Right) => Find::Found(said, CLAUSES),
        _ => match unstated(text, options) {
            Find::Missing(rule) => match under_sentence(text, options) {
                Some(said) => Find::Found(said, LISTED),
                None => in_brackets(text, options)
                    .map(|said| (said, BRACKETED))
                    .or_else(|| late_set(text, options).map(|said| (said, CLAUSES)))
                    .map_or(Find::Missing(rule), |(said, rule)| Find::Found(said, rule)),
            },
            found => found,
        },
    }
}

/// A set that is a sentence of its own at the beginning of a text ("Just C. Xylem (B) carries …", "B through E inclusive. …"),
/// where what follows takes no other one; or a line of its own at the end.
fn apart(text: &str, options: &Options) -> Option<Find> {
    static ONLY: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A\s*(?:just|only)\b|\A\s*[只仅]"));
    let text = text.trim();
    let sole =
        |line: &str| set::sole(bullet(line), options).map(|(said, _)| said).filter(|said| !is_all(*said, options));
    let end = text.find(['.', '。', '\n']).unwrap_or(text.len());
    let (head, rest) = text.split_at_checked(end)?;
    if let Some(said) = sole(head).filter(|said| said.len() > 1 || ONLY.is_match(head))
        && rest.contains(char::is_alphanumeric)
        && !turns(rest)
        && !is_undecided(rest)
        && claims(rest, options).all.iter().all(|c| c.stance == Stance::Wrong || c.set.without(said).is_empty())
        && judgements(rest, options).iter().all(|j| !j.right || Set::of([j.index]).without(said).is_empty())
    {
        return Some(Find::Found(said, "multi_choice/leading"));
    }
    let (head, last) = text.rsplit_once('\n')?;
    let said = sole(last).filter(|said| said.len() > 1)?;
    let agreed = head.lines().filter_map(sole).all(|other| other == said);
    agreed.then_some(Find::Found(said, "multi_choice/last-line"))
}

/// Whether a text says that what is wrong is asked for: what it then calls correct is no answer.
fn wants_wrong(text: &str) -> bool {
    static WANTS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(concat!(
            r"(?i)\b(?:question|prompt|task|we(?:'re|\s+are)?|it)\s+(?:[a-z]+ly\s+)?(?:asks?|wants?|asked|looking)\s+(?:us\s+|me\s+)?(?:for\s+|to\s+(?:find|pick|choose|select|identify)\s+|which\s+)[^.;\n]{0,40}\b(?:incorrect|wrong|false|untrue|not\s+(?:correct|true|right))\b",
            r"|(?:题目?|[此本]题|这道?题)[^。,;\n]{0,12}(?:要求|让|问|要|选|挑)[^。,;\n]{0,10}(?:错误|不正确|不对|有误|错)的",
        ))
    });
    static MEETS: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)符合|当选|入选|\b(?:fits?|qualif|satisf|match)"));
    WANTS.is_match(text) && !MEETS.is_match(text)
}

/// Whether a text sorts the options into kinds, and says of none that it is asked for: "The odd ones are B and D; the even
/// ones are A and C."
fn sorts(text: &str) -> bool {
    static KIND: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\b(?:the|all)\s+(\w+)\s+(?:ones|numbers|items|elements)\s+are\s+(?:options?\s+)?(?-i:[A-J])(?-u:\b)",
        )
    });
    static SAYS: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\b(?:in)?correct\b|\bright\b|\bwrong\b|\btrue\b|\bfalse\b|\bso\b|\btherefore\b")
    });
    KIND.find_iter(text).take(3).count() > 1 && !SAYS.is_match(text)
}

/// The last statement, unless what comes after it takes it back.
fn decided(text: &str, cut: bool, last: &Candidate, judged: &[super::judged::Judgement], options: &Options) -> Find {
    let Named::Said(said) = last.named else { return UNCLEAR };
    // "Options: A, B, C, D" tells which there are.
    if said.len() > 2 && TELLS.is_match(text) && set::is_letters(TELLS.replace(text, "").trim()) {
        return LISTS_ALL;
    }
    // The next option may be missing.
    if cut && last.rule != "multi_choice/boxed" && text.get(last.end..).is_none_or(|rest| rest.trim().is_empty()) {
        return CUT;
    }
    if taken_back(text, last.at) {
        return TAKEN_BACK;
    }
    // "On one reading it is A and B; on the other it is A and C. I can't commit to either."
    let outright = matches!(last.rule, "multi_choice/boxed" | "multi_choice/marker");
    if !outright && text.get(last.at..).is_some_and(is_undecided) {
        return UNCLEAR;
    }
    let behind = text.get(last.at..last.end).unwrap_or("");
    if MIGHT.captures_iter(behind).filter_map(|found| found.get(1).or_else(|| found.get(2))).any(|m| {
        let more = Set::of(m.as_str().chars().filter_map(index_of));
        !more.without(said).is_empty()
    }) {
        return UNCLEAR;
    }
    // "A and C… wait, D too. A, C and D": what is named behind a turn is none of what was said.
    let rest = text.get(last.at..).unwrap_or("");
    let more = mentions(rest, options).into_iter().rfind(|m| m.lettered);
    if turns(rest) && more.is_some_and(|m| !m.set.without(said).is_empty()) {
        return UNCLEAR;
    }
    let later: Vec<_> = judged.iter().copied().filter(|j| j.at > last.end).collect();
    let turned = later.first().and_then(|j| text.get(last.end..j.at)).is_some_and(turns);
    let right = Set::of(settled(&later).iter().filter(|j| j.right).map(|j| j.index));
    let wrong = Set::of(settled(&later).iter().filter(|j| !j.right).map(|j| j.index));
    if turned && (!right.without(said).is_empty() || !wrong.and(said).is_empty()) {
        return TAKEN_BACK;
    }
    Find::Found(said, last.rule)
}

/// Everything that is announced, chosen or concluded on.
fn stated(text: &str, options: &Options) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = Vec::new();
    for place in announced(text) {
        // 答:B对,C对: judged one by one.
        if JUDGED.is_match(here(text, place.body)) {
            continue;
        }
        let (named, end) = block(text, place.body, options);
        all.push(Candidate { at: place.at, named, rule: "multi_choice/marker", end });
    }
    for place in chosen(text) {
        let body = here(text, place.body);
        let short = body.split_whitespace().count() <= 8 && !body.is_empty();
        let (named, rule) = match place.via {
            Via::Concluded if !short => continue,
            Via::Concluded => (set::read(body, options), "multi_choice/concluded"),
            Via::Chosen | Via::Announced => (set::read(body, options), "multi_choice/chosen"),
        };
        // "So A is correct" is said of A alone.
        let concludes = place.via == Via::Concluded && !ends_soon(body, options);
        if !concludes {
            all.push(Candidate { at: place.at, named, rule, end: end_of_line(text, place.body) });
        }
    }
    all.split_off(all.len().saturating_sub(2 * MOST))
}

static TELLS: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(r"(?i)\A[\s*]*(?:the\s+)?(?:(?:options?|choices)\s*(?:are|:)|选项\s*(?:有|包括|分别是?|如下))\s*:?\s*")
});
/// "A, but C might be right, too": another one is left open.
static MIGHT: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:but|though|although|and|while)\s+(?:option\s+)?(?-i:([A-J]))\s+(?:might|may|could)\s+(?:also\s+)?(?:well\s+)?(?:be|apply|hold)\b|但(?-i:([A-J]))项?(?:可能|也许|或许)",
    )
});
static JUDGED: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A[A-J](?:选?项)?\s*(?:正确|错误|对|错)[\s,;、。]"));

fn end_of_line(text: &str, from: usize) -> usize {
    text.get(from..).and_then(|rest| rest.find('\n')).map_or(text.len(), |at| from + at)
}

/// Whether a line is nothing but a set, a full stop apart.
fn ends_soon(line: &str, options: &Options) -> bool {
    set::sole(line.split(['.', '。']).next().unwrap_or(line), options).is_some()
}

/// What an announcement announces: on its own line, or on the lines below it, one option each.
fn block(text: &str, body: usize, options: &Options) -> (Named, usize) {
    let own = here(text, body);
    let own_end = end_of_line(text, body);
    if own.starts_with('"') || set::says_something(own) {
        return (set::read(own, options), own_end);
    }
    let rest = after(text, body, BLOCK);
    let below = rest.get(own_end.saturating_sub(body)..).unwrap_or("");
    let (mut union, mut count, mut end, mut bare) = (Set::default(), 0, own_end, 0);
    let mut offset = own_end;
    for line in below.split_inclusive('\n') {
        let from = offset;
        offset += line.len();
        if !line.chars().any(char::is_alphanumeric) {
            if count > 0 && line.trim().is_empty() {
                break;
            }
            continue;
        }
        let item = bullet(line);
        if count == 0 && set::sole(item, options).is_some_and(|(set, _)| set.len() > 1) {
            return (set::read(item, options), from + line.len());
        }
        let named = match letter::read(item, options) {
            Reading::Said(index) => Some(Set::of([index])),
            _ => set::sole(item, options).map(|(set, _)| set),
        };
        let Some(named) = named else { break };
        if !says_wrong(item, options) {
            union = union.or(named);
        }
        bare += usize::from(set::sole(item, options).is_some());
        (count, end) = (count + 1, offset);
    }
    match count {
        0 => (Named::Nothing, own_end),
        // The options again, and nothing said of them.
        n if options.are_known() && n == options.count() && bare == n => (Named::Unclear, end),
        _ => (Named::Said(union), end),
    }
}

fn says_wrong(line: &str, options: &Options) -> bool {
    judgements(line, options).last().is_some_and(|j| !j.right)
}

/// A line without its bullet or number.
fn bullet(line: &str) -> &str {
    static BULLET: LazyLock<Pattern> = LazyLock::new(|| pattern(r"\A[ \t>#•·*-]*(?:\d{1,2}[.)]\s+)?"));
    let from = BULLET.find(line).map_or(0, |m| m.end());
    line.get(from..).unwrap_or(line).trim().trim_end_matches(',')
}

/// A box, or several side by side.
fn boxed(side_by_side: &[String], last: &str, options: &Options) -> Named {
    let read = |content: &str| match set::read(&options.lettered(content), options) {
        Named::Nothing => Named::Unclear,
        named => named,
    };
    if side_by_side.len() < 2 {
        return read(last);
    }
    side_by_side.iter().map(|content| read(content)).fold(Named::Said(Set::default()), |all, one| match (all, one) {
        (Named::Said(all), Named::Said(one)) => Named::Said(all.or(one)),
        _ => Named::Unclear,
    })
}

/// The set of a text that states none: all of it, its last line or its first.
fn unstated(text: &str, options: &Options) -> Find {
    let lines: Vec<&str> =
        text.lines().map(bullet).filter(|l| l.chars().any(char::is_alphanumeric)).take(2 * MOST).collect();
    let (Some(first), Some(last)) = (lines.first(), text.trim_end().lines().next_back().map(bullet)) else {
        return NONE;
    };
    let sole = |line: &str| set::sole(line, options);
    if lines.iter().all(|line| sole(line).is_some()) {
        let union = lines.iter().filter_map(|line| sole(line)).fold(Set::default(), |all, (set, _)| all.or(set));
        let compact = lines.len() == 1 && (sole(first).is_some_and(|(_, compact)| compact) || set::is_letters(first));
        let rule = if lines.len() == 1 { "multi_choice/whole" } else { "multi_choice/lines" };
        return if is_all(union, options) && !compact { LISTS_ALL } else { Find::Found(union, rule) };
    }
    let several = |found: Option<(Set, bool)>| found.filter(|(set, compact)| !is_all(*set, options) || *compact);
    let others = |line: &str, said: Set| {
        lines.iter().filter(|l| **l != line).filter_map(|l| sole(l)).any(|(other, _)| other != said)
    };
    for (line, rule) in [(last, "multi_choice/last-line"), (first, "multi_choice/leading")] {
        if let Some((said, _)) = several(sole(line)) {
            return if others(line, said) { NONE } else { Find::Found(said, rule) };
        }
    }
    if let [line] = lines.as_slice() {
        match set::corrected(line, options) {
            Some(Named::Said(said)) => return Find::Found(said, "multi_choice/whole"),
            Some(Named::Unclear) => return UNCLEAR,
            _ => {}
        }
    }
    let phrased = match lines.as_slice() {
        [line] => set::phrase(line, options),
        _ => set::phrase(last, options),
    };
    match phrased {
        Some(Named::Said(said)) => return Find::Found(said, "multi_choice/whole"),
        Some(Named::Unclear) => return UNCLEAR,
        _ => {}
    }
    match lines.as_slice() {
        [line] if line.len() <= 240 && !line.ends_with('?') && !line.contains('哪') => {
            match set::read(line, options) {
                Named::Said(said) if said.len() > 1 && !is_all(said, options) && ends_with_it(line, said, options) => {
                    Find::Found(said, "multi_choice/whole")
                }
                Named::Unclear => UNCLEAR,
                _ => both(line, options).map_or(NONE, |said| Find::Found(said, "multi_choice/whole")),
            }
        }
        _ => NONE,
    }
}

/// "Both A (Churchill) and C (Thatcher) served as …": said of both, and not denied.
fn both(line: &str, options: &Options) -> Option<Set> {
    static BOTH: LazyLock<Pattern> = LazyLock::new(|| pattern(r"(?i)\A[\s*]*both\s+\z"));
    let first = mentions(line, options).into_iter().next()?;
    let begins = BOTH.is_match(line.get(..first.span.start)?);
    let tail = line.get(first.span.end..)?;
    let clause = tail.get(..cues::clause_end(tail))?;
    let denied = matches!(cues::behind(clause), Some(Stance::Wrong | Stance::Open)) || cues::hedged(clause);
    (begins && first.set.len() == 2 && first.lettered && !first.open && !denied).then_some(first.set)
}

/// Whether a line says nothing of the set that it begins with, except a reason: "A and C, because …".
fn ends_with_it(line: &str, said: Set, options: &Options) -> bool {
    let first = mentions(line, options).into_iter().next();
    let tail = first.filter(|m| m.set == said).and_then(|m| line.get(m.span.end..));
    tail.is_some_and(|tail| {
        let clause = tail.get(..cues::clause_end(tail)).unwrap_or("");
        cues::ends(tail) || matches!(cues::behind(clause), Some(Stance::Right | Stance::Chosen))
    })
}

/// Whether a set has every option; where they are not known: four or more from A on.
fn is_all(set: Set, options: &Options) -> bool {
    let count = set.len() as usize;
    if options.are_known() { count == options.count() } else { count >= 4 && set == Set::of(0..count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bullets_are_no_part_of_a_line() {
        for (line, want) in [("- A. Paris,", "A. Paris"), ("1. C", "C"), ("* B", "B"), ("A", "A")] {
            assert_eq!(bullet(line), want);
        }
    }

    #[test]
    fn a_place_knows_its_line() {
        assert_eq!(end_of_line("ab\ncd", 1), 2);
        assert_eq!(here("ab\ncd", 3), "cd");
    }
}
