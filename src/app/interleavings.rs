//! Answers, keys, failures and changes in any order: whatever happens, what is shown ends as what is there.

use crate::app::action::Action;
use crate::app::ctx::{Arrangement, Ctx};
use crate::app::effect::{Effect, TaskId};
use crate::app::list::Rows;
use crate::app::message::{Edit, Message};
use crate::app::overlay::Overlay;
use crate::app::state::State;
use crate::app::testing::{ctx, failure, here, launch, people, session, user, uuid};
use crate::app::update::{start, update};
use crate::app::users::Load;
use crate::app::world::{Ending, Focus};
use crate::model::ids::UserUuid;
use crate::model::session::Session;
use crate::model::token::{Ends, Origin, Scopes, Token, TokenList, TokenSource};
use crate::model::user::{User, UserRole, UserStatus};
use crate::model::user_page::UserPage;
use crate::ops::confirm::Confirmed;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::intent::{self, Intent};
use crate::ops::plan::{Names, Plan};
use crate::ops::read::{LoginList, Outcome, Read};
use crate::ops::report::{ApplyReport, Ended, Item, ItemResult, Progress};
use crate::ops::step::{self, Step, Via};
use crate::ops::summary::{Part, Possessions, Sight, Summary};
use jiff::SignedDuration;
use proptest::prelude::*;
use std::collections::BTreeMap;

/// The number of a user, and of a token, that only answers have that nobody waits for any more.
const POISON: u32 = 666;

/// What is on the server: users, and a number for each that stands for all that belongs to it.
#[derive(Debug, Clone)]
struct Server {
    users: BTreeMap<UserUuid, (User, u32)>,
    next: u32,
}

impl Server {
    fn new(count: u32) -> Self {
        let users = people(count).into_iter().map(|user| (user.uuid, (user, 0))).collect();
        Self { users, next: 100 }
    }

    /// Somebody changes something.
    fn change(&mut self, which: u8) {
        let at = usize::from(which / 4) % self.users.len().max(1);
        let Some(uuid) = self.users.keys().nth(at).copied() else {
            return self.add();
        };
        match which % 4 {
            0 => self.add(),
            1 => drop(self.users.remove(&uuid)),
            2 => {
                if let Some((user, _)) = self.users.get_mut(&uuid) {
                    user.first_name = format!("Renamed {which}").into();
                }
            }
            _ => self.touch(uuid, |_| ()),
        }
    }

    fn add(&mut self) {
        self.next += 1;
        let user = user(self.next, &format!("Newcomer {}", self.next));
        self.users.insert(user.uuid, (user, 0));
    }

    fn touch(&mut self, uuid: UserUuid, change: impl FnOnce(&mut User)) {
        if let Some((user, version)) = self.users.get_mut(&uuid) {
            change(user);
            *version += 1;
        }
    }

    fn apply(&mut self, step: &Step) {
        match step {
            Step::Deactivate(step::DeactivateStep { user })
            | Step::Suspend(step::SuspendStep { user, .. }) => {
                self.touch(*user, |user| user.status = UserStatus::Inactive);
            }
            Step::Activate(step::ActivateStep { user }) => {
                self.touch(*user, |user| user.status = UserStatus::Active);
            }
            Step::SetRole(step::SetRoleStep { user, role }) => {
                self.touch(*user, |user| user.role = (*role).into());
            }
            Step::RevokeAllOf(step::RevokeAllOfStep { owner, .. }) => self.touch(*owner, |_| ()),
            _ => {}
        }
    }

    fn page(&self, page: UserPage) -> Vec<User> {
        let is_in = |uuid: &UserUuid| {
            page.after.is_none_or(|after| uuid.as_str() > after.to_string().as_str())
                && page.until.is_none_or(|until| uuid.as_str() < until.to_string().as_str())
        };
        let users = self.users.values().map(|(user, _)| user).filter(|user| is_in(&user.uuid));
        users.take(page.limit).cloned().collect()
    }

    fn tokens(&self, owner: UserUuid) -> TokenList {
        let count = self.users.get(&owner).map_or(0, |(_, version)| version % 4);
        let version = self.users.get(&owner).map_or(0, |(_, version)| *version);
        let rows = (0..count).map(|number| token(owner, version * 10 + number)).collect();
        TokenList::new(owner, rows, TokenSource::AuditLog { since: None })
    }

    fn summary(&self, uuid: UserUuid) -> Option<Summary> {
        let (user, version) = self.users.get(&uuid)?;
        Some(Summary {
            user: user.clone(),
            modified_by: None,
            has: Some(Possessions {
                groups: Part::Is(Vec::new()),
                keys: Part::Is(Vec::new()),
                owned: Part::Is(*version as usize),
                work: Part::Is(0),
                sight: Part::Is(Sight::Usual),
            }),
        })
    }

    fn plan(&self, intent: Intent, now: jiff::Timestamp) -> Plan {
        let there = |users: &[UserUuid]| -> Vec<UserUuid> {
            users.iter().copied().filter(|user| self.users.contains_key(user)).collect()
        };
        let steps: Vec<Step> = match &intent {
            Intent::Deactivate(intent::Deactivate { users }) => {
                there(users).into_iter().map(|user| Step::Deactivate(step::DeactivateStep { user })).collect()
            }
            Intent::Activate(intent::Activate { users }) => {
                there(users).into_iter().map(|user| Step::Activate(step::ActivateStep { user })).collect()
            }
            Intent::Suspend(intent::Suspend { users }) => there(users)
                .into_iter()
                .map(|user| {
                    Step::Suspend(step::SuspendStep { user, places: Vec::new(), role: UserRole::Plain })
                })
                .collect(),
            Intent::SetRole(intent::SetRole { users, role }) => there(users)
                .into_iter()
                .map(|user| Step::SetRole(step::SetRoleStep { user, role: *role }))
                .collect(),
            Intent::RevokeAllOf(intent::RevokeAllOf { users }) => there(users)
                .into_iter()
                .map(|owner| Step::RevokeAllOf(step::RevokeAllOfStep { owner, at_most: 1, via: Via::Helper }))
                .collect(),
            _ => Vec::new(),
        };
        Plan::sketched(intent, steps, Names::default(), now)
    }

    fn answer(&self, read: &Read, now: jiff::Timestamp) -> Result<Outcome, Failure> {
        Ok(match read {
            Read::Session => Outcome::Session(Box::new(who())),
            Read::Users(page) => Outcome::users(self.page(*page)),
            Read::UsersAgain(users) => Outcome::UsersAgain(
                users.iter().filter_map(|user| self.users.get(user)).map(|(user, _)| user.clone()).collect(),
            ),
            Read::Tokens(owner) => Outcome::Tokens(self.tokens(*owner)),
            Read::Logins(_) | Read::LoginsOn(_) | Read::AllLogins => Outcome::Logins(LoginList::default()),
            Read::LeftHelpers => Outcome::LeftHelpers(Ok(Vec::new())),
            Read::Vms => Outcome::Vms(Vec::new()),
            Read::Summary(user) => match self.summary(*user) {
                Some(summary) => Outcome::Summary(Box::new(summary)),
                None => return Err(failure(ErrorKind::NotFound)),
            },
            Read::Rights(_) => Outcome::Rights(Vec::new()),
            Read::FindToken(_) => return Err(failure(ErrorKind::NotFound)),
            Read::Survey(intent) => Outcome::Surveyed(Box::new(self.plan(intent.clone(), now))),
        })
    }
}

/// Few rows a page, so that there are many pages.
fn who() -> Session {
    let mut session = session();
    session.cluster.max_items = 5;
    session.cluster.id = here();
    session
}

fn token(owner: UserUuid, number: u32) -> Token {
    Token {
        uuid: format!("zzzzz-gj3su-{number:015}").parse().expect("a token's UUID"),
        owner,
        scopes: Scopes::All.into(),
        created_at: None,
        expiry: Ends::Never,
        origin: Origin::Unknown,
    }
}

/// What an answer that nobody waits for would do harm with.
fn poisoned(read: &Read) -> Result<Outcome, Failure> {
    Ok(match read {
        Read::Users(_) => Outcome::users(vec![user(POISON, "Poison")]),
        Read::UsersAgain(_) => Outcome::UsersAgain(vec![user(POISON, "Poison")]),
        Read::Tokens(owner) => {
            let rows = vec![token(*owner, POISON)];
            Outcome::Tokens(TokenList::new(*owner, rows, TokenSource::Server))
        }
        _ => return Err(Failure { reason: "poison".to_owned(), ..failure(ErrorKind::Server) }),
    })
}

/// A read that is under way.
struct Pending {
    task: TaskId,
    read: Read,
    /// What was so when it was asked for.
    then: Result<Outcome, Failure>,
}

/// What happens.
#[derive(Debug, Clone)]
enum Event {
    Act(Action),
    Type(char),
    /// The server answers as things are now, or were when it was asked.
    Answer(u8, When),
    Fail(u8, ErrorKind),
    Die(u8),
    /// An answer comes that nobody waits for any more.
    TooLate(u8),
    Wake(u8),
    Change(u8),
    Progress(u8),
    Finish(u8, u8),
    Resize(u8),
    Pass(u8),
}

#[derive(Debug, Clone, Copy)]
enum When {
    Now,
    Then,
}

struct Desk {
    state: State,
    ctx: Ctx,
    server: Server,
    pending: Vec<Pending>,
    given_up: Vec<Pending>,
    wakes: Vec<TaskId>,
    listening: Vec<TaskId>,
    jobs: Vec<(TaskId, Box<Confirmed<Plan>>)>,
}

impl Desk {
    fn new(count: u32) -> Self {
        let mut desk = Self {
            state: State::new(launch()),
            ctx: ctx(),
            server: Server::new(count),
            pending: Vec::new(),
            given_up: Vec::new(),
            wakes: Vec::new(),
            listening: Vec::new(),
            jobs: Vec::new(),
        };
        let effects = start(&mut desk.state);
        desk.take(effects);
        desk
    }

    fn take(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Fetch { task, read } => {
                    let then = self.server.answer(&read, self.ctx.now);
                    self.pending.push(Pending { task, read, then });
                }
                Effect::Cancel(task) => {
                    if let Some(at) = self.pending.iter().position(|pending| pending.task == task) {
                        let given_up = self.pending.remove(at);
                        self.given_up.push(given_up);
                    }
                }
                Effect::WakeAfter { task, .. } => self.wakes.push(task),
                Effect::ListenAfter { task, .. } => self.listening.push(task),
                Effect::Apply { task, plan } => self.jobs.push((task, plan)),
                _ => {}
            }
        }
    }

    fn send(&mut self, message: Message) {
        self.ctx.frames += 1;
        self.ctx.now += SignedDuration::from_millis(700);
        let effects = update(&mut self.state, message, &self.ctx);
        self.take(effects);
    }

    fn act(&mut self, action: Action) {
        self.send(Message::Action(action));
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Act(action) => self.act(action),
            Event::Type(letter) => self.send(Message::Edit(Edit::Insert(letter))),
            Event::Answer(which, when) => {
                if let Some(pending) = picked(&mut self.pending, which) {
                    let now = self.server.answer(&pending.read, self.ctx.now);
                    let outcome = if matches!(when, When::Now) { now } else { pending.then };
                    self.send(Message::Answered { task: pending.task, outcome });
                }
            }
            Event::Fail(which, kind) => {
                if let Some(pending) = picked(&mut self.pending, which) {
                    self.send(Message::Answered { task: pending.task, outcome: Err(failure(kind)) });
                }
            }
            Event::Die(which) => {
                if let Some(pending) = picked(&mut self.pending, which) {
                    self.send(Message::TaskFailed { task: pending.task, reason: "it died".to_owned() });
                }
            }
            Event::TooLate(which) => {
                if let Some(pending) = picked(&mut self.given_up, which) {
                    let outcome = poisoned(&pending.read);
                    self.send(Message::Answered { task: pending.task, outcome });
                }
            }
            Event::Wake(which) => {
                if let Some(task) = picked(&mut self.wakes, which) {
                    self.send(Message::Woken(task));
                }
                if let Some(task) = picked(&mut self.listening, which) {
                    self.send(Message::Listened { task, last: self.ctx.now });
                }
            }
            Event::Change(which) => self.server.change(which),
            Event::Progress(which) => {
                let at = usize::from(which) % self.jobs.len().max(1);
                if let Some((task, plan)) = self.jobs.get(at) {
                    let target = plan.plan().steps()[0].step.target();
                    let progress =
                        Progress::Finished { item: Item { target, result: ItemResult::Done }, of: 1 };
                    let task = *task;
                    self.send(Message::Progress { task, progress });
                }
            }
            Event::Finish(which, how) => self.finish(which, how),
            Event::Resize(which) => {
                let (arrangement, rows) = match which % 4 {
                    0 => (Arrangement::SideBySide, 10),
                    1 => (Arrangement::OneAtATime, 7),
                    2 => (Arrangement::SideBySide, 1),
                    _ => (Arrangement::TooSmall, 0),
                };
                self.ctx.viewport.arrangement = arrangement;
                self.ctx.viewport.user_rows = rows;
                self.ctx.viewport.detail_rows = rows / 2;
                self.send(Message::Resized);
            }
            Event::Pass(seconds) => {
                self.ctx.now += SignedDuration::from_secs(i64::from(seconds));
            }
        }
    }

    /// A change is over: some of it was done, or all, or nobody knows.
    fn finish(&mut self, which: u8, how: u8) {
        let Some((task, plan)) = picked(&mut self.jobs, which) else { return };
        let plan = plan.plan();
        let mut items = Vec::new();
        for (n, planned) in plan.steps().iter().enumerate() {
            let is_done = how.count_ones() != 1 || n % 2 == 0;
            let result = if is_done {
                self.server.apply(&planned.step);
                ItemResult::Done
            } else {
                ItemResult::Failed(failure(ErrorKind::Server))
            };
            items.push(Item { target: planned.step.target(), result });
        }
        if how % 8 == 7 {
            return self.send(Message::TaskFailed { task, reason: "it died".to_owned() });
        }
        let report = ApplyReport {
            intent: plan.intent().clone(),
            batch: "b".to_owned(),
            items,
            notes: Vec::new(),
            ended: Ended::Completed,
            names: Names::default(),
            brought: None,
        };
        self.send(Message::Applied { task, report: Box::new(report) });
    }

    /// All that is under way comes to its end.
    fn settle(&mut self) {
        let mut turns = 0;
        while !(self.pending.is_empty() && self.jobs.is_empty() && self.wakes.is_empty()) {
            turns += 1;
            assert!(turns < 5_000, "it never comes to rest");
            self.happen(Event::Answer(0, When::Now));
            self.happen(Event::Finish(0, 0));
            self.happen(Event::Wake(0));
        }
    }

    /// Everything is closed and read again.
    fn look_again(&mut self) {
        self.settle();
        self.happen(Event::Resize(0));
        for _ in 0..20 {
            // What came up just now takes no key yet.
            self.happen(Event::Pass(2));
            self.act(Action::Back);
        }
        assert!(self.state.overlays.is_empty(), "Esc does not close {:?}", self.state.context());
        assert_eq!(self.state.world.focus, Focus::Users);
        // If it is not known yet who is asking, that is asked first.
        for _ in 0..2 {
            self.act(Action::Refresh);
            self.settle();
        }
    }

    fn check(&self) {
        let (state, table, cursor) =
            (&self.state, self.state.world.users.table(), self.state.world.users.cursor());
        let rows = self.ctx.viewport.user_rows;
        assert_eq!(cursor.id(), table.id_at(cursor.index()), "the cursor is on a row");
        assert_eq!(cursor.id().is_none(), table.shown_len() == 0, "if there is one");
        assert!(cursor.top() <= cursor.index(), "that is seen");
        assert!(cursor.index() < cursor.top() + rows.max(1), "that is seen");
        let marks = state.world.users.marks();
        assert!(marks.iter().all(|id| table.get(id).is_some()), "marks are of users that are there");
        let hidden = marks.iter().filter(|&id| !table.is_shown(id)).count();
        assert_eq!(state.world.users.hidden_marks(), hidden, "hidden marks are counted");
        assert!(table.get(uuid(POISON)).is_none(), "what came too late is not shown");
        if let Some(details) = state.world.details.current() {
            let tokens = details.tokens.rows();
            assert!(tokens.iter().all(|row| row.owner == details.user), "another's token is shown");
            let poison = token(details.user, POISON).uuid;
            assert!(tokens.iter().all(|row| row.uuid != poison), "what came too late is not shown");
            let at = details.tokens.picks().cursor().index();
            assert!(at < tokens.len().max(1), "the cursor is on a token");
            for awaited in [
                details.summary.awaiting(),
                details.tokens.remote.awaiting(),
                details.logins.remote.awaiting(),
            ] {
                assert!(awaited.is_none_or(|task| self.is_pending(task)), "nobody answers {awaited:?}");
            }
        }
        assert!(state.world.notices.all().all(|notice| !notice.text.contains("poison")), "came too late");
        assert!(state.world.session.awaiting().is_none_or(|task| self.is_pending(task)), "who am I?");
        if matches!(state.world.users.load(), Load::Filling(_) | Load::Refreshing(_)) {
            let one = self.pending.iter().any(|pending| state.world.users.awaits(pending.task));
            assert!(one, "users are awaited of which none is asked for");
        }
        for overlay in &state.overlays {
            if let Overlay::Progress(progress) = overlay {
                assert!(state.world.jobs.get(progress.task()).is_some(), "progress of what is over");
            }
            let _ = overlay.title(&state.world);
        }
        assert_eq!(state.world.jobs.len(), self.jobs.len(), "a change under way is known of");
        assert!(state.overlays.len() <= 8, "overlays pile up: {}", state.overlays.len());
    }

    fn is_pending(&self, task: TaskId) -> bool {
        self.pending.iter().any(|pending| pending.task == task)
    }

    /// What is shown is what is there.
    fn check_truth(&self) {
        let shown: BTreeMap<UserUuid, User> =
            self.state.world.users.everyone().map(|user| (user.uuid, user.clone())).collect();
        let there: BTreeMap<UserUuid, User> =
            self.server.users.values().map(|(user, _)| (user.uuid, user.clone())).collect();
        assert_eq!(shown, there);
        assert_eq!(self.state.world.users.load(), Load::Whole);
        if let Some(details) = self.state.world.details.current() {
            assert_eq!(Some(details.user), self.state.world.users.cursor().id());
            assert_eq!(details.tokens.value(), Some(&self.server.tokens(details.user)));
            assert_eq!(details.summary.value(), self.server.summary(details.user).as_ref());
            assert_eq!(details.logins.value(), Some(&LoginList::default()));
            assert!(details.tokens.remote.error().is_none() && details.summary.error().is_none());
        }
    }
}

fn picked<T>(list: &mut Vec<T>, which: u8) -> Option<T> {
    (!list.is_empty()).then(|| list.remove(usize::from(which) % list.len()))
}

fn any_action() -> impl Strategy<Value = Action> {
    let ends = [Action::Quit, Action::Interrupt, Action::OpenDemo, Action::SendToken];
    let all: Vec<Action> = Action::ALL.iter().copied().filter(|action| !ends.contains(action)).collect();
    prop_oneof![
        4 => prop::sample::select(all),
        2 => prop::sample::select(vec![Action::Mark, Action::Down, Action::Up, Action::Open, Action::Back]),
        1 => prop::sample::select(vec![
            Action::MarkAll, Action::InvertMarks, Action::Filter, Action::Refresh, Action::ReverseSort,
        ]),
        2 => prop::sample::select(vec![
            Action::Deactivate, Action::Suspend, Action::Activate, Action::RevokeAllTokens, Action::MakeAdmin,
        ]),
        3 => Just(Action::Yes),
        1 => Just(Action::Submit),
    ]
}

fn any_event() -> impl Strategy<Value = Event> {
    let kind = prop::sample::select(vec![
        ErrorKind::Unreachable,
        ErrorKind::NotAuthorised,
        ErrorKind::Forbidden,
        ErrorKind::Busy,
        ErrorKind::Server,
    ]);
    let when = prop_oneof![Just(When::Now), Just(When::Then)];
    prop_oneof![
        8 => any_action().prop_map(Event::Act),
        2 => prop::sample::select(vec!['p', '1', '0', ' ', '!', 'y', 'u']).prop_map(Event::Type),
        8 => (any::<u8>(), when).prop_map(|(which, when)| Event::Answer(which, when)),
        2 => (any::<u8>(), kind).prop_map(|(which, kind)| Event::Fail(which, kind)),
        1 => any::<u8>().prop_map(Event::Die),
        2 => any::<u8>().prop_map(Event::TooLate),
        3 => any::<u8>().prop_map(Event::Wake),
        2 => any::<u8>().prop_map(Event::Change),
        1 => any::<u8>().prop_map(Event::Progress),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(which, how)| Event::Finish(which, how)),
        1 => any::<u8>().prop_map(Event::Resize),
        1 => any::<u8>().prop_map(Event::Pass),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, max_shrink_iters: 20_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_comes_in_whatever_order_a_look_again_shows_what_is_there(
        count in 0_u32..14,
        events in prop::collection::vec(any_event(), 0..45),
    ) {
        let mut desk = Desk::new(count);
        desk.check();
        for event in events {
            desk.happen(event);
            if desk.state.world.ending != Ending::No {
                return Ok(());
            }
            desk.check();
        }
        desk.look_again();
        desk.check();
        desk.check_truth();
    }
}
