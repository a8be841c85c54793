//! What the server can't give, or says that it failed at: all else is shown and done, and what is said is so.

use crate::http_client;
use crate::program::Program;
use crate::spoiler::{Shape, Spoil, Spoiler};
use crate::world::{World, carry_out, survey};
use arv_admin::arvados::client::{Client, Connection};
use arv_admin::arvados::writer::Mode;
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::UserUuid;
use arv_admin::model::token::{Expiry, Scopes};
use arv_admin::model::user::{Notify, UserRole};
use arv_admin::model::user_page::{Federation, UserPage};
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::intent::{self, Activation, Chosen, Intent, Leaving};
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::report::{ApplyReport, ItemResult};
use arv_admin::ops::summary::{Part, Summary};
use arv_admin::secret::Secret;
use serde_json::{Value, json};

async fn summary(cluster: &Cluster, user: UserUuid) -> Summary {
    match Read::Summary(user).run(cluster).await.unwrap() {
        Outcome::Summary(summary) => *summary,
        other => panic!("{other:?}"),
    }
}

fn notes(report: &ApplyReport) -> String {
    report.notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn each_part_of_a_user_that_cannot_be_listed_takes_no_other_with_it() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let role = world.role("lab").await;
    world.link(rosa, "can_read", role, json!({})).await;
    let whole = summary(&admin, rosa).await.has.unwrap();
    for (path, parts) in [
        ("*/groups/contents", &["what it owns"][..]),
        ("*/containers", &["containers"]),
        ("*/authorized_keys", &["SSH keys"]),
        ("*/links", &["groups", "whether it is in All users"]),
    ] {
        for (fault, words) in [(Fault::ServerError, "500"), (Fault::Forbidden, "403")] {
            world.demo.faults().add(Rule::new(path, fault));
            let has = summary(&admin, rosa).await.has.unwrap();
            world.demo.faults().clear();
            let missing: Vec<(&str, &str)> = has.not_known().collect();
            assert_eq!(missing.iter().map(|(what, _)| *what).collect::<Vec<_>>(), parts, "{path}");
            assert!(missing.iter().all(|(_, why)| why.contains(words)), "{path}: {missing:?}");
            let same = [
                has.owned.get().is_none() || has.owned == whole.owned,
                has.work.get().is_none() || has.work == whole.work,
                has.keys.get().is_none() || has.keys == whole.keys,
                has.groups.get().is_none() || has.groups == whole.groups,
            ];
            assert_eq!(same, [true; 4], "{path}: {has:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn users_show_shows_all_that_can_be_had_and_says_who_said_what_of_the_rest() {
    let world = World::empty_today().await;
    let program = Program::new(&world.demo.url(), &world.admins_token().await);
    let rosa = world.user("rosa").await;
    world.token(rosa).await;
    let vm = world.vm("shell1").await;
    world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": [] })).await;
    let shown = program.run(&["users", "show", "rosa"]);
    assert!(!shown.out.contains("not known"), "{shown:?}");
    for (path, line, null) in [
        ("*/groups/contents", "owns       not known: ", "owned_objects"),
        ("*/containers", "runs       not known: ", "unfinished_containers"),
        ("*/authorized_keys", "SSH keys   not known: ", "authorized_keys"),
        ("*/logs", "tokens     not known: ", "api_client_authorizations"),
        ("*/virtual_machines", "VM logins  not known: ", "logins"),
    ] {
        world.demo.faults().add(Rule::new(path, Fault::NotFound));
        let text = program.run(&["users", "show", "rosa"]);
        let data = program.run(&["users", "show", "rosa", "--format", "json"]);
        world.demo.faults().clear();
        assert_eq!((text.code, data.code), (3, 3), "{path}: {text:?} {data:?}");
        let said = text.out.lines().find(|shown| shown.starts_with(line));
        assert!(said.is_some_and(|said| said.contains("404")), "{path}: {text:?}");
        assert!(text.out.contains("e-mail     rosa@example.org"), "{text:?}");
        let data = data.json();
        assert_eq!((&data["username"], &data[null]), (&json!("rosa"), &Value::Null), "{path}");
        assert!(data["not_known"][null].as_str().is_some_and(|said| said.contains("404")), "{data}");
        let others = shown.out.lines().filter(|other| {
            other.len() > 11 && other[..11].trim() != line[..11].trim() && !other.starts_with(' ')
        });
        for other in others.filter(|_| path != "*/virtual_machines" && path != "*/logs") {
            assert!(text.out.contains(other), "{path} takes {other:?}: {text:?}");
        }
    }
}

#[tokio::test]
async fn what_is_only_counted_stops_no_change_and_is_said() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    world.token(rosa).await;
    for fault in [Fault::ServerError, Fault::Forbidden] {
        for path in ["*/groups/contents", "*/containers", "*/logs", "*/virtual_machines", "*/authorized_keys"]
        {
            for intent in [
                Intent::Deactivate(intent::Deactivate { users: vec![rosa] }),
                Intent::Suspend(intent::Suspend { users: vec![rosa] }),
            ] {
                world.demo.faults().add(Rule::new(path, fault));
                let plan = survey(&admin, intent).await;
                world.demo.faults().clear();
                assert_eq!(plan.steps().len(), 1, "{path} {fault:?}");
                let said = plan.notes().iter().map(|note| &*note.text).collect::<Vec<_>>().join("\n");
                assert!(
                    said.contains("Not counted: ") || said.contains("Not known: "),
                    "{path} {fault:?}: {said}"
                );
                assert!(path != "*/logs" || !said.contains("No known token"), "{said}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_first_page_in_which_nobody_can_be_named_is_not_the_end() {
    let world = World::empty_today().await;
    let token = world.admins_token().await;
    for name in ["rosa", "otto", "mia", "nina"] {
        world.user(name).await;
    }
    let users = world.ask("GET", "users?order=[\"uuid+asc\"]&limit=1000", Value::Null).await;
    let mut all: Vec<String> = users["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["uuid"].as_str().unwrap().to_owned())
        .collect();
    all.sort();
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    gateway.unname(&all[..2], 2);
    let program = Program::new(&format!("http://{}", gateway.address), &token);
    let listed = program.run(&["users", "list", "--format", "json"]);
    let mut named: Vec<String> = listed
        .json()
        .as_array()
        .unwrap()
        .iter()
        .map(|user| user["uuid"].as_str().unwrap().to_owned())
        .collect();
    named.sort();
    assert_eq!(named, all[2..], "{listed:?}");
    assert!(listed.err.contains("2 users"), "{listed:?}");

    // As the screen pages.
    let connection = Connection::on_loopback(gateway.address.to_string(), Secret::new(token));
    let client = Client::new(&connection, world.time.timer()).unwrap();
    let cluster = Cluster::connect(client, connection.host, Mode::ReadOnly).await.unwrap();
    let page = UserPage { after: None, until: None, limit: 2, federation: Federation::Ask, so_far: 0 };
    let Outcome::Users(page) = Read::Users(page).run(&cluster).await.unwrap() else { panic!("no users") };
    assert_eq!((page.rows.len(), page.unread), (2, 2));
    assert_eq!(page.rows[0].user.uuid.to_string(), all[2]);
}

/// A change, and whether it can be seen to be done.
async fn changes(world: &World) -> Vec<Intent> {
    let (rosa, otto, mia) = (world.user("rosa").await, world.user("otto").await, world.user("mia").await);
    let new = world.user_with(json!({ "email": "nina@example.org", "username": "nina" })).await;
    let vm = world.vm("shell1").await;
    let link =
        |name: &'static str| world.link(rosa, "can_login", vm, json!({ "username": name, "groups": [] }));
    let (edited, revoked) = (link("rosa").await, link("rosa2").await);
    let tokens = world.tokens(otto, 2).await;
    vec![
        Intent::SetUp(intent::SetUp {
            users: vec![new],
            vm: None,
            notify: Notify::Silently,
            activation: Activation::Later,
        }),
        Intent::Activate(intent::Activate { users: vec![new] }),
        Intent::SetRole(intent::SetRole { users: vec![mia], role: UserRole::Admin }),
        Intent::SetRole(intent::SetRole { users: vec![mia], role: UserRole::Plain }),
        Intent::GrantLogin(intent::GrantLogin { users: vec![mia], vm, login_name: None, groups: Vec::new() }),
        Intent::EditLogins(intent::EditLogins { links: vec![edited], groups: vec!["lab".parse().unwrap()] }),
        Intent::RevokeLogins(intent::RevokeLogins { links: vec![revoked] }),
        Intent::ChangeExpiry(intent::ChangeExpiry {
            tokens: vec![tokens[0]],
            expiry: Expiry::At("2027-01-01T00:00:00Z".parse().unwrap()),
        }),
        Intent::RevokeTokens(intent::RevokeTokens {
            tokens: vec![tokens[1]],
            chosen: Chosen::ByUuid,
            secret: None,
        }),
        Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![otto] }),
        Intent::Suspend(intent::Suspend { users: vec![mia] }),
        Intent::Resume(intent::Resume { users: vec![mia] }),
        Intent::Deactivate(intent::Deactivate { users: vec![rosa] }),
    ]
}

#[tokio::test]
async fn a_500_to_a_change_that_was_carried_out_is_looked_up_and_is_done() {
    let world = World::empty().await;
    let token = world.admins_token().await;
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let connection = Connection::on_loopback(gateway.address.to_string(), Secret::new(token));
    let client = Client::new(&connection, world.time.timer()).unwrap();
    let cluster = Cluster::connect(client, connection.host, Mode::ReadWrite).await.unwrap();
    for intent in changes(&world).await {
        gateway.fail_changes_but_making(Some("api_client_authorizations"));
        let report = Box::pin(carry_out(&cluster, intent.clone())).await;
        gateway.fail_changes_but_making(None);
        assert!(!report.items.is_empty(), "{intent:?}: {report:?}");
        assert!(report.items.iter().all(|item| item.result == ItemResult::Done), "{intent:?}: {report:?}");
        let said = notes(&report);
        assert!(said.contains("500") && said.contains("looked up: done"), "{intent:?}: {said}");
    }
    // Its secret did not come: nobody can use it, and it is named.
    let rosa = world.user("rosa9").await;
    gateway.fail_changes_but_making(Some("links"));
    let issue =
        Intent::IssueToken(intent::IssueToken { owner: rosa, expiry: Expiry::Never, scopes: Scopes::All });
    let report = carry_out(&cluster, issue).await;
    let [made] = world.alive(rosa).await[..] else { panic!("{report:?}") };
    let ItemResult::Unknown(unclear) = &report.items[0].result else { panic!("{report:?}") };
    assert!(unclear.seen.contains("500") && unclear.seen.contains(&format!("revoke {made}")), "{unclear:?}");
}

#[tokio::test]
async fn a_500_to_a_change_that_was_not_carried_out_is_looked_up_and_is_not_done() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa9").await;
    let mut all = changes(&world).await;
    all.push(Intent::IssueToken(intent::IssueToken {
        owner: rosa,
        expiry: Expiry::Never,
        scopes: Scopes::All,
    }));
    for intent in all {
        let plan = survey(&admin, intent.clone()).await;
        if plan.steps().is_empty() {
            continue;
        }
        let issues = matches!(intent, Intent::IssueToken(_));
        for method in ["PATCH", "PUT", "DELETE", "POST"] {
            let path = if method == "POST" && !issues { "*/users/*" } else { "*" };
            world.demo.faults().add(Rule::new(path, Fault::ServerError).method(method));
        }
        world.demo.faults().add(Rule::new("*/links", Fault::ServerError).method("POST"));
        let report = Box::pin(carry_out(&admin, intent.clone())).await;
        world.demo.faults().clear();
        for item in &report.items {
            let ItemResult::Failed(failure) = &item.result else { panic!("{intent:?}: {report:?}") };
            assert!(failure.reason.contains("500"), "{intent:?}: {failure:?}");
            assert!(failure.reason.contains("looked up: not done"), "{intent:?}: {failure:?}");
        }
    }
}

#[tokio::test]
async fn an_admin_flag_that_cannot_be_read_is_not_no() {
    let world = World::empty().await;
    let token = world.admins_token().await;
    let (rosa, otto) = (world.user("rosa").await, world.user("otto").await);
    world.project(rosa, "data").await;
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let connection = Connection::on_loopback(gateway.address.to_string(), Secret::new(token));
    let client = Client::new(&connection, world.time.timer()).unwrap();
    let cluster = Cluster::connect(client, connection.host, Mode::ReadWrite).await.unwrap();
    let with = Shape::Json("12345");
    gateway.spoil_record(
        rosa.as_str(),
        Spoil { resource: "users".to_owned(), field: "is_admin".to_owned(), with },
    );
    let leaving = Leaving::Leaves;
    let handover = Intent::Reassign(intent::Reassign {
        from: rosa,
        to: otto,
        project: None,
        leaving,
        regrant: Vec::new(),
    });
    let plan = survey(&cluster, handover).await;
    let said = plan.notes().iter().any(|note| note.text.contains("Whether") && note.text.contains("12345"));
    assert!(plan.steps().len() == 1 && said, "{:?}", plan.notes());
    let report =
        carry_out(&cluster, Intent::SetRole(intent::SetRole { users: vec![rosa], role: UserRole::Plain }))
            .await;
    assert!(notes(&report).contains("whether it held"), "{report:?}");
}

/// `Part` says of itself what it is.
#[test]
fn a_part_that_is_not_known_is_no_number() {
    let part: Part<usize> = Part::NotKnown("the server said 500".to_owned());
    assert_eq!((part.get(), part.why_not()), (None, Some("the server said 500")));
}
