//! What a configuration says of its targets, as a report needs it.

use crate::domain::{Sampling, TokenKind};
use crate::plan::{Plan, Target};
use crate::pricing::tokens::Period;
use crate::pricing::{EnergyPrice, Power, Price, TokenPrice};
use crate::verdict::{Declared, Hour, Paid};
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// Of every target.
pub(in crate::cli) fn declared(plan: &Plan) -> Vec<Declared> {
    plan.targets.iter().map(|target| of(target)).collect()
}

fn of(target: &Target) -> Declared {
    Declared {
        target: target.name.clone(),
        api: target.api.to_owned(),
        url: target.url.clone(),
        model: target.model.clone(),
        sampling: sampling(target),
        paid: paid(&target.price),
        price: price(&target.price),
        meters: target.meters.iter().map(|metered| metered.kind.to_owned()).collect(),
        has_slo: target.slo.is_some(),
        key_variable: target.endpoint.key_variable().map(str::to_owned),
    }
}

fn sampling(target: &Target) -> Vec<String> {
    let Sampling { max_tokens, temperature, top_p, seed, stop } = &target.sampling;
    let mut words = Vec::new();
    words.extend(max_tokens.map(|most| format!("max_tokens {most}")));
    words.extend(temperature.map(|temperature| format!("temperature {temperature}")));
    words.extend(top_p.map(|mass| format!("top_p {mass}")));
    words.extend(seed.map(|seed| format!("seed {seed}")));
    if !stop.is_empty() {
        words.push(format!("stop {stop:?}"));
    }
    if !matches!(target.body.as_str(), "" | "{}") {
        words.push(format!("body {}", target.body));
    }
    words
}

fn float(number: Decimal) -> f64 {
    number.to_f64().unwrap_or(f64::INFINITY)
}

fn paid(price: &Price) -> Paid {
    let Some(hardware) = price.hardware() else {
        return if price.by_token().is_some() { Paid::ByToken } else { Paid::Unpriced };
    };
    let EnergyPrice { power, pue, tariff } = hardware.energy;
    let watts = match power {
        Power::Nameplate(watts) => Some(float(*watts)),
        Power::Measured => None,
    };
    Paid::ByHour(Hour {
        usd: float(hardware.per_hour),
        rented: matches!(price, Price::Rented(_)),
        watts,
        usd_per_kwh: tariff.as_ref().map(|tariff| float(*pue) * float(tariff.yearly_mean())),
    })
}

fn price(price: &Price) -> Vec<String> {
    match price {
        Price::Unpriced => Vec::new(),
        Price::Tokens(tokens) => periods(tokens),
        Price::Book(booked) => {
            let mut words = periods(&booked.price);
            words.push(format!("book {}, as of {} ({})", booked.name, booked.as_of, booked.figures));
            words
        }
        Price::Rented(rented) => {
            vec![format!("rented: {} USD per GPU and hour × {}", rented.per_gpu_hour.normalize(), rented.gpus)]
        }
        Price::Owned(owned) => {
            let hourly = owned.hourly();
            let part = |usd: Decimal| usd.round_dp(4).normalize();
            let mut words = vec![format!(
                "owned: {} USD an hour (depreciation {}, capital {}, other {})",
                part(hourly.total()),
                part(hourly.depreciation),
                part(hourly.capital),
                part(hourly.opex)
            )];
            if let Some(tariff) = &owned.energy.tariff {
                let power = match owned.energy.power {
                    Power::Nameplate(watts) => format!("{} W declared", watts.normalize()),
                    Power::Measured => "power measured".to_owned(),
                };
                words.push(format!(
                    "energy {} USD per kWh, PUE {}, {power}",
                    tariff.yearly_mean().round_dp(4).normalize(),
                    owned.energy.pue.normalize()
                ));
            }
            words
        }
    }
}

/// USD for a million tokens, period by period.
fn periods(tokens: &TokenPrice) -> Vec<String> {
    let one = |period: &Period| {
        let given = TokenKind::ALL
            .into_iter()
            .filter_map(|kind| Some(format!("{} {}", kind.label(), period.prices.get(kind)?.normalize())));
        let mut text = given.collect::<Vec<_>>().join(", ") + " USD per 1M";
        if !period.request.is_zero() {
            text += &format!(", {} USD per request", period.request.normalize());
        }
        if !period.discount.is_zero() {
            text += &format!(", less {} %", (period.discount * Decimal::ONE_HUNDRED).normalize());
        }
        text += &period.since.map_or_else(String::new, |day| format!(", since {day}"));
        text + &period.until.map_or_else(String::new, |day| format!(", until {day}"))
    };
    tokens.periods().iter().map(one).collect()
}
