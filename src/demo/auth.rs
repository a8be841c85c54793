//! Whose request it is: the token in the header, found in the store, and what its scopes allow.

use super::failure::Failure;
use super::permissions::Viewer;
use super::record::Token;
use super::store::Store;
use super::uuid::Uuid;
use crate::secret::Secret;
use std::sync::Arc;

/// The token a request came with.
pub enum InUse {
    /// The system root token, which is in no table.
    Root,
    Issued(Arc<Token>),
}

/// A request's token and the user it stands for.
pub struct Session {
    pub viewer: Viewer,
    pub token: InUse,
}

impl Session {
    pub fn token_uuid(&self) -> Uuid {
        match &self.token {
            InUse::Root => Uuid::system_token(),
            InUse::Issued(token) => token.common.uuid,
        }
    }

    pub const fn is_root(&self) -> bool {
        matches!(self.token, InUse::Root)
    }

    /// Whether the token allows everything its user may do.
    pub fn is_unscoped(&self) -> bool {
        match &self.token {
            InUse::Root => true,
            InUse::Issued(token) => token.scopes == ["all"],
        }
    }

    /// Whether the token's scopes allow `method` on `path` (api.md b.6).
    pub fn allows(&self, method: &str, path: &str) -> bool {
        let InUse::Issued(token) = &self.token else { return true };
        let allowed = |method: &str| {
            let wanted = format!("{method} {path}");
            token.scopes.iter().any(|scope| {
                scope == "all"
                    || *scope == wanted
                    || (scope.ends_with('/') && wanted.starts_with(scope.as_str()))
            })
        };
        allowed(method) || (method == "HEAD" && allowed("GET"))
    }
}

/// The session that a token gives, in the v2 form or as the bare secret.
pub fn authenticate(store: &Store, root: &Secret, given: &str) -> Result<Session, Failure> {
    let (uuid, secret) = match given.strip_prefix("v2/") {
        Some(rest) => {
            let mut parts = rest.splitn(3, '/');
            let uuid = parts.next().and_then(Uuid::parse).ok_or_else(Failure::not_logged_in)?;
            (Some(uuid), parts.next().unwrap_or_default())
        }
        None => (None, given),
    };
    if secret.is_empty() {
        return Err(Failure::not_logged_in());
    }
    if given == root.expose() || (uuid == Some(Uuid::system_token()) && secret == v2_secret(root)) {
        let user = store.users.get(Uuid::system_user()).ok_or_else(Failure::not_logged_in)?;
        return Ok(Session { viewer: Viewer::new(Arc::clone(user)), token: InUse::Root });
    }
    let token = match uuid {
        Some(uuid) => store.tokens.get(uuid).filter(|token| token.secret.expose() == secret),
        None => store.tokens.by_text("secret", secret).next(),
    };
    let now = store.clock.now();
    let token = token
        .filter(|token| token.lives_until().is_none_or(|end| end > now))
        .ok_or_else(Failure::not_logged_in)?;
    let user = store
        .users
        .get(token.common.owner_uuid)
        .filter(|user| user.redirect_to_user_uuid.is_none())
        .ok_or_else(Failure::not_logged_in)?;
    Ok(Session { viewer: Viewer::new(Arc::clone(user)), token: InUse::Issued(Arc::clone(token)) })
}

fn v2_secret(root: &Secret) -> &str {
    let text = root.expose();
    text.strip_prefix("v2/").and_then(|rest| rest.split('/').nth(1)).unwrap_or(text)
}
