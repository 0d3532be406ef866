# Each recipe is a thin name for a command that works without just as well.

# List the recipes.
default:
    @just --list

# Compare one core with many; ends in an HTML report.
[group('measure')]
bench *ARGS:
    cargo run --release -- bench {{ARGS}}

# Run the criterion micro-benchmarks (about two minutes).
[group('measure')]
micro *ARGS:
    cargo bench --workspace {{ARGS}}

# Draw the page of a record again.
[group('measure')]
report RECORD="reports/out/latest/record.json" *ARGS:
    cargo run --release -- report {{RECORD}} {{ARGS}}

# Compare two records: just compare before.json after.json
[group('measure')]
compare A B *ARGS:
    cargo run --release -- compare {{A}} {{B}} {{ARGS}}

# Run the cluster: just serve reuseport --workers 2
[group('run')]
serve MODE="round-robin" *ARGS:
    cargo run --release -- serve --mode {{MODE}} {{ARGS}}

# Drive a server: just load http://127.0.0.1:8000/ -c 64 -d 5s
[group('run')]
load URL="http://127.0.0.1:8000/" *ARGS:
    cargo run --release -- load {{URL}} {{ARGS}}

# Show a cluster live, under load, on a page for a class: just demo --open
[group('run')]
demo *ARGS:
    cargo run --release -- demo {{ARGS}}

# Run all tests.
[group('check')]
test *ARGS:
    cargo test --workspace {{ARGS}}

# Check formatting, lints, and that no files import each other in a circle.
[group('check')]
check:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test -p hello-cluster --test structure

# Draw the gallery anew, from its record: then look at the difference.
[group('check')]
gallery:
    cargo run --release -- report reports/gallery/record.json --format md -o reports/gallery/figures.md
    rm -rf reports/gallery/charts
    cargo run --release -- report reports/gallery/record.json --svg reports/gallery/charts

# Write the labs' texts anew from benches/labs: then look at the difference.
[group('check')]
labs:
    WRITE_LABS=1 cargo test -p hello-cluster --lib labs::text

# Rehearse the labs without a page, whole: just rehearse hash
[group('run')]
rehearse NAME="all" *ARGS:
    cargo run --release -- demo --rehearse {{NAME}} {{ARGS}}

# Feed arbitrary bytes to what guards the server's input (once: cargo install cargo-fuzz).
[group('check')]
fuzz RUNS="1000000":
    mkdir -p fuzz/corpus/guard
    RUSTC_BOOTSTRAP=1 cargo fuzz run guard fuzz/corpus/guard fuzz/seeds -- -runs={{RUNS}} -dict=fuzz/http.dict -max_len=1024

# What CI runs.
[group('check')]
ci:
    bash .ci/run

# Measure speed as ratios in one run: just perf load
[group('measure')]
perf WHAT *ARGS:
    cargo build --release
    cargo run --release -p perf -- {{WHAT}} {{ARGS}}

# Prove on simulated trials that the statistics keep their promise (figures: docs/proofs).
[group('check')]
prove:
    cargo run --release -p reports-testing --bin validate_stats -- docs/proofs
