//! Votes as files, without anything that leads to who voted.
//!
//! Voters and prompts are keyed hashes by a key that is made for one file and kept nowhere: the same voter is the same word
//! within a file, and in another one another. Instants are coarsened to their day, and the order of a day is that of the
//! hashes. Nothing that somebody wrote is in it: no question, no answer, no item's id.

use crate::domain::{Ballot, Preference, Side};
use ring::hmac;
use ring::rand::SystemRandom;
use serde::Serialize;
use std::io::{self, Write};

/// The keyed hashes of one file.
pub struct Anonymous(hmac::Key);

impl Anonymous {
    /// With a new key; none where the system has no random numbers.
    #[must_use]
    pub fn new() -> Option<Self> {
        hmac::Key::generate(hmac::HMAC_SHA256, &SystemRandom::new()).ok().map(Self)
    }

    fn word(&self, kind: &str, text: &str) -> String {
        let message = format!("{kind}\0{text}");
        let hash = hmac::sign(&self.0, message.as_bytes());
        hash.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }
}

/// One vote. New fields come at the end.
#[derive(Debug, Serialize, PartialEq, Eq, PartialOrd, Ord)]
struct Record {
    /// UTC.
    day: String,
    voter: String,
    prompt: String,
    /// `human` or `judge`.
    source: &'static str,
    scenario: String,
    domain: String,
    capability: String,
    language: String,
    split: &'static str,
    length: &'static str,
    hard: bool,
    /// Shown first, or on the left.
    left: String,
    right: String,
    left_provenance: String,
    right_provenance: String,
    /// `left`, `right`, `tie` or `both-bad`.
    preference: &'static str,
    /// What was said in the other order, from the same sides; none where it was not asked.
    swapped: Option<&'static str>,
    /// What counts: two orders that disagree are a tie.
    counts_as: &'static str,
}

fn record(ballot: &Ballot, anonymous: &Anonymous) -> Record {
    let Ballot { scenario, item: _, prompt, left, right, preference, swapped, voter, source, tags, at_unix_ms } =
        ballot;
    let side = |side: &Side| (side.target.to_string(), side.provenance.to_string());
    let ((left, left_provenance), (right, right_provenance)) = (side(left), side(right));
    let day = jiff::Timestamp::from_millisecond(*at_unix_ms).map(|at| at.strftime("%Y-%m-%d").to_string());
    Record {
        day: day.unwrap_or_default(),
        voter: anonymous.word("voter", voter),
        prompt: anonymous.word("prompt", prompt.as_str()),
        source: source.label(),
        scenario: scenario.to_string(),
        domain: tags.domain.to_string(),
        capability: tags.capability.to_string(),
        language: tags.language.to_string(),
        split: tags.split.label(),
        length: tags.length.label(),
        hard: tags.hard,
        left,
        right,
        left_provenance,
        right_provenance,
        preference: preference.label(),
        swapped: swapped.map(Preference::label),
        counts_as: ballot.counts_as().label(),
    }
}

/// A file format for votes.
#[derive(Debug, Clone, Copy)]
pub struct Format {
    /// The word on the command line.
    pub name: &'static str,
    /// Writes all of them.
    pub write: fn(&[Ballot], &Anonymous, &mut dyn Write) -> io::Result<()>,
}

/// Every format.
pub const FORMATS: &[Format] = &[Format { name: "jsonl", write: jsonl }, Format { name: "csv", write: csv }];

fn records(ballots: &[Ballot], anonymous: &Anonymous) -> Vec<Record> {
    let mut all: Vec<Record> = ballots.iter().map(|ballot| record(ballot, anonymous)).collect();
    all.sort();
    all
}

fn jsonl(ballots: &[Ballot], anonymous: &Anonymous, mut out: &mut dyn Write) -> io::Result<()> {
    for record in records(ballots, anonymous) {
        serde_json::to_writer(&mut out, &record)?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn csv(ballots: &[Ballot], anonymous: &Anonymous, out: &mut dyn Write) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    for record in records(ballots, anonymous) {
        writer.serialize(record)?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{Fingerprint, ItemId, Name, Split, Tags, VoteSource};

    fn ballot(voter: &str, at_unix_ms: i64) -> Ballot {
        let side = |name: &str| Side { target: Name::new(name).unwrap(), provenance: Fingerprint::from_text("v") };
        Ballot {
            scenario: Name::new("s").unwrap(),
            item: ItemId::new("what somebody wrote"),
            prompt: Fingerprint::from_text("0011223344556677"),
            left: side("a"),
            right: side("b"),
            preference: Preference::Left,
            swapped: Some(Preference::Right),
            voter: voter.into(),
            source: VoteSource::Human,
            tags: Tags::new("d", "c", "en", Split::Private),
            at_unix_ms,
        }
    }

    fn written(format: &str, ballots: &[Ballot]) -> String {
        let mut out = Vec::new();
        let format = FORMATS.iter().find(|f| f.name == format).unwrap();
        (format.write)(ballots, &Anonymous::new().unwrap(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn nothing_leads_to_who_voted() {
        let ballots = [
            ballot("somebody", 1_790_000_123_456),
            ballot("another", 1_790_000_000_000),
            ballot("somebody", 1_790_003_333_333),
        ];
        for format in ["jsonl", "csv"] {
            let (one, two) = (written(format, &ballots), written(format, &ballots));
            for word in ["somebody", "another", "wrote", "1790", "00112233", "14:", "T1"] {
                assert!(!one.contains(word), "{word} in {one}");
            }
            assert!(one.contains("2026-09-21"), "{one}");
            assert_ne!(one, two, "the key is of one file");
        }
        let lines: Vec<serde_json::Value> =
            written("jsonl", &ballots).lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let voters: std::collections::BTreeSet<String> =
            lines.iter().map(|line| line["voter"].as_str().unwrap().to_owned()).collect();
        assert_eq!((lines.len(), voters.len()), (3, 2));
        assert_eq!((&lines[0]["counts_as"], &lines[0]["swapped"]), (&"tie".into(), &"right".into()));
        assert_eq!(written("csv", &[]), "");
    }
}
