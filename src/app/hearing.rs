//! Whether a key is heard: not while what it would act on can't be seen, nor for anything new while the
//! program is ending.

use crate::app::action::Action;
use crate::app::ctx::{Arrangement, Ctx};
use crate::app::cursor::Motion;
use jiff::{SignedDuration, Timestamp};

/// After something could not be seen, how long it must be seen before a key can be meant for it.
const SEEN: SignedDuration = SignedDuration::from_millis(300);

/// Whether there is room to show anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Sight {
    /// There is, and has been.
    #[default]
    Clear,
    /// There is none.
    Blind,
    /// There is again, since then.
    Since(Timestamp),
}

impl Sight {
    /// Whether what a key is meant for is seen, and has been for long enough.
    pub(super) fn is_clear(&mut self, ctx: &Ctx) -> bool {
        *self = match (ctx.viewport.arrangement, *self) {
            (Arrangement::TooSmall, _) => Self::Blind,
            (_, Self::Blind) => Self::Since(ctx.now),
            (_, sight) => sight,
        };
        match self {
            Self::Clear => true,
            Self::Blind => false,
            Self::Since(at) => ctx.now.duration_since(*at) >= SEEN,
        }
    }
}

/// What may still be done while the program waits for changes to end: look, and close.
pub(super) fn is_harmless(action: Action) -> bool {
    Motion::of(action).is_some() || matches!(action, Action::Back | Action::Messages | Action::Help)
}
