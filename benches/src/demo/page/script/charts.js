// A small chart of the last minute: one line, an axis from zero with its unit, and a mark where a
// process died.

import { draw, make, mark, rem, say } from "./elements.js";
import { Top } from "./scale.js";
import { tick } from "./words.js";

/** What is shown, in seconds. */
export const SPAN_S = 60;
const HEIGHT = 6.6;

export class Chart {
  #pick;
  #format;
  #top;
  #value = make("span");
  #unit = make("small");
  #plot = make("div", { class: "plot" });
  #svg = null;
  #key = "";

  /** `pick` takes the value from a point; `format` gives number and unit. */
  constructor({ name, colour, least, pick, format }) {
    this.#pick = pick;
    this.#format = format;
    this.#top = new Top(least);
    this.#plot.dataset.colour = colour;
    const caption = make(
      "figcaption",
      {},
      make("span", { class: "key-name" }, name),
      make("span", { class: "key-value" }, this.#value, " ", this.#unit),
    );
    this.name = name;
    this.element = make("figure", {}, caption, this.#plot);
  }

  /** Draws points up to now; `deaths` are times, `latest` is the value now or null. */
  show(points, deaths, now, latest) {
    const [number, unit] = latest === null ? ["–", ""] : this.#format(latest);
    say(this.#value, number);
    say(this.#unit, unit);
    const recent = points.filter((point) => point[0] > now - SPAN_S - 1);
    const values = recent.map(this.#pick).filter((value) => value !== null);
    const top = this.#top.over(Math.max(0, ...values));
    const width = Math.round(this.#plot.clientWidth);
    if (!width) return;
    const key = `${width} ${top}`;
    if (key !== this.#key) this.#frame(width, top);
    this.#key = key;
    const { left, right, ceiling, floor } = this.#place;
    const x = (t) => right - ((now - t) / SPAN_S) * (right - left);
    const y = (value) => floor - (value / top) * (floor - ceiling);
    this.#line.setAttribute("d", path(recent, this.#pick, x, y, left));
    const marks = deaths
      .filter((t) => t > now - SPAN_S)
      .map((t) => `M${x(t).toFixed(1)} ${ceiling}V${floor}`);
    this.#deaths.setAttribute("d", marks.join(""));
    this.#describe(values, now);
  }

  #place;
  #line;
  #deaths;
  #told = 0;

  /** A picture's name is not read out again by itself, so once in five seconds is enough. */
  #describe(values, now) {
    if (Math.abs(now - this.#told) < 5 || !values.length) return;
    this.#told = now;
    const [low, high] = [Math.min(...values), Math.max(...values)].map((value) =>
      this.#format(value).join(" "),
    );
    mark(this.#svg, "aria-label", `${this.name} over the last minute: from ${low} to ${high}`);
  }

  /** Axes and grid for a width and a top. */
  #frame(width, top) {
    const unit = rem();
    const [height, text] = [HEIGHT * unit, 0.78 * unit];
    const labels = [0, 0.5, 1].map((share) =>
      share
        ? tick(
            this.#format(top * share)
              .join(" ")
              .trim(),
          )
        : "0",
    );
    const widest = Math.max(...labels.map(({ length }) => length));
    const place = {
      left: (0.8 + 0.46 * widest) * unit,
      right: width - 0.5 * unit,
      ceiling: 0.6 * unit,
      floor: height - 1.35 * unit,
    };
    this.#place = place;
    const { left, right, ceiling, floor } = place;
    this.#svg = draw("svg", {
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: "img",
      "aria-label": this.name,
    });
    labels.forEach((label, index) => {
      const y = floor - (index / 2) * (floor - ceiling);
      this.#svg.append(
        draw("path", { class: index ? "grid" : "base", d: `M${left} ${y}H${right}` }),
        draw("text", { x: left - 0.4 * unit, y: y + 0.35 * text, "text-anchor": "end" }, label),
      );
    });
    const middle = (left + right) / 2;
    for (const [x, anchor, label] of [
      [left, "start", "60 s ago"],
      [middle, "middle", "30 s"],
      [right, "end", "now"],
    ]) {
      this.#svg.append(draw("text", { x, y: height - 0.15 * unit, "text-anchor": anchor }, label));
    }
    this.#deaths = draw("path", { class: "death", d: "" });
    this.#line = draw("path", { class: "curve", d: "" });
    this.#svg.append(this.#deaths, this.#line);
    this.#plot.replaceChildren(this.#svg);
    this.#told = -Infinity;
  }
}

/** A line through the points, broken where there is no value. */
function path(points, pick, x, y, left) {
  let pen = "M";
  return points
    .map((point) => {
      const value = pick(point);
      const at = x(point[0]);
      if (value === null || at < left) {
        pen = "M";
        return "";
      }
      const step = `${pen}${at.toFixed(1)} ${y(value).toFixed(1)}`;
      pen = "L";
      return step;
    })
    .join("");
}
