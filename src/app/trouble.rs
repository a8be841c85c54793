//! Why there is no cluster to show.

use crate::app::launch::Place;
use crate::app::world::Stage;
use crate::app::world::World;
pub use crate::ops::connecting::Trouble;

impl World {
    /// Why the cluster does not answer, if it was asked and does not.
    pub fn trouble(&self) -> Option<Trouble> {
        let Stage::Unreachable(failure) = self.stage() else { return None };
        let host = match &self.launch.place {
            Place::Host(host) | Place::Demo(host) => host.as_str(),
            Place::NotConfigured(_) => "the cluster",
        };
        Some(Trouble::of(failure, host))
    }
}

#[cfg(test)]
mod tests {
    use crate::app::state::State;
    use crate::app::testing::{ctx, failure, launch};
    use crate::app::update::{start, update};
    use crate::ops::failure::ErrorKind;

    #[test]
    fn a_cluster_that_does_not_answer_is_named() {
        let mut state = State::new(launch());
        start(&mut state);
        let task = state.world.session.awaiting().expect("who am I is asked");
        assert_eq!(state.world.trouble(), None);
        let outcome = Err(failure(ErrorKind::Unreachable));
        update(&mut state, crate::app::message::Message::Answered { task, outcome }, &ctx());
        assert_eq!(
            state.world.trouble().expect("there is no cluster").title,
            "institute.example can't be reached."
        );
    }
}
