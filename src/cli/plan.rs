//! `assayd check`: the resolved plan, before a cent is spent; with `--probe`, one minimal question to every target.

use super::service::{Service, block_on, load};
use super::{Config, Exit, check, complain, put, signals};
use crate::domain::{Failure, Sample, Verdict};
use crate::engine::probe::{Probed, probe};
use crate::engine::run::Halt;
use crate::plan::{Plan, Target};
use crate::provider::wire::list_models;
use crate::scoring;
use anyhow::Context as _;
use clap::Args;
use std::sync::Arc;

/// Print the resolved plan.
#[derive(Args)]
pub(super) struct Check {
    #[command(flatten)]
    config: Config,
    /// Also ask every target one minimal question (paid, and in the ledger)
    #[arg(long)]
    probe: bool,
}

impl Check {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Some(plan) = load(&self.config.config) else { return Ok(Exit::BadConfig) };
        put(&check::render(&plan))?;
        if self.probe { block_on(ask(plan))? } else { Ok(Exit::Done) }
    }
}

async fn ask(plan: Plan) -> anyhow::Result<Exit> {
    let halt = Halt::default();
    signals::watch(halt.clone())?;
    let kind = scoring::KINDS.iter().find(|k| k.name == "exact").context("no exact scorer")?;
    let scorer = (kind.build)(None).context("the exact scorer needs settings")?;
    let service = Service::open(Arc::new(plan)).await?;
    let plan = service.plan();
    let found = tokio::select! {
        found = probe(&service.engine, &plan, scorer) => found?,
        () = halt.drain.cancelled() => {
            // What was in flight is unknown at the next start.
            service.close().await;
            complain("the probe was broken off");
            return Ok(Exit::Incomplete);
        }
    };
    service.close().await;
    let (mut text, mut bad) = (String::from("\nprobe\n"), 0);
    for (name, probed) in found {
        let (ok, words) = match probed {
            Probed::Asked(sample) => judge(&sample),
            Probed::Denied(denied) => (false, denied.to_string()),
            Probed::Failed(why) => (false, why),
        };
        text.push_str(&format!("  {} {name}: {words}\n", if ok { "ok  " } else { "FAIL" }));
        if !ok {
            bad += 1;
            let target = plan.targets.iter().find(|t| t.name == name);
            if let Some(hint) = hint(target, &words).await {
                text.push_str(&format!("       hint: {hint}\n"));
            }
        }
    }
    put(&text)?;
    if bad > 0 {
        complain(&format!("{bad} of {} targets did not answer the probe", plan.targets.len()));
        return Ok(Exit::Incomplete);
    }
    Ok(Exit::Done)
}

fn judge(sample: &Sample) -> (bool, String) {
    let Some(last) = sample.last() else { return (false, "nothing was sent".into()) };
    if let Some(fault) = &last.fault {
        return (false, fault.to_string());
    }
    let ms = |n: Option<crate::domain::Nanos>| n.map_or_else(|| "-".into(), |n| format!("{:.0} ms", n.seconds() * 1e3));
    let usage = match (last.answer.usage.input_total(), last.answer.usage.output_total()) {
        (Some(input), Some(output)) => format!("{input} tokens in, {output} out"),
        _ => "no usage reported: its cost can only be bounded".into(),
    };
    let served = last.answer.model.as_deref().map(|m| format!(", served as {m}")).unwrap_or_default();
    let said = if sample.finding.verdict == Verdict::Correct { "" } else { ", though not with OK" };
    let cost = if sample.is_unpriced() { "unpriced".into() } else { sample.cost().total().to_string() };
    (
        true,
        format!(
            "answered in {} (first token {}){said}; {usage}; {cost}{served}",
            ms(last.timing.e2e()),
            ms(last.timing.ttft())
        ),
    )
}

/// What would help, where the endpoint itself can say: the models it has.
async fn hint(target: Option<&Arc<Target>>, words: &str) -> Option<String> {
    let target = target?;
    let worth = [Failure::Http4xx, Failure::Http5xx].iter().any(|f| words.starts_with(f.label()));
    let models = if worth { list_models(&target.endpoint, target.provider.as_ref()).await.ok()? } else { return None };
    let near = crate::config::suggest(&target.model, models.iter().map(String::as_str));
    match near {
        Some(near) if near != target.model => Some(format!("the endpoint has {near}: did you mean that?")),
        _ if models.is_empty() || models.contains(&target.model) => None,
        _ => Some(format!("the endpoint has {}", models.iter().take(10).cloned().collect::<Vec<_>>().join(", "))),
    }
}
