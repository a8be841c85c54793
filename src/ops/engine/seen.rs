//! Another user's tokens, seen with a helper. Where the server can't list them whole (api.md v33), by what it
//! can: their UUIDs, else those that the audit log knows; whose they are is sure either way, since a helper
//! sees and deletes its owner's only.

use crate::arvados::client::Client;
use crate::arvados::error::Error;
use crate::arvados::tokens::{Reading, Readings};
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::session::TokenAccess;
use crate::model::token::Token;
use crate::ops::cluster::Cluster;
use crate::ops::plan::Note;
use crate::ops::tokens::{Chance, is_no_list, no_ends, stories};
use std::collections::BTreeSet;

/// What was seen.
#[derive(Debug, Clone)]
pub(in crate::ops) struct SeenTokens {
    /// The tokens that can be named.
    pub rows: Vec<Token>,
    /// How many rows the server gave that can't be.
    pub unread: usize,
    /// Which of them are from the audit log alone: no list shows that they are there.
    pub logged: BTreeSet<TokenUuid>,
    pub how: How,
    /// Whether they stood still while they were read.
    pub reading: Reading,
}

/// How tokens were found.
#[derive(Debug, Clone)]
pub(in crate::ops) enum How {
    /// The server listed them.
    Listed,
    /// The server gave their UUIDs only: why.
    Uuids(Error),
    /// By the audit log alone: why.
    Log(Error),
}

impl SeenTokens {
    /// The tokens that the token in use, or a helper, lists of its owner.
    pub async fn of(
        cluster: &Cluster,
        client: &Client,
        owner: UserUuid,
        readings: Readings,
    ) -> Result<Self, Error> {
        match client.tokens_of(owner, readings).await {
            Ok(listed) => {
                let how = listed.only_uuids.map_or(How::Listed, How::Uuids);
                let reading = listed.reading;
                let mut seen =
                    Self { rows: listed.tokens, unread: listed.unread, how, reading, ..Self::none() };
                if seen.unread > 0 && cluster.session.is_admin() {
                    // The log may know the UUIDs that can't be read; that it can't be asked changes nothing.
                    let logged = from_log(cluster, owner).await.unwrap_or_default();
                    let is_new = |token: &Token| seen.rows.iter().all(|row| row.uuid != token.uuid);
                    let new: Vec<Token> = logged.into_iter().filter(is_new).collect();
                    seen.logged = new.iter().map(|token| token.uuid).collect();
                    seen.rows.extend(new);
                }
                Ok(seen)
            }
            Err(error) if is_no_list(&error) && cluster.session.is_admin() => {
                let rows = from_log(cluster, owner).await.map_err(|_| error.clone())?;
                let logged = rows.iter().map(|token| token.uuid).collect();
                Ok(Self { rows, logged, how: How::Log(error), ..Self::none() })
            }
            Err(error) => Err(error),
        }
    }

    /// Nothing, because nothing was asked.
    pub fn none() -> Self {
        let (rows, logged) = (Vec::new(), BTreeSet::new());
        Self { rows, unread: 0, logged, how: How::Listed, reading: Reading::Quiet }
    }

    /// Whether what is not among them is not there.
    pub fn is_complete(&self) -> bool {
        self.unread == 0 && self.reading == Reading::Quiet && !matches!(self.how, How::Log(_))
    }

    /// Why it is not sure that these are all.
    pub fn why_incomplete(&self) -> String {
        match &self.how {
            How::Log(error) => format!("the server can't list them ({error})"),
            How::Listed | How::Uuids(_) if self.reading == Reading::Moving => {
                "the list is another each time: something makes and deletes tokens all the while".to_owned()
            }
            How::Listed | How::Uuids(_) => {
                format!("{} of the list can't be read", crate::model::text::count(self.unread, "row", "rows"))
            }
        }
    }

    /// Those of one owner, of everybody's.
    pub fn only_of(&self, owner: UserUuid) -> Self {
        let rows = self.rows.iter().filter(|row| row.owner == owner).cloned().collect();
        Self { rows, ..self.clone() }
    }

    /// One of them.
    pub fn get(&self, token: TokenUuid) -> Option<&Token> {
        self.rows.iter().find(|row| row.uuid == token)
    }

    /// How they were found, if not as it should be; `name` is their owner's.
    pub fn note(&self, name: &str) -> Option<Note> {
        const WITHOUT: &str = "deactivating the user ends all of them and needs no list";
        match &self.how {
            How::Log(error) => Some(Note::warning(format!(
                "The server can't list the tokens of {name} ({error}): these are those that the audit log \
                 knows, perhaps not all; {WITHOUT}"
            ))),
            How::Uuids(error) => Some(Note::info(format!("Tokens of {name}: {}", no_ends(error)))),
            How::Listed if self.reading == Reading::Moving => Some(Note::warning(format!(
                "The list of the tokens of {name} is another each time: something makes and deletes some all the \
                 while; these are all that were seen"
            ))),
            How::Listed if self.unread > 0 => Some(Note::warning(format!(
                "{} of {name} can't be read, so those are tried that the audit log knows; {WITHOUT}",
                crate::model::text::count(self.unread, "row", "rows")
            ))),
            How::Listed => None,
        }
    }
}

/// The tokens that the token in use can list: everyone's with the system root token, else one's own, every
/// row's owner checked.
pub(in crate::ops) async fn visible(cluster: &Cluster, readings: Readings) -> Result<SeenTokens, Error> {
    if cluster.session.access == TokenAccess::All {
        let listed = cluster.client.everyones_tokens(readings).await?;
        let reading = listed.reading;
        Ok(SeenTokens { rows: listed.tokens, unread: listed.unread, reading, ..SeenTokens::none() })
    } else {
        SeenTokens::of(cluster, &cluster.client, cluster.session.my_uuid(), readings).await
    }
}

/// What the audit log has no end of that is sure.
async fn from_log(cluster: &Cluster, owner: UserUuid) -> Result<Vec<Token>, Error> {
    let events = cluster.client.token_events_of(&[owner]).await?;
    let now = cluster.now();
    let known = stories(&events, cluster.session.my_uuid()).into_values();
    let alive = known.filter(|logged| logged.chance(now) != Chance::Gone);
    Ok(alive.map(|logged| logged.token).filter(|token| token.owner == owner).collect())
}
