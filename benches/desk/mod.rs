//! The real loop on a demo cluster in a process of its own, drawing to a terminal that only counts bytes.

pub mod figure;
pub mod server;

use arv_admin::app::list::Rows;
use arv_admin::app::state::State;
use arv_admin::arvados::client::{Connection, Meant};
use arv_admin::ops::Mode;
use arv_admin::ops::journal::Journal;
use arv_admin::secret::Secret;
use arv_admin::timer::ManualTime;
use arv_admin::tui::backend::Wire;
use arv_admin::tui::clipboard::Clipboard;
use arv_admin::tui::executor::Executor;
use arv_admin::tui::runtime::{self, Heard};
use arv_admin::tui::theme::Theme;
use arv_admin::tui::{Opening, ScreenOptions, Target};
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use futures::channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use ratatui::Terminal;
use ratatui::backend::{Backend, ClearType, WindowSize};
use ratatui::buffer::Cell;
use ratatui::layout::{Position, Size};
use server::Server;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// The screen, its keyboard, and the meter on its line.
pub struct Desk {
    _server: Server,
    time: ManualTime,
    screen: runtime::Screen<Fixed>,
    keyboard: UnboundedSender<io::Result<Heard>>,
    events: UnboundedReceiver<io::Result<Heard>>,
    meter: Meter,
}

impl Desk {
    /// Opens it, and waits until all users are there.
    pub async fn open(users: usize, size: (u16, u16)) -> Self {
        let server = Server::start(Path::new(env!("CARGO_BIN_EXE_arv-admin")), users);
        let connection = Connection::on_loopback(server.addr.to_string(), Secret::new(server.token.clone()));
        let time = ManualTime::starting_at(jiff::Timestamp::now());
        let options = ScreenOptions {
            target: Target::Cluster(connection, Meant::default()),
            mode: Mode::ReadWrite,
            theme: Theme::default(),
            clipboard: Clipboard::Osc52,
            timer: time.timer(),
            journal: Journal::none(),
            export_to: Vec::new(),
            demo_users: users,
        };
        let opening = Opening::of(&options);
        let meter = Meter::default();
        let wire = Fixed { wire: Wire::new(meter.clone()), size: Size::new(size.0, size.1) };
        let mut screen = runtime::Screen::new(
            Terminal::new(wire).unwrap(),
            Box::new(io::sink()),
            State::new(opening.launch),
            options.theme,
            options.clipboard,
            Executor::new(opening.world),
            time.timer(),
        );
        screen.begin();
        let (keyboard, events) = unbounded();
        let mut desk = Self { _server: server, time, screen, keyboard, events, meter };
        desk.settle().await;
        desk
    }

    /// Presses a key: how long it takes until the frame that shows what it did, in milliseconds.
    pub async fn press(&mut self, code: KeyCode) -> f64 {
        let event = Event::Key(KeyEvent::new(code, KeyModifiers::NONE));
        self.keyboard.unbounded_send(Ok(Heard::Event(event))).unwrap();
        let start = Instant::now();
        self.screen.turn(&mut self.events).await;
        start.elapsed().as_secs_f64() * 1_000.0
    }

    /// Waits until no task is under way.
    pub async fn settle(&mut self) {
        while !self.screen.is_settled() {
            self.screen.turn(&mut self.events).await;
        }
    }

    /// Lets the cursor rest, and waits for what that reads.
    pub async fn rest(&mut self) {
        self.time.advance(Duration::from_secs(1));
        // Every key that was pressed meanwhile has left a wake-up; the last one starts the tasks.
        let is_read = |screen: &runtime::Screen<Fixed>| {
            screen.state().world.details.current().is_some_and(|details| details.summary.value().is_some())
        };
        while !is_read(&self.screen) {
            self.screen.turn(&mut self.events).await;
        }
        self.settle().await;
    }

    /// How many bytes went to the terminal since this was asked last.
    pub fn bytes(&self) -> f64 {
        let bytes = self.meter.0.swap(0, Ordering::Relaxed);
        f64::from(u32::try_from(bytes).unwrap())
    }

    /// How many users the list shows.
    pub fn shown(&self) -> usize {
        self.screen.state().world.users.table().shown_len()
    }
}

/// Counts what is written.
#[derive(Clone, Default)]
struct Meter(Arc<AtomicUsize>);

impl Write for Meter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.fetch_add(bytes.len(), Ordering::Relaxed);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A terminal of one size, whatever this program itself runs in.
struct Fixed {
    wire: Wire<Meter>,
    size: Size,
}

impl Backend for Fixed {
    type Error = io::Error;

    fn draw<'a, I: Iterator<Item = (u16, u16, &'a Cell)>>(&mut self, content: I) -> io::Result<()> {
        self.wire.draw(content)
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.wire.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.wire.show_cursor()
    }

    fn get_cursor_position(&mut self) -> io::Result<Position> {
        self.wire.get_cursor_position()
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.wire.set_cursor_position(position)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.wire.clear()
    }

    fn clear_region(&mut self, clear_type: ClearType) -> io::Result<()> {
        self.wire.clear_region(clear_type)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.size)
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize { columns_rows: self.size, pixels: Size::new(0, 0) })
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.wire)
    }
}
