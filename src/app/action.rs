//! What the user can want, in one table. An action has no payload: what it acts on is decided by `update` from the
//! state, so that a key never carries a position that has moved.

/// Makes the actions of a table: its doc, what it does when it comes in one piece with other keys ([`InOnePiece`]),
/// what must be there for it in the panes ([`Needs`]), what the palette, the menu and the help call it (with `…` if a dialog or form follows), and what the footer does,
/// where many stand in one line, if that is shorter.
macro_rules! actions {
    ($($(#[$doc:meta])+ $action:ident: $piece:ident, $needs:ident, $name:literal $(, $hint:literal)?;)+) => {
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

            /// What must be there for it in the panes.
            pub fn needs(self) -> Needs {
                match self {
                    $(Self::$action => Needs::$needs,)+
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

/// What must be there for an action in the panes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Marks.
    Marks,
    /// A user under the cursor.
    User,
    /// That user's e-mail.
    Email,
    /// Users that are chosen.
    Users,
    /// Helper tokens that an earlier program left behind.
    Helpers,
    /// A list of tokens that is not exact.
    TokenList,
    /// Tokens that are chosen.
    Tokens,
    /// VM logins that are chosen.
    Logins,
    /// A dialog: in the panes it means nothing.
    Dialog,
}

actions! {
    /// One row up.
    Up: Free, Nothing, "Up";
    /// One row down.
    Down: Free, Nothing, "Down";
    /// A page up.
    PageUp: Free, Nothing, "Page up";
    /// A page down.
    PageDown: Free, Nothing, "Page down";
    /// Half a page up.
    HalfPageUp: Free, Nothing, "Half a page up";
    /// Half a page down.
    HalfPageDown: Free, Nothing, "Half a page down";
    /// To the first row.
    First: Free, Nothing, "To the first row";
    /// To the last row.
    Last: Free, Nothing, "To the last row";
    /// Into what the cursor is on.
    Open: Chooses, User, "Open", "open";
    /// One layer back: overlay, then filter text, then marks, then pane. Never quits.
    Back: Leaves, Nothing, "Back", "back";
    /// To the next pane or tab.
    NextPane: Free, Nothing, "Next pane", "pane";
    /// To the previous pane or tab.
    PreviousPane: Free, Nothing, "Previous pane";
    /// To the tokens tab.
    ShowTokens: Free, User, "Show tokens";
    /// To the VM logins tab.
    ShowLogins: Free, User, "Show VM logins";
    /// Type a filter.
    Filter: Free, Nothing, "Filter", "filter";
    /// Choose what to sort by.
    Sort: Free, Nothing, "Sort by…";
    /// Turn the order around.
    ReverseSort: Free, Nothing, "Reverse the order";
    /// Mark or unmark the row and go on.
    Mark: Never, Nothing, "Mark", "mark";
    /// Mark from the last marked row to this one.
    MarkRange: Never, Nothing, "Mark a range";
    /// Mark everything the filter shows.
    MarkAll: Never, Nothing, "Mark all in the filter";
    /// Turn the marks of what the filter shows around.
    InvertMarks: Never, Nothing, "Invert the marks";
    /// Take all marks away.
    ClearMarks: Never, Marks, "Clear the marks";
    /// All commands, searched by typing.
    Palette: Free, Nothing, "All commands", "commands";
    /// The actions for what the cursor is on, or is marked.
    Menu: Free, Nothing, "Actions", "actions";
    /// The keys that work here.
    Help: Free, Nothing, "Help", "help";
    /// All messages of the session.
    Messages: Free, Nothing, "Messages";
    /// Read again what is shown.
    Refresh: Free, Nothing, "Refresh", "refresh";
    /// Copy the UUID.
    CopyUuid: Never, User, "Copy the UUID";
    /// Copy the e-mail.
    CopyEmail: Never, Email, "Copy the e-mail";
    /// Draw everything anew.
    Redraw: Free, Nothing, "Redraw the screen";
    /// Leave the program for the shell, to come back with `fg`.
    Background: Never, Nothing, "To the shell (fg comes back)";
    /// Leave; asks if changes are under way.
    Quit: Never, Nothing, "Quit";
    /// Ctrl-C: leaves on the second press.
    Interrupt: Never, Nothing, "Quit on the second press";

    /// Set users up.
    SetUp: Asks, Users, "Set up…";
    /// Activate users.
    Activate: Asks, Users, "Activate directly…";
    /// Deactivate users.
    Deactivate: Asks, Users, "Deactivate…";
    /// Suspend users.
    Suspend: Asks, Users, "Suspend…";
    /// Resume users.
    Resume: Asks, Users, "Resume…";
    /// Make users admins.
    MakeAdmin: Asks, Users, "Make admin…";
    /// Make admins plain users.
    UnmakeAdmin: Asks, Users, "Unmake admin…";
    /// Reassign a user's data.
    Reassign: Asks, Users, "Reassign the data…";
    /// Issue a token for a user.
    IssueToken: Asks, Users, "Issue a token…";
    /// Revoke all tokens of users.
    RevokeAllTokens: Asks, Users, "Revoke all tokens…";
    /// Grant a VM login.
    GrantLogin: Asks, Users, "Grant a VM login…", "grant";
    /// Find whose token something is.
    FindToken: Asks, Nothing, "Find a token…";
    /// The logins of a VM.
    VmLogins: Asks, Nothing, "Logins of a VM…";
    /// End helper tokens that an earlier program left behind.
    EndHelpers: Asks, Helpers, "End helper tokens…";

    /// List the tokens exactly, with a helper token.
    ListExactly: Asks, TokenList, "List the tokens exactly…", "exact list";
    /// Revoke the marked tokens, or the one under the cursor.
    RevokeTokens: Asks, Tokens, "Revoke tokens…", "revoke";
    /// Change when the marked tokens end.
    ChangeExpiry: Asks, Tokens, "Change the expiry…";

    /// Change a VM login's groups; mends twins.
    EditLogin: Asks, Logins, "Edit the VM login…", "edit";
    /// Take VM logins away.
    RevokeLogins: Asks, Logins, "Revoke VM logins…", "revoke";

    /// `y`
    Yes: Never, Dialog, "Yes";
    /// Submit what was typed or filled in.
    Submit: Chooses, Dialog, "Submit", "keep";
    /// To the next field.
    NextField: Free, Dialog, "Next field";
    /// To the previous field.
    PreviousField: Free, Dialog, "Previous field";
    /// The next choice of a field.
    NextChoice: Free, Dialog, "Next choice";
    /// The previous choice of a field.
    PreviousChoice: Free, Dialog, "Previous choice";
    /// More of what a dialog knows.
    Details: Free, Dialog, "More details";
    /// The exact API calls.
    Calls: Free, Dialog, "The exact API calls";
    /// Stop a running change after the steps under way.
    StopAfterStep: Never, Dialog, "Stop after the current ones";
    /// Only what failed.
    ShowFailed: Free, Dialog, "Show failed";
    /// Try again what failed.
    RetryFailed: Asks, Dialog, "Retry what failed";
    /// Write what is shown to a file.
    Export: Never, Dialog, "Export";
    /// Show the whole secret.
    Reveal: Never, Dialog, "Show all";
    /// Copy the secret.
    CopySecret: Never, Dialog, "Copy the secret";
    /// Go to the owner of what was found.
    GoToOwner: Free, Dialog, "Go to its owner";
    /// From not-configured, or unreachable: open the demo cluster.
    OpenDemo: Never, Dialog, "Open the demo cluster", "open the demo cluster";
    /// From a cluster that is another than the token's: send it there all the same.
    SendToken: Never, Dialog, "Send the token there all the same", "send the token";
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
