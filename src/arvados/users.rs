//! Users.

use super::client::{Client, goes_on};
use super::error::Error;
use super::query::{BATCH, Filter, Page, Query};
use super::text;
use super::writer::Writer;
use crate::model::ids::{GroupUuid, UserUuid, VmUuid};
use crate::model::user::{Notify, User, UserRole, UserStatus};
use crate::model::user_page::{Bound, Federation, UserPage};
use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};

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
            email: record.email.unwrap_or_default(),
            username: record.username.unwrap_or_default(),
            first_name: record.first_name.unwrap_or_default(),
            last_name: record.last_name.unwrap_or_default(),
            status: UserStatus::from_flags(record.is_active, record.is_invited),
            role: if record.is_admin { UserRole::Admin } else { UserRole::Plain },
            created_at: record.created_at,
            modified_at: record.modified_at,
            modified_by: record.modified_by_user_uuid,
        }
    }
}

impl Client {
    /// Who the token acts as.
    pub async fn current_user(&self) -> Result<User, Error> {
        self.get::<UserRecord>("users/current", &Query::default()).await.map(User::from)
    }

    /// One user; [`super::error::ErrorKind::NotFound`] also if merged away.
    pub async fn user(&self, uuid: UserUuid) -> Result<User, Error> {
        self.get::<UserRecord>(&format!("users/{uuid}"), &Query::default()).await.map(User::from)
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
        if page.federation == Federation::Bypass {
            query = query.with("bypass_federation", true);
        }
        let after = match page.after {
            Some(Bound::User(user)) => Some(user.to_string()),
            Some(Bound::Tail(..)) | None => None,
        };
        let page: Page<UserRecord> = self.page("users", &query).await?;
        goes_on("users", after, page.items.last().map(|user| user.uuid.to_string()))?;
        Ok(page.items.into_iter().map(User::from).collect())
    }

    /// These users, as far as they are there, a hundred a request.
    pub async fn users_by_uuid(&self, uuids: &[UserUuid]) -> Result<Vec<User>, Error> {
        self.users_by_uuid_as(uuids, Federation::Ask).await
    }

    /// The same, without asking the login cluster if so wanted (api.md v26).
    pub async fn users_by_uuid_as(
        &self,
        uuids: &[UserUuid],
        federation: Federation,
    ) -> Result<Vec<User>, Error> {
        self.users_by("uuid", uuids, federation).await
    }

    async fn users_by<T: ToString>(
        &self,
        column: &'static str,
        values: &[T],
        federation: Federation,
    ) -> Result<Vec<User>, Error> {
        let mut users = Vec::with_capacity(values.len());
        for batch in values.chunks(BATCH) {
            let values = batch.iter().map(ToString::to_string);
            let mut query = Query::new(vec![Filter::any_of(column, values)]);
            if federation == Federation::Bypass {
                query = query.with("bypass_federation", true);
            }
            users.extend(self.users_where(query).await?);
        }
        Ok(users)
    }

    /// The users with this e-mail: there may be several (api.md v11). Case counts, as it does at login.
    pub async fn users_by_email(&self, email: &str) -> Result<Vec<User>, Error> {
        self.users_by("email", &[email], Federation::Ask).await
    }

    /// The users with one of these e-mails, a hundred a request.
    pub async fn users_by_emails(
        &self,
        emails: &[String],
        federation: Federation,
    ) -> Result<Vec<User>, Error> {
        self.users_by("email", emails, federation).await
    }

    /// The user with this username, if any.
    pub async fn users_by_username(&self, username: &str) -> Result<Vec<User>, Error> {
        self.users_by("username", &[username], Federation::Ask).await
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
    pub async fn active_admins(&self) -> Result<Vec<User>, Error> {
        let query =
            Query::new(vec![Filter::flag("is_admin", true), Filter::flag("is_active", true)]).select(COLUMNS);
        Ok(self.all("users", query, |r: &UserRecord| r.uuid).await?.into_iter().map(User::from).collect())
    }

    /// The user's preferences, as JSON text: nothing here reads them, but what deletes them must be able
    /// to write them down first.
    pub async fn preferences(&self, uuid: UserUuid) -> Result<String, Error> {
        #[derive(Deserialize)]
        struct Record {
            #[serde(default)]
            prefs: serde_json::Value,
        }
        let record: Record = self.get(&format!("users/{uuid}"), &Query::default()).await?;
        Ok(record.prefs.to_string())
    }

    /// How many users there are.
    pub async fn count_users(&self) -> Result<Option<usize>, Error> {
        let page: Page<serde::de::IgnoredAny> = self.page("users", &Query::default().count_only()).await?;
        Ok(page.items_available)
    }

    async fn users_where(&self, query: Query) -> Result<Vec<User>, Error> {
        // A federated list by several UUIDs is refused with an order or a count (api.md b.5).
        let query = query.select(COLUMNS).limit(super::query::PAGE);
        let page: Page<UserRecord> = self.page("users", &query).await?;
        Ok(page.items.into_iter().map(User::from).collect())
    }
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
