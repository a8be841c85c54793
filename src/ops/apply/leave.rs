//! Ending an account: written down first, then `unsetup`, then read again whether it held.

use super::bench::{Bench, StepDone};
use super::users::{came, conflict, keep_an_admin, state, unless_changed, who_changed};
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::text::count;
use crate::model::user::{User, UserStatus};
use crate::ops::failure::Failure;
use crate::ops::journal::Before;
use crate::ops::plan::Note;
use crate::ops::report::ItemResult;
use crate::ops::step::Step;
use crate::ops::survey::holdings::{listed, perhaps_alive};
use std::collections::BTreeSet;

pub(super) async fn deactivate(bench: &Bench<'_>, step: &Step, user: UserUuid) -> Result<StepDone, Failure> {
    let now = bench.cluster.user(user).await?;
    let seen = bench.names.users.get(&user);
    if now.status != UserStatus::Inactive || seen.is_some_and(|seen| seen.role != now.role) {
        // Ended meanwhile is what was wanted; another change is not.
        unless_changed(bench, &now).await?;
    }
    keep_an_admin(bench, &now).await?;
    let belongings = Belongings::of(bench, user).await?;
    if now.status == UserStatus::Inactive
        && seen.is_some_and(|seen| seen.status != UserStatus::Inactive)
        && belongings.are_gone()
    {
        let who = who_changed(bench, &now).await;
        return Ok(came(step, ItemResult::Unchanged(format!("deactivated already: {who}"))));
    }
    Ok(match end(bench, step, &now, belongings, None).await? {
        Ended::Done(notes) => notes.into_iter().fold(came(step, ItemResult::Done), StepDone::note),
        Ended::Unclear(seen) => came(step, ItemResult::Unknown(seen)),
    })
}

/// What `unsetup` deletes of a user, as it is now.
pub(super) struct Belongings {
    pub before: Before,
    tokens: BTreeSet<TokenUuid>,
}

impl Belongings {
    /// Reads it.
    pub async fn of(bench: &Bench<'_>, user: UserUuid) -> Result<Self, Failure> {
        let client = &bench.cluster.client;
        let only = [user];
        let reads = async {
            futures::try_join!(
                client.permissions_of(&only),
                client.signatures_of(&only),
                client.keys_of(&only),
                client.keys_owned_by(&only),
                client.preferences(user),
                client.token_events_of(&only),
            )
        };
        let (mut links, signatures, mut keys, owned_keys, prefs, events) = Box::pin(reads).await?;
        links.extend(signatures);
        keys.extend(owned_keys.into_iter().filter(|key| key.user != user));
        Ok(Self {
            before: Before {
                links,
                keys: keys.into_iter().map(Into::into).collect(),
                prefs: Some(prefs),
                ..Before::default()
            },
            tokens: perhaps_alive(&events, bench.cluster.now()).remove(&user).unwrap_or_default(),
        })
    }

    /// Whether nothing is left that could be deleted, as far as it can be listed.
    pub fn are_gone(&self) -> bool {
        self.before.links.is_empty() && self.before.keys.is_empty()
    }
}

/// How ending an account came out.
pub(super) enum Ended {
    /// It held: what was seen.
    Done(Vec<Note>),
    /// No answer came, and looking again did not tell.
    Unclear(String),
}

/// Ends an account and looks whether it held. `owned` is written down with the rest.
pub(super) async fn end(
    bench: &Bench<'_>,
    step: &Step,
    user: &User,
    belongings: Belongings,
    owned: Option<usize>,
) -> Result<Ended, Failure> {
    let Belongings { before, tokens } = belongings;
    let flags = Before::flags_of(user);
    bench.write_down(
        step,
        &Before { is_active: flags.is_active, is_admin: flags.is_admin, owned, ..before },
    )?;
    let uuid = user.uuid;
    let answered = match bench.writer().unsetup_user(uuid).await {
        Ok(_) => true,
        Err(error) if error.leaves_write_unknown() => false,
        Err(error) => return Err(error.into()),
    };
    let client = &bench.cluster.client;
    let only = [uuid];
    let reads = async {
        futures::try_join!(
            bench.cluster.user(uuid),
            client.permissions_of(&only),
            client.keys_of(&only),
            client.token_events_of(&only),
        )
    };
    let (after, links, keys, events) = match Box::pin(reads).await {
        Ok(seen) => seen,
        Err(error) if answered => {
            return Ok(Ended::Done(vec![Note::warning(format!(
                "{} could not be checked afterwards: {error}.",
                bench.names.user(uuid)
            ))]));
        }
        Err(error) => {
            return Ok(Ended::Unclear(format!("no answer; looking again failed too: {error}")));
        }
    };
    if after.status != UserStatus::Inactive {
        return if answered {
            Err(conflict(format!("the server said yes, yet the account is {}", state(&after))))
        } else {
            Ok(Ended::Unclear(format!("no answer; looked again: {}", state(&after))))
        };
    }
    if !answered && !links.is_empty() {
        return Ok(Ended::Unclear(format!(
            "no answer; looked again: inactive, with {} left",
            count(links.len(), "permission", "permissions")
        )));
    }
    let mut alive = perhaps_alive(&events, bench.cluster.now()).remove(&uuid).unwrap_or_default();
    alive.retain(|token| !tokens.contains(token));
    Ok(Ended::Done(notes_of(bench, uuid, links.len() + keys.len(), &alive)))
}

fn notes_of(bench: &Bench<'_>, user: UserUuid, left: usize, new_tokens: &BTreeSet<TokenUuid>) -> Vec<Note> {
    let name = bench.names.user(user);
    let mut notes = Vec::new();
    if left == 0 {
        notes.push(Note::info(
            "Checked by reading again: inactive, not invited, without permissions, logins and SSH keys.",
        ));
    } else {
        notes.push(Note::warning(format!(
            "{name} has {} again: somebody else is at work there.",
            count(left, "permission or key", "permissions or keys")
        )));
    }
    if !new_tokens.is_empty() {
        let tokens: Vec<String> = new_tokens.iter().map(ToString::to_string).collect();
        notes.push(Note::warning(format!(
            "Made for {name} meanwhile: {} {}. Revoke what should not be.",
            if tokens.len() == 1 { "the token" } else { "the tokens" },
            listed(&tokens)
        )));
    }
    notes
}
