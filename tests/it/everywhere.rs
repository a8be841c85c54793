//! The program in every place in which it takes keys.

use crate::harness::{Screen, Start};
use arv_admin::app::context::Context;
use arv_admin::demo::{Fault, Rule};
use std::time::Duration;

/// All places but the start page, which has its own test.
pub const PLACES: [Context; 16] = [
    Context::Users,
    Context::Tokens,
    Context::Logins,
    Context::Filter,
    Context::Palette,
    Context::Choice,
    Context::Reading,
    Context::VmLogins,
    Context::Question,
    Context::TypedQuestion,
    Context::Form,
    Context::Working,
    Context::Report,
    Context::FindToken,
    Context::FoundToken,
    Context::NewToken,
];

/// The program in one of them.
pub async fn at(place: Context) -> Screen {
    let mut screen = Screen::start(Start { users: 25, ..Start::default() }).await;
    match place {
        Context::Users => {}
        Context::Tokens => screen.press("Enter").await,
        Context::Logins => screen.press("2").await,
        Context::Filter => screen.press("/").await,
        Context::Palette => screen.press(":").await,
        Context::Choice => screen.press("x").await,
        Context::Reading => screen.press("?").await,
        Context::VmLogins => {
            screen.press("v").await;
            screen.settle().await;
            screen.press("Enter").await;
        }
        Context::Question => command(&mut screen, "rosa.delgado", "deactivate").await,
        Context::TypedQuestion => command(&mut screen, "rosa.delgado", "revoke all").await,
        Context::Form => command(&mut screen, "rosa.delgado", "grant").await,
        Context::Working => {
            screen.demo.faults().add(Rule::new("*", Fault::Stall).method("DELETE"));
            command(&mut screen, "batch-runner", "revoke all").await;
            let name = screen.world().current_user().unwrap().confirm_name().to_owned();
            screen.type_text(&name).await;
            screen.press("Enter").await;
            // As many as are sent at once: after them it stands still.
            while screen.demo.requests().iter().filter(|seen| seen.method == "DELETE").count() < 4 {
                screen.pause().await;
            }
        }
        Context::Report => {
            command(&mut screen, "rosa.delgado", "suspend").await;
            screen.demo.faults().add(Rule::new("*", Fault::Forbidden).method("DELETE"));
            screen.press("y").await;
        }
        Context::FindToken => screen.press("f").await,
        Context::FoundToken => {
            screen.press("f").await;
            screen.paste("zzzzz-gj3su-077z32aux8dg2s1").await;
            screen.press("Enter").await;
        }
        Context::NewToken => {
            command(&mut screen, "rosa.delgado", "issue a token").await;
            screen.press("Ctrl-S").await;
            screen.settle().await;
            screen.advance(Duration::from_secs(1)).await;
            screen.press("y").await;
        }
        Context::Always | Context::Panes | Context::Rows | Context::Records | Context::Start => {
            panic!("nobody is at {place:?}")
        }
    }
    if place != Context::Working {
        screen.settle().await;
        // What has come up can be answered, and closed.
        screen.advance(Duration::from_secs(1)).await;
    }
    assert_eq!(screen.context(), place, "{}", screen.text());
    screen
}

async fn command(screen: &mut Screen, user: &str, command: &str) {
    screen.press("/").await;
    screen.type_text(user).await;
    screen.press("Enter :").await;
    screen.type_text(command).await;
    screen.press("Enter").await;
    screen.settle().await;
    screen.advance(Duration::from_secs(1)).await;
}
