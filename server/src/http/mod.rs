//! HTTP/1 on one connection: hyper, with a guard before it, times that run out, and an end that the
//! client learns of.
//!
//! [`guard`] decides what may pass ([`head`], [`line`] and [`chunked`] know the rules, [`limits`] the
//! sizes and times, [`refusal`] the reasons); [`stream`] puts it between the client and hyper; prepared
//! answers take the [`shortcut`]; [`patience`] watches the [`progress`]; [`parting`] ends a connection.

mod bytes;
mod chunked;
pub mod guard;
mod head;
pub mod limits;
mod line;
mod parting;
mod patience;
mod progress;
pub mod refusal;
pub(crate) mod shortcut;
mod stream;

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::task::Poll;

use http_body_util::BodyExt;
use hyper::body::{Body, Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncWrite};

use guard::Guard;
use limits::Limits;
use patience::{NobodyReads, Patience};
use progress::Progress;
use refusal::Refusal;
use shortcut::Ready;
use stream::Guarded;

/// Header lines that hyper parses without memory from the heap.
const USUAL_HEADERS: usize = 100;

/// The smallest buffer that hyper can be given.
const SMALLEST_BUFFER: usize = 8 << 10;

/// Who answers requests.
pub(crate) trait Answers: Sync {
    type Body: Body<Data = Bytes, Error: Into<Box<dyn std::error::Error + Send + Sync>>>
        + Send
        + 'static;

    /// Answers a request. Its body has been read and dropped.
    fn answer(
        &self,
        request: &Request<Incoming>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;

    /// The answer to a GET of this target, if it lies ready; it counts as given. It must be what
    /// [`Answers::answer`] would give, byte for byte as hyper would write it.
    fn at_once(&self, target: &[u8]) -> Option<Ready<'_>>;

    /// The answer to a request that was refused.
    fn refuse(&self, refusal: Refusal) -> Response<Self::Body>;
}

/// How a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// By either side, between two requests.
    Closed,
    /// With a refusal, which the client has been told.
    Refused(Refusal),
    /// In the middle of a request or an answer.
    BrokenOff,
    /// The client did not take its answer in time, and was cut off.
    NobodyReads,
    /// By a violation that only hyper noticed.
    Protocol,
}

/// HTTP/1 with these limits.
#[derive(Debug, Clone)]
pub(crate) struct Http {
    hyper: http1::Builder,
    limits: Limits,
}

impl Http {
    pub fn new(limits: Limits) -> Self {
        let mut hyper = http1::Builder::new();
        // A client may shut its sending side down once it has asked.
        hyper.half_close(true);
        // Not `pipeline_flush`: with it, an answer that closes the connection is never written if
        // another request is in the buffer behind.
        // Several requests may be in the buffer, and the guard lets only whole heads in.
        hyper.max_buf_size((2 * limits.head).max(SMALLEST_BUFFER));
        if limits.headers > USUAL_HEADERS {
            hyper.max_headers(limits.headers);
        }
        Self { hyper, limits }
    }

    /// Speaks HTTP/1 on a connection until either side ends it.
    pub async fn serve(
        &self,
        mut stream: impl AsyncRead + AsyncWrite + Unpin,
        answers: &impl Answers,
    ) -> Ended {
        let progress = Progress::new();
        let ended = self.converse(&mut stream, &progress, answers).await;
        if let Some(refusal) = progress.untold_refusal()
            && ended == Ended::Closed
        {
            let told = parting::write_last(&mut stream, answers.refuse(refusal));
            let in_time = tokio::time::timeout(self.limits.write_timeout, told).await;
            if !matches!(in_time, Ok(Ok(()))) {
                return Ended::BrokenOff;
            }
        }
        match progress.refusal() {
            Some(refusal) if ended == Ended::Closed => {
                parting::linger(&mut stream).await;
                Ended::Refused(refusal)
            }
            _ => {
                if ended == Ended::Closed && parting::has_unread(&mut stream).await {
                    parting::linger(&mut stream).await;
                }
                ended
            }
        }
    }

    /// Has hyper answer until either side ends.
    async fn converse(
        &self,
        stream: &mut (impl AsyncRead + AsyncWrite + Unpin),
        progress: &Progress,
        answers: &impl Answers,
    ) -> Ended {
        let guarded = Guarded::new(stream, Guard::new(self.limits), progress, answers);
        let answer = service_fn(|request| answer_one(request, progress, answers));
        let mut connection = pin!(self.hyper.serve_connection(TokioIo::new(guarded), answer));
        let mut patience = Patience::new(&self.limits, progress);
        let end = poll_fn(|cx| {
            if let Err(NobodyReads) = patience.check() {
                return Poll::Ready(Err(NobodyReads));
            }
            let end = connection.as_mut().poll(cx);
            if end.is_pending() {
                patience.wake_in_time(cx);
            }
            end.map(Ok)
        });
        match end.await {
            Err(NobodyReads) => Ended::NobodyReads,
            Ok(Err(error)) if error.is_parse() => Ended::Protocol,
            Ok(Err(_)) => Ended::BrokenOff,
            Ok(Ok(())) if progress.is_broken_off() => Ended::BrokenOff,
            Ok(Ok(())) => Ended::Closed,
        }
    }
}

/// The client ended in the middle of a body: there is nobody to answer.
#[derive(Debug, thiserror::Error)]
#[error("the client ended in the middle of a request")]
struct Abandoned;

/// Reads and drops a request's body, and has it answered.
async fn answer_one<A: Answers>(
    mut request: Request<Incoming>,
    progress: &Progress,
    answers: &A,
) -> Result<Response<A::Body>, Abandoned> {
    if !request.body().is_end_stream() && drop_body(request.body_mut()).await.is_err() {
        let refusal = progress.take_refusal().ok_or(Abandoned)?;
        return Ok(parting::as_last(answers.refuse(refusal)));
    }
    let response = answers.answer(&request).await;
    progress.answered();
    Ok(response)
}

async fn drop_body(body: &mut Incoming) -> hyper::Result<()> {
    while let Some(frame) = body.frame().await {
        frame?;
    }
    Ok(())
}
