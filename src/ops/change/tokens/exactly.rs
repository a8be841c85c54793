//! Listing a user's tokens exactly, with a helper token: that is a write.

use crate::arvados::error::Error;
use crate::arvados::request::Request;
use crate::arvados::tokens::Readings;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::token::{TokenList, TokenSource};
use crate::ops::change::tokens::survey::via_list;
use crate::ops::cluster::Cluster;
use crate::ops::engine::haste::{self};
use crate::ops::engine::{
    Act, Bench, Change, Helper, How, Is, Named, NoHelper, SeenTokens, StepDone, Touches, Tried, Turn, What,
};
use crate::ops::failure::Failure;
use crate::ops::helper_token::{HelperNeed, LIST_AND_DELETE};
use crate::ops::journal::ChangeKind;
use crate::ops::plan::{Findings, ItemResult, Losses, Names, Note, Product, Risk, Target, Via};
use crate::ops::tokens;
use crate::ops::tokens::out_of_reach;
use std::sync::Arc;

/// List a user's tokens exactly, with a helper token: that is a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListExactly {
    /// Whose.
    pub owner: UserUuid,
}

/// List with a helper token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListExactlyStep {
    /// Whose.
    pub owner: UserUuid,
}

impl Change for ListExactly {
    type Step = ListExactlyStep;

    fn is(&self) -> Is {
        Is::of(Touches::Nothing, "List exactly the tokens of", "listed").at_once()
    }

    fn named(&mut self) -> Named<'_> {
        Named::Only(vec![self.owner])
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let owner = self.owner;
        let mut found = Findings::default();
        let target = Target::User(owner);
        let users = cluster.users(&[owner]).await?;
        found.names.add_users(&users);
        if let Some(reason) = out_of_reach(cluster, owner) {
            found.refuse(target, reason);
        } else if via_list(cluster, owner) == Via::TokenInUse {
            found.leave(target, "listed exactly already, with the token in use");
        } else if users.is_empty() {
            found.refuse(target, "there is no such user here");
        } else if cluster.mode == crate::arvados::writer::Mode::ReadOnly {
            found.refuse(target, "it takes a helper token, which is a write, and this is read-only");
        } else {
            found.notes.push(Note::info(
            "A helper token of the user is made and deleted again; the audit log shows both as done by the user",
        ));
            found.plan(ListExactlyStep { owner }, Losses::default());
        }
        Ok(found)
    }
}

impl Act for ListExactlyStep {
    fn is(&self) -> What {
        What { target: Target::User(self.owner), risk: Risk::Reversible, kind: ChangeKind::Elsewhere }
    }

    fn says(&self, _names: &Names) -> String {
        "listed with a helper token, made and deleted for it".to_owned()
    }

    fn requests(&self) -> Vec<Request> {
        vec![Request::tokens().meant("list them, checking every row's owner")]
    }

    fn helper(&self) -> Option<HelperNeed> {
        Some(HelperNeed { owner: self.owner, scopes: LIST_AND_DELETE })
    }

    async fn apply(&self, &Turn { bench, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let owner = self.owner;
        let seen = match bench.helpers.of(bench, owner).await {
            Ok(helper) => helper.seen.clone(),
            Err(NoHelper::Ended) => None,
            Err(NoHelper::Refused(failure)) => return Err(failure),
        };
        let seen = match seen {
            Some(seen) => seen,
            None => list_in_haste(bench, owner).await?,
        };
        let mut done = StepDone::one(Target::User(owner), ItemResult::Done);
        let rows = match tokens::with_origins(bench.cluster, owner, seen.rows.clone()).await {
            Ok(rows) => rows,
            Err(error) => {
                done = done.note(Note::warning(format!("Who made them could not be looked up: {error}")));
                seen.rows.clone()
            }
        };
        let source = match seen.how {
            How::Listed | How::Uuids(_) => TokenSource::Server,
            How::Log(_) => TokenSource::AuditLog { since: None },
        };
        let remark = seen.note(&bench.names.user(owner)).map(|note| note.text);
        let list = TokenList { unread: seen.unread, remark, ..TokenList::new(owner, rows, source) };
        done.brought = Some(Product::List(list));
        Ok(done)
    }
}

/// The same while somebody ends the helpers.
async fn list_in_haste(bench: &Bench<'_>, owner: UserUuid) -> Result<SeenTokens, Failure> {
    let tell = |ended| bench.say(haste::being_ended(bench, owner, ended, 0));
    let is_helper = |token: TokenUuid| bench.helpers.slot(owner).is_ok_and(|slot| slot.has_made(token));
    let tried = bench.helpers.in_haste(bench, owner, tell, Result::is_ok, |helper: Arc<Helper>| async move {
        match SeenTokens::of(bench.cluster, &helper.client, owner, Readings::One).await {
            Err(error) if haste::is_ended(bench, &helper.client, &error).await => Tried::Ended,
            Ok(mut seen) => {
                seen.rows.retain(|row| !is_helper(row.uuid));
                Tried::Through(Ok(seen))
            }
            Err(error) => Tried::Through(Err(Failure::from(error))),
        }
    });
    Box::pin(tried).await?
}
