//! What the journal knows of admin flags that suspending took.

use super::{Came, Change, Journal, unusable};
use crate::model::ids::{ClusterId, UserUuid};
use crate::ops::failure::Failure;
use crate::own_file::{Wanted, open_own};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, BufReader};

/// What is read back of a line; the rest is for people.
#[derive(Deserialize)]
struct ReadLine {
    batch: String,
    cluster: String,
    user: Option<UserUuid>,
    change: Option<Change>,
    result: Option<Came>,
    #[serde(default)]
    before: ReadBefore,
}

#[derive(Deserialize, Default)]
struct ReadBefore {
    is_admin: Option<bool>,
}

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
    fn read(&mut self, line: ReadLine) {
        if let Some(change) = line.change {
            if let Some((_, before)) = self.pending.take() {
                self.taken = before;
            }
            let takes_flag = change == Change::Suspend && line.before.is_admin == Some(true);
            self.pending = Some((line.batch, takes_flag));
        } else if let Some(result) = line.result
            && let Some((_, flag)) = self.pending.take_if(|(batch, _)| *batch == line.batch)
            && matches!(result, Came::Done | Came::Unknown)
        {
            self.before_result = Some((line.batch, self.taken));
            self.taken = flag;
        } else if line.result == Some(Came::Failed)
            && let Some((_, before)) = self.before_result.take_if(|(batch, _)| *batch == line.batch)
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
        let Some(path) = self.path() else { return Ok(BTreeSet::new()) };
        let file = match open_own(path, Wanted::Read) {
            Err(error) if error.is_missing() => return Ok(BTreeSet::new()),
            opened => opened.map_err(|e| unusable(path, &e))?,
        };
        let mut users: BTreeMap<UserUuid, Flag> = BTreeMap::new();
        for line in BufReader::new(file).split(b'\n') {
            let line = line.map_err(|e| unusable(path, &e.into()))?;
            // A line that was cut off by a crash says nothing.
            let Ok(line) = serde_json::from_slice::<ReadLine>(&line) else { continue };
            if let Some(user) = line.user
                && line.cluster == cluster.as_str()
            {
                users.entry(user).or_default().read(line);
            }
        }
        Ok(users.into_iter().filter(|(_, flag)| flag.is_taken()).map(|(user, _)| user).collect())
    }
}
