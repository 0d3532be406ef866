//! The events of a cluster as lines for people, and as the page gets them.

use serde::Serialize;
use serde_json::Value;

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Happened {
    /// Seconds since the demonstration began.
    pub t_s: f64,
    /// What kind of thing: the server's name of the event, `load` or `lab`.
    pub kind: String,
    /// The worker that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u64>,
    /// Its process.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u64>,
    /// How many processes the worker had before.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u64>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<u64>,
    /// The exit code that it ended with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<u64>,
    /// Connections that it took with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<u64>,
    /// One line.
    pub text: String,
}

impl Happened {
    /// Something that is not about a worker.
    pub fn plain(t_s: f64, kind: &str, text: String) -> Self {
        Self {
            t_s,
            kind: kind.to_owned(),
            id: None,
            pid: None,
            generation: None,
            signal: None,
            code: None,
            open: None,
            text,
        }
    }
}

/// An event of the server; `back_s` is how long after its predecessor's death a worker listens
/// again. `None` for what would only be noise.
pub fn happened(t_s: f64, name: &str, event: &Value, back_s: Option<f64>) -> Option<Happened> {
    let number = |key: &str| event[key].as_u64();
    let text = text(name, event, back_s)?;
    Some(Happened {
        id: number("id"),
        pid: number("pid"),
        generation: number("generation"),
        signal: number("signal"),
        code: number("code"),
        open: (name == "exit").then(|| number("open")).flatten(),
        ..Happened::plain(t_s, name, text)
    })
}

fn text(name: &str, event: &Value, back_s: Option<f64>) -> Option<String> {
    let number = |key: &str| event[key].as_u64().unwrap_or_default();
    let word = |key: &str| event[key].as_str().unwrap_or_default();
    let (id, pid) = (number("id"), number("pid"));
    let worker = format!("Worker {id} (pid {pid})");
    Some(match name {
        "fork" => format!("Worker {id} is forked as pid {pid}"),
        "listening" => match back_s {
            Some(back_s) => {
                format!("Worker {id} is back as pid {pid}, {:.0} ms after", back_s * 1e3)
            }
            None => format!("{worker} takes connections"),
        },
        "disconnect" => format!("{worker} takes no more connections: {}", reason(word("reason"))),
        "stalled" => format!("{worker} no longer beats: it gets no new connections"),
        "recovered" => format!("{worker} beats again"),
        "stopped" => format!("{worker} is frozen (SIGSTOP)"),
        "continued" => format!("{worker} goes on (SIGCONT)"),
        "exit" => format!("{worker} {}", ending(event)),
        "scale" => format!("{} are wanted", workers(number("workers"))),
        "mode" => format!("Mode {}: new connections are shared out so", word("mode")),
        "switched" => format!("Every worker accepts as {} wants it", word("mode")),
        "restart" => "A rolling restart begins".to_owned(),
        "restarted" => "Every worker has been replaced".to_owned(),
        "restart_failed" => {
            format!("The rolling restart failed at worker {id}: {}", word("how"))
        }
        "admin_exit" => "The operators' process has ended and is replaced".to_owned(),
        _ => return None,
    })
}

fn reason(reason: &str) -> &str {
    match reason {
        "scale" => "fewer are wanted",
        "restart" => "its successor is ready",
        "max-requests" => "it has answered as many requests as it was to",
        "stop" => "the cluster stops",
        other => other,
    }
}

/// How a process ended, and what it took with it.
fn ending(event: &Value) -> String {
    let open = event["open"].as_u64().unwrap_or_default();
    let took = match open {
        0 => "no connection was open".to_owned(),
        1 => "1 connection was open".to_owned(),
        _ => format!("{open} connections were open"),
    };
    match (event["signal"].as_u64(), event["reason"].as_str()) {
        (Some(signal), Some("stalled")) => {
            format!("no longer beat and was ended by signal {signal}; {took}")
        }
        (Some(signal), Some("killed")) => {
            format!("did not finish in time and was ended by signal {signal}; {took}")
        }
        (Some(signal), _) => format!("was killed by signal {signal}; {took}"),
        (None, Some("drained")) => "has finished and is gone".to_owned(),
        (None, _) => {
            format!("crashed with code {}; {took}", event["code"].as_u64().unwrap_or_default())
        }
    }
}

fn workers(number: u64) -> String {
    if number == 1 { "1 worker".to_owned() } else { format!("{number} workers") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn line(name: &str, event: &Value, back_s: Option<f64>) -> String {
        happened(1.0, name, event, back_s).unwrap().text
    }

    #[test]
    fn a_death_says_who_died_how_and_what_was_open() {
        let mut exit = json!({ "id": 2, "pid": 77, "generation": 0, "code": null, "signal": 9,
            "reason": "crashed", "open": 16 });
        assert_eq!(
            line("exit", &exit, None),
            "Worker 2 (pid 77) was killed by signal 9; 16 connections were open"
        );
        exit["open"] = 1.into();
        exit["reason"] = "stalled".into();
        assert!(line("exit", &exit, None).ends_with("signal 9; 1 connection was open"));
        let drained = json!({ "id": 2, "pid": 77, "code": 0, "reason": "drained", "open": 0 });
        assert_eq!(line("exit", &drained, None), "Worker 2 (pid 77) has finished and is gone");
        let crashed = json!({ "id": 2, "pid": 77, "code": 101, "reason": "crashed", "open": 0 });
        assert!(line("exit", &crashed, None).contains("crashed with code 101; no connection"));
    }

    #[test]
    fn a_return_says_how_long_it_took() {
        let listening = json!({ "id": 2, "pid": 99, "generation": 1 });
        assert_eq!(
            line("listening", &listening, Some(0.0124)),
            "Worker 2 is back as pid 99, 12 ms after"
        );
        assert_eq!(line("listening", &listening, None), "Worker 2 (pid 99) takes connections");
    }

    #[test]
    fn what_is_told_to_the_page_names_the_worker_and_leaves_out_what_is_not() {
        let event = json!({ "id": 2, "pid": 77, "generation": 1, "code": null, "signal": 9,
            "reason": "crashed", "open": 16 });
        let happened = happened(1.5, "exit", &event, None).unwrap();
        let told = serde_json::to_value(&happened).unwrap();
        assert_eq!(
            (&told["kind"], &told["signal"], &told["open"]),
            (&json!("exit"), &json!(9), &json!(16))
        );
        assert!(told.get("code").is_none());
        assert!(super::happened(1.5, "online", &event, None).is_none());
        assert!(super::happened(1.5, "master", &event, None).is_none());
    }
}
