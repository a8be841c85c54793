//! Starts the screen or a subcommand. It stands in the library, so that what runs everything is not compiled once more
//! for the program.

use crate::arvados::connection::Meant;
use crate::cli::args::{Arguments, Global};
use crate::cli::connect::{mode, state_journal, token_for};
use crate::cli::{self, exit::Exit};
use crate::config::{ConfigError, Settings, Surroundings, Wanted, state_dir};
use crate::logging;
use crate::seal::seal;
use crate::secret;
use crate::timer::Timer;
use crate::tui::clipboard::{Between, Clipboard};
use crate::tui::terminal::install_panic_hook;
use crate::tui::theme::{Background, Colours, Signs, Theme};
use crate::tui::{self, ExitKind, ScreenOptions, Target};
use clap::Parser;
use clap::error::{ContextKind, ContextValue};
use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::num::ParseIntError;
use std::path::PathBuf;
use std::process::ExitCode;

/// All of the program.
pub fn main() -> ExitCode {
    seal();
    ExitCode::from(match Arguments::try_parse() {
        Ok(arguments) => run(arguments),
        Err(error) => usage(&error) as u8,
    })
}

/// What shells give a program that a signal ended: 143 for SIGTERM, 129 for SIGHUP.
fn of_signal(signal: i32) -> u8 {
    u8::try_from(128 + signal).unwrap_or(u8::MAX)
}

/// Says what is wrong with the arguments, or what was asked about them; a secret among them is not repeated.
fn usage(error: &clap::Error) -> Exit {
    let text = error.to_string();
    let mut harmless = secret::left_out(&text);
    // What stands where a number belongs is no slip that one has to see to mend it, but may be anything.
    if error.source().is_some_and(<dyn Error>::is::<ParseIntError>)
        && let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue)
        && !value.is_empty()
    {
        harmless = secret::left_out(&text.replace(&format!("'{value}'"), "(not repeated)"));
    }
    if harmless == text || !error.use_stderr() {
        if !error.use_stderr()
            && let Err(closed) = cli::output_is_there()
        {
            return cli::finish(Err(closed));
        }
        // With colours. If nobody is there to read it, it is lost.
        let printed = error.print().and_then(|()| io::stdout().flush());
        if !error.use_stderr()
            && let Err(trouble) = printed
        {
            return cli::finish(Err(trouble.into()));
        }
    } else {
        cli::say(&harmless);
    }
    if error.use_stderr() { Exit::Usage } else { Exit::Done }
}

fn run(arguments: Arguments) -> u8 {
    // Of subcommands too: the usual words of a panic may quote a secret.
    install_panic_hook();
    let around = Surroundings::of_process();
    let signs = signs(&arguments.global, &around);
    if signs == Signs::Ascii {
        cli::keep_to_ascii();
    }
    if let Err(error) = logging::start(&around) {
        cli::say(&error.to_string());
        return Exit::Usage as u8;
    }
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            cli::say(&format!("the program can't start: {error}"));
            return Exit::Failed as u8;
        }
    };
    if let Some(command) = arguments.command {
        return runtime.block_on(cli::run(command, &arguments.global, &around)) as u8;
    }
    if term(&around) == "dumb" {
        cli::say(
            "TERM=dumb: this terminal has no screen to draw on. For it there are subcommands; see `arv-admin --help`.",
        );
        return Exit::Usage as u8;
    }
    let options = match screen(&arguments.global, &around, signs) {
        Ok(options) => options,
        Err((exit, text)) => {
            cli::say(&text);
            return exit as u8;
        }
    };
    let exit = match runtime.block_on(tui::run(options)) {
        Ok(ExitKind::Done) => Exit::Done as u8,
        Ok(ExitKind::Unknown) => Exit::Partly as u8,
        Ok(ExitKind::Signalled(signal)) => of_signal(signal),
        Ok(ExitKind::NoTerminal) => Exit::Usage as u8,
        Err(error) => {
            cli::say(&format!("the screen had to be left: {error}"));
            Exit::Failed as u8
        }
    };
    // What still reads is not waited for.
    runtime.shutdown_background();
    exit
}

/// How the screen is to be, by arguments, settings and terminal.
fn screen(global: &Global, around: &Surroundings<'_>, signs: Signs) -> Result<ScreenOptions, (Exit, String)> {
    let users = cli::connect::demo_users(global);
    let target = if global.demo {
        if global.cluster.is_some() {
            return Err((Exit::Usage, "--demo and --cluster don't go together".to_owned()));
        }
        Target::Demo
    } else {
        match Settings::load(global.cluster.map_or(Wanted::Usual, Wanted::Cluster), around) {
            Ok(settings) => {
                for warning in &settings.connection.warnings {
                    cli::say(&format!("warning: {warning}"));
                }
                let meant = Meant { cluster: settings.expected, token: token_for(global) };
                Target::Cluster(settings.connection, meant)
            }
            Err(ConfigError::NotConfigured { looked, .. }) if tui::has_terminal() => Target::NotConfigured(
                looked.into_iter().map(|place| (place.what, place.found.to_string())).collect(),
            ),
            Err(error) => return Err((Exit::Failed, error.text())),
        }
    };
    Ok(ScreenOptions {
        target,
        mode: mode(global),
        theme: Theme { colours: colours(around), signs },
        clipboard: Clipboard::of(&term(around), between(around)),
        timer: Timer::system(),
        journal: state_journal(around),
        export_to: std::iter::once(PathBuf::from(".")).chain(state_dir(around)).collect(),
        demo_users: users,
    })
}

/// Which signs the terminal can show.
fn signs(global: &Global, around: &Surroundings<'_>) -> Signs {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(|name| set(around, name));
    let locale = locale.unwrap_or_default().to_string_lossy().to_ascii_lowercase();
    // Its font has few signs, whatever the locale.
    let is_console = term(around) == "linux";
    if !global.ascii && !is_console && (locale.contains("utf-8") || locale.contains("utf8")) {
        Signs::Unicode
    } else {
        Signs::Ascii
    }
}

/// What the terminal calls itself.
fn term(around: &Surroundings<'_>) -> String {
    set(around, "TERM").unwrap_or_default().to_string_lossy().into_owned()
}

/// What program is between this one and the terminal. Of two, in which one runs within the other, the name of
/// the terminal tells only GNU screen's.
fn between(around: &Surroundings<'_>) -> Between {
    let in_screen = set(around, "STY").is_some();
    if set(around, "TMUX").is_some() && !(in_screen && term(around).starts_with("screen.")) {
        Between::Tmux
    } else if in_screen {
        Between::Screen
    } else {
        Between::Nothing
    }
}

/// Whether the user wants colours.
fn colours(around: &Surroundings<'_>) -> Colours {
    if set(around, "NO_COLOR").is_some() { Colours::None } else { Colours::Sixteen(Background::Unknown) }
}

/// A variable that is set to something.
fn set(around: &Surroundings<'_>, name: &str) -> Option<OsString> {
    around.env(name).filter(|value| !value.is_empty())
}
