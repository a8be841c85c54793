//! The host as it is configured: `host`, `host:port`, with `https://` tolerated, and `http://` only where
//! nobody can listen in.

use crate::arvados::connection::Scheme;
use crate::model::text::clean_start;
use crate::secret::left_out;
use url::{Host, Url};

const NOT_A_HOST: &str = "write a host name, with :port if it needs one";

const COMMENT: &str =
    "comments at the end of a line are not known: write the host alone, and the comment on a line of its own";

const MORE: &str = "only the host belongs there, with :port if it needs one, and nothing behind it";

const LOGIN: &str = "only the host belongs there, without a user name before it";

/// No host name is longer.
const LONGEST_SHOWN: usize = 253;

/// Reads it; or says why not.
pub fn parse(text: &str) -> Result<(Scheme, String), &'static str> {
    let (scheme, rest) = match text.split_once("://") {
        None => (Scheme::Https, text),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => (Scheme::Https, rest),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => (Scheme::Http, rest),
        Some(_) => return Err("only https is spoken"),
    };
    let prefix = match scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    if rest.contains(" #") || rest.contains("\t#") {
        return Err(COMMENT);
    }
    let url = Url::parse(&format!("{prefix}://{rest}")).map_err(|_| NOT_A_HOST)?;
    if rest.contains(['\\', ' ', '\t']) {
        return Err(NOT_A_HOST);
    }
    let host = url.host().ok_or(NOT_A_HOST)?;
    // A word and a slash may be anything, such as a token; what has a dot or a scheme is a host.
    let is_host = text.contains("://") || !matches!(host, Host::Domain(name) if !name.contains('.'));
    if url.path() != "/" || url.query().is_some() || url.fragment().is_some() {
        return Err(if is_host { MORE } else { NOT_A_HOST });
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(LOGIN);
    }
    if scheme == Scheme::Http && !is_loopback(&host) {
        return Err(
            "http:// would send the token unencrypted, so it is accepted for this machine (127.0.0.1) only",
        );
    }
    let host = match url.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_string(),
    };
    Ok((scheme, host))
}

/// A host as an error may show it.
pub fn shown(text: &str) -> String {
    // What stands before an @ may be a password, and what is no host may be a token.
    let text = clean_start(text.rsplit('@').next().unwrap_or_default(), LONGEST_SHOWN);
    left_out(&text)
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_taken_with_and_without_port_and_scheme() {
        let https = |host: &str| Ok((Scheme::Https, host.to_owned()));
        assert_eq!(parse("zzzzz.example.org"), https("zzzzz.example.org"));
        assert_eq!(parse("zzzzz.example.org:8443"), https("zzzzz.example.org:8443"));
        assert_eq!(parse("https://zzzzz.example.org/"), https("zzzzz.example.org"));
        assert_eq!(parse("HTTPS://Zzzzz.example.org"), https("zzzzz.example.org"));
        assert_eq!(parse("[::1]:9000"), https("[::1]:9000"));
        assert_eq!(parse("http://127.0.0.1:3000"), Ok((Scheme::Http, "127.0.0.1:3000".to_owned())));
        assert_eq!(parse("http://localhost:3000"), Ok((Scheme::Http, "localhost:3000".to_owned())));
    }

    #[test]
    fn a_token_is_not_sent_unencrypted_over_a_network() {
        for text in ["http://zzzzz.example.org", "http://localhost.example.org", "http://10.0.0.1"] {
            let error = parse(text).expect_err(text);
            assert!(error.contains("unencrypted"), "{error}");
        }
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for text in ["a b", "example.org/path", "me@example.org", "ftp://x", "host:port", "x?y", "https://"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
