//! Virtual machines, and who may log in to them.

use super::field::Text;
use super::ids::{LinkUuid, UserUuid, VmUuid};
use std::collections::BTreeMap;

pub use super::unix_name::{LoginName, UnixGroup, UnixNameError};

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
    /// What else its properties have, as JSON by name: an update sends it along.
    pub others: BTreeMap<String, String>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_that_differ_leave_the_groups_uncertain() {
        let link = |groups: &[&str]| LoginLink {
            uuid: "zzzzz-o0j2j-000000000000001".parse().expect("a link"),
            groups: groups.iter().map(ToString::to_string).collect(),
            others: BTreeMap::new(),
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
