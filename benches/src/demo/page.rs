//! The page that a teacher projects: plain files, in the binary. It loads nothing but these, and
//! has neither style nor script in its HTML, so that the strictest policy holds.

use reports::lab;
use reports::svg::escaped;

const PAGE: &str = include_str!("page/page.html");
const STYLE: &str = include_str!("page/style.css");
const TOKEN: &str = "@TOKEN@";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";

/// The file names of scripts with their text.
macro_rules! scripts {
    ($($name:ident),* $(,)?) => { [$((
        concat!(stringify!($name), ".js"),
        include_str!(concat!("page/script/", stringify!($name), ".js")),
    )),*] };
}

const SCRIPTS: [(&str, &str); 26] = scripts![
    act, card, charts, commands, company, controls, cores, dots, drawing, elements, fields, labs,
    main, minute, modes, news, permit, scale, scheme, seats, sheet, stage, stream, summary, words,
    workers,
];

pub fn asset(path: &str) -> Option<(&'static str, &'static str)> {
    match path {
        "/style.css" => Some((CSS, STYLE)),
        // The palette, and the look of a lab's figure.
        "/report.css" => Some((CSS, lab::STYLE.as_str())),
        _ => {
            let name = path.strip_prefix("/script/")?;
            let (_, text) = SCRIPTS.iter().find(|(known, _)| *known == name)?;
            Some((SCRIPT, text))
        }
    }
}

/// The page with its token; empty where the token comes from the address.
pub fn page(token: &str) -> String {
    PAGE.replace(TOKEN, &escaped(token))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn imports(text: &str) -> impl Iterator<Item = &str> {
        let rests = text.split(" from \"./").skip(1);
        rests.map(|rest| rest.split('"').next().expect("a part is there"))
    }

    fn values(attribute: &str) -> impl Iterator<Item = &'static str> + '_ {
        PAGE.split(attribute).skip(1).map(|rest| rest.split('"').next().expect("a part is there"))
    }

    #[test]
    fn every_script_is_reached_from_the_first_and_every_import_exists() {
        let mut reached = BTreeSet::new();
        let mut ahead = vec!["main.js"];
        while let Some(name) = ahead.pop() {
            let path = format!("/script/{name}");
            let (_, text) = asset(&path).unwrap_or_else(|| panic!("{path} is imported"));
            if reached.insert(name) {
                let imported = text.matches(" from \"").count();
                assert_eq!(imports(text).count(), imported, "{name} imports files beside it");
                ahead.extend(imports(text));
            }
        }
        assert_eq!(reached, SCRIPTS.iter().map(|(name, _)| *name).collect());
    }

    #[test]
    fn what_the_page_loads_exists_and_nothing_is_from_elsewhere() {
        let loaded: Vec<&str> = values(" src=\"").chain(values(" href=\"")).collect();
        assert!(loaded.contains(&"/script/main.js"));
        for address in loaded {
            assert!(address == "data:," || asset(address).is_some(), "{address}");
        }
        let scripts = SCRIPTS.map(|(_, text)| text);
        for text in [PAGE, STYLE, lab::STYLE.as_str()].into_iter().chain(scripts) {
            let text = text.replace("http://www.w3.org/2000/svg", "");
            for never in ["http:", "https:", "//cdn", "@import", "url("] {
                assert!(!text.contains(never), "{never}");
            }
        }
    }

    #[test]
    fn the_page_has_no_style_nor_script_of_its_own() {
        for never in ["<style", " style=", "<script>", " onclick=", " onload=", "javascript:"] {
            assert!(!PAGE.contains(never), "{never}");
        }
        let modules = PAGE.matches("<script type=\"module\" src=").count();
        assert_eq!(PAGE.matches("<script").count(), modules);
        for (name, text) in SCRIPTS {
            for never in ["eval(", "new Function", "\"style\"", "cssText"] {
                assert!(!text.contains(never), "{name}: {never}");
            }
        }
    }

    #[test]
    fn every_file_opens_by_saying_what_it_is() {
        for (name, text) in SCRIPTS {
            assert!(text.starts_with("// "), "{name}");
        }
        assert!(STYLE.starts_with("/* "));
    }

    #[test]
    fn the_modes_are_told_in_the_reports_words() {
        let (_, text) = asset("/script/modes.js").expect("it is there");
        for mode in reports::modes::MODES {
            for (key, words) in
                [("binds", mode.binds), ("accepts", mode.accepts), ("chooses", mode.chooses)]
            {
                let line = format!("{key}: \"{words}\",");
                assert!(text.contains(&line), "{}: {line}", mode.name);
            }
        }
    }

    #[test]
    fn the_token_stands_once_in_the_page_and_cannot_leave_its_attribute() {
        assert_eq!(PAGE.matches(TOKEN).count(), 1);
        assert!(page("abc").contains("<meta name=\"token\" content=\"abc\">"));
        assert!(page("\"><script>").contains("content=\"&quot;&gt;&lt;script&gt;\""));
    }

    #[test]
    fn other_paths_hold_nothing() {
        for path in ["/", "/script/", "/script/none.js", "/script/../page.rs", "/page.html", ""] {
            assert_eq!(asset(path), None, "{path}");
        }
    }
}
