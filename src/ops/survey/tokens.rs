//! Surveys of what is done to tokens: what works with them, and with which token they can be reached.

use super::Findings;
use super::locate::reachable;
use crate::arvados::error::{Error, ErrorKind};
use crate::model::container::Container;
use crate::model::field::Field;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::session::{TokenAccess, TrustedTokens};
use crate::model::token::{Expiry, Scopes, Token};
use crate::model::user::UserRole;
use crate::model::when::relative;
use crate::ops::cluster::Cluster;
use crate::ops::intent::Chosen;
use crate::ops::plan::{Losses, Note};
use crate::ops::step::{Step, Target, Via};
use crate::ops::tokens::{by_helper, out_of_change, out_of_reach};
use crate::secret::Secret;
use jiff::SignedDuration;
use std::collections::BTreeSet;

/// What ends sooner is told by the second before it is made.
const SOON: SignedDuration = SignedDuration::from_mins(10);

/// With which token a user's tokens are reached, once it is known that they can be.
pub(super) fn via(cluster: &Cluster, owner: UserUuid) -> Via {
    if owner == cluster.session.my_uuid() || cluster.session.access == TokenAccess::All {
        Via::TokenInUse
    } else {
        Via::Helper
    }
}

/// With which token all of a user's are listed.
pub(super) fn via_list(cluster: &Cluster, owner: UserUuid) -> Via {
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
        if user.is_surely_inactive() {
            let name = user.display_name();
            found.notes.push(Note::warning(format!(
                "{name} is not active: a token works all the same, to read what {name} can read"
            )));
        }
        if *scopes == Scopes::All {
            let what = match &user.role {
                Field::Is(UserRole::Admin) => "everything an admin can do".to_owned(),
                Field::Is(UserRole::Plain) => "everything its owner can do".to_owned(),
                Field::Unreadable(flag) => {
                    format!("everything its owner can do, who is perhaps an admin (the flag is {flag})")
                }
            };
            found.notes.push(Note::warning(format!("It allows {what}: name scopes to allow less")));
        } else if *scopes == Scopes::Only(Vec::new()) {
            found.notes.push(Note::warning("It has no scopes: it allows nothing"));
        }
        if expiry == Expiry::Never {
            found.notes.push(Note::warning("It never ends by itself."));
        }
        // The step names the minute only.
        if let Expiry::At(end) = expiry
            && end.duration_since(cluster.now()) < SOON
        {
            found.notes.push(Note::info(format!("It ends {}.", relative(end, cluster.now()))));
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
pub(super) async fn work_of(
    cluster: &Cluster,
    owners: BTreeSet<UserUuid>,
    found: &mut Findings,
) -> Result<Vec<Container>, Error> {
    let owners: Vec<UserUuid> = owners.into_iter().collect();
    match cluster.client.unfinished_containers(&owners).await {
        Ok(work) => Ok(work),
        Err(error) if error.is_of_this_alone() => {
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
