//! Why a request is refused: a closed list, each with its status and one line for the client.

use hyper::StatusCode;

/// Why a request is refused. After a refusal nothing more is answered on its connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refusal {
    /// The method is no token (RFC 9110, section 9.1).
    Method,
    /// The target has no form that its method allows (RFC 9112, section 3.2).
    Target,
    /// The request line does not have three parts with one space between (RFC 9112, section 3).
    RequestLine,
    /// It does not name a version of HTTP (RFC 9112, section 2.3).
    NoVersion,
    /// A version other than 1.0 and 1.1.
    Version,
    /// CONNECT: this server is no proxy.
    Connect,
    /// The request line is longer than the limit.
    LongRequestLine,
    /// The head is longer than the limit.
    LargeHead,
    /// More fields than the limit allows.
    ManyFields,
    /// A line that ends with a bare LF, or has a bare CR in it (RFC 9112, section 2.2).
    LineEnd,
    /// A byte that no field may have: NUL and other control characters (RFC 9110, section 5.5).
    ControlByte,
    /// A line that begins with white space (RFC 9112, section 5.2, line folding).
    Folding,
    /// A field's name is no token followed by a colon (RFC 9112, section 5.1).
    FieldName,
    /// HTTP/1.1 without Host (RFC 9112, section 3.2).
    NoHost,
    /// More than one Host.
    ManyHosts,
    /// Host is no host with an optional port.
    Host,
    /// Content-Length beside Transfer-Encoding (RFC 9112, section 6.1).
    TwoLengths,
    /// Content-Length more than once or as a list (RFC 9110, section 8.6).
    RepeatedLength,
    /// Content-Length is no plain number.
    Length,
    /// Transfer-Encoding is not exactly `chunked`.
    Coding,
    /// Transfer-Encoding in HTTP/1.0 (RFC 9112, section 6.1).
    OldCoding,
    /// Expect is not exactly `100-continue` (RFC 9110, section 10.1.1).
    Expectation,
    /// The body is longer than the limit.
    LargeBody,
    /// A chunk's size is no hexadecimal number, or its line is not well-formed (RFC 9112, section
    /// 7.1).
    ChunkSize,
    /// A chunk's data are not followed by CRLF.
    ChunkEnd,
    /// A trailer is no field.
    Trailer,
    /// The head did not come whole in time.
    SlowHead,
    /// The body did not come whole in time.
    SlowBody,
}

/// The kind of a refusal, for the worker's books.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// It broke the protocol's rules, or asked for what this server does not do.
    Protocol,
    /// It was larger than the limits allow.
    TooLarge,
    /// It did not come in time.
    TooSlow,
}

impl Refusal {
    /// The status that tells of it.
    pub(crate) fn status(self) -> StatusCode {
        match self {
            Self::Version => StatusCode::HTTP_VERSION_NOT_SUPPORTED,
            Self::Connect => StatusCode::NOT_IMPLEMENTED,
            Self::LongRequestLine => StatusCode::URI_TOO_LONG,
            Self::LargeHead | Self::ManyFields => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Expectation => StatusCode::EXPECTATION_FAILED,
            Self::LargeBody => StatusCode::PAYLOAD_TOO_LARGE,
            Self::SlowHead | Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    pub(crate) fn kind(self) -> Kind {
        match self {
            Self::LongRequestLine | Self::LargeHead | Self::ManyFields | Self::LargeBody => {
                Kind::TooLarge
            }
            Self::SlowHead | Self::SlowBody => Kind::TooSlow,
            _ => Kind::Protocol,
        }
    }

    /// What was wrong, in one line for the client.
    pub(crate) fn line(self) -> &'static str {
        match self {
            Self::Method => "the method is not a token",
            Self::Target => "the target is not a path, a whole http URL, or * with OPTIONS",
            Self::RequestLine => "the request line is not 'method target HTTP/1.1'",
            Self::NoVersion => "the request line does not end with a version of HTTP",
            Self::Version => "this server speaks HTTP/1.1 and HTTP/1.0",
            Self::Connect => "this server is not a proxy",
            Self::LongRequestLine => "the request line is too long",
            Self::LargeHead => "the head of the request is too long",
            Self::ManyFields => "the request has too many header fields",
            Self::LineEnd => "a line must end with CR LF, and neither may stand alone",
            Self::ControlByte => "a control character is in the head of the request",
            Self::Folding => "a line begins with white space",
            Self::FieldName => "a header line does not begin with a name and a colon",
            Self::NoHost => "HTTP/1.1 needs a Host field",
            Self::ManyHosts => "there is more than one Host field",
            Self::Host => "the Host field is not a host with an optional port",
            Self::TwoLengths => "Content-Length and Transfer-Encoding exclude each other",
            Self::RepeatedLength => "there is more than one Content-Length",
            Self::Length => "Content-Length is not a plain number",
            Self::Coding => "the only transfer coding here is chunked",
            Self::OldCoding => "HTTP/1.0 has no Transfer-Encoding",
            Self::Expectation => "the only expectation here is 100-continue",
            Self::LargeBody => "the body is too long",
            Self::ChunkSize => "a chunk does not begin with its size in hexadecimal",
            Self::ChunkEnd => "a chunk's data do not end with CR LF where its size says",
            Self::Trailer => "a trailer is not a header line",
            Self::SlowHead => "the head of the request did not come in time",
            Self::SlowBody => "the body of the request did not come in time",
        }
    }
}
