//! `/api_client_authorizations` (api.md b.6, v1 to v5, v9, v16)

use crate::demo::answer::{self, Shape};
use crate::demo::auth::InUse;
use crate::demo::call::{Call, Handled};
use crate::demo::failure::Failure;
use crate::demo::list;
use crate::demo::query::{self, Fallback};
use crate::demo::record::{Common, Record, Token};
use crate::demo::request::Attributes;
use crate::demo::store::Store;
use crate::demo::uuid::{Kind, Uuid};
use crate::secret::Secret;
use serde_json::Value;
use std::sync::Arc;

const ATTRIBUTES: [&str; 12] = [
    "uuid",
    "owner_uuid",
    "user_id",
    "api_client_id",
    "api_token",
    "scopes",
    "expires_at",
    "last_used_at",
    "last_used_by_ip_address",
    "created_by_ip_address",
    "default_owner_uuid",
    "refreshes_at",
];
/// `…/current` is answered from memory, where the time of creation is not.
const OF_CURRENT: &[&str] = &[
    "uuid",
    "etag",
    "owner_uuid",
    "api_token",
    "created_by_ip_address",
    "expires_at",
    "last_used_at",
    "last_used_by_ip_address",
    "scopes",
];

fn is_own(call: &Call, token: &Token) -> bool {
    call.session.is_root() || token.common.owner_uuid == call.viewer().uuid()
}

/// What concerns users and tokens of another known cluster goes there; the demo's can't be reached
/// (api.md v29).
fn must_be_here(store: &Store, uuid: &str) -> Result<(), Failure> {
    match uuid.get(..5).filter(|id| store.remotes.contains(*id)) {
        None => Ok(()),
        Some(id) => {
            Err(Failure::controller(502, format!("dial tcp: lookup arvados.{id}.example: no such host")))
        }
    }
}

/// Lists and new ones are still the root token's where `IssueTrustedTokens` is off (api.md b.6).
fn must_be_trusted(call: &Call, store: &Store) -> Result<(), Failure> {
    if store.settings.issue_trusted_tokens || call.session.is_root() {
        Ok(())
    } else {
        Err(Failure::plain(403, "Action prohibited by IssueTrustedTokens configuration."))
    }
}

fn find(call: &Call, store: &Store) -> Result<Arc<Token>, Failure> {
    if !store.settings.issue_trusted_tokens {
        // By UUID not even the root token.
        return Err(Failure::plain(403, "Action prohibited by IssueTrustedTokens configuration."));
    }
    must_be_here(store, call.uuid.as_deref().unwrap_or_default())?;
    call.found(store, |token: &Token| is_own(call, token))
}

/// One's own tokens; all filters but those by UUID, secret and scopes are dropped.
pub fn list(call: &Call, store: &Store) -> Handled {
    must_be_trusted(call, store)?;
    let mut wants = call.wants()?;
    let shape = Shape::new(call.front, wants.selected()?);
    let mut scopes: Vec<Vec<String>> = Vec::new();
    for filter in wants.filters.iter().filter(|filter| filter.operator == "=") {
        if let ([name], Value::Array(items)) = (filter.attributes.as_slice(), &filter.operand)
            && name == "scopes"
        {
            scopes.push(sorted(items.iter().filter_map(Value::as_str).map(str::to_owned).collect()));
        }
    }
    if call.session.is_root() && !scopes.is_empty() {
        return Err(Failure::exception("NoMethodError", "undefined method 'count' for nil"));
    }
    wants.filters.retain(|filter| {
        filter.operator == "="
            && matches!(filter.attributes.as_slice(), [name] if name == "uuid" || name == "api_token")
    });
    let fallback = if wants.has_select() { Fallback::Table } else { Fallback::Newest };
    let page = list::page(store, &wants, fallback, |token: &Token| {
        is_own(call, token) && scopes.iter().all(|wanted| sorted(token.scopes.clone()) == *wanted)
    })?;
    Ok(answer::list(&call.scene(store), &shape, &wants, &page))
}

fn sorted(mut scopes: Vec<String>) -> Vec<String> {
    scopes.sort();
    scopes
}

pub fn get(call: &Call, store: &Store) -> Handled {
    call.one(store, &*find(call, store)?)
}

pub fn current(call: &Call, store: &Store) -> Handled {
    let shape =
        Shape::new(call.front, query::selected_loosely(call.front, &call.params)?).only(Some(OF_CURRENT));
    let root;
    let token = match &call.session.token {
        InUse::Issued(token) => token,
        InUse::Root => {
            let common = Common::new(Uuid::system_token(), store.clock.now());
            root = Arc::new(Token::new(common, Secret::new(String::new())));
            &root
        }
    };
    Ok(answer::one(&call.scene(store), &shape, &**token))
}

pub fn create(call: &Call, store: &mut Store) -> Handled {
    must_be_trusted(call, store)?;
    let given = call.attributes::<Token>()?;
    given.only("ApiClientAuthorization", &ATTRIBUTES)?;
    must_be_here(store, &given.filled("owner_uuid").flatten().unwrap_or_default())?;
    let owner = match given.uuid("owner_uuid") {
        None | Some(None) => call.viewer().uuid(),
        Some(Some(owner)) => owner.ok().filter(|owner| is_user(store, *owner)).ok_or_else(Failure::denied)?,
    };
    if owner != call.viewer().uuid() && !call.is_admin() {
        return Err(Failure::denied());
    }
    let uuid = store.new_uuid(Kind::Token);
    let secret = match given.filled("api_token") {
        Some(Some(text)) if call.is_admin() => Secret::new(text),
        _ => store.new_secret(),
    };
    let mut token = Token::new(Common::new(uuid, store.clock.now()).owned_by(owner), secret);
    apply(&mut token, &given)?;
    let token = call.writer(store).create(token);
    call.one(store, &*token)
}

fn is_user(store: &Store, uuid: Uuid) -> bool {
    store.users.get(uuid).is_some_and(|user| user.redirect_to_user_uuid.is_none())
}

fn apply(token: &mut Token, given: &Attributes) -> Result<(), Failure> {
    if let Some(scopes) = given.texts("scopes")? {
        token.scopes = scopes;
    }
    if let Some(at) = given.time("expires_at") {
        token.expires_at = at;
    }
    Ok(())
}

pub fn update(call: &Call, store: &mut Store) -> Handled {
    let mut token = (*find(call, store)?).clone();
    let given = call.attributes::<Token>()?;
    given.only("ApiClientAuthorization", &ATTRIBUTES)?;
    if given.filled("owner_uuid").flatten().is_some_and(|owner| owner != token.common.owner_uuid.as_str()) {
        return Err(Failure::denied());
    }
    apply(&mut token, &given)?;
    let token = call.writer(store).update(token);
    call.one(store, &*token)
}

pub fn delete(call: &Call, store: &mut Store) -> Handled {
    let token = find(call, store)?;
    let gone = call.one(store, &*token)?;
    call.writer(store).delete::<Token>(token.uuid());
    Ok(gone)
}
