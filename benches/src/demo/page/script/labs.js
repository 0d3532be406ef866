// The list of labs: a button each, which opens its card.

import { act } from "./act.js";
import { byId, make } from "./elements.js";
import { guard } from "./permit.js";
import { many } from "./words.js";

let shown = "";

/** Shows the labs; `opened` is called when this page has opened one. A list that is there already is
    left alone: somebody may be on it with the keyboard. */
export function listLabs(labs, opened) {
  if (shown === JSON.stringify(labs)) return;
  shown = JSON.stringify(labs);
  const entries = labs.map(({ name, title, minutes }) => {
    const button = guard(make("button", { type: "button", class: "lab", "data-lab": name }, title));
    button.addEventListener("click", async () => {
      if (await act("/lab", { name })) opened();
    });
    return make("li", {}, button, make("span", { class: "about" }, many(minutes, "minute")));
  });
  byId("lab-list").replaceChildren(...entries);
}
