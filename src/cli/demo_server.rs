//! `arv-admin demo-server`: the demo cluster alone, for other programs to be tried on.

use super::args::DemoServer;
use super::exit::{Exit, Stop};
use crate::demo::faults;
use crate::demo::{self, Contents, Rule, Time};
use jiff::SignedDuration;
use std::io;

/// Serves until it is stopped.
pub async fn run(options: DemoServer) -> Result<Exit, Stop> {
    let rules = match &options.faults {
        None => Vec::new(),
        Some(path) => {
            let wrong = |reason: String| Stop::usage(format!("{}: {reason}", path.display()));
            let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
            script(&text).map_err(wrong)?
        }
    };
    let contents = if options.empty {
        Contents::Empty
    } else {
        let users = options.users.and_then(|n| usize::try_from(n).ok());
        users.map_or(demo::Options::default().contents, |users| Contents::Institute { users })
    };
    let listen = options.listen;
    let settings =
        demo::Settings { issue_trusted_tokens: !options.no_trusted_tokens, ..demo::Settings::default() };
    let options = demo::Options {
        listen,
        root_token: options.root_token,
        contents,
        time: match options.clock_ahead {
            0 => Time::Real,
            seconds => Time::Ahead(SignedDuration::from_secs(seconds)),
        },
        settings,
    };
    demo::serve_until_ctrl_c(options, rules, &mut io::stdout()).await.map_err(|error| {
        Stop::Said(Exit::Failed, format!("the demo cluster can't be served on {listen}: {error}"))
    })?;
    Ok(Exit::Done)
}

fn script(text: &str) -> Result<Vec<Rule>, String> {
    faults::Faults::from_json(text).map_err(|error| error.to_string())
}
