#!/usr/bin/env bash
# vt100 0.18.1: index, next line, backward tabulation and the short form of saving the cursor are ignored.
#
# Every terminal since the VT100 takes ESC D (index), ESC E (next line), CSI Z (back to the last tab stop) and, in
# most, CSI s and CSI u (save, restore). An emulator in a test that drops them shows another screen than a
# person sees: what a program draws with them must be compared with a real terminal.
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
vt100 = "=0.18.1"
TOML
cat >src/main.rs <<'RUST'
fn main() {
    for (what, bytes) in [
        ("DECSC and DECRC, which it knows", "ab\x1b7xyz\x1b8Q"),
        ("IND", "a\x1bDb"),
        ("NEL", "a\x1bEb"),
        ("CBT", "abcdefghij\x1b[ZX"),
        ("SCOSC and SCORC", "ab\x1b[sxyz\x1b[uQ"),
    ] {
        let mut parser = vt100::Parser::new(4.try_into().unwrap(), 20.try_into().unwrap(), 0);
        parser.process(bytes.as_bytes());
        println!("{what}: {:?}", parser.screen().contents());
    }
}
RUST
seen=$(cargo run --quiet)
printf '%s\n' "$seen"
[ "$seen" = 'DECSC and DECRC, which it knows: "abQyz"
IND: "ab"
NEL: "ab"
CBT: "abcdefghijX"
SCOSC and SCORC: "abxyzQ"' ] || { echo "this has changed" >&2; exit 1; }
