//! Refusals: what the server says when it does not do what was asked, and in which words.

use super::cell::Front;
use serde_json::{Value, json};

/// A request that was not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub status: u16,
    messages: Vec<String>,
    /// Who refused: the texts of the Rails API get a prefix when the controller passes them on (v21).
    from: Front,
}

impl Failure {
    fn rails(status: u16, message: impl Into<String>) -> Self {
        Self { status, messages: vec![message.into()], from: Front::Rails }
    }

    /// Refused by the controller before the Rails API was asked.
    pub fn controller(status: u16, message: impl Into<String>) -> Self {
        Self { status, messages: vec![message.into()], from: Front::Controller }
    }

    pub fn not_logged_in() -> Self {
        Self::rails(401, "Not logged in")
    }

    /// Refused before the request was looked at: no admin, or a scope that does not allow it.
    pub fn forbidden() -> Self {
        Self::rails(403, "Forbidden")
    }

    pub fn denied() -> Self {
        Self::rails(403, "#<ArvadosModel::PermissionDeniedError: ArvadosModel::PermissionDeniedError>")
    }

    /// Denied with a text of its own.
    pub fn denied_because(reason: &str) -> Self {
        Self::rails(403, format!("#<ArvadosModel::PermissionDeniedError: {reason}>"))
    }

    pub fn not_found() -> Self {
        Self::rails(404, "Path not found")
    }

    /// A rule of the record was not kept: the text a person reads.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::rails(422, message)
    }

    /// Several rules were not kept.
    pub fn all_invalid(messages: Vec<String>) -> Self {
        Self { status: 422, messages, from: Front::Rails }
    }

    /// An argument the server could not use.
    pub fn argument(message: &str) -> Self {
        Self::rails(422, format!("#<ArgumentError: {message}>"))
    }

    /// Any other exception there.
    pub fn runtime(message: &str) -> Self {
        Self::rails(422, format!("#<RuntimeError: {message}>"))
    }

    /// An exception of that class.
    pub fn exception(class: &str, message: &str) -> Self {
        Self::rails(422, format!("#<{class}: {message}>"))
    }

    /// A refusal with a status of its own and a plain text.
    pub fn plain(status: u16, message: impl Into<String>) -> Self {
        Self::rails(status, message)
    }

    /// A name, UUID or username that something else has already (api.md v28).
    pub fn duplicate(index: &str, detail: &str) -> Self {
        Self::rails(
            422,
            format!(
                "#<ActiveRecord::RecordNotUnique: PG::UniqueViolation: ERROR:  duplicate key value violates \
                 unique constraint \"{index}\"\nDETAIL:  {detail}\n>"
            ),
        )
    }

    pub fn no_endpoint() -> Self {
        Self::controller(405, "API endpoint not found")
    }

    /// The body of the answer, as `front` gives it for the request of `path` (with its query).
    pub fn body(&self, front: Front, path: &str, request_id: &str, token: &str) -> Value {
        match (self.from, front) {
            (Front::Controller, _) => json!({ "errors": self.messages }),
            (Front::Rails, Front::Rails) => {
                let errors: Vec<String> =
                    self.messages.iter().map(|message| format!("{message} ({request_id})")).collect();
                json!({ "errors": errors, "error_token": token })
            }
            (Front::Rails, Front::Controller) => {
                let texts: Vec<String> =
                    self.messages.iter().map(|message| format!("{message} ({request_id})")).collect();
                let reason = reason(self.status);
                let status = self.status;
                json!({ "errors": [format!("//railsapi.internal{path}: {status} {reason}: {}", texts.join("; "))] })
            }
        }
    }
}

fn reason(status: u16) -> &'static str {
    axum::http::StatusCode::from_u16(status)
        .ok()
        .and_then(|status| status.canonical_reason())
        .unwrap_or("Unknown")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_controller_prefixes_what_the_rails_api_said_and_leaves_out_its_token() {
        let failure = Failure::not_found();
        let behind = failure.body(Front::Controller, "/arvados/v1/users/x", "req-1", "1+0");
        assert_eq!(
            behind,
            json!({"errors": ["//railsapi.internal/arvados/v1/users/x: 404 Not Found: Path not found (req-1)"]})
        );
        let direct = failure.body(Front::Rails, "/arvados/v1/logs/x", "req-1", "1+0");
        assert_eq!(direct, json!({"errors": ["Path not found (req-1)"], "error_token": "1+0"}));
    }
}
