//! The page asks nobody for anything, breaks no policy and says nothing to the console.

use serde_json::Value;

use super::sample_pages::{page, pages, usual};
use reports_testing::browser::Driver;
use reports_testing::browser::browser;

/// The addresses that a page asked for.
fn requests(browser: &Driver) -> Vec<String> {
    let address = |entry: &Value| {
        let text = entry["message"].as_str()?;
        let message: Value = serde_json::from_str(text).ok()?;
        let sent = message["message"]["method"] == "Network.requestWillBeSent";
        sent.then(|| message["message"]["params"]["request"]["url"].as_str().map(str::to_owned))?
    };
    browser.log("performance").iter().filter_map(address).collect()
}

#[test]
fn a_page_asks_for_nothing_but_itself_and_the_console_stays_empty() {
    let Some(browser) = browser() else { return };
    for page in pages() {
        browser.open(&page.url);
        assert_eq!(requests(&browser), std::slice::from_ref(&page.url), "{}", page.name);
        assert_eq!(browser.log("browser"), [Value::Null; 0], "{}", page.name);
    }
}

#[test]
fn a_foreign_script_a_foreign_style_and_a_picture_from_elsewhere_are_refused_and_noticed() {
    let Some(browser) = browser() else { return };
    let foreign = "<script>document.title = 'taken'</script><style>body{color:red}</style>\
                   <p style=\"color:red\"><img src=\"http://127.0.0.1:9/x.png\" alt=\"\"></p></main>";
    let page = page("foreign", usual().html.replace("</main>", foreign));
    browser.open(&page.url);
    let console = browser.log("browser");
    let violated = |directive: &str| {
        let names = |entry: &&Value| {
            let text = entry["message"].as_str().unwrap_or_default();
            text.contains("Content Security Policy") && text.contains(directive)
        };
        console.iter().filter(names).count()
    };
    assert_eq!(violated("script-src"), 1, "{console:?}");
    assert_eq!(violated("style-src"), 2, "{console:?}");
    assert_eq!(violated("img-src"), 1, "{console:?}");
    assert_ne!(browser.run("return document.title"), "taken");
}
