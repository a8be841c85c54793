//! A list of actions to choose from, each with the reason if it can't be taken now.

use super::line::Moved;
use super::reaction::Reaction;
use crate::app::action::{Action, Availability};
use crate::app::availability::availability;
use crate::app::ctx::Ctx;
use crate::app::cursor::Motion;
use crate::app::notices::Tone;
use crate::app::world::World;

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
pub fn offers(actions: &[Action], world: &World) -> Vec<Offer> {
    let offer = |&action: &Action| match availability(world, action) {
        Availability::Enabled => Some(Offer { action, disabled: None }),
        Availability::Disabled(why) => Some(Offer { action, disabled: Some(why) }),
        Availability::Hidden => None,
    };
    actions.iter().filter_map(offer).collect()
}

/// Takes what is on offer, or says why it can't be taken.
pub(super) fn take(offer: Option<&Offer>, world: &mut World, ctx: &Ctx) -> Reaction {
    match offer {
        None => Reaction::Ignored,
        Some(Offer { action, disabled: None }) => Reaction::Perform(*action),
        Some(Offer { action, disabled: Some(why) }) => {
            let text = format!("{}: {why}", action.name().trim_end_matches('…'));
            Reaction::Stay(vec![world.say(Tone::Info, text, ctx)])
        }
    }
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
    pub fn follow(&mut self, action: Action, len: usize, height: usize) -> Moved {
        let Some(motion) = Motion::of(action) else { return Moved::No };
        self.put(motion.apply(self.at, len, height), len, height);
        Moved::Yes
    }

    /// Puts it on a row, or on the last one.
    pub fn put(&mut self, at: usize, len: usize, height: usize) {
        let height = height.max(1);
        self.at = at.min(len.saturating_sub(1));
        self.top =
            self.top.clamp((self.at + 1).saturating_sub(height), self.at).min(len.saturating_sub(height));
    }
}
