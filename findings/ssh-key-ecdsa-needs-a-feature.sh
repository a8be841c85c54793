#!/usr/bin/env bash
# ssh-key 0.6.7: with the feature `alloc` alone, an ECDSA key is of an unknown algorithm.
#
# Reading a public key needs no elliptic curve arithmetic, and Ed25519, RSA and DSA keys are read without any
# further feature. ECDSA keys, which OpenSSH made for years, are only told apart with the feature `ecdsa`; without it they are
# not "known, but not checked": parsing fails.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
ssh-keygen -q -t ecdsa -b 256 -N '' -C someone -f ecdsa
ssh-keygen -q -t ed25519 -N '' -C someone -f ed25519
ssh-keygen -q -t rsa -b 2048 -N '' -C someone -f rsa
mkdir src
cat >src/main.rs <<'RUST'
fn main() {
    for kind in ["ecdsa", "ed25519", "rsa"] {
        let text = std::fs::read_to_string(format!("{kind}.pub")).expect("a key that was just made");
        match ssh_key::PublicKey::from_openssh(&text) {
            Ok(key) => println!("{kind}: {}", key.algorithm().as_str()),
            Err(error) => println!("{kind}: {error:?}"),
        }
    }
}
RUST
run() {
  cat >Cargo.toml <<TOML
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
ssh-key = { version = "=0.6.7", default-features = false, features = [$1] }
TOML
  cargo run --quiet
}
alone=$(run '"alloc"')
with=$(run '"alloc", "ecdsa"')
printf 'alloc alone:\n%s\nwith ecdsa:\n%s\n' "$alone" "$with"
[ "$alone" = "ecdsa: AlgorithmUnknown
ed25519: ssh-ed25519
rsa: ssh-rsa" ] && [ "$with" = "ecdsa: ecdsa-sha2-nistp256
ed25519: ssh-ed25519
rsa: ssh-rsa" ] || { echo "this has changed" >&2; exit 1; }
