//! The dialog that comes before every change: it looks at the server, lists what would happen, and takes
//! the answer that the plan asks for. Its default is always the safe one, and nothing typed before it was
//! drawn with its plan counts.

use super::field::TextField;
use super::line::{Line, Moved, Scroll, Tone};
use super::plan_lines;
use super::reaction::{Next, Reaction, failure_lines, unexpected};
use super::seen::Seen;
use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::ctx::Ctx;
use crate::app::effect::{Effect, TaskId};
use crate::app::list::Rows;
use crate::app::message::{Edit, Message};
use crate::app::world::World;
use crate::model::ids::UserUuid;
use crate::model::likeness::Look;
use crate::ops::confirm::{Answer, Ask, Challenge, Confirmed, Review, Unconfirmed};
use crate::ops::doubts;
use crate::ops::failure::Failure;
use crate::ops::intent::{self, Intent};
use crate::ops::plan::{Names, Note, Plan};
use crate::ops::read::{Outcome, Read};
use crate::ops::step::{Risk, Target};
use crate::ops::words;
use std::collections::BTreeSet;

/// The dialog before a change.
#[derive(Debug)]
pub struct ConfirmDialog {
    intent: Intent,
    /// What can't be seen on the screen.
    hidden: BTreeSet<Target>,
    /// What things are called, as far as the lists know, until the plan tells.
    names: Names,
    /// What is to be known of their names beside all others that the list has.
    alike: Vec<Note>,
    stage: Stage,
    page: Page,
    scroll: Scroll,
    told: Option<&'static str>,
}

/// How far it has come.
#[derive(Debug)]
pub enum Stage {
    /// Looks at the server.
    Looking(TaskId),
    /// That failed.
    Failed(Failure),
    /// There is nothing to do.
    Nothing(Box<Plan>),
    /// Waits for the answer.
    Asking(Box<Question>),
    /// It was answered; the dialog goes.
    Answered,
}

/// A question that waits for its answer.
#[derive(Debug)]
pub struct Question {
    challenge: Challenge,
    field: TextField,
    wrong: Option<String>,
    seen: Seen,
}

/// What of the plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    /// The targets and what it costs.
    Summary,
    /// What each target loses.
    Details,
    /// The exact API calls.
    Calls,
}

impl Question {
    /// What must be answered.
    pub fn ask(&self) -> &Ask {
        self.challenge.ask()
    }

    /// What is typed as the answer.
    pub fn field(&self) -> &TextField {
        &self.field
    }

    /// Why the last answer was none.
    pub fn wrong(&self) -> Option<&str> {
        self.wrong.as_deref()
    }
}

/// The users of an intent that the filter hides: what else can be chosen is all there to be seen.
fn hidden_users(intent: &Intent, world: &World) -> BTreeSet<Target> {
    let hidden = |user: &UserUuid| world.user(*user).is_some() && !world.users.table().is_shown(*user);
    intent.users().into_iter().filter(hidden).map(Target::User).collect()
}

impl ConfirmDialog {
    /// Opens it.
    pub fn open(intent: Intent, world: &mut World) -> (Self, Effect) {
        let hidden = hidden_users(&intent, world);
        let mut names = Names::default();
        for user in intent.users() {
            if let Some(user) = world.user(user) {
                names.add_users(std::slice::from_ref(user));
            }
        }
        let table = world.users.table();
        let those =
            |look: Look| -> Vec<_> { names.users.values().filter(|user| table.look(user) == look).collect() };
        let alike = [doubts::alike_names(&those(Look::Alike)), doubts::namesakes(&those(Look::Namesake))];
        let alike = alike.into_iter().flatten().collect();
        let (task, fetch) = world.fetch(Read::Survey(intent.clone()));
        let dialog = Self {
            hidden,
            alike,
            intent,
            names,
            stage: Stage::Looking(task),
            page: Page::Summary,
            scroll: Scroll::default(),
            told: None,
        };
        (dialog, fetch)
    }

    /// How far it has come.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// How many things it is about.
    pub fn targets(&self) -> usize {
        self.intent.how_many()
    }

    /// What of the plan is shown.
    pub fn page(&self) -> Page {
        self.page
    }

    /// How far the body is scrolled.
    pub fn scroll(&self) -> Scroll {
        self.scroll
    }

    /// The plan, once it is there.
    pub fn plan(&self) -> Option<&Plan> {
        match &self.stage {
            Stage::Nothing(plan) => Some(plan),
            Stage::Asking(question) => Some(question.challenge.plan()),
            Stage::Looking(_) | Stage::Failed(_) | Stage::Answered => None,
        }
    }

    /// The worst that it does.
    pub fn risk(&self) -> Risk {
        self.plan().map_or(Risk::Harmless, Plan::risk)
    }

    /// What it is about.
    pub fn title(&self) -> String {
        match (&self.stage, self.plan()) {
            (Stage::Asking(_), Some(plan)) => format!("{}?", words::plan_title(plan)),
            (_, plan) => self.intent.title(plan.map_or(&self.names, Plan::names)),
        }
    }

    /// By what its keys are read.
    pub fn context(&self) -> Context {
        match &self.stage {
            Stage::Asking(question) if *question.ask() != Ask::YesNo => Context::TypedQuestion,
            _ => Context::Question,
        }
    }

    /// Whether this is the task whose answer it waits for.
    pub fn awaits(&self, task: TaskId) -> bool {
        matches!(self.stage, Stage::Looking(awaited) if awaited == task)
    }

    /// Whether reassigning the data can be chosen instead.
    pub fn offers_reassign(&self) -> bool {
        matches!(&self.intent, Intent::Deactivate(intent::Deactivate { users }) if users.len() == 1)
    }

    /// What stands before the field of a typed answer.
    pub fn prompt(&self) -> Option<String> {
        let Stage::Asking(question) = &self.stage else { return None };
        match question.ask() {
            Ask::YesNo => None,
            Ask::TypeCount(_) => {
                let plan = question.challenge.plan();
                let of = words::targets(plan);
                Some(match self.hidden_steps(plan) {
                    0 if plan.risk() == Risk::Final => {
                        format!("This can't be undone, so type how many {of}:")
                    }
                    0 => format!("These are many, so type how many {of}:"),
                    1 => format!("1 is hidden, so type how many {of} there are in all:"),
                    n => format!("{n} are hidden, so type how many {of} there are in all:"),
                })
            }
            Ask::TypeName(name) => Some(match question.challenge.plan().risk() {
                Risk::Final => format!("This can't be undone, so type {name}:"),
                Risk::Lossy | Risk::Reversible | Risk::Harmless => {
                    format!("Only another admin can give it back, so type {name}:")
                }
            }),
        }
    }

    /// What of a plan can't be seen.
    fn hidden_in<'a>(&'a self, plan: &'a Plan) -> impl Fn(&Target) -> bool + 'a {
        move |target| {
            let user = words::user_of(target, plan.names());
            self.hidden.contains(target) || user.is_some_and(|user| self.hidden.contains(&Target::User(user)))
        }
    }

    /// How many steps are about something that can't be seen.
    fn hidden_steps(&self, plan: &Plan) -> usize {
        let is_hidden = self.hidden_in(plan);
        plan.steps().iter().filter(|planned| is_hidden(&planned.step.target())).count()
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        match message {
            Message::Action(action) => self.act(action, world, ctx),
            Message::Edit(edit) => self.edit(&edit, ctx),
            Message::Answered { outcome: Ok(Outcome::Surveyed(plan)), .. } => self.review(*plan, ctx),
            Message::Answered { outcome: Ok(_), .. } => {
                self.stage = Stage::Failed(unexpected("the survey had another answer than a plan"));
                Reaction::Stay(Vec::new())
            }
            Message::Answered { outcome: Err(failure), .. } => {
                self.stage = Stage::Failed(failure);
                Reaction::Stay(Vec::new())
            }
            Message::TaskFailed { reason, .. } => {
                self.stage = Stage::Failed(unexpected(&reason));
                Reaction::Stay(Vec::new())
            }
            Message::Woken(_)
            | Message::Ignored(_)
            | Message::Resized
            | Message::Progress { .. }
            | Message::Listened { .. }
            | Message::Applied { .. }
            | Message::Told(_)
            | Message::Terminate => Reaction::Ignored,
        }
    }

    fn review(&mut self, plan: Plan, ctx: &Ctx) -> Reaction {
        let hidden = self.hidden_steps(&plan);
        match plan.review(hidden) {
            Review::Nothing(plan) => self.stage = Stage::Nothing(Box::new(plan)),
            Review::Free(confirmed) => return self.apply(confirmed),
            Review::Ask(challenge) => {
                self.stage = Stage::Asking(Box::new(Question {
                    challenge,
                    field: TextField::default(),
                    wrong: None,
                    seen: Seen::from_now(ctx),
                }));
            }
        }
        Reaction::Stay(Vec::new())
    }

    fn act(&mut self, action: Action, world: &mut World, ctx: &Ctx) -> Reaction {
        if self.scroll.follow(action, ctx) == Moved::Yes {
            return Reaction::Stay(Vec::new());
        }
        match action {
            Action::Back => self.close(),
            Action::Details => self.turn(Page::Details),
            Action::Calls => self.turn(Page::Calls),
            Action::NextField => self.turn(match self.page {
                Page::Summary => Page::Details,
                Page::Details | Page::Calls => Page::Calls,
            }),
            Action::Refresh => self.look(world, None),
            Action::Export => match self.plan() {
                Some(plan) => Reaction::Stay(vec![Effect::Export(plan_lines::export(plan))]),
                None => Reaction::Ignored,
            },
            Action::Reassign if self.offers_reassign() => match self.intent.users().first() {
                Some(user) => Reaction::GiveWay(self.cancel(), Next::Reassign(*user)),
                None => self.close(),
            },
            Action::Yes | Action::Submit | Action::Open => self.answer(action, world, ctx),
            _ => Reaction::Ignored,
        }
    }

    fn turn(&mut self, page: Page) -> Reaction {
        self.page = if self.page == page { Page::Summary } else { page };
        self.scroll = Scroll::default();
        Reaction::Stay(Vec::new())
    }

    fn edit(&mut self, edit: &Edit, ctx: &Ctx) -> Reaction {
        if let Stage::Asking(question) = &mut self.stage
            && *question.ask() != Ask::YesNo
            && question.seen.is_settled(ctx)
        {
            question.field.edit(edit);
            question.wrong = None;
        }
        Reaction::Stay(Vec::new())
    }

    fn answer(&mut self, action: Action, world: &mut World, ctx: &Ctx) -> Reaction {
        let question = match std::mem::replace(&mut self.stage, Stage::Answered) {
            Stage::Asking(question) if question.seen.is_settled(ctx) => *question,
            // There is only one thing to say to it: Close.
            Stage::Nothing(_) | Stage::Failed(_) if action != Action::Yes => return self.close(),
            early => {
                self.stage = early;
                return Reaction::Stay(Vec::new());
            }
        };
        let Question { challenge, field, seen, .. } = question;
        let given = match (challenge.ask(), action) {
            (Ask::YesNo, Action::Yes) => Answer::Yes,
            // Enter presses the button that has the focus: No.
            (Ask::YesNo, _) => return self.close(),
            (Ask::TypeCount(_) | Ask::TypeName(_), _) => Answer::Typed(field.text().to_owned()),
        };
        match challenge.answer(&given, ctx.now) {
            Ok(confirmed) => self.apply(confirmed),
            Err(Unconfirmed::Stale(_)) => {
                self.look(world, Some("More than a minute has passed, so it was looked at again."))
            }
            Err(Unconfirmed::Wrong(challenge)) => {
                let wrong = if field.is_blank() {
                    "nothing is typed yet; Esc cancels".to_owned()
                } else {
                    match challenge.ask() {
                        Ask::TypeCount(_) => "that is another number".to_owned(),
                        Ask::YesNo | Ask::TypeName(_) => "that is not it".to_owned(),
                    }
                };
                let challenge = *challenge;
                self.stage = Stage::Asking(Box::new(Question { challenge, field, wrong: Some(wrong), seen }));
                Reaction::Stay(Vec::new())
            }
        }
    }

    /// Looks (again) at the server.
    fn look(&mut self, world: &mut World, told: Option<&'static str>) -> Reaction {
        let mut effects = self.cancel();
        let (task, fetch) = world.fetch(Read::Survey(self.intent.clone()));
        effects.push(fetch);
        self.stage = Stage::Looking(task);
        self.page = Page::Summary;
        self.scroll = Scroll::default();
        self.told = told;
        Reaction::Stay(effects)
    }

    fn apply(&mut self, confirmed: Confirmed<Plan>) -> Reaction {
        self.stage = Stage::Answered;
        Reaction::GiveWay(Vec::new(), Next::Apply(Box::new(confirmed)))
    }

    fn close(&mut self) -> Reaction {
        Reaction::Close(self.cancel())
    }

    fn cancel(&self) -> Vec<Effect> {
        match self.stage {
            Stage::Looking(task) => vec![Effect::Cancel(task)],
            _ => Vec::new(),
        }
    }

    /// What is listed, to be scrolled.
    pub fn body(&self) -> Vec<Line> {
        match (&self.stage, self.plan()) {
            (Stage::Looking(_), _) => vec![Line::dim("looking at what this would do…")],
            (Stage::Failed(failure), _) => failure_lines("This could not be looked at", failure),
            (_, Some(plan)) => match self.page {
                Page::Summary => {
                    let told = self.told.map(Line::dim).into_iter();
                    told.chain(plan_lines::summary(plan, &self.hidden_in(plan))).collect()
                }
                Page::Details => plan_lines::details(plan, &self.hidden_in(plan)),
                Page::Calls => plan_lines::calls(plan),
            },
            (_, None) => Vec::new(),
        }
    }

    /// What must be seen before the answer, however long the list is: what is lost, and the notes.
    pub fn verdict(&self) -> Vec<Line> {
        let Some(plan) = self.plan() else { return Vec::new() };
        let mut lines = Vec::new();
        if matches!(self.stage, Stage::Nothing(_)) && plan.blocked().is_none() {
            lines.push(Line::heading("There is nothing to do."));
        }
        let costs = plan_lines::costs(plan);
        // A red frame alone says nothing to whoever does not see red.
        if let Stage::Asking(question) = &self.stage
            && plan.risk() == Risk::Final
            && !matches!(question.ask(), Ask::TypeName(_))
            && !costs.iter().any(|line| line.tone == Tone::Danger)
        {
            lines.push(Line::new(Tone::Danger, "This can't be undone."));
        }
        lines.extend(costs);
        // What the plan knows of is a part of what the list does.
        let known = self.alike.iter().filter(|note| !plan.notes().contains(note));
        lines.extend(known.map(Line::from));
        lines
    }
}
