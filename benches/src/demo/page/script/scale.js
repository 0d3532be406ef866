// The top of an axis: a round number above all values, which grows at once and shrinks only after a
// while, so that bars do not jump when nothing did.

const STEPS = [1, 1.5, 2, 3, 4, 5, 6, 8, 10];
/** How long everything must have fitted under half of it before the top comes down. */
const PATIENCE_MS = 2500;

/** The smallest round number that is not below the value. */
export function roundUp(value) {
  if (!(value > 0)) return 1;
  const unit = 10 ** Math.floor(Math.log10(value));
  return unit * STEPS.find((step) => step * unit >= value * 0.999999);
}

export class Top {
  #least;
  #top;
  #since = null;

  /** An axis whose top is never below `least`. */
  constructor(least) {
    this.#least = least;
    this.#top = least;
  }

  /** The top for a largest value, now. */
  over(value, now = performance.now()) {
    const wanted = Math.max(this.#least, roundUp(value));
    if (wanted > this.#top) this.#top = wanted;
    if (wanted > this.#top / 2) this.#since = null;
    else if (this.#since === null) this.#since = now;
    else if (now - this.#since > PATIENCE_MS) {
      this.#top = wanted;
      this.#since = null;
    }
    return this.#top;
  }
}
