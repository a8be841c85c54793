//! An incident in which the server can't give some list at all: what acting needs no list for is done all the
//! same, and it is said what nobody knows then.

use crate::program::Program;
use crate::world::{World, carry_out, survey};
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::UserUuid;
use arv_admin::ops::intent::{self, Intent, Leaving};
use arv_admin::ops::plan::{Plan, Weight};
use arv_admin::ops::report::ItemResult;
use serde_json::{Value, json};

const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ5FfJ7sMwTsVYCFIHHgbBDdXbEMPNYNrN4HHCJ7qDtP rosa";

/// Rosa, with a login, a group, a key and a token.
async fn rosa(world: &World) -> UserUuid {
    let rosa = world.user("rosa").await;
    let vm = world.vm("shell1").await;
    world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": [] })).await;
    let role = world.role("lab").await;
    world.link(rosa, "can_read", role, json!({})).await;
    let key =
        json!({ "name": "laptop", "authorized_user_uuid": rosa, "owner_uuid": rosa, "public_key": KEY });
    world.ask("POST", "authorized_keys", json!({ "authorized_key": key })).await;
    world.token(rosa).await;
    rosa
}

/// Every read of these lists fails.
fn fail(world: &World, lists: &[&str]) {
    for list in lists {
        world.demo.faults().add(Rule::new(*list, Fault::ServerError).method("GET"));
    }
}

fn dangers(plan: &Plan) -> String {
    let notes = plan.notes().iter().filter(|note| note.weight == Weight::Danger);
    notes.map(|note| note.text.clone()).collect::<Vec<_>>().join("\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_whose_links_and_keys_nobody_can_list_is_deactivated_and_what_was_not_known_is_said() {
    for (list, what) in
        [("*/links", "VM logins, groups and other permissions (500"), ("*/authorized_keys", "SSH keys (500")]
    {
        let world = World::empty_today().await;
        let mut program = Program::new(&world.demo.url(), &world.admins_token().await);
        let state = program.home().join("state");
        program.set("XDG_STATE_HOME", state.to_str().unwrap());
        let rosa = rosa(&world).await;
        fail(&world, &[list]);
        let planned = program.run(&["users", "deactivate", "rosa", "--dry-run"]);
        assert_eq!(planned.code, 0, "{planned:?}");
        assert!(planned.out.contains("Not known: ") && planned.out.contains(what), "{planned:?}");
        assert!(planned.out.contains("can't be written down"), "{planned:?}");
        let ran = program.run(&["users", "deactivate", "rosa", "--yes"]);
        world.demo.faults().clear();
        assert_eq!(ran.code, 0, "{ran:?}");
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("is not known, and not in the journal: ") && said.contains(what), "{ran:?}");
        assert!(said.contains("still has could not be looked up") && said.contains(what), "{ran:?}");
        assert!(!said.contains("without permissions, logins and SSH keys"), "{ran:?}");
        let now = world.ask("GET", &format!("users/{rosa}"), Value::Null).await;
        assert_eq!((&now["is_active"], &now["is_invited"]), (&json!(false), &json!(false)), "{ran:?}");
        assert_eq!(world.alive(rosa).await, [], "{ran:?}");
        let journal = std::fs::read_to_string(state.join("arv-admin/journal.jsonl")).unwrap();
        let before = journal.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        let before = before.map(|line| line["before"].clone()).find(|before| !before.is_null()).unwrap();
        assert!(before["not_known"].to_string().contains(what), "{before}");
        // What could be had is in it.
        let kept = if list == "*/links" { "keys" } else { "links" };
        assert!(!before[kept].as_array().unwrap().is_empty(), "{before}");
    }
}

#[tokio::test]
async fn an_account_nobody_can_list_anything_of_is_not_called_inactive_already() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = rosa(&world).await;
    carry_out(&admin, Intent::Deactivate(intent::Deactivate { users: vec![rosa] })).await;
    fail(&world, &["*/links", "*/authorized_keys", "*/logs"]);
    let plan = survey(&admin, Intent::Deactivate(intent::Deactivate { users: vec![rosa] })).await;
    let report = carry_out(&admin, Intent::Deactivate(intent::Deactivate { users: vec![rosa] })).await;
    world.demo.faults().clear();
    assert_eq!(plan.steps().len(), 1, "{plan:?}");
    assert!(dangers(&plan).contains("Not known: "), "{plan:?}");
    assert_eq!(report.items[0].result, ItemResult::Done, "{report:?}");
}

#[tokio::test]
async fn what_needs_the_links_to_act_right_is_refused_with_the_reason_and_what_needs_none_is_named() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = rosa(&world).await;
    let otto = world.user("otto").await;
    world.project(rosa, "data").await;
    fail(&world, &["*/links"]);
    let leaving = Leaving::Leaves;
    for intent in [
        Intent::Suspend(intent::Suspend { users: vec![rosa] }),
        Intent::Reassign(intent::Reassign {
            from: rosa,
            to: otto,
            project: None,
            leaving,
            regrant: Vec::new(),
        }),
    ] {
        let plan = survey(&admin, intent.clone()).await;
        assert!(plan.steps().is_empty(), "{intent:?}: {plan:?}");
        let reason = &plan.refused()[0].reason;
        assert!(reason.contains("500") && reason.contains("deactivat"), "{intent:?}: {reason}");
    }
}

#[tokio::test]
async fn what_a_change_only_names_or_warns_of_stops_it_with_no_list_failing() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = rosa(&world).await;
    let vm = world.vm("shell2").await;
    let login = world.link(rosa, "can_login", vm, json!({ "username": "rosa2", "groups": [] })).await;
    for (list, intent) in [
        (
            "*/authorized_keys",
            Intent::GrantLogin(intent::GrantLogin {
                users: vec![rosa],
                vm,
                login_name: None,
                groups: Vec::new(),
            }),
        ),
        ("*/virtual_machines", Intent::RevokeLogins(intent::RevokeLogins { links: vec![login] })),
        ("*/containers", Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })),
        ("*/logs", Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })),
    ] {
        for fault in [Fault::ServerError, Fault::Forbidden, Fault::NotFound] {
            world.demo.faults().add(Rule::new(list, fault).method("GET"));
            let plan = survey(&admin, intent.clone()).await;
            world.demo.faults().clear();
            assert_eq!(plan.steps().len(), 1, "{list} {fault:?} {intent:?}: {plan:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_can_list_no_tokens_is_worked_with_and_that_is_said() {
    let world = World::empty_today().await;
    let program = Program::new(&world.demo.url(), &world.admins_token().await);
    let rosa = rosa(&world).await;
    fail(&world, &["*/api_client_authorizations"]);
    let checked = program.run(&["check"]);
    let listed = program.run(&["users", "list"]);
    let ended = program.run(&["users", "deactivate", "rosa", "--yes"]);
    world.demo.faults().clear();
    for ran in [&checked, &listed, &ended] {
        assert_eq!(ran.code, 0, "{ran:?}");
        let said = format!("{}{}", ran.out, ran.err);
        assert!(said.contains("tokens this token may list is not known: 500"), "{ran:?}");
    }
    assert!(checked.out.contains("everyone's by the audit log"), "{checked:?}");
    assert_eq!(world.alive(rosa).await, [], "{ended:?}");
    // Somebody who is no admin.
    let otto = world.user("otto").await;
    let program = Program::new(&world.demo.url(), &world.token(otto).await.v2);
    fail(&world, &["*/api_client_authorizations"]);
    let checked = program.run(&["check"]);
    assert!(checked.out.contains("only your own"), "{checked:?}");
}
