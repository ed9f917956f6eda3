//! A report that shows every kind of row once, for the snapshot tests of the formats.

use super::Report;
use crate::board::{
    Attainment, Breach, Calibrated, Causes, CostOfPass, Drawn, Figures, Hardware, Latency, Place, Probes, Reason,
    Steady, Stratum, Validity, WindowEnergy,
};
use crate::domain::{Component, Cost, Fingerprint, Money, Name, Nanos, Quality, TokenSource};
use crate::stats::{Interval, Method, PairedGap, PerCorrect};
use crate::telemetry::{Busy, Flag};

fn quantiles(p50: f64, p99: f64) -> Latency {
    Latency { p50: Some(p50), p99: Some(p99) }
}

/// A row of a good model.
pub(super) fn figures(target: &str, scenario: &str) -> Figures {
    Figures {
        target: Name::new(target).unwrap(),
        scenario: Name::new(scenario).unwrap(),
        domain: None,
        split: None,
        provenance: Fingerprint::from_text("00112233aabbccdd"),
        verdicts: [93, 4, 2, 0, 1, 0, 0],
        accuracy: Some(Interval { estimate: 93.0 / 99.0, lower: 0.874, upper: 0.972 }),
        first_token: quantiles(0.0121, 0.0403),
        inter_token: quantiles(0.005, 0.0061),
        per_output_token: quantiles(0.005, 0.006),
        duration: quantiles(0.21, 0.9),
        first_token_with_failures: Latency { p50: Some(0.0121), p99: Some(f64::INFINITY) },
        duration_with_failures: Latency { p50: Some(0.21), p99: Some(f64::INFINITY) },
        tokens_per_second: Some(412.5),
        token_source: TokenSource::Usage,
        steady: Some(Steady { seconds: 38.4, in_flight: 7.93, tokens_per_second: 431.5 }),
        goodput: Some(1.5),
        correct_goodput: Some(1.4),
        attainment: Some(Attainment {
            share: Interval { estimate: 0.97, lower: 0.915, upper: 0.99 },
            goal: 0.95,
            asked: 100,
        }),
        validity: Validity::default(),
        cost: Cost::ZERO
            .with(Component::Input, Money::from_nanos(2_000_001))
            .with(Component::Output, Money::from_nanos(10_000_000)),
        drawn: Drawn::default(),
        unpriced: 0,
        unknown: (0, Money::ZERO),
        per_correct: Some(PerCorrect { estimate: 0.000_129, lower: 0.000_120, upper: Some(0.000_139) }),
        causes: Some(Causes { first: 12_000_001, ..Causes::default() }),
        cost_of_pass: Some(CostOfPass { items: 100, never: 7, solved: Some(0.000_128) }),
        gap: None,
    }
}

fn stratum(target: &str, place: Place, items: u64) -> Stratum {
    Stratum {
        target: Name::new(target).unwrap(),
        scenario: Name::new("arith").unwrap(),
        provenance: Fingerprint::from_text("00112233aabbccdd"),
        place,
        items,
        weight: items as f64 / 100.0,
        verdicts: [items - 10, 10, 0, 0, 0, 0, 0],
        accuracy: Some(Interval { estimate: (items - 10) as f64 / items as f64, lower: 0.6, upper: 0.95 }),
    }
}

/// A finished run over two scenarios, with every kind of cell.
pub(super) fn report() -> Report {
    let dear = Figures {
        tokens_per_second: Some(61.0),
        token_source: TokenSource::Events,
        cost: Cost::ZERO.with(Component::Output, Money::from_nanos(540_000_000)),
        unknown: (3, Money::from_nanos(30_000_000)),
        verdicts: [97, 1, 0, 1, 0, 1, 0],
        attainment: Some(Attainment {
            share: Interval { estimate: 0.5, lower: 0.404, upper: 0.596 },
            goal: 0.95,
            asked: 100,
        }),
        causes: Some(Causes { first: 500_000_000, retries: 25_000_000, failed: 15_000_000, ..Causes::default() }),
        cost_of_pass: Some(CostOfPass { items: 50, never: 0, solved: Some(0.005_6) }),
        drawn: Drawn {
            samples: 100,
            metered: 100,
            measured: 1_234_500_000,
            estimated: 0,
            device_nanos: 3_210_000_000,
            timed: 100,
            nanograms: 137_100_000,
            weighed: 100,
        },
        validity: Validity {
            breaches: vec![
                Breach { reason: Reason::ClientLag, measured: 0.002_34, limit: 0.001 },
                Breach { reason: Reason::Underdelivered, measured: 0.951, limit: 0.99 },
                Breach { reason: Reason::NotKernelStamped, measured: 0.04, limit: 0.01 },
                Breach { reason: Reason::FewSamples, measured: 97.0, limit: 100.0 },
            ],
        },
        accuracy: Some(Interval { estimate: 97.0 / 99.0, lower: 0.929, upper: 0.994 }),
        per_correct: Some(PerCorrect { estimate: 0.005_57, lower: 0.005_31, upper: Some(0.005_84) }),
        ..figures("base", "arith")
    };
    let dud = Figures {
        verdicts: [0, 90, 10, 0, 0, 0, 0],
        accuracy: Some(Interval { estimate: 0.0, lower: 0.0, upper: 0.037 }),
        per_correct: Some(PerCorrect { estimate: f64::INFINITY, lower: 0.01, upper: None }),
        ..figures("dud", "arith")
    };
    let rare = Figures {
        verdicts: [3, 97, 0, 0, 0, 0, 0],
        accuracy: Some(Interval { estimate: 0.03, lower: 0.010, upper: 0.085 }),
        per_correct: Some(PerCorrect { estimate: 0.004, lower: 0.001_7, upper: None }),
        ..figures("rare", "arith")
    };
    let unpriced = Figures {
        cost: Cost::ZERO,
        unpriced: 100,
        per_correct: None,
        causes: Some(Causes::default()),
        cost_of_pass: None,
        ..figures("local", "arith")
    };
    let dead = Figures {
        verdicts: [0, 0, 0, 0, 100, 0, 0],
        accuracy: None,
        first_token: Latency::default(),
        inter_token: Latency::default(),
        per_output_token: Latency::default(),
        duration: Latency::default(),
        first_token_with_failures: quantiles(f64::INFINITY, f64::INFINITY),
        duration_with_failures: quantiles(f64::INFINITY, f64::INFINITY),
        steady: None,
        attainment: None,
        tokens_per_second: None,
        goodput: None,
        correct_goodput: None,
        cost: Cost::ZERO,
        causes: Some(Causes::default()),
        cost_of_pass: Some(CostOfPass { items: 100, never: 100, solved: None }),
        per_correct: Some(PerCorrect { estimate: f64::INFINITY, lower: 0.0, upper: None }),
        ..figures("dead", "arith")
    };
    let tiny = Figures {
        steady: None,
        attainment: None,
        per_correct: Some(PerCorrect { estimate: 1.29e-8, lower: 1.2e-8, upper: Some(1.39e-8) }),
        ..figures("micro", "choice")
    };
    let changed = Figures { provenance: Fingerprint::from_text("ffee"), ..tiny.clone() };
    let gap = PairedGap {
        difference: Interval { estimate: 0.585, lower: 0.512, upper: 0.651 },
        base: 0.995,
        forms: 0.41,
        pairs: 200,
        answers: (200, 200),
        p: 1.2e-30,
        method: Method::Newcombe,
    };
    let of = |domain: &str, f: Figures| Figures { domain: Some(domain.into()), ..f };
    Report {
        run: "nightly".into(),
        started_unix_ms: 1_790_000_000_000,
        finished_unix_ms: Some(1_790_000_042_190),
        complete: true,
        open_loop: false,
        rows: vec![
            of("add", figures("micro", "arith")),
            of("mod", figures("micro", "arith")),
            of("add", dear.clone()),
            dead,
            unpriced,
            rare,
            dud,
            dear,
            Figures { gap: Some(gap), ..figures("micro", "arith") },
            tiny,
            changed,
        ],
        census: [(Name::new("arith").unwrap(), "mod".to_owned())].into(),
        strata: vec![
            stratum("micro", Place::Language("en".into()), 60),
            stratum("micro", Place::Language("zh".into()), 40),
            stratum("base", Place::Language("en".into()), 100),
            stratum("micro", Place::Hard(false), 100),
        ],
        boards: Vec::new(),
        probes: vec![Probes {
            target: Name::new("micro").unwrap(),
            asked: 8,
            failed: 1,
            first_token: quantiles(0.0133, 0.0512),
        }],
        hardware: vec![
            Hardware {
                target: Name::new("base").unwrap(),
                window: Nanos(7_250_000_000),
                device_seconds: 14.5,
                busy: [(Busy::KernelActive, (3.625, Quality::Measured)), (Busy::SmActive, (1.2, Quality::Estimated))]
                    .into(),
                energy: Some(WindowEnergy {
                    joules: 1240.25,
                    split: Some((400.0, 840.25)),
                    quality: Quality::Measured,
                }),
                flags: [Flag::Short, Flag::Disagree].into(),
                absent: Vec::new(),
                resumed: true,
            },
            Hardware {
                target: Name::new("local").unwrap(),
                window: Nanos(12_000_000_000),
                device_seconds: 0.0,
                busy: [].into(),
                energy: None,
                flags: [].into(),
                absent: vec!["nvml: no_library".into()],
                resumed: false,
            },
        ],
        calibrated: Some(Calibrated::Skipped("only one core may be used".into())),
        curves: Vec::new(),
        campaigns: Vec::new(),
        notes: vec!["2 rows of arith.jsonl were skipped".into()],
    }
}
