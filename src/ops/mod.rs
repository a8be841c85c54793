//! Use cases, for the screen and the command line alike.
//!
//! A read is a [`read::Read`] with a typed [`read::Outcome`]. A write begins as an [`intent::Intent`];
//! [`survey`] reads what is there and makes a [`plan::Plan`] of it; [`confirm`] turns the plan, once what
//! must be answered is answered, into a [`confirm::Confirmed`]; and only that can be applied, by
//! [`apply::apply`].

pub use crate::arvados::writer::{Mode, WriteAccess};

pub mod apply;
pub mod change;
mod clash;
pub mod cluster;
pub mod confirm;
pub mod connecting;
pub mod doubts;
pub mod engine;
pub mod failure;
pub mod find_token;
mod gaps;
mod given_token;
mod helper_token;
mod holdings;
pub mod intent;
pub mod journal;
mod known_tokens;
pub mod left_helpers;
pub mod listening;
mod login_list;
mod logins;
pub mod part;
mod phrases;
pub mod plan;
pub mod process;
mod reach;
pub mod read;
pub mod report;
pub mod requests;
pub mod rights;
mod session;
pub mod silence;
pub mod step;
pub mod summary;
pub mod survey;
mod tokens;
mod witness;
pub mod words;
