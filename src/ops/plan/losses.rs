//! What steps delete or move, counted and told.

use crate::model::ids::VmUuid;
use crate::model::text::count;

/// What a step deletes or moves, counted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Losses {
    /// VM logins: where, and under which name. The Unix accounts stay (api.md b.7).
    pub logins: Vec<(VmUuid, String)>,
    /// Memberships of groups, All users not counted.
    pub memberships: usize,
    /// Other permissions.
    pub permissions: usize,
    /// SSH keys of the user.
    pub keys: usize,
    /// SSH keys that others use, but whose records the user owns.
    pub keys_of_others: usize,
    /// Tokens.
    pub tokens: TokenCount,
    /// How many more have an end in records alone that any user could have written (api.md v58).
    pub doubtful_tokens: usize,
    /// Signatures of user agreements.
    pub signatures: usize,
    /// Containers queued, locked or running: their tokens go, so they break.
    pub work: usize,
    /// Projects, collections and the like, trash included, that change hands.
    pub moved: usize,
}

/// How many tokens, and how sure that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenCount {
    /// Does not apply, or not known.
    #[default]
    NotCounted,
    /// From the audit log (api.md v6).
    AtMost(usize),
    /// From the server's list.
    Exactly(usize),
}

impl Losses {
    pub(super) fn plus(mut self, other: &Self) -> Self {
        self.logins.extend(other.logins.iter().cloned());
        self.memberships += other.memberships;
        self.permissions += other.permissions;
        self.keys += other.keys;
        self.keys_of_others += other.keys_of_others;
        self.tokens = self.tokens.plus(other.tokens);
        self.doubtful_tokens += other.doubtful_tokens;
        self.signatures += other.signatures;
        self.work += other.work;
        self.moved += other.moved;
        self
    }
}

impl TokenCount {
    fn plus(self, other: Self) -> Self {
        match (self, other) {
            (Self::NotCounted, count) | (count, Self::NotCounted) => count,
            (Self::Exactly(a), Self::Exactly(b)) => Self::Exactly(a + b),
            (Self::AtMost(a) | Self::Exactly(a), Self::AtMost(b) | Self::Exactly(b)) => Self::AtMost(a + b),
        }
    }

    /// The number, however sure.
    pub fn number(self) -> usize {
        match self {
            Self::NotCounted => 0,
            Self::AtMost(n) | Self::Exactly(n) => n,
        }
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
