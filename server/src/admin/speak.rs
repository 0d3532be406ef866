//! HTTP/1 on one connection of the admin process: as guarded as a worker's, see [`crate::http`].

use std::sync::Arc;

use hyper::body::Incoming;
use hyper::{Request, Response};
use tokio::net::TcpStream;

use super::answer::{self, Body};
use super::desk::{Desk, Visit};
use crate::http::limits::Limits;
use crate::http::refusal::Refusal;
use crate::http::shortcut::Ready;
use crate::http::{Answers, Http};

/// The most bytes that a request may carry: none of them is needed.
const LARGEST_BODY: u64 = 1024;

/// One connection, and who answers on it.
struct Visitor<'a> {
    desk: &'a Desk,
    visit: &'a Arc<Visit>,
}

impl Answers for Visitor<'_> {
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

/// HTTP as it is spoken here.
pub(super) fn http() -> Http {
    Http::new(Limits { body: LARGEST_BODY, ..Limits::default() })
}

/// Answers the requests of a connection until either side ends it. How it ended is nobody's concern.
pub(super) async fn speak(http: &Http, stream: TcpStream, desk: &Desk, visit: &Arc<Visit>) {
    http.serve(stream, &Visitor { desk, visit }).await;
}
