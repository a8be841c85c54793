//! Colours and signs. Few of them: one accent for what has the keyboard, yellow for attention, red for
//! danger, dim for what is secondary or stale, the terminal's own colours for everything else. No meaning
//! hangs on colour or sign alone: the word stands beside it.

use crate::model::user::UserStatus;
use crate::ops::plan::Weight;
use ratatui::style::{Color, Modifier, Style};
use ratatui::symbols::border;

/// What a piece of text is, which decides how it looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// Ordinary text.
    Plain,
    /// What has the keyboard: its border, a key's name.
    Accent,
    /// A title, a name.
    Strong,
    /// Secondary: headings, separators, help.
    Dim,
    /// Not as of now.
    Stale,
    /// Look at this.
    Attention,
    /// This may do harm, or went wrong.
    Danger,
    /// It went well.
    Good,
    /// The row under the cursor of the pane that has the keyboard.
    Cursor,
    /// The row under the cursor of another pane.
    RestingCursor,
    /// What is chosen among things side by side.
    Chosen,
    /// A badge that must not be overlooked.
    Badge,
    /// A badge that only tells where one is.
    Label,
}

/// How the program looks on this terminal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Whether colours may be used.
    pub colours: Colours,
    /// Which signs the terminal can show.
    pub signs: Signs,
}

/// Whether colours may be used (`NO_COLOR`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// The sixteen of the terminal.
    Sixteen,
    /// None; bold, dim and reverse only.
    None,
}

/// Which signs the terminal can show (`--ascii`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signs {
    /// Signs of one cell in every terminal.
    Unicode,
    /// Plain ASCII.
    Ascii,
}

impl Default for Theme {
    fn default() -> Self {
        Self { colours: Colours::Sixteen, signs: Signs::Unicode }
    }
}

impl Theme {
    /// How a piece of text looks.
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let coloured =
            |colour: Color| if self.colours == Colours::Sixteen { plain.fg(colour) } else { plain };
        match role {
            Role::Plain => plain,
            Role::Accent => coloured(Color::Cyan),
            Role::Strong | Role::RestingCursor => plain.add_modifier(Modifier::BOLD),
            Role::Dim | Role::Stale => plain.add_modifier(Modifier::DIM),
            Role::Attention => coloured(Color::Yellow),
            Role::Danger => coloured(Color::Red).add_modifier(Modifier::BOLD),
            Role::Good => coloured(Color::Green),
            Role::Cursor => plain.add_modifier(Modifier::REVERSED),
            // It stands on a line that may be dim.
            Role::Chosen => coloured(Color::Cyan)
                .add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
                .remove_modifier(Modifier::DIM),
            Role::Label => coloured(Color::Cyan).add_modifier(Modifier::REVERSED | Modifier::BOLD),
            Role::Badge => coloured(Color::Red).add_modifier(Modifier::REVERSED | Modifier::BOLD),
        }
    }

    fn pick<T>(self, unicode: T, ascii: T) -> T {
        match self.signs {
            Signs::Unicode => unicode,
            Signs::Ascii => ascii,
        }
    }

    /// The sign of a user's status.
    pub fn status(self, status: UserStatus) -> &'static str {
        match status {
            UserStatus::Active => self.pick("●", "+"),
            UserStatus::SetUp => self.pick("◐", "~"),
            UserStatus::Inactive => self.pick("○", "-"),
            UserStatus::Unreadable => "?",
        }
    }

    /// How a user's status looks.
    pub fn status_role(self, status: UserStatus) -> Role {
        match status {
            UserStatus::Active => Role::Good,
            UserStatus::SetUp | UserStatus::Unreadable => Role::Attention,
            UserStatus::Inactive => Role::Dim,
        }
    }

    /// An admin.
    pub fn admin(self) -> &'static str {
        self.pick("★", "*")
    }

    /// The row under the cursor.
    pub fn cursor(self) -> &'static str {
        self.pick("▸", ">")
    }

    /// A marked row.
    pub fn mark(self) -> &'static str {
        self.pick("✓", "x")
    }

    /// Something that went well.
    pub fn done(self) -> &'static str {
        self.pick("✓", "+")
    }

    /// Attention.
    pub fn attention(self) -> &'static str {
        self.pick("⚠", "!")
    }

    /// A step that failed.
    pub fn failed(self) -> &'static str {
        self.pick("✗", "F")
    }

    /// Text was cut off here.
    pub fn ellipsis(self) -> &'static str {
        self.pick("…", "~")
    }

    /// After a word: it goes on, or something follows.
    pub fn goes_on(self) -> &'static str {
        self.pick("…", "...")
    }

    /// A text of the program's own with the signs that this terminal can show.
    pub fn signs_in(self, text: String) -> String {
        if self.signs == Signs::Unicode || text.is_ascii() {
            return text;
        }
        text.replace('…', self.goes_on()).replace('→', self.becomes()).replace('·', self.dot())
    }

    /// Up, for sorting.
    pub fn ascending(self) -> &'static str {
        self.pick("↑", "^")
    }

    /// Down, for sorting.
    pub fn descending(self) -> &'static str {
        self.pick("↓", "v")
    }

    /// From one state to another.
    pub fn becomes(self) -> &'static str {
        self.pick("→", "->")
    }

    /// Between parts of a line.
    pub fn dot(self) -> &'static str {
        self.pick("·", "-")
    }

    /// A masked character.
    pub fn masked(self) -> &'static str {
        self.pick("•", "*")
    }

    /// The full and the empty part of a gauge.
    pub fn gauge(self) -> (&'static str, &'static str) {
        self.pick(("█", "░"), ("#", "."))
    }

    /// The lines around panes and dialogs.
    pub fn border(self) -> border::Set<'static> {
        self.pick(
            border::ROUNDED,
            border::Set {
                top_left: "+",
                top_right: "+",
                bottom_left: "+",
                bottom_right: "+",
                vertical_left: "|",
                vertical_right: "|",
                horizontal_top: "-",
                horizontal_bottom: "-",
            },
        )
    }

    /// A line across a pane: its start, its middle, its end.
    pub fn divider(self) -> (&'static str, &'static str, &'static str) {
        self.pick(("├", "─", "┤"), ("|", "-", "|"))
    }

    /// How a note looks.
    pub fn weight_role(self, weight: Weight) -> Role {
        match weight {
            Weight::Info => Role::Plain,
            Weight::Warning => Role::Attention,
            Weight::Danger => Role::Danger,
        }
    }
}
