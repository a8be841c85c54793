//! Keys that come in one piece, as a paste does where the terminal does not bracket it: they move, filter
//! and open, and never answer, change, mark, copy or leave anything. What a slow line delivers at once works.

use crate::everywhere::{PLACES, at};
use crate::harness::{Screen, Start};
use arv_admin::app::context::Context;
use futures::future::join_all;
use std::time::Duration;

/// Texts that people paste, with the line ends that terminals make of theirs.
const PASTES: &[&str] = &[
    "y\r",
    "yes\ny\nq\n",
    "rosa.delgado\r\rbatchrunner\r\r",
    "q\rq\r",
    "RyRy\r",
    "xj\ry\r",
    ":quit\r:copy the uuid\r",
    ":deactivate\ry\r",
    "a\r",
    " j j V i u c C e E s f F d D o n\r",
    "kubectl get pods --all-namespaces\r\rssh -o \"ControlMaster no\" shell1\r",
    "zzzzz-gj3su-077z32aux8dg2s1\n",
    "arv-admin users list | grep -v '^#' > /tmp/Users.txt\n",
    "\u{3}\u{3}y\r",
    "\u{1a}y\r",
    "\u{13}\r",
    "1\r25\r141\rrdelgado\r",
    "nnn\rqqq\r",
];

/// What no burst may change.
fn kept(screen: &Screen) -> (Vec<String>, String, usize, usize, usize) {
    let state = screen.state();
    (
        screen.writes(),
        screen.aside(),
        state.world.users.marks().len(),
        state.world.details.marked(),
        state.world.jobs.len(),
    )
}

async fn assert_changes_nothing(place: Context) {
    for paste in PASTES {
        let mut screen = at(place).await;
        let before = kept(&screen);
        let asks = matches!(place, Context::Question | Context::TypedQuestion | Context::Working);
        for _ in 0..2 {
            screen.burst(paste).await;
            if place != Context::Working {
                screen.settle().await;
                screen.advance(Duration::from_secs(1)).await;
            }
            assert_eq!(kept(&screen), before, "{place:?}: {paste:?}");
            assert_eq!(screen.left(), None, "{place:?}: {paste:?}");
            if asks || matches!(place, Context::NewToken | Context::Report) {
                assert_eq!(screen.context(), place, "{paste:?} neither answers nor closes it");
            }
        }
    }
}

#[tokio::test]
async fn what_comes_in_one_piece_changes_nothing_wherever_the_keyboard_is() {
    // Each on the heap: side by side they are more than a test's stack holds.
    join_all(PLACES.map(|place| Box::pin(assert_changes_nothing(place)))).await;
}

#[tokio::test]
async fn what_a_slow_line_delivers_at_once_filters_moves_and_opens() {
    let mut screen = Screen::start(Start { users: 25, ..Start::default() }).await;
    screen.burst("/rosa.delgado\r").await;
    screen.assert_shows("1 of ");
    assert_eq!(screen.context(), Context::Users);
    screen.burst("/\u{15}rosa\r").await;
    screen.assert_shows("3 of ");
    assert_eq!(screen.context(), Context::Users);
    screen.press("/").await;
    screen.press("Ctrl-U").await;
    screen.burst("rosa.delgado\r").await;
    screen.assert_shows("1 of ");
    screen.burst(":deactivate\r").await;
    screen.settle().await;
    assert_eq!(screen.context(), Context::Question);
    screen.advance(Duration::from_secs(1)).await;
    screen.press("y").await;
    screen.settle().await;
    assert_eq!(screen.writes().len(), 1, "a key of its own answers: {:?}", screen.writes());
}

#[tokio::test]
async fn what_was_ignored_is_said_and_pressing_it_again_does_it() {
    let mut screen = Screen::start(Start { users: 25, ..Start::default() }).await;
    screen.burst("jja").await;
    screen.assert_shows("the rest was ignored");
    assert_eq!(screen.world().users.marks().len(), 0);
    screen.press("a").await;
    assert!(screen.world().users.marks().len() > 2);
}

#[tokio::test]
async fn after_a_key_that_was_ignored_the_rest_is_not_taken_for_another_place() {
    let mut screen = Screen::start(Start { users: 25, ..Start::default() }).await;
    let before = screen.world().current_user().unwrap().uuid;
    screen.burst("qj").await;
    assert_eq!(screen.world().current_user().unwrap().uuid, before);
}

#[tokio::test]
async fn a_long_paste_is_one_however_it_is_cut() {
    let mut screen = at(Context::Question).await;
    screen.burst(&"line\r".repeat(1_000)).await;
    screen.burst("y").await;
    for key in ["y", "Enter"] {
        screen.press(key).await;
        assert_eq!(screen.context(), Context::Question, "{key} is the rest of it");
    }
    assert_eq!(screen.writes(), Vec::<String>::new());
    screen.advance(Duration::from_secs(1)).await;
    screen.press("n").await;
    assert_eq!(screen.context(), Context::Users, "after a pause keys are keys");
}

#[tokio::test]
async fn escape_and_a_key_within_the_time_of_tmux_are_escape_and_the_key() {
    let mut screen = at(Context::Filter).await;
    screen.send(&[b"\x1bx"]).await;
    assert_eq!(screen.context(), Context::Choice, "the menu is open");
    let mut screen = at(Context::Question).await;
    screen.send(&[b"\x1by"]).await;
    assert_eq!(screen.context(), Context::Users, "the question is closed, not answered");
    assert_eq!(screen.writes(), Vec::<String>::new());
    let mut screen = at(Context::Reading).await;
    screen.send(&[b"\x1bq"]).await;
    assert_eq!(screen.left(), None, "what comes with Escape does not quit");
}

#[tokio::test]
async fn ctrl_c_twice_quits_however_it_comes_but_not_within_a_paste() {
    let mut screen = Screen::start(Start::default()).await;
    screen.burst("jj\u{3}\u{3}").await;
    assert_eq!(screen.left(), None);
    screen.burst("\u{3}\u{3}").await;
    assert!(screen.left().is_some());
}

#[tokio::test]
async fn keypad_enter_is_enter_and_the_delete_key_of_st_deletes() {
    for enter in ["\r", "\n", "\x1bOM"] {
        let mut screen = at(Context::Palette).await;
        screen.type_text("quit").await;
        screen.press("Home").await;
        screen.send(&[b"\x1b[P"]).await;
        screen.type_text("q").await;
        screen.send(&[enter.as_bytes()]).await;
        assert!(screen.left().is_some(), "{enter:?}");
    }
}
