//! Scorer `text`: how alike an answer and an accepted one are, by one measure, after normalising form.
//!
//! `by` names the measure: `equal`; `contains` (an accepted answer is said in it: whole words, neither denied nor in a list
//! of everything); `regex` (the accepted answers are patterns, and one is found in it); or graded by `at_least`: `edit`
//! (normalised Levenshtein), `f1` (SQuAD), `rouge-l` (Lin 2004), `chrf` (Popović 2015). The score is the best over the
//! accepted answers; correct is what reaches `at_least`.
//!
//! `part` says what is compared: `answer`, the last box or announced answer where there is one and else the whole, or
//! `whole`, the whole visible text. Where nothing announced is compared by `equal` and the whole differs, a sentence may
//! still state an accepted answer ([`stated`]). A text of more than 16 KiB is not compared by a graded measure (`text/too-long`).

mod border;
mod clause;
mod contains;
mod forms;
mod metric;
mod mood;
mod place;
mod record;
mod remark;
mod stated;
mod words;

use super::choice::is_cjk;
use super::prepared::Prepared;
use super::text::{
    Part, Pattern, TAIL, breaks_off, excerpt, fold, part, pattern, plain, readable, refuses, simplified, stops_short,
    tail, wavers,
};
use super::{Graded, Kind, Scorer};
use crate::config::Section;
use crate::domain::{Answer, Finding, Item, Verdict};
use contains::{Said, found, says};
use mood::lacks_conclusion;
use regex::{Regex, RegexBuilder};
use remark::{named, only_remarked, opens_with_another};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use words::{Form, Word, joined, words};

/// `scorer = "text"`.
pub const KIND: Kind = Kind {
    name: "text",
    about: "how alike the answer and an accepted one are, `by` equal, contains, regex, edit, f1, rouge-l or chrf",
    build,
};

/// Grows whenever a verdict could change.
const VERSION: u32 = 12;

/// The longest text that a graded measure compares, in bytes: the edit distance of two such texts takes some ten
/// milliseconds.
const LONGEST: usize = 16 * 1024;
/// The longest pattern, in bytes, and what it may take when compiled.
const LONGEST_PATTERN: usize = 4096;
const LARGEST_PATTERN: usize = 1 << 20;
/// How many compiled patterns are kept.
const KEPT: usize = 1024;

/// How two texts are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Equal,
    Contains,
    Regex,
    Edit,
    F1,
    RougeL,
    Chrf,
}

impl By {
    const ALL: [(&str, Self); 7] = [
        ("equal", Self::Equal),
        ("contains", Self::Contains),
        ("regex", Self::Regex),
        ("edit", Self::Edit),
        ("f1", Self::F1),
        ("rouge-l", Self::RougeL),
        ("chrf", Self::Chrf),
    ];

    const fn is_graded(self) -> bool {
        matches!(self, Self::Edit | Self::F1 | Self::RougeL | Self::Chrf)
    }

    fn rule(self, part: bool) -> &'static str {
        match (self, part) {
            (Self::Equal, false) => "text/equal",
            (Self::Equal, true) => "text/equal-answer",
            (Self::Contains, false) => "text/contains",
            (Self::Contains, true) => "text/contains-answer",
            (Self::Regex, false) => "text/regex",
            (Self::Regex, true) => "text/regex-answer",
            (Self::Edit, false) => "text/edit",
            (Self::Edit, true) => "text/edit-answer",
            (Self::F1, false) => "text/f1",
            (Self::F1, true) => "text/f1-answer",
            (Self::RougeL, false) => "text/rouge-l",
            (Self::RougeL, true) => "text/rouge-l-answer",
            (Self::Chrf, false) => "text/chrf",
            (Self::Chrf, true) => "text/chrf-answer",
        }
    }
}

/// Which part of an answer is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Compared {
    Whole,
    Answer,
}

#[derive(Debug)]
struct Similar {
    by: By,
    at_least: f64,
    case: bool,
    punctuation: bool,
    part: Compared,
    /// Patterns that were compiled, by their text.
    patterns: Mutex<BTreeMap<String, Option<Regex>>>,
    accepted: Prepared<Accepted>,
}

/// The accepted answers of an item, as they are compared.
struct Accepted {
    words: Vec<Vec<Word>>,
    /// Each in one line.
    lines: Vec<String>,
}

fn build(section: Option<&Section<'_>>) -> Option<Arc<dyn Scorer>> {
    let Some(section) = section else {
        return Some(Arc::new(Similar::new(By::Equal, 1.0, false, false, Compared::Answer)));
    };
    let by = if section.has("by") { section.choice("by", &By::ALL) } else { Some(By::Equal) };
    let at_least = match by {
        Some(by) if by.is_graded() => section.need::<f64>("at_least").and_then(|least| {
            let fits = least > 0.0 && least <= 1.0;
            if !fits {
                section.problem("at_least", "expected a number above 0, at most 1", None);
            }
            fits.then_some(least)
        }),
        Some(_) => {
            section.refuse("at_least", "only edit, f1, rouge-l and chrf are graded: the others hold or don't");
            Some(1.0)
        }
        None => section.get("at_least"),
    };
    let case = section.or("case_sensitive", false);
    let punctuation = section.or("punctuation", false);
    let part = if section.has("part") {
        section.choice("part", &[("whole", Compared::Whole), ("answer", Compared::Answer)])
    } else {
        // Long texts announce nothing; where "the answer is" stands in one it is a part of it.
        Some(if matches!(by, Some(By::RougeL | By::Chrf)) { Compared::Whole } else { Compared::Answer })
    };
    section.finish();
    Some(Arc::new(Similar::new(by?, at_least?, case?, punctuation?, part?)))
}

impl Scorer for Similar {
    fn grade(&self, item: &Item, answer: &Answer) -> Graded {
        let finding = match readable(answer) {
            Err(finding) => finding,
            Ok(shown) => {
                let found = self.judge(item, &shown.text, shown.cut);
                if found.verdict == Verdict::Wrong && self.is_unsaid(&shown.text, shown.cut) {
                    Finding::bare(Verdict::Unparsed, "text/cut-short")
                } else if found.verdict == Verdict::Wrong && self.is_open(&shown.text) {
                    Finding::bare(Verdict::Unparsed, "text/listed")
                } else if found.verdict != Verdict::Correct && refuses(&shown.text) {
                    Finding::bare(Verdict::Refused, "refused/text")
                } else {
                    found
                }
            }
        };
        finding.into()
    }

    fn accepts(&self, item: &Item) -> Result<(), String> {
        if item.answers.is_empty() {
            return Err("a text item needs an answer".into());
        }
        let form = self.form(item);
        for answer in &item.answers {
            if self.by == By::Regex {
                compiled(answer, self.case).map_err(|why| format!("the answer {answer:?} is no pattern: {why}"))?;
                continue;
            }
            if words(&plain(&fold(answer)).text, form).is_empty() {
                return Err(format!("the answer {answer:?} is empty after normalisation"));
            }
            if answer.len() > LONGEST {
                return Err(format!("the answer {:?} is longer than 16 KiB", excerpt(answer)));
            }
        }
        Ok(())
    }

    fn fingerprint(&self) -> String {
        let Self { by, at_least, case, punctuation, part, patterns: _, accepted: _ } = self;
        format!("text/{VERSION} by={by:?} at_least={at_least} case={case} punctuation={punctuation} part={part:?}")
    }
}

impl Accepted {
    /// The same without their accents.
    fn unaccented(&self) -> Self {
        let words: Vec<_> = self.words.iter().map(|words| forms::unaccented_words(words.clone())).collect();
        let lines = words.iter().map(|words| joined(words)).collect();
        Self { words, lines }
    }
}

impl Similar {
    fn new(by: By, at_least: f64, case: bool, punctuation: bool, part: Compared) -> Self {
        Self { by, at_least, case, punctuation, part, patterns: Mutex::default(), accepted: Prepared::default() }
    }

    fn form(&self, item: &Item) -> Form {
        let english = item.tags.language.split(['-', '_']).next() == Some("en");
        Form { case: self.case, punctuation: self.punctuation, english }
    }

    fn judge(&self, item: &Item, shown: &str, cut: bool) -> Finding {
        let part = if self.part == Compared::Answer { part(shown) } else { None };
        // What is longer can't equal an accepted answer; and what is searched is searched in the end of a text.
        let whole = plain(tail(shown)).text;
        let long = shown.len() > TAIL;
        match self.by {
            By::Equal => {
                let found = self.equal(item, if long { "" } else { &whole }, part.as_ref());
                if found.verdict == Verdict::Correct || self.part == Compared::Whole {
                    return found;
                }
                let said = match &part {
                    None => self
                        .stated(item, tail(shown), cut)
                        .or_else(|| self.bold(item, shown).filter(|_| !long && !cut))
                        .or_else(|| self.led(item, &whole).filter(|_| !long && !cut))
                        .or_else(|| self.stated(item, corrected(&whole)?, cut)),
                    // "The answer is Nairobi, Kenya's capital since 1907": what is announced, as a sentence of its own.
                    Some(Part::Announced(forms)) => (|| {
                        let line = forms.first()?;
                        self.stated(item, line, cut).or_else(|| self.stated(item, &format!("It is {line}"), cut))
                    })(),
                    Some(Part::Boxed(_)) => None,
                };
                let said = said.filter(|_| part.is_some() || !opens_with_another(&whole, &self.places(item, &whole)));
                said.unwrap_or(found)
            }
            By::Regex => {
                let forms: Vec<&str> = match &part {
                    Some(part) => part.forms().iter().map(String::as_str).collect(),
                    None => vec![whole.trim(), tail(shown)],
                };
                let right =
                    item.answers.iter().filter_map(|a| self.pattern(a)).any(|p| forms.iter().any(|f| p.is_match(f)));
                Finding::judged(right, excerpt(forms.first().unwrap_or(&"")), self.by.rule(part.is_some()))
            }
            By::Contains => {
                self.contained(item, part.as_ref().and_then(|p| p.forms().first()).unwrap_or(&whole), part.is_some())
            }
            By::Edit | By::F1 | By::RougeL | By::Chrf => match &part {
                Some(part) => {
                    let best = part.forms().iter().map(|form| self.graded(item, form, true));
                    best.max_by(|a, b| a.score.total_cmp(&b.score))
                        .unwrap_or(Finding::bare(Verdict::Unparsed, "text/none"))
                }
                None if shown.len() > LONGEST => Finding::bare(Verdict::Unparsed, "text/too-long"),
                None => self.graded(item, &whole, false),
            },
        }
    }

    /// Where accepted answers stand in a text, in bytes.
    fn places(&self, item: &Item, text: &str) -> Vec<Range<usize>> {
        let said = words(text, self.form(item));
        self.accepted(item).words.iter().flat_map(|one| contains::found(&said, one)).collect()
    }

    /// Whether a text that holds no accepted answer breaks off before it states anything.
    fn is_unsaid(&self, shown: &str, cut: bool) -> bool {
        let short = matches!(self.by, By::Contains | By::Equal) && self.part == Compared::Answer;
        short
            && (cut || stops_short(shown))
            && part(shown).is_none()
            && named(&plain(tail(shown)).text, false).is_none()
    }

    /// Whether a text announces nothing and ends undecided between several.
    fn is_open(&self, shown: &str) -> bool {
        let short = matches!(self.by, By::Contains | By::Equal) && self.part == Compared::Answer;
        short && wavers(shown) && part(shown).is_none()
    }

    fn accepted(&self, item: &Item) -> Arc<Accepted> {
        self.accepted.of(item, |item| {
            let form = self.form(item);
            let words: Vec<_> = item.answers.iter().map(|a| words(&plain(&fold(a)).text, form)).collect();
            let lines = words.iter().map(|words| joined(words)).collect();
            Accepted { words, lines }
        })
    }

    fn equal(&self, item: &Item, whole: &str, part: Option<&Part>) -> Finding {
        let accepted = self.accepted(item);
        let accepted = &accepted.lines;
        let judged = |text: &str, rule| {
            let said = joined(&words(text, self.form(item)));
            let right = !said.is_empty() && (accepted.contains(&said) || self.is_same(item, text, &said, accepted));
            Finding::judged(right, excerpt(text.trim()), rule)
        };
        let all = judged(whole, By::Equal.rule(false));
        if all.verdict == Verdict::Correct {
            return all;
        }
        let Some(part) = part else { return all };
        let mut forms = part.forms().iter().map(|form| judged(form, By::Equal.rule(true)));
        let first = forms.next().unwrap_or(all);
        if first.verdict == Verdict::Correct {
            first
        } else {
            forms.find(|f| f.verdict == Verdict::Correct).unwrap_or(first)
        }
    }

    /// Whether a text is an accepted answer in another form: a date in another order, a name without its accents, a title
    /// with its year.
    fn is_same(&self, item: &Item, text: &str, said: &str, accepted: &[String]) -> bool {
        if self.case || self.punctuation {
            return false;
        }
        let dated = |date| item.answers.iter().any(|answer| forms::date(&fold(answer)) == Some(date));
        let bare = || {
            let bare = forms::unaccented(said);
            item.answers
                .iter()
                .zip(accepted)
                .any(|(answer, one)| answer.starts_with(char::is_uppercase) && forms::unaccented(one) == bare)
        };
        let undated = |title: &str| accepted.contains(&joined(&words(title, self.form(item))));
        // 唐太宗李世民, where both names are accepted.
        let both = || {
            let rest = |one: &String| said.strip_prefix(one.as_str()).map(str::trim_start);
            !said.is_ascii() && accepted.iter().filter_map(rest).any(|rest| accepted.iter().any(|other| other == rest))
        };
        let untitled = || forms::untitled(text).is_some_and(undated);
        forms::date(text).is_some_and(dated)
            || both()
            || untitled()
            || bare()
            || forms::undated(text).is_some_and(undated)
    }

    /// The yes or no that a text begins with, where those are what is accepted.
    fn led(&self, item: &Item, whole: &str) -> Option<Finding> {
        let accepted = self.accepted(item);
        if !accepted.words.iter().all(|answer| forms::is_short(answer)) {
            return None;
        }
        let word = forms::lead(whole)?;
        let said = joined(&words(word, self.form(item)));
        accepted.lines.contains(&said).then(|| Finding::judged(true, excerpt(word), "text/lead"))
    }

    /// The one passage in bold of a text of one sentence, where it is an accepted answer.
    fn bold(&self, item: &Item, shown: &str) -> Option<Finding> {
        let found = self.equal(item, mood::sole_bold(shown)?, None);
        (found.verdict == Verdict::Correct).then_some(Finding { rule: "text/bold", ..found })
    }

    /// The accepted answer that a text states in a sentence, where it does.
    fn stated(&self, item: &Item, shown: &str, cut: bool) -> Option<Finding> {
        // July 20th is July 20, where a date is accepted.
        let dated = item.answers.iter().any(|answer| forms::date(&fold(answer)).is_some());
        let shown = if dated { forms::cardinal(shown) } else { Cow::Borrowed(shown) };
        let shown = shown.as_ref();
        // Zurich is Zürich, where every accepted answer is a name.
        let names = item.answers.iter().all(|answer| answer.starts_with(char::is_uppercase));
        let written = !shown.is_ascii() || item.answers.iter().any(|answer| !answer.is_ascii());
        let loose = names && written && !self.case && !self.punctuation;
        let bare = |words| if loose { forms::unaccented_words(words) } else { words };
        let words = |text: &str, form| bare(words(text, form));
        let accepted = self.accepted(item);
        let loosely = loose.then(|| Accepted::unaccented(&accepted));
        let Accepted { words: forms, lines: accepted } = loosely.as_ref().unwrap_or(&accepted);
        let is_one = |said: &str| accepted.contains(&joined(&words(&plain(said).text, self.form(item))));
        let places = |sentence: &str| {
            // In "Mozart's last opera" Mozart is named as well; no place moves.
            let owned = sentence.contains("'s").then(|| words(&sentence.replace("'s", " s"), self.form(item)));
            let said = words(sentence, self.form(item));
            let said = [Some(said), owned].into_iter().flatten();
            let mut places: Vec<_> = said
                .flat_map(|said| forms.iter().flat_map(|answer| found(&said, answer)).collect::<Vec<_>>())
                .collect();
            places.retain(|place| !border::is_another(sentence, place));
            places.sort_by_key(|place| (place.start, place.end));
            places.dedup();
            places
        };
        let (said, _) =
            stated::stated(shown, cut || breaks_off(shown), &stated::Names { is_one: &is_one, places: &places })?;
        Some(Finding::judged(true, excerpt(plain(&said).text.trim()), "text/stated"))
    }

    fn contained(&self, item: &Item, text: &str, part: bool) -> Finding {
        let rule = By::Contains.rule(part);
        let (said, accepted) = (words(text, self.form(item)), self.accepted(item));
        let accepted = &accepted.words;
        let plainly = says(text, &said, accepted);
        let found = match plainly {
            // Beyonce is Beyoncé: nothing was found, and a name is written with its accents on one side only.
            Said::No
                if !self.case && !self.punctuation && !accepted.iter().any(|one| !found(&said, one).is_empty()) =>
            {
                let named: Vec<_> = (item.answers.iter().zip(accepted))
                    .filter(|(answer, one)| {
                        answer.starts_with(char::is_uppercase)
                            && !(text.is_ascii() && one.iter().all(|w| w.text.is_ascii()))
                    })
                    .map(|(_, one)| forms::unaccented_words(one.clone()))
                    .collect();
                if named.is_empty() { plainly } else { says(text, &forms::unaccented_words(said), &named) }
            }
            _ => plainly,
        };
        match found {
            Said::Yes => {
                let places = self.places(item, text);
                if !part && places.iter().map(|place| place.end).max().is_some_and(|end| lacks_conclusion(text, end)) {
                    return Finding::bare(Verdict::Unparsed, "text/cut-short");
                }
                let right = !only_remarked(text, part, &places);
                Finding::judged(right, excerpt(text.trim()), rule)
            }
            Said::No => Finding::judged(false, excerpt(text.trim()), rule),
            Said::Listed => Finding::bare(Verdict::Unparsed, "text/listed"),
        }
    }

    fn graded(&self, item: &Item, text: &str, part: bool) -> Finding {
        let said = words(text, self.form(item));
        let list = |words: &[Word]| words.iter().map(|w| w.text.clone()).collect::<Vec<_>>();
        let (ours, line) = (list(&said), joined(&said).chars().collect::<Vec<char>>());
        let ours: Vec<&str> = ours.iter().map(String::as_str).collect();
        let accepted = self.accepted(item);
        let best = accepted.words.iter().map(|accepted| {
            let words: Vec<&str> = accepted.iter().map(|w| w.text.as_str()).collect();
            match self.by {
                By::F1 => metric::f1(&ours, &words),
                By::RougeL => metric::rouge_l(&ours, &words),
                By::Chrf => metric::chrf(&line, &joined(accepted).chars().collect::<Vec<_>>()),
                By::Edit | By::Equal | By::Contains | By::Regex => {
                    metric::edit(&unspaced(&line), &unspaced(&joined(accepted).chars().collect::<Vec<_>>()))
                }
            }
        });
        let score = best.fold(0.0, f64::max);
        let judged = Finding::judged(score >= self.at_least, excerpt(text.trim()), self.by.rule(part));
        Finding { score, ..judged }
    }

    /// A pattern, compiled once.
    fn pattern(&self, text: &str) -> Option<Regex> {
        let mut kept = self.patterns.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(pattern) = kept.get(text) {
            return pattern.clone();
        }
        if kept.len() >= KEPT {
            kept.clear();
        }
        let pattern = compiled(text, self.case).ok();
        kept.insert(text.to_owned(), pattern.clone());
        pattern
    }
}

/// Whether a text says in a sentence that something is these words, as the default measure reads it: "The capital is Paris,
/// not Lyon."
#[must_use]
pub fn states(text: &str, accepted: &str) -> bool {
    let form = Form { case: false, punctuation: false, english: true };
    let answer = words(accepted, form);
    let line = joined(&answer);
    let is_one = |said: &str| joined(&words(&plain(said).text, form)) == line;
    let places = |sentence: &str| {
        let mut places = found(&words(sentence, form), &answer);
        places.sort_by_key(|place| place.start);
        places
    };
    let said = || stated::stated(text, false, &stated::Names { is_one: &is_one, places: &places });
    // "Mars is known as …" says what that is; "Mars is red" is only true of it.
    static KNOWN: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\A\s*(?:(?:is|was|are|were)\s+(?:(?:also|often|widely|commonly|generally)\s+)*(?:the|known|called)\b|(?:就|才)?是[^,。;]{2,}|被(?:称|誉))",
        )
    });
    let known =
        || places(text).first().and_then(|place| text.get(place.end..)).is_some_and(|tail| KNOWN.is_match(tail));
    !answer.is_empty() && said().is_some_and(|(_, role)| role != place::Role::Subject || known())
}

/// What stands behind a correction that is a paragraph of its own: 更正：抱歉，我刚刚说错了。….
fn corrected(text: &str) -> Option<&str> {
    static CORRECTION: LazyLock<Pattern> = LazyLock::new(|| {
        pattern(
            r"(?i)\n\s*(?:补充)?(?:更正|纠正|correction)\s*:\s*(?:(?:抱歉|对不起|sorry)[,.]?\s*)?(?:[^。.,\n]{0,10}(?:错了|有误|wrong|mistake)[。.,]\s*)?",
        )
    });
    CORRECTION.find_iter(text).last().and_then(|found| text.get(found.end()..))
}

/// Between characters of scripts without spaces the joint of words is no character.
fn unspaced(text: &[char]) -> Vec<char> {
    let beside = |at: Option<usize>| at.and_then(|at| text.get(at)).is_some_and(|c| is_cjk(*c));
    let keeps = |(at, c): &(usize, &char)| **c != ' ' || !(beside(at.checked_sub(1)) || beside(Some(at + 1)));
    text.iter().enumerate().filter(keeps).map(|(_, c)| *c).collect()
}

fn compiled(pattern: &str, case: bool) -> Result<Regex, String> {
    if pattern.len() > LONGEST_PATTERN {
        return Err(format!("it is longer than {LONGEST_PATTERN} bytes"));
    }
    // What it is searched in has simplified characters.
    RegexBuilder::new(&simplified(pattern.to_owned()))
        .case_insensitive(!case)
        .size_limit(LARGEST_PATTERN)
        .dfa_size_limit(LARGEST_PATTERN)
        .nest_limit(50)
        .build()
        .map_err(|error| match error {
            regex::Error::CompiledTooBig(_) => "it is too large when compiled".to_owned(),
            // The last line says what is wrong; the others draw where.
            error => {
                error.to_string().lines().last().unwrap_or("it can't be read").trim_start_matches("error: ").to_owned()
            }
        })
}

#[cfg(test)]
mod tests {
    use crate::scoring::tests::{item, said, scorer, verdict};

    fn score(settings: &str, answer: &str, text: &str) -> f64 {
        verdict(&*scorer("text", settings).ok().unwrap(), &item(&[answer], &[]), &said(text)).score
    }

    #[test]
    fn scores_are_those_of_the_measure() {
        for (by, answer, text, want) in [
            ("edit", "kitten", "sitting", 1.0 - 3.0 / 7.0),
            ("edit", "北京大学", "北京大雪", 0.75),
            ("f1", "the quick brown fox", "quick fox", 0.8),
            ("f1", "北京大学", "北京", 2.0 / 3.0),
            ("rouge-l", "police killed the gunman", "police kill the gunman", 2.0 / 3.0),
            ("chrf", "abc", "abc", 1.0),
            ("chrf", "abc", "xyz", 0.0),
        ] {
            let got = score(&format!("by = \"{by}\"\nat_least = 0.5"), answer, text);
            assert!((got - want).abs() < 1e-9, "{by} {answer} {text}: {got}");
        }
    }

    #[test]
    fn patterns_are_bounded_and_told() {
        let regex = scorer("text", "by = \"regex\"").ok().unwrap();
        for (pattern, want) in [
            ("(", "the answer \"(\" is no pattern: unclosed group"),
            ("\\d{1000}{1000}", "the answer \"\\\\d{1000}{1000}\" is no pattern: it is too large when compiled"),
            (
                "(?<=a)b",
                "the answer \"(?<=a)b\" is no pattern: look-around, including look-ahead and look-behind, is not supported",
            ),
        ] {
            assert_eq!(regex.accepts(&item(&[pattern], &[])), Err(want.into()));
        }
        let long = regex.accepts(&item(&[&"a".repeat(5000)], &[])).unwrap_err();
        assert!(long.ends_with("it is longer than 4096 bytes"));
        assert_eq!(regex.accepts(&item(&["^(?:Paris|Rome)$"], &[])), Ok(()));
    }

    #[test]
    fn what_is_too_long_is_not_compared() {
        let long = "word ".repeat(20_000);
        for by in ["edit", "f1", "rouge-l", "chrf"] {
            let scorer = scorer("text", &format!("by = \"{by}\"\nat_least = 0.1")).ok().unwrap();
            assert_eq!(verdict(&*scorer, &item(&["word"], &[]), &said(&long)).rule, "text/too-long");
            let told = scorer.accepts(&item(&[&long], &[])).unwrap_err();
            assert!(told.ends_with("is longer than 16 KiB"));
        }
    }
}
