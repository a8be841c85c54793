//! Finding out whose a token is, whatever of it was found.

use crate::world::{Held, World, carry_out, survey};
use arv_admin::model::token::Scopes;
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::find_token::{Found, Given, Life, Revocable, SecretIs};
use arv_admin::ops::intent::{self, Chosen, Intent};
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::ops::report::Tally;
use arv_admin::secret::Secret;
use serde_json::json;

pub async fn find(cluster: &Cluster, given: &str) -> Found {
    let given = Given::parse(&Secret::new(given.to_owned())).unwrap();
    match Read::FindToken(given).run(cluster).await.unwrap() {
        Outcome::Found(found) => *found,
        other => panic!("nothing found: {other:?}"),
    }
}

#[tokio::test]
async fn a_leaked_token_is_found_whatever_of_it_was_found() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let Held { uuid, v2, secret } = world.token(rosa).await;
    let admin = world.admin().await;
    for (given, life) in [(&v2, Life::Alive), (&secret, Life::Alive), (&uuid.to_string(), Life::PerhapsAlive)]
    {
        let found = find(&admin, given).await;
        assert_eq!((found.uuid, &found.life, &found.revocable), (Some(uuid), &life, &Revocable::Yes));
        assert_eq!(found.owner.unwrap().uuid, rosa);
        assert_eq!(found.token.unwrap().scopes, Scopes::All.into());
    }
    assert_eq!(find(&world.root().await, uuid.as_str()).await.life, Life::Alive, "root can look exactly");

    let itself = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![uuid],
        chosen: Chosen::ByUuid,
        secret: Some(Secret::new(v2.clone())),
    });
    world.demo.clear_requests();
    assert_eq!(carry_out(&admin, itself).await.tally(), Tally { done: 1, ..Tally::default() });
    assert_eq!(world.writes().len(), 1, "with its secret it revokes itself: no helper");

    let found = find(&admin, &v2).await;
    assert_eq!((found.uuid, found.life), (Some(uuid), Life::PerhapsDead));
    assert_eq!(found.owner.unwrap().uuid, rosa, "the log still names its owner");
    let found = find(&admin, uuid.as_str()).await;
    assert_eq!((found.life, found.owner.unwrap().uuid), (Life::PerhapsDead, rosa));
    let found = find(&world.root().await, uuid.as_str()).await;
    assert_eq!((found.life, found.owner.unwrap().uuid), (Life::Dead, rosa), "the list itself is proof");
    assert_eq!(find(&admin, &secret).await.life, Life::Unknown, "without its UUID nothing tells");
}

#[tokio::test]
async fn a_refused_secret_does_not_prove_its_token_dead() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let Held { uuid, v2, .. } = world.token(rosa).await;
    let admin = world.admin().await;
    let cut_off = &v2[..v2.len() - 4];

    let found = find(&admin, cut_off).await;
    assert_eq!((found.uuid, found.life), (Some(uuid), Life::PerhapsAlive));
    assert_eq!((found.secret, found.revocable), (Some(SecretIs::Refused), Revocable::Yes));
    assert_eq!(found.owner.unwrap().uuid, rosa);
    assert!(found.how.contains("refuses this secret"), "{}", found.how);
    let by_root = find(&world.root().await, cut_off).await;
    assert_eq!((by_root.life, by_root.secret), (Life::Alive, Some(SecretIs::Refused)));
    assert_eq!(find(&admin, &v2).await.secret, Some(SecretIs::Taken));

    let intent = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![uuid],
        chosen: Chosen::ByUuid,
        secret: Some(Secret::new(cut_off.to_owned())),
    });
    let plan = survey(&admin, intent.clone()).await;
    assert!(plan.notes().iter().any(|note| note.text.contains("refuses this secret")), "{plan:?}");
    assert_eq!(carry_out(&admin, intent).await.tally(), Tally { done: 1, ..Tally::default() });
    assert_eq!(world.alive(rosa).await, []);
}

#[tokio::test]
async fn an_end_that_is_still_to_come_is_not_told_as_past() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let held = world.token_with(json!({ "owner_uuid": rosa, "expires_at": "2026-11-26T00:00:00Z" })).await;
    let admin = world.admin().await;
    let found = find(&admin, &held.v2[..held.v2.len() - 4]).await;
    assert_eq!(found.life, Life::PerhapsAlive);
    assert!(!found.how.contains("it ended at"), "{}", found.how);
}

#[tokio::test]
async fn a_token_of_another_cluster_is_not_sent() {
    let world = World::empty().await;
    let admin = world.admin().await;
    world.demo.clear_requests();
    let found =
        find(&admin, "v2/other-gj3su-000000000000001/0123456789012345678901234567890123456789abcdefghij")
            .await;
    assert_eq!(found.life, Life::Elsewhere("other".parse().unwrap()));
    assert!(matches!(found.revocable, Revocable::No(why) if why.contains("other")));
    assert!(world.demo.requests().is_empty());
}
