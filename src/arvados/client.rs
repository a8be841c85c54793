//! The connection to one cluster, with one token. Reads are methods here and are retried; writes are
//! [`super::writer::Writer`]'s and never are.

use super::budget::Budget;
use super::clock::{ServerClock, date_of};
pub use super::connection::{Connection, Issuer, Meant, Scheme, Trust};
use super::decode::{self, Record};
use super::error::{Error, ErrorKind, Sent, Setting};
use super::hearing::LastAnswer;
use super::limit::{LONGEST_PAUSE, Limit};
use super::query::Query;
use super::stranger::{self, Refused, Stranger, is_page};
use super::transport::Transport;
use super::unread::Unread;
use super::wiped::{SecretHeader, wipe_when_let_go};
use crate::model::ids::{AnyUuid, TokenUuid};
use crate::secret::Secret;
use crate::timer::Timer;
use jiff::Timestamp;
use reqwest::header::{AUTHORIZATION, HeaderValue, RETRY_AFTER};
use reqwest::{Method, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the answer to a read is waited for: nobody looks at a screen for longer.
const READ_PATIENCE: Duration = Duration::from_secs(60);

/// How long the answer to a write is waited for: as long as the server itself goes on with it (api.md
/// b.3), since giving up earlier only leaves its outcome unknown.
const WRITE_PATIENCE: Duration = Duration::from_secs(300);

/// No refusal is read further.
const LONGEST_REFUSAL: usize = 1 << 20;

/// A query longer than this goes in a form body: servers and proxies limit URLs (api.md b.1).
const LONGEST_URL_QUERY: usize = 1000;

/// The connection to one cluster, with one token. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    transport: Arc<Transport>,
    warnings: Arc<[String]>,
    base: String,
    /// None for what is asked of a host before it is known whose it is.
    authorization: Option<Arc<SecretHeader>>,
    limit: Arc<Limit>,
    timer: Timer,
    clock: Arc<ServerClock>,
    heard: Arc<LastAnswer>,
    batch: Arc<str>,
    pub(super) unread: Arc<Unread>,
    token_uuid: Option<TokenUuid>,
    issuer: Issuer,
    meant: Meant,
    pub(super) budget: Budget,
}

impl Client {
    /// Prepares the connection; nothing is sent yet. Loading certificate authorities takes up to 30 ms,
    /// so the screen makes its client after the first frame.
    pub fn new(connection: &Connection, timer: Timer) -> Result<Self, Error> {
        let (transport, http, warnings) = Transport::new(connection, timer.clone())?;
        let scheme = match connection.scheme {
            Scheme::Http => "http",
            Scheme::Https => "https",
        };
        Ok(Self {
            http,
            transport: Arc::new(transport),
            warnings: warnings.into(),
            base: format!("{scheme}://{}/arvados/v1/", connection.host),
            authorization: Some(bearer(&connection.token)?),
            limit: Arc::new(Limit::new()),
            timer,
            clock: Arc::default(),
            heard: Arc::default(),
            batch: Arc::from(""),
            unread: Arc::default(),
            token_uuid: named_by(&connection.token),
            issuer: Issuer::of(&connection.token),
            meant: Meant::default(),
            budget: Budget::default(),
        })
    }

    /// What is wrong with the settings without making them unusable: sentences.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The same cluster with another token: a helper's, or one that is to be identified.
    pub fn with_token(&self, token: &Secret) -> Result<Self, Error> {
        let (authorization, issuer) = (Some(bearer(token)?), Issuer::of(token));
        Ok(Self { authorization, token_uuid: named_by(token), issuer, ..self.clone() })
    }

    /// The same without its token: for what must be known of a host before one may be sent there.
    pub(super) fn without_token(&self) -> Self {
        Self { authorization: None, ..self.clone() }
    }

    /// The same, told which clusters its token may be sent to.
    pub fn meant_for(self, meant: Meant) -> Self {
        Self { meant, ..self }
    }

    /// Which clusters its token may be sent to.
    pub fn meant(&self) -> Meant {
        self.meant
    }

    /// Where its token comes from.
    pub fn issuer(&self) -> Issuer {
        self.issuer
    }

    /// The same, for one batch of writes: its request ids begin with the batch's id, so that one search
    /// in the cluster's logs finds them all.
    pub fn for_batch(&self, batch: &str) -> Self {
        Self { batch: Arc::from(batch), ..self.clone() }
    }

    /// The same, which reads no more than this.
    pub fn within(&self, budget: Budget) -> Self {
        Self { budget, ..self.clone() }
    }

    /// How much it reads.
    pub fn budget(&self) -> Budget {
        self.budget
    }

    /// The same, with a count of its own of the rows that could not be read.
    pub fn counting(&self) -> Self {
        Self { unread: Arc::default(), ..self.clone() }
    }

    /// The same, which hears the answers to what is asked with it alone: [`Self::last_answer`].
    pub fn hearing(&self) -> Self {
        Self { heard: Arc::default(), ..self.clone() }
    }

    /// When the server answered last, with whatever it was, by the clock here; nothing if it did not yet.
    pub fn last_answer(&self) -> Option<Timestamp> {
        self.heard.at()
    }

    /// Which token it asks with, if the token itself says so.
    pub(super) fn token_uuid(&self) -> Option<TokenUuid> {
        self.token_uuid
    }

    /// The rows that could not be read so far.
    pub fn unread(&self) -> &Unread {
        &self.unread
    }

    /// What `ARVADOS_API_HOST` must be to get here.
    pub fn api_host(&self) -> String {
        let host = self.base.strip_suffix("/arvados/v1/").unwrap_or(&self.base);
        host.strip_prefix("https://").unwrap_or(host).to_owned()
    }

    /// What time it is at the cluster, by the dates of its answers; by the clock here while there is none.
    pub fn server_now(&self) -> Timestamp {
        self.server_time(self.timer.now())
    }

    /// What the cluster's clock shows when the one here shows this.
    pub fn server_time(&self, here: Timestamp) -> Timestamp {
        here.saturating_add(self.clock.ahead()).unwrap_or(here)
    }

    /// What the cluster's answers show for a date that can't be: the clock here is used then.
    pub fn odd_date(&self) -> Option<Timestamp> {
        self.clock.odd()
    }

    /// What time it is here, by the client's timer.
    pub fn timer(&self) -> &Timer {
        &self.timer
    }

    /// How many requests may be under way now.
    pub fn allowed_at_once(&self) -> usize {
        self.limit.allowed()
    }

    /// One record; `known` is its UUID, if it is asked for by that.
    pub(super) async fn record<T: Record>(
        &self,
        path: &str,
        query: &Query,
        known: Option<AnyUuid>,
    ) -> Result<T, Error> {
        let record = self.get(path, query, Tries::All, |json| decode::one(json, known)).await?;
        record.ok_or_else(|| nameless(path))
    }

    /// One answer that is no record of its own; nothing where it is not what it should be.
    pub(super) async fn record_if_any<T: Record>(
        &self,
        path: &str,
        query: &Query,
        known: Option<AnyUuid>,
    ) -> Result<Option<T>, Error> {
        self.get(path, query, Tries::All, |json| decode::one(json, known)).await
    }

    /// The same where something less can be asked for: a server that has a problem with it is asked only once
    /// more.
    pub(super) async fn record_soon<T: Record>(
        &self,
        path: &str,
        query: &Query,
        known: Option<AnyUuid>,
    ) -> Result<T, Error> {
        let record = self.get(path, query, Tries::Two, |json| decode::one(json, known)).await?;
        record.ok_or_else(|| nameless(path))
    }

    /// One answer, read again where that may help.
    pub(super) async fn get<T>(
        &self,
        path: &str,
        query: &Query,
        most: Tries,
        read: impl Fn(&[u8]) -> serde_json::Result<T> + Copy,
    ) -> Result<T, Error> {
        let pairs = query.pairs();
        let mut tries = 0;
        loop {
            let error = match self.read_once(path, &pairs, read).await {
                Ok(answer) => return Ok(answer),
                Err(error) => error,
            };
            if tries >= most.after(&error) {
                return Err(error);
            }
            let asked = if let Error::Status { retry_after, .. } = &error { *retry_after } else { None };
            if asked.is_some_and(|asked| asked > LONGEST_PAUSE) {
                return Err(error);
            }
            tracing::debug!(endpoint = endpoint(path), kind = ?error.kind(), "read again");
            self.timer.wait(asked.unwrap_or_default().max(pause(tries))).await;
            tries += 1;
        }
    }

    async fn read_once<T>(
        &self,
        path: &str,
        pairs: &[(&'static str, String)],
        read: impl Fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<T, Error> {
        let length: usize = pairs.iter().map(|(k, v)| k.len() + v.len() + 2).sum();
        let url = format!("{}{path}", self.base);
        let request = if length <= LONGEST_URL_QUERY {
            self.http.get(url).query(pairs)
        } else {
            self.http.post(url).header("X-Http-Method-Override", "GET").body(form(pairs)).header(
                reqwest::header::CONTENT_TYPE,
                HeaderValue::from_static("application/x-www-form-urlencoded"),
            )
        };
        self.send(path, request, READ_PATIENCE, Tells::Records, read).await
    }

    /// A write: sent once, never again.
    pub(super) async fn write<T>(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        tells: Tells,
        read: impl Fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<T, Error> {
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        if let Some(body) = body {
            request = request
                .body(body)
                .header(reqwest::header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if tells == Tells::Secret {
            // Over a connection that ends then, so that its buffer is given up; and not packed, which would
            // leave it in others. HTTP/2 leaves the first out.
            request = request
                .header(reqwest::header::CONNECTION, HeaderValue::from_static("close"))
                .header(reqwest::header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        }
        self.send(path, request, WRITE_PATIENCE, tells, read).await
    }

    async fn send<T>(
        &self,
        path: &str,
        request: reqwest::RequestBuilder,
        patience: Duration,
        tells: Tells,
        read: impl Fn(&[u8]) -> serde_json::Result<T>,
    ) -> Result<T, Error> {
        let request_id = new_request_id(&self.batch);
        let endpoint = endpoint(path);
        let _place = self.limit.enter().await;
        // Another answer may have asked for more meanwhile.
        while let Some(pause) = self.limit.pause(self.timer.now()) {
            self.timer.wait(pause).await;
        }
        let mut request = request.header("X-Request-Id", &request_id);
        if let Some(authorization) = &self.authorization {
            request = request.header(AUTHORIZATION, authorization.value());
        }
        let answer = tokio::select! {
            answer = exchange(request, &self.timer, self.budget.answer, tells) => match answer {
                Ok(answer) => Ok(answer),
                Err(error) => Err(Box::pin(self.transport.error(error, &request_id)).await),
            },
            () = self.timer.wait(patience) => {
                let (proxy, request_id) = (self.transport.proxy_name(), request_id.clone());
                Err(Error::Timeout { proxy, after: patience, sent: Sent::Perhaps, request_id })
            }
        };
        let Answer { status, retry_after, date, sent, received, stranger, body } = match answer {
            Ok(answer) => answer,
            Err(error) => {
                tracing::info!(endpoint, request_id, %error, "no answer");
                return Err(error);
            }
        };
        tracing::info!(endpoint, request_id, status = status.as_u16(), "answered");
        self.heard.came(self.timer.now());
        if status == StatusCode::SERVICE_UNAVAILABLE || status == StatusCode::TOO_MANY_REQUESTS {
            self.limit.busy(self.timer.now(), retry_after);
        } else {
            self.limit.answered();
        }
        let body = match body {
            Body::Whole(body) => body,
            Body::TooLong if status.is_success() => {
                return Err(Error::TooLong { longest: self.budget.answer, request_id });
            }
            Body::TooLong => Zeroizing::default(),
        };
        // Only what Arvados itself wrote has its date: a page of something between has that one's.
        let dated = |is_arvados: bool| {
            if let Some(date) = date.filter(|_| is_arvados) {
                self.clock.heard(date, sent, received);
            }
        };
        if !status.is_success() {
            let answer = Refused { status: status.as_u16(), body: &body, retry_after, stranger: &stranger };
            let error = Error::from_answer(&answer, request_id);
            // Where a redirect leads to is not Arvados' word.
            dated(matches!(&error, Error::Status { code: 400.., messages, .. } if !messages.is_empty()));
            return Err(error);
        }
        let parsed = read(&body);
        dated(parsed.is_ok());
        parsed.map_err(|e| {
            if is_page(&body) {
                let page = Stranger::new(status.as_u16(), &body, &stranger, request_id);
                return Error::WebPage(Box::new(page));
            }
            let detail = if e.is_eof() {
                "the answer was cut off".to_owned()
            } else {
                // Without the library's text: it can quote the answer.
                format!(
                    "the answer is not what the Arvados API gives ({endpoint}, line {}, column {})",
                    e.line(),
                    e.column()
                )
            };
            Error::Decode { endpoint: endpoint.to_owned(), detail, request_id }
        })
    }
}

/// What an answer has that must not stay behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Tells {
    /// What is read every day, the secrets in lists of tokens too: wiped where they are kept.
    Records,
    /// A new secret.
    Secret,
}

/// How often a server that has a problem of its own is asked.
#[derive(Clone, Copy)]
pub(super) enum Tries {
    All,
    Two,
}

impl Tries {
    /// How often to ask again.
    fn after(self, error: &Error) -> usize {
        match self {
            Self::Two if matches!(error, Error::Status { code: 500, .. }) => 1,
            Self::Two | Self::All => error.worth_retrying(),
        }
    }
}

/// How long is waited after so many tries: twice as long each time, and never exactly, so that those who were
/// refused together do not come back together.
fn pause(tries: usize) -> Duration {
    const FIRST: u64 = 500;
    let least = FIRST << tries.min(4);
    Duration::from_millis(least + fastrand::u64(..FIRST))
}

/// What a server answered.
struct Answer {
    status: StatusCode,
    retry_after: Option<Duration>,
    /// What it is dated, and when it was asked for and came by the clock here.
    date: Option<Timestamp>,
    sent: Timestamp,
    received: Timestamp,
    /// What its headers say of who gave it.
    stranger: String,
    body: Body,
}

/// The body of an answer. Zeroed when it is dropped: lists and new tokens carry secrets.
enum Body {
    Whole(Zeroizing<Vec<u8>>),
    TooLong,
}

/// One request and its whole answer, if that has no more bytes, as they are unpacked.
async fn exchange(
    request: reqwest::RequestBuilder,
    timer: &Timer,
    most: usize,
    tells: Tells,
) -> Result<Answer, reqwest::Error> {
    let sent = timer.now();
    let mut answer = request.send().await?;
    let received = timer.now();
    let status = answer.status();
    let date = date_of(answer.headers());
    let asked = answer.headers().get(RETRY_AFTER).and_then(|value| value.to_str().ok());
    let retry_after = asked.and_then(|asked| retry_after(asked, received));
    let stranger = stranger::named_by(answer.headers());
    let longest = if status.is_success() { most } else { LONGEST_REFUSAL };
    // Where it is told beforehand, a too long one is not read at all, and a buffer is made only once.
    let told = answer.content_length().map_or(0, |bytes| usize::try_from(bytes).unwrap_or(usize::MAX));
    if told > longest {
        let body = Body::TooLong;
        return Ok(Answer { status, retry_after, date, sent, received, stranger, body });
    }
    let mut body = Zeroizing::new(Vec::with_capacity(told));
    let mut chunks = Vec::new();
    let read = loop {
        match answer.chunk().await {
            Ok(Some(chunk)) => {
                let fits = body.len() + chunk.len() <= longest;
                if fits {
                    append(&mut body, &chunk);
                }
                if tells == Tells::Secret {
                    chunks.push(chunk);
                }
                if !fits {
                    break Ok(Body::TooLong);
                }
            }
            Ok(None) => break Ok(Body::Whole(body)),
            // The status says already that it was not done, whatever else was to come.
            Err(_) if !status.is_success() => break Ok(Body::Whole(Zeroizing::default())),
            Err(e) => break Err(e),
        }
    };
    drop(answer);
    // However it ended: half of an answer may hold all of a secret.
    for chunk in chunks {
        Box::pin(wipe_when_let_go(chunk)).await;
    }
    let body = read?;
    Ok(Answer { status, retry_after, date, sent, received, stranger, body })
}

/// Adds to a body; the buffer it outgrows is zeroed, which `Vec` alone would not do.
fn append(body: &mut Zeroizing<Vec<u8>>, chunk: &[u8]) {
    let needed = body.len() + chunk.len();
    if needed > body.capacity() {
        let mut grown = Zeroizing::new(Vec::with_capacity(needed.max(body.capacity() * 2)));
        grown.extend_from_slice(body);
        *body = grown;
    }
    body.extend_from_slice(chunk);
}

/// What is said of a record of which nobody knows which one it is.
pub(super) fn nameless(path: &str) -> Error {
    Error::Decode {
        endpoint: endpoint(path).to_owned(),
        detail: format!("the answer has no UUID that can be read ({})", endpoint(path)),
        request_id: String::new(),
    }
}

/// The resource of a path: what may be logged of it.
fn endpoint(path: &str) -> &str {
    path.split('/').next().unwrap_or(path)
}

impl Error {
    /// Whether it says that the token in use is not valid.
    pub fn is_not_authorised(&self) -> bool {
        self.kind() == ErrorKind::NotAuthorised
    }
}

/// The UUID in a `v2/UUID/SECRET`.
fn named_by(token: &Secret) -> Option<TokenUuid> {
    token.expose().strip_prefix("v2/")?.split('/').next()?.parse().ok()
}

fn bearer(token: &Secret) -> Result<Arc<SecretHeader>, Error> {
    const BEFORE: &str = "Bearer ";
    let token = token.expose();
    // Made as long as it gets: grown, it would leave a copy behind.
    let mut text = String::with_capacity(BEFORE.len() + token.len());
    text.push_str(BEFORE);
    text.push_str(token);
    SecretHeader::new(text).map(Arc::new).map_err(|_| {
        Error::Config(Setting::Token, "the API token has characters that no token has".to_owned())
    })
}

/// How long a server asks to wait: seconds, or until a date, as proxies write it.
fn retry_after(asked: &str, now: Timestamp) -> Option<Duration> {
    if let Ok(seconds) = asked.trim().parse() {
        return Some(Duration::from_secs(seconds));
    }
    let until = jiff::fmt::rfc2822::parse(asked.trim()).ok()?.timestamp();
    Some(Duration::try_from(until.duration_since(now)).unwrap_or_default())
}

/// `req-` and 20 of `[0-9a-z]`, as the server makes them itself (api.md v21).
fn new_request_id(batch: &str) -> String {
    "req-".chars().chain(batch.chars().chain(std::iter::repeat_with(random_letter)).take(20)).collect()
}

/// One of `[0-9a-z]`.
pub fn random_letter() -> char {
    char::from_digit(fastrand::u32(..36), 36).unwrap_or('0')
}

/// A form body; reqwest's own would pull in another feature for these three lines.
fn form(pairs: &[(&'static str, String)]) -> String {
    url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .append_pair("_method", "GET")
        .finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_ask_to_wait_in_seconds_or_until_a_date() {
        let now = "2026-11-24T10:42:00Z".parse().expect("a time");
        assert_eq!(retry_after("3", now), Some(Duration::from_secs(3)));
        assert_eq!(retry_after("Tue, 24 Nov 2026 10:42:20 GMT", now), Some(Duration::from_secs(20)));
        assert_eq!(retry_after("Tue, 24 Nov 2026 10:41:00 GMT", now), Some(Duration::ZERO), "it is over");
        assert_eq!(retry_after("soon", now), None);
    }
}
