//! The thread that talks to the driver. It is one of its own, since a driver whose card has fallen off the bus may keep a
//! caller for ever, and since the driver's snapshots live no longer than the driver: on this thread's stack both are at home.

use super::session::{Driver, Known, Session};
use crate::domain::Nanos;
use crate::telemetry::{Absence, Absent, Probe, Reading, now};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::Duration;

/// How long a look waits for the driver. Loading the library and waking up eight cards takes seconds.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long it waits once it has waited in vain.
const IMPATIENCE: Duration = Duration::from_millis(100);
/// The first wait before a driver is opened again; each in vain is twice as long as the one before.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The longest such wait.
const LONGEST_WAIT: Duration = Duration::from_secs(60);

/// The meter at work: asks the thread, and waits for what it says.
pub(super) struct Looker {
    library: Option<PathBuf>,
    thread: Option<Thread>,
    patience: Duration,
}

struct Thread {
    ask: SyncSender<()>,
    answers: Receiver<Reading>,
    /// Asked and not answered yet.
    late: bool,
}

impl Looker {
    pub(super) const fn new(library: Option<PathBuf>) -> Self {
        Self { library, thread: None, patience: PATIENCE }
    }

    /// Starts the thread.
    fn start(&self) -> std::io::Result<Thread> {
        let (ask, asks) = sync_channel(1);
        let (answer, answers) = sync_channel(1);
        let library = self.library.clone();
        let builder = std::thread::Builder::new().name("meter-nvml".into());
        builder.spawn(move || Work { library, asks, answer, known: Known::new() }.run())?;
        Ok(Thread { ask, answers, late: false })
    }
}

impl Probe for Looker {
    fn look(&mut self) -> Reading {
        if self.thread.is_none() {
            match self.start() {
                Ok(thread) => self.thread = Some(thread),
                Err(error) => return nothing(Absence::Other, format!("no thread for it: {error}")),
            }
        }
        let Some(thread) = &mut self.thread else { return nothing(Absence::Other, "no thread for it".into()) };
        let patience = if thread.late { IMPATIENCE } else { self.patience };
        if !thread.late {
            // A thread that is gone is told by the answer that does not come.
            let _gone = thread.ask.send(());
        }
        match thread.answers.recv_timeout(patience) {
            Ok(reading) => {
                thread.late = false;
                reading
            }
            Err(RecvTimeoutError::Timeout) => {
                thread.late = true;
                let detail = format!("the driver has not answered for {:?} or longer", self.patience);
                nothing(Absence::Unreachable, detail)
            }
            Err(RecvTimeoutError::Disconnected) => {
                // It panicked in the wrapper or the driver; the next look begins anew.
                self.thread = None;
                nothing(Absence::Other, "the driver's library made the meter's thread fail".into())
            }
        }
    }
}

/// A reading of nothing at all.
fn nothing(why: Absence, detail: String) -> Reading {
    let mut reading = Reading::new(now());
    reading.absent.push(Absent { what: "all", device: None, why, detail });
    reading
}

/// What the thread has.
struct Work {
    library: Option<PathBuf>,
    asks: Receiver<()>,
    answer: SyncSender<Reading>,
    known: Known,
}

impl Work {
    /// Answers until nobody asks any more.
    fn run(mut self) {
        let (mut wait, mut next) = (FIRST_WAIT, Nanos(0));
        let mut why = (Absence::Other, String::new());
        while self.asks.recv().is_ok() {
            if now() >= next {
                match Driver::open(self.library.as_deref()) {
                    Ok(driver) => match self.serve(&driver, &mut wait) {
                        Some(()) => continue,
                        None => return,
                    },
                    Err(refused) => {
                        why = refused;
                        next = now().plus(wait.into());
                        wait = longer(wait);
                    }
                }
            }
            if self.answer.send(nothing(why.0, why.1.clone())).is_err() {
                return;
            }
        }
    }

    /// Answers this question and those after it, until the driver is to be opened again, which takes a while so that one
    /// lost card does not keep the others from being measured. None when nobody asks any more.
    fn serve(&mut self, driver: &Driver, wait: &mut Duration) -> Option<()> {
        let nvml = driver.nvml()?;
        let mut session = Session::new(nvml, &mut self.known);
        let mut again = None;
        loop {
            let reading = session.look();
            if session.ill {
                again.get_or_insert_with(|| now().plus((*wait).into()));
            } else {
                *wait = FIRST_WAIT;
            }
            self.answer.send(reading).ok()?;
            if again.is_some_and(|at| now() >= at) {
                *wait = longer(*wait);
                return Some(());
            }
            self.asks.recv().ok()?;
        }
    }
}

/// The wait after this one.
fn longer(wait: Duration) -> Duration {
    (wait * 2).min(LONGEST_WAIT)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A looker whose driver is this test.
    fn looker(patience: Duration) -> (Looker, Receiver<()>, SyncSender<Reading>) {
        let (ask, asks) = sync_channel(1);
        let (answer, answers) = sync_channel(1);
        let thread = Some(Thread { ask, answers, late: false });
        (Looker { library: None, thread, patience }, asks, answer)
    }

    fn why(reading: &Reading) -> Vec<Absence> {
        reading.absent.iter().map(|absent| absent.why).collect()
    }

    #[test]
    fn nobody_waits_for_ever_for_a_driver_that_does_not_answer() {
        let (mut looker, asks, answer) = looker(Duration::from_millis(1));
        assert_eq!(why(&looker.look()), [Absence::Unreachable]);
        assert_eq!(why(&looker.look()), [Absence::Unreachable]);
        // It was asked once: the second look waited for the same answer.
        assert!(asks.try_recv().is_ok());
        assert!(asks.try_recv().is_err());
        // It comes late, and is taken for what it is.
        answer.send(Reading::new(Nanos(7))).unwrap();
        assert_eq!(looker.look(), Reading::new(Nanos(7)));
        assert!(looker.thread.as_ref().is_some_and(|thread| !thread.late));
    }

    #[test]
    fn a_thread_that_fails_is_told_and_begun_anew() {
        let (mut looker, asks, answer) = looker(Duration::from_secs(60));
        drop((asks, answer));
        assert_eq!(why(&looker.look()), [Absence::Other]);
        assert!(looker.thread.is_none());
    }

    #[test]
    fn waits_grow_and_end_growing() {
        let waits: Vec<u64> = std::iter::successors(Some(FIRST_WAIT), |wait| Some(longer(*wait)))
            .take(9)
            .map(|wait| wait.as_secs())
            .collect();
        assert_eq!(waits, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
    }
}
