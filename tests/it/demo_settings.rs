//! What the demo cluster's configuration changes, and what the programs around a cluster leave behind.

use crate::door::{Door, column, errors};
use serde_json::json;

#[tokio::test]
async fn without_trusted_tokens_nobody_reaches_a_token_by_its_uuid() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    door.demo.with_store(|store| store.settings.issue_trusted_tokens = false);
    let path = format!("api_client_authorizations/{}", ann.token_uuid);
    let wanted = json!({"api_client_authorization": {"owner_uuid": ann.uuid}});
    for token in [&ann.token, &door.admin] {
        assert_eq!(door.get(token, "api_client_authorizations/current").await.0, 200);
        assert_eq!(door.get(token, "api_client_authorizations").await.0, 403);
        assert_eq!(door.post(token, "api_client_authorizations", wanted.clone()).await.0, 403);
        let (status, answer) = door.delete(token, &path).await;
        assert_eq!(status, 403);
        assert!(errors(&answer).contains("IssueTrustedTokens"), "{answer}");
    }
    let root = door.root();
    assert_eq!(door.get(&root, "api_client_authorizations").await.0, 200);
    assert_eq!(door.post(&root, "api_client_authorizations", wanted).await.0, 200);
    assert_eq!(door.get(&root, &path).await.0, 403);
    assert_eq!(door.delete(&root, &path).await.0, 403);
    let later = json!({"api_client_authorization": {"expires_at": "2031-01-01"}});
    assert_eq!(door.ask(&root, "PUT", &path, &[], Some(later)).await.0, 403);
    // Deactivating needs no list.
    assert_eq!(door.post(&door.admin, &format!("users/{}/unsetup", ann.uuid), json!({})).await.0, 200);
    assert_eq!(door.get(&ann.token, "users/current").await.0, 401);
}

#[tokio::test]
async fn the_configuration_says_what_login_sync_does() {
    let door = Door::open().await;
    door.demo.with_store(|store| {
        store.settings.sync_user_accounts = false;
        store.settings.sync_user_groups = false;
        store.settings.sync_ignored_groups = vec!["wheel".to_owned()];
        store.settings.sync_required_groups = Vec::new();
    });
    let (_, config) = door.get("", "config").await;
    let users = &config["Users"];
    assert_eq!((&users["SyncUserAccounts"], &users["SyncUserGroups"]), (&json!(false), &json!(false)));
    assert_eq!(users["SyncIgnoredGroups"], json!(["wheel"]));
    assert_eq!(users["SyncRequiredGroups"], json!([]));
}

#[tokio::test]
async fn a_containers_token_and_login_syncs_differ_in_the_container_alone() {
    let door = Door::open().await;
    let ann = door.person("ann", json!({"is_active": true})).await;
    let synced = door.demo.login_sync_token("ann").unwrap().to_string();
    let work = door.demo.running_container("ann").unwrap();
    let filters = json!([
        ["object_owner_uuid", "=", ann.uuid],
        ["event_type", "=", "create"],
        ["modified_by_user_uuid", "=", "zzzzz-tpzed-000000000000000"]
    ]);
    let query = [("filters", filters), ("order", json!(["id asc"]))];
    let (_, logs) = door.list(&door.admin, "logs", &query).await;
    assert_eq!(column(&logs, "object_uuid"), [synced.clone(), work.token.to_string()]);
    let of = async |token: &str| {
        let filters = [("filters", json!([["auth_uuid", "=", token]]))];
        column(&door.list(&door.admin, "containers", &filters).await.1, "uuid")
    };
    assert_eq!(of(&synced).await, [""; 0]);
    assert_eq!(of(&work.token.to_string()).await, [work.container.to_string()]);
    assert!(door.demo.login_sync_token("nobody").is_none());
}

#[tokio::test]
async fn a_page_ends_before_the_row_that_would_read_too_much_of_the_database() {
    let door = Door::open().await;
    let (ann, bob) = (door.active("ann").await, door.active("bob").await);
    // Any user writes into the log, about anybody.
    let log = |length: usize| {
        let properties = json!({ "new_attributes": { "x": "x".repeat(length) } });
        json!({ "log": { "object_uuid": bob.uuid, "event_type": "odd", "properties": properties } })
    };
    for length in [10, 30_000, 30_000, 10, 200_000, 10] {
        assert_eq!(door.post(&ann.token, "logs", log(length)).await.0, 200);
    }
    door.demo.with_store(|store| store.settings.max_index_database_read = 64 << 10);
    let odd = ("filters", json!([["event_type", "=", "odd"]]));
    let (order, whole) = (("order", json!(["id asc"])), ("select", json!(["id", "properties"])));
    let page = async |more: &[(&str, serde_json::Value)]| {
        let query = [&[odd.clone(), order.clone()], more].concat();
        let (status, page) = door.list(&door.admin, "logs", &query).await;
        assert_eq!(status, 200, "{page}");
        assert_eq!(page["items_available"], json!(6), "the total is not cut");
        (page["items"].as_array().unwrap().len(), page["limit"].as_u64().unwrap())
    };
    assert_eq!(page(std::slice::from_ref(&whole)).await, (4, 4), "the fifth is too much");
    assert_eq!(page(&[whole.clone(), ("offset", json!(4))]).await, (1, 1), "no page is empty for it");
    assert_eq!(page(&[whole.clone(), ("offset", json!(4)), ("limit", json!(1))]).await, (1, 1));
    assert_eq!(
        page(&[("select", json!(["id", "event_type"]))]).await.0,
        6,
        "what can't be long is not counted"
    );
    assert_eq!(page(&[]).await.0, 4, "and all that can be is read where nothing is selected");
    // Of links, keys, tokens and preferences the same.
    let prefs = json!({ "user": { "prefs": { "x": "x".repeat(100_000) } } });
    for user in [&ann, &bob] {
        assert_eq!(
            door.ask(&user.token, "PATCH", &format!("users/{}", user.uuid), &[], Some(prefs.clone())).await.0,
            200
        );
    }
    let people = ("filters", json!([["uuid", "in", [ann.uuid, bob.uuid]]]));
    let (_, some) =
        door.list(&door.admin, "users", &[people.clone(), ("select", json!(["uuid", "prefs"]))]).await;
    assert_eq!(some["items"].as_array().unwrap().len(), 1);
    let (_, all) = door.list(&door.admin, "users", &[people, ("select", json!(["uuid", "email"]))]).await;
    assert_eq!(all["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_body_beyond_the_largest_is_refused_and_nothing_is_made() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    door.demo.with_store(|store| store.settings.max_request_size = 10_000);
    let log = |length: usize| json!({ "log": { "object_uuid": ann.uuid, "event_type": "odd", "properties": { "x": "x".repeat(length) } } });
    assert_eq!(door.post(&ann.token, "logs", log(9_000)).await.0, 200);
    let (status, answer) = door.post(&ann.token, "logs", log(10_000)).await;
    assert_eq!((status, errors(&answer)), (400, "http: request body too large".to_owned()));
    let form = format!("log={{\"event_type\":\"odd\",\"summary\":\"{}\"}}", "x".repeat(10_000));
    let url = format!("{}/arvados/v1/logs", door.demo.url());
    let sent = crate::http_client().post(url).bearer_auth(&ann.token);
    let sent =
        sent.header("Content-Type", "application/x-www-form-urlencoded").body(form).send().await.unwrap();
    assert_eq!(sent.status(), 413);
    let filters = json!([["event_type", "=", "odd"]]);
    let (_, logs) = door.list(&door.admin, "logs", &[("filters", filters)]).await;
    assert_eq!(logs["items_available"], json!(1));
    let (_, config) = door.get(&door.admin, "config").await;
    assert_eq!(config["API"]["MaxRequestSize"], json!(10_000));
}
