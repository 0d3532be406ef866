//! Drawing the page of the largest record there is: that of the suite `full` on two cores.

#[allow(dead_code, reason = "the tests use more of it")]
#[path = "../../reports/tests/common/mod.rs"]
mod common;

use std::hint::black_box;

use common::{Plan, cell, record};
use criterion::{Criterion, criterion_group, criterion_main};
use reports::record::Record;
use reports::verify::verify;

/// As many cells and blocks as `full` has: 648 trials.
fn full() -> Record {
    let mut cells = Vec::new();
    for workload in ["hello", "work", "connect", "mixed"] {
        cells.push(cell(workload, "single", 1));
        for mode in ["threads", "shared", "reuseport", "round-robin", "least-connections"] {
            let counts = if matches!(workload, "work" | "mixed") { 1..=3 } else { 1..=2 };
            cells.extend(counts.map(|power| cell(workload, mode, 1 << (power - 1))));
        }
    }
    record(&Plan { cores: 2, blocks: 12, cells })
}

fn drawing(criterion: &mut Criterion) {
    let record = full();
    assert_eq!(record.trials.len(), 648);
    let page = reports::page::render(&record).expect("a record has a page");
    let mut group = criterion.benchmark_group("report");
    group.sample_size(10);
    group.bench_function("draw the page of full", |bencher| {
        bencher.iter(|| reports::page::render(black_box(&record)));
    });
    group.bench_function("verify the page of full", |bencher| {
        bencher.iter(|| verify(black_box(&page)));
    });
    group.finish();
}

criterion_group!(benches, drawing);
criterion_main!(benches);
