//! The rules that keep the parts apart, held by reading the source: who may use whom, how long a file may
//! be, where a secret may be exposed and where tasks may be started, and which files may hang together.

#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod circles;
mod source;
mod variants;

use source::{collect, sources};
use std::fs;
use std::path::PathBuf;

/// No file is longer, its tests included.
const LONGEST_FILE: usize = 600;

/// Every line of code below `folder` that has one of `words`.
fn uses(folder: &str, words: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    for source in sources().iter().filter(|s| s.is_below(folder)) {
        for (number, line) in source.code() {
            for word in words.iter().filter(|word| line.contains(**word)) {
                found.push(format!("{}:{number}: {word}: {}", source.path, line.trim()));
            }
        }
    }
    found
}

fn assert_unused(folder: &str, words: &[&str]) {
    let found = uses(folder, words);
    assert!(found.is_empty(), "{folder} may not use:\n{}", found.join("\n"));
}

#[test]
fn the_model_knows_nothing_of_the_rest() {
    assert_unused(
        "model",
        &[
            "crate::arvados",
            "crate::ops",
            "crate::app",
            "crate::tui",
            "crate::cli",
            "crate::demo",
            "reqwest",
            "ratatui",
            "tokio",
            "serde_json",
        ],
    );
}

#[test]
fn the_client_knows_nothing_of_what_it_is_used_for() {
    assert_unused(
        "arvados",
        &[
            "crate::ops",
            "crate::app",
            "crate::tui",
            "crate::cli",
            "crate::demo",
            "ratatui",
            "crossterm",
            "std::fs",
        ],
    );
}

#[test]
fn use_cases_know_nothing_of_their_front_ends() {
    assert_unused(
        "ops",
        &["crate::app", "crate::tui", "crate::cli", "crate::demo", "ratatui", "crossterm", "clap", "reqwest"],
    );
}

/// What is true of one change stands in its own file.
#[test]
fn what_applies_changes_names_none_of_them() {
    assert_unused(
        "ops/engine",
        &["ops::change", "ops::intent", "ops::step", "Intent", "Step::", "super::super", "ops::apply"],
    );
}

#[test]
fn the_core_is_pure() {
    assert_unused(
        "app",
        &[
            "crate::arvados",
            "crate::tui",
            "crate::cli",
            "crate::demo",
            "ops::apply",
            "ops::cluster",
            "ops::survey",
            ".run(",
            "tokio",
            "reqwest",
            "crossterm",
            "ratatui",
            "axum",
            "std::fs",
            "std::env",
            "std::time::Instant",
            "SystemTime",
            "Timestamp::now",
            "fastrand",
            "async ",
        ],
    );
}

#[test]
fn drawing_starts_nothing() {
    assert_unused(
        "tui/view",
        &[
            "crate::arvados",
            "tokio",
            "reqwest",
            "std::env",
            "std::fs",
            "async ",
            ".run(",
            "&mut State",
            "&mut World",
        ],
    );
}

#[test]
fn the_command_line_asks_the_cluster_as_the_screen_does() {
    assert_unused("cli", &["crate::arvados", "reqwest"]);
}

#[test]
fn the_command_line_and_the_screen_do_not_know_each_other() {
    assert_unused("cli", &["ratatui", "crossterm", "crate::tui::view", "crate::tui::runtime"]);
    assert_unused("tui", &["crate::cli"]);
}

#[test]
fn the_demo_cluster_shares_no_type_with_the_client() {
    assert_unused(
        "demo",
        &[
            "crate::arvados",
            "crate::ops",
            "crate::model",
            "crate::app",
            "crate::tui",
            "crate::cli",
            "crate::config",
            "crate::timer",
        ],
    );
}

/// An emulator that read dates as the client does would be blind where the client is.
#[test]
fn the_demo_cluster_reads_and_keeps_dates_by_a_type_of_its_own() {
    let found: Vec<String> = uses("demo", &["jiff"])
        .into_iter()
        // Spans of time are no dates; the clock is where the machine's time comes in.
        .filter(|line| !line.ends_with("use jiff::SignedDuration;"))
        .filter(|line| !line.starts_with("demo/clock.rs:") && !line.starts_with("demo/seed/tests.rs:"))
        .collect();
    assert!(found.is_empty(), "the demo cluster uses the client's dates:\n{}", found.join("\n"));
}

#[test]
fn secrets_are_exposed_in_few_places() {
    let allowed = [
        // Defines it.
        "secret.rs",
        // The Authorization header.
        "arvados/client.rs",
        // Reads whose cluster the token in use is of, before it is sent anywhere.
        "arvados/connection.rs",
        // The Proxy-Authorization header: a proxy's password, to that proxy alone.
        "arvados/transport.rs",
        // Reads what was pasted.
        "ops/given_token.rs",
        // The one dialog that shows a new token, and the clipboard it may be given to.
        "tui/view/overlay/new_token.rs",
        "tui/clipboard.rs",
        // The plain screen, with the one line that can be taken with the mouse.
        "tui/plain.rs",
        // Prints a new token alone on standard output.
        "cli/tokens.rs",
    ];
    let found: Vec<String> = sources()
        .iter()
        .filter(|s| !allowed.contains(&s.path.as_str()) && !s.is_below("demo"))
        .flat_map(|source| {
            source
                .code()
                .filter(|(_, line)| line.contains(".expose(") || line.contains("expose_secret"))
                .map(|(number, _)| format!("{}:{number}", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "a secret is exposed here:\n{}", found.join("\n"));
}

#[test]
fn tasks_are_started_in_few_places() {
    let found: Vec<String> = sources()
        .iter()
        .filter(|s| !s.is_below("tui/executor") && !s.is_below("demo"))
        .flat_map(|source| {
            source
                .code()
                .filter(|(_, line)| line.contains("spawn("))
                .map(|(number, line)| format!("{}:{number}: {}", source.path, line.trim()))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "only the executor and the demo cluster start tasks:\n{}", found.join("\n"));
}

/// What another program is started with can be seen by everybody on the machine.
#[test]
fn no_other_program_is_started_and_no_variable_set() {
    let found: Vec<String> = sources()
        .iter()
        .flat_map(|source| {
            let is_such = |line: &str| {
                ["process::Command", "Command::new(", "set_var("].iter().any(|w| line.contains(w))
            };
            source
                .code()
                .filter(|(_, line)| is_such(line))
                .map(|(number, _)| format!("{}:{number}", source.path))
                .collect::<Vec<_>>()
        })
        .collect();
    assert!(found.is_empty(), "a program is started, or a variable set:\n{}", found.join("\n"));
}

#[test]
fn files_are_short() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut all = sources();
    collect(&root.join("tests"), &root, &mut all);
    let long: Vec<String> = all
        .iter()
        .map(|s| (s.text.lines().count(), &s.path))
        .filter(|(lines, _)| *lines > LONGEST_FILE)
        .map(|(lines, path)| format!("{path}: {lines}"))
        .collect();
    assert!(
        long.is_empty(),
        "longer than {LONGEST_FILE} lines, to be split by meaning:\n{}",
        long.join("\n")
    );
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> =
        sources().iter().filter(|s| !s.text.starts_with("//!")).map(|s| s.path.clone()).collect();
    assert!(silent.is_empty(), "no module documentation: {}", silent.join(", "));
}

/// The whole policy is `cargo deny check`'s; that nobody can forget this part of it is held here.
#[test]
fn nothing_that_is_banned_and_nothing_from_elsewhere_is_depended_on() {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let policy = fs::read_to_string(root.join("deny.toml")).unwrap();
    let lock = fs::read_to_string(root.join("Cargo.lock")).unwrap();
    let (_, bans) = policy.split_once("\ndeny = [").unwrap();
    let (bans, _) = bans.split_once("\n]").unwrap();
    let banned: Vec<&str> =
        bans.split("{ crate = \"").skip(1).filter_map(|ban| ban.split('"').next()).collect();
    assert!(banned.len() > 3, "the policy was not found: {banned:?}");
    for name in banned {
        assert!(!lock.contains(&format!("name = \"{name}\"\n")), "{name} is banned: see deny.toml");
    }
    for source in lock.lines().filter_map(|line| line.strip_prefix("source = \"")) {
        assert!(source.starts_with("registry+"), "from elsewhere: {source}");
    }
}
