//! Finding the rows of a list: the fewest candidates an index gives, the filters, the order, the page.

use super::cell::Cell;
use super::columns::{Column, Columns};
use super::failure::Failure;
use super::filter::Condition;
use super::query::{Count, Direction, Fallback, Wants};
use super::reading;
use super::store::Store;
use super::table::Table;
use super::uuid::Uuid;
use std::cmp::Ordering;
use std::sync::Arc;

/// The rows of one page, and how many there are in all if that was asked for.
pub struct Page<R> {
    pub rows: Vec<Arc<R>>,
    pub available: Option<usize>,
    /// How many rows it may have in the end: as many as were asked for, or as may be read of the database.
    pub limit: usize,
}

/// The page that `wants` describes out of the rows that `readable` lets through, cut where more would be read
/// of the database than may be.
pub fn page<R: Columns>(
    store: &Store,
    wants: &Wants,
    fallback: Fallback,
    readable: impl Fn(&R) -> bool,
) -> Result<Page<R>, Failure> {
    let mut page = whole(store, wants, fallback, readable)?;
    let selected = wants.selected::<R>()?;
    let most = store.settings.max_index_database_read;
    if let Some(fitting) = reading::fitting(&page.rows, selected.as_deref(), wants.limit, most) {
        page.rows.truncate(fitting);
        page.limit = fitting;
    }
    Ok(page)
}

/// The same without that limit.
pub fn whole<R: Columns>(
    store: &Store,
    wants: &Wants,
    fallback: Fallback,
    readable: impl Fn(&R) -> bool,
) -> Result<Page<R>, Failure> {
    let table = R::table(store);
    let conditions: Vec<Condition<R>> = wants.filters.iter().map(Condition::new).collect::<Result<_, _>>()?;
    let order = wants.order::<R>(fallback);
    let passes = |row: &&Arc<R>| conditions.iter().all(|condition| condition.holds(row)) && readable(row);

    if let Some(narrow) = candidates(table, &conditions) {
        return Ok(sorted(narrow.into_iter().filter(passes).collect(), &order, wants));
    }
    let (from, to) = bounds(&conditions);
    if from > to {
        return Ok(sorted(Vec::new(), &order, wants));
    }
    let range = table.range(from..=to);
    Ok(match order.first() {
        Some((column, Direction::Ascending)) if column.name == "uuid" => taken(range.filter(passes), wants),
        Some((column, Direction::Descending)) if column.name == "uuid" => {
            taken(range.rev().filter(passes), wants)
        }
        _ => sorted(range.filter(passes).collect(), &order, wants),
    })
}

/// The rows an index finds for one of the filters, if one has an index.
fn candidates<'a, R: Columns>(table: &'a Table<R>, conditions: &[Condition<R>]) -> Option<Vec<&'a Arc<R>>> {
    if let Some(uuids) = conditions.iter().find_map(|condition| condition.only("uuid")) {
        return Some(uuids.into_iter().filter_map(|uuid| table.get(uuid)).collect());
    }
    let indexed = R::columns().iter().filter(|column| table.has_index(column.name));
    let mut best: Option<(&str, Vec<Uuid>)> = None;
    for column in indexed {
        for condition in conditions {
            if let Some(keys) = condition.only(column.name)
                && best.as_ref().is_none_or(|(_, known)| {
                    weight(table, column.name, &keys) < weight(table, column.name, known)
                })
            {
                best = Some((column.name, keys));
            }
        }
    }
    let (column, keys) = best?;
    Some(keys.into_iter().flat_map(|key| table.by(column, key)).collect())
}

fn weight<R: Columns>(table: &Table<R>, column: &str, keys: &[Uuid]) -> usize {
    keys.iter().map(|key| table.by(column, *key).take(1000).count()).sum()
}

fn bounds<R: Columns>(conditions: &[Condition<R>]) -> (Uuid, Uuid) {
    conditions
        .iter()
        .filter_map(Condition::bounds)
        .fold((Uuid::MIN, Uuid::MAX), |(from, to), (low, high)| (from.max(low), to.min(high)))
}

/// The page out of rows that come in their order.
fn taken<'a, R: 'a>(mut rows: impl Iterator<Item = &'a Arc<R>>, wants: &Wants) -> Page<R> {
    match wants.count {
        Count::None => {
            let rows = rows.skip(wants.offset).take(wants.limit).cloned().collect();
            Page { rows, available: None, limit: wants.limit }
        }
        Count::Exact => {
            let mut all = 0;
            let mut page = Vec::new();
            for row in rows.by_ref() {
                if all >= wants.offset && page.len() < wants.limit {
                    page.push(Arc::clone(row));
                }
                all += 1;
            }
            Page { rows: page, available: Some(all), limit: wants.limit }
        }
    }
}

fn sorted<R: Columns>(
    mut rows: Vec<&Arc<R>>,
    order: &[(&'static Column<R>, Direction)],
    wants: &Wants,
) -> Page<R> {
    let available = (wants.count == Count::Exact).then_some(rows.len());
    let compare = |one: &&Arc<R>, two: &&Arc<R>| compare(order, one, two);
    let wanted = wants.offset.saturating_add(wants.limit);
    if wanted == 0 {
        rows.clear();
    } else if wanted < rows.len() {
        rows.select_nth_unstable_by(wanted - 1, compare);
        rows.truncate(wanted);
    }
    rows.sort_unstable_by(compare);
    let rows = rows.into_iter().skip(wants.offset).take(wants.limit).cloned().collect();
    Page { rows, available, limit: wants.limit }
}

fn compare<R: Columns>(order: &[(&'static Column<R>, Direction)], one: &R, two: &R) -> Ordering {
    for (column, direction) in order {
        let found = column.stored_cell(one).order(&column.stored_cell(two));
        let found = match direction {
            Direction::Ascending => found,
            Direction::Descending => found.reverse(),
        };
        if found != Ordering::Equal {
            return found;
        }
    }
    // As the table has them: oldest first.
    let made = |row: &R| Cell::Time(row.common().created_at);
    made(one).order(&made(two)).then_with(|| one.uuid().cmp(&two.uuid()))
}
