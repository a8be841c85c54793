//! What the audit log knows of users' tokens, sorted by how sure it is.

use crate::arvados::logs::TokenEvent;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::ops::cluster::Cluster;
use crate::ops::tokens::{self, Chance, End, Logged};
use crate::ops::witness::{Witnesses, Word};
use std::collections::{BTreeMap, BTreeSet};

/// What the audit log knows of a user's tokens.
#[derive(Debug, Clone, Default)]
pub(in crate::ops) struct KnownTokens {
    /// It has no end of these, and they have not expired: "perhaps alive" (api.md v6).
    pub no_end: BTreeSet<TokenUuid>,
    /// These have an end in records that any user could have written (v58).
    pub doubtful: BTreeSet<TokenUuid>,
    /// Only somebody who has nothing to do with them wrote of these, if it was looked up who did.
    pub unproven: BTreeSet<TokenUuid>,
    /// The records of the server's own user, or of who asks, say that these are deleted.
    pub deleted: BTreeSet<TokenUuid>,
    /// Those among all but the deleted that the user made with a token of its own.
    pub self_made: BTreeSet<TokenUuid>,
}

/// What the audit log knows of tokens, by owner.
pub(in crate::ops) fn known_tokens(
    events: &[TokenEvent],
    cluster: &Cluster,
) -> BTreeMap<UserUuid, KnownTokens> {
    sorted_out(tokens::stories(events, cluster.session.my_uuid()), cluster, None)
}

pub(super) fn sorted_out(
    stories: BTreeMap<TokenUuid, Logged>,
    cluster: &Cluster,
    witnesses: Option<&Witnesses>,
) -> BTreeMap<UserUuid, KnownTokens> {
    let mut known: BTreeMap<UserUuid, KnownTokens> = BTreeMap::new();
    let now = cluster.now();
    for logged in stories.into_values() {
        let is_strangers = witnesses.is_some_and(|them| them.word_for(&logged) == Word::Strangers);
        let chance = logged.chance(now);
        let owner = logged.token.owner;
        let of_owner = known.entry(owner).or_default();
        if logged.made_by == Some(owner) && !matches!(logged.end, End::Deleted(_)) {
            of_owner.self_made.insert(logged.token.uuid);
        }
        let set = match logged.end {
            End::Deleted(_) => &mut of_owner.deleted,
            _ if is_strangers && chance != Chance::Gone => &mut of_owner.unproven,
            End::NotSeen if !logged.token.expiry.is_past(now) => &mut of_owner.no_end,
            End::Told(_) | End::NotSeen if chance == Chance::Doubtful => &mut of_owner.doubtful,
            End::Told(_) | End::NotSeen => continue,
        };
        set.insert(logged.token.uuid);
    }
    known
}
