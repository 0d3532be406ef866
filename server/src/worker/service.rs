//! What a worker answers: hello for any path, `/work?rounds=N` after a fixed amount of CPU work,
//! `/sleep?ms=N` after waiting without any. With chaos allowed, `/crash` and `/spin` get no answer.

use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{CONNECTION, CONTENT_TYPE, HeaderMap, HeaderValue};
use hyper::{Request, Response, StatusCode};

use crate::http::refusal::Refusal;
use crate::http::shortcut::Ready;
use crate::scoreboard::Slot;
use crate::work;

/// The longest `/sleep`, in milliseconds.
const MAX_SLEEP_MS: u64 = 60_000;

/// What sets one cluster's workers apart from another's.
#[derive(Debug, Clone, Copy, Default)]
pub struct Traits {
    /// Whether clients may break the worker on purpose (`/crash` and `/spin`).
    pub chaos: bool,
    /// After how many requests the worker has done its part; `None`: never.
    pub max_requests: Option<u64>,
}

/// A worker's answers.
#[derive(Debug)]
pub struct Service {
    /// The fields of every answer, and of those that ask the client to close: to copy them is
    /// cheaper than to put them together.
    headers: HeaderMap,
    last_headers: HeaderMap,
    hello: String,
    hello_line: Bytes,
    /// The head of a hello up to the date, as hyper writes it.
    hello_head: Vec<u8>,
    slot: &'static Slot,
    traits: Traits,
    draining: AtomicBool,
}

impl Service {
    /// The answers of worker `id`, whose process is `pid`, counted in `slot`.
    #[must_use]
    pub fn new(id: u32, pid: u32, slot: &'static Slot, traits: Traits) -> Self {
        let hello = format!("Hello from worker {pid}");
        let hello_line = Bytes::from(format!("{hello}\n"));
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
        headers.insert("x-worker-id", HeaderValue::from(id));
        headers.insert("x-worker-pid", HeaderValue::from(pid));
        let mut last_headers = headers.clone();
        last_headers.insert(CONNECTION, HeaderValue::from_static("close"));
        let mut hello_head = b"HTTP/1.1 200 OK\r\n".to_vec();
        for (name, value) in &headers {
            hello_head
                .extend([name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"].concat());
        }
        let length = hello_line.len();
        hello_head.extend_from_slice(format!("content-length: {length}\r\ndate: ").as_bytes());
        let draining = AtomicBool::new(false);
        Self { headers, last_headers, hello, hello_line, hello_head, slot, traits, draining }
    }

    pub(super) fn slot(&self) -> &'static Slot {
        self.slot
    }

    /// Whether it has just answered the last request that it was meant to.
    pub(super) fn is_outlived(&self) -> bool {
        self.traits.max_requests == Some(self.slot.requests.get())
    }

    pub(super) fn drain(&self) {
        self.draining.store(true, Relaxed);
    }

    /// The hello, where it is all that this target asks for and nothing is to be said or done
    /// besides; it counts as given.
    pub(super) fn at_once(&self, target: &[u8]) -> Option<Ready<'_>> {
        if self.draining.load(Relaxed) || self.traits.max_requests.is_some() {
            return None;
        }
        if target != b"/" {
            let target = std::str::from_utf8(target).ok().filter(|text| text.starts_with('/'))?;
            let (path, query) =
                target.split_once('?').map_or((target, None), |(p, q)| (p, Some(q)));
            if Ask::of(path, query, self.traits.chaos) != Ok(Ask::Hello) {
                return None;
            }
        }
        self.count(self.hello_line.len());
        Some(Ready { before_date: &self.hello_head, body: &self.hello_line })
    }

    fn count(&self, body: usize) {
        self.slot.requests.add(1);
        self.slot.bytes.add(body as u64);
    }

    /// Answers one request.
    pub async fn answer<B>(&self, request: &Request<B>) -> Response<Full<Bytes>> {
        let ask = Ask::of(request.uri().path(), request.uri().query(), self.traits.chaos);
        let (status, body) = match ask {
            Ok(Ask::Hello) => (StatusCode::OK, self.hello_line.clone()),
            Ok(Ask::Work { rounds }) => {
                let result = work::rounds(rounds);
                let line = format!("{}, {rounds} rounds: {result:016x}\n", self.hello);
                (StatusCode::OK, line.into())
            }
            Ok(Ask::Sleep { time }) => {
                tokio::time::sleep(time).await;
                let line = format!("{}, {} ms asleep\n", self.hello, time.as_millis());
                (StatusCode::OK, line.into())
            }
            Ok(Ask::Crash) => std::process::abort(),
            Ok(Ask::Spin) => loop {
                std::hint::spin_loop();
            },
            Err(BadAsk(line)) => {
                self.slot.errors.bad_requests.add(1);
                (StatusCode::BAD_REQUEST, line.into())
            }
        };
        self.count(body.len());
        self.respond(status, body)
    }

    /// The answer to a request that never got this far. It does not count as answered.
    pub(super) fn refuse(&self, refusal: Refusal) -> Response<Full<Bytes>> {
        self.respond(refusal.status(), format!("{}\n", refusal.line()).into())
    }

    fn respond(&self, status: StatusCode, body: Bytes) -> Response<Full<Bytes>> {
        let is_last = self.draining.load(Relaxed);
        let mut response = Response::new(Full::new(body));
        *response.status_mut() = status;
        *response.headers_mut() =
            if is_last { self.last_headers.clone() } else { self.headers.clone() };
        response
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Ask {
    Hello,
    Work { rounds: u64 },
    Sleep { time: Duration },
    Crash,
    Spin,
}

/// A request that makes no sense, with the line to answer.
#[derive(Debug, PartialEq, Eq)]
struct BadAsk(String);

impl Ask {
    fn of(path: &str, query: Option<&str>, chaos: bool) -> Result<Self, BadAsk> {
        match path {
            "/crash" if chaos => Ok(Self::Crash),
            "/spin" if chaos => Ok(Self::Spin),
            "/work" => {
                Ok(Self::Work { rounds: number(query, "/work", "rounds", work::MAX_ROUNDS)? })
            }
            "/sleep" => {
                let ms = number(query, "/sleep", "ms", MAX_SLEEP_MS)?;
                Ok(Self::Sleep { time: Duration::from_millis(ms) })
            }
            _ => Ok(Self::Hello),
        }
    }
}

/// The value of `key` in a query, a whole number up to `most`.
fn number(query: Option<&str>, path: &str, key: &str, most: u64) -> Result<u64, BadAsk> {
    let pairs = query.unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
    pairs
        .filter(|(name, _)| *name == key)
        .find_map(|(_, value)| value.parse().ok().filter(|number| *number <= most))
        .ok_or_else(|| {
            BadAsk(format!("give a whole number from 0 to {most}, as in {path}?{key}=100\n"))
        })
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    fn ask(target: &str) -> (Response<()>, String) {
        let slot = Box::leak(Box::new(Slot::default()));
        let service = Service::new(3, 4711, slot, Traits::default());
        let request = Request::builder().uri(target).body(()).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
        runtime.block_on(async {
            let (head, body) = service.answer(&request).await.into_parts();
            let body = body.collect().await.unwrap().to_bytes();
            (Response::from_parts(head, ()), String::from_utf8(body.to_vec()).unwrap())
        })
    }

    #[test]
    fn any_path_says_hello_and_names_the_worker() {
        for target in ["/", "/anything/at/all?x=1", "/workshop", "/crash", "/spin"] {
            let (head, body) = ask(target);
            assert_eq!(head.status(), StatusCode::OK);
            assert_eq!(body, "Hello from worker 4711\n");
            assert_eq!(head.headers()["x-worker-id"], "3");
            assert_eq!(head.headers()["x-worker-pid"], "4711");
        }
    }

    #[test]
    fn work_and_sleep_say_what_they_did() {
        let (_, body) = ask("/work?rounds=1");
        assert_eq!(body, format!("Hello from worker 4711, 1 rounds: {:016x}\n", work::rounds(1)));
        let (_, body) = ask("/sleep?ms=0");
        assert_eq!(body, "Hello from worker 4711, 0 ms asleep\n");
    }

    #[test]
    fn only_where_chaos_is_allowed_can_a_client_break_the_worker() {
        assert_eq!(Ask::of("/crash", None, true), Ok(Ask::Crash));
        assert_eq!(Ask::of("/spin", None, true), Ok(Ask::Spin));
        assert_eq!(Ask::of("/crash", None, false), Ok(Ask::Hello));
    }

    #[test]
    fn a_bad_amount_is_answered_400_with_the_right_form() {
        for target in
            ["/work", "/work?rounds=", "/work?rounds=-1", "/work?rounds=100000001", "/work?r=1"]
        {
            let (head, body) = ask(target);
            assert_eq!(head.status(), StatusCode::BAD_REQUEST, "{target}");
            let right = "give a whole number from 0 to 100000000, as in /work?rounds=100\n";
            assert_eq!(body, right, "{target}");
        }
        assert_eq!(ask("/sleep?ms=60001").0.status(), StatusCode::BAD_REQUEST);
    }
}
