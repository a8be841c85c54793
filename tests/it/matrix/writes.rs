//! Every write, with every fault at every request that it makes.

use super::cases::{Case, Wanted};
use super::{FAULTS, KINDS, Problems, Truth, drive, is_write, refuses};
use crate::world::{World, confirmed, survey};
use arv_admin::arvados::request::{Method, Request};
use arv_admin::arvados::writer::{Mode, WriteAccess};
use arv_admin::demo::{Fault, Rule, Seen};
use arv_admin::ops::apply::{StopFlag, apply};
use arv_admin::ops::failure::{ErrorKind, Failure};
use arv_admin::ops::intent::{self, Intent};
use arv_admin::ops::plan::Plan;
use arv_admin::ops::report::{ApplyReport, ItemResult};
use serde_json::Value;
use std::collections::BTreeMap;

/// How long something stays wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum For {
    /// For one request.
    One,
    /// From then on.
    Good,
}

async fn carried_out(case: &Case, plan: Plan) -> ApplyReport {
    let leave = WriteAccess::for_mode(Mode::ReadWrite).unwrap();
    let plan = confirmed(plan, &case.cluster);
    apply(plan, &case.cluster, &leave, |_| {}, &StopFlag::default()).await
}

/// Which of the requests of an application are writes, when nothing goes wrong.
async fn requests_of(wanted: Wanted, base: &World) -> Vec<bool> {
    let world = base.another().await;
    let case = wanted.prepare(&world).await;
    let plan = Box::pin(survey(&case.cluster, case.intent.clone())).await;
    assert!(!plan.steps().is_empty(), "{wanted:?}: {plan:?}");
    world.demo.clear_requests();
    let report = Box::pin(carried_out(&case, plan)).await;
    let seen = world.demo.requests();
    let truth = Truth::of(&world).await;
    for item in &report.items {
        assert_eq!(item.result, ItemResult::Done, "{wanted:?}: {report:?}");
        assert!((case.is_done)(&truth, &item.target), "{wanted:?}: {:?} is not so", item.target);
    }
    assert_eq!(truth.helpers(), Vec::<&str>::new());
    seen.iter().map(is_write).collect()
}

/// Tries one thing with one fault at the `nth` request.
async fn try_one(wanted: Wanted, base: &World, fault: Fault, nth: u32, lasts: For) -> Problems {
    let mut problems = Problems::default();
    let name = format!("{wanted:?}, {fault:?} at request {nth}, for {lasts:?}");
    let world = base.another().await;
    let case = wanted.prepare(&world).await;
    let plan = Box::pin(survey(&case.cluster, case.intent.clone())).await;
    world.demo.clear_requests();
    let rule = Rule::new("*", fault).from_nth(nth);
    world.demo.faults().add(if lasts == For::One { rule.times(1) } else { rule });
    let report = drive(&world, fault, &name, Box::pin(carried_out(&case, plan))).await;
    let seen = world.demo.requests();
    world.demo.faults().clear();
    let truth = Truth::of(&world).await;
    let name = format!("{name}\n{report:?}\n{}", lines(&seen));

    problems.unless(sent_once(&seen), "a write went out twice", &name);
    for item in &report.items {
        let is_done = (case.is_done)(&truth, &item.target);
        match &item.result {
            ItemResult::Done | ItemResult::Unchanged(_) => {
                problems.unless(is_done, "claims that it is done", &name);
            }
            ItemResult::Failed(_) | ItemResult::NotStarted => {
                problems.unless(!is_done || wanted == Wanted::ListExactly, "hides that it is done", &name);
            }
            ItemResult::Unknown(_) => {
                problems.unless(!refuses(fault) || lasts == For::Good, "a refusal is no riddle", &name);
                // From the fault on: other targets' writes, and a helper's end, may come after the look.
                let since = usize::try_from(nth).unwrap() - 1;
                problems.unless(seen.iter().skip(since).any(|seen| !is_write(seen)), "did not look", &name);
            }
        }
    }
    let told: Vec<&str> = report.notes.iter().map(|note| note.text.as_str()).collect();
    for helper in truth.helpers() {
        let said = told.iter().any(|text| text.contains(helper) || text.contains("Perhaps a helper token"));
        problems.unless(said, "a helper token is left", &name);
    }
    Box::pin(again(wanted, &world, &case, &report, &truth, &name, &mut problems)).await;
    problems
}

/// What was not done is done by trying again, and what was done is not done again.
async fn again(
    wanted: Wanted,
    world: &World,
    case: &Case,
    report: &ApplyReport,
    before: &Truth,
    name: &str,
    problems: &mut Problems,
) {
    let all_done = report.items.iter().all(|item| (case.is_done)(before, &item.target));
    let Some(intent) = report.retry() else {
        return problems.unless(all_done, "nothing to try again, though not done", name);
    };
    world.demo.clear_requests();
    let plan = Box::pin(survey(&case.cluster, intent)).await;
    let makes_anew = matches!(
        wanted,
        Wanted::IssueToken | Wanted::ListExactly | Wanted::RevokeAll | Wanted::RevokeAllAsRoot
    );
    if !plan.steps().is_empty() {
        let report = Box::pin(carried_out(case, plan)).await;
        for item in &report.items {
            // That it is gone is not for a helper to say: it does not find it.
            let not_found = |failure: &Failure| failure.kind == ErrorKind::NotFound;
            let fine = match &item.result {
                ItemResult::Done | ItemResult::Unchanged(_) => true,
                ItemResult::Failed(failure) => not_found(failure) && (case.is_done)(before, &item.target),
                ItemResult::Unknown(_) | ItemResult::NotStarted => false,
            };
            problems.unless(fine, &format!("the second time: {report:?}\nafter"), name);
        }
    }
    // How a token is that is gone, or ends as asked, by the log is looked up with a helper: no repetition.
    let of_helpers = |seen: &Seen| {
        let (Intent::RevokeTokens(intent::RevokeTokens { tokens, .. })
        | Intent::ChangeExpiry(intent::ChangeExpiry { tokens, .. })) = &case.intent
        else {
            return false;
        };
        tokens.iter().all(|token| !seen.path.ends_with(token.as_str()))
    };
    if all_done && !makes_anew {
        let again = world.demo.requests().iter().any(|seen| is_write(seen) && !of_helpers(seen));
        problems.unless(!again, "is done again", name);
    }
    let truth = Truth::of(world).await;
    for item in &report.items {
        let is_done = (case.is_done)(&truth, &item.target);
        problems.unless(is_done, "not done by trying again", name);
    }
    let new_helpers = truth.helpers().into_iter().any(|helper| !before.helpers().contains(&helper));
    problems.unless(!new_helpers, "a helper token is left by trying again", name);
}

/// Whether no write went out twice.
fn sent_once(seen: &[Seen]) -> bool {
    let mut sent: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for write in seen.iter().filter(|seen| is_write(seen)) {
        *sent.entry((&write.method, &write.path, &write.body)).or_default() += 1;
    }
    sent.values().all(|times| *times == 1)
}

fn lines(seen: &[Seen]) -> String {
    let line = |seen: &Seen| {
        let status = seen.status.map_or_else(|| "-".to_owned(), |status| status.to_string());
        format!(
            "  {status} {} {} {}",
            seen.method,
            seen.path,
            seen.body.chars().take(120).collect::<String>()
        )
    };
    seen.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Tries each of these with every fault at every request.
async fn try_all(all: &[Wanted]) {
    let base = World::empty().await;
    let mut problems = Problems::default();
    for wanted in all {
        let requests = Box::pin(requests_of(*wanted, &base)).await;
        let first_write = requests.iter().position(|is_write| *is_write).unwrap();
        for fault in FAULTS {
            for (at, is_write) in requests.iter().enumerate() {
                let nth = u32::try_from(at + 1).unwrap();
                if *is_write {
                    problems.add(Box::pin(try_one(*wanted, &base, fault, nth, For::One)).await);
                }
                // Reads before the first write are the same as in a survey.
                if *is_write || at > first_write && KINDS.contains(&fault) {
                    problems.add(Box::pin(try_one(*wanted, &base, fault, nth, For::Good)).await);
                }
            }
        }
    }
    problems.assert_none();
}

#[tokio::test]
async fn accounts() {
    try_all(Wanted::ACCOUNTS).await;
}

#[tokio::test]
async fn handovers() {
    try_all(Wanted::HANDOVERS).await;
}

#[tokio::test]
async fn tokens() {
    try_all(Wanted::TOKENS).await;
}

#[tokio::test]
async fn logins() {
    try_all(Wanted::LOGINS).await;
}

/// Whether what was sent is what was shown; what is in angle brackets could not be known before.
fn is_like(shown: &Value, sent: &Value) -> bool {
    match (shown, sent) {
        (Value::String(shown), _) if shown.starts_with('<') => true,
        (Value::Object(shown), Value::Object(sent)) => {
            shown.len() == sent.len()
                && shown.iter().all(|(key, shown)| sent.get(key).is_some_and(|sent| is_like(shown, sent)))
        }
        (Value::Array(shown), Value::Array(sent)) => {
            shown.len() == sent.len() && shown.iter().zip(sent).all(|(shown, sent)| is_like(shown, sent))
        }
        _ => shown == sent,
    }
}

fn is_call(shown: &Request, sent: &Seen) -> bool {
    let same_path = match shown.path.split_once('<') {
        Some((before, _)) => sent.path.starts_with(before),
        None => sent.path == shown.path,
    };
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or(Value::Null);
    let body = shown.body.as_deref().map_or(Value::Null, json);
    shown.method.as_str() == sent.method && same_path && is_like(&body, &json(&sent.body))
}

#[tokio::test]
async fn what_a_dry_run_shows_is_what_is_sent() {
    let base = World::empty().await;
    for wanted in [Wanted::ACCOUNTS, Wanted::HANDOVERS, Wanted::TOKENS, Wanted::LOGINS].concat() {
        let world = base.another().await;
        let case = wanted.prepare(&world).await;
        // A property that nobody here knows is kept, and that shows.
        world.demo.with_store(|store| {
            for link in store.links.iter().cloned().collect::<Vec<_>>() {
                if link.name == "can_login" {
                    let mut link = (*link).clone();
                    link.properties.insert("note".to_owned(), "kept".into());
                    store.put(link);
                }
            }
        });
        let plan = Box::pin(survey(&case.cluster, case.intent.clone())).await;
        let shown: Vec<Request> = plan.requests().into_iter().flatten().collect();
        let shown: Vec<Request> = shown.into_iter().filter(|call| call.method != Method::Get).collect();
        world.demo.clear_requests();
        Box::pin(carried_out(&case, plan)).await;
        let sent = world.writes();
        for sent in &sent {
            let found = shown.iter().any(|shown| is_call(shown, sent));
            assert!(found, "{wanted:?} sends {sent:?}, and shows {shown:#?}");
        }
        let helpers = |paths: &[(&str, &str)]| {
            paths
                .iter()
                .filter(|(method, path)| *method == "POST" && path.ends_with("/api_client_authorizations"))
                .count()
        };
        let of_shown: Vec<(&str, &str)> =
            shown.iter().map(|call| (call.method.as_str(), call.path.as_str())).collect();
        let of_sent: Vec<(&str, &str)> =
            sent.iter().map(|seen| (seen.method.as_str(), seen.path.as_str())).collect();
        assert_eq!(helpers(&of_shown), helpers(&of_sent), "{wanted:?}: as many tokens are made as shown");
        for shown in &shown {
            let found = sent.iter().any(|sent| is_call(shown, sent));
            assert!(found, "{wanted:?} shows {shown:?}, and sends {sent:#?}");
        }
    }
}
