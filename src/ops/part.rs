//! One part of several that are shown together, and can be had or not each by itself.

use crate::arvados::error::Error;

/// One part of several that are shown together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part<T> {
    /// It was had.
    Is(T),
    /// It could not be had: who said what. That is not the same as that nothing is there.
    NotKnown(String),
}

impl<T> Part<T> {
    /// What came of asking for it; an error if that stands in the way of all else, too.
    pub fn of(answer: Result<T, Error>) -> Result<Self, Error> {
        match answer {
            Ok(value) => Ok(Self::Is(value)),
            Err(error) if error.is_of_this_alone() => Ok(Self::NotKnown(error.to_string())),
            Err(error) => Err(error),
        }
    }

    /// It, if it is known.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::NotKnown(_) => None,
        }
    }

    /// It, or nothing where it is not known: for what says elsewhere that it is not.
    pub fn or_default(self) -> T
    where
        T: Default,
    {
        match self {
            Self::Is(value) => value,
            Self::NotKnown(_) => T::default(),
        }
    }

    /// Why it is not known, if so.
    pub fn why_not(&self) -> Option<&str> {
        match self {
            Self::Is(_) => None,
            Self::NotKnown(why) => Some(why),
        }
    }

    /// Another thing that follows from it.
    pub fn map<U>(self, follows: impl FnOnce(T) -> U) -> Part<U> {
        match self {
            Self::Is(value) => Part::Is(follows(value)),
            Self::NotKnown(why) => Part::NotKnown(why),
        }
    }
}
