//! What can go wrong between here and the server, without URLs, bodies or secrets in it.

use super::limit::LONGEST_PAUSE;
use crate::model::text::clean;
use serde::Deserialize;
use std::time::Duration;

/// Longest server text that is kept: some errors repeat the whole request.
const LONGEST_MESSAGE: usize = 400;

/// Most messages of one answer that are kept.
const MOST_MESSAGES: usize = 4;

/// A request that did not do what it was for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// No answer: the connection could not be made, or broke.
    #[error("{detail}")]
    Transport {
        /// What the network said.
        detail: String,
        /// Whether the server may have taken the request.
        sent: Sent,
        /// The request's id: if it arrived, the cluster's logs know it by this.
        request_id: String,
    },
    /// No answer in time.
    #[error("no answer after {} s", .after.as_secs())]
    Timeout {
        /// How long it was waited for.
        after: Duration,
        /// Whether the server may have taken the request.
        sent: Sent,
        /// The request's id: if it arrived, the cluster's logs know it by this.
        request_id: String,
    },
    /// The server answered with an error.
    #[error("{}", status_text(*.code, .messages, *.retry_after))]
    Status {
        /// HTTP status.
        code: u16,
        /// The server's own words, cleaned of paths, prefixes and request ids.
        messages: Vec<String>,
        /// The request's id: what the cluster's logs know it by.
        request_id: String,
        /// How long the server asks to wait.
        retry_after: Option<Duration>,
    },
    /// The answer is not what the API gives: often not an Arvados server at all.
    #[error("{detail}")]
    Decode {
        /// The resource that was asked for.
        endpoint: String,
        /// What was wrong with it.
        detail: String,
        /// The request's id.
        request_id: String,
    },
    /// A web page answered in place of the API: a proxy's, or a login page's of the network, perhaps.
    #[error("a web page answered, not the Arvados API")]
    WebPage {
        /// The request's id.
        request_id: String,
    },
    /// The server gave something that must not be acted on, such as another user's token.
    #[error("{0}")]
    Untrustworthy(String),
    /// It can't be done from here, or not with this token: why, and where it can.
    #[error("{0}")]
    NotPossible(String),
    /// The connection can't even be tried.
    #[error("{0}")]
    Config(String),
}

/// Whether the server may have taken a request that got no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sent {
    /// It never left: nothing was done.
    No,
    /// It may have been taken: done or not, only a read can tell.
    Perhaps,
}

/// What an error means for whoever must decide what to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// No connection or no answer.
    Unreachable,
    /// 401: no valid token.
    NotAuthorised,
    /// 403: not allowed, or the token's scopes do not.
    Forbidden,
    /// 404: not there, not visible, or merged away.
    NotFound,
    /// 409 and the like.
    Conflict,
    /// 400, 405, 413 or 422: refused as it was asked.
    Invalid,
    /// 429 or 503: too much at once.
    Busy,
    /// 5xx: the server's own fault.
    Server,
    /// The settings don't fit: nothing was asked, or it is another cluster.
    Settings,
    /// A web page in place of an answer.
    WebPage,
    /// Anything else.
    Unexpected,
}

impl Error {
    /// A user that a list did not have: what the server says of one that is asked for alone.
    pub fn no_such_user() -> Self {
        Self::Status {
            code: 404,
            messages: vec!["no such user here".to_owned()],
            request_id: String::new(),
            retry_after: None,
        }
    }

    /// What it means.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Transport { .. } | Self::Timeout { .. } => ErrorKind::Unreachable,
            Self::Status { code, .. } => match code {
                401 => ErrorKind::NotAuthorised,
                403 => ErrorKind::Forbidden,
                404 => ErrorKind::NotFound,
                409 | 423 => ErrorKind::Conflict,
                400 | 405 | 413 | 422 => ErrorKind::Invalid,
                429 | 503 => ErrorKind::Busy,
                500..=599 => ErrorKind::Server,
                _ => ErrorKind::Unexpected,
            },
            Self::NotPossible(_) => ErrorKind::Forbidden,
            Self::Config(_) => ErrorKind::Settings,
            Self::WebPage { .. } => ErrorKind::WebPage,
            Self::Decode { .. } | Self::Untrustworthy(_) => ErrorKind::Unexpected,
        }
    }

    /// Whether a *write* that ended so may still have been done, so that only a read can tell.
    pub fn leaves_write_unknown(&self) -> bool {
        match self {
            Self::Transport { sent, .. } | Self::Timeout { sent, .. } => *sent == Sent::Perhaps,
            Self::Status { code, .. } => matches!(code, 502 | 504),
            Self::Decode { .. } | Self::WebPage { .. } => true,
            Self::Untrustworthy(_) | Self::NotPossible(_) | Self::Config(_) => false,
        }
    }

    /// How often it may help to ask again (reads only): a host that can't be reached at all is tried
    /// once more, and after a time-out enough time has gone by.
    pub(super) fn worth_retrying(&self) -> usize {
        match self {
            Self::Transport { sent: Sent::No, .. } => 1,
            Self::Transport { sent: Sent::Perhaps, .. }
            | Self::Status { code: 408 | 423 | 429 | 500 | 502 | 503 | 504, .. } => 3,
            Self::Status { .. }
            | Self::Timeout { .. }
            | Self::Decode { .. }
            | Self::WebPage { .. }
            | Self::Untrustworthy(_)
            | Self::NotPossible(_)
            | Self::Config(_) => 0,
        }
    }

    /// The id that the cluster's logs know the request by.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Status { request_id, .. }
            | Self::Decode { request_id, .. }
            | Self::WebPage { request_id }
            | Self::Transport { request_id, .. }
            | Self::Timeout { request_id, .. } => Some(request_id),
            Self::Untrustworthy(_) | Self::NotPossible(_) | Self::Config(_) => None,
        }
    }

    /// What the operator can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Untrustworthy(_) => {
                return "do not go on before the server's administrator has looked at it";
            }
            Self::NotPossible(_) => return "use another token, or the cluster that is named",
            Self::Config(_)
            | Self::Transport { .. }
            | Self::Timeout { .. }
            | Self::Status { .. }
            | Self::Decode { .. }
            | Self::WebPage { .. } => {}
        }
        match self.kind() {
            ErrorKind::Unreachable => "check the host name and the network, then try again",
            ErrorKind::NotAuthorised => "the token is not valid (any more): get a new one and start again",
            ErrorKind::Forbidden => "the token in use does not allow this",
            ErrorKind::NotFound => "it is gone, merged away, or not visible to this token: refresh",
            ErrorKind::Conflict => "somebody else is changing it: refresh and try again",
            ErrorKind::Invalid => "the server refuses it as it was asked",
            ErrorKind::Busy => "the server is busy: try again in a minute",
            ErrorKind::Server => "the server has a problem: its log has the request id",
            ErrorKind::Settings => "check the settings",
            ErrorKind::WebPage | ErrorKind::Unexpected => "check that the host is an Arvados API server",
        }
    }

    /// From an error answer.
    pub(super) fn from_answer(
        code: u16,
        body: &[u8],
        request_id: String,
        retry_after: Option<Duration>,
    ) -> Self {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            errors: Vec<String>,
        }
        let body: Body = serde_json::from_slice(body).unwrap_or(Body { errors: Vec::new() });
        let messages =
            body.errors.iter().map(|text| readable(text)).filter(|text| !text.is_empty()).take(MOST_MESSAGES);
        let messages = messages.collect();
        Self::Status { code, messages, request_id, retry_after }
    }

    /// From what the HTTP library says. Its URL is taken off: it holds filters, so names and UUIDs.
    pub(super) fn from_reqwest(error: reqwest::Error, request_id: &str) -> Self {
        let error = error.without_url();
        let sent = if error.is_connect() || error.is_builder() { Sent::No } else { Sent::Perhaps };
        let mut source: &dyn std::error::Error = &error;
        while let Some(deeper) = source.source() {
            source = deeper;
        }
        let detail = clean(&source.to_string());
        let detail = if error.is_connect() {
            format!("cannot connect: {detail}")
        } else {
            format!("connection lost: {detail}")
        };
        Self::Transport { detail, sent, request_id: request_id.to_owned() }
    }
}

fn status_text(code: u16, messages: &[String], retry_after: Option<Duration>) -> String {
    let meaning = match code {
        401 => "not logged in",
        403 => "forbidden",
        404 => "not found",
        405 => "the server does not know this request",
        422 => "refused",
        429 | 503 => "the server is busy",
        500 => "server error",
        502 | 504 => "the server behind the gateway does not answer",
        300..=399 => "the server sends elsewhere; its redirects are not followed",
        _ => "unexpected answer",
    };
    let said = if messages.is_empty() { meaning.to_owned() } else { messages.join("; ") };
    let wait = match retry_after {
        Some(wait) if wait > LONGEST_PAUSE => {
            format!("; it asks to wait {} min", wait.as_secs().div_ceil(60))
        }
        Some(_) | None => String::new(),
    };
    format!("{code} {said}{wait}")
}

/// Takes the controller's `//railsapi.internal/PATH: STATUS REASON: ` prefix, Ruby's `#<Error: …>` and
/// the trailing request id off a message (api.md v21): the prefix repeats the whole query.
fn readable(text: &str) -> String {
    let mut text = clean(text);
    if text.trim_start().starts_with("//") {
        let behind = |text: &str| text.split_once(": ").map(|(_, rest)| rest.to_owned());
        // Where the prefix is not whole, nothing tells where the query ends.
        text = behind(&text).and_then(|rest| behind(&rest)).unwrap_or_default();
    }
    if let Some(start) = text.rfind(" (req-")
        && text.ends_with(')')
    {
        text.truncate(start);
    }
    if let Some(inner) = text.strip_prefix("#<").and_then(|t| t.strip_suffix('>'))
        && let Some((_, message)) = inner.split_once(": ")
    {
        text = message.to_owned();
    }
    if text.chars().count() > LONGEST_MESSAGE {
        text = text.chars().take(LONGEST_MESSAGE).chain(['…']).collect();
    }
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> String {
        readable(text)
    }

    #[test]
    fn the_servers_words_are_shown_without_paths_and_wrappings() {
        assert_eq!(
            said(
                "//railsapi.internal/arvados/v1/users/zzzzz-tpzed-nosuchuser00000: 404 Not Found: Path not found (req-1pb8sjy39053q2mzxack)"
            ),
            "Path not found"
        );
        assert_eq!(
            said("#<RuntimeError: Admin users cannot be inactive> (req-abc)"),
            "Admin users cannot be inactive"
        );
        assert_eq!(
            said(
                "//railsapi.internal/arvados/v1/users/x: 422 Unprocessable Entity: #<ArgumentError: Cannot activate: no> (req-abc)"
            ),
            "Cannot activate: no"
        );
    }

    #[test]
    fn of_a_prefix_that_is_cut_off_no_query_is_shown() {
        assert_eq!(said(" //railsapi.internal/arvados/v1/users/x?filters=canary: 422 U"), "");
    }

    #[test]
    fn only_a_write_that_may_have_arrived_is_unknown() {
        let lost =
            |sent| Error::Transport { detail: "reset".to_owned(), sent, request_id: "req-a".to_owned() };
        assert!(lost(Sent::Perhaps).leaves_write_unknown());
        assert!(!lost(Sent::No).leaves_write_unknown());
        assert!(!Error::from_answer(503, b"", "req-a".to_owned(), None).leaves_write_unknown());
    }
}
