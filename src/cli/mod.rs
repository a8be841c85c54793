//! The command line: arguments become the same reads, intents and plans as on the screen, and what comes
//! of them is printed. Data goes to standard output, everything else to standard error.

mod all_users;
pub mod args;
mod cell;
mod change;
mod check;
pub mod connect;
mod demo_server;
pub mod exit;
mod input;
mod keys;
mod logins;
mod output;
mod plan;
mod prompt;
mod reads;
mod records;
mod report;
pub mod resolve;
mod stdout;
mod tokens;
mod unreadable;
mod users;

use crate::config::Surroundings;
use args::{Command, Global, OnCluster};
use connect::Desk;
use exit::{Exit, Stop};
pub use output::{keep_to_ascii, say};
pub use stdout::is_there as output_is_there;

/// Runs a subcommand to its end and says what there is to say.
pub async fn run(command: Command, global: &Global, around: &Surroundings<'_>) -> Exit {
    finish(Box::pin(dispatch(command, global, around)).await)
}

/// Says why it stopped, if it did.
pub fn finish(result: Result<Exit, Stop>) -> Exit {
    match result {
        Ok(exit) => exit,
        Err(Stop::Closed) => Exit::Done,
        Err(Stop::Said(exit, text)) => {
            say(&text);
            exit
        }
    }
}

async fn dispatch(command: Command, global: &Global, around: &Surroundings<'_>) -> Result<Exit, Stop> {
    match command {
        Command::DemoServer(options) => demo_server::run(options).await,
        Command::Keys => stdout::is_there().and_then(|()| keys::run(global)),
        Command::OnCluster(command) => {
            if command.only_prints() {
                stdout::is_there()?;
            }
            if let OnCluster::Tokens(tokens) = &command {
                tokens::possible(tokens, global)?;
            }
            let mut desk = connect::connect(global, around).await?;
            let shown = command.lists();
            let result = Box::pin(on_cluster(command, &mut desk)).await;
            let unread = desk.cluster.client.unread();
            if let Some(unread) = unread.in_words() {
                say(&format!("left out, because it can't be read which they are: {unread}"));
            }
            if let Some(long) = unread.long_in_words() {
                say(&format!("records are {long}"));
            }
            if let Some(endless) = unread.endless_in_words() {
                say(&format!("lists are {endless}"));
            }
            // What was read to find something is one thing, and what was to be shown another.
            let read_whole = |resource: &&str| unread.of(resource) == 0 && !unread.is_more(resource);
            let is_whole = shown.iter().all(read_whole);
            result.map(|exit| if exit == Exit::Done && !is_whole { Exit::Partly } else { exit })
        }
    }
}

async fn on_cluster(command: OnCluster, desk: &mut Desk) -> Result<Exit, Stop> {
    match command {
        OnCluster::Check => {
            desk.say_left_helpers(&[]).await;
            check::run(desk)
        }
        OnCluster::Users(users) => users::run(desk, users).await,
        OnCluster::Tokens(tokens) => tokens::run(desk, tokens).await,
        OnCluster::Logins(logins) => logins::run(desk, logins).await,
    }
}
