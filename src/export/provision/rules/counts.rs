//! What was counted in each window: the numerators and denominators of everything else.

use super::{Rule, Topic, by_window, increase};
use crate::export::provision::promql::{Scale, Window};

/// The file.
pub(super) const TOPIC: Topic = Topic {
    name: "counts",
    about: "What was counted in the last hour, day and 30 days, by target and scenario (domains, capabilities and kinds summed \
            up). Sums of increases: a counter that begins anew loses nothing. A day is made of hours and a month of days, so \
            their edges are soft by an hour and a day.",
    groups: |s| by_window("counts", |window| COUNTS.iter().map(|count| count.rule(window, s)).collect()),
};

struct Count {
    /// What is counted.
    what: &'static str,
    /// Of which counter.
    counter: &'static str,
    /// Which labels are summed up.
    without: &'static str,
}

const COUNTS: &[Count] = &[
    Count { what: "answers", counter: "assayd_answers_total", without: "domain, capability, verdict" },
    Count {
        what: "graded_answers",
        counter: "assayd_answers_total{verdict=~\"correct|wrong|unparsed|refused\"}",
        without: "domain, capability, verdict",
    },
    Count {
        what: "correct_answers",
        counter: "assayd_answers_total{verdict=\"correct\"}",
        without: "domain, capability, verdict",
    },
    Count {
        what: "failed_answers",
        counter: "assayd_answers_total{verdict=~\"failed|unknown\"}",
        without: "domain, capability, verdict",
    },
    Count { what: "good_answers", counter: "assayd_good_answers_total", without: "domain, capability" },
    Count { what: "unpriced_answers", counter: "assayd_unpriced_answers_total", without: "domain, capability" },
    Count { what: "cost_usd", counter: "assayd_cost_usd_total", without: "domain, capability, component" },
    Count {
        what: "energy_cost_usd",
        counter: "assayd_cost_usd_total{component=\"energy\"}",
        without: "domain, capability, component",
    },
    Count {
        what: "output_tokens",
        counter: "assayd_tokens_total{kind=~\"output|reasoning|audio_output|image_output\"}",
        without: "domain, capability, kind",
    },
    Count { what: "exchanges", counter: "assayd_exchanges_total", without: "scenario, domain, capability, outcome" },
    Count {
        what: "ok_exchanges",
        counter: "assayd_exchanges_total{outcome=\"ok\"}",
        without: "scenario, domain, capability, outcome",
    },
    Count { what: "energy_joules", counter: "assayd_target_energy_joules_total", without: "quality" },
];

impl Count {
    fn rule(&self, window: Window, s: Scale) -> Rule {
        let Self { what, counter, without } = self;
        Rule::record(increase(what, window), sum(what, counter, without, window, s))
    }
}

/// What a counter rose by in a window, some labels summed up.
pub(super) fn sum(what: &str, counter: &str, without: &str, window: Window, s: Scale) -> String {
    match window.of {
        None => format!("sum without ({without}) (\n  increase({counter}{})\n)", window.range(s)),
        Some((shorter, times)) => {
            format!("sum_over_time(\n  assayd:{what}:increase_{shorter}{}\n) / {times}", window.range(s))
        }
    }
}
