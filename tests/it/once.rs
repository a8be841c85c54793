//! What changes something is sent once, and what a server answers to it is not simply believed.

use crate::program::Program;
use crate::tls::certificate;
use crate::two_faced::{Dealing, TwoFaced};
use crate::world::World;

/// A cluster behind a server that is not fair, the program of an admin there, and that server.
async fn office() -> (World, Program, TwoFaced) {
    let world = World::empty_today().await;
    let server = TwoFaced::before(world.demo.addr());
    let admin = world.an_admin().await;
    let program = program_of(&server, &world.token(admin).await.v2);
    (world, program, server)
}

fn program_of(server: &TwoFaced, token: &str) -> Program {
    let mut program = Program::new(&format!("localhost:{}", server.address.port()), token);
    program.set("SSL_CERT_FILE", certificate("ca").to_str().unwrap());
    program
}

const ISSUE: [&str; 6] = ["tokens", "issue", "rosa", "--expires", "1h", "--yes"];

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_a_server_of_http_2_refuses_is_not_sent_again() {
    let (world, program, server) = office().await;
    let rosa = world.user("rosa").await;
    server.deals(Dealing::RefusesTheFirst);
    let refused = program.run(&ISSUE);
    assert_eq!(server.asked_to_make(), 1, "{refused:?}");
    assert_ne!(refused.code, 0, "{refused:?}");
    assert_eq!((refused.out.contains("v2/"), world.alive(rosa).await.len()), (false, 0), "{refused:?}");
    let issued = program.run(&ISSUE);
    assert_eq!((issued.code, server.asked_to_make()), (0, 2), "the operator may: {issued:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_whose_making_a_server_of_http_2_left_unanswered_is_made_once_and_named() {
    let (world, program, server) = office().await;
    let rosa = world.user("rosa").await;
    server.deals(Dealing::GoesAwayAfterTheFirst);
    let unknown = program.run(&ISSUE);
    assert_eq!(server.asked_to_make(), 1, "{unknown:?}");
    let alive = world.alive(rosa).await;
    assert_eq!(alive.len(), 1, "{unknown:?}");
    assert_ne!(unknown.code, 0, "{unknown:?}");
    let told = format!("its secret did not arrive: revoke {}", alive[0]);
    assert!(unknown.err.contains(&told), "{told}: {unknown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_said_to_be_revoked_is_asked_whether_it_is() {
    let (world, program, server) = office().await;
    let rosa = world.user("rosa").await;
    let leaked = world.token(rosa).await;
    server.deals(Dealing::SaysItIsDeleted);
    let revoke = ["tokens", "revoke", "-", "--yes", "--format", "json"];
    for given in [&leaked.v2, &leaked.secret] {
        let lied_to = program.run_with(&revoke, given);
        assert_eq!(lied_to.code, 1, "{lied_to:?}");
        assert_eq!(lied_to.json()[0]["result"], "failed", "{lied_to:?}");
        assert!(lied_to.out.contains("yet it still takes the token: it is alive"), "{lied_to:?}");
    }
    // The token in use, too.
    let mine = world.token(rosa).await;
    let own = program_of(&server, &mine.v2);
    let lied_to = own.run(&["tokens", "revoke", mine.uuid.as_str(), "--yes"]);
    assert_eq!(lied_to.code, 1, "{lied_to:?}");
    assert!(lied_to.out.contains("it is alive"), "{lied_to:?}");
    assert_eq!(world.alive(rosa).await.len(), 2);

    server.deals(Dealing::RefusesTheFirst);
    assert_eq!(program.run_with(&revoke, &leaked.v2).code, 0);
    assert_eq!(own.run(&["tokens", "revoke", mine.uuid.as_str(), "--yes"]).code, 0);
    assert_eq!(world.alive(rosa).await, []);
}

/// Each would do something else where it is pasted, or on the screen.
const NO_SECRETS: [&str; 6] = [
    "3kg6k6lzmp9kj5cpkcoxie963cmv\u{1b}[2Jjahbt2fod9zru30k1jqdmi",
    "3kg6k6lzmp9kj5cpkcoxie963cmvjahbt2fod9zru\nrm -rf canary",
    "$(canary)6k6lzmp9kj5cpkcoxie963cmvjahbt2fod9zru30k1jqdmi",
    "CANARY6k6lzmp9kj5cpkcoxie963cmvjahbt2fod9zru30k1jqdmi",
    "canary/6k6lzmp9kj5cpkcoxie963cmvjahbt2fod9zru30k1jqdmi",
    "",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_no_secret_is_made_of_is_neither_printed_nor_copied_and_the_token_is_named() {
    let (world, program, server) = office().await;
    let rosa = world.user("rosa").await;
    let dealings = NO_SECRETS.map(Dealing::GivesAnotherSecret);
    for dealing in dealings.into_iter().chain([Dealing::GivesNoSecret]) {
        server.deals(dealing);
        for format in ["table", "json"] {
            let before = world.alive(rosa).await;
            let issued = program.run(&[&ISSUE[..], &["--format", format]].concat());
            assert_eq!((issued.code, server.asked_to_make()), (1, 1), "{issued:?}");
            server.deals(dealing);
            let now = world.alive(rosa).await;
            let made = now.iter().find(|token| !before.contains(token)).unwrap();
            assert!(issued.err.contains(&format!("arv-admin tokens revoke {made}")), "{issued:?}");
            for shown in [&issued.out, &issued.err] {
                let shown = shown.to_lowercase();
                assert!(!shown.contains("canary") && !shown.contains("3kg6k6"), "{issued:?}");
                assert!(!shown.contains("v2/"), "{issued:?}");
            }
        }
    }
}
