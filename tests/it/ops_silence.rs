//! What is said when the answer to a write does not come, or the look afterwards fails: "done" only for what
//! was seen, "failed" only for what was refused, and for the rest "unknown", with what to search for in the
//! cluster's logs.

use crate::world::{World, carry_out, carry_out_after};
use arv_admin::demo::record::Token;
use arv_admin::demo::uuid::Uuid;
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::{UserUuid, VmUuid};
use arv_admin::model::token::Expiry;
use arv_admin::model::user::Notify;
use arv_admin::ops::intent::{self, Activation, Chosen, Intent, Leaving};
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::report::{ApplyReport, ItemResult, Unclear};
use serde_json::{Value, json};

fn only(report: &ApplyReport) -> &ItemResult {
    assert_eq!(report.items.len(), 1, "{report:?}");
    &report.items[0].result
}

fn unclear(report: &ApplyReport) -> &Unclear {
    match only(report) {
        ItemResult::Unknown(unclear) => {
            let id = unclear.request_id.as_deref().unwrap_or_default();
            assert!(id.starts_with(&format!("req-{}", report.batch)), "{id}");
            unclear
        }
        other => panic!("not unknown: {other:?}"),
    }
}

fn failure(report: &ApplyReport) -> &str {
    match only(report) {
        ItemResult::Failed(failure) => &failure.reason,
        other => panic!("not failed: {other:?}"),
    }
}

fn notes(report: &ApplyReport) -> String {
    report.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// A leaver with a project, and a successor.
async fn leaver(world: &World) -> (UserUuid, Intent) {
    let (olaf, nina) = (world.user("olaf").await, world.user("nina").await);
    world.project(olaf, "measurements").await;
    let intent = Intent::Reassign(intent::Reassign {
        from: olaf,
        to: nina,
        project: None,
        leaving: Leaving::Leaves,
        regrant: vec![],
    });
    (olaf, intent)
}

#[tokio::test]
async fn deactivating_who_is_inactive_already_is_done_only_if_something_went() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let unsetup = format!("users/{rosa}/unsetup");
    world.ask("POST", &unsetup, json!({})).await;
    // A queued container makes itself a token, for instance.
    world.tokens(rosa, 2).await;
    let intent = Intent::Deactivate(intent::Deactivate { users: vec![rosa] });

    let rule = |fault| Rule::new(format!("/arvados/v1/{unsetup}"), fault).times(1);
    world.demo.faults().add(rule(Fault::ResetBefore));
    let report = carry_out(&admin, intent.clone()).await;
    let seen = &unclear(&report).seen;
    assert!(seen.ends_with("inactive, with 2 tokens left, perhaps alive"), "{seen}");
    assert_eq!(world.alive(rosa).await.len(), 2);

    world.demo.faults().clear();
    world.demo.faults().add(rule(Fault::ResetAfter));
    let report = carry_out(&admin, intent).await;
    assert_eq!(*only(&report), ItemResult::Done, "the audit log has the end of the tokens");
    assert_eq!(world.alive(rosa).await.len(), 0);
}

#[tokio::test]
async fn tokens_whose_end_nobody_saw_are_told_after_a_deactivation() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let gone = world.token(rosa).await;
    // Logging out ends a token, and leaves no record.
    world.demo.with_store(|store| {
        store.remove::<Token>(Uuid::parse(gone.uuid.as_str()).unwrap());
    });
    let report = carry_out(&admin, Intent::Deactivate(intent::Deactivate { users: vec![rosa] })).await;
    assert_eq!(*only(&report), ItemResult::Done);
    assert!(notes(&report).contains(gone.uuid.as_str()), "{}", notes(&report));
}

#[tokio::test]
async fn a_setup_that_cannot_be_looked_at_afterwards_is_done_or_unknown_but_not_failed() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let vm: VmUuid = world.vm("shell.example").await;
    let set_up = |user| {
        Intent::SetUp(intent::SetUp {
            users: vec![user],
            vm: Some(vm),
            notify: Notify::Silently,
            activation: Activation::Later,
        })
    };
    let no_links = || Rule::new("/arvados/v1/links", Fault::Forbidden).method("GET");

    let rosa = world.user_with(json!({ "email": "rosa@example.org", "username": "rosa" })).await;
    let report = Box::pin(carry_out_after(&admin, set_up(rosa), async {
        world.demo.faults().add(no_links());
    }))
    .await;
    assert_eq!(*only(&report), ItemResult::Done);
    assert!(notes(&report).contains("could not be looked up"), "{}", notes(&report));

    world.demo.faults().clear();
    let olaf = world.user_with(json!({ "email": "olaf@example.org", "username": "olaf" })).await;
    let report = Box::pin(carry_out_after(&admin, set_up(olaf), async {
        world.demo.faults().add(Rule::new("/arvados/v1/users/setup", Fault::ResetAfter));
        world.demo.faults().add(no_links());
    }))
    .await;
    assert!(unclear(&report).seen.contains("looking again failed too: 403"), "{report:?}");
}

#[tokio::test]
async fn a_reassignment_says_how_far_it_came() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (olaf, intent) = leaver(&world).await;
    let report = Box::pin(carry_out_after(&admin, intent.clone(), async {
        world.demo.faults().add(Rule::new("/arvados/v1/groups/contents", Fault::Forbidden).from_nth(2));
    }))
    .await;
    let name = format!("Data of olaf@example.org ({olaf})");
    assert_eq!(
        failure(&report),
        format!(
            "the account is deactivated, the project {name} was made, but the data was not moved: counting \
             before failed: 403 Forbidden"
        )
    );

    // Now the merge is done, and the look afterwards fails.
    world.demo.faults().clear();
    let report = Box::pin(carry_out_after(&admin, intent, async {
        world.demo.faults().add(Rule::new("/arvados/v1/groups/contents", Fault::Forbidden).from_nth(4));
    }))
    .await;
    assert_eq!(*only(&report), ItemResult::Done, "the server said yes");
    assert!(notes(&report).contains("could not be counted afterwards"), "{}", notes(&report));
}

#[tokio::test]
async fn a_merge_or_project_without_answer_that_is_not_seen_is_unknown() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (_, intent) = leaver(&world).await;
    for (path, what) in [
        ("/arvados/v1/groups", "the account is deactivated, but no data was moved, since it is not known"),
        ("/arvados/v1/users/merge", "but it is not known whether the data was moved"),
    ] {
        world.demo.faults().clear();
        world.demo.faults().add(Rule::new(path, Fault::ResetBefore).method("POST").times(1));
        let report = carry_out(&admin, intent.clone()).await;
        assert!(unclear(&report).seen.contains(what), "{report:?}");
    }
}

#[tokio::test]
async fn a_right_that_was_granted_without_answer_is_unknown_and_the_data_is_said_to_have_moved() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let (olaf, intent) = leaver(&world).await;
    let role = world.role("lab").await;
    world.link(olaf, "can_manage", role, json!({})).await;
    let Outcome::Rights(rights) = Read::Rights(olaf).run(&admin).await.unwrap() else { panic!("no rights") };
    let Intent::Reassign(intent::Reassign { from, to, project, leaving, .. }) = intent else {
        panic!("not that")
    };
    let regrant = vec![rights[0].link];
    world.demo.faults().add(Rule::new("/arvados/v1/links", Fault::ResetBefore).method("POST"));
    let report =
        carry_out(&admin, Intent::Reassign(intent::Reassign { from, to, project, leaving, regrant })).await;
    let seen = &unclear(&report).seen;
    assert!(seen.contains("the data was moved, but of 1 permission it is not known"), "{seen}");
}

#[tokio::test]
async fn a_token_that_is_still_there_after_silence_may_yet_go() {
    let world = World::empty().await;
    let root = world.root().await;
    let rosa = world.user("rosa").await;
    let token = world.token(rosa).await.uuid;
    let path = format!("/arvados/v1/api_client_authorizations/{token}");
    world.demo.faults().add(Rule::new(path, Fault::ResetBefore));
    let revoke = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![token],
        chosen: Chosen::ByUuid,
        secret: None,
    });
    let report = carry_out(&root, revoke).await;
    assert!(unclear(&report).seen.ends_with("the server still lists it"), "{report:?}");

    let expiry = Expiry::At("2027-01-01T00:00:00Z".parse().unwrap());
    let report =
        carry_out(&root, Intent::ChangeExpiry(intent::ChangeExpiry { tokens: vec![token], expiry })).await;
    assert!(unclear(&report).seen.ends_with("it ends never"), "{report:?}");
    world.demo.faults().clear();
    let row = world.ask("GET", &format!("api_client_authorizations/{token}"), Value::Null).await;
    assert_eq!(row["expires_at"], Value::Null);
}
