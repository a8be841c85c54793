//! Whether an action can be taken now, and if not, why: the one place that says so, for keys, menu and
//! palette alike. What the server would refuse is found out by surveys; here stands only what is known
//! without asking.

use crate::app::action::{Action, Availability};
use crate::app::details::Tab;
use crate::app::selection::Chosen;
use crate::app::users::UsersInput;
use crate::app::world::World;
use crate::app::world::{Focus, Stage};
use crate::model::ids::UserUuid;
use crate::model::session::{Session, TokenAccess};
use crate::model::token::TokenSource;
use crate::model::user::{User, UserStatus};
use crate::ops::Mode;
use crate::ops::failure::ErrorKind;

/// Why not.
type Reason = String;

/// Whether `action` can be taken in the panes now.
pub fn availability(world: &World, action: Action) -> Availability {
    let session = match world.stage() {
        Stage::Ready(session) => session,
        Stage::NotConfigured(_) | Stage::Connecting | Stage::Unreachable(_) => {
            return before_session(world, action);
        }
    };
    if action == Action::Submit && world.users.input() == UsersInput::Filter {
        return Availability::Enabled;
    }
    let possible = match action {
        Action::Up
        | Action::Down
        | Action::PageUp
        | Action::PageDown
        | Action::HalfPageUp
        | Action::HalfPageDown
        | Action::First
        | Action::Last
        | Action::Back
        | Action::NextPane
        | Action::PreviousPane
        | Action::Palette
        | Action::Menu
        | Action::Help
        | Action::Messages
        | Action::Refresh
        | Action::Redraw
        | Action::Background
        | Action::Quit
        | Action::Interrupt
        | Action::Filter
        | Action::Sort
        | Action::ReverseSort
        | Action::FindToken
        | Action::VmLogins
        | Action::Mark
        | Action::MarkRange
        | Action::MarkAll
        | Action::InvertMarks => Ok(()),
        Action::ClearMarks => {
            if marks(world) == 0 {
                Err("nothing is marked".to_owned())
            } else {
                Ok(())
            }
        }
        Action::Open | Action::ShowTokens | Action::ShowLogins | Action::CopyUuid => current(world).map(drop),
        Action::CopyEmail => current(world).and_then(|user| {
            if user.email.is_empty() { Err("this user has no e-mail".to_owned()) } else { Ok(()) }
        }),
        Action::SetUp
        | Action::Activate
        | Action::Deactivate
        | Action::Suspend
        | Action::Resume
        | Action::MakeAdmin
        | Action::UnmakeAdmin
        | Action::Reassign
        | Action::IssueToken
        | Action::RevokeAllTokens
        | Action::GrantLogin => on_users(world, session, action),
        Action::EndHelpers if world.left.helpers().is_empty() => return Availability::Hidden,
        Action::EndHelpers => end_helpers(world, session),
        Action::ListExactly => list_exactly(world, session),
        Action::RevokeTokens | Action::ChangeExpiry => on_tokens(world, session),
        Action::EditLogin | Action::RevokeLogins => on_logins(world, session),
        Action::Yes
        | Action::Submit
        | Action::NextField
        | Action::PreviousField
        | Action::NextChoice
        | Action::PreviousChoice
        | Action::Details
        | Action::Calls
        | Action::StopAfterStep
        | Action::ShowFailed
        | Action::RetryFailed
        | Action::Export
        | Action::Reveal
        | Action::CopySecret
        | Action::GoToOwner
        | Action::OpenDemo
        | Action::SendToken => return Availability::Hidden,
    };
    possible.map_or_else(Availability::Disabled, |()| Availability::Enabled)
}

/// Before it is known who is asking.
fn before_session(world: &World, action: Action) -> Availability {
    match action {
        Action::Quit
        | Action::Interrupt
        | Action::Background
        | Action::Redraw
        | Action::Help
        | Action::Messages
        | Action::Back => Availability::Enabled,
        Action::Refresh if matches!(world.stage(), Stage::Unreachable(_)) => Availability::Enabled,
        Action::SendToken if matches!(world.stage(), Stage::Unreachable(failure) if failure.kind == ErrorKind::TokenElsewhere) => {
            Availability::Enabled
        }
        Action::OpenDemo if !matches!(world.stage(), Stage::Connecting) => Availability::Enabled,
        _ => Availability::Hidden,
    }
}

fn marks(world: &World) -> usize {
    match world.focus {
        Focus::Users => world.users.marks().len(),
        Focus::Details => world.details.marked(),
    }
}

fn current(world: &World) -> Result<&User, Reason> {
    world.current_user().ok_or_else(|| "no user is under the cursor".to_owned())
}

fn writable(world: &World) -> Result<(), Reason> {
    match world.launch.mode {
        Mode::ReadWrite => Ok(()),
        Mode::ReadOnly => Err("read-only mode: nothing is changed".to_owned()),
    }
}

fn admin(session: &Session) -> Result<(), Reason> {
    if session.is_admin() { Ok(()) } else { Err("this needs an admin's token".to_owned()) }
}

fn at_home(session: &Session) -> Result<(), Reason> {
    match session.access {
        TokenAccess::Elsewhere(login) => Err(format!("users belong to cluster {login}: do this there")),
        TokenAccess::All | TokenAccess::Borrowed | TokenAccess::OwnOnly | TokenAccess::Forbidden => Ok(()),
    }
}

fn tokens_possible(session: &Session) -> Result<(), Reason> {
    match session.access {
        TokenAccess::Elsewhere(login) => Err(format!("tokens belong to cluster {login}: do this there")),
        TokenAccess::Forbidden => {
            Err("the server does not let this token do it: its scopes, or IssueTrustedTokens (r asks again)"
                .to_owned())
        }
        TokenAccess::All | TokenAccess::Borrowed | TokenAccess::OwnOnly => Ok(()),
    }
}

/// What is done to the chosen users.
fn on_users(world: &World, session: &Session, action: Action) -> Result<(), Reason> {
    writable(world)?;
    let mut two = world.each_chosen_user().take(2);
    let only = two.next().filter(|_| two.next().is_none());
    if !(action == Action::RevokeAllTokens && only == Some(session.my_uuid())) {
        admin(session)?;
    }
    match action {
        Action::Activate | Action::Suspend | Action::Resume | Action::MakeAdmin | Action::UnmakeAdmin => {
            at_home(session)?;
        }
        Action::IssueToken | Action::RevokeAllTokens => tokens_possible(session)?,
        _ => {}
    }
    if matches!(action, Action::Reassign | Action::IssueToken) && only.is_none() && marks(world) > 1 {
        return Err(format!("this is for one user, and {} are marked", marks(world)));
    }
    // What fits none of the chosen is not offered; what fits some is, and the plan says which it leaves out.
    let mut why = None;
    for uuid in world.each_chosen_user() {
        match fits(action, uuid, world.user(uuid), session) {
            Ok(()) => return Ok(()),
            Err(reason) => why = why.or(Some(reason)),
        }
    }
    Err(why.unwrap_or_else(|| "no user is under the cursor".to_owned()))
}

/// Whether an action makes sense for a user.
fn fits(action: Action, uuid: UserUuid, user: Option<&User>, session: &Session) -> Result<(), Reason> {
    let no = |reason: &str| Err(reason.to_owned());
    let tokens = matches!(action, Action::IssueToken | Action::RevokeAllTokens);
    if uuid.is_built_in() {
        return no("this account belongs to the server");
    }
    if uuid == session.my_uuid() && matches!(action, Action::Deactivate | Action::Suspend | Action::Reassign)
    {
        return no("this is your own account");
    }
    if tokens && uuid.cluster() != session.cluster.id {
        return Err(format!("this user's tokens belong to cluster {}: do this there", uuid.cluster()));
    }
    let Some(user) = user else { return Ok(()) };
    match action {
        Action::Activate | Action::Resume if user.status == UserStatus::Active => no("already active"),
        Action::Suspend if user.is_surely_inactive() => no("not active"),
        Action::MakeAdmin if user.is_admin() => no("already an admin"),
        Action::MakeAdmin if user.is_surely_inactive() => no("not active: the server would refuse it"),
        Action::UnmakeAdmin if !user.is_perhaps_admin() => no("not an admin"),
        _ => Ok(()),
    }
}

fn list_exactly(world: &World, session: &Session) -> Result<(), Reason> {
    let Some(details) = world.details.current().filter(|_| world.focus == Focus::Details) else {
        return Err("open a user's tokens first".to_owned());
    };
    if details.tokens.value().is_some_and(|list| list.source == TokenSource::Server) {
        return Err("this list is exact already".to_owned());
    }
    writable(world).map_err(|_| "read-only mode: it would make and delete a helper token".to_owned())?;
    admin(session)?;
    tokens_possible(session)?;
    fits(Action::IssueToken, details.user, None, session)
}

fn end_helpers(world: &World, session: &Session) -> Result<(), Reason> {
    writable(world)?;
    admin(session)?;
    tokens_possible(session)?;
    if world.left.tokens().is_empty() {
        return Err("which it is, if there is one, is not known: it ends by itself".to_owned());
    }
    Ok(())
}

fn on_tokens(world: &World, session: &Session) -> Result<(), Reason> {
    if world.focus != Focus::Details || world.details.tab != Tab::Tokens {
        return Err("open a user's tokens first".to_owned());
    }
    writable(world)?;
    tokens_possible(session)?;
    some(&world.chosen_tokens(), "no token is under the cursor")
}

fn on_logins(world: &World, session: &Session) -> Result<(), Reason> {
    if world.focus != Focus::Details || world.details.tab != Tab::Logins {
        return Err("open a user's VM logins first".to_owned());
    }
    writable(world)?;
    admin(session)?;
    some(&world.chosen_logins(), "no VM login is under the cursor")
}

fn some<Id>(chosen: &Chosen<Id>, none: &str) -> Result<(), Reason> {
    if chosen.ids.is_empty() { Err(none.to_owned()) } else { Ok(()) }
}
