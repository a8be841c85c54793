//! Who the token acts as, where, and whose tokens it can see.

use crate::arvados::client::Client;
use crate::arvados::error::{Error, ErrorKind};
use crate::model::field::Field;
use crate::model::session::{Session, TokenAccess, TrustedTokens};

/// Finds it out: the cluster's configuration first, which needs no token and so tells a wrong host from a
/// wrong token; then the token, which every valid one may ask, whatever its scopes (api.md v5).
pub(super) async fn find_out(client: &Client, host: String) -> Result<Session, Error> {
    let cluster = client.cluster_facts().await?;
    let token = client.current_token().await?;
    let me = client.current_user(Some(token.owner)).await.map_err(|error| match error.kind() {
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
    let mut trusted_tokens = TrustedTokens::Issued;
    let access = match cluster.login_cluster {
        // Lists of tokens and their making are forwarded there (api.md b.6, v26).
        Some(login) if login != cluster.id => TokenAccess::Elsewhere(login),
        _ if token.uuid.is_system_root() => TokenAccess::All,
        _ => match client.may_list_tokens().await {
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                trusted_tokens = trust(Err(error))?;
                TokenAccess::Forbidden
            }
            Err(error) => return Err(error),
            Ok(()) if me.is_perhaps_admin() => TokenAccess::Borrowed,
            Ok(()) => TokenAccess::OwnOnly,
        },
    };
    // The root token lists and issues in any case, and revokes in none where that is off.
    let mut warnings = client.warnings().to_vec();
    if let Field::Unreadable(flag) = &me.role {
        warnings.push(format!(
            "Whether you are an admin can't be read ({flag}): if you are none, lists of what others have are empty"
        ));
    }
    let trusted_tokens = if access == TokenAccess::All {
        match trust(client.may_reach_tokens(cluster.id).await) {
            // What was asked already says that the token is good: this is about one path alone.
            Err(error) if error.kind() != ErrorKind::NotAuthorised => {
                warnings.push(format!("Whether this cluster lets tokens be revoked is not known: {error}"));
                TrustedTokens::Issued
            }
            known => known?,
        }
    } else {
        trusted_tokens
    };
    Ok(Session { api_host: client.api_host(), host, cluster, me, token, access, trusted_tokens, warnings })
}

/// What a refusal, or none, tells of `IssueTrustedTokens`: the server names it, so that narrow scopes, which are
/// refused as well, are not taken for it.
fn trust(asked: Result<(), Error>) -> Result<TrustedTokens, Error> {
    match asked {
        Err(error) if error.kind() == ErrorKind::Forbidden => {
            let named = error.to_string().contains("IssueTrustedTokens");
            Ok(if named { TrustedTokens::NotIssued } else { TrustedTokens::Issued })
        }
        Err(error) => Err(error),
        Ok(()) => Ok(TrustedTokens::Issued),
    }
}
