//! Whether an action can be taken now, and if not, why: the one place that says so, for keys, menu and
//! palette alike. What the server would refuse is found out by surveys; here stands only what is known
//! without asking.

use crate::app::action::{Action, Availability, Needs};
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
    let possible = match action.needs() {
        Needs::Marks if marks(world) == 0 => Err("nothing is marked".to_owned()),
        Needs::Nothing | Needs::Marks => Ok(()),
        Needs::User => current(world).map(drop),
        Needs::Email => current(world).and_then(|user| {
            if user.email.is_empty() { Err("this user has no e-mail".to_owned()) } else { Ok(()) }
        }),
        Needs::Users => on_users(world, session, action),
        Needs::Helpers if world.left.helpers().is_empty() => return Availability::Hidden,
        Needs::Helpers => end_helpers(world, session),
        Needs::TokenList => list_exactly(world, session),
        Needs::Tokens => on_tokens(world, session),
        Needs::Logins => on_logins(world, session),
        Needs::Dialog => return Availability::Hidden,
    };
    possible.map_or_else(Availability::Disabled, |()| Availability::Enabled)
}

/// Before it is known who is asking.
fn before_session(world: &World, action: Action) -> Availability {
    let always = [
        Action::Quit,
        Action::Interrupt,
        Action::Background,
        Action::Redraw,
        Action::Help,
        Action::Messages,
        Action::Back,
    ];
    let then: &[Action] = match world.stage() {
        Stage::Unreachable(failure) if failure.kind == ErrorKind::TokenElsewhere => {
            &[Action::Refresh, Action::OpenDemo, Action::SendToken]
        }
        Stage::Unreachable(_) => &[Action::Refresh, Action::OpenDemo],
        Stage::NotConfigured(_) | Stage::Ready(_) => &[Action::OpenDemo],
        Stage::Connecting => &[],
    };
    let is_possible = always.contains(&action) || then.contains(&action);
    if is_possible { Availability::Enabled } else { Availability::Hidden }
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
    let status = [Action::Activate, Action::Suspend, Action::Resume, Action::MakeAdmin, Action::UnmakeAdmin];
    if status.contains(&action) {
        at_home(session)?;
    }
    if matches!(action, Action::IssueToken | Action::RevokeAllTokens) {
        tokens_possible(session)?;
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
    let is = |actions: &[Action]| actions.contains(&action);
    let inactive = user.is_surely_inactive();
    let reasons = [
        (is(&[Action::Activate, Action::Resume]) && user.status == UserStatus::Active, "already active"),
        (is(&[Action::Suspend]) && inactive, "not active"),
        (is(&[Action::MakeAdmin]) && user.is_admin(), "already an admin"),
        (is(&[Action::MakeAdmin]) && inactive, "not active: the server would refuse it"),
        (is(&[Action::UnmakeAdmin]) && !user.is_perhaps_admin(), "not an admin"),
    ];
    reasons.into_iter().find(|(stands, _)| *stands).map_or(Ok(()), |(_, reason)| no(reason))
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
    if world.in_tab(Tab::Tokens).is_none() {
        return Err("open a user's tokens first".to_owned());
    }
    writable(world)?;
    tokens_possible(session)?;
    some(&world.chosen_tokens(), "no token is under the cursor")
}

fn on_logins(world: &World, session: &Session) -> Result<(), Reason> {
    if world.in_tab(Tab::Logins).is_none() {
        return Err("open a user's VM logins first".to_owned());
    }
    writable(world)?;
    admin(session)?;
    some(&world.chosen_logins(), "no VM login is under the cursor")
}

fn some<Id>(chosen: &Chosen<Id>, none: &str) -> Result<(), Reason> {
    if chosen.ids.is_empty() { Err(none.to_owned()) } else { Ok(()) }
}
