//! What there is to ask for: paths, methods and values.

use std::time::Duration;

use hyper::Method;

use super::wire::Ask;
use crate::Mode;

/// How often `/events` tells the status unless it is asked to do otherwise.
const INTERVAL: Duration = Duration::from_millis(250);

/// The shortest and the longest interval.
const INTERVALS: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(10)];

/// Something that has a path.
#[derive(Debug, Clone, Copy)]
pub(super) enum Resource<'a> {
    Healthz,
    Status,
    Metrics,
    Events,
    Worker { id: &'a str, command: OfWorker },
    Scale,
    Restart,
    Mode,
}

/// Makes the command about a worker's process.
type OfWorker = fn(u32) -> Ask;

#[derive(Debug, thiserror::Error)]
#[error(
    "there is nothing at this path: GET /healthz, /status, /metrics, /events; POST \
     /workers/ID/kill, /workers/ID/stop, /workers/ID/continue, /scale?workers=N, /restart, /mode?to=M"
)]
pub(super) struct Unknown;

/// Why a command makes no sense.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum BadCommand {
    #[error("there is no worker '{0}': a worker is a number from 1")]
    Worker(String),
    /// A value is missing or no good; the line says what would be right.
    #[error("{0}")]
    Value(String),
}

impl<'a> Resource<'a> {
    pub fn at(path: &'a str) -> Result<Self, Unknown> {
        Ok(match path {
            "/healthz" => Self::Healthz,
            "/status" => Self::Status,
            "/metrics" => Self::Metrics,
            "/events" => Self::Events,
            "/scale" => Self::Scale,
            "/restart" => Self::Restart,
            "/mode" => Self::Mode,
            _ => {
                let worker = path.strip_prefix("/workers/").and_then(|rest| rest.split_once('/'));
                let (id, verb) = worker.ok_or(Unknown)?;
                let command: OfWorker = match verb {
                    "kill" => |worker| Ask::Kill { worker },
                    "stop" => |worker| Ask::Stop { worker },
                    "continue" => |worker| Ask::Continue { worker },
                    _ => return Err(Unknown),
                };
                Self::Worker { id, command }
            }
        })
    }

    /// The methods that it can be asked for with, as `Allow` lists them.
    pub fn methods(self) -> &'static str {
        match self {
            Self::Healthz | Self::Status | Self::Metrics => "GET, HEAD",
            Self::Events => "GET",
            Self::Worker { .. } | Self::Scale | Self::Restart | Self::Mode => "POST",
        }
    }

    pub fn allows(self, method: &Method) -> bool {
        self.methods().split(", ").any(|name| name == method.as_str())
    }

    pub fn is_command(self) -> bool {
        self.methods() == "POST"
    }

    /// The command that it is with this query; `None` for what can only be looked at.
    pub fn command(self, query: Option<&str>) -> Result<Option<Ask>, BadCommand> {
        Ok(Some(match self {
            Self::Healthz | Self::Status | Self::Metrics | Self::Events => return Ok(None),
            Self::Worker { id, command } => {
                command(id.parse().map_err(|_| BadCommand::Worker(id.to_owned()))?)
            }
            Self::Scale => {
                let workers = value(query, "workers").and_then(|text| text.parse().ok());
                let line = "give a number of workers, as in /scale?workers=2";
                Ask::Scale { workers: workers.ok_or(BadCommand::Value(line.into()))? }
            }
            Self::Restart => Ask::Restart {},
            Self::Mode => {
                let Some(name) = value(query, "to") else {
                    return Err(BadCommand::Value("give a mode, as in /mode?to=shared".into()));
                };
                let mode: Result<Mode, _> = name.parse();
                let to = mode.map_err(|error| BadCommand::Value(error.to_string()))?;
                Ask::Mode { to }
            }
        }))
    }
}

pub(super) fn interval(query: Option<&str>) -> Result<Duration, BadCommand> {
    let Some(text) = value(query, "interval") else { return Ok(INTERVAL) };
    let [shortest, longest] = INTERVALS;
    let interval = humantime::parse_duration(text).ok();
    interval.filter(|interval| (shortest..=longest).contains(interval)).ok_or_else(|| {
        let line = "give an interval from 100ms to 10s, as in /events?interval=250ms";
        BadCommand::Value(line.into())
    })
}

/// The first value of `key` in a query.
fn value<'q>(query: Option<&'q str>, key: &str) -> Option<&'q str> {
    let mut pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == key).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn command(path: &str, query: &str) -> Result<Option<Ask>, BadCommand> {
        Resource::at(path).unwrap().command(Some(query))
    }

    #[test]
    fn every_command_is_understood() {
        assert_eq!(command("/workers/3/kill", ""), Ok(Some(Ask::Kill { worker: 3 })));
        assert_eq!(command("/workers/1/stop", ""), Ok(Some(Ask::Stop { worker: 1 })));
        assert_eq!(command("/workers/1/continue", ""), Ok(Some(Ask::Continue { worker: 1 })));
        assert_eq!(command("/scale", "x=1&workers=4"), Ok(Some(Ask::Scale { workers: 4 })));
        assert_eq!(command("/restart", ""), Ok(Some(Ask::Restart {})));
        let to = Mode::LeastConnections;
        assert_eq!(command("/mode", "to=least-connections"), Ok(Some(Ask::Mode { to })));
        assert_eq!(command("/status", ""), Ok(None));
    }

    #[test]
    fn nonsense_is_answered_with_what_would_be_right() {
        for path in ["/", "/workers", "/workers/1", "/workers/1/hug", "/workers/1/kill/"] {
            assert!(Resource::at(path).is_err(), "{path}");
        }
        for (path, query, right) in [
            ("/scale", "", "workers=2"),
            ("/scale", "workers=-1", "workers=2"),
            ("/scale", "workers=4294967296", "workers=2"),
            ("/mode", "", "to=shared"),
            ("/mode", "to=best", "round-robin"),
            ("/workers/x/kill", "", "number from 1"),
        ] {
            let line = command(path, query).unwrap_err().to_string();
            assert!(line.contains(right) && !line.contains('\n'), "{path}?{query}: {line}");
        }
    }

    #[test]
    fn intervals_have_a_unit_and_bounds() {
        assert_eq!(interval(None), Ok(INTERVAL));
        assert_eq!(interval(Some("interval=2s")), Ok(Duration::from_secs(2)));
        for wrong in ["interval=", "interval=99ms", "interval=11s", "interval=5"] {
            assert!(interval(Some(wrong)).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_can_be_looked_at_and_what_is_done_are_told_apart_by_the_method() {
        let status = Resource::at("/status").unwrap();
        assert!(status.allows(&Method::GET) && status.allows(&Method::HEAD));
        assert!(!status.allows(&Method::POST));
        let scale = Resource::at("/scale").unwrap();
        assert!(scale.allows(&Method::POST) && !scale.allows(&Method::GET));
    }
}
