//! `/targets/NAME`: everything about one target: figures, price and its day, limits, what is behind it, latencies, what fails.

use super::figures::{newest, nothing, table};
use super::layout::{LIVE, Page, Way};
use super::parts::{encoded, short, wide};
use crate::board::{Buckets, Figures, Hardware};
use crate::domain::{Failure, Name};
use crate::export::metrics::View;
use crate::export::report::{Report, duration, instant, percent, significant, usd};
use crate::plan::{Slo, StoreAnswers, Target};
use crate::pricing::{Booked, Price, TokenPrice};
use maud::{Markup, html};
use rust_decimal::Decimal;
use std::time::Duration;

/// What is known of a target beside its figures and its configuration.
#[derive(Debug, Clone, Default)]
pub(in crate::api) struct Known {
    /// Whether its last exchange got an answer; none where it was never asked.
    pub up: Option<bool>,
    /// Whether it is let alone since it is dead.
    pub circuit_open: bool,
    /// Exchanges since the store began: those that succeeded, and those that failed by cause.
    pub ok: u64,
    pub failures: Vec<(&'static str, u64)>,
    /// Distributions of latencies since the store began.
    pub latencies: Vec<Distribution>,
    /// The model that its newest answer named, and when that was (ms since the Unix epoch).
    pub served: Option<(String, i64)>,
}

/// A histogram in short. Seconds.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::api) struct Distribution {
    scenario: String,
    what: &'static str,
    count: u64,
    mean: f64,
    /// By [`SHARES`]: at most so much, by the upper edge of the bucket; infinite beyond the last edge.
    at_most: Vec<f64>,
}

/// Shares of answers that a distribution tells an upper edge for.
const SHARES: [(f64, &str); 5] = [(0.1, "10 %"), (0.5, "half"), (0.9, "90 %"), (0.99, "99 %"), (0.999, "99.9 %")];

impl Distribution {
    #[expect(clippy::cast_precision_loss, reason = "a share for display")]
    fn of(scenario: &Name, what: &'static str, buckets: &Buckets) -> Option<Self> {
        let count = buckets.count();
        let edge = |share: f64| {
            let wanted = share * count as f64;
            buckets.cumulative().find(|(_, n)| *n as f64 >= wanted).map_or(f64::INFINITY, |(edge, _)| edge)
        };
        (count > 0).then(|| Self {
            scenario: scenario.to_string(),
            what,
            count,
            mean: buckets.sum_seconds() / count as f64,
            at_most: SHARES.iter().map(|(share, _)| edge(*share)).collect(),
        })
    }
}

impl Known {
    /// Reads it out of the state.
    pub(in crate::api) fn of(view: &View<'_>, target: &str) -> Self {
        let mut known = Self {
            up: view.up.iter().find(|(name, _)| name.as_str() == target).map(|(_, up)| *up),
            circuit_open: view.circuits.iter().any(|(name, open)| name.as_str() == target && *open),
            ..Self::default()
        };
        let mut failures = [0_u64; Failure::ALL.len()];
        for (_, counters) in view.board.counters.iter().filter(|(cell, _)| cell.target.as_str() == target) {
            known.ok += counters.ok;
            failures.iter_mut().zip(counters.failures).for_each(|(sum, more)| *sum += more);
        }
        known.failures = Failure::ALL.iter().map(|f| f.label()).zip(failures).filter(|(_, n)| *n > 0).collect();
        known.failures.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
        for ((_, scenario), latencies) in view.board.latencies.iter().filter(|((name, _), _)| name.as_str() == target) {
            let all = [
                ("first token", &latencies.first_token_send),
                ("gap between tokens", &latencies.inter_token),
                ("per output token", &latencies.per_output_token),
                ("whole answer", &latencies.duration_send),
            ];
            known.latencies.extend(all.into_iter().filter_map(|(what, of)| Distribution::of(scenario, what, of)));
        }
        known
    }
}

/// Renders the page; `target` is none for one that the configuration does not have any more.
pub(in crate::api) fn render(name: &str, target: Option<&Target>, known: &Known, reports: &[Report]) -> String {
    let rows: Vec<_> =
        newest(reports, Figures::is_whole).into_iter().filter(|(_, row)| row.target.as_str() == name).collect();
    let title = format!("Target {name}");
    let body = html! {
        div id="standing" data-live { (standing(known)) }
        div id="figures" data-live {
            h2 { "Figures by scenario" }
            @if rows.is_empty() { p { "Nothing has been measured yet." } }
            @else { (table("the newest of each scenario; ranges hold the truth with 95 % certainty", &rows, true)) }
            (doubts(&rows))
        }
        h2 { "Price, limits, model" }
        @match target { Some(target) => (facts(target, known)), None => p { "The configuration does not have it any more." } }
        div id="latencies" data-live { (latencies(known)) }
        div id="causes" data-live { (failures(known)) }
        (hardware(name, reports))
        p { a href={ "/samples?target=" (encoded(name)) } { "Samples of this target" } }
    };
    let (way, above, refresh) = (Some(Way::Overview), &[("/", "Overview")], Some(60));
    Page { title: &title, way, above, scripts: &[LIVE], refresh, body, ..Page::default() }.render()
}

fn standing(known: &Known) -> Markup {
    let Known { up, circuit_open, .. } = known;
    html! {
        @if *circuit_open { div.alert { p { "It failed too often just now and is let alone for a while." } } }
        @else if *up == Some(false) { div.alert { p { "It did not answer when it was asked last." } } }
        @else if *up == Some(true) { div.well { p { "It answered when it was asked last." } } }
        @else { p { "It has not been asked since this process began." } }
    }
}

/// What is wrong with the timing of rows, in words.
fn doubts(rows: &[(&Report, &Figures)]) -> Markup {
    let of = |row: &Figures| {
        let breaches = row.validity.breaches.iter().filter(|breach| breach.reason.invalidates());
        breaches
            .map(|breach| format!("{}: {}", row.scenario, crate::export::report::breach(breach)))
            .collect::<Vec<_>>()
    };
    let doubts: Vec<String> = rows.iter().flat_map(|(_, row)| of(row)).collect();
    html! { @if !doubts.is_empty() { h3 { "Timing that is not valid" } ul { @for doubt in &doubts { li { (doubt) } } } } }
}

fn facts(target: &Target, known: &Known) -> Markup {
    let Target { api, url, model, sampling, limits, retry, slo, store_answers, price, carbon, meters, .. } = target;
    let limit = |n: Option<u64>, what: &str| n.map(|n| format!("{n} {what}"));
    let limited: Vec<String> = [
        limit(limits.concurrency.map(u64::from), "in flight"),
        limit(limits.requests_per_minute.map(u64::from), "requests a minute"),
        limit(limits.tokens_per_minute, "tokens a minute"),
    ]
    .into_iter()
    .flatten()
    .collect();
    html! {
        dl.facts {
            dt { "Price" } dd { @for line in prices(price) { p.line { (line) } } }
            dt { "Model asked for" } dd { code { (model) } }
            dt { "Model served" }
            dd { @match &known.served {
                Some((model, at)) => { code { (short(model)) } span.soft { " as the newest answer said, " (instant(*at)) } }
                None => span.soft { "no answer has named one" }
            } }
            dt { "Endpoint" } dd { code { (address(url)) } " by " code { (api) } }
            dt { "Limits" } dd { @if limited.is_empty() { "none of its own" } @else { (limited.join(", ")) } ", " (retry.attempts) " attempts" }
            dt { "Fast enough" } dd { @match slo { Some(slo) => (objective(slo)), None => span.soft { "not declared" } } }
            dt { "Sampling" }
            dd { @match sampling.max_tokens { Some(n) => { "at most " (n) " tokens" } None => "no limit of tokens" }
                @if let Some(t) = sampling.temperature { ", temperature " (t) } }
            dt { "Answers" } dd { @match store_answers {
                StoreAnswers::Yes => "are kept", StoreAnswers::No => "are not kept", StoreAnswers::Hash => "are kept as hashes only" } }
            dt { "Meters" }
            dd { @if meters.is_empty() { span.soft { "none: energy and use of the hardware are not measured" } }
                @for (at, meter) in meters.iter().enumerate() { @if at > 0 { ", " } code { (meter.kind) } } }
            dt { "Emissions" } dd { @if carbon.is_some() { "by the grid's intensity" } @else { span.soft { "not declared" } } }
        }
    }
}

/// The address without what may stand in it beside host and path: it is for people, and a query may hold anything.
fn address(url: &str) -> String {
    match url::Url::parse(url) {
        Ok(parsed) => {
            let port = parsed.port().map_or_else(String::new, |port| format!(":{port}"));
            format!("{}://{}{port}{}", parsed.scheme(), parsed.host_str().unwrap_or_default(), parsed.path())
        }
        Err(_) => "(an address that can't be read)".to_owned(),
    }
}

fn objective(slo: &Slo) -> String {
    let Slo { first_token, per_output_token, total, goal } = slo;
    let all = [("first token", first_token), ("per output token", per_output_token), ("whole answer", total)];
    let ms = |d: Duration| duration(u64::try_from(d.as_millis()).unwrap_or(u64::MAX));
    let parts: Vec<String> =
        all.iter().filter_map(|(word, limit)| Some(format!("{word} {}", ms((**limit)?)))).collect();
    format!("{}, for {} % of what is asked", parts.join(", "), percent(*goal))
}

/// A price in words, with its days; a line for each version.
fn prices(price: &Price) -> Vec<String> {
    let versions = |price: &TokenPrice| {
        let figure = |amount: &Decimal| amount.round_dp(9).normalize().to_string();
        price.periods().iter().map(|period| period.words(figure)).collect::<Vec<_>>()
    };
    match price {
        Price::Unpriced => vec!["unpriced: counted and shown as such, never as 0".to_owned()],
        Price::Tokens(price) => versions(price),
        Price::Book(Booked { name, as_of, price, .. }) => {
            versions(price).into_iter().chain([format!("out of the price book: {name}, as of {as_of}")]).collect()
        }
        Price::Rented(rented) => vec![format!(
            "{} USD an hour: {} rented at {} USD",
            rented.per_hour().normalize(),
            rented.gpus,
            rented.per_gpu_hour.normalize()
        )],
        Price::Owned(owned) => vec![format!(
            "{} USD an hour for {} of one's own, energy apart",
            owned.per_hour().round_dp(6).normalize(),
            owned.devices
        )],
    }
}

fn latencies(known: &Known) -> Markup {
    let caption = "latencies since the store began: so much of them took at most so long";
    let shown = |seconds: f64| match seconds {
        s if s.is_infinite() => "more".to_owned(),
        s if s >= 10.0 => format!("{} s", significant(s, 3)),
        s => format!("{} ms", significant(s * 1e3, 3)),
    };
    html! {
        h2 { "Latency" }
        @if known.latencies.is_empty() { p { "Nothing has been measured yet." } } @else {
            (wide(caption, &html! { table {
                caption { (caption) }
                thead { tr {
                    th scope="col" { "scenario" } th scope="col" { "what" } th.number scope="col" { "n" } th.number scope="col" { "mean" }
                    @for (_, word) in SHARES { th.number scope="col" { (word) } }
                } }
                tbody { @for Distribution { scenario, what, count, mean, at_most } in &known.latencies { tr {
                    td { bdi { (scenario) } }
                    th scope="row" { (what) }
                    td.number { (count) }
                    td.number { (shown(*mean)) }
                    @for edge in at_most { td.number { (shown(*edge)) } }
                } } }
            } }))
            p.soft { "From the send, successes only, by the histograms that /metrics exports: the upper edge of the bucket." }
        }
    }
}

fn failures(known: &Known) -> Markup {
    let Known { ok, failures, .. } = known;
    let failed: u64 = failures.iter().map(|(_, n)| n).sum();
    let caption = "exchanges since the store began, retries too";
    html! {
        h2 { "Availability and failures" }
        @if ok + failed == 0 { p { "Nothing has been asked yet." } } @else {
            (wide(caption, &html! { table {
                caption { (caption) }
                thead { tr { th scope="col" { "outcome" } th.number scope="col" { "exchanges" } th.number scope="col" { "share" } } }
                tbody {
                    @for (word, count) in [("ok", *ok)].iter().chain(failures) { tr {
                        th scope="row" { code { (word) } }
                        td.number { (count) }
                        td.number { (share(*count, ok + failed)) " %" }
                    } }
                }
            } }))
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a share for display")]
fn share(part: u64, whole: u64) -> String {
    percent(part as f64 / whole.max(1) as f64)
}

/// What the hardware did in the newest run that tells of it.
fn hardware(name: &str, reports: &[Report]) -> Markup {
    let mut of: Vec<(&Report, &Hardware)> = Vec::new();
    for report in reports {
        of.extend(report.hardware.iter().filter(|h| h.target.as_str() == name && h.is_known()).map(|h| (report, h)));
    }
    let Some((report, hardware)) = of.into_iter().max_by_key(|(report, _)| report.started_unix_ms) else {
        return Markup::default();
    };
    let cost: f64 =
        report.rows.iter().filter(|r| r.is_whole() && r.target.as_str() == name).map(|r| r.cost.total().usd()).sum();
    html! {
        h2 { "Hardware and energy" }
        p.lead { "In the run " (super::figures::run_link(&report.run)) ", which cost " (usd(cost)) " for this target." }
        dl.facts {
            dt { "Window" } dd { (significant(hardware.window.seconds(), 3)) " s" }
            dt { "Busy" }
            dd { @match hardware.duty() { Some((kind, share)) => { (percent(share)) " % of the devices' time (" (kind.label()) ")" } None => (nothing()) } }
            dt { "Energy" }
            dd { @match hardware.energy {
                Some(energy) => {
                    (significant(energy.joules, 3)) " J, " (energy.quality.label())
                    @if let Some((idle, active)) = energy.split { ": " (significant(idle, 3)) " idle, " (significant(active, 3)) " active" }
                }
                None => (nothing())
            } }
            @if !hardware.flags.is_empty() { dt { "Flags" } dd { @for flag in &hardware.flags { code { (flag.label()) } " " } } }
            @for absent in &hardware.absent { dt { "Not seen" } dd { (absent) } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::board::Grid;

    #[test]
    fn an_address_keeps_what_is_safe_to_show() {
        assert_eq!(address("https://user:pass@host.example:8443/v1?key=abc#x"), "https://host.example:8443/v1");
        assert_eq!(address("http://127.0.0.1:8000/v1"), "http://127.0.0.1:8000/v1");
        assert_eq!(address("no url"), "(an address that can't be read)");
    }

    #[test]
    fn a_distribution_tells_upper_edges() {
        let mut buckets = Buckets::new(&Grid::SECONDS);
        (0..99).for_each(|_| buckets.record(12_000_000));
        buckets.record(u64::MAX);
        let name = Name::new("s").unwrap();
        let Distribution { count, at_most, .. } = Distribution::of(&name, "first token", &buckets).unwrap();
        assert_eq!(count, 100);
        assert!(at_most[1] >= 0.012 && at_most[1] < 0.05, "{at_most:?}");
        assert!(at_most[3] < 0.05 && at_most[4].is_infinite(), "{at_most:?}");
        assert_eq!(Distribution::of(&name, "x", &Buckets::new(&Grid::SECONDS)), None);
    }
}
