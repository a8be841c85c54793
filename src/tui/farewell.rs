//! What is still to be said when the screen is gone: changes that were under way when the program had to
//! end, and what is known of them.

use super::executor::Change;
use crate::ops::report::{ApplyReport, ItemResult, Product};
use std::fmt::Write;
use std::path::Path;

/// What is still to be said.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Farewell {
    lines: Vec<String>,
    known: Known,
}

/// Whether it is known what became of everything.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is.
    #[default]
    All,
    /// Of something it is not.
    NotAll,
}

impl Farewell {
    /// A change ended while the program was ending.
    pub(super) fn ended(&mut self, report: &ApplyReport) {
        let tally = report.tally();
        let parts: Vec<String> = [
            (tally.done, "done"),
            (tally.unchanged, "so already"),
            (tally.failed, "failed"),
            (tally.unknown, "unknown"),
            (tally.not_started, "not begun"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
        self.lines.push(format!("{}: {}.", report.title(), parts.join(", ")));
        for item in &report.items {
            if matches!(item.result, ItemResult::Unknown(_)) {
                self.lines.push(format!("  unknown: {}", report.names.target(&item.target)));
                self.known = Known::NotAll;
            }
        }
        if let Some(Product::Token(issued)) = &report.brought {
            // Its secret went with the screen, on which nobody saw it.
            self.lines
                .push(format!("  token {} was issued, but nobody saw it: revoke it.", issued.token.uuid));
        }
    }

    /// Changes that did not end in time.
    pub(super) fn gave_up_waiting<'a>(&mut self, changes: impl Iterator<Item = &'a Change>) {
        let mut waiting = false;
        for change in changes {
            waiting = true;
            self.known = Known::NotAll;
            self.lines.push(format!(
                "{}: {} seen finished; no answer came for what was under way, so whether that was done is unknown.",
                change.title, change.finished
            ));
        }
        if waiting {
            // Nobody is left to delete it.
            self.lines.push(
                "  If this was about other users' tokens, a helper token for each may live on for 15 minutes."
                    .to_owned(),
            );
        }
    }

    /// Whether it is known what became of everything.
    pub fn known(&self) -> Known {
        self.known
    }

    /// What to say, with the place of the journal; nothing where nothing was under way.
    pub fn text(&self, journal: Option<&Path>) -> Option<String> {
        if self.lines.is_empty() {
            return None;
        }
        let mut text = format!("Changes were under way:\n{}\n", self.lines.join("\n"));
        if let Some(path) = journal {
            // Writing to a string does not fail.
            let _ = writeln!(text, "The journal has the details: {}", path.display());
        }
        Some(text)
    }
}
