//! Ending an account: written down first, then `unsetup`, then read again whether it held. Where no answer
//! came, that the account is inactive proves nothing, since it may have been so before.

use super::bench::{Bench, StepDone};
use super::silence::{Seen, after_silence};
use super::users::{came, conflict, keep_an_admin, state, unless_changed, who_changed};
use crate::arvados::error::Error;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::ssh_key::SshKey;
use crate::model::text::count;
use crate::model::user::{User, UserStatus};
use crate::ops::failure::Failure;
use crate::ops::journal::Before;
use crate::ops::plan::Note;
use crate::ops::report::{ItemResult, Unclear};
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
        Ended::Unclear(unclear) => came(step, ItemResult::Unknown(unclear)),
    })
}

/// What `unsetup` deletes of a user, as it is now.
pub(super) struct Belongings {
    pub before: Before,
    /// The UUIDs of the links and keys.
    things: BTreeSet<String>,
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
            things: links.iter().map(|link| link.uuid.to_string()).chain(uuids_of(&keys)).collect(),
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
        self.before.links.is_empty() && self.before.keys.is_empty() && self.tokens.is_empty()
    }
}

fn uuids_of(keys: &[SshKey]) -> impl Iterator<Item = String> {
    keys.iter().map(|key| key.uuid.to_string())
}

/// How ending an account came out.
pub(super) enum Ended {
    /// It held: what was seen.
    Done(Vec<Note>),
    /// No answer came, and looking again did not tell.
    Unclear(Unclear),
}

/// Ends an account and looks whether it held. `owned` is written down with the rest.
pub(super) async fn end(
    bench: &Bench<'_>,
    step: &Step,
    user: &User,
    belongings: Belongings,
    owned: Option<usize>,
) -> Result<Ended, Failure> {
    let Belongings { before, things, tokens } = belongings;
    let flags = Before::flags_of(user);
    bench.write_down(
        step,
        &Before { is_active: flags.is_active, is_admin: flags.is_admin, owned, ..before },
    )?;
    let uuid = user.uuid;
    let silence = match bench.writer().unsetup_user(uuid).await {
        Ok(_) => None,
        Err(error) if error.leaves_write_unknown() => Some(error),
        Err(error) => return Err(error.into()),
    };
    let left = Left::after(bench, uuid, &things, &tokens).await;
    if let Some(error) = silence {
        let looked = match &left {
            Ok(left) => Ok(left.seen(&tokens)),
            Err(again) => Err(again.clone()),
        };
        if let Err(unclear) = after_silence(&error, looked) {
            return Ok(Ended::Unclear(unclear));
        }
    }
    match left {
        Ok(left) if left.user.status != UserStatus::Inactive => {
            Err(conflict(format!("the server said yes, yet the account is {}", state(&left.user))))
        }
        Ok(left) => Ok(Ended::Done(left.notes(&bench.names.user(uuid)))),
        Err(error) => Ok(Ended::Done(vec![Note::warning(format!(
            "{} could not be checked afterwards: {error}.",
            bench.names.user(uuid)
        ))])),
    }
}

/// What there is of an account after it was ended.
struct Left {
    user: User,
    /// How many of the links and keys that were there before.
    old: usize,
    /// How many that were not.
    new: usize,
    /// The tokens of before that the audit log has no end of.
    old_tokens: BTreeSet<TokenUuid>,
    /// The tokens that came meanwhile.
    new_tokens: BTreeSet<TokenUuid>,
}

impl Left {
    async fn after(
        bench: &Bench<'_>,
        user: UserUuid,
        things: &BTreeSet<String>,
        tokens: &BTreeSet<TokenUuid>,
    ) -> Result<Self, Error> {
        let client = &bench.cluster.client;
        let only = [user];
        let reads = async {
            futures::try_join!(
                bench.cluster.user(user),
                client.permissions_of(&only),
                client.signatures_of(&only),
                client.keys_of(&only),
                client.keys_owned_by(&only),
                client.token_events_of(&only),
            )
        };
        let (user, links, signatures, keys, owned_keys, events) = Box::pin(reads).await?;
        let links = links.iter().chain(&signatures).map(|link| link.uuid.to_string());
        let there: BTreeSet<String> = links.chain(uuids_of(&keys)).chain(uuids_of(&owned_keys)).collect();
        let alive = perhaps_alive(&events, bench.cluster.now()).remove(&user.uuid).unwrap_or_default();
        let (old_tokens, new_tokens) = alive.into_iter().partition(|token| tokens.contains(token));
        let old = there.intersection(things).count();
        Ok(Self { user, old, new: there.len() - old, old_tokens, new_tokens })
    }

    /// Whether this is what `unsetup` leaves, for one that got no answer; `before` are the tokens there were.
    fn seen(&self, before: &BTreeSet<TokenUuid>) -> Seen {
        if self.user.status != UserStatus::Inactive {
            return Seen::Otherwise(state(&self.user));
        }
        let left = self.old + self.new;
        if left > 0 {
            let left = count(left, "permission, key or signature", "permissions, keys or signatures");
            return Seen::Otherwise(format!("inactive, with {left} left"));
        }
        // One logged out has no end in the log either: only if none has one, nothing speaks for it.
        if !before.is_empty() && self.old_tokens.len() == before.len() {
            let left = count(before.len(), "token", "tokens");
            return Seen::Otherwise(format!("inactive, with {left} left, perhaps alive"));
        }
        Seen::AsWanted
    }

    fn notes(&self, name: &str) -> Vec<Note> {
        let mut notes = Vec::new();
        if self.old + self.new == 0 {
            notes.push(Note::info(
                "Checked by reading again: inactive, not invited, without permissions, logins and SSH keys.",
            ));
        }
        if self.old > 0 {
            notes.push(Note::warning(format!(
                "{name} still has {}: deactivate once more.",
                count(self.old, "permission, key or signature", "permissions, keys or signatures")
            )));
        }
        if self.new > 0 {
            notes.push(Note::warning(format!(
                "{name} has {} again: somebody else is at work there.",
                count(self.new, "permission or key", "permissions or keys")
            )));
        }
        if !self.old_tokens.is_empty() {
            notes.push(Note::info(format!(
                "The audit log has no end of {} of {name} (logging out leaves none): perhaps alive: {}. \
                 Revoking all tokens shows it.",
                count(self.old_tokens.len(), "token", "tokens"),
                listed(&texts(&self.old_tokens))
            )));
        }
        if !self.new_tokens.is_empty() {
            notes.push(Note::warning(format!(
                "Made for {name} meanwhile: {} {}. Revoke what should not be.",
                if self.new_tokens.len() == 1 { "the token" } else { "the tokens" },
                listed(&texts(&self.new_tokens))
            )));
        }
        notes
    }
}

fn texts(tokens: &BTreeSet<TokenUuid>) -> Vec<String> {
    tokens.iter().map(ToString::to_string).collect()
}
