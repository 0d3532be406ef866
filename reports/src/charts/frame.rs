//! What the charts share: a legend above, the axis titles, light grid lines, labelled ticks.

use plotters::chart::{ChartBuilder, ChartContext};
use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::DrawingArea;
use plotters::element::{Drawable, PointCollection};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, FontStyle, IntoFont as _, TextStyle};

use super::scale::{Positions, Scale};
use super::style::Look;
use super::{ChartError, Variant};
use crate::svg::marks::Line;
use crate::svg::roles::{AXIS, GRID, INK, MUTED, Role};
use crate::svg::{Canvas, SCALE, SvgBackend, TEXT_SIZE, width_em};

/// A coordinate system of positions, both axes with ticks of our own choice.
pub type Plot<'a> = ChartContext<'a, SvgBackend, Cartesian2d<Positions, Positions>>;

/// The height of a line of text, in plotters' units.
pub const LINE: i32 = 20 * SCALE;

/// One axis.
pub struct Axis<'a> {
    /// How values become positions.
    pub scale: Scale,
    /// Both ends as positions.
    pub ends: (f64, f64),
    pub ticks: Vec<f64>,
    pub label: &'a dyn Fn(f64) -> String,
    /// What is shown on it, with its unit.
    pub title: &'a str,
    /// Whether a grid line runs through each tick.
    pub grid: bool,
}

impl<'a> Axis<'a> {
    /// A linear axis with grid lines.
    pub fn linear(
        ends: (f64, f64),
        ticks: Vec<f64>,
        label: &'a dyn Fn(f64) -> String,
        title: &'a str,
    ) -> Self {
        Self { scale: Scale::Linear, ends, ticks, label, title, grid: true }
    }

    /// An axis with grid lines from the first of these ticks to the last.
    pub fn over(
        scale: Scale,
        ticks: Vec<f64>,
        label: &'a dyn Fn(f64) -> String,
        title: &'a str,
    ) -> Self {
        let ends = (scale.at(ticks[0]), scale.at(ticks[ticks.len() - 1]));
        Self { scale, ..Self::linear(ends, ticks, label, title) }
    }

    /// A bare vertical axis for `count` rows that run downwards.
    pub fn of_rows(count: usize) -> Self {
        Self::linear((count as f64, 0.0), Vec::new(), &|_| String::new(), "").bare()
    }

    /// The same without grid lines.
    pub fn bare(self) -> Self {
        Self { grid: false, ..self }
    }
}

/// Draws one element on a plot.
pub fn put<E>(plot: &mut Plot<'_>, element: E) -> Result<(), ChartError>
where
    for<'e> &'e E: PointCollection<'e, (f64, f64)>,
    E: Drawable<SvgBackend>,
{
    plot.draw_series([element])?;
    Ok(())
}

/// Ordinary text in a role.
pub fn text(role: Role) -> TextStyle<'static> {
    ("sans-serif", TEXT_SIZE).into_font().color(&role.rgb())
}

/// Ordinary text whose place is the middle of its left end.
pub fn beside(role: Role) -> TextStyle<'static> {
    text(role).pos(Pos::new(HPos::Left, VPos::Center))
}

/// Text of a heading.
pub fn strong(role: Role) -> TextStyle<'static> {
    ("sans-serif", TEXT_SIZE).into_font().style(FontStyle::Bold).color(&role.rgb())
}

/// The width of ordinary text, in plotters' units.
pub fn text_width(text: &str) -> i32 {
    (width_em(text) * f64::from(TEXT_SIZE)) as i32
}

/// One entry of a legend: the label and the x and line at which it stands.
struct Entry<'a> {
    look: &'a Look,
    at: (i32, i32),
}

/// Room before a legend's text for its sample of line and marker.
const SAMPLE: i32 = 34 * SCALE;

/// Sets the entries in lines that fit the width; gives the number of lines too.
fn legend_entries<'a>(looks: &[&'a Look], width: i32) -> (Vec<Entry<'a>>, i32) {
    let (mut x, mut line) = (0, 0);
    let mut entries = Vec::new();
    for look in looks {
        let needed = SAMPLE + text_width(&look.series.label()) + 14 * SCALE;
        if x > 0 && x + needed > width {
            (x, line) = (0, line + 1);
        }
        entries.push(Entry { look, at: (x, line) });
        x += needed;
    }
    (entries, if looks.is_empty() { 0 } else { line + 1 })
}

/// The height that a legend of these looks takes, in plotters' units.
pub fn legend_height(looks: &[&Look], variant: Variant) -> i32 {
    legend_entries(looks, variant.width().cast_signed() * SCALE).1 * LINE
}

/// An area whose coordinates are its own units, as floating-point numbers: elements of our own take
/// no others.
pub fn plane(
    area: &DrawingArea<SvgBackend, Shift>,
) -> DrawingArea<SvgBackend, Cartesian2d<Positions, Positions>> {
    let (width, height) = area.dim_in_pixel();
    area.apply_coord_spec(Cartesian2d::<Positions, Positions>::new(
        Positions { ends: (0.0, f64::from(width)), ticks: Vec::new() },
        Positions { ends: (0.0, f64::from(height)), ticks: Vec::new() },
        area.get_pixel_range(),
    ))
}

/// Draws the legend at the top of an area.
pub fn legend(
    canvas: &Canvas,
    area: &DrawingArea<SvgBackend, Shift>,
    looks: &[&Look],
    variant: Variant,
) -> Result<(), ChartError> {
    let (entries, _) = legend_entries(looks, variant.width().cast_signed() * SCALE);
    let plane = plane(area);
    canvas.group("legend", None, || {
        for Entry { look, at: (x, line) } in entries {
            let middle = line * LINE + LINE / 2;
            let (left, y) = (f64::from(x), f64::from(middle));
            let half = f64::from(SAMPLE) / 2.0 - 30.0;
            let points = vec![(left, y), (left + 2.0 * half, y)];
            let label = look.series.label();
            canvas.entry(&label, || {
                plane.draw(&Line { points, role: look.role, width: 20, dash: look.dash })?;
                plane.draw(&look.marker((left + half, y)))?;
                area.draw_text(&label, &beside(INK), (x + SAMPLE, middle))
            })?;
        }
        Ok(())
    })
}

/// Room to the right of an axis for half of its last label, in plotters' units.
const RIGHT: i32 = 24 * SCALE;

/// The positions of those ticks, from left to right, whose labels do not run into each other.
fn legible(x: &Axis<'_>, width: i32) -> Vec<f64> {
    let unit = f64::from(width) / (x.ends.1 - x.ends.0);
    let mut taken = f64::NEG_INFINITY;
    let mut shown = Vec::new();
    for &tick in &x.ticks {
        let position = x.scale.at(tick);
        let middle = (position - x.ends.0) * unit;
        let half = f64::from(text_width(&(x.label)(tick)) / 2 + 2 * SCALE);
        if middle - half >= taken {
            taken = middle + half;
            shown.push(position);
        }
    }
    shown
}

/// Draws both axes below `top` (plotters' units) and gives back the coordinate system of positions.
pub fn axes<'a>(
    canvas: &Canvas,
    area: &DrawingArea<SvgBackend, Shift>,
    top: i32,
    x: &Axis<'_>,
    y: &Axis<'_>,
) -> Result<Plot<'a>, ChartError> {
    let positions = y.ticks.iter().map(|&tick| y.scale.at(tick)).collect();
    let widest = y.ticks.iter().map(|&tick| text_width(&(y.label)(tick))).max().unwrap_or(0);
    let title_height = if y.title.is_empty() { 6 * SCALE } else { LINE + 10 * SCALE };
    // The first label below stands half before its tick.
    let first = x.ticks.first().map_or(0, |&tick| text_width(&(x.label)(tick)) / 2);
    let label_area = (widest + 12 * SCALE).max(first + 2 * SCALE).max(20 * SCALE);
    let width = area.dim_in_pixel().0.cast_signed() - label_area - RIGHT;
    let mut chart = ChartBuilder::on(area)
        .margin_top(top + title_height)
        .margin_right(RIGHT)
        .margin_bottom(4 * SCALE)
        .x_label_area_size(LINE * 2)
        .y_label_area_size(label_area)
        .build_cartesian_2d(
            Positions { ends: x.ends, ticks: legible(x, width) },
            Positions { ends: y.ends, ticks: positions },
        )?;
    canvas.labels("axes", MUTED, || {
        let mut mesh = chart.configure_mesh();
        if !x.grid {
            mesh.disable_x_mesh();
        }
        if !y.grid {
            mesh.disable_y_mesh();
        }
        mesh.bold_line_style(GRID.rgb().stroke_width(SCALE as u32))
            .light_line_style(GRID.rgb().mix(0.0))
            .axis_style(AXIS.rgb().stroke_width(SCALE as u32))
            .set_all_tick_mark_size(4 * SCALE)
            .label_style(text(MUTED))
            .axis_desc_style(text(MUTED))
            .x_desc(x.title)
            .x_label_formatter(&|position| (x.label)(x.scale.value(*position)))
            .y_label_formatter(&|position| (y.label)(y.scale.value(*position)))
            .draw()?;
        // A turned title is hard to read: it stands above its axis instead.
        if !y.title.is_empty() {
            area.draw_text(y.title, &text(MUTED), (0, top + 4 * SCALE))?;
        }
        Ok::<(), ChartError>(())
    })?;
    Ok(chart)
}

/// Writes a row's label above its marks: however long it is, it has the chart's width.
pub(super) fn row_label(plot: &Plot<'_>, label: &str, row: usize) -> Result<(), ChartError> {
    let (x, y) = plot.backend_coord(&(plot.x_range().start, row as f64));
    let style = strong(INK).pos(Pos::new(HPos::Left, VPos::Center));
    write(plot, label, &style, (x + 2 * SCALE, y + LINE / 2 + 2 * SCALE))
}

/// Writes a text on a plot, at a place in units of the whole drawing.
pub(super) fn write(
    plot: &Plot<'_>,
    text: &str,
    style: &TextStyle<'_>,
    (x, y): (i32, i32),
) -> Result<(), ChartError> {
    let area = plot.plotting_area().strip_coord_spec();
    let (left, up) = area.get_base_pixel();
    area.draw_text(text, style, (x - left, y - up))?;
    Ok(())
}
