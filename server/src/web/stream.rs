//! Server-sent events: a stream to one reader, which gets what happens as it happens.
//!
//! A reader that is too slow is hung up on; nothing is kept for it beyond a few messages.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONNECTION, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::answer::{self, Body};
use super::reception::Visit;

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
#[must_use]
pub fn event(name: &str, json: &str) -> Bytes {
    format!("event: {name}\ndata: {json}\n\n").into()
}

/// Why nothing more is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// There is nothing more to tell.
    Over,
    /// The reader has gone.
    Left,
    /// The reader does not take what it is told.
    TooSlow,
}

/// One who reads a stream.
#[derive(Debug, Clone)]
pub struct Reader(mpsc::Sender<Bytes>);

/// Answers with a stream: `tell` tells the reader until it has ended.
pub fn open<Telling>(
    visit: Arc<Visit>,
    tell: impl FnOnce(Reader) -> Telling + Send + 'static,
) -> Response<Body>
where
    Telling: Future<Output = Ended> + Send,
{
    let (sender, messages) = mpsc::channel(WAITING);
    tokio::spawn(async move {
        let reader = Reader(sender);
        let ended = match reader.put(RETRY).await {
            Ok(()) => tokio::select! {
                ended = tell(reader.clone()) => ended,
                ended = reader.keep_alive() => ended,
                () = reader.0.closed() => Ended::Left,
            },
            Err(ended) => ended,
        };
        if ended == Ended::TooSlow {
            visit.end();
        }
    });
    let content_type = HeaderValue::from_static("text/event-stream");
    let mut response = answer::with_body(StatusCode::OK, content_type, Body::Stream(messages));
    // Nothing follows it, so that its end can be waited for.
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

impl Reader {
    /// Tells the reader something.
    ///
    /// # Errors
    /// [`Ended::Left`] or [`Ended::TooSlow`].
    pub async fn put(&self, message: Bytes) -> Result<(), Ended> {
        match tokio::time::timeout(PATIENCE, self.0.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Ended::Left),
            Err(_) => Err(Ended::TooSlow),
        }
    }

    /// Tells the reader all that is broadcast, until it has ended.
    pub async fn pass_on(&self, mut broadcast: Receiver<Bytes>) -> Ended {
        loop {
            let told = match broadcast.recv().await {
                Ok(event) => self.put(event).await,
                Err(RecvError::Closed) => Err(Ended::Over),
                Err(RecvError::Lagged(_)) => Err(Ended::TooSlow),
            };
            if let Err(ended) = told {
                return ended;
            }
        }
    }

    async fn keep_alive(&self) -> Ended {
        loop {
            tokio::time::sleep(KEEP_ALIVE_EVERY).await;
            if let Err(ended) = self.put(KEEP_ALIVE.clone()).await {
                return ended;
            }
        }
    }
}
