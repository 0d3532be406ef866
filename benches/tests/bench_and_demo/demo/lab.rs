//! Each lab from prediction to handout, shortened ([`crate::labs`] tests its trials).

use reports::record::Record;
use reports_testing::browser::Driver;
use reports_testing::browser::browser;

use super::show::{Show, Told, eventually_in};

const LABS: [&str; 6] =
    ["oversubscription", "generator", "hash", "keepalive", "omission", "recover"];

/// Opens a lab's card from the list, guesses the middle of what can be guessed, and starts it.
fn guess(browser: &Driver, name: &str) {
    let open = format!("document.querySelector('#lab-list [data-lab=\"{name}\"]')");
    eventually_in(browser, "the lab is in the list", &format!("{open} && !{open}.disabled"));
    browser.run(&format!("{open}.click()"));
    eventually_in(
        browser,
        "its card asks",
        "document.querySelector('#lab[data-stage=\"predict\"]')",
    );
    let expected = browser.run("return document.getElementById('lab').textContent");
    let expected = expected.as_str().unwrap_or_default();
    assert!(!expected.contains("expected"), "nothing is given away: {expected}");
    browser.run(
        "for (const field of document.querySelectorAll('#lab input[type=number]')) { \
         field.value = field.min; field.dispatchEvent(new Event('input', { bubbles: true })); \
         field.dispatchEvent(new Event('change', { bubbles: true })); } \
         document.querySelector('#lab button.go').click();",
    );
}

/// Waits for the lab's end; its card as it is told.
fn result(told: &Told, name: &str) -> serde_json::Value {
    let card = told.event("the lab comes to its end", |kind, card| {
        let over = matches!(card["stage"].as_str(), Some("result" | "failed"));
        kind == "lab" && card["name"] == name && over
    });
    assert_eq!(card["stage"], "result", "{card}");
    card
}

#[test]
fn each_lab_goes_from_prediction_to_handout() {
    let Some(browser) = browser() else { return };
    let (_out, show, told) = Show::for_short_labs();
    for name in LABS {
        browser.open(&show.url);
        guess(&browser, name);
        // The mode's controls are the lab's for now.
        told.event("the lab runs", |kind, card| {
            kind == "lab" && card["name"] == name && card["stage"] == "running"
        });
        let (status, answer) = show.act("/scale?workers=3");
        assert_eq!(status, 409, "{answer}");
        assert!(answer["error"].as_str().is_some_and(|line| line.contains("lab")), "{answer}");
        let card = result(&told, name);
        eventually_in(
            &browser,
            "the result is shown",
            "document.querySelector('#lab[data-stage=\"result\"] svg')",
        );
        for item in card["items"].as_array().expect("a lab has items") {
            // What a busy machine kept from being observed says why.
            let note = item["note"].as_str().unwrap_or_default();
            let seen = item["observed"].is_number() || note.contains(" left out: ");
            assert!(item["guess"].is_number() && seen, "{name}: {item}");
        }
        let (status, text) = show.ask("GET", "/lab/record.json", &[]);
        assert_eq!(status, 200);
        let record = Record::from_json(&text).expect("it is a record");
        let lab = record.lab.as_ref().expect("it has a sheet");
        assert_eq!(lab.name, name);
        let is_whole = record.trials.iter().all(|trial| trial.result().is_some());
        assert!(is_whole, "{name}: {:?}", record.trials);
        let (_, page) = show.ask("GET", "/lab/index.html", &[]);
        assert!(page.contains("id=\"lab\""), "{name}");
        let (_, handout) = show.ask("GET", "/lab/handout.html", &[]);
        // But for the apostrophes, which are written otherwise in HTML.
        let is_its = lab.title.split('\'').all(|part| handout.contains(part));
        assert!(is_its && handout.contains("<svg"), "{name}");
        show.done("/lab/leave");
        told.under_load(2);
    }
}

#[test]
fn a_lab_that_is_given_up_gives_the_cluster_back() {
    let (_out, show, told) = Show::for_short_labs();
    show.done("/lab?name=omission");
    let card = show.guess_nothing(&told);
    let items = card["items"].as_array().expect("a lab has items");
    assert!(items.iter().all(|item| item["low"].is_null() && item["observed"].is_null()));
    told.frame("it loads a server of its own", |frame| {
        frame["playing"] == "lab" && frame["load"]["rps"].as_f64() > Some(0.0)
    });
    show.done("/lab/leave");
    told.event("the card is gone", |name, card| name == "lab" && card["stage"] == "none");
    let after = told.under_load(2);
    assert_eq!(after["playing"], "free");
    let last = show.pause(&told);
    assert_eq!(last["settings"]["load"]["paused"], true);
}
