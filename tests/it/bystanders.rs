//! What a user does who does not want to be revoked reaches nobody else, and hides no token that lives. Each attack is
//! played against the real program.

use crate::attacker::{Villain, When, gateway, liar};
use crate::attacks::{Scene, record};
use crate::program::Program;
use arv_admin::demo::{Fault, Rule};
use futures::FutureExt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A gateway where rosa deletes each helper of hers before it can do anything.
fn without_helpers(scene: &Scene, spared: String) -> SocketAddr {
    let villain = scene.villain.clone();
    gateway(&scene.world.demo.url(), move |asked| {
        let (villain, ends) = (villain.clone(), asked.when == When::Before && asked.token != spared);
        async move {
            if ends {
                villain.delete_strangers().await;
            }
        }
        .boxed()
    })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_a_user_says_is_hers_is_not_revoked_with_the_root_token() {
    let scene = Scene::new(3).await;
    let otto = scene.world.user("otto").await;
    let his = scene.world.token(otto).await;
    scene.villain.log(record(his.uuid, scene.rosa, "create", "2099-01-01T00:00:00Z")).await;
    let root = scene.world.demo.root_token().to_owned();
    let program = Program::new(&format!("http://{}", without_helpers(&scene, root.clone())), &root);
    let ran = scene.run(program, &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
    assert_eq!((ran.code, scene.alive().await), (0, Vec::new()), "{ran:?}");
    assert!(ran.err.contains("the token in use did it instead"), "{ran:?}");
    assert_eq!(scene.world.alive(otto).await, [his.uuid], "{ran:?}");
    assert!(!ran.out.contains(his.uuid.as_str()), "nothing is said to be done to it: {ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_ends_her_own_helpers_saves_no_token_of_another() {
    let scene = Scene::new(30).await;
    let otto = scene.world.user("otto").await;
    let others = scene.world.tokens(otto, 6).await;
    let hers = scene.alive().await;
    let address = without_helpers(&scene, scene.admin.clone());
    // Otto's helpers are none of rosa's, who can't see them.
    let mut args = vec!["tokens".to_owned(), "revoke".to_owned(), "--yes".to_owned()];
    args.extend(hers.iter().chain(&others).map(ToString::to_string));
    let program = scene.program(address);
    let ran = tokio::task::spawn_blocking(move || {
        program.run(&args.iter().map(String::as_str).collect::<Vec<_>>())
    });
    let ran = ran.await.unwrap();
    assert_eq!(scene.world.alive(otto).await, [], "{ran:?}");
    assert_eq!((ran.code, scene.alive().await.len()), (3, hers.len()), "{ran:?}");
    assert!(ran.err.contains("deactivate the user: that ends all"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_lives_is_not_called_gone_by_a_helper_made_in_haste() {
    let scene = Scene::new(3).await;
    let kept = scene.alive().await[2];
    let path = format!("*/api_client_authorizations/{kept}");
    scene.world.demo.faults().add(Rule::new(path, Fault::NotFound).method("DELETE"));
    let (villain, admin, first) =
        (scene.villain.clone(), scene.admin.clone(), Arc::new(AtomicBool::new(true)));
    // The first helper has listed all of them, and is gone then.
    let address = gateway(&scene.world.demo.url(), move |asked| {
        let ends = asked.when == When::Before && asked.method == "DELETE" && asked.token != admin;
        let (villain, ends) = (villain.clone(), ends && first.swap(false, Ordering::Relaxed));
        async move {
            if ends {
                villain.delete_strangers().await;
            }
        }
        .boxed()
    });
    let ran = scene.run(scene.program(address), &["tokens", "revoke", "--all-of", "rosa", "--yes"]).await;
    assert_eq!(scene.alive().await, [kept], "{ran:?}");
    assert_ne!(ran.code, 0, "{ran:?}");
    let row = ran.out.lines().find(|line| line.contains(kept.as_str())).unwrap_or_default();
    assert!(row.starts_with("failed"), "{ran:?}");
    assert!(!ran.out.contains("already gone"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_by_somebody_who_can_not_be_looked_up_stops_no_incident() {
    let scene = Scene::new(3).await;
    let otto = scene.world.user("otto").await;
    let stranger = Villain::new(&scene.world.demo.url(), &scene.world.token(otto).await.v2);
    let made_up = "zzzzz-gj3su-00000000000made".parse().unwrap();
    stranger.log(record(made_up, scene.rosa, "create", "2099-01-01T00:00:00Z")).await;
    // What is asked of him, and only that, is answered with a fault of the server.
    let otto = otto.to_string();
    let lying = liar(&scene.world.demo.url(), move |asked| {
        let is_his = asked.path.ends_with("/users") && asked.query.contains(&otto);
        is_his.then(|| (500, "{\"errors\":[\"//railsapi.internal/ 500\"]}".to_owned()))
    });
    for args in [
        &["tokens", "list", "rosa"][..],
        &["tokens", "revoke", "--all-of", "rosa", "--yes"],
        &["users", "deactivate", "rosa", "--yes"],
    ] {
        let ran = scene.run(scene.program(lying), args).await;
        assert_eq!(ran.code, 0, "{args:?}: {ran:?}");
    }
    assert_eq!(scene.alive().await, []);
}
