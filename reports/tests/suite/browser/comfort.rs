//! Sorting, hiding, highlighting, dark and light: what the script adds.

use serde_json::{Value, json};

use super::sample_pages::{opened, usual};
use reports_testing::browser::Driver;
use reports_testing::browser::{browser, prefer};

/// Clicks a button by its label: `within` a selector.
fn click(browser: &Driver, within: &str, label: &str) {
    let clicked = browser.run(&format!(
        "const button = [...document.querySelectorAll('{within} button')]
           .find((button) => button.textContent === '{label}');
         button?.click();
         return Boolean(button);"
    ));
    assert_eq!(clicked, true, "a button {label} within {within}");
}

/// Workload and text of a column of the table with this label, row by row.
fn column(browser: &Driver, table: &str, place: usize) -> Vec<(String, String)> {
    let rows = browser.run(&format!(
        "return [...document.querySelectorAll('[aria-label=\"{table}\"] tbody tr')]
           .map((row) => [row.cells[0].textContent, row.cells[{place}].textContent]);"
    ));
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let rows = rows.as_array().expect("a list of rows");
    rows.iter().map(|row| (text(&row[0]), text(&row[1]))).collect()
}

fn of(rows: &[(String, String)], workload: &str) -> Vec<f64> {
    let own = rows.iter().filter(|(name, _)| name == workload);
    own.map(|(_, text)| text.replace(',', "").parse().expect("a number")).collect()
}

#[test]
fn a_heading_sorts_numbers_within_each_workload_and_the_third_click_restores_the_order() {
    let Some(browser) = browser() else { return };
    browser.open(&usual().url);
    let (table, within) = ("Throughput and speed-up", "[aria-label=\"Throughput and speed-up\"]");
    let before = column(&browser, table, 4);
    let workloads = |rows: &[(String, String)]| -> Vec<String> {
        rows.iter().map(|(workload, _)| workload.clone()).collect()
    };
    click(&browser, within, "mean");
    let rising = column(&browser, table, 4);
    assert!(of(&rising, "work").is_sorted());
    assert_ne!(rising, before);
    assert_eq!(workloads(&rising), workloads(&before), "workloads stay together, in their order");
    click(&browser, within, "mean");
    assert!(of(&column(&browser, table, 4), "work").iter().rev().is_sorted());
    let sort = browser.run("return document.querySelector('th[aria-sort]').ariaSort");
    assert_eq!(sort, "descending");
    click(&browser, within, "mean");
    assert_eq!(column(&browser, table, 4), before);
    assert_eq!(browser.run("return document.querySelector('th[aria-sort]')"), Value::Null);
}

#[test]
fn times_are_sorted_by_what_they_are_and_not_by_their_digits() {
    let Some(browser) = browser() else { return };
    browser.open(&usual().url);
    browser.run(
        "const cells = [...document.querySelectorAll('[aria-label=Latency] tbody tr')].slice(0, 5)
           .map((row) => row.cells[5]);
         ['1.00 s', '85.0 µs', '', '2.00 ms', '999 µs'].forEach((time, row) => cells[row].textContent = time);",
    );
    click(&browser, "[aria-label=Latency]", "99");
    let times = |browser: &Driver| -> Vec<String> {
        column(browser, "Latency", 5).into_iter().take(5).map(|(_, time)| time).collect()
    };
    assert_eq!(times(&browser), ["85.0 µs", "999 µs", "2.00 ms", "1.00 s", ""]);
    click(&browser, "[aria-label=Latency]", "99");
    assert_eq!(times(&browser), ["1.00 s", "2.00 ms", "999 µs", "85.0 µs", ""]);
}

#[test]
fn a_hidden_series_is_gone_from_every_chart_and_table_and_the_page_says_so_on_paper_too() {
    let Some(browser) = opened() else { return };
    let shown = "
        return [...document.querySelectorAll('[data-series=reuseport]:not(button)')]
          .filter((element) => element.getClientRects().length).length;";
    let note = "
        const note = document.querySelector('.hidden-note');
        return note.getClientRects().length ? note.textContent : '';";
    let all = browser.run(shown);
    assert!(all.as_u64() > Some(20), "{all}");
    assert_eq!(browser.run(note), "");
    click(&browser, ".tools", "reuseport");
    assert_eq!(browser.run(shown), 0);
    prefer(&browser, "print", &[]);
    let words = browser.run(note);
    assert!(
        words.as_str().is_some_and(|w| w.starts_with("1 series hidden: reuseport.")),
        "{words}"
    );
    prefer(&browser, "", &[]);
    click(&browser, ".tools", "reuseport");
    assert_eq!(browser.run(shown), all);
    assert_eq!(browser.run(note), "");
}

#[test]
fn a_series_that_is_pointed_at_stands_out_in_every_chart_and_its_mark_says_its_figure() {
    let Some(browser) = opened() else { return };
    let seen = browser.run(
        "const mark = [...document.querySelectorAll('svg.wide .mark')]
           .find((mark) => mark.ariaLabel.startsWith('reuseport × 2'));
         mark.scrollIntoView({ behavior: 'instant', block: 'center' });
         const { left, top, width, height } = mark.lastElementChild.getBoundingClientRect();
         const at = { bubbles: true, clientX: left + width / 2, clientY: top + height / 2 };
         mark.lastElementChild.dispatchEvent(new PointerEvent('pointerover', at));
         mark.lastElementChild.dispatchEvent(new PointerEvent('pointermove', at));
         const tip = document.querySelector('.tip');
         const lit = [...document.querySelectorAll('[data-series].on')];
         return [tip.hidden, tip.textContent === mark.ariaLabel,
           new Set(lit.map((element) => element.dataset.series)).size,
           new Set(lit.map((element) => element.closest('figure, table'))).size > 10];",
    );
    assert_eq!(seen, json!([false, true, 1, true]));
}

#[test]
fn the_switch_turns_light_to_dark_and_the_choice_is_remembered() {
    let Some(browser) = browser() else { return };
    prefer(&browser, "", &[("prefers-color-scheme", "light")]);
    browser.open(&usual().url);
    let look = "
        return [getComputedStyle(document.body).backgroundColor,
          document.querySelector('.tools button').getAttribute('aria-pressed')];";
    let light = json!(["rgb(255, 255, 255)", "false"]);
    let dark = json!(["rgb(22, 26, 32)", "true"]);
    assert_eq!(browser.run(look), light);
    click(&browser, ".tools", "dark");
    assert_eq!(browser.run(look), dark);
    browser.open(&usual().url);
    assert_eq!(browser.run(look), dark, "remembered");
    prefer(&browser, "print", &[]);
    assert_eq!(browser.run(look)[0], "rgb(255, 255, 255)", "paper is white");
    prefer(&browser, "", &[("prefers-color-scheme", "light")]);
    click(&browser, ".tools", "dark");
    assert_eq!(browser.run(look), light);
    prefer(&browser, "", &[("prefers-color-scheme", "dark")]);
    assert_eq!(browser.run(look), dark, "a choice that is the system's own is forgotten");
}

#[test]
fn the_switch_works_where_the_browser_forbids_storage() {
    let Some(browser) = browser() else { return };
    prefer(&browser, "", &[("prefers-color-scheme", "light")]);
    let forbid =
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no') } });";
    browser.devtools("Page.addScriptToEvaluateOnNewDocument", &json!({ "source": forbid }));
    browser.open(&usual().url);
    click(&browser, ".tools", "dark");
    assert_eq!(browser.run("return document.documentElement.dataset.theme"), "dark");
    assert_eq!(browser.log("browser"), [Value::Null; 0]);
}
