//! A drawing of each mode: where connections queue, who accepts them, who chooses the worker. Drawn
//! by hand, because it shows what the code does and no figure.

use plotters::coord::Shift;
use plotters::coord::cartesian::Cartesian2d;
use plotters::drawing::DrawingArea;
use plotters::element::{Polygon, Rectangle};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color as _, TextStyle};

use super::ChartError;
use super::frame::{plane, strong, text};
use super::scale::Positions;
use super::style::Look;
use crate::modes::Mode;
use crate::svg::marks::{Line, Marker, Shape};
use crate::svg::roles::{AXIS, INK, MUTED, Role, SURFACE};
use crate::svg::{Canvas, SCALE, SvgBackend};

const WIDTH: u32 = 320;
const HEIGHT: u32 = 156;

/// A sketch under way: boxes, arrows and words in pixels.
struct Sketch {
    canvas: Canvas,
    area: DrawingArea<SvgBackend, Shift>,
    plane: DrawingArea<SvgBackend, Cartesian2d<Positions, Positions>>,
    /// The colour of who chooses.
    accent: Role,
}

/// A rectangle: left, top, width and height in pixels.
#[derive(Clone, Copy)]
struct Place(i32, i32, i32, i32);

const CLIENTS: Place = Place(4, 48, 20, 60);
const PORT: Place = Place(62, 58, 50, 40);
const MASTER: Place = Place(146, 52, 62, 52);
const WORKERS: [Place; 2] = [Place(242, 14, 74, 44), Place(242, 98, 74, 44)];
const PROCESS: Place = Place(160, 24, 152, 108);

/// Draws how a mode works, in the colour of its series.
pub fn draw(id: &str, mode: &Mode, look: &Look) -> Result<String, ChartError> {
    let canvas = Canvas::new(WIDTH, HEIGHT);
    let area = canvas.area();
    let sketch = Sketch { plane: plane(&area), area, canvas, accent: look.role };
    sketch.clients()?;
    match mode.name {
        "single" => sketch.one_process(&["accepts", "and answers"])?,
        "threads" => sketch.threads()?,
        "shared" => sketch.shared()?,
        "reuseport" => sketch.reuseport()?,
        "round-robin" => sketch.dealt("1, 2, 1, 2 …", ["", ""])?,
        _ => sketch.dealt("fewest open", ["open: 3", "open: 2"])?,
    }
    let name = format!("How {} works", mode.name);
    let description = format!(
        "Binds: {}. Accepts: {}. Chooses the worker: {}.",
        mode.binds, mode.accepts, mode.chooses
    );
    Ok(sketch.canvas.finish(id, "scheme", &name, &description))
}

impl Place {
    fn middle(self) -> i32 {
        self.1 + self.3 / 2
    }

    fn left(self) -> (i32, i32) {
        (self.0, self.middle())
    }

    fn right(self) -> (i32, i32) {
        (self.0 + self.2, self.middle())
    }
}

impl Sketch {
    fn words(&self, words: &str, (x, y): (i32, i32), style: &TextStyle<'_>) -> Drawn {
        let style = style.clone().pos(Pos::new(HPos::Center, VPos::Center));
        self.area.draw_text(words, &style, (x * SCALE, y * SCALE))?;
        Ok(())
    }

    /// A box with lines of text; `accent` marks who chooses.
    fn place(&self, place: Place, lines: &[&str], accent: bool) -> Drawn {
        let Place(x, y, width, height) = place;
        let rim = if accent { self.accent } else { AXIS };
        let corners = |by: i32| {
            [
                (x * SCALE + by, y * SCALE + by),
                ((x + width) * SCALE - by, (y + height) * SCALE - by),
            ]
        };
        self.area.draw(&Rectangle::new(corners(0), rim.rgb().filled()))?;
        let inside = if accent { 25 } else { 12 };
        self.area.draw(&Rectangle::new(corners(inside), SURFACE.rgb().filled()))?;
        let top = place.middle() - 8 * (lines.len().cast_signed() as i32 - 1);
        for (index, line) in (0..).zip(lines) {
            let style = if index == 0 { strong(INK) } else { text(MUTED) };
            self.words(line, (x + width / 2, top + 16 * index), &style)?;
        }
        Ok(())
    }

    /// An arrow between two points; in the accent's colour where a choice is made.
    fn arrow(&self, from: (i32, i32), to: (i32, i32), accent: bool) -> Drawn {
        let role = if accent { self.accent } else { MUTED };
        let unit = f64::from(SCALE);
        let point = |(x, y): (i32, i32)| (f64::from(x) * unit, f64::from(y) * unit);
        let (from, to) = (point(from), point(to));
        let length = (to.0 - from.0).hypot(to.1 - from.1);
        let (dx, dy) = ((to.0 - from.0) / length, (to.1 - from.1) / length);
        let (long, half) = (8.0 * unit, 4.0 * unit);
        let base = (to.0 - dx * long, to.1 - dy * long);
        self.plane.draw(&Line { points: vec![from, base], role, width: 16, dash: "" })?;
        let head = [
            to,
            (base.0 - dy * half, base.1 + dx * half),
            (base.0 + dy * half, base.1 - dx * half),
        ];
        self.plane.draw(&Polygon::new(head, role.rgb().filled()))?;
        Ok(())
    }

    fn clients(&self) -> Drawn {
        self.words("clients", (24, 124), &text(MUTED))?;
        for y in [60, 78, 96] {
            let at = (f64::from(14 * SCALE), f64::from(y * SCALE));
            let marker =
                Marker { at, shape: Shape::Circle, role: MUTED, radius: 45, hollow: false };
            self.plane.draw(&marker)?;
        }
        Ok(())
    }

    /// Clients connect to the one listening socket.
    fn port(&self) -> Drawn {
        self.arrow(CLIENTS.right(), PORT.left(), false)?;
        self.place(PORT, &["port"], false)
    }

    fn one_process(&self, lines: &[&str]) -> Drawn {
        self.port()?;
        self.arrow(PORT.right(), PROCESS.left(), false)?;
        self.place(PROCESS, &[&["one process"], lines].concat(), false)
    }

    fn threads(&self) -> Drawn {
        self.port()?;
        self.arrow(PORT.right(), PROCESS.left(), false)?;
        self.place(PROCESS, &[], false)?;
        self.words("one process", (236, 40), &strong(INK))?;
        self.words("accepts", (190, 78), &text(MUTED))?;
        let threads = [Place(238, 54, 64, 24), Place(238, 96, 64, 24)];
        for place in threads {
            self.arrow((216, 78), place.left(), true)?;
            self.place(place, &["thread"], true)?;
        }
        Ok(())
    }

    fn shared(&self) -> Drawn {
        self.port()?;
        for worker in WORKERS {
            self.arrow(worker.left(), PORT.right(), true)?;
            self.place(worker, &["worker", "accepts"], true)?;
        }
        self.words("all on one queue", (172, 78), &text(MUTED))
    }

    fn reuseport(&self) -> Drawn {
        let hash = Place(54, 54, 62, 48);
        self.arrow(CLIENTS.right(), hash.left(), false)?;
        self.place(hash, &["kernel", "hash"], true)?;
        for worker in WORKERS {
            let queue = Place(158, worker.middle() - 12, 48, 24);
            self.arrow(hash.right(), queue.left(), true)?;
            self.place(queue, &["port"], false)?;
            self.arrow(queue.right(), worker.left(), false)?;
            self.place(worker, &["worker", "accepts"], false)?;
        }
        Ok(())
    }

    /// The master accepts and deals; `how` it chooses.
    fn dealt(&self, how: &str, notes: [&str; 2]) -> Drawn {
        self.port()?;
        self.arrow(PORT.right(), MASTER.left(), false)?;
        self.place(MASTER, &["master", "accepts"], true)?;
        self.words(how, (177, 124), &text(MUTED))?;
        for (worker, note) in WORKERS.into_iter().zip(notes) {
            self.arrow(MASTER.right(), worker.left(), true)?;
            let lines = ["worker", note];
            self.place(worker, &lines[..if note.is_empty() { 1 } else { 2 }], false)?;
        }
        Ok(())
    }
}

type Drawn = Result<(), ChartError>;

#[cfg(test)]
mod tests {
    use super::super::style::looks;
    use super::*;
    use crate::analysis::cells::{OWN_TARGET, Series};
    use crate::modes::MODES;

    #[test]
    fn each_mode_has_a_drawing_of_its_own() {
        let series = |mode: &Mode| Series { target: OWN_TARGET.into(), mode: mode.name.into() };
        let looks = looks(&MODES.iter().map(series).collect::<Vec<_>>());
        let mut drawings: Vec<String> = MODES
            .iter()
            .zip(&looks)
            .map(|(mode, look)| draw("x", mode, look).unwrap())
            .map(|svg| svg.split("</desc>").nth(1).unwrap().to_owned())
            .collect();
        drawings.sort_unstable();
        drawings.dedup();
        assert_eq!(drawings.len(), MODES.len());
    }
}
