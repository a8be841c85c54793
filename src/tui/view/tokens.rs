//! A user's tokens.

use crate::model::field::{AFTER_9999, Date, Field};
use crate::model::ids::UserUuid;
use crate::model::text::count;
use crate::model::token::{
    Ends, MADE_BY_THE_SERVER, Origin, Scopes, Token, TokenList, TokenSource, doubtfully_dead,
    doubtfully_dead_in_short, named_by_anybody,
};
use crate::model::when::{date, date_time, relative, relative_or_date};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::table::Column;
use jiff::{SignedDuration, Timestamp};

/// A token older than this stands out.
const OLD: SignedDuration = SignedDuration::from_hours(24 * 365);

/// From this width on, dates stand beside "in 3 days", and the origin has a column.
const ROOMY: usize = 77;

/// The columns at this width.
pub fn columns(cells: usize) -> &'static [Column] {
    const NARROW: &[Column] = &[
        Column::fixed("UUID", 13).uuid(),
        Column::fixed("  Created", 12),
        Column::fixed("Expires", 13),
        Column::share("Scopes", 1, 6),
    ];
    const WIDE: &[Column] = &[
        Column::fixed("UUID", 14).uuid(),
        Column::fixed("  Created", 12),
        Column::fixed("Expires", 24),
        Column::share("Scopes", 3, 10),
        Column::share("From", 2, 9),
    ];
    if cells < ROOMY { NARROW } else { WIDE }
}

/// The cells of a row, as many as there are columns at this width.
pub fn cells(
    theme: Theme,
    token: &Token,
    name: &dyn Fn(UserUuid) -> String,
    now: Timestamp,
    cells: usize,
) -> Vec<(Role, String)> {
    let mut row = vec![
        (Role::Plain, token.uuid.tail().to_owned()),
        created(theme, token, now),
        expires(theme, token, now, cells),
    ];
    row[0].1 = format!("{}{}", theme.ellipsis(), token.uuid.tail());
    row.push(scopes(theme, token));
    if cells >= ROOMY {
        row.push((Role::Dim, origin(token, name)));
    }
    row
}

fn created(theme: Theme, token: &Token, now: Timestamp) -> (Role, String) {
    match &token.created_at {
        Some(Date::At(at)) if now.duration_since(*at) > OLD => {
            (Role::Attention, format!("{} {}", theme.attention(), date(*at)))
        }
        Some(at) => (Role::Plain, format!("  {}", at.shown(date))),
        None => (Role::Dim, "  not told".to_owned()),
    }
}

fn expires(theme: Theme, token: &Token, now: Timestamp, cells: usize) -> (Role, String) {
    match &token.expiry {
        Ends::Never => (Role::Attention, format!("{} never", theme.attention())),
        Ends::On(Date::At(at)) if *at <= now => {
            (Role::Dim, if cells < ROOMY { "expired".to_owned() } else { format!("{} expired", date(*at)) })
        }
        Ends::On(Date::At(at)) if cells < ROOMY => (Role::Plain, relative_or_date(*at, now)),
        Ends::On(Date::At(at)) => (Role::Plain, format!("{}, {}", date(*at), relative(*at, now))),
        Ends::On(odd @ (Date::After9999(_) | Date::Unreadable(_))) => {
            (Role::Attention, format!("{} {}", theme.attention(), odd.shown(date)))
        }
    }
}

fn scopes(theme: Theme, token: &Token) -> (Role, String) {
    match &token.scopes {
        Field::Is(Scopes::All) => (Role::Attention, format!("{} all", theme.attention())),
        Field::Is(only @ Scopes::Only(_)) => (Role::Plain, only.to_string()),
        Field::Unreadable(what) => (Role::Attention, format!("{} {what}", theme.attention())),
    }
}

/// How a token came to be, in words.
pub fn origin(token: &Token, name: &dyn Fn(UserUuid) -> String) -> String {
    match token.origin {
        Origin::Login => "a login".to_owned(),
        Origin::Container(_) => "a container".to_owned(),
        Origin::Server => "the server".to_owned(),
        Origin::IssuedBy(user) if user == token.owner => "itself".to_owned(),
        Origin::IssuedBy(user) => name(user),
        Origin::Unknown => "not told".to_owned(),
    }
}

/// All that is known of the token under the cursor, in two lines.
pub fn particulars(token: &Token, name: &dyn Fn(UserUuid) -> String, now: Timestamp) -> [String; 2] {
    let from = match token.origin {
        Origin::Login => "made by a login".to_owned(),
        Origin::Container(container) => {
            format!("the container {container} works with it: revoking breaks that")
        }
        Origin::Server => MADE_BY_THE_SERVER.to_owned(),
        Origin::IssuedBy(user) if user == token.owner => "issued by its owner".to_owned(),
        Origin::IssuedBy(user) => format!("issued by {}", name(user)),
        Origin::Unknown => "origin not told".to_owned(),
    };
    let both = |at: Timestamp| format!("{}, {}", date_time(at), relative(at, now));
    let created = token
        .created_at
        .as_ref()
        .map_or_else(|| "creation not told".to_owned(), |at| format!("created {}", at.shown(both)));
    let expires = match &token.expiry {
        Ends::Never => "never expires".to_owned(),
        Ends::On(Date::At(at)) if *at <= now => format!("expired {}", both(*at)),
        Ends::On(Date::At(at)) => format!("expires {}", both(*at)),
        Ends::On(Date::After9999(_)) => format!("expires {AFTER_9999}"),
        Ends::On(Date::Unreadable(what)) => format!("expiry {what}"),
    };
    [format!("{}  {from}", token.uuid), format!("{created}; {expires}; {}", token.scopes)]
}

/// Said below a list of which something could not be read.
pub const NOT_WHOLE: &str = "not all read: see !";

/// How many there are, for the tab: those that only doubtful records call ended stand apart.
pub fn number(list: &TokenList) -> String {
    match list.doubtful + list.unproven {
        0 => list.rows.len().to_string(),
        doubtful => format!("{}+{doubtful}?", list.rows.len()),
    }
}

/// What stands in the place of the rows where there are none; `exact` is the key that lists exactly, if it can.
pub fn none(list: Option<&TokenList>, exact: Option<&str>) -> String {
    let Some(TokenList { source: TokenSource::AuditLog { .. }, doubtful, unproven, .. }) = list else {
        return "No tokens.".to_owned();
    };
    let doubts = match (*doubtful, *unproven) {
        (0, 0) => return "The audit log knows of no token that may be alive.".to_owned(),
        (0, unproven) => named_by_anybody(unproven),
        (doubtful, 0) => doubtfully_dead(doubtful),
        (doubtful, unproven) => format!("{}; {}", doubtfully_dead(doubtful), named_by_anybody(unproven)),
    };
    let exact = exact.map(|key| format!(": {key} lists exactly")).unwrap_or_default();
    format!("The audit log knows of no token that is surely alive; {doubts}{exact}.")
}

/// Where the list comes from and what it is worth, what matters most first; `exact` is the key that lists exactly,
/// if it can.
pub fn source(theme: Theme, list: &TokenList, exact: Option<&str>) -> String {
    let unread = match list.unread {
        0 => String::new(),
        unread => format!("; {} unreadable", count(unread, "row", "rows")),
    };
    let left_out = list.left_out.as_ref().map(|_| NOT_WHOLE);
    let remarks: Vec<&str> = list.remark.as_deref().into_iter().chain(left_out).collect();
    let remark = if remarks.is_empty() { String::new() } else { format!("; {}", remarks.join("; ")) };
    match list.source {
        TokenSource::Server if !unread.is_empty() || !remark.is_empty() => {
            format!("from the server{unread}{remark}")
        }
        TokenSource::Server => "exact, from the server".to_owned(),
        TokenSource::AuditLog { since } => {
            let since = since.map_or_else(String::new, |at| format!(" since {}", date(at)));
            let doubtful = match list.doubtful {
                0 => String::new(),
                // In few words, for a line of 80 columns: the plan says what that means.
                doubtful => format!("; {}", doubtfully_dead_in_short(doubtful)),
            };
            let doubtful = match list.unproven {
                0 => doubtful,
                unproven => format!("{doubtful}; {unproven} named by doubtful records"),
            };
            let exact = exact.map(|key| format!(" {} {key} exact", theme.dot())).unwrap_or_default();
            let alive = list.perhaps_alive();
            format!("{alive}{doubtful}{unread}{remark}{exact} {} audit log{since}", theme.dot())
        }
    }
}
