//! What became of a change: a row for each target on standard output, what remains on standard error,
//! and the exit code.

use super::args::Format;
use super::cell::columns;
use super::exit::{Exit, describe};
use super::output::{Record, say};
use super::plan::{TargetRecord, note_line};
use crate::model::ids::{AnyUuid, UserUuid, VmUuid};
use crate::model::text::{clean, count};
use crate::ops::failure::ErrorKind;
use crate::ops::plan::Plan;
use crate::ops::report::{ApplyReport, Ended, Item, ItemResult, Shown, Tally};
use crate::ops::words::Identified;
use serde::Serialize;

/// What became of one target.
#[derive(Debug, Clone, Serialize)]
pub struct ResultRecord {
    /// `done`, `unchanged`, `refused`, `failed`, `unknown` or `not_started`.
    pub result: &'static str,
    pub uuid: Option<AnyUuid>,
    pub user_uuid: Option<UserUuid>,
    pub virtual_machine_uuid: Option<VmUuid>,
    pub name: String,
    /// How it is, or why it was not done.
    pub detail: Option<String>,
    pub request_id: Option<String>,
    /// Names the change in the journal; the ids of all its requests begin with `req-` and this.
    pub batch: Option<String>,
    /// In a table, how many targets the row is for, if not for one.
    #[serde(skip)]
    pub stands_for: Option<usize>,
}

impl ResultRecord {
    fn new(result: &'static str, target: TargetRecord, detail: Option<&str>) -> Self {
        Self {
            result,
            uuid: target.uuid,
            user_uuid: target.user_uuid,
            virtual_machine_uuid: target.virtual_machine_uuid,
            name: target.name,
            detail: detail.map(clean),
            request_id: None,
            batch: None,
            stands_for: None,
        }
    }

    /// A row for many that came out alike.
    fn of_all(items: &[&Item], report: &ApplyReport) -> Option<Self> {
        let row = Self::of_item(items.first()?, report);
        let last = Self::of_item(items.last()?, report);
        let why = row.detail.clone().unwrap_or_default();
        let which = format!("{why}: {} … {}; each with --format json or csv", row.id(), last.id());
        Some(Self { stands_for: Some(items.len()), detail: Some(which), ..row })
    }

    fn of_item(item: &Item, report: &ApplyReport) -> Self {
        let target = TargetRecord::new(&item.target, &report.names);
        let detail = match &item.result {
            ItemResult::Failed(failure) => Some(format!("{}; {}", failure.reason, failure.advice)),
            result => result.why().map(str::to_owned),
        };
        Self {
            request_id: item.result.request_id().map(str::to_owned),
            batch: Some(report.batch.clone()),
            ..Self::new(item.result.came().key(), target, detail.as_deref())
        }
    }

    /// What stands in a table as its UUID.
    fn which(&self) -> String {
        self.stands_for.map_or_else(|| self.id(), |many| count(many, "token", "tokens"))
    }

    fn id(&self) -> String {
        let user = self.user_uuid.map(|user| user.to_string());
        self.uuid.map(|uuid| uuid.to_string()).or(user).unwrap_or_default()
    }
}

impl Record for ResultRecord {
    const TITLES: &'static [&'static str] = &["RESULT", "UUID", "NAME", "DETAIL", "REQUEST"];
    columns!(result, uuid, user_uuid, virtual_machine_uuid, name, detail, request_id, batch);

    fn cells(&self) -> Vec<String> {
        vec![
            self.result.to_owned(),
            self.which(),
            self.name.clone(),
            self.detail.clone().unwrap_or_default(),
            self.request_id.clone().unwrap_or_default(),
        ]
    }
}

/// What a plan leaves alone.
pub fn set_aside(plan: &Plan) -> Vec<ResultRecord> {
    let record = |result, target, why: &str| {
        ResultRecord::new(result, TargetRecord::new(target, plan.names()), Some(why))
    };
    let refused = plan.refused().iter().map(|r| record("refused", &r.target, &r.reason));
    let unchanged = plan.unchanged().iter().map(|u| record("unchanged", &u.target, &u.state));
    refused.chain(unchanged).collect()
}

/// What was applied: for programs each target, for people what needs a look first, and tokens that were gone
/// already in one row.
pub fn applied(report: &ApplyReport, format: Format) -> Vec<ResultRecord> {
    let each = |item| ResultRecord::of_item(item, report);
    match format {
        Format::Json | Format::Jsonl | Format::Csv => report.items.iter().map(each).collect(),
        Format::Table => {
            let row = |shown| match shown {
                Shown::Item(item) => Some(each(item)),
                Shown::Folded(items) => ResultRecord::of_all(&items, report),
            };
            report.shown().into_iter().filter_map(row).collect()
        }
    }
}

/// What people should know afterwards.
pub fn say_afterwards(report: &ApplyReport) {
    let tally = report.tally();
    match &report.ended {
        Ended::Completed => {}
        Ended::Stopped => say("stopped as asked, after the steps under way"),
        Ended::GaveUp(failure) => {
            say(&format!("stopped, the rest would fail likewise: {}", describe(failure)));
        }
    }
    for item in &report.items {
        let name = Identified::of(&item.target, &report.names).in_line();
        match &item.result {
            ItemResult::Failed(failure) => say(&format!("failed: {name}: {}", describe(failure))),
            ItemResult::Unknown(unclear) => {
                let id = unclear.request_id.as_ref().map(|id| format!(" ({id})")).unwrap_or_default();
                say(&format!("unknown: {name}: {}{id}", unclear.seen));
            }
            ItemResult::Done | ItemResult::Unchanged(_) | ItemResult::NotStarted => {}
        }
    }
    for note in &report.notes {
        say(&note_line(note));
    }
    say(&format!("{}; batch {}", summary(tally), report.batch));
}

/// `139 done, 1 failed, 1 unknown`
pub fn summary(tally: Tally) -> String {
    let Tally { done, unchanged, failed, unknown, not_started } = tally;
    let others =
        [(unchanged, "unchanged"), (failed, "failed"), (unknown, "unknown"), (not_started, "not started")];
    let others = others.iter().filter(|(n, _)| *n > 0).map(|(n, word)| format!(", {n} {word}"));
    format!("{done} done{}", others.collect::<String>())
}

/// The exit code of a change: of what was applied, and of what had to be left alone.
pub fn exit(refused: usize, unchanged: usize, report: Option<&ApplyReport>) -> Exit {
    let tally = report.map(ApplyReport::tally).unwrap_or_default();
    let good = tally.done + tally.unchanged + unchanged;
    let bad = tally.failed + tally.unknown + tally.not_started;
    if bad == 0 && refused == 0 {
        Exit::Done
    } else if good > 0 {
        Exit::Partly
    } else if bad == 0 || report.is_some_and(only_forbidden) {
        Exit::NotPermitted
    } else {
        Exit::Failed
    }
}

fn only_forbidden(report: &ApplyReport) -> bool {
    report.items.iter().all(|item| match &item.result {
        ItemResult::Failed(failure) => {
            matches!(failure.kind, ErrorKind::Forbidden | ErrorKind::NotAuthorised)
        }
        ItemResult::NotStarted => true,
        ItemResult::Done | ItemResult::Unchanged(_) | ItemResult::Unknown(_) => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::failure::Failure;
    use crate::ops::intent::{self, Intent};
    use crate::ops::report::Unclear;
    use crate::ops::step::Target;

    fn report(results: Vec<ItemResult>) -> ApplyReport {
        let target = Target::User("zzzzz-tpzed-000000000000001".parse().expect("a user"));
        ApplyReport {
            intent: Intent::Activate(intent::Activate { users: Vec::new() }),
            batch: String::new(),
            items: results.into_iter().map(|result| Item { target: target.clone(), result }).collect(),
            notes: Vec::new(),
            ended: Ended::Completed,
            names: crate::ops::plan::Names::default(),
            brought: None,
        }
    }

    fn failed(kind: ErrorKind) -> ItemResult {
        ItemResult::Failed(Failure::plain(kind, "", ""))
    }

    #[test]
    fn the_exit_code_says_whether_all_some_or_none_was_done() {
        let code = |results| exit(0, 0, Some(&report(results)));
        assert_eq!(code(vec![ItemResult::Done, ItemResult::Unchanged(String::new())]), Exit::Done);
        assert_eq!(code(vec![ItemResult::Done, failed(ErrorKind::Invalid)]), Exit::Partly);
        assert_eq!(code(vec![ItemResult::Done, ItemResult::NotStarted]), Exit::Partly);
        assert_eq!(code(vec![failed(ErrorKind::Invalid)]), Exit::Failed);
        assert_eq!(
            code(vec![ItemResult::Unknown(Unclear { seen: String::new(), request_id: None })]),
            Exit::Failed
        );
        assert_eq!(code(vec![failed(ErrorKind::Forbidden)]), Exit::NotPermitted);
        assert_eq!(exit(1, 0, None), Exit::NotPermitted);
        assert_eq!(exit(0, 1, None), Exit::Done);
        assert_eq!(exit(1, 1, None), Exit::Partly);
        assert_eq!(exit(1, 0, Some(&report(vec![ItemResult::Done]))), Exit::Partly);
    }
}
