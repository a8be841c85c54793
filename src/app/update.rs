//! The only way the state changes: routes a message to the overlay or pane it is for.

use crate::app::ctx::Ctx;
use crate::app::effect::Effect;
use crate::app::message::Message;
use crate::app::state::State;

/// Takes a message; returns the outside work it asks for.
pub fn update(state: &mut State, message: Message, ctx: &Ctx) -> Vec<Effect> {
    let _ = (state, message, ctx);
    Vec::new()
}
