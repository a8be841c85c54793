//! The clipboard, by way of the terminal (OSC 52): it works over SSH and needs no desktop, but nobody can
//! know whether the terminal took it, so nothing claims that.

use crate::app::effect::Clip;
use crate::app::message::Told;
use crate::model::text::clean;
use crossterm::clipboard::CopyToClipboard;
use crossterm::{Command, execute};
use std::io::{self, Write};
use zeroize::Zeroizing;

/// The most bytes given to a terminal: encoded, 74,994 is what the strictest take.
const LONGEST: usize = 74_994 / 4 * 3;

/// The most bytes of one string that GNU screen hands on; longer ones are cut off without a word.
const PIECE: usize = 240;

/// How this terminal's clipboard is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clipboard {
    /// By OSC 52.
    Osc52,
    /// By OSC 52 wrapped for the terminal around GNU screen, which itself takes none.
    AroundScreen,
    /// Not at all: there is none.
    Missing,
}

impl Clipboard {
    /// Of a terminal of this name (`TERM`); GNU screen says by `STY` that it is in between.
    pub fn of(term: &str, in_screen: bool) -> Self {
        match term {
            "linux" | "dumb" => Self::Missing,
            _ if term.starts_with("vt") => Self::Missing,
            _ if in_screen && term.starts_with("screen") => Self::AroundScreen,
            _ => Self::Osc52,
        }
    }
}

/// Gives the terminal a text for its clipboard.
pub fn copy(terminal: &mut impl Write, clipboard: Clipboard, clip: &Clip) -> Told {
    // What users call themselves may end in a line end, which a shell would take for Enter.
    let cleaned;
    let (what, text) = match clip {
        Clip::Text(what, text) => {
            cleaned = clean(text);
            (*what, cleaned.as_str())
        }
        Clip::Secret(secret) => ("the token", secret.expose()),
    };
    if text.len() > LONGEST {
        return Told::NotCopied(format!("it is longer than the {LONGEST} bytes that terminals take"));
    }
    let copied = match clipboard {
        Clipboard::Osc52 => execute!(terminal, CopyToClipboard::to_clipboard_from(text)),
        Clipboard::AroundScreen => around_screen(terminal, text),
        Clipboard::Missing => return Told::NotCopied("this kind of terminal has no clipboard".to_owned()),
    };
    match copied {
        Ok(()) => Told::Copied(what),
        Err(error) => Told::NotCopied(error.to_string()),
    }
}

/// Hands it on piece by piece, each a string for the terminal around GNU screen.
fn around_screen(terminal: &mut impl Write, text: &str) -> io::Result<()> {
    let mut sequence = Zeroizing::new(String::new());
    CopyToClipboard::to_clipboard_from(text).write_ansi(&mut *sequence).map_err(io::Error::other)?;
    // What would end the string that carries it is said another way.
    let sequence = sequence.trim_end_matches("\x1b\\").as_bytes().chunks(PIECE);
    for piece in sequence.chain([b"\x07".as_slice()]) {
        terminal.write_all(b"\x1bP")?;
        terminal.write_all(piece)?;
        terminal.write_all(b"\x1b\\")?;
    }
    terminal.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn within_gnu_screen_it_is_handed_on_and_where_there_is_no_clipboard_that_is_said() {
        let clip = Clip::Text("the UUID", "zzzzz".to_owned());
        let mut terminal = Vec::new();
        let told = copy(&mut terminal, Clipboard::of("screen.xterm-256color", true), &clip);
        assert_eq!(told, Told::Copied("the UUID"));
        assert_eq!(terminal, b"\x1bP\x1b]52;c;enp6eno=\x1b\\\x1bP\x07\x1b\\");
        terminal.clear();
        let told = copy(&mut terminal, Clipboard::of("linux", false), &clip);
        assert!(matches!(told, Told::NotCopied(_)) && terminal.is_empty());
        // tmux takes the name of screen, and OSC 52.
        assert_eq!(Clipboard::of("screen-256color", false), Clipboard::Osc52);
    }

    #[test]
    fn a_text_is_given_to_the_terminal() {
        let mut terminal = Vec::new();
        let told = copy(&mut terminal, Clipboard::Osc52, &Clip::Text("the UUID", "zzzzz".to_owned()));
        assert_eq!(told, Told::Copied("the UUID"));
        assert_eq!(terminal, b"\x1b]52;c;enp6eno=\x1b\\");
    }

    #[test]
    fn a_line_end_in_a_name_is_not_pasted_into_a_shell() {
        let mut terminal = Vec::new();
        copy(&mut terminal, Clipboard::Osc52, &Clip::Text("the e-mail", "a\nb".to_owned()));
        assert_eq!(terminal, b"\x1b]52;c;YSBi\x1b\\");
    }

    #[test]
    fn a_secret_is_given_only_encoded_and_never_told() {
        let mut terminal = Vec::new();
        let told = copy(&mut terminal, Clipboard::Osc52, &Clip::Secret(Secret::new("canary".to_owned())));
        assert_eq!(told, Told::Copied("the token"));
        assert!(!String::from_utf8_lossy(&terminal).contains("canary"));
    }

    #[test]
    fn what_no_terminal_would_take_is_not_sent() {
        let mut terminal = Vec::new();
        let told = copy(&mut terminal, Clipboard::Osc52, &Clip::Text("the UUID", "x".repeat(LONGEST + 1)));
        assert!(matches!(told, Told::NotCopied(_)));
        assert!(terminal.is_empty());
    }
}
