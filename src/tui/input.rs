//! What the terminal says, as messages. Knows which keys are text where the keyboard is.

use super::keymap::{self, Key};
use crate::app::context::{Context, Typing};
use crate::app::message::{Edit, Ignored, Message};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyEventKind, KeyModifiers};
use zeroize::Zeroize;

/// Reads what the terminal says.
#[derive(Debug, Default)]
pub struct Input;

impl Input {
    /// The message of an event, if it means anything where the keyboard is.
    pub fn read(event: Event, context: Context) -> Option<Message> {
        match event {
            // Repeats and releases are reported by few terminals, and never meant.
            Event::Key(key) if key.kind == KeyEventKind::Press => Self::key(&key, context),
            Event::Paste(text) => Some(paste(text, context)),
            Event::Resize(..) => Some(Message::Resized),
            Event::Key(_) | Event::Mouse(_) | Event::FocusGained | Event::FocusLost => None,
        }
    }

    fn key(key: &KeyEvent, context: Context) -> Option<Message> {
        let bound = Key::of(key).and_then(|key| keymap::action(context, key)).map(Message::Action);
        match context.typing() {
            Typing::None => bound,
            Typing::Text => bound.or_else(|| edit(key).map(Message::Edit)),
        }
    }
}

fn paste(mut text: String, context: Context) -> Message {
    match context.typing() {
        Typing::Text => Message::Edit(Edit::Paste(text.into())),
        Typing::None => {
            // It may have been a secret in the wrong place.
            text.zeroize();
            Message::Ignored(Ignored::Paste)
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

    fn press(code: KeyCode) -> Event {
        Event::Key(KeyEvent::new(code, KeyModifiers::NONE))
    }

    fn read_all(text: &str, context: Context) -> Vec<Message> {
        text.chars().filter_map(|c| Input::read(press(KeyCode::Char(c)), context)).collect()
    }

    #[test]
    fn a_letter_is_a_key_in_a_list_and_text_in_a_field() {
        assert_eq!(read_all("j", Context::Users), [Message::Action(Action::Down)]);
        assert_eq!(read_all("j", Context::Filter), [Message::Edit(Edit::Insert('j'))]);
    }

    #[test]
    fn only_a_press_counts() {
        for kind in [KeyEventKind::Release, KeyEventKind::Repeat] {
            let event = KeyEvent::new_with_kind(KeyCode::Char('y'), KeyModifiers::NONE, kind);
            assert_eq!(Input::read(Event::Key(event), Context::Question), None);
        }
    }

    #[test]
    fn a_paste_is_text_in_a_field_and_nothing_elsewhere() {
        let pasted = |context| Input::read(Event::Paste("yyy".to_owned()), context);
        assert_eq!(pasted(Context::Form), Some(Message::Edit(Edit::Paste("yyy".to_owned().into()))));
        assert_eq!(pasted(Context::Question), Some(Message::Ignored(Ignored::Paste)));
    }

    #[test]
    fn alt_and_a_letter_is_no_letter() {
        let event = || Event::Key(KeyEvent::new(KeyCode::Char('q'), KeyModifiers::ALT));
        assert_eq!(Input::read(event(), Context::Users), None);
        assert_eq!(Input::read(event(), Context::Filter), None);
    }
}
