//! What the fields of a record hold. The server checks little of what people write, and what it gives may
//! have gone through others' hands: each field is read for itself, and what can't be read is kept as what it
//! is, never taken for another value.

use super::text::clean_start;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;
use std::ops::Deref;

/// Of what can't be read, no more characters are kept.
const KEPT: usize = 40;

/// What stands where something else was expected: cleaned, and cut. Of lists and objects only that they are
/// that, since a token's record has a secret in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unreadable(Box<Box<str>>);

impl Unreadable {
    /// Where a field is not there at all.
    pub fn missing() -> Self {
        Self::kept("")
    }

    /// From what stands there.
    pub fn of(text: &str) -> Self {
        let mut kept = clean_start(text, KEPT + 1);
        if let Some((end, _)) = kept.char_indices().nth(KEPT) {
            kept.truncate(end);
            kept.push('…');
        }
        Self::kept(&kept)
    }

    fn kept(text: &str) -> Self {
        Self(Box::new(text.into()))
    }

    /// What stands there, for exports; a word of ours where nothing does.
    pub fn raw(&self) -> &str {
        if self.0.is_empty() { "not told" } else { &self.0 }
    }
}

/// `unreadable: 9999-…`, or `not told` where nothing is there.
impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() { f.pad("not told") } else { f.pad(&format!("unreadable: {}", self.0)) }
    }
}

/// A field that is what it should be, or can't be read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Field<T> {
    /// It was read.
    Is(T),
    /// It can't be.
    Unreadable(Unreadable),
}

impl<T> Field<T> {
    /// The value, if it was read.
    pub fn get(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Unreadable(_) => None,
        }
    }
}

impl<T: fmt::Display> Field<T> {
    /// What is exported, as text.
    pub fn raw(&self) -> String {
        match self {
            Self::Is(value) => value.to_string(),
            Self::Unreadable(what) => what.raw().to_owned(),
        }
    }
}

impl<T: PartialEq> Field<T> {
    /// Whether it was read and is this.
    pub fn is(&self, value: &T) -> bool {
        self.get() == Some(value)
    }
}

impl<T> From<T> for Field<T> {
    fn from(value: T) -> Self {
        Self::Is(value)
    }
}

impl<T: fmt::Display> fmt::Display for Field<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(value) => value.fmt(f),
            Self::Unreadable(what) => what.fmt(f),
        }
    }
}

/// For exports: the value, else what stands there.
impl<T: Serialize> Serialize for Field<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Is(value) => value.serialize(serializer),
            Self::Unreadable(what) => serializer.serialize_str(what.raw()),
        }
    }
}

/// A date of a record. People write 9999-12-31 for "never", and the server stores it (api.md v33): that is
/// past the last instant that our clocks know.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Date {
    /// This instant.
    At(Timestamp),
    /// A sound date after the last instant there is here: as the server wrote it. Sorts behind all instants.
    After9999(Box<str>),
    /// Nobody knows when.
    Unreadable(Unreadable),
}

impl Date {
    /// From a text of the wire.
    pub fn parse(text: &str) -> Self {
        match text.parse() {
            Ok(at) => Self::At(at),
            Err(_) if is_after_9999(text) => Self::After9999(text.into()),
            Err(_) => Self::Unreadable(Unreadable::of(text)),
        }
    }

    /// The instant, if it is one.
    pub fn at(&self) -> Option<Timestamp> {
        match self {
            Self::At(at) => Some(*at),
            Self::After9999(_) | Self::Unreadable(_) => None,
        }
    }

    /// Which of two comes first where the newest does: what is no instant comes last there too, so that nobody
    /// gets to the top of a list by a date that nobody can have.
    pub fn newest_first(a: Option<&Self>, b: Option<&Self>) -> Ordering {
        let (a, b) = (a.and_then(Self::at), b.and_then(Self::at));
        b.cmp(&a)
    }

    /// How it is shown: an instant by `show`, else what it is.
    pub fn shown(&self, show: impl FnOnce(Timestamp) -> String) -> String {
        match self {
            Self::At(at) => show(*at),
            Self::After9999(_) => AFTER_9999.to_owned(),
            Self::Unreadable(what) => what.to_string(),
        }
    }
}

/// What is said of a date that is later than all instants.
pub const AFTER_9999: &str = "after 9999";

impl From<Timestamp> for Date {
    fn from(at: Timestamp) -> Self {
        Self::At(at)
    }
}

/// As the server wrote it.
impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(at) => at.fmt(f),
            Self::After9999(text) => f.write_str(text),
            Self::Unreadable(what) => f.write_str(what.raw()),
        }
    }
}

/// For exports: as the server wrote it.
impl Serialize for Date {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// As it was written for an export.
impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self::parse(&text))
    }
}

/// A date as the rows of a long list keep it: in two thirds of the room. There are a hundred thousand of them,
/// each with two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp(Kept);

/// The parts of an instant stand here by themselves: within an instant they would leave no room for what tells
/// the two cases apart.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Kept {
    At { second: i64, nanosecond: i32 },
    Odd(Box<Date>),
}

impl Stamp {
    /// The date.
    pub fn date(&self) -> Date {
        match &self.0 {
            Kept::At { second, nanosecond } => match Timestamp::new(*second, *nanosecond) {
                Ok(at) => Date::At(at),
                // Not so: these are the parts of an instant.
                Err(_) => Date::Unreadable(Unreadable::missing()),
            },
            Kept::Odd(date) => (**date).clone(),
        }
    }

    /// As [`Date::shown`].
    pub fn shown(&self, show: impl FnOnce(Timestamp) -> String) -> String {
        self.date().shown(show)
    }
}

impl From<Date> for Stamp {
    fn from(date: Date) -> Self {
        Self(match date {
            Date::At(at) => Kept::At { second: at.as_second(), nanosecond: at.subsec_nanosecond() },
            Date::After9999(_) | Date::Unreadable(_) => Kept::Odd(Box::new(date)),
        })
    }
}

/// Whether a text that is no instant here is a date all the same, and a later one: the last two days of
/// 9999, or a year of more digits.
fn is_after_9999(text: &str) -> bool {
    let shape = |c: char| c.is_ascii_digit() || matches!(c, '-' | ':' | '.' | '+' | 'T' | 'Z' | ' ');
    let text = text.strip_prefix('+').unwrap_or(text);
    let Some((year, rest)) = text.split_once('-') else { return false };
    let (Some((month, rest)), true) = (rest.split_once('-'), text.len() <= KEPT && text.chars().all(shape))
    else {
        return false;
    };
    let day = rest.get(..2).unwrap_or_default();
    let behind = rest.get(2..).unwrap_or_default();
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|b| b.is_ascii_digit()));
    let (Some(year), Some(month), Some(day)) = (number(year), number(month), number(day)) else {
        return false;
    };
    let is_last = year == 9999 && month == 12 && (30..=31).contains(&day);
    (is_last || (year > 9999 && (1..=12).contains(&month) && (1..=31).contains(&day)))
        && behind.starts_with(['T', ' '])
        && is_time(&behind[1..])
}

/// `23:59:59`, perhaps with a fraction and a zone.
fn is_time(text: &str) -> bool {
    let part = |from: usize, below: u32| {
        text.get(from..from + 2).and_then(|digits| digits.parse::<u32>().ok()).is_some_and(|n| n < below)
    };
    let colons = text.get(2..3) == Some(":") && text.get(5..6) == Some(":");
    part(0, 24) && part(3, 60) && part(6, 61) && colons
}

/// A text of a record. Whoever compares, searches or judges it gets nothing where it can't be read; whoever
/// shows it gets what stands there.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Text {
    /// It is a text; empty where the server has none (`null` or `""`, api.md v23).
    Is(Box<str>),
    /// It is something else.
    Unreadable(Unreadable),
}

impl Text {
    /// What is shown.
    pub fn shown(&self) -> std::borrow::Cow<'_, str> {
        match self {
            Self::Is(text) => text.as_ref().into(),
            Self::Unreadable(what) => what.to_string().into(),
        }
    }

    /// What is exported.
    pub fn raw(&self) -> &str {
        match self {
            Self::Is(text) => text,
            Self::Unreadable(what) => what.raw(),
        }
    }

    /// Whether there is none: a text that can't be read is not known to be missing.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::Is(text) if text.is_empty())
    }
}

impl Deref for Text {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Is(text) => text,
            Self::Unreadable(_) => "",
        }
    }
}

/// Only what can be read is equal to anything.
impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        matches!(self, Self::Is(text) if **text == **other)
    }
}

impl Default for Text {
    fn default() -> Self {
        Self::Is(Box::default())
    }
}

impl<T: Into<Box<str>>> From<T> for Text {
    fn from(text: T) -> Self {
        Self::Is(text.into())
    }
}

/// What is exported.
impl Serialize for Text {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.raw())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_write_for_never_is_after_9999_and_nothing_else_is() {
        for late in [
            "9999-12-31T23:59:59Z",
            "9999-12-31T23:59:59.000000000Z",
            "9999-12-31T00:00:00+00:00",
            "9999-12-30T23:00:00Z",
            "10000-01-01T00:00:00Z",
            "+294276-12-31T23:59:59.999999Z",
        ] {
            let date = Date::parse(late);
            assert_eq!(date, Date::After9999(late.into()), "{late}");
            assert!(date > Date::At(Timestamp::MAX), "{late} sorts last");
        }
        for (odd, shown) in [
            ("garbage", "unreadable: garbage"),
            ("9999-12-31", "unreadable: 9999-12-31"),
            ("9999-99-99T00:00:00Z", "unreadable: 9999-99-99T00:00:00Z"),
            ("9999-12-31Tmidnight", "unreadable: 9999-12-31Tmidnight"),
            ("", "not told"),
        ] {
            assert_eq!(Date::parse(odd).shown(|at| at.to_string()), shown);
        }
        let there = "9999-12-30T21:59:59Z";
        assert_eq!(Date::parse(there), Date::At(there.parse().expect("an instant")));
    }

    #[test]
    fn a_date_that_a_list_keeps_is_the_same_date() {
        for text in [
            "2026-01-01T00:00:00.123456789Z",
            "1969-12-31T23:59:59.000000001Z",
            "-009999-01-02T01:59:59Z",
            "9999-12-30T21:59:59.999999999Z",
            "9999-12-31T23:59:59Z",
            "garbage",
        ] {
            assert_eq!(Stamp::from(Date::parse(text)).date(), Date::parse(text), "{text}");
        }
        assert!(size_of::<Option<Stamp>>() == 16 && size_of::<Option<Date>>() == 24, "or it is of no use");
    }

    #[test]
    fn what_cannot_be_read_is_cut_and_harmless_when_it_is_shown() {
        let shown = Unreadable::of(&format!("\u{1b}[2J{}", "x".repeat(1000))).to_string();
        assert!(shown.starts_with("unreadable: ") && shown.chars().count() < 60, "{shown}");
        assert!(!shown.contains('\u{1b}'), "{shown}");
    }

    #[test]
    fn a_text_that_cannot_be_read_is_shown_but_matches_nothing() {
        let text = Text::Unreadable(Unreadable::of("12345"));
        assert_eq!((&*text, &*text.shown(), text.raw()), ("", "unreadable: 12345", "12345"));
        assert!(!text.is_none() && Text::default().is_none());
        assert_eq!(size_of::<Text>(), size_of::<Box<str>>(), "fifty thousand users have four each");
    }
}
