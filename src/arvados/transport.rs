//! How requests get to the server: directly or by way of a proxy, and whose certificates are believed. What
//! the HTTP library says of a connection that failed is turned into who it was ([`Lost`]).
//!
//! The library's own reading of `HTTPS_PROXY` is not used: it ignores what it can't use and then connects
//! directly, and tells nobody which variable it was.

use super::authorities;
use super::connection::{Connection, Proxy, ProxyLogin, ProxyName, Scheme, Trust};
use super::error::{Error, Sent, Setting};
use super::lost::{Cause, Doubt, LONGEST_TEXT, LoginGiven, Lost, Party, Refusal};
use crate::model::text::{clean, clean_start};
use crate::timer::Timer;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use jiff::Timestamp;
use rustls::pki_types::UnixTime;
use rustls::{CertificateError, InvalidMessage};
use std::error::Error as StdError;
use std::io::{self, ErrorKind};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use zeroize::Zeroizing;

/// How long a connection is waited for.
const CONNECT_PATIENCE: Duration = Duration::from_secs(10);

/// No proxy's answer is read further.
const LONGEST_HEAD: usize = 16 << 10;

/// The way to one server.
#[derive(Debug)]
pub(super) struct Transport {
    host: String,
    proxy: Option<Box<Proxy>>,
    /// Whose certificates are believed, as messages say it.
    trusted: String,
    timer: Timer,
}

impl Transport {
    /// The way, the HTTP client that goes it, and what is wrong with the settings without making them
    /// unusable. Nothing is sent yet.
    pub fn new(connection: &Connection, timer: Timer) -> Result<(Self, reqwest::Client, Vec<String>), Error> {
        // Fails if it is there already, from an earlier client, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let setting = match &connection.trust {
            Trust::System => Setting::UsualAuthorities,
            Trust::Authorities(file) => authorities::setting(file),
            Trust::Anything => Setting::None,
        };
        let unusable =
            |e: reqwest::Error| Error::Config(setting, format!("the connection can't be set up: {e}"));
        let mut warnings = connection.warnings.clone();
        let mut builder = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            // Over HTTP/2 the library sends a request again that a server refused, or whose connection went away,
            // also a POST, and also one that was carried out before: what is sent again is `client`'s decision.
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT_PATIENCE)
            .user_agent(concat!("arv-admin/", env!("CARGO_PKG_VERSION")));
        if connection.scheme == Scheme::Http {
            builder = builder.tls_certs_only([]);
        }
        builder = match &connection.trust {
            Trust::System => builder,
            Trust::Authorities(file) => {
                let found = authorities::read(file)?;
                warnings.extend(found.warnings);
                builder.tls_certs_only(found.certificates)
            }
            Trust::Anything => builder.tls_certs_only([]).tls_danger_accept_invalid_certs(true),
        };
        if let Some(proxy) = &connection.proxy {
            builder = builder.proxy(for_library(proxy).map_err(|_| {
                let what = format!("the {} can't be used: write http://HOST:PORT", proxy.name);
                Error::Config(Setting::Proxy, what)
            })?);
        }
        let http = builder.build().map_err(unusable)?;
        let transport = Self {
            host: connection.host.clone(),
            proxy: connection.proxy.clone(),
            trusted: connection.trust.to_string(),
            timer,
        };
        Ok((transport, http, warnings))
    }

    /// What the HTTP library's error means. Its URL is taken off: it holds filters, so names and UUIDs.
    pub async fn error(&self, error: reqwest::Error, request_id: &str) -> Error {
        let error = error.without_url();
        let sent = if error.is_connect() || error.is_builder() { Sent::No } else { Sent::Perhaps };
        let (party, cause) = match self.seen(&error) {
            Seen::Known(party, cause) => (party, cause),
            // Boxed: it is rare, and every request would be larger by it.
            Seen::ProxyRefused(refused) => (Party::Proxy, Box::pin(self.refusal(refused)).await),
        };
        let proxy = self.proxy.as_ref().map(|proxy| proxy.name.clone());
        let lost = Lost { host: self.host.clone(), proxy, party, cause };
        Error::Transport { lost: Box::new(lost), sent, request_id: request_id.to_owned() }
    }

    fn seen(&self, error: &reqwest::Error) -> Seen {
        let known = |party, cause| Seen::Known(party, cause);
        // The library keeps its type to itself; its words are held by tests.
        match chain(error).map(ToString::to_string).find_map(|text| tunnel(&text)) {
            Some(Tunnel::Refused(refused)) => Seen::ProxyRefused(refused),
            Some(Tunnel::Underlying) => known(Party::Proxy, self.not_connected(error)),
            Some(Tunnel::Broken(words)) => known(Party::Proxy, Cause::NoProxy(words)),
            None if error.is_connect() => known(Party::Server, self.not_connected(error)),
            None => known(Party::Server, Cause::Broken(deepest(error))),
        }
    }

    /// Why a connection could not be made.
    fn not_connected(&self, error: &reqwest::Error) -> Cause {
        if let Some(tls) = find::<rustls::Error>(error) {
            return self.tls(tls);
        }
        if chain(error).any(|cause| cause.to_string() == "dns error") {
            return Cause::UnknownName(deepest(error));
        }
        if error.is_timeout() {
            return Cause::TooSlow(CONNECT_PATIENCE.as_secs());
        }
        let kind =
            chain(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).last().map(io::Error::kind);
        match kind {
            Some(
                ErrorKind::ConnectionReset
                | ErrorKind::ConnectionAborted
                | ErrorKind::BrokenPipe
                | ErrorKind::UnexpectedEof,
            ) => Cause::Closed(deepest(error)),
            _ => Cause::NotReached(deepest(error)),
        }
    }

    fn tls(&self, error: &rustls::Error) -> Cause {
        match error {
            rustls::Error::InvalidCertificate(doubt) => Cause::Certificate(self.doubt(doubt)),
            rustls::Error::InvalidMessage(InvalidMessage::InvalidContentType) => Cause::NoTls,
            other => Cause::NoAgreement(clean_start(&other.to_string(), LONGEST_TEXT)),
        }
    }

    fn doubt(&self, error: &CertificateError) -> Doubt {
        let dates = |at: &UnixTime, clock: &UnixTime| Some((instant(*at)?, instant(*clock)?));
        match error {
            CertificateError::UnknownIssuer => Doubt::UnknownIssuer(self.trusted.clone()),
            CertificateError::ExpiredContext { time, not_after } => Doubt::Ended(dates(not_after, time)),
            CertificateError::Expired => Doubt::Ended(None),
            CertificateError::NotValidYetContext { time, not_before } => {
                Doubt::NotYet(dates(not_before, time))
            }
            CertificateError::NotValidYet => Doubt::NotYet(None),
            CertificateError::NotValidForNameContext { presented, .. } => {
                Doubt::OtherName(presented.iter().map(|name| named_host(name)).collect())
            }
            // Its type is webpki's, which is known here by its name alone.
            CertificateError::Other(other) if other.to_string() == "CaUsedAsEndEntity" => Doubt::IsAuthority,
            other => Doubt::Other(clean_start(&other.to_string(), LONGEST_TEXT)),
        }
    }

    /// What a proxy answers that refused to connect. The library does not tell, so it is asked once more.
    async fn refusal(&self, refused: Refused) -> Cause {
        let Some(proxy) = &self.proxy else { return Cause::NoProxy(String::new()) };
        let login = if proxy.login.is_some() { LoginGiven::Yes } else { LoginGiven::No };
        let known = || match refused {
            Refused::Login => {
                let words = "Proxy Authentication Required".to_owned();
                Cause::Refused(Refusal { status: 407, words, login, offers: Vec::new() })
            }
            Refused::Connection => Cause::NoProxy("an answer that is not known".to_owned()),
        };
        // Through TLS it would have to be asked by the library, which can't.
        if proxy.scheme == Scheme::Https {
            return known();
        }
        // A password that was refused is not tried again: there may be few tries.
        let again = match refused {
            Refused::Login => None,
            Refused::Connection => proxy.login.as_ref(),
        };
        let head = tokio::select! {
            head = ask(proxy, again, &self.host) => head.unwrap_or_default(),
            () = self.timer.wait(CONNECT_PATIENCE) => return known(),
        };
        let first = head.lines().next().map(str::trim).filter(|line| !line.is_empty());
        match (status_of(&head), refused, login) {
            // It lets those through who give no login: that ours was refused is what is wrong.
            (Some((200..=299, _)), Refused::Login, LoginGiven::Yes) => known(),
            (Some((200..=299, _)), Refused::Login | Refused::Connection, _) => Cause::LetThrough,
            (Some((300.., _)), ..) => read_refusal(&head, login).map_or_else(known, Cause::Refused),
            (Some(_) | None, ..) => Cause::NoProxy(
                first.map_or_else(|| "nothing".to_owned(), |line| clean_start(line, LONGEST_TEXT)),
            ),
        }
    }

    /// The proxy on the way, if there is one.
    pub fn proxy_name(&self) -> Option<Box<ProxyName>> {
        self.proxy.as_ref().map(|proxy| Box::new(proxy.name.clone()))
    }
}

/// What an error tells at once.
enum Seen {
    Known(Party, Cause),
    ProxyRefused(Refused),
}

/// What a proxy said no to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Refused {
    /// To who we are (407).
    Login,
    /// To more than that.
    Connection,
}

/// What became of the way through a proxy.
enum Tunnel {
    /// The proxy can't be reached.
    Underlying,
    /// It answered no.
    Refused(Refused),
    /// It did not answer as a proxy does.
    Broken(String),
}

fn tunnel(text: &str) -> Option<Tunnel> {
    let what = text.strip_prefix("tunnel error: ")?;
    Some(match what {
        "failed to create underlying connection" => Tunnel::Underlying,
        "unsuccessful" => Tunnel::Refused(Refused::Connection),
        "proxy authorization required" => Tunnel::Refused(Refused::Login),
        other => Tunnel::Broken(clean(other)),
    })
}

/// The proxy as the HTTP library takes it.
fn for_library(proxy: &Proxy) -> reqwest::Result<reqwest::Proxy> {
    let scheme = match proxy.scheme {
        Scheme::Http => "http",
        Scheme::Https => "https",
    };
    let made = reqwest::Proxy::https(format!("{scheme}://{}:{}", proxy.host, proxy.port))?;
    Ok(match &proxy.login {
        Some(login) => made.basic_auth(&login.user, login.password.expose()),
        None => made,
    })
}

/// Asks a proxy for a connection and reads the head of what it answers.
async fn ask(proxy: &Proxy, login: Option<&ProxyLogin>, host: &str) -> io::Result<String> {
    let bare = proxy.host.trim_start_matches('[').trim_end_matches(']');
    let mut stream = TcpStream::connect((bare, proxy.port)).await?;
    let to = if has_port(host) { host.to_owned() } else { format!("{host}:443") };
    let mut asked = Zeroizing::new(format!("CONNECT {to} HTTP/1.1\r\nHost: {to}\r\n"));
    if let Some(login) = login {
        let both = Zeroizing::new(format!("{}:{}", login.user, login.password.expose()));
        let header = Zeroizing::new(BASE64_STANDARD.encode(both.as_bytes()));
        asked.push_str("Proxy-Authorization: Basic ");
        asked.push_str(&header);
        asked.push_str("\r\n");
    }
    asked.push_str("\r\n");
    stream.write_all(asked.as_bytes()).await?;
    let mut head = Vec::new();
    let mut buffer = [0; 2048];
    while head.len() < LONGEST_HEAD && !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(read @ 1..) => head.extend_from_slice(&buffer[..read]),
            // What it said before it broke off tells more than that it did.
            Ok(0) | Err(_) => break,
        }
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn has_port(host: &str) -> bool {
    host.rsplit_once(':').is_some_and(|(_, port)| port.bytes().all(|b| b.is_ascii_digit()))
}

/// The status of an answer and the words with it, if it is one of HTTP.
fn status_of(head: &str) -> Option<(u16, &str)> {
    let first = head.lines().next()?.strip_prefix("HTTP/1.")?;
    let (status, words) = first.split_once(' ')?.1.split_at_checked(3)?;
    Some((status.parse().ok()?, words))
}

/// Reads the head of an answer, unless it is none of HTTP or says yes.
fn read_refusal(head: &str, login: LoginGiven) -> Option<Refusal> {
    let (status, words) = status_of(head).filter(|(status, _)| *status >= 300)?;
    let lines = head.lines().skip(1);
    let offer = |line: &str| {
        let (name, value) = line.split_once(':')?;
        let way = value.split_whitespace().next()?.trim_end_matches(',');
        name.eq_ignore_ascii_case("proxy-authenticate").then(|| clean_start(way, 40))
    };
    let offers = lines.take_while(|line| !line.is_empty()).filter_map(offer).collect();
    Some(Refusal { status, words: clean_start(words.trim(), LONGEST_TEXT), login, offers })
}

/// An error and what it came of, as far as it tells.
fn chain(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let first: &(dyn StdError + 'static) = error;
    std::iter::successors(Some(first), |error| inner(*error))
}

/// What an error came of. An input error holds another, which its `source` leaves out.
fn inner<'a>(error: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    if let Some(held) = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        let held: &'a (dyn StdError + 'static) = held;
        return Some(held);
    }
    error.source()
}

fn find<T: StdError + 'static>(error: &reqwest::Error) -> Option<&T> {
    chain(error).find_map(|cause| cause.downcast_ref::<T>())
}

/// The first cause, in an administrator's words where the library's are its makers' own.
fn deepest(error: &reqwest::Error) -> String {
    chain(error).last().map(|cause| in_words(&cause.to_string())).unwrap_or_default()
}

/// What HTTP/2 and TLS libraries say of a connection that ended, in other words; and no page of theirs, which
/// is for programmers.
fn in_words(said: &str) -> String {
    const ENDS: &[&str] = &["connection error received: ", "stream error received: "];
    let text = match ENDS.iter().find_map(|begin| said.strip_prefix(begin)) {
        Some(why) if why.starts_with("not a result of an error") => "the server ended it".to_owned(),
        Some(why) => format!("the server ended it ({why})"),
        None if said.starts_with("peer closed connection without sending TLS close_notify") => {
            "it was closed without a goodbye, perhaps on the way".to_owned()
        }
        None => said.split(" https://").next().unwrap_or_default().trim_end_matches([':', ' ']).to_owned(),
    };
    clean_start(&text, LONGEST_TEXT)
}

fn instant(time: UnixTime) -> Option<Timestamp> {
    Timestamp::from_second(i64::try_from(time.as_secs()).ok()?).ok()
}

/// A name in a certificate: rustls shows `DnsName("host")`.
fn named_host(presented: &str) -> String {
    let inner = presented.split_once('"').and_then(|(_, rest)| rest.rsplit_once('"')).map(|(name, _)| name);
    clean_start(inner.unwrap_or(presented), LONGEST_TEXT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libraries_say_of_a_connection_that_ended_is_said_for_who_reads_it() {
        for (theirs, ours) in [
            ("connection error received: not a result of an error", "the server ended it"),
            ("connection error received: not a result of an error (b\"x\")", "the server ended it"),
            (
                "stream error received: refused stream before processing any application logic",
                "the server ended it (refused stream before processing any application logic)",
            ),
            (
                "peer closed connection without sending TLS close_notify: https://docs.example/x#unexpected-eof",
                "it was closed without a goodbye, perhaps on the way",
            ),
            ("something else: https://docs.example/x", "something else"),
            ("Connection reset by peer (os error 104)", "Connection reset by peer (os error 104)"),
        ] {
            assert_eq!(in_words(theirs), ours);
        }
    }

    #[test]
    fn what_a_proxy_answers_is_read_and_cleaned() {
        let head = "HTTP/1.1 407 Proxy \u{1b}[2JAuthentication Required\r\nProxy-Authenticate: NTLM\r\n\
                    proxy-authenticate: Basic realm=\"x\"\r\n\r\nProxy-Authenticate: Digest\r\n";
        let refusal = read_refusal(head, LoginGiven::No).expect("it refuses");
        assert_eq!(
            (refusal.status, refusal.offers.as_slice()),
            (407, &["NTLM".to_owned(), "Basic".to_owned()][..])
        );
        assert!(!refusal.words.contains('\u{1b}'), "{refusal:?}");
        for other in
            ["", "HTTP/1.1 200 Connection established\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "HTTP/1.1 4"]
        {
            assert_eq!(read_refusal(other, LoginGiven::No), None, "{other}");
        }
    }
}
