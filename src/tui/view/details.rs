//! The chosen user: a summary, a strip of tabs, and the list of the chosen tab.

use super::logins;
use super::pane::{self, Keyboard, Labels};
use super::summary;
use super::table::{self, Column, CursorHere, GUTTER, RowMarks};
use super::text::{fit, width, wrap};
use super::tokens;
use crate::app::action::Action;
use crate::app::availability::availability;
use crate::app::context::Context;
use crate::app::ctx::Now;
use crate::app::cursor::Cursor;
use crate::app::details::{Tab, UserDetails};
use crate::app::remote::Remote;
use crate::app::world::World;
use crate::model::ids::UserUuid;
use crate::model::user::User;
use crate::ops::read::Extent;
use crate::tui::keymap;
use crate::tui::layout::DetailRows;
use crate::tui::theme::{Role, Theme};
use jiff::SignedDuration;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

/// From this age on, what is read again is dimmed until it was.
const OLD: SignedDuration = SignedDuration::from_secs(60);

/// Draws it.
pub fn draw(frame: &mut Frame, theme: Theme, area: Rect, world: &World, keyboard: Keyboard, now: Now) {
    let shown = world.details.current().and_then(|details| Some((world.user(details.user)?, details)));
    let Some((user, details)) = shown else {
        pane::draw(
            frame,
            theme,
            area,
            keyboard,
            &Labels { title: "No user".to_owned(), ..Labels::default() },
        );
        return;
    };
    let marked = world.details.marked();
    let labels = Labels {
        title: user.display_name(),
        extent: String::new(),
        below: if marked == 0 { String::new() } else { format!("{marked} marked") },
        as_of: match world.details.tab {
            Tab::Tokens => details.tokens.as_of(),
            Tab::Logins => details.logins.as_of(),
        },
    };
    let inside = pane::draw(frame, theme, area, keyboard, &labels);
    let rows = DetailRows::of(inside.height);
    let [head, tabs, list, particulars, source] = Layout::vertical([
        Constraint::Length(rows.summary),
        Constraint::Length(1),
        Constraint::Length(rows.list + 1),
        Constraint::Length(rows.particulars),
        Constraint::Length(1),
    ])
    .areas(inside);
    let look = world.users.table().look(user);
    summary::draw(frame, theme, head, (user, look), details, now.server);
    pane::divide(frame, theme, Rect { x: area.x, width: area.width, ..tabs }, tabs.y, keyboard);
    tab_strip(frame, theme, tabs, world, details);
    let pane = Pane { theme, world, details, keyboard, now };
    match world.details.tab {
        Tab::Tokens => pane.tokens(frame, list, particulars, source),
        Tab::Logins => pane.logins(frame, list, particulars, source),
    }
}

/// The tabs, each with its number and how many rows it has.
fn tab_strip(frame: &mut Frame, theme: Theme, area: Rect, world: &World, details: &UserDetails) {
    let number = |known: Option<usize>, failed: bool| match (known, failed) {
        (Some(n), _) => n.to_string(),
        (None, true) => "?".to_owned(),
        (None, false) => theme.ellipsis().to_owned(),
    };
    let tokens = if world.unseen_tokens().is_some() {
        "?".to_owned()
    } else {
        let read = details.tokens.value().map(tokens::number);
        read.unwrap_or_else(|| number(None, details.tokens.error().is_some()))
    };
    let unseen = details.logins.value().is_some_and(|list| list.extent == Extent::OwnOnly);
    let known = details.logins.value().filter(|_| !unseen).map(|list| list.rows.len());
    let logins = number(known, unseen || details.logins.error().is_some());
    let tabs = [
        (Tab::Tokens, Action::ShowTokens, "Tokens", tokens),
        (Tab::Logins, Action::ShowLogins, "VM logins", logins),
    ];
    let mut x = area.x + 1;
    for (tab, action, name, number) in tabs {
        let role = if world.details.tab == tab { Role::Chosen } else { Role::Dim };
        let key = keymap::key_for(Context::Tokens, action).map(|key| format!("{key} ")).unwrap_or_default();
        let line = Line::from(vec![
            Span::raw(" "),
            Span::styled(format!("{key}{name} {number}"), theme.style(role)),
            Span::raw(" "),
        ]);
        let cells = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.right().saturating_sub(x));
        frame.render_widget(line, Rect { x, width: cells, ..area });
        x = x.saturating_add(cells + 2).min(area.right());
    }
}

/// One tab's list.
struct Pane<'a> {
    theme: Theme,
    world: &'a World,
    details: &'a UserDetails,
    keyboard: Keyboard,
    now: Now,
}

impl Pane<'_> {
    fn name(&self, uuid: UserUuid) -> String {
        self.world.user(uuid).map_or_else(|| uuid.to_string(), User::display_name)
    }

    fn tokens(&self, frame: &mut Frame, list: Rect, below: Rect, source: Rect) {
        let theme = self.theme;
        let name = |uuid: UserUuid| self.name(uuid);
        let cells = usize::from(list.width).saturating_sub(GUTTER + 1);
        let remote = &self.details.tokens;
        if let Some(why) = self.world.unseen_tokens() {
            self.text(frame, list, Role::Dim, &format!("Not shown: {why}."));
            return;
        }
        let exact = availability(self.world, Action::ListExactly)
            .is_enabled()
            .then(|| keymap::key_for(Context::Tokens, Action::ListExactly))
            .flatten()
            .map(|key| key.to_string());
        let empty = tokens::none(remote.value(), exact.as_deref());
        let picks = &self.details.token_picks;
        let rows = self.details.token_rows();
        let body =
            Body { columns: tokens::columns(cells), cells, len: rows.len(), empty: &empty, what: "tokens" };
        self.rows(frame, list, &body, remote, picks.cursor(), |at| {
            let token = &rows[at];
            (picks.marks().is_marked(token.uuid), tokens::cells(theme, token, &name, self.now.server, cells))
        });
        if let Some(token) = self.details.current_token() {
            self.below(frame, below, tokens::particulars(token, &name, self.now.server));
        }
        let text =
            remote.value().map_or_else(String::new, |list| tokens::source(theme, list, exact.as_deref()));
        self.source(frame, source, remote, &text);
    }

    fn logins(&self, frame: &mut Frame, list: Rect, below: Rect, source: Rect) {
        let theme = self.theme;
        let name = |uuid: UserUuid| self.name(uuid);
        let cells = usize::from(list.width).saturating_sub(GUTTER + 1);
        let remote = &self.details.logins;
        let picks = &self.details.login_picks;
        let rows = self.details.login_rows();
        let body = Body {
            columns: logins::OF_USER,
            cells,
            len: rows.len(),
            empty: match remote.value().map(|list| list.extent) {
                Some(Extent::OwnOnly) => "Not visible with this token: only an admin sees others' VM logins.",
                Some(Extent::All) | None => "No VM logins.",
            },
            what: "VM logins",
        };
        self.rows(frame, list, &body, remote, picks.cursor(), |at| {
            let row = &rows[at];
            let marked = row.login.links.iter().any(|link| picks.marks().is_marked(link.uuid));
            (marked, logins::of_user(theme, row))
        });
        if let Some(row) = self.details.current_login() {
            self.below(
                frame,
                below,
                logins::particulars(row, &name, self.world.session.value().map(|s| &s.cluster)),
            );
        }
        let left_out = remote.value().and_then(|list| list.left_out.as_ref()).map(|_| tokens::NOT_WHOLE);
        self.source(frame, source, remote, left_out.unwrap_or_default());
    }

    fn rows<T, Id: Copy + Eq>(
        &self,
        frame: &mut Frame,
        area: Rect,
        body: &Body<'_>,
        remote: &Remote<T>,
        cursor: &Cursor<Id>,
        row: impl Fn(usize) -> (bool, Vec<(Role, String)>),
    ) {
        let theme = self.theme;
        if body.len == 0 {
            match (remote.value(), remote.error()) {
                (None, Some(failure)) => {
                    let text = format!("Not read: {}. {}", failure.reason, failure.advice);
                    self.text(frame, area, Role::Danger, &text);
                }
                (None, None) => {
                    let text = format!("loading {}{}", body.what, theme.goes_on());
                    self.text(frame, area, Role::Dim, &text);
                }
                (Some(_), _) => self.text(frame, area, Role::Dim, body.empty),
            }
            return;
        }
        let widths = table::widths(body.columns, body.cells);
        frame.render_widget(table::heads(theme, body.columns, &widths), Rect { height: 1, ..area });
        let old = remote.error().is_some()
            || remote.as_of().is_some_and(|at| self.now.here.duration_since(at) > OLD);
        let height = usize::from(area.height.saturating_sub(1));
        for (at, y) in (cursor.top()..body.len).take(height).zip(area.y + 1..) {
            let (marked, mut cells) = row(at);
            if old {
                for (role, _) in &mut cells {
                    *role = Role::Stale;
                }
            }
            let here = match self.keyboard {
                _ if at != cursor.index() => CursorHere::No,
                Keyboard::Here => CursorHere::Active,
                Keyboard::Elsewhere => CursorHere::Resting,
            };
            let line = table::row(theme, body.columns, &widths, RowMarks { cursor: here, marked }, &cells);
            frame.render_widget(line, Rect { y, height: 1, ..area });
        }
    }

    fn text(&self, frame: &mut Frame, area: Rect, role: Role, text: &str) {
        let indent = u16::try_from(GUTTER).unwrap_or_default().min(area.width);
        let lines = wrap(text, usize::from(area.width.saturating_sub(indent + 2)));
        for (line, y) in lines.into_iter().zip(area.y + 1..area.bottom()) {
            let place = Rect { x: area.x + indent, y, width: area.width - indent, height: 1 };
            frame.render_widget(Span::styled(line, self.theme.style(role)), place);
        }
    }

    fn below(&self, frame: &mut Frame, area: Rect, lines: [String; 2]) {
        for (text, y) in lines.into_iter().zip(area.y..area.bottom()) {
            let text = fit(self.theme, &text, usize::from(area.width).saturating_sub(2));
            let line = Line::from(vec![Span::raw(" "), Span::styled(text, self.theme.style(Role::Plain))]);
            frame.render_widget(line, Rect { y, height: 1, ..area });
        }
    }

    /// Where the list comes from, and whether it is being read again or could not be.
    fn source<T>(&self, frame: &mut Frame, area: Rect, remote: &Remote<T>, text: &str) {
        let (role, world) = match (remote.awaiting(), remote.error(), remote.value()) {
            (Some(_), _, Some(_)) => (Role::Dim, format!("reading again{}", self.theme.goes_on())),
            (None, Some(failure), Some(_)) => {
                let retry = keymap::key_for(Context::Tokens, Action::Refresh)
                    .map(|key| format!(" ({key} retries)"))
                    .unwrap_or_default();
                (Role::Attention, format!("not read again{retry}: {}", failure.reason))
            }
            _ => (Role::Dim, String::new()),
        };
        let cells = usize::from(area.width).saturating_sub(2);
        let mut spans = vec![Span::raw(" ")];
        let room = cells.saturating_sub(width(text) + 2);
        if width(&world) > room {
            // How true the list is goes before where it comes from.
            spans.push(Span::styled(fit(self.theme, &world, cells), self.theme.style(role)));
        } else {
            spans.push(Span::styled(fit(self.theme, text, cells), self.theme.style(Role::Dim)));
            spans.push(Span::raw("  "));
            spans.push(Span::styled(world, self.theme.style(role)));
        }
        frame.render_widget(Line::from(spans), area);
    }
}

/// What a list is made of.
struct Body<'a> {
    columns: &'static [Column],
    cells: usize,
    len: usize,
    empty: &'a str,
    what: &'static str,
}
