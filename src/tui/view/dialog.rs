//! The frame of every dialog: a title, lines of text, and at the bottom the keys that answer it.

use crate::tui::layout;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::{fit, width, wrap};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};

/// What a dialog is about, which decides the colour of its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something to read or fill in.
    Calm,
    /// Something that can't simply be taken back.
    Grave,
}

/// A dialog being put together.
pub struct Dialog {
    theme: Theme,
    title: String,
    tone: Tone,
    width: u16,
    lines: Vec<Line<'static>>,
    hints: Vec<(String, String)>,
    cursor: Option<(u16, u16)>,
}

impl Dialog {
    /// An empty dialog whose inside is at most `width` cells wide on this screen.
    pub fn new(theme: Theme, area: Rect, title: impl Into<String>, tone: Tone, width: u16) -> Self {
        let width = width.min(area.width.saturating_sub(6)).max(10);
        Self { theme, title: title.into(), tone, width, lines: Vec::new(), hints: Vec::new(), cursor: None }
    }

    /// How many cells a line has.
    pub fn inner_width(&self) -> usize {
        usize::from(self.width)
    }

    /// A line as it is; cut where it is too long.
    pub fn line(&mut self, spans: Vec<Span<'static>>) -> &mut Self {
        self.lines.push(Line::from(spans));
        self
    }

    /// A paragraph in one role, wrapped.
    pub fn text(&mut self, role: Role, text: &str) -> &mut Self {
        let style = self.theme.style(role);
        for line in wrap(text, self.inner_width()) {
            self.lines.push(Line::styled(line, style));
        }
        self
    }

    /// A paragraph with a sign before its first line, the others indented below its text.
    pub fn bullet(&mut self, role: Role, sign: &str, text: &str) -> &mut Self {
        let style = self.theme.style(role);
        let indent = width(sign) + 1;
        for (i, line) in wrap(text, self.inner_width().saturating_sub(indent)).into_iter().enumerate() {
            let head = if i == 0 { format!("{sign} ") } else { " ".repeat(indent) };
            self.lines.push(Line::from(vec![Span::styled(head, style), Span::styled(line, style)]));
        }
        self
    }

    /// An empty line.
    pub fn gap(&mut self) -> &mut Self {
        self.lines.push(Line::default());
        self
    }

    /// Puts the terminal's cursor on the line that comes next, so many cells from its start.
    pub fn cursor_at(&mut self, column: usize) -> &mut Self {
        self.cursor = u16::try_from(column).ok().zip(u16::try_from(self.lines.len()).ok());
        self
    }

    /// A key and what it does, at the bottom.
    pub fn hint(&mut self, key: impl Into<String>, what: impl Into<String>) -> &mut Self {
        self.hints.push((key.into(), what.into()));
        self
    }

    /// How many lines there are so far.
    pub fn height(&self) -> usize {
        self.lines.len()
    }

    /// Draws it over `area`, at least `least` lines high, scrolled down by `scroll` lines.
    pub fn draw(self, frame: &mut Frame, area: Rect, least: usize, scroll: usize) {
        let theme = self.theme;
        let border = theme.style(match self.tone {
            Tone::Calm => Role::Accent,
            Tone::Grave => Role::Danger,
        });
        let hint_lines = self.hint_lines();
        let wanted = self.lines.len().max(least) + hint_lines.len() + 3;
        let place = layout::dialog(area, self.width + 4, u16::try_from(wanted).unwrap_or(u16::MAX));
        frame.render_widget(Clear, place);
        let title = fit(theme, &self.title, usize::from(place.width).saturating_sub(4));
        let block = Block::bordered()
            .border_set(theme.border())
            .border_style(border)
            .title(Span::styled(format!(" {title} "), theme.style(Role::Strong)));
        let inner = block.inner(place);
        frame.render_widget(block, place);
        let body_height =
            inner.height.saturating_sub(u16::try_from(hint_lines.len() + 1).unwrap_or(u16::MAX));
        let body =
            Rect { x: inner.x + 1, width: inner.width.saturating_sub(2), height: body_height, ..inner };
        let most = self.lines.len().saturating_sub(usize::from(body_height));
        let scroll = scroll.min(most);
        if let Some((column, line)) = self.cursor {
            let line = usize::from(line);
            if line >= scroll && line - scroll < usize::from(body_height) {
                let y = body.y + u16::try_from(line - scroll).unwrap_or_default();
                frame.set_cursor_position((body.x + column.min(body.width.saturating_sub(1)), y));
            }
        }
        let more = most > scroll;
        let lines: Vec<Line> = self.lines.into_iter().skip(scroll).take(usize::from(body_height)).collect();
        frame.render_widget(Paragraph::new(lines), body);
        if more && body_height > 0 {
            let below = Rect { y: body.y + body_height, height: 1, ..body };
            let text = format!("{} more lines below", most - scroll);
            frame.render_widget(Line::styled(text, theme.style(Role::Dim)), below);
        }
        for (i, line) in hint_lines.into_iter().enumerate() {
            let y = inner.bottom().saturating_sub(1) - u16::try_from(i).unwrap_or_default();
            if y > inner.y {
                frame.render_widget(line, Rect { y, height: 1, ..body });
            }
        }
    }

    /// The keys at the bottom, last line first, as many lines as they need.
    fn hint_lines(&self) -> Vec<Line<'static>> {
        let mut lines: Vec<Vec<Span<'static>>> = vec![Vec::new()];
        let mut used = 0;
        for (key, what) in &self.hints {
            let needs = width(key) + width(what) + 4;
            if used + needs > self.inner_width() + 3 && used > 0 {
                lines.push(Vec::new());
                used = 0;
            }
            used += needs;
            if let Some(line) = lines.last_mut() {
                line.push(Span::styled(key.clone(), self.theme.style(Role::Accent)));
                line.push(Span::raw(format!(" {what}   ")));
            }
        }
        lines.into_iter().rev().map(Line::from).collect()
    }
}
