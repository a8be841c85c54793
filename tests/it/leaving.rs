//! What is left on a terminal when the program is left, one way or the other: nothing that it drew, least of
//! all a new token's secret. In GNU screen there is no alternate screen, so that all of it would stay.

use crate::pty::{self, PROGRAM};
use arv_admin::tui::terminal::{Modes, Owed, install_panic_hook, is_there, may_answer};
use std::fs;
use std::io::{Read, stdin};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;
use std::time::Duration;
use tempfile::TempDir;
use termlens::{Key, Screen, Terminal, TerminalBuilder};

/// After so long without an effect, a key is pressed again.
const SHORT: Duration = Duration::from_millis(400);

/// How the program is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Quit,
    Background,
    Signal(&'static str),
}

const WAYS: [Way; 4] = [Way::Quit, Way::Background, Way::Signal("TERM"), Way::Signal("HUP")];

fn builder() -> TerminalBuilder {
    pty::shell(120, 30)
}

pub fn has(program: &str) -> bool {
    let is_there = Command::new(program).arg("-V").output().is_ok();
    assert!(is_there || std::env::var_os("ALL_TERMINALS").is_none(), "no {program}");
    is_there
}

/// A directory of its own, for what a multiplexer keeps.
pub fn directory() -> TempDir {
    let directory = tempfile::tempdir().unwrap();
    fs::set_permissions(directory.path(), fs::Permissions::from_mode(0o700)).unwrap();
    directory
}

pub fn see(terminal: &mut Terminal, what: &str) {
    if let Err(error) = terminal.wait_until(|screen| screen.contains(what)) {
        panic!("{what:?} does not come ({error}):\n{}", terminal.screen().text());
    }
}

/// Presses a key until it does what is expected: one that comes in the very moment in which something comes
/// up does not count.
pub fn until(terminal: &mut Terminal, key: Key, what: impl Fn(&Screen) -> bool) {
    for _ in 0..100 {
        terminal.send(key).unwrap();
        if terminal.wait_until_for(&what, SHORT).is_ok() {
            return;
        }
    }
    panic!("{key:?} does nothing:\n{}", terminal.screen().text());
}

/// Starts the program from a shell, issues a token and shows it; gives its secret.
pub fn show_a_secret(shell: &mut Terminal, directory: &Path) -> String {
    see(shell, "shell>");
    let pid = directory.join("pid").display().to_string();
    shell.send_str(&format!("sh -c 'echo $$ >{pid}; exec {PROGRAM} --demo'\n")).unwrap();
    see(shell, "Abel Ikeda");
    shell.send_str("/rosa.delgado\r").unwrap();
    see(shell, "1 of 25");
    shell.send_str(":issue a token\r").unwrap();
    see(shell, "Token for");
    shell.send(Key::Ctrl('s')).unwrap();
    see(shell, "y Yes");
    until(shell, Key::Char('y'), |screen| screen.contains("shown only now"));
    shell.send(Key::Char('s')).unwrap();
    see(shell, "hidden again");
    let text = shell.screen().text();
    let (_, token) = text.split_once("ARVADOS_API_TOKEN=v2/").unwrap();
    let secret = token.split('/').nth(1).unwrap();
    // What is drawn anew is not put among the lines that have scrolled off.
    shell.send(Key::Ctrl('l')).unwrap();
    secret.split(|c: char| !c.is_ascii_alphanumeric()).next().unwrap().to_owned()
}

/// Leaves, and waits until the shell is back.
fn leave(shell: &mut Terminal, way: Way, directory: &Path) {
    match way {
        Way::Quit => {
            shell.send(Key::Ctrl('c')).unwrap();
            shell.send(Key::Ctrl('c')).unwrap();
        }
        Way::Background => shell.send(Key::Ctrl('z')).unwrap(),
        Way::Signal(name) => {
            let pid = fs::read_to_string(directory.join("pid")).unwrap();
            assert!(Command::new("kill").args(["-s", name, pid.trim()]).status().unwrap().success());
        }
    }
    // Keys that come before the shell is back are thrown away. Its prompt was drawn over.
    shell.wait_until(|screen| screen.contains("shell>") && !screen.contains("Rosa")).unwrap();
    // And one that came too late for a program that a signal ended is the shell's: Ctrl-U takes it off the line.
    shell.send_str("\x15echo the-shell-hears-$((40+2))\n").unwrap();
    see(shell, "the-shell-hears-42");
}

/// Shows a secret, leaves, and fails if anything that was drawn is left.
fn assert_leaves_nothing(shell: &mut Terminal, way: Way, directory: &Path) -> String {
    let secret = show_a_secret(shell, directory);
    assert!(secret.len() >= 20, "{secret:?}");
    leave(shell, way, directory);
    for text in [shell.screen().text(), shell.screen().full_text()] {
        for drawn in [&secret[..10], "Abel Ikeda", "shown only now", "API_TOKEN", "╭", "│"] {
            assert!(!text.contains(drawn), "{way:?}: {drawn:?} is left:\n{text}");
        }
    }
    if way == Way::Background {
        shell.send_str("fg\n").unwrap();
        see(shell, "shown only now");
        let text = shell.screen().text();
        assert!(!text.contains(&secret[..10]), "it is masked again:\n{text}");
        leave(shell, Way::Quit, directory);
    }
    secret
}

/// Fails if it is among what a multiplexer remembers, lines scrolled off included.
fn assert_does_not_remember(multiplexer: &mut Command, secret: &str) {
    let out = multiplexer.env("LANG", "C.UTF-8").output().unwrap();
    let text = String::from_utf8_lossy(&out.stdout);
    assert!(out.status.success() && text.contains("the-shell-hears-42"), "{out:?}");
    for drawn in [&secret[..10], "Abel Ikeda", "shown only now", "API_TOKEN"] {
        assert!(!text.contains(drawn), "{drawn:?} is remembered:\n{text}");
    }
}

#[test]
fn within_gnu_screen_nothing_that_was_drawn_is_left_whichever_way_it_is_left() {
    if !has("screen") {
        return;
    }
    for way in WAYS {
        let directory = directory();
        let mut shell = pty::in_screen(builder(), directory.path(), &["/bin/sh", "-i"]);
        let secret = assert_leaves_nothing(&mut shell, way, directory.path());
        let copy = directory.path().join("copy").display().to_string();
        let script = format!("screen -X hardcopy -h {copy} && until [ -s {copy} ]; do :; done && cat {copy}");
        assert_does_not_remember(
            Command::new("sh").args(["-c", &script]).env("SCREENDIR", directory.path()),
            &secret,
        );
        shell.send(Key::Ctrl('a')).unwrap();
        shell.send_str(":quit\r").unwrap();
        shell.wait_exit().unwrap();
    }
}

#[test]
fn within_tmux_nothing_that_was_drawn_is_left_whichever_way_it_is_left() {
    if !has("tmux") {
        return;
    }
    for way in WAYS {
        let directory = directory();
        let socket = directory.path().join("socket").display().to_string();
        let options = directory.path().join("options").display().to_string();
        // Without an alternate screen, as where it is switched off.
        fs::write(&options, "set -g alternate-screen off\nset -g default-terminal screen-256color\n")
            .unwrap();
        let mut shell = builder()
            .args(["-u", "-S", &socket, "-f", &options, "new-session", "/bin/sh -i"])
            .spawn("tmux")
            .unwrap();
        let secret = assert_leaves_nothing(&mut shell, way, directory.path());
        assert_does_not_remember(
            Command::new("tmux").args(["-S", &socket, "capture-pane", "-p", "-S", "-"]),
            &secret,
        );
        assert!(Command::new("tmux").args(["-S", &socket, "kill-server"]).status().unwrap().success());
        shell.wait_exit().unwrap();
    }
}

/// What is drawn by what dies, below.
const DRAWN: &str = "drawn-and-then-a-fault";

/// A command that draws it, waits for a key, and dies of a fault.
fn that_dies() -> String {
    let this = std::env::current_exe().unwrap().display().to_string();
    format!("{this} --exact leaving::draws_waits_for_a_key_and_dies --ignored --nocapture")
}

/// What tests run in a terminal of its own.
#[test]
#[ignore = "is run by other tests, in a terminal of its own"]
fn draws_waits_for_a_key_and_dies() {
    if is_there() {
        install_panic_hook();
        let _modes = Modes::enter().unwrap();
        may_answer(Owed::Answers);
        println!("{DRAWN}");
        stdin().read_exact(&mut [0]).unwrap();
        panic!("canary");
    }
}

#[test]
fn within_gnu_screen_a_fault_leaves_nothing_that_was_drawn() {
    if !has("screen") {
        return;
    }
    let directory = directory();
    let mut shell = pty::in_screen(builder(), directory.path(), &["/bin/sh", "-i"]);
    see(&mut shell, "shell>");
    shell.send_str(&format!("{}\n", that_dies())).unwrap();
    see(&mut shell, DRAWN);
    shell.send_str("x").unwrap();
    see(&mut shell, "a fault in the program");
    shell.send_str("\necho the-shell-hears-$((40+2))\n").unwrap();
    see(&mut shell, "the-shell-hears-42");
    assert!(!shell.screen().full_text().contains(DRAWN), "{}", shell.screen().text());
    let copy = directory.path().join("copy").display().to_string();
    let script = format!("screen -X hardcopy -h {copy} && until [ -s {copy} ]; do :; done && cat {copy}");
    assert_does_not_remember(
        Command::new("sh").args(["-c", &script]).env("SCREENDIR", directory.path()),
        DRAWN,
    );
    shell.send(Key::Ctrl('a')).unwrap();
    shell.send_str(":quit\r").unwrap();
    shell.wait_exit().unwrap();
}

/// What a terminal is, by its own word.
const ANSWER: &str = "\x1b[?62;4c";

/// Runs this until it shows something, leaves it, and answers only when the screen is wiped. Whether the shell
/// gets that answer.
fn the_shell_gets_what_comes_late(command: &str, shows: &str, leave: &[Key]) -> bool {
    let mut shell = builder().answer_queries(false).arg("-i").spawn("/bin/sh").unwrap();
    see(&mut shell, "shell>");
    shell.send_str(&format!("{command}\n")).unwrap();
    see(&mut shell, shows);
    for key in leave {
        shell.send(*key).unwrap();
    }
    shell.wait_until(|screen| !screen.contains(shows)).unwrap();
    shell.send_str(ANSWER).unwrap();
    shell.wait_until(|screen| screen.contains("shell>") && !screen.alternate_screen()).unwrap();
    shell.send_str("\necho the-shell-hears-$((40+2))\n").unwrap();
    see(&mut shell, "the-shell-hears-42");
    shell.screen().text().contains("62;4c")
}

#[test]
fn what_the_terminal_has_not_answered_yet_is_not_typed_into_the_shell_whichever_way_it_is_left() {
    let program = format!("{PROGRAM} --demo");
    for (command, shows, leave) in [
        (&program, "Abel Ikeda", [Key::Ctrl('c'), Key::Ctrl('c')].as_slice()),
        (&program, "Abel Ikeda", &[Key::Ctrl('z')]),
        (&that_dies(), DRAWN, &[Key::Char('x')]),
    ] {
        // On a machine that is busy with something else it may be late indeed, but not each time.
        let is_kept = (0..5).any(|_| !the_shell_gets_what_comes_late(command, shows, leave));
        assert!(is_kept, "{leave:?}");
    }
}
