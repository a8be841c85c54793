//! What lies above the panes. Only the topmost is drawn; everything below steps back, so that it is plain
//! what has the keyboard.

mod confirm;
mod field;
mod find_token;
mod form;
mod help;
mod lines;
mod lists;
mod new_token;
mod report;
mod vm_logins;

use super::dialog::{self, Dialog, Size};
use crate::app::ctx::Now;
use crate::app::overlay::Overlay;
use crate::app::state::State;
use crate::app::world::World;
use crate::tui::layout::{self, Extent};
use crate::tui::theme::{Signs, Theme};
use ratatui::Frame;
use ratatui::layout::Rect;

/// Draws the topmost overlay, if there is one.
pub fn draw(frame: &mut Frame, theme: Theme, area: Rect, state: &State, now: Now) {
    let Some(overlay) = state.overlays.last() else { return };
    dialog::step_back(frame, layout::dialog_room(area));
    let places = compose(theme, area, overlay, &state.world, now).draw(frame, area);
    if let Overlay::NewToken(token) = overlay {
        new_token::reveal(frame, theme, places.head, token);
    }
    if theme.signs == Signs::Ascii {
        plainly(frame, places.frame);
    }
}

/// The signs in texts that were not written for one sort of terminal, cell by cell.
fn plainly(frame: &mut Frame, area: Rect) {
    let buffer = frame.buffer_mut();
    for position in area.intersection(buffer.area).positions() {
        if let Some(cell) = buffer.cell_mut(position) {
            let plain = match cell.symbol() {
                "…" => ".",
                "→" => ">",
                "·" => "-",
                _ => continue,
            };
            cell.set_symbol(plain);
        }
    }
}

/// How much of the topmost overlay is seen, for moving about in it.
pub fn extent(theme: Theme, area: Rect, state: &State, now: Now) -> Option<Extent> {
    let overlay = state.overlays.last()?;
    Some(compose(theme, area, overlay, &state.world, now).extent(area))
}

fn compose<'a>(theme: Theme, area: Rect, overlay: &'a Overlay, world: &'a World, now: Now) -> Dialog<'a> {
    let empty = |size| Dialog::new(theme, area, overlay.context(), overlay.title(world), size);
    match overlay {
        Overlay::Help(help) => help::compose(empty, *help),
        Overlay::Palette(palette) => lists::palette(empty, palette, world),
        Overlay::Menu(menu) => lists::menu(empty, menu, world),
        Overlay::Sort(sort) => lists::sort(empty, *sort),
        Overlay::Messages(messages) => lists::messages(empty, *messages, world, now.here),
        Overlay::Quit(quit) => report::quit(empty, *quit, world),
        Overlay::VmLogins(logins) => vm_logins::compose(empty, logins, world),
        Overlay::Form(form) => form::compose(empty, form, now.server),
        Overlay::Confirm(confirm) => confirm::compose(empty, confirm),
        Overlay::Progress(progress) => report::progress(empty, progress.job(&world.jobs), now.here),
        Overlay::Result(result) => report::result(empty, result),
        Overlay::NewToken(token) => new_token::compose(empty, token, now.server),
        Overlay::FindToken(find) => find_token::compose(empty, find, world, now.server),
        // Shown in place of all that is drawn.
        Overlay::Plain(_) => empty(Size::Slim),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::action::Action;
    use crate::app::message::{Edit, Message};
    use crate::app::testing::{ctx, people, press, type_text, with_users};
    use crate::app::update::update;
    use crate::tui::theme::Colours;
    use proptest::prelude::*;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    /// Dialogs that come up without an answer of the server's, each with something typed into it.
    const OPENED_BY: [Action; 11] = [
        Action::Help,
        Action::Palette,
        Action::Menu,
        Action::Sort,
        Action::Messages,
        Action::FindToken,
        Action::VmLogins,
        Action::IssueToken,
        Action::Reassign,
        Action::SetUp,
        Action::GrantLogin,
    ];

    fn opened(by: Action) -> State {
        let mut state = with_users(people(40));
        press(&mut state, by);
        type_text(&mut state, "zoë");
        update(&mut state, Message::Edit(Edit::Paste("李".repeat(200).into())), &ctx());
        press(&mut state, Action::Submit);
        state
    }

    fn drawn(state: &State, theme: Theme, width: u16, height: u16) -> TestBackend {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).expect("a terminal");
        terminal.draw(|frame| draw(frame, theme, frame.area(), state, ctx().time())).expect("drawn");
        terminal.backend().clone()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn any_dialog_can_be_drawn_at_any_size(
            by in prop::sample::select(&OPENED_BY[..]),
            width in 1_u16..210,
            height in 1_u16..70,
        ) {
            let state = opened(by);
            let ascii = Theme { colours: Colours::None, signs: Signs::Ascii };
            for theme in [Theme::default(), ascii] {
                drawn(&state, theme, width, height);
                let area = Rect { x: 0, y: 0, width, height };
                let seen = extent(theme, area, &state, ctx().time());
                prop_assert!(seen.is_none_or(|seen| seen.rows <= usize::from(height)));
            }
        }
    }

    #[test]
    fn what_stands_in_a_dialog_can_be_shown_in_ascii() {
        let ascii = Theme { colours: Colours::None, signs: Signs::Ascii };
        for by in OPENED_BY {
            let mut state = with_users(people(40));
            press(&mut state, by);
            let backend = drawn(&state, ascii, 80, 24);
            let strange: String = backend
                .buffer()
                .content()
                .iter()
                .map(ratatui::buffer::Cell::symbol)
                .filter(|s| !s.is_ascii())
                .collect();
            assert_eq!(strange, "", "{by:?}");
        }
    }
}
