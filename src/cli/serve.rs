//! `assayd serve`: the daemon. Runs on their schedule, `/metrics`, a status page; ends in order on SIGTERM.

use super::service::{Service, block_on, load};
use super::{Config, Exit, say, signals};
use crate::api::{self, Limits};
use crate::engine::run::Halt;
use crate::engine::supervise::{self, Retention};
use crate::plan::Plan;
use clap::Args;
use std::sync::Arc;

/// The daemon.
#[derive(Args)]
pub(super) struct Serve {
    #[command(flatten)]
    config: Config,
}

impl Serve {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some(plan) = load(&self.config.config) else { return Ok(Exit::BadConfig) };
        block_on(serve(plan))?
    }
}

async fn serve(plan: Plan) -> anyhow::Result<Exit> {
    let halt = Halt::default();
    signals::watch(halt.clone())?;
    // Bound before anything is asked: a daemon that nobody can scrape must not spend.
    let listeners = api::bind(&plan.server.listen)?;
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
        Retention { keep_for: service.plan.store.keep_for, keep_bytes: service.plan.store.keep_bytes },
        halt.clone(),
    ));
    let ended = supervise::daemon(&service.engine, &service.plan, &halt).await;
    notify(&[sd_notify::NotifyState::Stopping]);
    halt.drain.cancel();
    service.close().await;
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
