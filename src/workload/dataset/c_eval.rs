//! `c-eval`: `id,question,A,B,C,D,answer[,explanation]`, one file a subject and part: `accountant_val.csv`.

use super::exam::Exam;
use super::{Kind, Loaded};
use crate::config::Section;
use crate::workload::subjects::C_EVAL;

/// The format.
pub const KIND: Kind =
    Kind { name: "c-eval", about: "C-Eval's CSV: id,question,A,B,C,D,answer[,explanation], a file a subject", read };

fn read(section: &Section<'_>) -> Option<Loaded> {
    Exam { board: &C_EVAL, head: true, part: "val" }.read(section)
}
