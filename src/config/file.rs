//! The three variables, from the environment or from a settings file: `NAME=value` lines as the Go and Ruby
//! SDKs read them, and the lines for a shell that Workbench gives (`export NAME=value`, `unset NAME`). What
//! other Arvados tools make of a line is noted: they are stricter.

use super::error::{ConfigError, Found, Looked, Part, Place};
use super::places::{HOST, INSECURE, Surroundings, TOKEN};
use std::fmt;
use zeroize::Zeroizing;

/// A value, and where it stands.
pub struct Value {
    /// The value. It is zeroed when it is dropped.
    pub text: Zeroizing<String>,
    /// Where it was found.
    pub place: Place,
}

/// What one place says.
#[derive(Default)]
pub struct Variables {
    pub host: Option<Value>,
    pub token: Option<Value>,
    pub insecure: Option<Value>,
}

impl fmt::Debug for Variables {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.host.as_ref().map(|host| host.text.as_str());
        f.debug_struct("Variables").field("host", &host).finish_non_exhaustive()
    }
}

impl Variables {
    /// From the environment. A variable that is set to nothing is as good as none.
    pub fn from_env(
        around: &Surroundings<'_>,
        looked: &mut Vec<Looked>,
        notes: &mut Vec<String>,
    ) -> Result<Self, ConfigError> {
        let mut get = |name: &'static str| -> Result<Option<Value>, ConfigError> {
            let text = match around.env(name) {
                None => None,
                Some(value) => {
                    Some(Zeroizing::new(value.into_string().map_err(|_| ConfigError::NotText(name))?))
                }
            };
            let value = match text.filter(|text| !text.trim().is_empty()) {
                None => None,
                Some(text) => {
                    let wrong = |reason| ConfigError::Value { place: Place::Environment, name, reason };
                    let bare = meant(name, &text).map_err(wrong)?;
                    notes.extend(
                        what_others_take_along(name, text.trim()).map(|note| format!("{name}: {note}")),
                    );
                    (!bare.is_empty())
                        .then(|| Value { text: Zeroizing::new(bare.to_owned()), place: Place::Environment })
                }
            };
            if name != INSECURE {
                let found = if value.is_some() { Found::Set } else { Found::NotSet };
                looked.push(Looked { what: name.to_owned(), found });
            }
            Ok(value)
        };
        Ok(Self { host: get(HOST)?, token: get(TOKEN)?, insecure: get(INSECURE)? })
    }

    /// From the content of a file. Other variables are none of our business; the last of several counts.
    pub fn from_file(content: &[u8], path: &str, notes: &mut Vec<String>) -> Result<Self, ConfigError> {
        let mut variables = Self::default();
        let bare = content.strip_prefix(b"\xef\xbb\xbf");
        if bare.is_some() {
            notes.push(format!(
                "{path}, line 1: it begins with a byte order mark: other Arvados tools find no variable in this line"
            ));
        }
        for (i, line) in bare.unwrap_or(content).split(|&b| b == b'\n').enumerate() {
            let place = || Place::Line { path: path.to_owned(), line: i + 1 };
            let wrong = |reason: String| ConfigError::Line { path: path.to_owned(), line: i + 1, reason };
            if line.trim_ascii_start().starts_with(b"#") {
                continue;
            }
            let line = std::str::from_utf8(line).map_err(|_| wrong("not readable text".to_owned()))?;
            if line.trim().is_empty() {
                continue;
            }
            notes.extend(what_others_make_of(line).map(|note| format!("{}{note}", place())));
            if let Some(names) = command(line.trim(), "unset") {
                names.split_whitespace().for_each(|name| variables.forget(name));
            } else if let Some(rest) = command(line.trim(), "export") {
                for word in words(rest).map_err(|reason| wrong(reason.to_owned()))? {
                    if let Some((name, value)) = word.split_once('=')
                        && let Some(name) = known(name)
                    {
                        let wrong = |reason| ConfigError::Value { place: place(), name, reason };
                        variables.take(name, meant(name, value).map_err(wrong)?, place());
                    }
                }
            } else {
                let (name, value) = line.split_once('=').ok_or_else(|| wrong(no_sign(line.trim())))?;
                let (name, value) = (name.trim(), value.trim());
                if name.is_empty() {
                    return Err(wrong("expected NAME=value".to_owned()));
                }
                let Some(name) = known(name) else { continue };
                let value = meant(name, value).map_err(|reason| ConfigError::Value {
                    place: place(),
                    name,
                    reason,
                })?;
                variables.take(name, value, place());
            }
        }
        Ok(variables)
    }

    fn slot(&mut self, name: &str) -> Option<&mut Option<Value>> {
        match name {
            HOST => Some(&mut self.host),
            TOKEN => Some(&mut self.token),
            INSECURE => Some(&mut self.insecure),
            _ => None,
        }
    }

    fn take(&mut self, name: &str, value: &str, place: Place) {
        if let Some(slot) = self.slot(name)
            && !value.is_empty()
        {
            *slot = Some(Value { text: Zeroizing::new(value.to_owned()), place });
        }
    }

    fn forget(&mut self, name: &str) {
        if let Some(slot) = self.slot(name) {
            *slot = None;
        }
    }

    /// Variable by variable: these, else the others.
    pub fn or(self, other: Self) -> Self {
        Self {
            host: self.host.or(other.host),
            token: self.token.or(other.token),
            insecure: self.insecure.or(other.insecure),
        }
    }

    /// Whether nothing needed is missing.
    pub fn is_enough(&self) -> bool {
        self.host.is_some() && self.token.is_some()
    }

    /// Whether nothing is there at all.
    pub fn is_empty(&self) -> bool {
        self.host.is_none() && self.token.is_none() && self.insecure.is_none()
    }

    /// Which of the needed ones are there.
    pub fn parts(&self) -> Vec<Part> {
        let host = self.host.as_ref().map(|_| Part::Host);
        let token = self.token.as_ref().map(|_| Part::Token);
        host.into_iter().chain(token).collect()
    }
}

/// Whether the SDKs take a value of `ARVADOS_API_HOST_INSECURE` for true.
pub fn is_true(value: &str) -> bool {
    ["1", "t", "true", "y", "yes"].iter().any(|truth| value.eq_ignore_ascii_case(truth))
}

/// What quotes may stand round a value.
const QUOTES: [(char, char); 4] =
    [('"', '"'), ('\'', '\''), ('\u{201c}', '\u{201d}'), ('\u{2018}', '\u{2019}')];

/// A value as it is meant, wherever it stands: without blanks and quotes round it, and without the name that was
/// copied along with it. As it stands, it would be sent as a token, and refused as if that were dead.
fn meant<'a>(name: &'static str, value: &'a str) -> Result<&'a str, &'static str> {
    // The quotes are round the line, or round the value in it.
    let value = value.trim();
    if let Some(inside) = value_of_line(name, value)? {
        return unquoted(inside);
    }
    let value = unquoted(value)?;
    value_of_line(name, value)?.map_or(Ok(value), unquoted)
}

/// What stands behind the `=`, if this is a whole line for the variable.
fn value_of_line<'a>(name: &'static str, text: &'a str) -> Result<Option<&'a str>, &'static str> {
    let line = command(text, "export").unwrap_or(text);
    let Some((left, right)) = line.split_once('=') else { return Ok(None) };
    match known(left.trim()) {
        Some(its) if its == name => Ok(Some(right.trim().trim_end_matches(';').trim_end())),
        Some(_) => Err("begins with the name of another variable"),
        None => Ok(None),
    }
}

/// A value without the quotes round it.
pub(super) fn unquoted(value: &str) -> Result<&str, &'static str> {
    for (open, close) in QUOTES {
        let inner = value.strip_prefix(open);
        if let Some(inner) = inner.and_then(|rest| rest.strip_suffix(close)) {
            return Ok(inner.trim());
        }
        if inner.is_some() || value.ends_with(close) {
            return Err("has a quote at one end only");
        }
    }
    Ok(value)
}

fn known(name: &str) -> Option<&'static str> {
    [HOST, TOKEN, INSECURE].into_iter().find(|known| *known == name)
}

/// What follows a command of the shell.
fn command<'a>(line: &'a str, name: &str) -> Option<&'a str> {
    line.strip_prefix(name).filter(|rest| rest.starts_with([' ', '\t']))
}

/// The words of a shell's command: blanks and `;` part them, quotes hold them together, `#` ends them.
fn words(line: &str) -> Result<Vec<Zeroizing<String>>, &'static str> {
    // As long as it can get: grown, it would leave pieces of a token behind in memory.
    let empty = || Zeroizing::new(String::with_capacity(line.len()));
    let mut found = Vec::new();
    let mut word: Option<Zeroizing<String>> = None;
    let mut quote = None;
    for c in line.chars() {
        match (c, quote) {
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_with(empty);
            }
            (' ' | '\t' | ';' | '\r', None) => found.extend(word.take()),
            ('#', None) if word.is_none() => break,
            (c, _) => word.get_or_insert_with(empty).push(c),
        }
    }
    if quote.is_some() {
        return Err("a quote is not closed");
    }
    found.extend(word);
    Ok(found)
}

/// What is wrong with a line that has no `=`. Nothing of it is shown: it may be half a token.
fn no_sign(line: &str) -> String {
    match [INSECURE, HOST, TOKEN].into_iter().find(|name| line.starts_with(name)) {
        Some(name) => format!("{name} is not followed by =; expected NAME=value"),
        None => "expected NAME=value".to_owned(),
    }
}

/// What other Arvados tools make of a line that is read here, if anything else: tried with
/// arvados-python-client 3.2.1, read in the Go and Ruby SDKs (api.md b.10).
fn what_others_make_of(line: &str) -> Option<String> {
    const ALL: &str = "arvados-python-client reads nothing of a file that has such a line";
    let line = line.trim_end();
    let (left, value) = match line.split_once('=') {
        None => return Some(format!("there is no = in it: {ALL}")),
        Some((_, value)) if value.contains('=') => return Some(format!("its value has a =: {ALL}")),
        Some(parts) => parts,
    };
    if let Some(rest) = command(left.trim(), "export") {
        return Some(format!("it begins with export: {}", finds_none(known(rest.trim())?)));
    }
    let name = known(left.trim())?;
    if left != name || value.starts_with([' ', '\t']) {
        return Some(format!(
            "there are blanks before the name or round the =: arvados-python-client finds no {name}"
        ));
    }
    what_others_take_along(name, value)
}

fn finds_none(name: &str) -> String {
    format!("other Arvados tools find no {name}")
}

/// What other Arvados tools take for a part of a value.
fn what_others_take_along(name: &str, value: &str) -> Option<String> {
    if QUOTES.iter().any(|(open, _)| value.starts_with(*open)) {
        return Some(format!("other Arvados tools take the quotes for a part of {name}"));
    }
    let line = command(value, "export").unwrap_or(value).trim_start();
    if line.strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('=')) {
        return Some(format!("other Arvados tools take the name for a part of {name}"));
    }
    (name == HOST && value.contains("://"))
        .then(|| "other Arvados tools take https:// for a part of the host".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_moved_about_in_memory_while_it_is_read() {
        let line = format!(
            "A=\"{}\" ARVADOS_API_TOKEN='v2/zzzzz-gj3su-000000000000000/{}'",
            "é".repeat(40),
            "x".repeat(50)
        );
        let words = words(&line).unwrap();
        assert_eq!(words.len(), 2);
        for word in words {
            assert_eq!(word.capacity(), line.len(), "it was never grown");
        }
    }

    #[test]
    fn a_byte_order_mark_is_told_of_in_words() {
        let mut notes = Vec::new();
        let read = Variables::from_file(b"\xef\xbb\xbfARVADOS_API_HOST=zzzzz\n", "settings.conf", &mut notes);
        assert_eq!(read.unwrap().host.unwrap().text.as_str(), "zzzzz");
        assert_eq!(
            notes,
            ["settings.conf, line 1: it begins with a byte order mark: \
              other Arvados tools find no variable in this line"]
        );
    }
}
