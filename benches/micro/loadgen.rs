//! The generator's hot path: booking a request, and parsing an answer.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use loadgen::Outcome;
use loadgen::response::Parser;
use loadgen::tally::{Tally, Window};
use loadgen::timestamps::Timestamps;

const HELLO: &[u8] = b"HTTP/1.1 200 OK\r\nx-worker-id: 1\r\nx-worker-pid: 4711\r\n\
    content-type: text/plain\r\ncontent-length: 23\r\n\
    date: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\nHello from worker 4711\n";

const OTHER: &[u8] = b"HTTP/1.1 200 OK\r\nx-worker-id: 2\r\nx-worker-pid: 4712\r\n\
    content-type: text/plain\r\ncontent-length: 23\r\n\
    date: Mon, 01 Jan 2024 00:00:00 GMT\r\n\r\nHello from worker 4712\n";

const CHUNKED: &[u8] = b"HTTP/1.1 200 OK\r\nDate: Mon, 01 Jan 2024 00:00:00 GMT\r\n\
    Connection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n\
    17\r\nHello from worker 4711\n\r\n0\r\n\r\n";

fn booking(criterion: &mut Criterion) {
    let mut tally = Tally::new(Window { begin: 0, end: u64::MAX }, false);
    let mut begin = 0_u64;
    criterion.bench_function("loadgen/book a request", |bencher| {
        bencher.iter(|| {
            begin = begin.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1) >> 20;
            let end = begin + (begin & 0xF_FFFF);
            let times = Timestamps { begin, sent: begin, woken: end, end };
            tally.end(black_box(times), Outcome::Ok);
        });
    });
}

fn parsing(criterion: &mut Criterion) {
    let mut parser = Parser::new(false);
    criterion.bench_function("loadgen/parse an answer like the last", |bencher| {
        bencher.iter(|| parser.advance(black_box(HELLO)));
    });
    criterion.bench_function("loadgen/parse an answer unlike the last", |bencher| {
        let mut answers = [HELLO, OTHER].into_iter().cycle();
        bencher.iter(|| answers.next().map(|answer| parser.advance(black_box(answer))));
    });
    criterion.bench_function("loadgen/parse a chunked answer of Node", |bencher| {
        bencher.iter(|| parser.advance(black_box(CHUNKED)));
    });
}

criterion_group!(benches, booking, parsing);
criterion_main!(benches);
