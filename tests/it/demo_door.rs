//! Rules of tokens, lists and links at the demo cluster's front door that the recordings do not show.

use crate::door::{Door, column, errors, text};
use arv_admin::demo;
use serde_json::json;

#[tokio::test]
async fn a_token_without_the_scope_asks_about_itself_but_does_not_delete_itself() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let scopes = json!({"scopes": ["GET /arvados/v1/users/"]});
    let (token, uuid) = door.token_of(&door.admin, &ann.uuid, scopes).await;
    assert_eq!(door.get(&token, &format!("users/{}", ann.uuid)).await.0, 200);
    assert_eq!(door.get(&token, "users").await.0, 403);
    assert_eq!(door.delete(&token, &format!("api_client_authorizations/{uuid}")).await.0, 403);
    let query = [("select", json!(["uuid", "owner_uuid", "created_at"]))];
    let (_, current) = door.list(&token, "api_client_authorizations/current", &query).await;
    assert_eq!((&current["owner_uuid"], &current["created_at"]), (&json!(ann.uuid), &json!(null)));
    assert_eq!(current.get("api_token"), None);
}

#[tokio::test]
async fn token_lists_are_cut_at_a_hundred_and_paged_by_offset() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    for _ in 0..140 {
        door.token_of(&door.admin, &ann.uuid, json!({})).await;
    }
    let (_, first) = door.get(&ann.token, "api_client_authorizations").await;
    assert_eq!(first["items"].as_array().unwrap().len(), 100);
    let query = [("offset", json!(100)), ("select", json!(["uuid"]))];
    let (_, rest) = door.list(&ann.token, "api_client_authorizations", &query).await;
    assert_eq!(rest["items"].as_array().unwrap().len(), 41);
    let (_, oldest) =
        door.list(&ann.token, "api_client_authorizations", &[("select", json!(["uuid"]))]).await;
    assert_eq!(column(&oldest, "uuid")[0], ann.token_uuid);
    let filters = json!([["scopes", "=", ["all"]]]);
    assert_eq!(door.list(&door.root(), "api_client_authorizations", &[("filters", filters)]).await.0, 422);
}

#[tokio::test]
async fn an_expired_token_is_dead_at_once_and_swept_within_a_minute_without_a_record() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let short = json!({"expires_at": "2026-03-01T10:00:30Z"});
    let (token, uuid) = door.token_of(&door.admin, &ann.uuid, short).await;
    assert_eq!(door.get(&token, "users/current").await.0, 200);
    door.demo.with_store(|store| store.clock.advance(jiff::SignedDuration::from_secs(40)));
    assert_eq!(door.get(&token, "users/current").await.0, 401);
    let (_, list) = door.get(&ann.token, "api_client_authorizations").await;
    assert!(column(&list, "uuid").contains(&uuid));
    door.demo.with_store(|store| store.clock.advance(jiff::SignedDuration::from_secs(60)));
    let (_, list) = door.get(&ann.token, "api_client_authorizations").await;
    assert!(!column(&list, "uuid").contains(&uuid));
    let filters = json!([["object_uuid", "=", uuid]]);
    let (_, logs) = door.list(&door.admin, "logs", &[("filters", filters)]).await;
    assert_eq!(column(&logs, "event_type"), ["create"]);
}

#[tokio::test]
async fn a_locked_container_has_a_token_of_its_user_that_works_though_the_user_is_inactive() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let work = json!({"container_request": {"name": "job", "state": "Committed", "priority": 1, "container_image": "x"}});
    let (_, request) = door.post(&ann.token, "container_requests", work).await;
    let container = text(&request["container_uuid"]);
    door.post(&door.admin, &format!("users/{}/unsetup", ann.uuid), json!({})).await;
    let filters =
        json!([["runtime_user_uuid", "=", ann.uuid], ["state", "in", ["Queued", "Locked", "Running"]]]);
    let (_, running) =
        door.list(&door.admin, "containers", &[("filters", filters), ("limit", json!(0))]).await;
    assert_eq!(running["items_available"], json!(1));
    let (_, locked) = door.post(&door.admin, &format!("containers/{container}/lock"), json!({})).await;
    let (_, auth) = door.get(&door.admin, &format!("containers/{container}/auth")).await;
    assert_eq!(locked["auth_uuid"], auth["uuid"]);
    let token = format!("v2/{}/{}", text(&auth["uuid"]), text(&auth["api_token"]));
    assert_eq!(door.get(&token, "users/current").await.1["is_active"], json!(false));
}

#[tokio::test]
async fn a_long_list_request_may_come_as_a_post() {
    let door = Door::open().await;
    let form = "_method=GET&filters=%5B%5B%22email%22%2C%22%3D%22%2C%22ada%40x.example%22%5D%5D&select=%5B%22email%22%5D";
    let request = door
        .request(&door.admin, "POST", "users", &[], None)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("X-Request-Id", "req-0123456789abcdefghij")
        .body(form);
    let answer = request.send().await.unwrap();
    assert_eq!(answer.headers()["x-request-id"], "req-0123456789abcdefghij");
    let list: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
    assert_eq!(column(&list, "email"), ["ada@x.example"]);
    assert!(door.demo.requests().last().unwrap().body.contains(r#"filters=[["email","=","ada@x.example"]]"#));
}

#[tokio::test]
async fn an_order_by_what_is_not_selected_or_unknown_is_dropped() {
    let door = Door::open().await;
    for name in ["cara", "abel", "bert"] {
        door.person(name, json!({})).await;
    }
    let order = json!(["nonesense asc", "email asc"]);
    let (_, ordered) =
        door.list(&door.admin, "users", &[("order", order.clone()), ("select", json!(["email"]))]).await;
    let emails = column(&ordered, "email");
    assert!(emails.is_sorted(), "{emails:?}");
    let (_, dropped) =
        door.list(&door.admin, "users", &[("order", order), ("select", json!(["uuid"]))]).await;
    let uuids = column(&dropped, "uuid");
    assert!(uuids.is_sorted_by(|one, two| one >= two), "{uuids:?}");
}

#[tokio::test]
async fn the_rails_api_takes_what_the_controller_refuses_and_the_other_way_round() {
    let door = Door::open().await;
    door.machine("b.x.example").await;
    let either = json!([[["hostname", "uuid"], "like", "b.x%"]]);
    assert_eq!(door.list(&door.admin, "users", &[("filters", either.clone())]).await.0, 500);
    let (_, machines) = door.list(&door.admin, "virtual_machines", &[("filters", either)]).await;
    assert_eq!(column(&machines, "hostname"), ["b.x.example"]);
    assert_eq!(machines["self_link"], "");
    assert_eq!(door.list(&door.admin, "virtual_machines", &[("limit", json!(-1))]).await.0, 422);
    assert_eq!(door.list(&door.admin, "users", &[("limit", json!(-1))]).await.0, 200);
    assert_eq!(door.list(&door.admin, "users", &[("offset", json!(-1))]).await.0, 422);
    for name in ["properties", "properties.old_attributes"] {
        let filters = json!([[name, "=", "x"]]);
        assert_eq!(door.list(&door.admin, "logs", &[("filters", filters)]).await.0, 422, "{name}");
    }
    assert_eq!(door.list(&door.admin, "links", &[("select", json!(["head_kind"]))]).await.0, 422);
}

#[tokio::test]
async fn changing_whom_a_permission_is_for_is_refused() {
    let door = Door::open().await;
    let (ann, bob) = (door.active("ann").await, door.active("bob").await);
    let role = door.group("role", "lab", &door.admin_uuid).await;
    let link = door.permit(&ann.uuid, "can_read", &role).await;
    let moved = json!({"link": {"tail_uuid": bob.uuid}});
    let (status, refused) = door.patch(&door.admin, &format!("links/{link}"), moved).await;
    assert!(status == 422 && errors(&refused).contains("Can only alter permission link level"), "{refused}");
    assert_eq!(
        door.patch(&ann.token, &format!("links/{link}"), json!({"link": {"name": "can_manage"}})).await.0,
        403
    );
    let project = door.group("project", "p", &ann.uuid).await;
    let tail = json!({"link": {"link_class": "permission", "name": "can_read", "tail_uuid": project, "head_uuid": role}});
    let (status, refused) = door.post(&door.admin, "links", tail).await;
    assert!(status == 422 && errors(&refused).contains("must be a user or role"), "{refused}");
    let (status, all) = door.get(&ann.token, &format!("permissions/{project}")).await;
    assert_eq!((status, &all["items"]), (200, &json!([])));
    assert_eq!(door.get(&ann.token, &format!("permissions/{role}")).await.0, 403);
}

#[tokio::test]
async fn deleting_a_role_ends_what_it_allowed() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let role = door.group("role", "lab", &door.admin_uuid).await;
    let project = door.group("project", "p", &door.admin_uuid).await;
    door.permit(&ann.uuid, "can_read", &role).await;
    door.permit(&role, "can_write", &project).await;
    let filters = json!([["user_uuid", "=", ann.uuid], ["target_uuid", "=", project]]);
    let (_, before) = door.list(&door.admin, "computed_permissions", &[("filters", filters.clone())]).await;
    assert_eq!(column(&before, "perm_level"), ["can_read"]);
    assert_eq!(door.get(&ann.token, &format!("groups/{project}")).await.0, 200);
    let (_, gone) = door.delete(&door.admin, &format!("groups/{role}")).await;
    assert_eq!((&gone["is_trashed"], &gone["trash_at"]), (&json!(true), &gone["delete_at"]));
    assert_eq!(door.get(&ann.token, &format!("groups/{project}")).await.0, 404);
    let (_, after) = door.list(&door.admin, "computed_permissions", &[("filters", filters)]).await;
    assert_eq!(after["items"], json!([]));
}

#[tokio::test]
async fn deleting_a_machine_takes_its_logins_along() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let vm = door.machine("shell.x.example").await;
    door.permit(&ann.uuid, "can_login", &vm).await;
    assert_eq!(door.get(&ann.token, &format!("virtual_machines/{vm}")).await.0, 200);
    assert_eq!(door.get(&ann.token, &format!("virtual_machines/{vm}/logins")).await.0, 403);
    let renamed = json!({"virtual_machine": {"hostname": "other.x.example"}});
    let (status, changed) =
        door.ask(&door.admin, "PUT", &format!("virtual_machines/{vm}"), &[], Some(renamed)).await;
    assert_eq!((status, &changed["hostname"]), (200, &json!("other.x.example")));
    assert_eq!(door.delete(&door.admin, &format!("virtual_machines/{vm}")).await.0, 200);
    let filters = json!([["head_uuid", "=", vm]]);
    let (_, links) = door.list(&door.admin, "links", &[("filters", filters)]).await;
    assert_eq!(links["items_available"], json!(0));
}

#[tokio::test]
async fn the_institute_knows_the_cluster_its_guests_come_from_but_can_not_reach_it() {
    let options =
        demo::Options { contents: demo::Contents::Institute { users: 60 }, ..demo::Options::default() };
    let door = Door::of(demo::start(options).await.unwrap());
    let (_, config) = door.get("", "config").await;
    assert!(config["RemoteClusters"]["yyyyy"]["Host"].is_string(), "{}", config["RemoteClusters"]);
    let filters = json!([["uuid", "like", "yyyyy-%"]]);
    let (_, guests) = door.list(&door.admin, "users", &[("filters", filters)]).await;
    let token = json!({"api_client_authorization": {"owner_uuid": column(&guests, "uuid")[0]}});
    assert_eq!(door.post(&door.admin, "api_client_authorizations", token).await.0, 502);
}
