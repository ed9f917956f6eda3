//! What all scorers have in common: one way to check a table of cases, and properties that hold for any text.

use super::*;
use crate::domain::{Finish, Split, Tags, Verdict};
use proptest::prelude::*;

/// An item with these accepted answers and options.
pub fn item(answers: &[&str], options: &[&str]) -> Item {
    let texts = |all: &[&str]| all.iter().map(|t| (*t).to_owned()).collect();
    let tags = Tags::new("d", "c", "en", Split::Fresh);
    Item { options: texts(options), ..Item::question("i", "?", texts(answers), tags) }
}

/// A finished answer.
pub fn said(text: &str) -> Answer {
    Answer { text: text.to_owned(), finish: Some(Finish::Stop), ..Answer::default() }
}

/// The scorer of this name with settings (TOML), or its short form.
pub fn scorer(name: &str, settings: &str) -> Result<Arc<dyn Scorer>, Vec<crate::config::Problem>> {
    let kind = KINDS.iter().find(|k| k.name == name).unwrap();
    if settings.is_empty() {
        return Ok((kind.build)(None).unwrap());
    }
    crate::config::read(&crate::config::Source::inline("t.toml", settings), |s| (kind.build)(Some(s)))
}

/// One answer's verdict.
pub fn verdict(scorer: &dyn Scorer, item: &Item, answer: &Answer) -> Finding {
    match scorer.grade(item, answer) {
        Graded::Final(finding) => finding,
        other => panic!("not final: {other:?}"),
    }
}

/// Checks a table: every row's answer gets its verdict (and rule, where one is named after a space). All misses are told.
pub fn check(scorer: &dyn Scorer, rows: &[(&Item, &str, &str)]) {
    let mut misses = Vec::new();
    for (item, text, want) in rows {
        scorer.accepts(item).unwrap();
        let got = verdict(scorer, item, &said(text));
        let (word, rule) = want.split_once(' ').unwrap_or((want, ""));
        if got.verdict.label() != word || (!rule.is_empty() && got.rule != rule) {
            misses.push(format!("{text:?}: want {want}, got {} {} {:?}", got.verdict.label(), got.rule, got.extracted));
        }
    }
    assert!(misses.is_empty(), "{} of {} missed:\n{}", misses.len(), rows.len(), misses.join("\n"));
}

#[test]
fn fingerprints_tell_settings_apart() {
    let of = |name, settings| scorer(name, settings).ok().unwrap().fingerprint();
    let all = [
        of("exact", ""),
        of("exact", "case_sensitive = true"),
        of("number", ""),
        of("number", "absolute = 0.5"),
        of("number", "relative = 0.5"),
        of("number", "percent = \"fraction\""),
        of("choice", ""),
        of("math", ""),
        of("math", "tolerance = 0.5"),
        of("math", "rounded = true"),
        of("math", "percent = \"fraction\""),
        of("multi_choice", ""),
        of("multi_choice", "credit = \"partial\""),
        of("multi_choice", "reference = \"members\""),
        of("text", ""),
        of("text", "by = \"contains\""),
        of("text", "by = \"edit\"\nat_least = 0.5"),
        of("text", "by = \"edit\"\nat_least = 0.6"),
        of("text", "case_sensitive = true"),
        of("text", "punctuation = true"),
        of("text", "part = \"whole\""),
    ];
    let distinct: std::collections::BTreeSet<_> = all.iter().collect();
    assert_eq!(distinct.len(), all.len());
    assert_eq!(of("number", "absolute = 0"), of("number", ""));
}

#[test]
fn wrong_settings_are_told_with_their_place() {
    for (name, settings, want) in [
        ("exact", "case_sensitive = 1", "t.toml:1:18: case_sensitive: expected true or false, found 1"),
        ("exact", "cased = true", "t.toml:1:1: cased: is not a known field\n  hint: known here: case_sensitive"),
        ("number", "absolute = -1", "t.toml:1:12: absolute: expected a number from 0"),
        (
            "number",
            "percent = \"units\"",
            "t.toml:1:11: percent: expected one of unit, fraction, found \"units\"\n  hint: did you mean \"unit\"?",
        ),
        ("math", "tolerance = 2", "t.toml:1:13: tolerance: expected a number from 0, below 1"),
        ("math", "rounded = 1", "t.toml:1:11: rounded: expected true or false, found 1"),
        ("text", "by = \"f1\"", "t.toml:1:1: at_least: is missing: expected a number"),
        ("text", "by = \"f1\"\nat_least = 2", "t.toml:2:12: at_least: expected a number above 0, at most 1"),
        (
            "text",
            "at_least = 0.5",
            "t.toml:1:1: at_least: is not a known field\n  hint: only edit, f1, rouge-l and chrf are graded: the others hold or don't",
        ),
        ("multi_choice", "credit = \"some\"", "t.toml:1:10: credit: expected one of all, partial, found \"some\""),
        ("choice", "options = 4", "t.toml:1:1: options: is not a known field\n  hint: known here: "),
    ] {
        let problems = scorer(name, settings).err().unwrap();
        assert_eq!(problems.first().unwrap().to_string(), want);
    }
}

#[test]
fn items_that_cannot_be_graded_are_told() {
    for (name, item, want) in [
        ("exact", item(&[], &[]), "an exact item needs an answer"),
        ("exact", item(&["  "], &[]), "the answer \"  \" is empty after normalisation"),
        ("number", item(&["42", "many"], &[]), "the answer \"many\" is not a number"),
        ("number", item(&["1 or 2"], &[]), "the answer \"1 or 2\" is not a number"),
        ("number", item(&[], &[]), "a number item needs an answer"),
        ("math", item(&[], &[]), "a math item needs an answer"),
        ("math", item(&["\\frac{1"], &[]), "the answer \"\\\\frac{1\" is not mathematics that can be read"),
        ("math", item(&["1", "\\int_0^1 x"], &[]), "the answer \"\\\\int_0^1 x\" is not mathematics that can be read"),
        ("text", item(&[], &[]), "a text item needs an answer"),
        ("text", item(&["?!"], &[]), "the answer \"?!\" is empty after normalisation"),
        ("multi_choice", item(&[], &["a", "b"]), "a multi_choice item needs an answer"),
        ("multi_choice", item(&["A"], &["a"]), "a multi_choice item has 2 to 10 options, not 1"),
        (
            "multi_choice",
            item(&["AF"], &["x", "y"]),
            "the answer \"AF\" is no set of the item's options, such as \"ABD\" or \"A, B, D\"",
        ),
        (
            "multi_choice",
            item(&["A", "C"], &[]),
            "each answer is a single option: write them as one (\"ABD\"), or say reference = \"members\"",
        ),
        ("choice", item(&[], &["a", "b"]), "a choice item needs an answer"),
        ("choice", item(&["A"], &["a"]), "a choice item has 2 to 10 options, not 1"),
        ("choice", item(&["E"], &["x", "y"]), "the answer \"E\" is beyond the item's 2 options"),
        (
            "choice",
            item(&["A"], &["B", "A"]),
            "the answer \"A\" is both a letter and the words of option B: write (A) or B",
        ),
        (
            "choice",
            item(&["Rome"], &["Paris", "Oslo"]),
            "the answer \"Rome\" is neither a letter A to J nor the words of exactly one option",
        ),
    ] {
        assert_eq!(scorer(name, "").ok().unwrap().accepts(&item), Err(want.into()));
    }
    let choice = scorer("choice", "").ok().unwrap();
    assert_eq!(choice.accepts(&item(&["(A)", "(B)"], &["B", "A"])), Ok(()));
}

/// Scorers that grade nothing by answers and text alone: they ask, run, or need settings or a spec, and have such tests of
/// their own.
const ELSEWHERE: [&str; 4] = ["none", "judge", "code", "instructions"];

#[test]
fn what_was_refused_or_hidden_is_not_graded() {
    let target = item(&["42"], &[]);
    for kind in KINDS.iter().filter(|kind| !ELSEWHERE.contains(&kind.name)) {
        let scorer = (kind.build)(None).unwrap();
        let target = if kind.name.ends_with("choice") { item(&["B"], &["x", "y"]) } else { target.clone() };
        for (answer, want, rule) in [
            (Answer { refusal: Some("no".into()), ..said("42 B") }, Verdict::Refused, "refused/provider"),
            (Answer { finish: Some(Finish::ContentFilter), ..said("42 B") }, Verdict::Refused, "refused/filter"),
            (said("I'm sorry, but I can't help with that."), Verdict::Refused, "refused/text"),
            (said("抱歉，我无法回答这个问题。"), Verdict::Refused, "refused/text"),
            (said("<think>42. Answer: B"), Verdict::Unparsed, "unparsed/reasoning-only"),
            (said("  \n "), Verdict::Unparsed, "unparsed/empty"),
            (Answer { reasoning: "42 B".into(), ..said("") }, Verdict::Unparsed, "unparsed/empty"),
        ] {
            let got = verdict(&*scorer, &target, &answer);
            assert_eq!((got.verdict, got.rule), (want, rule), "{}: {}", kind.name, answer.text);
        }
    }
}

/// Texts that have broken graders: deep, long, or both.
fn hostile() -> Vec<String> {
    let megabyte = 1 << 20;
    // The simplest are a megabyte; the others only have to be far longer than what is read.
    let long = megabyte / 8;
    vec![
        format!("{}7{}", r"\boxed{".repeat(400), "}".repeat(400)),
        r"\boxed{".repeat(long / 7),
        "{".repeat(megabyte),
        "}".repeat(long),
        "9".repeat(megabyte),
        "1,".repeat(long / 2),
        "-".repeat(long),
        "9^".repeat(long / 2),
        "9^9^9^9^9".into(),
        "1e999999999".into(),
        "<think>".repeat(long / 7),
        "</think>".repeat(long / 8),
        "Answer: ".repeat(long / 8),
        "答案是".repeat(long / 9),
        "一".repeat(long / 3),
        "(A) ".repeat(long / 4),
        "**".repeat(long / 2),
        "\\frac{".repeat(megabyte / 6),
        format!("\\boxed{{{}7{}}}", "\\frac{1}{".repeat(400), "}".repeat(400)),
        format!("\\boxed{{{}}}", "(".repeat(400)),
        format!("\\boxed{{{}1}}", "\\sqrt".repeat(1000)),
        format!("\\boxed{{9{}}}", "^9".repeat(700)),
        format!("\\boxed{{{}}}", "1+".repeat(2900)),
        format!("\\boxed{{\\{{{}31337\\}}}}", "1,".repeat(1400)),
        format!("\\boxed{{{}1}}", "1/".repeat(700)),
        format!("\\boxed{{{}1}}", "\\sin(x)+".repeat(300)),
        format!("\\boxed{{{}}}", "9".repeat(900)),
        format!("\\boxed{{(10^{{100}})!^{{{}}}}}", "9".repeat(18)),
        "\\boxed{9^{9^{9^{9}}}}".into(),
        "$".repeat(long),
        "$a b".repeat(long / 4),
        "\\boxed{1}".repeat(long / 9),
        "wait so x = 1. ".repeat(long / 15),
        "\\begin{pmatrix}".repeat(long / 15),
        "so = is 是 = ".repeat(long / 15),
        "1/".repeat(long / 2),
        "\u{301}".repeat(long / 2),
        "so it's A ".repeat(long / 10),
        " ".repeat(long),
        "i'm sorry i cannot ".repeat(long / 19),
        "\\boxed{1} ".repeat(long / 10),
        "A、B和".repeat(long / 9),
        "| A | 正确 |\n".repeat(long / 16),
        "wait, no, ".repeat(long / 10),
        "one hundred and ".repeat(long / 16),
        "1 or ".repeat(long / 5),
    ]
}

#[test]
fn hostile_texts_are_graded_and_never_right() {
    for kind in KINDS.iter().filter(|kind| !ELSEWHERE.contains(&kind.name)) {
        let scorer = (kind.build)(None).unwrap();
        let target = if kind.name.ends_with("choice") { item(&["J"], &[]) } else { item(&["31337"], &[]) };
        for text in hostile() {
            let got = verdict(&*scorer, &target, &said(&text));
            let head: String = text.chars().take(20).collect();
            assert!(
                got.verdict == Verdict::Wrong || got.verdict == Verdict::Unparsed || got.verdict == Verdict::Refused,
                "{} {head}: {got:?}",
                kind.name
            );
            assert!(got.extracted.as_ref().is_none_or(|e| e.chars().count() <= 200), "{} {head}", kind.name);
        }
    }
}

#[test]
fn the_last_statement_counts_behind_a_megabyte_of_text() {
    let text = format!("{}\nThe answer is 7.", "The answer is 8. ".repeat(1 << 16));
    let got = verdict(&*scorer("number", "").ok().unwrap(), &item(&["7"], &[]), &said(&text));
    assert_eq!((got.verdict, got.rule), (Verdict::Correct, "number/marker"));
}

proptest! {
    #[test]
    fn any_text_is_graded_the_same_way_twice(
        text in "(Answer: |答案是|\\\\boxed\\{|\\}|[A-J(). ,\n]|[0-9]{1,3}|not |and |选|\\*\\*|\\$|\\\\frac|so it's |is correct|\\PC){0,25}",
        cut in any::<bool>(),
        options in proptest::sample::select(vec![vec![], vec!["12", "A cat", "", "B", "  "], vec!["甲", "乙"]]),
    ) {
        let answer = Answer { finish: cut.then_some(Finish::Length), ..said(&text) };
        for kind in KINDS.iter().filter(|kind| !ELSEWHERE.contains(&kind.name)) {
            let scorer = (kind.build)(None).unwrap();
            let target = item(&["12", "B"], &options);
            let got = verdict(&*scorer, &target, &answer);
            prop_assert_eq!(&got, &verdict(&*scorer, &target, &answer));
            prop_assert_eq!(got.score, if got.verdict == Verdict::Correct { 1.0 } else { 0.0 });
            prop_assert_eq!(got.extracted.is_some(), matches!(got.verdict, Verdict::Correct | Verdict::Wrong));
            let _ = scorer.accepts(&target);
        }
    }
}

#[test]
fn none_grades_nothing_whatever_is_said() {
    let scorer = scorer("none", "").unwrap();
    for text in ["42", "", "I can't help with that."] {
        let finding = verdict(&*scorer, &item(&[], &[]), &said(text));
        assert_eq!((finding.verdict, finding.verdict.is_graded()), (Verdict::Ungraded, false));
    }
}
