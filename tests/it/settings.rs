//! Settings as people write them, and what is said of those that other Arvados tools read otherwise.

use crate::program::Program;
use crate::world::World;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

const FILE: &str = ".config/arvados/settings.conf";

/// A cluster on loopback, and what its settings are.
async fn cluster() -> (World, String, String) {
    let world = World::institute_today().await;
    let (host, token) = (world.demo.url(), world.demo.admin_token().to_owned());
    (world, host, token)
}

/// What `check` says of the settings.
fn notes(program: &Program) -> Vec<String> {
    let checked = program.run(&["check"]);
    assert_eq!((checked.code, checked.err.as_str()), (0, ""), "{checked:?}");
    let lines = checked.out.lines().filter_map(|line| line.strip_prefix("settings   "));
    let notes: Vec<String> = lines.map(str::to_owned).collect();
    let facts = program.run(&["check", "--format", "json"]).json();
    assert_eq!(facts["settings_notes"], serde_json::json!(notes));
    notes
}

/// What is said when the settings can't be used.
fn refused(program: &Program) -> String {
    let ran = program.run(&["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(!ran.err.contains("canary"), "{ran:?}");
    ran.err
}

#[tokio::test(flavor = "multi_thread")]
async fn what_workbench_gives_for_a_shell_is_taken_as_a_settings_file() {
    let (_world, host, token) = cluster().await;
    let program = Program::unconfigured();
    program.file(
        FILE,
        format!(
            "HISTIGNORE=$HISTIGNORE:'export ARVADOS_API_TOKEN=*'\nexport ARVADOS_API_TOKEN={token}\n\
             export ARVADOS_API_HOST={host}\nunset ARVADOS_API_HOST_INSECURE\n"
        ),
    );
    let nothing = "arvados-python-client reads nothing of a file that has such a line";
    let place = |line: usize| format!("~/.config/arvados/settings.conf, line {line}:");
    assert_eq!(
        notes(&program),
        [
            format!("{} its value has a =: {nothing}", place(1)),
            format!("{} it begins with export: other Arvados tools find no ARVADOS_API_TOKEN", place(2)),
            format!("{} it begins with export: other Arvados tools find no ARVADOS_API_HOST", place(3)),
            format!("{} there is no = in it: {nothing}", place(4)),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_taken_as_people_write_them_and_check_says_which_other_tools_can_t_read() {
    let (_world, host, token) = cluster().await;
    let blanks = |name| {
        format!("there are blanks before the name or round the =: arvados-python-client finds no {name}")
    };
    for (content, expected) in [
        (
            format!("ARVADOS_API_HOST={}\nARVADOS_API_TOKEN={token}\n", host.replace("http", "HTTP")),
            vec![(1, "other Arvados tools take https:// for a part of the host".to_owned())],
        ),
        (
            format!("ARVADOS_API_TOKEN=\"{token}\"\r\n# a comment = here\r\nARVADOS_API_HOST='{host}'\r\n"),
            vec![
                (1, "other Arvados tools take the quotes for a part of ARVADOS_API_TOKEN".to_owned()),
                (3, "other Arvados tools take the quotes for a part of ARVADOS_API_HOST".to_owned()),
            ],
        ),
        (
            format!("ARVADOS_API_TOKEN = {token}\n  ARVADOS_API_HOST={host}\n"),
            vec![(1, blanks("ARVADOS_API_TOKEN")), (2, blanks("ARVADOS_API_HOST"))],
        ),
        (
            format!(
                "export ARVADOS_API_TOKEN=\"{token}\"; export ARVADOS_API_HOST={host} # mine\nOTHER=a=b\n"
            ),
            vec![
                (
                    1,
                    "its value has a =: arvados-python-client reads nothing of a file that has such a line"
                        .to_owned(),
                ),
                (
                    2,
                    "its value has a =: arvados-python-client reads nothing of a file that has such a line"
                        .to_owned(),
                ),
            ],
        ),
    ] {
        let program = Program::unconfigured();
        program.file(FILE, &content);
        let expected: Vec<String> = expected
            .into_iter()
            .map(|(line, text)| format!("~/.config/arvados/settings.conf, line {line}: {text}"))
            .collect();
        assert_eq!(notes(&program), expected);
    }
    let program = Program::new(&format!("'{host}'"), &format!("\"{token}\""));
    assert_eq!(
        notes(&program),
        [
            "ARVADOS_API_HOST: other Arvados tools take the quotes for a part of ARVADOS_API_HOST",
            "ARVADOS_API_TOKEN: other Arvados tools take the quotes for a part of ARVADOS_API_TOKEN",
        ]
    );
}

#[test]
fn a_value_that_can_t_be_used_is_told_with_its_line_and_never_a_secret() {
    let token = "v2/zzzzz-gj3su-000000000000001/canary0secret0canary0secret0canary0secret0canary0secr";
    for (content, told) in [
        (
            format!("# mine\nARVADOS_API_TOKEN={token}\nARVADOS_API_HOST=zzzzz.example.org # the old one\n"),
            "line 3: ARVADOS_API_HOST=zzzzz.example.org # the old one: comments at the end of a line are not known: write the host alone",
        ),
        (
            format!("ARVADOS_API_HOST={token}\nARVADOS_API_TOKEN=zzzzz.example.org\n"),
            "line 1: ARVADOS_API_HOST=(not repeated, since it looks like a token): write a host name",
        ),
        (
            format!("ARVADOS_API_HOST=\"zzzzz.example.org\nARVADOS_API_TOKEN={token}\n"),
            "line 1: ARVADOS_API_HOST has a quote at one end only",
        ),
        (
            format!("ARVADOS_API_HOST=zzzzz.example.org\nARVADOS_API_TOKEN={token} {token}\n"),
            "line 2: ARVADOS_API_TOKEN has blanks or characters that no token has",
        ),
        (
            format!("ARVADOS_API_HOST=zzzzz.example.org\nARVADOS_API_TOKEN=\"Bearer {token}\"\n"),
            "line 2: ARVADOS_API_TOKEN has more than the token: only the token itself belongs there",
        ),
        (
            format!("ARVADOS_API_HOST=zzzzz.example.org\nARVADOS_API_TOKEN={token} # mine\n"),
            "line 2: ARVADOS_API_TOKEN has more than the token: comments at the end of a line are not known",
        ),
        (
            format!("ARVADOS_API_HOST=https://zzzzz.example.org/arvados/v1/\nARVADOS_API_TOKEN={token}\n"),
            "line 1: ARVADOS_API_HOST=https://zzzzz.example.org/arvados/v1/: only the host belongs there",
        ),
        (
            format!("ARVADOS_API_HOST=https://me@zzzzz.example.org\nARVADOS_API_TOKEN={token}\n"),
            "line 1: ARVADOS_API_HOST=zzzzz.example.org: only the host belongs there, without a user name",
        ),
        (
            format!("ARVADOS_API_TOKEN={token}\nARVADOS_API_HOST: zzzzz.example.org\n"),
            "line 2: ARVADOS_API_HOST is not followed by =; expected NAME=value",
        ),
        (
            format!(
                "ARVADOS_API_HOST=zzzzz.example.org\nARVADOS_API_TOKEN=v2/zzzzz-gj3su-000000000000001/\n{token}\n"
            ),
            "line 3: expected NAME=value",
        ),
        (
            format!("export ARVADOS_API_HOST=\"zzzzz.example.org\nexport ARVADOS_API_TOKEN={token}\n"),
            "line 1: a quote is not closed",
        ),
        (
            format!("ARVADOS_API_HOST=http://zzzzz.example.org\nARVADOS_API_TOKEN={token}\n"),
            "line 1: ARVADOS_API_HOST=http://zzzzz.example.org: http:// would send the token unencrypted",
        ),
    ] {
        let program = Program::unconfigured();
        program.file(FILE, content);
        let said = refused(&program);
        assert!(
            said.contains(&format!("~/.config/arvados/settings.conf, {told}")),
            "{told}\nis not in\n{said}"
        );
    }
    let said = refused(&Program::new("zzzzz.example.org/arvados", token));
    assert!(
        said.contains("ARVADOS_API_HOST=zzzzz.example.org/arvados: only the host belongs there"),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_settings_file_that_others_can_read_is_warned_of_and_never_changed() {
    let (_world, host, token) = cluster().await;
    for args in [&["check"][..], &["--read-only", "check"], &["users", "show", "aparker"]] {
        for is_link in [false, true] {
            let program = Program::unconfigured();
            let path = program
                .file("real/settings.conf", format!("ARVADOS_API_HOST={host}\nARVADOS_API_TOKEN={token}\n"));
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
            let place = program.home().join(FILE);
            std::fs::create_dir_all(place.parent().unwrap()).unwrap();
            if is_link {
                symlink(&path, &place).unwrap();
            } else {
                std::fs::rename(&path, &place).unwrap();
            }
            let before = place.metadata().unwrap().ctime_nsec();
            let ran = program.run(args);
            assert_eq!(ran.code, 0, "{ran:?}");
            assert_eq!(
                ran.err.lines().next(),
                Some(
                    "warning: ~/.config/arvados/settings.conf holds a token, and others on this machine \
                     can read it: chmod 600 ~/.config/arvados/settings.conf"
                ),
                "{ran:?}"
            );
            let after = place.metadata().unwrap();
            assert_eq!((after.permissions().mode() & 0o777, after.ctime_nsec()), (0o644, before), "{args:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_authorities_that_is_not_there_is_named_as_it_is_written() {
    let mut program = Program::new("127.0.0.1:1", "abc");
    for (value, why) in [("no such.pem", ""), ("~/ca.pem", " (nobody expands the ~: write the whole path)")] {
        program.set("SSL_CERT_FILE", value);
        let said = refused(&program);
        assert!(
            said.contains(&format!(
                "warning: SSL_CERT_FILE names {value}, which is not there{why}; used is "
            )),
            "{said}"
        );
    }
    program.set("SSL_CERT_FILE", ".");
    let said = refused(&program);
    let expected =
        ". (SSL_CERT_FILE) can't be read: Is a directory (os error 21).\nCorrect or unset SSL_CERT_FILE.\n";
    assert!(said.ends_with(expected), "{said}");
}

#[test]
fn the_advice_names_the_setting_that_is_wrong_and_nothing_else() {
    let cut = std::fs::read_to_string(crate::tls::certificate("ca")).unwrap();
    let cut = cut[..cut.len() / 2].to_owned();
    for (content, why) in [
        ("", "it is empty"),
        ("hello\n", "there is no -----BEGIN CERTIFICATE----- in it"),
        (cut.as_str(), "can't be used: its -----END CERTIFICATE----- is missing"),
    ] {
        let mut program = Program::new("127.0.0.1:1", "abc");
        let path = program.file("authorities.pem", content);
        program.set("SSL_CERT_FILE", path.to_str().unwrap());
        let said = refused(&program);
        assert!(said.contains("127.0.0.1:1 can't be used with these settings.\n"), "{said}");
        assert!(said.contains("(SSL_CERT_FILE) has no certificate that can be used: "), "{said}");
        assert!(said.ends_with(&format!("{why}\nCorrect or unset SSL_CERT_FILE.\n")), "{said}");
        assert!(!said.contains("ARVADOS_API_HOST"), "{said}");
    }
    let program = Program::unconfigured();
    program.file(&format!("{FILE}/in_its_place"), "");
    let said = refused(&program);
    let remedy = "Make it readable, or set ARVADOS_API_HOST and ARVADOS_API_TOKEN in the environment.\n";
    assert!(
        said.ends_with(&format!("settings.conf can't be read: Is a directory (os error 21).\n{remedy}")),
        "{said}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_with_its_name_before_it_is_taken_as_what_is_meant_or_refused_by_name() {
    let (_world, host, token) = cluster().await;
    let said_of_it = "other Arvados tools take the name for a part of";
    for (host_is, token_is) in [
        (format!("ARVADOS_API_HOST={host}"), format!("ARVADOS_API_TOKEN={token}")),
        (format!("export ARVADOS_API_HOST={host}"), format!(" export  ARVADOS_API_TOKEN=\"{token}\";\n")),
        (format!("\"ARVADOS_API_HOST={host}\""), format!("'export ARVADOS_API_TOKEN={token}'")),
        (format!("ARVADOS_API_HOST = '{host}'"), format!("ARVADOS_API_TOKEN = {token} ")),
    ] {
        let program = Program::new(&host_is, &token_is);
        let ran = program.run(&["users", "list"]);
        assert_eq!(ran.code, 0, "{host_is}: {ran:?}");
        if !host_is.starts_with('"') {
            assert!(notes(&program)[0].contains(said_of_it), "{host_is}: {:?}", notes(&program));
        }
        // The same in a file.
        let program = Program::unconfigured();
        let (host_is, token_is) = (host_is.trim(), token_is.trim());
        program.file(FILE, format!("ARVADOS_API_HOST={host_is}\nARVADOS_API_TOKEN={token_is}\n"));
        let ran = program.run(&["users", "list"]);
        assert_eq!(ran.code, 0, "{host_is}: {ran:?}");
    }
    let secret = token.rsplit('/').next().unwrap();
    for (token_is, told) in [
        (format!("Bearer {token}"), "ARVADOS_API_TOKEN has more than the token"),
        (format!("Authorization: Bearer {token}"), "ARVADOS_API_TOKEN has more than the token"),
        (format!("ARVADOS_API_TOKEN=Bearer {token}"), "ARVADOS_API_TOKEN has more than the token"),
        (format!("'{token}"), "ARVADOS_API_TOKEN has a quote at one end only"),
        (format!("ARVADOS_API_TOKEN='{token}"), "ARVADOS_API_TOKEN has a quote at one end only"),
        (format!("ARVADOS_API_HOST={host}"), "ARVADOS_API_TOKEN begins with the name of another variable"),
    ] {
        let said = refused(&Program::new(&host, &token_is));
        assert!(said.contains(told), "{told}: {said}");
        assert!(!said.contains(secret), "{said}");
    }
    let said = refused(&Program::new(&format!("ARVADOS_API_TOKEN={token}"), &token));
    assert!(said.contains("ARVADOS_API_HOST begins with the name of another variable"), "{said}");
    assert!(!said.contains(secret), "{said}");
}
