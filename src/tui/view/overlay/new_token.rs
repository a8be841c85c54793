//! A new token, told once. The only place where a secret is drawn: letter by letter from where it is kept,
//! so that no other text is made of it.

use super::lines::lines;
use crate::app::action::Action;
use crate::app::overlay::line::{Line as Told, Scroll};
use crate::app::overlay::new_token::{NewTokenDialog, Veil};
use crate::tui::theme::{Role, Theme};
use crate::tui::view::dialog::{Body, Dialog, Size};
use crate::tui::view::text::{fit, width};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::{Position, Rect};
use ratatui::text::{Line, Span};

/// What stands before the secret.
const BEFORE: &str = "export ARVADOS_API_TOKEN=";

/// Puts it together, all but the secret.
pub fn compose<'a>(empty: impl Fn(Size) -> Dialog<'a>, token: &NewTokenDialog, now: Timestamp) -> Dialog<'a> {
    let mut dialog = empty(Size::Broad);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let plain = theme.style(Role::Plain);
    let host = fit(theme, &format!("export ARVADOS_API_HOST={}", token.host()), cells);
    dialog.head([Line::styled(host, plain)]);
    match token.secret() {
        None => {
            // As long as it is, so that nothing moves when it is shown.
            let known = format!("{BEFORE}v2/{}/", token.uuid());
            let dots = theme.masked().repeat(8);
            let masked =
                Line::from(vec![Span::styled(known, plain), Span::styled(dots, theme.style(Role::Dim))]);
            dialog.head([masked]);
            dialog.head(vec![Line::default(); rows(token, cells).saturating_sub(1)]);
        }
        Some(_) => {
            dialog.head(vec![Line::default(); rows(token, cells)]);
        }
    }
    let mut facts = token.facts(now);
    facts.push(Told::dim(match token.veil() {
        Veil::Masked => "It is kept nowhere: once this is closed, nobody can show it again.",
        Veil::Shown => "It is hidden again 60 s after it was shown.",
    }));
    dialog.body(Body::Text(lines(theme, cells, &facts), Scroll::default()));
    dialog.button(Action::Back, "Close").key(Action::CopySecret, "copy the token");
    dialog.key(
        Action::Reveal,
        match token.veil() {
            Veil::Masked => "show it",
            Veil::Shown => "hide it",
        },
    );
    dialog
}

/// How many lines the token takes when it is shown.
fn rows(token: &NewTokenDialog, cells: usize) -> usize {
    (width(BEFORE) + token.chars()).div_ceil(cells.max(1))
}

/// Draws the secret into the lines that are kept for it, below the first one.
pub fn reveal(frame: &mut Frame, theme: Theme, head: Rect, token: &NewTokenDialog) {
    let Some(secret) = token.secret() else { return };
    let style = theme.style(Role::Plain);
    let (mut x, mut y) = (head.x, head.y.saturating_add(1));
    let mut buffer = [0; 4];
    for letter in BEFORE.chars().chain(secret.expose().chars()) {
        if x >= head.right() {
            (x, y) = (head.x, y.saturating_add(1));
        }
        if y >= head.bottom() || head.width == 0 {
            break;
        }
        if let Some(cell) = frame.buffer_mut().cell_mut(Position { x, y }) {
            cell.set_symbol(letter.encode_utf8(&mut buffer)).set_style(style);
        }
        x += 1;
    }
}
