//! A worker is killed under load: its bar falls, a new process serves, and no failure is hidden.

use hello_cluster::harness::process::{Signal, signal};
use reports_testing::browser::browser;
use serde_json::Value;

use super::show::{Show, eventually_in};

fn second(frame: &Value) -> Value {
    let bars = frame["workers"].as_array().expect("a frame has workers");
    bars.iter().find(|bar| bar["id"] == 2).expect("worker 2 is there").clone()
}

#[test]
fn clicking_kill_turns_the_bar_to_down_and_then_a_new_process_serves() {
    let Some(browser) = browser() else { return };
    let show = Show::start(&["--workers", "3"]);
    let told = show.follow();
    let before = second(&told.under_load(3))["pid"].clone();
    // Kept connections may all have gone to the other two before the new process is there.
    show.done("/load?keepalive=false&connections=16");
    told.under_load(3);
    browser.open(&show.url);
    let bar = "document.querySelector('[data-worker=\"2\"]')";
    eventually_in(&browser, "the bar is there", &format!("{bar}?.dataset.state === 'ready'"));
    // Every change of the bar from now on, in order.
    browser.run(&format!(
        "const bar = {bar}; window.seen = []; const note = () => {{ \
         const now = `${{bar.dataset.state}} ${{bar.dataset.pid}}`; \
         if (window.seen.at(-1) !== now) window.seen.push(now); }}; note(); \
         new MutationObserver(note).observe(bar, {{ attributes: true }}); \
         bar.querySelector('[data-act=\"kill\"]').click();"
    ));
    let exit = told.happened("exit");
    assert_eq!((&exit["pid"], &exit["signal"]), (&before, &9.into()));
    let text = exit["text"].as_str().expect("it has a line");
    assert!(text.contains("was killed by signal 9"), "{text}");
    let after = told.happened("listening")["pid"].clone();
    assert_ne!(after, before);
    let serves = format!("{bar}.dataset.state === 'ready' && {bar}.dataset.pid === '{after}'");
    eventually_in(&browser, "the new process is shown", &serves);
    // A busy machine may still be starting it when the dead one leaves the stage.
    let seen = browser.run("return window.seen.filter((state) => !state.startsWith('starting'))");
    let states = [format!("ready {before}"), format!("down {before}"), format!("ready {after}")];
    assert_eq!(seen, serde_json::json!(states));
    told.frame("the new process answers", |frame| {
        let bar = second(frame);
        bar["pid"] == after && bar["requests"] != 0
    });
    // The page's failures are the generator's, and at most what the dead process had open.
    let last = show.pause(&told);
    let failures = last["load"]["failures"].as_u64().expect("failures are counted");
    let open = last["killed"]["open"].as_u64().expect("open connections are counted");
    assert_eq!(last["killed"]["processes"], 1);
    assert!(failures <= open, "{failures} failures, {open} open");
    for (id, number) in [("failures", failures), ("killed-open", open)] {
        let shown = format!(
            "document.getElementById('{id}').textContent.replace(/\\D/g, '') === '{number}'"
        );
        eventually_in(&browser, "the page shows the same", &shown);
    }
}

#[test]
fn in_every_mode_a_kill_costs_at_most_what_the_process_had_open() {
    let test = |mode: &str| {
        let (show, told) = Show::under_load(2, &["--mode", mode]);
        show.done("/load?keepalive=false&connections=16");
        show.done("/workers/1/kill");
        let exit = told.happened("exit");
        let back = told.happened("listening");
        assert_eq!(exit["id"], back["id"], "{mode}");
        told.frame("the new process answers", |frame| {
            let bars = frame["workers"].as_array().expect("a frame has workers");
            bars.iter().any(|bar| bar["pid"] == back["pid"] && bar["requests"] != 0)
        });
        let last = show.pause(&told);
        let (failures, open) = (&last["load"]["failures"], &last["killed"]["open"]);
        assert!(failures.as_u64() <= open.as_u64(), "{mode}: {failures} failures, {open} open");
    };
    std::thread::scope(|scope| {
        for mode in ["shared", "reuseport", "round-robin", "least-connections"] {
            scope.spawn(move || test(mode));
        }
    });
}

#[test]
fn a_dead_process_stays_in_sight_and_is_told_at_once() {
    let show = Show::start(&["--workers", "2"]);
    let told = show.follow();
    let pid = second(&told.under_load(2))["pid"].clone();
    let victim = pid.as_u64().and_then(|pid| pid.try_into().ok()).expect("a process id");
    signal(victim, Signal::SIGKILL).unwrap();
    // What happened comes before the first frame that shows it.
    let exit = told.event("a death", |name, event| {
        assert!(name != "frame" || second(event)["state"] != "down", "the frame was first");
        name == "happened" && event["kind"] == "exit"
    });
    let down = told.frame("the dead one is shown", |frame| second(frame)["state"] == "down");
    assert_eq!((&second(&down)["pid"], &second(&down)["signal"]), (&pid, &9.into()));
    let up = told.frame("the new one is shown", |frame| second(frame)["state"] == "ready");
    let seconds = up["t_s"].as_f64().unwrap_or_default() - exit["t_s"].as_f64().unwrap_or_default();
    assert!(seconds >= 0.7, "it was in sight for {seconds} s");
}
