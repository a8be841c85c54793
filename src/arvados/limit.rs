//! How many requests may be under way at once: four, halved at once when the server says that it is
//! busy, and given back one by one as it answers again.

use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::{Semaphore, SemaphorePermit};

/// The most requests at once.
pub const MOST: usize = 4;

/// Answers without trouble after which one more request is allowed again.
const CALM: usize = 8;

#[derive(Debug)]
pub struct Limit {
    permits: Semaphore,
    allowed: AtomicUsize,
    calm: AtomicUsize,
}

impl Limit {
    pub fn new() -> Self {
        Self { permits: Semaphore::new(MOST), allowed: AtomicUsize::new(MOST), calm: AtomicUsize::new(0) }
    }

    /// Waits for a place. `None` never happens: the semaphore is not closed.
    pub async fn enter(&self) -> Option<SemaphorePermit<'_>> {
        self.permits.acquire().await.ok()
    }

    /// The server is busy: half as many from now on, the caller's own place counted first.
    pub fn busy(&self, place: Option<SemaphorePermit<'_>>) {
        self.calm.store(0, Ordering::Relaxed);
        let before = self.allowed.load(Ordering::Relaxed);
        let after = (before / 2).max(1);
        self.allowed.store(after, Ordering::Relaxed);
        let mut surplus = before - after;
        if surplus > 0
            && let Some(place) = place
        {
            place.forget();
            surplus -= 1;
        }
        self.permits.forget_permits(surplus);
    }

    /// An answer came without trouble.
    pub fn answered(&self) {
        if self.allowed.load(Ordering::Relaxed) >= MOST {
            return;
        }
        if self.calm.fetch_add(1, Ordering::Relaxed) + 1 >= CALM {
            self.calm.store(0, Ordering::Relaxed);
            self.allowed.fetch_add(1, Ordering::Relaxed);
            self.permits.add_permits(1);
        }
    }

    /// How many requests may be under way now.
    pub fn allowed(&self) -> usize {
        self.allowed.load(Ordering::Relaxed)
    }
}
