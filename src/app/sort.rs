//! What the list of users is sorted by.

use crate::model::field::Stamp;
use crate::model::ids::ClusterId;
use crate::model::user::User;
use crate::model::user_filter::SearchText;
use jiff::Timestamp;
use std::cmp::Ordering;

/// What the list of users is sorted by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SortKey {
    /// Full name.
    Name,
    /// E-mail.
    Email,
    /// Username.
    Username,
    /// Active, set up, inactive.
    Status,
    /// When the account was made.
    Created,
    /// When the record changed last.
    Modified,
    /// The cluster it belongs to, this one first.
    Home,
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Direction {
    /// The smallest, the oldest.
    Ascending,
    /// The largest, the newest.
    Descending,
}

/// An order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sort {
    /// By what.
    pub key: SortKey,
    /// Which end first.
    pub direction: Direction,
}

impl SortKey {
    /// All there are, as they are offered.
    pub const ALL: [Self; 7] =
        [Self::Name, Self::Email, Self::Username, Self::Status, Self::Created, Self::Modified, Self::Home];

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "e-mail",
            Self::Username => "username",
            Self::Status => "status",
            Self::Created => "created",
            Self::Modified => "modified",
            Self::Home => "home cluster",
        }
    }
}

impl Default for Sort {
    fn default() -> Self {
        Self { key: SortKey::Name, direction: Direction::Ascending }
    }
}

impl Sort {
    /// By this key, from the end that is asked for first: the newest of dates, else the smallest.
    pub fn by(key: SortKey) -> Self {
        let direction = match key {
            SortKey::Created | SortKey::Modified => Direction::Descending,
            SortKey::Name | SortKey::Email | SortKey::Username | SortKey::Status | SortKey::Home => {
                Direction::Ascending
            }
        };
        Self { key, direction }
    }

    /// The other way around.
    pub fn reversed(self) -> Self {
        let direction = match self.direction {
            Direction::Ascending => Direction::Descending,
            Direction::Descending => Direction::Ascending,
        };
        Self { direction, ..self }
    }

    /// Which of two users comes first; what is missing comes last either way. Equals are in the order of
    /// their names, then of their UUIDs, so that there is only one order.
    pub(super) fn compare(
        self,
        a: (&User, &SearchText),
        b: (&User, &SearchText),
        here: ClusterId,
    ) -> Ordering {
        let key = match self.key {
            SortKey::Name => self.texts(a.1.name(), b.1.name()),
            SortKey::Email => self.texts(a.1.email(), b.1.email()),
            SortKey::Username => self.texts(a.1.username(), b.1.username()),
            SortKey::Status => self.turn(a.0.status.cmp(&b.0.status)),
            SortKey::Created => self.options(point(a.0.created_at.as_ref()), point(b.0.created_at.as_ref())),
            SortKey::Modified => {
                self.options(point(a.0.modified_at.as_ref()), point(b.0.modified_at.as_ref()))
            }
            SortKey::Home => self.turn(a.0.foreign_home(here).cmp(&b.0.foreign_home(here))),
        };
        let by_name = || Self::default().texts(a.1.name(), b.1.name());
        key.then_with(by_name).then_with(|| a.0.uuid.cmp(&b.0.uuid))
    }

    /// A number by which most users can be told apart without looking at their texts: of two different ones
    /// the smaller comes first in [`Self::compare`]; equal ones say nothing.
    pub(super) fn rank(self, (user, text): (&User, &SearchText), here: ClusterId) -> u128 {
        let given = match self.key {
            SortKey::Name => start_of(text.name()),
            SortKey::Email => start_of(text.email()),
            SortKey::Username => start_of(text.username()),
            SortKey::Status => Some(user.status as u128),
            SortKey::Home => Some(user.foreign_home(here).map_or(0, |home| prefix(home.as_str()))),
            SortKey::Created => point(user.created_at.as_ref()).map(number),
            SortKey::Modified => point(user.modified_at.as_ref()).map(number),
        };
        match (given, self.direction) {
            (Some(rank), Direction::Ascending) => rank,
            (Some(rank), Direction::Descending) => (u128::MAX - 1).saturating_sub(rank),
            // What is missing comes last either way.
            (None, _) => u128::MAX,
        }
    }

    fn turn(self, order: Ordering) -> Ordering {
        match self.direction {
            Direction::Ascending => order,
            Direction::Descending => order.reverse(),
        }
    }

    fn texts(self, a: &str, b: &str) -> Ordering {
        self.options(Some(a).filter(|t| !t.is_empty()), Some(b).filter(|t| !t.is_empty()))
    }

    fn options<T: Ord>(self, a: Option<T>, b: Option<T>) -> Ordering {
        match (a, b) {
            (Some(a), Some(b)) => self.turn(a.cmp(&b)),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => Ordering::Equal,
        }
    }
}

/// The rank of a text, if there is any.
fn start_of(text: &str) -> Option<u128> {
    (!text.is_empty()).then(|| prefix(text))
}

/// The first sixteen bytes of a text, as a number that orders as they do.
fn prefix(text: &str) -> u128 {
    let mut bytes = [0; 16];
    for (byte, of_text) in bytes.iter_mut().zip(text.bytes()) {
        *byte = of_text;
    }
    u128::from_be_bytes(bytes)
}

/// The point in time that a date is. One that is none, or after 9999, comes last either way, as if it were missing:
/// nobody gets to the top of a list by a date that nobody can have.
fn point(date: Option<&Stamp>) -> Option<Timestamp> {
    date?.date().at()
}

/// The rank of a point in time.
fn number(at: Timestamp) -> u128 {
    u128::try_from(at.as_nanosecond().saturating_sub(Timestamp::MIN.as_nanosecond())).unwrap_or(0)
}
