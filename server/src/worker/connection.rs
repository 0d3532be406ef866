//! One connection, from the intake to its end, and the worker's books on what is open. How HTTP is
//! spoken on it is in [`crate::http`].
//!
//! While the worker drains, the next answer on a connection says `Connection: close` (RFC 9112,
//! section 9.6). Connections that are idle stay until the deadline: to close one would race with a
//! request that is already on its way.

use std::io;
use std::os::fd::{BorrowedFd, OwnedFd};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::{Request, Response};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use tokio::sync::Notify;

use super::service::Service;
use crate::address::Family;
use crate::http::limits::Limits;
use crate::http::refusal::{Kind, Refusal};
use crate::http::shortcut::Ready;
use crate::http::{Answers, Ended, Http};
use crate::say;
use crate::scoreboard::Slot;
use crate::sys::process;
use crate::sys::socket::{Accepted, accept};

/// What all connections of a worker share.
#[derive(Debug)]
pub struct Front {
    http: Http,
    service: Service,
    most: u64,
    family: Family,
    closed: Notify,
    outlived: Notify,
}

impl Front {
    /// A front for this service, with at most `most` connections of this family.
    #[must_use]
    pub fn new(service: Service, limits: Limits, most: Option<u64>, family: Family) -> Self {
        let (http, most) = (Http::new(limits), most.unwrap_or(u64::MAX));
        let (closed, outlived) = Default::default();
        Self { http, service, most, family, closed, outlived }
    }

    pub(super) fn has_room(&self) -> bool {
        self.slot().open.get() < self.most
    }

    pub(super) async fn room(&self) {
        self.closing_until(|| self.has_room()).await;
    }

    /// Waits, connection after connection that closes, until it is enough.
    async fn closing_until(&self, enough: impl Fn() -> bool) {
        loop {
            // Before the look, so that no close is missed in between.
            let next = self.closed.notified();
            if enough() {
                return;
            }
            next.await;
        }
    }

    /// Accepts a connection, if one is queued, and takes it over. It counts as open from before the
    /// call: a kill in the middle leaves one connection too many on the books, never one too few.
    pub(super) fn accept_from(self: &Arc<Self>, listener: BorrowedFd<'_>) -> io::Result<Taken> {
        let open = Open::count(Arc::clone(self));
        Ok(match accept(listener)? {
            Accepted::Connection(stream) => {
                self.adopt(open, stream);
                Taken::One
            }
            Accepted::Empty => Taken::None,
            Accepted::Exhausted => Taken::Exhausted,
        })
    }

    pub(super) fn take_dealt(self: &Arc<Self>, stream: OwnedFd) {
        self.adopt(Open::count(Arc::clone(self)), stream);
    }

    /// Serves a connection in a task of its own. One that the runtime has no room for is closed, and
    /// counted as an error.
    fn adopt(&self, open: Open, stream: OwnedFd) {
        self.slot().connections.add(1);
        let adopted = match self.family {
            Family::Tcp => TcpStream::from_std(stream.into()).map(|stream| open.speak(stream)),
            Family::Unix => UnixStream::from_std(stream.into()).map(|stream| open.speak(stream)),
        };
        if adopted.is_err() {
            self.slot().errors.exhausted.add(1);
        }
    }

    /// Speaks HTTP/1 on a connection until either side ends it.
    pub async fn speak(&self, stream: impl AsyncRead + AsyncWrite + Unpin) {
        let errors = &self.slot().errors;
        let kind = match self.http.serve(stream, self).await {
            Ended::Closed => return,
            Ended::Refused(refusal) => match refusal.kind() {
                Kind::Protocol => &errors.protocol,
                Kind::TooLarge => &errors.too_large,
                Kind::TooSlow => &errors.timeouts,
            },
            Ended::NobodyReads => &errors.timeouts,
            Ended::BrokenOff => &errors.broken_off,
            Ended::Protocol => &errors.protocol,
        };
        kind.add(1);
    }

    /// Counts that descriptors have run out, and says so the first time.
    pub(super) fn say_exhausted(&self) {
        let errors = &self.slot().errors.exhausted;
        errors.add(1);
        if errors.get() == 1 {
            say::err(&format!(
                "worker {}: no descriptors left: new connections wait until others \
                 close",
                process::pid()
            ));
        }
    }

    pub(super) fn slot(&self) -> &'static Slot {
        self.service.slot()
    }

    /// Waits until the worker has answered as many requests as it is to.
    pub(super) async fn outlived(&self) {
        self.outlived.notified().await;
    }

    /// Says what a drain waits for, if for anything.
    pub(super) fn announce_drain(&self, timeout: Duration) {
        let open = self.slot().open.get();
        if open > 0 {
            say::announce_stop(open, timeout);
        }
    }

    /// Asks every connection to close with its next answer, and waits until all have, at most for
    /// `timeout`.
    pub(super) async fn drain(&self, timeout: Duration) {
        self.service.drain();
        let all_closed = self.closing_until(|| self.slot().open.get() == 0);
        let _ = tokio::time::timeout(timeout, all_closed).await;
    }
}

impl Answers for Front {
    type Body = Full<Bytes>;

    async fn answer(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        let response = self.service.answer(request).await;
        if self.service.is_outlived() {
            self.outlived.notify_one();
        }
        response
    }

    fn at_once(&self, target: &[u8]) -> Option<Ready<'_>> {
        self.service.at_once(target)
    }

    fn refuse(&self, refusal: Refusal) -> Response<Full<Bytes>> {
        self.service.refuse(refusal)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Taken {
    One,
    None,
    /// There is no descriptor or memory left for one.
    Exhausted,
}

/// A connection on the books; off them when dropped, even by a panic.
struct Open {
    front: Arc<Front>,
}

impl Open {
    fn count(front: Arc<Front>) -> Self {
        front.slot().open.add(1);
        Self { front }
    }

    /// Speaks HTTP/1 on the connection, in a task of its own.
    fn speak(self, stream: impl AsyncRead + AsyncWrite + Unpin + Send + 'static) {
        tokio::spawn(async move { self.front.speak(stream).await });
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.front.slot().open.subtract(1);
        self.front.closed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::worker::service::Traits;

    /// All that a worker answers to these pieces, each sent when the one before has been answered.
    fn answers_to(pieces: &[&str]) -> String {
        let slot = Box::leak(Box::new(Slot::default()));
        let service = Service::new(3, 4711, slot, Traits::default());
        let front = Front::new(service, Limits::default(), None, Family::Tcp);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let text = runtime.block_on(async {
            let (mut client, stream) = tokio::io::duplex(1 << 16);
            let client = async move {
                let mut text = Vec::new();
                for piece in pieces {
                    client.write_all(piece.as_bytes()).await.unwrap();
                    client.read_buf(&mut text).await.unwrap();
                }
                client.shutdown().await.unwrap();
                client.read_to_end(&mut text).await.unwrap();
                String::from_utf8(text).unwrap()
            };
            tokio::join!(front.speak(stream), client).1
        });
        assert_eq!(slot.requests.get(), text.matches("HTTP/1.1 200 OK\r\n").count() as u64);
        text
    }

    fn without_date(answers: &str) -> String {
        let lines = answers.split_inclusive("\r\n");
        lines.filter(|line| !line.starts_with("date: ")).collect()
    }

    #[test]
    fn the_shortcut_gives_byte_for_byte_what_hyper_gives() {
        let short = answers_to(&["GET /any?x=1 HTTP/1.1\r\nHost: a\r\nA: b\r\n\r\n"]);
        let by_hyper = answers_to(&["GET / HTTP/1.1\r\nHost: a\r\nConnection: keep-alive\r\n\r\n"]);
        assert_eq!(without_date(&short), without_date(&by_hyper));
        // The date is a field like any other, and in the same place.
        let dates = [&short, &by_hyper].map(|answer| answer.find("\r\ndate: ").unwrap());
        assert_eq!(dates[0], dates[1]);
        assert_eq!(short.len(), by_hyper.len());
    }

    #[test]
    fn answers_by_shortcut_and_by_hyper_alternate_on_one_connection() {
        let plain = "GET / HTTP/1.1\r\nHost: a\r\n\r\n";
        let post = "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nab";
        let two = format!("{plain}{plain}");
        let work = "GET /work?rounds=1 HTTP/1.1\r\nHost: a\r\n\r\n";
        let answers = answers_to(&[plain, post, plain, &two, work, plain]);
        assert_eq!(answers.matches("Hello from worker 4711").count(), 7);
    }
}
