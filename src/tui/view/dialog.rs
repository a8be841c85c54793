//! The frame of every dialog: a title, what stays on top, what is scrolled, what must always be seen, and
//! at the bottom the answer and its keys. Where it stands and how much of it is seen is worked out here,
//! once, for drawing and for moving about in it alike.

use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::overlay::chooser::ListCursor;
use crate::app::overlay::line::Scroll;
use crate::tui::keymap;
use crate::tui::layout::{self, Extent};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::text::{fit, width};
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Clear, Paragraph};
use std::ops::Range;

/// Between two keys at the bottom.
const BETWEEN_KEYS: usize = 4;

/// What is scrolled is never less than this, if it has as much.
const LEAST_BODY: usize = 3;

/// What a dialog is about, which decides the colour of its frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Something to read or fill in.
    Calm,
    /// Something that can't simply be taken back.
    Grave,
}

/// How wide a dialog wants to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Size {
    /// For a short list of words.
    Slim,
    /// For sentences.
    Middle,
    /// For rows of several columns.
    Broad,
}

/// What is scrolled.
pub enum Body<'a> {
    /// Lines to be read.
    Text(Vec<Line<'static>>, Scroll),
    /// Lines of which these must be seen.
    Around(Vec<Line<'static>>, Range<usize>),
    /// Rows with a cursor; only those in view are made.
    Rows {
        /// How many there are.
        len: usize,
        /// Where the cursor is.
        cursor: ListCursor,
        /// Makes one.
        row: Box<dyn Fn(usize) -> Line<'static> + 'a>,
    },
}

impl Body<'_> {
    fn len(&self) -> usize {
        match self {
            Self::Text(lines, _) | Self::Around(lines, _) => lines.len(),
            Self::Rows { len, .. } => *len,
        }
    }

    /// The first line that is seen where there is room for so many.
    fn top(&self, rows: usize) -> usize {
        let most = self.len().saturating_sub(rows);
        match self {
            Self::Text(_, scroll) => scroll.0.min(most),
            Self::Around(_, seen) => seen.end.saturating_sub(rows).min(seen.start).min(most),
            Self::Rows { cursor, .. } => {
                // The state's own idea of it is from before the terminal changed its size.
                let least = (cursor.at() + 1).saturating_sub(rows.max(1));
                cursor.top().clamp(least, cursor.at().max(least)).min(most)
            }
        }
    }
}

/// The part of a dialog that the terminal's cursor stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// What stays on top.
    Head,
    /// What is scrolled.
    Body,
    /// The answer at the bottom.
    Answer,
}

/// A dialog being put together.
pub struct Dialog<'a> {
    theme: Theme,
    context: Context,
    title: String,
    tone: Tone,
    cells: u16,
    head: Vec<Line<'static>>,
    body: Body<'a>,
    least: usize,
    foot: Vec<Line<'static>>,
    aside: Vec<Line<'static>>,
    answer: Vec<Line<'static>>,
    keys: Vec<Vec<Span<'static>>>,
    cursor: Option<(Part, usize, usize)>,
}

/// Where the parts of a dialog stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Places {
    /// All of it.
    pub frame: Rect,
    /// What stays on top.
    pub head: Rect,
    /// What is scrolled.
    pub body: Rect,
    /// Where it is said that there is more.
    pub more: Rect,
    /// What is always seen.
    pub foot: Rect,
    /// The answer.
    pub answer: Rect,
    /// The keys.
    pub keys: Rect,
}

impl<'a> Dialog<'a> {
    /// An empty dialog for this screen, in which the keys of this context work.
    pub fn new(theme: Theme, area: Rect, context: Context, title: impl Into<String>, size: Size) -> Self {
        let cells = match size {
            Size::Slim => 48,
            Size::Middle => 74,
            Size::Broad => 100,
        };
        Self {
            theme,
            context,
            title: title.into(),
            tone: Tone::Calm,
            cells: layout::dialog_cells(area, cells),
            head: Vec::new(),
            body: Body::Text(Vec::new(), Scroll::default()),
            least: 0,
            foot: Vec::new(),
            aside: Vec::new(),
            answer: Vec::new(),
            keys: Vec::new(),
            cursor: None,
        }
    }

    /// How many cells a line has.
    pub fn cells(&self) -> usize {
        usize::from(self.cells)
    }

    /// How it looks.
    pub fn theme(&self) -> Theme {
        self.theme
    }

    /// What it is about.
    pub fn tone(&mut self, tone: Tone) -> &mut Self {
        self.tone = tone;
        self
    }

    /// What stays on top.
    pub fn head(&mut self, lines: impl IntoIterator<Item = Line<'static>>) -> &mut Self {
        self.head.extend(lines);
        self
    }

    /// What is scrolled.
    pub fn body(&mut self, body: Body<'a>) -> &mut Self {
        self.body = body;
        self
    }

    /// What is scrolled has at least so many rows, so that the dialog keeps its size while it fills.
    pub fn least(&mut self, rows: usize) -> &mut Self {
        self.least = rows;
        self
    }

    /// What is always seen below what is scrolled.
    pub fn foot(&mut self, lines: impl IntoIterator<Item = Line<'static>>) -> &mut Self {
        self.foot.extend(lines);
        self
    }

    /// What is good to know: below the foot, or scrolled with the rest where there is too little room.
    pub fn aside(&mut self, lines: impl IntoIterator<Item = Line<'static>>) -> &mut Self {
        self.aside.extend(lines);
        self
    }

    /// What stands above the keys: a field for the answer.
    pub fn answer(&mut self, lines: impl IntoIterator<Item = Line<'static>>) -> &mut Self {
        self.answer.extend(lines);
        self
    }

    /// Puts the terminal's cursor on this line of this part, so many cells from its start.
    pub fn cursor(&mut self, part: Part, line: usize, column: usize) -> &mut Self {
        self.cursor = Some((part, line, column));
        self
    }

    /// The answer that is taken if nothing else is wanted, as a button with its key.
    pub fn button(&mut self, action: Action, label: &str) -> &mut Self {
        let label = format!("[ {label} ]");
        self.key_span(action, Span::styled(label, self.theme.style(Role::Strong)))
    }

    /// A key that works here, and what it does; nothing if none is bound.
    pub fn key(&mut self, action: Action, label: impl Into<String>) -> &mut Self {
        self.key_span(action, Span::raw(label.into()))
    }

    fn key_span(&mut self, action: Action, label: Span<'static>) -> &mut Self {
        if let Some(key) = keymap::key_for(self.context, action) {
            let key = Span::styled(key.to_string(), self.theme.style(Role::Accent));
            self.keys.push(vec![key, Span::raw(" "), label]);
        }
        self
    }

    /// How much of what is scrolled is seen on this screen.
    pub fn extent(mut self, area: Rect) -> Extent {
        self.put_aside(area);
        let places = self.places(area);
        Extent { rows: usize::from(places.body.height), lines: self.body.len() }
    }

    /// What is good to know goes to where there is room for it.
    fn put_aside(&mut self, area: Rect) {
        if self.aside.is_empty() {
            return;
        }
        let inside = usize::from(layout::dialog_room(area).height.saturating_sub(2));
        // Blank lines: below the head, the body and the foot.
        let fixed = self.head.len() + self.foot.len() + self.answer.len() + self.key_lines().len() + 3;
        let aside = std::mem::take(&mut self.aside);
        let left = inside.saturating_sub(fixed + aside.len());
        // A long list is scrolled anyway; what is below it must not be hundreds of lines away.
        if self.body.len() <= left || inside / 2 <= left {
            self.foot.extend(aside);
        } else if let Body::Text(lines, _) | Body::Around(lines, _) = &mut self.body {
            lines.push(Line::default());
            lines.extend(aside);
        }
    }

    /// Where everything stands. What does not fit is given up in this order: blank lines, then what is
    /// always seen becomes part of what is scrolled, so that nothing can't be read.
    fn places(&mut self, area: Rect) -> Places {
        let room = layout::dialog_room(area);
        let inside = usize::from(room.height.saturating_sub(2));
        let keys = self.key_lines().len();
        let gap = |lines: &[Line]| usize::from(!lines.is_empty());
        let scrolls = self.body.len() > 0 || self.least > 0;
        let (mut above, mut below) = (gap(&self.head), usize::from(scrolls));
        let fixed = |dialog: &Self| dialog.head.len() + dialog.foot.len() + dialog.answer.len() + keys + 1;
        let wanted = self.body.len().min(LEAST_BODY);
        // Between the foot and the answer, as long as there is a foot.
        let mut between = gap(&self.foot);
        if fixed(self) + above + between + wanted > inside {
            above = 0;
            between = 0;
        }
        if fixed(self) + wanted > inside && !self.foot.is_empty() {
            let foot = std::mem::take(&mut self.foot);
            if let Body::Text(lines, _) | Body::Around(lines, _) = &mut self.body {
                lines.push(Line::default());
                lines.extend(foot);
            }
        }
        if fixed(self) > inside {
            below = 0;
        }
        let taken = fixed(self) - 1 + above + between + below;
        let body = self.body.len().max(self.least).min(inside.saturating_sub(taken));
        let short = |rows: usize| u16::try_from(rows).unwrap_or(u16::MAX);
        let frame = layout::dialog(area, self.cells + 4, short(taken + body + 2));
        let inner = Rect {
            x: frame.x.saturating_add(2),
            y: frame.y.saturating_add(1),
            width: frame.width.saturating_sub(4),
            height: frame.height.saturating_sub(2),
        };
        let mut at = inner;
        let mut take = |rows: usize| {
            let rows = short(rows).min(at.height);
            let part = Rect { height: rows, ..at };
            at.y += rows;
            at.height -= rows;
            part
        };
        let head = take(self.head.len());
        take(above);
        let body = take(body);
        let more = take(below);
        let foot = take(self.foot.len());
        take(between);
        let answer = take(self.answer.len());
        let keys = take(keys);
        Places { frame, head, body, more, foot, answer, keys }
    }

    /// Draws it, and says where it drew what.
    pub fn draw(mut self, frame: &mut Frame, area: Rect) -> Places {
        let theme = self.theme;
        self.put_aside(area);
        let places = self.places(area);
        // A column of nothing on both sides, so that no line of a pane runs into the frame.
        let around = Rect {
            x: places.frame.x.saturating_sub(1),
            width: places.frame.width.saturating_add(2),
            ..places.frame
        };
        frame.render_widget(Clear, around.intersection(frame.area()));
        frame.render_widget(self.border(places.frame), places.frame);
        let rows = usize::from(places.body.height);
        let top = self.body.top(rows);
        let len = self.body.len();
        if let Some((part, line, column)) = self.cursor {
            put_cursor(frame, &places, part, line, column, top);
        }
        let keys = self.key_lines();
        frame.render_widget(Paragraph::new(self.head), places.head);
        let seen: Vec<Line> = match self.body {
            Body::Text(lines, _) | Body::Around(lines, _) => lines.into_iter().skip(top).take(rows).collect(),
            Body::Rows { len, row, .. } => (top..len).take(rows).map(row).collect(),
        };
        frame.render_widget(Paragraph::new(seen), places.body);
        let more = more(self.context, top, len.saturating_sub(top + rows));
        frame.render_widget(Line::styled(more, theme.style(Role::Dim)), places.more);
        frame.render_widget(Paragraph::new(self.foot), places.foot);
        frame.render_widget(Paragraph::new(self.answer), places.answer);
        frame.render_widget(Paragraph::new(keys), places.keys);
        places
    }

    fn border(&self, place: Rect) -> Block<'static> {
        let theme = self.theme;
        let style = theme.style(match self.tone {
            Tone::Calm => Role::Accent,
            Tone::Grave => Role::Danger,
        });
        let title = fit(theme, &self.title, usize::from(place.width).saturating_sub(4));
        let title = if title.is_empty() { title } else { format!(" {title} ") };
        let title_style = match self.tone {
            Tone::Calm => theme.style(Role::Strong),
            Tone::Grave => style.add_modifier(Modifier::BOLD),
        };
        Block::bordered()
            .border_set(theme.border())
            .border_style(style)
            .title(Span::styled(title, title_style))
    }

    /// The keys at the bottom, in as many lines as they need.
    fn key_lines(&self) -> Vec<Line<'static>> {
        let mut lines: Vec<Vec<Span<'static>>> = Vec::new();
        let mut used = 0;
        for key in &self.keys {
            let needs: usize = key.iter().map(|span| width(&span.content)).sum();
            match lines.last_mut() {
                Some(line) if used + BETWEEN_KEYS + needs <= self.cells() => {
                    line.push(Span::raw(" ".repeat(BETWEEN_KEYS)));
                    line.extend(key.iter().cloned());
                    used += BETWEEN_KEYS + needs;
                }
                _ => {
                    lines.push(key.clone());
                    used = needs;
                }
            }
        }
        lines.into_iter().map(Line::from).collect()
    }
}

/// What to say of the lines that are out of sight.
fn more(context: Context, above: usize, below: usize) -> String {
    let lines = |n: usize| if n == 1 { "line" } else { "lines" };
    let key = |action| keymap::key_for(context, action).map(|key| format!("  {key}")).unwrap_or_default();
    match (above, below) {
        (0, 0) => String::new(),
        (0, n) => format!("{n} more {} below{}", lines(n), key(Action::PageDown)),
        (n, 0) => format!("{n} {} above{}", lines(n), key(Action::PageUp)),
        (a, b) => format!("{a} {} above, {b} below", lines(a)),
    }
}

fn put_cursor(frame: &mut Frame, places: &Places, part: Part, line: usize, column: usize, top: usize) {
    let (place, line) = match part {
        Part::Head => (places.head, Some(line)),
        Part::Body => (places.body, line.checked_sub(top)),
        Part::Answer => (places.answer, Some(line)),
    };
    let Some(line) = line.and_then(|line| u16::try_from(line).ok()).filter(|line| *line < place.height)
    else {
        return;
    };
    let column = u16::try_from(column).unwrap_or(u16::MAX).min(place.width.saturating_sub(1));
    if place.width > 0 {
        frame.set_cursor_position((place.x + column, place.y + line));
    }
}

/// Makes everything that lies below a dialog step back.
pub fn step_back(frame: &mut Frame, area: Rect) {
    let area = area.intersection(frame.area());
    let style = Style::new().add_modifier(Modifier::DIM).remove_modifier(Modifier::REVERSED | Modifier::BOLD);
    frame.buffer_mut().set_style(area, style);
}
