//! HTTP/1 on one connection of the admin process.

use std::convert::Infallible;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpStream;

use super::answer::Body;

/// How long a visitor may take for the head of a request.
const HEAD_TIMEOUT: Duration = Duration::from_secs(30);

/// The most bytes that wait to be read or written.
const BUFFER: usize = 64 * 1024;

/// Answers the requests of a connection until either side ends it. How it ended is nobody's concern.
pub(super) async fn speak<A, F>(stream: TcpStream, answer: A)
where
    A: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<Body>>,
{
    let service = service_fn(|request| {
        let response = answer(request);
        async { Ok::<_, Infallible>(response.await) }
    });
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_TIMEOUT).max_buf_size(BUFFER);
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}
