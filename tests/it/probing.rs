//! What the real binary asks of terminals, and what it does with the answers of real ones, and with none.

use crate::leaving::{directory, has, see, show_a_secret, until};
use crate::pty::{self, PROGRAM};
use arv_admin::app::effect::Clip;
use arv_admin::tui::clipboard::{self, Clipboard};
use std::fs;
use std::io::stdout;
use std::path::Path;
use std::process::Command;
use termlens::{Key, Terminal, TerminalBuilder};

/// Longer than a frame of GNU screen's pass-through many times over, and than a line.
const LONG: usize = 20_000;

fn builder() -> TerminalBuilder {
    pty::shell(80, 24)
}

/// A shell of which everything that is sent to the terminal is written down.
fn written_down(builder: TerminalBuilder, file: &Path) -> Terminal {
    let file = file.display().to_string();
    builder.args(["-q", "-f", "-e", "-c", "/bin/sh -i", &file]).spawn("script").unwrap()
}

/// What was written down so far; it may end within a character.
fn written(file: &Path) -> String {
    String::from_utf8_lossy(&fs::read(file).unwrap()).into_owned()
}

#[test]
fn a_terminal_that_answers_nothing_gets_no_secret_it_could_print_and_shows_it_alone() {
    if !has("script") {
        return;
    }
    let directory = directory();
    let file = directory.path().join("typescript");
    let mut shell = written_down(builder().answer_queries(false), &file);
    let secret = show_a_secret(&mut shell, directory.path());
    // In one piece with the key before it, it copies nothing.
    let refused = "not copied: this terminal does not answer; c again shows it alone";
    until(&mut shell, Key::Char('c'), |screen| screen.contains(refused));
    shell.send_str("c").unwrap();
    see(&mut shell, "Esc comes back, and wipes it.");
    let alone = shell.screen().text();
    let rows: Vec<&str> = alone.lines().collect();
    // Wrapped by the terminal, not broken: what is selected is the token and nothing else.
    assert!(rows[0].starts_with("v2/zzzzz-gj3su-") && rows[0].len() == 80, "{alone}");
    let token = [rows[0], rows[1]].concat();
    assert!(token.contains(&secret) && !token.contains(' ') && rows[2].is_empty(), "{alone}");
    until(&mut shell, Key::Esc, |screen| screen.contains("shown only now"));
    assert!(!shell.screen().text().contains("Esc comes back"), "{}", shell.screen().text());
    shell.send(Key::Ctrl('c')).unwrap();
    shell.send(Key::Ctrl('c')).unwrap();
    shell.wait_until(|screen| screen.contains("shell>") && !screen.contains("Rosa")).unwrap();
    let sent = written(&file);
    assert_eq!(sent.matches("\u{1b}[c").count(), 1, "it is asked once whether it answers");
    for asked in ["\u{1b}]52", "\u{1b}]11", "\u{1b}[6n", "\u{1b}P"] {
        assert!(!sent.contains(asked), "{asked:?} was sent");
    }
}

#[test]
fn on_white_no_colour_is_used_that_can_not_be_read_there() {
    if !has("script") {
        return;
    }
    let directory = directory();
    let file = directory.path().join("typescript");
    let mut shell = written_down(builder().background_rgb(255, 255, 255), &file);
    show_a_secret(&mut shell, directory.path());
    let sent = written(&file);
    let colours: Vec<&str> =
        sent.split("\u{1b}[").filter_map(|part| part.split_once('m')).map(|(n, _)| n).collect();
    let has_colour = |code: &str| colours.iter().any(|codes| codes.split(';').any(|one| one == code));
    assert!(has_colour("34") && has_colour("35"), "blue and magenta are");
    for code in ["32", "33", "36"] {
        assert!(!has_colour(code), "{code} can't be read on white");
    }
}

#[test]
fn within_gnu_screen_in_a_japanese_locale_nothing_is_drawn_that_is_two_cells_wide_there() {
    if !has("screen") {
        return;
    }
    let directory = directory();
    let locale = directory.path().join("ja_JP.UTF-8").display().to_string();
    // Needs the sources of locales, which not every machine has.
    let made = Command::new("localedef").args(["-i", "ja_JP", "-f", "UTF-8", &locale]).status();
    if !made.is_ok_and(|status| status.success()) {
        assert!(std::env::var_os("ALL_TERMINALS").is_none(), "no locale can be made");
        return;
    }
    let mut terminal = pty::in_screen(
        builder().env("LOCPATH", directory.path()).env("LANG", "ja_JP.UTF-8"),
        directory.path(),
        &[PROGRAM, "--demo"],
    );
    // Its own frame is drawn in ASCII, and every row ends where it should.
    terminal
        .wait_until(|screen| screen.contains("+ Active    Abel Ikeda") && screen.text().is_ascii())
        .unwrap();
    terminal.send_str("?").unwrap();
    see(&mut terminal, "Mark all in the filter");
    let text = terminal.screen().text();
    assert!(text.is_ascii(), "{text}");
    assert!(text.lines().any(|row| row.starts_with('+') && row.ends_with('+') && row.len() == 80), "{text}");
}

#[test]
fn a_long_text_goes_around_gnu_screen_whole_and_nothing_of_it_is_printed() {
    if !has("screen") {
        return;
    }
    let directory = directory();
    let this = std::env::current_exe().unwrap().display().to_string();
    let test = "probing::copies_a_long_text_around_gnu_screen";
    let mut terminal =
        pty::in_screen(builder().env("IS_WITHIN_SCREEN", "1"), directory.path(), &["/bin/sh", "-i"]);
    see(&mut terminal, "shell>");
    terminal
        .send_str(&format!("{this} --exact {test} --ignored --nocapture; echo over-$((40+2))\n"))
        .unwrap();
    see(&mut terminal, "over-42");
    let screen = terminal.screen();
    let copied = screen.clipboard().and_then(|clipboard| clipboard.text()).unwrap_or_default();
    assert_eq!(copied, "x".repeat(LONG));
    // Encoded it begins like this.
    assert!(!screen.text().contains("eHh4"), "{}", screen.text());
}

/// What the test above runs within GNU screen.
#[test]
#[ignore = "is run by another test, within GNU screen"]
fn copies_a_long_text_around_gnu_screen() {
    if std::env::var_os("IS_WITHIN_SCREEN").is_some() {
        clipboard::copy(&mut stdout(), Clipboard::AroundScreen, &Clip::Text("it", "x".repeat(LONG))).unwrap();
    }
}
