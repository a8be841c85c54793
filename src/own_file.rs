//! Files that must be what they seem: nothing that is opened here waits for somebody at the other end of a pipe,
//! and what the program writes and believes is its owner's alone.

use rustix::fs::{Mode, OFlags, open};
use std::fs::{DirBuilder, File, Metadata};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt};
use std::path::{Path, PathBuf};

/// What others may do with a file that they may change.
const OTHERS_WRITE: u32 = 0o022;

/// In a folder with this mark, such as `/tmp`, only its owner moves a file.
const STICKY: u32 = 0o1000;

/// Opens a file, or a folder, to read it. What is neither is refused and never waited for.
pub fn open_without_waiting(path: &Path) -> io::Result<File> {
    let file = File::from(open(path, OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC, Mode::empty())?);
    let kind = file.metadata()?.file_type();
    if kind.is_file() || kind.is_dir() {
        return Ok(file);
    }
    Err(io::Error::other("it is no plain file, but a pipe or a device"))
}

/// How a file of one's own is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wanted {
    /// To be read.
    Read,
    /// To be written at its end; made if it is not there, for its owner alone, with its folder.
    Append,
}

/// Why a file is not taken for one's own.
#[derive(Debug, thiserror::Error)]
pub enum NotOwn {
    /// It can't be opened.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Somebody else may have written what is there, or would read what is to be.
    #[error("{what}")]
    Doubtful {
        /// What is wrong.
        what: String,
        /// What to do about it.
        remedy: String,
    },
}

impl NotOwn {
    /// What is wrong and what to do about it.
    pub fn in_words(&self) -> String {
        match self {
            Self::Io(error) => error.to_string(),
            Self::Doubtful { what, remedy } => format!("{what}; {remedy}"),
        }
    }

    /// Whether there is no such file.
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::Io(error) if error.kind() == io::ErrorKind::NotFound)
    }
}

/// Opens a file that must be this user's own: a plain file, reached by no link of its own name, with no second
/// name, and neither it nor its folder to be changed by others.
pub fn open_own(path: &Path, wanted: Wanted) -> Result<File, NotOwn> {
    let folder = path.parent().unwrap_or(Path::new("/"));
    let flags = match wanted {
        Wanted::Read => OFlags::RDONLY,
        Wanted::Append => {
            DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
            OFlags::WRONLY | OFlags::APPEND | OFlags::CREATE
        }
    };
    let flags = flags | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    // Before the file: in a folder of somebody else's nothing is made.
    match folder.metadata() {
        Ok(metadata) => whole_folder(folder, &metadata)?,
        Err(error) => return Err(error.into()),
    }
    let file = match open(path, flags, Mode::RUSR | Mode::WUSR) {
        Ok(file) => File::from(file),
        Err(error) => return Err(what_it_is(path).unwrap_or_else(|| io::Error::from(error).into())),
    };
    whole_file(path, &file.metadata()?)?;
    Ok(file)
}

/// What is there in place of a file.
fn what_it_is(path: &Path) -> Option<NotOwn> {
    let metadata = path.symlink_metadata().ok()?;
    (!metadata.is_file()).then(|| no_file(path))
}

fn no_file(path: &Path) -> NotOwn {
    doubtful("it is no plain file, but a folder, a link or a pipe", format!("move {} away", path.display()))
}

fn doubtful(what: impl Into<String>, remedy: String) -> NotOwn {
    NotOwn::Doubtful { what: what.into(), remedy }
}

fn me() -> u32 {
    rustix::process::geteuid().as_raw()
}

fn whole_folder(folder: &Path, metadata: &Metadata) -> Result<(), NotOwn> {
    let owner = metadata.uid();
    if owner != 0 && owner != me() {
        return Err(doubtful(
            format!("its folder belongs to somebody else, user {owner}"),
            "set XDG_STATE_HOME to a folder of your own".to_owned(),
        ));
    }
    if metadata.mode() & OTHERS_WRITE != 0 && metadata.mode() & STICKY == 0 {
        return Err(doubtful(
            "others on this machine can put another in its place",
            format!("look at what stands in it, then chmod 700 {}", folder.display()),
        ));
    }
    Ok(())
}

fn whole_file(path: &Path, metadata: &Metadata) -> Result<(), NotOwn> {
    if !metadata.is_file() {
        return Err(no_file(path));
    }
    let away = || {
        let old: PathBuf = path.with_extension("doubtful");
        format!("move it away (mv {} {}), then a new one is made", path.display(), old.display())
    };
    let owner = metadata.uid();
    if owner != me() {
        return Err(doubtful(format!("it belongs to somebody else, user {owner}"), away()));
    }
    if metadata.mode() & OTHERS_WRITE != 0 {
        return Err(doubtful("others on this machine can write into it", away()));
    }
    if metadata.nlink() > 1 {
        return Err(doubtful("it has another name too, by which others may have it", away()));
    }
    Ok(())
}
