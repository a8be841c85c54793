//! Whose word it is that there ever was a token: any user can write records of any token into the audit log, but
//! only in their own name (api.md v58).

use super::cluster::Cluster;
use super::tokens::Logged;
use crate::model::ids::UserUuid;
use std::collections::BTreeSet;

/// No more writers of records are looked up: whoever has so many accounts makes all of them up.
const MOST_WRITERS: usize = 1_000;

/// Who says that a token is, or was, its owner's: the surest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Word {
    /// The server's own user, who asks, or an admin.
    Sure,
    /// Its owner, who makes tokens, and can make them up.
    Owners,
    /// Nobody else than somebody who has nothing to do with it.
    Strangers,
}

/// Who is believed.
#[derive(Debug, Clone)]
pub(super) struct Witnesses {
    me: UserUuid,
    admins: BTreeSet<UserUuid>,
    /// What the word of all others is worth.
    others: Word,
}

impl Witnesses {
    /// Looks up which of those who wrote of these tokens are admins. Nothing is asked where the server's own user,
    /// the owner and who asks wrote all of it. Where it can't be looked up, nobody is taken for a stranger: anybody can
    /// write, also as somebody who can't be read, and that must stop nothing and hide no token.
    pub async fn of(cluster: &Cluster, stories: impl IntoIterator<Item = &Logged> + Send) -> Self {
        let alone = Self::alone(cluster);
        let unsure = stories.into_iter().filter(|logged| alone.word_for(logged) != Word::Sure);
        let writers: BTreeSet<UserUuid> = unsure.flat_map(writers).collect();
        let writers: Vec<UserUuid> = writers.into_iter().take(MOST_WRITERS).collect();
        if writers.is_empty() {
            return alone;
        }
        match cluster.users(&writers).await {
            Ok(users) => {
                let admins = users.iter().filter(|user| user.is_admin()).map(|user| user.uuid).collect();
                Self { admins, ..alone }
            }
            Err(error) => {
                tracing::debug!(kind = ?error.kind(), "who wrote into the audit log could not be looked up");
                Self { others: Word::Owners, ..alone }
            }
        }
    }

    /// Where nobody is looked up.
    fn alone(cluster: &Cluster) -> Self {
        Self { me: cluster.session.my_uuid(), admins: BTreeSet::new(), others: Word::Strangers }
    }

    /// For tests.
    #[cfg(test)]
    pub fn believing(me: UserUuid, admins: impl IntoIterator<Item = UserUuid>) -> Self {
        Self { me, admins: admins.into_iter().collect(), others: Word::Strangers }
    }

    /// Who says that a token is its owner's.
    pub fn word_for(&self, logged: &Logged) -> Word {
        let owner = logged.token.owner;
        let by = logged.claims.iter().filter(|(named, _)| *named == owner).map(|(_, by)| *by);
        let word = |by: Option<UserUuid>| match by {
            Some(by) if by == self.me || by.is_system() || self.admins.contains(&by) => Word::Sure,
            Some(by) if by != owner => self.others,
            // Whoever writes one has a name.
            Some(_) | None => Word::Owners,
        };
        by.map(word).min().unwrap_or(Word::Strangers)
    }
}

/// Whose a token may be, where nobody else than the audit log tells.
#[derive(Debug)]
pub(super) struct Claims {
    /// Likeliest first, who asks left out: first whom the server or an admin names, then whom the record of its
    /// making names, then those who wrote of it, since who knows of a token may well be its owner, then all others
    /// that are named: any user can name anybody.
    pub owners: Vec<UserUuid>,
    /// Those of them whom no record names.
    pub only_wrote: BTreeSet<UserUuid>,
    /// Who says that it is whom the record of its making names.
    pub word: Word,
}

impl Witnesses {
    /// Whose a token may be but that of who asks.
    pub fn claims(&self, logged: &Logged) -> Claims {
        let word = self.word_for(logged);
        let is_believed = |by: UserUuid| by == self.me || by.is_system() || self.admins.contains(&by);
        let named = logged.owners();
        let all_named: BTreeSet<UserUuid> = named.iter().copied().collect();
        let sure =
            logged.claims.iter().filter(|(_, by)| by.is_some_and(is_believed)).map(|(owner, _)| *owner);
        let wrote = logged.claims.iter().filter_map(|(_, by)| *by).filter(|by| !is_believed(*by));
        // Where it is sure whose it is, an uninvolved writer is no owner.
        let wrote = wrote.filter(|by| word != Word::Sure || all_named.contains(by));
        let wrote: BTreeSet<UserUuid> = wrote.collect();
        let maker = (word == Word::Sure).then_some(logged.token.owner);
        let likeliest = maker.into_iter().chain(sure).chain([logged.token.owner]);
        let all = likeliest.chain(wrote.iter().copied()).chain(named);
        let mut known = BTreeSet::from([self.me]);
        let owners = all.filter(|owner| known.insert(*owner)).collect();
        Claims { owners, only_wrote: wrote.difference(&all_named).copied().collect(), word }
    }
}

/// Who wrote of a token, but its owner and the server's own user.
fn writers(logged: &Logged) -> impl Iterator<Item = UserUuid> {
    let owner = logged.token.owner;
    logged.claims.iter().filter_map(|(_, by)| *by).filter(move |by| *by != owner && !by.is_system())
}
