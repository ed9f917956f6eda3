//! Amounts of money with their currency, and dated rates to USD.
//!
//! Everything above counts in USD. A price in another currency is converted once, at the rate the configuration
//! declares and dates; the plan shows both, so that nobody takes a conversion for a price.

use super::value::{Expected, Value, wrong};
use super::{Section, suggest};
use jiff::civil::Date;
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::str::FromStr;
use toml::de::DeValue;

/// A currency's code with what is declared of it; none where the declaration is wrong (and noted as a problem).
pub(super) type Currencies = BTreeMap<String, Option<Currency>>;

/// An amount as the text gives it, written `"1.25 USD"`; never negative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Amount {
    /// How much.
    pub number: Decimal,
    /// In which currency: three capital letters (ISO 4217).
    pub currency: String,
}

impl Value for Amount {
    fn expected() -> String {
        "an amount such as \"1.25 USD\"".into()
    }
    fn read(value: &DeValue<'_>) -> Result<Self, Expected> {
        let text = match value {
            DeValue::String(s) => s.trim(),
            DeValue::Integer(i) => {
                return Err(wrong::<Self>(Some(format!("write it as text with its currency: \"{i} USD\""))));
            }
            DeValue::Float(x) => {
                return Err(wrong::<Self>(Some(format!("write it as text with its currency: \"{x} USD\""))));
            }
            _ => return Err(wrong::<Self>(None)),
        };
        let number = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
        let code = text.get(number.len()..).unwrap_or("");
        let number = number.trim_end();
        if code.is_empty() {
            let hint = Decimal::from_str(number).ok().map(|n| format!("say the currency: \"{n} USD\""));
            return Err(wrong::<Self>(hint));
        }
        if !is_code(code) {
            return Err(wrong::<Self>(Some("a currency is three capital letters, such as USD".into())));
        }
        match Decimal::from_str(number) {
            Ok(amount) if amount.is_sign_negative() && !amount.is_zero() => {
                Err(wrong::<Self>(Some("an amount can't be negative".into())))
            }
            Ok(number) => Ok(Self { number, currency: code.to_owned() }),
            Err(_) => Err(wrong::<Self>(None)),
        }
    }
}

fn is_code(text: &str) -> bool {
    text.len() == 3 && text.chars().all(|c| c.is_ascii_uppercase())
}

/// `[currency]`: `CNY = { per_usd = "7.11", as_of = "2026-11-01" }`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Currency {
    /// Three capital letters (ISO 4217).
    pub code: String,
    /// How many of it make one USD; greater than 0.
    pub per_usd: Decimal,
    /// The day of the rate.
    pub as_of: Date,
}

/// An amount that was converted, for people to see.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// The field.
    pub field: String,
    /// As it was written.
    pub amount: Amount,
    /// In USD.
    pub usd: Decimal,
    /// At which rate.
    pub rate: Currency,
}

impl Section<'_> {
    /// Reads the declared currencies under a key; amounts in them are understood from then on.
    pub fn currencies(&self, key: &'static str) -> Vec<Currency> {
        for section in self.named(key) {
            let code = section.name().to_owned();
            let per_usd: Option<Decimal> = section.need("per_usd");
            let as_of: Option<Date> = section.need("as_of");
            section.finish();
            let mut right = true;
            if !is_code(&code) || code == "USD" {
                let hint = (code == "USD").then(|| "everything is counted in USD: it needs no rate".to_owned());
                section.problem_here("expected a currency of three capital letters other than USD", hint);
                right = false;
            }
            if per_usd.is_some_and(|rate| rate <= Decimal::ZERO) {
                section.problem("per_usd", "expected a number greater than 0", None);
                right = false;
            }
            let currency = match (per_usd, as_of) {
                (Some(per_usd), Some(as_of)) if right => Some(Currency { code: code.clone(), per_usd, as_of }),
                _ => None,
            };
            self.shared.currencies.borrow_mut().insert(code, currency);
        }
        self.shared.currencies.borrow().values().flatten().cloned().collect()
    }

    /// Amounts in these currencies are understood from then on: of a file that another one names.
    pub fn know_currencies(&self, currencies: &[Currency]) {
        let known = currencies.iter().map(|currency| (currency.code.clone(), Some(currency.clone())));
        self.shared.currencies.borrow_mut().extend(known);
    }

    /// Remembers amounts that were converted in a file that this one names.
    pub fn remember(&self, conversions: impl IntoIterator<Item = Conversion>) {
        self.shared.conversions.borrow_mut().extend(conversions);
    }

    /// An optional amount, in USD; one in another currency is converted at its declared rate and remembered.
    pub fn usd(&self, key: &'static str) -> Option<Decimal> {
        let amount: Amount = self.get(key)?;
        if amount.currency == "USD" {
            return Some(amount.number);
        }
        let currencies = self.shared.currencies.borrow();
        let Some(currency) = currencies.get(&amount.currency) else {
            let hint = match suggest(&amount.currency, currencies.keys().map(String::as_str).chain(["USD"])) {
                Some(near) => format!("did you mean {near}?"),
                None => format!(
                    "declare its rate: [currency] {} = {{ per_usd = \"…\", as_of = \"2026-11-01\" }}",
                    amount.currency
                ),
            };
            self.problem(key, format!("the currency {} is not declared", amount.currency), Some(hint));
            return None;
        };
        // A declaration that is wrong has its own problem already.
        let rate = currency.clone()?;
        let Some(usd) = amount.number.checked_div(rate.per_usd) else {
            self.problem(key, "the amount is too large", None);
            return None;
        };
        self.shared.conversions.borrow_mut().push(Conversion { field: self.field(key), amount, usd, rate });
        Some(usd)
    }

    /// A required amount, in USD.
    pub fn need_usd(&self, key: &'static str) -> Option<Decimal> {
        if !self.has(key) {
            self.missing(key, &format!("expected {}", Amount::expected()));
        }
        self.usd(key)
    }

    /// Every amount of the whole text that was converted so far.
    #[must_use]
    pub fn conversions(&self) -> Vec<Conversion> {
        self.shared.conversions.borrow().clone()
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Source, read};
    use super::*;

    fn usd(currency: &str, amount: &str) -> Result<Decimal, String> {
        let text = format!("v = {amount}\n[currency]\n{currency}");
        let problems = read(&Source::inline("c", &text), |root| {
            root.currencies("currency");
            root.need_usd("v")
        });
        problems.map_err(|p| p.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    }

    #[test]
    fn amounts_are_converted_at_the_declared_rate_only() {
        let cny = "CNY = { per_usd = \"7.11\", as_of = \"2026-11-01\" }";
        assert_eq!(usd(cny, "\"1.25 USD\""), Ok(Decimal::new(125, 2)));
        assert_eq!(usd(cny, "\"14.22 CNY\""), Ok(Decimal::from(2)));
        assert_eq!(
            usd("", "\"1 EUR\""),
            Err("c:1:5: v: the currency EUR is not declared\n  hint: declare its rate: [currency] EUR = \
                 { per_usd = \"…\", as_of = \"2026-11-01\" }"
                .into())
        );
        assert_eq!(
            usd(cny, "\"1 CNX\""),
            Err("c:1:5: v: the currency CNX is not declared\n  hint: did you mean CNY?".into())
        );
    }

    #[test]
    fn a_wrong_rate_is_one_problem_however_often_it_is_used() {
        let got = usd("CNY = { per_usd = \"0\", as_of = \"2026-11-01\" }", "\"1 CNY\"");
        assert_eq!(got, Err("c:3:19: currency.CNY.per_usd: expected a number greater than 0".into()));
    }

    #[test]
    fn an_amount_needs_its_currency_and_its_sign() {
        for (text, hint) in [
            ("\"1.25\"", "say the currency: \"1.25 USD\""),
            ("1.25", "write it as text with its currency: \"1.25 USD\""),
            ("\"1 usd\"", "a currency is three capital letters, such as USD"),
            ("\"-1 USD\"", "an amount can't be negative"),
        ] {
            let got = usd("", text);
            assert!(got.as_ref().is_err_and(|e| e.ends_with(hint)), "{text}: {got:?}");
        }
    }
}
