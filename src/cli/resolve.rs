//! What stands for a user, a VM or a token on the command line, and what it means. Everything that is
//! wrong with any of them is said at once, and then nothing is done.

use super::connect::Desk;
use super::exit::{Exit, Stop};
use super::input;
use crate::model::fold::caseless;
use crate::model::ids::{AnyUuid, IdError, UserUuid, VmUuid};
use crate::model::text::{bare, named, visible};
use crate::model::user::User;
use crate::model::vm::Vm;
use crate::secret;
use futures::stream::{self, StreamExt, TryStreamExt};
use std::collections::{BTreeMap, BTreeSet};
use std::str::FromStr;
use unicode_normalization::UnicodeNormalization;

/// Longer than any name or address: nothing to look up.
const LONGEST: usize = 320;

/// The arguments, with `-` replaced by the lines of standard input.
fn targets(given: &[String]) -> Result<Vec<String>, Stop> {
    Ok(placed(given)?.into_iter().map(|(_, text)| text).collect())
}

/// The same, each with its line if it is of standard input.
fn placed(given: &[String]) -> Result<Vec<(Option<usize>, String)>, Stop> {
    let mut all = Vec::new();
    for word in given {
        if word == "-" {
            for (line, number) in input::all()?.lines().zip(1..) {
                let line = bare(line);
                if !line.is_empty() {
                    all.push((Some(number), line.to_owned()));
                }
            }
        } else {
            all.push((None, bare(word).to_owned()));
        }
    }
    if all.is_empty() {
        return Err(Stop::usage("nobody was named: standard input was empty"));
    }
    Ok(all)
}

/// The UUIDs that are given, as arguments or on standard input.
pub fn uuids<T: FromStr<Err = IdError>>(given: &[String], what: &str) -> Result<Vec<T>, Stop> {
    let mut uuids = Vec::new();
    let mut wrong = Vec::new();
    for (line, text) in placed(given)? {
        match (uuid(&text, what), line) {
            (Ok(uuid), _) => uuids.push(uuid),
            (Err(_), Some(line)) => wrong.push(line),
            (Err(problem), None) => return Err(problem),
        }
    }
    if wrong.is_empty() { Ok(uuids) } else { Err(no_uuids(what, &wrong)) }
}

/// These lines of standard input are none, and are not repeated: they may hold a secret.
pub fn no_uuids(what: &str, lines: &[usize]) -> Stop {
    const NAMED: usize = 5;
    let named: Vec<String> = lines.iter().take(NAMED).map(usize::to_string).collect();
    let more = match lines.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (line, hold) = if lines.len() == 1 { ("line", "holds") } else { ("lines", "hold") };
    Stop::usage(format!(
        "{line} {}{more} of standard input {hold} no UUID of {what}: nothing was done",
        named.join(", ")
    ))
}

/// A text as it may be repeated in a message; what can't be seen in it is shown.
pub fn quoted(text: &str) -> String {
    if secret::may_be_one(text) {
        return secret::NOT_REPEATED.to_owned();
    }
    let text = visible(&text.chars().take(61).collect::<String>());
    if text.chars().count() > 60 {
        format!("\"{}…\"", text.chars().take(60).collect::<String>())
    } else {
        format!("\"{text}\"")
    }
}

/// A word that stands for a user.
#[derive(Debug)]
pub enum Word {
    /// Exactly this one.
    Uuid(UserUuid),
    /// Whoever has this e-mail.
    Email(String),
    /// Whoever has this username.
    Username(String),
}

impl FromStr for Word {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.parse() {
            Ok(uuid) => Ok(Self::Uuid(uuid)),
            Err(error @ IdError::WrongKind { .. }) => Err(format!("{}: {error}", quoted(text))),
            Err(IdError::NotAUuid) if text.starts_with("v2/") => {
                Err("a token is no user; a secret must not stand on a command line".to_owned())
            }
            Err(IdError::NotAUuid) => {
                if text.is_empty() || text.len() > LONGEST || text.chars().any(char::is_control) {
                    Err(format!("{}: no UUID, e-mail or username is like this", quoted(text)))
                } else if text.contains('@') {
                    Ok(Self::Email(text.to_owned()))
                } else {
                    Ok(Self::Username(text.to_owned()))
                }
            }
        }
    }
}

/// The users that are meant, each once, in the order given.
pub async fn users(desk: &Desk, given: &[String]) -> Result<Vec<User>, Stop> {
    let mut problems = Vec::new();
    let mut words = Vec::new();
    for text in targets(given)? {
        match text.parse::<Word>() {
            Ok(word) => words.push((text, word)),
            Err(problem) => problems.push(problem),
        }
    }
    let found = look_up(desk, &words).await?;
    let mut users: Vec<User> = Vec::new();
    for (text, word) in &words {
        let matching: Vec<&User> = match word {
            Word::Uuid(uuid) => found.values().filter(|user| user.uuid == *uuid).collect(),
            Word::Email(email) => with_email(&found, email),
            // The e-mails of some accounts, such as root's, have no @.
            Word::Username(name) => {
                found.values().filter(|user| *user.username == **name || *user.email == **name).collect()
            }
        };
        match (matching.as_slice(), word) {
            ([user], _) => {
                if users.iter().all(|other| other.uuid != user.uuid) {
                    users.push((*user).clone());
                }
            }
            ([], Word::Uuid(_)) => problems.push(format!(
                "{}: nobody has this UUID here, or it was merged into another user",
                quoted(text)
            )),
            ([], Word::Email(_)) => {
                problems.push(format!("{}: nobody has this e-mail", quoted(text)));
            }
            ([], Word::Username(_)) => {
                let meant = in_other_case(&found, text);
                let meant = if meant.is_empty() { meant } else { format!("; did you mean {meant}?") };
                problems.push(format!(
                    "{}: nobody has this username (case counts) or e-mail{meant}",
                    quoted(text)
                ));
            }
            (several, _) => problems.push(ambiguous(text, several)),
        }
    }
    if problems.is_empty() { Ok(users) } else { Err(Stop::usage(clean_all(&problems))) }
}

/// Whoever has this e-mail, by letter; else whoever has it in another case, or in another form of Unicode.
fn with_email<'a>(found: &'a BTreeMap<UserUuid, User>, email: &str) -> Vec<&'a User> {
    let exactly: Vec<&User> = found.values().filter(|user| *user.email == *email).collect();
    if !exactly.is_empty() {
        return exactly;
    }
    let wanted = caseless(email);
    found.values().filter(|user| caseless(bare(&user.email)) == wanted).collect()
}

/// The usernames that differ from this in case only, or in the form of Unicode. None is taken for it: two
/// accounts may differ in no more.
fn in_other_case(found: &BTreeMap<UserUuid, User>, name: &str) -> String {
    let wanted = caseless(name);
    let alike = found.values().filter(|user| caseless(bare(&user.username)) == wanted);
    alike.map(|user| named(&user.username)).collect::<Vec<_>>().join(" or ")
}

/// Exactly one user.
pub async fn user(desk: &Desk, given: &str) -> Result<User, Stop> {
    let users = users(desk, &[given.to_owned()]).await?;
    match <[User; 1]>::try_from(users) {
        Ok([user]) => Ok(user),
        Err(_) => Err(Stop::usage("name one user only")),
    }
}

fn clean_all(problems: &[String]) -> String {
    match problems {
        [one] => one.clone(),
        several => format!("{}\nnothing was done", several.join("\n")),
    }
}

fn ambiguous(text: &str, several: &[&User]) -> String {
    let lines: Vec<String> = several
        .iter()
        .map(|user| {
            format!(
                "  {}  {}  {}  {}  {}",
                user.uuid,
                if user.username.is_empty() { "-".to_owned() } else { named(&user.username) },
                user.status.word(),
                named(&user.email),
                user.display_name()
            )
        })
        .collect();
    format!("{}: {} users have it; name one by its UUID:\n{}", quoted(text), several.len(), lines.join("\n"))
}

async fn look_up(desk: &Desk, words: &[(String, Word)]) -> Result<BTreeMap<UserUuid, User>, Stop> {
    let (mut uuids, mut emails, mut names) = (Vec::new(), Vec::new(), Vec::new());
    for (_, word) in words {
        match word {
            Word::Uuid(uuid) => uuids.push(*uuid),
            Word::Email(email) => emails.push(email.clone()),
            Word::Username(name) => {
                names.push(name.clone());
                emails.push(name.clone());
            }
        }
    }
    let client = &desk.cluster.client;
    let federation = desk.cluster.federation();
    let (by_uuid, by_email, by_name) = futures::try_join!(
        client.users_by_uuid(&uuids, federation),
        client.users_by_emails(&emails, federation),
        client.users_by_usernames(&names, federation),
    )
    .map_err(|error| desk.failed("the users can't be looked up", error))?;
    let mut found: BTreeMap<UserUuid, User> =
        by_uuid.into_iter().chain(by_email).chain(by_name).map(|user| (user.uuid, user)).collect();
    // Only what is not there by letter: each is a search of its own, which costs the server little.
    let missing = words.iter().filter_map(|(_, word)| match word {
        Word::Email(email) if with_email(&found, email).is_empty() => Some(email.clone()),
        Word::Email(_) | Word::Uuid(_) | Word::Username(_) => None,
    });
    let searches = missing.collect::<BTreeSet<String>>().into_iter().flat_map(|email| {
        // The server folds case, but does not know that a letter can be written in two ways.
        BTreeSet::from([email.nfc().collect::<String>(), email.nfd().collect()])
    });
    let search = |part: String| async move { client.users_with_in_email(&part, federation).await };
    let others: Vec<Vec<User>> = stream::iter(searches)
        .map(search)
        .buffered(SIDE_BY_SIDE)
        .try_collect()
        .await
        .map_err(|error| desk.failed("the users can't be looked up", error))?;
    found.extend(others.into_iter().flatten().map(|user| (user.uuid, user)));
    // For the sake of the advice only, so that one search that fails is no reason to say nothing.
    let unknown = words.iter().filter_map(|(_, word)| match word {
        Word::Username(name) => Some(name)
            .filter(|name| found.values().all(|user| *user.username != **name && *user.email != **name)),
        Word::Email(_) | Word::Uuid(_) => None,
    });
    let unknown: BTreeSet<String> = unknown.take(SUGGESTED).cloned().collect();
    let search = |part: String| async move { client.users_with_in_username(&part, federation).await };
    let alike: Vec<Result<Vec<User>, _>> =
        stream::iter(unknown).map(search).buffered(SIDE_BY_SIDE).collect().await;
    found.extend(alike.into_iter().flatten().flatten().map(|user| (user.uuid, user)));
    Ok(found)
}

/// For how many unknown usernames others are suggested.
const SUGGESTED: usize = 20;

/// How many searches are made at once.
const SIDE_BY_SIDE: usize = 4;

/// The VM that is meant: host names have no case.
pub async fn vm(desk: &Desk, text: &str) -> Result<Vm, Stop> {
    let text = bare(text);
    let all = desk
        .cluster
        .client
        .virtual_machines()
        .await
        .map_err(|error| desk.failed("the VMs can't be listed", error))?;
    if let Err(error @ IdError::WrongKind { .. }) = text.parse::<VmUuid>() {
        return Err(Stop::usage(format!("{}: {error}", quoted(text))));
    }
    let mut matching: Vec<&Vm> =
        all.iter().filter(|vm| vm.uuid.as_str() == text || *vm.hostname == *text).collect();
    if matching.is_empty() {
        matching = all.iter().filter(|vm| caseless(bare(&vm.hostname)) == caseless(text)).collect();
    }
    match matching.as_slice() {
        [vm] => Ok((*vm).clone()),
        [] => {
            let known: Vec<String> = all.iter().map(|vm| named(&vm.hostname.shown())).take(10).collect();
            let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
            Err(Stop::usage(format!("{}: there is no such VM; there are: {known}", quoted(text))))
        }
        several => {
            let uuids: Vec<String> = several.iter().map(|vm| vm.uuid.to_string()).collect();
            Err(Stop::usage(format!(
                "{}: {} VMs have this host name; name one by its UUID: {}",
                quoted(text),
                several.len(),
                uuids.join(", ")
            )))
        }
    }
}

/// A UUID of a certain kind, from an argument. What is given is not repeated: it may be a secret.
pub fn uuid<T: FromStr<Err = IdError>>(text: &str, what: &str) -> Result<T, Stop> {
    text.parse().map_err(|error: IdError| match error {
        IdError::WrongKind { .. } if text.parse::<AnyUuid>().is_ok() => {
            Stop::usage(format!("{text}: {error}"))
        }
        IdError::WrongKind { .. } | IdError::NotAUuid if text.contains('/') || text.len() > 30 => Stop::Said(
            Exit::Usage,
            format!(
                "{what} is named by its UUID. If this was a secret, it is in the shell's history now: use \
                 `arv-admin tokens identify` or `arv-admin tokens revoke -`, which read it from standard input"
            ),
        ),
        IdError::WrongKind { .. } | IdError::NotAUuid => {
            Stop::usage(format!("{what} is named by its UUID"))
        }
    })
}
