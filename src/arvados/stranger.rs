//! Answers that are not the Arvados API's: a gateway's page, a login page of the network, a server of another
//! kind. What they say of themselves is shown, so that the operator knows whom to ask.

use crate::model::text::{clean, clean_start};
use reqwest::header::{HeaderMap, LOCATION, SERVER};
use std::fmt;
use std::time::Duration;
use url::Url;

/// So much of a page is looked at for its title.
const LOOKED_AT: usize = 8 << 10;

/// No title is shown further, nor a server's name.
const LONGEST_NAME: usize = 60;

/// A refusal as it came.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// HTTP status.
    pub status: u16,
    /// The body, as far as it was read.
    pub body: &'a [u8],
    /// How long it asks to wait.
    pub retry_after: Option<Duration>,
    /// What its headers say of who gave it.
    pub stranger: &'a str,
}

/// Somebody else that answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stranger {
    /// HTTP status.
    pub status: u16,
    /// What it answered with.
    kind: &'static str,
    /// The page's title, if it is one.
    title: Option<String>,
    /// What its headers say of who gave it.
    from: String,
    /// The request's id.
    pub request_id: String,
}

impl Stranger {
    /// From an answer, and what [`named_by`] says of it.
    pub fn new(status: u16, body: &[u8], from: &str, request_id: String) -> Self {
        let kind = if is_page(body) { "a web page" } else { "something else" };
        let title = if is_page(body) { title(body) } else { None };
        Self { status, kind, title, from: from.to_owned(), request_id }
    }
}

impl fmt::Display for Stranger {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} answered, not the Arvados API", self.kind)?;
        if let Some(title) = &self.title {
            write!(f, ": \"{title}\"")?;
        }
        // A page in the place of an answer has no status worth telling.
        let status = (self.status >= 300).then(|| self.status.to_string());
        let from = (!self.from.is_empty()).then(|| self.from.clone());
        let known: Vec<String> = status.into_iter().chain(from).collect();
        if known.is_empty() { Ok(()) } else { write!(f, " ({})", known.join(", ")) }
    }
}

/// Whether a body is a web page.
pub fn is_page(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"<")
}

/// What headers say of who gave an answer: the server's name, and where it sends.
pub fn named_by(headers: &HeaderMap) -> String {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let server = clean_start(text(SERVER).trim(), LONGEST_NAME);
    // Its host alone: the rest can hold whatever a login page wants back.
    let to = Url::parse(text(LOCATION)).ok().and_then(|url| url.host_str().map(clean));
    let to = to.map(|host| format!("it sends to {}", clean_start(&host, LONGEST_NAME)));
    [Some(server).filter(|name| !name.is_empty()), to].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn title(page: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(&page[..page.len().min(LOOKED_AT)]);
    // Of the same length, so that places in it are places in the text.
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower[start..].find('>')? + 1;
    let end = start + lower[start..].find("</title")?;
    let words = clean(&text[start..end]);
    let words: Vec<&str> = words.split_whitespace().collect();
    Some(clean_start(&words.join(" "), LONGEST_NAME)).filter(|title| !title.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(status: u16, body: &str, from: &str) -> String {
        Stranger::new(status, body.as_bytes(), from, String::new()).to_string()
    }

    #[test]
    fn a_page_is_told_by_its_title_status_and_server() {
        let page = "<!DOCTYPE html><HTML><head><TITLE lang=en>\n Sign in\n  to \u{1b}[2JExample </TITLE>";
        let told = said(403, page, "cloudflare");
        assert_eq!(
            told,
            "a web page answered, not the Arvados API: \"Sign in to [2JExample\" (403, cloudflare)"
        );
        assert_eq!(said(200, "<html>", ""), "a web page answered, not the Arvados API");
        assert_eq!(said(401, "Unauthorized", ""), "something else answered, not the Arvados API (401)");
        let endless = format!("<title>{}</title>", "x".repeat(9_000));
        assert_eq!(said(200, &endless, ""), "a web page answered, not the Arvados API");
    }
}
