//! Where standard output leads: found out before anything is sent that can't be told a second time. The
//! runtime opens `/dev/null` in place of a closed standard output and takes a write that is refused
//! (`EBADF`) for done, so that afterwards nobody would know that a new token's secret is gone.

use super::exit::Stop;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::fs::{OFlags, fcntl_getfl};
use std::fs::{self, File};
use std::io::{self, stdout};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};

/// Where `/dev/null` is known to be.
const NULL: &str = "/dev/null";

/// What becomes of what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// It gets somewhere.
    Written,
    /// It is refused: opened for reading only, or full.
    Refused,
    /// Nobody reads it any more.
    Unread,
    /// It is thrown away.
    Vanishes,
    /// It is closed. The runtime has put `/dev/null` in its place, for reading and writing; a shell's
    /// `>/dev/null` is for writing only. (Python's `DEVNULL` is for both, and can't be told apart.)
    Closed,
}

/// Standard output, as it is: what can't be written is an error.
pub fn open() -> io::Result<File> {
    Ok(File::from(stdout().as_fd().try_clone_to_owned()?))
}

/// Refuses to begin what prints something only once, where that would be lost.
pub fn can_keep_a_secret() -> Result<(), Stop> {
    let why = match fate(stdout().as_fd()) {
        Fate::Written => return Ok(()),
        Fate::Refused => "can't be written to",
        Fate::Unread => "has nobody who reads it",
        Fate::Vanishes => "is /dev/null",
        Fate::Closed => CLOSED,
    };
    Err(Stop::usage(format!(
        "standard output {why}: the new token, printed only once, would be lost; none was issued"
    )))
}

/// Refuses to begin a change whose results can't be printed. Who throws them away, or stops reading, does
/// so on purpose.
pub fn can_be_written() -> Result<(), Stop> {
    match fate(stdout().as_fd()) {
        Fate::Written | Fate::Unread | Fate::Vanishes | Fate::Closed => Ok(()),
        Fate::Refused => Err(Stop::usage(
            "standard output can't be written to, so what became of each target could not be told: nothing was changed",
        )),
    }
}

/// What to say of one that is closed.
const CLOSED: &str = "is closed (or /dev/null, opened for reading as well)";

/// Refuses to begin what does nothing but print, where there is nothing to print to. Who throws it away, or
/// stops reading, does so on purpose; what refuses it is said by the write.
pub fn is_there() -> Result<(), Stop> {
    match fate(stdout().as_fd()) {
        Fate::Written | Fate::Unread | Fate::Vanishes | Fate::Refused => Ok(()),
        Fate::Closed => Err(Stop::usage(format!("standard output {CLOSED}: nothing could be printed"))),
    }
}

fn fate(fd: BorrowedFd<'_>) -> Fate {
    let opened_for = fcntl_getfl(fd).map(|flags| flags & OFlags::RWMODE);
    if !matches!(opened_for, Ok(OFlags::WRONLY | OFlags::RDWR)) || rustix::io::write(fd, &[]).is_err() {
        return Fate::Refused;
    }
    if is_null(fd) {
        return if opened_for == Ok(OFlags::RDWR) { Fate::Closed } else { Fate::Vanishes };
    }
    let mut asked = [PollFd::from_borrowed_fd(fd, PollFlags::OUT)];
    let now = Timespec { tv_sec: 0, tv_nsec: 0 };
    let _ = poll(&mut asked, Some(&now));
    if asked[0].revents().contains(PollFlags::ERR) { Fate::Unread } else { Fate::Written }
}

fn is_null(fd: BorrowedFd<'_>) -> bool {
    let this = fd.try_clone_to_owned().and_then(|fd| File::from(fd).metadata());
    let (Ok(this), Ok(null)) = (this, fs::metadata(NULL)) else { return false };
    this.file_type().is_char_device() && this.rdev() == null.rdev()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fate_of(path: &str, options: &fs::OpenOptions) -> Fate {
        fate(options.open(path).unwrap().as_fd())
    }

    #[test]
    fn what_becomes_of_what_is_written_is_known_before() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file").display().to_string();
        assert_eq!(fate_of(&file, File::options().append(true).create(true)), Fate::Written);
        assert_eq!(fate_of(&file, File::options().read(true)), Fate::Refused);
        assert_eq!(fate_of(NULL, File::options().write(true)), Fate::Vanishes);
        assert_eq!(fate_of(NULL, File::options().read(true).write(true)), Fate::Closed);
        let (reader, writer) = io::pipe().unwrap();
        assert_eq!(fate(writer.as_fd()), Fate::Written);
        drop(reader);
        assert_eq!(fate(writer.as_fd()), Fate::Unread);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_device_that_is_full_is_known_before() {
        assert_eq!(fate_of("/dev/full", File::options().write(true)), Fate::Refused);
    }
}
