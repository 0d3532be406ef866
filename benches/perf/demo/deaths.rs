//! How soon the page shows a death and the new process, from the click on `kill`, by the page's own
//! clock.

use std::time::Duration;

use serde_json::Value;

use super::show::Show;
use crate::env::figures::{Bounds, Spread};
use crate::env::{Failure, TestEnv};
use reports_testing::browser::Driver;

const DOWN_MS: f64 = 250.0;
const SERVING_MS: f64 = 1000.0;

/// Kills worker N, and tells when its bar turned to down and when it showed requests a second of a new
/// process, in milliseconds since the click; `null` when that took ten seconds.
const KILL: &str = "
    return new Promise((done) => {
      const bar = document.querySelector(`[data-worker='${N}']`);
      const before = bar?.dataset.pid;
      if (bar?.dataset.state !== 'ready') return done(null);
      let down = null;
      const watch = new MutationObserver(() => {
        if (bar.dataset.state === 'down') down ??= performance.now() - click;
        const serves = bar.querySelector('.rps .value').textContent !== '0';
        if (bar.dataset.state === 'ready' && bar.dataset.pid !== before && serves) {
          watch.disconnect();
          done([down, performance.now() - click]);
        }
      });
      watch.observe(bar, { attributes: true, childList: true, characterData: true, subtree: true });
      const click = performance.now();
      bar.querySelector('[data-act=kill]').click();
      setTimeout(() => done(null), 10000);
    });";

pub fn measure(
    env: &TestEnv,
    browser: &Driver,
    kills: u32,
    bounds: &mut Bounds,
) -> Result<(), Failure> {
    let show = Show::start(env)?;
    browser.open(&show.url);
    // A connection a request: kept ones may all have gone to the others before the new process is there.
    env.pause(Duration::from_secs(1))?;
    browser.run("document.getElementById('keepalive').click()");
    let (mut down, mut serving) = (Vec::new(), Vec::new());
    for kill in 0..kills {
        // Long enough that no worker dies young twice, which would be a pause by the back-off.
        env.pause(Duration::from_millis(1500))?;
        let seen = browser.run(&KILL.replace("${N}", &(kill % 4 + 1).to_string()));
        let ms = |place: usize| seen.get(place).and_then(Value::as_f64);
        let (Some(fell), Some(rose)) = (ms(0), ms(1)) else {
            return Err(Failure::Broken(format!("kill {kill} was not shown: {seen}")));
        };
        down.push(fell);
        serving.push(rose);
    }
    println!("{kills} kills, milliseconds from the click, in the page: median (least to most)");
    for (what, taken, most) in
        [("down is shown", down, DOWN_MS), ("a new process serves", serving, SERVING_MS)]
    {
        let spread = Spread::of(taken);
        println!("  {what:<21} {spread:.0}");
        bounds.require(spread.high <= most, || {
            format!("{what} after {:.0} ms, not {most:.0} or less", spread.high)
        });
    }
    Ok(())
}
