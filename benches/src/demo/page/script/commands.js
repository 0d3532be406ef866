// The command line that does the same as a control, to be read and copied.

import { make, say } from "./elements.js";
import { tell } from "./act.js";

/** Lines of commands in a place, replaced only where they differ. */
export class Commands {
  #place;
  #lines = [];

  constructor(place) {
    this.#place = place;
  }

  show(commands) {
    while (this.#lines.length > commands.length) this.#lines.pop().element.remove();
    commands.forEach((command, index) => {
      this.#lines[index] ??= this.#line();
      this.#lines[index].show(command);
    });
  }

  #line() {
    const code = make("code");
    const copy = make("button", { type: "button", class: "copy" }, "copy");
    copy.addEventListener("click", () => copyText(code.textContent));
    const element = make("div", { class: "command" }, code, copy);
    this.#place.append(element);
    const show = (command) => {
      say(code, command);
      if (copy.dataset.of !== command) {
        copy.dataset.of = command;
        copy.setAttribute("aria-label", `copy ${command}`);
      }
    };
    return { element, show };
  }
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    tell(`Copied: ${text}`);
  } catch {
    tell(
      "the browser lets only pages on loopback or with https copy; select the line instead",
      false,
    );
  }
}

export const ofWorker = (pid) => [`kill -9 ${pid}`, `kill -STOP ${pid}`, `kill -CONT ${pid}`];

/** None where there is no master. */
export const ofMaster = (master) =>
  master ? ["TTOU", "TTIN", "HUP"].map((signal) => `kill -${signal} ${master.pid}`) : [];

/** Modes are switched by the operators' address, which is missing while there is no server. */
export function ofMode(mode, { admin, token_file: tokenFile }) {
  if (!admin || !tokenFile) return [];
  return [`curl -X POST -H "Authorization: Bearer $(cat ${tokenFile})" '${admin}/mode?to=${mode}'`];
}
