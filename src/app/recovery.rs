//! When the network or the server is in trouble: what could not be read for it is tried again without being
//! asked for, more and more seldom, until the server is well again. Nothing of it happens while all is well,
//! and nothing that was refused is asked again.

use crate::app::ctx::Ctx;
use crate::app::details::Need;
use crate::app::effect::{Effect, TaskId};
use crate::app::notices::Tone;
use crate::app::remote::{Inquiry, passes};
use crate::app::tries::Tries;
use crate::app::users::Load;
use crate::app::world::Ending;
use crate::app::world::World;
use crate::ops::read::Read;

/// How what is shown was read; of several parts the greatest counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Health {
    /// Without a failure.
    Well,
    /// It was refused.
    Refused,
    /// It failed for what time may heal.
    Ailing,
    /// It is being read. All that failed is tried again together, when nothing is under way any more.
    Awaited,
}

fn health_of(inquiry: &Inquiry) -> Health {
    match (inquiry.error(), inquiry.awaiting()) {
        (_, Some(_)) => Health::Awaited,
        (Some(failure), None) if passes(failure) => Health::Ailing,
        (Some(_), None) => Health::Refused,
        (None, None) => Health::Well,
    }
}

impl World {
    /// Whether the cluster that does not answer is asked again without a key.
    pub fn tries_again_by_itself(&self) -> bool {
        self.session.error().is_some_and(passes)
    }

    fn health(&self, ctx: &Ctx) -> Health {
        let users = match self.users.load() {
            Load::Untouched | Load::Whole => Health::Well,
            Load::Incomplete(failure) | Load::NotRefreshed(failure) if passes(failure) => Health::Ailing,
            Load::Incomplete(_) | Load::NotRefreshed(_) => Health::Refused,
            Load::Filling(_) | Load::Refreshing(_) => Health::Awaited,
        };
        let mut parts = vec![health_of(self.session.inquiry()), users];
        if let Some(details) = self.details.current().filter(|_| self.details_visible(ctx)) {
            parts.extend(details.inquiries().map(health_of));
        }
        parts.into_iter().max().unwrap_or(Health::Well)
    }

    /// Sees to it that what failed is tried again, and says when all is well.
    pub(super) fn recover(&mut self, ctx: &Ctx) -> Vec<Effect> {
        if self.ending != Ending::No {
            return Vec::new();
        }
        match self.health(ctx) {
            Health::Ailing if self.tries.next.is_none() => {
                let (task, wake) = self.tasks.wake_after(self.tries.delay());
                self.tries.next = Some(task);
                vec![wake]
            }
            // What failed may only be out of sight: nothing is over before something was answered.
            Health::Well if self.tries.count > 0 && self.tries.answered => {
                self.tries = Tries::default();
                self.notices.complaint_is_over();
                vec![self.say(Tone::Success, "the server answers again", ctx)]
            }
            Health::Refused if self.tries.count > 0 => {
                self.tries = Tries::default();
                Vec::new()
            }
            Health::Well | Health::Refused | Health::Ailing | Health::Awaited => Vec::new(),
        }
    }

    /// A wake-up: asks again for what failed, if it was for that.
    pub(super) fn try_again(&mut self, task: TaskId, ctx: &Ctx) -> Vec<Effect> {
        if self.tries.next != Some(task) {
            return Vec::new();
        }
        self.tries.next = None;
        if self.health(ctx) != Health::Ailing {
            return Vec::new();
        }
        self.tries.count += 1;
        self.tries.answered = false;
        let mut effects = Vec::new();
        if health_of(self.session.inquiry()) == Health::Ailing {
            let (task, fetch) = self.tasks.fetch(Read::Session);
            self.session.await_task(task);
            effects.push(fetch);
        }
        if let Load::Incomplete(failure) | Load::NotRefreshed(failure) = self.users.load()
            && passes(failure)
        {
            effects.extend(self.read_users(ctx));
        }
        if self.details_visible(ctx) {
            effects.extend(self.read_details(Need::IfAiling, ctx));
        }
        let task = |effect: &Effect| match effect {
            Effect::Fetch { task, .. } => Some(*task),
            _ => None,
        };
        self.tries.asked = effects.iter().filter_map(task).collect();
        effects
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::Action;
    use crate::app::effect::TaskId;
    use crate::app::message::Message;
    use crate::app::state::State;
    use crate::app::testing::{ctx, failure, launch, page_task, people, press, with_users};
    use crate::app::update::{start, update};
    use crate::ops::failure::ErrorKind;
    use std::slice;
    use std::time::Duration;

    fn fails(state: &mut State, task: TaskId, kind: ErrorKind) -> Vec<Effect> {
        update(state, Message::Answered { task, outcome: Err(failure(kind)) }, &ctx())
    }

    fn wake(effects: &[Effect]) -> Option<(TaskId, Duration)> {
        effects.iter().find_map(|effect| match effect {
            Effect::WakeAfter { task, delay } => Some((*task, *delay)),
            _ => None,
        })
    }

    fn asked(effects: &[Effect]) -> Option<TaskId> {
        effects.iter().find_map(|effect| match effect {
            Effect::Fetch { task, .. } => Some(*task),
            _ => None,
        })
    }

    #[test]
    fn a_cluster_that_does_not_answer_is_asked_again_ever_more_seldom() {
        let mut state = State::new(launch());
        let mut effects = start(&mut state);
        let mut delays = Vec::new();
        for _ in 0..6 {
            let task = asked(&effects).expect("who am I is asked");
            let failed = fails(&mut state, task, ErrorKind::Unreachable);
            assert!(state.world.trouble().is_some(), "what is wrong is said all the time");
            let (task, delay) = wake(&failed).expect("it is tried again");
            delays.push(delay.as_secs());
            effects = update(&mut state, Message::Woken(task), &ctx());
        }
        assert_eq!(delays, [5, 10, 20, 40, 60, 60]);
    }

    #[test]
    fn what_was_refused_is_not_asked_again() {
        for kind in [ErrorKind::NotAuthorised, ErrorKind::Forbidden, ErrorKind::NotFound] {
            let mut state = State::new(launch());
            let effects = start(&mut state);
            let task = asked(&effects).expect("who am I is asked");
            assert_eq!(wake(&fails(&mut state, task, kind)), None, "{kind:?}");
        }
    }

    #[test]
    fn what_failed_is_read_again_together_its_failure_said_once_and_its_recovery_too() {
        let mut state = with_users(people(3));
        let mut effects = press(&mut state, Action::Refresh);
        for _ in 0..3 {
            let tasks: Vec<TaskId> =
                effects.iter().filter_map(|effect| asked(slice::from_ref(effect))).collect();
            assert_eq!(tasks.len(), 4, "the list, and three parts of the details");
            let failed: Vec<Effect> =
                tasks.into_iter().flat_map(|task| fails(&mut state, task, ErrorKind::Busy)).collect();
            let (task, _) = wake(&failed).expect("it is tried again");
            effects = update(&mut state, Message::Woken(task), &ctx());
        }
        let said = |state: &State, text: &str| {
            state.world.notices.all().filter(|notice| notice.text == text).count()
        };
        assert_eq!(said(&state, "the list of users could not be read: it failed"), 1);
        assert_eq!(said(&state, "the tokens could not be read: it failed"), 1);
        state.world.details = crate::app::details::Details::default();
        let page = effects.iter().find_map(page_task).expect("the list is asked for");
        update(&mut state, Message::Resized, &ctx());
        assert_eq!(said(&state, "the server answers again"), 0, "nothing was answered yet");
        let outcome = Ok(crate::ops::read::Outcome::users(Vec::new()));
        update(&mut state, Message::Answered { task: page, outcome }, &ctx());
        assert_eq!(said(&state, "the server answers again"), 1);
        assert_eq!(state.world.notices.shown().map(|notice| notice.tone), Some(Tone::Success));
    }
}
