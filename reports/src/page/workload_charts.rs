//! All charts of a workload, for whoever places them: the page, the handout and the files of charts.

use crate::analysis::{Analysis, WorkloadFigures};
use crate::charts::style::{Look, looks};
use crate::charts::{
    Chart, ChartError, cores, heatmap, latency, percentiles, speedup, throughput, told, warmup,
    workers,
};
use crate::svg::roles::{OWNERS, Role};

/// The charts of one workload; `None` where there was nothing to draw.
pub(crate) struct Charts<'a> {
    pub name: &'a str,
    pub description: &'a str,
    /// Whether its throughput was set by a rate, and so says nothing.
    pub open: bool,
    pub throughput: Option<Chart>,
    pub speedup: Option<Chart>,
    pub cores: Option<Chart>,
    pub latency: Option<Chart>,
    pub percentiles: Option<Chart>,
    pub heatmap: Option<Chart>,
    pub told: Option<Chart>,
    pub connections: Option<Chart>,
    pub warmup: Option<Chart>,
}

/// An owner of CPU time in the legend.
pub(crate) struct Owner {
    pub name: &'static str,
    pub role: Role,
}

impl Charts<'_> {
    /// The charts with the names of their files.
    pub fn by_name(&self) -> [(&'static str, Option<&Chart>); 9] {
        [
            ("throughput", self.throughput.as_ref()),
            ("speedup", self.speedup.as_ref()),
            ("cores", self.cores.as_ref()),
            ("latency", self.latency.as_ref()),
            ("percentiles", self.percentiles.as_ref()),
            ("latency-over-time", self.heatmap.as_ref()),
            ("tools", self.told.as_ref()),
            ("connections", self.connections.as_ref()),
            ("warmup", self.warmup.as_ref()),
        ]
    }
}

/// The charts of all workloads.
pub(crate) fn charts_of<'a>(analysis: &'a Analysis<'_>) -> Result<Vec<Charts<'a>>, ChartError> {
    let looks = looks(&analysis.series());
    let workloads = analysis.workloads.iter().enumerate();
    workloads.map(|(index, workload)| charts(index, workload, &looks)).collect()
}

/// The owners of CPU time that have a visible part in some cell.
pub(crate) fn owners(analysis: &Analysis<'_>) -> Vec<Owner> {
    let accounts =
        analysis.workloads.iter().flat_map(|w| &w.cells).filter_map(|f| f.cores.as_ref());
    cores::visible_owners(accounts)
        .into_iter()
        .map(|index| Owner { name: cores::OWNER_NAMES[index], role: OWNERS[index] })
        .collect()
}

fn charts<'a>(
    index: usize,
    workload: &WorkloadFigures<'a>,
    looks: &[Look],
) -> Result<Charts<'a>, ChartError> {
    let id = |chart: &str| format!("{chart}{index}");
    let closed = !workload.open();
    Ok(Charts {
        name: workload.name,
        description: workload.workload.map_or("", |planned| &planned.description),
        open: workload.open(),
        throughput: if closed { throughput::draw(&id("t"), workload, looks)? } else { None },
        speedup: if closed { speedup::draw(&id("s"), workload, looks)? } else { None },
        cores: cores::draw(&id("c"), workload)?,
        latency: latency::draw(&id("l"), workload, looks)?,
        percentiles: percentiles::draw(&id("p"), workload, looks)?,
        heatmap: heatmap::draw(&id("h"), workload)?,
        told: told::draw(&id("a"), workload, looks)?,
        connections: workers::draw(&id("w"), workload, looks)?,
        warmup: warmup::draw(&id("u"), workload, looks)?,
    })
}
