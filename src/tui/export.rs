//! Files for the user: CSV, readable by nobody else, never over an existing one.

use crate::app::effect::Export;
use crate::app::message::Told;
use crate::model::text::spreadsheet_cell;
use jiff::Timestamp;
use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

/// How many files of one second are told apart before giving up.
const MOST: usize = 100;

/// Writes the file into the first of these directories that takes it.
pub fn write(export: &Export, directories: &[PathBuf], now: Timestamp) -> Told {
    let mut failure = "there is no directory to write to".to_owned();
    for directory in directories {
        match write_in(export, directory, now) {
            Ok(path) => return Told::Exported(path.display().to_string()),
            Err(error) => failure = format!("{}: {error}", directory.display()),
        }
    }
    Told::NotExported(failure)
}

fn write_in(export: &Export, directory: &Path, now: Timestamp) -> io::Result<PathBuf> {
    let (path, file) = create(export.name, directory, now)?;
    let mut csv = csv::Writer::from_writer(file);
    csv.write_record(&export.columns)?;
    for row in &export.rows {
        csv.write_record(row.iter().map(|cell| spreadsheet_cell(cell)))?;
    }
    csv.flush()?;
    Ok(path)
}

/// A new file, named by what it is and when.
fn create(name: &str, directory: &Path, now: Timestamp) -> io::Result<(PathBuf, File)> {
    let time = now.strftime("%Y%m%d-%H%M%SZ").to_string();
    let mut taken = io::Error::from(io::ErrorKind::AlreadyExists);
    for again in 0..MOST {
        let more = if again == 0 { String::new() } else { format!("-{again}") };
        let path = directory.join(format!("{name}-{time}{more}.csv"));
        match OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path) {
            Ok(file) => return Ok((path, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = error,
            Err(error) => return Err(error),
        }
    }
    Err(taken)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::os::unix::fs::PermissionsExt;

    fn export(cell: &str) -> Export {
        Export {
            name: "report",
            columns: vec!["who", "what"],
            rows: vec![vec![cell.to_owned(), "a,b".into()]],
        }
    }

    fn written(told: &Told) -> PathBuf {
        match told {
            Told::Exported(path) => path.into(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn nobody_else_can_read_it_and_no_spreadsheet_runs_it() {
        let directory = tempfile::tempdir().unwrap();
        let told = write(&export("=cmd()"), &[directory.path().to_owned()], Timestamp::UNIX_EPOCH);
        let path = written(&told);
        assert_eq!(fs::read_to_string(&path).unwrap(), "who,what\n'=cmd(),\"a,b\"\n");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn nothing_is_written_over() {
        let directory = [tempfile::tempdir().unwrap().keep()];
        let first = written(&write(&export("a"), &directory, Timestamp::UNIX_EPOCH));
        let second = written(&write(&export("b"), &directory, Timestamp::UNIX_EPOCH));
        assert_ne!(first, second);
        assert!(fs::read_to_string(first).unwrap().contains("a,"));
        fs::remove_dir_all(&directory[0]).unwrap();
    }

    #[test]
    fn where_nothing_can_be_written_the_next_directory_is_taken() {
        let directory = tempfile::tempdir().unwrap();
        let missing = directory.path().join("missing");
        let told =
            write(&export("a"), &[missing.clone(), directory.path().to_owned()], Timestamp::UNIX_EPOCH);
        assert!(written(&told).starts_with(directory.path()));
        assert!(matches!(write(&export("a"), &[missing], Timestamp::UNIX_EPOCH), Told::NotExported(_)));
    }
}
