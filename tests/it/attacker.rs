//! A user who means harm: acts over HTTP with a token of their own while the program works, at each request that
//! the program sends by way of a gateway. Nothing is timed: what happens when is said by the requests.

use crate::http_client;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::Response;
use futures::future::BoxFuture;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

/// When the attacker acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// The program's request has come, and the cluster does not have it yet.
    Before,
    /// The cluster has answered, and the program does not know yet.
    After,
}

/// A request of the program's.
#[derive(Debug, Clone)]
pub struct Asked {
    pub when: When,
    pub method: String,
    pub path: String,
    /// As it is sent, encoded.
    pub query: String,
    /// What it came with.
    pub token: String,
}

impl Asked {
    /// Whether a token was made just now.
    pub fn made_a_token(&self) -> bool {
        self.when == When::After && self.method == "POST" && self.path.ends_with("/api_client_authorizations")
    }
}

type Act = Arc<dyn Fn(Asked) -> BoxFuture<'static, ()> + Send + Sync>;

/// What is answered in place of the cluster, which then never hears of it.
pub type Lie = (u16, String);

type Tells = Box<dyn Fn(&Asked) -> Option<Lie> + Send + Sync>;

struct Gateway {
    cluster: String,
    http: reqwest::Client,
    act: Act,
    lie: Tells,
}

/// A gateway before this cluster, where `act` is run before and after each request.
pub fn gateway(
    cluster: &str,
    act: impl Fn(Asked) -> BoxFuture<'static, ()> + Send + Sync + 'static,
) -> SocketAddr {
    serve(cluster, Arc::new(act), Box::new(|_| None))
}

/// A gateway that answers itself, wherever `lie` has something to say.
pub fn liar(cluster: &str, lie: impl Fn(&Asked) -> Option<Lie> + Send + Sync + 'static) -> SocketAddr {
    serve(cluster, Arc::new(|_| Box::pin(async {})), Box::new(lie))
}

fn serve(cluster: &str, act: Act, lie: Tells) -> SocketAddr {
    let shared = Arc::new(Gateway { cluster: cluster.to_owned(), http: http_client(), act, lie });
    crate::gateway::serve(Router::new().fallback(pass).with_state(shared))
}

async fn pass(State(shared): State<Arc<Gateway>>, request: Request) -> Response {
    let (head, body) = crate::gateway::taken(request).await;
    let bearer = head.headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
    let asked = Asked {
        when: When::Before,
        method: head.method.to_string(),
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        token: bearer.trim_start_matches("Bearer ").to_owned(),
    };
    (shared.act)(asked.clone()).await;
    if let Some((status, body)) = (shared.lie)(&asked) {
        let answer = Response::builder().status(status).header("Content-Type", "application/json");
        return answer.body(Body::from(body)).unwrap();
    }
    let answer = crate::gateway::passed_on(&shared.http, &shared.cluster, &head, body).await;
    let status = answer.status();
    let body = answer.bytes().await.unwrap();
    (shared.act)(Asked { when: When::After, ..asked }).await;
    let answer = Response::builder().status(status).header("Content-Type", "application/json");
    answer.body(Body::from(body)).unwrap()
}

/// A user with a token, and what they do.
#[derive(Clone)]
pub struct Villain {
    api: String,
    http: reqwest::Client,
    /// The one in use.
    token: Arc<Mutex<String>>,
    moves: Arc<tokio::sync::Mutex<()>>,
    /// What is theirs, and is left alone.
    own: Arc<Mutex<BTreeSet<String>>>,
}

impl Villain {
    pub fn new(cluster: &str, token: &str) -> Self {
        let own = token.split('/').nth(1).map(str::to_owned).into_iter().collect();
        Self {
            api: format!("{cluster}/arvados/v1"),
            http: http_client(),
            token: Arc::new(Mutex::new(token.to_owned())),
            moves: Arc::default(),
            own: Arc::new(Mutex::new(own)),
        }
    }

    pub async fn ask(&self, method: &str, path: &str, body: Value) -> Option<Value> {
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let token = self.token.lock().unwrap().clone();
        let request = self.http.request(method, format!("{}/{path}", self.api)).bearer_auth(token);
        let request = match body {
            Value::Null => request,
            body => request.header("Content-Type", "application/json").body(body.to_string()),
        };
        let answer = request.send().await.unwrap();
        let good = answer.status().is_success();
        let text = answer.text().await.unwrap();
        good.then(|| serde_json::from_str(&text).unwrap())
    }

    /// Whether the own token is still taken.
    pub async fn is_in(&self) -> bool {
        self.ask("GET", "api_client_authorizations/current", Value::Null).await.is_some()
    }

    /// Makes a token, and how it is called.
    pub async fn make(&self) -> Option<String> {
        let made = self.ask("POST", "api_client_authorizations", json!({})).await?;
        Some(made["uuid"].as_str().unwrap().to_owned())
    }

    /// Makes a token with the one in use, goes on with it, and deletes that one: whoever listed it comes too late.
    pub async fn move_on(&self) {
        let _one_at_a_time = self.moves.lock().await;
        let Some(made) = self.ask("POST", "api_client_authorizations", json!({})).await else { return };
        let text = |name: &str| made[name].as_str().unwrap().to_owned();
        let next = format!("v2/{}/{}", text("uuid"), text("api_token"));
        let old = std::mem::replace(&mut *self.token.lock().unwrap(), next);
        self.own.lock().unwrap().insert(text("uuid"));
        self.delete(old.split('/').nth(1).unwrap()).await;
    }

    pub async fn delete(&self, token: &str) {
        self.ask("DELETE", &format!("api_client_authorizations/{token}"), Value::Null).await;
    }

    /// Takes what there is now for the own.
    pub async fn know(&self) {
        let own = self.list().await;
        self.own.lock().unwrap().extend(own);
    }

    async fn list(&self) -> Vec<String> {
        let listed = self.ask("GET", "api_client_authorizations?limit=1000", Value::Null).await;
        let rows = listed.and_then(|listed| listed["items"].as_array().cloned()).unwrap_or_default();
        rows.iter().map(|row| row["uuid"].as_str().unwrap().to_owned()).collect()
    }

    /// Deletes every token that is not the own: helpers.
    pub async fn delete_strangers(&self) {
        for token in self.list().await {
            if !self.own.lock().unwrap().contains(&token) {
                self.delete(&token).await;
            }
        }
    }

    /// Writes a record into the audit log.
    pub async fn log(&self, record: Value) {
        let written = self.ask("POST", "logs", json!({ "log": record })).await;
        assert!(written.is_some(), "any user may write to the log");
    }
}
