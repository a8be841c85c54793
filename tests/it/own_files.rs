//! Files that others on this machine had their hands on: settings that name a host, the journal that gives rights
//! back, the log. Each is met by the real program.

use crate::program::{Program, Ran};
use crate::world::World;
use serde_json::{Value, json};
use std::fs::{self, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;

const FILE: &str = ".config/arvados/settings.conf";
const JOURNAL: &str = ".local/state/arv-admin/journal.jsonl";
const LOG: &str = ".local/state/arv-admin/arv-admin.log";

/// Somebody else on this machine.
const OTHER: u32 = 12_345;

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// What is said, and what makes it so: false where that can't be made here.
type Way = (&'static str, fn(&Path, &Path) -> bool);

/// Gives a file to somebody else. Only root can: for others the test says that it left this out.
fn give_away(path: &Path) -> bool {
    let given = chown(path, Some(OTHER), None).is_ok();
    if !given {
        // Not by `eprintln!`, which is heard only where a test fails.
        let said = format!("NOT TRIED, since only root gives files away: {}\n", path.display());
        io::stderr().write_all(said.as_bytes()).unwrap();
    }
    given
}

fn pipe(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Ways in which a file may not be its user's own; nothing where this one can't be made here.
fn ways() -> [Way; 4] {
    [
        ("others on this machine can change", |path, _| {
            mode(path, 0o620);
            true
        }),
        ("others on this machine can put another file into", |path, _| {
            mode(path.parent().unwrap(), 0o777);
            true
        }),
        ("belongs to somebody else (user 12345)", |path, _| give_away(path)),
        ("belongs to somebody else (user 12345)", |path, _| give_away(path.parent().unwrap())),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settings_file_in_others_hands_gives_no_host_to_a_token_from_elsewhere() {
    let world = World::institute_today().await;
    let (host, token) = (world.demo.url(), world.demo.admin_token());
    for (told, spoil) in ways() {
        let mut program = Program::unconfigured();
        let path = program.file(FILE, format!("ARVADOS_API_HOST={host}\n"));
        program.use_token(token);
        assert_eq!(program.run(&["check"]).err, "", "it is good before");
        if !spoil(&path, program.home()) {
            continue;
        }
        let before = (path.metadata().unwrap().ctime_nsec(), path.metadata().unwrap().mode());
        world.demo.clear_requests();
        let ran = program.run(&["check"]);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
        assert!(ran.err.contains(told) && ran.err.contains("ARVADOS_API_HOST in the environment"), "{ran:?}");
        assert!(world.demo.requests().is_empty(), "nothing was asked of it");

        // Both from there, or the host from elsewhere: it is warned of.
        for (name, value) in [("ARVADOS_API_HOST", host.as_str()), ("ARVADOS_API_TOKEN", "")] {
            program.set(name, value);
            fs::write(&path, format!("ARVADOS_API_HOST={host}\nARVADOS_API_TOKEN={token}\n")).unwrap();
            let ran = program.run(&["check"]);
            assert_eq!(ran.code, 0, "{ran:?}");
            let is_used = value.is_empty();
            program.set("ARVADOS_API_HOST", "");
            assert_eq!(ran.err.contains(told) && ran.err.starts_with("warning: "), is_used, "{ran:?}");
        }
        let after = path.metadata().unwrap();
        assert_eq!(after.mode(), before.1, "it is never changed");
    }
}

#[test]
fn a_pipe_in_the_place_of_settings_does_not_hold_the_start_up() {
    let program = Program::unconfigured();
    let path = program.file(FILE, "");
    fs::remove_file(&path).unwrap();
    pipe(&path);
    let ran = program.run(&["check"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("can't be read: it is no plain file, but a pipe or a device"), "{ran:?}");
}

/// A program with a journal that says that a suspension took rosa's admin flag.
async fn suspended() -> (World, Program, PathBuf) {
    let world = World::institute_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    for args in
        [&["users", "admin", "--on", "rdelgado", "--yes"][..], &["users", "suspend", "rdelgado", "--yes"]]
    {
        let ran = program.run(args);
        assert_eq!(ran.code, 0, "{ran:?}");
    }
    let path = program.home().join(JOURNAL);
    let ran = program.run(&["users", "resume", "rdelgado", "--dry-run"]);
    assert!(ran.out.contains("will be admin again") || ran.err.contains("will be admin again"), "{ran:?}");
    (world, program, path)
}

async fn is_admin(world: &World) -> bool {
    let users = world.ask("GET", "users?filters=[[\"username\",\"=\",\"rdelgado\"]]", Value::Null).await;
    users["items"][0]["is_admin"] == json!(true)
}

fn said(ran: &Ran) -> String {
    format!("{}{}", ran.out, ran.err)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_in_others_hands_gives_no_flag_back_is_not_written_to_and_that_is_said_first() {
    let (world, program, path) = suspended().await;
    let folder = path.parent().unwrap().to_owned();
    let whole = fs::read(&path).unwrap();
    let elsewhere = program.home().join("elsewhere");
    let ways: [Way; 7] = [
        ("others on this machine can write into it", |path, _| {
            mode(path, 0o606);
            true
        }),
        ("others on this machine can put another in its place", |path, _| {
            mode(path.parent().unwrap(), 0o770);
            true
        }),
        ("it belongs to somebody else, user 12345", |path, _| give_away(path)),
        ("its folder belongs to somebody else, user 12345", |path, _| give_away(path.parent().unwrap())),
        ("it has another name too", |path, elsewhere| {
            fs::hard_link(path, elsewhere).unwrap();
            true
        }),
        ("it is no plain file, but a folder, a link or a pipe", |path, elsewhere| {
            fs::rename(path, elsewhere).unwrap();
            symlink(elsewhere, path).unwrap();
            true
        }),
        ("it is no plain file, but a folder, a link or a pipe", |path, _| {
            fs::remove_file(path).unwrap();
            pipe(path);
            true
        }),
    ];
    for (told, spoil) in ways {
        fs::remove_dir_all(&folder).unwrap();
        drop(fs::remove_file(&elsewhere));
        fs::create_dir(&folder).unwrap();
        mode(&folder, 0o700);
        fs::write(&path, &whole).unwrap();
        mode(&path, 0o600);
        if !spoil(&path, &elsewhere) {
            continue;
        }
        world.demo.clear_requests();
        let ran = program.run(&["users", "resume", "rdelgado", "--dry-run"]);
        assert!(said(&ran).contains(told), "in the plan, before the question: {ran:?}");
        assert_ne!(ran.code, 0, "a dry run that a real one can't follow: {ran:?}");
        assert!(!said(&ran).contains("will be admin again"), "{ran:?}");
        for args in
            [&["users", "resume", "rdelgado", "--yes"][..], &["users", "deactivate", "rdelgado", "--yes"]]
        {
            let ran = program.run(args);
            assert_ne!(ran.code, 0, "{ran:?}");
            assert!(ran.err.contains(told), "{ran:?}");
        }
        assert!(world.writes().is_empty(), "nothing was begun");
        assert!(!is_admin(&world).await);
        if path.metadata().unwrap().is_file() {
            assert_eq!(fs::read(&path).unwrap(), whole, "it is not written to");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_others_could_only_read_is_taken_from_their_eyes_and_believed() {
    let (world, program, path) = suspended().await;
    mode(&path, 0o644);
    let ran = program.run(&["users", "resume", "rdelgado", "--yes"]);
    assert_eq!(ran.code, 0, "{ran:?}");
    assert!(ran.err.contains("could read the journal"), "{ran:?}");
    assert_eq!(path.metadata().unwrap().mode() & 0o777, 0o600);
    assert!(is_admin(&world).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_log_in_others_hands_is_not_written_to_and_nothing_hangs() {
    let world = World::institute_today().await;
    let ways: [Way; 5] = [
        ("it is no plain file", |path, elsewhere| {
            symlink(elsewhere, path).unwrap();
            true
        }),
        ("it is no plain file", |path, _| {
            pipe(path);
            true
        }),
        ("it has another name too", |path, elsewhere| {
            fs::hard_link(elsewhere, path).unwrap();
            true
        }),
        ("others on this machine can write into it", |path, _| {
            fs::write(path, "").unwrap();
            mode(path, 0o666);
            true
        }),
        ("it belongs to somebody else", |path, _| {
            fs::write(path, "").unwrap();
            give_away(path)
        }),
    ];
    for (told, spoil) in ways {
        let mut program = Program::new(&world.demo.url(), world.demo.admin_token());
        program.set("ARV_ADMIN_LOG", "trace");
        let elsewhere = program.file("elsewhere", "theirs\n");
        let path = program.home().join(LOG);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        mode(path.parent().unwrap(), 0o700);
        if !spoil(&path, &elsewhere) {
            continue;
        }
        let ran = program.run(&["check"]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains("can't be written: ") && ran.err.contains(told), "{ran:?}");
        assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "theirs\n");
    }
}
