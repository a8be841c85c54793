//! Groups and projects, and what a user owns.

use super::client::Client;
use super::decode::{Page, Record, Row};
use super::error::Error;
use super::query::{BATCH, Filter, Query};
use crate::model::group::Group;
use crate::model::ids::{AnyUuid, GroupUuid, UserUuid};

const COLUMNS: &[&str] = &["uuid", "name", "group_class"];

impl Record for Group {
    fn read(row: &Row<'_>) -> Option<Self> {
        Some(Self { uuid: row.own_uuid()?, name: row.text("name") })
    }
}

/// A record of which nothing matters.
pub(super) struct Whatever;

impl Record for Whatever {
    fn read(_: &Row<'_>) -> Option<Self> {
        Some(Self)
    }
}

impl Client {
    /// These groups' names, as far as they are there.
    pub async fn groups_by_uuid(&self, uuids: &[GroupUuid]) -> Result<Vec<Group>, Error> {
        let mut groups = Vec::new();
        for batch in uuids.chunks(BATCH) {
            let query = Query::new(vec![Filter::any_of("uuid", batch)]).select(COLUMNS);
            groups.extend(self.groups(query).await?);
        }
        Ok(groups)
    }

    /// Those of these groups that are role groups.
    pub async fn roles_among(&self, uuids: &[GroupUuid]) -> Result<Vec<Group>, Error> {
        let mut groups = Vec::new();
        for batch in uuids.chunks(BATCH) {
            let filters = vec![Filter::any_of("uuid", batch), Filter::eq("group_class", "role")];
            groups.extend(self.groups(Query::new(filters).select(COLUMNS)).await?);
        }
        Ok(groups)
    }

    /// The projects of this name directly below `owner`.
    pub async fn projects_named(&self, owner: UserUuid, name: &str) -> Result<Vec<Group>, Error> {
        let filters = vec![
            Filter::eq("group_class", "project"),
            Filter::eq("owner_uuid", owner),
            Filter::eq("name", name),
        ];
        self.groups(Query::new(filters).select(COLUMNS)).await
    }

    /// How many projects, collections and the like are directly below `owner`, trash included: a merge
    /// moves that too (api.md v28).
    pub async fn count_contents(&self, owner: AnyUuid) -> Result<usize, Error> {
        let query = Query::default().count_only().with("uuid", owner).with("include_trash", true);
        let page: Page<Whatever> = self.page("groups/contents", &query).await?;
        // Nothing there and not counted are not the same: what is owned decides what is moved.
        page.items_available.ok_or_else(|| Error::Decode {
            endpoint: "groups".to_owned(),
            detail: "the server did not count what is owned".to_owned(),
            request_id: String::new(),
        })
    }

    async fn groups(&self, query: Query) -> Result<Vec<Group>, Error> {
        self.all("groups", query).await
    }
}
