//! Drawing the page of the largest record there is: that of the suite `full` on two cores.

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use reports::page::verify::verify;
use reports_testing::records::{full, record};

fn drawing(criterion: &mut Criterion) {
    let record = record(&full());
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
