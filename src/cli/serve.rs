//! `assayd serve`: the daemon. Runs on their schedule, `/metrics`, a status page; ends in order on SIGTERM.

use super::service::{Service, block_on, load};
use super::{Config, Exit, say, signals};
use crate::api::{self, Limits};
use crate::engine::run::Halt;
use crate::engine::supervise::{self, Retention};
use crate::plan::{Plan, StorePlan};
use clap::Args;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;

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
    let arena = service.arena().await?.map(Arc::new);
    let routes = api::routes(service.clone()).merge(api::arena(arena));
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
    let work = async {
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
    };
    let mut telling: Option<JoinHandle<()>> = None;
    watched(sd_notify::watchdog_enabled(), work, || {
        let account = &service.engine.account;
        // Held for ever by somebody, this waits for ever, and is seen to.
        drop(account.shared().lock());
        // Without the account nothing can be recorded; that it is closed at the end is in order.
        let alive = halt.drain.is_cancelled() || !account.is_closed();
        // A service manager that is slow to listen makes whoever tells it wait: that is not to be the work.
        if alive && telling.as_ref().is_none_or(JoinHandle::is_finished) {
            telling = Some(tokio::task::spawn_blocking(|| notify(&[sd_notify::NotifyState::Watchdog])));
        }
    })
    .await
}

/// Does the work, and lets a watchdog hear of it twice in the time that it waits at the most. Both are one task: whoever hears it
/// knows that the work was given its turn and came back from it.
async fn watched<F: Future>(watchdog: Option<Duration>, work: F, mut alive: impl FnMut()) -> F::Output {
    let Some(longest) = watchdog.filter(|longest| !longest.is_zero()) else { return work.await };
    let mut beat = tokio::time::interval((longest / 2).max(Duration::from_millis(1)));
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut work = pin!(work);
    loop {
        tokio::select! {
            biased;
            ended = &mut work => return ended,
            _ = beat.tick() => alive(),
        }
    }
}

/// Tells systemd, where it asked to be told.
fn notify(states: &[sd_notify::NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(states) {
        tracing::warn!(%error, "systemd could not be told");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use std::future::poll_fn;
    use std::task::Poll;

    const TEN: Option<Duration> = Some(Duration::from_secs(10));

    #[tokio::test(start_paused = true)]
    async fn a_watchdog_hears_twice_in_its_time() {
        let heard = Cell::new(0);
        let work = tokio::time::sleep(Duration::from_secs(61));
        watched(TEN, work, || heard.set(heard.get() + 1)).await;
        // At once, and then every five seconds.
        assert_eq!(heard.get(), 13);
    }

    #[tokio::test(start_paused = true)]
    async fn without_a_watchdog_nothing_is_told() {
        for none in [None, Some(Duration::ZERO)] {
            let work = async {
                tokio::time::sleep(Duration::from_secs(61)).await;
                7
            };
            assert_eq!(watched(none, work, || panic!("told")).await, 7);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_does_not_come_back_is_not_alive() {
        let heard = Cell::new(0);
        let (mut turns, mut while_stuck) = (0, 0);
        let work = poll_fn(|context| {
            turns += 1;
            if turns < 3 {
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            // Stuck in one turn, over many beats of the watchdog.
            let before = heard.get();
            let ahead = tokio::time::advance(Duration::from_secs(600));
            let mut ahead = pin!(ahead);
            while ahead.as_mut().poll(context).is_pending() {}
            while_stuck = heard.get() - before;
            Poll::Ready(())
        });
        watched(TEN, work, || heard.set(heard.get() + 1)).await;
        assert_eq!((turns, while_stuck), (3, 0));
    }
}
