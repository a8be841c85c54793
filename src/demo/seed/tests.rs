//! What the demo cluster promises to whoever tries the program on it.

use super::*;
use crate::demo::clock::Time;
use crate::demo::record::{LogProperties, Snapshot, Token};
use jiff::{SignedDuration, ToSpan};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

fn now() -> Moment {
    start().into()
}

fn start() -> jiff::Timestamp {
    "2026-08-10T10:42:00Z".parse().unwrap()
}

fn build(users: usize) -> (Store, Seeded) {
    let mut store = Store::new(Time::From(start()));
    let seeded = institute(&mut store, users);
    (store, seeded)
}

fn cluster() -> &'static (Store, Seeded) {
    static CLUSTER: OnceLock<(Store, Seeded)> = OnceLock::new();
    CLUSTER.get_or_init(|| build(250))
}

fn user(username: &str) -> &'static User {
    cluster().0.user_named(username).unwrap()
}

fn logins(store: &Store) -> impl Iterator<Item = &Link> {
    store.links.iter().map(AsRef::as_ref).filter(|link| link.name == "can_login")
}

fn login_name(link: &Link) -> &str {
    link.properties["username"].as_str().unwrap()
}

#[test]
fn there_are_250_people_in_every_standing() {
    let (store, _) = cluster();
    assert_eq!(store.users.len(), 250 + 2);
    let invited = |user: &User| {
        store.links.by("tail_uuid", user.common.uuid).any(|link| link.head_uuid == Some(Uuid::all_users()))
    };
    let count = |keep: &dyn Fn(&User) -> bool| store.users.iter().filter(|user| keep(user)).count();
    assert!((150..230).contains(&count(&|user| user.is_active)));
    assert!(count(&|user| !user.is_active && invited(user)) >= 10, "set up");
    assert!(count(&|user| !user.is_active && !invited(user)) >= 25, "inactive");
    assert!(count(&|user| user.common.uuid.cluster() == "yyyyy") >= 10, "federated");
    assert_eq!(count(&|user| user.is_admin), 3 + 1, "three admins and the system user");
    assert!(
        store
            .users
            .iter()
            .filter(|user| user.is_active && user.common.uuid != Uuid::system_user())
            .all(|user| invited(user))
    );
}

#[test]
fn the_demo_works_with_the_token_of_ada() {
    let (store, seeded) = cluster();
    let token = store.tokens.get(seeded.admin_token).unwrap();
    assert_eq!(token.common.owner_uuid, seeded.admin);
    assert!(token.expires_at.is_some_and(|at| at > now()) && token.scopes == ["all"]);
    let ada = store.users.get(seeded.admin).unwrap();
    assert_eq!(ada.email.as_deref(), Some("ada@institute.example"));
    assert!(ada.is_admin && ada.is_active);
}

#[test]
fn batch_runner_has_141_tokens_that_live_on() {
    let (store, _) = cluster();
    let batch = user("batchrunner");
    assert!(!batch.is_active);
    let tokens: Vec<_> = store.tokens.by("owner_uuid", batch.common.uuid).collect();
    assert_eq!(tokens.len(), 141);
    assert!(tokens.iter().all(|token| token.expires_at.is_none_or(|at| at > now())));
}

#[test]
fn every_live_token_was_logged_when_it_was_made_and_none_as_deleted() {
    let (store, _) = build(1_000);
    let mut created = BTreeMap::new();
    let mut deleted = BTreeSet::new();
    for log in store.logs.iter() {
        let Some(uuid) = log.object_uuid.filter(|uuid| uuid.kind() == Some(Kind::Token)) else { continue };
        match &*log.event_type {
            "create" => assert!(created.insert(uuid, log).is_none()),
            "delete" => assert!(deleted.insert(uuid)),
            _ => {}
        }
    }
    for token in store.tokens.iter() {
        let log = created.get(&token.common.uuid).unwrap();
        assert_eq!(log.object_owner_uuid, Some(token.common.owner_uuid));
        assert_eq!(log.event_at, token.common.created_at);
        assert!(
            token.created_by_ip_address.is_none()
                || log.common.modified_by_user_uuid == Some(Uuid::system_user())
        );
        assert!(!deleted.contains(&token.common.uuid));
    }
    let swept =
        created.keys().filter(|uuid| !store.tokens.contains(**uuid) && !deleted.contains(uuid)).count();
    assert!(deleted.len() >= 20 && swept >= 20, "{} deleted, {swept} swept", deleted.len());
}

#[test]
fn tokens_of_every_sort_are_there() {
    let (store, _) = cluster();
    let any = |keep: &dyn Fn(&Token) -> bool| store.tokens.iter().any(|token| keep(token));
    assert!(any(&|token| token.expires_at.is_none()));
    let in_days = |token: &Token, days: i64| {
        token.expires_at.is_some_and(|at| at.duration_since(now()).as_hours() / 24 == days)
    };
    assert!(any(&|token| in_days(token, 3)));
    assert!(any(&|token| token.expires_at.is_some_and(|at| at < now())));
    assert!(any(&|token| token.scopes == ["GET /arvados/v1/collections/"]));
    assert!(any(&|token| token.created_by_ip_address.is_some()));
    let years_ago = now().saturating_add(-SignedDuration::from_hours(24 * 365 * 5));
    assert!(any(&|token| token.expires_at.is_none() && token.common.created_at < years_ago));
}

#[test]
fn rosa_is_as_the_screens_show_her() {
    let (store, _) = cluster();
    let rosa = user("rdelgado");
    let uuid = rosa.common.uuid;
    assert_eq!(uuid.as_str(), "zzzzz-tpzed-3kz0nwtjehhl0u4");
    assert!(rosa.is_active && !rosa.is_admin);
    let from = || store.links.by("tail_uuid", uuid);
    assert_eq!(from().filter(|link| link.name == "can_login").count(), 2);
    assert_eq!(
        from().filter(|link| link.head_uuid.and_then(|head| head.kind()) == Some(Kind::Group)).count(),
        3 + 1
    );
    assert_eq!(store.tokens.by("owner_uuid", uuid).count(), 3);
    assert_eq!(store.authorized_keys.by("authorized_user_uuid", uuid).count(), 1);
    assert_eq!(store.groups.by("owner_uuid", uuid).count(), 3);
    assert_eq!(store.collections.by("owner_uuid", uuid).filter(|row| !row.is_trashed).count(), 41);
    assert!(store.collections.by("owner_uuid", uuid).any(|row| row.is_trashed));
}

#[test]
fn exactly_two_users_share_an_e_mail() {
    let (store, _) = build(3_000);
    let mut emails = BTreeMap::<_, usize>::new();
    for email in store.users.iter().filter_map(|user| user.email.as_deref()) {
        *emails.entry(email).or_default() += 1;
    }
    let shared: Vec<_> = emails.into_iter().filter(|(_, count)| *count > 1).collect();
    assert_eq!(shared, [("kim.park@institute.example", 2)]);
}

#[test]
fn usernames_are_as_the_server_wants_them() {
    let (store, _) = build(3_000);
    let mut seen = BTreeSet::new();
    for name in store.users.iter().filter_map(|user| user.username.as_deref()) {
        assert!(
            name.chars().all(|c| c.is_ascii_alphanumeric())
                && name.starts_with(|c: char| c.is_ascii_alphabetic())
        );
        assert!(seen.insert(name), "{name} twice");
    }
    assert!(store.users.iter().any(|user| user.username.is_none()));
}

#[test]
fn six_machines_with_one_pair_of_twins_and_one_shared_account() {
    let (store, _) = cluster();
    assert_eq!(store.virtual_machines.len(), 6);
    let mut by_account = BTreeMap::<_, Vec<Uuid>>::new();
    for link in logins(store) {
        by_account.entry((link.head_uuid, login_name(link))).or_default().extend(link.tail_uuid);
    }
    let several: Vec<_> = by_account.into_iter().filter(|(_, users)| users.len() > 1).collect();
    let twins: Vec<_> =
        several.iter().filter(|(_, users)| users[0] == users[1]).map(|((_, n), _)| *n).collect();
    let shared: Vec<_> =
        several.iter().filter(|(_, users)| users[0] != users[1]).map(|((_, n), _)| *n).collect();
    assert_eq!((twins, shared), (vec!["otto"], vec!["analysis"]));
    let has = |group: &str| {
        logins(store).any(|link| link.properties["groups"].as_array().unwrap().iter().any(|g| g == group))
    };
    assert!(has("docker") && has("sudo"));
    assert!(logins(store).any(|link| link.properties["groups"].as_array().unwrap().is_empty()));
    let of_inactive =
        |link: &&Link| link.tail_uuid.and_then(|u| store.users.get(u)).is_some_and(|u| !u.is_active);
    assert!(logins(store).any(|link| of_inactive(&link)));
}

#[test]
fn there_are_20_role_groups_with_members() {
    let (store, _) = cluster();
    let roles: Vec<_> = store.groups.iter().filter(|group| group.is_role()).collect();
    assert_eq!(roles.len(), 20 + 3);
    let built_in = [Uuid::all_users(), Uuid::system_group(), Uuid::anonymous_group()];
    for role in roles.iter().map(|role| role.common.uuid).filter(|uuid| !built_in.contains(uuid)) {
        assert!(store.links.by("head_uuid", role).count() >= 3, "{role}");
    }
    let back = |tail: Uuid| store.links.by("tail_uuid", tail).any(|link| link.name == "can_read");
    assert!(roles.iter().any(|role| !built_in.contains(&role.common.uuid) && back(role.common.uuid)));
}

#[test]
fn keys_are_valid_and_one_belongs_to_an_admin() {
    let (store, seeded) = cluster();
    assert!(store.authorized_keys.len() > 50);
    for key in store.authorized_keys.iter() {
        let text = key.public_key.as_deref().unwrap();
        let parsed = ssh_key::PublicKey::from_openssh(text).unwrap();
        assert_eq!(parsed.algorithm(), ssh_key::Algorithm::Ed25519);
    }
    assert!(
        store
            .authorized_keys
            .by("owner_uuid", seeded.admin)
            .any(|key| key.authorized_user_uuid == Some(user("fhaddad").common.uuid))
    );
}

#[test]
fn what_runs_has_a_token_of_its_user_made_by_the_system() {
    let (store, _) = cluster();
    let mut users = BTreeSet::new();
    for container in store.containers.iter() {
        users.extend(container.runtime_user_uuid);
        match &*container.state {
            "Locked" | "Running" => {
                let token = store.tokens.get(container.auth_uuid.unwrap()).unwrap();
                assert_eq!(Some(token.common.owner_uuid), container.runtime_user_uuid);
                assert_eq!(token.common.modified_by_user_uuid, Some(Uuid::system_user()));
            }
            _ => assert_eq!(container.auth_uuid, None),
        }
    }
    assert_eq!(users.len(), 2);
}

#[test]
fn the_deactivated_have_nothing_left_but_the_log_can_bring_it_back() {
    let (store, _) = cluster();
    let marta = user("mlindqvi").common.uuid;
    assert_eq!(store.links.by("tail_uuid", marta).count(), 0);
    assert_eq!(store.tokens.by("owner_uuid", marta).count(), 0);
    assert_eq!(store.authorized_keys.by("authorized_user_uuid", marta).count(), 0);
    let deleted_logins = store
        .logs
        .iter()
        .filter(|log| match &log.properties {
            LogProperties::Attributes { old: Some(Snapshot::Link(old)), new: None } => {
                old.tail_uuid == Some(marta) && old.name == "can_login"
            }
            _ => false,
        })
        .count();
    assert_eq!(deleted_logins, 2);
}

#[test]
fn history_goes_back_to_2019_and_is_in_order() {
    let (store, _) = cluster();
    let mut logs: Vec<_> = store.logs.iter().collect();
    logs.sort_by_key(|log| log.id);
    assert!(logs.is_sorted_by_key(|log| log.event_at));
    assert!(logs[0].event_at.as_second() < now().as_second() - 7 * 365 * 86_400);
    assert!(logs[0].event_at.to_string().starts_with("2019-"));
    assert!(logs.last().unwrap().event_at < now());
    for kind in ["create", "update", "delete", "activity"] {
        assert!(logs.iter().filter(|log| log.event_type == kind).count() > 50, "{kind}");
    }
}

#[test]
fn nothing_happened_before_its_user_was_there_or_after_now() {
    let (store, _) = cluster();
    for token in store.tokens.iter() {
        let owner = store.users.get(token.common.owner_uuid).unwrap();
        assert!(token.common.created_at > owner.common.created_at && token.common.created_at < now());
    }
    for link in store.links.iter() {
        assert!(link.common.created_at < now());
        let end = |uuid: Option<Uuid>| store.common(uuid.unwrap()).unwrap().created_at;
        assert!(
            link.common.created_at >= end(link.tail_uuid) && link.common.created_at >= end(link.head_uuid)
        );
    }
}

#[test]
fn the_same_seed_gives_the_same_cluster_at_whatever_time() {
    let (first, _) = build(400);
    let (again, _) = build(400);
    assert!(first.users.iter().eq(again.users.iter()));
    assert!(first.links.iter().eq(again.links.iter()));
    assert!(first.tokens.iter().eq(again.tokens.iter()));
    assert!(first.logs.iter().map(|log| log.common.uuid).eq(again.logs.iter().map(|log| log.common.uuid)));
    let mut later = Store::new(Time::From(start() + 500.hours()));
    institute(&mut later, 400);
    assert!(first.users.iter().map(|row| row.common.uuid).eq(later.users.iter().map(|row| row.common.uuid)));
    assert!(
        first.tokens.iter().map(|row| row.common.uuid).eq(later.tokens.iter().map(|row| row.common.uuid))
    );
}

#[test]
fn a_crowd_keeps_to_the_number_and_is_frugal() {
    let (store, _) = build(5_000);
    assert_eq!(store.users.len(), 5_002);
    assert!(store.tokens.len() < 1_000 && store.authorized_keys.len() < 600);
}
