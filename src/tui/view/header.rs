//! The first line: which cluster, who is asking, what may be seen, and what must not be forgotten.

use crate::app::state::{Certificates, Place, State};
use crate::model::session::TokenAccess;
use crate::model::text::named;
use crate::ops::Mode;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::{fit, width};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame, theme: Theme, area: Rect, state: &State) {
    let badges = badges(state);
    let badge_cells: usize = badges.iter().map(|(_, badge)| width(badge) + 3).sum();
    // Without a badge, the last cell stays free, as the first one.
    let ends = if badges.is_empty() { 2 } else { 1 };
    let room = usize::from(area.width).saturating_sub(badge_cells + ends);
    let dot = theme.dot();
    let place = place(state);
    let who = who(state);
    let full = format!("arv-admin {dot} {place}");
    // What there is no room for goes: first the program's own name, then the access, then who.
    let access = access(state, Brevity::Long);
    let short_access = access_short(state);
    let candidates = [
        (full.clone(), join(dot, &[&who, &access])),
        (place.clone(), join(dot, &[&who, &access])),
        (place.clone(), join(dot, &[&who, &short_access])),
        (place.clone(), who.clone()),
        (place.clone(), String::new()),
    ];
    let (left, right) = candidates
        .into_iter()
        .find(|(left, right)| width(left) + width(right) + 3 <= room)
        .unwrap_or((place, String::new()));
    let left = fit(theme, &left, room);
    let gap = room.saturating_sub(width(&left) + width(&right));
    let mut spans = vec![
        Span::raw(" "),
        Span::styled(left, theme.style(Role::Strong)),
        Span::raw(" ".repeat(gap)),
        Span::styled(right, theme.style(Role::Dim)),
    ];
    for (role, badge) in badges {
        spans.push(Span::raw(" "));
        spans.push(Span::styled(format!(" {badge} "), theme.style(role)));
    }
    frame.render_widget(Line::from(spans), area);
}

fn join(dot: &str, parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().copied().filter(|part| !part.is_empty()).collect();
    parts.join(&format!(" {dot} "))
}

fn place(state: &State) -> String {
    let host = match &state.launch.place {
        Place::Host(host) | Place::Demo(host) => host.as_str(),
        Place::NotConfigured(_) => "no cluster",
    };
    match state.session.value() {
        Some(session) => format!("{} {host}", session.cluster.id),
        None => host.to_owned(),
    }
}

fn who(state: &State) -> String {
    let Some(session) = state.session.value() else { return String::new() };
    let me = &session.me;
    let name = if me.email.is_empty() { me.display_name() } else { named(&me.email) };
    if me.is_admin() { format!("{name}, admin") } else { name }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Brevity {
    Long,
    Short,
}

fn access_short(state: &State) -> String {
    access(state, Brevity::Short)
}

fn access(state: &State, brevity: Brevity) -> String {
    let Some(session) = state.session.value() else { return String::new() };
    let long = brevity == Brevity::Long;
    match session.access {
        TokenAccess::All if state.launch.mode == Mode::ReadOnly => "tokens: all, exact".to_owned(),
        TokenAccess::All => "tokens: all".to_owned(),
        TokenAccess::Borrowed if long => "tokens: audit log, exact on request".to_owned(),
        TokenAccess::Borrowed => "tokens: audit log".to_owned(),
        TokenAccess::OwnOnly => "tokens: your own".to_owned(),
        TokenAccess::Elsewhere(cluster) => format!("tokens: on {cluster}"),
        TokenAccess::Forbidden => "tokens: forbidden here".to_owned(),
    }
}

fn badges(state: &State) -> Vec<(Role, &'static str)> {
    let mut badges = Vec::new();
    if state.launch.certificates == Certificates::Ignored {
        badges.push((Role::Badge, "INSECURE"));
    }
    if state.launch.mode == Mode::ReadOnly {
        badges.push((Role::Badge, "READ-ONLY"));
    }
    if matches!(state.launch.place, Place::Demo(_)) {
        badges.push((Role::Label, "DEMO"));
    }
    badges
}
