//! Drawing. What is shown follows from the state alone; drawing starts nothing and changes nothing.

mod details;
mod dialog;
mod footer;
mod header;
mod logins;
pub mod overlay;
mod pane;
mod start;
mod summary;
mod table;
mod text;
mod tokens;
mod users;

use crate::app::ctx::{Arrangement, Now};
use crate::app::state::State;
use crate::app::world::{Focus, Stage};
use crate::model::text::in_ascii;
use crate::tui::layout::{self, SMALLEST};
use crate::tui::theme::{Signs, Theme};
use pane::Keyboard;
use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;
use ratatui::widgets::Paragraph;

/// Draws everything that is shown.
pub fn draw(frame: &mut Frame, state: &State, theme: Theme, now: Now) {
    draw_all(frame, state, theme, now);
    if theme.signs == Signs::Ascii {
        keep_to_ascii(frame.buffer_mut());
    }
}

/// What people call themselves may be beyond ASCII, and a terminal that expects none is not to be sent it.
fn keep_to_ascii(buffer: &mut Buffer) {
    for cell in buffer.content.iter_mut().filter(|cell| !cell.symbol().is_ascii()) {
        let letter = in_ascii(cell.symbol()).chars().next().unwrap_or('?');
        cell.set_char(letter);
    }
}

fn draw_all(frame: &mut Frame, state: &State, theme: Theme, now: Now) {
    let area = frame.area();
    let places = layout::places(area, state.world.focus);
    if places.arrangement == Arrangement::TooSmall {
        too_small(frame, area);
        return;
    }
    header::draw(frame, theme, places.header, &state.world);
    match state.world.stage() {
        Stage::Ready(session) => {
            let keyboard = |focus: Focus| {
                if state.world.focus == focus && state.overlays.is_empty() {
                    Keyboard::Here
                } else {
                    Keyboard::Elsewhere
                }
            };
            if let Some(area) = places.users {
                users::draw(frame, theme, area, (&state.world, session), keyboard(Focus::Users), now.server);
            }
            if let Some(area) = places.details {
                details::draw(frame, theme, area, &state.world, keyboard(Focus::Details), now);
            }
        }
        progress @ (Stage::NotConfigured(_) | Stage::Connecting | Stage::Unreachable(_)) => {
            let panes = Rect { y: area.y + 1, height: places.message.y.saturating_sub(area.y + 1), ..area };
            start::draw(frame, theme, panes, &state.world, progress);
        }
    }
    footer::message(frame, theme, places.message, state, now.here);
    footer::keys(frame, theme, places.footer, state);
    overlay::draw(frame, theme, area, state, now);
}

/// Says what is needed, as far as there is room for it.
fn too_small(frame: &mut Frame, area: Rect) {
    let text = format!(
        "arv-admin needs a terminal of {}x{}; this one is {}x{}",
        SMALLEST.0, SMALLEST.1, area.width, area.height
    );
    let lines: Vec<Line> = text::wrap(&text, usize::from(area.width)).into_iter().map(Line::from).collect();
    frame.render_widget(Paragraph::new(lines), area);
}
