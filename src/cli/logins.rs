//! `arv-admin logins …`

use super::args::{Logins, UserTargets, Writing};
use super::connect::Desk;
use super::exit::{Exit, Stop};
use super::output::say;
use super::records::LoginRecord;
use super::report::ResultRecord;
use super::{change, reads, resolve};
use crate::model::csv_list;
use crate::model::ids::LinkUuid;
use crate::model::text::named;
use crate::model::vm::{LoginName, UnixGroup, UnixNameError};
use crate::ops::intent::{self, Intent};
use crate::ops::read::{Extent, LoginsOf};
use std::str::FromStr;

/// Runs one of them.
pub async fn run(desk: &mut Desk, command: Logins) -> Result<Exit, Stop> {
    match command {
        Logins::List { user, vm } => {
            let of = match (user, vm) {
                (Some(user), _) => LoginsOf::User(resolve::user(desk, &user).await?.uuid),
                (None, Some(vm)) => LoginsOf::Vm(resolve::vm(desk, &vm).await?.uuid),
                (None, None) => LoginsOf::All,
            };
            let list = reads::logins(desk, of).await?;
            let records: Vec<LoginRecord> =
                list.rows.iter().map(|row| LoginRecord::new(row, &desk.cluster.session.cluster)).collect();
            desk.output.all(&records)?;
            if list.extent == Extent::OwnOnly {
                say("only your own VM logins are visible with this token: others' are for admins to see");
            }
            Ok(Exit::Done)
        }
        Logins::Grant { targets, vm, login, groups, writing } => {
            let login_name = login.as_deref().map(|name| parsed::<LoginName>(name, "--login")).transpose()?;
            let groups = unix_groups(&groups)?;
            let vm = resolve::vm(desk, &vm).await?.uuid;
            let users = resolve::users(desk, &targets.users).await?.iter().map(|user| user.uuid).collect();
            change::make(
                desk,
                Intent::GrantLogin(intent::GrantLogin { users, vm, login_name, groups }),
                writing,
            )
            .await
        }
        Logins::Edit { targets, vm, login, groups, no_groups: _, writing } => {
            let groups = unix_groups(&groups)?;
            let on = On { targets: &targets, vm: &vm, login: login.as_deref() };
            let found = there(desk, &on, Several::AreAmbiguous).await?;
            on_links(desk, found, writing, |links| Intent::EditLogins(intent::EditLogins { links, groups }))
                .await
        }
        Logins::Revoke { targets, vm, login, writing } => {
            let on = On { targets: &targets, vm: &vm, login: login.as_deref() };
            let found = there(desk, &on, Several::AreAllMeant).await?;
            on_links(desk, found, writing, |links| Intent::RevokeLogins(intent::RevokeLogins { links })).await
        }
    }
}

fn parsed<T: FromStr<Err = impl std::fmt::Display>>(text: &str, what: &str) -> Result<T, Stop> {
    text.parse().map_err(|error| Stop::usage(format!("{what} {}: {error}", resolve::quoted(text))))
}

/// Each argument is one group, or several parted by commas.
fn unix_groups(texts: &[String]) -> Result<Vec<UnixGroup>, Stop> {
    let mut groups = Vec::new();
    for text in texts {
        let wrong = |why: String| Stop::usage(format!("--group {}: {why}", resolve::quoted(text)));
        let named = UnixGroup::list(text).map_err(wrong)?;
        if named.is_empty() {
            // A variable that is not set must not take all groups away.
            return Err(wrong(UnixNameError::Empty.to_string()));
        }
        groups.extend(named);
    }
    groups.sort();
    groups.dedup();
    Ok(groups)
}

/// Which logins are meant.
struct On<'a> {
    targets: &'a UserTargets,
    vm: &'a str,
    login: Option<&'a str>,
}

/// What it means if a user has several logins on the VM and none was named.
#[derive(Clone, Copy)]
enum Several {
    AreAmbiguous,
    AreAllMeant,
}

/// The logins that are meant, by their first links, and who has none.
struct There {
    links: Vec<LinkUuid>,
    without: Vec<String>,
}

async fn there(desk: &Desk, on: &On<'_>, several: Several) -> Result<There, Stop> {
    let vm = resolve::vm(desk, on.vm).await?;
    let users = resolve::users(desk, &on.targets.users).await?;
    let all = reads::logins(desk, LoginsOf::Vm(vm.uuid)).await?;
    let mut found = There { links: Vec::new(), without: Vec::new() };
    let mut problems = Vec::new();
    for user in &users {
        let mine: Vec<_> = all
            .rows
            .iter()
            .map(|row| &row.login)
            .filter(|login| login.user == user.uuid && on.login.is_none_or(|name| name == login.login_name))
            .collect();
        match (mine.as_slice(), several) {
            ([], _) => {
                found.without.push(format!(
                    "{} has no such login on {}",
                    user.display_name(),
                    named(&vm.hostname)
                ));
            }
            ([_, _, ..], Several::AreAmbiguous) => {
                let names: Vec<String> = mine.iter().map(|login| named(&login.login_name)).collect();
                problems.push(format!(
                    "{} has several logins on {}: name one with --login: {}",
                    user.display_name(),
                    named(&vm.hostname),
                    csv_list::join(&names, ", ")
                ));
            }
            (logins, _) => {
                found
                    .links
                    .extend(logins.iter().filter_map(|login| login.links.first()).map(|link| link.uuid));
            }
        }
    }
    if problems.is_empty() { Ok(found) } else { Err(Stop::usage(problems.join("\n"))) }
}

async fn on_links(
    desk: &mut Desk,
    found: There,
    writing: Writing,
    intent: impl FnOnce(Vec<LinkUuid>) -> Intent,
) -> Result<Exit, Stop> {
    let intent = intent(found.links);
    let is_revocation = matches!(intent, Intent::RevokeLogins(_));
    if !found.without.is_empty() && !is_revocation {
        return Err(Stop::usage(format!("{}; grant one instead", found.without.join("\n"))));
    }
    // Whoever has no login any more is as wanted.
    for line in &found.without {
        say(line);
    }
    if matches!(&intent, Intent::RevokeLogins(intent::RevokeLogins { links }) if links.is_empty()) {
        say("nothing to do");
        desk.output.all::<ResultRecord>(&[])?;
        return Ok(Exit::Done);
    }
    change::make(desk, intent, writing).await
}
