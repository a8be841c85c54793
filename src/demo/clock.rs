//! The demo cluster's clock: the machine's, or one that tests set. Two readings never give the same
//! instant, so that the order in which things were made can always be told. Here alone the cluster's
//! instants meet the program's.

use super::moment::Moment;
use jiff::{SignedDuration, Timestamp};

/// Where the demo cluster takes its time from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Time {
    /// The machine's clock.
    Real,
    /// The machine's clock and so much more; less than it, if that is negative.
    Ahead(SignedDuration),
    /// A clock that starts here, goes on by a microsecond a reading, and otherwise only when it is told.
    From(Timestamp),
}

/// A source of strictly increasing instants, precise to the microsecond as the server's database is.
#[derive(Debug)]
pub struct Clock {
    time: Time,
    last: Moment,
}

const STEP: SignedDuration = SignedDuration::from_micros(1);

impl Clock {
    pub fn new(time: Time) -> Self {
        let last = match time {
            Time::Real | Time::Ahead(_) => Moment::UNIX_EPOCH,
            Time::From(start) => start.into(),
        };
        Self { time, last }
    }

    /// An instant after every one given before.
    pub fn tick(&mut self) -> Moment {
        self.last = self.last.saturating_add(STEP).max(self.now());
        self.last
    }

    /// The time, for comparisons; gives no new instant.
    pub fn now(&self) -> Moment {
        match self.time {
            Time::Real => machine(),
            Time::Ahead(by) => machine().saturating_add(by),
            Time::From(_) => self.last,
        }
    }

    /// Moves a set clock on; the machine's clock is left alone.
    pub fn advance(&mut self, by: SignedDuration) {
        if let Time::From(_) = self.time {
            self.last = self.last.saturating_add(by);
        }
    }
}

/// What the machine's clock shows.
fn machine() -> Moment {
    #[expect(clippy::disallowed_methods, reason = "the demo cluster's one reading of the machine's clock")]
    let now = Timestamp::now();
    now.into()
}

/// The program's instants all lie within the database's reach.
impl From<Timestamp> for Moment {
    fn from(at: Timestamp) -> Self {
        Self::from_microsecond(at.as_microsecond())
    }
}
