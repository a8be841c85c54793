//! Every read, the surveys of every change among them, with every fault at every request that it makes.

use super::cases::Wanted;
use super::{FAULTS, Problems, drive, is_write};
use crate::world::World;
use arv_admin::arvados::error::{Error, ErrorKind};
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::user_page::{Federation, UserPage};
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::find_token::Given;
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::secret::Secret;
use serde_json::json;

/// What a read gave, without when it was.
fn shown(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Surveyed(plan) => format!(
            "{:?} {:?} {:?} {:?} {:?}",
            plan.steps(),
            plan.refused(),
            plan.unchanged(),
            plan.notes(),
            plan.names()
        ),
        outcome => format!("{outcome:?}"),
    }
}

/// Whether it is a plan of the same steps: what could not be had of it is the name of somebody or something, which
/// has its UUID then.
fn has_steps_of(shown: &str, clean: &str) -> bool {
    let steps = |text: &str| text.split_once("] [").map(|(steps, _)| steps.to_owned());
    shown.starts_with("[Planned ") && steps(shown) == steps(clean)
}

/// How it is said of a part of what is shown, or of what is only counted, that it could not be had.
const NOT_KNOWN: [&str; 7] = [
    "NotKnown(",
    "Not counted: ",
    "Not known: ",
    "is not known",
    "could not be counted",
    "could not be looked up",
    "can't be listed (",
];

/// What an error of this fault is called.
fn kinds(fault: Fault) -> &'static [ErrorKind] {
    match fault {
        Fault::Latency { .. } | Fault::Pretence => &[],
        Fault::Unauthorized => &[ErrorKind::NotAuthorised],
        Fault::Forbidden => &[ErrorKind::Forbidden],
        Fault::NotFound => &[ErrorKind::NotFound],
        Fault::TooManyRequests { .. } | Fault::Unavailable => &[ErrorKind::Busy],
        Fault::ServerError => &[ErrorKind::Server],
        Fault::HtmlBody => &[ErrorKind::WebPage],
        Fault::Stall | Fault::ResetBefore | Fault::ResetAfter | Fault::TruncatedBody => {
            &[ErrorKind::Unreachable]
        }
    }
}

/// Reads it with every fault at every request, for one request and from then on: what comes is what comes
/// without the fault, or an error that says what is wrong; nothing is changed by it; and when the fault is
/// gone it comes as ever.
async fn try_all(
    world: &World,
    cluster: &Cluster,
    read: &Read,
    may_answer: impl Fn(Fault, &str) -> bool,
) -> Problems {
    let mut problems = Problems::default();
    world.demo.clear_requests();
    let clean = shown(&Box::pin(read.clone().run(cluster)).await.unwrap());
    let requests = u32::try_from(world.demo.requests().len()).unwrap();
    for fault in FAULTS {
        for nth in 1..=requests {
            for times in [Some(1), None] {
                let name = format!("{read:?}, {fault:?} at {nth} of {requests}, {times:?} times");
                let rule = Rule::new("*", fault).from_nth(nth);
                world.demo.clear_requests();
                world.demo.faults().add(if let Some(times) = times { rule.times(times) } else { rule });
                let got = drive(world, fault, &name, Box::pin(read.clone().run(cluster))).await;
                world.demo.faults().clear();
                let seen = world.demo.requests();
                problems.unless(!seen.iter().any(is_write), "writes", &name);
                check(&mut problems, &name, fault, times, &clean, got, &may_answer);
            }
        }
        let after = shown(&Box::pin(read.clone().run(cluster)).await.unwrap());
        problems.unless(after == clean, "remains", &format!("{read:?}, {fault:?}"));
    }
    problems
}

fn check(
    problems: &mut Problems,
    name: &str,
    fault: Fault,
    times: Option<u32>,
    clean: &str,
    got: Result<Outcome, Error>,
    may_answer: &impl Fn(Fault, &str) -> bool,
) {
    let repeated = matches!(
        fault,
        Fault::TooManyRequests { .. }
            | Fault::ServerError
            | Fault::Unavailable
            | Fault::ResetBefore
            | Fault::ResetAfter
            | Fault::TruncatedBody
            | Fault::Latency { .. }
    );
    match got {
        Ok(outcome) => {
            let shown = shown(&outcome);
            // A list that the server can't give stops nothing that only counts or shows it: that is said.
            let without = fault == Fault::ServerError
                && times.is_none()
                && ["could not be", "can't list", "can't be listed", "Not counted: "]
                    .iter()
                    .any(|said| shown.contains(said));
            // So does what it may not give, has not, or does not give in time: of its own part alone.
            let in_part =
                matches!(fault, Fault::ServerError | Fault::Forbidden | Fault::NotFound | Fault::Stall)
                    && (fault != Fault::ServerError || times.is_none())
                    && (NOT_KNOWN.iter().any(|said| shown.contains(said)) || has_steps_of(&shown, clean));
            let fine = shown == clean || without || in_part || may_answer(fault, &shown);
            problems.unless(fine, &format!("gave {shown}\nnot {clean}"), name);
        }
        Err(error) => {
            problems.unless(!repeated || times.is_none(), &format!("not tried again, {error:?}"), name);
            problems.unless(kinds(fault).contains(&error.kind()), &format!("gave {error:?}"), name);
        }
    }
}

#[tokio::test]
async fn what_is_shown() {
    let world = World::empty().await;
    let admin = world.admin().await;
    let rosa = world.user("rosa").await;
    let vm = world.vm("shell.example").await;
    world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": ["docker"] })).await;
    let role = world.role("lab").await;
    world.link(rosa, "can_read", role, json!({})).await;
    let held = world.token(rosa).await;
    let page = UserPage { after: None, until: None, limit: 100, federation: Federation::Ask, so_far: 0 };
    for read in [
        Read::Users(page),
        Read::UsersAgain(vec![rosa]),
        Read::Tokens(rosa),
        Read::Tokens(admin.session.my_uuid()),
        Read::Logins(rosa),
        Read::LoginsOn(vm),
        Read::AllLogins,
        Read::Vms,
        Read::Summary(rosa),
        Read::Rights(rosa),
    ] {
        try_all(&world, &admin, &read, |_, _| false).await.assert_none();
    }
    // A token that the server does not let list tokens is one that may not: 403 is the answer.
    let no_tokens =
        |fault: Fault, shown: &str| fault == Fault::Forbidden && shown.contains("access: Forbidden");
    try_all(&world, &admin, &Read::Session, no_tokens).await.assert_none();
    let root = world.root().await;
    try_all(&world, &root, &Read::Tokens(rosa), |_, _| false).await.assert_none();

    // 401 is what a refused secret gets, and its token is not called dead for that.
    let refused = |fault: Fault, shown: &str| {
        fault == Fault::Unauthorized
            && shown.contains("secret: Some(Refused)")
            && shown.contains("life: PerhapsAlive")
    };
    for given in [held.v2.clone(), held.uuid.to_string()] {
        let given = Given::parse(&Secret::new(given)).unwrap();
        try_all(&world, &admin, &Read::FindToken(given), refused).await.assert_none();
    }
}

async fn surveys(all: &[Wanted]) -> Problems {
    let mut problems = Problems::default();
    let base = World::empty().await;
    for wanted in all {
        let world = base.another().await;
        let case = wanted.prepare(&world).await;
        // What only goes with it and could not be looked up is said.
        let said = |fault, shown: &str| {
            matches!(fault, Fault::Forbidden | Fault::NotFound) && shown.contains("could not be looked up")
                || fault == Fault::Unauthorized
                    && *wanted == Wanted::RevokeByItself
                    && shown.contains("Helper")
        };
        problems.add(try_all(&world, &case.cluster, &Read::Survey(case.intent), said).await);
    }
    problems
}

#[tokio::test]
async fn surveys_of_accounts() {
    surveys(Wanted::ACCOUNTS).await.assert_none();
    surveys(Wanted::HANDOVERS).await.assert_none();
}

#[tokio::test]
async fn surveys_of_tokens_and_logins() {
    surveys(Wanted::TOKENS).await.assert_none();
    surveys(Wanted::LOGINS).await.assert_none();
}
