//! The table of routes: which front answers a path, and which function does what it asks.

mod agreements;
mod collections;
mod computed;
mod config;
mod credentials;
mod groups;
mod keys;
mod links;
mod logs;
mod machines;
mod tokens;
mod users;
mod work;

use super::answer::Answer;
use super::call::{Call, Handled};
use super::cell::Front::{self, Controller, Rails};
use super::failure::Failure;
use super::store::Store;

/// What a route does.
#[derive(Clone, Copy)]
pub enum Work {
    /// Needs no token.
    Open(fn(&Store) -> Answer),
    Read(fn(&Call, &Store) -> Handled),
    Write(fn(&Call, &mut Store) -> Handled),
}

/// What a client does to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    Get,
    Post,
    /// PATCH, and PUT too.
    Update,
    /// PUT alone (api.md v16).
    Put,
    Delete,
}

impl Verb {
    fn is(self, method: &str) -> bool {
        match self {
            Self::Get => matches!(method, "GET" | "HEAD"),
            Self::Post => method == "POST",
            Self::Update => matches!(method, "PATCH" | "PUT"),
            Self::Put => method == "PUT",
            Self::Delete => method == "DELETE",
        }
    }
}

/// One route; `{uuid}` stands for any one part of the path.
pub struct Route {
    verb: Verb,
    path: &'static str,
    pub front: Front,
    pub work: Work,
}

impl Route {
    /// The method that scopes must allow: the controller passes every update on as PATCH (api.md b.6).
    pub fn scope_method<'a>(&self, method: &'a str) -> &'a str {
        match (self.verb, self.front) {
            (Update, Controller) => "PATCH",
            _ => method,
        }
    }

    /// Whether any token may do it, whatever its scopes (api.md v5).
    pub fn is_free(&self) -> bool {
        self.path == "api_client_authorizations/current"
    }
}

const fn read(path: &'static str, front: Front, work: fn(&Call, &Store) -> Handled) -> Route {
    Route { verb: Get, path, front, work: Work::Read(work) }
}

const fn write(
    verb: Verb,
    path: &'static str,
    front: Front,
    work: fn(&Call, &mut Store) -> Handled,
) -> Route {
    Route { verb, path, front, work: Work::Write(work) }
}

const fn open(path: &'static str, work: fn(&Store) -> Answer) -> Route {
    Route { verb: Get, path, front: Controller, work: Work::Open(work) }
}

use Verb::{Delete, Get, Post, Put, Update};

/// Fixed names come before `{uuid}`: the first route that fits is taken.
const ROUTES: &[Route] = &[
    open("config", config::config),
    open("vocabulary", config::vocabulary),
    read("users", Controller, users::list),
    read("users/current", Controller, users::current),
    read("users/system", Controller, users::system),
    read("users/{uuid}", Controller, users::get),
    write(Post, "users", Controller, users::create),
    write(Post, "users/setup", Controller, users::set_up),
    write(Post, "users/merge", Controller, users::merge),
    write(Post, "users/{uuid}/activate", Controller, users::activate),
    write(Post, "users/{uuid}/unsetup", Controller, users::unset_up),
    write(Update, "users/{uuid}", Controller, users::update),
    write(Delete, "users/{uuid}", Controller, users::delete),
    read("api_client_authorizations", Controller, tokens::list),
    read("api_client_authorizations/current", Controller, tokens::current),
    read("api_client_authorizations/{uuid}", Controller, tokens::get),
    write(Post, "api_client_authorizations", Controller, tokens::create),
    write(Put, "api_client_authorizations/{uuid}", Controller, tokens::update),
    write(Delete, "api_client_authorizations/{uuid}", Controller, tokens::delete),
    read("links", Controller, links::list),
    read("links/{uuid}", Controller, links::get),
    write(Post, "links", Controller, links::create),
    write(Update, "links/{uuid}", Controller, links::update),
    write(Delete, "links/{uuid}", Controller, links::delete),
    read("permissions/{uuid}", Rails, links::permissions),
    read("computed_permissions", Rails, computed::list),
    read("virtual_machines", Rails, machines::list),
    read("virtual_machines/get_all_logins", Rails, machines::all_logins),
    read("virtual_machines/{uuid}", Rails, machines::get),
    read("virtual_machines/{uuid}/logins", Rails, machines::logins),
    write(Post, "virtual_machines", Rails, machines::create),
    write(Update, "virtual_machines/{uuid}", Rails, machines::update),
    write(Delete, "virtual_machines/{uuid}", Rails, machines::delete),
    read("groups", Controller, groups::list),
    read("groups/contents", Controller, groups::contents),
    read("groups/{uuid}", Controller, groups::get),
    read("groups/{uuid}/contents", Controller, groups::contents),
    write(Post, "groups", Controller, groups::create),
    write(Post, "groups/{uuid}/trash", Controller, groups::delete),
    write(Post, "groups/{uuid}/untrash", Controller, groups::untrash),
    write(Update, "groups/{uuid}", Controller, groups::update),
    write(Delete, "groups/{uuid}", Controller, groups::delete),
    read("authorized_keys", Controller, keys::list),
    read("authorized_keys/{uuid}", Controller, keys::get),
    write(Post, "authorized_keys", Controller, keys::create),
    write(Update, "authorized_keys/{uuid}", Controller, keys::update),
    write(Delete, "authorized_keys/{uuid}", Controller, keys::delete),
    read("logs", Rails, logs::list),
    read("logs/{uuid}", Rails, logs::get),
    write(Post, "logs", Rails, logs::create),
    write(Delete, "logs/{uuid}", Rails, logs::delete),
    read("containers", Controller, work::containers),
    read("containers/{uuid}", Controller, work::container),
    read("containers/{uuid}/auth", Controller, work::auth),
    write(Post, "containers/{uuid}/lock", Controller, work::lock),
    write(Post, "containers/{uuid}/unlock", Controller, work::unlock),
    read("container_requests", Controller, work::requests),
    read("container_requests/{uuid}", Controller, work::request),
    write(Post, "container_requests", Controller, work::create),
    write(Update, "container_requests/{uuid}", Controller, work::update),
    write(Delete, "container_requests/{uuid}", Controller, work::delete),
    read("collections", Controller, collections::list),
    read("collections/{uuid}", Controller, collections::get),
    write(Post, "collections", Controller, collections::create),
    write(Post, "collections/{uuid}/trash", Controller, collections::delete),
    write(Post, "collections/{uuid}/untrash", Controller, collections::untrash),
    write(Update, "collections/{uuid}", Controller, collections::update),
    write(Delete, "collections/{uuid}", Controller, collections::delete),
    read("credentials", Rails, credentials::list),
    read("credentials/{uuid}", Rails, credentials::get),
    read("credentials/{uuid}/secret", Rails, credentials::secret),
    write(Post, "credentials", Rails, credentials::create),
    write(Update, "credentials/{uuid}", Rails, credentials::update),
    write(Delete, "credentials/{uuid}", Rails, credentials::delete),
    read("user_agreements", Rails, agreements::list),
    read("user_agreements/signatures", Rails, agreements::signatures),
    write(Post, "user_agreements/sign", Rails, agreements::sign),
];

/// Where a request goes.
pub enum Found {
    Route {
        route: &'static Route,
        uuid: Option<String>,
    },
    /// No such endpoint or method: whose answer that is, and what it says.
    Nothing(Front, Failure),
}

/// The route for `method` on `path` (the whole path of the URL).
pub fn find(method: &str, path: &str) -> Found {
    let Some(path) = path.strip_prefix("/arvados/v1/") else {
        return Found::Nothing(Rails, Failure::not_found());
    };
    let path = path.trim_end_matches('/');
    for route in ROUTES.iter().filter(|route| route.verb.is(method)) {
        if let Some(uuid) = fits(route.path, path) {
            return Found::Route { route, uuid };
        }
    }
    let resource = path.split('/').next().unwrap_or_default();
    let front =
        ROUTES.iter().find(|route| route.path.split('/').next() == Some(resource)).map(|route| route.front);
    match front {
        Some(Controller) => Found::Nothing(Controller, Failure::no_endpoint()),
        Some(Rails) | None => Found::Nothing(Rails, Failure::not_found()),
    }
}

/// Whether `path` is of the form, and what stands for its `{uuid}`.
#[expect(clippy::option_option, reason = "a form without {uuid} fits as well as one with")]
fn fits(form: &str, path: &str) -> Option<Option<String>> {
    let (mut parts, mut uuid) = (path.split('/'), None);
    for wanted in form.split('/') {
        let part = parts.next()?;
        match wanted {
            "{uuid}" => uuid = Some(part.to_owned()),
            _ if wanted == part => {}
            _ => return None,
        }
    }
    parts.next().is_none().then_some(uuid)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn uuid_of(method: &str, path: &str) -> Option<String> {
        match find(method, path) {
            Found::Route { uuid, .. } => uuid,
            Found::Nothing(..) => None,
        }
    }

    #[test]
    fn paths_find_their_routes() {
        assert_eq!(uuid_of("GET", "/arvados/v1/users/x").as_deref(), Some("x"));
        assert_eq!(uuid_of("GET", "/arvados/v1/users/current"), None);
        let nothing = |method: &str, path: &str| match find(method, path) {
            Found::Route { .. } => None,
            Found::Nothing(front, failure) => Some((front, failure.status)),
        };
        assert_eq!(nothing("PATCH", "/arvados/v1/api_client_authorizations/x"), Some((Controller, 405)));
        assert_eq!(
            nothing("POST", "/arvados/v1/api_client_authorizations/create_system_auth"),
            Some((Controller, 405))
        );
        assert_eq!(nothing("GET", "/arvados/v1/nonesuch"), Some((Rails, 404)));
        assert_eq!(nothing("GET", "/arvados/v1/users/current"), None);
    }
}
