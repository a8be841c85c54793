//! The blocks of the README that the program writes: its keys and its subcommands. They fail here when
//! they are out of date; `UPDATE_README=1 cargo test readme` writes them anew.

use arv_admin::cli::args::Arguments;
use arv_admin::tui::keymap;
use clap::{Arg, ArgAction, Command, CommandFactory};
use std::fs;
use std::path::PathBuf;

/// The block between `<!-- name: begin -->` and `<!-- name: end -->`: what is before, in, and after it.
fn parted<'a>(readme: &'a str, name: &str) -> (&'a str, &'a str, &'a str) {
    let (begin, end) = (format!("<!-- {name}: begin -->\n"), format!("<!-- {name}: end -->"));
    let missing = |mark: &str| -> ! { panic!("README.md has no line {:?}", mark.trim_end()) };
    let from = readme.find(&begin).unwrap_or_else(|| missing(&begin)) + begin.len();
    let to = from + readme[from..].find(&end).unwrap_or_else(|| missing(&end));
    (&readme[..from], &readme[from..to], &readme[to..])
}

#[test]
fn the_readme_is_what_the_program_says() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let mut readme = fs::read_to_string(&path).unwrap();
    let blocks = [("keys", keymap::markdown()), ("commands", commands())];
    let mut stale = Vec::new();
    for (name, wanted) in blocks {
        let (before, block, after) = parted(&readme, name);
        let wanted = format!("\n{}\n\n", wanted.trim());
        if block != wanted {
            stale.push(name);
            readme = format!("{before}{wanted}{after}");
        }
    }
    if stale.is_empty() {
        return;
    }
    if std::env::var_os("UPDATE_README").is_some() {
        fs::write(&path, readme).unwrap();
        return;
    }
    panic!(
        "README.md is out of date ({}): `UPDATE_README=1 cargo test readme` writes it anew",
        stale.join(", ")
    );
}

/// A table of all subcommands, from the command line's own definition.
fn commands() -> String {
    let mut program = Arguments::command();
    program.build();
    format!("| command | what it does |\n|---|---|\n{}", rows(&program, "arv-admin"))
}

fn rows(command: &Command, path: &str) -> String {
    let below = command.get_subcommands().filter(|below| below.get_name() != "help");
    below.map(|below| row(below, &format!("{path} {}", below.get_name()))).collect()
}

fn row(command: &Command, path: &str) -> String {
    if command.has_subcommands() {
        return rows(command, path);
    }
    let about = command.get_about().unwrap_or_else(|| panic!("{path} has no help"));
    format!("| `{path}{}` | {about} |\n", usage(command).replace('|', "\\|"))
}

/// What a command takes of its own: not what all take, nor what every change takes.
fn usage(command: &Command) -> String {
    let own = |arg: &&Arg| {
        !arg.is_global_set() && !["help", "version", "dry_run", "yes"].contains(&arg.get_id().as_str())
    };
    let groups: Vec<_> = command.get_groups().filter(|group| group.is_required_set()).collect();
    let in_group = |arg: &Arg| groups.iter().any(|group| group.get_args().any(|id| id == arg.get_id()));
    let single = command.get_arguments().filter(own).filter(|arg| !in_group(arg)).map(|arg| {
        let written = written(arg);
        let written = if arg.is_required_set() { written } else { format!("[{written}]") };
        format!("{written}{}", again(arg))
    });
    let alternative = |arg: &Arg| match again(arg) {
        "" => written(arg),
        again => format!("({}){again}", written(arg)),
    };
    let alternatives = groups.iter().map(|group| {
        let of_group = |id| command.get_arguments().find(|arg| arg.get_id() == id).map(alternative);
        format!("({})", group.get_args().filter_map(of_group).collect::<Vec<_>>().join(" | "))
    });
    std::iter::once(String::new()).chain(single).chain(alternatives).collect::<Vec<_>>().join(" ")
}

fn written(arg: &Arg) -> String {
    let value = arg.get_value_names().and_then(|names| names.first()).map(ToString::to_string);
    let value = value.unwrap_or_else(|| arg.get_id().as_str().to_uppercase());
    let many = arg.get_num_args().is_some_and(|range| range.max_values() > 1);
    // Without a name, one word after the other.
    let more = if many || (arg.get_long().is_none() && is_repeated(arg)) { "…" } else { "" };
    match (arg.get_long(), arg.get_action().takes_values()) {
        (Some(long), true) => format!("--{long} {value}{more}"),
        (Some(long), false) => format!("--{long}"),
        (None, _) => format!("{value}{more}"),
    }
}

fn is_repeated(arg: &Arg) -> bool {
    matches!(arg.get_action(), ArgAction::Append)
}

/// Behind an option that takes one value and may be given again.
fn again(arg: &Arg) -> &'static str {
    let one = arg.get_num_args().is_none_or(|range| range.max_values() <= 1);
    if arg.get_long().is_some() && is_repeated(arg) && one { "…" } else { "" }
}
