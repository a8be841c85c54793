//! Drawing. What is shown follows from the state alone; drawing starts nothing and changes nothing.

mod dialog;
mod table;
mod text;

use crate::app::state::{Place, State};
use crate::tui::keymap::{self, Hint};
use crate::tui::theme::Theme;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

/// What drawing remembers from frame to frame.
#[derive(Debug)]
pub struct RenderState {
    /// How the program looks on this terminal.
    pub theme: Theme,
}

impl RenderState {
    /// For this terminal; nothing is drawn yet.
    pub fn new(theme: Theme) -> Self {
        Self { theme }
    }
}

/// Draws everything that is shown.
pub fn draw(frame: &mut Frame, state: &State, render: &mut RenderState) {
    let area = frame.area();
    let theme = render.theme;
    let users = &state.users;
    let place = match &state.launch.place {
        Place::Host(host) => host.clone(),
        Place::Demo(host) => format!("{host} DEMO"),
        Place::NotConfigured(_) => "No cluster is configured.".to_owned(),
    };
    let mut lines = vec![
        Line::from(format!("arv-admin {place}")),
        Line::from(format!("Users {} /{}", users.table().shown_len(), users.filter_field().text())),
    ];
    let cursor = users.cursor().id();
    let height = usize::from(area.height.saturating_sub(4));
    for user in users.table().window(users.cursor().top(), height) {
        let mark = if cursor == Some(user.uuid) { theme.cursor() } else { " " };
        lines.push(Line::from(format!(
            "{mark} {} {} {}",
            user.status.word(),
            user.display_name(),
            user.email
        )));
    }
    frame.render_widget(Paragraph::new(lines), area);
    if let (Some(notice), true) = (state.notices.shown(), area.height > 1) {
        let row = Rect { y: area.height - 2, height: 1, ..area };
        frame.render_widget(Line::from(notice.text.as_str()), row);
    }
    let keys: Vec<String> = keymap::bindings(state.context())
        .filter(|binding| binding.hint == Hint::Footer)
        .filter_map(|binding| Some(format!("{} {}", binding.keys.first()?, binding.action.name())))
        .collect();
    if area.height > 0 {
        frame.render_widget(Line::from(keys.join("  ")), Rect { y: area.height - 1, height: 1, ..area });
    }
}
