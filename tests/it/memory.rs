//! What other programs get of the real one's memory: nothing, as far as the system keeps them out.

use std::fs;
use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, chown};
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

/// Somebody who is not root: of root's own processes nobody could tell.
const OTHER: u32 = 12_345;

#[test]
fn it_leaves_no_core_file_and_its_memory_and_environment_are_root_s_to_read() {
    let mut command = Command::new(env!("CARGO_BIN_EXE_arv-admin"));
    command.arg("demo-server").env_clear().env("ARVADOS_API_TOKEN", "canary").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
    let file = tempfile::NamedTempFile::new().unwrap();
    if chown(file.path(), Some(OTHER), None).is_ok() {
        command.uid(OTHER);
    }
    let Ok(mut child) = command.spawn() else {
        let _ = io::stderr().write_all(b"NOT TRIED, since nobody but root can start this program here\n");
        return;
    };
    let mut first = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
    let of = |what: &str| format!("/proc/{}/{what}", child.id());
    let limits = fs::read_to_string(of("limits")).unwrap();
    let owners = ["mem", "environ"].map(|what| fs::metadata(of(what)).unwrap().uid());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(first.starts_with("ARVADOS_API_HOST="), "it runs: {first}");
    let core = limits.lines().find_map(|line| line.strip_prefix("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().take(2).collect::<Vec<_>>(), ["0", "0"]);
    assert_eq!(owners, [0, 0]);
}
