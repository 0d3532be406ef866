//! No text is clipped, none lies on other text: on a telephone, a tablet, a projector and on paper.

use super::sample_pages::{A4, WIDTHS, pages, usual};
use reports_testing::browser::{browser, complaints, prefer, resize};

const LAYOUT: &str = include_str!("layout.js");

#[test]
fn no_text_is_clipped_or_lies_on_other_text_at_any_width() {
    let Some(browser) = browser() else { return };
    for page in pages() {
        browser.open(&page.url);
        for width in WIDTHS {
            resize(&browser, (width, 900));
            let found = complaints(&browser, LAYOUT);
            assert!(found.is_empty(), "{} at {width}: {found:#?}", page.name);
        }
    }
}

#[test]
fn on_paper_no_text_is_clipped_and_every_chart_fits_on_one_sheet() {
    let Some(browser) = browser() else { return };
    resize(&browser, A4);
    prefer(&browser, "print", &[]);
    let tall = format!(
        "return [...document.querySelectorAll('figure')]
           .filter((figure) => figure.offsetHeight > {} || getComputedStyle(figure).breakInside !== 'avoid')
           .map((figure) => figure.textContent.slice(0, 60));",
        A4.1
    );
    for page in pages() {
        browser.open(&page.url);
        let found = complaints(&browser, LAYOUT);
        assert!(found.is_empty(), "{}: {found:#?}", page.name);
        let found = complaints(&browser, &tall);
        assert!(found.is_empty(), "{}: {found:#?}", page.name);
    }
}

#[test]
fn text_that_is_clipped_or_covered_is_noticed() {
    let Some(browser) = browser() else { return };
    resize(&browser, (768, 900));
    browser.open(&usual().url);
    browser.run(
        "const place = (word, left, top) => {
           const p = document.createElement('p');
           p.textContent = word;
           Object.assign(p.style, { position: 'absolute', left: `${left}px`, top: `${top}px` });
           document.body.append(p);
         };
         place('wayside', 760, 5);
         place('below', 300, 2);
         place('above', 305, 4);
         const chart = document.querySelector('figure svg');
         const label = chart.querySelector('text').cloneNode(true);
         label.textContent = 'twice';
         label.setAttribute('x', Number(label.getAttribute('x')) + 8);
         chart.append(label);",
    );
    let found = complaints(&browser, LAYOUT);
    for word in ["\"wayside\" is clipped", "\"below\" lies on", "twice"] {
        assert!(found.iter().any(|complaint| complaint.contains(word)), "{word}: {found:#?}");
    }
}
