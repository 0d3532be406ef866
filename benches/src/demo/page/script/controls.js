// Mode, workers, restart and load: what is set now, and what is asked for.

import { act } from "./act.js";
import { Commands, ofMaster, ofMode, ofWorker } from "./commands.js";
import { byId, make, mark, say } from "./elements.js";
import { onChange, set } from "./fields.js";
import { guard } from "./permit.js";

/** How long a number of workers that was asked for counts, before what is reported does. */
const ASKED_MS = 1500;

export class Controls {
  #settings = null;
  #most = 1;
  #asked = { workers: 0, at: -Infinity };
  #commands = Object.fromEntries(
    ["mode-command", "master-commands", "load-command", "serve-command", "worker-commands"].map(
      (id) => [id, new Commands(byId(id))],
    ),
  );

  constructor() {
    onChange(guard(byId("mode")), ({ value }) => act("/mode", { to: value }));
    this.#stepper("more", 1);
    this.#stepper("fewer", -1);
    guard(byId("restart")).addEventListener("click", () => act("/restart"));
    guard(byId("pause")).addEventListener("click", () =>
      act(this.#settings?.load.paused ? "/resume" : "/pause"),
    );
    this.#field("connections", ({ value }) => value);
    this.#field("rate", ({ value }) => value || "closed");
    this.#field("workload", ({ value }) => value);
    this.#field("keepalive", ({ checked }) => checked);
  }

  /** What `hello` tells. */
  meet({ modes, most_workers: most }) {
    this.#most = most;
    const known = [...byId("mode").options].map(({ value }) => value);
    if (known.join() !== modes.join())
      byId("mode").replaceChildren(...modes.map((mode) => make("option", {}, mode)));
  }

  show(frame, seats) {
    const { settings, commands, master } = frame;
    this.#settings = settings;
    const { mode, load } = settings;
    set(byId("mode"), mode);
    say(byId("busy"), settings.busy ?? "");
    say(byId("how-many"), `${settings.workers}`);
    set(byId("connections"), load.connections);
    set(byId("rate"), load.rate ?? "");
    set(byId("workload"), load.workload);
    set(byId("keepalive"), load.keepalive);
    say(byId("pause"), load.paused ? "resume" : "pause");
    mark(byId("pause"), "data-paused", load.paused);
    say(byId("loop"), loop(load));
    const chosen = byId("mode").value || mode;
    this.#commands["mode-command"].show(ofMode(chosen, commands));
    this.#commands["master-commands"].show(ofMaster(master));
    this.#commands["load-command"].show([commands.load]);
    this.#commands["serve-command"].show([commands.serve]);
    this.#whose(seats);
  }

  /** The worker whose commands are shown. */
  #whose(seats) {
    const select = byId("whose");
    const ids = seats.map(({ id }) => `${id}`);
    const known = [...select.options].map(({ value }) => value);
    if (known.join() !== ids.join()) {
      const chosen = select.value;
      select.replaceChildren(...ids.map((id) => make("option", {}, id)));
      if (ids.includes(chosen)) select.value = chosen;
    }
    const seat = seats.find(({ id }) => `${id}` === select.value);
    this.#commands["worker-commands"].show(seat ? ofWorker(seat.process.pid) : []);
  }

  #wanted() {
    const fresh = performance.now() - this.#asked.at < ASKED_MS;
    return fresh ? this.#asked.workers : (this.#settings?.workers ?? 1);
  }

  #stepper(id, step) {
    const beyond = () => this.#wanted() + step < 1 || this.#wanted() + step > this.#most;
    guard(byId(id), { forbidden: beyond }).addEventListener("click", () => {
      const workers = this.#wanted() + step;
      this.#asked = { workers, at: performance.now() };
      act("/scale", { workers });
    });
  }

  /** A control of the load: only what was changed is sent, and only if it makes sense. */
  #field(id, read) {
    onChange(guard(byId(id)), (input) => act("/load", { [id]: read(input) }));
  }
}

function loop({ rate, keepalive, paused }) {
  if (paused) return "Paused: nobody asks.";
  const kept = keepalive ? "" : " Each request opens a connection of its own.";
  return rate === null
    ? `Closed loop: a connection asks again once it is answered.${kept}`
    : `Open loop: ${rate} requests are due each second, answered or not.${kept}`;
}
