//! Renders the program's own screens for the README: `cargo run --example screenshots`. The real loop runs
//! on the demo cluster, whose people and time are always the same; so are the pictures.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a tool of the project fails by panicking")]

#[path = "../../tests/it/harness.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod harness;
mod svg;

use arv_admin::tui::theme::{Background, Colours, Theme};
use harness::{Screen, Start};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// How long the cursor rests before what is under it is read, and more.
const REST: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    save("main.svg", "The list of users, and the tokens of the user under the cursor", users().await);
    save("small.svg", "The list of users on a small terminal", small().await);
    save("revoke.svg", "Asking before 141 tokens are revoked", revoke().await);
    save("grant.svg", "The form to grant a VM login", grant().await);
    save("find-token.svg", "What became known of a leaked token", find_token().await);
}

fn save(name: &str, title: &str, mut screen: Screen) {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/screenshots");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join(name), svg::render(screen.buffer(), title)).unwrap();
}

async fn start(size: (u16, u16)) -> Screen {
    let theme = Theme { colours: Colours::Sixteen(Background::Dark), ..Theme::default() };
    Screen::start(Start { size, host: Some("institute.example"), theme, ..Start::default() }).await
}

/// Puts the filter on these words; the cursor stays on its user, if it is still there.
async fn filter(screen: &mut Screen, words: &str) {
    let before = screen.state().world.users.filter_field().text().chars().count();
    screen.press("/").await;
    screen.press(&"Backspace ".repeat(before)).await;
    screen.type_text(words).await;
    screen.press("Enter").await;
    screen.advance(REST).await;
}

/// Two marks, one of them hidden by the filter; the cursor on a user with tokens of several sorts.
async fn users() -> Screen {
    let mut screen = start((120, 30)).await;
    for name in ["ambrose delville", "rosalind delaware"] {
        filter(&mut screen, name).await;
        screen.press("Space").await;
    }
    filter(&mut screen, "is:active").await;
    // To Rosa Delgado, who is the one before, with others above her.
    screen.press("k k k k k k j j j j j").await;
    screen.advance(REST).await;
    screen
}

async fn small() -> Screen {
    let mut screen = start((80, 24)).await;
    screen.press("PgDn PgDn k k k k k k").await;
    screen.advance(REST).await;
    screen
}

async fn revoke() -> Screen {
    let mut screen = start((120, 30)).await;
    filter(&mut screen, "batchrunner").await;
    screen.press("Enter a R").await;
    screen.settle().await;
    screen
}

async fn grant() -> Screen {
    let mut screen = start((120, 30)).await;
    filter(&mut screen, "rosa delgado").await;
    screen.press("Enter 2 A").await;
    screen.settle().await;
    // The VM where she has a login already, without docker.
    screen.press("Down Down Tab Tab").await;
    screen.advance(REST).await;
    screen
}

async fn find_token() -> Screen {
    let mut screen = start((120, 30)).await;
    screen.advance(REST).await;
    screen.press("f").await;
    screen.paste("zzzzz-gj3su-077z32aux8dg2s1").await;
    screen.press("Enter").await;
    screen.settle().await;
    screen
}
