//! Where the core-seconds went: a bar a cell, as long as the machine has CPUs, divided among the
//! owners of their time.

use plotters::element::Rectangle;
use plotters::style::Color as _;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters_backend::{BackendCoord, DrawingBackend as _};

use super::frame::{Axis, Plot, axes, put, row_label, text, text_width};
use super::scale::linear_ticks;
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::analysis::cells::Cell;
use crate::analysis::{Figures, WorkloadFigures, findings};
use crate::format;
use crate::stats::cores::Cores;
use crate::svg::element::{Element, drawable};
use crate::svg::roles::{INK, ON_FILL, OWNERS, Role};
use crate::svg::{Canvas, SCALE, SvgBackend};

/// The owners in the order of the stack.
pub const OWNER_NAMES: [&str; 8] = [
    "server, user",
    "server, system",
    "master",
    "generator",
    "other programs",
    "hypervisor",
    "unexplained",
    "idle",
];

/// What each owner used, in cores, in the order of [`OWNER_NAMES`].
fn parts(cores: &Cores) -> [f64; 8] {
    [
        cores.server_user,
        cores.server_sys,
        cores.master,
        cores.load(),
        cores.other,
        cores.steal,
        cores.residual,
        cores.idle,
    ]
    .map(|part| part.max(0.0))
}

/// Owners that have a visible part in some cell, by their index, for the legend.
pub fn visible_owners<'a>(cells: impl IntoIterator<Item = &'a Cores>) -> Vec<usize> {
    let mut largest = [0.0_f64; 8];
    for cores in cells {
        for (most, part) in largest.iter_mut().zip(parts(cores)) {
            *most = most.max(part);
        }
    }
    (0..8).filter(|&owner| largest[owner] >= 0.01).collect()
}

/// Draws the chart of a workload; `None` when CPU time was not recorded.
pub fn draw(id: &str, workload: &WorkloadFigures<'_>) -> MaybeChart {
    let rows: Vec<(&Figures<'_>, Cores)> =
        workload.abridged().into_iter().filter_map(|f| Some((f, f.cores?))).collect();
    let words = |(figures, cores): &(&Figures<'_>, Cores)| {
        format!("{}: {}", figures.cell.label(), findings::usage(cores))
    };
    Chart::of((id, false), &rows, findings::cores(workload), words, draw_rows)
}

fn draw_rows(rows: &[(&Figures<'_>, Cores)], variant: Variant) -> Result<Canvas, ChartError> {
    const ROW: u32 = 50;
    let canvas = Canvas::new(variant.width(), 70 + ROW * rows.len() as u32);
    let area = canvas.area();
    let most = rows.iter().map(|(_, c)| c.total.max(parts(c).iter().sum())).fold(0.0, f64::max);
    let mut ticks = linear_ticks(most, variant.pick(6, 4));
    ticks.retain(|tick| *tick <= most);
    let x = Axis::linear((0.0, most.max(0.1)), ticks, &format::tick, "cores in use");
    let y = Axis::of_rows(rows.len());
    let mut plot = axes(&canvas, &area, 0, &x, &y)?;
    for (index, (figures, cores)) in rows.iter().enumerate() {
        let cell = &figures.cell;
        canvas.series(&cell.series.label(), None, || {
            row_label(&plot, &cell.label(), index)?;
            stack(&canvas, &mut plot, cell, cores, index as f64)
        })?;
    }
    Ok(canvas)
}

/// A part thinner than this share of the axis is not drawn: it would be less than a pixel.
const THINNEST: f64 = 0.002;

/// The quantity of an owner that the table has alone; the server's parts and the others are sums there.
fn quantity(owner: usize) -> Option<&'static str> {
    match owner {
        2 => Some("master"),
        3 => Some("generator"),
        6 => Some("unexplained"),
        7 => Some("idle"),
        _ => None,
    }
}

fn stack(
    canvas: &Canvas,
    plot: &mut Plot<'_>,
    cell: &Cell<'_>,
    cores: &Cores,
    top: f64,
) -> Result<(), ChartError> {
    let mut left = 0.0;
    for (owner, (part, role)) in parts(cores).into_iter().zip(OWNERS).enumerate() {
        let corners = [(left, top + 0.46), (left + part, top + 0.98)];
        let (start, end) = (plot.backend_coord(&corners[0]).0, plot.backend_coord(&corners[1]).0);
        left += part;
        if part < THINNEST * (plot.x_range().end - plot.x_range().start) {
            continue;
        }
        let exact = format::hundredths(part);
        let title = format!("{}: {} {exact} cores", cell.label(), OWNER_NAMES[owner]);
        let figure = quantity(owner).map(|quantity| cell.figure(quantity));
        canvas.mark(&title, figure.as_ref(), || {
            put(plot, Rectangle::new(corners, role.rgb().filled()))?;
            let label = format::cores(part);
            if end - start > text_width(&label) + 8 * SCALE {
                let middle = (f64::midpoint(corners[0].0, corners[1].0), top + 0.72);
                put(plot, PartLabel { at: middle, label, role: on(role) })?;
            }
            Ok::<(), ChartError>(())
        })?;
    }
    Ok(())
}

/// The role of text on a part.
fn on(part: Role) -> Role {
    if part == OWNERS[7] { INK } else { ON_FILL }
}

/// The number in a part of a bar.
struct PartLabel {
    at: (f64, f64),
    label: String,
    role: Role,
}

drawable!(PartLabel);

impl Element for PartLabel {
    fn places(&self) -> &[(f64, f64)] {
        std::slice::from_ref(&self.at)
    }

    fn paint(&self, places: &[BackendCoord], backend: &mut SvgBackend) {
        let style = text(self.role).pos(Pos::new(HPos::Center, VPos::Center));
        for &at in places {
            // Writing SVG has no way to fail.
            let _ = backend.draw_text(&self.label, &style, at);
        }
    }
}
