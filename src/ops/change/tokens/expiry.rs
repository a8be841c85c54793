//! Changing when tokens end.

use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::request::Request;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::text::count;
use crate::model::token::Expiry;
use crate::model::when::relative;
use crate::ops::change::tokens::errand::{Deed, Errand, Outcome, carry_out, done};
use crate::ops::change::tokens::locate::reachable;
use crate::ops::change::tokens::reached::clamped;
use crate::ops::change::tokens::survey::via;
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Act, Change, Is, Named, StepDone, TokenIs, Touches, Turn, What};
use crate::ops::failure::Failure;
use crate::ops::helper_token::{AND_CHANGE, HelperNeed};
use crate::ops::journal::ChangeKind;
use crate::ops::plan::{Findings, ItemResult, Losses, Names, Note, Risk, Target, Via};
use crate::ops::tokens::out_of_change;
use crate::ops::words::ends;

/// Change when tokens end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeExpiry {
    /// Which.
    pub tokens: Vec<TokenUuid>,
    /// When they end.
    pub expiry: Expiry,
}

/// `PUT /api_client_authorizations/T`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChangeExpiryStep {
    /// Which.
    pub token: TokenUuid,
    /// Whose it is.
    pub owner: UserUuid,
    /// When it ends.
    pub expiry: Expiry,
    /// With which token the request is made.
    pub via: Via,
}

impl Change for ChangeExpiry {
    type Step = ChangeExpiryStep;

    fn is(&self) -> Is {
        Is::of(Touches::ItsItems, "Change the expiry of", "changed")
    }

    fn title(&self, _names: &Names) -> String {
        format!("Let {} end {}", count(self.tokens.len(), "token", "tokens"), ends(self.expiry))
    }

    fn named(&mut self) -> Named<'_> {
        Named::Tokens(&mut self.tokens)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let expiry = self.expiry;
        let mut found = Findings::default();
        let now = cluster.now();
        // What the log says of others' tokens is no proof: a helper's list decides.
        let exact = |owner: UserUuid| via(cluster, owner) == Via::TokenInUse;
        for token in reachable(cluster, &self.tokens, &mut found).await? {
            let target = Target::Token(token.uuid);
            if let Some(reason) = out_of_change(cluster, token.owner) {
                found.refuse(target, reason);
            } else if expiry.is_past(now) {
                found.refuse(target, "that is past: revoke it instead");
            } else if exact(token.owner) && token.expiry.is_past(now) {
                found.refuse(target, "it has ended: the server deletes such tokens within minutes");
            } else if exact(token.owner) && token.expiry.is(expiry) {
                found.leave(target, "ends then already");
            } else {
                if token.uuid == cluster.session.my_token()
                    && let Expiry::At(end) = expiry
                    && token.expiry.at().is_none_or(|now| end < now)
                {
                    found.notes.push(Note::danger(format!(
                        "The token in use is among them: your own session ends {}",
                        relative(end, now)
                    )));
                }
                let via = via(cluster, token.owner);
                found.plan(
                    ChangeExpiryStep { token: token.uuid, owner: token.owner, expiry, via },
                    Losses::default(),
                );
            }
        }
        if expiry == Expiry::Never && !found.steps.is_empty() {
            found.notes.push(Note::warning("They never end by themselves then."));
        }
        Ok(found)
    }
}

impl Act for ChangeExpiryStep {
    fn is(&self) -> What {
        What { target: Target::Token(self.token), risk: Risk::Reversible, kind: ChangeKind::Elsewhere }
    }

    fn says(&self, _names: &Names) -> String {
        format!("ends {}{}", ends(self.expiry), self.via.words())
    }

    fn requests(&self) -> Vec<Request> {
        vec![Request::change_expiry(self.token, self.expiry).meant("change when it ends")]
    }

    fn helper(&self) -> Option<HelperNeed> {
        (self.via == Via::Helper).then_some(HelperNeed { owner: self.owner, scopes: AND_CHANGE })
    }

    fn is_looked_at_by_helper(&self) -> bool {
        self.via == Via::Helper
    }

    async fn apply(&self, &Turn { bench, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let Self { token, owner, expiry, ref via } = *self;
        Ok(match carry_out(bench, Errand { doing, token, via, deed: Deed::End(expiry) }, owner).await {
            (Outcome::Done(Some(ends)), owner) => {
                let done = done(bench, doing, token, owner, via, TokenIs::Ending(ends.clone()));
                if ends.is(expiry) { done } else { done.note(clamped(token, expiry, &ends)) }
            }
            (Outcome::Done(None), _) => StepDone::of(doing, ItemResult::Done),
            (Outcome::NotThere, _) => StepDone::of(doing, gone()),
            (Outcome::Other(result), _) => StepDone::of(doing, result),
        })
    }
}

/// What to say when there is nothing to change.
fn gone() -> ItemResult {
    ItemResult::Failed(Failure::plain(
        ErrorKind::NotFound,
        "it is gone: somebody revoked it meanwhile",
        "refresh",
    ))
}
