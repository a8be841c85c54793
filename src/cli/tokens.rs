//! `arv-admin tokens …`. A secret is never taken from the command line: it would be in the list of
//! processes and in the shell's history. One that is issued is printed here and nowhere else.

use super::args::{Format, Global, Tokens, Writing};
use super::change::{Changed, Printed};
use super::connect::Desk;
use super::exit::{Exit, Stop};
use super::output::say;
use super::records::{MadeBy, TokenRecord, UserRecord, ending};
use super::unreadable::{self, Odd};
use super::{change, input, prompt, reads, resolve, stdout};
use crate::model::field::{Date, Field};
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::text::{bare, clean, named};
use crate::model::token::{Ends, Expiry, Origin, Scopes, Token, TokenList, TokenSource, doubts};
use crate::model::when::{date, date_time_utc, parse_expiry};
use crate::ops::find_token::{Found, Given, Life, Revocable, SecretIs};
use crate::ops::intent::{self, Chosen, Intent};
use crate::ops::report::{Issued, Product};
use crate::secret::Secret;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::{self, IsTerminal};

/// Longer than any text that somebody copied a token with.
const LONGEST: usize = 64 << 10;

/// Whether what it prints can be printed. A new token's secret is told once: found out afterwards, it
/// would be lost.
pub fn possible(command: &Tokens, global: &Global) -> Result<(), Stop> {
    match command {
        Tokens::Issue { writing, .. } if !writing.dry_run => {
            if global.format == Some(Format::Csv) {
                return Err(Stop::usage(
                    "a token is no list, so it can't be printed as csv: use table or json",
                ));
            }
            stdout::can_keep_a_secret()
        }
        Tokens::Issue { .. }
        | Tokens::List { .. }
        | Tokens::Identify { .. }
        | Tokens::Expire { .. }
        | Tokens::Revoke { .. } => Ok(()),
    }
}

/// Runs one of them.
pub async fn run(desk: &mut Desk, command: Tokens) -> Result<Exit, Stop> {
    match command {
        Tokens::List { user, exact, writing } => list(desk, &user, exact, writing).await,
        Tokens::Identify { uuid } => identify(desk, uuid.as_deref()).await,
        Tokens::Issue { user, expires, scopes, writing } => {
            issue(desk, &user, &expires, &scopes, writing).await
        }
        Tokens::Expire { tokens, at, writing } => {
            desk.say_clocks_apart();
            let expiry = expiry(&at, desk.cluster.now())?;
            let tokens = resolve::uuids(&tokens, "a token")?;
            change::make(desk, Intent::ChangeExpiry(intent::ChangeExpiry { tokens, expiry }), writing).await
        }
        Tokens::Revoke { tokens, all_of, writing } if all_of.is_empty() => {
            let intent = revocation(desk, &tokens).await?;
            change::make(desk, intent, writing).await
        }
        Tokens::Revoke { all_of, writing, .. } => {
            let users = resolve::users(desk, &all_of).await?.iter().map(|user| user.uuid).collect();
            change::make(desk, Intent::RevokeAllOf(intent::RevokeAllOf { users }), writing).await
        }
    }
}

fn expiry(text: &str, now: Timestamp) -> Result<Expiry, Stop> {
    parse_expiry(text, now).map_err(|error| Stop::usage(format!("{}: {error}", resolve::quoted(text))))
}

async fn list(desk: &mut Desk, user: &str, exact: bool, writing: Writing) -> Result<Exit, Stop> {
    let owner = resolve::user(desk, user).await?.uuid;
    let list = reads::tokens(desk, owner).await?;
    if !exact || list.source == TokenSource::Server {
        return print(desk, &list);
    }
    match change::make_and_keep(
        desk,
        Intent::ListExactly(intent::ListExactly { owner }),
        writing,
        Printed::Nothing,
    )
    .await?
    {
        Changed::Over(exit) => Ok(exit),
        Changed::Applied(exit, report) => match &report.brought {
            Some(Product::List(list)) => {
                let printed = print(desk, list);
                // What was left out of the list that was wanted is not shown, though the listing is done.
                let exit = if exit == Exit::Done && list.unread > 0 { Exit::Partly } else { exit };
                Ok(exit.though(printed.map(drop)))
            }
            Some(Product::Token(_)) | None => Ok(exit),
        },
    }
}

fn print(desk: &mut Desk, list: &TokenList) -> Result<Exit, Stop> {
    let now = desk.cluster.now();
    let records: Vec<TokenRecord> =
        list.rows.iter().map(|token| TokenRecord::new(token, list.source, now)).collect();
    desk.output.all(&records)?;
    if let Some(remark) = &list.remark {
        say(&clean(remark));
    }
    if let TokenSource::AuditLog { since } = list.source {
        let since = since.map(|at| format!(" since {}", date(at))).unwrap_or_default();
        let doubtful = doubts(list);
        let alive = list.perhaps_alive();
        say(&format!("{alive}: from the audit log{since}{doubtful}; --exact asks the server"));
    }
    Ok(Exit::Done)
}

async fn issue(
    desk: &mut Desk,
    user: &str,
    expires: &str,
    scopes: &[String],
    writing: Writing,
) -> Result<Exit, Stop> {
    let scopes = match scopes {
        [] => Scopes::All,
        given => {
            let text = given.join(",");
            text.parse().map_err(|error| Stop::usage(format!("{}: {error}", resolve::quoted(&text))))?
        }
    };
    desk.say_clocks_apart();
    let expiry = expiry(expires, desk.cluster.now())?;
    let owner = resolve::user(desk, user).await?.uuid;
    let intent = Intent::IssueToken(intent::IssueToken { owner, expiry, scopes });
    match change::make_and_keep(desk, intent, writing, Printed::Nothing).await? {
        Changed::Over(exit) => Ok(exit),
        Changed::Applied(exit, report) => {
            let Some(Product::Token(issued)) = &report.brought else { return Ok(exit) };
            let uuid = issued.token.uuid;
            let record = IssuedRecord::of(issued);
            if desk.output.one(&record, || issued.v2.expose().to_owned()).is_err() {
                say(&format!("the token {uuid} was issued, but could not be printed: revoke it"));
                return Ok(Exit::Failed);
            }
            say(&format!("{uuid} {}", ending(&issued.token.expiry, desk.cluster.now())));
            Ok(exit)
        }
    }
}

/// A new token, with its secret: printed once, as the server told it.
#[derive(Serialize)]
struct IssuedRecord<'a> {
    uuid: TokenUuid,
    owner_uuid: UserUuid,
    #[serde(serialize_with = "unreadable::or_null")]
    scopes: Field<Vec<String>>,
    #[serde(serialize_with = "unreadable::or_null")]
    created_at: Option<Date>,
    #[serde(serialize_with = "unreadable::or_words")]
    expires_at: Option<Date>,
    /// The secret alone.
    api_token: &'a str,
    /// What `ARVADOS_API_TOKEN` must be: `v2/UUID/SECRET`.
    token: &'a str,
    /// What stands in those of them that can't be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unreadable: Odd,
}

impl<'a> IssuedRecord<'a> {
    fn of(issued: &'a Issued) -> Self {
        let v2 = issued.v2.expose();
        let (scopes, created_at) = (clean_scopes(&issued.token), issued.token.created_at.clone());
        let expires_at = issued.token.expiry.date().cloned();
        Self {
            unreadable: unreadable::among([
                ("scopes", &scopes),
                ("created_at", &created_at),
                ("expires_at", &expires_at),
            ]),
            uuid: issued.token.uuid,
            owner_uuid: issued.owner,
            scopes,
            created_at,
            expires_at,
            api_token: v2.rsplit('/').next().unwrap_or(v2),
            token: v2,
        }
    }
}

/// What to revoke: UUIDs, or one token whose secret is on standard input, which can revoke itself.
async fn revocation(desk: &Desk, given: &[String]) -> Result<Intent, Stop> {
    if given != ["-"] {
        let tokens = resolve::uuids(given, "a token")?;
        return Ok(Intent::RevokeTokens(intent::RevokeTokens {
            tokens,
            chosen: Chosen::ByUuid,
            secret: None,
        }));
    }
    let text = input::all()?;
    let listed = listed_uuids(&text)?;
    if let Listed::Tokens(tokens) = listed {
        return Ok(Intent::RevokeTokens(intent::RevokeTokens {
            tokens,
            chosen: Chosen::ByUuid,
            secret: None,
        }));
    }
    let (token, secret) = match given_token(&text)? {
        Given::V2(uuid, secret) => (uuid, secret),
        Given::Uuid(uuid) => {
            // A line by itself, and no token was found in the others: they are a list that was cut.
            if let Listed::OneAmong(wrong) = listed {
                return Err(resolve::no_uuids("a token", &wrong));
            }
            return Ok(Intent::RevokeTokens(intent::RevokeTokens {
                tokens: vec![uuid],
                chosen: Chosen::ByUuid,
                secret: None,
            }));
        }
        Given::Bare(secret) => {
            let found = reads::find(desk, Given::Bare(secret.clone())).await?;
            let uuid = found
                .uuid
                .ok_or_else(|| Stop::usage(format!("its UUID can't be found out: {}", found.how)))?;
            (uuid, secret)
        }
    };
    Ok(Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![token],
        chosen: Chosen::ByUuid,
        secret: Some(secret),
    }))
}

/// What a text is, taken as a list of UUIDs of tokens.
enum Listed {
    /// That is all there is.
    Tokens(Vec<TokenUuid>),
    /// One line is a UUID. These lines are none, and may hold a token: in JSON or a log its UUID stands there once.
    OneAmong(Vec<usize>),
    /// No line is one.
    No,
}

/// Reads UUIDs, one a line; quotes and commas of lists do not count. Of a list, what is no UUID is an error: it may
/// have been one before it was cut.
fn listed_uuids(text: &str) -> Result<Listed, Stop> {
    let mut uuids = Vec::new();
    let mut wrong = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        let line = bare(line).trim_matches(['"', '\'', ',', ' ', '[', ']']);
        match line.parse() {
            Ok(uuid) => uuids.push(uuid),
            Err(_) if line.is_empty() => {}
            Err(_) => wrong.push(number),
        }
    }
    match (uuids.len(), wrong.is_empty()) {
        (0, _) => Ok(Listed::No),
        (_, true) => Ok(Listed::Tokens(uuids)),
        (1, false) => Ok(Listed::OneAmong(wrong)),
        (_, false) => Err(resolve::no_uuids("a token", &wrong)),
    }
}

fn given_token(text: &str) -> Result<Given, Stop> {
    if text.len() > LONGEST {
        return Err(Stop::usage(format!(
            "this is longer than {} kB, and not only UUIDs of tokens, one a line: nothing was done",
            LONGEST >> 10
        )));
    }
    Given::parse(&Secret::new(text.to_owned())).map_err(|error| Stop::usage(error.to_string()))
}

/// What is known of a token.
#[derive(Serialize)]
struct FoundRecord {
    uuid: Option<TokenUuid>,
    /// `alive`, `perhaps_alive`, `dead`, `unknown` or `elsewhere`.
    state: &'static str,
    /// Whose token it is, if it was not sent anywhere because of that.
    cluster_id: Option<String>,
    owner: Option<UserRecord>,
    #[serde(serialize_with = "unreadable::or_null")]
    scopes: Option<Field<Vec<String>>>,
    #[serde(serialize_with = "unreadable::or_null")]
    created_at: Option<Date>,
    #[serde(serialize_with = "unreadable::or_words")]
    expires_at: Option<Date>,
    /// As in a list of tokens.
    #[serde(flatten)]
    made: MadeBy,
    /// Whether the server took the secret; null if none was given, or if it was not sent.
    secret_accepted: Option<bool>,
    how: String,
    revocable: bool,
    not_revocable_because: Option<String>,
    /// What stands in those of them that can't be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unreadable: Odd,
}

async fn identify(desk: &mut Desk, uuid: Option<&str>) -> Result<Exit, Stop> {
    let given = match uuid {
        Some(text) => Given::Uuid(resolve::uuid(text, "a token")?),
        None if io::stdin().is_terminal() => {
            let pasted = prompt::secret("Token (v2 string, bare secret or UUID; not shown): ");
            given_token(&pasted.map_err(|e| Stop::usage(format!("the token can't be asked for: {e}")))?)?
        }
        None => given_token(&input::all()?)?,
    };
    let found = reads::find(desk, given).await?;
    let record = record(&found);
    let now = desk.cluster.now();
    desk.output.one(&record, || text(&found, now))?;
    Ok(if found.life == Life::Unknown { Exit::Failed } else { Exit::Done })
}

/// What a token allows, harmless to look at.
fn clean_scopes(token: &Token) -> Field<Vec<String>> {
    match token.scopes_to_wire() {
        Field::Is(scopes) => Field::Is(scopes.iter().map(|scope| clean(scope)).collect()),
        odd @ Field::Unreadable(_) => odd,
    }
}

fn record(found: &Found) -> FoundRecord {
    let token = found.token.as_ref();
    let scopes = token.map(clean_scopes);
    let created_at = token.and_then(|token| token.created_at.clone());
    let expires_at = token.and_then(|token| token.expiry.date().cloned());
    FoundRecord {
        unreadable: unreadable::among([
            ("scopes", &scopes),
            ("created_at", &created_at),
            ("expires_at", &expires_at),
        ]),
        uuid: found.uuid,
        state: match found.life {
            Life::Alive => "alive",
            Life::PerhapsAlive => "perhaps_alive",
            Life::PerhapsDead => "perhaps_dead",
            Life::Dead => "dead",
            Life::Unknown => "unknown",
            Life::Elsewhere(_) => "elsewhere",
        },
        cluster_id: match found.life {
            Life::Elsewhere(cluster) => Some(cluster.to_string()),
            Life::Alive | Life::PerhapsAlive | Life::PerhapsDead | Life::Dead | Life::Unknown => None,
        },
        owner: found.owner.as_ref().map(UserRecord::from),
        scopes,
        created_at,
        expires_at,
        made: token.map_or_else(MadeBy::default, |token| MadeBy::of(token.origin)),
        secret_accepted: found.secret.map(|secret| secret == SecretIs::Taken),
        how: clean(&found.how),
        revocable: found.revocable == Revocable::Yes,
        not_revocable_because: match &found.revocable {
            Revocable::Yes => None,
            Revocable::No(reason) => Some(clean(reason)),
        },
    }
}

/// When it ends; of one that is dead before, when it would have.
fn expiry_of(found: &Found, expiry: &Ends, now: Timestamp) -> String {
    match expiry {
        Ends::On(at) if found.life.is_over() && !expiry.is_past(now) => {
            format!("would have ended {}", at.shown(date))
        }
        Ends::Never if found.life.is_over() => "had no end".to_owned(),
        Ends::On(_) | Ends::Never => ending(expiry, now),
    }
}

/// Who made it, as far as that says what it is for.
fn made_by(origin: Origin) -> Option<String> {
    match origin {
        Origin::Login => Some("a login in a browser".to_owned()),
        Origin::Container(container) => {
            Some(format!("the server, for the container {container} at work: revoking it breaks that"))
        }
        Origin::Server => {
            Some("the server: for login-sync, a container, or with the system token".to_owned())
        }
        Origin::IssuedBy(user) => Some(user.to_string()),
        Origin::Unknown => None,
    }
}

fn text(found: &Found, now: Timestamp) -> String {
    let state = match found.life {
        Life::Alive => "alive".to_owned(),
        Life::PerhapsAlive => "perhaps alive".to_owned(),
        Life::PerhapsDead => "dead by the audit log, which is no proof".to_owned(),
        Life::Dead => "dead".to_owned(),
        Life::Unknown => "not known here".to_owned(),
        Life::Elsewhere(cluster) => format!("of cluster {cluster}, and was not sent anywhere"),
    };
    let uuid = found.uuid.map_or_else(|| "-".to_owned(), |uuid| uuid.to_string());
    let mut lines = vec![format!("token       {uuid}"), format!("state       {state}")];
    if found.secret == Some(SecretIs::Refused) {
        lines.push("secret      refused".to_owned());
    }
    let verb = if found.life == Life::Dead { "belonged to" } else { "belongs to" };
    lines.extend(found.owner.as_ref().map(|user| {
        format!(
            "{verb:<11} {} ({}, {}) {}",
            user.display_name(),
            named(&user.email),
            user.status.word(),
            user.uuid
        )
    }));
    if let Some(token) = &found.token {
        let verb = if found.life.is_over() { "could do" } else { "may do" };
        lines.push(format!("{verb:<11} {}", token.scopes));
        lines.push(format!("expiry      {}", expiry_of(found, &token.expiry, now)));
        lines.extend(made_by(token.origin).map(|origin| format!("made by     {origin}")));
        lines.extend(token.created_at.as_ref().map(|at| format!("created     {}", at.shown(date_time_utc))));
    }
    lines.push(format!("found out   {}", found.how));
    lines.push(match &found.revocable {
        Revocable::Yes if found.life.is_over() => {
            "revocable   yes: that looks whether the server still has it".to_owned()
        }
        Revocable::Yes => "revocable   yes".to_owned(),
        Revocable::No(reason) => format!("revocable   no: {reason}"),
    });
    lines.join("\n")
}
