//! What calls turn out to cost, once some of them are paid: a campaign goes by that rather than by what was foretold.

use super::campaign::Campaign;
use super::spec::{Spec, SpecError};

impl Campaign {
    /// From here on an item costs this, by target and stratum, and so much was spent so far. Only between two batches, and only
    /// out of what came of those before: then what is drawn next hangs on nothing that the draw itself brings, and the
    /// draws stay unbiased.
    ///
    /// # Errors
    /// When the list is not one row for each target and one cost for each stratum, or a figure is below 0: nothing changes then.
    pub fn reprice(&mut self, costs: Vec<Vec<f64>>, spent: f64) -> Result<(), SpecError> {
        if !(spent.is_finite() && spent >= 0.0) {
            return Err(SpecError::Range { what: "what was spent", range: "0 or more", got: spent });
        }
        let spec = Spec { costs: Some(costs), ..self.spec.clone() };
        spec.check()?;
        self.spec.costs = spec.costs;
        self.spent = spent;
        let n = self.items.stratum.len();
        self.full = (0..self.spec.targets).map(|k| (0..n).map(|item| self.cost(k, item)).sum::<f64>()).sum();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Campaign, Goal, Spec, Stop};
    use crate::stats::Level;

    fn spec() -> Spec {
        Spec {
            targets: 2,
            strata: (0..100).map(|i| i % 2).collect(),
            weights: None,
            costs: Some(vec![vec![1.0, 1.0], vec![2.0, 2.0]]),
            history: None,
            goal: Goal::Best { margin: 0.0 },
            level: Level::P95,
            batch: 10,
            cap: Some(75.0),
            seed: 3,
        }
    }

    #[test]
    fn a_cap_goes_by_what_was_paid() {
        let asked = |twice: bool| {
            let mut campaign = Campaign::new(spec()).unwrap();
            loop {
                let asks = campaign.next_batch();
                for ask in &asks {
                    // Both answer the same, so that nothing is ever decided.
                    campaign.take(*ask, Some(f64::from(u8::from(ask.item % 3 == 0))));
                }
                if asks.is_empty() {
                    break;
                }
                if twice {
                    let (spent, _) = campaign.spent();
                    let paid = if spent < 40.0 { spent * 2.0 } else { spent };
                    campaign.reprice(vec![vec![2.0, 2.0], vec![4.0, 4.0]], paid).unwrap();
                }
            }
            assert_eq!(campaign.stopped(), Some(Stop::Cap));
            (campaign.estimate(0).asked, campaign.spent())
        };
        assert_eq!(asked(false), (25, (75.0, 300.0)));
        let (items, (spent, full)) = asked(true);
        assert!((11..=13).contains(&items) && spent <= 75.0 && full == 600.0, "{items} {spent} {full}");
    }

    #[test]
    fn what_does_not_fit_changes_nothing() {
        let mut campaign = Campaign::new(spec()).unwrap();
        let before = campaign.spent();
        assert!(campaign.reprice(vec![vec![1.0, 1.0]], 0.0).is_err());
        assert!(campaign.reprice(vec![vec![1.0, -1.0], vec![1.0, 1.0]], 0.0).is_err());
        assert!(campaign.reprice(vec![vec![1.0, 1.0]; 2], f64::NAN).is_err());
        assert_eq!(campaign.spent(), before);
    }
}
