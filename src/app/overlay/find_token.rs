//! Whose token is this? What is pasted is never shown; it is zeroed when the dialog closes.

use super::line::{Line, Tone};
use super::reaction::{Next, Reaction, failure_lines, unexpected};
use super::secret_field::SecretField;
use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::ctx::Ctx;
use crate::app::effect::{Clip, Effect, TaskId};
use crate::app::message::Message;
use crate::app::notices;
use crate::app::world::World;
use crate::model::field::{Date, Field};
use crate::model::token::{Ends, Origin, Scopes};
use crate::model::user::{User, UserRole};
use crate::model::when::{date, date_time, relative, relative_or_date};
use crate::ops::Mode;
use crate::ops::failure::Failure;
use crate::ops::find_token::{Found, Given, GivenError, Life, Revocable, SecretIs};
use crate::ops::intent::{self, Chosen, Intent};
use crate::ops::read::{Outcome, Read};
use crate::secret::Secret;
use jiff::Timestamp;

/// The dialog that finds a token.
#[derive(Debug, Default)]
pub struct FindTokenDialog {
    field: SecretField,
    error: Option<GivenError>,
    given: Option<Given>,
    stage: Stage,
}

/// How far it has come.
#[derive(Debug, Default)]
pub enum Stage {
    /// Waits for a token.
    #[default]
    Typing,
    /// Asks the server.
    Looking(TaskId),
    /// It was found, or it is known why not.
    Found(Box<Found>),
    /// The server could not be asked.
    Failed(Failure),
}

impl FindTokenDialog {
    /// Where it is pasted.
    pub fn field(&self) -> &SecretField {
        &self.field
    }

    /// Why what was submitted is nothing of a token.
    pub fn error(&self) -> Option<GivenError> {
        self.error
    }

    /// How far it has come.
    pub fn stage(&self) -> &Stage {
        &self.stage
    }

    /// By what its keys are read.
    pub fn context(&self) -> Context {
        match self.stage {
            Stage::Typing => Context::FindToken,
            Stage::Looking(_) | Stage::Found(_) | Stage::Failed(_) => Context::FoundToken,
        }
    }

    /// Whether this is the task whose answer it waits for.
    pub fn awaits(&self, task: TaskId) -> bool {
        matches!(self.stage, Stage::Looking(awaited) if awaited == task)
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, world: &mut World, ctx: &Ctx) -> Reaction {
        match message {
            Message::Action(action) => return self.act(action, world, ctx),
            Message::Edit(edit) if matches!(self.stage, Stage::Typing) => {
                self.error = None;
                self.field.edit(edit);
            }
            Message::Answered { outcome: Ok(Outcome::Found(found)), .. } => self.stage = Stage::Found(found),
            Message::Answered { outcome: Ok(_), .. } => {
                self.stage = Stage::Failed(unexpected("the search had an answer to something else"));
            }
            Message::Answered { outcome: Err(failure), .. } => self.stage = Stage::Failed(failure),
            Message::TaskFailed { reason, .. } => self.stage = Stage::Failed(unexpected(&reason)),
            _ => return Reaction::Ignored,
        }
        Reaction::Stay(Vec::new())
    }

    fn act(&mut self, action: Action, world: &mut World, ctx: &Ctx) -> Reaction {
        match (action, &self.stage) {
            (Action::Back, Stage::Looking(task)) => Reaction::Close(vec![Effect::Cancel(*task)]),
            (Action::Back, _) | (Action::Submit | Action::Open, Stage::Found(_)) => {
                Reaction::Close(Vec::new())
            }
            (Action::Submit | Action::Open, Stage::Typing) => match Given::parse(&self.field.secret()) {
                Ok(given) => {
                    self.field.clear();
                    self.look(given, world)
                }
                Err(error) => {
                    self.error = Some(error);
                    Reaction::Stay(Vec::new())
                }
            },
            // There is nothing to revoke yet: the same key asks again.
            (Action::Refresh | Action::RevokeTokens, Stage::Failed(_)) => match self.given.take() {
                Some(given) => self.look(given, world),
                None => Reaction::Ignored,
            },
            (Action::RevokeTokens, Stage::Found(_)) => self.revoke(world, ctx),
            (Action::GoToOwner, Stage::Found(found)) => match found.owner.as_ref().map(|owner| owner.uuid) {
                Some(owner) => Reaction::Close(world.go_to_user(owner, ctx)),
                None => Reaction::Ignored,
            },
            (Action::CopyUuid | Action::CopySecret, Stage::Found(found)) => match found.uuid {
                Some(uuid) => {
                    let clip = Clip::Text("the UUID", uuid.to_string());
                    Reaction::Stay(vec![Effect::Copy(clip, Action::CopyUuid)])
                }
                None => Reaction::Ignored,
            },
            _ => Reaction::Ignored,
        }
    }

    fn look(&mut self, given: Given, world: &mut World) -> Reaction {
        let (task, fetch) = world.fetch(Read::FindToken(given.clone()));
        self.given = Some(given);
        self.stage = Stage::Looking(task);
        Reaction::Stay(vec![fetch])
    }

    /// Why it can't be revoked from here; `None` if it can.
    pub fn irrevocable(&self, world: &World) -> Option<String> {
        let Stage::Found(found) = &self.stage else { return Some("nothing is found yet".to_owned()) };
        if world.launch.mode == Mode::ReadOnly {
            return Some("read-only mode: nothing is changed".to_owned());
        }
        match (&found.revocable, found.uuid) {
            (Revocable::No(why), _) => Some(why.clone()),
            (Revocable::Yes, None) => Some("its UUID is not known".to_owned()),
            (Revocable::Yes, Some(_)) => None,
        }
    }

    fn revoke(&mut self, world: &mut World, ctx: &Ctx) -> Reaction {
        if let Some(why) = self.irrevocable(world) {
            return Reaction::Stay(vec![world.say(notices::Tone::Warning, why, ctx)]);
        }
        let Stage::Found(found) = &self.stage else { return Reaction::Ignored };
        let Some(uuid) = found.uuid else { return Reaction::Ignored };
        let intent = Intent::RevokeTokens(intent::RevokeTokens {
            tokens: vec![uuid],
            chosen: Chosen::ByUuid,
            secret: self.secret(),
        });
        Reaction::GiveWay(Vec::new(), Next::Confirm(intent))
    }

    /// The token itself, if it was pasted and the server took it: then it can revoke itself.
    fn secret(&self) -> Option<Secret> {
        if matches!(&self.stage, Stage::Found(found) if found.secret == Some(SecretIs::Refused)) {
            return None;
        }
        match self.given.as_ref()? {
            Given::V2(_, secret) | Given::Bare(secret) => Some(secret.clone()),
            Given::Uuid(_) => None,
        }
    }

    /// What is known of it.
    pub fn lines(&self, world: &World, now: Timestamp) -> Vec<Line> {
        match &self.stage {
            Stage::Typing => Vec::new(),
            Stage::Looking(_) => vec![Line::dim("asking the server whose it is…")],
            Stage::Failed(failure) => failure_lines("It could not be looked up", failure),
            Stage::Found(found) => found_lines(found, world, now),
        }
    }
}

fn found_lines(found: &Found, world: &World, now: Timestamp) -> Vec<Line> {
    let (tone, life) = match &found.life {
        Life::Alive => (Tone::Warning, "alive".to_owned()),
        Life::PerhapsAlive => (Tone::Warning, "perhaps alive".to_owned()),
        Life::PerhapsDead => (Tone::Warning, "dead by the audit log, which is no proof".to_owned()),
        Life::Dead => (Tone::Good, "dead".to_owned()),
        Life::Unknown => (Tone::Plain, "not known here".to_owned()),
        Life::Elsewhere(cluster) => {
            (Tone::Warning, format!("of cluster {cluster}; it was not sent anywhere, ask there"))
        }
    };
    let uuid = found.uuid.map_or_else(|| "UUID not known".to_owned(), |uuid| uuid.to_string());
    let mut lines = Vec::new();
    if found.secret == Some(SecretIs::Refused) && found.life != Life::Dead {
        let rest = match found.life {
            Life::Alive => "; the token of that UUID is alive",
            Life::PerhapsAlive => "; the token of that UUID is perhaps alive",
            Life::PerhapsDead | Life::Dead | Life::Unknown | Life::Elsewhere(_) => "",
        };
        lines.push(Line::new(Tone::Warning, format!("This secret is refused{rest}.")));
    }
    lines.push(Line::new(tone, format!("{uuid} · {life}")));
    let mut row = |tone: Tone, what: &str, value: String| {
        lines.push(Line::row(tone, [what.to_owned(), value]));
    };
    if let Some(owner) = &found.owner {
        let (tone, admin) = match &owner.role {
            Field::Is(UserRole::Admin) => (Tone::Warning, "  admin".to_owned()),
            Field::Is(UserRole::Plain) => (Tone::Plain, String::new()),
            Field::Unreadable(flag) => (Tone::Warning, format!("  admin flag {flag}")),
        };
        let verb = if found.life == Life::Dead { "belonged to" } else { "belongs to" };
        row(
            tone,
            verb,
            format!("{}  {}  {}{admin}", owner.status.word(), owner.display_name(), owner.email.shown()),
        );
    }
    if let Some(token) = &found.token {
        let is_dead = found.life.is_over();
        // Of what is over, nothing is a danger any more.
        let (may, danger) = if is_dead { ("could do", Tone::Dim) } else { ("may do", Tone::Warning) };
        match &token.scopes {
            Field::Is(Scopes::All) => row(danger, may, "everything (all)".to_owned()),
            Field::Is(only @ Scopes::Only(_)) => row(Tone::Plain, may, only.to_string()),
            Field::Unreadable(what) => row(danger, may, what.to_string()),
        }
        match &token.expiry {
            Ends::Never if is_dead => row(Tone::Dim, "expiry", "had none".to_owned()),
            Ends::On(Date::At(at)) if is_dead && *at > now => {
                row(Tone::Dim, "expiry", format!("would have been {} UTC", date_time(*at)));
            }
            Ends::Never => row(Tone::Warning, "expires", "never".to_owned()),
            Ends::On(Date::At(at)) if *at <= now => {
                row(Tone::Dim, "expired", format!("{} UTC ({})", date_time(*at), relative(*at, now)));
            }
            Ends::On(Date::At(at)) => {
                let text = format!("{} UTC ({})", date_time(*at), relative_or_date(*at, now));
                row(Tone::Plain, "expires", text);
            }
            Ends::On(odd @ (Date::After9999(_) | Date::Unreadable(_))) => {
                row(Tone::Warning, "expires", odd.shown(date));
            }
        }
        if let Some(created) = &token.created_at {
            let text = created.shown(|at| format!("{}, {}", date(at), relative(at, now)));
            row(Tone::Plain, "created", text);
        }
        match token.origin {
            Origin::Login => row(Tone::Plain, "made by", "a login in a browser".to_owned()),
            Origin::Container(container) => {
                row(
                    Tone::Warning,
                    "made by",
                    "the server, for a container at work: revoking it breaks that".to_owned(),
                );
                row(Tone::Plain, "container", container.to_string());
            }
            Origin::Server => {
                let text = "the server: for login-sync, a container, or with the system token";
                row(Tone::Plain, "made by", text.to_owned());
            }
            Origin::IssuedBy(user) => {
                let name = world.user(user).map(User::display_name);
                row(
                    Tone::Plain,
                    "issued by",
                    name.map_or_else(|| user.to_string(), |n| format!("{n}  {user}")),
                );
            }
            Origin::Unknown => {}
        }
    }
    lines.push(Line::dim(found.how.clone()));
    if let Revocable::No(why) = &found.revocable {
        lines.push(Line::dim(format!("It can't be revoked from here: {why}")));
    }
    lines
}
