//! What became of a change. It stays until it is closed.

use super::line::{Line, Moved, Scroll, Tone};
use super::reaction::{Next, Reaction, failure_lines};
use super::seen::Seen;
use crate::app::action::Action;
use crate::app::ctx::Ctx;
use crate::app::effect::{Clip, Effect, Export};
use crate::app::message::Message;
use crate::model::text::count;
use crate::ops::intent::Intent;
use crate::ops::plan::Weight;
use crate::ops::report::{ApplyReport, Came, Ended, Item, ItemResult, Shown as Row};
use crate::ops::step::Target;
use crate::ops::words;

/// What became of a change.
#[derive(Debug)]
pub struct ResultDialog {
    report: Box<ApplyReport>,
    shown: Shown,
    scroll: Scroll,
    seen: Seen,
}

/// Which items are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Every one.
    All,
    /// Those that are not as wanted.
    Failed,
}

/// Whether a report needs to be looked at: something is not as wanted, or there is a warning.
pub fn needs_a_look(report: &ApplyReport) -> bool {
    report.ended != Ended::Completed
        || report.items.iter().any(|item| item.result.is_trouble())
        || report.notes.iter().any(|note| note.weight >= Weight::Warning)
}

/// A change that did all it should, in a line for the messages.
pub fn in_a_line(report: &ApplyReport) -> String {
    let mut text = match report.items.as_slice() {
        [Item { target, result }] => {
            let (name, _) = words::target(target, &report.names);
            match result {
                ItemResult::Unchanged(how) => format!("{name}: {how}"),
                _ => format!("{name}: {}", report.intent.done()),
            }
        }
        _ => headline(report),
    };
    for note in &report.notes {
        text.push_str(". ");
        text.push_str(note.text.trim_end_matches('.'));
    }
    text
}

/// "139 of 141 revoked".
fn headline(report: &ApplyReport) -> String {
    let tally = report.tally();
    let all = report.items.len();
    let good = tally.done + tally.unchanged;
    let done = report.intent.done();
    if good == all { format!("{all} {done}") } else { format!("{good} of {all} {done}") }
}

impl ResultDialog {
    /// Of this report.
    pub fn new(report: Box<ApplyReport>, ctx: &Ctx) -> Self {
        Self { report, shown: Shown::All, scroll: Scroll::default(), seen: Seen::from_now(ctx) }
    }

    /// What became of it.
    pub fn report(&self) -> &ApplyReport {
        &self.report
    }

    /// Which items are listed.
    pub fn shown(&self) -> Shown {
        self.shown
    }

    /// How far the list is scrolled.
    pub fn scroll(&self) -> Scroll {
        self.scroll
    }

    /// What it is about, and how it came out.
    pub fn title(&self) -> String {
        format!("{}: {}", self.report.title(), headline(&self.report))
    }

    /// How many can be tried again.
    pub fn to_retry(&self) -> usize {
        self.report.items.iter().filter(|item| item.result.is_trouble()).count()
    }

    /// How many came out how; always seen.
    pub fn counts(&self) -> Vec<Line> {
        let tally = self.report.tally();
        let counts = [
            (tally.done, Tone::Good, self.report.intent.done()),
            (tally.unchanged, Tone::Dim, "so already"),
            (tally.failed, Tone::Danger, "failed"),
            (tally.unknown, Tone::Warning, "unknown: no answer came"),
            (tally.not_started, Tone::Warning, "not begun"),
        ];
        let told = counts.into_iter().filter(|(n, _, _)| *n > 0);
        told.map(|(n, tone, what)| Line::new(tone, format!("{n} {what}"))).collect()
    }

    /// What is known beside them; always seen.
    pub fn remarks(&self) -> Vec<Line> {
        let mut lines = match &self.report.ended {
            Ended::Completed => Vec::new(),
            Ended::Stopped => vec![Line::new(Tone::Warning, "It was stopped.")],
            Ended::GaveUp(failure) => failure_lines("It stopped by itself", failure),
        };
        lines.extend(self.report.notes.iter().map(Line::from));
        let batch = &self.report.batch;
        let text = format!(
            "The journal has this as batch {batch}; its requests have ids that begin with req-{batch}."
        );
        lines.push(Line::new(Tone::Dim, text));
        lines
    }

    /// The items, what needs a look first; tokens that were gone already in one line.
    pub fn items(&self) -> Vec<Line> {
        let lines = self.report.shown().into_iter().filter_map(|row| match row {
            Row::Item(item) if self.shown == Shown::All || item.result.is_trouble() => Some(self.line(item)),
            Row::Folded(items) if self.shown == Shown::All => self.folded(&items),
            Row::Item(_) | Row::Folded(_) => None,
        });
        lines.collect()
    }

    /// The name column keeps the width that UUIDs of tokens need.
    fn folded(&self, items: &[&Item]) -> Option<Line> {
        let (first, last) = (items.first()?, items.last()?);
        let (tone, word, why, _) = told(&self.report.intent, first);
        let which = format!("{why}: {} … {}; each in the export", uuid(&first.target), uuid(&last.target));
        let tokens = count(items.len(), "token", "tokens");
        Some(Line::row(tone, [word.to_owned(), tokens, which, String::new()]))
    }

    fn line(&self, item: &Item) -> Line {
        let (name, more) = words::target(&item.target, &self.report.names);
        let (tone, word, why, request) = told(&self.report.intent, item);
        Line::row(tone, [word.to_owned(), name, if why.is_empty() { more } else { why }, request])
    }

    /// Takes a message.
    pub fn update(&mut self, message: Message, ctx: &Ctx) -> Reaction {
        let Message::Action(action) = message else { return Reaction::Ignored };
        if self.scroll.follow(action, ctx) == Moved::Yes {
            return Reaction::Stay(Vec::new());
        }
        match action {
            // That key was for the progress that was here a moment ago.
            Action::Back if !self.seen.is_settled(ctx) => Reaction::Stay(Vec::new()),
            Action::Back => Reaction::Close(Vec::new()),
            Action::ShowFailed => {
                self.shown = match self.shown {
                    Shown::All => Shown::Failed,
                    Shown::Failed => Shown::All,
                };
                self.scroll = Scroll::default();
                Reaction::Stay(Vec::new())
            }
            Action::RetryFailed => match self.report.retry() {
                Some(intent) => Reaction::GiveWay(Vec::new(), Next::Confirm(intent)),
                None => Reaction::Ignored,
            },
            Action::Export => Reaction::Stay(vec![Effect::Export(self.export())]),
            Action::CopyUuid | Action::CopySecret => {
                Reaction::Stay(vec![Effect::Copy(Clip::Text("the result", self.as_text()), Action::CopyUuid)])
            }
            _ => Reaction::Ignored,
        }
    }

    fn as_text(&self) -> String {
        let mut lines = vec![Line::heading(self.title())];
        lines.append(&mut self.counts());
        lines.append(&mut self.remarks());
        lines.extend(self.report.items.iter().map(|item| self.line(item)));
        lines.iter().map(Line::text).collect::<Vec<_>>().join("\n")
    }

    fn export(&self) -> Export {
        let rows = self.report.items.iter().map(|item| {
            let (name, more) = words::target(&item.target, &self.report.names);
            let (_, word, why, request) = told(&self.report.intent, item);
            vec![uuid(&item.target), name, more, word.to_owned(), why, request]
        });
        Export {
            name: "result",
            columns: vec!["uuid", "target", "about", "result", "reason", "request_id"],
            rows: rows.collect(),
        }
    }
}

fn uuid(target: &Target) -> String {
    match target {
        Target::User(uuid) => uuid.to_string(),
        Target::Token(uuid) => uuid.to_string(),
        Target::Link(uuid) => uuid.to_string(),
        Target::Login { user, .. } => user.to_string(),
    }
}

/// How an item came out: tone, word, why, request id.
fn told(intent: &Intent, Item { result, .. }: &Item) -> (Tone, &'static str, String, String) {
    let came = result.came();
    let tone = match came {
        Came::Done => Tone::Good,
        Came::Unchanged => Tone::Dim,
        Came::Failed => Tone::Danger,
        Came::Unknown | Came::NotStarted => Tone::Warning,
    };
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    (tone, came.word(intent.done()), text(result.why()), text(result.request_id()))
}
