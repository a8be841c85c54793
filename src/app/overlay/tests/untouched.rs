//! Who opens a form and submits it as it is changes nothing of what is there.

use super::Desk;
use crate::app::action::Action;
use crate::app::overlay::Overlay;
use crate::app::overlay::forms::FormDialog;
use crate::app::overlay::forms::edit_login::EditLoginForm;
use crate::app::overlay::forms::expiry::ChangeExpiryForm;
use crate::app::testing::{people, user, uuid};
use crate::model::ids::VmUuid;
use crate::model::vm::{LinkForm, LoginLink, UnixGroup, VmLogin};
use crate::ops::intent::{self, Intent};
use crate::ops::read::LoginRow;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn vm() -> VmUuid {
    "zzzzz-2x53u-000000000000002".parse().expect("a VM")
}

/// A login whose links say this.
fn login(owner: u32, links: &[(&[String], LinkForm)]) -> LoginRow {
    let link = |(n, (groups, form)): (usize, &(&[String], LinkForm))| LoginLink {
        uuid: format!("zzzzz-o0j2j-{owner:07}{n:08}").parse().expect("a link"),
        groups: groups.to_vec(),
        others: BTreeMap::new(),
        form: *form,
    };
    LoginRow {
        login: VmLogin {
            user: uuid(owner),
            vm: vm(),
            login_name: format!("u{owner}"),
            links: links.iter().enumerate().map(link).collect(),
        },
        hostname: Some("shell2".to_owned()),
        user: Some(user(owner, "Rosa")),
        keys: crate::ops::summary::Part::Is(0),
        shared_with: Vec::new(),
    }
}

/// What submitting the form of these logins untouched asks for.
fn submitted(rows: Vec<LoginRow>) -> Option<Vec<UnixGroup>> {
    let mut desk = Desk::new(people(2));
    let form = EditLoginForm::new(rows, &desk.state.world);
    desk.state.overlays.push(Overlay::Form(FormDialog::new(form)));
    desk.act(Action::Submit);
    match desk.surveyed() {
        Some(Intent::EditLogins(intent::EditLogins { groups, .. })) => Some(groups.clone()),
        _ => None,
    }
}

fn any_groups() -> impl Strategy<Value = Vec<String>> {
    let name = prop_oneof![
        any::<String>(),
        Just("domain users".to_owned()),
        Just("docker".to_owned()),
        Just("a, \"b\"".to_owned()),
        Just("-".to_owned()),
        Just(" x ".to_owned()),
        Just("ro\u{200b}ot\n".to_owned()),
        Just("l".repeat(5_000)),
    ];
    prop::collection::btree_set(name, 0..5).prop_map(|groups| groups.into_iter().collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn whatever_groups_logins_have_a_form_that_is_submitted_untouched_keeps_them(
        of_one in any_groups(),
        of_other in any_groups(),
    ) {
        let as_they_are: Vec<UnixGroup> = of_one.iter().map(|group| UnixGroup::as_it_is(group)).collect();
        let sound = LinkForm::Sound;
        prop_assert_eq!(submitted(vec![login(1, &[(&of_one, sound)])]), Some(as_they_are.clone()));
        // Two logins, or twins, that agree.
        let both = vec![login(1, &[(&of_one, sound)]), login(2, &[(&of_one, sound), (&of_one, sound)])];
        prop_assert_eq!(submitted(both), Some(as_they_are));
        // Where nothing is agreed on, nothing is asked for, and nobody loses a group.
        if of_one != of_other {
            let two = vec![login(1, &[(&of_one, sound)]), login(2, &[(&of_other, sound)])];
            prop_assert_eq!(submitted(two), None);
            prop_assert_eq!(submitted(vec![login(1, &[(&of_one, sound), (&of_other, sound)])]), None);
        }
        prop_assert_eq!(submitted(vec![login(1, &[(&of_one, LinkForm::Odd)])]), None);
    }
}

#[test]
fn a_group_with_a_blank_in_its_name_stays_one_group() {
    let group = ["domain users".to_owned()];
    let kept = submitted(vec![login(1, &[(&group, LinkForm::Sound)])]);
    assert_eq!(kept, Some(vec![UnixGroup::as_it_is("domain users")]));
}

#[test]
fn the_end_of_a_token_stays_until_another_is_chosen() {
    let mut desk = Desk::new(people(1));
    let token = "zzzzz-gj3su-000000000000001".parse().expect("a token");
    let form = ChangeExpiryForm::new(vec![token], "Rosa".to_owned());
    desk.state.overlays.push(Overlay::Form(FormDialog::new(form)));
    desk.act(Action::Submit);
    assert_eq!(desk.surveyed(), None);
    desk.act(Action::NextChoice);
    desk.act(Action::Submit);
    assert!(matches!(desk.surveyed(), Some(Intent::ChangeExpiry(_))));
}

#[test]
fn nobody_is_the_successor_until_somebody_says_so() {
    let mut desk = Desk::new(people(3));
    desk.act(Action::Reassign);
    desk.act(Action::Open);
    desk.act(Action::NextField);
    desk.act(Action::Submit);
    assert_eq!(desk.surveyed(), None, "Enter on a list in which nothing was chosen takes nothing");
    desk.act(Action::Down);
    desk.act(Action::Open);
    desk.act(Action::Submit);
    assert!(matches!(desk.surveyed(), Some(Intent::Reassign(intent::Reassign { to, .. })) if *to == uuid(2)));
}
