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
