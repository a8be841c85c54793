//! What goes wrong with the demo cluster when it is told so.

use crate::door::{Door, column};
use arv_admin::demo::{Fault, Faults, Rule};
use serde_json::{Value, json};
use std::path::Path;

const USERS: &str = "/arvados/v1/users";

async fn project(door: &Door) -> Result<reqwest::Response, reqwest::Error> {
    let body = json!({"group": {"group_class": "project", "name": "kept"}});
    door.request(&door.admin, "POST", "groups", &[], Some(body)).send().await
}

async fn projects(door: &Door) -> usize {
    let filters = json!([["name", "=", "kept"]]);
    column(&door.list(&door.admin, "groups", &[("filters", filters)]).await.1, "uuid").len()
}

#[tokio::test]
async fn refusals_come_with_their_status_and_the_next_request_is_served() {
    let door = Door::open().await;
    let faults = [
        (Fault::Unauthorized, 401),
        (Fault::Forbidden, 403),
        (Fault::NotFound, 404),
        (Fault::TooManyRequests { retry_after: 3 }, 429),
        (Fault::ServerError, 500),
        (Fault::Unavailable, 503),
    ];
    for (fault, status) in faults {
        door.demo.faults().add(Rule::new(USERS, fault).times(1));
        let answer = door.request(&door.admin, "GET", "users", &[], None).send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status);
        if status == 429 {
            assert_eq!(answer.headers()["retry-after"], "3");
        }
        if status == 503 {
            assert_eq!(answer.text().await.unwrap(), "");
        }
        assert_eq!(door.get(&door.admin, "users").await.0, 200);
    }
}

#[tokio::test]
async fn a_reset_before_the_request_was_taken_does_nothing_and_one_after_it_has_done_it() {
    let door = Door::open().await;
    door.demo.faults().add(Rule::new("/arvados/v1/groups", Fault::ResetBefore).method("POST").times(1));
    assert!(project(&door).await.is_err());
    assert_eq!(projects(&door).await, 0);

    door.demo.faults().clear();
    door.demo.faults().add(Rule::new("/arvados/v1/groups", Fault::ResetAfter).method("POST").times(1));
    assert!(project(&door).await.is_err());
    assert_eq!(projects(&door).await, 1);
    let sent = door.demo.requests();
    let lost: Vec<_> =
        sent.iter().filter(|seen| seen.method == "POST" && seen.path.ends_with("/groups")).collect();
    assert_eq!(lost.iter().map(|seen| seen.status).collect::<Vec<_>>(), [None, None]);
}

#[tokio::test]
async fn a_truncated_body_ends_early_though_the_work_is_done() {
    let door = Door::open().await;
    door.demo.faults().add(Rule::new("/arvados/v1/groups", Fault::TruncatedBody).method("POST"));
    let answer = project(&door).await.unwrap();
    assert_eq!(answer.status().as_u16(), 200);
    assert!(answer.text().await.is_err());
    assert_eq!(projects(&door).await, 1);
}

#[tokio::test]
async fn a_page_of_html_is_no_json() {
    let door = Door::open().await;
    let rule = door.demo.faults().add(Rule::new(USERS, Fault::HtmlBody));
    let (status, body) = door.get(&door.admin, "users").await;
    assert!(status == 200 && matches!(&body, Value::String(page) if page.starts_with("<html>")));
    door.demo.faults().remove(rule);
    assert!(door.get(&door.admin, "users").await.1.is_object());
}

#[tokio::test]
async fn a_stalled_request_is_never_answered_yet_the_cluster_stops() {
    let door = Door::open().await;
    door.demo.faults().add(Rule::new(USERS, Fault::Stall));
    let (demo, waiting) = (door.demo.url(), crate::http_client());
    let request = waiting.get(format!("{demo}{USERS}")).send();
    tokio::pin!(request);
    let others = async {
        while door.demo.requests().iter().all(|seen| seen.path != USERS) {
            door.get(&door.admin, "config").await;
        }
    };
    tokio::select! {
        biased;
        answer = &mut request => panic!("a stalled request was answered: {answer:?}"),
        () = others => {}
    }
    door.demo.stop().await;
    assert!(request.await.is_err());
}

#[tokio::test]
async fn the_scripts_that_come_with_the_program_can_be_read() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/demo/faults");
    let mut read = 0;
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        let rules = Faults::from_json(&std::fs::read_to_string(&path).unwrap());
        assert!(rules.is_ok_and(|rules| !rules.is_empty()), "{}", path.display());
        read += 1;
    }
    assert!(read > 0);
}
