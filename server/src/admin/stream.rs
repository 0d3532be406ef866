//! `/events`: what happens, as it happens, and the status at intervals, as server-sent events.
//!
//! A reader that is too slow is hung up on; nothing is kept for it beyond a few messages.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::answer::{self, Body};
use super::desk::Visit;
use super::hub::Hub;

/// Messages that may wait for a reader.
const WAITING: usize = 8;

/// How long a reader may take for one of them.
const PATIENCE: Duration = Duration::from_secs(5);

/// How soon a client that has lost the stream is to come back.
const RETRY: Bytes = Bytes::from_static(b"retry: 2000\n\n");

/// A comment, so that nobody between takes the connection for dead.
const KEEP_ALIVE: Bytes = Bytes::from_static(b": still here\n\n");

/// How often there is one.
const KEEP_ALIVE_EVERY: Duration = Duration::from_secs(15);

/// One event of a stream; `json` is one line.
pub(super) fn event(name: &str, json: &str) -> Bytes {
    format!("event: {name}\ndata: {json}\n\n").into()
}

/// Answers with a stream that tells the status every `interval`.
pub(super) fn open(hub: Arc<Hub>, interval: Duration, visit: Arc<Visit>) -> Response<Body> {
    let (reader, messages) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        if tell(&reader, &hub, interval).await == Ended::TooSlow {
            visit.end();
        }
    });
    let content_type = HeaderValue::from_static("text/event-stream");
    let mut response = answer::with_body(StatusCode::OK, content_type, Body::Stream(messages));
    // Nothing follows it, so that its end can be waited for.
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Why nothing more is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    /// The cluster has.
    Over,
    /// The reader has gone.
    Left,
    /// The reader does not take what it is told.
    TooSlow,
}

/// Tells a reader all that happens, the status first.
async fn tell(reader: &mpsc::Sender<Bytes>, hub: &Hub, interval: Duration) -> Ended {
    // Before the first status, so that nothing falls between.
    let Some(events) = hub.follow() else { return Ended::Over };
    if let Err(ended) = put(reader, RETRY).await {
        return ended;
    }
    if let Ok(seen) = hub.status().await
        && let Err(ended) = put(reader, seen.event.clone()).await
    {
        return ended;
    }
    // Side by side, since an event must not wait for a status.
    tokio::select! {
        ended = pass_on(reader, events) => ended,
        ended = tell_status(reader, hub, interval) => ended,
        ended = keep_alive(reader) => ended,
        () = reader.closed() => Ended::Left,
    }
}

async fn pass_on(reader: &mpsc::Sender<Bytes>, mut events: Receiver<Bytes>) -> Ended {
    loop {
        let told = match events.recv().await {
            Ok(event) => put(reader, event).await,
            Err(RecvError::Closed) => Err(Ended::Over),
            Err(RecvError::Lagged(_)) => Err(Ended::TooSlow),
        };
        if let Err(ended) = told {
            return ended;
        }
    }
}

async fn tell_status(reader: &mpsc::Sender<Bytes>, hub: &Hub, interval: Duration) -> Ended {
    loop {
        tokio::time::sleep(interval).await;
        if let Ok(seen) = hub.status().await
            && let Err(ended) = put(reader, seen.event.clone()).await
        {
            return ended;
        }
    }
}

async fn keep_alive(reader: &mpsc::Sender<Bytes>) -> Ended {
    loop {
        tokio::time::sleep(KEEP_ALIVE_EVERY).await;
        if let Err(ended) = put(reader, KEEP_ALIVE).await {
            return ended;
        }
    }
}

async fn put(reader: &mpsc::Sender<Bytes>, message: Bytes) -> Result<(), Ended> {
    match tokio::time::timeout(PATIENCE, reader.send(message)).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(_)) => Err(Ended::Left),
        Err(_) => Err(Ended::TooSlow),
    }
}
