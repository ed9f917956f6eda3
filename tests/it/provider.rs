//! The adapters: recorded streams of every server by name, however they are cut; what each asks; and streams that
//! nobody should send.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking; clippy does not see that these are tests")]

pub mod mutations;
mod mutator;
pub mod recordings;
mod requests;

use assayd::config::{Source, read};
use assayd::domain::Answer;
use assayd::provider::framing::Cutter;
use assayd::provider::{Common, Framing, KINDS, Mark, Provider, Reader};
use libtest_mimic::Trial;
use recordings::{Reading, Recording};
use std::sync::Arc;

/// All trials of this module.
pub fn tests() -> Vec<Trial> {
    let cuts = KINDS.iter().map(|kind| {
        Trial::test(format!("provider::{} reads its recordings however they are cut", kind.name), || {
            every_cut(kind.name);
            Ok(())
        })
    });
    let mut all: Vec<Trial> = cuts.collect();
    all.push(Trial::test("provider::recordings_read_as_written_down", recordings::as_written));
    all.push(Trial::test("provider::line_ends_and_comments_change_nothing", || {
        recordings::all().iter().for_each(other_line_ends);
        Ok(())
    }));
    all.push(Trial::test("provider::what_is_no_protocol_is_told_with_its_beginning", || {
        no_protocol();
        Ok(())
    }));
    all.push(Trial::test("provider::more_tool_calls_than_any_answer_has_claim_no_memory", || {
        too_many_calls();
        Ok(())
    }));
    all.extend(requests::tests());
    all.extend(mutations::tests());
    all
}

/// An adapter with what it needs at the least.
pub fn adapter(kind: &str) -> Arc<dyn Provider> {
    let kind = KINDS.iter().find(|k| k.name == kind).unwrap();
    let sampling = assayd::domain::Sampling { max_tokens: Some(16), ..Default::default() };
    let common = Common { model: "m".into(), sampling, ..Common::default() };
    read(&Source::inline("test.toml", ""), |section| (kind.build)(section, &common)).unwrap()
}

/// Reads pieces of a stream, as the wire does, without sockets: until the protocol's end, or a fault.
pub fn read_pieces<'a>(provider: &dyn Provider, pieces: impl Iterator<Item = &'a [u8]>) -> Reading {
    use std::ops::ControlFlow::{Break, Continue};
    let mut reading = Reading::default();
    let Reading { answer, marks, fault } = &mut reading;
    let mut cutter = Cutter::new(provider.framing().0, 1 << 20);
    let mut reader = Reader::new(provider);
    let mut out = |event: &[u8]| match reader.read(event, answer) {
        Ok(mark) => {
            marks.push(mark);
            if mark == Mark::End { Break(None) } else { Continue(()) }
        }
        Err(error) => Break(Some(error)),
    };
    for piece in pieces {
        match cutter.push(piece, &mut out) {
            Ok(Continue(())) => {}
            Ok(Break(error)) => {
                *fault = error;
                return reading;
            }
            Err(error) => {
                *fault = Some(error);
                return reading;
            }
        }
    }
    match cutter.finish(&mut out) {
        Ok(Continue(())) => {}
        Ok(Break(error)) => *fault = error,
        Err(error) => *fault = Some(error),
    }
    reading
}

fn every_cut(kind: &str) {
    let provider = adapter(kind);
    let all = recordings::all();
    let ours: Vec<&Recording> = all.iter().filter(|r| r.kind == kind).collect();
    assert!(!ours.is_empty(), "{kind} has no recorded stream: add one to tests/it/provider/testdata");
    for recording in ours {
        let body = recording.body.as_slice();
        let whole = read_pieces(&*provider, [body].into_iter());
        for cut in 0..=body.len() {
            let (head, tail) = body.split_at(cut);
            let same = read_pieces(&*provider, [head, tail].into_iter());
            assert_eq!(same, whole, "{} cut at {cut}", recording.name);
        }
        assert_eq!(read_pieces(&*provider, body.chunks(1)), whole, "{} byte by byte", recording.name);
    }
}

/// A stream of events with other line ends, no space after the colon, or comments between its events is the same.
fn other_line_ends(recording: &Recording) {
    let provider = adapter(recording.kind);
    let text = String::from_utf8(recording.body.clone()).unwrap();
    if provider.framing().0 != Framing::Sse || !text.contains("data:") {
        return;
    }
    let plain = text.replace("\r\n", "\n");
    let whole = read_pieces(&*provider, [plain.as_bytes()].into_iter());
    for (name, other) in [
        ("CR LF", plain.replace('\n', "\r\n")),
        ("CR", plain.replace('\n', "\r")),
        ("no space", plain.replace("data: ", "data:")),
        ("comments", plain.replace("\n\n", "\n\n: ping\n\n:\nid: 1\nretry: 5\n")),
        ("byte order mark", format!("\u{feff}{plain}")),
    ] {
        let same = read_pieces(&*provider, [other.as_bytes()].into_iter());
        assert_eq!(same, whole, "{} with {name}", recording.name);
        let same = read_pieces(&*provider, other.as_bytes().chunks(1));
        assert_eq!(same, whole, "{} with {name}, byte by byte", recording.name);
    }
}

fn no_protocol() {
    for kind in KINDS {
        let fault = |event: &[u8]| adapter(kind.name).read(event, &mut Answer::default()).unwrap_err().to_string();
        let said = fault(b"upstream timed out");
        assert!(said.starts_with("protocol: an event that is no ") && said.ends_with(": upstream timed out"), "{said}");
        assert!(fault(b"[1]").starts_with("protocol: an event that is no "), "{}", kind.name);
        assert!(fault("\u{1f980}".repeat(500).as_bytes()).chars().count() < 200);
    }
    // Events that say their type can't be taken for another protocol's.
    for kind in ["openai-responses", "anthropic"] {
        let event = br#"{"choices":[{"delta":{"content":"4"}}]}"#;
        let said = adapter(kind).read(event, &mut Answer::default()).unwrap_err().to_string();
        assert!(said.starts_with("protocol: an event without a type: {\"choices\""), "{said}");
    }
}

fn too_many_calls() {
    let one = [
        ("openai-chat", r#"{"choices":[{"delta":{"tool_calls":[{"index":9999999999,"function":{"name":"f"}}]}}]}"#),
        ("openai-responses", r#"{"type":"response.output_item.added","item":{"type":"function_call","name":"f"}}"#),
        ("anthropic", r#"{"type":"content_block_start","content_block":{"type":"tool_use","name":"f","input":{}}}"#),
        ("gemini", r#"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{}}}]}}]}"#),
        ("ollama", r#"{"message":{"tool_calls":[{"function":{"name":"f","arguments":{}}}]}}"#),
    ];
    for (kind, event) in one {
        let provider = adapter(kind);
        let mut answer = Answer::default();
        let fault = (0..200).find_map(|_| provider.read(event.as_bytes(), &mut answer).err()).unwrap();
        assert!(fault.to_string().starts_with("protocol: a tool call with index "), "{kind}: {fault}");
        assert!(answer.tool_calls.len() <= 128, "{kind}");
    }
}
