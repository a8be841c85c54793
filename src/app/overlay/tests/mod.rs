//! Tests of what lies above the panes, through the one `update` that there is.

mod confirm;
mod forms;
mod lists;
mod reports;
mod tokens;
mod untouched;

use super::Overlay;
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::effect::{Effect, TaskId};
use crate::app::launch::{Certificates, Launch, Place};
use crate::app::message::{Edit, Message};
use crate::app::state::State;
use crate::app::testing::{ctx, session};
use crate::app::update::{start, update};
use crate::model::session::Session;
use crate::model::user::User;
use crate::ops::Mode;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::intent::Intent;
use crate::ops::plan::{Names, Plan};
use crate::ops::read::{Outcome, Read};
use crate::ops::step::Step;
use jiff::SignedDuration;

/// The program in front of an admin, with users in the list.
struct Desk {
    state: State,
    ctx: Ctx,
    /// Reads that are not answered yet.
    reads: Vec<(TaskId, Read)>,
}

impl Desk {
    fn new(users: Vec<User>) -> Self {
        Self::of(session(), Mode::ReadWrite, users)
    }

    fn of(session: Session, mode: Mode, users: Vec<User>) -> Self {
        let place = Place::Host("institute.example".to_owned());
        let state = State::new(Launch { place, mode, certificates: Certificates::Checked });
        let mut desk = Self { state, ctx: ctx(), reads: Vec::new() };
        let effects = start(&mut desk.state);
        desk.note(&effects);
        desk.answer(|read| *read == Read::Session, Ok(Outcome::Session(Box::new(session))));
        let mut users = Some(users);
        while desk.reads.iter().any(|(_, read)| matches!(read, Read::Users(_))) {
            let page = users.take().unwrap_or_default();
            desk.answer(|read| matches!(read, Read::Users(_)), Ok(Outcome::users(page)));
        }
        desk.reads.clear();
        desk
    }

    fn note(&mut self, effects: &[Effect]) {
        for effect in effects {
            match effect {
                Effect::Fetch { task, read } => self.reads.push((*task, read.clone())),
                Effect::Cancel(task) => self.reads.retain(|(other, _)| other != task),
                _ => {}
            }
        }
    }

    fn send(&mut self, message: Message) -> Vec<Effect> {
        let effects = update(&mut self.state, message, &self.ctx);
        self.note(&effects);
        effects
    }

    fn act(&mut self, action: Action) -> Vec<Effect> {
        self.send(Message::Action(action))
    }

    fn types(&mut self, text: &str) -> Vec<Effect> {
        text.chars().flat_map(|c| self.send(Message::Edit(Edit::Insert(c)))).collect()
    }

    fn paste(&mut self, text: &str) -> Vec<Effect> {
        self.send(Message::Edit(Edit::Paste(text.to_owned().into())))
    }

    /// Empties the field that has the focus.
    fn clear(&mut self) {
        self.send(Message::Edit(Edit::End));
        self.send(Message::Edit(Edit::DeleteLine));
    }

    /// Answers the first read that fits.
    fn answer(&mut self, fits: impl Fn(&Read) -> bool, outcome: Result<Outcome, Failure>) -> Vec<Effect> {
        let at = self.reads.iter().position(|(_, read)| fits(read)).expect("such a read is under way");
        let (task, _) = self.reads.remove(at);
        self.send(Message::Answered { task, outcome })
    }

    fn survey(&mut self, plan: Plan) -> Vec<Effect> {
        self.answer(|read| matches!(read, Read::Survey(_)), Ok(Outcome::Surveyed(Box::new(plan))))
    }

    /// The intent that is being surveyed.
    fn surveyed(&self) -> Option<&Intent> {
        self.reads.iter().find_map(|(_, read)| match read {
            Read::Survey(intent) => Some(intent),
            _ => None,
        })
    }

    /// A plan of what is being surveyed, as of now.
    fn plan(&self, steps: Vec<Step>) -> Plan {
        let mut names = Names::default();
        let users: Vec<User> = self.state.world.users.everyone().cloned().collect();
        names.add_users(&users);
        let intent = self.surveyed().expect("something is being surveyed").clone();
        Plan::sketched(intent, steps, names, self.ctx.now)
    }

    /// The screen is drawn, and looked at for a while.
    fn looks(&mut self) {
        self.ctx.frames += 1;
        self.wait(SignedDuration::from_millis(300));
    }

    fn wait(&mut self, time: SignedDuration) {
        self.ctx.now = self.ctx.now.checked_add(time).expect("a time");
    }

    fn top(&self) -> Option<&Overlay> {
        self.state.overlays.last()
    }

    fn title(&self) -> String {
        self.top().map(|overlay| overlay.title(&self.state.world)).unwrap_or_default()
    }

    /// The message line.
    fn says(&self) -> String {
        self.state.world.notices.shown().map(|notice| notice.text.clone()).unwrap_or_default()
    }
}

/// Whether a change was begun.
fn begun(effects: &[Effect]) -> Option<TaskId> {
    effects.iter().find_map(|effect| match effect {
        Effect::Apply { task, .. } => Some(*task),
        _ => None,
    })
}

fn failure(reason: &str) -> Failure {
    Failure {
        kind: ErrorKind::Busy,
        reason: reason.to_owned(),
        request_id: Some("req-1pb8sjy39053q2mzxack".to_owned()),
        advice: "try again later",
        lost: None,
    }
}

fn text(lines: &[super::line::Line]) -> String {
    lines.iter().map(super::line::Line::text).collect::<Vec<_>>().join("\n")
}
