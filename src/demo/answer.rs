//! Answers: records and lists written as each front writes them (api.md b.1, v23).

use super::cell::{Cell, Front, Written};
use super::columns::{Column, Columns, Scene};
use super::list::Page;
use super::query::Wants;
use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};
use serde_json::Value;
use std::sync::Arc;

/// What goes back to a client that was not refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// JSON, with 200.
    Body(Vec<u8>),
    /// What was asked is done, but the controller can't read what the Rails API said of it: 500, and why
    /// (api.md v33).
    Unreadable(String),
}

impl Answer {
    /// A body that serialises as it is.
    pub fn of(body: &impl Serialize) -> Self {
        serde_json::to_vec(body).map_or_else(|error| Self::Unreadable(error.to_string()), Self::Body)
    }
}

/// How the rows of an answer are written.
pub struct Shape<R: 'static> {
    front: Front,
    columns: Vec<&'static Column<R>>,
    selected: bool,
    /// The columns that may be seen; the controller leaves the others empty.
    safe: Option<&'static [&'static str]>,
}

impl<R: Columns> Shape<R> {
    /// Every column, or those selected.
    pub fn new(front: Front, select: Option<Vec<&'static Column<R>>>) -> Self {
        let selected = select.is_some();
        let columns =
            select.unwrap_or_else(|| R::columns().iter().filter(|column| column.is_shown()).collect());
        Self { front, columns, selected, safe: None }
    }

    /// The same, of which only some columns may be seen.
    #[must_use]
    pub fn only(mut self, safe: Option<&'static [&'static str]>) -> Self {
        self.safe = safe;
        self
    }

    /// The same without a column.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.columns.retain(|column| column.name != name);
        self
    }
}

/// A row in a shape.
pub struct Row<'a, R: 'static> {
    pub record: &'a R,
    pub scene: &'a Scene<'a>,
    pub shape: &'a Shape<R>,
}

impl<R: Columns> Serialize for Row<'_, R> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let Shape { front, columns, selected, safe } = self.shape;
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("kind", R::KIND.name())?;
        if *selected && *front == Front::Controller && columns.iter().all(|column| column.name != "etag") {
            map.serialize_entry("etag", "")?;
        }
        for column in columns {
            let seen = safe.is_none_or(|safe| safe.contains(&column.name));
            let cell = match (seen, front) {
                (true, _) => column.cell(self.record, self.scene),
                (false, Front::Controller) => Cell::Null,
                (false, Front::Rails) => continue,
            };
            map.serialize_entry(column.name, &Written { cell, form: column.form, front: *front })?;
        }
        map.end()
    }
}

/// One record.
pub fn one<R: Columns>(scene: &Scene<'_>, shape: &Shape<R>, row: &R) -> Answer {
    Answer::of(&Row { record: row, scene, shape })
}

/// A page of a list. Token lists have no totals (api.md v16).
pub fn list<R: Columns>(scene: &Scene<'_>, shape: &Shape<R>, wants: &Wants, page: &Page<R>) -> Answer {
    Answer::of(&List {
        kind: format!("{}List", R::KIND.name()),
        front: shape.front,
        totals: (R::TABLE != "api_client_authorizations").then_some(Totals {
            available: page.available,
            offset: wants.offset,
            limit: page.limit,
        }),
        items: Rows { page: &page.rows, scene, shape },
    })
}

struct Rows<'a, R: 'static> {
    page: &'a [Arc<R>],
    scene: &'a Scene<'a>,
    shape: &'a Shape<R>,
}

impl<R: Columns> Serialize for Rows<'_, R> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        out.collect_seq(self.page.iter().map(|row| Row {
            record: &**row,
            scene: self.scene,
            shape: self.shape,
        }))
    }
}

/// A list whose items are anything.
pub struct List<I> {
    pub kind: String,
    pub front: Front,
    pub totals: Option<Totals>,
    pub items: I,
}

/// Where in the whole a page lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Totals {
    pub available: Option<usize>,
    pub offset: usize,
    pub limit: usize,
}

impl<I: Serialize> Serialize for List<I> {
    fn serialize<S: Serializer>(&self, out: S) -> Result<S::Ok, S::Error> {
        let mut map = out.serialize_map(None)?;
        map.serialize_entry("kind", &self.kind)?;
        if self.front == Front::Rails {
            map.serialize_entry("etag", "")?;
            map.serialize_entry("self_link", "")?;
        }
        map.serialize_entry("items", &self.items)?;
        if let Some(totals) = self.totals {
            if let Some(available) = totals.available {
                map.serialize_entry("items_available", &available)?;
            }
            map.serialize_entry("offset", &totals.offset)?;
            map.serialize_entry("limit", &totals.limit)?;
        }
        map.end()
    }
}

/// A row as the Rails API writes it, for lists of several kinds.
pub fn rails_value<R: Columns>(scene: &Scene<'_>, row: &R) -> Value {
    let shape = Shape::new(Front::Rails, None);
    serde_json::to_value(Row { record: row, scene, shape: &shape }).unwrap_or(Value::Null)
}

/// `{"kind": "arvados#HashList", "items": [...]}`
pub fn hash_list(items: &[Value]) -> Answer {
    Answer::of(&serde_json::json!({ "kind": "arvados#HashList", "items": items }))
}
