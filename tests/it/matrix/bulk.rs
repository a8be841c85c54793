//! Many targets at once: a token that ends stops everything after the first, what the server only pretends
//! to do is not claimed, and it takes few reads.

use super::{Truth, is_write};
use crate::world::{World, carry_out, confirmed, mint, survey};
use arv_admin::arvados::writer::{Mode, WriteAccess};
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::UserUuid;
use arv_admin::model::token::Expiry;
use arv_admin::model::user::{Notify, UserRole};
use arv_admin::ops::apply::{StopFlag, apply};
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::intent::{self, Activation, Chosen, Intent};
use arv_admin::ops::plan::Weight;
use arv_admin::ops::report::{Ended, ItemResult, Progress};
use arv_admin::ops::step::Target;
use serde_json::json;

async fn crowd(world: &World) -> Vec<UserUuid> {
    let mut users = Vec::new();
    for n in 0..12 {
        users.push(world.user(&format!("user{n}")).await);
    }
    users
}

#[tokio::test]
async fn a_401_in_the_middle_stops_it_after_the_first() {
    for nth in 1..=8 {
        let world = World::empty().await;
        let admin = world.admin().await;
        let users = crowd(&world).await;
        for intent in [
            Intent::SetRole(intent::SetRole { users: users.clone(), role: UserRole::Admin }),
            Intent::Deactivate(intent::Deactivate { users: users.clone() }),
        ] {
            world.demo.clear_requests();
            for method in ["PATCH", "POST"] {
                world.demo.faults().add(Rule::new("*", Fault::Unauthorized).method(method).from_nth(nth));
            }
            let report = carry_out(&admin, intent).await;
            world.demo.faults().clear();
            assert!(matches!(report.ended, Ended::GaveUp(_)), "{report:?}");
            let seen = world.demo.requests();
            let first = seen.iter().position(|r| is_write(r) && r.status == Some(401)).unwrap();
            // What was on its way at that moment had been sent already.
            let after = seen[first + 1..].iter().filter(|r| is_write(r)).count();
            assert!(after <= 3, "{after} writes after the first 401 at {nth}");
            let not_started =
                report.items.iter().filter(|item| item.result == ItemResult::NotStarted).count();
            assert!(not_started >= 12 - 4 - nth as usize, "{report:?}");
            let truth = Truth::of(&world).await;
            for item in &report.items {
                let Target::User(user) = item.target else { panic!("{item:?}") };
                let is_done = match report.intent {
                    Intent::Deactivate(_) => !truth.flag(user, "is_active"),
                    _ => truth.flag(user, "is_admin"),
                };
                assert_eq!(is_done, item.result == ItemResult::Done, "{item:?}");
            }
            for user in &users {
                let user_flags = json!({ "user": { "is_active": true, "is_admin": false } });
                world.ask("PATCH", &format!("users/{user}"), user_flags).await;
            }
        }
    }
}

/// Something that is wanted of many.
#[derive(Debug, Clone, Copy)]
enum Many {
    Deactivate,
    RevokeTokens,
    RevokeTokensAsRoot,
    RevokeAllAsRoot,
    RevokeLogins,
    EditLogins,
    GrantLogins,
    Activate,
    SetUp,
    SetUpOnly,
    MakeAdmin,
    ChangeExpiry,
    ChangeExpiryAsRoot,
}

impl Many {
    /// Furnishes a cluster with so many of what it is about.
    async fn prepare(self, world: &World, count: usize) -> (Cluster, Intent) {
        let cluster = match self {
            Self::RevokeTokensAsRoot | Self::RevokeAllAsRoot | Self::ChangeExpiryAsRoot => world.root().await,
            _ => world.admin().await,
        };
        let vm = world.vm("shell.example").await;
        let active = !matches!(self, Self::Activate | Self::SetUp | Self::SetUpOnly);
        let (mut users, mut tokens, mut links) = (Vec::new(), Vec::new(), Vec::new());
        for n in 0..count {
            let name = format!("user{n}");
            let attributes = json!({ "email": format!("{name}@x"), "username": name, "is_active": active });
            let user = world.user_with(attributes).await;
            users.push(user);
            match self {
                Self::Deactivate
                | Self::RevokeTokensAsRoot
                | Self::RevokeAllAsRoot
                | Self::ChangeExpiryAsRoot => {
                    tokens.push(world.token(user).await.uuid);
                }
                // One owner's: each owner needs a helper, whose list comes in pages.
                Self::RevokeTokens | Self::ChangeExpiry => tokens.push(world.token(users[0]).await.uuid),
                _ => {}
            }
            if matches!(self, Self::Deactivate | Self::RevokeLogins | Self::EditLogins) {
                let properties = json!({ "username": name, "groups": [] });
                links.push(world.link(user, "can_login", vm, properties).await);
            }
        }
        let intent = match self {
            Self::Deactivate => Intent::Deactivate(intent::Deactivate { users }),
            Self::RevokeTokens | Self::RevokeTokensAsRoot => {
                Intent::RevokeTokens(intent::RevokeTokens { tokens, chosen: Chosen::FromList, secret: None })
            }
            Self::RevokeAllAsRoot => Intent::RevokeAllOf(intent::RevokeAllOf { users }),
            Self::RevokeLogins => Intent::RevokeLogins(intent::RevokeLogins { links }),
            Self::EditLogins => {
                Intent::EditLogins(intent::EditLogins { links, groups: vec!["docker".parse().unwrap()] })
            }
            Self::GrantLogins => {
                Intent::GrantLogin(intent::GrantLogin { users, vm, login_name: None, groups: Vec::new() })
            }
            Self::Activate => Intent::Activate(intent::Activate { users }),
            Self::MakeAdmin => Intent::SetRole(intent::SetRole { users, role: UserRole::Admin }),
            Self::ChangeExpiry | Self::ChangeExpiryAsRoot => Intent::ChangeExpiry(intent::ChangeExpiry {
                tokens,
                expiry: Expiry::At("2027-01-01T00:00:00Z".parse().unwrap()),
            }),
            Self::SetUpOnly => Intent::SetUp(intent::SetUp {
                users,
                vm: None,
                notify: Notify::Silently,
                activation: Activation::Later,
            }),
            Self::SetUp => Intent::SetUp(intent::SetUp {
                users,
                vm: Some(vm),
                notify: Notify::Silently,
                activation: Activation::Later,
            }),
        };
        (cluster, intent)
    }
}

/// How many reads and writes it takes to do it to so many, the survey included.
async fn requests(many: Many, count: usize) -> (usize, usize) {
    let world = World::empty().await;
    let (cluster, intent) = many.prepare(&world, count).await;
    world.demo.clear_requests();
    let report = carry_out(&cluster, intent).await;
    assert_eq!(report.items.len(), count, "{many:?}");
    assert!(report.items.iter().all(|item| item.result == ItemResult::Done), "{report:?}");
    let seen = world.demo.requests();
    let writes = seen.iter().filter(|seen| is_write(seen)).count();
    (seen.len() - writes, writes)
}

#[tokio::test]
async fn what_is_done_to_many_takes_a_write_each_and_reads_for_a_hundred_at_a_time() {
    for many in [
        Many::Deactivate,
        Many::RevokeTokens,
        Many::RevokeTokensAsRoot,
        Many::RevokeAllAsRoot,
        Many::RevokeLogins,
        Many::EditLogins,
        Many::GrantLogins,
        Many::Activate,
        Many::SetUp,
        Many::MakeAdmin,
        Many::ChangeExpiry,
        Many::ChangeExpiryAsRoot,
    ] {
        let (few_reads, few_writes) = Box::pin(requests(many, 100)).await;
        let (many_reads, many_writes) = Box::pin(requests(many, 200)).await;
        assert_eq!(many_writes - few_writes, 100, "{many:?}");
        assert!(many_reads - few_reads <= 30, "{many:?}: {few_reads} reads, then {many_reads}");
    }
}

#[tokio::test]
async fn what_the_server_only_pretends_to_do_to_one_of_three_is_said_of_that_one() {
    for (many, method, path) in [
        (Many::Deactivate, "POST", "*/unsetup"),
        (Many::RevokeTokens, "DELETE", "*/api_client_authorizations/*"),
        (Many::RevokeTokensAsRoot, "DELETE", "*/api_client_authorizations/*"),
        (Many::RevokeAllAsRoot, "DELETE", "*/api_client_authorizations/*"),
        (Many::RevokeLogins, "DELETE", "*/links/*"),
        (Many::EditLogins, "PATCH", "*/links/*"),
        (Many::SetUp, "POST", "*/users/setup"),
        (Many::SetUpOnly, "POST", "*/users/setup"),
        (Many::Activate, "PATCH", "*/users/*"),
        (Many::MakeAdmin, "PATCH", "*/users/*"),
        (Many::ChangeExpiry, "PUT", "*/api_client_authorizations/*"),
        (Many::ChangeExpiryAsRoot, "PUT", "*/api_client_authorizations/*"),
    ] {
        let world = World::empty().await;
        let (cluster, intent) = many.prepare(&world, 3).await;
        let rule = Rule::new(path, Fault::Pretence).method(method).from_nth(2).times(1);
        world.demo.faults().add(rule);
        world.demo.clear_requests();
        let report = carry_out(&cluster, intent).await;
        let sent: Vec<_> = world.writes().into_iter().filter(|seen| seen.method == method).collect();
        let pretended = format!("{} {}", sent[1].path, sent[1].body);
        let failed: Vec<_> = report
            .items
            .iter()
            .filter(|item| matches!(&item.result, ItemResult::Failed(why) if why.request_id.is_none()))
            .collect();
        assert_eq!(failed.len(), 1, "{many:?}: {report:?}");
        let done = report.items.iter().filter(|item| item.result == ItemResult::Done).count();
        assert_eq!(done, 2, "{many:?}: {report:?}");
        let truth = Truth::of(&world).await;
        let is_it = match &failed[0].target {
            Target::User(user) => pretended.contains(user.as_str()),
            Target::Token(token) => truth.token(token).is_some() && pretended.contains(token.as_str()),
            Target::Login { user, vm, .. } => {
                let link = truth.links(user, vm).next().expect("it is still there");
                pretended.contains(link["uuid"].as_str().unwrap())
            }
            Target::Link(_) => false,
        };
        assert!(is_it, "{many:?}: {:?} is not {pretended}", failed[0].target);
    }
}

#[tokio::test]
async fn a_helper_token_whose_end_the_server_only_pretends_is_named() {
    let world = World::empty().await;
    let (cluster, intent) = Many::RevokeTokens.prepare(&world, 3).await;
    let end = Rule::new("*/api_client_authorizations/*", Fault::Pretence).method("DELETE").from_nth(4);
    world.demo.faults().add(end);
    let report = carry_out(&cluster, intent).await;
    let truth = Truth::of(&world).await;
    let [helper] = truth.helpers()[..] else { panic!("{:?}", truth.helpers()) };
    assert!(report.notes.iter().any(|note| note.text.contains(helper)), "{:?}", report.notes);
}

#[tokio::test]
async fn what_could_not_be_looked_at_afterwards_is_done_by_the_servers_word_and_that_is_said() {
    for (many, method, said) in [
        (Many::Deactivate, "POST", "3 accounts could not be checked afterwards"),
        (Many::RevokeTokensAsRoot, "DELETE", "3 revoked tokens could not be looked for afterwards"),
        (Many::RevokeAllAsRoot, "DELETE", "has tokens left could not be looked at"),
        (Many::RevokeLogins, "DELETE", "3 VM logins could not be looked at afterwards"),
        (Many::SetUp, "POST", "has the login now could not be looked up"),
    ] {
        let world = World::empty().await;
        let (cluster, intent) = many.prepare(&world, 3).await;
        let plan = confirmed(survey(&cluster, intent).await, &cluster);
        let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
        world.demo.clear_requests();
        // From the last write on nothing can be read any more.
        let progress = |progress: Progress| {
            let written = world.writes().iter().filter(|seen| seen.method == method).count();
            let is_done =
                matches!(progress, Progress::Finished { item, .. } if item.result == ItemResult::Done);
            if written == 3 && is_done {
                world.demo.faults().add(Rule::new("*", Fault::HtmlBody));
            }
        };
        let report = apply(plan, &cluster, &leave, progress, &StopFlag::default()).await;
        assert!(report.items.iter().all(|item| item.result == ItemResult::Done), "{many:?}: {report:?}");
        let told = report.notes.iter().any(|note| note.weight == Weight::Warning && note.text.contains(said));
        assert!(told, "{many:?}: {:?}", report.notes);
    }
}

#[tokio::test]
async fn with_the_root_token_too_what_appears_meanwhile_is_revoked_and_a_401_stops_all() {
    let world = World::empty().await;
    let (cluster, intent) = Many::RevokeAllAsRoot.prepare(&world, 21).await;
    let Intent::RevokeAllOf(intent::RevokeAllOf { users }) = &intent else { panic!("{intent:?}") };
    let plan = confirmed(survey(&cluster, intent.clone()).await, &cluster);
    let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
    let minted = std::sync::OnceLock::new();
    let progress = |_| {
        minted.get_or_init(|| world.demo.with_store(|store| mint(store, users[1])));
    };
    let report = apply(plan, &cluster, &leave, progress, &StopFlag::default()).await;
    assert_eq!(report.items.len(), 22, "{report:?}");
    let named = report.notes.iter().any(|note| note.text.contains(minted.get().unwrap()));
    assert!(named, "{:?}", report.notes);
    for user in users {
        assert_eq!(world.alive(*user).await, []);
        world.tokens(*user, 5).await;
    }

    world.demo.clear_requests();
    world.demo.faults().add(Rule::new("*", Fault::Unauthorized).method("DELETE").from_nth(2));
    let report = carry_out(&cluster, intent.clone()).await;
    assert!(matches!(report.ended, Ended::GaveUp(_)), "{report:?}");
    let seen = world.writes();
    let first = seen.iter().position(|seen| seen.status == Some(401)).unwrap();
    assert!(seen.len() - first <= 4, "{} writes from the first 401 on", seen.len() - first);
    world.demo.faults().clear();
    let mut left = 0;
    for user in users {
        left += world.alive(*user).await.len();
    }
    let done = report.items.iter().filter(|item| item.result == ItemResult::Done).count();
    assert_eq!(done + left, 21 * 5);
}
