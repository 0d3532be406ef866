// The stage: the drawing, the dots on it and the workers beneath, which share one set of columns.

import { Dots } from "./dots.js";
import { Drawing } from "./drawing.js";
import { byId, rem, say } from "./elements.js";
import { Seats } from "./seats.js";
import { many, rate } from "./words.js";
import { Workers } from "./workers.js";

/** In rem: the gutter for the names of lines, the narrowest column, and the narrowest scene that has
    columns at all. */
const GUTTER = 8.6;
const COLUMN = 4;
const SCENE = 34;
/** Connections a second are those of so many frames. */
const FRAMES = 5;

export class Stage {
  #seats = new Seats();
  #dots = new Dots();
  #drawing = new Drawing(this.#dots);
  #workers;
  #frame = null;
  #recent = [];
  #width = 0;

  constructor(act) {
    this.#workers = new Workers(act);
    new ResizeObserver(([{ contentRect }]) => {
      this.#width = Math.floor(contentRect.width);
      if (this.#frame) this.#arrange();
    }).observe(byId("scene"));
  }

  /** Shows a frame; gives back who is shown for each worker. */
  show(frame) {
    const since = this.#frame ? frame.t_s - this.#frame.t_s : 0.2;
    this.#frame = frame;
    const dealt = byWorker(frame.workers);
    this.#recent = [...this.#recent, { since, dealt }].slice(-FRAMES);
    const seats = this.#arrange();
    const each = this.#dots.send(dealt, performance.now(), since * 1000);
    say(byId("flow"), flowing(frame, each));
    return seats;
  }

  /** A process has ended: its bar falls at once. */
  fall(event) {
    this.#seats.fall(event, performance.now());
    if (this.#frame) this.#arrange();
  }

  #arrange() {
    const now = performance.now();
    const seats = this.#seats.arrange(this.#frame.workers, now);
    const layout = columns(this.#width, seats.length);
    this.#workers.resize({ ...layout, count: seats.length });
    this.#drawing.resize(layout);
    this.#drawing.show(this.#frame, seats, this.#flows());
    this.#workers.show(seats, now);
    return seats;
  }

  /** Connections a second of each worker. */
  #flows() {
    const seconds = this.#recent.reduce((sum, { since }) => sum + since, 0);
    const flows = new Map();
    for (const { dealt } of this.#recent) {
      for (const [id, number] of dealt) flows.set(id, (flows.get(id) ?? 0) + number / seconds);
    }
    return flows;
  }
}

function columns(width, number) {
  const unit = rem();
  const room = (width - GUTTER * unit) / number;
  const wide = width >= SCENE * unit && room >= COLUMN * unit;
  return { width, gutter: wide ? Math.round(GUTTER * unit) : 0 };
}

/** Connections dealt in a frame, by worker: those of all its processes. */
function byWorker(processes) {
  const dealt = new Map();
  for (const { id, dealt: number } of processes)
    dealt.set(id, (dealt.get(id) ?? 0) + (number ?? 0));
  return dealt;
}

const still = matchMedia("(prefers-reduced-motion: reduce)");

function flowing({ connects_rps: all }, each) {
  const flow = `${rate(all)} new connections a second.`;
  return still.matches ? flow : `${flow} A dot is ${many(each, "connection")} dealt.`;
}
