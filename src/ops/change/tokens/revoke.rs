//! Revoking single tokens.

use crate::arvados::client::Client;
use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::request::Request;
use crate::model::container::Container;
use crate::model::ids::{TokenUuid, UserUuid};
use crate::model::session::{Session, TrustedTokens};
use crate::model::text::count;
use crate::model::token::Token;
use crate::ops::change::tokens::errand::{Deed, Errand, Outcome, carry_out, done};
use crate::ops::change::tokens::locate::reachable;
use crate::ops::change::tokens::reached::reach;
use crate::ops::change::tokens::survey::{via, work_of};
use crate::ops::cluster::Cluster;
use crate::ops::engine::{Act, Bench, Change, Is, Named, StepDone, TokenIs, Touches, Turn, What};
use crate::ops::failure::Failure;
use crate::ops::helper_token::{HelperNeed, LIST_AND_DELETE};
use crate::ops::journal::ChangeKind;
use crate::ops::plan::{Findings, ItemResult, Losses, Names, Note, Risk, Target, Unclear, Via};
use crate::ops::tokens::out_of_change;
use crate::secret::Secret;
use std::collections::BTreeSet;

/// Revoke these tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeTokens {
    /// Which.
    pub tokens: Vec<TokenUuid>,
    /// How they were chosen.
    pub chosen: Chosen,
    /// The secret of the one token, if it was pasted: then it can revoke itself.
    pub secret: Option<Secret>,
}

/// How tokens were chosen. The token in use is only revoked if it was named by its own UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// Each by its UUID.
    ByUuid,
    /// Marked in a list.
    FromList,
}

/// `DELETE /api_client_authorizations/T`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeTokenStep {
    /// Which.
    pub token: TokenUuid,
    /// Whose it is.
    pub owner: UserUuid,
    /// With which token the request is made.
    pub via: Via,
}

impl Change for RevokeTokens {
    type Step = RevokeTokenStep;

    fn is(&self) -> Is {
        Is::of(Touches::ItsItems, "Revoke", "revoked")
    }

    fn title(&self, _names: &Names) -> String {
        format!("Revoke {}", count(self.tokens.len(), "token", "tokens"))
    }

    fn named(&mut self) -> Named<'_> {
        Named::Tokens(&mut self.tokens)
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let (tokens, chosen, secret) = (&self.tokens, self.chosen, self.secret.as_ref());
        let mut found = Findings::default();
        if let ([uuid], Some(secret)) = (tokens.as_slice(), secret)
            && cluster.session.trusted_tokens == TrustedTokens::Issued
            && uuid.cluster() == cluster.session.cluster.id
            && *uuid != cluster.session.my_token()
            && by_itself(cluster, *uuid, secret, &mut found).await?
        {
            return Ok(found);
        }
        let there = reachable(cluster, tokens, &mut found).await?;
        let work = work_of(cluster, there.iter().map(|token| token.owner).collect(), &mut found).await?;
        for token in there {
            let target = Target::Token(token.uuid);
            let in_use = token.uuid == cluster.session.my_token();
            if let Some(reason) = out_of_change(cluster, token.owner) {
                found.refuse(target, reason);
            } else if in_use && chosen == Chosen::FromList {
                found.refuse(target, "it is the token in use: name it by its own UUID to revoke it");
            } else {
                if in_use {
                    found
                        .notes
                        .push(Note::danger("The token in use is among them: this ends your own session"));
                }
                let losses = breaks(&token, &work, &mut found);
                let via = via(cluster, token.owner);
                found.plan(RevokeTokenStep { token: token.uuid, owner: token.owner, via }, losses);
            }
        }
        Ok(found)
    }
}

/// A token whose secret was pasted: if the server takes it and its scopes allow it, it can revoke itself, and
/// no helper is needed. Whether that settles it.
async fn by_itself(
    cluster: &Cluster,
    uuid: TokenUuid,
    secret: &Secret,
    found: &mut Findings<RevokeTokenStep>,
) -> Result<bool, Error> {
    let token = match cluster.client.with_token(secret)?.current_token().await {
        Ok(token) => token,
        Err(error) if error.kind() == ErrorKind::NotAuthorised => {
            cluster.takes_this_token().await?;
            // That proves nothing of the token: what becomes of it is found out by its UUID.
            found.notes.push(Note::warning(
                "The server refuses this secret: mistyped or cut off, or the token is dead. It is looked up \
                 by its UUID instead.",
            ));
            return Ok(false);
        }
        Err(error) => return Err(error),
    };
    if token.uuid != uuid {
        return Err(Error::Untrustworthy(format!(
            "the secret that was given is that of {}, not of {uuid}: nothing is revoked",
            token.uuid
        )));
    }
    let reachable = out_of_change(cluster, token.owner).is_none();
    if !token.allows(&format!("DELETE /arvados/v1/api_client_authorizations/{uuid}"))
        || (reachable && via(cluster, token.owner) == Via::TokenInUse)
    {
        return Ok(false);
    }
    found.names.owners.insert(uuid, token.owner);
    found.names.add_users(&cluster.users(&[token.owner]).await?);
    let work = work_of(cluster, BTreeSet::from([token.owner]), found).await?;
    let losses = breaks(&token, &work, found);
    let step = RevokeTokenStep { token: uuid, owner: token.owner, via: Via::Itself(secret.clone()) };
    found.plan(step, losses);
    Ok(true)
}

/// What revoking a token breaks, said in the notes.
fn breaks(token: &Token, work: &[Container], found: &mut Findings<RevokeTokenStep>) -> Losses {
    let broken: Vec<&Container> = work.iter().filter(|c| c.token == Some(token.uuid)).collect();
    for container in &broken {
        found.notes.push(Note::danger(format!(
            "{} is what the container {} works with: revoking it breaks that work",
            token.uuid, container.uuid
        )));
    }
    Losses { work: broken.len(), ..Losses::default() }
}

impl Act for RevokeTokenStep {
    fn is(&self) -> What {
        What { target: Target::Token(self.token), risk: Risk::Final, kind: ChangeKind::Revoke }
    }

    fn says(&self, _names: &Names) -> String {
        format!("revoked{}", self.via.words())
    }

    fn requests(&self) -> Vec<Request> {
        vec![Request::delete_token(self.token.into()).meant("revoke it")]
    }

    fn helper(&self) -> Option<HelperNeed> {
        (self.via == Via::Helper).then_some(HelperNeed { owner: self.owner, scopes: LIST_AND_DELETE })
    }

    fn is_looked_at_by_helper(&self) -> bool {
        self.via == Via::Helper
    }

    fn ends_the_session(&self, session: &Session) -> bool {
        self.token == session.my_token()
    }

    async fn apply(&self, &Turn { bench, doing, .. }: &Turn<'_>) -> Result<StepDone, Failure> {
        let Self { token, owner, ref via } = *self;
        Ok(match carry_out(bench, Errand { doing, token, via, deed: Deed::Revoke }, owner).await {
            (Outcome::Done(_), owner) => match reach(bench, token, via) {
                Ok(reached) if reached.asks_with == token && !matches!(via, Via::Helper) => {
                    StepDone::of(doing, has_ended(bench, &reached.client, token).await)
                }
                Ok(_) | Err(_) => done(bench, doing, token, owner, via, TokenIs::Gone),
            },
            // The token itself is refused, or the root token does not see it.
            (Outcome::NotThere, _) => StepDone::of(doing, ItemResult::Unchanged("already gone".to_owned())),
            (Outcome::Other(result), _) => StepDone::of(doing, result),
        })
    }
}

/// Whether a token that was deleted with its own secret has ended: nothing else may see it, so it is asked.
/// That it is refused is what was wanted, if the server still takes the token in use.
async fn has_ended(bench: &Bench<'_>, itself: &Client, token: TokenUuid) -> ItemResult {
    let seen = match itself.current_token().await {
        Ok(_) => {
            return ItemResult::Failed(Failure::plain(
                ErrorKind::Conflict,
                "the server said yes, yet it still takes the token: it is alive",
                "revoke it by its UUID, or deactivate its owner",
            ));
        }
        Err(error) if error.is_not_authorised() && token == bench.cluster.session.my_token() => Ok(()),
        Err(error) if error.is_not_authorised() => bench.cluster.takes_this_token().await,
        Err(error) => Err(error),
    };
    match seen {
        Ok(()) => ItemResult::Done,
        Err(error) => {
            let seen = format!("the server said yes; whether it still takes the token is unknown: {error}");
            ItemResult::Unknown(Unclear::of(&error, seen))
        }
    }
}
