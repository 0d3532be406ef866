//! A page proves itself: whatever is altered in it is found and named, and the untouched page verifies.

use std::sync::LazyLock;

use reports::page::embed::{self, OpenError, VERSION};
use reports::page::render;
use reports::page::verify::{MOST, Original, Scope, Verification, VerifyError, verify};
use reports::record::{Outcome, Record, SeriesPoint, Warmup};
use reports_testing::records::{Noise, Plan, cell, large, quick, record, results};

static PAGE: LazyLock<String> =
    LazyLock::new(|| render(&record(&quick())).expect("a record has a page"));
static ORIGINAL: LazyLock<Original> =
    LazyLock::new(|| Original::of(&PAGE).expect("a page has its record"));

/// The data block, from its first byte to its last.
static BLOCK: LazyLock<String> = LazyLock::new(|| {
    let begin = PAGE.find("<script type=\"application/zlib\"").expect("a page has a data block");
    let length = PAGE[begin..].find("</script>").expect("it ends");
    PAGE[begin..begin + length].to_owned()
});

/// What [`verify`] says, with the drawing done once for all pages with the same record.
fn verdict(page: &str) -> Result<Verification, VerifyError> {
    if page.contains(&*BLOCK) {
        return Ok(ORIGINAL.compare(page));
    }
    let opened = embed::open(page)?;
    assert!(opened.json == embed::open(&PAGE)?.json, "what has its digest is this record");
    Ok(ORIGINAL.compare(page))
}

fn found(page: &str) -> bool {
    verdict(page).map_or(true, |verification| !verification.differences.is_empty())
}

/// The places that are named for a page with one edit.
fn places(from: &str, to: &str) -> Vec<String> {
    assert!(PAGE.contains(from), "{from}");
    let edited = PAGE.replacen(from, to, 1);
    let verification = verdict(&edited).expect("the record is untouched");
    verification.differences.into_iter().map(|difference| difference.place).collect()
}

/// Where and how a page is edited.
struct Dice(Noise);

impl Dice {
    fn one_of<'a>(&mut self, text: &'a str) -> &'a str {
        let at = self.0.below(text.len());
        &text[at..=at]
    }

    /// A place after one of the texts `begin`, before the `end` that follows it.
    fn within(&mut self, begin: &str, end: &str) -> usize {
        let starts: Vec<usize> =
            PAGE.match_indices(begin).map(|(at, _)| at + begin.len()).collect();
        let starts: Vec<(usize, usize)> = starts
            .into_iter()
            .filter_map(|at| Some((at, PAGE[at..].find(end)?)))
            .filter(|(_, length)| *length > 0)
            .collect();
        let (at, length) = starts[self.0.below(starts.len())];
        self.boundary(at, at + length)
    }

    /// A place at which a character begins, from `begin` to before `end`.
    fn boundary(&mut self, begin: usize, end: usize) -> usize {
        let at = begin + self.0.below(end - begin);
        (begin..=at).rev().find(|at| PAGE.is_char_boundary(*at)).unwrap_or(begin)
    }
}

/// The page with one random edit of one of nine kinds.
fn edited(kind: usize, dice: &mut Dice) -> String {
    const LETTERS: &str = "0123456789ABCDEFabcdefxyz+/";
    let replaced = |at: usize, with: &str| {
        let length = PAGE[at..].chars().next().map_or(0, char::len_utf8);
        format!("{}{with}{}", &PAGE[..at], &PAGE[at + length..])
    };
    let anywhere = dice.boundary(0, PAGE.len());
    match kind {
        0 => replaced(dice.within("<td>", "</td>"), dice.one_of("0123456789")),
        1 => replaced(dice.within("<p>", "</p>"), dice.one_of(LETTERS)),
        2 => replaced(dice.within(" d=\"", "\""), dice.one_of("0123456789")),
        3 => {
            let begin = PAGE.find(&*BLOCK).expect("it is there");
            replaced(dice.boundary(begin, begin + BLOCK.len()), dice.one_of(LETTERS))
        }
        4 => replaced(dice.within("=\"", "\""), dice.one_of(LETTERS)),
        5 => replaced(anywhere, ""),
        6 => {
            let end = dice.boundary(anywhere, PAGE.len().min(anywhere + 200));
            format!("{}{}", &PAGE[..anywhere], &PAGE[end..])
        }
        7 => format!("{}{}{}", &PAGE[..anywhere], dice.one_of(LETTERS), &PAGE[anywhere..]),
        _ => {
            let mut lines: Vec<&str> = PAGE.split_inclusive('\n').collect();
            let (one, other) = (dice.0.below(lines.len()), dice.0.below(lines.len()));
            lines.swap(one, other);
            lines.concat()
        }
    }
}

#[test]
fn each_of_1000_random_edits_is_found_and_the_untouched_page_is_accepted() {
    let mut dice = Dice(Noise(7));
    let mut edits = 0;
    while edits < 1000 {
        let page = edited(edits % 9, &mut dice);
        if page == *PAGE {
            continue;
        }
        assert!(found(&page), "edit {edits} of kind {}", edits % 9);
        edits += 1;
    }
    let untouched = verify(&PAGE).unwrap();
    assert_eq!((untouched.scope, untouched.differences), (Scope::Bytes, Vec::new()));
    assert_eq!((untouched.trials, untouched.drawn_by.as_str()), (84, VERSION));
}

#[test]
fn edits_are_found_by_the_whole_way_too() {
    let plan = Plan { cores: 1, blocks: 1, cells: vec![cell("hello", "single", 1)] };
    let page = render(&record(&plan)).unwrap();
    assert!(verify(&page).unwrap().differences.is_empty());
    for (from, to) in [("1/1", "2/1"), ("<h2>", "<h2 >"), ("stroke", "Stroke"), ("</html>", "")] {
        let edited = page.replacen(from, to, 1);
        assert_ne!(edited, page);
        assert!(!verify(&edited).unwrap().differences.is_empty(), "{from}");
    }
}

#[test]
fn an_altered_cell_is_named_by_table_row_and_column() {
    let places = places("<td>6/6</td>", "<td>5/6</td>");
    assert_eq!(places, ["table ‘Throughput and speed-up’, row ‘hello, single, 1’, column ‘valid’"]);
}

#[test]
fn other_things_are_named_by_what_they_are() {
    assert_eq!(places("<h1>", "<h1 lang=\"de\">"), ["the answer"]);
    assert_eq!(places("--ink:", "--inc:"), ["the style sheet"]);
    assert_eq!(places(">84<small>", ">85<small>"), ["key figure ‘valid trials’"]);
    assert_eq!(places("Debian GNU", "Debian  GNU"), ["section ‘How it was measured’, ‘System’"]);
    let chart = places(" d=\"M", " d=\"M1");
    assert!(chart.len() == 1 && chart[0].starts_with("chart ‘"), "{chart:?}");
    assert_eq!(places("<title>hello", "<title>Hello"), ["the head of the page"]);
    let version = format!("data-version=\"{VERSION}");
    assert_eq!(places(&version, "data-version=\"0"), ["the embedded record"]);
}

#[test]
fn what_was_added_or_is_missing_is_shown() {
    let added = ORIGINAL.compare(&PAGE.replacen("<main>\n", "<main>\n<p>The best.</p>\n", 1));
    assert_eq!(added.differences[0].found, "<p>The best.</p>");
    assert_eq!(added.differences[0].expected, "");
    let missing = ORIGINAL.compare(PAGE.strip_suffix("</body>\n</html>").unwrap_or(&PAGE));
    assert_eq!(missing.differences[0].found, "");
}

#[test]
fn a_page_that_is_another_all_over_gets_ten_lines_at_most() {
    let other = PAGE.replace('1', "2");
    let body = other.find("<script type").map_or("", |end| &other[..end]);
    let page = format!("{body}{}", &PAGE[PAGE.find("<script type").unwrap()..]);
    assert_eq!(ORIGINAL.compare(&page).differences.len(), MOST);
}

#[test]
fn a_terminal_is_not_given_control_characters_of_a_page() {
    let page = PAGE.replacen("<td>6/6</td>", "<td>\u{1b}[2J6/6</td>", 1);
    let difference = &ORIGINAL.compare(&page).differences[0];
    assert!(difference.found.chars().all(|letter| !letter.is_control()), "{difference:?}");
}

/// The page as another version states that it drew it.
fn by_another_version(page: &str) -> String {
    page.replace(VERSION, "0.0.9+0123456789abcdef")
}

#[test]
fn a_page_of_another_version_is_compared_by_its_numbers_and_says_so() {
    let older = by_another_version(&PAGE).replace("<h2>", "<h2 class=\"old\">");
    let verification = verify(&older).unwrap();
    assert!(verification.differences.is_empty(), "{:?}", verification.differences);
    let Scope::Numbers { places, unmatched } = verification.scope else { panic!("not by bytes") };
    assert!(places > 300 && unmatched == 0, "{places} {unmatched}");
    let edited = older.replacen("<td>6/6</td>", "<td>5/6</td>", 1);
    let differences = verify(&edited).unwrap().differences;
    assert_eq!(differences.len(), 1);
    assert!(differences[0].place.ends_with("row ‘hello, single, 1’, column ‘valid’"));
    assert_eq!((differences[0].expected.as_str(), differences[0].found.as_str()), ("6 6", "5 6"));
}

#[test]
fn a_version_altered_in_one_of_its_two_places_is_found() {
    for begin in ["hello-cluster ", "data-version=\""] {
        let edited = PAGE.replacen(&format!("{begin}{VERSION}"), &format!("{begin}0.0.9"), 1);
        assert_ne!(edited, *PAGE);
        assert!(found(&edited));
        let other = by_another_version(&PAGE);
        let edited = other.replacen(&format!("{begin}0.0.9"), &format!("{begin}0.0.8"), 1);
        assert_ne!(edited, other);
        assert!(!verify(&edited).unwrap().differences.is_empty());
    }
}

#[test]
fn a_record_that_was_changed_is_not_taken_for_the_one_that_was_put_in() {
    let mut other = record(&quick());
    other.trials.truncate(83);
    let other = render(&other).unwrap();
    let data = |page: &str| {
        let begin = page.find("data-left-out").unwrap();
        page[begin..begin + page[begin..].find("</script>").unwrap()].to_owned()
    };
    let forged = PAGE.replace(&data(&PAGE), &data(&other));
    assert!(matches!(embed::open(&forged), Err(OpenError::Digest { .. })));
}

#[test]
fn broken_pages_get_a_reason_and_no_panic() {
    for page in
        ["", "<", "<script", "<!doctype html>", "<script type=\"application/zlib\" id=\"record\">"]
    {
        assert!(matches!(verify(page), Err(VerifyError::Open(OpenError::Missing))), "{page}");
    }
    for end in (0..PAGE.len()).step_by(9973).filter(|end| PAGE.is_char_boundary(*end)) {
        assert!(found(&PAGE[..end]), "cut off at {end}");
    }
}

/// A record of everything that a trial may have.
fn rich() -> Record {
    let mut record = record(&quick());
    for (_, result) in results(&mut record) {
        result.cpu.other_s += 1.0 / 3e7;
        result.service_latency = Some(result.latency.clone());
        let slice = SeriesPoint {
            t_s: -0.1,
            rps: 7.0,
            p50: 1.0,
            p99: 2.0,
            errors: 3,
            steps: vec![(1.5, 4)],
        };
        result.warmup = Some(Warmup { series: vec![slice], ..Warmup::default() });
    }
    record.trials[5].outcome = Outcome::Error("it fell over".to_owned());
    record
}

#[test]
fn a_page_is_drawn_again_byte_for_byte_from_the_record_in_it() {
    for record in [record(&quick()), rich(), record(&large())] {
        let page = render(&record).unwrap();
        let opened = embed::open(&page).unwrap();
        assert!(render(&opened.record).unwrap() == page);
        assert!(opened.record == *embed::kept(&record));
        // A record that went through a file is the same too.
        let read = Record::from_json(&record.to_json().unwrap()).unwrap();
        assert!(render(&read).unwrap() == page);
    }
}

#[test]
fn a_small_record_is_kept_whole_and_a_large_one_says_what_was_left_out() {
    let plan = Plan { cores: 1, blocks: 1, cells: vec![cell("hello", "single", 1)] };
    let small = record(&plan);
    let opened = embed::open(&render(&small).unwrap()).unwrap();
    assert!(opened.record == small);
    assert!(opened.json == small.to_json().unwrap());
    let large = embed::open(&PAGE).unwrap().record;
    let condensed = large.condensed.expect("it does not fit");
    assert!(condensed.left_out.iter().all(|what| PAGE.matches(what).count() == 2));
}

#[test]
fn what_was_left_out_changes_no_figure() {
    use reports::analysis::Analysis;
    let whole = record(&quick());
    let kept = embed::kept(&whole).into_owned();
    assert_ne!(kept, whole);
    let rows = |record: &Record| reports::analysis::tables::rows(&Analysis::of(record));
    for (mut ours, mut theirs) in rows(&kept).into_iter().zip(rows(&whole)) {
        // Over trials' own percentiles: exact ones, where the histograms have two digits.
        ours.p99_interval.clear();
        theirs.p99_interval.clear();
        assert_eq!(ours, theirs);
    }
}
