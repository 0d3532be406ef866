// Which process stands for a worker: a replacement takes milliseconds, so one that died keeps its
// place until it has been seen; one that leaves stands aside for its successor.

/** A death is shown for at least this long. */
export const SEEN_MS = 700;

/** Deaths whose open connections are remembered. */
const REMEMBERED = 32;

/** How much a process is the one to look at. */
const WEIGHT = { down: 3, killed: 0, leaving: 1 };
const weight = (process) => WEIGHT[process.state] ?? 2;

export class Seats {
  /** Deaths that are to be seen still, by worker. */
  #fallen = new Map();
  /** What the last one that died had open, by process. */
  #lost = new Map();
  /** What was shown last, by worker. */
  #shown = new Map();

  /** Takes note of an `exit`. Not of a process that has handed its place over already, nor of one that
      left as it was asked to. */
  fall(event, now) {
    const clean = !event.signal && !event.code;
    const shown = this.#shown.get(event.id);
    if (clean || (shown && shown.pid !== event.pid)) return;
    const dead = { generation: event.generation, cpu: 0, dealt: 0, requests: 0, ...shown };
    const { id, pid, signal, code, open } = event;
    const process = { ...dead, id, pid, signal, code, state: "down", rps: 0, open: 0, cpu: 0 };
    this.#lost.set(pid, open);
    if (this.#lost.size > REMEMBERED) this.#lost.delete(this.#lost.keys().next().value);
    this.#fallen.set(id, { process, until: now + SEEN_MS });
  }

  /** Each worker's process to show, by id, with the others of that worker, and what it had open if it
      died. */
  arrange(processes, now) {
    const seats = new Map();
    for (const process of processes) {
      const others = seats.get(process.id);
      if (others) others.push(process);
      else seats.set(process.id, [process]);
    }
    for (const [id, { process, until }] of this.#fallen) {
      if (now >= until) this.#fallen.delete(id);
      else seats.set(id, withFallen(seats.get(id) ?? [], process));
    }
    const arranged = [...seats].map(([id, all]) => {
      const sorted = all.sort((a, b) => weight(b) - weight(a) || b.generation - a.generation);
      return {
        id,
        process: sorted[0],
        others: sorted.slice(1),
        lost: this.#lost.get(sorted[0].pid),
      };
    });
    this.#shown = new Map(arranged.map(({ id, process }) => [id, process]));
    return arranged.sort((a, b) => a.id - b.id);
  }
}

function withFallen(processes, fallen) {
  return [fallen, ...processes.filter((process) => process.pid !== fallen.pid)];
}
