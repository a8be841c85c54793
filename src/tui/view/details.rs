//! The chosen user: a summary, a strip of tabs, and the list of the chosen tab.

use super::logins;
use super::pane::{self, Keyboard, Labels};
use super::summary;
use super::table::{Age, Column, GUTTER, Table};
use super::text::{fit, width, wrap};
use super::tokens;
use crate::app::action::Action;
use crate::app::availability::availability;
use crate::app::context::Context;
use crate::app::ctx::Now;
use crate::app::details::{Tab, UserDetails};
use crate::app::list::{List, Listed};
use crate::app::remote::Remote;
use crate::app::world::World;
use crate::model::ids::UserUuid;
use crate::model::token::TokenList;
use crate::model::user::User;
use crate::ops::read::{Extent, LoginList};
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
        as_of: details.list(world.details.tab).inquiry().as_of(),
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
        Tab::Tokens => pane.tokens(frame, [list, particulars, source]),
        Tab::Logins => pane.logins(frame, [list, particulars, source]),
    }
}

/// The tabs, each with its number and how many rows it has.
fn tab_strip(frame: &mut Frame, theme: Theme, area: Rect, world: &World, details: &UserDetails) {
    let mut x = area.x + 1;
    for tab in Tab::ALL {
        let (action, name) = match tab {
            Tab::Tokens => (Action::ShowTokens, "Tokens"),
            Tab::Logins => (Action::ShowLogins, "VM logins"),
        };
        let number = match number(world, details, tab) {
            Number::Is(number) => number,
            Number::NotKnown => "?".to_owned(),
            Number::Awaited => theme.ellipsis().to_owned(),
        };
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

/// How many rows a tab has.
enum Number {
    Is(String),
    NotKnown,
    Awaited,
}

fn number(world: &World, details: &UserDetails, tab: Tab) -> Number {
    let (unseen, known) = match tab {
        Tab::Tokens => (world.unseen_tokens().is_some(), details.tokens.value().map(tokens::number)),
        Tab::Logins => {
            let list = details.logins.value();
            let unseen = list.is_some_and(|list| list.extent == Extent::OwnOnly);
            (unseen, list.map(|list| list.rows.len().to_string()))
        }
    };
    match known {
        _ if unseen => Number::NotKnown,
        Some(number) => Number::Is(number),
        None if details.list(tab).inquiry().error().is_some() => Number::NotKnown,
        None => Number::Awaited,
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

    fn tokens(&self, frame: &mut Frame, areas: [Rect; 3]) {
        let (theme, now) = (self.theme, self.now.server);
        let name = |uuid: UserUuid| self.name(uuid);
        let cells = usize::from(areas[0].width).saturating_sub(GUTTER + 1);
        if let Some(why) = self.world.unseen_tokens() {
            self.text(frame, areas[0], Role::Dim, &format!("Not shown: {why}."));
            return;
        }
        let exact = availability(self.world, Action::ListExactly)
            .is_enabled()
            .then(|| keymap::key_for(Context::Tokens, Action::ListExactly))
            .flatten()
            .map(|key| key.to_string());
        let list = &self.details.tokens;
        let body: Body<'_, TokenList> = Body {
            columns: tokens::columns(cells),
            empty: &tokens::none(list.value(), exact.as_deref()),
            row: &|token| tokens::cells(theme, token, &name, now, cells),
            below: &|token| tokens::particulars(token, &name, now),
            source: &list
                .value()
                .map_or_else(String::new, |list| tokens::source(theme, list, exact.as_deref())),
        };
        self.list(frame, areas, list, &body);
    }

    fn logins(&self, frame: &mut Frame, areas: [Rect; 3]) {
        let name = |uuid: UserUuid| self.name(uuid);
        let list = &self.details.logins;
        let left_out = list.value().and_then(|list| list.left_out.as_ref()).map(|_| tokens::NOT_WHOLE);
        let body: Body<'_, LoginList> = Body {
            columns: logins::OF_USER,
            empty: match list.value().map(|list| list.extent) {
                Some(Extent::OwnOnly) => "Not visible with this token: only an admin sees others' VM logins.",
                Some(Extent::All) | None => "No VM logins.",
            },
            row: &|row| logins::of_user(self.theme, row),
            below: &|row| logins::particulars(row, &name, self.world.session.value().map(|s| &s.cluster)),
            source: left_out.unwrap_or_default(),
        };
        self.list(frame, areas, list, &body);
    }

    /// The rows; below them what stands out about the one under the cursor, and where they come from.
    fn list<L: Listed>(
        &self,
        frame: &mut Frame,
        [area, below, source]: [Rect; 3],
        list: &List<L>,
        body: &Body<'_, L>,
    ) {
        self.rows(frame, area, list, body);
        if let Some(row) = list.current() {
            self.below(frame, below, (body.below)(row));
        }
        self.source(frame, source, &list.remote, body.source);
    }

    fn rows<L: Listed>(&self, frame: &mut Frame, area: Rect, list: &List<L>, body: &Body<'_, L>) {
        let remote = &list.remote;
        if list.rows().is_empty() {
            match (remote.value(), remote.error()) {
                (None, Some(failure)) => {
                    let text = format!("Not read: {}. {}", failure.reason, failure.advice);
                    self.text(frame, area, Role::Danger, &text);
                }
                (None, None) => {
                    let what = self.world.details.tab.what();
                    self.text(frame, area, Role::Dim, &format!("loading {what}{}", self.theme.goes_on()));
                }
                (Some(_), _) => self.text(frame, area, Role::Dim, body.empty),
            }
            return;
        }
        let table = Table::new(self.theme, body.columns, usize::from(area.width).saturating_sub(GUTTER + 1));
        table.heads(frame, area);
        let old = remote.error().is_some()
            || remote.as_of().is_some_and(|at| self.now.here.duration_since(at) > OLD);
        let (cursor, marks) = (list.picks().cursor(), list.picks().marks());
        let rows = list.rows().iter().skip(cursor.top());
        let rows = rows.map(|row| (L::id(row).is_some_and(|id| marks.is_marked(id)), (body.row)(row)));
        let area = Rect { y: area.y + 1, height: area.height.saturating_sub(1), ..area };
        let age = if old { Age::Stale } else { Age::Fresh };
        table.rows(frame, area, (cursor, self.keyboard), age, rows);
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

/// A row's cells, each as it looks.
type Cells<'a, Row> = &'a dyn Fn(&Row) -> Vec<(Role, String)>;

/// What a list is made of.
struct Body<'a, L: Listed> {
    columns: &'static [Column],
    empty: &'a str,
    row: Cells<'a, L::Row>,
    below: &'a dyn Fn(&L::Row) -> [String; 2],
    source: &'a str,
}
