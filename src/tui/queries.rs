//! What the terminal is asked, and what it answered. Questions go out between frames, and nothing waits for
//! an answer: what is not answered in time is not known.

use super::reader::reply::{Reply, Rgb};
use super::terminal::Owed;
use futures::future::BoxFuture;
use std::fmt;
use std::io::{self, Write};

/// Something a terminal can be asked. Ask [`Query::DeviceAttributes`] last: when that is answered, what is
/// not answered will not be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Query {
    /// What kind of terminal it is (DA1): whether it answers at all.
    DeviceAttributes,
    /// Where the cursor stands.
    Cursor,
    /// The colour of text.
    Foreground,
    /// The colour behind it.
    Background,
}

impl Query {
    /// What is sent. Strings end with BEL: to the other end urxvt answers with half of it.
    fn sequence(self) -> &'static str {
        match self {
            Self::DeviceAttributes => "\x1b[c",
            Self::Cursor => "\x1b[6n",
            Self::Foreground => "\x1b]10;?\x07",
            Self::Background => "\x1b]11;?\x07",
        }
    }
}

/// What was answered.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Answers {
    /// Whether it answered [`Query::DeviceAttributes`].
    pub attributes: bool,
    /// Where the cursor stood, once for each time it was asked: row and column from 1.
    pub cursor: Vec<(u16, u16)>,
    /// The colour of text.
    pub foreground: Option<Rgb>,
    /// The colour behind it.
    pub background: Option<Rgb>,
}

/// What is being asked.
#[derive(Default)]
pub struct Interview {
    answers: Answers,
    waits: Waits,
}

/// What is waited for, and how long.
#[derive(Default)]
enum Waits {
    /// For nothing.
    #[default]
    No,
    /// For whether the terminal answers at all. Nothing hangs on it; but while it may come, it must not come
    /// to somebody else.
    Greeted(BoxFuture<'static, ()>),
    /// For answers, of which that is the last.
    Asked(BoxFuture<'static, ()>),
}

impl fmt::Debug for Interview {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interview").field("answers", &self.answers).finish_non_exhaustive()
    }
}

impl Interview {
    /// Asks. What comes before `until` is an answer.
    pub fn ask(
        &mut self,
        queries: &[Query],
        out: &mut impl Write,
        until: BoxFuture<'static, ()>,
    ) -> io::Result<()> {
        for query in queries {
            out.write_all(query.sequence().as_bytes())?;
        }
        out.flush()?;
        self.waits = Waits::Asked(until);
        Ok(())
    }

    /// Asks whether it answers at all. That answer counts whenever it comes.
    pub fn greet(&mut self, out: &mut impl Write, until: BoxFuture<'static, ()>) -> io::Result<()> {
        out.write_all(Query::DeviceAttributes.sequence().as_bytes())?;
        out.flush()?;
        self.waits = Waits::Greeted(until);
        Ok(())
    }

    /// Takes an answer. One that nobody waits for means nothing, but that there is somebody who answers.
    pub fn hears(&mut self, reply: Reply) {
        match (reply, &self.waits) {
            (Reply::DeviceAttributes, _) => {
                self.answers.attributes = true;
                self.waits = Waits::No;
            }
            (_, Waits::No | Waits::Greeted(_)) => {}
            (Reply::CursorAt { row, column }, Waits::Asked(_)) => self.answers.cursor.push((row, column)),
            (Reply::Foreground(colour), Waits::Asked(_)) => self.answers.foreground = Some(colour),
            (Reply::Background(colour), Waits::Asked(_)) => self.answers.background = Some(colour),
        }
    }

    /// Ends when answers are overdue.
    pub async fn overdue(&mut self) {
        match &mut self.waits {
            Waits::Greeted(until) | Waits::Asked(until) => until.await,
            Waits::No => std::future::pending().await,
        }
    }

    /// What was not answered by now is not waited for.
    pub fn is_over(&mut self) {
        self.waits = Waits::No;
    }

    /// What the terminal may still answer.
    pub fn owed(&self) -> Owed {
        match self.waits {
            Waits::No => Owed::Nothing,
            Waits::Greeted(_) | Waits::Asked(_) => Owed::Answers,
        }
    }

    /// What was answered so far.
    pub fn answers(&self) -> &Answers {
        &self.answers
    }
}
