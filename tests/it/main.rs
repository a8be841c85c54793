//! The one integration test binary: what a user of the program, or of its demo cluster, can see.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]

mod answers;
mod asked;
mod attacker;
mod attacks;
mod belongs;
mod blind_lists;
mod bursts;
mod bystanders;
mod cli;
mod cli_plain_words;
mod client;
mod clocks;
mod conformance;
mod demo_accounts;
mod demo_dates;
mod demo_door;
mod demo_faults;
mod demo_records;
mod demo_settings;
mod dialogs;
mod door;
mod everywhere;
mod forged;
mod fuzz;
mod gateway;
mod hang_up;
mod harness;
mod hostile;
mod huge;
mod leaving;
mod left_helpers;
mod made_up;
mod matrix;
#[cfg(target_os = "linux")]
mod memory;
mod names;
mod not_known;
mod odd_program;
mod odd_tokens;
mod odd_values;
mod once;
mod operator;
mod ops_find_token;
mod ops_logins;
mod ops_reassign;
mod ops_silence;
mod ops_token_reach;
mod ops_tokens;
mod ops_users;
mod own_files;
mod panes;
mod probing;
mod program;
mod pty;
mod read_wrong;
mod readme;
mod screen;
mod secrets;
mod settings;
mod small;
mod spoiler;
mod standard_input;
mod tap;
mod terminal;
mod terminal_answers;
mod terminals;
mod tls;
mod two_faced;
mod typed_ahead;
mod unknown;
mod who_it_was;
mod wild;
mod wild_servers;
mod world;

/// A client for tests that speak HTTP themselves.
fn http_client() -> reqwest::Client {
    // Another test may have put it in place already.
    let _known = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().build().unwrap()
}
