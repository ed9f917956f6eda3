//! What an item may say, and that nothing an answer says can hurt. The table of cases is in `tests/grading`.

use super::*;
use crate::domain::{Item, Split, Tags};
use proptest::prelude::*;
use serde_json::json;

fn item(instructions: Value) -> Item {
    let spec = [("instructions".to_owned(), instructions)].into_iter().collect();
    let tags = Tags::new("d", "c", "en", Split::Fresh);
    Item { spec: Some(Arc::new(spec)), ..Item::question("i", "?", Vec::new(), tags) }
}

#[test]
fn what_cannot_be_checked_is_told() {
    for (instructions, want) in [
        (json!([]), "0 instructions, expected from 1 to 64"),
        (json!("words"), "an instructions item needs `instructions`, a list"),
        (json!([1]), "instruction 1: is no object"),
        (json!([{"at_least": 1}]), "instruction 1: has no `kind`"),
        (
            json!([{"kind": "word", "at_least": 1}]),
            "instruction 1: `word` is no kind of instruction (did you mean `words`?)",
        ),
        (
            json!([{"kind": "no_commas"}, {"kind": "words"}]),
            "instruction 2: words: one of `at_least`, `at_most`, `exactly` is needed",
        ),
        (json!([{"kind": "words", "atleast": 3}]), "instruction 1: words has no `atleast` (did you mean `at_least`?)"),
        (json!([{"kind": "words", "at_least": -3}]), "instruction 1: words: `at_least` is no whole number from 0"),
        (
            json!([{"kind": "words", "at_least": 3, "at_most": 2}]),
            "instruction 1: words: `at_least` is more than `at_most`",
        ),
        (
            json!([{"kind": "words", "exactly": 3, "at_most": 3}]),
            "instruction 1: words: `exactly` goes with no other bound",
        ),
        (json!([{"kind": "contains"}]), "instruction 1: contains: `text` or `texts` is missing"),
        (
            json!([{"kind": "contains", "texts": ["a", " "]}]),
            "instruction 1: contains: `texts` is no list of 1 to 64 texts that say something",
        ),
        (
            json!([{"kind": "contains", "text": "a", "whole": 1}]),
            "instruction 1: contains: `whole` is neither true nor false",
        ),
        (
            json!([{"kind": "letter", "letter": "ab", "at_least": 1}]),
            "instruction 1: letter: `letter` is not one character",
        ),
        (
            json!([{"kind": "headings", "level": 7, "exactly": 1}]),
            "instruction 1: headings: `level` is not from 1 to 6",
        ),
        (json!([{"kind": "paragraph_starts", "text": "a"}]), "instruction 1: paragraph_starts: `paragraph` is missing"),
        (json!([{"kind": "table", "rows": 0}]), "instruction 1: table: `rows` is no whole number from 1"),
        (json!([{"kind": "json", "type": "list"}]), "instruction 1: json: `type` is neither \"object\" nor \"array\""),
        (
            json!([{"kind": "ends_with", "text": ""}]),
            "instruction 1: ends_with: `text` is missing, or no text that says something",
        ),
    ] {
        let got = Instructions { loose: false }.accepts(&item(instructions.clone()));
        assert_eq!(got, Err(want.to_owned()), "{instructions}");
    }
    assert!(Instructions { loose: false }.accepts(&item(json!([{"kind": "language", "language": "xx"}]))).is_err());
    assert_eq!(Instructions { loose: false }.accepts(&item(json!([{"kind": "title"}]))), Ok(()));
}

/// One of each kind.
fn every() -> Value {
    let mut all: Vec<Value> = [
        "words",
        "characters",
        "sentences",
        "lines",
        "bullets",
        "numbered",
        "placeholders",
        "capital_words",
        "paragraphs",
        "headings",
    ]
    .map(|kind| json!({"kind": kind, "at_least": 3}))
    .to_vec();
    all.extend(
        ["no_commas", "uppercase", "lowercase", "json", "quoted", "title", "two_responses", "table"]
            .map(|kind| json!({"kind": kind})),
    );
    all.extend(["contains", "excludes", "starts_with", "ends_with"].map(|kind| json!({"kind": kind, "text": "aa"})));
    all.extend([
        json!({"kind": "sections", "marker": "a", "exactly": 1}),
        json!({"kind": "frequency", "text": "aa", "exactly": 1}),
        json!({"kind": "letter", "letter": "a", "exactly": 1}),
        json!({"kind": "forbidden_characters", "characters": "a"}),
        json!({"kind": "paragraph_starts", "paragraph": 2, "text": "aa"}),
        json!({"kind": "language", "language": "en"}),
        json!({"kind": "postscript", "marker": "a"}),
    ]);
    Value::Array(all)
}

#[test]
fn every_kind_is_tried_and_names_itself_when_broken() {
    let all = every();
    let there: std::collections::BTreeSet<&str> =
        all.as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(there, KINDS.iter().map(|check| check.name).collect());
    let item = item(all);
    let answer = Answer { text: "X, y".into(), ..Answer::default() };
    let Graded::Final(found) = (Instructions { loose: true }).grade(&item, &answer) else { panic!() };
    assert_eq!((found.verdict, found.rule), (Verdict::Wrong, "instructions/broken"));
    assert!(found.extracted.unwrap().starts_with("words, "));
}

#[test]
fn no_form_of_text_takes_long() {
    // Whatever grew with the square of the text would not come back from these within the test's patience.
    let item = item(every());
    for piece in [
        "a",
        "aa ",
        ".",
        "a. ",
        "[",
        "<<",
        "1. ",
        "|",
        "#",
        "\n",
        "******",
        "“",
        "漢",
        "\"",
        "- x\n",
        "a|b\n-|-\n",
        "{\"a\":",
    ] {
        let answer = Answer { text: piece.repeat((32 << 10) / piece.len()), ..Answer::default() };
        let Graded::Final(found) = (Instructions { loose: false }).grade(&item, &answer) else { panic!() };
        assert_ne!(found.verdict, Verdict::Correct);
    }
    let longer = Answer { text: "a. ".repeat(LONGEST), ..Answer::default() };
    let Graded::Final(found) = (Instructions { loose: true }).grade(&item, &longer) else { panic!() };
    assert_eq!(found.rule, "unparsed/too-long");
}

proptest! {
    #[test]
    fn no_text_panics(text in "(?s).{0,200}", loose in proptest::bool::ANY) {
        let answer = Answer { text, ..Answer::default() };
        let graded = (Instructions { loose }).grade(&item(every()), &answer);
        prop_assert!(matches!(graded, Graded::Final(_)));
    }
}
