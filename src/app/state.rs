//! Everything that is shown: no handles, channels, clocks or secrets but the one a dialog shows.

use crate::app::effect::{Effect, TaskId};
use crate::app::overlay::Overlay;
use crate::app::remote::Remote;
use crate::model::session::Session;
use crate::ops::read::Read;

/// Everything that is shown.
#[derive(Debug)]
pub struct State {
    /// How the program was started.
    pub launch: Launch,
    /// Who is asking, where.
    pub session: Remote<Session>,
    /// Which pane has the keyboard when no overlay has.
    pub focus: Focus,
    /// What lies above the panes; the last one has the keyboard.
    pub overlays: Vec<Overlay>,
    /// Whether the program is ending.
    pub ending: Ending,
    last_task: u64,
}

/// How the program was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// Where the cluster is to be found, or why nowhere.
    pub place: Place,
    /// Whether anything may be changed.
    pub mode: crate::ops::Mode,
    /// Whether the server's certificate is not checked.
    pub certificates: Certificates,
}

/// Where the cluster is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Here.
    Host(String),
    /// In this process, for trying things out.
    Demo(String),
    /// Nowhere: what was looked for, and what was found.
    NotConfigured(Vec<(String, String)>),
}

/// Whether the server's certificate is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certificates {
    /// It is.
    Checked,
    /// `ARVADOS_API_HOST_INSECURE`: shown as a warning all the time.
    Ignored,
}

/// Which pane has the keyboard when no overlay has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Focus {
    /// The list of users.
    Users,
    /// The chosen user's tokens or logins.
    Details,
}

/// Whether the program is ending.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is not.
    No,
    /// Waits for changes under way.
    Draining,
    /// It is over.
    Over,
}

impl State {
    /// A new state; nothing is asked for yet.
    pub fn new(launch: Launch) -> Self {
        Self {
            launch,
            session: Remote::default(),
            focus: Focus::Users,
            overlays: Vec::new(),
            ending: Ending::No,
            last_task: 0,
        }
    }

    /// A name for a new task.
    pub fn new_task(&mut self) -> TaskId {
        self.last_task += 1;
        TaskId(self.last_task)
    }

    /// A read, under a new name.
    pub fn fetch(&mut self, read: Read) -> (TaskId, Effect) {
        let task = self.new_task();
        (task, Effect::Fetch { task, read })
    }
}
