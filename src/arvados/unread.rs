//! Rows that could not be read: counted while lists are read, and said where what was read is shown.

use crate::model::text::count;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// How many rows of which lists could not be read.
#[derive(Debug, Default)]
pub struct Unread(Mutex<BTreeMap<&'static str, usize>>);

impl Unread {
    /// So many more of this resource.
    pub(super) fn add(&self, resource: &'static str, rows: usize) {
        if rows > 0 {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(resource).or_default() += rows;
        }
    }

    /// How many of this resource.
    pub fn of(&self, resource: &str) -> usize {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(resource).copied().unwrap_or_default()
    }

    /// All of them in words: "1 user, 2 SSH keys"; `None` if there were none.
    pub fn in_words(&self) -> Option<String> {
        let rows = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let parts: Vec<String> = rows.iter().map(|(resource, rows)| said(resource, *rows)).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

fn said(resource: &str, rows: usize) -> String {
    let (one, many) = match resource {
        "api_client_authorizations" => ("token", "tokens"),
        "authorized_keys" => ("SSH key", "SSH keys"),
        "collections" => ("collection", "collections"),
        "containers" => ("container", "containers"),
        "credentials" => ("credential", "credentials"),
        "groups" => ("group", "groups"),
        "links" => ("link", "links"),
        "logs" => ("record of the audit log", "records of the audit log"),
        "users" => ("user", "users"),
        "virtual_machines" => ("VM", "VMs"),
        _ => ("row", "rows"),
    };
    count(rows, one, many)
}
