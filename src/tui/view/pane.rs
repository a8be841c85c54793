//! The frame of a pane: its border, bright where the keyboard is, with what it holds and how much.

use crate::model::when::clock;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::{fit, width};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use ratatui::widgets::Block;

/// Whether a pane has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keyboard {
    /// It has.
    Here,
    /// Another pane or a dialog has.
    Elsewhere,
}

/// What stands in a pane's border.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Labels {
    /// Top left: what it is.
    pub title: String,
    /// Top right: how much of it, and in which order.
    pub extent: String,
    /// Bottom left: what must not be overlooked.
    pub below: String,
    /// Bottom right: as of when it is.
    pub as_of: Option<Timestamp>,
}

/// Draws the frame; returns its inside.
pub fn draw(frame: &mut Frame, theme: Theme, area: Rect, keyboard: Keyboard, labels: &Labels) -> Rect {
    let border = match keyboard {
        Keyboard::Here => Role::Accent,
        Keyboard::Elsewhere => Role::Dim,
    };
    let room = usize::from(area.width).saturating_sub(6);
    let extent = fit(theme, &labels.extent, room);
    let title = fit(theme, &labels.title, room.saturating_sub(width(&extent) + 2));
    let as_of = labels.as_of.map(|at| format!("as of {}", clock(at))).unwrap_or_default();
    let below = fit(theme, &labels.below, room.saturating_sub(width(&as_of) + 2));
    let label = |text: &str, role: Role| {
        if text.is_empty() {
            Line::default()
        } else {
            Line::from(Span::styled(format!(" {text} "), theme.style(role)))
        }
    };
    // Beside the title nothing takes on the border's colour.
    let aside =
        |text: &str, role: Role| label(text, role).patch_style(Style::reset().patch(theme.style(role)));
    let block = Block::bordered()
        .border_set(theme.border())
        .border_style(theme.style(border))
        .title_top(label(&title, Role::Strong))
        .title_top(aside(&extent, Role::Plain).right_aligned())
        .title_bottom(aside(&below, Role::Attention))
        .title_bottom(aside(&as_of, Role::Dim).right_aligned());
    let inside = block.inner(area);
    frame.render_widget(block, area);
    inside
}

/// Draws a line across a pane, from border to border, over row `y`.
pub fn divide(frame: &mut Frame, theme: Theme, pane: Rect, y: u16, keyboard: Keyboard) {
    let role = match keyboard {
        Keyboard::Here => Role::Accent,
        Keyboard::Elsewhere => Role::Dim,
    };
    let (start, middle, end) = theme.divider();
    let line = format!("{start}{}{end}", middle.repeat(usize::from(pane.width).saturating_sub(2)));
    frame.render_widget(Span::styled(line, theme.style(role)), Rect { y, height: 1, ..pane });
}
