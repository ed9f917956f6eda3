//! How late this machine itself was: what alerts on a client at its limit read.

use super::{Rule, Topic, group};
use crate::export::provision::promql::{HOUR, Scale};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "lag",
    about: "The 99th percentile of this machine's own lags over the last hour, and the median time per output token that \
            they are held against. No series where nothing was asked.",
    groups: |s| {
        let rule = |what: &str, name: &str, quantile: f64| {
            Rule::record(format!("assayd:{what}:{name}_1h"), quantile_of(what, quantile, s))
        };
        let rules = vec![
            rule("client_lag_seconds", "p99", 0.99),
            rule("schedule_lag_seconds", "p99", 0.99),
            rule("time_per_output_token_seconds", "p50", 0.5),
        ];
        vec![group("assayd-lag", rules)]
    },
};

/// A quantile of an hour; none rather than NaN where nothing was counted.
fn quantile_of(what: &str, quantile: f64, s: Scale) -> String {
    format!("histogram_quantile({quantile}, increase(assayd_{what}_bucket[{}])) >= 0", s.span(HOUR))
}
