// The drawing of who binds, accepts and chooses, with its numbers. Drawn anew when mode, workers or
// width change; from frame to frame only its text does.

import { byId, draw, mark, rem, say } from "./elements.js";
import { ALONE, explained } from "./modes.js";
import { HEAD, scheme } from "./scheme.js";
import { count, many, percent, rate } from "./words.js";

export class Drawing {
  #dots;
  #layout = { width: 0, gutter: 0 };
  #key = "";
  #plan;
  #texts = new Map();
  #parts = new Map();
  /** Whether there is no master, and one process. */
  #alone = false;

  constructor(dots) {
    this.#dots = dots;
  }

  /** The room there is, in pixels; the gutter is what the names of rows take at the left. */
  resize(layout) {
    this.#layout = layout;
  }

  /** Shows what one frame says. `flows` holds each worker's connections a second. */
  show(frame, seats, flows) {
    const { mode } = frame.settings;
    const ids = seats.map(({ id }) => id);
    const key = [mode, ids, this.#layout.width, this.#layout.gutter].join();
    if (key !== this.#key && ids.length && this.#layout.width) {
      this.#key = key;
      this.#redraw(mode, ids);
    }
    if (!this.#plan) return;
    const open = seats.reduce((sum, { process, others }) => sum + openOf(process, others), 0);
    this.#write("open", `${many(open, "connection")} open`);
    this.#write("new", `${rate(frame.connects_rps)} new a second`);
    const { master, waiting } = frame;
    if (master)
      this.#write(
        "master",
        `pid ${master.pid} · CPU ${percent(master.cpu)} · ${count(waiting)} waiting`,
      );
    for (const seat of seats) {
      this.#write(`flow ${seat.id}`, this.#flowText(flows.get(seat.id) ?? 0));
      for (const part of this.#parts.get(seat.id) ?? [])
        mark(part, "data-state", seat.process.state);
    }
  }

  /** `12.0 a second`, or only the number where the column is narrow. */
  #flowText(flow) {
    return this.#plan.column > 7 * rem() ? `${rate(flow)} a second` : `${rate(flow)}/s`;
  }

  #write(name, text) {
    const element = this.#texts.get(name);
    if (element) say(element, text);
  }

  #redraw(mode, ids) {
    const unit = rem();
    const plan = scheme(mode, ids, { ...this.#layout, rem: unit });
    this.#plan = plan;
    this.#alone = ALONE.includes(mode);
    this.#texts.clear();
    this.#parts = new Map(ids.map((id) => [id, []]));
    const { binds, accepts, chooses } = explained(mode);
    const svg = draw("svg", {
      width: plan.width,
      height: plan.height,
      viewBox: `0 0 ${plan.width} ${plan.height}`,
      role: "img",
      "aria-label": `How ${mode} works. Binds: ${binds}. Accepts: ${accepts}. Chooses: ${chooses}.`,
    });
    const lines = plan.lines.map((line) => this.#line(line));
    const boxes = plan.boxes.map((box) => this.#box(box, unit));
    svg.append(...lines, ...this.#clients(plan.clients, unit), ...boxes);
    byId("scheme").replaceChildren(svg, this.#dots.settle(plan, 0.3 * unit));
    byId("scheme").dataset.mode = mode;
    this.#rows(plan, unit);
  }

  /** What the rows of numbers are called, in the gutter. */
  #rows(plan, unit) {
    if (!this.#layout.gutter) return;
    const worker = plan.boxes.find(({ id }) => id);
    const svg = byId("scheme").firstElementChild;
    svg.append(
      words("clients", 0, plan.clients.y, "row", unit, "start"),
      words("connections dealt", 0, worker.y + worker.height / 2, "row", unit, "start"),
    );
  }

  #line({ from, to, accent, id }) {
    const classes = accent ? "line accent" : "line";
    const path = draw("path", { class: classes, d: curve(from, arrowFoot(to)) });
    const head = draw("path", { class: `head ${accent ? "accent" : ""}`, d: arrowHead(to) });
    const group = draw("g", {}, path, head);
    if (id !== null) this.#parts.get(id).push(group);
    return group;
  }

  #clients({ x, y }, unit) {
    const circles = [-1, 0, 1].map((step) =>
      draw("circle", {
        class: "client",
        cx: x + step * 1.1 * unit,
        cy: y - 0.1 * unit,
        r: 0.32 * unit,
      }),
    );
    const left = words("", x - 2.2 * unit, y, "number", unit, "end");
    const right = words("", x + 2.2 * unit, y, "muted", unit, "start");
    this.#texts.set("new", left).set("open", right);
    return [...circles, left, right];
  }

  #box(box, unit) {
    const rim = box.accent ? "box accent" : "box";
    const { x, y, width, height } = box;
    const frame = draw("rect", { class: rim, x, y, width, height, rx: 0.25 * unit });
    const group = draw("g", {}, frame);
    const centre = x + width / 2;
    const [first, second] = this.#lines(box, unit);
    const apart = second === null ? 0 : 0.55 * unit;
    if (first) group.append(words(first, centre, y + height / 2 - apart, "strong", unit));
    if (second !== null) {
      const text = words("", centre, y + height / 2 + apart, "muted", unit);
      group.append(text);
      this.#texts.set(box.id ? `flow ${box.id}` : box.name, text);
    }
    if (box.id) this.#parts.get(box.id).push(group);
    return group;
  }

  /** A box's name, and whether a second line with a number follows (`null`: none). */
  #lines({ id, name, width }, unit) {
    const names = {
      port: "listening socket",
      hash: "kernel’s hash",
      socket: width > 3.6 * unit ? "socket" : "",
    };
    if (name) return name === "master" ? ["master accepts", ""] : [names[name], null];
    const known = this.#alone ? "one process" : `worker ${id}`;
    const label = width > 4.2 * unit ? known : `${id}`;
    return [label, width > 2.2 * unit ? "" : null];
  }
}

function openOf(process, others) {
  const living = [process, ...others].filter(({ state }) => state !== "down");
  return living.reduce((sum, { open }) => sum + (open ?? 0), 0);
}

function words(text, x, y, kind, unit, anchor = "middle") {
  const at = { x, y: y + 0.28 * unit, class: kind, "text-anchor": anchor };
  return draw("text", at, text);
}

/** The S-shaped line that a connection follows from one box down to another. */
function curve([x, y], [toX, toY]) {
  const half = (y + toY) / 2;
  return `M${x} ${y}C${x} ${half} ${toX} ${half} ${toX} ${toY}`;
}

const arrowFoot = ([x, y]) => [x, y - HEAD];
const arrowHead = ([x, y]) => `M${x} ${y}l-4 ${-HEAD}h8z`;
