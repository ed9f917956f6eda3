//! Every format with what it reads and what it refuses; any text without a panic.

use super::*;
use crate::config::Source;
use proptest::prelude::*;

fn format(name: &str, settings: &str) -> Box<dyn Format> {
    let kind = KINDS.iter().find(|k| k.name == name).unwrap();
    let source = Source::inline("c", settings);
    crate::config::read(&source, |s| (kind.start)(s).map(|f| (f, s.finish()).0)).unwrap()
}

fn all(name: &str, text: &str, cut: Cut) -> Read {
    read(text.as_bytes(), "t", format(name, ""), cut).unwrap()
}

fn bad(name: &str, text: &str) -> Vec<String> {
    all(name, text, Cut::default()).bad.iter().map(ToString::to_string).collect()
}

/// Milliseconds, input and output tokens.
fn figures(read: &Read) -> Vec<(u64, u32, Option<u32>)> {
    assert_eq!(read.bad, []);
    let figures = read.rows.iter().map(|row| {
        let Ask::Length { tokens, .. } = &row.ask else { panic!("{row:?}") };
        (row.at.0 / 1_000_000, *tokens, row.output_tokens)
    });
    figures.collect()
}

#[test]
fn mooncake() {
    let text = "{\"timestamp\": 0, \"input_length\": 6758, \"output_length\": 500, \"hash_ids\": [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]}\n\
        {\"timestamp\": 3052, \"input_length\": 600, \"output_length\": 3, \"hash_ids\": [0, 14]}\n\
        {\"timestamp\": 1000.5, \"input_tokens\": 600, \"output_tokens\": 3, \"session_id\": 4}\n";
    let read = all("mooncake", text, Cut::default());
    assert_eq!(figures(&read), [(0, 6758, Some(500)), (1000, 600, Some(3)), (3052, 600, Some(3))]);
    let Ask::Length { blocks, block_tokens, .. } = &read.rows[2].ask else { panic!() };
    assert_eq!((blocks.as_slice(), *block_tokens), (&[0, 14][..], 512));
    assert_eq!(read.rows[1].line, 3);
}

#[test]
fn blocks_of_another_size_are_told_apart() {
    let text = "{\"timestamp\": 0, \"input_length\": 100, \"output_length\": 1, \"hash_ids\": [1, 2]}\n";
    assert_eq!(
        bad("mooncake", text),
        [
            "t:1:59: hash_ids: 2 ids, but 100 tokens are 1 blocks of 512\n  hint: set `block_tokens` to the size of this trace's blocks"
        ]
    );
    let read = read(text.as_bytes(), "t", format("mooncake", "block_tokens = 64"), Cut::default()).unwrap();
    assert_eq!(figures(&read), [(0, 100, Some(1))]);
}

#[test]
fn azure() {
    // Without an offset (2023) and with one (2024); the digits of the fraction differ.
    let text = "TIMESTAMP,ContextTokens,GeneratedTokens\n2023-11-16 18:17:03.9799600,4808,10\n2023-11-16 18:17:04.0319600,3180,8\n\
        2023-11-16 18:18:04.009930+00:00,9,0\n";
    assert_eq!(
        figures(&all("azure-llm", text, Cut::default())),
        [(0, 4808, Some(10)), (52, 3180, Some(8)), (60_029, 9, Some(1))]
    );
    assert_eq!(
        bad(
            "azure-llm",
            "TIMESTAMP,ContextTokens,GeneratedTokens\nyesterday,1,1\n2023-11-16 18:17:03,x,1\n2023-11-16 18:17:03,1\n2023-11-16 18:17:03,0,1\n"
        ),
        [
            "t:2:1: TIMESTAMP: expected a time such as 2023-11-16 18:17:03.9799600, found \"yesterday\"",
            "t:3:21: ContextTokens: expected a number, found \"x\"",
            "t:4:22: GeneratedTokens: the line ends before column 3",
            "t:5:21: ContextTokens: expected a whole number of tokens from 1 to 100000000, found 0",
        ]
    );
}

#[test]
fn burstgpt() {
    let text = "Timestamp,Model,Request tokens,Response tokens,Total tokens,Log Type\n5,ChatGPT,472,18,490,Conversation log\n\
        45.5,\"GPT, 4\",1087,0,1087,API log\n";
    assert_eq!(figures(&all("burstgpt", text, Cut::default())), [(0, 472, Some(18)), (40_500, 1087, Some(1))]);
    let more = "Timestamp,Session ID,Elapsed time,Model,Request tokens,Response tokens,Total tokens,Log Type\n7,a,1,M,3,4,7,x\n";
    assert_eq!(figures(&all("burstgpt", more, Cut::default())), [(0, 3, Some(4))]);
    assert_eq!(
        bad("burstgpt", "5,ChatGPT,472,18,490,Conversation log\n"),
        [
            "t:1:1: Timestamp: is missing: expected a column of this name in the first line\n  hint: the first line names the columns: Timestamp,Request tokens,Response tokens"
        ]
    );
}

#[test]
fn own() {
    let text = "{\"at\": 0.25, \"prompt\": \"1+1=\", \"answer\": 2, \"domain\": \"sums\", \"output_tokens\": 7}\n\
        {\"at\": 1, \"input_tokens\": 30}\n{\"at\": 2, \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}\n";
    let read = all("trace", text, Cut::default());
    assert_eq!(read.bad, []);
    let [first, second, third] = &read.rows[..] else { panic!("{read:?}") };
    let Ask::Said(said) = &first.ask else { panic!() };
    assert_eq!((said.answers[0].as_str(), &*said.tags.domain, first.output_tokens), ("2", "sums", Some(7)));
    assert_eq!((second.at, second.output_tokens), (Nanos(750_000_000), None));
    let Ask::Said(said) = &third.ask else { panic!() };
    assert!(said.answers.is_empty());
    assert_eq!(
        bad(
            "trace",
            "{\"prompt\": \"x\"}\n{\"at\": 1}\n{\"at\": -1, \"input_tokens\": 5}\n{\"at\": 1, \"input_tokens\": 2.5}\n"
        ),
        [
            "t:1:15: missing field `at`",
            "t:2:1: expected a prompt, messages or input_tokens",
            "t:3:2: at: expected a time from 0, found -1",
            "t:4:11: input_tokens: expected a whole number of tokens from 1 to 100000000, found 2.5",
        ]
    );
    let [array] = &bad("trace", "[1]\n")[..] else { panic!() };
    assert!(array.ends_with("hint: make it one object a line: jq -c '.[]'"), "{array}");
}

#[test]
fn a_window_and_a_limit_cut_the_trace() {
    let text = "Timestamp,Request tokens,Response tokens\n10,1,1\n11,2,1\n12,3,1\n13,4,1\n14,5,1\n";
    let seconds = Duration::from_secs;
    let cut = Cut { from: seconds(1), until: Some(seconds(4)), limit: None };
    assert_eq!(figures(&all("burstgpt", text, cut)), [(1_000, 2, Some(1)), (2_000, 3, Some(1)), (3_000, 4, Some(1))]);
    let cut = Cut { limit: Some(1), ..cut };
    assert_eq!(figures(&all("burstgpt", text, cut)), [(1_000, 2, Some(1))]);
}

proptest! {
    #[test]
    fn any_text_is_read_without_panic(
        which in 0..KINDS.len(),
        head in any::<bool>(),
        text in "(\\PC|[\n,\"{}:0-9]){0,200}",
    ) {
        let heads = "Timestamp,TIMESTAMP,ContextTokens,GeneratedTokens,Request tokens,Response tokens\n";
        let text = if head { format!("{heads}{text}") } else { text };
        let read = all(KINDS[which].name, &text, Cut::default());
        prop_assert!(read.rows.is_sorted_by_key(|row| row.at));
        prop_assert!(read.rows.len() + read.bad.len() <= text.lines().count());
    }

    #[test]
    fn rows_come_back_as_they_were_written(rows in prop::collection::vec((0_u32..1_000_000, 1_u32..200_000, 1_u32..5_000), 1..40)) {
        let first = rows.iter().map(|(ms, ..)| u64::from(*ms)).min().unwrap();
        let mut want: Vec<_> = rows.iter().map(|(ms, i, o)| (u64::from(*ms) - first, *i, Some(*o))).collect();
        want.sort_by_key(|(ms, ..)| *ms);
        let moon: String = rows.iter().map(|(ms, i, o)| format!("{{\"timestamp\":{ms},\"input_length\":{i},\"output_length\":{o}}}\n")).collect();
        prop_assert_eq!(figures(&all("mooncake", &moon, Cut::default())), want.clone());
        let line = |(ms, i, o): &(u32, u32, u32)| format!("{}.{:03},m,{i},{o}\n", ms / 1_000, ms % 1_000);
        let burst: String = std::iter::once("Timestamp,Model,Request tokens,Response tokens\n".to_owned()).chain(rows.iter().map(line)).collect();
        let got: Vec<_> = all("burstgpt", &burst, Cut::default()).rows.iter().map(|r| (r.at.0 + 500_000) / 1_000_000).collect();
        prop_assert_eq!(got, want.iter().map(|(ms, ..)| *ms).collect::<Vec<_>>());
    }
}
