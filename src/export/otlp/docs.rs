//! The section on OTLP of `docs/metrics.md`, written from the mapping.

use super::names::{self, CONVENTIONS, Convention, Instrument, SCHEMA_URL, SEMCONV, attribute};
use crate::export::metrics::{REFUSED, metrics};
use std::fmt::Write;

const HEAD: &str = "
## OTLP

With `[otlp]` in the configuration the same metrics are pushed by OTLP/HTTP (Protocol Buffers, gzip), to an OpenTelemetry collector
or to whatever else takes them, from `assayd serve` and `assayd run` alike. Each export is the whole state, sums since
their beginning (cumulative): one that is lost costs resolution and no count. A receiver that is not there, or answers 429, 502,
503 or 504, is asked again, after `Retry-After` where it says so, until the next export takes this one's place; any other
refusal drops it. Nothing of that waits for a run or is waited for by one; at the end of the process a last export has the
`timeout` of one in all. `assayd_otlp_exports_total` counts them by result.

Names are those of OpenTelemetry's semantic conventions @SEMCONV@ where they have one (schema `@SCHEMA@`): the last
version that defines those of generative AI, which have moved to a repository of their own since:

| OTLP | type | unit | metric | attributes beside those below | measured here |
|---|---|---|---|---|---|
";

const MIDDLE: &str = "
`gen_ai.*` carry `gen_ai.operation.name`, `gen_ai.provider.name` (by the host where the conventions know it, else by the
protocol; `_OTHER` for a target that is no longer in the plan), `gen_ai.request.model`, `server.address` and `server.port`. `gen_ai.server.*` are left to the servers: what is measured
here has the network in it. `[metrics] buckets = \"otel\"` takes the bucket boundaries that the conventions advise.

All others have names, units (UCUM) and attributes of their own. A label is the attribute `assayd.LABEL`.

| metric | OTLP | type | unit |
|---|---|---|---|
";

const TAIL: &str = "
The resource is `service.name` = `assayd`, `service.version` and `service.instance.id`, a UUID made of the machine's name and
the store's place, so that it outlives a restart as the counters do; `[otlp] resource` adds attributes, or sets these. The start
of a sum is the time since when the store counts (for histograms whose buckets were changed: since then), or the start of the process for
what begins with it; it is left out where it is not known, as for an engine's own counters. Exemplars carry `assayd.run` and
`assayd.trial`. `[metrics] off` and `series_cap` hold here too.
";

/// The section, in Markdown.
#[must_use]
pub fn docs() -> String {
    let mut page = HEAD.replace("@SEMCONV@", SEMCONV).replace("@SCHEMA@", SCHEMA_URL);
    for Convention { metric, series, name, unit, instrument, attributes, here } in CONVENTIONS {
        let only = series.map_or(String::new(), |(label, value)| format!("{{{label}=\"{value}\"}}"));
        let labels = metrics().find(|ours| ours.name == *metric).map_or(&[][..], |ours| ours.labels);
        let left = labels.iter().filter(|label| series.is_none_or(|(gone, _)| gone != **label));
        let named = |label: &&'static str| {
            let theirs = attributes.iter().find(|(ours, _)| ours == label);
            format!("`{}`", theirs.map_or_else(|| attribute(label), |(_, theirs)| (*theirs).into()))
        };
        let attributes = left.map(named).collect::<Vec<_>>().join(", ");
        let kind = instrument.label();
        let _ = writeln!(page, "| `{name}` | {kind} | `{unit}` | `{metric}{only}` | {attributes} | {here} |");
    }
    page.push_str(MIDDLE);
    for metric in metrics().chain([&REFUSED]) {
        // What a convention takes whole has no other name.
        if names::convention(metric).is_some_and(|convention| convention.series.is_none()) {
            continue;
        }
        let (name, unit, kind) = (names::name(metric), names::unit(metric), Instrument::of(metric.kind).label());
        let _ = writeln!(page, "| `{}` | `{name}` | {kind} | `{unit}` |", metric.name);
    }
    page.push_str(TAIL);
    page
}
