//! Revoking all that a user has: list and delete, until a list has nothing but the token that does it. A
//! helper lists its owner's; with the token in use one list is made for all owners of a round.

use crate::arvados::error::Error;
use crate::arvados::request::{Blank, Request};
use crate::arvados::tokens::Readings;
use crate::model::container::Container;
use crate::model::ids::UserUuid;
use crate::model::session::TokenAccess;
use crate::model::text::count;
use crate::model::token::{MADE_BY_THE_SERVER, Origin, Token, doubtfully_dead, named_by_anybody};
use crate::ops::change::tokens::hunt;
use crate::ops::change::tokens::reached::Reached;
use crate::ops::change::tokens::survey::{via, via_list, work_of};
use crate::ops::change::tokens::sweep::Swept;
use crate::ops::cluster::Cluster;
use crate::ops::engine::haste::{self};
use crate::ops::engine::{
    Act, Asks, Bench, Change, Is, LookAt, Named, NoHelper, SeenTokens, StepDone, Sweep, Takes, Touches, Turn,
    What, visible,
};
use crate::ops::failure::Failure;
use crate::ops::helper_token::{HelperNeed, LIST_AND_DELETE};
use crate::ops::journal::ChangeKind;
use crate::ops::plan::{Findings, Losses, Names, Note, Risk, Target, TokenCount, Via};
use crate::ops::tokens::{
    Chance, FEW, by_helper, is_no_list, minted_anew, out_of_change, stories, visible_of,
};
use crate::ops::witness::{Witnesses, Word};
use std::collections::{BTreeMap, BTreeSet};

/// Revoke all tokens of users.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeAllOf {
    /// Whose.
    pub users: Vec<UserUuid>,
}

/// List and delete until nothing is left; grows while it is applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokeAllOfStep {
    /// Whose.
    pub owner: UserUuid,
    /// How many the audit log knows of.
    pub at_most: usize,
    /// With which token the requests are made.
    pub via: Via,
}

impl Change for RevokeAllOf {
    type Step = RevokeAllOfStep;

    fn is(&self) -> Is {
        Is::of(Touches::Belongings, "Revoke all tokens of", "revoked")
    }

    fn named(&mut self) -> Named<'_> {
        Named::Users(&mut self.users)
    }

    fn takes(&self) -> Takes {
        Takes::Tokens
    }

    async fn survey(&self, cluster: &Cluster) -> Result<Findings<Self::Step>, Error> {
        let mut found = Findings::default();
        let wanted: BTreeSet<UserUuid> = self.users.iter().copied().collect();
        let wanted: Vec<UserUuid> = wanted.into_iter().collect();
        let records = cluster.users(&wanted).await?;
        found.names.add_users(&records);
        let mut targets = Vec::new();
        for owner in wanted {
            let target = Target::User(owner);
            if owner.is_built_in() {
                found.refuse(target, "it belongs to the server itself, not to a person");
            } else if let Some(reason) = out_of_change(cluster, owner) {
                found.refuse(target, reason);
            } else if records.iter().all(|user| user.uuid != owner) {
                found.refuse(target, "there is no such user here");
            } else {
                targets.push(owner);
            }
        }
        let everyones = match cluster.session.access {
            TokenAccess::All
                if targets.len() > FEW || targets.iter().any(|&owner| !by_helper(cluster, owner)) =>
            {
                everyones(cluster).await?
            }
            _ => None,
        };
        let (counts, origins) = count_tokens(cluster, &targets, everyones.as_deref(), &mut found).await?;
        let work = work_of(cluster, targets.iter().copied().collect(), &mut found).await?;
        for owner in targets {
            let via = if everyones.is_some() { via(cluster, owner) } else { via_list(cluster, owner) };
            let counted = counts.get(&owner).copied().unwrap_or_default();
            let own = owner == cluster.session.my_uuid();
            if counted == TokenCount::Exactly(0) {
                found.leave(Target::User(owner), if own { "no other tokens" } else { "no tokens" });
                continue;
            }
            if own {
                found.notes.push(Note::info(format!(
                    "The token in use is kept: revoke {} by its UUID when you are done.",
                    cluster.session.my_token()
                )));
            }
            let mine: Vec<&Container> = work.iter().filter(|c| c.user == owner).collect();
            if !mine.is_empty() {
                let named = mine.iter().take(5).map(|c| c.uuid.to_string()).collect::<Vec<_>>().join(", ");
                let more = if mine.len() > 5 { " and more" } else { "" };
                found.notes.push(Note::danger(format!(
                    "Unfinished work of {} breaks when its tokens go, {}: {named}{more}",
                    found.names.user(owner),
                    count(mine.len(), "container", "containers"),
                )));
            } else if let Some(n) = origins.get(&owner) {
                found.notes.push(Note::info(format!(
                    "{} of {} {} {MADE_BY_THE_SERVER}: no container is unfinished.",
                    count(*n, "token", "tokens"),
                    found.names.user(owner),
                    if *n == 1 { "was" } else { "were" },
                )));
            }
            let losses = Losses { tokens: counted, work: mine.len(), ..Losses::default() };
            found.plan(RevokeAllOfStep { owner, at_most: counted.number(), via }, losses);
        }
        if !found.steps.is_empty() {
            found.notes.push(Note::info(minted_anew(&cluster.session.cluster)));
        }
        Ok(found)
    }
}

/// Everybody's tokens, if the server can list them.
async fn everyones(cluster: &Cluster) -> Result<Option<Vec<Token>>, Error> {
    match cluster.client.everyones_tokens(Readings::UntilQuiet).await {
        Ok(listed) => Ok(listed.is_whole().then_some(listed.tokens)),
        Err(error) if is_no_list(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

/// How many tokens these users have, the one in use left out, and how many of them containers got.
async fn count_tokens(
    cluster: &Cluster,
    owners: &[UserUuid],
    everyones: Option<&[Token]>,
    found: &mut Findings<RevokeAllOfStep>,
) -> Result<(BTreeMap<UserUuid, TokenCount>, BTreeMap<UserUuid, usize>), Error> {
    let session = &cluster.session;
    let mut counts = BTreeMap::new();
    let mut of_containers: BTreeMap<UserUuid, usize> = BTreeMap::new();
    let (logged, listed): (Vec<UserUuid>, Vec<UserUuid>) =
        owners.iter().partition(|&&owner| everyones.is_none() && by_helper(cluster, owner));
    if let Some(everyones) = everyones {
        counts.extend(listed.iter().map(|&owner| (owner, TokenCount::Exactly(0))));
        for token in everyones {
            if let Some(TokenCount::Exactly(n)) = counts.get_mut(&token.owner) {
                *n += 1;
            }
        }
    } else {
        for owner in listed {
            let counted = match visible_of(cluster, owner).await {
                Ok(listed) if listed.is_whole() => {
                    let others = listed.tokens.iter().filter(|token| token.uuid != session.my_token());
                    TokenCount::Exactly(others.count())
                }
                Ok(listed) => TokenCount::AtMost(listed.tokens.len() + listed.unread),
                Err(error) if is_no_list(&error) => {
                    found.notes.push(Note::warning(format!("The tokens could not be counted: {error}")));
                    TokenCount::NotCounted
                }
                Err(error) => return Err(error),
            };
            counts.insert(owner, counted);
        }
    }
    counts.extend(logged.iter().map(|&owner| (owner, TokenCount::AtMost(0))));
    let now = cluster.now();
    let events = match cluster.client.token_events_of(&logged).await {
        Ok(events) => events,
        Err(error) if error.is_of_this_alone() => {
            found.notes.push(Note::warning(format!("The tokens could not be counted: {error}")));
            counts.extend(logged.iter().map(|&owner| (owner, TokenCount::NotCounted)));
            Vec::new()
        }
        Err(error) => return Err(error),
    };
    let stories = stories(&events, session.my_uuid());
    let witnesses = Witnesses::of(cluster, stories.values()).await;
    let (mut doubtful, mut unproven) = (0, 0);
    for logged in stories.into_values() {
        let chance = logged.chance(now);
        if chance != Chance::Gone && witnesses.word_for(&logged) == Word::Strangers {
            unproven += 1;
            continue;
        }
        doubtful += usize::from(chance == Chance::Doubtful);
        if chance == Chance::PerhapsAlive
            && let Some(TokenCount::AtMost(n)) = counts.get_mut(&logged.token.owner)
        {
            *n += 1;
            if matches!(logged.token.origin, Origin::Container(_) | Origin::Server) {
                *of_containers.entry(logged.token.owner).or_default() += 1;
            }
        }
    }
    if doubtful > 0 {
        found.notes.push(Note::info(format!("{}: they are looked for, too.", doubtfully_dead(doubtful))));
    }
    if unproven > 0 {
        found.notes.push(Note::info(format!("{}: they are looked for, too.", named_by_anybody(unproven))));
    }
    Ok((counts, of_containers))
}

impl Act for RevokeAllOfStep {
    fn is(&self) -> What {
        What { target: Target::User(self.owner), risk: Risk::Final, kind: ChangeKind::Revoke }
    }

    fn says(&self, _names: &Names) -> String {
        let with = self.via.words();
        match (self.at_most, &self.via) {
            (at_most, Via::TokenInUse) => format!("all tokens revoked, {at_most} by the server's list"),
            (0, _) => format!("all tokens revoked, though the audit log knows of none{with}"),
            (at_most, _) => format!("all tokens revoked, at most {at_most} by the audit log{with}"),
        }
    }

    fn requests(&self) -> Vec<Request> {
        vec![
            Request::tokens().meant("list them, checking every row's owner, until nothing is left"),
            Request::delete_token(Blank::Open("<each>")).meant("revoke each"),
        ]
    }

    fn helper(&self) -> Option<HelperNeed> {
        (self.via == Via::Helper).then_some(HelperNeed { owner: self.owner, scopes: LIST_AND_DELETE })
    }

    fn asks(&self, _me: UserUuid) -> Asks {
        Asks::NameOrCount(self.owner)
    }

    fn items(&self) -> usize {
        self.at_most.max(1)
    }

    fn look_at(&self, at: &mut LookAt) {
        at.tokens |= self.via == Via::TokenInUse;
    }

    async fn apply(&self, &Turn { bench, look, place, doing }: &Turn<'_>) -> Result<StepDone, Failure> {
        let Self { owner, ref via, .. } = *self;
        let mut sweep = Sweep::new(place, doing, owner);
        if !matches!(via, Via::Helper) {
            let reached = Reached::by_token_in_use(bench);
            return Ok(match sweep.take(bench, &reached, look.tokens_of(owner)).await {
                Swept::Again | Swept::Ended => sweep.unchecked(),
                Swept::Over => sweep.done(bench),
            });
        }
        let mut helper = match bench.helpers.of(bench, owner).await {
            Ok(helper) => Some(helper),
            Err(NoHelper::Ended) => None,
            Err(NoHelper::Refused(failure)) => return Err(failure),
        };
        // It has listed them when it was made.
        let mut listed = helper.as_ref().and_then(|helper| helper.seen.clone());
        loop {
            if bench.must_stop() {
                return Ok(sweep.stopped(bench));
            }
            let at_work = match helper.take() {
                Some(at_work) => at_work,
                None if bench.cluster.session.access == TokenAccess::All => {
                    // The root token needs no helper; only its list is dear.
                    return Ok(hunt::by_root(bench, sweep).await);
                }
                None => match Box::pin(hunt::hunt(bench, &mut sweep)).await {
                    Ok(at_work) => at_work,
                    Err(failure) => return Ok(sweep.failed(bench, failure)),
                },
            };
            let seen = match listed.take() {
                Some(seen) => seen,
                None => match SeenTokens::of(bench.cluster, &at_work.client, owner, Readings::One).await {
                    Ok(seen) => seen,
                    Err(error) if haste::is_ended(bench, &at_work.client, &error).await => {
                        bench.helpers.ended(bench, &at_work).await;
                        continue;
                    }
                    Err(error) => return Ok(sweep.not_seen(bench, &error)),
                },
            };
            match sweep.take(bench, &Reached::by(&at_work), seen).await {
                Swept::Over => return Ok(sweep.done(bench)),
                Swept::Again => helper = Some(at_work),
                Swept::Ended => bench.helpers.ended(bench, &at_work).await,
            }
        }
    }
}

/// Lists again what was revoked with the token in use, all owners' at once, and revokes what came meanwhile.
pub(in crate::ops) async fn check(bench: &Bench<'_>, mut sweeps: Vec<Sweep>) {
    while !sweeps.is_empty() {
        let seen = visible(bench.cluster, Readings::One).await;
        for mut sweep in std::mem::take(&mut sweeps) {
            let place = sweep.place;
            let done = match &seen {
                Err(error) => sweep.not_seen(bench, error),
                Ok(seen) => {
                    let reached = Reached::by_token_in_use(bench);
                    match sweep.take(bench, &reached, seen.only_of(sweep.owner)).await {
                        Swept::Over => sweep.done(bench),
                        Swept::Again | Swept::Ended => {
                            sweeps.push(sweep);
                            continue;
                        }
                    }
                }
            };
            bench.step_done(place, done);
        }
    }
}
