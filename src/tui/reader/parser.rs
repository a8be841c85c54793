//! What the bytes from a terminal mean: keys, pastes, answers. A state machine that takes them cut into any
//! pieces. What begins as a control sequence or a string is swallowed to its end, whatever it holds: none of
//! it is ever a key.
//!
//! It knows no clock. It says how long it would wait for more ([`Parser::patience`]), and is told when
//! nothing came for that long ([`Parser::tire`]).
//!
//! No library does this: crossterm's reader (0.29) takes strings for keys, and termina's (0.4) gives up on
//! what it does not know, so that the rest of it acts as keys; in both an unfinished sequence holds Ctrl-C
//! back. vte and anstyle-parse read what programs send to terminals: they know no Escape key, no `SS3`, no
//! paste, and can't say whether something is unfinished.

use super::held::Held;
use super::reply::Reply;
use super::sequence::{self, Meaning};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;
use std::time::Duration;

/// How long Escape waits for the rest of a sequence until it is the key.
const ESCAPE: Duration = Duration::from_millis(50);

/// How long what introduces a sequence waits after that Escape until it is a key: what comes in single bytes on a
/// slow line is further apart than a terminal would send it.
const INTRODUCED: Duration = Duration::from_millis(250);

/// How long after it was the key the rest of a torn sequence is still known as such: as long as a slow line
/// keeps it back.
const TORN: Duration = Duration::from_secs(1);

/// How long nothing may come in the middle of something until it counts as broken off.
const SILENCE: Duration = Duration::from_secs(1);

/// The same for a paste, which may be long and the line slow. Ctrl-C is heard after the shorter one.
const PASTE_SILENCE: Duration = Duration::from_secs(10);

/// The longest sequence or string that can be an answer; all of a longer one is swallowed.
const LONGEST_ANSWER: usize = 1024;

/// How much is kept of a paste: far more than any field takes, and fields say that they cut it.
const LONGEST_PASTE: usize = 1024 * 1024;

/// What ends a paste.
const PASTE_ENDS: &[u8] = b"\x1b[201~";

const CTRL_C: u8 = 0x03;
const BEL: u8 = 0x07;
const CAN: u8 = 0x18;
const SUB: u8 = 0x1a;
const ESC: u8 = 0x1b;

/// Something that was said.
#[derive(PartialEq, Eq)]
pub enum Said {
    /// A key.
    Key(KeyEvent),
    /// What was pasted, in brackets.
    Paste(String),
    /// An answer of the terminal.
    Reply(Reply),
}

impl fmt::Debug for Said {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            // A character may be one of a secret that was pasted without brackets.
            Self::Key(KeyEvent { code: KeyCode::Char(_), .. }) => f.write_str("Key(a character)"),
            Self::Key(key) => write!(f, "Key({:?})", key.code),
            Self::Paste(text) => write!(f, "Paste({} bytes)", text.len()),
            Self::Reply(reply) => write!(f, "{reply:?}"),
        }
    }
}

/// Reads bytes.
#[derive(Debug, Default)]
pub struct Parser {
    state: State,
    held: Held,
    start: Start,
    broken: Broken,
    doubt: Doubt,
    after_cr: bool,
    dropped: Dropped,
}

/// Whether something came that means nothing.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Dropped {
    /// No.
    #[default]
    Nothing,
    /// A sequence, a string, or bytes of which no character is made.
    Something,
}

/// What the bytes that came last are the beginning of.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing: the next byte begins something.
    #[default]
    Ground,
    /// A character of several bytes.
    Character,
    /// Escape, which may be the key or the beginning of more.
    Escape,
    /// Escape, which was taken for the key, but what follows may show that it was not.
    Torn,
    /// After that, what introduces a sequence or a string; but it is a key as well, if nothing follows.
    Introduced(u8),
    /// A control sequence.
    Csi,
    /// Two bytes of a function key of the Linux console.
    Console,
    /// A key of the keypad.
    Ss3,
    /// A report of the mouse, in the old form: so many bytes follow.
    Mouse(u8),
    /// A string.
    Text(Kind),
    /// An Escape in a string: its end, if a backslash follows, or nothing, or what begins another one.
    TextEscape(Kind),
    /// What is pasted; so much of what ends it came last.
    Paste(usize),
}

/// What strings there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// An operating system command: BEL ends it as well.
    Osc,
    /// A device control string, an application's, a privacy message, or one of no kind.
    Other,
}

/// Where a sequence started.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Start {
    /// With its Escape.
    #[default]
    Whole,
    /// After an Escape that was taken for the key: that was one key too many, so it is not another one.
    Torn,
}

/// Whether something unfinished has been silent.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Broken {
    /// No.
    #[default]
    No,
    /// No, and what came last of a paste was Ctrl-C by itself: a key, if nothing follows.
    Interrupted,
    /// A paste has, for a moment: it goes on as if nothing had been, but Ctrl-C is a key again.
    Paused,
    /// It has: what comes next is still taken for its rest.
    Silent,
    /// More came then, and it is unfinished still: after another silence it is given up.
    Resumed,
}

/// Whether what comes may be the rest of something that was given up.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
enum Doubt {
    #[default]
    None,
    /// It may, and nothing has come yet.
    Waiting,
    /// It may, until nothing comes for a while.
    Coming,
}

impl Parser {
    /// Takes what one read gave; `say` gets what was said.
    pub fn feed(&mut self, bytes: &[u8], mut say: impl FnMut(Said)) {
        if self.doubt == Doubt::Waiting {
            self.doubt = Doubt::Coming;
        }
        for byte in bytes {
            self.take(*byte, &mut say);
        }
        if self.is_unfinished() {
            if self.is_interrupted_by(bytes) {
                say(ctrl('c'));
            }
            self.broken = match self.broken {
                Broken::Silent => Broken::Resumed,
                Broken::No if matches!(self.state, State::Paste(_)) && is_only_ctrl_c(bytes) => {
                    Broken::Interrupted
                }
                Broken::Interrupted | Broken::Paused if !is_only_ctrl_c(bytes) => Broken::No,
                as_before => as_before,
            };
        }
    }

    /// Whether somebody pressed Ctrl-C in the middle of something. At the end of what came it is that; within,
    /// it is part of a string. A paste is read in pieces that end anywhere, and holds what it holds: there it
    /// must come by itself, before a pause or after one.
    fn is_interrupted_by(&self, bytes: &[u8]) -> bool {
        match self.state {
            State::Paste(_) => {
                !matches!(self.broken, Broken::No | Broken::Interrupted) && is_only_ctrl_c(bytes)
            }
            State::Ground
            | State::Character
            | State::Escape
            | State::Torn
            | State::Introduced(_)
            | State::Csi
            | State::Console
            | State::Ss3
            | State::Mouse(_)
            | State::Text(_)
            | State::TextEscape(_) => bytes.last() == Some(&CTRL_C),
        }
    }

    /// How long to wait for more before [`Self::tire`]. Nothing: for ever.
    pub fn patience(&self) -> Option<Duration> {
        match self.state {
            State::Ground | State::Character => (self.doubt == Doubt::Coming).then_some(SILENCE),
            State::Escape | State::TextEscape(_) => Some(ESCAPE),
            State::Introduced(_) => Some(INTRODUCED),
            State::Torn => Some(TORN),
            State::Csi | State::Console | State::Ss3 | State::Mouse(_) | State::Text(_) => {
                (self.broken != Broken::Silent).then_some(SILENCE)
            }
            State::Paste(_) => match self.broken {
                Broken::No | Broken::Interrupted => Some(SILENCE),
                Broken::Paused | Broken::Resumed => Some(PASTE_SILENCE),
                Broken::Silent => None,
            },
        }
    }

    /// Nothing came for as long as it wanted to wait.
    ///
    /// Something unfinished outlives one silence, so that what comes late does not act as keys: at worst
    /// the next thing somebody types is lost. If even then it does not end, it is given up after a second
    /// one, and what comes next is told as doubtful ([`Self::is_doubtful`]).
    pub fn tire(&mut self, mut say: impl FnMut(Said)) {
        match self.state {
            State::Ground | State::Character => self.doubt = Doubt::None,
            State::Escape => {
                say(plain(KeyCode::Esc));
                self.state = State::Torn;
            }
            State::TextEscape(kind) => {
                self.end_text(kind, &mut say);
                self.state = State::Torn;
            }
            State::Torn => self.finish(),
            State::Introduced(first) => {
                self.finish();
                self.ground(first, &mut say);
            }
            State::Paste(_) if matches!(self.broken, Broken::No | Broken::Interrupted) => {
                if std::mem::replace(&mut self.broken, Broken::Paused) == Broken::Interrupted {
                    say(ctrl('c'));
                }
            }
            State::Csi | State::Console | State::Ss3 | State::Mouse(_) | State::Text(_) | State::Paste(_) => {
                match self.broken {
                    Broken::No | Broken::Interrupted | Broken::Paused | Broken::Silent => {
                        self.broken = Broken::Silent;
                    }
                    Broken::Resumed => {
                        self.finish();
                        self.doubt = Doubt::Waiting;
                    }
                }
            }
        }
    }

    /// Whether keys that came last may be the rest of something that was given up, and so nobody's.
    pub fn is_doubtful(&self) -> bool {
        self.doubt != Doubt::None
    }

    /// Whether something was dropped since the last time that this was asked: a key beside it did not come by
    /// itself.
    pub fn take_dropped(&mut self) -> Dropped {
        std::mem::take(&mut self.dropped)
    }

    /// Whether nothing is begun: what came last of a read is whole.
    pub fn is_between(&self) -> bool {
        matches!(self.state, State::Ground | State::Torn)
    }

    fn drop_it(&mut self) {
        self.finish();
        self.dropped = Dropped::Something;
    }

    /// Whether more is to come of something that is no key.
    fn is_unfinished(&self) -> bool {
        match self.state {
            State::Ground | State::Character | State::Escape | State::Torn | State::Introduced(_) => false,
            State::Csi
            | State::Console
            | State::Ss3
            | State::Mouse(_)
            | State::Text(_)
            | State::TextEscape(_)
            | State::Paste(_) => true,
        }
    }

    fn finish(&mut self) {
        self.state = State::Ground;
        self.start = Start::Whole;
        self.broken = Broken::No;
        self.held.wipe();
    }

    fn begin(&mut self, state: State) {
        self.finish();
        self.state = state;
    }

    fn take(&mut self, byte: u8, say: &mut impl FnMut(Said)) {
        match self.state {
            State::Ground => self.ground(byte, say),
            State::Character => self.character(byte, say),
            State::Escape => self.escape(byte, say),
            State::Torn => self.torn(byte, say),
            State::Introduced(first) => self.introduced(first, byte, say),
            State::Csi => self.csi(byte, say),
            State::Console | State::Mouse(_) if byte == ESC => self.begin(State::Escape),
            State::Console => self.drop_it(),
            State::Ss3 => match byte {
                ESC => self.begin(State::Escape),
                b'0'..=b'9' | b';' => self.held.push(byte, LONGEST_ANSWER),
                b'@'..=b'~' => {
                    let meaning = sequence::ss3(self.held.as_slice(), byte);
                    self.tell(meaning, say);
                }
                _ => {
                    self.drop_it();
                    self.ground(byte, say);
                }
            },
            State::Mouse(left) => match left {
                0 | 1 => self.drop_it(),
                left => self.state = State::Mouse(left - 1),
            },
            State::Text(kind) => self.text(kind, byte, say),
            State::TextEscape(kind) => self.text_escape(kind, byte, say),
            State::Paste(matched) => self.paste(matched, byte, say),
        }
    }

    fn ground(&mut self, byte: u8, say: &mut impl FnMut(Said)) {
        let after_cr = std::mem::replace(&mut self.after_cr, byte == b'\r');
        match byte {
            ESC => self.begin(State::Escape),
            // One key of a terminal in newline mode.
            b'\n' if after_cr => {}
            b'\r' | b'\n' => say(plain(KeyCode::Enter)),
            b'\t' => say(plain(KeyCode::Tab)),
            0x08 | 0x7f => say(plain(KeyCode::Backspace)),
            0x00 => say(ctrl(' ')),
            0x01..=0x1a => say(ctrl(char::from(byte - 1 + b'a'))),
            0x1c..=0x1f => say(ctrl(char::from(byte + b'@'))),
            b' '..=b'~' => say(plain(KeyCode::Char(char::from(byte)))),
            0x9b => self.begin(State::Csi),
            0x9d => self.begin(State::Text(Kind::Osc)),
            0x90 | 0x98 | 0x9e | 0x9f => self.begin(State::Text(Kind::Other)),
            0xc2..=0xf4 => {
                self.begin(State::Character);
                self.held.push(byte, 4);
            }
            // No byte that a character begins with.
            0x80..=0xff => self.drop_it(),
        }
    }

    fn character(&mut self, byte: u8, say: &mut impl FnMut(Said)) {
        if byte & 0xc0 != 0x80 {
            // The one before was never finished.
            self.drop_it();
            return self.ground(byte, say);
        }
        self.held.push(byte, 4);
        match std::str::from_utf8(self.held.as_slice()).map(|text| text.chars().next()) {
            Ok(Some(c)) => {
                self.finish();
                match c {
                    '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => self.begin(State::Text(Kind::Other)),
                    '\u{9b}' => self.begin(State::Csi),
                    '\u{9d}' => self.begin(State::Text(Kind::Osc)),
                    c if c.is_control() => self.drop_it(),
                    c => say(plain(KeyCode::Char(c))),
                }
            }
            Err(error) if error.error_len().is_none() => {}
            Ok(None) | Err(_) => self.drop_it(),
        }
    }

    fn escape(&mut self, byte: u8, say: &mut impl FnMut(Said)) {
        match byte {
            ESC => say(plain(KeyCode::Esc)),
            // Alt-Backspace deletes a word, here as elsewhere.
            0x08 | 0x7f => {
                self.finish();
                say(Said::Key(KeyEvent::new(KeyCode::Backspace, KeyModifiers::ALT)));
            }
            _ if self.introduces(byte) => {}
            _ => {
                // Escape and then a key, which tmux sends as one when they are pressed within 500 ms. No
                // key is bound to anything with Alt, so that nothing is lost.
                self.finish();
                say(plain(KeyCode::Esc));
                self.ground(byte, say);
            }
        }
    }

    /// After an Escape that was taken for the key: by somebody who pressed it, or cut off from what follows.
    fn torn(&mut self, byte: u8, say: &mut impl FnMut(Said)) {
        match byte {
            b'[' | b'O' | b']' | b'P' | b'X' | b'^' | b'_' => self.state = State::Introduced(byte),
            // Another Escape, or the end of a string, which no key is like.
            _ if self.introduces(byte) => {}
            _ => {
                self.finish();
                self.ground(byte, say);
            }
        }
    }

    /// Nobody presses Escape, a key that introduces something, and another one so soon after it; and if so,
    /// that is lost, which harms less than an answer that acts as keys.
    fn introduced(&mut self, first: u8, byte: u8, say: &mut impl FnMut(Said)) {
        self.finish();
        let goes_on = match first {
            b'[' => matches!(byte, b' '..=b'~'),
            b'O' => matches!(byte, b'0'..=b'9' | b';' | b'@'..=b'~'),
            _ => matches!(byte, b' '..=b'~' | 0x80..=0xff | ESC),
        };
        if goes_on && self.introduces(first) {
            self.start = Start::Torn;
            self.take(byte, say);
        } else {
            self.ground(first, say);
            self.ground(byte, say);
        }
    }

    /// Begins what a byte after Escape introduces, if it does.
    fn introduces(&mut self, byte: u8) -> bool {
        match byte {
            b'[' => self.begin(State::Csi),
            b'O' => self.begin(State::Ss3),
            b']' => self.begin(State::Text(Kind::Osc)),
            b'P' | b'X' | b'^' | b'_' => self.begin(State::Text(Kind::Other)),
            // The end of a string of which the beginning was lost.
            b'\\' => self.drop_it(),
            ESC => self.begin(State::Escape),
            _ => return false,
        }
        true
    }

    fn csi(&mut self, byte: u8, say: &mut impl FnMut(Said)) {
        match byte {
            ESC => self.begin(State::Escape),
            b'[' if self.held.as_slice().is_empty() => self.state = State::Console,
            b'M' if self.held.as_slice().is_empty() => self.begin(State::Mouse(3)),
            // With Shift in rxvt: `$` is no last byte elsewhere, but then `;` or `?` came before it.
            b'$' if is_number(self.held.as_slice()) => self.drop_it(),
            b'@'..=b'~' => {
                let meaning = if self.held.is_whole() {
                    sequence::csi(self.held.as_slice(), byte)
                } else {
                    Meaning::Nothing
                };
                self.tell(meaning, say);
            }
            _ => self.held.push(byte, LONGEST_ANSWER),
        }
    }

    /// A sequence is finished.
    fn tell(&mut self, meaning: Meaning, say: &mut impl FnMut(Said)) {
        let start = self.start;
        self.finish();
        match meaning {
            Meaning::Key(_) if start == Start::Torn => self.drop_it(),
            Meaning::Key(key) => say(Said::Key(key)),
            Meaning::Reply(reply) => say(Said::Reply(reply)),
            Meaning::PasteBegins => self.begin(State::Paste(0)),
            Meaning::Nothing => self.drop_it(),
        }
    }

    fn paste(&mut self, matched: usize, byte: u8, say: &mut impl FnMut(Said)) {
        self.held.push(byte, LONGEST_PASTE + PASTE_ENDS.len());
        let matched =
            if PASTE_ENDS.get(matched) == Some(&byte) { matched + 1 } else { usize::from(byte == ESC) };
        self.state = State::Paste(matched);
        if matched == PASTE_ENDS.len() {
            let kept = self.held.as_slice();
            let end = if self.held.is_whole() { kept.len() - matched } else { LONGEST_PASTE };
            let text = in_utf_8(&kept[..end]);
            self.finish();
            say(Said::Paste(text));
        }
    }

    fn text(&mut self, kind: Kind, byte: u8, say: &mut impl FnMut(Said)) {
        match byte {
            ESC => self.state = State::TextEscape(kind),
            BEL if kind == Kind::Osc => self.end_text(kind, say),
            _ => self.held.push(byte, LONGEST_ANSWER),
        }
    }

    /// urxvt ends its answers with a bare Escape if it was asked with `ESC \`: a pause tells that, or what
    /// begins next with an Escape of its own. Anything else is in the string, with the Escape before it: taken
    /// for a key it would act, and all that follows too.
    fn text_escape(&mut self, kind: Kind, byte: u8, say: &mut impl FnMut(Said)) {
        match byte {
            b'\\' | CAN | SUB => self.end_text(kind, say),
            b'[' | b']' | b'P' | b'X' | b'^' | b'_' => {
                self.end_text(kind, say);
                self.introduces(byte);
            }
            ESC => {}
            _ => {
                self.held.push(ESC, LONGEST_ANSWER);
                self.state = State::Text(kind);
                self.text(kind, byte, say);
            }
        }
    }

    fn end_text(&mut self, kind: Kind, say: &mut impl FnMut(Said)) {
        let reply = match kind {
            Kind::Osc if self.held.is_whole() => Reply::of_osc(self.held.as_slice()),
            Kind::Osc | Kind::Other => None,
        };
        self.drop_it();
        if let Some(reply) = reply {
            say(Said::Reply(reply));
        }
    }
}

/// These bytes as text, what is none replaced. Made as long as it gets: grown, it would leave what it held
/// before behind in memory.
fn in_utf_8(bytes: &[u8]) -> String {
    const NONE: char = char::REPLACEMENT_CHARACTER;
    let length = bytes.utf8_chunks().map(|chunk| chunk.valid().len() + NONE.len_utf8()).sum();
    let mut text = String::with_capacity(length);
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(NONE);
        }
    }
    text
}

fn is_only_ctrl_c(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == CTRL_C)
}

/// Whether this is one number.
fn is_number(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().all(u8::is_ascii_digit)
}

fn plain(code: KeyCode) -> Said {
    Said::Key(KeyEvent::new(code, KeyModifiers::NONE))
}

fn ctrl(c: char) -> Said {
    Said::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL))
}

#[cfg(test)]
mod tests;
