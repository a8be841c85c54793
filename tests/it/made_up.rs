//! Records that users make up in the audit log, where anybody can write of any token (api.md v58), and what an
//! administrator is told and does all the same. Each attack is played against the real program.

use crate::attacker::{Asked, Villain, When, gateway};
use crate::attacks::{Scene, record};
use arv_admin::demo::record::Log;
use arv_admin::model::ids::{TokenUuid, UserUuid};
use futures::FutureExt;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// So many that they stand before all others wherever they are let.
const MANY: usize = 160;

/// A token that nobody ever made.
fn made_up(n: usize) -> TokenUuid {
    format!("zzzzz-gj3su-{n:015}").parse().unwrap()
}

/// Writes that tokens of this user were made which were not.
async fn make_up(villain: &Villain, owner: UserUuid) {
    for n in 0..MANY {
        villain.log(record(made_up(n), owner, "create", "2099-01-01T00:00:00Z")).await;
    }
}

/// The log has lost the making of the token that the user acts with.
fn forget(scene: &Scene) {
    let held = scene.held.uuid;
    scene.world.demo.with_store(|store| {
        let is_its = |log: &Log| log.object_uuid.is_some_and(|uuid| uuid.to_string() == held.as_str());
        let lost: Vec<_> = store.logs.iter().filter(|log| is_its(log)).map(|log| log.common.uuid).collect();
        for log in lost {
            store.remove::<Log>(log);
        }
    });
}

/// What the program asked to be deleted, in turn.
type Deletions = Arc<Mutex<Vec<String>>>;

/// A gateway where the user deletes the helper, at each of its requests of which this is true. What the program
/// deletes is kept.
fn ending(scene: &Scene, at: impl Fn(&Asked) -> bool + Send + Sync + 'static) -> (SocketAddr, Deletions) {
    let (villain, admin, deletions) = (scene.villain.clone(), scene.admin.clone(), Deletions::default());
    let kept = deletions.clone();
    let address = gateway(&scene.world.demo.url(), move |asked| {
        let ends = asked.token != admin && at(&asked);
        if asked.when == When::Before && asked.method == "DELETE" {
            kept.lock().unwrap().push(asked.path.rsplit('/').next().unwrap().to_owned());
        }
        let villain = villain.clone();
        async move {
            if ends {
                villain.delete_strangers().await;
            }
        }
        .boxed()
    });
    (address, deletions)
}

fn lists(asked: &Asked) -> bool {
    asked.method == "GET" && asked.path.ends_with("/api_client_authorizations")
}

/// Once, when a helper has listed, and nobody knows yet.
fn once() -> impl Fn(&Asked) -> bool + Send + Sync {
    let first = AtomicBool::new(true);
    move |asked| asked.when == When::After && lists(asked) && first.swap(false, Ordering::Relaxed)
}

/// Each time a helper lists, before it is answered.
fn at_each_list(asked: &Asked) -> bool {
    asked.when == When::Before && lists(asked)
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_its_user_made_up_are_neither_before_the_real_ones_nor_waited_for() {
    let scene = Scene::new(3).await;
    make_up(&scene.villain, scene.rosa).await;
    let real: Vec<String> = scene.alive().await.iter().map(ToString::to_string).collect();
    let (address, deletions) = ending(&scene, once());
    let ran = scene.run(scene.program(address), &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
    let deletions = deletions.lock().unwrap();
    // Four are under way at a time, so the first of the others may overtake the last of the real ones.
    let first = |token: &String| deletions.iter().position(|deleted| deleted == token);
    let places: Vec<_> = real.iter().map(first).collect();
    assert!(places.iter().all(|place| place.is_some_and(|place| place < 4 + 3)), "{places:?} {deletions:?}");
    assert!(real.contains(&deletions[0]), "{deletions:?}");
    // How many of the others are tried before a list shows that they are not there is a race; never are all.
    let tried = (0..MANY).filter(|n| deletions.contains(&made_up(*n).to_string())).count();
    assert!(tried <= 100, "{tried}: {deletions:?}");
    // It is said before anything is revoked, and not only in the end.
    let said = ran.err.find("seems to delete the helper tokens: one was ended so far");
    assert!(said.is_some() && said < ran.err.find("[1/"), "{ran:?}");
    assert!(!ran.err.contains("/163]"), "what is made up is not waited for: {ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_log_is_sure_of_is_revoked_although_no_helper_ever_lists() {
    let scene = Scene::new(3).await;
    let held = scene.held.uuid;
    forget(&scene);
    make_up(&scene.villain, scene.rosa).await;
    let (address, deletions) = ending(&scene, at_each_list);
    let ran = scene.run(scene.program(address), &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
    assert_eq!((ran.code, scene.alive().await), (3, vec![held]), "{ran:?}");
    let way_out = format!("arv-admin users deactivate {}", scene.rosa);
    assert!(ran.err.contains(&way_out), "{ran:?}");
    let tried: Vec<String> = (0..MANY).map(|n| made_up(n).to_string()).collect();
    let real = |token: &String| !tried.contains(token);
    // Four are under way at a time.
    let first = deletions.lock().unwrap()[..4].iter().filter(|token| real(token)).count();
    assert_eq!(first, 3, "what is sure comes first: {deletions:?}");
    // Those that were under way when their helper was ended are tried again.
    let deletions: BTreeSet<String> = deletions.lock().unwrap().iter().cloned().collect();
    let tried = tried.iter().filter(|token| deletions.contains(*token)).count();
    assert!(tried <= 100, "what need not exist is tried in part only: {tried}");
    let program = scene.program(address);
    let args: Vec<String> =
        way_out.split(' ').skip(1).map(str::to_owned).chain(["--yes".to_owned()]).collect();
    let ended = tokio::task::spawn_blocking(move || {
        program.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let ended = ended.await.unwrap();
    assert_eq!((ended.code, scene.alive().await), (0, Vec::new()), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_while_helpers_are_ended_does_not_wait_for_what_is_made_up() {
    let scene = Scene::new(3).await;
    forget(&scene);
    make_up(&scene.villain, scene.rosa).await;
    let (address, deletions) = ending(&scene, at_each_list);
    let program = scene.program(address);
    let ran = tokio::task::spawn_blocking(move || {
        let args = ["tokens", "revoke", "--all-of", "rosa", "--yes"];
        program.interrupt_when(&args, "", "Somebody with the rights of")
    });
    let ran = ran.await.unwrap();
    assert!(ran.err.contains("stopping after the steps under way"), "{ran:?}");
    assert!(!ran.err.contains("left while steps were under way"), "{ran:?}");
    assert!(ran.code != 0 && ran.err.contains("stopped while helper tokens were ended"), "{ran:?}");
    assert!(deletions.lock().unwrap().len() < MANY / 2, "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_only_strangers_wrote_of_are_counted_apart() {
    let scene = Scene::new(2).await;
    let otto = scene.world.user("otto").await;
    let stranger = Villain::new(&scene.world.demo.url(), &scene.world.token(otto).await.v2);
    make_up(&stranger, scene.rosa).await;
    // One that another admin issued, and one that she made herself, are known.
    let other = json!({ "email": "b@example.org", "username": "boss", "is_active": true, "is_admin": true });
    let other = scene.world.user_with(other).await;
    let boss = Villain::new(&scene.world.demo.url(), &scene.world.token(other).await.v2);
    let issued = json!({ "api_client_authorization": { "owner_uuid": scene.rosa } });
    assert!(boss.ask("POST", "api_client_authorizations", issued).await.is_some());
    assert!(scene.villain.make().await.is_some());

    let program = scene.program_of(&scene.world.demo.url());
    let apart = format!("{MANY} more are named only by records that any user could have written");
    let list = program.run(&["tokens", "list", "rosa", "--format", "json"]);
    assert_eq!(list.json().as_array().unwrap().len(), 5, "{list:?}");
    assert!(list.err.contains("at most 5, perhaps alive") && list.err.contains(&apart), "{list:?}");
    let shown = program.run(&["users", "show", "rosa"]);
    assert!(shown.out.contains("5, at most, from the audit log") && shown.out.contains(&apart), "{shown:?}");
    for args in [
        &["users", "deactivate", "rosa", "--dry-run"][..],
        &["users", "suspend", "rosa", "--dry-run"],
        &["tokens", "revoke", "--all-of", "rosa", "--dry-run"],
    ] {
        let plan = program.run(args).out;
        assert!(plan.contains("5 tokens") && plan.contains(&apart), "{args:?}: {plan}");
    }
    let ran = program.run(&["tokens", "revoke", "--all-of", "rosa", "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
    let none: Value = program.run(&["tokens", "list", "rosa", "--format", "json"]).json();
    assert_eq!(none, json!([]));
}

/// Nobody but the log's forgers tells whose this token is.
async fn many_owners(scene: &Scene, count: usize) -> Vec<UserUuid> {
    let mut named = Vec::new();
    for n in 0..count {
        let owner = scene.world.user(&format!("named{n}")).await;
        scene.villain.log(record(scene.held.uuid, owner, "create", "2001-01-01T00:00:00Z")).await;
        named.push(owner);
    }
    named
}

#[tokio::test(flavor = "multi_thread")]
async fn who_wrote_of_a_token_is_asked_before_the_many_whom_the_records_name() {
    let scene = Scene::new(0).await;
    forget(&scene);
    let named = many_owners(&scene, 60).await;
    let program = scene.program_of(&scene.world.demo.url());
    let plan = program.run(&["tokens", "revoke", scene.held.uuid.as_str(), "--dry-run"]).out;
    assert!(plan.contains("rosa@example.org wrote of it"), "{plan}");
    assert!(plan.contains("looked for with 51 of them in turn; 10 are not asked"), "{plan}");
    scene.world.demo.clear_requests();
    let ran = program.run(&["tokens", "revoke", scene.held.uuid.as_str(), "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
    let made = scene.world.writes().iter().filter(|seen| seen.method == "POST").count();
    assert!(made <= 5, "{made} helpers were made: {ran:?}");
    for owner in named {
        assert_eq!(scene.world.alive(owner).await, [], "no helper is left");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_owners_it_is_said_how_many_were_not_asked() {
    let scene = Scene::new(0).await;
    forget(&scene);
    // Somebody else writes, and nobody names rosa.
    let otto = scene.world.user("otto").await;
    let stranger = Villain::new(&scene.world.demo.url(), &scene.world.token(otto).await.v2);
    let scene = Scene { villain: stranger, ..scene };
    let named = many_owners(&scene, 60).await;
    let program = scene.program_of(&scene.world.demo.url());
    let ran = program.run(&["tokens", "revoke", scene.held.uuid.as_str(), "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (1, vec![scene.held.uuid]), "{ran:?}");
    assert!(ran.err.contains("of one of 10 more whom the audit log names and who were not asked"), "{ran:?}");
    assert!(!ran.err.contains("does not name"), "{ran:?}");
    for owner in named {
        assert_eq!(scene.world.alive(owner).await, [], "no helper is left");
    }
    // With the owner named, by whomever, all are few enough.
    scene.villain.log(record(scene.held.uuid, scene.rosa, "update", "2001-01-01T00:00:00Z")).await;
    let ran = program.run(&["tokens", "revoke", scene.held.uuid.as_str(), "--yes"]);
    assert!(ran.err.contains("of one of 11 more whom"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_fifty_named_owners_is_found() {
    let scene = Scene::new(0).await;
    forget(&scene);
    let otto = scene.world.user("otto").await;
    let stranger = Villain::new(&scene.world.demo.url(), &scene.world.token(otto).await.v2);
    let scene = Scene { villain: stranger, ..scene };
    many_owners(&scene, 40).await;
    scene.villain.log(record(scene.held.uuid, scene.rosa, "update", "2001-01-01T00:00:00Z")).await;
    let program = scene.program_of(&scene.world.demo.url());
    let ran = program.run(&["tokens", "revoke", scene.held.uuid.as_str(), "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_records_give_to_who_asks_is_looked_for_with_who_wrote_them() {
    let scene = Scene::new(0).await;
    forget(&scene);
    let me: Value =
        scene.world.ask("GET", "users?filters=[[\"username\",\"=\",\"admin\"]]", Value::Null).await;
    let me: UserUuid = me["items"][0]["uuid"].as_str().unwrap().parse().unwrap();
    scene.villain.log(record(scene.held.uuid, me, "create", "2001-01-01T00:00:00Z")).await;
    let program = scene.program_of(&scene.world.demo.url());
    let ran = program.run(&["tokens", "revoke", scene.held.uuid.as_str(), "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_end_is_looked_at_with_another_helper_where_the_first_was_ended() {
    for at in [1, 2] {
        let scene = Scene::new(0).await;
        // The helper that changed it, and the one after, are ended before they look.
        let left = AtomicUsize::new(at);
        let (changed, seen) = (Arc::new(AtomicBool::new(false)), AtomicBool::new(false));
        let (address, _) = ending(&scene, move |asked| {
            if asked.method == "PUT" && asked.when == When::After {
                changed.store(true, Ordering::Relaxed);
            }
            let looks = asked.when == When::Before && lists(asked) && changed.load(Ordering::Relaxed);
            seen.fetch_or(looks, Ordering::Relaxed);
            looks && left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| n.checked_sub(1)).is_ok()
        });
        let (program, uuid) = (scene.program(address), scene.held.uuid.to_string());
        let ran = tokio::task::spawn_blocking(move || {
            program.run(&["tokens", "expire", &uuid, "--at", "2099-01-01", "--yes"])
        });
        let ran = ran.await.unwrap();
        assert_eq!(ran.code, 0, "{ran:?}");
        assert!(ran.err.contains("seems to delete the helper tokens"), "{ran:?}");
        assert!(!ran.err.contains("could not be looked for afterwards"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_helper_lives_to_look_it_is_said_that_the_helper_was_meant() {
    let scene = Scene::new(0).await;
    let changed = AtomicBool::new(false);
    let (address, _) = ending(&scene, move |asked| {
        if asked.method == "PUT" && asked.when == When::After {
            changed.store(true, Ordering::Relaxed);
        }
        changed.load(Ordering::Relaxed) && at_each_list(asked)
    });
    let (program, uuid) = (scene.program(address), scene.held.uuid.to_string());
    let ran = tokio::task::spawn_blocking(move || {
        program.run(&["tokens", "expire", &uuid, "--at", "2099-01-01", "--yes"])
    });
    let ran = ran.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    let said = ran.err.lines().find(|line| line.contains("could not be looked for afterwards")).unwrap();
    assert!(said.contains("deletes each helper token as soon as it is made"), "{said}");
    assert!(!said.contains("401"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exact_list_under_attack_has_no_helper_in_it() {
    let scene = Scene::new(2).await;
    let count = AtomicUsize::new(0);
    // The first three helpers are ended as they list; then those of a round list side by side.
    let (address, _) =
        ending(&scene, move |asked| at_each_list(asked) && count.fetch_add(1, Ordering::Relaxed) < 3);
    let program = scene.program(address);
    let ran = scene.run(program, &["tokens", "list", "rosa", "--exact", "--yes", "--format", "json"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    let rows = ran.json();
    let listed: BTreeSet<&str> =
        rows.as_array().unwrap().iter().map(|row| row["uuid"].as_str().unwrap()).collect();
    let alive: Vec<String> = scene.alive().await.iter().map(ToString::to_string).collect();
    assert_eq!(listed, alive.iter().map(String::as_str).collect(), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_deactivated_is_not_said_to_have_the_tokens_that_strangers_made_up() {
    let scene = Scene::new(1).await;
    let otto = scene.world.user("otto").await;
    make_up(&Villain::new(&scene.world.demo.url(), &scene.world.token(otto).await.v2), scene.rosa).await;
    let program = scene.program_of(&scene.world.demo.url());
    let ran = program.run(&["users", "deactivate", "rosa", "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
    assert!(!ran.err.contains("has no end of"), "{ran:?}");
    assert!(
        ran.err.contains(&format!("Of rosa@example.org {MANY} more are named only by records")),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_names_a_user_of_another_cluster_puts_no_token_out_of_reach() {
    let scene = Scene::new(0).await;
    forget(&scene);
    let foreign: UserUuid = "yyyyy-tpzed-000000000000001".parse().unwrap();
    scene.villain.log(record(scene.held.uuid, foreign, "create", "2001-01-01T00:00:00Z")).await;
    let nobody: UserUuid = "zzzzz-tpzed-nobodynobodynob".parse().unwrap();
    scene.villain.log(record(scene.held.uuid, nobody, "update", "2001-01-01T00:00:00Z")).await;
    let program = scene.program_of(&scene.world.demo.url());
    let ran = program.run(&["tokens", "revoke", scene.held.uuid.as_str(), "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
}
