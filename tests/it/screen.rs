//! The screen as a user meets it: keys in, text and requests out.

use crate::harness::{Screen, Start};
use arv_admin::app::context::Context;
use arv_admin::app::list::Rows;
use arv_admin::app::world::Focus;
use arv_admin::demo::{Fault, Rule};
use arv_admin::tui::farewell::Known;
use arv_admin::tui::runtime::Left;
use std::time::Duration;

fn cursor_name(screen: &Screen) -> String {
    screen.world().current_user().unwrap().display_name()
}

#[tokio::test]
async fn it_starts_with_the_list_of_users() {
    let mut screen = Screen::start(Start::default()).await;
    assert_eq!(screen.context(), Context::Users);
    screen.assert_shows("DEMO");
    assert!(screen.world().users.table().len() > 200);
    assert!(screen.row("Abel Parker").contains("Active"));
    assert_eq!(screen.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn rows_show_as_soon_as_they_are_there() {
    let mut screen = Screen::open(Start::default()).await;
    screen.until_shown("Abel Ikeda").await;
}

#[tokio::test]
async fn pages_that_come_quickly_are_not_drawn_one_by_one_but_a_key_is_at_once() {
    let mut screen = Screen::open(Start { users: 12_000, ..Start::default() }).await;
    screen.until_shown("100 so far").await;
    let frames = screen.frames();
    while screen.world().users.table().len() < 6_000 {
        screen.step().await;
    }
    assert_eq!(screen.frames(), frames, "no time has gone by");
    screen.press("j").await;
    assert_eq!(screen.frames(), frames + 1);
    screen.assert_shows("so far");
    screen.advance_only(Duration::from_millis(40)).await;
    let after_a_while = screen.frames();
    screen.settle().await;
    assert!(screen.frames() <= after_a_while + 2, "the end, and what the cursor rests on");
    let all = screen.world().users.table().len();
    screen.assert_shows(&format!("{all} · by name"));
}

#[tokio::test]
async fn the_first_frame_waits_for_no_answer() {
    let mut screen = Screen::open(Start::default()).await;
    assert!(screen.frames() >= 1);
    assert!(screen.demo.requests().is_empty());
    screen.assert_shows("DEMO");
}

#[tokio::test]
async fn the_filter_narrows_the_list_as_it_is_typed() {
    let mut screen = Screen::start(Start::default()).await;
    let all = screen.world().users.table().shown_len();
    screen.press("/").await;
    screen.type_text("is:admin").await;
    let admins = screen.world().users.table().shown_len();
    assert!((1..all).contains(&admins), "{admins} of {all}");
    screen.assert_hides("Abel Ikeda");
    screen.press("Enter").await;
    assert_eq!(screen.context(), Context::Users);
    assert_eq!(screen.world().users.table().shown_len(), admins, "it stays when it is no longer typed");
}

#[tokio::test]
async fn the_cursor_moves_and_opens_a_user() {
    let mut screen = Screen::start(Start::default()).await;
    let first = cursor_name(&screen);
    screen.press("j j k").await;
    assert_ne!(cursor_name(&screen), first);
    screen.press("Enter").await;
    screen.settle().await;
    assert_eq!(screen.world().focus, Focus::Details);
    assert_eq!(screen.world().notices.shown(), None);
    screen.press("Esc").await;
    assert_eq!(screen.world().focus, Focus::Users);
}

#[tokio::test]
async fn what_the_cursor_only_passes_is_not_read() {
    let mut screen = Screen::start(Start::default()).await;
    screen.advance(Duration::from_secs(1)).await;
    screen.demo.clear_requests();
    screen.press("j j j j j").await;
    assert!(screen.demo.requests().is_empty(), "the cursor has not rested yet");
    screen.advance(Duration::from_secs(1)).await;
    assert!(!screen.demo.requests().is_empty(), "now it has");
}

#[tokio::test]
async fn a_read_that_hangs_holds_up_no_key() {
    let mut screen = Screen::open(Start::default()).await;
    screen.demo.faults().add_all([Rule::new("*", Fault::Stall)]);
    screen.press("?").await;
    assert_eq!(screen.context(), Context::Reading);
    screen.press("Esc").await;
    assert_eq!(screen.context(), Context::Start);
    screen.press("q").await;
    assert_eq!(screen.until_left().await, Left::Over);
}

#[tokio::test]
async fn q_leaves_and_one_ctrl_c_does_not() {
    let mut screen = Screen::start(Start::default()).await;
    screen.press("Ctrl-C").await;
    screen.assert_shows("Ctrl-C again");
    assert_eq!(screen.left(), None);
    screen.press("j Ctrl-C").await;
    assert_eq!(screen.left(), None, "another key between, so the first press is forgotten");
    screen.press("Ctrl-C").await;
    assert_eq!(screen.left(), Some(Left::Over));
    assert_eq!(screen.farewell().text(None), None, "nothing was under way");
}

#[tokio::test]
async fn a_paste_into_the_list_does_nothing_but_say_so() {
    let mut screen = Screen::start(Start::default()).await;
    let before = cursor_name(&screen);
    screen.paste("jjjq\n").await;
    assert_eq!(screen.left(), None);
    assert_eq!(cursor_name(&screen), before);
    screen.assert_shows("ignored");
}

#[tokio::test]
async fn a_paste_into_the_filter_is_text_and_does_not_submit() {
    let mut screen = Screen::start(Start::default()).await;
    screen.press("/").await;
    screen.paste("is:admin\n").await;
    assert_eq!(screen.context(), Context::Filter);
    assert_eq!(screen.world().users.filter_field().text(), "is:admin");
}

#[tokio::test]
async fn any_size_can_be_drawn() {
    let mut screen = Screen::start(Start::default()).await;
    for (width, height) in [(80, 24), (60, 16), (5, 3), (1, 1), (200, 60), (0, 0), (120, 40)] {
        screen.resize(width, height).await;
    }
    screen.assert_shows("DEMO");
}

#[tokio::test]
async fn while_nothing_happens_nothing_is_drawn() {
    let mut screen = Screen::start(Start::default()).await;
    screen.advance(Duration::from_secs(60)).await;
    screen.advance(Duration::from_secs(60)).await;
    let frames = screen.frames();
    let requests = screen.demo.requests().len();
    screen.advance(Duration::from_secs(3_600)).await;
    assert_eq!(screen.frames(), frames);
    assert_eq!(screen.demo.requests().len(), requests);
    assert_eq!(screen.time.sleepers(), 0, "nothing wants to be woken");
}

#[tokio::test]
async fn it_ends_when_the_system_asks_or_the_terminal_goes_away() {
    let mut screen = Screen::start(Start::default()).await;
    screen.terminate().await;
    assert_eq!(screen.until_left().await, Left::Over);
    let mut screen = Screen::start(Start::default()).await;
    screen.hang_up().await;
    assert_eq!(screen.until_left().await, Left::Over);
}

#[tokio::test]
async fn to_the_background_and_back() {
    let mut screen = Screen::start(Start::default()).await;
    screen.press("Ctrl-Z").await;
    assert_eq!(screen.left(), Some(Left::Background));
}

#[tokio::test]
async fn a_copied_uuid_goes_to_the_terminal() {
    let mut screen = Screen::start(Start::default()).await;
    screen.press("c").await;
    assert!(screen.aside().contains("\u{1b}]52;c;"), "{:?}", screen.aside());
    // Whether it does can't be known.
    screen.assert_shows("asked the terminal to copy");
}

/// Has the many tokens of the batch account revoked, up to the answer that begins it.
async fn begin_to_revoke_many(screen: &mut Screen) {
    screen.press("/").await;
    screen.type_text("batch-runner").await;
    screen.press("Enter :").await;
    screen.type_text("revoke all").await;
    screen.press("Enter").await;
    screen.settle().await;
    assert_eq!(screen.context(), Context::TypedQuestion);
    // What is typed before the question could be read does not count.
    screen.advance(Duration::from_secs(1)).await;
    let name = screen.world().current_user().unwrap().confirm_name().to_owned();
    screen.type_text(&name).await;
    screen.press("Enter").await;
    assert_eq!(screen.context(), Context::Working);
}

#[tokio::test]
async fn leaving_during_a_change_finishes_what_is_under_way_and_says_how_far_it_came() {
    let mut screen = Screen::start(Start::default()).await;
    begin_to_revoke_many(&mut screen).await;
    while screen.world().jobs.iter().next().unwrap().finished < 5 {
        screen.step().await;
    }
    screen.press_fast("Ctrl-C Ctrl-C").await;
    assert_eq!(screen.until_left().await, Left::Over);
    let said = screen.farewell().text(None).unwrap();
    assert!(said.contains("Revoke all tokens of Batch Runner: ") && said.contains("not begun"), "{said}");
    assert_eq!(screen.farewell().known(), Known::All);
    let revoked = screen.writes().iter().filter(|write| write.starts_with("DELETE")).count();
    // The helper token goes last, so that nothing is left behind.
    assert!(said.contains(&format!("{} done", revoked - 1)), "{revoked} were revoked, but: {said}");
}

#[tokio::test]
async fn a_change_without_an_answer_is_waited_for_ten_seconds_and_then_said_to_be_unknown() {
    let mut screen = Screen::start(Start::default()).await;
    screen.demo.faults().add(Rule::new("*", Fault::Stall).method("DELETE"));
    begin_to_revoke_many(&mut screen).await;
    while !screen.demo.requests().iter().any(|seen| seen.method == "DELETE") {
        screen.pause().await;
    }
    screen.press("Ctrl-C Ctrl-C").await;
    screen.advance_only(Duration::from_secs(9)).await;
    assert_eq!(screen.left(), None, "it waits");
    screen.advance_only(Duration::from_secs(2)).await;
    assert_eq!(screen.until_left().await, Left::Over);
    assert_eq!(screen.farewell().known(), Known::NotAll);
    let said = screen.farewell().text(None).unwrap();
    assert!(said.contains("0 seen finished") && said.contains("unknown"), "{said}");
}

#[tokio::test]
async fn a_change_that_gets_no_answer_says_so_after_ten_seconds() {
    let mut screen = Screen::start(Start::default()).await;
    screen.demo.faults().add(Rule::new("*", Fault::Stall).method("DELETE"));
    begin_to_revoke_many(&mut screen).await;
    while !screen.demo.requests().iter().any(|seen| seen.method == "DELETE") {
        screen.pause().await;
    }
    screen.advance_only(Duration::from_secs(9)).await;
    screen.assert_hides("no answer for");
    screen.advance_only(Duration::from_secs(2)).await;
    screen.pause().await;
    screen.assert_shows("no answer for 1");
    screen.press("Esc !").await;
    screen.assert_shows("waits up to 1 min to read, 5 min to change");
}
