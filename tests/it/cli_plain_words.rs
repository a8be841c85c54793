//! What an administrator tried on the command line, and what it must say: nothing that was not seen, and
//! nothing taken away that nobody asked for.

use crate::program::{Program, Ran, has, institute};
use serde_json::{Value, json};

fn lacks(ran: &Ran, parts: &[&str]) {
    for part in parts {
        assert!(!ran.out.contains(part) && !ran.err.contains(part), "{part}: {ran:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picked_permission_that_is_none_stops_the_whole_reassignment() {
    let (world, program) = institute().await;
    let unknown = "zzzzz-o0j2j-aaaaaaaaaaaaaaa";
    let args = ["users", "reassign", "adelvil", "--to", "rdelgado", "--regrant", unknown];
    let refused = program.run(&[&args[..], &["--yes"]].concat());
    assert_eq!(refused.code, 2, "{refused:?}");
    has(&refused, &[unknown, "nothing was done"]);
    assert_eq!(program.run(&[&args[..], &["--dry-run"]].concat()).code, 2);
    assert_eq!(world.writes(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_be_granted_anew_is_listed_with_its_links() {
    let (world, program) = institute().await;
    world.user("nina").await;
    let args = ["users", "reassign", "rdelgado", "--to", "nina", "--dry-run"];
    let listed = program.run(&[&args[..], &["--format", "json"]].concat()).json();
    let rights = listed["permissions"].as_array().unwrap();
    let of = |name: &str| rights.iter().filter(|right| right["name"] == name).count();
    assert!(of("can_login") > 0 && rights.len() > of("can_login"), "memberships, too: {rights:?}");
    let shown = program.run(&["users", "show", "rdelgado", "--format", "json"]).json();
    assert_eq!(shown["permissions"], listed["permissions"]);
    let link = rights[0]["uuid"].as_str().unwrap();
    has(&program.run(&args), &["--regrant LINK_UUID", link, rights[0]["description"].as_str().unwrap()]);
    let picked = program.run(&[&args[..], &["--regrant", link]].concat());
    assert_eq!(picked.code, 0, "{picked:?}");
    has(&picked, &["1 right granted anew"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_the_system_get_no_login() {
    let (world, program) = institute().await;
    for name in ["root", "daemon", "bin", "nobody"] {
        let args = ["logins", "grant", "rdelgado", "--vm", "shell1.institute.example", "--login", name];
        let refused = program.run(&[&args[..], &["--yes"]].concat());
        assert_eq!(refused.code, 2, "{refused:?}");
        has(&refused, &["system account"]);
    }
    world.user("daemon").await;
    world.demo.clear_requests();
    let by_username = ["logins", "grant", "daemon", "--vm", "shell1.institute.example", "--yes"];
    let refused = program.run(&by_username);
    assert_eq!(refused.code, 4, "{refused:?}");
    has(&refused, &["system account"]);
    let by_setup = ["users", "setup", "daemon", "--vm", "shell1.institute.example", "--yes"];
    assert_eq!(program.run(&by_setup).code, 4);
    assert_eq!(world.writes(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_grant_adds_groups_and_takes_none_away() {
    let (world, program) = institute().await;
    let rosa = world.user("rosa").await;
    let vm = world.vm("shell9.institute.example").await;
    world.link(rosa, "can_login", vm, json!({ "username": "rosa", "groups": ["docker"] })).await;
    let grant = |more: &[&str]| {
        let args = [&["logins", "grant", "rosa", "--vm", vm.as_str(), "--yes", "--format", "jsonl"], more];
        program.run(&args.concat())
    };
    let groups =
        || program.run(&["logins", "list", "--user", "rosa", "--format", "json"]).json()[0]["groups"].clone();

    let again = grant(&[]);
    assert_eq!((again.code, &again.json()["result"]), (0, &json!("unchanged")), "{again:?}");
    has(&again, &["already granted, in docker"]);
    assert_eq!(groups(), json!(["docker"]));
    assert_eq!(grant(&["--group", "fuse"]).json()["result"], "done");
    assert_eq!(groups(), json!(["docker", "fuse"]));
    assert_eq!(grant(&["--group", "docker"]).json()["result"], "unchanged");

    let edit = ["logins", "edit", "rosa", "--vm", vm.as_str(), "--no-groups", "--yes"];
    assert_eq!(program.run(&edit).code, 0);
    assert_eq!(groups(), json!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_plain_users_token_can_not_see_is_not_called_nothing() {
    let (world, program) = institute().await;
    let rdelgado = program.run(&["users", "show", "rdelgado", "--format", "json"]).json();
    let rdelgado = rdelgado["uuid"].as_str().unwrap().parse().unwrap();
    let plain = Program::new(&world.demo.url(), &world.token(rdelgado).await.v2);
    let ada =
        program.run(&["users", "list", "--filter", "is:admin is:active !root", "--format", "json"]).json();
    let ada = ada[0]["uuid"].as_str().unwrap();

    let shown = plain.run(&["users", "show", ada]);
    assert_eq!(shown.code, 0, "{shown:?}");
    for what in ["owns", "groups", "SSH keys", "VM logins", "tokens"] {
        has(&shown, &[&format!("{what:<10} not visible with this token")]);
    }
    let facts = plain.run(&["users", "show", ada, "--format", "json"]).json();
    for field in ["owned_objects", "groups", "logins", "authorized_keys", "permissions"] {
        assert_eq!(facts[field], Value::Null, "{field}");
    }
    let listed = plain.run(&["logins", "list", "--user", ada]);
    has(&listed, &["only your own VM logins are visible"]);
    lacks(&plain.run(&["users", "show", "rdelgado"]), &["not visible"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn setting_up_says_what_it_is_to_whom() {
    let (world, program) = institute().await;
    world.user("rosa").await;
    let vm = "shell1.institute.example";
    let active = program.run(&["users", "setup", "rosa", "--vm", vm, "--notify", "--dry-run"]);
    has(&active, &["is active already", "no mail, being invited before"]);
    lacks(&active, &["is invited,", "becomes so by accepting", "gets the server's mail"]);
    world.user_with(json!({ "email": "new@example.org", "username": "newcomer" })).await;
    has(
        &program.run(&["users", "setup", "newcomer", "--notify", "--dry-run"]),
        &["is invited", "gets the server's mail", "by accepting the agreements"],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn accounts_of_other_clusters_are_said_to_be_changed_here_only() {
    let (_world, program) = institute().await;
    for args in [["users", "deactivate", "rmonte"], ["users", "activate", "formula"]] {
        let dry = program.run(&[&args[..], &["--dry-run"]].concat());
        has(&dry, &["of cluster yyyyy", "only the account here"]);
    }
    lacks(&program.run(&["users", "deactivate", "rdelgado", "--dry-run"]), &["of cluster"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_issued_as_json_where_that_is_asked_for() {
    let (_world, program) = institute().await;
    let args = ["tokens", "issue", "rdelgado", "--expires", "7d", "--yes"];
    let issued = program.run(&[&args[..], &["--format", "json"]].concat());
    assert_eq!(issued.code, 0, "{issued:?}");
    let token = issued.json();
    let text = |field: &str| token[field].as_str().unwrap().to_owned();
    assert_eq!(text("token"), format!("v2/{}/{}", text("uuid"), text("api_token")));
    assert!(text("expires_at").ends_with('Z'), "{token}");
    assert_eq!(token["scopes"], json!(["all"]));
    lacks(&issued, &["changed the end", "otherwise than asked"]);
    assert!(!issued.err.contains(&text("api_token")), "{issued:?}");
    assert!(program.run(&args).out.starts_with("v2/"), "alone, if nothing is said");
}

#[tokio::test(flavor = "multi_thread")]
async fn special_accounts_are_found_by_the_e_mail_that_the_list_shows() {
    let (_world, program) = institute().await;
    for name in ["root", "anonymous"] {
        let refused = program.run(&["users", "deactivate", name, "--yes"]);
        assert_eq!(refused.code, 4, "{refused:?}");
        has(&refused, &["is left alone"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_counted_is_what_will_be_done() {
    let (world, program) = institute().await;
    let rosa = world.user("rosa").await;
    let token = world.token(rosa).await.uuid;
    let gone = world.token(rosa).await.uuid;
    world.ask("DELETE", &format!("api_client_authorizations/{gone}"), Value::Null).await;
    // The system root token sees what is there; for an admin the log is no proof.
    let as_root = Program::new(&world.demo.url(), world.demo.root_token());
    let both = as_root.run(&["tokens", "revoke", token.as_str(), gone.as_str(), "--dry-run"]);
    has(&both, &["Revoke 1 token\n", "already gone"]);
    let both = program.run(&["tokens", "revoke", token.as_str(), gone.as_str(), "--dry-run"]);
    has(&both, &["Revoke 2 tokens\n", "Any user can write to that log"]);

    let none = program.run(&["logins", "revoke", "rosa", "--vm", "shell1.institute.example", "--yes"]);
    assert_eq!(none.code, 0, "{none:?}");
    lacks(&none, &["Revoke 0"]);

    let inactive = program.run(&["users", "deactivate", "oadeyemi", "--dry-run"]);
    lacks(&inactive, &["Gentler: suspend"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_cluster_id_is_called_one() {
    let wrong = Program::unconfigured().run(&["check", "--cluster", "../x"]);
    assert_eq!(wrong.code, 2);
    has(&wrong, &["not the id of a cluster"]);
    lacks(&wrong, &["UUID"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn long_names_keep_the_columns_of_a_result_in_line() {
    let (world, program) = institute().await;
    let long = "a.very.long.address.of.somebody.with.many.names@institute.example";
    world.user_with(json!({ "email": long, "username": "longname", "is_active": true })).await;
    world.user("rosa").await;
    let done = program.run(&["users", "suspend", "longname", "rosa", "root", "--yes"]);
    let starts: Vec<Option<usize>> =
        done.out.lines().skip(1).map(|line| line.rfind("  -").filter(|_| line.ends_with("  -"))).collect();
    assert!(starts.len() == 3 && starts.windows(2).all(|pair| pair[0] == pair[1]), "{}", done.out);
    assert!(done.err.lines().last().unwrap().starts_with("2 done"), "the summary is last: {}", done.err);
}
