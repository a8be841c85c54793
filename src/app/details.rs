//! The user under the cursor: summary, tokens, VM logins.
//!
//! The pane follows the cursor of the list, but asks the server only when the cursor rests, and gives up
//! what it asked when the cursor moves on. What was seen of a user before is shown at once, with its age.

use crate::app::cursor::Motion;
use crate::app::effect::{Effect, TaskId};
use crate::app::picks::{Marking, Picks};
use crate::app::remote::{Remote, Settled, passes};
use crate::app::selection::Chosen;
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

/// What is known of one user.
#[derive(Debug)]
pub struct UserDetails {
    /// Who.
    pub user: UserUuid,
    /// What matters beside the record.
    pub summary: Remote<Summary>,
    /// The tokens.
    pub tokens: Remote<TokenList>,
    /// The VM logins.
    pub logins: Remote<LoginList>,
    /// Cursor and marks in the tokens.
    pub token_picks: Picks<TokenUuid>,
    /// Cursor and marks in the logins, each by its first link.
    pub login_picks: Picks<LinkUuid>,
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
    pub failure: Option<(&'static str, Failure)>,
    /// How many marked rows are no longer there.
    pub lost_marks: usize,
}

impl UserDetails {
    fn new(user: UserUuid) -> Self {
        Self {
            user,
            summary: Remote::default(),
            tokens: Remote::default(),
            logins: Remote::default(),
            token_picks: Picks::default(),
            login_picks: Picks::default(),
        }
    }

    /// The tokens, as far as they were read.
    pub fn token_rows(&self) -> &[Token] {
        self.tokens.value().map_or(&[], |list| &list.rows)
    }

    /// The VM logins, as far as they were read.
    pub fn login_rows(&self) -> &[LoginRow] {
        self.logins.value().map_or(&[], |list| &list.rows)
    }

    /// The token under the cursor.
    pub fn current_token(&self) -> Option<&Token> {
        self.token_rows().get(self.token_picks.cursor().index())
    }

    /// The VM login under the cursor.
    pub fn current_login(&self) -> Option<&LoginRow> {
        self.login_rows().get(self.login_picks.cursor().index())
    }

    fn token_ids(&self) -> Vec<TokenUuid> {
        self.token_rows().iter().map(|token| token.uuid).collect()
    }

    fn login_ids(&self) -> Vec<LinkUuid> {
        self.login_rows().iter().filter_map(|row| row.login.links.first()).map(|link| link.uuid).collect()
    }

    fn supersede(&mut self) -> impl Iterator<Item = Effect> + use<> {
        [self.summary.supersede(), self.tokens.supersede(), self.logins.supersede()]
            .into_iter()
            .flatten()
            .map(Effect::Cancel)
    }

    fn read(&mut self, need: Need, session: &Session, tasks: &mut Tasks, now: Timestamp) -> Vec<Effect> {
        let mut effects = Vec::new();
        let user = self.user;
        if is_due(&self.summary, need, now) {
            ask(&mut self.summary, Read::Summary(user), tasks, &mut effects);
        }
        // An exact list took a helper token: it is not replaced by a lesser one unless that is asked for.
        let exact = self.tokens.value().is_some_and(|list| list.source == TokenSource::Server);
        let keep = exact && need != Need::Anew && session.access == TokenAccess::Borrowed;
        if !keep && unseen_tokens(session, user).is_none() && is_due(&self.tokens, need, now) {
            ask(&mut self.tokens, Read::Tokens(user), tasks, &mut effects);
        }
        if is_due(&self.logins, need, now) {
            ask(&mut self.logins, Read::Logins(user), tasks, &mut effects);
        }
        effects
    }
}

fn is_due<T>(remote: &Remote<T>, need: Need, now: Timestamp) -> bool {
    match need {
        Need::Anew => true,
        Need::IfAiling => remote.awaiting().is_none() && remote.error().is_some_and(passes),
        Need::IfOld => {
            let fresh = remote.as_of().is_some_and(|at| now.duration_since(at) <= FRESH);
            remote.awaiting().is_none() && (!fresh || remote.error().is_some())
        }
    }
}

fn ask<T>(remote: &mut Remote<T>, read: Read, tasks: &mut Tasks, effects: &mut Vec<Effect>) {
    let (task, fetch) = tasks.fetch(read);
    effects.extend(remote.await_task(task).map(Effect::Cancel));
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

    /// The marked tokens of the shown user, or the one under the cursor.
    pub fn chosen_tokens(&self) -> Chosen<TokenUuid> {
        self.current()
            .map_or(Chosen::under_cursor(None), |details| details.token_picks.chosen(&details.token_ids()))
    }

    /// The marked logins of the shown user, or the one under the cursor; each by its first link.
    pub fn chosen_logins(&self) -> Chosen<LinkUuid> {
        self.current()
            .map_or(Chosen::under_cursor(None), |details| details.login_picks.chosen(&details.login_ids()))
    }

    /// How many rows of the shown list are marked.
    pub fn marked(&self) -> usize {
        self.current().map_or(0, |details| match self.tab {
            Tab::Tokens => details.token_picks.marks().len(),
            Tab::Logins => details.login_picks.marks().len(),
        })
    }

    /// Shows a user: what was asked for another is given up. The server is not asked yet.
    pub(super) fn show(&mut self, user: Option<UserUuid>) -> Vec<Effect> {
        if user == self.shown {
            return Vec::new();
        }
        self.resting = None;
        let given_up = self.current_mut().map(|details| details.supersede().collect()).unwrap_or_default();
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
            details.token_picks.unmark(|token| done.contains(&&Target::Token(token)));
            let is_done = |row: &&LoginRow| {
                done.iter().any(|target| match target {
                    Target::Login { user, vm, login_name } => {
                        (row.login.user, row.login.vm, &row.login.login_name) == (*user, *vm, login_name)
                    }
                    Target::Link(link) => row.login.links.iter().any(|own| own.uuid == *link),
                    Target::User(_) | Target::Token(_) => false,
                })
            };
            let rows = details.logins.value().map_or(&[][..], |list| &list.rows);
            let links: Vec<LinkUuid> =
                rows.iter().filter(is_done).flat_map(|row| &row.login.links).map(|link| link.uuid).collect();
            details.login_picks.unmark(|link| links.contains(&link));
        }
    }

    /// All tokens of these users were revoked.
    pub(super) fn unmark_tokens_of(&mut self, users: &BTreeSet<UserUuid>) {
        for details in self.recent.iter_mut().filter(|details| users.contains(&details.user)) {
            details.token_picks.clear();
        }
    }

    /// All that these users had was taken.
    pub(super) fn unmark_all_of(&mut self, users: &BTreeSet<UserUuid>) {
        for details in self.recent.iter_mut().filter(|details| users.contains(&details.user)) {
            details.token_picks.clear();
            details.login_picks.clear();
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
        let given_up = details.tokens.await_task(task).map(Effect::Cancel);
        details.tokens.settle(task, Ok(list), ctx_now);
        let ids = details.token_ids();
        details.token_picks.settle(&ids, height);
        given_up
    }

    /// Whether the answer of this task is for the pane.
    pub(super) fn awaits(&self, task: TaskId) -> bool {
        self.recent.iter().any(|details| {
            [details.summary.awaiting(), details.tokens.awaiting(), details.logins.awaiting()]
                .contains(&Some(task))
        })
    }

    /// Takes an answer.
    pub(super) fn answered(
        &mut self,
        task: TaskId,
        outcome: Result<Outcome, Failure>,
        now: Timestamp,
        height: usize,
    ) -> Brought {
        let Some(details) = self.recent.iter_mut().find(|details| {
            [details.summary.awaiting(), details.tokens.awaiting(), details.logins.awaiting()]
                .contains(&Some(task))
        }) else {
            return Brought::default();
        };
        match outcome {
            Ok(Outcome::Summary(summary)) => {
                details.summary.settle(task, Ok(*summary), now);
                Brought::default()
            }
            Ok(Outcome::Tokens(list)) => {
                let settled = details.tokens.settle(task, Ok(list), now);
                let ids = details.token_ids();
                Brought {
                    failure: None,
                    lost_marks: applied(settled, || details.token_picks.settle(&ids, height)),
                }
            }
            Ok(Outcome::Logins(list)) => {
                let settled = details.logins.settle(task, Ok(list), now);
                let ids = details.login_ids();
                Brought {
                    failure: None,
                    lost_marks: applied(settled, || details.login_picks.settle(&ids, height)),
                }
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
                let what = if details.summary.awaiting() == Some(task) {
                    details.summary.settle(task, Err(failure.clone()), now);
                    "the user's details could not be read"
                } else if details.tokens.awaiting() == Some(task) {
                    details.tokens.settle(task, Err(failure.clone()), now);
                    "the tokens could not be read"
                } else {
                    details.logins.settle(task, Err(failure.clone()), now);
                    "the VM logins could not be read"
                };
                Brought { failure: Some((what, failure)), lost_marks: 0 }
            }
        }
    }

    /// Another height is seen: the cursors stay in it.
    pub(super) fn reflow(&mut self, height: usize) {
        for details in &mut self.recent {
            let (tokens, logins) = (details.token_rows().len(), details.login_rows().len());
            details.token_picks.reflow(tokens, height);
            details.login_picks.reflow(logins, height);
        }
    }

    /// Moves the cursor of the shown list.
    pub(super) fn go(&mut self, motion: Motion, height: usize) {
        let tab = self.tab;
        if let Some(details) = self.current_mut() {
            match tab {
                Tab::Tokens => {
                    let ids = details.token_ids();
                    details.token_picks.go(motion, &ids, height);
                }
                Tab::Logins => {
                    let ids = details.login_ids();
                    details.login_picks.go(motion, &ids, height);
                }
            }
        }
    }

    /// Marks rows of the shown list.
    pub(super) fn mark(&mut self, marking: Marking, height: usize) {
        let tab = self.tab;
        if let Some(details) = self.current_mut() {
            match tab {
                Tab::Tokens => {
                    let ids = details.token_ids();
                    details.token_picks.mark(marking, &ids, height);
                }
                Tab::Logins => {
                    let ids = details.login_ids();
                    details.login_picks.mark(marking, &ids, height);
                }
            }
        }
    }

    /// Takes the marks of the shown list away. Whether there were any.
    pub(super) fn clear_marks(&mut self) -> bool {
        let any = self.marked() > 0;
        let tab = self.tab;
        if let Some(details) = self.current_mut() {
            match tab {
                Tab::Tokens => details.token_picks.clear(),
                Tab::Logins => details.login_picks.clear(),
            }
        }
        any
    }
}

fn applied(settled: Settled, then: impl FnOnce() -> usize) -> usize {
    match settled {
        Settled::Applied => then(),
        Settled::Stale => 0,
    }
}
