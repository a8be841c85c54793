//! The only way the state changes: routes a message to the overlay or pane it is for.

use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::details::Need;
use crate::app::effect::{Effect, TaskId};
use crate::app::hearing::is_harmless;
use crate::app::message::{Message, Told, Via};
use crate::app::notices::Tone;
use crate::app::overlay::Overlay;
use crate::app::overlay::plain::{Asked, PlainScreen};
use crate::app::overlay::reaction::Reaction;
pub use crate::app::panes::perform;
use crate::app::state::State;
use crate::app::users::Load;
use crate::app::world::{Ending, Stage, World};
use crate::model::session::Session;
use crate::model::text::count;
use crate::model::user_filter::SearchedUser;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::read::{Outcome, Read, SearchedUsers};
use crate::ops::report::ApplyReport;
use jiff::SignedDuration;

/// How long after the first Ctrl-C the second one ends the program.
const TWICE: SignedDuration = SignedDuration::from_millis(1_500);

/// Asks for what is needed first. To be called once, before anything else.
pub fn start(state: &mut State) -> Vec<Effect> {
    match state.world.stage() {
        Stage::NotConfigured(_) => Vec::new(),
        Stage::Connecting | Stage::Unreachable(_) | Stage::Ready(_) => {
            let (task, fetch) = state.world.fetch(Read::Session);
            state.world.session.await_task(task);
            vec![fetch]
        }
    }
}

/// Takes a message; returns the outside work it asks for.
pub fn update(state: &mut State, message: Message, ctx: &Ctx) -> Vec<Effect> {
    let is_pressed = matches!(message, Message::Action(_) | Message::Edit(_));
    let before = if is_pressed { state.asked_to_copy.take() } else { None };
    if let Some(said) = before.as_ref().and_then(Asked::said) {
        // It told what the same key would do next: over, whatever this one does.
        state.world.notices.withdraw(said);
    }
    let mut effects = route(state, message, ctx);
    if is_pressed {
        effects = copy_or_show(effects, before.as_ref(), state, ctx);
    }
    effects.extend(state.world.follow(ctx));
    effects.extend(state.world.recover(ctx));
    state.world.clocks.compare(&mut state.world.notices, ctx);
    effects
}

fn route(state: &mut State, message: Message, ctx: &Ctx) -> Vec<Effect> {
    if !hears(state, &message, ctx) {
        return Vec::new();
    }
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
        | Message::Listened { .. }
        | Message::Applied { .. }
        | Message::Told(_)
        | Message::Ignored(_)
        | Message::Terminate => None,
    };
    match at {
        Some(at) => {
            let mut effects = match &message {
                Message::TaskFailed { task, reason } => lost_job(state, *task, reason, ctx),
                _ => Vec::new(),
            };
            effects.extend(above(state, at, message, ctx));
            effects
        }
        None => below(state, message, ctx),
    }
}

/// What works wherever the keyboard is.
fn everywhere(state: &mut State, action: Action, ctx: &Ctx) -> Option<Vec<Effect>> {
    match action {
        Action::Redraw => Some(vec![Effect::Redraw]),
        Action::Background => {
            state.veil_secrets();
            Some(vec![Effect::Background])
        }
        Action::Interrupt => {
            // What it says could not be seen there.
            state.leave_plain_screen();
            let again = state.interrupted.is_some_and(|first| ctx.now.duration_since(first) <= TWICE);
            Some(if again {
                state.world.quit()
            } else {
                state.interrupted = Some(ctx.now);
                vec![state.world.say(Tone::Info, "press Ctrl-C again to quit", ctx)]
            })
        }
        _ => None,
    }
}

/// Whether a message may be acted on; of those that are no keys, always.
fn hears(state: &mut State, message: &Message, ctx: &Ctx) -> bool {
    let seen = state.sight.is_clear(ctx);
    let goes_on = state.world.ending == Ending::No;
    match message {
        Message::Action(Action::Interrupt | Action::Background | Action::Redraw) => true,
        Message::Action(Action::Quit) => state.overlays.is_empty() || seen,
        Message::Action(action) => seen && (goes_on || is_harmless(*action)),
        Message::Edit(_) => seen && goes_on,
        _ => true,
    }
}

/// What is to be done about copies that a key asks for: the first time the terminal is asked, and if `before`
/// was the same, it is shown alone.
fn copy_or_show(effects: Vec<Effect>, before: Option<&Asked>, state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    let mut wanted = Vec::with_capacity(effects.len());
    for effect in effects {
        let Effect::Copy(clip, by) = effect else {
            wanted.push(effect);
            continue;
        };
        let asked = Asked::now(&clip, ctx);
        if before.is_some_and(|before| before.is_again(&asked)) {
            let (screen, more) = PlainScreen::open(clip, &mut state.world.tasks, ctx);
            state.overlays.push(Overlay::Plain(screen));
            wanted.extend(more);
        } else {
            state.asked_to_copy = Some(asked);
            wanted.push(Effect::Copy(clip, by));
        }
    }
    wanted
}

/// Gives a message to an overlay.
fn above(state: &mut State, at: usize, message: Message, ctx: &Ctx) -> Vec<Effect> {
    let Some(overlay) = state.overlays.get_mut(at) else { return Vec::new() };
    match overlay.update(message, &mut state.world, ctx) {
        Reaction::Ignored => Vec::new(),
        Reaction::Stay(effects) => effects,
        Reaction::Open(mut effects, next) => {
            effects.extend(state.put(next, ctx));
            effects
        }
        Reaction::Close(effects) => {
            state.overlays.remove(at);
            effects
        }
        Reaction::GiveWay(mut effects, next) => {
            state.overlays.remove(at);
            effects.extend(state.put(next, ctx));
            effects
        }
        Reaction::Perform(action) => {
            state.overlays.remove(at);
            everywhere(state, action, ctx).unwrap_or_else(|| perform(state, action, ctx))
        }
    }
}

/// Gives a message to the panes.
fn below(state: &mut State, message: Message, ctx: &Ctx) -> Vec<Effect> {
    match message {
        Message::Action(action) => perform(state, action, ctx),
        Message::Edit(edit) => {
            state.world.users.edit(&edit, ctx.viewport.user_rows);
            Vec::new()
        }
        Message::Ignored(what) => vec![state.world.say(Tone::Info, what.text(), ctx)],
        Message::Resized => state.world.resized(ctx),
        Message::Woken(task) => {
            if state.world.details.has_rested(task) {
                return state.world.read_details(Need::IfOld, ctx);
            }
            if state.world.left.has_ended(task) {
                return state.world.left.look(&mut state.world.tasks);
            }
            if state.world.notices.woken(task) { Vec::new() } else { state.world.try_again(task, ctx) }
        }
        Message::Answered { task, outcome } => answered(state, task, outcome, ctx),
        Message::TaskFailed { task, reason } => {
            if state.world.jobs.get(task).is_some() {
                return lost_job(state, task, &reason, ctx);
            }
            let failure = Failure::plain(
                ErrorKind::Unexpected,
                reason,
                "this is a fault of the program: try again, and report it",
            );
            answered(state, task, Err(failure), ctx)
        }
        Message::Listened { task, last } => state.world.listened(task, last, ctx),
        Message::Progress { task, progress } => {
            if let Some(note) = state.world.jobs.progress(task, progress, ctx.now) {
                state.world.note(Tone::Warning, note.text, ctx);
            }
            Vec::new()
        }
        Message::Applied { task, report } => applied(state, task, report, ctx),
        Message::Told(told) => tell(state, told, ctx),
        Message::Terminate => state.world.quit(),
    }
}

/// A read is answered for a pane.
fn answered(state: &mut State, task: TaskId, outcome: Result<Outcome, Failure>, ctx: &Ctx) -> Vec<Effect> {
    state.world.tries.heard(task, outcome.is_ok());
    if outcome.is_ok() {
        state.world.notices.token_accepted();
    }
    if state.world.session.awaiting() == Some(task) {
        return match outcome {
            Ok(Outcome::Session(session)) => session_known(state, task, *session, ctx),
            Ok(_) => Vec::new(),
            Err(failure) => {
                state.world.session.settle(task, Err(failure.clone()), ctx.now);
                if state.world.session.value().is_some() {
                    state.world.complain("your own account could not be read again", &failure, ctx);
                }
                Vec::new()
            }
        };
    }
    if state.world.left.awaits(task) {
        let World { left, launch, tasks, notices, .. } = &mut state.world;
        return left.known(task, outcome, launch, (tasks, notices), ctx);
    }
    if state.world.users.awaits(task) {
        let users = match outcome {
            Ok(Outcome::Users(users)) => Ok(users),
            Ok(Outcome::UsersAgain(users)) => {
                let rows = users.into_iter().map(SearchedUser::from).collect();
                Ok(SearchedUsers { rows, unread: 0 })
            }
            Ok(_) => return Vec::new(),
            Err(failure) => Err(failure),
        };
        let brought = state.world.users.answered(task, users, &mut state.world.tasks, ctx.viewport.user_rows);
        if let Some(failure) = &brought.failure {
            state.world.complain("the list of users could not be read", failure, ctx);
        }
        lost_marks(state, brought.lost_marks, "user", "users", ctx);
        return brought.effects;
    }
    if state.world.details.awaits(task) {
        if let Some(what) = outcome.as_ref().ok().and_then(Outcome::left_out) {
            let text = format!("Not all of it could be read: {what}");
            if !state.world.notices.was_said(&text) {
                state.world.note(Tone::Warning, text, ctx);
            }
        }
        let brought = state.world.details.answered(task, outcome, ctx.now, ctx.viewport.detail_rows);
        if let Some((what, failure)) = &brought.failure {
            state.world.complain(what, failure, ctx);
        }
        lost_marks(state, brought.lost_marks, "row", "rows", ctx);
    }
    Vec::new()
}

fn session_known(state: &mut State, task: TaskId, session: Session, ctx: &Ctx) -> Vec<Effect> {
    let access = session.access;
    let before = state.world.session.value().map(|session| session.access);
    for warning in &session.warnings {
        // The session is read again and again.
        if !state.world.notices.was_said(warning) {
            state.world.warn(Tone::Warning, warning.clone(), ctx);
        }
    }
    state.world.session.settle(task, Ok(session), ctx.now);
    match state.world.users.load() {
        Load::Untouched => {
            let mut effects = state.world.read_users(ctx);
            effects.extend(state.world.left.look_once(&state.world.launch, &mut state.world.tasks));
            effects
        }
        // What is shown of tokens was read as somebody who may see others.
        _ if before != Some(access) => state.world.read_details(Need::Anew, ctx),
        _ => Vec::new(),
    }
}

fn lost_marks(state: &mut State, lost: usize, one: &str, many: &str, ctx: &Ctx) {
    if lost > 0 {
        let text = format!(
            "{} no longer there: the marks are dropped",
            count(lost, &format!("marked {one} is"), &format!("marked {many} are"))
        );
        state.world.warn(Tone::Warning, text, ctx);
    }
}

/// A change is over.
fn applied(state: &mut State, task: TaskId, report: Box<ApplyReport>, ctx: &Ctx) -> Vec<Effect> {
    let Some(job) = state.world.jobs.end(task) else { return Vec::new() };
    nothing_to_wait_for(state);
    let mut effects = state.world.after_applied(&report, ctx);
    effects.extend(state.show_report(&job, report, ctx));
    if !state.world.left.helpers().is_empty() {
        effects.extend(state.world.left.look(&mut state.world.tasks));
    }
    over_if_drained(state);
    effects
}

/// A change ended without a report: nobody knows what it did.
fn lost_job(state: &mut State, task: TaskId, reason: &str, ctx: &Ctx) -> Vec<Effect> {
    let Some(job) = state.world.jobs.end(task) else { return Vec::new() };
    nothing_to_wait_for(state);
    let text = format!(
        "{}: a fault of the program ended it ({reason}); what it did is not known, look at the lists",
        job.intent.verb()
    );
    state.world.warn(Tone::Error, text, ctx);
    over_if_drained(state);
    state.world.after_lost(&job.intent, ctx)
}

/// Whether to leave while changes are at work is no question any more when the last one is over.
fn nothing_to_wait_for(state: &mut State) {
    if state.world.jobs.is_empty() {
        state.overlays.retain(|overlay| !matches!(overlay, Overlay::Quit(_)));
    }
}

fn over_if_drained(state: &mut State) {
    if state.world.ending == Ending::Draining && state.world.jobs.is_empty() {
        state.world.ending = Ending::Over;
    }
}

fn tell(state: &mut State, told: Told, ctx: &Ctx) -> Vec<Effect> {
    match told {
        // Most terminals take nothing unless they are set to, and none says so.
        Told::Copied { what, via, again } => {
            let begins = match via {
                Via::Terminal => format!("asked the terminal to copy {what}"),
                // No more words than there is room for in 80 columns.
                Via::Tmux => "tmux copies only with `set -g set-clipboard on`".to_owned(),
            };
            let text = begins + &then(again);
            state.copy_was_told(&text);
            vec![state.world.say(Tone::Info, text, ctx)]
        }
        Told::Exported(path) => vec![state.world.say(Tone::Success, format!("written to {path}"), ctx)],
        Told::NotCopied { why, again } => {
            let text = format!("not copied: {why}{}", then(again));
            state.copy_was_told(&text);
            state.world.warn(Tone::Warning, text, ctx);
            Vec::new()
        }
        Told::NotExported(why) => {
            state.world.warn(Tone::Error, format!("not written: {why}"), ctx);
            Vec::new()
        }
    }
}

/// What the key does when it is pressed again.
fn then(key: Option<String>) -> String {
    key.map_or_else(String::new, |key| format!("; {key} again shows it alone"))
}
