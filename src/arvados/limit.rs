//! How many requests may be under way at once, and when the next may go: four, halved at once when the
//! server says that it is busy, with a pause before the next, and given back one by one as it answers
//! again. What was under way when it said so may hear the same, and is no news.

use jiff::{SignedDuration, Timestamp};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The most requests at once.
pub const MOST: usize = 4;

/// Answers without trouble after which one more request is allowed again.
const CALM: usize = 8;

/// How long nothing is sent after the server said that it is busy, unless it names a time itself.
const PAUSE: Duration = Duration::from_secs(1);

/// The longest pause that is taken. If the server asks for more, what was asked is not asked again, and
/// people are told.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub struct Limit {
    places: Semaphore,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    allowed: usize,
    /// Places that are taken and must not be given to anyone when they come free.
    surplus: usize,
    calm: usize,
    not_before: Option<Timestamp>,
}

/// A place among the requests under way; dropping it frees it.
#[derive(Debug)]
pub struct Place<'a> {
    limit: &'a Limit,
    permit: Option<SemaphorePermit<'a>>,
}

impl Limit {
    pub fn new() -> Self {
        Self {
            places: Semaphore::new(MOST),
            state: Mutex::new(State { allowed: MOST, surplus: 0, calm: 0, not_before: None }),
        }
    }

    /// Waits for a place.
    pub async fn enter(&self) -> Place<'_> {
        // The semaphore is never closed, so there is always a permit.
        Place { limit: self, permit: self.places.acquire().await.ok() }
    }

    /// How long the next request has to wait.
    pub fn pause(&self, now: Timestamp) -> Option<Duration> {
        let until = self.state().not_before?;
        let left = Duration::try_from(until.duration_since(now)).ok().filter(|left| !left.is_zero())?;
        if left > LONGEST_PAUSE {
            // The clock was set back: what it showed then says nothing now.
            self.state().not_before = None;
            return None;
        }
        Some(left)
    }

    /// The server is busy: half as many from now on, and a pause.
    pub fn busy(&self, now: Timestamp, asked: Option<Duration>) {
        let pause = asked.unwrap_or(PAUSE).min(LONGEST_PAUSE);
        let until = SignedDuration::try_from(pause).ok().and_then(|pause| now.checked_add(pause).ok());
        let mut state = self.state();
        let is_known = state.not_before.is_some_and(|until| now < until);
        state.not_before = state.not_before.max(until);
        state.calm = 0;
        if is_known {
            return;
        }
        let allowed = (state.allowed / 2).max(1);
        state.surplus += state.allowed - allowed;
        state.allowed = allowed;
        state.surplus -= self.places.forget_permits(state.surplus);
    }

    /// An answer came without trouble.
    pub fn answered(&self) {
        let mut state = self.state();
        if state.allowed >= MOST {
            return;
        }
        state.calm += 1;
        if state.calm >= CALM {
            state.calm = 0;
            state.allowed += 1;
            if state.surplus > 0 {
                state.surplus -= 1;
            } else {
                self.places.add_permits(1);
            }
        }
    }

    /// How many requests may be under way now.
    pub fn allowed(&self) -> usize {
        self.state().allowed
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut state = self.limit.state();
        if state.surplus > 0 {
            state.surplus -= 1;
            if let Some(permit) = self.permit.take() {
                permit.forget();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::FutureExt;

    fn free(limit: &Limit) -> usize {
        let mut taken = Vec::new();
        while let Some(place) = limit.enter().now_or_never() {
            taken.push(place);
        }
        taken.len()
    }

    #[test]
    fn a_busy_server_gets_half_as_many_requests_and_never_more_than_four_afterwards() {
        let limit = Limit::new();
        let now = Timestamp::UNIX_EPOCH;
        let under_way: Vec<_> = (0..MOST).filter_map(|_| limit.enter().now_or_never()).collect();
        limit.busy(now, None);
        limit.busy(now, None);
        assert_eq!(limit.allowed(), 2, "those that were sent before say nothing new");
        drop(under_way);
        assert_eq!(free(&limit), 2, "what was under way counts");
        for second in 1..4 {
            limit.busy(now + SignedDuration::from_secs(second), None);
        }
        assert_eq!((limit.allowed(), free(&limit)), (1, 1), "one is always allowed");
        for _ in 0..CALM * 10 {
            limit.answered();
        }
        assert_eq!((limit.allowed(), free(&limit)), (MOST, MOST));
    }

    #[test]
    fn after_busy_comes_a_pause_as_long_as_the_server_asks_within_reason() {
        let limit = Limit::new();
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(limit.pause(now), None);
        limit.busy(now, None);
        assert_eq!(limit.pause(now), Some(PAUSE));
        limit.busy(now, Some(Duration::from_secs(3600)));
        assert_eq!(limit.pause(now), Some(LONGEST_PAUSE));
        assert_eq!(limit.pause(now + SignedDuration::from_secs(30)), None);
        assert_eq!(limit.pause(now - SignedDuration::from_hours(1)), None, "the clock was set back");
    }
}
