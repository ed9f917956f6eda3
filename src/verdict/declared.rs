//! What the configuration says of a target, as far as a buyer must know it: it stands beside the figures, and is in none of
//! them but the break-even.

use crate::domain::Name;

/// How a target is paid.
#[derive(Debug, Clone, PartialEq)]
pub enum Paid {
    /// Nobody said.
    Unpriced,
    /// By token.
    ByToken,
    /// By the hour, whether it works or not.
    ByHour(Hour),
}

/// What an hour of hardware costs.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hour {
    /// USD, its energy apart.
    pub usd: f64,
    /// Whether it is rented, rather than owned.
    pub rented: bool,
    /// The declared power in watts; none where it is measured.
    pub watts: Option<f64>,
    /// USD for a kWh at the hardware, the building's part included; none where it is in the price.
    pub usd_per_kwh: Option<f64>,
}

/// A target as the configuration has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Declared {
    /// Its name.
    pub target: Name,
    /// The protocol.
    pub api: String,
    /// Where it is.
    pub url: String,
    /// The model that is asked for.
    pub model: String,
    /// How answers are drawn, and what else is in the body, in words such as `temperature 0`.
    pub sampling: Vec<String>,
    /// How it is paid.
    pub paid: Paid,
    /// Its price in words, with the days that it holds from or was taken on.
    pub price: Vec<String>,
    /// What looks at its hardware.
    pub meters: Vec<String>,
    /// Whether it has limits on its times to be good by.
    pub has_slo: bool,
    /// The environment variable that its key is in; none where there is none, or it is elsewhere.
    pub key_variable: Option<String>,
}
