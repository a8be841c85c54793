//! The value of one column of one row, and how the two front doors write it: the Rails API keeps nulls,
//! the controller turns missing texts into `""` (api.md b.1, v23).

use super::columns::log_properties;
use super::moment::Moment;
use super::record::{Json, LogProperties};
use super::uuid::Uuid;
use serde::Serialize;
use serde::ser::{Error as _, SerializeMap, Serializer};
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
    Time(Moment),
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

    pub fn maybe_time(time: Option<Moment>) -> Self {
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
            Cell::Time(time) => match self.front {
                Front::Rails => time.serialize(out),
                Front::Controller if time.is_none_to_go() => out.serialize_none(),
                Front::Controller if time.is_of_four_digits() => time.serialize(out),
                Front::Controller => Err(S::Error::custom(format_args!(
                    "parsing time \"{time}\" as \"2006-01-02T15:04:05Z07:00\": year outside of range [0,9999]"
                ))),
            },
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
