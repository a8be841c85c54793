//! Renders the program's own screens for the README: `cargo run --example screenshots`. The real loop runs
//! on the demo cluster, whose people and time are always the same; so are the pictures.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a tool of the project fails by panicking")]

#[path = "../../tests/it/harness.rs"]
#[expect(dead_code, reason = "the tests use more of it")]
mod harness;
mod svg;

use harness::{Screen, Start};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// How long the cursor rests before what is under it is read, and more.
const REST: Duration = Duration::from_secs(1);

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/screenshots");
    fs::create_dir_all(&folder).unwrap();
    let save = |name: &str, title: &str, screen: &mut Screen| {
        fs::write(folder.join(name), svg::render(screen.buffer(), title)).unwrap();
    };

    let mut screen = on_user((120, 30), "batchrunner").await;
    save("main.svg", "The list of users, and the tokens of the user under the cursor", &mut screen);
}

/// The program, with the filter on this user and what is known of it.
async fn on_user(size: (u16, u16), filter: &str) -> Screen {
    let mut screen = Screen::start(Start { size, ..Start::default() }).await;
    screen.press("/").await;
    screen.type_text(filter).await;
    screen.press("Enter").await;
    screen.advance(REST).await;
    screen
}
