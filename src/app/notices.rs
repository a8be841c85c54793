//! What the program says: one line at a time, and all of it kept for the messages list.

use crate::app::effect::TaskId;
use crate::ops::failure::{ErrorKind, Failure};
use jiff::Timestamp;
use std::collections::VecDeque;

/// How many messages are kept.
const KEPT: usize = 1_000;

/// Something the program said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// When.
    pub at: Timestamp,
    /// How much it matters.
    pub tone: Tone,
    /// What, in a line.
    pub text: String,
    /// What to do next, if anything.
    pub advice: Option<&'static str>,
    /// What the cluster's logs know the request by.
    pub request_id: Option<String>,
}

/// How much a message matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tone {
    /// Goes away by itself.
    Info,
    /// Something was done; goes away by itself.
    Success,
    /// Stays until dismissed.
    Warning,
    /// Stays until dismissed.
    Error,
}

/// All messages of the session, and the one that is shown.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Notices {
    all: VecDeque<Notice>,
    passing: Option<(TaskId, Notice)>,
    staying: Option<Notice>,
    /// Whether what stays is that something could not be read.
    about: About,
    token_refused: bool,
}

/// What the message that stays is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum About {
    /// Something that happened.
    #[default]
    Event,
    /// Something that could not be read: over when it could.
    Reading,
}

impl Notices {
    /// The message line.
    pub fn shown(&self) -> Option<&Notice> {
        self.passing.as_ref().map(|(_, notice)| notice).or(self.staying.as_ref())
    }

    /// All messages, newest first.
    pub fn all(&self) -> impl Iterator<Item = &Notice> {
        self.all.iter().rev()
    }

    /// Says something that goes away when `until` is over.
    pub(super) fn pass(&mut self, notice: Notice, until: TaskId) {
        self.keep(notice.clone());
        self.passing = Some((until, notice));
    }

    /// Says something that stays until it is dismissed.
    pub(super) fn stay(&mut self, notice: Notice) {
        self.keep(notice.clone());
        self.passing = None;
        self.staying = Some(notice);
        self.about = About::Event;
    }

    /// Says that something could not be read.
    pub(super) fn complain(&mut self, notice: Notice) {
        self.stay(notice);
        self.about = About::Reading;
    }

    /// What could not be read was read.
    pub(super) fn complaint_is_over(&mut self) {
        if self.about == About::Reading {
            self.staying = None;
        }
    }

    /// Whether this was said before.
    pub(super) fn was_said(&self, text: &str) -> bool {
        self.all.iter().any(|notice| notice.text == text)
    }

    /// Keeps something among the messages that is shown elsewhere.
    pub(super) fn note(&mut self, notice: Notice) {
        self.keep(notice);
    }

    /// Whether this failure should be said: a refused token is said once, not for every read under way.
    pub(super) fn is_news(&mut self, failure: &Failure) -> bool {
        if failure.kind == ErrorKind::NotAuthorised {
            return !std::mem::replace(&mut self.token_refused, true);
        }
        true
    }

    /// The server takes the token (again).
    pub(super) fn token_accepted(&mut self) {
        self.token_refused = false;
    }

    /// A wake-up came: takes the message away that was to go then.
    pub(super) fn woken(&mut self, task: TaskId) -> bool {
        let mine = self.passing.as_ref().is_some_and(|(until, _)| *until == task);
        if mine {
            self.passing = None;
        }
        mine
    }

    /// Takes this message away, if it is shown.
    pub(super) fn withdraw(&mut self, text: &str) {
        if self.passing.as_ref().is_some_and(|(_, notice)| notice.text == text) {
            self.passing = None;
        }
        if self.staying.as_ref().is_some_and(|notice| notice.text == text) {
            self.staying = None;
        }
    }

    /// Takes the shown message away; whether there was one that would have stayed.
    pub(super) fn dismiss(&mut self) -> bool {
        self.passing = None;
        self.staying.take().is_some()
    }

    fn keep(&mut self, notice: Notice) {
        if self.all.len() == KEPT {
            self.all.pop_front();
        }
        self.all.push_back(notice);
    }
}
