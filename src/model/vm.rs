//! Virtual machines, and who may log in to them.

use super::field::Text;
use super::ids::{LinkUuid, UserUuid, VmUuid};
use std::fmt;
use std::str::FromStr;

/// A virtual machine that users may log in to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vm {
    /// Names it.
    pub uuid: VmUuid,
    /// Host name; not unique by the server's rules.
    pub hostname: Text,
}

/// A user's login on a VM. The server keeps a link for each; where several links name the same user,
/// VM and login name ("twins", api.md v7) they are one login whose groups are uncertain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VmLogin {
    /// Who may log in.
    pub user: UserUuid,
    /// Where.
    pub vm: VmUuid,
    /// The Unix account's name. As the server has it, so perhaps one that Unix would not take (v10).
    pub login_name: String,
    /// The links that grant it, oldest first: never empty, more than one if there are twins.
    pub links: Vec<LoginLink>,
}

/// One `can_login` link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoginLink {
    /// Names the link.
    pub uuid: LinkUuid,
    /// The Unix groups it asks for, sorted.
    pub groups: Vec<String>,
    /// What else its properties have, as JSON members: an update sends it along.
    pub others: String,
    /// Whether login-sync can read them.
    pub form: LinkForm,
}

/// Whether the properties of a login's link are what they should be: the server checks nothing (api.md v10).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LinkForm {
    /// A name, and a list of groups.
    Sound,
    /// The name is no text, or the groups are no list of texts: nobody can say what login-sync makes of it.
    Odd,
}

/// The Unix groups of a login.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginGroups<'a> {
    /// All links agree.
    Certain(&'a [String]),
    /// Twins that differ, of which whichever the server lists first counts; or odd properties.
    Uncertain,
}

impl VmLogin {
    /// The groups it has, if its links agree.
    pub fn groups(&self) -> LoginGroups<'_> {
        match self.links.as_slice() {
            [] => LoginGroups::Certain(&[]),
            _ if self.is_odd() => LoginGroups::Uncertain,
            [first, rest @ ..] if rest.iter().all(|l| l.groups == first.groups) => {
                LoginGroups::Certain(&first.groups)
            }
            _ => LoginGroups::Uncertain,
        }
    }

    /// Whether a link of it has properties that nobody can read.
    pub fn is_odd(&self) -> bool {
        self.links.iter().any(|link| link.form == LinkForm::Odd)
    }

    /// Whether more than one link grants it.
    pub fn has_twins(&self) -> bool {
        self.links.len() > 1
    }
}

/// A login name that Unix takes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LoginName(String);

/// A Unix group name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixGroup(String);

/// Why Unix would not take a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnixNameError {
    /// Nothing there.
    #[error("a name is needed")]
    Empty,
    /// Longer than useradd takes.
    #[error("Unix takes at most 32 characters")]
    TooLong,
    /// Not as useradd wants it.
    #[error("start with a-z or _, then a-z, 0-9, - and _ only")]
    Characters,
    /// An account of the system itself.
    #[error("a system account such as root: login-sync leaves those alone, so the login would never work")]
    SystemAccount,
}

/// Accounts that common Linux systems have below `UID_MIN` (and nobody, who is above), which login-sync
/// skips (api.md b.7). Which there are on a VM can't be asked, so only what is there nearly everywhere.
const SYSTEM_ACCOUNTS: &[&str] = &[
    "root",
    "daemon",
    "bin",
    "sys",
    "sync",
    "games",
    "man",
    "lp",
    "mail",
    "news",
    "uucp",
    "proxy",
    "www-data",
    "backup",
    "list",
    "irc",
    "gnats",
    "nobody",
    "adm",
    "shutdown",
    "halt",
    "operator",
    "ftp",
    "dbus",
    "_apt",
    "messagebus",
    "syslog",
    "sshd",
    "polkitd",
    "tss",
    "uuidd",
    "tcpdump",
    "landscape",
    "pollinate",
    "chrony",
    "ntp",
    "rpc",
    "rpcuser",
    "statd",
    "postfix",
    "postgres",
    "mysql",
    "nginx",
    "apache",
    "named",
    "munge",
    "slurm",
    "lxd",
    "usbmux",
    "avahi",
    "rtkit",
    "colord",
    "sssd",
    "fwupd-refresh",
];

fn is_system_account(name: &str) -> bool {
    SYSTEM_ACCOUNTS.contains(&name) || name.starts_with("systemd-")
}

/// The rule of useradd and groupadd in their usual setting.
fn unix_name(text: &str) -> Result<String, UnixNameError> {
    let text = text.trim();
    let mut bytes = text.bytes();
    match bytes.next() {
        None => Err(UnixNameError::Empty),
        Some(first) if !(first.is_ascii_lowercase() || first == b'_') => Err(UnixNameError::Characters),
        Some(_) if !bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_') => {
            Err(UnixNameError::Characters)
        }
        Some(_) if text.len() > 32 => Err(UnixNameError::TooLong),
        Some(_) => Ok(text.to_owned()),
    }
}

macro_rules! unix_names {
    ($($name:ident)*) => {$(
        impl $name {
            /// The name.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(&self.0)
            }
        }
    )*};
}

unix_names!(LoginName UnixGroup);

impl FromStr for LoginName {
    type Err = UnixNameError;

    fn from_str(text: &str) -> Result<Self, UnixNameError> {
        let name = unix_name(text)?;
        if is_system_account(&name) { Err(UnixNameError::SystemAccount) } else { Ok(Self(name)) }
    }
}

impl FromStr for UnixGroup {
    type Err = UnixNameError;

    fn from_str(text: &str) -> Result<Self, UnixNameError> {
        unix_name(text).map(Self)
    }
}

impl UnixGroup {
    /// One that a login has already, whatever Unix thinks of it: what is not understood is left as it is.
    pub fn as_it_is(text: &str) -> Self {
        Self(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn login_names_are_checked_as_unix_would() {
        for good in ["rdelgado", "_lab", "a-b_9"] {
            assert!(good.parse::<LoginName>().is_ok(), "{good}");
        }
        for bad in ["", "-bad name", "9lives", "Rosa", "a b", "rosa$", &"a".repeat(33)] {
            assert!(bad.parse::<LoginName>().is_err(), "{bad}");
        }
    }

    #[test]
    fn accounts_of_the_system_are_no_logins_though_their_groups_are_groups() {
        for name in ["root", "daemon", "bin", "nobody", "www-data", "systemd-network"] {
            assert_eq!(name.parse::<LoginName>(), Err(UnixNameError::SystemAccount), "{name}");
            assert!(name.parse::<UnixGroup>().is_ok(), "{name}");
        }
    }

    #[test]
    fn twins_that_differ_leave_the_groups_uncertain() {
        let link = |groups: &[&str]| LoginLink {
            uuid: "zzzzz-o0j2j-000000000000001".parse().expect("a link"),
            groups: groups.iter().map(ToString::to_string).collect(),
            others: String::new(),
            form: LinkForm::Sound,
        };
        let mut login = VmLogin {
            user: "zzzzz-tpzed-000000000000001".parse().expect("a user"),
            vm: "zzzzz-2x53u-000000000000001".parse().expect("a VM"),
            login_name: "rosa".to_owned(),
            links: vec![link(&["docker"]), link(&["docker"])],
        };
        assert_eq!(login.groups(), LoginGroups::Certain(&["docker".to_owned()]));
        login.links.push(link(&[]));
        assert_eq!(login.groups(), LoginGroups::Uncertain);
    }
}
