//! What intents, steps and losses are called, on the screen and the command line alike.

use crate::model::field::{AFTER_9999, Date};
use crate::model::ids::UserUuid;
use crate::model::session::{ByLoginSync, ClusterFacts};
use crate::model::text::{count, named};
use crate::model::token::{Ends, Expiry};
use crate::model::unix_name::group_list;
use crate::model::user::{Notify, User, UserRole, UserStatus};
use crate::model::vm::UnixGroup;
use crate::model::when::date_time;
use crate::ops::intent::{Activation, Intent};
use crate::ops::plan::{Losses, Names, Note, Plan, TokenCount, login_named};
use crate::ops::step::{Destination, Parting, Step, Target, Via};

/// What is wanted, as a title: "Deactivate 5 users".
pub fn title(intent: &Intent, names: &Names) -> String {
    match intent {
        Intent::SetUp { users, .. } => format!("Set up {}", people(users, names)),
        Intent::Activate { users } => format!("Activate {}", people(users, names)),
        Intent::Deactivate { users } => format!("Deactivate {}", people(users, names)),
        Intent::Suspend { users } => format!("Suspend {}", people(users, names)),
        Intent::Resume { users } => format!("Resume {}", people(users, names)),
        Intent::SetRole { users, role } => {
            let what = match (role, users.len()) {
                (UserRole::Admin, 1) => "an admin",
                (UserRole::Admin, _) => "admins",
                (UserRole::Plain, 1) => "a plain user again",
                (UserRole::Plain, _) => "plain users again",
            };
            format!("Make {} {what}", people(users, names))
        }
        Intent::Reassign { from, to, .. } => {
            format!("Reassign the data of {} to {}", names.user(*from), names.user(*to))
        }
        Intent::IssueToken { owner, .. } => format!("Issue a token for {}", names.user(*owner)),
        Intent::ChangeExpiry { tokens, expiry } => {
            format!("Let {} end {}", count(tokens.len(), "token", "tokens"), ends(*expiry))
        }
        Intent::RevokeTokens { tokens, .. } => {
            format!("Revoke {}", count(tokens.len(), "token", "tokens"))
        }
        Intent::RevokeAllOf { users } => format!("Revoke all tokens of {}", people(users, names)),
        Intent::ListExactly { owner } => format!("List the tokens of {} exactly", names.user(*owner)),
        Intent::GrantLogin { users, vm, .. } => {
            format!("Let {} log in to {}", people(users, names), names.vm(*vm))
        }
        Intent::EditLogins { links, .. } => {
            format!("Change {}", count(links.len(), "VM login", "VM logins"))
        }
        Intent::RevokeLogins { links } => {
            format!("Revoke {}", count(links.len(), "VM login", "VM logins"))
        }
    }
}

/// What a plan will do, as a title: only what is done is counted, not what is left alone.
pub fn plan_title(plan: &Plan) -> String {
    let targets: Vec<Target> = plan.steps().iter().map(|planned| planned.step.target()).collect();
    if targets.is_empty() {
        return title(plan.intent(), plan.names());
    }
    let mut intent = plan.intent().narrowed_to(&targets.iter().collect::<Vec<_>>(), &plan.names().owners);
    if let Intent::EditLogins { links, .. } | Intent::RevokeLogins { links } = &mut intent {
        // A link stands for each login.
        links.truncate(targets.len());
    }
    title(&intent, plan.names())
}

/// The project that data is moved into if none is named. The same name each time, so that a second try
/// finds the project of the first; with the UUID, so that two of one name do not get mixed up.
pub fn project_name(old: &User) -> String {
    format!("Data of {} ({})", old.display_name(), old.uuid).replace('/', "-")
}

/// What was done, for "139 revoked".
pub fn done(intent: &Intent) -> &'static str {
    match intent {
        Intent::SetUp { .. } => "set up",
        Intent::Activate { .. } => "activated",
        Intent::Deactivate { .. } => "deactivated",
        Intent::Suspend { .. } => "suspended",
        Intent::Resume { .. } => "resumed",
        Intent::SetRole { role: UserRole::Admin, .. } => "made admin",
        Intent::SetRole { role: UserRole::Plain, .. } => "made plain user",
        Intent::Reassign { .. } => "reassigned",
        Intent::IssueToken { .. } => "issued",
        Intent::ChangeExpiry { .. } | Intent::EditLogins { .. } => "changed",
        Intent::RevokeTokens { .. } | Intent::RevokeAllOf { .. } | Intent::RevokeLogins { .. } => "revoked",
        Intent::ListExactly { .. } => "listed",
        Intent::GrantLogin { .. } => "granted",
    }
}

/// What is said of a target while the change goes on: that the server said yes. Whether that is so is looked at
/// when all had their turn, but of what is looked at at once.
pub fn accepted(intent: &Intent) -> &'static str {
    match intent {
        Intent::SetUp { .. }
        | Intent::Activate { .. }
        | Intent::Deactivate { .. }
        | Intent::Suspend { .. }
        | Intent::Resume { .. }
        | Intent::SetRole { .. }
        | Intent::ChangeExpiry { .. }
        | Intent::RevokeTokens { .. }
        | Intent::RevokeAllOf { .. }
        | Intent::GrantLogin { .. }
        | Intent::EditLogins { .. }
        | Intent::RevokeLogins { .. } => "accepted",
        Intent::Reassign { .. } | Intent::IssueToken { .. } | Intent::ListExactly { .. } => done(intent),
    }
}

/// One user's name, or how many they are.
pub fn people(users: &[UserUuid], names: &Names) -> String {
    match users {
        [one] => names.user(*one),
        many => format!("{} users", many.len()),
    }
}

/// Whom an intent is about.
pub fn users_of(intent: &Intent) -> Vec<UserUuid> {
    match intent {
        Intent::SetUp { users, .. }
        | Intent::Activate { users }
        | Intent::Deactivate { users }
        | Intent::Suspend { users }
        | Intent::Resume { users }
        | Intent::SetRole { users, .. }
        | Intent::RevokeAllOf { users }
        | Intent::GrantLogin { users, .. } => users.clone(),
        Intent::Reassign { from, to, .. } => vec![*from, *to],
        Intent::IssueToken { owner, .. } | Intent::ListExactly { owner } => vec![*owner],
        Intent::ChangeExpiry { .. }
        | Intent::RevokeTokens { .. }
        | Intent::EditLogins { .. }
        | Intent::RevokeLogins { .. } => Vec::new(),
    }
}

/// What a plan's targets are, of which a question asks the number.
pub fn targets(plan: &Plan) -> &'static str {
    match plan.steps().first().map(|planned| planned.step.target()) {
        Some(Target::Token(_)) => "tokens",
        Some(Target::Login { .. } | Target::Link(_)) => "logins",
        Some(Target::User(_)) | None => "users",
    }
}

/// Whose a target is, if that is known.
pub fn user_of(target: &Target, names: &Names) -> Option<UserUuid> {
    match target {
        Target::User(user) | Target::Login { user, .. } => Some(*user),
        Target::Token(token) => names.owners.get(token).copied(),
        Target::Link(_) => None,
    }
}

/// What a target is called, and what else helps to know it: a user's username, which is nobody else's, a token's
/// owner.
pub fn target(target: &Target, names: &Names) -> (String, String) {
    match target {
        Target::User(user) => {
            let username = names.users.get(user).map(|user| named(&user.username.shown()));
            let name = names.user(*user);
            let username = username.filter(|username| !username.is_empty() && *username != name);
            (name, username.unwrap_or_else(|| user.to_string()))
        }
        Target::Token(token) => {
            (token.to_string(), names.owners.get(token).map(|owner| names.user(*owner)).unwrap_or_default())
        }
        Target::Login { user, vm, login_name } => {
            (format!("{} on {}", login_named(login_name), names.vm(*vm)), names.user(*user))
        }
        Target::Link(link) => (link.to_string(), String::new()),
    }
}

/// A target in a row that no name can forge: what the server alone decides stands first, the username and the UUID,
/// and what people call it comes last, behind what is done to it.
pub struct Identified {
    /// Whose it is or who it is, by username.
    pub username: String,
    /// Of the user, token or link.
    pub uuid: String,
    /// What of the user's it is, if it is a login.
    pub login: Option<String>,
    /// The e-mail and the name, which anybody may choose.
    pub called: String,
}

impl Identified {
    /// This target.
    pub fn of(target: &Target, names: &Names) -> Self {
        let owner = user_of(target, names);
        let user = owner.and_then(|owner| names.users.get(&owner));
        let username = user.map(|user| named(&user.username.shown())).filter(|name| !name.is_empty());
        let (uuid, login) = match target {
            Target::User(user) => (user.to_string(), None),
            Target::Token(token) => (token.to_string(), None),
            Target::Link(link) => (link.to_string(), None),
            Target::Login { user, vm, login_name } => {
                (user.to_string(), Some(format!("{} on {}", login_named(login_name), names.vm(*vm))))
            }
        };
        let called = user.map(|user| [named(&user.email.shown()), named(&user.full_name())]);
        let called = called.unwrap_or_default().into_iter().filter(|text| !text.is_empty());
        Self {
            username: username.unwrap_or_else(|| "-".to_owned()),
            uuid,
            login,
            called: called.collect::<Vec<_>>().join("  "),
        }
    }

    /// In a line of its own: "rdelgado zzzzz-tpzed-3kz0nwtjehhl0u4".
    pub fn in_line(&self) -> String {
        let login = self.login.as_ref().map(|login| format!(", {login}")).unwrap_or_default();
        format!("{} {}{login}", self.username, self.uuid)
    }
}

/// What a step does to its target.
pub fn change(step: &Step, names: &Names) -> String {
    match step {
        Step::SetUp { user, vm, notify, activation } => {
            let status = names.users.get(user).map_or(UserStatus::Inactive, |user| user.status);
            let mut words = vec![
                match status {
                    UserStatus::Active => "is active already",
                    UserStatus::SetUp => "is invited already",
                    UserStatus::Inactive | UserStatus::Unreadable => "is invited",
                }
                .to_owned(),
            ];
            if let Some(vm) = vm {
                words.push(format!("login on {}", names.vm(*vm)));
            }
            if *activation == Activation::Now && status != UserStatus::Active {
                words.push("activated at once".to_owned());
            }
            words.push(
                match (notify, status) {
                    (Notify::ByMail, UserStatus::Inactive | UserStatus::Unreadable) => {
                        "gets the server's mail"
                    }
                    (Notify::ByMail, UserStatus::SetUp | UserStatus::Active) => {
                        "no mail, being invited before"
                    }
                    (Notify::Silently, _) => "no mail",
                }
                .to_owned(),
            );
            words.join(", ")
        }
        Step::Activate { .. } => "active   no → yes".to_owned(),
        Step::Deactivate { .. } => "deactivated".to_owned(),
        Step::Suspend { role: UserRole::Admin, .. } => "suspended; the admin flag goes too".to_owned(),
        Step::Suspend { role: UserRole::Plain, .. } => "suspended".to_owned(),
        Step::Resume { role: UserRole::Admin, .. } => "active again, as an admin".to_owned(),
        Step::Resume { role: UserRole::Plain, .. } => "active again".to_owned(),
        Step::SetRole { role: UserRole::Admin, .. } => "admin   no → yes".to_owned(),
        Step::SetRole { role: UserRole::Plain, .. } => "admin   yes → no".to_owned(),
        Step::Reassign { to, project, parting, owned, regrant, .. } => {
            let project = match project {
                Destination::New(name) => format!("the new project {}", named(name)),
                Destination::Existing(_, name) => format!("the project {}, which is there", named(name)),
            };
            let account = match parting {
                Parting::Ends => "deactivated first",
                Parting::EndedBefore => "deactivated already",
                Parting::Stays => "stays active",
                Parting::StaysInactive => "stays inactive",
            };
            let rights = match regrant.len() {
                0 => String::new(),
                n => format!(", {} granted anew", count(n, "right", "rights")),
            };
            let to = names.user(*to);
            if *owned == 0 {
                return format!("{account}; owns nothing, so no project is made for {to}{rights}");
            }
            let owned = count(*owned, "thing goes", "things go");
            format!("{account}; {owned} to {to} in {project}{rights}")
        }
        Step::IssueToken { expiry, scopes, .. } => {
            format!("a new token, ends {}, scopes: {scopes}", ends(*expiry))
        }
        Step::ChangeExpiry { expiry, via, .. } => format!("ends {}{}", ends(*expiry), with(via)),
        Step::RevokeToken { via, .. } => format!("revoked{}", with(via)),
        Step::RevokeAllOf { at_most, via: Via::TokenInUse, .. } => {
            format!("all tokens revoked, {at_most} by the server's list")
        }
        Step::RevokeAllOf { at_most: 0, via, .. } => {
            format!("all tokens revoked, though the audit log knows of none{}", with(via))
        }
        Step::RevokeAllOf { at_most, via, .. } => {
            format!("all tokens revoked, at most {at_most} by the audit log{}", with(via))
        }
        Step::ListExactly { .. } => "listed with a helper token, made and deleted for it".to_owned(),
        Step::CreateLogin { groups, .. } => format!("new login, {}", in_groups(groups)),
        Step::ChangeLogin { groups, twins, .. } => {
            let twins = match twins {
                0 => String::new(),
                n => format!("; {} removed", count(*n, "twin", "twins")),
            };
            format!("is there; will be {}{twins}", in_groups(groups))
        }
        Step::DeleteLogin { .. } => "login revoked; the Unix account stays on the VM".to_owned(),
    }
}

fn with(via: &Via) -> &'static str {
    match via {
        Via::TokenInUse => "",
        Via::Helper => ", with a helper token",
        Via::Itself(_) => ", with the token itself",
    }
}

fn in_groups(groups: &[UnixGroup]) -> String {
    if groups.is_empty() {
        return "in no groups".to_owned();
    }
    format!("in {}", group_list(groups.iter().map(UnixGroup::as_str)))
}

/// "never" or "on 2026-12-23 10:42 UTC".
pub fn ends(expiry: Expiry) -> String {
    has_end(&expiry.into())
}

/// The same of a token that is there, whose end may be one that nobody can read.
pub fn has_end(ends: &Ends) -> String {
    match ends {
        Ends::Never => "never".to_owned(),
        Ends::On(Date::At(at)) => format!("on {} UTC", date_time(*at)),
        Ends::On(Date::After9999(_)) => AFTER_9999.to_owned(),
        Ends::On(Date::Unreadable(what)) => format!("on a date that is {what}"),
    }
}

/// What is lost, each sort counted: "9 VM logins, 14 group memberships".
pub fn losses(losses: &Losses) -> Vec<String> {
    let mut words = Vec::new();
    let mut add = |n: usize, one: &str, many: &str| {
        if n > 0 {
            words.push(count(n, one, many));
        }
    };
    add(losses.logins.len(), "VM login", "VM logins");
    add(losses.memberships, "group membership", "group memberships");
    add(losses.permissions, "other permission", "other permissions");
    add(losses.keys, "SSH key", "SSH keys");
    add(losses.keys_of_others, "SSH key that others use", "SSH keys that others use");
    match (losses.tokens, losses.doubtful_tokens) {
        (TokenCount::Exactly(n), _) => add(n, "token", "tokens"),
        (TokenCount::NotCounted | TokenCount::AtMost(_), 0) => {
            add(losses.tokens.number(), "token at most", "tokens at most");
        }
        (TokenCount::NotCounted | TokenCount::AtMost(_), doubtful) => {
            let all = count(losses.tokens.number() + doubtful, "token", "tokens");
            words.push(format!("{all} at most ({doubtful} ended by the log alone)"));
        }
    }
    if losses.signatures > 0 {
        words.push(count(losses.signatures, "signature of agreements", "signatures of agreements"));
    }
    words
}

/// The same in few words, for a row of a list: "2 logins  3 groups  1 key".
pub fn losses_in_short(losses: &Losses) -> String {
    let counts = [
        (losses.logins.len(), "login", "logins"),
        (losses.memberships, "group", "groups"),
        (losses.permissions, "other right", "other rights"),
        (losses.keys + losses.keys_of_others, "key", "keys"),
        (losses.tokens.number() + losses.doubtful_tokens, "token", "tokens"),
    ];
    let words = counts.into_iter().filter(|(n, _, _)| *n > 0).map(|(n, one, many)| count(n, one, many));
    words.collect::<Vec<_>>().join("  ")
}

/// Which of a login's groups do nothing, and why: login-sync leaves them alone, or all groups.
pub fn idle_groups(facts: &ClusterFacts, groups: &[String]) -> Option<String> {
    let idle = facts.without_effect(groups);
    let names = named(&group_list(&idle));
    match (idle.len(), facts.groups) {
        (0, _) => None,
        (_, ByLoginSync::LeftAlone) => {
            Some("login-sync touches no groups here (SyncUserGroups is off): they do nothing".to_owned())
        }
        (1, ByLoginSync::Done) => Some(format!("{names} is ignored by login-sync: it does nothing")),
        (_, ByLoginSync::Done) => Some(format!("{names} are ignored by login-sync: they do nothing")),
    }
}

/// What must be known of the groups that a login is to have on `host`: what docker means, and which do nothing
/// (api.md b.7). As long as the cluster has not told what login-sync does, it is taken to do all.
pub fn group_notes(facts: Option<&ClusterFacts>, groups: &[String], host: &str) -> Vec<Note> {
    let idle = facts.map(|facts| facts.without_effect(groups)).unwrap_or_default();
    let mut notes = Vec::new();
    if groups.iter().any(|group| group == "docker") && !idle.contains(&"docker") {
        notes.push(Note::warning(format!("docker means root on {host}")));
    }
    notes.extend(facts.and_then(|facts| idle_groups(facts, groups)).map(Note::warning));
    notes
}
