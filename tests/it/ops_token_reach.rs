//! Who reaches whose tokens: an institute's admin, plain users, narrow tokens, and what running work loses.

use crate::http_client;
use crate::spoiler::Spoiler;
use crate::world::{
    World, carry_out, carry_out_watched, confirmed, list_of, mint, survey, token_of, uuid_of,
};
use arv_admin::arvados::client::{Client, Connection};
use arv_admin::arvados::error::ErrorKind;
use arv_admin::arvados::writer::{Mode, WriteAccess};
use arv_admin::demo::record::{Common, Container};
use arv_admin::demo::uuid::{Kind, Uuid};
use arv_admin::demo::{Fault, Rule, Seen};
use arv_admin::model::ids::{TokenUuid, UserUuid};
use arv_admin::model::session::TokenAccess;
use arv_admin::model::token::{Expiry, Origin, Scopes, TokenList, TokenSource};
use arv_admin::model::user_page::Federation;
use arv_admin::ops::apply::{StopFlag, apply};
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::find_token::Given;
use arv_admin::ops::intent::{self, Chosen, Intent};
use arv_admin::ops::journal::Journal;
use arv_admin::ops::plan::{Note, TokenCount, Weight};
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::report::{Ended, ItemResult, Tally};
use arv_admin::secret::Secret;
use serde_json::{Value, json};
use std::collections::BTreeSet;

fn all_of(users: &[UserUuid]) -> Intent {
    Intent::RevokeAllOf(intent::RevokeAllOf { users: users.to_vec() })
}

#[tokio::test]
async fn the_institutes_batch_runner_loses_all_141_tokens_and_nobody_else_any() {
    let world = World::institute().await;
    let admin = world.with(world.demo.admin_token()).await;
    let runner =
        admin.client.users_by_usernames(&["batchrunner".to_owned()], Federation::Ask).await.unwrap()[0].uuid;
    let before = world.all_alive().await;
    assert_eq!(before.iter().filter(|(_, owner)| *owner == runner).count(), 141);

    let Outcome::Tokens(list) = Read::Tokens(runner).run(&admin).await.unwrap() else { panic!("no list") };
    assert!(list.rows.len() >= 141, "at most so many, by the log: {}", list.rows.len());

    let plan = survey(&admin, all_of(&[runner])).await;
    assert!(matches!(plan.losses().tokens, TokenCount::AtMost(n) if n >= 141));
    let (report, shown) = carry_out_watched(&admin, all_of(&[runner]), &Journal::none(), |_, _| {}).await;

    assert_eq!(
        (report.ended.clone(), report.tally()),
        (Ended::Completed, Tally { done: 141, ..Tally::default() })
    );
    assert_eq!(shown.len(), 141);
    let others = |rows: &[(TokenUuid, UserUuid)]| {
        rows.iter().filter(|(_, owner)| *owner != runner).copied().collect::<Vec<_>>()
    };
    let after = world.all_alive().await;
    assert_eq!(others(&after), others(&before));
    assert_eq!(after.len(), before.len() - 141, "no helper is left");
}

#[tokio::test]
async fn running_work_that_would_break_is_named_before() {
    let world = World::institute().await;
    let admin = world.with(world.demo.admin_token()).await;
    let path = r#"containers?filters=[["state","in",["Locked","Running"]]]"#;
    let running = world.ask("GET", path, Value::Null).await;
    let running = &running["items"][0];
    let container = running["uuid"].as_str().unwrap();
    let token: TokenUuid = running["auth_uuid"].as_str().unwrap().parse().unwrap();
    let owner: UserUuid = running["runtime_user_uuid"].as_str().unwrap().parse().unwrap();

    let one = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![token],
        chosen: Chosen::FromList,
        secret: None,
    });
    for intent in [one, all_of(&[owner])] {
        let plan = survey(&admin, intent).await;
        let note = plan.notes().iter().find(|note| note.text.contains(container)).map(|note| note.weight);
        assert_eq!(note, Some(Weight::Danger), "{:?}", plan.notes());
        assert!(plan.losses().work >= 1);
    }
}

#[tokio::test]
async fn each_token_knows_what_it_can_reach() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let plain = world.with(&world.token(rosa).await.v2).await;
    assert_eq!(plain.session.access, TokenAccess::OwnOnly);
    assert_eq!(world.admin().await.session.access, TokenAccess::Borrowed);
    assert_eq!(world.root().await.session.access, TokenAccess::All);

    let narrow = |scopes: Value| json!({ "owner_uuid": rosa, "scopes": scopes });
    let held = world.token_with(narrow(json!(["GET /arvados/v1/users/"]))).await;
    assert_eq!(world.with(&held.v2).await.session.access, TokenAccess::Forbidden);
    let held = world.token_with(narrow(json!(["GET /arvados/v1/collections"]))).await;
    let client = world.client(&held.v2);
    let error = Cluster::connect(client, "here".to_owned(), Mode::ReadWrite).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(error.to_string().contains("GET /arvados/v1/collections"), "{error}");

    let dead = world.client(&format!("v2/{}/0000000000", held.uuid));
    let error = Cluster::connect(dead, "here".to_owned(), Mode::ReadWrite).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotAuthorised);
}

#[tokio::test]
async fn a_plain_user_revokes_its_own_tokens_and_no_others() {
    let world = World::empty().await;
    let (rosa, cara) = (world.user("rosa").await, world.user("cara").await);
    world.tokens(cara, 2).await;
    world.tokens(rosa, 4).await;
    let me = world.with(&world.token(rosa).await.v2).await;
    let plan = survey(&me, all_of(&[cara])).await;
    assert!(plan.steps().is_empty() && plan.refused()[0].reason.contains("only an admin"));

    let report = carry_out(&me, all_of(&[rosa])).await;
    assert_eq!(report.tally(), Tally { done: 4, ..Tally::default() });
    assert_eq!(world.alive(rosa).await, [me.session.my_token()]);
    assert_eq!(world.alive(cara).await.len(), 2);
}

#[tokio::test]
async fn the_root_token_lists_a_users_tokens_with_a_helper_and_never_everybodys() {
    let world = World::empty().await;
    let (rosa, cara) = (world.user("rosa").await, world.user("cara").await);
    world.tokens(rosa, 5).await;
    let kept = world.tokens(cara, 2).await;
    let root = world.root().await;
    world.demo.clear_requests();
    let report = carry_out(&root, all_of(&[rosa])).await;
    assert_eq!(report.tally(), Tally { done: 5, ..Tally::default() });
    assert_eq!(world.writes().iter().filter(|write| write.method == "POST").count(), 1, "one helper");
    let lists =
        world.demo.requests().into_iter().filter(|seen| seen.path.ends_with("/api_client_authorizations"));
    let of_root = |seen: &Seen| seen.token.as_deref().is_none_or(|token| token.ends_with("000000000000000"));
    assert_eq!(lists.filter(|seen| seen.method == "GET").filter(of_root).count(), 0, "everybody's");
    assert_eq!((world.alive(rosa).await, world.alive(cara).await), (vec![], kept));
}

#[tokio::test]
async fn tokens_of_the_server_itself_and_of_other_clusters_are_left_alone() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let here = admin.session.cluster.id;
    let users = [
        format!("{here}-tpzed-000000000000000"),
        format!("{here}-tpzed-anonymouspublic"),
        "other-tpzed-000000000000001".to_owned(),
    ];
    let users: Vec<UserUuid> = users.iter().map(|user| user.parse().unwrap()).collect();
    let plan = survey(&admin, all_of(&users)).await;
    assert_eq!((plan.steps().len(), plan.refused().len()), (0, 3), "{plan:?}");

    let mut satellite = admin.clone();
    satellite.session.access = TokenAccess::Elsewhere("login".parse().unwrap());
    let rosa = world.user("rosa").await;
    let plan = survey(&satellite, all_of(&[rosa])).await;
    assert!(plan.refused()[0].reason.contains("cluster login: do it there"), "{plan:?}");
    let error = Read::Tokens(rosa).run(&satellite).await.unwrap_err();
    assert!(error.to_string().contains("login"), "{error}");

    let mut looking = admin.clone();
    looking.mode = Mode::ReadOnly;
    let plan = survey(&looking, Intent::ListExactly(intent::ListExactly { owner: rosa })).await;
    assert!(plan.refused()[0].reason.contains("read-only"), "{plan:?}");
}

#[tokio::test]
async fn a_helper_that_cannot_be_deleted_is_named_with_its_end() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let marked = world.tokens(rosa, 1).await;
    let admin = world.admin().await;
    let rule = Rule::new("/arvados/v1/api_client_authorizations/*", Fault::ServerError);
    world.demo.faults().add(rule.method("DELETE").from_nth(2));
    let report = carry_out(&admin, all_of(&[rosa])).await;
    assert_eq!(report.tally(), Tally { done: 1, ..Tally::default() });
    let left = world.alive(rosa).await;
    assert!(left.len() == 1 && left != marked);
    let note = report.notes.iter().find(|note| note.text.contains(left[0].as_str())).unwrap();
    assert!(
        note.weight == Weight::Warning && note.text.contains("it ends by itself at 2026-11-24 10:57"),
        "{note:?}"
    );
}

#[tokio::test]
async fn a_helper_that_somebody_revokes_fails_its_owners_steps_alone() {
    let world = World::empty().await;
    let (rosa, cara) = (world.user("rosa").await, world.user("cara").await);
    let marked = [world.tokens(rosa, 1).await, world.tokens(cara, 1).await].concat();
    let admin = world.admin().await;
    let path = format!("/arvados/v1/api_client_authorizations/{}", marked[0]);
    world.demo.faults().add(Rule::new(path, Fault::Unauthorized).method("DELETE"));
    let revoke =
        Intent::RevokeTokens(intent::RevokeTokens { tokens: marked, chosen: Chosen::FromList, secret: None });
    let report = carry_out(&admin, revoke).await;
    assert_eq!(
        (report.ended.clone(), report.tally()),
        (Ended::Completed, Tally { done: 1, failed: 1, ..Tally::default() })
    );
    assert_eq!((world.alive(rosa).await.len(), world.alive(cara).await.len()), (1, 0));
}

#[tokio::test]
async fn a_token_that_appears_meanwhile_is_revoked_too_and_named() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    world.tokens(rosa, 2).await;
    let admin = world.admin().await;
    let plan = confirmed(survey(&admin, all_of(&[rosa])).await, &admin);
    let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
    let stop = StopFlag::default();
    // A container gets a token of the user while the first one is deleted.
    let minted = std::sync::OnceLock::new();
    let progress = |_| {
        minted.get_or_init(|| world.demo.with_store(|store| mint(store, rosa)));
    };
    let report = apply(plan, &admin, &leave, progress, &stop).await;

    assert_eq!(report.tally(), Tally { done: 3, ..Tally::default() });
    assert_eq!(world.alive(rosa).await, []);
    let named = |note: &Note| note.weight == Weight::Warning && note.text.contains(minted.get().unwrap());
    assert!(report.notes.iter().any(named), "{:?}", report.notes);
}

#[tokio::test]
async fn an_issued_token_that_the_server_made_otherwise_is_told() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let admin = world.admin().await;
    let at = "2026-12-23T18:00:00Z".parse().unwrap();
    let scopes: Scopes = "GET /arvados/v1/users/current".parse().unwrap();
    let intent = Intent::IssueToken(intent::IssueToken {
        owner: rosa,
        expiry: Expiry::At(at),
        scopes: scopes.clone(),
    });
    let report = carry_out(&admin, intent).await;
    assert_eq!(report.notes, [], "as asked: nothing to say");
    let issued = token_of(&report).token.clone();
    assert_eq!((issued.expiry, issued.scopes), (Expiry::At(at).into(), scopes.into()));
    let row = world.ask("GET", &format!("api_client_authorizations/{}", issued.uuid), Value::Null).await;
    assert_eq!(uuid_of::<TokenUuid>(&row), issued.uuid);
}

#[tokio::test]
async fn where_nobody_may_revoke_that_is_said_before_and_deactivating_is_named() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let token = world.token(rosa).await;
    world.demo.with_store(|store| store.settings.issue_trusted_tokens = false);
    let root = world.root().await;
    let revoke = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![token.uuid],
        chosen: Chosen::ByUuid,
        secret: Some(Secret::new(token.v2.clone())),
    });
    let later = "2027-01-01T00:00:00Z".parse().unwrap();
    world.demo.clear_requests();
    for intent in [
        revoke.clone(),
        Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa] }),
        Intent::ChangeExpiry(intent::ChangeExpiry { tokens: vec![token.uuid], expiry: Expiry::At(later) }),
    ] {
        let plan = survey(&root, intent.clone()).await;
        assert!(plan.steps().is_empty(), "{intent:?}");
        let reason = &plan.refused()[0].reason;
        assert!(reason.contains("IssueTrustedTokens is off") && reason.contains("deactivate"), "{reason}");
    }
    // Their list is read without a helper, which nobody could delete.
    let Ok(Outcome::Tokens(list)) = Read::Tokens(rosa).run(&root).await else { panic!("a list") };
    assert_eq!(list.rows.iter().map(|row| row.uuid).collect::<Vec<_>>(), [token.uuid]);
    assert_eq!(world.writes(), []);
    // An admin is refused for the same reason, and deactivating works.
    let again = Cluster::connect(admin.client.clone(), String::new(), Mode::ReadWrite).await.unwrap();
    let plan = survey(&again, revoke).await;
    assert!(plan.refused()[0].reason.contains("IssueTrustedTokens is off"), "{plan:?}");
    let report = carry_out(&root, Intent::Deactivate(intent::Deactivate { users: vec![rosa] })).await;
    assert_eq!(report.items[0].result, ItemResult::Done, "{report:?}");
    assert_eq!(world.alive(rosa).await, []);
}

#[tokio::test]
async fn only_a_container_at_work_makes_a_token_a_containers() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    // As login-sync and an operator with the system root token make theirs.
    let synced = world.token(rosa).await.uuid;
    let of_work = world.token(rosa).await.uuid;
    let origin = async |token| match Read::Tokens(rosa).run(&admin).await.unwrap() {
        Outcome::Tokens(list) => list.rows.into_iter().find(|row| row.uuid == token).unwrap().origin,
        other => panic!("{other:?}"),
    };
    assert_eq!(origin(synced).await, Origin::Server);
    world.demo.with_store(|store| {
        let uuid = store.new_uuid(Kind::Container);
        let common = Common::new(uuid, store.clock.now());
        let user = Uuid::parse(rosa.as_str()).unwrap();
        let mut container = Container::new(common, "Running", user);
        container.auth_uuid = Uuid::parse(of_work.as_str());
        store.put(container);
    });
    let Origin::Container(container) = origin(of_work).await else { panic!("no container's") };
    assert_eq!(container.cluster(), of_work.cluster());
    let found = Read::FindToken(Given::Uuid(of_work)).run(&admin).await.unwrap();
    let Outcome::Found(found) = found else { panic!("{found:?}") };
    assert_eq!(found.token.unwrap().origin, Origin::Container(container));
    assert_eq!(origin(synced).await, Origin::Server, "nothing works with this one");
}

#[tokio::test]
async fn an_earlier_end_for_the_token_in_use_is_warned_of() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let end = |text: &str| {
        Intent::ChangeExpiry(intent::ChangeExpiry {
            tokens: vec![admin.session.my_token()],
            expiry: Expiry::At(text.parse().unwrap()),
        })
    };
    let plan = survey(&admin, end("2026-11-24T11:42:00Z")).await;
    let note = &plan.notes()[0];
    assert!(
        note.weight == Weight::Danger && note.text.contains("your own session ends in 1 hour"),
        "{note:?}"
    );
}

#[tokio::test]
async fn an_exact_list_with_the_root_token_costs_a_tenth_of_everybodys_at_most() {
    let world = World::empty().await;
    let (rosa, otto) = (world.user("rosa").await, world.user("otto").await);
    let mine = world.tokens(rosa, 20).await;
    world.demo.with_store(|store| {
        for _ in 0..3_000 {
            mint(store, otto);
        }
    });
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let root = |mode| {
        let host = gateway.address.to_string();
        let connection =
            Connection::on_loopback(host.clone(), Secret::new(world.demo.root_token().to_owned()));
        let client = Client::new(&connection, world.time.timer()).unwrap();
        Cluster::connect(client, host, mode)
    };
    let root_reading = root(Mode::ReadOnly).await.unwrap();
    gateway.take_bytes();
    // Without leave to write there is no helper: everybody's are read, and it is said.
    let whole = list(&root_reading, rosa).await;
    let before = gateway.take_bytes();
    assert_eq!(whole.rows.len(), 20);
    assert!(whole.remark.as_deref().is_some_and(|said| said.contains("everybody's")), "{:?}", whole.remark);

    let root = root(Mode::ReadWrite).await.unwrap();
    gateway.take_bytes();
    let report = carry_out(&root, Intent::ListExactly(intent::ListExactly { owner: rosa })).await;
    let now = gateway.take_bytes();
    let listed = list_of(&report);
    let seen: BTreeSet<TokenUuid> = listed.rows.iter().map(|row| row.uuid).collect();
    assert_eq!((seen, listed.source), (mine.into_iter().collect(), TokenSource::Server));
    assert!(now * 10 <= before, "{now} bytes, where everybody's are {before}");
    assert_eq!(world.alive(rosa).await.len(), 20, "the helper is gone");
}

async fn list(cluster: &Cluster, owner: UserUuid) -> TokenList {
    match Read::Tokens(owner).run(cluster).await.unwrap() {
        Outcome::Tokens(list) => list,
        other => panic!("{other:?}"),
    }
}
