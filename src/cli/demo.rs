//! `assayd demo`: the embedded models, assayed over a real loopback HTTP endpoint, then kept on `/metrics`.

use super::run::{execute, format};
use super::service::{Service, block_on, tell};
use super::{Exit, put, say, signals};
use crate::api::{self, Limits};
use crate::config::Source;
use crate::demo;
use crate::engine::run::Halt;
use crate::export::report::Format;
use crate::plan::{self, Plan};
use anyhow::Context as _;
use clap::Args;
use std::net::SocketAddr;
use std::os::unix::fs::DirBuilderExt as _;
use std::sync::Arc;

/// The embedded default.
#[derive(Args)]
pub(super) struct Demo {
    /// End after the table instead of serving it
    #[arg(long)]
    once: bool,
    /// Where /metrics and the status page are served
    #[arg(long, default_value = "127.0.0.1:9797", value_name = "ADDRESS")]
    listen: SocketAddr,
    /// Fresh items for each of the seven domains
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=2_000))]
    items: u32,
    /// Keep the samples here (such as sqlite:///tmp/demo.db) instead of in memory
    #[arg(long, default_value = "sqlite::memory:", value_name = "URL")]
    store: String,
    /// Draw the same items again: the seed that an earlier demo printed
    #[arg(long, value_name = "N")]
    seed: Option<u32>,
    /// How the figures are printed: table, json or csv
    #[arg(long, default_value = "table", value_parser = format)]
    format: Format,
    /// Print the demo's configuration instead: something to copy from
    #[arg(long)]
    print_config: bool,
}

impl Demo {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        if self.print_config {
            put(demo::PLAN)?;
            return Ok(Exit::Done);
        }
        block_on(self.show())?
    }

    async fn show(self) -> anyhow::Result<Exit> {
        let halt = Halt::default();
        signals::watch(halt.clone())?;
        let (models, _endpoint) = endpoint()?;
        let seed = self.seed.unwrap_or_else(rand::random);
        let Some(plan) = self.plan(models, seed)? else { return Ok(Exit::BadConfig) };
        let mut listeners = Vec::new();
        if !self.once {
            listeners = api::bind(&[self.listen]).context("use --listen for another address, or --once")?;
        }
        let service = Arc::new(Service::open(Arc::new(plan)).await?);
        let stop = halt.drain.clone();
        let addresses: Vec<SocketAddr> = listeners.iter().filter_map(|l| l.local_addr().ok()).collect();
        let routes = api::routes(service.clone());
        let web = tokio::spawn(api::serve(listeners, routes, Limits::DEFAULT, async move { stop.cancelled().await }));
        say(&format!("assayd: five embedded models answer on http://{models}/v1"));
        say(&format!("assayd: the fresh items are those of --seed {seed}"));
        let runs: Vec<_> = service.plan().runs.iter().filter_map(|run| run.narrowed(&[], &[])).collect();
        let (executed, exit) = execute(&service, &runs, &halt).await?;
        let mut reports = Vec::new();
        for (run, _) in executed {
            reports.push(service.report(run));
        }
        put(&(self.format.render)(&reports))?;
        if exit == Exit::Done && !self.once {
            for address in addresses {
                say(&format!("assayd: serving http://{address}/metrics and http://{address}/ until Ctrl-C"));
            }
            halt.drain.cancelled().await;
        }
        halt.drain.cancel();
        web.await??;
        service.close().await;
        Ok(exit)
    }

    /// The embedded configuration, with what is only known now filled in.
    fn plan(&self, models: SocketAddr, seed: u32) -> anyhow::Result<Option<Plan>> {
        // The public items are read as any dataset is, out of a file; it is needed only while the plan is built.
        let folder = std::env::temp_dir().join(format!("assayd-demo-{:016x}", rand::random::<u64>()));
        // Ours alone, and fails where somebody was there first.
        std::fs::DirBuilder::new().mode(0o700).create(&folder)?;
        let public = folder.join("public.jsonl");
        std::fs::write(&public, demo::public::DATASET)?;
        let text = demo::plan(&format!("http://{models}/v1"), &public.display().to_string());
        let text = text.replace("count = 1400", &format!("count = {}", self.items * 7));
        let text = text.replace("seed = \"fresh\"", &format!("seed = {seed}"));
        let built = plan::build(&Source::inline("demo.toml", &text));
        std::fs::remove_dir_all(&folder)?;
        let mut plan = match built {
            Ok(plan) => plan,
            Err(problems) => {
                tell(&problems);
                return Ok(None);
            }
        };
        plan.store.url.clone_from(&self.store);
        Ok(Some(plan))
    }
}

/// Serves the models from a thread of its own, so that they share no runtime with what measures them. They stop when
/// the second value is dropped.
fn endpoint() -> anyhow::Result<(SocketAddr, tokio::sync::oneshot::Sender<()>)> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    listener.set_nonblocking(true)?;
    let address = listener.local_addr()?;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::Builder::new().name("models".into()).spawn(move || {
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            demo::serve(listener, async move {
                // An error here is the sender's drop: the signal.
                let _dropped = stopped.await;
            })
            .await
        })
    })?;
    Ok((address, stop))
}
