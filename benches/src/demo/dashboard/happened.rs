//! The events of a cluster as lines for people, and as the page gets them.

use serde::Serialize;
use server::events::{DisconnectReason, Event, Exit, ExitReason, ProcessId};

/// Something that happened; what does not apply is left out.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
pub struct Happened {
    /// Seconds since the demonstration began.
    pub t_s: f64,
    /// What kind of thing: the server's name of the event, `load`, `lab` or `trouble`.
    pub kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pid: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub generation: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<i32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub open: Option<u64>,
    pub text: String,
}

impl Happened {
    pub fn plain(t_s: f64, kind: &'static str, text: String) -> Self {
        Self { t_s, kind, text, ..Self::default() }
    }
}

/// Describes an event, `back_s` after the predecessor's death if it is a return; `None`: noise.
pub fn happened(t_s: f64, event: &Event, back_s: Option<f64>) -> Option<Happened> {
    let (kind, text) = words(event, back_s)?;
    let process = event.process();
    let mut happened = Happened {
        id: process.map(|process| process.id),
        pid: process.map(|process| process.pid),
        generation: process.map(|process| process.generation),
        ..Happened::plain(t_s, kind, text)
    };
    match event {
        Event::Exit(exit) => {
            (happened.signal, happened.code) = (exit.signal, exit.code);
            happened.open = Some(exit.counts.open);
        }
        Event::AdminExit { pid, code, signal } => {
            (happened.pid, happened.signal, happened.code) = (Some(*pid), *signal, *code);
        }
        Event::RestartFailed { id, .. } => happened.id = Some(*id),
        _ => {}
    }
    Some(happened)
}

fn words(event: &Event, back_s: Option<f64>) -> Option<(&'static str, String)> {
    let process = event.process();
    let worker = process.map(|it| format!("Worker {} (pid {})", it.id, it.pid)).unwrap_or_default();
    Some(match event {
        Event::Fork(ProcessId { id, pid, .. }) => {
            ("fork", format!("Worker {id} is forked as pid {pid}"))
        }
        Event::Listening(process) => ("listening", listening(process, back_s)),
        Event::Disconnect { reason, .. } => {
            ("disconnect", format!("{worker} takes no more connections: {}", reason_of(*reason)))
        }
        Event::Stalled { .. } => {
            ("stalled", format!("{worker} no longer beats: it gets no new connections"))
        }
        Event::Recovered(_) => ("recovered", format!("{worker} beats again")),
        Event::Stopped(_) => ("stopped", format!("{worker} is frozen (SIGSTOP)")),
        Event::Continued(_) => ("continued", format!("{worker} goes on (SIGCONT)")),
        Event::Exit(exit) => ("exit", format!("{worker} {}", ending(exit))),
        Event::Scale { workers: 1 } => ("scale", "1 worker are wanted".to_owned()),
        Event::Scale { workers } => ("scale", format!("{workers} workers are wanted")),
        Event::Mode { mode } => ("mode", format!("Mode {mode}: new connections are shared out so")),
        Event::Switched { mode } => {
            ("switched", format!("Every worker accepts as {mode} wants it"))
        }
        Event::Restart {} => ("restart", "A rolling restart begins".to_owned()),
        Event::Restarted {} => ("restarted", "Every worker has been replaced".to_owned()),
        Event::RestartFailed { id, how } => {
            ("restart_failed", format!("The rolling restart failed at worker {id}: {how}"))
        }
        Event::AdminExit { .. } => {
            ("admin_exit", "The operators' process has ended and is replaced".to_owned())
        }
        Event::Master { .. }
        | Event::Admin { .. }
        | Event::Online(_)
        | Event::End { .. }
        | Event::Unknown => return None,
    })
}

fn listening(ProcessId { id, pid, .. }: &ProcessId, back_s: Option<f64>) -> String {
    match back_s {
        Some(back_s) => format!("Worker {id} is back as pid {pid}, {:.0} ms after", back_s * 1e3),
        None => format!("Worker {id} (pid {pid}) takes connections"),
    }
}

fn reason_of(reason: DisconnectReason) -> &'static str {
    match reason {
        DisconnectReason::Scale => "fewer are wanted",
        DisconnectReason::Restart => "its successor is ready",
        DisconnectReason::MaxRequests => "it has answered as many requests as it was to",
        DisconnectReason::Stop => "the cluster stops",
        DisconnectReason::Signal => "signal",
    }
}

fn ending(exit: &Exit) -> String {
    let took = match exit.counts.open {
        0 => "no connection was open".to_owned(),
        1 => "1 connection was open".to_owned(),
        open => format!("{open} connections were open"),
    };
    match (exit.signal, exit.reason) {
        (Some(signal), ExitReason::Stalled) => {
            format!("no longer beat and was ended by signal {signal}; {took}")
        }
        (Some(signal), ExitReason::Killed) => {
            format!("did not finish in time and was ended by signal {signal}; {took}")
        }
        (Some(signal), _) => format!("was killed by signal {signal}; {took}"),
        (None, ExitReason::Drained) => "has finished and is gone".to_owned(),
        (None, _) => format!("crashed with code {}; {took}", exit.code.unwrap_or_default()),
    }
}

#[cfg(test)]
pub mod tests {
    use server::Mode;

    use super::*;

    /// The end of a process of worker `id` that had `open` connections and took 20 in all.
    pub fn exit(id: u32, pid: u32, signal: Option<i32>, reason: ExitReason, open: u64) -> Exit {
        let counts = server::scoreboard::Counts {
            connections: 20,
            open,
            requests: 200,
            ..Default::default()
        };
        let process = ProcessId { id, pid, generation: 0 };
        let code = if signal.is_some() { None } else { Some(101) };
        Exit { process, code, signal, reason, counts, cpu_user_s: 0.0, cpu_sys_s: 0.0 }
    }

    fn line(event: &Event, back_s: Option<f64>) -> String {
        happened(1.0, event, back_s).unwrap().text
    }

    #[test]
    fn a_death_says_who_died_how_and_what_was_open() {
        use ExitReason::{Crashed, Drained, Killed, Stalled};
        for (signal, reason, open, says) in [
            (Some(9), Crashed, 16, "was killed by signal 9; 16 connections were open"),
            (
                Some(9),
                Stalled,
                1,
                "no longer beat and was ended by signal 9; 1 connection was open",
            ),
            (
                Some(9),
                Killed,
                2,
                "did not finish in time and was ended by signal 9; 2 connections were open",
            ),
            (None, Drained, 0, "has finished and is gone"),
            (None, Crashed, 0, "crashed with code 101; no connection was open"),
        ] {
            let event = Event::Exit(Box::new(exit(2, 77, signal, reason, open)));
            assert_eq!(line(&event, None), format!("Worker 2 (pid 77) {says}"));
        }
    }

    #[test]
    fn a_return_says_how_long_it_took() {
        let listening = Event::Listening(ProcessId { id: 2, pid: 99, generation: 1 });
        assert_eq!(line(&listening, Some(0.0124)), "Worker 2 is back as pid 99, 12 ms after");
        assert_eq!(line(&listening, None), "Worker 2 (pid 99) takes connections");
    }

    #[test]
    fn what_is_told_to_the_page_names_the_worker_and_leaves_out_what_is_not() {
        let event = Event::Exit(Box::new(exit(2, 77, Some(9), ExitReason::Crashed, 16)));
        assert_eq!(
            serde_json::to_string(&happened(1.5, &event, None)).unwrap(),
            "{\"t_s\":1.5,\"kind\":\"exit\",\"id\":2,\"pid\":77,\"generation\":0,\"signal\":9,\"open\":16,\
             \"text\":\"Worker 2 (pid 77) was killed by signal 9; 16 connections were open\"}"
        );
        let online = Event::Online(ProcessId { id: 2, pid: 77, generation: 0 });
        assert_eq!(happened(1.5, &online, None), None);
    }

    #[test]
    fn what_is_about_no_worker_has_its_own_numbers() {
        let told = |event: &Event| serde_json::to_string(&happened(1.0, event, None)).unwrap();
        let exit = Event::AdminExit { pid: 5, code: Some(1), signal: None };
        assert!(told(&exit).contains("\"kind\":\"admin_exit\",\"pid\":5,\"code\":1,\"text\""));
        let failed = Event::RestartFailed { id: 2, how: "exit code 1".to_owned() };
        assert!(told(&failed).contains("\"kind\":\"restart_failed\",\"id\":2,\"text\""));
        assert_eq!(
            line(&Event::Mode { mode: Mode::Shared }, None),
            "Mode shared: new connections are shared out so"
        );
    }
}
