//! Who is let in: pages of other sites are not, nor is who shows no token where one is needed.

use std::io::{Read, Write};
use std::net::Shutdown;

use server::Mode;

use super::operator::{error_of, start};
use crate::common::{PATIENCE, events, run, temporary_path};

#[test]
fn who_acts_must_show_the_token() {
    let (cluster, operator) = start("round-robin", 2, &[]);
    let wrong = format!("Bearer {}", "0".repeat(64));
    let basic = format!("Basic {}", operator.token);
    let shown = [None, Some(wrong.as_str()), Some(basic.as_str()), Some("Bearer")];
    for target in ["/workers/1/kill", "/scale?workers=1", "/restart", "/mode?to=shared"] {
        for token in shown {
            let headers: Vec<_> = token.map(|token| ("Authorization", token)).into_iter().collect();
            let answer = operator.ask_with("POST", target, &headers);
            // Sixteen wrong ones may be more than are answered in full.
            assert!(matches!(answer.status(), 401 | 429), "{target} {token:?}: {answer:?}");
            if answer.status() == 401 {
                assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
            }
        }
    }
    assert_eq!(operator.status().mode, Mode::RoundRobin);
    assert_eq!(cluster.exits().len(), 0, "nothing was done");
}

#[test]
fn a_flood_of_wrong_tokens_does_not_lock_the_right_one_out() {
    let (_cluster, operator) = start("round-robin", 1, &[]);
    let host = operator.host();
    let (mut refused, mut put_off) = (0, 0);
    // On one connection, so that they come faster than patience comes back.
    let mut stream = operator.connect();
    for _ in 0..400 {
        write!(stream, "POST /restart HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer x\r\n\r\n")
            .unwrap();
        let answer = crate::common::Answer::read_from(&mut stream).unwrap();
        match answer.status() {
            401 => refused += 1,
            429 => {
                assert_eq!(answer.header("retry-after"), Some("1"));
                put_off += 1;
            }
            _ => panic!("{answer:?}"),
        }
        if put_off > 0 {
            operator.command("/scale?workers=1");
            break;
        }
    }
    assert!(refused >= 10 && put_off > 0, "{refused} refused, {put_off} put off");
}

#[test]
fn names_that_were_made_to_point_here_are_not_ours() {
    let (_cluster, operator) = start("round-robin", 1, &[]);
    let port = operator.address.port();
    for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}")]
    {
        assert_eq!(operator.ask("GET", "/status", &[("Host", &host)]).status(), 200, "{host}");
    }
    for host in [format!("evil.example:{port}"), "127.0.0.1".into(), "localhost:1".into()] {
        for target in ["/status", "/healthz", "/metrics", "/events"] {
            let answer = operator.ask("GET", target, &[("Host", &host)]);
            assert_eq!(answer.status(), 421, "{host} {target}: {answer:?}");
            error_of(&answer);
        }
        let token = operator.bearer();
        let headers = [("Host", host.as_str()), ("Authorization", token.as_str())];
        assert_eq!(operator.ask("POST", "/restart", &headers).status(), 421, "{host}");
    }
    assert_eq!(operator.ask("GET", "/status", &[]).status(), 400, "nobody's host");
}

#[test]
fn pages_of_other_sites_are_refused_whatever_they_ask() {
    let (_cluster, operator) = start("round-robin", 1, &[]);
    let token = operator.bearer();
    for (name, value) in [
        ("Origin", "http://evil.example"),
        ("Origin", "null"),
        ("Sec-Fetch-Site", "cross-site"),
        ("Sec-Fetch-Site", "same-site"),
    ] {
        let headers = [("Authorization", token.as_str()), (name, value)];
        for (method, target) in [("GET", "/status"), ("GET", "/events"), ("POST", "/restart")] {
            let answer = operator.ask_with(method, target, &headers);
            assert_eq!(answer.status(), 403, "{name}: {value}, {method} {target}");
            assert!(!answer.head.contains("access-control"), "{answer:?}");
        }
    }
    let own = format!("http://{}", operator.host());
    assert_eq!(operator.ask_with("GET", "/status", &[("Origin", &own)]).status(), 200);
}

#[test]
fn every_answer_forbids_guessing_and_keeping() {
    let (_cluster, operator) = start("round-robin", 1, &[]);
    for target in ["/healthz", "/status", "/metrics", "/nothing", "/scale"] {
        let answer = operator.get(target);
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{target}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{target}");
        assert_eq!(answer.header("access-control-allow-origin"), None, "{target}");
    }
}

#[test]
fn an_address_that_others_can_reach_shows_nothing_without_the_token() {
    let cluster = crate::common::Cluster::start("round-robin", 1, &["--admin", "0.0.0.0:0"]);
    let mut operator = super::operator::Operator::of(&cluster);
    operator.address.set_ip([127, 0, 0, 1].into());
    assert_eq!(operator.get("/healthz").status(), 200);
    for target in ["/status", "/metrics", "/events", "/nothing"] {
        assert_eq!(operator.get(target).status(), 401, "{target}");
    }
    let token = operator.bearer();
    assert_eq!(operator.ask_with("GET", "/status", &[("Authorization", &token)]).status(), 200);
}

#[test]
fn garbage_harms_nobody() {
    let (cluster, operator) = start("round-robin", 1, &[]);
    let admin = cluster.wait_for_events(events::admin, 1)[0];
    let long = [b"GET /".as_slice(), &b"a".repeat(100_000), b" HTTP/1.1\r\n\r\n"].concat();
    let host = operator.host();
    let big = format!(
        "POST /restart HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Length: 5000\r\n\r\n{}",
        operator.token,
        "x".repeat(5000)
    );
    for garbage in [
        &b"\0\xff\xfe"[..],
        b"\r\n\r\n\r\n",
        b"\x16\x03\x01\x02\x00",
        b"GET",
        &long,
        big.as_bytes(),
    ] {
        let mut stream = operator.connect();
        // The other side may have had enough before the end.
        let _ = stream.write_all(garbage).and_then(|()| stream.shutdown(Shutdown::Write));
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        assert!(!answer.starts_with(b"HTTP/1.1 2"), "{}", String::from_utf8_lossy(&answer));
    }
    assert_eq!(operator.admin(), Some(admin), "it is the same process");
    assert!(cluster.events_of(events::restart).is_empty());
}

#[test]
fn a_token_of_ones_own_comes_from_a_file_and_is_printed_nowhere() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path) = temporary_path("token");
    std::fs::write(&path, "  a-token-of-my-own \n").unwrap();
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
    let file = path.to_str().unwrap();
    let arguments = ["--admin", "127.0.0.1:0", "--admin-token-file", file];
    let cluster = crate::common::Cluster::start("shared", 1, &arguments);
    let address = super::operator::address(&cluster);
    let operator = super::operator::Operator { address, token: "a-token-of-my-own".into() };
    operator.command("/restart");
    cluster.wait_for_events(events::restarted, 1);
    let said = [cluster.lines(), cluster.errors()].concat().join("\n");
    let told = format!("{:?}", cluster.events());
    assert!(!said.contains("a-token-of-my-own") && !told.contains("a-token-of-my-own"));
    assert!(!said.contains("Admin token"), "{said}");
}

#[test]
fn help_says_how_to_ask() {
    let (code, help, _) = run(&["serve", "--help"]);
    assert_eq!(code, 0);
    for words in ["--admin <ADDR>", "--admin-token-file <FILE>", "curl -X POST", "/mode?to="] {
        assert!(help.contains(words), "{words} in {help}");
    }
}
