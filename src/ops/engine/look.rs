//! What there is of the targets of the next steps, read for all of them at once just before they have their
//! turn: a hundred a request, never one by one.

use crate::arvados::error::Error;
use crate::arvados::links::Link;
use crate::arvados::query::BATCH;
use crate::arvados::tokens::Readings;
use crate::model::ids::UserUuid;
use crate::model::user::{User, UserRole};
use crate::ops::engine::belongings::Belongings;
use crate::ops::engine::bench::Bench;
use crate::ops::engine::seen::{SeenTokens, visible};
use crate::ops::failure::Failure;
use crate::ops::logins::{Key, key};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// The most steps that one look is for: as many as a batched read takes.
pub(in crate::ops) const MOST: usize = BATCH;

/// How long a look is good for. Somebody else may be at the same accounts, and what is written over must be
/// what was seen.
const GOOD_FOR: SignedDuration = SignedDuration::from_secs(10);

/// What there is of the targets of some steps.
pub(in crate::ops) struct Look {
    begun: Timestamp,
    users: BTreeMap<UserUuid, User>,
    belongings: BTreeMap<UserUuid, Belongings>,
    permissions: Vec<Link>,
    logins: Vec<Link>,
    admins: Vec<User>,
    tokens: SeenTokens,
    /// Of whom suspending took the admin flag, by the journal.
    flags_taken: Result<BTreeSet<UserUuid>, Failure>,
}

impl Look {
    /// Looks at all that these steps are about.
    pub async fn at(bench: &Bench<'_>, wanted: &LookAt) -> Result<Self, Error> {
        let cluster = bench.cluster;
        let begun = cluster.here();
        let logins: Vec<UserUuid> = wanted.logins.iter().copied().collect();
        let reads = async {
            futures::try_join!(
                cluster.users(&wanted.accounts),
                Belongings::of(bench, &wanted.ending),
                cluster.client.permissions_of(&wanted.suspending),
                cluster.client.login_links_of(&logins),
                async {
                    if wanted.tokens { visible(cluster, Readings::One).await } else { Ok(SeenTokens::none()) }
                },
            )
        };
        let (users, belongings, permissions, logins, tokens) = Box::pin(reads).await?;
        // After the accounts: who became an admin meanwhile counts for those who remain.
        let admins = if users.iter().any(|user| user.is_perhaps_admin() && bench.losing.contains(&user.uuid))
        {
            cluster.client.active_admins(cluster.federation()).await?
        } else {
            Vec::new()
        };
        Ok(Self {
            begun,
            users: users.into_iter().map(|user| (user.uuid, user)).collect(),
            belongings,
            permissions,
            logins,
            admins,
            tokens,
            flags_taken: if wanted.flags {
                cluster.journal.flags_taken(cluster.session.cluster.id)
            } else {
                Ok(BTreeSet::new())
            },
        })
    }

    /// Whether a step may still rely on it.
    pub fn is_good(&self, now: Timestamp) -> bool {
        now.duration_since(self.begun) <= GOOD_FOR
    }

    /// An account. One that is not there fails as if it had been asked for alone.
    pub fn user(&self, uuid: UserUuid) -> Result<&User, Failure> {
        self.users.get(&uuid).ok_or_else(|| Error::no_such_user().into())
    }

    /// What `unsetup` would delete of a user.
    pub fn belongings(&self, user: UserUuid) -> Result<&Belongings, Failure> {
        self.belongings.get(&user).ok_or_else(|| Error::no_such_user().into())
    }

    /// The permission links of a user that is to be suspended.
    pub fn permissions_of(&self, user: UserUuid) -> impl Iterator<Item = &Link> {
        self.permissions.iter().filter(move |link| link.tail_uuid == user.into())
    }

    /// The links of a login.
    pub fn links_of(&self, login: &Key) -> Vec<Link> {
        self.logins.iter().filter(|link| key(link).as_ref() == Some(login)).cloned().collect()
    }

    /// The tokens of a user, as the token in use lists them.
    pub fn tokens_of(&self, owner: UserUuid) -> SeenTokens {
        self.tokens.only_of(owner)
    }

    /// What resuming makes of a user: the journal knows whether suspending took an admin's flag.
    pub fn role_before(&self, user: UserUuid) -> Result<UserRole, Failure> {
        let taken = self.flags_taken.as_ref().map_err(Clone::clone)?;
        Ok(if taken.contains(&user) { UserRole::Admin } else { UserRole::Plain })
    }

    /// Whether some person stays an active admin without these.
    pub fn another_admin_remains(&self, losing: &[UserUuid]) -> bool {
        self.admins.iter().any(|admin| !admin.uuid.is_built_in() && !losing.contains(&admin.uuid))
    }
}

/// Whose what is looked at, each user once.
#[derive(Default)]
pub(in crate::ops) struct LookAt {
    pub accounts: Vec<UserUuid>,
    pub ending: Vec<UserUuid>,
    pub suspending: Vec<UserUuid>,
    pub logins: BTreeSet<UserUuid>,
    /// Whether the token in use is to list what it can.
    pub tokens: bool,
    /// Whether the journal is to be asked.
    pub flags: bool,
}
