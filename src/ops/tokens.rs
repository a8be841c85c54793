//! A user's tokens: from the audit log, or exact where the token in use sees them.

use super::cluster::Cluster;
use super::witness::{Witnesses, Word};
use crate::arvados::error::{Error, ErrorKind};
use crate::arvados::logs::{TokenEvent, TokenEventKind};
use crate::arvados::tokens::{Listed, Reading, Readings};
use crate::arvados::writer::Mode;
use crate::model::field::Date;
use crate::model::ids::{ContainerUuid, TokenUuid, UserUuid};
use crate::model::session::{ByLoginSync, ClusterFacts, TokenAccess, TrustedTokens};
use crate::model::text::count;
use crate::model::token::{Ends, Origin, Scopes, Token, TokenList, TokenSource};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};

/// How long an expired token is still shown from the log. The server sweeps it away within a minute,
/// without a record (api.md v6); a day leaves room for clocks that differ, and for whoever wonders why
/// something stopped working.
const SHOWN_AFTER_EXPIRY: SignedDuration = SignedDuration::from_hours(24);

/// Of so many tokens the root token asks for each; of more, and of as many users', it reads everybody's once.
pub(super) const FEW: usize = 20;

/// What can make a user's new tokens after all were revoked (api.md v27).
pub(super) fn minted_anew(facts: &ClusterFacts) -> &'static str {
    match facts.tokens {
        ByLoginSync::Done => {
            "New tokens can still come: a queued container gets one when it starts, login-sync makes one on each \
             VM where the user has a login, and so does every new login; deactivate the user and take its VM \
             logins away to stop that."
        }
        ByLoginSync::LeftAlone => {
            "New tokens can still come: a queued container gets one when it starts, and so does every new login; \
             deactivate the user to stop that."
        }
    }
}

/// A token as the audit log tells its story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Logged {
    /// As it was last. Its owner is whom the first record of its making names, which the server wrote (v58); else
    /// the first record of all.
    pub token: Token,
    /// Whom other records name as its owner: any user can write one.
    pub others: Vec<UserUuid>,
    /// What became of it.
    pub end: End,
    /// When it was made, or first seen.
    pub first_seen: Option<Date>,
    /// Who made it, if the log still has that.
    pub made_by: Option<UserUuid>,
    /// When it was to end by the record of its making.
    made_to_end: Option<Ends>,
    /// Whom its records name as its owner, each with who wrote that.
    pub claims: BTreeSet<(UserUuid, Option<UserUuid>)>,
}

/// What became of a token by the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum End {
    /// There is no record of its end, which does not prove that it is alive.
    NotSeen,
    /// It was deleted, by a record that any user could have written.
    Told(Option<Date>),
    /// It was deleted, by the record of the server's own user, or of who is asking.
    Deleted(Option<Date>),
}

/// Whether a token may be alive, by the log: the likeliest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Chance {
    /// Nothing speaks against it.
    PerhapsAlive,
    /// It is over by records that any user could have written, its owner above all.
    Doubtful,
    /// It is over.
    Gone,
}

impl Logged {
    /// Whether it may be alive; one that has ended by itself is still shown for a while.
    pub fn chance(&self, now: Timestamp) -> Chance {
        let is_over = |ends: &Ends| ends.at().is_some_and(|at| now.duration_since(at) > SHOWN_AFTER_EXPIRY);
        match self.end {
            End::Deleted(_) => Chance::Gone,
            _ if self.made_to_end.as_ref().is_some_and(is_over) && is_over(&self.token.expiry) => {
                Chance::Gone
            }
            End::Told(_) => Chance::Doubtful,
            End::NotSeen if is_over(&self.token.expiry) => Chance::Doubtful,
            End::NotSeen => Chance::PerhapsAlive,
        }
    }

    /// Whether its time is over by the record of its making, and by all that came later.
    pub fn has_run_out(&self, now: Timestamp) -> bool {
        self.token.expiry.is_past(now) && self.made_to_end.as_ref().is_some_and(|ends| ends.is_past(now))
    }

    /// All whom the log names as its owner, likeliest first.
    pub fn owners(&self) -> Vec<UserUuid> {
        std::iter::once(self.token.owner).chain(self.others.iter().copied()).collect()
    }
}

/// Lists them, and writes nothing for it: one's own exactly, another's from the audit log. So with the system
/// root token, too: its only exact list is everybody's, at 6.5 ms a row. That is read where there can be no
/// helper: read-only, and for users of other clusters and the server's own.
pub(super) async fn list(cluster: &Cluster, owner: UserUuid) -> Result<TokenList, Error> {
    let session = &cluster.session;
    let own = owner == session.my_uuid();
    match session.access {
        TokenAccess::Elsewhere(home) => Err(Error::NotPossible(format!(
            "users and their tokens belong to the cluster {home}: ask it there"
        ))),
        // A helper lists one user's, the root token everybody's: with that, it is asked for only where there can
        // be no helper.
        TokenAccess::All if by_helper(cluster, owner) && cluster.mode == Mode::ReadWrite => {
            from_log(cluster, owner).await
        }
        TokenAccess::All => exact(cluster, owner).await,
        TokenAccess::Borrowed | TokenAccess::OwnOnly if own => exact(cluster, owner).await,
        TokenAccess::Borrowed | TokenAccess::Forbidden if session.is_admin() => {
            from_log(cluster, owner).await
        }
        TokenAccess::Forbidden => Err(Error::NotPossible(
            "the server lists no tokens to this one: its scopes, or the cluster's IssueTrustedTokens, \
             do not allow it"
                .to_owned(),
        )),
        TokenAccess::Borrowed | TokenAccess::OwnOnly => {
            Err(Error::NotPossible("only an admin can see other users' tokens".to_owned()))
        }
    }
}

async fn from_log(cluster: &Cluster, owner: UserUuid) -> Result<TokenList, Error> {
    let owners = [owner];
    let (events, since) = futures::try_join!(
        cluster.client.token_events_of(&owners),
        cluster.client.log_begins(cluster.session.cluster.id)
    )?;
    let now = cluster.now();
    let stories = stories(&events, cluster.session.my_uuid());
    let witnesses = Witnesses::of(cluster, stories.values()).await;
    let (mut rows, mut doubtful, mut unproven) = (Vec::new(), 0, 0);
    for logged in stories.into_values().filter(|logged| logged.token.owner == owner) {
        match (logged.chance(now), witnesses.word_for(&logged)) {
            (Chance::Gone, _) => {}
            (Chance::PerhapsAlive | Chance::Doubtful, Word::Strangers) => unproven += 1,
            (Chance::PerhapsAlive, Word::Sure | Word::Owners) => rows.push(logged.token),
            (Chance::Doubtful, Word::Sure | Word::Owners) => doubtful += 1,
        }
    }
    let rows = newest_first(with_containers(cluster, owner, rows).await);
    Ok(TokenList { doubtful, unproven, ..TokenList::new(owner, rows, TokenSource::AuditLog { since }) })
}

async fn exact(cluster: &Cluster, owner: UserUuid) -> Result<TokenList, Error> {
    let mut remarks = Vec::new();
    let listed = match visible_of(cluster, owner).await {
        Ok(listed) => listed,
        Err(error) if cluster.session.is_admin() && is_no_list(&error) => {
            let remark = format!("The server can't list them ({error}): this is what the audit log knows");
            return Ok(TokenList { remark: Some(remark), ..from_log(cluster, owner).await? });
        }
        Err(error) => return Err(error),
    };
    if let Some(error) = &listed.only_uuids {
        remarks.push(no_ends(error));
    } else if cluster.session.access == TokenAccess::All {
        remarks.push(format!(
            "Without a helper token: everybody's tokens were read for it, {}",
            count(listed.read, "token", "tokens")
        ));
    }
    if listed.reading == Reading::Moving {
        remarks.push(MOVING.to_owned());
    }
    let rows = match with_origins(cluster, owner, listed.tokens.clone()).await {
        Ok(rows) => rows,
        Err(error) if !is_no_list(&error) => return Err(error),
        Err(error) => {
            remarks.push(format!("Who made them could not be looked up: {error}"));
            newest_first(listed.tokens)
        }
    };
    let remark = (!remarks.is_empty()).then(|| remarks.join(". "));
    let unread = listed.unread;
    Ok(TokenList { unread, remark, ..TokenList::new(owner, rows, TokenSource::Server) })
}

/// Whether a list failed because of what is in it: the server can't read a row back (api.md v33), or nobody
/// can read its answer.
pub(super) fn is_no_list(error: &Error) -> bool {
    error.kind() == ErrorKind::Server || matches!(error, Error::Decode { .. } | Error::TooLong { .. })
}

/// What is said of a list that did not stand still while it was read.
pub(super) const MOVING: &str = "Tokens are made and deleted all the while: these are all that were seen, \
     perhaps gone, perhaps not all";

/// What is said of a list of UUIDs.
pub(super) fn no_ends(error: &Error) -> String {
    format!("The server can't give whole records ({error}), so it was asked for UUIDs: ends are not told")
}

/// Whether this user's tokens are listed with a helper. The root token sees them without, among everybody's:
/// at 6.5 ms a row, so it makes one as well, but for its own and for those of other clusters.
pub(super) fn by_helper(cluster: &Cluster, owner: UserUuid) -> bool {
    let session = &cluster.session;
    match session.access {
        // Where nobody may delete it, none is made.
        TokenAccess::All => {
            session.trusted_tokens == TrustedTokens::Issued
                && !owner.is_system()
                && owner.cluster() == session.cluster.id
        }
        TokenAccess::Borrowed => owner != session.my_uuid(),
        TokenAccess::OwnOnly | TokenAccess::Elsewhere(_) | TokenAccess::Forbidden => false,
    }
}

/// Why a user's tokens can't be made, listed or deleted from here, if so.
pub(super) fn out_of_reach(cluster: &Cluster, owner: UserUuid) -> Option<String> {
    let session = &cluster.session;
    let here = session.cluster.id;
    match session.access {
        TokenAccess::Elsewhere(home) => {
            Some(format!("users and tokens belong to the cluster {home}: do it there"))
        }
        TokenAccess::Forbidden => Some(
            "the server lets this token neither issue nor list tokens: its scopes, or the cluster's \
             IssueTrustedTokens, do not allow it"
                .to_owned(),
        ),
        TokenAccess::Borrowed | TokenAccess::OwnOnly if owner == session.my_uuid() => None,
        TokenAccess::OwnOnly => Some("only an admin can do this to another user's tokens".to_owned()),
        TokenAccess::Borrowed if owner.cluster() != here => Some(format!(
            "the user belongs to the cluster {}: do it there, or here with the system root token",
            owner.cluster()
        )),
        TokenAccess::Borrowed if owner.is_system() => {
            Some("tokens of the system user are for the system root token".to_owned())
        }
        TokenAccess::All | TokenAccess::Borrowed => None,
    }
}

/// Why a user's tokens can't be revoked or changed from here, if so.
pub(super) fn out_of_change(cluster: &Cluster, owner: UserUuid) -> Option<String> {
    if cluster.session.trusted_tokens == TrustedTokens::NotIssued {
        return Some(
            "the cluster lets nobody revoke or change tokens, not even with the system root token \
             (IssueTrustedTokens is off): deactivate the user, which deletes all of the user's tokens"
                .to_owned(),
        );
    }
    let reason = out_of_reach(cluster, owner)?;
    let instead = cluster.session.access == TokenAccess::Forbidden && cluster.session.is_admin();
    Some(if instead { format!("{reason}; deactivating the user deletes all tokens") } else { reason })
}

/// The owner's tokens by the server's own list, with the token in use: one's own, or anyone's with the
/// system root token.
pub(super) async fn visible_of(cluster: &Cluster, owner: UserUuid) -> Result<Listed, Error> {
    if cluster.session.access == TokenAccess::All {
        let mut listed = cluster.client.everyones_tokens(Readings::UntilQuiet).await?;
        listed.tokens.retain(|token| token.owner == owner);
        Ok(listed)
    } else {
        cluster.client.tokens_of(owner, Readings::UntilQuiet).await
    }
}

/// Newest first, and each with its origin by the audit log, which only an admin can read.
pub(super) async fn with_origins(
    cluster: &Cluster,
    owner: UserUuid,
    mut rows: Vec<Token>,
) -> Result<Vec<Token>, Error> {
    if cluster.session.is_admin() {
        let events = cluster.client.token_events_of(&[owner]).await?;
        let stories = stories(&events, cluster.session.my_uuid());
        for row in rows.iter_mut().filter(|row| row.origin == Origin::Unknown) {
            row.origin = stories.get(&row.uuid).map_or(Origin::Unknown, |logged| logged.token.origin);
        }
    }
    Ok(newest_first(with_containers(cluster, owner, rows).await))
}

/// Says of which rows a container is at work with them: only its own record tells (api.md v27), and is asked
/// for, once for all, where some may be. What can't be told is not.
pub(super) async fn with_containers(cluster: &Cluster, owner: UserUuid, mut rows: Vec<Token>) -> Vec<Token> {
    if rows.iter().any(|row| row.origin == Origin::Server)
        && let Ok(work) = cluster.client.unfinished_containers(&[owner]).await
    {
        let at_work: BTreeMap<TokenUuid, ContainerUuid> =
            work.into_iter().filter_map(|container| Some((container.token?, container.uuid))).collect();
        for row in &mut rows {
            if let Some(container) = at_work.get(&row.uuid) {
                row.origin = Origin::Container(*container);
            }
        }
    }
    rows
}

fn newest_first(mut rows: Vec<Token>) -> Vec<Token> {
    rows.sort_by(|a, b| {
        Date::newest_first(a.created_at.as_ref(), b.created_at.as_ref()).then(a.uuid.cmp(&b.uuid))
    });
    rows
}

/// Puts the records of each token together; `events` come in the order in which they were written. `me` is who
/// asks: nobody else can write records in that name (api.md v58).
pub(super) fn stories(events: &[TokenEvent], me: UserUuid) -> BTreeMap<TokenUuid, Logged> {
    let mut stories: BTreeMap<TokenUuid, Logged> = BTreeMap::new();
    for event in events {
        let story = stories.entry(event.token).or_insert_with(|| Logged {
            // Until a record tells.
            token: Token::bare(event.token, event.owner),
            others: Vec::new(),
            end: End::NotSeen,
            first_seen: event.at.clone(),
            made_by: None,
            made_to_end: None,
            claims: BTreeSet::new(),
        });
        story.claims.insert((event.owner, event.by));
        let is_first_making = event.kind == TokenEventKind::Create && story.made_to_end.is_none();
        if event.owner != story.token.owner {
            let other = if is_first_making {
                std::mem::replace(&mut story.token.owner, event.owner)
            } else {
                event.owner
            };
            story.others.retain(|known| *known != event.owner);
            if !story.others.contains(&other) {
                story.others.push(other);
            }
        }
        if let Some(attributes) = &event.attributes {
            story.token.scopes = attributes.scopes.clone();
            story.token.expiry = attributes.ends.clone();
            story.token.created_at = attributes.created_at.clone().or(story.token.created_at.take());
            if attributes.created_by_ip_address.is_some() {
                story.token.origin = Origin::Login;
            }
        }
        match event.kind {
            TokenEventKind::Create if is_first_making => {
                story.made_by = event.by;
                story.made_to_end = Some(story.token.expiry.clone());
                story.token.created_at = story.token.created_at.take().or_else(|| event.at.clone());
                story.token.origin = origin(story, event.by);
            }
            TokenEventKind::Delete if event.by.is_some_and(|by| by == me || by.is_system()) => {
                story.end = End::Deleted(event.at.clone());
            }
            TokenEventKind::Delete if story.end == End::NotSeen => story.end = End::Told(event.at.clone()),
            TokenEventKind::Create | TokenEventKind::Update | TokenEventKind::Delete => {}
        }
    }
    stories
}

/// How a token came to be, when its making is in the log. Containers and login-sync get theirs from the system
/// user, with all scopes and no expiry (api.md v6, v27), as may whoever holds the root token; what has an end
/// or scopes was issued with that one.
fn origin(story: &Logged, by: Option<UserUuid>) -> Origin {
    let unlimited = story.token.scopes.is(&Scopes::All) && story.token.expiry == Ends::Never;
    match by {
        _ if story.token.origin == Origin::Login => Origin::Login,
        Some(by) if by.is_system() && unlimited => Origin::Server,
        Some(by) => Origin::IssuedBy(by),
        None => Origin::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arvados::logs::TokenAttributes;

    const NOW: &str = "2026-11-24T10:42:00Z";

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a timestamp")
    }

    fn event(kind: TokenEventKind, when: &str, expires_at: Option<&str>, by: &str) -> TokenEvent {
        TokenEvent {
            kind,
            at: Some(at(when).into()),
            token: "zzzzz-gj3su-000000000000001".parse().expect("a token"),
            owner: "zzzzz-tpzed-00000000000rosa".parse().expect("a user"),
            by: Some(by.parse().expect("a user")),
            attributes: Some(TokenAttributes {
                scopes: Scopes::All.into(),
                created_at: Some(at("2026-01-01T00:00:00Z").into()),
                ends: expires_at.map_or(Ends::Never, |text| Ends::On(at(text).into())),
                created_by_ip_address: None,
            }),
        }
    }

    fn told(events: &[TokenEvent]) -> Logged {
        stories(events, ADMIN.parse().expect("a user")).into_values().next().expect("a token")
    }

    const ADMIN: &str = "zzzzz-tpzed-0000000000admin";
    const SYSTEM: &str = "zzzzz-tpzed-000000000000000";

    #[test]
    fn the_newest_tokens_come_first_and_dates_that_nobody_can_have_last() {
        let made = |n: usize, at: Option<&str>| Token {
            created_at: at.map(Date::parse),
            ..Token::bare(
                format!("zzzzz-gj3su-00000000000000{n}").parse().expect("a token"),
                ADMIN.parse().expect("a user"),
            )
        };
        let rows = vec![
            made(1, Some("9999-12-31T23:59:59Z")),
            made(2, Some("garbage")),
            made(3, Some("2026-01-01T00:00:00Z")),
            made(4, None),
            made(5, Some("2026-11-01T00:00:00Z")),
        ];
        let order: Vec<String> =
            newest_first(rows).iter().map(|token| token.uuid.to_string().split_off(26)).collect();
        assert_eq!(order, ["5", "3", "1", "2", "4"]);
    }

    #[test]
    fn the_last_change_counts_and_the_maker_stays() {
        let story = told(&[
            event(TokenEventKind::Create, "2026-01-01T00:00:00Z", None, ADMIN),
            event(TokenEventKind::Update, "2026-02-01T00:00:00Z", Some("2027-01-01T00:00:00Z"), SYSTEM),
        ]);
        assert_eq!(story.token.expiry, Ends::On(at("2027-01-01T00:00:00Z").into()));
        assert_eq!(story.token.origin, Origin::IssuedBy(ADMIN.parse().expect("a user")));
        assert_eq!(story.chance(at(NOW)), Chance::PerhapsAlive);
    }

    #[test]
    fn what_was_deleted_or_expired_long_ago_is_gone() {
        let created = |expiry| event(TokenEventKind::Create, "2026-01-01T00:00:00Z", expiry, ADMIN);
        let deleted = event(TokenEventKind::Delete, "2026-02-01T00:00:00Z", None, ADMIN);
        let chance = |events: &[TokenEvent]| told(events).chance(at(NOW));
        assert_eq!(chance(&[created(None), deleted]), Chance::Gone);
        assert_eq!(chance(&[created(Some("2026-11-20T00:00:00Z"))]), Chance::Gone);
        assert_eq!(chance(&[created(Some("2026-11-24T00:00:00Z"))]), Chance::PerhapsAlive, "expired today");
    }

    #[test]
    fn what_its_owner_wrote_of_a_tokens_end_is_doubtful() {
        let created = event(TokenEventKind::Create, "2026-01-01T00:00:00Z", None, ADMIN);
        let by_owner = |kind, ends| event(kind, "2026-02-01T00:00:00Z", ends, "zzzzz-tpzed-00000000000rosa");
        let chance = |events: &[TokenEvent]| told(events).chance(at(NOW));
        let deleted = by_owner(TokenEventKind::Delete, None);
        assert_eq!(chance(&[created.clone(), deleted.clone()]), Chance::Doubtful);
        let ended = by_owner(TokenEventKind::Update, Some("2001-01-01T00:00:00Z"));
        assert_eq!(chance(&[created.clone(), ended]), Chance::Doubtful);
        let by_system = event(TokenEventKind::Delete, "2026-03-01T00:00:00Z", None, SYSTEM);
        assert_eq!(chance(&[created, deleted, by_system]), Chance::Gone);
    }

    #[test]
    fn a_tokens_owner_is_whom_the_servers_own_record_names_and_the_others_are_kept() {
        let created = event(TokenEventKind::Create, "2026-01-01T00:00:00Z", None, ADMIN);
        let named = TokenEvent { owner: ADMIN.parse().expect("a user"), ..created.clone() };
        let story = told(&[created.clone(), named.clone()]);
        assert_eq!(story.owners(), [created.owner, named.owner]);
        let before = TokenEvent { kind: TokenEventKind::Update, ..named };
        assert_eq!(told(&[before, created.clone()]).owners()[0], created.owner);
    }

    #[test]
    fn a_containers_token_is_told_from_one_the_root_token_issued() {
        let made = |expiry| told(&[event(TokenEventKind::Create, "2026-01-01T00:00:00Z", expiry, SYSTEM)]);
        assert_eq!(made(None).token.origin, Origin::Server);
        let issued = made(Some("2027-01-01T00:00:00Z")).token.origin;
        assert_eq!(issued, Origin::IssuedBy(SYSTEM.parse().expect("a user")));
    }
}
