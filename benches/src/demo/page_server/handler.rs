//! Authorizes a request and routes it.

use std::future::Future;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::mpsc::Sender;
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::{Method, Request, Response, StatusCode};
use serde_json::json;
use server::Token;
use server::web::access::Doorkeeper;
use server::web::answer::{self, Body};
use server::web::reception::{self, Visit};
use server::web::stream::{self, Ended, Reader};
use tokio::sync::{Semaphore, broadcast, oneshot, watch};

use super::files;
use crate::demo::command::{Command, NotACommand};
use crate::demo::event::{Event, Refusal};
use crate::demo::settings::pairs;

const VIEWERS: usize = 32;

/// How long an action may take to be answered.
const PATIENCE: Duration = Duration::from_secs(15);

const ADVICE: &str = "show the token that is in the address which demo printed";

#[derive(Debug)]
pub struct PageHandler {
    doorkeeper: Doorkeeper,
    token: Token,
    events: Sender<Event>,
    told: broadcast::Sender<Bytes>,
    lab_folder: watch::Receiver<Option<PathBuf>>,
    viewers: Arc<Semaphore>,
    next_viewer: AtomicU64,
}

struct Viewing {
    viewer: u64,
    events: Sender<Event>,
}

impl Drop for Viewing {
    fn drop(&mut self) {
        // All may have ended meanwhile.
        let _ = self.events.send(Event::Left { viewer: self.viewer });
    }
}

impl PageHandler {
    pub fn new(
        address: SocketAddr,
        token: Token,
        events: Sender<Event>,
        told: broadcast::Sender<Bytes>,
        lab_folder: watch::Receiver<Option<PathBuf>>,
    ) -> Self {
        Self {
            doorkeeper: Doorkeeper::new(address, token.clone(), ADVICE),
            token,
            events,
            told,
            lab_folder,
            viewers: Arc::new(Semaphore::new(VIEWERS)),
            next_viewer: AtomicU64::new(1),
        }
    }

    pub async fn viewers_left(&self) {
        // An error would mean that nobody can come any more either.
        let _ = self.viewers.acquire_many(VIEWERS as u32).await;
    }

    async fn reply(&self, request: &Request<Incoming>, visit: &Arc<Visit>) -> Response<Body> {
        let (uri, headers) = (request.uri(), request.headers());
        if let Err(denied) = self.doorkeeper.check_origin(uri, headers, visit.local()) {
            return denied.response();
        }
        let (path, query) = (uri.path(), uri.query().unwrap_or_default());
        match *request.method() {
            Method::GET | Method::HEAD => self.show(path, query, visit).await,
            Method::POST => {
                if let Err(denied) = self.doorkeeper.check_token(headers) {
                    return denied.response();
                }
                let viewer = headers.get("x-viewer").and_then(|value| value.to_str().ok());
                self.act(path, query, viewer.and_then(|viewer| viewer.parse().ok())).await
            }
            _ => answer::method_not_allowed("GET, HEAD, POST"),
        }
    }

    /// Answers who only looks. Where others than this machine's users can come, the page is handed
    /// out without the token, and what happens is told to whoever shows it.
    async fn show(&self, path: &str, query: &str, visit: &Arc<Visit>) -> Response<Body> {
        let guarded = self.doorkeeper.guards_looks();
        if path == "/" {
            return files::page(if guarded { "" } else { self.token.secret() });
        }
        if let Some(asset) = files::asset(path) {
            return asset;
        }
        if guarded {
            let shown = pairs(query).find(|(key, _)| *key == "token");
            let token = shown.map(|(_, token)| token).unwrap_or_default();
            if let Err(denied) = self.doorkeeper.check_shown(token) {
                return denied.response();
            }
        }
        let nothing = || answer::error(StatusCode::NOT_FOUND, "there is nothing at this path");
        match path {
            "/events" => self.open_stream(visit),
            "/results" => self.results().await,
            _ => path
                .strip_prefix("/lab/")
                .and_then(|name| files::of_a_lab(self.lab_folder.borrow().clone().as_deref(), name))
                .unwrap_or_else(nothing),
        }
    }

    fn open_stream(&self, visit: &Arc<Visit>) -> Response<Body> {
        let Ok(seat) = Arc::clone(&self.viewers).try_acquire_owned() else {
            let line = format!("{VIEWERS} pages already watch: that is the most");
            return answer::try_again(StatusCode::SERVICE_UNAVAILABLE, &line);
        };
        visit.take(seat);
        let viewing =
            Viewing { viewer: self.next_viewer.fetch_add(1, Relaxed), events: self.events.clone() };
        // Before it joins, so that nothing falls between.
        let told = self.told.subscribe();
        stream::open(Arc::clone(visit), move |reader| watch(reader, viewing, told))
    }

    async fn results(&self) -> Response<Body> {
        let (reply, results) = oneshot::channel();
        let asked = self.events.send(Event::Results { reply }).is_ok();
        match tokio::time::timeout(PATIENCE, results).await {
            Ok(Ok(results)) if asked => answer::json(StatusCode::OK, results.into()),
            _ => answer::try_again(StatusCode::SERVICE_UNAVAILABLE, "the demonstration is ending"),
        }
    }

    async fn act(&self, path: &str, query: &str, viewer: Option<u64>) -> Response<Body> {
        let command = match Command::at(path, query) {
            Ok(action) => action,
            Err(error @ NotACommand::Unknown) => {
                return answer::error(StatusCode::NOT_FOUND, &error.to_string());
            }
            Err(error) => return answer::error(StatusCode::BAD_REQUEST, &error.to_string()),
        };
        let (reply, done) = oneshot::channel();
        let asked = self.events.send(Event::Command { command, viewer, reply }).is_ok();
        match tokio::time::timeout(PATIENCE, done).await {
            Ok(Ok(Ok(line))) => {
                answer::json(StatusCode::OK, format!("{}\n", json!({ "did": line })).into())
            }
            Ok(Ok(Err(refusal))) => of_refusal(&refusal),
            Err(_) if asked => {
                answer::try_again(StatusCode::SERVICE_UNAVAILABLE, "the cluster does not answer")
            }
            _ => answer::try_again(StatusCode::SERVICE_UNAVAILABLE, "the demonstration is ending"),
        }
    }
}

fn of_refusal(refusal: &Refusal) -> Response<Body> {
    let status = match refusal {
        Refusal::Bad(_) => StatusCode::BAD_REQUEST,
        Refusal::Conflict(_) => StatusCode::CONFLICT,
        Refusal::Failed(_) => StatusCode::BAD_GATEWAY,
    };
    answer::error(status, &refusal.to_string())
}

async fn watch(reader: Reader, viewing: Viewing, told: broadcast::Receiver<Bytes>) -> Ended {
    let (reply, opening) = oneshot::channel();
    if viewing.events.send(Event::Joined { viewer: viewing.viewer, reply }).is_err() {
        return Ended::Over;
    }
    let Ok(opening) = opening.await else { return Ended::Over };
    for message in opening {
        if let Err(ended) = reader.put(message).await {
            return ended;
        }
    }
    reader.pass_on(told).await
}

impl reception::Desk for PageHandler {
    fn answer(
        &self,
        request: &Request<Incoming>,
        visit: &Arc<Visit>,
    ) -> impl Future<Output = Response<Body>> + Send {
        self.reply(request, visit)
    }
}
