//! Filters of a list: `[attribute, operator, operand]` made into tests of columns (api.md b.2, v19).

use super::cell::{Cell, Form};
use super::columns::{Column, Columns};
use super::failure::Failure;
use super::moment::Moment;
use super::record::Json;
use super::uuid::{Kind, Uuid};
use serde_json::Value;
use std::cmp::Ordering;
use std::collections::HashSet;

/// One filter as it came.
#[derive(Clone, Debug, PartialEq)]
pub struct RawFilter {
    pub attributes: Vec<String>,
    pub operator: String,
    pub operand: Value,
}

/// A filter made ready: a row passes if any of its tests does.
pub struct Condition<R: 'static> {
    any_of: Vec<Test<R>>,
}

struct Test<R: 'static> {
    column: &'static Column<R>,
    kind: Check,
}

enum Check {
    Order(Vec<Ordering>, Operand),
    /// `!=`, which nulls pass too.
    Unequal(Operand),
    IsNull(bool),
    Like(Pattern),
    In(HashSet<String>, Keep),
    Among(Vec<Operand>, Keep),
    Infix(Vec<String>),
    HasKey(String),
    Sub(String, SubCheck),
    /// Part of the text search over all columns: handled by the condition.
    Searched(Pattern),
    Never,
}

enum SubCheck {
    Equal(Value),
    Unequal(Value),
    Order(Vec<Ordering>, Value),
    Like(Pattern),
    In(Vec<Value>),
    NotIn(Vec<Value>),
    Exists(bool),
    Contains(Value),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Keep {
    Those,
    /// The others, nulls among them.
    Others,
}

enum Operand {
    Text(String),
    Bool(bool),
    Int(i64),
    Time(Moment),
}

struct Pattern {
    parts: Vec<char>,
    fold: bool,
}

impl<R: Columns> Condition<R> {
    /// Makes a filter ready, or says why the server would refuse it.
    pub fn new(raw: &RawFilter) -> Result<Self, Failure> {
        let operator = raw.operator.to_lowercase();
        if operator == "@@" {
            return Err(Failure::argument("Full text search operator is no longer supported"));
        }
        if raw.attributes == ["any"] {
            return Self::any(&operator, &raw.operator, &raw.operand);
        }
        let any_of = raw
            .attributes
            .iter()
            .map(|name| test(name, &operator, &raw.operator, &raw.operand))
            .collect::<Result<_, _>>()?;
        Ok(Self { any_of })
    }

    fn any(operator: &str, given: &str, operand: &Value) -> Result<Self, Failure> {
        let searched = operand.as_str().filter(|text| text.starts_with('%') && text.ends_with('%'));
        if let ("like" | "ilike", Some(text)) = (operator, searched) {
            let pattern = Pattern::new(text, operator == "ilike");
            let column = R::columns().first().ok_or_else(Failure::not_found)?;
            return Ok(Self { any_of: vec![Test { column, kind: Check::Searched(pattern) }] });
        }
        let any_of = R::columns()
            .iter()
            .filter(|column| column.is_real() && column.form.is_text() && column.form != Form::Dump)
            .map(|column| test(column.name, operator, given, operand))
            .collect::<Result<_, _>>()?;
        Ok(Self { any_of })
    }

    /// Whether `row` passes.
    pub fn holds(&self, row: &R) -> bool {
        self.any_of.iter().any(|test| test.holds(row))
    }

    /// The UUIDs that `column` must be one of, if the filter says so.
    pub fn only(&self, column: &str) -> Option<Vec<Uuid>> {
        let [only] = self.any_of.as_slice() else { return None };
        if only.column.name != column {
            return None;
        }
        match &only.kind {
            // What is no UUID may stand in a row all the same, where no index has it.
            Check::Order(orders, Operand::Text(text)) if *orders == [Ordering::Equal] => {
                Some(vec![Uuid::parse(text)?])
            }
            Check::In(texts, Keep::Those) => texts.iter().map(|text| Uuid::parse(text)).collect(),
            _ => None,
        }
    }

    /// The bounds the filter sets on `uuid`: from and to, both included; the filter is still to be asked.
    pub fn bounds(&self) -> Option<(Uuid, Uuid)> {
        let [only] = self.any_of.as_slice() else { return None };
        let (Check::Order(orders, Operand::Text(text)), "uuid") = (&only.kind, only.column.name) else {
            return None;
        };
        let bound = Uuid::near(text);
        if orders.contains(&Ordering::Less) {
            Some((Uuid::MIN, bound))
        } else if orders.contains(&Ordering::Greater) {
            Some((bound, Uuid::MAX))
        } else {
            None
        }
    }
}

impl<R: Columns> Test<R> {
    fn holds(&self, row: &R) -> bool {
        if let Check::Searched(pattern) = &self.kind {
            return pattern.matches(&searched_text(row));
        }
        let cell = self.column.stored_cell(row);
        match &self.kind {
            Check::Order(orders, operand) => {
                operand.compared_with(&cell).is_some_and(|order| orders.contains(&order))
            }
            Check::Unequal(operand) => operand.compared_with(&cell) != Some(Ordering::Equal),
            Check::IsNull(wanted) => matches!(cell, Cell::Null) == *wanted,
            Check::Like(pattern) => cell.as_text().is_some_and(|text| pattern.matches(&text)),
            Check::In(texts, keep) => match (cell.as_text(), keep) {
                (Some(text), Keep::Those) => texts.contains(text.as_ref()),
                (Some(text), Keep::Others) => !texts.contains(text.as_ref()),
                (None, keep) => *keep == Keep::Others,
            },
            Check::Among(operands, keep) => {
                let is_one =
                    operands.iter().any(|operand| operand.compared_with(&cell) == Some(Ordering::Equal));
                is_one == (*keep == Keep::Those)
            }
            Check::Infix(infixes) => {
                cell.as_text().is_some_and(|text| infixes.iter().any(|infix| text.get(6..11) == Some(infix)))
            }
            Check::HasKey(key) => matches!(cell, Cell::Json(json) if json.contains_key(key)),
            Check::Sub(key, check) => matches!(cell, Cell::Json(json) if check.holds(json, key)),
            Check::Searched(_) | Check::Never => false,
        }
    }
}

/// The text that a search over any column looks through: all text columns but UUIDs and hashes, joined by
/// blanks, the empty ones too (api.md v37).
fn searched_text<R: Columns>(row: &R) -> String {
    let wanted = |column: &&Column<R>| {
        column.is_real()
            && !column.form.is_uuid()
            && (column.form.is_text() || column.form == Form::Json)
            && !column.name.contains("hash")
    };
    let mut text = String::new();
    for (at, column) in R::columns().iter().filter(wanted).enumerate() {
        if at > 0 {
            text.push(' ');
        }
        text.push_str(&column.stored_cell(row).as_text().unwrap_or_default());
    }
    text
}

fn test<R: Columns>(name: &str, operator: &str, given: &str, operand: &Value) -> Result<Test<R>, Failure> {
    let (name, key) = match name.split_once('.') {
        Some((table, rest)) if table == R::TABLE => match rest.split_once('.') {
            Some((name, key)) => (name, Some(key)),
            None => (rest, None),
        },
        Some((name, key)) => (name, Some(key)),
        None => (name, None),
    };
    let column = R::column(name).filter(|column| column.is_real());
    if let Some(key) = key {
        let column = column.filter(|column| column.form == Form::Json).ok_or_else(|| {
            Failure::argument(&format!("Invalid attribute '{name}' for subproperty filter"))
        })?;
        let key = key.strip_prefix('<').and_then(|key| key.strip_suffix('>')).unwrap_or(key);
        return Ok(Test { column, kind: Check::Sub(key.to_owned(), sub_check(operator, given, operand)?) });
    }
    let unknown = || Failure::argument(&format!("Invalid attribute '{name}' in filter"));
    let column = column.ok_or_else(unknown)?;
    if operator == "exists" {
        let (Form::Json, Some(key)) = (column.form, operand.as_str()) else {
            return Err(Failure::argument(&format!(
                "Invalid attribute '{name}' for operator '{given}' in filter"
            )));
        };
        return Ok(Test { column, kind: Check::HasKey(key.to_owned()) });
    }
    let compares = operator.contains(['<', '=', '>']) || matches!(operator, "in" | "not in");
    if !column.form.is_text() && (!compares || matches!(column.form, Form::Json | Form::Opaque | Form::Texts))
    {
        return Err(unknown());
    }
    Ok(Test { column, kind: check(column.name, column.form, operator, given, operand)? })
}

fn check(name: &str, form: Form, operator: &str, given: &str, operand: &Value) -> Result<Check, Failure> {
    let orders = match operator {
        "=" => vec![Ordering::Equal],
        "<" => vec![Ordering::Less],
        "<=" => vec![Ordering::Less, Ordering::Equal],
        ">" => vec![Ordering::Greater],
        ">=" => vec![Ordering::Greater, Ordering::Equal],
        "!=" | "<>" => match operand {
            Value::Null => return Ok(Check::IsNull(false)),
            _ => return Ok(Check::Unequal(read_operand(name, form, given, operand)?)),
        },
        "like" | "ilike" => {
            let text = operand.as_str().ok_or_else(|| wrong_type(operand, given))?;
            return Ok(Check::Like(Pattern::new(text, operator == "ilike")));
        }
        "in" | "not in" => {
            let items = operand.as_array().ok_or_else(|| wrong_type(operand, given))?;
            if !form.is_text() {
                return among(name, form, (operator, given), items);
            }
            let texts = items.iter().filter_map(|item| item.as_str().map(str::to_owned)).collect();
            return Ok(match operator {
                "in" => Check::In(texts, Keep::Those),
                // Nothing is known not to be among unknown things.
                _ if items.contains(&Value::Null) => Check::Never,
                _ => Check::In(texts, Keep::Others),
            });
        }
        "is_a" => {
            let one = [operand.clone()];
            let kinds = operand.as_array().map_or(one.as_slice(), Vec::as_slice);
            let infixes: Vec<String> =
                kinds.iter().filter_map(Value::as_str).filter_map(infix_of).map(str::to_owned).collect();
            return Ok(if infixes.is_empty() { Check::Never } else { Check::Infix(infixes) });
        }
        _ => return Err(Failure::argument(&format!("Invalid operator '{given}'"))),
    };
    if operand.is_null() && operator == "=" {
        return Ok(Check::IsNull(true));
    }
    if form == Form::Bool && operator != "=" {
        return Err(Failure::argument(&format!("Invalid operator '{given}' for boolean attribute '{name}'")));
    }
    Ok(Check::Order(orders, read_operand(name, form, given, operand)?))
}

/// `in` and `not in` of what is no text.
fn among(name: &str, form: Form, (operator, given): (&str, &str), items: &[Value]) -> Result<Check, Failure> {
    let known = items.iter().filter(|item| !item.is_null());
    let operands = known.map(|item| read_operand(name, form, given, item)).collect::<Result<_, _>>()?;
    Ok(match operator {
        "in" => Check::Among(operands, Keep::Those),
        _ if items.contains(&Value::Null) => Check::Never,
        _ => Check::Among(operands, Keep::Others),
    })
}

fn infix_of(kind: &str) -> Option<&'static str> {
    match kind {
        "arvados#workflow" => Some("7fd4e"),
        "arvados#keepService" => Some("bi6l4"),
        _ => Kind::named(kind).map(Kind::infix),
    }
}

fn read_operand(name: &str, form: Form, given: &str, operand: &Value) -> Result<Operand, Failure> {
    match (form, operand) {
        (Form::Bool, Value::Bool(flag)) => Ok(Operand::Bool(*flag)),
        (Form::Bool, Value::String(text)) => match text.to_lowercase().as_str() {
            "1" | "t" | "true" | "y" | "yes" => Ok(Operand::Bool(true)),
            "0" | "f" | "false" | "n" | "no" => Ok(Operand::Bool(false)),
            _ => Err(Failure::argument(&format!("Invalid operand '{text}' for boolean attribute '{name}'"))),
        },
        (Form::Int, Value::Number(number)) => Ok(Operand::Int(number.as_i64().unwrap_or_default())),
        (Form::Int, Value::String(text)) => Ok(Operand::Int(text.parse().unwrap_or_default())),
        (Form::Time, Value::String(text)) => Moment::read(text)
            .map(Operand::Time)
            .ok_or_else(|| Failure::argument(&format!("no time information in {text:?}"))),
        (_, Value::String(text)) if form.is_text() => Ok(Operand::Text(text.clone())),
        _ => Err(wrong_type(operand, given)),
    }
}

fn wrong_type(operand: &Value, given: &str) -> Failure {
    let class = match operand {
        Value::Null => "NilClass",
        Value::Bool(true) => "TrueClass",
        Value::Bool(false) => "FalseClass",
        Value::Number(number) if number.is_f64() => "Float",
        Value::Number(_) => "Integer",
        Value::String(_) => "String",
        Value::Array(_) => "Array",
        Value::Object(_) => "Hash",
    };
    Failure::argument(&format!("Invalid operand type '{class}' for '{given}' operator in filters"))
}

fn sub_check(operator: &str, given: &str, operand: &Value) -> Result<SubCheck, Failure> {
    let items = || operand.as_array().cloned().ok_or_else(|| wrong_type(operand, given));
    let text = || operand.as_str().ok_or_else(|| wrong_type(operand, given));
    Ok(match operator {
        "=" => SubCheck::Equal(operand.clone()),
        "!=" => SubCheck::Unequal(operand.clone()),
        "<" => SubCheck::Order(vec![Ordering::Less], operand.clone()),
        "<=" => SubCheck::Order(vec![Ordering::Less, Ordering::Equal], operand.clone()),
        ">" => SubCheck::Order(vec![Ordering::Greater], operand.clone()),
        ">=" => SubCheck::Order(vec![Ordering::Greater, Ordering::Equal], operand.clone()),
        "like" | "ilike" => SubCheck::Like(Pattern::new(text()?, operator == "ilike")),
        "in" => SubCheck::In(items()?),
        "not in" => SubCheck::NotIn(items()?),
        "exists" => SubCheck::Exists(operand.as_bool().ok_or_else(|| {
            Failure::argument(&format!("Invalid operand '{operand}' for '{given}' must be true or false"))
        })?),
        "contains" => SubCheck::Contains(operand.clone()),
        _ => return Err(Failure::argument(&format!("Invalid operator for subproperty search '{given}'"))),
    })
}

impl SubCheck {
    fn holds(&self, json: &Json, key: &str) -> bool {
        let value = json.get(key);
        match self {
            Self::Equal(wanted) => value == Some(wanted),
            Self::Unequal(wanted) => value != Some(wanted),
            Self::Order(orders, wanted) => {
                value.and_then(|value| json_order(value, wanted)).is_some_and(|order| orders.contains(&order))
            }
            Self::Like(pattern) => value.is_some_and(|value| {
                value
                    .as_str()
                    .map_or_else(|| pattern.matches(&value.to_string()), |text| pattern.matches(text))
            }),
            Self::In(wanted) => value.is_some_and(|value| wanted.contains(value)),
            Self::NotIn(wanted) => value.is_none_or(|value| !wanted.contains(value)),
            Self::Exists(wanted) => value.is_some() == *wanted,
            Self::Contains(wanted) => value.is_some_and(|value| {
                value == wanted || value.as_array().is_some_and(|items| items.contains(wanted))
            }),
        }
    }
}

fn json_order(one: &Value, two: &Value) -> Option<Ordering> {
    match (one, two) {
        (Value::Number(one), Value::Number(two)) => one.as_f64()?.partial_cmp(&two.as_f64()?),
        (Value::String(one), Value::String(two)) => Some(one.cmp(two)),
        _ => None,
    }
}

impl Operand {
    /// How the cell stands to the operand; `None` for null.
    fn compared_with(&self, cell: &Cell<'_>) -> Option<Ordering> {
        match (self, cell) {
            (Self::Bool(wanted), Cell::Bool(flag)) => Some(flag.cmp(wanted)),
            (Self::Int(wanted), Cell::Int(number)) => Some(number.cmp(wanted)),
            (Self::Time(wanted), Cell::Time(time)) => Some(time.cmp(wanted)),
            (Self::Text(wanted), Cell::Uuid(uuid)) => Some(uuid.as_str().cmp(wanted)),
            (Self::Text(wanted), cell) => cell.as_text().map(|text| text.as_ref().cmp(wanted)),
            _ => None,
        }
    }
}

/// A marker for `%` and `_` that no text holds.
const ANY_RUN: char = '\u{10FFFE}';
const ANY_ONE: char = '\u{10FFFF}';

impl Pattern {
    fn new(text: &str, fold: bool) -> Self {
        let mut parts = Vec::new();
        let mut chars = text.chars();
        while let Some(letter) = chars.next() {
            match letter {
                '%' => parts.push(ANY_RUN),
                '_' => parts.push(ANY_ONE),
                '\\' => parts.extend(chars.next().map(|letter| folded(letter, fold))),
                _ => parts.push(folded(letter, fold)),
            }
        }
        Self { parts, fold }
    }

    fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().map(|letter| folded(letter, self.fold)).collect();
        // Greedy with one step back: the last run is the only one that need be tried again.
        let (mut at, mut want) = (0, 0);
        let mut back: Option<(usize, usize)> = None;
        while at < text.len() {
            match self.parts.get(want) {
                Some(&ANY_RUN) => {
                    back = Some((want, at));
                    want += 1;
                }
                Some(&part) if part == ANY_ONE || part == text[at] => {
                    at += 1;
                    want += 1;
                }
                _ => match &mut back {
                    Some((run, from)) => {
                        *from += 1;
                        at = *from;
                        want = *run + 1;
                    }
                    None => return false,
                },
            }
        }
        self.parts[want..].iter().all(|part| *part == ANY_RUN)
    }
}

fn folded(letter: char, fold: bool) -> char {
    if fold { letter.to_lowercase().next().unwrap_or(letter) } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::record::{Common, Link, User};
    use serde_json::json;

    fn user() -> User {
        let mut user = User::new(Common::new(Uuid::own(Kind::User, "abc"), Moment::UNIX_EPOCH));
        user.email = Some("Ann@x.example".to_owned());
        user.first_name = Some("Ann_50%".to_owned());
        user
    }

    fn passes(attribute: &str, operator: &str, operand: Value) -> bool {
        let raw =
            RawFilter { attributes: vec![attribute.to_owned()], operator: operator.to_owned(), operand };
        Condition::<User>::new(&raw).map(|condition| condition.holds(&user())).unwrap()
    }

    #[test]
    fn nulls_pass_unequal_and_not_in_but_nothing_else() {
        assert!(passes("username", "!=", json!("bob")) && passes("username", "not in", json!(["bob"])));
        assert!(passes("username", "=", json!(null)) && !passes("username", "<", json!("z")));
        assert!(!passes("username", "in", json!(["bob"])) && !passes("username", "!=", json!(null)));
    }

    #[test]
    fn patterns_know_case_runs_and_escapes() {
        assert!(passes("email", "ilike", json!("%ANN@%")) && !passes("email", "like", json!("ann%")));
        assert!(
            passes("first_name", "like", json!("Ann\\_50\\%")) && passes("first_name", "like", json!("A__%"))
        );
        assert!(passes("any", "ilike", json!("%x.EXAMPLE%")) && !passes("any", "ilike", json!("%tpzed%")));
        assert!(passes("uuid", "like", json!("%tpzed-abc%")));
    }

    #[test]
    fn flags_may_be_words_and_times_compare_as_times() {
        assert!(passes("is_active", "=", json!("f")) && passes("is_active", "!=", json!(true)));
        assert!(passes("created_at", "<=", json!("1970-01-01T01:00:00+01:00")));
        assert!(!passes("created_at", ">", json!("1970-01-01T00:00:00Z")));
    }

    #[test]
    fn properties_are_searched_by_key() {
        let at = Common::new(Uuid::own(Kind::Link, "abc"), Moment::UNIX_EPOCH);
        let mut link = Link::permission(at, Uuid::system_user(), "can_login", Uuid::all_users());
        link.properties.insert("username".to_owned(), json!("ann"));
        link.properties.insert("groups".to_owned(), json!(["docker"]));
        let passes = |attribute: &str, operator: &str, operand: Value| {
            let raw =
                RawFilter { attributes: vec![attribute.to_owned()], operator: operator.to_owned(), operand };
            Condition::<Link>::new(&raw).unwrap().holds(&link)
        };
        assert!(passes("properties.username", "=", json!("ann")));
        assert!(passes("properties.groups", "contains", json!("docker")));
        assert!(
            passes("properties.other", "exists", json!(false))
                && passes("properties", "exists", json!("groups"))
        );
        assert!(
            passes("head_uuid", "is_a", json!("arvados#group")) && !passes("tail_uuid", "is_a", json!("x"))
        );
    }
}
