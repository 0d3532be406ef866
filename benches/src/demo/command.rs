//! What the page may have done: paths of POST requests, and what they mean.

use server::Mode;

use super::labs::Action;
use super::settings::{BadValue, bad, pairs};

#[derive(Debug, Clone, PartialEq)]
pub enum Command {
    /// The cluster's own master does it, by its operators' address.
    Operate(Action),
    /// The load's settings are to change as this query says.
    ChangeLoad(String),
    PauseLoad,
    ResumeLoad,
    OpenLab(String),
    /// The lab on the card is to run, with what the class guesses; a missing guess is `None`.
    RunLab(Vec<Option<f64>>),
    LeaveLab,
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotACommand {
    #[error(
        "there is nothing to do at this path: POST /workers/ID/kill, /workers/ID/stop, \
         /workers/ID/continue, /scale?workers=N, /restart, /mode?to=M, /load?…, /pause, /resume, \
         /lab?name=NAME, /lab/guess?values=…, /lab/leave"
    )]
    Unknown,
    #[error(transparent)]
    Value(#[from] BadValue),
}

impl Command {
    pub fn at(path: &str, query: &str) -> Result<Self, NotACommand> {
        let value = |wanted: &str| {
            let mut pairs = pairs(query);
            pairs.find(|(key, _)| *key == wanted).map(|(_, value)| value).unwrap_or_default()
        };
        Ok(match path {
            "/scale" => {
                Self::Operate(Action::Scale(number("number of workers", value("workers"))?))
            }
            "/restart" => Self::Operate(Action::Restart),
            "/mode" => {
                let mode = value("to").parse::<Mode>();
                let mode = mode.map_err(|error| BadValue(error.to_string()))?;
                Self::Operate(Action::Mode(mode))
            }
            "/load" => Self::ChangeLoad(query.to_owned()),
            "/pause" => Self::PauseLoad,
            "/resume" => Self::ResumeLoad,
            "/lab" => Self::OpenLab(value("name").to_owned()),
            "/lab/guess" => Self::RunLab(guesses(value("values"))?),
            "/lab/leave" => Self::LeaveLab,
            _ => {
                let worker = path.strip_prefix("/workers/").and_then(|rest| rest.split_once('/'));
                let (id, action) = worker.ok_or(NotACommand::Unknown)?;
                let action_of: fn(u32) -> Action = match action {
                    "kill" => Action::Kill,
                    "stop" => Action::Pause,
                    "continue" => Action::Resume,
                    _ => return Err(NotACommand::Unknown),
                };
                Self::Operate(action_of(number("worker", id)?))
            }
        })
    }
}

fn number(what: &str, text: &str) -> Result<u32, BadValue> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| bad(what, text, "a number from 1"))
}

/// Guesses with a comma between; an empty one is none.
fn guesses(text: &str) -> Result<Vec<Option<f64>>, BadValue> {
    let guess = |text: &str| match text {
        "" => Ok(None),
        _ => match text.parse::<f64>() {
            Ok(guess) if guess.is_finite() => Ok(Some(guess)),
            _ => Err(bad("guess", text, "a number, as in values=1.5,2")),
        },
    };
    text.split(',').map(guess).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_is_understood_and_deeds_find_their_way_to_the_master() {
        for (path, query, forwarded) in [
            ("/workers/3/kill", "", "/workers/3/kill"),
            ("/workers/1/stop", "", "/workers/1/stop"),
            ("/workers/1/continue", "", "/workers/1/continue"),
            ("/scale", "workers=4", "/scale?workers=4"),
            ("/restart", "", "/restart"),
            ("/mode", "to=shared", "/mode?to=shared"),
        ] {
            let Ok(Command::Operate(action)) = Command::at(path, query) else { panic!("{path}") };
            assert_eq!(action.path(), forwarded);
        }
        assert_eq!(Command::at("/load", "rate=5"), Ok(Command::ChangeLoad("rate=5".to_owned())));
        let run = Command::RunLab(vec![Some(1.5), None, Some(2.0)]);
        assert_eq!(Command::at("/lab/guess", "values=1.5,,2"), Ok(run));
        assert_eq!(Command::at("/lab", "name=hash"), Ok(Command::OpenLab("hash".to_owned())));
    }

    #[test]
    fn nonsense_is_answered_with_what_would_be_right() {
        for (path, query, right) in [
            ("/", "", "POST /workers"),
            ("/workers/1/hug", "", "POST /workers"),
            ("/workers/0/kill", "", "a number from 1"),
            ("/scale", "workers=many", "a number from 1"),
            ("/mode", "to=best", "round-robin"),
            ("/lab/guess", "values=much", "a number, as in"),
            ("/lab/guess", "values=inf", "a number, as in"),
        ] {
            let line = Command::at(path, query).unwrap_err().to_string();
            assert!(line.contains(right) && !line.contains('\n'), "{path}?{query}: {line}");
        }
    }
}
