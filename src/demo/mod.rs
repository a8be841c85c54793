//! The demo cluster: a real HTTP server on loopback that follows the rules of an Arvados cluster's front
//! door, the controller before the Rails API. It knows nothing of the program that uses it: an emulator
//! that shared types with the client would repeat the client's mistakes.

mod answer;
mod auth;
mod call;
mod cell;
pub mod clock;
mod cluster;
mod columns;
mod failure;
pub mod faults;
mod filter;
mod list;
pub mod moment;
mod permissions;
mod query;
mod reading;
pub mod record;
mod request;
mod routes;
mod rules;
pub mod seed;
mod server;
mod settings;
mod staging;
pub mod store;
pub mod table;
pub mod uuid;
mod wire;
mod write;

pub use clock::Time;
pub use faults::{Fault, Faults, Rule};
pub use moment::Moment;
pub use server::Seen;
pub use settings::Settings;
pub use staging::AtWork;

use crate::secret::Secret;
use axum::Router;
use axum::routing::any;
use cluster::Cluster;
use server::Shared;
use std::collections::BTreeSet;
use std::io::{self, Write};
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use store::Store;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use wire::{Gate, Line};

/// With what the demo cluster starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contents {
    /// Only the system and anonymous users, as a cluster just installed.
    Empty,
    /// A believable institute of about this many users.
    Institute { users: usize },
}

/// How the demo cluster is to be.
#[derive(Clone)]
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub listen: SocketAddr,
    /// The system root token; a new one if left out.
    pub root_token: Option<String>,
    pub contents: Contents,
    pub time: Time,
    pub settings: Settings,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            root_token: None,
            contents: Contents::Institute { users: 250 },
            time: Time::Real,
            settings: Settings::default(),
        }
    }
}

/// A demo cluster that serves until it is stopped or dropped.
pub struct Demo {
    addr: SocketAddr,
    shared: Arc<Shared>,
    admin_token: Secret,
    stop: CancellationToken,
    task: Option<JoinHandle<()>>,
}

/// Starts a demo cluster; it listens before this returns.
pub async fn start(options: Options) -> io::Result<Demo> {
    let listener = TcpListener::bind(options.listen).await?;
    let addr = listener.local_addr()?;
    let mut store = Store::new(options.time);
    let root = options.root_token.map_or_else(|| store.new_secret(), Secret::new);
    let admin_token = match options.contents {
        Contents::Empty => root.clone(),
        Contents::Institute { users } => {
            let seeded = seed::institute(&mut store, users);
            store.remotes = homes_elsewhere(&store);
            let token = store.tokens.get(seeded.admin_token).ok_or(io::ErrorKind::NotFound)?;
            Secret::new(token.v2())
        }
    };
    store.settings = options.settings;
    let shared = Arc::new(Shared::new(Cluster::new(store, root)));

    let stop = CancellationToken::new();
    let app = Router::new().fallback(any(server::serve)).with_state(Arc::clone(&shared));
    let gate = Gate { listener, stop: stop.clone() };
    let served = axum::serve(gate, app.into_make_service_with_connect_info::<Line>())
        .with_graceful_shutdown(stop.clone().cancelled_owned());
    #[expect(clippy::disallowed_methods, reason = "the demo cluster's one task; Demo stops and joins it")]
    let task = tokio::spawn(async move {
        // Serving ends only by stopping; there is nobody to tell of anything else.
        let _ended = served.await;
    });
    Ok(Demo { addr, shared, admin_token, stop, task: Some(task) })
}

/// The clusters that users come from, besides this one.
fn homes_elsewhere(store: &Store) -> BTreeSet<String> {
    store
        .users
        .iter()
        .map(|user| user.common.uuid.cluster())
        .filter(|id| *id != uuid::CLUSTER)
        .map(str::to_owned)
        .collect()
}

impl Demo {
    pub fn addr(&self) -> SocketAddr {
        self.addr
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        format!("http://{}", self.addr)
    }

    /// The system root token, as it is sent.
    pub fn root_token(&self) -> &str {
        self.shared.cluster.root().expose()
    }

    /// A token of an admin in the v2 form; of an empty cluster the root token.
    pub fn admin_token(&self) -> &str {
        self.admin_token.expose()
    }

    /// The faults in force; they may be changed at any time.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The requests that came, oldest first; the last ten thousand.
    pub fn requests(&self) -> Vec<Seen> {
        self.shared.seen()
    }

    pub fn clear_requests(&self) {
        self.shared.forget_seen();
    }

    /// Looks into the store, or changes it behind the server's back.
    pub fn with_store<T>(&self, work: impl FnOnce(&mut Store) -> T) -> T {
        work(&mut self.shared.cluster.write())
    }

    /// Stops serving and waits for the end; open connections are closed.
    pub async fn stop(mut self) {
        self.stop.cancel();
        if let Some(task) = self.task.take() {
            // A task that failed is over as well.
            let _ended = task.await;
        }
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Serves a demo cluster alone: says in two lines how to reach it, and stops on Ctrl-C or SIGTERM.
pub async fn serve_until_ctrl_c(options: Options, rules: Vec<Rule>, out: &mut impl Write) -> io::Result<()> {
    let mut terminate = signal(SignalKind::terminate())?;
    let demo = start(options).await?;
    demo.faults().add_all(rules);
    writeln!(out, "ARVADOS_API_HOST={}", demo.url())?;
    writeln!(out, "ARVADOS_API_TOKEN={}", demo.admin_token())?;
    out.flush()?;
    tokio::select! {
        interrupted = tokio::signal::ctrl_c() => interrupted?,
        _ = terminate.recv() => {}
    }
    demo.stop().await;
    Ok(())
}
