//! Signals: the first asks for an orderly end, the second for an immediate one.

use super::say;
use crate::engine::run::Halt;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// SIGXFSZ, which kills a process that writes beyond RLIMIT_FSIZE: with a handler in place the write fails instead, and
/// a full store is an error like any other.
const SIGXFSZ: i32 = 25;

/// Watches for SIGINT and SIGTERM: the first cancels `drain`, the second `abort`.
///
/// # Errors
/// When the handlers can't be installed.
pub(super) fn watch(halt: Halt) -> std::io::Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    let mut file_size = signal(SignalKind::from_raw(SIGXFSZ))?;
    tokio::spawn(async move {
        let mut asked = 0;
        loop {
            tokio::select! {
                _ = interrupt.recv() => asked += 1,
                _ = terminate.recv() => asked += 1,
                _ = file_size.recv() => continue,
            }
            if asked == 1 {
                say("assayd: ending: what is in flight is finished first (once more to drop it)");
                halt.drain.cancel();
            } else {
                halt.abort.cancel();
            }
        }
    });
    Ok(())
}

/// SIGHUP, which asks a daemon to read its configuration again.
///
/// # Errors
/// When the handler can't be installed.
pub(super) fn reloads() -> std::io::Result<Signal> {
    signal(SignalKind::hangup())
}
