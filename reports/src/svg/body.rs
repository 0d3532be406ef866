//! The text of an SVG under construction, kept short: strokes that follow each other in one paint
//! become one path, and text takes its colour from its group where that has one.

use super::roles::Role;

/// What ends a path.
const END: &str = "\"/>";

/// Elements, and what the next one may share with them.
#[derive(Debug, Default)]
pub struct Body {
    text: String,
    /// The paint of the stroke that may still grow, and where its element ends.
    stroke: Option<(String, usize)>,
    /// The colour that text inherits.
    inherited: Option<Role>,
}

impl Body {
    pub fn push(&mut self, markup: &str) {
        self.stroke = None;
        self.text.push_str(markup);
    }

    /// Appends an open path of this paint (attributes): to the one before it, if that has the same.
    pub fn stroke(&mut self, paint: &str, data: &str) {
        match &mut self.stroke {
            Some((same, end)) if same == paint => {
                self.text.insert_str(*end - END.len(), data);
                *end += data.len();
            }
            _ => {
                self.text.extend(["<path ", paint, " d=\"", data, END]);
                self.stroke = Some((paint.to_owned(), self.text.len()));
            }
        }
    }

    /// Appends a text element. Among labels, which no line crosses, the stroke before it may grow on.
    pub fn label(&mut self, element: &str) {
        if self.inherited.is_none() {
            self.stroke = None;
        }
        self.text.push_str(element);
    }

    /// Says which colour text has of itself from here on.
    pub fn inherit(&mut self, role: Option<Role>) {
        self.inherited = role;
    }

    /// Whether what is drawn are labels, whose group says how they look.
    pub fn among_labels(&self) -> bool {
        self.inherited.is_some()
    }

    /// Whether text of this colour needs no more said.
    pub fn inherits(&self, role: Role) -> bool {
        self.inherited == Some(role)
    }

    pub fn text(&self) -> &str {
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strokes_of_one_paint_become_one_path_until_something_else_is_drawn() {
        let mut body = Body::default();
        body.stroke("class=\"k-grid\"", "M0 0h9");
        body.stroke("class=\"k-grid\"", "M0 5h9");
        body.stroke("class=\"k-axis\"", "M0 9h9");
        body.push("<g>");
        body.stroke("class=\"k-axis\"", "M0 9v9");
        let paths = "<path class=\"k-grid\" d=\"M0 0h9M0 5h9\"/><path class=\"k-axis\" d=\"M0 9h9\"/>\
                     <g><path class=\"k-axis\" d=\"M0 9v9\"/>";
        assert_eq!(body.text(), paths);
    }

    #[test]
    fn among_labels_a_stroke_grows_on_behind_a_text() {
        let mut body = Body::default();
        body.inherit(Some(super::super::roles::MUTED));
        body.stroke("class=\"k-axis\"", "M0 0h9");
        body.label("<text>0</text>");
        body.stroke("class=\"k-axis\"", "M0 5h9");
        assert_eq!(body.text(), "<path class=\"k-axis\" d=\"M0 0h9M0 5h9\"/><text>0</text>");
    }
}
