//! The pure core: all that is shown, and the only way it changes.
//!
//! [`update::update`] takes a [`message::Message`] and returns [`effect::Effect`]s, outside work as plain
//! data. No clock, task, file or terminal is touched here: time comes with [`ctx::Ctx`], ids from a
//! counter in [`world::World`]. The shell ([`crate::tui`]) does the rest.

pub mod action;
mod after;
pub mod availability;
mod clocks;
pub mod context;
pub mod ctx;
pub mod cursor;
pub mod details;
pub mod effect;
mod hearing;
#[cfg(test)]
mod interleavings;
pub mod jobs;
pub mod launch;
pub mod left;
pub mod list;
pub mod listing;
pub mod message;
pub mod notices;
pub mod overlay;
mod panes;

mod reading;
pub mod recovery;
pub mod remote;
pub mod selection;
pub mod sort;
pub mod state;
#[cfg(test)]
mod stories;
pub mod tasks;
#[cfg(test)]
pub(crate) mod testing;
pub mod tries;
pub mod trouble;
pub mod update;
pub mod user_table;
pub mod users;
pub mod world;
