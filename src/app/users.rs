//! The list of users.

use crate::app::cursor::Cursor;
use crate::app::selection::{Chosen, ChosenBy, ChosenUsers, Selection};
use crate::model::ids::UserUuid;
use crate::model::user::User;

/// The list of users.
#[derive(Debug, Default)]
pub struct UsersPane {
    rows: Vec<User>,
    cursor: Cursor<UserUuid>,
    marks: Selection<UserUuid>,
    input: UsersInput,
}

/// What of the pane has the keyboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UsersInput {
    /// The rows.
    #[default]
    Rows,
    /// The filter, which is being typed.
    Filter,
}

impl UsersPane {
    /// Everyone that is known, filtered away or not.
    pub fn everyone(&self) -> impl Iterator<Item = &User> {
        self.rows.iter()
    }

    /// A user that is known.
    pub fn get(&self, uuid: UserUuid) -> Option<&User> {
        self.rows.iter().find(|user| user.uuid == uuid)
    }

    /// The cursor.
    pub fn cursor(&self) -> &Cursor<UserUuid> {
        &self.cursor
    }

    /// The marks.
    pub fn marks(&self) -> &Selection<UserUuid> {
        &self.marks
    }

    /// What of it has the keyboard.
    pub fn input(&self) -> UsersInput {
        self.input
    }

    /// The marked users, those that the filter hides first; else the one under the cursor.
    pub fn chosen(&self) -> ChosenUsers {
        if self.marks.is_empty() {
            return Chosen::under_cursor(self.cursor.id());
        }
        Chosen { ids: self.marks.iter().collect(), hidden: 0, source: ChosenBy::Marks }
    }
}
