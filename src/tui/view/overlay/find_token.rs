//! Whose token is it? Of what is pasted only dots are drawn.

use super::field;
use super::lines::{hanging, lines};
use crate::app::action::Action;
use crate::app::overlay::find_token::{FindTokenDialog, Stage};
use crate::app::overlay::line::{Line as Told, Scroll};
use crate::app::world::World;
use crate::tui::theme::Role;
use crate::tui::view::dialog::{Body, Dialog, Part, Size};
use jiff::Timestamp;
use ratatui::text::Line;

/// So many rows whatever is known, so that the dialog keeps its size.
const ROWS: usize = 9;

/// Puts it together.
pub fn compose<'a>(
    empty: impl Fn(Size) -> Dialog<'a>,
    find: &FindTokenDialog,
    world: &World,
    now: Timestamp,
) -> Dialog<'a> {
    let mut dialog = empty(Size::Middle);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let body = match find.stage() {
        Stage::Typing => typing(&mut dialog, find),
        Stage::Looking(_) | Stage::Found(_) | Stage::Failed(_) => {
            lines(theme, cells, &find.lines(world, now))
        }
    };
    dialog.least(ROWS).body(Body::Text(body, Scroll::default()));
    dialog.button(Action::Back, "Close");
    match find.stage() {
        Stage::Typing => {
            dialog.key(Action::Submit, "find it");
        }
        Stage::Looking(_) => {}
        Stage::Failed(_) => {
            dialog.key(Action::RevokeTokens, "try again");
        }
        Stage::Found(found) => {
            if find.irrevocable(world).is_none() {
                dialog.key(Action::RevokeTokens, "revoke it");
            }
            if found.owner.is_some() {
                dialog.key(Action::GoToOwner, "go to its owner");
            }
            if found.uuid.is_some() {
                dialog.key(Action::CopyUuid, "copy its UUID");
            }
        }
    }
    dialog
}

/// The field where it is pasted.
fn typing(dialog: &mut Dialog, find: &FindTokenDialog) -> Vec<Line<'static>> {
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let secret = find.field();
    let prompt =
        lines(theme, cells, &[Told::plain("Paste a v2 token, a bare secret or a UUID, and press Enter:")]);
    let (dots, at) = field::masked(theme, secret.chars(), secret.cursor(), cells);
    let mut body = prompt;
    dialog.cursor(Part::Body, body.len(), at);
    body.push(Line::from(dots));
    let wrong = find.error().map(|error| error.to_string()).or(secret.note().map(str::to_owned));
    match wrong {
        Some(wrong) => {
            let sign = format!("{} ", theme.failed());
            body.extend(hanging(theme, cells, Role::Danger, &sign, &wrong));
        }
        None => body.push(Line::default()),
    }
    body.push(Line::default());
    body.extend(lines(theme, cells, &[Told::dim(
        "What is pasted is never shown or kept. To know whose it is, this cluster is asked with the token \
         itself; a token of another cluster is not sent to it.",
    )]));
    body
}
