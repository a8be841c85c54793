//! `arv-admin keys`: the keys of the screen, from the one table.

use super::args::Global;
use super::cell::columns;
use super::exit::{Exit, Stop};
use super::output::{Output, Record};
use crate::app::context::Context;
use crate::tui::keymap;
use serde::Serialize;

#[derive(Serialize)]
struct KeyRow {
    context: &'static str,
    keys: Vec<String>,
    action: &'static str,
}

impl Record for KeyRow {
    const TITLES: &'static [&'static str] = &["WHERE", "KEYS", "WHAT"];
    columns!(context, keys, action);

    fn cells(&self) -> Vec<String> {
        vec![self.context.to_owned(), self.keys.join(" "), self.action.to_owned()]
    }
}

/// Prints them, place by place.
pub fn run(global: &Global) -> Result<Exit, Stop> {
    let rows: Vec<KeyRow> = Context::ALL
        .into_iter()
        .flat_map(|context| keymap::own(context).map(move |binding| (context, binding)))
        .map(|(context, binding)| KeyRow {
            context: context.title(),
            keys: binding.keys.iter().map(ToString::to_string).collect(),
            action: binding.action.name(),
        })
        .collect();
    Output::stdout(global.format.unwrap_or_default())?.all(&rows)?;
    Ok(Exit::Done)
}
