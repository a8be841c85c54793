//! What is told of a change while it is at work and when it is over.

use super::{Desk, begun, failure, text};
use crate::app::action::Action;
use crate::app::effect::{Clip, Effect, TaskId};
use crate::app::message::Message;
use crate::app::overlay::line::Line;
use crate::app::overlay::result::Shown;
use crate::app::overlay::{Overlay, progress};
use crate::app::testing::{people, uuid};
use crate::ops::intent::{self, Intent};
use crate::ops::plan::{Names, Note};
use crate::ops::report::{ApplyReport, Ended, Item, ItemResult, Progress, Unclear};
use crate::ops::step::{self, Step, Target};
use jiff::SignedDuration;

/// A change of `count` users at work.
fn at_work(count: u32) -> (Desk, TaskId) {
    let mut desk = Desk::new(people(count));
    desk.act(Action::MarkAll);
    desk.act(Action::Deactivate);
    let plan =
        desk.plan((1..=count).map(|n| Step::Deactivate(step::DeactivateStep { user: uuid(n) })).collect());
    desk.survey(plan);
    desk.looks();
    desk.types(&count.to_string());
    let action = if count > 10 { Action::Submit } else { Action::Yes };
    let task = begun(&desk.act(action)).expect("it is confirmed");
    (desk, task)
}

fn item(number: u32, result: ItemResult) -> Item {
    Item { target: Target::User(uuid(number)), result }
}

fn report(desk: &Desk, items: Vec<Item>) -> Box<ApplyReport> {
    let mut names = Names::default();
    let users: Vec<_> = desk.state.world.users.everyone().cloned().collect();
    names.add_users(&users);
    let users = items.iter().map(|item| match item.target {
        Target::User(user) => user,
        _ => panic!("not a user"),
    });
    Box::new(ApplyReport {
        intent: Intent::Deactivate(intent::Deactivate { users: users.collect() }),
        batch: "b1".to_owned(),
        items,
        notes: Vec::new(),
        ended: Ended::Completed,
        names,
        brought: None,
    })
}

#[test]
fn what_stands_in_the_way_of_a_change_is_said_at_once_and_kept_once_in_the_messages() {
    let (mut desk, task) = at_work(20);
    for ended in ["one was", "3 were"] {
        let note = Note::danger(format!("helper tokens are deleted: {ended} ended so far"));
        desk.send(Message::Progress { task, progress: Progress::Said { note, of: 6 } });
    }
    let job = desk.state.world.jobs.get(task).expect("it runs");
    assert_eq!((job.finished, job.of), (0, 6));
    let said = job.said.as_ref().map(|note| note.text.as_str());
    assert_eq!(said, Some("helper tokens are deleted: 3 were ended so far"));
    let kept = desk.state.world.notices.all().filter(|notice| notice.text.contains("are deleted")).count();
    assert_eq!(kept, 1);
}

#[test]
fn progress_says_how_far_it_is_and_about_how_long_it_takes() {
    let (mut desk, task) = at_work(20);
    for n in 1..=10 {
        desk.wait(SignedDuration::from_millis(500));
        let result = if n == 3 { ItemResult::Failed(failure("busy")) } else { ItemResult::Done };
        desk.send(Message::Progress { task, progress: Progress::Finished { item: item(n, result), of: 25 } });
    }
    let job = desk.state.world.jobs.get(task).expect("it runs");
    assert_eq!(progress::headline(job, desk.ctx.now), "10 of 25    about 8 s left");
    assert_eq!(text(&progress::counts(job)), "9 accepted\n1 failed\n15 waiting");
}

#[test]
fn what_is_left_alone_is_not_counted_while_a_change_is_at_work_nor_when_it_is_over() {
    let mut desk = Desk::new(people(4));
    desk.act(Action::MarkAll);
    desk.act(Action::Deactivate);
    let plan = desk.plan((1..=2).map(|n| Step::Deactivate(step::DeactivateStep { user: uuid(n) })).collect());
    desk.survey(plan);
    desk.looks();
    let task = begun(&desk.act(Action::Yes)).expect("it is confirmed");
    assert_eq!(desk.state.world.jobs.get(task).map(|job| job.title.as_str()), Some("Deactivate 2 users"));
    let mut report = report(&desk, vec![item(1, ItemResult::Done), item(2, ItemResult::Done)]);
    report.intent = Intent::Deactivate(intent::Deactivate { users: (1..=4).map(uuid).collect() });
    assert_eq!(report.title(), "Deactivate 2 users");
}

#[test]
fn a_long_step_that_is_answered_stays_quiet_and_a_silence_is_said_however_late_it_is_looked_at() {
    let (mut desk, task) = at_work(20);
    let second = SignedDuration::from_secs(1);
    let stalls = |desk: &Desk| desk.state.world.jobs.get(task).and_then(|job| job.stalls(desk.ctx.now));
    for _ in 0..6 {
        desk.wait(second * 10);
        let last = desk.ctx.now - second;
        assert!(matches!(desk.send(Message::Listened { task, last })[..], [Effect::ListenAfter { .. }]));
        assert_eq!(stalls(&desk), None, "an answer came");
    }
    let last = desk.ctx.now - second;
    desk.wait(second * 3600);
    assert_eq!(stalls(&desk), None, "nobody has looked yet");
    desk.send(Message::Listened { task, last });
    assert_eq!(stalls(&desk).as_deref(), Some("no answer for 3601 s"), "the lid was closed, and it is said");
}

#[test]
fn it_is_stopped_between_steps_once() {
    let (mut desk, task) = at_work(20);
    assert_eq!(desk.act(Action::StopAfterStep), [Effect::StopAfterStep(task)]);
    assert_eq!(desk.act(Action::StopAfterStep), []);
    let job = desk.state.world.jobs.get(task).expect("it runs");
    assert!(progress::headline(job, desk.ctx.now).contains("stopping after these"));
}

#[test]
fn closing_the_progress_leaves_the_change_running_and_it_can_be_seen_again() {
    let (mut desk, task) = at_work(20);
    desk.act(Action::Back);
    assert!(desk.top().is_none());
    assert_eq!(progress::running(&desk.state.world.jobs).as_deref(), Some("1 change running"));
    desk.act(Action::Messages);
    desk.act(Action::Open);
    assert!(matches!(desk.top(), Some(Overlay::Progress(dialog)) if dialog.task() == task));
}

#[test]
fn one_success_is_a_line_and_no_dialog() {
    let (mut desk, task) = at_work(1);
    let mut report = report(&desk, vec![item(1, ItemResult::Done)]);
    report.notes.push(Note::info("The Unix account stays on shell1."));
    desk.send(Message::Applied { task, report });
    assert!(desk.top().is_none());
    assert_eq!(desk.says(), "Person 00001: deactivated. The Unix account stays on shell1");
}

#[test]
fn a_warning_after_a_success_stays_until_it_is_closed() {
    let (mut desk, task) = at_work(1);
    let mut report = report(&desk, vec![item(1, ItemResult::Done)]);
    report.notes.push(Note::warning("2 queued containers will make new tokens."));
    desk.send(Message::Applied { task, report });
    assert!(matches!(desk.top(), Some(Overlay::Result(_))));
}

#[test]
fn failures_stay_until_closed_and_can_be_shown_alone_and_tried_again() {
    let (mut desk, task) = at_work(3);
    let items = vec![
        item(1, ItemResult::Done),
        item(2, ItemResult::Failed(failure("the server is busy"))),
        item(
            3,
            ItemResult::Unknown(Unclear {
                seen: "no answer came".to_owned(),
                request_id: Some("req-b1-3".to_owned()),
            }),
        ),
    ];
    let report = report(&desk, items);
    desk.send(Message::Applied { task, report });
    assert_eq!(desk.title(), "Deactivate 3 users: 1 of 3 deactivated");
    let Some(Overlay::Result(dialog)) = desk.top() else { panic!("no result") };
    let lines = dialog.items();
    assert!(lines[0].text().contains("Person 00002"), "what failed comes first");
    assert!(lines[0].text().contains("req-1pb8sjy39053q2mzxack"));
    assert!(lines[1].text().contains("req-b1-3"), "what is unknown can be looked up in the logs, too");
    assert!(text(&dialog.remarks()).contains("batch b1"));
    desk.act(Action::ShowFailed);
    let Some(Overlay::Result(dialog)) = desk.top() else { panic!("no result") };
    assert_eq!((dialog.shown(), dialog.items().len()), (Shown::Failed, 2));
    desk.act(Action::RetryFailed);
    assert_eq!(
        desk.surveyed(),
        Some(&Intent::Deactivate(intent::Deactivate { users: vec![uuid(2), uuid(3)] }))
    );
    assert!(matches!(desk.top(), Some(Overlay::Confirm(_))), "it is asked again");
}

#[test]
fn a_result_is_not_closed_by_a_key_that_was_meant_for_the_progress() {
    let (mut desk, task) = at_work(1);
    let report = report(&desk, vec![item(1, ItemResult::Failed(failure("busy")))]);
    desk.send(Message::Applied { task, report });
    desk.act(Action::Back);
    assert!(matches!(desk.top(), Some(Overlay::Result(_))));
    desk.looks();
    desk.act(Action::Back);
    assert!(desk.top().is_none());
}

#[test]
fn a_report_is_written_with_every_target() {
    let (mut desk, task) = at_work(2);
    let items = vec![item(1, ItemResult::Done), item(2, ItemResult::Failed(failure("busy")))];
    let report = report(&desk, items);
    desk.send(Message::Applied { task, report });
    let effects = desk.act(Action::Export);
    let [Effect::Export(export)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(export.rows.len(), 2);
    assert!(export.rows[1].contains(&"failed".to_owned()) || export.rows[0].contains(&"failed".to_owned()));
}

#[test]
fn hundreds_of_tokens_that_were_gone_are_one_line_and_each_in_what_is_written() {
    let (mut desk, task) = at_work(1);
    let token = |n: u32| Target::Token(format!("zzzzz-gj3su-{n:015}").parse().expect("a token"));
    let gone = ItemResult::Unchanged("already gone".to_owned());
    let mut items: Vec<Item> = (1..=148).map(|n| Item { target: token(n), result: gone.clone() }).collect();
    items.push(Item { target: token(149), result: ItemResult::Done });
    items.push(Item { target: token(150), result: ItemResult::Failed(failure("busy")) });
    let mut report = report(&desk, Vec::new());
    report.names.owners = items
        .iter()
        .filter_map(|item| match item.target {
            Target::Token(token) => Some((token, uuid(1))),
            _ => None,
        })
        .collect();
    *report = ApplyReport {
        intent: Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![uuid(1)] }),
        items,
        ..*report
    };
    desk.send(Message::Applied { task, report });
    let Some(Overlay::Result(dialog)) = desk.top() else { panic!("no result") };
    let lines: Vec<String> = dialog.items().iter().map(Line::text).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    assert!(lines[0].contains("failed") && lines[0].contains("000150"), "{lines:?}");
    assert!(lines[1].contains("000149"), "{lines:?}");
    assert!(lines[2].contains("148 tokens") && lines[2].contains("already gone"), "{lines:?}");
    let effects = desk.act(Action::Export);
    let [Effect::Export(export)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(export.rows.len(), 150);
    let effects = desk.act(Action::CopyUuid);
    let [Effect::Copy(Clip::Text(_, copied), _)] = effects.as_slice() else { panic!("{effects:?}") };
    assert_eq!(copied.matches("already gone").count(), 148, "what is copied has each");
}

#[test]
fn trouble_in_the_background_does_not_take_the_keyboard() {
    let (mut desk, task) = at_work(1);
    desk.act(Action::Back);
    desk.act(Action::FindToken);
    desk.types("abc");
    let report = report(&desk, vec![item(1, ItemResult::Failed(failure("busy")))]);
    desk.send(Message::Applied { task, report });
    assert!(matches!(desk.top(), Some(Overlay::FindToken(_))));
    desk.act(Action::Back);
    assert!(matches!(desk.top(), Some(Overlay::Result(_))));
}

#[test]
fn leaving_while_a_change_is_at_work_asks_first() {
    let (mut desk, task) = at_work(3);
    desk.act(Action::Back);
    assert!(!desk.act(Action::Quit).contains(&Effect::Quit));
    assert_eq!(desk.title(), "Quit?");
    desk.act(Action::Open);
    assert!(desk.top().is_none(), "Enter stays");
    desk.act(Action::Quit);
    assert_eq!(desk.act(Action::Yes), [], "that key was pressed before the question was seen");
    desk.looks();
    let effects = desk.act(Action::Yes);
    assert!(effects.contains(&Effect::StopAfterStep(task)) && effects.contains(&Effect::Quit));
}
