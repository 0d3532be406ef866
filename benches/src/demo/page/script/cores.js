// Where the cores went: every CPU second of the last one has an owner, and one sentence says what that
// means.

import { byId, make, say } from "./elements.js";

/** Key, name, and the report's colour of that owner. */
const OWNERS = [
  ["server", "server", "o0"],
  ["generator", "generator", "o3"],
  ["demo", "this demo", "o5"],
  ["other", "other, browsers too", "o4"],
  ["idle", "idle", "o7"],
];
/** The share of the bar from which a number fits into a part. */
const ROOM = 0.1;

const parts = new Map();

export function prepareCores() {
  for (const [key, name, colour] of OWNERS) {
    const part = make("div", { class: `part ${colour}` });
    const value = make("b", {}, "–");
    byId("owners").append(part);
    byId("owners-key").append(make("li", {}, make("i", { class: colour }), `${name} `, value));
    parts.set(key, { part, value });
  }
}

export function showCores(cores, diagnosis) {
  for (const [key, { part, value }] of parts) {
    const used = Math.max(0, cores[key] ?? 0);
    part.style.flexGrow = used.toFixed(3);
    say(part, used / cores.of > ROOM ? used.toFixed(2) : "");
    say(value, used.toFixed(2));
  }
  say(byId("cores-title"), `Where the ${cores.of === 1 ? "core" : `${cores.of} cores`} went`);
  say(byId("diagnosis"), diagnosis);
}
