//! SSH public keys.

use super::field::{Date, Text};
use super::ids::{KeyUuid, UserUuid};

/// A public key with which a user may log in to VMs. Its expiry is stored by the server and looked at
/// by nobody (api.md b.9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SshKey {
    /// Names it.
    pub uuid: KeyUuid,
    /// A label, chosen by people.
    pub name: Text,
    /// Whose key it is.
    pub user: UserUuid,
    /// Who owns the record: if not the user, deactivating that owner deletes the key too.
    pub owner: UserUuid,
    /// The key itself, in OpenSSH's form.
    pub public_key: Text,
    /// Kept by the server, enforced nowhere.
    pub expires_at: Option<Date>,
}
