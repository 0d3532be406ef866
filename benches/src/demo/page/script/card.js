// The card of the lab that is open: predict, running, result, or why it failed. Built anew when the
// stage changes; while it runs only its line and bar do. Next: sheet, for what each stage holds.

import { tell } from "./act.js";
import { byId, make, mark, say } from "./elements.js";
import { failed, guesses, head, leave, predict, result } from "./sheet.js";

export class Card {
  #section = byId("lab");
  #key = "none";
  #lab = { stage: "none" };
  /** Whether this page opened the lab and is to be led to it. */
  #lead = false;
  #line = null;
  #progress = null;
  /** The length of each round, as far as it was seen. */
  #spans = new Map();
  /** When the demo last told of the round. */
  #told = 0;

  /** Shows what the demo tells of labs. */
  show(lab) {
    this.#lab = lab;
    this.#told = performance.now();
    const key = `${lab.stage} ${lab.name ?? ""}`;
    if (key !== this.#key) this.#rebuild(key);
    this.tick();
  }

  /** Leads the reader to the card, now or when it comes. */
  lead() {
    this.#lead = true;
    if (!this.#section.hidden) this.#arrive();
  }

  /** Lets the time left run down while a round is under way. */
  tick() {
    if (!this.#line) return;
    const { round } = this.#lab;
    if (!round) return say(this.#line, "Getting ready …");
    const { number, of, title, left_s: then } = round;
    const left = Math.max(0, then - (performance.now() - this.#told) / 1000);
    say(this.#line, `Round ${number} of ${of}: ${title}, ${Math.ceil(left)} s left`);
    const span = Math.max(then, this.#spans.get(number) ?? 0);
    this.#spans.set(number, span);
    mark(this.#progress, "value", ((number - 1 + (span ? 1 - left / span : 0)) / of).toFixed(3));
  }

  #arrive() {
    this.#lead = false;
    this.#section.querySelector("h2").focus();
    this.#section.scrollIntoView({ block: "start" });
  }

  #rebuild(key) {
    const ran = this.#key.startsWith("running");
    const within = this.#section.contains(document.activeElement);
    this.#key = key;
    const { stage } = this.#lab;
    this.#section.hidden = stage === "none";
    this.#section.dataset.stage = stage;
    this.#line = null;
    const held = stage === "none" ? [] : [head(this.#lab), ...this.#stage(stage)];
    this.#section.replaceChildren(...held);
    if (ran)
      tell(stage === "result" ? "Guess and observation stand side by side." : "The lab ends.");
    if (stage !== "none" && (this.#lead || within)) this.#arrive();
  }

  #stage(stage) {
    const stages = { predict, running: (lab) => this.#running(lab), result, failed };
    return stages[stage](this.#lab);
  }

  #running(lab) {
    this.#line = make("p", { class: "round" });
    this.#progress = make("progress", { max: 1, value: 0, "aria-label": "rounds done" });
    this.#spans.clear();
    const line = make("div", { class: "under-way" }, this.#line, this.#progress, leave("give up"));
    return [...guesses(lab), line];
  }
}
