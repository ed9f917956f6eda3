//! `assayd contest`: a judge votes on stored answers, in both orders, within a budget.

use super::service::{Service, block_on, load};
use super::{Config, Exit, complain, say};
use crate::domain::Money;
use crate::engine::Refusal;
use crate::engine::contest::{Jury, Sentence, contest};
use crate::plan::Plan;
use crate::pricing::Price;
use clap::Args;
use std::sync::Arc;

/// Let a target judge stored answers, two at a time and in both orders; what it is asked is paid
///
/// Then: assayd rank --from judge
#[derive(Args)]
pub(super) struct Command {
    #[command(flatten)]
    config: Config,
    /// The target that judges, by name; it never judges answers of its own
    #[arg(long, value_name = "TARGET")]
    judge: String,
    /// At most so many contests, of two exchanges each
    #[arg(long, value_name = "N", default_value_t = 200)]
    votes: u64,
    /// What they may cost together, such as "2 USD"; required where the judge has a price
    #[arg(long, value_name = "AMOUNT", value_parser = usd)]
    budget: Option<Money>,
    /// What pairs and sides are drawn by; a new one each time where not given
    #[arg(long, value_name = "N")]
    seed: Option<u64>,
}

fn usd(text: &str) -> Result<Money, String> {
    let wrong = || "expected an amount such as \"2 USD\"".to_owned();
    let number = text.strip_suffix("USD").ok_or_else(wrong)?.trim();
    let amount: rust_decimal::Decimal = number.parse().map_err(|_| wrong())?;
    match Money::from_usd(amount).map_err(|error| error.to_string())? {
        money if money > Money::ZERO => Ok(money),
        _ => Err(wrong()),
    }
}

impl Command {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some(plan) = load(&self.config.config) else { return Ok(Exit::BadConfig) };
        block_on(self.judged(plan))?
    }

    async fn judged(self, plan: Plan) -> anyhow::Result<Exit> {
        let Some(judge) = plan.targets.iter().find(|target| target.name.as_str() == self.judge).cloned() else {
            let known: Vec<&str> = plan.targets.iter().map(|target| target.name.as_str()).collect();
            complain(&format!("there is no target {:?}; there are {}", self.judge, known.join(", ")));
            return Ok(Exit::BadConfig);
        };
        if self.budget.is_none() && judge.price != Price::Unpriced {
            complain(&format!("{} has a price: say what its votes may cost, with --budget \"2 USD\"", self.judge));
            return Ok(Exit::BadConfig);
        }
        let service = Service::open(Arc::new(plan)).await?;
        let seed = self.seed.unwrap_or_else(|| rand::random::<u64>() >> 1);
        let jury = Jury { judge, votes: self.votes, limit: self.budget, seed };
        let (done, refused) = contest(&service.engine, &service.plan(), jury).await?;
        service.close().await;
        let Sentence { cast, agreed, unread, cost, exhausted } = done;
        say(&format!("{cast} votes, {agreed} of them the same in both orders; {unread} contests without one; {cost}"));
        if exhausted && cast + unread < self.votes {
            say("there is nothing left that this judge has not voted on");
        }
        Ok(match refused {
            None => Exit::Done,
            Some(refusal) => {
                complain(&refusal.to_string());
                if matches!(refusal, Refusal::Budget(_)) { Exit::Budget } else { Exit::Incomplete }
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_budget_is_an_amount_above_nothing() {
        assert_eq!(usd("0.5 USD"), Ok(Money::from_nanos(500_000_000)));
        for wrong in ["2", "2 EUR", "0 USD", "-1 USD", "USD", "two USD"] {
            assert!(usd(wrong).is_err(), "{wrong}");
        }
    }
}
