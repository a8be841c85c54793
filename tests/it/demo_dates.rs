//! Dates at the demo cluster's front door that the recordings do not show: those the controller can't
//! read back, and the clock the answers carry.

use crate::door::{Door, column, text};
use arv_admin::demo::{self, Contents, Options, Time};
use jiff::SignedDuration;
use serde_json::{Value, json};

async fn token_ending(door: &Door, owner: &str, end: &str) -> (u16, Value) {
    let wanted = json!({"api_client_authorization": {"owner_uuid": owner, "expires_at": end}});
    door.post(&door.admin, "api_client_authorizations", wanted).await
}

/// The end that the audit log knows of a user's newest token.
async fn newest_logged(door: &Door, owner: &str) -> (String, Value) {
    let query = [
        ("filters", json!([["object_owner_uuid", "=", owner], ["event_type", "=", "create"]])),
        ("order", json!(["id desc"])),
        ("limit", json!(1)),
    ];
    let (_, logs) = door.list(&door.admin, "logs", &query).await;
    let log = &logs["items"][0];
    (text(&log["object_uuid"]), log["properties"]["new_attributes"]["expires_at"].clone())
}

#[tokio::test]
async fn a_date_that_the_controller_cannot_read_blinds_every_answer_that_has_it_and_no_other() {
    let far = "10000-01-01T04:59:59.000000000Z";
    for (end, logged) in
        [("9999-12-31T23:59:59-05:00", far), ("0044-03-15 BC", "-0043-03-15T00:00:00.000000000Z")]
    {
        let door = Door::open().await;
        let ann = door.active("ann").await;
        let (status, answer) = token_ending(&door, &ann.uuid, end).await;
        assert_eq!(status, 500, "{answer}");
        assert!(text(&answer["errors"][0]).contains("parsing time"), "{answer}");

        // It was made all the same.
        let (uuid, end) = newest_logged(&door, &ann.uuid).await;
        assert_eq!(end, logged);
        let path = format!("api_client_authorizations/{uuid}");
        assert_eq!(door.get(&ann.token, &path).await.0, 500);
        assert_eq!(door.get(&ann.token, "api_client_authorizations").await.0, 500);
        assert_eq!(door.get(&door.root(), "api_client_authorizations").await.0, 500);
        let few = [("select", json!(["uuid"]))];
        let (status, list) = door.list(&ann.token, "api_client_authorizations", &few).await;
        assert_eq!((status, column(&list, "uuid").contains(&uuid)), (200, true));

        // A good date mends it.
        let good = json!({"api_client_authorization": {"expires_at": "2031-01-01"}});
        assert_eq!(door.ask(&ann.token, "PUT", &path, &[], Some(good)).await.0, 200);
        assert_eq!(door.get(&ann.token, "api_client_authorizations").await.0, 200);
    }
}

#[tokio::test]
async fn a_token_whose_date_cannot_be_read_is_deleted_though_the_answer_is_an_error() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    token_ending(&door, &ann.uuid, "10000-01-01").await;
    let (uuid, _) = newest_logged(&door, &ann.uuid).await;
    let path = format!("api_client_authorizations/{uuid}");
    assert_eq!(door.delete(&ann.token, &path).await.0, 500);
    assert_eq!(door.get(&ann.token, &path).await.0, 404);
    assert_eq!(door.get(&ann.token, "api_client_authorizations").await.0, 200);
}

#[tokio::test]
async fn the_first_day_of_year_1_is_null_to_the_controller_and_itself_to_the_log() {
    let door = Door::open().await;
    let ann = door.active("ann").await;
    let (status, token) = token_ending(&door, &ann.uuid, "0001-01-01T00:00:00Z").await;
    assert_eq!((status, &token["expires_at"]), (200, &Value::Null));
    assert_eq!(newest_logged(&door, &ann.uuid).await.1, "0001-01-01T00:00:00.000000000Z");
    let (_, token) = token_ending(&door, &ann.uuid, "garbage").await;
    assert_eq!(token["expires_at"], Value::Null);
    assert_eq!(newest_logged(&door, &ann.uuid).await.1, Value::Null);
}

#[tokio::test]
async fn every_answer_says_what_time_it_is_at_the_cluster() {
    let start = "2026-03-01T10:00:00Z".parse().unwrap();
    let options = Options { contents: Contents::Empty, time: Time::From(start), ..Options::default() };
    let door = Door::of(demo::start(options).await.unwrap());
    let date = async |token: &str, path: &str| {
        let answer = door.request(token, "GET", path, &[], None).send().await.unwrap();
        answer
            .headers()
            .get_all("date")
            .iter()
            .map(|date| date.to_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(date(&door.root(), "config").await, ["Sun, 01 Mar 2026 10:00:00 GMT"]);
    assert_eq!(date("nobody's", "users/current").await, ["Sun, 01 Mar 2026 10:00:00 GMT"]);
    door.demo.with_store(|store| store.clock.advance(SignedDuration::from_hours(24)));
    assert_eq!(date(&door.root(), "users").await, ["Mon, 02 Mar 2026 10:00:00 GMT"]);
}
