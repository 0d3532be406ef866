//! How a series looks: colour, dash and marker, the same in every chart and every report, so that
//! `reuseport` is always the blue square.

use crate::analysis::cells::{OWN_TARGET, Series};
use crate::modes;
use crate::svg::marks::{Marker, Shape};
use crate::svg::roles::{Role, SERIES};

/// The look of one series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Look {
    pub series: Series,
    pub role: Role,
    /// Dashes and gaps in pixels; empty for a solid line.
    pub dash: &'static str,
    pub shape: Shape,
}

impl Look {
    /// Its marker at a point, as in the legend.
    pub fn marker(&self, at: (f64, f64)) -> Marker {
        Marker { at, shape: self.shape, role: self.role, radius: 45, hollow: false }
    }
}

const DASHES: [&str; 6] = ["2 3", "8 3 2 3", "5 2 1 2 1 2", "7 3", "", "4 4"];
const SHAPES: [Shape; 6] =
    [Shape::Circle, Shape::Inverted, Shape::Triangle, Shape::Square, Shape::Diamond, Shape::Plus];

/// The looks of all series of a record. The modes of `hello-cluster` have their own; others take
/// what follows. From the thirteenth on looks repeat.
pub fn looks(all: &[Series]) -> Vec<Look> {
    let mut next = modes::MODES.len();
    all.iter()
        .map(|series| {
            let own = series.target == OWN_TARGET && modes::find(&series.mode).is_some();
            let index = if own {
                modes::rank(&series.mode)
            } else {
                next += 1;
                (next - 1) % SERIES.len()
            };
            // The second half shares shapes with the first, in another order of dashes.
            let turn = index / DASHES.len();
            Look {
                series: series.clone(),
                role: SERIES[index],
                dash: DASHES[(index + 3 * turn) % DASHES.len()],
                shape: SHAPES[(index + turn) % SHAPES.len()],
            }
        })
        .collect()
}

/// The look of one series among [`looks`].
pub fn find<'a>(looks: &'a [Look], series: &Series) -> Option<&'a Look> {
    looks.iter().find(|look| look.series == *series)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(target: &str, mode: &str) -> Series {
        Series { target: target.to_owned(), mode: mode.to_owned() }
    }

    #[test]
    fn a_mode_looks_the_same_whatever_else_was_measured() {
        let alone = looks(&[series(OWN_TARGET, "reuseport")]);
        let among = looks(&[series(OWN_TARGET, "single"), series(OWN_TARGET, "reuseport")]);
        assert_eq!(alone[0], among[1]);
    }

    #[test]
    fn twelve_series_have_twelve_looks() {
        let mut all: Vec<Series> =
            modes::MODES.iter().map(|mode| series(OWN_TARGET, mode.name)).collect();
        all.extend((0..6).map(|index| series("peer", &index.to_string())));
        let looks = looks(&all);
        for (index, look) in looks.iter().enumerate() {
            for other in &looks[..index] {
                assert_ne!(look.role, other.role);
                assert_ne!((look.dash, look.shape), (other.dash, other.shape));
            }
        }
    }
}
