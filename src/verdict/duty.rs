//! From which duty on hardware that is paid by the hour is cheaper per correct answer than one that is paid by the token.

use super::background::ShownBy;
use super::declared::{Declared, Hour, Paid};
use super::{Comparison, Part};
use crate::domain::Name;
use crate::pricing::{BreakEven, Estimate};

/// Own (or rented) hardware against a price by the token.
#[derive(Debug, Clone, PartialEq)]
pub struct OwnAgainstApi {
    /// Who is paid by the hour.
    pub own: Name,
    /// Who is paid by the token.
    pub api: Name,
    /// USD an hour, energy included where it is paid apart and known.
    pub per_hour: f64,
    /// Whether it is rented, rather than owned.
    pub rented: bool,
    /// Whether its energy is paid apart, and not known: it is not in the figures.
    pub without_energy: bool,
    /// Its share of right answers.
    pub accuracy: Estimate,
    /// Answers an hour that it was shown to give.
    pub answers_per_hour: f64,
    /// By what.
    pub shown: ShownBy,
    /// USD per correct answer of the other.
    pub api_cost: Estimate,
    /// What comes of it.
    pub found: BreakEven,
}

impl OwnAgainstApi {
    /// USD per correct answer of the own one at a duty.
    #[must_use]
    pub fn own_cost(&self, duty: f64) -> f64 {
        self.per_hour / (self.accuracy.value * self.answers_per_hour * duty)
    }
}

/// Every own target against every one with a price by the token, where both have items in common and all figures are known.
pub(super) fn duties(comparison: &Comparison, declared: &[Declared]) -> Vec<OwnAgainstApi> {
    let own = declared.iter().filter_map(|one| match one.paid {
        Paid::ByHour(hour) => Some((one, hour)),
        _ => None,
    });
    let api = || declared.iter().filter(|one| one.paid == Paid::ByToken);
    own.flat_map(|(own, hour)| api().filter_map(move |api| duty(comparison, &own.target, hour, &api.target))).collect()
}

fn duty(comparison: &Comparison, own: &Name, hour: Hour, api: &Name) -> Option<OwnAgainstApi> {
    // Figures of other work than the other's say nothing.
    comparison.pair(&Part::All, own, api)?;
    let standing = comparison.standing(&Part::All, own)?;
    let accuracy = standing.accuracy.filter(|accuracy| accuracy.estimate > 0.0)?;
    let accuracy = Estimate::new(accuracy.estimate, accuracy.lower, Some(accuracy.upper));
    let cost = comparison.standing(&Part::All, api)?.per_correct.filter(|cost| cost.estimate.is_finite())?;
    let api_cost = Estimate::new(cost.estimate, cost.lower, cost.upper);
    let throughput = comparison.background.mix(own)?;
    let answers_per_hour = throughput.answers * 3600.0;
    let metered = standing.joules.map(|joules| joules * accuracy.value * throughput.answers);
    let watts = hour.watts.or(metered);
    let energy = hour.usd_per_kwh.map(|tariff| watts.map(|watts| watts / 1e3 * tariff));
    let per_hour = hour.usd + energy.flatten().unwrap_or(0.0);
    let found = BreakEven::of(per_hour, accuracy, Estimate::exact(answers_per_hour), api_cost)?;
    Some(OwnAgainstApi {
        own: own.clone(),
        api: api.clone(),
        per_hour,
        rented: hour.rented,
        without_energy: energy == Some(None),
        accuracy,
        answers_per_hour,
        shown: throughput.shown,
        api_cost,
        found,
    })
}
