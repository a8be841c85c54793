//! Lists and records that are no JSON at some place, as one with `NaN` or a raw control byte in it is: they are
//! parted by brackets and quotes alone, so that what can be read of them is. Nothing is copied.

/// The members of an object, each its name, as it stands there, and its value. None where the brackets do not
/// match, since half an answer is none, or where there are more than so many.
pub fn members(text: &str, most: usize) -> Option<Vec<(&str, &str)>> {
    parts(text, ('{', '}'), most)?.into_iter().map(member).collect()
}

/// The items of a list; none likewise.
pub fn items(text: &str, most: usize) -> Option<Vec<&str>> {
    parts(text, ('[', ']'), most)
}

/// `"name": value`
fn member(text: &str) -> Option<(&str, &str)> {
    let text = text.strip_prefix('"')?;
    let mut escaped = false;
    let end = text.char_indices().find_map(|(at, c)| {
        let is_end = c == '"' && !escaped;
        escaped = c == '\\' && !escaped;
        is_end.then_some(at)
    })?;
    Some((&text[..end], text[end + 1..].trim_start().strip_prefix(':')?.trim()))
}

/// What stands between these brackets and is parted by commas, however deep the brackets within are nested.
fn parts(text: &str, (open, close): (char, char), most: usize) -> Option<Vec<&str>> {
    let inner = text.trim().strip_prefix(open)?.strip_suffix(close)?;
    let (mut found, mut begin) = (Vec::new(), 0);
    let (mut depth, mut quoted, mut escaped) = (0_usize, false, false);
    for (at, byte) in inner.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.checked_sub(1)?,
            b',' if depth == 0 && found.len() + 1 == most => return None,
            b',' if depth == 0 => {
                found.push(inner[begin..at].trim());
                begin = at + 1;
            }
            _ => {}
        }
    }
    if depth > 0 || quoted {
        return None;
    }
    let last = inner[begin..].trim();
    if !last.is_empty() || !found.is_empty() {
        found.push(last);
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_json_is_parted_all_the_same() {
        assert_eq!(items(r#" [ 1, {"a":[2,3]} ,NaN,"x,]\",y" ] "#, 4).expect("a list").len(), 4);
        assert_eq!(items("[]", 1), Some(Vec::new()));
        assert_eq!(items("[1,]", 2), Some(vec!["1", ""]));
        assert_eq!(items("[1,2,3]", 2), None, "more than any page has");
        let object = "{\"a\": NaN, \"b\\\"c\" : \"x\u{1}y\",\"d\":{\"e\":1,\"f\":2}}";
        let members = members(object, 3).expect("an object");
        assert_eq!(members, [("a", "NaN"), ("b\\\"c", "\"x\u{1}y\""), ("d", "{\"e\":1,\"f\":2}")]);
    }

    #[test]
    fn half_an_answer_is_none() {
        for half in ["[1", "[{]", "[\"a]", "[1]]", "", "x", "null", "{}"] {
            assert_eq!(items(half, 9), None, "{half}");
        }
        for half in ["{\"a\":1", "{\"a\"}", "{a:1}", "{\"a\":1,}", "[]"] {
            assert_eq!(members(half, 9), None, "{half}");
        }
    }
}
