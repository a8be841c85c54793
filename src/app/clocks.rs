//! Whether it was said that the clock of this computer is not the cluster's: once, when it is seen first.

use crate::app::ctx::Ctx;
use crate::app::notices::{Notice, Tone};
use crate::app::state::State;
use crate::model::when::{ENDS_BY_THE_CLUSTERS, clocks_apart};

/// What was said of the clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Clocks {
    /// Nothing.
    #[default]
    Unsaid,
    /// That they differ.
    Said,
}

impl State {
    /// Says that the clocks differ, once they are seen to.
    pub(super) fn compare_clocks(&mut self, ctx: &Ctx) {
        if self.clocks == Clocks::Unsaid
            && let Some(text) = clocks_apart(ctx.now, ctx.server_now)
        {
            self.clocks = Clocks::Said;
            let advice = Some(ENDS_BY_THE_CLUSTERS);
            self.notices.stay(Notice { at: ctx.now, tone: Tone::Warning, text, advice, request_id: None });
        }
    }
}
