//! Changes of accounts.

pub mod activate;
pub(super) mod candidates;
pub mod deactivate;
pub(super) mod ending;
pub mod resume;
pub mod set_role;
pub mod set_up;
pub(super) mod standing;
pub mod suspend;
