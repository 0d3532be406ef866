//! What the tests need: a browser or a word about why there is none, and pages to open.
//! Next: [`super::quiet`], the first topic.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use reports::compare::{Comparison, Side};
use reports::record::{Outcome, Record, SeriesPoint, Warmup};
use serde_json::json;

use super::common::{large, quick, record};
use super::driver::Driver;
use super::labs;

/// Widths that are looked at, in pixels: a telephone, a tablet, a projector.
pub const WIDTHS: [u32; 3] = [320, 768, 1920];

/// The width of A4 between its margins of 14 mm, in pixels, and the height.
pub const A4: (u32, u32) = (688, 1017);

/// A browser; `None` when there is none here, which is said, and in CI is a failure.
pub fn browser() -> Option<Driver> {
    let found =
        (program(&["chromedriver"]), program(&["chromium", "chromium-browser", "google-chrome"]));
    match found {
        (Some(driver), Some(browser)) => Some(Driver::start(&driver, &browser)),
        _ => skip("chromium or chromium-driver is missing"),
    }
}

/// axe-core's text, as [`browser`].
pub fn axe() -> Option<String> {
    let usual =
        concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/node_modules/axe-core/axe.min.js");
    let path = std::env::var_os("AXE").map_or_else(|| PathBuf::from(usual), PathBuf::from);
    let text = std::fs::read_to_string(path).ok();
    text.or_else(|| skip("axe-core is missing: npm ci in reports/tests/browser"))
}

fn skip<T>(why: &str) -> Option<T> {
    assert!(std::env::var_os("CI").is_none(), "not to be skipped in CI: {why}");
    // Past the test harness, which would keep the words of a test that passes to itself.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
    None
}

fn program(names: &[&str]) -> Option<PathBuf> {
    let folders: Vec<PathBuf> = std::env::split_paths(&std::env::var_os("PATH")?).collect();
    let all = names.iter().flat_map(|name| folders.iter().map(move |folder| folder.join(name)));
    all.into_iter().find(|path| path.is_file())
}

/// A page of a made-up record.
pub struct Page {
    pub name: &'static str,
    pub html: String,
    pub url: String,
}

/// All pages: a usual run that kept its warm-up, one of twelve series and 64 workers, a comparison of
/// two records, a table of many, and two labs.
pub fn pages() -> &'static [Page] {
    static PAGES: OnceLock<Vec<Page>> = OnceLock::new();
    PAGES.get_or_init(|| {
        let (usual, slower) = (with_warm_up(record(&quick())), slower(record(&quick())));
        let render = |record| reports::page::render(record).expect("every record has a page");
        let sides = |name| Side { name, record: &usual };
        let two = Comparison::of(sides("before"), Side { name: "after", record: &slower });
        let many: Vec<Side<'_>> = ["ann", "bob", "eve"].map(sides).to_vec();
        let (two, many) =
            (reports::compare::page::render(&two), reports::compare::page::render_class(&many));
        vec![
            page("usual", render(&usual)),
            page("large", render(&record(&large()))),
            page("compare", two.expect("two records have a page")),
            page("class", many.expect("many records have a page")),
            page("lab", render(&labs::usual())),
            page("extreme-lab", render(&labs::extreme())),
        ]
    })
}

/// The page of the usual run.
pub fn usual() -> &'static Page {
    &pages()[0]
}

/// A page in a file that a browser can open.
pub fn page(name: &'static str, html: String) -> Page {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("browser-{name}.html"));
    std::fs::write(&path, &html).expect("the target folder is writable");
    Page { name, html, url: format!("file://{}", path.display()) }
}

fn with_warm_up(mut record: Record) -> Record {
    for trial in &mut record.trials {
        if let Outcome::Result(result) = &mut trial.outcome {
            let slice = |at: i32| SeriesPoint {
                t_s: f64::from(at) / 10.0,
                rps: result.throughput_rps * (1.0 + 0.04 * f64::from(at)),
                ..SeriesPoint::default()
            };
            result.warmup = Some(Warmup {
                class: "warming".to_owned(),
                steady_from_s: Some(0.0),
                series: (-5..0).map(slice).collect(),
            });
        }
    }
    record
}

fn slower(mut record: Record) -> Record {
    for trial in &mut record.trials {
        if let Outcome::Result(result) = &mut trial.outcome {
            result.throughput_rps *= 0.9;
        }
    }
    record
}

/// Sets the window, in pixels.
pub fn resize(browser: &Driver, (width, height): (u32, u32)) {
    let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
    browser.devtools("Emulation.setDeviceMetricsOverride", &size);
    settle(browser);
}

/// Sets the medium (`print`, or empty for the screen) and what the reader prefers: pairs of a media
/// feature and its value.
pub fn prefer(browser: &Driver, medium: &str, features: &[(&str, &str)]) {
    let features: Vec<_> =
        features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    let media = json!({ "media": medium, "features": features });
    browser.devtools("Emulation.setEmulatedMedia", &media);
    settle(browser);
}

/// Waits until the page has taken a change in: browsers tell of it before they draw the next frame.
fn settle(browser: &Driver) {
    browser.run("return new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done())));");
}

/// What is wrong, as a script lists it.
pub fn complaints(browser: &Driver, script: &str) -> Vec<String> {
    let found = browser.run(script);
    let list = found.as_array().unwrap_or_else(|| panic!("a list of complaints: {found}"));
    list.iter().map(|complaint| complaint.as_str().unwrap_or("?").to_owned()).collect()
}
