// The modes in words: the report's own (a test holds them side by side), and a headline for each.

const MODES = {
  single: {
    binds: "the one process",
    accepts: "the one process",
    chooses: "nobody",
    headline: () => "One process binds, accepts and answers",
  },
  threads: {
    binds: "the one process",
    accepts: "one task of it",
    chooses: "the work-stealing runtime, request by request",
    headline: () => "One process, whose threads take work from each other",
  },
  shared: {
    binds: "the master, before the fork",
    accepts: "every worker, on the same socket",
    chooses: "whoever wakes first",
    headline: (workers) => `${workers}, one queue: whoever wakes first accepts`,
  },
  reuseport: {
    binds: "the master, one socket a worker",
    accepts: "each worker, on its own socket",
    chooses: "the kernel, by a hash of the addresses",
    headline: (workers) => `${workers}, each with a socket: the kernel’s hash chooses`,
  },
  "round-robin": {
    binds: "the master",
    accepts: "the master",
    chooses: "the master, in strict turn",
    headline: (workers) => `${workers}: the master deals in strict turn`,
  },
  "least-connections": {
    binds: "the master",
    accepts: "the master",
    chooses: "the master: the worker with the fewest open connections",
    headline: (workers) => `${workers}: the master deals to whoever has the fewest open`,
  },
};

/** Modes without forking: no master, one process. */
export const ALONE = ["single", "threads"];

/** What is known of a mode; of one that is not known, its name. */
export function explained(mode) {
  return MODES[mode] ?? { binds: "", accepts: "", chooses: "", headline: () => mode };
}

/** The colour of a mode: the report's, by the order of its list. */
export function colour(mode) {
  const place = Object.keys(MODES).indexOf(mode);
  return `s${place < 0 ? 0 : place}`;
}
