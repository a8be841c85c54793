//! Who the token acts as, where, and whose tokens it can see.

use crate::arvados::client::Client;
use crate::arvados::error::{Error, ErrorKind};
use crate::model::session::{Session, TokenAccess};

/// Finds it out: the cluster's configuration first, which needs no token and so tells a wrong host from a
/// wrong token; then the token, which every valid one may ask, whatever its scopes (api.md v5).
pub(super) async fn find_out(client: &Client, host: String) -> Result<Session, Error> {
    let cluster = client.cluster_facts().await?;
    let token = client.current_token().await?;
    let me = client.current_user().await.map_err(|error| match error.kind() {
        ErrorKind::Forbidden => Error::NotPossible(format!(
            "the token {} of {} may not even ask who it acts as: its scopes are {}; use one with all scopes",
            token.uuid, token.owner, token.scopes
        )),
        _ => error,
    })?;
    if token.owner != me.uuid {
        return Err(Error::Untrustworthy(format!(
            "the server says that the token {} is of {}, and that it acts as {}: nothing is done with it",
            token.uuid, token.owner, me.uuid
        )));
    }
    let access = match cluster.login_cluster {
        // Lists of tokens and their making are forwarded there (api.md b.6, v26).
        Some(login) if login != cluster.id => TokenAccess::Elsewhere(login),
        _ if token.uuid.is_system_root() => TokenAccess::All,
        _ => match client.may_list_tokens().await {
            Err(error) if error.kind() == ErrorKind::Forbidden => TokenAccess::Forbidden,
            Err(error) => return Err(error),
            Ok(()) if me.is_admin() => TokenAccess::Borrowed,
            Ok(()) => TokenAccess::OwnOnly,
        },
    };
    let warnings = client.warnings().to_vec();
    Ok(Session { api_host: client.api_host(), host, cluster, me, token, access, warnings })
}
