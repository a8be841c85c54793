//! A field for text, and one for a secret.

use crate::app::overlay::field::TextField;
use crate::tui::theme::Theme;
use crate::tui::view::text::{pad, typed};
use ratatui::style::{Modifier, Style};
use ratatui::text::Span;

/// Whether the keyboard is in a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// It is.
    Here,
    /// It is elsewhere.
    Elsewhere,
}

fn line() -> Style {
    Style::new().add_modifier(Modifier::UNDERLINED)
}

/// The field in `cells`, and where in them the cursor is.
pub fn text(theme: Theme, field: &TextField, cells: usize, focus: Focus) -> (Span<'static>, usize) {
    match focus {
        Focus::Here => {
            let typed = typed(theme, field.input(), cells);
            (Span::styled(pad(theme, &typed.text, cells), line()), typed.cursor)
        }
        Focus::Elsewhere => (Span::styled(pad(theme, field.text(), cells), line()), 0),
    }
}

/// As many dots as the secret has characters, and where in them the cursor is.
pub fn masked(theme: Theme, chars: usize, cursor: usize, cells: usize) -> (Span<'static>, usize) {
    let scroll = (cursor + 1).saturating_sub(cells);
    let dots = theme.masked().repeat(chars.saturating_sub(scroll).min(cells));
    (Span::styled(pad(theme, &dots, cells), line()), cursor - scroll)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::message::Edit;

    #[test]
    fn a_long_text_is_shown_around_the_cursor() {
        let theme = Theme::default();
        let mut field = TextField::new("GET /arvados/v1/collections");
        let (shown, at) = text(theme, &field, 10, Focus::Here);
        assert_eq!((shown.content.as_ref(), at), ("llections ", 9));
        field.edit(&Edit::Home);
        let (shown, at) = text(theme, &field, 10, Focus::Here);
        assert_eq!((shown.content.as_ref(), at), ("GET /arvad", 0));
        let (shown, _) = text(theme, &field, 10, Focus::Elsewhere);
        assert_eq!(shown.content.as_ref(), "GET /arva…");
    }

    #[test]
    fn of_a_secret_only_dots_are_shown() {
        let (shown, at) = masked(Theme::default(), 100, 100, 10);
        assert_eq!((shown.content.as_ref(), at), ("••••••••• ", 9));
        let (shown, at) = masked(Theme::default(), 3, 1, 5);
        assert_eq!((shown.content.as_ref(), at), ("•••  ", 1));
    }
}
