//! What the user can want. An action has no payload: what it acts on is decided by `update` from the
//! state, so that a key never carries a position that has moved.

/// What the user wants. Bound to keys by the shell's one table; listed with [`Action::name`] by the
/// palette, the menu and the help.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// A page up.
    PageUp,
    /// A page down.
    PageDown,
    /// Half a page up.
    HalfPageUp,
    /// Half a page down.
    HalfPageDown,
    /// To the first row.
    First,
    /// To the last row.
    Last,
    /// Into what the cursor is on.
    Open,
    /// One layer back: overlay, then filter text, then marks, then pane. Never quits.
    Back,
    /// To the next pane or tab.
    NextPane,
    /// To the previous pane or tab.
    PreviousPane,
    /// To the tokens tab.
    ShowTokens,
    /// To the VM logins tab.
    ShowLogins,
    /// Type a filter.
    Filter,
    /// Choose what to sort by.
    Sort,
    /// Turn the order around.
    ReverseSort,
    /// Mark or unmark the row and go on.
    Mark,
    /// Mark from the last marked row to this one.
    MarkRange,
    /// Mark everything the filter shows.
    MarkAll,
    /// Turn the marks of what the filter shows around.
    InvertMarks,
    /// Take all marks away.
    ClearMarks,
    /// All commands, searched by typing.
    Palette,
    /// The actions for what the cursor is on, or is marked.
    Menu,
    /// The keys that work here.
    Help,
    /// All messages of the session.
    Messages,
    /// Read again what is shown.
    Refresh,
    /// Copy the UUID.
    CopyUuid,
    /// Copy the e-mail.
    CopyEmail,
    /// Draw everything anew.
    Redraw,
    /// Leave the program for the shell, to come back with `fg`.
    Background,
    /// Leave; asks if changes are under way.
    Quit,
    /// Ctrl-C: leaves on the second press.
    Interrupt,

    /// Set users up.
    SetUp,
    /// Activate users.
    Activate,
    /// Deactivate users.
    Deactivate,
    /// Suspend users.
    Suspend,
    /// Resume users.
    Resume,
    /// Make users admins.
    MakeAdmin,
    /// Make admins plain users.
    UnmakeAdmin,
    /// Reassign a user's data.
    Reassign,
    /// Issue a token for a user.
    IssueToken,
    /// Revoke all tokens of users.
    RevokeAllTokens,
    /// Grant a VM login.
    GrantLogin,
    /// Find whose token something is.
    FindToken,
    /// The logins of a VM.
    VmLogins,
    /// End helper tokens that an earlier program left behind.
    EndHelpers,

    /// List the tokens exactly, with a helper token.
    ListExactly,
    /// Revoke the marked tokens, or the one under the cursor.
    RevokeTokens,
    /// Change when the marked tokens end.
    ChangeExpiry,

    /// Change a VM login's groups; mends twins.
    EditLogin,
    /// Take VM logins away.
    RevokeLogins,

    /// `y`
    Yes,
    /// Submit what was typed or filled in.
    Submit,
    /// To the next field.
    NextField,
    /// To the previous field.
    PreviousField,
    /// The next choice of a field.
    NextChoice,
    /// The previous choice of a field.
    PreviousChoice,
    /// More of what a dialog knows.
    Details,
    /// The exact API calls.
    Calls,
    /// Stop a running change after the steps under way.
    StopAfterStep,
    /// Only what failed.
    ShowFailed,
    /// Try again what failed.
    RetryFailed,
    /// Write what is shown to a file.
    Export,
    /// Show the whole secret.
    Reveal,
    /// Copy the secret.
    CopySecret,
    /// Go to the owner of what was found.
    GoToOwner,
    /// From not-configured, or unreachable: open the demo cluster.
    OpenDemo,
    /// From a cluster that is another than the token's: send it there all the same.
    SendToken,
}

impl Action {
    /// Every action, in the order they are listed in.
    pub const ALL: &[Self] = &[
        Self::Up,
        Self::Down,
        Self::PageUp,
        Self::PageDown,
        Self::HalfPageUp,
        Self::HalfPageDown,
        Self::First,
        Self::Last,
        Self::Open,
        Self::Back,
        Self::NextPane,
        Self::PreviousPane,
        Self::ShowTokens,
        Self::ShowLogins,
        Self::Filter,
        Self::Sort,
        Self::ReverseSort,
        Self::Mark,
        Self::MarkRange,
        Self::MarkAll,
        Self::InvertMarks,
        Self::ClearMarks,
        Self::Palette,
        Self::Menu,
        Self::Help,
        Self::Messages,
        Self::Refresh,
        Self::CopyUuid,
        Self::CopyEmail,
        Self::Redraw,
        Self::Background,
        Self::Quit,
        Self::Interrupt,
        Self::SetUp,
        Self::Activate,
        Self::Deactivate,
        Self::Suspend,
        Self::Resume,
        Self::MakeAdmin,
        Self::UnmakeAdmin,
        Self::Reassign,
        Self::IssueToken,
        Self::RevokeAllTokens,
        Self::GrantLogin,
        Self::FindToken,
        Self::VmLogins,
        Self::EndHelpers,
        Self::ListExactly,
        Self::RevokeTokens,
        Self::ChangeExpiry,
        Self::EditLogin,
        Self::RevokeLogins,
        Self::Yes,
        Self::Submit,
        Self::NextField,
        Self::PreviousField,
        Self::NextChoice,
        Self::PreviousChoice,
        Self::Details,
        Self::Calls,
        Self::StopAfterStep,
        Self::ShowFailed,
        Self::RetryFailed,
        Self::Export,
        Self::Reveal,
        Self::CopySecret,
        Self::GoToOwner,
        Self::OpenDemo,
        Self::SendToken,
    ];

    /// What the palette, the menu and the help call it; with `…` if a dialog or form follows.
    pub fn name(self) -> &'static str {
        match self {
            Self::Up => "Up",
            Self::Down => "Down",
            Self::PageUp => "Page up",
            Self::PageDown => "Page down",
            Self::HalfPageUp => "Half a page up",
            Self::HalfPageDown => "Half a page down",
            Self::First => "To the first row",
            Self::Last => "To the last row",
            Self::Open => "Open",
            Self::Back => "Back",
            Self::NextPane => "Next pane",
            Self::PreviousPane => "Previous pane",
            Self::ShowTokens => "Show tokens",
            Self::ShowLogins => "Show VM logins",
            Self::Filter => "Filter",
            Self::Sort => "Sort by…",
            Self::ReverseSort => "Reverse the order",
            Self::Mark => "Mark",
            Self::MarkRange => "Mark a range",
            Self::MarkAll => "Mark all in the filter",
            Self::InvertMarks => "Invert the marks",
            Self::ClearMarks => "Clear the marks",
            Self::Palette => "All commands",
            Self::Menu => "Actions",
            Self::Help => "Help",
            Self::Messages => "Messages",
            Self::Refresh => "Refresh",
            Self::CopyUuid => "Copy the UUID",
            Self::CopyEmail => "Copy the e-mail",
            Self::Redraw => "Redraw the screen",
            Self::Background => "To the shell (fg comes back)",
            Self::Quit => "Quit",
            Self::Interrupt => "Quit on the second press",
            Self::SetUp => "Set up…",
            Self::Activate => "Activate directly…",
            Self::Deactivate => "Deactivate…",
            Self::Suspend => "Suspend…",
            Self::Resume => "Resume…",
            Self::MakeAdmin => "Make admin…",
            Self::UnmakeAdmin => "Unmake admin…",
            Self::Reassign => "Reassign the data…",
            Self::IssueToken => "Issue a token…",
            Self::RevokeAllTokens => "Revoke all tokens…",
            Self::GrantLogin => "Grant a VM login…",
            Self::FindToken => "Find a token…",
            Self::VmLogins => "Logins of a VM…",
            Self::EndHelpers => "End helper tokens…",
            Self::ListExactly => "List the tokens exactly…",
            Self::RevokeTokens => "Revoke tokens…",
            Self::ChangeExpiry => "Change the expiry…",
            Self::EditLogin => "Edit the VM login…",
            Self::RevokeLogins => "Revoke VM logins…",
            Self::Yes => "Yes",
            Self::Submit => "Submit",
            Self::NextField => "Next field",
            Self::PreviousField => "Previous field",
            Self::NextChoice => "Next choice",
            Self::PreviousChoice => "Previous choice",
            Self::Details => "More details",
            Self::Calls => "The exact API calls",
            Self::StopAfterStep => "Stop after the current ones",
            Self::ShowFailed => "Show failed",
            Self::RetryFailed => "Retry what failed",
            Self::Export => "Export",
            Self::Reveal => "Show all",
            Self::CopySecret => "Copy the secret",
            Self::GoToOwner => "Go to its owner",
            Self::OpenDemo => "Open the demo cluster",
            Self::SendToken => "Send the token there all the same",
        }
    }
}

impl Action {
    /// What the footer calls it, where many stand in one line.
    pub fn hint(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Back => "back",
            Self::NextPane => "pane",
            Self::Filter => "filter",
            Self::Mark => "mark",
            Self::Menu => "actions",
            Self::Palette => "commands",
            Self::Help => "help",
            Self::Refresh => "refresh",
            Self::Submit => "keep",
            Self::OpenDemo => "open the demo cluster",
            Self::SendToken => "send the token",
            Self::ListExactly => "exact list",
            Self::RevokeTokens | Self::RevokeLogins => "revoke",
            Self::GrantLogin => "grant",
            Self::EditLogin => "edit",
            _ => self.name(),
        }
    }
}

/// Whether an action can be taken now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// It can.
    Enabled,
    /// It can't; why.
    Disabled(String),
    /// It makes no sense here.
    Hidden,
}

impl Availability {
    /// Whether it can be taken.
    pub fn is_enabled(&self) -> bool {
        *self == Self::Enabled
    }
}
