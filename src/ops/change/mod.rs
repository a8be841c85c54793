//! The changes, each in a room of its own: what it is called, what is found out before, what is sent, how that is
//! applied and looked at afterwards. `intent` and `step` list them.

pub mod accounts;
pub(super) mod afterwards;
pub mod logins;
pub mod reassign;
pub mod tokens;
