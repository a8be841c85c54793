//! The command line as scripts see it: what the real binary prints where, with which exit code, and what
//! it sends.

use crate::program::Program;
use crate::world::World;
use arv_admin::demo::{Fault, Rule};
use serde_json::{Value, json};

/// A cluster with an admin, whose token the program is given, and some people.
async fn office() -> (World, Program) {
    let world = World::empty_today().await;
    let admin = world.an_admin().await;
    let token = world.token(admin).await;
    for name in ["rosa", "otto", "mia"] {
        world.user(name).await;
    }
    world.demo.clear_requests();
    let program = Program::new(&world.demo.url(), &token.v2);
    (world, program)
}

#[tokio::test(flavor = "multi_thread")]
async fn check_says_where_who_and_what_may_be_done() {
    let (world, program) = office().await;
    let checked = program.run(&["check", "--format", "json"]);
    assert_eq!(checked.code, 0, "{checked:?}");
    let facts = checked.json();
    assert_eq!(facts["cluster_id"], "zzzzz");
    assert_eq!(facts["email"], "admin@example.org");
    assert_eq!(facts["token_access"], "borrowed");
    assert!(program.run(&["check"]).out.contains("role       admin"));
    let csv = program.run(&["check", "--format", "csv"]);
    assert_eq!((csv.code, csv.out.lines().count()), (0, 2), "{csv:?}");

    let rosa = world.user("rosa2").await;
    let plain = Program::new(&world.demo.url(), &world.token(rosa).await.v2);
    let checked = plain.run(&["check", "--format", "json"]);
    assert_eq!((checked.code, &checked.json()["token_access"]), (4, &json!("own_only")));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_reason_not_to_connect_is_told_apart() {
    let (world, program) = office().await;
    let dead = Program::new(&world.demo.url(), "v2/zzzzz-gj3su-000000000000001/nothing");
    let refused = dead.run(&["check"]);
    assert_eq!(refused.code, 4);
    assert!(refused.err.contains("does not accept the token"), "{refused:?}");

    let nobody = Program::new("http://127.0.0.1:1", "abc").run(&["check"]);
    assert_eq!(nobody.code, 1);
    assert!(nobody.err.contains("127.0.0.1:1 can't be reached"), "{nobody:?}");

    world.demo.faults().add(Rule::new("/arvados/v1/config", Fault::HtmlBody));
    let page = program.run(&["check"]);
    assert_eq!(page.code, 1);
    assert!(page.err.contains("a web page answered") && page.err.contains("not Workbench"), "{page:?}");

    let unencrypted = Program::new("http://example.org", "abc").run(&["check"]);
    assert_eq!(unencrypted.code, 1);
    assert!(unencrypted.err.contains("unencrypted"), "{unencrypted:?}");

    let nothing = Program::unconfigured().run(&["check"]);
    assert_eq!(nothing.code, 1);
    assert!(nothing.err.contains("No cluster is configured."), "{nothing:?}");
    assert!(nothing.err.contains("~/.config/arvados/settings.conf   not there"), "{nothing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn users_are_listed_as_data_with_the_names_of_the_api() {
    let (_world, program) = office().await;
    let listed = program.run(&["users", "list", "--format", "json"]);
    assert_eq!((listed.code, listed.err.as_str()), (0, ""));
    let users = listed.json();
    let rosa = users.as_array().unwrap().iter().find(|user| user["username"] == "rosa").unwrap();
    assert_eq!(rosa["email"], "rosa@example.org");
    assert_eq!(rosa["is_active"], true);
    assert!(rosa["uuid"].as_str().unwrap().starts_with("zzzzz-tpzed-"));

    let filtered = program.run(&["users", "list", "--filter", "ROSA is:active", "--format", "jsonl"]);
    assert_eq!(filtered.out.lines().count(), 1);
    let table = program.run(&["--format", "table", "users", "list", "--filter", "is:admin !root"]);
    assert_eq!(table.out.lines().count(), 2, "{table:?}");
    assert!(table.out.starts_with("UUID"));
    let csv = program.run(&["users", "--format", "csv", "list"]);
    assert!(csv.out.starts_with("uuid,email,username,first_name,last_name,is_active"), "{csv:?}");
    assert_eq!(program.run(&["users", "list", "--filter", "is:gone"]).code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_meant_must_be_clear() {
    let (world, program) = office().await;
    let twin = json!({ "email": "rosa@example.org", "username": "rosa9", "is_active": true });
    world.user_with(twin).await;
    world.demo.clear_requests();
    let refused = |args: &[&str], part: &str| {
        let ran = program.run(args);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(part), "{part}: {ran:?}");
        assert_eq!(ran.out, "");
    };
    refused(&["users", "show", "nobody"], "nobody has this username");
    refused(&["users", "show", "NOBODY@example.org"], "nobody has this e-mail");
    refused(&["users", "show", "zzzzz-tpzed-nobodynobody000"], "nobody has this UUID");
    refused(&["users", "show", "zzzzz-gj3su-000000000000001"], "UUID of a token, not of a user");
    refused(&["users", "show", "v2/zzzzz-gj3su-000000000000001/abc"], "a token is no user");
    refused(&["users", "show", &"x".repeat(10_000)], "no UUID, e-mail or username");
    let ambiguous = program.run(&["users", "deactivate", "mia", "rosa@example.org", "--yes"]);
    assert_eq!(ambiguous.code, 2);
    assert_eq!(ambiguous.err.matches("zzzzz-tpzed-").count(), 2, "all matches are listed: {ambiguous:?}");
    refused(&["logins", "list", "--vm", "nowhere"], "there is no such VM");
    assert_eq!(world.writes(), [], "nothing was done to mia either");

    let shown = program.run(&["users", "show", "rosa9", "--format", "json"]);
    assert_eq!(shown.json()["username"], "rosa9");
    assert_eq!(shown.json()["api_client_authorizations"], json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dry_run_prints_the_calls_and_changes_nothing() {
    let (world, program) = office().await;
    let dry = program.run(&["users", "deactivate", "rosa", "otto", "--dry-run", "--format", "json"]);
    assert_eq!(dry.code, 0, "{dry:?}");
    let plan = dry.json();
    assert_eq!(plan["risk"], "lossy");
    assert_eq!(plan["steps"].as_array().unwrap().len(), 2);
    assert_eq!(plan["steps"][0]["calls"][0]["method"], "POST");
    assert!(plan["steps"][0]["calls"][0]["path"].as_str().unwrap().ends_with("/unsetup"));
    let table = program.run(&["--read-only", "users", "deactivate", "rosa", "--dry-run"]);
    assert!(table.out.contains("/unsetup"), "{table:?}");
    assert_eq!(world.writes(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_terminal_nothing_is_done_unless_yes_was_given() {
    let (world, program) = office().await;
    let refused = program.run(&["users", "deactivate", "rosa"]);
    assert_eq!(refused.code, 2);
    assert!(refused.err.contains("no terminal to ask on"), "{refused:?}");
    assert_eq!(world.writes(), []);

    let done = program.run(&["users", "deactivate", "rosa", "--yes", "--format", "json"]);
    assert_eq!(done.code, 0, "{done:?}");
    let results = done.json();
    assert_eq!(results[0]["result"], "done");
    assert_eq!(results[0]["name"], "rosa@example.org");

    let again = program.run(&["users", "deactivate", "rosa", "--yes", "--format", "jsonl"]);
    assert_eq!((again.code, &again.json()["result"]), (0, &json!("unchanged")));
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_changes_nothing_wherever_it_stands() {
    let (world, program) = office().await;
    for args in [
        ["--read-only", "users", "suspend", "rosa", "--yes"],
        ["users", "suspend", "rosa", "--yes", "--read-only"],
        ["tokens", "list", "rosa", "--exact", "--read-only"],
    ] {
        let refused = program.run(&args);
        assert_eq!(refused.code, 4, "{refused:?}");
        assert!(refused.err.contains("--read-only"), "{refused:?}");
    }
    assert_eq!(world.writes(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_exit_code_tells_all_some_and_none() {
    let (world, program) = office().await;
    let own = program.run(&["users", "deactivate", "admin", "--yes"]);
    assert_eq!(own.code, 4, "{own:?}");
    let some = program.run(&["users", "deactivate", "admin", "rosa", "--yes", "--format", "json"]);
    assert_eq!(some.code, 3, "{some:?}");
    let results: Vec<Value> = some.json().as_array().unwrap().clone();
    let count = |word: &str| results.iter().filter(|row| row["result"] == word).count();
    assert_eq!((count("refused"), count("done")), (1, 1));

    world.demo.faults().add(Rule::new("/arvados/v1/users/*/unsetup", Fault::ServerError));
    let failed = program.run(&["users", "deactivate", "otto", "--yes", "--format", "json"]);
    assert_eq!((failed.code, &failed.json()[0]["result"]), (1, &json!("failed")), "{failed:?}");
    assert!(failed.json()[0]["request_id"].as_str().unwrap().starts_with("req-"));
    assert!(failed.err.contains("failed: otto ") && failed.err.contains("req-"), "{failed:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_come_from_standard_input_too() {
    let (_world, program) = office().await;
    let done = program.run_with(
        &["users", "suspend", "-", "--yes", "--format", "jsonl"],
        "rosa\n\n  otto@example.org \nrosa\n",
    );
    assert_eq!(done.code, 0, "{done:?}");
    assert_eq!(done.out.lines().count(), 2, "each once: {done:?}");
    assert_eq!(program.run_with(&["users", "suspend", "-", "--yes"], "\n").code, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_issued_token_is_alone_on_standard_output() {
    let (world, program) = office().await;
    let issued = program.run(&[
        "tokens",
        "issue",
        "rosa",
        "--expires",
        "7d",
        "--scope",
        "GET /arvados/v1/users/",
        "--yes",
    ]);
    assert_eq!(issued.code, 0, "{issued:?}");
    let token = issued.out.trim();
    assert!(token.starts_with("v2/zzzzz-gj3su-") && !token.contains('\n'), "{issued:?}");
    assert!(!issued.err.contains(token.rsplit('/').next().unwrap()), "{issued:?}");
    let identified = program.run_with(&["tokens", "identify", "--format", "json"], token);
    assert_eq!((identified.code, &identified.json()["state"]), (0, &json!("alive")), "{identified:?}");
    assert_eq!(identified.json()["owner"]["username"], "rosa");
    assert_eq!(identified.json()["scopes"], json!(["GET /arvados/v1/users/"]));

    world.demo.clear_requests();
    for bad in [
        &["tokens", "issue", "rosa", "--yes", "--expires", "garbage"][..],
        &["tokens", "issue", "rosa", "--yes", "--expires", "2020-01-01"],
        &["tokens", "issue", "rosa", "--yes", "--scope", "GET"],
        &["tokens", "issue", "rosa", "--yes", "--format", "csv"],
    ] {
        assert_eq!(program.run(bad).code, 2, "{bad:?}");
    }
    assert_eq!(world.writes(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaked_token_is_revoked_from_standard_input_and_never_named_on_the_command_line() {
    let (world, program) = office().await;
    let rosa = world.user("rosa2").await;
    let leaked = world.token(rosa).await;
    for args in [["tokens", "identify"], ["tokens", "revoke"]] {
        let refused = program.run(&[&args[..], &[&leaked.v2]].concat());
        assert_eq!(refused.code, 2, "{refused:?}");
        assert!(refused.err.contains("standard input"), "{refused:?}");
        assert!(!refused.err.contains(&leaked.secret), "{refused:?}");
    }
    assert_eq!(world.alive(rosa).await.len(), 1);
    let revoked = program.run_with(&["tokens", "revoke", "-", "--yes", "--format", "jsonl"], &leaked.v2);
    assert_eq!((revoked.code, &revoked.json()["result"]), (0, &json!("done")), "{revoked:?}");
    assert_eq!(world.alive(rosa).await, []);

    let by_uuid = world.token(rosa).await;
    let revoked = program.run(&["tokens", "revoke", by_uuid.uuid.as_str(), "--yes"]);
    assert_eq!(revoked.code, 0, "{revoked:?}");
    assert_eq!(world.alive(rosa).await, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_leaked_token_with_a_cut_off_secret_is_not_declared_dead_and_can_be_revoked() {
    let (world, program) = office().await;
    let rosa = world.user("rosa2").await;
    let issued = program.run(&["tokens", "issue", "rosa2", "--expires", "never", "--yes"]);
    let token = issued.out.trim();
    let cut_off = &token[..token.len() - 4];

    let identified = program.run_with(&["tokens", "identify"], cut_off);
    assert_eq!(identified.code, 0, "{identified:?}");
    for line in ["state       perhaps alive", "secret      refused", "belongs to", "revocable   yes"] {
        assert!(identified.out.contains(line), "{line}: {identified:?}");
    }
    let facts = program.run_with(&["tokens", "identify", "--format", "json"], cut_off).json();
    assert_eq!((&facts["state"], &facts["secret_accepted"]), (&json!("perhaps_alive"), &json!(false)));

    let revoked = program.run_with(&["tokens", "revoke", "-", "--yes", "--format", "jsonl"], cut_off);
    assert_eq!((revoked.code, &revoked.json()["result"]), (0, &json!("done")), "{revoked:?}");
    assert_eq!(world.alive(rosa).await, []);
    let again = program.run_with(&["tokens", "identify"], cut_off);
    assert!(again.out.contains("state       dead") && again.out.contains("it was deleted at"), "{again:?}");
    // What is over is told in the past.
    for line in ["could do    all", "expiry      had no end", "made by     ", "yes: that looks whether"] {
        assert!(again.out.contains(line), "{line}: {again:?}");
    }
    let root = Program::new(&world.demo.url(), world.demo.root_token());
    let uuid = token.split('/').nth(1).unwrap();
    let dead = root.run(&["tokens", "identify", uuid]);
    assert!(dead.out.contains("state       dead\n"), "{dead:?}");
    for line in ["could do    all", "expiry      had no end", "revocable   no: it is dead already"] {
        assert!(dead.out.contains(line), "{line}: {dead:?}");
    }
    let soon = program.run(&["tokens", "issue", "rosa2", "--expires", "90s", "--yes"]);
    assert!(soon.err.contains("It ends in 1 min "), "before: {soon:?}");
    assert!(soon.err.lines().last().unwrap().contains(" ends in 1 min "), "and afterwards: {soon:?}");
    let found = program.run(&["tokens", "identify", soon.out.split('/').nth(1).unwrap()]);
    assert!(found.out.contains("expiry      ends in 1 min ") || found.out.contains("ends in 5"), "{found:?}");
    let ending = program.run(&["tokens", "issue", "rosa2", "--expires", "3d", "--yes"]);
    let uuid = ending.out.split('/').nth(1).unwrap();
    assert_eq!(program.run(&["tokens", "revoke", uuid, "--yes"]).code, 0);
    let dead = program.run(&["tokens", "identify", uuid]);
    assert!(dead.out.contains("expiry      would have ended 20"), "{dead:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_containers_token_is_told_as_that_by_its_uuid_alone() {
    let (world, program) = office().await;
    world.user("rosa2").await;
    let work = world.demo.running_container("rosa2").unwrap();
    let uuid = work.token.to_string();
    let root = Program::new(&world.demo.url(), world.demo.root_token());
    for program in [&program, &root] {
        let found = program.run(&["tokens", "identify", &uuid]);
        let container = work.container.to_string();
        let line =
            format!("made by     the server, for the container {container} at work: revoking it breaks that");
        assert!(found.code == 0 && found.out.contains(&line), "{found:?}");
        let found = program.run(&["tokens", "identify", &uuid, "--format", "json"]).json();
        assert_eq!((&found["origin"], &found["container_uuid"]), (&json!("container"), &json!(container)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_listed_with_where_that_is_known_from() {
    let (world, program) = office().await;
    let rosa = world.user("rosa2").await;
    let token = world.token(rosa).await;
    let listed = program.run(&["tokens", "list", "rosa2", "--format", "json"]);
    let row = &listed.json()[0];
    assert_eq!((row["uuid"].as_str().unwrap(), &row["source"]), (token.uuid.as_str(), &json!("audit_log")));
    assert_eq!(row["expires_at"], Value::Null);
    assert!(listed.err.contains("perhaps alive"), "{listed:?}");
    let exact = program.run(&["tokens", "list", "rosa2", "--exact", "--yes", "--format", "json"]);
    assert_eq!((exact.code, &exact.json()[0]["source"]), (0, &json!("server")), "{exact:?}");
    assert_eq!(world.alive(rosa).await, [token.uuid], "the helper is gone");
}

#[tokio::test(flavor = "multi_thread")]
async fn logins_are_granted_changed_and_revoked_by_host_name() {
    let (world, program) = office().await;
    let vm = json!({ "virtual_machine": { "hostname": "shell1.example.org" } });
    world.ask("POST", "virtual_machines", vm).await;
    let on = |verb: &str, more: &[&str]| {
        let args = [&["logins", verb, "rosa", "--vm", "shell1.example.org"], more].concat();
        program.run(&[&args[..], &["--yes", "--format", "jsonl"]].concat())
    };
    let result = |ran: &crate::program::Ran| (ran.code, ran.json()["result"].clone());
    assert_eq!(result(&on("grant", &["--group", "docker,fuse"])), (0, json!("done")));
    assert_eq!(result(&on("grant", &["--group", "fuse", "--group", "docker"])), (0, json!("unchanged")));
    assert_eq!(result(&on("edit", &["--group", "fuse"])), (0, json!("done")));
    let listed = program.run(&["logins", "list", "--user", "rosa", "--format", "json"]).json();
    assert_eq!(listed[0]["hostname"], "shell1.example.org");
    assert_eq!(listed[0]["username"], "rosa");
    assert_eq!(listed[0]["groups"], json!(["fuse"]));
    assert_eq!(listed[0]["link_uuids"].as_array().unwrap().len(), 1);
    assert_eq!(program.run(&["logins", "list", "--format", "json"]).json(), listed);

    assert_eq!(on("grant", &["--login", "-bad name"]).code, 2);
    assert_eq!(on("edit", &[]).code, 2, "which groups?");
    let revoked = on("revoke", &[]);
    assert_eq!(result(&revoked), (0, json!("done")));
    assert!(revoked.err.contains("still on shell1.example.org"), "{revoked:?}");
    assert_eq!(on("revoke", &[]).code, 0, "as wanted");
    assert_eq!(on("edit", &["--no-groups"]).code, 2, "there is none to change");
}

#[tokio::test(flavor = "multi_thread")]
async fn interrupted_it_stops_between_steps_and_says_what_is_not_done() {
    let (world, program) = office().await;
    let mut names = Vec::new();
    for i in 0..40 {
        let name = format!("many{i}");
        world.user(&name).await;
        names.push(name);
    }
    world
        .demo
        .faults()
        .add(Rule::new("/arvados/v1/users/*/unsetup", Fault::Latency { millis: 300 }).method("POST"));
    let args = ["users", "deactivate", "-", "--yes", "--format", "jsonl"];
    let ran = program.interrupt_when(&args, &names.join("\n"), "[1/40]");
    assert_eq!(ran.code, 3, "{ran:?}");
    let results: Vec<Value> = ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let count = |word: &str| results.iter().filter(|row| row["result"] == word).count();
    assert_eq!(results.len(), 40);
    assert!(count("done") >= 1 && count("not_started") >= 1, "{ran:?}");
    assert_eq!(count("done") + count("not_started"), 40, "nothing is unknown: {ran:?}");
    assert!(ran.err.contains("stopping after the steps under way"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_is_no_error() {
    let (_world, program) = office().await;
    let ran = program.run_with_closed_output(&["users", "list"]);
    assert_eq!((ran.code, ran.err.as_str()), (0, ""));
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_that_could_not_be_read_are_not_said_to_be_out_of_sight() {
    let (world, program) = office().await;
    world.demo.faults().add(Rule::new("/arvados/v1/logs", Fault::NotFound));
    let shown = program.run(&["users", "show", "rosa"]);
    assert_eq!(shown.code, 3, "{shown:?}");
    assert!(shown.out.contains("tokens     not known: 404"), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_that_goes_away_hides_neither_a_failure_nor_a_token() {
    let (world, program) = office().await;
    world.demo.faults().add(Rule::new("/arvados/v1/users/*/unsetup", Fault::ServerError));
    let ran = program.run_with_closed_output(&["users", "deactivate", "mia", "--yes"]);
    assert_eq!(ran.code, 1, "{ran:?}");

    // Issued already when nobody reads any more.
    let rosa = world.user("rosa3").await;
    world.demo.faults().clear();
    world.demo.clear_requests();
    world.demo.faults().add(Rule::new("/arvados/v1/users", Fault::Unavailable));
    let ran = program.run_until_unread(
        &["tokens", "issue", "rosa3", "--expires", "never", "--yes"],
        || world.demo.requests().iter().any(|seen| seen.path == "/arvados/v1/users"),
        || world.demo.faults().clear(),
    );
    let issued = world.alive(rosa).await[0];
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(
        ran.err.contains(&format!("{issued} was issued, but could not be printed: revoke it")),
        "{ran:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_is_issued_where_it_could_not_be_told() {
    let (world, program) = office().await;
    let issue = ["tokens", "issue", "rosa", "--expires", "never", "--yes"];
    world.demo.clear_requests();
    for (redirection, why) in [
        (">&-", "standard output is closed"),
        (">/dev/null", "standard output is /dev/null"),
        (">&- 2>&-", ""),
        ("1</dev/null", "can't be written to"),
        (">/dev/full", "can't be written to"),
    ] {
        let ran = program.run_redirected(&issue, redirection);
        assert_eq!(ran.code, 2, "{redirection}: {ran:?}");
        assert!(ran.err.contains(why), "{redirection}: {ran:?}");
    }
    let ran = program.run_with_closed_output(&issue);
    assert!(ran.code == 2 && ran.err.contains("nobody who reads it"), "{ran:?}");
    assert_eq!(world.demo.requests(), [], "nothing at all was asked");
    // What is not told can still be seen before.
    assert_eq!(program.run_redirected(&["tokens", "issue", "rosa", "--dry-run"], ">/dev/null").code, 0);
    // Its UUID is in the token; standard error need not be there.
    let ran = program.run_redirected(&issue, "2>&-");
    assert!(ran.code == 0 && ran.out.starts_with("v2/"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn results_that_could_not_be_written_stop_a_change_before_and_a_list_in_the_end() {
    let (world, program) = office().await;
    let change = ["users", "deactivate", "mia", "--yes"];
    for redirection in ["1</dev/null", ">/dev/full"] {
        let ran = program.run_redirected(&change, redirection);
        assert!(ran.code == 2 && ran.err.contains("nothing was changed"), "{redirection}: {ran:?}");
        assert_eq!(world.writes(), []);
        let ran = program.run_redirected(&["users", "list"], redirection);
        assert!(ran.code == 1 && ran.err.contains("can't be written"), "{redirection}: {ran:?}");
    }
    // What only prints has not done it where that is closed. Thrown away on purpose, the exit code tells.
    world.demo.clear_requests();
    for prints in [
        &["users", "list"][..],
        &["users", "show", "mia"],
        &["tokens", "list", "mia"],
        &["tokens", "identify", "zzzzz-gj3su-000000000000001"],
        &["logins", "list"],
        &["users", "deactivate", "mia", "--dry-run"],
        &["keys"],
        &["--help"],
    ] {
        let ran = program.run_redirected(prints, ">&-");
        assert!(ran.code == 2 && ran.err.contains("standard output is closed"), "{prints:?}: {ran:?}");
        assert_eq!(program.run_redirected(prints, ">&- 2>&-").code, 2, "{prints:?}");
    }
    assert_eq!(world.demo.requests(), []);
    assert_eq!(program.run_redirected(&["users", "list"], ">/dev/null").code, 0);
    let ran = program.run_redirected(&change, ">/dev/null");
    assert_eq!(ran.code, 0, "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_place_for_the_journal_nothing_is_changed() {
    let (world, mut program) = office().await;
    program.set("HOME", "");
    let ran = program.run(&["users", "deactivate", "mia", "--yes"]);
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.err.contains("no place for the journal") && ran.err.contains("XDG_STATE_HOME"), "{ran:?}");
    assert_eq!(world.writes(), []);
    let dry = program.run(&["users", "deactivate", "mia", "--dry-run"]);
    assert!(
        dry.code == 1 && dry.out.contains("deactivated"),
        "the plan, and that nothing comes of it: {dry:?}"
    );
}

#[test]
fn a_demo_cluster_needs_nothing_and_serves_others() {
    let program = Program::unconfigured();
    let listed = program.run(&["users", "list", "--demo", "--format", "json"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.json().as_array().unwrap().len() > 200);
    let served = program.serve(&["demo-server", "--users", "30"], |url, token| {
        let checked = Program::new(url, token).run(&["check"]);
        assert_eq!(checked.code, 0, "{checked:?}");
    });
    assert_eq!(served.code, 0, "{served:?}");
    assert_eq!(program.run(&["--demo", "--cluster", "zzzzz", "check"]).code, 2);
    assert_eq!(program.run(&["--demo-users", "9", "check"]).code, 2);
}

#[test]
fn keys_prints_the_binding_table() {
    let keys = Program::unconfigured().run(&["keys", "--format", "json"]);
    assert_eq!(keys.code, 0, "{keys:?}");
    let rows = keys.json();
    let quit = rows.as_array().unwrap().iter().find(|row| row["action"] == "Quit").unwrap();
    assert_eq!(quit["keys"][0], "q");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_that_is_never_answered_can_be_left_and_that_is_said() {
    let world = World::institute_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    world.demo.faults().add(Rule::new("*/unsetup", Fault::Stall).from_nth(2));
    let unsetups = || world.demo.requests().iter().filter(|seen| seen.path.ends_with("/unsetup")).count();
    let args = ["users", "deactivate", "aparker", "aikeda", "--yes", "--format", "jsonl"];
    let ran = program.interrupt_twice(&args, "[1/2]", || unsetups() == 2);
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.err.contains("1 done, 1 unknown") && ran.err.contains("look again"), "{ran:?}");
    let rows = ran.out.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut results: Vec<String> = rows.map(|row| row["result"].as_str().unwrap().to_owned()).collect();
    results.sort_unstable();
    assert_eq!(results, ["done", "unknown"], "{ran:?}");
}
