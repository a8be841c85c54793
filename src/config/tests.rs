//! How configuration is read.

use super::*;
use crate::arvados::connection::CaFile;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// A home and some variables.
struct World {
    root: tempfile::TempDir,
    env: BTreeMap<&'static str, String>,
}

impl World {
    fn new() -> Self {
        let env = BTreeMap::from([("HOME", "/home/rosa".to_owned())]);
        Self { root: tempfile::tempdir().expect("a directory"), env }
    }

    fn set(mut self, name: &'static str, value: &str) -> Self {
        self.env.insert(name, value.to_owned());
        self
    }

    fn file(self, path: &str, content: &str) -> Self {
        let real = self.root.path().join(path.trim_start_matches('/'));
        std::fs::create_dir_all(real.parent().expect("a parent")).expect("directories");
        std::fs::write(&real, content).expect("written");
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o600)).expect("mode");
        self
    }

    fn load(&self, wanted: Wanted) -> Result<Settings, ConfigError> {
        let env = |name: &str| self.env.get(name).map(OsString::from);
        Settings::load(wanted, &Surroundings::new(&env, self.root.path()))
    }

    fn usual(&self) -> Settings {
        self.load(Wanted::Usual).expect("settings")
    }
}

const CANARY: &str = "v2/zzzzz-gj3su-000000000000001/canary0secret";

fn settings(host: &str) -> String {
    format!("ARVADOS_API_HOST={host}\nARVADOS_API_TOKEN={CANARY}\n")
}

#[test]
fn the_environment_comes_before_the_file_variable_by_variable() {
    let world = World::new()
        .file("/home/rosa/.config/arvados/settings.conf", &settings("file.example"))
        .set("ARVADOS_API_HOST", "env.example");
    let loaded = world.usual();
    assert_eq!(loaded.connection.host, "env.example");
    assert_eq!(loaded.connection.token, Secret::new(CANARY.to_owned()), "the token is the file's");
}

#[test]
fn only_the_first_file_that_is_there_is_read() {
    let world = World::new()
        .set("CONFIGURATION_DIRECTORY", "relative:/run/one:/run/two")
        .set("XDG_CONFIG_HOME", "also/relative")
        .set("XDG_CONFIG_DIRS", "/opt/xdg")
        .file("/opt/xdg/arvados/settings.conf", &settings("system.example"));
    assert_eq!(world.usual().connection.host, "system.example");
    let world = world.file("/home/rosa/.config/arvados/settings.conf", &settings("home.example"));
    assert_eq!(world.usual().connection.host, "home.example");
    let world = world.file("/run/two/settings.conf", &settings("service.example"));
    assert_eq!(world.usual().connection.host, "service.example");
    let world = world.file("/run/one/settings.conf", "# empty\n");
    assert!(matches!(world.load(Wanted::Usual), Err(ConfigError::NotConfigured { .. })));
}

#[test]
fn files_are_read_as_the_sdks_write_them() {
    let content = format!(
        "\u{feff}# comment\n\n  ARVADOS_API_HOST = zzzzz.example:8443  \r\nARVADOS_API_TOKEN = {CANARY}==\nOTHER=a=b\n\
         ARVADOS_API_HOST_INSECURE=Yes\n"
    );
    let loaded = World::new().file("/etc/xdg/arvados/settings.conf", &content).usual();
    assert_eq!(loaded.connection.host, "zzzzz.example:8443");
    assert_eq!(loaded.connection.token, Secret::new(format!("{CANARY}==")));
    assert!(loaded.is_insecure());
}

#[test]
fn insecure_is_true_only_for_the_words_the_sdks_take() {
    let with = |value: &str| {
        World::new()
            .set("ARVADOS_API_HOST", "zzzzz.example")
            .set("ARVADOS_API_TOKEN", CANARY)
            .set("ARVADOS_API_HOST_INSECURE", value)
            .usual()
            .is_insecure()
    };
    assert!(["1", "t", "TRUE", "y", "Yes"].into_iter().all(with));
    assert!(!["0", "false", "no", "", "on"].into_iter().any(with));
}

#[test]
fn insecure_is_for_the_host_beside_it_and_no_other() {
    let file = "/home/rosa/.config/arvados/settings.conf";
    let by_environment =
        World::new().file(file, &settings("zzzzz.example")).set("ARVADOS_API_HOST_INSECURE", "1");
    let by_file = World::new()
        .file(file, &format!("{}ARVADOS_API_HOST_INSECURE=1\n", settings("zzzzz.example")))
        .set("ARVADOS_API_HOST", "env.example");
    for (world, told) in [
        (
            by_environment,
            "ARVADOS_API_HOST_INSECURE of the environment is not for the host, which comes from the settings file: the server's certificate is checked",
        ),
        (
            by_file,
            "~/.config/arvados/settings.conf, line 3: ARVADOS_API_HOST_INSECURE is not for the host, which comes from the environment: the server's certificate is checked",
        ),
    ] {
        let loaded = world.usual();
        assert!(!loaded.is_insecure());
        assert_eq!(loaded.connection.warnings, [told]);
    }
    let beside = World::new()
        .file(file, &format!("{}ARVADOS_API_HOST_INSECURE=1\n", settings("zzzzz.example")))
        .set("ARVADOS_API_TOKEN", CANARY);
    assert!(beside.usual().is_insecure(), "wherever the token comes from");
}

#[test]
fn a_named_cluster_has_its_own_file_and_the_environment_does_not_mix_in() {
    let world = World::new()
        .file("/home/rosa/.config/arvados/pirca.conf", &settings("pirca.example"))
        .set("ARVADOS_API_HOST", "env.example")
        .set("ARVADOS_API_TOKEN", "other");
    let id: ClusterId = "pirca".parse().expect("an id");
    let loaded = world.load(Wanted::Cluster(id)).expect("settings");
    assert_eq!(loaded.connection.host, "pirca.example");
    assert_eq!(loaded.connection.token, Secret::new(CANARY.to_owned()));
    assert_eq!(loaded.expected, Some(id));
    let other = world.load(Wanted::Cluster("zzzzz".parse().expect("an id"))).expect_err("no such file");
    assert!(other.text().starts_with("No settings for cluster zzzzz"), "{}", other.text());
    assert!(other.text().contains("~/.config/arvados/zzzzz.conf"), "{}", other.text());
}

#[test]
fn an_error_names_file_and_line_but_not_what_stands_there() {
    let world = World::new()
        .file("/home/rosa/.config/arvados/settings.conf", &format!("ARVADOS_API_HOST=x\n{CANARY}\n"));
    let error = world.load(Wanted::Usual).expect_err("no NAME=value");
    assert_eq!(error.to_string(), "~/.config/arvados/settings.conf, line 2: expected NAME=value");
    assert!(!format!("{error:?}").contains("canary"));
    let world = world.set("ARVADOS_API_HOST", "env.example").set("ARVADOS_API_TOKEN", "abc");
    assert!(
        world.usual().connection.warnings[0].contains("line 2"),
        "the environment is enough, but it is said"
    );
}

#[test]
fn without_settings_it_is_told_what_was_looked_for_and_where() {
    let error = World::new().load(Wanted::Usual).expect_err("nothing there");
    let expected = "\
No cluster is configured.

Looked for   ARVADOS_API_HOST                  not set
             ARVADOS_API_TOKEN                 not set
             ~/.config/arvados/settings.conf   not there
             /etc/xdg/arvados/settings.conf    not there

Workbench shows both under \"Get API token\". Or try the built-in demo cluster:

    arv-admin --demo";
    assert_eq!(error.text(), expected);
    let half = World::new().set("ARVADOS_API_HOST", "x.example").load(Wanted::Usual).expect_err("no token");
    assert!(half.text().starts_with("ARVADOS_API_TOKEN is missing."), "{}", half.text());
}

#[test]
fn no_token_is_in_debug_or_errors() {
    let world = World::new().set("ARVADOS_API_HOST", "x.example").set("ARVADOS_API_TOKEN", CANARY);
    assert!(!format!("{:?}", world.usual()).contains("canary"));
    let world = world.set("ARVADOS_API_TOKEN", "canary with blanks");
    let error = world.load(Wanted::Usual).expect_err("no token has blanks");
    assert!(!format!("{error} {error:?}").contains("canary"));
}

#[test]
fn a_settings_file_open_to_others_is_never_changed_but_the_command_is_told() {
    for (path, shown, command) in [
        ("/home/rosa/.config/arvados/settings.conf", "~/.config/arvados/settings.conf", None),
        ("/etc/xdg/arvados/settings.conf", "/etc/xdg/arvados/settings.conf", None),
        (
            "/home/rosa/my conf/arvados/settings.conf",
            "~/my conf/arvados/settings.conf",
            Some("chmod 600 '/home/rosa/my conf/arvados/settings.conf'"),
        ),
    ] {
        let world = World::new()
            .set("XDG_CONFIG_HOME", path.strip_suffix("/arvados/settings.conf").expect("a settings file"))
            .file(path, &settings("zzzzz.example"));
        assert_eq!(world.usual().connection.warnings, Vec::<String>::new());
        let real = world.root.path().join(path.trim_start_matches('/'));
        std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o644)).expect("mode");
        let command = command.map_or(format!("chmod 600 {shown}"), str::to_owned);
        assert_eq!(
            world.usual().connection.warnings,
            [format!("{shown} holds a token, and others on this machine can read it: {command}")]
        );
        assert_eq!(real.metadata().expect("there").permissions().mode() & 0o777, 0o644, "it is not ours");
    }
}

#[test]
fn certificate_authorities_come_from_the_first_file_there() {
    let world = World::new().set("ARVADOS_API_HOST", "x.example").set("ARVADOS_API_TOKEN", "abc");
    assert_eq!(world.usual().connection.trust, Trust::System);
    let named = |path: &str, variable, text: &str| {
        let pem = std::sync::Arc::new(text.as_bytes().to_vec());
        Trust::Authorities(CaFile { path: path.to_owned(), variable, pem })
    };
    let pem = |path: &str, text: &str| named(path, None, text);
    let world = world.file("/etc/ssl/certs/ca-certificates.crt", "debian");
    assert_eq!(world.usual().connection.trust, pem("/etc/ssl/certs/ca-certificates.crt", "debian"));
    let world = world.file("/etc/arvados/ca-certificates.crt", "arvados");
    assert_eq!(world.usual().connection.trust, pem("/etc/arvados/ca-certificates.crt", "arvados"));
    let world = world.set("SSL_CERT_FILE", "/opt/ca.pem");
    assert_eq!(world.usual().connection.trust, pem("/etc/arvados/ca-certificates.crt", "arvados"));
    assert!(world.usual().connection.warnings[0].contains("/opt/ca.pem"));
    let world = world.file("/opt/ca.pem", "named");
    assert_eq!(world.usual().connection.trust, named("/opt/ca.pem", Some("SSL_CERT_FILE"), "named"));
}

#[test]
fn what_the_program_keeps_goes_to_the_state_directory() {
    let env = |name: &str| (name == "HOME").then(|| OsString::from("/home/rosa"));
    let around = Surroundings::new(&env, Path::new("/"));
    assert_eq!(state_dir(&around), Some(PathBuf::from("/home/rosa/.local/state/arv-admin")));
    let env = |name: &str| (name == "XDG_STATE_HOME").then(|| OsString::from("/var/state"));
    let around = Surroundings::new(&env, Path::new("/"));
    assert_eq!(state_dir(&around), Some(PathBuf::from("/var/state/arv-admin")));
}
