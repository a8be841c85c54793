//! Drives the real loop on a demo cluster in this process: keys in, screen and requests out. Nothing here
//! sleeps: what is waited for is said, and the program's time moves only when a test moves it.

use arv_admin::app::context::Context;
use arv_admin::app::launch::Place;
use arv_admin::app::state::State;
use arv_admin::arvados::connection::{Connection, Meant};
use arv_admin::demo::{self, Contents, Demo, Seen, Time};
use arv_admin::ops::Mode;
use arv_admin::ops::journal::Journal;
use arv_admin::timer::ManualTime;
use arv_admin::tui::clipboard::Clipboard;
use arv_admin::tui::executor::Executor;
use arv_admin::tui::farewell::Farewell;
use arv_admin::tui::keymap::Key;
use arv_admin::tui::reader::Reader;
use arv_admin::tui::reader::reply::Reply;
use arv_admin::tui::runtime::{self, Heard, Left};
use arv_admin::tui::theme::Theme;
use arv_admin::tui::{Opening, ScreenOptions, Target};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures::{FutureExt, StreamExt};
use jiff::{SignedDuration, Timestamp};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Buffer;
use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// When the tests take place.
const START: &str = "2026-11-24T10:42:00Z";

/// After so long, by the machine's clock, what is waited for will not come any more.
const HOPELESS: Duration = Duration::from_secs(60);

/// How a screen is started.
pub struct Start {
    pub size: (u16, u16),
    pub users: usize,
    pub mode: Mode,
    pub journal: Journal,
    pub export_to: Vec<PathBuf>,
    pub theme: Theme,
    /// What the cluster is called on the screen; else its address.
    pub host: Option<&'static str>,
    /// How far the cluster's clock is ahead of this computer's.
    pub ahead: SignedDuration,
    /// What it connects to; else the demo cluster.
    pub connection: Option<Connection>,
    pub terminal: Answers,
}

/// What the terminal answers to what it is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answers {
    Nothing,
    /// That it is a terminal that answers, and no more unless a test says so.
    WhatItIs,
}

impl Default for Start {
    fn default() -> Self {
        Self {
            size: (120, 40),
            users: 250,
            mode: Mode::ReadWrite,
            journal: Journal::none(),
            export_to: Vec::new(),
            theme: Theme::default(),
            host: None,
            ahead: SignedDuration::ZERO,
            connection: None,
            terminal: Answers::WhatItIs,
        }
    }
}

/// A screen at work.
pub struct Screen {
    pub demo: Demo,
    pub time: ManualTime,
    at_work: runtime::Screen<TestBackend>,
    keyboard: UnboundedSender<io::Result<Heard>>,
    events: UnboundedReceiver<io::Result<Heard>>,
    aside: Tap,
    left: Option<Left>,
    line: Option<Line>,
}

/// A terminal's line, with the program's own reader at the other end.
struct Line {
    terminal: UnixStream,
    /// The other end once more, to see what is not read yet.
    unread: UnixStream,
    reader: Reader,
}

impl Line {
    fn new(time: &ManualTime) -> Self {
        let (terminal, program) = UnixStream::pair().unwrap();
        let unread = program.try_clone().unwrap();
        Self { terminal, unread, reader: Reader::new(program.into(), time.timer()).unwrap() }
    }

    fn is_unread(&self) -> bool {
        rustix::io::ioctl_fionread(&self.unread).unwrap() > 0
    }

    fn pass_on(&mut self, keyboard: &UnboundedSender<io::Result<Heard>>) {
        while let Some(Some(heard)) = self.reader.next().now_or_never() {
            keyboard.unbounded_send(heard).unwrap();
        }
    }
}

impl Screen {
    /// Starts, and waits until everything that is read at the start is there.
    pub async fn start(start: Start) -> Self {
        let mut screen = Self::open(start).await;
        screen.settle().await;
        screen
    }

    /// Starts, and shows the first frame.
    pub async fn open(start: Start) -> Self {
        let now: Timestamp = START.parse().unwrap();
        let contents = Contents::Institute { users: start.users };
        let options =
            demo::Options { contents, time: Time::From(now + start.ahead), ..demo::Options::default() };
        let demo = demo::start(options).await.unwrap();
        let time = match &start.connection {
            // What is not on this thread is not hurried: only the waits before another try are left out.
            Some(_) => ManualTime::starting_at(now).skipping(Duration::from_secs(2)),
            None => ManualTime::starting_at(now),
        };
        let options = ScreenOptions {
            target: start
                .connection
                .map_or(Target::Demo, |connection| Target::Cluster(connection, Meant::default())),
            mode: start.mode,
            theme: start.theme,
            clipboard: Clipboard::Osc52,
            timer: time.timer(),
            journal: Journal::none(),
            export_to: start.export_to,
            demo_users: start.users,
        };
        let mut opening = match &options.target {
            Target::Demo | Target::NotConfigured(_) => Opening::of_demo(&options, &demo),
            Target::Cluster(..) => Opening::of(&options),
        };
        opening.world.journal = start.journal;
        if let Some(host) = start.host {
            opening.launch.place = Place::Demo(host.to_owned());
        }
        let aside = Tap::default();
        let (width, height) = start.size;
        let mut screen = runtime::Screen::new(
            Terminal::new(TestBackend::new(width, height)).unwrap(),
            Box::new(aside.clone()),
            State::new(opening.launch),
            options.theme,
            options.clipboard,
            Executor::new(opening.world),
            time.timer(),
        );
        screen.begin();
        let (keyboard, events) = unbounded();
        if start.terminal == Answers::WhatItIs {
            keyboard.unbounded_send(Ok(Heard::Reply(Reply::DeviceAttributes))).unwrap();
        }
        Self { demo, time, at_work: screen, keyboard, events, aside, left: None, line: None }
    }

    /// Presses keys, named as the help names them: `"j j Enter Ctrl-S"`. Each is seen before the next.
    pub async fn press(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.hear(Event::Key(key_named(key))).await;
        }
    }

    /// Presses keys so fast that nothing is done between them: what is under way would go on as long as there is
    /// something to hear of it.
    pub async fn press_fast(&mut self, keys: &str) {
        for key in keys.split_whitespace() {
            self.keyboard.unbounded_send(Ok(Heard::Event(Event::Key(key_named(key))))).unwrap();
        }
        self.ready().await;
    }

    /// Types a text, letter by letter.
    pub async fn type_text(&mut self, text: &str) {
        for letter in text.chars() {
            self.hear(Event::Key(KeyEvent::new(KeyCode::Char(letter), KeyModifiers::NONE))).await;
        }
    }

    /// Presses a key of the table of keys.
    pub async fn key(&mut self, key: Key) {
        self.hear(Event::Key(event_of(key))).await;
    }

    /// Lets time go by, a little at a time, until nothing is under way any more.
    pub async fn wear_out(&mut self) {
        // Enough for a healthy server, which runs on this thread, to answer before its time is over.
        const TURNS: usize = 150;
        for _ in 0..5_000 {
            for _ in 0..TURNS {
                if self.left.is_some() || self.at_work.is_settled() {
                    return self.ready().await;
                }
                self.pause().await;
            }
            self.advance_only(Duration::from_secs(1)).await;
        }
        panic!("it never comes to rest:\n{}", self.text());
    }

    /// Comes back from the background.
    pub fn come_back(&mut self) {
        assert_eq!(self.left.take(), Some(Left::Background));
        self.at_work.begin();
        self.at_work.forget_screen();
    }

    /// The terminal answers.
    pub async fn reply(&mut self, reply: Reply) {
        self.say(Ok(Heard::Reply(reply))).await;
    }

    /// Keys that come in one piece: what is typed on a slow line, or pasted where pastes are not bracketed.
    pub async fn burst(&mut self, keys: &str) {
        let keys = keys.chars().map(|c| match c {
            '\r' | '\n' => KeyEvent::new(KeyCode::Enter, KeyModifiers::NONE),
            '\t' => KeyEvent::new(KeyCode::Tab, KeyModifiers::NONE),
            '\u{1b}' => KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE),
            '\u{1}'..='\u{1a}' => {
                let letter = char::from(u8::try_from(c).unwrap() - 1 + b'a');
                KeyEvent::new(KeyCode::Char(letter), KeyModifiers::CONTROL)
            }
            c => KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE),
        });
        self.say(Ok(Heard::Burst(keys.collect()))).await;
    }

    /// What a terminal sends, one read after the other.
    pub async fn send(&mut self, reads: &[&[u8]]) {
        let mut line = self.line.take().unwrap_or_else(|| Line::new(&self.time));
        for read in reads {
            line.terminal.write_all(read).unwrap();
            while line.is_unread() {
                line.pass_on(&self.keyboard);
                self.pause().await;
            }
            line.pass_on(&self.keyboard);
            self.ready().await;
        }
        self.line = Some(line);
    }

    /// The same, and then nothing for a while: what was unfinished is over.
    pub async fn send_and_rest(&mut self, reads: &[&[u8]]) {
        self.send(reads).await;
        for _ in 0..4 {
            self.rest(Duration::from_secs(11)).await;
        }
    }

    /// The terminal sends nothing for so long.
    pub async fn rest(&mut self, duration: Duration) {
        self.advance_only(duration).await;
        if let Some(line) = &mut self.line {
            line.pass_on(&self.keyboard);
        }
        self.ready().await;
    }

    /// Pastes a text.
    pub async fn paste(&mut self, text: &str) {
        self.hear(Event::Paste(text.to_owned())).await;
    }

    /// Changes the terminal's size.
    pub async fn resize(&mut self, width: u16, height: u16) {
        self.at_work.terminal().backend_mut().resize(width, height);
        self.hear(Event::Resize(width, height)).await;
    }

    /// The system asks the program to end.
    pub async fn terminate(&mut self) {
        self.say(Ok(Heard::Terminate)).await;
    }

    /// The terminal goes away.
    pub async fn hang_up(&mut self) {
        self.say(Err(io::ErrorKind::BrokenPipe.into())).await;
    }

    /// Waits until no task is under way and everything is drawn. Wake-ups do not count: see
    /// [`Self::advance`].
    pub async fn settle(&mut self) {
        while self.left.is_none() && !self.at_work.is_settled() {
            self.turn("all tasks end").await;
        }
        self.ready().await;
    }

    /// Lets time go by, and waits for what that starts.
    pub async fn advance(&mut self, duration: Duration) {
        self.pass(duration);
        self.ready().await;
        self.settle().await;
    }

    /// Lets time go by, and waits for nothing.
    pub async fn advance_only(&mut self, duration: Duration) {
        self.pass(duration);
        self.ready().await;
    }

    /// Time goes by at the cluster as well as here.
    fn pass(&mut self, duration: Duration) {
        self.time.advance(duration);
        let there = SignedDuration::try_from(duration).unwrap();
        self.demo.with_store(|store| store.clock.advance(there));
    }

    /// Lets the other tasks, and the demo cluster, have a turn.
    pub async fn pause(&mut self) {
        self.ready().await;
        tokio::task::yield_now().await;
    }

    /// Waits until the screen shows this.
    pub async fn until_shown(&mut self, text: &str) {
        while !self.text().contains(text) {
            self.turn(text).await;
        }
    }

    /// One turn of the loop.
    pub async fn step(&mut self) {
        self.turn("anything").await;
    }

    /// Waits until the loop is left.
    pub async fn until_left(&mut self) -> Left {
        loop {
            if let Some(left) = self.left {
                return left;
            }
            self.turn("the end").await;
        }
    }

    /// What the screen shows, as it looks.
    pub fn buffer(&mut self) -> &Buffer {
        self.at_work.terminal().backend().buffer()
    }

    /// What the screen shows.
    pub fn text(&mut self) -> String {
        let buffer = self.buffer();
        let rows = buffer.content.chunks(usize::from(buffer.area.width.max(1)));
        let text =
            |row: &[ratatui::buffer::Cell]| row.iter().map(ratatui::buffer::Cell::symbol).collect::<String>();
        rows.map(|row| text(row).trim_end().to_owned()).collect::<Vec<_>>().join("\n")
    }

    /// The cells of the screen.
    pub fn cells(&mut self) -> Vec<ratatui::buffer::Cell> {
        self.at_work.terminal().backend().buffer().content.clone()
    }

    /// The row that shows this.
    pub fn row(&mut self, text: &str) -> String {
        let screen = self.text();
        screen
            .lines()
            .find(|row| row.contains(text))
            .unwrap_or_else(|| panic!("{text:?} is not on the screen:\n{screen}"))
            .to_owned()
    }

    /// Fails unless the screen shows this.
    pub fn assert_shows(&mut self, text: &str) {
        let screen = self.text();
        assert!(screen.contains(text), "{text:?} is not on the screen:\n{screen}");
    }

    /// Fails if the screen shows this.
    pub fn assert_hides(&mut self, text: &str) {
        let screen = self.text();
        assert!(!screen.contains(text), "{text:?} is on the screen:\n{screen}");
    }

    /// What has the keyboard.
    pub fn context(&self) -> Context {
        self.at_work.state().context()
    }

    /// What is below the overlays.
    pub fn world(&self) -> &arv_admin::app::world::World {
        &self.at_work.state().world
    }

    /// The state behind the screen.
    pub fn state(&self) -> &State {
        self.at_work.state()
    }

    /// How many frames were drawn.
    pub fn frames(&self) -> u64 {
        self.at_work.frames()
    }

    /// Why the loop was left, if it was.
    pub fn left(&self) -> Option<Left> {
        self.left
    }

    /// What would be said after the end.
    pub fn farewell(&self) -> &Farewell {
        self.at_work.farewell()
    }

    /// What went to the terminal beside the frames.
    pub fn aside(&self) -> String {
        String::from_utf8(self.aside.0.lock().unwrap().clone()).unwrap()
    }

    /// The requests that changed something, as `METHOD path`.
    pub fn writes(&self) -> Vec<String> {
        let is_write = |seen: &Seen| seen.method != "GET" && !seen.body.contains("_method=GET");
        let line = |seen: &Seen| format!("{} {}", seen.method, seen.path);
        self.demo.requests().iter().filter(|seen| is_write(seen)).map(line).collect()
    }

    async fn hear(&mut self, event: Event) {
        self.say(Ok(Heard::Event(event))).await;
    }

    async fn say(&mut self, heard: io::Result<Heard>) {
        self.keyboard.unbounded_send(heard).unwrap();
        self.ready().await;
    }

    /// Handles what is ready, and nothing that would have to be waited for.
    async fn ready(&mut self) {
        while self.left.is_none() {
            // Other tasks get their turn, too.
            tokio::task::yield_now().await;
            match self.at_work.turn(&mut self.events).now_or_never() {
                Some(left) => self.left = left,
                None => break,
            }
        }
    }

    async fn turn(&mut self, awaited: &str) {
        assert!(self.left.is_none(), "the loop was left before this was there: {awaited}");
        let turn = tokio::time::timeout(HOPELESS, self.at_work.turn(&mut self.events)).await;
        let Ok(left) = turn else { panic!("{awaited:?} does not come:\n{}", self.text()) };
        self.left = left;
    }
}

/// What was written, for both ends.
#[derive(Clone, Default)]
struct Tap(Arc<Mutex<Vec<u8>>>);

impl Write for Tap {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn event_of(key: Key) -> KeyEvent {
    let (code, modifiers) = match key {
        Key::Char(letter) => (KeyCode::Char(letter), KeyModifiers::NONE),
        Key::Ctrl(letter) => (KeyCode::Char(letter), KeyModifiers::CONTROL),
        Key::Up => (KeyCode::Up, KeyModifiers::NONE),
        Key::Down => (KeyCode::Down, KeyModifiers::NONE),
        Key::Left => (KeyCode::Left, KeyModifiers::NONE),
        Key::Right => (KeyCode::Right, KeyModifiers::NONE),
        Key::Home => (KeyCode::Home, KeyModifiers::NONE),
        Key::End => (KeyCode::End, KeyModifiers::NONE),
        Key::PageUp => (KeyCode::PageUp, KeyModifiers::NONE),
        Key::PageDown => (KeyCode::PageDown, KeyModifiers::NONE),
        Key::Enter => (KeyCode::Enter, KeyModifiers::NONE),
        Key::Esc => (KeyCode::Esc, KeyModifiers::NONE),
        Key::Tab => (KeyCode::Tab, KeyModifiers::NONE),
        Key::BackTab => (KeyCode::BackTab, KeyModifiers::SHIFT),
        Key::Backspace => (KeyCode::Backspace, KeyModifiers::NONE),
        Key::Delete => (KeyCode::Delete, KeyModifiers::NONE),
    };
    KeyEvent::new(code, modifiers)
}

fn key_named(name: &str) -> KeyEvent {
    let plain = |code| KeyEvent::new(code, KeyModifiers::NONE);
    match name {
        "Space" => plain(KeyCode::Char(' ')),
        "Enter" => plain(KeyCode::Enter),
        "Esc" => plain(KeyCode::Esc),
        "Tab" => plain(KeyCode::Tab),
        "Shift-Tab" => KeyEvent::new(KeyCode::BackTab, KeyModifiers::SHIFT),
        "Up" => plain(KeyCode::Up),
        "Down" => plain(KeyCode::Down),
        "Left" => plain(KeyCode::Left),
        "Right" => plain(KeyCode::Right),
        "Home" => plain(KeyCode::Home),
        "End" => plain(KeyCode::End),
        "PgUp" => plain(KeyCode::PageUp),
        "PgDn" => plain(KeyCode::PageDown),
        "Backspace" => plain(KeyCode::Backspace),
        "Delete" => plain(KeyCode::Delete),
        name => {
            let (modifiers, letter) = match name.strip_prefix("Ctrl-") {
                Some(letter) => (KeyModifiers::CONTROL, letter.to_lowercase()),
                None => (KeyModifiers::NONE, name.to_owned()),
            };
            let mut letters = letter.chars();
            match (letters.next(), letters.next()) {
                (Some(letter), None) => KeyEvent::new(KeyCode::Char(letter), modifiers),
                _ => panic!("no key is called {name:?}"),
            }
        }
    }
}
