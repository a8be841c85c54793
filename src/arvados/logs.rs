//! The audit log, as far as tokens are concerned: an inventory of what was issued, without secrets, not
//! of what is alive (api.md v6).

use super::client::Client;
use super::error::Error;
use super::links::Link;
use super::query::{BATCH, Filter, Page, Query};
use super::text;
use crate::model::field::{Date, Field};
use crate::model::ids::{LinkUuid, LogUuid, TokenUuid, UserUuid};
use crate::model::token::{Ends, Scopes};
use jiff::Timestamp;
use serde::Deserialize;

const COLUMNS: &[&str] = &[
    "uuid",
    "event_type",
    "event_at",
    "created_at",
    "object_uuid",
    "object_owner_uuid",
    "modified_by_user_uuid",
    "properties",
];

/// What happened to a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenEventKind {
    /// It was made.
    Create,
    /// It was changed.
    Update,
    /// It was deleted.
    Delete,
}

/// One record of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenEvent {
    /// Names the record.
    pub log: LogUuid,
    /// What happened.
    pub kind: TokenEventKind,
    /// When.
    pub at: Option<Date>,
    /// To which token.
    pub token: TokenUuid,
    /// Whose it was.
    pub owner: UserUuid,
    /// Who did it.
    pub by: Option<UserUuid>,
    /// What the token was afterwards; before, if it was deleted.
    pub attributes: Option<TokenAttributes>,
}

/// A token's attributes as the log keeps them: no secret among them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAttributes {
    /// What it allows.
    pub scopes: Field<Scopes>,
    /// When it was made.
    pub created_at: Option<Date>,
    /// When it ends.
    pub ends: Ends,
    /// Where the login came from that made it.
    pub created_by_ip_address: Option<String>,
}

#[derive(Deserialize)]
struct LogRecord {
    uuid: LogUuid,
    event_type: String,
    #[serde(default, deserialize_with = "text::odd_is_nothing")]
    event_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "text::odd_is_nothing")]
    created_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "text::uuid_or_nothing")]
    object_uuid: Option<TokenUuid>,
    #[serde(default, deserialize_with = "text::uuid_or_nothing")]
    object_owner_uuid: Option<UserUuid>,
    #[serde(default, deserialize_with = "text::uuid_or_nothing")]
    modified_by_user_uuid: Option<UserUuid>,
    #[serde(default, deserialize_with = "text::odd_is_nothing")]
    properties: Properties,
}

/// Any user may write such a record, of whatever form: what can't be read is left out.
#[derive(Deserialize, Default)]
struct Properties {
    #[serde(default, deserialize_with = "text::odd_is_nothing")]
    old_attributes: Option<Attributes>,
    #[serde(default, deserialize_with = "text::odd_is_nothing")]
    new_attributes: Option<Attributes>,
}

#[derive(Deserialize)]
struct Attributes {
    #[serde(default, deserialize_with = "text::list_or_nothing")]
    scopes: Vec<String>,
    #[serde(default)]
    created_at: Option<Timestamp>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    created_by_ip_address: Option<String>,
}

impl LogRecord {
    /// `None` for records that say nothing of a token's life.
    fn into_event(self) -> Option<TokenEvent> {
        let kind = match self.event_type.as_str() {
            "create" => TokenEventKind::Create,
            "update" => TokenEventKind::Update,
            "delete" => TokenEventKind::Delete,
            _ => return None,
        };
        let attributes = self.properties.new_attributes.or(self.properties.old_attributes);
        Some(TokenEvent {
            log: self.uuid,
            kind,
            at: self.event_at.or(self.created_at).map(Into::into),
            token: self.object_uuid?,
            owner: self.object_owner_uuid?,
            by: self.modified_by_user_uuid,
            attributes: attributes.map(|a| TokenAttributes {
                scopes: Scopes::from_wire(a.scopes).into(),
                created_at: a.created_at.map(Into::into),
                ends: a.expires_at.map_or(Ends::Never, |at| Ends::On(at.into())),
                created_by_ip_address: a.created_by_ip_address.filter(|ip| !ip.is_empty()),
            }),
        })
    }
}

impl Client {
    /// Everything the log has of the tokens of these users, oldest first.
    pub async fn token_events_of(&self, owners: &[UserUuid]) -> Result<Vec<TokenEvent>, Error> {
        let mut events = Vec::new();
        for batch in owners.chunks(BATCH) {
            events.extend(self.token_events(Filter::any_of("object_owner_uuid", batch)).await?);
        }
        Ok(events)
    }

    /// Everything the log has of these tokens, oldest first: also their owners, when only UUIDs are known.
    pub async fn token_events_by_uuid(&self, tokens: &[TokenUuid]) -> Result<Vec<TokenEvent>, Error> {
        let mut events = Vec::new();
        for batch in tokens.chunks(BATCH) {
            events.extend(self.token_events(Filter::any_of("object_uuid", batch)).await?);
        }
        Ok(events)
    }

    /// How far back the log goes: clusters that trim it lose the making of older tokens (api.md v6).
    pub async fn log_begins(&self) -> Result<Option<Timestamp>, Error> {
        #[derive(Deserialize)]
        struct Oldest {
            #[serde(default, deserialize_with = "text::odd_is_nothing")]
            event_at: Option<Timestamp>,
        }
        let query =
            Query::default().select(&["uuid", "event_at"]).order(&["event_at asc", "uuid asc"]).limit(1);
        let page: Page<Oldest> = self.page("logs", &query).await?;
        Ok(page.items.into_iter().find_map(|record| record.event_at))
    }

    /// These links as they were when they were deleted (api.md v32), as far as the log has that.
    pub async fn deleted_links(&self, links: &[LinkUuid]) -> Result<Vec<Link>, Error> {
        #[derive(Deserialize)]
        struct Deletion {
            uuid: LogUuid,
            #[serde(default, deserialize_with = "text::odd_is_nothing")]
            properties: Was,
        }
        #[derive(Deserialize, Default)]
        struct Was {
            #[serde(default, deserialize_with = "text::odd_is_nothing")]
            old_attributes: Option<Link>,
        }
        let mut deleted = Vec::new();
        for batch in links.chunks(BATCH) {
            let filters = vec![Filter::eq("event_type", "delete"), Filter::any_of("object_uuid", batch)];
            let query = Query::new(filters).select(COLUMNS);
            let records = self.all("logs", query, |r: &Deletion| r.uuid).await?;
            deleted.extend(records.into_iter().filter_map(|record| record.properties.old_attributes));
        }
        Ok(deleted)
    }

    async fn token_events(&self, filter: Filter) -> Result<Vec<TokenEvent>, Error> {
        let filters = vec![Filter::is_a("object_uuid", "arvados#apiClientAuthorization"), filter];
        let query = Query::new(filters).select(COLUMNS);
        let records = self.all("logs", query, |r: &LogRecord| r.uuid).await?;
        let mut events: Vec<TokenEvent> = records.into_iter().filter_map(LogRecord::into_event).collect();
        // By UUID the records come in no order of time; a stable sort keeps equal instants as they were.
        events.sort_by_key(|event| event.at.as_ref().and_then(Date::at));
        Ok(events)
    }
}
