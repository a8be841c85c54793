//! What the journal knows of admin flags that suspending took.

use super::Journal;
use super::record::{ChangeKind, Read, Record};
use crate::model::ids::{ClusterId, UserUuid};
use crate::ops::failure::Failure;
use crate::ops::plan::item::Came;
use std::collections::{BTreeMap, BTreeSet};

/// What lines about a user say of the admin flag.
#[derive(Default)]
struct Flag {
    taken: bool,
    /// What was begun, and whether it takes the flag.
    pending: Option<(String, bool)>,
    /// What was so before the last result: a look may have shown that it did not hold.
    before_result: Option<(String, bool)>,
}

impl Flag {
    fn read(&mut self, line: Read) {
        match line.record {
            Record::Before { change: Some(change), before, .. } if change.is_of_account() => {
                if let Some((_, before)) = self.pending.take() {
                    self.taken = before;
                }
                let takes_flag = change == ChangeKind::Suspend && before.is_admin == Some(true);
                self.pending = Some((line.batch, takes_flag));
            }
            Record::Result { result, .. } => self.result(line.batch, result),
            Record::Before { .. } | Record::Token { .. } => {}
        }
    }

    fn result(&mut self, batch: String, result: Came) {
        if let Some((_, flag)) = self.pending.take_if(|(pending, _)| *pending == batch)
            && matches!(result, Came::Done | Came::Unknown)
        {
            self.before_result = Some((batch, self.taken));
            self.taken = flag;
        } else if result == Came::Failed
            && let Some((_, before)) = self.before_result.take_if(|(last, _)| *last == batch)
        {
            self.taken = before;
        }
    }

    fn is_taken(&self) -> bool {
        self.pending.as_ref().map_or(self.taken, |(_, flag)| *flag)
    }
}

impl Journal {
    /// The users of whom a suspension written down here took the admin flag, and nothing written down since
    /// changed the account: resuming gives it back (api.md v14). One that was begun and of which no end is
    /// known counts.
    pub fn flags_taken(&self, cluster: ClusterId) -> Result<BTreeSet<UserUuid>, Failure> {
        let mut users: BTreeMap<UserUuid, Flag> = BTreeMap::new();
        self.each_line(
            cluster,
            &mut users,
            |_, _| true,
            |users, line| {
                if let Some(user) = line.target.user {
                    users.entry(user).or_default().read(line);
                }
            },
        )?;
        Ok(users.into_iter().filter(|(_, flag)| flag.is_taken()).map(|(user, _)| user).collect())
    }
}
