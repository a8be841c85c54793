//! The forms, filled in by nobody in particular.

use super::made_up::texts;
use crate::harness::{Screen, Start};
use arv_admin::app::context::Context;
use std::cell::RefCell;

struct Desk {
    runtime: tokio::runtime::Runtime,
    screen: Screen,
}

thread_local! {
    static DESK: RefCell<Option<Desk>> = const { RefCell::new(None) };
}

fn desk() -> Desk {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let screen = runtime.block_on(Screen::start(Start { users: 20, size: (80, 24), ..Start::default() }));
    Desk { runtime, screen }
}

#[test]
fn forms() {
    let pieces = [
        "rosa",
        " ",
        ",",
        "docker",
        "never",
        "30d",
        "2027-01-31",
        "GET /",
        "shell1",
        "\t",
        "\n",
        "\u{1b}",
        "!",
        "/",
        "..",
        "é",
        "\u{202e}",
        "u1",
        "@",
    ];
    bolero::check!().with_iterations(24).for_each(|bytes| {
        DESK.with_borrow_mut(|desk_there| {
            let Desk { runtime, screen } = desk_there.get_or_insert_with(desk);
            runtime.block_on(async {
                let form = ["Grant", "Issue", "Set up", "Reassign"][bytes.len() % 4];
                screen.press(":").await;
                screen.type_text(form).await;
                screen.press("Enter").await;
                screen.settle().await;
                let [given, chosen] = texts(bytes, &pieces);
                for text in [given.clone(), chosen, given] {
                    screen.paste(&text).await;
                    screen.press("Enter Tab").await;
                }
                screen.press("Ctrl-S").await;
                screen.settle().await;
                assert!(screen.writes().is_empty(), "nothing is done unasked");
                crate::hostile::assert_harmless(&screen.text(), "a form");
                for _ in 0..10 {
                    screen.press("Esc").await;
                    screen.settle().await;
                    if screen.context() == Context::Users {
                        return;
                    }
                }
                panic!("there is no way out:\n{}", screen.text());
            });
        });
    });
}
