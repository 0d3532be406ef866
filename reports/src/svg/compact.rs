//! Makes a drawing smaller without changing how it looks: elements of one paint that follow each
//! other share a group, lines of one paint a path. Half of a chart's bytes are paint otherwise, and
//! a page has dozens of charts. Next: [`super::canvas`].

/// The drawing in fewer bytes. It must be made of whole elements whose paint (`class` with colour
/// roles, `fill`, `stroke`, `stroke-width`) comes right after the name; others are left as they are.
pub(super) fn compact(body: &str) -> String {
    let mut small = String::with_capacity(body.len());
    write_elements(&elements(body), &mut small);
    small
}

/// One element with what it contains, as it is written.
#[derive(Clone, Copy)]
struct Element<'a> {
    source: &'a str,
    name: &'a str,
    /// Its paint; empty when it has none, or also has classes that are not paint.
    paint: &'a str,
}

impl<'a> Element<'a> {
    /// The first element of a text, which must begin with one.
    fn first(text: &'a str) -> Option<Self> {
        let name_end = text[1..].find([' ', '>', '/'])? + 1;
        let name = &text[1..name_end];
        let start_end = text.find('>')? + 1;
        let end = if text[..start_end].ends_with("/>") {
            start_end
        } else {
            end_of(text, name, start_end)?
        };
        let paint = paint(text[name_end..start_end].trim_start());
        Some(Self { source: &text[..end], name, paint })
    }

    /// Without its paint.
    fn bare(self) -> String {
        let at = self.name.len() + 2;
        let rest = self.source[at + self.paint.len()..].trim_start();
        format!("<{} {rest}", self.name)
    }

    /// The data of a stroked path that has nothing but paint and data.
    fn line(self) -> Option<&'a str> {
        let stroked = self.name == "path" && self.paint.contains(" stroke=\"");
        let rest = &self.source[(self.name.len() + 2 + self.paint.len()).min(self.source.len())..];
        rest.strip_prefix(" d=\"")?.strip_suffix("\"/>").filter(|_| stroked)
    }
}

/// Where the element of this name that was opened before `from` ends.
fn end_of(text: &str, name: &str, from: usize) -> Option<usize> {
    let (open, close) = (format!("<{name}"), format!("</{name}>"));
    let (mut at, mut depth) = (from, 1);
    while depth > 0 {
        let closing = at + text[at..].find(&close)?;
        let nested = text[at..closing].match_indices(&open).filter(|(index, _)| {
            let after = text[at + index + open.len()..].chars().next();
            matches!(after, Some(' ' | '>'))
        });
        depth += nested.count();
        depth -= 1;
        at = closing + close.len();
    }
    Some(at)
}

/// The attributes of paint at the begin of a start tag.
fn paint(attributes: &str) -> &str {
    let mut end = 0;
    loop {
        let rest = &attributes[end..];
        let next = rest.trim_start();
        let Some((name, value)) = next.split_once("=\"") else { break };
        let Some(length) = value.find('"') else { break };
        let is_paint = match name {
            "class" => {
                value[..length].split(' ').all(|c| c.starts_with("f-") || c.starts_with("k-"))
            }
            "fill" | "stroke" | "stroke-width" => true,
            _ => false,
        };
        if !is_paint {
            break;
        }
        end += (rest.len() - next.len()) + name.len() + 2 + length + 1;
    }
    let paint = &attributes[..end];
    if paint.starts_with("class=") { paint } else { "" }
}

fn elements(body: &str) -> Vec<Element<'_>> {
    let mut rest = body;
    let mut all = Vec::new();
    while let Some(element) = rest.starts_with('<').then(|| Element::first(rest)).flatten() {
        rest = &rest[element.source.len()..];
        all.push(element);
    }
    all
}

fn write_elements(elements: &[Element<'_>], small: &mut String) {
    for run in elements.chunk_by(|a, b| !a.paint.is_empty() && a.paint == b.paint) {
        match run {
            [only] => write_one(*only, small),
            [first, ..] => write_run(run, first.paint, small),
            [] => {}
        }
    }
}

/// A group is gone into; those of axes may be sorted by paint, since nothing in them overlaps.
fn write_one(element: Element<'_>, small: &mut String) {
    let source = element.source;
    let (Some(begin), "g") = (source.find('>'), element.name) else {
        small.push_str(source);
        return;
    };
    let inside = &source[begin + 1..source.len() - "</g>".len()];
    let mut children = elements(inside);
    if source.starts_with("<g class=\"axes\"") {
        let order: Vec<&str> = children.iter().map(|child| child.paint).collect();
        let place = |paint: &str| order.iter().position(|other| *other == paint);
        children.sort_by_key(|child| place(child.paint));
    }
    small.push_str(&source[..=begin]);
    write_elements(&children, small);
    small.push_str("</g>");
}

fn write_run(run: &[Element<'_>], paint: &str, small: &mut String) {
    let lines: Option<String> = run.iter().map(|element| element.line()).collect();
    if let Some(data) = lines {
        small.extend(["<path ", paint, " d=\"", &data, "\"/>"]);
        return;
    }
    small.extend(["<g ", paint, ">"]);
    for element in run {
        small.push_str(&element.bare());
    }
    small.push_str("</g>");
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: &str = "class=\"k-grid\" stroke=\"#eee\"";
    const INK: &str = "class=\"f-ink\" fill=\"#111\"";

    #[test]
    fn lines_of_one_paint_become_one_path() {
        let body = format!("<path {GRID} d=\"M0 0H9\"/><path {GRID} d=\"M0 1H9\"/>");
        assert_eq!(compact(&body), format!("<path {GRID} d=\"M0 0H9M0 1H9\"/>"));
    }

    #[test]
    fn texts_of_one_paint_share_a_group() {
        let body = format!("<text {INK} x=\"1\">a</text><text {INK} x=\"2\">b</text>");
        let small = format!("<g {INK}><text x=\"1\">a</text><text x=\"2\">b</text></g>");
        assert_eq!(compact(&body), small);
    }

    #[test]
    fn what_is_drawn_later_stays_later_but_for_axes() {
        let (line, word) =
            (format!("<path {GRID} d=\"M0 0H9\"/>"), format!("<text {INK}>a</text>"));
        let mixed = [line.as_str(), &word, &line, &word].concat();
        assert_eq!(compact(&mixed), mixed);
        let axes = format!("<g class=\"axes\">{mixed}</g>");
        let small = format!(
            "<g class=\"axes\"><path {GRID} d=\"M0 0H9M0 0H9\"/>\
             <g {INK}><text >a</text><text >a</text></g></g>"
        );
        assert_eq!(compact(&axes), small);
    }

    #[test]
    fn marks_with_a_title_or_classes_of_their_own_stay_whole() {
        let mark = "<g class=\"mark f-s1\"><title>a &lt; b</title><circle r=\"1\"/></g>";
        assert_eq!(compact(&[mark, mark].concat()), [mark, mark].concat());
        let dot = format!("<circle {INK} r=\"1\"><title>one</title></circle>");
        let small = "<circle r=\"1\"><title>one</title></circle>";
        assert_eq!(compact(&[&*dot, &*dot].concat()), format!("<g {INK}>{small}{small}</g>"));
    }

    #[test]
    fn nested_groups_end_where_they_should() {
        let body = "<g class=\"a\"><g class=\"b\"></g><g class=\"c\"></g></g><path d=\"M0 0\"/>";
        assert_eq!(compact(body), body);
    }
}
