//! How fast the screen answers a key, and how many bytes it sends for it: `cargo bench --bench screen`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark reads the clock, prints its figures, and fails by panicking"
)]

mod desk;

use crossterm::event::KeyCode;
use desk::Desk;
use desk::figure::{most, print};

/// Of how many keys a figure is taken.
const KEYS: usize = 300;

/// What is typed into the filter, again and again.
const WORDS: [&str; 4] = ["rosa del", "is:active mar", "!is:active k", "partner.example"];

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut many = Desk::open(100_000, (200, 60)).await;
    filter(&mut many).await;
    let moved = [("j", KeyCode::Char('j')), ("page", KeyCode::PageDown), ("scroll", KeyCode::Char('j'))];
    for (name, key) in moved {
        if name == "scroll" {
            // From the last row of the window on, every step moves the window.
            many.press(KeyCode::Home).await;
            for _ in 0..60 {
                many.press(KeyCode::Char('j')).await;
            }
        }
        let p99 = moves(&mut many, key).await;
        print(&format!("key to frame, {name}, 100,000 users, 99th percentile"), p99, most(2.0, "ms"));
    }
    let mut few = Desk::open(1_000, (200, 60)).await;
    let ratio = median(&mut many).await / median(&mut few).await;
    print("drawing a moved cursor, 100,000 users against 1,000, median", ratio, most(1.5, "times"));
    bytes(&mut many).await;
}

async fn filter(desk: &mut Desk) {
    let mut typed = Vec::new();
    for word in WORDS.iter().cycle().take(KEYS / 10) {
        desk.press(KeyCode::Char('/')).await;
        for letter in word.chars() {
            typed.push(desk.press(KeyCode::Char(letter)).await);
        }
        for _ in word.chars() {
            typed.push(desk.press(KeyCode::Backspace).await);
        }
        desk.press(KeyCode::Esc).await;
    }
    assert!(desk.shown() > 90_000, "the filter is gone");
    let p99 = percentile_99(&mut typed);
    print("key to frame, filter keystroke, 100,000 users, 99th percentile", p99, most(10.0, "ms"));
}

async fn moves(desk: &mut Desk, key: KeyCode) -> f64 {
    let mut taken = Vec::new();
    for _ in 0..KEYS {
        taken.push(desk.press(key).await);
    }
    percentile_99(&mut taken)
}

async fn median(desk: &mut Desk) -> f64 {
    desk.press(KeyCode::Home).await;
    let mut taken = Vec::new();
    for step in 0..KEYS {
        let key = if step % 2 == 0 { KeyCode::Down } else { KeyCode::Up };
        taken.push(desk.press(key).await);
    }
    taken.sort_by(f64::total_cmp);
    taken[taken.len() / 2]
}

async fn bytes(desk: &mut Desk) {
    desk.press(KeyCode::Home).await;
    for _ in 0..5 {
        desk.press(KeyCode::Char('j')).await;
    }
    desk.bytes();
    let mut passing = Vec::new();
    for _ in 0..20 {
        desk.press(KeyCode::Char('j')).await;
        passing.push(desk.bytes());
    }
    desk.rest().await;
    desk.bytes();
    let mut settled = Vec::new();
    for _ in 0..20 {
        desk.press(KeyCode::Char('j')).await;
        desk.rest().await;
        settled.push(desk.bytes());
    }
    let mean =
        |figures: &[f64]| figures.iter().sum::<f64>() / f64::from(u32::try_from(figures.len()).unwrap());
    print("bytes at 200x60, cursor passing on, details not read, mean", mean(&passing), most(500.0, "B"));
    print("bytes at 200x60, cursor move, with the details settled, mean", mean(&settled), most(1_700.0, "B"));
    for _ in 0..40 {
        desk.press(KeyCode::Char('j')).await;
    }
    let mut scrolled = Vec::new();
    desk.bytes();
    for _ in 0..30 {
        desk.press(KeyCode::Char('j')).await;
        scrolled.push(desk.bytes());
    }
    print("bytes at 200x60, scroll by one row, mean", mean(&scrolled), most(7_000.0, "B"));
}

/// The value that 99 of 100 do not exceed.
fn percentile_99(figures: &mut [f64]) -> f64 {
    figures.sort_by(f64::total_cmp);
    let at = (figures.len() * 99).div_ceil(100).saturating_sub(1);
    figures[at]
}
