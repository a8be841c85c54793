//! SSH keys.

use super::client::Client;
use super::error::Error;
use super::query::{BATCH, Filter, Query};
use super::text;
use crate::model::ids::{KeyUuid, UserUuid};
use crate::model::ssh_key::SshKey;
use jiff::Timestamp;
use serde::Deserialize;

const COLUMNS: &[&str] = &["uuid", "owner_uuid", "name", "public_key", "authorized_user_uuid", "expires_at"];

#[derive(Deserialize)]
struct KeyRecord {
    uuid: KeyUuid,
    #[serde(default, deserialize_with = "text::uuid_or_nothing")]
    owner_uuid: Option<UserUuid>,
    #[serde(default, deserialize_with = "text::uuid_or_nothing")]
    authorized_user_uuid: Option<UserUuid>,
    #[serde(default)]
    name: Option<String>,
    #[serde(default)]
    public_key: Option<String>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
}

impl Client {
    /// The keys with which these users may log in.
    pub async fn keys_of(&self, users: &[UserUuid]) -> Result<Vec<SshKey>, Error> {
        self.keys("authorized_user_uuid", users).await
    }

    /// The keys whose records these users own: deactivating an owner deletes them, whoever uses them
    /// (api.md b.9).
    pub async fn keys_owned_by(&self, users: &[UserUuid]) -> Result<Vec<SshKey>, Error> {
        self.keys("owner_uuid", users).await
    }

    async fn keys(&self, column: &'static str, users: &[UserUuid]) -> Result<Vec<SshKey>, Error> {
        let mut keys = Vec::new();
        for batch in users.chunks(BATCH) {
            let query = Query::new(vec![Filter::any_of(column, batch)]).select(COLUMNS);
            let records = self.all("authorized_keys", query, |r: &KeyRecord| r.uuid).await?;
            keys.extend(records.into_iter().filter_map(|record| {
                let user = record.authorized_user_uuid.or(record.owner_uuid)?;
                Some(SshKey {
                    uuid: record.uuid,
                    name: record.name.unwrap_or_default().into(),
                    user,
                    owner: record.owner_uuid.unwrap_or(user),
                    public_key: record.public_key.unwrap_or_default().into(),
                    expires_at: record.expires_at.map(Into::into),
                })
            }));
        }
        Ok(keys)
    }
}
