//! The only way the state changes: routes a message to the overlay or pane it is for.

use crate::app::action::{Action, Availability};
use crate::app::availability::availability;
use crate::app::ctx::Ctx;
use crate::app::effect::{Clip, Effect, TaskId};
use crate::app::message::{Message, Told};
use crate::app::notices::Tone;
use crate::app::overlay::{self, Reaction};
use crate::app::state::{Ending, Stage, State};
use crate::model::user::UserRole;
use crate::ops::intent::{Chosen, Intent};
use crate::ops::read::Read;
use jiff::SignedDuration;

/// How long after the first Ctrl-C the second one ends the program.
const TWICE: SignedDuration = SignedDuration::from_millis(1_500);

/// Asks for what is needed first. To be called once, before anything else.
pub fn start(state: &mut State) -> Vec<Effect> {
    match state.stage() {
        Stage::NotConfigured(_) => Vec::new(),
        Stage::Connecting | Stage::Unreachable(_) | Stage::Ready(_) => {
            let (task, fetch) = state.fetch(Read::Session);
            state.session.await_task(task);
            vec![fetch]
        }
    }
}

/// Takes a message; returns the outside work it asks for.
pub fn update(state: &mut State, message: Message, ctx: &Ctx) -> Vec<Effect> {
    if matches!(&message, Message::Action(action) if *action != Action::Interrupt)
        || matches!(&message, Message::Edit(_))
    {
        state.interrupted = None;
    }
    let at = match &message {
        Message::Action(action) => match everywhere(state, *action, ctx) {
            Some(effects) => return effects,
            None => state.overlays.len().checked_sub(1),
        },
        Message::Edit(_) => state.overlays.len().checked_sub(1),
        Message::Answered { task, .. } | Message::Woken(task) | Message::TaskFailed { task, .. } => {
            state.overlays.iter().position(|overlay| overlay.awaits(*task))
        }
        Message::Resized
        | Message::Progress { .. }
        | Message::Applied { .. }
        | Message::Told(_)
        | Message::PasteIgnored
        | Message::Terminate => None,
    };
    match at {
        Some(at) => above(state, at, message, ctx),
        None => below(state, message, ctx),
    }
}

/// What works wherever the keyboard is.
fn everywhere(state: &mut State, action: Action, ctx: &Ctx) -> Option<Vec<Effect>> {
    match action {
        Action::Redraw => Some(vec![Effect::Redraw]),
        Action::Background => Some(vec![Effect::Background]),
        Action::Interrupt => {
            let again = state.interrupted.is_some_and(|first| ctx.now.duration_since(first) <= TWICE);
            Some(if again {
                state.quit()
            } else {
                state.interrupted = Some(ctx.now);
                vec![state.say(Tone::Info, "press Ctrl-C again to quit", ctx)]
            })
        }
        _ => None,
    }
}

/// Gives a message to an overlay.
fn above(state: &mut State, at: usize, message: Message, ctx: &Ctx) -> Vec<Effect> {
    let mut overlay = state.overlays.remove(at);
    match overlay.update(message, state, ctx) {
        Reaction::Stay(effects) => {
            state.overlays.insert(at.min(state.overlays.len()), overlay);
            effects
        }
        Reaction::Ignored => {
            state.overlays.insert(at.min(state.overlays.len()), overlay);
            Vec::new()
        }
        Reaction::Close(effects) => effects,
        Reaction::Perform(action) => perform(state, action, ctx),
    }
}

/// Gives a message to the panes.
fn below(state: &mut State, message: Message, ctx: &Ctx) -> Vec<Effect> {
    match message {
        Message::Action(action) => perform(state, action, ctx),
        Message::Progress { task, progress } => {
            state.jobs.progress(task, &progress);
            Vec::new()
        }
        Message::Applied { task, report } => {
            let Some(job) = state.jobs.end(task) else { return Vec::new() };
            let mut effects = Vec::new();
            effects.extend(overlay::show_report(job, report, state, ctx));
            if state.ending == Ending::Draining && state.jobs.is_empty() {
                state.ending = Ending::Over;
            }
            effects
        }
        Message::Woken(task) => woken(state, task),
        Message::Told(told) => vec![tell(state, told, ctx)],
        Message::PasteIgnored => {
            vec![state.say(Tone::Info, "nothing here takes text: what was pasted was ignored", ctx)]
        }
        Message::Terminate => state.quit(),
        Message::Edit(_) | Message::Answered { .. } | Message::TaskFailed { .. } | Message::Resized => {
            Vec::new()
        }
    }
}

fn woken(state: &mut State, task: TaskId) -> Vec<Effect> {
    state.notices.woken(task);
    Vec::new()
}

fn tell(state: &mut State, told: Told, ctx: &Ctx) -> Effect {
    match told {
        Told::Copied(what) => {
            state.say(Tone::Success, format!("{what} given to the terminal's clipboard"), ctx)
        }
        Told::NotCopied(why) => state.say(Tone::Warning, format!("not copied: {why}"), ctx),
        Told::Exported(path) => state.say(Tone::Success, format!("written to {path}"), ctx),
        Told::NotExported(why) => state.say(Tone::Error, format!("not written: {why}"), ctx),
    }
}

/// Takes an action in the panes, if it is available; else says why not.
pub fn perform(state: &mut State, action: Action, ctx: &Ctx) -> Vec<Effect> {
    match availability(state, action) {
        Availability::Enabled => {}
        Availability::Disabled(why) => {
            return vec![state.say(
                Tone::Info,
                format!("{}: {why}", action.name().trim_end_matches('…')),
                ctx,
            )];
        }
        Availability::Hidden => return Vec::new(),
    }
    match action {
        Action::Quit => state.quit(),
        Action::Activate
        | Action::Deactivate
        | Action::Suspend
        | Action::Resume
        | Action::MakeAdmin
        | Action::UnmakeAdmin
        | Action::RevokeAllTokens
        | Action::ListExactly
        | Action::RevokeTokens
        | Action::RevokeLogins => match intent_of(state, action) {
            Some((intent, hidden)) => begin(state, ctx, intent, hidden),
            None => Vec::new(),
        },
        Action::CopyUuid => match state.current_user() {
            Some(user) => vec![Effect::Copy(Clip::Text("the UUID", user.uuid.to_string()))],
            None => Vec::new(),
        },
        _ => overlay::open(action, state, ctx),
    }
}

/// The intent of an action that needs nothing more said, and how many of its targets can't be seen.
fn intent_of(state: &State, action: Action) -> Option<(Intent, usize)> {
    let users = state.chosen_users();
    let hidden = users.hidden;
    let users = users.ids;
    Some(match action {
        Action::Activate => (Intent::Activate { users }, hidden),
        Action::Deactivate => (Intent::Deactivate { users }, hidden),
        Action::Suspend => (Intent::Suspend { users }, hidden),
        Action::Resume => (Intent::Resume { users }, hidden),
        Action::MakeAdmin => (Intent::SetRole { users, role: UserRole::Admin }, hidden),
        Action::UnmakeAdmin => (Intent::SetRole { users, role: UserRole::Plain }, hidden),
        Action::RevokeAllTokens => (Intent::RevokeAllOf { users }, hidden),
        Action::ListExactly => (Intent::ListExactly { owner: *users.first()? }, 0),
        Action::RevokeTokens => {
            let tokens = state.chosen_tokens();
            let intent = Intent::RevokeTokens { tokens: tokens.ids, chosen: Chosen::FromList, secret: None };
            (intent, tokens.hidden)
        }
        Action::RevokeLogins => {
            let logins = state.chosen_logins();
            (Intent::RevokeLogins { links: logins.ids }, logins.hidden)
        }
        _ => return None,
    })
}

/// Opens the dialog that finds out what an intent would do, and asks.
pub fn begin(state: &mut State, ctx: &Ctx, intent: Intent, hidden: usize) -> Vec<Effect> {
    overlay::confirm(intent, hidden, state, ctx)
}
