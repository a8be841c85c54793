//! What is done to tokens.

pub(super) mod check;
mod errand;
pub mod exactly;
pub mod expiry;
mod hunt;
pub mod issue;
mod locate;
mod reached;
pub mod revoke;
pub mod revoke_all;
mod survey;
mod sweep;
