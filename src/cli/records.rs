//! Rows as they are printed. In JSON and CSV the fields have the API's names; a table has what people
//! look for. Text is as the server has it: [`super::output`] makes it harmless.

use super::cell::columns;
use super::output::Record;
use super::unreadable::{self, Odd};
use crate::model::field::{Date, Field, Stamp, Text};
use crate::model::group::{Group, PermissionLevel};
use crate::model::ids::{AnyUuid, ContainerUuid, GroupUuid, KeyUuid, LinkUuid, TokenUuid, UserUuid, VmUuid};
use crate::model::session::ClusterFacts;
use crate::model::ssh_key::SshKey;
use crate::model::text::named;
use crate::model::token::{Ends, Origin, Token, TokenSource};
use crate::model::unix_name::group_list;
use crate::model::user::{User, UserStatus};
use crate::model::vm::LoginGroups;
use crate::model::when::{date, relative_or_date};
use crate::ops::read::LoginRow;
use crate::ops::rights::{Right, RightKind};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// A user.
#[derive(Debug, Serialize)]
pub struct UserRecord {
    pub uuid: UserUuid,
    #[serde(serialize_with = "unreadable::or_null")]
    pub email: Text,
    #[serde(serialize_with = "unreadable::or_null")]
    pub username: Text,
    #[serde(serialize_with = "unreadable::or_null")]
    pub first_name: Text,
    #[serde(serialize_with = "unreadable::or_null")]
    pub last_name: Text,
    /// Null where nobody can read the flag.
    pub is_active: Option<bool>,
    pub is_invited: Option<bool>,
    pub is_admin: Option<bool>,
    #[serde(serialize_with = "unreadable::or_null")]
    pub created_at: Option<Date>,
    #[serde(serialize_with = "unreadable::or_null")]
    pub modified_at: Option<Date>,
    #[serde(serialize_with = "unreadable::or_null")]
    pub modified_by_user_uuid: Option<Field<UserUuid>>,
    /// What stands in those of them that can't be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unreadable: Odd,
    #[serde(skip)]
    status: UserStatus,
}

impl From<&User> for UserRecord {
    fn from(user: &User) -> Self {
        let (created_at, modified_at) =
            (user.created_at.as_ref().map(Stamp::date), user.modified_at.as_ref().map(Stamp::date));
        Self {
            unreadable: unreadable::among([
                ("email", &user.email),
                ("username", &user.username),
                ("first_name", &user.first_name),
                ("last_name", &user.last_name),
                ("is_admin", &user.role),
                ("created_at", &created_at),
                ("modified_at", &modified_at),
                ("modified_by_user_uuid", &user.modified_by),
            ]),
            uuid: user.uuid,
            email: user.email.clone(),
            username: user.username.clone(),
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            is_active: user.active_flag(),
            is_invited: user.invited_flag(),
            is_admin: user.admin_flag(),
            created_at,
            modified_at,
            modified_by_user_uuid: user.modified_by.clone(),
            status: user.status,
        }
    }
}

impl Record for UserRecord {
    const TITLES: &'static [&'static str] =
        &["UUID", "STATUS", "ADMIN", "USERNAME", "E-MAIL", "CREATED", "NAME"];
    columns!(
        uuid,
        email,
        username,
        first_name,
        last_name,
        is_active,
        is_invited,
        is_admin,
        created_at,
        modified_at,
        modified_by_user_uuid
    );

    fn cells(&self) -> Vec<String> {
        vec![
            self.uuid.to_string(),
            // One word, so that scripts can count columns.
            self.status.word().replace(' ', "-"),
            match self.is_admin {
                Some(true) => "admin",
                Some(false) => "",
                None => "unreadable",
            }
            .to_owned(),
            self.username.shown().into_owned(),
            self.email.shown().into_owned(),
            self.created_at.as_ref().map(|at| at.shown(date)).unwrap_or_default(),
            format!("{} {}", self.first_name.shown(), self.last_name.shown()).trim().to_owned(),
        ]
    }
}

/// How a token came to be.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct MadeBy {
    /// `login`, `container` (one at work has it), `server` (login-sync, a container, an operator with the
    /// system token), `issued` or null.
    pub origin: Option<&'static str>,
    /// Who issued it, if somebody did.
    pub created_by_user_uuid: Option<UserUuid>,
    /// The container at work with it, if one is.
    pub container_uuid: Option<ContainerUuid>,
}

impl MadeBy {
    pub fn of(origin: Origin) -> Self {
        let none = Self::default();
        match origin {
            Origin::Login => Self { origin: Some("login"), ..none },
            Origin::Container(uuid) => Self { origin: Some("container"), container_uuid: Some(uuid), ..none },
            Origin::Server => Self { origin: Some("server"), ..none },
            Origin::IssuedBy(user) => {
                Self { origin: Some("issued"), created_by_user_uuid: Some(user), ..none }
            }
            Origin::Unknown => none,
        }
    }
}

/// A token.
#[derive(Debug, Serialize)]
pub struct TokenRecord {
    pub uuid: TokenUuid,
    pub owner_uuid: UserUuid,
    #[serde(serialize_with = "unreadable::or_null")]
    pub scopes: Field<Vec<String>>,
    #[serde(serialize_with = "unreadable::or_null")]
    pub created_at: Option<Date>,
    #[serde(serialize_with = "unreadable::or_words")]
    pub expires_at: Option<Date>,
    #[serde(flatten)]
    made: MadeBy,
    /// `server` (exact) or `audit_log` (perhaps alive).
    pub source: &'static str,
    /// What stands in those of them that can't be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unreadable: Odd,
    #[serde(skip)]
    now: Timestamp,
}

impl TokenRecord {
    pub fn new(token: &Token, source: TokenSource, now: Timestamp) -> Self {
        let scopes = token.scopes_to_wire();
        Self {
            unreadable: unreadable::among([
                ("scopes", &scopes),
                ("created_at", &token.created_at),
                ("expires_at", &token.expiry.date()),
            ]),
            uuid: token.uuid,
            owner_uuid: token.owner,
            scopes,
            created_at: token.created_at.clone(),
            expires_at: token.expiry.date().cloned(),
            made: MadeBy::of(token.origin),
            source: match source {
                TokenSource::Server => "server",
                TokenSource::AuditLog { .. } => "audit_log",
            },
            now,
        }
    }
}

impl Record for TokenRecord {
    const TITLES: &'static [&'static str] = &["UUID", "CREATED", "EXPIRES", "ORIGIN", "SCOPES"];
    columns!(
        uuid,
        owner_uuid,
        scopes,
        created_at,
        expires_at,
        origin in made,
        created_by_user_uuid in made,
        container_uuid in made,
        source,
    );

    fn cells(&self) -> Vec<String> {
        vec![
            self.uuid.to_string(),
            self.created_at.as_ref().map(|at| at.shown(date)).unwrap_or_default(),
            ends(&self.expires_at.clone().map_or(Ends::Never, Ends::On), self.now),
            self.made.origin.unwrap_or_default().to_owned(),
            match &self.scopes {
                Field::Is(scopes) if scopes.is_empty() => "nothing".to_owned(),
                Field::Is(scopes) => scopes.join(", ").split_whitespace().collect::<Vec<_>>().join(" "),
                Field::Unreadable(what) => what.to_string(),
            },
        ]
    }
}

/// When something ends, for people.
pub fn ends(ends: &Ends, now: Timestamp) -> String {
    match ends {
        Ends::Never => "never".to_owned(),
        Ends::On(Date::At(at)) if *at <= now => format!("expired {}", date(*at)),
        Ends::On(date) => date.shown(|at| relative_or_date(at, now)),
    }
}

/// The same in a sentence: "ends in 3 days", "ended 2026-11-20", "never ends".
pub fn ending(end: &Ends, now: Timestamp) -> String {
    match end {
        Ends::Never => "never ends".to_owned(),
        Ends::On(Date::At(at)) if *at <= now => format!("ended {}", date(*at)),
        Ends::On(Date::Unreadable(what)) => format!("end {what}"),
        Ends::On(_) => format!("ends {}", ends(end, now)),
    }
}

/// A permission that can be granted anew to a successor (`users reassign --regrant`).
#[derive(Debug, Clone, Serialize)]
pub struct RightRecord {
    /// Of the link.
    pub uuid: LinkUuid,
    pub head_uuid: AnyUuid,
    /// `can_read`, `can_write`, `can_manage` or `can_login`.
    pub name: &'static str,
    /// In words.
    pub description: String,
}

impl From<&Right> for RightRecord {
    fn from(right: &Right) -> Self {
        Self {
            uuid: right.link,
            head_uuid: right.head,
            name: match right.kind {
                RightKind::Membership(level) | RightKind::Permission(level) => level.to_wire(),
                RightKind::Login => "can_login",
            },
            description: right.description.clone(),
        }
    }
}

/// A VM login.
#[derive(Debug, Serialize)]
pub struct LoginRecord {
    pub user_uuid: UserUuid,
    #[serde(serialize_with = "unreadable::or_null")]
    pub email: Option<Text>,
    pub is_active: Option<bool>,
    pub virtual_machine_uuid: VmUuid,
    pub hostname: Option<String>,
    /// The Unix account, as `get_all_logins` calls it.
    pub username: String,
    /// Null if twins differ.
    pub groups: Option<Vec<String>>,
    /// Those of them that login-sync leaves alone, by the cluster's settings.
    pub groups_without_effect: Vec<String>,
    /// More than one if there are twins.
    pub link_uuids: Vec<LinkUuid>,
    /// Null if they could not be counted.
    pub authorized_keys: Option<usize>,
    /// Others with the same Unix account.
    pub shared_with_user_uuids: Vec<UserUuid>,
    /// What stands in those of them that can't be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unreadable: Odd,
    #[serde(skip)]
    name: String,
}

impl LoginRecord {
    pub fn new(row: &LoginRow, facts: &ClusterFacts) -> Self {
        let without_effect = match row.login.groups() {
            LoginGroups::Certain(groups) => {
                facts.without_effect(groups).into_iter().map(str::to_owned).collect()
            }
            LoginGroups::Uncertain => Vec::new(),
        };
        let email = row.user.as_ref().map(|user| user.email.clone());
        Self {
            unreadable: unreadable::among([("email", &email)]),
            groups_without_effect: without_effect,
            user_uuid: row.login.user,
            email,
            is_active: row.user.as_ref().and_then(User::active_flag),
            virtual_machine_uuid: row.login.vm,
            hostname: row.hostname.clone(),
            username: row.login.login_name.clone(),
            groups: match row.login.groups() {
                LoginGroups::Certain(groups) => Some(groups.iter().map(ToString::to_string).collect()),
                LoginGroups::Uncertain => None,
            },
            link_uuids: row.login.links.iter().map(|link| link.uuid).collect(),
            authorized_keys: row.keys.get().copied(),
            shared_with_user_uuids: row.shared_with.clone(),
            name: row.user.as_ref().map(User::display_name).unwrap_or_default(),
        }
    }
}

impl Record for LoginRecord {
    const TITLES: &'static [&'static str] = &["HOST", "LOGIN", "GROUPS", "KEYS", "USER", "NAME", "REMARKS"];
    columns!(
        user_uuid,
        email,
        is_active,
        virtual_machine_uuid,
        hostname,
        username,
        groups,
        groups_without_effect,
        link_uuids,
        authorized_keys,
        shared_with_user_uuids
    );

    fn cells(&self) -> Vec<String> {
        let mut remarks = Vec::new();
        if self.link_uuids.len() > 1 {
            remarks.push(format!("{} twin links", self.link_uuids.len()));
        }
        if self.is_active == Some(false) {
            remarks.push("inactive user".to_owned());
        }
        if !self.groups_without_effect.is_empty() {
            remarks.push(format!("without effect: {}", group_list(&self.groups_without_effect)));
        }
        if !self.shared_with_user_uuids.is_empty() {
            remarks.push(format!("shared with {}", self.shared_with_user_uuids.len()));
        }
        let groups = match &self.groups {
            Some(groups) => group_list(groups),
            None => "uncertain".to_owned(),
        };
        vec![
            self.hostname.clone().unwrap_or_else(|| self.virtual_machine_uuid.to_string()),
            // A login that is a row by itself would be taken for two columns.
            named(&self.username),
            groups,
            self.authorized_keys.map_or_else(|| "not known".to_owned(), |keys| keys.to_string()),
            self.user_uuid.to_string(),
            self.name.clone(),
            remarks.join(", "),
        ]
    }
}

/// A group a user is a member of.
#[derive(Debug, Serialize)]
pub struct GroupRecord {
    pub uuid: GroupUuid,
    #[serde(serialize_with = "unreadable::or_null")]
    pub name: Text,
    /// `can_read`, `can_write` or `can_manage`.
    pub permission: &'static str,
    /// What stands in those of them that can't be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unreadable: Odd,
}

impl From<&(Group, PermissionLevel)> for GroupRecord {
    fn from((group, level): &(Group, PermissionLevel)) -> Self {
        Self {
            uuid: group.uuid,
            name: group.name.clone(),
            permission: level.to_wire(),
            unreadable: unreadable::among([("name", &group.name)]),
        }
    }
}

/// An SSH key.
#[derive(Debug, Serialize)]
pub struct KeyRecord {
    pub uuid: KeyUuid,
    #[serde(serialize_with = "unreadable::or_null")]
    pub name: Text,
    pub owner_uuid: UserUuid,
    #[serde(serialize_with = "unreadable::or_null")]
    pub public_key: Text,
    #[serde(serialize_with = "unreadable::or_words")]
    pub expires_at: Option<Date>,
    /// What stands in those of them that can't be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub unreadable: Odd,
}

impl From<&SshKey> for KeyRecord {
    fn from(key: &SshKey) -> Self {
        Self {
            uuid: key.uuid,
            name: key.name.clone(),
            owner_uuid: key.owner,
            public_key: key.public_key.clone(),
            expires_at: key.expires_at.clone(),
            unreadable: unreadable::among([
                ("name", &key.name),
                ("public_key", &key.public_key),
                ("expires_at", &key.expires_at),
            ]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_end_is_a_sentence_whenever_it_is() {
        let now: Timestamp = "2026-11-24T10:42:00Z".parse().expect("a time");
        let said = |text: &str| ending(&Ends::On(Date::parse(text)), now);
        assert_eq!(ending(&Ends::Never, now), "never ends");
        assert_eq!(said("2026-11-20T10:42:00Z"), "ended 2026-11-20");
        assert_eq!(said("2026-11-24T10:42:00Z"), "ended 2026-11-24");
        assert_eq!(said("2026-11-24T10:42:30Z"), "ends in 30 s");
        assert_eq!(said("2026-11-27T10:42:00Z"), "ends in 3 days");
        assert_eq!(said("2027-11-27T10:42:00Z"), "ends 2027-11-27");
        assert_eq!(said("9999-12-31T23:59:59Z"), "ends after 9999");
    }

    fn names<R: Record>(record: &R) -> Vec<String> {
        let json = serde_json::to_string(record).expect("JSON");
        let value: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(&json).expect("an object");
        assert_eq!(record.fields().len(), R::FIELDS.len(), "CSV has a field for each name");
        assert_eq!(record.cells().len(), R::TITLES.len(), "a table has a cell for each title");
        let mut names: Vec<String> = value.keys().cloned().collect();
        names.sort();
        names
    }

    fn sorted(fields: &[&str]) -> Vec<String> {
        let mut names: Vec<String> = fields.iter().map(ToString::to_string).collect();
        names.sort();
        names
    }

    #[test]
    fn csv_and_json_have_the_same_names() {
        let user: UserUuid = "zzzzz-tpzed-000000000000001".parse().expect("a user");
        let token = Token {
            uuid: "zzzzz-gj3su-000000000000001".parse().expect("a token"),
            owner: user,
            scopes: crate::model::token::Scopes::All.into(),
            created_at: None,
            expiry: Ends::Never,
            origin: Origin::Login,
        };
        let token = TokenRecord::new(&token, TokenSource::Server, Timestamp::UNIX_EPOCH);
        assert_eq!(names(&token), sorted(TokenRecord::FIELDS));
        let login = LoginRow {
            login: crate::model::vm::VmLogin {
                user,
                vm: "zzzzz-2x53u-000000000000001".parse().expect("a VM"),
                login_name: "rosa".to_owned(),
                links: Vec::new(),
            },
            hostname: None,
            user: None,
            keys: crate::ops::summary::Part::Is(0),
            shared_with: Vec::new(),
        };
        assert_eq!(
            names(&LoginRecord::new(&login, &crate::app::testing::session().cluster)),
            sorted(LoginRecord::FIELDS)
        );
        let user = User {
            uuid: user,
            email: "".into(),
            username: "".into(),
            first_name: "".into(),
            last_name: "".into(),
            status: UserStatus::SetUp,
            role: crate::model::user::UserRole::Plain.into(),
            created_at: None,
            modified_at: None,
            modified_by: None,
        };
        assert_eq!(names(&UserRecord::from(&user)), sorted(UserRecord::FIELDS));
    }
}
