//! A token in what was pasted: by itself, or in the line of a script, a header, a URL, JSON or a log, and
//! wrapped over lines as mail and terminals do. The one reader of such texts, for screen, prompt and standard
//! input. Nothing is guessed: where several different tokens are in a text, that is said.

use crate::model::ids::{AnyUuid, TokenUuid};
use crate::model::text::{bare, is_clean};
use crate::secret::Secret;
use zeroize::Zeroizing;

/// What was found of a token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// `v2/UUID/SECRET`: the whole token.
    V2(TokenUuid, Secret),
    /// The secret part alone.
    Bare(Secret),
    /// The UUID alone.
    Uuid(TokenUuid),
}

/// Why a text is nothing of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum GivenError {
    /// Nothing was pasted.
    #[error("paste a v2 token, a bare secret or a token's UUID")]
    Empty,
    /// A UUID, but of something else.
    #[error("this is a UUID, but not of a token (those have -gj3su- in the middle)")]
    OtherUuid,
    /// Begins like a v2 token and does not go on like one.
    #[error("a v2 token has the form v2/UUID/SECRET")]
    BrokenV2,
    /// Too short or with characters that no secret has.
    #[error("there is no token in this: a secret has 40 or more characters of 0-9 and a-z")]
    NoToken,
    /// Which of them is meant can't be told.
    #[error("there are {0} different tokens in this: paste one of them")]
    Several(usize),
}

/// Shorter, it is no secret by itself: salted ones have 40 characters, others 49 or 50.
const SHORTEST: usize = 40;

/// Longer, a run of characters inside of a text is something else, such as a checksum.
const LONGEST: usize = 51;

/// From so many characters on, a secret is whole: what stands on the next line is no part of it.
const WHOLE: usize = 49;

/// How a UUID of a token is written.
const UUID_LENGTH: usize = 27;

/// How the `/` of a token may be written: in URLs, in URLs within URLs, and in JSON.
const SLASHES: [&str; 5] = ["/", "%2f", "%252f", "\\/", "\\u002f"];

impl Given {
    /// Finds the token in what was pasted.
    pub fn parse(pasted: &Secret) -> Result<Self, GivenError> {
        let text = bare(pasted.expose());
        if text.is_empty() {
            return Err(GivenError::Empty);
        }
        if let Ok(uuid) = text.parse() {
            return Ok(Self::Uuid(uuid));
        }
        if text.parse::<AnyUuid>().is_ok() {
            return Err(GivenError::OtherUuid);
        }
        if let Some(given) = alone(text) {
            return Ok(given);
        }
        // What can't be seen came along with the text and is no part of a token.
        let mut seen = Zeroizing::new(String::with_capacity(text.len()));
        seen.extend(
            text.chars().filter(|&c| c.is_ascii_whitespace() || is_clean(c.encode_utf8(&mut [0; 4]))),
        );
        within(seen.as_bytes())
    }

    /// Whether a text looks like the first lines of a token: of the secrets that are that short, only one that
    /// somebody made up is whole.
    pub fn goes_on(pasted: &Secret) -> bool {
        match Self::parse(pasted) {
            Ok(Self::V2(_, v2)) => v2.expose().len() < "v2//".len() + UUID_LENGTH + SHORTEST,
            Ok(Self::Bare(_) | Self::Uuid(_)) => false,
            Err(why) => why == GivenError::BrokenV2,
        }
    }
}

/// The whole text is a token: then its secret may have any characters, as the system root token's may.
fn alone(text: &str) -> Option<Given> {
    let is_secret = |c: char| c.is_ascii_graphic() && !matches!(c, '/' | '%' | '"' | '\'' | '`' | '\\');
    if let Some(rest) = text.strip_prefix("v2/") {
        let (uuid, secret) = rest.split_once('/')?;
        let own = secret.bytes().take_while(|b| is_secret_byte(*b)).count();
        // What ends a sentence is not the secret's.
        if own >= SHORTEST && own < secret.len() && !secret[own..].chars().any(char::is_alphanumeric) {
            return None;
        }
        let is_whole = !secret.is_empty() && secret.chars().all(is_secret);
        return is_whole.then_some(Given::V2(uuid.parse().ok()?, Secret::new(text.to_owned())));
    }
    let is_run = text.len() >= SHORTEST && text.bytes().all(is_secret_byte);
    is_run.then(|| Given::Bare(Secret::new(text.to_owned())))
}

/// A token somewhere in a text.
fn within(text: &[u8]) -> Result<Given, GivenError> {
    let mut wholes: Vec<(TokenUuid, Zeroizing<String>)> = Vec::new();
    let mut uuids: Vec<TokenUuid> = Vec::new();
    let mut runs: Vec<Zeroizing<String>> = Vec::new();
    let mut is_begun = false;
    let mut at = 0;
    while at < text.len() {
        if let Some((uuid, secret, end)) = v2(text, at) {
            if secret.is_empty() {
                is_begun = true;
                note(&mut uuids, uuid);
            } else {
                note(&mut uuids, uuid);
                note(&mut wholes, (uuid, secret));
            }
            at = end;
            continue;
        }
        is_begun |= begins_v2(text, at).is_some();
        if let Some((uuid, end)) = uuid(text, at).filter(|(_, end)| stands_alone(text, at, *end)) {
            note(&mut uuids, uuid);
            at = end;
        } else if is_secret_byte(text[at]) && !at.checked_sub(1).is_some_and(|before| is_word(text[before])) {
            let (run, end) = secret(text, at, is_secret_byte);
            let is_one = (SHORTEST..=LONGEST).contains(&run.len()) && run.bytes().any(|b| b.is_ascii_digit());
            if is_one && !text.get(end).copied().is_some_and(is_word) {
                note(&mut runs, run);
                at = end;
            } else {
                at += 1;
            }
        } else {
            at += 1;
        }
    }
    match (wholes.as_slice(), runs.as_slice(), uuids.as_slice()) {
        // Another token's UUID beside it: which of them is meant?
        ([(uuid, secret)], _, [_]) => Ok(v2_of(*uuid, secret)),
        ([], [secret], []) if !is_begun => Ok(Given::Bare(Secret::new(String::clone(secret)))),
        // A record of a token, which has the two in fields of their own.
        ([], [secret], [uuid]) if !is_begun => Ok(v2_of(*uuid, secret)),
        ([], [], [uuid]) if !is_begun => Ok(Given::Uuid(*uuid)),
        ([], [], [] | [_]) if is_begun => Err(GivenError::BrokenV2),
        ([], [], []) => Err(GivenError::NoToken),
        (wholes, runs, uuids) => {
            Err(GivenError::Several(wholes.len().max(uuids.len()).max(runs.len()).max(2)))
        }
    }
}

fn note<T: PartialEq>(found: &mut Vec<T>, one: T) {
    if !found.contains(&one) {
        found.push(one);
    }
}

fn v2_of(uuid: TokenUuid, secret: &str) -> Given {
    let mut v2 = String::with_capacity(4 + UUID_LENGTH + secret.len());
    for part in ["v2/", uuid.as_str(), "/", secret] {
        v2.push_str(part);
    }
    Given::V2(uuid, Secret::new(v2))
}

/// A v2 token that begins here: its UUID, its secret, and where it ends.
fn v2(text: &[u8], at: usize) -> Option<(TokenUuid, Zeroizing<String>, usize)> {
    let run = |text, at| secret(text, at, |b| b.is_ascii_graphic() && !ends_secret(b));
    let (uuid, at) = uuid(text, begins_v2(text, at)?)?;
    let at = slash(text, at)?;
    let (mut secret, mut end) = run(text, at);
    // A slash is where mail programs break lines.
    if secret.is_empty()
        && let Some((wrapped, its_end)) = line_end(text, at).map(|next| run(text, next))
        && wrapped.len() >= SHORTEST
    {
        (secret, end) = (wrapped, its_end);
    }
    // The server makes secrets of small letters and digits: what comes behind enough of them is the text's.
    let own = secret.bytes().take_while(|b| is_secret_byte(*b)).count();
    let whole = if own >= SHORTEST { own } else { secret.trim_end_matches(['.', '!', '?']).len() };
    let cut = secret.len() - whole;
    Some((uuid, Zeroizing::new(secret[..whole].to_owned()), end - cut))
}

fn begins_v2(text: &[u8], at: usize) -> Option<usize> {
    let at = byte(text, at, |b| b == b'v')?.1;
    slash(text, byte(text, at, |b| b == b'2')?.1)
}

fn uuid(text: &[u8], mut at: usize) -> Option<(TokenUuid, usize)> {
    let mut uuid = String::with_capacity(UUID_LENGTH);
    while uuid.len() < UUID_LENGTH {
        let (b, next) = byte(text, at, |b| is_secret_byte(b) || b == b'-')?;
        // A line end before it is none within it.
        if uuid.is_empty() && next != at + 1 && !uuid_may_wrap(text, at) {
            return None;
        }
        uuid.push(char::from(b));
        at = next;
    }
    Some((uuid.parse().ok()?, at))
}

/// Whether what was read so far is the beginning of a token, which may go on in the next line.
fn uuid_may_wrap(text: &[u8], at: usize) -> bool {
    SLASHES.iter().any(|slash| text[..at].to_ascii_lowercase().ends_with(slash.as_bytes()))
}

/// A run of characters, and what of it stands in the next lines. Lines are joined only if that makes a whole
/// secret of what is none yet.
fn secret(text: &[u8], at: usize, is_part: fn(u8) -> bool) -> (Zeroizing<String>, usize) {
    let run = |at: usize| text[at..].iter().take_while(|b| is_part(**b)).count();
    let take = |secret: &mut String, at: usize, length: usize| {
        secret.extend(text[at..at + length].iter().map(|b| char::from(*b)));
    };
    let length = run(at);
    let mut first = Zeroizing::new(String::with_capacity(length));
    take(&mut first, at, length);
    let mut joined = Zeroizing::new(String::with_capacity(length + LONGEST));
    joined.push_str(&first);
    let mut end = at + length;
    while !joined.is_empty() && !is_whole(&joined) {
        let Some(next) = line_end(text, end) else { break };
        let more = text[next..].iter().take_while(|b| is_secret_byte(**b)).count();
        if more == 0 || joined.len() + more > LONGEST || text.get(next + more).copied().is_some_and(is_word) {
            break;
        }
        take(&mut joined, next, more);
        end = next + more;
    }
    if joined.len() >= SHORTEST { (joined, end) } else { (first, at + length) }
}

/// Whether nothing can be missing: salted secrets are 40 characters of a hash.
fn is_whole(secret: &str) -> bool {
    secret.len() >= WHOLE || secret.len() == SHORTEST && secret.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The byte here, or behind a line end, if it is one of these; and where the next is.
fn byte(text: &[u8], at: usize, fits: impl Fn(u8) -> bool) -> Option<(u8, usize)> {
    let here = |at: usize| text.get(at).copied().filter(|b| fits(*b)).map(|b| (b, at + 1));
    here(at).or_else(|| here(line_end(text, at)?))
}

/// Behind a `/`, in whatever way it is written.
fn slash(text: &[u8], at: usize) -> Option<usize> {
    let here = |at: usize| {
        let is = |written: &&&str| {
            text.get(at..at + written.len())
                .is_some_and(|there| there.eq_ignore_ascii_case(written.as_bytes()))
        };
        SLASHES.iter().find(is).map(|written| at + written.len())
    };
    here(at).or_else(|| here(line_end(text, at)?))
}

/// Behind the end of a line here, with what wraps long lines: blanks, a backslash, the marks of a quoted mail.
fn line_end(text: &[u8], at: usize) -> Option<usize> {
    let blanks = |at: usize| text[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let mut at = at.min(text.len());
    at += blanks(at);
    at += usize::from(text.get(at) == Some(&b'\\'));
    at += usize::from(text.get(at) == Some(&b'\r'));
    at += if text.get(at) == Some(&b'\n') { 1 } else { usize::from(at > 0 && text[at - 1] == b'\r') };
    if !at.checked_sub(1).is_some_and(|before| matches!(text[before], b'\r' | b'\n')) {
        return None;
    }
    Some(at + text[at..].iter().take_while(|b| matches!(b, b' ' | b'\t' | b'>')).count())
}

fn is_secret_byte(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit()
}

fn is_word(b: u8) -> bool {
    b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-')
}

fn stands_alone(text: &[u8], at: usize, end: usize) -> bool {
    let is_part = |b: Option<&u8>| b.is_some_and(|b| is_word(*b));
    !is_part(at.checked_sub(1).and_then(|before| text.get(before))) && !is_part(text.get(end))
}

/// What stands behind a secret in headers, URLs, scripts and JSON.
fn ends_secret(b: u8) -> bool {
    b"/%\"'`\\,;&#<>|()[]{}".contains(&b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const UUID: &str = "zzzzz-gj3su-0123456789abcde";
    const SECRET: &str = "3kg6k6lzmp9kj5cpkcoxie963cmvjahbt2fod9zru30k1jqdmi";

    fn read(text: &str) -> Result<Given, GivenError> {
        Given::parse(&Secret::new(text.to_owned()))
    }

    fn whole() -> Given {
        v2_of(UUID.parse().expect("a token"), SECRET)
    }

    /// The token, as people have it before them.
    fn pasted() -> Vec<String> {
        let v2 = format!("v2/{UUID}/{SECRET}");
        let encoded = v2.replace('/', "%2F");
        vec![
            v2.clone(),
            format!(" {v2}\n"),
            format!("\u{feff}{v2}\u{200b}\r\n"),
            format!("ARVADOS_API_TOKEN={v2}"),
            format!("export ARVADOS_API_TOKEN='{v2}'"),
            format!("\"{v2}\""),
            format!("{v2}.\n"),
            format!("token {v2}-"),
            format!("“{v2}”"),
            format!("Authorization: Bearer {v2}"),
            format!("Authorization: OAuth2 {v2}\r\nHost: x"),
            format!("curl -H \"Authorization: Bearer {v2}\" https://x.example/arvados/v1/users/current"),
            format!("https://workbench.example/token?api_token={encoded}&path=%2F"),
            format!(
                "https://x.example/login?return_to=%2Ftoken%3Fapi_token%3D{}",
                encoded.replace('%', "%25")
            ),
            format!("https://collections.example/?api_token={}#top", encoded.to_lowercase()),
            format!("{{\"token\": \"{v2}\", \"x\": 1}}"),
            format!("{{\"token\":\"{}\"}}", v2.replace('/', "\\/")),
            format!("{{\"token\":\"{}\"}}", v2.replace('/', "\\u002f")),
            format!(
                "{{\"uuid\":\"{UUID}\",\"owner_uuid\":\"zzzzz-tpzed-000000000000001\",\"api_token\":\"{SECRET}\"}}"
            ),
            format!("Nov 30 22:01:07 shell1 login-sync[812]: Using token {v2}."),
            format!("{v2}/zzzzz-dz642-runningcontainr"),
            format!("the token is ({v2}), and again: {v2}"),
            format!("{}\n{}\n", &v2[..60], &v2[60..]),
            format!("{}\n{}\n", &v2[..31], &v2[31..]),
            format!("{}\r\n\t{}\r\n", &v2[..31], &v2[31..]),
            format!("> {}\n>   {}\n> thanks\n", &v2[..31], &v2[31..]),
            format!("{}\n{}\n{}\n", &v2[..3], &v2[3..31], &v2[31..]),
            format!("{}\n{}\n", &v2[..30], &v2[30..]),
            format!("{}%2F\r\n  {}\r\n", &v2[..30], &v2[31..]),
            format!("{}\n{}\n{}\n", &v2[..31], &v2[31..60], &v2[60..]),
            format!("{}\\\n  {}\n", &v2[..14], &v2[14..]),
            format!("> {}\r\n> {}\r\n> thanks\r\n", &v2[..40], &v2[40..]),
            format!("TOKEN={}\n{}\n{}\n", &v2[..30], &v2[30..60], &v2[60..]),
        ]
    }

    #[test]
    fn a_token_is_found_in_what_it_was_copied_with() {
        for text in pasted() {
            assert_eq!(read(&text), Ok(whole()), "{text}");
        }
    }

    #[test]
    fn a_bare_secret_is_found_in_what_it_was_copied_with() {
        let bare = Given::Bare(Secret::new(SECRET.to_owned()));
        for text in [
            SECRET.to_owned(),
            format!("api_token={SECRET}"),
            format!("\"api_token\": \"{SECRET}\","),
            format!("{}\n{}\n", &SECRET[..25], &SECRET[25..]),
            format!("token {SECRET} of request req-1pb8sjy39053q2mzxack"),
        ] {
            assert_eq!(read(&text), Ok(bare.clone()), "{text}");
        }
    }

    #[test]
    fn a_uuid_is_found_in_what_it_was_copied_with() {
        let uuid = Ok(Given::Uuid(UUID.parse().expect("a token")));
        for text in [
            UUID.to_owned(),
            format!("\"{UUID}\","),
            format!("DELETE /arvados/v1/api_client_authorizations/{UUID}"),
        ] {
            assert_eq!(read(&text), uuid, "{text}");
        }
    }

    #[test]
    fn several_different_tokens_are_said_and_none_is_taken() {
        let other = "zzzzz-gj3su-000000000000002";
        let second = SECRET.replace('3', "4");
        for text in [
            format!("v2/{UUID}/{SECRET}\nv2/{other}/{second}"),
            format!("v2/{UUID}/{SECRET} v2/{UUID}/{second}"),
            format!("v2/{UUID}/{SECRET} made by {other}"),
            format!("{SECRET} {second}"),
            format!("{UUID},{other}"),
        ] {
            assert_eq!(read(&text), Err(GivenError::Several(2)), "{text}");
        }
    }

    #[test]
    fn what_stands_on_the_next_line_is_no_part_of_a_whole_secret() {
        let text = format!("v2/{UUID}/{SECRET}\nok\n");
        assert_eq!(read(&text), Ok(whole()));
        let salted = "0123456789abcdef0123456789abcdef01234567";
        let text = format!("v2/{UUID}/{salted}\ndone\n");
        assert_eq!(read(&text), Ok(v2_of(UUID.parse().expect("a token"), salted)));
    }

    #[test]
    fn what_is_no_token_is_told_apart() {
        assert_eq!(read(" \u{feff}"), Err(GivenError::Empty));
        assert_eq!(read("zzzzz-tpzed-000000000000001"), Err(GivenError::OtherUuid));
        for broken in [format!("v2/{UUID}/"), format!("token=v2/{UUID}"), "v2/x/y".to_owned()] {
            assert_eq!(read(&broken), Err(GivenError::BrokenV2), "{broken}");
        }
        for none in
            ["hello", "hello\nworld\nthis\nis\nno\ntoken\nand\nlong\nenough\nto\nbe\none", "rosa@example.org"]
        {
            assert_eq!(read(none), Err(GivenError::NoToken), "{none}");
        }
    }

    proptest! {
        #[test]
        fn every_text_can_be_read(text in prop_oneof![any::<String>(), "[v2/%\\\\ \n>a-f0-9gju-]{0,120}"]) {
            let _ = read(&text);
        }
    }
}
