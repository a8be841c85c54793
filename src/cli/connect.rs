//! The cluster a command works on: the configured one, or a demo cluster inside this process.

use super::args::Global;
use super::exit::{Exit, Stop};
use super::output::{Output, say};
use super::prompt::Asked;
use crate::config::{ConfigError, Settings, Surroundings, Wanted, state_dir};
use crate::demo::{self, Contents, Demo};
use crate::model::ids::TokenUuid;
use crate::model::text::clean;
use crate::model::when::{ENDS_BY_THE_CLUSTERS, clocks_apart};
use crate::ops::cluster::Cluster;
use crate::ops::connecting::{self, Meant, TokenFor};
use crate::ops::failure::{ErrorKind, Failure};
use crate::ops::journal::Journal;
use crate::ops::{Mode, WriteAccess, left_helpers};
use crate::secret::Secret;

/// How many people the demo cluster has if nobody says.
const DEMO_USERS: u32 = 250;

/// What every command on a cluster works with.
pub struct Desk {
    /// The cluster.
    pub cluster: Cluster,
    /// Leave to write; none with `--read-only`.
    pub leave: Option<WriteAccess>,
    /// Where data is printed.
    pub output: Output,
    /// What `check` says of the settings.
    pub way: Way,
    /// Lives as long as it is used.
    _demo: Option<Demo>,
}

/// How the cluster is reached.
pub struct Way {
    /// The proxy, and the variable that names it.
    pub proxy: Option<String>,
    /// Whose certificates are believed; nobody's where nothing is encrypted.
    pub certificates: Option<String>,
    /// What other Arvados tools make of the settings, where it is something else.
    pub notes: Vec<String>,
}

/// Where the cluster is, and how changes to it are kept.
pub struct Site {
    /// The settings; those of the demo cluster if that is wanted.
    pub settings: Settings,
    /// Where changes are written down.
    pub journal: Journal,
    /// The demo cluster, if it is that: it ends when this is dropped.
    pub demo: Option<Demo>,
}

/// Whether anything may be changed.
pub fn mode(global: &Global) -> Mode {
    if global.read_only { Mode::ReadOnly } else { Mode::ReadWrite }
}

/// Finds the settings, or starts the demo cluster.
pub async fn site(global: &Global, around: &Surroundings<'_>) -> Result<Site, Stop> {
    if global.demo {
        if global.cluster.is_some() {
            return Err(Stop::usage("--demo and --cluster don't go together"));
        }
        let demo = start_demo(global.demo_users.unwrap_or(DEMO_USERS)).await?;
        let token = Secret::new(demo.admin_token().to_owned());
        let settings = Settings::on_loopback(demo.addr().to_string(), token);
        return Ok(Site { settings, journal: Journal::none(), demo: Some(demo) });
    }
    if global.demo_users.is_some() {
        return Err(Stop::usage("--demo-users needs --demo"));
    }
    let wanted = global.cluster.map_or(Wanted::Usual, Wanted::Cluster);
    let settings = Settings::load(wanted, around).map_err(|error| not_configured(&error))?;
    Ok(Site { settings, journal: state_journal(around), demo: None })
}

/// Where changes are written down: in the state directory. If there is none, nothing can be changed.
pub fn state_journal(around: &Surroundings<'_>) -> Journal {
    match state_dir(around) {
        Some(directory) => Journal::at(directory.join("journal.jsonl")),
        None => Journal::nowhere(),
    }
}

/// How many people the demo cluster has.
pub fn demo_users(global: &Global) -> usize {
    usize::try_from(global.demo_users.unwrap_or(DEMO_USERS)).unwrap_or(usize::MAX)
}

async fn start_demo(users: u32) -> Result<Demo, Stop> {
    let users = usize::try_from(users).unwrap_or(usize::MAX);
    let options = demo::Options { contents: Contents::Institute { users }, ..demo::Options::default() };
    demo::start(options)
        .await
        .map_err(|error| Stop::Said(Exit::Failed, format!("the demo cluster can't be started: {error}")))
}

fn not_configured(error: &ConfigError) -> Stop {
    Stop::Said(Exit::Failed, error.text())
}

/// Connects, and finds out who is asking.
pub async fn connect(global: &Global, around: &Surroundings<'_>) -> Result<Desk, Stop> {
    let output = Output::stdout(global.format.unwrap_or_default())?;
    let Site { settings, journal, demo } = site(global, around).await?;
    if settings.is_insecure() {
        say("warning: ARVADOS_API_HOST_INSECURE is set: the server's certificate is not checked");
    }
    let Settings { connection, expected, notes } = &settings;
    let way = Way {
        proxy: connection.proxy.as_ref().map(|proxy| proxy.name.to_string()),
        certificates: settings.certificates(),
        notes: notes.clone(),
    };
    let host = connection.host.clone();
    let unusable = |failure| Stop::of_trouble(&failure, &host);
    let client = connecting::client(connection);
    // Those of the settings, if there is no client that has more.
    let warnings = client.as_ref().map_or(connection.warnings.as_slice(), |client| client.warnings());
    let told = warnings.len();
    for warning in warnings {
        say(&format!("warning: {warning}"));
    }
    let client = client.map_err(unusable)?;
    let mode = mode(global);
    let meant = Meant { cluster: *expected, token: token_for(global) };
    let client = client.meant_for(meant);
    let connect =
        |client| async { Cluster::connect(client, host.clone(), mode).await.map_err(Failure::from) };
    let cluster = match connect(client.clone()).await {
        Err(Failure { kind: ErrorKind::TokenElsewhere, reason, .. }) if may_be_sent(&host, &reason)? => {
            connect(client.meant_for(Meant { token: TokenFor::AnyCluster, ..meant })).await
        }
        connected => connected,
    };
    let cluster = cluster.map_err(unusable)?.keeping(journal);
    // What only the cluster could tell.
    for warning in cluster.session.warnings.iter().skip(told) {
        say(&format!("warning: {warning}"));
    }
    Ok(Desk { cluster, leave: WriteAccess::for_mode(mode), output, way, _demo: demo })
}

/// Where the token may go.
pub fn token_for(global: &Global) -> TokenFor {
    if global.any_cluster { TokenFor::AnyCluster } else { TokenFor::ItsClusters }
}

/// Asks whether the token is to be sent to a cluster that is not its own; no, where nobody can be asked.
fn may_be_sent(host: &str, why: &str) -> Result<bool, Stop> {
    let Some(mut asked) = Asked::on_terminal() else { return Ok(false) };
    say(&format!("{why}. Whoever runs {host} could use it from then on."));
    let answer = asked.line(&format!("Send the token to {host}? [y/N] "))?;
    if ["y", "yes"].iter().any(|yes| answer.trim().eq_ignore_ascii_case(yes)) {
        return Ok(true);
    }
    Err(Stop::usage("not confirmed: the token was not sent, and nothing was done"))
}

impl Desk {
    /// Says that this computer's clock is not the cluster's, where that matters: before something is given
    /// an end.
    pub fn say_clocks_apart(&self) {
        if let Some(text) = clocks_apart(self.cluster.here(), self.cluster.now()) {
            say(&format!("warning: {text}; {ENDS_BY_THE_CLUSTERS}"));
        }
    }

    /// Names helper tokens that an earlier program left behind, with what ends them; but for these, which are
    /// about to be ended.
    pub async fn say_left_helpers(&self, but: &[TokenUuid]) {
        let helpers = match left_helpers::find(&self.cluster).await {
            Ok(helpers) => helpers,
            Err(failure) => {
                let Failure { reason, advice, .. } = failure;
                say(&format!("warning: helper tokens left behind were not looked for: {reason}; {advice}"));
                return;
            }
        };
        for helper in helpers {
            if helper.token().is_some_and(|token| but.contains(&token)) {
                continue;
            }
            let end = match (helper.token(), &self.leave) {
                (Some(token), Some(_)) => format!("; end it now: arv-admin tokens revoke {token}"),
                (Some(_), None) | (None, _) => String::new(),
            };
            say(&format!("warning: {}{end}", clean(&helper.in_words())));
        }
    }

    /// A failed read in words.
    pub fn failed(&self, what: &str, failure: impl Into<Failure>) -> Stop {
        let failure = failure.into();
        if failure.kind == ErrorKind::NotAuthorised {
            return Stop::of_trouble(&failure, &self.cluster.session.host);
        }
        Stop::failed(what, &failure)
    }
}
