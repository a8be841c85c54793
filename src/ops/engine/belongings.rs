//! What ending an account deletes of its user, as it is before: read for many at once, and written down.

use crate::arvados::error::Error;
use crate::arvados::links::Link;
use crate::arvados::logs::TokenEvent;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::ssh_key::SshKey;
use crate::model::user::User;
use crate::ops::cluster::Cluster;
use crate::ops::engine::bench::Bench;
use crate::ops::engine::check::Had;
use crate::ops::failure::Failure;
use crate::ops::gaps::{Gaps, KEYS, KEYS_OWNED, PERMISSIONS, SIGNATURES};
use crate::ops::journal::{Before, Doing};
use crate::ops::known_tokens::{KnownTokens, known_tokens};
use crate::ops::part::Part;
use crate::ops::tokens::stories;
use crate::ops::witness::{Witnesses, Word};
use std::collections::BTreeMap;

/// What `unsetup` deletes of a user, as it is now.
pub(in crate::ops) struct Belongings {
    before: Before,
    pub had: Had,
}

impl Belongings {
    /// Reads it, a hundred users a request.
    pub async fn of(bench: &Bench<'_>, users: &[UserUuid]) -> Result<BTreeMap<UserUuid, Self>, Error> {
        let cluster = bench.cluster;
        let client = &cluster.client;
        let gaps = Gaps::default();
        let reads = async {
            futures::try_join!(
                gaps.if_any(PERMISSIONS, client.permissions_of(users)),
                gaps.if_any(SIGNATURES, client.signatures_of(users)),
                gaps.if_any(KEYS, client.keys_of(users)),
                gaps.if_any(KEYS_OWNED, client.keys_owned_by(users)),
                gaps.if_any("preferences", client.preferences_of(users, cluster.federation())),
                async { Part::of(client.token_events_of(users).await) },
            )
        };
        let (permissions, signatures, keys, owned_keys, mut prefs, events) = Box::pin(reads).await?;
        let (unknown, asked_for_tokens) = (gaps.into_list(), events.get().is_some());
        let events = events.or_default();
        let mut tokens = known_tokens(&events, cluster);
        without_inventions(cluster, &events, tokens.values_mut()).await;
        let belongings = users.iter().map(|&user| {
            let is_of = |link: &&Link| link.tail_uuid == user.into();
            let links: Vec<Link> = permissions.iter().chain(&signatures).filter(is_of).cloned().collect();
            // What is both the user's and owned by the user is listed twice.
            let owned = owned_keys.iter().filter(|key| key.owner == user && key.user != user);
            let keys: Vec<SshKey> =
                keys.iter().filter(|key| key.user == user).chain(owned).cloned().collect();
            let had = Had {
                user,
                things: links.iter().map(|link| link.uuid.to_string()).chain(uuids_of(&keys)).collect(),
                tokens: tokens.remove(&user).unwrap_or_default(),
                unknown: unknown.clone(),
                asked_for_tokens,
            };
            let keys = keys.into_iter().map(Into::into).collect();
            let before = Before { links, keys, not_known: unknown.clone(), ..Before::default() }
                .with_preferences(prefs.remove(&user));
            (user, Self { before, had })
        });
        Ok(belongings.collect())
    }

    /// Writes it down, with the account's flags and how much the user owned, if that was counted.
    pub fn write_down(
        &self,
        bench: &Bench<'_>,
        doing: &Doing,
        user: &User,
        owned: Option<usize>,
    ) -> Result<(), Failure> {
        let Before { is_active, is_admin, .. } = Before::flags_of(user);
        bench.write_down(doing, &Before { is_active, is_admin, owned, ..self.before.clone() })
    }

    /// Whether nothing is left that could be deleted, as far as it can be listed.
    pub fn are_gone(&self) -> bool {
        let KnownTokens { no_end, doubtful, .. } = &self.had.tokens;
        self.had.unknown.is_empty()
            && self.had.asked_for_tokens
            && self.before.links.is_empty()
            && self.before.keys.is_empty()
            && no_end.is_empty()
            && doubtful.is_empty()
    }
}

fn uuids_of(keys: &[SshKey]) -> impl Iterator<Item = String> {
    keys.iter().map(|key| key.uuid.to_string())
}

/// Sets apart what only strangers wrote of, among what has no end yet: what never was can't end. Nothing is asked
/// where all have ended.
pub(in crate::ops) async fn without_inventions(
    cluster: &Cluster,
    events: &[TokenEvent],
    known: impl Iterator<Item = &mut KnownTokens> + Send,
) {
    let mut known: Vec<&mut KnownTokens> = known.filter(|known| !known.no_end.is_empty()).collect();
    if known.is_empty() {
        return;
    }
    let mut stories = stories(events, cluster.session.my_uuid());
    stories.retain(|token, _| known.iter().any(|known| known.no_end.contains(token)));
    let witnesses = Witnesses::of(cluster, stories.values()).await;
    for known in &mut known {
        let no_end = std::mem::take(&mut known.no_end);
        let is_strangers = |token: &TokenUuid| {
            stories.get(token).is_some_and(|logged| witnesses.word_for(logged) == Word::Strangers)
        };
        (known.unproven, known.no_end) = no_end.into_iter().partition(is_strangers);
    }
}
