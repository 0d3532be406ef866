//! What axe-core finds: nothing, in light, dark and forced colours, on wide and on narrow screens.

use super::sample_pages::{Page, page, pages, usual};
use reports_testing::browser::{axe, browser, prefer, resize, violations};

/// A window's size, and a media feature with its value.
type View = ((u32, u32), (&'static str, &'static str));

/// Window and preference by which a page is looked at. The largest takes long, and differs from the
/// others in its length alone: it is looked at once.
fn views(page: &Page) -> Vec<View> {
    let (narrow, wide) = ((320, 700), (1280, 900));
    let light = ("prefers-color-scheme", "light");
    if page.name == "large" {
        return vec![(wide, light)];
    }
    let themes = [light, ("prefers-color-scheme", "dark"), ("forced-colors", "active")];
    [narrow, wide].into_iter().flat_map(|size| themes.map(|theme| (size, theme))).collect()
}

#[test]
fn axe_finds_no_violation_in_light_dark_and_forced_colours() {
    let (Some(axe), Some(browser)) = (axe(), browser()) else { return };
    for page in pages() {
        for (size, theme) in views(page) {
            resize(&browser, size);
            prefer(&browser, "", &[theme]);
            browser.open(&page.url);
            let found = violations(&browser, &axe);
            assert!(found.is_empty(), "{} {size:?} {theme:?}: {found:#?}", page.name);
        }
    }
}

#[test]
fn axe_finds_no_violation_where_the_script_is_blocked() {
    let (Some(axe), Some(browser)) = (axe(), browser()) else { return };
    for whole in pages().iter().filter(|page| page.name != "large") {
        let (before, rest) = whole.html.split_once("<script>").expect("a page has a script");
        let (_, after) = rest.split_once("</script>").expect("it ends");
        let silent = page("silent", format!("{before}{after}"));
        for size in [(320, 700), (1280, 900)] {
            resize(&browser, size);
            browser.open(&silent.url);
            let found = violations(&browser, &axe);
            assert!(found.is_empty(), "{} {size:?}: {found:#?}", whole.name);
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
