//! What the page gets, byte by byte, from what server and generator write.

use server::Mode;

use super::*;

/// The counts that nothing here is about.
const REST: &str = r#""bytes":1,"lost":0,"vain_wakes":0,"busy_s":0.1,"errors":{"bad_requests":0,"protocol":0,"broken_off":0,"too_large":0,"timeouts":0,"exhausted":0},"cpu_user_s":0.1,"cpu_sys_s":0.1"#;

const STATUS: &str = r#"{"mode":"shared","address":"127.0.0.1:8000","pid":70,"uptime_s":2.5,"workers":2,"waiting":3,"skips":0,"rows":[
{"id":1,"pid":77,"generation":0,"state":"ready","age_s":1.0,"heartbeat_s":null,"connections":10,"open":4,"requests":100,REST,"requests_of_id":100,"keeps":0},
{"id":2,"pid":78,"generation":0,"state":"stopped","age_s":1.0,"heartbeat_s":0.5,"connections":20,"open":5,"requests":300,REST,"requests_of_id":100,"keeps":null}],
"totals":[],"admin":{"pid":71,"restarts":0,"missed_events":0}}"#;

const EXIT: &str = r#"{"t_s":2.6,"event":"exit","id":1,"pid":77,"generation":0,"code":null,"signal":9,"reason":"crashed","connections":12,"open":4,"requests":120,REST}"#;

const LISTENING: &str = r#"{"t_s":2.6124,"event":"listening","id":1,"pid":79,"generation":1}"#;

const SNAPSHOT: &str = r#"{"t_s":0.5,"end":false,"good":500,"errors":{"reset":4,"timeout":0},"failed":4,"never_sent":0,"latency_us":[[100.0,490],[9000.0,14]],"connections":4,"workers":[{"id":1,"pid":77,"connections":2,"requests":250}],"busy_s":0.25}"#;

const FRAME: &str = r#"{"t_s":1.5,"settings":{"mode":"shared","workers":2,"busy":null,"load":{"rate":null,"connections":32,"keepalive":true,"workload":"hello","paused":false}},
"commands":{"serve":"hello-cluster serve","load":"hello-cluster load","admin":"http://127.0.0.1:9000","token_file":"/tmp/token"},
"workers":[{"id":1,"pid":77,"generation":0,"state":"down","signal":9,"rps":0.0,"open":0,"cpu":0.0,"dealt":0,"dealt_total":12,"requests":120},
{"id":2,"pid":78,"generation":0,"state":"stopped","rps":0.0,"open":5,"cpu":0.5,"dealt":20,"dealt_total":20,"requests":300}],
"master":{"pid":70,"cpu":0.25},"waiting":3,"connects_rps":0.0,
"load":{"rps":1000.0,"p50_us":100.0,"p99_us":9000.0,"failures":4,"by_class":{"reset":4},"answered":500},
"killed":{"processes":1,"open":4},
"cores":{"of":2.0,"server":1.0,"generator":0.0,"demo":0.0,"other":1.0,"steal":0.0,"idle":0.0},
"diagnosis":"No worker serves: requests wait, or fail.","viewers":2,"controllers":1,"playing":"free"}"#;

fn message(name: &str, json: &str) -> ServerMessage {
    ServerMessage::parse(name, &json.replace("REST", REST)).unwrap()
}

fn reading(server: &[(u32, f64)]) -> Reading {
    Reading {
        server: server.iter().copied().collect(),
        generator: [(9, 0.5)].into(),
        demo_s: 0.25,
        idle_s: 3.0,
        steal_s: 0.0,
    }
}

#[test]
fn what_the_page_gets_is_told_in_these_bytes() {
    let mut dashboard = Dashboard::new(2);
    assert_eq!(dashboard.server_message(1.0, message("status", STATUS)), None);
    dashboard.clocks(1.0, &reading(&[(70, 1.0), (77, 2.0), (78, 1.0)]));
    dashboard.curve.add(1.0, 1, serde_json::from_str(SNAPSHOT).unwrap());
    let exit = dashboard.server_message(1.25, message("exit", EXIT));
    assert_eq!(
        serde_json::to_string(&exit).unwrap(),
        r#"{"t_s":1.25,"kind":"exit","id":1,"pid":77,"generation":0,"signal":9,"open":4,"text":"Worker 1 (pid 77) was killed by signal 9; 4 connections were open"}"#
    );
    let back = dashboard.server_message(1.375, message("listening", LISTENING));
    assert_eq!(
        serde_json::to_string(&back).unwrap(),
        r#"{"t_s":1.375,"kind":"listening","id":1,"pid":79,"generation":1,"text":"Worker 1 is back as pid 79, 12 ms after"}"#
    );
    dashboard.clocks(1.5, &reading(&[(70, 1.125), (78, 1.25), (79, 0.125)]));
    let load = Load::default();
    let serving = Serving { mode: Mode::Shared, workers: 2 };
    let frame = dashboard.frame(
        1.5,
        Settings { serving, busy: None, load: &load },
        Commands {
            serve: "hello-cluster serve".to_owned(),
            load: "hello-cluster load".to_owned(),
            admin: Some("http://127.0.0.1:9000".to_owned()),
            token_file: Some(Path::new("/tmp/token")),
        },
        Audience { viewers: 2, controllers: 1, playing: "free" },
    );
    assert_eq!(serde_json::to_string(&frame).unwrap(), FRAME.replace('\n', ""));
}
