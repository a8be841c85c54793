//! Users.

use super::client::{Client, goes_on};
use super::error::Error;
use super::query::{BATCH, Filter, PAGE, Page, Query};
use super::text;
use super::writer::Writer;
use crate::model::ids::{GroupUuid, UserUuid, VmUuid};
use crate::model::user::{Notify, User, UserRole, UserStatus};
use crate::model::user_page::{Bound, Federation, UserPage};
use jiff::Timestamp;
use reqwest::Method;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// The columns of a list. Never `writable_by`, `can_write` or `can_manage`, which cost the server two
/// queries a row (api.md v18); `is_active` and `is_invited` always together (v26).
const COLUMNS: &[&str] = &[
    "uuid",
    "email",
    "username",
    "first_name",
    "last_name",
    "is_active",
    "is_admin",
    "is_invited",
    "created_at",
    "modified_at",
    "modified_by_user_uuid",
];

#[derive(Deserialize)]
struct UserRecord {
    uuid: UserUuid,
    #[serde(default)]
    email: Option<Box<str>>,
    #[serde(default)]
    username: Option<Box<str>>,
    #[serde(default)]
    first_name: Option<Box<str>>,
    #[serde(default)]
    last_name: Option<Box<str>>,
    #[serde(default)]
    is_active: bool,
    #[serde(default)]
    is_admin: bool,
    #[serde(default)]
    is_invited: bool,
    #[serde(default)]
    created_at: Option<Timestamp>,
    #[serde(default)]
    modified_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "text::uuid_or_nothing")]
    modified_by_user_uuid: Option<UserUuid>,
}

impl From<UserRecord> for User {
    fn from(record: UserRecord) -> Self {
        Self {
            uuid: record.uuid,
            email: record.email.unwrap_or_default().into(),
            username: record.username.unwrap_or_default().into(),
            first_name: record.first_name.unwrap_or_default().into(),
            last_name: record.last_name.unwrap_or_default().into(),
            status: UserStatus::from_flags(Some(record.is_active), Some(record.is_invited)),
            role: UserRole::from_flag(record.is_admin).into(),
            created_at: record.created_at.map(Into::into),
            modified_at: record.modified_at.map(Into::into),
            modified_by: record.modified_by_user_uuid.map(Into::into),
        }
    }
}

impl Client {
    /// Who the token acts as.
    pub async fn current_user(&self) -> Result<User, Error> {
        self.get::<UserRecord>("users/current", &Query::default().select(COLUMNS)).await.map(User::from)
    }

    /// One user; [`super::error::ErrorKind::NotFound`] also if merged away.
    pub async fn user(&self, uuid: UserUuid) -> Result<User, Error> {
        let query = Query::default().select(COLUMNS);
        self.get::<UserRecord>(&format!("users/{uuid}"), &query).await.map(User::from)
    }

    /// One page of a range of all users, by UUID. The range is at its end when the page is empty.
    pub async fn users_page(&self, page: UserPage) -> Result<Vec<User>, Error> {
        let mut query = Query::new(Vec::new()).select(COLUMNS).order(&["uuid asc"]).limit(page.limit);
        if let Some(after) = page.after {
            query = query.and(Filter::after("uuid", after));
        }
        if let Some(until) = page.until {
            query = query.and(Filter::below("uuid", until));
        }
        let query = federated(query, page.federation);
        let after = match page.after {
            Some(Bound::User(user)) => Some(user.to_string()),
            Some(Bound::Tail(..)) | None => None,
        };
        let page: Page<UserRecord> = self.page("users", &query).await?;
        goes_on("users", after, page.items.last().map(|user| user.uuid.to_string()))?;
        Ok(page.items.into_iter().map(User::from).collect())
    }

    /// The first page of all users, by UUID, counted: where it has as many rows as there are users in all, there
    /// is no other page, and nobody has to ask for an empty one. That costs the server a fiftieth of the page.
    pub async fn first_users(
        &self,
        limit: usize,
        federation: Federation,
    ) -> Result<(Vec<User>, Rest), Error> {
        let query = Query::new(Vec::new()).select(COLUMNS).order(&["uuid asc"]).limit(limit).counted();
        let page: Page<UserRecord> = self.page("users", &federated(query, federation)).await?;
        let is_all = page.items_available.is_some_and(|all| all <= page.items.len());
        let rest = if is_all { Rest::None } else { Rest::Perhaps };
        Ok((page.items.into_iter().map(User::from).collect(), rest))
    }

    /// These users, as far as they are there, a hundred a request; without asking the login cluster if so
    /// wanted (api.md v26).
    pub async fn users_by_uuid(
        &self,
        uuids: &[UserUuid],
        federation: Federation,
    ) -> Result<Vec<User>, Error> {
        let rows = self.by_uuid(uuids, COLUMNS, federation, |row: &UserRecord| row.uuid).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// These columns of these users, a hundred a request. A page may be short, so whoever is missing is
    /// asked for again until nobody comes.
    async fn by_uuid<T: DeserializeOwned>(
        &self,
        uuids: &[UserUuid],
        columns: &'static [&'static str],
        federation: Federation,
        uuid: impl Fn(&T) -> UserUuid,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::with_capacity(uuids.len());
        for batch in uuids.chunks(BATCH) {
            let mut missing: BTreeSet<UserUuid> = batch.iter().copied().collect();
            while !missing.is_empty() {
                // A federated list by several UUIDs is refused with an order or a count (api.md b.5).
                let query = Query::new(vec![Filter::any_of("uuid", &missing)]).select(columns).limit(PAGE);
                let page: Page<T> = self.page("users", &federated(query, federation)).await?;
                let before = missing.len();
                rows.extend(page.items.into_iter().filter(|row| missing.remove(&uuid(row))));
                if missing.len() == before {
                    break;
                }
            }
        }
        Ok(rows)
    }

    /// All users for whom a column has one of these values, page after page: with fewer, an ambiguity
    /// would be hidden.
    async fn users_by(
        &self,
        column: &'static str,
        values: &[String],
        federation: Federation,
    ) -> Result<Vec<User>, Error> {
        let mut users = Vec::with_capacity(values.len());
        for batch in values.chunks(BATCH) {
            let query = Query::new(vec![Filter::any_of(column, batch)]).select(COLUMNS);
            let rows = self.all("users", federated(query, federation), |r: &UserRecord| r.uuid).await?;
            users.extend(rows.into_iter().map(User::from));
        }
        Ok(users)
    }

    /// The users with one of these e-mails, a hundred a request: there may be several with the same
    /// (api.md v11). Case counts, as it does at login.
    pub async fn users_by_emails(
        &self,
        emails: &[String],
        federation: Federation,
    ) -> Result<Vec<User>, Error> {
        self.users_by("email", emails, federation).await
    }

    /// The users in whose e-mail this occurs, whatever its case (api.md v37).
    pub async fn users_with_in_email(&self, part: &str, federation: Federation) -> Result<Vec<User>, Error> {
        let query = Query::new(vec![Filter::has_in("email", part)]).select(COLUMNS);
        let rows = self.all("users", federated(query, federation), |r: &UserRecord| r.uuid).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// The users with these usernames, a hundred a request.
    pub async fn users_by_usernames(
        &self,
        names: &[String],
        federation: Federation,
    ) -> Result<Vec<User>, Error> {
        self.users_by("username", names, federation).await
    }

    /// All active admins.
    pub async fn active_admins(&self, federation: Federation) -> Result<Vec<User>, Error> {
        let query =
            Query::new(vec![Filter::flag("is_admin", true), Filter::flag("is_active", true)]).select(COLUMNS);
        let rows = self.all("users", federated(query, federation), |r: &UserRecord| r.uuid).await?;
        Ok(rows.into_iter().map(User::from).collect())
    }

    /// The preferences of these users, as JSON text, a hundred users a request: nothing here reads them, but
    /// what deletes them must be able to write them down first.
    pub async fn preferences_of(
        &self,
        uuids: &[UserUuid],
        federation: Federation,
    ) -> Result<BTreeMap<UserUuid, String>, Error> {
        #[derive(Deserialize)]
        struct Record {
            uuid: UserUuid,
            #[serde(default)]
            prefs: serde_json::Value,
        }
        let rows = self.by_uuid(uuids, &["uuid", "prefs"], federation, |row: &Record| row.uuid).await?;
        Ok(rows.into_iter().map(|row| (row.uuid, row.prefs.to_string())).collect())
    }
}

/// The same, past the login cluster if so wanted.
fn federated(query: Query, federation: Federation) -> Query {
    match federation {
        Federation::Ask => query,
        Federation::Bypass => query.with("bypass_federation", true),
    }
}

/// Whether there are more rows than a page has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rest {
    /// There are none: the server counted.
    None,
    /// A page may be short for reasons of the server's (api.md b.2), so only an empty one is the end.
    Perhaps,
}

/// Which flags of a user to set; what is `None` stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct UserFlags {
    /// `is_active`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// `is_admin`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_admin: Option<bool>,
}

impl Writer<'_> {
    /// `PATCH /users/UUID` with only these flags, so that nobody's concurrent edit is undone.
    pub async fn update_user(&self, uuid: UserUuid, flags: UserFlags) -> Result<User, Error> {
        #[derive(Serialize)]
        struct Body {
            user: UserFlags,
        }
        let record: UserRecord =
            self.send(Method::PATCH, &format!("users/{uuid}"), &Body { user: flags }).await?;
        Ok(record.into())
    }

    /// `POST /users/setup`: the membership of All users, visibility, a login on `vm`. It does not
    /// activate, and repeats nothing that is there (api.md b.5).
    pub async fn set_up_user(&self, uuid: UserUuid, vm: Option<VmUuid>, notify: Notify) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Body {
            uuid: UserUuid,
            #[serde(skip_serializing_if = "Option::is_none")]
            vm_uuid: Option<VmUuid>,
            send_notification_email: bool,
        }
        let body = Body { uuid, vm_uuid: vm, send_notification_email: notify == Notify::ByMail };
        self.send::<_, serde::de::IgnoredAny>(Method::POST, "users/setup", &body).await.map(drop)
    }

    /// `POST /users/UUID/unsetup`: deletes permissions, logins, keys, tokens, signatures and preferences,
    /// and makes the user inactive (api.md v13).
    pub async fn unsetup_user(&self, uuid: UserUuid) -> Result<User, Error> {
        let record: UserRecord = self.send(Method::POST, &format!("users/{uuid}/unsetup"), &Empty {}).await?;
        Ok(record.into())
    }

    /// `POST /users/merge` without redirect: what `old` owns, trash included, goes to `new_owner`, and what
    /// permission links `old` still has go to `new` (api.md v28).
    pub async fn merge_users(&self, old: UserUuid, new: UserUuid, new_owner: GroupUuid) -> Result<(), Error> {
        #[derive(Serialize)]
        struct Body {
            old_user_uuid: UserUuid,
            new_user_uuid: UserUuid,
            new_owner_uuid: GroupUuid,
            redirect_to_new_user: bool,
        }
        let body = Body {
            old_user_uuid: old,
            new_user_uuid: new,
            new_owner_uuid: new_owner,
            redirect_to_new_user: false,
        };
        self.send::<_, serde::de::IgnoredAny>(Method::POST, "users/merge", &body).await.map(drop)
    }
}

/// `{}`
#[derive(Serialize)]
struct Empty {}
