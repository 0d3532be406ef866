// What happened, the newest first, one line each.

import { byId, make } from "./elements.js";

const MOST = 6;

export function report({ t_s: t, kind, text }) {
  const log = byId("log");
  const when = make("time", {}, `${t.toFixed(1)} s`);
  log.prepend(make("li", { "data-kind": kind }, when, ` ${text}`));
  while (log.children.length > MOST) log.lastElementChild.remove();
}
