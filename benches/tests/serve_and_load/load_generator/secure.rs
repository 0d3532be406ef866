//! https and HTTP/2, against nginx.

use rcgen::{CertificateParams, KeyPair};

use super::support::{Behaviour, Server, load, number, numbers, refused};
use crate::common::nginx::Nginx;

/// Says hello by TLS and names a worker; offers HTTP/2.
const SECURE: &str = "listen 127.0.0.1:{port} ssl http2;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        location / { add_header x-worker-id 7; return 200 hello; }";

const ONLY_ONE: &str = "listen 127.0.0.1:{port} ssl;
        ssl_certificate {folder}/cert.pem;
        ssl_certificate_key {folder}/key.pem;
        location / { return 200 hello; }";

/// HTTP/2 without TLS; each connection is a worker of its own.
const CLEAR: &str = "listen 127.0.0.1:{port} http2;
        location / { add_header x-worker-id $connection; return 200 hello; }";

/// nginx with a certificate of its own for `localhost`.
fn nginx(server: &str) -> Option<Nginx> {
    let key = KeyPair::generate().unwrap();
    let parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = parameters.self_signed(&key).unwrap().pem();
    Nginx::start(server, &[("cert.pem", &certificate), ("key.pem", &key.serialize_pem())])
}

fn url(scheme: &str, nginx: &Nginx) -> String {
    format!("{scheme}://localhost:{}/", nginx.address.port())
}

#[test]
fn https_is_spoken_by_reqwest_and_it_says_so() {
    let Some(nginx) = nginx(SECURE) else { return };
    let authority = nginx.folder.path().join("cert.pem");
    let url = url("https", &nginx);
    let arguments = ["-n", "200", "-c", "4", "--json", "-", "--cacert"];
    let run = load(&[&[url.as_str()], &arguments[..], &[authority.to_str().unwrap()]].concat());
    let result = run.json_with(0);
    assert_eq!(numbers(&result, ["/requests", "/lifetime/connections"]), [200, 4], "{result}");
    assert_eq!(number(&result, "/workers/0/id"), 7, "{result}");
    assert_eq!((&result["engine"], &result["http_version"]), (&"reqwest".into(), &"HTTP/2".into()));
    assert!(run.err.starts_with("note: https is spoken by reqwest"), "{}", run.err);
}

#[test]
fn a_server_without_http_2_is_spoken_to_in_http_1() {
    let Some(nginx) = nginx(ONLY_ONE) else { return };
    let url = url("https", &nginx);
    let result = load(&[&url, "-n", "50", "-c", "2", "--insecure", "--json", "-"]).json();
    assert_eq!(numbers(&result, ["/requests", "/lifetime/connections"]), [50, 2], "{result}");
    assert_eq!(result["http_version"], "HTTP/1.1", "{result}");
}

#[test]
fn a_certificate_that_nobody_believes_is_one_line_that_says_what_helps() {
    let Some(nginx) = nginx(SECURE) else { return };
    let run = load(&[&url("https", &nginx), "-d", "30s"]);
    assert_eq!((run.code, run.out.as_str()), (3, ""), "{}", run.err);
    let last = run.err.lines().last().unwrap();
    for part in ["cannot reach", "certificate", "--cacert FILE", "--insecure"] {
        assert!(last.contains(part), "{part} in {}", run.err);
    }
}

#[test]
fn http_2_carries_several_requests_at_a_time_on_a_connection() {
    let Some(nginx) = nginx(CLEAR) else { return };
    let url = url("http", &nginx);
    let arguments = ["--http2", "--pipeline", "8", "-n", "400", "-c", "2", "--json", "-"];
    let result = load(&[&[url.as_str()], &arguments[..]].concat()).json();
    assert_eq!(numbers(&result, ["/requests", "/lifetime/connections"]), [400, 2], "{result}");
    assert_eq!(result["workers"].as_array().unwrap().len(), 2, "{result}");
    assert_eq!(result["http_version"], "HTTP/2", "{result}");
}

#[test]
fn http_2_takes_a_new_connection_for_each_request_if_asked_to() {
    let Some(nginx) = nginx(CLEAR) else { return };
    let url = url("http", &nginx);
    let arguments = ["--http2", "--no-keepalive", "-n", "30", "-c", "2", "--json", "-"];
    let result = load(&[&[url.as_str()], &arguments[..]].concat()).json();
    assert_eq!(numbers(&result, ["/requests", "/lifetime/connections"]), [30, 30], "{result}");
    assert_eq!(result["workers"].as_array().unwrap().len(), 30, "{result}");
}

#[test]
fn what_a_client_library_cannot_do_is_one_line() {
    let cases: [(&[&str], &str); 5] = [
        (&["https://h/", "--engine", "epoll"], "--engine reqwest, or auto, for https"),
        (&["http://h/", "--engine", "hyper", "--http2"], "--engine reqwest, or auto, for --http2"),
        (&["http://h/", "--engine", "hyper", "--pipeline", "2"], "--pipeline 1"),
        (&["https://h/", "--pipeline", "2"], "--http2"),
        (&["https://h/", "--cacert", "x", "--insecure"], "cannot be used with"),
    ];
    refused(&[], &cases);
    let server = Server::start(Behaviour::Echo);
    let run = load(&[&server.url(), "--cacert", "/nonexistent"]);
    assert_eq!(run.code, 3, "{}", run.err);
    let run = load(&[&server.url(), "--cacert", "/dev/null"]);
    assert_eq!((run.code, run.err.lines().count()), (2, 1), "{}", run.err);
}
