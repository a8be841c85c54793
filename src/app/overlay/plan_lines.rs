//! What is shown of a plan: what is done to whom, what it costs, the exact calls.

use super::line::{Line, Tone};
use crate::app::effect::Export;
use crate::model::text::{count, named};
use crate::ops::plan::{Plan, Planned};
use crate::ops::step::Target;
use crate::ops::words;

/// The steps, those that can't be seen first.
fn ordered<'a>(plan: &'a Plan, is_hidden: &dyn Fn(&Target) -> bool) -> (Vec<&'a Planned>, Vec<&'a Planned>) {
    plan.steps().iter().partition(|planned| is_hidden(&planned.step.target()))
}

/// What is done to whom, in a row each; those that can't be seen first.
pub fn summary(plan: &Plan, is_hidden: &dyn Fn(&Target) -> bool) -> Vec<Line> {
    let names = plan.names();
    let mut lines = Vec::new();
    let (hidden, seen) = ordered(plan, is_hidden);
    let row = |planned: &&Planned| {
        let (name, more) = words::target(&planned.step.target(), names);
        let lost = words::losses_in_short(&planned.losses);
        let what = if lost.is_empty() { planned.step.says(names) } else { lost };
        Line::row(Tone::Plain, [name, more, what])
    };
    if !hidden.is_empty() {
        let all = seen.is_empty();
        lines.push(Line::new(Tone::Warning, hidden_words(hidden.len(), all)));
        lines.extend(hidden.iter().map(row));
        if !all {
            lines.push(Line::dim("and, to be seen in the list:"));
        }
    }
    if let ([], [only]) = (hidden.as_slice(), seen.as_slice()) {
        // The title has the name already.
        let (name, more) = match only.step.target() {
            Target::User(user) => (user.to_string(), words::target(&Target::User(user), names).1),
            other => words::target(&other, names),
        };
        lines.push(Line::row(Tone::Dim, [name, more]));
        lines.push(Line::plain(only.step.says(names)));
    } else {
        lines.extend(seen.iter().map(row));
    }
    if !plan.refused().is_empty() {
        let n = plan.refused().len();
        lines.push(Line::heading(format!("Left alone, because it can't be done ({n}):")));
        lines.extend(plan.refused().iter().map(|refusal| {
            let (name, _) = words::target(&refusal.target, names);
            Line::row(Tone::Warning, [name, refusal.reason.clone()])
        }));
    }
    if !plan.unchanged().is_empty() {
        let n = plan.unchanged().len();
        lines.push(Line::heading(format!("As wanted already ({n}):")));
        lines.extend(plan.unchanged().iter().map(|unchanged| {
            let (name, _) = words::target(&unchanged.target, names);
            Line::row(Tone::Dim, [name, unchanged.state.clone()])
        }));
    }
    lines
}

/// What each target loses.
pub fn details(plan: &Plan, is_hidden: &dyn Fn(&Target) -> bool) -> Vec<Line> {
    let names = plan.names();
    let (hidden, seen) = ordered(plan, is_hidden);
    let mut lines = Vec::new();
    for planned in hidden.into_iter().chain(seen) {
        let (name, more) = words::target(&planned.step.target(), names);
        lines.push(Line::heading(format!("{name}  {more}")));
        lines.push(Line::plain(planned.step.says(names)));
        for (vm, login_name) in &planned.losses.logins {
            lines.push(Line::plain(format!("loses the login {} on {}", named(login_name), names.vm(*vm))));
        }
        let mut others = planned.losses.clone();
        others.logins.clear();
        let others = words::losses(&others);
        if !others.is_empty() {
            lines.push(Line::plain(format!("loses {}", others.join(", "))));
        }
        if planned.losses.moved > 0 {
            lines.push(Line::plain(format!("{} change hands", planned.losses.moved)));
        }
        if planned.losses.work > 0 {
            lines.push(Line::new(Tone::Warning, work(planned.losses.work)));
        }
    }
    lines
}

/// What is lost, and the notes, the worst first.
pub fn costs(plan: &Plan) -> Vec<Line> {
    let mut lines = Vec::new();
    let losses = plan.losses();
    let lost = words::losses(&losses);
    if !lost.is_empty() {
        lines.push(Line::new(Tone::Danger, format!("Deleted: {}.", lost.join(", "))));
    }
    if losses.moved > 0 {
        let moved = count(losses.moved, "thing changes", "things change");
        lines.push(Line::new(Tone::Danger, format!("{moved} hands, trash included.")));
    }
    // What becomes of running work stands in the notes.
    let mut notes: Vec<_> = plan.notes().iter().collect();
    notes.sort_by_key(|note| std::cmp::Reverse(note.weight));
    lines.extend(notes.into_iter().map(Line::from));
    lines
}

fn hidden_words(hidden: usize, all: bool) -> String {
    match (hidden, all) {
        (1, true) => "Hidden by the filter:".to_owned(),
        (n, true) => format!("All {n} are hidden by the filter:"),
        (1, false) => "1 of them is hidden by the filter:".to_owned(),
        (n, false) => format!("{n} of them are hidden by the filter:"),
    }
}

fn work(containers: usize) -> String {
    let containers = count(containers, "container is", "containers are");
    format!("{containers} queued or running: without its token that work breaks.")
}

/// The plan, to be shown to somebody else before it is applied.
pub fn export(plan: &Plan) -> Export {
    let names = plan.names();
    let steps = plan.steps().iter().zip(plan.requests()).map(|(planned, calls)| {
        let (name, about) = words::target(&planned.step.target(), names);
        let calls: Vec<String> = calls.iter().map(|call| format!("{} {}", call.method, call.path)).collect();
        let lost = words::losses(&planned.losses).join(", ");
        vec![name, about, planned.step.says(names), lost, calls.join("; ")]
    });
    let rest = |target: &Target, what: String| {
        let (name, about) = words::target(target, names);
        vec![name, about, what, String::new(), String::new()]
    };
    let refused = plan.refused().iter().map(|r| rest(&r.target, format!("left alone: {}", r.reason)));
    let unchanged = plan.unchanged().iter().map(|u| rest(&u.target, u.state.clone()));
    Export {
        name: "plan",
        columns: vec!["target", "about", "change", "lost", "calls"],
        rows: steps.chain(refused).chain(unchanged).collect(),
    }
}

/// The exact API calls.
pub fn calls(plan: &Plan) -> Vec<Line> {
    let mut lines = Vec::new();
    for (planned, calls) in plan.steps().iter().zip(plan.requests()) {
        let (name, _) = words::target(&planned.step.target(), plan.names());
        lines.push(Line::heading(name));
        for call in calls {
            lines.push(Line::plain(format!("{} {}", call.method, call.path)));
            lines.extend(call.body.map(|body| Line::plain(format!("  {body}"))));
            lines.push(Line::dim(format!("  {}", call.purpose)));
        }
    }
    lines
}
