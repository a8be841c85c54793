//! Forms: a field a line, what is wrong with it and what to know of it below it, and at the end what is
//! known of all that is filled in.

use super::field::{self, Focus};
use super::lines::{hanging, lines};
use crate::app::action::Action;
use crate::app::overlay::forms::FormDialog;
use crate::app::overlay::forms::fields::{CheckList, Checked, Cycle, FieldLine, FieldRef, Search};
use crate::model::text::count;
use crate::ops::plan::Weight;
use crate::tui::keymap::Key;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::dialog::{Body, Dialog, Part, Size};
use crate::tui::view::text::{fit, pad, width};
use jiff::Timestamp;
use ratatui::style::Modifier;
use ratatui::text::{Line, Span};

/// Before a label: where the keyboard is.
const MARK: usize = 2;

/// The labels' column.
const LABEL: usize = 13;

/// So many rows of a list are seen at once.
const LISTED: usize = 5;

/// A text field is not longer than this, however wide the dialog is.
const LONGEST: usize = 60;

/// A form being drawn.
struct Form {
    theme: Theme,
    /// The cells of a field.
    cells: usize,
    lines: Vec<Line<'static>>,
    cursor: Option<(usize, usize)>,
}

/// Puts it together.
pub fn compose<'a>(empty: impl Fn(Size) -> Dialog<'a>, form: &FormDialog, now: Timestamp) -> Dialog<'a> {
    let mut dialog = empty(Size::Middle);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let mut drawn =
        Form { theme, cells: cells.saturating_sub(MARK + LABEL), lines: Vec::new(), cursor: None };
    let fields = form.lines(now);
    let end = fields.last().map(|line| line.key);
    let lists = fields.iter().any(|line| matches!(line.field, FieldRef::Pick(_) | FieldRef::Checks(_)));
    let least = fields.len() + 4 + if lists { LISTED } else { 0 };
    let mut focused = 0..0;
    for line in &fields {
        let from = drawn.lines.len();
        let focus = if line.key == form.focus() { Focus::Here } else { Focus::Elsewhere };
        drawn.field(line, focus);
        if focus == Focus::Here {
            focused = from..drawn.lines.len();
        }
    }
    let preview = lines(theme, cells, &form.preview());
    if !preview.is_empty() {
        drawn.lines.push(Line::default());
        drawn.lines.extend(preview);
    }
    if end == Some(form.focus()) {
        // What is known of it all is seen together with the last field.
        focused.end = drawn.lines.len();
    }
    if let Some((line, column)) = drawn.cursor {
        dialog.cursor(Part::Body, line, column);
    }
    dialog.least(least).body(Body::Around(drawn.lines, focused));
    dialog.button(Action::Back, "Cancel").key(Action::Submit, form.submit_label());
    if fields.len() > 1 {
        dialog.key(Action::NextField, "next");
    }
    let is_list = |line: &FieldLine| line.key == form.focus() && !matches!(line.field, FieldRef::Text(_));
    if fields.iter().any(is_list) {
        dialog.key(Action::NextChoice, "choose");
    }
    dialog
}

impl Form {
    /// A field with its label, and below it its error and its notes.
    fn field(&mut self, line: &FieldLine, focus: Focus) {
        let theme = self.theme;
        let first = self.lines.len();
        match &line.field {
            FieldRef::Text(text) => {
                let (shown, at) = field::text(theme, text, self.cells.min(LONGEST), focus);
                self.put_cursor(focus, at);
                self.row(vec![shown]);
            }
            FieldRef::Choice(choice) => self.choice(*choice, focus),
            FieldRef::Pick(pick) => self.pick(*pick, focus),
            FieldRef::Checks(checks) => self.checks(*checks, focus),
        }
        let (sign, role) = match focus {
            Focus::Here => (theme.cursor(), Role::Accent),
            Focus::Elsewhere => (" ", Role::Dim),
        };
        let label = format!("{sign} {}", pad(theme, line.label, LABEL));
        if let Some(row) = self.lines.get_mut(first)
            && let Some(indent) = row.spans.first_mut()
        {
            *indent = Span::styled(label, theme.style(role));
        }
        if let Some(error) = &line.error {
            self.below(Role::Danger, theme.failed(), error);
        }
        for note in &line.notes {
            match note.weight {
                // What is wrong says it as well.
                Weight::Info if line.error.is_some() => {}
                Weight::Info => self.below(Role::Dim, "", &note.text),
                Weight::Warning | Weight::Danger => {
                    self.below(theme.weight_role(note.weight), theme.attention(), &note.text);
                }
            }
        }
    }

    /// A line in the column of the fields.
    fn row(&mut self, spans: Vec<Span<'static>>) {
        let indent = Span::raw(" ".repeat(MARK + LABEL));
        self.lines.push(Line::from(std::iter::once(indent).chain(spans).collect::<Vec<_>>()));
    }

    /// A text below a field.
    fn below(&mut self, role: Role, sign: &str, text: &str) {
        let before = if sign.is_empty() { String::new() } else { format!("{sign} ") };
        for line in hanging(self.theme, self.cells, role, &before, text) {
            let style = line.style;
            self.row(line.spans.into_iter().map(|span| Span::styled(span.content, style)).collect());
        }
    }

    fn put_cursor(&mut self, focus: Focus, at: usize) {
        if focus == Focus::Here {
            self.cursor = Some((self.lines.len(), MARK + LABEL + at));
        }
    }

    /// All values side by side, the chosen one in brackets, for which there is room at all of them.
    fn choice(&mut self, choice: &dyn Cycle, focus: Focus) {
        let theme = self.theme;
        let mut rows: Vec<Vec<Span<'static>>> = vec![Vec::new()];
        let mut used = 0;
        for (at, words) in choice.words().into_iter().enumerate() {
            let is_chosen = at == choice.chosen();
            let text = if is_chosen { format!("[{words}]") } else { format!(" {words} ") };
            let style = match (is_chosen, focus) {
                (true, Focus::Here) => theme.style(Role::Accent).add_modifier(Modifier::BOLD),
                (true, Focus::Elsewhere) => theme.style(Role::Strong),
                (false, Focus::Here) => theme.style(Role::Plain),
                (false, Focus::Elsewhere) => theme.style(Role::Dim),
            };
            let needs = width(&text) + 1;
            if used + needs > self.cells && used > 0 {
                rows.push(Vec::new());
                used = 0;
            }
            used += needs;
            if let Some(row) = rows.last_mut() {
                row.push(Span::styled(fit(theme, &text, self.cells), style));
                row.push(Span::raw(" "));
            }
        }
        for row in rows {
            self.row(row);
        }
    }

    /// What is chosen; or what is searched for, and what fits.
    fn pick(&mut self, pick: &dyn Search, focus: Focus) {
        let theme = self.theme;
        if let Some(chosen) = pick.chosen() {
            let others = "   type to choose another";
            let room = self.cells.saturating_sub(width(chosen));
            let others = if focus == Focus::Here && width(others) <= room { others } else { "" };
            self.row(vec![
                Span::styled(fit(theme, chosen, self.cells), theme.style(Role::Strong)),
                Span::styled(others, theme.style(Role::Dim)),
            ]);
            return;
        }
        if focus == Focus::Elsewhere {
            self.row(vec![Span::styled("not chosen yet", theme.style(Role::Dim))]);
            return;
        }
        let fitting = format!("  {}", count(pick.fitting(), "fits", "fit"));
        let room = self.cells.saturating_sub(width(&fitting)).min(LONGEST);
        let (shown, at) = field::text(theme, pick.field(), room, Focus::Here);
        self.put_cursor(focus, at);
        self.row(vec![shown, Span::styled(fitting, theme.style(Role::Dim))]);
        let rows = pick.rows();
        let top = pick.cursor().map_or(0, |at| (at + 1).saturating_sub(LISTED));
        for (at, words) in rows.into_iter().enumerate().skip(top).take(LISTED) {
            self.listed(Some(at) == pick.cursor(), words);
        }
    }

    /// A row of a list, under the cursor or not.
    fn listed(&mut self, is_here: bool, words: &str) {
        let theme = self.theme;
        let (sign, role) = if is_here { (theme.cursor(), Role::Cursor) } else { (" ", Role::Plain) };
        let text = pad(theme, words, self.cells.saturating_sub(2));
        self.row(vec![Span::styled(format!("{sign} {text}"), theme.style(role))]);
    }

    fn checks(&mut self, checks: &dyn CheckList, focus: Focus) {
        let theme = self.theme;
        let rows = checks.rows();
        let top = (checks.cursor() + 1).saturating_sub(LISTED);
        let all = rows.len();
        for (at, (words, checked)) in rows.into_iter().enumerate().skip(top).take(LISTED) {
            let tick = if checked == Checked::On { theme.mark() } else { " " };
            self.listed(focus == Focus::Here && at == checks.cursor(), &format!("[{tick}] {words}"));
        }
        let mut told = Vec::new();
        if all > LISTED {
            told.push(format!("{} to {} of {all}", top + 1, (top + LISTED).min(all)));
        }
        if focus == Focus::Here {
            told.push(format!("{} ticks what is granted", Key::Char(' ')));
        }
        if !told.is_empty() {
            self.below(Role::Dim, "", &told.join("   "));
        }
    }
}
