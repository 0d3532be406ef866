// What each stage of a lab's card holds: the question, the guesses, the result.

import { act, reach } from "./act.js";
import { make } from "./elements.js";
import { guard } from "./permit.js";
import { many } from "./words.js";

export function head({ title, minutes, aim, question }) {
  const heading = make("h2", { id: "lab-title", tabindex: "-1" }, title);
  const about = make("p", { class: "about" }, `${many(minutes, "minute")}. ${aim}`);
  return make(
    "div",
    { class: "lab-head" },
    heading,
    about,
    make("p", { class: "question" }, ...prose(question)),
  );
}

/** A field for each guess; an empty one is no guess. */
export function predict(lab) {
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
export function guesses({ items, quantity, unit }) {
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
export function result({ figure, explanation, discuss, report, handout }) {
  const drawn = make("div", { class: "figure" });
  drawn.innerHTML = figure;
  const questions = discuss.map((question) => make("li", {}, ...prose(question)));
  const links = [
    ["the whole report", report],
    ["a handout to print", handout],
  ].map(([text, to]) => make("a", { href: reach(to), target: "_blank", rel: "noopener" }, text));
  const words = make(
    "div",
    { class: "explained" },
    make("h3", {}, "Why"),
    ...explanation.split(/\n\s*\n/).map((paragraph) => make("p", {}, ...prose(paragraph))),
    make("h3", {}, "To discuss"),
    make("ol", {}, ...questions),
    make("p", { class: "links" }, ...links, leave("back to the cluster")),
  );
  return [make("div", { class: "result" }, drawn, words)];
}

export function failed({ error, name }) {
  const again = guard(make("button", { type: "button" }, "try again"), { inLab: true });
  again.addEventListener("click", () => act("/lab", { name }));
  return [
    make("p", { class: "notice" }, error),
    make("p", { class: "links" }, again, leave("leave")),
  ];
}

export function leave(text) {
  const button = guard(make("button", { type: "button", "data-lab-act": "leave" }, text), {
    inLab: true,
  });
  button.addEventListener("click", () => act("/lab/leave"));
  return button;
}

/** Text whose `backticks` mark code. */
function prose(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}
