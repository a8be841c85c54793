//! What comes on standard input is read whole or not at all: half of a list that was done in silence is worse than
//! none of it.

use crate::program::Program;
use crate::world::World;
use serde_json::Value;

/// What a reader would stop after that reads so much at once.
const PIECE: usize = 64 << 10;

/// More than is taken.
const TOO_MUCH: usize = 9 << 20;

#[tokio::test(flavor = "multi_thread")]
async fn all_tokens_of_a_long_list_are_revoked_wherever_they_stand_in_it() {
    let world = World::empty_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    let rosa = world.user("rosa").await;
    let tokens = world.tokens(rosa, 3).await;
    let spared = world.token(rosa).await;
    // The second lies where a piece ends, the third far behind.
    let list = format!(
        "{}\n{}{}\n{}\n{}\n",
        tokens[0],
        "\n".repeat(PIECE - 40),
        tokens[1],
        "\n".repeat(3 * PIECE),
        tokens[2]
    );
    let dry = program.run_with(&["tokens", "revoke", "-", "--dry-run", "--format", "json"], &list);
    assert_eq!(dry.json()["steps"].as_array().unwrap().len(), 3, "{dry:?}");
    let revoked = program.run_with(&["tokens", "revoke", "-", "--yes"], &list);
    assert_eq!(revoked.code, 0, "{revoked:?}");
    assert_eq!(world.alive(rosa).await, [spared.uuid]);
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_done_with_a_list_that_is_too_long_and_that_is_said() {
    let world = World::empty_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    let rosa = world.user("rosa").await;
    let token = world.token(rosa).await;
    world.demo.clear_requests();
    let list = |first: &str| format!("{first}\n{}", "\n".repeat(TOO_MUCH));
    for args in [["tokens", "revoke", "-"], ["users", "deactivate", "-"], ["tokens", "revoke", "--all-of=-"]]
    {
        let first = if args[1..] == ["revoke", "-"] { token.uuid.as_str() } else { "rosa" };
        let refused = program.run_with(&[&args[..], &["--yes"]].concat(), &list(first));
        assert_eq!(refused.code, 2, "{args:?}: {refused:?}");
        assert!(refused.err.contains("longer than 8 MB: nothing was done"), "{refused:?}");
    }
    // Long, but of nothing that could be told apart from a token.
    let prose = format!("{} and {}", "words ".repeat(PIECE / 3), token.v2);
    for args in [&["tokens", "identify"][..], &["tokens", "revoke", "-", "--yes"]] {
        let refused = program.run_with(args, &prose);
        assert_eq!(refused.code, 2, "{args:?}: {refused:?}");
        assert!(refused.err.contains("longer than 64 kB"), "{refused:?}");
    }
    assert_eq!(world.writes(), []);
    let user = world.ask("GET", &format!("users/{rosa}"), Value::Null).await;
    assert_eq!(user["is_active"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_list_the_lines_are_named_that_hold_no_uuid_and_none_is_done() {
    let world = World::empty_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    let rosa = world.user("rosa").await;
    let tokens = world.tokens(rosa, 20).await;
    world.demo.clear_requests();
    let with = |wrong: &[usize]| {
        let line = |(at, token): (usize, &arv_admin::model::ids::TokenUuid)| {
            let text = token.to_string();
            // One letter was lost.
            if wrong.contains(&at) { text[1..].to_owned() } else { text }
        };
        tokens.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    };
    let expire: &[&str] = &["tokens", "expire", "-", "--at", "1d", "--yes"];
    for args in [&["tokens", "revoke", "-", "--yes"][..], expire] {
        for (wrong, said) in [
            (&[16][..], "line 17 of standard input holds no UUID of a token: nothing was done"),
            (&[0, 3, 5, 7, 9, 11, 13], "lines 1, 4, 6, 8, 10 and 2 more of standard input hold no UUID"),
        ] {
            let refused = program.run_with(args, &with(wrong));
            assert_eq!(refused.code, 2, "{args:?}: {refused:?}");
            assert!(refused.err.contains(said), "{args:?}: {refused:?}");
        }
    }
    let cut = format!("{}\n{}\n", tokens[0], &tokens[1].to_string()[1..]);
    let refused = program.run_with(&["tokens", "revoke", "-", "--yes"], &cut);
    assert_eq!(refused.code, 2, "{refused:?}");
    assert!(refused.err.contains("line 2 of standard input holds no UUID"), "{refused:?}");
    assert_eq!(world.writes(), []);
}
