//! Who the token acts as, where, and whose tokens it can see.

use crate::arvados::client::Client;
use crate::arvados::error::{Error, ErrorKind};
use crate::model::session::{Session, TokenAccess};

/// Finds it out: the cluster's configuration first, which needs no token and so tells a wrong host from a
/// wrong token.
pub(super) async fn find_out(client: &Client, host: String) -> Result<Session, Error> {
    let cluster = client.cluster_facts().await?;
    let me = client.current_user().await?;
    let token = client.current_token().await?;
    let access = match cluster.login_cluster {
        Some(login) if login != cluster.id => TokenAccess::Elsewhere(login),
        _ if token.uuid.is_system_root() => TokenAccess::All,
        _ => match client.may_list_tokens().await {
            Err(error) if error.kind() == ErrorKind::Forbidden => TokenAccess::Forbidden,
            Err(error) => return Err(error),
            Ok(()) if me.is_admin() => TokenAccess::Borrowed,
            Ok(()) => TokenAccess::OwnOnly,
        },
    };
    Ok(Session { host, cluster, me, token, access })
}
