//! One connection: HTTP/1 by hyper, and the worker's books on what is open.
//!
//! While the worker drains, the next answer on a connection says `Connection: close` (RFC 9112,
//! section 9.6). Connections that are idle stay until the deadline: to close one would race with a
//! request that is already on its way.

use std::convert::Infallible;
use std::io;
use std::net::TcpStream;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::Notify;

use super::service::Service;
use crate::events::announce_stop;

/// How long a client may take to send the head of a request; an idle keep-alive connection counts
/// as waiting for one.
const HEAD_TIMEOUT: Duration = Duration::from_secs(60);

/// What all connections of a worker share.
#[derive(Debug)]
pub struct Front {
    http: http1::Builder,
    service: Service,
    all_closed: Notify,
}

impl Front {
    /// A front for this service.
    #[must_use]
    pub fn new(service: Service) -> Self {
        let mut http = http1::Builder::new();
        http.timer(TokioTimer::new());
        http.header_read_timeout(HEAD_TIMEOUT);
        // A client may shut its sending side down once it has asked.
        http.half_close(true);
        http.pipeline_flush(true);
        Self { http, service, all_closed: Notify::new() }
    }

    /// Counts a new connection and serves it in a task of its own.
    pub(super) fn adopt(self: &Arc<Self>, stream: OwnedFd) -> io::Result<()> {
        let stream = tokio::net::TcpStream::from_std(TcpStream::from(stream))?;
        let open = Open::count(Arc::clone(self));
        tokio::spawn(async move { open.front.speak(stream).await });
        Ok(())
    }

    /// Speaks HTTP/1 on a connection until either side ends it.
    pub async fn speak(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let answer = service_fn(|request| self.answer(request));
        // A client that breaks off or breaks the rules is none of the worker's errors.
        let _ = self.http.serve_connection(TokioIo::new(stream), answer).await;
    }

    async fn answer(
        &self,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        Ok(self.service.answer(&request).await)
    }

    /// Counts connections that were dealt to this worker but could not be received.
    pub(super) fn count_lost(&self, lost: u64) {
        self.service.slot().lost.add(lost);
    }

    /// Says what a drain waits for, if for anything.
    pub(super) fn announce_drain(&self, timeout: Duration) {
        let open = self.service.slot().open.get();
        if open > 0 {
            announce_stop(open, timeout);
        }
    }

    /// Asks every connection to close with its next answer, and waits until all have, at most for
    /// `timeout`.
    pub(super) async fn drain(&self, timeout: Duration) {
        self.service.drain();
        let all_closed = async {
            while self.service.slot().open.get() > 0 {
                self.all_closed.notified().await;
            }
        };
        let _ = tokio::time::timeout(timeout, all_closed).await;
    }
}

/// A connection on the books; off them when dropped, even by a panic.
struct Open {
    front: Arc<Front>,
}

impl Open {
    fn count(front: Arc<Front>) -> Self {
        let slot = front.service.slot();
        slot.connections.add(1);
        slot.open.add(1);
        Self { front }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let slot = self.front.service.slot();
        slot.open.subtract(1);
        if slot.open.get() == 0 {
            self.front.all_closed.notify_one();
        }
    }
}
