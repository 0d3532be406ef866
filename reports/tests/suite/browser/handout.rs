//! Handouts: two sheets of A4 at most when printed, whatever is on them, with no text clipped, and
//! nothing for axe-core to find.

use std::sync::OnceLock;

use base64::Engine as _;
use serde_json::json;

use super::sample_pages::{Page, page};
use reports_testing::browser::Driver;
use reports_testing::browser::{axe, browser, complaints, prefer, resize, violations};
use reports_testing::records::labs::{extreme, usual};
use reports_testing::records::{quick, record};

const LAYOUT: &str = include_str!("layout.js");

/// A usual run's, and those of two labs: written once, since tests that run beside each other read them.
fn handouts() -> &'static [Page] {
    static HANDOUTS: OnceLock<Vec<Page>> = OnceLock::new();
    HANDOUTS.get_or_init(|| {
        let render =
            |record| reports::page::handout::render(&record).expect("every record has a handout");
        vec![
            page("handout", render(record(&quick()))),
            page("handout-lab", render(usual())),
            page("handout-extreme-lab", render(extreme())),
        ]
    })
}

/// The number of sheets on which the page in the window is printed.
fn sheets(browser: &Driver) -> usize {
    let printed = browser.devtools("Page.printToPDF", &json!({ "preferCSSPageSize": true }));
    let data = printed["data"].as_str().expect("a document");
    let pdf = base64::engine::general_purpose::STANDARD.decode(data).expect("base64");
    // PDF 2.0, section 7.7.3.3: the dictionary of each page names its type, the one of all pages `Pages`.
    let text = String::from_utf8_lossy(&pdf);
    text.matches("/Type /Page\n").count()
}

#[test]
fn a_handout_has_two_sheets_of_paper_and_a_third_is_noticed() {
    let Some(browser) = browser() else { return };
    for page in handouts() {
        browser.open(&page.url);
        assert_eq!(sheets(&browser), 2, "{}", page.name);
    }
    browser.run(
        "const more = document.createElement('p');
         more.textContent = 'more';
         more.style.breakBefore = 'page';
         document.body.append(more);",
    );
    assert_eq!(sheets(&browser), 3);
}

#[test]
fn no_text_of_a_handout_is_clipped_or_lies_on_other_text_on_paper_or_on_a_screen() {
    let Some(browser) = browser() else { return };
    for page in handouts() {
        browser.open(&page.url);
        for (medium, width) in [("print", 695), ("", 1280), ("", 390)] {
            if page.name == "handout" && width == 390 {
                // Its charts stand side by side as on paper: it is for paper.
                continue;
            }
            resize(&browser, (width, 900));
            prefer(&browser, medium, &[]);
            let found = complaints(&browser, LAYOUT);
            assert!(found.is_empty(), "{} {medium} at {width}: {found:#?}", page.name);
        }
    }
}

#[test]
fn axe_finds_no_violation_in_a_handout_in_light_or_dark() {
    let (Some(axe), Some(browser)) = (axe(), browser()) else { return };
    for page in handouts().iter().skip(1) {
        for theme in ["light", "dark"] {
            resize(&browser, (1280, 900));
            prefer(&browser, "", &[("prefers-color-scheme", theme)]);
            browser.open(&page.url);
            let found = violations(&browser, &axe);
            assert!(found.is_empty(), "{} {theme}: {found:#?}", page.name);
        }
    }
}
