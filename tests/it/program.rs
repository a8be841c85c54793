//! The real binary, run with an environment of its own: nothing of the developer's gets in.

use crate::world::World;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs::Permissions;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

/// The program and what surrounds it.
pub struct Program {
    home: tempfile::TempDir,
    env: BTreeMap<String, String>,
}

/// What a run came to.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Ran {
    /// What was printed, as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Program {
    /// With a cluster and a token in the environment.
    pub fn new(host: &str, token: &str) -> Self {
        let mut program = Self::unconfigured();
        program.set("ARVADOS_API_HOST", host);
        program.use_token(token);
        program
    }

    /// With nothing.
    pub fn unconfigured() -> Self {
        Self { home: tempfile::tempdir().unwrap(), env: BTreeMap::new() }
    }

    pub fn use_token(&mut self, token: &str) {
        self.set("ARVADOS_API_TOKEN", token);
    }

    pub fn set(&mut self, name: &str, value: &str) {
        self.env.insert(name.to_owned(), value.to_owned());
    }

    /// Where it lives and works.
    pub fn home(&self) -> &Path {
        self.home.path()
    }

    /// Puts a file into its home, for its owner alone.
    pub fn file(&self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.home.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        std::fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
        path
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_arv-admin"));
        command
            .args(args)
            .env_clear()
            .env("HOME", self.home.path())
            .current_dir(self.home.path())
            .envs(&self.env)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// Runs it to its end, without a terminal.
    pub fn run(&self, args: &[&str]) -> Ran {
        self.run_with(args, "")
    }

    /// The same, with something on standard input.
    pub fn run_with(&self, args: &[&str], input: &str) -> Ran {
        let child = self.start(args, input);
        child.wait_with_output().unwrap().into()
    }

    /// The same with another value in its environment.
    pub fn run_with_env(&self, args: &[&str], name: &str, value: &str) -> Ran {
        self.command(args).env(name, value).output().unwrap().into()
    }

    fn start(&self, args: &[&str], input: &str) -> Child {
        let mut child = self.command(args).spawn().unwrap();
        // It may end without reading all.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child
    }

    /// Gives it something on standard input, and looks at it by its process id while it waits for more.
    #[cfg(target_os = "linux")]
    pub fn run_watched(&self, args: &[&str], input: &str, look: impl FnOnce(u32)) -> Ran {
        let mut child = self.command(args).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        stdin.write_all(input.as_bytes()).unwrap();
        look(child.id());
        drop(stdin);
        child.wait_with_output().unwrap().into()
    }

    /// Whoever reads what it prints goes away when something has happened, and only `then` it goes on.
    pub fn run_until_unread(
        &self,
        args: &[&str],
        has_happened: impl Fn() -> bool,
        then: impl FnOnce(),
    ) -> Ran {
        let mut child = self.start(args, "");
        while !has_happened() {
            std::thread::yield_now();
        }
        drop(child.stdout.take());
        then();
        child.wait_with_output().unwrap().into()
    }

    /// Kills it when something has happened and `meanwhile` is over: it can't do anything about it.
    pub fn kill_when(&self, args: &[&str], has_happened: impl Fn() -> bool, meanwhile: impl FnOnce()) {
        let mut child = self.start(args, "");
        while !has_happened() {
            assert_eq!(child.try_wait().unwrap(), None, "it ended before");
            std::thread::yield_now();
        }
        meanwhile();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Nobody reads what it prints.
    pub fn run_with_closed_output(&self, args: &[&str]) -> Ran {
        let mut child = self.start(args, "");
        drop(child.stdout.take());
        child.wait_with_output().unwrap().into()
    }

    /// By way of a shell, which opens or closes its descriptors first, such as with `>&-`.
    pub fn run_redirected(&self, args: &[&str], redirections: &str) -> Ran {
        let mut shell = self.command(&[]);
        let program = shell.get_program().to_owned();
        let environment =
            shell.get_envs().map(|(name, value)| (name.to_owned(), value.map(ToOwned::to_owned)));
        let environment: Vec<_> = environment.collect();
        shell = Command::new("/bin/sh");
        shell.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell.envs(environment.into_iter().filter_map(|(name, value)| Some((name, value?))));
        shell.args(["-c", &format!("exec \"$0\" \"$@\" {redirections}")]).arg(program).args(args);
        shell.output().unwrap().into()
    }

    /// Sends it Ctrl-C as soon as a line on standard error begins with `mark`.
    pub fn interrupt_when(&self, args: &[&str], input: &str, mark: &str) -> Ran {
        let mut child = self.start(args, input);
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut err = String::new();
        while !err.lines().last().is_some_and(|line| line.starts_with(mark)) {
            assert_ne!(lines.read_line(&mut err).unwrap(), 0, "it ended before: {err}");
        }
        interrupt(&child);
        lines.read_to_string(&mut err).unwrap();
        Ran { err, ..child.wait_with_output().unwrap().into() }
    }

    /// Sends it Ctrl-C when it has said `mark` and something has happened, and once more when it says that
    /// it stops.
    pub fn interrupt_twice(&self, args: &[&str], mark: &str, has_happened: impl Fn() -> bool) -> Ran {
        let mut child = self.start(args, "");
        let mut lines = BufReader::new(child.stderr.take().unwrap());
        let mut err = String::new();
        while !err.contains(mark) {
            assert_ne!(lines.read_line(&mut err).unwrap(), 0, "it ended before: {err}");
        }
        while !has_happened() {
            std::thread::yield_now();
        }
        interrupt(&child);
        while !err.contains("stopping after the steps under way") {
            assert_ne!(lines.read_line(&mut err).unwrap(), 0, "it ended before: {err}");
        }
        interrupt(&child);
        lines.read_to_string(&mut err).unwrap();
        Ran { err, ..child.wait_with_output().unwrap().into() }
    }

    /// Serves a demo cluster while `work` goes on with its address and token; then Ctrl-C.
    pub fn serve(&self, args: &[&str], work: impl FnOnce(&str, &str)) -> Ran {
        let mut child = self.start(args, "");
        let mut lines = BufReader::new(child.stdout.take().unwrap());
        let mut told = |name: &str| {
            let mut line = String::new();
            lines.read_line(&mut line).unwrap();
            let value = line.trim_end().strip_prefix(name).unwrap_or_else(|| panic!("{name} not in {line}"));
            value.to_owned()
        };
        let url = told("ARVADOS_API_HOST=");
        let token = told("ARVADOS_API_TOKEN=");
        work(&url, &token);
        interrupt(&child);
        child.wait_with_output().unwrap().into()
    }

    /// The files it keeps in its state directory: names and contents.
    pub fn written(&self) -> Vec<(String, String)> {
        let directory = self.home.path().join(".local/state/arv-admin");
        let entries = std::fs::read_dir(directory).unwrap();
        entries
            .map(|entry| entry.unwrap())
            .map(|entry| {
                let text = std::fs::read_to_string(entry.path()).unwrap();
                (entry.file_name().to_string_lossy().into_owned(), text)
            })
            .collect()
    }
}

/// The demo institute, for an admin.
pub async fn institute() -> (World, Program) {
    let world = World::institute_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    world.demo.clear_requests();
    (world, program)
}

/// Fails unless all of these are said.
pub fn has(ran: &Ran, parts: &[&str]) {
    for part in parts {
        assert!(ran.out.contains(part) || ran.err.contains(part), "{part}: {ran:?}");
    }
}

fn interrupt(child: &Child) {
    let sent = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(sent.success());
}
