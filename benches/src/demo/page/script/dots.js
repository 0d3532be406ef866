// Connections on their way: each dot stands for as many as are stated, all of which were dealt to that
// worker. None where the reader asked for less motion, and none that is not a connection.

/** Dots that may set out in one frame. */
const MOST = 12;
const STEPS = [1, 2, 5];
/** How long a dot is on its way. */
const TRAVEL_MS = 900;
/** The time between two pictures: thirty a second are smooth enough, and cheap. */
const PICTURE_MS = 33;
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
  #group = null;
  #ways = new Map();
  #radius = 4;
  #travelling = [];
  #spare = [];
  #each = 1;
  #since = 0;
  /** Connections that were too few for a dot, by worker. */
  #rest = new Map();
  #last = 0;
  #running = false;

  /** A new drawing: where the dots go in it, and the way to each worker. */
  settle(group, ways, radius) {
    this.#group = group;
    this.#ways = ways;
    this.#radius = radius;
    this.#travelling = [];
    this.#spare = [];
    this.#rest.clear();
  }

  /** Sends off what was dealt in one frame, evenly over the time until the next; gives back how many
      connections a dot stands for. */
  send(dealt, now, frameMs) {
    const all = [...dealt.values()].reduce((sum, number) => sum + number, 0);
    this.#weigh(worth(all), now);
    if (still.matches || document.hidden || !this.#group) {
      this.#rest.clear();
      return this.#each;
    }
    const leaving = [...dealt].flatMap(([id, number]) => this.#take(id, number));
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
      this.#travelling = this.#travelling.filter((dot) => this.#move(dot, now));
    }
    this.#running = false;
    this.#run();
  }

  /** Moves a dot; false when it has arrived. */
  #move(dot, now) {
    const share = (now - dot.start) / TRAVEL_MS;
    if (share < 0) return true;
    if (share >= 1) {
      if (dot.circle) this.#spare.push(dot.circle);
      dot.circle?.setAttribute("visibility", "hidden");
      return false;
    }
    dot.circle ??= this.#circle();
    const [x, y] = along(dot.way, share);
    dot.circle.setAttribute("transform", `translate(${x.toFixed(1)} ${y.toFixed(1)})`);
    return true;
  }

  #circle() {
    const circle =
      this.#spare.pop() ?? document.createElementNS(this.#group.namespaceURI, "circle");
    circle.setAttribute("r", this.#radius);
    circle.setAttribute("visibility", "visible");
    if (!circle.parentNode) this.#group.append(circle);
    return circle;
  }
}

/** The point at a share of the way, which runs downwards from point to point in S-shaped curves. */
function along(way, share) {
  const height = way.at(-1)[1] - way[0][1];
  const y = way[0][1] + share * height;
  const next = Math.max(
    1,
    way.findIndex((point) => point[1] > y),
  );
  const [[fromX, fromY], [toX, toY]] = [way[next - 1], way[next]];
  const part = (y - fromY) / (toY - fromY || 1);
  const u = inverse(part);
  return [fromX + (toX - fromX) * u * u * (3 - 2 * u), y];
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
