//! API tokens (`api_client_authorizations`). Records here have no field for the secret, so reading a list
//! drops it; only [`Writer::issue_token`] returns one.

use super::client::{Client, Tries};
use super::decode::{Page, Raw, Record, Row};
use super::error::{Error, ErrorKind};
use super::paging::{Nameless, Size};
use super::query::{Filter, PAGE, Query};
use super::request::Request;
use super::writer::Writer;
use crate::model::field::{Date, Field};
use crate::model::ids::{ClusterId, TokenUuid, UserUuid};
use crate::model::token::{Ends, Expiry, Origin, Scopes, Token};
use crate::secret::Secret;
use std::borrow::Cow;
use std::collections::HashSet;
use zeroize::Zeroizing;

const PATH: &str = "api_client_authorizations";

/// How often a list is begun anew that changes while it is read.
const READINGS: usize = 4;

/// So many pages in a row may bring few new rows. Of a list that grows as fast as it is read no page is the last.
const MOST_SHORT_PAGES: usize = 4;

/// A page of fewer new rows is one of those.
const FEW_ROWS: usize = 20;

/// How often a list is read that changes meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readings {
    /// Once: who asks acts on what was seen, and asks again.
    One,
    /// Some times over, until it stands still.
    UntilQuiet,
}

/// Whether a list stood still while it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// What is not in it was not there.
    Quiet,
    /// Tokens were made or deleted meanwhile: these are all that were seen, perhaps gone, perhaps not all.
    Moving,
}

/// What can be selected of tokens (api.md v16) but their end: a date that the controller can't read back makes
/// it answer 500 to every list that has it (v33).
const WITHOUT_END: &[&str] = &["uuid", "created_at", "scopes", "created_by_ip_address"];

/// The same without what its owner can make long.
const WITHOUT_SCOPES: &[&str] = &["uuid", "created_at", "expires_at", "created_by_ip_address"];

/// The least that can be asked of a token.
const UUID_ALONE: &[&str] = &["uuid"];

/// Of the token in use: all that is read of it, and so not its secret, which the answer would have else (api.md
/// v16).
const CURRENT: &[&str] = &["uuid", "owner_uuid", "scopes", "created_by_ip_address", "expires_at"];

/// The same of the token in use, which may be asked whose it is.
const CURRENT_WITHOUT_END: &[&str] = &["uuid", "owner_uuid", "scopes"];

/// A row of a list of tokens. Where it was asked for without its owner, or that can't be read, only the token
/// that lists it tells whose it is.
struct TokenRow {
    uuid: TokenUuid,
    owner: Option<UserUuid>,
    scopes: Field<Scopes>,
    created_at: Option<Date>,
    expiry: Ends,
    origin: Origin,
}

impl Record for TokenRow {
    const LEAN: &'static [&'static str] = WITHOUT_SCOPES;

    fn read(row: &Row<'_>) -> Option<Self> {
        let from_login = !row.text("created_by_ip_address").is_empty();
        Some(Self {
            uuid: row.own_uuid()?,
            owner: row.uuid("owner_uuid"),
            scopes: row.scopes("scopes"),
            created_at: row.date("created_at"),
            expiry: row.ends("expires_at"),
            origin: if from_login { Origin::Login } else { Origin::Unknown },
        })
    }
}

impl TokenRow {
    /// The token, of its owner or, if nobody can read who that is, of this one.
    fn of(self, owner: UserUuid) -> Token {
        Token {
            uuid: self.uuid,
            owner: self.owner.unwrap_or(owner),
            scopes: self.scopes,
            created_at: self.created_at,
            expiry: self.expiry,
            origin: self.origin,
        }
    }
}

/// The end of a UUID that no token has: the server makes them at random.
const NOBODYS: &str = "zzzzzzzzzzzzzzz";
/// Tokens that the server lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Those that can be named.
    pub tokens: Vec<Token>,
    /// How many more there are that can't be.
    pub unread: usize,
    /// How many rows were read for it.
    pub read: usize,
    /// Why the server gave no more than their UUIDs, if so (api.md v33).
    pub only_uuids: Option<Error>,
    /// Whether they stood still meanwhile.
    pub reading: Reading,
}

impl Listed {
    /// Whether what is not among them was not there.
    pub fn is_whole(&self) -> bool {
        self.unread == 0 && self.reading == Reading::Quiet
    }
}

/// Some rows of a list, each once.
struct Rows {
    named: Vec<TokenRow>,
    unread: usize,
    reading: Reading,
    owners: Owners,
}

impl Rows {
    /// Takes in what another reading of a moving list showed.
    fn add(&mut self, other: Self) {
        let known: HashSet<TokenUuid> = self.named.iter().map(|row| row.uuid).collect();
        self.named.extend(other.named.into_iter().filter(|row| !known.contains(&row.uuid)));
        self.unread = self.unread.max(other.unread);
        if other.owners == Owners::NotAsked {
            self.owners = Owners::NotAsked;
        }
    }
}

/// Whether rows tell whose they are, as far as they can be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Owners {
    Told,
    /// Some were too long, and asked for without.
    NotAsked,
}

impl Client {
    /// The token in use; every valid token may ask this, whatever its scopes (api.md v5). Its `created_at` is
    /// not there. If its end is one that the server itself can't read, that is left out.
    pub async fn current_token(&self) -> Result<Token, Error> {
        let path = format!("{PATH}/current");
        let known = self.token_uuid().map(Into::into);
        let row: TokenRow = match self.record_soon(&path, &Query::default().select(CURRENT), known).await {
            Err(error) if error.kind() == ErrorKind::Server => {
                let query = Query::default().select(CURRENT_WITHOUT_END);
                self.record(&path, &query, known).await.map_err(|_| error)?
            }
            answer => answer?,
        };
        match row.owner {
            Some(owner) => Ok(row.of(owner)),
            None => Ok(row.of(self.current_user(None).await?.uuid)),
        }
    }

    /// Whether tokens may be listed at all: where `IssueTrustedTokens` is off, or the token's scopes do
    /// not allow it, this is forbidden (api.md b.6).
    pub async fn may_list_tokens(&self) -> Result<(), Error> {
        let query = Query::default().select(UUID_ALONE).limit(1);
        self.page::<TokenRow>(PATH, &query).await.map(drop)
    }

    /// Whether other tokens may be reached by their UUID: where `IssueTrustedTokens` is off, this is forbidden
    /// for the system root token, too. It is asked for one that is not there.
    pub async fn may_reach_tokens(&self, cluster: ClusterId) -> Result<(), Error> {
        let path = format!("{PATH}/{cluster}-gj3su-{NOBODYS}");
        match self.record_if_any::<TokenRow>(&path, &Query::default(), None).await {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Everyone's tokens, which only the system root token sees. No `select`: it could leave the secrets out,
    /// but the owner too, and every row's owner must be known: one whose owner can't be read is not given.
    pub async fn everyones_tokens(&self, readings: Readings) -> Result<Listed, Error> {
        let listed = self.token_rows(None, readings).await?;
        let rows = listed.named.len();
        let tokens: Vec<Token> =
            listed.named.into_iter().filter_map(|row| row.owner.map(|owner| row.of(owner))).collect();
        let unread = listed.unread + rows - tokens.len();
        self.count_unread(PATH, unread);
        Ok(Listed { tokens, unread, read: rows + listed.unread, only_uuids: None, reading: listed.reading })
    }

    /// The tokens this client can see, every one checked to be `owner`'s: a filter by owner would be dropped
    /// without a word (api.md v2), and acting on another's rows must be impossible. Where the server can't give
    /// a row whole, it is asked for their UUIDs, and whose they are is known from the token that lists them.
    pub async fn tokens_of(&self, owner: UserUuid, readings: Readings) -> Result<Listed, Error> {
        let (listed, only_uuids) = match self.token_rows(None, readings).await {
            Ok(listed) if listed.owners == Owners::Told => (listed, None),
            Ok(listed) => {
                self.must_list_for(owner).await?;
                (listed, None)
            }
            Err(error) if error.kind() == ErrorKind::Server => match self.rows_of_mine(owner, readings).await
            {
                Ok(listed) => (listed, Some(error)),
                Err(other @ Error::Untrustworthy(_)) => return Err(other),
                Err(_) => return Err(error),
            },
            Err(error) => return Err(error),
        };
        self.count_unread(PATH, listed.unread);
        match listed.named.iter().find(|row| row.owner.is_some_and(|is| is != owner)) {
            Some(stranger) => Err(Error::Untrustworthy(format!(
                "asked for the tokens of {owner}, the server gave {} of {}: nothing is shown or changed",
                stranger.uuid,
                stranger.owner.unwrap_or(owner)
            ))),
            None => Ok(Listed {
                read: listed.named.len() + listed.unread,
                tokens: listed.named.into_iter().map(|row| row.of(owner)).collect(),
                unread: listed.unread,
                only_uuids,
                reading: listed.reading,
            }),
        }
    }

    /// The rows without what the server can't give, once it is sure that `owner` is who lists them.
    async fn rows_of_mine(&self, owner: UserUuid, readings: Readings) -> Result<Rows, Error> {
        self.must_list_for(owner).await?;
        match self.token_rows(Some(WITHOUT_END), readings).await {
            Err(error) if error.kind() == ErrorKind::Server => {
                self.token_rows(Some(UUID_ALONE), readings).await
            }
            rows => rows,
        }
    }

    /// Fails if others' tokens could be among those that this client lists.
    async fn must_list_for(&self, owner: UserUuid) -> Result<(), Error> {
        let mine = self.current_token().await?;
        if mine.owner != owner || mine.uuid.is_system_root() {
            return Err(Error::Untrustworthy(format!(
                "asked for the tokens of {owner} with {}, which is of {}: nothing is shown or changed",
                mine.uuid, mine.owner
            )));
        }
        Ok(())
    }

    /// A list that does not stand still is no reason to show nothing: whoever makes and deletes tokens all the
    /// time would be safe from being revoked.
    async fn token_rows(
        &self,
        columns: Option<&'static [&'static str]>,
        readings: Readings,
    ) -> Result<Rows, Error> {
        let mut seen = self.tokens_as_they_stand(columns).await?;
        let most = match readings {
            Readings::One => 1,
            Readings::UntilQuiet => READINGS,
        };
        for _ in 1..most {
            // One without an end is no other the next time, and as much again.
            if seen.reading == Reading::Quiet || seen.named.len() >= self.budget.rows {
                break;
            }
            let again = self.tokens_as_they_stand(columns).await?;
            match again.reading {
                Reading::Quiet => seen = again,
                Reading::Moving => seen.add(again),
            }
        }
        Ok(seen)
    }

    /// Paged by offset until nothing follows (v16). A token that goes meanwhile, the server's own sweep of
    /// expired ones takes some every minute (v6), moves a later one to a page that was read already, where
    /// nobody would see it: so each page begins with the last row of the one before that can be named, or
    /// the list is moving.
    async fn tokens_as_they_stand(&self, columns: Option<&'static [&'static str]>) -> Result<Rows, Error> {
        let order: &[&str] = match columns {
            // What is not selected orders nothing (v15).
            Some(columns) if !columns.contains(&"created_at") => &["uuid asc"],
            Some(_) | None => &["created_at asc", "uuid asc"],
        };
        let query = Query::default().select(columns.unwrap_or_default()).order(order).limit(PAGE);
        let mut listed = Rows { named: Vec::new(), unread: 0, reading: Reading::Quiet, owners: Owners::Told };
        // One that is known, and one that is not.
        let mut size = Size::of_at_least(2);
        let mut known: HashSet<TokenUuid> = HashSet::new();
        // How many rows were read, and where the last one is that can be named.
        let (mut read, mut place) = (0, None);
        let mut nameless = Nameless::default();
        let mut short_pages = 0;
        loop {
            let offset = place.unwrap_or(read);
            let page: Page<TokenRow> =
                self.page_of(PATH, &query.clone().offset(offset), Tries::Two, &mut size).await?;
            if size.has_lean_rows() && columns.is_none() {
                listed.owners = Owners::NotAsked;
            }
            let mut rows = page.items.into_iter().peekable();
            let is_anchor = |row: &TokenRow| Some(row.uuid) == listed.named.last().map(|last| last.uuid);
            if place.is_some() && rows.next_if(is_anchor).is_none() {
                listed.reading = Reading::Moving;
            }
            let before = listed.named.len();
            for row in rows {
                if known.insert(row.uuid) {
                    listed.named.push(row);
                } else {
                    listed.reading = Reading::Moving;
                }
            }
            if listed.reading == Reading::Moving {
                return Ok(listed);
            }
            listed.unread += page.unread.iter().filter(|at| offset + **at >= read).count();
            if offset + page.rows <= read {
                return Ok(listed);
            }
            short_pages =
                if (offset + page.rows).saturating_sub(read) < FEW_ROWS { short_pages + 1 } else { 0 };
            if short_pages > MOST_SHORT_PAGES {
                listed.reading = Reading::Moving;
                return Ok(listed);
            }
            if listed.named.len() == before {
                nameless.page(PATH)?;
            }
            read = offset + page.rows;
            place = page.last_read.map_or(place, |at| Some(offset + at));
            // What is known of it can be revoked; that it is all, nobody can say.
            if self.is_finite("tokens", read).is_err() {
                self.unread.add_endless(PATH, read);
                listed.reading = Reading::Moving;
                return Ok(listed);
            }
        }
    }

    /// This token, if this client can see it. Asked for as a list, because that is what the scopes of a
    /// helper token allow, and looked for among the rows, because filters are often dropped (api.md v16).
    /// `mine` is who lists, unless that is the system root token.
    pub async fn visible_token(
        &self,
        uuid: TokenUuid,
        mine: Option<UserUuid>,
    ) -> Result<Option<Token>, Error> {
        let query = Query::new(vec![Filter::eq("uuid", uuid)]).limit(PAGE);
        let page: Page<TokenRow> = self.page_tried(PATH, &query, Tries::Two).await?;
        let unread = page.unread.len();
        match page.items.into_iter().find(|row| row.uuid == uuid) {
            Some(row) => match row.owner.or(mine) {
                Some(owner) => Ok(Some(row.of(owner))),
                None => Err(Error::Untrustworthy(format!("the server does not say whose {uuid} is"))),
            },
            None if unread > 0 => Err(unclear(uuid)),
            None => Ok(None),
        }
    }

    /// Whether this client can see this token, whatever its record holds (api.md v33).
    pub async fn sees_token(&self, uuid: TokenUuid) -> Result<bool, Error> {
        let query = Query::new(vec![Filter::eq("uuid", uuid)]).select(UUID_ALONE).order(&["uuid asc"]);
        let page: Page<TokenRow> = self.page(PATH, &query.limit(PAGE)).await?;
        if page.items.iter().any(|row| row.uuid == uuid) {
            return Ok(true);
        }
        if page.unread.is_empty() { Ok(false) } else { Err(unclear(uuid)) }
    }
}

/// A row was given that may be the one that was asked for.
fn unclear(uuid: TokenUuid) -> Error {
    Error::Untrustworthy(format!("asked for {uuid}, the server gave a row without a UUID that can be read"))
}

/// A token that was just issued: the only time its secret is told.
#[derive(Debug)]
pub struct IssuedToken {
    /// What it is.
    pub token: Token,
    /// `v2/UUID/SECRET`, as `ARVADOS_API_TOKEN` wants it.
    pub v2: Secret,
}

/// A new token's record.
struct IssuedRow {
    row: TokenRow,
    /// Nothing, if its secret is none that a server makes.
    v2: Option<Secret>,
}

impl Record for IssuedRow {
    fn read(row: &Row<'_>) -> Option<Self> {
        let secret = row.field("api_token").and_then(Raw::string).map(Cow::into_owned);
        let secret = secret.map(Zeroizing::new).filter(|secret| is_secret(secret));
        let row = TokenRow::read(row)?;
        let v2 = secret.map(|secret| Secret::new(format!("v2/{}/{}", row.uuid, secret.as_str())));
        Some(Self { row, v2 })
    }
}

/// Whether a text can be the secret of a token that a server has just made: digits and small letters. It is
/// printed, copied and pasted into shells as it is, so one that could be anything else there is not taken.
fn is_secret(text: &str) -> bool {
    const LONGEST: usize = 255;
    (1..=LONGEST).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
}

impl Writer<'_> {
    /// [`Request::issue_token`]
    pub async fn issue_token(
        &self,
        owner: UserUuid,
        expiry: Expiry,
        scopes: &Scopes,
    ) -> Result<IssuedToken, Error> {
        let request = Request::issue_token(owner, expiry.into(), scopes);
        let IssuedRow { row, v2 } = self.send_for_secret(request).await?;
        let wrong_owner = |is: UserUuid| {
            Error::Untrustworthy(format!(
                "asked for a token of {owner}, the server made one of {is}: revoke {}",
                row.uuid
            ))
        };
        if let Some(is) = row.owner.filter(|is| *is != owner) {
            return Err(wrong_owner(is));
        }
        let Some(v2) = v2 else {
            return Err(Error::Untrustworthy(format!(
                "the server made the token {0}, but what it gave as its secret is none (only 0-9 and a-z): that \
                 is not shown. The token is there: `arv-admin tokens revoke {0}`",
                row.uuid
            )));
        };
        if row.owner.is_none() {
            // It says itself whose it is. Whatever fails there, it is made.
            let itself = self.client().with_token(&v2)?.current_token().await;
            let unknown = |error: Error| {
                Error::Untrustworthy(format!("the server made {} and does not say whose: {error}", row.uuid))
            };
            let is = itself.map_err(unknown)?.owner;
            if is != owner {
                return Err(wrong_owner(is));
            }
        }
        Ok(IssuedToken { token: row.of(owner), v2 })
    }

    /// [`Request::change_expiry`]. It is `owner`'s, if the answer does not say otherwise.
    pub async fn change_expiry(
        &self,
        uuid: TokenUuid,
        owner: UserUuid,
        expiry: Expiry,
    ) -> Result<Token, Error> {
        let row: TokenRow = self.send(Request::change_expiry(uuid, expiry)).await?;
        Ok(row.of(owner))
    }

    /// [`Request::delete_token`]
    pub async fn delete_token(&self, uuid: TokenUuid) -> Result<(), Error> {
        self.call(Request::delete_token(uuid.into())).await
    }
}
