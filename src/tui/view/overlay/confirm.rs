//! What a change would do, and the question.

use super::field::{self, Focus};
use super::lines::{by_weight, lines};
use crate::app::action::Action;
use crate::app::overlay::confirm::{ConfirmDialog, Page, Question, Stage};
use crate::ops::confirm::Ask;
use crate::ops::step::Risk;
use crate::tui::theme::Role;
use crate::tui::view::dialog::{Body, Dialog, Part, Size, Tone};
use crate::tui::view::text::{fit, width};
use ratatui::text::{Line, Span};

/// The field of a typed answer has at least so many cells, or a line of its own.
const FIELD: usize = 16;

/// Puts it together.
pub fn compose<'a>(empty: impl Fn(Size) -> Dialog<'a>, confirm: &ConfirmDialog) -> Dialog<'a> {
    let targets = confirm.targets();
    let mut dialog = empty(if targets > 1 { Size::Broad } else { Size::Middle });
    let (theme, cells) = (dialog.theme(), dialog.cells());
    if matches!(confirm.risk(), Risk::Lossy | Risk::Final) {
        dialog.tone(Tone::Grave);
    }
    dialog.body(Body::Text(lines(theme, cells, &confirm.body()), confirm.scroll()));
    let (seen, aside) = by_weight(confirm.verdict());
    dialog.foot(lines(theme, cells, &seen)).aside(lines(theme, cells, &aside));
    match confirm.stage() {
        Stage::Looking(_) => {
            // As large as what will be there in a moment.
            dialog.least(targets + 4).button(Action::Back, "Cancel");
        }
        Stage::Failed(_) => {
            dialog.button(Action::Back, "Close").key(Action::Refresh, "try again");
        }
        Stage::Nothing(_) | Stage::Answered => {
            dialog.button(Action::Back, "Close");
        }
        Stage::Asking(question) => ask(&mut dialog, confirm, question),
    }
    dialog
}

fn ask(dialog: &mut Dialog, confirm: &ConfirmDialog, question: &Question) {
    if let Some(prompt) = confirm.prompt() {
        answer(dialog, &prompt, question);
        dialog.button(Action::Back, "Cancel").key(Action::Submit, "go ahead");
    } else {
        dialog.button(Action::Back, "No").key(Action::Yes, "Yes");
    }
    let or_summary = |page: Page, label| if confirm.page() == page { "summary" } else { label };
    dialog.key(Action::Details, or_summary(Page::Details, "details"));
    dialog.key(Action::Calls, or_summary(Page::Calls, "API calls"));
    if *question.ask() == Ask::YesNo {
        dialog.key(Action::Export, "export");
    }
    if confirm.offers_reassign() {
        dialog.key(Action::Reassign, "reassign the data first");
    }
}

/// The field of a typed answer, and below it why the last one was none.
fn answer(dialog: &mut Dialog, prompt: &str, question: &Question) {
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let prompt = fit(theme, prompt, cells);
    let beside = cells.saturating_sub(width(&prompt) + 1);
    let (room, indent) =
        if beside >= FIELD { (beside.min(3 * FIELD), width(&prompt) + 1) } else { (cells.min(3 * FIELD), 0) };
    let (typed, at) = field::text(theme, question.field(), room, Focus::Here);
    let before = Span::styled(prompt, theme.style(Role::Strong));
    let asked = if indent > 0 {
        vec![Line::from(vec![before, Span::raw(" "), typed])]
    } else {
        vec![Line::from(before), Line::from(typed)]
    };
    dialog.cursor(Part::Answer, asked.len() - 1, indent + at);
    dialog.answer(asked);
    let wrong = question.wrong().map(|wrong| format!("{} {wrong}", theme.failed())).unwrap_or_default();
    dialog.answer([Line::styled(wrong, theme.style(Role::Danger))]);
}
