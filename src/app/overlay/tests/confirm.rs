//! Nothing is changed without an answer to what was seen.

use super::{Desk, begun, failure, text};
use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::effect::Effect;
use crate::app::overlay::Overlay;
use crate::app::overlay::confirm::ConfirmDialog;
use crate::app::testing::{people, uuid};
use crate::ops::plan::{Losses, TokenCount};
use crate::ops::read::Read;
use crate::ops::step::{self, Step, Target};
use jiff::SignedDuration;

fn dialog(desk: &Desk) -> &ConfirmDialog {
    match desk.top() {
        Some(Overlay::Confirm(dialog)) => dialog,
        other => panic!("another overlay: {other:?}"),
    }
}

fn deactivate(numbers: impl IntoIterator<Item = u32>) -> Vec<Step> {
    numbers.into_iter().map(|n| Step::Deactivate(step::DeactivateStep { user: uuid(n) })).collect()
}

/// A dialog about the user under the cursor, its plan just there.
fn about_one() -> Desk {
    let mut desk = Desk::new(people(3));
    desk.act(Action::Deactivate);
    let plan = desk.plan(deactivate([1]));
    desk.survey(plan);
    desk
}

/// A dialog about five marked users of which two are hidden by the filter, its plan just there.
fn about_hidden() -> Desk {
    let mut desk = Desk::new(people(5));
    desk.act(Action::MarkAll);
    desk.act(Action::Filter);
    desk.types("!00002 !00004");
    desk.act(Action::Submit);
    desk.act(Action::Deactivate);
    let plan = desk.plan(deactivate([1, 2, 3, 4, 5]));
    desk.survey(plan);
    desk
}

#[test]
fn looking_comes_first_and_escape_gives_it_up() {
    let mut desk = Desk::new(people(3));
    desk.act(Action::Deactivate);
    assert_eq!(desk.title(), "Deactivate Person 00001");
    assert!(matches!(desk.reads.as_slice(), [(_, Read::Survey(_))]));
    let task = desk.reads[0].0;
    assert!(begun(&desk.act(Action::Yes)).is_none());
    assert_eq!(desk.act(Action::Back), [Effect::Cancel(task)]);
    assert!(desk.top().is_none());
}

#[test]
fn a_key_pressed_before_the_plan_was_seen_confirms_nothing() {
    let mut desk = about_one();
    assert!(begun(&desk.act(Action::Yes)).is_none(), "it was not drawn");
    desk.wait(SignedDuration::from_secs(5));
    assert!(begun(&desk.act(Action::Yes)).is_none(), "it was not drawn, however long ago");
    desk.ctx.frames += 1;
    let task = begun(&desk.act(Action::Yes));
    assert!(task.is_some(), "it was drawn, and time enough has passed");
    assert!(matches!(desk.top(), Some(Overlay::Progress(_))));

    let mut desk = about_one();
    desk.ctx.frames += 1;
    desk.wait(SignedDuration::from_millis(299));
    assert!(begun(&desk.act(Action::Yes)).is_none(), "nobody reads so fast");
}

#[test]
fn enter_presses_no() {
    let mut desk = about_one();
    desk.looks();
    assert!(begun(&desk.act(Action::Submit)).is_none());
    assert!(desk.top().is_none());
}

#[test]
fn hidden_targets_are_listed_first_and_their_number_must_be_typed() {
    let mut desk = about_hidden();
    let body = text(&dialog(&desk).body());
    let hidden = body.find("2 of them are hidden by the filter:").expect("it is said");
    let seen = body.find("and, to be seen in the list:").expect("it is said");
    for name in ["Person 00002", "Person 00004"] {
        let at = body.find(name).expect("is listed");
        assert!(hidden < at && at < seen, "{name} in {body}");
    }
    assert!(body.find("Person 00001").expect("is listed") > seen);
    assert_eq!(dialog(&desk).context(), Context::TypedQuestion);

    desk.types("5");
    desk.paste("5");
    desk.looks();
    assert!(begun(&desk.act(Action::Submit)).is_none(), "what was typed before it was seen does not count");
    desk.types("4");
    assert!(begun(&desk.act(Action::Submit)).is_none());
    assert!(matches!(dialog(&desk).stage(), crate::app::overlay::confirm::Stage::Asking(q)
        if q.wrong() == Some("that is another number")));
    desk.clear();
    assert!(begun(&desk.act(Action::Yes)).is_none(), "a single key is not enough");
    desk.types("5");
    assert!(begun(&desk.act(Action::Submit)).is_some());
}

#[test]
fn a_paste_never_confirms() {
    let mut desk = about_hidden();
    desk.looks();
    assert!(begun(&desk.paste("5\r\n")).is_none());
    assert!(matches!(desk.top(), Some(Overlay::Confirm(_))));
}

#[test]
fn more_than_ten_take_their_number() {
    let mut desk = Desk::new(people(11));
    desk.act(Action::MarkAll);
    desk.act(Action::Deactivate);
    let plan = desk.plan(deactivate(1..=11));
    desk.survey(plan);
    desk.looks();
    assert_eq!(dialog(&desk).prompt().as_deref(), Some("These are many, so type how many users:"));
    assert!(begun(&desk.act(Action::Yes)).is_none());
    desk.types("11");
    assert!(begun(&desk.act(Action::Submit)).is_some());
}

#[test]
fn an_answer_to_an_old_plan_looks_again_and_says_so() {
    let mut desk = about_one();
    desk.looks();
    desk.wait(SignedDuration::from_secs(61));
    assert!(begun(&desk.act(Action::Yes)).is_none());
    let plan = desk.plan(deactivate([1]));
    desk.survey(plan);
    assert!(text(&dialog(&desk).body()).contains("looked at again"));
    assert!(begun(&desk.act(Action::Yes)).is_none(), "the new plan was not seen yet");
    desk.looks();
    assert!(begun(&desk.act(Action::Yes)).is_some());
}

#[test]
fn a_failed_look_says_why_and_can_be_tried_again() {
    let mut desk = Desk::new(people(3));
    desk.act(Action::Deactivate);
    desk.answer(|read| matches!(read, Read::Survey(_)), Err(failure("the server is busy")));
    let body = text(&dialog(&desk).body());
    for part in ["the server is busy", "req-1pb8sjy39053q2mzxack", "try again later"] {
        assert!(body.contains(part), "{part} in {body}");
    }
    assert!(begun(&desk.act(Action::Yes)).is_none());
    assert!(desk.surveyed().is_none());
    desk.act(Action::Refresh);
    assert!(desk.surveyed().is_some());
}

#[test]
fn where_nothing_can_be_done_it_says_why_and_asks_nothing() {
    let mut desk = Desk::new(people(3));
    desk.act(Action::Deactivate);
    let plan = desk.plan(Vec::new()).refusing(Target::User(uuid(1)), "the last admin must stay one");
    desk.survey(plan);
    desk.looks();
    assert!(text(&dialog(&desk).body()).contains("the last admin must stay one"));
    assert!(begun(&desk.act(Action::Yes)).is_none());
    assert!(desk.top().is_some());
    desk.act(Action::Open);
    assert!(desk.top().is_none());
}

#[test]
fn what_is_lost_is_counted() {
    let mut desk = Desk::new(people(3));
    desk.act(Action::Deactivate);
    let losses = Losses { keys: 1, memberships: 3, tokens: TokenCount::AtMost(4), ..Losses::default() };
    let plan = desk.plan(deactivate([1])).losing(losses);
    desk.survey(plan);
    let verdict = text(&dialog(&desk).verdict());
    assert_eq!(verdict, "Deleted: 3 group memberships, 1 SSH key, 4 tokens at most.");
}

#[test]
fn the_exact_calls_can_be_seen_before_the_answer() {
    let mut desk = about_one();
    desk.act(Action::Calls);
    let calls = text(&dialog(&desk).body());
    assert!(calls.contains("POST /arvados/v1/users/zzzzz-tpzed-000000000000001/unsetup"), "{calls}");
    desk.act(Action::Calls);
    assert!(!text(&dialog(&desk).body()).contains("POST"), "the same key goes back");
}

#[test]
fn the_plan_can_be_written_to_a_file_before_the_answer() {
    let mut desk = about_one();
    let effects = desk.act(Action::Export);
    let [Effect::Export(export)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(export.rows[0][0], "Person 00001");
    assert!(export.rows[0][4].starts_with("POST /arvados/v1/users/"));
}

#[test]
fn instead_of_deactivating_one_user_the_data_can_be_reassigned() {
    let mut desk = about_one();
    assert!(dialog(&desk).offers_reassign());
    desk.act(Action::Reassign);
    assert_eq!(desk.title(), "Reassign the data of Person 00001");
    assert!(!dialog_is_open(&desk));
    assert!(!dialog(&about_hidden()).offers_reassign());
}

fn dialog_is_open(desk: &Desk) -> bool {
    desk.state.overlays.iter().any(|overlay| matches!(overlay, Overlay::Confirm(_)))
}
