//! The embedded default: five tiny real transformers behind a real loopback HTTP endpoint, and the plan that assays them.

pub mod catalog;
pub mod endpoint;
pub mod generate;
pub mod gguf;
pub mod model;
pub mod public;
pub mod sampler;
pub mod text;
pub mod vocabulary;
pub mod wire;

pub use endpoint::serve;
pub use public::public_items;

/// The plan of the demo, with places for the endpoint's URL and the public items' path; see [`plan`].
pub const PLAN: &str = include_str!("demo.toml");

/// The plan with its places filled in: `endpoint` is a URL up to and including `/v1`, `public` the path of a file that
/// holds [`public::DATASET`]. Both stand inside TOML basic strings and are escaped as such.
#[must_use]
pub fn plan(endpoint: &str, public: &str) -> String {
    let escape = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    PLAN.replace("{{endpoint}}", &escape(endpoint)).replace("{{public}}", &escape(public))
}

#[cfg(test)]
mod tests {
    use super::catalog::MODELS;
    use super::*;
    use crate::config::{self, Source};
    use crate::domain::TokenKind;
    use crate::pricing::TokenPrice;
    use crate::workload::Workload;
    use crate::workload::generator::Generator;
    use crate::workload::generator::tasks::{Domain, Prompts, Tasks};
    use rust_decimal::Decimal;

    #[test]
    fn the_plan_prices_every_model_by_its_parameters_and_asks_what_it_says() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("public \"items\".jsonl");
        std::fs::write(&file, public::DATASET).unwrap();
        let text = plan("http://127.0.0.1:1234/v1", file.to_str().unwrap());
        assert!(!text.contains("{{") && text.contains("url = \"http://127.0.0.1:1234/v1\""));
        let source = Source::inline("demo.toml", &text);
        // The sections that nobody reads here are unknown fields, so only what was built is looked at.
        let mut seen = Vec::new();
        let _ = config::read::<()>(&source, |root| {
            for target in root.named("target") {
                let price = TokenPrice::build(&target.section("price")?.section("tokens")?)?;
                let model = MODELS.iter().find(|m| m.name == target.name()).unwrap().load().unwrap();
                let millions = Decimal::from(model.parameters() as u64) / Decimal::from(1_000_000);
                let [period] = price.periods() else { panic!("{price:?}") };
                let of = |kind| period.prices.of(kind).unwrap();
                assert_eq!(of(TokenKind::Input), millions.round_dp(3), "{}", target.name());
                assert_eq!(of(TokenKind::Output), of(TokenKind::Input) * Decimal::from(4));
                assert_eq!(target.need::<String>("model").as_deref(), Some(target.name()));
                seen.push(target.name().to_owned());
            }
            let scenarios = root.section("scenario")?;
            let generator = scenarios.section("fresh")?.section("generator")?;
            let tasks = Tasks::build(&generator)?;
            assert!(tasks.fingerprint() != Tasks::new(Domain::ALL.into(), Prompts::HeldOut, [].into()).fingerprint());
            let workload = root.section("workload")?.section("two-at-a-time")?;
            assert!(Workload::build(&workload).is_some());
            seen.push("all".into());
            None
        });
        assert_eq!(seen, ["micro", "nano", "specm", "leaky", "base", "all"]);
    }
}
