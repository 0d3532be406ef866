//! The reception: lets visitors in, so many at a time, and has a desk answer them.

use std::future::Future;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::net::TcpListener;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use super::answer::{self, Body};
use crate::http::limits::Limits;
use crate::http::refusal::Refusal;
use crate::http::shortcut::Ready;
use crate::http::{Answers, Http};

/// Connections at a time; others wait in the accept queue.
const CONNECTIONS: usize = 64;

/// The pause after an accept that failed: whatever is short then is not there at once.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The most bytes that a request may carry: none of them is needed.
const LARGEST_BODY: u64 = 1024;

/// Who answers visitors.
pub trait Desk: Send + Sync + 'static {
    /// Answers one request of a connection.
    fn answer(
        &self,
        request: &Request<Incoming>,
        visit: &Arc<Visit>,
    ) -> impl Future<Output = Response<Body>> + Send;
}

/// A connection, as far as answers need to know of it.
#[derive(Debug)]
pub struct Visit {
    local: SocketAddr,
    end: Notify,
    /// Held until the connection ends, once it reads a stream.
    seat: Mutex<Option<OwnedSemaphorePermit>>,
}

impl Visit {
    fn new(local: SocketAddr) -> Self {
        Self { local, end: Notify::new(), seat: Mutex::default() }
    }

    /// The address that it came in at.
    #[must_use]
    pub fn local(&self) -> SocketAddr {
        self.local
    }

    /// Has the connection ended, whatever it is about.
    pub fn end(&self) {
        self.end.notify_one();
    }

    /// Takes a seat among those who read a stream, until the connection ends.
    pub fn take(&self, seat: OwnedSemaphorePermit) {
        *self.seat.lock().unwrap_or_else(PoisonError::into_inner) = Some(seat);
    }
}

/// Lets visitors in, for ever.
pub async fn receive(listener: &TcpListener, desk: &Arc<impl Desk>) {
    let chairs = Arc::new(Semaphore::new(CONNECTIONS));
    let http = Arc::new(Http::new(Limits { body: LARGEST_BODY, ..Limits::default() }));
    loop {
        let Ok(chair) = Arc::clone(&chairs).acquire_owned().await else { return };
        let visit = match listener.accept().await {
            Ok((stream, _)) => stream.local_addr().map(|local| (stream, Visit::new(local))),
            Err(error) => Err(error),
        };
        let Ok((stream, visit)) = visit else {
            tokio::time::sleep(ACCEPT_PAUSE).await;
            continue;
        };
        let (http, desk, visit) = (Arc::clone(&http), Arc::clone(desk), Arc::new(visit));
        tokio::spawn(async move {
            let visitor = Visitor { desk: &*desk, visit: &visit };
            tokio::select! {
                // How the connection ends is nobody's concern.
                _ = http.serve(stream, &visitor) => {}
                () = visit.end.notified() => {}
            }
            drop(chair);
        });
    }
}

/// One connection, and who answers on it.
struct Visitor<'a, D> {
    desk: &'a D,
    visit: &'a Arc<Visit>,
}

impl<D: Desk> Answers for Visitor<'_, D> {
    type Body = Body;

    fn answer(&self, request: &Request<Incoming>) -> impl Future<Output = Response<Body>> + Send {
        self.desk.answer(request, self.visit)
    }

    fn at_once(&self, _: &[u8]) -> Option<Ready<'_>> {
        None
    }

    fn refuse(&self, refusal: Refusal) -> Response<Body> {
        answer::error(refusal.status(), refusal.line())
    }
}
