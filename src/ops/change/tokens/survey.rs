//! With which token users' tokens are reached, and what work depends on them: what surveys of tokens share.

use crate::arvados::error::Error;
use crate::model::container::Container;
use crate::model::ids::UserUuid;
use crate::model::session::TokenAccess;
use crate::ops::cluster::Cluster;
use crate::ops::plan::{Findings, Note, Via};
use crate::ops::tokens::by_helper;
use std::collections::BTreeSet;

/// With which token a user's tokens are reached, once it is known that they can be.
pub(in crate::ops) fn via(cluster: &Cluster, owner: UserUuid) -> Via {
    if owner == cluster.session.my_uuid() || cluster.session.access == TokenAccess::All {
        Via::TokenInUse
    } else {
        Via::Helper
    }
}

/// With which token all of a user's are listed.
pub(in crate::ops) fn via_list(cluster: &Cluster, owner: UserUuid) -> Via {
    if by_helper(cluster, owner) { Via::Helper } else { Via::TokenInUse }
}

/// Running work of these users. A token that may not ask is told of, not stopped by it.
pub(in crate::ops) async fn work_of<S>(
    cluster: &Cluster,
    owners: BTreeSet<UserUuid>,
    found: &mut Findings<S>,
) -> Result<Vec<Container>, Error> {
    let owners: Vec<UserUuid> = owners.into_iter().collect();
    match cluster.client.unfinished_containers(&owners).await {
        Ok(work) => Ok(work),
        Err(error) if error.is_of_this_alone() => {
            found.notes.push(Note::warning(format!(
                "Whether running work depends on them could not be looked up with this token: {error}"
            )));
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}
