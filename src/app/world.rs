//! Everything that is shown below the overlays: no handles, channels, clocks or secrets.

use crate::app::clocks::Clocks;
use crate::app::context::Context;
use crate::app::ctx::Ctx;
use crate::app::details::{Details, Tab, UserDetails, unseen_tokens};
use crate::app::effect::{Effect, TaskId};
use crate::app::jobs::Jobs;
use crate::app::launch::{Launch, Place};
use crate::app::left::Left;
use crate::app::notices::{Notice, Notices, Tone};
use crate::app::remote::Remote;
use crate::app::selection::{Chosen, ChosenUsers};
use crate::app::tasks::Tasks;
use crate::app::tries::Tries;
use crate::app::users::{UsersInput, UsersPane};
use crate::model::ids::{LinkUuid, TokenUuid, UserUuid};
use crate::model::session::Session;
use crate::model::user::User;
use crate::ops::confirm::Confirmed;
use crate::ops::failure::Failure;
use crate::ops::plan::Plan;
use crate::ops::read::Read;
use crate::ops::silence;
use jiff::Timestamp;
use std::time::Duration;

/// How long a message that needs nothing done is shown.
pub const PASSING: Duration = Duration::from_secs(4);

/// Everything that is shown below the overlays.
#[derive(Debug)]
pub struct World {
    /// How the program was started.
    pub launch: Launch,
    /// Who is asking, where.
    pub session: Remote<Session>,
    /// Which pane has the keyboard when no overlay has.
    pub focus: Focus,
    /// The list of users.
    pub users: UsersPane,
    /// The user under the cursor.
    pub details: Details,
    /// What the program says.
    pub notices: Notices,
    /// What an earlier program left behind.
    pub left: Left,
    /// Changes under way.
    pub jobs: Jobs,
    /// Whether the program is ending.
    pub ending: Ending,
    /// What was said of the clocks.
    pub(super) clocks: Clocks,
    /// What is tried again by itself.
    pub(super) tries: Tries,
    /// Names for outside work.
    pub(super) tasks: Tasks,
}

/// Which pane has the keyboard when no overlay has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The list of users.
    Users,
    /// The chosen user's tokens or logins.
    Details,
}

/// Whether the program is ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is not.
    No,
    /// Waits for changes under way.
    Draining,
    /// It is over.
    Over,
}

/// How far the program has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage<'a> {
    /// No cluster is configured: what was looked for, and what was found.
    NotConfigured(&'a [(String, String)]),
    /// The first answer is awaited.
    Connecting,
    /// It is not to be had.
    Unreachable(&'a Failure),
    /// The cluster has said who is asking.
    Ready(&'a Session),
}

impl World {
    /// A new one; nothing is asked for yet: see [`super::update::start`].
    pub fn new(launch: Launch) -> Self {
        Self {
            launch,
            session: Remote::default(),
            focus: Focus::Users,
            users: UsersPane::default(),
            details: Details::default(),
            notices: Notices::default(),
            left: Left::default(),
            jobs: Jobs::default(),
            ending: Ending::No,
            clocks: Clocks::default(),
            tries: Tries::default(),
            tasks: Tasks::default(),
        }
    }

    /// A name for a new task.
    pub fn new_task(&mut self) -> TaskId {
        self.tasks.new_task()
    }

    /// A read, under a new name.
    pub fn fetch(&mut self, read: Read) -> (TaskId, Effect) {
        self.tasks.fetch(read)
    }

    /// A wake-up, under a new name.
    pub fn wake_after(&mut self, delay: Duration) -> (TaskId, Effect) {
        self.tasks.wake_after(delay)
    }

    /// How far the program has come.
    pub fn stage(&self) -> Stage<'_> {
        if let Place::NotConfigured(looked_for) = &self.launch.place {
            Stage::NotConfigured(looked_for)
        } else if let Some(session) = self.session.value() {
            Stage::Ready(session)
        } else if let Some(failure) = self.session.error() {
            Stage::Unreachable(failure)
        } else {
            Stage::Connecting
        }
    }

    /// A user that is known.
    pub fn user(&self, uuid: UserUuid) -> Option<&User> {
        self.users.get(uuid)
    }

    /// The user under the cursor, or shown in the details if the keyboard is there.
    pub fn current_user(&self) -> Option<&User> {
        let uuid = match self.focus {
            Focus::Users => self.users.cursor().id(),
            Focus::Details => self.details.current().map(|details| details.user),
        };
        uuid.and_then(|uuid| self.user(uuid))
    }

    /// Which users an action is about: in the list the marked ones, else the one under the cursor; in the
    /// details the one shown.
    pub fn chosen_users(&self) -> ChosenUsers {
        match self.focus {
            Focus::Users => self.users.chosen(),
            Focus::Details => Chosen::under_cursor(self.details.current().map(|details| details.user)),
        }
    }

    /// The same users, in no order.
    pub(super) fn each_chosen_user(&self) -> impl Iterator<Item = UserUuid> + '_ {
        let shown =
            self.details.current().map(|details| details.user).filter(|_| self.focus == Focus::Details);
        let listed = (self.focus == Focus::Users).then(|| self.users.each_chosen());
        listed.into_iter().flatten().chain(shown)
    }

    /// Why the tokens of the shown user can't be read with the token in use, if they can't.
    pub fn unseen_tokens(&self) -> Option<String> {
        unseen_tokens(self.session.value()?, self.details.current()?.user)
    }

    /// What is known of the shown user, if the keyboard is in this list of it.
    pub fn in_tab(&self, tab: Tab) -> Option<&UserDetails> {
        self.details.current().filter(|_| self.focus == Focus::Details && self.details.tab == tab)
    }

    /// Which tokens an action is about: the marked ones, else the one under the cursor; none unless the
    /// keyboard is in a list of tokens.
    pub fn chosen_tokens(&self) -> Chosen<TokenUuid> {
        self.in_tab(Tab::Tokens).map_or(Chosen::under_cursor(None), |details| details.tokens.chosen())
    }

    /// Which VM logins an action is about, each by its first link; none unless the keyboard is in a list of
    /// logins.
    pub fn chosen_logins(&self) -> Chosen<LinkUuid> {
        self.in_tab(Tab::Logins).map_or(Chosen::under_cursor(None), |details| details.logins.chosen())
    }

    /// Says that something is done; it goes away by itself.
    pub fn say(&mut self, tone: Tone, text: impl Into<String>, ctx: &Ctx) -> Effect {
        let (until, effect) = self.wake_after(PASSING);
        let notice = Notice { at: ctx.now, tone, text: text.into(), advice: None, request_id: None };
        self.notices.pass(notice, until);
        effect
    }

    /// Keeps among the messages what a dialog shows now.
    pub fn note(&mut self, tone: Tone, text: impl Into<String>, ctx: &Ctx) {
        self.notices.note(Notice { at: ctx.now, tone, text: text.into(), advice: None, request_id: None });
    }

    /// Says something that stays until it is dismissed.
    pub fn warn(&mut self, tone: Tone, text: impl Into<String>, ctx: &Ctx) {
        self.notices.stay(Notice { at: ctx.now, tone, text: text.into(), advice: None, request_id: None });
    }

    /// Says what failed: `what` is the first half of the sentence, "Rosa's tokens could not be read".
    pub fn complain(&mut self, what: &str, failure: &Failure, ctx: &Ctx) {
        let notice = Notice {
            at: ctx.now,
            tone: Tone::Error,
            text: format!("{what}: {}", failure.reason),
            advice: Some(failure.advice),
            request_id: failure.request_id.clone(),
        };
        // What was tried again by itself and failed as before is no news.
        let is_known = self.tries.is_quiet() && self.notices.was_said(&notice.text);
        if !is_known && self.notices.is_news(failure) {
            self.notices.complain(notice);
        }
    }

    /// Begins a confirmed change. Its progress is in [`World::jobs`] until its report comes.
    pub fn start_job(&mut self, plan: Confirmed<Plan>, ctx: &Ctx) -> (TaskId, Vec<Effect>) {
        let task = self.new_task();
        (task, self.jobs.start(task, plan, ctx.now))
    }

    /// Looks how long the server has not answered a change, which it did last at this time, and says so where it
    /// is long.
    pub(super) fn listened(&mut self, task: TaskId, last: Timestamp, ctx: &Ctx) -> Vec<Effect> {
        let Some((job, news, again)) = self.jobs.listened(task, last, ctx.now) else { return Vec::new() };
        if let Some(lasts) = news {
            let text = format!("{}: {}", job.intent.verb(), silence::in_words(lasts));
            self.warn(Tone::Warning, text, ctx);
        }
        vec![again]
    }

    /// Asks a change to stop after the steps under way.
    pub fn stop_job(&mut self, task: TaskId) -> Vec<Effect> {
        self.jobs.stop(task).into_iter().collect()
    }

    /// Ends the program: at once if no change is under way, else after the steps under way.
    pub fn quit(&mut self) -> Vec<Effect> {
        let running: Vec<TaskId> = self.jobs.iter().map(|job| job.task).collect();
        let mut effects: Vec<Effect> = running.into_iter().filter_map(|task| self.jobs.stop(task)).collect();
        if self.ending == Ending::No {
            effects.push(Effect::Quit);
        }
        self.ending = if self.jobs.is_empty() { Ending::Over } else { Ending::Draining };
        effects
    }

    /// What has the keyboard when no overlay has.
    pub fn pane_context(&self) -> Context {
        match self.stage() {
            Stage::NotConfigured(_) | Stage::Connecting | Stage::Unreachable(_) => Context::Start,
            Stage::Ready(_) => match (self.focus, self.users.input(), self.details.tab) {
                (Focus::Users, UsersInput::Filter, _) => Context::Filter,
                (Focus::Users, UsersInput::Rows, _) => Context::Users,
                (Focus::Details, _, tab) => tab.context(),
            },
        }
    }
}
