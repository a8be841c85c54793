//! API tokens (`api_client_authorizations`). Records here have no field for the secret, so reading a list
//! drops it; only [`Writer::issue_token`] returns one.

use super::client::{Client, is_finite};
use super::error::{Error, ErrorKind};
use super::query::{Filter, PAGE, Page, Query};
use super::text;
use super::writer::Writer;
use crate::model::ids::{ClusterId, TokenUuid, UserUuid};
use crate::model::token::{Ends, Expiry, Origin, Scopes, Token};
use crate::secret::Secret;
use jiff::Timestamp;
use reqwest::Method;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

const PATH: &str = "api_client_authorizations";

/// How often a list is begun anew that changes while it is read.
const READINGS: usize = 4;

#[derive(Deserialize)]
struct TokenRecord {
    uuid: TokenUuid,
    owner_uuid: UserUuid,
    #[serde(default, deserialize_with = "text::list_or_nothing")]
    scopes: Vec<String>,
    #[serde(default)]
    created_at: Option<Timestamp>,
    #[serde(default)]
    expires_at: Option<Timestamp>,
    #[serde(default)]
    created_by_ip_address: Option<String>,
}

impl From<TokenRecord> for Token {
    fn from(record: TokenRecord) -> Self {
        let from_login = record.created_by_ip_address.is_some_and(|ip| !ip.is_empty());
        Self {
            uuid: record.uuid,
            owner: record.owner_uuid,
            scopes: Scopes::from_wire(record.scopes).into(),
            created_at: record.created_at.map(Into::into),
            expiry: record.expires_at.map_or(Ends::Never, |at| Ends::On(at.into())),
            origin: if from_login { Origin::Login } else { Origin::Unknown },
        }
    }
}

/// The end of a UUID that no token has: the server makes them at random.
const NOBODYS: &str = "zzzzzzzzzzzzzzz";

impl Client {
    /// The token in use; every valid token may ask this, whatever its scopes (api.md v5). Its
    /// `created_at` is not there.
    pub async fn current_token(&self) -> Result<Token, Error> {
        self.get::<TokenRecord>(&format!("{PATH}/current"), &Query::default()).await.map(Token::from)
    }

    /// Whether tokens may be listed at all: where `IssueTrustedTokens` is off, or the token's scopes do
    /// not allow it, this is forbidden (api.md b.6).
    pub async fn may_list_tokens(&self) -> Result<(), Error> {
        let query = Query::default().select(&["uuid"]).limit(1);
        self.page::<serde::de::IgnoredAny>(PATH, &query).await.map(drop)
    }

    /// Whether other tokens may be reached by their UUID: where `IssueTrustedTokens` is off, this is forbidden
    /// for the system root token, too. It is asked for one that is not there.
    pub async fn may_reach_tokens(&self, cluster: ClusterId) -> Result<(), Error> {
        match self
            .get::<serde::de::IgnoredAny>(&format!("{PATH}/{cluster}-gj3su-{NOBODYS}"), &Query::default())
            .await
        {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// All tokens this client's token can see: its owner's, or everyone's with the system root token. No
    /// `select`: it could leave the secrets out, but the owner too, and every row's owner must be checked.
    pub async fn visible_tokens(&self) -> Result<Vec<Token>, Error> {
        for _ in 0..READINGS {
            if let Some(rows) = self.tokens_as_they_stand().await? {
                return Ok(rows);
            }
        }
        Err(Error::Untrustworthy(
            "the list of tokens is another each time a page of it is read: it is not complete".to_owned(),
        ))
    }

    /// Paged by offset until nothing follows (v16). A token that goes meanwhile, the server's own sweep of
    /// expired ones takes some every minute (v6), moves a later one to a page that was read already, where
    /// nobody would see it: so each page begins with the last row of the one before. `None` if it does not.
    async fn tokens_as_they_stand(&self) -> Result<Option<Vec<Token>>, Error> {
        let mut rows: Vec<Token> = Vec::new();
        let mut known: HashSet<TokenUuid> = HashSet::new();
        loop {
            let offset = rows.len().saturating_sub(1);
            let query = Query::default().order(&["created_at asc", "uuid asc"]).limit(PAGE).offset(offset);
            let page: Page<TokenRecord> = self.page(PATH, &query).await?;
            let mut records = page.items.into_iter();
            if let Some(last) = rows.last()
                && records.next().is_none_or(|first| first.uuid != last.uuid)
            {
                return Ok(None);
            }
            let before = rows.len();
            for record in records {
                if !known.insert(record.uuid) {
                    return Ok(None);
                }
                rows.push(record.into());
            }
            if rows.len() == before {
                return Ok(Some(rows));
            }
            is_finite("tokens", rows.len())?;
        }
    }

    /// This token, if this client can see it. Asked for as a list, because that is what the scopes of a
    /// helper token allow, and looked for among the rows, because filters are often dropped (api.md v16).
    pub async fn visible_token(&self, uuid: TokenUuid) -> Result<Option<Token>, Error> {
        let query = Query::new(vec![Filter::eq("uuid", uuid)]).limit(PAGE);
        let page: Page<TokenRecord> = self.page(PATH, &query).await?;
        Ok(page.items.into_iter().find(|record| record.uuid == uuid).map(Token::from))
    }

    /// The tokens this client can see, every one checked to be `owner`'s: a filter by owner would be
    /// dropped without a word (api.md v2), and acting on another's rows must be impossible.
    pub async fn tokens_of(&self, owner: UserUuid) -> Result<Vec<Token>, Error> {
        let rows = self.visible_tokens().await?;
        match rows.iter().find(|row| row.owner != owner) {
            Some(stranger) => Err(Error::Untrustworthy(format!(
                "asked for the tokens of {owner}, the server gave {} of {}: nothing is shown or changed",
                stranger.uuid, stranger.owner
            ))),
            None => Ok(rows),
        }
    }
}

/// A token that was just issued: the only time its secret is told.
#[derive(Debug)]
pub struct IssuedToken {
    /// What it is.
    pub token: Token,
    /// `v2/UUID/SECRET`, as `ARVADOS_API_TOKEN` wants it.
    pub v2: Secret,
}

#[derive(Deserialize)]
struct IssuedRecord {
    api_token: String,
    #[serde(flatten)]
    record: TokenRecord,
}

impl Writer<'_> {
    /// `POST /api_client_authorizations`.
    pub async fn issue_token(
        &self,
        owner: UserUuid,
        expiry: Expiry,
        scopes: &Scopes,
    ) -> Result<IssuedToken, Error> {
        #[derive(Serialize)]
        struct Body<'a> {
            api_client_authorization: Attributes<'a>,
        }
        #[derive(Serialize)]
        struct Attributes<'a> {
            owner_uuid: UserUuid,
            scopes: Vec<&'a str>,
            expires_at: Option<Timestamp>,
        }
        let attributes =
            Attributes { owner_uuid: owner, scopes: scopes.to_wire(), expires_at: expiry.to_wire() };
        let issued: IssuedRecord =
            self.send(Method::POST, PATH, &Body { api_client_authorization: attributes }).await?;
        let secret = zeroize::Zeroizing::new(issued.api_token);
        let v2 = Secret::new(format!("v2/{}/{}", issued.record.uuid, secret.as_str()));
        if issued.record.owner_uuid != owner {
            return Err(Error::Untrustworthy(format!(
                "asked for a token of {owner}, the server made one of {}: revoke {}",
                issued.record.owner_uuid, issued.record.uuid
            )));
        }
        Ok(IssuedToken { token: issued.record.into(), v2 })
    }

    /// `PUT /api_client_authorizations/UUID`: PATCH is no way to change a token (api.md v16).
    pub async fn change_expiry(&self, uuid: TokenUuid, expiry: Expiry) -> Result<Token, Error> {
        #[derive(Serialize)]
        struct Body {
            api_client_authorization: Attributes,
        }
        #[derive(Serialize)]
        struct Attributes {
            expires_at: Option<Timestamp>,
        }
        let body = Body { api_client_authorization: Attributes { expires_at: expiry.to_wire() } };
        let record: TokenRecord = self.send(Method::PUT, &format!("{PATH}/{uuid}"), &body).await?;
        Ok(record.into())
    }

    /// `DELETE /api_client_authorizations/UUID`: 404 for another user's token, also to an admin (v3).
    pub async fn delete_token(&self, uuid: TokenUuid) -> Result<(), Error> {
        self.delete(&format!("{PATH}/{uuid}")).await
    }
}
