//! The audit log, as far as tokens are concerned: an inventory of what was issued, without secrets, not
//! of what is alive (api.md v6).

use super::client::Client;
use super::decode::{Page, Record, Row};
use super::error::Error;
use super::links::Link;
use super::query::{BATCH, Filter, Query};
use crate::model::field::{Date, Field, Text};
use crate::model::ids::{ClusterId, LinkUuid, TokenUuid, UserUuid};
use crate::model::token::{Ends, Scopes};
use jiff::Timestamp;

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

/// The same without what can be of any length, which stands last there.
const WITHOUT_PROPERTIES: &[&str] = match COLUMNS.split_last() {
    Some((_, short)) => short,
    None => COLUMNS,
};

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

/// A record of the log, as far as it can be read: any user may write one, of whatever form (api.md v58).
struct Logged {
    /// `None` if it says nothing of a token's life.
    kind: Option<TokenEventKind>,
    at: Option<Date>,
    token: Option<TokenUuid>,
    owner: Option<UserUuid>,
    by: Option<UserUuid>,
    attributes: Option<TokenAttributes>,
}

impl Record for Logged {
    const LEAN: &'static [&'static str] = WITHOUT_PROPERTIES;

    fn read(row: &Row<'_>) -> Option<Self> {
        let kind = match row.text("event_type") {
            // Whatever it was, it tells whose the token is; so does one of which nothing is said.
            Text::Unreadable(_) => Some(TokenEventKind::Update),
            Text::Is(kind) => match &*kind {
                "create" => Some(TokenEventKind::Create),
                "update" | "" => Some(TokenEventKind::Update),
                "delete" => Some(TokenEventKind::Delete),
                _ => None,
            },
        };
        let properties = row.row("properties").unwrap_or_else(Row::empty);
        let attributes = properties.row("new_attributes").or_else(|| properties.row("old_attributes"));
        Some(Self {
            kind,
            // Whoever writes a record says when it was, but not when it was written (api.md v58).
            at: row.date("created_at").or_else(|| row.date("event_at")),
            token: row.uuid("object_uuid"),
            owner: row.uuid("object_owner_uuid"),
            by: row.uuid("modified_by_user_uuid"),
            attributes: attributes.map(|attributes| TokenAttributes {
                scopes: attributes.scopes("scopes"),
                created_at: attributes.date("created_at"),
                ends: attributes.ends("expires_at"),
                created_by_ip_address: Some(attributes.text("created_by_ip_address").to_string())
                    .filter(|ip| !ip.is_empty()),
            }),
        })
    }
}

/// What all records of a list are about, where only one thing was asked for.
#[derive(Clone, Copy)]
struct About {
    token: Option<TokenUuid>,
    owner: Option<UserUuid>,
}

/// When a record was written.
struct Oldest(Option<Date>);

impl Record for Oldest {
    fn read(row: &Row<'_>) -> Option<Self> {
        Some(Self(row.date("event_at")))
    }
}

/// What a link was when it was deleted.
struct Deletion(Link);

impl Record for Deletion {
    fn read(row: &Row<'_>) -> Option<Self> {
        Link::read(&row.row("properties")?.row("old_attributes")?).map(Self)
    }
}

impl Client {
    /// Everything the log has of the tokens of these users, oldest first.
    pub async fn token_events_of(&self, owners: &[UserUuid]) -> Result<Vec<TokenEvent>, Error> {
        let mut events = Vec::new();
        for batch in owners.chunks(BATCH) {
            let about = About { token: None, owner: only(batch) };
            let (found, unread) = self.token_events("object_owner_uuid", batch, about).await?;
            self.count_unread("logs", unread);
            events.extend(found);
        }
        Ok(events)
    }

    /// Everything the log has of these tokens, oldest first: also their owners, when only UUIDs are known. A
    /// token of which nothing could be read among the others' is asked for alone.
    pub async fn token_events_by_uuid(&self, tokens: &[TokenUuid]) -> Result<Vec<TokenEvent>, Error> {
        let mut events: Vec<TokenEvent> = Vec::new();
        for batch in tokens.chunks(BATCH) {
            let about = About { token: only(batch), owner: None };
            let (found, mut unread) = self.token_events("object_uuid", batch, about).await?;
            let missing =
                batch.iter().copied().filter(|token| found.iter().all(|event| event.token != *token));
            let missing: Vec<TokenUuid> = missing.collect();
            if unread > 0 && batch.len() > 1 {
                unread = 0;
                for token in missing {
                    let about = About { token: Some(token), owner: None };
                    let (found, still) = self.token_events("object_uuid", &[token], about).await?;
                    unread += still;
                    events.extend(found);
                }
            }
            self.count_unread("logs", unread);
            events.extend(found);
        }
        Ok(events)
    }

    /// How far back the log goes: clusters that trim it lose the making of older tokens (api.md v6). Only the
    /// system user's own records tell: any user may write one of 1971 (v58); nor do those that trimming leaves
    /// (v44).
    pub async fn log_begins(&self, cluster: ClusterId) -> Result<Option<Timestamp>, Error> {
        let system = format!("{cluster}-tpzed-000000000000000");
        let filters = vec![
            Filter::eq("owner_uuid", system),
            Filter::any_of("event_type", ["create", "update", "delete"]),
        ];
        let query =
            Query::new(filters).select(&["uuid", "event_at"]).order(&["event_at asc", "uuid asc"]).limit(1);
        let page: Page<Oldest> = self.page("logs", &query).await?;
        Ok(page.items.into_iter().find_map(|Oldest(at)| at?.at()))
    }

    /// These links as they were when they were deleted (api.md v32), as far as the log has that.
    pub async fn deleted_links(&self, links: &[LinkUuid]) -> Result<Vec<Link>, Error> {
        let mut deleted = Vec::new();
        for batch in links.chunks(BATCH) {
            let filters = vec![Filter::eq("event_type", "delete"), Filter::any_of("object_uuid", batch)];
            let query = Query::new(filters).select(COLUMNS);
            deleted.extend(self.all("logs", query).await?.into_iter().map(|Deletion(link)| link));
        }
        Ok(deleted)
    }

    /// And how many records can't be read.
    async fn token_events<T: Copy + ToString>(
        &self,
        column: &'static str,
        of: &[T],
        about: About,
    ) -> Result<(Vec<TokenEvent>, usize), Error> {
        let is_token = Filter::is_a("object_uuid", "arvados#apiClientAuthorization");
        let filters = vec![is_token, Filter::any_of(column, of.iter().copied())];
        let records: Vec<Logged> = self.most("logs", Query::new(filters).select(COLUMNS)).await?;
        let of_tokens: Vec<Logged> = records.into_iter().filter(|record| record.kind.is_some()).collect();
        let count = of_tokens.len();
        let event = |record: Logged| {
            Some(TokenEvent {
                kind: record.kind?,
                at: record.at,
                token: record.token.or(about.token)?,
                owner: record.owner.or(about.owner)?,
                by: record.by,
                attributes: record.attributes,
            })
        };
        let mut events: Vec<TokenEvent> = of_tokens.into_iter().filter_map(event).collect();
        let unread = count - events.len();
        // By UUID the records come in no order of time; a stable sort keeps equal instants as they were.
        events.sort_by_key(|event| event.at.as_ref().and_then(Date::at));
        Ok((events, unread))
    }
}

/// The one thing there is, if there is one.
fn only<T: Copy>(things: &[T]) -> Option<T> {
    match things {
        [only] => Some(*only),
        _ => None,
    }
}
