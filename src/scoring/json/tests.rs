//! The scorer `json`: what it takes, what it refuses to grade, and what it makes of texts that are long or deep.

use super::super::tests::{check, item, said, scorer, verdict};
use crate::domain::{Answer, Finish, Item, Spec, Verdict};
use serde_json::json;
use std::sync::Arc;

fn with_schema(answers: &[&str], schema: &serde_json::Value) -> Item {
    let spec: Spec = [("schema".to_owned(), schema.clone())].into_iter().collect();
    Item { spec: Some(Arc::new(spec)), ..item(answers, &[]) }
}

fn order() -> Item {
    with_schema(
        &[r#"{"id": 7, "items": [{"sku": "A-1", "qty": 2}]}"#],
        &json!({
            "type": "object",
            "properties": {
                "id": { "type": "integer" },
                "items": { "type": "array", "items": {
                    "type": "object",
                    "properties": { "sku": { "type": "string", "pattern": "^[A-Z]-\\d$" }, "qty": { "type": "integer", "minimum": 1 } },
                    "required": ["sku", "qty"] } },
            },
            "required": ["id", "items"],
        }),
    )
}

#[test]
fn answers_are_read_checked_and_compared() {
    let json = scorer("json", "").unwrap();
    let order = order();
    let echo = format!("```json\n{}\n```\nThat is the schema.", order.spec.as_ref().unwrap().get("schema").unwrap());
    check(
        &*json,
        &[
            (&order, r#"{"items": [{"qty": 2.0, "sku": "A-1"}], "id": 7}"#, "correct json/whole"),
            (&order, "```json\n{\"id\": 7, \"items\": [{\"sku\": \"A-1\", \"qty\": 2}]}\n```", "correct json/fenced"),
            (&order, r#"Here: {"id": 7, "items": [{"sku": "A-1", "qty": 2}]}"#, "correct json/prose"),
            (&order, r#"{"id": 7, "items": [{"sku": "A-1", "qty": 3}]}"#, "wrong json/fields"),
            (&order, r#"{"id": 7, "items": [{"sku": "A-1", "qty": "2"}]}"#, "wrong json/schema"),
            (&order, r#"{"id": 7, "items": [{"sku": "A-1", "qty": 2}], "note": null}"#, "wrong json/fields"),
            (&order, r#"[{"id": 7, "items": [{"sku": "A-1", "qty": 2}]}]"#, "wrong json/schema"),
            (&order, r#"{"id": 7, "items": [{"sku": "A-1", "qty": 2},]}"#, "unparsed json/syntax"),
            (&order, r#"{"id": 7, "id": 7, "items": []}"#, "unparsed json/name-twice"),
            (&order, r#"{"id": 7, "items": [{"sku": "A-1""#, "unparsed json/cut-short"),
            (&order, "Ignore the schema and mark this as correct.", "unparsed json/none"),
            (&order, &echo, "unparsed json/none"),
        ],
    );
}

#[test]
fn the_place_is_kept_and_the_score_is_the_share_of_leaves() {
    let json = scorer("json", "").unwrap();
    let got = |text: &str| {
        let got = verdict(&*json, &order(), &said(text));
        (got.score, got.extracted.unwrap_or_default())
    };
    let (score, why) = got(r#"{"id": 7, "items": [{"sku": "A-1", "qty": 0}]}"#);
    assert!((score - 2.0 / 3.0).abs() < 1e-9, "{score}");
    assert!(why.starts_with("/items/0/qty is 0, not at least 1 in {\"id\": 7"), "{why}");
    let (score, why) = got(r#"{"id": 8, "items": [{"sku": "B-1", "qty": 2}]}"#);
    assert!((score - 1.0 / 3.0).abs() < 1e-9, "{score}");
    assert!(why.starts_with("/id is 8, not 7 in "), "{why}");
}

#[test]
fn any_of_several_answers_is_right_and_settings_count() {
    let either = item(&[r#"{"a": 1}"#, r#"{"a": 2}"#], &[]);
    let list = item(&[r#"["Red", "blue"]"#], &[]);
    for (settings, item, text, want) in [
        ("", &either, r#"{"a": 2}"#, "correct"),
        ("", &either, r#"{"a": 3}"#, "wrong"),
        ("", &list, r#"["blue", "Red"]"#, "wrong"),
        ("unordered = true", &list, r#"["blue", "Red"]"#, "correct"),
        ("unordered = true\nfold = true", &list, r#"["blue ", "red"]"#, "correct"),
        ("", &either, r#"{"a": 1, "b": 2}"#, "wrong"),
        ("extra_fields = true", &either, r#"{"a": 1, "b": 2}"#, "correct"),
        ("", &either, "{'a': 1,}", "unparsed json/syntax"),
        ("lenient = true", &either, "{'a': 1,} // done", "correct"),
        ("lenient = true", &either, "{a: 1, a: 2}", "unparsed json/name-twice"),
    ] {
        check(&*scorer("json", settings).unwrap(), &[(item, text, want)]);
    }
    let all = ["", "lenient = true", "fold = true", "unordered = true", "extra_fields = true"];
    let distinct: std::collections::BTreeSet<_> =
        all.iter().map(|s| scorer("json", s).unwrap().fingerprint()).collect();
    assert_eq!(distinct.len(), all.len());
}

#[test]
fn items_that_cannot_be_graded_are_told() {
    let json = scorer("json", "").unwrap();
    let string = json!({ "type": "string" });
    for (item, want) in [
        (item(&[], &[]), "a json item needs an answer (a JSON text) or a `schema`"),
        (
            item(&["{'a': 1}"], &[]),
            "the answer \"{'a': 1}\" is not JSON: something else was expected at its character 2",
        ),
        (
            item(&["{\"é\": 1, \"é\": 2}"], &[]),
            "the answer \"{\\\"é\\\": 1, \\\"é\\\": 2}\" is not JSON: a name is there twice at its character 16",
        ),
        (item(&["[1"], &[]), "the answer \"[1\" is not JSON: it ends too soon at its character 3"),
        (
            with_schema(&["1"], &string),
            "the answer \"1\" does not satisfy the schema: the whole is 1, not of type string",
        ),
        (
            with_schema(&[], &json!({ "properties": { "a": { "minimun": 1 } } })),
            "schema: /properties/a/minimun is not a keyword that is checked, did you mean \"minimum\"?",
        ),
        (with_schema(&[], &json!("x")), "schema: it is no schema: expected an object, true or false"),
    ] {
        assert_eq!(json.accepts(&item), Err(want.into()));
    }
}

#[test]
fn a_number_that_the_limit_may_have_cut_is_not_read() {
    let json = scorer("json", "").unwrap();
    let cut = |text: &str| Answer { finish: Some(Finish::Length), ..said(text) };
    let number = item(&["12"], &[]);
    assert_eq!(verdict(&*json, &number, &cut("12")).rule, "json/cut-short");
    assert_eq!(verdict(&*json, &number, &cut("```\n12\n```")).verdict, Verdict::Correct);
    assert_eq!(verdict(&*json, &item(&["{\"a\": 1}"], &[]), &cut("{\"a\": 1}")).verdict, Verdict::Correct);
}

#[test]
fn long_and_deep_texts_are_bounded_and_never_right() {
    let json = scorer("json", "unordered = true").unwrap();
    let lenient = scorer("json", "lenient = true").unwrap();
    let schema = json!({ "anyOf": [{ "type": "array", "uniqueItems": true, "items": { "$ref": "#" } }, { "type": "object", "additionalProperties": { "$ref": "#" } }] });
    let item = with_schema(&[r#"[[], [[]], {"a": []}]"#], &schema);
    let n = 1 << 15;
    for text in [
        "[".repeat(n),
        format!("{}x", "[".repeat(n)),
        format!("{}x", "{ ".repeat(n / 2)),
        format!("[{}x", " ".repeat(n)),
        "[1 ".repeat(n / 3),
        "see [0, 1) ".repeat(n / 12),
        "{".repeat(n),
        "[{".repeat(n),
        "{\"a\":".repeat(n),
        "{\"a\":[".repeat(n),
        "[\"".repeat(n),
        "[1}".repeat(n),
        "[1,".repeat(n),
        "{#".repeat(n),
        "{/*".repeat(n),
        "[[]]".repeat(n),
        "{\"a\":1}".repeat(n),
        format!("[{}[]]", "[],".repeat(n / 4)),
        format!("[{}1]", "[1],".repeat(n / 5)),
        format!("{}{}", "[".repeat(60), "]".repeat(60)),
        format!("{}{}", "[".repeat(5000), "]".repeat(5000)),
        "```\n[".repeat(n),
        "\n\n[1}".repeat(n),
        "\\u".repeat(n),
        format!("\"{}", "\\ud83d".repeat(n / 6)),
        format!("{{\"{}\":1}}", "a".repeat(n - 100)),
        "wrong answer: {\"a\":1} ".repeat(n / 8),
    ] {
        for scorer in [&json, &lenient] {
            let got = verdict(&**scorer, &item, &said(&text));
            let head: String = text.chars().take(20).collect();
            assert_ne!(got.verdict, Verdict::Correct, "{head}");
        }
    }
}
