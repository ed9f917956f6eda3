//! An entry that is about to be written, and a file of them: always the same text for the same figures.

use super::fields::ORDER;
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// USD by the name of a field: per 1,000,000 tokens, or for each request or search.
pub type Rates = BTreeMap<&'static str, Decimal>;

/// What holds in a service tier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tier {
    /// This share of every price by token.
    Share(Decimal),
    /// These prices, and those of requests whose input is above so many tokens; what is not among them stays.
    Rates(Rates, BTreeMap<u64, Rates>),
}

/// What holds at a time of day, in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hours {
    /// From, `16:30`.
    pub from: String,
    /// To, which is not in it.
    pub to: String,
    /// The prices then.
    pub rates: Rates,
}

/// An entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    /// Whose prices they are.
    pub provider: String,
    /// The model.
    pub model: String,
    /// Other names of it.
    pub aliases: Vec<String>,
    /// The first day they hold.
    pub since: Option<Date>,
    /// The prices.
    pub rates: Rates,
    /// Prices of requests whose input is above so many tokens.
    pub context: BTreeMap<u64, Rates>,
    /// Prices of service tiers.
    pub tiers: BTreeMap<&'static str, Tier>,
    /// Prices by the time of day.
    pub hours: Vec<Hours>,
}

impl Draft {
    /// Where it stands among others.
    pub(super) fn key(&self) -> (&str, &str, Option<Date>) {
        (&self.provider, &self.model, self.since)
    }
}

/// What a file says of itself.
#[derive(Debug, Clone)]
pub struct Stamp {
    /// Where the figures come from.
    pub figures: String,
    /// The day they were taken.
    pub as_of: Date,
    /// How the file was made, for its first line.
    pub made: String,
}

/// The first words of every file that is written here.
pub const MADE: &str = "# Written by `assayd prices import";

/// A file of prices.
#[must_use]
pub fn render(stamp: &Stamp, drafts: &[Draft]) -> String {
    let mut drafts: Vec<&Draft> = drafts.iter().collect();
    drafts.sort_by(|a, b| a.key().cmp(&b.key()));
    let mut out = format!("{MADE} {}`: import again rather than edit.\n# USD per 1,000,000 tokens.\n", stamp.made);
    let _ = writeln!(out, "[book]\nsource = {}\nas_of = \"{}\"", quoted(&stamp.figures), stamp.as_of);
    for draft in drafts {
        entry(&mut out, draft);
    }
    out
}

fn entry(out: &mut String, draft: &Draft) {
    let Draft { provider, model, aliases, since, rates, context, tiers, hours } = draft;
    let _ = writeln!(out, "\n[[price]]\nprovider = {}\nmodel = {}", quoted(provider), quoted(model));
    if !aliases.is_empty() {
        let aliases: Vec<String> = aliases.iter().map(|alias| quoted(alias)).collect();
        let _ = writeln!(out, "aliases = [{}]", aliases.join(", "));
    }
    if let Some(since) = since {
        let _ = writeln!(out, "since = \"{since}\"");
    }
    for pair in pairs(rates) {
        let _ = writeln!(out, "{pair}");
    }
    if !context.is_empty() {
        let parts = steps(context).into_iter().map(|step| format!("  {step},\n"));
        let _ = writeln!(out, "context = [\n{}]", parts.collect::<String>());
    }
    for (name, tier) in tiers {
        let text = match tier {
            Tier::Share(share) => format!("share = \"{}\"", percent(*share)),
            Tier::Rates(rates, context) => {
                let mut parts = pairs(rates);
                if !context.is_empty() {
                    parts.push(format!("context = [{}]", steps(context).join(", ")));
                }
                parts.join(", ")
            }
        };
        let _ = writeln!(out, "tier.{name} = {{ {text} }}");
    }
    if !hours.is_empty() {
        let parts = hours.iter().map(|Hours { from, to, rates }| {
            format!("  {{ from = \"{from}\", to = \"{to}\", zone = \"UTC\", {} }},\n", pairs(rates).join(", "))
        });
        let _ = writeln!(out, "hours = [\n{}]", parts.collect::<String>());
    }
}

fn steps(context: &BTreeMap<u64, Rates>) -> Vec<String> {
    context.iter().map(|(above, rates)| format!("{{ above = {above}, {} }}", pairs(rates).join(", "))).collect()
}

fn pairs(rates: &Rates) -> Vec<String> {
    let there = ORDER.iter().filter_map(|field| Some((field, rates.get(field)?)));
    there.map(|(field, usd)| format!("{field} = \"{} USD\"", usd.normalize())).collect()
}

fn percent(share: Decimal) -> String {
    format!("{}%", (share * Decimal::ONE_HUNDRED).normalize())
}

/// A text as TOML writes it.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => drop(write!(out, "\\u{:04X}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
