//! Keys that came in one piece. Where a terminal does not bracket what is pasted, as Arvados' web shell does
//! not, a paste comes so, line ends as Enter; and so does what somebody types on a slow line. Nothing tells
//! them apart. So such keys, if a character or a line end is among them, may move, filter, open and type
//! text, but not answer, change, mark, copy, write or leave anything. The first key that would do more is
//! ignored with all that follow it: what comes after a key that did nothing was meant for another place. It
//! is said, and pressing it again does it.

use super::keymap::Key;
use crate::app::action::{Action, InOnePiece};
use crate::app::context::Context;
use crate::app::message::Message;
use crate::app::state::State;
use crossterm::event::KeyEvent;
use jiff::{SignedDuration, Timestamp};

/// From so many on it is a paste, and longer than one read may be.
const LONG: usize = 64;

/// How long the pieces of a long paste may be apart.
const APART: SignedDuration = SignedDuration::from_millis(300);

/// What may still come of a long paste.
#[derive(Debug, Default)]
pub struct Pasting {
    last: Option<(Timestamp, Rest)>,
}

/// What becomes of the rest of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Rest {
    /// It is keys in one piece with the others.
    Taken,
    /// It is ignored.
    Ignored,
}

/// How keys came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Came {
    /// One, and nothing else.
    Alone,
    /// In one piece, or as what may be the rest of something else.
    Together,
}

/// How a piece is to be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// As keys that somebody pressed.
    Pressed,
    /// As keys in one piece.
    Burst,
    /// Not at all.
    Ignored,
}

impl Pasting {
    /// How to take these keys.
    pub fn piece(&self, keys: &[KeyEvent], came: Came, now: Timestamp) -> Piece {
        // Nobody pastes this; but somebody may press Ctrl-C twice, which is heard whatever else comes.
        if !keys.iter().any(is_text) {
            return Piece::Pressed;
        }
        match (self.last, came) {
            (Some((last, rest)), _) if now.duration_since(last) <= APART => match rest {
                Rest::Taken => Piece::Burst,
                Rest::Ignored => Piece::Ignored,
            },
            (_, Came::Alone) => Piece::Pressed,
            (_, Came::Together) => Piece::Burst,
        }
    }

    /// These keys were taken so; `stopped` tells whether the end of them was ignored.
    pub fn took(&mut self, piece: Piece, keys: usize, stopped: Stopped, now: Timestamp) {
        let rest = match (piece, stopped) {
            (Piece::Pressed, _) => return,
            (Piece::Burst, Stopped::No) => Rest::Taken,
            (Piece::Burst, Stopped::Yes) | (Piece::Ignored, _) => Rest::Ignored,
        };
        let goes_on = self.last.is_some_and(|(last, _)| now.duration_since(last) <= APART);
        self.last = (goes_on || keys >= LONG).then_some((now, rest));
    }
}

/// Whether the end of a piece was ignored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// No.
    No,
    /// Yes.
    Yes,
}

/// Whether a key may be part of a text.
fn is_text(key: &KeyEvent) -> bool {
    match Key::of(key) {
        Some(Key::Char(_) | Key::Enter | Key::Tab) | None => true,
        Some(
            Key::Ctrl(_)
            | Key::Up
            | Key::Down
            | Key::Left
            | Key::Right
            | Key::Home
            | Key::End
            | Key::PageUp
            | Key::PageDown
            | Key::Esc
            | Key::BackTab
            | Key::Backspace
            | Key::Delete,
        ) => false,
    }
}

/// Whether a key that did not come alone may do what it would do.
pub fn may(state: &State, key: &KeyEvent, message: &Message) -> bool {
    match message {
        Message::Action(action) => may_act(state, Key::of(key), *action),
        Message::Edit(_)
        | Message::Ignored(_)
        | Message::Resized
        | Message::Woken(_)
        | Message::Answered { .. }
        | Message::Progress { .. }
        | Message::Listened { .. }
        | Message::Applied { .. }
        | Message::TaskFailed { .. }
        | Message::Told(_)
        | Message::Terminate => true,
    }
}

fn may_act(state: &State, key: Option<Key>, action: Action) -> bool {
    let context = state.context();
    match action.in_one_piece() {
        InOnePiece::Free => true,
        InOnePiece::Asks => !is_question(context),
        InOnePiece::Chooses => match context {
            Context::Palette | Context::Choice => {
                let chosen = state.overlays.last().and_then(crate::app::overlay::Overlay::chosen);
                chosen.is_none_or(|action| may_be_chosen(state, action))
            }
            Context::Form | Context::FindToken | Context::NewToken => false,
            context => !is_question(context),
        },
        InOnePiece::Leaves => may_go_back(state, key),
        InOnePiece::Never => false,
    }
}

/// Whether what is chosen from a list may be.
fn may_be_chosen(state: &State, action: Action) -> bool {
    !matches!(action, Action::Open | Action::Submit | Action::Back) && may_act(state, None, action)
}

/// Escape is pressed by somebody, together with another key within the half second for which tmux waits.
/// Other keys may be letters of a text: they close what they may open, and no more.
fn may_go_back(state: &State, key: Option<Key>) -> bool {
    let escape = key == Some(Key::Esc);
    match state.context() {
        // Its secret would be lost.
        Context::NewToken => false,
        Context::Always
        | Context::Panes
        | Context::Rows
        | Context::Records
        | Context::Start
        | Context::Users
        | Context::Tokens
        | Context::Logins => {
            escape || (state.world.users.marks().is_empty() && state.world.details.marked() == 0)
        }
        Context::Question | Context::TypedQuestion | Context::Form | Context::Report | Context::Working => {
            escape
        }
        Context::Filter
        | Context::Palette
        | Context::Choice
        | Context::Reading
        | Context::VmLogins
        | Context::FindToken
        | Context::FoundToken => true,
    }
}

/// Whether something is asked.
pub fn is_question(context: Context) -> bool {
    matches!(context, Context::Question | Context::TypedQuestion)
}
