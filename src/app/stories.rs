//! What a user of the screen sees and does, told as tests of `update`.

use crate::app::action::{Action, Availability};
use crate::app::availability::availability;
use crate::app::context::Context;
use crate::app::ctx::{Arrangement, Ctx};
use crate::app::details::{REST, Tab};
use crate::app::effect::{Clip, Effect, Instead, TaskId};
use crate::app::launch::Place;
use crate::app::list::Rows;
use crate::app::message::{Message, Told, Via};
use crate::app::selection::ChosenBy;
use crate::app::sort::{Sort, SortKey};
use crate::app::state::State;
use crate::app::testing::{
    answer, ctx, failure, launch, page_task, people, press, session, type_text, user, uuid, with_users,
};
use crate::app::update::{start, update};
use crate::app::users::Load;
use crate::app::world::{Ending, Focus, Stage};
use crate::model::ids::UserUuid;
use crate::model::token::{Ends, Origin, Scopes, Token, TokenList, TokenSource};
use crate::model::user::{User, UserRole, UserStatus};
use crate::ops::Mode;
use crate::ops::confirm::{Answer, Review};
use crate::ops::failure::ErrorKind;
use crate::ops::intent::{self, Intent};
use crate::ops::plan::{Names, Plan};
use crate::ops::read::{LoginList, Outcome, Read};
use crate::ops::report::{ApplyReport, Ended, Item, ItemResult, Progress};
use crate::ops::step::{self, Step, Target};
use jiff::SignedDuration;
use proptest::prelude::*;

fn shown(state: &State) -> Vec<String> {
    state.world.users.table().shown().map(User::full_name).collect()
}

fn under_cursor(state: &State) -> String {
    state.world.current_user().map(User::full_name).unwrap_or_default()
}

fn message_line(state: &State) -> String {
    state.world.notices.shown().map(|notice| notice.text.clone()).unwrap_or_default()
}

fn named(names: &[&str]) -> State {
    with_users(names.iter().zip(1..).map(|(name, number)| user(number, name)).collect())
}

fn later(seconds: i64) -> Ctx {
    Ctx { now: ctx().now + SignedDuration::from_secs(seconds), ..ctx() }
}

fn narrow() -> Ctx {
    let mut narrow = ctx();
    narrow.viewport.arrangement = Arrangement::OneAtATime;
    narrow
}

/// The task and the read of each fetch among effects.
fn fetches(effects: &[Effect]) -> Vec<(TaskId, &Read)> {
    effects
        .iter()
        .filter_map(|effect| match effect {
            Effect::Fetch { task, read } => Some((*task, read)),
            _ => None,
        })
        .collect()
}

/// The cursor's rest is over.
fn rest(state: &mut State, effects: &[Effect]) -> Vec<Effect> {
    let task = effects.iter().find_map(|effect| match effect {
        Effect::WakeAfter { task, delay } if *delay == REST => Some(*task),
        _ => None,
    });
    update(state, Message::Woken(task.expect("the cursor rests")), &ctx())
}

fn token(number: u32, owner: u32) -> Token {
    Token {
        uuid: format!("zzzzz-gj3su-{number:015}").parse().expect("a token's UUID"),
        owner: uuid(owner),
        scopes: Scopes::All.into(),
        created_at: None,
        expiry: Ends::Never,
        origin: Origin::Unknown,
    }
}

fn tokens(owner: u32, numbers: &[u32]) -> Outcome {
    let rows = numbers.iter().map(|&number| token(number, owner)).collect();
    Outcome::Tokens(TokenList::new(uuid(owner), rows, TokenSource::AuditLog { since: None }))
}

/// Opens the tokens of user 1, who has these.
fn with_tokens(numbers: &[u32]) -> State {
    let mut state = with_users(people(3));
    let effects = press(&mut state, Action::Open);
    for (task, read) in fetches(&effects) {
        match read {
            Read::Tokens(_) => drop(answer(&mut state, task, tokens(1, numbers))),
            Read::Logins(_) => drop(answer(&mut state, task, Outcome::Logins(LoginList::default()))),
            _ => {}
        }
    }
    state
}

#[test]
fn at_the_start_it_is_asked_who_one_is_and_then_for_the_first_hundred_users() {
    let mut state = State::new(launch());
    assert_eq!(start(&mut state), [Effect::Fetch { task: TaskId(1), read: Read::Session }]);
    assert_eq!(state.world.stage(), Stage::Connecting);
    let effects = answer(&mut state, TaskId(1), Outcome::Session(Box::new(session())));
    // What an earlier program left behind is looked for when the list is under way.
    let asked = fetches(&effects);
    assert!(matches!(asked[..], [(_, Read::Users(page)), (_, Read::LeftHelpers)] if page.limit == 100));
    assert_eq!(state.context(), Context::Users);
}

#[test]
fn without_a_cluster_nothing_is_asked_and_the_demo_is_one_key_away() {
    let mut launch = launch();
    launch.place = Place::NotConfigured(vec![("ARVADOS_API_HOST".to_owned(), "not set".to_owned())]);
    let mut state = State::new(launch);
    assert_eq!(start(&mut state), []);
    assert_eq!(state.context(), Context::Start);
    assert_eq!(availability(&state.world, Action::Deactivate), Availability::Hidden);
    assert_eq!(press(&mut state, Action::OpenDemo), [Effect::Open(Instead::Demo)]);
}

#[test]
fn a_cluster_that_did_not_answer_is_asked_again_on_request() {
    let mut state = State::new(launch());
    start(&mut state);
    let refused = Message::Answered { task: TaskId(1), outcome: Err(failure(ErrorKind::Unreachable)) };
    update(&mut state, refused, &ctx());
    assert!(matches!(state.world.stage(), Stage::Unreachable(_)));
    assert_eq!(press(&mut state, Action::Refresh), [Effect::Fetch { task: TaskId(3), read: Read::Session }]);
    assert_eq!(state.world.stage(), Stage::Connecting);
}

#[test]
fn rows_show_while_the_rest_streams_in_and_the_cursor_stays_on_top_until_it_is_moved() {
    let mut state = State::new(launch());
    start(&mut state);
    let effects = answer(&mut state, TaskId(1), Outcome::Session(Box::new(session())));
    let first = effects.iter().find_map(page_task).expect("the first page is asked for");
    let mut page = people(200).split_off(100);
    let effects = answer(&mut state, first, Outcome::users(page.clone()));
    assert_eq!(state.world.users.load(), Load::Filling(100));
    assert_eq!(state.world.users.table().shown_len(), 100);
    assert_eq!(under_cursor(&state), "Person 00101");
    let ranges: Vec<TaskId> = effects.iter().filter_map(page_task).collect();
    assert_eq!(ranges.len(), 4);
    page = people(100);
    answer(&mut state, ranges[2], Outcome::users(page));
    assert_eq!(under_cursor(&state), "Person 00001");
}

#[test]
fn a_page_that_fails_leaves_the_rows_and_refresh_goes_on_from_there() {
    let mut state = State::new(launch());
    start(&mut state);
    let effects = answer(&mut state, TaskId(1), Outcome::Session(Box::new(session())));
    let first = effects.iter().find_map(page_task).expect("the first page is asked for");
    let effects = answer(&mut state, first, Outcome::users(people(100)));
    let ranges: Vec<TaskId> = effects.iter().filter_map(page_task).collect();
    let failed = Message::Answered { task: ranges[1], outcome: Err(failure(ErrorKind::Server)) };
    let effects = update(&mut state, failed, &ctx());
    assert_eq!(effects[..3], [ranges[0], ranges[2], ranges[3]].map(Effect::Cancel));
    assert!(matches!(state.world.users.load(), Load::Incomplete(_)));
    assert_eq!(state.world.users.table().len(), 100);
    assert_eq!(message_line(&state), "the list of users could not be read: it failed");
    let effects = press(&mut state, Action::Refresh);
    assert_eq!(effects.iter().filter_map(page_task).count(), 4);
    assert_eq!(state.world.users.load(), Load::Filling(100));
}

#[test]
fn a_refresh_replaces_the_list_only_when_it_is_whole_and_says_which_marks_it_lost() {
    let mut state = with_users(people(3));
    press(&mut state, Action::Down);
    press(&mut state, Action::Mark);
    let effects = press(&mut state, Action::Refresh);
    let page = effects.iter().find_map(page_task).expect("the list is read again");
    let effects = answer(&mut state, page, Outcome::users(vec![user(3, "Otto"), user(1, "Rosa")]));
    assert_eq!(state.world.users.load(), Load::Refreshing(2));
    assert_eq!(shown(&state), ["Person 00001", "Person 00002", "Person 00003"]);
    let page = effects.iter().find_map(page_task).expect("pages are read until one is empty");
    answer(&mut state, page, Outcome::users(Vec::new()));
    assert_eq!(shown(&state), ["Otto", "Rosa"]);
    assert_eq!(under_cursor(&state), "Otto");
    assert_eq!(state.world.users.marks().len(), 0);
    assert_eq!(message_line(&state), "1 marked user is no longer there: the marks are dropped");
}

#[test]
fn the_cursor_stays_on_its_user_through_sorting_and_filtering() {
    let mut state = named(&["Ada", "Otto", "Rosa", "Rosalind"]);
    press(&mut state, Action::Down);
    press(&mut state, Action::Down);
    assert_eq!(under_cursor(&state), "Rosa");
    state.world.sort_users(Sort { key: SortKey::Name, ..Sort::default() }.reversed(), &ctx());
    assert_eq!((under_cursor(&state), state.world.users.cursor().index()), ("Rosa".to_owned(), 1));
    press(&mut state, Action::Filter);
    type_text(&mut state, "!rosa !otto");
    assert_eq!(shown(&state), ["Ada"]);
    assert_eq!(under_cursor(&state), "Ada");
    press(&mut state, Action::Back);
    assert_eq!(under_cursor(&state), "Rosa");
}

#[test]
fn esc_takes_back_one_layer_at_a_time_and_never_quits() {
    let mut state = named(&["Ada", "Otto"]);
    press(&mut state, Action::Mark);
    press(&mut state, Action::Filter);
    type_text(&mut state, "o");
    press(&mut state, Action::Submit);
    assert_eq!((state.context(), shown(&state)), (Context::Users, vec!["Otto".to_owned()]));
    press(&mut state, Action::Back);
    assert_eq!((shown(&state).len(), state.world.users.marks().len()), (2, 1));
    press(&mut state, Action::Back);
    assert_eq!(state.world.users.marks().len(), 0);
    press(&mut state, Action::Back);
    assert_eq!(state.world.ending, Ending::No);
}

#[test]
fn marks_survive_the_filter_and_what_it_hides_comes_first() {
    let mut state = named(&["Ada", "Otto", "Rosa"]);
    press(&mut state, Action::Mark);
    press(&mut state, Action::Filter);
    type_text(&mut state, "o");
    press(&mut state, Action::Submit);
    press(&mut state, Action::MarkAll);
    assert_eq!((state.world.users.marks().len(), state.world.users.hidden_marks()), (3, 1));
    let chosen = state.world.chosen_users();
    assert_eq!(
        (chosen.ids, chosen.hidden, chosen.source),
        (vec![uuid(1), uuid(2), uuid(3)], 1, ChosenBy::Marks)
    );
}

#[test]
fn a_range_is_marked_from_the_last_mark_to_the_cursor() {
    let mut state = with_users(people(6));
    press(&mut state, Action::Mark);
    press(&mut state, Action::Down);
    press(&mut state, Action::Down);
    press(&mut state, Action::MarkRange);
    assert_eq!(state.world.chosen_users().ids, [1, 2, 3, 4].map(uuid));
    press(&mut state, Action::InvertMarks);
    assert_eq!(state.world.chosen_users().ids, [5, 6].map(uuid));
}

#[test]
fn the_server_is_asked_about_a_user_only_when_the_cursor_rests() {
    let mut state = with_users(people(3));
    let moved = press(&mut state, Action::Down);
    assert_eq!(fetches(&moved), []);
    let moved_on = press(&mut state, Action::Down);
    let outdated = moved.iter().find_map(|effect| match effect {
        Effect::WakeAfter { task, .. } => Some(*task),
        _ => None,
    });
    assert_eq!(update(&mut state, Message::Woken(outdated.expect("it waits")), &ctx()), []);
    let asked = rest(&mut state, &moved_on);
    let reads: Vec<&Read> = fetches(&asked).into_iter().map(|(_, read)| read).collect();
    assert_eq!(reads, [&Read::Summary(uuid(3)), &Read::Tokens(uuid(3)), &Read::Logins(uuid(3))]);
    let tasks: Vec<TaskId> = fetches(&asked).into_iter().map(|(task, _)| task).collect();
    let moved = press(&mut state, Action::Up);
    assert_eq!(moved[..3], [Effect::Cancel(tasks[0]), Effect::Cancel(tasks[1]), Effect::Cancel(tasks[2])]);
}

#[test]
fn what_was_seen_of_a_user_shows_at_once_and_is_not_asked_for_again_within_a_minute() {
    let mut state = with_tokens(&[7, 8]);
    press(&mut state, Action::Back);
    press(&mut state, Action::Down);
    let back = press(&mut state, Action::Up);
    let details = state.world.details.current().expect("Person 1 is shown");
    assert_eq!(details.tokens.rows().len(), 2);
    let asked = rest(&mut state, &back);
    let reads: Vec<&Read> = fetches(&asked).into_iter().map(|(_, read)| read).collect();
    assert_eq!(reads, [&Read::Summary(uuid(1))], "only what was never answered");
    press(&mut state, Action::Down);
    press(&mut state, Action::Up);
    let asked = update(&mut state, Message::Action(Action::Open), &later(61));
    assert_eq!(fetches(&asked).len(), 3);
}

#[test]
fn one_pane_at_a_time_nothing_is_asked_about_a_user_until_it_is_opened() {
    let mut state = with_users(people(3));
    assert_eq!(update(&mut state, Message::Action(Action::Down), &narrow()), []);
    let asked = update(&mut state, Message::Action(Action::ShowLogins), &narrow());
    assert_eq!(fetches(&asked).len(), 3);
    assert_eq!((state.context(), state.world.details.tab), (Context::Logins, Tab::Logins));
    update(&mut state, Message::Action(Action::Back), &narrow());
    assert_eq!((state.context(), under_cursor(&state)), (Context::Users, "Person 00002".to_owned()));
}

#[test]
fn tab_goes_round_the_panes() {
    let mut state = with_users(people(1));
    for context in [Context::Tokens, Context::Logins, Context::Users] {
        press(&mut state, Action::NextPane);
        assert_eq!(state.context(), context);
    }
    for context in [Context::Logins, Context::Tokens, Context::Users] {
        press(&mut state, Action::PreviousPane);
        assert_eq!(state.context(), context);
    }
}

#[test]
fn tokens_are_chosen_where_they_are_seen_and_nowhere_else() {
    let mut state = with_tokens(&[7, 8, 9]);
    press(&mut state, Action::Down);
    assert_eq!(state.world.chosen_tokens().ids, [token(8, 1).uuid]);
    press(&mut state, Action::Mark);
    press(&mut state, Action::Mark);
    assert_eq!(state.world.chosen_tokens().ids, [token(8, 1).uuid, token(9, 1).uuid]);
    assert_eq!(
        press(&mut state, Action::CopyUuid),
        [Effect::Copy(Clip::Text("the token's UUID", token(9, 1).uuid.to_string()), Action::CopyUuid)]
    );
    press(&mut state, Action::ShowLogins);
    assert!(state.world.chosen_tokens().ids.is_empty());
    state.world.focus = Focus::Users;
    assert!(state.world.chosen_tokens().ids.is_empty());
}

#[test]
fn when_the_user_looked_at_is_gone_the_keyboard_goes_back_to_the_list() {
    let mut state = with_tokens(&[7]);
    let again = state.world.users.read_again(vec![uuid(1)], &mut state.world.tasks);
    let [(task, _)] = fetches(again.as_slice())[..] else { panic!("the user is read again") };
    answer(&mut state, task, Outcome::UsersAgain(Vec::new()));
    assert_eq!((state.world.focus, under_cursor(&state)), (Focus::Users, "Person 00002".to_owned()));
    assert_eq!(message_line(&state), "the user that was shown is no longer there");
}

#[test]
fn users_that_were_changed_and_could_not_be_read_again_are_not_shown_as_if_they_had_been() {
    let mut state = with_users(people(3));
    assert_eq!(state.world.users.load(), Load::Whole);
    let again = state.world.users.read_again(vec![uuid(1)], &mut state.world.tasks);
    let [(task, _)] = fetches(again.as_slice())[..] else { panic!("the user is read again") };
    let lost = Message::Answered { task, outcome: Err(failure(ErrorKind::Unreachable)) };
    update(&mut state, lost, &ctx());
    assert!(matches!(state.world.users.load(), Load::NotRefreshed(_)));
}

#[test]
fn of_a_user_that_is_changed_twice_the_older_answer_does_not_come_over_the_newer() {
    let mut state = with_users(people(2));
    let mut ask = |users: Vec<UserUuid>| {
        let again = state.world.users.read_again(users, &mut state.world.tasks);
        fetches(again.as_slice())[0].0
    };
    let (older, newer) = (ask(vec![uuid(1), uuid(2)]), ask(vec![uuid(1)]));
    answer(&mut state, newer, Outcome::UsersAgain(vec![user(1, "New")]));
    answer(&mut state, older, Outcome::UsersAgain(vec![user(1, "Old"), user(2, "Other")]));
    assert_eq!(shown(&state), ["New", "Other"]);
}

#[test]
fn an_answer_that_comes_too_late_does_not_write_over_a_newer_one() {
    let mut state = with_tokens(&[7]);
    let first = press(&mut state, Action::Refresh);
    let second = press(&mut state, Action::Refresh);
    let of = |effects: &[Effect]| {
        fetches(effects).into_iter().find(|(_, read)| matches!(read, Read::Tokens(_))).map(|(task, _)| task)
    };
    answer(&mut state, of(&second).expect("asked"), tokens(1, &[7, 8]));
    answer(&mut state, of(&first).expect("asked"), tokens(1, &[]));
    assert_eq!(state.world.details.current().map(|details| details.tokens.rows().len()), Some(2));
}

#[test]
fn a_refused_token_is_said_once() {
    let mut state = with_users(people(2));
    let asked = press(&mut state, Action::Open);
    for (task, _) in fetches(&asked) {
        let refused = Message::Answered { task, outcome: Err(failure(ErrorKind::NotAuthorised)) };
        update(&mut state, refused, &ctx());
    }
    assert_eq!(state.world.notices.all().count(), 1);
    press(&mut state, Action::Back);
    assert_eq!((message_line(&state), state.world.focus), (String::new(), Focus::Details));
}

#[test]
fn what_went_well_is_said_for_a_few_seconds() {
    let mut state = with_users(people(1));
    let effects = update(
        &mut state,
        Message::Told(Told::Copied { what: "the UUID", via: Via::Terminal, again: Some("c".to_owned()) }),
        &ctx(),
    );
    assert_eq!(message_line(&state), "asked the terminal to copy the UUID; c again shows it alone");
    let [Effect::WakeAfter { task, .. }] = effects[..] else { panic!("it goes away by itself") };
    update(&mut state, Message::Woken(task), &ctx());
    assert_eq!(message_line(&state), "");
    let in_tmux = Told::Copied { what: "the token", via: Via::Tmux, again: Some("c".to_owned()) };
    update(&mut state, Message::Told(in_tmux), &ctx());
    let said = message_line(&state);
    assert_eq!(said, "tmux copies only with `set -g set-clipboard on`; c again shows it alone");
    assert!(said.len() <= 76, "there is room for it in 80 columns");
    assert_eq!(state.world.notices.all().count(), 2);
}

#[test]
fn ctrl_c_twice_within_a_second_and_a_half_quits() {
    let mut state = with_users(people(1));
    let interrupt = |state: &mut State, ctx: Ctx| update(state, Message::Action(Action::Interrupt), &ctx);
    interrupt(&mut state, ctx());
    assert_eq!(message_line(&state), "press Ctrl-C again to quit");
    interrupt(&mut state, later(2));
    assert_eq!(state.world.ending, Ending::No);
    press(&mut state, Action::Down);
    interrupt(&mut state, later(2));
    assert_eq!(state.world.ending, Ending::No);
    assert_eq!(interrupt(&mut state, later(3)), [Effect::Quit]);
    assert_eq!(state.world.ending, Ending::Over);
}

#[test]
fn what_can_not_be_done_says_why() {
    let because = |state: &State, action| match availability(&state.world, action) {
        Availability::Disabled(why) => why,
        other => format!("{other:?}"),
    };
    let mut state = with_users(vec![user(1, "Rosa"), user(900, "Ada")]);
    assert_eq!(under_cursor(&state), "Ada");
    assert_eq!(because(&state, Action::Deactivate), "this is your own account");
    assert_eq!(because(&state, Action::Activate), "already active");
    press(&mut state, Action::Down);
    assert_eq!(availability(&state.world, Action::Deactivate), Availability::Enabled);
    assert_eq!(because(&state, Action::RevokeTokens), "open a user's tokens first");
    state.world.launch.mode = Mode::ReadOnly;
    assert_eq!(because(&state, Action::Deactivate), "read-only mode: nothing is changed");
    press(&mut state, Action::Deactivate);
    assert_eq!(message_line(&state), "Deactivate: read-only mode: nothing is changed");
    state.world.launch.mode = Mode::ReadWrite;
    let mut plain = session();
    plain.me = User { role: UserRole::Plain.into(), ..plain.me };
    let (task, _) = state.world.fetch(Read::Session);
    state.world.session.await_task(task);
    answer(&mut state, task, Outcome::Session(Box::new(plain)));
    assert_eq!(because(&state, Action::Deactivate), "this needs an admin's token");
}

#[test]
fn on_a_satellite_one_page_is_asked_for_at_a_time_and_accounts_are_for_the_login_cluster() {
    let mut state = State::new(launch());
    start(&mut state);
    let mut satellite = session();
    satellite.cluster.login_cluster = Some("yyyyy".parse().expect("a cluster"));
    satellite.access = crate::model::session::TokenAccess::Elsewhere("yyyyy".parse().expect("a cluster"));
    let effects = answer(&mut state, TaskId(1), Outcome::Session(Box::new(satellite)));
    let first = effects.iter().find_map(page_task).expect("the first page is asked for");
    let effects = answer(&mut state, first, Outcome::users(people(100)));
    assert_eq!(effects.iter().filter_map(page_task).count(), 1);
    assert_eq!(
        availability(&state.world, Action::Suspend),
        Availability::Disabled("users belong to cluster yyyyy: do this there".to_owned())
    );
}

#[test]
fn one_of_several_that_can_be_changed_is_enough_to_offer_it() {
    let inactive = User { status: UserStatus::Inactive, ..user(2, "Otto") };
    let mut state = with_users(vec![user(1, "Rosa"), inactive]);
    press(&mut state, Action::MarkAll);
    assert_eq!(availability(&state.world, Action::Activate), Availability::Enabled);
    assert_eq!(
        availability(&state.world, Action::Reassign),
        Availability::Disabled("this is for one user, and 2 are marked".to_owned())
    );
}

#[test]
fn quitting_stops_a_change_after_its_steps_and_waits_for_it() {
    let mut state = with_users(people(2));
    let steps = [1, 2].map(|number| {
        Step::Suspend(step::SuspendStep { user: uuid(number), places: Vec::new(), role: UserRole::Plain })
    });
    let intent = Intent::Suspend(intent::Suspend { users: vec![uuid(1), uuid(2)] });
    let plan = Plan::sketched(intent.clone(), steps.to_vec(), Names::default(), ctx().now);
    let Review::Ask(challenge) = plan.review(0) else { panic!("it asks") };
    let confirmed = challenge.answer(&Answer::Yes, ctx().now).expect("yes is enough");
    let (task, _) = state.world.start_job(confirmed, &ctx());
    assert!(state.world.jobs.is_pending(&Target::User(uuid(1))));
    let item = Item { target: Target::User(uuid(1)), result: ItemResult::Done };
    let progress = Progress::Finished { item: item.clone(), of: 2 };
    assert_eq!(update(&mut state, Message::Progress { task, progress }, &ctx()), []);
    assert!(!state.world.jobs.is_pending(&Target::User(uuid(1))));
    assert_eq!(state.world.jobs.get(task).map(|job| (job.finished, job.of, job.tally.done)), Some((1, 2, 1)));
    let effects = update(&mut state, Message::Terminate, &ctx());
    assert_eq!(effects, [Effect::StopAfterStep(task), Effect::Quit]);
    assert_eq!(state.world.ending, Ending::Draining);
    let report = ApplyReport {
        intent,
        batch: "b".to_owned(),
        items: vec![item],
        notes: Vec::new(),
        ended: Ended::Stopped,
        names: Names::default(),
        brought: None,
    };
    update(&mut state, Message::Applied { task, report: Box::new(report) }, &ctx());
    assert_eq!(state.world.ending, Ending::Over);
}

fn any_action() -> impl Strategy<Value = Action> {
    prop::sample::select(vec![
        Action::Up,
        Action::Down,
        Action::PageDown,
        Action::HalfPageUp,
        Action::First,
        Action::Last,
        Action::Open,
        Action::Back,
        Action::NextPane,
        Action::Filter,
        Action::Submit,
        Action::ReverseSort,
        Action::Mark,
        Action::MarkRange,
        Action::MarkAll,
        Action::InvertMarks,
        Action::ClearMarks,
        Action::Refresh,
    ])
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn whatever_is_pressed_the_cursor_is_on_a_row_that_is_seen_and_marks_are_of_users_that_are_there(
        count in 0_u32..40,
        presses in prop::collection::vec((any_action(), prop::option::of("[0-9p!]")), 0..40),
    ) {
        let mut state = with_users(people(count));
        for (action, typed) in presses {
            press(&mut state, action);
            if let Some(typed) = typed {
                type_text(&mut state, &typed);
            }
            let (table, cursor) = (state.world.users.table(), state.world.users.cursor());
            prop_assert_eq!(cursor.id(), table.id_at(cursor.index()));
            prop_assert_eq!(cursor.id().is_none(), table.shown_len() == 0);
            prop_assert!(cursor.top() <= cursor.index());
            prop_assert!(cursor.index() < cursor.top() + ctx().viewport.user_rows);
            prop_assert!(cursor.top() + ctx().viewport.user_rows <= table.shown_len().max(ctx().viewport.user_rows));
            let hidden = state.world.users.marks().iter().filter(|&id| !table.is_shown(id)).count();
            prop_assert_eq!(state.world.users.hidden_marks(), hidden);
            prop_assert!(state.world.users.marks().iter().all(|id| table.get(id).is_some()));
        }
    }
}
