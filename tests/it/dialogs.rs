//! Dialogs as a user meets them, on the smallest usual terminal.

use crate::harness::{Screen, Start};
use arv_admin::app::context::Context;
use std::time::Duration;

async fn small() -> Screen {
    Screen::start(Start { size: (80, 24), ..Start::default() }).await
}

/// Filters the list, and takes a command for what is left.
async fn take(screen: &mut Screen, filter: &str, command: &str) {
    screen.press("/").await;
    screen.type_text(filter).await;
    screen.press("Enter :").await;
    screen.type_text(command).await;
    screen.press("Enter").await;
    screen.settle().await;
    screen.advance(Duration::from_secs(1)).await;
}

/// What stands in the dialog of this title, frame and all.
fn dialog(screen: &mut Screen, title: &str) -> String {
    let text = screen.text();
    let rows: Vec<Vec<char>> = text.lines().map(|row| row.chars().collect()).collect();
    let is_top = |row: &[char]| row.iter().collect::<String>().find(&format!("╭ {title}"));
    let (top, from) = rows
        .iter()
        .enumerate()
        .find_map(|(at, row)| {
            is_top(row).map(|byte| (at, row.iter().collect::<String>()[..byte].chars().count()))
        })
        .unwrap_or_else(|| panic!("no dialog {title:?}:\n{text}"));
    let to = from + rows[top][from..].iter().position(|c| *c == '╮').unwrap();
    let bottom = top + rows[top..].iter().position(|row| row.get(from) == Some(&'╰')).unwrap();
    let row = |row: &Vec<char>| row[from..=to.min(row.len() - 1)].iter().collect::<String>();
    rows[top..=bottom].iter().map(row).collect::<Vec<_>>().join("\n")
}

#[tokio::test]
async fn a_short_question_names_its_user_and_what_changes() {
    let mut screen = small().await;
    take(&mut screen, "alma osman", "make admin").await;
    insta::assert_snapshot!(dialog(&mut screen, "Make"));
    screen.press("Enter").await;
    assert_eq!(screen.context(), Context::Users, "Enter presses No");
    assert_eq!(screen.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn hidden_targets_are_listed_first_and_counted() {
    let mut screen = small().await;
    screen.press("/").await;
    screen.type_text("al").await;
    screen.press("Enter Space Space Space Space Space").await;
    take(&mut screen, "i", "deactivate").await;
    insta::assert_snapshot!(dialog(&mut screen, "Deactivate 5 users"));
    screen.type_text("4").await;
    screen.press("Enter").await;
    screen.assert_shows("that is another number");
    assert_eq!(screen.writes(), Vec::<String>::new());
}

#[tokio::test]
async fn what_is_below_can_be_scrolled_to_its_last_line_at_any_size() {
    let mut screen = small().await;
    screen.press("/").await;
    screen.type_text("institute").await;
    screen.press("Enter a").await;
    take(&mut screen, "", "suspend").await;
    for (width, height) in [(80, 24), (60, 16), (120, 40)] {
        screen.resize(width, height).await;
        screen.press("PgUp").await;
        let before = screen.text();
        for _ in 0..120 {
            screen.press("PgDn").await;
        }
        screen.assert_hides("more lines below");
        assert_ne!(screen.text(), before);
        let last = screen.text();
        screen.press("Up").await;
        screen.assert_shows("1 below");
        screen.press("Down").await;
        assert_eq!(screen.text(), last, "one step up is one step down");
    }
}

#[tokio::test]
async fn a_form_says_what_is_wrong_below_the_field() {
    let mut screen = small().await;
    take(&mut screen, "alma osman", "grant").await;
    screen.type_text("shell1").await;
    screen.press("Enter").await;
    screen.settle().await;
    screen.type_text(":").await;
    screen.press("Tab").await;
    screen.type_text(", sudo").await;
    screen.press("Ctrl-S").await;
    insta::assert_snapshot!(dialog(&mut screen, "VM login"));
    assert_eq!(screen.context(), Context::Form);
}

#[tokio::test]
async fn what_was_chosen_from_a_list_can_be_chosen_anew_with_the_arrows() {
    let mut screen = small().await;
    take(&mut screen, "alma osman", "set up").await;
    assert!(screen.row("VM login on").contains("none"));
    screen.press("Down Down").await;
    screen.press("Tab").await;
    assert!(screen.row("VM login on").contains("legacy.institute.example"), "{}", screen.text());
}

#[tokio::test]
async fn a_secret_is_dots_while_it_is_pasted_and_its_owner_is_told() {
    let mut screen = small().await;
    screen.press("f").await;
    screen.paste("zzzzz-gj3su-077z32aux8dg2s1").await;
    screen.assert_hides("077z32aux8dg2s1");
    screen.assert_shows("•••••••••••••••••••••••••••");
    screen.press("Enter").await;
    screen.settle().await;
    insta::assert_snapshot!(dialog(&mut screen, "Find a token"));
}

#[tokio::test]
async fn a_new_token_is_shown_only_when_asked_for() {
    let mut screen = small().await;
    take(&mut screen, "alma osman", "issue").await;
    screen.press("Ctrl-S").await;
    screen.settle().await;
    screen.advance(Duration::from_secs(1)).await;
    screen.press("y").await;
    screen.settle().await;
    assert_eq!(screen.context(), Context::NewToken);
    screen.assert_shows("/••••••••");
    screen.press("s").await;
    screen.assert_hides("••••••••");
    let shown: String =
        dialog(&mut screen, "Token for").chars().filter(char::is_ascii_alphanumeric).collect();
    let secret = shown.split_once("exportARVADOSAPITOKENv2").unwrap().1[..75].to_owned();
    assert!(secret.starts_with("zzzzzgj3su"), "{secret}");
    // A minute later, and after it is closed, nothing of it is left.
    screen.advance(Duration::from_secs(61)).await;
    screen.assert_shows("••••••••");
    let told: String = screen.text().chars().filter(char::is_ascii_alphanumeric).collect();
    assert!(!told.contains(&secret[25..]), "{told}");
}

#[tokio::test]
async fn help_has_every_key_of_the_place_it_was_asked_in() {
    let mut screen = Screen::start(Start { size: (120, 60), ..Start::default() }).await;
    screen.press("?").await;
    for line in ["Mark all in the filter", "Ctrl-F", "Redraw the screen", "Logins of a VM"] {
        screen.assert_shows(line);
    }
}

#[tokio::test]
async fn the_commands_say_why_they_cannot_be_taken() {
    let mut screen = small().await;
    screen.press(":").await;
    screen.type_text("revoke tokens").await;
    insta::assert_snapshot!(dialog(&mut screen, "Commands"));
}

#[tokio::test]
async fn a_change_at_work_shows_how_far_it_is_and_leaving_asks() {
    let mut screen = small().await;
    take(&mut screen, "batch-runner", "revoke all").await;
    let name = screen.world().current_user().unwrap().confirm_name().to_owned();
    screen.type_text(&name).await;
    screen.press("Enter").await;
    while screen.world().jobs.iter().next().unwrap().finished < 40 {
        screen.step().await;
    }
    let before = dialog(&mut screen, "Revoke all tokens");
    assert!(before.contains("█") && before.contains(" of 141") && before.contains("accepted"), "{before}");
    assert!(before.contains("s stop after the current ones"), "{before}");
    screen.press("Esc q").await;
    let quit = dialog(&mut screen, "Quit?");
    assert!(
        quit.contains("1 change is at work") && quit.contains("[ No ]") && quit.contains("y Yes"),
        "{quit}"
    );
    screen.press("Enter").await;
    assert_eq!(screen.context(), Context::Users);
}

#[tokio::test]
async fn what_cannot_be_undone_is_said_in_words() {
    let mut screen = small().await;
    screen.press("f").await;
    screen.paste("zzzzz-gj3su-077z32aux8dg2s1").await;
    screen.press("Enter").await;
    screen.settle().await;
    screen.press("r").await;
    screen.settle().await;
    screen.assert_shows("This can't be undone.");
}
