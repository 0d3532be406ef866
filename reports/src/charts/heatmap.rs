//! Latency over time as a heat map, a panel for each series: a stall, a pause or a slow start is a
//! mark in one place here, where a percentile only has a larger number.

use plotters::coord::Shift;
use plotters::drawing::DrawingArea;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::frame::{Axis, LINE, axes, beside, strong, text, text_width};
use super::scale::{Scale, fewer, linear_ticks, log_ticks};
use super::{Chart, ChartError, MaybeChart, Variant};
use crate::analysis::{Figures, WorkloadFigures, findings};
use crate::format;
use crate::record::Heat;
use crate::stats::heat::step_end;
use crate::svg::roles::{HEAT, INK, MUTED};
use crate::svg::tiles::Tiles;
use crate::svg::{Canvas, SCALE, SvgBackend};

/// The share of a column's answers from which a tile has the next colour; below the first it has
/// the palest, so that a single answer is seen.
const LEVELS: [f64; 4] = [0.005, 0.03, 0.1, 0.3];

/// Names of the colours in the legend, palest first.
const LEVEL_NAMES: [&str; 5] = ["any", "0.5 %", "3 %", "10 %", "30 %"];

/// Up to so many panels make a small chart; more want two columns where there is room.
const MOST_SMALL: usize = 4;

/// The height of a panel in pixels.
const PANEL: u32 = 170;

/// One panel: the widest cell of a series.
struct Panel {
    series: String,
    label: String,
    heat: Heat,
    title: String,
}

/// Draws the chart of a workload; `None` where no slice kept its latencies.
pub fn draw(id: &str, workload: &WorkloadFigures<'_>) -> MaybeChart {
    let panels: Vec<Panel> = workload.widest().into_iter().filter_map(panel).collect();
    let small = panels.len() <= MOST_SMALL;
    let words = |panel: &Panel| panel.title.clone();
    Chart::of((id, small), &panels, findings::steadiness(workload), words, draw_panels)
}

fn panel(figures: &Figures<'_>) -> Option<Panel> {
    let heat = figures.heat.clone()?;
    let (_, high) = heat.steps()?;
    let label = figures.cell.label();
    let title = format!("{label}: slowest answer within {}", format::micros(step_end(high)));
    Some(Panel { series: figures.cell.series.label(), label, heat, title })
}

fn draw_panels(panels: &[Panel], variant: Variant) -> Result<Canvas, ChartError> {
    let columns = if panels.len() == 1 { 1 } else { variant.pick(2, 1) };
    let rows = panels.len().div_ceil(columns);
    let (key, foot) = (LINE + 8 * SCALE, LINE);
    let height = PANEL * rows as u32 + ((key + foot) / SCALE) as u32;
    let canvas = Canvas::new(variant.width(), height);
    let area = canvas.area();
    draw_key(&canvas, &area, variant)?;
    let ends = |pick: fn(f64, f64) -> f64, start: f64, of: fn((f64, f64)) -> f64| {
        panels.iter().filter_map(|panel| panel.heat.steps()).map(of).fold(start, pick)
    };
    // All panels share both axes, or they could not be compared.
    let low = ends(f64::min, f64::INFINITY, |steps| steps.0).max(1.0);
    let high = step_end(ends(f64::max, 1.0, |steps| steps.1));
    let length = |heat: &Heat| heat.width_s * heat.columns.len() as f64;
    let end = panels.iter().map(|panel| length(&panel.heat)).fold(0.0, f64::max);
    let (_, below) = area.split_vertically(key);
    let (places, below) = below.split_vertically(height.cast_signed() * SCALE - key - foot);
    for (panel, place) in panels.iter().zip(places.split_evenly((rows, columns))) {
        canvas.series(&panel.series, None, || {
            canvas.mark(&panel.title, None, || {
                draw_panel(&canvas, &place, panel, (low, high), end, variant)
            })
        })?;
    }
    let caption = "across: seconds into the measurement, at which answers came; up: their latency";
    let caption = variant.pick(caption, "across: seconds; up: latency");
    below.draw_text(caption, &text(MUTED), (0, 2 * SCALE))?;
    Ok(canvas)
}

fn draw_panel(
    canvas: &Canvas,
    area: &DrawingArea<SvgBackend, Shift>,
    panel: &Panel,
    (low, high): (f64, f64),
    end: f64,
    variant: Variant,
) -> Result<(), ChartError> {
    let scale = Scale::Log10;
    let mut ticks = linear_ticks(end, 3);
    ticks.retain(|at| *at <= end * 1.001);
    let x = Axis::linear((0.0, end), ticks, &format::tick, "").bare();
    let ends = (scale.at(low), scale.at(high));
    let y = Axis { scale, ..Axis::linear(ends, few_ticks(low, high), &format::tick_micros, "") };
    let style = strong(INK).pos(Pos::new(HPos::Left, VPos::Center));
    area.draw_text(&fitting(&panel.label, variant), &style, (0, LINE / 2))?;
    let mut plot = axes(canvas, area, LINE - 4 * SCALE, &x, &y)?;
    plot.draw_series(tiles(&panel.heat, low))?;
    Ok(())
}

/// Two to five round numbers between both ends, as far as there are as many.
fn few_ticks(low: f64, high: f64) -> Vec<f64> {
    let inside = |value: &f64| *value >= low * 0.999 && *value <= high * 1.001;
    fewer(log_ticks(low, high).into_iter().filter(inside).collect())
}

/// A label that fits above a panel, cut where it does not.
fn fitting(label: &str, variant: Variant) -> String {
    let room = variant.pick(270, 320) * SCALE;
    let mut label = label.to_owned();
    while text_width(&label) > room && label.pop().is_some() {}
    label
}

/// One element a colour; neighbours in time of one step and colour are one tile.
fn tiles(heat: &Heat, low: f64) -> Vec<Tiles> {
    let scale = Scale::Log10;
    let mut tiles = HEAT.map(|role| Tiles { corners: Vec::new(), role });
    let mut steps: Vec<f64> = heat.columns.iter().flatten().map(|&(from, _)| from).collect();
    steps.sort_by(f64::total_cmp);
    steps.dedup();
    for from in steps {
        let levels: Vec<Option<usize>> = heat.columns.iter().map(|c| level(c, from)).collect();
        let mut at = 0;
        for run in levels.chunk_by(|a, b| a == b) {
            let (left, right) = (at as f64, (at + run.len()) as f64);
            at += run.len();
            if let Some(level) = run[0] {
                let corners = [
                    (left * heat.width_s, scale.at(from.max(low))),
                    (right * heat.width_s, scale.at(step_end(from))),
                ];
                tiles[level].corners.extend(corners);
            }
        }
    }
    tiles.into_iter().filter(|tiles| !tiles.corners.is_empty()).collect()
}

/// The colour of a step in a column; `None` where no answer fell.
fn level(column: &[(f64, u64)], from: f64) -> Option<usize> {
    let sum: u64 = column.iter().map(|&(_, count)| count).sum();
    let &(_, count) = column.iter().find(|step| step.0.to_bits() == from.to_bits())?;
    let share = count as f64 / sum as f64;
    Some(LEVELS.iter().filter(|least| share >= **least).count())
}

/// What the colours mean.
fn draw_key(
    canvas: &Canvas,
    area: &DrawingArea<SvgBackend, Shift>,
    variant: Variant,
) -> Result<(), ChartError> {
    const SWATCH: i32 = 14 * SCALE;
    canvas.group("legend", None, || {
        let words = variant.pick("share of a column, from", "share");
        area.draw_text(words, &beside(MUTED), (0, LINE / 2))?;
        let mut x = text_width(words) + 4 * SCALE;
        for (role, name) in HEAT.into_iter().zip(LEVEL_NAMES) {
            let corners = [(x, LINE / 2 - SWATCH / 2), (x + SWATCH, LINE / 2 + SWATCH / 2)];
            area.draw(&plotters::element::Rectangle::new(
                corners,
                plotters::style::Color::filled(&role.rgb()),
            ))?;
            area.draw_text(name, &beside(INK), (x + SWATCH + 3 * SCALE, LINE / 2))?;
            x += SWATCH + text_width(name) + 9 * SCALE;
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heat(columns: Vec<Vec<(f64, u64)>>) -> Heat {
        Heat { width_s: 0.1, columns }
    }

    #[test]
    fn a_single_answer_is_seen_and_the_bulk_is_darkest() {
        let column = vec![(4.0, 995), (64.0, 1)];
        assert_eq!(level(&column, 4.0), Some(4));
        assert_eq!(level(&column, 64.0), Some(0));
        assert_eq!(level(&column, 8.0), None);
    }

    #[test]
    fn neighbours_of_one_colour_are_one_tile() {
        let same = heat(vec![vec![(4.0, 9)], vec![(4.0, 7)], vec![], vec![(4.0, 7)]]);
        let tiles = tiles(&same, 1.0);
        assert_eq!(tiles.len(), 1);
        assert_eq!(tiles[0].corners.len(), 2 * 2);
    }
}
