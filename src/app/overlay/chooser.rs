//! A list of actions to choose from, each with the reason if it can't be taken now.

use crate::app::action::{Action, Availability};
use crate::app::availability::availability;
use crate::app::cursor::Motion;
use crate::app::state::State;

/// An action on offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// Which.
    pub action: Action,
    /// Why it can't be taken now, if it can't.
    pub disabled: Option<String>,
}

impl Offer {
    /// What it is called.
    pub fn name(&self) -> &'static str {
        self.action.name()
    }
}

/// These actions, in this order whatever can be taken: fingers learn where one stands. What makes no sense
/// is left out.
pub fn offers(actions: &[Action], state: &State) -> Vec<Offer> {
    let offer = |&action: &Action| match availability(state, action) {
        Availability::Enabled => Some(Offer { action, disabled: None }),
        Availability::Disabled(why) => Some(Offer { action, disabled: Some(why) }),
        Availability::Hidden => None,
    };
    actions.iter().filter_map(offer).collect()
}

/// A cursor in a short list that does not change by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ListCursor {
    at: usize,
    top: usize,
}

impl ListCursor {
    /// The row it is on.
    pub fn at(self) -> usize {
        self.at
    }

    /// The first row that is seen.
    pub fn top(self) -> usize {
        self.top
    }

    /// Follows an action that moves, in `len` rows of which `height` are seen; whether it was one.
    pub fn follow(&mut self, action: Action, len: usize, height: usize) -> super::line::Moved {
        let Some(motion) = Motion::of(action) else { return super::line::Moved::No };
        self.put(motion.apply(self.at, len, height), len, height);
        super::line::Moved::Yes
    }

    /// Puts it on a row, or on the last one.
    pub fn put(&mut self, at: usize, len: usize, height: usize) {
        let height = height.max(1);
        self.at = at.min(len.saturating_sub(1));
        self.top =
            self.top.clamp((self.at + 1).saturating_sub(height), self.at).min(len.saturating_sub(height));
    }
}
