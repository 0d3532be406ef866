//! plotters' `DrawingBackend`, written as SVG elements into a shared buffer.

use std::cell::RefCell;
use std::convert::Infallible;
use std::fmt::Write as _;
use std::rc::Rc;

use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
    FontStyle, FontTransform,
};

use super::SCALE;
use super::body::Body;
use super::roles::{INK, Role};
use super::text::{TEXT_SIZE, escaped, width_em};

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

/// Writes what plotters draws as SVG elements.
pub struct SvgBackend {
    size: (u32, u32),
    body: Rc<RefCell<Body>>,
}

/// A number of plotters' units in the SVG's, with at most one decimal: `12`, `-.5`.
pub(super) fn number(value: i32) -> String {
    let (whole, tenths) = (value.abs() / SCALE, value.abs() % SCALE);
    let sign = if value < 0 { "-" } else { "" };
    match (whole, tenths) {
        (whole, 0) => format!("{sign}{whole}"),
        (0, tenths) => format!("{sign}.{tenths}"),
        (whole, tenths) => format!("{sign}{whole}.{tenths}"),
    }
}

/// `class` and presentation attributes of a filled shape.
pub(super) fn fill(role: Role) -> String {
    format!("class=\"f-{}\" fill=\"{}\"", role.name, role.fallback())
}

/// `class` and presentation attributes of a stroked shape; `width` in plotters' units.
pub(super) fn stroke(role: Role, width: u32) -> String {
    let width = if width == SCALE as u32 {
        String::new()
    } else {
        format!(" stroke-width=\"{}\"", number(width.cast_signed()))
    };
    format!("class=\"k-{}\" stroke=\"{}\"{width}", role.name, role.fallback())
}

/// The `d` of a path through points, in short form, each step from the last point: `M0 0h10v5l-7-1`.
/// Points on the way of a level or an upright stretch are left out.
pub(super) fn path_data(points: &[BackendCoord]) -> String {
    let mut data = String::new();
    let mut last: Option<BackendCoord> = None;
    for (index, &(x, y)) in points.iter().enumerate() {
        let next = points.get(index + 1);
        let on_the_way = |a: i32, b: i32, c: i32| (a <= b && b <= c) || (a >= b && b >= c);
        if let (Some(before), Some(next)) = (last, next)
            && ((before.1 == y && y == next.1 && on_the_way(before.0, x, next.0))
                || (before.0 == x && x == next.0 && on_the_way(before.1, y, next.1)))
        {
            continue;
        }
        match last {
            None => write_all(&mut data, format_args!("M{} {}", number(x), number(y))),
            Some(previous) if previous == (x, y) => {}
            Some((from, before)) if before == y => {
                write_all(&mut data, format_args!("h{}", number(x - from)));
            }
            Some((before, from)) if before == x => {
                write_all(&mut data, format_args!("v{}", number(y - from)));
            }
            Some((left, up)) => {
                let (right, down) = (number(x - left), number(y - up));
                let gap = if down.starts_with('-') { "" } else { " " };
                write_all(&mut data, format_args!("l{right}{gap}{down}"));
            }
        }
        last = Some((x, y));
    }
    data
}

/// Writing into a `String` has no way to fail.
fn write_all(buffer: &mut String, text: std::fmt::Arguments<'_>) {
    let _ = buffer.write_fmt(text);
}

impl SvgBackend {
    pub(super) fn new(size: (u32, u32), body: Rc<RefCell<Body>>) -> Self {
        Self { size, body }
    }

    pub(super) fn element(&mut self, element: &str) {
        self.body.borrow_mut().push(element);
    }

    /// Appends an open path of this paint.
    pub(super) fn stroke(&mut self, paint: &str, points: &[BackendCoord]) {
        self.body.borrow_mut().stroke(paint, &path_data(points));
    }

    fn shape(&mut self, name: &str, geometry: &str, style: &impl BackendStyle, filled: bool) {
        let BackendColor { alpha, rgb } = style.color();
        if alpha == 0.0 {
            return;
        }
        let role = Role::of(rgb);
        let paint = if filled { fill(role) } else { stroke(role, style.stroke_width()) };
        let opacity = if alpha < 1.0 { format!(" opacity=\"{alpha:.2}\"") } else { String::new() };
        self.element(&format!("<{name} {paint}{opacity} {geometry}/>"));
    }
}

impl DrawingBackend for SvgBackend {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        self.size
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        Ok(())
    }

    fn draw_pixel(&mut self, point: BackendCoord, color: BackendColor) -> Drawn {
        self.draw_rect(point, (point.0 + SCALE, point.1 + SCALE), &color, true)
    }

    fn draw_line<S: BackendStyle>(
        &mut self,
        from: BackendCoord,
        to: BackendCoord,
        style: &S,
    ) -> Drawn {
        self.draw_path([from, to], style)
    }

    fn draw_rect<S: BackendStyle>(
        &mut self,
        upper_left: BackendCoord,
        bottom_right: BackendCoord,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let (width, height) = (bottom_right.0 - upper_left.0, bottom_right.1 - upper_left.1);
        let geometry = format!(
            "x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"",
            number(upper_left.0),
            number(upper_left.1),
            number(width.max(0)),
            number(height.max(0))
        );
        self.shape("rect", &geometry, style, fill);
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<BackendCoord> = path.into_iter().collect();
        let BackendColor { alpha, rgb } = style.color();
        if alpha >= 1.0 {
            self.stroke(&stroke(Role::of(rgb), style.stroke_width()), &points);
        } else {
            self.shape("path", &format!("d=\"{}\"", path_data(&points)), style, false);
        }
        Ok(())
    }

    fn draw_circle<S: BackendStyle>(
        &mut self,
        (x, y): BackendCoord,
        radius: u32,
        style: &S,
        fill: bool,
    ) -> Drawn {
        let radius = number(radius.cast_signed());
        let geometry = format!("cx=\"{}\" cy=\"{}\" r=\"{radius}\"", number(x), number(y));
        self.shape("circle", &geometry, style, fill);
        Ok(())
    }

    fn fill_polygon<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        vert: I,
        style: &S,
    ) -> Drawn {
        let points: Vec<BackendCoord> = vert.into_iter().collect();
        self.shape("path", &format!("d=\"{}Z\"", path_data(&points)), style, true);
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Drawn {
        if text.is_empty() {
            return Ok(());
        }
        let among_labels = self.body.borrow().among_labels();
        let anchor = match style.anchor().h_pos {
            HPos::Left if among_labels => " text-anchor=\"start\"",
            HPos::Center if !among_labels => " text-anchor=\"middle\"",
            HPos::Left | HPos::Center => "",
            HPos::Right => " text-anchor=\"end\"",
        };
        // The base line from the box that plotters wants: capitals are 0.72 em high.
        let drop = match style.anchor().v_pos {
            VPos::Top => 0.80,
            VPos::Center => 0.36,
            VPos::Bottom => -0.15,
        } * style.size();
        let (turn, drop) = match style.transform() {
            FontTransform::None => (0, (0, drop as i32)),
            FontTransform::Rotate90 => (90, (-drop as i32, 0)),
            FontTransform::Rotate180 => (180, (0, -drop as i32)),
            FontTransform::Rotate270 => (-90, (drop as i32, 0)),
        };
        // Letters gain nothing from fractions of a pixel.
        let whole = |value: i32| number(value.div_euclid(SCALE) * SCALE);
        let (x, y) = (whole(at.0 + drop.0 + SCALE / 2), whole(at.1 + drop.1 + SCALE / 2));
        let turn = if turn == 0 {
            String::new()
        } else {
            format!(" transform=\"rotate({turn} {x} {y})\"")
        };
        let size = style.size() as i32;
        let size = if size == TEXT_SIZE {
            String::new()
        } else {
            format!(" font-size=\"{}\"", number(size))
        };
        let weight = match style.style() {
            FontStyle::Bold => " font-weight=\"600\"",
            _ => "",
        };
        let role = Role::of(style.color().rgb);
        let paint = if self.body.borrow().inherits(role) {
            String::new()
        } else if role == INK && !among_labels {
            format!(" fill=\"{}\"", role.fallback())
        } else {
            format!(" {}", fill(role))
        };
        let text = escaped(text);
        self.body.borrow_mut().label(&format!(
            "<text{paint} x=\"{x}\" y=\"{y}\"{anchor}{size}{weight}{turn}>{text}</text>"
        ));
        Ok(())
    }

    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        Ok(((width_em(text) * style.size()) as u32, style.size() as u32))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_decimal_at_most() {
        assert_eq!(number(120), "12");
        assert_eq!(number(-5), "-.5");
        assert_eq!(number(1234), "123.4");
    }

    #[test]
    fn a_path_is_written_in_its_short_form() {
        assert_eq!(path_data(&[(0, 0), (100, 0), (100, 55), (30, 40)]), "M0 0h10v5.5l-7-1.5");
        let level = [(0, 0), (50, 0), (100, 0), (40, 0), (40, 30), (40, 60)];
        assert_eq!(path_data(&level), "M0 0h10h-6v6");
    }
}
