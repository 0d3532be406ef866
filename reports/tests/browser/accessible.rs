//! What axe-core finds: nothing, in light, dark and forced colours, on wide and on narrow screens.

use super::driver::Driver;
use super::stage::{axe, browser, complaints, pages, prefer, resize, usual};

const RUN: &str = "
    return axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
      violations.flatMap(({ id, nodes }) => nodes.slice(0, 3).map(({ target, failureSummary }) =>
        `${id}: ${target.join(' ')}: ${failureSummary}`)));";

fn violations(browser: &Driver, axe: &str) -> Vec<String> {
    browser.run(axe);
    complaints(browser, RUN)
}

#[test]
fn axe_finds_no_violation_in_light_dark_and_forced_colours() {
    let (Some(axe), Some(browser)) = (axe(), browser()) else { return };
    let themes = [
        ("prefers-color-scheme", "light"),
        ("prefers-color-scheme", "dark"),
        ("forced-colors", "active"),
    ];
    for page in pages() {
        // The largest page takes long, and differs from the others in its length alone.
        let narrow = [(320, 700)].into_iter().filter(|_| page.name != "large");
        for size in narrow.chain([(1280, 900)]) {
            for theme in themes {
                resize(&browser, size);
                prefer(&browser, "", &[theme]);
                browser.open(&page.url);
                let found = violations(&browser, &axe);
                assert!(found.is_empty(), "{} {size:?} {theme:?}: {found:#?}", page.name);
            }
        }
    }
}

#[test]
fn axe_finds_what_is_wrong_when_something_is() {
    let (Some(axe), Some(browser)) = (axe(), browser()) else { return };
    browser.open(&usual().url);
    browser.run(
        "document.querySelector('main').append(document.createElement('button'));
         document.querySelector('.lead').style.color = '#ccc';",
    );
    let found = violations(&browser, &axe);
    for rule in ["button-name", "color-contrast"] {
        assert!(found.iter().any(|violation| violation.starts_with(rule)), "{rule}: {found:?}");
    }
}
