//! What the tests look at: pages to open.

use std::path::Path;
use std::sync::OnceLock;

use reports::compare::{Comparison, Side};
use reports::record::Record;

use reports_testing::browser::{Driver, browser, resize};
use reports_testing::records::labs;
use reports_testing::records::{large, quick, record, results, with_warm_up};

/// Widths that are looked at, in pixels: a telephone, a tablet, a projector.
pub const WIDTHS: [u32; 3] = [320, 768, 1920];

/// The width of A4 between its margins of 14 mm, in pixels, and the height.
pub const A4: (u32, u32) = (688, 1017);

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
        let (usual, slower) =
            (with_warm_up(record(&quick()), |_| "warming"), slower(record(&quick())));
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

/// A browser with the usual run's page in a window as of a desktop; `None` as [`browser`].
pub fn opened() -> Option<Driver> {
    let browser = browser()?;
    resize(&browser, (1280, 900));
    browser.open(&usual().url);
    Some(browser)
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

fn slower(mut record: Record) -> Record {
    results(&mut record).for_each(|(_, result)| result.throughput_rps *= 0.9);
    record
}
