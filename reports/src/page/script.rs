//! The page's script: comfort only, without which nothing is missing. Its files share one scope, which
//! nothing else can see, and come without their indentation and comments: each page carries them.

/// The files in the order in which they run.
const FILES: [&str; 6] = [
    include_str!("../../templates/script/theme.js"),
    include_str!("../../templates/script/series.js"),
    include_str!("../../templates/script/tip.js"),
    include_str!("../../templates/script/marks.js"),
    include_str!("../../templates/script/tables.js"),
    include_str!("../../templates/script/start.js"),
];

/// The text of the one script element.
pub fn text() -> String {
    let statements = FILES.iter().flat_map(|file| file.lines()).filter_map(statement);
    let statements: Vec<&str> = statements.collect();
    format!("(() => {{\n\"use strict\";\n{}\n}})();\n", statements.join("\n"))
}

/// A line without its indentation; none where it only comments. (No string of the script reaches over
/// a line, and comments have lines of their own.)
fn statement(line: &str) -> Option<&str> {
    let line = line.trim();
    let comment = line.starts_with("//") || (line.starts_with("/*") && line.ends_with("*/"));
    (!line.is_empty() && !comment).then_some(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_stay_and_comments_go() {
        assert_eq!(statement("    let tip; "), Some("let tip;"));
        assert_eq!(statement("  // why"), None);
        assert_eq!(statement("/** What it does. */"), None);
        assert_eq!(statement(""), None);
    }

    #[test]
    fn no_comment_is_left_half() {
        for never in ["/*", "*/", "\n//"] {
            assert!(!text().contains(never), "{never}");
        }
    }
}
