//! The exact API calls of a step, as the dry run and the dialog's details show them. What is known only
//! while it is applied stands in angle brackets: `<project>`.

use crate::model::ids::{LinkUuid, UserUuid, VmUuid};
use crate::model::token::{Expiry, Scopes};
use crate::model::user::{Notify, UserRole};
use crate::model::vm::UnixGroup;
use crate::ops::intent::Activation;
use crate::ops::plan::Plan;
use crate::ops::step::{Destination, Parting, Regrant, Step, Via};
use std::collections::BTreeMap;
use std::fmt::Display;

/// One request that changes something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiCall {
    /// `POST`, `PATCH`, `PUT`, `DELETE`; `GET` where the reading matters.
    pub method: &'static str,
    /// From the root of the server: `/arvados/v1/users/…`.
    pub path: String,
    /// The JSON that is sent.
    pub body: Option<String>,
    /// What it is for, in a few words.
    pub purpose: &'static str,
}

const TOKENS: &str = "api_client_authorizations";

fn call(method: &'static str, path: impl Display, body: Option<String>, purpose: &'static str) -> ApiCall {
    ApiCall { method, path: format!("/arvados/v1/{path}"), body, purpose }
}

fn get(path: impl Display, purpose: &'static str) -> ApiCall {
    call("GET", path, None, purpose)
}

fn post(path: impl Display, body: String, purpose: &'static str) -> ApiCall {
    call("POST", path, Some(body), purpose)
}

fn delete(path: impl Display, purpose: &'static str) -> ApiCall {
    call("DELETE", path, None, purpose)
}

fn patch_user(user: UserUuid, flags: &str, purpose: &'static str) -> ApiCall {
    call("PATCH", format_args!("users/{user}"), Some(format!(r#"{{"user":{{{flags}}}}}"#)), purpose)
}

/// A text, or a list of them, as JSON.
fn json<T: serde::Serialize + ?Sized>(value: &T) -> String {
    // Text always can be written as JSON.
    serde_json::to_string(value).unwrap_or_default()
}

fn login_properties(name: &str, groups: &[String]) -> String {
    if groups.is_empty() {
        format!(r#"{{"username":{}}}"#, json(name))
    } else {
        format!(r#"{{"username":{},"groups":{}}}"#, json(name), json(groups))
    }
}

fn unix(groups: &[UnixGroup]) -> Vec<String> {
    groups.iter().map(ToString::to_string).collect()
}

fn link(
    tail: impl Display,
    name: &str,
    head: impl Display,
    properties: &str,
    purpose: &'static str,
) -> ApiCall {
    let body = format!(
        r#"{{"link":{{"link_class":"permission","name":{},"tail_uuid":"{tail}","head_uuid":"{head}","properties":{properties}}}}}"#,
        json(name)
    );
    post("links", body, purpose)
}

impl Plan {
    /// What is sent for each of its steps, in order. A helper token is made for all steps about one owner's
    /// tokens: it stands with the first of them, and its end with the last.
    pub fn calls(&self) -> Vec<Vec<ApiCall>> {
        let mut calls: Vec<Vec<ApiCall>> =
            self.steps.iter().map(|planned| planned.step.own_calls()).collect();
        let mut places: BTreeMap<UserUuid, Vec<usize>> = BTreeMap::new();
        for (place, planned) in self.steps.iter().enumerate() {
            if let Some(owner) = planned.step.helper_for() {
                places.entry(owner).or_default().push(place);
            }
        }
        for (owner, places) in places {
            let changes = places.iter().any(|&place| changes_ends(&calls[place]));
            if let (Some(&first), Some(&last)) = (places.first(), places.last()) {
                calls[first].insert(0, make_helper(owner, changes));
                calls[last].push(delete_helper());
            }
        }
        calls
    }
}

impl Step {
    /// What is sent for it, if nothing else is done with it.
    pub fn calls(&self) -> Vec<ApiCall> {
        let mut calls = self.own_calls();
        if let Some(owner) = self.helper_for() {
            calls.insert(0, make_helper(owner, changes_ends(&calls)));
            calls.push(delete_helper());
        }
        calls
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
    fn own_calls(&self) -> Vec<ApiCall> {
        match self {
            Self::SetUp { user, vm, notify, activation } => set_up(*user, *vm, *notify, *activation),
            Self::Activate { user } => vec![patch_user(*user, r#""is_active":true"#, "activate")],
            Self::Deactivate { user } => vec![unsetup(*user), look_again(*user)],
            Self::Suspend { user, places, role } => suspend(*user, places, *role),
            Self::Resume { user, role } => {
                let flags = match role {
                    UserRole::Admin => r#""is_active":true,"is_admin":true"#,
                    UserRole::Plain => r#""is_active":true"#,
                };
                vec![patch_user(*user, flags, "activate, and so set up again")]
            }
            Self::SetRole { user, role } => {
                let flag = match role {
                    UserRole::Admin => r#""is_admin":true"#,
                    UserRole::Plain => r#""is_admin":false"#,
                };
                vec![patch_user(*user, flag, "change the admin flag")]
            }
            Self::Reassign { from, to, project, parting, regrant, owned } => {
                let mut calls = part(*from, *parting);
                if *owned > 0 {
                    calls.extend(hand_over(*from, *to, project));
                }
                if *parting == Parting::Stays {
                    calls.push(back(*from));
                }
                calls.extend(regrant.iter().map(|right| grant(*to, right)));
                calls.push(get("groups/contents", "count what is owned, before and after"));
                calls
            }
            Self::IssueToken { owner, expiry, scopes } => {
                vec![post(TOKENS, issue_body(*owner, *expiry, scopes), "issue the token")]
            }
            Self::ChangeExpiry { token, expiry, .. } => {
                let body =
                    format!(r#"{{"api_client_authorization":{{"expires_at":{}}}}}"#, json(&expiry.to_wire()));
                vec![call("PUT", format_args!("{TOKENS}/{token}"), Some(body), "change when it ends")]
            }
            Self::RevokeToken { token, .. } => vec![revoke(token, "revoke it")],
            Self::RevokeAllOf { .. } => vec![
                get(TOKENS, "list them, checking every row's owner, until nothing is left"),
                revoke(&"<each>", "revoke each"),
            ],
            Self::ListExactly { .. } => vec![get(TOKENS, "list them, checking every row's owner")],
            Self::CreateLogin { user, vm, login_name, groups } => {
                let properties = login_properties(login_name.as_str(), &unix(groups));
                vec![link(user, "can_login", vm, &properties, "make the login")]
            }
            Self::ChangeLogin { link, login_name, groups, others, .. } => {
                let mut properties = login_properties(login_name, &unix(groups));
                if !others.is_empty() {
                    properties.insert_str(properties.len() - 1, &format!(",{others}"));
                }
                let body = format!(r#"{{"link":{{"properties":{properties}}}}}"#);
                let path = format!("links/{link}");
                vec![call("PATCH", path, Some(body), "change its groups; twins go with it")]
            }
            Self::DeleteLogin { link, .. } => {
                vec![delete(format_args!("links/{link}"), "take the login away; twins go with it")]
            }
        }
    }
}

fn unsetup(user: UserUuid) -> ApiCall {
    post(
        format_args!("users/{user}/unsetup"),
        "{}".to_owned(),
        "delete permissions, logins, keys, tokens, signatures and preferences; make inactive",
    )
}

fn look_again(user: UserUuid) -> ApiCall {
    get(format_args!("users/{user}"), "look whether it held")
}

fn set_up(user: UserUuid, vm: Option<VmUuid>, notify: Notify, activation: Activation) -> Vec<ApiCall> {
    let vm = vm.map(|vm| format!(r#","vm_uuid":"{vm}""#)).unwrap_or_default();
    let mail = notify == Notify::ByMail;
    let body = format!(r#"{{"uuid":"{user}"{vm},"send_notification_email":{mail}}}"#);
    let mut calls = vec![post("users/setup", body, "invite, and make the login if there is none")];
    if activation == Activation::Now {
        calls.push(patch_user(user, r#""is_active":true"#, "activate"));
    }
    calls
}

fn suspend(user: UserUuid, places: &[LinkUuid], role: UserRole) -> Vec<ApiCall> {
    let mut calls: Vec<ApiCall> = places
        .iter()
        .map(|place| delete(format_args!("links/{place}"), "take the membership of All users away"))
        .collect();
    let flags = match role {
        UserRole::Admin => r#""is_active":false,"is_admin":false"#,
        UserRole::Plain => r#""is_active":false"#,
    };
    calls.push(patch_user(user, flags, "make inactive"));
    calls.push(look_again(user));
    calls
}

fn part(from: UserUuid, parting: Parting) -> Vec<ApiCall> {
    match parting {
        Parting::Ends => vec![unsetup(from), look_again(from)],
        Parting::EndedBefore | Parting::Stays | Parting::StaysInactive => Vec::new(),
    }
}

fn hand_over(from: UserUuid, to: UserUuid, project: &Destination) -> Vec<ApiCall> {
    let mut calls = Vec::new();
    let place = match project {
        Destination::Existing(uuid, _) => uuid.to_string(),
        Destination::New(name) => {
            let body = format!(
                r#"{{"group":{{"name":{},"group_class":"project","owner_uuid":"{to}"}}}}"#,
                json(name)
            );
            calls.push(post("groups", body, "make the project"));
            "<project>".to_owned()
        }
    };
    let body = format!(
        r#"{{"old_user_uuid":"{from}","new_user_uuid":"{to}","new_owner_uuid":"{place}","redirect_to_new_user":false}}"#
    );
    calls.push(post("users/merge", body, "move everything that is owned"));
    calls
}

/// The merge gave the old account's place in All users away.
fn back(from: UserUuid) -> ApiCall {
    let body = format!(r#"{{"uuid":"{from}","send_notification_email":false}}"#);
    post("users/setup", body, "put the old account back into All users")
}

fn grant(to: UserUuid, right: &Regrant) -> ApiCall {
    let properties = match &right.login {
        Some((name, groups)) => login_properties(name, groups),
        None => "{}".to_owned(),
    };
    link(to, &right.name, right.head, &properties, "grant what was picked")
}

fn issue_body(owner: UserUuid, expiry: Expiry, scopes: &Scopes) -> String {
    format!(
        r#"{{"api_client_authorization":{{"owner_uuid":"{owner}","scopes":{},"expires_at":{}}}}}"#,
        json(&scopes.to_wire()),
        json(&expiry.to_wire())
    )
}

fn revoke(token: &dyn Display, purpose: &'static str) -> ApiCall {
    delete(format_args!("{TOKENS}/{token}"), purpose)
}

fn changes_ends(calls: &[ApiCall]) -> bool {
    calls.iter().any(|call| call.method == "PUT")
}

/// A helper token (api.md v4), which may change ends if that is wanted.
fn make_helper(owner: UserUuid, changes_ends: bool) -> ApiCall {
    let put = if changes_ends { format!(r#","PUT /arvados/v1/{TOKENS}/""#) } else { String::new() };
    let body = format!(
        r#"{{"api_client_authorization":{{"owner_uuid":"{owner}","scopes":["GET /arvados/v1/{TOKENS}","DELETE /arvados/v1/{TOKENS}/"{put}],"expires_at":"<in some minutes>"}}}}"#
    );
    post(TOKENS, body, "make a helper token for the owner, for the next requests")
}

fn delete_helper() -> ApiCall {
    revoke(&"<helper>", "delete the helper, last")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::TokenUuid;
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
        let calls = step.calls();
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
            Step::ChangeExpiry { token, owner: rosa(), expiry: Expiry::Never, via: Via::Helper }.calls();
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
        let calls = Plan::sketched(intent, steps, Names::default(), Timestamp::UNIX_EPOCH).calls();
        let shown = |calls: &[ApiCall]| {
            let short = |call: &ApiCall| {
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
