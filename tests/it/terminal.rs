//! The real binary in a real pseudo-terminal: what it leaves behind whichever way it ends. What it shows is
//! tried elsewhere; here every wait is for something seen.

use crate::pty::{self, PROGRAM};
use arv_admin::tui::terminal::{Modes, install_panic_hook, is_there};
use std::path::Path;
use std::process::{Command, Stdio};
use termlens::{Key, MouseMode, Screen, Signal, Terminal, TerminalBuilder};

fn terminal() -> TerminalBuilder {
    pty::empty(100, 30, Path::new("/nonexistent"))
}

fn demo() -> Terminal {
    let mut terminal = terminal().arg("--demo").spawn(PROGRAM).unwrap();
    terminal.wait_until(has_users).unwrap();
    terminal
}

fn has_users(screen: &Screen) -> bool {
    screen.contains("Abel Ikeda")
}

fn assert_is_clean(screen: &Screen) {
    assert!(!screen.alternate_screen(), "the alternate screen was left");
    assert!(!screen.bracketed_paste(), "pastes are plain again");
    assert!(screen.cursor_visible(), "the cursor is back");
    assert_eq!(screen.mouse_mode(), MouseMode::None, "the mouse is the terminal's");
}

#[test]
fn it_starts_draws_and_leaves_the_terminal_as_it_was() {
    let mut terminal = demo();
    let screen = terminal.screen();
    assert!(screen.alternate_screen() && screen.bracketed_paste());
    assert_eq!(screen.mouse_mode(), MouseMode::None, "text can be selected as ever");
    terminal.send(Key::Char('q')).unwrap();
    assert!(terminal.wait_exit().unwrap().success());
    assert_is_clean(&terminal.screen());
}

#[test]
fn it_draws_whole_frames_and_follows_the_size() {
    let mut terminal = demo();
    for (columns, rows) in [(60, 16), (5, 3), (200, 60), (80, 24)] {
        terminal.resize(columns, rows).unwrap();
    }
    terminal.wait_frame(|screen| screen.size() == (80, 24) && has_users(screen)).unwrap();
    terminal.send(Key::Char('q')).unwrap();
    assert!(terminal.wait_exit().unwrap().success());
}

#[test]
fn a_paste_acts_as_no_key() {
    let mut terminal = demo();
    terminal.paste("q\nqy").unwrap();
    terminal.wait_until(|screen| screen.contains("ignored")).unwrap();
    terminal.send(Key::Char('q')).unwrap();
    assert!(terminal.wait_exit().unwrap().success());
}

#[test]
fn a_copy_reaches_the_terminals_clipboard() {
    let mut terminal = demo();
    terminal.send(Key::Char('c')).unwrap();
    terminal.wait_until(|screen| screen.contains("asked the terminal to copy")).unwrap();
    let screen = terminal.screen();
    let copied = screen.clipboard().and_then(|clipboard| clipboard.text()).unwrap_or_default();
    assert!(copied.contains("-tpzed-"), "{copied:?}");
    terminal.send(Key::Char('q')).unwrap();
    assert!(terminal.wait_exit().unwrap().success());
}

#[test]
fn the_system_can_end_it() {
    for (signal, code) in [(Signal::Term, 143), (Signal::Hup, 129)] {
        let mut terminal = demo();
        terminal.signal(signal).unwrap();
        assert_eq!(terminal.wait_exit().unwrap().code(), Some(code), "{signal:?}");
        assert_is_clean(&terminal.screen());
    }
}

#[test]
fn it_goes_to_the_background_and_comes_back() {
    let mut shell = terminal().env("PS1", "shell> ").arg("-i").spawn("/bin/sh").unwrap();
    shell.wait_until(|screen| screen.contains("shell>")).unwrap();
    shell.send_str(&format!("{PROGRAM} --demo\n")).unwrap();
    shell.wait_until(|screen| screen.alternate_screen() && has_users(screen)).unwrap();
    shell.send(Key::Ctrl('z')).unwrap();
    shell.wait_until(|screen| !screen.alternate_screen() && screen.contains("Stopped")).unwrap();
    assert_is_clean(&shell.screen());
    shell.send_str("echo the-shell-hears-$((40+2))\n").unwrap();
    shell.wait_until(|screen| screen.contains("the-shell-hears-42")).unwrap();
    shell.send_str("fg\n").unwrap();
    shell.wait_until(|screen| screen.alternate_screen() && has_users(screen)).unwrap();
    shell.send(Key::Char('q')).unwrap();
    shell.wait_until(|screen| !screen.alternate_screen()).unwrap();
    shell.send_str("echo over-$((40+2)) $?\n").unwrap();
    shell.wait_until(|screen| screen.contains("over-42 0")).unwrap();
    assert_is_clean(&shell.screen());
}

#[test]
fn without_a_cluster_it_says_what_it_looked_for_and_opens_the_demo() {
    let mut terminal = terminal().spawn(PROGRAM).unwrap();
    terminal.wait_until(|screen| screen.contains("No cluster is configured")).unwrap();
    terminal.send(Key::Char('d')).unwrap();
    terminal.wait_until(has_users).unwrap();
    terminal.send(Key::Char('q')).unwrap();
    assert!(terminal.wait_exit().unwrap().success());
}

#[test]
fn without_a_terminal_it_says_what_else_there_is() {
    let run = Command::new(PROGRAM).arg("--demo").env_clear().stdin(Stdio::null()).output().unwrap();
    let said = String::from_utf8(run.stderr).unwrap();
    assert_eq!(run.status.code(), Some(2));
    assert!(said.contains("needs a terminal") && said.contains("--help"), "{said}");
    assert_eq!(run.stdout, b"");
}

#[test]
fn a_fault_puts_the_terminal_right_and_does_not_repeat_its_last_words() {
    let mut terminal = terminal()
        .args(["--exact", "terminal::dies_with_the_modes_set", "--ignored", "--nocapture"])
        .spawn(std::env::current_exe().unwrap())
        .unwrap();
    assert!(!terminal.wait_exit().unwrap().success());
    let screen = terminal.screen();
    assert_is_clean(&screen);
    let text = screen.text();
    assert!(text.contains("a fault in the program") && text.contains("tests/it/terminal.rs"), "{text}");
    assert!(!text.contains("canary"), "{text}");
}

/// What the test above runs in a terminal of its own.
#[test]
#[ignore = "is run by another test, in a terminal of its own"]
fn dies_with_the_modes_set() {
    if is_there() {
        install_panic_hook();
        let _modes = Modes::enter().unwrap();
        panic!("canary");
    }
}

#[test]
fn no_key_is_lost_when_the_size_changes_at_the_same_time() {
    let mut terminal = demo();
    for round in 0..40 {
        let columns = 80 + round % 2;
        terminal.resize(columns, 24).unwrap();
        terminal.send(Key::Char('?')).unwrap();
        terminal.wait_until(|screen| screen.size() == (columns, 24) && !has_users(screen)).unwrap();
        terminal.resize(100 + round % 2, 24).unwrap();
        terminal.send(Key::Char('q')).unwrap();
        terminal.wait_until(has_users).unwrap();
    }
}
