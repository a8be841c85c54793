//! Whatever stands between here and a cluster says who it was: a proxy, a certificate, a gateway. Each is met
//! for real, on loopback, by the real program.

use crate::harness::{Screen, Start};
use crate::program::{Program, Ran};
use crate::tls::{Proxy, certificate, closing, front, plain, proxy};
use crate::wild::{send, serve};
use crate::world::World;
use arv_admin::arvados::client::Client;
use arv_admin::arvados::connection::{self, CaFile, Connection, ProxyName, Scheme, Trust};
use arv_admin::secret::Secret;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// A host that nobody has.
const NOWHERE: &str = "zzzzz.arvados.invalid";
const TOKEN: &str = "v2/zzzzz-gj3su-000000000000001/canary0secret0canary0secret0canary0secret0canary0secr";

/// What `check` says on standard error, when it fails with code 1.
fn said(program: &Program) -> String {
    let ran = program.run(&["check"]);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{ran:?}");
    assert!(!ran.err.contains("canary"), "{ran:?}");
    ran.err
}

/// The program, on its way to `host` by a proxy.
fn by_way_of(proxy: &str, host: &str) -> Program {
    let mut program = Program::new(host, TOKEN);
    program.set("HTTPS_PROXY", proxy);
    program
}

/// A demo cluster behind TLS, and the program that is to find it.
async fn behind(name: &str) -> (World, Program, SocketAddr) {
    let world = World::institute_today().await;
    let address = front(name, world.demo.addr());
    let mut program = Program::new(&format!("localhost:{}", address.port()), world.demo.admin_token());
    program.set("SSL_CERT_FILE", certificate("ca").to_str().unwrap());
    (world, program, address)
}

fn assert_lines(said: &str, lines: &[&str]) {
    for line in lines {
        assert!(said.lines().any(|is| is.starts_with(line)), "{line}\nis not in\n{said}");
    }
}

fn assert_checked(ran: &Ran) {
    assert_eq!((ran.code, ran.err.as_str()), (0, ""), "{ran:?}");
}

#[test]
fn a_proxy_that_is_dead_is_named_with_its_variable() {
    let told = said(&by_way_of("http://127.0.0.1:1", NOWHERE));
    assert_lines(
        &told,
        &[
            "The proxy 127.0.0.1:1 (HTTPS_PROXY) can't be reached.",
            "cannot connect: Connection refused",
            "Check HTTPS_PROXY: host and port. Nothing was asked of zzzzz.arvados.invalid itself.",
            "If zzzzz.arvados.invalid can be reached without it, name zzzzz.arvados.invalid in NO_PROXY.",
        ],
    );
    assert!(!told.contains("ARVADOS_API_HOST"), "the cluster's host is not what is wrong: {told}");
    for variable in ["https_proxy", "ALL_PROXY", "all_proxy"] {
        let mut program = Program::new(NOWHERE, TOKEN);
        program.set(variable, "127.0.0.1:1");
        assert_lines(&said(&program), &[&format!("The proxy 127.0.0.1:1 ({variable}) can't be reached.")]);
    }
}

#[test]
fn a_proxy_that_nobody_knows_is_named_with_its_variable() {
    assert_lines(
        &said(&by_way_of("http://rosa:canary@proxy.invalid:3128", NOWHERE)),
        &[
            "The proxy proxy.invalid:3128 (HTTPS_PROXY) can't be found.",
            "cannot connect: its name is not known here",
        ],
    );
}

#[test]
fn a_proxy_that_wants_a_login_or_refuses_says_so_itself() {
    for (answer, login, lines) in [
        (
            Proxy::Wants("none"),
            "",
            [
                "The proxy {proxy} (HTTPS_PROXY) wants a user name and password.",
                "it answers 407 Proxy Authentication Required; it takes Basic",
                "Put them into HTTPS_PROXY: http://USER:PASSWORD@HOST:PORT, with %40 for @",
            ],
        ),
        (
            Proxy::Wants("none"),
            "rosa:canary@",
            [
                "The proxy {proxy} (HTTPS_PROXY) does not accept its user name and password.",
                "it answers 407 Proxy Authentication Required; it takes Basic",
                "Put them into HTTPS_PROXY",
            ],
        ),
        (
            Proxy::Answers("407 Who are you\r\nProxy-Authenticate: Negotiate\r\nProxy-Authenticate: NTLM"),
            "",
            [
                "The proxy {proxy} (HTTPS_PROXY) wants a user name and password.",
                "it answers 407 Who are you; it takes Negotiate and NTLM",
                "Only Basic can be given from here",
            ],
        ),
        (
            Proxy::Answers("403 Forbidden by policy"),
            "rosa:canary@",
            [
                "The proxy {proxy} (HTTPS_PROXY) refuses to connect to zzzzz.arvados.invalid.",
                "it answers 403 Forbidden by policy",
                "Whoever runs the proxy can say why, and allow zzzzz.arvados.invalid.",
            ],
        ),
        (
            Proxy::Answers("503 Service Unavailable"),
            "",
            [
                "The proxy {proxy} (HTTPS_PROXY) can't reach zzzzz.arvados.invalid.",
                "it answers 503 Service Unavailable",
                "Check ARVADOS_API_HOST. The proxy answers; the cluster does not, or not to the proxy.",
            ],
        ),
        (
            Proxy::Wavers,
            "",
            [
                "The proxy {proxy} (HTTPS_PROXY) refused to connect to zzzzz.arvados.invalid, once.",
                "it let the same connection through the second time",
                "Try again. If it comes back, whoever runs the proxy can say why.",
            ],
        ),
        (
            Proxy::Answers("SSH-2.0-OpenSSH_9.2"),
            "",
            [
                "The proxy {proxy} (HTTPS_PROXY) does not answer like a proxy.",
                "to CONNECT it answers something else: SSH-2.0-OpenSSH_9.2",
                "Check HTTPS_PROXY: host and port.",
            ],
        ),
    ] {
        let (address, asked) = proxy(answer);
        let told = said(&by_way_of(&format!("http://{login}{address}"), NOWHERE));
        let lines = lines.map(|line| line.replace("{proxy}", &address.to_string()));
        assert_lines(&told, &lines.each_ref().map(String::as_str));
        assert!(asked.heads().iter().all(|head| head.starts_with("CONNECT zzzzz.arvados.invalid:443 ")));
        assert!(asked.heads().iter().all(|head| !head.contains("canary0secret")), "no token goes to a proxy");
        let with_password =
            asked.heads().iter().filter(|head| head.to_lowercase().contains("authorization")).count();
        if told.contains("does not accept") {
            assert_eq!(with_password, 1, "few tries may be left before its owner is locked out");
        }
    }
}

#[tokio::test]
async fn where_nothing_is_answered_the_proxy_on_the_way_is_named() {
    let world = World::empty().await;
    let (address, asked) = proxy(Proxy::IsSilent);
    let name = ProxyName { address: address.to_string(), variable: "HTTPS_PROXY" };
    let (host, port) = (address.ip().to_string(), address.port());
    let by = connection::Proxy { name, scheme: Scheme::Http, host, port, login: None };
    let nowhere = Connection {
        scheme: Scheme::Https,
        proxy: Some(Box::new(by)),
        ..Connection::on_loopback(NOWHERE.to_owned(), Secret::new(TOKEN.to_owned()))
    };
    let client = Client::new(&nowhere, world.time.timer()).unwrap();
    let clock = async {
        while world.time.sleepers() == 0 || asked.heads().is_empty() {
            tokio::task::yield_now().await;
        }
        world.time.advance(Duration::from_secs(60));
    };
    let (answer, ()) = tokio::join!(client.current_user(None), clock);
    let error = answer.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("no answer after 60 s, by way of the proxy {address} (HTTPS_PROXY)")
    );
    assert_eq!(error.advice(), "check the host name, the proxy and the network, then try again");
}

#[test]
fn a_proxy_that_can_t_be_used_is_refused_with_the_reason_and_nothing_is_sent() {
    let (address, asked) = serve(|_, client| send(client, "200 OK", "", b"{}"));
    for (value, reason) in [
        (
            "user:p@canary@proxy.example:3128",
            "its user name or password has a character that must be written",
        ),
        ("http://user:ca/nary@proxy.example:3128", "%2F for /"),
        ("socks5h://localhost:1080", "SOCKS is not spoken here"),
        ("htp://proxy.example:3128", "it is neither http:// nor https://"),
        ("http://proxy.example:canary", "write http://HOST:PORT"),
        ("http://proxy.example/proxy.pac", "it has more than a host and a port"),
    ] {
        let host = format!("localhost:{}", address.port());
        let told = said(&by_way_of(value, &host));
        assert!(told.starts_with("HTTPS_PROXY can't be used: "), "{told}");
        assert!(told.contains(reason), "{told}");
        assert_lines(
            &told,
            &[&format!(
                "Nothing was sent, not directly either. Correct HTTPS_PROXY; or unset it, or name {host} in \
                 NO_PROXY, to connect directly."
            )],
        );
    }
    assert_eq!(asked.heads(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_proxy_is_gone_by_way_of_and_no_proxy_leaves_hosts_out_in_every_form() {
    let (_world, mut program, server) = behind("server").await;
    let (address, asked) = proxy(Proxy::Wants("cm9zYTpwQHNzOi8="));
    program.set("HTTPS_PROXY", &format!("http://rosa:p%40ss%3A%2F@{address}"));
    let checked = program.run(&["check"]);
    assert_checked(&checked);
    assert!(checked.out.contains(&format!("way        by the proxy {address} (HTTPS_PROXY)")), "{checked:?}");
    let facts = program.run(&["check", "--format", "json"]).json();
    assert_eq!(facts["proxy"], format!("proxy {address} (HTTPS_PROXY)"));
    assert!(!asked.heads().is_empty());

    program.set("HTTPS_PROXY", "socks5h://127.0.0.1:1");
    let port = server.port();
    for list in ["localhost", "*", &format!("other.example, localhost:{port}"), ".localhost", "*.localhost"] {
        program.set("NO_PROXY", list);
        assert_checked(&program.run(&["check"]));
    }
    program.set("NO_PROXY", "localhost:1");
    assert!(said(&program).contains("SOCKS"), "another port is another thing");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_behind_a_proxy_is_not_the_proxy_s_fault_but_it_is_named() {
    let (_world, mut program, server) = behind("ended").await;
    let (address, _) = proxy(Proxy::Connects);
    program.set("HTTPS_PROXY", &format!("http://{address}"));
    let host = format!("localhost:{}", server.port());
    assert_lines(
        &said(&program),
        &[
            &format!("{host} shows a certificate that has ended."),
            &format!(
                "It was asked by way of the proxy {address} (HTTPS_PROXY). To ask directly, name localhost in"
            ),
        ],
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_not_believed_is_told_with_what_is_wrong_and_what_to_do() {
    for (name, trusted, lines) in [
        (
            "ended",
            "ca",
            &[
                "{host} shows a certificate that has ended.",
                "the certificate ended on 2021-03-04 05:06 UTC; this computer's clock says 20",
                "If the clock is right, whoever runs the cluster must renew it",
                "If the clock is wrong, set it: `date -u` shows it.",
            ][..],
        ),
        (
            "not_yet",
            "ca",
            &[
                "{host} shows a certificate that is not valid yet.",
                "the certificate begins on 2120-03-04 05:06 UTC; this computer's clock says 20",
                "If the clock is wrong, set it",
            ],
        ),
        (
            "other_host",
            "ca",
            &[
                "{host} shows a certificate of another host.",
                "the certificate is for other.example and www.other.example, not for {host}",
                "ARVADOS_API_HOST must be a name that the certificate has",
            ],
        ),
        (
            "nameless",
            "ca",
            &[
                "{host} shows a certificate of another host.",
                "the certificate names no host at all, so not {host} (it has no subjectAltName)",
                "Whoever runs the cluster must make one with subjectAltName",
            ],
        ),
        (
            "own_authority",
            "own_authority",
            &[
                "{host} shows a certificate authority's certificate as its own.",
                "the certificate is a certificate authority's (CA:TRUE), which is not accepted of a server, also if \
                 SSL_CERT_FILE names it (CaUsedAsEndEntity)",
                "The server needs a certificate of its own, signed by that authority, or one made with \
                 basicConstraints=CA:FALSE",
            ],
        ),
        (
            "server",
            "self_signed",
            &[
                "{host} shows a certificate that is not trusted here.",
                "no authority that is trusted here has signed the certificate (trusted: {file} (SSL_CERT_FILE))",
                "If the cluster has a certificate authority of its own, name its file in SSL_CERT_FILE",
            ],
        ),
    ] {
        let (_world, mut program, address) = behind(name).await;
        let file = program.file("trusted.pem", std::fs::read(certificate(trusted)).unwrap());
        program.set("SSL_CERT_FILE", file.to_str().unwrap());
        let filled = |line: &&str| {
            line.replace("{host}", &format!("localhost:{}", address.port()))
                .replace("{file}", "~/trusted.pem")
        };
        let lines: Vec<String> = lines.iter().map(filled).collect();
        let told = said(&program);
        assert_lines(&told, &lines.iter().map(String::as_str).collect::<Vec<_>>());
        assert!(!told.contains("(UNIX)"), "{told}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_that_is_believed_is_taken_from_the_working_folder_too() {
    for (name, trusted) in [("server", "ca"), ("self_signed", "self_signed")] {
        let (_world, mut program, _) = behind(name).await;
        program.file("my ca.pem", std::fs::read(certificate(trusted)).unwrap());
        program.set("SSL_CERT_FILE", "my ca.pem");
        let checked = program.run(&["check"]);
        assert_checked(&checked);
        assert!(checked.out.contains("trusted    my ca.pem (SSL_CERT_FILE)"), "{checked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_a_file_with_a_block_that_is_garbage_the_rest_is_used_and_the_block_named() {
    let (_world, mut program, _) = behind("server").await;
    let ca = std::fs::read_to_string(certificate("ca")).unwrap();
    let garbage = "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUgarbage!\n-----END CERTIFICATE-----\n";
    program.set("SSL_CERT_FILE", "ca.pem");
    let second = format!("block 2 (line {})", ca.lines().count() + 1);
    for (content, block) in
        [(format!("{garbage}{ca}"), "block 1 (line 1)"), (format!("{ca}{garbage}"), second.as_str())]
    {
        program.file("ca.pem", &content);
        let checked = program.run(&["check"]);
        assert_eq!(checked.code, 0, "{checked:?}");
        let warning = format!(
            "warning: ca.pem (SSL_CERT_FILE): {block} can't be used: it is not base64; 1 other certificate \
             is used\n"
        );
        assert_eq!(checked.err, warning);
    }
    program.file("ca.pem", garbage);
    assert_eq!(
        said(&program).lines().nth(1),
        Some(
            "ca.pem (SSL_CERT_FILE) has no certificate that can be used: block 1 (line 1) can't be used: it is not \
             base64"
        )
    );
}

#[test]
fn a_server_that_is_none_is_told_apart_by_what_it_does() {
    for (host, lines) in [
        (
            plain().to_string(),
            ["{host} does not speak TLS on this port.", "what it answers is not TLS", "Check the port"],
        ),
        (
            closing().to_string(),
            [
                "{host} closes the connection.",
                "it closed the connection before it was encrypted: ",
                "Something on the way, a firewall perhaps, or another service on that port",
            ],
        ),
        (
            "127.0.0.1:1".to_owned(),
            [
                "{host} can't be reached.",
                "cannot connect: Connection refused",
                "Check ARVADOS_API_HOST and the network",
            ],
        ),
        (
            NOWHERE.to_owned(),
            [
                "{host} can't be found.",
                "cannot connect: its name is not known here",
                "Check ARVADOS_API_HOST for a slip",
            ],
        ),
    ] {
        let told = said(&Program::new(&host, TOKEN));
        let lines = lines.map(|line| line.replace("{host}", &host));
        assert_lines(&told, &lines.each_ref().map(String::as_str));
    }
}

#[test]
fn a_gateway_that_refuses_is_not_taken_for_arvados() {
    for (status, headers, body, told) in [
        (
            "403 Forbidden",
            "Server: cloudflare\r\nContent-Type: text/html\r\n",
            "<html><head><title>Access denied</title></head></html>",
            "a web page answered, not the Arvados API: \"Access denied\" (403, cloudflare)",
        ),
        (
            "401 Unauthorized",
            "Server: nginx\r\nContent-Type: text/html\r\n",
            "\r\n<!DOCTYPE html><title>401 Authorization Required</title>",
            "a web page answered, not the Arvados API: \"401 Authorization Required\" (401, nginx)",
        ),
        (
            "401 Unauthorized",
            "Content-Type: application/json\r\n",
            "{\"message\": \"Unauthorized\"}",
            "something else answered, not the Arvados API (401)",
        ),
        (
            "404 Not Found",
            "Server: nginx\r\n",
            "<html><title>404</title>",
            "a web page answered, not the Arvados API: \"404\" (404, nginx)",
        ),
        (
            "302 Found",
            "Server: gate\r\nLocation: https://login.example/start?back=canary\r\n",
            "<html>",
            "302 the server sends elsewhere; its redirects are not followed (gate, it sends to login.example)",
        ),
    ] {
        let (address, _) = serve(move |_, client| send(client, status, headers, body.as_bytes()));
        let said = said(&Program::new(&format!("http://{address}"), TOKEN));
        assert_lines(
            &said,
            &[
                &format!("{address} does not answer like an Arvados API server."),
                told,
                "ARVADOS_API_HOST must name the API server, not Workbench or another web site.",
                "Where a gateway or a login page of the network stands before it, log in there",
            ],
        );
    }
}

/// What the screen connects to: a cluster behind TLS, and the authorities in a text.
fn connection(server: SocketAddr, token: &str, pem: &str) -> Connection {
    let pem = Arc::new(pem.as_bytes().to_vec());
    let file = CaFile { path: "~/ca.pem".to_owned(), variable: Some("SSL_CERT_FILE"), pem };
    Connection {
        scheme: Scheme::Https,
        host: server.to_string(),
        token: Secret::new(token.to_owned()),
        trust: Trust::Authorities(file),
        proxy: None,
        warnings: Vec::new(),
    }
}

/// The screen on such a connection, when it has come to rest.
async fn screen_on(connection: Connection, size: (u16, u16)) -> Screen {
    Screen::start(Start { connection: Some(connection), size, users: 1, ..Start::default() }).await
}

#[tokio::test]
async fn the_start_page_says_who_it_was_at_every_size() {
    let ca = std::fs::read_to_string(certificate("ca")).unwrap();
    let own = std::fs::read_to_string(certificate("own_authority")).unwrap();
    let world = World::institute().await;
    let token = world.demo.admin_token();
    let (ended, authority) = (front("ended", world.demo.addr()), front("own_authority", world.demo.addr()));
    let name = ProxyName { address: "127.0.0.1:1".to_owned(), variable: "HTTPS_PROXY" };
    let dead =
        connection::Proxy { name, scheme: Scheme::Http, host: "127.0.0.1".to_owned(), port: 1, login: None };
    for size in [(80, 24), (120, 40)] {
        let by_proxy = Connection { proxy: Some(Box::new(dead.clone())), ..connection(ended, token, &ca) };
        let mut screen = screen_on(by_proxy, size).await;
        screen.assert_shows("The proxy 127.0.0.1:1 (HTTPS_PROXY) can't be reached.");
        screen.assert_shows("Check HTTPS_PROXY: host and port.");
        screen.assert_shows("it is also tried again by itself");

        let mut screen = screen_on(connection(ended, token, &ca), size).await;
        screen.assert_shows(&format!("{ended} shows a certificate that has ended."));
        screen.assert_shows("the certificate ended on 2021-03-04 05:06 UTC; this computer's clock says");
        screen.assert_hides("by itself");

        let mut screen = screen_on(connection(authority, token, &own), size).await;
        screen.assert_shows("shows a certificate authority's certificate as its own.");
        screen.assert_shows("(CaUsedAsEndEntity)");
    }
}

#[tokio::test]
async fn a_block_that_can_t_be_used_is_told_on_the_screen_too() {
    let ca = std::fs::read_to_string(certificate("ca")).unwrap();
    let world = World::institute().await;
    let server = front("server", world.demo.addr());
    let garbage = "-----BEGIN CERTIFICATE-----\ngarbage!\n-----END CERTIFICATE-----\n";
    let on = connection(server, world.demo.admin_token(), &format!("{garbage}{ca}"));
    let mut screen = screen_on(on, (120, 40)).await;
    screen.assert_shows("~/ca.pem (SSL_CERT_FILE): block 1 (line 1) can't be used: it is not base64");
    screen.press("! ").await;
    screen.assert_shows("1 other certificate is used");
}
