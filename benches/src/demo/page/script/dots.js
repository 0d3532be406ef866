// Connections on their way: each dot stands for as many as are stated, all of which were dealt to that
// worker. None where the reader asked for less motion, and none that is not a connection.

import { make } from "./elements.js";

/** Dots that may set out in one frame. */
const MOST = 12;
const STEPS = [1, 2, 5];
/** How long a dot is on its way. */
const TRAVEL_MS = 900;
/** The time between two pictures: smooth enough, and cheap for a machine that is being measured. */
const PICTURE_MS = 40;
/** How long fewer connections must have come before a dot stands for fewer. */
const CALM_MS = 2000;

const still = matchMedia("(prefers-reduced-motion: reduce)");

/** The smallest of 1, 2, 5, 10, 20, … by which so many connections make few enough dots. */
export function worth(connections) {
  for (let unit = 1; ; unit *= 10) {
    const step = STEPS.find((step) => connections / (step * unit) <= MOST);
    if (step) return step * unit;
  }
}

export class Dots {
  /** Over the drawing, not in it: the drawing's text is not to be painted for every picture. */
  #canvas = make("canvas", { "aria-hidden": "true" });
  #brush = this.#canvas.getContext("2d");
  #ways = new Map();
  #radius = 4;
  #travelling = [];
  #each = 1;
  #since = 0;
  /** Connections that were too few for a dot, by worker. */
  #rest = new Map();
  #last = 0;
  #running = false;

  /** A new drawing of this size, with the way to each worker; gives back what is to lie over it. */
  settle({ width, height, ways }, radius) {
    const fine = devicePixelRatio;
    Object.assign(this.#canvas, { width: width * fine, height: height * fine });
    this.#canvas.style.width = `${width}px`;
    this.#canvas.style.height = `${height}px`;
    this.#brush.setTransform(fine, 0, 0, fine, 0, 0);
    this.#ways = ways;
    this.#radius = radius;
    this.#travelling = [];
    this.#rest.clear();
    return this.#canvas;
  }

  /** Sends off what was dealt in one frame, evenly over the time until the next; gives back how many
      connections a dot stands for. */
  send(dealt, now, frameMs) {
    const all = [...dealt.values()].reduce((sum, number) => sum + number, 0);
    this.#weigh(worth(all), now);
    if (still.matches || document.hidden) {
      this.#rest.clear();
      return this.#each;
    }
    const leaving = [...dealt].flatMap(([id, number]) => this.#take(id, number));
    const { color, backgroundColor } = getComputedStyle(this.#canvas.parentElement);
    Object.assign(this.#brush, { fillStyle: color, strokeStyle: backgroundColor });
    leaving.sort((a, b) => a.turn - b.turn);
    leaving.forEach(({ id }, index) => {
      const way = this.#ways.get(id);
      if (way) this.#travelling.push({ way, start: now + (index / leaving.length) * frameMs });
    });
    this.#run();
    return this.#each;
  }

  #weigh(each, now) {
    if (each >= this.#each) {
      this.#each = each;
      this.#since = now;
    } else if (now - this.#since > CALM_MS) {
      this.#each = each;
      this.#rest.clear();
    }
  }

  /** The dots of one worker, each with its turn among those of all. */
  #take(id, number) {
    const sum = (this.#rest.get(id) ?? 0) + number;
    const dots = Math.floor(sum / this.#each);
    this.#rest.set(id, sum - dots * this.#each);
    return Array.from({ length: dots }, (_, index) => ({ id, turn: (index + 0.5) / dots }));
  }

  #run() {
    if (this.#running || !this.#travelling.length) return;
    this.#running = true;
    requestAnimationFrame((now) => this.#picture(now));
  }

  #picture(now) {
    if (now - this.#last >= PICTURE_MS - 4) {
      this.#last = now;
      this.#travelling = this.#travelling.filter(({ start }) => now - start < TRAVEL_MS);
      this.#paint(now);
    }
    this.#running = false;
    this.#run();
  }

  #paint(now) {
    const brush = this.#brush;
    brush.clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    brush.beginPath();
    for (const { way, start } of this.#travelling) {
      if (now < start) continue;
      const [x, y, seen] = along(way, (now - start) / TRAVEL_MS);
      brush.moveTo(x + this.#radius, y);
      if (seen) brush.arc(x, y, this.#radius, 0, 7);
    }
    brush.fill();
    brush.stroke();
  }
}

/** The point at a share of the way, which runs downwards from point to point in S-shaped curves, and
    whether it is to be seen: within a box it is not. */
function along(way, share) {
  const height = way.at(-1)[1] - way[0][1];
  const y = way[0][1] + share * height;
  const next = Math.max(
    1,
    way.findIndex((point) => point[1] > y),
  );
  const [[fromX, fromY], [toX, toY, within]] = [way[next - 1], way[next]];
  const part = (y - fromY) / (toY - fromY || 1);
  const u = inverse(part);
  return [fromX + (toX - fromX) * u * u * (3 - 2 * u), y, !within];
}

/** The parameter at which such a curve has come this share of its way down: its height is
    1.5 u − 1.5 u² + u³, which three steps of Newton's method invert exactly enough for a pixel. */
function inverse(part) {
  let u = part;
  for (let step = 0; step < 3; step += 1) {
    u -= (1.5 * u - 1.5 * u * u + u * u * u - part) / (1.5 - 3 * u + 3 * u * u);
  }
  return u;
}
