//! What is sent for a plan, step by step, as the dry run, the dialog's details and the journal have it: the very
//! requests that are sent, but what is known only while it is applied stands in angle brackets: `<project>`.

use super::helper_token::{AND_CHANGE, HelperNeed, delete_helper, make_helper};
pub use crate::arvados::request::{Method, Request};
use crate::model::ids::UserUuid;
use crate::ops::plan::Plan;
use std::collections::BTreeMap;

impl Plan {
    /// What is sent for each of its steps, in order. A helper token is made for all steps about one owner's
    /// tokens: it stands with the first of them, and its end with the last.
    pub fn requests(&self) -> Vec<Vec<Request>> {
        let mut requests: Vec<Vec<Request>> =
            self.steps.iter().map(|planned| planned.step.act().requests()).collect();
        let mut places: BTreeMap<UserUuid, Vec<(usize, HelperNeed)>> = BTreeMap::new();
        for (place, planned) in self.steps.iter().enumerate() {
            if let Some(need) = planned.step.act().helper() {
                places.entry(need.owner).or_default().push((place, need));
            }
        }
        for places in places.into_values() {
            let changes = places.iter().find(|(_, need)| need.scopes == AND_CHANGE);
            if let (Some((first, need)), Some((last, _))) = (places.first(), places.last()) {
                requests[*first].insert(0, make_helper(changes.map_or(need, |(_, need)| need)));
                requests[*last].push(delete_helper());
            }
        }
        requests
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ids::TokenUuid;
    use crate::model::token::Expiry;
    use crate::ops::intent::{self, Intent};
    use crate::ops::plan::Names;
    use crate::ops::step::{self, Destination, Parting, Step, Via};
    use jiff::Timestamp;

    fn rosa() -> UserUuid {
        "zzzzz-tpzed-3kz0nwtjehhl0u4".parse().expect("a user")
    }

    #[test]
    fn names_are_written_as_json_whatever_they_hold() {
        let to: UserUuid = "zzzzz-tpzed-000000000000009".parse().expect("a user");
        let step = Step::Reassign(step::ReassignStep {
            from: rosa(),
            to,
            project: Destination::New("a \"b\"".to_owned()),
            parting: Parting::Stays,
            regrant: Vec::new(),
            owned: 1,
        });
        let calls = step.requests();
        assert_eq!(
            calls[0].body.as_deref(),
            Some(
                r#"{"group":{"name":"a \"b\"","group_class":"project","owner_uuid":"zzzzz-tpzed-000000000000009"}}"#
            )
        );
        for call in &calls {
            if let Some(body) = &call.body {
                assert!(serde_json::from_str::<serde_json::Value>(body).is_ok(), "{body}");
            }
        }
    }

    #[test]
    fn a_helper_is_made_first_and_deleted_last() {
        let token: TokenUuid = "zzzzz-gj3su-077z32aux8dg2s1".parse().expect("a token");
        let calls = Step::ChangeExpiry(step::ChangeExpiryStep {
            token,
            owner: rosa(),
            expiry: Expiry::Never,
            via: Via::Helper,
        })
        .requests();
        let methods: Vec<Method> = calls.iter().map(|call| call.method).collect();
        assert_eq!(methods, [Method::Post, Method::Put, Method::Delete]);
        assert!(calls[0].body.as_deref().is_some_and(|body| body.contains("PUT /arvados/v1/")));
    }

    #[test]
    fn all_steps_about_one_owners_tokens_share_a_helper() {
        let otto: UserUuid = "zzzzz-tpzed-000000000000009".parse().expect("a user");
        let revoke = |n: usize, owner: UserUuid| {
            Step::RevokeToken(step::RevokeTokenStep {
                token: format!("zzzzz-gj3su-{n:015}").parse().expect("a token"),
                owner,
                via: Via::Helper,
            })
        };
        let steps = vec![revoke(1, rosa()), revoke(2, otto), revoke(3, rosa())];
        let intent = Intent::RevokeAllOf(intent::RevokeAllOf { users: vec![rosa()] });
        let calls = Plan::sketched(intent, steps, Names::default(), Timestamp::UNIX_EPOCH).requests();
        let shown = |calls: &[Request]| {
            let short = |call: &Request| {
                format!("{} {}", call.method, call.path.rsplit('/').next().unwrap_or_default())
            };
            calls.iter().map(short).collect::<Vec<_>>().join(", ")
        };
        assert_eq!(shown(&calls[0]), "POST api_client_authorizations, DELETE zzzzz-gj3su-000000000000001");
        assert_eq!(
            shown(&calls[1]),
            "POST api_client_authorizations, DELETE zzzzz-gj3su-000000000000002, DELETE <helper>"
        );
        assert_eq!(shown(&calls[2]), "DELETE zzzzz-gj3su-000000000000003, DELETE <helper>");
    }
}
