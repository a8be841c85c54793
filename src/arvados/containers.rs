//! Running work: a container acts with a token of the user it runs for (api.md v27).

use super::client::Client;
use super::decode::{Record, Row};
use super::error::Error;
use super::query::{BATCH, Filter, Query};
use crate::model::container::Container;
use crate::model::ids::UserUuid;

const COLUMNS: &[&str] = &["uuid", "state", "auth_uuid", "runtime_user_uuid"];

impl Record for Container {
    fn read(row: &Row<'_>) -> Option<Self> {
        Some(Self {
            uuid: row.own_uuid()?,
            token: row.uuid("auth_uuid"),
            user: row.uuid("runtime_user_uuid")?,
        })
    }
}

impl Client {
    /// The containers of these users that are queued, locked or running.
    pub async fn unfinished_containers(&self, users: &[UserUuid]) -> Result<Vec<Container>, Error> {
        let mut containers = Vec::new();
        for batch in users.chunks(BATCH) {
            let filters = vec![
                Filter::any_of("runtime_user_uuid", batch),
                Filter::any_of("state", ["Queued", "Locked", "Running"]),
            ];
            let query = Query::new(filters).select(COLUMNS);
            containers.extend(self.all::<Container>("containers", query).await?);
        }
        Ok(containers)
    }
}
