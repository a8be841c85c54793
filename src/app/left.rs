//! Helper tokens that an earlier program left behind: looked for once the cluster has answered, said, and on offer
//! to be ended until each has ended by itself.

use crate::app::ctx::Ctx;
use crate::app::effect::{Effect, TaskId};
use crate::app::launch::{Launch, Place};
use crate::app::notices::{Notice, Notices, Tone};
use crate::app::remote::{Remote, Settled};
use crate::app::tasks::Tasks;
use crate::model::field::Date;
use crate::model::ids::TokenUuid;
use crate::model::text::count;
use crate::model::token::Ends;
use crate::model::when;
use crate::ops::Mode;
use crate::ops::failure::Failure;
use crate::ops::left_helpers::LeftHelper;
use crate::ops::read::{Outcome, Read};
use std::time::Duration;

/// How it is ended, as the message line says it.
const OFFER: &str = ":end helper";

/// A while after an end, so that it is surely over by the cluster's clock.
const AFTER: Duration = Duration::from_secs(1);

/// What an earlier program left behind.
#[derive(Debug, Default)]
pub struct Left {
    helpers: Remote<Vec<LeftHelper>>,
    /// When the first of them ends.
    next_end: Option<TaskId>,
    /// What the message line was given to say.
    said: Option<String>,
}

impl Left {
    /// Helper tokens that may live.
    pub fn helpers(&self) -> &[LeftHelper] {
        self.helpers.value().map_or(&[], Vec::as_slice)
    }

    /// The UUIDs of those that are known by it.
    pub fn tokens(&self) -> Vec<TokenUuid> {
        self.helpers().iter().filter_map(LeftHelper::token).collect()
    }

    /// Whether this is the answer that is awaited.
    pub(super) fn awaits(&self, task: TaskId) -> bool {
        self.helpers.awaiting() == Some(task)
    }

    /// Whether one of them has ended by itself now.
    pub(super) fn has_ended(&mut self, task: TaskId) -> bool {
        self.next_end.take_if(|next| *next == task).is_some()
    }

    /// Looks for helpers that were left behind, the first time a cluster has answered: the demo cluster's are
    /// nobody's concern.
    pub(super) fn look_once(&mut self, launch: &Launch, tasks: &mut Tasks) -> Vec<Effect> {
        let is_new = self.helpers.value().is_none() && self.helpers.awaiting().is_none();
        match launch.place {
            Place::Host(_) if is_new => self.look(tasks),
            Place::Host(_) | Place::Demo(_) | Place::NotConfigured(_) => Vec::new(),
        }
    }

    /// Looks again.
    pub(super) fn look(&mut self, tasks: &mut Tasks) -> Vec<Effect> {
        let (task, fetch) = tasks.fetch(Read::LeftHelpers);
        let before = self.helpers.await_task(task);
        before.map(Effect::Cancel).into_iter().chain([fetch]).collect()
    }

    /// Says what was found, once, and wakes up when the first of it ends.
    pub(super) fn known(
        &mut self,
        task: TaskId,
        outcome: Result<Outcome, Failure>,
        launch: &Launch,
        (tasks, notices): (&mut Tasks, &mut Notices),
        ctx: &Ctx,
    ) -> Vec<Effect> {
        let helpers = match outcome {
            Ok(Outcome::LeftHelpers(helpers)) => helpers,
            Ok(_) => return Vec::new(),
            Err(failure) => Err(failure),
        };
        let failure = helpers.as_ref().err().cloned();
        if self.helpers.settle(task, helpers, ctx.now) == Settled::Stale {
            return Vec::new();
        }
        if let Some(failure) = failure {
            let text = format!("helper tokens left behind were not looked for: {}", failure.reason);
            if !notices.was_said(&text) {
                let (at, advice) = (ctx.now, Some(failure.advice));
                notices.stay(Notice { at, tone: Tone::Warning, text, advice, request_id: None });
            }
            return Vec::new();
        }
        let said = self.said.take();
        let text = in_a_line(self.helpers());
        if said != text
            && let Some(said) = &said
        {
            notices.withdraw(said);
        }
        let news: Vec<String> = self.helpers().iter().map(LeftHelper::in_words).collect();
        for text in news.into_iter().filter(|text| !notices.was_said(text)).collect::<Vec<_>>() {
            notices.note(Notice { at: ctx.now, tone: Tone::Warning, text, advice: None, request_id: None });
        }
        if let Some(text) = text.as_ref().filter(|text| said.as_ref() != Some(text)) {
            let offered = launch.mode == Mode::ReadWrite && !self.tokens().is_empty();
            notices.stay(Notice {
                at: ctx.now,
                tone: Tone::Warning,
                text: text.clone(),
                advice: offered.then_some(OFFER),
                request_id: None,
            });
        }
        self.said = text;
        self.wake_when_one_ends(tasks, ctx)
    }

    fn wake_when_one_ends(&mut self, tasks: &mut Tasks, ctx: &Ctx) -> Vec<Effect> {
        let first = self.helpers().iter().filter_map(|helper| helper.ends.at()).min();
        let Some(end) = first else { return Vec::new() };
        let left = Duration::try_from(end.duration_since(ctx.server_now)).unwrap_or_default();
        let (task, wake) = tasks.wake_after(left.saturating_add(AFTER));
        self.next_end = Some(task);
        vec![wake]
    }
}

/// In a line of 80 cells, as far as names are short.
fn in_a_line(helpers: &[LeftHelper]) -> Option<String> {
    let first = helpers.first()?;
    let last = helpers.iter().map(|helper| &helper.ends).max()?;
    let ends = match last {
        Ends::On(Date::At(at)) => format!("ends {}", when::clock(*at)),
        Ends::On(Date::After9999(_)) | Ends::Never => "does not end by itself".to_owned(),
        Ends::On(Date::Unreadable(_)) => "its end can't be read".to_owned(),
    };
    Some(match helpers {
        [helper] if helper.token().is_none() => {
            format!("perhaps a helper token of {} is left behind, {ends}", first.name)
        }
        [_] => format!("helper token of {} left behind {}, {ends}", first.name, when::clock(first.since)),
        many => {
            let helpers = count(many.len(), "helper token", "helper tokens");
            let others =
                if many.iter().any(|helper| helper.owner != first.owner) { " and others" } else { "" };
            format!("{helpers} left behind, of {}{others}; the last: {ends}", first.name)
        }
    })
}
