//! How much is read of the database for one list (`API.MaxIndexDatabaseRead`): only columns that can hold much
//! count, and a page ends before the row that would go beyond it. The first row comes in any case, and who asks
//! for one row is not limited at all, so what one user writes at length reaches everybody who lists it.

use super::cell::{Cell, Form};
use super::columns::{Column, Columns};
use super::record::{LogProperties, Snapshot};
use serde_json::Value;
use std::sync::Arc;

/// Columns of texts that may be longer than 1024 characters.
const LONG_TEXTS: [&str; 4] = ["description", "manifest_text", "public_key", "summary"];

/// How many of these rows fit a page of `limit` rows, if not all.
pub fn fitting<R: Columns>(
    rows: &[Arc<R>],
    selected: Option<&[&'static Column<R>]>,
    limit: usize,
    most: usize,
) -> Option<usize> {
    if limit <= 1 {
        return None;
    }
    let is_asked = |column: &Column<R>| {
        selected.is_none_or(|selected| selected.iter().any(|wanted| wanted.name == column.name))
    };
    let counted: Vec<&Column<R>> =
        R::columns().iter().filter(|column| can_be_long(column) && is_asked(column)).collect();
    if counted.is_empty() {
        return None;
    }
    let mut read = 0;
    let beyond = rows.iter().position(|row| {
        read += counted.iter().map(|column| length(&column.stored_cell(row))).sum::<usize>();
        read >= most
    });
    beyond.map(|at| at.max(1))
}

fn can_be_long<R>(column: &Column<R>) -> bool {
    let is_long = match column.form {
        Form::Json | Form::Dump | Form::Opaque | Form::Texts => true,
        Form::Text | Form::NullableText => LONG_TEXTS.contains(&column.name),
        Form::Uuid | Form::NullableUuid | Form::Bool | Form::Int | Form::Time => false,
    };
    column.is_real() && is_long
}

/// How long a value is as text, nearly: escapes are not counted.
fn length(cell: &Cell<'_>) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Json(json) => members(json),
        Cell::Log(LogProperties::Free(json)) => members(json),
        Cell::Texts(texts) => texts.iter().map(|text| text.len() + 4).sum::<usize>() + 2,
        Cell::Log(LogProperties::Attributes { old, new }) => {
            old.iter().chain(new).map(length_of_snapshot).sum()
        }
        Cell::Null | Cell::Uuid(_) | Cell::Uuids(_) | Cell::Bool(_) | Cell::Int(_) | Cell::Time(_) => 0,
    }
}

fn members(json: &serde_json::Map<String, Value>) -> usize {
    json.iter().map(|(name, value)| name.len() + 6 + length_of(value)).sum::<usize>() + 2
}

fn length_of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 4,
        Value::Number(_) => 8,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| length_of(item) + 2).sum::<usize>() + 2,
        Value::Object(json) => members(json),
    }
}

fn length_of_snapshot(snapshot: &Snapshot) -> usize {
    match snapshot {
        Snapshot::User(row) => length_of_row(&**row),
        Snapshot::Token(row) => length_of_row(&**row),
        Snapshot::Link(row) => length_of_row(&**row),
        Snapshot::VirtualMachine(row) => length_of_row(&**row),
        Snapshot::Group(row) => length_of_row(&**row),
        Snapshot::AuthorizedKey(row) => length_of_row(&**row),
        Snapshot::Container(row) => length_of_row(&**row),
        Snapshot::ContainerRequest(row) => length_of_row(&**row),
        Snapshot::Collection(row) => length_of_row(&**row),
        Snapshot::Credential(row) => length_of_row(&**row),
    }
}

fn length_of_row<R: Columns>(row: &R) -> usize {
    R::columns()
        .iter()
        .filter(|column| can_be_long(column))
        .map(|column| length(&column.stored_cell(row)))
        .sum()
}
