//! The keys that work here, from the table of keys: first those of this place, then those that work in
//! more places.

use crate::app::action::Action;
use crate::app::context::Context;
use crate::app::overlay::help::HelpDialog;
use crate::tui::keymap;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::dialog::{Body, Dialog, Size};
use crate::tui::view::text::{pad, width};
use ratatui::text::{Line, Span};

/// From so many cells on, sections stand side by side.
const TWO_COLUMNS: usize = 90;

/// Puts it together.
pub fn compose<'a>(empty: impl Fn(Size) -> Dialog<'a>, help: HelpDialog) -> Dialog<'a> {
    let mut dialog = empty(Size::Broad);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let below = help.below();
    let sections: Vec<Vec<Line>> = std::iter::once(below)
        .chain(below.layers().iter().copied())
        .map(|context| section(theme, context))
        .filter(|section| !section.is_empty())
        .collect();
    let lines = if cells >= TWO_COLUMNS { beside(sections, cells) } else { one_below_the_other(sections) };
    dialog.body(Body::Text(lines, help.scroll()));
    dialog.button(Action::Back, "Close");
    dialog
}

/// The keys of one context or layer, below its name.
fn section(theme: Theme, context: Context) -> Vec<Line<'static>> {
    let bindings: Vec<_> = keymap::own(context).collect();
    if bindings.is_empty() {
        return Vec::new();
    }
    let keys = bindings.iter().map(|binding| width(&keymap::keys_text(binding))).max().unwrap_or(0).max(14);
    let title = Line::styled(context.title(), theme.style(Role::Strong));
    let rows = bindings.into_iter().map(|binding| {
        Line::from(vec![
            Span::styled(pad(theme, &keymap::keys_text(binding), keys), theme.style(Role::Accent)),
            Span::raw("  "),
            Span::raw(binding.action.name().trim_end_matches('…').to_owned()),
        ])
    });
    std::iter::once(title).chain(rows).collect()
}

fn one_below_the_other(sections: Vec<Vec<Line<'static>>>) -> Vec<Line<'static>> {
    let mut lines = Vec::new();
    for section in sections {
        if !lines.is_empty() {
            lines.push(Line::default());
        }
        lines.extend(section);
    }
    lines
}

/// In two columns of about the same height.
fn beside(sections: Vec<Vec<Line<'static>>>, cells: usize) -> Vec<Line<'static>> {
    let all: usize = sections.iter().map(|section| section.len() + 1).sum();
    let (mut left, mut right, mut height) = (Vec::new(), Vec::new(), 0);
    for section in sections {
        let before = height;
        height += section.len() + 1;
        // A section goes to the left if most of it is in the first half.
        if before == 0 || before + section.len() / 2 < all / 2 {
            left.push(section);
        } else {
            right.push(section);
        }
    }
    let (left, right) = (one_below_the_other(left), one_below_the_other(right));
    let (mut left, mut right) = (left.into_iter(), right.into_iter());
    let mut lines = Vec::new();
    loop {
        let (a, b) = (left.next(), right.next());
        if a.is_none() && b.is_none() {
            return lines;
        }
        let mut spans = a.map(with_its_style).unwrap_or_default();
        let used: usize = spans.iter().map(Span::width).sum();
        spans.push(Span::raw(" ".repeat((cells / 2).saturating_sub(used))));
        spans.extend(b.map(with_its_style).unwrap_or_default());
        lines.push(Line::from(spans));
    }
}

fn with_its_style(line: Line<'static>) -> Vec<Span<'static>> {
    let style = line.style;
    line.spans.into_iter().map(|span| Span::styled(span.content, style.patch(span.style))).collect()
}
