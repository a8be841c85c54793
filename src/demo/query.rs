//! What a list request wants: filters, order, select, limit, offset and count, with the silent changes
//! that the server makes to them (api.md b.2, v15 to v17).

use super::cell::Front;
use super::columns::{Column, Columns};
use super::failure::Failure;
use super::filter::RawFilter;
use super::request::Params;
use serde_json::Value;

/// The largest page (`API.MaxItemsPerResponse`).
pub const MAX_ITEMS: usize = 1000;
const DEFAULT_ITEMS: usize = 100;

/// Which way a column orders.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

/// Whether the total is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Count {
    Exact,
    None,
}

/// A list request as read.
#[derive(Clone, Debug, PartialEq)]
pub struct Wants {
    pub filters: Vec<RawFilter>,
    order: Vec<String>,
    select: Option<Vec<String>>,
    pub limit: usize,
    pub offset: usize,
    pub count: Count,
}

impl Wants {
    pub fn read(front: Front, params: &Params) -> Result<Self, Failure> {
        let mut filters = read_filters(front, params.get("filters"))?;
        filters.extend(read_where(params.get("where")));
        Ok(Self {
            filters,
            order: read_order(params.get("order")),
            select: read_select(front, params)?,
            limit: read_number(front, "limit", params)?.unwrap_or(DEFAULT_ITEMS).min(MAX_ITEMS),
            offset: read_number(front, "offset", params)?.unwrap_or(0),
            count: match params.get("count").map(|count| count.as_str().unwrap_or_default()) {
                None | Some("exact") => Count::Exact,
                Some("none") => Count::None,
                Some(_) => return Err(Failure::argument("count parameter must be 'exact' or 'none'")),
            },
        })
    }

    /// The columns that are selected, all in their own order if none is named.
    pub fn selected<R: Columns>(&self) -> Result<Option<Vec<&'static Column<R>>>, Failure> {
        self.select.as_deref().map(columns_named).transpose()
    }

    /// The columns the list is ordered by: what was asked for as far as it exists, then newest first,
    /// less what is not selected. Nothing is left: the order of the table.
    pub fn order<R: Columns>(&self, fallback: Fallback) -> Vec<(&'static Column<R>, Direction)> {
        let mut order: Vec<(&Column<R>, Direction)> =
            self.order.iter().filter_map(|text| order_column(text)).collect();
        let unique = order.iter().any(|(column, _)| matches!(column.name, "uuid" | "id"));
        if !unique {
            let defaults = match fallback {
                Fallback::Modified => ["modified_at", "uuid"].as_slice(),
                Fallback::Newest => &["created_at"],
                Fallback::Table => &[],
            };
            let defaults = defaults.iter().filter_map(|name| R::column(name));
            order.extend(defaults.map(|column| (column, Direction::Descending)));
        }
        if let Some(select) = &self.select {
            order.retain(|(column, _)| select.iter().any(|name| name == column.name));
        }
        order
    }

    pub const fn has_select(&self) -> bool {
        self.select.is_some()
    }

    /// The same, for a part of the answer that starts at `offset` and has room for `limit`.
    #[must_use]
    pub fn part(&self, offset: usize, limit: usize) -> Self {
        Self { limit, offset, ..self.clone() }
    }
}

/// How a list is ordered that asks for no unique order of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fallback {
    /// `modified_at desc, uuid desc`
    Modified,
    /// `created_at desc`
    Newest,
    /// As the rows were made.
    Table,
}

/// The `select` of a request for one record.
pub fn selected_of<R: Columns>(
    front: Front,
    params: &Params,
) -> Result<Option<Vec<&'static Column<R>>>, Failure> {
    read_select(front, params)?.as_deref().map(columns_named).transpose()
}

/// The `select` of a request for a record that is looked up in no table: names that are no columns are
/// passed over.
pub fn selected_loosely<R: Columns>(
    front: Front,
    params: &Params,
) -> Result<Option<Vec<&'static Column<R>>>, Failure> {
    let names = read_select(front, params)?;
    Ok(names.map(|names| {
        names.iter().filter_map(|name| R::column(name)).filter(|column| column.is_shown()).collect()
    }))
}

fn columns_named<R: Columns>(names: &[String]) -> Result<Vec<&'static Column<R>>, Failure> {
    const ALWAYS: [&str; 2] = ["kind", "href"];
    let unknown = |name: &str| {
        let class = R::KIND.class();
        Failure::argument(&format!("Invalid attribute '{name}' of {class} in select parameter"))
    };
    names
        .iter()
        .filter(|name| !ALWAYS.contains(&name.as_str()))
        .map(|name| R::column(name).filter(|column| column.is_selectable()).ok_or_else(|| unknown(name)))
        .collect()
}

fn read_select(front: Front, params: &Params) -> Result<Option<Vec<String>>, Failure> {
    let Some(value) = params.get("select") else { return Ok(None) };
    let names: Option<Vec<String>> = value.as_array().map(|items| {
        items.iter().map(|item| item.as_str().map_or_else(|| item.to_string(), str::to_owned)).collect()
    });
    match (names, front) {
        (Some(names), Front::Controller) if names.is_empty() => Ok(None),
        (Some(names), _) if names.is_empty() => {
            Err(Failure::argument("Attribute selection list cannot be empty"))
        }
        (Some(names), _) => Ok(Some(names)),
        (None, Front::Controller) => Err(Failure::controller(
            500,
            "json: cannot unmarshal string into Go struct field ListOptions.select of type []string",
        )),
        (None, Front::Rails) => Err(Failure::argument("Could not parse \"select\" param as an array")),
    }
}

fn read_filters(front: Front, value: Option<&Value>) -> Result<Vec<RawFilter>, Failure> {
    let bad = |reason: &str| match front {
        Front::Controller => Failure::controller(500, format!("invalid filter: {reason}")),
        Front::Rails => Failure::argument(&format!("Invalid element in filters array: {reason}")),
    };
    let items = match value {
        None => return Ok(Vec::new()),
        Some(Value::Array(items)) => items,
        Some(_) => {
            return Err(match front {
                Front::Controller => bad("not an array"),
                Front::Rails => Failure::argument("Could not parse \"filters\" param as an array"),
            });
        }
    };
    items
        .iter()
        .map(|item| {
            let parts = item.as_array().ok_or_else(|| bad(&format!("{item} is not an array")))?;
            let (attribute, operator, operand) = match (parts.as_slice(), front) {
                ([attribute, operator, operand], _) => (attribute, operator, operand.clone()),
                ([attribute, operator], Front::Rails) => (attribute, operator, Value::Null),
                _ => return Err(bad(&format!("{item} does not have 3 parts"))),
            };
            let attributes = match (attribute, front) {
                (Value::String(name), _) => vec![name.clone()],
                (Value::Array(names), Front::Rails) => {
                    names.iter().filter_map(Value::as_str).map(str::to_owned).collect()
                }
                _ => return Err(bad("the attribute is not a string")),
            };
            let operator = operator.as_str().ok_or_else(|| bad("the operator is not a string"))?;
            Ok(normal(attributes, operator, operand))
        })
        .collect()
}

/// `head_kind` and `tail_kind` are no columns any more: they are rewritten.
fn normal(attributes: Vec<String>, operator: &str, operand: Value) -> RawFilter {
    let column = match attributes.as_slice() {
        [name] if name == "head_kind" && operator == "=" => Some("head_uuid"),
        [name] if name == "tail_kind" && operator == "=" => Some("tail_uuid"),
        _ => None,
    };
    match column {
        Some(column) => {
            RawFilter { attributes: vec![column.to_owned()], operator: "is_a".to_owned(), operand }
        }
        None => RawFilter { attributes, operator: operator.to_owned(), operand },
    }
}

fn read_where(value: Option<&Value>) -> Vec<RawFilter> {
    let Some(Value::Object(map)) = value else { return Vec::new() };
    map.iter()
        .map(|(name, operand)| {
            let operator = if operand.is_array() { "in" } else { "=" };
            normal(vec![name.clone()], operator, operand.clone())
        })
        .collect()
}

fn read_order(value: Option<&Value>) -> Vec<String> {
    let texts: Vec<&str> = match value {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    texts.iter().flat_map(|text| text.split(',')).map(|text| text.trim().to_owned()).collect()
}

fn order_column<R: Columns>(text: &str) -> Option<(&'static Column<R>, Direction)> {
    let mut words = text.split_whitespace();
    let name = words.next()?;
    let direction = match words.next().unwrap_or("asc").to_lowercase().as_str() {
        "asc" => Direction::Ascending,
        "desc" => Direction::Descending,
        _ => return None,
    };
    let name = name.strip_prefix(R::TABLE).and_then(|rest| rest.strip_prefix('.')).unwrap_or(name);
    R::column(name).filter(|column| column.is_real()).map(|column| (column, direction))
}

fn read_number(front: Front, name: &str, params: &Params) -> Result<Option<usize>, Failure> {
    let Some(value) = params.get(name) else { return Ok(None) };
    match (value.as_i64().and_then(|number| usize::try_from(number).ok()), front) {
        (Some(number), _) => Ok(Some(number)),
        // The controller takes a negative limit for none given, and passes a negative offset on.
        (None, Front::Controller) if value.is_i64() && name == "limit" => Ok(None),
        (None, Front::Controller) if value.is_i64() => {
            Err(Failure::argument(&format!("Invalid value for {name} parameter")))
        }
        (None, Front::Controller) => Err(Failure::controller(500, format!("{name}: invalid syntax"))),
        (None, Front::Rails) => Err(Failure::argument(&format!("Invalid value for {name} parameter"))),
    }
}
