//! Owned hardware: what an hour of it costs whether it works or not, and what its energy costs on top.
//!
//! C_h = capex × (1 − residual) / (years × 8760) + capex × WACC / 8760 + opex. The capital's cost is on the whole capex,
//! without the residual's discounting: the simple annual charge that total-cost-of-ownership models of data centres take
//! (Barroso, Hölzle & Ranganathan 2018, The Datacenter as a Computer, 3rd ed., ch. 6). Energy is apart, so that nothing
//! counts twice: kWh × PUE × tariff at the time of day.

use super::sharing::FINE;
use super::tariff::Daily;
use super::units::{Exact, HOURS_A_YEAR, Percent, Watts};
use crate::config::Section;
use crate::domain::Nanos;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// Hardware of one's own; with or without accelerators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    /// What all of it cost, in USD.
    pub capex: Decimal,
    /// The share of `capex` that it is still worth in the end.
    pub residual: Decimal,
    /// For how many years it is used.
    pub years: Decimal,
    /// What capital costs a year (weighted average cost of capital), as a share.
    pub wacc: Decimal,
    /// What else it costs an hour (space, people, maintenance), in USD, energy apart.
    pub opex: Decimal,
    /// How many devices it is; the money is for all of them.
    pub devices: u32,
    /// What its energy costs.
    pub energy: EnergyPrice,
}

/// What an hour of owned hardware costs by its parts, in USD; energy apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hourly {
    /// What it loses in value.
    pub depreciation: Decimal,
    /// What the capital in it costs.
    pub capital: Decimal,
    /// What else it costs.
    pub opex: Decimal,
}

impl Hourly {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> Decimal {
        let Self { depreciation, capital, opex } = *self;
        [capital, opex].into_iter().try_fold(depreciation, Decimal::checked_add).unwrap_or(Decimal::MAX)
    }
}

/// How power is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Power {
    /// By a meter.
    Measured,
    /// As declared, in watts, of all devices together and at all times.
    Nameplate(Decimal),
}

/// What energy costs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnergyPrice {
    /// How power is known.
    pub power: Power,
    /// Power usage effectiveness: what the building takes for each unit that the hardware does.
    pub pue: Decimal,
    /// USD per kWh; none where it is in the price already (rented hardware), and costs nothing more.
    pub tariff: Option<Daily>,
}

impl EnergyPrice {
    /// Reads `power` and `pue`, which stand beside other fields; `pue` is `standard` where it is not given.
    pub(super) fn build(s: &Section<'_>, standard: Option<Decimal>, tariff: Option<Daily>) -> Option<Self> {
        let power = power(s);
        if standard.is_none() && !s.has("pue") {
            s.missing("pue", "expected a number from 1, such as 1.3 (1 where nothing else needs energy)");
        }
        let pue = s.get::<Exact>("pue").map(|Exact(n)| n);
        if pue.is_some_and(|pue| pue < Decimal::ONE || pue > Decimal::TEN) {
            s.problem("pue", "expected from 1 to 10", None);
        }
        let pue = if s.has("pue") { pue? } else { standard? };
        Some(Self { power: power?, pue, tariff })
    }

    /// What so much energy of the hardware, used evenly between two instants (ms since the Unix epoch), costs: in
    /// nano-USD × [`FINE`], with the building's part of it. Where the tariff changes in between, each holds for its part
    /// of the time. 0 where the energy is in the price already.
    #[must_use]
    pub fn cost(&self, from_unix_ms: i64, to_unix_ms: i64, microjoules: i128) -> i128 {
        let tariff = self.tariff.as_ref();
        tariff.map_or(0, |tariff| tariff.weigh((from_unix_ms, to_unix_ms), microjoules, self.pue))
    }

    /// Microjoules × [`FINE`] that the declared power comes to in a time; none where power is measured.
    #[must_use]
    pub fn declared(&self, time: Nanos) -> Option<i128> {
        let Power::Nameplate(watts) = self.power else { return None };
        // W × ns = 10⁻³ µJ.
        let fine = watts.checked_mul(Decimal::from(FINE / 1000)).and_then(|fine| fine.round().to_i128());
        Some(fine.unwrap_or(i128::MAX).saturating_mul(i128::from(time.0)))
    }

    /// USD an hour at so many watts, the building's part included, at the tariff's mean over a year.
    #[must_use]
    pub fn per_hour(&self, watts: Decimal) -> Decimal {
        let Some(tariff) = &self.tariff else { return Decimal::ZERO };
        let kilowatts = watts.checked_div(Decimal::ONE_THOUSAND).and_then(|kw| kw.checked_mul(self.pue));
        kilowatts.and_then(|kw| kw.checked_mul(tariff.yearly_mean())).unwrap_or(Decimal::MAX)
    }

    /// All figures, for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let power = match self.power {
            Power::Measured => "measured".to_owned(),
            Power::Nameplate(watts) => format!("{} W", watts.normalize()),
        };
        let tariff = self.tariff.as_ref().map_or_else(|| "-".to_owned(), Daily::fingerprint);
        format!("{power} pue {} tariff {tariff}", self.pue.normalize())
    }
}

fn power(s: &Section<'_>) -> Option<Power> {
    if let Some(table) = s.is_table("power").then(|| s.section("power")).flatten() {
        let watts = table.need::<Watts>("nameplate");
        table.finish();
        return watts.map(|Watts(watts)| Power::Nameplate(watts));
    }
    let word: String = s.or("power", "measured".to_owned())?;
    if word == "measured" {
        return Some(Power::Measured);
    }
    let hint = "{ nameplate = \"700 W\" } is the power of all devices together".to_owned();
    s.problem("power", format!("expected \"measured\" or a table, found {word:?}"), Some(hint));
    None
}

impl Owned {
    /// Reads a `price.owned` section. Nothing that costs money has a default.
    pub fn build(s: &Section<'_>) -> Option<Self> {
        let capex = s.need_usd("capex");
        if capex.is_some_and(|usd| usd > Decimal::from(1_000_000_000)) {
            s.problem("capex", "expected at most 1000000000 USD", None);
        }
        let residual = s.need::<Percent>("residual");
        let years = s.need::<Exact>("years").map(|Exact(years)| years);
        if years.is_some_and(|years| years < Decimal::new(1, 1) || years > Decimal::from(50)) {
            s.problem("years", "expected from 0.1 to 50", None);
        }
        let wacc = s.need::<Percent>("wacc");
        let (hour, year) = (s.usd("opex_per_hour"), s.usd("opex_per_year"));
        if !s.has("opex_per_hour") && !s.has("opex_per_year") {
            s.missing("opex_per_hour", "expected an amount such as \"0.05 USD\", or opex_per_year; energy is apart");
        }
        let devices = s.or("devices", 1_u32);
        if devices.is_some_and(|n| n == 0 || n > 100_000) {
            s.problem("devices", "expected from 1 to 100000", None);
        }
        if !s.has("tariff") {
            s.missing("tariff", "expected an amount for each kWh such as \"0.15 USD\", or a list by time of day");
        }
        let tariff = Daily::tariff(s);
        let energy = EnergyPrice::build(s, None, tariff.clone());
        s.finish();
        if s.has("opex_per_hour") && hour.is_none() || s.has("opex_per_year") && year.is_none() {
            return None;
        }
        let opex = hour.unwrap_or_default().checked_add(year.unwrap_or_default().checked_div(HOURS_A_YEAR)?)?;
        let (Percent(residual), Percent(wacc)) = (residual?, wacc?);
        let (years, energy) = (years.filter(|years| !years.is_zero())?, tariff.and(energy)?);
        Some(Self { capex: capex?, residual, years, wacc, opex, devices: devices?, energy })
    }

    /// What an hour costs by its parts, energy apart.
    #[must_use]
    pub fn hourly(&self) -> Hourly {
        let lost = Decimal::ONE.checked_sub(self.residual).and_then(|share| self.capex.checked_mul(share));
        let hours = self.years.checked_mul(HOURS_A_YEAR);
        let part = |whole: Option<Decimal>, hours: Option<Decimal>| {
            whole.zip(hours).and_then(|(usd, hours)| usd.checked_div(hours)).unwrap_or(Decimal::MAX)
        };
        Hourly {
            depreciation: part(lost, hours),
            capital: part(self.capex.checked_mul(self.wacc), Some(HOURS_A_YEAR)),
            opex: self.opex,
        }
    }

    /// USD per hour for all of it, energy apart.
    #[must_use]
    pub fn per_hour(&self) -> Decimal {
        self.hourly().total()
    }

    /// All figures, for the provenance.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let Self { capex, residual, years, wacc, opex, devices, energy } = self;
        let list = [capex, residual, years, wacc, opex].map(|d| d.normalize().to_string()).join("/");
        format!("owned {list} x {devices} {}", energy.fingerprint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Source, read};

    fn built(fields: &str) -> Result<Owned, String> {
        let text = format!("[currency]\nEUR = {{ per_usd = \"0.8\", as_of = \"2026-11-01\" }}\n[o]\n{fields}\n");
        let problems = read(&Source::inline("c", &text), |root| {
            root.currencies("currency");
            Owned::build(&root.section("o")?)
        });
        problems.map_err(|all| all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    const WHOLE: &str = "capex = \"35040 USD\"\nresidual = \"10%\"\nyears = 4\nwacc = \"8%\"\nopex_per_hour = \"0.05 USD\"\n\
        tariff = \"0.15 USD\"\npue = 1.3";

    #[test]
    fn an_hour_worked_by_hand() {
        let owned = built(WHOLE).unwrap();
        // 35040 = 4 × 8760: 0.90 of depreciation, 4 × 0.08 of capital.
        let hourly =
            Hourly { depreciation: Decimal::new(90, 2), capital: Decimal::new(32, 2), opex: Decimal::new(5, 2) };
        assert_eq!((owned.hourly(), owned.per_hour()), (hourly, Decimal::new(127, 2)));
        assert_eq!((owned.devices, owned.energy.power), (1, Power::Measured));
        // 700 W for an hour: 0.7 kWh × 1.3 × 0.15 USD.
        assert_eq!(owned.energy.per_hour(Decimal::from(700)), Decimal::new(1365, 4));
        let hour = owned.energy.cost(0, 3_600_000, 700 * 3_600 * 1_000_000);
        assert_eq!(hour, 136_500_000 * FINE);
        assert_eq!(owned.energy.declared(Nanos(1)), None);
    }

    #[test]
    fn currencies_parts_of_years_and_declared_power() {
        let fields = WHOLE.replace("35040 USD", "28032 EUR").replace("years = 4", "years = 2.5");
        let fields = fields.replace("opex_per_hour = \"0.05 USD\"", "opex_per_year = \"876 USD\"");
        let owned = built(&format!("{fields}\ndevices = 8\npower = {{ nameplate = \"5.6 kW\" }}")).unwrap();
        let Hourly { depreciation, capital, opex } = owned.hourly();
        let want = [Decimal::new(144, 2), Decimal::new(32, 2), Decimal::new(10, 2)];
        assert_eq!([depreciation, capital, opex], want);
        // 5600 W for a millisecond are 5.6 J.
        assert_eq!(owned.energy.declared(Nanos(1_000_000)), Some(5_600_000 * FINE));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_place() {
        for (from, to, want) in [
            ("residual = \"10%\"", "residual = \"110%\"", "c:5:12: o.residual: expected a share such as \"8%\""),
            ("wacc = \"8%\"", "wacc = 8", "hint: write it as text: \"8%\""),
            ("years = 4", "years = 0", "c:6:9: o.years: expected from 0.1 to 50"),
            ("pue = 1.3", "pue = 0.9", "c:10:7: o.pue: expected from 1 to 10"),
            ("pue = 1.3", "", "c:3:1: o.pue: is missing: expected a number from 1"),
            ("opex_per_hour = \"0.05 USD\"", "", "c:3:1: o.opex_per_hour: is missing"),
            ("tariff = \"0.15 USD\"", "", "c:3:1: o.tariff: is missing"),
            ("tariff = \"0.15 USD\"", "tariff = \"150 USD\"", "expected at most 100 USD"),
            ("tariff = \"0.15 USD\"", "tariff = []", "expected exactly one entry without `from`"),
            (
                "tariff = \"0.15 USD\"",
                "tariff = [{ per_kwh = \"1 USD\" }, { from = \"22:0\", zone = \"UTC\", per_kwh = \"1 USD\" }]",
                "c:9:43: o.tariff[2].from: expected a time of day such as \"22:00\", found \"22:0\"",
            ),
            (
                "tariff = \"0.15 USD\"",
                "tariff = [{ per_kwh = \"1 USD\" }, { from = \"22:00\", to = \"06:00\", zone = \"Mars/Base\", per_kwh = \"1 USD\" }]",
                "hint: this machine's time zone database has none of that name",
            ),
            ("pue = 1.3", "pue = 1.3\npower = \"nameplate\"", "expected \"measured\" or a table, found \"nameplate\""),
            ("pue = 1.3", "pue = 1.3\npower = { nameplate = \"700\" }", "hint: the unit is W or kW"),
        ] {
            let got = built(&WHOLE.replace(from, to)).unwrap_err();
            assert!(got.contains(want), "{to}: {got}");
        }
    }

    #[test]
    fn a_tariff_by_time_of_day_is_read() {
        let list = "tariff = [{ from = \"22:00\", to = \"24:00\", zone = \"+01:00\", per_kwh = \"0.1 USD\" }, { per_kwh = \"0.3 USD\" }]";
        let owned = built(&WHOLE.replace("tariff = \"0.15 USD\"", list)).unwrap();
        let tariff = owned.energy.tariff.unwrap();
        assert_eq!(tariff.fingerprint(), "0.3 22:00:00-00:00:00 +01:00 0.1");
        // 2 of 24 hours.
        let mean = Decimal::from_i128_with_scale(283_333_333_333_333, 15);
        assert_eq!(tariff.yearly_mean(), mean);
    }
}
