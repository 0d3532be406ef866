//! The keyboard alone reaches every mark; each chart is one stop of the Tab key.

use std::collections::BTreeSet;

use super::sample_pages::{opened, pages};
use reports_testing::browser::{Driver, key};
use reports_testing::browser::{browser, resize};

/// The place of the focused mark among all, or null.
const FOCUSED: &str = "
    const place = [...document.querySelectorAll('.mark')].indexOf(document.activeElement);
    return place < 0 ? null : place;";

/// The places of all marks that are shown.
const SHOWN: &str = "
    return [...document.querySelectorAll('.mark')]
      .flatMap((mark, place) => mark.getClientRects().length ? [place] : []);";

fn focused(browser: &Driver) -> Option<u64> {
    browser.run(FOCUSED).as_u64()
}

/// Presses a key; gives the mark that it led to, if it led to another.
fn step(browser: &Driver, key: &str) -> Option<u64> {
    let before = focused(browser);
    browser.press(&[], key);
    focused(browser).filter(|after| Some(*after) != before)
}

/// Enters the first chart.
fn enter(browser: &Driver) {
    while focused(browser).is_none() {
        browser.press(&[], key::TAB);
    }
}

/// Walks a chart from the mark where it was entered: series by series, each from end to end.
fn walk(browser: &Driver, reached: &mut BTreeSet<u64>) {
    while step(browser, key::UP).is_some() {}
    loop {
        step(browser, key::HOME);
        reached.extend(focused(browser));
        while let Some(mark) = step(browser, key::RIGHT) {
            reached.insert(mark);
        }
        let last = focused(browser);
        step(browser, key::LEFT);
        step(browser, key::END);
        assert_eq!(focused(browser), last, "End leads to where the right arrow ended");
        if step(browser, key::DOWN).is_none() {
            return;
        }
    }
}

#[test]
fn the_keyboard_reaches_every_mark_and_a_chart_is_one_stop() {
    let Some(browser) = browser() else { return };
    resize(&browser, (1280, 900));
    for page in pages().iter().filter(|page| page.name != "large") {
        browser.open(&page.url);
        let shown: BTreeSet<u64> = browser
            .run(SHOWN)
            .as_array()
            .expect("a list of marks")
            .iter()
            .filter_map(serde_json::Value::as_u64)
            .collect();
        let charts = page.html.matches("<figure>").count();
        let (mut reached, mut entered, mut idle) = (BTreeSet::new(), 0, 0);
        while entered < charts && idle < 200 {
            browser.press(&[], key::TAB);
            if focused(&browser).is_some() {
                entered += 1;
                walk(&browser, &mut reached);
            } else {
                idle += 1;
            }
        }
        assert_eq!(entered, charts, "{}", page.name);
        assert_eq!(reached, shown, "{}", page.name);
    }
}

#[test]
fn a_focused_mark_is_framed_and_says_its_figure_until_escape() {
    let Some(browser) = opened() else { return };
    enter(&browser);
    let state = "
        const tip = document.querySelector('.tip');
        const dimmed = [...document.querySelectorAll('svg.wide .series:not(.on)')].length;
        return [document.activeElement.getAttribute('aria-label'), tip.hidden ? null : tip.textContent,
          document.querySelectorAll('.cursor').length, document.documentElement.matches('.lit'), dimmed > 0];";
    let shown = browser.run(state);
    assert!(shown[0].as_str().is_some_and(|words| words.contains("requests/s (95")), "{shown}");
    assert_eq!(shown[1], shown[0]);
    assert_eq!((&shown[2], &shown[3], &shown[4]), (&1.into(), &true.into(), &true.into()));
    browser.press(&[], key::ESCAPE);
    let closed = browser.run(state);
    assert!(closed[1].is_null(), "{closed}");
    assert_eq!((&closed[2], &closed[3]), (&0.into(), &false.into()));
    assert_eq!(closed[0], shown[0], "Escape leaves the reader where he was");
}

#[test]
fn a_hidden_series_is_passed_over() {
    let Some(browser) = opened() else { return };
    browser.run("document.querySelector('.tools button[data-series=reuseport]').click()");
    enter(&browser);
    let series = "return document.activeElement.closest('.series').dataset.series";
    assert_eq!(browser.run(series), "single");
    step(&browser, key::DOWN);
    assert_eq!(browser.run(series), "round-robin");
    step(&browser, key::UP);
    assert_eq!(browser.run(series), "single");
}

#[test]
fn coming_back_to_a_chart_leads_to_the_mark_that_was_left() {
    let Some(browser) = opened() else { return };
    enter(&browser);
    step(&browser, key::DOWN);
    let left = step(&browser, key::RIGHT).expect("reuseport was measured with two workers");
    browser.press(&[], key::TAB);
    assert_ne!(focused(&browser), Some(left));
    browser.press(&[key::SHIFT], key::TAB);
    assert_eq!(focused(&browser), Some(left));
}
