//! Which models an endpoint says it has: for checking a configuration, never measured, so through a pooled client.

use super::endpoint::Endpoint;
use super::exchange::{chain, of_tls};
use crate::domain::{Failure, Fault};
use crate::provider::Provider;
use hyper::http::HeaderMap;
use secrecy::ExposeSecret;
use serde::Deserialize;

/// The most of a list that is read, in bytes.
const MAX_LIST: usize = 4 << 20;

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

/// Asks `GET …/models`, by the way the endpoint's exchanges take: proxy, CA, client certificate, key and headers.
///
/// # Errors
/// The failure of the connection, the adapter's name for a refusal, or `protocol` when the answer is no list.
pub async fn list_models(endpoint: &Endpoint, provider: &dyn Provider) -> Result<Vec<String>, Fault> {
    let asked = ask(endpoint, provider).await;
    asked.map_err(|fault| Fault { detail: endpoint.secrets().scrub(&fault.detail), ..fault })
}

async fn ask(endpoint: &Endpoint, provider: &dyn Provider) -> Result<Vec<String>, Fault> {
    let timeouts = endpoint.timeouts();
    let mut builder = reqwest::Client::builder()
        .tls_backend_preconfigured(endpoint.tls().as_ref().clone())
        .connect_timeout(timeouts.connect)
        .timeout(timeouts.first_token.min(timeouts.total))
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("assayd/", env!("CARGO_PKG_VERSION")))
        .no_proxy();
    if let Some(proxy) = endpoint.proxy() {
        builder = builder.proxy(reqwest::Proxy::all(proxy.url.expose_secret()).map_err(named)?);
    }
    let mut headers = HeaderMap::new();
    let (_, key) = provider.framing();
    endpoint.put_headers(key, &mut headers);
    // The client itself sets the proxy's.
    headers.remove("proxy-authorization");
    let client = builder.build().map_err(named)?;
    let mut response = client.get(endpoint.at("/models")).headers(headers).send().await.map_err(named)?;

    let status = response.status();
    let mut body = Vec::new();
    while let Some(piece) = response.chunk().await.map_err(named)? {
        if body.len() + piece.len() > MAX_LIST {
            return Err(Fault::new(Failure::TooLarge, format!("the list of models outgrew {MAX_LIST} bytes")));
        }
        body.extend_from_slice(&piece);
    }
    if !status.is_success() {
        return Err(provider.refuse(status.as_u16(), &body));
    }
    let list: List = serde_json::from_slice(&body)
        .map_err(|e| Fault::new(Failure::Protocol, format!("the answer is no list of models: {e}")))?;
    let List { data, models } = list;
    let chosen = if data.is_empty() { models } else { data };
    Ok(chosen.into_iter().filter_map(|m| m.id.or(m.name)).collect())
}

/// The client's error as a failure of ours.
fn named(error: reqwest::Error) -> Fault {
    let error = error.without_url();
    let said = chain(&error);
    let kind = match (error.is_connect(), error.is_timeout()) {
        (true, true) => Failure::TimeoutConnect,
        (false, true) => Failure::TimeoutTotal,
        (true, false) if of_tls(&error) => Failure::Tls,
        (true, false) if said.contains("dns error") => Failure::Dns,
        (true, false) => Failure::Connect,
        (false, false) if error.is_request() => Failure::Connect,
        (false, false) => Failure::Protocol,
    };
    Fault::new(kind, said)
}
