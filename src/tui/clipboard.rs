//! The clipboard, by way of the terminal (OSC 52): it works over SSH and needs no desktop, but nobody can
//! know whether the terminal took it, so nothing claims that.

use crate::app::effect::Clip;
use crate::app::message::Told;
use crate::model::text::clean;
use crossterm::clipboard::CopyToClipboard;
use crossterm::execute;
use std::io::Write;

/// The most bytes given to a terminal: encoded, 74,994 is what the strictest take.
const LONGEST: usize = 74_994 / 4 * 3;

/// Gives the terminal a text for its clipboard.
pub fn copy(terminal: &mut impl Write, clip: &Clip) -> Told {
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
    match execute!(terminal, CopyToClipboard::to_clipboard_from(text)) {
        Ok(()) => Told::Copied(what),
        Err(error) => Told::NotCopied(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;

    #[test]
    fn a_text_is_given_to_the_terminal() {
        let mut terminal = Vec::new();
        let told = copy(&mut terminal, &Clip::Text("the UUID", "zzzzz".to_owned()));
        assert_eq!(told, Told::Copied("the UUID"));
        assert_eq!(terminal, b"\x1b]52;c;enp6eno=\x1b\\");
    }

    #[test]
    fn a_line_end_in_a_name_is_not_pasted_into_a_shell() {
        let mut terminal = Vec::new();
        copy(&mut terminal, &Clip::Text("the e-mail", "a\nb".to_owned()));
        assert_eq!(terminal, b"\x1b]52;c;YSBi\x1b\\");
    }

    #[test]
    fn a_secret_is_given_only_encoded_and_never_told() {
        let mut terminal = Vec::new();
        let told = copy(&mut terminal, &Clip::Secret(Secret::new("canary".to_owned())));
        assert_eq!(told, Told::Copied("the token"));
        assert!(!String::from_utf8_lossy(&terminal).contains("canary"));
    }

    #[test]
    fn what_no_terminal_would_take_is_not_sent() {
        let mut terminal = Vec::new();
        let told = copy(&mut terminal, &Clip::Text("the UUID", "x".repeat(LONGEST + 1)));
        assert!(matches!(told, Told::NotCopied(_)));
        assert!(terminal.is_empty());
    }
}
