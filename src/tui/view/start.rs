//! The screen while there is no cluster: none configured, not answered yet, not to be reached.

use super::text::wrap;
use crate::app::action::Action;
use crate::app::availability::availability;
use crate::app::context::Context;
use crate::app::launch::Place;
use crate::app::world::Stage;
use crate::app::world::World;
use crate::tui::keymap;
use crate::tui::theme::{Role, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;

/// Lines longer than this are hard to read.
const WIDEST: u16 = 100;

/// Draws it.
pub fn draw(frame: &mut Frame, theme: Theme, area: Rect, world: &World, how_far: Stage) {
    let cells = usize::from(area.width.min(WIDEST).saturating_sub(4));
    let lines = match how_far {
        Stage::NotConfigured(looked_for) => not_configured(theme, looked_for, cells),
        Stage::Unreachable(_) => unreachable(theme, world, cells),
        Stage::Connecting | Stage::Ready(_) => connecting(theme, world),
    };
    let inside = Rect {
        x: area.x + 2,
        y: area.y + 1,
        width: area.width.saturating_sub(4),
        height: area.height.saturating_sub(1),
    };
    frame.render_widget(Paragraph::new(lines), inside);
}

fn key(action: Action) -> String {
    keymap::key_for(Context::Start, action).map(|key| key.to_string()).unwrap_or_default()
}

/// A key and what it does.
fn offer(theme: Theme, action: Action, what: &str) -> Line<'static> {
    Line::from(vec![Span::styled(key(action), theme.style(Role::Accent)), Span::raw(format!("  {what}"))])
}

fn not_configured(theme: Theme, looked_for: &[(String, String)], cells: usize) -> Vec<Line<'static>> {
    let mut lines = vec![
        Line::styled("No cluster is configured.", theme.style(Role::Strong)),
        Line::default(),
        Line::from("Looked for"),
    ];
    let widest =
        looked_for.iter().map(|(place, _)| super::text::width(place)).max().unwrap_or(0).min(cells / 2);
    for (place, found) in looked_for {
        lines.push(Line::from(vec![
            Span::raw(format!("  {}  ", super::text::pad(theme, place, widest))),
            Span::styled(
                super::text::fit(theme, found, cells.saturating_sub(widest + 4)),
                theme.style(Role::Dim),
            ),
        ]));
    }
    lines.push(Line::default());
    let advice = "Workbench shows host and token under \"Get API token\": put both into the environment or \
                  into a settings.conf. Or try the demo cluster that is built in; it needs neither:";
    lines.extend(wrap(advice, cells).into_iter().map(Line::from));
    lines.push(Line::default());
    lines.push(Line::from(vec![
        Span::styled("    arv-admin --demo", theme.style(Role::Strong)),
        Span::raw("      "),
        Span::styled(key(Action::OpenDemo), theme.style(Role::Accent)),
        Span::raw(" opens it now"),
    ]));
    lines
}

fn connecting(theme: Theme, world: &World) -> Vec<Line<'static>> {
    let host = match &world.launch.place {
        Place::Host(host) | Place::Demo(host) => super::text::fit(theme, host, 80),
        Place::NotConfigured(_) => String::new(),
    };
    vec![Line::styled(format!("asking {host} who we are{}", theme.goes_on()), theme.style(Role::Dim))]
}

fn unreachable(theme: Theme, world: &World, cells: usize) -> Vec<Line<'static>> {
    let Some(trouble) = world.trouble() else { return Vec::new() };
    let mut lines: Vec<Line> = wrap(&trouble.title, cells)
        .into_iter()
        .map(|line| Line::styled(line, theme.style(Role::Danger)))
        .collect();
    lines.push(Line::default());
    lines.extend(wrap(&trouble.reason, cells).into_iter().map(Line::from));
    if let Some(id) = &trouble.request_id {
        lines.push(Line::styled(
            super::text::fit(theme, &format!("request {id}"), cells),
            theme.style(Role::Dim),
        ));
    }
    lines.push(Line::default());
    for advice in &trouble.advice {
        lines.extend(wrap(advice, cells).into_iter().map(Line::from));
    }
    lines.push(Line::default());
    lines.push(if world.session.awaiting().is_some() {
        Line::styled(format!("trying again{}", theme.goes_on()), theme.style(Role::Dim))
    } else {
        offer(
            theme,
            Action::Refresh,
            if world.tries_again_by_itself() {
                "try again now; it is also tried again by itself"
            } else {
                "try again"
            },
        )
    });
    if availability(world, Action::SendToken).is_enabled() {
        lines.push(offer(
            theme,
            Action::SendToken,
            "send the token there all the same: whoever runs that cluster can use it",
        ));
    }
    lines.push(offer(theme, Action::OpenDemo, "open the demo cluster instead"));
    lines
}
