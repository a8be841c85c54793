//! Tokens and SSH keys with dates that people write for "never", and those that the server itself can't read
//! back: what is listed of them, and that they can be revoked.

use crate::world::{Held, World, carry_out, list_of, survey};
use arv_admin::model::field::Date;
use arv_admin::model::ids::UserUuid;
use arv_admin::model::token::{Ends, Expiry, Scopes, TokenSource};
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::intent::{self, Chosen, Intent};
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::report::{ApplyReport, ItemResult, Tally};
use serde_json::{Value, json};

const LATE: &str = "9999-12-31T23:59:59Z";

/// What the database takes and the controller can't read back (api.md v33).
const UNREADABLE: &str = "10000-01-01T00:00:00Z";

async fn token_until(world: &World, owner: UserUuid, until: &str) -> Held {
    world.token_with(json!({ "owner_uuid": owner, "expires_at": until })).await
}

/// A token of which the server can't answer although it makes it: found behind its back.
async fn unreadable_token(world: &World, owner: UserUuid) -> arv_admin::model::ids::TokenUuid {
    let made = world.token(owner).await;
    let body = json!({ "api_client_authorization": { "expires_at": UNREADABLE } });
    let path = format!("api_client_authorizations/{}", made.uuid);
    assert_eq!(world.status("PUT", &path, body).await, 500);
    made.uuid
}

async fn tokens(cluster: &Cluster, owner: UserUuid) -> arv_admin::model::token::TokenList {
    match Read::Tokens(owner).run(cluster).await.unwrap() {
        Outcome::Tokens(list) => list,
        other => panic!("{other:?}"),
    }
}

fn all_done(report: &ApplyReport, done: usize) {
    assert_eq!(report.tally(), Tally { done, ..Tally::default() }, "{report:?}");
}

fn notes(report: &ApplyReport) -> String {
    report.notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_token_until_the_end_of_9999_is_listed_and_revoked_like_any() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let late = token_until(&world, rosa, LATE).await.uuid;
    let other = world.token(rosa).await.uuid;

    let logged = tokens(&admin, rosa).await;
    let row = logged.rows.iter().find(|row| row.uuid == late).unwrap();
    assert!(matches!(&row.expiry, Ends::On(Date::After9999(_))), "{row:?}");
    assert!(row.scopes.is(&Scopes::All), "its scopes are told: {row:?}");

    let report = carry_out(&admin, Intent::ListExactly(intent::ListExactly { owner: rosa })).await;
    let listed = list_of(&report);
    assert_eq!(listed.rows.len(), 2);
    all_done(
        &carry_out(
            &admin,
            Intent::RevokeTokens(intent::RevokeTokens {
                tokens: vec![late],
                chosen: Chosen::ByUuid,
                secret: None,
            }),
        )
        .await,
        1,
    );
    assert_eq!(world.alive(rosa).await, [other]);

    token_until(&world, rosa, LATE).await;
    all_done(&carry_out(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await, 2);
    assert_eq!(world.alive(rosa).await, []);
}

#[tokio::test]
async fn with_the_root_token_one_users_odd_date_stands_in_nobodys_way() {
    let world = World::empty().await;
    let (rosa, otto) = (world.user("rosa").await, world.user("otto").await);
    token_until(&world, rosa, LATE).await;
    unreadable_token(&world, rosa).await;
    let ottos = world.tokens(otto, 2).await;
    let root = world.root().await;
    assert_eq!(tokens(&root, otto).await.rows.len(), 2);
    let one = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![ottos[0]],
        chosen: Chosen::ByUuid,
        secret: None,
    });
    all_done(&carry_out(&root, one).await, 1);
    all_done(&carry_out(&root, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![otto] })).await, 1);
    all_done(&carry_out(&root, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await, 2);
    assert_eq!((world.uuids_of_tokens().await.len(), world.alive(otto).await), (0, vec![]));
}

#[tokio::test]
async fn an_admins_own_token_may_end_when_no_clock_here_can_say() {
    let world = World::empty().await;
    let ada = json!({ "email": "ada@example.org", "username": "ada", "is_active": true, "is_admin": true });
    let ada = world.user_with(ada).await;
    let rosa = world.user("rosa").await;
    world.tokens(rosa, 2).await;
    let mine = token_until(&world, ada, LATE).await;
    let cluster = world.with(&mine.v2).await;
    assert!(matches!(cluster.session.token.expiry, Ends::On(Date::After9999(_))));
    all_done(&carry_out(&cluster, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await, 2);

    let bad = world.token(ada).await;
    let body = json!({ "api_client_authorization": { "expires_at": UNREADABLE } });
    world.status("PUT", &format!("api_client_authorizations/{}", bad.uuid), body).await;
    let cluster = world.with(&bad.v2).await;
    assert_eq!(cluster.session.my_token(), bad.uuid);
    let own = tokens(&cluster, ada).await;
    assert_eq!((own.rows.len(), own.source), (2, TokenSource::Server));
    assert!(own.remark.as_deref().is_some_and(|said| said.contains("500")), "{:?}", own.remark);
}

#[tokio::test]
async fn where_the_server_cannot_give_a_row_its_uuids_are_revoked_and_it_is_said() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (rosa, otto) = (world.user("rosa").await, world.user("otto").await);
    let bad = unreadable_token(&world, rosa).await;
    world.tokens(rosa, 3).await;
    let kept = world.tokens(otto, 2).await;

    let report = carry_out(&admin, Intent::ListExactly(intent::ListExactly { owner: rosa })).await;
    let listed = list_of(&report);
    assert_eq!((listed.rows.len(), listed.source), (4, TokenSource::Server));
    assert!(listed.rows.iter().any(|row| row.uuid == bad && !row.expiry.is(Expiry::Never)), "{listed:?}");
    assert!(listed.remark.as_deref().is_some_and(|said| said.contains("UUIDs")), "{:?}", listed.remark);

    let one = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![bad],
        chosen: Chosen::ByUuid,
        secret: None,
    });
    all_done(&carry_out(&admin, one).await, 1);
    unreadable_token(&world, rosa).await;
    let report = carry_out(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await;
    all_done(&report, 4);
    assert!(notes(&report).contains("UUIDs"), "{}", notes(&report));
    assert!(notes(&report).contains("lists no token"), "{}", notes(&report));
    assert_eq!(world.alive(otto).await, kept);
}

#[tokio::test]
async fn an_end_that_the_server_cannot_read_back_is_mended_by_a_good_one() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let bad = unreadable_token(&world, rosa).await;
    let expiry = Expiry::At("2027-01-01T00:00:00Z".parse().unwrap());
    all_done(
        &carry_out(&admin, Intent::ChangeExpiry(intent::ChangeExpiry { tokens: vec![bad], expiry })).await,
        1,
    );
    assert_eq!(world.alive(rosa).await, [bad]);
}

#[tokio::test]
async fn where_not_even_uuids_are_listed_those_of_the_audit_log_go_and_deactivation_is_named() {
    use arv_admin::demo::{Fault, Rule};
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    world.tokens(rosa, 3).await;
    let plan = survey(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await;
    assert_eq!(plan.steps().len(), 1);
    world.demo.faults().add(Rule::new("*/api_client_authorizations", Fault::ServerError).method("GET"));
    let report = carry_out(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await;
    world.demo.faults().clear();
    assert!(report.items.iter().all(|item| item.result == ItemResult::Done), "{report:?}");
    assert_eq!(world.alive(rosa).await, []);
    let said = notes(&report);
    assert!(said.contains("audit log") && said.contains("eactivating the user"), "{said}");
    assert!(!said.contains("Checked: the server lists no"), "{said}");
}

#[tokio::test]
async fn an_ssh_key_until_9999_stops_nothing_that_is_done_to_its_owner() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let vm = world.vm("shell1").await;
    for (n, until) in [(1, LATE), (2, UNREADABLE)] {
        let blob = [
            "AAAAC3NzaC1lZDI1NTE5AAAAIJ5FfJ7sMwTsVYCFIHHgbBDdXbEMPNYNrN4HHCJ7qDtP",
            "AAAAC3NzaC1lZDI1NTE5AAAAIJ5FfJ7sMwTsVYCFIHHgbBDdXbEMPNYNrN4HHCJ7qDtQ",
        ][n - 1];
        let key = json!({ "name": format!("key {n}"), "public_key": format!("ssh-ed25519 {blob} rosa"),
            "authorized_user_uuid": rosa, "owner_uuid": rosa, "expires_at": until });
        world.status("POST", "authorized_keys", json!({ "authorized_key": key })).await;
        let summary = Read::Summary(rosa).run(&admin).await.unwrap();
        let Outcome::Summary(summary) = summary else { panic!("{summary:?}") };
        let keys = summary.has.unwrap().keys;
        assert_eq!(keys.get().unwrap().len(), n, "after {until}");
        let grant = |name: &str| {
            Intent::GrantLogin(intent::GrantLogin {
                users: vec![rosa],
                vm,
                login_name: Some(name.parse().unwrap()),
                groups: Vec::new(),
            })
        };
        all_done(&carry_out(&admin, grant(&format!("rosa{n}"))).await, 1);
        all_done(&carry_out(&admin, Intent::Suspend(intent::Suspend { users: vec![rosa] })).await, 1);
        all_done(&carry_out(&admin, Intent::Resume(intent::Resume { users: vec![rosa] })).await, 1);
    }
    all_done(&carry_out(&admin, Intent::Deactivate(intent::Deactivate { users: vec![rosa] })).await, 1);
}

#[tokio::test]
async fn scopes_of_another_shape_in_the_log_are_not_nothing() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let held = world.token(rosa).await;
    for scopes in [json!("all"), json!({ "all": true }), json!([["all"]]), Value::Null] {
        let log = json!({ "event_type": "update", "object_uuid": held.uuid, "object_owner_uuid": rosa,
            "properties": { "new_attributes": { "scopes": scopes, "expires_at": "whenever" } } });
        world.ask("POST", "logs", json!({ "log": log })).await;
        let list = tokens(&admin, rosa).await;
        let [row] = &list.rows[..] else { panic!("{list:?}") };
        let said = format!("{} {:?}", row.scopes, row.expiry);
        let is_null = scopes.is_null();
        assert!(is_null || said.starts_with("unreadable"), "{said}");
        assert!(!matches!(row.expiry, Ends::Never), "{said}");
    }
}
