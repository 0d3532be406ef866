//! What no single value of a suite can show: names that refer to nothing, keys that exclude each
//! other, modes that a target does not have.

use toml::Spanned;

use super::find::{Checked, Wrong};
use super::target::Target;
use super::values::Name;
use super::{Cells, Suite, Workload};
use crate::harness::target::spec::{Command, Kind, OWN, TargetSpec};

impl Checked for Suite {
    fn check(&self) -> Result<(), Wrong> {
        Workload::check_all(&self.workload.0)?;
        let mut targets = TargetSpec::built_in();
        for target in &self.target {
            let name = target.name.get_ref().as_str();
            if targets.iter().any(|known| known.name == name) {
                let message = format!("the target `{name}` is there twice, or built in");
                return Err(Wrong::at(&target.name, message));
            }
            targets.push(target.known()?);
        }
        self.cells.0.iter().try_for_each(|cells| cells.check(&self.workload.0, &targets))
    }
}

impl Suite {
    /// The targets that its cells may name, the built-in ones first.
    pub fn targets(&self) -> Vec<TargetSpec> {
        let own = self.target.iter().filter_map(|target| target.known().ok());
        TargetSpec::built_in().into_iter().chain(own).collect()
    }
}

impl Workload {
    /// Checks each of a file's workloads, and that their names differ.
    pub fn check_all(workloads: &[Self]) -> Result<(), Wrong> {
        let mut names: Vec<&str> = Vec::new();
        for workload in workloads {
            let name = workload.name.get_ref().as_str();
            if names.contains(&name) {
                let message = format!("the workload `{name}` is there twice");
                return Err(Wrong::at(&workload.name, message));
            }
            names.push(name);
            workload.check()?;
        }
        Ok(())
    }

    fn check(&self) -> Result<(), Wrong> {
        let name = self.name.get_ref().as_str();
        let wrong = |message: String| Err(Wrong::at(&self.name, message));
        if let (Some(path), Some(_)) = (&self.path, &self.work_us) {
            let message = format!(
                "the workload `{name}` has both `path` and `work_us`: with `work_us` the path is \
                 found by the calibration"
            );
            return Err(Wrong::at(path, message));
        }
        if self.mix.is_some() && (self.path.is_some() || self.work_us.is_some()) {
            return wrong(format!(
                "the workload `{name}` has a `mix` and a `path` or `work_us` beside it: put them \
                 into the mix"
            ));
        }
        if let Some(part) =
            self.mix.iter().flat_map(|mix| &mix.0).find(|part| part.is_contradictory())
        {
            let message = "a part of a mix has either `path` or `work_us`";
            return Err(Wrong::at(&part.share, message));
        }
        if self.rate.is_none() && self.arrivals != super::Arrivals::Constant {
            return wrong(format!(
                "the workload `{name}` has `arrivals` and no `rate`: give a rate, or leave both out"
            ));
        }
        Ok(())
    }
}

impl super::Part {
    /// Whether it has both ways of saying what is asked for, or a path that `load --mix`, whose
    /// parts are parted by commas, cannot take.
    fn is_contradictory(&self) -> bool {
        self.work_us.is_some() && self.path.is_some()
            || self.path.as_ref().is_some_and(|path| path.as_str().contains(','))
    }
}

impl Target {
    /// What it says, if it says it consistently.
    fn known(&self) -> Result<TargetSpec, Wrong> {
        let name = self.name.get_ref().as_str();
        let wrong =
            |message: &str| Err(Wrong::at(&self.name, format!("the target `{name}` {message}")));
        let only_for_commands = self.ready.is_some() || self.version.is_some();
        let kind = match (&self.like, &self.command, &self.url) {
            (Some(_), Some(_), _) | (Some(_), _, Some(_)) => {
                return wrong("has `like` and a `command` or `url`: give one of them");
            }
            (Some(peer), None, None) => match &self.program {
                Some(program) if !only_for_commands => Kind::Peer(*peer, program.clone()),
                Some(_) => return wrong("has keys that only a `command` takes beside `like`"),
                None => return wrong("has `like`, so give the `program` that differs"),
            },
            (None, ..) if self.program.is_some() => {
                return wrong("has a `program` without `like`: give a `command` instead");
            }
            (None, Some(words), url) => {
                let words = words.0.clone();
                let takes_port = words.iter().any(|word| word.contains("{port}"));
                if takes_port == url.is_some() {
                    return wrong(
                        "must learn its port from `{port}` in its command, or say by `url` where \
                         it listens, and not both",
                    );
                }
                Kind::Command(Command {
                    words,
                    ready: self.ready.clone(),
                    tells: self.worker,
                    url: url.as_ref().map(|url| url.get_ref().as_str().to_owned()),
                    get: self.get.clone(),
                    version: self.version.as_ref().map(|words| words.0.clone()),
                })
            }
            (None, None, Some(_)) if only_for_commands => {
                return wrong("runs already, so it takes neither `ready` nor `version`");
            }
            (None, None, Some(url)) => Kind::Running(url.get_ref().as_str().to_owned()),
            (None, None, None) => return wrong("needs a `command`, a `url`, or `like`"),
        };
        Ok(TargetSpec { name: name.to_owned(), kind })
    }
}

impl Cells {
    /// The names of its targets.
    pub fn targets(&self) -> Vec<&str> {
        match &self.targets {
            Some(names) => names.0.iter().map(|name| name.get_ref().as_str()).collect(),
            None => vec![OWN],
        }
    }

    /// Its modes for a target: a server of one's own whose modes are not named has one, called as
    /// the server.
    pub fn modes<'a>(&'a self, target: &'a str) -> Vec<&'a str> {
        match &self.modes {
            Some(names) => names.0.iter().map(|name| name.get_ref().as_str()).collect(),
            None => vec![target],
        }
    }

    fn check(&self, workloads: &[Workload], targets: &[TargetSpec]) -> Result<(), Wrong> {
        let names: Vec<&str> = workloads.iter().map(|it| it.name.get_ref().as_str()).collect();
        let is_known = |name: &&Spanned<Name>| names.contains(&name.get_ref().as_str());
        if let Some(name) = self.workloads.0.iter().find(|name| !is_known(name)) {
            return Err(unknown("workload", name, &names));
        }
        let known: Vec<&str> = targets.iter().map(|target| target.name.as_str()).collect();
        let is_known = |name: &&Spanned<Name>| known.contains(&name.get_ref().as_str());
        if let Some(name) = self.targets.iter().flat_map(|it| &it.0).find(|name| !is_known(name)) {
            return Err(unknown("target", name, &known));
        }
        let mine = self.targets();
        for target in targets.iter().filter(|target| mine.contains(&target.name.as_str())) {
            self.check_modes(target)?;
            for name in &self.workloads.0 {
                let works = workloads.iter().any(|workload| {
                    workload.name.get_ref() == name.get_ref() && workload.works().next().is_some()
                });
                if works && !target.works() {
                    let message = format!(
                        "the target `{}` answers no `/work`, which the workload `{}` asks for",
                        target.name,
                        name.get_ref().as_str()
                    );
                    return Err(Wrong::at(name, message));
                }
            }
        }
        Ok(())
    }

    fn check_modes(&self, target: &TargetSpec) -> Result<(), Wrong> {
        let Some(known) = target.modes() else { return Ok(()) };
        let name = &target.name;
        let Some(modes) = &self.modes else {
            let message = format!("its modes are missing: `{name}` has {}", known.join(", "));
            return Err(Wrong::at(&self.workloads.0[0], message));
        };
        let stranger = modes.0.iter().find(|mode| !known.contains(&mode.get_ref().as_str()));
        stranger.map_or(Ok(()), |mode| {
            let (known, word) = (known.join("`, `"), mode.get_ref().as_str());
            let message = format!("`{name}` has no mode `{word}`; expected one of `{known}`");
            Err(Wrong::at(mode, message))
        })
    }
}

/// That a name refers to nothing.
pub fn unknown(what: &str, name: &Spanned<Name>, known: &[&str]) -> Wrong {
    let (word, known) = (name.get_ref().as_str(), known.join("`, `"));
    Wrong::at(name, format!("there is no {what} `{word}`; expected one of `{known}`"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::suite::find::tests::{GOOD, assert_error, error_of, parse};
    use crate::harness::target::spec::Tells;

    /// What is said of a good suite with this `[[target]]` added.
    fn with_target(keys: &str) -> Result<Suite, String> {
        parse(&format!("{GOOD}\n[[target]]\nname = \"mine\"\n{keys}\n"))
    }

    #[test]
    fn an_unknown_mode_is_named_with_the_known_ones() {
        let parts = ["mine.toml:11: `hello-cluster` has no mode `fastest`", "round-robin"];
        assert_error("\"reuseport\"", "\"fastest\"", &parts);
        let foreign = "targets = [\"nginx\"]\nmodes = [\"round-robin\", ";
        assert_error("modes = [", foreign, &["`nginx` has no mode `round-robin`"]);
    }

    #[test]
    fn cells_of_an_unknown_workload_or_target_are_refused() {
        let error = error_of("workloads = [\"hello\"]", "workloads = [\"hallo\"]");
        assert_eq!(error, "mine.toml:10: there is no workload `hallo`; expected one of `hello`");
        let parts = ["mine.toml:11: there is no target `apache`", "`node`, `nginx`"];
        assert_error("modes = [", "targets = [\"apache\"]\nmodes = [", &parts);
    }

    #[test]
    fn a_workload_has_a_path_or_an_amount_of_work_or_a_mix() {
        for (keys, said) in [
            ("path = \"/\"\nwork_us = 100", "mine.toml:8: the workload `hello` has both"),
            ("path = \"/\"\nmix = [{share = 1}]", "has a `mix` and a `path`"),
            ("mix = [{share = 1, path = \"/\", work_us = 20}]", "either `path` or `work_us`"),
        ] {
            assert_error("connections = 8", &format!("connections = 8\n{keys}"), &[said]);
        }
    }

    #[test]
    fn a_mix_becomes_weights_and_paths() {
        let mix = "connections = 8\nmix = [{share = 95}, {share = 5, work_us = 10000}]";
        let suite = parse(&GOOD.replace("connections = 8", mix)).unwrap();
        let workload = &suite.workload.0[0];
        assert_eq!(workload.works().collect::<Vec<_>>(), [10_000]);
        assert_eq!(workload.paths(|us| format!("/work?us={us}")), "95:/,5:/work?us=10000");
    }

    #[test]
    fn arrivals_need_a_rate() {
        let keys = "connections = 8\narrivals = \"poisson\"";
        assert_error("connections = 8", keys, &["`arrivals` and no `rate`"]);
    }

    #[test]
    fn a_peer_that_answers_no_work_is_not_asked_for_it() {
        let workloads = "\n\n[[cells]]\nworkloads = [\"hello\"]";
        let asked = format!("\nwork_us = 200{workloads}\ntargets = [\"nginx\"]");
        assert_error(workloads, &asked, &["`nginx` answers no `/work`"]);
    }

    #[test]
    fn a_command_says_how_its_port_is_known() {
        let error = with_target("command = [\"serve\"]").unwrap_err();
        assert!(error.contains("mine.toml:15: the target `mine` must learn its port"), "{error}");
        let suite = with_target("command = [\"serve\", \"-p\", \"{port}\"]\nworker = \"pid\"");
        let target = suite.unwrap().targets().pop().unwrap();
        let Kind::Command(command) = target.kind else { panic!("{target:?}") };
        assert_eq!((command.words.len(), command.tells), (3, Tells::Pid));
    }

    #[test]
    fn a_target_is_one_of_a_kind() {
        for (keys, reason) in [
            ("", "needs a `command`, a `url`, or `like`"),
            ("like = \"node\"", "give the `program`"),
            ("like = \"node\"\nurl = \"http://127.0.0.1:1\"", "give one of them"),
            ("program = \"x\"", "without `like`"),
            ("url = \"http://127.0.0.1:1\"\nready = \"x\"", "runs already"),
            ("url = \"ftp://127.0.0.1:1\"", "is not a URL"),
        ] {
            let error = with_target(keys).unwrap_err();
            assert!(error.contains(reason), "{keys}: {error}");
        }
    }

    #[test]
    fn a_name_that_is_taken_is_refused() {
        let target = "\n[[target]]\nname = \"node\"\nlike = \"node\"\nprogram = \"n\"\n";
        let error = parse(&[GOOD, target].concat()).unwrap_err();
        assert!(error.contains("there twice, or built in"), "{error}");
    }
}
