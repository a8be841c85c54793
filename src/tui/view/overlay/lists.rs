//! Lists to choose from: commands, the actions for a row, what to sort by; and the messages.

use super::field::{self, Focus};
use super::lines::{role, sign};
use crate::app::action::Action;
use crate::app::overlay::chooser::Offer;
use crate::app::overlay::line::{Line as Told, Scroll};
use crate::app::overlay::menu::MenuDialog;
use crate::app::overlay::messages::MessagesDialog;
use crate::app::overlay::palette::PaletteDialog;
use crate::app::overlay::sort::SortDialog;
use crate::app::sort::{Direction, SortKey};
use crate::app::world::World;
use crate::tui::keymap;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::dialog::{Body, Dialog, Part, Size};
use crate::tui::view::text::{fit, pad, pad_left, width, wrap};
use jiff::Timestamp;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

/// Names of actions are not longer.
const NAME: usize = 27;

/// The message under the cursor is shown in full, in so many lines.
const WHOLE: usize = 3;

/// Whether the cursor is on a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CursorRow {
    /// It is.
    Here,
    /// It is not.
    Elsewhere,
}

impl CursorRow {
    /// Whether it is here.
    pub fn of(here: bool) -> Self {
        if here { Self::Here } else { Self::Elsewhere }
    }

    /// How a part of the row looks: all alike under the cursor, since colours that are reversed part by part
    /// are a patchwork.
    fn look(self, theme: Theme, role: Role) -> Style {
        theme.style(if self == Self::Here { Role::Cursor } else { role })
    }

    fn sign(self, theme: Theme) -> Span<'static> {
        let sign = if self == Self::Here { theme.cursor() } else { " " };
        Span::styled(format!("{sign} "), self.look(theme, Role::Accent))
    }
}

/// A row with nothing but a text.
pub fn plain_row(theme: Theme, cells: usize, cursor: CursorRow, text: &str) -> Line<'static> {
    let text = pad(theme, text, cells.saturating_sub(2));
    Line::from(vec![cursor.sign(theme), Span::styled(text, cursor.look(theme, Role::Plain))])
}

/// An action on offer: what it is called, why it can't be taken, and its key in the panes.
fn offer_row(theme: Theme, cells: usize, cursor: CursorRow, offer: &Offer, world: &World) -> Line<'static> {
    let key = keymap::key_for(world.pane_context(), offer.action).map(|key| key.to_string());
    let rest = cells.saturating_sub(2 + NAME + 1);
    let (role, rest) = if let Some(why) = &offer.disabled {
        (Role::Dim, Span::styled(pad(theme, why, rest), cursor.look(theme, Role::Dim)))
    } else {
        let key = pad_left(theme, &key.unwrap_or_default(), rest);
        (Role::Plain, Span::styled(key, cursor.look(theme, Role::Accent)))
    };
    let name = format!("{} ", pad(theme, offer.name(), NAME));
    let name = Span::styled(name, cursor.look(theme, role));
    Line::from(vec![cursor.sign(theme), name, rest])
}

/// Why the action under the cursor can't be taken, in full: in its row there may be too little room.
fn why(theme: Theme, cells: usize, offer: Option<&Offer>) -> Vec<Line<'static>> {
    let why = offer.and_then(|offer| offer.disabled.as_deref()).unwrap_or_default();
    if width(why) + NAME + 3 <= cells {
        return vec![Line::default()];
    }
    vec![Line::styled(fit(theme, why, cells), theme.style(Role::Dim))]
}

/// Puts all commands together.
pub fn palette<'a>(
    empty: impl Fn(Size) -> Dialog<'a>,
    palette: &'a PaletteDialog,
    world: &'a World,
) -> Dialog<'a> {
    let mut dialog = empty(Size::Broad);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let (typed, at) = field::text(theme, palette.field(), cells.saturating_sub(2), Focus::Here);
    dialog.head([Line::from(vec![Span::styled("> ", theme.style(Role::Accent)), typed])]);
    dialog.cursor(Part::Head, 0, 2 + at);
    let cursor = palette.cursor();
    let found = palette.found();
    let len = found.len();
    if len == 0 {
        let none = Line::styled("No command is called that.", theme.style(Role::Dim));
        dialog.body(Body::Text(vec![none], Scroll::default()));
    } else {
        let offers: Vec<&Offer> = found.collect();
        dialog.foot(why(theme, cells, offers.get(cursor.at()).copied()));
        let row = move |at: usize| match offers.get(at) {
            Some(offer) => offer_row(theme, cells, CursorRow::of(at == cursor.at()), offer, world),
            None => Line::default(),
        };
        dialog.body(Body::Rows { len, cursor, row: Box::new(row) });
    }
    dialog.least(palette.len());
    dialog.key(Action::Submit, "take it").key(Action::Back, "close");
    dialog
}

/// Puts the actions for a row together.
pub fn menu<'a>(empty: impl Fn(Size) -> Dialog<'a>, menu: &'a MenuDialog, world: &'a World) -> Dialog<'a> {
    let mut dialog = empty(Size::Broad);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let cursor = menu.cursor();
    let offers = menu.offers();
    dialog.foot(why(theme, cells, offers.get(cursor.at())));
    let row = move |at: usize| match offers.get(at) {
        Some(offer) => offer_row(theme, cells, CursorRow::of(at == cursor.at()), offer, world),
        None => Line::default(),
    };
    dialog.body(Body::Rows { len: offers.len(), cursor, row: Box::new(row) });
    dialog.key(Action::Open, "take it").key(Action::Back, "close");
    dialog
}

/// Puts what to sort by together.
pub fn sort<'a>(empty: impl Fn(Size) -> Dialog<'a>, sort: SortDialog) -> Dialog<'a> {
    let mut dialog = empty(Size::Slim);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let (cursor, now) = (sort.cursor(), sort.now());
    let row = move |at: usize| {
        let Some(key) = SortKey::ALL.get(at).copied() else { return Line::default() };
        let order = match now.direction {
            Direction::Ascending => format!("{} now, upwards", theme.ascending()),
            Direction::Descending => format!("{} now, downwards", theme.descending()),
        };
        let text = format!("{:<14}{}", key.name(), if key == now.key { order } else { String::new() });
        plain_row(theme, cells, CursorRow::of(at == cursor.at()), &text)
    };
    dialog.body(Body::Rows { len: SortKey::ALL.len(), cursor, row: Box::new(row) });
    let same = SortKey::ALL.get(cursor.at()) == Some(&now.key);
    dialog.key(Action::Open, if same { "turn it around" } else { "sort by this" });
    dialog.key(Action::Back, "close");
    dialog
}

/// Puts all that the program said together; the message under the cursor in full.
pub fn messages<'a>(
    empty: impl Fn(Size) -> Dialog<'a>,
    messages: MessagesDialog,
    world: &World,
    now: Timestamp,
) -> Dialog<'a> {
    let mut dialog = empty(Size::Broad);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let lines = messages.lines(world, now);
    let cursor = messages.cursor();
    let under = lines.get(cursor.at()).and_then(|line| line.cells.last().cloned()).unwrap_or_default();
    let mut whole = wrap(&under, cells);
    whole.resize(WHOLE, String::new());
    if lines.is_empty() {
        let none = Line::styled("Nothing was said in this session.", theme.style(Role::Dim));
        dialog.body(Body::Text(vec![none], Scroll::default()));
    } else {
        let len = lines.len();
        let row = move |at: usize| match lines.get(at) {
            Some(line) => message_row(theme, cells, CursorRow::of(at == cursor.at()), line),
            None => Line::default(),
        };
        dialog.body(Body::Rows { len, cursor, row: Box::new(row) });
        dialog.foot(whole.into_iter().map(|line| Line::styled(line, theme.style(Role::Dim))));
    }
    dialog.least(8).button(Action::Back, "Close");
    if cursor.at() < world.jobs.len() {
        dialog.key(Action::Open, "show the change");
    } else if world.notices.all().next().is_some() {
        dialog.key(Action::CopyUuid, "copy the message");
    }
    dialog
}

/// When, with which sign, what.
fn message_row(theme: Theme, cells: usize, cursor: CursorRow, line: &Told) -> Line<'static> {
    let [at, text] = line.cells.as_slice() else { return plain_row(theme, cells, cursor, &line.text()) };
    let at = pad(theme, at, 7);
    let sign = sign(theme, line.tone).unwrap_or(" ");
    let room = cells.saturating_sub(2 + 7 + 1 + 2);
    Line::from(vec![
        cursor.sign(theme),
        Span::styled(format!("{at} "), cursor.look(theme, Role::Dim)),
        Span::styled(format!("{sign} "), cursor.look(theme, role(line.tone))),
        Span::styled(pad(theme, &fit(theme, text, room), room), cursor.look(theme, role(line.tone))),
    ])
}
