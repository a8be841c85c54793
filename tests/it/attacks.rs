//! What an ordinary user does to an administrator who revokes that user's tokens: each test plays one attack against
//! the real program, at the requests that it sends.

use crate::attacker::{Villain, When, gateway};
use crate::program::{Program, Ran};
use crate::world::{Held, World};
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::{TokenUuid, UserUuid};
use futures::FutureExt;
use jiff::SignedDuration;
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

/// A cluster with an admin and rosa, who means harm with one of her tokens.
pub struct Scene {
    pub world: Arc<World>,
    pub admin: String,
    pub rosa: UserUuid,
    pub held: Held,
    pub villain: Villain,
}

impl Scene {
    pub async fn new(tokens: usize) -> Self {
        Self::on(World::empty_today().await, tokens).await
    }

    pub async fn on(world: World, tokens: usize) -> Self {
        let world = Arc::new(world);
        let admin = world.admins_token().await;
        let rosa = world.user("rosa").await;
        let held = world.token(rosa).await;
        world.tokens(rosa, tokens).await;
        let villain = Villain::new(&world.demo.url(), &held.v2);
        villain.know().await;
        world.demo.clear_requests();
        Self { world, admin, rosa, held, villain }
    }

    /// The program of the admin, by way of this gateway.
    pub fn program(&self, gateway: std::net::SocketAddr) -> Program {
        self.program_of(&format!("http://{gateway}"))
    }

    /// The program of the admin, at this address.
    pub fn program_of(&self, host: &str) -> Program {
        Program::new(host, &self.admin)
    }

    pub async fn run(&self, program: Program, args: &'static [&'static str]) -> Ran {
        tokio::task::spawn_blocking(move || program.run(args)).await.unwrap()
    }

    pub async fn alive(&self) -> Vec<TokenUuid> {
        self.world.alive(self.rosa).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_user_who_deletes_each_helper_when_it_is_used_is_revoked_all_the_same() {
    let scene = Scene::new(6).await;
    let (villain, admin) = (scene.villain.clone(), scene.admin.clone());
    // One request of a helper passes; then the helper is gone.
    let used = Arc::new(Mutex::new(std::collections::BTreeMap::<String, usize>::new()));
    let gateway = gateway(&scene.world.demo.url(), move |asked| {
        let (villain, admin, used) = (villain.clone(), admin.clone(), used.clone());
        async move {
            if asked.when == When::Before && asked.token != admin {
                let count = {
                    let mut used = used.lock().unwrap();
                    let count = used.entry(asked.token.clone()).or_default();
                    *count += 1;
                    *count
                };
                if count == 2 {
                    villain.delete_strangers().await;
                }
            }
        }
        .boxed()
    });
    let program = scene.program(gateway);
    let ran = scene.run(program, &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(scene.alive().await, [], "{ran:?}");
    assert!(!scene.villain.is_in().await);
    assert!(ran.err.contains("Somebody with the rights of"), "{ran:?}");
    assert!(ran.err.contains("the server lists no token of"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_no_helper_lives_long_enough_the_way_without_one_is_named_and_ends_it() {
    let scene = Scene::new(3).await;
    let villain = scene.villain.clone();
    let made = Arc::new(AtomicUsize::new(0));
    let counted = made.clone();
    let address = gateway(&scene.world.demo.url(), move |asked| {
        let (villain, counted) = (villain.clone(), counted.clone());
        async move {
            if asked.made_a_token() {
                counted.fetch_add(1, Ordering::Relaxed);
                villain.delete_strangers().await;
            }
        }
        .boxed()
    });
    for args in [
        &["tokens", "revoke", "--all-of", "rosa", "--yes"][..],
        &["tokens", "list", "rosa", "--exact", "--yes"][..],
    ] {
        made.store(0, Ordering::Relaxed);
        let ran = scene.run(scene.program(address), args).await;
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("deletes each helper token as soon as it is made"), "{ran:?}");
        assert!(ran.err.contains("deactivate the user: that ends all"), "{ran:?}");
        assert_eq!(made.load(Ordering::Relaxed), 28, "more and more at a time, up to a limit: {ran:?}");
    }
    let uuid = scene.held.uuid.to_string();
    for args in [
        vec!["tokens", "revoke", &uuid, "--yes"],
        vec!["tokens", "expire", &uuid, "--at", "2099-01-01", "--yes"],
    ] {
        let program = scene.program(address);
        let args: Vec<String> = args.into_iter().map(str::to_owned).collect();
        let ran = tokio::task::spawn_blocking(move || {
            program.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
        });
        let ran = ran.await.unwrap();
        assert_eq!(ran.code, 1, "{ran:?}");
        assert!(ran.err.contains("deactivate the user: that ends all"), "{ran:?}");
    }
    assert_eq!(scene.alive().await.len(), 4, "no helper is left, and nothing else was done");
    let ran = scene.run(scene.program(address), &["users", "deactivate", "rosa", "--yes"]).await;
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_token_is_revoked_although_its_user_deletes_each_helper_when_it_is_used() {
    let scene = Scene::new(0).await;
    let (villain, admin) = (scene.villain.clone(), scene.admin.clone());
    let first = Arc::new(AtomicBool::new(true));
    let address = gateway(&scene.world.demo.url(), move |asked| {
        let (villain, admin, first) = (villain.clone(), admin.clone(), first.clone());
        async move {
            // The list of the first helper is answered, and then that one is gone.
            if asked.when == When::After && asked.token != admin && first.swap(false, Ordering::Relaxed) {
                villain.delete_strangers().await;
            }
        }
        .boxed()
    });
    let (program, uuid) = (scene.program(address), scene.held.uuid.to_string());
    let ran = tokio::task::spawn_blocking(move || program.run(&["tokens", "revoke", &uuid, "--yes"]));
    let ran = ran.await.unwrap();
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(scene.alive().await, [], "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_made_and_deleted_all_the_while_are_revoked_as_they_are_seen() {
    let scene = Scene::new(3).await;
    let villain = scene.villain.clone();
    let last = Arc::new(tokio::sync::Mutex::new(None::<String>));
    // With every request of the program one token goes and another comes.
    let address = gateway(&scene.world.demo.url(), move |asked| {
        let (villain, last) = (villain.clone(), last.clone());
        async move {
            if asked.when == When::Before {
                let mut last = last.lock().await;
                let made = villain.make().await;
                if let Some(old) = std::mem::replace(&mut *last, made) {
                    villain.delete(&old).await;
                }
            }
        }
        .boxed()
    });
    let ran = scene.run(scene.program(address), &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
    assert_eq!(ran.code, 0, "{ran:?}");
    assert_eq!(scene.alive().await, [], "{ran:?}");
    assert!(ran.err.contains("the server lists no token of"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_root_token_a_user_who_deletes_each_helper_and_makes_tokens_is_revoked_without_one() {
    let scene = Scene::new(3).await;
    let (villain, root) = (scene.villain.clone(), scene.world.demo.root_token().to_owned());
    // No helper's request gets through, and with every one of the root token another token comes.
    let ours = root.clone();
    let address = gateway(&scene.world.demo.url(), move |asked| {
        let (villain, ours) = (villain.clone(), ours.clone());
        async move {
            match asked.when {
                When::Before if asked.token != ours => villain.delete_strangers().await,
                When::Before => {
                    villain.make().await;
                    villain.know().await;
                }
                When::After => {}
            }
        }
        .boxed()
    });
    let program = Program::new(&format!("http://{address}"), &root);
    let ran = scene.run(program, &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
    assert!(ran.err.contains("the token in use did it instead"), "{ran:?}");
    assert!(ran.err.contains("the server lists no token of"), "{ran:?}");
    assert!(!scene.villain.is_in().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_were_gone_when_their_turn_came_are_one_row_behind_what_needs_a_look() {
    let run = async |format: &'static str| {
        let scene = Scene::new(8).await;
        let all = scene.alive().await;
        let kept = all[5];
        let path = format!("*/api_client_authorizations/{kept}");
        scene.world.demo.faults().add(Rule::new(path, Fault::Forbidden).method("DELETE"));
        let (villain, doomed) = (scene.villain.clone(), Arc::new(tokio::sync::Mutex::new(all)));
        let address = gateway(&scene.world.demo.url(), move |asked| {
            let (villain, doomed) = (villain.clone(), doomed.clone());
            async move {
                if asked.when == When::Before && asked.method == "DELETE" {
                    // The others wait until all are gone.
                    let mut doomed = doomed.lock().await;
                    for token in std::mem::take(&mut *doomed).into_iter().rev().filter(|it| *it != kept) {
                        villain.delete(token.as_str()).await;
                    }
                }
            }
            .boxed()
        });
        let args: &'static [&'static str] = match format {
            "table" => &["tokens", "revoke", "--all-of", "rosa", "--yes", "--format", "table"],
            _ => &["tokens", "revoke", "--all-of", "rosa", "--yes", "--format", "json"],
        };
        (kept, scene.run(scene.program(address), args).await)
    };
    let (kept, table) = run("table").await;
    let rows: Vec<&str> = table.out.lines().collect();
    assert!(rows[1].starts_with("failed") && rows[1].contains(kept.as_str()), "{table:?}");
    assert!(rows[2].contains("8 tokens") && rows[2].contains("already gone: zzzzz-gj3su-"), "{table:?}");
    assert_eq!(rows.len(), 3, "{table:?}");
    assert!(table.err.contains("failed: rosa"), "{table:?}");
    let (_, json) = run("json").await;
    let gone = json.json().as_array().unwrap().iter().filter(|row| row["result"] == "unchanged").count();
    assert_eq!(gone, 8, "{json:?}");
}

/// With every request but those that end the account: the user goes on with a new token.
fn moving(scene: &Scene, rest: impl Fn(usize) -> bool + Send + Sync + 'static) -> std::net::SocketAddr {
    let (villain, world) = (scene.villain.clone(), scene.world.clone());
    // A real server needs a while for it, and does not delete what is made in that time.
    world.demo.with_store(|store| store.settings.unsetup_takes = SignedDuration::from_secs(1));
    let (rest, ended) = (Arc::new(rest), Arc::new(AtomicUsize::new(0)));
    gateway(&world.demo.url(), move |asked| {
        let (villain, world, rest, ended) = (villain.clone(), world.clone(), rest.clone(), ended.clone());
        async move {
            if asked.when == When::Before {
                world.demo.with_store(|store| store.clock.advance(SignedDuration::from_secs(10)));
                let moves = !asked.path.ends_with("/unsetup") || !rest(ended.fetch_add(1, Ordering::Relaxed));
                if moves {
                    villain.move_on().await;
                }
            }
        }
        .boxed()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn who_goes_on_with_a_new_token_each_time_is_not_revoked_but_deactivated() {
    for with_root in [false, true] {
        let scene = Scene::on(World::empty().await, 3).await;
        let address = moving(&scene, |ended| ended >= 2);
        let token = if with_root { scene.world.demo.root_token() } else { &scene.admin };
        let program = || Program::new(&format!("http://{address}"), token);
        let ran = scene.run(program(), &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
        assert_ne!(ran.code, 0, "{ran:?}");
        assert!(ran.err.contains("keep appearing"), "{ran:?}");
        assert!(ran.err.contains("Revoking did not end it: deactivate the user"), "{ran:?}");
        assert!(ran.err.contains("arv-admin users deactivate"), "{ran:?}");
        assert!(scene.villain.is_in().await, "{ran:?}");

        let ran = scene.run(program(), &["users", "deactivate", "rosa", "--yes"]).await;
        assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
        assert!(!scene.villain.is_in().await);
        // Three times, if each of the user's requests was quick enough.
        assert!(ran.err.contains("it was ended ") && ran.err.contains(" times, until none came"), "{ran:?}");
        let ran = scene.run(program(), &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
        assert!(ran.code == 0 && ran.err.contains("the server lists no token of"), "{ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hunt_for_tokens_that_are_always_new_ones_ends_and_says_so() {
    let scene = Scene::new(3).await;
    let (villain, admin) = (scene.villain.clone(), scene.admin.clone());
    let first = Arc::new(AtomicBool::new(true));
    let address = gateway(&scene.world.demo.url(), move |asked| {
        let (villain, admin, first) = (villain.clone(), admin.clone(), first.clone());
        async move {
            if asked.token == admin {
                return;
            }
            // The first helper is gone before it is told anything; from then on each request comes too late.
            if asked.when == When::Before && first.swap(false, Ordering::Relaxed) {
                villain.delete_strangers().await;
            } else if asked.when == When::Before {
                villain.move_on().await;
            }
        }
        .boxed()
    });
    let ran = scene.run(scene.program(address), &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
    assert_ne!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("keep appearing"), "{ran:?}");
    assert!(ran.err.contains("arv-admin users deactivate"), "{ran:?}");
    assert_eq!(scene.alive().await.len(), 1, "the one that went on, and no helper: {ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_whose_user_always_makes_a_token_in_time_is_not_said_to_be_ended() {
    let scene = Scene::on(World::empty().await, 3).await;
    let address = moving(&scene, |_| false);
    let ran = scene.run(scene.program(address), &["users", "deactivate", "rosa", "--yes"]).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("makes new tokens while the server deletes them"), "{ran:?}");
    assert!(ran.err.contains("ended 50 times"), "{ran:?}");
    assert!(scene.villain.is_in().await);
}

/// What somebody says of a token in the audit log.
pub fn record(token: TokenUuid, owner: UserUuid, event: &str, at: &str) -> Value {
    json!({
        "object_uuid": token, "object_owner_uuid": owner, "event_type": event, "event_at": at,
        "properties": { "new_attributes": { "uuid": token, "owner_uuid": owner, "scopes": ["all"] } },
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_names_another_owner_hides_no_token() {
    let scene = Scene::new(0).await;
    let otto = scene.world.user("otto").await;
    let me: Value =
        scene.world.ask("GET", "users?filters=[[\"username\",\"=\",\"admin\"]]", Value::Null).await;
    let me: UserUuid = me["items"][0]["uuid"].as_str().unwrap().parse().unwrap();
    for owner in [otto, me] {
        for event in ["create", "update", "delete"] {
            scene.villain.log(record(scene.held.uuid, owner, event, "2001-01-01T00:00:00Z")).await;
            scene.villain.log(record(scene.held.uuid, owner, event, "2099-01-01T00:00:00Z")).await;
        }
    }
    let program = Program::new(&scene.world.demo.url(), &scene.admin);
    let uuid = scene.held.uuid.to_string();
    let dry = program.run(&["tokens", "revoke", &uuid, "--dry-run"]);
    assert!(dry.out.contains("rosa") || dry.err.contains("rosa"), "{dry:?}");
    assert!(dry.out.contains("names more than one owner"), "{dry:?}");
    let ran = program.run(&["tokens", "revoke", &uuid, "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");

    // Now that it is gone, no helper can say so.
    let again = program.run(&["tokens", "revoke", &uuid, "--yes"]);
    assert_eq!(again.code, 1, "{again:?}");
    assert!(
        again.out.contains("not found among the tokens of") || again.err.contains("not found among"),
        "{again:?}"
    );
    let root = Program::new(&scene.world.demo.url(), scene.world.demo.root_token());
    let sure = root.run(&["tokens", "revoke", &uuid, "--yes"]);
    assert!(sure.code == 0 && sure.out.contains("already gone"), "{sure:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn where_the_log_has_lost_a_tokens_making_all_whom_it_names_are_asked() {
    let scene = Scene::new(0).await;
    let otto = scene.world.user("otto").await;
    scene.world.demo.with_store(|store| {
        let lost: Vec<_> = store.logs.iter().map(|log| log.common.uuid).collect();
        for log in lost {
            store.remove::<arv_admin::demo::record::Log>(log);
        }
    });
    scene.villain.log(record(scene.held.uuid, otto, "create", "2001-01-01T00:00:00Z")).await;
    scene.villain.log(record(scene.held.uuid, scene.rosa, "update", "2001-01-01T00:00:00Z")).await;
    let program = Program::new(&scene.world.demo.url(), &scene.admin);
    let ran = program.run(&["tokens", "revoke", scene.held.uuid.as_str(), "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
    assert_eq!(scene.world.alive(otto).await, [], "no helper is left");
}

#[tokio::test(flavor = "multi_thread")]
async fn made_up_ends_are_counted_apart_and_believed_by_nobody() {
    let scene = Scene::new(2).await;
    for token in scene.alive().await {
        scene.villain.log(record(token, scene.rosa, "delete", "1971-01-01T00:00:00Z")).await;
    }
    let program = Program::new(&scene.world.demo.url(), &scene.admin);
    let list = program.run(&["tokens", "list", "rosa"]);
    assert!(list.err.contains("0 known: from the audit log since"), "{list:?}");
    assert!(
        list.err
            .contains("3 more ended by the log alone (revoking leaves such records, but any user can write"),
        "{list:?}"
    );
    assert!(!list.err.contains("1971"), "{list:?}");
    let suspended = program.run(&["users", "suspend", "rosa", "--dry-run"]);
    assert!(!suspended.out.contains("No known token"), "{suspended:?}");
    assert!(suspended.out.contains("0 known tokens and 0 VM logins live on"), "{suspended:?}");
    assert!(suspended.out.contains("3 more ended by the log alone"), "{suspended:?}");
    let ended = program.run(&["users", "deactivate", "rosa", "--dry-run"]);
    assert!(ended.out.contains("loses 3 tokens at most (3 ended by the log alone)"), "{ended:?}");
    assert!(ended.out.contains("3 more ended by the log alone (revoking leaves such records"), "{ended:?}");
    let ended = program.run(&["users", "deactivate", "rosa", "--dry-run", "--format", "json"]).json();
    assert_eq!(ended["steps"][0]["losses"]["tokens"], 3, "{ended}");
    assert_eq!(ended["steps"][0]["losses"]["tokens_ended_by_log_alone"], 3, "{ended}");
    let ran = program.run(&["tokens", "revoke", "--all-of", "rosa", "--yes"]);
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
    assert!(ran.err.contains("3 more ended by the log alone"), "{ran:?}");
}
