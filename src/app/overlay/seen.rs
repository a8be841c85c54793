//! Whether something was on the screen for long enough to be read. Keys that were pressed for what was
//! there before must not answer, or close, what has just come up.

use crate::app::ctx::Ctx;
use jiff::{SignedDuration, Timestamp};

/// How long it must have been there: what was typed for something else has arrived by then.
const SETTLED: SignedDuration = SignedDuration::from_millis(300);

/// Since when something is there to be drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The frame that was drawn last before it.
    after_frame: u64,
    since: Timestamp,
}

impl Seen {
    /// It has come up now.
    pub fn from_now(ctx: &Ctx) -> Self {
        Self { after_frame: ctx.frames, since: ctx.now }
    }

    /// Whether it was drawn, and time enough has passed.
    pub fn is_settled(self, ctx: &Ctx) -> bool {
        ctx.frames > self.after_frame && ctx.now.duration_since(self.since) >= SETTLED
    }
}
