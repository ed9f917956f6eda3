//! The routes: every path, its answer, and the headers that all answers carry.

use super::events::{Events, events};
use super::pages::{HTML, pages};
use super::scrape::{Scrapes, exposition};
use super::{Facts, page};
use crate::export::report;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use std::sync::Arc;

pub(super) type Shared = Arc<dyn Facts>;

pub(super) const PLAIN: &str = "text/plain; charset=utf-8";
const JSON: &str = "application/json";

/// All routes over some facts.
pub fn routes(facts: Arc<dyn Facts>) -> Router {
    let scrapes = Scrapes::of(Arc::clone(&facts));
    let (told, pages) = (Events::of(Arc::clone(&facts)), pages(Arc::clone(&facts)));
    Router::new()
        .route("/metrics", get(exposition).with_state(scrapes))
        .route("/-/healthy", get(|| async { text(StatusCode::OK, PLAIN, "healthy\n") }))
        .route("/-/ready", get(ready))
        .route("/api/v1/report", get(reports))
        .route("/api/v1/events", get(events).with_state(told))
        .with_state(facts)
        .merge(pages)
        .fallback(nothing)
        .method_not_allowed_fallback(|| async {
            text(StatusCode::METHOD_NOT_ALLOWED, PLAIN, "only GET and HEAD are answered\n")
        })
        .layer(map_response(guarded))
}

async fn ready(State(facts): State<Shared>) -> Response {
    match asked(facts, |facts| facts.ready()).await {
        Some(Ok(())) => text(StatusCode::OK, PLAIN, "ready\n"),
        Some(Err(reason)) => text(StatusCode::SERVICE_UNAVAILABLE, PLAIN, format!("not ready: {reason}\n")),
        None => failed(),
    }
}

/// There is nothing: told on a page to a browser, and in one line to a program.
async fn nothing(headers: HeaderMap) -> Response {
    let accepts = headers.get(header::ACCEPT).and_then(|accept| accept.to_str().ok());
    match accepts.filter(|accept| accept.contains("text/html")) {
        Some(_) => text(StatusCode::NOT_FOUND, HTML, page::nothing("There is no such page.")),
        None => text(StatusCode::NOT_FOUND, PLAIN, "there is nothing here; see /\n"),
    }
}

async fn reports(State(facts): State<Shared>) -> Response {
    let render = |facts: &dyn Facts| {
        let format = report::FORMATS.iter().find(|f| f.name == "json")?;
        Some((format.render)(&facts.reports()))
    };
    asked(facts, render).await.flatten().map_or_else(failed, |json| text(StatusCode::OK, JSON, json))
}

/// Asks the facts off the runtime's threads: they may wait for a lock, and rendering takes its time. None when the answer
/// panicked, which costs this request and nothing else.
pub(super) async fn asked<T: Send + 'static>(
    facts: Shared,
    read: impl FnOnce(&dyn Facts) -> T + Send + 'static,
) -> Option<T> {
    let answer = tokio::task::spawn_blocking(move || read(facts.as_ref())).await;
    answer.inspect_err(|error| tracing::error!(%error, "an answer could not be made")).ok()
}

pub(super) fn text(status: StatusCode, kind: &'static str, body: impl Into<String>) -> Response {
    (status, [(header::CONTENT_TYPE, kind)], body.into()).into_response()
}

pub(super) fn failed() -> Response {
    text(StatusCode::INTERNAL_SERVER_ERROR, PLAIN, "internal error; the log says more\n")
}

/// What every answer carries: it is fresh, it is what it says it is, and it runs and loads nothing.
async fn guarded(mut response: Response) -> Response {
    let headers = response.headers_mut();
    let mut set = |name, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::CACHE_CONTROL, "no-store");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    headers.insert(header::CONTENT_SECURITY_POLICY, page::POLICY.clone());
    response
}
