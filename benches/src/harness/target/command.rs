//! Any command of a suite, its `{port}`, `{workers}` and `{mode}` filled in.

use std::net::ToSocketAddrs;

use super::Serve;
use super::external::{Launch, Ready, free_port};
use crate::harness::process::WaitError;
use crate::harness::target::spec::Command;

/// How it is started; fails when there is no port, or its URL's name stands for no address.
pub fn launch(command: &Command, serve: &Serve<'_>) -> Result<Launch, WaitError> {
    let name = serve.target.name.clone();
    let (port, url) = if let Some(url) = &command.url {
        (0, url.clone())
    } else {
        let port = free_port(&name)?;
        (port, format!("http://127.0.0.1:{port}"))
    };
    let ready = match &command.ready {
        Some(text) => Ready::Says(text.clone(), url),
        None => Ready::Connects(address_of(&name, &url)?),
    };
    let words = command.words.iter().map(|word| fill_in(word, serve, port).into()).collect();
    Ok(Launch { name, words, ready, forks: 0, tells: command.tells, files: None })
}

fn fill_in(word: &str, serve: &Serve<'_>, port: u16) -> String {
    word.replace("{port}", &port.to_string())
        .replace("{workers}", &serve.workers.to_string())
        .replace("{mode}", serve.mode)
}

/// The address behind a URL.
fn address_of(name: &str, url: &str) -> Result<std::net::SocketAddr, WaitError> {
    let failed =
        |why: String| WaitError::System { name: name.to_owned(), what: "find the address of", why };
    let target =
        loadgen::target::Target::parse(url).map_err(|why| failed(format!("'{url}' {why}")))?;
    (target.host.as_str(), target.port)
        .to_socket_addrs()
        .map_err(|why| failed(why.to_string()))?
        .next()
        .ok_or_else(|| failed(format!("`{}` has none", target.host)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::harness::target::spec::TargetSpec;

    #[test]
    fn words_are_filled_in_wherever_they_ask_for_it() {
        let target = &TargetSpec::built_in()[0];
        let serve = Serve::of_test(target, "fast", 4);
        assert_eq!(fill_in("--bind=127.0.0.1:{port}", &serve, 80), "--bind=127.0.0.1:80");
        assert_eq!(fill_in("-w{workers}-{mode}", &serve, 80), "-w4-fast");
    }
}
