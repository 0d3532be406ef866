// What runs, in a headline and a line: the mode's way of dealing, and the load.

import { byId, mark, say } from "./elements.js";
import { explained } from "./modes.js";
import { count, many } from "./words.js";

const WORKLOADS = {
  hello: "hello",
  work: "work, a fixed amount of CPU a request",
  mixed: "mixed, some work among hellos",
  sleep: "sleep, waiting without CPU",
};

export function describe({ settings, playing }) {
  const { mode, workers, load, busy } = settings;
  const { binds, accepts, chooses, headline } = explained(mode);
  say(byId("headline"), headline(many(workers, "worker")));
  say(byId("binds"), binds);
  say(byId("accepts"), accepts);
  say(byId("chooses"), chooses);
  say(byId("running"), busy ?? `${mode}: ${loaded(load)}`);
  const barred =
    playing === "lab"
      ? "A lab plays and acts by itself; the controls are back when it is left."
      : "";
  say(byId("barred"), barred);
  mark(document.body, "data-mode", mode);
}

function loaded({ connections, rate, keepalive, workload, paused }) {
  if (paused) return "the load is paused";
  const asked = rate === null ? "closed loop" : `${count(rate)} requests due a second`;
  const kept = keepalive ? "kept" : "one for each request";
  return `${many(connections, "connection")}, ${kept}, ${asked}, ${WORKLOADS[workload] ?? workload}`;
}
