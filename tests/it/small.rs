//! Small things that an administrator sees on the way: exit codes, questions, requests.

use crate::program::{Program, institute};
use crate::pty::{self, PROGRAM};
use crate::world::World;
use std::process::{Command, Stdio};
use termlens::Key;

#[cfg(target_os = "linux")]
#[test]
fn help_that_can_not_be_written_is_a_failure() {
    for args in [&["--help"][..], &["--version"], &["users", "list", "--help"], &["keys"]] {
        let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
        let ran = Command::new(PROGRAM).args(args).stdout(full).stderr(Stdio::piped()).output().unwrap();
        let said = String::from_utf8(ran.stderr).unwrap();
        assert_eq!(ran.status.code(), Some(1), "{args:?}: {said}");
        assert!(said.contains("can't be written"), "{args:?}: {said}");
    }
}

#[test]
fn a_secret_given_in_place_of_a_number_is_not_repeated() {
    for short in ["hunter2", "3kg6k6lzmp9kj5cpkcoxie963cmvjahbt2fod9"] {
        for args in [
            vec![format!("--demo-users={short}")],
            vec!["--demo-users".to_owned(), short.to_owned()],
            vec!["demo-server".to_owned(), format!("--users={short}")],
        ] {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let refused = Program::unconfigured().run(&args);
            assert_eq!(refused.code, 2, "{refused:?}");
            assert!(!refused.err.contains(&short[..7]), "{args:?}: {refused:?}");
            assert!(refused.err.contains("invalid value (not repeated) for '--"), "{args:?}: {refused:?}");
        }
    }
    let refused = Program::unconfigured().run(&["--demo-users=100001"]);
    assert!(refused.err.contains("'100001'"), "a number may be said again: {refused:?}");
    let secret = "3kg6k6lzmp9kj5cpkcoxie963cmvjahbt2fod9zru30k1jqdmi";
    for text in [secret.to_owned(), format!("v2/zzzzz-gj3su-0123456789abcde/{secret}")] {
        for args in [
            vec![format!("--demo-users={text}")],
            vec!["--demo-users".to_owned(), text.clone()],
            vec![format!("--{text}")],
            vec![format!("--demo={text}")],
            vec!["users".to_owned(), format!("--cluster={text}"), "list".to_owned()],
        ] {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            let refused = Program::unconfigured().run(&args);
            assert_eq!(refused.code, 2, "{refused:?}");
            for part in [&secret[..12], &secret[20..32], &secret[38..]] {
                assert!(!refused.err.contains(part), "{args:?}: {refused:?}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_short_list_of_users_is_not_asked_for_an_empty_page() {
    // More are read side by side, each part to its empty page.
    for (people, pages) in [(250, 1), (1_500, 2)] {
        let world = World::institute_of(people).await;
        let program = Program::new(&world.demo.url(), world.demo.admin_token());
        world.demo.clear_requests();
        let listed = program.run(&["users", "list", "--format", "jsonl"]);
        assert_eq!(listed.code, 0, "{listed:?}");
        let lists = world.demo.requests().iter().filter(|seen| seen.path.ends_with("/users")).count();
        assert_eq!((listed.out.lines().count(), lists), (people + 2, pages), "{people}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_may_come_on_standard_input_while_the_answer_comes_from_the_terminal() {
    let (world, _) = institute().await;
    let nina = world.user("nina").await;
    let token = world.token(nina).await;
    let home = tempfile::tempdir().unwrap();
    let ask = |command: String| {
        pty::admin(&world, (120, 40), home.path()).args(["-c", &command]).spawn("/bin/sh").unwrap()
    };
    let command = |text: &str| format!("printf '%s\\n' {text} | '{PROGRAM}' tokens revoke -");
    let mut no = ask(command(token.uuid.as_str()));
    no.wait_until(|screen| screen.contains("Do it? [y/N]")).unwrap();
    no.send_str("n\r").unwrap();
    no.wait_until(|screen| screen.contains("not confirmed")).unwrap();
    assert_eq!(no.wait_exit().unwrap().code(), Some(2));
    let mut yes = ask(command(&token.v2));
    yes.wait_until(|screen| screen.contains("Do it? [y/N]")).unwrap();
    yes.send_str("y").unwrap();
    yes.send(Key::Enter).unwrap();
    assert_eq!(yes.wait_exit().unwrap().code(), Some(0));
    assert!(!world.all_alive().await.iter().any(|(alive, _)| *alive == token.uuid));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_wrapped_over_two_lines_can_be_pasted_at_the_prompt_and_is_not_shown() {
    let (world, _) = institute().await;
    let token = world.token(world.user("nina").await).await;
    let home = tempfile::tempdir().unwrap();
    let mut terminal = pty::admin(&world, (120, 40), home.path())
        .args(["-c", &format!("'{PROGRAM}' tokens identify; echo over")])
        .spawn("/bin/sh")
        .unwrap();
    terminal.wait_until(|screen| screen.contains("not shown")).unwrap();
    terminal.send_str(&format!("Bearer {}\r{}\rthanks\r", &token.v2[..50], &token.v2[50..])).unwrap();
    terminal.wait_until(|screen| screen.contains("over")).unwrap();
    let screen = terminal.screen();
    assert!(screen.contains(token.uuid.as_str()) && screen.contains("alive"), "{}", screen.text());
    assert!(
        !screen.contains(&token.secret[..10]) && !screen.contains(&token.v2[50..60]),
        "{}",
        screen.text()
    );
    assert!(!screen.contains("thanks"), "{}", screen.text());
}
