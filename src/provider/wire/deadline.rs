//! The deadlines of one exchange, on tokio's clock: nothing here is measured, it only waits.
//!
//! One timer serves all three. It is not moved with every byte, which would cost a lock per token, but looked at when
//! it fires: if bytes came meanwhile, it is set anew.

use super::endpoint::Timeouts;
use crate::domain::{Failure, Fault};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll, Waker};
use tokio::time::{Instant, Sleep, sleep_until};

/// The deadlines of a running exchange.
pub struct Deadlines {
    timeouts: Timeouts,
    started: Instant,
    /// When bytes came last.
    last: Instant,
    /// Whether a token-bearing event came.
    first_came: bool,
    timer: Pin<Box<Sleep>>,
    /// When the timer fires.
    due: Instant,
    /// Who is woken by the timer as it stands.
    set: Option<Waker>,
    /// Whether bytes came since the task was woken: then it was not the timer, which need not be looked at.
    busy: bool,
}

impl Deadlines {
    /// They run from now.
    pub fn start(timeouts: Timeouts) -> Self {
        let started = waiting_now();
        let due = started + timeouts.first_token.min(timeouts.total);
        let timer = Box::pin(sleep_until(due));
        Self { timeouts, started, last: started, first_came: false, timer, due, set: None, busy: false }
    }

    /// Bytes came; the stream may have passed a deadline without ever being silent.
    ///
    /// # Errors
    /// The timeout that has passed.
    pub fn bytes_came(&mut self) -> Result<(), Fault> {
        let before = self.last;
        (self.last, self.busy) = (waiting_now(), true);
        let (due, failure) = self.next(before);
        if self.last < due || failure == Failure::TimeoutIdle { Ok(()) } else { Err(self.fault(failure)) }
    }

    /// The first token-bearing event came: silence counts from here on.
    pub fn first_came(&mut self) {
        if !self.first_came {
            self.first_came = true;
            let (due, _) = self.next(self.last);
            self.timer.as_mut().reset(due);
            (self.due, self.set) = (due, None);
        }
    }

    /// Ready when a deadline has passed.
    pub fn poll(&mut self, cx: &mut Context<'_>) -> Poll<Fault> {
        let set = self.set.as_ref().is_some_and(|waker| waker.will_wake(cx.waker()));
        if std::mem::take(&mut self.busy) && set && self.last < self.due {
            return Poll::Pending;
        }
        if !set {
            self.set = Some(cx.waker().clone());
        }
        while self.timer.as_mut().poll(cx).is_ready() {
            let (due, failure) = self.next(self.last);
            if waiting_now() >= due {
                return Poll::Ready(self.fault(failure));
            }
            self.timer.as_mut().reset(due);
            self.due = due;
        }
        Poll::Pending
    }

    /// The deadline that comes first, if bytes came last at `last`.
    fn next(&self, last: Instant) -> (Instant, Failure) {
        let Timeouts { connect: _, first_token, idle, total } = self.timeouts;
        let early = if self.first_came {
            (last + idle, Failure::TimeoutIdle)
        } else {
            (self.started + first_token, Failure::TimeoutFirstToken)
        };
        let total = self.started + total;
        if total <= early.0 { (total, Failure::TimeoutTotal) } else { early }
    }

    fn fault(&self, failure: Failure) -> Fault {
        let Timeouts { connect: _, first_token, idle, total } = self.timeouts;
        let detail = match failure {
            Failure::TimeoutFirstToken => format!("no token {first_token:?} after the request"),
            Failure::TimeoutIdle => format!("the stream fell silent for {idle:?}"),
            _ => format!("the answer was not complete {total:?} after the request"),
        };
        Fault::new(failure, detail)
    }
}

/// Tokio's clock, which tests can pause.
#[expect(clippy::disallowed_methods, reason = "deadlines only wait; no stamp is taken from it")]
fn waiting_now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::future::poll_fn;
    use std::time::Duration;
    use tokio::time::advance;

    fn deadlines() -> Deadlines {
        let seconds = Duration::from_secs;
        Deadlines::start(Timeouts {
            connect: seconds(1),
            first_token: seconds(60),
            idle: seconds(10),
            total: seconds(100),
        })
    }

    fn on_paused_clock(test: impl Future<Output = ()>) {
        tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().unwrap().block_on(test);
    }

    async fn fires(deadlines: &mut Deadlines) -> (u64, String) {
        let start = waiting_now();
        let fault = poll_fn(|cx| deadlines.poll(cx)).await;
        ((waiting_now() - start).as_secs(), fault.to_string())
    }

    #[test]
    fn the_first_token_has_its_own_deadline() {
        on_paused_clock(async {
            let mut d = deadlines();
            assert_eq!(fires(&mut d).await, (60, "timeout_first_token: no token 60s after the request".into()));
        });
    }

    #[test]
    fn silence_counts_from_the_last_bytes() {
        on_paused_clock(async {
            let mut d = deadlines();
            advance(Duration::from_secs(5)).await;
            assert!(d.bytes_came().is_ok());
            d.first_came();
            advance(Duration::from_secs(8)).await;
            assert!(d.bytes_came().is_ok());
            assert_eq!(fires(&mut d).await, (10, "timeout_idle: the stream fell silent for 10s".into()));
        });
    }

    #[test]
    fn the_total_counts_whatever_comes() {
        on_paused_clock(async {
            let mut d = deadlines();
            d.first_came();
            for _ in 0..12 {
                advance(Duration::from_secs(8)).await;
                assert!(d.bytes_came().is_ok());
            }
            let said = "timeout_total: the answer was not complete 100s after the request";
            assert_eq!(fires(&mut d).await, (4, said.into()));
            assert_eq!(
                d.bytes_came().unwrap_err().to_string(),
                said,
                "also where a busy stream never lets the timer fire"
            );
        });
    }

    #[test]
    fn comments_alone_do_not_put_the_first_token_off() {
        on_paused_clock(async {
            let mut d = deadlines();
            advance(Duration::from_secs(59)).await;
            assert!(d.bytes_came().is_ok());
            advance(Duration::from_secs(1)).await;
            assert_eq!(d.bytes_came().unwrap_err().kind, Failure::TimeoutFirstToken);
        });
    }
}
