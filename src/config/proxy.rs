//! The proxy that the environment names: `HTTPS_PROXY`, else `ALL_PROXY`, in capitals or small letters, unless
//! `NO_PROXY` leaves the host out. One that can't be used is an error: to go around it unasked could show
//! somebody what they were not to see. `HTTP_PROXY` plays no part, since only https leaves this machine.

use super::error::ConfigError;
use super::file::unquoted;
use super::places::Surroundings;
use crate::arvados::connection::{Proxy, ProxyLogin, ProxyName, Scheme};
use crate::secret::Secret;
use percent_encoding::percent_decode_str;
use std::net::IpAddr;
use url::Url;
use zeroize::Zeroizing;

const VARIABLES: [&str; 4] = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
const EXCEPTIONS: [&str; 2] = ["NO_PROXY", "no_proxy"];

/// The port of https.
const HTTPS_PORT: u16 = 443;

/// Finds the one for `host` (`host` or `host:port`).
pub fn find(around: &Surroundings<'_>, host: &str) -> Result<Option<Box<Proxy>>, ConfigError> {
    let Some((variable, value)) = first(around, VARIABLES) else { return Ok(None) };
    if let Some((_, exceptions)) = first(around, EXCEPTIONS)
        && is_left_out(&exceptions.to_string_lossy(), host)
    {
        return Ok(None);
    }
    let unusable =
        |reason: &str| ConfigError::Proxy { variable, reason: reason.to_owned(), host: host.to_owned() };
    let value = Zeroizing::new(value.into_string().map_err(|_| unusable("it is not readable text"))?);
    read(&value, variable).map(|proxy| Some(Box::new(proxy))).map_err(unusable)
}

/// The first that is set to something.
fn first<const N: usize>(
    around: &Surroundings<'_>,
    names: [&'static str; N],
) -> Option<(&'static str, std::ffi::OsString)> {
    let set = |name: &&'static str| {
        let value = around.env(name)?;
        (!value.to_string_lossy().trim().is_empty()).then_some((*name, value))
    };
    names.iter().find_map(set)
}

/// Reads a proxy. Reasons quote nothing: a password may be anywhere in what can't be read.
fn read(value: &str, variable: &'static str) -> Result<Proxy, &'static str> {
    const FORM: &str = "write http://HOST:PORT";
    let value = unquoted(value.trim()).map_err(|_| "it has a quote at one end only")?;
    let (scheme, rest) = match value.split_once("://") {
        None => (Scheme::Http, value),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
        Some((scheme, _)) if scheme.to_ascii_lowercase().starts_with("socks") => {
            return Err("SOCKS is not spoken here; write http://HOST:PORT of a proxy that knows CONNECT");
        }
        Some(_) => return Err("it is neither http:// nor https://; write http://HOST:PORT"),
    };
    let (login, place) = match rest.rsplit_once('@') {
        None => (None, rest),
        Some((login, _)) if login.contains(['@', '/', '?', '#', '\\', ' ']) => {
            return Err("its user name or password has a character that must be written in another way: \
                 %40 for @, %2F for /, %3A for :, %23 for #, %3F for ?, %20 for a blank");
        }
        Some((login, place)) => (Some(login), place),
    };
    let (start, default_port) = match scheme {
        Scheme::Http => ("http", 80),
        Scheme::Https => ("https", HTTPS_PORT),
    };
    let url = Url::parse(&format!("{start}://{place}")).map_err(|_| FORM)?;
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() || place.contains(['\\', ' ']) {
        return Err("it has more than a host and a port; write http://HOST:PORT");
    }
    let host = url.host().ok_or(FORM)?.to_string();
    let port = url.port().unwrap_or(default_port);
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let login = login.map(|login| {
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        ProxyLogin { user: decoded(user), password: Secret::new(decoded(password)) }
    });
    let name = ProxyName { address: format!("{host}:{port}"), variable };
    Ok(Proxy { name, scheme, host, port, login })
}

/// Whether `NO_PROXY` names a host. Its entries, parted by commas or blanks, are names that stand for what is
/// below them too (with or without `.` or `*.` before them), addresses, networks (`10.0.0.0/8`), each with a
/// port or without, or `*` for all: what curl, Go and Python take, together.
fn is_left_out(list: &str, host: &str) -> bool {
    let (host, port) = parted(host);
    let port = port.unwrap_or(HTTPS_PORT);
    list.split(|c: char| c == ',' || c == ';' || c.is_whitespace()).filter(|entry| !entry.is_empty()).any(
        |entry| {
            let entry = entry.split_once("://").map_or(entry, |(_, rest)| rest).trim_end_matches('/');
            if entry == "*" {
                return true;
            }
            let (name, only) = parted(entry);
            only.is_none_or(|only| only == port) && names(name, host)
        },
    )
}

/// Whether an entry without its port names a host.
fn names(entry: &str, host: &str) -> bool {
    if let Ok(address) = host.parse::<IpAddr>() {
        return match entry.split_once('/') {
            Some((network, bits)) => is_in(address, network, bits),
            None => entry.parse() == Ok(address),
        };
    }
    let entry = entry.strip_prefix('*').unwrap_or(entry);
    let entry = entry.strip_prefix('.').unwrap_or(entry).trim_end_matches('.').to_ascii_lowercase();
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    !entry.is_empty()
        && host.strip_suffix(&entry).is_some_and(|above| above.is_empty() || above.ends_with('.'))
}

/// Whether an address is in a network.
fn is_in(address: IpAddr, network: &str, bits: &str) -> bool {
    let first = |of: u128, width: u32, bits: u32| of.checked_shr(width - bits).unwrap_or(0);
    match (address, network.parse(), bits.parse::<u32>()) {
        (IpAddr::V4(a), Ok(IpAddr::V4(n)), Ok(bits @ 0..=32)) => {
            first(a.to_bits().into(), 32, bits) == first(n.to_bits().into(), 32, bits)
        }
        (IpAddr::V6(a), Ok(IpAddr::V6(n)), Ok(bits @ 0..=128)) => {
            first(a.to_bits(), 128, bits) == first(n.to_bits(), 128, bits)
        }
        _ => false,
    }
}

/// A host and its port, if it has one; an IPv6 address without its brackets.
fn parted(text: &str) -> (&str, Option<u16>) {
    if let Some((address, rest)) = text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        return (address, rest.strip_prefix(':').and_then(|port| port.parse().ok()));
    }
    match text.split_once(':') {
        Some((host, port)) if !port.contains(':') => match port.parse() {
            Ok(port) => (host, Some(port)),
            Err(_) => (text, None),
        },
        _ => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_proxy_names_hosts_as_every_tool_writes_them() {
        for list in [
            "*",
            "zzzzz.example.org",
            "other.example, ZZZZZ.example.org",
            "other.example zzzzz.example.org:8443",
            "example.org",
            ".example.org",
            "*.example.org",
            "*.example.org:8443",
            "https://zzzzz.example.org/",
            "zzzzz.example.org.",
        ] {
            assert!(is_left_out(list, "zzzzz.example.org:8443"), "{list}");
        }
        for list in [
            "",
            " , ",
            "zzzzz.example.org:443",
            "z.example.org",
            "ample.org",
            "*.zzzzz.example.orgs",
            "10.0.0.0/8",
        ] {
            assert!(!is_left_out(list, "zzzzz.example.org:8443"), "{list}");
        }
        assert!(is_left_out("zzzzz.example.org:443", "zzzzz.example.org"), "https has a port of its own");
    }

    #[test]
    fn no_proxy_names_addresses_and_networks() {
        for (list, host) in [
            ("10.1.2.3", "10.1.2.3"),
            ("10.1.2.3:443", "10.1.2.3"),
            ("10.0.0.0/8", "10.1.2.3:8443"),
            ("0.0.0.0/0", "10.1.2.3"),
            ("::1", "[::1]"),
            ("[::1]:9000", "[::1]:9000"),
            ("fd00::/8", "[fd12::1]:9000"),
        ] {
            assert!(is_left_out(list, host), "{list} {host}");
        }
        for (list, host) in [
            ("10.0.0.0/8", "11.1.2.3"),
            ("10.0.0.0/33", "10.1.2.3"),
            ("[::1]:9000", "[::1]"),
            ("1.2.3", "1.2.3.4"),
        ] {
            assert!(!is_left_out(list, host), "{list} {host}");
        }
    }

    #[test]
    fn proxies_are_read_with_and_without_scheme_port_and_login() {
        let address = |text: &str| read(text, "HTTPS_PROXY").expect(text).name.address;
        assert_eq!(address("http://proxy.example:3128"), "proxy.example:3128");
        assert_eq!(address("HTTP://proxy.example/"), "proxy.example:80");
        assert_eq!(address("https://proxy.example"), "proxy.example:443");
        assert_eq!(address(" \"proxy.example:3128\" "), "proxy.example:3128");
        assert_eq!(address("[::1]:3128"), "[::1]:3128");
        let proxy = read("http://rosa:p%40ss%3A@proxy.example:3128", "HTTPS_PROXY").expect("with a login");
        let login = proxy.login.expect("it is there");
        assert_eq!((login.user.as_str(), login.password), ("rosa", Secret::new("p@ss:".to_owned())));
        assert_eq!(proxy.name.address, "proxy.example:3128", "neither is in its name");
    }

    #[test]
    fn what_is_no_proxy_is_refused_and_nothing_of_it_is_repeated() {
        for text in [
            "user:p@canary@proxy.example:3128",
            "http://user:ca/nary@proxy.example:3128",
            "http://user:canary",
            "http://user:canary#@proxy",
            "socks5h://localhost:1080",
            "ftp://canary",
            "http://proxy.example/canary.pac",
            "http://",
            "\"http://canary:3128",
            "canary 3128",
        ] {
            let reason = read(text, "HTTPS_PROXY").expect_err(text);
            assert!(!reason.contains("canary"), "{reason}");
        }
    }
}
