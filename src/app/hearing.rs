//! Whether a key is heard: not while what it would act on can't be seen, nor for anything new while the
//! program is ending.

use crate::app::action::Action;
use crate::app::ctx::{Arrangement, Ctx};
use crate::app::cursor::Motion;
use crate::app::message::Message;
use crate::app::state::{Ending, State};
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

impl State {
    /// Whether a message may be acted on; of those that are no keys, always.
    pub(super) fn hears(&mut self, message: &Message, ctx: &Ctx) -> bool {
        self.sight = match (ctx.viewport.arrangement, self.sight) {
            (Arrangement::TooSmall, _) => Sight::Blind,
            (_, Sight::Blind) => Sight::Since(ctx.now),
            (_, sight) => sight,
        };
        let seen = match self.sight {
            Sight::Clear => true,
            Sight::Blind => false,
            Sight::Since(at) => ctx.now.duration_since(at) >= SEEN,
        };
        match message {
            Message::Action(Action::Interrupt | Action::Background | Action::Redraw) => true,
            Message::Action(Action::Quit) => self.overlays.is_empty() || seen,
            Message::Action(action) => seen && (self.ending == Ending::No || is_harmless(*action)),
            Message::Edit(_) => seen && self.ending == Ending::No,
            _ => true,
        }
    }
}

/// What may still be done while the program waits for changes to end: look, and close.
fn is_harmless(action: Action) -> bool {
    Motion::of(action).is_some() || matches!(action, Action::Back | Action::Messages | Action::Help)
}
