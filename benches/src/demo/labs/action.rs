//! What can be done to a running cluster in a lab, and when.

use std::fmt;

use serde::Deserialize;
use toml::Spanned;

use crate::bench::suite::values::Length;
use crate::harness::admin_client::Answer;

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// When, counted from the begin of the measured window: `"1s"`.
    pub at: Spanned<Length>,
    /// What: `"kill 1"`, `"freeze 1"`, `"thaw 1"`, `"scale 2"`, `"mode shared"` or `"restart"`.
    #[serde(rename = "do")]
    pub action: Action,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum Action {
    Kill(u32),
    Pause(u32),
    Resume(u32),
    Scale(u32),
    Mode(server::Mode),
    Restart,
}

impl Action {
    pub fn path(self) -> String {
        match self {
            Self::Kill(id) => format!("/workers/{id}/kill"),
            Self::Pause(id) => format!("/workers/{id}/stop"),
            Self::Resume(id) => format!("/workers/{id}/continue"),
            Self::Scale(workers) => format!("/scale?workers={workers}"),
            Self::Mode(mode) => format!("/mode?to={}", mode.name()),
            Self::Restart => "/restart".to_owned(),
        }
    }

    pub fn done(self, answer: Answer) -> String {
        let pid = answer.pid.map_or_else(String::new, |pid| format!(" (pid {pid})"));
        match self {
            Self::Kill(id) => format!("Worker {id}{pid} was killed"),
            Self::Pause(id) => format!("Worker {id}{pid} was frozen"),
            Self::Resume(id) => format!("Worker {id}{pid} was let go on"),
            Self::Scale(1) => "One worker was asked for".to_owned(),
            Self::Scale(workers) => format!("{workers} workers were asked for"),
            Self::Mode(mode) => format!("The mode {} was asked for", mode.name()),
            Self::Restart => "A rolling restart was asked for".to_owned(),
        }
    }
}

impl fmt::Display for Action {
    /// As an instruction for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(id) => write!(f, "kill worker {id}"),
            Self::Pause(id) => write!(f, "freeze worker {id}"),
            Self::Resume(id) => write!(f, "let worker {id} go on"),
            Self::Scale(1) => f.write_str("have one worker"),
            Self::Scale(workers) => write!(f, "have {workers} workers"),
            Self::Mode(mode) => write!(f, "switch to {}", mode.name()),
            Self::Restart => f.write_str("begin a rolling restart"),
        }
    }
}

impl TryFrom<String> for Action {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let number = |word: &str| word.parse().ok().filter(|number| (1..=64).contains(number));
        let action = match text.split(' ').collect::<Vec<_>>()[..] {
            ["kill", id] => number(id).map(Self::Kill),
            ["freeze", id] => number(id).map(Self::Pause),
            ["thaw", id] => number(id).map(Self::Resume),
            ["scale", workers] => number(workers).map(Self::Scale),
            ["mode", mode] => mode.parse().ok().map(Self::Mode),
            ["restart"] => Some(Self::Restart),
            _ => None,
        };
        action.ok_or_else(|| {
            format!(
                "`{text}` cannot be done, expected one of `kill 1`, `freeze 1`, `thaw 1`, \
                 `scale 2`, `mode shared`, `restart`"
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deeds_are_read_asked_for_and_told() {
        for (text, path, told) in [
            ("kill 2", "/workers/2/kill", "Worker 2 (pid 7) was killed"),
            ("freeze 1", "/workers/1/stop", "Worker 1 (pid 7) was frozen"),
            ("thaw 1", "/workers/1/continue", "Worker 1 (pid 7) was let go on"),
            ("scale 3", "/scale?workers=3", "3 workers were asked for"),
            ("mode shared", "/mode?to=shared", "The mode shared was asked for"),
            ("restart", "/restart", "A rolling restart was asked for"),
        ] {
            let action = Action::try_from(text.to_owned()).unwrap();
            assert_eq!(action.path(), path);
            assert_eq!(action.done(Answer { pid: Some(7) }), told);
        }
    }

    #[test]
    fn what_cannot_be_done_is_refused_with_what_can() {
        for text in ["kill", "kill 0", "kill x", "mode best", "scale 65", "hug 1", ""] {
            assert!(Action::try_from(text.to_owned()).unwrap_err().contains("`kill 1`"), "{text}");
        }
    }
}
