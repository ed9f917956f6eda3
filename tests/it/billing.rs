//! Bills: worked invoices to the nano-USD, and sums over random answers that are exact.
//!
//! The invoices lie in `tests/billing`, each with its working. Random answers are drawn as `tests/show/lib/billing.py` draws
//! them, which sums them up by rules of its own.

use assayd::config::{Section, Source, read};
use assayd::domain::{
    Answer, Charge, Component, Exchange, Finding, Fingerprint, Finish, ItemId, Money, Name, Purpose, RunId, Sample,
    Share, Split, Tags, Timing, TokenKind, TrialKey, Usage,
};
use assayd::pricing::TokenPrice;
use assayd::pricing::tokens::{Change, Period, Prices};
use assayd::store::{Access, Keep, Query, Write, open};
use jiff::Timestamp;
use libtest_mimic::{Failed, Trial};
use rust_decimal::Decimal;
use std::collections::BTreeMap;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;

const FOLDER: &str = "tests/billing";
/// The instant of an invoice that names none.
const USUAL: &str = "2026-09-21T14:00:00Z";
/// The kinds of token that random answers use.
const KINDS: [TokenKind; 5] =
    [TokenKind::Input, TokenKind::CacheRead, TokenKind::CacheWrite, TokenKind::Output, TokenKind::Reasoning];
/// Answers that the suite draws; `tests/show/billing` draws a million.
const IN_SUITE: u64 = 20_000;
/// Of these, at most so many go through a store.
const STORED: u64 = 100_000;

pub fn tests() -> Vec<Trial> {
    vec![
        Trial::test("billing::invoices_come_out_as_worked_by_hand", invoices),
        Trial::test("billing::sums_over_random_answers_are_exact", random),
    ]
}

/// What an invoice must come to.
#[derive(Debug, Clone, PartialEq)]
enum Due {
    Nanos(BTreeMap<&'static str, i64>),
    Unpriced,
    Unknown,
}

/// Bills the invoices of a file; gives how many, and what came out otherwise.
fn billed(root: &Section<'_>, file: &str) -> Option<(usize, Vec<String>)> {
    root.currencies("currency");
    let mut versions: BTreeMap<String, Period> = BTreeMap::new();
    for section in root.named("price") {
        versions.insert(section.name().to_owned(), Period::build(&section)?);
        section.finish();
    }
    let (mut count, mut wrong) = (0, Vec::new());
    for invoice in root.list("invoice") {
        count += 1;
        let name: String = invoice.need("name")?;
        let Names(names) = invoice.need("price")?;
        let chosen: Option<Vec<Period>> = names.iter().map(|name| versions.get(name).cloned()).collect();
        let Some(chosen) = chosen else {
            invoice.problem("price", "is not in this file", None);
            continue;
        };
        let at: Timestamp = invoice.or("at", USUAL.to_owned())?.parse().ok()?;
        let tier: Option<String> = invoice.get("tier");
        let used = invoice.section("usage")?;
        let mut usage = Usage { searches: used.get("searches"), ..Usage::default() };
        TokenKind::ALL.into_iter().for_each(|kind| *usage.get_mut(kind) = used.get(kind.label()));
        used.finish();
        let due = if invoice.or("unpriced", false)? {
            Due::Unpriced
        } else if invoice.or("unknown", false)? {
            Due::Unknown
        } else {
            let cost = invoice.section("cost")?;
            let nanos = Component::ALL.into_iter().filter_map(|c| Some((c.label(), cost.get::<u64>(c.label())?)));
            let nanos = nanos.map(|(label, n)| Some((label, i64::try_from(n).ok()?))).collect::<Option<_>>();
            cost.finish();
            Due::Nanos(nanos?)
        };
        invoice.finish();
        let reserve = Money::from_nanos(77);
        let found = match TokenPrice::of(chosen).charge(&usage, at.as_millisecond(), tier.as_deref(), reserve) {
            Charge::Unpriced { bound } | Charge::Unknown { bound } if bound != reserve => {
                wrong.push(format!("{file}: {name}: bounded by {bound}"));
                continue;
            }
            Charge::Unpriced { .. } => Due::Unpriced,
            Charge::Unknown { .. } => Due::Unknown,
            Charge::Settled(cost) => {
                let parts = Component::ALL.map(|c| (c.label(), cost.get(c).nanos()));
                Due::Nanos(parts.into_iter().filter(|(_, nanos)| *nanos != 0).collect())
            }
        };
        if found != due {
            wrong.push(format!("{file}: {name}: {found:?}, not {due:?}"));
        }
    }
    Some((count, wrong))
}

/// One name, or a list of them.
struct Names(Vec<String>);

impl assayd::config::Value for Names {
    fn expected() -> String {
        "the name of a price, or a list of names".into()
    }
    fn read(value: &toml::de::DeValue<'_>) -> Result<Self, assayd::config::Expected> {
        Vec::<String>::read(value).or_else(|_| String::read(value).map(|name| vec![name])).map(Self)
    }
}

/// Every invoice of the folder: how many, and what came out otherwise.
fn all_invoices() -> Result<(usize, Vec<String>), Failed> {
    let mut paths: Vec<_> =
        std::fs::read_dir(FOLDER)?.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>()?;
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let (mut count, mut wrong) = (0, Vec::new());
    for path in paths {
        let source = Source::file(Path::new(&path)).map_err(|error| format!("{error:?}"))?;
        let (n, more) = read(&source, |root| billed(root, &path.display().to_string())).map_err(|problems| {
            Failed::from(problems.iter().map(|problem| format!("{problem}\n")).collect::<String>())
        })?;
        count += n;
        wrong.extend(more);
    }
    Ok((count, wrong))
}

fn invoices() -> Result<(), Failed> {
    let (count, wrong) = all_invoices()?;
    if !wrong.is_empty() {
        return Err(wrong.join("\n").into());
    }
    if count < 60 { Err(format!("{count} invoices only").into()) } else { Ok(()) }
}

/// The random answers, as the Python draws them.
struct Draws(u64);

impl Draws {
    fn draw(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    /// An answer's charge under a price of its own, its usage, and what integers say that it comes to.
    fn next(&mut self) -> (Charge, Usage, i128) {
        let prices = KINDS.map(|_| self.draw(10_000_000));
        let left = 100 - self.draw(101);
        let share = self.draw(200) + 1;
        let used = KINDS.map(|_| self.draw(100_000));
        let [searches, fee, found] = [3, 1_000_000, 1_000_000].map(|below| self.draw(below));
        let decimal = |n: u64, scale: u32| Decimal::from_i128_with_scale(i128::from(n), scale);
        let given = KINDS.into_iter().zip(prices);
        let period = Period {
            prices: given.fold(Prices::default(), |all, (kind, n)| all.with(kind, Some(decimal(n, 5)))),
            request: decimal(fee, 8),
            search: Some(decimal(found, 8)),
            discount: decimal(100 - left, 2),
            tiers: [("batch".to_owned(), Change { share: Some(decimal(share, 2)), ..Change::default() })].into(),
            ..Period::default()
        };
        let mut usage = Usage { searches: Some(searches), ..Usage::default() };
        KINDS.into_iter().zip(used).for_each(|(kind, n)| *usage.get_mut(kind) = Some(n));
        let charge = TokenPrice::of(vec![period]).charge(&usage, 0, Some("batch"), Money::ZERO);
        let [left, share, fee, found, searches] = [left, share, fee, found, searches].map(i128::from);
        let tokens = prices.into_iter().zip(used).map(|(price, n)| i128::from(price) * i128::from(n));
        let tokens: i128 = tokens.map(|product| (product * share * left + 500_000) / 1_000_000).sum();
        let fees = (fee * 10 * left + 50) / 100 + (found * 10 * searches * left + 50) / 100;
        (charge, usage, tokens + fees)
    }
}

/// A trial's record with this charge.
fn sample(run: RunId, n: u64, usage: Usage, charge: Charge) -> Option<Sample> {
    let answer = Answer { finish: Some(Finish::Stop), usage, ..Answer::default() };
    let exchange = Exchange {
        attempt: 1,
        turn: 0,
        purpose: Purpose::Measure,
        timing: Timing::default(),
        answer,
        fault: None,
        charge,
    };
    let item = ItemId::new(&n.to_string());
    Some(Sample {
        key: TrialKey {
            run,
            target: Name::new("t").ok()?,
            scenario: Name::new("s").ok()?,
            item: item.clone(),
            repeat: 0,
        },
        cluster: item,
        tags: Tags::new("d", "c", "en", Split::Private),
        provenance: Fingerprint::from_text("v"),
        at_unix_ms: 60_000,
        exchanges: vec![exchange],
        judged: Vec::new(),
        finding: Finding::judged(true, "4", "number/last"),
        share: Share::default(),
    })
}

/// Sums over random answers: by component, in all as this program adds money up, and how many answers came out otherwise
/// than integers say.
struct Sums {
    parts: BTreeMap<&'static str, i128>,
    total: Money,
    wrong: u64,
    /// How many went through the store, what they sum up to, what its ledger says, and what its samples say.
    stored: (u64, i128, Money, i128),
}

async fn sums(count: u64, seed: u64, most_stored: u64) -> Result<Sums, Failed> {
    let store = open("sqlite::memory:", Access::Write).await.map_err(|e| e.to_string())?;
    let run = store.begin("r", &Fingerprint::from_text("p"), 7, 1_000).await.map_err(|e| e.to_string())?.id;
    let mut draws = Draws(seed);
    let mut sums = Sums { parts: BTreeMap::new(), total: Money::ZERO, wrong: 0, stored: (0, 0, Money::ZERO, 0) };
    let mut batch = Vec::new();
    for n in 0..count {
        let (charge, usage, want) = draws.next();
        let Charge::Settled(cost) = charge else { return Err(format!("answer {n} is {charge:?}").into()) };
        let sum: i128 = Component::ALL.iter().map(|c| i128::from(cost.get(*c).nanos())).sum();
        sums.wrong += u64::from(sum != want || i128::from(cost.total().nanos()) != want);
        for component in Component::ALL {
            *sums.parts.entry(component.label()).or_default() += i128::from(cost.get(component).nanos());
        }
        sums.total += cost.total();
        if n < most_stored {
            let sample = sample(run, n, usage, charge).ok_or("a sample")?;
            let grader = Fingerprint::from_text("g");
            batch.push(Write::Sample { sample: Arc::new(sample), keep: Keep::Nothing, grader, good: true });
            sums.stored.0 += 1;
            sums.stored.1 += want;
        }
        if batch.len() == 500 || n + 1 == count {
            store.commit(std::mem::take(&mut batch)).await.map_err(|e| e.to_string())?;
        }
    }
    sums.stored.2 = store.spent(None, 0).await.map_err(|e| e.to_string())?.settled;
    let mut after = 0;
    loop {
        let page = store.samples(Query { after, limit: 2_000, ..Query::default() }).await.map_err(|e| e.to_string())?;
        let Some(last) = page.last() else { break };
        after = last.position;
        sums.stored.3 += page.iter().map(|r| i128::from(r.sample.cost().total().nanos())).sum::<i128>();
    }
    Ok(sums)
}

fn run(count: u64, seed: u64, most_stored: u64) -> Result<Sums, Failed> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(sums(count, seed, most_stored))
}

/// What does not add up, in words; nothing where all does.
fn amiss(sums: &Sums) -> String {
    let Sums { parts, total, wrong, stored: (stored, due, ledger, samples) } = sums;
    let mut said = Vec::new();
    let all: i128 = parts.values().sum();
    said.extend((*wrong > 0).then(|| format!("{wrong} answers are not what integers say")));
    said.extend((all != i128::from(total.nanos())).then(|| format!("the components are {all}, the total {total}")));
    let (from_ledger, from_samples) = (i128::from(ledger.nanos()), *samples);
    said.extend(
        (from_ledger != *due).then(|| format!("the ledger has {ledger} for {stored} answers of {due} nano-USD")),
    );
    said.extend((from_samples != *due).then(|| format!("the samples have {from_samples} for {due} nano-USD")));
    said.join("; ")
}

fn random() -> Result<(), Failed> {
    let said = amiss(&run(IN_SUITE, 7, 2_000)?);
    if said.is_empty() { Ok(()) } else { Err(said.into()) }
}

/// The long run that `tests/show/billing` asks for: invoices and sums on standard output.
#[expect(clippy::print_stdout, clippy::print_stderr, reason = "a child's output, which the command reads")]
pub fn child() -> Option<ExitCode> {
    let count: u64 = std::env::var("ASSAYD_BILLING").ok()?.parse().ok()?;
    let seed: u64 = std::env::var("ASSAYD_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(7);
    match (all_invoices(), run(count, seed, STORED)) {
        (Ok((invoices, wrong)), Ok(sums)) => {
            println!("invoices {invoices} wrong {}", wrong.len());
            let said = amiss(&sums);
            wrong.iter().chain(Some(&said).filter(|said| !said.is_empty())).for_each(|line| eprintln!("{line}"));
            let used = sums.parts.iter().filter(|(_, n)| **n != 0);
            let parts: Vec<String> = used.map(|(label, nanos)| format!("{label} {nanos}")).collect();
            println!("sums {} total {}", parts.join(" "), sums.total.nanos());
            let (stored, due, ledger, _) = sums.stored;
            println!("stored {stored} due {due} ledger {}", ledger.nanos());
            Some(if wrong.is_empty() && said.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
        }
        (invoices, sums) => {
            for failed in [invoices.err(), sums.err()].into_iter().flatten() {
                eprintln!("{failed:?}");
            }
            Some(ExitCode::FAILURE)
        }
    }
}
