//! Starts the screen or a subcommand.

use arv_admin::cli::args::Arguments;
use arv_admin::cli::{self, exit::Exit};
use arv_admin::config::Surroundings;
use arv_admin::logging;
use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(run(Arguments::parse()) as u8)
}

fn run(arguments: Arguments) -> Exit {
    let around = Surroundings::of_process();
    if let Err(error) = logging::start(&around) {
        cli::say(&error.to_string());
        return Exit::Usage;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            cli::say(&format!("the program can't start: {error}"));
            return Exit::Failed;
        }
    };
    if let Some(command) = arguments.command {
        return runtime.block_on(cli::run(command, &arguments.global, &around));
    }
    cli::say("the screen is not there yet: see arv-admin --help");
    Exit::Usage
}
