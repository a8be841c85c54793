//! What the terminal is asked, and what becomes of its answers, or of none: whether anything is copied, which
//! colours and which signs are used, and what is shown alone for terminals that copy nothing.

use crate::harness::{Answers, Screen, Start};
use arv_admin::tui::reader::reply::{Reply, Rgb};
use arv_admin::tui::theme::{Colours, Signs, Theme};
use ratatui::style::Color;
use std::time::Duration;

/// What asks whether the terminal answers at all.
const GREETING: &str = "\u{1b}[c";

const AGAIN: &str = "c again shows it alone";

async fn mute() -> Screen {
    Screen::start(Start { terminal: Answers::Nothing, ..Start::default() }).await
}

fn grey(part: u8) -> Reply {
    Reply::Background(Rgb { red: part, green: part, blue: part })
}

/// The colours on the screen.
fn colours(screen: &mut Screen) -> Vec<Color> {
    let mut colours = Vec::new();
    for cell in screen.cells() {
        if !colours.contains(&cell.fg) {
            colours.push(cell.fg);
        }
    }
    colours
}

#[tokio::test]
async fn a_terminal_that_answers_nothing_is_asked_once_and_sent_nothing() {
    let mut screen = mute().await;
    screen.press("c").await;
    screen.assert_shows(&format!("not copied: this terminal does not answer; {AGAIN}"));
    screen.advance(Duration::from_secs(60)).await;
    screen.press("C").await;
    assert_eq!(screen.aside(), GREETING);
    // When it has answered after all, it is asked.
    screen.reply(Reply::DeviceAttributes).await;
    screen.press("j c").await;
    assert!(screen.aside().contains("\u{1b}]52;c;"), "{:?}", screen.aside());
}

#[tokio::test]
async fn more_is_asked_only_of_a_terminal_that_answers() {
    let mut screen = mute().await;
    screen.reply(Reply::DeviceAttributes).await;
    let asked = screen.aside();
    let asked = asked.strip_prefix(GREETING).unwrap();
    assert!(asked.contains("\u{1b}[6n") && asked.contains("\u{1b}]11;?\u{7}"), "{asked:?}");
    assert!(asked.ends_with(GREETING), "the end is known: {asked:?}");
    screen.reply(Reply::DeviceAttributes).await;
    assert_eq!(screen.aside().matches("\u{1b}[6n").count(), 1, "it is asked once");
}

#[tokio::test]
async fn what_was_not_answered_before_the_shell_came_is_asked_again_afterwards() {
    let mut screen = mute().await;
    screen.press("Ctrl-Z").await;
    screen.come_back();
    assert_eq!(screen.aside(), [GREETING, GREETING].concat());
    screen.reply(Reply::DeviceAttributes).await;
    screen.press("Ctrl-Z").await;
    let before = screen.aside().len();
    screen.come_back();
    screen.reply(Reply::DeviceAttributes).await;
    assert!(screen.aside()[before..].contains("\u{1b}[6n"), "the rest as well");
    screen.reply(Reply::DeviceAttributes).await;
    let before = screen.aside().len();
    screen.press("Ctrl-Z").await;
    screen.come_back();
    assert_eq!(screen.aside().len(), before, "what was answered is known");

    let mut screen = mute().await;
    screen.advance(Duration::from_secs(6)).await;
    screen.press("Ctrl-Z").await;
    screen.come_back();
    assert_eq!(screen.aside(), GREETING, "one that has not answered in time is not asked again");
}

#[tokio::test]
async fn what_is_not_asked_for_by_the_user_is_not_asked() {
    let theme = Theme { colours: Colours::None, signs: Signs::Ascii };
    let screen = Screen::start(Start { theme, ..Start::default() }).await;
    assert_eq!(screen.aside(), [GREETING, GREETING].concat(), "neither signs nor colours are in question");
}

#[tokio::test]
async fn where_signs_are_two_cells_wide_everything_is_drawn_anew_in_ascii() {
    let mut screen = Screen::start(Start::default()).await;
    screen.assert_shows("╭");
    let frames = screen.frames();
    screen.reply(Reply::CursorAt { row: 2, column: 7 }).await;
    assert!(screen.text().is_ascii(), "{}", screen.text());
    assert_eq!(screen.frames(), frames + 1);
    screen.press("?").await;
    assert!(screen.text().is_ascii(), "{}", screen.text());
}

#[tokio::test]
async fn where_signs_are_one_cell_wide_nothing_changes() {
    let mut screen = Screen::start(Start::default()).await;
    let frames = screen.frames();
    screen.reply(Reply::CursorAt { row: 2, column: 4 }).await;
    screen.reply(Reply::DeviceAttributes).await;
    // Shift-F3 looks like this, and comes when nothing is asked any more.
    screen.reply(Reply::CursorAt { row: 2, column: 9 }).await;
    assert_eq!(screen.frames(), frames);
    screen.assert_shows("╭");
}

#[tokio::test]
async fn colours_are_those_that_can_be_read_on_what_is_behind_them() {
    let mut screen = Screen::start(Start::default()).await;
    let on_any = colours(&mut screen);
    assert!(on_any.contains(&Color::LightBlue) && on_any.contains(&Color::Magenta), "{on_any:?}");
    screen.reply(grey(0)).await;
    let on_dark = colours(&mut screen);
    assert!(on_dark.contains(&Color::Cyan) && on_dark.contains(&Color::Yellow), "{on_dark:?}");

    let mut screen = Screen::start(Start::default()).await;
    screen.reply(grey(255)).await;
    for on_white in colours(&mut screen) {
        let can_be_read = matches!(on_white, Color::Reset | Color::Blue | Color::Magenta | Color::Red);
        assert!(can_be_read, "{on_white} on white");
    }
}

#[tokio::test]
async fn what_no_terminal_copied_is_shown_alone_until_a_key_comes() {
    for answers in [Answers::Nothing, Answers::WhatItIs] {
        let mut screen = Screen::start(Start { terminal: answers, ..Start::default() }).await;
        let before = screen.text();
        screen.press("c").await;
        screen.assert_shows("c again shows it alone");
        let sent = screen.aside().len();
        screen.press("c").await;
        let alone = screen.aside()[sent..].to_owned();
        let uuid = alone.split("\u{1b}[J").nth(1).unwrap().lines().next().unwrap();
        assert!(uuid.starts_with("zzzzz-tpzed-") && uuid.len() == 27, "on a line by itself: {alone:?}");
        assert!(alone.contains("Esc comes back"), "{alone:?}");

        // It may be just being selected: it is not drawn again, whatever happens.
        let sent = screen.aside().len();
        screen.reply(Reply::DeviceAttributes).await;
        assert!(!screen.aside()[sent..].contains(uuid));
        screen.advance(Duration::from_secs(3600)).await;
        assert!(!screen.aside()[sent..].contains(uuid));
        screen.press("Esc").await;
        assert_eq!(screen.text().lines().nth(1), before.lines().nth(1), "it comes back");
        screen.press("c").await;
        screen.assert_shows("c again shows it alone");
        // Another key between them: another copy.
        screen.press("j k c").await;
        screen.assert_shows("c again shows it alone");
        screen.press("c").await;
        screen.resize(60, 3).await;
        screen.assert_shows("arv-admin needs a terminal");
    }
}

#[tokio::test]
async fn ctrl_c_leaves_what_is_shown_alone_and_says_what_it_does() {
    let mut screen = Screen::start(Start::default()).await;
    screen.press("c c").await;
    assert!(screen.state().alone().is_some());
    screen.press("Ctrl-C").await;
    assert!(screen.state().alone().is_none());
    screen.assert_shows("press Ctrl-C again to quit");
    screen.press("Ctrl-C").await;
    assert!(screen.left().is_some());
}

#[tokio::test]
async fn the_key_that_shows_it_alone_is_named_until_another_one_is_pressed() {
    let mut screen = Screen::start(Start { size: (80, 24), ..Start::default() }).await;
    screen.press("C").await;
    screen.assert_shows("asked the terminal to copy the e-mail; C again shows it alone");
    screen.press("j").await;
    screen.assert_hides("again shows it alone");
    // From the list of commands: the key is the one that does the same where the keyboard is then.
    screen.press(":").await;
    screen.type_text("copy the uuid").await;
    screen.press("Enter").await;
    screen.assert_shows("asked the terminal to copy the user's UUID; c again shows it alone");
    screen.press("c").await;
    assert!(screen.state().alone().is_some());

    for terminal in [Answers::WhatItIs, Answers::Nothing] {
        let mut screen = at_a_new_token(terminal).await;
        screen.press("c").await;
        screen.assert_shows("c again shows it alone");
        // Shown or hidden: it would be copied again now.
        screen.press("s").await;
        screen.assert_hides("c again");
        screen.press("s").await;
        screen.assert_hides("c again");
        screen.press("c").await;
        assert!(screen.state().alone().is_none());
        screen.assert_shows("c again shows it alone");
        screen.press("c").await;
        assert!(screen.state().alone().is_some());
        screen.advance(Duration::from_secs(1)).await;
        screen.press("Esc").await;
        assert!(screen.state().alone().is_none());
        screen.assert_hides("c again");
    }
}

async fn at_a_new_token(terminal: Answers) -> Screen {
    let mut screen = Screen::start(Start { terminal, ..Start::default() }).await;
    screen.press("/").await;
    screen.type_text("rosa.delgado").await;
    screen.press("Enter :").await;
    screen.type_text("issue a token").await;
    screen.press("Enter Ctrl-S").await;
    screen.settle().await;
    screen.advance(Duration::from_secs(1)).await;
    screen.press("y").await;
    screen.settle().await;
    screen.advance(Duration::from_secs(1)).await;
    screen
}

#[tokio::test]
async fn a_copy_long_ago_is_not_what_a_key_means() {
    let mut screen = Screen::start(Start::default()).await;
    screen.press("c").await;
    screen.advance(Duration::from_secs(31)).await;
    screen.press("c").await;
    assert_eq!(screen.aside().matches("]52;").count(), 2, "asked again");
}
