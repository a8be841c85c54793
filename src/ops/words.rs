//! What plans and what is lost are called, on the screen and the command line alike.

pub use super::phrases::{ends, group_notes, has_end, idle_groups, project_name};
pub use super::plan::losses::{losses, losses_in_short};
pub use super::plan::names::{Identified, people, target, user_of};

use super::plan::Plan;
use super::plan::target::Target;

/// What a plan will do, as a title: only what is done is counted, not what is left alone.
pub fn plan_title(plan: &Plan) -> String {
    let targets: Vec<Target> = plan.steps().iter().map(|planned| planned.step.target()).collect();
    plan.intent().title_for(&targets.iter().collect::<Vec<_>>(), plan.names())
}

/// What a plan's targets are, of which a question asks the number.
pub fn targets(plan: &Plan) -> &'static str {
    match plan.steps().first().map(|planned| planned.step.target()) {
        Some(Target::Token(_)) => "tokens",
        Some(Target::Login { .. } | Target::Link(_)) => "logins",
        Some(Target::User(_)) | None => "users",
    }
}
