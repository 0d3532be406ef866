//! What the server's own parts cost: a request through a worker's service and through all of HTTP,
//! passing descriptors, and the round-robin pick.

use std::hint::black_box;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use server::address::Family;
use server::channel::{Heard, Order, next_order, send_connections};
use server::http::limits::Limits;
use server::mode::Candidate;
use server::mode::round_robin::Turn;
use server::scoreboard::Slot;
use server::sys::fdpass::{self, ControlBuffer};
use server::worker::connection::Front;
use server::worker::service::{Service, Traits};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn service() -> Service {
    Service::new(1, 4711, Box::leak(Box::new(Slot::default())), Traits::default())
}

/// The answer alone, and the answer with hyper around it over a pipe in memory: the difference to a
/// request over TCP is the kernel's.
fn request(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("request");
    group.throughput(Throughput::Elements(1));
    let runtime = runtime();
    let (service, request) = (service(), hyper::Request::builder().uri("/").body(()));
    let request = request.expect("a request");
    group.bench_function("service", |bencher| {
        bencher.iter(|| runtime.block_on(service.answer(black_box(&request))));
    });
    let front = Front::new(self::service(), Limits::default(), None, Family::Tcp);
    let (mut client, stream) = tokio::io::duplex(4096);
    runtime.spawn(async move { front.speak(stream).await });
    let mut answer = [0; 1024];
    group.bench_function("http", |bencher| {
        bencher.iter(|| {
            runtime.block_on(async {
                client.write_all(b"GET / HTTP/1.1\r\nHost: bench\r\n\r\n").await.expect("written");
                black_box(client.read(&mut answer).await.expect("an answer"))
            })
        });
    });
    group.finish();
}

/// Descriptors from one end of a channel to the other, some a message.
fn pass_descriptors(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pass descriptors");
    let (near, far) = fdpass::pair().expect("a pair");
    let passed: Vec<OwnedFd> = (0..64).map(|_| near.try_clone().expect("a descriptor")).collect();
    let mut room = ControlBuffer::default();
    for count in [1, 8, 64] {
        let batch: Vec<BorrowedFd<'_>> = passed[..count].iter().map(AsFd::as_fd).collect();
        group.throughput(Throughput::Elements(count as u64));
        group.bench_function(BenchmarkId::from_parameter(count), |bencher| {
            bencher.iter(|| {
                send_connections(near.as_fd(), &batch).expect("sent");
                match next_order(&far, &mut room).expect("received") {
                    Heard::Message(Order::Connections { connections, lost: 0 }) => {
                        assert_eq!(black_box(connections).len(), count);
                    }
                    other => panic!("{other:?}"),
                }
            });
        });
    }
    group.finish();
}

/// Whose turn it is, when all workers are available and when only one in eight is.
fn round_robin_pick(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("round-robin pick");
    let free = Candidate { ready: true, credit: 256, load: 0 };
    let busy = Candidate { ready: true, credit: 0, load: 0 };
    for workers in [2, 8, 64] {
        let mut turn = Turn::default();
        let all = vec![free; workers];
        group.bench_function(BenchmarkId::new("all available", workers), |bencher| {
            bencher.iter(|| turn.choose(black_box(&all)));
        });
    }
    let mut turn = Turn::default();
    let few: Vec<_> = (0..64).map(|index| if index % 8 == 0 { free } else { busy }).collect();
    group.bench_function(BenchmarkId::new("one in eight available", 64), |bencher| {
        bencher.iter(|| turn.choose(black_box(&few)));
    });
    group.finish();
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = request, pass_descriptors, round_robin_pick
}
criterion_main!(benches);
