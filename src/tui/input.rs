//! What the terminal says, as messages. Knows which keys are text where the keyboard is, and that a slow
//! line can tear an escape sequence into single keys, none of which may do anything.

use super::keymap::{self, Key};
use crate::app::context::{Context, Typing};
use crate::app::message::{Edit, Message};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use jiff::{SignedDuration, Timestamp};
use zeroize::Zeroize;

/// How long after Escape `[` or `O` is taken for the rest of a torn sequence.
const TORN: SignedDuration = SignedDuration::from_millis(500);

/// How long the keys of a torn paste may pause before keys are keys again.
const PASTE_PAUSE: SignedDuration = SignedDuration::from_millis(300);

/// Reads what the terminal says.
#[derive(Debug, Default)]
pub struct Input {
    torn: Torn,
}

/// How far a torn escape sequence has come.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
enum Torn {
    /// There is none.
    #[default]
    No,
    /// Escape came, then.
    Escape(Timestamp),
    /// `Esc [` and these came.
    Csi(Timestamp, String),
    /// `Esc O` came: one more character belongs to it.
    Ss3(Timestamp),
    /// The start of a paste came torn, so that what is pasted comes as keys; the last then.
    Paste(Timestamp),
}

/// What a key is of a torn sequence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// None of it: a key of its own.
    Whole,
    /// Part of one: it does nothing.
    Torn,
    /// Its end, and text follows that was pasted.
    PasteBegins,
}

impl Input {
    /// The message of an event, if it means anything where the keyboard is.
    pub fn read(&mut self, event: Event, context: Context, now: Timestamp) -> Option<Message> {
        match event {
            // Repeats and releases are reported by few terminals, and never meant.
            Event::Key(key) if key.kind == KeyEventKind::Press => self.key(&key, context, now),
            Event::Paste(text) => Some(paste(text, context)),
            Event::Resize(..) => Some(Message::Resized),
            Event::Key(_) | Event::Mouse(_) | Event::FocusGained | Event::FocusLost => None,
        }
    }

    fn key(&mut self, key: &KeyEvent, context: Context, now: Timestamp) -> Option<Message> {
        match self.part(key, now) {
            Part::Whole => {}
            Part::Torn => return None,
            Part::PasteBegins => return Some(Message::PasteIgnored),
        }
        let bound = Key::of(key).and_then(|key| keymap::action(context, key)).map(Message::Action);
        match context.typing() {
            Typing::None => bound,
            Typing::Text => bound.or_else(|| edit(key).map(Message::Edit)),
        }
    }

    /// Whether a key is part of a torn sequence.
    fn part(&mut self, key: &KeyEvent, now: Timestamp) -> Part {
        let fresh = |at: Timestamp, span: SignedDuration| now.duration_since(at) <= span;
        let (next, part) = match (std::mem::take(&mut self.torn), key.code) {
            (Torn::Paste(at), _) if fresh(at, PASTE_PAUSE) => (Torn::Paste(now), Part::Torn),
            (Torn::Csi(at, mut so_far), KeyCode::Char(c)) if fresh(at, TORN) && c.is_ascii() => {
                so_far.push(c);
                match c {
                    '~' if so_far == "200~" => (Torn::Paste(now), Part::PasteBegins),
                    '@'..='~' => (Torn::No, Part::Torn),
                    _ => (Torn::Csi(at, so_far), Part::Torn),
                }
            }
            (Torn::Ss3(at), KeyCode::Char(_)) if fresh(at, TORN) => (Torn::No, Part::Torn),
            (Torn::Escape(at), KeyCode::Char('[')) if fresh(at, TORN) => {
                (Torn::Csi(at, String::new()), Part::Torn)
            }
            (Torn::Escape(at), KeyCode::Char('O')) if fresh(at, TORN) => (Torn::Ss3(at), Part::Torn),
            (_, KeyCode::Esc) => (Torn::Escape(now), Part::Whole),
            _ => (Torn::No, Part::Whole),
        };
        self.torn = next;
        part
    }
}

fn paste(mut text: String, context: Context) -> Message {
    match context.typing() {
        Typing::Text => Message::Edit(Edit::Paste(text.into())),
        Typing::None => {
            // It may have been a secret in the wrong place.
            text.zeroize();
            Message::PasteIgnored
        }
    }
}

/// What a key does to text.
fn edit(key: &KeyEvent) -> Option<Edit> {
    let ctrl = key.modifiers.contains(KeyModifiers::CONTROL);
    let alt = key.modifiers.contains(KeyModifiers::ALT);
    Some(match key.code {
        KeyCode::Char('h') if ctrl => Edit::Backspace,
        KeyCode::Char('w') if ctrl => Edit::DeleteWord,
        KeyCode::Char('u') if ctrl => Edit::DeleteLine,
        KeyCode::Char('a') if ctrl => Edit::Home,
        KeyCode::Char('e') if ctrl => Edit::End,
        // Ctrl and Alt together are AltGr on some keyboards, and make an ordinary character.
        KeyCode::Char(c) if ctrl == alt => Edit::Insert(c),
        KeyCode::Backspace if ctrl || alt => Edit::DeleteWord,
        KeyCode::Backspace => Edit::Backspace,
        KeyCode::Delete => Edit::Delete,
        KeyCode::Left => Edit::Left,
        KeyCode::Right => Edit::Right,
        KeyCode::Home => Edit::Home,
        KeyCode::End => Edit::End,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::Action;

    const START: Timestamp = Timestamp::UNIX_EPOCH;

    fn press(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn read_all(text: &str, context: Context) -> Vec<Message> {
        let mut input = Input::default();
        text.chars()
            .map(|c| if c == '\u{1b}' { KeyCode::Esc } else { KeyCode::Char(c) })
            .filter_map(|code| input.read(press(code), context, START))
            .collect()
    }

    #[test]
    fn a_letter_is_a_key_in_a_list_and_text_in_a_field() {
        assert_eq!(read_all("j", Context::Users), [Message::Action(Action::Down)]);
        assert_eq!(read_all("j", Context::Filter), [Message::Edit(Edit::Insert('j'))]);
    }

    #[test]
    fn only_a_press_counts() {
        let mut input = Input::default();
        for kind in [KeyEventKind::Release, KeyEventKind::Repeat] {
            let event = KeyEvent::new_with_kind(KeyCode::Char('y'), KeyModifiers::NONE, kind);
            assert_eq!(input.read(Event::Key(event), Context::Question, START), None);
        }
    }

    #[test]
    fn a_paste_is_text_in_a_field_and_nothing_elsewhere() {
        let mut input = Input::default();
        let pasted = |input: &mut Input, context| input.read(Event::Paste("yyy".to_owned()), context, START);
        assert_eq!(
            pasted(&mut input, Context::Form),
            Some(Message::Edit(Edit::Paste("yyy".to_owned().into())))
        );
        assert_eq!(pasted(&mut input, Context::Question), Some(Message::PasteIgnored));
    }

    #[test]
    fn a_torn_arrow_key_does_nothing_but_escape() {
        for torn in ["\u{1b}[A", "\u{1b}OA", "\u{1b}[1;5A", "\u{1b}[6~"] {
            assert_eq!(read_all(torn, Context::Logins), [Message::Action(Action::Back)], "{torn:?}");
        }
        assert_eq!(
            read_all("\u{1b}[Aj", Context::Users),
            [Message::Action(Action::Back), Message::Action(Action::Down)],
            "the next key counts again"
        );
    }

    #[test]
    fn a_torn_paste_acts_as_no_key() {
        assert_eq!(
            read_all("\u{1b}[200~Ryq", Context::Tokens),
            [Message::Action(Action::Back), Message::PasteIgnored]
        );
    }

    #[test]
    fn escape_and_then_a_bracket_after_a_while_are_two_keys() {
        let mut input = Input::default();
        let later = START + SignedDuration::from_secs(2);
        input.read(press(KeyCode::Esc), Context::Users, START);
        assert_eq!(
            input.read(press(KeyCode::Char('[')), Context::Filter, later),
            Some(Message::Edit(Edit::Insert('[')))
        );
    }

    #[test]
    fn alt_and_a_letter_is_no_letter() {
        let mut input = Input::default();
        let event = || Event::Key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::ALT));
        assert_eq!(input.read(event(), Context::Users, START), None);
        assert_eq!(input.read(event(), Context::Filter, START), None);
    }
}
