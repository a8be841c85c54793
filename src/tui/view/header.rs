//! The first line: which cluster, who is asking, what may be seen, and what must not be forgotten.

use crate::app::launch::{Certificates, Place};
use crate::app::world::World;
use crate::model::session::TokenAccess;
use crate::model::text::named;
use crate::ops::Mode;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::{fit, width};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws it.
pub fn draw(frame: &mut Frame, theme: Theme, area: Rect, world: &World) {
    let badges = badges(world);
    let badge_cells: usize = badges.iter().map(|(_, badge)| width(badge) + 3).sum();
    // Without a badge, the last cell stays free, as the first one.
    let ends = if badges.is_empty() { 2 } else { 1 };
    let room = usize::from(area.width).saturating_sub(badge_cells + ends);
    let dot = theme.dot();
    let place = place(world);
    let who = who(world);
    let full = format!("arv-admin {dot} {place}");
    // What there is no room for goes: first the program's own name, then the access, then who.
    let access = access(world, Brevity::Long);
    let short_access = access_short(world);
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

fn place(world: &World) -> String {
    let host = match &world.launch.place {
        Place::Host(host) | Place::Demo(host) => host.as_str(),
        Place::NotConfigured(_) => "no cluster",
    };
    match world.session.value() {
        Some(session) => format!("{} {host}", session.cluster.id),
        None => host.to_owned(),
    }
}

fn who(world: &World) -> String {
    let Some(session) = world.session.value() else { return String::new() };
    let me = &session.me;
    let name = if me.email.is_empty() { me.display_name() } else { named(&me.email) };
    if me.is_admin() { format!("{name}, admin") } else { name }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Brevity {
    Long,
    Short,
}

fn access_short(world: &World) -> String {
    access(world, Brevity::Short)
}

fn access(world: &World, brevity: Brevity) -> String {
    let Some(session) = world.session.value() else { return String::new() };
    let long = brevity == Brevity::Long;
    match session.access {
        TokenAccess::All if world.launch.mode == Mode::ReadOnly => "tokens: all, exact".to_owned(),
        TokenAccess::All => "tokens: all".to_owned(),
        TokenAccess::Borrowed if long => "tokens: audit log, exact on request".to_owned(),
        TokenAccess::Borrowed => "tokens: audit log".to_owned(),
        TokenAccess::OwnOnly => "tokens: your own".to_owned(),
        TokenAccess::Elsewhere(cluster) => format!("tokens: on {cluster}"),
        TokenAccess::Forbidden => "tokens: forbidden here".to_owned(),
    }
}

fn badges(world: &World) -> Vec<(Role, &'static str)> {
    let mut badges = Vec::new();
    if world.launch.certificates == Certificates::Ignored {
        badges.push((Role::Badge, "INSECURE"));
    }
    if world.launch.mode == Mode::ReadOnly {
        badges.push((Role::Badge, "READ-ONLY"));
    }
    if matches!(world.launch.place, Place::Demo(_)) {
        badges.push((Role::Label, "DEMO"));
    }
    badges
}
