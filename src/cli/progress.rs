//! A live display of how far a run is: bars on a terminal, a line now and then elsewhere.

use super::say;
use crate::domain::{Money, Name};
use crate::engine::{Progress, Shared, unix_ms};
use crate::export::report;
use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::time::Duration;
use tokio::task::JoinHandle;

/// Ends the display when dropped.
pub(super) struct Display {
    task: JoinHandle<()>,
    bars: MultiProgress,
}

impl Drop for Display {
    fn drop(&mut self) {
        self.task.abort();
        // A bar that stays would mix with the table.
        let _closed = self.bars.clear();
    }
}

/// Shows the run that goes on until the display is dropped.
pub(super) fn show(shared: &Shared) -> Display {
    let bars = MultiProgress::new();
    let (shared, own) = (shared.clone(), bars.clone());
    let task = if std::io::stderr().is_terminal() {
        tokio::spawn(async move { draw(&shared, &own).await })
    } else {
        tokio::spawn(async move { lines(&shared).await })
    };
    Display { task, bars }
}

fn snapshot(shared: &Shared) -> (String, String, BTreeMap<Name, Progress>) {
    let state = shared.lock();
    let line = state.ledger.run;
    let spent = match line.limit {
        Some(limit) => format!("{} of {limit}", dollars(line.spent + line.unknown)),
        None => dollars(line.spent + line.unknown),
    };
    (state.running.name.clone(), spent, state.running.targets.clone())
}

fn words(p: &Progress) -> String {
    let left = p.seconds_left(unix_ms()).filter(|_| p.done < p.total);
    let left = left.map(|s| format!(", {} left", clock(s))).unwrap_or_default();
    let failed = if p.failed > 0 { format!(", {} failed", p.failed) } else { String::new() };
    let spent = if p.unpriced > 0 { "unpriced".into() } else { format!("spent {}", dollars(p.spent)) };
    format!("{} correct{failed}, {spent}{left}", p.correct)
}

/// Money in as many digits as a glance takes in.
fn dollars(amount: Money) -> String {
    report::usd(amount.usd())
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped; a display value")]
fn clock(seconds: f64) -> String {
    let s = seconds.clamp(0.0, 1e7).round() as u64;
    if s < 60 { format!("{s} s") } else { format!("{}:{:02} min", s / 60, s % 60) }
}

async fn draw(shared: &Shared, bars: &MultiProgress) {
    let style = ProgressStyle::with_template("{prefix:>16} {bar:24} {pos}/{len} {msg}");
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    let mut shown: BTreeMap<Name, ProgressBar> = BTreeMap::new();
    let total = bars.add(ProgressBar::new_spinner());
    loop {
        let (name, spent, targets) = snapshot(shared);
        if !name.is_empty() {
            total.set_message(format!("{name}: spent {spent}"));
        }
        for (target, p) in &targets {
            let bar = shown.entry(target.clone()).or_insert_with(|| {
                bars.add(ProgressBar::new(p.total).with_style(style.clone()).with_prefix(target.to_string()))
            });
            bar.set_length(p.total);
            bar.set_position(p.done);
            bar.set_message(words(p));
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

async fn lines(shared: &Shared) {
    loop {
        tokio::time::sleep(Duration::from_secs(5)).await;
        let (name, spent, targets) = snapshot(shared);
        for (target, p) in targets.iter().filter(|(_, p)| p.done > p.resumed && p.done < p.total) {
            say(&format!("{name}: {target} {}/{}: {}; the run {spent}", p.done, p.total, words(p)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_price_is_not_shown_as_nothing_spent() {
        let p = Progress { total: 4, done: 4, correct: 3, failed: 1, ..Progress::default() };
        assert_eq!(words(&p), "3 correct, 1 failed, spent $0.00");
        assert_eq!(words(&Progress { unpriced: 4, ..p }), "3 correct, 1 failed, unpriced");
    }

    #[test]
    fn says_what_is_left_in_a_persons_units() {
        assert_eq!(clock(12.4), "12 s");
        assert_eq!(clock(125.0), "2:05 min");
    }
}
