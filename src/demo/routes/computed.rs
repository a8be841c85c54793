//! `/computed_permissions`: what users can reach, inherited permissions included (api.md b.8). There are
//! no rows of it: they are worked out for each request.

use crate::demo::answer::{Answer, List, Totals};
use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::filter::RawFilter;
use crate::demo::permissions::reach;
use crate::demo::query::Wants;
use crate::demo::record::Record;
use crate::demo::store::Store;
use crate::demo::uuid::Uuid;
use serde_json::{Map, Value, json};
use std::cmp::Ordering;

const COLUMNS: [&str; 3] = ["user_uuid", "target_uuid", "perm_level"];

pub fn list(call: &Call, store: &Store) -> Handled {
    call.admin_required()?;
    if call.params.get("count").is_some_and(|count| count != "none") {
        return Err(Failure::argument("count parameter must be 'none'"));
    }
    let wants = call.wants()?;
    if wants.offset != 0 {
        return Err(Failure::argument(&format!(
            "non-zero offset parameter {:?} is not supported",
            wants.offset.to_string()
        )));
    }
    let select = selected(call)?;
    for filter in &wants.filters {
        check(filter)?;
    }
    let items = rows(store, &wants)
        .into_iter()
        .map(|row| {
            let mut item = Map::new();
            for (name, text) in COLUMNS.iter().zip(row.texts()) {
                if select.contains(name) {
                    item.insert((*name).to_owned(), text.into());
                }
            }
            Value::Object(item)
        })
        .collect::<Vec<_>>();
    Ok(Answer::of(&List {
        kind: "arvados#computedPermissionList".to_owned(),
        front: call.front,
        totals: Some(Totals { available: None, offset: 0, limit: wants.limit }),
        items,
    }))
}

struct Row {
    user: Uuid,
    target: Uuid,
    level: &'static str,
}

impl Row {
    fn texts(&self) -> [&str; 3] {
        [self.user.as_str(), self.target.as_str(), self.level]
    }
}

/// The rows in the order of user and target, no more than wanted.
fn rows(store: &Store, wants: &Wants) -> Vec<Row> {
    let named = |row: &[&str; 3], at: usize| {
        wants
            .filters
            .iter()
            .filter(|filter| filter.attributes == [COLUMNS[at]])
            .all(|filter| holds(filter, row[at]))
    };
    let mut rows = Vec::new();
    for user in store.users.iter().filter(|user| user.redirect_to_user_uuid.is_none()) {
        if !named(&[user.uuid().as_str(), "", ""], 0) {
            continue;
        }
        for (target, grant) in reach(store, user.uuid()) {
            let row = Row { user: user.uuid(), target, level: grant.level.name() };
            let texts = row.texts();
            if named(&texts, 1) && named(&texts, 2) {
                rows.push(row);
            }
            if rows.len() >= wants.limit {
                return rows;
            }
        }
    }
    rows
}

fn selected(call: &Call) -> Result<Vec<&'static str>, Failure> {
    let Some(Value::Array(names)) = call.params.get("select") else { return Ok(COLUMNS.to_vec()) };
    names
        .iter()
        .map(|name| {
            COLUMNS
                .into_iter()
                .find(|column| name == *column)
                .ok_or_else(|| Failure::argument(&format!("Invalid attribute(s): [{name}]")))
        })
        .collect()
}

fn check(filter: &RawFilter) -> Result<(), Failure> {
    if !filter.attributes.iter().all(|name| COLUMNS.contains(&name.as_str())) {
        return Err(Failure::argument(&format!(
            "Invalid attribute '{}' in filter",
            filter.attributes.join(",")
        )));
    }
    let fits = match filter.operator.as_str() {
        "in" | "not in" => filter.operand.is_array(),
        "=" | "!=" | "<" | "<=" | ">" | ">=" => filter.operand.is_string(),
        _ => return Err(Failure::argument(&format!("Invalid operator '{}'", filter.operator))),
    };
    if fits {
        Ok(())
    } else {
        Err(Failure::argument(&format!("Invalid operand for '{}' operator in filters", filter.operator)))
    }
}

fn holds(filter: &RawFilter, text: &str) -> bool {
    let order = filter.operand.as_str().map(|wanted| text.cmp(wanted));
    let among = || filter.operand.as_array().is_some_and(|items| items.contains(&json!(text)));
    match filter.operator.as_str() {
        "=" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        "<" => order == Some(Ordering::Less),
        "<=" => matches!(order, Some(Ordering::Less | Ordering::Equal)),
        ">" => order == Some(Ordering::Greater),
        ">=" => matches!(order, Some(Ordering::Greater | Ordering::Equal)),
        "in" => among(),
        "not in" => !among(),
        _ => false,
    }
}
