//! The form for handing over what a user owns (api.md v28).

use super::fields::{Checked, Checks, Choice, FieldErrors, FieldLine, FieldMut, FieldRef, Key, Pick, search};
use super::fill::{Fill, reading, settle};
use crate::app::effect::{Effect, TaskId};
use crate::app::overlay::field::TextField;
use crate::app::remote::Remote;
use crate::app::world::World;
use crate::model::fold::fold;
use crate::model::ids::{LinkUuid, UserUuid};
use crate::model::text::bare;
use crate::model::user::User;
use crate::ops::failure::Failure;
use crate::ops::intent::{self, Intent, Leaving};
use crate::ops::plan::Note;
use crate::ops::read::{Outcome, Read};
use crate::ops::rights::Right;
use crate::ops::words;
use jiff::Timestamp;

/// How many users are listed at once; the rest is found by typing more.
const LISTED: usize = 50;

/// The longest name of a project that is sent.
const LONGEST_NAME: usize = 255;

/// The form for handing over what a user owns.
#[derive(Debug)]
pub struct ReassignForm {
    from: UserUuid,
    name: String,
    successor: Pick<UserUuid>,
    project: TextField,
    leaving: Choice<Leaving>,
    rights: Remote<Vec<Right>>,
    regrant: Checks<LinkUuid>,
}

impl ReassignForm {
    /// Of this user.
    pub fn open(from: UserUuid, world: &mut World) -> (Self, Vec<Effect>) {
        let name = world.user(from).map_or_else(|| from.to_string(), User::display_name);
        let mut form = Self {
            from,
            // Nobody is, until somebody says so: it can't be undone.
            successor: Pick::of_nothing(),
            project: TextField::new(&world.user(from).map(words::project_name).unwrap_or_default()),
            name,
            leaving: Choice::new((Leaving::Leaves, "is deactivated"), [(Leaving::Stays, "stays active")]),
            rights: Remote::default(),
            regrant: Checks::default(),
        };
        let mut effects = form.again(world);
        effects.extend(form.changed(Key::Successor, world));
        (form, effects)
    }

    /// The users that fit what is typed and can be a successor, who is meant most likely first.
    fn fill(&mut self, world: &World) {
        let here = world.session.value().map(|session| session.cluster.id);
        let can = |user: &&User| {
            let at_home = here.is_none_or(|here| user.foreign_home(here).is_none());
            user.uuid != self.from && !user.uuid.is_built_in() && !user.is_surely_inactive() && at_home
        };
        let mut users: Vec<&User> = world.users.everyone().filter(can).collect();
        let query = fold(bare(self.successor.query()));
        if !query.is_empty() {
            users.sort_by_key(|user| closeness(user, &query));
        }
        let rows = users.into_iter().map(|user| (user.uuid, in_words(user)));
        self.successor.fill(search(self.successor.query(), rows, LISTED));
    }
}

/// How well a user fits: 0 for the very one, more for those in whose name it only occurs.
fn closeness(user: &User, query: &str) -> u8 {
    let (username, email) = (fold(&user.username), fold(&user.email));
    if username == query || email == query || user.uuid.as_str() == query {
        0
    } else if username.starts_with(query) || email.starts_with(query) {
        1
    } else if fold(&user.display_name()).split_whitespace().any(|word| word.starts_with(query)) {
        2
    } else {
        3
    }
}

fn in_words(user: &User) -> String {
    format!("{}  {}  {}", user.display_name(), user.email.shown(), user.username.shown())
}

impl Fill for ReassignForm {
    fn title(&self) -> String {
        format!("Reassign the data of {}", self.name)
    }

    fn submit_label(&self) -> String {
        "see what moves".to_owned()
    }

    fn keys(&self) -> Vec<Key> {
        let mut keys = vec![Key::Successor, Key::Project, Key::Leaving];
        if *self.leaving.value() == Leaving::Leaves && self.rights.value().is_some_and(|r| !r.is_empty()) {
            keys.push(Key::Rights);
        }
        keys
    }

    fn line(&self, key: Key) -> Option<FieldLine<'_>> {
        Some(match key {
            Key::Successor => FieldLine::new(key, "To", FieldRef::Pick(&self.successor)),
            Key::Project => FieldLine::new(key, "Project", FieldRef::Text(&self.project)),
            Key::Leaving => {
                let note = match self.leaving.value() {
                    Leaving::Leaves => Note::info(
                        "permissions, tokens and keys are deleted first, so that none of them pass on",
                    ),
                    Leaving::Stays => Note::danger(
                        "all rights go along: groups, permissions, and VM logins under the old login name",
                    ),
                };
                FieldLine::new(key, "Old account", FieldRef::Choice(&self.leaving)).with([note])
            }
            Key::Rights => FieldLine::new(key, "Grant anew", FieldRef::Checks(&self.regrant)),
            _ => return None,
        })
    }

    fn field(&mut self, key: Key) -> Option<FieldMut<'_>> {
        match key {
            Key::Successor => Some(FieldMut::Pick(&mut self.successor)),
            Key::Project => Some(FieldMut::Text(&mut self.project)),
            Key::Leaving => Some(FieldMut::Choice(&mut self.leaving)),
            Key::Rights => Some(FieldMut::Checks(&mut self.regrant)),
            _ => None,
        }
    }

    fn preview(&self) -> Vec<Note> {
        match self.leaving.value() {
            Leaving::Stays => Vec::new(),
            Leaving::Leaves => {
                let mut notes: Vec<Note> =
                    reading("the rights of this user", &self.rights).into_iter().collect();
                if self.rights.value().is_some_and(Vec::is_empty) {
                    notes.push(Note::info("This user has no rights that could be granted anew."));
                }
                notes
            }
        }
    }

    fn parse(&self, _: Timestamp) -> Result<Intent, FieldErrors> {
        let mut errors = FieldErrors::default();
        let to = self.successor.value().copied();
        let to = errors.take(Key::Successor, to.ok_or("choose the user who gets the data"));
        let name = self.project.text().trim();
        let project = errors.take(
            Key::Project,
            if name.is_empty() {
                Err("a project needs a name")
            } else if name.chars().count() > LONGEST_NAME {
                Err("a project's name has at most 255 characters")
            } else {
                Ok(name.to_owned())
            },
        );
        let leaving = *self.leaving.value();
        let regrant = match leaving {
            Leaving::Leaves => self.regrant.on().copied().collect(),
            Leaving::Stays => Vec::new(),
        };
        match (to, project) {
            (Some(to), Some(project)) => Ok(Intent::Reassign(intent::Reassign {
                from: self.from,
                to,
                project: Some(project),
                leaving,
                regrant,
            })),
            _ => Err(errors),
        }
    }

    fn changed(&mut self, key: Key, world: &mut World) -> Vec<Effect> {
        if key == Key::Successor {
            self.fill(world);
        }
        Vec::new()
    }

    fn awaiting(&self) -> Vec<TaskId> {
        self.rights.awaiting().into_iter().collect()
    }

    fn answered(&mut self, task: TaskId, outcome: Result<Outcome, Failure>, now: Timestamp) {
        settle(&mut self.rights, task, outcome, now, |outcome| match outcome {
            Outcome::Rights(rights) => Some(rights),
            _ => None,
        });
        let rights = self.rights.value().into_iter().flatten();
        // None is picked to begin with: a right passes on because somebody wants it to.
        let rows = rights.map(|right| (right.link, right.description.clone(), Checked::Off));
        self.regrant = Checks::new(rows.collect());
    }

    fn again(&mut self, world: &mut World) -> Vec<Effect> {
        if self.rights.value().is_some() || self.rights.awaiting().is_some() {
            return Vec::new();
        }
        let (task, fetch) = world.fetch(Read::Rights(self.from));
        self.rights.await_task(task);
        vec![fetch]
    }
}
