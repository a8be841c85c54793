//! Outside work, as data that tests compare.

use crate::app::action::Action;
use crate::ops::confirm::Confirmed;
use crate::ops::plan::Plan;
use crate::ops::read::Read;
use crate::secret::Secret;
use std::time::Duration;

/// Names a running effect. From a counter in the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TaskId(pub u64);

/// Outside work. Not `Clone`: a confirmed plan is applied once.
#[derive(Debug, PartialEq, Eq)]
pub enum Effect {
    /// Read; answered by `Message::Answered`.
    Fetch {
        /// Its name.
        task: TaskId,
        /// What.
        read: Read,
    },
    /// Change; answered by `Message::Progress` and `Message::Applied`.
    Apply {
        /// Its name.
        task: TaskId,
        /// What.
        plan: Box<Confirmed<Plan>>,
    },
    /// Give a read up. A change is never given up.
    Cancel(TaskId),
    /// Stop a change after the steps under way.
    StopAfterStep(TaskId),
    /// Wake up after a while; answered by `Message::Woken`.
    WakeAfter {
        /// Its name.
        task: TaskId,
        /// How long.
        delay: Duration,
    },
    /// Say after a while when the server answered a change last; answered by `Message::Listened`, unless the
    /// change is over.
    ListenAfter {
        /// The change's name.
        task: TaskId,
        /// How long.
        delay: Duration,
    },
    /// Give the terminal's clipboard a text (OSC 52); by what is asked for it, which shows it alone when that
    /// comes again.
    Copy(Clip, Action),
    /// Write a file for the user; answered by `Message::Told`.
    Export(Export),
    /// Go to the background (^Z).
    Background,
    /// Draw everything anew.
    Redraw,
    /// Leave what is open and open this instead.
    Open(Instead),
    /// End: reads are given up, changes are drained.
    Quit,
}

/// What is opened in place of a cluster that can't be used as it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instead {
    /// The demo cluster.
    Demo,
    /// The same cluster, to which the token is sent although it is one of another.
    AnyCluster,
}

/// What is copied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Clip {
    /// A text that may be seen; named for the message.
    Text(&'static str, String),
    /// A secret.
    Secret(Secret),
}

impl Clip {
    /// What it is.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Text(name, _) => name,
            Self::Secret(_) => "the token",
        }
    }
}

/// A file for the user: never with a secret in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its name without directory and time, such as `revoked-tokens`.
    pub name: &'static str,
    /// Column heads.
    pub columns: Vec<&'static str>,
    /// Rows.
    pub rows: Vec<Vec<String>>,
}
