//! What a class guessed and what it saw: a row an item, the guess a hollow diamond, the observation a
//! filled circle, a line between them, and what is expected on two cores a pale range.

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;

use super::frame::{Axis, LINE, Plot, axes, beside, plane, put, row_label, text_width};
use super::ruler::Ruler;
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::format;
use crate::lab::rows::{Row, rows};
use crate::lab::words::{finding, quantity, values, with_unit};
use crate::record::Lab;
use crate::svg::data_key::Figure;
use crate::svg::marks::{Line, Marker, Shape};
use crate::svg::roles::{AXIS, BAND, INK, Role, SERIES};
use crate::svg::tiles::Tiles;
use crate::svg::{Canvas, SCALE, SvgBackend};

/// The height of a row in pixels.
const ROW: u32 = 52;

/// The colours of guess and observation.
const GUESS: Role = SERIES[4];
const OBSERVED: Role = SERIES[3];

fn guess_marker(at: (f64, f64), radius: i32) -> Marker {
    Marker { at, shape: Shape::Diamond, role: GUESS, radius, hollow: true }
}

fn observed_marker(at: (f64, f64)) -> Marker {
    Marker { at, shape: Shape::Circle, role: OBSERVED, radius: 52, hollow: false }
}

/// Half the height of a range, in rows.
const HALF: f64 = 0.2;

/// Draws the chart of a lab; `None` without any number. `id` must be unique on the page.
pub fn draw(id: &str, lab: &Lab) -> MaybeChart {
    if values(lab).is_empty() {
        return Ok(None);
    }
    let rows = rows(lab);
    let words = |row: &Row| describe(row, &lab.unit);
    Chart::of((id, false), &rows, finding(lab, &rows), words, |rows, variant| {
        draw_rows(lab, rows, variant)
    })
}

/// `4 workers: guessed 80,000, observed 20,100, expected 18,000–24,000 requests/s`.
fn describe(row: &Row, unit: &str) -> String {
    let parts = [("guessed", &row.guess), ("observed", &row.observed), ("expected", &row.expected)];
    let known = parts.iter().filter(|(_, value)| !value.is_empty());
    let parts: Vec<String> = known.map(|(what, value)| format!("{what} {value}")).collect();
    match parts[..] {
        [] => format!("{}: no figure", row.item.name),
        _ => format!("{}: {}", row.item.name, with_unit(&parts.join(", "), unit)),
    }
}

fn draw_rows(lab: &Lab, rows: &[Row], variant: Variant) -> Result<Canvas, ChartError> {
    let canvas = Canvas::new(variant.width(), 70 + (LINE / SCALE) as u32 + ROW * rows.len() as u32);
    let area = canvas.area();
    let ruler = Ruler::over(&values(lab), variant.pick(6, 4));
    let room = variant.width().cast_signed() * SCALE - 40 * SCALE;
    let most = ruler.value(ruler.ends.1);
    let kind = if ruler.is_logarithmic() { " (logarithmic)" } else { "" };
    let label = |position| tick(ruler.value(position), most);
    let title = fitted(&quantity(lab), room - text_width(kind)) + kind;
    let x = Axis::linear(ruler.ends, ruler.ticks.clone(), &label, &title);
    draw_key(&canvas, &area, lab, variant)?;
    let mut plot = axes(&canvas, &area, LINE, &x, &Axis::of_rows(rows.len()))?;
    for (index, row) in rows.iter().enumerate() {
        canvas.group("series", None, || {
            row_label(&plot, &fitted(&row.item.name, room), index)?;
            let at = Place { canvas: &canvas, ruler: &ruler, height: index as f64 + 0.7 };
            at.draw(&mut plot, row, &lab.unit)
        })?;
    }
    Ok(canvas)
}

/// Where a row is drawn.
struct Place<'a> {
    canvas: &'a Canvas,
    ruler: &'a Ruler,
    height: f64,
}

impl Place<'_> {
    fn draw(&self, plot: &mut Plot<'_>, row: &Row, unit: &str) -> Result<(), ChartError> {
        let name = &row.item.name;
        let mark = |what: &str, value: &str, quantity: &str| {
            let title = format!("{name}: {what} {}", with_unit(value, unit));
            (title, Figure { key: format!("{}/{quantity}", row.key) })
        };
        if !row.expected.is_empty() {
            let (title, figure) = mark("expected on two cores:", &row.expected, "expected");
            self.canvas.mark(&title, Some(&figure), || self.range(plot, row))?;
        }
        let place = |value: Option<f64>| value.map(|value| (self.ruler.at(value), self.height));
        let (guess, observed) = (place(row.item.guess), place(row.item.observed));
        if let (Some(guess), Some(observed)) = (guess, observed) {
            let points = vec![guess, observed];
            put(plot, Line { points, role: AXIS, width: 15, dash: "2 3" })?;
        }
        if let Some(at) = guess {
            let (title, figure) = mark("guessed", &row.guess, "guess");
            self.canvas.mark(&title, Some(&figure), || put(plot, guess_marker(at, 70)))?;
        }
        if let Some(at) = observed {
            let (title, figure) = mark("observed", &row.observed, "observed");
            self.canvas.mark(&title, Some(&figure), || put(plot, observed_marker(at)))?;
        }
        Ok(())
    }

    /// What is expected: to the end of the axis where it has no bound, with a line at each bound.
    fn range(&self, plot: &mut Plot<'_>, row: &Row) -> Result<(), ChartError> {
        let bounds = [row.item.low, row.item.high].map(|it| it.map(|value| self.ruler.at(value)));
        let (top, bottom) = (self.height - HALF, self.height + HALF);
        let corners = vec![
            (bounds[0].unwrap_or(self.ruler.ends.0), top),
            (bounds[1].unwrap_or(self.ruler.ends.1), bottom),
        ];
        put(plot, Tiles { corners, role: BAND })?;
        let line =
            |x: f64| Line { points: vec![(x, top), (x, bottom)], role: AXIS, width: 10, dash: "" };
        plot.draw_series(bounds.into_iter().flatten().map(line))?;
        Ok(())
    }
}

/// What the marks mean, above the rows: those kinds that there are.
fn draw_key(
    canvas: &Canvas,
    area: &DrawingArea<SvgBackend, Shift>,
    lab: &Lab,
    variant: Variant,
) -> Result<(), ChartError> {
    let plane = plane(area);
    let any = |there: fn(&crate::record::LabItem) -> bool| lab.items.iter().any(there);
    let kinds = [
        ("guess", any(|item| item.guess.is_some())),
        ("observed", any(|item| item.observed.is_some())),
        (
            variant.pick("expected on two cores", "expected"),
            any(|item| item.low.or(item.high).is_some()),
        ),
    ];
    canvas.group("legend", None, || {
        let mut x = 0;
        for (kind, (name, _)) in kinds.into_iter().enumerate().filter(|(_, (_, there))| *there) {
            let middle = LINE / 2;
            let half = SCALE * if kind == 2 { 11 } else { 7 };
            let at = (f64::from(x + half), f64::from(middle));
            match kind {
                0 => plane.draw(&guess_marker(at, 52)),
                1 => plane.draw(&observed_marker(at)),
                _ => plane.draw(&Tiles {
                    corners: vec![(at.0 - 110.0, at.1 - 60.0), (at.0 + 110.0, at.1 + 60.0)],
                    role: BAND,
                }),
            }?;
            let left = x + 2 * half + 5 * SCALE;
            area.draw_text(name, &beside(INK), (left, middle))?;
            x = left + text_width(name) + 16 * SCALE;
        }
        Ok(())
    })
}

/// The label of a value on an axis up to `most`: `50,000`, `−2`; `50 k` and `1.5 M` where numbers would
/// not fit.
fn tick(value: f64, most: f64) -> String {
    let (divisor, unit) = match value.abs() {
        _ if most < 99_999.0 => (1.0, ""),
        size if size >= 999_999.0 => (1e6, " M"),
        size if size >= 999.0 => (1e3, " k"),
        _ => (1.0, ""),
    };
    format!("{}{unit}", format::tick(value / divisor)).replace('-', "−")
}

/// A text cut short with `…` where it is wider than its room (plotters' units).
fn fitted(text: &str, room: i32) -> String {
    if text_width(text) <= room {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while short.pop().is_some() {
        let cut = format!("{}…", short.trim_end());
        if text_width(&cut) <= room {
            return cut;
        }
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_the_axis_are_short() {
        let ticks =
            |values: &[f64], most| values.iter().map(|it| tick(*it, most)).collect::<Vec<_>>();
        assert_eq!(ticks(&[0.0, -2.0, 50_000.0], 5e4), ["0", "−2", "50,000"]);
        assert_eq!(ticks(&[0.0, 100.0, 50_000.0, 1.5e6], 2e6), ["0", "100", "50 k", "1.5 M"]);
    }

    #[test]
    fn a_text_is_cut_where_its_room_ends() {
        assert_eq!(fitted("short", 1000), "short");
        let cut = fitted(&"wide ".repeat(40), 3000);
        assert!(cut.ends_with('…'), "{cut}");
        assert!(text_width(&cut) <= 3000 && text_width(&cut) > 2700, "{cut}");
    }
}
