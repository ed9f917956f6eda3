//! Which models an endpoint says it has, for checking a configuration.

use super::ask::Asker;
use super::endpoint::Endpoint;
use crate::domain::{Failure, Fault};
use crate::provider::Provider;
use serde::Deserialize;

/// What servers answer: OpenAI's `data`, or (Ollama, older llama.cpp) `models`.
#[derive(Deserialize)]
struct List {
    #[serde(default)]
    data: Vec<Model>,
    #[serde(default)]
    models: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: Option<String>,
    name: Option<String>,
}

/// Asks `GET …/models`.
///
/// # Errors
/// The failure of the connection, the adapter's name for a refusal, or `protocol` when the answer is no list.
pub async fn list_models(endpoint: &Endpoint, provider: &dyn Provider) -> Result<Vec<String>, Fault> {
    let (_, key) = provider.framing();
    let reply = Asker::new(endpoint, key)?.get("/models").await?;
    let read = if reply.is_success() { list(&reply.body) } else { Err(provider.refuse(reply.status, &reply.body)) };
    read.map_err(|fault| Fault { detail: endpoint.secrets().scrub(&fault.detail), ..fault })
}

fn list(body: &[u8]) -> Result<Vec<String>, Fault> {
    let List { data, models } = serde_json::from_slice(body)
        .map_err(|e| Fault::new(Failure::Protocol, format!("the answer is no list of models: {e}")))?;
    let chosen = if data.is_empty() { models } else { data };
    Ok(chosen.into_iter().filter_map(|m| m.id.or(m.name)).collect())
}
