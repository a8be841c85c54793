//! What the panes show, at the sizes people have.

use crate::harness::{Screen, Start};
use arv_admin::app::context::Context;
use arv_admin::demo::{Fault, Rule};
use arv_admin::tui::theme::{Colours, Signs, Theme};
use ratatui::style::Color;

async fn at(width: u16, height: u16) -> Screen {
    Screen::start(Start { size: (width, height), ..Start::default() }).await
}

/// Puts the cursor on the one user that the filter lets through.
async fn find(screen: &mut Screen, who: &str) {
    screen.press("/").await;
    screen.type_text(who).await;
    screen.press("Enter").await;
}

async fn open(screen: &mut Screen, who: &str) {
    find(screen, who).await;
    screen.press("Enter").await;
    screen.settle().await;
}

#[tokio::test]
async fn side_by_side_the_details_follow_the_cursor() {
    let mut screen = at(120, 30).await;
    find(&mut screen, "rosa.delgado").await;
    screen.advance(std::time::Duration::from_secs(1)).await;
    screen.assert_shows("rosa.delgado@institute.example");
    screen.assert_shows("username rdelgado");
    screen.assert_shows("1 Tokens 3");
    screen.assert_shows("2 VM logins 2");
    screen.assert_shows("by name ↑");
    screen.assert_shows("1 of 252");
}

#[tokio::test]
async fn on_a_small_terminal_a_user_is_opened_and_closed_again() {
    let mut screen = at(80, 24).await;
    screen.assert_hides("VM logins");
    open(&mut screen, "rosa.delgado").await;
    screen.assert_shows("zzzzz-tpzed-3kz0nwtjehhl0u4");
    screen.assert_shows("2 VM logins 2");
    screen.assert_hides("1 of 252");
    screen.press("Esc").await;
    screen.assert_shows("1 of 252");
    assert!(screen.row("rosa.delgado@").contains('▸'), "back on the same row");
}

#[tokio::test]
async fn the_smallest_terminal_still_works_and_a_smaller_one_says_what_is_needed() {
    let mut screen = at(60, 16).await;
    open(&mut screen, "rosa.delgado").await;
    screen.assert_shows("1 Tokens 3");
    screen.assert_shows("never");
    screen.resize(30, 10).await;
    screen.assert_shows("60x16; this one is 30x10");
    screen.resize(5, 3).await;
    screen.resize(1, 1).await;
    screen.resize(60, 16).await;
    screen.assert_shows("1 Tokens 3");
}

#[tokio::test]
async fn marked_users_that_the_filter_hides_are_always_said() {
    let mut screen = at(120, 30).await;
    screen.press("Space Space").await;
    screen.assert_shows("2 marked");
    screen.assert_hides("hidden");
    find(&mut screen, "rosa.delgado").await;
    screen.assert_shows("2 marked (2 hidden by the filter)");
    screen.press("Space").await;
    screen.assert_shows("3 marked (2 hidden by the filter)");
}

#[tokio::test]
async fn tokens_that_deserve_a_look_stand_out_without_colour() {
    let mut screen = at(120, 30).await;
    open(&mut screen, "rosa.delgado").await;
    let oldest = screen.row("xwy7q9c0f1zx");
    assert!(oldest.contains("! never"), "no expiry: {oldest}");
    assert!(oldest.contains("! 2021-04-04"), "older than a year: {oldest}");
    assert!(oldest.contains("! all"), "all scopes: {oldest}");
    assert!(screen.row("ab00kk2m3h1a").contains("in 3 days"));
    screen.assert_shows("3 perhaps alive; 2 ended by the log alone · E exact ·");
    screen.assert_shows("1 Tokens 3+2?");
}

#[tokio::test]
async fn an_inactive_user_whose_tokens_and_logins_live_on_is_told() {
    let mut screen = at(120, 30).await;
    open(&mut screen, "adelvil").await;
    screen.assert_shows("○ Inactive");
    let row = screen.row("inactive, but");
    assert!(row.contains("live on") || row.contains("lives on"), "{row}");
}

#[tokio::test]
async fn a_word_of_the_filter_that_means_nothing_is_named() {
    let mut screen = at(120, 30).await;
    screen.press("/").await;
    screen.type_text("is:boss").await;
    screen.assert_shows("is:boss");
    screen.assert_shows("is nothing known");
    screen.assert_shows("none of 252 users fits the filter");
}

#[tokio::test]
async fn the_footer_names_the_keys_that_work_where_the_keyboard_is() {
    let mut screen = at(120, 30).await;
    screen.assert_shows("Enter open");
    screen.assert_hides("R revoke");
    open(&mut screen, "rosa.delgado").await;
    screen.assert_shows("R revoke");
    screen.assert_shows("? help");
    screen.press("2").await;
    assert_eq!(screen.context(), Context::Logins);
    screen.assert_shows("A grant");
}

#[tokio::test]
async fn what_users_call_themselves_reaches_the_screen_harmlessly() {
    let mut screen = at(120, 30).await;
    find(&mut screen, "mallory").await;
    screen.assert_shows("Mallory");
    assert!(
        !screen
            .text()
            .chars()
            .any(|c| c != '\n' && (c.is_control() || ('\u{202a}'..='\u{202e}').contains(&c)))
    );
}

#[tokio::test]
async fn without_colour_and_in_ascii_everything_is_still_said() {
    let theme = Theme { colours: Colours::None, signs: Signs::Ascii };
    let mut screen = Screen::start(Start { theme, ..Start::default() }).await;
    open(&mut screen, "adelvil").await;
    screen.assert_shows("- Inactive");
    screen.assert_shows("! inactive, but");
    assert!(screen.text().is_ascii(), "{}", screen.text());
    assert!(screen.cells().iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset));
}

#[tokio::test]
async fn the_cursor_stays_on_its_user_when_the_filter_goes() {
    let mut screen = at(120, 30).await;
    screen.press("j j").await;
    find(&mut screen, "otto@").await;
    screen.press("Esc").await;
    screen.assert_shows("252 · by name");
    assert_eq!(&*screen.world().current_user().unwrap().username, "otto");
}

#[tokio::test]
async fn no_key_answers_what_cannot_be_seen() {
    let mut screen = at(120, 30).await;
    open(&mut screen, "rosa.delgado").await;
    screen.press("R").await;
    screen.settle().await;
    assert_eq!(screen.context(), Context::Question);
    screen.advance(std::time::Duration::from_secs(1)).await;
    screen.resize(5, 3).await;
    screen.press("y Esc").await;
    screen.settle().await;
    assert_eq!(screen.context(), Context::Question, "neither answered nor closed");
    screen.resize(120, 30).await;
    screen.press("y").await;
    screen.settle().await;
    assert_eq!(screen.context(), Context::Question, "it has only just come up again");
    assert_eq!(screen.writes(), Vec::<String>::new());
    screen.advance(std::time::Duration::from_secs(1)).await;
    screen.press("y").await;
    screen.settle().await;
    assert_ne!(screen.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn marks_go_with_what_they_were_made_for() {
    let mut screen = at(120, 30).await;
    screen.press("Space Space").await;
    screen.press(":").await;
    screen.type_text("suspend").await;
    screen.press("Enter").await;
    screen.settle().await;
    screen.advance(std::time::Duration::from_secs(1)).await;
    screen.press("y").await;
    screen.settle().await;
    screen.assert_shows("2 suspended");
    assert!(screen.world().users.marks().is_empty());
    screen.advance(std::time::Duration::from_secs(1)).await;
    screen.press("Esc !").await;
    screen.assert_shows("Suspend 2 users: 2 suspended");
}

#[tokio::test]
async fn what_could_not_be_read_again_is_dimmed_and_says_so() {
    let mut screen = at(120, 30).await;
    open(&mut screen, "rosa.delgado").await;
    screen.demo.faults().add_all([Rule::new("*", Fault::Forbidden)]);
    screen.press("r").await;
    screen.settle().await;
    screen.assert_shows("not read again (r retries): ");
    screen.press("Esc Esc r").await;
    screen.settle().await;
    screen.assert_shows("not read again, r retries");
    screen.assert_shows("…xwy7q9c0f1zx");
}

#[tokio::test]
async fn no_size_is_too_strange() {
    let mut screen = at(120, 40).await;
    open(&mut screen, "otto@").await;
    for height in (1..=70).step_by(3) {
        for width in (1..=210).step_by(7) {
            screen.resize(width, height).await;
        }
    }
    screen.press("Esc").await;
    for (width, height) in [(1, 70), (210, 1), (60, 16), (61, 17), (119, 16), (120, 16), (200, 60)] {
        screen.resize(width, height).await;
    }
    screen.assert_shows("otto@institute.example");
}
