//! The user under the cursor: summary, tokens, VM logins.
//!
//! The pane follows the cursor of the list, but asks the server only when the cursor rests, and gives up
//! what it asked when the cursor moves on. What was seen of a user before is shown at once, with its age.

use crate::app::context::Context;
use crate::app::effect::{Effect, TaskId};
use crate::app::list::{AnyList, List, Listed};
use crate::app::remote::{Inquiry, Remote, Settled, passes};
use crate::app::tasks::Tasks;
use crate::model::ids::{LinkUuid, TokenUuid, UserUuid};
use crate::model::session::{Session, TokenAccess};
use crate::model::token::{Token, TokenList, TokenSource};
use crate::ops::failure::Failure;
use crate::ops::read::{LoginList, LoginRow, Outcome, Read};
use crate::ops::step::Target;
use crate::ops::summary::Summary;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeSet, VecDeque};
use std::time::Duration;

/// How long the cursor must rest before the server is asked.
pub const REST: Duration = Duration::from_millis(150);

/// How long what was read is shown again without asking.
const FRESH: SignedDuration = SignedDuration::from_secs(60);

/// Of how many users what was seen is kept.
const KEPT: usize = 32;

/// The pane of the user under the cursor.
#[derive(Debug, Default)]
pub struct Details {
    /// Which list of it is shown.
    pub tab: Tab,
    /// Seen lately; the one that is shown first, if `shown` says so.
    recent: VecDeque<UserDetails>,
    shown: Option<UserUuid>,
    resting: Option<TaskId>,
}

/// A list in the details.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// The user's tokens.
    #[default]
    Tokens,
    /// The user's VM logins.
    Logins,
}

impl Tab {
    /// All there are, in their order.
    pub const ALL: [Self; 2] = [Self::Tokens, Self::Logins];

    /// What it is called in the middle of a sentence.
    pub fn what(self) -> &'static str {
        match self {
            Self::Tokens => "tokens",
            Self::Logins => "VM logins",
        }
    }

    /// What has the keyboard when it has.
    pub fn context(self) -> Context {
        match self {
            Self::Tokens => Context::Tokens,
            Self::Logins => Context::Logins,
        }
    }

    /// What reads it.
    fn read(self, user: UserUuid) -> Read {
        match self {
            Self::Tokens => Read::Tokens(user),
            Self::Logins => Read::Logins(user),
        }
    }
}

/// What is known of one user.
#[derive(Debug)]
pub struct UserDetails {
    /// Who.
    pub user: UserUuid,
    /// What matters beside the record.
    pub summary: Remote<Summary>,
    /// The tokens.
    pub tokens: List<TokenList>,
    /// The VM logins, each known by its first link.
    pub logins: List<LoginList>,
}

impl Listed for TokenList {
    type Row = Token;
    type Id = TokenUuid;

    fn rows(&self) -> &[Token] {
        &self.rows
    }

    fn id(row: &Token) -> Option<TokenUuid> {
        Some(row.uuid)
    }
}

impl Listed for LoginList {
    type Row = LoginRow;
    type Id = LinkUuid;

    fn rows(&self) -> &[LoginRow] {
        &self.rows
    }

    fn id(row: &LoginRow) -> Option<LinkUuid> {
        row.login.links.first().map(|link| link.uuid)
    }
}

/// When what is known is asked for again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Need {
    /// If it was not read, or a while ago.
    IfOld,
    /// If it failed for what time may heal.
    IfAiling,
    /// In any case: what is under way does not count any more.
    Anew,
}

/// What an answer brought.
#[derive(Debug, PartialEq, Eq, Default)]
pub(super) struct Brought {
    pub failure: Option<(String, Failure)>,
    /// How many marked rows are no longer there.
    pub lost_marks: usize,
}

impl UserDetails {
    fn new(user: UserUuid) -> Self {
        Self { user, summary: Remote::default(), tokens: List::default(), logins: List::default() }
    }

    /// One of its lists.
    pub fn list(&self, tab: Tab) -> &dyn AnyList {
        match tab {
            Tab::Tokens => &self.tokens,
            Tab::Logins => &self.logins,
        }
    }

    fn list_mut(&mut self, tab: Tab) -> &mut dyn AnyList {
        match tab {
            Tab::Tokens => &mut self.tokens,
            Tab::Logins => &mut self.logins,
        }
    }

    /// How the reading of each part stands.
    pub fn inquiries(&self) -> impl Iterator<Item = &Inquiry> {
        Tab::ALL.into_iter().map(|tab| self.list(tab).inquiry()).chain([self.summary.inquiry()])
    }

    fn awaits(&self, task: TaskId) -> bool {
        self.inquiries().any(|inquiry| inquiry.awaiting() == Some(task))
    }

    fn supersede(&mut self) -> Vec<Effect> {
        let summary = self.summary.inquiry_mut().supersede();
        let lists = Tab::ALL.into_iter().filter_map(|tab| self.list_mut(tab).inquiry_mut().supersede());
        summary.into_iter().chain(lists).map(Effect::Cancel).collect()
    }

    fn read(&mut self, need: Need, session: &Session, tasks: &mut Tasks, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let user = self.user;
        if is_due(self.summary.inquiry(), need, now) {
            ask(self.summary.inquiry_mut(), Read::Summary(user), tasks, &mut effects);
        }
        for tab in Tab::ALL {
            let may_be_read = match tab {
                Tab::Tokens => self.tokens_may_be_read(need, session),
                Tab::Logins => true,
            };
            let inquiry = self.list_mut(tab).inquiry_mut();
            if may_be_read && is_due(inquiry, need, now) {
                ask(inquiry, tab.read(user), tasks, &mut effects);
            }
        }
        effects
    }

    /// An exact list took a helper token: it is not replaced by a lesser one unless that is asked for.
    fn tokens_may_be_read(&self, need: Need, session: &Session) -> bool {
        let exact = self.tokens.value().is_some_and(|list| list.source == TokenSource::Server);
        let keep = exact && need != Need::Anew && session.access == TokenAccess::Borrowed;
        !keep && unseen_tokens(session, self.user).is_none()
    }
}

fn is_due(inquiry: &Inquiry, need: Need, now: Timestamp) -> bool {
    match need {
        Need::Anew => true,
        Need::IfAiling => inquiry.awaiting().is_none() && inquiry.error().is_some_and(passes),
        Need::IfOld => {
            let fresh = inquiry.as_of().is_some_and(|at| now.duration_since(at) <= FRESH);
            inquiry.awaiting().is_none() && (!fresh || inquiry.error().is_some())
        }
    }
}

fn ask(inquiry: &mut Inquiry, read: Read, tasks: &mut Tasks, effects: &mut Vec<Effect>) {
    let (task, fetch) = tasks.fetch(read);
    effects.extend(inquiry.await_task(task).map(Effect::Cancel));
    effects.push(fetch);
}

/// Why a user's tokens can't be read with the token in use, if they can't.
pub fn unseen_tokens(session: &Session, user: UserUuid) -> Option<String> {
    match session.access {
        TokenAccess::OwnOnly if user != session.my_uuid() => {
            Some("only an admin's token sees the tokens of others".to_owned())
        }
        TokenAccess::Elsewhere(login) => Some(format!("tokens belong to cluster {login}: look there")),
        TokenAccess::OwnOnly | TokenAccess::All | TokenAccess::Borrowed | TokenAccess::Forbidden => None,
    }
}

impl Details {
    /// What is known of the user that is shown.
    pub fn current(&self) -> Option<&UserDetails> {
        self.recent.front().filter(|details| Some(details.user) == self.shown)
    }

    fn current_mut(&mut self) -> Option<&mut UserDetails> {
        self.recent.front_mut().filter(|details| Some(details.user) == self.shown)
    }

    /// The list that is shown.
    pub fn list(&self) -> Option<&dyn AnyList> {
        Some(self.current()?.list(self.tab))
    }

    /// The same, to move about in it.
    pub(super) fn list_mut(&mut self) -> Option<&mut dyn AnyList> {
        let tab = self.tab;
        Some(self.current_mut()?.list_mut(tab))
    }

    /// How many rows of the shown list are marked.
    pub fn marked(&self) -> usize {
        self.list().map_or(0, AnyList::marked)
    }

    /// Shows a user: what was asked for another is given up. The server is not asked yet.
    pub(super) fn show(&mut self, user: Option<UserUuid>) -> Vec<Effect> {
        if user == self.shown {
            return Vec::new();
        }
        self.resting = None;
        let given_up = self.current_mut().map(UserDetails::supersede).unwrap_or_default();
        self.shown = user;
        if let Some(user) = user {
            let at = self.recent.iter().position(|details| details.user == user);
            let details = at.and_then(|at| self.recent.remove(at)).unwrap_or_else(|| UserDetails::new(user));
            self.recent.push_front(details);
            self.recent.truncate(KEPT);
        }
        given_up
    }

    /// Waits for the cursor to rest, then asks.
    pub(super) fn rest(&mut self, tasks: &mut Tasks) -> Option<Effect> {
        self.shown?;
        let (task, wake) = tasks.wake_after(REST);
        self.resting = Some(task);
        Some(wake)
    }

    /// A wake-up: whether the cursor has rested.
    pub(super) fn has_rested(&mut self, task: TaskId) -> bool {
        let rested = self.resting == Some(task);
        if rested {
            self.resting = None;
        }
        rested
    }

    /// Asks for what is needed of the shown user.
    pub(super) fn read(
        &mut self,
        need: Need,
        session: &Session,
        tasks: &mut Tasks,
        now: Timestamp,
    ) -> Vec<Effect> {
        self.resting = None;
        self.current_mut().map(|details| details.read(need, session, tasks, now)).unwrap_or_default()
    }

    /// Something of these users was changed: what was seen of them does not count any more. Of the shown one
    /// the old is kept in sight until the new is read.
    pub(super) fn forget(&mut self, users: &[UserUuid]) {
        let shown = self.shown;
        self.recent.retain(|details| Some(details.user) == shown || !users.contains(&details.user));
    }

    /// What was wanted is done to these: their marks go, and nobody is told that they are gone.
    pub(super) fn unmark(&mut self, done: &[&Target]) {
        for details in &mut self.recent {
            details.tokens.picks.unmark(|token| done.contains(&&Target::Token(token)));
            let is_done = |row: &&LoginRow| {
                done.iter().any(|target| match target {
                    Target::Login { user, vm, login_name } => {
                        (row.login.user, row.login.vm, &row.login.login_name) == (*user, *vm, login_name)
                    }
                    Target::Link(link) => row.login.links.iter().any(|own| own.uuid == *link),
                    Target::User(_) | Target::Token(_) => false,
                })
            };
            let links: Vec<LinkUuid> = details
                .logins
                .rows()
                .iter()
                .filter(is_done)
                .flat_map(|row| &row.login.links)
                .map(|link| link.uuid)
                .collect();
            details.logins.picks.unmark(|link| links.contains(&link));
        }
    }

    /// All tokens of these users were revoked.
    pub(super) fn unmark_tokens_of(&mut self, users: &BTreeSet<UserUuid>) {
        for details in self.recent.iter_mut().filter(|details| users.contains(&details.user)) {
            details.tokens.picks.clear();
        }
    }

    /// All that these users had was taken.
    pub(super) fn unmark_all_of(&mut self, users: &BTreeSet<UserUuid>) {
        for details in self.recent.iter_mut().filter(|details| users.contains(&details.user)) {
            for tab in Tab::ALL {
                details.list_mut(tab).clear_marks();
            }
        }
    }

    /// An exact list was made.
    pub(super) fn take_exact(
        &mut self,
        list: TokenList,
        task: TaskId,
        ctx_now: Timestamp,
        height: usize,
    ) -> Option<Effect> {
        let details = self.recent.iter_mut().find(|details| details.user == list.owner)?;
        let given_up = details.tokens.remote.await_task(task).map(Effect::Cancel);
        details.tokens.take(task, list, ctx_now, height);
        given_up
    }

    /// Whether the answer of this task is for the pane.
    pub(super) fn awaits(&self, task: TaskId) -> bool {
        self.recent.iter().any(|details| details.awaits(task))
    }

    /// Takes an answer.
    pub(super) fn answered(
        &mut self,
        task: TaskId,
        outcome: Result<Outcome, Failure>,
        now: Timestamp,
        height: usize,
    ) -> Brought {
        let Some(details) = self.recent.iter_mut().find(|details| details.awaits(task)) else {
            return Brought::default();
        };
        match outcome {
            Ok(Outcome::Summary(summary)) => {
                details.summary.settle(task, Ok(*summary), now);
                Brought::default()
            }
            Ok(Outcome::Tokens(list)) => {
                Brought { failure: None, lost_marks: details.tokens.take(task, list, now, height) }
            }
            Ok(Outcome::Logins(list)) => {
                Brought { failure: None, lost_marks: details.logins.take(task, list, now, height) }
            }
            Ok(
                Outcome::Session(_)
                | Outcome::Users(_)
                | Outcome::UsersAgain(_)
                | Outcome::Vms(_)
                | Outcome::LeftHelpers(_)
                | Outcome::Rights(_)
                | Outcome::Found(_)
                | Outcome::Surveyed(_),
            ) => Brought::default(),
            Err(failure) => {
                let mut what = "the user's details could not be read".to_owned();
                details.summary.settle(task, Err(failure.clone()), now);
                for tab in Tab::ALL {
                    let inquiry = details.list_mut(tab).inquiry_mut();
                    if inquiry.settle(task, Some(failure.clone()), now) == Settled::Applied {
                        what = format!("the {} could not be read", tab.what());
                    }
                }
                Brought { failure: Some((what, failure)), lost_marks: 0 }
            }
        }
    }

    /// Another height is seen: the cursors stay in it.
    pub(super) fn reflow(&mut self, height: usize) {
        for details in &mut self.recent {
            for tab in Tab::ALL {
                details.list_mut(tab).reflow(height);
            }
        }
    }

    /// Takes the marks of the shown list away. Whether there were any.
    pub(super) fn clear_marks(&mut self) -> bool {
        let any = self.marked() > 0;
        if let Some(list) = self.list_mut() {
            list.clear_marks();
        }
        any
    }
}
