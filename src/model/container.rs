//! Running work.

use super::ids::{ContainerUuid, TokenUuid, UserUuid};

/// A container that is queued, locked or running.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Names it.
    pub uuid: ContainerUuid,
    /// The token it works with, once it is locked: revoking it breaks the work (api.md v27).
    pub token: Option<TokenUuid>,
    /// Whom it runs for.
    pub user: UserUuid,
}
