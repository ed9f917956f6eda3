//! The pages' routes: what each needs of the facts, what its address may say, and who may see it.
//!
//! Addresses are written by people: what can't be taken is told on a page of its own (400), and so is what there is none of
//! (404). Facts are read off the runtime's threads, as everywhere in this room.

mod asking;
mod compare;
mod question;
mod seeing;

use super::page::{self, By, Choices, Figure, Known, Question};
use super::routes::{Shared, asked, failed, text};
use crate::store::{Search, Seek, StoreError};
use asking::{Asking, Wrong};
use axum::Router;
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{Redirect, Response};
use axum::routing::get;
use compare::Comparisons;
use seeing::may_see;
use std::sync::Arc;
use tokio::sync::Semaphore;

pub(super) const HTML: &str = "text/html; charset=utf-8";

/// Samples of a page.
const ROWS: u32 = 50;
/// Failures that are shown with a run.
const FAILURES: u32 = 5;

/// What pages share.
#[derive(Clone)]
struct Pages {
    facts: Shared,
    comparisons: Comparisons,
    /// Questions may have to be drawn anew, which takes a generator its time: one at a time.
    drawing: Arc<Semaphore>,
}

/// All pages over some facts.
pub(super) fn pages(facts: Shared) -> Router {
    let pages = Pages { facts, comparisons: Comparisons::default(), drawing: Arc::new(Semaphore::new(1)) };
    Router::new()
        .route("/", get(overview))
        .route("/runs", get(|| async { Redirect::permanent("/") }))
        .route("/runs/{name}", get(run))
        .route("/targets", get(|| async { Redirect::permanent("/") }))
        .route("/targets/{name}", get(target))
        .route("/matrix", get(matrix))
        .route("/compare", get(compare::page))
        .route("/samples", get(samples))
        .route("/samples/{position}", get(sample))
        .with_state(pages)
}

fn html(status: StatusCode, page: String) -> Response {
    text(status, HTML, page)
}

fn nothing(what: &str) -> Response {
    html(StatusCode::NOT_FOUND, page::nothing(what))
}

fn refused(path: &str, wrong: &Wrong) -> Response {
    html(StatusCode::BAD_REQUEST, page::refused(path, &wrong.0))
}

/// What the store could not do: it is busy, or something is wrong with it, which the log tells too.
fn store_failed(error: &StoreError) -> Response {
    tracing::warn!(%error, "a page could not be made");
    html(StatusCode::SERVICE_UNAVAILABLE, page::failed(None, "The store could not be read; the log says more."))
}

async fn overview(State(pages): State<Pages>) -> Response {
    let page = asked(pages.facts, |facts| {
        let targets = facts.plan().map(|plan| plan.targets.iter().map(|target| target.name.to_string()).collect());
        let targets: Vec<String> = targets.unwrap_or_default();
        page::overview(&facts.status(), &facts.ready(), &facts.reports(), &targets)
    });
    page.await.map_or_else(failed, |page| html(StatusCode::OK, page))
}

async fn run(State(pages): State<Pages>, headers: HeaderMap, name: Result<Path<String>, PathRejection>) -> Response {
    const NONE: &str = "The configuration has no such run.";
    let Ok(Path(name)) = name else { return nothing(NONE) };
    let facts = Arc::clone(&pages.facts);
    let wanted = name.clone();
    let read = asked(facts, move |facts| {
        let run = facts.status().runs.into_iter().find(|run| run.name == wanted)?;
        Some((run, facts.reports(), facts.plan(), facts.store()))
    });
    let (run, reports, plan, store) = match read.await {
        Some(Some(read)) => read,
        Some(None) => return nothing(NONE),
        None => return failed(),
    };
    let failures = match store.filter(|_| may_see(plan.as_deref(), &headers)) {
        Some(store) => {
            let verdict = Some(crate::domain::Verdict::Failed);
            let search = Search { run: Some(name), verdict, limit: FAILURES, ..Search::default() };
            match store.search(search).await {
                Ok(finds) => Some(finds.rows),
                Err(error) => return store_failed(&error),
            }
        }
        None => None,
    };
    html(StatusCode::OK, page::run(&run, &reports, failures.as_deref()))
}

async fn target(State(pages): State<Pages>, name: Result<Path<String>, PathRejection>) -> Response {
    const NONE: &str = "Neither the configuration nor a report has such a target.";
    let Ok(Path(name)) = name else { return nothing(NONE) };
    let wanted = name.clone();
    let read = asked(pages.facts, move |facts| {
        let (plan, reports) = (facts.plan(), facts.reports());
        let planned = plan.iter().flat_map(|plan| &plan.targets).find(|target| target.name.as_str() == wanted).cloned();
        let measured = reports.iter().flat_map(|report| &report.rows).any(|row| row.target.as_str() == wanted);
        if planned.is_none() && !measured {
            return None;
        }
        let mut known = Known::default();
        facts.view(&mut |view| known = Known::of(view, &wanted));
        Some((planned, known, reports, facts.store()))
    });
    let (planned, mut known, reports, store) = match read.await {
        Some(Some(read)) => read,
        Some(None) => return nothing(NONE),
        None => return failed(),
    };
    if let Some(store) = store {
        known.served = match served(store.as_ref(), &name).await {
            Ok(served) => served,
            Err(error) => return store_failed(&error),
        };
    }
    html(StatusCode::OK, page::target(&name, planned.as_deref(), &known, &reports))
}

/// The model that a target's newest answers named.
async fn served(store: &dyn crate::store::Store, target: &str) -> Result<Option<(String, i64)>, StoreError> {
    let search = Search { target: Some(target.to_owned()), limit: FAILURES, ..Search::default() };
    for found in store.search(search).await?.rows {
        let Some(dossier) = store.dossier(found.position).await? else { continue };
        let model = dossier.recorded.sample.last().and_then(|last| last.answer.model.clone());
        if let Some(model) = model {
            return Ok(Some((model, found.at_unix_ms)));
        }
    }
    Ok(None)
}

async fn matrix(State(pages): State<Pages>, RawQuery(query): RawQuery) -> Response {
    let asking = Asking::of(query.as_deref());
    let figures = Figure::ALL.map(|(figure, _)| (figure, figure.word()));
    let (by, figure) = match (asking.choice("by", &By::ALL), asking.choice("show", &figures)) {
        (Ok(by), Ok(figure)) => (by.unwrap_or(By::Scenario), figure.unwrap_or(Figure::Accuracy)),
        (Err(wrong), _) | (_, Err(wrong)) => return refused("/matrix", &wrong),
    };
    let page = asked(pages.facts, move |facts| {
        let order = facts.plan().map(|plan| plan.targets.iter().map(|target| target.name.to_string()).collect());
        let order: Vec<String> = order.unwrap_or_default();
        page::matrix(&facts.reports(), &order, by, figure)
    });
    page.await.map_or_else(failed, |page| html(StatusCode::OK, page))
}

/// What a query asks for, of samples.
fn search(asking: &Asking) -> Result<Search, Wrong> {
    let verdicts = crate::domain::Verdict::ALL.map(|verdict| (verdict, verdict.label()));
    let from = match (asking.position("before")?, asking.position("after")?) {
        (Some(_), Some(_)) => return Err(Wrong("`before` and `after` exclude each other".to_owned())),
        (Some(position), None) => Seek::Before(position),
        (None, Some(position)) => Seek::After(position),
        (None, None) => Seek::Newest,
    };
    Ok(Search {
        from,
        run: asking.text("run")?,
        target: asking.text("target")?,
        scenario: asking.text("scenario")?,
        verdict: asking.choice("verdict", &verdicts)?,
        item: asking.text("item")?,
        rule: asking.text("rule")?,
        limit: ROWS,
    })
}

async fn samples(State(pages): State<Pages>, headers: HeaderMap, RawQuery(query): RawQuery) -> Response {
    let search = match search(&Asking::of(query.as_deref())) {
        Ok(search) => search,
        Err(wrong) => return refused("/samples", &wrong),
    };
    let read = asked(pages.facts, |facts| {
        let (plan, status) = (facts.plan(), facts.status());
        let mut choices = Choices { runs: status.runs.into_iter().map(|run| run.name).collect(), ..Choices::default() };
        if let Some(plan) = &plan {
            choices.targets = plan.targets.iter().map(|target| target.name.to_string()).collect();
            choices.scenarios = plan.scenarios.iter().map(|scenario| scenario.name.to_string()).collect();
        }
        (plan, facts.store(), choices)
    });
    let Some((plan, store, choices)) = read.await else { return failed() };
    if !may_see(plan.as_deref(), &headers) {
        return html(StatusCode::FORBIDDEN, page::hidden());
    }
    let Some(store) = store else { return nothing("There is no store to look into.") };
    match store.search(search.clone()).await {
        Ok(finds) => html(StatusCode::OK, page::samples(&search, &finds, &choices)),
        Err(error) => store_failed(&error),
    }
}

async fn sample(State(pages): State<Pages>, headers: HeaderMap, path: Result<Path<String>, PathRejection>) -> Response {
    const NONE: &str = "There is no such sample: its number is wrong, or it was deleted since.";
    let position = path.ok().and_then(|Path(text)| text.parse::<i64>().ok()).filter(|position| *position > 0);
    let Some((plan, store)) = asked(pages.facts, |facts| (facts.plan(), facts.store())).await else { return failed() };
    if !may_see(plan.as_deref(), &headers) {
        return html(StatusCode::FORBIDDEN, page::hidden());
    }
    let (Some(position), Some(store)) = (position, store) else { return nothing(NONE) };
    let dossier = match store.dossier(position).await {
        Ok(Some(dossier)) => dossier,
        Ok(None) => return nothing(NONE),
        Err(error) => return store_failed(&error),
    };
    let asked = match store.asked(dossier.run.id).await {
        Ok(asked) => asked,
        Err(error) => return store_failed(&error),
    };
    // Waits for its turn; the draw itself is off the runtime's threads.
    let Ok(_turn) = pages.drawing.acquire().await else { return failed() };
    let made = tokio::task::spawn_blocking(move || {
        let question = match &plan {
            Some(plan) => question::of(plan, &dossier, &asked),
            None => Question::Not("There is no configuration that has the question.".to_owned()),
        };
        page::sample(&dossier, &question)
    });
    match made.await {
        Ok(page) => html(StatusCode::OK, page),
        Err(error) => {
            tracing::error!(%error, "a sample's page could not be made");
            failed()
        }
    }
}
