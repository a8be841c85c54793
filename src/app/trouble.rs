//! Why there is no cluster to show, in words: each cause has its own title and its own way out.

use crate::app::state::{Place, Stage, State};
use crate::ops::failure::{ErrorKind, Failure};

/// Why there is no cluster to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong, in a line.
    pub title: String,
    /// What the server or the network said.
    pub reason: String,
    /// What to do, a sentence each.
    pub advice: Vec<&'static str>,
    /// What the cluster's logs know the request by.
    pub request_id: Option<String>,
}

impl State {
    /// Why the cluster does not answer, if it was asked and does not.
    pub fn trouble(&self) -> Option<Trouble> {
        let Stage::Unreachable(failure) = self.stage() else { return None };
        let host = match &self.launch.place {
            Place::Host(host) | Place::Demo(host) => host.as_str(),
            Place::NotConfigured(_) => "the cluster",
        };
        let (title, advice) = explain(failure);
        Some(Trouble {
            title: format!("{host} {title}."),
            reason: failure.reason.clone(),
            advice,
            request_id: failure.request_id.clone(),
        })
    }
}

fn explain(failure: &Failure) -> (&'static str, Vec<&'static str>) {
    match failure.kind {
        // The TLS library tells only in words what it did not like.
        ErrorKind::Unreachable if failure.reason.to_lowercase().contains("certificate") => (
            "shows a certificate that is not trusted here",
            vec![
                "If the cluster has a certificate authority of its own, name its file in SSL_CERT_FILE.",
                "If this is a test cluster, ARVADOS_API_HOST_INSECURE=1 leaves the check out.",
            ],
        ),
        ErrorKind::Unreachable => (
            "can't be reached",
            vec!["Check ARVADOS_API_HOST and the network, a VPN perhaps; then press r to try again."],
        ),
        ErrorKind::NotAuthorised => (
            "does not take the token",
            vec![
                "It may have ended, have been revoked, or belong to another cluster.",
                "Workbench shows a new one under \"Get API token\": set ARVADOS_API_TOKEN and start again.",
            ],
        ),
        ErrorKind::Forbidden => (
            "does not let this token ask who it is",
            vec!["Its scopes are too narrow: use one with all scopes."],
        ),
        ErrorKind::NotFound | ErrorKind::Unexpected | ErrorKind::Invalid => (
            "does not answer like an Arvados API server",
            vec![
                "ARVADOS_API_HOST must name the API server, not Workbench or another web site.",
                "Behind a proxy or a login page of the network, its answer may come from there.",
            ],
        ),
        ErrorKind::Busy | ErrorKind::Conflict => {
            ("is busy", vec!["Wait a minute, then press r to try again."])
        }
        ErrorKind::Server => (
            "has a problem of its own",
            vec!["The cluster's logs tell more, by the request id; press r to try again."],
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::testing::{failure, launch};
    use crate::app::update::{start, update};

    fn title(kind: ErrorKind, reason: &str) -> String {
        let mut state = State::new(launch());
        start(&mut state);
        let task = state.session.awaiting().expect("who am I is asked");
        let failure = Failure { reason: reason.to_owned(), ..failure(kind) };
        let message = crate::app::message::Message::Answered { task, outcome: Err(failure) };
        update(&mut state, message, &crate::app::testing::ctx());
        state.trouble().expect("there is no cluster").title
    }

    #[test]
    fn every_cause_is_told_apart() {
        assert_eq!(
            title(ErrorKind::Unreachable, "cannot connect: invalid peer certificate: UnknownIssuer"),
            "institute.example shows a certificate that is not trusted here."
        );
        assert_eq!(
            title(ErrorKind::Unreachable, "cannot connect: refused"),
            "institute.example can't be reached."
        );
        assert_eq!(
            title(ErrorKind::NotAuthorised, "401 not logged in"),
            "institute.example does not take the token."
        );
        assert_eq!(
            title(ErrorKind::Unexpected, "an HTML page"),
            "institute.example does not answer like an Arvados API server."
        );
    }
}
