//! What more workers buy: efficiency and the serial fraction behind a speed-up.

/// Speed-up per worker, 1 being ideal.
pub fn efficiency(speedup: f64, workers: u32) -> f64 {
    speedup / f64::from(workers)
}

/// The experimentally determined serial fraction: `(1/S − 1/N) / (1 − 1/N)`.
///
/// It is the share of the work that would have to be serial if Amdahl's law explained the whole
/// loss. When it grows with N, overhead grows too; below 0 the speed-up was more than linear.
/// Source: A. H. Karp and H. P. Flatt, "Measuring parallel processor performance", CACM 33 (1990).
/// `None` for fewer than two workers.
pub fn karp_flatt(speedup: f64, workers: u32) -> Option<f64> {
    let n = f64::from(workers);
    (workers > 1 && speedup > 0.0).then(|| (1.0 / speedup - 1.0 / n) / (1.0 - 1.0 / n))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_ideal_speed_up_has_no_serial_fraction_and_none_at_all_is_wholly_serial() {
        assert!(karp_flatt(4.0, 4).unwrap().abs() < 1e-12);
        assert!((karp_flatt(1.0, 4).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(karp_flatt(1.0, 1), None);
    }

    proptest! {
        #[test]
        fn it_gives_back_the_serial_fraction_of_amdahls_law(f in 0.0..1.0_f64, n in 2_u32..128) {
            let speedup = 1.0 / (f + (1.0 - f) / f64::from(n));
            prop_assert!((karp_flatt(speedup, n).unwrap() - f).abs() < 1e-9);
        }
    }
}
