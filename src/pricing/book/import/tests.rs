//! Every importer on a list of its shape (invented models and figures): the book that comes out, and what is told.

use super::super::draft::{Stamp, render};
use super::super::read::problems;
use super::*;
use std::path::Path;

fn sample(kind: &Importer) -> &'static str {
    match kind.name {
        "litellm" => include_str!("samples/litellm.json"),
        "openrouter" => include_str!("samples/openrouter.json"),
        "genai-prices" => include_str!("samples/genai-prices.json"),
        "models-dev" => include_str!("samples/models-dev.json"),
        other => panic!("no sample of {other}"),
    }
}

fn written(kind: &Importer, imported: &Imported) -> String {
    let as_of = "2026-11-01".parse().unwrap();
    let stamp = Stamp { figures: "a sample".into(), as_of, made: format!("--from {}", kind.name) };
    render(&stamp, &imported.drafts)
}

#[test]
fn every_importer_writes_the_book_it_should() {
    for kind in KINDS {
        let imported = kind.import(sample(kind), &|_, _| true).unwrap();
        let mut got = written(kind, &imported);
        assert!(problems("b", &got).is_empty(), "{}: {:?}\n{got}", kind.name, problems("b", &got));
        got.push_str("\n# told:\n");
        for (what, count, example) in imported.told.all() {
            got.push_str(&format!("# {count} {what}: {example}\n"));
        }
        let path = Path::new("src/pricing/book/import/samples").join(format!("{}.expected", kind.name));
        if std::env::var_os("ASSAYD_UPDATE").is_some() {
            std::fs::write(&path, &got).unwrap();
        }
        assert_eq!(got, std::fs::read_to_string(&path).unwrap(), "{}", path.display());
    }
}

#[test]
fn a_list_of_another_shape_is_told() {
    for kind in KINDS {
        for other in KINDS.iter().filter(|other| other.name != kind.name) {
            let got = kind.import(sample(other), &|_, _| true);
            assert!(got.is_err(), "{} read {}: {got:?}", kind.name, other.name);
        }
        for broken in ["", "{", "[]x", "\"text\"", "7"] {
            assert!(kind.import(broken, &|_, _| true).is_err(), "{} read {broken:?}", kind.name);
        }
        let deep = "[".repeat(100_000);
        assert!(kind.import(&deep, &|_, _| true).is_err());
    }
}

#[test]
fn only_what_is_asked_for_is_brought_and_told() {
    for kind in KINDS {
        let all = kind.import(sample(kind), &|_, _| true).unwrap();
        let one = all.drafts.first().unwrap().clone();
        let some = kind.import(sample(kind), &|p, m| p == one.provider && m == one.model).unwrap();
        assert!(some.drafts.iter().all(|d| d.model == one.model) && !some.drafts.is_empty());
        assert!(some.told.all().count() <= all.told.all().count());
        assert_eq!(kind.import(sample(kind), &|_, _| false).unwrap().drafts.len(), 0);
    }
}
