//! One odd value in one field of one record, behind a gateway: every read still gives all others, and every
//! plan still has its targets.

use crate::http_client;
use crate::spoiler::{Shape, Spoil, Spoiler};
use crate::world::{Held, World};
use arv_admin::arvados::client::{Client, Connection};
use arv_admin::arvados::writer::Mode;
use arv_admin::model::ids::{LinkUuid, UserUuid, VmUuid};
use arv_admin::model::token::{Expiry, Scopes};
use arv_admin::model::user::{Notify, UserRole};
use arv_admin::model::user_page::{Federation, UserPage};
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::find_token::Given;
use arv_admin::ops::intent::{self, Activation, Chosen, Intent, Leaving};
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::step::Target;
use arv_admin::secret::Secret;
use serde_json::json;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Set, all of them are tried; else one of so many.
const ALL: &str = "ARV_ADMIN_EVERY_ODD_VALUE";
const ONE_OF: usize = 5;

/// So many tests share the questions, side by side.
const TESTS: usize = 4;

/// A small cluster that has some of everything.
struct Place {
    world: World,
    gateway: Spoiler,
    admin: String,
    rosa: UserUuid,
    otto: UserUuid,
    nina: UserUuid,
    vm: VmUuid,
    login: LinkUuid,
    tokens: Vec<Held>,
}

async fn place() -> Place {
    let world = World::empty().await;
    let admin = world.an_admin().await;
    let boss =
        json!({ "email": "boss@example.org", "username": "boss", "is_active": true, "is_admin": true });
    world.user_with(boss).await;
    let (rosa, otto) = (world.user("rosa").await, world.user("otto").await);
    let nina = world.user_with(json!({ "email": "nina@example.org", "username": "nina" })).await;
    let (vm, other) = (world.vm("shell1").await, world.vm("shell2").await);
    let login = world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": ["docker"] })).await;
    world.link(otto, "can_login", vm, json!({ "username": "otto", "groups": [] })).await;
    world.link(rosa, "can_login", other, json!({ "username": "rosa", "groups": [] })).await;
    for name in ["lab", "office"] {
        let role = world.role(name).await;
        world.link(rosa, "can_write", &role, json!({})).await;
    }
    world.project(rosa, "data").await;
    for (user, key) in [(rosa, "AAAAC3NzaC1lZDI1NTE5AAAAIJ5FfJ7sMwTsVYCFIHHgbBDdXbEMPNYNrN4HHCJ7qDtP")] {
        let key = json!({ "name": "laptop", "public_key": format!("ssh-ed25519 {key} rosa@laptop"),
            "authorized_user_uuid": user, "owner_uuid": user });
        world.ask("POST", "authorized_keys", json!({ "authorized_key": key })).await;
    }
    let tokens = vec![world.token(rosa).await, world.token(rosa).await, world.token(otto).await];
    let admin = world.token(admin).await.v2;
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    Place { world, gateway, admin, rosa, otto, nina, vm, login, tokens }
}

impl Place {
    async fn cluster(&self, mode: Mode) -> Result<Cluster, String> {
        let connection =
            Connection::on_loopback(self.gateway.address.to_string(), Secret::new(self.admin.clone()));
        let client = Client::new(&connection, self.world.time.timer()).unwrap();
        Cluster::connect(client, connection.host, mode).await.map_err(|error| format!("no session: {error}"))
    }

    /// All that a command line or the screen asks, and all that it may be about to do.
    fn questions(&self) -> Vec<Read> {
        let (rosa, otto) = (self.rosa, self.otto);
        let users = || vec![rosa, otto];
        let page = UserPage { after: None, until: None, limit: 1000, federation: Federation::Ask, so_far: 0 };
        let tokens = || self.tokens.iter().map(|held| held.uuid).collect::<Vec<_>>();
        let intents = [
            Intent::SetUp(intent::SetUp {
                users: vec![self.nina],
                vm: Some(self.vm),
                notify: Notify::Silently,
                activation: Activation::Now,
            }),
            Intent::Deactivate(intent::Deactivate { users: users() }),
            Intent::Suspend(intent::Suspend { users: users() }),
            Intent::SetRole(intent::SetRole { users: users(), role: UserRole::Admin }),
            Intent::Reassign(intent::Reassign {
                from: rosa,
                to: otto,
                project: None,
                leaving: Leaving::Leaves,
                regrant: Vec::new(),
            }),
            Intent::IssueToken(intent::IssueToken {
                owner: rosa,
                expiry: Expiry::Never,
                scopes: Scopes::All,
            }),
            Intent::ChangeExpiry(intent::ChangeExpiry {
                tokens: tokens(),
                expiry: Expiry::At("2027-01-01T00:00:00Z".parse().unwrap()),
            }),
            Intent::RevokeTokens(intent::RevokeTokens {
                tokens: tokens(),
                chosen: Chosen::ByUuid,
                secret: None,
            }),
            Intent::RevokeTokens(intent::RevokeTokens {
                tokens: vec![self.tokens[0].uuid],
                chosen: Chosen::ByUuid,
                secret: Some(Secret::new(self.tokens[0].v2.clone())),
            }),
            Intent::RevokeAllOf(intent::RevokeAllOf { users: users() }),
            Intent::ListExactly(intent::ListExactly { owner: rosa }),
            Intent::GrantLogin(intent::GrantLogin {
                users: users(),
                vm: self.vm,
                login_name: Some("lab".parse().unwrap()),
                groups: vec!["docker".parse().unwrap()],
            }),
            Intent::EditLogins(intent::EditLogins {
                links: vec![self.login],
                groups: vec!["lab".parse().unwrap()],
            }),
            Intent::RevokeLogins(intent::RevokeLogins { links: vec![self.login] }),
        ];
        let reads = [
            Read::Session,
            Read::Users(page),
            Read::UsersAgain(users()),
            Read::Tokens(rosa),
            Read::Logins(rosa),
            Read::LoginsOn(self.vm),
            Read::AllLogins,
            Read::Vms,
            Read::Summary(rosa),
            Read::Rights(rosa),
            Read::FindToken(Given::Uuid(self.tokens[0].uuid)),
            Read::FindToken(Given::V2(self.tokens[0].uuid, Secret::new(self.tokens[0].v2.clone()))),
        ];
        reads.into_iter().chain(intents.into_iter().map(Read::Survey)).collect()
    }
}

/// What an answer has, each thing by what names it.
fn things(outcome: &Outcome) -> BTreeSet<String> {
    match outcome {
        Outcome::Session(session) => [session.my_uuid().to_string(), session.my_token().to_string()].into(),
        Outcome::Users(users) => users.rows.iter().map(|row| row.user.uuid.to_string()).collect(),
        Outcome::UsersAgain(users) => users.iter().map(|user| user.uuid.to_string()).collect(),
        Outcome::Tokens(list) => list.rows.iter().map(|row| row.uuid.to_string()).collect(),
        Outcome::Logins(list) => list
            .rows
            .iter()
            .flat_map(|row| row.login.links.iter().map(|link| link.uuid.to_string()))
            .collect(),
        Outcome::Vms(vms) => vms.iter().map(|vm| vm.uuid.to_string()).collect(),
        Outcome::Summary(summary) => [summary.user.uuid.to_string()].into(),
        Outcome::Rights(rights) => rights.iter().map(|right| right.link.to_string()).collect(),
        Outcome::Found(found) => found.uuid.iter().map(ToString::to_string).collect(),
        Outcome::LeftHelpers(helpers) => {
            helpers.iter().flatten().map(|helper| helper.owner.to_string()).collect()
        }
        Outcome::Surveyed(plan) => {
            plan.steps().iter().map(|planned| target(&planned.step.target())).collect()
        }
    }
}

/// What a step is about; a login by whose it is and where, since its name may be what is odd.
fn target(target: &Target) -> String {
    match target {
        Target::Login { user, vm, .. } => format!("{user} on {vm}"),
        Target::User(_) | Target::Token(_) | Target::Link(_) => format!("{target:?}"),
    }
}

/// How many things one odd value may take: the row whose own name it is, and nothing of a plan.
fn may_be_missing(read: &Read, spoil: &Spoil) -> usize {
    let names_the_row = ["uuid", "tail_uuid", "head_uuid", "object_uuid", "object_owner_uuid", "event_type"];
    let within = spoil.field.starts_with("properties");
    match read {
        // Whose a token or login is, is in one record alone: that it can't be read is said of the target.
        Read::Survey(_) if ["object_owner_uuid", "tail_uuid", "head_uuid"].contains(&&*spoil.field) => 1,
        // Another text is another event, of which nothing here is known; another flag is another state.
        Read::Survey(_)
            if spoil.field == "event_type"
                && (spoil.with == Shape::Long
                    || matches!(spoil.with, Shape::Json(text) if text.starts_with('"'))) =>
        {
            1
        }
        Read::Survey(_) if spoil.with == Shape::Json("true") && spoil.field.starts_with("is_") => 1,
        // A name that no account can have is refused as one.
        Read::Survey(Intent::SetUp(_)) if spoil.field == "username" => 1,
        // A link that is asked for by its UUID and has none, or is called otherwise, or has no login name.
        Read::Survey(Intent::EditLogins(_) | Intent::RevokeLogins(_))
            if spoil.field == "uuid" || (spoil.field == "name" && spoil.with != Shape::Absent) =>
        {
            1
        }
        Read::Survey(Intent::EditLogins(_)) if within => 1,
        // Every other plan has all its targets.
        Read::Survey(_) | Read::Session | Read::Summary(_) | Read::FindToken(_) | Read::UsersAgain(_) => 0,
        _ if names_the_row.contains(&spoil.field.as_str()) || within || spoil.field == "name" => 1,
        _ => 0,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_odd_value_takes_nothing_else_with_it() {
    try_every(0).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_odd_value_takes_nothing_else_with_it_second_quarter() {
    try_every(1).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_odd_value_takes_nothing_else_with_it_third_quarter() {
    try_every(2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_odd_value_takes_nothing_else_with_it_fourth_quarter() {
    try_every(3).await;
}

/// A quarter of the questions, each with one odd value after another.
async fn try_every(quarter: usize) {
    let place = place().await;
    let every = std::env::var_os(ALL).is_some();
    let mut failed = Vec::new();
    let (mut tried, count) = (0, AtomicUsize::new(quarter));
    for read in place.questions().into_iter().skip(quarter).step_by(TESTS) {
        place.gateway.spoil(None);
        place.gateway.take_seen();
        let cluster = place.cluster(Mode::ReadWrite).await.unwrap();
        let is_session = matches!(read, Read::Session);
        if !is_session {
            place.gateway.take_seen();
        }
        let whole = things(&read.clone().run(&cluster).await.unwrap());
        assert!(!whole.is_empty(), "{read:?}");
        for (resource, field) in place.gateway.take_seen() {
            for with in Shape::ALL {
                if !every && count.fetch_add(1, Ordering::Relaxed) % ONE_OF != 0 {
                    continue;
                }
                tried += 1;
                let spoil = Spoil { resource: resource.clone(), field: field.clone(), with };
                place.gateway.spoil(Some(spoil.clone()));
                let answer = if is_session {
                    place
                        .cluster(Mode::ReadWrite)
                        .await
                        .map(|cluster| Outcome::Session(Box::new(cluster.session)))
                } else {
                    read.clone().run(&cluster).await.map_err(|error| error.to_string())
                };
                place.gateway.spoil(None);
                match answer {
                    Ok(answer) => {
                        let there = things(&answer);
                        let missing: Vec<&String> = whole.difference(&there).collect();
                        let said = match &answer {
                            Outcome::Surveyed(plan) => {
                                missing.is_empty() || plan.refused().len() + plan.unchanged().len() > 0
                            }
                            _ => true,
                        };
                        if missing.len() > may_be_missing(&read, &spoil) || !said {
                            failed.push(format!("{read:?}: {spoil:?} takes {missing:?}; {answer:?}"));
                        }
                    }
                    // Which cluster it is decides whether the token may go there at all.
                    Err(error) if spoil.field == "ClusterID" && error.contains("was not sent") => {}
                    Err(error) => failed.push(format!("{read:?}: {spoil:?}: {error}")),
                }
            }
        }
    }
    let shown = failed.iter().map(|text| text.chars().take(700).collect::<String>());
    assert!(
        failed.is_empty(),
        "{} of {tried} fail:\n{}",
        failed.len(),
        shown.take(40).collect::<Vec<_>>().join("\n")
    );
}
