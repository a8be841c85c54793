//! Who is asking, where, and what the cluster allows.

use super::ids::{ClusterId, TokenUuid, UserUuid};
use super::token::Token;
use super::user::User;

/// What is found out at the start and shown ever after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Host and port of the API server, as configured.
    pub host: String,
    /// What `ARVADOS_API_HOST` must be for this cluster: the same, with `http://` before it where that is
    /// spoken.
    pub api_host: String,
    /// What the cluster says of itself (`/arvados/v1/config`).
    pub cluster: ClusterFacts,
    /// Who the token acts as.
    pub me: User,
    /// The token in use, without its secret.
    pub token: Token,
    /// Whose tokens can be seen.
    pub access: TokenAccess,
    /// What is wrong with the settings without making them unusable: sentences.
    pub warnings: Vec<String>,
    /// Whether tokens can be revoked here at all.
    pub trusted_tokens: TrustedTokens,
}

/// `Login.IssueTrustedTokens`, as far as a refusal told: it is not exported (api.md b.4, b.6).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TrustedTokens {
    /// On, or nothing told otherwise.
    Issued,
    /// Off: nobody may revoke or change a token by its UUID, not even with the system root token.
    NotIssued,
}

impl Session {
    /// The user the token acts as.
    pub fn my_uuid(&self) -> UserUuid {
        self.me.uuid
    }

    /// The token in use.
    pub fn my_token(&self) -> TokenUuid {
        self.token.uuid
    }

    /// Whether users of other accounts can be changed at all. Whose own flag can't be read is taken for an admin,
    /// and told so: the server refuses what is not allowed, and nobody is kept from work by a record.
    pub fn is_admin(&self) -> bool {
        self.me.is_perhaps_admin()
    }

    /// Whether what a user owns, its keys, groups and logins are seen: an admin sees everyone's, others
    /// get empty lists.
    pub fn sees_what_is_of(&self, user: UserUuid) -> bool {
        self.is_admin() || user == self.my_uuid()
    }

    /// Whether users belong to another cluster, which must be asked instead (api.md v26).
    pub fn is_satellite(&self) -> bool {
        self.cluster.login_cluster.is_some_and(|login| login != self.cluster.id)
    }
}

/// What a cluster's exported configuration says that matters here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClusterFacts {
    /// `ClusterID`
    pub id: ClusterId,
    /// Who said so.
    pub named: Named,
    /// The clusters of `RemoteClusters`, which this one knows by name.
    pub remotes: Vec<ClusterId>,
    /// `Login.LoginCluster`, if set.
    pub login_cluster: Option<ClusterId>,
    /// `API.MaxItemsPerResponse`: longer pages are cut to it.
    pub max_items: usize,
    /// `Users.SyncIgnoredGroups`: Unix groups that login-sync leaves alone, so that granting them does
    /// nothing (api.md b.7).
    pub ignored_groups: Vec<String>,
    /// `Users.SyncUserAccounts`: whether login-sync makes Unix accounts that are not there.
    pub accounts: ByLoginSync,
    /// `Users.SyncUserGroups`: whether login-sync touches the accounts' groups at all.
    pub groups: ByLoginSync,
    /// `Users.SyncUserAPITokens`: whether login-sync makes a token for each login (api.md b.4, v27).
    pub tokens: ByLoginSync,
    /// `Users.SyncRequiredGroups`: Unix groups every login gets.
    pub required_groups: Vec<String>,
    /// Clusters that have `RemoteClusters.X.ActivateUsers`: their users come back by themselves (v29).
    pub activates_users_of: Vec<ClusterId>,
}

/// Who says which cluster this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// Its configuration.
    ByItself,
    /// The token in use alone: the configuration has no name that can be read.
    ByTheToken,
}

/// Whether login-sync does something on the VMs (api.md b.7).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByLoginSync {
    /// It does, as where nobody said otherwise.
    Done,
    /// It does not: somebody else has to.
    LeftAlone,
}

impl ClusterFacts {
    /// Those of these Unix groups that a login gets nothing by: login-sync leaves them alone, or all of them.
    pub fn without_effect<'a>(&self, groups: &'a [String]) -> Vec<&'a str> {
        let is_idle =
            |group: &&String| self.groups == ByLoginSync::LeftAlone || self.ignored_groups.contains(group);
        groups.iter().filter(is_idle).map(String::as_str).collect()
    }
}

/// Whose tokens can be seen and revoked (design: "Whose tokens can be seen").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenAccess {
    /// Everyone's, exactly: this is the system root token.
    All,
    /// Everyone's by the audit log, and exactly with a helper token: this is an admin's token.
    Borrowed,
    /// Only one's own: not an admin.
    OwnOnly,
    /// Users and tokens belong to this other cluster (v26).
    Elsewhere(ClusterId),
    /// The token may neither list nor issue tokens: by its scopes, or because the cluster lets nobody but root
    /// (`IssueTrustedTokens: false`). Which of both, the server does not say.
    Forbidden,
}
