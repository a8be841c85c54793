//! Why a cluster can't be used at all, told apart: each reason needs something else to be done.

use super::failure::Failure;
use crate::arvados::error::{Error, ErrorKind};

/// What a failed first conversation with `host` means.
pub fn failure(error: &Error, host: &str) -> Failure {
    let plain = Failure::from(error);
    let (reason, advice) = match (error, error.kind()) {
        (Error::Transport { detail, .. }, _) if detail.contains("certificate") => (
            format!("{host} shows a certificate that is not trusted ({detail})"),
            "put its certificate authority into /etc/arvados/ca-certificates.crt or name it in SSL_CERT_FILE",
        ),
        (Error::Transport { detail, .. }, _)
            if detail.contains("InvalidContentType") || detail.contains("corrupt message") =>
        {
            (format!("{host} does not speak TLS on this port"), "check the port in ARVADOS_API_HOST")
        }
        (Error::Transport { .. } | Error::Timeout { .. }, _) => (
            format!("{host} can't be reached: {}", plain.reason),
            "check ARVADOS_API_HOST and the network, then try again",
        ),
        (_, ErrorKind::NotAuthorised) => (
            format!("{host} does not accept the token: it is revoked, expired or another cluster's"),
            "get one in Workbench under \"Get API token\" and set ARVADOS_API_TOKEN",
        ),
        (Error::Decode { .. }, _) | (_, ErrorKind::NotFound) => (
            format!("{host} is not an Arvados API server: {}", plain.reason),
            "ARVADOS_API_HOST must name the API server, not Workbench or a proxy's page",
        ),
        _ => return plain,
    };
    Failure { reason, advice, ..plain }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arvados::error::Sent;

    fn said(error: Error) -> String {
        let failure = failure(&error, "x.example");
        format!("{}; {}", failure.reason, failure.advice)
    }

    #[test]
    fn each_reason_says_what_to_do() {
        let lost = |detail: &str| Error::Transport {
            detail: detail.to_owned(),
            sent: Sent::No,
            request_id: String::new(),
        };
        assert!(
            said(lost("cannot connect: invalid peer certificate: UnknownIssuer")).contains("SSL_CERT_FILE")
        );
        assert!(said(lost("cannot connect: Connection refused")).contains("can't be reached"));
        let status = |code| Error::Status {
            code,
            messages: Vec::new(),
            request_id: "req-a".to_owned(),
            retry_after: None,
        };
        assert!(said(status(401)).contains("Get API token"));
        assert!(said(status(404)).contains("not an Arvados API server"));
        let page = Error::Decode {
            endpoint: "config".to_owned(),
            detail: "a web page answered, not the Arvados API".to_owned(),
            request_id: String::new(),
        };
        assert!(said(page).contains("not Workbench"));
    }
}
