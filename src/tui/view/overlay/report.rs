//! A change at work, what became of it, and the question before leaving while one is at work.

use super::lines::{by_weight, lines, role};
use crate::app::action::Action;
use crate::app::jobs::{Job, Pace};
use crate::app::overlay::line::{Line, Scroll, Tone as Meant};
use crate::app::overlay::progress;
use crate::app::overlay::quit::QuitDialog;
use crate::app::overlay::result::{ResultDialog, Shown};
use crate::app::world::World;
use crate::tui::theme::{Role, Theme};
use crate::tui::view::dialog::{Body, Dialog, Size, Tone};
use crate::tui::view::text::width;
use jiff::Timestamp;
use ratatui::text::{Line as Drawn, Span};

/// The longest headline beside the gauge: "1000 of 1000    stopping after these".
const HEADLINE: usize = 36;

/// Puts a change at work together.
pub fn progress<'a>(empty: impl Fn(Size) -> Dialog<'a>, job: Option<&Job>, now: Timestamp) -> Dialog<'a> {
    let mut dialog = empty(Size::Middle);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    if let Some(job) = job {
        let gauge = gauge(theme, cells.saturating_sub(HEADLINE + 2).max(8), job);
        let headline = Span::raw(format!("  {}", progress::headline(job, now)));
        dialog
            .head([Drawn::from(gauge.into_iter().chain([headline]).collect::<Vec<_>>()), counts(theme, job)]);
        if let Some(note) = &job.said {
            dialog.foot(lines(theme, cells, &[Line::new(Meant::Danger, note.text.clone())]));
        }
        if job.pace == Pace::Running {
            dialog.key(Action::StopAfterStep, "stop after the current ones");
        }
    }
    dialog.key(Action::Back, "go on in the background");
    dialog
}

fn gauge(theme: Theme, cells: usize, job: &Job) -> [Span<'static>; 2] {
    let full = (cells * job.finished).checked_div(job.of).unwrap_or(0).min(cells);
    let (done, left) = theme.gauge();
    [
        Span::styled(done.repeat(full), theme.style(Role::Accent)),
        Span::styled(left.repeat(cells - full), theme.style(Role::Dim)),
    ]
}

/// The counts side by side, with room for as many digits as there may be, so that nothing moves.
fn counts(theme: Theme, job: &Job) -> Drawn<'static> {
    let digits = job.of.to_string().len();
    let mut spans = Vec::new();
    for line in progress::counts(job) {
        let text = line.text();
        let number = text.split(' ').next().map_or(0, width);
        spans.push(Span::raw(" ".repeat(digits.saturating_sub(number))));
        spans.push(Span::styled(text, theme.style(role(line.tone))));
        spans.push(Span::raw("   "));
    }
    Drawn::from(spans)
}

/// Puts what became of a change together.
pub fn result<'a>(empty: impl Fn(Size) -> Dialog<'a>, result: &ResultDialog) -> Dialog<'a> {
    let mut dialog = empty(Size::Broad);
    let (theme, cells) = (dialog.theme(), dialog.cells());
    let counts = result.counts().into_iter().map(|line| {
        let text = format!("{} {}", outcome(theme, line.tone), line.text());
        Drawn::styled(text, theme.style(role(line.tone)))
    });
    dialog.head(counts.collect::<Vec<_>>());
    let items: Vec<Line> = result
        .items()
        .into_iter()
        .map(|mut line| {
            if let Some(word) = line.cells.first_mut() {
                *word = format!("{} {word}", outcome(theme, line.tone));
            }
            line
        })
        .collect();
    dialog.body(Body::Text(lines(theme, cells, &items), result.scroll()));
    let (seen, aside) = by_weight(result.remarks());
    dialog.foot(lines(theme, cells, &seen)).aside(lines(theme, cells, &aside));
    dialog.button(Action::Back, "Close");
    let trouble = result.to_retry();
    if trouble > 0 {
        dialog.key(Action::RetryFailed, format!("try {} again", if trouble == 1 { "it" } else { "these" }));
    }
    if trouble > 0 && trouble < result.report().items.len() {
        dialog.key(
            Action::ShowFailed,
            if result.shown() == Shown::Failed { "show all" } else { "show failed" },
        );
    }
    dialog.key(Action::Export, "export").key(Action::CopyUuid, "copy");
    dialog
}

/// The sign of how something came out; the word stands beside it.
fn outcome(theme: Theme, tone: Meant) -> &'static str {
    match tone {
        Meant::Good | Meant::Dim => theme.done(),
        Meant::Danger => theme.failed(),
        Meant::Warning => "?",
        Meant::Plain | Meant::Heading => " ",
    }
}

/// Puts the question before leaving together.
pub fn quit<'a>(empty: impl Fn(Size) -> Dialog<'a>, quit: QuitDialog, world: &World) -> Dialog<'a> {
    let mut dialog = empty(Size::Middle);
    let lines = lines(dialog.theme(), dialog.cells(), &quit.lines(world));
    dialog.tone(Tone::Grave).body(Body::Text(lines, Scroll::default()));
    dialog.button(Action::Back, "No").key(Action::Yes, "Yes, quit");
    dialog
}
