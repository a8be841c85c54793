//! The filter of the list of users, as it is typed: on the screen and with `--filter`.
//!
//! All words must be found, each as a substring of name, e-mail, username or UUID, whatever its case and accents.
//! `is:active`, `is:setup`, `is:inactive`, `is:admin` and `is:remote` ask for what a user is; `!` negates.

use super::fold::{fold, fold_into};
use super::ids::ClusterId;
use super::likeness::Outline;
use super::text::bare;
use super::user::{User, UserStatus};
use memchr::memmem::Finder;

/// What may stand behind `is:`.
pub const KINDS: [&str; 5] = ["active", "setup", "inactive", "admin", "remote"];

/// A filter that was typed.
#[derive(Debug, Clone, Default)]
pub struct UserFilter {
    terms: Vec<Term>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Term {
    test: Test,
    sense: Sense,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sense {
    Is,
    IsNot,
}

#[derive(Debug, Clone)]
enum Test {
    Word(Box<Finder<'static>>),
    Status(UserStatus),
    Admin,
    Remote,
    /// Matches nothing, negated or not.
    Unknown(String),
}

impl PartialEq for Test {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Word(a), Self::Word(b)) => a.needle() == b.needle(),
            (Self::Status(a), Self::Status(b)) => a == b,
            (Self::Admin, Self::Admin) | (Self::Remote, Self::Remote) => true,
            (Self::Unknown(a), Self::Unknown(b)) => a == b,
            _ => false,
        }
    }
}

impl Eq for Test {}

impl PartialEq for UserFilter {
    fn eq(&self, other: &Self) -> bool {
        self.terms == other.terms
    }
}

impl Eq for UserFilter {}

/// The text of a user that words are looked for in, folded once: name, e-mail, username and UUID, a line
/// each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchText {
    text: Box<str>,
    name: u32,
    email: u32,
    username: u32,
    outline: Outline,
}

impl SearchText {
    /// Of a user.
    pub fn of(user: &User) -> Self {
        let mut text = String::with_capacity(
            user.first_name.len() + user.last_name.len() + user.email.len() + user.username.len() + 31,
        );
        fold_into(&user.first_name, &mut text);
        if !user.first_name.is_empty() && !user.last_name.is_empty() {
            text.push(' ');
        }
        fold_into(&user.last_name, &mut text);
        let name = end(&text);
        text.push('\n');
        fold_into(&user.email, &mut text);
        let email = end(&text);
        text.push('\n');
        fold_into(&user.username, &mut text);
        let username = end(&text);
        text.push('\n');
        text.push_str(user.uuid.as_str());
        Self { text: text.into_boxed_str(), name, email, username, outline: Outline::of(user) }
    }

    /// How the full name looks.
    pub fn outline(&self) -> Outline {
        self.outline
    }

    /// The full name.
    pub fn name(&self) -> &str {
        self.part(0, self.name)
    }

    /// The e-mail.
    pub fn email(&self) -> &str {
        self.part(self.name + 1, self.email)
    }

    /// The username.
    pub fn username(&self) -> &str {
        self.part(self.email + 1, self.username)
    }

    fn part(&self, from: u32, to: u32) -> &str {
        self.text.get(from as usize..to as usize).unwrap_or_default()
    }
}

/// A user with the text that words are looked for in: made where the page is read, not where it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchedUser {
    /// The user.
    pub user: User,
    /// The text.
    pub text: SearchText,
}

impl From<User> for SearchedUser {
    fn from(user: User) -> Self {
        let text = SearchText::of(&user);
        Self { user, text }
    }
}

/// Where a text ends. No record is 4 GB long.
fn end(text: &str) -> u32 {
    u32::try_from(text.len()).unwrap_or(u32::MAX)
}

impl UserFilter {
    /// Reads what was typed. Every text is a filter.
    pub fn parse(text: &str) -> Self {
        Self { terms: text.split_whitespace().filter_map(Term::parse).collect() }
    }

    /// Whether it lets everyone through.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Words such as `is:xyz` that ask for nothing known: the filter matches nobody because of them.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.terms.iter().filter_map(|term| match &term.test {
            Test::Unknown(word) => Some(word.as_str()),
            Test::Word(_) | Test::Status(_) | Test::Admin | Test::Remote => None,
        })
    }

    /// Whether it lets a user through; `here` is the cluster that is asked.
    pub fn matches(&self, user: &User, here: ClusterId) -> bool {
        self.matches_text(user, &SearchText::of(user), here)
    }

    /// The same, with the text folded before.
    pub fn matches_text(&self, user: &User, text: &SearchText, here: ClusterId) -> bool {
        self.terms.iter().all(|term| {
            let holds = match &term.test {
                Test::Word(word) => word.find(text.text.as_bytes()).is_some(),
                Test::Status(status) => user.status == *status,
                Test::Admin => user.is_admin(),
                Test::Remote => user.foreign_home(here).is_some(),
                Test::Unknown(_) => return false,
            };
            holds == (term.sense == Sense::Is)
        })
    }

    /// Whether everyone that this lets through is let through by `wider` too, as far as that is plain: then
    /// only those need be looked at.
    pub fn narrows(&self, wider: &Self) -> bool {
        wider.terms.len() <= self.terms.len()
            && wider.terms.iter().zip(&self.terms).all(|(wide, narrow)| {
                wide == narrow
                    || match (&wide.test, &narrow.test, wide.sense, narrow.sense) {
                        (Test::Word(part), Test::Word(whole), Sense::Is, Sense::Is) => {
                            part.find(whole.needle()).is_some()
                        }
                        _ => false,
                    }
            })
    }
}

impl Term {
    fn parse(word: &str) -> Option<Self> {
        let (sense, word) = match word.strip_prefix('!') {
            Some(rest) => (Sense::IsNot, rest),
            None => (Sense::Is, word),
        };
        if word.is_empty() {
            return None;
        }
        let folded = fold(bare(word));
        let test = match folded.strip_prefix("is:") {
            Some("active") => Test::Status(UserStatus::Active),
            Some("setup") => Test::Status(UserStatus::SetUp),
            Some("inactive") => Test::Status(UserStatus::Inactive),
            Some("admin") => Test::Admin,
            Some("remote") => Test::Remote,
            Some(_) => Test::Unknown(word.to_owned()),
            None => Test::Word(Box::new(Finder::new(folded.as_bytes()).into_owned())),
        };
        Some(Self { test, sense })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::user::UserRole;

    fn rosa() -> User {
        User {
            uuid: "zzzzz-tpzed-3kz0nwtjehhl0u4".parse().expect("a user's"),
            email: "rosa.delgado@institute.example".into(),
            username: "rdelgado".into(),
            first_name: "Rósa".into(),
            last_name: "Delgado".into(),
            status: UserStatus::Active,
            role: UserRole::Admin.into(),
            created_at: None,
            modified_at: None,
            modified_by: None,
        }
    }

    fn finds(text: &str) -> bool {
        UserFilter::parse(text).matches(&rosa(), "zzzzz".parse().expect("a cluster"))
    }

    #[test]
    fn every_word_must_be_somewhere() {
        for text in [
            "",
            "  ",
            "rosa",
            "ROSA del",
            "delgado rosa",
            "institute.EX",
            "rdel 3kz0",
            "!otto",
            "rosa !",
            "rósa",
        ] {
            assert!(finds(text), "{text:?} should find Rosa");
        }
        for text in ["otto", "rosa otto", "!rosa", "gadordel", "rosadel"] {
            assert!(!finds(text), "{text:?} should not find Rosa");
        }
    }

    #[test]
    fn what_a_user_is_can_be_asked_for() {
        for text in ["is:active", "is:admin", "IS:Active rosa", "!is:inactive", "!is:setup", "!is:remote"] {
            assert!(finds(text), "{text:?} should find Rosa");
        }
        for text in ["is:inactive", "is:setup", "!is:admin", "is:remote"] {
            assert!(!finds(text), "{text:?} should not find Rosa");
        }
    }

    #[test]
    fn an_unknown_question_matches_nobody_and_is_told() {
        assert!(!finds("is:xyz") && !finds("!is:xyz") && !finds("rosa is:"));
        assert_eq!(UserFilter::parse("rosa !is:xyz").unknown().collect::<Vec<_>>(), ["is:xyz"]);
    }

    #[test]
    fn typing_on_narrows_only_where_it_does() {
        let narrows = |wide: &str, narrow: &str| UserFilter::parse(narrow).narrows(&UserFilter::parse(wide));
        assert!(narrows("", "r") && narrows("ro", "ros") && narrows("ro", "ros is:active"));
        assert!(!narrows("!ro", "!ros") && !narrows("is:activ", "is:active") && !narrows("i", "is:active"));
        assert!(!narrows("ros", "ro") && !narrows("ro del", "ro"));
    }
}
