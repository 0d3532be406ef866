//! The sheet of a lab: on the page, on paper, on the terminal and in other pages. Records that are of no
//! lab know nothing of it.

use super::pages::digest_of;
use reports::page::{self, embed, handout, verify};
use reports::record::{Lab, LabItem, Record};
use reports_testing::records::labs::{extreme, usual};
use reports_testing::records::{full, quick, record};

fn drawn(record: &Record) -> String {
    page::render(record).expect("every record has a page")
}

fn lab(record: &Record) -> &Lab {
    record.lab.as_ref().expect("it is of a lab")
}

/// The page without its styles and its data.
fn shown(page: &str) -> String {
    let (head, rest) = page.split_once("<style>").expect("a page has styles");
    let (_, body) = rest.split_once("</style>").expect("they end");
    let body = body.split_once("id=\"record\"").map_or(body, |(body, _)| body);
    head.to_owned() + body
}

#[test]
fn the_lab_is_the_first_section_and_has_all_that_was_asked_done_and_seen() {
    let record = usual();
    let page = drawn(&record);
    let (_, main) = page.split_once("<main>\n").unwrap();
    assert!(main.starts_with("<section id=\"lab\">"), "{}", &main[..60]);
    let (section, _) = main.split_once("</section>").unwrap();
    let lab = lab(&record);
    for text in [&lab.aim, &lab.discuss[1], &lab.events[0].text] {
        assert!(section.contains(text.as_str()), "{text}");
    }
    assert!(section.contains("call it 100\u{a0}%"), "the question, unbroken");
    assert_eq!(section.matches("<p>Each request here").count(), 1);
    assert_eq!(section.matches("<p>More workers than cores do not").count(), 1);
    assert!(page.contains("<h1>More workers than cores</h1>"));
    assert!(page.contains("<ul>\n<li><a href=\"#lab\">"));
    assert!(section.contains(
        "Guess and observation are farthest apart for ‘4 workers’: 400 against 185\u{a0}%. As \
         expected on two cores: 3 of 4."
    ));
}

#[test]
fn chart_and_table_have_guess_observation_and_range_of_each_item() {
    let figure = reports::lab::figure(lab(&usual()));
    assert!(figure.starts_with("<figure>") && figure.ends_with("</figure>"));
    for (row, observed) in [(1, "100"), (2, "187"), (3, "185"), (4, "142")] {
        for part in ["guess", "observed", "expected"] {
            let key = format!("data-figure=\"lab/{row}/{part}\"");
            assert_eq!(figure.matches(&key).count(), 1, "{key}: once, in the wide variant");
        }
        let cell = format!("<td data-figure=\"observed\"><b>{observed}</b></td>");
        assert_eq!(figure.matches(&cell).count(), 1, "{cell}");
    }
    assert!(figure.contains("<title>8 workers: expected on two cores: 150–200 %</title>"));
    assert!(figure.contains("<td data-figure=\"expected\">150–200</td><td>below</td>"));
    assert!(figure.contains("<th scope=\"row\">1 worker <span>the base of the others</span></th>"));
    assert_eq!(figure.matches("<svg ").count(), 2);
    for never in [" style=", "NaN", "inf", "(logarithmic)"] {
        assert!(!figure.contains(never), "{never}");
    }
}

#[test]
fn zero_beside_thousands_stands_on_a_logarithmic_axis_and_open_ranges_have_no_second_bound() {
    let figure = reports::lab::figure(lab(&extreme()));
    assert!(figure.contains("(logarithmic)"));
    assert!(figure.contains("single &lt;b&gt;: guessed 64"));
    assert!(figure.contains("reuseport: expected on two cores: at least 1,000"));
    assert!(figure.contains("<title>least-connections: expected on two cores: at least 1</title>"));
    assert!(figure.contains("threads: no figure"), "in the description");
    assert!(figure.contains("…</text>"), "a name that is too long for the chart is cut");
    let (_, table) = figure.split_once("<table").unwrap();
    assert!(table.contains("shared: the kernel lets whoever is awake accept, and nobody was</th>"));
}

#[test]
fn a_lab_without_any_number_has_a_table_and_no_chart() {
    let items = vec![LabItem { name: "alone".to_owned(), ..LabItem::default() }];
    let figure = reports::lab::figure(&Lab { items, ..Lab::default() });
    assert!(!figure.contains("<svg") && figure.contains("<th scope=\"row\">alone</th>"));
    assert!(figure.contains("Nothing was observed."));
    let none = reports::lab::figure(&Lab::default());
    assert!(none.contains("Nothing was observed."));
}

#[test]
fn the_style_for_other_pages_has_the_colours_and_the_layout_of_the_figure() {
    let style = &**reports::lab::STYLE;
    for part in ["--band:", ".f-band{", ".k-s4{", "data-theme=dark", ".guessed svg.narrow{"] {
        assert!(style.contains(part), "{part}");
    }
}

#[test]
fn what_is_said_of_two_cores_is_qualified_elsewhere_and_short_rounds_are_named() {
    let page = drawn(&extreme());
    assert!(page.contains("The rounds were shortened, so its figures are rough. What is expected holds on two cores; this machine has 8 CPUs."));
    assert!(!drawn(&usual()).contains("The rounds were shortened"));
}

#[test]
fn no_text_of_a_lab_is_taken_for_markup() {
    let mut record = extreme();
    let hostile = "</script></style><script>alert(1)</script>";
    if let Some(lab) = &mut record.lab {
        for text in
            [&mut lab.title, &mut lab.aim, &mut lab.question, &mut lab.quantity, &mut lab.unit]
        {
            text.push_str(hostile);
        }
        lab.explanation.push_str(hostile);
        lab.discuss[0].push_str(hostile);
        lab.events[0].text.push_str(hostile);
        lab.events[0].round.push_str(hostile);
        lab.items[0].name.push_str(hostile);
        lab.items[0].note.push_str(hostile);
    }
    for page in [drawn(&record), handout::render(&record).unwrap()] {
        assert!(!page.contains("<script>alert"));
        assert_eq!(page.matches("</style>").count(), 1);
    }
}

#[test]
fn the_page_of_a_lab_verifies_and_an_altered_guess_is_found_and_named() {
    for record in [usual(), extreme()] {
        let page = drawn(&record);
        assert_eq!(verify::verify(&page).unwrap().differences, []);
        assert_eq!(embed::open(&page).unwrap().record.lab, record.lab);
    }
    let page = drawn(&usual());
    let (from, to) = ("<td data-figure=\"guess\">400</td>", "<td data-figure=\"guess\">200</td>");
    let altered = page.replacen(from, to, 1);
    assert_ne!(altered, page);
    let differences = verify::verify(&altered).unwrap().differences;
    assert_eq!(
        differences.iter().map(|difference| difference.place.as_str()).collect::<Vec<_>>(),
        ["table ‘Guess and observation’, row ‘4 workers’, column ‘guess’"]
    );
}

#[test]
fn a_record_that_has_to_be_condensed_keeps_its_lab_whole() {
    let record = Record { lab: extreme().lab, ..record(&full()) };
    let kept = embed::kept(&record);
    assert!(kept.condensed.is_some());
    assert_eq!(kept.lab, record.lab);
    let page = drawn(&record);
    assert_eq!(verify::verify(&page).unwrap().differences, []);
}

#[test]
fn the_handout_of_a_lab_has_room_to_write_and_says_what_it_leaves_to_the_report() {
    let record = usual();
    let sheet = handout::render(&record).unwrap();
    let lab = lab(&record);
    for text in [&lab.title, &lab.aim, &lab.discuss[0], &lab.events[0].text, &record.command] {
        assert!(sheet.contains(text.as_str()), "{text}");
    }
    assert_eq!(sheet.matches("<span class=\"line\"></span>").count(), 3 * 5);
    assert!(sheet.contains("AMD EPYC 7B13"), "the machine");
    assert!(!sheet.contains("Three questions"), "those are the general handout’s");
    let full = handout::render(&extreme()).unwrap();
    assert!(full.contains("The report has 8 more rounds."));
    assert_eq!(full.matches("and 6 more</dd>").count(), 6);
    assert!(full.contains("<b>−0.5 s</b>"));
}

#[test]
fn a_handout_is_let_in_by_its_own_policy_and_asks_for_nothing() {
    let sheet = handout::render(&usual()).unwrap();
    assert!(sheet.contains(&format!("style-src 'sha256-{}'", digest_of(&sheet, "style"))));
    for never in ["<script", " style=", "http://", "https://", "url("] {
        assert!(!sheet.contains(never), "{never}");
    }
}

#[test]
fn terminal_markdown_json_and_slides_have_the_lab_too() {
    let record = usual();
    let text = reports::export::terminal::summary(&record);
    assert!(text.starts_with("More workers than cores (throughput against one worker, %)\n\nfor "));
    assert!(text.contains("\n4 workers    400       185                150–200\n"), "{text}");
    assert!(text.lines().all(|line| line.chars().count() <= reports::export::text_table::WIDTH));
    let markdown = reports::export::markdown(&record).unwrap();
    assert!(markdown.starts_with("### More workers than cores\n\n"));
    assert!(markdown.contains("\n| 4 workers | 400 | 185 | 150–200 |  |\n"), "{markdown}");
    let json: serde_json::Value =
        serde_json::from_str(&reports::export::json(&record).unwrap()).unwrap();
    assert_eq!(json["lab"]["items"][2]["guess"], 400.0);
    let slides = reports::export::svg_export::slides(&record).unwrap();
    assert_eq!(slides[0].name, "guess-oversubscription.svg");
    assert!(slides[0].svg.contains("xmlns"));
}

#[test]
fn a_record_of_no_lab_says_nothing_of_one_anywhere() {
    let record = record(&quick());
    assert!(!record.to_json().unwrap().contains("\"lab\""));
    let page = drawn(&record);
    assert!(!shown(&page).contains("#lab") && !page.contains(".guessed"));
    assert!(page.contains("</ul></nav>\n<main>\n<section id=\"scaling\">"));
    assert!(handout::render(&record).unwrap().contains("Three questions"));
    assert!(!reports::export::json(&record).unwrap().contains("\"lab\""));
}

#[test]
fn a_lab_of_which_little_was_written_down_can_be_read() {
    let mut json: serde_json::Value = serde_json::from_str(&usual().to_json().unwrap()).unwrap();
    json["lab"] = serde_json::json!({ "title": "Bare", "items": [{ "name": "it", "guess": 1 }] });
    let record = Record::from_value(json).unwrap();
    assert_eq!(lab(&record).items[0].guess, Some(1.0));
    assert!(drawn(&record).contains("<h1>Bare</h1>"));
}
