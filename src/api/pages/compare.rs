//! `/compare`: a comparison goes through all that is stored, so it is made off the runtime's threads, one at a time, and kept
//! for a while.

use super::asking::{Asking, Wrong};
use super::{Pages, failed, html, nothing, refused, store_failed};
use crate::api::page;
use crate::api::routes::asked;
use crate::domain::Name;
use crate::engine::unix_ms;
use crate::export::verdict::{Document, Lang};
use crate::store::{Store, StoreError};
use crate::verdict::{Claim, Comparison, Scope, claims, gather};
use axum::extract::{RawQuery, State};
use axum::http::StatusCode;
use axum::response::Response;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;

/// How long a comparison is shown before it is made again, and …
const FRESH: Duration = Duration::from_secs(30);
/// … so many times as long as making it took, so that it never takes more than a part of the machine.
const TIMES: u32 = 20;
/// How long a browser waits.
const PATIENCE: Duration = Duration::from_secs(60);
/// Baselines whose comparisons are kept.
const KEPT: usize = 8;

/// A comparison, when it was made, and how long that took.
#[derive(Clone)]
struct Made {
    comparison: Arc<(Comparison, Vec<Claim>)>,
    at: Instant,
    at_unix_ms: i64,
    took: Duration,
}

/// Comparisons by baseline. Whoever makes one holds the lock: the others wait, and find it made.
#[derive(Clone, Default)]
pub(super) struct Comparisons(Arc<Mutex<BTreeMap<Option<Name>, Made>>>);

impl Comparisons {
    async fn get(&self, store: Arc<dyn Store>, targets: Vec<Name>, baseline: Option<Name>) -> Result<Made, StoreError> {
        let mut kept = Arc::clone(&self.0).lock_owned().await;
        if let Some(made) = kept.get(&baseline).filter(|made| made.at.elapsed() < FRESH.max(made.took * TIMES)) {
            return Ok(made.clone());
        }
        let began = instant();
        let scope = Scope { targets, baseline: baseline.clone(), ..Scope::default() };
        let runtime = tokio::runtime::Handle::current();
        // Not given up when its browser is: the next one finds it made.
        let making = tokio::task::spawn_blocking(move || {
            let gathered = runtime.block_on(gather(store.as_ref(), &scope))?;
            let comparison = gathered.compare();
            let claims = claims(&comparison);
            let (comparison, took) = (Arc::new((comparison, claims)), began.elapsed());
            let made = Made { comparison, at: instant(), at_unix_ms: unix_ms(), took };
            if kept.len() >= KEPT {
                kept.clear();
            }
            kept.insert(baseline, made.clone());
            Ok::<Made, StoreError>(made)
        });
        making.await.map_err(|error| StoreError::Other(format!("the comparison was broken off: {error}")))?
    }
}

#[expect(clippy::disallowed_methods, reason = "how old a page is, and how long a person waits: no measurement")]
fn instant() -> Instant {
    Instant::now()
}

pub(super) async fn page(State(pages): State<Pages>, RawQuery(query): RawQuery) -> Response {
    let asking = Asking::of(query.as_deref());
    let languages = [(Lang::En, "en"), (Lang::Zh, "zh")];
    let (baseline, lang) = match (asking.text("baseline"), asking.choice("lang", &languages)) {
        (Ok(baseline), Ok(lang)) => (baseline, lang.unwrap_or(Lang::En)),
        (Err(wrong), _) | (_, Err(wrong)) => return refused("/compare", &wrong),
    };
    let Some((plan, store)) = asked(pages.facts, |facts| (facts.plan(), facts.store())).await else { return failed() };
    let targets: Vec<Name> = plan.iter().flat_map(|plan| &plan.targets).map(|target| target.name.clone()).collect();
    let names: Vec<String> = targets.iter().map(Name::to_string).collect();
    let Some(store) = store else { return nothing(page::NOT_STORED) };
    let held = match &baseline {
        None => None,
        Some(wanted) => match targets.iter().find(|name| name.as_str() == wanted) {
            Some(name) => Some(name.clone()),
            None => {
                let why = format!("`baseline` is expected to be one of: {}", names.join(", "));
                return refused("/compare", &Wrong(why));
            }
        },
    };
    let making = pages.comparisons.get(store, targets, held);
    let made = match tokio::time::timeout(PATIENCE, making).await {
        Ok(Ok(made)) => made,
        Ok(Err(error)) => return store_failed(&error),
        Err(_) => {
            let why =
                "The comparison takes long; it goes on being made, and is shown when this page is asked for again.";
            return html(StatusCode::SERVICE_UNAVAILABLE, page::failed(None, why));
        }
    };
    let rendered = tokio::task::spawn_blocking(move || {
        let (comparison, claims) = made.comparison.as_ref().clone();
        let source = "the store of this daemon".to_owned();
        let took = u64::try_from(made.took.as_millis()).unwrap_or(u64::MAX);
        let document = Document { comparison, claims, lang, made_unix_ms: made.at_unix_ms, source };
        page::compare(&document, baseline.as_deref(), &names, took)
    });
    rendered.await.map_or_else(|_| failed(), |page| html(StatusCode::OK, page))
}
