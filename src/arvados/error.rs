//! What can go wrong between here and the server, without URLs, bodies or secrets in it.

use super::connection::ProxyName;
use super::limit::LONGEST_PAUSE;
use super::lost::Lost;
use super::stranger::{Refused, Stranger, is_page};
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
    #[error("{lost}")]
    Transport {
        /// Who broke it off, and why.
        lost: Box<Lost>,
        /// Whether the server may have taken the request.
        sent: Sent,
        /// The request's id: if it arrived, the cluster's logs know it by this.
        request_id: String,
    },
    /// No answer in time.
    #[error("{}", waited(*.after, .proxy.as_deref()))]
    Timeout {
        /// The proxy on the way: it may be the one that does not answer.
        proxy: Option<Box<ProxyName>>,
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
    /// The answer is longer than is read: some record in it, as any user can write one (api.md v58).
    #[error("the answer is longer than {}: not read further", megabytes(*.longest))]
    TooLong {
        /// So many bytes are read.
        longest: usize,
        /// The request's id.
        request_id: String,
    },
    /// Something else answered in place of the API: a gateway's page, or a login page's of the network,
    /// perhaps.
    #[error("{0}")]
    WebPage(Box<Stranger>),
    /// The server gave something that must not be acted on, such as another user's token.
    #[error("{0}")]
    Untrustworthy(String),
    /// It can't be done from here, or not with this token: why, and where it can.
    #[error("{0}")]
    NotPossible(String),
    /// The connection can't even be tried, for what is said here of that setting.
    #[error("{1}")]
    Config(Setting, String),
}

/// What is wrong of the settings: the advice names it, and nothing else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// `ARVADOS_API_HOST`
    Host,
    /// `ARVADOS_API_TOKEN`
    Token,
    /// The settings file of a cluster that was named.
    Cluster,
    /// The host is another cluster than the token's.
    TokenElsewhere,
    /// The file that `SSL_CERT_FILE` names.
    NamedAuthorities,
    /// The certificate authorities that are believed where no variable names any.
    UsualAuthorities,
    /// The variable that names the proxy.
    Proxy,
    /// None: the program itself is wrong.
    None,
}

impl Setting {
    /// What to do about it.
    fn advice(self) -> &'static str {
        match self {
            Self::Host => "set ARVADOS_API_HOST",
            Self::Token => "correct ARVADOS_API_TOKEN",
            Self::Cluster => {
                "correct ARVADOS_API_HOST in that cluster's settings file, or name the other cluster in --cluster"
            }
            Self::TokenElsewhere => {
                "set ARVADOS_API_HOST to the token's own cluster, or use a token of this one; if it is meant for \
                 this one, start with --any-cluster"
            }
            Self::NamedAuthorities => "correct or unset SSL_CERT_FILE",
            Self::UsualAuthorities => "name a file of certificate authorities in SSL_CERT_FILE",
            Self::Proxy => "correct or unset the variable that names the proxy",
            Self::None => "try again; if it stays so, it is a fault of arv-admin: report it",
        }
    }
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
    /// The cluster is another than the token's: it was not sent there.
    TokenElsewhere,
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
            Self::Config(Setting::TokenElsewhere, _) => ErrorKind::TokenElsewhere,
            Self::Config(..) => ErrorKind::Settings,
            Self::WebPage(_) => ErrorKind::WebPage,
            Self::Decode { .. } | Self::TooLong { .. } | Self::Untrustworthy(_) => ErrorKind::Unexpected,
        }
    }

    /// Whether a *write* that ended so may still have been done, so that only a read can tell.
    pub fn leaves_write_unknown(&self) -> bool {
        match self {
            Self::Transport { sent, .. } | Self::Timeout { sent, .. } => *sent == Sent::Perhaps,
            // What can't be read back is answered with 500 and done all the same (api.md v33).
            Self::Status { .. } => self.kind() == ErrorKind::Server,
            Self::Decode { .. } | Self::TooLong { .. } => true,
            // What was refused was not done, whoever refused it.
            Self::WebPage(stranger) => stranger.status < 400,
            Self::Untrustworthy(_) | Self::NotPossible(_) | Self::Config(..) => false,
        }
    }

    /// Of a write that may have been done: whether the server was done with it when it answered, so that what
    /// is not seen afterwards will not come any more. A gateway that gave up says nothing of the server.
    pub fn is_final(&self) -> bool {
        matches!(self, Self::Status { code: 500, .. })
    }

    /// Whether it speaks of what was asked for alone, so that other requests with the same token may do better:
    /// a list that the server can't give (api.md v33), may not give, or does not give in time.
    pub fn is_of_this_alone(&self) -> bool {
        match self {
            Self::Timeout { .. } | Self::Decode { .. } | Self::TooLong { .. } | Self::NotPossible(_) => true,
            Self::Status { .. } => match self.kind() {
                ErrorKind::NotAuthorised | ErrorKind::Busy => false,
                ErrorKind::Unreachable
                | ErrorKind::Forbidden
                | ErrorKind::NotFound
                | ErrorKind::Conflict
                | ErrorKind::Invalid
                | ErrorKind::Server
                | ErrorKind::Settings
                | ErrorKind::TokenElsewhere
                | ErrorKind::WebPage
                | ErrorKind::Unexpected => true,
            },
            Self::Transport { .. } | Self::WebPage(_) | Self::Untrustworthy(_) | Self::Config(..) => false,
        }
    }

    /// How often it may help to ask again (reads only): a host that can't be reached at all is tried
    /// once more, and after a time-out enough time has gone by.
    pub(super) fn worth_retrying(&self) -> usize {
        match self {
            Self::Transport { lost, .. } if !lost.cause.may_pass() => 0,
            Self::Transport { sent: Sent::No, .. } => 1,
            Self::Transport { sent: Sent::Perhaps, .. }
            | Self::Status { code: 408 | 423 | 429 | 500 | 502 | 503 | 504, .. } => 3,
            Self::Status { .. }
            | Self::Timeout { .. }
            | Self::Decode { .. }
            | Self::TooLong { .. }
            | Self::WebPage(_)
            | Self::Untrustworthy(_)
            | Self::NotPossible(_)
            | Self::Config(..) => 0,
        }
    }

    /// The id that the cluster's logs know the request by.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Status { request_id, .. }
            | Self::Decode { request_id, .. }
            | Self::TooLong { request_id, .. }
            | Self::Transport { request_id, .. }
            | Self::Timeout { request_id, .. } => Some(request_id),
            Self::WebPage(stranger) => Some(&stranger.request_id),
            Self::Untrustworthy(_) | Self::NotPossible(_) | Self::Config(..) => None,
        }
    }

    /// Who broke the connection off, and why, if that is what happened.
    pub fn lost(&self) -> Option<&Lost> {
        match self {
            Self::Transport { lost, .. } => Some(lost),
            Self::Timeout { .. }
            | Self::Status { .. }
            | Self::Decode { .. }
            | Self::TooLong { .. }
            | Self::WebPage(_)
            | Self::Untrustworthy(_)
            | Self::NotPossible(_)
            | Self::Config(..) => None,
        }
    }

    /// What the operator can do about it.
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Untrustworthy(_) => {
                return "do not go on before the server's administrator has looked at it";
            }
            Self::NotPossible(_) => return "use another token, or the cluster that is named",
            Self::Transport { lost, .. } => return lost.short_advice(),
            Self::Timeout { proxy: Some(_), .. } => {
                return "check the host name, the proxy and the network, then try again";
            }
            Self::Config(setting, _) => return setting.advice(),
            Self::Timeout { proxy: None, .. }
            | Self::Status { .. }
            | Self::Decode { .. }
            | Self::WebPage(_) => {}
            Self::TooLong { .. } => {
                return "somebody wrote a huge record, or it is no Arvados API server: its log has the request id";
            }
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
            ErrorKind::Settings | ErrorKind::TokenElsewhere => "correct the setting that is named",
            ErrorKind::WebPage | ErrorKind::Unexpected => "check that the host is an Arvados API server",
        }
    }

    /// From an error answer. Every refusal of the API comes with a list of errors: a 401 or 403 with another
    /// body is somebody else's, and says nothing of the token. What has no body at all is taken at its word.
    pub(super) fn from_answer(answer: &Refused<'_>, request_id: String) -> Self {
        #[derive(Deserialize)]
        struct Body {
            #[serde(default)]
            errors: Option<Vec<String>>,
        }
        let Refused { status: code, body, retry_after, stranger } = *answer;
        let read = serde_json::from_slice::<Body>(body).ok().and_then(|body| body.errors);
        let is_elsewhere = read.is_none()
            && !body.trim_ascii().is_empty()
            && (matches!(code, 401 | 403 | 407 | 511) || (400..500).contains(&code) && is_page(body));
        if is_elsewhere && !matches!(code, 408 | 423 | 429) {
            return Self::WebPage(Box::new(Stranger::new(code, body, stranger, request_id)));
        }
        let errors = read.unwrap_or_default();
        let messages =
            errors.iter().map(|text| readable(text)).filter(|text| !text.is_empty()).take(MOST_MESSAGES);
        let mut messages: Vec<String> = messages.collect();
        if messages.is_empty() && (300..400).contains(&code) && !stranger.is_empty() {
            messages.push(format!("the server sends elsewhere; its redirects are not followed ({stranger})"));
        }
        Self::Status { code, messages, request_id, retry_after }
    }
}

fn megabytes(bytes: usize) -> String {
    if bytes < 1 << 20 { format!("{bytes} bytes") } else { format!("{} MB", bytes >> 20) }
}

fn waited(after: Duration, proxy: Option<&ProxyName>) -> String {
    let way = proxy.map(|proxy| format!(", by way of the {proxy}")).unwrap_or_default();
    format!("no answer after {} s{way}", after.as_secs())
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
        text = without_layers(message);
    }
    if text.chars().count() > LONGEST_MESSAGE {
        text = text.chars().take(LONGEST_MESSAGE).chain(['…']).collect();
    }
    text.trim().to_owned()
}

/// What is inside of an exception's text: the database's words come in Ruby's, with a line of detail after
/// them that says it all (`PG::UniqueViolation: ERROR:  …` and `DETAIL:  Key (…)=(…) already exists.`).
fn without_layers(text: &str) -> String {
    let mut text = text.trim();
    while let Some((layer, inside)) = text.split_once(": ")
        && (layer == "ERROR" || layer.contains("::") && !layer.contains(' '))
    {
        text = inside.trim_start();
    }
    match text.split_once("DETAIL: ") {
        Some((what, detail)) => format!("{}: {}", what.trim(), detail.trim()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::lost::{Cause, Party};
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
        assert_eq!(
            said(
                "//railsapi.internal/arvados/v1/users/merge: 422 Unprocessable Entity: #<ActiveRecord::RecordNotUnique: PG::UniqueViolation: ERROR:  duplicate key value violates unique constraint \"index_collections_on_owner_uuid_and_name\"\nDETAIL:  Key (owner_uuid, name)=(zzzzz-j7d0g-aaaaaaaaaaaaaaa, home data) already exists.\n> (req-abc)"
            ),
            "duplicate key value violates unique constraint \"index_collections_on_owner_uuid_and_name\": Key (owner_uuid, name)=(zzzzz-j7d0g-aaaaaaaaaaaaaaa, home data) already exists."
        );
    }

    #[test]
    fn of_a_prefix_that_is_cut_off_no_query_is_shown() {
        assert_eq!(said(" //railsapi.internal/arvados/v1/users/x?filters=canary: 422 U"), "");
    }

    #[test]
    fn only_a_write_that_may_have_arrived_is_unknown() {
        let lost = |sent| Error::Transport {
            lost: Box::new(Lost {
                host: "x.example".to_owned(),
                proxy: None,
                party: Party::Server,
                cause: Cause::Broken("reset".to_owned()),
            }),
            sent,
            request_id: "req-a".to_owned(),
        };
        assert!(lost(Sent::Perhaps).leaves_write_unknown());
        assert!(!lost(Sent::No).leaves_write_unknown());
        let refused = |status, body| {
            let answer = Refused { status, body, retry_after: None, stranger: "" };
            Error::from_answer(&answer, "req-a".to_owned())
        };
        assert!(!refused(503, b"").leaves_write_unknown());
        assert!(!refused(403, b"<html>no</html>").leaves_write_unknown(), "who refuses does not do");
    }
}
