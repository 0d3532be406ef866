// The last minute: throughput, p50 and p99, and the failures beside the connections that died.

import { Chart, SPAN_S } from "./charts.js";
import { byId, mark, say } from "./elements.js";
import { count, many, rate, time } from "./words.js";

const CHARTS = [
  {
    name: "requests a second",
    colour: "o0",
    least: 10,
    pick: (point) => point[1],
    format: (value) => [rate(value), ""],
  },
  { name: "latency, p50", colour: "s3", least: 10, pick: (point) => point[2], format: time },
  { name: "latency, p99", colour: "s1", least: 10, pick: (point) => point[3], format: time },
];

export class Minute {
  #points = [];
  #deaths = [];
  #charts = CHARTS.map((chart) => new Chart(chart));

  constructor() {
    byId("charts").append(...this.#charts.map(({ element }) => element));
  }

  /** What was before this page came, or before the connection was lost. */
  recall(points) {
    this.#points = points;
  }

  died(t) {
    this.#deaths.push(t);
  }

  show({ t_s: now, load, killed }) {
    const point = [now, load.rps, load.p50_us, load.p99_us];
    this.#points = [...this.#points.filter(([t]) => t > now - SPAN_S - 1 && t < now), point];
    this.#deaths = this.#deaths.filter((t) => t > now - SPAN_S && t < now + 1);
    CHARTS.forEach(({ pick }, index) =>
      this.#charts[index].show(this.#points, this.#deaths, now, pick(point)),
    );
    losses(load, killed);
  }
}

/** Failures by class, beside what killed processes had open. */
function losses({ failures, by_class: classes }, { processes, open }) {
  number("failures", failures);
  const kinds = Object.entries(classes).filter(([, times]) => times > 0);
  say(
    byId("classes"),
    kinds.map(([kind, times]) => `${count(times)} ${kind}`).join(", ") ||
      "none",
  );
  number("killed-open", open);
  say(
    byId("killed-processes"),
    processes ? `in ${many(processes, "process", "processes")}` : "no process was killed",
  );
}

function number(id, value) {
  say(byId(id), count(value));
  mark(byId(id), "data-value", value);
}
