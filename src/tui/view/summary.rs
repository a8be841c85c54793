//! What matters of the chosen user, above the tabs.

use crate::app::details::UserDetails;
use crate::model::csv_list;
use crate::model::field::Field;
use crate::model::likeness::Look;
use crate::model::text::{self, count};
use crate::model::user::{User, UserRole, UserStatus};
use crate::model::when::{date, relative_or_date};
use crate::ops::summary::{Part, Sight};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::{fit, pad, width};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it, as many lines of it as there are rows.
pub fn draw(
    frame: &mut Frame,
    theme: Theme,
    area: Rect,
    (user, look): (&User, Look),
    details: &UserDetails,
    now: Timestamp,
) {
    let cells = usize::from(area.width).saturating_sub(2);
    let mut lines = vec![
        standing(theme, user, look, cells),
        two(
            theme,
            cells,
            (Role::Plain, &text::named(&user.email.shown())),
            (Role::Plain, &named("username", &text::named(&user.username.shown()))),
        ),
        two(theme, cells, (Role::Dim, &created(user)), (Role::Dim, &changed(user, details, now))),
        holdings(theme, details, cells),
    ];
    // Where there is room for one of them only, the remarks go before the groups.
    lines.extend(remarks(theme, user, details, cells));
    lines.extend(memberships(theme, details, cells));
    for (mut line, y) in lines.into_iter().zip(area.y..area.bottom()) {
        line.spans.insert(0, Span::raw(" "));
        frame.render_widget(line, Rect { y, height: 1, ..area });
    }
}

/// Status and role on the left, the UUID on the right.
fn standing(theme: Theme, user: &User, look: Look, cells: usize) -> Line<'static> {
    let mut spans = vec![Span::styled(
        format!("{} {}", theme.status(user.status), user.status.word()),
        theme.style(theme.status_role(user.status)),
    )];
    let admin = match &user.role {
        Field::Is(UserRole::Admin) => Some(format!("  {} Admin", theme.admin())),
        Field::Is(UserRole::Plain) => None,
        Field::Unreadable(flag) => Some(format!("  admin flag {flag}")),
    };
    spans.extend(admin.map(|text| Span::styled(text, theme.style(Role::Attention))));
    let mut taken: usize = spans.iter().map(Span::width).sum();
    if let Some(words) = look.in_words() {
        // The UUID, which can't be forged, is never cut for it.
        let words = format!("  {} {words}", theme.doubtful());
        let room = cells.saturating_sub(taken + 2 + user.uuid.as_str().len());
        let doubt = if width(&words) <= room { words } else { format!(" {}", theme.doubtful()) };
        taken += width(&doubt);
        spans.push(Span::styled(doubt, theme.style(Role::Attention)));
    }
    let uuid = fit(theme, user.uuid.as_str(), cells.saturating_sub(taken + 2));
    spans.push(Span::raw(" ".repeat(cells.saturating_sub(taken + width(&uuid)))));
    spans.push(Span::styled(uuid, theme.style(Role::Plain)));
    Line::from(spans)
}

/// Two texts, the second right-aligned; it goes where there is room for both only.
fn two(theme: Theme, cells: usize, left: (Role, &str), right: (Role, &str)) -> Line<'static> {
    let second = fit(theme, right.1, cells / 2);
    let first = pad(theme, left.1, cells.saturating_sub(width(&second)));
    Line::from(vec![Span::styled(first, theme.style(left.0)), Span::styled(second, theme.style(right.0))])
}

fn named(what: &str, value: &str) -> String {
    if value.is_empty() { format!("no {what}") } else { format!("{what} {value}") }
}

fn created(user: &User) -> String {
    user.created_at.as_ref().map(|at| format!("created {}", at.shown(date))).unwrap_or_default()
}

fn changed(user: &User, details: &UserDetails, now: Timestamp) -> String {
    let Some(at) = &user.modified_at else { return String::new() };
    let by =
        details.summary.value().and_then(|summary| summary.modified_by.as_ref()).and_then(Part::get).map(
            |by| format!(" by {}", if by.uuid == user.uuid { "the user".to_owned() } else { short(by) }),
        );
    format!("changed {}{}", at.shown(|at| relative_or_date(at, now)), by.unwrap_or_default())
}

fn short(user: &User) -> String {
    if user.username.is_empty() { user.display_name() } else { text::named(&user.username) }
}

/// What the user has beside tokens and logins.
fn holdings(theme: Theme, details: &UserDetails, cells: usize) -> Line<'static> {
    let (role, text) = match (details.summary.value(), details.summary.error()) {
        (Some(summary), _) => match &summary.has {
            Some(has) => {
                let parts = [
                    shown(
                        &has.owned,
                        |&owned| format!("owns {}", count(owned, "object", "objects")),
                        "objects",
                    ),
                    shown(&has.keys, |keys| count(keys.len(), "SSH key", "SSH keys"), "SSH keys"),
                    shown(&has.groups, |groups| count(groups.len(), "group", "groups"), "groups"),
                ];
                (Role::Dim, parts.join(&format!(" {} ", theme.dot())))
            }
            None => (Role::Dim, "What others have is not visible with this token.".to_owned()),
        },
        (None, Some(failure)) => (Role::Attention, format!("not read: {}", failure.reason)),
        (None, None) => (Role::Dim, format!("loading{}", theme.goes_on())),
    };
    Line::styled(fit(theme, &text, cells), theme.style(role))
}

/// A part, or that it is not known: why that is has a line of its own.
fn shown<T>(part: &Part<T>, show: impl FnOnce(&T) -> String, what: &str) -> String {
    part.get().map_or_else(|| format!("{what} not known"), show)
}

/// The groups the user is in, if any.
fn memberships(theme: Theme, details: &UserDetails, cells: usize) -> Option<Line<'static>> {
    let groups = details.summary.value()?.has.as_ref()?.groups.get()?;
    let names: Vec<String> = groups.iter().map(|(group, _)| group.name.shown().into_owned()).collect();
    let text = format!("in {}", csv_list::join(&names, ", "));
    (!names.is_empty()).then(|| Line::styled(fit(theme, &text, cells), theme.style(Role::Dim)))
}

/// What does not go together, or must be thought of.
fn remarks(theme: Theme, user: &User, details: &UserDetails, cells: usize) -> Option<Line<'static>> {
    let mut parts = Vec::new();
    let tokens = details.tokens.value().map_or(0, |list| list.rows.len());
    let logins = details.logins.value().map_or(0, |list| list.rows.len());
    if user.status == UserStatus::Inactive && tokens + logins > 0 {
        let mut live = Vec::new();
        if tokens > 0 {
            live.push(count(tokens, "token", "tokens"));
        }
        if logins > 0 {
            live.push(count(logins, "VM login", "VM logins"));
        }
        let verb = if tokens + logins == 1 { "lives" } else { "live" };
        parts.push(format!("inactive, but {} {verb} on", live.join(" and ")));
    }
    let has = details.summary.value().and_then(|summary| summary.has.as_ref());
    if has.is_some_and(|has| has.sight == Part::Is(Sight::Apart)) {
        parts.push("not in All users, so sees nobody: set up puts it back".to_owned());
    }
    if let Some(&work) = has.and_then(|has| has.work.get()).filter(|&&work| work > 0) {
        parts.push(format!("{} queued or running", count(work, "container", "containers")));
    }
    if let Some(has) = has {
        // The same for the same reason is said once.
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for (what, why) in has.not_known() {
            match reasons.iter_mut().find(|(known, _)| *known == why) {
                Some((_, whats)) => whats.push(what),
                None => reasons.push((why, vec![what])),
            }
        }
        parts.extend(reasons.iter().map(|(why, whats)| format!("not known: {}: {why}", whats.join(", "))));
    }
    if parts.is_empty() {
        return None;
    }
    let text = format!("{} {}", theme.attention(), parts.join("; "));
    Some(Line::styled(fit(theme, &text, cells), theme.style(Role::Attention)))
}
