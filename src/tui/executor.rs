//! Runs effects as tasks and gives back their answers. The only place that starts tasks: reads can be
//! given up, changes never are; and a task that dies is told of, so that nobody waits for it for ever.

use crate::app::action::Action;
use crate::app::effect::{Clip, Effect, Export, Instead, TaskId};
use crate::app::message::Message;
use crate::arvados::client::{Client, Connection, Meant};
use crate::arvados::error::{Error, Setting};
use crate::arvados::writer::WriteAccess;
use crate::ops::Mode;
use crate::ops::apply::{StopFlag, apply};
use crate::ops::cluster::Cluster;
use crate::ops::confirm::Confirmed;
use crate::ops::failure::Failure;
use crate::ops::journal::Journal;
use crate::ops::plan::Plan;
use crate::ops::read::{Outcome, Read};
use crate::ops::report::Progress;
use crate::ops::words;
use crate::timer::Timer;
use crate::tui::export;
use futures::future::BoxFuture;
use futures::stream::{FuturesUnordered, StreamExt};
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinError, JoinSet};

/// How many answers may wait for the loop; a task whose answer does not fit waits.
const WAITING_ANSWERS: usize = 64;

/// What tasks need of the world outside.
#[derive(Debug, Clone)]
pub struct World {
    /// Where the cluster is; `None` where none is configured.
    pub connection: Option<Connection>,
    /// Which clusters the token may be sent to.
    pub meant: Meant,
    /// Whether anything may be changed.
    pub mode: Mode,
    /// The time.
    pub timer: Timer,
    /// Where changes are written down.
    pub journal: Journal,
    /// Where files for the user go: the first directory that takes one.
    pub export_to: Vec<PathBuf>,
}

/// Runs effects.
#[derive(Debug)]
pub struct Executor {
    world: World,
    /// The cluster, once it has been connected to.
    cluster: Arc<Mutex<Option<Cluster>>>,
    answers: mpsc::Sender<Message>,
    inbox: mpsc::Receiver<Message>,
    tasks: JoinSet<()>,
    running: HashMap<tokio::task::Id, TaskId>,
    reads: HashMap<TaskId, AbortHandle>,
    changes: BTreeMap<TaskId, Change>,
    wakes: FuturesUnordered<BoxFuture<'static, Wake>>,
}

/// A change under way.
#[derive(Debug, Clone)]
pub struct Change {
    /// What is wanted.
    pub title: String,
    /// How many are finished.
    pub finished: usize,
    stop: StopFlag,
    begun: Timestamp,
    /// What makes it, and hears the answers to it alone.
    client: Option<Client>,
}

/// What was waited for.
#[derive(Debug, Clone, Copy)]
enum Wake {
    Up(TaskId),
    ToListen(TaskId),
}

/// Effects that are no tasks, left to the loop.
#[derive(Debug)]
pub enum Aside {
    /// For the terminal's clipboard.
    Copy(Clip, Action),
    /// To the background.
    Background,
    /// Draw everything anew.
    Redraw,
    /// To another cluster, or the same in another way.
    Open(Instead),
    /// End.
    Quit,
}

impl Executor {
    /// Runs effects in this world; no connection is made yet.
    pub fn new(world: World) -> Self {
        let (answers, inbox) = mpsc::channel(WAITING_ANSWERS);
        Self {
            world,
            cluster: Arc::default(),
            answers,
            inbox,
            tasks: JoinSet::new(),
            running: HashMap::new(),
            reads: HashMap::new(),
            changes: BTreeMap::new(),
            wakes: FuturesUnordered::new(),
        }
    }

    /// Starts what an effect asks for, or gives it back if it is no task.
    pub fn perform(&mut self, effect: Effect) -> Option<Aside> {
        match effect {
            Effect::Fetch { task, read } => self.fetch(task, read),
            Effect::Apply { task, plan } => self.apply(task, *plan),
            Effect::Cancel(task) => self.cancel(task),
            Effect::StopAfterStep(task) => self.stop(task),
            Effect::WakeAfter { task, delay } => self.wake_after(task, delay),
            Effect::ListenAfter { task, delay } => self.listen_after(task, delay),
            Effect::Export(export) => self.export(export),
            Effect::Copy(clip, by) => return Some(Aside::Copy(clip, by)),
            Effect::Background => return Some(Aside::Background),
            Effect::Redraw => return Some(Aside::Redraw),
            Effect::Open(instead) => return Some(Aside::Open(instead)),
            Effect::Quit => return Some(Aside::Quit),
        }
        None
    }

    /// Reads.
    fn fetch(&mut self, task: TaskId, read: Read) {
        let cluster = Arc::clone(&self.cluster);
        let world = self.world.clone();
        let answers = self.answers.clone();
        // On the heap from the start: moved from call to call, what it needs would fill the stack.
        let work = Box::pin(async move {
            let outcome = Box::pin(run(read, &cluster, &world)).await;
            send(&answers, Message::Answered { task, outcome }).await;
        });
        let handle = self.start(task, work);
        self.reads.insert(task, handle);
    }

    /// Applies a plan. Without leave to write nothing is done and that is told.
    fn apply(&mut self, task: TaskId, plan: Confirmed<Plan>) {
        let stop = StopFlag::default();
        let title = words::plan_title(plan.plan());
        let cluster = self.connected().map(|cluster| Cluster { client: cluster.client.hearing(), ..cluster });
        let client = cluster.as_ref().map(|cluster| cluster.client.clone());
        let begun = self.world.timer.now();
        self.changes.insert(task, Change { title, finished: 0, stop: stop.clone(), begun, client });
        let leave = WriteAccess::for_mode(self.world.mode);
        let answers = self.answers.clone();
        self.start(task, async move {
            let (Some(cluster), Some(leave)) = (cluster, leave) else {
                let reason = "nothing may be changed now, and nothing was".to_owned();
                send(&answers, Message::TaskFailed { task, reason }).await;
                return;
            };
            // One message an item at most, so the queue between is short; the loop is never waited for
            // by the change itself.
            let (told, mut progress) = mpsc::unbounded_channel::<Progress>();
            let applying = async move {
                // Only the other half of this task listens, and it does so to the end.
                let tell = move |progress| drop(told.send(progress));
                Box::pin(apply(plan, &cluster, &leave, tell, &stop)).await
            };
            let telling = async {
                while let Some(progress) = progress.recv().await {
                    send(&answers, Message::Progress { task, progress }).await;
                }
            };
            let (report, ()) = tokio::join!(applying, telling);
            send(&answers, Message::Applied { task, report: Box::new(report) }).await;
        });
    }

    /// Gives a read up.
    fn cancel(&mut self, task: TaskId) {
        if let Some(handle) = self.reads.remove(&task) {
            handle.abort();
        }
    }

    /// Gives all reads up.
    pub fn cancel_reads(&mut self) {
        for (_, handle) in self.reads.drain() {
            handle.abort();
        }
    }

    /// Stops a change after the steps under way.
    fn stop(&self, task: TaskId) {
        if let Some(change) = self.changes.get(&task) {
            change.stop.stop();
        }
    }

    /// Stops all changes after the steps under way.
    pub fn stop_changes(&self) {
        for change in self.changes.values() {
            change.stop.stop();
        }
    }

    /// Wakes up after a while.
    fn wake_after(&mut self, task: TaskId, delay: std::time::Duration) {
        let wait = self.world.timer.wait(delay);
        self.wakes.push(Box::pin(async move {
            wait.await;
            Wake::Up(task)
        }));
    }

    /// Says after a while when the server answered a change last.
    fn listen_after(&mut self, task: TaskId, delay: std::time::Duration) {
        let wait = self.world.timer.wait(delay);
        self.wakes.push(Box::pin(async move {
            wait.await;
            Wake::ToListen(task)
        }));
    }

    /// The message that a wake-up is; none if what it is for is over.
    fn woken(&self, wake: Wake) -> Option<Message> {
        match wake {
            Wake::Up(task) => Some(Message::Woken(task)),
            Wake::ToListen(task) => self.changes.get(&task).map(|change| {
                let last = change.client.as_ref().and_then(Client::last_answer);
                Message::Listened { task, last: last.unwrap_or(change.begun) }
            }),
        }
    }

    /// Writes a file.
    fn export(&mut self, export: Export) {
        let answers = self.answers.clone();
        let directories = self.world.export_to.clone();
        let now = self.world.timer.now();
        self.spawn(async move {
            send(&answers, Message::Told(export::write(&export, &directories, now))).await;
        });
    }

    /// The next answer, death or wake-up. Ends never where nothing is under way. May be dropped while
    /// waiting without losing anything.
    pub async fn next(&mut self) -> Message {
        loop {
            let ended = tokio::select! {
                biased;
                Some(message) = self.inbox.recv() => {
                    self.note(&message);
                    return message;
                }
                Some(ended) = self.tasks.join_next_with_id(), if !self.tasks.is_empty() => ended,
                Some(wake) = self.wakes.next(), if !self.wakes.is_empty() => {
                    if let Some(message) = self.woken(wake) {
                        return message;
                    }
                    continue;
                }
                else => std::future::pending().await,
            };
            if let Some(message) = self.end(ended.map(|(id, ())| id)) {
                return message;
            }
        }
    }

    /// Whether no task is under way and no answer waits. Wake-ups do not count.
    pub fn is_settled(&self) -> bool {
        self.tasks.is_empty() && self.inbox.is_empty()
    }

    /// The changes under way.
    pub fn changes(&self) -> impl Iterator<Item = &Change> {
        self.changes.values()
    }

    fn start(&mut self, task: TaskId, work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        let handle = self.spawn(work);
        self.running.insert(handle.id(), task);
        handle
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that starts tasks")]
    fn spawn(&mut self, work: impl Future<Output = ()> + Send + 'static) -> AbortHandle {
        self.tasks.spawn(work)
    }

    /// Keeps account of what is still under way.
    fn note(&mut self, message: &Message) {
        match message {
            Message::Answered { task, .. } => drop(self.reads.remove(task)),
            Message::Applied { task, .. } | Message::TaskFailed { task, .. } => {
                self.changes.remove(task);
            }
            Message::Progress { task, .. } => {
                if let Some(change) = self.changes.get_mut(task) {
                    change.finished += 1;
                }
            }
            Message::Action(_)
            | Message::Edit(_)
            | Message::Ignored(_)
            | Message::Resized
            | Message::Woken(_)
            | Message::Listened { .. }
            | Message::Told(_)
            | Message::Terminate => {}
        }
    }

    /// A task is over. One that died did not answer, so it is answered for here. What it died of may quote
    /// anything, so it is not told.
    fn end(&mut self, ended: Result<tokio::task::Id, JoinError>) -> Option<Message> {
        let id = ended.as_ref().map_or_else(JoinError::id, |id| *id);
        let task = self.running.remove(&id)?;
        self.reads.remove(&task);
        let changed = self.changes.remove(&task).is_some();
        ended.err().filter(JoinError::is_panic).map(|_| {
            let reason = if changed {
                "a fault in arv-admin ended this change: what was not seen finished is unknown"
            } else {
                "a fault in arv-admin ended this read"
            };
            Message::TaskFailed { task, reason: reason.to_owned() }
        })
    }

    /// What the cluster's clock shows when the one here shows this; the same until there is a cluster.
    pub fn server_time(&self, here: Timestamp) -> Timestamp {
        let cluster = self.cluster.lock().unwrap_or_else(PoisonError::into_inner);
        cluster.as_ref().map_or(here, |cluster| cluster.client.server_time(here))
    }

    fn connected(&self) -> Option<Cluster> {
        self.cluster.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// The loop holds the other end for as long as tasks run, or nobody wants the answer.
async fn send(answers: &mpsc::Sender<Message>, message: Message) {
    drop(answers.send(message).await);
}

async fn run(read: Read, slot: &Mutex<Option<Cluster>>, world: &World) -> Result<Outcome, Failure> {
    let connected = slot.lock().unwrap_or_else(PoisonError::into_inner).clone();
    match (read, connected) {
        (Read::Session, connected) => {
            let not_configured = || Error::Config(Setting::Host, "no cluster is configured".to_owned());
            let connection = world.connection.as_ref().ok_or_else(not_configured)?;
            let cluster = connect(connection, connected, world).await?;
            let session = Box::new(cluster.session.clone());
            *slot.lock().unwrap_or_else(PoisonError::into_inner) = Some(cluster);
            Ok(Outcome::Session(session))
        }
        (read, Some(cluster)) => Ok(read.run(&cluster).await?),
        (_, None) => Err(Error::Config(Setting::None, "the cluster has not answered yet".to_owned()).into()),
    }
}

/// Finds out who is asking. The client is made here and not at the start: it takes up to 30 ms, and the
/// first frame does not wait.
async fn connect(
    connection: &Connection,
    connected: Option<Cluster>,
    world: &World,
) -> Result<Cluster, Error> {
    let client = match connected {
        Some(cluster) => cluster.client,
        None => Client::new(connection, world.timer.clone())?.meant_for(world.meant),
    };
    let cluster = Cluster::connect(client, connection.host.clone(), world.mode).await?;
    Ok(cluster.keeping(world.journal.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn executor(time: &crate::timer::ManualTime) -> Executor {
        Executor::new(World {
            connection: None,
            meant: Meant::default(),
            mode: Mode::ReadOnly,
            timer: time.timer(),
            journal: Journal::none(),
            export_to: Vec::new(),
        })
    }

    fn still() -> crate::timer::ManualTime {
        crate::timer::ManualTime::starting_at(Timestamp::UNIX_EPOCH)
    }

    #[tokio::test]
    async fn a_task_that_dies_is_answered_for_and_its_last_words_are_not_repeated() {
        let mut executor = executor(&still());
        executor.start(TaskId(7), async { panic!("canary") });
        let Message::TaskFailed { task: TaskId(7), reason } = executor.next().await else {
            panic!("something else was told");
        };
        assert!(!reason.contains("canary"));
        assert!(executor.is_settled());
    }

    #[tokio::test]
    async fn a_read_that_was_given_up_is_not_answered() {
        let time = still();
        let mut executor = executor(&time);
        let handle = executor.start(TaskId(1), std::future::pending());
        executor.reads.insert(TaskId(1), handle);
        executor.cancel(TaskId(1));
        executor.wake_after(TaskId(2), Duration::ZERO);
        assert_eq!(executor.next().await, Message::Woken(TaskId(2)));
    }

    #[tokio::test]
    async fn without_a_cluster_every_read_says_so() {
        let mut executor = executor(&still());
        executor.fetch(TaskId(1), Read::Session);
        executor.fetch(TaskId(2), Read::Vms);
        for _ in 0..2 {
            let Message::Answered { outcome: Err(failure), .. } = executor.next().await else {
                panic!("something else was told");
            };
            assert!(failure.reason.contains("cluster"), "{}", failure.reason);
        }
    }

    #[tokio::test]
    async fn a_wake_up_comes_when_its_time_has_come() {
        let time = still();
        let mut executor = executor(&time);
        executor.wake_after(TaskId(3), Duration::from_secs(4));
        assert!(executor.is_settled(), "wake-ups are no work");
        time.advance(Duration::from_secs(3));
        assert!(futures::FutureExt::now_or_never(executor.next()).is_none());
        time.advance(Duration::from_secs(1));
        assert_eq!(executor.next().await, Message::Woken(TaskId(3)));
    }
}
