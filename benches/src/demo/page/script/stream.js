// What the demo tells: server-sent events, which the browser asks for again by itself when the
// connection is lost.

/** Silence after which a connection that still stands counts as lost: frames come five a second. */
const SILENCE_MS = 3000;

/** Hands each event to the listener of its name; `live(true)` and `live(false, why)` tell of the
    connection. */
export function follow(token, listeners, live) {
  const query = token ? `?token=${encodeURIComponent(token)}` : "";
  const source = new EventSource(`/events${query}`);
  let heard = performance.now();
  let silent = false;
  for (const [name, listen] of Object.entries(listeners)) {
    source.addEventListener(name, (event) => {
      heard = performance.now();
      if (silent) live(true);
      silent = false;
      listen(JSON.parse(event.data));
    });
  }
  source.addEventListener("open", () => {
    heard = performance.now();
    silent = false;
    live(true);
  });
  source.addEventListener("error", () => {
    const refused = source.readyState === EventSource.CLOSED;
    live(false, refused ? "The demo refuses this page: load it again." : lost());
  });
  setInterval(() => {
    if (silent || source.readyState !== EventSource.OPEN) return;
    silent = performance.now() - heard > SILENCE_MS;
    if (silent)
      live(false, "The demo has been silent for three seconds. The numbers below are old.");
  }, 500);
}

function lost() {
  const now = new Date().toLocaleTimeString("en-GB");
  return `The connection to the demo was lost at ${now}; trying again … The numbers below are old.`;
}
