//! `/metrics`: the format that was asked for, packed where that is taken, and never later than the scraper waits.
//!
//! Reading holds the lock on the state, writing and packing do not. A scrape that its client has given up stops where it
//! is; only so many go on at once, and what is beyond waits for its turn as long as its client does.

use super::negotiate;
use super::routes::{PLAIN, Shared, asked, failed, text};
use crate::export::metrics::{self, Format};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// Scrapes at work at the same time: a pair of Prometheus servers, and a person or two who look for themselves.
const AT_ONCE: usize = 4;

/// How long a client waits that does not say it; Prometheus' own default is 10 s.
const PATIENCE: Duration = Duration::from_secs(30);

/// Of the time that a scraper waits, what may be used here: the rest is for the way.
const SHARE: f64 = 0.95;

const TIMEOUT: HeaderName = HeaderName::from_static("x-prometheus-scrape-timeout-seconds");

/// What scrapes share.
#[derive(Clone)]
pub(super) struct Scrapes {
    facts: Shared,
    places: Arc<Semaphore>,
}

impl Scrapes {
    pub(super) fn of(facts: Shared) -> Self {
        Self { facts, places: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Asked {
    format: Format,
    gzip: bool,
    patience: Duration,
}

impl Asked {
    fn of(headers: &HeaderMap) -> Self {
        let all = |name: HeaderName| {
            let values = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
            values.collect::<Vec<_>>().join(",")
        };
        let seconds = headers.get(TIMEOUT).and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok());
        let told = seconds.filter(|seconds| *seconds > 0.0);
        let told = told.and_then(|seconds| Duration::try_from_secs_f64(seconds * SHARE).ok());
        Self {
            format: negotiate::format(&all(header::ACCEPT)),
            gzip: negotiate::gzip(&all(header::ACCEPT_ENCODING)),
            patience: told.unwrap_or(PATIENCE).min(PATIENCE),
        }
    }
}

pub(super) async fn exposition(State(scrapes): State<Scrapes>, headers: HeaderMap) -> Response {
    let asked = Asked::of(&headers);
    match tokio::time::timeout(asked.patience, scrape(scrapes, asked)).await {
        Ok(Some(body)) => answer(asked, body),
        Ok(None) => failed(),
        Err(_) => late(asked.patience),
    }
}

/// The body; none where it could not be made. Dropping the future stops the reading.
async fn scrape(Scrapes { facts, places }: Scrapes, of: Asked) -> Option<Vec<u8>> {
    let place = places.acquire_owned().await.ok()?;
    let given_up = CancellationToken::new();
    let _guard = given_up.clone().drop_guard();
    let body = asked(facts, move |facts| {
        // The place is given back when the work ends, not when its client does.
        let _place = place;
        let mut families = None;
        facts.view(&mut |view| families = metrics::gather(view, &|| !given_up.is_cancelled()));
        let text = of.format.write(&families?);
        if given_up.is_cancelled() {
            return None;
        }
        if of.gzip { packed(text.as_bytes()) } else { Some(text.into_bytes()) }
    });
    body.await.flatten()
}

/// At the level that costs least: an exposition repeats itself so much that the others take little more off.
pub(super) fn packed(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 8), Compression::fast());
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

fn answer(asked: Asked, body: Vec<u8>) -> Response {
    let kind = HeaderValue::from_static(asked.format.content_type());
    let mut response = (StatusCode::OK, [(header::CONTENT_TYPE, kind)], body).into_response();
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Accept, Accept-Encoding"));
    if asked.gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    response
}

fn late(patience: Duration) -> Response {
    let message = format!(
        "the exposition was not ready within {} s: too many scrapes at once, or a busy machine\n",
        patience.as_secs_f64()
    );
    tracing::warn!(patience = patience.as_secs_f64(), "a scrape was given up: it took longer than its client waits");
    text(StatusCode::SERVICE_UNAVAILABLE, PLAIN, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(name: &'static str, value: &'static str) -> Asked {
        Asked::of(&HeaderMap::from_iter([(HeaderName::from_static(name), HeaderValue::from_static(value))]))
    }

    #[test]
    fn a_scraper_says_how_long_it_waits() {
        let patience = |value| asked("x-prometheus-scrape-timeout-seconds", value).patience;
        assert_eq!(patience("10"), Duration::from_secs_f64(9.5));
        assert_eq!(patience("0.5"), Duration::from_secs_f64(0.475));
        for odd in ["", "soon", "-1", "0", "nan", "inf", "1e300"] {
            assert_eq!(patience(odd), PATIENCE, "{odd}");
        }
        assert_eq!(patience("3600"), PATIENCE);
    }
}
