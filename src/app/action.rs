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
