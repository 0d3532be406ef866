// The workers: a bar each for requests a second, and beneath it in words who it is and how it fares.
// Columns under the drawing where there is room, rows where there is not.

import { byId, make, mark, say } from "./elements.js";
import { guard } from "./permit.js";
import { Top } from "./scale.js";
import { count, fate, percent, rate } from "./words.js";

/** How long a new process is pointed out. */
const NEW_MS = 4000;

/** What each state looks like beside its word: no state is told by colour alone. */
const SIGNS = {
  starting: "○",
  ready: "●",
  full: "◆",
  stalled: "▲",
  stopped: "❙❙",
  leaving: "↓",
  killed: "✕",
  down: "✕",
};
const WORDS = { stopped: "frozen" };
const STILL = { stopped: "frozen", stalled: "no sign of life" };

/** Lines under a bar: class, name, text of a process. */
const LINES = [
  ["rps", "requests a second", ({ state, rps }) => (state === "down" ? "0" : rate(rps))],
  ["state", "state", ({ state }) => `${SIGNS[state] ?? "●"} ${WORDS[state] ?? state}`],
  ["pid", "pid", ({ pid }) => `${pid}`],
  ["generation", "generation", ({ generation }) => `${generation ?? 0}`],
  ["open", "open connections", ({ state, open }) => (state === "down" ? "0" : count(open ?? 0))],
  ["cpu", "CPU", ({ cpu }) => percent(cpu ?? 0)],
];

export class Workers {
  #cards = new Map();
  #top = new Top(10);
  #list = byId("workers");
  #axis = axis();
  #act;

  /** `act(id, action)` is asked for when a button is pressed. */
  constructor(act) {
    this.#act = act;
    this.#list.before(this.#axis);
  }

  /** Columns with a gutter for the names of lines, or rows. */
  resize({ gutter, count: number }) {
    const scene = byId("scene");
    mark(scene, "class", gutter ? "columns" : "rows");
    scene.style.setProperty("--count", Math.max(1, number));
    scene.style.setProperty("--gutter", `${gutter}px`);
  }

  show(seats, now) {
    const busiest = Math.max(...seats.map(({ process }) => process.rps), 0);
    const top = this.#top.over(busiest, now);
    for (const [tick, share] of [
      ["top", 1],
      ["half", 0.5],
    ]) {
      say(this.#axis.querySelector(`.${tick}`), count(top * share));
    }
    const ids = new Set(seats.map(({ id }) => id));
    for (const [id, card] of this.#cards) if (!ids.has(id)) this.#remove(id, card);
    for (const seat of seats) this.#card(seat.id).show(seat, top, now);
  }

  #remove(id, card) {
    card.element.remove();
    this.#cards.delete(id);
  }

  #card(id) {
    if (!this.#cards.has(id)) {
      const card = new Card(id, this.#act);
      this.#cards.set(id, card);
      const next = [...this.#cards.keys()].filter((other) => other > id).sort((a, b) => a - b)[0];
      this.#list.insertBefore(card.element, this.#cards.get(next)?.element ?? null);
    }
    return this.#cards.get(id);
  }
}

/** The names of the lines and the scale of the bars, at the left of the columns; each card has them
    in words of its own. */
function axis() {
  const ticks = ["top", "half", "zero"].map((name) => make("span", { class: name }, "0"));
  const names = LINES.map(([kind, name]) => make("span", { class: kind }, name));
  return make(
    "div",
    { id: "axis", "aria-hidden": "true" },
    make("div", { class: "ticks" }, ...ticks),
    ...names,
  );
}

class Card {
  #parts = {};
  #pid = null;
  #since = -Infinity;
  #freeze;

  constructor(id, act) {
    const bar = make("div", { class: "bar" });
    this.#parts.fate = make("p", { class: "fate" });
    const lines = LINES.map(([kind, name]) => {
      this.#parts[kind] = make("span", { class: "value" });
      return make(
        "p",
        { class: kind },
        make("span", { class: "name" }, `${name} `),
        this.#parts[kind],
      );
    });
    this.#parts.aside = make("p", { class: "aside" });
    const kill = make("button", { type: "button", "data-act": "kill" }, "kill");
    this.#freeze = make("button", { type: "button", "data-act": "stop" }, "freeze");
    for (const button of [kill, this.#freeze]) {
      button.addEventListener("click", () => act(id, button.dataset.act));
      guard(button);
    }
    kill.setAttribute("aria-label", `kill worker ${id}`);
    this.element = make(
      "li",
      { class: "worker", "data-worker": id },
      make("h3", {}, `worker ${id}`),
      make("div", { class: "track" }, bar, this.#parts.fate),
      ...lines,
      this.#parts.aside,
      make("div", { class: "acts" }, kill, this.#freeze),
    );
  }

  show({ id, process, others, lost }, top, now) {
    const { element } = this;
    this.#notice(process, now);
    mark(element, "data-state", process.state);
    mark(element, "data-pid", process.pid);
    element.classList.toggle("new", now - this.#since < NEW_MS && process.state !== "down");
    element.style.setProperty("--share", (Math.min(process.rps / top, 1) || 0).toFixed(4));
    for (const [kind, , text] of LINES) say(this.#parts[kind], text(process));
    say(this.#parts.fate, over(process, lost));
    say(this.#parts.aside, process.state === "down" ? "" : others.map(beside).join("; "));
    const frozen = process.state === "stopped";
    say(this.#freeze, frozen ? "thaw" : "freeze");
    mark(this.#freeze, "data-act", frozen ? "continue" : "stop");
    mark(this.#freeze, "aria-label", `${frozen ? "thaw" : "freeze"} worker ${id}`);
  }

  /** A process in the place of another is new; the first one is not. */
  #notice({ pid, state }, now) {
    if (state === "down" || pid === this.#pid) return;
    if (this.#pid !== null) this.#since = now;
    this.#pid = pid;
  }
}

/** What is written over a bar that does not move: how it ended, or that it stands still. */
function over(process, lost) {
  if (process.state !== "down") return STILL[process.state] ?? "";
  return lost ? `${fate(process)},\n${count(lost)} open` : fate(process);
}

/** A process beside the one that stands for the worker. */
function beside({ pid, state, open }) {
  return open ? `${pid} ${state}, ${count(open)} open` : `${pid} ${state}`;
}
