// The card of the lab that is open: predict, running, result, or why it failed. Built anew when the
// stage changes; while it runs only its line and bar do.

import { act, tell } from "./act.js";
import { byId, make, mark, say } from "./elements.js";
import { guard } from "./permit.js";
import { many } from "./words.js";

export class Card {
  #section = byId("lab");
  #key = "none";
  #lab = { stage: "none" };
  /** Whether this page opened the lab and is to be led to it. */
  #lead = false;
  #line = null;
  #progress = null;
  #spans = new Map();

  /** Shows what the demo tells of labs. */
  show(lab) {
    this.#lab = lab;
    const key = `${lab.stage} ${lab.name ?? ""}`;
    if (key !== this.#key) this.#rebuild(key);
    if (lab.stage === "running") this.#follow(lab);
  }

  /** Leads the reader to the card, now or when it comes. */
  lead() {
    this.#lead = true;
    if (!this.#section.hidden) this.#arrive();
  }

  #arrive() {
    this.#lead = false;
    this.#section.querySelector("h2").focus();
    this.#section.scrollIntoView({ block: "start" });
  }

  #rebuild(key) {
    const before = this.#key;
    this.#key = key;
    const { stage } = this.#lab;
    this.#section.hidden = stage === "none";
    this.#section.dataset.stage = stage;
    this.#line = null;
    const builders = { predict, running: (lab) => this.#running(lab), result, failed };
    this.#section.replaceChildren(
      ...(stage === "none" ? [] : [head(this.#lab), ...builders[stage](this.#lab)]),
    );
    if (before.startsWith("running"))
      tell(
        stage === "result"
          ? "The lab is done: guess and observation stand side by side."
          : "The lab has ended.",
      );
    if (this.#lead && stage !== "none") this.#arrive();
  }

  #running(lab) {
    this.#line = make("p", { class: "round" });
    this.#progress = make("progress", { max: 1, value: 0, "aria-label": "rounds done" });
    this.#spans.clear();
    return [
      ...guesses(lab),
      make("div", { class: "under-way" }, this.#line, this.#progress, leave("give up")),
    ];
  }

  /** Round and time left; the longest time left seen of a round is its length. */
  #follow({ round }) {
    if (!round || !this.#line) return say(this.#line, "Getting ready …");
    const { number, of, title, left_s: left } = round;
    say(this.#line, `Round ${number} of ${of}: ${title}, ${Math.ceil(left)} s left`);
    const span = Math.max(left, this.#spans.get(number) ?? 0);
    this.#spans.set(number, span);
    mark(this.#progress, "value", ((number - 1 + (span ? 1 - left / span : 0)) / of).toFixed(3));
  }
}

function head({ title, minutes, aim, question }) {
  const heading = make("h2", { id: "lab-title", tabindex: "-1" }, title);
  const about = make("p", { class: "about" }, `${many(minutes, "minute")}. ${aim}`);
  return make(
    "div",
    { class: "lab-head" },
    heading,
    about,
    make("p", { class: "question" }, question),
  );
}

/** A field for each guess; an empty one is no guess. */
function predict(lab) {
  const { items, min, max, step, quantity, unit } = lab;
  const fields = items.map(({ name, guess }, index) => {
    const field = make("input", {
      id: `guess-${index}`,
      type: "number",
      min,
      max,
      step,
      inputmode: "decimal",
      value: guess ?? "",
    });
    const label = make("label", { for: field.id }, name);
    return make("span", { class: "field" }, label, guard(field, { inLab: true }));
  });
  const go = guard(make("button", { class: "go" }, "measure it"), { inLab: true });
  const form = make(
    "form",
    { class: "guesses" },
    make(
      "fieldset",
      {},
      make("legend", {}, `Your guess: ${inUnit(quantity, unit)}, from ${min} to ${max}`),
      ...fields,
    ),
    go,
    leave("leave"),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const values = [...form.querySelectorAll("input")].map(({ value }) => value);
    act("/lab/guess", { values: values.join(",") });
  });
  return [form];
}

/** What the class has said, while the measurement runs. */
function guesses({ items, quantity, unit }) {
  const said = items.map(({ name, guess }) =>
    make("li", {}, `${name}: `, make("b", {}, guess === null ? "no guess" : `${guess}`)),
  );
  return [
    make("p", { class: "key-name" }, `The class’s guess: ${inUnit(quantity, unit)}`),
    make("ul", { class: "said" }, ...said),
  ];
}

function inUnit(quantity, unit) {
  return unit ? `${quantity} (${unit})` : quantity;
}

/** The figure is the report's own, drawn by the demo. */
function result({ figure, explanation, discuss, report, handout }) {
  const drawn = make("div", { class: "figure" });
  drawn.innerHTML = figure;
  const questions = discuss.map((question) => make("li", {}, question));
  const links = [
    ["the whole report", report],
    ["a handout to print", handout],
  ].map(([text, to]) => make("a", { href: to, target: "_blank", rel: "noopener" }, text));
  const words = make(
    "div",
    { class: "explained" },
    make("h3", {}, "Why"),
    make("p", {}, explanation),
    make("h3", {}, "To discuss"),
    make("ol", {}, ...questions),
    make("p", { class: "links" }, ...links, leave("back to the cluster")),
  );
  return [make("div", { class: "result" }, drawn, words)];
}

function failed({ error, name }) {
  const again = guard(make("button", { type: "button" }, "try again"), { inLab: true });
  again.addEventListener("click", () => act("/lab", { name }));
  return [
    make("p", { class: "notice" }, error),
    make("p", { class: "links" }, again, leave("leave")),
  ];
}

function leave(text) {
  const button = guard(make("button", { type: "button", "data-lab-act": "leave" }, text), {
    inLab: true,
  });
  button.addEventListener("click", () => act("/lab/leave"));
  return button;
}
