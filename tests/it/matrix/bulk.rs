//! Many targets at once on a server in trouble: a token that ends stops everything after the first, a busy
//! server gets half as many requests.

use super::{Truth, is_write};
use crate::world::{World, carry_out};
use arv_admin::demo::{Fault, Rule};
use arv_admin::model::ids::UserUuid;
use arv_admin::model::user::UserRole;
use arv_admin::ops::intent::Intent;
use arv_admin::ops::report::{Ended, ItemResult};
use arv_admin::ops::step::Target;
use serde_json::json;

async fn crowd(world: &World) -> Vec<UserUuid> {
    let mut users = Vec::new();
    for n in 0..12 {
        users.push(world.user(&format!("user{n}")).await);
    }
    users
}

#[tokio::test]
async fn a_401_in_the_middle_stops_it_after_the_first() {
    for nth in 1..=8 {
        let world = World::empty().await;
        let admin = world.admin().await;
        let users = crowd(&world).await;
        for intent in [
            Intent::SetRole { users: users.clone(), role: UserRole::Admin },
            Intent::Deactivate { users: users.clone() },
        ] {
            world.demo.clear_requests();
            for method in ["PATCH", "POST"] {
                world.demo.faults().add(Rule::new("*", Fault::Unauthorized).method(method).from_nth(nth));
            }
            let report = carry_out(&admin, intent).await;
            world.demo.faults().clear();
            assert!(matches!(report.ended, Ended::GaveUp(_)), "{report:?}");
            let seen = world.demo.requests();
            let first = seen.iter().position(|r| is_write(r) && r.status == Some(401)).unwrap();
            // What was on its way at that moment had been sent already.
            let after = seen[first + 1..].iter().filter(|r| is_write(r)).count();
            assert!(after <= 3, "{after} writes after the first 401 at {nth}");
            let not_started =
                report.items.iter().filter(|item| item.result == ItemResult::NotStarted).count();
            assert!(not_started >= 12 - 4 - nth as usize, "{report:?}");
            let truth = Truth::of(&world).await;
            for item in &report.items {
                let Target::User(user) = item.target else { panic!("{item:?}") };
                let is_done = match report.intent {
                    Intent::Deactivate { .. } => !truth.flag(user, "is_active"),
                    _ => truth.flag(user, "is_admin"),
                };
                assert_eq!(is_done, item.result == ItemResult::Done, "{item:?}");
            }
            for user in &users {
                let user_flags = json!({ "user": { "is_active": true, "is_admin": false } });
                world.ask("PATCH", &format!("users/{user}"), user_flags).await;
            }
        }
    }
}
