//! Samples of every shape.

use super::key;
use crate::domain::{
    Answer, Charge, Component, Cost, Energy, Exchange, Failure, Fault, Finding, Fingerprint, Finish, ItemId, Length,
    Money, Nanos, Purpose, Quality, RunId, Sample, Share, Split, StampSource, Tags, Timing, TokenKind, ToolCall, Usage,
    Verdict,
};
use proptest::collection::vec;
use proptest::option::of;
use proptest::prelude::*;

fn money() -> impl Strategy<Value = Money> {
    (0..1_000_000_000_000_i64).prop_map(Money::from_nanos)
}

fn charge() -> impl Strategy<Value = Charge> {
    prop_oneof![
        vec(money(), Component::ALL.len()).prop_map(|parts| {
            Charge::Settled(Component::ALL.into_iter().zip(parts).fold(Cost::ZERO, |sum, (c, m)| sum.with(c, m)))
        }),
        money().prop_map(|bound| Charge::Unpriced { bound }),
        money().prop_map(|bound| Charge::Unknown { bound }),
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), r"[\x00\x10a0]{0,12}"]
}

fn timing() -> impl Strategy<Value = Timing> {
    let instants = vec(of(any::<u64>().prop_map(Nanos)), 9);
    (any::<u64>(), instants, any::<u32>(), vec(any::<u64>(), 0..6), any::<bool>()).prop_map(
        |(at, i, events, gaps, k)| {
            let i = |n: usize| i.get(n).copied().flatten();
            Timing {
                scheduled: Nanos(at),
                dns: i(0),
                connect: i(1),
                tls: i(2),
                send: i(3),
                first: i(4),
                visible: i(5),
                last: i(6),
                end: i(7),
                events,
                gaps,
                stamps: if k { StampSource::Kernel } else { StampSource::Read },
                client_lag: i(8),
            }
        },
    )
}

fn answer() -> impl Strategy<Value = Answer> {
    let calls = vec((text(), text()).prop_map(|(name, arguments)| ToolCall { name, arguments }), 0..3);
    let usage = vec(of(any::<u64>()), TokenKind::ALL.len() + 1);
    let finish = of(text().prop_map(|t| Finish::from_label(&t)));
    (text(), text(), calls, of(text()), finish, usage, of(text()), of(text()), of(money())).prop_map(
        |(text, reasoning, tool_calls, refusal, finish, u, model, tier, reported_cost)| {
            let mut usage = Usage { searches: u.last().copied().flatten(), ..Usage::default() };
            TokenKind::ALL.into_iter().zip(u).for_each(|(kind, n)| *usage.get_mut(kind) = n);
            Answer { text, reasoning, tool_calls, refusal, finish, usage, model, tier, reported_cost }
        },
    )
}

fn fault() -> impl Strategy<Value = Fault> {
    (proptest::sample::select(&Failure::ALL[..]), text(), of(any::<u16>()), of(any::<u64>())).prop_map(
        |(kind, detail, status, retry)| Fault {
            kind,
            detail,
            status,
            retry_after: retry.map(std::time::Duration::from_nanos),
        },
    )
}

fn finding() -> impl Strategy<Value = Finding> {
    (proptest::sample::select(&Verdict::ALL[..]), 0.0..=1.0_f64, of(text()))
        .prop_map(|(verdict, score, extracted)| Finding { verdict, score, extracted, rule: "choice/boxed" })
}

fn share() -> impl Strategy<Value = Share> {
    let energy = (any::<u64>(), proptest::sample::select(&[Quality::Measured, Quality::Estimated][..]))
        .prop_map(|(microjoules, quality)| Energy { microjoules, quality });
    (money(), money(), of(energy), of(any::<u64>()), of(any::<u64>())).prop_map(
        |(hardware, energy_cost, energy, device_nanos, nanograms)| Share {
            hardware,
            energy_cost,
            energy,
            device_nanos,
            nanograms,
        },
    )
}

prop_compose! {
    pub fn samples()(
        purpose in proptest::sample::select(&[Purpose::Measure, Purpose::WarmUp, Purpose::Probe][..]),
        item in text(),
        cluster in text(),
        labels in (text(), text(), text()),
        split in proptest::sample::select(&Split::ALL[..]),
        length in proptest::sample::select(&Length::ALL[..]),
        hard in any::<bool>(),
        provenance in text(),
        at_unix_ms in 0..4_000_000_000_000_i64,
        exchanges in vec((timing(), answer(), of(fault()), charge()), 0..4),
        finding in finding(),
        share in share(),
    ) -> (Purpose, Sample) {
        // Without an exchange nothing says another purpose.
        let purpose = if exchanges.is_empty() { Purpose::Measure } else { purpose };
        let exchanges = (1..).zip(exchanges).map(|(attempt, (timing, answer, fault, charge))| {
            Exchange { attempt, turn: attempt / 2, purpose, timing, answer, fault, charge }
        }).collect();
        let tags = Tags { length, hard, ..Tags::new(labels.0, labels.1, labels.2, split) };
        (purpose, Sample {
            key: key(RunId(1), &item),
            cluster: ItemId::new(&cluster),
            tags,
            provenance: Fingerprint::from_text(&provenance),
            at_unix_ms,
            exchanges,
            judged: Vec::new(),
            finding,
            share,
        })
    }
}
