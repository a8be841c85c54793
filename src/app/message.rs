//! Everything that may change the state.

use crate::app::action::Action;
use crate::app::effect::TaskId;
use crate::ops::failure::Failure;
use crate::ops::read::Outcome;
use crate::ops::report::{ApplyReport, Progress};
use jiff::Timestamp;
use std::fmt;
use zeroize::Zeroize;

/// Something that may change the state.
#[derive(Debug, PartialEq, Eq)]
pub enum Message {
    /// The user wants something.
    Action(Action),
    /// The user types.
    Edit(Edit),
    /// Something did nothing, which is worth a word.
    Ignored(Ignored),
    /// The size of the terminal changed; the new one is in the context.
    Resized,
    /// A wake-up that was asked for.
    Woken(TaskId),
    /// A read is answered.
    Answered {
        /// Which.
        task: TaskId,
        /// By what.
        outcome: Result<Outcome, Failure>,
    },
    /// One more item of a change is finished.
    Progress {
        /// Of which.
        task: TaskId,
        /// Which.
        progress: Progress,
    },
    /// When the server answered a change last: what was listened for.
    Listened {
        /// Of which.
        task: TaskId,
        /// When, by the clock here; when it was begun, if there was no answer yet.
        last: Timestamp,
    },
    /// A change is over.
    Applied {
        /// Which.
        task: TaskId,
        /// What became of it.
        report: Box<ApplyReport>,
    },
    /// A task ended without an answer: a fault of the program. What it was for is unknown now.
    TaskFailed {
        /// Which.
        task: TaskId,
        /// What is known of it.
        reason: String,
    },
    /// A copy went to the terminal, a file was written, or not.
    Told(Told),
    /// The system wants the program to end (SIGTERM, SIGHUP).
    Terminate,
}

/// What did nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ignored {
    /// What was pasted where nothing is typed.
    Paste,
    /// The rest of keys that came in one piece, from the first on that might do more than such keys may.
    Keys,
}

impl Ignored {
    /// What is said of it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Paste => "nothing here takes text: what was pasted was ignored",
            Self::Keys => "keys in one piece may be a paste, so the rest was ignored: press it again",
        }
    }
}

/// What became of an effect that is no task.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// The terminal was asked to copy the text; whether it did can't be known.
    Copied {
        /// What it is.
        what: &'static str,
        /// Who was asked.
        via: Via,
        /// The key that shows it alone, if one is bound where the keyboard is.
        again: Option<String>,
    },
    /// It could not be.
    NotCopied {
        /// Why.
        why: String,
        /// The key that shows it alone, if one is bound where the keyboard is.
        again: Option<String>,
    },
    /// A file was written here.
    Exported(String),
    /// It could not be.
    NotExported(String),
}

/// Whose clipboard is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Via {
    /// The terminal's.
    Terminal,
    /// tmux's, which hands it on only if it is set to.
    Tmux,
}

/// What was pasted. It may be a secret, whatever it was pasted into: never printed, and zeroed when it is
/// done with.
#[derive(Clone, PartialEq, Eq)]
pub struct Pasted(String);

impl Pasted {
    /// What it is.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Pasted {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl fmt::Debug for Pasted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pasted")
    }
}

impl Drop for Pasted {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

/// Typing in a text field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// A character.
    Insert(char),
    /// Pasted text. It never submits, and outside a field it does nothing.
    Paste(Pasted),
    /// Delete before the cursor.
    Backspace,
    /// Delete after the cursor.
    Delete,
    /// Delete the word before the cursor.
    DeleteWord,
    /// Delete all before the cursor.
    DeleteLine,
    /// Cursor one left.
    Left,
    /// Cursor one right.
    Right,
    /// Cursor to the start.
    Home,
    /// Cursor to the end.
    End,
}
