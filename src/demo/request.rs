//! The parameters of a request, from the query, a form or JSON, read as each front reads them (api.md b.1).

use super::cell::Front;
use super::failure::Failure;
use super::moment::Moment;
use super::record::Json;
use super::uuid::Uuid;
use serde::Deserialize;
use serde_json::{Map, Value};

/// Parameters that are true unless they say otherwise.
const FLAGS: [&str; 9] = [
    "include_trash",
    "ensure_unique_name",
    "recursive",
    "bypass_federation",
    "redirect_to_new_user",
    "send_notification_email",
    "distinct",
    "include_old_versions",
    "exclude_home_project",
];
const NUMBERS: [&str; 2] = ["limit", "offset"];
/// Attributes kept in columns that hold texts of any length.
const UNBOUNDED: [&str; 11] = [
    "public_key",
    "manifest_text",
    "summary",
    "properties",
    "prefs",
    "scopes",
    "command",
    "secret",
    "runtime_token",
    "credential_class",
    "external_id",
];
/// What is never an attribute of the record that a request writes.
const OPTIONS: [&str; 7] =
    ["select", "ensure_unique_name", "cluster_id", "bypass_federation", "reader_tokens", "_method", "async"];

/// Bodies are read that are nested no deeper: the stack is not endless.
const DEEPEST: usize = 500;

/// The parameters, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params(Map<String, Value>);

impl Params {
    /// Reads what a request brought; `content_type` is that of its body.
    pub fn read(front: Front, query: &str, content_type: Option<&str>, body: &[u8]) -> Result<Self, Failure> {
        let mut params = Map::new();
        let form = content_type.is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
        let pairs = url::form_urlencoded::parse(query.as_bytes())
            .chain(url::form_urlencoded::parse(if form { body } else { &[] }));
        for (name, text) in pairs {
            let value = guess(front, &name, &text)?;
            params.insert(name.into_owned(), value);
        }
        let is_json = content_type.is_none_or(|kind| kind.starts_with("application/json"));
        if is_json && !body.is_empty() {
            let json = parsed(body)
                .map_err(|error| Failure::controller(400, format!("error parsing request body: {error}")))?;
            let Value::Object(json) = json else {
                return Err(Failure::controller(400, "error parsing request body: not an object"));
            };
            for (name, value) in json {
                let value = match value {
                    Value::String(text) => guess(front, &name, &text)?,
                    other => other,
                };
                params.insert(name, value);
            }
        }
        Ok(Self(params))
    }

    /// A parameter that is there and not null.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name).filter(|value| !value.is_null())
    }

    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    pub fn flag(&self, name: &str) -> bool {
        match self.get(name) {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => is_true(text),
            Some(Value::Number(number)) => number.as_i64() != Some(0),
            _ => false,
        }
    }

    /// The attributes of the record: under its name, or at the top.
    pub fn attributes(&self, singular: &str) -> Result<Attributes, Failure> {
        let map = match self.get(singular) {
            Some(Value::Object(map)) => map.clone(),
            Some(_) => return Err(Failure::argument(&format!("No {singular} hash provided with request"))),
            None => self
                .0
                .iter()
                .filter(|(name, _)| !OPTIONS.contains(&name.as_str()))
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
        };
        Ok(Attributes(map))
    }
}

/// The server takes records that are nested deeper than serde reads by default (api.md v58).
fn parsed(body: &[u8]) -> Result<Value, serde_json::Error> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    if depth(body) <= DEEPEST {
        reader.disable_recursion_limit();
    }
    let value = Value::deserialize(&mut reader)?;
    reader.end().map(|()| value)
}

/// How many lists and objects stand in one another.
fn depth(json: &[u8]) -> usize {
    let (mut open, mut deepest, mut in_text, mut escaped) = (0_usize, 0, false, false);
    for byte in json {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_text => escaped = true,
            b'"' => in_text = !in_text,
            b'[' | b'{' if !in_text => {
                open += 1;
                deepest = deepest.max(open);
            }
            b']' | b'}' if !in_text => open = open.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

fn is_true(text: &str) -> bool {
    !matches!(text, "" | "false" | "0")
}

fn guess(front: Front, name: &str, text: &str) -> Result<Value, Failure> {
    if NUMBERS.contains(&name) {
        return match (text.parse::<i64>(), front) {
            (Ok(number), _) => Ok(number.into()),
            (Err(_), Front::Rails) => Ok(Value::String(text.to_owned())),
            (Err(_), Front::Controller) => {
                Err(Failure::controller(500, format!("strconv.ParseInt: parsing {text:?}: invalid syntax")))
            }
        };
    }
    if FLAGS.contains(&name) {
        return Ok(Value::Bool(is_true(text)));
    }
    if text.is_empty() || text == "null" {
        return Ok(Value::Null);
    }
    if text.starts_with(['[', '{', '"']) {
        return match (serde_json::from_str(text), front) {
            (Ok(value), _) => Ok(value),
            (Err(_), Front::Rails) => Ok(Value::String(text.to_owned())),
            (Err(error), Front::Controller) => Err(Failure::controller(500, error.to_string())),
        };
    }
    Ok(Value::String(text.to_owned()))
}

/// The attributes a request wants a record to have.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attributes(Map<String, Value>);

#[expect(clippy::option_option, reason = "not named, named as null, and a value are three things")]
impl Attributes {
    /// Refuses attributes that the record has not, and texts that its columns can't hold (api.md v58);
    /// those the server sets itself are dropped.
    pub fn only(&self, class: &str, known: &[&str]) -> Result<(), Failure> {
        const DROPPED: [&str; 15] = [
            "kind",
            "etag",
            "href",
            "created_at",
            "modified_at",
            "modified_by_user_uuid",
            "modified_by_client_uuid",
            "full_name",
            "is_invited",
            "writable_by",
            "can_write",
            "can_manage",
            "head_kind",
            "tail_kind",
            "is_trashed",
        ];
        let unknown =
            self.0.keys().find(|name| !known.contains(&name.as_str()) && !DROPPED.contains(&name.as_str()));
        match unknown {
            None => self.short_enough(),
            Some(name) => Err(Failure::exception(
                "ActiveModel::UnknownAttributeError",
                &format!("unknown attribute '{name}' for {class}."),
            )),
        }
    }

    fn short_enough(&self) -> Result<(), Failure> {
        let is_long = |(name, value): (&String, &Value)| {
            let longest = if name == "description" { 524_288 } else { 255 };
            let is_bounded = !UNBOUNDED.contains(&name.as_str());
            is_bounded && value.as_str().is_some_and(|text| text.chars().count() > longest)
        };
        if self.0.iter().any(is_long) {
            return Err(Failure::exception(
                "ActiveRecord::ValueTooLong",
                "PG::StringDataRightTruncation: ERROR:  value too long for type character varying(255)\n",
            ));
        }
        Ok(())
    }

    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// A text; `None` if it is not named, `Some(None)` if it is to be null.
    pub fn text(&self, name: &str) -> Option<Option<String>> {
        self.0.get(name).map(|value| match value {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        })
    }

    /// A text whose empty form means null.
    pub fn filled(&self, name: &str) -> Option<Option<String>> {
        self.text(name).map(|text| text.filter(|text| !text.is_empty()))
    }

    /// A UUID as text and, if it is one, as such.
    pub fn uuid(&self, name: &str) -> Option<Option<Result<Uuid, String>>> {
        self.filled(name).map(|text| text.map(|text| Uuid::parse(&text).ok_or(text)))
    }

    pub fn flag(&self, name: &str) -> Option<bool> {
        self.0.get(name).map(|value| match value {
            Value::Bool(flag) => *flag,
            Value::String(text) => !matches!(text.as_str(), "" | "false" | "f" | "0" | "no" | "n" | "off"),
            Value::Number(number) => number.as_i64() != Some(0),
            Value::Null | Value::Array(_) | Value::Object(_) => false,
        })
    }

    pub fn number(&self, name: &str) -> Option<i64> {
        self.0.get(name).map(|value| match value {
            Value::Number(number) => number.as_i64().unwrap_or_default(),
            Value::String(text) => text.parse().unwrap_or_default(),
            _ => 0,
        })
    }

    /// A time; what can't be read is null (api.md v9).
    pub fn time(&self, name: &str) -> Option<Option<Moment>> {
        self.0.get(name).map(|value| value.as_str().and_then(Moment::read))
    }

    /// Free JSON, also written as text.
    pub fn json(&self, name: &str) -> Result<Option<Json>, Failure> {
        let wrong = || Failure::exception("TypeError", &format!("parameter {name} must be a Hash"));
        match self.0.get(name) {
            None => Ok(None),
            Some(Value::Null) => Ok(Some(Json::new())),
            Some(Value::Object(json)) => Ok(Some(json.clone())),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        }
    }

    /// A list of texts, also written as JSON text.
    pub fn texts(&self, name: &str) -> Result<Option<Vec<String>>, Failure> {
        let wrong = || Failure::exception("TypeError", &format!("parameter {name} must be a Array"));
        match self.0.get(name) {
            None | Some(Value::Null) => Ok(None),
            Some(Value::Array(items)) => Ok(Some(items.iter().map(plain).collect())),
            Some(Value::String(text)) => serde_json::from_str(text).map(Some).map_err(|_| wrong()),
            Some(_) => Err(wrong()),
        }
    }
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn read(query: &str, kind: &str, body: &str) -> Params {
        Params::read(Front::Controller, query, Some(kind), body.as_bytes()).unwrap()
    }

    #[test]
    fn attributes_may_be_wrapped_or_not_in_json_or_a_form() {
        let wanted = Some(Some("Ann".to_owned()));
        for (kind, body) in [
            ("application/json", r#"{"user":{"first_name":"Ann"}}"#),
            ("application/json", r#"{"first_name":"Ann"}"#),
            ("application/x-www-form-urlencoded", "user=%7B%22first_name%22%3A%22Ann%22%7D"),
        ] {
            let attributes = read("", kind, body).attributes("user").unwrap();
            assert_eq!(attributes.text("first_name"), wanted, "{body}");
        }
    }

    #[test]
    fn values_are_guessed_as_the_controller_does() {
        let params =
            read("limit=5&include_trash=1&recursive=0&x=null&filters=%5B%5D", "application/json", "");
        assert_eq!(params.get("limit"), Some(&json!(5)));
        assert!(params.flag("include_trash") && !params.flag("recursive"));
        assert_eq!(params.get("x"), None);
        assert_eq!(params.get("filters"), Some(&json!([])));
    }
}
