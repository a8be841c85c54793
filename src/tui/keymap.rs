//! The one table of keys. What is typed, the footer, the help, `arv-admin keys` and the README all come
//! from it, so that none of them can be out of date.

use crate::app::action::Action;
use crate::app::context::Context;
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::fmt;

/// A key, as far as one can be bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Key {
    /// A character, with Shift if it needs it.
    Char(char),
    /// A letter with Ctrl.
    Ctrl(char),
    /// Arrow.
    Up,
    /// Arrow.
    Down,
    /// Arrow.
    Left,
    /// Arrow.
    Right,
    /// Home.
    Home,
    /// End.
    End,
    /// Page up.
    PageUp,
    /// Page down.
    PageDown,
    /// Enter.
    Enter,
    /// Escape.
    Esc,
    /// Tab.
    Tab,
    /// Tab with Shift.
    BackTab,
    /// Backspace.
    Backspace,
    /// Delete.
    Delete,
}

impl Key {
    /// The key that was pressed, if it is one that can be bound. Alt is not: a split escape sequence
    /// looks like it.
    pub fn of(event: &KeyEvent) -> Option<Self> {
        let ctrl = event.modifiers.contains(KeyModifiers::CONTROL);
        if event.modifiers.intersects(KeyModifiers::ALT | KeyModifiers::META | KeyModifiers::SUPER) {
            return None;
        }
        Some(match event.code {
            KeyCode::Char(c) if ctrl => Self::Ctrl(c.to_ascii_lowercase()),
            KeyCode::Char(c) => Self::Char(c),
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::Left => Self::Left,
            KeyCode::Right => Self::Right,
            KeyCode::Home => Self::Home,
            KeyCode::End => Self::End,
            KeyCode::PageUp => Self::PageUp,
            KeyCode::PageDown => Self::PageDown,
            KeyCode::Enter => Self::Enter,
            KeyCode::Esc => Self::Esc,
            KeyCode::Tab => Self::Tab,
            KeyCode::BackTab => Self::BackTab,
            KeyCode::Backspace => Self::Backspace,
            KeyCode::Delete => Self::Delete,
            _ => return None,
        })
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Self::Char(' ') => "Space",
            Self::Char(c) => return write!(f, "{c}"),
            Self::Ctrl(c) => return write!(f, "Ctrl-{}", c.to_ascii_uppercase()),
            Self::Up => "Up",
            Self::Down => "Down",
            Self::Left => "Left",
            Self::Right => "Right",
            Self::Home => "Home",
            Self::End => "End",
            Self::PageUp => "PgUp",
            Self::PageDown => "PgDn",
            Self::Enter => "Enter",
            Self::Esc => "Esc",
            Self::Tab => "Tab",
            Self::BackTab => "Shift-Tab",
            Self::Backspace => "Backspace",
            Self::Delete => "Delete",
        };
        f.write_str(name)
    }
}

/// What a key does somewhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Binding {
    /// Where.
    pub context: Context,
    /// The keys; the first is the one that is named where there is room for one.
    pub keys: &'static [Key],
    /// What they do.
    pub action: Action,
    /// Where it is mentioned.
    pub hint: Hint,
}

/// Where a binding is mentioned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Hint {
    /// In the footer and in the help.
    Footer,
    /// In the help alone.
    Help,
}

const fn footer(context: Context, keys: &'static [Key], action: Action) -> Binding {
    Binding { context, keys, action, hint: Hint::Footer }
}

const fn help(context: Context, keys: &'static [Key], action: Action) -> Binding {
    Binding { context, keys, action, hint: Hint::Help }
}

/// Every key there is. Small letters look at things; what leads to a change has a capital one or stands in
/// the menu, and no Ctrl key changes anything but a form that is submitted.
pub const BINDINGS: &[Binding] = &{
    use Action as A;
    use Context as C;
    use Key::{BackTab, Char, Ctrl, Down, End, Enter, Esc, Home, Left, PageDown, PageUp, Right, Tab, Up};
    [
        help(C::Always, &[Ctrl('c')], A::Interrupt),
        help(C::Always, &[Ctrl('z')], A::Background),
        help(C::Always, &[Ctrl('l')], A::Redraw),
        footer(C::Panes, &[Char(':'), Ctrl('p')], A::Palette),
        footer(C::Panes, &[Char('?')], A::Help),
        help(C::Panes, &[Char('!')], A::Messages),
        help(C::Panes, &[Char('r')], A::Refresh),
        help(C::Panes, &[Char('q')], A::Quit),
        help(C::Rows, &[Char('j'), Down], A::Down),
        help(C::Rows, &[Char('k'), Up], A::Up),
        help(C::Rows, &[Ctrl('d')], A::HalfPageDown),
        help(C::Rows, &[Ctrl('u')], A::HalfPageUp),
        help(C::Rows, &[PageDown, Ctrl('f')], A::PageDown),
        help(C::Rows, &[PageUp, Ctrl('b')], A::PageUp),
        help(C::Rows, &[Char('g'), Home], A::First),
        help(C::Rows, &[Char('G'), End], A::Last),
        footer(C::Records, &[Enter, Char('l'), Right], A::Open),
        help(C::Records, &[Esc, Char('h'), Left], A::Back),
        footer(C::Records, &[Char('x')], A::Menu),
        footer(C::Records, &[Char('/')], A::Filter),
        footer(C::Records, &[Char(' ')], A::Mark),
        help(C::Records, &[Char('V')], A::MarkRange),
        help(C::Records, &[Char('a')], A::MarkAll),
        help(C::Records, &[Char('i')], A::InvertMarks),
        help(C::Records, &[Char('u')], A::ClearMarks),
        help(C::Records, &[Char('s')], A::Sort),
        help(C::Records, &[Char('S')], A::ReverseSort),
        footer(C::Records, &[Tab], A::NextPane),
        help(C::Records, &[BackTab], A::PreviousPane),
        help(C::Records, &[Char('1')], A::ShowTokens),
        help(C::Records, &[Char('2')], A::ShowLogins),
        help(C::Records, &[Char('c')], A::CopyUuid),
        help(C::Records, &[Char('C')], A::CopyEmail),
        help(C::Records, &[Char('f')], A::FindToken),
        help(C::Records, &[Char('v')], A::VmLogins),
        footer(C::Start, &[Char('d')], A::OpenDemo),
        footer(C::Start, &[Ctrl('s')], A::SendToken),
        footer(C::Tokens, &[Char('E')], A::ListExactly),
        footer(C::Tokens, &[Char('R')], A::RevokeTokens),
        help(C::Tokens, &[Char('X')], A::ChangeExpiry),
        help(C::Tokens, &[Char('A')], A::IssueToken),
        footer(C::Logins, &[Char('A')], A::GrantLogin),
        footer(C::Logins, &[Char('E')], A::EditLogin),
        footer(C::Logins, &[Char('R')], A::RevokeLogins),
        footer(C::Filter, &[Enter], A::Submit),
        footer(C::Filter, &[Esc], A::Back),
        help(C::Filter, &[Down], A::Down),
        help(C::Filter, &[Up], A::Up),
        help(C::Filter, &[PageDown], A::PageDown),
        help(C::Filter, &[PageUp], A::PageUp),
        footer(C::Palette, &[Enter], A::Submit),
        footer(C::Palette, &[Esc], A::Back),
        help(C::Palette, &[Down, Ctrl('n')], A::Down),
        help(C::Palette, &[Up, Ctrl('p')], A::Up),
        help(C::Palette, &[PageDown], A::PageDown),
        help(C::Palette, &[PageUp], A::PageUp),
        footer(C::Choice, &[Enter, Char('l'), Right], A::Open),
        footer(C::Choice, &[Esc, Char('h'), Left, Char('q')], A::Back),
        help(C::Reading, &[Enter], A::Open),
        help(C::Reading, &[Char('c')], A::CopyUuid),
        footer(C::Reading, &[Esc, Char('h'), Left, Char('q')], A::Back),
        footer(C::VmLogins, &[Enter, Char('o')], A::GoToOwner),
        footer(C::VmLogins, &[Char('E')], A::EditLogin),
        footer(C::VmLogins, &[Char('R')], A::RevokeLogins),
        help(C::VmLogins, &[Char('c')], A::CopyUuid),
        help(C::VmLogins, &[Char('r')], A::Refresh),
        footer(C::VmLogins, &[Esc, Char('h'), Left, Char('q')], A::Back),
        footer(C::Question, &[Char('y')], A::Yes),
        footer(C::Question, &[Esc, Char('n'), Char('q'), Enter], A::Back),
        footer(C::Question, &[Char('d')], A::Details),
        footer(C::Question, &[Char('D')], A::Calls),
        help(C::Question, &[Char('e')], A::Export),
        help(C::Question, &[Char('r')], A::Refresh),
        help(C::Question, &[Char('R')], A::Reassign),
        footer(C::TypedQuestion, &[Enter], A::Submit),
        footer(C::TypedQuestion, &[Esc], A::Back),
        footer(C::TypedQuestion, &[Tab], A::Details),
        footer(C::TypedQuestion, &[BackTab], A::Calls),
        help(C::TypedQuestion, &[Down], A::Down),
        help(C::TypedQuestion, &[Up], A::Up),
        help(C::TypedQuestion, &[PageDown], A::PageDown),
        help(C::TypedQuestion, &[PageUp], A::PageUp),
        footer(C::Form, &[Tab], A::NextField),
        help(C::Form, &[Enter], A::Open),
        help(C::Form, &[BackTab], A::PreviousField),
        footer(C::Form, &[Down], A::NextChoice),
        help(C::Form, &[Up], A::PreviousChoice),
        footer(C::Form, &[Ctrl('s')], A::Submit),
        footer(C::Form, &[Esc], A::Back),
        footer(C::Working, &[Char('s')], A::StopAfterStep),
        help(C::Working, &[Esc], A::Back),
        footer(C::Report, &[Char('f')], A::ShowFailed),
        footer(C::Report, &[Char('F')], A::RetryFailed),
        footer(C::Report, &[Char('e')], A::Export),
        help(C::Report, &[Char('c')], A::CopyUuid),
        footer(C::Report, &[Esc, Char('q')], A::Back),
        footer(C::FindToken, &[Enter], A::Submit),
        footer(C::FindToken, &[Esc], A::Back),
        footer(C::FoundToken, &[Char('r'), Char('R')], A::RevokeTokens),
        footer(C::FoundToken, &[Char('o')], A::GoToOwner),
        footer(C::FoundToken, &[Char('c')], A::CopyUuid),
        footer(C::FoundToken, &[Esc, Char('q')], A::Back),
        footer(C::NewToken, &[Char('c')], A::CopySecret),
        footer(C::NewToken, &[Char('s')], A::Reveal),
        footer(C::NewToken, &[Esc, Char('q')], A::Back),
    ]
};

/// What a key does where the keyboard is.
pub fn action(context: Context, key: Key) -> Option<Action> {
    bindings(context).find(|binding| binding.keys.contains(&key)).map(|binding| binding.action)
}

/// All that works where the keyboard is: its own keys first, then those of its layers.
pub fn bindings(context: Context) -> impl Iterator<Item = &'static Binding> {
    std::iter::once(context).chain(context.layers().iter().copied()).flat_map(own)
}

/// The keys of one context or layer alone, for lists of all keys.
pub fn own(context: Context) -> impl Iterator<Item = &'static Binding> {
    BINDINGS.iter().filter(move |binding| binding.context == context)
}

/// The key that is named for an action, if one is bound where the keyboard is.
pub fn key_for(context: Context, action: Action) -> Option<Key> {
    bindings(context).find(|binding| binding.action == action)?.keys.first().copied()
}

/// How the keys of a binding are listed: `j, Down`.
pub fn keys_text(binding: &Binding) -> String {
    binding.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// The whole table in Markdown, for the README. A place is named in the first of its rows.
pub fn markdown() -> String {
    let row = |(place, binding): (String, &Binding)| {
        let keys: Vec<String> = binding.keys.iter().map(|key| format!("`{key}`")).collect();
        format!("| {place} | {} | {} |\n", keys.join(" "), binding.action.name())
    };
    let rows = |context: Context| {
        let places =
            std::iter::once(format!("**{}**", context.title())).chain(std::iter::repeat(String::new()));
        places.zip(own(context)).map(row).collect::<String>()
    };
    format!("| where | keys | what they do |\n|---|---|---|\n{}", Context::ALL.map(rows).concat())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::context::Typing;
    use std::collections::BTreeMap;

    #[test]
    fn no_key_means_two_things_in_one_place() {
        for context in Context::ALL {
            let mut seen = BTreeMap::new();
            for binding in bindings(context) {
                for key in binding.keys {
                    if let Some(other) = seen.insert(*key, binding.action) {
                        panic!("{key} in {context:?}: {other:?} and {:?}", binding.action);
                    }
                }
            }
        }
    }

    #[test]
    fn every_action_has_a_key_or_is_among_the_commands() {
        // What the palette and the menu list: actions on records, whose letters are better kept free.
        let commands = [
            Action::SetUp,
            Action::Activate,
            Action::Deactivate,
            Action::Suspend,
            Action::Resume,
            Action::MakeAdmin,
            Action::UnmakeAdmin,
            Action::RevokeAllTokens,
            Action::EndHelpers,
        ];
        for action in Action::ALL {
            let bound = BINDINGS.iter().any(|binding| binding.action == *action);
            assert!(bound != commands.contains(action), "{action:?}: bound {bound}");
        }
    }

    #[test]
    fn where_text_is_typed_no_character_is_a_key() {
        for context in Context::ALL.into_iter().filter(|c| c.typing() == Typing::Text) {
            for binding in bindings(context) {
                assert!(!binding.keys.iter().any(|key| matches!(key, Key::Char(_))), "{binding:?}");
            }
        }
    }

    #[test]
    fn every_context_above_the_panes_can_be_left_with_escape() {
        let layers = [Context::Always, Context::Panes, Context::Rows, Context::Records, Context::Start];
        for context in Context::ALL.into_iter().filter(|c| !layers.contains(c)) {
            assert_eq!(action(context, Key::Esc), Some(Action::Back), "{context:?}");
        }
    }

    #[test]
    fn scrolling_keys_never_change_anything() {
        assert_eq!(action(Context::Users, Key::Ctrl('d')), Some(Action::HalfPageDown));
        assert_eq!(action(Context::Question, Key::Ctrl('d')), Some(Action::HalfPageDown));
        assert_eq!(action(Context::Question, Key::Enter), Some(Action::Back), "Enter confirms nothing");
    }

    #[test]
    fn keys_are_named_as_they_are_printed_on_keyboards() {
        let named = |key: Key| key.to_string();
        assert_eq!(named(Key::Ctrl('s')), "Ctrl-S");
        assert_eq!(named(Key::Char(' ')), "Space");
        assert_eq!(named(Key::BackTab), "Shift-Tab");
        assert_eq!(key_for(Context::Users, Action::Palette), Some(Key::Char(':')));
    }
}
