//! `arv-admin check`: where, who, and what may be done.

use super::connect::{Desk, Way};
use super::exit::{Exit, Stop};
use super::records::ending;
use super::unreadable::{self, Odd};
use crate::model::field::{Date, Field, Text};
use crate::model::ids::{ClusterId, TokenUuid, UserUuid};
use crate::model::session::{Session, TokenAccess, TrustedTokens};
use crate::model::text::named;
use crate::model::unix_name::group_list;
use crate::model::user::UserRole;
use crate::model::when::clocks_apart;
use crate::ops::Mode;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// What there is to know at the start.
#[derive(Serialize)]
struct CheckRecord {
    host: String,
    cluster_id: String,
    login_cluster: Option<String>,
    user_uuid: UserUuid,
    #[serde(serialize_with = "unreadable::or_null")]
    email: Text,
    #[serde(serialize_with = "unreadable::or_null")]
    username: Text,
    is_active: Option<bool>,
    is_admin: Option<bool>,
    token_uuid: TokenUuid,
    #[serde(serialize_with = "unreadable::or_words")]
    token_expires_at: Option<Date>,
    #[serde(serialize_with = "unreadable::or_null")]
    token_scopes: Field<Vec<String>>,
    /// How many seconds this computer's clock is behind the cluster's; negative if it is ahead.
    clock_behind_seconds: i64,
    /// `all`, `borrowed`, `own_only`, `elsewhere` or `forbidden`.
    token_access: &'static str,
    read_only: bool,
    max_items_per_response: usize,
    sync_ignored_groups: Vec<String>,
    /// The proxy on the way, and the variable that names it; never its password.
    proxy: Option<String>,
    /// Whose certificates are believed: null where nothing is encrypted.
    certificates: Option<String>,
    /// What other Arvados tools make of the settings, where it is something else.
    settings_notes: Vec<String>,
    /// What stands in those of them that can't be read.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    unreadable: Odd,
}

/// Prints it. The exit code tells an admin from everyone else.
pub fn run(desk: &mut Desk) -> Result<Exit, Stop> {
    let session = desk.cluster.session.clone();
    let mode = desk.cluster.mode;
    let (now, here) = (desk.cluster.now(), desk.cluster.here());
    let cluster = &session.cluster;
    let scopes = session.token.scopes_to_wire();
    let record = CheckRecord {
        unreadable: unreadable::among([
            ("email", &session.me.email),
            ("username", &session.me.username),
            ("is_admin", &session.me.role),
            ("token_expires_at", &session.token.expiry.date()),
            ("token_scopes", &scopes),
        ]),
        host: session.host.clone(),
        cluster_id: cluster.id.to_string(),
        login_cluster: cluster.login_cluster.map(|id| id.to_string()),
        user_uuid: session.my_uuid(),
        email: session.me.email.clone(),
        username: session.me.username.clone(),
        is_active: session.me.active_flag(),
        is_admin: session.me.admin_flag(),
        token_uuid: session.my_token(),
        token_expires_at: session.token.expiry.date().cloned(),
        token_scopes: scopes,
        clock_behind_seconds: now.duration_since(here).as_secs(),
        token_access: match session.access {
            TokenAccess::All => "all",
            TokenAccess::Borrowed => "borrowed",
            TokenAccess::OwnOnly => "own_only",
            TokenAccess::Elsewhere(_) => "elsewhere",
            TokenAccess::Forbidden => "forbidden",
        },
        read_only: mode == Mode::ReadOnly,
        max_items_per_response: cluster.max_items,
        sync_ignored_groups: cluster.ignored_groups.clone(),
        proxy: desk.way.proxy.clone(),
        certificates: desk.way.certificates.clone(),
        settings_notes: desk.way.notes.clone(),
    };
    let way = &desk.way;
    desk.output.one(&record, || text(&session, way, mode, now, here))?;
    Ok(if session.is_admin() { Exit::Done } else { Exit::NotPermitted })
}

fn text(session: &Session, way: &Way, mode: Mode, now: Timestamp, here: Timestamp) -> String {
    let me = &session.me;
    let role = match &me.role {
        Field::Is(UserRole::Admin) => "admin".to_owned(),
        Field::Is(UserRole::Plain) => "not an admin: only what is your own can be changed".to_owned(),
        Field::Unreadable(flag) => format!("admin flag {flag}"),
    };
    let mut lines = vec![
        format!("host       {}", session.host),
        format!("cluster    {}", session.cluster.id),
        format!("user       {} ({}) {}", me.display_name(), named(&me.email.shown()), me.uuid),
        format!("role       {role}"),
        format!(
            "token      {}, {}, scopes: {}",
            session.my_token(),
            ending(&session.token.expiry, now),
            session.token.scopes
        ),
        format!("tokens     {}{}", access(session.access), revoking(session)),
        format!(
            "limits     {} rows a page; login-sync ignores: {}",
            session.cluster.max_items,
            if session.cluster.ignored_groups.is_empty() {
                "nothing".to_owned()
            } else {
                group_list(&session.cluster.ignored_groups)
            }
        ),
    ];
    if let Some(login) = session.cluster.login_cluster.filter(|_| session.is_satellite()) {
        lines.push(format!("users      belong to cluster {login}: change them there"));
    }
    lines.extend(clocks_apart(here, now).map(|text| format!("clock      {text}")));
    lines.extend(way.proxy.iter().map(|proxy| format!("way        by the {proxy}")));
    lines.extend(way.certificates.iter().map(|whose| format!("trusted    {whose}")));
    lines.extend(way.notes.iter().map(|note| format!("settings   {note}")));
    if mode == Mode::ReadOnly {
        lines.push("mode       read-only: nothing is changed".to_owned());
    }
    lines.join("\n")
}

/// What can't be done to the tokens that are seen.
fn revoking(session: &Session) -> &'static str {
    match session.trusted_tokens {
        TrustedTokens::NotIssued => {
            "; none can be revoked (IssueTrustedTokens is off): deactivate users instead"
        }
        TrustedTokens::Issued => "",
    }
}

fn access(access: TokenAccess) -> String {
    let elsewhere = |cluster: ClusterId| format!("belong to cluster {cluster}: look there");
    match access {
        TokenAccess::All => {
            "everyone's (system root token): by the audit log, exact with a helper token".to_owned()
        }
        TokenAccess::Borrowed => "everyone's by the audit log, exact with a helper token".to_owned(),
        TokenAccess::OwnOnly => "only your own".to_owned(),
        TokenAccess::Elsewhere(cluster) => elsewhere(cluster),
        TokenAccess::Forbidden => {
            "can't be listed or issued: the cluster (IssueTrustedTokens) or the token's scopes forbid it"
                .to_owned()
        }
    }
}
