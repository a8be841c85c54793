//! Secrets: pasted ones are never shown, new ones once.

use super::{Desk, begun, failure};
use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::effect::{Clip, Effect, TaskId};
use crate::app::message::Message;
use crate::app::overlay::Overlay;
use crate::app::overlay::find_token::FindTokenDialog;
use crate::app::overlay::line::Tone;
use crate::app::overlay::new_token::{NewTokenDialog, Veil};
use crate::app::testing::{people, session, user, uuid};
use crate::model::ids::TokenUuid;
use crate::model::token::{Ends, Origin, Scopes, Token};
use crate::ops::Mode;
use crate::ops::find_token::{Found, Given, GivenError, Life, Revocable, SecretIs};
use crate::ops::intent::{self, Chosen, Intent};
use crate::ops::plan::Names;
use crate::ops::read::{Outcome, Read};
use crate::ops::report::{ApplyReport, Ended, Issued, Item, ItemResult, Product};
use crate::ops::step::{self, Step, Target};
use crate::secret::Secret;
use std::time::Duration;

const CANARY: &str = "5unjw2mrucvg7oacanary5unjw2mrucvg7oacanary5unjw2mru";

fn token_uuid() -> TokenUuid {
    "zzzzz-gj3su-077z32aux8dg2s1".parse().expect("a token")
}

fn token() -> Token {
    Token {
        uuid: token_uuid(),
        owner: uuid(1),
        scopes: Scopes::All.into(),
        created_at: None,
        expiry: Ends::Never,
        origin: Origin::Unknown,
    }
}

fn found() -> Found {
    Found {
        uuid: Some(token_uuid()),
        token: Some(token()),
        owner: Some(user(1, "Batch Runner")),
        life: Life::Alive,
        secret: Some(SecretIs::Taken),
        how: "Found by asking the server with the token itself.".to_owned(),
        revocable: Revocable::Yes,
    }
}

fn finder(desk: &Desk) -> &FindTokenDialog {
    match desk.top() {
        Some(Overlay::FindToken(dialog)) => dialog,
        other => panic!("another overlay: {other:?}"),
    }
}

/// A token was pasted and found.
fn found_by(text: &str) -> Desk {
    let mut desk = Desk::new(people(2));
    desk.act(Action::FindToken);
    desk.paste(text);
    desk.act(Action::Submit);
    desk.answer(|read| matches!(read, Read::FindToken(_)), Ok(Outcome::Found(Box::new(found()))));
    desk
}

#[test]
fn a_pasted_token_is_looked_up_only_on_enter_and_shown_nowhere() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::FindToken);
    assert_eq!(desk.paste(&format!("{CANARY}\n")), []);
    assert_eq!(finder(&desk).field().chars(), CANARY.len());
    assert!(!format!("{:?}", desk.state).contains("canary"));
    desk.act(Action::Submit);
    assert_eq!(desk.reads[0].1, Read::FindToken(Given::Bare(Secret::new(CANARY.to_owned()))));
    assert!(finder(&desk).field().is_empty());
    assert!(!format!("{:?}", desk.state).contains("canary"));
}

#[test]
fn what_is_no_token_is_not_sent() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::FindToken);
    for (text, error) in [
        ("", GivenError::Empty),
        ("zzzzz-tpzed-000000000000001", GivenError::OtherUuid),
        ("v2/zzzzz-gj3su-077z32aux8dg2s1", GivenError::BrokenV2),
        ("hello", GivenError::NoToken),
    ] {
        desk.paste(text);
        desk.act(Action::Submit);
        assert_eq!(finder(&desk).error(), Some(error), "{text}");
        assert!(desk.reads.is_empty());
        desk.clear();
        assert_eq!(finder(&desk).error(), None, "typing on takes the error away");
    }
}

#[test]
fn a_found_token_is_revoked_by_its_own_uuid_and_with_itself() {
    let mut desk = found_by(CANARY);
    assert_eq!(finder(&desk).context(), Context::FoundToken);
    desk.act(Action::RevokeTokens);
    let secret = Some(Secret::new(CANARY.to_owned()));
    let intent = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![token_uuid()],
        chosen: Chosen::ByUuid,
        secret,
    });
    assert_eq!(desk.surveyed(), Some(&intent));
    assert!(!desk.state.overlays.iter().any(|o| matches!(o, Overlay::FindToken(_))), "it is closed");
}

#[test]
fn a_refused_secret_is_a_warning_and_its_token_is_revoked_by_uuid_alone() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::FindToken);
    desk.paste(&format!("v2/{}/{CANARY}", token_uuid()));
    desk.act(Action::Submit);
    let refused = Found { life: Life::PerhapsAlive, secret: Some(SecretIs::Refused), ..found() };
    desk.answer(|read| matches!(read, Read::FindToken(_)), Ok(Outcome::Found(Box::new(refused))));
    let told = finder(&desk).lines(&desk.state.world, desk.ctx.now);
    assert_eq!(told[0].tone, Tone::Warning);
    assert_eq!(told[0].text(), "This secret is refused; the token of that UUID is perhaps alive.");
    desk.act(Action::RevokeTokens);
    let intent = Intent::RevokeTokens(intent::RevokeTokens {
        tokens: vec![token_uuid()],
        chosen: Chosen::ByUuid,
        secret: None,
    });
    assert_eq!(desk.surveyed(), Some(&intent));
}

#[test]
fn the_owner_of_a_found_token_can_be_gone_to_and_its_uuid_copied() {
    let mut desk = found_by("zzzzz-gj3su-077z32aux8dg2s1");
    assert_eq!(
        desk.act(Action::CopyUuid),
        [Effect::Copy(Clip::Text("the UUID", token_uuid().to_string()), Action::CopyUuid)]
    );
    desk.act(Action::GoToOwner);
    assert!(desk.top().is_none());
    assert_eq!(desk.state.world.current_user().map(|user| user.uuid), Some(uuid(1)));
}

#[test]
fn in_read_only_mode_a_token_is_found_and_not_revoked() {
    let mut desk = Desk::of(session(), Mode::ReadOnly, people(2));
    desk.act(Action::FindToken);
    desk.paste(CANARY);
    desk.act(Action::Submit);
    desk.answer(|read| matches!(read, Read::FindToken(_)), Ok(Outcome::Found(Box::new(found()))));
    desk.act(Action::RevokeTokens);
    assert!(desk.surveyed().is_none());
    assert_eq!(desk.says(), "read-only mode: nothing is changed");
}

#[test]
fn a_search_that_failed_is_tried_again_with_what_was_pasted() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::FindToken);
    desk.paste(CANARY);
    desk.act(Action::Submit);
    desk.answer(|read| matches!(read, Read::FindToken(_)), Err(failure("the server is busy")));
    desk.act(Action::Refresh);
    assert_eq!(desk.reads[0].1, Read::FindToken(Given::Bare(Secret::new(CANARY.to_owned()))));
}

/// A token was just issued, for 30 days, and the server made what it liked.
fn issued(token: Token) -> Desk {
    let mut desk = Desk::new(people(2));
    desk.act(Action::IssueToken);
    desk.act(Action::Submit);
    let Some(Intent::IssueToken(intent::IssueToken { owner, expiry, scopes })) = desk.surveyed().cloned()
    else {
        panic!("nothing was submitted")
    };
    let intent = Intent::IssueToken(intent::IssueToken { owner, expiry, scopes: scopes.clone() });
    let plan = desk.plan(vec![Step::IssueToken(step::IssueTokenStep { owner, expiry, scopes })]);
    desk.survey(plan);
    desk.looks();
    let task: TaskId = begun(&desk.act(Action::Yes)).expect("it is confirmed");
    let mut names = Names::default();
    names.add_users(&people(2));
    let report = ApplyReport {
        intent,
        batch: "b1".to_owned(),
        items: vec![Item { target: Target::User(owner), result: ItemResult::Done }],
        notes: Vec::new(),
        ended: Ended::Completed,
        names,
        brought: Some(Product::Token(Issued {
            owner,
            token,
            v2: Secret::new(format!("v2/{}/{CANARY}", token_uuid())),
        })),
    };
    desk.send(Message::Applied { task, report: Box::new(report) });
    desk
}

fn shown(desk: &Desk) -> &NewTokenDialog {
    match desk.top() {
        Some(Overlay::NewToken(dialog)) => dialog,
        other => panic!("another overlay: {other:?}"),
    }
}

#[test]
fn a_new_token_is_masked_until_asked_for_and_hidden_after_a_minute() {
    let mut desk = issued(token());
    assert_eq!(desk.title(), "Token for Person 00001: shown only now");
    assert_eq!(desk.state.overlays.len(), 1, "form and question are gone");
    assert!(shown(&desk).secret().is_none());
    let effects = desk.act(Action::Reveal);
    let [Effect::WakeAfter { task, delay }] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(*delay, Duration::from_secs(60));
    assert!(shown(&desk).secret().is_some());
    desk.send(Message::Woken(*task));
    assert_eq!(shown(&desk).veil(), Veil::Masked);
}

#[test]
fn it_is_copied_only_on_request_and_gone_when_closed() {
    let mut desk = issued(token());
    let v2 = Secret::new(format!("v2/{}/{CANARY}", token_uuid()));
    assert_eq!(desk.act(Action::CopySecret), [Effect::Copy(Clip::Secret(v2), Action::CopySecret)]);
    assert!(!format!("{:?}", desk.state).contains("canary"));
    desk.act(Action::Back);
    assert!(matches!(desk.top(), Some(Overlay::NewToken(_))), "that key was pressed before it was seen");
    desk.looks();
    desk.act(Action::Back);
    assert!(desk.top().is_none());
}

#[test]
fn where_the_server_made_another_token_than_asked_it_is_said() {
    let desk = issued(token());
    let facts = super::text(&shown(&desk).facts(desk.ctx.now));
    assert!(facts.contains("expires never"), "{facts}");
    assert!(facts.contains("The server changed the end: asked was on 2026-12-24 10:42 UTC."), "{facts}");
}
