//! Requests and answers in the types that Rust's client libraries share.

use http::header::{CONNECTION, CONTENT_LENGTH, HOST};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Uri, Version};
use hyper::body::Bytes;

use crate::engine::transport::Text;
use crate::mix::Part;
use crate::plan::Plan;
use crate::response::BODY_PEEK;
use crate::worker::{WorkerKey, number};

pub(crate) struct Forms {
    pub method: Method,
    pub body: Bytes,
    /// One of each part of the mix, for a connection that stays.
    staying: Vec<Form>,
    last: Vec<Form>,
}

/// One request but for its method and body.
pub(crate) struct Form {
    pub path: Uri,
    pub headers: HeaderMap,
}

impl Forms {
    /// The requests of a plan, whose fields were checked when it was read; with a `Host`, if one is
    /// given, unless the user's headers have another.
    pub fn new(plan: &Plan, host: Option<&str>) -> Self {
        let forms = |last: bool| {
            let form = |part: &Part| Form {
                path: part.path.parse().unwrap_or_default(),
                headers: headers(plan, host, last),
            };
            plan.mix.iter().map(form).collect()
        };
        Self {
            method: Method::from_bytes(plan.method.as_bytes()).unwrap_or_default(),
            body: Bytes::copy_from_slice(&plan.body),
            staying: forms(false),
            last: forms(true),
        }
    }

    /// The one that a text stands for.
    pub fn form(&self, text: Text) -> &Form {
        if text.last { &self.last[text.part] } else { &self.staying[text.part] }
    }
}

/// The header of a request: what [`crate::request::render`] writes.
fn headers(plan: &Plan, host: Option<&str>, last: bool) -> HeaderMap {
    let mut headers = HeaderMap::new();
    if let Some(Ok(host)) = host.map(HeaderValue::from_str) {
        headers.insert(HOST, host);
    }
    for field in &plan.headers {
        let name = HeaderName::from_bytes(field.name.as_bytes());
        let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&field.value)) else { continue };
        if name == HOST {
            headers.insert(name, value);
        } else {
            headers.append(name, value);
        }
    }
    if !plan.body.is_empty() || matches!(plan.method.as_str(), "POST" | "PUT" | "PATCH") {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(plan.body.len()));
    }
    if last {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    headers
}

/// The first bytes of a body whose head names no worker.
pub(crate) struct Peek {
    named: WorkerKey,
    bytes: Vec<u8>,
    pub length: usize,
}

impl Peek {
    pub fn new(headers: &HeaderMap) -> Self {
        let field = |name| headers.get(name).and_then(|value| number(value.as_bytes()));
        let named = WorkerKey { id: field("x-worker-id"), pid: field("x-worker-pid") };
        Self { named, bytes: Vec::new(), length: 0 }
    }

    pub fn look_at(&mut self, data: &[u8]) {
        self.length += data.len();
        if self.named.is_unknown() && self.bytes.len() < BODY_PEEK {
            let room = BODY_PEEK - self.bytes.len();
            self.bytes.extend_from_slice(&data[..data.len().min(room)]);
        }
    }

    pub fn worker(&self) -> WorkerKey {
        if self.named.is_unknown() { WorkerKey::in_body(&self.bytes) } else { self.named }
    }
}

pub(crate) fn version(version: Version) -> &'static str {
    match version {
        Version::HTTP_2 => "HTTP/2",
        _ => "HTTP/1.1",
    }
}
