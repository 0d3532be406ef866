//! Each chart as an SVG file of its own, for slides. It brings its colours: those of a light page as
//! attributes, which every program reads, those of a dark one as a style sheet for browsers.

use crate::analysis::Analysis;
use crate::charts::{ChartError, guess};
use crate::page::embed;
use crate::page::workload_charts::charts_of;
use crate::record::Record;
use crate::svg::roles::{self, INK, SURFACE};

/// Room on each side of a chart, in its pixels.
const MARGIN: u32 = 16;

/// A file and what goes into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slide {
    /// Its name: chart and workload, `speedup-hello.svg` for example.
    pub name: String,
    /// An SVG document.
    pub svg: String,
}

/// All charts of a record that have something to show.
///
/// # Errors
/// [`ChartError`] from plotters.
pub fn slides(record: &Record) -> Result<Vec<Slide>, ChartError> {
    let record = embed::kept(record);
    let analysis = Analysis::of(&record);
    let mut slides: Vec<Slide> = Vec::new();
    if let Some(lab) = &record.lab
        && let Some(chart) = guess::draw("lab", lab)?
    {
        let name = format!("guess-{}.svg", plain(&lab.name));
        slides.push(Slide { name, svg: standalone(chart.wide()) });
    }
    for workload in charts_of(&analysis)? {
        for (chart, drawn) in workload.by_name() {
            let Some(drawn) = drawn else { continue };
            let name = unused(&format!("{chart}-{}", plain(workload.name)), &slides);
            slides.push(Slide { name, svg: standalone(drawn.wide()) });
        }
    }
    Ok(slides)
}

/// A name in letters, digits and hyphens, which every file system takes.
fn plain(name: &str) -> String {
    let letters = name.chars().map(|letter| match letter {
        letter if letter.is_ascii_alphanumeric() => letter.to_ascii_lowercase(),
        _ => '-',
    });
    letters.take(40).collect()
}

/// The name of a file that none of these has.
fn unused(stem: &str, slides: &[Slide]) -> String {
    let numbered = (2..).map(|number| format!("{stem}-{number}.svg"));
    let mut names = std::iter::once(format!("{stem}.svg")).chain(numbered);
    let free = |name: &String| slides.iter().all(|slide| slide.name != *name);
    names.find(free).unwrap_or_default()
}

/// A chart's element as a document, with a margin on its own ground.
fn standalone(element: &str) -> String {
    let (begin, rest) = element.split_once('>').unwrap_or((element, ""));
    // The name and the description come first: there programs look for them.
    let (head, body) = rest.split_once("</desc>").unwrap_or(("", rest));
    let dark = roles::all().map(|role| {
        let (name, colour) = (role.name, role.dark);
        format!(".f-{name}{{fill:#{colour:06x}}}.k-{name}{{stroke:#{colour:06x}}}")
    });
    let text = format!("text{{fill:#{:06x}}}.axes text{{fill:inherit}}", INK.dark);
    let dark = text + &dark.collect::<Vec<_>>().concat();
    let (ground, fill) = (SURFACE.name, SURFACE.fallback());
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}>{head}</desc>\
         <style>@media (prefers-color-scheme:dark){{{dark}}}</style>\
         <rect class=\"f-{ground}\" fill=\"{fill}\" x=\"-{MARGIN}\" y=\"-{MARGIN}\" \
         width=\"100%\" height=\"100%\"/>{body}\n",
        opened(begin)
    )
}

/// The begin of a chart's tag, with a name space and a margin.
fn opened(begin: &str) -> String {
    let size = |name: &str| {
        let value = begin.split_once(&format!(" {name}=\"")).map_or("", |(_, rest)| rest);
        value.split_once('"').and_then(|(size, _)| size.parse::<u32>().ok()).unwrap_or_default()
    };
    let (width, height) = (size("width"), size("height"));
    let (wider, higher) = (width + 2 * MARGIN, height + 2 * MARGIN);
    begin.replacen("<svg", "<svg xmlns=\"http://www.w3.org/2000/svg\"", 1).replacen(
        &format!("viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\""),
        &format!(
            "viewBox=\"-{MARGIN} -{MARGIN} {wider} {higher}\" width=\"{wider}\" \
                 height=\"{higher}\""
        ),
        1,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chart_gets_a_name_space_a_margin_and_a_ground() {
        let chart = "<svg class=\"wide\" viewBox=\"0 0 10 20\" width=\"10\" height=\"20\"><title>t</title>\
                     <desc>d</desc><path/></svg>";
        let svg = standalone(chart);
        let begin = "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"wide\" \
                     viewBox=\"-16 -16 42 52\" width=\"42\" height=\"52\"><title>t</title><desc>d</desc><style>";
        assert!(svg.contains(begin), "{svg}");
        assert!(svg.contains("<rect ") && svg.ends_with("<path/></svg>\n"), "{svg}");
    }

    #[test]
    fn a_name_is_fit_for_a_file_and_no_two_files_have_one() {
        let slide = |name: &str| Slide { name: name.to_owned(), svg: String::new() };
        assert_eq!(plain("../Ünder score"), "----nder-score");
        assert_eq!(unused("cores-x", &[]), "cores-x.svg");
        let taken = [slide("cores-x.svg"), slide("cores-x-2.svg")];
        assert_eq!(unused("cores-x", &taken), "cores-x-3.svg");
    }
}
