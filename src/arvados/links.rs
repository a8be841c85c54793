//! Links: permissions, memberships and VM logins.

use super::client::Client;
use super::error::Error;
use super::query::{BATCH, Filter, Query};
use super::writer::Writer;
use crate::model::ids::{AnyUuid, GroupUuid, LinkUuid, UserUuid, VmUuid};
use jiff::Timestamp;
use reqwest::Method;
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

const COLUMNS: &[&str] =
    &["uuid", "link_class", "name", "tail_uuid", "head_uuid", "properties", "created_at"];

/// The permission link of VM logins.
pub const CAN_LOGIN: &str = "can_login";

/// A permission link.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Link {
    /// Names it.
    pub uuid: LinkUuid,
    /// `can_read`, `can_write`, `can_manage` or `can_login`.
    pub name: String,
    /// Who has the permission.
    pub tail_uuid: AnyUuid,
    /// On what.
    pub head_uuid: AnyUuid,
    /// Login name and groups of a VM login.
    #[serde(default)]
    pub properties: LinkProperties,
    /// When it was made.
    #[serde(default)]
    pub created_at: Option<Timestamp>,
}

/// A link's properties. An update replaces them whole, so what is not understood is kept. The server checks
/// nothing (api.md v10): one odd record must not hide all others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinkProperties {
    /// The Unix account's name.
    pub username: Option<String>,
    /// The Unix groups wanted.
    pub groups: Vec<String>,
    /// Everything else, and name and groups where they are no text and no list of texts.
    others: Map<String, Value>,
}

/// How the two members that are understood are called.
const USERNAME: &str = "username";
const GROUPS: &str = "groups";

impl LinkProperties {
    /// A VM login's.
    pub fn login(username: String, groups: Vec<String>) -> Self {
        Self { username: Some(username), groups, others: Map::new() }
    }

    /// What is in it beside name and groups, as JSON members; nobody here understands it, and an update must
    /// send it along.
    pub fn others(&self) -> String {
        let member = |(key, value)| format!("{}:{value}", Value::String(String::clone(key)));
        // Groups that nobody can read are not sent along: the update has others.
        self.others.iter().filter(|(key, _)| *key != GROUPS).map(member).collect::<Vec<_>>().join(",")
    }

    /// Whether name or groups are not what login-sync can read.
    pub fn is_odd(&self) -> bool {
        self.others.contains_key(USERNAME) || self.others.contains_key(GROUPS)
    }

    /// The same with other groups.
    pub fn with_groups(mut self, groups: Vec<String>) -> Self {
        self.others.remove(GROUPS);
        Self { groups, ..self }
    }
}

impl<'de> Deserialize<'de> for LinkProperties {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut properties = Self::default();
        for (name, value) in Option::<Map<String, Value>>::deserialize(deserializer)?.unwrap_or_default() {
            match (name.as_str(), value) {
                (USERNAME | GROUPS, Value::Null) => {}
                (USERNAME, Value::String(username)) => properties.username = Some(username),
                (GROUPS, Value::Array(groups)) if groups.iter().all(Value::is_string) => {
                    let text = |value: Value| value.as_str().map(str::to_owned);
                    properties.groups = groups.into_iter().filter_map(text).collect();
                }
                (_, value) => drop(properties.others.insert(name, value)),
            }
        }
        Ok(properties)
    }
}

impl Serialize for LinkProperties {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        if let Some(username) = &self.username {
            map.serialize_entry(USERNAME, username)?;
        }
        if !self.groups.is_empty() {
            map.serialize_entry(GROUPS, &self.groups)?;
        }
        for (name, value) in &self.others {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

fn permissions() -> Query {
    Query::new(vec![Filter::eq("link_class", "permission")]).select(COLUMNS)
}

impl Client {
    /// Every permission link whose tail is one of these users: what they may do, their logins, their
    /// memberships. A hundred users a request.
    pub async fn permissions_of(&self, users: &[UserUuid]) -> Result<Vec<Link>, Error> {
        let mut links = Vec::new();
        for batch in users.chunks(BATCH) {
            links.extend(self.links(permissions().and(Filter::any_of("tail_uuid", batch))).await?);
        }
        Ok(links)
    }

    /// The permissions that these users have on one group: whether they are members of it.
    pub async fn permissions_on_group(
        &self,
        users: &[UserUuid],
        group: GroupUuid,
    ) -> Result<Vec<Link>, Error> {
        let mut links = Vec::new();
        for batch in users.chunks(BATCH) {
            let query =
                permissions().and(Filter::eq("head_uuid", group)).and(Filter::any_of("tail_uuid", batch));
            links.extend(self.links(query).await?);
        }
        Ok(links)
    }

    /// The VM logins of these users.
    pub async fn login_links_of(&self, users: &[UserUuid]) -> Result<Vec<Link>, Error> {
        let mut links = Vec::new();
        for batch in users.chunks(BATCH) {
            let query =
                permissions().and(Filter::eq("name", CAN_LOGIN)).and(Filter::any_of("tail_uuid", batch));
            links.extend(self.links(query).await?);
        }
        Ok(links)
    }

    /// The VM logins on these VMs, whoever has them.
    pub async fn login_links_on(&self, vms: &[VmUuid]) -> Result<Vec<Link>, Error> {
        let mut links = Vec::new();
        for batch in vms.chunks(BATCH) {
            let query =
                permissions().and(Filter::eq("name", CAN_LOGIN)).and(Filter::any_of("head_uuid", batch));
            links.extend(self.links(query).await?);
        }
        Ok(links)
    }

    /// All VM logins of the cluster.
    pub async fn all_login_links(&self) -> Result<Vec<Link>, Error> {
        self.links(permissions().and(Filter::eq("name", CAN_LOGIN))).await
    }

    /// The links with which these users signed agreements.
    pub async fn signatures_of(&self, users: &[UserUuid]) -> Result<Vec<Link>, Error> {
        let mut links = Vec::new();
        for batch in users.chunks(BATCH) {
            let filters = vec![Filter::eq("link_class", "signature"), Filter::any_of("tail_uuid", batch)];
            links.extend(self.links(Query::new(filters).select(COLUMNS)).await?);
        }
        Ok(links)
    }

    /// The permissions that groups have on these groups.
    pub async fn groups_reaching(&self, groups: &[GroupUuid]) -> Result<Vec<Link>, Error> {
        let mut links = Vec::new();
        for batch in groups.chunks(BATCH) {
            let query = permissions()
                .and(Filter::any_of("head_uuid", batch))
                .and(Filter::is_a("tail_uuid", "arvados#group"));
            links.extend(self.links(query).await?);
        }
        Ok(links)
    }

    /// These links, as far as they are there.
    pub async fn links_by_uuid(&self, uuids: &[LinkUuid]) -> Result<Vec<Link>, Error> {
        let mut links = Vec::new();
        for batch in uuids.chunks(BATCH) {
            links.extend(self.links(permissions().and(Filter::any_of("uuid", batch))).await?);
        }
        Ok(links)
    }

    async fn links(&self, query: Query) -> Result<Vec<Link>, Error> {
        self.all("links", query, |link: &Link| link.uuid).await
    }
}

impl Writer<'_> {
    /// `POST /links` of a permission. For `can_login` this always makes another link (api.md v7); for the
    /// levels an existing higher one comes back unchanged (v8): look at what is returned.
    pub async fn create_link(
        &self,
        tail: AnyUuid,
        name: &str,
        head: AnyUuid,
        properties: &LinkProperties,
    ) -> Result<Link, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            link: Attributes<'a>,
        }
        #[derive(Serialize)]
        struct Attributes<'a> {
            link_class: &'static str,
            name: &'a str,
            tail_uuid: AnyUuid,
            head_uuid: AnyUuid,
            properties: &'a LinkProperties,
        }
        let link =
            Attributes { link_class: "permission", name, tail_uuid: tail, head_uuid: head, properties };
        self.send(Method::POST, "links", &Body { link }).await
    }

    /// `PATCH /links/UUID` with the whole properties. Removes the link's twins (api.md v7).
    pub async fn update_link(&self, uuid: LinkUuid, properties: &LinkProperties) -> Result<Link, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            link: Attributes<'a>,
        }
        #[derive(Serialize)]
        struct Attributes<'a> {
            properties: &'a LinkProperties,
        }
        self.send(Method::PATCH, &format!("links/{uuid}"), &Body { link: Attributes { properties } }).await
    }

    /// `DELETE /links/UUID`. Removes the link's twins too (api.md v7).
    pub async fn delete_link(&self, uuid: LinkUuid) -> Result<(), Error> {
        self.delete(&format!("links/{uuid}")).await
    }
}
