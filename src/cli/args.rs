//! What may be written on the command line.

use crate::model::ids::ClusterId;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Administer the users of an Arvados cluster: on the screen, or with a subcommand.
#[derive(Debug, Parser)]
#[command(name = "arv-admin", version, max_term_width = 100, after_help = AFTER_HELP)]
pub struct Arguments {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// Where help lists what every command takes.
const EVERYWHERE: &str = "Options of every command";

/// Where help lists how changes are made.
const CHANGES: &str = "Options of changes";

const AFTER_HELP: &str = "\
Without a subcommand the screen opens. The cluster is the one of ARVADOS_API_HOST and
ARVADOS_API_TOKEN, else that of settings.conf where the Arvados SDKs look for it.
ARV_ADMIN_LOG=info (or debug) keeps a log in the state directory.

USER is a UUID, an e-mail address or a username, HOST a host name or a UUID; - reads
targets from standard input, one a line.

Examples:
  arv-admin --demo                                 try it all, without a cluster
  arv-admin check                                  which cluster, who am I, what may I do
  arv-admin users list --filter 'is:admin'
  arv-admin tokens revoke --all-of rdelgado --dry-run

Exit codes: 0 done, 1 failed, 2 usage or not confirmed, 3 partly done, 4 not permitted.";

/// What every command takes, in any place.
#[derive(Debug, Clone, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, and any may go with any")]
pub struct Global {
    /// Use a demo cluster inside this program; nothing is kept
    #[arg(long, global = true, help_heading = EVERYWHERE, display_order = 100)]
    pub demo: bool,
    /// How many users the demo cluster has; 250 if not said
    #[arg(long, global = true, help_heading = EVERYWHERE, display_order = 101, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub demo_users: Option<u32>,
    /// Take the settings from ID.conf, and nothing from the environment
    #[arg(long, global = true, help_heading = EVERYWHERE, display_order = 102, value_name = "ID")]
    pub cluster: Option<ClusterId>,
    /// Send the token to whatever cluster answers, also if it is one of another cluster
    #[arg(long, global = true, help_heading = EVERYWHERE, display_order = 102)]
    pub any_cluster: bool,
    /// Change nothing: no write is possible, not even that of a helper token
    #[arg(long, global = true, help_heading = EVERYWHERE, display_order = 103)]
    pub read_only: bool,
    /// Use no signs beyond ASCII
    #[arg(long, global = true, help_heading = EVERYWHERE, display_order = 104)]
    pub ascii: bool,
    /// How data is printed: table (if not said), json, jsonl (an object a line) or csv
    #[arg(
        long, global = true, help_heading = EVERYWHERE, display_order = 105, value_enum,
        hide_possible_values = true
    )]
    pub format: Option<Format>,
}

/// How data is printed on standard output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Aligned columns under a line of titles
    #[default]
    Table,
    /// One JSON document
    Json,
    /// A JSON object a line
    Jsonl,
    /// Comma-separated values with a line of names
    Csv,
}

/// How a change is made.
#[derive(Debug, Clone, Copy, Args)]
pub struct Writing {
    /// Print what would be done, with the exact API calls, and stop
    #[arg(long, help_heading = CHANGES, display_order = 90)]
    pub dry_run: bool,
    /// Do it without asking; needed where there is no terminal to ask on
    #[arg(long, help_heading = CHANGES, display_order = 91, conflicts_with = "dry_run")]
    pub yes: bool,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    #[command(flatten)]
    OnCluster(OnCluster),
    /// Print the keys of the screen
    Keys,
    /// Serve a demo cluster on this machine, until Ctrl-C
    DemoServer(DemoServer),
}

/// What is done on a cluster.
#[derive(Debug, Subcommand)]
pub enum OnCluster {
    /// Say which cluster this is, who you are there, and what you may see and do
    Check,
    /// List, show and change users
    #[command(subcommand)]
    Users(Users),
    /// List, identify, issue and revoke tokens
    #[command(subcommand)]
    Tokens(Tokens),
    /// List, grant, change and revoke VM logins
    #[command(subcommand)]
    Logins(Logins),
}

impl OnCluster {
    /// Of which of the server's lists it prints rows: one that is left out of them is not shown.
    pub fn lists(&self) -> &'static [&'static str] {
        match self {
            Self::Users(Users::List { .. }) => &["users"],
            Self::Users(Users::Show { .. }) => {
                &["links", "groups", "authorized_keys", "containers", "api_client_authorizations", "logs"]
            }
            Self::Tokens(Tokens::List { .. }) => &["api_client_authorizations", "logs"],
            Self::Logins(Logins::List { .. }) => &["links"],
            Self::Check
            | Self::Users(
                Users::Setup { .. }
                | Users::Activate(_)
                | Users::Deactivate(_)
                | Users::Suspend(_)
                | Users::Resume(_)
                | Users::Admin { .. }
                | Users::Reassign { .. },
            )
            | Self::Tokens(
                Tokens::Identify { .. }
                | Tokens::Issue { .. }
                | Tokens::Expire { .. }
                | Tokens::Revoke { .. },
            )
            | Self::Logins(Logins::Grant { .. } | Logins::Edit { .. } | Logins::Revoke { .. }) => &[],
        }
    }

    /// Whether what it prints is all that comes of it.
    pub fn only_prints(&self) -> bool {
        match self {
            // Its exit code is an answer.
            Self::Check => false,
            Self::Users(users) => match users {
                Users::List { .. } | Users::Show { .. } => true,
                Users::Setup { writing, .. }
                | Users::Activate(UserChange { writing, .. })
                | Users::Deactivate(UserChange { writing, .. })
                | Users::Suspend(UserChange { writing, .. })
                | Users::Resume(UserChange { writing, .. })
                | Users::Admin { writing, .. }
                | Users::Reassign { writing, .. } => writing.dry_run,
            },
            Self::Tokens(tokens) => match tokens {
                Tokens::List { .. } | Tokens::Identify { .. } => true,
                Tokens::Issue { writing, .. }
                | Tokens::Expire { writing, .. }
                | Tokens::Revoke { writing, .. } => writing.dry_run,
            },
            Self::Logins(logins) => match logins {
                Logins::List { .. } => true,
                Logins::Grant { writing, .. }
                | Logins::Edit { writing, .. }
                | Logins::Revoke { writing, .. } => writing.dry_run,
            },
        }
    }
}

#[derive(Debug, Subcommand)]
pub enum Users {
    /// List users
    List {
        /// Only those that match: words of name, e-mail, username or UUID; is:active, is:setup,
        /// is:inactive, is:admin, is:remote; ! before a word turns it around
        #[arg(long, value_name = "TEXT")]
        filter: Option<String>,
    },
    /// Show a user, with groups, SSH keys, VM logins and tokens
    Show {
        /// UUID, e-mail or username
        user: String,
    },
    /// Set up users, so that they can become active; with a VM login, a mail, or activation if wanted
    Setup {
        #[command(flatten)]
        targets: UserTargets,
        /// Give them a login on this VM
        #[arg(long, value_name = "HOST")]
        vm: Option<String>,
        /// Let the server send its welcome mail
        #[arg(long)]
        notify: bool,
        /// Activate them at once, too
        #[arg(long)]
        activate: bool,
        #[command(flatten)]
        writing: Writing,
    },
    /// Activate users directly, agreements signed or not
    Activate(UserChange),
    /// End accounts: permissions, VM logins, SSH keys, tokens and preferences are deleted, data stays
    Deactivate(UserChange),
    /// Stop users from writing; their tokens still read, and VM logins still work
    Suspend(UserChange),
    /// Take a suspension back
    Resume(UserChange),
    /// Make users admins, or plain users again
    #[command(group = clap::ArgGroup::new("flag").required(true).args(["on", "off"]))]
    Admin {
        #[command(flatten)]
        targets: UserTargets,
        /// Make them admins
        #[arg(long)]
        on: bool,
        /// Make them plain users
        #[arg(long)]
        off: bool,
        #[command(flatten)]
        writing: Writing,
    },
    /// Give what a user owns to another; a leaver is deactivated first
    Reassign {
        /// Whose data: UUID, e-mail or username
        user: String,
        /// Who gets it
        #[arg(long, value_name = "USER")]
        to: String,
        /// The name of the project it goes to
        #[arg(long, value_name = "NAME")]
        project: Option<String>,
        /// The account stays as it is, and all its rights go along; else it is deactivated first
        #[arg(long)]
        stays: bool,
        /// Grant this permission link of the user anew to the successor; may be repeated
        #[arg(long, value_name = "LINK_UUID")]
        regrant: Vec<String>,
        #[command(flatten)]
        writing: Writing,
    },
}

#[derive(Debug, Args)]
pub struct UserTargets {
    /// UUIDs, e-mails or usernames; - reads them from standard input, one a line
    #[arg(required = true, value_name = "USER")]
    pub users: Vec<String>,
}

#[derive(Debug, Args)]
pub struct UserChange {
    #[command(flatten)]
    pub targets: UserTargets,
    #[command(flatten)]
    pub writing: Writing,
}

#[derive(Debug, Subcommand)]
pub enum Tokens {
    /// List a user's tokens: one's own exactly, others' from the audit log unless `--exact` or read-only with the root token
    List {
        /// UUID, e-mail or username
        user: String,
        /// From the server, by a helper token that is made and deleted: a change, so it asks first
        #[arg(long)]
        exact: bool,
        #[command(flatten)]
        writing: Writing,
    },
    /// Find out whose a token is; its secret is read from standard input or asked for
    Identify {
        /// The token's UUID, if that is all there is; a secret is never an argument
        uuid: Option<String>,
    },
    /// Issue a token and print it, alone, on standard output
    Issue {
        /// UUID, e-mail or username
        user: String,
        /// When it expires: 2027-01-31, 30d, 6mo, 1y or never
        #[arg(long, value_name = "WHEN", default_value = "30d")]
        expires: String,
        /// What it allows: "METHOD /path", or all (if not said); may be repeated
        #[arg(long = "scope", value_name = "SCOPE")]
        scopes: Vec<String>,
        #[command(flatten)]
        writing: Writing,
    },
    /// Change when tokens expire
    Expire {
        /// UUIDs; - reads them from standard input, one a line
        #[arg(required = true, value_name = "TOKEN")]
        tokens: Vec<String>,
        /// When they expire: 2027-01-31, 30d, 6mo, 1y or never
        #[arg(long, value_name = "WHEN")]
        at: String,
        #[command(flatten)]
        writing: Writing,
    },
    /// Revoke tokens: these, or all of users
    #[command(group = clap::ArgGroup::new("which").required(true).args(["tokens", "all_of"]))]
    Revoke {
        /// UUIDs; - reads them, or one leaked token, from standard input
        #[arg(value_name = "TOKEN")]
        tokens: Vec<String>,
        /// All tokens of these users; - reads them from standard input
        #[arg(long, value_name = "USER", num_args = 1..)]
        all_of: Vec<String>,
        #[command(flatten)]
        writing: Writing,
    },
}

#[derive(Debug, Subcommand)]
pub enum Logins {
    /// List VM logins: all, a user's, or a VM's
    List {
        /// Only this user's
        #[arg(long, value_name = "USER", conflicts_with = "vm")]
        user: Option<String>,
        /// Only those on this VM
        #[arg(long, value_name = "HOST")]
        vm: Option<String>,
    },
    /// Let users log in to a VM; a login that is there already gets these groups as well, and loses none
    Grant {
        #[command(flatten)]
        targets: UserTargets,
        /// Host name or UUID
        #[arg(long, value_name = "HOST")]
        vm: String,
        /// The Unix account's name; else each user's username
        #[arg(long, value_name = "NAME")]
        login: Option<String>,
        /// A Unix group, such as docker, or several parted by commas; may be repeated. `logins edit` takes groups away
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<String>,
        #[command(flatten)]
        writing: Writing,
    },
    /// Change the groups of VM logins; mends one that the server keeps twice
    #[command(group = clap::ArgGroup::new("wanted").required(true).args(["groups", "no_groups"]))]
    Edit {
        #[command(flatten)]
        targets: UserTargets,
        /// Host name or UUID
        #[arg(long, value_name = "HOST")]
        vm: String,
        /// The login's name, if a user has several there
        #[arg(long, value_name = "NAME")]
        login: Option<String>,
        /// A Unix group it is to have, or several parted by commas; may be repeated. Others go
        #[arg(long = "group", value_name = "GROUP")]
        groups: Vec<String>,
        /// It is to have no groups
        #[arg(long)]
        no_groups: bool,
        #[command(flatten)]
        writing: Writing,
    },
    /// Revoke VM logins; the Unix accounts and their SSH keys stay on the VM
    Revoke {
        #[command(flatten)]
        targets: UserTargets,
        /// Host name or UUID
        #[arg(long, value_name = "HOST")]
        vm: String,
        /// Only the login of this name; else all that the users have there
        #[arg(long, value_name = "NAME")]
        login: Option<String>,
        #[command(flatten)]
        writing: Writing,
    },
}

#[derive(Debug, Args)]
pub struct DemoServer {
    /// Where to listen; port 0 takes a free one
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub listen: SocketAddr,
    /// The system root token; a random one if not said
    #[arg(long, value_name = "TOKEN")]
    pub root_token: Option<String>,
    /// Start with the system and anonymous users only
    #[arg(long, conflicts_with = "users")]
    pub empty: bool,
    /// How many users there are; 250 if not said
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub users: Option<u32>,
    /// How many seconds the cluster's clock is ahead of this machine's; behind if negative
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 0,
        hide_default_value = true,
        allow_negative_numbers = true
    )]
    pub clock_ahead: i64,
    /// As where `IssueTrustedTokens` is off: tokens can neither be listed nor revoked
    #[arg(long)]
    pub no_trusted_tokens: bool,
    /// A JSON script of faults, such as assets/demo/faults/slow.json
    #[arg(long, value_name = "FILE")]
    pub faults: Option<PathBuf>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    fn each(command: &clap::Command, see: &mut impl FnMut(&clap::Command)) {
        see(command);
        for below in command.get_subcommands().filter(|below| below.get_name() != "help") {
            each(below, see);
        }
    }

    #[test]
    fn every_command_and_option_says_what_it_does() {
        each(&Arguments::command(), &mut |command| {
            assert!(command.get_about().is_some(), "{}", command.get_name());
            for arg in command.get_arguments() {
                assert!(arg.get_help().is_some(), "{}: {}", command.get_name(), arg.get_id());
            }
        });
    }

    #[test]
    fn what_changes_something_can_be_tried_dry_and_be_confirmed() {
        each(&Arguments::command(), &mut |command| {
            let has = |name: &str| command.get_arguments().any(|arg| arg.get_long() == Some(name));
            assert_eq!(has("dry-run"), has("yes"), "{}", command.get_name());
            let reads = ["check", "list", "show", "identify", "keys", "demo-server"];
            let is_read = command.has_subcommands() || reads.contains(&command.get_name());
            assert!(is_read || has("yes"), "{}", command.get_name());
        });
    }

    #[test]
    fn global_options_are_taken_in_any_place() {
        for words in [
            ["arv-admin", "--demo", "--format", "json", "users", "list"],
            ["arv-admin", "users", "--demo", "list", "--format", "json"],
            ["arv-admin", "users", "list", "--format", "json", "--demo"],
        ] {
            let arguments = Arguments::try_parse_from(words).expect("understood");
            assert!(arguments.global.demo);
            assert_eq!(arguments.global.format, Some(Format::Json));
        }
    }
}
