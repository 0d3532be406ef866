// What the class does: a POST with the page's token. The answer is one line, for a person.

import { byId, say } from "./elements.js";

/** How long the line of a success stays. An error stays until the next action. */
const STAYS_MS = 5000;

const given = document.querySelector("meta[name=token]").content;
/** From the page, or from the address where the page is not on loopback. */
export const token = given || location.hash.replace(/^#(token=)?/, "");

/** Where something is handed out to whoever may look. */
export const reach = (path) => (given ? path : `${path}?token=${encodeURIComponent(token)}`);

let viewer = null;
let clearing;

export function beViewer(number) {
  viewer = number;
}

/** Whether it was done. Values that are null are left out. */
export async function act(path, values = {}) {
  const query = Object.entries(values)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name}=${encodeURIComponent(value).replaceAll("%2C", ",")}`)
    .join("&");
  const headers = { authorization: `Bearer ${token}` };
  if (viewer !== null) headers["x-viewer"] = viewer;
  const target = query ? `${path}?${query}` : path;
  try {
    const response = await fetch(target, { method: "POST", headers });
    const answer = await response.json();
    const done = response.ok && !answer.error;
    tell(answer.error ?? answer.did ?? (done ? "Done." : `Refused: ${response.status}.`), done);
    return done;
  } catch {
    tell(`${path} was not answered: is the demo still running?`, false);
    return false;
  }
}

/** Shows one line at the foot of the window. */
export function tell(line, good = true) {
  clearTimeout(clearing);
  const answer = byId("answer");
  answer.classList.toggle("wrong", !good);
  say(answer, good ? line : `Not done: ${line}`);
  if (good) clearing = setTimeout(() => say(answer, ""), STAYS_MS);
}
