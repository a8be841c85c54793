//! The value of one column of one row, and how the two front doors write it: the Rails API keeps nulls,
//! the controller turns missing texts into `""` (api.md b.1, v23).

use super::columns::log_properties;
use super::record::{Json, LogProperties};
use super::uuid::Uuid;
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use std::borrow::Cow;
use std::cmp::Ordering;

/// Which program answers a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Front {
    /// The controller itself, which asks the Rails API behind it.
    Controller,
    /// The Rails API, the controller only passing on.
    Rails,
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    Text,
    /// A text that the controller leaves null.
    NullableText,
    Uuid,
    NullableUuid,
    Bool,
    Int,
    Time,
    /// JSON that can be searched by key.
    Json,
    /// JSON kept as text: searched as text only.
    Dump,
    /// JSON that can't be searched at all.
    Opaque,
    Texts,
}

impl Form {
    /// Whether `like` and its kind may be asked of it.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::NullableText | Self::Uuid | Self::NullableUuid | Self::Dump)
    }

    pub const fn is_uuid(self) -> bool {
        matches!(self, Self::Uuid | Self::NullableUuid)
    }
}

/// One value.
#[derive(Clone, Debug)]
pub enum Cell<'a> {
    Null,
    Text(Cow<'a, str>),
    Uuid(Uuid),
    Uuids(Vec<Uuid>),
    Bool(bool),
    Int(i64),
    Time(Timestamp),
    Json(&'a Json),
    Texts(&'a [String]),
    Log(&'a LogProperties),
}

impl<'a> Cell<'a> {
    pub fn text(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }

    pub fn maybe_text(text: Option<&'a str>) -> Self {
        text.map_or(Self::Null, Self::text)
    }

    pub fn maybe_uuid(uuid: Option<Uuid>) -> Self {
        uuid.map_or(Self::Null, Self::Uuid)
    }

    pub fn maybe_time(time: Option<Timestamp>) -> Self {
        time.map_or(Self::Null, Self::Time)
    }

    /// Its text, where it has one.
    pub fn as_text(&self) -> Option<Cow<'_, str>> {
        match self {
            Self::Text(text) => Some(Cow::Borrowed(text)),
            Self::Uuid(uuid) => Some(Cow::Borrowed(uuid.as_str())),
            Self::Json(json) => serde_json::to_string(json).ok().map(Cow::Owned),
            Self::Null
            | Self::Uuids(_)
            | Self::Bool(_)
            | Self::Int(_)
            | Self::Time(_)
            | Self::Texts(_)
            | Self::Log(_) => None,
        }
    }

    /// The order of the database: nulls last.
    pub fn order(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Uuid(one), Self::Uuid(two)) => one.cmp(two),
            (Self::Time(one), Self::Time(two)) => one.cmp(two),
            (Self::Int(one), Self::Int(two)) => one.cmp(two),
            (Self::Bool(one), Self::Bool(two)) => one.cmp(two),
            (Self::Null, Self::Null) => Ordering::Equal,
            (Self::Null, _) => Ordering::Greater,
            (_, Self::Null) => Ordering::Less,
            _ => self.as_text().cmp(&other.as_text()),
        }
    }
}

/// A value as a front writes it.
pub struct Written<'a> {
    pub cell: Cell<'a>,
    pub form: Form,
    pub front: Front,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        match &self.cell {
            Cell::Null => match self.front {
                Front::Rails => out.serialize_none(),
                Front::Controller => match self.form {
                    Form::Text | Form::Uuid => out.serialize_str(""),
                    Form::Bool => out.serialize_bool(false),
                    Form::Int => out.serialize_i64(0),
                    Form::NullableText
                    | Form::NullableUuid
                    | Form::Time
                    | Form::Json
                    | Form::Dump
                    | Form::Opaque
                    | Form::Texts => out.serialize_none(),
                },
            },
            Cell::Text(text) => out.serialize_str(text),
            Cell::Uuid(uuid) => out.serialize_str(uuid.as_str()),
            Cell::Uuids(uuids) => out.collect_seq(uuids.iter().map(Uuid::as_str)),
            Cell::Bool(flag) => out.serialize_bool(*flag),
            Cell::Int(number) => out.serialize_i64(*number),
            Cell::Time(time) => out.collect_str(&Nanos(*time)),
            Cell::Json(json) => {
                let mut map = out.serialize_map(Some(json.len()))?;
                for (key, value) in *json {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
            Cell::Texts(texts) => texts.serialize(out),
            Cell::Log(properties) => log_properties(properties).serialize(out),
        }
    }
}

/// `2031-02-03T04:05:06.000000000Z`: a time with nine decimals.
pub struct Nanos(pub Timestamp);

impl std::fmt::Display for Nanos {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.9}", self.0)
    }
}

/// A time as a client may write it; `None` is what the server stores for one it can't read (api.md v9).
pub fn read_time(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let time = text.parse::<Timestamp>().ok().or_else(|| {
        let civil: DateTime = text.strip_suffix("UTC").unwrap_or(text).trim_end().parse().ok()?;
        TimeZone::UTC.to_timestamp(civil).ok()
    })?;
    Timestamp::from_microsecond(time.as_microsecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_nine_decimals_and_unreadable_ones_are_none() {
        let time = read_time("2031-02-03T04:05:06Z").unwrap();
        assert_eq!(Nanos(time).to_string(), "2031-02-03T04:05:06.000000000Z");
        assert_eq!(
            read_time("2031-02-03").map(|t| Nanos(t).to_string()).unwrap(),
            "2031-02-03T00:00:00.000000000Z"
        );
        assert_eq!(read_time("garbage"), None);
    }
}
