//! The loop: hears what the terminal, the tasks and the system say, changes the state, draws once if
//! something changed, and waits. Nothing else waits here, nothing ticks, and while nothing happens nothing
//! is computed or sent to the terminal. Takes any stream of events and any backend, so that tests drive
//! the loop that runs.

use super::burst::{self, Came, Pasting, Piece, Stopped};
use super::clipboard::{self, Clipboard};
use super::executor::{Aside, Executor};
use super::farewell::Farewell;
use super::input::Input;
use super::keymap;
use super::layout;
use super::plain;
use super::probe::{self, Probe};
use super::queries::{Answers, Interview, Query};
use super::reader::keys::Keys;
use super::reader::reply::Reply;
use super::terminal::{self, Owed};
use super::theme::{Signs, Theme};
use super::view;
use crate::app::ctx::{Arrangement, Ctx, Now};
use crate::app::effect::Instead;
use crate::app::message::{Ignored, Message, Told};
use crate::app::state::State;
use crate::app::update::{start, update};
use crate::app::world::Ending;
use crate::timer::Timer;
use crossterm::event::{Event, KeyEvent};
use futures::future::BoxFuture;
use futures::stream::{Stream, StreamExt};
use ratatui::Terminal;
use ratatui::backend::Backend;
use ratatui::layout::{Position, Rect, Size};
use std::collections::VecDeque;
use std::fmt;
use std::io::{self, Write};
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

/// How many messages are handled before the screen shows what they did.
const AT_ONCE: usize = 8;

/// How long changes under way are waited for at the end.
const PATIENCE: Duration = Duration::from_secs(10);

/// How long after a frame the next one may come that only shows more rows of a list that is still arriving.
/// Each of a hundred pages moves every row on the screen: drawn one by one they would cost more than reading
/// them, and a slow line more than that.
const BETWEEN_PAGES: Duration = Duration::from_millis(33);

/// What the world outside says. What was typed or pasted is told to no log: it may be a secret.
pub enum Heard {
    /// The terminal: what a person did.
    Event(Event),
    /// The terminal: keys that came in one piece. Somebody may have pasted them.
    Burst(Keys),
    /// The terminal: a key in one piece with what is no key. It is somebody's, or the end of something.
    Beside(KeyEvent),
    /// The terminal: what it answers by itself.
    Reply(Reply),
    /// The system: end (SIGTERM, SIGHUP).
    Terminate,
    /// The system: go on, after a pause in which somebody else had the terminal (SIGCONT).
    Continued,
}

impl fmt::Debug for Heard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Event(Event::Key(_)) | Self::Beside(_) => f.write_str("Key"),
            Self::Event(Event::Paste(text)) => write!(f, "Paste({} bytes)", text.len()),
            Self::Event(event) => write!(f, "{event:?}"),
            Self::Burst(keys) => write!(f, "{keys:?}"),
            Self::Reply(reply) => write!(f, "{reply:?}"),
            Self::Terminate => f.write_str("Terminate"),
            Self::Continued => f.write_str("Continued"),
        }
    }
}

/// Why the loop was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// It is over.
    Over,
    /// To the background: the loop is entered again when the user comes back.
    Background,
    /// Somebody else had the terminal: its modes are to be set again.
    Continued,
    /// This is to be opened instead.
    For(Instead),
}

/// Whether there is still somebody to draw for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sight {
    /// There is.
    Seen,
    /// The terminal is gone.
    Gone,
}

/// What is in front of the user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Front {
    /// Frames.
    Frames,
    /// One text alone, on a screen of this size.
    Plain(Size),
}

/// What is to be shown that is not.
enum Change {
    None,
    /// More rows of a list that is arriving: shown when this is over, or with what comes next.
    Rows(BoxFuture<'static, ()>),
    /// Anything else: shown at once.
    Any,
}

/// Whether the program is ending.
enum End {
    No,
    /// Changes are waited for until this is over.
    Until(BoxFuture<'static, ()>),
}

/// The screen at work.
pub struct Screen<B: Backend> {
    terminal: Terminal<B>,
    /// Where what is not drawn goes: to the same terminal, between frames.
    aside: Box<dyn Write + Send>,
    state: State,
    theme: Theme,
    clipboard: Clipboard,
    executor: Executor,
    timer: Timer,
    frames: u64,
    change: Change,
    sight: Sight,
    end: End,
    left: Option<Left>,
    farewell: Farewell,
    interview: Interview,
    probe: Probe,
    front: Front,
    pasting: Pasting,
}

enum Next {
    Heard(Option<io::Result<Heard>>),
    Message(Message),
    RowsDue,
    AnswersOverdue,
    PatienceOver,
}

impl<B> Screen<B>
where
    B: Backend,
    B::Error: Send + Sync + 'static,
{
    /// A screen that has shown nothing yet.
    pub fn new(
        terminal: Terminal<B>,
        aside: Box<dyn Write + Send>,
        state: State,
        theme: Theme,
        clipboard: Clipboard,
        executor: Executor,
        timer: Timer,
    ) -> Self {
        Self {
            terminal,
            aside,
            state,
            theme,
            clipboard,
            executor,
            timer,
            frames: 0,
            change: Change::Any,
            sight: Sight::Seen,
            end: End::No,
            left: None,
            farewell: Farewell::default(),
            interview: Interview::default(),
            probe: Probe::default(),
            front: Front::Frames,
            pasting: Pasting::default(),
        }
    }

    /// Works until there is a reason to leave. `events` may be another stream each time.
    pub async fn run<S>(&mut self, events: &mut S) -> Left
    where
        S: Stream<Item = io::Result<Heard>> + Unpin,
    {
        self.begin();
        self.see_whether_over();
        loop {
            if let Some(left) = self.left.take() {
                return left;
            }
            self.left = self.turn(events).await;
        }
    }

    /// Shows the first frame, and only then begins to read.
    pub fn begin(&mut self) {
        self.draw();
        if self.frames <= 1 {
            let effects = start(&mut self.state);
            if !effects.is_empty() {
                self.change = Change::Any;
            }
            self.perform(effects);
            self.draw();
        }
        if self.probe.stage == probe::Stage::Strangers {
            self.greet();
        }
    }

    /// Asks the terminal whether it answers at all.
    fn greet(&mut self) {
        self.probe.stage = probe::Stage::Greeted;
        if self.interview.greet(&mut self.aside, self.timer.wait(probe::PATIENCE)).is_err() {
            self.lose_sight();
        }
        terminal::may_answer(self.interview.owed());
    }

    /// The shell gets the terminal: what it answers until then is thrown away, and asked for again afterwards.
    fn leave_for_a_while(&mut self) {
        self.left = Some(Left::Background);
        if self.interview.owed() == Owed::Answers {
            self.interview.is_over();
            self.probe.stage = probe::Stage::Strangers;
        }
    }

    /// One turn of the loop: waits for something, handles it and what else is ready, draws once.
    pub async fn turn<S>(&mut self, events: &mut S) -> Option<Left>
    where
        S: Stream<Item = io::Result<Heard>> + Unpin,
    {
        let first = self.next(events).await;
        self.take(first);
        for _ in 1..AT_ONCE {
            if self.left.is_some() {
                break;
            }
            let Some(next) = if_ready(self.next(events)).await else { break };
            self.take(next);
        }
        self.draw();
        self.see_whether_over();
        self.left.take()
    }

    /// Asks the terminal, and takes its answers for as long as `patience`: nothing waits for them.
    pub fn ask(&mut self, queries: &[Query], patience: Duration) {
        if self.interview.ask(queries, &mut self.aside, self.timer.wait(patience)).is_err() {
            self.lose_sight();
        }
        terminal::may_answer(self.interview.owed());
    }

    /// Takes an answer of the terminal. To one that answers at all more is asked.
    fn hears(&mut self, reply: Reply) {
        self.interview.hears(reply);
        terminal::may_answer(self.interview.owed());
        if self.probe.stage == probe::Stage::Greeted && reply == Reply::DeviceAttributes {
            self.probe.stage = probe::Stage::Asked;
            self.ask_the_rest();
        }
        let fitting = probe::fitting(self.theme, self.answers());
        if fitting != self.theme {
            let is_legible = fitting.signs == self.theme.signs;
            self.theme = fitting;
            self.change = Change::Any;
            if !is_legible {
                // What is where it should not be is not known here.
                self.forget_screen();
            }
        }
    }

    fn ask_the_rest(&mut self) {
        if self.theme.signs == Signs::Unicode && self.front == Front::Frames && self.probe.can_try() {
            let tried = Probe::try_signs(&mut self.aside);
            self.ask(&[Query::Cursor], probe::PATIENCE);
            if tried.and_then(|()| self.probe.undo(&mut self.aside)).is_err() {
                self.lose_sight();
            }
        }
        self.ask(&probe::questions(self.theme), probe::PATIENCE);
    }

    /// How the clipboard is reached, as far as is known by now.
    fn clipboard(&self) -> Clipboard {
        if self.answers().attributes { self.clipboard } else { self.clipboard.unanswered() }
    }

    /// What the terminal has answered so far.
    pub fn answers(&self) -> &Answers {
        self.interview.answers()
    }

    /// Everything on the screen is to be sent anew.
    pub fn forget_screen(&mut self) {
        self.change = Change::Any;
        self.front = Front::Frames;
        if self.terminal.clear().is_err() {
            self.lose_sight();
        }
    }

    /// What is shown.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Where it is shown.
    pub fn terminal(&mut self) -> &mut Terminal<B> {
        &mut self.terminal
    }

    /// How many frames have been drawn.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// Whether no task is under way and no answer waits.
    pub fn is_settled(&self) -> bool {
        self.executor.is_settled()
    }

    /// What is to be told after the end.
    pub fn farewell(&self) -> &Farewell {
        &self.farewell
    }

    async fn next<S>(&mut self, events: &mut S) -> Next
    where
        S: Stream<Item = io::Result<Heard>> + Unpin,
    {
        let seen = self.sight == Sight::Seen;
        let patience = async {
            match &mut self.end {
                End::No => std::future::pending().await,
                End::Until(over) => over.await,
            }
        };
        let rows = async {
            match &mut self.change {
                Change::Rows(due) => due.await,
                Change::None | Change::Any => std::future::pending().await,
            }
        };
        tokio::select! {
            biased;
            heard = events.next(), if seen => Next::Heard(heard),
            message = self.executor.next() => Next::Message(message),
            () = rows => Next::RowsDue,
            () = self.interview.overdue() => Next::AnswersOverdue,
            () = patience => Next::PatienceOver,
        }
    }

    fn take(&mut self, next: Next) {
        match next {
            Next::Heard(Some(Ok(Heard::Event(Event::Key(key))))) => self.take_keys(&[key], Came::Alone),
            Next::Heard(Some(Ok(Heard::Event(event)))) => {
                let message = Input::read(event, self.state.context());
                if let Some(message) = message {
                    self.handle(message);
                }
            }
            Next::Heard(Some(Ok(Heard::Burst(keys)))) => {
                self.take_keys(keys.as_slice(), Came::Together);
            }
            Next::Heard(Some(Ok(Heard::Beside(key)))) => {
                let asked = burst::is_question(self.state.context());
                self.take_keys(&[key], if asked { Came::Together } else { Came::Alone });
            }
            Next::Heard(Some(Ok(Heard::Reply(reply)))) => self.hears(reply),
            Next::Heard(Some(Ok(Heard::Terminate))) => self.handle(Message::Terminate),
            Next::Heard(Some(Ok(Heard::Continued))) => self.left = Some(Left::Continued),
            Next::Heard(Some(Err(_)) | None) => self.lose_sight(),
            Next::Message(message) => self.handle(message),
            Next::AnswersOverdue => {
                self.interview.is_over();
                terminal::may_answer(self.interview.owed());
            }
            Next::RowsDue => self.change = Change::Any,
            Next::PatienceOver => {
                self.farewell.gave_up_waiting(self.executor.changes());
                self.left = Some(Left::Over);
            }
        }
    }

    /// Whether the terminal went away by itself.
    pub fn is_gone(&self) -> bool {
        self.sight == Sight::Gone
    }

    /// Takes keys, all that they may do.
    fn take_keys(&mut self, keys: &[KeyEvent], came: Came) {
        let now = self.timer.now();
        let piece = self.pasting.piece(keys, came, now);
        let taken = match piece {
            Piece::Pressed | Piece::Burst => keys,
            Piece::Ignored => &[],
        };
        let mut stopped = Stopped::No;
        for key in taken {
            let Some(message) = Input::read(Event::Key(*key), self.state.context()) else { continue };
            if piece == Piece::Burst && !burst::may(&self.state, key, &message) {
                self.handle(Message::Ignored(Ignored::Keys));
                stopped = Stopped::Yes;
                break;
            }
            self.handle(message);
        }
        self.pasting.took(piece, keys.len(), stopped, now);
    }

    /// The terminal is gone: what is under way is finished without it.
    pub fn lose_sight(&mut self) {
        if self.sight == Sight::Seen {
            self.sight = Sight::Gone;
            self.handle(Message::Terminate);
        }
    }

    fn handle(&mut self, message: Message) {
        let mut waiting = VecDeque::from([message]);
        while let Some(message) = waiting.pop_front() {
            let users = &self.state.world.users;
            let only_rows =
                users.grows() && matches!(&message, Message::Answered { task, .. } if users.awaits(*task));
            if let (End::Until(_), Message::Applied { report, .. }) = (&self.end, &message) {
                self.farewell.ended(report);
            }
            let ctx = self.ctx();
            let effects = update(&mut self.state, message, &ctx);
            waiting.extend(self.perform(effects));
            self.change = match std::mem::replace(&mut self.change, Change::Any) {
                Change::None if only_rows && self.state.world.users.grows() => {
                    Change::Rows(self.timer.wait(BETWEEN_PAGES))
                }
                Change::Rows(due) if only_rows && self.state.world.users.grows() => Change::Rows(due),
                Change::None | Change::Rows(_) | Change::Any => Change::Any,
            };
        }
    }

    /// Starts what is asked for; returns what is known of it at once.
    fn perform(&mut self, effects: Vec<crate::app::effect::Effect>) -> Vec<Message> {
        let mut told = Vec::new();
        for effect in effects {
            let Some(aside) = self.executor.perform(effect) else { continue };
            match aside {
                Aside::Copy(clip, by) => {
                    let clipboard = self.clipboard();
                    let copied = clipboard::copy(&mut self.aside, clipboard, &clip);
                    let again = keymap::key_for(self.state.context(), by).map(|key| key.to_string());
                    told.push(Message::Told(match copied {
                        Ok(via) => Told::Copied { what: clip.name(), via, again },
                        Err(why) => Told::NotCopied { why, again },
                    }));
                }
                Aside::Background => self.leave_for_a_while(),
                Aside::Open(instead) => self.left = Some(Left::For(instead)),
                Aside::Redraw => self.forget_screen(),
                Aside::Quit => {
                    self.executor.cancel_reads();
                    self.executor.stop_changes();
                    self.end = End::Until(self.timer.wait(PATIENCE));
                }
            }
        }
        told
    }

    fn see_whether_over(&mut self) {
        let drained = matches!(self.end, End::Until(_)) && self.executor.changes().next().is_none();
        if drained || self.state.world.ending == Ending::Over {
            self.left = Some(Left::Over);
        }
    }

    fn ctx(&self) -> Ctx {
        let area = self.terminal.size().map_or(Rect::ZERO, |size| Rect::from((Position::ORIGIN, size)));
        let now = self.now();
        let overlay = view::overlay::extent(self.theme, area, &self.state, now);
        let viewport = layout::viewport(area, overlay);
        Ctx { now: now.here, server_now: now.server, viewport, frames: self.frames }
    }

    fn now(&self) -> Now {
        let here = self.timer.now();
        Now { here, server: self.executor.server_time(here) }
    }

    fn draw(&mut self) {
        if !matches!(self.change, Change::Any) || self.sight == Sight::Gone {
            return;
        }
        self.change = Change::None;
        let drawn = if self.is_alone() { self.draw_alone() } else { self.draw_frame() };
        if drawn.is_err() {
            self.lose_sight();
        }
    }

    /// Whether one text is to be shown alone. Where there is no room that is said instead.
    fn is_alone(&self) -> bool {
        self.state.alone().is_some() && self.ctx().viewport.arrangement != Arrangement::TooSmall
    }

    fn draw_frame(&mut self) -> Result<(), ()> {
        if self.front != Front::Frames {
            self.front = Front::Frames;
            self.terminal.clear().map_err(drop)?;
        }
        let now = self.now();
        let Self { terminal, state, theme, .. } = self;
        let frame = terminal.draw(|frame| view::draw(frame, state, *theme, now)).map_err(drop)?;
        self.probe.drawn(frame.buffer);
        self.frames += 1;
        Ok(())
    }

    /// Shows one text alone, if it is not there: it may be just being selected.
    fn draw_alone(&mut self) -> Result<(), ()> {
        let size = self.terminal.size().map_err(drop)?;
        let clipboard = self.clipboard();
        let Some(screen) = self.state.alone().filter(|_| self.front != Front::Plain(size)) else {
            return Ok(());
        };
        plain::write(&mut self.aside, self.theme, screen.clip(), clipboard, size).map_err(drop)?;
        self.front = Front::Plain(size);
        self.frames += 1;
        Ok(())
    }
}

/// What a future gives without waiting. It is asked as this task and no other: a stream wakes whoever asked
/// last, so that one look with nobody behind it would lose the next key.
async fn if_ready<F: Future>(future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    std::future::poll_fn(|cx| {
        Poll::Ready(match future.as_mut().poll(cx) {
            Poll::Ready(output) => Some(output),
            Poll::Pending => None,
        })
    })
    .await
}
