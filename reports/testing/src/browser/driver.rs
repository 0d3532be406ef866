//! A browser under remote control: `WebDriver` is JSON over HTTP, of which these tests need eight
//! commands, so there is no client library but the HTTP one.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use reqwest::blocking::{Client, Response};
use serde_json::{Value, json};

/// Keys as `WebDriver` names them.
#[allow(missing_docs, reason = "each is named after its key")]
pub mod key {
    pub const TAB: &str = "\u{E004}";
    pub const SHIFT: &str = "\u{E008}";
    pub const ESCAPE: &str = "\u{E00C}";
    pub const END: &str = "\u{E010}";
    pub const HOME: &str = "\u{E011}";
    pub const LEFT: &str = "\u{E012}";
    pub const UP: &str = "\u{E013}";
    pub const RIGHT: &str = "\u{E014}";
    pub const DOWN: &str = "\u{E015}";
}

/// How long the browser may take for one command.
const PATIENCE: Duration = Duration::from_secs(300);

/// A browser with one window; both it and its driver end with this value.
pub struct Driver {
    process: Child,
    client: Client,
    /// Where its commands go; empty until there is a session.
    session: String,
}

impl Driver {
    /// Starts a driver on a port of its own choice, and a browser.
    pub(super) fn start(driver: &Path, browser: &Path) -> Self {
        let mut process = Command::new(driver)
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the driver starts");
        let stdout = process.stdout.take().expect("its output is piped");
        // Where the whole workspace is built, this client can do TLS, and wants to know by whose
        // cryptography.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder()
            .no_proxy()
            .timeout(2 * PATIENCE)
            .build()
            .expect("a client of the loopback");
        let mut driver = Self { process, client, session: String::new() };
        let port = BufReader::new(stdout)
            .lines()
            .map_while(Result::ok)
            .find_map(|line| Some(line.split_once("successfully on port ")?.1.replace('.', "")))
            .expect("the driver says its port");
        let root = format!("http://127.0.0.1:{port}");
        let answer = driver.send(&format!("{root}/session"), &capabilities(browser));
        let id = answer["sessionId"].as_str().expect("a session has a name");
        driver.session = format!("{root}/session/{id}");
        driver
    }

    /// Opens a page and waits until it is there.
    pub fn open(&self, url: &str) {
        self.command("url", &json!({ "url": url }));
    }

    /// Runs a function's body in the page; a promise is awaited.
    pub fn run(&self, body: &str) -> Value {
        self.command("execute/sync", &json!({ "script": body, "args": [] }))
    }

    /// A command of the browser's own developer tools.
    pub fn devtools(&self, command: &str, parameters: &Value) -> Value {
        self.command("goog/cdp/execute", &json!({ "cmd": command, "params": parameters }))
    }

    /// Presses a key and lets it go, with others held down meanwhile.
    pub fn press(&self, held: &[&str], key: &str) {
        let step = |kind: &str, key: &str| json!({ "type": kind, "value": key });
        let mut steps: Vec<Value> = held.iter().map(|held| step("keyDown", held)).collect();
        steps.extend([step("keyDown", key), step("keyUp", key)]);
        steps.extend(held.iter().map(|held| step("keyUp", held)));
        let keyboard = json!({ "type": "key", "id": "keyboard", "actions": steps });
        self.command("actions", &json!({ "actions": [keyboard] }));
    }

    /// What a log (`browser`: the console; `performance`: what the page did) holds since it was asked
    /// last.
    pub fn log(&self, kind: &str) -> Vec<Value> {
        let entries = self.command("se/log", &json!({ "type": kind }));
        entries.as_array().expect("a log is a list").clone()
    }

    fn command(&self, name: &str, body: &Value) -> Value {
        self.send(&format!("{}/{name}", self.session), body)
    }

    fn send(&self, url: &str, body: &Value) -> Value {
        let request = self.client.post(url).body(body.to_string());
        let text = request.send().and_then(Response::text).expect("the driver answers");
        let answer: Value = serde_json::from_str(&text).expect("the driver speaks JSON");
        assert!(answer["value"]["error"].is_null(), "{url}: {}", answer["value"]["message"]);
        answer["value"].clone()
    }
}

fn capabilities(browser: &Path) -> Value {
    json!({ "capabilities": { "alwaysMatch": {
        // A busy machine is slow, and no test is about speed.
        "timeouts": { "script": PATIENCE.as_millis() as u64, "pageLoad": PATIENCE.as_millis() as u64 },
        "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        "goog:chromeOptions": {
            "binary": browser,
            "args": ["--headless=new", "--hide-scrollbars", "--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        },
    } } })
}

impl Drop for Driver {
    fn drop(&mut self) {
        // The browser is the driver's child, and ends with its session.
        if !self.session.is_empty() {
            let _ = self.client.delete(&self.session).send();
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
