//! What a finished control sequence says: a key, an answer, that a paste begins, or nothing.

use super::reply::Reply;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

/// What a finished sequence says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meaning {
    /// A key.
    Key(KeyEvent),
    /// An answer of the terminal.
    Reply(Reply),
    /// What follows is pasted.
    PasteBegins,
    /// Nothing that means anything here: other answers, reports of the mouse and of the focus, keys that
    /// nothing is bound to.
    Nothing,
}

fn key(code: KeyCode, modifiers: KeyModifiers) -> Meaning {
    Meaning::Key(KeyEvent::new(code, modifiers))
}

/// A control sequence: what is between `CSI` and its last byte, and that.
pub(super) fn csi(parameters: &[u8], last: u8) -> Meaning {
    let Ok(text) = std::str::from_utf8(parameters) else { return Meaning::Nothing };
    if let Some(private) = text.strip_prefix('?') {
        return match last {
            b'c' if is_numbers(private) => Meaning::Reply(Reply::DeviceAttributes),
            b'R' => cursor(private),
            _ => Meaning::Nothing,
        };
    }
    if !is_numbers(text) {
        return Meaning::Nothing;
    }
    let numbers: Vec<u32> = text.split(';').map(first).collect();
    let second = text.split(';').nth(1).unwrap_or_default();
    if is_no_press(second) {
        return Meaning::Nothing;
    }
    let modifiers = modifiers(second);
    match last {
        b'~' => match numbers[0] {
            200 => Meaning::PasteBegins,
            // modifyOtherKeys of xterm: the modifiers come first, then the character.
            27 => match numbers.as_slice() {
                [_, _, code] => character(*code, *code, modifiers),
                _ => Meaning::Nothing,
            },
            number => tilde(number).map_or(Meaning::Nothing, |code| key(code, modifiers)),
        },
        // In rxvt with Ctrl, with Shift and Ctrl.
        b'^' => tilde(numbers[0]).map_or(Meaning::Nothing, |code| key(code, KeyModifiers::CONTROL)),
        b'@' => tilde(numbers[0])
            .map_or(Meaning::Nothing, |code| key(code, KeyModifiers::CONTROL | KeyModifiers::SHIFT)),
        b'R' => cursor(text),
        b'u' => kitty(text, modifiers),
        // Delete in st. F1 of others has a number in front.
        b'P' if text.is_empty() => key(KeyCode::Delete, KeyModifiers::NONE),
        b'Z' => key(KeyCode::BackTab, KeyModifiers::SHIFT),
        b'a'..=b'd' => key(arrow(last.to_ascii_uppercase()), KeyModifiers::SHIFT),
        b'A'..=b'D' | b'F' | b'H' => key(arrow(last), modifiers),
        _ => Meaning::Nothing,
    }
}

/// What the keypad and some arrow keys send: what is between `SS3` and its last byte, and that.
pub(super) fn ss3(parameters: &[u8], last: u8) -> Meaning {
    let text = std::str::from_utf8(parameters).unwrap_or_default();
    // `ESC O 5 A` of old xterms, `ESC O 1 ; 5 A` of some others.
    let modifiers = modifiers(text.rsplit(';').next().unwrap_or_default());
    match last {
        b'A'..=b'D' | b'F' | b'H' => key(arrow(last), modifiers),
        b'a'..=b'd' => key(arrow(last.to_ascii_uppercase()), KeyModifiers::CONTROL),
        b'M' => key(KeyCode::Enter, modifiers),
        _ => Meaning::Nothing,
    }
}

/// Whether there is nothing but numbers, with `;` and `:` between them.
fn is_numbers(text: &str) -> bool {
    text.bytes().all(|b| matches!(b, b'0'..=b'9' | b';' | b':'))
}

/// The first of the numbers that a parameter has; 0 if there is none.
fn first(parameter: &str) -> u32 {
    parameter.split(':').next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Whether a key was let go, or is held down, as the keyboard protocol of kitty tells it: `modifiers:event`.
fn is_no_press(parameter: &str) -> bool {
    parameter.split(':').nth(1).is_some_and(|event| event != "1")
}

/// The keys held down with another one: one more than the sum of their bits.
fn modifiers(parameter: &str) -> KeyModifiers {
    let bits = first(parameter).saturating_sub(1);
    [
        (1, KeyModifiers::SHIFT),
        (2, KeyModifiers::ALT),
        (4, KeyModifiers::CONTROL),
        (8, KeyModifiers::SUPER),
        (16, KeyModifiers::HYPER),
        (32, KeyModifiers::META),
    ]
    .into_iter()
    .filter(|(bit, _)| bits & bit != 0)
    .map(|(_, modifier)| modifier)
    .collect()
}

fn arrow(last: u8) -> KeyCode {
    match last {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        _ => KeyCode::Home,
    }
}

fn tilde(number: u32) -> Option<KeyCode> {
    Some(match number {
        1 | 7 => KeyCode::Home,
        4 | 8 => KeyCode::End,
        3 => KeyCode::Delete,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        _ => return None,
    })
}

fn cursor(text: &str) -> Meaning {
    let numbers: Vec<Option<u16>> = text.split(';').map(|number| number.parse().ok()).collect();
    match numbers.as_slice() {
        // With the page as a third one where it was asked for with `?`.
        [Some(row), Some(column)] | [Some(row), Some(column), _] => {
            Meaning::Reply(Reply::CursorAt { row: *row, column: *column })
        }
        _ => Meaning::Nothing,
    }
}

/// A key in the protocol of kitty, which some program may have left switched on:
/// `code : shifted : on another layout ; modifiers : event ; text`.
fn kitty(text: &str, modifiers: KeyModifiers) -> Meaning {
    let mut codes =
        text.split(';').next().unwrap_or_default().split(':').map(|code| code.parse().unwrap_or(0));
    let code = codes.next().unwrap_or(0);
    let shifted = codes.next().filter(|code| *code != 0).unwrap_or(code);
    character(code, shifted, modifiers)
}

/// A key that is a character, or stands for one, by its number.
fn character(code: u32, shifted: u32, modifiers: KeyModifiers) -> Meaning {
    if modifiers
        .intersects(KeyModifiers::ALT | KeyModifiers::SUPER | KeyModifiers::HYPER | KeyModifiers::META)
    {
        return Meaning::Nothing;
    }
    let code = match code {
        9 if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        9 => KeyCode::Tab,
        // The second ones are the keypad's.
        13 | 57_414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        57_417 => KeyCode::Left,
        57_418 => KeyCode::Right,
        57_419 => KeyCode::Up,
        57_420 => KeyCode::Down,
        57_421 => KeyCode::PageUp,
        57_422 => KeyCode::PageDown,
        57_423 => KeyCode::Home,
        57_424 => KeyCode::End,
        57_426 => KeyCode::Delete,
        // Other keys that are no characters.
        57_344..=63_743 => return Meaning::Nothing,
        code => {
            let code = if modifiers.contains(KeyModifiers::SHIFT) { shifted } else { code };
            match char::from_u32(code).filter(|c| !c.is_control()) {
                Some(c) if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::Char(c.to_ascii_uppercase()),
                Some(c) => KeyCode::Char(c),
                None => return Meaning::Nothing,
            }
        }
    };
    key(code, modifiers)
}
