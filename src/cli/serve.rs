//! `assayd serve`: the daemon. Runs on their schedule, `/metrics`, a status page; ends in order on SIGTERM.

use super::service::{Service, block_on, load};
use super::{Config, Exit, say, signals};
use crate::api::{self, Limits};
use crate::engine::run::Halt;
use crate::engine::supervise::{self, Retention};
use crate::plan::{Plan, StorePlan};
use clap::Args;
use std::path::PathBuf;
use std::sync::Arc;

/// The daemon.
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    config: Config,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let path = self.config.config;
        let Some(plan) = load(&path) else { return Ok(Exit::BadConfig) };
        block_on(serve(plan, path))?
    }
}

async fn serve(plan: Plan, path: PathBuf) -> anyhow::Result<Exit> {
    let halt = Halt::default();
    signals::watch(halt.clone())?;
    // Bound before anything is asked: a daemon that nobody can scrape must not spend.
    let listeners = api::bind(&plan.server.listen)?;
    let Plan { store: StorePlan { keep_for, keep_bytes, .. }, .. } = plan;
    let mut reloads = signals::reloads()?;
    let service = Arc::new(Service::open(Arc::new(plan)).await?);
    for listener in &listeners {
        say(&format!("assayd: listening on http://{}", listener.local_addr()?));
    }
    let stop = halt.drain.clone();
    let routes = api::routes(service.clone());
    let web = tokio::spawn(api::serve(listeners, routes, Limits::DEFAULT, async move { stop.cancelled().await }));
    notify(&[sd_notify::NotifyState::Ready]);
    let keeping = tokio::spawn(supervise::retain(
        Arc::clone(&service.engine.store),
        Retention { keep_for, keep_bytes },
        halt.clone(),
    ));
    let pushing = service.push(&halt);
    let reloaded = Arc::clone(&service);
    let reloading = tokio::spawn(async move {
        while reloads.recv().await.is_some() {
            notify(&[sd_notify::NotifyState::Reloading]);
            let (service, path) = (Arc::clone(&reloaded), path.clone());
            // Data files are read: not on a thread that others wait for.
            if let Err(error) = tokio::task::spawn_blocking(move || service.reload(&path)).await {
                tracing::error!(%error, "the configuration could not be read again");
            }
            notify(&[sd_notify::NotifyState::Ready]);
        }
    });
    let ended = supervise::daemon(&service.engine, &mut service.plans(), &halt).await;
    reloading.abort();
    notify(&[sd_notify::NotifyState::Stopping]);
    halt.drain.cancel();
    service.close().await;
    pushing.end().await;
    web.await??;
    keeping.await?;
    ended?;
    Ok(Exit::Done)
}

/// Tells systemd, where it asked to be told.
fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told");
    }
}
