//! Counts that the reference implementations (tokenizers 0.23.3, tiktoken 0.14.0) gave for small tokenizers that were trained
//! on this project's own pages: `samples/counts.jsonl` has a text a line, with its counts by each.

use super::{Tokenizer, hugging_face, tiktoken};
use serde_json::Value as Json;

fn hugging_face(text: &str) -> Tokenizer {
    hugging_face::read(text, "t".into()).unwrap()
}

fn table(pattern: &str) -> Tokenizer {
    let pattern = tiktoken::PATTERNS.iter().find(|(name, _)| *name == pattern).unwrap().1;
    tiktoken::read(include_str!("samples/own.tiktoken"), pattern, "t".into()).unwrap()
}

#[test]
fn counts_are_those_of_the_reference_implementations() {
    let all = [
        hugging_face(include_str!("samples/bytes.json")),
        hugging_face(include_str!("samples/gpt2.json")),
        hugging_face(include_str!("samples/fallback.json")),
        table("cl100k"),
        table("o200k"),
    ];
    let mut wrong = Vec::new();
    for line in include_str!("samples/counts.jsonl").lines() {
        let row: Vec<Json> = serde_json::from_str(line).unwrap();
        let text = row[0].as_str().unwrap();
        let want: Vec<u64> = row[1..].iter().map(|n| n.as_u64().unwrap()).collect();
        let got: Vec<u64> = all.iter().map(|t| t.count(text)).collect();
        if got != want {
            wrong.push(format!("{text:?}: {got:?} for {want:?}"));
        }
    }
    assert!(wrong.is_empty(), "{} wrong:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_not_understood_is_a_problem_and_never_a_count() {
    let fails = |text: &str| hugging_face::read(text, "t".into()).unwrap_err();
    assert!(fails("{").starts_with("is no JSON"));
    assert_eq!(fails("{}"), "has no `model`");
    assert_eq!(
        fails(r#"{"model": {"type": "Unigram", "vocab": []}}"#),
        "model: \"Unigram\" is not understood: only BPE is"
    );
    assert_eq!(
        fails(r#"{"pre_tokenizer": {"type": "BertPreTokenizer"}, "model": {}}"#),
        "pre_tokenizer: \"BertPreTokenizer\" is not understood"
    );
    assert_eq!(fails(r#"{"normalizer": {"type": "Nmt"}, "model": {}}"#), "normalizer: \"Nmt\" is not understood");
    let ahead =
        r#"{"pre_tokenizer": {"type": "Split", "behavior": "Isolated", "pattern": {"Regex": "a(?=b)"}}, "model": {}}"#;
    assert!(fails(ahead).contains("is not understood"), "{}", fails(ahead));
    let merge = r#"{"model": {"type": "BPE", "byte_fallback": true, "vocab": {"a": 0}, "merges": ["a b"]}}"#;
    assert_eq!(fails(merge), "model: merge 1 joins to \"b\", which is no token");
    let line = |text: &str| tiktoken::read(text, "a", "t".into()).unwrap_err();
    assert_eq!(line("YQ== 0\n!! 1\n").0, 2);
    assert_eq!(line("YQ== 0\nYg==\n"), (2, "expected a token in base64 and its rank".into()));
    assert_eq!(line("YQ== 0\n").1, "255 of the 256 bytes are no token: not every text could be counted");
}

#[test]
fn a_long_run_takes_no_long_time() {
    let tokenizer = table("o200k");
    let text = "a".repeat(200_000) + &"1 ".repeat(1000);
    let count = tokenizer.count(&text);
    assert!((2000..=202_000).contains(&count), "{count}");
}
