//! Other load generators whose figures are wanted beside the truth.

use loadgen::plan::Tool;
use serde::Deserialize;
use serde::de::{self, Deserializer};

/// The tools, each once.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tools(Vec<Tool>);

impl Tools {
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|tool| tool.name().to_owned()).collect()
    }
}

impl<'de> Deserialize<'de> for Tools {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let names = Vec::<String>::deserialize(from)?;
        Tool::parse_list(names.iter().map(String::as_str)).map(Self).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::super::File;

    fn suite(tools: &str) -> String {
        let workload = format!("[[workload]]\nname = \"w\"\nconnections = 1\n{tools}\n");
        let cells = "[[cells]]\nworkloads = [\"w\"]\nmodes = [\"single\"]\nworkers = [1]\n";
        format!("name = \"s\"\nblocks = 1\nduration = \"1s\"\n{workload}{cells}")
    }

    #[test]
    fn tools_are_named_in_a_list_and_a_wrong_name_has_its_line() {
        let names = |tools: &str| {
            let file = File { name: "s.toml".to_owned(), text: suite(tools) };
            file.parse().map(|suite| suite.workload.0[0].tools.names())
        };
        assert_eq!(names("as = [\"hey\", \"wrk\"]").unwrap(), ["wrk", "hey"]);
        assert_eq!(names("as = [\"all\"]").unwrap().len(), 6);
        assert_eq!(names("").unwrap(), Vec::<String>::new());
        let error = names("as = [\"ab\"]").unwrap_err().to_string();
        assert!(error.starts_with("s.toml:7: ") && error.contains("give wrk, wrk2"), "{error}");
    }
}
