//! What can't be read in a record, as data has it. In JSON null stands in its place, and what the server wrote stands
//! beside it under `unreadable`, so that no program takes it for a value. Where null says something, as of an end that
//! is never, the words stand in its place. In CSV, which has no null, they always do.

use crate::model::field::{Date, Field, Text, Unreadable};
use serde::{Serialize, Serializer};
use std::collections::BTreeMap;

/// What stands in fields that can't be read, by their names.
pub type Odd = BTreeMap<&'static str, String>;

/// A value that may be one that can't be read.
pub trait Value {
    /// What stands there, if so.
    fn unreadable(&self) -> Option<&Unreadable>;
}

impl Value for Text {
    fn unreadable(&self) -> Option<&Unreadable> {
        match self {
            Self::Unreadable(what) => Some(what),
            Self::Is(_) => None,
        }
    }
}

impl Value for Date {
    fn unreadable(&self) -> Option<&Unreadable> {
        match self {
            Self::Unreadable(what) => Some(what),
            Self::At(_) | Self::After9999(_) => None,
        }
    }
}

impl<T> Value for Field<T> {
    fn unreadable(&self) -> Option<&Unreadable> {
        match self {
            Self::Unreadable(what) => Some(what),
            Self::Is(_) => None,
        }
    }
}

impl<V: Value> Value for Option<V> {
    fn unreadable(&self) -> Option<&Unreadable> {
        self.as_ref().and_then(Value::unreadable)
    }
}

impl<V: Value> Value for &V {
    fn unreadable(&self) -> Option<&Unreadable> {
        (*self).unreadable()
    }
}

/// Those of these fields that can't be read.
pub fn among<const N: usize>(fields: [(&'static str, &dyn Value); N]) -> Odd {
    let odd = |(name, value): (&'static str, &dyn Value)| Some((name, value.unreadable()?.raw().to_owned()));
    fields.into_iter().filter_map(odd).collect()
}

/// Null for what can't be read.
pub fn or_null<V: Value + Serialize, S: Serializer>(value: &V, serializer: S) -> Result<S::Ok, S::Error> {
    match value.unreadable() {
        Some(_) => serializer.serialize_none(),
        None => value.serialize(serializer),
    }
}

/// The words for what can't be read.
pub fn or_words<V: Value + Serialize, S: Serializer>(value: &V, serializer: S) -> Result<S::Ok, S::Error> {
    match value.unreadable() {
        Some(what) => serializer.collect_str(what),
        None => value.serialize(serializer),
    }
}

/// Takes what can't be read out of the fields of a record, and puts its words where they are told of.
pub fn put_back(fields: &mut serde_json::Map<String, serde_json::Value>) {
    if let Some(serde_json::Value::Object(odd)) = fields.remove("unreadable") {
        for (name, what) in odd {
            let is_missing = what.as_str() == Some(Unreadable::missing().raw());
            let what =
                if is_missing { Some(Unreadable::missing()) } else { what.as_str().map(Unreadable::of) };
            let words = what.map(|what| what.to_string());
            if let (Some(field), Some(words)) = (fields.get_mut(&name), words) {
                *field = words.into();
            }
        }
    }
}
