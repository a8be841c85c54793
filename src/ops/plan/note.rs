//! What the operator should know before saying yes, or after it is done.

use crate::model::text::clean;

/// Something the operator should know before saying yes, or after it is done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// How much it matters.
    pub weight: Weight,
    /// A sentence.
    pub text: String,
}

/// How much a note matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weight {
    /// Good to know.
    Info,
    /// Look at it.
    Warning,
    /// It may do harm.
    Danger,
}

impl Note {
    /// What it tells of was named by people: one that steers a terminal or makes lines of its own is none.
    fn of(weight: Weight, text: String) -> Self {
        Self { weight, text: clean(&text) }
    }

    /// Good to know.
    pub fn info(text: impl Into<String>) -> Self {
        Self::of(Weight::Info, text.into())
    }

    /// Look at it.
    pub fn warning(text: impl Into<String>) -> Self {
        Self::of(Weight::Warning, text.into())
    }

    /// It may do harm.
    pub fn danger(text: impl Into<String>) -> Self {
        Self::of(Weight::Danger, text.into())
    }
}
