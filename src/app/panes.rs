//! What actions do in the panes.

use crate::app::action::{Action, Availability};
use crate::app::availability::availability;
use crate::app::ctx::{Arrangement, Ctx};
use crate::app::cursor::Motion;
use crate::app::details::{Need, Tab};
use crate::app::effect::{Clip, Effect, Instead};
use crate::app::listing::{Terms, Width};
use crate::app::notices::Tone;
use crate::app::overlay;
use crate::app::picks::Marking;
use crate::app::sort::Sort;
use crate::app::state::{Focus, Stage, State};
use crate::app::users::UsersInput;
use crate::model::ids::UserUuid;
use crate::model::session::{Session, TokenAccess};
use crate::model::text::count;
use crate::model::user::UserRole;
use crate::model::user_page::Federation;
use crate::ops::Mode;
use crate::ops::intent::{self, Chosen, Intent};
use crate::ops::read::Read;

/// Takes an action in the panes, if it is available; else says why not.
pub fn perform(state: &mut State, action: Action, ctx: &Ctx) -> Vec<Effect> {
    match availability(state, action) {
        Availability::Enabled => take(state, action, ctx),
        Availability::Disabled(why) => {
            let name = action.name().trim_end_matches('…');
            vec![state.say(Tone::Info, format!("{name}: {why}"), ctx)]
        }
        Availability::Hidden => Vec::new(),
    }
}

fn take(state: &mut State, action: Action, ctx: &Ctx) -> Vec<Effect> {
    state.users.hold();
    if let Some(motion) = Motion::of(action) {
        go(state, motion, ctx);
        return Vec::new();
    }
    match action {
        Action::Open => open(state, ctx),
        Action::Submit => {
            state.users.end_filter();
            Vec::new()
        }
        Action::Back => back(state, ctx),
        Action::NextPane => turn(state, ctx, Turn::Next),
        Action::PreviousPane => turn(state, ctx, Turn::Previous),
        Action::ShowTokens => show_tab(state, Tab::Tokens, ctx),
        Action::ShowLogins => show_tab(state, Tab::Logins, ctx),
        Action::Filter => {
            state.focus = Focus::Users;
            state.users.begin_filter();
            Vec::new()
        }
        Action::ReverseSort => {
            state.users.sort(state.users.table().sort().reversed(), ctx.viewport.user_rows);
            Vec::new()
        }
        Action::Mark => mark(state, Marking::One, ctx),
        Action::MarkRange => mark(state, Marking::Range, ctx),
        Action::MarkAll => mark(state, Marking::All, ctx),
        Action::InvertMarks => mark(state, Marking::Invert, ctx),
        Action::ClearMarks => {
            match state.focus {
                Focus::Users => state.users.clear_marks(),
                Focus::Details => state.details.clear_marks(),
            };
            Vec::new()
        }
        Action::Refresh => refresh(state, ctx),
        Action::CopyUuid | Action::CopyEmail => copy(state, action).into_iter().collect(),
        Action::Quit if state.jobs.is_empty() => state.quit(),
        Action::OpenDemo => vec![Effect::Open(Instead::Demo)],
        Action::SendToken => vec![Effect::Open(Instead::AnyCluster)],
        Action::Activate
        | Action::Deactivate
        | Action::Suspend
        | Action::Resume
        | Action::MakeAdmin
        | Action::UnmakeAdmin
        | Action::RevokeAllTokens
        | Action::ListExactly
        | Action::RevokeTokens
        | Action::EndHelpers
        | Action::RevokeLogins => match intent_of(state, action) {
            Some(intent) => overlay::confirm(intent, state),
            None => Vec::new(),
        },
        _ => overlay::open(action, state, ctx),
    }
}

impl State {
    /// Sorts the users; the cursor stays on its user.
    pub fn sort_users(&mut self, sort: Sort, ctx: &Ctx) {
        self.users.sort(sort, ctx.viewport.user_rows);
    }

    /// Goes to a user in the list, and shows the user's tokens.
    pub fn go_to_user(&mut self, user: UserUuid, ctx: &Ctx) -> Vec<Effect> {
        if !self.users.go_to(user, ctx.viewport.user_rows) {
            return vec![self.say(Tone::Info, "this user is not in the list (yet)", ctx)];
        }
        show_tab(self, Tab::Tokens, ctx)
    }

    /// Lets the details follow the cursor: at once where they have the keyboard, else when it rests; not at
    /// all while they can't be seen.
    pub(super) fn follow(&mut self, ctx: &Ctx) -> Vec<Effect> {
        let under_cursor = self.users.cursor().id();
        let shown = self.details.current().map(|details| details.user);
        let mut effects = self.details.show(under_cursor);
        let moved = shown != under_cursor;
        // The keyboard must not come to act on another user's tokens because the one looked at is gone.
        if moved && self.focus == Focus::Details {
            self.focus = Focus::Users;
            self.warn(Tone::Warning, "the user that was shown is no longer there", ctx);
        }
        if moved && self.details_visible(ctx) {
            effects.extend(self.details.rest(&mut self.tasks));
        }
        effects
    }

    pub(super) fn details_visible(&self, ctx: &Ctx) -> bool {
        self.focus == Focus::Details || ctx.viewport.arrangement == Arrangement::SideBySide
    }

    /// The terminal has another size: what can be seen now may have to be read.
    pub(super) fn resized(&mut self, ctx: &Ctx) -> Vec<Effect> {
        self.users.reflow(ctx.viewport.user_rows);
        self.details.reflow(ctx.viewport.detail_rows);
        let visible = self.details_visible(ctx);
        visible.then(|| self.details.rest(&mut self.tasks)).flatten().into_iter().collect()
    }

    /// The cursor has rested: reads what is missing of its user.
    pub(super) fn read_details(&mut self, need: Need, ctx: &Ctx) -> Vec<Effect> {
        match self.session.value() {
            Some(session) => self.details.read(need, session, &mut self.tasks, ctx.now),
            None => Vec::new(),
        }
    }

    /// Reads all users.
    pub(super) fn read_users(&mut self, ctx: &Ctx) -> Vec<Effect> {
        match self.session.value() {
            Some(session) => self.users.read(terms(session, self.launch.mode), &mut self.tasks, ctx.now),
            None => Vec::new(),
        }
    }
}

/// How the list of users may be asked for (api.md v26).
fn terms(session: &Session, mode: Mode) -> Terms {
    let (federation, width) = match (session.is_satellite(), mode) {
        (false, _) => (Federation::Ask, Width::Four),
        (true, Mode::ReadWrite) => (Federation::Ask, Width::One),
        (true, Mode::ReadOnly) => (Federation::Bypass, Width::One),
    };
    Terms { cluster: session.cluster.id, max_items: session.cluster.max_items, federation, width }
}

fn go(state: &mut State, motion: Motion, ctx: &Ctx) {
    match state.focus {
        Focus::Users => state.users.go(motion, ctx.viewport.user_rows),
        Focus::Details => state.details.go(motion, ctx.viewport.detail_rows),
    }
}

fn mark(state: &mut State, marking: Marking, ctx: &Ctx) -> Vec<Effect> {
    match state.focus {
        Focus::Users => state.users.mark(marking, ctx.viewport.user_rows),
        Focus::Details => state.details.mark(marking, ctx.viewport.detail_rows),
    }
    Vec::new()
}

/// Enter: from the filter to its rows, from a user to its tokens, from a row to what can be done with it.
fn open(state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    match (state.focus, state.users.input()) {
        (Focus::Users, UsersInput::Filter) => {
            state.users.end_filter();
            Vec::new()
        }
        (Focus::Users, UsersInput::Rows) => show_tab(state, state.details.tab, ctx),
        (Focus::Details, _) => overlay::open(Action::Menu, state, ctx),
    }
}

fn show_tab(state: &mut State, tab: Tab, ctx: &Ctx) -> Vec<Effect> {
    state.users.end_filter();
    let mut effects = state.details.show(state.users.cursor().id());
    state.focus = Focus::Details;
    state.details.tab = tab;
    effects.extend(state.read_details(Need::IfOld, ctx));
    effects
}

/// One layer back; in the list, with nothing left to take back, nothing.
fn back(state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    if state.notices.dismiss() {
        return Vec::new();
    }
    let marked = match state.focus {
        Focus::Users => state.users.marks().len(),
        Focus::Details => state.details.marked(),
    };
    let cleared = match state.focus {
        Focus::Details => {
            let cleared = state.details.clear_marks();
            if !cleared {
                state.focus = Focus::Users;
            }
            cleared
        }
        Focus::Users => !state.users.clear_filter(ctx.viewport.user_rows) && state.users.clear_marks(),
    };
    if cleared {
        return vec![state.say(Tone::Info, format!("{} cleared", count(marked, "mark", "marks")), ctx)];
    }
    Vec::new()
}

/// Which way round the panes.
#[derive(Clone, Copy)]
enum Turn {
    Next,
    Previous,
}

/// Users, tokens, logins, and around.
fn turn(state: &mut State, ctx: &Ctx, turn: Turn) -> Vec<Effect> {
    let to = match (state.focus, state.details.tab, turn) {
        (Focus::Users, _, Turn::Next) | (Focus::Details, Tab::Logins, Turn::Previous) => Some(Tab::Tokens),
        (Focus::Users, _, Turn::Previous) | (Focus::Details, Tab::Tokens, Turn::Next) => Some(Tab::Logins),
        (Focus::Details, Tab::Logins, Turn::Next) | (Focus::Details, Tab::Tokens, Turn::Previous) => None,
    };
    match to {
        Some(tab) if state.users.cursor().id().is_some() => show_tab(state, tab, ctx),
        Some(_) => Vec::new(),
        None => {
            state.focus = Focus::Users;
            Vec::new()
        }
    }
}

/// Reads again what is shown.
fn refresh(state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    match (state.stage(), state.focus) {
        (Stage::Ready(_), Focus::Details) => state.read_details(Need::Anew, ctx),
        (Stage::Ready(session), Focus::Users) => {
            // A refusal may have been a proxy's whim, or somebody has changed the cluster's settings.
            let who = session.access == TokenAccess::Forbidden && state.session.awaiting().is_none();
            let mut effects = state.read_users(ctx);
            if who {
                let (task, fetch) = state.tasks.fetch(Read::Session);
                state.session.await_task(task);
                effects.push(fetch);
            }
            if ctx.viewport.arrangement == Arrangement::SideBySide {
                effects.extend(state.read_details(Need::Anew, ctx));
            }
            effects
        }
        (Stage::NotConfigured(_) | Stage::Connecting | Stage::Unreachable(_), _) => {
            state.session = crate::app::remote::Remote::default();
            let (task, fetch) = state.tasks.fetch(Read::Session);
            state.session.await_task(task);
            vec![fetch]
        }
    }
}

/// Copies of what the cursor is on.
fn copy(state: &State, action: Action) -> Option<Effect> {
    let details = state.details.current().filter(|_| state.focus == Focus::Details);
    let (what, text) = match (action, details, state.details.tab) {
        (Action::CopyEmail, _, _) => ("the e-mail", state.current_user()?.email.to_string()),
        (_, Some(details), Tab::Tokens) if details.current_token().is_some() => {
            ("the token's UUID", details.current_token()?.uuid.to_string())
        }
        (_, Some(details), Tab::Logins) if details.current_login().is_some() => {
            ("the login's UUID", details.current_login()?.login.links.first()?.uuid.to_string())
        }
        _ => ("the user's UUID", state.current_user()?.uuid.to_string()),
    };
    Some(Effect::Copy(Clip::Text(what, text), action))
}

/// The intent of an action that needs nothing more said.
fn intent_of(state: &State, action: Action) -> Option<Intent> {
    let users = state.chosen_users().ids;
    Some(match action {
        Action::Activate => Intent::Activate(intent::Activate { users }),
        Action::Deactivate => Intent::Deactivate(intent::Deactivate { users }),
        Action::Suspend => Intent::Suspend(intent::Suspend { users }),
        Action::Resume => Intent::Resume(intent::Resume { users }),
        Action::MakeAdmin => Intent::SetRole(intent::SetRole { users, role: UserRole::Admin }),
        Action::UnmakeAdmin => Intent::SetRole(intent::SetRole { users, role: UserRole::Plain }),
        Action::RevokeAllTokens => Intent::RevokeAllOf(intent::RevokeAllOf { users }),
        Action::ListExactly => Intent::ListExactly(intent::ListExactly { owner: *users.first()? }),
        Action::RevokeTokens => {
            let tokens = state.chosen_tokens().ids;
            Intent::RevokeTokens(intent::RevokeTokens { tokens, chosen: Chosen::FromList, secret: None })
        }
        Action::EndHelpers => {
            let tokens = state.left.tokens();
            Intent::RevokeTokens(intent::RevokeTokens { tokens, chosen: Chosen::ByUuid, secret: None })
        }
        Action::RevokeLogins => {
            Intent::RevokeLogins(intent::RevokeLogins { links: state.chosen_logins().ids })
        }
        _ => return None,
    })
}
