//! Rules of accounts that the recordings do not show: what plain users may, agreements, deletion, merges.

use crate::door::{Door, column, errors, text};
use serde_json::{Value, json};

const ALL_USERS: &str = "zzzzz-j7d0g-fffffffffffffff";

#[tokio::test]
async fn a_plain_user_sees_active_others_with_few_columns_and_changes_only_itself() {
    let door = Door::open().await;
    let (ann, bob) = (door.active("ann").await, door.active("bob").await);
    let idle = door.person("idle", json!({})).await;
    let (_, list) = door.list(&ann.token, "users", &[("order", json!(["email asc"]))]).await;
    assert_eq!(column(&list, "email"), ["ada@x.example", "ann@x.example", "bob@x.example"]);
    assert_eq!(list["items"][2]["owner_uuid"], "");
    assert_eq!(door.get(&ann.token, &format!("users/{}", idle.uuid)).await.0, 404);

    let patch = json!({"user": {"first_name": "Ann", "is_admin": true}});
    let (status, changed) = door.patch(&ann.token, &format!("users/{}", ann.uuid), patch).await;
    assert_eq!((status, &changed["first_name"], &changed["is_admin"]), (200, &json!("Ann"), &json!(false)));
    let rename = json!({"user": {"username": "other"}});
    assert_eq!(door.patch(&ann.token, &format!("users/{}", ann.uuid), rename).await.0, 403);
    let other = json!({"user": {"first_name": "Bobby"}});
    assert_eq!(door.patch(&ann.token, &format!("users/{}", bob.uuid), other).await.0, 403);
    assert_eq!(door.post(&ann.token, &format!("users/{}/unsetup", bob.uuid), json!({})).await.0, 403);
    assert_eq!(door.post(&ann.token, &format!("users/{}/unsetup", idle.uuid), json!({})).await.0, 404);
    let token = json!({"api_client_authorization": {"owner_uuid": bob.uuid}});
    assert_eq!(door.post(&ann.token, "api_client_authorizations", token).await.0, 403);
    let vm = door.machine("shell.x.example").await;
    let login = json!({"link": {"link_class": "permission", "name": "can_login", "tail_uuid": ann.uuid, "head_uuid": vm}});
    assert_eq!(door.post(&ann.token, "links", login).await.0, 422);
}

#[tokio::test]
async fn only_one_who_never_did_anything_can_be_deleted() {
    let door = Door::open().await;
    let (ann, bob) = (door.active("ann").await, door.active("bob").await);
    door.post(&bob.token, "groups", json!({"group": {"group_class": "project", "name": "p"}})).await;
    let (status, refused) = door.delete(&door.admin, &format!("users/{}", bob.uuid)).await;
    assert_eq!(status, 422);
    assert!(errors(&refused).contains("dependent"), "{refused}");
    assert_eq!(door.delete(&door.admin, &format!("users/{}", ann.uuid)).await.0, 200);
    assert_eq!(door.get(&door.admin, &format!("users/{}", ann.uuid)).await.0, 404);
    assert_eq!(door.get(&ann.token, "users/current").await.0, 401);
}

#[tokio::test]
async fn activation_waits_for_signed_agreements_and_direct_activation_does_not() {
    let door = Door::open().await;
    let root = door.root();
    let (_, agreement) = door.post(&root, "collections", json!({"collection": {"name": "agreement"}})).await;
    let agreement = text(&agreement["uuid"]);
    let link = json!({"link": {"link_class": "signature", "name": "require",
        "tail_uuid": "zzzzz-tpzed-000000000000000", "head_uuid": agreement}});
    assert_eq!(door.post(&root, "links", link).await.0, 200);
    let (ann, bob) = (door.person("ann", json!({})).await, door.person("bob", json!({})).await);
    let (status, refused) = door.post(&door.admin, &format!("users/{}/activate", ann.uuid), json!({})).await;
    assert_eq!(status, 403);
    assert!(errors(&refused).contains("without user agreements"), "{refused}");

    door.post(&door.admin, "users/setup", json!({"uuid": ann.uuid})).await;
    let (_, open) = door.get(&ann.token, "user_agreements").await;
    assert_eq!(column(&open, "uuid").concat(), agreement);
    assert_eq!(door.post(&ann.token, "user_agreements/sign", json!({"uuid": agreement})).await.0, 200);
    let (_, signed) =
        door.list(&door.admin, "user_agreements/signatures", &[("uuid", json!(ann.uuid))]).await;
    assert_eq!(column(&signed, "head_uuid"), [agreement]);
    let (status, active) = door.post(&ann.token, &format!("users/{}/activate", ann.uuid), json!({})).await;
    assert_eq!((status, &active["is_active"]), (200, &json!(true)));
    let (_, seen) = door.get(&door.admin, &format!("users/{}", ann.uuid)).await;
    assert_eq!(seen["modified_by_user_uuid"], "zzzzz-tpzed-000000000000000");
    let patch = json!({"user": {"is_active": true}});
    assert_eq!(door.patch(&door.admin, &format!("users/{}", bob.uuid), patch).await.0, 200);
}

#[tokio::test]
async fn a_role_group_that_reaches_all_users_lets_a_suspended_user_back_in() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let role = door.group("role", "lab", &door.admin_uuid).await;
    door.permit(&ann.uuid, "can_read", &role).await;
    door.permit(&role, "can_read", ALL_USERS).await;
    let filters = json!([["tail_uuid", "=", ann.uuid], ["head_uuid", "=", ALL_USERS]]);
    let (_, links) = door.list(&door.admin, "links", &[("filters", filters)]).await;
    let (_, gone) = door.delete(&door.admin, &format!("links/{}", column(&links, "uuid")[0])).await;
    assert_eq!(gone["kind"], "arvados#link");
    let inactive = json!({"user": {"is_active": false}});
    let (_, suspended) = door.patch(&door.admin, &format!("users/{}", ann.uuid), inactive).await;
    assert_eq!((&suspended["is_active"], &suspended["is_invited"]), (&json!(false), &json!(true)));
    let (status, back) = door.post(&ann.token, &format!("users/{}/activate", ann.uuid), json!({})).await;
    assert_eq!((status, &back["is_active"]), (200, &json!(true)));
}

#[tokio::test]
async fn an_admin_is_suspended_only_without_the_flag() {
    let door = Door::open().await;
    let boss = door.person("boss", json!({"is_active": true, "is_admin": true})).await;
    let filters = json!([["tail_uuid", "=", boss.uuid], ["head_uuid", "=", ALL_USERS]]);
    let (_, links) = door.list(&door.admin, "links", &[("filters", filters)]).await;
    door.delete(&door.admin, &format!("links/{}", column(&links, "uuid")[0])).await;
    let path = format!("users/{}", boss.uuid);
    assert_eq!(door.patch(&door.admin, &path, json!({"is_active": false})).await.0, 422);
    let both = json!({"is_active": false, "is_admin": false});
    assert_eq!(door.patch(&door.admin, &path, both).await.0, 200);
    let (_, resumed) = door.patch(&door.admin, &path, json!({"is_active": true})).await;
    assert_eq!((&resumed["is_active"], &resumed["is_admin"]), (&json!(true), &json!(false)));
}

#[tokio::test]
async fn a_merge_with_redirect_hands_the_login_over_and_leaves_no_record_of_what_moved() {
    let door = Door::open().await;
    let (old, new) = (door.active("old").await, door.active("new").await);
    let role = door.group("role", "lab", &door.admin_uuid).await;
    door.permit(&old.uuid, "can_manage", &role).await;
    let merge = json!({"old_user_uuid": old.uuid, "new_user_uuid": new.uuid,
        "new_owner_uuid": new.uuid, "redirect_to_new_user": true});
    assert_eq!(door.post(&door.admin, "users/merge", merge).await.0, 200);
    assert_eq!(door.get(&door.admin, &format!("users/{}", old.uuid)).await.0, 404);
    assert_eq!(door.get(&old.token, "users/current").await.1["uuid"], json!(new.uuid));
    let filters = json!([["head_uuid", "=", role], ["tail_uuid", "=", new.uuid]]);
    let (_, links) = door.list(&door.admin, "links", &[("filters", filters)]).await;
    assert_eq!(column(&links, "name"), ["can_manage"]);
    let filters = json!([["object_uuid", "=", column(&links, "uuid")[0]]]);
    let (_, logs) = door.list(&door.admin, "logs", &[("filters", filters)]).await;
    assert_eq!(column(&logs, "event_type"), ["create"]);
}

#[tokio::test]
async fn a_merge_that_meets_a_taken_name_changes_nothing() {
    let door = Door::open().await;
    let (old, new) = (door.active("old").await, door.active("new").await);
    let place = door.group("project", "place", &new.uuid).await;
    door.group("project", "data", &place).await;
    let data = door.group("project", "data", &old.uuid).await;
    door.group("project", "more", &old.uuid).await;
    let merge = json!({"old_user_uuid": old.uuid, "new_user_uuid": new.uuid, "new_owner_uuid": place});
    let (status, refused) = door.post(&door.admin, "users/merge", merge).await;
    assert!(status == 422 && errors(&refused).contains("UniqueViolation"), "{refused}");
    assert_eq!(door.get(&door.admin, &format!("groups/{data}")).await.1["owner_uuid"], json!(old.uuid));
    assert_eq!(door.get(&old.token, "users/current").await.0, 200);
}

#[tokio::test]
async fn a_bad_machine_is_refused_after_the_account_was_set_up() {
    let door = Door::open().await;
    let ann = door.person("ann", json!({})).await;
    let wanted = json!({"uuid": ann.uuid, "vm_uuid": "zzzzz-2x53u-nosuchvm0000000"});
    assert_eq!(door.post(&door.admin, "users/setup", wanted).await.0, 422);
    let (_, user) = door.get(&door.admin, &format!("users/{}", ann.uuid)).await;
    assert_eq!(user["is_invited"], json!(true));
}

#[tokio::test]
async fn a_user_of_another_cluster_can_be_made_in_advance() {
    let door = Door::open().await;
    let user =
        json!({"user": {"uuid": "yyyyy-tpzed-0123456789abcde", "email": "far@y.example", "is_active": true}});
    let (status, far) = door.post(&door.admin, "users", user.clone()).await;
    assert_eq!((status, &far["uuid"]), (200, &json!("yyyyy-tpzed-0123456789abcde")));
    assert_eq!(door.post(&door.admin, "users", user).await.0, 422);
}

#[tokio::test]
async fn what_trash_holds_is_counted_only_when_asked_for() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let project = door.group("project", "data", &ann.uuid).await;
    let made = json!({"collection": {"name": "c", "owner_uuid": project}});
    assert_eq!(door.post(&ann.token, "collections", made).await.0, 200);
    let count = async |uuid: &str, trash: bool| -> Value {
        let query = [
            ("uuid", json!(uuid)),
            ("limit", json!(0)),
            ("recursive", json!(true)),
            ("include_trash", json!(trash)),
        ];
        door.list(&door.admin, "groups/contents", &query).await.1["items_available"].clone()
    };
    assert_eq!(count(&ann.uuid, false).await, json!(2));
    assert_eq!(door.delete(&ann.token, &format!("groups/{project}")).await.0, 200);
    assert_eq!((count(&ann.uuid, false).await, count(&ann.uuid, true).await), (json!(0), json!(2)));
    assert_eq!(door.get(&ann.token, &format!("groups/{project}")).await.0, 404);
    assert_eq!(door.post(&ann.token, &format!("groups/{project}/untrash"), json!({})).await.0, 200);
    assert_eq!(count(&ann.uuid, false).await, json!(2));
}

#[tokio::test]
async fn deactivating_leaves_a_record_of_everything_it_deleted() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let vm = door.machine("shell.x.example").await;
    door.post(&door.admin, "users/setup", json!({"uuid": ann.uuid, "vm_uuid": vm})).await;
    door.demo.clear_requests();
    door.post(&door.admin, &format!("users/{}/unsetup", ann.uuid), json!({})).await;
    let filters = json!([["event_type", "=", "delete"]]);
    let query = [("filters", filters), ("order", json!(["id asc"]))];
    let (_, logs) = door.list(&door.admin, "logs", &query).await;
    let mut kinds = column(&logs, "object_kind");
    kinds.sort();
    assert_eq!(kinds, ["arvados#apiClientAuthorization", "arvados#link", "arvados#link"]);
    let seen = door.demo.requests();
    assert_eq!(seen[0].path, format!("/arvados/v1/users/{}/unsetup", ann.uuid));
    assert_eq!((seen[0].method.as_str(), seen[0].status), ("POST", Some(200)));
}
