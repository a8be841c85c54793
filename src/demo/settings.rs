//! The part of a cluster's configuration that a client can feel, or read in `/config` (api.md b.4).

use jiff::SignedDuration;

/// What the configuration says. It may be changed while the cluster serves:
/// `demo.with_store(|store| store.settings.issue_trusted_tokens = false)`.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch of the real configuration, by its name there"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// `Login.IssueTrustedTokens`, not exported. Without it nobody lists, makes or changes tokens, and only
    /// `…/current` is answered; the system root token may list and issue, but reach none by its UUID: it
    /// can't revoke either.
    pub issue_trusted_tokens: bool,
    /// `Users.SyncUserAccounts`: whether login-sync makes accounts on shell nodes.
    pub sync_user_accounts: bool,
    /// `Users.SyncUserGroups`: whether login-sync puts accounts into Unix groups, and takes them out.
    pub sync_user_groups: bool,
    /// `Users.SyncUserAPITokens`: whether login-sync makes a token for each login.
    pub sync_user_api_tokens: bool,
    /// `Users.SyncIgnoredGroups`: the Unix groups that login-sync leaves alone.
    pub sync_ignored_groups: Vec<String>,
    /// `Users.SyncRequiredGroups`: those that it puts everybody into.
    pub sync_required_groups: Vec<String>,
    /// `API.MaxRequestSize`: the largest body that is taken, in bytes.
    pub max_request_size: usize,
    /// `API.MaxIndexDatabaseRead`: how many bytes are read of the database for one list.
    pub max_index_database_read: usize,
    /// No setting, but how fast the machine is: how long the server takes, in one `unsetup`, from its list of the
    /// user's tokens until it has answered. It lists them and deletes one after another, without a transaction
    /// (`User#unsetup` of the Rails API), so one that is made in that time lives on.
    pub unsetup_takes: SignedDuration,
}

impl Default for Settings {
    fn default() -> Self {
        let ignored = [
            "adm", "disk", "kmem", "mem", "root", "shadow", "staff", "sudo", "sys", "utempter", "utmp",
            "wheel",
        ];
        Self {
            issue_trusted_tokens: true,
            sync_user_accounts: true,
            sync_user_groups: true,
            sync_user_api_tokens: true,
            sync_ignored_groups: ignored.map(str::to_owned).to_vec(),
            sync_required_groups: vec!["fuse".to_owned()],
            max_request_size: 128 << 20,
            max_index_database_read: 128 << 20,
            unsetup_takes: SignedDuration::ZERO,
        }
    }
}
