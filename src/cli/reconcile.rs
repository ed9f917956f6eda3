//! `assayd reconcile`: a provider's invoice against the ledger.

use super::service::{block_on, load};
use super::{Exit, complain, put, say};
use crate::export::reconcile::{FORMATS, Format, Names, invoice, reconcile};
use crate::plan::Plan;
use crate::store::{self, Access};
use anyhow::Context as _;
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Hold a provider's invoice against the ledger, by day and model
#[derive(Args)]
pub(super) struct Reconcile {
    /// The configuration (TOML)
    #[arg(short, long, value_name = "FILE")]
    config: PathBuf,
    /// The invoice or usage export: CSV with a header (OpenAI's, Anthropic's, or any with --map)
    #[arg(long, value_name = "FILE")]
    invoice: PathBuf,
    /// The first day; the invoice's first where not given
    #[arg(long, value_name = "DATE")]
    from: Option<Date>,
    /// The last day; the invoice's last where not given
    #[arg(long, value_name = "DATE")]
    to: Option<Date>,
    /// Which column holds what: date, model, input, output, amount, currency; columns of tokens are added up with +
    #[arg(long, value_name = "FIELD=COLUMN,…", value_delimiter = ',', value_parser = pair)]
    map: Vec<(String, String)>,
    /// A model of the invoice that is called otherwise here, by its model or target; may be repeated
    #[arg(long, value_name = "INVOICED=OURS", value_parser = pair)]
    alias: Vec<(String, String)>,
    /// Exit with 1 where a model or the total differs by more
    #[arg(long, value_name = "PERCENT", default_value = "1%", value_parser = percent)]
    tolerance: Decimal,
    #[arg(long, default_value = "table", value_parser = format)]
    format: Format,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or("expected NAME=VALUE")?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

fn percent(text: &str) -> Result<Decimal, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim();
    let parsed = number.parse::<Decimal>().ok().filter(|n| !n.is_sign_negative());
    parsed.ok_or_else(|| "expected a percentage such as 1%".into())
}

fn format(word: &str) -> Result<Format, String> {
    let names: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
    FORMATS.iter().find(|f| f.name == word).copied().ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

const FIELDS: [&str; 6] = ["date", "model", "input", "output", "amount", "currency"];

impl Reconcile {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        if let Some((field, _)) = self.map.iter().find(|(field, _)| !FIELDS.contains(&field.as_str())) {
            complain(&format!("--map: {field:?} is none of {}", FIELDS.join(", ")));
            return Ok(Exit::BadConfig);
        }
        let Some(plan) = load(&self.config) else { return Ok(Exit::BadConfig) };
        let name = self.invoice.display().to_string();
        let text = std::fs::read_to_string(&self.invoice).with_context(|| name.clone())?;
        let given: BTreeMap<String, String> = self.map.iter().cloned().collect();
        let usd = |number: Decimal, currency: &str| match plan.currencies.iter().find(|c| c.code == currency) {
            _ if currency == "USD" => Some(number),
            Some(rate) => number.checked_div(rate.per_usd),
            None => None,
        };
        let mut invoice = match invoice::read(&text, &given, usd) {
            Ok(invoice) => invoice,
            Err(why) => {
                complain(&format!("{name}: {why}"));
                return Ok(Exit::BadConfig);
            }
        };
        invoice.bad.iter().for_each(|(line, why)| say(&format!("{name}:{line}: {why}")));
        let from = self.from.or_else(|| invoice.rows.keys().map(|(day, _)| *day).min());
        let to = self.to.or_else(|| invoice.rows.keys().map(|(day, _)| *day).max());
        let (Some(from), Some(to)) = (from, to) else {
            complain(&format!("{name} has no row that could be read"));
            return Ok(Exit::BadConfig);
        };
        invoice.rows.retain(|(day, _), _| *day >= from && *day <= to);
        let ms = |day: Date| Ok::<i64, jiff::Error>(day.to_zoned(TimeZone::UTC)?.timestamp().as_millisecond());
        let span = (ms(from)?, ms(to.tomorrow()?)?);
        let url = plan.store.url.clone();
        let billed = block_on(async move { store::open(&url, Access::Read).await?.billed(span.0, span.1).await })??;
        let aliases: BTreeMap<String, String> = self.alias.into_iter().collect();
        let found = reconcile(&billed, &names(&plan), &invoice, &aliases);
        put(&(self.format.render)(&found))?;
        say(&format!("{} read as {}, {from} to {to}, days in UTC", name, invoice.shape));
        if found.total.unpriced > 0 {
            say(&format!("{} exchanges have no price: their cost is not in the ledger's sums", found.total.unpriced));
        }
        let beyond = found.is_beyond(self.tolerance);
        if beyond {
            complain(&format!("the invoice and the ledger differ by more than {} %", self.tolerance));
        }
        if !invoice.bad.is_empty() {
            complain(&format!("{} rows of the invoice could not be read", invoice.bad.len()));
        }
        Ok(if beyond || !invoice.bad.is_empty() { Exit::Failed } else { Exit::Done })
    }
}

fn names(plan: &Plan) -> Names {
    let models = plan.targets.iter().map(|target| (target.name.to_string(), target.model.clone())).collect();
    let judges =
        plan.scenarios.iter().filter_map(|s| Some((s.name.to_string(), s.judge.as_ref()?.to_string()))).collect();
    Names { models, judges }
}
