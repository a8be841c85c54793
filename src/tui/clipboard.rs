//! The clipboard, by way of the terminal (OSC 52): it works over SSH and needs no desktop, but nobody can
//! know whether the terminal took it, so nothing claims that. Most take none as they come. A terminal that
//! answers no question is sent nothing: shellinabox, which does not, prints what it does not know, and a
//! token's secret would stand on the page.

use crate::app::effect::Clip;
use crate::app::message::Via;
use crate::model::text::clean;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use std::io::{self, Write};
use zeroize::Zeroizing;

/// The most bytes given to a terminal: encoded, 74,994 is what the strictest take.
const LONGEST: usize = 74_994 / 4 * 3;

/// The bytes of one string for the terminal around GNU screen, which hands on 767 at most (4.9): of a longer
/// one it prints the rest in the window. Older ones are said to hand on 256.
const PIECE: usize = 240;

/// What stands before what is copied.
const BEGIN: &[u8] = b"\x1b]52;c;";

/// What stands after it.
const END: &[u8] = b"\x1b\\";

/// How this terminal's clipboard is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clipboard {
    /// By OSC 52.
    Osc52,
    /// By OSC 52 wrapped for the terminal around GNU screen, which itself takes none.
    AroundScreen,
    /// By OSC 52 that tmux hands on only if it is set to.
    InTmux,
    /// Not at all: there is none.
    Missing,
    /// Not at all: the terminal has not said what it is.
    Mute,
}

/// What program is between this one and the terminal, by the variables that it sets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// None that is known.
    Nothing,
    /// GNU screen (`STY`).
    Screen,
    /// tmux (`TMUX`).
    Tmux,
}

impl Clipboard {
    /// Of a terminal of this name (`TERM`), if it answers questions. One multiplexer in another leaves both
    /// its variables: the name tells which is nearer, but tmux may go by that of GNU screen.
    pub fn of(term: &str, between: Between) -> Self {
        match (term, between) {
            ("linux" | "dumb", _) => Self::Missing,
            _ if term.starts_with("vt") => Self::Missing,
            (_, Between::Tmux) => Self::InTmux,
            (_, Between::Screen) if term.starts_with("screen") => Self::AroundScreen,
            (_, Between::Screen | Between::Nothing) => Self::Osc52,
        }
    }

    /// The same while the terminal has not said what it is.
    pub fn unanswered(self) -> Self {
        match self {
            Self::Missing => Self::Missing,
            Self::Osc52 | Self::AroundScreen | Self::InTmux | Self::Mute => Self::Mute,
        }
    }
}

/// Asks the terminal to copy a text; says whose clipboard was asked, or why none was.
pub fn copy(terminal: &mut impl Write, clipboard: Clipboard, clip: &Clip) -> Result<Via, String> {
    // What users call themselves may end in a line end, which a shell would take for Enter.
    let cleaned;
    let text = match clip {
        Clip::Text(_, text) => {
            cleaned = clean(text);
            cleaned.as_str()
        }
        Clip::Secret(secret) => secret.expose(),
    };
    if text.len() > LONGEST {
        return Err(format!("it is longer than the {LONGEST} bytes that terminals take"));
    }
    let (asked, via) = match clipboard {
        Clipboard::Osc52 => (ask(terminal, text), Via::Terminal),
        Clipboard::InTmux => (ask(terminal, text), Via::Tmux),
        Clipboard::AroundScreen => (around_screen(terminal, text), Via::Terminal),
        Clipboard::Missing => return Err("this kind of terminal has no clipboard".to_owned()),
        Clipboard::Mute => return Err("this terminal does not answer".to_owned()),
    };
    asked.map(|()| via).map_err(|error| error.to_string())
}

fn ask(terminal: &mut impl Write, text: &str) -> io::Result<()> {
    terminal.write_all(&sequence(text)?)?;
    terminal.flush()
}

/// What asks for it, encoded where it stays: nothing of it is left behind in memory. The ways that make a
/// string of it leave one, and a buffer on the stack.
fn sequence(text: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    let end = BEGIN.len() + text.len().div_ceil(3) * 4;
    // As long as it gets: grown, it would leave what it held before behind.
    let mut sequence = Zeroizing::new(vec![0; end + END.len()]);
    sequence[..BEGIN.len()].copy_from_slice(BEGIN);
    BASE64_STANDARD.encode_slice(text, &mut sequence[BEGIN.len()..end]).map_err(io::Error::other)?;
    sequence[end..].copy_from_slice(END);
    Ok(sequence)
}

/// Hands it on piece by piece, each a string for the terminal around GNU screen.
fn around_screen(terminal: &mut impl Write, text: &str) -> io::Result<()> {
    let sequence = sequence(text)?;
    // What would end the string that carries it is said another way.
    let pieces = sequence[..sequence.len() - END.len()].chunks(PIECE);
    for piece in pieces.chain([b"\x07".as_slice()]) {
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

    /// What is sent, and what is told.
    fn copied(clipboard: Clipboard, clip: &Clip) -> (Vec<u8>, Result<Via, String>) {
        let mut terminal = Vec::new();
        let told = copy(&mut terminal, clipboard, clip);
        (terminal, told)
    }

    fn uuid(text: &str) -> Clip {
        Clip::Text("the UUID", text.to_owned())
    }

    #[test]
    fn the_terminal_is_asked_by_whatever_way_there_is() {
        for (term, between, via) in [
            ("xterm-256color", Between::Nothing, Via::Terminal),
            ("tmux-256color", Between::Tmux, Via::Tmux),
            // tmux takes the name of screen, too.
            ("screen-256color", Between::Tmux, Via::Tmux),
        ] {
            let (sent, told) = copied(Clipboard::of(term, between), &uuid("zzzzz"));
            assert_eq!((sent, told), (b"\x1b]52;c;enp6eno=\x1b\\".to_vec(), Ok(via)));
        }
    }

    #[test]
    fn within_gnu_screen_it_is_handed_on_and_where_there_is_no_clipboard_that_is_said() {
        let (sent, told) = copied(Clipboard::of("screen.xterm-256color", Between::Screen), &uuid("zzzzz"));
        assert_eq!(told, Ok(Via::Terminal));
        assert_eq!(sent, b"\x1bP\x1b]52;c;enp6eno=\x1b\\\x1bP\x07\x1b\\");
        let (sent, told) = copied(Clipboard::of("linux", Between::Nothing), &uuid("zzzzz"));
        assert!(told.is_err() && sent.is_empty());
    }

    #[test]
    fn the_longest_text_goes_around_gnu_screen_in_pieces_that_it_takes_and_arrives_whole() {
        let text: String = ('a'..='z').cycle().take(LONGEST).collect();
        let (sent, _) = copied(Clipboard::AroundScreen, &uuid(&text));
        let sent = String::from_utf8(sent).unwrap();
        let pieces: Vec<&str> = sent.split_terminator("\x1b\\").collect();
        assert!(pieces.iter().all(|piece| piece.starts_with("\x1bP") && piece.len() - 2 < 256));
        let joined: String = pieces.iter().map(|piece| &piece[2..]).collect();
        let (whole, _) = copied(Clipboard::Osc52, &uuid(&text));
        assert_eq!(
            joined.trim_end_matches('\x07'),
            String::from_utf8(whole).unwrap().trim_end_matches("\x1b\\")
        );
    }

    #[test]
    fn a_terminal_that_has_not_answered_is_sent_nothing() {
        for clipboard in [Clipboard::Osc52, Clipboard::AroundScreen, Clipboard::InTmux] {
            let (sent, told) =
                copied(clipboard.unanswered(), &Clip::Secret(Secret::new("canary".to_owned())));
            assert!(told.is_err() && sent.is_empty());
        }
    }

    #[test]
    fn a_line_end_in_a_name_is_not_pasted_into_a_shell() {
        let (sent, _) = copied(Clipboard::Osc52, &Clip::Text("the e-mail", "a\nb".to_owned()));
        assert_eq!(sent, b"\x1b]52;c;YSBi\x1b\\");
    }

    #[test]
    fn a_secret_is_given_only_encoded_and_never_told() {
        let (sent, told) = copied(Clipboard::Osc52, &Clip::Secret(Secret::new("canary".to_owned())));
        assert_eq!(told, Ok(Via::Terminal));
        assert!(!String::from_utf8_lossy(&sent).contains("canary"));
    }

    #[test]
    fn what_asks_is_not_moved_about_in_memory_and_says_the_text_whatever_its_length() {
        for length in (0..10).chain([100, 1_000, LONGEST]) {
            let text = "x".repeat(length);
            let asks = sequence(&text).unwrap();
            assert_eq!(asks.capacity(), asks.len(), "{length}: it was never grown");
            let encoded = asks.strip_prefix(BEGIN).and_then(|rest| rest.strip_suffix(END)).unwrap();
            assert_eq!(BASE64_STANDARD.decode(encoded).unwrap(), text.as_bytes());
        }
    }

    #[test]
    fn what_no_terminal_would_take_is_not_sent() {
        let (sent, told) = copied(Clipboard::Osc52, &uuid(&"x".repeat(LONGEST + 1)));
        assert!(told.is_err() && sent.is_empty());
    }
}
