//! What lies above the panes and takes the keyboard: dialogs, forms, menus. Each has its state and its
//! update in a file of its own.

pub mod chooser;
pub mod confirm;
pub mod field;
pub mod find_token;
pub mod forms;
pub mod help;
pub mod line;
pub mod menu;
pub mod messages;
pub mod new_token;
pub mod palette;
pub mod plain;
mod plan_lines;
pub mod progress;
pub mod quit;
pub mod result;
pub mod secret_field;
mod seen;
pub mod sort;
pub mod vm_logins;
pub use crate::ops::words;

use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::ctx::Ctx;
use crate::app::effect::{Effect, TaskId};
use crate::app::jobs::Job;
use crate::app::message::Message;
use crate::app::notices;
use crate::app::state::State;
use crate::model::ids::UserUuid;
use crate::model::user::User;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::intent::Intent;
use crate::ops::read::LoginRow;
use crate::ops::report::{ApplyReport, Product};
use chooser::Offer;
use confirm::ConfirmDialog;
use find_token::FindTokenDialog;
use forms::edit_login::EditLoginForm;
use forms::expiry::ChangeExpiryForm;
use forms::grant_login::GrantLoginForm;
use forms::issue_token::IssueTokenForm;
use forms::reassign::ReassignForm;
use forms::set_up::SetUpForm;
use forms::{Fill, FormDialog};
use help::HelpDialog;
use line::{Line, Tone};
use menu::MenuDialog;
use messages::MessagesDialog;
use new_token::NewTokenDialog;
use palette::PaletteDialog;
use plain::PlainScreen;
use progress::ProgressDialog;
use quit::QuitDialog;
use result::ResultDialog;
use sort::SortDialog;
use vm_logins::VmLoginsDialog;

/// What lies above the panes.
#[derive(Debug)]
pub enum Overlay {
    /// The keys that work below it.
    Help(HelpDialog),
    /// All commands, searched by typing.
    Palette(PaletteDialog),
    /// The actions for what is chosen.
    Menu(MenuDialog),
    /// What to sort the users by.
    Sort(SortDialog),
    /// What the program said.
    Messages(MessagesDialog),
    /// Leave although changes are at work?
    Quit(QuitDialog),
    /// The logins of a VM.
    VmLogins(VmLoginsDialog),
    /// What must be said before a change can be looked at.
    Form(FormDialog),
    /// What a change would do, and the question.
    Confirm(Box<ConfirmDialog>),
    /// A change at work.
    Progress(ProgressDialog),
    /// What became of a change.
    Result(ResultDialog),
    /// A new token, told once.
    NewToken(NewTokenDialog),
    /// Whose token is it?
    FindToken(Box<FindTokenDialog>),
    /// What was to be copied, alone on the screen.
    Plain(PlainScreen),
}

/// What an overlay did with a message.
#[derive(Debug, PartialEq, Eq)]
pub enum Reaction {
    /// It stays, and asks for this.
    Stay(Vec<Effect>),
    /// It is closed, and asks for this.
    Close(Vec<Effect>),
    /// It is closed, and then this action is taken by what is below.
    Perform(Action),
    /// The message means nothing to it.
    Ignored,
}

impl Overlay {
    /// Which keys work in it.
    pub fn context(&self) -> Context {
        match self {
            Self::Help(_) | Self::Messages(_) | Self::Plain(_) => Context::Reading,
            Self::Palette(_) => Context::Palette,
            Self::Menu(_) | Self::Sort(_) => Context::Choice,
            Self::Quit(_) => Context::Question,
            Self::VmLogins(dialog) => dialog.context(),
            Self::Form(_) => Context::Form,
            Self::Confirm(dialog) => dialog.context(),
            Self::Progress(_) => Context::Working,
            Self::Result(_) => Context::Report,
            Self::NewToken(_) => Context::NewToken,
            Self::FindToken(dialog) => dialog.context(),
        }
    }

    /// What stands in its frame.
    pub fn title(&self, state: &State) -> String {
        match self {
            Self::Help(_) => "Keys".to_owned(),
            Self::Palette(_) => "Commands".to_owned(),
            Self::Menu(dialog) => format!("Actions for {}", dialog.title()),
            Self::Sort(_) => "Sort by".to_owned(),
            Self::Messages(_) => "Messages".to_owned(),
            Self::Quit(_) => "Quit?".to_owned(),
            Self::VmLogins(dialog) => dialog.title(),
            Self::Form(dialog) => dialog.title(),
            Self::Confirm(dialog) => dialog.title(),
            Self::Progress(dialog) => dialog.job(&state.jobs).map(progress::title).unwrap_or_default(),
            Self::Result(dialog) => dialog.title(),
            Self::NewToken(dialog) => dialog.title(),
            Self::FindToken(_) => "Find a token".to_owned(),
            Self::Plain(_) => "Alone on the screen".to_owned(),
        }
    }

    /// Whether the answer, or the wake-up, of this task is for it.
    pub fn awaits(&self, task: TaskId) -> bool {
        match self {
            Self::VmLogins(dialog) => dialog.awaits(task),
            Self::Form(dialog) => dialog.awaits(task),
            Self::Confirm(dialog) => dialog.awaits(task),
            Self::Progress(dialog) => dialog.task() == task,
            Self::NewToken(dialog) => dialog.awaits(task),
            Self::FindToken(dialog) => dialog.awaits(task),
            Self::Plain(screen) => screen.awaits(task),
            Self::Help(_)
            | Self::Palette(_)
            | Self::Menu(_)
            | Self::Sort(_)
            | Self::Messages(_)
            | Self::Quit(_)
            | Self::Result(_) => false,
        }
    }

    /// What is taken with Enter, if it is a list of actions.
    pub fn chosen(&self) -> Option<Action> {
        match self {
            Self::Palette(dialog) => dialog.chosen().map(|offer| offer.action),
            Self::Menu(dialog) => dialog.chosen().map(|offer| offer.action),
            Self::Help(_)
            | Self::Sort(_)
            | Self::Messages(_)
            | Self::Quit(_)
            | Self::VmLogins(_)
            | Self::Form(_)
            | Self::Confirm(_)
            | Self::Progress(_)
            | Self::Result(_)
            | Self::NewToken(_)
            | Self::Plain(_)
            | Self::FindToken(_) => None,
        }
    }

    /// Takes a message: actions and typing if it is the topmost, answers and wake-ups that it awaits. The
    /// overlay is not among `state.overlays` meanwhile; what it opens there lies above it.
    pub fn update(&mut self, message: Message, state: &mut State, ctx: &Ctx) -> Reaction {
        match self {
            Self::Help(dialog) => dialog.update(message, ctx),
            Self::Palette(dialog) => dialog.update(message, state, ctx),
            Self::Menu(dialog) => dialog.update(message, state, ctx),
            Self::Sort(dialog) => dialog.update(message, state, ctx),
            Self::Messages(dialog) => dialog.update(message, state, ctx),
            Self::Quit(dialog) => dialog.update(message, state, ctx),
            Self::VmLogins(dialog) => dialog.update(message, state, ctx),
            Self::Form(dialog) => dialog.update(message, state, ctx),
            Self::Confirm(dialog) => dialog.update(message, state, ctx),
            Self::Progress(dialog) => dialog.update(message, state, ctx),
            Self::Result(dialog) => dialog.update(message, state, ctx),
            Self::NewToken(dialog) => dialog.update(message, state, ctx),
            Self::FindToken(dialog) => dialog.update(message, state, ctx),
            Self::Plain(screen) => screen.update(message, ctx),
        }
    }
}

/// Opens what an action needs before anything else: a form, a menu, a list. The action is available.
pub fn open(action: Action, state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    let users = state.chosen_users();
    match action {
        Action::Help => push(state, Overlay::Help(HelpDialog::new(state.context()))),
        Action::Palette => push(state, Overlay::Palette(PaletteDialog::open(state))),
        Action::Menu => push(state, Overlay::Menu(MenuDialog::open(state))),
        Action::Sort => push(state, Overlay::Sort(SortDialog::open(state, ctx))),
        Action::Quit => push(state, Overlay::Quit(QuitDialog::new(ctx))),
        Action::Messages => push(state, Overlay::Messages(MessagesDialog::default())),
        Action::FindToken => push(state, Overlay::FindToken(Box::default())),
        Action::VmLogins => {
            let (dialog, effects) = VmLoginsDialog::open(state);
            state.overlays.push(Overlay::VmLogins(dialog));
            effects
        }
        Action::SetUp => {
            let people = match users.ids.as_slice() {
                [one] => state.user(*one).map_or_else(|| one.to_string(), User::display_name),
                many => format!("{} users", many.len()),
            };
            let (form, effects) = SetUpForm::open(users.ids, people, state);
            open_form(form, effects, state)
        }
        Action::GrantLogin => {
            let (form, effects) = GrantLoginForm::open(&users.ids, state);
            open_form(form, effects, state)
        }
        Action::IssueToken => match users.ids.as_slice() {
            [owner] => {
                let form = IssueTokenForm::new(*owner, state.user(*owner));
                open_form(form, Vec::new(), state)
            }
            _ => Vec::new(),
        },
        Action::Reassign => match users.ids.as_slice() {
            [from] => open_reassign(*from, state),
            _ => Vec::new(),
        },
        Action::ChangeExpiry => {
            let tokens = state.chosen_tokens();
            let owner = state.current_user().map(User::display_name).unwrap_or_default();
            open_form(ChangeExpiryForm::new(tokens.ids, owner), Vec::new(), state)
        }
        Action::EditLogin => {
            let logins = chosen_login_rows(state);
            if logins.is_empty() {
                return Vec::new();
            }
            open_form(EditLoginForm::new(logins, state), Vec::new(), state)
        }
        _ => Vec::new(),
    }
}

fn push(state: &mut State, overlay: Overlay) -> Vec<Effect> {
    state.overlays.push(overlay);
    Vec::new()
}

fn open_form(form: impl Fill + 'static, effects: Vec<Effect>, state: &mut State) -> Vec<Effect> {
    state.overlays.push(Overlay::Form(FormDialog::new(form)));
    effects
}

/// The form that hands over what a user owns.
fn open_reassign(from: UserUuid, state: &mut State) -> Vec<Effect> {
    let (form, effects) = ReassignForm::open(from, state);
    open_form(form, effects, state)
}

/// The chosen logins of the user that is shown.
fn chosen_login_rows(state: &State) -> Vec<LoginRow> {
    let links = state.chosen_logins().ids;
    let rows = state.details.current().and_then(|details| details.logins.value()).map(|list| &list.rows);
    let is_chosen = |row: &&LoginRow| row.login.links.iter().any(|link| links.contains(&link.uuid));
    rows.into_iter().flatten().filter(is_chosen).cloned().collect()
}

/// Takes what is on offer, or says why it can't be taken.
fn take(offer: Option<&Offer>, state: &mut State, ctx: &Ctx) -> Reaction {
    match offer {
        None => Reaction::Ignored,
        Some(Offer { action, disabled: None }) => Reaction::Perform(*action),
        Some(Offer { action, disabled: Some(why) }) => {
            let text = format!("{}: {why}", action.name().trim_end_matches('…'));
            Reaction::Stay(vec![state.say(notices::Tone::Info, text, ctx)])
        }
    }
}

/// Opens the dialog that surveys an intent and asks.
pub fn confirm(intent: Intent, state: &mut State) -> Vec<Effect> {
    let (dialog, fetch) = ConfirmDialog::open(intent, state);
    state.overlays.push(Overlay::Confirm(Box::new(dialog)));
    vec![fetch]
}

/// Shows what became of a change: the progress overlay becomes the results, a new token is shown once; a
/// change that did all it should is only told on the message line.
pub fn show_report(job: Job, mut report: Box<ApplyReport>, state: &mut State, ctx: &Ctx) -> Vec<Effect> {
    let mut effects = Vec::new();
    let is_its = |overlay: &Overlay| matches!(overlay, Overlay::Progress(p) if p.task() == job.task);
    let watched = state.overlays.iter().position(is_its);
    if let Some(at) = watched {
        state.overlays.remove(at);
    }
    // Nobody waits for what went on in the background: it must not take the keyboard from what is on top.
    let at = watched.unwrap_or(0);
    if let Some(Product::Token(issued)) =
        report.brought.take_if(|product| matches!(product, Product::Token(_)))
    {
        let owner = report.names.user(issued.owner);
        let host = state.session.value().map(|session| session.api_host.clone()).unwrap_or_default();
        let dialog = NewTokenDialog::new(issued, owner, host, &report.intent, ctx)
            .with_notes(report.notes.iter().map(Line::from));
        state.overlays.insert(at, Overlay::NewToken(dialog));
    } else if result::needs_a_look(&report) || (watched.is_some() && report.items.len() > 1) {
        let dialog = ResultDialog::new(report, ctx);
        state.note(notices::Tone::Info, dialog.title(), ctx);
        state.overlays.insert(at, Overlay::Result(dialog));
    } else {
        effects.push(state.say(notices::Tone::Success, result::in_a_line(&report), ctx));
    }
    // What a dialog below lists may have changed.
    let below = state.overlays.iter().position(|overlay| matches!(overlay, Overlay::VmLogins(_)));
    if let Some(at) = below
        && let Overlay::VmLogins(mut dialog) = state.overlays.remove(at)
    {
        effects.extend(dialog.read_logins(state));
        state.overlays.insert(at, Overlay::VmLogins(dialog));
    }
    effects
}

/// A fault of the program, told like any failure.
fn unexpected(reason: &str) -> Failure {
    Failure::plain(ErrorKind::Unexpected, reason, "this is a fault of the program; try again")
}

/// What failed, why, and what to do.
fn failure_lines(what: &str, failure: &Failure) -> Vec<Line> {
    let mut lines = vec![Line::new(Tone::Danger, format!("{what}: {}", failure.reason))];
    if let Some(id) = &failure.request_id {
        lines.push(Line::dim(format!("request {id}")));
    }
    lines.push(Line::plain(failure.advice));
    lines
}

#[cfg(test)]
mod tests;
