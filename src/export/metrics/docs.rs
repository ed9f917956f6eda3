//! `docs/metrics.md`, written from the table.

use super::{Metric, REFUSED, metrics};
use crate::board::{Grid, Grids};
use std::fmt::Write;

const HEAD: &str = "\
# Metrics

Generated from the table in `src/export/metrics/table.rs`; a test checks that this page is current
(`ASSAYD_UPDATE=1 cargo test --test it` writes it anew). Names, types and labels are a contract.

`GET /metrics` answers in Prometheus' text format 0.0.4, or in OpenMetrics 1.0 where `Accept` names it and wants it more, packed
with gzip where that is taken. Everything is read from the board at the moment of the scrape, and counters go on where they
stood after a restart. Prefer counters, and divide in recording rules: the gauges of the last complete run are for a look, and
for their intervals. `[metrics]` in the configuration switches metrics off, changes buckets, and caps the lines.

| name | type | unit | labels | meaning |
|---|---|---|---|---|
";

const TAIL: &str = r#"
## Labels

Label values come from closed sets only. Item ids, prompts and text written by models never become labels.

| label | values |
|---|---|
| `target`, `scenario`, `run` | the names in the configuration |
| `domain`, `capability` | the tags of the scenarios' items, known before a run begins |
| `verdict` | @VERDICTS@ |
| `outcome` | `ok`, @FAILURES@ |
| `kind` | @TOKENS@ |
| `component` | @COMPONENTS@ |
| `result` | of runs: `complete`, `incomplete`, `budget`; of exports: `ok`, `partial`, `refused`, `failed` |
| `side` | `input`, `output` |
| `scope` | `day`, `run` |
| `clock` | `send`, `scheduled` |
| `reason` | @REASONS@ |
| `figure` | @FIGURES@ |
| `direction` | `over`, `under` |

Counters and histograms stand at zero from the start for every target, scenario, domain and capability of the plan.
An exposition has at most `[metrics] series_cap` lines (@CAP@ where it is not set); `assayd_refused_series` says how many more there would be.

## Formats

OpenMetrics has the same series with the same labels, and besides: units, and exemplars on the buckets of histograms. An
exemplar is the newest value that this process saw in a bucket, with its `run` (the number of the execution) and `trial` (the
item, and `#` with the repeat from the second time on), as `assayd export samples` names them; a name that would make its
labels longer than 128 characters is left out. Prometheus keeps exemplars with `--enable-feature=exemplar-storage`. Upper edges
of buckets are spelled `1.0` and `1e-05` in both formats, as the Python client spells them.

`X-Prometheus-Scrape-Timeout-Seconds` is honoured: what can't be answered within 95 % of it is given up with 503. Four scrapes
go on at once, others wait for their turn.

## Buckets

The grids that `[metrics] buckets` names, in seconds:

| histogram | grid | upper edges |
|---|---|---|
@GRIDS@
The engines' edges are those of their own histograms: vLLM's `vllm:time_to_first_token_seconds`,
`vllm:inter_token_latency_seconds`, `vllm:request_time_per_output_token_seconds` and `vllm:e2e_request_latency_seconds` (0.11);
SGLang's `sglang:time_to_first_token_seconds`, `sglang:inter_token_latency_seconds` (for the time per output token too) and
`sglang:e2e_request_latency_seconds` (its defaults in 0.5); TGI's one grid of all its durations (3.3), each edge 1.5 times the
one before. `otel` is what OpenTelemetry's GenAI conventions (1.41.1) advise. What a request lost on its way, by the difference of
two histograms with the same edges:

```promql
sum by (le) (rate(vllm:time_to_first_token_seconds_bucket[1h]))
  - sum by (le) (rate(assayd_time_to_first_token_seconds_bucket{clock="send"}[1h]))
```
@OTLP@
## Definitions

One monotonic clock in nanoseconds. The instants of an exchange:

* `t_sched`: the intended start.
* `t_send`: the first successful write on an established connection. Name look-up, connect and TLS come before it and
  are in no latency.
* `t_first`: the first event with non-empty content, reasoning or tool call. Events that carry only a role, nothing, or
  the usage do not count.
* `t_last`: the last token-bearing event.

From them: time to first token = `t_first − t_send`, its scheduled form `t_first − t_sched`; duration = `t_last − t_send`,
its scheduled form `t_last − t_sched`; time per output token = `(t_last − t_first) / (n_out − 1)`, where `n_out` is the
provider's count of output tokens, and token-bearing events where it gives none. In an open loop read the scheduled
forms: they do not forgive a stalled client or server.

* **Accuracy** = correct / (correct + wrong + unparsed + refused), with Wilson's 95 % interval. Failed and unknown trials
  are availability, and their cost stays in every cost figure.
* **Good** = correct, and inside every limit of the target's SLO.
* **Goodput** = successes inside every limit of the SLO per second, **correct goodput** = those that are also correct; the
  time is from the first send to the last token. **Attainment** = inside the SLO / all that was asked (failures are outside),
  with Wilson's 95 % interval: the goal is *met* where the whole interval is at or above it, *missed* where it is below, else
  *unresolved*.
* **Steady window** = the longest stretch that begins and ends with at least 95 % of the peak in flight and has that on
  average, in bins of 1/64 to 1/32 of the run. In flight: from `t_send` to the end of the stream. Filling up, draining and
  warm-up are outside by this rule.
* **Validity** of the timing of one target and scenario in one run. `client_lag`: p99 (over answers, of the longest that
  received bytes lay in the kernel before this program read them) above max(1 ms, 5 % of the median time per output token).
  `send_lag`: p99 of `t_send − t_sched` above 5 ms. `underdelivered`: less than 99 % of the offered load was delivered; in an
  open loop, the rate at which requests left over the rate at which they were due; in a closed loop, which waits for its
  answers and can't be late, the share of what was to be asked for which a request left at all. Each of these makes the run
  invalid. `not_kernel_stamped` (more than 1 % of the answers lack the kernel's stamps) and `few_samples` (fewer than 100
  answers, whose p99 is the slowest) ask for care only.
* **Cost per correct answer** θ = ΣC / ΣR over all attempts, retries and failures included. 95 % interval:
  exp(ln θ̂ ± t·se/θ̂) with se = sd(C − θ̂R)/(√n·R̄). With fewer than 5 correct answers, or where Fieller's g ≥ 1, only the
  lower bound is given. With none correct it is +Inf.

## Questions and queries

What does one correct answer cost today?

```promql
sum by (target, scenario) (increase(assayd_cost_usd_total[1d]))
  / sum by (target, scenario) (increase(assayd_answers_total{verdict="correct"}[1d]))
```

How often is the answer right, and how often does none come?

```promql
sum by (target) (increase(assayd_answers_total{verdict="correct"}[1d]))
  / sum by (target) (increase(assayd_answers_total{verdict=~"correct|wrong|unparsed|refused"}[1d]))

sum by (target) (increase(assayd_answers_total{verdict=~"failed|unknown"}[1d]))
  / sum by (target) (increase(assayd_answers_total[1d]))
```

The 99th percentile of the time to first token:

```promql
histogram_quantile(0.99, sum by (target, le)
  (rate(assayd_time_to_first_token_seconds_bucket{clock="scheduled"}[1h])))
```

A run that should come every six hours has not been complete for a day:

```promql
time() - assayd_run_last_success_timestamp_seconds > 86400
```
"#;

/// The page about every metric, in Markdown.
#[must_use]
pub fn docs() -> String {
    use crate::domain::{Component, Failure, TokenKind, Verdict};
    let mut page = HEAD.to_owned();
    for metric in metrics().chain([&REFUSED]) {
        line(&mut page, metric);
    }
    let tail = TAIL
        .replace("@VERDICTS@", &quoted(Verdict::ALL.map(Verdict::label)))
        .replace("@FAILURES@", &quoted(Failure::ALL.map(Failure::label)))
        .replace("@TOKENS@", &quoted(TokenKind::ALL.map(TokenKind::label)))
        .replace("@COMPONENTS@", &quoted(Component::ALL.map(Component::label)))
        .replace("@REASONS@", &quoted(crate::board::Reason::ALL.map(crate::board::Reason::label)))
        .replace("@FIGURES@", &quoted(crate::board::Errors::default().all().map(|(figure, _)| figure)))
        .replace("@GRIDS@", &grids())
        .replace("@OTLP@", &crate::export::otlp::docs())
        .replace("@CAP@", &super::SERIES_CAP.to_string());
    page.push_str(&tail);
    page
}

fn grids() -> String {
    type Pick = fn(&Grids) -> &'static Grid;
    let histograms: [(&str, Pick); 4] = [
        ("time_to_first_token", |grids| grids.first_token),
        ("inter_token_latency", |grids| grids.inter_token),
        ("time_per_output_token", |grids| grids.per_output_token),
        ("request_duration", |grids| grids.duration),
    ];
    let mut rows = String::new();
    for (histogram, pick) in histograms {
        for (name, grids) in Grids::KINDS {
            let edges: Vec<String> = pick(grids).edges().map(|edge| edge.to_string()).collect();
            let _ = writeln!(rows, "| `{histogram}` | `{name}` | {} |", edges.join(", "));
        }
    }
    rows
}

fn line(page: &mut String, metric: &Metric) {
    let Metric { name, help, definition, kind, unit, labels, read: _ } = metric;
    let (kind, labels) = (kind.label(), quoted(labels.iter().copied()));
    let mut meaning = format!("{help}.");
    if !definition.is_empty() {
        let _ = write!(meaning, " {definition}");
    }
    let meaning = meaning.replace('|', "\\|");
    let _ = writeln!(page, "| `{name}` | {kind} | {unit} | {labels} | {meaning} |");
}

fn quoted<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ")
}
