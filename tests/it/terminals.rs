//! Terminals of every kind: what the real binary sends to them, by name, by language and by wish. What it
//! leaves behind is tried in [`crate::terminal`].

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use termlens::{Key, MouseMode, Screen, Terminal, TerminalBuilder};

const PROGRAM: &str = env!("CARGO_BIN_EXE_arv-admin");

fn terminal(term: &str, language: (&str, &str)) -> TerminalBuilder {
    Terminal::builder()
        .size(100, 30)
        .env_clear()
        .env("TERM", term)
        .env(language.0, language.1)
        .env("HOME", "/nonexistent")
        .env("PATH", std::env::var("PATH").unwrap_or_default())
        .timeout(Duration::from_secs(60))
}

const UTF8: (&str, &str) = ("LANG", "C.UTF-8");

fn has_users(screen: &Screen) -> bool {
    screen.contains("Abel Ikeda")
}

/// Whether a program is there. Where the gate has installed it, it must be, so that no test is left out there
/// that counts as passed.
fn has(program: &str) -> bool {
    let is_there = Command::new(program).arg("-V").output().is_ok();
    assert!(is_there || std::env::var_os("ALL_TERMINALS").is_none(), "no {program}");
    is_there
}

fn assert_is_clean(screen: &Screen) {
    assert!(!screen.alternate_screen() && !screen.bracketed_paste() && screen.cursor_visible());
    assert_eq!(screen.mouse_mode(), MouseMode::None);
}

/// Walks through the program: the list, a user, a question, a form, the help.
fn walk(terminal: &mut Terminal) {
    terminal.wait_until(has_users).unwrap();
    terminal.send_str("/rosa.delgado\r").unwrap();
    terminal.wait_until(|screen| screen.contains("1 of 25")).unwrap();
    terminal.send_str(":deactivate\r").unwrap();
    terminal.wait_until(|screen| screen.contains("API calls")).unwrap();
    terminal.send(Key::Esc).unwrap();
    terminal.wait_until(|screen| !screen.contains("API calls")).unwrap();
    terminal.send_str(":grant\r").unwrap();
    terminal.wait_until(|screen| screen.contains("Login name")).unwrap();
    terminal.send(Key::Esc).unwrap();
    terminal.wait_until(|screen| !screen.contains("Login name")).unwrap();
    terminal.send_str("?").unwrap();
    terminal.wait_until(|screen| screen.contains("Mark a range")).unwrap();
    terminal.send(Key::Esc).unwrap();
    terminal.wait_until(|screen| !screen.contains("Mark a range")).unwrap();
    terminal.send_str("q").unwrap();
    assert!(terminal.wait_exit().unwrap().success());
    assert_is_clean(&terminal.screen());
}

/// Everything that is sent to the terminal during a walk, as `script` writes it down.
fn sent(builder: TerminalBuilder, directory: &Path) -> String {
    let file = directory.join("typescript");
    let command = format!("{PROGRAM} --demo");
    let mut terminal =
        builder.args(["-q", "-e", "-c", &command, &file.display().to_string()]).spawn("script").unwrap();
    walk(&mut terminal);
    String::from_utf8(fs::read(file).unwrap()).unwrap()
}

/// The parameters of all sequences that set colours and the like.
fn renditions(sent: &str) -> Vec<Vec<u16>> {
    sent.split("\u{1b}[")
        .skip(1)
        .filter_map(|part| {
            let end = part.find(|c: char| !(c.is_ascii_digit() || c == ';' || c == ':'))?;
            (part[end..].starts_with('m'))
                .then(|| part[..end].split([';', ':']).map(|n| n.parse().unwrap_or(0)).collect())
        })
        .collect()
}

fn assert_asks_for_little(sent: &str) {
    for mode in ["1000", "1001", "1002", "1003", "1005", "1006", "1015", "1016"] {
        assert!(!sent.contains(&format!("\u{1b}[?{mode}h")), "the mouse is switched on: {mode}");
    }
    for n in renditions(sent).concat() {
        // Black, white and the bright ones are nobody's, but bright blue, where nobody knows what is behind:
        // on a light background or on a dark one some can't be read. What is behind is the terminal's own.
        let readable = matches!(n, 0..=9 | 21..=29 | 31..=36 | 39 | 49 | 94);
        assert!(readable, "{n} is not for every terminal of sixteen colours, light or dark");
    }
    // After the first frame.
    let asked = sent.find("\u{1b}[c").unwrap();
    assert!(asked > sent.find("\u{1b}[?2026l").unwrap());
    for once in ["\u{1b}[6n", "\u{1b}]11;?\u{7}"] {
        assert!(sent.matches(once).count() <= 1, "{once:?} is asked once");
    }
    assert!(!sent.replace("\u{1b}]11;?\u{7}", "").contains("\u{1b}]"), "no title is set");
}

#[test]
fn whatever_the_terminal_is_called_it_gets_colours_for_any_background_and_keeps_its_mouse() {
    if !has("script") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for term in ["xterm-256color", "tmux-256color", "screen", "linux", "xterm", "vt100"] {
        let sent = sent(terminal(term, UTF8), directory.path());
        assert_asks_for_little(&sent);
        let is_colour = |n: &u16| matches!(n, 31..=36);
        assert!(
            renditions(&sent).iter().any(|rendition| rendition.iter().any(is_colour)),
            "there are colours"
        );
    }
}

#[test]
fn a_terminal_without_a_screen_is_told_what_else_there_is() {
    let mut terminal = terminal("dumb", UTF8).arg("--demo").spawn(PROGRAM).unwrap();
    assert!(!terminal.wait_exit().unwrap().success());
    assert!(terminal.screen().contains("subcommands"));
    assert_is_clean(&terminal.screen());
}

#[test]
fn without_colours_none_is_sent() {
    if !has("script") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let sent = sent(terminal("xterm-256color", UTF8).env("NO_COLOR", "1"), directory.path());
    for rendition in renditions(&sent) {
        // 39 and 49 are the terminal's own.
        let coloured = rendition.iter().any(|n| matches!(n, 30..=38 | 40..=48 | 58 | 90..=97 | 100..=107));
        assert!(!coloured, "{rendition:?}");
    }
    assert_asks_for_little(&sent);
}

#[test]
fn without_utf_8_there_are_no_signs_beyond_ascii() {
    for language in
        [("LANG", "C"), ("LC_ALL", "C"), ("LANG", "POSIX"), ("LANG", "de_DE.ISO-8859-1"), ("X", "")]
    {
        let mut terminal = terminal("xterm", language).arg("--demo").spawn(PROGRAM).unwrap();
        terminal.wait_until(has_users).unwrap();
        // Her name has an accent, which in another encoding could be a control character.
        terminal.send_str("/alice\r").unwrap();
        terminal.wait_until(|screen| screen.contains("Alice Martinez")).unwrap();
        assert!(terminal.screen().text().is_ascii(), "{}", terminal.screen().text());
        terminal.send_str("/").unwrap();
        terminal.send(Key::Ctrl('u')).unwrap();
        terminal.send_str("rosa.delgado\r:deactivate\r").unwrap();
        terminal.wait_until(|screen| screen.contains("API calls")).unwrap();
        let text = terminal.screen().text();
        assert!(text.is_ascii(), "{language:?}:\n{text}");
        terminal.send(Key::Esc).unwrap();
        terminal.wait_until(|screen| !screen.contains("API calls")).unwrap();
        terminal.send_str("q").unwrap();
        assert!(terminal.wait_exit().unwrap().success());
        assert_is_clean(&terminal.screen());
    }
}

/// Whatever the terminal around it is, keys and sizes reach the program and nothing is left behind.
fn assert_works_within(mut terminal: Terminal, asked: &str) {
    terminal.wait_until(|screen| has_users(screen) && screen.contains("│")).unwrap();
    assert_eq!(terminal.screen().mouse_mode(), MouseMode::None);
    terminal.send_str("?").unwrap();
    terminal.wait_until(|screen| screen.contains("Mark a range")).unwrap();
    terminal.resize(80, 24).unwrap();
    terminal.wait_until(|screen| screen.size() == (80, 24) && screen.contains("╮")).unwrap();
    terminal.send(Key::Esc).unwrap();
    terminal.wait_until(|screen| !screen.contains("Mark a range") && has_users(screen)).unwrap();
    terminal.send_str("c").unwrap();
    terminal.wait_until(|screen| screen.contains(asked)).unwrap();
    let screen = terminal.screen();
    let copied = screen.clipboard().and_then(|clipboard| clipboard.text()).unwrap_or_default();
    assert!(copied.contains("-tpzed-"), "{copied:?}");
    terminal.send_str("q").unwrap();
    terminal.wait_exit().unwrap();
    assert_is_clean(&terminal.screen());
}

#[test]
fn within_gnu_screen_it_draws_copies_and_leaves() {
    if !has("screen") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    let terminal =
        crate::pty::in_screen(terminal("xterm-256color", UTF8), directory.path(), &[PROGRAM, "--demo"]);
    assert_works_within(terminal, "asked the terminal to copy");
}

#[test]
fn on_a_linux_console_it_shows_what_its_font_has_and_says_that_it_has_no_clipboard() {
    let mut terminal = terminal("linux", UTF8).arg("--demo").spawn(PROGRAM).unwrap();
    terminal.wait_until(has_users).unwrap();
    let text = terminal.screen().text();
    let beyond = text.chars().filter(|c| !c.is_ascii()).find(|c| !c.is_alphabetic());
    assert_eq!(beyond, None, "{text}");
    terminal.send_str("c").unwrap();
    terminal.wait_until(|screen| screen.contains("no clipboard")).unwrap();
    terminal.send_str("q").unwrap();
    assert!(terminal.wait_exit().unwrap().success());
    assert_is_clean(&terminal.screen());
}

#[test]
fn within_tmux_it_draws_and_leaves() {
    if !has("tmux") {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("socket").display().to_string();
    let command = format!("{PROGRAM} --demo");
    let options = directory.path().join("options").display().to_string();
    fs::write(&options, "set -g set-clipboard on\n").unwrap();
    let terminal = terminal("xterm-256color", UTF8)
        .args(["-u", "-S", &socket, "-f", &options, "new-session", &command])
        .spawn("tmux")
        .unwrap();
    assert_works_within(terminal, "tmux copies only with `set -g set-clipboard on`; c again shows it alone");
}

#[test]
fn a_paste_answers_no_question_and_submits_no_form() {
    let mut terminal = terminal("xterm-256color", UTF8).arg("--demo").spawn(PROGRAM).unwrap();
    terminal.wait_until(has_users).unwrap();
    terminal.send_str("/rosa.delgado\r").unwrap();
    terminal.wait_until(|screen| screen.contains("1 of 25")).unwrap();
    for (command, shows, paste) in [
        ("deactivate", "API calls", "y\ry\n"),
        ("revoke all", "type rdelgado", "rdelgado\r\n"),
        ("grant", "Login name", "shell1\r\u{13}\n"),
    ] {
        terminal.send_str(&format!(":{command}\r")).unwrap();
        terminal.wait_until(|screen| screen.contains(shows)).unwrap();
        terminal.paste(paste).unwrap();
        // Seen after the paste: keys are heard in their order.
        terminal.resize(101, 30).unwrap();
        terminal.wait_frame(|screen| screen.size() == (101, 30) && screen.contains(shows)).unwrap();
        terminal.send(Key::Esc).unwrap();
        terminal.wait_until(|screen| !screen.contains(shows)).unwrap();
        terminal.resize(100, 30).unwrap();
        terminal.wait_frame(|screen| screen.size() == (100, 30) && screen.contains("Active")).unwrap();
    }
    terminal.send_str("q").unwrap();
    assert!(terminal.wait_exit().unwrap().success());
    assert_is_clean(&terminal.screen());
}

#[test]
fn a_storm_of_sizes_ends_in_a_whole_frame() {
    let mut terminal = terminal("xterm-256color", UTF8).arg("--demo").spawn(PROGRAM).unwrap();
    terminal.wait_until(has_users).unwrap();
    terminal.send_str(":").unwrap();
    for round in 0..100_u16 {
        // Where there is no room, keys are not heard: those sizes are tried elsewhere.
        terminal.resize(60 + round * 37 % 140, 16 + round * 11 % 44).unwrap();
    }
    terminal.resize(100, 30).unwrap();
    // Its corners are where they belong: not a frame of another size.
    let is_whole = |screen: &Screen| {
        let text = screen.text();
        let mut last = text.lines().skip(1).filter(|row| row.starts_with('╰') && row.ends_with('╯'));
        screen.size() == (100, 30) && last.any(|row| row.chars().count() == 100) && text.contains("Esc close")
    };
    terminal.wait_until(is_whole).unwrap();
    terminal.send(Key::Esc).unwrap();
    terminal.wait_until(has_users).unwrap();
    terminal.send_str("q").unwrap();
    assert!(terminal.wait_exit().unwrap().success());
    assert_is_clean(&terminal.screen());
}
