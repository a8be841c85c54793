//! People and sessions for the tests of the core.

use crate::app::ctx::{Arrangement, Ctx, Viewport};
use crate::model::ids::{ClusterId, UserUuid};
use crate::model::session::{ClusterFacts, Session, TokenAccess};
use crate::model::token::{Expiry, Origin, Scopes, Token};
use crate::model::user::{User, UserRole, UserStatus};

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
        role: UserRole::Plain,
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
    let me = User { role: UserRole::Admin, ..user(900, "Ada") };
    Session {
        host: "institute.example".to_owned(),
        cluster: ClusterFacts {
            id: here(),
            login_cluster: None,
            max_items: 1_000,
            ignored_groups: Vec::new(),
            required_groups: Vec::new(),
            activates_users_of: Vec::new(),
        },
        token: Token {
            uuid: "zzzzz-gj3su-000000000000900".parse().expect("a token's UUID"),
            owner: me.uuid,
            scopes: Scopes::All,
            created_at: None,
            expiry: Expiry::Never,
            origin: Origin::Unknown,
        },
        me,
        access: TokenAccess::Borrowed,
    }
}

/// 10:42, side by side, ten rows of users.
pub fn ctx() -> Ctx {
    Ctx {
        now: "2026-11-24T10:42:00Z".parse().expect("a time"),
        viewport: Viewport {
            arrangement: Arrangement::SideBySide,
            user_rows: 10,
            detail_rows: 5,
            overlay_rows: 10,
            help_lines: 40,
        },
        frames: 1,
    }
}
