//! `cmmlu`: `,Question,A,B,C,D,Answer`, the first column an index without a name, one file a subject: `test/agronomy.csv`.

use super::exam::Exam;
use super::{Kind, Loaded};
use crate::config::Section;
use crate::workload::subjects::CMMLU;

/// The format.
pub const KIND: Kind = Kind { name: "cmmlu", about: "CMMLU's CSV: ,Question,A,B,C,D,Answer, a file a subject", read };

fn read(section: &Section<'_>) -> Option<Loaded> {
    Exam { board: &CMMLU, head: true, part: "test" }.read(section)
}
