//! Names of Unix accounts and groups: what can be one at all, and what common systems think of it.
//!
//! login-sync makes a missing account with `useradd` and puts it into groups that are there with `usermod`
//! (api.md b.7); accounts and groups may also come from a directory such as Active Directory, whose names
//! have blanks, capitals and dots. So only what can't be a name is refused; the rest is warned of.

use super::csv_list;
use super::text::{clean, named, visible};
use std::fmt;
use std::str::FromStr;

/// A name that a Unix account can have.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LoginName(String);

/// A Unix group's name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixGroup(String);

/// Why nothing can be called that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum UnixNameError {
    /// Nothing there.
    #[error("a name is needed")]
    Empty,
    /// Longer than the records of logins have room for.
    #[error("a Unix account's name has at most 32 bytes")]
    TooLong,
    /// Longer than a directory takes.
    #[error("a group's name has at most 256 bytes")]
    TooLongGroup,
    /// It would break the list of accounts, or a path.
    #[error("no account can be called that: no blanks, no : or /, and no - at the start")]
    NoAccount,
    /// It would break the list of groups, or be taken for an option or for several groups.
    #[error("no group can be called that: no : or comma, no line end, and no - at the start")]
    NoGroup,
    /// An account of the system itself.
    #[error("a system account such as root: login-sync leaves those alone, so the login would never work")]
    SystemAccount,
}

/// Names of groups in a sentence, each told from the next whatever it has in it.
pub fn group_list<T: AsRef<str>>(groups: impl IntoIterator<Item = T>) -> String {
    csv_list::join(groups.into_iter().map(|group| named(&visible(group.as_ref()))), ", ")
}

/// The most bytes of an account's name: what utmp has room for, and where useradd stops.
const LONGEST: usize = 32;

/// The most bytes of a group's name; Active Directory stops there.
const LONGEST_GROUP: usize = 256;

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

/// What the `useradd` of a system says to a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Useradd {
    Takes,
    Refuses,
}

/// Debian's, and Ubuntu's, which is the same (tried with passwd 4.13 of Debian 12): no `-`, `+` or `~` at the
/// start, and nowhere a colon, a comma or white space.
fn debian(name: &str) -> Useradd {
    let breaks = |c: char| matches!(c, ':' | ',') || c.is_whitespace();
    if name.starts_with(['-', '+', '~']) || name.contains(breaks) { Useradd::Refuses } else { Useradd::Takes }
}

/// RHEL's, and Fedora's (the rule of its shadow-utils, which is upstream's by now): letters of ASCII, digits,
/// `_`, `.` and `-`, but no `-` at the start, a `$` at the end at most, and not digits alone.
fn rhel(name: &str) -> Useradd {
    let is_usual = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'.' | b'-');
    let body = name.strip_suffix('$').unwrap_or(name);
    let is_name = !body.is_empty() && !body.starts_with('-') && body.bytes().all(is_usual);
    if is_name && !name.bytes().all(|b| b.is_ascii_digit()) { Useradd::Takes } else { Useradd::Refuses }
}

/// What every system and tool takes: the rule of `adduser`.
fn is_usual(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && bytes.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_'))
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
        let name = text.trim();
        // Where a home folder is made of the name, these would be the folder of all homes and its parent.
        let is_folder = matches!(name, "." | "..");
        let breaks = |c: char| matches!(c, ':' | '/') || c.is_whitespace() || c.is_control();
        if name.is_empty() {
            Err(UnixNameError::Empty)
        } else if is_folder || name.starts_with('-') || name.contains(breaks) {
            Err(UnixNameError::NoAccount)
        } else if name.len() > LONGEST {
            Err(UnixNameError::TooLong)
        } else if is_system_account(name) {
            Err(UnixNameError::SystemAccount)
        } else {
            Ok(Self(name.to_owned()))
        }
    }
}

impl LoginName {
    /// What to know of a name that not every system takes: a sentence. Nothing if every one does.
    pub fn caution(&self) -> Option<String> {
        let name = visible(&self.0);
        match (debian(&self.0), rhel(&self.0)) {
            _ if is_usual(&self.0) => None,
            (Useradd::Takes, Useradd::Takes) => Some(format!(
                "{name} is unusual for a Unix account: useradd of Debian and of RHEL takes it, adduser and some \
                 tools want a-z, 0-9, - and _ only"
            )),
            (Useradd::Takes, Useradd::Refuses) => Some(format!(
                "{name} is unusual for a Unix account: useradd of Debian takes it, that of RHEL refuses it, and \
                 then login-sync makes no account"
            )),
            (Useradd::Refuses, Useradd::Takes) => Some(format!(
                "{name} is unusual for a Unix account: useradd of RHEL takes it, that of Debian refuses it, and \
                 then login-sync makes no account"
            )),
            (Useradd::Refuses, Useradd::Refuses) => Some(format!(
                "{name} is unusual for a Unix account: useradd of Debian and of RHEL refuses it, so the login \
                 works only where that account is there already"
            )),
        }
    }
}

impl FromStr for UnixGroup {
    type Err = UnixNameError;

    fn from_str(text: &str) -> Result<Self, UnixNameError> {
        let name = text.trim();
        if name.is_empty() {
            Err(UnixNameError::Empty)
        } else if name.starts_with('-') || name.contains(|c: char| matches!(c, ':' | ',') || c.is_control()) {
            Err(UnixNameError::NoGroup)
        } else if name.len() > LONGEST_GROUP {
            Err(UnixNameError::TooLongGroup)
        } else {
            Ok(Self(name.to_owned()))
        }
    }
}

impl UnixGroup {
    /// One that a login has already, whatever Unix thinks of it: what is not understood is left as it is.
    pub fn as_it_is(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// Several, parted by commas and quoted as CSV does; of several, the error names the one that is none.
    pub fn list(text: &str) -> Result<Vec<Self>, String> {
        let mut groups = Vec::new();
        for name in csv_list::split(text, ',') {
            groups.push(name.parse().map_err(|error: UnixNameError| {
                let shown: String = clean(&name).chars().take(LONGEST).collect();
                format!("{shown}: {error}")
            })?);
        }
        groups.sort();
        groups.dedup();
        Ok(groups)
    }

    /// What to know of a name that may be a slip of the hand: a sentence.
    pub fn caution(&self) -> Option<String> {
        self.0.contains(char::is_whitespace).then(|| {
            format!(
                "\"{}\" is one group, with a blank in its name; several are parted by commas",
                visible(&self.0)
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn login(name: &str) -> LoginName {
        name.parse().unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    #[test]
    fn only_what_can_be_no_account_is_refused() {
        for good in ["rdelgado", "_lab", "a-b_9", "ALarsen", "first.last", "9lives", "rosa$", "12345", "über"]
        {
            assert_eq!(login(good).as_str(), good);
        }
        for bad in ["-bad", "a b", "a\tb", "a:b", "a/b", "DOM/rosa", ".", "..", "a\u{a0}b", "a\u{7}b"] {
            assert_eq!(bad.parse::<LoginName>(), Err(UnixNameError::NoAccount), "{bad:?}");
        }
        assert_eq!("".parse::<LoginName>(), Err(UnixNameError::Empty));
        assert_eq!("a".repeat(33).parse::<LoginName>(), Err(UnixNameError::TooLong));
        assert_eq!("ü".repeat(17).parse::<LoginName>(), Err(UnixNameError::TooLong), "bytes count");
    }

    #[test]
    fn of_an_unusual_name_it_is_said_what_useradd_of_debian_and_of_rhel_would_do() {
        let cautions = |name: &str| login(name).caution().unwrap_or_default();
        for usual in ["rdelgado", "_lab", "a-b_9"] {
            assert_eq!(login(usual).caution(), None, "{usual}");
        }
        for both in ["ALarsen", "first.last", "9lives", "samba$"] {
            assert_eq!(
                cautions(both),
                format!(
                    "{both} is unusual for a Unix account: useradd of Debian and of RHEL takes it, adduser and \
                     some tools want a-z, 0-9, - and _ only"
                )
            );
        }
        for debian in ["12345", "über", "rosa@lab", "DOM\\rosa"] {
            assert_eq!(
                cautions(debian),
                format!(
                    "{debian} is unusual for a Unix account: useradd of Debian takes it, that of RHEL refuses it, \
                     and then login-sync makes no account"
                )
            );
        }
        assert_eq!(
            cautions("+rosa"),
            "+rosa is unusual for a Unix account: useradd of Debian and of RHEL refuses it, so the login works only \
             where that account is there already"
        );
        assert!(
            cautions("rosa\u{200b}").starts_with("rosa<U+200B> is unusual"),
            "what can't be seen is shown"
        );
    }

    #[test]
    fn accounts_of_the_system_are_no_logins_though_their_groups_are_groups() {
        for name in ["root", "daemon", "bin", "nobody", "www-data", "systemd-network"] {
            assert_eq!(name.parse::<LoginName>(), Err(UnixNameError::SystemAccount), "{name}");
            assert!(name.parse::<UnixGroup>().is_ok(), "{name}");
        }
    }

    #[test]
    fn groups_of_a_directory_are_groups_and_several_are_parted_by_commas() {
        let names = |text: &str| {
            UnixGroup::list(text).map(|groups| groups.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(
            names("docker, Domain Users,fuse,"),
            Ok(["Domain Users", "docker", "fuse"].map(str::to_owned).into())
        );
        assert_eq!(names(r#""Domain Users""#), Ok(vec!["Domain Users".to_owned()]));
        assert_eq!(names("docker, a:b"), Err(format!("a:b: {}", UnixNameError::NoGroup)));
        assert_eq!(names("-x"), Err(format!("-x: {}", UnixNameError::NoGroup)));
        assert_eq!(
            "docker fuse".parse::<UnixGroup>().ok().and_then(|group| group.caution()).as_deref(),
            Some("\"docker fuse\" is one group, with a blank in its name; several are parted by commas")
        );
    }
}
