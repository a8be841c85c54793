//! How long nothing was heard of a change at work: whoever waits is told, long before a request is given up.

use crate::timer::Timer;
use jiff::Timestamp;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// After so long without a word of the server, it is said.
const QUIET: Duration = Duration::from_secs(10);

/// As long as it lasts, it is said again after so long.
const AGAIN: Duration = Duration::from_secs(60);

/// What is known of a silence.
pub struct Silence {
    timer: Timer,
    state: Mutex<State>,
}

struct State {
    heard: Timestamp,
    due: Duration,
}

impl Silence {
    /// Something is begun.
    pub fn begins(timer: Timer) -> Self {
        let heard = timer.now();
        Self { timer, state: Mutex::new(State { heard, due: QUIET }) }
    }

    /// Something was heard.
    pub fn ends(&self) {
        *self.state() = State { heard: self.timer.now(), due: QUIET };
    }

    /// Waits until it is long; comes back with how long it is.
    pub async fn long(&self) -> Duration {
        loop {
            let rest = {
                let mut state = self.state();
                let quiet =
                    Duration::try_from(self.timer.now().duration_since(state.heard)).unwrap_or_default();
                if quiet >= state.due {
                    state.due = quiet + AGAIN;
                    return quiet;
                }
                state.due.saturating_sub(quiet)
            };
            // In between something may be heard, and then it is due earlier.
            self.timer.wait(rest.min(QUIET)).await;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timer::ManualTime;
    use futures::poll;
    use std::pin::pin;

    #[tokio::test]
    async fn ten_seconds_without_a_word_are_said_and_each_further_minute() {
        let time = ManualTime::starting_at("2026-11-24T10:42:00Z".parse().expect("a time"));
        let silence = Silence::begins(time.timer());
        let mut long = pin!(silence.long());
        assert!(poll!(&mut long).is_pending());
        time.advance(Duration::from_secs(9));
        silence.ends();
        time.advance(Duration::from_secs(1));
        assert!(poll!(&mut long).is_pending(), "a word came in between");
        time.advance(Duration::from_secs(9));
        assert_eq!(long.await, Duration::from_secs(10));
        let mut long = pin!(silence.long());
        for _ in 0..5 {
            assert!(poll!(&mut long).is_pending());
            time.advance(Duration::from_secs(10));
        }
        assert!(poll!(&mut long).is_pending());
        time.advance(Duration::from_secs(10));
        assert_eq!(long.await, Duration::from_secs(70));
    }
}
