//! `assayd breakeven`: from which duty on own hardware is cheaper than an API, out of what the last complete runs measured
//! or of figures that are given.

mod measured;

use super::service::{block_on, load};
use super::{Config, Exit, complain, put};
use crate::export::economics::{CarbonHour, Economics, EnergyHour, FORMATS, Format, Rates, Sourced};
use crate::plan::{Plan, Target};
use crate::pricing::{Duty, DutySource, Estimate, Power, Price};
use crate::telemetry;
use clap::{Args, ValueEnum};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;
use std::collections::BTreeSet;
use std::str::FromStr;
use std::sync::Arc;

/// From which duty on own hardware is cheaper than an API, by correct answers.
#[derive(Args)]
pub(super) struct Breakeven {
    #[command(flatten)]
    config: Config,
    /// The target whose correct answers are paid by the token
    #[arg(long, value_name = "TARGET")]
    api: String,
    /// The target on hardware that is paid by the hour, own or rented
    #[arg(long, value_name = "TARGET")]
    own: String,
    /// The scenario; where both are asked only one, that
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// The duty that the hardware is assumed to have: a share of its time above 0
    #[arg(long, value_name = "SHARE", value_parser = share)]
    duty: Option<f64>,
    /// Where the duty is from, in place of an assumed one
    #[arg(long, value_name = "HOW", conflicts_with = "duty")]
    duty_from: Option<From>,
    /// The server that --duty-from prometheus asks
    #[arg(long, value_name = "URL", requires = "query")]
    prometheus: Option<String>,
    /// The query whose one value, a share of time, is the duty, such as 'avg_over_time(assayd_…[7d])'
    #[arg(long, value_name = "PROMQL", requires = "prometheus")]
    query: Option<String>,
    /// The share of right answers, in place of the measured one: 0.8, or with its interval 0.8,0.76,0.83
    #[arg(long, value_name = "FIGURE")]
    accuracy: Option<Figure>,
    /// Answers per second at saturation, in place of the measured ones; with or without an interval
    #[arg(long, value_name = "FIGURE")]
    throughput: Option<Figure>,
    /// Output tokens per second at saturation, in place of the measured ones
    #[arg(long, value_name = "FIGURE")]
    tokens_per_second: Option<Figure>,
    /// USD per correct answer of the API, in place of the measured ones; with or without an interval
    #[arg(long, value_name = "FIGURE")]
    api_cost: Option<Figure>,
    /// Watts of the hardware at saturation, in place of the declared power
    #[arg(long, value_name = "WATTS")]
    watts: Option<Decimal>,
    /// table, md or json
    #[arg(long, default_value = "table", value_parser = form)]
    format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    /// The devices' busy time over the window of the last complete run, as it is stored
    Measured,
    /// A query of a Prometheus server, by --prometheus and --query
    Prometheus,
}

/// A positive figure, with or without its interval.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Figure(Estimate);

impl FromStr for Figure {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let read = |word: &str| word.trim().parse().ok().filter(|x: &f64| *x > 0.0 && x.is_finite());
        let numbers: Option<Vec<f64>> = text.split(',').map(read).collect();
        match numbers.as_deref() {
            Some([value]) => Ok(Self(Estimate::exact(*value))),
            Some([value, lower, upper]) if lower <= value && value <= upper => {
                Ok(Self(Estimate::new(*value, *lower, Some(*upper))))
            }
            _ => Err("expected a number above 0, or three: the figure, and its interval's lower and upper end".into()),
        }
    }
}

fn share(text: &str) -> Result<f64, String> {
    let duty = text.parse().ok().and_then(|share| Duty::new(share, DutySource::Assumed));
    duty.map(Duty::share).ok_or_else(|| "expected a share above 0 and at most 1, such as 0.4".to_owned())
}

fn form(word: &str) -> Result<Format, String> {
    let names: Vec<&str> = FORMATS.iter().map(|f| f.name).collect();
    FORMATS.iter().find(|f| f.name == word).copied().ok_or_else(|| format!("expected one of {}", names.join(", ")))
}

impl Breakeven {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some(plan) = load(&self.config.config) else { return Ok(Exit::BadConfig) };
        let economics = match self.given(&plan) {
            Ok(economics) => economics,
            Err(problem) => {
                complain(&problem);
                return Ok(Exit::BadConfig);
            }
        };
        let from_store = self.duty_from == Some(From::Measured);
        let economics = block_on(measured::fill(economics, &plan.store.url, from_store))??;
        put(&(self.format.render)(&economics))?;
        if self.duty_from.is_some() && economics.duty.is_none() {
            complain(&format!("the duty of {} is not known: the report says why", self.own));
            return Ok(Exit::Incomplete);
        }
        if economics.break_even().is_some() {
            return Ok(Exit::Done);
        }
        complain("there is no break-even without what was not measured");
        Ok(Exit::Incomplete)
    }

    /// What configuration and command line say.
    fn given(&self, plan: &Plan) -> Result<Economics, String> {
        let [own, api] = [&self.own, &self.api].map(|name| target(plan, name));
        let (own, api) = (own?, api?);
        let hardware = own.price.hardware().ok_or_else(|| {
            format!("target {} is not paid by the hour: give it a price.owned or a price.rented", own.name)
        })?;
        let all = [&self.accuracy, &self.throughput, &self.api_cost].into_iter().all(Option::is_some);
        let scenario = scenario(plan, self.scenario.as_deref(), own, api, all)?;
        if self.accuracy.is_some_and(|Figure(accuracy)| accuracy.value > 1.0) {
            return Err("--accuracy: expected a share of at most 1".to_owned());
        }
        if self.watts.is_some_and(|watts| watts.is_sign_negative()) {
            return Err("--watts: expected a number from 0".to_owned());
        }
        let watts = match (self.watts, hardware.energy.power) {
            (Some(watts), _) => Some((watts, "given")),
            (None, Power::Nameplate(watts)) => Some((watts, "nameplate")),
            (None, Power::Measured) => None,
        };
        let energy = watts.map(|(watts, source)| EnergyHour {
            watts: float(watts),
            source: source.to_owned(),
            pue: float(hardware.energy.pue),
            tariff: hardware.energy.tariff.as_ref().map(|tariff| float(tariff.yearly_mean())),
        });
        let carbon = own.carbon.as_ref().map(|carbon| CarbonHour {
            operational: watts.map(|(watts, _)| float(carbon.operational_per_hour(watts, hardware.energy.pue))),
            embodied: carbon.embodied.map(|_| float(carbon.embodied_per_hour())),
        });
        let mut notes = Vec::new();
        let duty = match (self.duty_from, &self.prometheus, &self.query) {
            (None, None, None) => {
                let duty = self.duty.and_then(|share| Duty::new(share, DutySource::Assumed));
                duty.map(|duty| (duty, "given".to_owned()))
            }
            (Some(From::Prometheus), Some(url), Some(query)) => asked(url, query, &mut notes)?,
            (Some(From::Prometheus), ..) => return Err("--duty-from prometheus: give --prometheus and --query".into()),
            // It is looked up with what runs measured.
            (Some(From::Measured), None, None) => None,
            _ => return Err("--prometheus and --query go with --duty-from prometheus".into()),
        };
        let given =
            |figure: Option<Figure>| figure.map(|Figure(estimate)| Sourced { estimate, source: "given".to_owned() });
        let hourly = |Figure(Estimate { value, lower, upper }): Figure| {
            let hour = |end: f64| end * 3600.0;
            Figure(Estimate { value: hour(value), lower: lower.map(hour), upper: upper.map(hour) })
        };
        Ok(Economics {
            own: self.own.clone(),
            api: self.api.clone(),
            scenario,
            hour: parts(&own.price),
            rates: Rates {
                pue: float(hardware.energy.pue),
                tariff: hardware.energy.tariff.as_ref().map(|tariff| float(tariff.yearly_mean())),
                intensity: own.carbon.as_ref().map(|carbon| float(carbon.intensity.yearly_mean())),
            },
            energy,
            carbon,
            accuracy: given(self.accuracy),
            answers_per_hour: given(self.throughput.map(hourly)),
            tokens_per_second: given(self.tokens_per_second),
            api_cost: given(self.api_cost),
            duty,
            notes,
        })
    }
}

/// The duty that a query gives; none, and a note, where it gives nothing that can be one.
fn asked(url: &str, query: &str, notes: &mut Vec<String>) -> Result<Option<(Duty, String)>, String> {
    let from = format!("{query} at {url}");
    let (value, warnings) = match telemetry::prometheus_value(url, query)? {
        Ok(answer) => answer,
        Err(why) => {
            notes.push(format!("no duty from {from}: {why}"));
            return Ok(None);
        }
    };
    notes.extend(warnings.into_iter().map(|warning| format!("{from}: the server warns: {warning}")));
    let duty = Duty::new(value, DutySource::Prometheus);
    if duty.is_none() {
        notes.push(format!("no duty from {from}: it gives {value}, and a duty is a share above 0 and at most 1"));
    }
    Ok(duty.map(|duty| (duty, from)))
}

fn target<'a>(plan: &'a Plan, name: &str) -> Result<&'a Arc<Target>, String> {
    plan.targets.iter().find(|target| target.name.as_str() == name).ok_or_else(|| {
        let known: Vec<&str> = plan.targets.iter().map(|target| target.name.as_str()).collect();
        format!("there is no target {name:?}; there are {}", known.join(", "))
    })
}

/// The scenario that both are asked; none where nothing has to be looked up.
fn scenario(
    plan: &Plan,
    named: Option<&str>,
    own: &Target,
    api: &Target,
    all_given: bool,
) -> Result<Option<String>, String> {
    if let Some(name) = named {
        if plan.scenarios.iter().any(|scenario| scenario.name.as_str() == name) {
            return Ok(Some(name.to_owned()));
        }
        let known: Vec<&str> = plan.scenarios.iter().map(|scenario| scenario.name.as_str()).collect();
        return Err(format!("there is no scenario {name:?}; there are {}", known.join(", ")));
    }
    if all_given {
        return Ok(None);
    }
    let asked = |target: &Target| -> BTreeSet<&str> {
        let runs = plan.runs.iter().filter(|run| run.targets.iter().any(|asked| asked.name == target.name));
        runs.flat_map(|run| run.scenarios.iter().map(|scenario| scenario.name.as_str())).collect()
    };
    let both: Vec<&str> = asked(own).intersection(&asked(api)).copied().collect();
    match both.as_slice() {
        [one] => Ok(Some((*one).to_owned())),
        [] => Err(format!("no scenario is asked of both {} and {}: name one by --scenario", own.name, api.name)),
        several => Err(format!("both are asked several scenarios: say --scenario, one of {}", several.join(", "))),
    }
}

/// What an hour costs by its parts, energy apart.
fn parts(price: &Price) -> Vec<(String, f64)> {
    let part = |name: &str, usd: Decimal| (name.to_owned(), float(usd));
    match price {
        Price::Owned(owned) => {
            let hourly = owned.hourly();
            vec![part("depreciation", hourly.depreciation), part("capital", hourly.capital), part("opex", hourly.opex)]
        }
        other => other.hardware().map(|hardware| part("rent", hardware.per_hour)).into_iter().collect(),
    }
}

fn float(number: Decimal) -> f64 {
    number.to_f64().unwrap_or(f64::INFINITY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_come_with_or_without_an_interval() {
        assert_eq!("0.8".parse(), Ok(Figure(Estimate::exact(0.8))));
        assert_eq!("0.8, 0.7, 0.9".parse(), Ok(Figure(Estimate::new(0.8, 0.7, Some(0.9)))));
        for bad in ["", "0", "-1", "x", "0.8,0.9,0.7", "0.8,0.7", "inf", "1,2,3,4"] {
            assert!(bad.parse::<Figure>().is_err(), "{bad}");
        }
        for bad in ["0", "1.2", "NaN", "x"] {
            assert!(share(bad).is_err(), "{bad}");
        }
    }
}
