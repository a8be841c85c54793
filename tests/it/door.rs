//! The demo cluster's front door as a plain HTTP client sees it, for tests of the cluster itself.

use arv_admin::demo::{self, Contents, Demo, Options, Time};
use serde_json::{Value, json};

/// An empty demo cluster with one admin, and a client of it.
pub struct Door {
    pub demo: Demo,
    client: reqwest::Client,
    /// A token of the admin.
    pub admin: String,
    pub admin_uuid: String,
}

/// A user and a token of it.
pub struct Person {
    pub uuid: String,
    pub token: String,
    pub token_uuid: String,
}

/// What a request was answered.
pub type Answered = (u16, Value);

impl Door {
    pub async fn open() -> Self {
        let time = Time::From("2026-03-01T10:00:00Z".parse().unwrap());
        let options = Options { contents: Contents::Empty, time, ..Options::default() };
        let demo = demo::start(options).await.unwrap();
        let client = crate::http_client();
        let mut door = Self { demo, client, admin: String::new(), admin_uuid: String::new() };
        let root = door.root();
        let user = json!({"user": {"email": "ada@x.example", "is_active": true, "is_admin": true}});
        let (_, admin) = door.post(&root, "users", user).await;
        door.admin_uuid = text(&admin["uuid"]);
        door.admin = door.token_of(&root, &door.admin_uuid, json!({})).await.0;
        door
    }

    /// A client of a demo cluster that has its own people.
    pub fn of(demo: Demo) -> Self {
        let admin = demo.admin_token().to_owned();
        Self { demo, client: crate::http_client(), admin, admin_uuid: String::new() }
    }

    pub fn root(&self) -> String {
        self.demo.root_token().to_owned()
    }

    /// Makes a user; `attributes` besides the e-mail.
    pub async fn person(&self, name: &str, mut attributes: Value) -> Person {
        attributes["email"] = format!("{name}@x.example").into();
        let (status, user) = self.post(&self.admin, "users", json!({ "user": attributes })).await;
        assert_eq!(status, 200, "{user}");
        let uuid = text(&user["uuid"]);
        let (token, token_uuid) = self.token_of(&self.admin, &uuid, json!({})).await;
        Person { uuid, token, token_uuid }
    }

    pub async fn active(&self, name: &str) -> Person {
        self.person(name, json!({"is_active": true})).await
    }

    /// Issues a token; gives its v2 form and its UUID.
    pub async fn token_of(&self, issuer: &str, owner: &str, mut attributes: Value) -> (String, String) {
        attributes["owner_uuid"] = owner.into();
        let body = json!({ "api_client_authorization": attributes });
        let (status, token) = self.post(issuer, "api_client_authorizations", body).await;
        assert_eq!(status, 200, "{token}");
        let uuid = text(&token["uuid"]);
        (format!("v2/{uuid}/{}", text(&token["api_token"])), uuid)
    }

    pub async fn machine(&self, hostname: &str) -> String {
        let body = json!({"virtual_machine": {"hostname": hostname}});
        text(&self.post(&self.admin, "virtual_machines", body).await.1["uuid"])
    }

    pub async fn group(&self, class: &str, name: &str, owner: &str) -> String {
        let body = json!({"group": {"group_class": class, "name": name, "owner_uuid": owner}});
        let (status, group) = self.post(&self.admin, "groups", body).await;
        assert_eq!(status, 200, "{group}");
        text(&group["uuid"])
    }

    pub async fn permit(&self, tail: &str, name: &str, head: &str) -> String {
        let body =
            json!({"link": {"link_class": "permission", "tail_uuid": tail, "name": name, "head_uuid": head}});
        let (status, link) = self.post(&self.admin, "links", body).await;
        assert_eq!(status, 200, "{link}");
        text(&link["uuid"])
    }

    pub async fn get(&self, token: &str, path: &str) -> Answered {
        self.ask(token, "GET", path, &[], None).await
    }

    /// A list with parameters that are written as JSON.
    pub async fn list(&self, token: &str, path: &str, query: &[(&str, Value)]) -> Answered {
        self.ask(token, "GET", path, query, None).await
    }

    pub async fn post(&self, token: &str, path: &str, body: Value) -> Answered {
        self.ask(token, "POST", path, &[], Some(body)).await
    }

    pub async fn patch(&self, token: &str, path: &str, body: Value) -> Answered {
        self.ask(token, "PATCH", path, &[], Some(body)).await
    }

    pub async fn delete(&self, token: &str, path: &str) -> Answered {
        self.ask(token, "DELETE", path, &[], None).await
    }

    pub async fn ask(
        &self,
        token: &str,
        method: &str,
        path: &str,
        query: &[(&str, Value)],
        body: Option<Value>,
    ) -> Answered {
        let answer = self.request(token, method, path, query, body).send().await.unwrap();
        let status = answer.status().as_u16();
        let text = answer.text().await.unwrap();
        (status, serde_json::from_str(&text).unwrap_or(Value::String(text)))
    }

    pub fn request(
        &self,
        token: &str,
        method: &str,
        path: &str,
        query: &[(&str, Value)],
        body: Option<Value>,
    ) -> reqwest::RequestBuilder {
        let query: Vec<(&str, String)> = query.iter().map(|(name, value)| (*name, text(value))).collect();
        let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
        let request = self
            .client
            .request(method, format!("{}/arvados/v1/{path}", self.demo.url()))
            .header("Authorization", format!("Bearer {token}"))
            .query(&query);
        match body {
            Some(body) => request.header("Content-Type", "application/json").body(body.to_string()),
            None => request,
        }
    }
}

/// A text as it is, anything else as JSON.
pub fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// One column of a list's rows.
pub fn column(list: &Value, name: &str) -> Vec<String> {
    list["items"]
        .as_array()
        .map(|items| items.iter().map(|item| text(&item[name])).collect())
        .unwrap_or_default()
}

/// The texts of an error, in one.
pub fn errors(answer: &Value) -> String {
    answer["errors"]
        .as_array()
        .map(|texts| texts.iter().map(text).collect::<Vec<_>>().join(" "))
        .unwrap_or_default()
}
