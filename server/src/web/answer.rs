//! Answers: status, headers that all have, and a body.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::Frame;
use hyper::header::{
    ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE,
    X_CONTENT_TYPE_OPTIONS,
};
use hyper::{Response, StatusCode};
use serde_json::json;
use tokio::sync::mpsc;

const JSON: HeaderValue = HeaderValue::from_static("application/json");
const TEXT: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The body of an answer.
#[derive(Debug)]
pub enum Body {
    /// All of it; taken when sent.
    Whole(Option<Bytes>),
    /// What comes, until the other end is dropped.
    Stream(mpsc::Receiver<Bytes>),
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let data = match &mut *self {
            Self::Whole(whole) => Poll::Ready(whole.take()),
            Self::Stream(receiver) => receiver.poll_recv(context),
        };
        data.map(|data| data.map(|data| Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Whole(None))
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Whole(whole) => {
                hyper::body::SizeHint::with_exact(whole.as_ref().map_or(0, Bytes::len) as u64)
            }
            Self::Stream(_) => hyper::body::SizeHint::default(),
        }
    }
}

/// An answer of this type.
#[must_use]
pub fn with_body(status: StatusCode, content_type: HeaderValue, body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, content_type);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

/// A line of text.
pub(crate) fn text(status: StatusCode, line: &'static str) -> Response<Body> {
    with_body(status, TEXT, Body::Whole(Some(Bytes::from_static(line.as_bytes()))))
}

/// JSON that is already written.
#[must_use]
pub fn json(status: StatusCode, json: Bytes) -> Response<Body> {
    with_body(status, JSON, Body::Whole(Some(json)))
}

/// A line that says what was wrong, as JSON.
#[must_use]
pub fn error(status: StatusCode, line: &str) -> Response<Body> {
    json(status, format!("{}\n", json!({ "error": line })).into())
}

/// Something went wrong that may be well in a second.
#[must_use]
pub fn try_again(status: StatusCode, line: &str) -> Response<Body> {
    with_header(error(status, line), RETRY_AFTER, "1")
}

/// Another method would do.
#[must_use]
pub fn method_not_allowed(allowed: &'static str) -> Response<Body> {
    let line = format!("this can be asked for with {allowed} only");
    with_header(error(StatusCode::METHOD_NOT_ALLOWED, &line), ALLOW, allowed)
}

/// A token would do (RFC 6750).
pub(crate) fn unauthorized(line: &str) -> Response<Body> {
    with_header(error(StatusCode::UNAUTHORIZED, line), WWW_AUTHENTICATE, "Bearer")
}

fn with_header(
    mut response: Response<Body>,
    name: HeaderName,
    value: &'static str,
) -> Response<Body> {
    response.headers_mut().insert(name, HeaderValue::from_static(value));
    response
}
