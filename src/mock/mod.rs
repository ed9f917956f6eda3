//! The calibration endpoint: an OpenAI-compatible server that is no model. It writes tokens at exact instants, answers
//! rightly as often as it is told, goes wrong on purpose, and keeps the truth about all of it, so that what assayd
//! measures can be proved against what really happened.
//!
//! It uses nothing of assayd but `domain`, so that a mistake in measuring, pricing or grading cannot hide in the truth
//! it is compared with. The truth is what was *done* (the instants at which requests came, those just before each write,
//! the figures written), not what was configured.
//!
//! * `POST /v1/chat/completions` (streamed or not), `GET /v1/models`, `GET /health`;
//! * `GET /__truth` (JSON: summary and records), `GET /__truth?summary=1`, `GET /__truth.csv` (one line a request);
//! * `POST /__reset` forgets; `POST /__set` takes a JSON object of settings and gives all of them back.
//!
//! With `rate_requests` or `rate_tokens` it limits rates as providers do: headers tell what is left, 429 refuses the rest. Of
//! a conversation's later turns the truth has the history too.
//!
//! Prompt tokens are ⌈UTF-8 bytes of all message texts / 4⌉ + `prompt_overhead`; completion tokens are tokens written.
//!
//! Flow: `conn` reads a request → `script` decides all of the answer as data (`answer`: what is said, `faults`:
//! what goes wrong, `pace`: when) → `conn` plays it → `truth` keeps what came of it → `report` renders that.

mod answer;
mod clock;
mod conn;
mod draw;
mod faults;
mod http;
mod openai;
mod pace;
mod rate;
mod receipt;
mod report;
mod request;
mod routes;
mod script;
mod settings;
mod stamps;
mod stream;
mod sums;
mod truth;
mod values;
mod whole;

pub use answer::{Answers, AnswersError, read_answers};
pub use faults::{Fault, Rule, RuleError, When};
pub use settings::{Draw, Form, Settings, SettingsError};
pub use values::{Length, read_span};

use conn::Conn;
use rate::Rate;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use truth::Log;

/// Connections that may wait to be accepted. The 128 that listeners are opened with are too few for a burst of clients:
/// the next one's connection is dropped, and tried again a whole second later.
const WAITING: i32 = 4096;

/// Serves until `shutdown` is ready; connections are dropped then, wherever they stand.
///
/// Timing is best on a runtime of the current thread that does nothing else.
///
/// # Errors
/// When the settings are out of range. A failing connection ends that connection only.
pub async fn serve(
    listener: TcpListener,
    settings: Settings,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    settings.check().map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    receipt::ask_for_stamps(&listener);
    // Where the queue can't be made longer, the shorter one serves.
    let _as_it_was = rustix::net::listen(&listener, WAITING);
    let mock = Arc::new(Mock::new(settings));
    let mut connections = JoinSet::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        tokio::select! {
            biased;
            () = &mut shutdown => return Ok(()),
            accepted = listener.accept() => match accepted.and_then(|(stream, _)| Conn::new(stream)) {
                Ok(conn) => {
                    mock.log().connections += 1;
                    connections.spawn(routes::converse(conn, Arc::clone(&mock)));
                }
                // Out of descriptors, or the client has left already: neither is a reason to stop.
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            },
            Some(_) = connections.join_next(), if !connections.is_empty() => {}
        }
    }
}

/// What the connections share.
struct Mock {
    behaviour: Mutex<Behaviour>,
    log: Mutex<Log>,
    rate: Mutex<Rate>,
}

/// The settings in force, and the gate that goes with their capacity.
#[derive(Clone)]
struct Behaviour {
    settings: Arc<Settings>,
    /// Those admitted by an earlier gate do not count against a new one.
    gate: Option<Arc<Semaphore>>,
}

impl Behaviour {
    fn new(settings: Settings) -> Self {
        let gate = settings.capacity.map(|n| Arc::new(Semaphore::new(n)));
        Self { settings: Arc::new(settings), gate }
    }
}

impl Mock {
    fn new(settings: Settings) -> Self {
        Self {
            behaviour: Mutex::new(Behaviour::new(settings)),
            log: Mutex::new(Log::default()),
            rate: Mutex::default(),
        }
    }

    fn behaviour(&self) -> Behaviour {
        self.behaviour.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the settings; the gate is kept unless the capacity changes.
    fn change(&self, change: &[u8]) -> Result<Arc<Settings>, SettingsError> {
        let mut behaviour = self.behaviour.lock().unwrap_or_else(PoisonError::into_inner);
        let next = behaviour.settings.changed(change)?;
        if next.capacity == behaviour.settings.capacity {
            behaviour.settings = Arc::new(next);
        } else {
            *behaviour = Behaviour::new(next);
        }
        Ok(Arc::clone(&behaviour.settings))
    }

    fn rate(&self) -> MutexGuard<'_, Rate> {
        self.rate.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
