//! Whether it was said that the clock of this computer is not the cluster's: once, when it is seen first.

use crate::app::ctx::Ctx;
use crate::app::notices::{Notice, Notices, Tone};
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

impl Clocks {
    /// Says that the clocks differ, once they are seen to.
    pub(super) fn compare(&mut self, notices: &mut Notices, ctx: &Ctx) {
        if *self == Self::Unsaid
            && let Some(text) = clocks_apart(ctx.now, ctx.server_now)
        {
            *self = Self::Said;
            let advice = Some(ENDS_BY_THE_CLUSTERS);
            notices.stay(Notice { at: ctx.now, tone: Tone::Warning, text, advice, request_id: None });
        }
    }
}
