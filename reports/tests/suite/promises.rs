//! The promises of the statistics, on simulated trials with fixed seeds. These are the fast
//! versions; `just prove` runs the long ones.

use reports::stats::ratio::Verdict;
use reports_testing::simulation::Shape::{Mixture, Normal, Quiet, Skewed};
use reports_testing::simulation::coverage::{Case, between, within};
use reports_testing::simulation::drift::Order;
use reports_testing::simulation::{claims, dealing, drift};

const RUNS: u32 = 10_000;

#[test]
fn intervals_of_normal_data_cover_94_to_96_in_100() {
    for blocks in [6, 12] {
        let case = Case { shapes: (Normal, Normal), blocks };
        for (name, share) in
            [("within", within(case, RUNS, 1)), ("between", between(case, RUNS, 2))]
        {
            assert!((0.94..=0.96).contains(&share), "{name} {blocks}: {share}");
        }
    }
}

#[test]
fn intervals_cover_93_in_100_where_both_cells_have_the_same_shape() {
    for (shape, blocks) in [(Skewed, 6), (Skewed, 12), (Mixture, 6), (Mixture, 12)] {
        let share = within(Case { shapes: (shape, shape), blocks }, RUNS, 3);
        assert!(share >= 0.93, "{shape:?} {blocks}: {share}");
    }
}

#[test]
fn six_blocks_of_unlike_skewed_shapes_are_where_intervals_fail() {
    let share = |shape| within(Case { shapes: (shape, Quiet), blocks: 6 }, RUNS, 4);
    let (skewed, mixture) = (share(Skewed), share(Mixture));
    assert!(skewed < 0.90 && mixture < 0.65, "{skewed} {mixture}");
}

#[test]
fn of_200_comparisons_of_a_system_with_itself_about_10_claim_a_difference() {
    // 5 % of 200 within three standard errors of the binomial distribution.
    let claims = claims::single(200, 6, 1);
    assert!((1..=19).contains(&claims), "{claims}");
}

#[test]
fn a_page_of_fifteen_comparisons_makes_any_false_claim_on_5_pages_in_100_at_most() {
    let pages = claims::pages(400, 6, 6, 2);
    assert!(pages <= 20 + 13, "{pages} of 400");
}

#[test]
fn a_machine_that_loses_10_per_cent_spoils_the_sequential_order_and_not_the_blocked_one() {
    for seed in 0..200 {
        let ratio = |order| drift::ratio(order, 12, seed).unwrap();
        let (blocked, sequential) = (ratio(Order::Blocked), ratio(Order::Sequential));
        assert!((blocked.point - 1.0).abs() < 0.01, "{}", blocked.point);
        assert!((sequential.point - 1.0).abs() > 0.04, "{}", sequential.point);
        assert_eq!(sequential.verdict(), Verdict::More);
    }
    assert!(drift::within_one_per_cent(Order::Blocked, 12, 200, 0) > 0.999);
}

#[test]
fn the_skew_that_node_documents_is_found_and_a_fair_hash_is_left_in_peace() {
    assert!(dealing::called_biased(&dealing::SKEWED, 256, 1, 100, 1) >= 99);
    assert!(dealing::called_biased(&dealing::FAIR, 256, 1, 100, 2) <= 5);
    assert!(dealing::called_biased(&dealing::FAIR, 256, 6, 100, 3) <= 5);
}
