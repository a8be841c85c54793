//! What can't be read is never taken for what would be convenient: a token is not called gone, a user not no
//! admin, a count not nothing.

use crate::http_client;
use crate::spoiler::{Shape, Spoil, Spoiler};
use crate::world::{World, carry_out, carry_out_after, survey};
use arv_admin::arvados::client::{Client, Connection};
use arv_admin::arvados::writer::Mode;
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::UserUuid;
use arv_admin::model::session::TrustedTokens;
use arv_admin::model::user::UserRole;
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::intent::{self, Chosen, Intent, Leaving};
use arv_admin::ops::journal::Journal;
use arv_admin::ops::plan::{Plan, TokenCount};
use arv_admin::ops::report::{ApplyReport, ItemResult};
use arv_admin::ops::step::{self, Step};
use arv_admin::secret::Secret;
use serde_json::{Value, json};

const TOKENS: &str = "*/api_client_authorizations";

/// Connected through a gateway that spoils, with an admin's token.
async fn behind_a_gateway(world: &World) -> (Cluster, Spoiler) {
    let ada = json!({ "email": "ada@example.org", "username": "ada", "is_active": true, "is_admin": true });
    let ada = world.user_with(ada).await;
    let token = Secret::new(world.token(ada).await.v2);
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let connection = Connection::on_loopback(gateway.address.to_string(), token);
    let client = Client::new(&connection, world.time.timer()).unwrap();
    (Cluster::connect(client, connection.host, Mode::ReadWrite).await.unwrap(), gateway)
}

fn null(resource: &str, field: &str) -> Spoil {
    Spoil { resource: resource.to_owned(), field: field.to_owned(), with: Shape::Json("null") }
}

fn said(plan: &Plan) -> String {
    plan.notes().iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

fn notes(report: &ApplyReport) -> String {
    report.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

async fn flags(world: &World, user: UserUuid) -> (bool, bool) {
    let user = world.ask("GET", &format!("users/{user}"), Value::Null).await;
    (user["is_active"].as_bool().unwrap(), user["is_admin"].as_bool().unwrap())
}

#[tokio::test]
async fn ones_own_live_token_is_never_called_gone_where_ones_list_cannot_be_had() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let mine = world.token(admin.session.my_uuid()).await.uuid;
    let revoke = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![mine],
        chosen: Chosen::ByUuid,
        secret: None,
    });
    let mut planned = 0;
    for failing in 1..=8 {
        world.demo.faults().add(Rule::new(TOKENS, Fault::ServerError).method("GET").times(failing));
        let plan = survey(&admin, revoke.clone()).await;
        world.demo.faults().clear();
        assert!(plan.unchanged().is_empty(), "after {failing} failures: {plan:?}");
        planned += plan.steps().len();
        assert!(plan.refused().iter().all(|it| it.reason.contains("can't be seen")), "{plan:?}");
    }
    assert!(planned > 0, "asked for by itself it is found");
    world.demo.faults().add(Rule::new(TOKENS, Fault::ServerError).method("GET").times(6));
    let report = carry_out(&admin, revoke).await;
    world.demo.faults().clear();
    assert_eq!(report.items[0].result, ItemResult::Done, "{report:?}");
    assert_eq!(world.alive(admin.session.my_uuid()).await, [admin.session.my_token()]);
}

#[tokio::test]
async fn ones_own_token_in_a_row_that_cannot_be_read_is_not_called_gone() {
    let world = World::empty().await;
    let (admin, gateway) = behind_a_gateway(&world).await;
    let mine = world.token(admin.session.my_uuid()).await.uuid;
    let others = world.token(world.user("rosa").await).await.uuid;
    gateway.spoil_record(mine.as_str(), null("api_client_authorizations", "uuid"));
    let tokens = vec![mine, others];
    let plan = survey(
        &admin,
        Intent::RevokeTokens(intent::RevokeTokens { tokens, chosen: Chosen::ByUuid, secret: None }),
    )
    .await;
    assert!(plan.unchanged().is_empty(), "{plan:?}");
    assert!(said(&plan).contains("one by one"), "{}", said(&plan));
    assert_eq!(plan.steps().len(), 2, "another's is looked for by a helper: {plan:?}");
}

#[tokio::test]
async fn tokens_that_could_not_be_counted_are_not_counted_as_none() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    world.tokens(rosa, 3).await;
    let me = admin.session.my_uuid();
    for (path, users) in [("*/logs", vec![rosa]), (TOKENS, vec![me])] {
        world.demo.faults().add(Rule::new(path, Fault::ServerError).method("GET"));
        let plan = survey(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users })).await;
        world.demo.faults().clear();
        assert!(said(&plan).contains("could not be counted"), "{}", said(&plan));
        assert_eq!(plan.steps()[0].losses.tokens, TokenCount::NotCounted, "{path}");
    }
}

#[tokio::test]
async fn a_token_that_only_the_log_has_is_not_said_to_be_listed() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    world.tokens(rosa, 3).await;
    world.demo.faults().add(Rule::new(TOKENS, Fault::ServerError).method("GET"));
    world.demo.faults().add(Rule::new(format!("{TOKENS}/*"), Fault::Pretence).method("DELETE"));
    let report = carry_out(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await;
    world.demo.faults().clear();
    let said = notes(&report);
    assert!(said.contains("The audit log has no end of") && said.contains("can't be seen"), "{said}");
    assert!(!said.contains("still lists"), "{said}");
    assert!(report.items.iter().all(|item| item.result == ItemResult::Done), "{report:?}");
}

#[tokio::test]
async fn a_suspended_user_keeps_no_admin_flag_that_could_not_be_read() {
    let world = World::empty().await;
    let boss =
        json!({ "email": "boss@example.org", "username": "boss", "is_active": true, "is_admin": true });
    let boss = world.user_with(boss).await;
    let (admin, gateway) = behind_a_gateway(&world).await;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("journal.jsonl");
    let admin = admin.keeping(Journal::at(path.clone()));
    gateway.spoil_record(boss.as_str(), null("users", "is_admin"));
    let suspend = Intent::Suspend(intent::Suspend { users: vec![boss] });
    let plan = survey(&admin, suspend.clone()).await;
    assert!(
        matches!(plan.steps()[0].step, Step::Suspend(step::SuspendStep { role: UserRole::Admin, .. })),
        "{plan:?}"
    );
    assert!(said(&plan).contains("Whether boss@example.org is an admin can't be read"), "{}", said(&plan));
    let report = Box::pin(carry_out_after(&admin, suspend, async {})).await;
    assert_eq!(report.items[0].result, ItemResult::Done, "{report:?}");
    assert_eq!(flags(&world, boss).await, (false, false));
    let journal = std::fs::read_to_string(path).unwrap();
    let before: Value = serde_json::from_str(journal.lines().next().unwrap()).unwrap();
    assert_eq!((&before["before"]["is_active"], &before["before"]["is_admin"]), (&json!(true), &Value::Null));
}

#[tokio::test]
async fn whoever_may_be_inactive_is_not_set_up_by_a_handover() {
    let world = World::empty().await;
    let (olaf, nina) = (world.user("olaf").await, world.user("nina").await);
    let (admin, gateway) = behind_a_gateway(&world).await;
    world.project(olaf, "data").await;
    gateway.spoil_record(olaf.as_str(), null("users", "is_active"));
    let hand_over = |leaving| {
        Intent::Reassign(intent::Reassign { from: olaf, to: nina, project: None, leaving, regrant: vec![] })
    };
    let plan = survey(&admin, hand_over(Leaving::Stays)).await;
    assert!(plan.steps().is_empty(), "{plan:?}");
    assert!(plan.refused()[0].reason.contains("whether it is active can't be read"), "{plan:?}");
    assert_eq!(survey(&admin, hand_over(Leaving::Leaves)).await.steps().len(), 1);
}

#[tokio::test]
async fn one_path_that_fails_does_not_lock_the_root_token_out() {
    for fault in [Fault::HtmlBody, Fault::ServerError, Fault::NotFound] {
        let world = World::empty().await;
        world.demo.faults().add(Rule::new(format!("{TOKENS}/*-zzzzzzzzzzzzzzz"), fault));
        let session = world.root().await.session;
        assert_eq!(session.trusted_tokens, TrustedTokens::Issued);
        let is_known = fault == Fault::NotFound;
        assert_eq!(session.warnings.is_empty(), is_known, "{:?}", session.warnings);
        assert!(session.warnings.iter().all(|said| said.contains("is not known")), "{:?}", session.warnings);
    }
}
