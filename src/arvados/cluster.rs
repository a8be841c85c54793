//! What a cluster tells everyone of itself.

use super::client::Client;
use super::decode::{Raw, Record, Row};
use super::error::Error;
use super::query::Query;
use crate::model::ids::{ClusterId, TokenUuid};
use crate::model::session::{ByLoginSync, ClusterFacts, Named};

/// What the exported configuration says, each setting read for itself.
struct Exported(ClusterFacts);

impl Record for Exported {
    fn read(row: &Row<'_>) -> Option<Self> {
        let section = |name| row.row(name).unwrap_or_else(Row::empty);
        let users = section("Users");
        let remotes = section("RemoteClusters");
        let activates =
            |remote: Raw<'_>| remote.row().is_some_and(|remote| remote.flag("ActivateUsers").is(&true));
        let own = row.uuid("ClusterID");
        Some(Self(ClusterFacts {
            id: own.or_else(|| of_token(row))?,
            named: if own.is_some() { Named::ByItself } else { Named::ByTheToken },
            login_cluster: section("Login").uuid("LoginCluster"),
            max_items: section("API").count("MaxItemsPerResponse").unwrap_or(super::query::PAGE),
            ignored_groups: names(users.field("SyncIgnoredGroups")),
            required_groups: names(users.field("SyncRequiredGroups")),
            accounts: managed(users.flag("SyncUserAccounts").get().copied()),
            groups: managed(users.flag("SyncUserGroups").get().copied()),
            tokens: managed(users.flag("SyncUserAPITokens").get().copied()),
            remotes: remotes.fields().filter_map(|(id, _)| id.parse().ok()).collect(),
            activates_users_of: remotes
                .fields()
                .filter(|(_, remote)| activates(*remote))
                .filter_map(|(id, _)| id.parse().ok())
                .collect(),
        }))
    }
}

/// The cluster of the token in use, where what looks like a configuration does not name its cluster.
fn of_token(row: &Row<'_>) -> Option<ClusterId> {
    let token: TokenUuid = row.own_uuid()?;
    (row.row("API").is_some() && row.row("Users").is_some()).then(|| token.cluster())
}

/// A set of names: a list, or an object whose keys are the names, as older clusters give it.
fn names(json: Option<Raw<'_>>) -> Vec<String> {
    let Some(json) = json else { return Vec::new() };
    let keys = |row: Row<'_>| row.fields().map(|(name, _)| name.to_owned()).collect();
    json.strings().or_else(|| json.row().map(keys)).unwrap_or_default()
}

/// All of them are on where nobody said otherwise.
fn managed(setting: Option<bool>) -> ByLoginSync {
    if setting == Some(false) { ByLoginSync::LeftAlone } else { ByLoginSync::Done }
}

impl Client {
    /// The exported configuration; it needs no token and gets none, so it tells whether the host is an Arvados
    /// cluster at all, and which, before it is given one.
    pub async fn cluster_facts(&self) -> Result<ClusterFacts, Error> {
        let known = self.token_uuid().map(Into::into);
        let record: Option<Exported> =
            self.without_token().record_if_any("config", &Query::default(), known).await?;
        record.map(|Exported(facts)| facts).ok_or_else(|| Error::Decode {
            endpoint: "config".to_owned(),
            detail: "the host does not name its cluster: is it an Arvados API server?".to_owned(),
            request_id: String::new(),
        })
    }
}
