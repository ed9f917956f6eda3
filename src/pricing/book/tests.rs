//! Books out of texts: what is read, what contradicts itself, and what changed.

use super::*;
use std::path::PathBuf;

const HEAD: &str = "[book]\nsource = \"a test\"\nas_of = \"2026-11-01\"\n";

fn book(entries: &str) -> Result<PriceBook, String> {
    let source = Arc::new(Source { name: "b.toml".into(), text: format!("{HEAD}{entries}"), folder: PathBuf::new() });
    let all = |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let read = super::read::file(&source, &[]).map_err(all)?;
    PriceBook::new(vec![read]).map_err(all)
}

fn entry(model: &str, more: &str) -> String {
    format!("[[price]]\nprovider = \"p\"\nmodel = \"{model}\"\ninput = \"1 USD\"\noutput = \"2 USD\"\n{more}\n")
}

#[test]
fn a_name_means_every_period_of_its_model_and_so_does_an_alias() {
    let text = entry("m", "since = \"2026-08-01\"\naliases = [\"m-new\"]") + &entry("m", "") + &entry("m2", "");
    let book = book(&text).unwrap();
    let since = |name: &str| book.find(name).iter().map(|e| e.since.map(|d| d.to_string())).collect::<Vec<_>>();
    assert_eq!(since("p/m"), [None, Some("2026-08-01".to_owned())]);
    assert_eq!(since("p/m-new").len(), 2);
    assert_eq!(since("p/m2").len(), 1);
    assert!(since("p/x").is_empty() && since("m").is_empty());
    assert_eq!(book.near("p/n"), Some("did you mean \"p/m\"?".into()));
    assert_eq!(book.near("q-provider/m2"), Some("there is \"p/m2\"".into()));
    let day = |text: &str| text.parse::<Date>().unwrap();
    let holds: Vec<bool> = book.find("p/m").iter().map(|e| e.holds(day("2026-07-31"))).collect();
    assert_eq!(holds, [true, false]);
}

#[test]
fn what_contradicts_itself_is_told_at_its_line() {
    let two = entry("m", "since = \"2026-08-01\"") + &entry("m", "since = \"2026-08-01\"");
    assert_eq!(
        book(&two).unwrap_err(),
        "b.toml:10:1: p/m: has two prices from 2026-08-01: the other is at b.toml:4\n  hint: give the later one another \
         `since`, or leave one out"
    );
    let over = entry("m", "until = \"2026-09-01\"") + &entry("m", "since = \"2026-08-01\"");
    assert_eq!(
        book(&over).unwrap_err(),
        "b.toml:10:1: p/m: holds from 2026-08-01, and the price at b.toml:4 until 2026-09-01\n  hint: the periods of a \
         model's prices must not overlap"
    );
    let alias = entry("m", "") + &entry("n", "aliases = [\"m\"]");
    assert!(book(&alias).unwrap_err().contains("b.toml:10:1: p/n: the alias \"p/m\" is also a name of \"p/m\""));
    let back = entry("m", "since = \"2026-08-01\"\nuntil = \"2026-08-01\"");
    assert!(book(&back).unwrap_err().starts_with("b.toml:10:9: price[1].until: expected a day after 2026-08-01"));
}

#[test]
fn a_head_is_needed_and_an_unknown_field_is_a_problem() {
    let source = Arc::new(Source::inline("b", "[[price]]\nprovider = \"a/b\"\nmodell = \"m\"\n"));
    let problems = super::read::file(&source, &[]).unwrap_err();
    let all: Vec<String> = problems.iter().map(ToString::to_string).collect();
    assert!(all.iter().any(|p| p.contains("book: is missing")), "{all:?}");
    assert!(all.iter().any(|p| p.contains("price[1].provider: must not have a /")), "{all:?}");
    assert!(all.iter().any(|p| p.contains("did you mean `model`?")), "{all:?}");
}

#[test]
fn changes_are_told_by_figure_and_percent() {
    let old = book(&(entry("m", "cache_read = \"0.1 USD\"") + &entry("gone", ""))).unwrap();
    let text = (entry("m", "reasoning = \"3 USD\"") + &entry("new", "")).replace("\"1 USD\"", "\"1.250 USD\"");
    let new = book(&text.replace("\"2 USD\"", "\"2.00 USD\"")).unwrap();
    let told: Vec<String> = changes(&old, &new)
        .iter()
        .map(|c| {
            format!(
                "{} {} {:?} {:?} {:?}",
                c.entry,
                c.field,
                c.old,
                c.new,
                c.percent().map(|p| p.normalize().to_string())
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            "p/gone  Some(\"input 1 USD, output 2 USD\") None None",
            "p/m input Some(\"1 USD\") Some(\"1.250 USD\") Some(\"25\")",
            "p/m cache_read Some(\"0.1 USD\") None None",
            "p/m reasoning None Some(\"3 USD\") None",
            "p/new  None Some(\"input 1.250 USD, output 2.00 USD\") None",
        ]
    );
    assert!(changes(&old, &old).is_empty());
}
