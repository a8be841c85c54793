//! Forms make an intent only of what is right, and say what is not.

use super::{Desk, begun};
use crate::app::action::Action;
use crate::app::message::{Edit, Message};
use crate::app::overlay::Overlay;
use crate::app::overlay::forms::FormDialog;
use crate::app::overlay::forms::fields::{FieldRef, Key};
use crate::app::testing::{people, session, user, uuid};
use crate::model::ids::{LinkUuid, VmUuid};
use crate::model::session::{ByLoginSync, ClusterFacts, Session};
use crate::model::text::is_clean;
use crate::model::token::{Expiry, Scopes};
use crate::model::user::{Notify, User, UserStatus};
use crate::model::vm::{LinkForm, LoginLink, Vm, VmLogin};
use crate::ops::Mode;
use crate::ops::intent::{self, Activation, Intent, Leaving};
use crate::ops::read::{LoginList, LoginRow, Outcome, Read};
use crate::ops::rights::{Right, RightKind};
use crate::ops::step::{self, Step};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn form(desk: &Desk) -> &FormDialog {
    match desk.top() {
        Some(Overlay::Form(dialog)) => dialog,
        other => panic!("another overlay: {other:?}"),
    }
}

fn error(desk: &Desk, key: Key) -> Option<String> {
    form(desk).lines(desk.ctx.now).into_iter().find(|line| line.key == key)?.error
}

fn notes(desk: &Desk, key: Key) -> String {
    let line = form(desk).lines(desk.ctx.now).into_iter().find(|line| line.key == key).expect("a field");
    line.notes.iter().map(|note| note.text.clone()).collect::<Vec<_>>().join("\n")
}

fn vm(number: u32) -> VmUuid {
    format!("zzzzz-2x53u-{number:015}").parse().expect("a VM")
}

fn link(number: u32) -> LinkUuid {
    format!("zzzzz-o0j2j-{number:015}").parse().expect("a link")
}

fn login(owner: u32, login_name: &str, links: &[&[&str]]) -> LoginRow {
    let links = links.iter().zip(1..).map(|(groups, n)| LoginLink {
        uuid: link(n),
        groups: groups.iter().map(ToString::to_string).collect(),
        others: BTreeMap::new(),
        form: LinkForm::Sound,
    });
    LoginRow {
        login: VmLogin {
            user: uuid(owner),
            vm: vm(2),
            login_name: login_name.to_owned(),
            links: links.collect(),
        },
        hostname: Some("shell2".to_owned()),
        user: Some(user(owner, &format!("Person {owner:05}"))),
        keys: crate::ops::summary::Part::Is(0),
        shared_with: Vec::new(),
    }
}

/// The form for a login of the first of these users, the VMs read.
fn granting(users: Vec<User>) -> Desk {
    let mut session = session();
    session.cluster.ignored_groups = vec!["sudo".to_owned()];
    let mut desk = Desk::of(session, Mode::ReadWrite, users);
    desk.act(Action::GrantLogin);
    let vms = [1, 2].map(|n| Vm { uuid: vm(n), hostname: format!("shell{n}").into() });
    desk.answer(|read| *read == Read::Vms, Ok(Outcome::Vms(vms.into())));
    desk
}

/// `shell2` is chosen, and these are its logins.
fn on_shell2(desk: &mut Desk, rows: Vec<LoginRow>) {
    desk.types("2");
    desk.act(Action::Open);
    desk.answer(
        |read| *read == Read::LoginsOn(vm(2)),
        Ok(Outcome::Logins(LoginList { rows, ..LoginList::default() })),
    );
}

fn preview(desk: &Desk) -> String {
    super::text(&form(desk).preview())
}

#[test]
fn a_login_is_granted_with_the_username_and_docker_filled_in() {
    let mut desk = granting(people(2));
    assert_eq!(desk.title(), "VM login for Person 00001");
    on_shell2(&mut desk, Vec::new());
    assert_eq!(notes(&desk, Key::Groups), "docker means root on this VM");
    desk.act(Action::Submit);
    let intent = Intent::GrantLogin(intent::GrantLogin {
        users: vec![uuid(1)],
        vm: vm(2),
        login_name: Some("u1".parse().expect("a login name")),
        groups: vec!["docker".parse().expect("a group")],
    });
    assert_eq!(desk.surveyed(), Some(&intent));
}

#[test]
fn where_login_sync_touches_no_groups_or_not_docker_the_form_says_what_the_plan_says() {
    for (off, said) in [
        (
            ClusterFacts { groups: ByLoginSync::LeftAlone, ..session().cluster },
            "login-sync touches no groups here (SyncUserGroups is off): they do nothing",
        ),
        (
            ClusterFacts { ignored_groups: vec!["docker".to_owned()], ..session().cluster },
            "docker is ignored by login-sync: it does nothing",
        ),
    ] {
        let mut desk = Desk::of(Session { cluster: off, ..session() }, Mode::ReadWrite, people(1));
        desk.act(Action::GrantLogin);
        assert_eq!(notes(&desk, Key::Groups), said);
    }
}

#[test]
fn what_is_there_already_is_said_while_the_form_is_filled_in() {
    let mut desk = granting(people(2));
    on_shell2(&mut desk, vec![login(1, "u1", &[&[]])]);
    assert_eq!(
        preview(&desk),
        "Person 00001 has this login already: the groups will grow from none to docker."
    );
    assert_eq!(form(&desk).submit_label(), "change the login");

    let mut desk = granting(people(2));
    on_shell2(&mut desk, vec![login(1, "u1", &[&["docker"]])]);
    assert!(preview(&desk).contains("Nothing would change."));

    let mut desk = granting(people(2));
    on_shell2(&mut desk, vec![login(1, "u1", &[&["fuse"]])]);
    assert!(preview(&desk).contains("will grow from fuse to docker, fuse"), "none is taken away");

    let mut desk = granting(people(2));
    on_shell2(&mut desk, vec![login(1, "u1", &[&["docker"], &[]])]);
    assert!(preview(&desk).contains("2 times, in different groups (twins)"));

    let mut desk = granting(people(2));
    on_shell2(&mut desk, vec![login(2, "u1", &[&[]])]);
    assert!(preview(&desk).contains("Person 00002 has the login name u1 there"));
}

#[test]
fn a_login_name_that_unix_would_not_take_is_refused_as_it_is_typed() {
    let mut desk = granting(people(2));
    on_shell2(&mut desk, Vec::new());
    assert_eq!(form(&desk).focus(), Key::LoginName);
    desk.clear();
    desk.types("-bad");
    assert_eq!(
        error(&desk, Key::LoginName).as_deref(),
        Some("no account can be called that: no blanks, no : or /, and no - at the start")
    );
    desk.act(Action::Submit);
    assert!(desk.surveyed().is_none());
}

#[test]
fn an_unusual_login_name_is_taken_and_what_useradd_would_do_is_said() {
    for name in ["ALarsen", "first.last"] {
        let mut desk = granting(vec![User { username: name.into(), ..user(1, "Anna Larsen") }]);
        on_shell2(&mut desk, Vec::new());
        assert!(
            notes(&desk, Key::LoginName).contains("useradd of Debian and of RHEL takes it"),
            "{}",
            notes(&desk, Key::LoginName)
        );
        desk.act(Action::Submit);
        assert!(
            matches!(desk.surveyed(), Some(Intent::GrantLogin(intent::GrantLogin { login_name: Some(login), .. }))
            if login.as_str() == name)
        );
    }
}

#[test]
fn an_account_of_the_system_is_no_login_name() {
    let mut desk = granting(people(2));
    on_shell2(&mut desk, Vec::new());
    desk.clear();
    desk.types("root");
    assert!(error(&desk, Key::LoginName).is_some_and(|error| error.contains("system account")));
    desk.act(Action::Submit);
    assert!(desk.surveyed().is_none());
}

#[test]
fn of_several_groups_the_bad_one_is_named() {
    let mut desk = granting(people(2));
    on_shell2(&mut desk, Vec::new());
    desk.act(Action::NextField);
    desk.types(", fu:se");
    desk.act(Action::Submit);
    assert!(error(&desk, Key::Groups).is_some_and(|error| error.starts_with("fu:se: ")));
    assert!(desk.surveyed().is_none());
}

#[test]
fn groups_that_the_cluster_ignores_are_named() {
    let mut desk = granting(people(2));
    on_shell2(&mut desk, Vec::new());
    desk.act(Action::NextField);
    desk.types(", sudo");
    assert!(notes(&desk, Key::Groups).contains("sudo is ignored by login-sync: it does nothing"));
}

#[test]
fn without_a_vm_nothing_is_submitted() {
    let mut desk = granting(people(2));
    desk.act(Action::Submit);
    assert_eq!(error(&desk, Key::Vm).as_deref(), Some("choose one from the list"));
    assert!(desk.surveyed().is_none());
}

#[test]
fn several_users_get_each_their_own_username() {
    let mut desk = Desk::new(people(3));
    desk.act(Action::MarkAll);
    desk.act(Action::GrantLogin);
    let vms = vec![Vm { uuid: vm(2), hostname: "shell2".into() }];
    desk.answer(|read| *read == Read::Vms, Ok(Outcome::Vms(vms)));
    on_shell2(&mut desk, vec![login(2, "u2", &[&[]])]);
    assert!(preview(&desk).contains("1 of these 3 can log in there already"));
    desk.act(Action::Submit);
    assert!(
        matches!(desk.surveyed(), Some(Intent::GrantLogin(intent::GrantLogin { users, login_name: None, .. }))
        if users.len() == 3)
    );
}

#[test]
fn a_no_to_the_plan_comes_back_to_the_form_as_it_was() {
    let mut desk = granting(people(2));
    on_shell2(&mut desk, Vec::new());
    desk.types("x");
    desk.act(Action::Submit);
    let login_name = "u1x".parse().expect("a login name");
    let groups = vec!["docker".parse().expect("a group")];
    let step = Step::CreateLogin(step::CreateLoginStep { user: uuid(1), vm: vm(2), login_name, groups });
    let plan = desk.plan(vec![step.clone()]);
    desk.survey(plan);
    desk.looks();
    desk.act(Action::Back);
    assert_eq!(form(&desk).focus(), Key::LoginName);
    desk.act(Action::Submit);
    let plan = desk.plan(vec![step]);
    desk.survey(plan);
    desk.looks();
    assert!(begun(&desk.act(Action::Yes)).is_some());
    assert!(!desk.state.overlays.iter().any(|overlay| matches!(overlay, Overlay::Form(_))));
}

#[test]
fn a_token_lasts_thirty_days_unless_something_else_is_chosen() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::IssueToken);
    desk.act(Action::Submit);
    let ends = "2026-12-24T10:42:00Z".parse().expect("a time");
    let intent = Intent::IssueToken(intent::IssueToken {
        owner: uuid(1),
        expiry: Expiry::At(ends),
        scopes: Scopes::All,
    });
    assert_eq!(desk.surveyed(), Some(&intent));
}

#[test]
fn no_unreadable_or_past_date_is_submitted() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::IssueToken);
    let asks_date =
        |desk: &Desk| form(desk).lines(desk.ctx.now).iter().any(|line| line.key == Key::ExpiryDate);
    assert!(!asks_date(&desk));
    desk.act(Action::PreviousChoice);
    desk.send(Message::Edit(Edit::Left));
    assert!(asks_date(&desk), "the last choice comes before the first");
    for wrong in ["", "garbage", "2026-02-30", "2020-01-01"] {
        desk.act(Action::Submit);
        desk.clear();
        desk.types(wrong);
        desk.act(Action::Submit);
        assert_eq!(form(&desk).focus(), Key::ExpiryDate);
        assert!(error(&desk, Key::ExpiryDate).is_some(), "{wrong}");
        assert!(desk.surveyed().is_none());
    }
    desk.clear();
    desk.types("12h");
    desk.act(Action::Submit);
    assert!(desk.surveyed().is_some());
}

#[test]
fn scopes_are_checked_before_they_are_submitted() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::IssueToken);
    desk.act(Action::NextField);
    desk.act(Action::PreviousChoice);
    desk.act(Action::NextField);
    assert_eq!(form(&desk).focus(), Key::ScopeList);
    desk.clear();
    desk.types("FETCH /x");
    assert_eq!(
        error(&desk, Key::ScopeList).as_deref(),
        Some("the method must be GET, HEAD, POST, PUT, PATCH or DELETE")
    );
    desk.clear();
    desk.types("GET /arvados/v1/users");
    desk.act(Action::Submit);
    assert!(
        matches!(desk.surveyed(), Some(Intent::IssueToken(intent::IssueToken { scopes: Scopes::Only(only), .. }))
        if only.len() == 1)
    );
}

#[test]
fn setting_up_sends_no_mail_and_activates_nobody_unless_asked_to() {
    let mut desk = Desk::new(people(1));
    desk.act(Action::SetUp);
    desk.act(Action::Submit);
    let users = vec![uuid(1)];
    let vm = None;
    let intent =
        Intent::SetUp(intent::SetUp { users, vm, notify: Notify::Silently, activation: Activation::Later });
    assert_eq!(desk.surveyed(), Some(&intent));
}

#[test]
fn no_right_passes_on_that_was_not_picked() {
    let mut desk = Desk::new(people(3));
    desk.act(Action::Reassign);
    let right = |number, kind, description: &str| Right {
        link: link(number),
        kind,
        head: vm(1).into(),
        description: description.to_owned(),
    };
    let rights = vec![
        right(1, RightKind::Membership(crate::model::group::PermissionLevel::Read), "member of Lab"),
        right(2, RightKind::Login, "login u1 on shell1"),
    ];
    desk.answer(|read| *read == Read::Rights(uuid(1)), Ok(Outcome::Rights(rights)));
    desk.types("00003");
    desk.act(Action::Open);
    desk.act(Action::Submit);
    let reassign = |regrant| {
        Intent::Reassign(intent::Reassign {
            from: uuid(1),
            to: uuid(3),
            project: Some(format!("Data of Person 00001 ({})", uuid(1))),
            leaving: Leaving::Leaves,
            regrant,
        })
    };
    assert_eq!(desk.surveyed(), Some(&reassign(Vec::new())));
    desk.act(Action::Back);
    desk.act(Action::NextField);
    desk.act(Action::NextField);
    assert_eq!(form(&desk).focus(), Key::Rights);
    desk.types(" ");
    desk.act(Action::Submit);
    assert_eq!(desk.surveyed(), Some(&reassign(vec![link(1)])));
}

#[test]
fn who_is_named_exactly_is_offered_first_and_who_can_not_succeed_not_at_all() {
    let person =
        |number, name: &str, username: &str| User { username: username.into(), ..user(number, name) };
    let inactive = User { status: UserStatus::Inactive, ..person(5, "Che", "che9") };
    let foreign =
        User { uuid: "yyyyy-tpzed-000000000000006".parse().expect("a user"), ..person(6, "Chez", "chez") };
    let mut desk = Desk::new(vec![
        person(1, "Aaron", "aaron"),
        person(2, "Amina Sánchez", "asanchez"),
        person(3, "Ernesto", "che"),
        person(4, "Cheryl", "cheryl"),
        inactive,
        foreign,
    ]);
    desk.act(Action::Reassign);
    desk.types("che");
    let lines = form(&desk).lines(desk.ctx.now);
    let FieldRef::Pick(pick) = lines[0].field else { panic!("a list") };
    let names: Vec<&str> = pick.rows().iter().map(|row| row.split("  ").next().unwrap_or_default()).collect();
    assert_eq!(names, ["Ernesto", "Cheryl", "Amina Sánchez"]);
}

#[test]
fn the_data_can_not_go_to_its_owner_and_not_to_nobody() {
    let mut desk = Desk::new(people(3));
    desk.act(Action::Reassign);
    desk.types("00001");
    assert!(matches!(form(&desk).lines(desk.ctx.now)[0].field, FieldRef::Pick(pick) if pick.fitting() == 0));
    desk.act(Action::Open);
    desk.act(Action::Submit);
    assert_eq!(error(&desk, Key::Successor).as_deref(), Some("choose the user who gets the data"));
    assert!(desk.surveyed().is_none());
}

#[test]
fn a_paste_fills_a_field_and_submits_nothing() {
    let mut desk = granting(people(2));
    on_shell2(&mut desk, Vec::new());
    desk.clear();
    desk.paste("rosa\n");
    assert!(desk.surveyed().is_none());
    desk.act(Action::Submit);
    assert!(
        matches!(desk.surveyed(), Some(Intent::GrantLogin(intent::GrantLogin { login_name: Some(name), .. }))
        if name.as_str() == "rosa")
    );
}

/// A typed thing, or an action.
fn any_input() -> impl Strategy<Value = Result<Edit, Action>> {
    prop_oneof![
        any::<char>().prop_map(|c| Ok(Edit::Insert(c))),
        any::<String>().prop_map(|text| Ok(Edit::Paste(text.into()))),
        Just(Ok(Edit::Backspace)),
        Just(Ok(Edit::Left)),
        Just(Ok(Edit::Insert(' '))),
        Just(Err(Action::NextField)),
        Just(Err(Action::PreviousField)),
        Just(Err(Action::NextChoice)),
        Just(Err(Action::PreviousChoice)),
        Just(Err(Action::Open)),
        Just(Err(Action::Refresh)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_done_to_a_form_its_fields_stay_clean(
        inputs in prop::collection::vec(any_input(), 0..30),
        action in prop_oneof![
            Just(Action::GrantLogin), Just(Action::IssueToken), Just(Action::SetUp), Just(Action::Reassign)
        ],
    ) {
        let mut desk = Desk::new(people(3));
        desk.act(action);
        for input in inputs {
            desk.send(match input {
                Ok(edit) => Message::Edit(edit),
                Err(action) => Message::Action(action),
            });
            let Some(Overlay::Form(dialog)) = desk.top() else { break };
            for line in dialog.lines(desk.ctx.now) {
                match line.field {
                    FieldRef::Text(field) => prop_assert!(is_clean(field.text())),
                    FieldRef::Pick(pick) => prop_assert!(is_clean(pick.field().text())),
                    FieldRef::Choice(_) | FieldRef::Checks(_) => {}
                }
            }
        }
    }
}
