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
pub mod reaction;
pub mod result;
pub mod secret_field;
mod seen;
pub mod sort;
pub mod vm_logins;

use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::ctx::Ctx;
use crate::app::effect::{Effect, TaskId};
use crate::app::message::Message;
use crate::app::world::World;
use crate::model::user::User;
use crate::ops::read::LoginRow;
use confirm::ConfirmDialog;
use find_token::FindTokenDialog;
use forms::FormDialog;
use forms::edit_login::EditLoginForm;
use forms::expiry::ChangeExpiryForm;
use forms::fill::Fill;
use forms::grant_login::GrantLoginForm;
use forms::issue_token::IssueTokenForm;
use forms::reassign::ReassignForm;
use forms::set_up::SetUpForm;
use help::HelpDialog;
use menu::MenuDialog;
use messages::MessagesDialog;
use new_token::NewTokenDialog;
use palette::PaletteDialog;
use plain::PlainScreen;
use progress::ProgressDialog;
use quit::QuitDialog;
use reaction::{Next, Reaction};
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
    pub fn title(&self, world: &World) -> String {
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
            Self::Progress(dialog) => {
                dialog.job(&world.jobs).map(|job| job.title.clone()).unwrap_or_default()
            }
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

    /// Takes a message: actions and typing if it is the topmost, answers and wake-ups that it awaits.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        match self {
            Self::Help(dialog) => dialog.update(message, ctx),
            Self::Palette(dialog) => dialog.update(message, world, ctx),
            Self::Menu(dialog) => dialog.update(message, world, ctx),
            Self::Sort(dialog) => dialog.update(message, world, ctx),
            Self::Messages(dialog) => dialog.update(message, world, ctx),
            Self::Quit(dialog) => dialog.update(message, world, ctx),
            Self::VmLogins(dialog) => dialog.update(message, world, ctx),
            Self::Form(dialog) => dialog.update(message, world, ctx),
            Self::Confirm(dialog) => dialog.update(message, world, ctx),
            Self::Progress(dialog) => dialog.update(message, world, ctx),
            Self::Result(dialog) => dialog.update(message, ctx),
            Self::NewToken(dialog) => dialog.update(message, world, ctx),
            Self::FindToken(dialog) => dialog.update(message, world, ctx),
            Self::Plain(screen) => screen.update(message, ctx),
        }
    }
}

/// An overlay that is to be seen now, and what it asks for.
pub type Opened = (Overlay, Vec<Effect>);

/// What an action needs before anything else: a form, a menu, a list. The action is available; `below` is what
/// has the keyboard now.
pub fn of_action(action: Action, below: Context, world: &mut World, ctx: &Ctx) -> Option<Opened> {
    let users = world.chosen_users();
    let overlay = match action {
        Action::Help => Overlay::Help(HelpDialog::new(below)),
        Action::Palette => Overlay::Palette(PaletteDialog::open(world)),
        Action::Menu => Overlay::Menu(MenuDialog::open(world)),
        Action::Sort => Overlay::Sort(SortDialog::open(world, ctx)),
        Action::Quit => Overlay::Quit(QuitDialog::new(ctx)),
        Action::Messages => Overlay::Messages(MessagesDialog::default()),
        Action::FindToken => Overlay::FindToken(Box::default()),
        Action::VmLogins => {
            let (dialog, effects) = VmLoginsDialog::open(world);
            return Some((Overlay::VmLogins(dialog), effects));
        }
        Action::SetUp => {
            let people = match users.ids.as_slice() {
                [one] => world.user(*one).map_or_else(|| one.to_string(), User::display_name),
                many => format!("{} users", many.len()),
            };
            return Some(form(SetUpForm::open(users.ids, people, world)));
        }
        Action::GrantLogin => return Some(form(GrantLoginForm::open(&users.ids, world))),
        Action::IssueToken => {
            let [owner] = users.ids.as_slice() else { return None };
            return Some(form((IssueTokenForm::new(*owner, world.user(*owner)), Vec::new())));
        }
        Action::Reassign => {
            let [from] = users.ids.as_slice() else { return None };
            return Some(form(ReassignForm::open(*from, world)));
        }
        Action::ChangeExpiry => {
            let tokens = world.chosen_tokens();
            let owner = world.current_user().map(User::display_name).unwrap_or_default();
            return Some(form((ChangeExpiryForm::new(tokens.ids, owner), Vec::new())));
        }
        Action::EditLogin => {
            let logins = chosen_login_rows(world);
            return (!logins.is_empty()).then(|| form((EditLoginForm::new(logins, world), Vec::new())));
        }
        _ => return None,
    };
    Some((overlay, Vec::new()))
}

/// What an overlay wants to be seen.
pub fn of_next(next: Next, world: &mut World, ctx: &Ctx) -> Opened {
    match next {
        Next::Confirm(intent) => {
            let (dialog, fetch) = ConfirmDialog::open(intent, world);
            (Overlay::Confirm(Box::new(dialog)), vec![fetch])
        }
        Next::Reassign(from) => form(ReassignForm::open(from, world)),
        Next::EditLogins(logins) => form((EditLoginForm::new(logins, world), Vec::new())),
        Next::Progress(task) => (Overlay::Progress(ProgressDialog::new(task)), Vec::new()),
        Next::Apply(plan) => {
            let (task, effects) = world.start_job(*plan, ctx);
            (Overlay::Progress(ProgressDialog::new(task)), effects)
        }
    }
}

fn form((form, effects): (impl Fill + 'static, Vec<Effect>)) -> Opened {
    (Overlay::Form(FormDialog::new(form)), effects)
}

/// The chosen logins of the user that is shown.
fn chosen_login_rows(world: &World) -> Vec<LoginRow> {
    let links = world.chosen_logins().ids;
    let rows = world.details.current().map(|details| details.logins.rows());
    let is_chosen = |row: &&LoginRow| row.login.links.iter().any(|link| links.contains(&link.uuid));
    rows.into_iter().flatten().filter(is_chosen).cloned().collect()
}

#[cfg(test)]
mod tests;
