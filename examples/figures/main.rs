//! Figures of the whole program, each a line with its target: `cargo build --release`, then
//! `cargo run --release --example figures`. It starts a demo cluster of 100,000 users in a process of its
//! own, and the program in a pseudo-terminal. `curl`, `jq` and Linux's /proc are used where they are there.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "it reads the clock, prints its figures, and fails by panicking"
)]

mod bulk;
#[path = "../../benches/desk/figure.rs"]
mod figure;
mod huge;
mod proxy;
#[path = "../../benches/desk/server.rs"]
mod server;

use figure::{most, print};
use proxy::{Proxy, Seen};
use server::Server;
use std::fs;
use std::io::Read;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};
use termlens::{Key, Terminal};

/// How often a start is measured.
const STARTS: usize = 20;

/// How often all users are loaded.
const LOADS: usize = 9;

const PATIENCE: Duration = Duration::from_secs(120);

fn main() {
    let many = Server::start(&program(), 100_000);
    start(&many);
    load(&many);
    idle(&many);
    drop(many);
    bulk::figures(&Server::start(&program(), 2_000));
    command_line(&Server::start(&program(), 1_000));
    huge::figures(&Server::start(&program(), 250));
}

/// The program as it was built beside this example.
fn program() -> PathBuf {
    let example = std::env::current_exe().unwrap();
    let path = example.parent().unwrap().parent().unwrap().join("arv-admin");
    assert!(path.exists(), "build the program first: cargo build --release");
    path
}

/// The program on this cluster, or on the proxy before it.
fn screen(server: &Server, addr: SocketAddr) -> Terminal {
    Terminal::builder()
        .size(200, 60)
        .env_clear()
        .env("TERM", "xterm-256color")
        .env("LANG", "C.UTF-8")
        .env("HOME", "/nonexistent")
        .env("ARVADOS_API_HOST", format!("http://{addr}"))
        .env("ARVADOS_API_TOKEN", &server.token)
        .timeout(PATIENCE)
        .spawn(program())
        .unwrap()
}

fn median(mut figures: Vec<f64>) -> f64 {
    figures.sort_by(f64::total_cmp);
    figures[figures.len() / 2]
}

fn millis(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1_000.0
}

fn start(server: &Server) {
    let (mut nothing, mut first) = (Vec::new(), Vec::new());
    for _ in 0..STARTS {
        let begun = Instant::now();
        let mut shell = Terminal::builder().timeout(PATIENCE).spawn("true").unwrap();
        shell.wait_exit().unwrap();
        nothing.push(millis(begun));
        let begun = Instant::now();
        let mut screen = screen(server, server.addr);
        screen.wait_until(|screen| screen.contains("arv-admin")).unwrap();
        first.push(millis(begun));
        end(screen);
    }
    print(
        "start to the first frame, beyond what `true` takes, median",
        median(first) - median(nothing),
        most(15.0, "ms"),
    );
}

fn end(mut screen: Terminal) {
    for _ in 0..2 {
        screen.send(Key::Ctrl('c')).unwrap();
    }
    screen.wait_exit().unwrap();
}

fn load(server: &Server) {
    let proxy = Proxy::start(server.addr).unwrap();
    rows(server, &proxy);
    let (mut ratios, mut memory) = (Vec::new(), Vec::new());
    for _ in 0..LOADS {
        let mut screen = screen(server, proxy.addr);
        screen.wait_until(|screen| screen.contains("10000") && !screen.contains("so far")).unwrap();
        let whole = Instant::now();
        let seen = proxy.take();
        let taken = whole.duration_since(seen.asked.unwrap()).as_secs_f64();
        screen.send_str("S/is:active").unwrap();
        screen.wait_until(|screen| screen.contains("is:active") && screen.contains(" of 10000")).unwrap();
        memory.extend(screen.pid().and_then(resident));
        end(screen);
        proxy.take();
        ratios.push(taken / bare(&proxy, server, &seen));
    }
    print("loading 100,000 users, against a bare client, median", median(ratios), most(1.3, "times"));
    if memory.is_empty() {
        println!("resident memory: not measured here, there is no /proc");
    } else {
        print("resident memory with 100,000 users sorted and filtered", median(memory), most(100.0, "MB"));
    }
}

/// From the first answer to the first rows, as they leave the program: a terminal that is emulated here would
/// take longer to show them than they take to come. `script` holds the terminal, where it is there.
fn rows(server: &Server, proxy: &Proxy) {
    let mut taken = Vec::new();
    for _ in 0..5 {
        let command = format!("stty cols 200 rows 60; exec '{}'", program().display());
        let child = Command::new("script")
            .args(["-q", "-c", &command, "/dev/null"])
            .env("TERM", "xterm-256color")
            .env("ARVADOS_API_HOST", format!("http://{}", proxy.addr))
            .env("ARVADOS_API_TOKEN", &server.token)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut child) = child else {
            println!("first answer to user rows: not measured, there is no `script`");
            return;
        };
        let mut screen = child.stdout.take().unwrap();
        let (mut drawn, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
        while !drawn.windows(6).any(|bytes| bytes == b"Active") {
            let read = screen.read(&mut buffer).unwrap();
            assert_ne!(read, 0, "it ended before it showed anybody");
            drawn.extend_from_slice(&buffer[..read]);
        }
        let shown = Instant::now();
        taken.push(shown.duration_since(proxy.take().answered.unwrap()).as_secs_f64() * 1_000.0);
        child.kill().unwrap();
        child.wait().unwrap();
    }
    print("first answer to user rows on the line, median", median(taken), most(20.0, "ms"));
}

/// Fetches and parses the same pages over the same number of connections: how many seconds it takes.
fn bare(proxy: &Proxy, server: &Server, seen: &Seen) -> f64 {
    #[derive(serde::Deserialize)]
    struct Page {
        items: Vec<Row>,
    }
    #[derive(serde::Deserialize)]
    #[expect(dead_code, reason = "parsed, as the program has to")]
    struct Row {
        uuid: String,
        email: Option<String>,
        username: Option<String>,
        first_name: Option<String>,
        last_name: Option<String>,
        is_active: Option<bool>,
        is_invited: Option<bool>,
        is_admin: Option<bool>,
        created_at: Option<String>,
        modified_at: Option<String>,
        modified_by_user_uuid: Option<String>,
    }
    // The key exchange is not part of it: the server speaks plain HTTP.
    rustls::crypto::ring::default_provider().install_default().ok();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let begun = Instant::now();
    let count = runtime.block_on(async {
        let connections = seen.pages.iter().filter(|pages| !pages.is_empty()).map(async |pages| {
            let client = reqwest::Client::builder().pool_max_idle_per_host(1).build().unwrap();
            let mut rows = 0;
            for path in pages {
                let url = format!("http://{}{path}", proxy.addr);
                let answer = client.get(url).bearer_auth(&server.token).send().await.unwrap();
                let page: Page = serde_json::from_slice(&answer.bytes().await.unwrap()).unwrap();
                rows += page.items.len();
            }
            rows
        });
        futures::future::join_all(connections).await.into_iter().sum::<usize>()
    });
    let taken = begun.elapsed().as_secs_f64();
    assert!(count >= 100_000, "{count} rows are not all");
    taken
}

/// Megabytes of a process that are in memory, where the system tells.
fn resident(pid: u32) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    let kilobytes: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes / 1_024.0)
}

/// How often the threads of a process were put on a processor, where the system tells.
fn switches(pid: u32) -> Option<f64> {
    let mut sum = 0.0;
    for task in fs::read_dir(format!("/proc/{pid}/task")).ok()? {
        let status = fs::read_to_string(task.ok()?.path().join("status")).ok()?;
        for line in status.lines().filter(|line| line.contains("_ctxt_switches:")) {
            sum += line.split_whitespace().nth(1)?.parse::<f64>().ok()?;
        }
    }
    Some(sum)
}

fn idle(server: &Server) {
    let mut screen = screen(server, server.addr);
    screen.wait_until(|screen| screen.contains("10000") && !screen.contains("so far")).unwrap();
    // The details of the first user are read, and every connection has gone quiet.
    thread::sleep(Duration::from_secs(5));
    let pid = screen.pid().unwrap();
    let frames = screen.frame_timings().len();
    let before = switches(pid);
    thread::sleep(Duration::from_secs(10));
    let drawn = screen.frame_timings().len() - frames;
    print("frames in 10 s with nothing to do", f64::from(u32::try_from(drawn).unwrap()), most(0.0, ""));
    match (before, switches(pid)) {
        (Some(before), Some(after)) => {
            print("wake-ups in 10 s with nothing to do", after - before, most(0.0, ""));
        }
        _ => println!("wake-ups: not measured here, there is no /proc"),
    }
    end(screen);
}

fn command_line(server: &Server) {
    let host = format!("http://{}", server.addr);
    let url = format!("{host}/arvados/v1/users?limit=1000&count=none");
    let header = format!("Authorization: Bearer {}", server.token);
    let filter = ".items[] | [.uuid, .email, .username, .is_active] | @tsv";
    let pipe = format!("curl -s -H '{header}' '{url}' | jq -r '{filter}'");
    let theirs = || {
        let mut command = Command::new("sh");
        command.args(["-c", &pipe]);
        run(&mut command)
    };
    let ours = || {
        let mut command = Command::new(program());
        command
            .args(["users", "list"])
            .env("ARVADOS_API_HOST", &host)
            .env("ARVADOS_API_TOKEN", &server.token);
        run(&mut command)
    };
    if theirs().is_none() {
        println!("`users list` against curl and jq: not measured, one of them is not there");
        return;
    }
    let ratios = (0..STARTS).filter_map(|_| Some(ours()? / theirs()?)).collect();
    print("`users list` of 1,000 users, against curl and jq, median", median(ratios), most(1.2, "times"));
}

/// How many seconds a command takes, if it succeeds and prints something.
fn run(command: &mut Command) -> Option<f64> {
    let begun = Instant::now();
    let output = command.stdin(Stdio::null()).output().ok()?;
    let taken = begun.elapsed().as_secs_f64();
    (output.status.success() && output.stdout.len() > 1_000).then_some(taken)
}
