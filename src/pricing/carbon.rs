//! Carbon: what energy emits where and when it is used, and the share of what making the hardware emitted.
//!
//! SCI = (E × PUE × I + M) / R, the Software Carbon Intensity of the Green Software Foundation (ISO/IEC 21031:2024), with
//! R = 1000 correct answers and M = total embodied emissions × time used / lifetime.

use super::sharing::FINE;
use super::tariff::Daily;
use super::units::{Exact, Grams, HOURS_A_YEAR};
use crate::config::Section;
use crate::domain::Nanos;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// How many correct answers an SCI is for.
pub const SCI_ANSWERS: u32 = 1000;

/// What emits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Carbon {
    /// Grams of CO₂-equivalent for each kWh.
    pub intensity: Daily,
    /// What making the hardware emitted; none where nobody said, and it is in no figure then.
    pub embodied: Option<Embodied>,
}

/// What making the hardware emitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Embodied {
    /// Grams of CO₂-equivalent, for all of it.
    pub grams: Decimal,
    /// Over how many years that is spread.
    pub years: Decimal,
}

impl Carbon {
    /// Reads the `[carbon]` of all targets: an intensity.
    pub fn everywhere(s: &Section<'_>) -> Option<Daily> {
        if !s.has("intensity") {
            s.missing("intensity", "expected an intensity such as \"400 g/kWh\", or a list by time of day");
        }
        let intensity = Daily::intensity(s);
        s.finish();
        intensity
    }

    /// Reads the `carbon` section of one target, with what holds for all: the intensity where it has none of its own.
    /// Hardware is written off over `years` where it does not say.
    pub fn build(s: &Section<'_>, everywhere: Option<&Daily>, years: Option<Decimal>) -> Option<Self> {
        if everywhere.is_none() && !s.has("intensity") {
            s.missing("intensity", "expected an intensity such as \"400 g/kWh\": there is no [carbon] for all targets");
        }
        let own = Daily::intensity(s);
        let grams = s.get::<Grams>("embodied").map(|Grams(grams)| grams);
        let lifetime = s.get::<Exact>("lifetime_years").map(|Exact(years)| years);
        if lifetime.is_some_and(|years| years < Decimal::new(1, 1) || years > Decimal::from(50)) {
            s.problem("lifetime_years", "expected from 0.1 to 50", None);
        }
        if s.has("embodied") && !s.has("lifetime_years") && years.is_none() {
            s.missing("lifetime_years", "expected over how many years the embodied emissions are spread");
        }
        s.finish();
        let intensity = if s.has("intensity") { own? } else { everywhere?.clone() };
        let embodied = match grams {
            Some(grams) => Some(Embodied { grams, years: lifetime.or(years).filter(|years| !years.is_zero())? }),
            None if s.has("embodied") => return None,
            None => None,
        };
        Some(Self { intensity, embodied })
    }

    /// What so much energy of the hardware, used evenly between two instants (ms since the Unix epoch), emits with the
    /// building's part of it (`pue`): nanograms × [`FINE`].
    #[must_use]
    pub fn operational(&self, from_unix_ms: i64, to_unix_ms: i64, microjoules: i128, pue: Decimal) -> i128 {
        self.intensity.weigh((from_unix_ms, to_unix_ms), microjoules, pue)
    }

    /// The share of what making the hardware emitted that falls to a time: nanograms × [`FINE`]; 0 where nobody said.
    #[must_use]
    pub fn embodied(&self, time: Nanos) -> i128 {
        let hours = Decimal::from(time.0).checked_div(Decimal::from(3_600_000_000_000_i64));
        let grams = hours.and_then(|hours| hours.checked_mul(self.embodied_per_hour()));
        let fine = grams.and_then(|grams| grams.checked_mul(Decimal::from(FINE * 1_000_000_000)));
        fine.and_then(|fine| fine.round().to_i128()).unwrap_or(i128::MAX)
    }

    /// Grams an hour of the hardware has in it from its making; 0 where nobody said.
    #[must_use]
    pub fn embodied_per_hour(&self) -> Decimal {
        let Some(Embodied { grams, years }) = self.embodied else { return Decimal::ZERO };
        years.checked_mul(HOURS_A_YEAR).and_then(|hours| grams.checked_div(hours)).unwrap_or(Decimal::MAX)
    }

    /// Grams an hour at so many watts emits, the building's part included and the making apart, at the mean intensity of
    /// a year.
    #[must_use]
    pub fn operational_per_hour(&self, watts: Decimal, pue: Decimal) -> Decimal {
        let kilowatts = watts.checked_div(Decimal::ONE_THOUSAND).and_then(|kw| kw.checked_mul(pue));
        kilowatts.and_then(|kw| kw.checked_mul(self.intensity.yearly_mean())).unwrap_or(Decimal::MAX)
    }
}

/// Grams of CO₂-equivalent for each [`SCI_ANSWERS`] correct answers, of emissions in nanograms; none without a correct
/// answer.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "a figure for display")]
pub fn sci(nanograms: i128, correct: u64) -> Option<f64> {
    (correct > 0).then(|| nanograms as f64 / 1e9 / correct as f64 * f64::from(SCI_ANSWERS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, read};

    fn built(all: &str, own: &str, years: Option<u32>) -> Result<Carbon, String> {
        let text = format!("[carbon]\n{all}\n[t.carbon]\n{own}\n");
        let built = read(&Source::inline("c", &text), |root| {
            let everywhere = root.section("carbon").filter(|_| !all.is_empty());
            if all.is_empty() {
                let _ = root.section("carbon")?;
            }
            let everywhere = everywhere.and_then(|s| Carbon::everywhere(&s));
            let t = root.section("t")?;
            let carbon = Carbon::build(&t.section("carbon")?, everywhere.as_ref(), years.map(Decimal::from));
            t.finish();
            carbon
        });
        built.map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn an_hour_and_an_sci_worked_by_hand() {
        let carbon = built("intensity = \"400 g/kWh\"", "embodied = \"35.04 kg\"", Some(4)).unwrap();
        // 0.7 kWh × 1.3 × 400 g, and 1 g of the making.
        let hour = 3_600_000_000_000;
        let operational = carbon.operational(0, 3_600_000, 700 * 3_600_000_000, Decimal::new(13, 1));
        assert_eq!(operational, 364 * 1_000_000_000 * FINE);
        assert_eq!(carbon.embodied(Nanos(hour)), 1_000_000_000 * FINE);
        assert_eq!(carbon.operational_per_hour(Decimal::from(700), Decimal::new(13, 1)), Decimal::from(364));
        let all = (operational + carbon.embodied(Nanos(hour))) / FINE;
        assert_eq!((sci(all, 2000), sci(all, 0)), (Some(182.5), None));
    }

    #[test]
    fn a_target_may_have_its_own_grid_and_lifetime() {
        let own = "intensity = [{ intensity = \"0.5 kg/kWh\" }, { from = \"10:00\", to = \"16:00\", zone = \"UTC\", \
                   intensity = \"100 g/kWh\" }]\nembodied = \"1 t\"\nlifetime_years = 5";
        let carbon = built("", own, Some(4)).unwrap();
        assert_eq!(carbon.intensity.yearly_mean(), Decimal::from(400));
        assert_eq!(carbon.embodied.map(|e| (e.grams, e.years)), Some((Decimal::from(1_000_000), Decimal::from(5))));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        for (all, own, want) in [
            ("", "", "t.carbon.intensity: is missing"),
            ("intensity = \"400\"", "", "c:2:13: carbon.intensity: expected an intensity such as \"400 g/kWh\""),
            ("intensity = \"4 g/kWh\"", "embodied = \"150\"", "hint: the unit is g, kg or t"),
            ("intensity = \"4 g/kWh\"", "embodied = \"1 kg\"", "t.carbon.lifetime_years: is missing"),
            ("intensity = \"4 g/kWh\"", "pue = 2", "t.carbon.pue: is not a known field"),
        ] {
            let got = built(all, own, None).unwrap_err();
            assert!(got.contains(want), "{got}");
        }
    }
}
