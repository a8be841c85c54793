//! Whose token is this? From what was found of it: a v2 string, a bare secret, or only its UUID.

use super::cluster::Cluster;
use crate::arvados::error::Error;
use crate::model::ids::{ClusterId, TokenUuid};
use crate::model::token::Token;
use crate::model::user::User;
use crate::secret::Secret;

/// What was found of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `v2/UUID/SECRET`: the whole token.
    V2(TokenUuid, Secret),
    /// The secret part alone.
    Bare(Secret),
    /// The UUID alone.
    Uuid(TokenUuid),
}

/// Why a text is nothing of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GivenError {
    /// Nothing was pasted.
    #[error("paste a v2 token, a bare secret or a token's UUID")]
    Empty,
    /// A UUID, but of something else.
    #[error("this is a UUID, but not of a token (those have -gj3su- in the middle)")]
    OtherUuid,
    /// Begins like a v2 token and does not go on like one.
    #[error("a v2 token has the form v2/UUID/SECRET")]
    BrokenV2,
    /// Too short or with characters that no secret has.
    #[error("this is no token: a secret has 40 or more characters of 0-9 and a-z")]
    NoToken,
}

/// What is known of a token that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its UUID, if it could be found out.
    pub uuid: Option<TokenUuid>,
    /// Scopes, expiry and age, if they are known.
    pub token: Option<Token>,
    /// Whose it is, or was.
    pub owner: Option<User>,
    /// Whether it works.
    pub life: Life,
    /// How this was found out: a sentence.
    pub how: String,
    /// Whether it can be revoked from here, and with what.
    pub revocable: Revocable,
}

/// Whether a token works.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Life {
    /// The server took it just now.
    Alive,
    /// The log has no end of it (api.md v6).
    PerhapsAlive,
    /// The server refused it, or the log has its end.
    Dead,
    /// Nothing here knows it.
    Unknown,
    /// It is another cluster's, and was not sent anywhere (api.md v29).
    Elsewhere(ClusterId),
}

/// Whether a found token can be revoked from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocable {
    /// Yes.
    Yes,
    /// No, and why.
    No(String),
}

impl Given {
    /// Reads what was pasted. Blanks around it are left out.
    pub fn parse(text: &Secret) -> Result<Self, GivenError> {
        let text = text.expose().trim();
        if text.is_empty() {
            Err(GivenError::Empty)
        } else if text.starts_with("v2/") {
            let mut parts = text.split('/').skip(1);
            match (parts.next().map(str::parse), parts.next(), parts.next()) {
                (Some(Ok(uuid)), Some(secret), None) if !secret.is_empty() => {
                    Ok(Self::V2(uuid, Secret::new(text.to_owned())))
                }
                _ => Err(GivenError::BrokenV2),
            }
        } else if let Ok(uuid) = text.parse() {
            Ok(Self::Uuid(uuid))
        } else if text.parse::<crate::model::ids::AnyUuid>().is_ok() {
            Err(GivenError::OtherUuid)
        } else if text.len() >= 40 && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()) {
            Ok(Self::Bare(Secret::new(text.to_owned())))
        } else {
            Err(GivenError::NoToken)
        }
    }
}

/// Finds it out.
pub(super) async fn find(cluster: &Cluster, given: Given) -> Result<Found, Error> {
    let _ = (cluster, given);
    Err(Error::Config("find".to_owned()))
}
