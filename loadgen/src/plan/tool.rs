//! The tools whose figures a plan may ask for beside its own.

use std::str::FromStr;

named_enum! {
    /// A tool whose figures can be estimated. Tools are shown in this order.
    #[derive(PartialOrd, Ord)]
    #[expect(missing_docs, reason = "the tools have these names")]
    pub enum Tool {
        Wrk = "wrk",
        Wrk2 = "wrk2",
        Oha = "oha",
        Hey = "hey",
        Autocannon = "autocannon",
        K6 = "k6",
    }
}

/// A name that is no tool's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' as tool: give wrk, wrk2, oha, hey, autocannon, k6 or all")]
pub struct UnknownTool(String);

impl Tool {
    /// Reads a list such as `wrk,hey`, or `all`. Each tool comes once, in the order of [`Self::ALL`].
    ///
    /// # Errors
    /// [`UnknownTool`] for the first name that is none.
    pub fn parse_list<'a>(
        names: impl IntoIterator<Item = &'a str>,
    ) -> Result<Vec<Self>, UnknownTool> {
        let mut tools = Vec::new();
        for name in names.into_iter().flat_map(|list| list.split(',')).map(str::trim) {
            match name {
                "all" => tools.extend(Self::ALL),
                name => tools.push(name.parse()?),
            }
        }
        tools.sort_unstable();
        tools.dedup();
        Ok(tools)
    }
}

impl FromStr for Tool {
    type Err = UnknownTool;

    fn from_str(name: &str) -> Result<Self, UnknownTool> {
        let found = Self::ALL.into_iter().find(|tool| tool.name() == name);
        found.ok_or_else(|| UnknownTool(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_tools_is_read_once_each_in_their_order() {
        assert_eq!(Tool::parse_list(["k6,wrk", "wrk"]), Ok(vec![Tool::Wrk, Tool::K6]));
        assert_eq!(Tool::parse_list(["all"]), Ok(Tool::ALL.to_vec()));
        let error = Tool::parse_list(["wrk,ab"]).unwrap_err().to_string();
        assert!(error.starts_with("'ab' as tool: give wrk,"), "{error}");
    }
}
