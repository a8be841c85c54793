//! Directories and files, as the XDG rules and systemd name them. The environment and the root of the
//! file system are given, so that tests need neither.

use crate::own_file;
use std::ffi::OsString;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub const HOST: &str = "ARVADOS_API_HOST";
pub const TOKEN: &str = "ARVADOS_API_TOKEN";
pub const INSECURE: &str = "ARVADOS_API_HOST_INSECURE";

/// What surrounds the program: environment variables and files.
pub struct Surroundings<'a> {
    env: &'a dyn Fn(&str) -> Option<OsString>,
    root: PathBuf,
    /// The working directory; empty for the process's own.
    working: PathBuf,
}

/// Whether a shell takes a character for itself.
fn is_plain(c: char) -> bool {
    c.is_ascii_alphanumeric() || "/._~-+@%".contains(c)
}

/// The process's own.
fn process_env(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

impl Surroundings<'static> {
    /// Those of this process.
    pub fn of_process() -> Self {
        Self { env: &process_env, root: PathBuf::from("/"), working: PathBuf::new() }
    }
}

impl<'a> Surroundings<'a> {
    /// Made up: `root` stands for `/`, and is the working directory.
    pub fn new(env: &'a dyn Fn(&str) -> Option<OsString>, root: &Path) -> Self {
        Self { env, root: root.to_owned(), working: root.to_owned() }
    }

    /// A variable; one that is empty counts as set.
    pub fn env(&self, name: &str) -> Option<OsString> {
        (self.env)(name)
    }

    /// An absolute path in a variable; relative ones are ignored, as the XDG rules say.
    fn env_path(&self, name: &str) -> Option<PathBuf> {
        self.env(name).map(PathBuf::from).filter(|path| path.is_absolute())
    }

    fn home(&self) -> Option<PathBuf> {
        self.env_path("HOME")
    }

    /// Where settings may be, best first (api.md b.10).
    pub fn config_dirs(&self) -> Vec<PathBuf> {
        let list = |name: &str| -> Option<Vec<PathBuf>> {
            let value = self.env(name).filter(|value| !value.is_empty())?;
            Some(std::env::split_paths(&value).filter(|path| path.is_absolute()).collect())
        };
        let mut dirs = list("CONFIGURATION_DIRECTORY").unwrap_or_default();
        let user = self.env_path("XDG_CONFIG_HOME").or_else(|| Some(self.home()?.join(".config")));
        dirs.extend(user.map(|dir| dir.join("arvados")));
        let system = list("XDG_CONFIG_DIRS").unwrap_or_else(|| vec![PathBuf::from("/etc/xdg")]);
        dirs.extend(system.into_iter().map(|dir| dir.join("arvados")));
        dirs
    }

    /// Where this program keeps what it writes.
    pub fn state_dir(&self) -> Option<PathBuf> {
        let base = self.env_path("XDG_STATE_HOME").or_else(|| Some(self.home()?.join(".local/state")))?;
        Some(self.real(&base.join("arv-admin")))
    }

    /// Who the program runs as.
    pub fn user(&self) -> u32 {
        rustix::process::geteuid().as_raw()
    }

    /// The content of a settings file. What is neither a file nor a folder is not read: a pipe that nobody
    /// writes to would hold the start up for ever.
    pub fn read_settings(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut file = own_file::open_without_waiting(&self.real(path))?;
        let mut content = Vec::with_capacity(usize::try_from(file.metadata()?.len()).unwrap_or_default() + 1);
        file.read_to_end(&mut content)?;
        Ok(content)
    }

    /// A file's content.
    pub fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        std::fs::read(self.real(path))
    }

    /// Whether others than its owner may read or change a file.
    pub fn is_open_to_others(&self, path: &Path) -> bool {
        std::fs::metadata(self.real(path)).is_ok_and(|meta| meta.permissions().mode() & 0o066 != 0)
    }

    /// The command that takes a file from the eyes of others, as a shell takes it. It is only ever said:
    /// whose file it is, and for whom it is meant, this program can't know.
    pub fn closing_command(&self, path: &Path) -> String {
        let shown = self.shown(path);
        if shown.chars().all(is_plain) {
            return format!("chmod 600 {shown}");
        }
        format!("chmod 600 {}", Self::quoted(&crate::model::text::clean(&path.to_string_lossy())))
    }

    /// A path as a shell takes it.
    pub fn quoted(path: &str) -> String {
        if path.chars().all(is_plain) {
            return path.to_owned();
        }
        format!("'{}'", path.replace('\'', "'\\''"))
    }

    /// A path as people write it: with `~` for the home.
    pub fn shown(&self, path: &Path) -> String {
        let in_home = self.home().and_then(|home| path.strip_prefix(home).ok().map(Path::to_owned));
        let shown = match in_home {
            Some(rest) => PathBuf::from("~").join(rest),
            None => path.to_owned(),
        };
        crate::model::text::clean(&shown.to_string_lossy())
    }

    /// Where a path is; a relative one is in the working directory.
    pub fn real(&self, path: &Path) -> PathBuf {
        match path.strip_prefix("/") {
            Ok(inside) => self.root.join(inside),
            Err(_) => self.working.join(path),
        }
    }
}
