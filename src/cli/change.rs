//! A change from intent to report, as on the screen: survey, plan, question, application.

use super::args::Writing;
use super::connect::Desk;
use super::exit::{Exit, Stop};
use super::output::{say, say_inline};
use super::prompt::Asked;
use super::{plan, report, stdout};
use crate::model::text::clean;
use crate::ops::WriteAccess;
use crate::ops::apply::{StopFlag, apply};
use crate::ops::confirm::{Answer, Ask, Challenge, Confirmed, Review, Unconfirmed};
use crate::ops::intent::{self, Intent};
use crate::ops::listening::Silence;
use crate::ops::plan::Plan;
use crate::ops::report::{ApplyReport, Came, Progress};
use crate::ops::silence::in_words;
use crate::ops::step::Target;
use crate::ops::survey::survey;
use crate::ops::words;
use std::io::{self, IsTerminal};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// What came of a change.
pub enum Changed {
    /// It was a dry run, or there was nothing to do; all is printed.
    Over(Exit),
    /// It was applied.
    Applied(Exit, Box<ApplyReport>),
}

/// Makes a change and prints what became of each target.
pub async fn make(desk: &mut Desk, intent: Intent, writing: Writing) -> Result<Exit, Stop> {
    make_and_keep(desk, intent, writing, Printed::Results).await.map(|changed| match changed {
        Changed::Over(exit) | Changed::Applied(exit, _) => exit,
    })
}

/// What goes to standard output.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Printed {
    /// What became of each target.
    Results,
    /// Nothing yet: the caller prints what the change was made for.
    Nothing,
}

/// Makes a change and keeps the report.
pub async fn make_and_keep(
    desk: &mut Desk,
    intent: Intent,
    writing: Writing,
    printed: Printed,
) -> Result<Changed, Stop> {
    if desk.leave.is_none() && !writing.dry_run {
        return Err(Stop::not_permitted("--read-only: nothing is changed; --dry-run prints what would be"));
    }
    if !writing.dry_run {
        stdout::can_be_written()?;
    }
    let ended: &[_] =
        if let Intent::RevokeTokens(intent::RevokeTokens { tokens, .. }) = &intent { tokens } else { &[] };
    desk.say_left_helpers(ended).await;
    let mut surveyed = look(desk, intent).await?;
    if writing.dry_run {
        plan::print(&surveyed, &mut desk.output)?;
        let would = surveyed.steps().len() + surveyed.unchanged().len();
        if let Some(failure) = surveyed.blocked() {
            return Err(Stop::failed("not a dry run, this would change nothing", failure));
        }
        let nothing_allowed = would == 0 && !surveyed.refused().is_empty();
        return Ok(Changed::Over(if nothing_allowed { refusal(&surveyed) } else { Exit::Done }));
    }
    desk.cluster.journal.usable().map_err(|failure| Stop::failed("nothing was changed", &failure))?;
    let Some(leave) = desk.leave.clone() else {
        return Err(Stop::not_permitted("--read-only: nothing is changed"));
    };
    let (confirmed, mut records, refused, unchanged) = loop {
        let aside = report::set_aside(&surveyed);
        let (refused, unchanged) = (surveyed.refused().len(), surveyed.unchanged().len());
        match surveyed.review(0) {
            Review::Nothing(nothing) => {
                for line in plan::set_aside(&nothing) {
                    say(&line);
                }
                say("nothing to do");
                let exit = report::exit(refused, unchanged, None);
                let exit = if exit == Exit::NotPermitted { refusal(&nothing) } else { exit };
                return Ok(Changed::Over(match printed {
                    Printed::Results => exit.though(desk.output.all(&aside)),
                    Printed::Nothing => exit,
                }));
            }
            Review::Free(confirmed) => break (confirmed, aside, refused, unchanged),
            Review::Ask(challenge) => match confirm(desk, challenge, writing)? {
                Answered::Yes(confirmed) => break (*confirmed, aside, refused, unchanged),
                Answered::TooLate(intent) => {
                    say("that took a while: looking again");
                    surveyed = look(desk, *intent).await?;
                }
            },
        }
    };
    let applied = match apply_watched(desk, &leave, confirmed).await? {
        Applying::Over(applied) => applied,
        Applying::Left(left) => {
            let printed = match printed {
                Printed::Results => {
                    records.extend(report::applied(&left.report, desk.output.format()));
                    desk.output.all(&records)
                }
                Printed::Nothing => Ok(()),
            };
            say(&left.said);
            return Ok(Changed::Over(Exit::Partly.though(printed)));
        }
    };
    let mut exit = report::exit(refused, unchanged, Some(&applied));
    if printed == Printed::Results {
        records.extend(report::applied(&applied, desk.output.format()));
        exit = exit.though(desk.output.all(&records));
    }
    // Last, so that on a terminal a long list does not carry it away.
    report::say_afterwards(&applied);
    Ok(Changed::Applied(exit, applied))
}

/// What it means that all was refused: where a link was picked that is none of the user's, the command
/// was wrong.
fn refusal(plan: &Plan) -> Exit {
    let picked = matches!(plan.intent(), Intent::Reassign(_));
    if picked && plan.refused().iter().any(|refusal| matches!(refusal.target, Target::Link(_))) {
        Exit::Usage
    } else {
        Exit::NotPermitted
    }
}

async fn look(desk: &Desk, intent: Intent) -> Result<Plan, Stop> {
    let failed = |error| desk.failed("what this would do can't be found out", error);
    survey(&desk.cluster, intent).await.map_err(failed)
}

enum Answered {
    Yes(Box<Confirmed<Plan>>),
    TooLate(Box<Intent>),
}

/// Asks, as the screen does. Without a terminal nobody can answer.
fn confirm(desk: &Desk, challenge: Challenge, writing: Writing) -> Result<Answered, Stop> {
    say(&plan::text(challenge.plan()));
    let answered = |result| match result {
        Ok(confirmed) => Ok(Answered::Yes(Box::new(confirmed))),
        Err(Unconfirmed::Stale(intent)) => Ok(Answered::TooLate(intent)),
        Err(Unconfirmed::Wrong(challenge)) => Err(challenge),
    };
    let not_confirmed = || Stop::usage("not confirmed: nothing was changed");
    if writing.yes {
        return answered(challenge.answer(&Answer::YesFlag, desk.cluster.here()))
            .map_err(|_| not_confirmed());
    }
    let no_terminal = || {
        Stop::usage(
            "not confirmed: there is no terminal to ask on, and --yes was not given; nothing was changed",
        )
    };
    let mut asked = Asked::on_terminal().ok_or_else(no_terminal)?;
    let mut challenge = challenge;
    loop {
        let line = asked.line(&question(challenge.ask(), challenge.plan()))?;
        let line = line.trim();
        if line.is_empty() {
            return Err(not_confirmed());
        }
        let answer = match challenge.ask() {
            Ask::YesNo if ["y", "yes"].contains(&line.to_lowercase().as_str()) => Answer::Yes,
            Ask::YesNo => return Err(not_confirmed()),
            Ask::TypeCount(_) | Ask::TypeName(_) => Answer::Typed(line.to_owned()),
        };
        match answered(challenge.answer(&answer, desk.cluster.here())) {
            Ok(answered) => return Ok(answered),
            Err(again) => {
                say("that is not it; an empty line cancels");
                challenge = *again;
            }
        }
    }
}

fn question(ask: &Ask, plan: &Plan) -> String {
    match ask {
        Ask::YesNo => "Do it? [y/N] ".to_owned(),
        Ask::TypeCount(count) => {
            format!("Type how many {} there are ({count}) to do it: ", words::targets(plan))
        }
        Ask::TypeName(name) => format!("Type {} to do it: ", clean(name)),
    }
}

/// How long steps under way are waited for by somebody who wants to leave.
const PATIENCE: Duration = Duration::from_secs(10);

/// How it went on.
enum Applying {
    /// To its end.
    Over(Box<ApplyReport>),
    /// Somebody wanted to leave before that.
    Left(Box<Left>),
}

/// What is known of what was left.
struct Left {
    report: ApplyReport,
    said: String,
}

/// Applies, tells how far it is, and stops between steps when asked to.
async fn apply_watched(
    desk: &Desk,
    leave: &WriteAccess,
    confirmed: Confirmed<Plan>,
) -> Result<Applying, Stop> {
    let mut asked = Interruptions::watch()?;
    let stop = StopFlag::default();
    let names = confirmed.plan().names().clone();
    let intent = confirmed.plan().intent().clone();
    let targets: Vec<Target> = confirmed.plan().steps().iter().map(|planned| planned.step.target()).collect();
    let done_word = confirmed.plan().intent().accepted();
    let reported = Mutex::new(Vec::new());
    let on_terminal = io::stderr().is_terminal();
    let mut silence = Silence::begins(desk.cluster.client.clone());
    let progress = |progress: Progress| {
        let (item, of) = match progress {
            Progress::Finished { item, of } => (item, of),
            Progress::Said { note, .. } => {
                // The count that stands there is of before.
                let start = if on_terminal { "\n" } else { "" };
                return say(&format!("{start}{}", note.text));
            }
        };
        let mut items = reported.lock().unwrap_or_else(PoisonError::into_inner);
        items.push(item.clone());
        let so_far = items.len();
        drop(items);
        let came = item.result.came();
        let word = if came == Came::Done { done_word } else { came.key() }.replace('_', " ");
        if on_terminal {
            let end = if so_far >= of { "\r\u{1b}[K" } else { "" };
            say_inline(&format!("\r\u{1b}[K{so_far} of {of}{end}"));
        } else {
            let name = words::Identified::of(&item.target, &names).in_line();
            say(&format!("[{so_far}/{of}] {word}: {name}"));
        }
    };
    let mut applying = Box::pin(apply(confirmed, &desk.cluster, leave, progress, &stop));
    loop {
        tokio::select! {
            report = &mut applying => return Ok(Applying::Over(Box::new(report))),
            () = asked.next() => break,
            quiet = silence.long() => {
                // The count that stands there is of before.
                let start = if on_terminal { "\n" } else { "" };
                say(&format!(
                    "{start}{}; Ctrl-C stops after the steps under way",
                    in_words(quiet)
                ));
            }
        }
    }
    stop.stop();
    say("stopping after the steps under way, which are waited for up to 10 s; once more leaves at once");
    let patience = desk.cluster.client.timer().wait(PATIENCE);
    tokio::select! {
        report = &mut applying => return Ok(Applying::Over(Box::new(report))),
        () = asked.next() => {}
        () = patience => {}
    }
    // Dropped: what was sent may be done or not.
    drop(applying);
    let items = reported.into_inner().unwrap_or_else(PoisonError::into_inner);
    let report = ApplyReport::left(intent, names, items, targets);
    let journal = desk.cluster.journal.path().filter(|path| path.exists());
    let journal = journal.map(|path| format!(" What was begun is in the journal ({}).", path.display()));
    let said = format!(
        "left while steps were under way: {}. What is unknown may be done, or not begun: look again.{} A helper \
         token that is left ends by itself within 15 minutes.",
        report::summary(report.tally()),
        journal.unwrap_or_default()
    );
    Ok(Applying::Left(Box::new(Left { report, said })))
}

/// Ctrl-C and the other ways to be asked to stop.
struct Interruptions {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

impl Interruptions {
    fn watch() -> io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
            _ = self.hangup.recv() => {}
        }
    }
}
