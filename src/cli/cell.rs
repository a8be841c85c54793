//! What stands in a cell of CSV, by what kind of value it is; and the columns of CSV, which are fields of a record.

use crate::model::csv_list;
use crate::model::field::{Date, Field, Text};
use crate::model::ids::{AnyUuid, ContainerUuid, LinkUuid, TokenUuid, UserUuid, VmUuid};
use crate::ops::requests::Method;

/// A value that has a cell. There is no null: nothing is an empty one, and of what can't be read there are the words.
pub trait Cell {
    /// Its text.
    fn cell(&self) -> String;
}

macro_rules! as_they_are {
    ($($value:ty),+) => {
        $(impl Cell for $value {
            fn cell(&self) -> String {
                self.to_string()
            }
        })+
    };
}

as_they_are!(
    AnyUuid,
    ContainerUuid,
    LinkUuid,
    TokenUuid,
    UserUuid,
    VmUuid,
    Method,
    String,
    &str,
    bool,
    usize
);

impl Cell for Text {
    fn cell(&self) -> String {
        self.shown().into_owned()
    }
}

impl Cell for Date {
    fn cell(&self) -> String {
        match self {
            Self::Unreadable(what) => what.to_string(),
            Self::At(_) | Self::After9999(_) => self.to_string(),
        }
    }
}

impl<T: Cell> Cell for Field<T> {
    fn cell(&self) -> String {
        match self {
            Self::Is(value) => value.cell(),
            Self::Unreadable(what) => what.to_string(),
        }
    }
}

impl<T: Cell> Cell for Option<T> {
    fn cell(&self) -> String {
        self.as_ref().map(Cell::cell).unwrap_or_default()
    }
}

impl<T: Cell> Cell for Vec<T> {
    fn cell(&self) -> String {
        several(self.iter().map(Cell::cell))
    }
}

/// Several values in one cell of CSV: `;` between them, and quoted as CSV does where one has that in it.
pub fn several<T: AsRef<str>>(values: impl IntoIterator<Item = T>) -> String {
    csv_list::join(values, ";")
}

/// The columns of CSV, in order: fields of the record, or those of a part of it (`origin in made`).
macro_rules! columns {
    ($($field:ident $(in $part:ident)?),+ $(,)?) => {
        const FIELDS: &'static [&'static str] = &[$(stringify!($field)),+];

        fn fields(&self) -> Vec<String> {
            vec![$(crate::cli::cell::Cell::cell(&self$(.$part)?.$field)),+]
        }
    };
}
pub(super) use columns;
