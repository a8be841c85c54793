//! Users.

use super::budget::LONGEST_PREFERENCES;
use super::client::{Client, Tries};
use super::decode::{Page, Raw, Record, Row};
use super::error::{Error, ErrorKind};
use super::paging::{Place, Size};
use super::query::{BATCH, Filter, PAGE, Query};
use crate::model::field::{Field, Stamp};
use crate::model::ids::UserUuid;
use crate::model::user::{User, UserRole, UserStatus};
use crate::model::user_page::{Bound, Federation, Rest, UserPage, UserRows};
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

/// The same without what can be of any length, if the server is no Arvados.
const WITHOUT_NAMES: &[&str] =
    &["uuid", "is_active", "is_admin", "is_invited", "created_at", "modified_at", "modified_by_user_uuid"];

impl Record for User {
    const LEAN: &'static [&'static str] = WITHOUT_NAMES;

    fn read(row: &Row<'_>) -> Option<Self> {
        Some(Self {
            uuid: row.own_uuid()?,
            email: row.text("email"),
            username: row.text("username"),
            first_name: row.text("first_name"),
            last_name: row.text("last_name"),
            status: UserStatus::from_flags(
                row.flag("is_active").get().copied(),
                row.flag("is_invited").get().copied(),
            ),
            role: match row.flag("is_admin") {
                Field::Is(is_admin) => UserRole::from_flag(is_admin).into(),
                Field::Unreadable(what) => Field::Unreadable(what),
            },
            created_at: row.date("created_at").map(Stamp::from),
            modified_at: row.date("modified_at").map(Stamp::from),
            modified_by: row.uuid_if_any("modified_by_user_uuid"),
        })
    }
}

/// A user's preferences. The user writes them, of any length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Preferences {
    /// As JSON text.
    Whole(String),
    /// They are too long to be kept: so many bytes, if they were read.
    TooLong(Option<usize>),
}

/// Whose preferences these are.
struct PreferencesOf(UserUuid, Preferences);

impl Record for PreferencesOf {
    fn read(row: &Row<'_>) -> Option<Self> {
        let prefs = match row.field("prefs").map(Raw::json) {
            None => Preferences::TooLong(None),
            Some(json) if json.len() > LONGEST_PREFERENCES => Preferences::TooLong(Some(json.len())),
            Some(json) => Preferences::Whole(json.to_owned()),
        };
        Some(Self(row.own_uuid()?, prefs))
    }
}

impl Client {
    /// Who the token acts as: the user `known`, if the answer does not say otherwise.
    pub async fn current_user(&self, known: Option<UserUuid>) -> Result<User, Error> {
        self.record("users/current", &Query::default().select(COLUMNS), known.map(Into::into)).await
    }

    /// One user; [`super::error::ErrorKind::NotFound`] also if merged away.
    pub async fn user(&self, uuid: UserUuid) -> Result<User, Error> {
        let query = Query::default().select(COLUMNS);
        self.record(&format!("users/{uuid}"), &query, Some(uuid.into())).await
    }

    /// One page of a range of all users, by UUID. The range is at its end when there is nobody: users that can't
    /// be read are only counted, and read over.
    pub async fn users_page(&self, page: UserPage) -> Result<UserRows, Error> {
        let mut query = Query::new(Vec::new()).select(COLUMNS).order(&["uuid asc"]).limit(page.limit);
        if let Some(until) = page.until {
            query = query.and(Filter::below("uuid", until));
        }
        if let Some(bound @ Bound::Tail(..)) = page.after {
            query = query.and(Filter::after("uuid", bound));
        }
        let (query, so_far) = (federated(query, page.federation), page.so_far);
        let mut at = Place::behind(match page.after {
            Some(Bound::User(user)) => Some(user.into()),
            Some(Bound::Tail(..)) | None => None,
        });
        let mut unread = 0;
        loop {
            let page: Page<User> = self.page("users", &at.ask(&query)).await?;
            // What comes behind the last user that can be read comes again at the start of the next page.
            let last = page.last_read;
            let passed = |place: &&usize| last.is_none_or(|last| **place < last);
            unread += page.unread.iter().filter(passed).count();
            if page.rows == 0 || last.is_some() {
                if page.rows > 0 {
                    at.go_on("users", &page)?;
                }
                self.is_finite("users", so_far + page.rows)?;
                self.count_unread("users", unread);
                return Ok(UserRows { users: page.items, unread });
            }
            at.go_on("users", &page)?;
        }
    }

    /// A page of all users behind one of them, by UUID, counted: where it has as many rows as there are users left, there is no other
    /// page, and nobody has to ask for an empty one. That costs the server a fiftieth of the page.
    pub async fn counted_users(
        &self,
        after: Option<UserUuid>,
        UserPage { limit, federation, so_far, .. }: UserPage,
    ) -> Result<(UserRows, Rest), Error> {
        let query = Query::new(Vec::new()).select(COLUMNS).order(&["uuid asc"]).limit(limit).counted();
        let mut at = Place::behind(after.map(Into::into));
        let page: Page<User> = self.page("users", &at.ask(&federated(query, federation))).await?;
        if page.rows > 0 {
            at.go_on("users", &page)?;
        }
        self.is_finite("users", so_far + page.rows)?;
        let rest = match page.items_available {
            // Who counts fewer than came with the page counts wrong: it is read on.
            Some(all) if all < page.rows => Rest::More,
            Some(all) if all == page.rows => Rest::None,
            Some(all) if all - page.rows <= limit && page.last_read.is_some() => Rest::APage,
            _ => Rest::More,
        };
        // What comes behind the last user that can be read comes again with the next page.
        let last = page.last_read.unwrap_or_default();
        let unread = page.unread.iter().filter(|place| rest == Rest::None || **place < last).count();
        self.count_unread("users", unread);
        Ok((UserRows { users: page.items, unread }, rest))
    }

    /// These users, as far as they are there, a hundred a request; without asking the login cluster if so
    /// wanted (api.md v26).
    pub async fn users_by_uuid(
        &self,
        uuids: &[UserUuid],
        federation: Federation,
    ) -> Result<Vec<User>, Error> {
        self.by_uuid(uuids, COLUMNS, federation, |user: &User| user.uuid).await
    }

    /// These columns of these users, a hundred a request. A page may be short, so whoever is missing is
    /// asked for again until nobody comes; who may be a row that can't be read is asked for alone, where nothing
    /// but the question is needed to say who it is.
    async fn by_uuid<T: Record>(
        &self,
        uuids: &[UserUuid],
        columns: &'static [&'static str],
        federation: Federation,
        uuid: impl Fn(&T) -> UserUuid,
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::with_capacity(uuids.len());
        let mut size = Size::default();
        for batch in uuids.chunks(BATCH) {
            let mut missing: BTreeSet<UserUuid> = batch.iter().copied().collect();
            while !missing.is_empty() {
                // A federated list by several UUIDs is refused with an order or a count (api.md b.5).
                let query = Query::new(vec![Filter::any_of("uuid", &missing)]).select(columns).limit(PAGE);
                let query = federated(query, federation);
                let page: Page<T> = self.page_of("users", &query, Tries::All, &mut size).await?;
                let before = missing.len();
                rows.extend(page.items.into_iter().filter(|row| missing.remove(&uuid(row))));
                if missing.len() == before {
                    if !page.unread.is_empty() {
                        rows.extend(self.one_by_one(&missing, columns).await?);
                    }
                    break;
                }
            }
        }
        Ok(rows)
    }

    async fn one_by_one<T: Record>(
        &self,
        uuids: &BTreeSet<UserUuid>,
        columns: &'static [&'static str],
    ) -> Result<Vec<T>, Error> {
        let mut rows = Vec::new();
        for &uuid in uuids {
            let query = Query::default().select(columns);
            match self.record(&format!("users/{uuid}"), &query, Some(uuid.into())).await {
                Ok(row) => rows.push(row),
                Err(error) if error.kind() == ErrorKind::NotFound => {}
                Err(error) => return Err(error),
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
            users.extend(self.all::<User>("users", federated(query, federation)).await?);
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
        self.all("users", federated(query, federation)).await
    }

    /// The users in whose username this occurs, whatever its case (api.md v37).
    pub async fn users_with_in_username(
        &self,
        part: &str,
        federation: Federation,
    ) -> Result<Vec<User>, Error> {
        let query = Query::new(vec![Filter::has_in("username", part)]).select(COLUMNS);
        self.all("users", federated(query, federation)).await
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
        self.all("users", federated(query, federation)).await
    }

    /// The preferences of these users, a hundred users a request: nothing here reads them, but
    /// what deletes them must be able to write them down first.
    pub async fn preferences_of(
        &self,
        uuids: &[UserUuid],
        federation: Federation,
    ) -> Result<BTreeMap<UserUuid, Preferences>, Error> {
        let rows = self.by_uuid(uuids, &["uuid", "prefs"], federation, |row: &PreferencesOf| row.0).await?;
        Ok(rows.into_iter().map(|PreferencesOf(uuid, prefs)| (uuid, prefs)).collect())
    }
}

/// The same, past the login cluster if so wanted.
fn federated(query: Query, federation: Federation) -> Query {
    match federation {
        Federation::Ask => query,
        Federation::Bypass => query.with("bypass_federation", true),
    }
}
