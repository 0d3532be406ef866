//! Walks through a page and knows where it is: in which section, table, row and column, in which chart.
//! It reads what this crate writes, and gets through anything else.

/// A tag, with its brackets, or the text between two tags.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Token<'a> {
    /// Where it begins, in bytes.
    pub at: usize,
    /// It, as it stands in the page.
    pub text: &'a str,
}

impl<'a> Token<'a> {
    /// Whether it is a tag.
    pub fn is_tag(&self) -> bool {
        self.text.starts_with('<')
    }

    /// A tag's name, with a slash before that of an end tag; empty for text.
    pub fn name(&self) -> &'a str {
        let name = self.text.strip_prefix('<').unwrap_or_default();
        let end = name.find([' ', '>', '\n']).unwrap_or(name.len());
        &name[..end]
    }

    /// The value of an attribute; empty without it.
    pub fn attribute(&self, name: &str) -> &'a str {
        let begin = format!(" {name}=\"");
        let value = self.text.split_once(&begin).map_or("", |(_, rest)| rest);
        value.split_once('"').map_or("", |(value, _)| value)
    }
}

/// Cuts a page into tags and texts; what is in `style` and `script` is one text each.
pub fn tokens(page: &str) -> impl Iterator<Item = Token<'_>> {
    let mut at = 0;
    let mut raw: Option<&str> = None;
    std::iter::from_fn(move || {
        let rest = page.get(at..).filter(|rest| !rest.is_empty())?;
        let length = match raw.take() {
            Some(end) => rest.find(end).unwrap_or(rest.len()),
            None if rest.starts_with('<') => rest.find('>').map_or(rest.len(), |end| end + 1),
            None => rest.find('<').unwrap_or(rest.len()),
        };
        let token = Token { at, text: &rest[..length] };
        at += length;
        raw = match token.name() {
            "style" => Some("</style"),
            "script" => Some("</script"),
            _ => None,
        };
        Some(token)
    })
}

/// Where in a page a walk is.
#[derive(Debug, Clone, Default)]
pub struct Walk {
    /// The innermost tags that matter, by their names: `h1`, `h2`, `h3`, `dt`, `th`, `td`, …
    element: String,
    section: String,
    figure: Figure,
    table: Option<Table>,
    /// The name of the key figure or of the fact.
    entry: String,
}

/// A chart and where in it.
#[derive(Debug, Clone, Default)]
struct Figure {
    inside: bool,
    caption: String,
    /// Its id; empty until its drawing begins.
    id: String,
}

/// A table and where in it.
#[derive(Debug, Clone, Default)]
struct Table {
    name: String,
    columns: Vec<String>,
    in_head: bool,
    /// The cells of the row so far that name it.
    row: Vec<String>,
    /// How many cells of the row have begun.
    cells: usize,
}

impl Walk {
    /// Goes one token on.
    pub fn step(&mut self, token: Token<'_>) {
        if token.is_tag() {
            self.enter(token);
        } else {
            self.read(token.text);
        }
    }

    fn enter(&mut self, token: Token<'_>) {
        let name = token.name();
        match name {
            "section" => {
                token.attribute("id").clone_into(&mut self.section);
                self.entry.clear();
            }
            "div" if token.attribute("role") == "region" => {
                let name = token.attribute("aria-label").to_owned();
                self.table = Some(Table { name, ..Table::default() });
            }
            "/table" => self.table = None,
            "figure" => self.figure = Figure { inside: true, ..Figure::default() },
            "/figure" => self.figure = Figure::default(),
            "svg" if self.figure.inside => {
                let label = token.attribute("aria-labelledby");
                let first = label.split(' ').next().unwrap_or_default();
                let id = first.trim_end_matches('t').trim_end_matches('n');
                id.clone_into(&mut self.figure.id);
            }
            "li" | "/ul" | "/dl" => self.entry.clear(),
            _ => {}
        }
        if let Some(table) = &mut self.table {
            table.enter(name);
        }
        self.element.clear();
        if !name.starts_with('/') {
            let kind = if name == "script" { "id" } else { "class" };
            self.element = format!("{name} {}", token.attribute(kind));
        }
    }

    fn read(&mut self, text: &str) {
        match self.element.trim_end() {
            "h2" => text.clone_into(&mut self.section),
            "figcaption" => text.clone_into(&mut self.figure.caption),
            "dt" | "span key-name" => text.clone_into(&mut self.entry),
            element => {
                let element = element.split(' ').next().unwrap_or_default();
                if let Some(table) = &mut self.table {
                    table.read(element, text);
                }
            }
        }
    }

    /// Where it is, for a person.
    pub fn place(&self) -> String {
        if let Some(table) = &self.table {
            return table.place();
        }
        if self.figure.inside {
            let part = if self.figure.id.is_empty() { ", its heading" } else { "" };
            return format!("chart ‘{}’{part}", short(&self.figure.caption));
        }
        match self.element.trim_end() {
            "style" => return "the style sheet".to_owned(),
            "script record" => return "the embedded record".to_owned(),
            "script" => return "the script".to_owned(),
            "h1" | "p lead" => return "the answer".to_owned(),
            _ => {}
        }
        match (self.section.as_str(), self.entry.as_str()) {
            ("", "") => "the head of the page".to_owned(),
            ("", entry) => format!("key figure ‘{}’", short(entry)),
            (section, "") => format!("section ‘{}’", short(section)),
            (section, entry) => format!("section ‘{}’, ‘{}’", short(section), short(entry)),
        }
    }

    /// Where it is, if a number may stand here, in words that do not depend on the numbers.
    pub fn key(&self) -> Option<String> {
        if let Some(table) = &self.table {
            return (!table.in_head).then(|| table.place());
        }
        if self.figure.inside {
            return (!self.figure.id.is_empty()).then(|| format!("chart {}", self.figure.id));
        }
        match self.element.trim_end() {
            "h1" | "p lead" => Some("the answer".to_owned()),
            _ if !self.section.is_empty() || self.entry.is_empty() => None,
            _ => Some(format!("key figure ‘{}’", self.entry)),
        }
    }
}

impl Table {
    fn enter(&mut self, tag: &str) {
        match tag {
            "thead" => self.in_head = true,
            "/thead" => self.in_head = false,
            "tr" => {
                self.cells = 0;
                self.row.clear();
                if self.in_head {
                    // The last row of the head names the columns.
                    self.columns.clear();
                }
            }
            "th" | "td" => self.cells += 1,
            _ => {}
        }
    }

    fn read(&mut self, element: &str, text: &str) {
        if self.in_head && element == "th" {
            self.columns.push(text.to_owned());
        } else if element == "th" || self.column() == "workers" {
            self.row.push(text.to_owned());
        }
    }

    fn column(&self) -> &str {
        let column = self.cells.checked_sub(1).and_then(|index| self.columns.get(index));
        column.map_or("", String::as_str)
    }

    fn place(&self) -> String {
        let table = format!("table ‘{}’", self.name);
        match (self.in_head, self.cells) {
            (false, 0) => table,
            (true, _) => format!("{table}, its head"),
            (false, _) if self.row.is_empty() => format!("{table}, column ‘{}’", self.column()),
            _ => format!("{table}, row ‘{}’, column ‘{}’", self.row.join(", "), self.column()),
        }
    }
}

/// A long text cut short.
fn short(text: &str) -> String {
    const MOST: usize = 60;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}
