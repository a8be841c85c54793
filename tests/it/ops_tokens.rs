//! Tokens: listing, revoking, issuing and finding them, and what happens when the server fails midway.

use crate::ops_find_token::find;
use crate::world::{World, carry_out, carry_out_watched, list_of, survey, token_of};
use arv_admin::arvados::error::ErrorKind;
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::{TokenUuid, UserUuid};
use arv_admin::model::token::{Expiry, Origin, Scopes, TokenList, TokenSource};
use arv_admin::ops::apply::StopFlag;
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::find_token::{Life, Revocable};
use arv_admin::ops::intent::{self, Chosen, Intent};
use arv_admin::ops::journal::Journal;
use arv_admin::ops::plan::Note;
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::report::{ApplyReport, Ended, Item, ItemResult, Tally};
use arv_admin::ops::step::Target;
use arv_admin::secret::Secret;
use serde_json::{Value, json};

const TOKENS: &str = "/arvados/v1/api_client_authorizations";

fn revoke(tokens: &[TokenUuid]) -> Intent {
    Intent::RevokeTokens(intent::RevokeTokens {
        tokens: tokens.to_vec(),
        chosen: Chosen::FromList,
        secret: None,
    })
}

async fn list(cluster: &Cluster, owner: UserUuid) -> TokenList {
    match Read::Tokens(owner).run(cluster).await.unwrap() {
        Outcome::Tokens(list) => list,
        other => panic!("no list: {other:?}"),
    }
}

fn results(report: &ApplyReport) -> Vec<(&Target, &ItemResult)> {
    report.items.iter().map(|item| (&item.target, &item.result)).collect()
}

fn notes(report: &ApplyReport) -> String {
    report.notes.iter().map(|note| note.text.as_str()).collect::<Vec<_>>().join("\n")
}

/// The helper tokens that were made, and which of the tokens that were deleted they are, by place.
fn helpers_deleted_at(world: &World) -> (usize, Vec<usize>) {
    let writes = world.writes();
    let made = writes.iter().filter(|w| w.method == "POST" && w.body.contains("DELETE /arvados")).count();
    let deleted = writes.iter().filter(|w| w.method == "DELETE").enumerate();
    let own = deleted.filter(|(_, w)| w.token.as_ref().is_some_and(|token| w.path.ends_with(token.as_str())));
    (made, own.map(|(place, _)| place).collect())
}

#[tokio::test]
async fn all_141_tokens_of_an_account_go_and_none_of_another() {
    let world = World::empty().await;
    let (runner, rosa) = (world.user("runner").await, world.user("rosa").await);
    world.tokens(runner, 141).await;
    let kept = world.tokens(rosa, 3).await;
    let admin = world.admin().await;
    let mine = world.alive(admin.session.my_uuid()).await;
    world.demo.clear_requests();

    let (report, shown) = carry_out_watched(
        &admin,
        Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![runner] }),
        &Journal::none(),
        |_, _| {},
    )
    .await;

    assert_eq!(report.ended, Ended::Completed);
    assert_eq!(report.tally(), Tally { done: 141, ..Tally::default() });
    assert_eq!(shown.len(), 141, "each was shown as it was done");
    assert_eq!(world.alive(runner).await, []);
    assert_eq!(world.alive(rosa).await, kept);
    assert_eq!(world.alive(admin.session.my_uuid()).await, mine);
    assert!(notes(&report).contains("the server lists no token of"), "{}", notes(&report));
    assert_eq!(helpers_deleted_at(&world), (1, vec![141]), "one helper, deleted last");
}

#[tokio::test]
async fn marked_tokens_of_several_owners_go_with_one_helper_each() {
    let world = World::empty().await;
    let (rosa, cara) = (world.user("rosa").await, world.user("cara").await);
    let (of_rosa, of_cara) = (world.tokens(rosa, 4).await, world.tokens(cara, 3).await);
    let admin = world.admin().await;
    world.demo.clear_requests();

    let marked = [&of_rosa[..3], &of_cara[..2]].concat();
    let report = carry_out(&admin, revoke(&marked)).await;

    assert_eq!(report.tally(), Tally { done: 5, ..Tally::default() });
    assert_eq!(
        (world.alive(rosa).await, world.alive(cara).await),
        (of_rosa[3..].to_vec(), of_cara[2..].to_vec())
    );
    assert_eq!(helpers_deleted_at(&world).0, 2);
    assert_eq!(helpers_deleted_at(&world).1.len(), 2, "both helpers deleted themselves");
}

#[tokio::test]
async fn a_stopped_batch_says_what_was_not_begun_and_leaves_no_helper() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    world.tokens(rosa, 40).await;
    let admin = world.admin().await;

    let (report, shown) = carry_out_watched(
        &admin,
        Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] }),
        &Journal::none(),
        |_, stop| {
            stop.stop();
        },
    )
    .await;

    let tally = report.tally();
    assert_eq!(report.ended, Ended::Stopped);
    assert_eq!((tally.done + tally.not_started, shown.len()), (40, tally.done));
    assert!(tally.done <= 4, "only what was under way: {tally:?}");
    assert_eq!(world.alive(rosa).await.len(), tally.not_started, "and no helper is left");
}

#[tokio::test]
async fn who_stops_during_the_last_deletion_is_told_that_nobody_looked_afterwards() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    world.tokens(rosa, 1).await;
    let stop_at_once = |_: &_, stop: &StopFlag| stop.stop();
    for cluster in [world.admin().await, world.root().await] {
        let (report, _) = carry_out_watched(
            &cluster,
            Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] }),
            &Journal::none(),
            stop_at_once,
        )
        .await;
        let said = |note: &Note| note.text.contains("Stopped before it was looked at whether rosa");
        assert!(report.notes.iter().any(said), "{report:?}");
        assert!(report.notes.iter().all(|note| !note.text.contains("Checked")), "{report:?}");
        world.tokens(rosa, 1).await;
    }
}

#[tokio::test]
async fn five_failures_of_one_kind_in_a_row_end_the_batch_and_the_helper_goes_all_the_same() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let marked = world.tokens(rosa, 20).await;
    let admin = world.admin().await;
    for token in &marked {
        let rule = Rule::new(format!("{TOKENS}/{token}"), Fault::ServerError);
        world.demo.faults().add(rule.method("DELETE"));
    }

    let report = carry_out(&admin, revoke(&marked)).await;

    assert!(
        matches!(&report.ended, Ended::GaveUp(failure) if failure.kind == ErrorKind::Server),
        "{:?}",
        report.ended
    );
    let tally = report.tally();
    assert!((5..=8).contains(&tally.failed) && tally.done == 0, "{tally:?}");
    assert_eq!(tally.failed + tally.not_started, 20);
    let again = report.retry();
    assert!(
        matches!(again, Some(Intent::RevokeTokens(intent::RevokeTokens { tokens, .. })) if tokens.len() == 20)
    );
    assert_eq!(world.alive(rosa).await, marked, "and no helper is left");
}

#[tokio::test]
async fn a_token_that_dies_midway_ends_the_batch_at_once() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let marked = world.tokens(admin.session.my_uuid(), 20).await;
    let rule = Rule::new(format!("{TOKENS}/*"), Fault::Unauthorized).method("DELETE").from_nth(6);
    world.demo.faults().add(rule);

    let report = carry_out(&admin, revoke(&marked)).await;

    assert!(matches!(&report.ended, Ended::GaveUp(failure) if failure.kind == ErrorKind::NotAuthorised));
    let tally = report.tally();
    assert_eq!(tally.done, 5);
    assert!(tally.failed <= 4 && tally.not_started >= 11, "{tally:?}");
}

#[tokio::test]
async fn a_busy_server_is_given_time_and_asked_less() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    world.tokens(rosa, 12).await;
    let admin = world.admin().await;
    let rule = Rule::new(TOKENS, Fault::Unavailable).method("GET").from_nth(1).times(2);
    world.demo.faults().add(rule);
    let rule = Rule::new(format!("{TOKENS}/*"), Fault::Unavailable).method("DELETE").from_nth(3).times(2);
    world.demo.faults().add(rule);

    let report = carry_out(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await;

    assert_eq!(report.ended, Ended::Completed, "two refusals are no reason to give up");
    assert_eq!(report.tally(), Tally { done: 10, failed: 2, ..Tally::default() });
    assert!(notes(&report).contains("The server still lists 2 tokens"), "{}", notes(&report));
    assert!(admin.client.allowed_at_once() < 4, "asked less");
}

#[tokio::test]
async fn a_lost_answer_is_looked_up() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let marked = world.tokens(rosa, 3).await;
    let admin = world.admin().await;
    let path = |token| format!("{TOKENS}/{token}");
    world.demo.faults().add(Rule::new(path(marked[0]), Fault::ResetAfter).method("DELETE"));
    world.demo.faults().add(Rule::new(path(marked[1]), Fault::ResetBefore).method("DELETE"));
    world.demo.faults().add(Rule::new(path(marked[2]), Fault::TruncatedBody).method("DELETE"));

    let report = carry_out(&admin, revoke(&marked)).await;

    let result = |token: TokenUuid| {
        let found = report.items.iter().find(|item| item.target == Target::Token(token));
        &found.unwrap().result
    };
    assert_eq!(result(marked[0]), &ItemResult::Done, "the server did it");
    assert!(
        matches!(result(marked[1]), ItemResult::Unknown(u) if u.seen.contains("still lists it") && u.request_id.is_some())
    );
    assert_eq!(result(marked[2]), &ItemResult::Done);
    assert_eq!(world.alive(rosa).await, [marked[1]]);
}

#[tokio::test]
async fn that_a_token_is_gone_is_the_root_tokens_word_alone() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let marked = world.tokens(rosa, 2).await;
    let admin = world.admin().await;
    let plan = survey(&admin, revoke(&marked)).await;
    world.ask("DELETE", &format!("api_client_authorizations/{}", marked[0]), Value::Null).await;

    let leave = arv_admin::arvados::writer::WriteAccess::for_mode(admin.mode).unwrap();
    let plan = crate::world::confirmed(plan, &admin);
    let stop = StopFlag::default();
    let report = arv_admin::ops::apply::apply(plan, &admin, &leave, |_| {}, &stop).await;
    let gone = |item: &Item| {
        item.target == Target::Token(marked[0])
            && matches!(&item.result, ItemResult::Failed(failure)
                if failure.reason.contains("not found among the tokens of rosa"))
    };
    assert!(report.items.iter().any(gone), "a list of rosa's proves nothing of others: {:?}", report.items);
    assert!(results(&report).contains(&(&Target::Token(marked[1]), &ItemResult::Done)));

    let root = world.root().await;
    let plan = survey(&root, revoke(&marked)).await;
    assert_eq!((plan.steps().len(), plan.unchanged().len()), (0, 2), "and the next survey knows it");
}

/// Any user may write to the audit log, whatever it likes (app/models/log.rb, `permission_to_create`).
async fn write_to_the_log(world: &World, token: &str, log: Value) {
    let url = format!("{}/arvados/v1/logs", world.demo.url());
    let sent = crate::http_client().post(url).bearer_auth(token).header("Content-Type", "application/json");
    let sent = sent.body(json!({ "log": log }).to_string()).send().await.unwrap();
    assert!(sent.status().is_success());
}

#[tokio::test]
async fn a_log_record_that_cannot_be_read_hides_no_token_and_stops_nothing() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let held = world.tokens(rosa, 2).await;
    let own = world.token(rosa).await;
    let admin = world.admin().await;
    for odd in [
        json!({ "new_attributes": { "expires_at": 5 } }),
        json!({ "new_attributes": { "expires_at": "soon", "scopes": "all" } }),
        json!({ "new_attributes": [], "old_attributes": "x" }),
        json!({ "new_attributes": { "created_at": {}, "created_by_ip_address": 7 } }),
    ] {
        let log = json!({
            "object_uuid": own.uuid, "object_owner_uuid": rosa, "event_type": "update", "properties": odd,
        });
        write_to_the_log(&world, &own.v2, log).await;
    }

    assert_eq!(list(&admin, rosa).await.rows.len(), 3);
    assert_eq!(find(&admin, own.uuid.as_str()).await.revocable, Revocable::Yes);
    assert_eq!(list(&world.root().await, rosa).await.rows.len(), 3);
    let report = carry_out(&admin, revoke(&[own.uuid])).await;
    assert_eq!(report.tally(), Tally { done: 1, ..Tally::default() });
    let report = carry_out(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] })).await;
    assert_eq!(report.tally(), Tally { done: held.len(), ..Tally::default() });
    assert_eq!(world.alive(rosa).await, []);
}

#[tokio::test]
async fn a_token_that_its_owner_has_written_off_in_the_log_is_revoked_all_the_same() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let held = world.token(rosa).await;
    let admin = world.admin().await;
    write_to_the_log(
        &world,
        &held.v2,
        json!({
            "object_uuid": held.uuid, "object_owner_uuid": rosa, "event_type": "delete",
            "event_at": "2026-11-24T10:00:00Z",
            "properties": { "old_attributes": { "uuid": held.uuid, "scopes": ["all"] }, "new_attributes": null },
        }),
    )
    .await;

    let found = find(&admin, held.uuid.as_str()).await;
    assert_eq!((found.life, found.revocable), (Life::PerhapsDead, Revocable::Yes));
    let report = carry_out(&admin, revoke(&[held.uuid])).await;
    assert_eq!(report.tally(), Tally { done: 1, ..Tally::default() });
    assert_eq!(world.alive(rosa).await, []);
}

#[tokio::test]
async fn rows_of_another_user_stop_everything() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let kept = world.tokens(rosa, 3).await;
    let admin = world.admin().await;
    let mine = world.tokens(admin.session.my_uuid(), 2).await;
    // The root token sees everyone's tokens; the session believes that they are the admin's own.
    let cheated = Cluster { client: world.root().await.client, ..admin.clone() };

    let error = Read::Tokens(admin.session.my_uuid()).run(&cheated).await.unwrap_err();
    assert!(error.to_string().contains("nothing is shown or changed"), "{error}");

    let plan =
        survey(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![admin.session.my_uuid()] }))
            .await;
    let leave = arv_admin::arvados::writer::WriteAccess::for_mode(admin.mode).unwrap();
    let plan = crate::world::confirmed(plan, &admin);
    let stop = StopFlag::default();
    let report = arv_admin::ops::apply::apply(plan, &cheated, &leave, |_| {}, &stop).await;
    assert_eq!(report.tally(), Tally { failed: 1, ..Tally::default() });
    assert_eq!(world.alive(rosa).await, kept);
    assert!(mine.iter().all(|token| !report.items.iter().any(|item| item.target == Target::Token(*token))));
    assert_eq!(world.alive(admin.session.my_uuid()).await.len(), 3);
}

#[tokio::test]
async fn the_token_in_use_is_kept_unless_named_by_its_own_uuid() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let me = admin.session.my_uuid();
    let others = world.tokens(me, 3).await;
    let in_use = admin.session.my_token();

    let plan = survey(&admin, revoke(&[in_use])).await;
    assert_eq!((plan.steps().len(), plan.refused().len()), (0, 1));

    let report = carry_out(&admin, Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![me] })).await;
    assert_eq!(report.tally(), Tally { done: others.len(), ..Tally::default() });
    assert_eq!(world.alive(me).await, [in_use]);

    let all = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![in_use],
        chosen: Chosen::ByUuid,
        secret: None,
    });
    assert_eq!(carry_out(&admin, all).await.tally(), Tally { done: 1, ..Tally::default() });
    assert_eq!(world.alive(me).await, []);
}

#[tokio::test]
async fn what_cannot_be_revoked_from_here_is_refused_with_where_to_do_it() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let admin = world.admin().await;
    let refusals = async |cluster: &Cluster, tokens: &[&str]| {
        let tokens: Vec<TokenUuid> = tokens.iter().map(|token| token.parse().unwrap()).collect();
        let plan = survey(cluster, revoke(&tokens)).await;
        assert!(plan.steps().is_empty());
        plan.refused().iter().map(|refusal| refusal.reason.clone()).collect::<Vec<_>>().join("\n")
    };
    let reasons = refusals(&admin, &["other-gj3su-000000000000001"]).await;
    assert!(reasons.contains("of the cluster other: do it there"), "{reasons}");
    let here = admin.session.cluster.id;
    let reasons = refusals(&admin, &[&format!("{here}-gj3su-unknown00000000")]).await;
    assert!(reasons.contains("the audit log does not know it"), "{reasons}");

    let held = world.token(rosa).await;
    let plain = world.with(&world.token(world.user("cara").await).await.v2).await;
    let reasons = refusals(&plain, &[held.uuid.as_str()]).await;
    assert!(reasons.contains("not one of your tokens"), "{reasons}");
}

#[tokio::test]
async fn an_admin_sees_anothers_tokens_in_the_audit_log_and_its_own_exactly() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let of_rosa = world.tokens(rosa, 3).await;
    world.ask("DELETE", &format!("api_client_authorizations/{}", of_rosa[1]), Value::Null).await;
    let admin = world.admin().await;
    let own = carry_out(
        &admin,
        Intent::IssueToken(intent::IssueToken { owner: rosa, expiry: Expiry::Never, scopes: Scopes::All }),
    )
    .await;
    let issued = token_of(&own);
    assert!(issued.v2.expose().starts_with(&format!("v2/{}/", issued.token.uuid)));

    world.demo.clear_requests();
    let listed = list(&admin, rosa).await;
    assert!(world.writes().is_empty(), "no helper for that");
    assert!(matches!(listed.source, TokenSource::AuditLog { since: Some(_) }));
    let uuids: Vec<TokenUuid> = listed.rows.iter().map(|row| row.uuid).collect();
    assert_eq!(uuids, [issued.token.uuid, of_rosa[2], of_rosa[0]], "newest first, the deleted one left out");
    assert_eq!(listed.rows[0].origin, Origin::IssuedBy(admin.session.my_uuid()));

    let report = carry_out(&admin, Intent::ListExactly(intent::ListExactly { owner: rosa })).await;
    let exactly = list_of(&report);
    assert_eq!(exactly.source, TokenSource::Server);
    assert_eq!(
        exactly.rows.iter().map(|row| row.uuid).collect::<Vec<_>>(),
        uuids,
        "the helper is not among them"
    );
    assert_eq!(exactly.rows[0].origin, Origin::IssuedBy(admin.session.my_uuid()));
    assert_eq!(world.alive(rosa).await.len(), 3, "and it is gone");

    let mine = list(&admin, admin.session.my_uuid()).await;
    assert_eq!((mine.source, mine.rows.len()), (TokenSource::Server, 1));
    let plain = world.with(&world.token(rosa).await.v2).await;
    assert_eq!(list(&plain, rosa).await.rows.len(), 4);
    let error = Read::Tokens(admin.session.my_uuid()).run(&plain).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
}

#[tokio::test]
async fn the_end_of_a_token_is_changed_with_a_helper() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let held = world.token(rosa).await;
    let admin = world.admin().await;
    let at = "2026-12-23T18:00:00Z".parse().unwrap();
    let intent =
        Intent::ChangeExpiry(intent::ChangeExpiry { tokens: vec![held.uuid], expiry: Expiry::At(at) });
    let report = carry_out(&admin, intent.clone()).await;
    assert_eq!(report.tally(), Tally { done: 1, ..Tally::default() });
    assert_eq!(list(&world.root().await, rosa).await.rows[0].expiry, Expiry::At(at).into());
    assert_eq!(world.alive(rosa).await, [held.uuid], "and no helper is left");
    let again = carry_out(&admin, intent).await;
    assert_eq!(again.items[0].result, ItemResult::Unchanged("ends then already".to_owned()));
    assert_eq!(world.alive(rosa).await, [held.uuid]);
}

#[tokio::test]
async fn a_secret_shows_nowhere_but_where_it_is_told() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let held = world.token(rosa).await;
    let admin = world.admin().await;
    let folder = tempfile::tempdir().unwrap();
    let journal = Journal::at(folder.path().join("journal.jsonl"));
    let intent = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![held.uuid],
        chosen: Chosen::ByUuid,
        secret: Some(Secret::new(held.v2.clone())),
    });
    let plan = survey(&admin, intent.clone()).await;
    let (report, _) = carry_out_watched(&admin, intent, &journal, |_, _| {}).await;
    assert_eq!(report.tally(), Tally { done: 1, ..Tally::default() });
    let issue =
        Intent::IssueToken(intent::IssueToken { owner: rosa, expiry: Expiry::Never, scopes: Scopes::All });
    let (issued, _) = carry_out_watched(&admin, issue, &journal, |_, _| {}).await;
    let v2 = token_of(&issued).v2.expose();
    let canaries = [held.secret.as_str(), v2.rsplit('/').next().unwrap()];

    let written = std::fs::read_to_string(folder.path().join("journal.jsonl")).unwrap();
    assert!(written.contains(held.uuid.as_str()), "the journal has what was done");
    let texts = [format!("{plan:?} {report:?} {issued:?} {admin:?}"), written, format!("{:?}", issued.notes)];
    for canary in canaries {
        assert!(canary.len() >= 40 && texts.iter().all(|text| !text.contains(canary)));
    }
}

#[tokio::test]
async fn a_token_is_not_issued_where_that_makes_no_sense() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let here = admin.session.cluster.id;
    let issue = |owner: &str, expiry| {
        Intent::IssueToken(intent::IssueToken { owner: owner.parse().unwrap(), expiry, scopes: Scopes::All })
    };
    let past = Expiry::At("2026-11-24T10:00:00Z".parse().unwrap());
    for (intent, why) in [
        (issue(&format!("{here}-tpzed-nobody000000000"), Expiry::Never), "there is no such user"),
        (issue("other-tpzed-000000000000001", Expiry::Never), "belongs to the cluster other"),
        (issue(&format!("{here}-tpzed-000000000000000"), Expiry::Never), "system"),
        (issue(rosa.as_str(), past), "past"),
    ] {
        let plan = survey(&admin, intent).await;
        assert!(plan.steps().is_empty() && plan.refused()[0].reason.contains(why), "{:?}", plan.refused());
    }
    let inactive = world.user_with(json!({ "email": "x@example.org" })).await;
    let plan = survey(&admin, issue(inactive.as_str(), Expiry::Never)).await;
    assert!(plan.notes().iter().any(|note| note.text.contains("is not active")));
}

#[tokio::test]
async fn a_token_whose_making_got_no_answer_is_named() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let admin = world.admin().await;
    world.demo.faults().add(Rule::new(TOKENS, Fault::ResetAfter).method("POST"));
    let issue =
        Intent::IssueToken(intent::IssueToken { owner: rosa, expiry: Expiry::Never, scopes: Scopes::All });
    let report = carry_out(&admin, issue).await;
    let lost = world.alive(rosa).await[0];
    assert!(
        matches!(&report.items[0].result, ItemResult::Unknown(unclear) if unclear.seen.contains(lost.as_str())),
        "{report:?}"
    );
    assert_eq!(report.brought, None);
}
