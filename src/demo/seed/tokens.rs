//! Tokens of every sort, each with the record of its making: by a login (with the address it came
//! from), by the system user for a container, or issued by somebody (api.md v6).

use super::data::TokenPlan;
use super::history::{History, shift};
use super::people::Member;
use crate::demo::moment::Moment;
use crate::demo::record::{Common, Token};
use crate::demo::uuid::{Kind, Uuid};
use jiff::SignedDuration;

const SCOPES: &[&[&str]] = &[
    &["GET /arvados/v1/collections/"],
    &["GET /arvados/v1/collections", "GET /arvados/v1/collections/"],
    &["GET /arvados/v1/users/current"],
    &["GET /arvados/v1/groups/", "GET /arvados/v1/collections/"],
    &["POST /arvados/v1/container_requests", "GET /arvados/v1/container_requests/"],
];

impl History<'_> {
    /// The tokens of a person's plan, or some by chance.
    pub fn give_tokens(&mut self, member: &Member<'_>) {
        match &member.person.tokens {
            Some(plans) => {
                for plan in plans {
                    self.token(member, plan);
                }
            }
            None => {
                for _ in 0..[0, 0, 1, 1, 1, 1, 2, 2, 3, 5][self.chance.usize(..10)] {
                    let plan = self.token_by_chance(member);
                    self.token(member, &plan);
                }
            }
        }
        let alive = self.store.tokens.by("owner_uuid", member.uuid).count();
        for _ in alive..member.person.live_tokens {
            let issuer = ["own", "own", "own", "login", "ada", "npetrov"][self.chance.usize(..6)];
            let plan = TokenPlan {
                origin: issuer.to_owned(),
                made: self.chance.i64(member.person.left + 1..member.person.joined - 2),
                expires: self.percent(15).then(|| self.chance.i64(4..400)),
                deleted: None,
                scopes: Vec::new(),
                tail: None,
            };
            self.token(member, &plan);
        }
    }

    fn token_by_chance(&mut self, member: &Member<'_>) -> TokenPlan {
        // Whoever left made none on the last day.
        let latest = if member.person.left > 0 { member.person.left + 1 } else { 0 };
        let made = self.chance.i64(latest..=(member.person.joined - 2).max(latest));
        let origin = match self.chance.u32(..100) {
            0..65 => "login",
            65..88 => "own",
            88..95 => "ada",
            _ => "npetrov",
        };
        let mut plan = TokenPlan {
            origin: origin.to_owned(),
            made,
            expires: None,
            deleted: None,
            scopes: Vec::new(),
            tail: None,
        };
        match self.chance.u32(..100) {
            0..20 => plan.expires = Some(self.chance.i64(1..200)),
            20..40 if made > 1 => plan.expires = Some(-self.chance.i64(1..made)),
            40..55 if made > latest => {
                plan.deleted = Some(self.chance.i64(latest..made));
            }
            _ => {}
        }
        if origin != "login" && self.percent(40) {
            let scopes = SCOPES[self.chance.usize(..SCOPES.len())];
            plan.scopes = scopes.iter().map(|&scope| scope.to_owned()).collect();
        }
        plan
    }

    fn token(&mut self, member: &Member<'_>, plan: &TokenPlan) {
        let owner = member.uuid;
        let uuid = match (&plan.tail, plan.origin.as_str()) {
            (Some(tail), _) => Uuid::own(Kind::Token, tail),
            (None, "elsewhere") => self.uuid_of(owner.cluster(), Kind::Token),
            (None, _) => self.uuid(Kind::Token),
        };
        let ago = self.ago(plan.made);
        let at = if ago > member.since { ago } else { self.soon_after(member.since) };
        let (by, is_login) = match plan.origin.as_str() {
            "own" => (owner, false),
            "login" => (Uuid::system_user(), true),
            "elsewhere" => (Uuid::system_user(), false),
            issuer => (self.issuer(issuer, owner, at), false),
        };
        let mut token = Token::new(Common::new(uuid, at).owned_by(owner).made_by(by), self.secret());
        if !plan.scopes.is_empty() {
            token.scopes.clone_from(&plan.scopes);
        }
        token.created_by_ip_address = is_login.then(|| self.address());
        let expires_at = plan.expires.map(|days| self.expiry(at, days));
        // Some were given their end only later.
        let later = plan.origin == "own" && plan.expires > Some(0);
        token.expires_at = expires_at.filter(|_| !later);
        if plan.origin == "elsewhere" {
            token.refreshes_at = Some(shift(self.now, SignedDuration::from_mins(5)));
        }
        self.add(token);
        if later {
            let end = self.soon_after(at);
            self.change::<Token>(uuid, end, owner, |token| token.expires_at = expires_at);
        }
        let expired = plan.expires.is_some_and(|days| days < 0);
        if let Some(days) = plan.deleted {
            let end = self.ago(days).max(self.soon_after(at));
            self.delete::<Token>(uuid, end, owner);
        } else if expired {
            self.store.remove::<Token>(uuid);
        }
    }

    /// The admin of that name, or another who was there already.
    fn issuer(&mut self, name: &str, owner: Uuid, at: Moment) -> Uuid {
        match self.store.user_named(name) {
            Some(issuer) if issuer.common.created_at < at => issuer.common.uuid,
            _ => self.admin_for(owner, at),
        }
    }

    /// A token of another cluster keeps the end that it has there (api.md v43).
    fn expiry(&self, made: Moment, days: i64) -> Moment {
        match days {
            0 => shift(self.now, -SignedDuration::from_secs(20)),
            1.. => shift(self.now, SignedDuration::from_hours(24 * days + 4)),
            ..0 => shift(self.now, SignedDuration::from_hours(24 * days))
                .max(shift(made, SignedDuration::from_hours(1))),
        }
    }

    /// The token that a container was given when it was locked (api.md v27).
    pub fn container_token(&mut self, owner: Uuid, at: Moment) -> Uuid {
        let uuid = self.uuid(Kind::Token);
        let secret = self.secret();
        self.add(Token::new(Common::new(uuid, at).owned_by(owner), secret))
    }

    /// A login token without much ado, for one of very many users.
    pub fn login_token(&mut self, owner: Uuid, at: Moment) {
        let uuid = self.uuid(Kind::Token);
        let mut token = Token::new(Common::new(uuid, at).owned_by(owner), self.secret());
        token.created_by_ip_address = Some(self.address());
        if self.percent(40) {
            let days = self.chance.i64(1..365);
            token.expires_at = Some(shift(self.now, SignedDuration::from_hours(24 * days)));
        }
        self.add(token);
    }

    fn address(&mut self) -> String {
        let last = self.chance.u8(1..255);
        match self.chance.u32(..3) {
            0 => format!("10.20.{}.{last}", self.chance.u8(..8)),
            1 => format!("192.0.2.{last}"),
            _ => format!("2001:db8:20::{last:x}"),
        }
    }
}
