//! The desk: who may, is answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::HeaderValue;
use hyper::{Request, Response, StatusCode};
use tokio::sync::Semaphore;

use super::hub::{Hub, Seen, Silent};
use super::resource::{BadCommand, Resource, interval};
use super::wire::Reply;
use super::{metrics, stream};
use crate::status::ProcessState;
use crate::web::access::Doorkeeper;
use crate::web::answer::{self, Body};
use crate::web::reception::{self, Visit};
use crate::web::token::Token;

/// Where the token is to be found.
const ADVICE: &str =
    "show the token that serve printed, or that is in the file given with --admin-token-file";

/// Readers of `/events` at a time.
const READERS: usize = 16;

/// What the connections of an admin process share.
#[derive(Debug)]
pub(super) struct Desk {
    hub: Arc<Hub>,
    doorkeeper: Doorkeeper,
    readers: Arc<Semaphore>,
}

impl Desk {
    pub fn new(hub: Arc<Hub>, address: SocketAddr, token: Token) -> Self {
        let doorkeeper = Doorkeeper::new(address, token, ADVICE);
        Self { hub, doorkeeper, readers: Arc::new(Semaphore::new(READERS)) }
    }

    /// Waits until nobody reads the events any more.
    pub async fn readers_left(&self) {
        // An error would mean that nobody can come any more either.
        let _ = self.readers.acquire_many(READERS as u32).await;
    }

    /// Answers who only looks.
    async fn show(
        &self,
        resource: Resource<'_>,
        query: Option<&str>,
        visit: &Arc<Visit>,
    ) -> Response<Body> {
        if let Resource::Events = resource {
            return match interval(query) {
                Ok(interval) => self.open_stream(interval, visit),
                Err(bad) => of_bad_command(&bad),
            };
        }
        let seen = self.hub.status().await;
        match (resource, seen) {
            (Resource::Healthz, seen) => of_health(seen.as_deref()),
            (Resource::Metrics, Ok(seen)) => {
                let text = metrics::text(&seen.snapshot).into();
                let content_type = HeaderValue::from_static(metrics::CONTENT_TYPE);
                answer::with_body(StatusCode::OK, content_type, Body::Whole(Some(text)))
            }
            (_, Ok(seen)) => answer::json(StatusCode::OK, seen.json.clone()),
            (_, Err(silent)) => unavailable(&silent.to_string()),
        }
    }

    fn open_stream(&self, interval: Duration, visit: &Arc<Visit>) -> Response<Body> {
        let Ok(seat) = Arc::clone(&self.readers).try_acquire_owned() else {
            return unavailable(&format!("{READERS} already read the events: that is the most"));
        };
        visit.take(seat);
        stream::open(Arc::clone(&self.hub), interval, Arc::clone(visit))
    }
}

impl reception::Desk for Desk {
    async fn answer(&self, request: &Request<Incoming>, visit: &Arc<Visit>) -> Response<Body> {
        let (path, query) = (request.uri().path(), request.uri().query());
        let from = self.doorkeeper.check_origin(request.uri(), request.headers(), visit.local());
        let shown = || self.doorkeeper.check_token(request.headers());
        let resource = Resource::at(path);
        let open = matches!(resource, Ok(Resource::Healthz)) || !self.doorkeeper.guards_looks();
        let access = from.and_then(|()| if open { Ok(()) } else { shown() });
        if let Err(denied) = access {
            return denied.response();
        }
        let resource = match resource {
            Ok(resource) if resource.allows(request.method()) => resource,
            Ok(resource) => return answer::method_not_allowed(resource.methods()),
            Err(unknown) => return answer::error(StatusCode::NOT_FOUND, &unknown.to_string()),
        };
        if let Some(denied) = resource.is_command().then(shown).and_then(Result::err) {
            return denied.response();
        }
        match resource.command(query) {
            Ok(Some(command)) => match self.hub.ask(command).await {
                Ok(reply) => of_reply(&reply),
                Err(silent) => unavailable(&silent.to_string()),
            },
            Ok(None) => self.show(resource, query, visit).await,
            Err(bad) => of_bad_command(&bad),
        }
    }
}

fn unavailable(line: &str) -> Response<Body> {
    answer::try_again(StatusCode::SERVICE_UNAVAILABLE, line)
}

/// What the master says to a command.
fn of_reply(reply: &Reply) -> Response<Body> {
    match reply {
        Reply::Done(what) => answer::json(StatusCode::OK, format!("{what}\n").into()),
        Reply::Begun(what) => answer::json(StatusCode::ACCEPTED, format!("{what}\n").into()),
        Reply::Bad(line) => answer::error(StatusCode::BAD_REQUEST, line),
        Reply::Unknown(line) => answer::error(StatusCode::NOT_FOUND, line),
        Reply::Refused(line) => answer::error(StatusCode::CONFLICT, line),
        // The master answers a command with none.
        Reply::Snapshot(_) => {
            answer::error(StatusCode::BAD_GATEWAY, "the master answered something else")
        }
    }
}

fn of_bad_command(bad: &BadCommand) -> Response<Body> {
    let status = match bad {
        BadCommand::Worker(_) => StatusCode::NOT_FOUND,
        BadCommand::Value(_) => StatusCode::BAD_REQUEST,
    };
    answer::error(status, &bad.to_string())
}

fn of_health(seen: Result<&Seen, &Silent>) -> Response<Body> {
    let serves = seen
        .is_ok_and(|seen| seen.snapshot.rows.iter().any(|row| row.state == ProcessState::Ready));
    if serves {
        answer::text(StatusCode::OK, "ok\n")
    } else {
        answer::text(StatusCode::SERVICE_UNAVAILABLE, "no worker takes connections\n")
    }
}
