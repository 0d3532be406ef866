//! One SVG document: plotters draws into it, groups are opened round what it draws, and it is
//! finished with a name and a description.

use std::cell::RefCell;
use std::rc::Rc;

use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea as _};

use super::SCALE;
use super::backend::SvgBackend;
use super::body::Body;
use super::roles::Role;
use super::text::{TEXT_SIZE, escaped};
use crate::svg::data_key::Figure;

/// What a drawing does without that is only shown instead of another, by begin and end.
const LENT: [(&str, &str); 4] = [
    ("<title>", "</title>"),
    (" data-figure=\"", "\""),
    (" fill=\"#", "\""),
    (" stroke=\"#", "\""),
];

/// An SVG document under construction.
pub struct Canvas {
    width: u32,
    height: u32,
    body: Rc<RefCell<Body>>,
}

impl Canvas {
    /// An empty one; width and height in pixels of the SVG.
    pub fn new(width: u32, height: u32) -> Self {
        Self { width, height, body: Rc::default() }
    }

    /// Where plotters draws: [`SCALE`] units a pixel.
    pub fn area(&self) -> DrawingArea<SvgBackend, Shift> {
        let scale = SCALE as u32;
        let size = (self.width * scale, self.height * scale);
        SvgBackend::new(size, Rc::clone(&self.body)).into_drawing_area()
    }

    /// Puts what `draw` draws into a group of this class; a title becomes its tooltip.
    pub fn group<T, E>(
        &self,
        class: &str,
        title: Option<&str>,
        draw: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.open(class, "", title, draw)
    }

    /// Puts lines and their labels into a group of this class; its text has this colour and stands in
    /// the middle of its place, but where it says otherwise. Nothing in it may enclose an area that is
    /// not to be filled.
    pub fn labels<T, E>(
        &self,
        class: &str,
        role: Role,
        draw: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let class = format!("{class} f-{}", role.name);
        self.body.borrow_mut().inherit(Some(role));
        let attributes = format!(" fill=\"{}\" text-anchor=\"middle\"", role.fallback());
        let drawn = self.open(&class, &attributes, None, draw);
        self.body.borrow_mut().inherit(None);
        drawn
    }

    /// Puts what belongs to one series into a group that bears its name, so that it can be found in
    /// every chart at once. A title becomes its tooltip.
    pub fn series<T, E>(
        &self,
        name: &str,
        title: Option<&str>,
        draw: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.open("series", &series_attribute(name), title, draw)
    }

    /// Puts a legend's entry for a series into a group that bears its name.
    pub fn entry<T, E>(&self, name: &str, draw: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.open("entry", &series_attribute(name), None, draw)
    }

    /// Puts what shows one figure into a group: a mark, which a reader can point at. The title says
    /// all of it, the series included; the figure is the one that a table has too.
    pub fn mark<T, E>(
        &self,
        title: &str,
        figure: Option<&Figure>,
        draw: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        let attributes = figure.map_or(String::new(), Figure::attributes);
        self.open("mark", &attributes, Some(title), draw)
    }

    fn open<T, E>(
        &self,
        class: &str,
        attributes: &str,
        title: Option<&str>,
        draw: impl FnOnce() -> Result<T, E>,
    ) -> Result<T, E> {
        self.write(&format!("<g class=\"{class}\"{attributes}>"));
        if let Some(title) = title {
            self.write(&format!("<title>{}</title>", escaped(title)));
        }
        let drawn = draw();
        self.write("</g>");
        drawn
    }

    fn write(&self, text: &str) {
        self.body.borrow_mut().push(text);
    }

    /// The document, to be shown unless a style sheet says otherwise. `id` must be unique on the page;
    /// `name` is its accessible name, `description` what a reader who cannot see it would miss.
    pub fn finish(self, id: &str, class: &str, name: &str, description: &str) -> String {
        let words = format!(
            "<title id=\"{id}t\">{}</title><desc id=\"{id}d\">{}</desc>",
            escaped(name),
            escaped(description)
        );
        self.document(id, class, "", &(words + self.body.borrow().text()))
    }

    /// The document, to be shown only if a style sheet asks for it, instead of the one finished with
    /// this `id`: what that says of itself and of its marks is not said again, and colours are left to
    /// the style sheet. Both must have the same marks in the same order, so that a script can lend the
    /// words.
    pub fn finish_instead_of(self, id: &str, class: &str) -> String {
        let mut body = self.body.borrow().text().to_owned();
        for (from, to) in LENT {
            body = without(&body, from, to);
        }
        self.document(id, class, " display=\"none\"", &body)
    }

    fn document(&self, id: &str, class: &str, display: &str, content: &str) -> String {
        let (width, height) = (self.width, self.height);
        let text = TEXT_SIZE / SCALE;
        format!(
            "<svg class=\"{class}\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" \
             height=\"{height}\"{display} role=\"img\" aria-labelledby=\"{id}t {id}d\" \
             fill=\"none\" stroke-linejoin=\"round\" font-family=\"system-ui,sans-serif\" font-size=\"{text}\">{content}</svg>"
        )
    }
}

/// A text without all that begins with `from` and ends with `to`, both included.
fn without(text: &str, from: &str, to: &str) -> String {
    let mut parts = text.split(from);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |kept, part| kept + part.split_once(to).map_or(part, |(_, rest)| rest))
}

fn series_attribute(name: &str) -> String {
    format!(" data-series=\"{}\"", escaped(name))
}
