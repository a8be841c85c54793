//! Links: permissions, memberships and VM logins.

use super::budget::LONGEST_PROPERTIES;
use super::client::Client;
use super::decode::{Raw, Record, Row};
use super::error::Error;
use super::query::{BATCH, Filter, Query};
use crate::model::field::{Date, Text};
use crate::model::ids::{AnyUuid, GroupUuid, LinkUuid, UserUuid, VmUuid};
use serde::ser::{Error as _, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

const COLUMNS: &[&str] =
    &["uuid", "link_class", "name", "tail_uuid", "head_uuid", "properties", "created_at"];

/// The same without what can be of any length.
const WITHOUT_PROPERTIES: &[&str] = &["uuid", "link_class", "name", "tail_uuid", "head_uuid", "created_at"];

/// The permission link of VM logins.
pub const CAN_LOGIN: &str = "can_login";

/// A permission link.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Link {
    /// Names it.
    pub uuid: LinkUuid,
    /// `can_read`, `can_write`, `can_manage` or `can_login`.
    pub name: Text,
    /// Who has the permission.
    pub tail_uuid: AnyUuid,
    /// On what.
    pub head_uuid: AnyUuid,
    /// Login name and groups of a VM login.
    pub properties: LinkProperties,
    /// When it was made.
    pub created_at: Option<Date>,
}

impl Record for Link {
    const LEAN: &'static [&'static str] = WITHOUT_PROPERTIES;

    fn read(row: &Row<'_>) -> Option<Self> {
        Some(Self {
            uuid: row.own_uuid()?,
            name: row.text("name"),
            tail_uuid: row.uuid("tail_uuid")?,
            head_uuid: row.uuid("head_uuid")?,
            properties: LinkProperties::read(row.field("properties")),
            created_at: row.date("created_at"),
        })
    }
}

/// A link's properties. An update replaces them whole, so what is not understood is kept as the JSON it is,
/// however deep or long. The server checks nothing (api.md v10, v40): one odd record must not hide all others.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LinkProperties {
    /// The Unix account's name.
    pub username: Option<String>,
    /// The Unix groups wanted.
    pub groups: Vec<String>,
    /// Everything else, and name and groups where they are no text and no list of texts: JSON by name.
    others: BTreeMap<String, String>,
    /// Whether they are no object at all.
    shapeless: bool,
    /// Whether all of them are here.
    kept: Kept,
}

/// How much of a link's properties is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Kept {
    /// All.
    #[default]
    Whole,
    /// Nothing but name and groups: they have so many bytes.
    Start(usize),
    /// Nothing: they were not asked for.
    Nothing,
}

/// How the two members that are understood are called.
const USERNAME: &str = "username";
const GROUPS: &str = "groups";

/// What the journal says of properties that are not whole.
const CUT: &str = "arv-admin:cut";

impl LinkProperties {
    /// A VM login's.
    pub fn login(username: String, groups: Vec<String>) -> Self {
        Self { username: Some(username), groups, ..Self::default() }
    }

    fn read(json: Option<Raw<'_>>) -> Self {
        let mut properties = Self::default();
        let Some(json) = json else { return Self { kept: Kept::Nothing, ..properties } };
        if json.is_null() {
            return properties;
        }
        let bytes = json.json().len();
        if bytes > LONGEST_PROPERTIES {
            properties.kept = Kept::Start(bytes);
        }
        let Some(row) = json.row() else { return Self { shapeless: true, ..properties } };
        for (name, value) in row.fields() {
            match (name, value.string(), value.strings()) {
                (USERNAME | GROUPS, ..) if value.is_null() => {}
                (USERNAME, Some(username), _) => properties.username = Some(username.into_owned()),
                (GROUPS, _, Some(groups)) => properties.groups = groups,
                _ if properties.kept != Kept::Whole => {}
                _ => drop(properties.others.insert(name.to_owned(), value.json().to_owned())),
            }
        }
        properties
    }

    /// A VM login's, with what else there was: an update sends it along.
    pub fn login_with(username: String, groups: Vec<String>, others: BTreeMap<String, String>) -> Self {
        Self { others, ..Self::login(username, groups) }
    }

    /// What is in it beside name and groups, as JSON by name; nobody here understands it, and an update must send it
    /// along. Groups that nobody can read are not: the update has others.
    pub fn others(&self) -> BTreeMap<String, String> {
        let mut others = self.others.clone();
        others.remove(GROUPS);
        others
    }

    /// Whether name or groups are not what login-sync can read.
    pub fn is_odd(&self) -> bool {
        self.shapeless
            || self.kept != Kept::Whole
            || self.others.contains_key(USERNAME)
            || self.others.contains_key(GROUPS)
    }

    /// How much of them is here. What is not whole can't be changed: an update would take the rest away.
    pub fn kept(&self) -> Kept {
        self.kept
    }

    /// The same with other groups.
    pub fn with_groups(mut self, groups: Vec<String>) -> Self {
        self.others.remove(GROUPS);
        Self { groups, ..self }
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
            let value = RawValue::from_string(value.clone()).map_err(S::Error::custom)?;
            map.serialize_entry(name, &value)?;
        }
        match self.kept {
            Kept::Whole => {}
            Kept::Start(bytes) => {
                map.serialize_entry(CUT, &format!("{bytes} bytes, the rest is not kept"))?;
            }
            Kept::Nothing => map.serialize_entry(CUT, "not read")?,
        }
        map.end()
    }
}

fn permissions() -> Query {
    Query::new(vec![Filter::eq("link_class", "permission")]).select(COLUMNS)
}

fn logins() -> Query {
    permissions().and(Filter::eq("name", CAN_LOGIN))
}

impl Client {
    /// Every permission link whose tail is one of these users: what they may do, their logins, their
    /// memberships.
    pub async fn permissions_of(&self, users: &[UserUuid]) -> Result<Vec<Link>, Error> {
        self.links(&permissions(), "tail_uuid", users).await
    }

    /// The permissions that these users have on one group: whether they are members of it.
    pub async fn permissions_on_group(
        &self,
        users: &[UserUuid],
        group: GroupUuid,
    ) -> Result<Vec<Link>, Error> {
        self.links(&permissions().and(Filter::eq("head_uuid", group)), "tail_uuid", users).await
    }

    /// The VM logins of these users.
    pub async fn login_links_of(&self, users: &[UserUuid]) -> Result<Vec<Link>, Error> {
        self.links(&logins(), "tail_uuid", users).await
    }

    /// The VM logins on these VMs, whoever has them.
    pub async fn login_links_on(&self, vms: &[VmUuid]) -> Result<Vec<Link>, Error> {
        self.links(&logins(), "head_uuid", vms).await
    }

    /// All VM logins of the cluster.
    pub async fn all_login_links(&self) -> Result<Vec<Link>, Error> {
        self.most("links", logins()).await
    }

    /// The links with which these users signed agreements.
    pub async fn signatures_of(&self, users: &[UserUuid]) -> Result<Vec<Link>, Error> {
        let signatures = Query::new(vec![Filter::eq("link_class", "signature")]).select(WITHOUT_PROPERTIES);
        self.links(&signatures, "tail_uuid", users).await
    }

    /// The permissions that groups have on these groups.
    pub async fn groups_reaching(&self, groups: &[GroupUuid]) -> Result<Vec<Link>, Error> {
        let of_groups = permissions().and(Filter::is_a("tail_uuid", "arvados#group"));
        self.links(&of_groups, "head_uuid", groups).await
    }

    /// These links, as far as they are there.
    pub async fn links_by_uuid(&self, uuids: &[LinkUuid]) -> Result<Vec<Link>, Error> {
        self.links(&permissions(), "uuid", uuids).await
    }

    /// Those that have one of these in a column, a hundred a request.
    async fn links<T: Copy + ToString>(
        &self,
        query: &Query,
        column: &'static str,
        of: &[T],
    ) -> Result<Vec<Link>, Error> {
        let mut links = Vec::new();
        for batch in of.chunks(BATCH) {
            let query = query.clone().and(Filter::any_of(column, batch.iter().copied()));
            links.extend(self.all("links", query).await?);
        }
        Ok(links)
    }
}
