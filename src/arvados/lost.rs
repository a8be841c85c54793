//! Why there was no answer: who broke it off, the server, a proxy on the way or a doubt about a
//! certificate, in words that name that one and say what to do.

use super::connection::ProxyName;
use crate::model::text::{clean_start, listed};
use crate::model::when::date_time;
use jiff::Timestamp;
use std::fmt;

/// So much is shown of a text that others may have written.
pub(super) const LONGEST_TEXT: usize = 200;

/// Why there was no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lost {
    /// The server's host, as configured.
    pub host: String,
    /// The proxy on the way to it, if there is one.
    pub proxy: Option<ProxyName>,
    /// Who it was.
    pub party: Party,
    /// What happened.
    pub cause: Cause,
}

/// With whom a connection could not be made, or broke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Party {
    /// The cluster's server.
    Server,
    /// The proxy: the server was not asked.
    Proxy,
}

/// What happened to a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Cause {
    /// No address belongs to the name.
    UnknownName(String),
    /// No connection, in the system's words.
    NotReached(String),
    /// No connection in so many seconds.
    TooSlow(u64),
    /// The connection was closed before it was encrypted, in the system's words.
    Closed(String),
    /// What answers there does not speak TLS.
    NoTls,
    /// Both speak TLS and found nothing in common, in the library's words.
    NoAgreement(String),
    /// The certificate is not believed.
    Certificate(Doubt),
    /// The proxy said no to this, and asked for a login, or to more.
    Refused(Refusal),
    /// The proxy said no, and yes when it was asked once more for what it had against it.
    LetThrough,
    /// What answers there is no proxy, in the library's words.
    NoProxy(String),
    /// It broke after the request was sent, in the system's words.
    Broken(String),
}

/// What is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Doubt {
    /// None of the authorities that are believed has signed it: where those are from.
    UnknownIssuer(String),
    /// It is an authority's own, which no server may show (webpki's `CaUsedAsEndEntity`).
    IsAuthority,
    /// It has ended: when, and what this computer's clock said. Some systems tell neither.
    Ended(Option<(Timestamp, Timestamp)>),
    /// It has not begun.
    NotYet(Option<(Timestamp, Timestamp)>),
    /// It is for other hosts: these.
    OtherName(Vec<String>),
    /// Another thing, in the library's words.
    Other(String),
}

/// A proxy's answer that is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// HTTP status.
    pub status: u16,
    /// The proxy's words for it.
    pub words: String,
    /// Whether it was told a user name and password.
    pub login: LoginGiven,
    /// Ways to log in that it offers: `Basic`, `Negotiate`.
    pub offers: Vec<String>,
}

/// Whether a proxy was told a user name and password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LoginGiven {
    /// It was.
    Yes,
    /// It was not.
    No,
}

impl Lost {
    /// What is wrong, in a sentence.
    pub fn title(&self) -> String {
        let host = &self.host;
        match (&self.proxy, self.party) {
            (Some(proxy), Party::Proxy) => match &self.cause {
                Cause::Refused(refusal) => match (refusal.status, refusal.login) {
                    (407, LoginGiven::No) => format!("The {proxy} wants a user name and password."),
                    (407, LoginGiven::Yes) => {
                        format!("The {proxy} does not accept its user name and password.")
                    }
                    (500..=599, _) => format!("The {proxy} can't reach {host}."),
                    _ => format!("The {proxy} refuses to connect to {host}."),
                },
                Cause::LetThrough => format!("The {proxy} refused to connect to {host}, once."),
                Cause::NoProxy(_) | Cause::Broken(_) => format!("The {proxy} does not answer like a proxy."),
                _ => format!("The {proxy} {}.", self.cause.verb()),
            },
            (Some(proxy), Party::Server) if matches!(self.cause, Cause::TooSlow(_)) => {
                format!("{host} can't be reached by way of the {proxy}.")
            }
            _ => format!("{host} {}.", self.cause.verb()),
        }
    }

    /// What was seen, without who it was.
    pub fn reason(&self) -> String {
        match &self.cause {
            Cause::UnknownName(words) => format!("cannot connect: its name is not known here ({words})"),
            Cause::NotReached(words) => format!("cannot connect: {words}"),
            Cause::TooSlow(seconds) => format!("no connection after {seconds} s"),
            Cause::Closed(words) => format!("it closed the connection before it was encrypted: {words}"),
            Cause::NoTls => "what it answers is not TLS".to_owned(),
            Cause::NoAgreement(words) => format!("no encryption could be agreed on: {words}"),
            Cause::Certificate(doubt) => doubt.reason(&self.host),
            Cause::Refused(refusal) => refusal.to_string(),
            Cause::LetThrough => "it let the same connection through the second time".to_owned(),
            Cause::NoProxy(words) => format!("to CONNECT it answers something else: {words}"),
            Cause::Broken(words) => format!("connection lost: {words}"),
        }
    }

    /// What to do, a sentence each.
    pub fn advice(&self) -> Vec<String> {
        let mut advice = match (&self.proxy, self.party) {
            (Some(proxy), Party::Proxy) => self.proxy_advice(proxy.variable),
            _ => self.server_advice(),
        };
        if let (Some(proxy), Party::Server) = (&self.proxy, self.party) {
            advice.push(format!(
                "It was asked by way of the {proxy}. To ask directly, name {} in NO_PROXY.",
                self.bare_host()
            ));
        }
        advice
    }

    /// The same in a few words.
    pub fn short_advice(&self) -> &'static str {
        match (&self.cause, self.party) {
            (Cause::LetThrough, _) => "try again",
            (_, Party::Proxy) => "check the proxy, and the variable that names it; then try again",
            (Cause::Certificate(Doubt::Ended(_) | Doubt::NotYet(_)), Party::Server) => {
                "check this computer's clock; if it is right, the server needs another certificate"
            }
            (Cause::Certificate(_), Party::Server) => {
                "check ARVADOS_API_HOST and SSL_CERT_FILE; `arv-admin check` says more"
            }
            _ => "check the host name and the network, then try again",
        }
    }

    fn proxy_advice(&self, variable: &str) -> Vec<String> {
        let host = self.bare_host();
        let around = format!("If {host} can be reached without it, name {host} in NO_PROXY.");
        let first = match &self.cause {
            Cause::Refused(Refusal { status: 407, offers, .. })
                if !offers.is_empty() && !offers.iter().any(|way| way.eq_ignore_ascii_case("basic")) =>
            {
                "Only Basic can be given from here: ask for it, or for a local proxy that does the rest (cntlm, px)."
                    .to_owned()
            }
            Cause::Refused(Refusal { status: 407, .. }) => format!(
                "Put them into {variable}: http://USER:PASSWORD@HOST:PORT, with %40 for @, %3A for :, %2F for /."
            ),
            Cause::Refused(Refusal { status: 500..=599, .. }) => {
                "Check ARVADOS_API_HOST. The proxy answers; the cluster does not, or not to the proxy.".to_owned()
            }
            Cause::Refused(_) => {
                format!("Whoever runs the proxy can say why, and allow {host}.")
            }
            Cause::LetThrough => "Try again. If it comes back, whoever runs the proxy can say why.".to_owned(),
            Cause::NoTls => format!("Write http:// instead of https:// in {variable}."),
            Cause::Certificate(Doubt::UnknownIssuer(_)) => {
                "If the proxy has a certificate authority of its own, add it to the file that SSL_CERT_FILE names."
                    .to_owned()
            }
            _ => format!("Check {variable}: host and port. Nothing was asked of {host} itself."),
        };
        vec![first, around]
    }

    fn server_advice(&self) -> Vec<String> {
        const INSECURE: &str = "If this is a test cluster, ARVADOS_API_HOST_INSECURE=1 leaves the check out.";
        let advice: &[&str] = match &self.cause {
            Cause::UnknownName(_) => {
                &["Check ARVADOS_API_HOST for a slip, and the network, a VPN perhaps; then try again."]
            }
            Cause::NotReached(_) | Cause::TooSlow(_) | Cause::Broken(_) => {
                &["Check ARVADOS_API_HOST and the network, a VPN perhaps; then try again."]
            }
            Cause::Closed(_) => &[
                "Something on the way, a firewall perhaps, or another service on that port: check ARVADOS_API_HOST.",
            ],
            Cause::NoTls => &["Check the port in ARVADOS_API_HOST."],
            Cause::NoAgreement(_) => {
                &["TLS 1.2 and 1.3 are spoken here. A server that speaks neither must be brought up to date."]
            }
            Cause::Certificate(Doubt::UnknownIssuer(_)) => &[
                "If the cluster has a certificate authority of its own, name its file in SSL_CERT_FILE or put it \
                 into /etc/arvados/ca-certificates.crt.",
                INSECURE,
            ],
            Cause::Certificate(Doubt::IsAuthority) => &[
                "The server needs a certificate of its own, signed by that authority, or one made with \
                 basicConstraints=CA:FALSE; `openssl req -x509` alone makes an authority's.",
                "Then SSL_CERT_FILE names the authority's file, or the certificate itself.",
                INSECURE,
            ],
            Cause::Certificate(Doubt::Ended(_)) => &[
                "If the clock is right, whoever runs the cluster must renew it; it can be one that signed it.",
                "If the clock is wrong, set it: `date -u` shows it.",
            ],
            Cause::Certificate(Doubt::NotYet(_)) => &[
                "If the clock is wrong, set it: `date -u` shows it.",
                "If it is right, the certificate was made where one goes ahead: wait, or have it made anew.",
            ],
            Cause::Certificate(Doubt::OtherName(names)) if names.is_empty() => &[
                "Whoever runs the cluster must make one with subjectAltName: a common name alone does not count.",
                INSECURE,
            ],
            Cause::Certificate(Doubt::OtherName(_)) => &[
                "ARVADOS_API_HOST must be a name that the certificate has; an IP address is none.",
                INSECURE,
            ],
            Cause::Certificate(Doubt::Other(_)) => {
                &["Whoever runs the cluster must mend it, or make another.", INSECURE]
            }
            Cause::Refused(_) | Cause::LetThrough | Cause::NoProxy(_) => &["Check the proxy."],
        };
        advice.iter().map(|text| (*text).to_owned()).collect()
    }

    /// The host without its port.
    fn bare_host(&self) -> &str {
        match self.host.rsplit_once(':') {
            Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => host,
            _ => &self.host,
        }
    }
}

/// Who, and what was seen: all in one.
impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.proxy, self.party) {
            (Some(_), Party::Proxy) => {
                let title = self.title();
                let title = title.strip_suffix('.').unwrap_or(&title);
                write!(f, "{}: {}", title.replacen("The proxy", "the proxy", 1), self.reason())
            }
            (Some(proxy), Party::Server) => write!(f, "{}, by way of the {proxy}", self.reason()),
            (None, _) => f.write_str(&self.reason()),
        }
    }
}

impl Cause {
    /// What is said of whoever it was.
    fn verb(&self) -> &'static str {
        match self {
            Self::UnknownName(_) => "can't be found",
            Self::NotReached(_) | Self::TooSlow(_) | Self::Broken(_) => "can't be reached",
            Self::Closed(_) => "closes the connection",
            Self::NoTls => "does not speak TLS on this port",
            Self::NoAgreement(_) => "speaks another TLS",
            Self::Certificate(doubt) => match doubt {
                Doubt::UnknownIssuer(_) => "shows a certificate that is not trusted here",
                Doubt::IsAuthority => "shows a certificate authority's certificate as its own",
                Doubt::Ended(_) => "shows a certificate that has ended",
                Doubt::NotYet(_) => "shows a certificate that is not valid yet",
                Doubt::OtherName(_) => "shows a certificate of another host",
                Doubt::Other(_) => "shows a certificate that can't be accepted",
            },
            Self::Refused(_) | Self::LetThrough => "refuses",
            Self::NoProxy(_) => "does not answer like a proxy",
        }
    }

    /// Whether it may be over in a moment.
    pub fn may_pass(&self) -> bool {
        match self {
            Self::UnknownName(_)
            | Self::NotReached(_)
            | Self::TooSlow(_)
            | Self::Closed(_)
            | Self::LetThrough
            | Self::Broken(_) => true,
            Self::Refused(refusal) => refusal.status >= 500,
            Self::NoTls | Self::NoAgreement(_) | Self::Certificate(_) | Self::NoProxy(_) => false,
        }
    }
}

impl Doubt {
    fn reason(&self, host: &str) -> String {
        let dates = |verb: &str, (at, clock): &(Timestamp, Timestamp)| {
            format!(
                "the certificate {verb} on {} UTC; this computer's clock says {} UTC",
                date_time(*at),
                date_time(*clock)
            )
        };
        match self {
            Self::UnknownIssuer(authorities) => {
                format!(
                    "no authority that is trusted here has signed the certificate (trusted: {authorities})"
                )
            }
            Self::IsAuthority => {
                "the certificate is a certificate authority's (CA:TRUE), which is not accepted of a \
                                  server, also if SSL_CERT_FILE names it (CaUsedAsEndEntity)"
                    .to_owned()
            }
            Self::Ended(Some(at)) => dates("ended", at),
            Self::Ended(None) => "the certificate has ended, by this computer's clock".to_owned(),
            Self::NotYet(Some(at)) => dates("begins", at),
            Self::NotYet(None) => "the certificate has not begun yet, by this computer's clock".to_owned(),
            Self::OtherName(names) if names.is_empty() => {
                format!("the certificate names no host at all, so not {host} (it has no subjectAltName)")
            }
            Self::OtherName(names) => {
                format!(
                    "the certificate is for {}, not for {host}",
                    clean_start(&listed(names), LONGEST_TEXT)
                )
            }
            Self::Other(words) => format!("the certificate can't be accepted: {words}"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "it answers {}", self.status)?;
        if !self.words.is_empty() {
            write!(f, " {}", self.words)?;
        }
        if !self.offers.is_empty() {
            write!(f, "; it takes {}", clean_start(&listed(&self.offers), LONGEST_TEXT))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_of_which_no_day_is_told_is_still_said_to_have_ended_or_not_begun() {
        let said = |doubt| {
            let cause = Cause::Certificate(doubt);
            Lost { host: "x.example".to_owned(), proxy: None, party: Party::Server, cause }.to_string()
        };
        assert_eq!(said(Doubt::Ended(None)), "the certificate has ended, by this computer's clock");
        assert_eq!(said(Doubt::NotYet(None)), "the certificate has not begun yet, by this computer's clock");
        let (day, clock) = (Timestamp::UNIX_EPOCH, Timestamp::UNIX_EPOCH);
        assert!(
            said(Doubt::Ended(Some((day, clock)))).starts_with("the certificate ended on 1970-01-01"),
            "{}",
            said(Doubt::Ended(Some((day, clock))))
        );
    }
}
