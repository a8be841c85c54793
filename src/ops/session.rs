//! Who the token acts as, where, and whose tokens it can see.

use crate::arvados::client::{Client, Issuer};
use crate::arvados::connection::TokenFor;
use crate::arvados::error::{Error, ErrorKind, Setting};
use crate::model::field::Field;
use crate::model::session::{ClusterFacts, Named, Session, TokenAccess, TrustedTokens};
use crate::model::when::date_time_utc;

/// Finds it out: the cluster's configuration first, which is asked without the token and so tells whether it may
/// be sent there; then the token, which every valid one may ask, whatever its scopes (api.md v5).
pub(super) async fn find_out(client: &Client, host: String) -> Result<Session, Error> {
    let cluster = client.cluster_facts().await?;
    belongs(client, &host, &cluster)?;
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
    let mut warnings = client.warnings().to_vec();
    let access = match cluster.login_cluster {
        // Lists of tokens and their making are forwarded there (api.md b.6, v26).
        Some(login) if login != cluster.id => TokenAccess::Elsewhere(login),
        _ if token.uuid.is_system_root() => TokenAccess::All,
        _ => match client.may_list_tokens().await {
            Err(error) if error.kind() == ErrorKind::Forbidden => {
                trusted_tokens = trust(Err(error))?;
                TokenAccess::Forbidden
            }
            Err(error) if !error.is_of_this_alone() => return Err(error),
            // A list that the server can't give, as any row in it can make it (api.md v33), is no reason not to
            // start: that it may be asked for is the usual case.
            answer => {
                if let Err(error) = answer {
                    warnings.push(format!(
                        "Which tokens this token may list is not known: {error}. It is taken to be allowed"
                    ));
                }
                if me.is_perhaps_admin() { TokenAccess::Borrowed } else { TokenAccess::OwnOnly }
            }
        },
    };
    // The root token lists and issues in any case, and revokes in none where that is off.
    if let Some(shown) = client.odd_date() {
        let shown = date_time_utc(shown);
        warnings.push(format!("The clock of {host} shows {shown}, which can't be: this computer's is used"));
    }
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

/// Fails where the token must not be sent to this cluster. A cluster that was named is that one or none. The token
/// goes to the cluster that issued it; to one whose `LoginCluster` that is, since such a cluster's tokens all come
/// from there (api.md b.6); and salted, to one that knows the issuer: it was made for one such cluster, and is of
/// no use at any other. Unsalted, whoever runs the cluster could use it at the issuer's.
fn belongs(client: &Client, host: &str, cluster: &ClusterFacts) -> Result<(), Error> {
    let id = cluster.id;
    let meant = client.meant();
    if let Some(expected) =
        meant.cluster.filter(|expected| *expected != id || cluster.named != Named::ByItself)
    {
        let is = match cluster.named {
            Named::ByItself => format!("that is cluster {id}"),
            Named::ByTheToken => "that does not say which cluster it is".to_owned(),
        };
        return Err(Error::Config(
            Setting::Cluster,
            format!("the settings of {expected} name {host}, but {is}: the token was not sent"),
        ));
    }
    let (Issuer::Cluster(issuer) | Issuer::SaltedBy(issuer)) = client.issuer() else { return Ok(()) };
    let is_known = cluster.login_cluster == Some(issuer)
        || matches!(client.issuer(), Issuer::SaltedBy(_)) && cluster.remotes.contains(&issuer);
    let is = match cluster.named {
        _ if meant.token == TokenFor::AnyCluster || is_known => return Ok(()),
        Named::ByItself if id == issuer => return Ok(()),
        Named::ByItself => format!("is cluster {id}"),
        Named::ByTheToken => "does not say which cluster it is".to_owned(),
    };
    Err(Error::Config(
        Setting::TokenElsewhere,
        format!("{host} {is}, and the token is one of cluster {issuer}: it was not sent"),
    ))
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
