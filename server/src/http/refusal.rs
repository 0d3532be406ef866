//! Why a request is refused: a closed list, each with its status and one line for the client.

use hyper::StatusCode;

text_enum! {
    /// Why a request is refused; its line tells the client what was wrong. After a refusal nothing
    /// more is answered on its connection.
    #[derive(Hash)]
    #[expect(missing_docs, reason = "the lines say it; the comments name the rule")]
    pub enum Refusal, fn line {
        Method = "the method is not a token", // RFC 9110, section 9.1
        // RFC 9112, section 3.2
        Target = "the target is not a path, a whole http URL, or * with OPTIONS",
        RequestLine = "the request line is not 'method target HTTP/1.1'", // RFC 9112, section 3
        NoVersion = "the request line does not end with a version of HTTP", // RFC 9112, section 2.3
        Version = "this server speaks HTTP/1.1 and HTTP/1.0",
        Connect = "this server is not a proxy",
        LongRequestLine = "the request line is too long",
        LargeHead = "the head of the request is too long",
        ManyFields = "the request has too many header fields",
        // RFC 9112, section 2.2
        LineEnd = "a line must end with CR LF, and neither may stand alone",
        ControlByte = "a control character is in the head of the request", // RFC 9110, section 5.5
        Folding = "a line begins with white space", // RFC 9112, section 5.2, line folding
        FieldName = "a header line does not begin with a name and a colon", // RFC 9112, section 5.1
        NoHost = "HTTP/1.1 needs a Host field", // RFC 9112, section 3.2
        ManyHosts = "there is more than one Host field",
        Host = "the Host field is not a host with an optional port",
        // RFC 9112, section 6.1
        TwoLengths = "Content-Length and Transfer-Encoding exclude each other",
        // or a list: RFC 9110, section 8.6
        RepeatedLength = "there is more than one Content-Length",
        Length = "Content-Length is not a plain number",
        Coding = "the only transfer coding here is chunked",
        OldCoding = "HTTP/1.0 has no Transfer-Encoding", // RFC 9112, section 6.1
        Expectation = "the only expectation here is 100-continue", // RFC 9110, section 10.1.1
        LargeBody = "the body is too long",
        // or its line is not well-formed: RFC 9112, section 7.1
        ChunkSize = "a chunk does not begin with its size in hexadecimal",
        ChunkEnd = "a chunk's data do not end with CR LF where its size says",
        Trailer = "a trailer is not a header line",
        SlowHead = "the head of the request did not come in time",
        SlowBody = "the body of the request did not come in time",
    }
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
}
