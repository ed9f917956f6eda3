//! Markdown, for a page or a pull request.

use super::Document;
use crate::export::markdown::{cell, drawn};
use std::fmt::Write as _;

pub(super) fn render(document: &Document) -> String {
    let terms = document.lang.terms();
    let mut text = format!("# {}\n\n## {}\n\n", terms.title, terms.verdict);
    for sentence in document.sentences() {
        let _ = writeln!(text, "- {}", cell(&sentence));
    }
    let _ = write!(text, "\n## {}\n", terms.figures);
    for table in document.tables() {
        let _ = write!(text, "\n### {}\n\n{}", cell(&table.title), drawn(&table));
    }
    let gaps = document.lang.pick("What was not measured", "未测量的内容");
    let lists = [
        (terms.notes, Vec::new(), document.notes()),
        (terms.provenance, document.origin_tables(), vec![document.made()]),
        (gaps, Vec::new(), document.not_measured()),
    ];
    for (head, tables, lines) in lists.into_iter().filter(|(_, tables, lines)| !tables.is_empty() || !lines.is_empty())
    {
        let _ = write!(text, "\n## {head}\n\n");
        for table in &tables {
            let _ = write!(text, "### {}\n\n{}\n", cell(&table.title), drawn(table));
        }
        for line in lines {
            let _ = writeln!(text, "- {}", cell(&line));
        }
    }
    text
}
