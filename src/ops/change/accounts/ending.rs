//! Ending an account: written down first, then `unsetup`, then read again whether it held. Where no answer
//! came, that the account is inactive proves nothing, since it may have been so before. Where its user made tokens
//! meanwhile it is ended again.

use crate::arvados::error::Error;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::text::{count, listed};
use crate::model::token::named_by_anybody;
use crate::model::user::{User, UserStatus};
use crate::ops::change::accounts::standing::state;
use crate::ops::engine::belongings::without_inventions;
use crate::ops::engine::{Bench, Had, Seen, Unseen, after_silence};
use crate::ops::failure::{Failure, conflict};
use crate::ops::gaps::{Gaps, KEYS, KEYS_OWNED, PERMISSIONS, SIGNATURES};
use crate::ops::known_tokens::{KnownTokens, known_tokens};
use crate::ops::plan::{Item, ItemResult, Note, Target, Unclear};
use futures::stream::{FuturesUnordered, StreamExt};
use std::collections::{BTreeMap, BTreeSet};

/// So often an account is ended at most where its user makes tokens meanwhile.
const MOST_ENDINGS: usize = 50;

/// How ending an account came out.
pub(in crate::ops) enum Ended {
    /// It held: what was seen.
    Done(Vec<Note>),
    /// No answer came, and looking again did not tell.
    Unclear(Unclear),
}

/// What came of a write that was not refused.
pub(in crate::ops) enum Answered {
    Yes,
    Nothing(Error),
}

pub(in crate::ops) async fn unsetup(bench: &Bench<'_>, user: UserUuid) -> Result<Answered, Failure> {
    match bench.writer().unsetup_user(user).await {
        Ok(_) => Ok(Answered::Yes),
        Err(error) if error.leaves_write_unknown() => Ok(Answered::Nothing(error)),
        Err(error) => Err(error.into()),
    }
}

/// Ends an account, what there is of it being written down, and looks at once whether it held.
pub(in crate::ops) async fn end(bench: &Bench<'_>, had: &Had) -> Result<Ended, Failure> {
    match unsetup(bench, had.user).await? {
        Answered::Yes => match Left::of(bench, had).await {
            Ok(left) => settle(bench, had, left).await.done(),
            Err(error) => Ok(Ended::Done(vec![not_checked(&bench.names.user(had.user), &error)])),
        },
        Answered::Nothing(error) => after_no_answer(bench, had, &error).await,
    }
}

/// How ending an account came out that got no answer.
pub(in crate::ops) async fn after_no_answer(
    bench: &Bench<'_>,
    had: &Had,
    error: &Error,
) -> Result<Ended, Failure> {
    let (looked, left) = match Left::of(bench, had).await {
        Ok(left) => (Ok(left.seen(&had.tokens)), Some(left)),
        Err(again) => (Err(again), None),
    };
    match after_silence(bench, &bench.names.user(had.user), error, looked) {
        Ok(()) => match left {
            Some(left) => settle(bench, had, left).await.done(),
            None => Ok(Ended::Done(Vec::new())),
        },
        Err(Unseen::NotDone(failure)) => Err(failure),
        Err(Unseen::Unclear(unclear)) => Ok(Ended::Unclear(unclear)),
    }
}

/// Looks whether accounts that were ended are so, all at once; each with the place of its step.
pub(in crate::ops) async fn check(bench: &Bench<'_>, ended: &[(usize, Had)]) {
    let Some((first, _)) = ended.first() else { return };
    let all: Vec<&Had> = ended.iter().map(|(_, had)| had).collect();
    let mut left = match Left::of_all(bench, &all).await {
        Ok(left) => left,
        Err(error) => {
            let who = match all.as_slice() {
                [only] => bench.names.user(only.user),
                many => count(many.len(), "account", "accounts"),
            };
            return bench.note(*first, not_checked(&who, &error));
        }
    };
    let mut settling = FuturesUnordered::new();
    for (place, had) in ended {
        match left.remove(&had.user) {
            Some(left) => settling.push(async move { (*place, had.user, settle(bench, had, left).await) }),
            None => bench.note(*place, not_checked(&bench.names.user(had.user), &Error::no_such_user())),
        }
    }
    while let Some((place, user, settled)) = settling.next().await {
        for note in settled.notes {
            bench.note(place, note);
        }
        if let Some(failure) = settled.failure {
            let item = Item { target: Target::User(user), result: ItemResult::Failed(failure) };
            bench.correct(place, item);
        }
    }
}

/// How an account is in the end.
struct Settled {
    notes: Vec<Note>,
    failure: Option<Failure>,
}

impl Settled {
    fn done(self) -> Result<Ended, Failure> {
        self.failure.map_or(Ok(Ended::Done(self.notes)), Err)
    }
}

/// Ends an account again for as long as its user makes tokens meanwhile. The server lists a user's tokens and
/// deletes one after another (`User#unsetup` of the Rails API has no transaction): one made in that time lives on,
/// and makes more although its user is inactive (api.md v14). Each that a look shows is deleted by the ending after
/// it, so once a look shows none that was not known, none is alive. Tokens that others made for the user meanwhile
/// are told of only.
async fn settle(bench: &Bench<'_>, had: &Had, mut left: Left) -> Settled {
    let name = bench.names.user(had.user);
    let mut had = had.clone();
    let (mut endings, mut made) = (1, 0);
    let failure = loop {
        if left.fresh.is_empty() {
            break left.unless_active().err();
        }
        made += left.fresh.len();
        if endings >= MOST_ENDINGS || bench.must_stop() {
            break Some(Failure {
                advice: "deactivate again; if that does not end it, stop the user's programs first",
                ..conflict(format!(
                    "{}, yet {name} makes new tokens while the server deletes them: {} after it was ended {}, the last \
                     not deleted",
                    state(&left.user),
                    count(made, "token", "tokens"),
                    count(endings, "time", "times"),
                ))
            });
        }
        had.tokens.no_end.append(&mut left.fresh);
        match again(bench, &had).await {
            Ok(now) => left = now,
            Err(failure) => {
                let now = state(&left.user);
                let reason = format!("{now}, but {name} made new tokens meanwhile: {}", failure.reason);
                break Some(Failure { reason, ..failure });
            }
        }
        endings += 1;
    };
    let mut notes = left.notes(&name);
    if endings > 1 && failure.is_none() {
        notes.push(Note::warning(format!(
            "{name} made {} while the server deleted the others: it was ended {endings} times, until none came.",
            count(made, "token", "tokens"),
        )));
    }
    Settled { notes, failure }
}

/// Ends it once more, and looks.
async fn again(bench: &Bench<'_>, had: &Had) -> Result<Left, Failure> {
    let _turn = bench.turn().await;
    match unsetup(bench, had.user).await? {
        Answered::Yes => Ok(Left::of(bench, had).await?),
        Answered::Nothing(error) => Err(error.into()),
    }
}

/// Done, by the server's own word alone.
fn not_checked(who: &str, error: &Error) -> Note {
    Note::warning(format!("{who} could not be checked afterwards: {error}."))
}

/// What there is of an account after it was ended.
struct Left {
    user: User,
    /// How many of the links and keys that were there before, or may have been.
    old: usize,
    /// How many that were not.
    new: usize,
    /// Which of these could not be listed, and why.
    unseen: Vec<String>,
    /// The tokens of before that the audit log has no end of.
    old_tokens: BTreeSet<TokenUuid>,
    /// The tokens that came meanwhile.
    new_tokens: BTreeSet<TokenUuid>,
    /// Those of which only records that any user could have written tell an end.
    doubtful: BTreeSet<TokenUuid>,
    /// Those of which only somebody wrote who has nothing to do with them.
    unproven: BTreeSet<TokenUuid>,
    /// Those that were deleted by the word of the server's own user, or of who asks.
    deleted: BTreeSet<TokenUuid>,
    /// Those that the user itself made meanwhile: whether the log has an end of them counts for nothing.
    fresh: BTreeSet<TokenUuid>,
}

impl Left {
    async fn of(bench: &Bench<'_>, had: &Had) -> Result<Self, Error> {
        Self::of_all(bench, &[had]).await?.remove(&had.user).ok_or_else(Error::no_such_user)
    }

    /// A hundred users a request; who is not there any more is left out.
    async fn of_all(bench: &Bench<'_>, all: &[&Had]) -> Result<BTreeMap<UserUuid, Self>, Error> {
        let client = &bench.cluster.client;
        let users: Vec<UserUuid> = all.iter().map(|had| had.user).collect();
        let gaps = Gaps::default();
        let reads = async {
            futures::try_join!(
                bench.cluster.users(&users),
                gaps.if_any(PERMISSIONS, client.permissions_of(&users)),
                gaps.if_any(SIGNATURES, client.signatures_of(&users)),
                gaps.if_any(KEYS, client.keys_of(&users)),
                gaps.if_any(KEYS_OWNED, client.keys_owned_by(&users)),
                gaps.if_any("tokens made meanwhile", client.token_events_of(&users)),
            )
        };
        let (users, links, signatures, keys, owned_keys, events) = Box::pin(reads).await?;
        let unseen = gaps.into_list();
        let mut known = known_tokens(&events, bench.cluster);
        without_inventions(bench.cluster, &events, known.values_mut()).await;
        let mut users: BTreeMap<UserUuid, User> = users.into_iter().map(|user| (user.uuid, user)).collect();
        let left = all.iter().filter_map(|had| {
            let user = users.remove(&had.user)?;
            let links = links.iter().chain(&signatures).filter(|link| link.tail_uuid == had.user.into());
            let keys = keys.iter().filter(|key| key.user == had.user);
            let keys = keys.chain(owned_keys.iter().filter(|key| key.owner == had.user));
            let there: BTreeSet<String> =
                links.map(|link| link.uuid.to_string()).chain(keys.map(|key| key.uuid.to_string())).collect();
            let now = known.remove(&had.user).unwrap_or_default();
            let KnownTokens { no_end, doubtful, deleted, self_made, unproven } = now;
            let before = &had.tokens;
            let was_known =
                |token: &TokenUuid| before.no_end.contains(token) || before.self_made.contains(token);
            let fresh = self_made.into_iter().filter(|token| !was_known(token)).collect();
            let (old_tokens, new_tokens) = no_end
                .into_iter()
                .partition(|token| before.no_end.contains(token) || before.doubtful.contains(token));
            // What was not known before is not new for that.
            let old =
                if had.unknown.is_empty() { there.intersection(&had.things).count() } else { there.len() };
            let (new, unseen) = (there.len() - old, unseen.clone());
            Some((
                had.user,
                Self { user, old, new, unseen, old_tokens, new_tokens, doubtful, unproven, deleted, fresh },
            ))
        });
        Ok(left.collect())
    }

    /// Fails if the account was not ended although the server said so.
    fn unless_active(&self) -> Result<(), Failure> {
        match self.user.status {
            // What can't be read says nothing against the server's word.
            UserStatus::Inactive | UserStatus::Unreadable => Ok(()),
            UserStatus::Active | UserStatus::SetUp => {
                Err(conflict(format!("the server said yes, yet the account is {}", state(&self.user))))
            }
        }
    }

    /// Whether this is what `unsetup` leaves, for one that got no answer; `before` are the tokens there were.
    fn seen(&self, before: &KnownTokens) -> Seen {
        match self.user.status {
            UserStatus::Inactive => {}
            UserStatus::Unreadable => return Seen::Unreadable(state(&self.user)),
            UserStatus::Active | UserStatus::SetUp => return Seen::Otherwise(state(&self.user)),
        }
        let left = self.old + self.new;
        if left > 0 {
            let left = count(left, "permission, key or signature", "permissions, keys or signatures");
            return Seen::Otherwise(format!("inactive, with {left} left"));
        }
        if !self.unseen.is_empty() {
            return Seen::Unreadable(format!(
                "inactive; what is left is not known: {}",
                self.unseen.join("; ")
            ));
        }
        // One logged out has no end in the log either: only if none has one, nothing speaks for it. What its
        // owner could have written speaks for nothing.
        let before = &before.no_end;
        if !before.is_empty() && before.is_disjoint(&self.deleted) {
            let left = count(before.len(), "token", "tokens");
            return Seen::Otherwise(format!("inactive, with {left} left, perhaps alive"));
        }
        Seen::AsWanted
    }

    fn notes(&self, name: &str) -> Vec<Note> {
        let mut notes = Vec::new();
        if !self.unseen.is_empty() {
            notes.push(Note::warning(format!(
                "What {name} still has could not be looked up: {}.",
                self.unseen.join("; ")
            )));
        } else if self.old + self.new == 0 && self.user.status == UserStatus::Inactive {
            notes.push(Note::info(
                "Checked by reading again: inactive, not invited, without permissions, logins and SSH keys.",
            ));
        }
        if self.user.status == UserStatus::Unreadable {
            notes.push(Note::warning(format!("Whether {name} is inactive now can't be read in its record.")));
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
        if !self.doubtful.is_empty() {
            notes.push(Note::info(format!(
                "Of {} of {name} only records tell the end that any user could have written. Revoking all tokens \
                 shows whether any is alive.",
                count(self.doubtful.len(), "token", "tokens"),
            )));
        }
        if !self.unproven.is_empty() {
            notes.push(Note::info(format!("Of {name} {}.", named_by_anybody(self.unproven.len()))));
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
