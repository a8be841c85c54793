//! SSH keys: what the controller accepts as one, and whose they are (api.md b.9, v21).

use super::common::{check_owner, must_be_active, new_owner, new_uuid, not_found_text};
use crate::demo::failure::Failure;
use crate::demo::permissions::Viewer;
use crate::demo::record::{AuthorizedKey, Common, Record};
use crate::demo::request::Attributes;
use crate::demo::store::Store;
use crate::demo::write::Writer;
use std::sync::Arc;

const ATTRIBUTES: [&str; 7] =
    ["uuid", "owner_uuid", "name", "key_type", "authorized_user_uuid", "public_key", "expires_at"];

pub fn create(
    writer: &mut Writer<'_>,
    viewer: &Viewer,
    given: &Attributes,
) -> Result<Arc<AuthorizedKey>, Failure> {
    check_key(given)?;
    given.only("AuthorizedKey", &ATTRIBUTES)?;
    let uuid = new_uuid::<AuthorizedKey>(writer.store, viewer, given)?;
    let mut key = AuthorizedKey {
        common: Common::new(uuid, writer.store.clock.now()),
        name: None,
        key_type: Some("SSH".to_owned()),
        authorized_user_uuid: None,
        public_key: None,
        expires_at: None,
    };
    apply(&mut key, given);
    validate(writer.store, viewer, &key)?;
    must_be_active(viewer)?;
    key.common.owner_uuid = new_owner(writer.store, viewer, given)?;
    Ok(writer.create(key))
}

pub fn update(
    writer: &mut Writer<'_>,
    viewer: &Viewer,
    old: &AuthorizedKey,
    given: &Attributes,
) -> Result<Arc<AuthorizedKey>, Failure> {
    check_key(given)?;
    given.only("AuthorizedKey", &ATTRIBUTES)?;
    let mut key = old.clone();
    apply(&mut key, given);
    validate(writer.store, viewer, &key)?;
    must_be_active(viewer)?;
    if let Some(Some(Ok(owner))) = given.uuid("owner_uuid")
        && owner != old.common.owner_uuid
    {
        check_owner(writer.store, viewer, owner)?;
        key.common.owner_uuid = owner;
    }
    if !viewer.can_write(writer.store, old.uuid()) {
        return Err(Failure::denied());
    }
    Ok(writer.update(key))
}

fn apply(key: &mut AuthorizedKey, given: &Attributes) {
    if let Some(name) = given.text("name") {
        key.name = name;
    }
    if let Some(kind) = given.text("key_type") {
        key.key_type = kind;
    }
    if let Some(user) = given.uuid("authorized_user_uuid") {
        key.authorized_user_uuid = user.and_then(Result::ok);
    }
    if let Some(text) = given.text("public_key") {
        key.public_key = text;
    }
    if let Some(at) = given.time("expires_at") {
        key.expires_at = at;
    }
}

fn validate(store: &Store, viewer: &Viewer, key: &AuthorizedKey) -> Result<(), Failure> {
    let mut faults = Vec::new();
    if let Some(user) = key.authorized_user_uuid {
        faults.extend(not_found_text(store, viewer, "Authorized user uuid", user));
    }
    if let Some(text) = &key.public_key {
        let others = store.authorized_keys.iter().filter(|other| other.uuid() != key.uuid());
        if others.filter_map(|other| other.public_key.as_ref()).any(|other| other.contains(text)) {
            faults.push("Public key already exists in the database, use a different key.".to_owned());
        }
    }
    if !faults.is_empty() {
        return Err(Failure::all_invalid(faults));
    }
    let own = key.authorized_user_uuid == Some(viewer.uuid());
    if viewer.is_admin() || own { Ok(()) } else { Err(Failure::denied()) }
}

fn check_key(given: &Attributes) -> Result<(), Failure> {
    if given.text("key_type").flatten().is_some_and(|kind| kind != "SSH") {
        return Err(Failure::controller(400, "Unsupported key type"));
    }
    let Some(Some(text)) = given.text("public_key") else { return Ok(()) };
    fault(&text).map_or(Ok(()), |fault| {
        Err(Failure::controller(400, format!("Public key does not appear to be valid: {fault}")))
    })
}

/// What is wrong with a public key in the OpenSSH form: `TYPE BLOB COMMENT`, with blanks around it and
/// between its parts. A tab parts them as well, but the type must then end with a blank (api.md v38).
fn fault(text: &str) -> Option<&'static str> {
    let text = text.trim();
    if text.contains(['\r', '\n']) {
        return Some("extra data after key");
    }
    let no_key = Some("ssh: no key found");
    let Some((_, rest)) = text.split_once([' ', '\t']) else { return no_key };
    let mut words = rest.split([' ', '\t']).filter(|word| !word.is_empty());
    // Else what comes first may be options, and the key the next two.
    let Some(kind) = words.clone().next().and_then(kind_of).or_else(|| words.nth(1).and_then(kind_of)) else {
        return no_key;
    };
    match text.split_once(' ') {
        None => Some("no leading type field"),
        Some((leading, _)) if leading != kind => Some("leading type field does not match actual key type"),
        Some(_) => None,
    }
}

/// The kind of key that a blob holds, if it is whole.
fn kind_of(data: &str) -> Option<String> {
    let bytes = base64(data)?;
    let (name, mut rest) = field(&bytes)?;
    let name = std::str::from_utf8(name).ok()?;
    let (plain, certified) = match name.strip_suffix("-cert-v01@openssh.com") {
        Some(plain) => (plain.to_owned() + if plain.starts_with("sk-") { "@openssh.com" } else { "" }, true),
        None => (name.to_owned(), false),
    };
    let parts = match plain.as_str() {
        "ssh-ed25519" => 1,
        "ssh-rsa"
        | "ecdsa-sha2-nistp256"
        | "ecdsa-sha2-nistp384"
        | "ecdsa-sha2-nistp521"
        | "sk-ssh-ed25519@openssh.com" => 2,
        "sk-ecdsa-sha2-nistp256@openssh.com" => 3,
        "ssh-dss" => 4,
        _ => return None,
    };
    if certified {
        // What makes each one another.
        rest = field(rest)?.1;
    }
    for _ in 0..parts {
        let (part, after) = field(rest)?;
        rest = (!part.is_empty()).then_some(after)?;
    }
    if certified {
        // Serial number and sort; key id and principals; from and until; options, extensions, a field
        // kept free, who signed, and the signature.
        rest = rest.get(12..)?;
        rest = field(field(rest)?.1)?.1;
        rest = rest.get(16..)?;
        for _ in 0..5 {
            rest = field(rest)?.1;
        }
    }
    rest.is_empty().then(|| name.to_owned())
}

/// The first length-prefixed field, and what follows it.
fn field(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

fn base64(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in text.trim_end_matches('=').bytes() {
        let six = match letter {
            b'A'..=b'Z' => letter - b'A',
            b'a'..=b'z' => letter - b'a' + 26,
            b'0'..=b'9' => letter - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        bits = ((bits << 6) | u32::from(six)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_must_be_whole_and_of_its_type() {
        let good =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIC4hdBHOdPqeVTSqgKhyaKkUVMEeIlRONIhzHvDcK9Ul ann@laptop";
        assert_eq!(fault(good), None);
        assert!(fault("ssh-rsa AAAA nope").is_some());
        assert!(fault(&good.replace("ssh-ed25519 ", "ssh-rsa ")).is_some());
        assert!(fault(&good.replace("DcK9Ul", "DcK9")).is_some());
        assert!(fault(&format!("{good}\n{good}")).is_some());
    }

    /// Made with ssh-keygen 9.2.
    const CERTIFICATE: &str = "ssh-ed25519-cert-v01@openssh.com AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIJOlW\
         JCbIZBoYCf81RXJz1L/0OI17oyjrbJm3juMF0YZAAAAIFVqD/8dCapNMWqmTBm/9OrthtArsDB8aBjH8GtNImG4AAA\
         AAAAAAAAAAAABAAAAA2FubgAAAAcAAAADYW5uAAAAAAAAAAD//////////wAAAAAAAACCAAAAFXBlcm1pdC1YMTEtZ\
         m9yd2FyZGluZwAAAAAAAAAXcGVybWl0LWFnZW50LWZvcndhcmRpbmcAAAAAAAAAFnBlcm1pdC1wb3J0LWZvcndhcmR\
         pbmcAAAAAAAAACnBlcm1pdC1wdHkAAAAAAAAADnBlcm1pdC11c2VyLXJjAAAAAAAAAAAAAAAzAAAAC3NzaC1lZDI1N\
         TE5AAAAIHyYpt/lqorKY/mWvye5fQtcAD7z1nS2lQlhy59GPWPHAAAAUwAAAAtzc2gtZWQyNTUxOQAAAEApL1iPRBc\
         0muy69syJcEAnTza44nyQjiyz+L9h9URl2RVHJiffUOf/itN6UgDb1y9K7rLUWovfiJ6++tygRd4O ann@laptop";
    const ECDSA_CERTIFICATE: &str = "ecdsa-sha2-nistp256-cert-v01@openssh.com AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3Blb\
         nNzaC5jb20AAAAgte7pfvFMmDl6dYXy7YU9kZWbG7lY4lIv4WU9KlL9X3kAAAAIbmlzdHAyNTYAAABBBC/kAa0dA4p\
         PkRz3FBU+UEEI4Wt9bSC7YMu4Wt1YxWi46P2shxuByQj5ET9T9lXMiFEgBKxGHxAibeQHnXLeXRQAAAAAAAAAAAAAA\
         AEAAAADYW5uAAAAAAAAAAAAAAAA//////////8AAAAAAAAAggAAABVwZXJtaXQtWDExLWZvcndhcmRpbmcAAAAAAAA\
         AF3Blcm1pdC1hZ2VudC1mb3J3YXJkaW5nAAAAAAAAABZwZXJtaXQtcG9ydC1mb3J3YXJkaW5nAAAAAAAAAApwZXJta\
         XQtcHR5AAAAAAAAAA5wZXJtaXQtdXNlci1yYwAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACB8mKbf5aqKymP\
         5lr8nuX0LXAA+89Z0tpUJYcufRj1jxwAAAFMAAAALc3NoLWVkMjU1MTkAAABAPcCh8YxhJHLZHdmZ0pqOwug5Ua8qj\
         oXR2rChF4m9cvGUp/bu83B6O4ezYmdB/OxvBWJuAjNA8siWpPSonPDHAw==";
    const SHORT_RSA: &str = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQDFLTR3mQvpcuQAKf+katYtwqOWkllCpQWIuyA8FLrFTjKOJMBtwA\
         i+byYFk8/gjjGO9XW4OjAosz36YCbUxRFbmoLsW/iUVu63Gz25sNTXYyoNmgi1MIbW9J1+vsloFHhm6C5nC404iIeg\
         GCs4D4QcDFT1fzSE6NpreQYrRzNHHw== r";

    #[test]
    fn certificates_and_short_keys_are_taken_with_blanks_around_and_between() {
        for key in [CERTIFICATE, ECDSA_CERTIFICATE, SHORT_RSA] {
            assert_eq!(fault(key), None, "{key}");
            assert_eq!(fault(&format!("  {} \r\n\n", key.replacen(' ', "  ", 1))), None, "{key}");
            // A tab may part the key from its comment, but not the type from the key.
            let (kind, rest) = key.split_once(' ').unwrap();
            assert_eq!(fault(&format!("{kind} {}", rest.replace(' ', "\t"))), None, "{key}");
            assert!(fault(&format!("{kind}\t{rest}")).is_some(), "{key}");
            assert!(fault(&format!("no-pty {key}")).unwrap().contains("leading type field"), "{key}");
            let cut = rest.split(' ').next().unwrap();
            assert!(fault(&format!("{kind} {}", &cut[..cut.len() - 8])).is_some(), "{key}");
        }
        let other_type = SHORT_RSA.replacen("ssh-rsa", "rsa-sha2-512", 1);
        assert!(fault(&other_type).unwrap().contains("leading type field"));
    }
}
