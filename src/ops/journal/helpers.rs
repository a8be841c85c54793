//! What the journal knows of helper tokens that nobody was seen to delete.

use super::Journal;
use super::record::{ChangeKind, Read, Record, TokenEvent};
use crate::model::ids::{ClusterId, TokenUuid, UserUuid};
use crate::model::token::Ends;
use crate::ops::failure::Failure;
use crate::ops::plan::item::Came;
use crate::ops::process::Process;
use jiff::Timestamp;
use std::collections::BTreeSet;

/// What every line about a helper has in it.
const MARK: &str = "\"helper_";

/// A helper token that was made, or perhaps was, and that nobody was seen to delete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenHelper {
    /// Whose.
    pub owner: UserUuid,
    /// With whose token it was asked for.
    pub by: UserUuid,
    /// When, by the cluster's clock.
    pub at: Timestamp,
    /// Which, if the server's answer came.
    pub token: Option<TokenUuid>,
    /// When it ends by itself; what was asked for, as long as no answer came.
    pub ends: Ends,
    /// Who was at work with it.
    pub process: Option<Process>,
    nonce: Option<String>,
}

/// What the journal knows of helper tokens.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OpenHelpers {
    /// Those that may live.
    pub open: Vec<OpenHelper>,
    /// Tokens that are accounted for: they are known by their UUIDs, or were ended since the first of those that
    /// may live was asked for.
    pub known: BTreeSet<TokenUuid>,
    /// Those of them that are the answer to a request of their own: they are no other's.
    pub answers: BTreeSet<TokenUuid>,
    now: Timestamp,
    /// Applications that end the tokens which their results name, or all of users.
    ending: BTreeSet<(String, Whole)>,
    /// Those that an application said to have ended: a look may show that it had not.
    ended: Vec<(String, OpenHelper)>,
}

/// What an application ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Whole {
    Tokens,
    Accounts,
}

impl OpenHelpers {
    fn read(&mut self, line: Read) {
        let (user, token) = (line.target.user, line.target.token);
        match line.record {
            Record::Token { event, expires_at, nonce, process } => {
                let ends = expires_at.map_or(Ends::Never, Ends::On);
                match (event, user) {
                    (TokenEvent::HelperAsked, Some(owner)) => {
                        self.add(OpenHelper { owner, by: line.by, at: line.at, token, ends, process, nonce });
                    }
                    (TokenEvent::HelperMade, Some(owner)) => {
                        let asked = self.take(nonce.as_ref());
                        if asked.is_some() {
                            self.answers.extend(token);
                        }
                        let process = asked.and_then(|asked| asked.process);
                        self.known.extend(token);
                        self.add(OpenHelper { owner, by: line.by, at: line.at, token, ends, process, nonce });
                    }
                    (TokenEvent::HelperNotMade, _) => drop(self.take(nonce.as_ref())),
                    (TokenEvent::HelperDeleted, _) => self.is_gone(token),
                    // It stays what it is: perhaps there.
                    (TokenEvent::HelperUnknown | TokenEvent::Issued, _)
                    | (TokenEvent::HelperAsked | TokenEvent::HelperMade, None) => {}
                }
            }
            Record::Before { change: Some(ChangeKind::Revoke), .. } => {
                self.ending.insert((line.batch, Whole::Tokens));
            }
            Record::Before { change: Some(ChangeKind::Deactivate), .. } => {
                self.ending.insert((line.batch, Whole::Accounts));
            }
            // "Already gone" is said only by those who know.
            Record::Result { result: Came::Done | Came::Unchanged, .. } => {
                if token.is_some() && self.ending.contains(&(line.batch.clone(), Whole::Tokens)) {
                    self.known.extend(token);
                    self.end(&line.batch, |helper| helper.token == token);
                } else if self.ending.contains(&(line.batch.clone(), Whole::Accounts)) {
                    self.end(&line.batch, |helper| Some(helper.owner) == user);
                }
            }
            // After a yes: it was looked, and it was not so.
            Record::Result { result: Came::Failed | Came::Unknown, .. } => {
                let is_its = |(batch, helper): &mut (String, OpenHelper)| {
                    *batch == line.batch
                        && if token.is_some() { helper.token == token } else { Some(helper.owner) == user }
                };
                let back: Vec<(String, OpenHelper)> = self.ended.extract_if(.., is_its).collect();
                self.open.extend(back.into_iter().map(|(_, helper)| helper));
            }
            Record::Before { .. } | Record::Result { result: Came::NotStarted, .. } => {}
        }
    }

    /// This application says that these have ended.
    fn end(&mut self, batch: &str, is_its: impl Fn(&OpenHelper) -> bool) {
        let ended: Vec<OpenHelper> = self.open.extract_if(.., |helper| is_its(helper)).collect();
        self.ended.extend(ended.into_iter().map(|helper| (batch.to_owned(), helper)));
    }

    /// Those that have ended by now are nobody's concern.
    fn add(&mut self, helper: OpenHelper) {
        if !helper.ends.is_past(self.now) {
            self.open.push(helper);
        }
    }

    fn take(&mut self, nonce: Option<&String>) -> Option<OpenHelper> {
        let nonce = nonce?;
        let at = self.open.iter().position(|helper| helper.nonce.as_ref() == Some(nonce))?;
        Some(self.open.remove(at))
    }

    fn is_gone(&mut self, token: Option<TokenUuid>) {
        self.known.extend(token);
        self.open.retain(|helper| helper.token.is_none() || helper.token != token);
    }
}

impl Journal {
    /// The helper tokens of a cluster that nobody was seen to delete, and that have not ended at `now`, by the
    /// cluster's clock.
    pub fn open_helpers(&self, cluster: ClusterId, now: Timestamp) -> Result<OpenHelpers, Failure> {
        let mut helpers = OpenHelpers { now, ..OpenHelpers::default() };
        // Where none may live nothing else matters: a long journal is not taken apart for it.
        let wanted = |helpers: &OpenHelpers, line: &[u8]| {
            !helpers.open.is_empty()
                || !helpers.ended.is_empty()
                || std::str::from_utf8(line).is_ok_and(|line| line.contains(MARK))
        };
        self.each_line(cluster, &mut helpers, wanted, OpenHelpers::read)?;
        Ok(helpers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::TokenUuid;

    const OWNER: &str = "zzzzz-tpzed-000000000000001";
    const TOKEN: &str = "zzzzz-gj3su-000000000000002";

    fn line(rest: &str) -> String {
        format!(
            r#"{{"v":1,"at":"2026-11-24T10:42:00Z","batch":"b","cluster":"zzzzz","by":"zzzzz-tpzed-00000000000000a","verb":"Revoke","user":"{OWNER}",{rest}}}"#
        )
    }

    fn token(event: &str, rest: &str) -> String {
        line(&format!(r#""record":"token","event":"{event}","expires_at":"2026-11-24T10:57:00Z"{rest}"#))
    }

    /// What stands open at `now` after these lines.
    fn open(lines: &[String], now: &str) -> Vec<Option<TokenUuid>> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("journal.jsonl");
        std::fs::write(&path, lines.join("\n")).expect("written");
        let cluster = "zzzzz".parse().expect("a cluster");
        let helpers =
            Journal::at(path).open_helpers(cluster, now.parse().expect("a time")).expect("readable");
        helpers.open.into_iter().map(|helper| helper.token).collect()
    }

    #[test]
    fn a_helper_stands_open_until_it_is_seen_to_be_gone_or_has_ended() {
        let with_token = format!(r#","token":"{TOKEN}""#);
        let nonce = r#","nonce":"n""#;
        let asked = token("helper_asked", nonce);
        let made = token("helper_made", &format!("{with_token}{nonce}"));
        let deleted = token("helper_deleted", &with_token);
        let known = TOKEN.parse().ok();
        let begun = line(r#""record":"before","change":"revoke","calls":[],"before":{}"#);
        let revoked = line(&format!(r#""record":"result","result":"done"{with_token}"#));
        let not_so = revoked.replace("done", "failed");
        let expired = begun.replace("revoke", "elsewhere");
        let deactivated = begun.replace("revoke", "deactivate");
        let done = line(r#""record":"result","result":"done""#);
        for (lines, stands) in [
            (vec![&asked], vec![None]),
            (vec![&asked, &token("helper_unknown", nonce)], vec![None]),
            (vec![&asked, &token("helper_not_made", nonce)], vec![]),
            (vec![&asked, &made], vec![known]),
            (vec![&asked, &made, &deleted], vec![]),
            (vec![&asked, &made, &begun, &revoked], vec![]),
            (vec![&asked, &made, &begun, &revoked, &not_so], vec![known]),
            (vec![&asked, &made, &expired, &revoked], vec![known]),
            (vec![&asked, &made, &deactivated, &done], vec![]),
            (vec![&asked, &made, &deactivated, &done, &done.replace("done", "failed")], vec![known]),
            (vec![&asked.replace("zzzzz\",\"by", "other\",\"by")], vec![]),
            // Of a program of before lines had a number, and of a later one.
            (vec![&made.replace(r#""v":1,"#, "").replace(nonce, "")], vec![known]),
            (vec![&made.replace(r#""v":1"#, r#""v":2"#)], vec![]),
        ] {
            let lines: Vec<String> = lines.into_iter().cloned().collect();
            assert_eq!(open(&lines, "2026-11-24T10:50:00Z"), stands, "{lines:#?}");
            assert_eq!(open(&lines, "2026-11-24T10:57:00Z"), [], "it has ended by itself");
        }
        let never = made.replace(r#""2026-11-24T10:57:00Z""#, "null");
        assert_eq!(open(&[never], "2036-11-24T10:57:00Z"), [known], "that one lives on");
    }
}
