//! Faults on demand: rules that make the demo cluster slow, refuse, break off or answer nonsense, for
//! the tests of what a client makes of it. They are set in code or read from a JSON script.

use serde::Deserialize;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// The answer comes, but late.
    Latency { millis: u64 },
    /// No answer ever comes; the request is not taken.
    Stall,
    /// 401, as for a dead token.
    Unauthorized,
    /// 403
    Forbidden,
    /// 404
    NotFound,
    /// 429 with `Retry-After`, in seconds.
    TooManyRequests { retry_after: u64 },
    /// 500
    ServerError,
    /// 503 with an empty body, as from a full queue.
    Unavailable,
    /// The connection is reset, and nothing was done.
    ResetBefore,
    /// What was asked is done, then the connection is reset.
    ResetAfter,
    /// What was asked is done; the answer breaks off in its middle.
    TruncatedBody,
    /// A web server's page in place of JSON; nothing was done.
    HtmlBody,
    /// The answer says that it was done, and nothing was.
    Pretence,
}

/// When something goes wrong.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// `GET`, `POST`, …, as sent; any if left out.
    #[serde(default)]
    pub method: Option<String>,
    /// The path without its query; `*` stands for any part of it.
    pub path: String,
    /// The first fitting request to be hit, counted from 1.
    #[serde(default = "one")]
    pub nth: u32,
    /// How many requests are hit; all from the first on if left out.
    #[serde(default)]
    pub times: Option<u32>,
    pub fault: Fault,
}

const fn one() -> u32 {
    1
}

impl Rule {
    /// Hits every request of that path.
    pub fn new(path: impl Into<String>, fault: Fault) -> Self {
        Self { method: None, path: path.into(), nth: 1, times: None, fault }
    }

    /// The same for one method only.
    #[must_use]
    pub fn method(mut self, method: &str) -> Self {
        self.method = Some(method.to_owned());
        self
    }

    /// The same from the `nth` fitting request on.
    #[must_use]
    pub fn from_nth(mut self, nth: u32) -> Self {
        self.nth = nth;
        self
    }

    /// The same for so many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    fn fits(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && matches(&self.path, path)
    }

    fn hits(&self, count: u32) -> bool {
        count >= self.nth && self.times.is_none_or(|times| count - self.nth < times)
    }
}

/// A name for a rule that is in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleId(u64);

/// The rules in force; they can be changed while the cluster runs.
#[derive(Debug, Default)]
pub struct Faults {
    rules: Mutex<Rules>,
}

#[derive(Debug, Default)]
struct Rules {
    next: u64,
    list: Vec<(RuleId, Rule, u32)>,
}

/// What is to go wrong with one request.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Trouble {
    pub latency: Duration,
    pub fault: Option<Fault>,
}

impl Faults {
    /// Reads a script: a JSON list of rules.
    pub fn from_json(text: &str) -> Result<Vec<Rule>, serde_json::Error> {
        serde_json::from_str(text)
    }

    /// Puts a rule in force.
    pub fn add(&self, rule: Rule) -> RuleId {
        let mut rules = self.lock();
        rules.next += 1;
        let id = RuleId(rules.next);
        rules.list.push((id, rule, 0));
        id
    }

    /// Puts several rules in force.
    pub fn add_all(&self, rules: impl IntoIterator<Item = Rule>) {
        for rule in rules {
            self.add(rule);
        }
    }

    /// Lifts a rule.
    pub fn remove(&self, id: RuleId) {
        self.lock().list.retain(|(known, ..)| *known != id);
    }

    /// Lifts all rules.
    pub fn clear(&self) {
        self.lock().list.clear();
    }

    /// Counts a request and says what is to go wrong with it: the delays of all rules that hit it, and the
    /// fault of the first that is no delay.
    pub fn trouble(&self, method: &str, path: &str) -> Trouble {
        let mut trouble = Trouble::default();
        for (_, rule, count) in &mut self.lock().list {
            if !rule.fits(method, path) {
                continue;
            }
            *count += 1;
            if !rule.hits(*count) {
                continue;
            }
            match rule.fault {
                Fault::Latency { millis } => trouble.latency += Duration::from_millis(millis),
                fault if trouble.fault.is_none() => trouble.fault = Some(fault),
                _ => {}
            }
        }
        trouble
    }

    fn lock(&self) -> MutexGuard<'_, Rules> {
        self.rules.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Waits as long as a late answer is late.
pub async fn wait(latency: Duration) {
    if !latency.is_zero() {
        #[expect(clippy::disallowed_methods, reason = "a late answer is late by the machine's clock")]
        tokio::time::sleep(latency).await;
    }
}

/// Whether `text` is `pattern`, in which `*` stands for anything.
fn matches(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = text.strip_prefix(first) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let Some(last) = parts.pop() else { return rest.is_empty() };
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_any_part_of_a_path() {
        assert!(matches("/users", "/users") && !matches("/users", "/users/x"));
        assert!(matches("/users/*", "/users/x") && matches("*/users/*/unsetup", "/a/users/x/unsetup"));
        assert!(!matches("/users/*/unsetup", "/users/unsetup") && matches("*", ""));
    }

    #[test]
    fn a_rule_hits_the_requests_it_counts() {
        let faults = Faults::default();
        faults.add(Rule::new("/users*", Fault::ServerError).method("get").from_nth(2).times(1));
        let hit = |method: &str| faults.trouble(method, "/users/x").fault.is_some();
        assert_eq!([hit("GET"), hit("POST"), hit("GET"), hit("GET")], [false, false, true, false]);
    }

    #[test]
    fn a_script_is_a_list_of_rules_and_nothing_unknown() {
        let rules = Faults::from_json(
            r#"[{"method":"POST","path":"/arvados/v1/links","times":1,"fault":{"kind":"reset_after"}},
                {"path":"*","fault":{"kind":"too_many_requests","retry_after":2}}]"#,
        )
        .unwrap();
        assert_eq!(rules[1], Rule::new("*", Fault::TooManyRequests { retry_after: 2 }));
        assert!(Faults::from_json(r#"[{"path":"*","fault":{"kind":"explode"}}]"#).is_err());
    }
}
