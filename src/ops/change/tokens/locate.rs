//! Looks for tokens that something is to be done to: in what the token in use can see, and for the rest in the
//! audit log.

use crate::arvados::error::Error;
use crate::arvados::tokens::{Reading, Readings};
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::session::TokenAccess;
use crate::model::text::{count, listed};
use crate::model::token::Token;
use crate::model::when;
use crate::ops::cluster::Cluster;
use crate::ops::plan::{Findings, Note, Target};
use crate::ops::tokens::{Chance, End, FEW, Logged, is_no_list, out_of_change, out_of_reach, stories};
use crate::ops::witness::{Claims, Witnesses, Word};
use futures::StreamExt;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

/// What is known of a token that something is to be done to.
#[derive(Debug)]
enum Known {
    /// It is there, or may be. Whom else the log names as its owner, which any user can write there (api.md v58).
    There(Token, Option<Claims>),
    /// The log has its end: how. It may be there all the same.
    PerhapsGone(String, Token, Claims),
    /// It can't be there any more: how it ended, and whose it was.
    Gone(String, UserUuid),
    /// The log names nobody but who asks as its owner, whose list does not have it: how it ended, if that is told.
    NotMine(Option<String>),
    /// Nothing here knows it.
    Not,
    /// Whether it is there, or whose it is, can't be seen: why.
    Unclear(String),
}

/// What the server's own lists have of some tokens.
#[derive(Default)]
struct Exact {
    there: BTreeMap<TokenUuid, Token>,
    /// Those that are there, though the server can't give their records (api.md v33).
    bare: BTreeSet<TokenUuid>,
    /// Those of which the lists did not tell: why.
    unclear: BTreeMap<TokenUuid, String>,
}

impl Exact {
    /// Asks for them: the root token for each by its UUID, since its list has everybody's at 6.5 ms a row; the
    /// others list their own.
    async fn of<S>(
        cluster: &Cluster,
        wanted: &BTreeSet<TokenUuid>,
        found: &mut Findings<S>,
    ) -> Result<Self, Error> {
        let mut exact = Self::default();
        match cluster.session.access {
            TokenAccess::All if wanted.len() > FEW && exact.take_everyones(cluster, wanted).await? => {}
            TokenAccess::All => {
                let asked = futures::stream::iter(wanted.iter().copied())
                    .map(|uuid| async move { (uuid, one(cluster, uuid).await) })
                    .buffered(AT_ONCE);
                for (uuid, answer) in asked.collect::<Vec<_>>().await {
                    match answer {
                        Ok(Seen::Whole(token)) => drop(exact.there.insert(uuid, *token)),
                        Ok(Seen::Bare) => drop(exact.bare.insert(uuid)),
                        Ok(Seen::Not) => {}
                        Err(error) if is_no_list(&error) => {
                            exact.unclear.insert(uuid, error.to_string());
                        }
                        Err(error) => return Err(error),
                    }
                }
            }
            TokenAccess::Borrowed | TokenAccess::OwnOnly => {
                let why = match cluster
                    .client
                    .tokens_of(cluster.session.my_uuid(), Readings::UntilQuiet)
                    .await
                {
                    Ok(listed) => {
                        let whole = listed.is_whole();
                        let wanted = listed.tokens.into_iter().filter(|token| wanted.contains(&token.uuid));
                        exact.there = wanted.map(|token| (token.uuid, token)).collect();
                        if whole {
                            return Ok(exact);
                        }
                        match listed.reading {
                            Reading::Moving => "The list of your own tokens does not stand still".to_owned(),
                            Reading::Quiet => {
                                let rows = count(listed.unread, "row", "rows");
                                format!("Of the list of your own tokens {rows} can't be read")
                            }
                        }
                    }
                    Err(error) if is_no_list(&error) => {
                        format!("Your own tokens can't be listed ({error})")
                    }
                    Err(error) => return Err(error),
                };
                exact.ask_for_the_rest(cluster, wanted).await?;
                found.notes.push(Note::warning(format!("{why}, so they were asked for one by one")));
            }
            TokenAccess::Elsewhere(_) | TokenAccess::Forbidden => {}
        }
        Ok(exact)
    }

    /// Asks for each that no list has shown, whatever its record holds: what a list has left out may be one's
    /// own, alive.
    async fn ask_for_the_rest(
        &mut self,
        cluster: &Cluster,
        wanted: &BTreeSet<TokenUuid>,
    ) -> Result<(), Error> {
        let rest: Vec<TokenUuid> =
            wanted.iter().copied().filter(|uuid| !self.there.contains_key(uuid)).collect();
        let asked = futures::stream::iter(rest)
            .map(|uuid| async move { (uuid, cluster.client.sees_token(uuid).await) })
            .buffered(AT_ONCE);
        for (uuid, answer) in asked.collect::<Vec<_>>().await {
            match answer {
                Ok(true) => drop(self.bare.insert(uuid)),
                Ok(false) => {}
                Err(error) if is_no_list(&error) || matches!(error, Error::Untrustworthy(_)) => {
                    self.unclear.insert(uuid, error.to_string());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Why nobody can tell of this one what its record holds, or whether it is there, if so.
    fn doubt(&self, uuid: TokenUuid) -> Option<&str> {
        let bare = self.bare.contains(&uuid).then_some("the server can't give its record");
        bare.or_else(|| self.unclear.get(&uuid).map(String::as_str))
    }

    /// Looks for them among everybody's, if the server can list those.
    async fn take_everyones(
        &mut self,
        cluster: &Cluster,
        wanted: &BTreeSet<TokenUuid>,
    ) -> Result<bool, Error> {
        match cluster.client.everyones_tokens(Readings::UntilQuiet).await {
            Ok(listed) => {
                let whole = listed.is_whole();
                let wanted = listed.tokens.into_iter().filter(|token| wanted.contains(&token.uuid));
                self.there = wanted.map(|token| (token.uuid, token)).collect();
                Ok(whole)
            }
            Err(error) if is_no_list(&error) => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// What the root token sees of one token.
enum Seen {
    Whole(Box<Token>),
    Bare,
    Not,
}

async fn one(cluster: &Cluster, uuid: TokenUuid) -> Result<Seen, Error> {
    match cluster.client.visible_token(uuid, None).await {
        Ok(Some(token)) => Ok(Seen::Whole(Box::new(token))),
        Ok(None) => Ok(Seen::Not),
        Err(error) if is_no_list(&error) || matches!(error, Error::Untrustworthy(_)) => {
            Ok(if cluster.client.sees_token(uuid).await? { Seen::Bare } else { Seen::Not })
        }
        Err(error) => Err(error),
    }
}

/// How many tokens are asked for at once.
const AT_ONCE: usize = 4;

/// Finds tokens in what the token in use can see, and the rest in the audit log.
async fn locate<S>(
    cluster: &Cluster,
    wanted: &[TokenUuid],
    found: &mut Findings<S>,
) -> Result<BTreeMap<TokenUuid, Known>, Error> {
    let session = &cluster.session;
    let wanted: BTreeSet<TokenUuid> = wanted.iter().copied().collect();
    let mut exact = Exact::of(cluster, &wanted, found).await?;
    let mut known: BTreeMap<TokenUuid, Known> = std::mem::take(&mut exact.there)
        .into_iter()
        .map(|(uuid, token)| (uuid, Known::There(token, None)))
        .collect();
    let missing: Vec<TokenUuid> = wanted.iter().copied().filter(|uuid| !known.contains_key(uuid)).collect();
    let events = if session.is_admin() && !missing.is_empty() {
        cluster.client.token_events_by_uuid(&missing).await?
    } else {
        Vec::new()
    };
    let mut stories = stories(&events, session.my_uuid());
    let witnesses = Witnesses::of(cluster, stories.values()).await;
    for uuid in missing {
        // Other tokens than the root token list their owner's alone: whose these are is sure.
        let mine = exact.bare.contains(&uuid) && session.access != TokenAccess::All;
        let fate = match (stories.remove(&uuid), exact.doubt(uuid)) {
            (logged, _) if mine => {
                let bare = Token::bare(uuid, session.my_uuid());
                let logged = logged.map(|logged| logged.token).filter(|token| token.owner == bare.owner);
                Known::There(logged.unwrap_or(bare), None)
            }
            (None, None) => Known::Not,
            (None, Some(why)) => Known::Unclear(why.to_owned()),
            (Some(logged), Some(why)) if sees_exactly(cluster, logged.token.owner) => {
                found.notes.push(Note::warning(format!(
                    "Whose {uuid} is, is from the audit log: {why}. What is done is done to this UUID."
                )));
                Known::There(logged.token, None)
            }
            (Some(logged), _) => fate(cluster, logged, &witnesses),
        };
        known.insert(uuid, fate);
    }
    Ok(known)
}

/// Whether the token in use can list this user's tokens.
fn sees_exactly(cluster: &Cluster, owner: UserUuid) -> bool {
    cluster.session.access == TokenAccess::All || owner == cluster.session.my_uuid()
}

/// What the log says of a token that no list has, where that is no fault of the list. That it is gone is the
/// root token's word alone: a record that names another owner would make a living token look dead.
fn fate(cluster: &Cluster, mut logged: Logged, witnesses: &Witnesses) -> Known {
    let over = match (&logged.end, logged.token.expiry.at()) {
        (End::Deleted(Some(at)) | End::Told(Some(at)), _) => {
            Some(format!("deleted at {}", at.shown(when::date_time)))
        }
        (End::Deleted(None) | End::Told(None), _) => Some("deleted".to_owned()),
        (End::NotSeen, Some(at)) if logged.chance(cluster.now()) != Chance::PerhapsAlive => {
            Some(format!("it ended at {}", when::date_time(at)))
        }
        (End::NotSeen, _) => None,
    };
    if cluster.session.access == TokenAccess::All {
        let gone = over.map_or_else(|| "already gone".to_owned(), |how| format!("already gone: {how}"));
        return Known::Gone(gone, logged.token.owner);
    }
    let claims = witnesses.claims(&logged);
    // A record that names a user of another cluster must not make it out of reach, whatever others say.
    let reachable = claims.owners.iter().find(|owner| out_of_change(cluster, **owner).is_none());
    let Some(owner) = reachable.or(claims.owners.first()) else { return Known::NotMine(over) };
    logged.token.owner = *owner;
    match over {
        Some(how) => Known::PerhapsGone(how, logged.token, claims),
        None => Known::There(logged.token, Some(claims)),
    }
}

/// Why a token that nothing knows can't be touched.
fn unknown_reason(cluster: &Cluster) -> &'static str {
    match cluster.session.access {
        TokenAccess::All => "there is no such token, and the audit log has none",
        TokenAccess::Borrowed | TokenAccess::Forbidden if cluster.session.is_admin() => {
            "the audit log does not know it: only the system root token could revoke it"
        }
        _ => "it is not one of your tokens; only an admin can look for others",
    }
}

/// Tokens that can be acted on: the rest is refused or left, with the reason.
pub(in crate::ops) async fn reachable<S>(
    cluster: &Cluster,
    tokens: &[TokenUuid],
    found: &mut Findings<S>,
) -> Result<Vec<Token>, Error> {
    let here = cluster.session.cluster.id;
    let wanted: BTreeSet<TokenUuid> = tokens.iter().copied().collect();
    let (local, foreign): (Vec<TokenUuid>, Vec<TokenUuid>) =
        wanted.into_iter().partition(|uuid| uuid.cluster() == here);
    for uuid in foreign {
        let home = uuid.cluster();
        found.refuse(Target::Token(uuid), format!("it is of the cluster {home}: do it there"));
    }
    let mut there = Vec::new();
    let mut perhaps_gone = Vec::new();
    let mut claimed: BTreeMap<TokenUuid, Claims> = BTreeMap::new();
    for (uuid, known) in locate(cluster, &local, found).await? {
        let target = Target::Token(uuid);
        match known {
            _ if uuid.is_system_root() => {
                found.refuse(
                    target,
                    "the system root token is set in the cluster's configuration: change it there",
                );
            }
            Known::There(token, claims) => {
                found.names.owners.insert(uuid, token.owner);
                found.names.tokens.insert(uuid, token.clone());
                claimed.extend(claims.map(|claims| (uuid, claims)));
                there.push(token);
            }
            Known::PerhapsGone(how, token, claims) => {
                found.names.owners.insert(uuid, token.owner);
                found.names.tokens.insert(uuid, token.clone());
                perhaps_gone.push(format!("{uuid} ({how})"));
                claimed.insert(uuid, claims);
                there.push(token);
            }
            Known::NotMine(how) => {
                let how = how.map(|how| format!("; by that log it is {how}")).unwrap_or_default();
                found.refuse(
                    target,
                    format!(
                        "not found among your own tokens, and the audit log names nobody else as its owner{how}. \
                         Any user can write to that log: only the system root token can tell"
                    ),
                );
            }
            Known::Gone(how, owner) => {
                found.names.owners.insert(uuid, owner);
                found.leave(target, how);
            }
            Known::Not => found.refuse(target, unknown_reason(cluster)),
            Known::Unclear(why) => found.refuse(
                target,
                format!("whether it is there, and whose it is, can't be seen: {why}; look again later"),
            ),
        }
    }
    if !perhaps_gone.is_empty() {
        found.notes.push(Note::info(format!(
            "Gone by the audit log: {}. Any user can write to that log, so the server's own list is looked at.",
            listed(&perhaps_gone)
        )));
    }
    claimed.retain(|_, claims| claims.owners.len() > 1);
    let tried = (MOST_TRIED / claimed.len().max(1)).max(FEW_TRIED);
    let looked_up = MOST_LOOKED_UP / claimed.len().max(1);
    let others = claimed.values().flat_map(|claims| claims.owners.iter().take(looked_up));
    let owners: BTreeSet<UserUuid> = found.names.owners.values().chain(others).copied().collect();
    let users = cluster.users(&owners.into_iter().collect::<Vec<_>>()).await?;
    found.names.add_users(&users);
    for (uuid, claims) in claimed {
        name_claims(cluster, uuid, &claims, (tried, looked_up), found);
    }
    Ok(there)
}

/// With so many owners that the log names all tokens of a plan together are looked for: each takes a helper token.
const MOST_TRIED: usize = 50;

/// With so many each is looked for in any case, and no more where it is sure who its owner is.
const FEW_TRIED: usize = 5;

/// So many of them are looked up, for all tokens together, a hundred a request: any user can name any.
const MOST_LOOKED_UP: usize = 1_000;

/// Says whom else the log names as a token's owner, and keeps who is to be asked.
fn name_claims<S>(
    cluster: &Cluster,
    uuid: TokenUuid,
    claims: &Claims,
    (tried, looked_up): (usize, usize),
    found: &mut Findings<S>,
) {
    let Some(owner) = found.names.owners.get(&uuid).copied() else { return };
    let is_there =
        |owner: &UserUuid| found.names.users.contains_key(owner) && out_of_reach(cluster, *owner).is_none();
    let candidates = claims.owners.iter().copied().filter(|other| *other != owner);
    let mut others: Vec<UserUuid> = candidates.take(looked_up).filter(is_there).collect();
    if others.is_empty() {
        return;
    }
    let name = |other: &UserUuid| found.names.user(*other);
    let named: Vec<String> =
        others.iter().filter(|other| !claims.only_wrote.contains(other)).map(name).collect();
    let wrote: Vec<String> =
        others.iter().filter(|other| claims.only_wrote.contains(other)).map(name).collect();
    let tried = if claims.word == Word::Sure { FEW_TRIED } else { tried };
    let untried = others.len().saturating_sub(tried) + claims.owners.len().saturating_sub(1 + looked_up);
    others.truncate(tried);
    let mut text = if named.is_empty() {
        format!(
            "Whose {uuid} is, only records in the audit log tell that any user could have written: {}",
            name(&owner)
        )
    } else {
        format!(
            "The audit log names more than one owner of {uuid}: the likeliest is {}, others of its records name {}",
            name(&owner),
            listed(&named)
        )
    };
    if !wrote.is_empty() {
        let _ = write!(text, "; {} wrote of it", listed(&wrote));
    }
    text.push_str(". Any user can write to that log, so it is looked for with ");
    let _ = match untried {
        0 => write!(text, "each of them in turn."),
        untried => write!(text, "{} of them in turn; {untried} are not asked.", others.len() + 1),
    };
    found.notes.push(Note::warning(text));
    if untried > 0 {
        found.names.owners_not_asked.insert(uuid, untried);
    }
    found.names.other_owners.insert(uuid, others);
}
