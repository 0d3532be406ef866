//! A browser that nobody looks at, opened or a word about why there is none, sized, themed, and judged by
//! axe-core: Debian's `chromium` through `chromium-driver`, and axe-core from npm (`npm ci` in this
//! package's folder). Where one is missing the tests say that they are skipped; with `CI` set that is a
//! failure.

mod driver;

use std::io::Write as _;
use std::path::PathBuf;

use serde_json::json;

pub use driver::{Driver, key};

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
    let usual = concat!(env!("CARGO_MANIFEST_DIR"), "/node_modules/axe-core/axe.min.js");
    let path = std::env::var_os("AXE").map_or_else(|| PathBuf::from(usual), PathBuf::from);
    let text = std::fs::read_to_string(path).ok();
    text.or_else(|| skip("axe-core is missing: npm ci in reports/testing"))
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

const RUN: &str = "
    return axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, failureSummary }) =>
        `${id}: ${target.join(' ')}: ${failureSummary}`)));";

/// What axe-core, of which this is the text, finds in the page.
pub fn violations(browser: &Driver, axe: &str) -> Vec<String> {
    browser.run(axe);
    complaints(browser, RUN)
}
