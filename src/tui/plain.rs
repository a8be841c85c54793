//! The plain screen: no frame, no colour, only a text on lines of its own, as the terminal itself wraps it, so
//! that it can be selected whole with the mouse, and a word about the way back. Written past the drawing of
//! cells, which would break a long token at the edge.

use super::clipboard::Clipboard;
use super::terminal::Wipe;
use super::theme::{Signs, Theme};
use crate::app::effect::Clip;
use crate::model::text::{clean, in_ascii};
use crossterm::queue;
use ratatui::layout::Size;
use std::io::{self, Write};
use unicode_width::UnicodeWidthStr;

/// What people are told below it; each in a line of at most 60 cells.
const BACK: &str = "Select it with the mouse. Esc comes back, and wipes it.";
const MOST: [&str; 2] = [
    "Most terminals take no copy from a program as they come:",
    "xterm, VTE (GNOME), Konsole, st and others.",
];
const TMUX: [&str; 2] = ["tmux copies only with", "set -g set-clipboard on"];
const MUTE: [&str; 2] = [
    "This terminal does not answer, as a web shell does not:",
    "it would print what is meant for a clipboard.",
];
const MISSING: [&str; 2] =
    ["This kind of terminal has no clipboard for programs,", "as the Linux console and a VT have none."];

/// How many lines the words below take, with the empty ones.
const BELOW: usize = 6;

/// Wipes the screen and writes the text. Of one that is too long for the screen the end is left out.
pub fn write(
    out: &mut impl Write,
    theme: Theme,
    clip: &Clip,
    clipboard: Clipboard,
    size: Size,
) -> io::Result<()> {
    queue!(out, Wipe)?;
    let room = usize::from(size.width) * usize::from(size.height).saturating_sub(BELOW);
    match clip {
        // Written from where it is kept: no copy of it is made.
        Clip::Secret(secret) => out.write_all(secret.expose().as_bytes())?,
        Clip::Text(_, text) => {
            let text = clean(text);
            let text = match theme.signs {
                Signs::Unicode => text,
                Signs::Ascii => in_ascii(&text).into_owned(),
            };
            out.write_all(start_of(&text, room).as_bytes())?;
        }
    }
    let why = match clipboard {
        Clipboard::InTmux => TMUX,
        Clipboard::Mute => MUTE,
        Clipboard::Missing => MISSING,
        Clipboard::Osc52 | Clipboard::AroundScreen => MOST,
    };
    // Lines end where they end: in raw mode a line feed alone goes straight down.
    for line in ["", "", BACK, "", why[0], why[1]] {
        write!(out, "{line}\r\n")?;
    }
    out.flush()
}

/// As much of it as there is room for.
fn start_of(text: &str, cells: usize) -> &str {
    if text.width() <= cells {
        return text;
    }
    let end = text.char_indices().map(|(at, _)| at).take_while(|at| text[..*at].width() <= cells).last();
    &text[..end.unwrap_or(0)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::clipboard::Between;
    use crate::tui::theme::Colours;

    #[test]
    fn why_nothing_was_copied_is_said_of_this_terminal_and_no_other() {
        let theme = Theme { colours: Colours::None, signs: Signs::Unicode };
        for (clipboard, why) in [
            (Clipboard::of("linux", Between::Nothing), MISSING),
            (Clipboard::of("vt220", Between::Nothing), MISSING),
            (Clipboard::of("linux", Between::Nothing).unanswered(), MISSING),
            (Clipboard::of("xterm", Between::Nothing), MOST),
            (Clipboard::of("xterm", Between::Nothing).unanswered(), MUTE),
            (Clipboard::of("tmux", Between::Tmux), TMUX),
        ] {
            let mut out = Vec::new();
            let clip = Clip::Text("the UUID", "zzzzz".to_owned());
            write(&mut out, theme, &clip, clipboard, Size::new(80, 24)).unwrap();
            let out = String::from_utf8(out).unwrap();
            for words in [MISSING, MOST, MUTE, TMUX] {
                assert_eq!(out.contains(words[0]), words == why, "{clipboard:?}: {out:?}");
                assert!(words.iter().all(|line| line.width() <= 60));
            }
        }
    }
}
