//! Other forms of a result: the series as CSV, the latencies as an `HdrHistogram` log.

use std::fmt::Write as _;
use std::io;
use std::time::{Duration, SystemTime};

use hdrhistogram::Histogram;
use hdrhistogram::serialization::V2DeflateSerializer;
use hdrhistogram::serialization::interval_log::IntervalLogWriterBuilder;

use crate::result::RunResult;

/// The series as CSV (RFC 4180, with a header line). The name of the first column says what its
/// time is: a request belongs to the slice in which it completed.
#[must_use]
pub fn csv(result: &RunResult) -> String {
    let mut text = format!("{}_t_s,rps,p50_us,p99_us,errors\r\n", result.series_axis);
    for point in &result.series {
        let (t_s, rps) = (point.t_s, point.rps);
        // Writing to a `String` cannot fail.
        let _ = write!(text, "{t_s},{rps},{},{},{}\r\n", point.p50, point.p99, point.errors);
    }
    text
}

/// The latencies as a log of one interval in the format V2 that the `HdrHistogram` tools read.
/// Values are nanoseconds; the column of the maximum is in milliseconds, as those tools expect.
///
/// # Errors
/// When the histogram cannot be encoded.
pub fn hdr_log(
    latency: &Histogram<u64>,
    began: SystemTime,
    length: Duration,
) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut serializer = V2DeflateSerializer::new();
    let mut log = IntervalLogWriterBuilder::new()
        .add_comment("[hello-cluster load: latencies in nanoseconds]")
        .with_start_time(began)
        .with_base_time(began)
        .with_max_value_divisor(1e6)
        .begin_log_with(&mut bytes, &mut serializer)?;
    log.write_histogram(latency, Duration::ZERO, length, None)
        .map_err(|error| io::Error::other(format!("{error:?}")))?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD;
    use hdrhistogram::serialization::Deserializer;
    use hdrhistogram::serialization::interval_log::{IntervalLogIterator, LogEntry};

    use super::*;
    use crate::result::SeriesPoint;
    use crate::tally::histogram;

    #[test]
    fn the_csv_names_its_axis() {
        let (t_s, steps) = (0.1, vec![(1.5, 4)]);
        let series = vec![SeriesPoint { t_s, rps: 20.0, p50: 1.5, p99: 2.0, errors: 3, steps }];
        let result = RunResult { series, series_axis: "completed".into(), ..Default::default() };
        assert_eq!(csv(&result), "completed_t_s,rps,p50_us,p99_us,errors\r\n0.1,20,1.5,2,3\r\n");
    }

    #[test]
    fn the_log_gives_the_histogram_back() {
        let mut latency = histogram();
        for value in [1_000, 2_000, 3_000_000] {
            latency.saturating_record(value);
        }
        let log = hdr_log(&latency, SystemTime::UNIX_EPOCH, Duration::from_secs(2)).unwrap();
        let read: Vec<Histogram<u64>> = IntervalLogIterator::new(&log)
            .filter_map(|entry| match entry.unwrap() {
                LogEntry::Interval(interval) => {
                    assert_eq!(interval.duration(), Duration::from_secs(2));
                    let bytes = STANDARD.decode(interval.encoded_histogram()).unwrap();
                    Some(Deserializer::new().deserialize(&mut bytes.as_slice()).unwrap())
                }
                _ => None,
            })
            .collect();
        assert_eq!(read, [latency]);
    }
}
