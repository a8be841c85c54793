//! Names as servers, directories and people write them, on the command line.

use crate::program::{Program, Ran};
use crate::world::World;
use serde_json::{Value, json};

/// The demo institute, for an admin.
async fn institute() -> (World, Program) {
    let world = World::institute_today().await;
    let program = Program::new(&world.demo.url(), world.demo.admin_token());
    world.demo.clear_requests();
    (world, program)
}

fn has(ran: &Ran, parts: &[&str]) {
    for part in parts {
        assert!(ran.out.contains(part) || ran.err.contains(part), "{part}: {ran:?}");
    }
}

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
