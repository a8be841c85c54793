//! Recorded conversations with a real cluster's front door, played against the demo cluster. The
//! recordings are data (tests/conformance/*.json); this is their player.
//!
//! A step sends a request as a named token and compares the answer with a pattern: objects may have more
//! keys than the pattern, lists match item by item, `<…>` texts match by form, and `{{name}}` stands for
//! a saved value, or binds one the first time it is met.

use arv_admin::demo::{self, Contents, Options};
use serde::Deserialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

type Names = BTreeMap<String, Value>;

#[derive(Deserialize)]
struct Scenario {
    name: String,
    steps: Vec<Step>,
}

#[derive(Deserialize)]
struct Step {
    #[serde(rename = "do")]
    shows: String,
    #[serde(rename = "as")]
    token: Option<String>,
    method: String,
    path: String,
    #[serde(default)]
    query: Map<String, Value>,
    body: Option<Value>,
    #[serde(default)]
    save: BTreeMap<String, String>,
    expect: Expect,
}

#[derive(Deserialize)]
struct Expect {
    status: u16,
    body: Option<Value>,
}

#[tokio::test]
async fn the_demo_cluster_answers_as_the_recorded_cluster_did() {
    let options = Options { contents: Contents::Empty, ..Options::default() };
    let demo = demo::start(options).await.unwrap();
    let client = crate::http_client();
    let mut differences = Vec::new();
    let files = recordings();
    assert!(files.len() >= 27, "only {} recordings found", files.len());
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let scenario: Scenario = serde_json::from_str(&text).unwrap();
        let mut player = Player { client: &client, base: demo.url(), names: Names::new() };
        player.names.insert("root".to_owned(), demo.root_token().into());
        for (number, step) in scenario.steps.iter().enumerate() {
            for difference in player.play(step).await {
                let (name, number, shows) = (&scenario.name, number + 1, &step.shows);
                differences.push(format!("{name} step {number} ({shows}): {difference}"));
            }
        }
    }
    demo.stop().await;
    assert!(differences.is_empty(), "{}", differences.join("\n"));
}

fn recordings() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance");
    let mut files: Vec<PathBuf> = folder
        .read_dir()
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "json"))
        .collect();
    files.sort();
    files
}

struct Player<'a> {
    client: &'a reqwest::Client,
    base: String,
    names: Names,
}

impl Player<'_> {
    async fn play(&mut self, step: &Step) -> Vec<String> {
        let (status, answer) = self.send(step).await;
        let mut differences = Vec::new();
        if status != step.expect.status {
            differences.push(format!("status {status}, not {}: {answer}", step.expect.status));
        } else if let Some(pattern) = &step.expect.body {
            compare(pattern, &answer, &mut self.names, "$", &mut differences);
        }
        for (name, place) in &step.save {
            let value = match place.as_str() {
                "v2" => format!("v2/{}/{}", plain(&answer["uuid"]), plain(&answer["api_token"])).into(),
                pointer => answer.pointer(pointer).cloned().unwrap_or_default(),
            };
            self.names.insert(name.clone(), value);
        }
        differences
    }

    async fn send(&self, step: &Step) -> (u16, Value) {
        let query: Vec<(String, String)> =
            step.query.iter().map(|(name, value)| (name.clone(), plain(&self.filled(value)))).collect();
        let path = plain(&self.filled(&Value::String(step.path.clone())));
        let method = reqwest::Method::from_bytes(step.method.as_bytes()).unwrap();
        let mut request = self.client.request(method, format!("{}{path}", self.base)).query(&query);
        if let Some(token) = &step.token {
            request = request.header("Authorization", format!("Bearer {}", plain(&self.names[token])));
        }
        if let Some(body) = &step.body {
            request = request.header("Content-Type", "application/json").body(self.filled(body).to_string());
        }
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    fn filled(&self, value: &Value) -> Value {
        filled(value, &self.names)
    }
}

/// A value with `{{name}}` replaced; what is nothing but a name becomes the named value itself.
fn filled(value: &Value, names: &Names) -> Value {
    match value {
        Value::String(text) => {
            if let Some(name) = whole_name(text) {
                return names[name].clone();
            }
            let mut text = text.clone();
            for (name, value) in names {
                text = text.replace(&format!("{{{{{name}}}}}"), &plain(value));
            }
            Value::String(text)
        }
        Value::Array(items) => items.iter().map(|item| filled(item, names)).collect(),
        Value::Object(map) => {
            Value::Object(map.iter().map(|(key, value)| (key.clone(), filled(value, names))).collect())
        }
        other => other.clone(),
    }
}

fn whole_name(text: &str) -> Option<&str> {
    let name = text.strip_prefix("{{")?.strip_suffix("}}")?;
    name.chars().all(|letter| letter.is_alphanumeric() || letter == '_').then_some(name)
}

fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn compare(pattern: &Value, got: &Value, names: &mut Names, at: &str, differences: &mut Vec<String>) {
    let mut differs = |what: String| differences.push(format!("{at}: {what}"));
    match pattern {
        Value::Object(map) => match single(map) {
            Some(("<text>", words)) => {
                let text = got.as_str().unwrap_or_default().to_lowercase();
                for word in plain(words).to_lowercase().split_whitespace().filter(|word| !text.contains(word))
                {
                    differs(format!("the word {word:?} is missing in {got}"));
                }
            }
            Some(("<unordered>", Value::Array(wanted))) => {
                if got.as_array().is_none_or(|items| items.len() != wanted.len()) {
                    differs(format!("wants {} items, is {got}", wanted.len()));
                }
                compare_any_order(wanted, got, names, at, differences);
            }
            Some(("<contains>", Value::Array(wanted))) => {
                compare_any_order(wanted, got, names, at, differences);
            }
            _ => compare_objects(map, got, names, at, differences),
        },
        Value::Array(wanted) => match got.as_array().filter(|items| items.len() == wanted.len()) {
            None => differs(format!("wants {} items, is {got}", wanted.len())),
            Some(items) => {
                for (number, (wanted, item)) in wanted.iter().zip(items).enumerate() {
                    compare(wanted, item, names, &format!("{at}[{number}]"), differences);
                }
            }
        },
        Value::String(text) => {
            if let Some(name) = whole_name(text)
                && !names.contains_key(name)
            {
                names.insert(name.to_owned(), got.clone());
            } else if !fits(text, got, names) {
                differs(format!("wants {text}, is {got}"));
            }
        }
        other if other == got => {}
        other => differs(format!("wants {other}, is {got}")),
    }
}

fn single(map: &Map<String, Value>) -> Option<(&str, &Value)> {
    let mut entries = map.iter();
    let (key, value) = entries.next()?;
    entries.next().is_none().then_some((key.as_str(), value))
}

fn compare_objects(
    wanted: &Map<String, Value>,
    got: &Value,
    names: &mut Names,
    at: &str,
    differences: &mut Vec<String>,
) {
    let Some(map) = got.as_object() else {
        return differences.push(format!("{at}: wants an object, is {got}"));
    };
    for (key, wanted) in wanted {
        match (map.get(key), wanted == "<absent>") {
            (None, true) => {}
            (Some(got), true) => differences.push(format!("{at}.{key}: should not be there, is {got}")),
            (None, false) => differences.push(format!("{at}.{key}: is missing")),
            (Some(got), false) => compare(wanted, got, names, &format!("{at}.{key}"), differences),
        }
    }
}

fn compare_any_order(
    wanted: &[Value],
    got: &Value,
    names: &mut Names,
    at: &str,
    differences: &mut Vec<String>,
) {
    let mut left: Vec<&Value> = got.as_array().map(|items| items.iter().collect()).unwrap_or_default();
    for pattern in wanted {
        let found = left.iter().position(|item| {
            let (mut trial, mut faults) = (names.clone(), Vec::new());
            compare(pattern, item, &mut trial, at, &mut faults);
            if faults.is_empty() {
                *names = trial;
            }
            faults.is_empty()
        });
        match found {
            Some(place) => {
                left.remove(place);
            }
            None => differences.push(format!("{at}: no item is like {pattern} in {got}")),
        }
    }
}

/// Whether a value has the form, or is the text, that a pattern's text asks for.
fn fits(pattern: &str, got: &Value, names: &Names) -> bool {
    let text = got.as_str();
    match pattern {
        "<any>" => true,
        "<time>" => text.is_some_and(is_time),
        "<etag>" => text.is_some_and(|text| !text.is_empty() && text.chars().all(is_base36)),
        "<secret>" => text.is_some_and(|text| text.len() >= 40 && text.chars().all(is_base36)),
        _ => match pattern.strip_prefix("<uuid:").and_then(|rest| rest.strip_suffix('>')) {
            Some(infix) => text.is_some_and(|text| {
                text.len() == 27
                    && text.get(5..12).is_some_and(|middle| middle == format!("-{infix}-"))
                    && text.chars().all(|letter| is_base36(letter) || letter == '-')
            }),
            None => filled(&Value::String(pattern.to_owned()), names) == *got,
        },
    }
}

/// `2031-02-03T04:05:06.000000000Z`; read by no library, for those know less dates than the server.
fn is_time(text: &str) -> bool {
    let form = "dddd-dd-ddTdd:dd:dd";
    let fits = |(wanted, letter): (char, char)| match wanted {
        'd' => letter.is_ascii_digit(),
        mark => letter == mark,
    };
    let Some((seconds, rest)) = text.split_at_checked(form.len()) else { return false };
    let fraction = rest.strip_suffix('Z').map(|rest| rest.strip_prefix('.').unwrap_or(rest));
    form.chars().zip(seconds.chars()).all(fits)
        && fraction.is_some_and(|digits| digits.chars().all(|letter| letter.is_ascii_digit()))
}

fn is_base36(letter: char) -> bool {
    letter.is_ascii_lowercase() || letter.is_ascii_digit()
}
