//! Charts and tables show the same figures, and a mark stands where its figure is on the axis.

use super::sample_pages::{opened, pages, usual};
use reports_testing::browser::{browser, complaints};

const FIGURES: &str = include_str!("figures.js");

/// Marks of the charts of throughput that are more than a pixel from where their axis has them.
const PLACES: &str = "
    const number = (text) => Number(text.replaceAll(',', ''));
    const figure = ({ dataset }) => {
      const cell = dataset.figure.replace(/\\/rps$/, '');
      return number(document.querySelector(`tr[data-cell='${cell}'] td[data-figure=rps]`).textContent);
    };
    const middle = (element) => {
      const box = element.getBoundingClientRect();
      return (box.top + box.bottom) / 2;
    };
    const off = [];
    for (const mark of document.querySelectorAll('svg.wide .mark[data-figure$=\"/rps\"]')) {
      const ticks = [...mark.ownerSVGElement.querySelectorAll('.axes text[text-anchor=end]')]
        .sort((a, b) => number(a.textContent) - number(b.textContent));
      const [low, high] = [ticks[0], ticks.at(-1)];
      const share = figure(mark) / number(high.textContent);
      const expected = middle(low) + share * (middle(high) - middle(low));
      const found = middle(mark.lastElementChild);
      if (!(Math.abs(found - expected) <= 1)) off.push(`${mark.dataset.figure}: ${found}, not ${expected}`);
    }
    return off;";

#[test]
fn every_cell_of_a_table_equals_its_mark_in_the_chart() {
    let Some(browser) = browser() else { return };
    for page in pages() {
        browser.open(&page.url);
        let found = complaints(&browser, FIGURES);
        assert!(found.is_empty(), "{}: {found:#?}", page.name);
    }
}

#[test]
fn a_figure_that_chart_and_table_show_differently_is_noticed() {
    let Some(browser) = browser() else { return };
    browser.open(&usual().url);
    browser.run(
        "const [one, other] = document.querySelectorAll('td[data-figure=rps]');
         one.textContent = '12,345';
         const { cell } = other.closest('tr').dataset;
         document.querySelector(`.mark[data-figure='${cell}/rps']`).remove();",
    );
    let found = complaints(&browser, FIGURES);
    assert!(found.iter().any(|complaint| complaint.contains("12,345")), "{found:?}");
    assert!(found.iter().any(|complaint| complaint.ends_with("is drawn 0 times")), "{found:?}");
}

#[test]
fn a_mark_of_throughput_stands_where_its_figure_is_on_the_axis() {
    let Some(browser) = opened() else { return };
    let found = complaints(&browser, PLACES);
    assert!(found.is_empty(), "{found:#?}");
    browser.run(
        "const mark = document.querySelector('svg.wide .mark[data-figure$=\"/rps\"]');
         mark.setAttribute('transform', 'translate(0 3)');",
    );
    assert_eq!(complaints(&browser, PLACES).len(), 1, "a mark three pixels off is noticed");
}
