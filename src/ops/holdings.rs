//! What users have that deactivating, merging or suspending them touches: read in batches, counted for
//! each, and told in sentences.

use crate::arvados::error::Error;
use crate::arvados::links::{CAN_LOGIN, Link};
use crate::model::container::Container;
use crate::model::ids::{GroupUuid, UserUuid, VmUuid};
use crate::model::session::{ByLoginSync, ClusterFacts};
use crate::model::ssh_key::SshKey;
use crate::model::text::{count, listed, named};
use crate::model::token::{doubtfully_dead, named_by_anybody};
use crate::ops::cluster::Cluster;
use crate::ops::gaps::{Gaps, KEYS, KEYS_OWNED, PERMISSIONS, SIGNATURES};
use crate::ops::known_tokens::{KnownTokens, sorted_out};
use crate::ops::part::Part;
use crate::ops::plan::{Losses, Names, Note, TokenCount};
use crate::ops::tokens::{self};
use crate::ops::witness::Witnesses;
use std::collections::{BTreeMap, BTreeSet};

/// The most users for whom what they own is counted: the API counts for one user at a time.
const FEW: usize = 10;

/// What users have.
pub(in crate::ops) struct Holdings {
    /// By whose they are; why, if they could not be had.
    links: Part<BTreeMap<UserUuid, Vec<Link>>>,
    roles: BTreeMap<GroupUuid, String>,
    /// By whose they are.
    keys: BTreeMap<UserUuid, Vec<SshKey>>,
    /// By who owns the records.
    owned_keys: BTreeMap<UserUuid, Vec<SshKey>>,
    /// Unless the audit log could not be had.
    tokens: Option<BTreeMap<UserUuid, KnownTokens>>,
    signatures: BTreeMap<UserUuid, Vec<Link>>,
    work: BTreeMap<UserUuid, Vec<Container>>,
    vms: BTreeMap<VmUuid, String>,
    owned: BTreeMap<UserUuid, usize>,
    /// What the server could not list, and why, of what is only counted and shown.
    uncounted: Vec<String>,
    /// The same of what ending an account deletes, and the journal keeps.
    unkept: Vec<String>,
}

impl Holdings {
    /// Reads it.
    pub async fn of(cluster: &Cluster, users: &[UserUuid]) -> Result<Self, Error> {
        let client = &cluster.client;
        let counted = if users.len() <= FEW { users } else { &[] };
        let counts = async {
            let count = async |user: UserUuid| client.count_contents(user.into()).await.map(|n| (user, n));
            futures::future::try_join_all(counted.iter().map(|&user| count(user))).await
        };
        let (uncounted, unkept) = (Gaps::default(), Gaps::default());
        let (links, keys, owned_keys, events, signatures, work, vms, counts) = futures::try_join!(
            unkept.known(PERMISSIONS, client.permissions_of(users)),
            unkept.known(KEYS, client.keys_of(users)),
            unkept.known(KEYS_OWNED, client.keys_owned_by(users)),
            uncounted.known("tokens", client.token_events_of(users)),
            unkept.known(SIGNATURES, client.signatures_of(users)),
            uncounted.known("containers", client.unfinished_containers(users)),
            uncounted.known("VMs", client.virtual_machines()),
            uncounted.known("what they own", counts),
        )?;
        let heads = links.get().into_iter().flatten().map(|link| link.head_uuid);
        let groups: BTreeSet<GroupUuid> = heads.filter_map(|head| head.try_into().ok()).collect();
        let groups: Vec<GroupUuid> = groups.into_iter().collect();
        let tokens = match events.get() {
            Some(events) => {
                let stories = tokens::stories(events, cluster.session.my_uuid());
                let witnesses = Witnesses::of(cluster, stories.values()).await;
                Some(sorted_out(stories, cluster, Some(&witnesses)))
            }
            None => None,
        };
        let roles = uncounted.if_any("groups", client.roles_among(&groups)).await?;
        Ok(Self {
            links: links.map(|links| by_user(links, tail)),
            roles: roles.into_iter().map(|group| (group.uuid, named(&group.name.shown()))).collect(),
            keys: by_user(keys.or_default(), |key| Some(key.user)),
            owned_keys: by_user(owned_keys.or_default(), |key| Some(key.owner)),
            tokens,
            signatures: by_user(signatures.or_default(), tail),
            work: by_user(work.or_default(), |container| Some(container.user)),
            vms: vms.or_default().into_iter().map(|vm| (vm.uuid, named(&vm.hostname.shown()))).collect(),
            owned: counts.or_default().into_iter().collect(),
            uncounted: uncounted.into_list(),
            unkept: unkept.into_list(),
        })
    }

    /// The permission links of a user.
    pub fn links_of(&self, user: UserUuid) -> impl Iterator<Item = &Link> {
        self.links.get().into_iter().flat_map(move |links| of(links, user))
    }

    /// Why nobody's permission links are known, if so.
    pub fn links_not_known(&self) -> Option<&str> {
        self.links.why_not()
    }

    /// What could not be counted, to be said.
    pub fn not_counted(&self) -> Option<Note> {
        not_counted(self.unkept.iter().chain(&self.uncounted))
    }

    /// The same of what is deleted: what is not known can't be written down either.
    fn not_kept(&self) -> Option<Note> {
        let what = || {
            Note::danger(format!(
                "Not known: {}. What of them is deleted can't be written down, and so not be given back.",
                self.unkept.join("; ")
            ))
        };
        (!self.unkept.is_empty()).then(what)
    }

    /// Whether the audit log told how many tokens there are at most.
    pub fn has_counted_tokens(&self) -> bool {
        self.tokens.is_some()
    }

    /// How many tokens of a user the log has no end of.
    pub fn tokens_of(&self, user: UserUuid) -> usize {
        self.known_of(user).map_or(0, |known| known.no_end.len())
    }

    /// How many more have an end only in records that any user could have written.
    pub fn doubtful_of(&self, user: UserUuid) -> usize {
        self.known_of(user).map_or(0, |known| known.doubtful.len())
    }

    /// How many more are named only in records that any user could have written.
    pub fn unproven_of(&self, user: UserUuid) -> usize {
        self.known_of(user).map_or(0, |known| known.unproven.len())
    }

    fn known_of(&self, user: UserUuid) -> Option<&KnownTokens> {
        self.tokens.as_ref().and_then(|tokens| tokens.get(&user))
    }

    /// How many things a user owns, if that was counted.
    pub fn owned_by(&self, user: UserUuid) -> Option<usize> {
        self.owned.get(&user).copied()
    }

    /// How many containers of a user are queued, locked or running.
    pub fn work_of(&self, user: UserUuid) -> usize {
        of(&self.work, user).len()
    }

    /// The VMs on which users have logins, by name.
    pub fn hosts(&self) -> Vec<String> {
        let vms: BTreeSet<VmUuid> = self
            .links
            .get()
            .into_iter()
            .flat_map(BTreeMap::values)
            .flatten()
            .filter(|l| l.name == CAN_LOGIN)
            .filter_map(|l| l.head_uuid.try_into().ok())
            .collect();
        vms.into_iter().map(|vm| self.vms.get(&vm).cloned().unwrap_or_else(|| vm.to_string())).collect()
    }

    /// What `unsetup` deletes of a user (api.md b.5, v13).
    pub fn losses(&self, user: UserUuid) -> Losses {
        let mut losses = Losses {
            keys: of(&self.keys, user).len(),
            keys_of_others: self.keys_of_others(user).count(),
            tokens: match self.tokens {
                Some(_) => TokenCount::AtMost(self.tokens_of(user)),
                None => TokenCount::NotCounted,
            },
            doubtful_tokens: self.doubtful_of(user),
            signatures: of(&self.signatures, user).len(),
            work: self.work_of(user),
            ..Losses::default()
        };
        for link in self.links_of(user) {
            let group = GroupUuid::try_from(link.head_uuid).ok();
            if link.name == CAN_LOGIN {
                if let Ok(vm) = link.head_uuid.try_into() {
                    let login = (vm, link.properties.username.clone().unwrap_or_default());
                    // Twins are one login.
                    if !losses.logins.contains(&login) {
                        losses.logins.push(login);
                    }
                }
            } else {
                match group {
                    // Itself a role group, but no membership that anybody counts.
                    Some(group) if group.is_all_users() => {}
                    Some(group) if self.roles.contains_key(&group) => losses.memberships += 1,
                    Some(_) | None => losses.permissions += 1,
                }
            }
        }
        losses
    }

    /// Whether nothing is there of a user that `unsetup` would delete.
    pub fn is_bare(&self, user: UserUuid) -> bool {
        self.uncounted.is_empty()
            && self.unkept.is_empty()
            && self.links_of(user).next().is_none()
            && self.tokens_of(user) + self.doubtful_of(user) + self.unproven_of(user) == 0
            && of(&self.keys, user).is_empty()
            && of(&self.owned_keys, user).is_empty()
            && of(&self.signatures, user).is_empty()
    }

    fn keys_of_others(&self, user: UserUuid) -> impl Iterator<Item = &SshKey> {
        of(&self.owned_keys, user).iter().filter(move |key| key.user != user)
    }

    /// Adds what the losses name.
    pub fn add_names(&self, names: &mut Names) {
        names.vms.extend(self.vms.iter().map(|(uuid, name)| (*uuid, name.clone())));
        names.groups.extend(self.roles.iter().map(|(uuid, name)| (*uuid, name.clone())));
    }

    /// The owners of keys that go although others use them, to be named.
    pub fn users_of_lost_keys(&self, users: &[UserUuid]) -> Vec<UserUuid> {
        let lost: BTreeSet<UserUuid> = users
            .iter()
            .flat_map(|&user| self.keys_of_others(user))
            .map(|key| key.user)
            .filter(|user| !users.contains(user))
            .collect();
        lost.into_iter().collect()
    }

    /// What to know before these users lose all this.
    pub fn notes(&self, users: &[UserUuid], names: &Names, facts: &ClusterFacts) -> Vec<Note> {
        let mut notes: Vec<Note> = self.not_kept().into_iter().collect();
        notes.extend(not_counted(&self.uncounted));
        let unproven: usize = users.iter().map(|&user| self.unproven_of(user)).sum();
        if unproven > 0 {
            notes.push(Note::info(format!("{}.", named_by_anybody(unproven))));
        }
        let doubtful: usize = users.iter().map(|&user| self.doubtful_of(user)).sum();
        if doubtful > 0 {
            notes.push(Note::warning(format!("{}: they go, too.", doubtfully_dead(doubtful))));
        }
        let lost_keys: usize = users.iter().map(|&user| self.keys_of_others(user).count()).sum();
        if lost_keys > 0 {
            let others: Vec<String> =
                self.users_of_lost_keys(users).into_iter().map(|user| names.user(user)).collect();
            notes.push(Note::warning(format!(
                "{} that others use {} deleted too, because the record is owned here: {}.",
                count(lost_keys, "SSH key", "SSH keys"),
                if lost_keys == 1 { "is" } else { "are" },
                listed(&others),
            )));
        }
        let work: usize = users.iter().map(|&user| self.work_of(user)).sum();
        if work > 0 {
            notes.push(Note::warning(format!(
                "{} queued or running: what runs breaks with its token, what is queued gets a new token \
                 when it starts. Cancel the requests first (priority 0).",
                count(work, "container is", "containers are"),
            )));
        }
        let hosts = self.hosts();
        if !hosts.is_empty() {
            notes.push(Note::warning(format!(
                "The Unix accounts, their groups and SSH keys on {} stay: remove them there.",
                listed(&hosts),
            )));
        }
        let synced = facts.tokens == ByLoginSync::Done && !hosts.is_empty();
        notes.push(Note::info(new_tokens(synced, work > 0)));
        notes
    }
}

fn not_counted<'a>(what: impl IntoIterator<Item = &'a String>) -> Option<Note> {
    let what: Vec<&str> = what.into_iter().map(String::as_str).collect();
    (!what.is_empty()).then(|| Note::warning(format!("Not counted: {}.", what.join("; "))))
}

fn tail(link: &Link) -> Option<UserUuid> {
    link.tail_uuid.try_into().ok()
}

/// Things by whose they are, so that nobody's are looked for among everybody's.
fn by_user<T>(things: Vec<T>, user: impl Fn(&T) -> Option<UserUuid>) -> BTreeMap<UserUuid, Vec<T>> {
    let mut by_user: BTreeMap<UserUuid, Vec<T>> = BTreeMap::new();
    for thing in things {
        if let Some(user) = user(&thing) {
            by_user.entry(user).or_default().push(thing);
        }
    }
    by_user
}

fn of<T>(by_user: &BTreeMap<UserUuid, Vec<T>>, user: UserUuid) -> &[T] {
    by_user.get(&user).map_or(&[], Vec::as_slice)
}

/// What can make new tokens afterwards (api.md v27).
fn new_tokens(by_login_sync: bool, has_work: bool) -> String {
    let mut makers = vec!["a login"];
    if has_work {
        makers.push("a queued container when it starts");
    }
    if by_login_sync {
        makers.push("login-sync on a VM");
    }
    format!("New tokens can still be made afterwards by {}: look again later.", either(&makers))
}

fn either(texts: &[&str]) -> String {
    match texts {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [firsts @ .., last] => format!("{} or {last}", firsts.join(", ")),
    }
}
