//! The columns of every table: their names, what they hold, who may ask for them, and how their value
//! is found. Lists, filters, answers and the audit log all read rows through these.

use super::cell::{Cell, Form, Front, Written};
use super::permissions::{self, Viewer};
use super::record::{
    AuthorizedKey, Collection, Container, ContainerRequest, Credential, Group, Link, Log, LogProperties,
    Record, Snapshot, Token, User, VirtualMachine,
};
use super::store::{Store, Stored};
use super::uuid::{Kind, Uuid};
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use std::hash::{DefaultHasher, Hash, Hasher};

/// What a derived column may look at besides its row.
#[derive(Clone, Copy)]
pub struct Scene<'a> {
    pub store: &'a Store,
    pub viewer: &'a Viewer,
}

/// Where a column comes from, and so what may be done with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the database: shown, selected, filtered, ordered by, logged.
    Stored,
    /// In the database, but never in the audit log.
    Unlogged,
    /// In the database and the log, but not shown.
    Hidden,
    /// Computed: shown and selected only.
    Derived,
    /// Computed: shown only; selecting it is an error.
    Shown,
}

/// One column of the rows `R`.
pub struct Column<R: 'static> {
    pub name: &'static str,
    pub form: Form,
    pub place: Place,
    get: Get<R>,
}

enum Get<R: 'static> {
    /// From the row alone.
    Row(for<'a> fn(&'a R) -> Cell<'a>),
    /// From the row, the other tables and who asks.
    Scene(for<'a> fn(&'a R, &Scene<'_>) -> Cell<'a>),
}

impl<R> Column<R> {
    const fn new(name: &'static str, form: Form, place: Place, get: Get<R>) -> Self {
        Self { name, form, place, get }
    }

    /// Its value in `row`.
    pub fn cell<'a>(&self, row: &'a R, scene: &Scene<'_>) -> Cell<'a> {
        match self.get {
            Get::Row(get) => get(row),
            Get::Scene(get) => get(row, scene),
        }
    }

    /// Its value in `row` if it is in the database, else null.
    pub fn stored_cell<'a>(&self, row: &'a R) -> Cell<'a> {
        match self.get {
            Get::Row(get) => get(row),
            Get::Scene(_) => Cell::Null,
        }
    }

    /// Whether it is in the database, so that lists can be filtered and ordered by it.
    pub const fn is_real(&self) -> bool {
        matches!(self.place, Real | Unlogged | Hidden)
    }

    pub const fn is_shown(&self) -> bool {
        !matches!(self.place, Hidden)
    }

    pub const fn is_selectable(&self) -> bool {
        !matches!(self.place, Hidden | Shown)
    }
}

/// Rows with known columns.
pub trait Columns: Stored {
    /// `users`
    const TABLE: &'static str;
    fn columns() -> &'static [Column<Self>];
    fn column(name: &str) -> Option<&'static Column<Self>> {
        Self::columns().iter().find(|column| column.name == name)
    }
}

use Form::{Bool, Dump, Int, Json, NullableText, NullableUuid, Opaque, Text, Texts, Time, Uuid as Id};
use Place::{Derived, Hidden, Shown, Stored as Real, Unlogged};

macro_rules! getter {
    (= $get:expr) => {
        Get::Row($get)
    };
    (~ $get:expr) => {
        Get::Scene($get)
    };
}

macro_rules! columns {
    ($row:ident $table:literal $modified:expr; $($name:literal $form:ident $place:ident $how:tt $get:expr),+ $(,)?) => {
        impl Columns for $row {
            const TABLE: &'static str = $table;
            fn columns() -> &'static [Column<Self>] {
                static COLUMNS: &[Column<$row>] = &[
                    Column::new("uuid", Id, Real, Get::Row(|row| Cell::Uuid(row.common.uuid))),
                    Column::new("created_at", Time, Real, Get::Row(|row| Cell::Time(row.common.created_at))),
                    Column::new("etag", Text, Derived, Get::Row(|row| Cell::Text(Cow::Owned(etag(row))))),
                    Column::new("owner_uuid", Id, $modified, Get::Row(|row| Cell::Uuid(row.common.owner_uuid))),
                    Column::new("modified_at", Time, $modified, Get::Row(|row| {
                        let shown = <$row as Record>::KIND != Kind::Token;
                        Cell::maybe_time(shown.then_some(row.common.modified_at))
                    })),
                    Column::new("modified_by_user_uuid", Id, $modified, Get::Row(|row| {
                        Cell::maybe_uuid(row.common.modified_by_user_uuid)
                    })),
                    $(Column::new($name, $form, $place, getter!($how $get))),+
                ];
                COLUMNS
            }
        }
    };
}

// Those with text are in the database's order, for that is how the search joins them (api.md v37).
columns!(User "users" Real;
    "email" Text Real = |row| Cell::maybe_text(row.email.as_deref()),
    "full_name" Text Derived = |row| Cell::Text(Cow::Owned(row.full_name())),
    "first_name" Text Real = |row| Cell::maybe_text(row.first_name.as_deref()),
    "last_name" Text Real = |row| Cell::maybe_text(row.last_name.as_deref()),
    "identity_url" Text Real = |row| Cell::maybe_text(row.identity_url.as_deref()),
    "is_active" Bool Real = |row| Cell::Bool(row.is_active),
    "is_admin" Bool Real = |row| Cell::Bool(row.is_admin),
    "is_invited" Bool Derived ~ |row, scene| Cell::Bool(permissions::is_invited(scene.store, row)),
    "prefs" Dump Real = |row| Cell::Json(&row.prefs),
    "username" Text Real = |row| Cell::maybe_text(row.username.as_deref()),
    "redirect_to_user_uuid" NullableUuid Hidden = |row| Cell::maybe_uuid(row.redirect_to_user_uuid),
    "writable_by" Texts Derived ~ |row, scene| Cell::Uuids(permissions::writable_by(scene, &row.common)),
    "can_write" Bool Derived ~ |row, scene| Cell::Bool(scene.viewer.can_write(scene.store, row.common.uuid)),
    "can_manage" Bool Derived ~ |row, scene| Cell::Bool(scene.viewer.can_manage(scene.store, row.common.uuid)),
);

columns!(Token "api_client_authorizations" Shown;
    "api_token" Text Unlogged = |row| Cell::text(row.secret.expose()),
    "created_by_ip_address" Text Real = |row| Cell::maybe_text(row.created_by_ip_address.as_deref()),
    "expires_at" Time Real = |row| Cell::maybe_time(row.expires_at),
    "refreshes_at" Time Hidden = |row| Cell::maybe_time(row.refreshes_at),
    "last_used_at" Time Real = |row| Cell::maybe_time(row.last_used_at),
    "last_used_by_ip_address" Text Real = |row| Cell::maybe_text(row.last_used_by_ip_address.as_deref()),
    "scopes" Texts Real = |row| Cell::Texts(&row.scopes),
);

columns!(Link "links" Real;
    "link_class" Text Real = |row| Cell::text(&row.link_class),
    "name" Text Real = |row| Cell::text(&row.name),
    "tail_uuid" Id Real = |row| Cell::maybe_uuid(row.tail_uuid),
    "head_uuid" Id Real = |row| Cell::maybe_uuid(row.head_uuid),
    "head_kind" Text Shown = |row| Cell::maybe_text(kind_of(row.head_uuid)),
    "tail_kind" Text Shown = |row| Cell::maybe_text(kind_of(row.tail_uuid)),
    "properties" Json Real = |row| Cell::Json(&row.properties),
);

columns!(VirtualMachine "virtual_machines" Real;
    "hostname" Text Real = |row| Cell::maybe_text(row.hostname.as_deref()),
);

columns!(Group "groups" Real;
    "name" Text Real = |row| Cell::maybe_text(row.name.as_deref()),
    "group_class" Text Real = |row| Cell::text(&row.group_class),
    "description" NullableText Real = |row| Cell::maybe_text(row.description.as_deref()),
    "properties" Json Real = |row| Cell::Json(&row.properties),
    "trash_at" Time Real = |row| Cell::maybe_time(row.trash_at),
    "delete_at" Time Real = |row| Cell::maybe_time(row.delete_at),
    "is_trashed" Bool Real = |row| Cell::Bool(row.is_trashed),
    "frozen_by_uuid" Id Real = |row| Cell::maybe_uuid(row.frozen_by_uuid),
    "writable_by" Texts Derived ~ |row, scene| Cell::Uuids(permissions::writable_by(scene, &row.common)),
    "can_write" Bool Derived ~ |row, scene| Cell::Bool(scene.viewer.can_write(scene.store, row.common.uuid)),
    "can_manage" Bool Derived ~ |row, scene| Cell::Bool(scene.viewer.can_manage(scene.store, row.common.uuid)),
);

columns!(AuthorizedKey "authorized_keys" Real;
    "name" Text Real = |row| Cell::maybe_text(row.name.as_deref()),
    "key_type" Text Real = |row| Cell::maybe_text(row.key_type.as_deref()),
    "authorized_user_uuid" Id Real = |row| Cell::maybe_uuid(row.authorized_user_uuid),
    "public_key" Text Real = |row| Cell::maybe_text(row.public_key.as_deref()),
    "expires_at" Time Real = |row| Cell::maybe_time(row.expires_at),
);

columns!(Log "logs" Real;
    "id" Int Real = |row| Cell::Int(row.id),
    "object_uuid" Id Real = |row| named(row.object_uuid, row.object_text.as_deref()),
    "object_owner_uuid" Id Real = |row| named(row.object_owner_uuid, row.object_owner_text.as_deref()),
    "object_kind" Text Shown = |row| Cell::maybe_text(kind_of(row.object_uuid)),
    "event_at" Time Real = |row| Cell::Time(row.event_at),
    "event_type" Text Real = |row| Cell::text(&row.event_type),
    "summary" Text Real = |row| Cell::maybe_text(row.summary.as_deref()),
    "properties" Opaque Real = |row| Cell::Log(&row.properties),
);

columns!(Collection "collections" Real;
    "name" Text Real = |row| Cell::maybe_text(row.name.as_deref()),
    "description" NullableText Real = |row| Cell::maybe_text(row.description.as_deref()),
    "portable_data_hash" Text Real = |row| Cell::maybe_text(row.portable_data_hash.as_deref()),
    "manifest_text" Text Unlogged = |row| Cell::maybe_text(row.manifest_text.as_deref()),
    "properties" Json Real = |row| Cell::Json(&row.properties),
    "trash_at" Time Real = |row| Cell::maybe_time(row.trash_at),
    "delete_at" Time Real = |row| Cell::maybe_time(row.delete_at),
    "is_trashed" Bool Real = |row| Cell::Bool(row.is_trashed),
    "file_count" Int Real = |row| Cell::Int(row.file_count),
    "file_size_total" Int Real = |row| Cell::Int(row.file_size_total),
);

columns!(Container "containers" Real;
    "state" Text Real = |row| Cell::text(&row.state),
    "priority" Int Real = |row| Cell::Int(row.priority),
    "command" Texts Real = |row| Cell::Texts(&row.command),
    "container_image" Text Real = |row| Cell::maybe_text(row.container_image.as_deref()),
    "runtime_user_uuid" Id Real = |row| Cell::maybe_uuid(row.runtime_user_uuid),
    "auth_uuid" Id Real = |row| Cell::maybe_uuid(row.auth_uuid),
    "locked_by_uuid" Id Real = |row| Cell::maybe_uuid(row.locked_by_uuid),
    "started_at" Time Real = |row| Cell::maybe_time(row.started_at),
    "finished_at" Time Real = |row| Cell::maybe_time(row.finished_at),
    "exit_code" Int Real = |row| row.exit_code.map_or(Cell::Null, Cell::Int),
);

columns!(ContainerRequest "container_requests" Real;
    "name" Text Real = |row| Cell::maybe_text(row.name.as_deref()),
    "description" NullableText Real = |row| Cell::maybe_text(row.description.as_deref()),
    "state" Text Real = |row| Cell::text(&row.state),
    "priority" Int Real = |row| Cell::Int(row.priority),
    "container_uuid" NullableUuid Real = |row| Cell::maybe_uuid(row.container_uuid),
    "requesting_container_uuid" NullableUuid Real = |row| Cell::maybe_uuid(row.requesting_container_uuid),
    "command" Texts Real = |row| Cell::Texts(&row.command),
    "container_image" Text Real = |row| Cell::maybe_text(row.container_image.as_deref()),
    "properties" Json Real = |row| Cell::Json(&row.properties),
);

columns!(Credential "credentials" Real;
    "name" Text Real = |row| Cell::maybe_text(row.name.as_deref()),
    "description" NullableText Real = |row| Cell::maybe_text(row.description.as_deref()),
    "credential_class" Text Real = |row| Cell::maybe_text(row.credential_class.as_deref()),
    "scopes" Texts Real = |row| Cell::Texts(&row.scopes),
    "external_id" Text Real = |row| Cell::maybe_text(row.external_id.as_deref()),
    "expires_at" Time Real = |row| Cell::maybe_time(row.expires_at),
);

fn named(uuid: Option<Uuid>, text: Option<&str>) -> Cell<'_> {
    uuid.map_or_else(|| Cell::maybe_text(text), Cell::Uuid)
}

fn kind_of(uuid: Option<Uuid>) -> Option<&'static str> {
    uuid?.kind().map(Kind::name)
}

/// A text that changes with every change of the row.
pub fn etag<R: Record>(row: &R) -> String {
    let mut hasher = DefaultHasher::new();
    (row.uuid(), row.common().modified_at).hash(&mut hasher);
    base36(hasher.finish())
}

fn base36(mut number: u64) -> String {
    const DIGITS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut text = Vec::new();
    while number > 0 || text.is_empty() {
        let digit = usize::try_from(number % 36).unwrap_or_default();
        text.push(char::from(DIGITS[digit]));
        number /= 36;
    }
    text.into_iter().rev().collect()
}

/// What an audit record's `properties` say: the object before and after, without secrets (api.md v6).
pub fn log_properties(properties: &LogProperties) -> Value {
    match properties {
        LogProperties::Free(json) => Value::Object(json.clone()),
        LogProperties::Attributes { old, new } => json!({
            "old_etag": old.as_ref().map(snapshot_etag),
            "old_attributes": old.as_ref().map(attributes),
            "new_etag": new.as_ref().map(snapshot_etag),
            "new_attributes": new.as_ref().map(attributes),
        }),
    }
}

fn snapshot_etag(snapshot: &Snapshot) -> String {
    match snapshot {
        Snapshot::User(row) => etag(&**row),
        Snapshot::Token(row) => etag(&**row),
        Snapshot::Link(row) => etag(&**row),
        Snapshot::VirtualMachine(row) => etag(&**row),
        Snapshot::Group(row) => etag(&**row),
        Snapshot::AuthorizedKey(row) => etag(&**row),
        Snapshot::Container(row) => etag(&**row),
        Snapshot::ContainerRequest(row) => etag(&**row),
        Snapshot::Collection(row) => etag(&**row),
        Snapshot::Credential(row) => etag(&**row),
    }
}

fn attributes(snapshot: &Snapshot) -> Value {
    match snapshot {
        Snapshot::User(row) => logged(&**row),
        Snapshot::Token(row) => logged(&**row),
        Snapshot::Link(row) => logged(&**row),
        Snapshot::VirtualMachine(row) => logged(&**row),
        Snapshot::Group(row) => logged(&**row),
        Snapshot::AuthorizedKey(row) => logged(&**row),
        Snapshot::Container(row) => logged(&**row),
        Snapshot::ContainerRequest(row) => logged(&**row),
        Snapshot::Collection(row) => logged(&**row),
        Snapshot::Credential(row) => logged(&**row),
    }
}

fn logged<R: Columns>(row: &R) -> Value {
    let mut map = Map::new();
    for column in R::columns().iter().filter(|column| matches!(column.place, Real | Hidden)) {
        let written = Written { cell: column.stored_cell(row), form: column.form, front: Front::Rails };
        map.insert(column.name.to_owned(), serde_json::to_value(written).unwrap_or(Value::Null));
    }
    Value::Object(map)
}
