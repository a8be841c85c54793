//! Surveys of revoking all that users have: how many tokens go, and what they break.

use super::Findings;
use super::tokens::{via, via_list, work_of};
use crate::arvados::error::Error;
use crate::arvados::tokens::Readings;
use crate::model::container::Container;
use crate::model::ids::UserUuid;
use crate::model::session::TokenAccess;
use crate::model::text::count;
use crate::model::token::{MADE_BY_THE_SERVER, Origin, Token, doubtfully_dead, named_by_anybody};
use crate::ops::cluster::Cluster;
use crate::ops::plan::{Losses, Note, TokenCount};
use crate::ops::step::{Step, Target};
use crate::ops::tokens::{
    Chance, FEW, by_helper, is_no_list, minted_anew, out_of_change, stories, visible_of,
};
use crate::ops::witness::{Witnesses, Word};
use std::collections::{BTreeMap, BTreeSet};

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
        found.notes.push(Note::info(minted_anew(&cluster.session.cluster)));
    }
    Ok(found)
}

/// Everybody's tokens, if the server can list them.
async fn everyones(cluster: &Cluster) -> Result<Option<Vec<Token>>, Error> {
    match cluster.client.everyones_tokens(Readings::UntilQuiet).await {
        Ok(listed) => Ok(listed.is_whole().then_some(listed.tokens)),
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
                Ok(listed) if listed.is_whole() => {
                    let others = listed.tokens.iter().filter(|token| token.uuid != session.my_token());
                    TokenCount::Exactly(others.count())
                }
                Ok(listed) => TokenCount::AtMost(listed.tokens.len() + listed.unread),
                Err(error) if is_no_list(&error) => {
                    found.notes.push(Note::warning(format!("The tokens could not be counted: {error}")));
                    TokenCount::NotCounted
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
        Err(error) if error.is_of_this_alone() => {
            found.notes.push(Note::warning(format!("The tokens could not be counted: {error}")));
            counts.extend(logged.iter().map(|&owner| (owner, TokenCount::NotCounted)));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    let stories = stories(&events, session.my_uuid());
    let witnesses = Witnesses::of(cluster, stories.values()).await;
    let (mut doubtful, mut unproven) = (0, 0);
    for logged in stories.into_values() {
        let chance = logged.chance(now);
        if chance != Chance::Gone && witnesses.word_for(&logged) == Word::Strangers {
            unproven += 1;
            continue;
        }
        doubtful += usize::from(chance == Chance::Doubtful);
        if chance == Chance::PerhapsAlive
            && let Some(TokenCount::AtMost(n)) = counts.get_mut(&logged.token.owner)
        {
            *n += 1;
            if matches!(logged.token.origin, Origin::Container(_) | Origin::Server) {
                *of_containers.entry(logged.token.owner).or_default() += 1;
            }
        }
    }
    if doubtful > 0 {
        found.notes.push(Note::info(format!("{}: they are looked for, too.", doubtfully_dead(doubtful))));
    }
    if unproven > 0 {
        found.notes.push(Note::info(format!("{}: they are looked for, too.", named_by_anybody(unproven))));
    }
    Ok((counts, of_containers))
}
