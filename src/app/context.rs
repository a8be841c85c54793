//! What has the keyboard, by which a key is read. The shell's binding table names these; the state says
//! which one is on top.

/// What has the keyboard. The first few are layers: never on top themselves, they give keys to others
/// ([`Context::layers`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Context {
    /// Layer: everywhere, text fields too.
    Always,
    /// Layer: in every pane: help, commands, leaving.
    Panes,
    /// Layer: wherever a cursor moves over rows and nothing is typed.
    Rows,
    /// Layer: in users, tokens and VM logins: what is done with records.
    Records,

    /// The start page, where no cluster is there: not configured, or not to be reached.
    Start,
    /// The list of users.
    Users,
    /// The chosen user's tokens.
    Tokens,
    /// The chosen user's VM logins.
    Logins,
    /// The filter is being typed.
    Filter,
    /// The commands, searched by typing.
    Palette,
    /// A list to choose from: the menu, what to sort by.
    Choice,
    /// Something to read: help, messages, details.
    Reading,
    /// The logins of a VM.
    VmLogins,
    /// A question answered by one key.
    Question,
    /// A question answered by typing a count or a name.
    TypedQuestion,
    /// A form with fields.
    Form,
    /// A change at work.
    Working,
    /// What became of a change.
    Report,
    /// A token to be found is being pasted.
    FindToken,
    /// What was found of a token.
    FoundToken,
    /// A new token's secret.
    NewToken,
}

/// What becomes of a key that is bound to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Typing {
    /// It is text.
    Text,
    /// It is nothing.
    None,
}

impl Context {
    /// All there are.
    pub const ALL: [Self; 21] = [
        Self::Always,
        Self::Panes,
        Self::Rows,
        Self::Records,
        Self::Start,
        Self::Users,
        Self::Tokens,
        Self::Logins,
        Self::Filter,
        Self::Palette,
        Self::Choice,
        Self::Reading,
        Self::VmLogins,
        Self::Question,
        Self::TypedQuestion,
        Self::Form,
        Self::Working,
        Self::Report,
        Self::FindToken,
        Self::FoundToken,
        Self::NewToken,
    ];

    /// Where a key is looked up that is not bound here, in this order.
    pub fn layers(self) -> &'static [Self] {
        match self {
            Self::Always => &[],
            Self::Users | Self::Tokens | Self::Logins => {
                &[Self::Records, Self::Rows, Self::Panes, Self::Always]
            }
            Self::Start => &[Self::Panes, Self::Always],
            Self::Choice | Self::Reading | Self::VmLogins | Self::Question | Self::Report => {
                &[Self::Rows, Self::Always]
            }
            Self::Panes
            | Self::Rows
            | Self::Records
            | Self::Filter
            | Self::Palette
            | Self::TypedQuestion
            | Self::Form
            | Self::Working
            | Self::FindToken
            | Self::FoundToken
            | Self::NewToken => &[Self::Always],
        }
    }

    /// Whether a key that is bound to nothing is text here.
    pub fn typing(self) -> Typing {
        match self {
            Self::Filter | Self::Palette | Self::TypedQuestion | Self::Form | Self::FindToken => Typing::Text,
            Self::Always
            | Self::Panes
            | Self::Rows
            | Self::Records
            | Self::Start
            | Self::Users
            | Self::Tokens
            | Self::Logins
            | Self::Choice
            | Self::Reading
            | Self::VmLogins
            | Self::Question
            | Self::Working
            | Self::Report
            | Self::FoundToken
            | Self::NewToken => Typing::None,
        }
    }

    /// What it is called in the help and the README.
    pub fn title(self) -> &'static str {
        match self {
            Self::Always => "Everywhere",
            Self::Panes => "In every pane",
            Self::Rows => "In every list",
            Self::Records => "In users, tokens and VM logins",
            Self::Start => "Without a cluster",
            Self::Users => "Users",
            Self::Tokens => "Tokens",
            Self::Logins => "VM logins",
            Self::Filter => "Typing a filter",
            Self::Palette => "Commands",
            Self::Choice => "Choosing",
            Self::Reading => "Reading",
            Self::VmLogins => "Logins of a VM",
            Self::Question => "A question",
            Self::TypedQuestion => "A question answered by typing",
            Self::Form => "A form",
            Self::Working => "A change at work",
            Self::Report => "The result of a change",
            Self::FindToken => "Pasting a token",
            Self::FoundToken => "A token that was found",
            Self::NewToken => "A new token",
        }
    }
}
