//! What is done to VM logins.

pub mod edit;
pub mod grant;
pub mod revoke;
pub mod steps;
mod survey;
pub(super) mod write;
