//! Who may look and who may act; and that the page is fit for everybody and asks nobody else.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use reports_testing::browser::{axe, browser, prefer, resize, violations};
use serde_json::Value;

use super::show::{Show, eventually_in, workers_are_drawn};

/// What the browser's pages asked for, in order.
fn requests(log: &[Value]) -> Vec<String> {
    let address = |entry: &Value| {
        let text = entry["message"].as_str()?;
        let message: Value = serde_json::from_str(text).ok()?;
        let sent = message["message"]["method"] == "Network.requestWillBeSent";
        sent.then(|| message["message"]["params"]["request"]["url"].as_str().map(str::to_owned))?
    };
    log.iter().filter_map(address).collect()
}

#[test]
fn the_page_asks_its_own_server_alone_and_the_console_stays_empty() {
    let Some(browser) = browser() else { return };
    let show = Show::start(&["--workers", "2"]);
    browser.open(&show.url);
    workers_are_drawn(&browser, 2);
    show.done("/workers/1/kill");
    let log = "document.getElementById('log').textContent.includes('is back as pid')";
    eventually_in(&browser, "the log tells it", log);
    let asked = requests(&browser.log("performance"));
    assert!(asked.len() > 3, "{asked:?}");
    assert!(asked.iter().all(|url| url.starts_with(&show.url)), "{asked:?}");
    assert_eq!(browser.log("browser"), [Value::Null; 0]);
}

#[test]
fn axe_finds_no_violation_in_light_dark_and_forced_colours_while_it_plays() {
    let (Some(axe), Some(browser)) = (axe(), browser()) else { return };
    let show = Show::start(&["--workers", "3", "--lab", "omission"]);
    for size in [(390, 844), (1280, 800), (1920, 1080)] {
        for theme in [
            ("prefers-color-scheme", "light"),
            ("prefers-color-scheme", "dark"),
            ("forced-colors", "active"),
        ] {
            resize(&browser, size);
            prefer(&browser, "", &[theme]);
            browser.open(&show.url);
            workers_are_drawn(&browser, 3);
            let found = violations(&browser, &axe);
            assert!(found.is_empty(), "{size:?} {theme:?}: {found:#?}");
            let wide = "return document.documentElement.scrollWidth > innerWidth";
            assert_eq!(browser.run(wide), false, "{size:?}: it scrolls sideways");
        }
    }
}

/// Serves one page to whoever comes, from an origin of its own, until the test ends.
fn other_origin(html: String) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let url = format!("http://{}/", listener.local_addr().expect("it has an address"));
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let mut request = [0; 4096];
            let _ = stream.read(&mut request);
            let head = format!(
                "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n",
                html.len()
            );
            let _ =
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(html.as_bytes()));
        }
    });
    url
}

#[test]
fn a_page_of_another_origin_can_neither_act_nor_look_nor_frame() {
    let Some(browser) = browser() else { return };
    let show = Show::start(&["--workers", "2"]);
    let told = show.follow();
    let before = told.under_load(2);
    let html = format!(
        "<!doctype html><title>evil</title><iframe src=\"{0}\"></iframe><script>window.got = {{}};\
         const tried = (name, promise) => promise.then((text) => got[name] = text, () => got[name] = 'refused');\
         const kill = '{0}workers/1/kill';\
         tried('simple', fetch(kill, {{ method: 'POST', mode: 'no-cors' }}).then(() => 'sent'));\
         tried('token', fetch(kill, {{ method: 'POST', headers: {{ Authorization: 'Bearer {1}' }} }}).then(() => 'sent'));\
         tried('page', fetch('{0}').then((answer) => answer.text()));\
         const form = document.createElement('form'); form.method = 'post'; form.action = kill;\
         form.target = 'other'; document.body.append(form); \
         const frame = document.createElement('iframe'); frame.name = 'other'; document.body.append(frame); form.submit();\
         const events = new EventSource('{0}events'); events.onerror = () => got.events = 'refused';\
         events.addEventListener('frame', () => got.events = 'read');</script>",
        show.url, show.token
    );
    browser.open(&other_origin(html));
    // Even with the token, which it cannot have, the browser asks first whether it may, and may not.
    for (name, wanted) in [("token", "refused"), ("page", "refused"), ("events", "refused")] {
        eventually_in(&browser, name, &format!("window.got.{name} === '{wanted}'"));
    }
    eventually_in(&browser, "simple", "window.got.simple !== undefined");
    let framed = "return [...document.querySelectorAll('iframe')].every((frame) => { \
                  try { return !frame.contentDocument || !frame.contentDocument.getElementById('workers'); } \
                  catch { return true; } })";
    assert_eq!(browser.run(framed), true);
    // Nobody was killed, and nobody acted.
    let after = told.under_load(2);
    for place in 0..2 {
        assert_eq!(before["workers"][place]["pid"], after["workers"][place]["pid"]);
    }
    assert_eq!((&after["killed"]["processes"], &after["controllers"]), (&0.into(), &0.into()));
}

#[test]
fn without_the_token_a_foreign_host_or_a_foreign_origin_nobody_acts() {
    let (show, told) = Show::under_load(2, &[]);
    let bearer = show.bearer();
    let mine = ("Authorization", bearer.as_str());
    let kill = "/workers/1/kill";
    assert_eq!(show.ask("POST", kill, &[]).0, 401);
    assert_eq!(show.ask("POST", kill, &[("Authorization", "Bearer x")]).0, 401);
    assert_eq!(show.ask("POST", kill, &[mine, ("Host", "evil.example")]).0, 421);
    assert_eq!(show.ask("POST", kill, &[mine, ("Origin", "http://evil.example")]).0, 403);
    assert_eq!(show.ask("POST", kill, &[mine, ("Sec-Fetch-Site", "cross-site")]).0, 403);
    assert_eq!(show.ask("GET", "/", &[("Host", "evil.example")]).0, 421);
    assert_eq!(show.ask("PUT", kill, &[mine]).0, 405);
    assert_eq!(told.under_load(2)["killed"]["processes"], 0);
}

#[test]
fn off_loopback_the_token_is_in_the_address_alone_and_even_a_look_needs_it() {
    let show = Show::start_on("0.0.0.0:0", &["--workers", "2"]);
    let (_, token) = show.url.split_once("/#").expect("the printed address has the token");
    let (status, page) = show.ask("GET", "/", &[]);
    assert_eq!(status, 200);
    assert!(page.contains("name=\"token\" content=\"\"") && !page.contains(token));
    for path in ["/events", "/events?token=x", "/results", "/lab/record.json"] {
        assert_eq!(show.ask("GET", path, &[]).0, 401, "{path}");
    }
    assert_eq!(show.ask("GET", &format!("/results?token={token}"), &[]).0, 200);
    assert_eq!(show.ask("POST", "/pause", &[]).0, 401);
    let bearer = format!("Bearer {token}");
    assert_eq!(show.ask("POST", "/pause", &[("Authorization", &bearer)]).0, 200);
    let Some(browser) = browser() else { return };
    browser.open(&show.url.replace("0.0.0.0", "127.0.0.1"));
    workers_are_drawn(&browser, 2);
    browser.run("document.getElementById('pause').click()");
    let goes_on = "document.getElementById('pause').dataset.paused === 'false'";
    eventually_in(&browser, "it may act", goes_on);
}

#[test]
fn several_may_watch_and_a_second_controller_is_told() {
    let show = Show::start(&["--workers", "2"]);
    let viewers = [show.follow(), show.follow(), show.follow()];
    let bearer = show.bearer();
    for (place, told) in viewers.iter().take(2).enumerate() {
        let hello = told.event("a viewer is greeted", |name, _| name == "hello");
        let viewer = hello["viewer"].to_string();
        let headers = [("Authorization", bearer.as_str()), ("x-viewer", viewer.as_str())];
        assert_eq!(show.ask("POST", "/pause", &headers).0, 200);
        told.frame("as many act", |frame| {
            frame["controllers"] == place + 1 && frame["viewers"] == 3
        });
    }
    let [first, second, third] = viewers;
    drop(first);
    drop(second);
    third.frame("those who left are gone", |frame| {
        frame["controllers"] == 0 && frame["viewers"] == 1
    });
}

#[test]
fn a_viewer_who_takes_nothing_is_let_go_and_the_others_see_on() {
    let show = Show::start(&["--workers", "2"]);
    let host = show.url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut deaf = TcpStream::connect(&host).expect("its server listens");
    deaf.write_all(format!("GET /events HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
        .expect("it takes a request");
    let told = show.follow();
    told.frame("both are there", |frame| frame["viewers"] == 2);
    drop(deaf);
    told.frame("one has gone", |frame| frame["viewers"] == 1);
    told.under_load(2);
}
