//! Names as servers, directories and people write them, on the command line.

use crate::program::{Program, has, institute};
use crate::world::World;
use serde_json::{Value, json};

const SHELL: &str = "shell1.institute.example";

/// The groups that the link of a user's login on the shell has.
async fn groups(world: &World, username: &str) -> Value {
    let logins =
        world.ask("GET", "links?limit=1000&filters=[[\"name\",\"=\",\"can_login\"]]", Value::Null).await;
    let of_user = logins["items"].as_array().unwrap().iter();
    let mut links = of_user.filter(|link| link["properties"]["username"] == username);
    let link = links.next().unwrap_or_else(|| panic!("{username} has a login"));
    link["properties"]["groups"].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_group_of_a_directory_has_a_blank_in_its_name_and_is_one_group() {
    let (world, program) = institute().await;
    world.user("nina").await;
    let grant = ["logins", "grant", "nina", "--vm", SHELL, "--group", "docker", "--yes"];
    assert_eq!(program.run(&grant).code, 0);
    let edit = |groups: &[&str]| {
        let args = groups.iter().flat_map(|group| ["--group", group]);
        let args: Vec<&str> =
            ["logins", "edit", "nina", "--vm", SHELL, "--yes"].into_iter().chain(args).collect();
        program.run(&args)
    };
    let edited = edit(&["Domain Users"]);
    assert_eq!(edited.code, 0, "{edited:?}");
    has(&edited, &["\"Domain Users\" is one group, with a blank in its name; several are parted by commas"]);
    assert_eq!(groups(&world, "nina").await, json!(["Domain Users"]));
    assert_eq!(edit(&["docker,Domain Users", "fuse"]).code, 0);
    assert_eq!(groups(&world, "nina").await, json!(["Domain Users", "docker", "fuse"]));

    for wrong in ["a:b", "-x", ""] {
        let refused = edit(&["docker", wrong]);
        assert_eq!(refused.code, 2, "{wrong}: {refused:?}");
    }
    has(&edit(&["a:b"]), &["no group can be called that: no : or comma, no line end, and no - at the start"]);
    assert_eq!(groups(&world, "nina").await, json!(["Domain Users", "docker", "fuse"]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unusual_login_name_is_granted_and_set_up_and_useradd_is_spoken_of() {
    let (world, program) = institute().await;
    world.user("ALarsen").await;
    let says = "ALarsen is unusual for a Unix account: useradd of Debian and of RHEL takes it, adduser and some \
                tools want a-z, 0-9, - and _ only.";
    let granted = program.run(&["logins", "grant", "ALarsen", "--vm", SHELL, "--yes"]);
    assert_eq!(granted.code, 0, "{granted:?}");
    has(&granted, &[says]);
    let named =
        program.run(&["logins", "grant", "ALarsen", "--vm", SHELL, "--login", "first.last", "--dry-run"]);
    assert_eq!(named.code, 0, "{named:?}");
    has(&named, &["first.last is unusual for a Unix account: useradd of Debian and of RHEL takes it"]);
    world.user("BLarsen").await;
    let set_up = program.run(&["users", "setup", "BLarsen", "--vm", SHELL, "--dry-run"]);
    assert_eq!(set_up.code, 0, "{set_up:?}");
    has(&set_up, &["of the username: BLarsen is unusual for a Unix account"]);

    for wrong in ["a b", "a:b", "a/b", "-a", &"a".repeat(33)] {
        let login = format!("--login={wrong}");
        let refused = program.run(&["logins", "grant", "ALarsen", "--vm", SHELL, &login, "--dry-run"]);
        assert_eq!(refused.code, 2, "{wrong}: {refused:?}");
    }
    let refused = program.run(&["logins", "grant", "ALarsen", "--vm", SHELL, "--login", "a b", "--yes"]);
    has(&refused, &["no account can be called that: no blanks, no : or /, and no - at the start"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_e_mail_is_found_whatever_its_case_if_that_leaves_one() {
    let (world, program) = institute().await;
    let person =
        |email: &str, username: &str| json!({ "email": email, "username": username, "is_active": true });
    let nina = world.user_with(person("Nina.Vega@Example.ORG", "nvega")).await.to_string();
    world.user_with(person("Two@example.org", "two1")).await;
    let two = world.user_with(person("two@example.org", "two2")).await.to_string();
    world.user_with(person("x_y@example.org", "xy")).await;
    let jose = world.user_with(person("jos\u{e9}@example.org", "jose")).await.to_string();
    let found = |given: &str| {
        let shown = program.run(&["users", "show", given, "--format", "json"]);
        assert_eq!(shown.code, 0, "{given}: {shown:?}");
        shown.json()["uuid"].as_str().unwrap().to_owned()
    };
    assert_eq!(found("nina.vega@example.org"), nina);
    assert_eq!(found("NINA.VEGA@EXAMPLE.ORG"), nina);
    assert_eq!(found("two@example.org"), two, "by letter goes first");
    assert_eq!(found("jose\u{301}@example.org"), jose, "an accent may be a character of its own");
    assert_eq!(found("JOSE\u{301}@example.org"), jose);
    assert_eq!(found("\u{feff}nvega\u{200b}\n"), nina, "what stands round it unseen is no part of it");

    let refused = |given: &str, part: &str| {
        let ran = program.run(&["users", "show", given]);
        assert_eq!(ran.code, 2, "{ran:?}");
        assert!(ran.err.contains(part), "{part}: {ran:?}");
    };
    refused("TWO@example.org", "\"TWO@example.org\": 2 users have it; name one by its UUID:");
    refused("xzy@example.org", "\"xzy@example.org\": nobody has this e-mail");
    refused("x%@example.org", "\"x%@example.org\": nobody has this e-mail");
    refused("jose@example.org", "\"jose@example.org\": nobody has this e-mail");
    refused("nina\u{200b}.vega@example.org", "\"nina<U+200B>.vega@example.org\": nobody has this e-mail");
    refused("NVega", "\"NVega\": nobody has this username (case counts) or e-mail; did you mean nvega?");
    refused("vega", "\"vega\": nobody has this username (case counts) or e-mail");
    assert!(!program.run(&["users", "show", "vega"]).err.contains("did you mean"), "a part is no other case");
    refused("nve\u{200b}ga", "\"nve<U+200B>ga\": nobody has this username (case counts) or e-mail");

    world.demo.clear_requests();
    let listed = program.run_with(
        &["users", "suspend", "-", "--dry-run"],
        "\u{feff}nvega\r\n\r\nXY\u{200b}\nX_Y@Example.org\n",
    );
    assert!(listed.err.contains("\"XY\": nobody has this username"), "{listed:?}");
    let listed =
        program.run_with(&["users", "suspend", "-", "--dry-run"], "\u{feff}nvega\r\n\r\nX_Y@Example.org\n");
    assert_eq!(listed.code, 0, "{listed:?}");
    has(&listed, &[&nina]);

    let on_screen =
        program.run(&["users", "list", "--filter", "JOSE\u{301} \u{feff}example.org", "--format", "jsonl"]);
    assert_eq!(on_screen.out.lines().count(), 1, "{on_screen:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_name_has_no_case() {
    let (_world, program) = institute().await;
    let listed = program.run(&["logins", "list", "--vm", "Shell1.Institute.EXAMPLE", "--format", "jsonl"]);
    assert_eq!(listed.code, 0, "{listed:?}");
    assert!(listed.out.lines().count() > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_found_in_what_was_pasted_and_revoked_by_it() {
    let (world, program) = institute().await;
    let nina = world.user("nina").await;
    let wraps: [fn(&str) -> String; 7] = [
        |v2| format!("ARVADOS_API_TOKEN={v2}\n"),
        |v2| format!("Authorization: Bearer {v2}\r\n"),
        |v2| format!("'{v2}'"),
        |v2| format!("https://workbench.example/token?api_token={}&x=1", v2.replace('/', "%2F")),
        |v2| format!("{{\"token\": \"{v2}\", \"host\": \"x\"}}"),
        |v2| format!("Nov 30 22:01:07 shell1 login-sync[812]: using {v2} for nina\n"),
        |v2| format!("{}\n{}\n", &v2[..50], &v2[50..]),
    ];
    for wrap in wraps {
        let token = world.token(nina).await;
        let pasted = wrap(&token.v2);
        let known = program.run_with(&["tokens", "identify", "--format", "json"], &pasted);
        assert_eq!(known.code, 0, "{pasted}: {known:?}");
        assert_eq!(known.json()["uuid"], token.uuid.to_string(), "{pasted}");
        assert_eq!(known.json()["secret_accepted"], true, "{pasted}");
        let revoked = program.run_with(&["tokens", "revoke", "-", "--yes"], &pasted);
        assert_eq!(revoked.code, 0, "{pasted}: {revoked:?}");
        assert!(!world.all_alive().await.iter().any(|(alive, _)| *alive == token.uuid), "{pasted}");
    }
    let (one, other) = (world.token(nina).await, world.token(nina).await);
    let both = format!("{}\n{}\n", one.v2, other.v2);
    for args in [&["tokens", "identify"][..], &["tokens", "revoke", "-", "--yes"]] {
        let refused = program.run_with(args, &both);
        assert_eq!(refused.code, 2, "{refused:?}");
        has(&refused, &["there are 2 different tokens in this: paste one of them"]);
    }
    let uuids = format!("\"{}\",\n\"{}\"\n", one.uuid, other.uuid);
    assert_eq!(program.run_with(&["tokens", "revoke", "-", "--yes"], &uuids).code, 0);
    assert!(!world.all_alive().await.iter().any(|(alive, _)| *alive == one.uuid));
}

/// The rows of a CSV, by the names of the columns.
fn rows(csv: &str) -> Vec<Vec<(String, String)>> {
    let mut reader = csv::Reader::from_reader(csv.as_bytes());
    let names = reader.headers().unwrap().clone();
    let row = |row: csv::StringRecord| {
        names.iter().zip(&row).map(|(name, cell)| (name.to_owned(), cell.to_owned())).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// A cell of several values, split as a reader of CSV with `;` does.
fn split(cell: &str) -> Vec<String> {
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).delimiter(b';').from_reader(cell.as_bytes());
    reader
        .records()
        .flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cell_of_csv_with_several_values_can_be_split_again() {
    let (world, program) = institute().await;
    let nina = world.user("nina").await;
    let groups = ["--group", "Domain Users", "--group", "a;b", "--group", "say \"x\""];
    let grant = ["logins", "grant", "nina", "--vm", SHELL, "--yes"].into_iter().chain(groups);
    assert_eq!(program.run(&grant.collect::<Vec<_>>()).code, 0);
    let cell = |args: &[&str], column: &str| {
        let printed = program.run(args);
        assert_eq!(printed.code, 0, "{printed:?}");
        let row = rows(&printed.out).into_iter().next().unwrap();
        row.into_iter().find(|(name, _)| name == column).unwrap().1
    };
    let listed = cell(&["logins", "list", "--user", "nina", "--format", "csv"], "groups");
    assert_eq!(split(&listed), ["Domain Users", "a;b", "say \"x\""], "{listed}");

    world.token(nina).await;
    let scopes = ["GET /arvados/v1/users", "GET /arvados/v1/groups"];
    let issue = ["tokens", "issue", "nina", "--scope", scopes[0], "--scope", scopes[1], "--yes"];
    let issued = program.run(&issue);
    let listed = program.run(&["tokens", "list", "nina", "--format", "csv"]);
    let of_issued = rows(&listed.out).into_iter().flatten().filter(|(name, _)| name == "scopes");
    let mut all: Vec<Vec<String>> = of_issued.map(|(_, cell)| split(&cell)).collect();
    all.sort();
    assert!(all.contains(&scopes.map(str::to_owned).to_vec()), "{issued:?} {all:?}");
    let found = program.run_with(&["tokens", "identify", "--format", "csv"], &issued.out);
    let found = rows(&found.out).into_iter().next().unwrap();
    let found = found.into_iter().find(|(name, _)| name == "scopes").unwrap().1;
    assert_eq!(split(&found), scopes, "the same in what is one row");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_with_a_comma_is_told_from_two_names_wherever_groups_are_listed() {
    let world = World::empty_today().await;
    world.demo.with_store(|store| {
        store.settings.sync_ignored_groups = vec!["x,y".to_owned(), "z".to_owned()];
        store.settings.sync_required_groups = vec!["p,q".to_owned(), "r".to_owned()];
    });
    let nina = world.user("nina").await;
    let vm = world.vm(SHELL).await;
    let groups = json!(["a,b", "c", "x,y", "z"]);
    world.link(nina, "can_login", vm, json!({ "username": "nina", "groups": groups })).await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    has(&program.run(&["check"]), &["login-sync ignores: \"x,y\", z"]);
    let listed = "\"a,b\", c, \"x,y\", z";
    has(&program.run(&["users", "show", "nina"]), &[&format!("nina on {SHELL} in {listed}")]);
    has(&program.run(&["logins", "list"]), &[listed, "without effect: \"x,y\", z"]);
    let grant = ["logins", "grant", "nina", "--vm", SHELL, "--login", "other", "--group", "z", "--dry-run"];
    has(&program.run(&grant), &["every login in \"p,q\", r, too", "z is ignored"]);
}
