//! SSH keys.

use super::client::{Client, Tries};
use super::decode::{Record, Row};
use super::error::{Error, ErrorKind};
use super::query::{BATCH, Filter, Query};
use crate::model::ids::UserUuid;
use crate::model::ssh_key::SshKey;

const COLUMNS: &[&str] = &["uuid", "owner_uuid", "name", "public_key", "authorized_user_uuid", "expires_at"];

/// The same without what nobody needs to know.
const WITHOUT_END: &[&str] = &["uuid", "owner_uuid", "name", "public_key", "authorized_user_uuid"];

/// The same without what can be of any length.
const WITHOUT_KEY: &[&str] = &["uuid", "owner_uuid", "name", "authorized_user_uuid", "expires_at"];

impl Record for SshKey {
    const LEAN: &'static [&'static str] = WITHOUT_KEY;

    fn read(row: &Row<'_>) -> Option<Self> {
        let owner = row.uuid("owner_uuid");
        let user = row.uuid("authorized_user_uuid").or(owner)?;
        Some(Self {
            uuid: row.own_uuid()?,
            name: row.text("name"),
            user,
            owner: owner.unwrap_or(user),
            public_key: row.text("public_key"),
            expires_at: row.ends("expires_at").date().cloned(),
        })
    }
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
            let query = Query::new(vec![Filter::any_of(column, batch)]);
            let whole = query.clone().select(COLUMNS);
            keys.extend(match self.all_tried::<SshKey>("authorized_keys", whole, Tries::Two).await {
                // A date that the controller can't read back makes it answer so (api.md v33).
                Err(error) if error.kind() == ErrorKind::Server => {
                    self.all("authorized_keys", query.select(WITHOUT_END)).await.map_err(|_| error)?
                }
                answer => answer?,
            });
        }
        Ok(keys)
    }
}
