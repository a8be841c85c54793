//! Several texts in one line that can be taken apart again: parted by a character, and quoted as in CSV
//! where a text has that character, a quote, or blanks around it.

use std::borrow::Cow;

/// The texts in one line; [`split`] gives them back.
pub fn join<T: AsRef<str>>(texts: impl IntoIterator<Item = T>, separator: &str) -> String {
    let mark = separator.trim();
    let mut line = String::new();
    for (n, text) in texts.into_iter().enumerate() {
        if n > 0 {
            line.push_str(separator);
        }
        line.push_str(&quoted(text.as_ref(), mark));
    }
    line
}

fn quoted<'a>(text: &'a str, mark: &str) -> Cow<'a, str> {
    let needs = text.is_empty() || text.trim() != text || text.contains('"') || text.contains(mark);
    if needs { Cow::Owned(format!("\"{}\"", text.replace('"', "\"\""))) } else { Cow::Borrowed(text) }
}

/// The texts of a line, without the blanks around them. What is empty and not quoted is left out.
pub fn split(line: &str, separator: char) -> Vec<String> {
    let mut texts = Vec::new();
    let mut rest = line.trim_start();
    while !rest.is_empty() {
        let (text, after) = if let Some(body) = rest.strip_prefix('"') {
            let (mut text, after) = in_quotes(body);
            // What stands behind the closing quote belongs to it, as spreadsheets read it.
            let end = after.find(separator).unwrap_or(after.len());
            text.push_str(after[..end].trim_end());
            texts.push(text);
            ("", &after[end..])
        } else {
            let end = rest.find(separator).unwrap_or(rest.len());
            (rest[..end].trim(), &rest[end..])
        };
        if !text.is_empty() {
            texts.push(text.to_owned());
        }
        rest = after.strip_prefix(separator).unwrap_or(after).trim_start();
    }
    texts
}

/// What is in quotes, up to the closing one or the end, and what comes after.
fn in_quotes(body: &str) -> (String, &str) {
    let mut text = String::new();
    let mut rest = body;
    while let Some(at) = rest.find('"') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                text.push('"');
                rest = after;
            }
            None => return (text, rest),
        }
    }
    text.push_str(rest);
    (text, "")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn whatever_is_joined_is_split_again(texts in prop::collection::vec(any::<String>(), 0..6)) {
            prop_assert_eq!(split(&join(&texts, ", "), ','), texts.clone());
            prop_assert_eq!(split(&join(&texts, ";"), ';'), texts);
        }

        #[test]
        fn every_line_can_be_split(line in any::<String>()) {
            let _ = split(&line, ',');
        }
    }

    #[test]
    fn names_are_quoted_only_where_they_must_be() {
        assert_eq!(
            join(["docker", "domain users", "a,b", "say \"x\"", ""], ", "),
            r#"docker, domain users, "a,b", "say ""x""", """#
        );
        assert_eq!(join(["a b", "c;d"], ";"), "a b;\"c;d\"");
        assert_eq!(split(" docker ,, fuse,", ','), ["docker", "fuse"]);
        assert_eq!(split("\"open", ','), ["open"]);
    }
}
