//! Rows that could not be read, or not whole: counted while lists are read, and said where what was read is
//! shown.

use crate::model::ids::AnyUuid;
use crate::model::text::count;
use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// So many records that are too long are named.
const NAMED: usize = 3;

/// How many rows of which lists could not be read.
#[derive(Debug, Default)]
pub struct Unread(Mutex<BTreeMap<&'static str, Rows>>);

#[derive(Debug, Default)]
struct Rows {
    unread: usize,
    /// Those that are too long, a few of them by name.
    long: usize,
    named: Vec<AnyUuid>,
    /// Those that came behind them, and were read like them.
    lean: usize,
    /// So many were read of more than anybody has.
    endless: Option<usize>,
}

impl Unread {
    /// So many more of this resource.
    pub(super) fn add(&self, resource: &'static str, rows: usize) {
        if rows > 0 {
            self.rows().entry(resource).or_default().unread += rows;
        }
    }

    /// One that is too long to be read whole.
    pub(super) fn add_long(&self, resource: &'static str, uuid: AnyUuid) {
        let mut rows = self.rows();
        let rows = rows.entry(resource).or_default();
        if rows.named.contains(&uuid) {
            return;
        }
        rows.long += 1;
        if rows.named.len() < NAMED {
            rows.named.push(uuid);
        }
    }

    /// So many that were not read whole for what came before them.
    pub(super) fn add_lean(&self, resource: &'static str, lean: usize) {
        if lean > 0 {
            self.rows().entry(resource).or_default().lean += lean;
        }
    }

    /// The server gives more and more of it; so many were read.
    pub(super) fn add_endless(&self, resource: &'static str, read: usize) {
        self.rows().entry(resource).or_default().endless = Some(read);
    }

    /// How many of this resource.
    pub fn of(&self, resource: &str) -> usize {
        self.rows().get(resource).map(|rows| rows.unread).unwrap_or_default()
    }

    /// Whether some were not read whole, or the list not to its end: there may be more than it seems.
    pub fn is_more(&self, resource: &str) -> bool {
        self.rows().get(resource).is_some_and(|rows| rows.long > 0 || rows.endless.is_some())
    }

    /// All of them in words: "1 user, 2 SSH keys"; `None` if there were none.
    pub fn in_words(&self) -> Option<String> {
        self.in_words_but(&[])
    }

    /// Those of other resources than these, in words.
    fn in_words_but(&self, known: &[&str]) -> Option<String> {
        let rows = self.rows();
        let unread = rows.iter().filter(|(resource, rows)| rows.unread > 0 && !known.contains(resource));
        let parts: Vec<String> = unread.map(|(resource, rows)| said(resource, rows.unread)).collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }

    /// Those that were not read whole, in a sentence that names them; `None` if there were none.
    pub fn long_in_words(&self) -> Option<String> {
        let rows = self.rows();
        let part = |(resource, rows): (&&'static str, &Rows)| {
            let mut names: Vec<String> = rows.named.iter().map(ToString::to_string).collect();
            if rows.long > names.len() {
                names.push(format!("{} more", rows.long - names.len()));
            }
            let behind = match rows.lean {
                0 => String::new(),
                lean => format!(", and with them the {} that came after", said(resource, lean)),
            };
            format!("{} ({}){behind}", said(resource, rows.long), names.join(", "))
        };
        let long = rows.iter().filter(|(_, rows)| rows.long > 0);
        let parts: Vec<String> = long.map(part).collect();
        (!parts.is_empty())
            .then(|| format!("too long to be read whole, as anybody can write them: {}", parts.join("; ")))
    }

    /// Lists that were not read to their end, in a sentence; `None` if there were none.
    pub fn endless_in_words(&self) -> Option<String> {
        let rows = self.rows();
        let part = |(resource, rows): (&&'static str, &Rows)| {
            rows.endless.map(|read| format!("after {}", said(resource, read)))
        };
        let parts: Vec<String> = rows.iter().filter_map(part).collect();
        (!parts.is_empty()).then(|| {
            format!("not read further {}, of which the server gives more and more", parts.join(" and "))
        })
    }

    /// All of them together, for a line below a list that says itself what could not be read of `known`.
    pub fn remark_but(&self, known: &[&str]) -> Option<String> {
        let left_out = self.in_words_but(known).map(|rows| format!("can't be read and left out: {rows}"));
        let others = [self.long_in_words(), self.endless_in_words()];
        let parts: Vec<String> = left_out.into_iter().chain(others.into_iter().flatten()).collect();
        (!parts.is_empty()).then(|| parts.join("; "))
    }

    /// Counts what another counted as well.
    pub fn take_in(&self, other: &Self) {
        let counted = std::mem::take(&mut *other.rows());
        for (resource, theirs) in counted {
            self.add(resource, theirs.unread);
            self.add_lean(resource, theirs.lean);
            let unnamed = theirs.long - theirs.named.len();
            theirs.named.into_iter().for_each(|uuid| self.add_long(resource, uuid));
            let mut rows = self.rows();
            let ours = rows.entry(resource).or_default();
            ours.long += unnamed;
            ours.endless = ours.endless.max(theirs.endless);
        }
    }

    fn rows(&self) -> MutexGuard<'_, BTreeMap<&'static str, Rows>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
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
