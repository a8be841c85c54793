//! Colours and signs. Few of them: one accent for what has the keyboard, yellow for attention (magenta where
//! yellow could not be read), red for danger, dim for what is secondary or stale, the terminal's own colours
//! for everything else. No meaning hangs on colour or sign alone: the word stands beside it.

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
    /// The sixteen of the terminal, those of them that can be read on this.
    Sixteen(Background),
    /// None; bold, dim and reverse only.
    None,
}

/// What is behind the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Background {
    /// Something dark.
    Dark,
    /// Something light.
    Light,
    /// Nobody knows: the terminal did not say, or has not yet.
    Unknown,
}

/// Colours with a meaning. In xterm's palette each has a contrast of 3 at least against what is behind it,
/// which yellow, green and cyan have not on white, and blue not on black.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Palette {
    accent: Color,
    attention: Color,
    danger: Color,
    good: Color,
}

const ON_DARK: Palette =
    Palette { accent: Color::Cyan, attention: Color::Yellow, danger: Color::Red, good: Color::Green };

const ON_LIGHT: Palette =
    Palette { accent: Color::Blue, attention: Color::Magenta, danger: Color::Red, good: Color::Reset };

const ON_ANY: Palette = Palette { accent: Color::LightBlue, ..ON_LIGHT };

impl Palette {
    fn on(background: Background) -> Self {
        match background {
            Background::Dark => ON_DARK,
            Background::Light => ON_LIGHT,
            Background::Unknown => ON_ANY,
        }
    }
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
        Self { colours: Colours::Sixteen(Background::Unknown), signs: Signs::Unicode }
    }
}

impl Theme {
    /// How a piece of text looks.
    pub fn style(self, role: Role) -> Style {
        let plain = Style::new();
        let coloured = |colour: fn(Palette) -> Color| match self.colours {
            Colours::Sixteen(background) => plain.fg(colour(Palette::on(background))),
            Colours::None => plain,
        };
        match role {
            Role::Plain => plain,
            Role::Accent => coloured(|palette| palette.accent),
            Role::Strong | Role::RestingCursor => plain.add_modifier(Modifier::BOLD),
            Role::Dim | Role::Stale => plain.add_modifier(Modifier::DIM),
            Role::Attention => coloured(|palette| palette.attention),
            Role::Danger => coloured(|palette| palette.danger).add_modifier(Modifier::BOLD),
            Role::Good => coloured(|palette| palette.good),
            Role::Cursor => plain.add_modifier(Modifier::REVERSED),
            // It stands on a line that may be dim.
            Role::Chosen => coloured(|palette| palette.accent)
                .add_modifier(Modifier::BOLD | Modifier::UNDERLINED)
                .remove_modifier(Modifier::DIM),
            Role::Label => {
                coloured(|palette| palette.accent).add_modifier(Modifier::REVERSED | Modifier::BOLD)
            }
            Role::Badge => {
                coloured(|palette| palette.danger).add_modifier(Modifier::REVERSED | Modifier::BOLD)
            }
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

    /// A name that is not what it seems.
    pub fn doubtful(self) -> &'static str {
        self.pick("≈", "~")
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

    /// Attention. Not `⚠`: xterm's own font has none, and others make a picture of two cells of it.
    pub fn attention(self) -> &'static str {
        "!"
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::probe::luminance;
    use crate::tui::reader::reply::Rgb;

    /// xterm's, from black to bright white.
    const XTERM: [u32; 16] = [
        0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5, 0x7f_7f7f,
        0xff_0000, 0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
    ];

    const BLACK: u32 = 0x00_0000;
    const WHITE: u32 = 0xff_ffff;

    fn rgb(colour: u32) -> Rgb {
        let [_, red, green, blue] = colour.to_be_bytes();
        Rgb { red, green, blue }
    }

    fn contrast(one: u32, other: u32) -> f64 {
        let (one, other) = (luminance(rgb(one)) + 0.05, luminance(rgb(other)) + 0.05);
        one.max(other) / one.min(other)
    }

    /// Its place in the palette; none for the terminal's own colour.
    fn index(colour: Color) -> Option<usize> {
        Some(match colour {
            Color::Red => 1,
            Color::Green => 2,
            Color::Yellow => 3,
            Color::Blue => 4,
            Color::Magenta => 5,
            Color::Cyan => 6,
            Color::LightBlue => 12,
            Color::Reset => return None,
            other => panic!("{other} is not of this theme"),
        })
    }

    const ROLES: [Role; 13] = [
        Role::Plain,
        Role::Accent,
        Role::Strong,
        Role::Dim,
        Role::Stale,
        Role::Attention,
        Role::Danger,
        Role::Good,
        Role::Cursor,
        Role::RestingCursor,
        Role::Chosen,
        Role::Badge,
        Role::Label,
    ];

    #[test]
    fn every_colour_can_be_read_on_what_is_behind_it() {
        for (background, behind) in [
            (Background::Dark, &[BLACK][..]),
            (Background::Light, &[WHITE]),
            (Background::Unknown, &[BLACK, WHITE]),
        ] {
            let theme = Theme { colours: Colours::Sixteen(background), ..Theme::default() };
            for role in ROLES {
                let style = theme.style(role);
                assert_eq!(style.bg, None, "{role:?}: what is behind it is the terminal's own");
                let Some(index) = style.fg.and_then(index) else { continue };
                // xterm draws bold text in the bright colour.
                let is_bold = style.add_modifier.contains(Modifier::BOLD);
                let drawn = if is_bold && index < 8 { vec![index, index + 8] } else { vec![index] };
                for (drawn, behind) in drawn.iter().flat_map(|drawn| behind.iter().map(move |b| (drawn, b))) {
                    let contrast = contrast(XTERM[*drawn], *behind);
                    assert!(contrast >= 3.0, "{role:?} on {background:?} ({behind:06x}): {contrast:.2}");
                }
            }
        }
    }

    #[test]
    fn what_needs_attention_does_not_look_like_the_rest_on_any_background() {
        for background in [Background::Dark, Background::Light, Background::Unknown] {
            let theme = Theme { colours: Colours::Sixteen(background), ..Theme::default() };
            let looks =
                [Role::Plain, Role::Accent, Role::Attention, Role::Danger].map(|role| theme.style(role));
            for (at, look) in looks.iter().enumerate() {
                assert!(!looks[..at].contains(look), "{background:?}: {look:?} twice");
            }
        }
    }
}
