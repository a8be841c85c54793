//! Requests that change something, as values: the one thing that a dry run shows and that is sent. What is known
//! only when its turn comes stands in angle brackets before: `<project>`.

use super::error::{Error, Setting};
use super::links::LinkProperties;
use crate::model::ids::{AnyUuid, GroupUuid, LinkUuid, TokenUuid, UserUuid, VmUuid};
use crate::model::token::{Expiry, Scopes};
use crate::model::user::Notify;
use jiff::Timestamp;
use serde::Serialize;
use std::fmt::{self, Display};

/// What all paths of the API begin with.
const ROOT: &str = "/arvados/v1/";

/// Where tokens are.
pub(super) const TOKENS: &str = "api_client_authorizations";

/// One request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// `GET` where the reading matters.
    pub method: Method,
    /// From the root of the server: `/arvados/v1/users/…`.
    pub path: String,
    /// The JSON that is sent.
    pub body: Option<String>,
    /// What it is for, in a few words.
    pub purpose: &'static str,
    /// The record that it changes, where it is there already: an answer without a UUID is about this one.
    known: Option<AnyUuid>,
}

/// What is done to what a path names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Method {
    /// Read.
    Get,
    /// Made, or done.
    Post,
    /// Changed.
    Patch,
    /// Changed: of tokens.
    Put,
    /// Deleted.
    Delete,
}

impl Method {
    /// As it is sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Patch => "PATCH",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

impl Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Which flags of a user to set; what is `None` stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct UserFlags {
    /// `is_active`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_active: Option<bool>,
    /// `is_admin`
    #[serde(skip_serializing_if = "Option::is_none")]
    pub is_admin: Option<bool>,
}

/// Something that is known now, or what stands for it until it is: `<project>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Blank<T> {
    /// This.
    Filled(T),
    /// What is known when its turn comes.
    Open(&'static str),
}

impl<T> From<T> for Blank<T> {
    fn from(known: T) -> Self {
        Self::Filled(known)
    }
}

impl<T: Display> Display for Blank<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Filled(known) => known.fmt(f),
            Self::Open(name) => f.write_str(name),
        }
    }
}

impl Request {
    fn new(method: Method, path: impl Display) -> Self {
        Self { method, path: format!("{ROOT}{path}"), body: None, purpose: "", known: None }
    }

    fn with<B: Serialize>(self, body: &B) -> Self {
        // Nothing is sent for what can't be written: see `Request::bytes`.
        Self { body: Some(serde_json::to_string(body).unwrap_or_default()), ..self }
    }

    fn of(self, known: impl Into<AnyUuid>) -> Self {
        Self { known: Some(known.into()), ..self }
    }

    /// The same, with what it is for.
    pub fn meant(self, purpose: &'static str) -> Self {
        Self { purpose, ..self }
    }

    /// A read that matters: of a user.
    pub fn user(uuid: UserUuid) -> Self {
        Self::new(Method::Get, format_args!("users/{uuid}")).of(uuid)
    }

    /// A read that matters: of all tokens that can be seen.
    pub fn tokens() -> Self {
        Self::new(Method::Get, TOKENS)
    }

    /// A read that matters: of what somebody owns.
    pub fn contents() -> Self {
        Self::new(Method::Get, "groups/contents")
    }

    /// `PATCH /users/UUID` with only these flags, so that nobody's concurrent edit is undone.
    pub fn update_user(uuid: UserUuid, flags: UserFlags) -> Self {
        #[derive(Serialize)]
        struct Body {
            user: UserFlags,
        }
        Self::new(Method::Patch, format_args!("users/{uuid}")).with(&Body { user: flags }).of(uuid)
    }

    /// `POST /users/setup`: the membership of All users, visibility, a login on `vm`. It does not activate, and
    /// repeats nothing that is there (api.md b.5).
    pub fn set_up_user(uuid: UserUuid, vm: Option<VmUuid>, notify: Notify) -> Self {
        #[derive(Serialize)]
        struct Body {
            uuid: UserUuid,
            #[serde(skip_serializing_if = "Option::is_none")]
            vm_uuid: Option<VmUuid>,
            send_notification_email: bool,
        }
        let body = Body { uuid, vm_uuid: vm, send_notification_email: notify == Notify::ByMail };
        Self::new(Method::Post, "users/setup").with(&body)
    }

    /// `POST /users/UUID/unsetup`: deletes permissions, logins, keys, tokens, signatures and preferences, and makes
    /// the user inactive (api.md v13).
    pub fn unsetup_user(uuid: UserUuid) -> Self {
        #[derive(Serialize)]
        struct Empty {}
        Self::new(Method::Post, format_args!("users/{uuid}/unsetup")).with(&Empty {}).of(uuid)
    }

    /// `POST /users/merge` without redirect: what `old` owns, trash included, goes to `new_owner`, and what
    /// permission links `old` still has go to `new` (api.md v28).
    pub fn merge_users(old: UserUuid, new: UserUuid, new_owner: Blank<GroupUuid>) -> Self {
        #[derive(Serialize)]
        struct Body {
            old_user_uuid: UserUuid,
            new_user_uuid: UserUuid,
            new_owner_uuid: Blank<GroupUuid>,
            redirect_to_new_user: bool,
        }
        let body = Body {
            old_user_uuid: old,
            new_user_uuid: new,
            new_owner_uuid: new_owner,
            redirect_to_new_user: false,
        };
        Self::new(Method::Post, "users/merge").with(&body)
    }

    /// `POST /groups` of a project owned by `owner`. A name that is taken there is refused (api.md v28).
    pub fn create_project(owner: UserUuid, name: &str) -> Self {
        #[derive(Serialize)]
        struct Body<'a> {
            group: Attributes<'a>,
        }
        #[derive(Serialize)]
        struct Attributes<'a> {
            name: &'a str,
            group_class: &'static str,
            owner_uuid: UserUuid,
        }
        let group = Attributes { name, group_class: "project", owner_uuid: owner };
        Self::new(Method::Post, "groups").with(&Body { group })
    }

    /// `POST /links` of a permission. For `can_login` this always makes another link (api.md v7); for the levels an
    /// existing higher one comes back unchanged (v8): look at what is returned.
    pub fn create_link(tail: AnyUuid, name: &str, head: AnyUuid, properties: &LinkProperties) -> Self {
        #[derive(Serialize)]
        struct Body<'a> {
            link: Attributes<'a>,
        }
        #[derive(Serialize)]
        struct Attributes<'a> {
            link_class: &'static str,
            name: &'a str,
            tail_uuid: AnyUuid,
            head_uuid: AnyUuid,
            properties: &'a LinkProperties,
        }
        let link =
            Attributes { link_class: "permission", name, tail_uuid: tail, head_uuid: head, properties };
        Self::new(Method::Post, "links").with(&Body { link })
    }

    /// `PATCH /links/UUID` with the whole properties. Removes the link's twins (api.md v7).
    pub fn update_link(uuid: LinkUuid, properties: &LinkProperties) -> Self {
        #[derive(Serialize)]
        struct Body<'a> {
            link: Attributes<'a>,
        }
        #[derive(Serialize)]
        struct Attributes<'a> {
            properties: &'a LinkProperties,
        }
        Self::new(Method::Patch, format_args!("links/{uuid}"))
            .with(&Body { link: Attributes { properties } })
            .of(uuid)
    }

    /// `DELETE /links/UUID`. Removes the link's twins too (api.md v7).
    pub fn delete_link(uuid: LinkUuid) -> Self {
        Self::new(Method::Delete, format_args!("links/{uuid}"))
    }

    /// `POST /api_client_authorizations`.
    pub fn issue_token(owner: UserUuid, ends: Blank<Expiry>, scopes: &Scopes) -> Self {
        #[derive(Serialize)]
        struct Body<'a> {
            api_client_authorization: Attributes<'a>,
        }
        #[derive(Serialize)]
        struct Attributes<'a> {
            owner_uuid: UserUuid,
            scopes: Vec<&'a str>,
            expires_at: Blank<Option<Timestamp>>,
        }
        let expires_at = match ends {
            Blank::Filled(expiry) => Blank::Filled(expiry.to_wire()),
            Blank::Open(name) => Blank::Open(name),
        };
        let token = Attributes { owner_uuid: owner, scopes: scopes.to_wire(), expires_at };
        Self::new(Method::Post, TOKENS).with(&Body { api_client_authorization: token })
    }

    /// `PUT /api_client_authorizations/UUID`: PATCH is no way to change a token (api.md v16).
    pub fn change_expiry(uuid: TokenUuid, expiry: Expiry) -> Self {
        #[derive(Serialize)]
        struct Body {
            api_client_authorization: Attributes,
        }
        #[derive(Serialize)]
        struct Attributes {
            expires_at: Option<Timestamp>,
        }
        let body = Body { api_client_authorization: Attributes { expires_at: expiry.to_wire() } };
        Self::new(Method::Put, format_args!("{TOKENS}/{uuid}")).with(&body).of(uuid)
    }

    /// `DELETE /api_client_authorizations/UUID`: 404 for another user's token, also to an admin (v3).
    pub fn delete_token(uuid: Blank<TokenUuid>) -> Self {
        Self::new(Method::Delete, format_args!("{TOKENS}/{uuid}"))
    }

    /// What it answers with, if that is known.
    pub(super) fn known(&self) -> Option<AnyUuid> {
        self.known
    }

    /// For the HTTP library: the method, the path below the root of the API, and the body.
    pub(super) fn parts(&self) -> Result<(reqwest::Method, &str, Option<Vec<u8>>), Error> {
        let method = match self.method {
            Method::Get => reqwest::Method::GET,
            Method::Post => reqwest::Method::POST,
            Method::Patch => reqwest::Method::PATCH,
            Method::Put => reqwest::Method::PUT,
            Method::Delete => reqwest::Method::DELETE,
        };
        let body = self.body.as_ref().map(|body| body.clone().into_bytes());
        match body {
            Some(body) if body.is_empty() => {
                Err(Error::Config(Setting::None, "the request can't be written as JSON".to_owned()))
            }
            body => Ok((method, self.path.strip_prefix(ROOT).unwrap_or(&self.path), body)),
        }
    }
}
