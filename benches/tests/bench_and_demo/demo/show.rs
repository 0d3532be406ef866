//! A demonstration under test: its process, its stream of events, and its page in a browser.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use hello_cluster::harness::process::Signal;
use reports_testing::browser::Driver;
use serde_json::Value;

use crate::program::hello_cluster;
use crate::support::Running;

/// How long anything may take: a busy machine is slow, and no test here is about speed.
const PATIENCE: Duration = Duration::from_secs(60);

/// A demonstration; killed, with all that it started, when dropped.
pub struct Show {
    pub process: Running,
    pub url: String,
    address: String,
    pub token: String,
    /// Where it puts its own folder, which stays behind when it is killed.
    pub temporary: tempfile::TempDir,
}

impl Show {
    /// Starts one on a free port of loopback.
    pub fn start(arguments: &[&str]) -> Self {
        let mut show = Self::start_on("127.0.0.1:0", arguments);
        let page = show.ask("GET", "/", &[]).1;
        let token = page.split_once("name=\"token\" content=\"").map(|(_, rest)| rest);
        let token = token.and_then(|rest| rest.split('"').next());
        token.expect("it is there").clone_into(&mut show.token);
        show
    }

    /// Starts one on an address; its token is not known yet.
    pub fn start_on(listen: &str, arguments: &[&str]) -> Self {
        let mut command = hello_cluster();
        let temporary = tempfile::tempdir().expect("a folder can be made");
        command.args(["demo", "--listen", listen]).args(arguments);
        command.env("TMPDIR", temporary.path());
        let mut process = Running::start(command);
        let url = process.wait_for("say where its page is", |line| {
            line.strip_prefix("Demonstration: ").map(str::to_owned)
        });
        let rest = url.strip_prefix("http://").expect("the address is one of HTTP");
        let address = rest.split('/').next().unwrap_or_default().to_owned();
        Self { process, url, address, token: String::new(), temporary }
    }

    /// Starts one with this many workers, and waits until they serve.
    pub fn under_load(workers: usize, arguments: &[&str]) -> (Self, Told) {
        let show = Self::start(&[&["--workers", &workers.to_string()], arguments].concat());
        let told = show.follow();
        told.under_load(workers);
        (show, told)
    }

    /// Starts one under load whose labs are short, and go into the folder that comes with it.
    pub fn for_short_labs() -> (tempfile::TempDir, Self, Told) {
        let out = tempfile::tempdir().expect("a folder can be made");
        let arguments = ["--short", "--out", out.path().to_str().expect("its path is text")];
        let (show, told) = Self::under_load(2, &arguments);
        (out, show, told)
    }

    /// Starts the lab whose card is open without a guess; its card as it was.
    pub fn guess_nothing(&self, told: &Told) -> Value {
        let card = told.event("the card", |name, card| name == "lab" && card["stage"] == "predict");
        let items = card["items"].as_array().expect("a lab has items");
        self.done(&format!("/lab/guess?values={}", ",".repeat(items.len() - 1)));
        card
    }

    /// Asks its server; status and body.
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)]) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).expect("its server listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a socket has a timeout");
        let host = headers.iter().find(|(name, _)| *name == "Host");
        let host = host.map_or(self.address.as_str(), |(_, host)| host);
        let mut head = format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\n");
        for (name, value) in headers.iter().filter(|(name, _)| *name != "Host") {
            head.extend([name, ": ", value, "\r\n"]);
        }
        stream.write_all(format!("{head}\r\n").as_bytes()).expect("it takes a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("it answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer has a head");
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok());
        (status.expect("a head has a status"), body.to_owned())
    }

    /// What who acts shows, as the value of a header.
    pub fn bearer(&self) -> String {
        format!("Bearer {}", self.token)
    }

    /// Has it do something, showing the token; status and answer.
    pub fn act(&self, path: &str) -> (u16, Value) {
        let (status, body) = self.ask("POST", path, &[("Authorization", &self.bearer())]);
        (status, serde_json::from_str(&body).expect("an answer to an action is JSON"))
    }

    pub fn done(&self, path: &str) {
        let (status, answer) = self.act(path);
        assert_eq!(status, 200, "{path}: {answer}");
    }

    pub fn follow(&self) -> Told {
        let mut stream = TcpStream::connect(&self.address).expect("its server listens");
        let head = format!("GET /events HTTP/1.0\r\nHost: {}\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).expect("it takes a request");
        let (tell, told) = channel();
        std::thread::spawn(move || {
            let mut name = String::new();
            for line in BufReader::new(stream).lines().map_while(Result::ok) {
                if let Some(event) = line.strip_prefix("event: ") {
                    event.clone_into(&mut name);
                } else if let Some(json) = line.strip_prefix("data: ") {
                    let what = serde_json::from_str(json).expect("an event is JSON");
                    if tell.send((name.clone(), what)).is_err() {
                        return;
                    }
                }
            }
        });
        Told(told)
    }

    /// What the generators that have ended counted, by their own results: good answers, and failures.
    pub fn counted(&self) -> (u64, u64) {
        let (status, body) = self.ask("GET", "/results", &[]);
        assert_eq!(status, 200, "{body}");
        let results: Value = serde_json::from_str(&body).expect("results are JSON");
        let each = results.as_object().expect("results have numbers").values();
        each.fold((0, 0), |(good, failed), result| {
            let errors = result["errors"].as_object().expect("errors have classes");
            let errors: u64 = errors.values().filter_map(Value::as_u64).sum();
            (good + result["requests"].as_u64().unwrap_or_default(), failed + errors)
        })
    }

    /// Pauses the load and waits until its generators have ended; the last frame.
    pub fn pause(&self, told: &Told) -> Value {
        self.done("/pause");
        told.frame("the load has come to rest", |frame| {
            let (good, failed) = self.counted();
            frame["settings"]["load"]["paused"] == true
                && frame["load"]["answered"] == good
                && frame["load"]["failures"] == failed
                && frame["cores"]["generator"] == 0.0
        })
    }

    /// Ends it in order, as Ctrl-C does; its exit code.
    pub fn end(&mut self) -> Option<i32> {
        self.process.signal(Signal::SIGINT);
        self.process.code()
    }
}

/// What a demonstration tells.
pub struct Told(Receiver<(String, Value)>);

impl Told {
    /// The next event for which this holds.
    pub fn event(&self, what: &str, holds: impl Fn(&str, &Value) -> bool) -> Value {
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let (name, event) = self.0.recv_timeout(left).unwrap_or_else(|_| panic!("{what}"));
            if holds(&name, &event) {
                return event;
            }
        }
    }

    pub fn frame(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        self.event(what, |name, event| name == "frame" && holds(event))
    }

    pub fn happened(&self, kind: &str) -> Value {
        self.event(kind, |name, event| name == "happened" && event["kind"] == kind)
    }

    /// Waits until this many workers are ready and any of them answers.
    pub fn under_load(&self, workers: usize) -> Value {
        self.frame("all workers serve under load", |frame| {
            let bars = frame["workers"].as_array().expect("a frame has workers");
            bars.len() == workers
                && bars.iter().all(|bar| bar["state"] == "ready")
                && frame["load"]["rps"].as_f64() > Some(0.0)
        })
    }
}

/// Waits until the page shows this many workers that are ready.
pub fn workers_are_drawn(browser: &Driver, workers: usize) {
    let bars = "document.querySelectorAll('[data-worker][data-state=\"ready\"]').length";
    eventually_in(browser, "the workers are drawn", &format!("{bars} === {workers}"));
}

/// Waits until an expression in the page is true.
pub fn eventually_in(browser: &Driver, what: &str, expression: &str) {
    let body = format!(
        "return new Promise((done) => {{ const end = performance.now() + {}; \
         const look = () => {{ if ({expression}) done(true); \
         else if (performance.now() > end) done(false); else setTimeout(look, 5); }}; look(); }})",
        PATIENCE.as_millis()
    );
    assert_eq!(browser.run(&body), true, "{what}: {expression}");
}
