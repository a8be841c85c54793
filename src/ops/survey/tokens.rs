//! Surveys of what is done to tokens: whose they are, whether they are still there, what works with them,
//! and with which token they can be reached.

use super::Findings;
use crate::arvados::error::{Error, ErrorKind};
use crate::model::container::Container;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::session::{TokenAccess, TrustedTokens};
use crate::model::text::{count, listed};
use crate::model::token::{Expiry, MADE_BY_THE_SERVER, Origin, Scopes, Token};
use crate::model::when;
use crate::model::when::relative;
use crate::ops::cluster::Cluster;
use crate::ops::intent::Chosen;
use crate::ops::plan::{Losses, Note, TokenCount};
use crate::ops::step::{Step, Target, Via};
use crate::ops::tokens::{
    End, Logged, MINTED_ANEW, by_helper, is_no_list, out_of_change, out_of_reach, stories, visible_of,
};
use crate::secret::Secret;
use futures::StreamExt;
use std::collections::{BTreeMap, BTreeSet};

/// With which token a user's tokens are reached, once it is known that they can be.
fn via(cluster: &Cluster, owner: UserUuid) -> Via {
    if owner == cluster.session.my_uuid() || cluster.session.access == TokenAccess::All {
        Via::TokenInUse
    } else {
        Via::Helper
    }
}

/// With which token all of a user's are listed.
fn via_list(cluster: &Cluster, owner: UserUuid) -> Via {
    if by_helper(cluster, owner) { Via::Helper } else { Via::TokenInUse }
}

pub(super) async fn issue(
    cluster: &Cluster,
    owner: UserUuid,
    expiry: Expiry,
    scopes: &Scopes,
) -> Result<Findings, Error> {
    let mut found = Findings::default();
    let target = Target::User(owner);
    let users = cluster.users(&[owner]).await?;
    found.names.add_users(&users);
    let here = cluster.session.cluster.id;
    if let Some(reason) = out_of_reach(cluster, owner) {
        found.refuse(target, reason);
    } else if owner.is_built_in() {
        found.refuse(target, "it belongs to the server itself, not to a person");
    } else if owner.cluster() != here {
        let home = owner.cluster();
        found.refuse(target, format!("the user belongs to the cluster {home}: issue the token there"));
    } else if expiry.is_past(cluster.now()) {
        found.refuse(target, "the token would be dead at once: its end is past");
    } else if let Some(user) = users.iter().find(|user| user.uuid == owner) {
        if !user.is_active() {
            let name = user.display_name();
            found.notes.push(Note::warning(format!(
                "{name} is not active: a token works all the same, to read what {name} can read"
            )));
        }
        if *scopes == Scopes::All {
            let what =
                if user.is_admin() { "everything an admin can do" } else { "everything its owner can do" };
            found.notes.push(Note::warning(format!("It allows {what}: name scopes to allow less")));
        } else if *scopes == Scopes::Only(Vec::new()) {
            found.notes.push(Note::warning("It has no scopes: it allows nothing"));
        }
        if expiry == Expiry::Never {
            found.notes.push(Note::warning("It never ends by itself."));
        }
        found.plan(Step::IssueToken { owner, expiry, scopes: scopes.clone() }, Losses::default());
    } else {
        found.refuse(target, "there is no such user here");
    }
    Ok(found)
}

pub(super) async fn list_exactly(cluster: &Cluster, owner: UserUuid) -> Result<Findings, Error> {
    let mut found = Findings::default();
    let target = Target::User(owner);
    let users = cluster.users(&[owner]).await?;
    found.names.add_users(&users);
    if let Some(reason) = out_of_reach(cluster, owner) {
        found.refuse(target, reason);
    } else if via_list(cluster, owner) == Via::TokenInUse {
        found.leave(target, "listed exactly already, with the token in use");
    } else if users.is_empty() {
        found.refuse(target, "there is no such user here");
    } else if cluster.mode == crate::arvados::writer::Mode::ReadOnly {
        found.refuse(target, "it takes a helper token, which is a write, and this is read-only");
    } else {
        found.notes.push(Note::info(
            "A helper token of the user is made and deleted again; the audit log shows both as done by the user",
        ));
        found.plan(Step::ListExactly { owner }, Losses::default());
    }
    Ok(found)
}

/// What is known of a token that something is to be done to.
#[derive(Debug)]
enum Known {
    /// It is there, or may be.
    There(Token),
    /// The log has its end: how. Any user can write to the log, so it may be there all the same.
    PerhapsGone(String, Token),
    /// It can't be there any more: how it ended, and whose it was.
    Gone(String, UserUuid),
    /// Nothing here knows it.
    Not,
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
    async fn of(
        cluster: &Cluster,
        wanted: &BTreeSet<TokenUuid>,
        found: &mut Findings,
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
                match cluster.client.tokens_of(cluster.session.my_uuid()).await {
                    Ok(listed) => {
                        let wanted = listed.tokens.into_iter().filter(|token| wanted.contains(&token.uuid));
                        exact.there = wanted.map(|token| (token.uuid, token)).collect();
                        if listed.unread > 0 {
                            let why = format!("{} can't be read", count(listed.unread, "row", "rows"));
                            found.notes.push(Note::warning(format!("Of the list of your own tokens {why}")));
                        }
                    }
                    Err(error) if is_no_list(&error) => found.notes.push(Note::warning(format!(
                        "Your own tokens can't be listed ({error}): what the audit log knows is acted on"
                    ))),
                    Err(error) => return Err(error),
                }
            }
            TokenAccess::Elsewhere(_) | TokenAccess::Forbidden => {}
        }
        Ok(exact)
    }
}

impl Exact {
    /// Looks for them among everybody's, if the server can list those.
    async fn take_everyones(
        &mut self,
        cluster: &Cluster,
        wanted: &BTreeSet<TokenUuid>,
    ) -> Result<bool, Error> {
        match cluster.client.everyones_tokens().await {
            Ok(listed) => {
                let wanted = listed.tokens.into_iter().filter(|token| wanted.contains(&token.uuid));
                self.there = wanted.map(|token| (token.uuid, token)).collect();
                Ok(listed.unread == 0)
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

/// Of so many tokens the root token asks for each; of more, and of as many users', it reads everybody's once.
const FEW: usize = 20;

/// Finds tokens in what the token in use can see, and the rest in the audit log.
async fn locate(
    cluster: &Cluster,
    wanted: &[TokenUuid],
    found: &mut Findings,
) -> Result<BTreeMap<TokenUuid, Known>, Error> {
    let session = &cluster.session;
    let wanted: BTreeSet<TokenUuid> = wanted.iter().copied().collect();
    let Exact { there, bare, unclear } = Exact::of(cluster, &wanted, found).await?;
    let mut known: BTreeMap<TokenUuid, Known> =
        there.into_iter().map(|(uuid, token)| (uuid, Known::There(token))).collect();
    let missing: Vec<TokenUuid> = wanted.iter().copied().filter(|uuid| !known.contains_key(uuid)).collect();
    let events = if session.is_admin() && !missing.is_empty() {
        cluster.client.token_events_by_uuid(&missing).await?
    } else {
        Vec::new()
    };
    let mut stories = stories(&events);
    for uuid in missing {
        let fate = match (stories.remove(&uuid), unclear.get(&uuid)) {
            (None, _) => Known::Not,
            (Some(logged), None) if !bare.contains(&uuid) => fate(cluster, logged),
            (Some(logged), why) => {
                let why = why.map_or("the server can't give its record", String::as_str);
                found.notes.push(Note::warning(format!(
                    "Whose {uuid} is, is from the audit log: {why}. What is done is done to this UUID."
                )));
                Known::There(logged.token)
            }
        };
        known.insert(uuid, fate);
    }
    Ok(known)
}

/// What the log says of a token that no list has.
fn fate(cluster: &Cluster, logged: Logged) -> Known {
    let session = &cluster.session;
    let owner = logged.token.owner;
    let seen_exactly = session.access == TokenAccess::All || owner == session.my_uuid();
    let over = match (&logged.end, logged.token.expiry.at()) {
        (End::Deleted(Some(at)), _) => Some(format!("deleted at {}", at.shown(when::date_time))),
        (End::Deleted(None), _) => Some("deleted".to_owned()),
        (End::NotSeen, Some(at)) if logged.is_gone(cluster.now()) => {
            Some(format!("it ended at {}", when::date_time(at)))
        }
        (End::NotSeen, _) => None,
    };
    match over {
        Some(how) if seen_exactly => Known::Gone(format!("already gone: {how}"), owner),
        None if seen_exactly => Known::Gone("already gone".to_owned(), owner),
        Some(how) => Known::PerhapsGone(how, logged.token),
        None => Known::There(logged.token),
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
async fn reachable(
    cluster: &Cluster,
    tokens: &[TokenUuid],
    found: &mut Findings,
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
    for (uuid, known) in locate(cluster, &local, found).await? {
        let target = Target::Token(uuid);
        match known {
            _ if uuid.is_system_root() => {
                found.refuse(
                    target,
                    "the system root token is set in the cluster's configuration: change it there",
                );
            }
            Known::There(token) => {
                found.names.owners.insert(uuid, token.owner);
                found.names.tokens.insert(uuid, token.clone());
                there.push(token);
            }
            Known::PerhapsGone(how, token) => {
                found.names.owners.insert(uuid, token.owner);
                found.names.tokens.insert(uuid, token.clone());
                perhaps_gone.push(format!("{uuid} ({how})"));
                there.push(token);
            }
            Known::Gone(how, owner) => {
                found.names.owners.insert(uuid, owner);
                found.leave(target, how);
            }
            Known::Not => found.refuse(target, unknown_reason(cluster)),
        }
    }
    if !perhaps_gone.is_empty() {
        found.notes.push(Note::info(format!(
            "Gone by the audit log: {}. Any user can write to that log, so the server's own list is looked at.",
            listed(&perhaps_gone)
        )));
    }
    let owners: BTreeSet<UserUuid> = found.names.owners.values().copied().collect();
    let users = cluster.users(&owners.into_iter().collect::<Vec<_>>()).await?;
    found.names.add_users(&users);
    Ok(there)
}

pub(super) async fn change_expiry(
    cluster: &Cluster,
    tokens: &[TokenUuid],
    expiry: Expiry,
) -> Result<Findings, Error> {
    let mut found = Findings::default();
    let now = cluster.now();
    // What the log says of others' tokens is no proof: a helper's list decides.
    let exact = |owner: UserUuid| via(cluster, owner) == Via::TokenInUse;
    for token in reachable(cluster, tokens, &mut found).await? {
        let target = Target::Token(token.uuid);
        if let Some(reason) = out_of_change(cluster, token.owner) {
            found.refuse(target, reason);
        } else if expiry.is_past(now) {
            found.refuse(target, "that is past: revoke it instead");
        } else if exact(token.owner) && token.expiry.is_past(now) {
            found.refuse(target, "it has ended: the server deletes such tokens within minutes");
        } else if exact(token.owner) && token.expiry.is(expiry) {
            found.leave(target, "ends then already");
        } else {
            if token.uuid == cluster.session.my_token()
                && let Expiry::At(end) = expiry
                && token.expiry.at().is_none_or(|now| end < now)
            {
                found.notes.push(Note::danger(format!(
                    "The token in use is among them: your own session ends {}",
                    relative(end, now)
                )));
            }
            let via = via(cluster, token.owner);
            found.plan(
                Step::ChangeExpiry { token: token.uuid, owner: token.owner, expiry, via },
                Losses::default(),
            );
        }
    }
    if expiry == Expiry::Never && !found.steps.is_empty() {
        found.notes.push(Note::warning("They never end by themselves then."));
    }
    Ok(found)
}

pub(super) async fn revoke(
    cluster: &Cluster,
    tokens: &[TokenUuid],
    chosen: Chosen,
    secret: Option<&Secret>,
) -> Result<Findings, Error> {
    let mut found = Findings::default();
    if let ([uuid], Some(secret)) = (tokens, secret)
        && cluster.session.trusted_tokens == TrustedTokens::Issued
        && uuid.cluster() == cluster.session.cluster.id
        && *uuid != cluster.session.my_token()
        && by_itself(cluster, *uuid, secret, &mut found).await?
    {
        return Ok(found);
    }
    let there = reachable(cluster, tokens, &mut found).await?;
    let work = work_of(cluster, there.iter().map(|token| token.owner).collect(), &mut found).await?;
    for token in there {
        let target = Target::Token(token.uuid);
        let in_use = token.uuid == cluster.session.my_token();
        if let Some(reason) = out_of_change(cluster, token.owner) {
            found.refuse(target, reason);
        } else if in_use && chosen == Chosen::FromList {
            found.refuse(target, "it is the token in use: name it by its own UUID to revoke it");
        } else {
            if in_use {
                found.notes.push(Note::danger("The token in use is among them: this ends your own session"));
            }
            let losses = breaks(&token, &work, &mut found);
            let via = via(cluster, token.owner);
            found.plan(Step::RevokeToken { token: token.uuid, owner: token.owner, via }, losses);
        }
    }
    Ok(found)
}

/// A token whose secret was pasted: if the server takes it and its scopes allow it, it can revoke itself, and
/// no helper is needed. Whether that settles it.
async fn by_itself(
    cluster: &Cluster,
    uuid: TokenUuid,
    secret: &Secret,
    found: &mut Findings,
) -> Result<bool, Error> {
    let token = match cluster.client.with_token(secret)?.current_token().await {
        Ok(token) => token,
        Err(error) if error.kind() == ErrorKind::NotAuthorised => {
            cluster.takes_this_token().await?;
            // That proves nothing of the token: what becomes of it is found out by its UUID.
            found.notes.push(Note::warning(
                "The server refuses this secret: mistyped or cut off, or the token is dead. It is looked up \
                 by its UUID instead.",
            ));
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    if token.uuid != uuid {
        return Err(Error::Untrustworthy(format!(
            "the secret that was given is that of {}, not of {uuid}: nothing is revoked",
            token.uuid
        )));
    }
    let reachable = out_of_change(cluster, token.owner).is_none();
    if !token.allows(&format!("DELETE /arvados/v1/api_client_authorizations/{uuid}"))
        || (reachable && via(cluster, token.owner) == Via::TokenInUse)
    {
        return Ok(false);
    }
    found.names.owners.insert(uuid, token.owner);
    found.names.add_users(&cluster.users(&[token.owner]).await?);
    let work = work_of(cluster, BTreeSet::from([token.owner]), found).await?;
    let losses = breaks(&token, &work, found);
    let step = Step::RevokeToken { token: uuid, owner: token.owner, via: Via::Itself(secret.clone()) };
    found.plan(step, losses);
    Ok(true)
}

/// Running work of these users. A token that may not ask is told of, not stopped by it.
async fn work_of(
    cluster: &Cluster,
    owners: BTreeSet<UserUuid>,
    found: &mut Findings,
) -> Result<Vec<Container>, Error> {
    let owners: Vec<UserUuid> = owners.into_iter().collect();
    match cluster.client.unfinished_containers(&owners).await {
        Ok(work) => Ok(work),
        Err(error)
            if matches!(error.kind(), ErrorKind::Forbidden | ErrorKind::NotFound) || is_no_list(&error) =>
        {
            found.notes.push(Note::warning(format!(
                "Whether running work depends on them could not be looked up with this token: {error}"
            )));
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

/// What revoking a token breaks, said in the notes.
fn breaks(token: &Token, work: &[Container], found: &mut Findings) -> Losses {
    let broken: Vec<&Container> = work.iter().filter(|c| c.token == Some(token.uuid)).collect();
    for container in &broken {
        found.notes.push(Note::danger(format!(
            "{} is what the container {} works with: revoking it breaks that work",
            token.uuid, container.uuid
        )));
    }
    Losses { work: broken.len(), ..Losses::default() }
}

pub(super) async fn revoke_all(cluster: &Cluster, users: &[UserUuid]) -> Result<Findings, Error> {
    let mut found = Findings::default();
    let wanted: BTreeSet<UserUuid> = users.iter().copied().collect();
    let wanted: Vec<UserUuid> = wanted.into_iter().collect();
    let records = cluster.users(&wanted).await?;
    found.names.add_users(&records);
    let mut targets = Vec::new();
    for owner in wanted {
        let target = Target::User(owner);
        if owner.is_built_in() {
            found.refuse(target, "it belongs to the server itself, not to a person");
        } else if let Some(reason) = out_of_change(cluster, owner) {
            found.refuse(target, reason);
        } else if records.iter().all(|user| user.uuid != owner) {
            found.refuse(target, "there is no such user here");
        } else {
            targets.push(owner);
        }
    }
    let everyones = match cluster.session.access {
        TokenAccess::All
            if targets.len() > FEW || targets.iter().any(|&owner| !by_helper(cluster, owner)) =>
        {
            everyones(cluster).await?
        }
        _ => None,
    };
    let (counts, origins) = count_tokens(cluster, &targets, everyones.as_deref(), &mut found).await?;
    let work = work_of(cluster, targets.iter().copied().collect(), &mut found).await?;
    for owner in targets {
        let via = if everyones.is_some() { via(cluster, owner) } else { via_list(cluster, owner) };
        let counted = counts.get(&owner).copied().unwrap_or_default();
        let own = owner == cluster.session.my_uuid();
        if counted == TokenCount::Exactly(0) {
            found.leave(Target::User(owner), if own { "no other tokens" } else { "no tokens" });
            continue;
        }
        if own {
            found.notes.push(Note::info(format!(
                "The token in use is kept: revoke {} by its UUID when you are done.",
                cluster.session.my_token()
            )));
        }
        let mine: Vec<&Container> = work.iter().filter(|c| c.user == owner).collect();
        if !mine.is_empty() {
            let named = mine.iter().take(5).map(|c| c.uuid.to_string()).collect::<Vec<_>>().join(", ");
            let more = if mine.len() > 5 { " and more" } else { "" };
            found.notes.push(Note::danger(format!(
                "Unfinished work of {} breaks when its tokens go, {}: {named}{more}",
                found.names.user(owner),
                count(mine.len(), "container", "containers"),
            )));
        } else if let Some(n) = origins.get(&owner) {
            found.notes.push(Note::info(format!(
                "{} of {} {} {MADE_BY_THE_SERVER}: no container is unfinished.",
                count(*n, "token", "tokens"),
                found.names.user(owner),
                if *n == 1 { "was" } else { "were" },
            )));
        }
        let losses = Losses { tokens: counted, work: mine.len(), ..Losses::default() };
        found.plan(Step::RevokeAllOf { owner, at_most: counted.number(), via }, losses);
    }
    if !found.steps.is_empty() {
        found.notes.push(Note::info(MINTED_ANEW));
    }
    Ok(found)
}

/// Everybody's tokens, if the server can list them.
async fn everyones(cluster: &Cluster) -> Result<Option<Vec<Token>>, Error> {
    match cluster.client.everyones_tokens().await {
        Ok(listed) => Ok((listed.unread == 0).then_some(listed.tokens)),
        Err(error) if is_no_list(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How many tokens these users have, the one in use left out, and how many of them containers got.
async fn count_tokens(
    cluster: &Cluster,
    owners: &[UserUuid],
    everyones: Option<&[Token]>,
    found: &mut Findings,
) -> Result<(BTreeMap<UserUuid, TokenCount>, BTreeMap<UserUuid, usize>), Error> {
    let session = &cluster.session;
    let mut counts = BTreeMap::new();
    let mut of_containers: BTreeMap<UserUuid, usize> = BTreeMap::new();
    let (logged, listed): (Vec<UserUuid>, Vec<UserUuid>) =
        owners.iter().partition(|&&owner| everyones.is_none() && by_helper(cluster, owner));
    if let Some(everyones) = everyones {
        counts.extend(listed.iter().map(|&owner| (owner, TokenCount::Exactly(0))));
        for token in everyones {
            if let Some(TokenCount::Exactly(n)) = counts.get_mut(&token.owner) {
                *n += 1;
            }
        }
    } else {
        for owner in listed {
            let counted = match visible_of(cluster, owner).await {
                Ok(listed) if listed.unread == 0 => {
                    let others = listed.tokens.iter().filter(|token| token.uuid != session.my_token());
                    TokenCount::Exactly(others.count())
                }
                Ok(listed) => TokenCount::AtMost(listed.tokens.len() + listed.unread),
                Err(error) if is_no_list(&error) => {
                    found.notes.push(Note::warning(format!("The tokens could not be counted: {error}")));
                    TokenCount::AtMost(0)
                }
                Err(error) => return Err(error),
            };
            counts.insert(owner, counted);
        }
    }
    counts.extend(logged.iter().map(|&owner| (owner, TokenCount::AtMost(0))));
    let now = cluster.now();
    let events = match cluster.client.token_events_of(&logged).await {
        Ok(events) => events,
        Err(error) if is_no_list(&error) => {
            found.notes.push(Note::warning(format!("The tokens could not be counted: {error}")));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    for logged in stories(&events).into_values() {
        if !logged.is_gone(now)
            && let Some(TokenCount::AtMost(n)) = counts.get_mut(&logged.token.owner)
        {
            *n += 1;
            if matches!(logged.token.origin, Origin::Container | Origin::Server) {
                *of_containers.entry(logged.token.owner).or_default() += 1;
            }
        }
    }
    Ok((counts, of_containers))
}
