// Where everything of the drawing lies, mode by mode: boxes, the lines between them, and the way that
// a connection takes from the clients to each worker. Lengths are in pixels; nothing is drawn here.

/** Heights in rem: tops of the rows of boxes. */
const CLIENTS = 1.1;
const FIRST = 2.6;
const SECOND = 6.1;
const WORKERS = 11.2;
const BOX = 2.35;

/** The length of an arrow's head, in pixels: a line ends where it begins. */
export const HEAD = 7;

/** The height of the whole in rem. */
export const HEIGHT = WORKERS + BOX + 0.5;

/** What is to be drawn for a mode, with `ids` from left to right in what the gutter leaves of the
    width. */
export function scheme(mode, ids, { width, gutter, rem }) {
  const room = width - gutter;
  const column = room / ids.length;
  const place = { rem, column, middle: gutter + room / 2, left: gutter, room };
  const seats = ids.map((id, index) => worker(id, gutter + (index + 0.5) * column, place));
  const between = BETWEEN[mode] ?? BETWEEN["round-robin"];
  const { boxes, lines, ways, choosers } = between(seats, place);
  const all = [...boxes, ...seats.map((seat) => ({ ...seat, accent: choosers === "workers" }))];
  const clients = { x: place.middle, y: CLIENTS * rem };
  return { width, height: HEIGHT * rem, clients, boxes: all, lines, ways, column };
}

/** The box of a worker: as wide as its column allows. */
function worker(id, middle, { rem, column }) {
  const wide = Math.min(column - 0.4 * rem, 7.5 * rem);
  return { id, x: middle - wide / 2, y: WORKERS * rem, width: wide, height: BOX * rem };
}

/** A box in the middle, `wide` rem at most. */
function central(name, top, wide, accent, { rem, middle, room }) {
  const width = Math.min(wide * rem, room);
  return { name, x: middle - width / 2, y: top * rem, width, height: BOX * rem, accent };
}

const top = (box) => [box.x + box.width / 2, box.y];
/** The way down to a box: to the arrow's foot, and through its head. */
const into = (box) => [[top(box)[0], box.y - HEAD], top(box)];
const bottom = (box) => [box.x + box.width / 2, box.y + box.height];
/** The way through a box, where nothing is seen of it. */
const through = (box) => [...bottom(box), true];

/** A line from one point to another, of a worker (by id) or of all. */
function line(from, to, accent, id = null) {
  return { from, to, accent, id };
}

/** What lies between the clients and the workers. */
const BETWEEN = {
  single: (seats, place) => direct(seats, place, false),
  threads: (seats, place) => direct(seats, place, true),
  shared(seats, place) {
    const port = central("port", (FIRST + SECOND) / 2, 15, false, place);
    return { ...fan([port], seats, place, true), choosers: "workers" };
  },
  reuseport(seats, place) {
    const hash = central("hash", FIRST, 15, true, place);
    const drawn = fan([hash], seats, place, true);
    const sockets = seats.map((seat) => socket(seat, place));
    const lines = [...drawn.lines.filter(({ id }) => id === null)];
    for (const box of sockets) {
      const seat = seats.find(({ id }) => id === box.of);
      lines.push(
        line(bottom(hash), top(box), true, box.of),
        line(bottom(box), top(seat), false, box.of),
      );
      drawn.ways.set(box.of, [
        ...arrival(hash, place),
        through(hash),
        ...into(box),
        through(box),
        ...into(seat),
      ]);
    }
    return { ...drawn, boxes: [hash, ...sockets], lines };
  },
  "round-robin": (seats, place) => dealt(seats, place),
  "least-connections": (seats, place) => dealt(seats, place),
};

function direct(seats, place, accent) {
  const port = central("port", (FIRST + SECOND) / 2, 15, false, place);
  return { ...fan([port], seats, place, accent), choosers: accent ? "workers" : "nobody" };
}

function dealt(seats, place) {
  const port = central("port", FIRST, 15, false, place);
  const master = central("master", SECOND, 15, true, place);
  return fan([port, master], seats, place, true);
}

function socket(seat, { rem, column }) {
  const width = Math.min(column - 0.8 * rem, 5 * rem);
  const x = seat.x + (seat.width - width) / 2;
  return {
    name: "socket",
    of: seat.id,
    x,
    y: (SECOND + 1.2) * rem,
    width,
    height: 1.5 * rem,
    accent: false,
  };
}

/** From the clients to a first box. */
function arrival(box, { middle, rem }) {
  return [[middle, (CLIENTS + 0.5) * rem], ...into(box)];
}

/** Boxes in a row from top to bottom, and from the last one a line to each worker. */
function fan(boxes, seats, place, accent) {
  const points = [...arrival(boxes[0], place)];
  const lines = [line(points[0], top(boxes[0]), false)];
  boxes.forEach((box, index) => {
    if (index > 0) {
      lines.push(line(bottom(boxes[index - 1]), top(box), false));
      points.push(...into(box));
    }
    points.push(through(box));
  });
  const ways = new Map();
  for (const seat of seats) {
    lines.push(line(points.at(-1), top(seat), accent, seat.id));
    ways.set(seat.id, [...points, ...into(seat)]);
  }
  return { boxes, lines, ways };
}
