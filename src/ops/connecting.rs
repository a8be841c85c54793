//! Why a cluster can't be used at all, in the words of screen and command line: each cause has its own
//! title and its own way out.

use super::failure::Failure;
use crate::arvados::client::Client;
use crate::arvados::connection::Connection;
pub use crate::arvados::connection::{Meant, TokenFor};
use crate::arvados::error::ErrorKind;
use crate::arvados::lost::Cause;
use crate::timer::Timer;

/// What asks the cluster of these settings; where nobody can be asked, why not.
pub fn client(connection: &Connection) -> Result<Client, Failure> {
    Ok(Client::new(connection, Timer::system())?)
}

/// Why a cluster can't be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong, in a line.
    pub title: String,
    /// What the server or the network said.
    pub reason: String,
    /// What to do, a sentence each.
    pub advice: Vec<String>,
    /// What the cluster's logs know the request by.
    pub request_id: Option<String>,
}

impl Trouble {
    /// What a failed conversation with `host` means.
    pub fn of(failure: &Failure, host: &str) -> Self {
        if let Some(lost) = &failure.lost {
            return Self {
                title: lost.title(),
                reason: lost.reason(),
                advice: lost.advice(),
                // No log knows what never arrived.
                request_id: failure.request_id.clone().filter(|_| matches!(lost.cause, Cause::Broken(_))),
            };
        }
        let (title, advice) = explain(failure);
        // Which setting is wrong, only the error knows.
        let own = matches!(failure.kind, ErrorKind::Settings | ErrorKind::TokenElsewhere)
            .then(|| sentence(failure.advice));
        Self {
            title: format!("{host} {title}."),
            reason: failure.reason.clone(),
            advice: advice.iter().map(|&text| text.to_owned()).chain(own).collect(),
            request_id: failure.request_id.clone(),
        }
    }
}

/// What an error says to do, as a sentence of its own.
fn sentence(advice: &str) -> String {
    let mut rest = advice.chars();
    rest.next().map(|first| format!("{}{}.", first.to_uppercase(), rest.as_str())).unwrap_or_default()
}

fn explain(failure: &Failure) -> (&'static str, &'static [&'static str]) {
    match failure.kind {
        ErrorKind::Unreachable => {
            ("can't be reached", &["Check ARVADOS_API_HOST and the network, a VPN perhaps; then try again."])
        }
        ErrorKind::NotAuthorised => (
            "does not accept the token",
            &[
                "It may have ended, have been revoked, or belong to another cluster.",
                "Workbench shows a new one under \"Get API token\": set ARVADOS_API_TOKEN and start again.",
            ],
        ),
        ErrorKind::Forbidden => (
            "does not let this token ask who it is",
            &["Its scopes are too narrow: use one with all scopes."],
        ),
        ErrorKind::NotFound | ErrorKind::WebPage | ErrorKind::Unexpected | ErrorKind::Invalid => (
            "does not answer like an Arvados API server",
            &[
                "ARVADOS_API_HOST must name the API server, not Workbench or another web site.",
                "Where a gateway or a login page of the network stands before it, log in there, or use a network \
                 from which the API is reached.",
            ],
        ),
        ErrorKind::Settings => ("can't be used with these settings", &[]),
        ErrorKind::TokenElsewhere => ("is not the token's cluster", &[]),
        ErrorKind::Busy | ErrorKind::Conflict => ("is busy", &["Wait a minute, then try again."]),
        ErrorKind::Server => (
            "has a problem of its own",
            &["The cluster's logs tell more, by the request id; then try again."],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arvados::error::{Error, Sent, Setting};
    use crate::arvados::lost::{Doubt, Lost, Party};
    use crate::arvados::stranger::Stranger;

    fn said(error: Error) -> String {
        let trouble = Trouble::of(&error.into(), "x.example");
        format!("{} {}", trouble.title, trouble.advice.join(" "))
    }

    fn lost(cause: Cause) -> Error {
        let lost = Lost { host: "x.example".to_owned(), proxy: None, party: Party::Server, cause };
        Error::Transport { lost: Box::new(lost), sent: Sent::No, request_id: String::new() }
    }

    fn status(code: u16) -> Error {
        Error::Status { code, messages: Vec::new(), request_id: "req-a".to_owned(), retry_after: None }
    }

    #[test]
    fn every_cause_is_told_apart_and_says_what_to_do() {
        let page = Error::WebPage(Box::new(Stranger::new(200, b"<html>", "", String::new())));
        let wrong = |setting| Error::Config(setting, "it is wrong".to_owned());
        for (error, title, advice) in [
            (
                lost(Cause::Certificate(Doubt::UnknownIssuer("the system's".to_owned()))),
                "shows a certificate that is not trusted here",
                "SSL_CERT_FILE",
            ),
            (lost(Cause::NoTls), "does not speak TLS on this port", "port"),
            (lost(Cause::NotReached("Connection refused".to_owned())), "can't be reached", "the network"),
            (status(401), "does not accept the token", "Get API token"),
            (status(403), "does not let this token ask who it is", "scopes"),
            (status(404), "does not answer like an Arvados API server", "not Workbench"),
            (page, "does not answer like an Arvados API server", "not Workbench"),
            (wrong(Setting::Host), "can't be used with these settings", "Set ARVADOS_API_HOST."),
            (wrong(Setting::Token), "can't be used with these settings", "Correct ARVADOS_API_TOKEN."),
            (wrong(Setting::Cluster), "can't be used with these settings", "that cluster's settings file"),
            (
                wrong(Setting::NamedAuthorities),
                "can't be used with these settings",
                "Correct or unset SSL_CERT_FILE.",
            ),
            (wrong(Setting::UsualAuthorities), "can't be used with these settings", "in SSL_CERT_FILE."),
            (
                wrong(Setting::Proxy),
                "can't be used with these settings",
                "the variable that names the proxy.",
            ),
            (wrong(Setting::None), "can't be used with these settings", "report it."),
            (status(503), "is busy", "a minute"),
            (status(500), "has a problem of its own", "logs"),
        ] {
            let said = said(error);
            assert!(said.starts_with(&format!("x.example {title}. ")), "{said}");
            assert!(said.contains(advice), "{said}");
        }
    }
}
