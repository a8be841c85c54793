#!/usr/bin/env bash
# jiff 1.0.1: the date that people write for "never" is a date, but no instant.
#
# Arvados (PostgreSQL, Rails and Go alike) keeps 9999-12-31T23:59:59Z, which is what people write into the end of
# a token that shall not end. jiff reads the same text as a civil date and time, yet refuses it as a timestamp:
# its last instant is a day and two hours earlier, so that any offset can be added to it. A record with such a field,
# read in one go, is lost whole.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir src
cat >Cargo.toml <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
jiff = { version = "=1.0.1", default-features = false, features = ["std"] }
TOML
cat >src/main.rs <<'RUST'
fn main() {
    let never = "9999-12-31T23:59:59Z";
    println!("last instant: {}", jiff::Timestamp::MAX);
    println!("as a timestamp: {}", if never.parse::<jiff::Timestamp>().is_ok() { "read" } else { "refused" });
    println!("as a civil date and time: {}", match "9999-12-31T23:59:59".parse::<jiff::civil::DateTime>() {
        Ok(at) => at.to_string(),
        Err(_) => "refused".to_owned(),
    });
}
RUST
seen=$(cargo run --quiet)
printf '%s\n' "$seen"
[ "$seen" = "last instant: 9999-12-30T22:00:00.999999999Z
as a timestamp: refused
as a civil date and time: 9999-12-31T23:59:59" ] || { echo "this has changed" >&2; exit 1; }
