//! People and sessions for the tests of the core.

use crate::app::action::Action;
use crate::app::ctx::{Arrangement, Ctx, Viewport};
use crate::app::effect::{Effect, TaskId};
use crate::app::launch::{Certificates, Launch, Place};
use crate::app::message::{Edit, Message};
use crate::app::state::State;
use crate::app::update;
use crate::model::ids::{ClusterId, UserUuid};
use crate::model::session::{ClusterFacts, Session, TokenAccess};
use crate::model::token::{Ends, Origin, Scopes, Token};
use crate::model::user::{User, UserRole, UserStatus};
use crate::ops::Mode;
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::read::{Outcome, Read};

/// The cluster that is asked.
pub fn here() -> ClusterId {
    "zzzzz".parse().expect("a cluster")
}

/// The UUID of the user of this number.
pub fn uuid(number: u32) -> UserUuid {
    format!("zzzzz-tpzed-{number:015}").parse().expect("a user's UUID")
}

/// An active user of this number and first name.
pub fn user(number: u32, name: &str) -> User {
    User {
        uuid: uuid(number),
        email: format!("u{number}@institute.example").into(),
        username: format!("u{number}").into(),
        first_name: name.into(),
        last_name: "".into(),
        status: UserStatus::Active,
        role: UserRole::Plain.into(),
        created_at: None,
        modified_at: None,
        modified_by: None,
    }
}

/// `Person 1`, `Person 2` and so on.
pub fn people(count: u32) -> Vec<User> {
    (1..=count).map(|number| user(number, &format!("Person {number:05}"))).collect()
}

/// An admin's session.
pub fn session() -> Session {
    let me = User { role: UserRole::Admin.into(), ..user(900, "Ada") };
    Session {
        host: "institute.example".to_owned(),
        api_host: "institute.example".to_owned(),
        cluster: ClusterFacts {
            id: here(),
            named: crate::model::session::Named::ByItself,
            remotes: Vec::new(),
            login_cluster: None,
            max_items: 1_000,
            ignored_groups: Vec::new(),
            accounts: crate::model::session::ByLoginSync::Done,
            groups: crate::model::session::ByLoginSync::Done,
            tokens: crate::model::session::ByLoginSync::Done,
            required_groups: Vec::new(),
            activates_users_of: Vec::new(),
        },
        token: Token {
            uuid: "zzzzz-gj3su-000000000000900".parse().expect("a token's UUID"),
            owner: me.uuid,
            scopes: Scopes::All.into(),
            created_at: None,
            expiry: Ends::Never,
            origin: Origin::Unknown,
        },
        me,
        access: TokenAccess::Borrowed,
        warnings: Vec::new(),
        trusted_tokens: crate::model::session::TrustedTokens::Issued,
    }
}

/// 10:42, side by side, ten rows of users.
pub fn ctx() -> Ctx {
    Ctx {
        now: "2026-11-24T10:42:00Z".parse().expect("a time"),
        server_now: "2026-11-24T10:42:00Z".parse().expect("a time"),
        viewport: Viewport {
            arrangement: Arrangement::SideBySide,
            user_rows: 10,
            detail_rows: 5,
            overlay_rows: 10,
            overlay_lines: 40,
        },
        frames: 1,
    }
}

/// Started for a cluster, to read and write.
pub fn launch() -> Launch {
    Launch {
        place: Place::Host("institute.example".to_owned()),
        mode: Mode::ReadWrite,
        certificates: Certificates::Checked,
    }
}

/// A failure of this kind.
pub fn failure(kind: ErrorKind) -> Failure {
    Failure::plain(kind, "it failed".to_owned(), "try again")
}

/// A session is known, and these users are read; nothing else is awaited.
pub fn with_users(users: Vec<User>) -> State {
    let mut state = State::new(launch());
    update::start(&mut state);
    let task = state.world.session.awaiting().expect("who am I is asked");
    let mut asked = answer(&mut state, task, Outcome::Session(Box::new(session())));
    let mut rows = Some(users);
    while let Some(task) = asked.iter().find_map(page_task) {
        asked = answer(&mut state, task, Outcome::users(rows.take().unwrap_or_default()));
    }
    state
}

/// The task of a page of users.
pub fn page_task(effect: &Effect) -> Option<TaskId> {
    match effect {
        Effect::Fetch { task, read: Read::Users(_) } => Some(*task),
        _ => None,
    }
}

/// A read is answered.
pub fn answer(state: &mut State, task: TaskId, outcome: Outcome) -> Vec<Effect> {
    update::update(state, Message::Answered { task, outcome: Ok(outcome) }, &ctx())
}

/// An action is taken.
pub fn press(state: &mut State, action: Action) -> Vec<Effect> {
    update::update(state, Message::Action(action), &ctx())
}

/// A text is typed.
pub fn type_text(state: &mut State, text: &str) {
    for c in text.chars() {
        update::update(state, Message::Edit(Edit::Insert(c)), &ctx());
    }
}
