//! How a connection ends that the server ends: the refusal, if there is one, and a lingering close.
//!
//! A socket that is closed with input unread answers with a reset, which overtakes what was written
//! last: the client would never see why it was refused. So the server stops writing, reads and drops
//! what still comes, for a bounded time, and closes then (RFC 9112, section 9.6).

use std::future::poll_fn;
use std::io::{self, Write};
use std::pin::Pin;
use std::task::Poll;
use std::time::{Duration, SystemTime};

use http_body_util::BodyExt;
use hyper::Response;
use hyper::body::{Body, Buf};
use hyper::header::{CONNECTION, HeaderValue};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};

/// How long a client may go on sending after the last answer.
const LINGER: Duration = Duration::from_secs(5);

/// How much is read at a time of what is dropped.
const PIECE: usize = 16 << 10;

pub(super) fn as_last<B>(mut response: Response<B>) -> Response<B> {
    response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Writes an answer that hyper has no request for.
pub(super) async fn write_last<B: Body>(
    stream: &mut (impl AsyncWrite + Unpin),
    response: Response<B>,
) -> io::Result<()> {
    let (head, body) = as_last(response).into_parts();
    let Ok(body) = body.collect().await else { return Ok(()) };
    let body = body.aggregate();
    let mut text = Vec::with_capacity(512);
    write!(text, "HTTP/1.1 {}\r\n", head.status)?;
    for (name, value) in &head.headers {
        write!(text, "{name}: ")?;
        text.extend_from_slice(value.as_bytes());
        text.extend_from_slice(b"\r\n");
    }
    let date = httpdate::fmt_http_date(SystemTime::now());
    write!(text, "content-length: {}\r\ndate: {date}\r\n\r\n", body.remaining())?;
    io::copy(&mut body.reader(), &mut text)?;
    stream.write_all(&text).await
}

/// Ends the writing, and reads and drops what still comes until the client ends as well, at most
/// for a while.
pub(super) async fn linger(stream: &mut (impl AsyncRead + AsyncWrite + Unpin)) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let drop_all = async {
        let mut room = vec![0; PIECE];
        while stream.read(&mut room).await.is_ok_and(|count| count > 0) {}
    };
    // Whoever goes on for longer is cut off.
    let _ = tokio::time::timeout(LINGER, drop_all).await;
}

/// Whether something has come that nobody will read.
pub(super) async fn has_unread(stream: &mut (impl AsyncRead + Unpin)) -> bool {
    poll_fn(|cx| {
        let mut room = [0];
        let mut byte = ReadBuf::new(&mut room);
        let read = Pin::new(&mut *stream).poll_read(cx, &mut byte);
        Poll::Ready(matches!(read, Poll::Ready(Ok(()))) && !byte.filled().is_empty())
    })
    .await
}
