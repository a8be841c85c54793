//! Whose token is this? From what was found of it: a v2 string, a bare secret, or only its UUID.

use super::cluster::Cluster;
use super::tokens::{End, Logged, is_no_list, out_of_change, stories, with_containers};
use crate::arvados::error::Error;
use crate::model::ids::{ClusterId, TokenUuid, UserUuid};
use crate::model::session::{TokenAccess, TrustedTokens};
use crate::model::text::listed as listed_all;
use crate::model::token::{Origin, Token};
use crate::model::user::User;
use crate::model::when;
use crate::secret::Secret;

pub use super::given_token::{Given, GivenError};

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
    /// What the server said to the secret; `None` if there was none, or if it was not sent.
    pub secret: Option<SecretIs>,
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
    /// The log has its end. Any user can write to the log, so that is no proof.
    PerhapsDead,
    /// An exact list does not have it any more. A refused secret alone does not prove that: it may be mistyped
    /// or cut off.
    Dead,
    /// Nothing here knows it.
    Unknown,
    /// It is another cluster's, and was not sent anywhere (api.md v29).
    Elsewhere(ClusterId),
}

impl Life {
    /// Whether it is over, as far as anybody knows: what it could do is told in the past.
    pub fn is_over(&self) -> bool {
        match self {
            Self::Dead | Self::PerhapsDead => true,
            Self::Alive | Self::PerhapsAlive | Self::Unknown | Self::Elsewhere(_) => false,
        }
    }
}

/// What the server said to a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SecretIs {
    /// It took it.
    Taken,
    /// 401: the token is gone, or this is not (all of) its secret.
    Refused,
}

/// Whether a found token can be revoked from here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocable {
    /// Yes.
    Yes,
    /// No, and why.
    No(String),
}

/// Finds it out. A token that names another cluster is not sent anywhere; any other is sent to one's own
/// host alone.
pub async fn find(cluster: &Cluster, given: Given) -> Result<Found, Error> {
    let mut found = find_out(cluster, given).await?;
    if let Some(token) = found.token.take() {
        found.token = with_containers(cluster, token.owner, vec![token]).await.pop();
    }
    Ok(found)
}

async fn find_out(cluster: &Cluster, given: Given) -> Result<Found, Error> {
    let here = cluster.session.cluster.id;
    match given {
        Given::V2(uuid, _) | Given::Uuid(uuid) if uuid.cluster() != here => Ok(elsewhere(uuid)),
        Given::V2(uuid, secret) => match ask(cluster, &secret).await? {
            Some(token) if token.uuid != uuid => Err(Error::Untrustworthy(format!(
                "asked about {uuid}, the server answered about {}: nothing is done with it",
                token.uuid
            ))),
            Some(token) => taken(cluster, token).await,
            None => refused(cluster, uuid).await,
        },
        Given::Bare(secret) => match ask(cluster, &secret).await? {
            Some(token) => taken(cluster, token).await,
            None => Ok(Found {
                secret: Some(SecretIs::Refused),
                ..unknown(
                    None,
                    format!(
                        "The server {} refuses this secret: it is mistyped or cut off, its token is dead, or \
                         it is of another cluster. Without the UUID nothing can tell whose it is.",
                        cluster.session.host
                    ),
                    "its UUID is not known".to_owned(),
                )
            }),
        },
        Given::Uuid(uuid) => by_uuid(cluster, uuid).await,
    }
}

/// What the server says of a token to the token itself; `None` if it does not take it.
async fn ask(cluster: &Cluster, secret: &Secret) -> Result<Option<Token>, Error> {
    match cluster.client.with_token(secret)?.current_token().await {
        Ok(token) => Ok(Some(token)),
        Err(error) if error.is_not_authorised() => cluster.takes_this_token().await.map(|()| None),
        Err(error) => Err(error),
    }
}

fn elsewhere(uuid: TokenUuid) -> Found {
    let home = uuid.cluster();
    Found {
        uuid: Some(uuid),
        token: None,
        owner: None,
        life: Life::Elsewhere(home),
        secret: None,
        how: format!("Its UUID names the cluster {home}. It was not sent anywhere."),
        revocable: Revocable::No(format!("it is of the cluster {home}: revoke it there")),
    }
}

/// Of which nothing is known.
fn unknown(uuid: Option<TokenUuid>, how: String, why: String) -> Found {
    Found {
        uuid,
        token: None,
        owner: None,
        life: Life::Unknown,
        secret: None,
        how,
        revocable: Revocable::No(why),
    }
}

/// A token whose secret the server took just now.
async fn taken(cluster: &Cluster, token: Token) -> Result<Found, Error> {
    Ok(Found { secret: Some(SecretIs::Taken), ..alive(cluster, token).await? })
}

/// A token that is there. The server's answer to itself leaves out when it was made, which the log may know.
async fn alive(cluster: &Cluster, mut token: Token) -> Result<Found, Error> {
    // Nor does any list say who made it.
    if (token.created_at.is_none() || token.origin == Origin::Unknown)
        && cluster.session.is_admin()
        && let Some(logged) = story(cluster, token.uuid).await?
    {
        token.created_at = token.created_at.or(logged.token.created_at);
        token.origin = logged.token.origin;
    }
    let by_itself = cluster.session.trusted_tokens == TrustedTokens::Issued
        && token.allows(&format!("DELETE /arvados/v1/api_client_authorizations/{}", token.uuid));
    let revocable = if token.uuid.is_system_root() {
        Revocable::No("it is set in the cluster's configuration: change it there".to_owned())
    } else if by_itself {
        Revocable::Yes
    } else {
        reachable(cluster, token.owner)
    };
    Ok(Found {
        uuid: Some(token.uuid),
        owner: owner(cluster, token.owner).await?,
        life: Life::Alive,
        secret: None,
        how: format!("The server {} took it just now.", cluster.session.host),
        revocable,
        token: Some(token),
    })
}

/// A token whose secret the server refuses. That alone proves nothing of the token, so it is looked up by
/// its UUID; one that is dead has its owner named by the log (api.md v30).
async fn refused(cluster: &Cluster, uuid: TokenUuid) -> Result<Found, Error> {
    let found = by_uuid(cluster, uuid).await?;
    let how = match found.life {
        Life::Dead | Life::PerhapsDead => format!("The server refuses its secret. {}", found.how),
        Life::Alive | Life::PerhapsAlive | Life::Unknown | Life::Elsewhere(_) => format!(
            "The server refuses this secret, which may be mistyped or cut off. By the UUID: {}",
            found.how
        ),
    };
    Ok(Found { secret: Some(SecretIs::Refused), how, ..found })
}

/// A token of which only the UUID is known: in a list that the token in use can see, else in the log.
async fn by_uuid(cluster: &Cluster, uuid: TokenUuid) -> Result<Found, Error> {
    let session = &cluster.session;
    let all = session.access == TokenAccess::All;
    if uuid == session.my_token() {
        return alive(cluster, session.token.clone())
            .await
            .map(|found| Found { how: "It is the token in use.".to_owned(), ..found });
    }
    let lists = matches!(session.access, TokenAccess::All | TokenAccess::Borrowed | TokenAccess::OwnOnly);
    let sight = if lists { listed(cluster, uuid).await? } else { Sight::Not };
    if lists && let Sight::Whole(token) = &sight {
        let token = *token.clone();
        if !all && token.owner != session.my_uuid() {
            return Err(Error::Untrustworthy(format!(
                "the server lists {uuid} of {} among one's own tokens: nothing is done with it",
                token.owner
            )));
        }
        let (life, how, revocable) = if token.expiry.is_past(cluster.now()) {
            let why = Revocable::No("it is dead already".to_owned());
            (Life::Dead, "The server still lists it, but its end is past.", why)
        } else {
            (Life::Alive, "The server lists it.", Revocable::Yes)
        };
        let found = alive(cluster, token).await?;
        return Ok(Found { life, how: how.to_owned(), revocable, ..found });
    }
    let unknown = |how: &str, why: &str| unknown(Some(uuid), how.to_owned(), why.to_owned());
    if !session.is_admin() {
        return Ok(unknown(
            "It is not one of your tokens. Only an admin can ask the audit log about others.",
            "it is not one of your tokens",
        ));
    }
    let Some(logged) = story(cluster, uuid).await? else {
        return Ok(if all {
            unknown(
                "The server does not list it, and the audit log does not know it.",
                "there is no such token",
            )
        } else {
            unknown(
                "The audit log does not know it: it may be older than the log.",
                "only the system root token could list and revoke it",
            )
        });
    };
    by_log(cluster, uuid, logged, matches!(sight, Sight::Bare)).await
}

/// A token that no list gives whole, as the log has it; `bare` if the server has it all the same.
async fn by_log(cluster: &Cluster, uuid: TokenUuid, logged: Logged, bare: bool) -> Result<Found, Error> {
    let session = &cluster.session;
    let all = session.access == TokenAccess::All;
    let is_mine = logged.owners() == [session.my_uuid()];
    let over = logged.token.expiry.is_past(cluster.now());
    let hinted = || {
        let how = format!(
            "By the audit log it is dead{}. Any user can write to that log, so revoking it looks whether the \
             server still lists it.",
            ended(&logged)
        );
        (Life::PerhapsDead, how)
    };
    let (life, how) = match logged.end {
        _ if bare => (
            Life::Alive,
            "The server lists it, but can't give its record: what is said of it is from the audit log."
                .to_owned(),
        ),
        End::Deleted(_) | End::Told(_) if all => {
            (Life::Dead, format!("The server does not list it{}.", ended(&logged)))
        }
        End::NotSeen if all => {
            (Life::Dead, "The audit log knows it, but the server does not list it any more.".to_owned())
        }
        _ if is_mine => (
            Life::PerhapsDead,
            format!(
                "Your own tokens do not have it, and the audit log names nobody else as its owner{}. Any user can \
                 write to that log: only the system root token can tell.",
                ended(&logged)
            ),
        ),
        End::Deleted(_) | End::Told(_) => hinted(),
        End::NotSeen if over => hinted(),
        End::NotSeen => (
            Life::PerhapsAlive,
            "The audit log has no end of it. It may have ended without one: by logging out, or by a merge."
                .to_owned(),
        ),
    };
    let how = if logged.others.is_empty() {
        how
    } else {
        let others: Vec<String> = logged.others.iter().map(ToString::to_string).collect();
        format!(
            "{how} The log names more than one owner: others of its records name {}.",
            listed_all(&others)
        )
    };
    let revocable = match life {
        _ if is_mine && !all && !bare => Revocable::No("it is not among your own tokens".to_owned()),
        Life::Alive | Life::PerhapsAlive | Life::PerhapsDead => reachable(cluster, logged.token.owner),
        Life::Dead | Life::Unknown | Life::Elsewhere(_) => Revocable::No("it is dead already".to_owned()),
    };
    Ok(Found {
        uuid: Some(uuid),
        owner: owner(cluster, logged.token.owner).await?,
        token: Some(logged.token),
        life,
        secret: None,
        how,
        revocable,
    })
}

/// What a list shows of a token.
enum Sight {
    Whole(Box<Token>),
    /// It is there, but the server can't give its record (api.md v33).
    Bare,
    Not,
}

/// The token as a list has it that the token in use can see.
async fn listed(cluster: &Cluster, uuid: TokenUuid) -> Result<Sight, Error> {
    let session = &cluster.session;
    let mine = (session.access != TokenAccess::All).then(|| session.my_uuid());
    match cluster.client.visible_token(uuid, mine).await {
        Ok(Some(token)) => Ok(Sight::Whole(Box::new(token))),
        Ok(None) => Ok(Sight::Not),
        Err(error) if is_no_list(&error) && session.is_admin() => {
            Ok(if cluster.client.sees_token(uuid).await? { Sight::Bare } else { Sight::Not })
        }
        Err(error) => Err(error),
    }
}

fn ended(logged: &Logged) -> String {
    match (&logged.end, logged.token.expiry.at()) {
        (End::Deleted(Some(at)) | End::Told(Some(at)), _) => {
            format!(": it was deleted at {}", at.shown(when::date_time))
        }
        (End::Deleted(None) | End::Told(None), _) => ": it was deleted".to_owned(),
        (End::NotSeen, Some(at)) => format!(": it ended at {}", when::date_time(at)),
        (End::NotSeen, None) => String::new(),
    }
}

fn reachable(cluster: &Cluster, owner: UserUuid) -> Revocable {
    out_of_change(cluster, owner).map_or(Revocable::Yes, Revocable::No)
}

async fn story(cluster: &Cluster, uuid: TokenUuid) -> Result<Option<Logged>, Error> {
    let events = cluster.client.token_events_by_uuid(&[uuid]).await?;
    Ok(stories(&events, cluster.session.my_uuid()).remove(&uuid))
}

async fn owner(cluster: &Cluster, owner: UserUuid) -> Result<Option<User>, Error> {
    if owner == cluster.session.my_uuid() {
        return Ok(Some(cluster.session.me.clone()));
    }
    Ok(cluster.users(&[owner]).await?.into_iter().find(|user| user.uuid == owner))
}
