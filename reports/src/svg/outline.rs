//! A line with fewer points that looks the same: Douglas and Peucker, "Algorithms for the reduction of
//! the number of points required to represent a digitized line or its caricature", 1973.

use plotters_backend::BackendCoord;

use super::SCALE;

/// How far, in plotters' units, a point that is left out may lie from the line: half a pixel.
const TOLERANCE: f64 = SCALE as f64 / 2.0;

/// The points without those that lie within half a pixel of the line through the others.
pub fn simplified(points: &[BackendCoord]) -> Vec<BackendCoord> {
    let Some(end) = points.len().checked_sub(1) else { return Vec::new() };
    let mut kept = vec![false; points.len()];
    (kept[0], kept[end]) = (true, true);
    let mut open = vec![(0, end)];
    while let Some((from, to)) = open.pop() {
        let away = |index: usize| distance(points[index], points[from], points[to]);
        let farthest = (from + 1..to).max_by(|&a, &b| away(a).total_cmp(&away(b)));
        if let Some(index) = farthest.filter(|&index| away(index) > TOLERANCE) {
            kept[index] = true;
            open.extend([(from, index), (index, to)]);
        }
    }
    points.iter().zip(kept).filter_map(|(&point, kept)| kept.then_some(point)).collect()
}

/// The distance of a point from the stretch between two others.
fn distance((x, y): BackendCoord, from: BackendCoord, to: BackendCoord) -> f64 {
    let (right, down) = (f64::from(to.0 - from.0), f64::from(to.1 - from.1));
    let (x, y) = (f64::from(x - from.0), f64::from(y - from.1));
    let length = right.mul_add(right, down * down);
    let along = if length > 0.0 { ((x * right + y * down) / length).clamp(0.0, 1.0) } else { 0.0 };
    (x - along * right).hypot(y - along * down)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_lies_within_half_a_pixel_of_what_is_kept() {
        let wave =
            |x: i32| (x, (f64::from(x) / 40.0).sin().mul_add(300.0, f64::from(x % 7)) as i32);
        let points: Vec<BackendCoord> = (0..2000).step_by(3).map(wave).collect();
        let kept = simplified(&points);
        assert!(kept.len() < points.len() / 3, "{} of {}", kept.len(), points.len());
        assert_eq!((kept.first(), kept.last()), (points.first(), points.last()));
        for &point in &points {
            let near = kept.windows(2).map(|ends| distance(point, ends[0], ends[1]));
            assert!(near.fold(f64::INFINITY, f64::min) <= TOLERANCE, "{point:?}");
        }
    }

    #[test]
    fn corners_stay_and_short_lines_are_left_alone() {
        assert_eq!(simplified(&[]), []);
        assert_eq!(simplified(&[(3, 4)]), [(3, 4)]);
        let corner = [(0, 0), (100, 0), (100, 6), (0, 6)];
        assert_eq!(simplified(&corner), corner);
        let level = [(0, 0), (50, 4), (100, 0)];
        assert_eq!(simplified(&level), [(0, 0), (100, 0)]);
    }
}
