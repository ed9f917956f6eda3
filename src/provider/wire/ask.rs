//! Plain questions to an endpoint (which models it has, what serves them): never measured, so through a pooled client.
//! They go the way that the endpoint's exchanges take: proxy, CA, client certificate, key and headers.

use super::endpoint::Endpoint;
use super::exchange::{chain, of_tls};
use super::tls;
use crate::domain::{Failure, Fault};
use crate::provider::KeyHeader;
use hyper::http::HeaderMap;
use secrecy::ExposeSecret;
use serde_json::Value as Json;
use std::sync::Arc;

/// The most of an answer that is read, in bytes.
const MAX_ANSWER: usize = 4 << 20;

/// Asks one endpoint.
pub struct Asker<'e> {
    endpoint: &'e Endpoint,
    client: reqwest::Client,
    headers: HeaderMap,
}

/// What came back, whatever its status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub body: Vec<u8>,
}

impl Reply {
    /// Whether the status is 2xx.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        matches!(self.status, 200..=299)
    }

    /// The body as JSON; none where it is none, or the status is not 2xx.
    #[must_use]
    pub fn json(&self) -> Option<Json> {
        if self.is_success() { serde_json::from_slice(&self.body).ok() } else { None }
    }
}

impl<'e> Asker<'e> {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// When the endpoint's proxy or TLS can't be used.
    pub fn new(endpoint: &'e Endpoint, key: KeyHeader) -> Result<Self, Fault> {
        let timeouts = endpoint.timeouts();
        let tls = match endpoint.tls() {
            Some(tls) => Arc::clone(tls),
            None => tls::unused().map_err(|e| Fault::new(Failure::Tls, e.to_string()))?,
        };
        let mut builder = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.as_ref().clone())
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.first_token.min(timeouts.total))
            .redirect(reqwest::redirect::Policy::none())
            .user_agent(concat!("assayd/", env!("CARGO_PKG_VERSION")))
            .no_proxy();
        if let Some(proxy) = endpoint.proxy() {
            builder = builder.proxy(reqwest::Proxy::all(proxy.url.expose_secret()).map_err(named)?);
        }
        let mut headers = HeaderMap::new();
        endpoint.put_headers(key, &mut headers);
        // The client itself sets the proxy's.
        headers.remove("proxy-authorization");
        Ok(Self { endpoint, client: builder.build().map_err(named)?, headers })
    }

    /// `GET` of a path under the endpoint's base URL.
    ///
    /// # Errors
    /// The failure of the connection, or `too_large`.
    pub async fn get(&self, path: &str) -> Result<Reply, Fault> {
        self.send(self.client.get(self.endpoint.at(path))).await
    }

    /// `POST` of some JSON.
    ///
    /// # Errors
    /// As for [`get`](Self::get).
    pub async fn post(&self, path: &str, body: &Json) -> Result<Reply, Fault> {
        self.send(self.client.post(self.endpoint.at(path)).json(body)).await
    }

    async fn send(&self, request: reqwest::RequestBuilder) -> Result<Reply, Fault> {
        let asked = self.receive(request).await;
        asked.map_err(|fault| Fault { detail: self.endpoint.secrets().scrub(&fault.detail), ..fault })
    }

    async fn receive(&self, request: reqwest::RequestBuilder) -> Result<Reply, Fault> {
        let mut response = request.headers(self.headers.clone()).send().await.map_err(named)?;
        let status = response.status().as_u16();
        let mut body = Vec::new();
        while let Some(piece) = response.chunk().await.map_err(named)? {
            if body.len() + piece.len() > MAX_ANSWER {
                return Err(Fault::new(Failure::TooLarge, format!("the answer outgrew {MAX_ANSWER} bytes")));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Reply { status, body })
    }
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
