//! What a campaign may be expected to save, before it asks anything: the same campaign on made-up answers.

use super::campaign::{Campaign, Stop};
use super::generate::World;
use super::spec::{Spec, SpecError};
use crate::stats::seeded::Seeded;

/// What campaigns on made-up answers came to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Expected {
    /// The mean share of the full pass's cost that was saved.
    pub saving: f64,
    /// … and of its calls.
    pub calls: f64,
    /// What one campaign in ten saved less than …
    pub low: f64,
    /// … and one in ten more than.
    pub high: f64,
    /// The share of campaigns that answered the question before they ran into the cap.
    pub decided: f64,
    /// Campaigns played.
    pub runs: u32,
}

/// Plays `runs` campaigns on answers by the two-parameter logistic model. `accuracies` are what is known of the targets
/// already, such as from earlier runs; without them abilities are drawn, with a standard deviation of 0.6 (about 11 points).
/// The time it takes grows with runs × targets × items.
///
/// # Errors
/// When the parts of `spec` do not fit together, or `accuracies` is not one for each target.
pub fn expected_saving(spec: &Spec, accuracies: Option<&[f64]>, runs: u32) -> Result<Expected, SpecError> {
    spec.check()?;
    if let Some(got) = accuracies.map(<[f64]>::len).filter(|got| *got != spec.targets) {
        return Err(SpecError::Length { what: "accuracies", got, want: spec.targets });
    }
    let mut rng = Seeded::new(spec.seed ^ 0x5eed);
    let mut domains = vec![0; spec.stratum_count()];
    for h in &spec.strata {
        if let Some(size) = domains.get_mut(*h) {
            *size += 1;
        }
    }
    let (mut savings, mut calls, mut decided) = (Vec::new(), 0_usize, 0_u32);
    for _ in 0..runs {
        let abilities = match accuracies {
            Some(accuracies) => accuracies.iter().map(|p| ability(*p)).collect(),
            None => (0..spec.targets).map(|_| 0.7 + 0.6 * rng.normal()).collect(),
        };
        let world = World { domains: domains.clone(), abilities, ..World::usual() };
        let matrix = world.draw(rng.bits());
        // The generator numbers items domain by domain; each of ours takes the next of its own stratum's.
        let mut next: Vec<usize> = domains
            .iter()
            .scan(0, |from, size| {
                let at = *from;
                *from += size;
                Some(at)
            })
            .collect();
        let place: Vec<usize> = spec
            .strata
            .iter()
            .map(|h| {
                next.get_mut(*h).map_or(0, |at| {
                    *at += 1;
                    *at - 1
                })
            })
            .collect();
        let mut campaign = Campaign::new(Spec { seed: rng.bits(), history: None, ..spec.clone() })?;
        loop {
            let asks = campaign.next_batch();
            if asks.is_empty() {
                break;
            }
            calls += asks.len();
            for ask in asks {
                let item = place.get(ask.item).copied().unwrap_or(0);
                let right = matrix.right.get(ask.target).and_then(|row| row.get(item)) == Some(&true);
                campaign.take(ask, Some(f64::from(u8::from(right))));
            }
        }
        savings.push(campaign.saving());
        decided += u32::from(campaign.stopped() != Some(Stop::Cap));
    }
    savings.sort_by(f64::total_cmp);
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    let (mean, full) = (
        savings.iter().sum::<f64>() / savings.len().max(1) as f64,
        (savings.len() * spec.targets * spec.strata.len()).max(1) as f64,
    );
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^53")]
    let calls = 1.0 - calls as f64 / full;
    let at = |part: usize| savings.get(part * savings.len() / 10).copied();
    let share = f64::from(decided) / f64::from(runs.max(1));
    Ok(Expected { saving: mean, calls, low: at(1).unwrap_or(0.0), high: at(9).unwrap_or(0.0), decided: share, runs })
}

/// The ability that gets this share of the usual world's items right: by bisection over the mean of the curve, difficulties in
/// steps of a tenth of their deviation.
fn ability(share: f64) -> f64 {
    let World { between, within, discrimination, .. } = World::usual();
    let spread = between.hypot(within);
    let expected = |theta: f64| {
        let (mut sum, mut mass) = (0.0, 0.0);
        for step in -35_i8..=35 {
            let x = 0.1 * f64::from(step);
            let density = (-x * x / 2.0).exp();
            sum += density / (1.0 + (-discrimination * (theta - spread * x)).exp());
            mass += density;
        }
        sum / mass
    };
    let (mut low, mut high) = (-8.0, 8.0);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if expected(middle) < share { low = middle } else { high = middle }
    }
    f64::midpoint(low, high)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{Goal, Level};

    #[test]
    fn clear_cases_are_expected_to_be_cheap() {
        let spec = Spec {
            targets: 3,
            strata: (0..300).map(|i| i % 3).collect(),
            weights: None,
            costs: None,
            history: None,
            goal: Goal::Best { margin: 0.01 },
            level: Level::P95,
            batch: 16,
            cap: None,
            seed: 1,
        };
        let clear = expected_saving(&spec, Some(&[0.9, 0.5, 0.4]), 4).unwrap();
        let close = expected_saving(&spec, Some(&[0.7, 0.69, 0.69]), 4).unwrap();
        assert!(clear.saving > 0.5 && clear.saving > close.saving && clear.decided == 1.0, "{clear:?} {close:?}");
        assert!(clear.low <= clear.saving && clear.saving <= clear.high.max(clear.saving));
        assert_eq!(expected_saving(&spec, Some(&[0.9, 0.5, 0.4]), 4).unwrap(), clear, "seeded");
        assert!(expected_saving(&spec, Some(&[0.9]), 4).is_err());
        assert!((ability(0.5)).abs() < 1e-6 && ability(0.8) > ability(0.6));
    }
}
