//! The whole program under a child's hands, on a bad line: any key of the table, any fault, any size. It never
//! panics, and ends as what is there.

use super::FAULTS;
use crate::harness::{Screen, Start};
use arv_admin::app::action::Action;
use arv_admin::app::context::Context;
use arv_admin::app::users::Load;
use arv_admin::arvados::client::{Client, Connection};
use arv_admin::demo::Rule;
use arv_admin::ops::Mode;
use arv_admin::ops::cluster::Cluster;
use arv_admin::ops::read::{Outcome, Read};
use arv_admin::secret::Secret;
use arv_admin::tui::keymap::{self, Key};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;

/// Where things go wrong.
const PATHS: [&str; 6] =
    ["*", "*/users*", "*/api_client_authorizations*", "*/logs", "*/links*", "*/users/*/unsetup"];

const SIZES: [(u16, u16); 6] = [(120, 20), (80, 24), (60, 16), (100, 12), (5, 3), (119, 15)];

const TEXTS: [&str; 5] = ["a", "!is:active", "2", "docker", "zz"];

/// What ends the program, or leaves it.
const ENDS: [Action; 5] =
    [Action::Quit, Action::Interrupt, Action::Background, Action::OpenDemo, Action::SendToken];

#[derive(Debug, Clone)]
enum Event {
    /// A key that means something where the keyboard is.
    Key(u8),
    /// What opens and confirms things.
    Do(&'static str),
    Type(u8),
    Fault(u8, u8),
    Well,
    Resize(u8),
    Pause(u16),
    Settle,
}

fn any_event() -> impl Strategy<Value = Event> {
    let often = prop::sample::select(vec![
        "Space", "Enter", "y", "Esc", "j", "D", "r", "Tab", "m", "Ctrl-S", "End", "G",
    ]);
    prop_oneof![
        6 => any::<u8>().prop_map(Event::Key),
        4 => often.prop_map(Event::Do),
        1 => any::<u8>().prop_map(Event::Type),
        2 => (any::<u8>(), any::<u8>()).prop_map(|(fault, path)| Event::Fault(fault, path)),
        1 => Just(Event::Well),
        1 => any::<u8>().prop_map(Event::Resize),
        2 => (0_u16..3_000).prop_map(Event::Pause),
        2 => Just(Event::Settle),
    ]
}

fn nth<T: Copy>(list: &[T], n: u8) -> T {
    list[usize::from(n) % list.len()]
}

async fn happen(screen: &mut Screen, event: &Event) {
    match event {
        Event::Key(n) => {
            let here = screen.context();
            let keys: Vec<Key> = keymap::bindings(here)
                .filter(|binding| !ENDS.contains(&binding.action))
                .flat_map(|binding| binding.keys.iter().copied())
                .filter(|key| keymap::action(here, *key).is_none_or(|action| !ENDS.contains(&action)))
                .collect();
            screen.key(nth(&keys, *n)).await;
        }
        Event::Do(key) => screen.press(key).await,
        Event::Type(n) => screen.paste(nth(&TEXTS, *n)).await,
        Event::Fault(fault, path) => {
            screen.demo.faults().add(Rule::new(nth(&PATHS, *path), nth(&FAULTS, *fault)));
        }
        Event::Well => screen.demo.faults().clear(),
        Event::Resize(n) => {
            let (width, height) = nth(&SIZES, *n);
            screen.resize(width, height).await;
        }
        Event::Pause(millis) => screen.advance_only(Duration::from_millis(u64::from(*millis))).await,
        Event::Settle => {
            for _ in 0..20 {
                screen.pause().await;
            }
        }
    }
}

/// A fresh read, with the same token.
async fn fresh(screen: &Screen) -> Cluster {
    let connection = Connection::on_loopback(
        screen.demo.addr().to_string(),
        Secret::new(screen.demo.admin_token().to_owned()),
    );
    let client = Client::new(&connection, screen.time.timer()).unwrap();
    Cluster::connect(client, screen.demo.addr().to_string(), Mode::ReadOnly).await.unwrap()
}

async fn play(count: usize, events: Vec<Event>) {
    let mut screen = Screen::open(Start { size: (120, 20), users: count, ..Start::default() }).await;
    for event in &events {
        happen(&mut screen, event).await;
        assert!(screen.left().is_none(), "no key that was pressed ends it: {events:?}");
    }
    // The server is well again, everything is closed and read again.
    screen.demo.faults().clear();
    screen.resize(120, 16).await;
    screen.wear_out().await;
    for _ in 0..12 {
        screen.advance_only(Duration::from_secs(3)).await;
        screen.press("Esc").await;
        if screen.context() == Context::Users && screen.state().overlays.is_empty() {
            break;
        }
    }
    screen.wear_out().await;
    // If it is not known yet who is asking, that is asked first.
    for _ in 0..2 {
        screen.advance_only(Duration::from_secs(31)).await;
        screen.press("r").await;
        screen.wear_out().await;
    }
    let cluster = fresh(&screen).await;
    assert!(screen.state().overlays.is_empty(), "{:?}\n{}", events, screen.text());
    let state = screen.state();
    assert_eq!(state.world.users.load(), Load::Whole, "{events:?}");
    let there: BTreeMap<String, (bool, bool, String)> = screen.demo.with_store(|store| {
        let user = |user: &arv_admin::demo::record::User| {
            (
                user.common.uuid.to_string(),
                (user.is_active, user.is_admin, user.email.clone().unwrap_or_default()),
            )
        };
        store.users.iter().map(|row| user(row)).collect()
    });
    let shown: BTreeMap<String, (bool, bool, String)> = state
        .world
        .users
        .everyone()
        .map(|user| (user.uuid.to_string(), (user.is_active(), user.is_admin(), user.email.to_string())))
        .collect();
    assert_eq!(shown, there, "{events:?}");
    let details = state.world.details.current().unwrap();
    let read = async |read: Read| Box::pin(read.run(&cluster)).await.unwrap();
    let Outcome::Summary(summary) = read(Read::Summary(details.user)).await else { panic!("no summary") };
    assert_eq!(details.summary.value(), Some(&*summary), "{events:?}");
    let Outcome::Tokens(tokens) = read(Read::Tokens(details.user)).await else { panic!("no tokens") };
    assert_eq!(details.tokens.value(), Some(&tokens), "{events:?}");
    let Outcome::Logins(logins) = read(Read::Logins(details.user)).await else { panic!("no logins") };
    assert_eq!(details.logins.value(), Some(&logins), "{events:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, max_shrink_iters: 100, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_pressed_on_whatever_line_it_ends_as_what_is_there(
        events in prop::collection::vec(any_event(), 0..28),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(Box::pin(play(20, events)));
    }
}
