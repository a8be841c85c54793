//! Issuing a token: its secret comes once, with the answer.

use crate::arvados::error::Error;
use crate::arvados::request::Request;
use crate::model::field::{Date, Field};
use crate::model::ids::UserUuid;
use crate::model::token::{Expiry, Scopes};
use crate::model::user::UserRole;
use crate::model::when::relative;
use crate::ops::change::tokens::reached::clamped;
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Act, Bench, Change, Is, Named, StepDone, Touches, Turn, What};
use crate::ops::failure::Failure;
use crate::ops::journal::{Before, ChangeKind, TokenEvent};
use crate::ops::plan::{Findings, Issued, ItemResult, Losses, Names, Note, Product, Risk, Target, Unclear};
use crate::ops::tokens;
use crate::ops::tokens::out_of_reach;
use crate::ops::words::ends;
use jiff::{SignedDuration, Timestamp};

/// What ends sooner is told by the second before it is made.
const SOON: SignedDuration = SignedDuration::from_mins(10);

/// Make a token for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueToken {
    /// Whose it will be.
    pub owner: UserUuid,
    /// When it ends.
    pub expiry: Expiry,
    /// What it allows.
    pub scopes: Scopes,
}

/// `POST /api_client_authorizations`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssueTokenStep {
    /// Whose.
    pub owner: UserUuid,
    /// When it ends.
    pub expiry: Expiry,
    /// What it allows.
    pub scopes: Scopes,
}

impl Change for IssueToken {
    type Step = IssueTokenStep;

    fn is(&self) -> Is {
        Is::of(Touches::Belongings, "Issue a token for", "issued").at_once()
    }

    fn named(&mut self) -> Named<'_> {
        Named::Only(vec![self.owner])
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let (owner, expiry, scopes) = (self.owner, self.expiry, &self.scopes);
        let mut found = Findings::default();
        let target = Target::User(owner);
        let users = cluster.users(&[owner]).await?;
        found.names.add_users(&users);
        let here = cluster.session.cluster.id;
        if let Some(reason) = out_of_reach(cluster, owner) {
            found.refuse(target, reason);
        } else if owner.is_built_in() {
            found.refuse(target, "it belongs to the server itself, not to a person");
        } else if owner.cluster() != here {
            let home = owner.cluster();
            found.refuse(target, format!("the user belongs to the cluster {home}: issue the token there"));
        } else if expiry.is_past(cluster.now()) {
            found.refuse(target, "the token would be dead at once: its end is past");
        } else if let Some(user) = users.iter().find(|user| user.uuid == owner) {
            if user.is_surely_inactive() {
                let name = user.display_name();
                found.notes.push(Note::warning(format!(
                    "{name} is not active: a token works all the same, to read what {name} can read"
                )));
            }
            if *scopes == Scopes::All {
                let what = match &user.role {
                    Field::Is(UserRole::Admin) => "everything an admin can do".to_owned(),
                    Field::Is(UserRole::Plain) => "everything its owner can do".to_owned(),
                    Field::Unreadable(flag) => {
                        format!("everything its owner can do, who is perhaps an admin (the flag is {flag})")
                    }
                };
                found.notes.push(Note::warning(format!("It allows {what}: name scopes to allow less")));
            } else if *scopes == Scopes::Only(Vec::new()) {
                found.notes.push(Note::warning("It has no scopes: it allows nothing"));
            }
            if expiry == Expiry::Never {
                found.notes.push(Note::warning("It never ends by itself."));
            }
            // The step names the minute only.
            if let Expiry::At(end) = expiry
                && end.duration_since(cluster.now()) < SOON
            {
                found.notes.push(Note::info(format!("It ends {}.", relative(end, cluster.now()))));
            }
            found.plan(IssueTokenStep { owner, expiry, scopes: scopes.clone() }, Losses::default());
        } else {
            found.refuse(target, "there is no such user here");
        }
        Ok(found)
    }
}

impl Act for IssueTokenStep {
    fn is(&self) -> What {
        What { target: Target::User(self.owner), risk: Risk::Reversible, kind: ChangeKind::Elsewhere }
    }

    fn says(&self, _names: &Names) -> String {
        format!("a new token, ends {}, scopes: {}", ends(self.expiry), self.scopes)
    }

    fn requests(&self) -> Vec<Request> {
        let (expiry, scopes) = (self.expiry.into(), &self.scopes);
        vec![Request::issue_token(self.owner, expiry, scopes).meant("issue the token")]
    }

    async fn apply(&self, &Turn { bench, place, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let Self { owner, expiry, ref scopes } = *self;
        bench.write_down(doing, &Before::default())?;
        let begun = bench.cluster.now();
        let issued = match bench.writer().issue_token(owner, expiry, scopes).await {
            Ok(issued) => issued,
            Err(error) if error.leaves_write_unknown() => {
                return Ok(StepDone::of(doing, perhaps_issued(bench, owner, begun, &error).await));
            }
            Err(error) => return Err(error.into()),
        };
        bench.token_event(place, &issued.token, TokenEvent::Issued);
        let mut done = StepDone::of(doing, ItemResult::Done);
        if !issued.token.expiry.is(expiry) {
            done = done.note(clamped(issued.token.uuid, expiry, &issued.token.expiry));
        }
        if !issued.token.scopes.is(scopes) {
            done = done.note(Note::danger(format!(
                "Asked was for the scopes {scopes}, the server gave {} the scopes {}",
                issued.token.uuid, issued.token.scopes
            )));
        }
        done.brought = Some(Product::Token(Issued { owner, token: issued.token, v2: issued.v2 }));
        Ok(done)
    }
}

/// So much may the server's clock be off from what its answers told of it.
const CLOCKS_APART: SignedDuration = SignedDuration::from_mins(1);

/// What the audit log has of a token whose making got no answer: its secret is lost.
async fn perhaps_issued(bench: &Bench<'_>, owner: UserUuid, begun: Timestamp, error: &Error) -> ItemResult {
    let unknown = |seen: String| ItemResult::Unknown(Unclear::of(error, format!("{error}; {seen}")));
    let me = bench.cluster.session.my_uuid();
    let Ok(events) = bench.cluster.client.token_events_of(&[owner]).await else {
        return unknown("perhaps a token was made: look at the list".to_owned());
    };
    let by_me: Vec<_> =
        tokens::stories(&events, me).into_values().filter(|logged| logged.made_by == Some(me)).collect();
    let first_seen = |logged: &tokens::Logged| logged.first_seen.as_ref().and_then(Date::at);
    let made: Vec<String> = by_me
        .iter()
        .filter(|logged| first_seen(logged).is_some_and(|at| at >= begun))
        .map(|logged| logged.token.uuid.to_string())
        .collect();
    let earliest = begun.checked_sub(CLOCKS_APART).unwrap_or(Timestamp::MIN);
    let mut near = by_me.iter().filter(|logged| first_seen(logged).is_none_or(|at| at >= earliest));
    if !made.is_empty() {
        return unknown(format!("made, but its secret did not arrive: revoke {}", made.join(", ")));
    }
    // What the log dates a little before may be it: the server's clock is known by its answers only.
    if near.next().is_some() {
        return unknown("perhaps a token was made: look at the list".to_owned());
    }
    let none = "the audit log has no new token";
    if error.is_final() {
        let failure = Failure::from(error);
        let reason = format!("{}; looked up: not done, {none}", failure.reason);
        return ItemResult::Failed(Failure { reason, ..failure });
    }
    unknown(format!("{none}: look again in a minute"))
}
