//! Lists to choose from: commands, actions, sort keys, VMs.

use super::Desk;
use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::effect::Effect;
use crate::app::overlay::Overlay;
use crate::app::overlay::palette::PaletteDialog;
use crate::app::sort::SortKey;
use crate::app::testing::{people, session, user, uuid};
use crate::model::ids::{LinkUuid, VmUuid};
use crate::model::user::{User, UserRole};
use crate::model::vm::{LinkForm, LoginLink, Vm, VmLogin};
use crate::ops::Mode;
use crate::ops::intent::{self, Intent};
use crate::ops::read::{LoginList, LoginRow, Outcome, Read};
use std::collections::BTreeMap;

fn palette(desk: &Desk) -> &PaletteDialog {
    match desk.top() {
        Some(Overlay::Palette(dialog)) => dialog,
        other => panic!("another overlay: {other:?}"),
    }
}

#[test]
fn a_command_is_found_by_a_few_of_its_letters_and_taken() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::Palette);
    desk.types("fndtok");
    assert_eq!(palette(&desk).found().next().map(|offer| offer.action), Some(Action::FindToken));
    desk.act(Action::Submit);
    assert!(matches!(desk.top(), Some(Overlay::FindToken(_))));
}

#[test]
fn what_can_not_be_done_now_comes_last_with_the_reason_and_is_not_taken() {
    let mut desk = Desk::of(session(), Mode::ReadOnly, people(2));
    desk.act(Action::Palette);
    desk.types("deactivate");
    let last = palette(&desk).found().last().cloned().expect("it is listed");
    assert_eq!(last.action, Action::Deactivate);
    assert_eq!(last.disabled.as_deref(), Some("read-only mode: nothing is changed"));
    desk.act(Action::Last);
    desk.act(Action::Submit);
    assert!(matches!(desk.top(), Some(Overlay::Palette(_))), "the palette stays");
    assert!(desk.says().contains("read-only mode"));
    assert!(desk.surveyed().is_none());
}

#[test]
fn a_paste_into_the_palette_takes_no_command() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::Palette);
    desk.paste("quit\n");
    assert!(matches!(desk.top(), Some(Overlay::Palette(_))));
}

#[test]
fn commands_of_the_shell_work_from_the_palette() {
    let mut desk = Desk::new(people(2));
    desk.act(Action::Palette);
    desk.types("redraw");
    assert_eq!(desk.act(Action::Submit), [Effect::Redraw]);
    assert!(desk.top().is_none());
}

#[test]
fn the_menu_says_whom_it_is_for() {
    let mut desk = Desk::new(people(4));
    desk.act(Action::Menu);
    assert_eq!(desk.title(), "Actions for Person 00001");
    desk.act(Action::Back);
    desk.act(Action::Mark);
    desk.act(Action::Mark);
    desk.act(Action::Filter);
    desk.types("00001");
    desk.act(Action::Submit);
    desk.act(Action::Menu);
    assert_eq!(desk.title(), "Actions for 2 marked users (1 hidden)");
}

#[test]
fn the_menu_takes_the_action_under_its_cursor() {
    let mut admin = user(1, "Ada");
    admin.role = UserRole::Admin.into();
    let mut desk = Desk::new(vec![admin, user(2, "Bo")]);
    desk.act(Action::Menu);
    let Some(Overlay::Menu(menu)) = desk.top() else { panic!("no menu") };
    let at = menu.offers().iter().position(|o| o.action == Action::UnmakeAdmin).expect("is offered");
    assert!(menu.offers().iter().any(|o| o.action == Action::MakeAdmin && o.disabled.is_some()));
    for _ in 0..at {
        desk.act(Action::Down);
    }
    desk.act(Action::Open);
    let intent = Intent::SetRole(intent::SetRole { users: vec![uuid(1)], role: UserRole::Plain });
    assert_eq!(desk.surveyed(), Some(&intent));
}

#[test]
fn users_are_sorted_by_what_is_chosen_and_the_same_again_turns_them_around() {
    let mut desk = Desk::new(people(4));
    let last = desk.state.world.users.everyone().last().map(|user: &User| user.uuid);
    desk.act(Action::Sort);
    desk.act(Action::Open);
    assert_eq!(desk.state.world.users.table().sort().key, SortKey::Name);
    assert_eq!(desk.state.world.users.everyone().next().map(|user| user.uuid), last);
    desk.act(Action::Sort);
    desk.act(Action::Down);
    desk.act(Action::Open);
    assert_eq!(desk.state.world.users.table().sort().key, SortKey::Email);
}

#[test]
fn help_knows_where_it_was_asked_for() {
    let mut desk = Desk::new(people(4));
    desk.act(Action::Help);
    assert!(matches!(desk.top(), Some(Overlay::Help(help)) if help.below() == Context::Users));
    desk.act(Action::Last);
    desk.act(Action::Back);
    assert!(desk.top().is_none());
}

fn vm() -> VmUuid {
    "zzzzz-2x53u-000000000000001".parse().expect("a VM")
}

fn link(number: u32) -> LinkUuid {
    format!("zzzzz-o0j2j-{number:015}").parse().expect("a link")
}

fn login(number: u32) -> LoginRow {
    LoginRow {
        login: VmLogin {
            user: uuid(number),
            vm: vm(),
            login_name: format!("u{number}"),
            links: vec![LoginLink {
                uuid: link(number),
                groups: vec!["docker".to_owned()],
                others: BTreeMap::new(),
                form: LinkForm::Sound,
            }],
        },
        hostname: Some("shell1".to_owned()),
        user: Some(user(number, "Person")),
        keys: crate::ops::summary::Part::Is(1),
        shared_with: Vec::new(),
    }
}

/// The logins of a VM are shown.
fn on_vm() -> Desk {
    let mut desk = Desk::new(people(3));
    desk.act(Action::VmLogins);
    let vms = vec![Vm { uuid: vm(), hostname: "shell1".into() }];
    desk.answer(|read| *read == Read::Vms, Ok(Outcome::Vms(vms)));
    desk.act(Action::Open);
    let list = LoginList { rows: vec![login(1), login(2)], ..LoginList::default() };
    desk.answer(|read| *read == Read::LoginsOn(vm()), Ok(Outcome::Logins(list)));
    desk
}

#[test]
fn the_logins_of_a_vm_are_listed_edited_and_revoked_from_there() {
    let mut desk = on_vm();
    assert_eq!(desk.title(), "Logins of shell1");
    desk.act(Action::Down);
    desk.act(Action::RevokeLogins);
    assert_eq!(desk.surveyed(), Some(&Intent::RevokeLogins(intent::RevokeLogins { links: vec![link(2)] })));
    desk.act(Action::Back);
    desk.act(Action::EditLogin);
    assert_eq!(desk.title(), "Login u2 on shell1 of Person");
    desk.act(Action::Back);
    desk.act(Action::Back);
    assert_eq!(desk.title(), "Logins of which VM?");
    desk.act(Action::Back);
    assert!(desk.top().is_none());
}

#[test]
fn the_cursor_stays_on_its_login_when_the_list_is_read_again() {
    let mut desk = on_vm();
    desk.act(Action::Down);
    desk.act(Action::Refresh);
    let list = LoginList { rows: vec![login(3), login(1), login(2)], ..LoginList::default() };
    desk.answer(|read| *read == Read::LoginsOn(vm()), Ok(Outcome::Logins(list)));
    desk.act(Action::RevokeLogins);
    assert_eq!(desk.surveyed(), Some(&Intent::RevokeLogins(intent::RevokeLogins { links: vec![link(2)] })));
}
