//! Nothing is lost without JavaScript, nor without styles.

use serde_json::{Value, json};

use super::sample_pages::{page, pages};
use reports_testing::browser::Driver;
use reports_testing::browser::{browser, resize};

/// Each chart that is shown with its marks' titles, and the text of each table.
const CONTENT: &str = "
    const shown = (element) => element.getClientRects().length > 0;
    const charts = [...document.querySelectorAll('figure')].map((figure) =>
      [...figure.querySelectorAll('svg')].filter(shown)
        .map((svg) => [...svg.querySelectorAll('.mark')]
          .map((mark) => mark.getAttribute('aria-label') ?? mark.querySelector('title').textContent)));
    const tables = [...document.querySelectorAll('table')].map((table) => table.textContent);
    return { charts, tables };";

fn content(browser: &Driver, url: &str) -> Value {
    browser.open(url);
    browser.run(CONTENT)
}

#[test]
fn without_javascript_every_chart_mark_and_table_is_there_and_no_dead_switch() {
    let Some(browser) = browser() else { return };
    resize(&browser, (1280, 900));
    for page in pages() {
        let whole = content(&browser, &page.url);
        browser.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": true }));
        assert_eq!(content(&browser, &page.url), whole, "{}", page.name);
        assert_eq!(browser.run("return document.querySelectorAll('button').length"), 0);
        browser.devtools("Emulation.setScriptExecutionDisabled", &json!({ "value": false }));
        let figures = page.html.matches("<figure>").count();
        let charts = whole["charts"].as_array().expect("a list of figures");
        assert_eq!(charts.len(), figures, "{}", page.name);
        for chart in charts {
            let marks = chart[0].as_array().map_or(0, Vec::len);
            assert!(chart[1].is_null() && marks > 0, "one variant with marks: {chart}");
        }
    }
}

#[test]
fn without_styles_each_chart_is_shown_once() {
    let Some(browser) = browser() else { return };
    for plain in pages() {
        let (before, rest) = plain.html.split_once("<style>").expect("a page has styles");
        let (_, after) = rest.split_once("</style>").expect("they end");
        let bare = page("bare", format!("{before}{after}"));
        let seen = content(&browser, &bare.url);
        let charts = seen["charts"].as_array().expect("a list of figures");
        assert!(charts.iter().all(|shown| shown.as_array().is_some_and(|all| all.len() == 1)));
        assert_eq!(charts.len(), plain.html.matches("<figure>").count());
    }
}
