//! How many requests it takes to do something to many: a write each, and reads for a hundred at a time.

use crate::figure::{most, print};
use crate::program;
use crate::proxy::Proxy;
use crate::server::Server;
use std::io::Write;
use std::process::{Command, Stdio};

/// Of how many.
const MANY: usize = 500;

/// The most reads for each further hundred, the survey and the look afterwards included.
const FOR_A_HUNDRED: f64 = 40.0;

/// Prints the figures.
pub fn figures(server: &Server) {
    let proxy = Proxy::start(server.addr).unwrap();
    let arv_admin = |args: &[&str], targets: &[String]| -> String {
        let home = tempfile::tempdir().unwrap();
        let mut child = Command::new(program())
            .args(args)
            .env("ARVADOS_API_HOST", format!("http://{}", proxy.addr))
            .env("ARVADOS_API_TOKEN", &server.token)
            .env("XDG_STATE_HOME", home.path())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(targets.join("\n").as_bytes()).unwrap();
        let ran = child.wait_with_output().unwrap();
        assert!(ran.status.success(), "{args:?}: {}", String::from_utf8_lossy(&ran.stderr));
        String::from_utf8(ran.stdout).unwrap()
    };
    let uuids = |list: &str, wanted: &dyn Fn(&serde_json::Value) -> bool| -> Vec<String> {
        let rows = list.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        rows.filter(wanted).map(|row| row["uuid"].as_str().unwrap().to_owned()).collect()
    };
    let list =
        arv_admin(&["users", "list", "--filter", "is:active !is:admin !is:remote", "--format", "jsonl"], &[]);
    let users = uuids(&list, &|_| true);
    let (few, many) = (&users[..100], &users[100..100 + MANY]);
    let taken = |args: &[&str], targets: &[String]| {
        proxy.take();
        arv_admin(args, targets);
        let seen = proxy.take();
        (seen.reads, seen.writes)
    };
    let batchrunner = arv_admin(&["tokens", "list", "batchrunner", "--format", "jsonl"], &[]);
    let tokens = uuids(&batchrunner, &|_| true);
    say("revoke", &tokens[..100], taken(&["tokens", "revoke", "-", "--yes"], &tokens[..100]));
    let of_few = taken(&["users", "deactivate", "-", "--yes"], few);
    let of_many = taken(&["users", "deactivate", "-", "--yes"], many);
    say("deactivate", many, of_many);
    let more = as_f64(of_many.0 - of_few.0) / as_f64(MANY - few.len()) * 100.0;
    print("reads for each further hundred deactivated", more, most(FOR_A_HUNDRED, ""));
}

fn say(what: &str, targets: &[String], (reads, writes): (usize, usize)) {
    let n = targets.len();
    // A helper token is made and deleted where another's tokens are revoked.
    let helper = if what == "revoke" { 2 } else { 0 };
    print(
        &format!("writes to {what} {n}, helper token included"),
        as_f64(writes),
        most(as_f64(n + helper), ""),
    );
    let hundreds = as_f64(n.div_ceil(100));
    print(&format!("reads to {what} {n}"), as_f64(reads), most((hundreds + 1.0) * FOR_A_HUNDRED, ""));
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}
