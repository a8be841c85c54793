//! The rows of the demo cluster's tables, as the server's database has them. They know nothing of HTTP
//! or of JSON answers; `properties` and `prefs` are free JSON there as well.

use super::moment::Moment;
use super::uuid::{Kind, Uuid};
use crate::secret::Secret;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;

/// A text that is mostly one of few constants.
pub type Word = Cow<'static, str>;
/// Free JSON: `properties`, `prefs`.
pub type Json = Map<String, Value>;

/// What every row has.
#[derive(Clone, Debug, PartialEq)]
pub struct Common {
    pub uuid: Uuid,
    pub owner_uuid: Uuid,
    pub created_at: Moment,
    pub modified_at: Moment,
    pub modified_by_user_uuid: Option<Uuid>,
}

impl Common {
    /// A row made at `at` by the system user, who owns it.
    pub fn new(uuid: Uuid, at: Moment) -> Self {
        let system = Uuid::system_user();
        Self {
            uuid,
            owner_uuid: system,
            created_at: at,
            modified_at: at,
            modified_by_user_uuid: Some(system),
        }
    }

    /// The same, owned by `owner`.
    #[must_use]
    pub fn owned_by(mut self, owner: Uuid) -> Self {
        self.owner_uuid = owner;
        self
    }

    /// The same, made by `user`.
    #[must_use]
    pub fn made_by(mut self, user: Uuid) -> Self {
        self.modified_by_user_uuid = Some(user);
        self
    }
}

/// A user account.
#[derive(Clone, Debug, PartialEq)]
pub struct User {
    pub common: Common,
    pub email: Option<String>,
    pub username: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub identity_url: Option<String>,
    pub is_active: bool,
    pub is_admin: bool,
    pub prefs: Json,
    /// Set by a merge with redirect: the account no longer exists for anybody.
    pub redirect_to_user_uuid: Option<Uuid>,
}

impl User {
    /// An inactive account without a name.
    pub fn new(common: Common) -> Self {
        Self {
            common,
            email: None,
            username: None,
            first_name: None,
            last_name: None,
            identity_url: None,
            is_active: false,
            is_admin: false,
            prefs: Json::new(),
            redirect_to_user_uuid: None,
        }
    }

    pub fn full_name(&self) -> String {
        let part = |name: &Option<String>| name.clone().unwrap_or_default();
        format!("{} {}", part(&self.first_name), part(&self.last_name)).trim().to_owned()
    }
}

/// An API token. Its owner is `common.owner_uuid`.
#[derive(Clone, Debug, PartialEq)]
pub struct Token {
    pub common: Common,
    pub secret: Secret,
    pub scopes: Vec<String>,
    pub expires_at: Option<Moment>,
    /// Until when a token of another cluster is believed here without asking there again: the sweep then
    /// takes it, whatever its end is at its own cluster (api.md v43).
    pub refreshes_at: Option<Moment>,
    pub created_by_ip_address: Option<String>,
    pub last_used_at: Option<Moment>,
    pub last_used_by_ip_address: Option<String>,
}

impl Token {
    /// A token for everything, without an expiry.
    pub fn new(common: Common, secret: Secret) -> Self {
        Self {
            common,
            secret,
            scopes: vec!["all".to_owned()],
            expires_at: None,
            refreshes_at: None,
            created_by_ip_address: None,
            last_used_at: None,
            last_used_by_ip_address: None,
        }
    }

    /// Until when the server takes it.
    pub fn lives_until(&self) -> Option<Moment> {
        self.expires_at.into_iter().chain(self.refreshes_at).min()
    }

    /// `v2/UUID/SECRET`.
    pub fn v2(&self) -> String {
        format!("v2/{}/{}", self.common.uuid, self.secret.expose())
    }
}

/// A link: a permission, a signature, a tag.
#[derive(Clone, Debug, PartialEq)]
pub struct Link {
    pub common: Common,
    pub link_class: Word,
    pub name: Word,
    pub tail_uuid: Option<Uuid>,
    pub head_uuid: Option<Uuid>,
    pub properties: Json,
}

impl Link {
    /// A permission of `tail` on `head`; `name` is `can_read`, `can_write`, `can_manage` or `can_login`.
    pub fn permission(common: Common, tail: Uuid, name: &'static str, head: Uuid) -> Self {
        Self {
            common,
            link_class: "permission".into(),
            name: name.into(),
            tail_uuid: Some(tail),
            head_uuid: Some(head),
            properties: Json::new(),
        }
    }

    pub fn is_permission(&self) -> bool {
        self.link_class == "permission"
    }
}

/// A shell node.
#[derive(Clone, Debug, PartialEq)]
pub struct VirtualMachine {
    pub common: Common,
    pub hostname: Option<String>,
}

/// A role group, a project, or a saved filter.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    pub common: Common,
    pub name: Option<String>,
    /// `role`, `project` or `filter`.
    pub group_class: Word,
    pub description: Option<String>,
    pub properties: Json,
    pub trash_at: Option<Moment>,
    pub delete_at: Option<Moment>,
    pub is_trashed: bool,
    pub frozen_by_uuid: Option<Uuid>,
}

impl Group {
    pub fn new(common: Common, group_class: &'static str, name: impl Into<String>) -> Self {
        Self {
            common,
            name: Some(name.into()),
            group_class: group_class.into(),
            description: None,
            properties: Json::new(),
            trash_at: None,
            delete_at: None,
            is_trashed: false,
            frozen_by_uuid: None,
        }
    }

    pub fn is_role(&self) -> bool {
        self.group_class == "role"
    }
}

/// An SSH key.
#[derive(Clone, Debug, PartialEq)]
pub struct AuthorizedKey {
    pub common: Common,
    pub name: Option<String>,
    pub key_type: Option<String>,
    pub authorized_user_uuid: Option<Uuid>,
    pub public_key: Option<String>,
    pub expires_at: Option<Moment>,
}

/// A collection: data in Keep.
#[derive(Clone, Debug, PartialEq)]
pub struct Collection {
    pub common: Common,
    pub name: Option<String>,
    pub description: Option<String>,
    pub portable_data_hash: Option<String>,
    pub manifest_text: Option<String>,
    pub properties: Json,
    pub trash_at: Option<Moment>,
    pub delete_at: Option<Moment>,
    pub is_trashed: bool,
    pub file_count: i64,
    pub file_size_total: i64,
}

impl Collection {
    /// An empty collection.
    pub fn new(common: Common, name: impl Into<String>) -> Self {
        Self {
            common,
            name: Some(name.into()),
            description: None,
            portable_data_hash: Some("d41d8cd98f00b204e9800998ecf8427e+0".to_owned()),
            manifest_text: Some(String::new()),
            properties: Json::new(),
            trash_at: None,
            delete_at: None,
            is_trashed: false,
            file_count: 0,
            file_size_total: 0,
        }
    }
}

/// A secret of another service, of which the demo only remembers that there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Credential {
    pub common: Common,
    pub name: Option<String>,
    pub description: Option<String>,
    pub credential_class: Option<String>,
    pub scopes: Vec<String>,
    pub external_id: Option<String>,
    pub has_secret: bool,
    pub expires_at: Option<Moment>,
}

impl Credential {
    pub fn new(common: Common) -> Self {
        Self {
            common,
            name: None,
            description: None,
            credential_class: None,
            scopes: Vec::new(),
            external_id: None,
            has_secret: false,
            expires_at: None,
        }
    }
}

/// A piece of running, waiting or finished work.
#[derive(Clone, Debug, PartialEq)]
pub struct Container {
    pub common: Common,
    /// `Queued`, `Locked`, `Running`, `Complete` or `Cancelled`.
    pub state: Word,
    pub priority: i64,
    pub command: Vec<String>,
    pub container_image: Option<String>,
    /// For whom it runs.
    pub runtime_user_uuid: Option<Uuid>,
    /// The token made for it when it was locked (api.md v27).
    pub auth_uuid: Option<Uuid>,
    pub locked_by_uuid: Option<Uuid>,
    pub started_at: Option<Moment>,
    pub finished_at: Option<Moment>,
    pub exit_code: Option<i64>,
}

impl Container {
    /// A container in `state` that runs for `user`.
    pub fn new(common: Common, state: &'static str, user: Uuid) -> Self {
        Self {
            common,
            state: state.into(),
            priority: 500,
            command: vec!["echo".to_owned()],
            container_image: None,
            runtime_user_uuid: Some(user),
            auth_uuid: None,
            locked_by_uuid: None,
            started_at: None,
            finished_at: None,
            exit_code: None,
        }
    }
}

/// A user's wish that something be run.
#[derive(Clone, Debug, PartialEq)]
pub struct ContainerRequest {
    pub common: Common,
    pub name: Option<String>,
    pub description: Option<String>,
    /// `Uncommitted`, `Committed` or `Final`.
    pub state: Word,
    pub priority: i64,
    pub container_uuid: Option<Uuid>,
    pub requesting_container_uuid: Option<Uuid>,
    pub command: Vec<String>,
    pub container_image: Option<String>,
    pub properties: Json,
}

impl ContainerRequest {
    pub fn new(common: Common, name: impl Into<String>, state: &'static str) -> Self {
        Self {
            common,
            name: Some(name.into()),
            description: None,
            state: state.into(),
            priority: 500,
            container_uuid: None,
            requesting_container_uuid: None,
            command: vec!["echo".to_owned()],
            container_image: None,
            properties: Json::new(),
        }
    }
}

/// A row as it was at some time: what the audit log keeps. Costs a pointer.
#[derive(Clone, Debug)]
pub enum Snapshot {
    User(Arc<User>),
    Token(Arc<Token>),
    Link(Arc<Link>),
    VirtualMachine(Arc<VirtualMachine>),
    Group(Arc<Group>),
    AuthorizedKey(Arc<AuthorizedKey>),
    Container(Arc<Container>),
    ContainerRequest(Arc<ContainerRequest>),
    Collection(Arc<Collection>),
    Credential(Arc<Credential>),
}

impl Snapshot {
    pub fn common(&self) -> &Common {
        match self {
            Self::User(row) => &row.common,
            Self::Token(row) => &row.common,
            Self::Link(row) => &row.common,
            Self::VirtualMachine(row) => &row.common,
            Self::Group(row) => &row.common,
            Self::AuthorizedKey(row) => &row.common,
            Self::Container(row) => &row.common,
            Self::ContainerRequest(row) => &row.common,
            Self::Collection(row) => &row.common,
            Self::Credential(row) => &row.common,
        }
    }
}

/// What an audit record says of the object.
#[derive(Clone, Debug)]
pub enum LogProperties {
    /// `old_attributes` and `new_attributes`: null for what was created or deleted.
    Attributes { old: Option<Snapshot>, new: Option<Snapshot> },
    /// Anything else, as a client wrote it.
    Free(Json),
}

/// A record of the audit log.
#[derive(Clone, Debug)]
pub struct Log {
    pub common: Common,
    pub id: i64,
    pub object_uuid: Option<Uuid>,
    pub object_owner_uuid: Option<Uuid>,
    /// What somebody wrote in the place of those, where it is no UUID (api.md v58).
    pub object_text: Option<String>,
    pub object_owner_text: Option<String>,
    pub event_at: Moment,
    /// `create`, `update`, `delete`, `activity`, …
    pub event_type: Word,
    pub summary: Option<String>,
    pub properties: LogProperties,
}

impl Log {
    /// The record that the server makes of a write: a creation without `old`, a deletion without `new`,
    /// else an update. `None` if both are missing. Done by `by` at `at` (api.md v6).
    pub fn of_write(
        uuid: Uuid,
        at: Moment,
        by: Uuid,
        old: Option<Snapshot>,
        new: Option<Snapshot>,
    ) -> Option<Self> {
        let event_type = match (&old, &new) {
            (None, None) => return None,
            (None, Some(_)) => "create",
            (Some(_), None) => "delete",
            (Some(_), Some(_)) => "update",
        };
        let object = new.as_ref().or(old.as_ref())?.common().clone();
        Some(Self {
            common: Common::new(uuid, at).owned_by(by).made_by(by),
            id: 0,
            object_uuid: Some(object.uuid),
            object_owner_uuid: Some(object.owner_uuid),
            object_text: None,
            object_owner_text: None,
            event_at: at,
            event_type: event_type.into(),
            summary: Some(format!("{event_type} of {}", object.uuid)),
            properties: LogProperties::Attributes { old, new },
        })
    }

    /// The record of a user's activity, which the server makes once a day: about the user, in the system
    /// user's name, so that it keeps no account from being deleted (api.md v44).
    pub fn of_activity(uuid: Uuid, at: Moment, user: Uuid) -> Self {
        Self {
            common: Common::new(uuid, at),
            id: 0,
            object_uuid: Some(user),
            object_owner_uuid: Some(Uuid::system_user()),
            object_text: None,
            object_owner_text: None,
            event_at: at,
            event_type: "activity".into(),
            summary: Some(format!("activity of {user}")),
            properties: LogProperties::Free(Json::new()),
        }
    }
}

/// A row of one of the tables.
pub trait Record: Clone {
    const KIND: Kind;
    fn common(&self) -> &Common;
    fn common_mut(&mut self) -> &mut Common;
    fn uuid(&self) -> Uuid {
        self.common().uuid
    }
}

macro_rules! record {
    ($($row:ident $kind:ident),+) => {$(
        impl Record for $row {
            const KIND: Kind = Kind::$kind;
            fn common(&self) -> &Common {
                &self.common
            }
            fn common_mut(&mut self) -> &mut Common {
                &mut self.common
            }
        }
    )+};
}

record!(
    User User, Token Token, Link Link, VirtualMachine VirtualMachine, Group Group, AuthorizedKey AuthorizedKey,
    Log Log, Container Container, ContainerRequest ContainerRequest, Collection Collection,
    Credential Credential
);

/// A row whose writes are recorded in the audit log: every one but the log's own.
pub trait Audited: Record {
    fn snapshot(row: &Arc<Self>) -> Snapshot;
}

macro_rules! audited {
    ($($row:ident),+) => {$(
        impl Audited for $row {
            fn snapshot(row: &Arc<Self>) -> Snapshot {
                Snapshot::$row(Arc::clone(row))
            }
        }
    )+};
}

audited!(
    User,
    Token,
    Link,
    VirtualMachine,
    Group,
    AuthorizedKey,
    Container,
    ContainerRequest,
    Collection,
    Credential
);
