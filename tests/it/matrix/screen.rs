//! What is on the screen while the server is in trouble: marks, text and rows stay, what is old says so, and
//! when the server is well again so is the screen.

use super::FAULTS;
use crate::harness::{Screen, Start};
use arv_admin::app::context::Context;
use arv_admin::app::overlay::Overlay;
use arv_admin::app::users::Load;
use arv_admin::demo::{Fault, Rule};
use std::time::Duration;

/// Longer than a busy server makes the program wait.
const WELL_AGAIN: Duration = Duration::from_secs(31);

/// The rows of the list, without what changes beside them.
fn rows(screen: &Screen) -> Vec<String> {
    screen.world().users.table().shown().map(|user| format!("{user:?}")).collect()
}

async fn with_marks_and_a_filter() -> Screen {
    let mut screen = Screen::start(Start { users: 40, ..Start::default() }).await;
    screen.press("/").await;
    screen.type_text("a").await;
    screen.press("Enter Space Space").await;
    screen.advance(Duration::from_secs(1)).await;
    screen
}

/// Waits until nothing is under way. A late answer comes by the machine's clock, which no test moves.
async fn rest(screen: &mut Screen, fault: Fault) {
    match fault {
        Fault::Latency { .. } => screen.settle().await,
        _ => screen.wear_out().await,
    }
}

/// What is filled in.
fn form(screen: &Screen) -> String {
    match screen.state().overlays.last() {
        Some(Overlay::Form(form)) => format!("{form:?}"),
        other => panic!("no form: {other:?}"),
    }
}

fn assert_kept(screen: &Screen, before: &[String], fault: Fault) {
    let users = &screen.world().users;
    assert_eq!(users.marks().len(), 2, "{fault:?}");
    assert_eq!(users.filter_field().text(), "a", "{fault:?}");
    assert_eq!(rows(screen), before, "{fault:?}");
}

#[tokio::test]
async fn a_refresh_that_fails_takes_nothing_away_and_says_that_it_failed() {
    for fault in FAULTS {
        let mut screen = with_marks_and_a_filter().await;
        let before = rows(&screen);
        screen.demo.faults().add(Rule::new("*", fault));
        screen.press("r").await;
        rest(&mut screen, fault).await;
        assert_kept(&screen, &before, fault);
        let fails = !matches!(fault, Fault::Latency { .. });
        assert_eq!(matches!(screen.world().users.load(), Load::NotRefreshed(_)), fails, "{fault:?}");
        let text = screen.text();
        assert_eq!(text.contains("not read again"), fails, "{fault:?}\n{text}");
        let shown = screen.world().details.current().unwrap();
        assert_eq!(shown.tokens.remote.error().is_some(), fails, "{fault:?}");
        assert!(shown.tokens.value().is_some(), "{fault:?}: what was read stays");

        screen.demo.faults().clear();
        screen.advance(WELL_AGAIN).await;
        screen.press("r").await;
        rest(&mut screen, fault).await;
        assert_kept(&screen, &before, fault);
        assert_eq!(screen.world().users.load(), Load::Whole, "{fault:?}");
        screen.press("Esc").await;
        screen.assert_hides("could not be read");
        screen.assert_hides("not read again");
    }
}

#[tokio::test]
async fn details_that_can_not_be_read_again_stay_and_say_from_when_they_are() {
    for fault in FAULTS {
        let mut screen = with_marks_and_a_filter().await;
        screen.press("Enter").await;
        screen.settle().await;
        let tokens = |screen: &Screen| {
            let details = screen.world().details.current().unwrap();
            format!("{:?} {:?}", details.tokens.value(), details.logins.value())
        };
        let before = tokens(&screen);
        screen.demo.faults().add(Rule::new("*", fault));
        screen.press("r").await;
        rest(&mut screen, fault).await;
        assert_eq!(tokens(&screen), before, "{fault:?}");
        assert_eq!(screen.context(), Context::Tokens, "{fault:?}");
        if !matches!(fault, Fault::Latency { .. }) {
            screen.assert_shows("could not be read");
            screen.press("Esc").await;
            screen.assert_shows("as of 10:42");
        }
        screen.demo.faults().clear();
        screen.advance(WELL_AGAIN).await;
        screen.press("r").await;
        rest(&mut screen, fault).await;
        let details = screen.world().details.current().unwrap();
        assert!(
            details.tokens.remote.error().is_none() && details.logins.remote.error().is_none(),
            "{fault:?}"
        );
        assert_eq!(tokens(&screen), before, "{fault:?}");
        assert_eq!(screen.world().users.marks().len(), 2);
    }
}

#[tokio::test]
async fn a_survey_that_fails_keeps_the_form_with_its_text() {
    for fault in FAULTS {
        let mut screen = Screen::start(Start::default()).await;
        screen.press("/").await;
        screen.type_text("alma osman").await;
        screen.press("Enter :").await;
        screen.type_text("issue a token").await;
        screen.press("Enter").await;
        screen.settle().await;
        screen.press("Right Right Tab Right").await;
        let filled_in = form(&screen);
        screen.demo.faults().add(Rule::new("*", fault));
        screen.press("Ctrl-S").await;
        rest(&mut screen, fault).await;
        if !matches!(fault, Fault::Latency { .. }) {
            assert!(!screen.state().overlays.is_empty(), "{fault:?}");
            screen.demo.faults().clear();
            screen.advance(WELL_AGAIN).await;
            screen.press("r").await;
            screen.wear_out().await;
        }
        let text = screen.text();
        assert!(text.contains("Issue a token for Alma Osman?"), "{fault:?}\n{text}");
        screen.press("Esc").await;
        assert_eq!(form(&screen), filled_in, "{fault:?}");
        assert_eq!(screen.writes(), Vec::<String>::new(), "{fault:?}");
    }
}

#[tokio::test]
async fn a_refusal_to_list_tokens_at_the_start_is_asked_about_again() {
    let mut screen = Screen::open(Start::default()).await;
    screen.demo.faults().add(Rule::new("*/api_client_authorizations", Fault::Forbidden));
    screen.settle().await;
    screen.assert_shows("tokens: forbidden here");
    screen.demo.faults().clear();
    screen.press("r").await;
    screen.settle().await;
    screen.assert_hides("forbidden");
    screen.assert_shows("tokens: audit log");
}

/// Longer than the longest pause between two tries.
const A_WHILE: Duration = Duration::from_secs(61);

#[tokio::test]
async fn when_the_server_is_well_again_so_is_the_screen_without_a_key() {
    for fault in FAULTS {
        // A refusal is no trouble of the server's, and not for time to heal.
        let refused = matches!(fault, Fault::Unauthorized | Fault::Forbidden | Fault::NotFound);
        if refused || matches!(fault, Fault::Latency { .. }) {
            continue;
        }
        let mut screen = with_marks_and_a_filter().await;
        let before = rows(&screen);
        screen.demo.faults().add(Rule::new("*", fault));
        screen.press("r").await;
        for _ in 0..3 {
            rest(&mut screen, fault).await;
            screen.advance_only(A_WHILE).await;
        }
        rest(&mut screen, fault).await;
        screen.assert_shows("could not be read");
        screen.demo.faults().clear();
        screen.advance_only(A_WHILE).await;
        screen.wear_out().await;
        assert_kept(&screen, &before, fault);
        assert_eq!(screen.world().users.load(), Load::Whole, "{fault:?}");
        let details = screen.world().details.current().unwrap();
        assert!(details.tokens.remote.error().is_none() && details.summary.error().is_none(), "{fault:?}");
        screen.assert_hides("could not be read");
        screen.assert_hides("not read again");
        screen.press("!").await;
        screen.assert_shows("the server answers again");
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_at_the_start_is_found_when_it_comes() {
    let mut screen = Screen::open(Start::default()).await;
    screen.demo.faults().add(Rule::new("*", Fault::ResetBefore));
    screen.wear_out().await;
    screen.assert_shows("can't be reached");
    screen.assert_shows("also tried again by itself");
    screen.advance_only(A_WHILE).await;
    screen.wear_out().await;
    screen.assert_shows("can't be reached");
    screen.demo.faults().clear();
    screen.advance_only(A_WHILE).await;
    screen.wear_out().await;
    screen.assert_shows("Abel Ikeda");
    screen.assert_hides("can't be reached");
}
