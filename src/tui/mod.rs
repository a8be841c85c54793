//! The shell around the pure core: the terminal, the event loop, the tasks, the keys and the drawing.

pub mod backend;
mod burst;
pub mod clipboard;
pub mod executor;
mod export;
pub mod farewell;
mod frames;
pub mod input;
pub mod keymap;
pub mod layout;
mod pen;
mod plain;
mod probe;
pub mod queries;
pub mod reader;
pub mod runtime;
pub mod terminal;
pub mod theme;
pub mod view;

use crate::app::effect::Instead;
use crate::app::launch::{Certificates, Launch, Place};
use crate::app::state::State;
use crate::arvados::connection::{Connection, Meant, TokenFor, Trust};
use crate::demo::{self, Demo};
use crate::ops::Mode;
use crate::ops::journal::Journal;
use crate::secret::Secret;
use crate::timer::Timer;
use backend::Wire;
use clipboard::Clipboard;
use crossterm::event::Event;
use executor::{Executor, World};
use farewell::Known;
use frames::Frames;
use futures::stream::{self, Stream, StreamExt};
use ratatui::Terminal;
use reader::Reader;
use runtime::{Heard, Left, Screen};
use std::fs::File;
use std::io::{self, stdout};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::task::Poll;
use terminal::Modes;
use theme::Theme;
use tokio::signal::unix::{SignalKind, signal};

/// How the screen is to be.
#[derive(Debug, Clone)]
pub struct ScreenOptions {
    /// Which cluster it shows.
    pub target: Target,
    /// Whether anything may be changed.
    pub mode: Mode,
    /// How it looks.
    pub theme: Theme,
    /// How its clipboard is reached.
    pub clipboard: Clipboard,
    /// The time.
    pub timer: Timer,
    /// Where changes are written down; those of the demo cluster never are.
    pub journal: Journal,
    /// Where files for the user go: the first directory that takes one.
    pub export_to: Vec<PathBuf>,
    /// How many users a demo cluster has that is opened from the start page.
    pub demo_users: usize,
}

/// Which cluster is shown.
#[derive(Debug, Clone)]
pub enum Target {
    /// This one; and which clusters the token may be sent to.
    Cluster(Connection, Meant),
    /// A demo cluster of its own.
    Demo,
    /// None: what was looked for, and what was found.
    NotConfigured(Vec<(String, String)>),
}

/// How the screen was left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitKind {
    /// As wanted.
    Done,
    /// Of some change it is not known whether it was done.
    Unknown,
    /// It could not be opened: there is no terminal.
    NoTerminal,
    /// By a signal of this number, or as by a hang-up because the terminal was gone.
    Signalled(i32),
}

/// What a screen is opened on.
#[derive(Debug, Clone)]
pub struct Opening {
    /// What the state is to know of it.
    pub launch: Launch,
    /// What the executor needs of it.
    pub world: World,
}

impl Opening {
    /// A cluster, or none.
    pub fn of(options: &ScreenOptions) -> Self {
        let (place, connection, meant) = match &options.target {
            Target::Cluster(connection, meant) => {
                (Place::Host(connection.host.clone()), Some(connection.clone()), *meant)
            }
            Target::Demo => (Place::NotConfigured(Vec::new()), None, Meant::default()),
            Target::NotConfigured(looked_for) => {
                (Place::NotConfigured(looked_for.clone()), None, Meant::default())
            }
        };
        let mut opening = Self::new(options, place, connection, options.journal.clone());
        opening.world.meant = meant;
        opening
    }

    /// A demo cluster that is there already.
    pub fn of_demo(options: &ScreenOptions, demo: &Demo) -> Self {
        let host = demo.addr().to_string();
        let connection = Connection::on_loopback(host.clone(), Secret::new(demo.admin_token().to_owned()));
        Self::new(options, Place::Demo(host), Some(connection), Journal::none())
    }

    fn new(options: &ScreenOptions, place: Place, connection: Option<Connection>, journal: Journal) -> Self {
        let certificates = match &connection {
            Some(Connection { trust: Trust::Anything, .. }) => Certificates::Ignored,
            Some(_) | None => Certificates::Checked,
        };
        Self {
            launch: Launch { place, mode: options.mode, certificates },
            world: World {
                connection,
                meant: Meant::default(),
                mode: options.mode,
                timer: options.timer.clone(),
                journal,
                export_to: options.export_to.clone(),
            },
        }
    }
}

/// Whether there is a terminal to open the screen on.
pub fn has_terminal() -> bool {
    terminal::is_there()
}

/// Opens the screen, and comes back when the user has left it and the terminal is as it was.
pub async fn run(mut options: ScreenOptions) -> io::Result<ExitKind> {
    if !has_terminal() {
        terminal::tell(
            "arv-admin: the screen needs a terminal. For scripts there are subcommands, such as\n\
             `arv-admin users list --format json`; see `arv-admin --help`.",
        );
        return Ok(ExitKind::NoTerminal);
    }
    let mut demo = match options.target {
        Target::Demo => Some(start_demo(&options).await?),
        Target::Cluster(..) | Target::NotConfigured(_) => None,
    };
    let ended_by = Arc::new(OnceLock::new());
    let mut signals = Box::pin(signals(Arc::clone(&ended_by))?);
    let modes = Modes::enter()?;
    let (journal, farewell) = loop {
        let opening = match &demo {
            Some(demo) => Opening::of_demo(&options, demo),
            None => Opening::of(&options),
        };
        let journal = opening.world.journal.clone();
        let mut screen = open(&options, opening)?;
        match work(&mut screen, &mut signals, &options.timer).await {
            Left::For(Instead::Demo) => demo = Some(start_demo(&options).await?),
            Left::For(Instead::AnyCluster) => {
                if let Target::Cluster(_, meant) = &mut options.target {
                    meant.token = TokenFor::AnyCluster;
                }
            }
            Left::Over | Left::Background | Left::Continued => {
                if screen.is_gone() {
                    ended_by.get_or_init(|| SignalKind::hangup().as_raw_value());
                }
                break (journal, screen.farewell().clone());
            }
        }
    };
    drop(modes);
    if let Some(text) = farewell.text(journal.path().map(PathBuf::as_path)) {
        terminal::tell(&text);
    }
    Ok(match (farewell.known(), ended_by.get()) {
        (Known::NotAll, _) => ExitKind::Unknown,
        (Known::All, Some(signal)) => ExitKind::Signalled(*signal),
        (Known::All, None) => ExitKind::Done,
    })
}

type RealScreen = Screen<Wire<Frames<File>>>;

fn open(options: &ScreenOptions, opening: Opening) -> io::Result<RealScreen> {
    // Not through the standard library's own buffer, which nobody could wipe.
    let out = || io::Result::Ok(File::from(stdout().as_fd().try_clone_to_owned()?));
    let mut terminal = Terminal::new(Wire::new(Frames::new(out()?)))?;
    terminal.clear()?;
    Ok(Screen::new(
        terminal,
        Box::new(Frames::new(out()?)),
        State::new(opening.launch),
        options.theme,
        options.clipboard,
        Executor::new(opening.world),
        options.timer.clone(),
    ))
}

/// Works until the screen is over or another is to be opened; meanwhile the user may have been elsewhere.
async fn work(
    screen: &mut RealScreen,
    signals: &mut (impl Stream<Item = Heard> + Unpin),
    timer: &Timer,
) -> Left {
    loop {
        let left = {
            // Lives only while the screen is in front: it takes every key, also those for the shell.
            if let Ok(keys) = Reader::of_stdin(timer.clone()) {
                screen.run(&mut stream::select(keys, signals.by_ref().map(Ok))).await
            } else {
                screen.lose_sight();
                screen.run(&mut signals.by_ref().map(Ok)).await
            }
        };
        let modes_set = match left {
            Left::Background => terminal::suspend(),
            Left::Continued => terminal::set_again(),
            Left::Over | Left::For(_) => return left,
        };
        // A terminal that hangs up also says to go on; but then it is gone.
        if modes_set.is_err() {
            screen.lose_sight();
        }
        screen.forget_screen();
    }
}

async fn start_demo(options: &ScreenOptions) -> io::Result<Demo> {
    let contents = demo::Contents::Institute { users: options.demo_users };
    demo::start(demo::Options { contents, ..demo::Options::default() }).await
}

/// What the system asks for; the first signal that ends the program is kept in `ended_by`.
fn signals(ended_by: Arc<OnceLock<i32>>) -> io::Result<impl Stream<Item = Heard>> {
    let watched = |kind: SignalKind| Ok::<_, io::Error>((signal(kind)?, kind.as_raw_value()));
    let mut terminate = watched(SignalKind::terminate())?;
    let mut hang_up = watched(SignalKind::hangup())?;
    let mut interrupt = watched(SignalKind::interrupt())?;
    let mut size = signal(SignalKind::window_change())?;
    let mut go_on = signal(SignalKind::from_raw(signal_hook::consts::SIGCONT))?;
    Ok(stream::poll_fn(move |cx| {
        let mut ends = [&mut terminate, &mut hang_up, &mut interrupt].into_iter();
        if let Some((_, number)) = ends.find_map(|end| end.0.poll_recv(cx).is_ready().then_some(end)) {
            ended_by.get_or_init(|| *number);
            Poll::Ready(Some(Heard::Terminate))
        } else if go_on.poll_recv(cx).is_ready() {
            Poll::Ready(Some(Heard::Continued))
        } else if size.poll_recv(cx).is_ready() {
            let (columns, rows) = crossterm::terminal::size().unwrap_or_default();
            Poll::Ready(Some(Heard::Event(Event::Resize(columns, rows))))
        } else {
            Poll::Pending
        }
    }))
}
