//! Finds where a text says which option it chooses, and which of these places counts.

use super::clauses::claims;
use super::cues::Stance;
use super::ending::{bold, ending};
use super::judged::{Judgement, judgements, settled};
use super::late::late_one;
use super::letter::{self, Reading};
use super::mentions::mentions;
use super::options::{Options, index_of, is_cjk};
use super::places::{self, Via, chosen, only_letter};
use super::rest::rest;
use super::set::Set;
use super::verdict::{described, quantity, verdict};
use super::weigh::{Weighed, weigh_one};
use crate::scoring::text::{
    Pattern, after, allows_both, are_alternatives, before, each_has_its_condition, is_left_to_condition, is_undecided,
    last_boxes, pattern, plain, taken_back, turns,
};
use std::sync::LazyLock;

/// How many statements of a kind are looked at, from the end: more is no answer but a loop.
pub const MOST: usize = 100;

/// The rule where nothing names an option.
pub const NONE: &str = "choice/none";
const CLAUSES: &str = "choice/clauses";
const ENDING: &str = "choice/ending";
const SEVERAL: &str = "choice/several";
const CUT: &str = "choice/cut-short";
const TAKEN_BACK: &str = "choice/taken-back";

/// An option with the rule that found it, or the rule that says why there is none.
type Outcome = Result<(usize, &'static str), &'static str>;

/// A reading with its place and rule.
type Candidate = (usize, Reading, &'static str);

/// The option a visible text answers with and the rule that found it, or the rule that says why there is none.
pub fn read(shown: &str, cut: bool, options: &Options) -> Outcome {
    let plain = plain(shown);
    let lettered = options.lettered(&plain.text);
    let text = lettered.as_ref();
    if cut && plain.open_box.is_some() {
        return Err(CUT);
    }
    let mut announced: Vec<Candidate> = places::announced(text)
        .into_iter()
        .map(|place| (place.at, place.read(text, options), "choice/marker"))
        .collect();
    if at_once(text, &announced) {
        return Err(SEVERAL);
    }
    let alternatives: Vec<(usize, Reading)> =
        announced.iter().filter(|(_, r, _)| *r != Reading::Nothing).map(|(at, r, _)| (*at, *r)).collect();
    if plain.boxed.is_none() && are_alternatives(text, &alternatives) {
        return Err(SEVERAL);
    }
    if let Some(range) = &plain.boxed {
        // The text may be longer with letters for labels; only its order with the announcements matters.
        let at = places::shifted(&plain.text, text, range.start);
        announced.push((at, boxes(&last_boxes(shown), plain.boxed_text().unwrap_or(""), options), "choice/boxed"));
    } else if let Some(open) = plain.open_box {
        let at = places::shifted(&plain.text, text, open);
        announced.push((at, letter::read(places::here(text, at), options), "choice/boxed"));
    }
    // A box's own line is no statement beside it.
    let in_lines = |candidate: &Candidate| plain.boxed.is_none() || candidate.2 != "choice/last-line";
    let stated = announced.iter().filter(|(_, reading, _)| *reading != Reading::Nothing).map(|(at, ..)| *at).max();
    let asserted = asserted(text, options);
    if announced.is_empty() && depends(text, &asserted) {
        return Err(SEVERAL);
    }
    // "On one reading the answer is B; on the other it is D. I can't settle on either."
    let beside =
        |said: &Candidate| matches!(said.1, Reading::Said(_)) && announced.iter().all(|other| other.1 != said.1);
    if plain.boxed.is_none() && stated.is_some() && is_undecided(text) && asserted.iter().any(beside) {
        return Err(SEVERAL);
    }
    let (said, corrected): (Vec<Candidate>, Vec<Candidate>) =
        asserted.into_iter().filter(in_lines).partition(|(at, ..)| !follows_correction(text, *at, stated));
    announced.extend(corrected);
    // "A or B. … So B": what is said after two were left decides.
    let undecided = announced.iter().filter(|(_, r, _)| *r != Reading::Nothing).max_by_key(|(at, ..)| *at).copied();
    let (said, deciding): (Vec<Candidate>, Vec<Candidate>) =
        said.into_iter().partition(|(at, ..)| !undecided.is_some_and(|(u, r, _)| r == Reading::Several && u < *at));
    announced.extend(deciding);
    // Who calls every option right chooses none.
    let said = if UNIVERSAL.is_match(text) { Vec::new() } else { said };
    for (tier, announces) in [(announced, true), (said, false)] {
        if let Some((at, result)) = last(tier) {
            let end = text.get(at..).and_then(|rest| rest.find('\n')).map_or(text.len(), |end| at + end);
            let spoken = (at + 1..end).find(|i| text.is_char_boundary(*i)).unwrap_or(end);
            return match result {
                _ if taken_back(text, spoken) => Err(TAKEN_BACK),
                // "So A, B and D belong together. The odd one out is C."
                Err(SEVERAL) if !announces => chosen_in_clauses(text, cut, options).ok_or(SEVERAL),
                result => result,
            };
        }
    }
    // 综上所述,本题选: it was about to say which.
    if cut && text.trim_end().ends_with('选') {
        return Err(CUT);
    }
    match verdict(text, options).filter(|_| !cut) {
        Some(Ok(index)) => return Ok((index, "choice/judged")),
        Some(Err(())) => return Err(NONE),
        None => {}
    }
    if let Some(left) = rest(text, options).filter(|left| left.len() == 1 && !cut) {
        return left.iter().next().map(|index| (index, CLAUSES)).ok_or(NONE);
    }
    let mut nothing = NONE;
    if let Some(result) = leading(text, options) {
        if result == Err(SEVERAL) {
            return chosen_in_clauses(text, cut, options).ok_or(SEVERAL);
        }
        let read_on = cut && !text.contains('\n') && DESCRIBED.is_match(text);
        return if read_on { Err(CUT) } else { result };
    }
    let last_line = text.trim().lines().next_back().unwrap_or("");
    if text.trim() == last_line && after(last_line, 0, 80).len() == last_line.len() {
        match letter::read(last_line, options) {
            Reading::Said(index)
                if dismisses(last_line, options)
                    || !stands_alone(last_line, index, options)
                    || asks(last_line)
                    || mentions(last_line, options).first().is_some_and(|m| m.set.len() > 1) => {}
            Reading::Said(index) => {
                // A line on several options may choose another one in the end.
                let others = mentions(last_line, options).iter().any(|m| m.lettered && !m.set.iter().eq([index]));
                let said = if others { weigh_one(last_line, cut, options) } else { Weighed::Silent };
                return match said {
                    Weighed::Said(set, Stance::Chosen) if !set.iter().eq([index]) => {
                        set.iter().next().map(|index| (index, CLAUSES)).ok_or(NONE)
                    }
                    _ => Ok((index, "choice/whole")),
                };
            }
            // A sentence on several options may still choose one.
            Reading::Several => nothing = SEVERAL,
            Reading::Nothing => {}
        }
    }
    if nothing == SEVERAL {
        return chosen_in_clauses(text, cut, options).ok_or(SEVERAL);
    }
    let words = options.by_text(&plain.text).or_else(|| options.by_text(last_line));
    if let Some(index) = words {
        return Ok((index, "choice/words"));
    }
    if let Some(index) = options.by_predicate(text.trim()) {
        return Ok((index, "choice/predicate"));
    }
    match weigh_one(text, cut, options) {
        Weighed::Said(set, _) => set.iter().next().map(|index| (index, CLAUSES)).ok_or(NONE),
        Weighed::Unclear => Err(SEVERAL),
        Weighed::Silent if cut => Err(NONE),
        Weighed::Silent => {
            let ends = ending(text, options).or_else(|| bold(shown, options));
            ends.or_else(|| late_one(text, cut, options))
                .or_else(|| described(text, options))
                .or_else(|| quantity(text, options))
                .map(|index| (index, ENDING))
                .ok_or(NONE)
        }
    }
}

/// Whether a text names no option.
pub fn names_none(text: &str, options: &Options) -> bool {
    mentions(text, options).is_empty()
}

/// Whether what is chosen is left to a condition, or to the reader.
fn depends(text: &str, asserted: &[Candidate]) -> bool {
    let mut chosen: Vec<(usize, Reading)> = asserted.iter().map(|(at, reading, _)| (*at, *reading)).collect();
    chosen.retain(|(_, reading)| *reading != Reading::Nothing);
    chosen.sort_by_key(|(at, _)| *at);
    let differ = chosen.windows(2).any(|pair| pair.first().map(|c| c.1) != pair.last().map(|c| c.1));
    differ && is_undecided(text)
        || chosen.iter().any(|(at, _)| is_left_to_condition(text, *at))
        || chosen.len() > 1 && each_has_its_condition(text, &chosen)
        || !chosen.is_empty() && allows_both(text)
}

/// The option that a clause chooses in a text that names several side by side.
fn chosen_in_clauses(text: &str, cut: bool, options: &Options) -> Option<(usize, &'static str)> {
    match weigh_one(text, cut, options) {
        Weighed::Said(set, Stance::Chosen | Stance::Odd) => set.iter().next().map(|index| (index, CLAUSES)),
        _ => None,
    }
}

/// The last candidate that says anything, with its place.
fn last(mut tier: Vec<Candidate>) -> Option<(usize, Outcome)> {
    tier.retain(|(_, reading, _)| *reading != Reading::Nothing);
    tier.sort_by_key(|(at, ..)| *at);
    tier.last().map(|(at, reading, rule)| {
        let result = match reading {
            Reading::Said(index) => Ok((*index, *rule)),
            Reading::Several | Reading::Nothing => Err(SEVERAL),
        };
        (*at, result)
    })
}

/// Whether three options or more are announced one right after the other: a list of all answers, and none of them.
fn at_once(text: &str, announced: &[Candidate]) -> bool {
    let mut run: Vec<usize> = Vec::new();
    let mut before: Option<usize> = None;
    for (at, reading, _) in announced {
        let Reading::Said(index) = reading else { continue };
        let lines = before.and_then(|before| text.get(before..*at)).map_or(9, |between| between.matches('\n').count());
        if lines > 1 {
            run.clear();
        }
        if !run.contains(index) {
            run.push(*index);
        }
        before = Some(*at);
    }
    run.len() > 2
}

/// A box holds an answer by intention: what can't be read in it is no answer, and earlier ones don't count any more.
/// Boxes side by side are one statement.
fn boxes(side_by_side: &[String], last: &str, options: &Options) -> Reading {
    let reading = |content: &str| match letter::read(&options.lettered(content), options) {
        Reading::Nothing => Reading::Several,
        reading => reading,
    };
    let said = reading(last);
    let agreed = side_by_side.iter().all(|content| reading(content) == said);
    if agreed { said } else { Reading::Several }
}

static CORRECTION: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:actually|wait|correction|scratch\s+that|on\s+second\s+thought|no[,.;]|i\s+was\s+wrong|my\s+mistake|let\s+me\s+correct|instead|rather)|更正|不对|纠正|其实|修正|说错|算错|等等|哦不",
    )
});

/// Whether the first sentence of a line is a question.
fn asks(line: &str) -> bool {
    line.find(['.', '。', '!', '?']).and_then(|end| line.get(end..)).is_some_and(|end| end.starts_with('?'))
}

/// An option that is looked at, and not chosen: "B. This choice describes …".
static DESCRIBED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A[\s(]*[A-J][)\].:、,\s]+(?:this|that|the)\s+(?:option|choice|statement|answer)\b|\A\s*[A-J]选?项?[.:、,]?\s*(?:该|此|这)(?:选?项|说法)",
    )
});

/// "This option would … However, that's not …", behind an option.
static EXAMINED: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\A\s*(?:this|that|the)\s+(?:option|choice|statement)\b[^\n]*\b(?:however|but|though|yet)\b[^\n]*(?:\bnot\b|n't\b)|\A\s*(?:该|此|这)(?:选?项|说法)[^\n]*(?:但|然而|不过)[^\n]*(?:不|没|错)",
    )
});

static UNIVERSAL: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:every|each|any)\s+(?:of\s+the\s+)?(?:option|answer|choice)s?\s+(?:\w+\s+)?(?:is|are|works|counts)\b|每(?:个|一个|一)(?:选项|答案)[^,。]{0,4}(?:对|正确)",
    )
});

/// An option named only to be dismissed.
static WITHDRAWN: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"(?i)\b(?:incorrect|wrong|false|not\s+(?:correct|right|true)|eliminated|ruled\s+out)\b|错误|不正确|不对|排除|不符合|有误|不当|不合|无关|以偏概全|没有依据|无依据|无中生有|偷换概念|✗|✘|❌|×",
    )
});

/// Whether the sentence that names an option first dismisses it: "B is wrong. …".
fn dismisses(line: &str, options: &Options) -> bool {
    static NAMED: LazyLock<Pattern> = LazyLock::new(|| pattern(r#"\A[^A-Ja-j]*[A-Ja-j][)\].:、,"'\s]*"#));
    let rest = NAMED.find(line).and_then(|m| line.get(m.end()..)).unwrap_or(line);
    // 以上都不对 may be the option itself.
    options.by_text(rest).is_none() && WITHDRAWN.is_match(rest.split(['.', '。', ';']).next().unwrap_or(rest))
}

/// Whether the letter that a line begins with stands for an option rather than for a word ("A lake is …"), a name ("C.
/// elegans") or a variable. A line that begins otherwise was read by its words.
fn stands_alone(line: &str, index: usize, options: &Options) -> bool {
    static LETTER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r#"\A[\s"'(\[【《>#-]*(?:\d+[.)]\s*)?(?:选项|[Oo]ption\s+|[Cc]hoice\s+)?[(\[]?([A-Ja-j])\s*(?:选项|项|吧)?((?:[)\]】》"']|[.:、,→-])*)\s*"#,
        )
    });
    static REASON: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(r"(?i)\A(?:(?:because|since|as|not|rather|no|wait)\b|因为|由于|而不是|不是|而非|理由|✅|✓|✔)")
    });
    let Some(found) = LETTER.captures(line) else { return true };
    let letter = found.get(1).and_then(|m| m.as_str().chars().next()).and_then(index_of);
    let set_off = found.get(2).is_some_and(|m| !m.as_str().is_empty());
    let rest = line.get(found.get(0).map_or(0, |m| m.end())..).unwrap_or("");
    let first = rest.chars().next();
    letter != Some(index)
        || !rest.contains(|c: char| c.is_alphanumeric() || matches!(c, '=' | '+' | '#'))
        || REASON.is_match(rest)
        || options.by_text(rest) == Some(index)
        || (set_off && (options.begins(rest, index) || !first.is_some_and(|c| c.is_ascii_lowercase() || c == '=')))
        || first == Some('。')
        || first == Some('(')
}

/// The option that a line is, letter and words: "A. Isothermal".
fn option_line(line: &str, options: &Options) -> Option<usize> {
    let line = line.trim_matches(|c: char| c.is_whitespace() || matches!(c, '#' | '>' | '*'));
    let mut chars = line.chars();
    let index = chars.next().filter(char::is_ascii_uppercase).and_then(index_of)?;
    let words = chars.as_str().strip_prefix(['.', ')', ':', '、', ','])?.trim();
    (!words.is_empty() && options.by_text(words) == Some(index)).then_some(index)
}

/// What a text asserts without announcing it.
fn asserted(text: &str, options: &Options) -> Vec<Candidate> {
    let mut all: Vec<Candidate> = called_correct(text, &judgements(text, options), options).into_iter().collect();
    for place in chosen(text) {
        let body = places::here(text, place.body);
        let (rule, ends) = match place.via {
            Via::Concluded => ("choice/concluded", true),
            Via::Chosen | Via::Announced => ("choice/chosen", false),
        };
        if !ends || places::is_short(body) {
            all.push((place.at, letter::read(body, options), rule));
        }
    }
    let trimmed = text.trim_end();
    let last_line = trimmed.rfind('\n').map_or(0, |at| at + 1);
    if let Some(index) = trimmed.get(last_line..).and_then(only_letter) {
        let agreed = trimmed.lines().filter_map(only_letter).all(|other| other == index);
        let reading = if agreed { Reading::Said(index) } else { Reading::Several };
        all.push((last_line, reading, "choice/last-line"));
    } else if let Some(index) = trimmed.get(last_line..).and_then(|line| option_line(line, options))
        && last_line > 0
        // A list of the options, or a heading over what is said of each, is no answer.
        && trimmed.lines().filter_map(|line| option_line(line, options)).all(|other| other == index)
    {
        all.push((last_line, Reading::Said(index), "choice/last-line"));
    }
    all
}

/// The one option that is called correct in the end.
fn called_correct(text: &str, judgements: &[Judgement], options: &Options) -> Option<Candidate> {
    const RULE: &str = "choice/called-correct";
    let mut right: Vec<Judgement> = settled(judgements).into_iter().filter(|j| j.right).collect();
    right.sort_by_key(|j| j.at);
    let last = *right.last()?;
    // What was called correct before a correction doesn't count beside what came after it.
    let several = right.iter().any(|j| j.index != last.index && !text.get(j.at..last.at).is_some_and(corrects));
    // Asked for what is not so, the others are right, and the answer is called the answer.
    if several && let Some((at, index)) = called_answer(text) {
        return Some((at, Reading::Said(index), RULE));
    }
    if several && ASKS_WRONG.is_match(text) {
        let chosen: Vec<Reading> = chosen(text)
            .iter()
            .filter(|place| place.via == Via::Chosen)
            .map(|place| letter::read(places::here(text, place.body), options))
            .filter(|reading| *reading != Reading::Nothing)
            .collect();
        if let Some(Reading::Said(index)) = chosen.last()
            && chosen.iter().all(|other| *other == Reading::Said(*index))
            && right.iter().all(|j| j.index != *index)
        {
            return None;
        }
    }
    Some((last.at, if several { Reading::Several } else { Reading::Said(last.index) }, RULE))
}

/// What asks for the option that is not so.
static ASKS_WRONG: LazyLock<Pattern> = LazyLock::new(|| {
    pattern(
        r"\bNOT\b|(?i)\b(?:not\s+(?:true|correct)|incorrect|untrue|false|except)\b|错误的|不正确的|不属于|不符合|有误的",
    )
});

/// The one option that is called the answer, and where.
fn called_answer(text: &str) -> Option<(usize, usize)> {
    static ANSWER: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"\b([A-J])\)?\s+(?:is|must\s+be|has\s+to\s+be|would\s+be)\s+(?:therefore\s+|thus\s+)?(?:the|my|our)\s+(?:(?:correct|right|best|final|only)\s+)?answer\b|([A-J])(?:选?项)?(?:(?:就|即|便)?[是为](?:本题的?|正确的?)*答案|(?:的?(?:说法|表述|叙述|描述))?(?:是?错误的?|有误|不正确|不对|不当|错),?(?:故|因此|所以)?(?:当选|入选|应选|(?:才)?符合(?:题意|题目要求|要求)))",
        )
    });
    let mut found = ANSWER.captures_iter(text).filter_map(|c| {
        let at = c.get(0)?.start();
        let letter = c.get(1).or_else(|| c.get(2))?;
        let index = letter.as_str().chars().next().and_then(index_of)?;
        (!is_denied(text, at) && !places::is_anothers(text, at)).then_some((at, index))
    });
    let first = found.next()?;
    found.all(|(_, index)| index == first.1).then_some(first)
}

fn corrects(between: &str) -> bool {
    CORRECTION.is_match(between) || turns(between)
}

/// Whether the words shortly before a place take back what was said earlier, or the text turns between the last
/// announcement and the place.
fn follows_correction(text: &str, at: usize, announced: Option<usize>) -> bool {
    CORRECTION.is_match(before(text, at, 60))
        || announced.filter(|stated| *stated < at).and_then(|stated| text.get(stated..at)).is_some_and(turns)
}

/// A text that begins with a letter set off from what follows, where only that letter leads a line; or whose first line
/// is nothing but one option, with an explanation behind it.
fn leading(text: &str, options: &Options) -> Option<Outcome> {
    static LEAD: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r#"(?m)^[ \t>#-]*["'(\[【]?(?:选项|[Oo]ption\s+)?[(\[]?([A-J])(?:[)\]】"']+[.:,]?|[.:、,](?:\s|[^\x00-\x7F]|$)|\s*$|\s+-+\s|\s+(?:because|since|not|rather)\b|(?:选项|项)?[。,])"#,
        )
    });
    let trimmed = text.trim_start();
    let first_line = trimmed.lines().next().unwrap_or("");
    let behind = trimmed.get(first_line.len()..).unwrap_or("");
    if let Some(index) = sole(first_line, options).filter(|_| !behind.trim().is_empty()) {
        let others = behind.lines().filter_map(|line| sole(line, options)).any(|other| other != index);
        return Some(if others { Err(SEVERAL) } else { Ok((index, "choice/leading")) });
    }
    let mut leads = LEAD.captures_iter(trimmed).filter_map(|c| {
        Some((c.get(0)?.start(), c.get(1)?.start(), c.get(1)?.as_str().chars().next().and_then(index_of)?))
    });
    let (0, at, index) = leads.next()? else { return None };
    if leads.any(|(_, _, other)| other != index) {
        // A list of the options names none of them.
        return Some(Err(SEVERAL));
    }
    if dismisses(first_line, options) {
        return None;
    }
    // An option that is looked at in the lines below, and found wanting.
    if EXAMINED.is_match(behind) {
        return None;
    }
    let body = first_line.get(at..).unwrap_or("");
    match letter::read(body, options) {
        Reading::Said(read)
            if read == index
                && stands_alone(body, index, options)
                && (is_alone(trimmed, at, index)
                    || body.chars().nth(1).is_some_and(is_cjk)
                    || is_explained(behind, index, options)) =>
        {
            Some(Ok((index, "choice/leading")))
        }
        Reading::Several => Some(Err(SEVERAL)),
        _ => None,
    }
}

/// Whether an option's line stands before a paragraph of its own that takes no stance for another option, nor against it.
fn is_explained(behind: &str, index: usize, options: &Options) -> bool {
    static DISMISSED: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A\s*(?:(?:this|that|it|the)\s+(?:option\s+|choice\s+|statement\s+|answer\s+)?(?:is|does|would|can|describes|refers|says|states|could|might|may)|(?:该|此|这)(?:选?项|说法)?|incorrect|wrong|false|no\b|not\b|错)",
        )
    });
    let apart = behind.trim_start_matches([' ', '\t']).strip_prefix('\n').is_some_and(|rest| rest.starts_with('\n'));
    let one = Set::of([index]);
    apart
        && !DISMISSED.is_match(behind)
        && behind.trim_end().ends_with(['.', '。', '!', ')'])
        && claims(behind, options).all.iter().all(|claim| match claim.stance {
            Stance::Wrong => claim.set.and(one).is_empty(),
            Stance::Open => false,
            _ => claim.set == one,
        })
}

/// The option that a line is nothing but: its letter, its words, or both.
fn sole(line: &str, options: &Options) -> Option<usize> {
    static LABELLED: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"\A[ \t>#*-]*(?:选项|[Oo]ption\s+)?[(\[【]?([A-J])[)\]】.:、,\s-]+(\S.*)\z"));
    if let Some(index) = only_letter(line) {
        return Some(index);
    }
    if let Some(found) = LABELLED.captures(line.trim_end()) {
        let index = found.get(1)?.as_str().chars().next().and_then(index_of)?;
        let rest = found.get(2)?.as_str();
        if options.by_text(rest) == Some(index) {
            return Some(index);
        }
    }
    options.by_text(line.trim().trim_start_matches(['-', '>', '#', '•', '·']))
}

/// Whether no other option letter stands by itself in the text (A and I apart, which are words), save where denied.
fn is_alone(text: &str, at: usize, index: usize) -> bool {
    static BY_ITSELF: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?:^|[^A-Za-z0-9_'])([B-HJ])(?:$|[^A-Za-z0-9_'])"));
    static DENIAL: LazyLock<Pattern> =
        LazyLock::new(|| pattern(r"(?i)(?:\bnot|\bthan|\binstead\s+of|不是|而非)\s*(?:option\s+)?\(?\z"));
    BY_ITSELF.captures_iter(text.get(at..).unwrap_or("")).all(|found| {
        let Some(letter) = found.get(1) else { return true };
        letter.as_str().chars().next().and_then(index_of) == Some(index)
            || DENIAL.is_match(before(text, at + letter.start(), 30))
    })
}

/// Whether what stands before a place makes a condition, a question or a denial of it.
pub fn is_denied(text: &str, at: usize) -> bool {
    static NOT_SAID: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)(?:(?:\b(?:if|whether|suppose|assuming|assume|unless|why|not|neither|nor)|n't)\s*(?:that\s+)?|不是|并非|难道|假设|如果|若|是否|假如|不|没有|(?:\A|[^错])误|别|勿|(?:n't|\b(?:not|never))\s+(?:think|believe|say|sure|certain|clear|suppose|guess)(?:\s+(?:if|that|whether))?\s*|很多人会|为什么|(?:\A|[^最])(?:可能|也许|或许))\z",
        )
    });
    let line = before(text, at, 40).rsplit('\n').next().unwrap_or("");
    let bare = line.trim_end().trim_end_matches(['(', '[']).trim_end();
    let without = ["option", "Option", "choice", "选项"].iter().find_map(|w| bare.strip_suffix(w)).unwrap_or(bare);
    NOT_SAID.is_match(bare) || NOT_SAID.is_match(without.trim_end())
}
