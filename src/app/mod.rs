//! The pure core: all that is shown, and the only way it changes.
//!
//! [`update::update`] takes a [`message::Message`] and returns [`effect::Effect`]s, outside work as plain
//! data. No clock, task, file or terminal is touched here: time comes with [`ctx::Ctx`], ids from a
//! counter in [`state::State`]. The shell ([`crate::tui`]) does the rest.

pub mod action;
pub mod context;
pub mod ctx;
pub mod effect;
pub mod message;
pub mod overlay;
pub mod remote;
pub mod state;
pub mod update;
