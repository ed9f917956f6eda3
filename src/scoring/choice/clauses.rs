//! Reads what each sentence and clause of a text says of the options it mentions: a general reading for answers that no
//! announcement and no phrase gives away ("最能削弱上述论证的是B项", "Between B and C, I prefer B").

use super::cues::{self, Stance};
use super::mentions::{Mention, mentions};
use super::options::{Options, index_of};
use super::places::is_case;
use super::set::Set;
use crate::scoring::text::{Pattern, after, before, pattern};
use std::ops::Range;
use std::sync::LazyLock;

/// What a text says of options at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Where, in bytes.
    pub at: usize,
    /// Of which options.
    pub set: Set,
    /// What.
    pub stance: Stance,
    /// In which sentence, counted from the first.
    pub sentence: usize,
    /// The options are named by letters, and not by their words alone.
    pub lettered: bool,
}

/// All that a text says of options.
#[derive(Debug, Default)]
pub struct Claims {
    /// In the order of their place.
    pub all: Vec<Claim>,
    /// Every option that is mentioned, whatever is said of it.
    pub mentioned: Set,
    /// Where the sentences are.
    pub sentences: Vec<Range<usize>>,
}

/// How far a clause is read before an option and behind it, in characters.
const REACH: usize = 160;

/// How many clauses behind an option may still speak of it.
const CLAUSES: usize = 6;

/// Reads all claims.
pub fn claims(text: &str, options: &Options) -> Claims {
    let found = mentions(text, options);
    let sentences = sentences(text, &found);
    let mut claims =
        Claims { mentioned: found.iter().fold(Set::default(), |all, m| all.or(m.set)), sentences, ..Claims::default() };
    let mut number = 0;
    for (i, mention) in found.iter().enumerate() {
        while claims.sentences.get(number).is_some_and(|s| s.end <= mention.span.start) {
            number += 1;
        }
        let Some(sentence) = claims.sentences.get(number).cloned() else { break };
        let earlier = i.checked_sub(1).and_then(|i| found.get(i)).map_or(0, |m| m.span.end).max(sentence.start);
        let later = found.get(i + 1).map_or(text.len(), |m| m.span.start).min(sentence.end).max(mention.span.end);
        let head = text.get(earlier..mention.span.start).unwrap_or("");
        let head = before(head, head.len(), REACH);
        let tail = after(text.get(mention.span.end..later).unwrap_or(""), 0, REACH);
        let asked = text.get(sentence.clone()).is_some_and(is_question);
        let opening = text.get(sentence.start..mention.span.start).unwrap_or("");
        let instead = claims.all.last().is_some_and(|c| c.sentence == number && c.stance == Stance::Wrong)
            && cues::replaces(head, tail)
            && !mention.open;
        // A选项说的是…: the option's own words, told of it.
        let told = i.checked_sub(1).and_then(|i| found.get(i)).is_some_and(|last| {
            last.lettered && !mention.lettered && mention.set.without(last.set).is_empty() && cues::tells(head)
        });
        let said = match () {
            () if told => None,
            () if instead || stands_alone(text, &sentence, mention) => Some(Stance::Chosen),
            () if outdoes(text, tail, found.get(i + 1)) => Some(Stance::Chosen),
            () if closes(text, mention, head) => Some(Stance::Chosen),
            () if together(text, mention, tail) && !asked && !cues::hedged(head) && !cues::supposes(opening) => {
                Some(Stance::Chosen)
            }
            () => stance(mention, head, tail, opening, asked),
        };
        // "Neither the first (A) nor the second (B)"; "I picked D at first".
        let nor = mention.set.len() > 1 && text.get(mention.span.clone()).is_some_and(|s| s.contains("nor "));
        let said = match said {
            Some(Stance::Chosen | Stance::Right) if nor => Some(Stance::Wrong),
            Some(Stance::Chosen) if cues::was_first(tail) => None,
            Some(Stance::Chosen | Stance::Right) if cues::is_mistaken(opening) => None,
            Some(Stance::Chosen | Stance::Right) if is_case(text, mention.span.start) => None,
            said => said,
        };
        if let Some(stance) = said {
            let Mention { span, set, lettered, .. } = mention;
            claims.all.push(Claim { at: span.start, set: *set, stance, sentence: number, lettered: *lettered });
        }
    }
    claims
}

/// 发热、咳嗽均属于其表现: several named by their words, and said to be so together.
fn together(text: &str, mention: &Mention, tail: &str) -> bool {
    let clauses = text.get(mention.span.clone()).is_some_and(|said| said.contains([',', '。']));
    !mention.lettered && !mention.open && !clauses && mention.set.len() > 1 && cues::all_are(tail)
}

/// What is said of one mention by the words before it and behind it, up to its neighbours.
fn stance(mention: &Mention, head: &str, tail: &str, opening: &str, asked: bool) -> Option<Stance> {
    let ahead = cues::before(head, tail).or_else(|| cues::introduces(head));
    // "Only B mentions it, so that has to be it."
    let is_object = ahead.is_some_and(|said| said != Stance::Right);
    let behind = behind(tail, is_object).filter(|said| mention.lettered || *said == Stance::Chosen);
    let said = match (ahead, behind) {
        // "Only D is."
        (Some(Stance::Right), None) if cues::only_is(tail) => Stance::Chosen,
        (Some(Stance::Wrong), _) => Stance::Wrong,
        // "Only A is right" and "only A is wrong".
        (Some(Stance::Right), Some(Stance::Wrong)) => Stance::Odd,
        (Some(Stance::Right), Some(Stance::Right | Stance::Chosen)) => Stance::Chosen,
        (Some(Stance::Right), None) => return None,
        (Some(_), Some(Stance::Wrong | Stance::Open)) => Stance::Open,
        (Some(Stance::Odd), _) => Stance::Odd,
        (Some(said), _) => said,
        (None, said) => said?,
    };
    let asserts = matches!(said, Stance::Chosen | Stance::Right | Stance::Odd);
    match () {
        () if asked => None,
        // A figure is stated by "is" and by nothing less.
        () if mention.figure && !mention.lettered && !(said == Stance::Chosen && ahead.is_some()) => None,
        // "None of B, C or E holds."
        () if mention.open && asserts && cues::none_of(head) => Some(Stance::Wrong),
        () if mention.open => (asserts || said == Stance::Open).then_some(Stance::Open),
        () if said == Stance::Chosen && ahead.is_none() && cues::is_one_of(tail) => None,
        () if asserts && ahead.is_none() && (cues::hedged(head) || cues::supposes(opening)) => None,
        () => Some(said),
    }
}

/// Whether an option is a sentence of its own behind another one: "Honestly? B."
fn stands_alone(text: &str, sentence: &Range<usize>, mention: &Mention) -> bool {
    let bare = |from: usize, to: usize| text.get(from..to).is_some_and(|t| !t.chars().any(char::is_alphanumeric));
    let line = text.get(..sentence.start).and_then(|head| head.rsplit('\n').next()).unwrap_or("");
    mention.lettered
        && !mention.open
        && line.chars().filter(|c| c.is_alphabetic()).count() > 3
        && bare(sentence.start, mention.span.start)
        && bare(mention.span.end, sentence.end)
        && text.get(mention.span.end..sentence.end).is_some_and(|t| !t.contains('?'))
}

/// Whether an option is set above the next one: A比B更合适, A优于B.
fn outdoes(text: &str, tail: &str, next: Option<&Mention>) -> bool {
    let verb = tail.trim_start_matches(['选', '项']).trim();
    let more = next
        .and_then(|m| text.get(m.span.end..))
        .is_some_and(|rest| rest.trim_start_matches(['选', '项']).starts_with(['更', '还']));
    matches!(verb, "优于" | "胜过" | "好于" | "胜于" | "强于") || verb == "比" && more
}

/// Whether a text ends with an option that a phrase leads to: "After all that, B."
fn closes(text: &str, mention: &Mention, head: &str) -> bool {
    let last = text.get(mention.span.end..).is_some_and(|rest| {
        rest.chars().count() < 8 && !rest.chars().any(|c| c.is_alphanumeric() || matches!(c, '?' | ',' | ':' | '、'))
    });
    let lead = head.trim_end_matches([' ', '(', '[']);
    let words = lead.chars().filter(|c| c.is_alphabetic()).count();
    last && mention.lettered
        && !mention.open
        && lead.ends_with([',', ':'])
        && !cues::looks_at(lead)
        && !groups(text, mention)
        && (4..60).contains(&words)
        && !cues::hedged(lead.trim_end_matches([',', ':']))
        && !cues::supposes(lead)
        && !cues::is_given(head)
        && cues::before(head, "").is_none_or(|stance| stance == Stance::Chosen)
        && cues::behind(lead) != Some(Stance::Wrong)
}

/// Whether a text gives another set in the same way: "Metals: A, C. Insulators: B, D."
fn groups(text: &str, mention: &Mention) -> bool {
    static GROUP: LazyLock<Pattern> = LazyLock::new(|| pattern(r"[\p{L}]\s?:\s*[A-J](?:\s*[,、]\s*[A-J])+"));
    let earlier = text.get(..mention.span.start).unwrap_or("");
    mention.set.len() > 1
        && GROUP.find_iter(earlier).any(|found| {
            let letters = found.as_str().rsplit(':').next().unwrap_or("");
            Set::of(letters.chars().filter_map(index_of)).and(mention.set).is_empty()
        })
}

/// What the clauses behind an option say of it.
fn behind(tail: &str, is_object: bool) -> Option<Stance> {
    let mut rest = tail;
    let mut said: Option<Stance> = None;
    for number in 0..CLAUSES {
        let end = cues::clause_end(rest);
        let clause = rest.get(..end).unwrap_or("");
        let next = rest.get(end..).unwrap_or("");
        // The mark or the word that the clause begins with is part of it.
        let opening = next.chars().next().map_or(0, char::len_utf8);
        let more = cues::clause_end(next.get(opening..).unwrap_or("")) + opening;
        let supposed = number == 0 && next.trim_start().to_lowercase().starts_with("if");
        let here = if number == 0 && (cues::hedged(clause) || supposed) { None } else { cues::behind(clause) };
        if number == 0 {
            if cues::hedged(clause) {
                return None;
            }
            said = here;
            if is_object {
                return said;
            }
        }
        if next.is_empty() {
            break;
        }
        let clause = next.get(..more).unwrap_or("");
        if !cues::is_reason(clause) {
            let then = cues::behind(clause);
            said = match (said, then) {
                (None, then) if !cues::hedged(clause) => then,
                (Some(Stance::Right | Stance::Chosen), Some(Stance::Wrong | Stance::Open))
                    if cues::goes_against(clause) =>
                {
                    Some(Stance::Open)
                }
                (Some(Stance::Wrong), Some(Stance::Right | Stance::Chosen)) if cues::goes_against(clause) => {
                    Some(Stance::Open)
                }
                (said, _) => said,
            };
        }
        rest = next.get(opening..).unwrap_or("");
    }
    said
}

pub fn is_question(sentence: &str) -> bool {
    let bare = sentence.trim_end();
    bare.ends_with('?') || bare.ends_with(['吗', '呢'])
}

/// Cuts a text into sentences; a label's full stop ("B. Rome") ends none.
pub fn sentences(text: &str, mentions: &[Mention]) -> Vec<Range<usize>> {
    let mut all = Vec::new();
    let mut inside = mentions.iter().map(|m| m.span.clone()).peekable();
    let (mut from, mut line) = (0, 0);
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        while inside.peek().is_some_and(|span| span.end <= at) {
            inside.next();
        }
        let end = at + c.len_utf8();
        let within = inside.peek().is_some_and(|span| span.start <= at);
        let next = chars.peek().map(|(_, next)| *next);
        let ends = match c {
            '\n' => true,
            '。' | '!' | '?' | '…' => !within && next != Some('.'),
            '.' => {
                !within
                    && next.is_none_or(|n| n.is_whitespace() || matches!(n, '"' | '\'' | ')'))
                    && !is_abbreviation(text.get(line..at).unwrap_or(""))
            }
            ';' => !within,
            _ => false,
        };
        if ends && from < end {
            all.push(from..end);
            from = end;
        }
        if c == '\n' {
            line = end;
        }
    }
    if from < text.len() {
        all.push(from..text.len());
    }
    all
}

/// Whether a full stop behind this belongs to a short form, or to the label that a line begins with.
fn is_abbreviation(line: &str) -> bool {
    let word = line.rsplit([' ', '(', '\t']).next().unwrap_or("");
    let label = line.trim_start_matches([' ', '\t', '>', '#', '-', '•', '(', '*']);
    matches!(
        word.to_ascii_lowercase().as_str(),
        "e.g"
            | "i.e"
            | "vs"
            | "dr"
            | "mr"
            | "mrs"
            | "ms"
            | "st"
            | "no"
            | "fig"
            | "cf"
            | "approx"
            | "prof"
            | "u.s"
            | "etc"
    ) || label.len() <= 2 && label.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scoring::tests::item;

    fn show(text: &str, options: &Options) -> String {
        let claims = claims(text, options).all;
        let each = claims.iter().map(|c| {
            let names: String = c.set.iter().map(super::super::options::name_of).collect();
            format!(
                "{names}{}",
                match c.stance {
                    Stance::Chosen => "!",
                    Stance::Right => "+",
                    Stance::Wrong => "-",
                    Stance::Odd => "~",
                    Stance::Open => "?",
                }
            )
        });
        each.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn clauses_take_a_stance_on_what_they_mention() {
        let unknown = Options::of(&item(&["B"], &[]));
        for (text, want) in [
            ("最能削弱上述论证的是B项,它指出了另有他因。", "B!"),
            ("剩下的就只有A了。", "A!"),
            ("我认为B更合适一些。虽然A也有一定道理,但B更全面。", "B! B!"),
            ("Between B and C, I prefer B because it isn't hostile.", "B!"),
            ("I'd eliminate E right away.", "E-"),
            ("The statements supported by the study are (A) and (D).", "AD!"),
            ("正确的有三个:A、B、D;错误的是C。", "ABD! C~"),
            ("What's left, D and E, are both true.", "DE!"),
            ("Not A and not B, since they fail. Those which hold up are C and D.", "AB- CD!"),
            ("I prefer C over D.", "C! D-"),
            ("选B而不是C。", "B! C-"),
            ("B is the strongest candidate, though not without flaws.", "B?"),
            ("Is B right? If A is right, C is wrong.", "C-"),
            ("A dog has vitamin C, and point B is near.", ""),
            ("C. This option", ""),
            ("A项描述的是春分日,不符合题意。", "A-"),
        ] {
            assert_eq!(show(text, &unknown), want, "{text}");
        }
    }
}
