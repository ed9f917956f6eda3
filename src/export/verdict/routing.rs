//! The council as a routing table: our own JSON for whoever routes, and the form that a LiteLLM proxy reads.

use super::Document;
use crate::export::report::rfc3339;
use crate::verdict::{Cabinet, Declared, MARGIN};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Why there is no table.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoutingError {
    /// Nothing to choose between.
    #[error(
        "there is no council to route by: it takes two targets with a price and two domains, with items that all targets answered \
         in both halves"
    )]
    NoCouncil,
    /// The proxy's form has addresses and models in it.
    #[error(
        "the LiteLLM form has the address and the model of {0} in it, which only a configuration knows; hint: give --config in place of --store"
    )]
    NotDeclared(String),
}

impl Document {
    /// The routing table as JSON (`assayd.routing/1`).
    ///
    /// # Errors
    /// Where there is no council.
    pub fn routing(&self) -> Result<String, RoutingError> {
        let cabinet = self.comparison.cabinet.as_ref().ok_or(RoutingError::NoCouncil)?;
        let place = |target: &str| {
            let found = self.comparison.declared.iter().find(|declared| declared.target.as_str() == target);
            found.map(|Declared { api, url, model, .. }| json!({ "api": api, "url": url, "model": model }))
        };
        let routes = cabinet.ministers.iter().map(|(domain, target)| {
            json!({ "domain": domain, "target": target.as_str(), "endpoint": place(target.as_str()) })
        });
        let scored = |(accuracy, usd): (f64, f64)| json!({ "accuracy": accuracy, "usd_per_answer": usd });
        let interval = |interval: Option<crate::stats::Interval>| {
            interval.map(|i| json!({ "estimate": i.estimate, "lower": i.lower, "upper": i.upper }))
        };
        let whole = json!({
            "schema": "assayd.routing/1",
            "made": rfc3339(self.made_unix_ms),
            "version": env!("CARGO_PKG_VERSION"),
            "rule": { "kind": "cheapest_not_worse_than_best", "margin": MARGIN, "level": 0.95 },
            "routes": routes.collect::<Vec<Value>>(),
            "otherwise": { "target": cabinet.best.as_str(), "endpoint": place(cabinet.best.as_str()) },
            "chosen_on_items": cabinet.chosen_on,
            "scored_on_items": cabinet.scored_on,
            "council": scored(cabinet.council),
            "best_alone": scored(cabinet.alone),
            "accuracy_difference": interval(cabinet.gap),
            "saving": interval(cabinet.saving),
        });
        Ok(format!("{whole:#}\n"))
    }

    /// The same as a configuration of a LiteLLM proxy: a model group for every domain, and the best target behind each of
    /// them and for everything else.
    ///
    /// # Errors
    /// Where there is no council, or a target's place is not known.
    pub fn litellm(&self) -> Result<String, RoutingError> {
        let cabinet = self.comparison.cabinet.as_ref().ok_or(RoutingError::NoCouncil)?;
        let Cabinet { ministers, best, scored_on, .. } = cabinet;
        let place = |target: &str| {
            let found = self.comparison.declared.iter().find(|declared| declared.target.as_str() == target);
            found.ok_or_else(|| RoutingError::NotDeclared(target.to_owned()))
        };
        let mut text = format!(
            "# Made {} by assayd {} out of a council of {} domains, scored on {scored_on} items that it was not chosen on.\n\
             # An application asks for the model {GROUP}/DOMAIN; what has no domain asks for {GROUP}.\nmodel_list:\n",
            rfc3339(self.made_unix_ms),
            env!("CARGO_PKG_VERSION"),
            ministers.len()
        );
        group(&mut text, GROUP, place(best.as_str())?);
        for (domain, target) in ministers {
            group(&mut text, &format!("{GROUP}/{domain}"), place(target.as_str())?);
        }
        let others: Vec<&str> =
            ministers.iter().filter(|(_, target)| target != best).map(|(domain, _)| domain.as_str()).collect();
        if !others.is_empty() {
            text += "router_settings:\n  fallbacks:\n";
            for domain in others {
                // Keys are quoted too: a domain may be any text.
                let _ = writeln!(text, "    - {}: [{}]", quoted(&format!("{GROUP}/{domain}")), quoted(GROUP));
            }
        }
        Ok(text)
    }
}

/// What the groups are called.
const GROUP: &str = "council";

/// A text as YAML reads it: JSON's strings are YAML's.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

fn group(text: &mut String, name: &str, declared: &Declared) {
    let Declared { target, api, url, model, key_variable, .. } = declared;
    // How the proxy calls a protocol, and whether it takes the address as we do.
    let (provider, same_address) = match api.as_str() {
        "openai-completions" => ("text-completion-openai", true),
        "anthropic" => ("anthropic", false),
        "gemini" => ("gemini", false),
        "ollama" => ("ollama_chat", true),
        _ => ("openai", true),
    };
    let _ = writeln!(text, "  - model_name: {}\n    litellm_params:", quoted(name));
    let _ = writeln!(text, "      model: {}", quoted(&format!("{provider}/{model}")));
    if same_address {
        let _ = writeln!(text, "      api_base: {}", quoted(url));
    }
    match key_variable {
        Some(variable) => {
            let _ = writeln!(text, "      api_key: {}", quoted(&format!("os.environ/{variable}")));
        }
        // It wants one, be it of an endpoint that does not.
        None if provider == "openai" => text.push_str("      api_key: none\n"),
        None => {}
    }
    let _ = writeln!(text, "    model_info:\n      id: {}", quoted(&format!("{name}-{target}")));
}
