//! What the demo cluster takes into records, and gives back, beyond what the recordings show.

use crate::door::{Door, column, errors, text};
use arv_admin::demo::{self, Contents, Options, Time};
use serde_json::{Value, json};

const ROOT: &str = "zzzzz-tpzed-000000000000000";

#[tokio::test]
async fn any_user_writes_anything_to_the_log_but_in_its_own_name() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let forged = json!({"log": {
        "object_uuid": "\u{1b}[2Jgj3su-no-uuid-at-all",
        "object_owner_uuid": "nobody",
        "event_type": "made up",
        "event_at": "0044-03-15 BC",
        "modified_by_user_uuid": ROOT,
        "properties": {"new_attributes": "a text"},
    }});
    let (status, log) = door.post(&ann.token, "logs", forged).await;
    assert_eq!(status, 200, "{log}");
    assert_eq!((&log["owner_uuid"], &log["modified_by_user_uuid"]), (&json!(ann.uuid), &json!(ann.uuid)));

    // The admin finds it where the forger wants it found.
    for filter in [
        json!(["object_uuid", "=", "\u{1b}[2Jgj3su-no-uuid-at-all"]),
        json!(["object_uuid", "in", ["\u{1b}[2Jgj3su-no-uuid-at-all", ann.uuid]]),
        json!(["object_owner_uuid", "=", "nobody"]),
        json!(["id", "in", [log["id"]]]),
    ] {
        let query = [("filters", json!([filter, ["event_type", "=", "made up"]]))];
        let (_, logs) = door.list(&door.admin, "logs", &query).await;
        assert_eq!(column(&logs, "event_at"), ["-0043-03-15T00:00:00.000000000Z"], "{filter}: {logs}");
        assert_eq!(column(&logs, "object_owner_uuid"), ["nobody"]);
    }
    let nobody = json!({"log": {"object_uuid": ann.uuid, "event_type": "x"}});
    assert_eq!(door.post(&ann.token, "logs", nobody).await.1["object_owner_uuid"], Value::Null);
}

#[tokio::test]
async fn a_record_150_levels_deep_is_taken_and_given_back() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let deep = (0..150).fold(json!(1), |inner, _| json!([inner]));
    let (status, made) = door
        .post(&ann.token, "logs", json!({"log": {"event_type": "x", "properties": {"deep": deep}}}))
        .await;
    assert_eq!(status, 200, "{made}");
    let answer = door.request(&door.admin, "GET", "logs", &[("limit", json!(5))], None).send().await.unwrap();
    assert!(answer.text().await.unwrap().contains(&"[".repeat(150)));
}

#[tokio::test]
async fn the_search_looks_in_the_texts_of_a_user_joined_in_the_databases_order() {
    let door = Door::open().await;
    let person = json!({"username": "rdelg", "first_name": "Rosa", "last_name": "Delgado"});
    let rosa = door.person("rosa", person).await;
    let found = async |word: &str| {
        let query = [("filters", json!([["any", "ilike", word]])), ("select", json!(["uuid"]))];
        column(&door.list(&door.admin, "users", &query).await.1, "uuid")
    };
    for word in ["%rosa@x.example ROSA delgado%", "%delg%", "%rdelg%"] {
        assert_eq!(found(word).await, [rosa.uuid.as_str()], "{word}");
    }
    for word in ["%rdelg rosa%", "%rosa@x.example rdelg%", "%tpzed%"] {
        assert_eq!(found(word).await, [""; 0], "{word}");
    }
}

#[tokio::test]
async fn a_column_that_is_none_is_refused_by_name_and_odd_filters_are_errors() {
    let door = Door::open().await;
    let (status, refused) = door.list(&door.admin, "users", &[("select", json!(["uuid", "foo"]))]).await;
    assert_eq!(status, 422);
    assert!(errors(&refused).contains("Invalid attribute 'foo' of User in select parameter"), "{refused}");
    let invited = json!([["is_invited", "=", true]]);
    let (status, refused) = door.list(&door.admin, "users", &[("filters", invited)]).await;
    assert_eq!(status, 422);
    assert!(errors(&refused).contains("in filter"), "{refused}");
    let query = [("order", json!(["full_name asc"])), ("include", json!(["owner_uuid"]))];
    assert_eq!(door.list(&door.admin, "users", &query).await.0, 200);
    let both = [("filters", json!([["is_active", "in", [true, false]]])), ("count", json!("exact"))];
    assert_eq!(door.list(&door.admin, "users", &both).await.1["items_available"], 3);
}

#[tokio::test]
async fn a_manager_of_a_user_manages_what_it_owns_through_a_role_too() {
    let door = Door::open().await;
    let (ann, bob) = (door.active("ann").await, door.active("bob").await);
    let project = door.group("project", "ann's", &ann.uuid).await;
    assert_eq!(door.get(&bob.token, &format!("groups/{project}")).await.0, 404);
    let role = door.group("role", "heads", &door.admin_uuid).await;
    door.permit(&bob.uuid, "can_manage", &role).await;
    let link = door.permit(&role, "can_manage", &ann.uuid).await;
    let (status, seen) = door.get(&bob.token, &format!("groups/{project}")).await;
    assert_eq!((status, &seen["can_manage"]), (200, &json!(true)));
    let renamed = json!({"group": {"name": "bob's"}});
    assert_eq!(door.patch(&bob.token, &format!("groups/{project}"), renamed).await.0, 200);
    // Less than that reaches the user alone.
    let less = json!({"link": {"name": "can_write"}});
    assert_eq!(door.patch(&door.admin, &format!("links/{link}"), less).await.0, 200);
    assert_eq!(door.get(&bob.token, &format!("groups/{project}")).await.0, 404);
}

#[tokio::test]
async fn usernames_are_filtered_and_numbered_when_an_account_is_made_and_refused_later() {
    let door = Door::open().await;
    for (email, username, wanted) in [
        ("root@x.example", None, "root2"),
        ("Root@x.example", None, "Root"),
        ("x@x.example", Some("probe.dot"), "probedot"),
        ("y@x.example", Some("ProbeDot"), "ProbeDot"),
        ("z@x.example", Some("probedot"), "probedot2"),
        ("a@b@x.example", None, "a"),
        ("+@x.example", None, ""),
    ] {
        let user = json!({"user": {"email": email, "username": username}});
        let (status, made) = door.post(&door.admin, "users", user).await;
        assert_eq!(
            (status, &made["username"], &made["email"]),
            (200, &json!(wanted), &json!(email)),
            "{made}"
        );
    }
    let ann = door.person("ann", json!({})).await;
    let path = format!("users/{}", ann.uuid);
    let rename = |name: &str| json!({"user": {"username": name}});
    assert_eq!(door.patch(&door.admin, &path, rename("root")).await.0, 200);
    assert_eq!(door.patch(&door.admin, &path, rename("not.this")).await.0, 422);
    assert_eq!(door.patch(&door.admin, &path, rename("probedot")).await.0, 422);
    let long = "N".repeat(256);
    let (status, refused) = door.patch(&door.admin, &path, json!({"user": {"last_name": long}})).await;
    assert_eq!(status, 422);
    assert!(errors(&refused).contains("too long"), "{refused}");
}

#[tokio::test]
async fn credentials_are_shared_by_links_and_never_show_their_secret() {
    let door = Door::open().await;
    let (ann, bob) = (door.active("ann").await, door.active("bob").await);
    let wanted = |class: &str, name: &str| {
        json!({"credential": {"name": name, "credential_class": class, "external_id": "id", "secret": "s3cret",
            "expires_at": "2031-01-01", "scopes": ["s3://bucket"]}})
    };
    let (status, refused) = door.post(&ann.token, "credentials", wanted("aws_access_key", "one")).await;
    assert_eq!(status, 422);
    assert!(errors(&refused).contains("reserved"), "{refused}");
    let (status, made) = door.post(&ann.token, "credentials", wanted("arv:aws_access_key", "one")).await;
    assert_eq!((status, &made["owner_uuid"]), (200, &json!(ROOT)));
    assert!(!made.to_string().contains("s3cret"));
    assert_eq!(door.post(&bob.token, "credentials", wanted("other", "one")).await.0, 422, "a taken name");

    let path = format!("credentials/{}", text(&made["uuid"]));
    assert_eq!(door.get(&bob.token, &path).await.0, 404);
    door.permit(&bob.uuid, "can_read", &text(&made["uuid"])).await;
    assert_eq!(door.get(&bob.token, &path).await.0, 200);
    assert_eq!(door.delete(&bob.token, &path).await.0, 403);
    let by_secret = [("filters", json!([["secret", "=", "s3cret"]]))];
    assert_eq!(door.list(&door.admin, "credentials", &by_secret).await.0, 403);
    let (_, logs) =
        door.list(&door.admin, "logs", &[("filters", json!([["object_uuid", "=", made["uuid"]]]))]).await;
    assert!(!logs.to_string().contains("s3cret") && logs.to_string().contains("new_attributes"));
    assert_eq!(door.delete(&ann.token, &path).await.0, 200);
}

#[tokio::test]
async fn the_same_key_is_refused_for_anybody_but_not_with_another_comment() {
    let door = Door::open().await;
    let (ann, bob) = (door.active("ann").await, door.active("bob").await);
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC4hdBHOdPqeVTSqgKhyaKkUVMEeIlRONIhzHvDcK9Ul";
    let wanted = |user: &str, comment: &str| json!({"authorized_key": {"authorized_user_uuid": user, "public_key": format!("{key} {comment}")}});
    assert_eq!(door.post(&door.admin, "authorized_keys", wanted(&ann.uuid, "laptop")).await.0, 200);
    for (user, comment, status) in
        [(&bob.uuid, "laptop", 422), (&ann.uuid, "lap", 422), (&bob.uuid, "desk", 200)]
    {
        let (got, answer) = door.post(&door.admin, "authorized_keys", wanted(user, comment)).await;
        assert_eq!(got, status, "{answer}");
    }
}

/// The institute's people from elsewhere have tokens that are cached here.
#[tokio::test]
async fn a_cached_token_keeps_its_end_at_home_and_goes_when_it_would_be_asked_for_again() {
    let time = Time::From("2026-03-01T10:00:00Z".parse().unwrap());
    let options = Options { contents: Contents::Institute { users: 60 }, time, ..Options::default() };
    let door = Door::of(demo::start(options).await.unwrap());
    let query =
        [("filters", json!([["object_uuid", "like", "yyyyy-gj3su-%"], ["event_type", "=", "create"]]))];
    let (_, logs) = door.list(&door.admin, "logs", &query).await;
    let token = logs["items"][0].clone();
    let attributes = &token["properties"]["new_attributes"];
    assert_eq!(attributes["refreshes_at"], "2026-03-01T10:05:00.000001000Z", "{token}");
    assert_eq!(attributes["expires_at"], "2026-03-02T14:00:00.000001000Z");
    let mine = [("filters", json!([["uuid", "=", token["object_uuid"]]]))];
    let there =
        async || column(&door.list(&door.root(), "api_client_authorizations", &mine).await.1, "uuid").len();
    assert_eq!(there().await, 1);
    door.demo.with_store(|store| store.clock.advance(jiff::SignedDuration::from_mins(6)));
    assert_eq!(there().await, 0);
}

/// Who was only seen at work did nothing that a log record of theirs would keep.
#[tokio::test]
async fn an_activity_record_is_the_systems_own_and_names_the_user() {
    let options = Options { contents: Contents::Institute { users: 60 }, ..Options::default() };
    let door = Door::of(demo::start(options).await.unwrap());
    let query = [("filters", json!([["event_type", "=", "activity"]])), ("limit", json!(20))];
    let (_, logs) = door.list(&door.admin, "logs", &query).await;
    assert_eq!(column(&logs, "owner_uuid"), vec![ROOT; 20]);
    assert_eq!(column(&logs, "modified_by_user_uuid"), vec![ROOT; 20]);
    assert!(column(&logs, "object_uuid").iter().all(|uuid| uuid.contains("-tpzed-") && uuid != ROOT));
}
