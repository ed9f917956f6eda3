//! The formats of traces, as datasets: each row is an item that knows when it came, how long it was and how long its
//! answer. Rows of lengths alone have no right answer: nothing can grade them.

use super::{Kind, Loaded};
use crate::config::{Problem, Section};
use crate::domain::{Item, ItemId, Split, Synthetic, Tags, Traced};
use crate::workload::trace::{self, Ask, Cut, Read, Row, Said};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Mooncake's.
pub const MOONCAKE: Kind = kind(0, |s| load(s, 0));
/// Azure's.
pub const AZURE: Kind = kind(1, |s| load(s, 1));
/// BurstGPT's.
pub const BURSTGPT: Kind = kind(2, |s| load(s, 2));
/// Our own.
pub const OWN: Kind = kind(3, |s| load(s, 3));

const fn kind(index: usize, read: fn(&Section<'_>) -> Option<Loaded>) -> Kind {
    Kind { name: trace::KINDS[index].name, about: trace::KINDS[index].about, read }
}

fn load(section: &Section<'_>, index: usize) -> Option<Loaded> {
    let (kind, seed) = (trace::KINDS.get(index)?, section.or("seed", 0));
    let cut = Cut::window(section);
    let read = trace::read_file(section, *kind, cut?)?;
    Some(items(read, seed?))
}

fn items(read: Read, seed: u64) -> Loaded {
    let Read { rows, mut bad, file } = read;
    let general: Arc<str> = "general".into();
    let tags = Tags::new(Arc::clone(&general), general, "en", Split::Private);
    let (mut items, mut lines, mut ids) = (Vec::with_capacity(rows.len()), Vec::new(), BTreeMap::new());
    for Row { line, at, ask, output_tokens } in rows {
        let (said, question) = match ask {
            Ask::Said(said) => (*said, None),
            Ask::Length { tokens, blocks, block_tokens } => {
                let said = Said { id: None, messages: Vec::new(), answers: Vec::new(), tags: tags.clone() };
                let blocks = blocks.into();
                (said, Some(Synthetic { tokens, blocks, block_tokens, seed, own: line as u64 }))
            }
        };
        let Said { id, messages, answers, tags } = said;
        let id = id.unwrap_or_else(|| ItemId::new(&format!("line-{line}")));
        if let Some(first) = ids.insert(id.clone(), line) {
            let message = format!("{:?} is used twice: also in line {first}", id.as_str());
            bad.push(Problem { file: file.clone(), line, column: 1, field: "id".into(), message, hint: None });
            continue;
        }
        let traced = Some(Traced { at, output_tokens, question });
        items.push(Item { messages, traced, ..Item::question(id.as_str(), "", answers, tags) });
        lines.push(line);
    }
    Loaded { items, bad, file, lines, ..Loaded::default() }
}
