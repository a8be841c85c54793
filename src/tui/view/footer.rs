//! The last two lines: what happened, and the keys that work now.

use super::text::{fit, width};
use crate::app::action::{Action, Availability};
use crate::app::availability::availability;
use crate::app::context::Context;
use crate::app::notices::{Notice, Tone};
use crate::app::overlay::progress;
use crate::app::state::State;
use crate::app::world::Ending;
use crate::tui::keymap::{self, Hint};
use crate::tui::theme::{Role, Theme};
use jiff::Timestamp;
use ratatui::Frame;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

/// Draws what happened last on the left, and changes under way on the right.
pub fn message(frame: &mut Frame, theme: Theme, area: Rect, state: &State, now: Timestamp) {
    let cells = usize::from(area.width).saturating_sub(2);
    let work = fit(theme, &at_work(state, now), cells);
    let room = cells.saturating_sub(width(&work) + 2);
    let mut spans = vec![Span::raw(" ")];
    if let Some(notice) = state.world.notices.shown() {
        spans.extend(told(theme, notice, room));
    }
    let used: usize = spans.iter().map(Span::width).sum();
    if !work.is_empty() {
        let gap = (cells + 1).saturating_sub(used + width(&work));
        spans.push(Span::raw(" ".repeat(gap)));
        spans.push(Span::styled(work, theme.style(Role::Accent)));
    }
    frame.render_widget(Line::from(spans), area);
}

fn at_work(state: &State, now: Timestamp) -> String {
    if state.world.ending == Ending::Draining {
        return "ending after the steps under way".to_owned();
    }
    let mut jobs = state.world.jobs.iter();
    match (jobs.next(), jobs.next()) {
        (Some(job), None) if state.overlays.is_empty() => {
            format!("{}: {}", job.title, progress::headline(job, now))
        }
        (Some(_), Some(_)) => progress::running(&state.world.jobs).unwrap_or_default(),
        _ => String::new(),
    }
}

/// A message with its sign; then as much of the advice and the request's id as there is room for.
fn told(theme: Theme, notice: &Notice, room: usize) -> Vec<Span<'static>> {
    let (sign, role) = match notice.tone {
        Tone::Info => ("", Role::Plain),
        Tone::Success => (theme.done(), Role::Good),
        Tone::Warning => (theme.attention(), Role::Attention),
        Tone::Error => (theme.failed(), Role::Danger),
    };
    let text = if sign.is_empty() { notice.text.clone() } else { format!("{sign} {}", notice.text) };
    let more = keymap::key_for(Context::Users, Action::Messages);
    let after: Vec<String> = [
        notice.advice.map(str::to_owned),
        notice.request_id.clone(),
        more.filter(|_| notice.tone >= Tone::Warning).map(|key| format!("{key} all messages")),
    ]
    .into_iter()
    .flatten()
    .collect();
    let mut spans = vec![Span::styled(fit(theme, &text, room), theme.style(role))];
    let mut used = width(&text);
    for part in after {
        let part = format!("   {part}");
        used += width(&part);
        if used > room {
            break;
        }
        spans.push(Span::styled(fit(theme, &part, room), theme.style(Role::Dim)));
    }
    spans
}

/// Draws the keys that work now. A dialog names its keys itself.
pub fn keys(frame: &mut Frame, theme: Theme, area: Rect, state: &State) {
    if !state.overlays.is_empty() {
        return;
    }
    let mut spans = vec![Span::raw(" ")];
    for (key, what) in hints(state, usize::from(area.width).saturating_sub(2)) {
        spans.push(Span::styled(key, theme.style(Role::Accent)));
        spans.push(Span::raw(format!(" {what}{GAP}")));
    }
    frame.render_widget(Line::from(spans), area);
}

/// Between two hints.
const GAP: &str = "   ";

fn hint_width(key: &str, what: &str) -> usize {
    width(key) + 1 + width(what) + width(GAP)
}

/// The keys, in the table's order; where there is no room for all, the last but two go first: those two
/// lead to everything else.
fn hints(state: &State, room: usize) -> Vec<(String, String)> {
    let context = state.context();
    let mut hints: Vec<(String, String)> = keymap::bindings(context)
        .filter(|binding| binding.hint == Hint::Footer)
        .filter(|binding| availability(&state.world, binding.action) == Availability::Enabled)
        .filter_map(|binding| Some((binding.keys.first()?.to_string(), binding.action.hint().to_owned())))
        .collect();
    while hints.iter().map(|(key, what)| hint_width(key, what)).sum::<usize>() > room + GAP.len() {
        let Some(at) = hints.len().checked_sub(3) else { break };
        hints.remove(at);
    }
    hints
}
