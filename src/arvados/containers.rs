//! Running work: a container acts with a token of the user it runs for (api.md v27).

use super::client::Client;
use super::error::Error;
use super::query::{BATCH, Filter, Query};
use super::text;
use crate::model::container::Container;
use crate::model::ids::{ContainerUuid, TokenUuid, UserUuid};
use serde::Deserialize;

const COLUMNS: &[&str] = &["uuid", "state", "auth_uuid", "runtime_user_uuid"];

#[derive(Deserialize)]
struct ContainerRecord {
    uuid: ContainerUuid,
    #[serde(default, deserialize_with = "text::uuid_or_nothing")]
    auth_uuid: Option<TokenUuid>,
    #[serde(default, deserialize_with = "text::uuid_or_nothing")]
    runtime_user_uuid: Option<UserUuid>,
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
            let records = self.all("containers", query, |r: &ContainerRecord| r.uuid).await?;
            containers.extend(records.into_iter().filter_map(|r| {
                Some(Container { uuid: r.uuid, token: r.auth_uuid, user: r.runtime_user_uuid? })
            }));
        }
        Ok(containers)
    }
}
