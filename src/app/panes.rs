//! What actions do in the panes.

use crate::app::action::{Action, Availability};
use crate::app::availability::availability;
use crate::app::ctx::{Arrangement, Ctx};
use crate::app::cursor::Motion;
use crate::app::details::{Need, Tab};
use crate::app::effect::{Clip, Effect, Instead};
use crate::app::list::Marking;
use crate::app::notices::Tone;
use crate::app::overlay::reaction::Next;
use crate::app::state::State;
use crate::app::users::UsersInput;
use crate::app::world::{Focus, Stage};
use crate::model::session::TokenAccess;
use crate::model::text::count;
use crate::model::user::UserRole;
use crate::ops::intent::{self, Chosen, Intent};
use crate::ops::read::Read;

/// Takes an action in the panes, if it is available; else says why not.
pub fn perform(state: &mut State, action: Action, ctx: &Ctx) -> Vec<Effect> {
    match availability(&state.world, action) {
        Availability::Enabled => take(state, action, ctx),
        Availability::Disabled(why) => {
            let name = action.name().trim_end_matches('…');
            vec![state.world.say(Tone::Info, format!("{name}: {why}"), ctx)]
        }
        Availability::Hidden => Vec::new(),
    }
}

fn take(state: &mut State, action: Action, ctx: &Ctx) -> Vec<Effect> {
    state.world.users.hold();
    if let Some(motion) = Motion::of(action) {
        go(state, motion, ctx);
        return Vec::new();
    }
    match action {
        Action::Open => open(state, ctx),
        Action::Submit => {
            state.world.users.end_filter();
            Vec::new()
        }
        Action::Back => back(state, ctx),
        Action::NextPane => turn(state, ctx, Turn::Next),
        Action::PreviousPane => turn(state, ctx, Turn::Previous),
        Action::ShowTokens => state.world.show_tab(Tab::Tokens, ctx),
        Action::ShowLogins => state.world.show_tab(Tab::Logins, ctx),
        Action::Filter => {
            state.world.focus = Focus::Users;
            state.world.users.begin_filter();
            Vec::new()
        }
        Action::ReverseSort => {
            state.world.users.sort(state.world.users.table().sort().reversed(), ctx.viewport.user_rows);
            Vec::new()
        }
        Action::Mark => mark(state, Marking::One, ctx),
        Action::MarkRange => mark(state, Marking::Range, ctx),
        Action::MarkAll => mark(state, Marking::All, ctx),
        Action::InvertMarks => mark(state, Marking::Invert, ctx),
        Action::ClearMarks => {
            match state.world.focus {
                Focus::Users => state.world.users.clear_marks(),
                Focus::Details => state.world.details.clear_marks(),
            };
            Vec::new()
        }
        Action::Refresh => refresh(state, ctx),
        Action::CopyUuid | Action::CopyEmail => copy(state, action).into_iter().collect(),
        Action::Quit if state.world.jobs.is_empty() => state.world.quit(),
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
            Some(intent) => state.put(Next::Confirm(intent), ctx),
            None => Vec::new(),
        },
        _ => state.open(action, ctx),
    }
}

fn go(state: &mut State, motion: Motion, ctx: &Ctx) {
    match state.world.focus {
        Focus::Users => state.world.users.go(motion, ctx.viewport.user_rows),
        Focus::Details => {
            if let Some(list) = state.world.details.list_mut() {
                list.go(motion, ctx.viewport.detail_rows);
            }
        }
    }
}

fn mark(state: &mut State, marking: Marking, ctx: &Ctx) -> Vec<Effect> {
    match state.world.focus {
        Focus::Users => state.world.users.mark(marking, ctx.viewport.user_rows),
        Focus::Details => {
            if let Some(list) = state.world.details.list_mut() {
                list.mark(marking, ctx.viewport.detail_rows);
            }
        }
    }
    Vec::new()
}

/// Enter: from the filter to its rows, from a user to its tokens, from a row to what can be done with it.
fn open(state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    match (state.world.focus, state.world.users.input()) {
        (Focus::Users, UsersInput::Filter) => {
            state.world.users.end_filter();
            Vec::new()
        }
        (Focus::Users, UsersInput::Rows) => state.world.show_tab(state.world.details.tab, ctx),
        (Focus::Details, _) => state.open(Action::Menu, ctx),
    }
}

/// One layer back; in the list, with nothing left to take back, nothing.
fn back(state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    if state.world.notices.dismiss() {
        return Vec::new();
    }
    let marked = match state.world.focus {
        Focus::Users => state.world.users.marks().len(),
        Focus::Details => state.world.details.marked(),
    };
    let cleared = match state.world.focus {
        Focus::Details => {
            let cleared = state.world.details.clear_marks();
            if !cleared {
                state.world.focus = Focus::Users;
            }
            cleared
        }
        Focus::Users => {
            !state.world.users.clear_filter(ctx.viewport.user_rows) && state.world.users.clear_marks()
        }
    };
    if cleared {
        return vec![state.world.say(Tone::Info, format!("{} cleared", count(marked, "mark", "marks")), ctx)];
    }
    Vec::new()
}

/// Which way round the panes.
#[derive(Clone, Copy)]
enum Turn {
    Next,
    Previous,
}

/// Users, each tab of the details, and around.
fn turn(state: &mut State, ctx: &Ctx, turn: Turn) -> Vec<Effect> {
    let world = &mut state.world;
    let at = match world.focus {
        Focus::Users => 0,
        Focus::Details => Tab::ALL.iter().position(|tab| *tab == world.details.tab).unwrap_or(0) + 1,
    };
    let stops = Tab::ALL.len() + 1;
    let to = match turn {
        Turn::Next => (at + 1) % stops,
        Turn::Previous => (at + stops - 1) % stops,
    };
    match to.checked_sub(1).map(|at| Tab::ALL[at]) {
        Some(tab) if world.users.cursor().id().is_some() => world.show_tab(tab, ctx),
        Some(_) => Vec::new(),
        None => {
            world.focus = Focus::Users;
            Vec::new()
        }
    }
}

/// Reads again what is shown.
fn refresh(state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    match (state.world.stage(), state.world.focus) {
        (Stage::Ready(_), Focus::Details) => state.world.read_details(Need::Anew, ctx),
        (Stage::Ready(session), Focus::Users) => {
            // A refusal may have been a proxy's whim, or somebody has changed the cluster's settings.
            let who = session.access == TokenAccess::Forbidden && state.world.session.awaiting().is_none();
            let mut effects = state.world.read_users(ctx);
            if who {
                let (task, fetch) = state.world.tasks.fetch(Read::Session);
                state.world.session.await_task(task);
                effects.push(fetch);
            }
            if ctx.viewport.arrangement == Arrangement::SideBySide {
                effects.extend(state.world.read_details(Need::Anew, ctx));
            }
            effects
        }
        (Stage::NotConfigured(_) | Stage::Connecting | Stage::Unreachable(_), _) => {
            state.world.session = crate::app::remote::Remote::default();
            let (task, fetch) = state.world.tasks.fetch(Read::Session);
            state.world.session.await_task(task);
            vec![fetch]
        }
    }
}

/// Copies of what the cursor is on.
fn copy(state: &State, action: Action) -> Option<Effect> {
    let world = &state.world;
    let token = || Some(("the token's UUID", world.in_tab(Tab::Tokens)?.tokens.current()?.uuid.to_string()));
    let login = || {
        let login = &world.in_tab(Tab::Logins)?.logins.current()?.login;
        Some(("the login's UUID", login.links.first()?.uuid.to_string()))
    };
    let (what, text) = match action {
        Action::CopyEmail => ("the e-mail", world.current_user()?.email.to_string()),
        _ => token()
            .or_else(login)
            .or_else(|| Some(("the user's UUID", world.current_user()?.uuid.to_string())))?,
    };
    Some(Effect::Copy(Clip::Text(what, text), action))
}

/// The intent of an action that needs nothing more said.
fn intent_of(state: &State, action: Action) -> Option<Intent> {
    let users = state.world.chosen_users().ids;
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
            let tokens = state.world.chosen_tokens().ids;
            Intent::RevokeTokens(intent::RevokeTokens { tokens, chosen: Chosen::FromList, secret: None })
        }
        Action::EndHelpers => {
            let tokens = state.world.left.tokens();
            Intent::RevokeTokens(intent::RevokeTokens { tokens, chosen: Chosen::ByUuid, secret: None })
        }
        Action::RevokeLogins => {
            Intent::RevokeLogins(intent::RevokeLogins { links: state.world.chosen_logins().ids })
        }
        _ => return None,
    })
}
