//! `assayd gpu`: what the meters of this machine, or of a configuration's targets, see, now or for a while, and what they do
//! not see and why.

use super::service::load;
use super::{Exit, complain, put};
use crate::config::{self, Source};
use crate::domain::Nanos;
use crate::export::hardware::{Seen, Window, reading_json, readings_table, window_json, windows_table};
use crate::mock::read_span;
use crate::plan::Plan;
use crate::telemetry::{Attribution, DeviceId, Integral, KINDS, Meter, Metered, Reading, now, nvml};
use anyhow::Context as _;
use clap::{Args, ValueEnum};
use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvError, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// A table is drawn anew so often; nobody reads faster.
const DRAWN_EVERY: Duration = Duration::from_millis(500);
/// One reading is shown so long after the first was there: shares are of the time between two looks, and the driver's snapshots of
/// activity want some time between them.
const SETTLED: Duration = Duration::from_millis(150);
/// A meter that looks more seldom is shown by its first look.
const SELDOM: Duration = Duration::from_secs(2);

/// What the meters of this machine, or of a configuration's targets, see: one reading, or a view that goes on.
///
/// What is not there is named with its reason. A machine without a GPU is no mistake: the exit code is 0.
#[derive(Args)]
pub(super) struct Gpu {
    /// The meters of this configuration's targets, in place of this machine's; of their devices those that are the target's
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["library", "every"])]
    config: Option<PathBuf>,
    /// One reading, as soon as there are shares to tell (after two or three looks)
    #[arg(long, conflicts_with = "during")]
    once: bool,
    /// Look for so long, then tell what was used meanwhile: busy seconds and joules
    #[arg(long = "for", id = "during", value_name = "TIME", value_parser = read_span)]
    during: Option<Duration>,
    /// How readings are printed; as JSON, every look is a line
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
    /// The driver's library, where it is not where the loader looks
    #[arg(long, value_name = "PATH")]
    library: Option<PathBuf>,
    /// How often to look, from 20ms to 60s
    #[arg(long, value_name = "TIME", value_parser = read_span, default_value = "100ms")]
    every: Duration,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Json,
}

impl Gpu {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let Self { config, once, during, format, library, every } = self;
        if !(nvml::OFTENEST..=nvml::SELDOMEST).contains(&every) {
            complain("--every: expected from 20ms to 60s");
            return Ok(Exit::BadConfig);
        }
        let meters = match config {
            None => of_this_machine(library, every),
            Some(config) => {
                let Some(plan) = load(&config) else { return Ok(Exit::BadConfig) };
                of_targets(&plan)
            }
        };
        if meters.is_empty() {
            complain("no target of this configuration has a meter");
            return Ok(Exit::BadConfig);
        }
        if once {
            show_once(&meters, format)?;
        } else {
            show_on(&meters, format, during)?;
        }
        Ok(Exit::Done)
    }
}

/// The meters that need no configuration: the cards of this machine, and the machine itself.
fn of_this_machine(library: Option<PathBuf>, every: Duration) -> Vec<Watched> {
    let mut meters = vec![Watched::new(nvml::KIND.name, nvml::meter(library, every), None)];
    for kind in KINDS.iter().filter(|kind| kind.name == "host") {
        let built = config::read(&Source::inline("", ""), |section| (kind.build)(section));
        meters.extend(built.ok().map(|meter| Watched::new(kind.name, meter, None)));
    }
    meters
}

/// Every meter of every target, by the names of both.
fn of_targets(plan: &Plan) -> Vec<Watched> {
    let meters = plan.targets.iter().flat_map(|target| {
        let of = |one: &Metered| {
            Watched::new(
                &format!("{} {}", target.name, one.kind),
                Arc::clone(&one.meter),
                Some(one.attribution.clone()),
            )
        };
        target.meters.iter().map(of).collect::<Vec<_>>()
    });
    meters.collect()
}

/// A meter that is looked at.
struct Watched {
    label: String,
    meter: Arc<dyn Meter>,
    /// Which of its devices are shown, if not all, slices and what they are cut from; they are shown whole, whatever share of
    /// them is the target's.
    attribution: Option<Attribution>,
}

impl Watched {
    fn new(label: &str, meter: Arc<dyn Meter>, attribution: Option<Attribution>) -> Self {
        Self { label: label.to_owned(), meter, attribution }
    }
}

/// Meters at work, each on a thread of its own, until this is dropped.
struct Looking {
    readings: Receiver<(usize, Reading)>,
    /// Closed when this is dropped, which ends the threads' waiting.
    _stops: Vec<Sender<()>>,
}

impl Looking {
    fn start(meters: &[Watched]) -> anyhow::Result<Self> {
        let (give, readings) = channel();
        let mut stops = Vec::new();
        for (place, Watched { label, meter, attribution }) in meters.iter().enumerate() {
            let (stop, stopped) = channel::<()>();
            let (give, meter, attribution) = (give.clone(), Arc::clone(meter), attribution.clone());
            let looks = move || {
                let mut probe = meter.open();
                let every = Nanos::from(meter.every());
                let mut next = now();
                let mut look = || {
                    let mut reading = probe.look();
                    reading.devices.retain(|device| attribution.as_ref().is_none_or(|ours| ours.names(device)));
                    reading
                };
                while give.send((place, look())).is_ok() {
                    // In step with the clock, whatever a look takes; one that takes longer is not made up for.
                    next = next.plus(every).max(now());
                    let left = Duration::from(next.since(now()));
                    if stopped.recv_timeout(left) == Err(RecvTimeoutError::Disconnected) {
                        break;
                    }
                }
            };
            let thread = std::thread::Builder::new().name(format!("look-{label}"));
            thread.spawn(looks).with_context(|| format!("a thread for the meter {label}"))?;
            stops.push(stop);
        }
        Ok(Self { readings, _stops: stops })
    }
}

fn seen(label: &str, reading: Reading) -> Seen {
    Seen { meter: label.to_owned(), reading }
}

/// One reading of every meter.
fn show_once(meters: &[Watched], format: Form) -> anyhow::Result<()> {
    let looking = Looking::start(meters)?;
    let mut first: BTreeMap<usize, Nanos> = BTreeMap::new();
    let mut shown: BTreeMap<usize, Seen> = BTreeMap::new();
    while shown.len() < meters.len() {
        let (place, reading) = looking.readings.recv().context("a meter's thread ended")?;
        let (Some(Watched { label, meter, .. }), at) = (meters.get(place), reading.at) else { continue };
        // From the end of the first look on, however long that took.
        let begun = *first.entry(place).or_insert_with(now);
        if at.since(begun) >= SETTLED.into() || meter.every() > SELDOM {
            shown.entry(place).or_insert_with(|| seen(label, reading));
        }
    }
    let shown: Vec<Seen> = shown.into_values().collect();
    put(&match format {
        Form::Table => readings_table(&shown),
        Form::Json => reading_json(&shown),
    })
}

/// Readings on and on, or for so long, and then what they come to.
fn show_on(meters: &[Watched], format: Form, during: Option<Duration>) -> anyhow::Result<()> {
    let looking = Looking::start(meters)?;
    let end = during.map(|during| now().plus(during.into()));
    let mut view = View::new(format);
    let mut sums: Vec<Sum> = meters.iter().map(|_| Sum::default()).collect();
    let mut newest: BTreeMap<usize, Seen> = BTreeMap::new();
    while end.is_none_or(|end| now() < end) {
        let next = match end {
            // A meter that looks once an hour does not make it an hour.
            Some(end) => match looking.readings.recv_timeout(end.since(now()).into()) {
                Err(RecvTimeoutError::Timeout) => break,
                next => next.map_err(|_| RecvError),
            },
            None => looking.readings.recv(),
        };
        let (place, reading) = next.context("a meter's thread ended")?;
        let Some((sum, Watched { label, .. })) = sums.get_mut(place).zip(meters.get(place)) else { continue };
        if during.is_some() {
            sum.add(&reading);
        }
        newest.insert(place, seen(label, reading));
        view.show(&newest, place)?;
    }
    if during.is_some() {
        let windows: Vec<Window> = sums.iter().zip(meters).map(|(sum, one)| sum.window(&one.label)).collect();
        put(&match format {
            Form::Table => windows_table(&windows),
            Form::Json => window_json(&windows),
        })?;
    }
    Ok(())
}

/// What a meter's looks come to.
#[derive(Default)]
struct Sum {
    span: Option<(Nanos, Nanos)>,
    looks: u64,
    devices: BTreeMap<DeviceId, Integral>,
}

impl Sum {
    fn add(&mut self, reading: &Reading) {
        self.looks += 1;
        self.span = Some((self.span.map_or(reading.at, |(from, _)| from), reading.at));
        for device in &reading.devices {
            self.devices.entry(device.id.clone()).or_default().add(device, reading.at);
        }
    }

    fn window(&self, label: &str) -> Window {
        let (from, to) = self.span.unwrap_or_default();
        let devices = self.devices.iter().map(|(id, integral)| (id.clone(), integral.between(from, to)));
        Window { meter: label.to_owned(), from, to, looks: self.looks, devices: devices.collect() }
    }
}

/// Where readings go as they come: drawn in place on a terminal, line after line elsewhere.
struct View {
    format: Form,
    /// Lines that were drawn on a terminal; none where it is none.
    lines: Option<usize>,
    drawn: Option<Nanos>,
}

impl View {
    fn new(format: Form) -> Self {
        let lines = (format == Form::Table && std::io::stdout().is_terminal()).then_some(0);
        Self { format, lines, drawn: None }
    }

    /// Shows what is newest, of which the reading at `place` has just come.
    fn show(&mut self, newest: &BTreeMap<usize, Seen>, place: usize) -> anyhow::Result<()> {
        if self.format == Form::Json {
            return newest.get(&place).map_or(Ok(()), |seen| put(&reading_json(std::slice::from_ref(seen))));
        }
        let at = now();
        let wait = if self.lines.is_some() { DRAWN_EVERY } else { 2 * DRAWN_EVERY };
        if self.drawn.is_some_and(|drawn| at.since(drawn) < wait.into()) {
            return Ok(());
        }
        // The first look has no shares yet: a view that begins with dashes would look like one without figures.
        if self.drawn.replace(at).is_none() {
            return Ok(());
        }
        let text = readings_table(&newest.values().cloned().collect::<Vec<_>>());
        match &mut self.lines {
            Some(lines) => put(&redrawn(&text, std::mem::replace(lines, text.lines().count()))),
            None => put(&format!("{text}\n")),
        }
    }
}

/// The text in the place of as many lines as were drawn before. A line that is too long is cut by the terminal, not wrapped:
/// else nobody knew how far up the last drawing began.
fn redrawn(text: &str, before: usize) -> String {
    let up = if before > 0 { format!("\x1b[{before}F") } else { String::new() };
    let lines: String = text.lines().map(|line| format!("{line}\x1b[K\n")).collect();
    format!("\x1b[?7l{up}{lines}\x1b[J\x1b[?7h")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_takes_the_place_of_the_one_before() {
        assert_eq!(redrawn("a\nb\n", 0), "\x1b[?7la\x1b[K\nb\x1b[K\n\x1b[J\x1b[?7h");
        assert_eq!(redrawn("c\n", 2), "\x1b[?7l\x1b[2Fc\x1b[K\n\x1b[J\x1b[?7h");
    }
}
