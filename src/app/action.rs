//! What the user can want, in one table. An action has no payload: what it acts on is decided by `update` from the
//! state, so that a key never carries a position that has moved.

/// Makes the actions of a table: its doc, what it does when it comes in one piece with other keys ([`InOnePiece`]),
/// what the palette, the menu and the help call it (with `…` if a dialog or form follows), and what the footer does,
/// where many stand in one line, if that is shorter.
macro_rules! actions {
    ($($(#[$doc:meta])+ $action:ident: $piece:ident, $name:literal $(, $hint:literal)?;)+) => {
        /// What the user wants. Bound to keys by the shell's one table; listed with [`Action::name`] by the palette,
        /// the menu and the help.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Action {
            $($(#[$doc])+ $action,)+
        }

        impl Action {
            /// Every action, in the order they are listed in.
            pub const ALL: &[Self] = &[$(Self::$action),+];

            /// What the palette, the menu and the help call it.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$action => $name,)+
                }
            }

            /// What the footer calls it.
            pub fn hint(self) -> &'static str {
                match self {
                    $(Self::$action => [$name $(, $hint)?].last().copied().unwrap_or_default(),)+
                }
            }

            /// What it may do when it comes in one piece with other keys.
            pub fn in_one_piece(self) -> InOnePiece {
                match self {
                    $(Self::$action => InOnePiece::$piece,)+
                }
            }
        }
    };
}

/// What a key may do that may be a letter of something pasted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InOnePiece {
    /// What it does: move, filter, open.
    Free,
    /// Open a form, or a question which then waits for a key of its own; not where one is open already.
    Asks,
    /// What the chosen action may do.
    Chooses,
    /// Close what it may have opened.
    Leaves,
    /// Nothing.
    Never,
}

actions! {
    /// One row up.
    Up: Free, "Up";
    /// One row down.
    Down: Free, "Down";
    /// A page up.
    PageUp: Free, "Page up";
    /// A page down.
    PageDown: Free, "Page down";
    /// Half a page up.
    HalfPageUp: Free, "Half a page up";
    /// Half a page down.
    HalfPageDown: Free, "Half a page down";
    /// To the first row.
    First: Free, "To the first row";
    /// To the last row.
    Last: Free, "To the last row";
    /// Into what the cursor is on.
    Open: Chooses, "Open", "open";
    /// One layer back: overlay, then filter text, then marks, then pane. Never quits.
    Back: Leaves, "Back", "back";
    /// To the next pane or tab.
    NextPane: Free, "Next pane", "pane";
    /// To the previous pane or tab.
    PreviousPane: Free, "Previous pane";
    /// To the tokens tab.
    ShowTokens: Free, "Show tokens";
    /// To the VM logins tab.
    ShowLogins: Free, "Show VM logins";
    /// Type a filter.
    Filter: Free, "Filter", "filter";
    /// Choose what to sort by.
    Sort: Free, "Sort by…";
    /// Turn the order around.
    ReverseSort: Free, "Reverse the order";
    /// Mark or unmark the row and go on.
    Mark: Never, "Mark", "mark";
    /// Mark from the last marked row to this one.
    MarkRange: Never, "Mark a range";
    /// Mark everything the filter shows.
    MarkAll: Never, "Mark all in the filter";
    /// Turn the marks of what the filter shows around.
    InvertMarks: Never, "Invert the marks";
    /// Take all marks away.
    ClearMarks: Never, "Clear the marks";
    /// All commands, searched by typing.
    Palette: Free, "All commands", "commands";
    /// The actions for what the cursor is on, or is marked.
    Menu: Free, "Actions", "actions";
    /// The keys that work here.
    Help: Free, "Help", "help";
    /// All messages of the session.
    Messages: Free, "Messages";
    /// Read again what is shown.
    Refresh: Free, "Refresh", "refresh";
    /// Copy the UUID.
    CopyUuid: Never, "Copy the UUID";
    /// Copy the e-mail.
    CopyEmail: Never, "Copy the e-mail";
    /// Draw everything anew.
    Redraw: Free, "Redraw the screen";
    /// Leave the program for the shell, to come back with `fg`.
    Background: Never, "To the shell (fg comes back)";
    /// Leave; asks if changes are under way.
    Quit: Never, "Quit";
    /// Ctrl-C: leaves on the second press.
    Interrupt: Never, "Quit on the second press";

    /// Set users up.
    SetUp: Asks, "Set up…";
    /// Activate users.
    Activate: Asks, "Activate directly…";
    /// Deactivate users.
    Deactivate: Asks, "Deactivate…";
    /// Suspend users.
    Suspend: Asks, "Suspend…";
    /// Resume users.
    Resume: Asks, "Resume…";
    /// Make users admins.
    MakeAdmin: Asks, "Make admin…";
    /// Make admins plain users.
    UnmakeAdmin: Asks, "Unmake admin…";
    /// Reassign a user's data.
    Reassign: Asks, "Reassign the data…";
    /// Issue a token for a user.
    IssueToken: Asks, "Issue a token…";
    /// Revoke all tokens of users.
    RevokeAllTokens: Asks, "Revoke all tokens…";
    /// Grant a VM login.
    GrantLogin: Asks, "Grant a VM login…", "grant";
    /// Find whose token something is.
    FindToken: Asks, "Find a token…";
    /// The logins of a VM.
    VmLogins: Asks, "Logins of a VM…";
    /// End helper tokens that an earlier program left behind.
    EndHelpers: Asks, "End helper tokens…";

    /// List the tokens exactly, with a helper token.
    ListExactly: Asks, "List the tokens exactly…", "exact list";
    /// Revoke the marked tokens, or the one under the cursor.
    RevokeTokens: Asks, "Revoke tokens…", "revoke";
    /// Change when the marked tokens end.
    ChangeExpiry: Asks, "Change the expiry…";

    /// Change a VM login's groups; mends twins.
    EditLogin: Asks, "Edit the VM login…", "edit";
    /// Take VM logins away.
    RevokeLogins: Asks, "Revoke VM logins…", "revoke";

    /// `y`
    Yes: Never, "Yes";
    /// Submit what was typed or filled in.
    Submit: Chooses, "Submit", "keep";
    /// To the next field.
    NextField: Free, "Next field";
    /// To the previous field.
    PreviousField: Free, "Previous field";
    /// The next choice of a field.
    NextChoice: Free, "Next choice";
    /// The previous choice of a field.
    PreviousChoice: Free, "Previous choice";
    /// More of what a dialog knows.
    Details: Free, "More details";
    /// The exact API calls.
    Calls: Free, "The exact API calls";
    /// Stop a running change after the steps under way.
    StopAfterStep: Never, "Stop after the current ones";
    /// Only what failed.
    ShowFailed: Free, "Show failed";
    /// Try again what failed.
    RetryFailed: Asks, "Retry what failed";
    /// Write what is shown to a file.
    Export: Never, "Export";
    /// Show the whole secret.
    Reveal: Never, "Show all";
    /// Copy the secret.
    CopySecret: Never, "Copy the secret";
    /// Go to the owner of what was found.
    GoToOwner: Free, "Go to its owner";
    /// From not-configured, or unreachable: open the demo cluster.
    OpenDemo: Never, "Open the demo cluster", "open the demo cluster";
    /// From a cluster that is another than the token's: send it there all the same.
    SendToken: Never, "Send the token there all the same", "send the token";
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
