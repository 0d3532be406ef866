//! Many comparisons at once: of twenty without any difference, one would look like one at 5 %.

/// Holm's adjusted p-values, in the order given: rejecting those of at most α keeps the probability
/// of even one false claim in the family at α, whatever their dependence.
///
/// The i-th smallest of m is multiplied by m − i + 1, and none falls below one before it.
///
/// Source: S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Statist. 6
/// (1979).
pub fn adjusted(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut adjusted = vec![1.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (place, index) in order.into_iter().enumerate() {
        let left = (p_values.len() - place) as f64;
        largest = largest.max((left * p_values[index]).min(1.0));
        adjusted[index] = largest;
    }
    adjusted
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_worked_family_comes_out_as_by_hand() {
        // 4 × 0.01, 3 × 0.02, 2 × 0.03 (not below the one before), 1 × 0.04.
        let adjusted = adjusted(&[0.04, 0.01, 0.03, 0.02]);
        for (value, hand) in adjusted.iter().zip([0.06, 0.04, 0.06, 0.06]) {
            assert!((value - hand).abs() < 1e-12);
        }
    }

    #[test]
    fn one_comparison_needs_no_correction() {
        assert_eq!(adjusted(&[0.03]), [0.03]);
        assert!(adjusted(&[]).is_empty());
    }

    proptest! {
        #[test]
        fn a_correction_never_helps_and_keeps_the_order(
            p in prop::collection::vec(0.0..1.0_f64, 1..40)
        ) {
            let adjusted = adjusted(&p);
            for (i, a) in adjusted.iter().enumerate() {
                prop_assert!(*a >= p[i] && *a <= 1.0);
                for (j, b) in adjusted.iter().enumerate() {
                    prop_assert!(p[i] > p[j] || a <= b);
                }
            }
        }
    }
}
