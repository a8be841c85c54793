//! `arv-admin users …`

use super::args::{UserChange, UserTargets, Users, Writing};
use super::connect::Desk;
use super::exit::{Exit, Stop};
use super::records::{GroupRecord, KeyRecord, LoginRecord, RightRecord, TokenRecord, UserRecord, ending};
use super::{all_users, change, reads, resolve};
use crate::model::field::Field;
use crate::model::ids::{LinkUuid, UserUuid};
use crate::model::text::{clean, clean_start, count, named};
use crate::model::token::{TokenSource, doubts};
use crate::model::unix_name::group_list;
use crate::model::user::{Notify, User, UserRole};
use crate::model::vm::LoginGroups;
use crate::model::when::{date, date_time_utc};
use crate::ops::intent::{self, Activation, Intent, Leaving};
use crate::ops::read::{Extent, LoginList};
use crate::ops::summary::{Part, Sight, Summary};
use serde::Serialize;
use std::collections::BTreeMap;

/// Runs one of them.
pub async fn run(desk: &mut Desk, command: Users) -> Result<Exit, Stop> {
    match command {
        Users::List { filter } => all_users::list(desk, filter.as_deref()).await,
        Users::Show { user } => Box::pin(show(desk, &user)).await,
        Users::Setup { targets, vm, notify, activate, writing } => {
            let users = all_named(desk, &targets).await?;
            let vm = match vm {
                Some(text) => Some(resolve::vm(desk, &text).await?.uuid),
                None => None,
            };
            let intent = Intent::SetUp(intent::SetUp {
                users,
                vm,
                notify: if notify { Notify::ByMail } else { Notify::Silently },
                activation: if activate { Activation::Now } else { Activation::Later },
            });
            change::make(desk, intent, writing).await
        }
        Users::Activate(given) => {
            on_users(desk, given, |users| Intent::Activate(intent::Activate { users })).await
        }
        Users::Deactivate(given) => {
            on_users(desk, given, |users| Intent::Deactivate(intent::Deactivate { users })).await
        }
        Users::Suspend(given) => {
            on_users(desk, given, |users| Intent::Suspend(intent::Suspend { users })).await
        }
        Users::Resume(given) => on_users(desk, given, |users| Intent::Resume(intent::Resume { users })).await,
        Users::Admin { targets, on, off: _, writing } => {
            let role = if on { UserRole::Admin } else { UserRole::Plain };
            on_users(desk, UserChange { targets, writing }, |users| {
                Intent::SetRole(intent::SetRole { users, role })
            })
            .await
        }
        Users::Reassign { user, to, project, stays, regrant, writing } => {
            let leaving = if stays { Leaving::Stays } else { Leaving::Leaves };
            reassign(desk, &user, &to, project, leaving, &regrant, writing).await
        }
    }
}

async fn all_named(desk: &Desk, targets: &UserTargets) -> Result<Vec<UserUuid>, Stop> {
    Ok(resolve::users(desk, &targets.users).await?.iter().map(|user| user.uuid).collect())
}

async fn on_users(
    desk: &mut Desk,
    given: UserChange,
    intent: impl FnOnce(Vec<UserUuid>) -> Intent,
) -> Result<Exit, Stop> {
    let users = all_named(desk, &given.targets).await?;
    change::make(desk, intent(users), given.writing).await
}

async fn reassign(
    desk: &mut Desk,
    user: &str,
    to: &str,
    project: Option<String>,
    leaving: Leaving,
    regrant: &[String],
    writing: Writing,
) -> Result<Exit, Stop> {
    let regrant: Vec<LinkUuid> =
        regrant.iter().map(|text| resolve::uuid(text, "a permission link")).collect::<Result<_, _>>()?;
    let project = match project.map(|name| name.trim().to_owned()) {
        Some(name) if name.is_empty() || name.len() > 255 || name.chars().any(char::is_control) => {
            return Err(Stop::usage(
                "--project needs a name of 1 to 255 characters, none that steers a terminal",
            ));
        }
        project => project,
    };
    let from = resolve::user(desk, user).await?.uuid;
    let to = resolve::user(desk, to).await?.uuid;
    let intent = Intent::Reassign(intent::Reassign { from, to, project, leaving, regrant });
    change::make(desk, intent, writing).await
}

/// All that matters of a user.
#[derive(Serialize)]
struct ShownRecord {
    #[serde(flatten)]
    user: UserRecord,
    /// Of another cluster, if it is.
    home_cluster: Option<String>,
    modified_by: Option<String>,
    // What follows is null if it can't be seen with the token in use.
    /// What it owns directly, trash included.
    owned_objects: Option<usize>,
    unfinished_containers: Option<usize>,
    /// Of an active user: whether it sees what all users see.
    in_all_users: Option<bool>,
    groups: Option<Vec<GroupRecord>>,
    logins: Option<Vec<LoginRecord>>,
    authorized_keys: Option<Vec<KeyRecord>>,
    /// What could be granted anew to a successor: memberships, permissions, VM logins.
    permissions: Option<Vec<RightRecord>>,
    api_client_authorizations: Option<Vec<TokenRecord>>,
    /// Which of these are null because the server could not give them, and what it said.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    not_known: BTreeMap<&'static str, String>,
}

/// A part, if it can be seen and is known.
fn got<T>(part: Option<&Part<T>>) -> Option<&T> {
    part.and_then(Part::get)
}

async fn show(desk: &mut Desk, given: &str) -> Result<Exit, Stop> {
    let user = resolve::user(desk, given).await?;
    let (summary, logins, rights, tokens) = tokio::try_join!(
        reads::summary(desk, user.uuid),
        reads::logins_if_any(desk, user.uuid),
        reads::rights_if_any(desk, user.uuid),
        reads::tokens_if_any(desk, user.uuid),
    )?;
    // Only what all others may see is listed for them, which is not all.
    let logins = match logins {
        Part::Is(logins) if logins.extent != Extent::All => None,
        logins => Some(logins),
    };
    let has = summary.has.as_ref();
    let rights = has.map(|_| rights);
    let now = desk.cluster.now();
    let token_records = got(tokens.as_ref())
        .map(|list| list.rows.iter().map(|token| TokenRecord::new(token, list.source, now)).collect());
    let facts = &desk.cluster.session.cluster;
    let nulls = [
        ("owned_objects", has.and_then(|has| has.owned.why_not())),
        ("unfinished_containers", has.and_then(|has| has.work.why_not())),
        ("in_all_users", has.and_then(|has| has.sight.why_not())),
        ("groups", has.and_then(|has| has.groups.why_not())),
        ("logins", logins.as_ref().and_then(Part::why_not)),
        ("authorized_keys", has.and_then(|has| has.keys.why_not())),
        ("permissions", rights.as_ref().and_then(Part::why_not)),
        ("api_client_authorizations", tokens.as_ref().and_then(Part::why_not)),
    ];
    let nulls = nulls.into_iter().filter_map(|(what, why)| Some((what, clean(why?)))).collect();
    let record = ShownRecord {
        user: UserRecord::from(&summary.user),
        home_cluster: user.foreign_home(desk.cluster.session.cluster.id).map(|id| id.to_string()),
        modified_by: last_changed_by(&summary),
        owned_objects: has.and_then(|has| has.owned.get().copied()),
        unfinished_containers: has.and_then(|has| has.work.get().copied()),
        in_all_users: has
            .filter(|_| summary.user.is_active())
            .and_then(|has| has.sight.get())
            .map(|sight| *sight == Sight::Usual),
        groups: has
            .and_then(|has| has.groups.get())
            .map(|groups| groups.iter().map(GroupRecord::from).collect()),
        logins: got(logins.as_ref())
            .map(|logins| logins.rows.iter().map(|row| LoginRecord::new(row, facts)).collect()),
        authorized_keys: has
            .and_then(|has| has.keys.get())
            .map(|keys| keys.iter().map(KeyRecord::from).collect()),
        permissions: got(rights.as_ref()).map(|rights| rights.iter().map(RightRecord::from).collect()),
        api_client_authorizations: token_records,
        not_known: nulls,
    };
    let text = || {
        let mut lines = person(&summary, record.home_cluster.as_deref());
        lines.extend(match &logins {
            Some(Part::Is(logins)) => login_lines(logins),
            Some(Part::NotKnown(why)) => vec![line("VM logins", not_known(why))],
            None => vec![line("VM logins", NOT_VISIBLE)],
        });
        match &tokens {
            Some(Part::Is(list)) => {
                let source = match list.source {
                    TokenSource::Server => String::new(),
                    TokenSource::AuditLog { since } => {
                        let since = since.map(|at| format!(" since {}", date(at))).unwrap_or_default();
                        let doubtful = doubts(list);
                        let most = match (list.rows.len(), list.doubtful) {
                            (0, _) => " known",
                            (_, 0) => ", at most",
                            (_, _) => " perhaps alive",
                        };
                        format!("{most}, from the audit log{since}{doubtful}")
                    }
                };
                lines.push(format!("tokens     {}{source}", list.rows.len()));
                lines.extend(list.rows.iter().map(|token| {
                    let ending = ending(&token.expiry, now);
                    format!("           {}  {ending}  {}", token.uuid, token.scopes)
                }));
            }
            Some(Part::NotKnown(why)) => lines.push(line("tokens", not_known(why))),
            None => lines.push(line("tokens", NOT_VISIBLE)),
        }
        lines.join("\n")
    };
    desk.output.one(&record, text)?;
    Ok(if record.not_known.is_empty() { Exit::Done } else { Exit::Partly })
}

/// No line for people is longer: JSON has all of it.
const LONGEST: usize = 300;

/// What stands where nothing could be seen, which is not the same as that nothing is there.
const NOT_VISIBLE: &str = "not visible with this token";

/// Who changed the record last: by name, else by UUID.
fn last_changed_by(summary: &Summary) -> Option<String> {
    match summary.modified_by.as_ref()? {
        Part::Is(by) => Some(by.display_name()),
        Part::NotKnown(_) => summary.user.modified_by.as_ref().map(Field::raw),
    }
}

fn line(what: &str, text: impl std::fmt::Display) -> String {
    format!("{what:<10} {text}")
}

/// What stands where something could not be had: who said what.
fn not_known(why: &str) -> String {
    format!("not known: {}", clean_start(why, LONGEST))
}

fn person(summary: &Summary, home: Option<&str>) -> Vec<String> {
    let user = &summary.user;
    let mut lines = vec![
        user.display_name(),
        format!("uuid       {}", user.uuid),
        format!("status     {}{}", user.status.word(), admin(user)),
        format!("e-mail     {}", or_dash(&clean_start(&user.email.shown(), LONGEST))),
        format!("username   {}", or_dash(&clean_start(&user.username.shown(), LONGEST))),
    ];
    // The first line is what somebody is called by: of what can't be read that has nothing.
    let full = clean_start(&user.full_name(), LONGEST);
    if !full.is_empty() && full != user.display_name() {
        lines.push(line("name", full));
    }
    lines.extend(home.map(|home| format!("home       cluster {home}")));
    lines.extend(user.created_at.as_ref().map(|at| format!("created    {}", at.shown(date_time_utc))));
    lines.extend(user.modified_at.as_ref().map(|at| {
        let by = last_changed_by(summary).map(|by| format!(" by {by}"));
        format!("modified   {}{}", at.shown(date_time_utc), by.unwrap_or_default())
    }));
    let Some(has) = &summary.has else {
        lines.extend(["owns", "groups", "SSH keys"].map(|what| line(what, NOT_VISIBLE)));
        return lines;
    };
    lines.push(match &has.owned {
        Part::Is(owned) => line("owns", format!("{}, trash included", count(*owned, "object", "objects"))),
        Part::NotKnown(why) => line("owns", not_known(why)),
    });
    match &has.sight {
        Part::Is(Sight::Usual) => {}
        Part::Is(Sight::Apart) => {
            lines.push(line("sees", "nobody but itself: it is not in All users; users setup puts it back"));
        }
        Part::NotKnown(why) => lines.push(line("sees", not_known(why))),
    }
    match &has.work {
        Part::Is(0) => {}
        Part::Is(work) => lines.push(line("runs", count(*work, "container", "containers"))),
        Part::NotKnown(why) => lines.push(line("runs", not_known(why))),
    }
    match &has.groups {
        Part::Is(groups) => {
            lines.push(line("groups", groups.len()));
            lines.extend(groups.iter().map(|(group, level)| {
                line("", format!("{} ({})", named(&group.name.shown()), level.to_wire()))
            }));
        }
        Part::NotKnown(why) => lines.push(line("groups", not_known(why))),
    }
    match &has.keys {
        Part::Is(keys) => {
            lines.push(line("SSH keys", keys.len()));
            lines.extend(
                keys.iter()
                    .map(|key| line("", format!("{}  {}", key.uuid, or_dash(&named(&key.name.shown()))))),
            );
        }
        Part::NotKnown(why) => lines.push(line("SSH keys", not_known(why))),
    }
    lines
}

fn admin(user: &User) -> String {
    match &user.role {
        Field::Is(UserRole::Admin) => ", admin".to_owned(),
        Field::Is(UserRole::Plain) => String::new(),
        Field::Unreadable(flag) => format!(", admin flag {flag}"),
    }
}

fn login_lines(logins: &LoginList) -> Vec<String> {
    let mut lines = vec![format!("VM logins  {}", logins.rows.len())];
    lines.extend(logins.rows.iter().map(|row| {
        let groups = match row.login.groups() {
            LoginGroups::Certain([]) => String::new(),
            LoginGroups::Certain(groups) => format!(" in {}", clean_start(&group_list(groups), LONGEST)),
            LoginGroups::Uncertain => " in groups that are not certain".to_owned(),
        };
        let host = row.hostname.as_deref().map_or_else(|| row.login.vm.to_string(), named);
        format!("           {} on {host}{groups}", or_dash(&named(&row.login.login_name)))
    }));
    lines
}

fn or_dash(text: &str) -> &str {
    if text.is_empty() { "-" } else { text }
}
