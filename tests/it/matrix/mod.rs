//! Every read and every write against everything that can go wrong with a server: nothing hangs, nothing
//! is claimed that is not so, no write goes out twice, no helper token is left without a word. What is so
//! is looked at as root, never with what is tested.

mod bulk;
mod cases;
mod keys;
mod reads;
mod screen;
mod writes;

use crate::world::World;
use arv_admin::demo::{Fault, Seen};
use serde_json::Value;
use std::time::Duration;

/// By the machine's clock: what is not there then will not come any more.
const HOPELESS: Duration = Duration::from_secs(60);

/// Longer than anything waits for an answer.
const LONGER_THAN_ANY_PATIENCE: Duration = Duration::from_secs(300);

/// Everything that can go wrong with one request.
const FAULTS: [Fault; 12] = [
    Fault::Latency { millis: 2 },
    Fault::Stall,
    Fault::Unauthorized,
    Fault::Forbidden,
    Fault::NotFound,
    Fault::TooManyRequests { retry_after: 2 },
    Fault::ServerError,
    Fault::Unavailable,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::TruncatedBody,
    Fault::HtmlBody,
];

/// One of each kind: for what was looked at with all of them elsewhere.
const KINDS: [Fault; 6] = [
    Fault::Stall,
    Fault::Unauthorized,
    Fault::NotFound,
    Fault::Unavailable,
    Fault::ResetAfter,
    Fault::HtmlBody,
];

/// Whether a fault is an answer that says that nothing was done.
fn refuses(fault: Fault) -> bool {
    matches!(
        fault,
        Fault::Unauthorized
            | Fault::Forbidden
            | Fault::NotFound
            | Fault::TooManyRequests { .. }
            | Fault::ServerError
            | Fault::Unavailable
    )
}

/// Does the work. When nothing is under way but requests that are never answered, time goes by.
async fn drive<T>(world: &World, fault: Fault, what: &str, work: impl Future<Output = T>) -> T {
    let clock = async {
        let mut given_up = 0;
        loop {
            tokio::task::yield_now().await;
            if fault != Fault::Stall {
                continue;
            }
            let stalled = world.demo.requests().iter().filter(|seen| seen.status.is_none()).count();
            if stalled > given_up && world.time.sleepers() == stalled - given_up {
                given_up = stalled;
                world.time.advance(LONGER_THAN_ANY_PATIENCE);
            }
        }
    };
    tokio::select! {
        biased;
        done = work => done,
        () = clock => unreachable!("the clock runs for ever"),
        () = hopeless() => panic!("{what}: hangs"),
    }
}

async fn hopeless() {
    // Nothing but this ends it, so the time-out always comes.
    let _ = tokio::time::timeout(HOPELESS, std::future::pending::<()>()).await;
}

fn is_write(seen: &Seen) -> bool {
    seen.method != "GET" && !seen.body.contains("_method=GET")
}

/// What is wrong, all of it: one fault of the program shows in many places.
#[derive(Default)]
struct Problems(Vec<String>);

impl Problems {
    fn unless(&mut self, right: bool, wrong: &str, name: &str) {
        if !right {
            self.0.push(format!("{wrong}: {name}"));
        }
    }

    fn add(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    fn assert_none(&self) {
        const FEW: usize = 5;
        let first: Vec<&str> = self.0.iter().take(FEW).map(String::as_str).collect();
        assert!(self.0.is_empty(), "{} problems, the first:\n\n{}", self.0.len(), first.join("\n\n"));
    }
}

/// What is on the server.
struct Truth {
    users: Vec<Value>,
    links: Vec<Value>,
    tokens: Vec<Value>,
    groups: Vec<Value>,
}

impl Truth {
    async fn of(world: &World) -> Self {
        let rows = async |resource: &str| {
            let list = world.ask("GET", &format!("{resource}?limit=1000"), Value::Null).await;
            list["items"].as_array().unwrap().clone()
        };
        Self {
            users: rows("users").await,
            links: rows("links").await,
            tokens: rows("api_client_authorizations").await,
            groups: rows("groups").await,
        }
    }

    fn user(&self, uuid: impl ToString) -> &Value {
        let uuid = uuid.to_string();
        self.users.iter().find(|user| user["uuid"] == uuid.as_str()).unwrap()
    }

    fn flag(&self, user: impl ToString, flag: &str) -> bool {
        self.user(user)[flag].as_bool().unwrap()
    }

    fn token(&self, uuid: impl ToString) -> Option<&Value> {
        let uuid = uuid.to_string();
        self.tokens.iter().find(|token| token["uuid"] == uuid.as_str())
    }

    fn tokens_of(&self, owner: impl ToString) -> impl Iterator<Item = &Value> {
        let owner = owner.to_string();
        self.tokens.iter().filter(move |token| token["owner_uuid"] == owner.as_str())
    }

    fn links(&self, tail: impl ToString, head: impl ToString) -> impl Iterator<Item = &Value> {
        let (tail, head) = (tail.to_string(), head.to_string());
        self.links
            .iter()
            .filter(move |link| link["tail_uuid"] == tail.as_str() && link["head_uuid"] == head.as_str())
    }

    /// The helper tokens that are there.
    fn helpers(&self) -> Vec<&str> {
        self.tokens
            .iter()
            .filter(|token| token["scopes"].to_string().contains("DELETE /arvados/v1/api_client_auth"))
            .map(|token| token["uuid"].as_str().unwrap())
            .collect()
    }
}
