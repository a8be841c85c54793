//! What a cluster tells everyone of itself.

use super::client::Client;
use super::error::Error;
use super::query::Query;
use crate::model::ids::ClusterId;
use crate::model::session::{ByLoginSync, ClusterFacts};
use serde::Deserialize;
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct ConfigRecord {
    #[serde(rename = "ClusterID")]
    cluster_id: String,
    #[serde(rename = "API", default)]
    api: Api,
    #[serde(default)]
    login: Login,
    #[serde(default)]
    users: Users,
    #[serde(default)]
    remote_clusters: BTreeMap<String, Remote>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Api {
    max_items_per_response: Option<usize>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Login {
    login_cluster: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Users {
    #[serde(rename = "SyncUserAccounts")]
    accounts: Option<bool>,
    #[serde(rename = "SyncUserGroups")]
    groups: Option<bool>,
    #[serde(rename = "SyncIgnoredGroups")]
    ignored_groups: Names,
    #[serde(rename = "SyncRequiredGroups")]
    required_groups: Names,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct Remote {
    activate_users: bool,
}

/// A set of names: a list, or an object whose keys are the names, as older clusters give it.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    List(Vec<String>),
    Keys(BTreeMap<String, serde_json::Value>),
    Nothing(()),
}

impl Default for Names {
    fn default() -> Self {
        Self::Nothing(())
    }
}

impl From<Names> for Vec<String> {
    fn from(names: Names) -> Self {
        match names {
            Names::List(list) => list,
            Names::Keys(keys) => keys.into_keys().collect(),
            Names::Nothing(()) => Self::new(),
        }
    }
}

/// Both are on where nobody said otherwise.
fn managed(setting: Option<bool>) -> ByLoginSync {
    if setting == Some(false) { ByLoginSync::LeftAlone } else { ByLoginSync::Done }
}

impl Client {
    /// The exported configuration; it needs no token, so it also tells whether the host is an Arvados
    /// cluster at all.
    pub async fn cluster_facts(&self) -> Result<ClusterFacts, Error> {
        let record: ConfigRecord = self.get("config", &Query::default()).await?;
        let not_arvados = || Error::Decode {
            endpoint: "config".to_owned(),
            detail: "the host does not name its cluster: is it an Arvados API server?".to_owned(),
            request_id: String::new(),
        };
        Ok(ClusterFacts {
            id: record.cluster_id.parse().map_err(|_| not_arvados())?,
            login_cluster: record.login.login_cluster.and_then(|id| id.parse::<ClusterId>().ok()),
            max_items: record.api.max_items_per_response.unwrap_or(super::query::PAGE),
            ignored_groups: record.users.ignored_groups.into(),
            accounts: managed(record.users.accounts),
            groups: managed(record.users.groups),
            required_groups: record.users.required_groups.into(),
            activates_users_of: record
                .remote_clusters
                .into_iter()
                .filter(|(_, remote)| remote.activate_users)
                .filter_map(|(id, _)| id.parse().ok())
                .collect(),
        })
    }
}
