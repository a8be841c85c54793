//! Time, as the client, the executor and the loop see it. The real one is the system's; tests hold a
//! manual one, which stands still until they advance it. Nothing else in the program may read a clock
//! or sleep.

use futures::future::BoxFuture;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;

/// A clock that can also wait.
#[derive(Clone)]
pub struct Timer(Source);

#[derive(Clone)]
enum Source {
    System,
    Manual(ManualTime),
}

impl Timer {
    /// The system's time.
    pub fn system() -> Self {
        Self(Source::System)
    }

    /// What time it is.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads the system's clock")]
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::System => Timestamp::now(),
            Source::Manual(time) => time.inner().now,
        }
    }

    /// Ends when `duration` has gone by.
    #[expect(clippy::disallowed_methods, reason = "the one place that sleeps")]
    pub fn wait(&self, duration: Duration) -> BoxFuture<'static, ()> {
        match &self.0 {
            Source::System => Box::pin(tokio::time::sleep(duration)),
            Source::Manual(time) => {
                let woken = time.sleeper(duration);
                Box::pin(async move {
                    // A dropped sender means that the test is over.
                    let _ = woken.await;
                })
            }
        }
    }
}

impl fmt::Debug for Timer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Timer")
    }
}

/// A time that stands still until it is advanced.
#[derive(Clone)]
pub struct ManualTime(Arc<Mutex<Inner>>);

struct Inner {
    now: Timestamp,
    skips: Duration,
    sleepers: Vec<(Timestamp, oneshot::Sender<()>)>,
}

impl ManualTime {
    /// Stands at `start`.
    pub fn starting_at(start: Timestamp) -> Self {
        Self(Arc::new(Mutex::new(Inner { now: start, skips: Duration::ZERO, sleepers: Vec::new() })))
    }

    /// The same, where nobody waits for anything up to `longest`: the time just moves on by it. Pauses
    /// between tries then take no time, while time-outs still need to be advanced to.
    pub fn skipping(self, longest: Duration) -> Self {
        self.inner().skips = longest;
        self
    }

    /// A timer that follows this time.
    pub fn timer(&self) -> Timer {
        Timer(Source::Manual(self.clone()))
    }

    /// Moves on, and wakes whoever waits for an instant up to then.
    pub fn advance(&self, duration: Duration) {
        let mut inner = self.inner();
        inner.now = later(inner.now, duration);
        let now = inner.now;
        let (due, waiting) = std::mem::take(&mut inner.sleepers).into_iter().partition(|(at, _)| *at <= now);
        inner.sleepers = waiting;
        drop(inner);
        let due: Vec<(Timestamp, oneshot::Sender<()>)> = due;
        for (_, sleeper) in due {
            // Whoever gave up waiting needs no waking.
            let _ = sleeper.send(());
        }
    }

    /// How many wait for an instant still to come.
    pub fn sleepers(&self) -> usize {
        let mut inner = self.inner();
        inner.sleepers.retain(|(_, sleeper)| !sleeper.is_closed());
        inner.sleepers.len()
    }

    fn sleeper(&self, duration: Duration) -> oneshot::Receiver<()> {
        let (sender, receiver) = oneshot::channel();
        let mut inner = self.inner();
        let at = later(inner.now, duration);
        if duration <= inner.skips {
            inner.now = at;
            let _ = sender.send(());
        } else {
            inner.sleepers.push((at, sender));
        }
        receiver
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn later(from: Timestamp, duration: Duration) -> Timestamp {
    SignedDuration::try_from(duration).ok().and_then(|d| from.checked_add(d).ok()).unwrap_or(Timestamp::MAX)
}
