//! The clock of this computer is wrong, or the cluster's is: tokens end by the cluster's, so everything that
//! is given an end counts from that one, and the difference is said.

use crate::harness::{Screen, Start};
use crate::http_client;
use crate::program::Program;
use crate::spoiler::Spoiler;
use crate::world::World;
use arv_admin::app::context::Context;
use arv_admin::demo::{Fault, Rule};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::time::Duration;

/// How far the cluster's clock is ahead, in minutes, and how that is said of the one here.
const APART: [(i64, &str); 4] =
    [(60, "1 h slow"), (20, "20 min slow"), (-20, "20 min fast"), (-60, "1 h fast")];

/// A cluster with another clock, and an admin's program here.
async fn office(ahead: i64) -> (World, Program) {
    let world = World::empty_ahead(SignedDuration::from_mins(ahead)).await;
    let token = world.token_with(json!({ "owner_uuid": world.an_admin().await })).await;
    let program = Program::new(&world.demo.url(), &token.v2);
    (world, program)
}

/// How many seconds after its making a token of the cluster's ends, by the cluster.
async fn life_of(world: &World, uuid: &str) -> f64 {
    let token = world.ask("GET", &format!("api_client_authorizations/{uuid}"), Value::Null).await;
    let at = |field: &str| token[field].as_str().unwrap().parse::<Timestamp>().unwrap();
    at("expires_at").duration_since(at("created_at")).as_secs_f64()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_for_half_an_hour_lives_half_an_hour_whatever_the_clock_here_shows() {
    for (ahead, said) in APART {
        let (world, program) = office(ahead).await;
        world.user("rosa").await;
        let issued =
            program.run(&["tokens", "issue", "rosa", "--expires", "30m", "--yes", "--format", "json"]);
        assert_eq!(issued.code, 0, "{issued:?}");
        let uuid = issued.json()["uuid"].as_str().unwrap().to_owned();
        let life = life_of(&world, &uuid).await;
        assert!((life - 1800.0).abs() < 5.0, "{ahead}: {life}");
        assert!(issued.err.contains("ends in 30 minutes"), "{issued:?}");
        assert!(issued.err.contains(&format!("is {said}: ")), "{said}: {issued:?}");
        let works = Program::new(&world.demo.url(), issued.json()["token"].as_str().unwrap());
        assert_eq!(works.run(&["check"]).code, 4, "it is rosa's, who is no admin, and alive");

        let moved = program.run(&["tokens", "expire", &uuid, "--at", "2h", "--yes"]);
        assert_eq!(moved.code, 0, "{moved:?}");
        assert!(moved.err.contains(&format!("is {said}: ")), "{moved:?}");
        let life = life_of(&world, &uuid).await;
        assert!((life - 7200.0).abs() < 30.0, "{ahead}: {life}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exact_lists_and_revoking_all_work_with_any_clock() {
    for (ahead, said) in APART {
        let (world, program) = office(ahead).await;
        let rosa = world.user("rosa").await;
        world.tokens(rosa, 3).await;
        let listed = program.run(&["tokens", "list", "rosa", "--exact", "--yes", "--format", "json"]);
        assert_eq!((listed.code, listed.json().as_array().unwrap().len()), (0, 3), "{ahead}: {listed:?}");
        let revoked = program.run(&["tokens", "revoke", "--all-of", "rosa", "--yes"]);
        assert_eq!(revoked.code, 0, "{ahead}: {revoked:?}");
        assert_eq!(world.alive(rosa).await, [], "{ahead}");

        let checked = program.run(&["check"]);
        assert!(checked.out.contains(&format!("is {said}: ")), "{checked:?}");
        let seconds = program.run(&["check", "--format", "json"]).json()["clock_behind_seconds"].clone();
        assert!((seconds.as_i64().unwrap() - ahead * 60).abs() <= 2, "{seconds}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_ended_by_the_clusters_clock_has_ended() {
    let (world, program) = office(60).await;
    let rosa = world.user("rosa").await;
    // A quarter of an hour ago, there; in three quarters of an hour, by the clock here.
    let end = here() + SignedDuration::from_mins(45);
    let over = world.token_with(json!({ "owner_uuid": rosa, "expires_at": end.to_string() })).await;
    let found = program.run(&["tokens", "identify", over.uuid.as_str(), "--format", "json"]);
    assert_eq!(found.json()["state"], "perhaps_dead", "{found:?}");
    let text = program.run(&["tokens", "identify", over.uuid.as_str()]);
    assert!(text.out.contains("dead by the audit log"), "{text:?}");
    let refused = program.run(&["tokens", "expire", over.uuid.as_str(), "--at", &end.to_string(), "--yes"]);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("is past"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn clocks_that_agree_within_two_minutes_are_nothing_to_speak_of() {
    let (world, program) = office(1).await;
    world.user("rosa").await;
    let issued = program.run(&["tokens", "issue", "rosa", "--expires", "30m", "--yes"]);
    assert!(issued.code == 0 && !issued.err.contains("clock"), "{issued:?}");
    assert!(!program.run(&["check"]).out.contains("clock"));
}

/// What the machine's clock shows.
#[expect(clippy::disallowed_methods, reason = "the real program reads no other clock")]
fn here() -> Timestamp {
    Timestamp::now()
}

/// A screen at a cluster with another clock.
async fn screen(ahead: i64) -> Screen {
    Screen::start(Start { ahead: SignedDuration::from_mins(ahead), ..Start::default() }).await
}

#[tokio::test]
async fn the_screen_says_once_that_the_clocks_differ_and_counts_by_the_clusters() {
    for (ahead, said) in APART {
        let mut screen = screen(ahead).await;
        let there = if ahead.abs() == 60 { 10 + ahead / 60 } else { 10 + (42 + ahead) / 60 };
        let both = format!(
            "this computer's clock is {said}: 10:42, the cluster's {there:02}:{:02} UTC",
            (102 + ahead) % 60
        );
        screen.assert_shows(&both);
        // It ends in 30 days: by the cluster, as the dialog says, and is taken at once.
        screen.press("/").await;
        screen.type_text("alma osman").await;
        screen.press("Enter Enter 1 A Ctrl-S").await;
        screen.settle().await;
        screen.advance(Duration::from_secs(1)).await;
        screen.press("y").await;
        screen.settle().await;
        assert_eq!(screen.context(), Context::NewToken, "{}", screen.text());
        screen.assert_shows("(in 30 days)");
        let made = screen.demo.requests().into_iter().rev().find(|seen| seen.method == "POST").unwrap();
        let asked: Value = serde_json::from_str(&made.body).unwrap();
        let end: Timestamp =
            asked["api_client_authorization"]["expires_at"].as_str().unwrap().parse().unwrap();
        let now: Timestamp = "2026-11-24T10:42:00Z".parse().unwrap();
        let life = end.duration_since(now + SignedDuration::from_mins(ahead));
        assert!((life.as_secs() - 30 * 86_400).abs() <= 2, "{ahead}: {life:?}");
        // The messages have it once.
        screen.press("Esc Esc !").await;
        assert_eq!(screen.text().matches("this computer's clock").count(), 1, "{}", screen.text());
    }
}

#[tokio::test]
async fn both_times_are_on_a_screen_of_80_columns() {
    for (ahead, said) in [
        (754, "this computer's clock is 12 h 34 min slow: 10:42, the cluster's 23:16 UTC"),
        (1_000, "clock here is 16 h slow: 2026-11-24 10:42, there 2026-11-25 03:22 UTC"),
        (-30_000, "clock here is 21 days fast: 2026-11-24 10:42, there 2026-11-03 14:42 UTC"),
    ] {
        let ahead = SignedDuration::from_mins(ahead);
        Screen::start(Start { ahead, size: (80, 24), ..Start::default() }).await.assert_shows(said);
    }
}

#[tokio::test]
async fn an_exact_list_and_all_of_a_users_tokens_can_be_had_on_the_screen() {
    for (ahead, _) in APART {
        let mut screen = screen(ahead).await;
        screen.press("/").await;
        screen.type_text("rosa.delgado").await;
        screen.press("Enter Enter 1 E").await;
        screen.settle().await;
        screen.advance(Duration::from_secs(1)).await;
        screen.press("y").await;
        screen.settle().await;
        screen.assert_shows("from the server");
        screen.press("D").await;
        screen.settle().await;
        screen.advance(Duration::from_secs(1)).await;
        let name = screen.world().current_user().unwrap().confirm_name().to_owned();
        screen.type_text(&name).await;
        screen.press("Enter").await;
        screen.settle().await;
        screen.assert_hides("failed");
        screen.assert_shows("revoked");
    }
}

#[tokio::test]
async fn a_web_page_between_does_not_set_the_clock() {
    // What is no answer of Arvados is dated by the machine's clock, which is not the cluster's of this test.
    let mut screen = Screen::start(Start::default()).await;
    let rule = Rule::new("/arvados/v1/users", Fault::HtmlBody);
    screen.demo.faults().add(rule);
    for _ in 0..3 {
        screen.press("Ctrl-R").await;
        screen.settle().await;
    }
    screen.press("!").await;
    screen.assert_hides("clock");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_date_that_no_clock_shows_is_left_out_and_that_is_said() {
    let world = World::empty_today().await;
    let token = world.admins_token().await;
    let rosa = world.user("rosa").await;
    let gateway = Spoiler::before(world.demo.addr(), http_client());
    let program = Program::new(&format!("http://{}", gateway.address), &token);
    for (date, shown) in [
        ("Thu, 01 Jan 1970 00:00:00 GMT", "1970-01-01 00:00 UTC"),
        ("Thu, 01 Jan 2150 00:00:00 GMT", "2150-01-01 00:00 UTC"),
    ] {
        gateway.show_date(Some(date));
        for command in [&["check"][..], &["tokens", "issue", rosa.as_str(), "--expires", "30m", "--yes"]] {
            let ran = program.run(command);
            assert_eq!(ran.code, 0, "{ran:?}");
            let said = format!("shows {shown}, which can't be: this computer's is used");
            assert_eq!(ran.err.matches(&said).count(), 1, "{command:?}: {ran:?}");
            assert!(command == ["check"] || ran.err.contains("in 30 minutes"), "{ran:?}");
        }
    }
    gateway.show_date(None);
    let ran = program.run(&["check"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
}
