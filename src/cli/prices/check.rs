//! `assayd prices check`.

use super::{Exit, Which, today};
use crate::cli::put;
use crate::plan::Plan;
use crate::pricing::book::Entry;
use crate::pricing::{Price, PriceBook};
use clap::Args;
use std::collections::BTreeSet;

/// Names that are listed; of more, only the number is told.
const LISTED: usize = 10;

#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    which: Which,
    /// Exit with 5 where a file's figures are older, such as 30d
    #[arg(long, value_name = "TIME", value_parser = days)]
    older_than: Option<i64>,
    /// Exit with 5 where a target has no price
    #[arg(long)]
    strict: bool,
}

/// Whole days, written `30d`.
fn days(text: &str) -> Result<i64, String> {
    let number = text.strip_suffix('d').and_then(|n| n.parse::<i64>().ok());
    number.filter(|n| (0..=100_000).contains(n)).ok_or_else(|| "expected whole days, such as 30d".into())
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some((book, plan)) = self.which.open() else { return Ok(Exit::BadConfig) };
        let (mut out, mut missed) = (String::new(), false);
        for about in &book.files {
            let age = i64::from((today() - about.as_of).get_days());
            let stale = self.older_than.filter(|most| age > *most);
            missed |= stale.is_some();
            let entries = book.entries().iter().filter(|e| e.about.source.name == about.source.name).count();
            let verdict = match stale {
                Some(most) => format!(": older than {most} days"),
                None if age < 0 => ": of a day to come".into(),
                None => String::new(),
            };
            let word = if stale.is_some() { "STALE" } else { "ok   " };
            let (name, figures, as_of) = (&about.source.name, &about.figures, about.as_of);
            out.push_str(&format!(
                "{word} {name}: {entries} prices of {figures}, as of {as_of}, {age} days ago{verdict}\n"
            ));
        }
        if let Some(plan) = &plan {
            let unpriced = belong(&book, plan, &mut out);
            missed |= self.strict && unpriced;
        }
        put(&out)?;
        Ok(if missed { Exit::Threshold } else { Exit::Done })
    }
}

/// Tells which targets have no price, and which prices no target uses.
fn belong(book: &PriceBook, plan: &Plan, out: &mut String) -> bool {
    let mut used = BTreeSet::new();
    let mut unpriced = false;
    for target in &plan.targets {
        match &target.price {
            Price::Book(booked) => drop(used.insert(booked.name.clone())),
            Price::Unpriced => {
                unpriced = true;
                let near = book.near(&target.model).map(|near| format!(" ({near})")).unwrap_or_default();
                out.push_str(&format!("no price: target {}, model {}{near}\n", target.name, target.model));
            }
            _ => {}
        }
    }
    let names: BTreeSet<String> = book.entries().iter().map(Entry::name).collect();
    let unused: Vec<&String> = names.difference(&used).collect();
    if !unused.is_empty() {
        let listed: Vec<&str> = unused.iter().take(LISTED).map(|name| name.as_str()).collect();
        let more = if unused.len() > LISTED { ", …" } else { "" };
        out.push_str(&format!("not used by any target: {} prices: {}{more}\n", unused.len(), listed.join(", ")));
    }
    unpriced
}
