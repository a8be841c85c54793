//! The list of users. To add a column: a variant of [`UserColumn`], its head and width in
//! [`UserColumn::column`], its text in [`UserColumn::cell`], and its place in [`columns`].

use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::list::Rows;
use crate::app::sort::Direction;
use crate::app::users::{Load, UsersInput, UsersPane};
use crate::app::world::World;
use crate::model::field::Stamp;
use crate::model::ids::ClusterId;
use crate::model::likeness::Look;
use crate::model::session::Session;
use crate::model::text::{count, named};
use crate::model::user::User;
use crate::model::user_filter::KINDS;
use crate::model::when::{date, relative_or_date};
use crate::tui::keymap;
use crate::tui::theme::{Role, Signs, Theme};
use crate::tui::view::pane::{self, Keyboard, Labels};
use crate::tui::view::table::{Age, Column, GUTTER, Table};
use crate::tui::view::text::{Typed, fit, typed, width, wrap};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// A column of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum UserColumn {
    Status,
    Name,
    Email,
    Username,
    Home,
    Created,
    Modified,
}

/// The columns at this width, the most telling first to come and last to go.
fn columns(cells: usize) -> &'static [UserColumn] {
    use UserColumn::{Created, Email, Home, Modified, Name, Status, Username};
    match cells {
        0..62 => &[Status, Name, Username, Home],
        62..100 => &[Status, Name, Email, Username, Home],
        _ => &[Status, Name, Email, Username, Home, Created, Modified],
    }
}

impl UserColumn {
    fn column(self, theme: Theme) -> Column {
        match self {
            Self::Status => Column::fixed("Status", 10),
            Self::Name => Column::share(
                if theme.signs == Signs::Ascii { "Name (* admin)" } else { "Name (★ admin)" },
                2,
                17,
            ),
            Self::Email => Column::share("E-mail", 5, 17),
            Self::Username => Column::share("Username", 1, 8),
            Self::Home => Column::fixed("Home", 5),
            Self::Created => Column::fixed("Created", 10).end(),
            Self::Modified => Column::fixed("Modified", 14).end(),
        }
    }

    fn cell(
        self,
        theme: Theme,
        (user, look): (&User, Look),
        here: ClusterId,
        now: Timestamp,
    ) -> (Role, String) {
        let name = || match look {
            Look::Plain | Look::Namesake => named(&user.full_name()),
            Look::Mixed | Look::Alike => format!("{} {}", theme.doubtful(), named(&user.full_name())),
        };
        match self {
            Self::Status => {
                let (sign, word) = (theme.status(user.status), user.status.word());
                (theme.status_role(user.status), format!("{sign} {word}"))
            }
            Self::Name if user.is_admin() => (Role::Attention, format!("{} {}", theme.admin(), name())),
            // Nobody knows: not shown like those who are surely none.
            Self::Name if user.is_perhaps_admin() => {
                (Role::Attention, format!("{}? {}", theme.admin(), name()))
            }
            Self::Name => (Role::Plain, name()),
            Self::Email => (Role::Plain, named(&user.email.shown())),
            Self::Username => (Role::Plain, named(&user.username.shown())),
            // Not dimmed: on a slow line, two more changes of looks in each row are felt when it scrolls.
            Self::Home => {
                (Role::Plain, user.foreign_home(here).map(|home| home.to_string()).unwrap_or_default())
            }
            Self::Created => {
                (Role::Plain, user.created_at.as_ref().map(|at| at.shown(date)).unwrap_or_default())
            }
            Self::Modified => {
                let shown = |at: &Stamp| at.shown(|at| relative_or_date(at, now));
                (Role::Plain, user.modified_at.as_ref().map(shown).unwrap_or_default())
            }
        }
    }
}

/// Draws it.
pub fn draw(
    frame: &mut Frame,
    theme: Theme,
    area: Rect,
    (world, session): (&World, &Session),
    keyboard: Keyboard,
    now: Timestamp,
) {
    let users = &world.users;
    let here = session.cluster.id;
    let labels = Labels {
        title: "Users".to_owned(),
        extent: extent(theme, users, usize::from(area.width).saturating_sub(15)),
        below: marked(users),
        as_of: users.as_of(),
    };
    let inside = pane::draw(frame, theme, area, keyboard, &labels);
    if inside.height < 3 {
        return;
    }
    filter_row(frame, theme, Rect { height: 1, ..inside }, world, keyboard);
    let cells = usize::from(inside.width).saturating_sub(GUTTER + 1);
    let shown = columns(cells);
    let columns: Vec<Column> = shown.iter().map(|column| column.column(theme)).collect();
    let table = Table::new(theme, &columns, cells);
    table.heads(frame, Rect { y: inside.y + 1, ..inside });
    let rows = Rect { y: inside.y + 2, height: inside.height - 2, ..inside };
    if users.table().shown_len() == 0 {
        nobody(frame, theme, rows, users);
        return;
    }
    // What could not be read again may be another matter by now.
    let age = if matches!(users.load(), Load::NotRefreshed(_)) { Age::Stale } else { Age::Fresh };
    let window = users.table().window(users.cursor().top(), usize::from(rows.height));
    let window = window.map(|user| {
        let seen = (user, users.table().look(user));
        let cells = shown.iter().map(|column| column.cell(theme, seen, here, now)).collect();
        (users.marks().is_marked(user.uuid), cells)
    });
    table.rows(frame, rows, (users.cursor(), keyboard), age, window);
}

/// "12 of 248, by name ↑", and how far the list is read.
fn extent(theme: Theme, users: &UsersPane, room: usize) -> String {
    let table = users.table();
    let sort = table.sort();
    let arrow = match sort.direction {
        Direction::Ascending => theme.ascending(),
        Direction::Descending => theme.descending(),
    };
    let number = if table.shown_len() == table.len() {
        table.len().to_string()
    } else {
        format!("{} of {}", table.shown_len(), table.len())
    };
    let dot = theme.dot();
    let number = match users.unread() {
        0 => number,
        unread => format!("{number} {dot} {unread} unreadable"),
    };
    let again = keymap::key_for(Context::Users, Action::Refresh)
        .map(|key| format!(", {key} retries"))
        .unwrap_or_default();
    let how_far = match users.load() {
        Load::Untouched | Load::Whole => String::new(),
        Load::Filling(_) => format!(" so far, loading{}", theme.goes_on()),
        Load::Refreshing(so_far) => format!(" {dot} reading again: {so_far}"),
        Load::Incomplete(_) => format!(" so far, not all{again}"),
        Load::NotRefreshed(_) => format!(" {dot} not read again{again}"),
    };
    let order = format!(" {dot} by {} {arrow}", sort.key.name());
    // Where there is room for one of them only, how true the list is goes before its order.
    let room = room.saturating_sub(width(&number) + width(&how_far));
    if width(&order) <= room || how_far.is_empty() {
        format!("{number}{how_far}{order}")
    } else {
        format!("{number}{how_far}")
    }
}

fn marked(users: &UsersPane) -> String {
    match (users.marks().len(), users.hidden_marks()) {
        (0, _) => String::new(),
        (marked, 0) => format!("{marked} marked"),
        (marked, hidden) => format!("{marked} marked ({hidden} hidden by the filter)"),
    }
}

/// The filter: what is typed, or how to type one.
fn filter_row(frame: &mut Frame, theme: Theme, row: Rect, world: &World, keyboard: Keyboard) {
    let users = &world.users;
    let input = users.filter_field().input();
    let typing = users.input() == UsersInput::Filter && keyboard == Keyboard::Here;
    if input.value().is_empty() && !typing {
        let how = format!(" / filter by name, e-mail, is:{}, !word", KINDS.join(", is:"));
        let how = fit(theme, &how, usize::from(row.width).saturating_sub(1));
        frame.render_widget(Line::styled(how, theme.style(Role::Dim)), row);
        return;
    }
    let unknown: Vec<&str> = users.table().filter().unknown().collect();
    let remark = match (unknown.first(), users.filter_field().note()) {
        (Some(term), _) => {
            format!("{term} is nothing known: is:{}", KINDS.join(", is:"))
        }
        (None, Some(note)) => note.to_owned(),
        (None, None) => String::new(),
    };
    let remark = fit(theme, &remark, usize::from(row.width).saturating_sub(24));
    let room = usize::from(row.width).saturating_sub(width(&remark) + 5);
    let Typed { text, cursor } = typed(theme, input, room);
    let role = if typing { Role::Plain } else { Role::Attention };
    let gap = room.saturating_sub(width(&text)) + 1;
    let line = Line::from(vec![
        Span::styled(" /", theme.style(Role::Accent)),
        Span::styled(text, theme.style(role)),
        Span::raw(" ".repeat(gap)),
        Span::styled(remark, theme.style(Role::Attention)),
    ]);
    frame.render_widget(line, row);
    if typing {
        let column = u16::try_from(cursor).unwrap_or(u16::MAX).saturating_add(row.x + 2);
        frame.set_cursor_position((column.min(row.right().saturating_sub(1)), row.y));
    }
}

/// Why there is no row.
fn nobody(frame: &mut Frame, theme: Theme, area: Rect, users: &UsersPane) {
    let known = users.table().len();
    let (role, text) = match users.load() {
        Load::Untouched | Load::Filling(_) if known == 0 => {
            (Role::Dim, format!("loading users{}", theme.goes_on()))
        }
        Load::Incomplete(failure) if known == 0 => {
            (Role::Danger, format!("The users could not be read: {}. {}", failure.reason, failure.advice))
        }
        _ if known == 0 => (Role::Dim, "This cluster shows no users to this token.".to_owned()),
        Load::Filling(_) => {
            (Role::Dim, format!("none of the {} read so far fits the filter", count(known, "user", "users")))
        }
        _ => (Role::Dim, format!("none of {} fits the filter", count(known, "user", "users"))),
    };
    let indent = u16::try_from(GUTTER).unwrap_or_default();
    let lines = wrap(&text, usize::from(area.width.saturating_sub(indent + 2)));
    for (line, y) in lines.into_iter().zip(area.y..area.bottom()) {
        let place = Rect { x: area.x + indent, width: area.width.saturating_sub(indent), y, height: 1 };
        frame.render_widget(Span::styled(line, theme.style(role)), place);
    }
}
