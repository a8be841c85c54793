//! VM logins, of a user or of a VM.

use crate::model::csv_list;
use crate::model::ids::UserUuid;
use crate::model::session::ClusterFacts;
use crate::model::text::count;
use crate::model::unix_name::group_list;
use crate::model::user::UserStatus;
use crate::model::vm::LoginGroups;
use crate::ops::read::LoginRow;
use crate::ops::summary::Part;
use crate::ops::words::idle_groups;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::table::Column;

/// The columns of a user's logins.
pub const OF_USER: &[Column] = &[
    Column::share("Host", 3, 16),
    Column::share("Login name", 1, 10),
    Column::share("Groups", 2, 16),
    Column::fixed("SSH keys", 8).end(),
];

/// The columns of a VM's logins.
pub const ON_VM: &[Column] = &[
    Column::share("Login name", 1, 10),
    Column::share("User", 3, 14),
    Column::fixed("Status", 10),
    Column::share("Groups", 2, 12),
    Column::fixed("SSH keys", 8).end(),
];

fn groups(theme: Theme, row: &LoginRow) -> (Role, String) {
    match row.login.groups() {
        LoginGroups::Uncertain => (
            Role::Attention,
            format!("{} uncertain, {}", theme.attention(), count(row.login.links.len(), "link", "links")),
        ),
        LoginGroups::Certain([]) => (Role::Dim, "(none)".to_owned()),
        LoginGroups::Certain(groups) => (Role::Plain, group_list(groups)),
    }
}

fn keys(theme: Theme, row: &LoginRow) -> (Role, String) {
    match &row.keys {
        Part::Is(0) => (Role::Attention, format!("{} none", theme.attention())),
        Part::Is(keys) => (Role::Plain, keys.to_string()),
        Part::NotKnown(_) => (Role::Attention, "?".to_owned()),
    }
}

fn login_name(theme: Theme, row: &LoginRow) -> (Role, String) {
    if row.login.login_name.is_empty() {
        (Role::Attention, format!("{} no name", theme.attention()))
    } else if row.shared_with.is_empty() {
        (Role::Plain, row.login.login_name.clone())
    } else {
        (Role::Attention, format!("{} {}", theme.attention(), row.login.login_name))
    }
}

/// A row of a user's logins.
pub fn of_user(theme: Theme, row: &LoginRow) -> Vec<(Role, String)> {
    let host = row.hostname.clone().unwrap_or_else(|| row.login.vm.to_string());
    vec![(Role::Plain, host), login_name(theme, row), groups(theme, row), keys(theme, row)]
}

/// A row of a VM's logins.
pub fn on_vm(theme: Theme, row: &LoginRow) -> Vec<(Role, String)> {
    let (user, status) = match &row.user {
        Some(user) => {
            let role = if user.status == UserStatus::Active { Role::Plain } else { Role::Attention };
            (user.display_name(), (role, format!("{} {}", theme.status(user.status), user.status.word())))
        }
        None => (row.login.user.to_string(), (Role::Dim, "not seen".to_owned())),
    };
    vec![login_name(theme, row), (Role::Plain, user), status, groups(theme, row), keys(theme, row)]
}

/// What stands out about the login under the cursor, in two lines.
pub fn particulars(
    row: &LoginRow,
    name: &dyn Fn(UserUuid) -> String,
    facts: Option<&ClusterFacts>,
) -> [String; 2] {
    let links: Vec<String> = row.login.links.iter().map(|link| link.uuid.to_string()).collect();
    let mut remarks = Vec::new();
    if let (Some(facts), LoginGroups::Certain(groups)) = (facts, row.login.groups()) {
        remarks.extend(idle_groups(facts, groups));
    }
    if row.login.has_twins() {
        remarks.push("kept more than once by the server: change it to make it one".to_owned());
    }
    if row.login.is_odd() {
        remarks.push("its properties are not what login-sync reads: change it, or revoke it".to_owned());
    }
    if !row.shared_with.is_empty() {
        let others: Vec<String> = row.shared_with.iter().map(|user| name(*user)).collect();
        remarks.push(format!("the same Unix account as {}", csv_list::join(&others, ", ")));
    }
    if row.user.as_ref().is_some_and(|user| user.status == UserStatus::Inactive) {
        remarks.push("its user is inactive, the login is not".to_owned());
    }
    match &row.keys {
        Part::Is(0) => remarks.push("no SSH key, so no way in".to_owned()),
        Part::Is(_) => {}
        Part::NotKnown(why) => remarks.push(format!("SSH keys not known: {why}")),
    }
    [links.join(", "), remarks.join("; ")]
}
