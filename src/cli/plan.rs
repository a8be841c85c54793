//! A plan in print: for people before they answer, as data for a dry run.

use super::cell::columns;
use super::output::{Output, Record, aligned};
use super::records::RightRecord;
use crate::cli::args::Format;
use crate::cli::exit::Stop;
use crate::model::ids::{AnyUuid, UserUuid, VmUuid};
use crate::model::text::clean;
use crate::ops::plan::{Losses, Names, Note, Plan, TokenCount, Weight};
use crate::ops::requests::{Method, Request};
use crate::ops::step::{Risk, Target};
use crate::ops::words::{self, Identified};
use serde::Serialize;
use unicode_width::UnicodeWidthStr;

/// What a target is, in the API's words.
#[derive(Debug, Clone, Serialize)]
pub struct TargetRecord {
    /// Of the user, token or link; a login that is not there yet has none.
    pub uuid: Option<AnyUuid>,
    pub user_uuid: Option<UserUuid>,
    pub virtual_machine_uuid: Option<VmUuid>,
    /// What people call it.
    pub name: String,
}

impl TargetRecord {
    pub fn new(target: &Target, names: &Names) -> Self {
        let (uuid, virtual_machine_uuid) = match target {
            Target::User(user) => (Some((*user).into()), None),
            Target::Token(token) => (Some((*token).into()), None),
            Target::Link(link) => (Some((*link).into()), None),
            Target::Login { vm, .. } => (None, Some(*vm)),
        };
        Self {
            uuid,
            user_uuid: words::user_of(target, names),
            virtual_machine_uuid,
            // A token has no name but its owner's.
            name: clean(&match (target, words::user_of(target, names)) {
                (Target::Token(_), Some(owner)) => names.user(owner),
                (Target::Token(_), None) | (Target::User(_) | Target::Link(_) | Target::Login { .. }, _) => {
                    names.target(target)
                }
            }),
        }
    }

    /// The UUID that finds it.
    pub fn id(&self) -> String {
        match (self.uuid, self.user_uuid) {
            (Some(uuid), _) => uuid.to_string(),
            (None, Some(user)) => user.to_string(),
            (None, None) => String::new(),
        }
    }
}

#[derive(Serialize)]
struct PlanRecord {
    action: String,
    risk: &'static str,
    steps: Vec<StepRecord>,
    refused: Vec<ReasonRecord>,
    unchanged: Vec<ReasonRecord>,
    notes: Vec<NoteRecord>,
    /// What could be granted anew to a successor with --regrant.
    permissions: Vec<RightRecord>,
}

#[derive(Serialize)]
struct StepRecord {
    #[serde(flatten)]
    target: TargetRecord,
    change: String,
    losses: LossesRecord,
    calls: Vec<CallRecord>,
}

#[derive(Serialize)]
struct ReasonRecord {
    #[serde(flatten)]
    target: TargetRecord,
    reason: String,
}

#[derive(Serialize)]
struct NoteRecord {
    weight: &'static str,
    text: String,
}

#[derive(Serialize)]
struct LossesRecord {
    logins: usize,
    memberships: usize,
    permissions: usize,
    authorized_keys: usize,
    tokens: Option<usize>,
    /// How many of them have an end in the audit log that any user could have written.
    tokens_ended_by_log_alone: usize,
    signatures: usize,
    containers: usize,
    moved: usize,
}

impl From<&Losses> for LossesRecord {
    fn from(losses: &Losses) -> Self {
        Self {
            logins: losses.logins.len(),
            memberships: losses.memberships,
            permissions: losses.permissions,
            authorized_keys: losses.keys + losses.keys_of_others,
            tokens: match losses.tokens {
                TokenCount::NotCounted => None,
                TokenCount::AtMost(n) | TokenCount::Exactly(n) => Some(n + losses.doubtful_tokens),
            },
            tokens_ended_by_log_alone: losses.doubtful_tokens,
            signatures: losses.signatures,
            containers: losses.work,
            moved: losses.moved,
        }
    }
}

/// A request that would be sent.
#[derive(Clone, Serialize)]
struct CallRecord {
    target: String,
    method: Method,
    path: String,
    body: Option<String>,
    purpose: &'static str,
}

impl Record for CallRecord {
    const TITLES: &'static [&'static str] = Self::FIELDS;
    columns!(target, method, path, body, purpose);

    fn cells(&self) -> Vec<String> {
        vec![
            self.target.clone(),
            self.method.to_string(),
            self.path.clone(),
            self.body.clone().unwrap_or_default(),
            self.purpose.to_owned(),
        ]
    }
}

fn calls(plan: &Plan) -> Vec<Vec<CallRecord>> {
    let of_step = |(planned, calls): (&crate::ops::plan::Planned, Vec<Request>)| {
        let target = TargetRecord::new(&planned.step.target(), plan.names()).id();
        let record = |call: Request| CallRecord {
            target: target.clone(),
            method: call.method,
            path: clean(&call.path),
            body: call.body.as_deref().map(clean),
            purpose: call.purpose,
        };
        calls.into_iter().map(record).collect()
    };
    plan.steps().iter().zip(plan.requests()).map(of_step).collect()
}

/// The dry run: what would be done, with the exact calls.
pub fn print(plan: &Plan, output: &mut Output) -> Result<(), Stop> {
    match output.format() {
        Format::Jsonl | Format::Csv => {
            let calls: Vec<CallRecord> = calls(plan).into_iter().flatten().collect();
            output.all(&calls)
        }
        Format::Table | Format::Json => output.one(&record(plan), || with_calls(plan)),
    }
}

fn record(plan: &Plan) -> PlanRecord {
    let names = plan.names();
    let reason = |target: &Target, reason: &str| ReasonRecord {
        target: TargetRecord::new(target, names),
        reason: clean(reason),
    };
    PlanRecord {
        action: clean(&words::plan_title(plan)),
        risk: match plan.risk() {
            Risk::Harmless => "harmless",
            Risk::Reversible => "reversible",
            Risk::Lossy => "lossy",
            Risk::Final => "final",
        },
        steps: plan
            .steps()
            .iter()
            .zip(calls(plan))
            .map(|(planned, calls)| StepRecord {
                target: TargetRecord::new(&planned.step.target(), names),
                change: clean(&planned.step.says(names)),
                losses: LossesRecord::from(&planned.losses),
                calls,
            })
            .collect(),
        refused: plan.refused().iter().map(|r| reason(&r.target, &r.reason)).collect(),
        unchanged: plan.unchanged().iter().map(|u| reason(&u.target, &u.state)).collect(),
        notes: plan.notes().iter().map(|n| NoteRecord { weight: weight(n), text: clean(&n.text) }).collect(),
        permissions: plan.rights().iter().map(RightRecord::from).collect(),
    }
}

fn weight(note: &Note) -> &'static str {
    match note.weight {
        Weight::Info => "info",
        Weight::Warning => "warning",
        Weight::Danger => "danger",
    }
}

/// A note as a line: what may do harm is said to.
pub fn note_line(note: &Note) -> String {
    match note.weight {
        Weight::Info => note.text.clone(),
        Weight::Warning => format!("warning: {}", note.text),
        Weight::Danger => format!("DANGER: {}", note.text),
    }
}

/// What is to be read before answering.
pub fn text(plan: &Plan) -> String {
    let names = plan.names();
    let mut lines = vec![words::plan_title(plan)];
    let rows: Vec<Vec<String>> = plan
        .steps()
        .iter()
        .map(|planned| {
            let Identified { username, uuid, login, called } = Identified::of(&planned.step.target(), names);
            let lost = words::losses(&planned.losses);
            let lost = if lost.is_empty() { String::new() } else { format!("; loses {}", lost.join(", ")) };
            let login = login.map(|login| format!("{login}: ")).unwrap_or_default();
            vec![username, uuid, format!("{login}{}{lost}", planned.step.says(names)), called]
        })
        .collect();
    lines.extend(table(&rows));
    let total = words::losses(&plan.losses());
    if plan.steps().len() > 1 && !total.is_empty() {
        lines.push(format!("In all, deleted: {}", total.join(", ")));
    }
    lines.extend(set_aside(plan));
    lines.extend(plan.notes().iter().map(note_line));
    lines.join("\n")
}

/// What is left alone: refused, or as wanted already.
pub fn set_aside(plan: &Plan) -> Vec<String> {
    let left = |target: &Target, why: &str| {
        let identified = Identified::of(target, plan.names());
        let called = Some(&identified.called).filter(|called| !called.is_empty());
        let called = called.map(|called| format!("  ({called})")).unwrap_or_default();
        format!("  {}: {why}{called}", identified.in_line())
    };
    let mut lines = Vec::new();
    if !plan.refused().is_empty() {
        lines.push("Left alone, because it can't be done:".to_owned());
        lines.extend(plan.refused().iter().map(|r| left(&r.target, &r.reason)));
    }
    if !plan.unchanged().is_empty() {
        lines.push("As wanted already:".to_owned());
        lines.extend(plan.unchanged().iter().map(|u| left(&u.target, &u.state)));
    }
    lines
}

fn with_calls(plan: &Plan) -> String {
    let mut text = text(plan);
    if !plan.rights().is_empty() {
        text.push_str("\n\nCan be granted anew to the successor, with --regrant LINK_UUID:");
    }
    for right in plan.rights() {
        text.push_str(&format_args!("\n  {}  {}", right.link, right.description).to_string());
    }
    if !plan.steps().is_empty() {
        text.push_str("\n\nThe calls:");
    }
    for call in calls(plan).into_iter().flatten() {
        let body = call.body.map(|body| format!("  {body}")).unwrap_or_default();
        text.push_str("\n  ");
        text.push_str(
            &format_args!("{:<6} {}{body}  # {}", call.method, call.path, call.purpose).to_string(),
        );
    }
    text
}

/// Rows in columns, set in a little.
fn table(rows: &[Vec<String>]) -> Vec<String> {
    let mut widths = Vec::new();
    for row in rows {
        widths.resize(row.len().max(widths.len()), 0);
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.width().max(*width);
        }
    }
    rows.iter().map(|row| format!("  {}", aligned(row, &widths))).collect()
}
