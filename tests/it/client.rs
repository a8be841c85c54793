//! What the client makes of a server that fails: which requests it repeats, what it says, and what it
//! never does.

use crate::world::World;
use arv_admin::arvados::error::{Error, ErrorKind};
use arv_admin::arvados::writer::{Mode, WriteAccess, Writer};
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::token::{Expiry, Scopes};
use arv_admin::model::user_page::Federation;
use std::time::Duration;

const USERS: &str = "/arvados/v1/users";
const CURRENT: &str = "/arvados/v1/users/current";

/// What a read gives with one fault in force, and how often it was asked.
async fn read_with(fault: Fault, times: u32) -> (Result<usize, Error>, usize) {
    let world = World::empty().await;
    world.demo.faults().add(Rule::new(USERS, fault).times(times));
    world.demo.clear_requests();
    let answer = world
        .client(world.demo.root_token())
        .users_by_usernames(&["nobody".to_owned()], Federation::Ask)
        .await;
    (answer.map(|users| users.len()), world.demo.requests().len())
}

#[tokio::test]
async fn reads_are_repeated_while_that_may_help() {
    for fault in [
        Fault::ServerError,
        Fault::Unavailable,
        Fault::TooManyRequests { retry_after: 2 },
        Fault::ResetBefore,
        Fault::ResetAfter,
    ] {
        assert_eq!(read_with(fault, 2).await, (Ok(0), 3), "{fault:?}");
        let (answer, asked) = read_with(fault, 9).await;
        assert!(answer.is_err() && asked == 4, "{fault:?} in the end: {answer:?} after {asked}");
    }
}

#[tokio::test]
async fn a_server_that_asks_for_a_long_time_is_not_asked_again_and_that_is_said() {
    let (answer, asked) = read_with(Fault::TooManyRequests { retry_after: 3600 }, 1).await;
    let error = answer.unwrap_err();
    assert_eq!(asked, 1);
    assert!(error.to_string().ends_with("it asks to wait 60 min"), "{error}");
}

#[tokio::test]
async fn refusals_are_not_repeated() {
    for (fault, kind) in [
        (Fault::Unauthorized, ErrorKind::NotAuthorised),
        (Fault::Forbidden, ErrorKind::Forbidden),
        (Fault::NotFound, ErrorKind::NotFound),
        (Fault::HtmlBody, ErrorKind::WebPage),
    ] {
        let (answer, asked) = read_with(fault, 9).await;
        assert_eq!((answer.unwrap_err().kind(), asked), (kind, 1), "{fault:?}");
    }
}

/// Looks until so many requests are under way, and for some time after whether they stay so many.
async fn under_way(world: &World, expected: usize) -> usize {
    // Turns of this thread, on which client and server both are.
    const TURNS: usize = 20_000;
    let mut calm = 0;
    for _ in 0..TURNS {
        tokio::task::yield_now().await;
        calm = if world.time.sleepers() == expected { calm + 1 } else { 0 };
        if calm == TURNS / 10 {
            break;
        }
    }
    world.time.sleepers()
}

#[tokio::test]
async fn a_busy_server_gets_half_as_many_requests_at_once() {
    let world = World::empty().await;
    let client = world.client(world.demo.root_token());
    // The first is told to come back, and whatever is sent after it stays under way.
    world.demo.faults().add(Rule::new(USERS, Fault::Unavailable).times(1));
    world.demo.faults().add(Rule::new(USERS, Fault::Stall));
    let reads = (0..12).map(|n| {
        let client = client.clone();
        async move { client.users_by_usernames(&[format!("user{n}")], Federation::Ask).await }
    });
    let look = async {
        assert_eq!(under_way(&world, 3).await, 3, "four were sent, and one was refused");
        world.time.advance(Duration::from_secs(60));
        assert_eq!(under_way(&world, 2).await, 2, "half as many as before");
    };
    tokio::select! {
        biased;
        () = look => {}
        _ = futures::future::join_all(reads) => panic!("nothing is ever answered"),
    }
}

#[tokio::test]
async fn a_web_page_is_told_from_an_api() {
    let (answer, _) = read_with(Fault::HtmlBody, 1).await;
    let error = answer.unwrap_err();
    assert!(error.to_string().contains("web page"), "{error}");
    assert!(error.request_id().is_some());
}

#[tokio::test]
async fn writes_are_sent_once_whatever_comes_back() {
    let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
    for (fault, unknown) in [
        (Fault::ServerError, true),
        (Fault::Unavailable, false),
        (Fault::TooManyRequests { retry_after: 1 }, false),
        (Fault::Unauthorized, false),
        (Fault::ResetBefore, true),
        (Fault::ResetAfter, true),
        (Fault::TruncatedBody, true),
    ] {
        let world = World::empty().await;
        let rosa = world.user("rosa").await;
        world.demo.faults().add(Rule::new("*", fault).method("POST"));
        world.demo.clear_requests();
        let client = world.client(world.demo.root_token());
        let error =
            Writer::new(&client, &leave).issue_token(rosa, Expiry::Never, &Scopes::All).await.unwrap_err();
        assert_eq!(error.leaves_write_unknown(), unknown, "{fault:?}: {error}");
        assert_eq!(world.writes().len(), 1, "{fault:?}");
        assert!(error.request_id().is_some_and(|id| id.starts_with("req-") && id.len() == 24), "{fault:?}");
    }
}

#[tokio::test]
async fn an_answer_that_never_comes_is_given_up_and_whether_it_was_taken_is_not_known() {
    let world = World::empty().await;
    world.demo.faults().add(Rule::new(CURRENT, Fault::Stall));
    let client = world.client(world.demo.root_token());
    let (time, demo) = (world.time.clone(), &world.demo);
    let asked = client.current_user(None);
    let clock = async {
        // The time-out runs from when the request has a place.
        while time.sleepers() == 0 || demo.requests().iter().all(|request| request.path != CURRENT) {
            tokio::task::yield_now().await;
        }
        time.advance(Duration::from_secs(60));
    };
    let (answer, ()) = tokio::join!(asked, clock);
    let error = answer.unwrap_err();
    assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Unreachable, "no answer after 60 s"));
}

#[tokio::test]
async fn nobody_listening_is_said_after_one_more_try() {
    let world = World::empty().await;
    let client = world.client("x");
    world.demo.stop().await;
    let error = client.cluster_facts().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.to_string().starts_with("cannot connect"), "{error}");
    assert!(!error.leaves_write_unknown(), "it never left");
}

#[tokio::test]
async fn errors_and_logs_hold_no_secret_and_no_query() {
    let world = World::empty().await;
    let rosa = world.user("rosa").await;
    let held = world.token(rosa).await;
    let client = world.client(&held.v2);
    world.demo.faults().add(Rule::new(USERS, Fault::ResetBefore));
    let error =
        client.users_by_emails(&["canary@example.org".to_owned()], Federation::Ask).await.unwrap_err();
    let said = format!("{error} {error:?} {client:?}");
    assert!(!said.contains("canary") && !said.contains(&held.secret), "{said}");
}

#[tokio::test]
async fn requests_of_a_batch_can_be_found_by_its_id() {
    let world = World::empty().await;
    world.demo.clear_requests();
    world.client(world.demo.root_token()).for_batch("abcd1234").current_user(None).await.unwrap();
    let seen = world.demo.requests();
    assert!(seen[0].request_id.starts_with("req-abcd1234") && seen[0].request_id.len() == 24);
}
