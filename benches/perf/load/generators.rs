//! The load generators that are compared: engines of ours, and those of others that are here.

use crate::env::TestEnv;
use crate::env::external_tool::ExternalTool;
use crate::env::generator::Generator;

/// Our engines; the first two parse the answers themselves, and are what is measured with.
pub const ENGINES: [&str; 4] = ["uring", "epoll", "hyper", "reqwest"];

pub fn parses_itself(generator: Generator) -> bool {
    ENGINES[..2].iter().any(|engine| generator == Generator::Load(Some(engine)))
}

/// Our engines that work here and the installed tools, each with its arguments for a connection per
/// request unless `keepalive`; tools that cannot do that are left out.
pub fn installed(env: &TestEnv, keepalive: bool) -> Vec<(Generator, &'static [&'static str])> {
    let engines = ENGINES.into_iter().filter(|engine| *engine != "uring" || uring_works(env));
    let ours = engines.map(|engine| (Generator::Load(Some(engine)), Some(&["--no-keepalive"][..])));
    let tools: [(ExternalTool, Option<&'static [&'static str]>); 4] = [
        (ExternalTool::Wrk, Some(&["-HConnection: close"])),
        (ExternalTool::Oha, Some(&["--disable-keepalive"])),
        (ExternalTool::H2load, None),
        (ExternalTool::Autocannon, None),
    ];
    let tools = tools.into_iter().filter(|(tool, _)| tool.is_installed());
    let all = ours.chain(tools.map(|(tool, closing)| (Generator::External(tool), closing)));
    let wanted = all.filter_map(|(generator, closing)| {
        let arguments = if keepalive { &[][..] } else { closing? };
        Some((generator, arguments))
    });
    wanted.collect()
}

fn uring_works(env: &TestEnv) -> bool {
    let asked = env.command(&["load", "--engine", "uring", "http://127.0.0.1:9/"]).output();
    asked.is_ok_and(|asked| !String::from_utf8_lossy(&asked.stderr).contains("refuses"))
}
