//! Helper tokens: an admin sees another user's tokens only with a token of that user (api.md v3, v4).

use super::bench::Bench;
use crate::ops::plan::Planned;
use crate::ops::step::Step;

/// The helper tokens of one application.
#[derive(Debug, Default)]
pub(super) struct Helpers {}

impl Helpers {
    pub(super) fn for_steps(_steps: &[Planned]) -> Self {
        Self {}
    }

    pub(super) async fn step_done(&self, _bench: &Bench<'_>, _step: &Step) {}

    pub(super) async fn give_all_back(&self, _bench: &Bench<'_>) {}
}
