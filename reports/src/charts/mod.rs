//! The charts, one a file, drawn for wide and for narrow screens, because text in an SVG
//! shrinks with it; small ones once for all.

pub mod cores;
pub mod forest;
pub mod frame;
pub mod guess;
pub mod heatmap;
pub mod latency;
pub mod multiples;
pub mod percentiles;
pub mod ruler;
pub mod runs;
pub mod scale;
pub mod scheme;
pub mod speedup;
pub mod strip;
pub mod style;
pub mod throughput;
pub mod told;
pub mod warmup;
pub mod workers;

use std::convert::Infallible;

use plotters::drawing::DrawingAreaErrorKind;

use crate::format::unbroken;
use crate::svg::Canvas;

/// Why a chart could not be drawn.
#[derive(Debug, thiserror::Error)]
#[error("cannot draw a chart: {0}")]
pub struct ChartError(String);

impl From<DrawingAreaErrorKind<Infallible>> for ChartError {
    fn from(error: DrawingAreaErrorKind<Infallible>) -> Self {
        Self(error.to_string())
    }
}

/// A chart, if there is anything to show on it.
pub type MaybeChart = Result<Option<Chart>, ChartError>;

/// How the variant for narrow screens begins.
const NARROW: &str = "<svg class=\"narrow\"";

/// For which screens a chart is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Variant {
    /// From a tablet up, and for print.
    Wide,
    Narrow,
}

impl Variant {
    pub fn width(self) -> u32 {
        match self {
            Self::Wide => 560,
            Self::Narrow => 330,
        }
    }

    /// The larger of two for wide charts, the smaller for narrow ones.
    pub fn pick<T>(self, wide: T, narrow: T) -> T {
        match self {
            Self::Wide => wide,
            Self::Narrow => narrow,
        }
    }
}

/// A chart with its finding, ready for the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chart {
    /// The sentence above it; also its accessible name.
    pub finding: String,
    /// Both variants, or the one for all screens, as SVG elements.
    pub svg: String,
}

impl Chart {
    /// The finding as it is set above the chart.
    pub fn heading(&self) -> String {
        unbroken(&self.finding)
    }

    /// The variant for wide screens, as an SVG element.
    pub fn wide(&self) -> &str {
        self.svg.split_once(NARROW).map_or(&*self.svg, |(wide, _)| wide)
    }

    /// The variant for narrow ones, as an SVG element that is shown without a style sheet too.
    pub fn narrow(&self) -> String {
        let Some((_, narrow)) = self.svg.split_once(NARROW) else { return self.svg.clone() };
        format!("{NARROW}{}", narrow.replacen(" display=\"none\"", "", 1))
    }

    /// Draws a chart of these parts, one variant for all screens where it is small, and describes it by
    /// the words of each; `None` without any part. `id` must be unique on the page.
    pub fn of<T>(
        (id, small): (&str, bool),
        parts: &[T],
        finding: String,
        words: impl Fn(&T) -> String,
        draw: impl Fn(&[T], Variant) -> Result<Canvas, ChartError>,
    ) -> MaybeChart {
        if parts.is_empty() {
            return Ok(None);
        }
        let description = parts.iter().map(words).collect::<Vec<_>>().join("; ");
        if small {
            let canvas = draw(parts, Variant::Narrow)?;
            return Ok(Some(Self::small(id, finding, &description, canvas)));
        }
        Self::draw(id, finding, &description, |variant| draw(parts, variant)).map(Some)
    }

    /// Draws both variants. `id` must be unique on the page.
    pub fn draw(
        id: &str,
        finding: String,
        description: &str,
        draw: impl Fn(Variant) -> Result<Canvas, ChartError>,
    ) -> Result<Self, ChartError> {
        let wide = draw(Variant::Wide)?.finish(id, "wide", &finding, description);
        let narrow = draw(Variant::Narrow)?.finish_instead_of(id, "narrow");
        Ok(Self { finding, svg: wide + &narrow })
    }

    /// A small chart: its narrow variant, for screens of every width. `id` must be unique on the page.
    pub fn small(id: &str, finding: String, description: &str, canvas: Canvas) -> Self {
        let svg = canvas.finish(id, "small", &finding, description);
        Self { finding, svg }
    }
}
