//! What is sent for a plan, step by step, as the dry run, the dialog's details and the journal have it: the very
//! requests that are sent, but what is known only while it is applied stands in angle brackets: `<project>`.

use super::apply::helpers;
use crate::arvados::links::{CAN_LOGIN, LinkProperties};
use crate::arvados::request::{Blank, Request};
use crate::arvados::users::UserFlags;
use crate::model::ids::{LinkUuid, UserUuid, VmUuid};
use crate::model::user::{Notify, UserRole};
use crate::model::vm::UnixGroup;
use crate::ops::intent::Activation;
use crate::ops::plan::Plan;
use crate::ops::step::{Destination, Parting, Regrant, Step, Via};
use std::collections::BTreeMap;

impl Plan {
    /// What is sent for each of its steps, in order. A helper token is made for all steps about one owner's
    /// tokens: it stands with the first of them, and its end with the last.
    pub fn requests(&self) -> Vec<Vec<Request>> {
        let mut requests: Vec<Vec<Request>> =
            self.steps.iter().map(|planned| planned.step.own_requests()).collect();
        let mut places: BTreeMap<UserUuid, Vec<usize>> = BTreeMap::new();
        for (place, planned) in self.steps.iter().enumerate() {
            if let Some(owner) = planned.step.helper_for() {
                places.entry(owner).or_default().push(place);
            }
        }
        for (owner, places) in places {
            let changes = places.iter().any(|&place| changes_ends(&requests[place]));
            if let (Some(&first), Some(&last)) = (places.first(), places.last()) {
                requests[first].insert(0, make_helper(owner, changes));
                requests[last].push(delete_helper());
            }
        }
        requests
    }
}

impl Step {
    /// What is sent for it, if nothing else is done with it.
    pub fn requests(&self) -> Vec<Request> {
        let mut requests = self.own_requests();
        if let Some(owner) = self.helper_for() {
            requests.insert(0, make_helper(owner, changes_ends(&requests)));
            requests.push(delete_helper());
        }
        requests
    }

    /// For whom it needs a helper token.
    fn helper_for(&self) -> Option<UserUuid> {
        match self {
            Self::ChangeExpiry { owner, via: Via::Helper, .. }
            | Self::RevokeToken { owner, via: Via::Helper, .. }
            | Self::RevokeAllOf { owner, via: Via::Helper, .. }
            | Self::ListExactly { owner } => Some(*owner),
            Self::ChangeExpiry { via: Via::TokenInUse | Via::Itself(_), .. }
            | Self::RevokeToken { via: Via::TokenInUse | Via::Itself(_), .. }
            | Self::RevokeAllOf { via: Via::TokenInUse | Via::Itself(_), .. }
            | Self::SetUp { .. }
            | Self::Activate { .. }
            | Self::Deactivate { .. }
            | Self::Suspend { .. }
            | Self::Resume { .. }
            | Self::SetRole { .. }
            | Self::Reassign { .. }
            | Self::IssueToken { .. }
            | Self::CreateLogin { .. }
            | Self::ChangeLogin { .. }
            | Self::DeleteLogin { .. } => None,
        }
    }

    /// What is sent for it, in order, the helper token left out.
    fn own_requests(&self) -> Vec<Request> {
        match self {
            Self::SetUp { user, vm, notify, activation } => set_up(*user, *vm, *notify, *activation),
            Self::Activate { user } => vec![activate(*user).meant("activate")],
            Self::Deactivate { user } => end(*user),
            Self::Suspend { user, places, role } => suspend(*user, places, *role),
            Self::Resume { user, role } => {
                let is_admin = (*role == UserRole::Admin).then_some(true);
                let flags = UserFlags { is_active: Some(true), is_admin };
                vec![Request::update_user(*user, flags).meant("activate, and so set up again")]
            }
            Self::SetRole { user, role } => {
                let flags = UserFlags { is_admin: Some(*role == UserRole::Admin), ..UserFlags::default() };
                vec![Request::update_user(*user, flags).meant("change the admin flag")]
            }
            Self::Reassign { from, to, project, parting, regrant, owned } => {
                let mut requests = part(*from, *parting);
                if *owned > 0 {
                    requests.extend(hand_over(*from, *to, project));
                }
                if *parting == Parting::Stays {
                    requests.push(back(*from));
                }
                requests.extend(regrant.iter().map(|right| grant(*to, right)));
                requests.push(Request::contents().meant("count what is owned, before and after"));
                requests
            }
            Self::IssueToken { owner, expiry, scopes } => {
                vec![Request::issue_token(*owner, (*expiry).into(), scopes).meant("issue the token")]
            }
            Self::ChangeExpiry { token, expiry, .. } => {
                vec![Request::change_expiry(*token, *expiry).meant("change when it ends")]
            }
            Self::RevokeToken { token, .. } => {
                vec![Request::delete_token((*token).into()).meant("revoke it")]
            }
            Self::RevokeAllOf { .. } => vec![
                Request::tokens().meant("list them, checking every row's owner, until nothing is left"),
                Request::delete_token(Blank::Open("<each>")).meant("revoke each"),
            ],
            Self::ListExactly { .. } => {
                vec![Request::tokens().meant("list them, checking every row's owner")]
            }
            Self::CreateLogin { user, vm, login_name, groups } => {
                let properties = LinkProperties::login(login_name.as_str().to_owned(), unix(groups));
                let request = Request::create_link((*user).into(), CAN_LOGIN, (*vm).into(), &properties);
                vec![request.meant("make the login")]
            }
            Self::ChangeLogin { link, login_name, groups, others, .. } => {
                let properties = LinkProperties::login_with(login_name.clone(), unix(groups), others.clone());
                vec![Request::update_link(*link, &properties).meant("change its groups; twins go with it")]
            }
            Self::DeleteLogin { link, .. } => {
                vec![Request::delete_link(*link).meant("take the login away; twins go with it")]
            }
        }
    }
}

fn unix(groups: &[UnixGroup]) -> Vec<String> {
    groups.iter().map(ToString::to_string).collect()
}

fn activate(user: UserUuid) -> Request {
    Request::update_user(user, UserFlags { is_active: Some(true), ..UserFlags::default() })
}

fn end(user: UserUuid) -> Vec<Request> {
    const WHAT: &str = "delete permissions, logins, keys, tokens, signatures and preferences; make inactive";
    vec![Request::unsetup_user(user).meant(WHAT), look_again(user)]
}

fn look_again(user: UserUuid) -> Request {
    Request::user(user).meant("look whether it held")
}

fn set_up(user: UserUuid, vm: Option<VmUuid>, notify: Notify, activation: Activation) -> Vec<Request> {
    let set_up = Request::set_up_user(user, vm, notify).meant("invite, and make the login if there is none");
    let activate = (activation == Activation::Now).then(|| activate(user).meant("activate"));
    [set_up].into_iter().chain(activate).collect()
}

fn suspend(user: UserUuid, places: &[LinkUuid], role: UserRole) -> Vec<Request> {
    let take_away = |place| Request::delete_link(place).meant("take the membership of All users away");
    let mut requests: Vec<Request> = places.iter().copied().map(take_away).collect();
    let flags = UserFlags { is_active: Some(false), is_admin: (role == UserRole::Admin).then_some(false) };
    requests.push(Request::update_user(user, flags).meant("make inactive"));
    requests.push(look_again(user));
    requests
}

fn part(from: UserUuid, parting: Parting) -> Vec<Request> {
    match parting {
        Parting::Ends => end(from),
        Parting::EndedBefore | Parting::Stays | Parting::StaysInactive => Vec::new(),
    }
}

fn hand_over(from: UserUuid, to: UserUuid, project: &Destination) -> Vec<Request> {
    let (make, place) = match project {
        Destination::Existing(uuid, _) => (None, Blank::Filled(*uuid)),
        Destination::New(name) => {
            (Some(Request::create_project(to, name).meant("make the project")), Blank::Open("<project>"))
        }
    };
    let merge = Request::merge_users(from, to, place).meant("move everything that is owned");
    make.into_iter().chain([merge]).collect()
}

/// The merge gave the old account's place in All users away.
fn back(from: UserUuid) -> Request {
    Request::set_up_user(from, None, Notify::Silently).meant("put the old account back into All users")
}

fn grant(to: UserUuid, right: &Regrant) -> Request {
    Request::create_link(to.into(), &right.name, right.head, &regranted(right)).meant("grant what was picked")
}

/// The properties of a permission that is granted anew.
pub(super) fn regranted(right: &Regrant) -> LinkProperties {
    match &right.login {
        Some((name, groups)) => LinkProperties::login(name.clone(), groups.clone()),
        None => LinkProperties::default(),
    }
}

fn changes_ends(requests: &[Request]) -> bool {
    requests.iter().any(|request| request.method == "PUT")
}

/// A helper token (api.md v4), which may change ends if that is wanted.
fn make_helper(owner: UserUuid, changes_ends: bool) -> Request {
    let scopes = helpers::scopes(if changes_ends { helpers::AND_CHANGE } else { helpers::LIST_AND_DELETE });
    Request::issue_token(owner, Blank::Open("<in some minutes>"), &scopes)
        .meant("make a helper token for the owner, for the next requests")
}

fn delete_helper() -> Request {
    Request::delete_token(Blank::Open("<helper>")).meant("delete the helper, last")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::TokenUuid;
    use crate::model::token::Expiry;
    use crate::ops::intent::Intent;
    use crate::ops::plan::Names;
    use jiff::Timestamp;

    fn rosa() -> UserUuid {
        "zzzzz-tpzed-3kz0nwtjehhl0u4".parse().expect("a user")
    }

    #[test]
    fn names_are_written_as_json_whatever_they_hold() {
        let to: UserUuid = "zzzzz-tpzed-000000000000009".parse().expect("a user");
        let step = Step::Reassign {
            from: rosa(),
            to,
            project: Destination::New("a \"b\"".to_owned()),
            parting: Parting::Stays,
            regrant: Vec::new(),
            owned: 1,
        };
        let calls = step.requests();
        assert_eq!(
            calls[0].body.as_deref(),
            Some(
                r#"{"group":{"name":"a \"b\"","group_class":"project","owner_uuid":"zzzzz-tpzed-000000000000009"}}"#
            )
        );
        for call in &calls {
            if let Some(body) = &call.body {
                assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
            }
        }
    }

    #[test]
    fn a_helper_is_made_first_and_deleted_last() {
        let token: TokenUuid = "zzzzz-gj3su-077z32aux8dg2s1".parse().expect("a token");
        let calls =
            Step::ChangeExpiry { token, owner: rosa(), expiry: Expiry::Never, via: Via::Helper }.requests();
        let methods: Vec<&str> = calls.iter().map(|call| call.method).collect();
        assert_eq!(methods, ["POST", "PUT", "DELETE"]);
        assert!(calls[0].body.as_deref().is_some_and(|body| body.contains("PUT /arvados/v1/")));
    }

    #[test]
    fn all_steps_about_one_owners_tokens_share_a_helper() {
        let otto: UserUuid = "zzzzz-tpzed-000000000000009".parse().expect("a user");
        let revoke = |n: usize, owner: UserUuid| Step::RevokeToken {
            token: format!("zzzzz-gj3su-{n:015}").parse().expect("a token"),
            owner,
            via: Via::Helper,
        };
        let steps = vec![revoke(1, rosa()), revoke(2, otto), revoke(3, rosa())];
        let intent = Intent::RevokeAllOf { users: vec![rosa()] };
        let calls = Plan::sketched(intent, steps, Names::default(), Timestamp::UNIX_EPOCH).requests();
        let shown = |calls: &[Request]| {
            let short = |call: &Request| {
                format!("{} {}", call.method, call.path.rsplit('/').next().unwrap_or_default())
            };
            calls.iter().map(short).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(shown(&calls[0]), "POST api_client_authorizations, DELETE zzzzz-gj3su-000000000000001");
        assert_eq!(
            shown(&calls[1]),
            "POST api_client_authorizations, DELETE zzzzz-gj3su-000000000000002, DELETE <helper>"
        );
        assert_eq!(shown(&calls[2]), "DELETE zzzzz-gj3su-000000000000003, DELETE <helper>");
    }
}
