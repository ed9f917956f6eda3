//! `mmlu`: question, four options and the letter, without a head, one file a subject and part: `anatomy_test.csv`.

use super::exam::Exam;
use super::{Kind, Loaded};
use crate::config::Section;
use crate::workload::subjects::MMLU;

/// The format.
pub const KIND: Kind =
    Kind { name: "mmlu", about: "MMLU's CSV without a head: question,A,B,C,D,answer, a file a subject", read };

fn read(section: &Section<'_>) -> Option<Loaded> {
    Exam { board: &MMLU, head: false, part: "test" }.read(section)
}
