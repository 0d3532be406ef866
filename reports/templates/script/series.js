// A series in all charts and tables at once: highlighted while it is pointed at, hidden on demand.

/** Elements by the series that they belong to: groups of charts, entries of legends, rows of tables. */
const carriers = new Map();
const hidden = new Set();
let highlighted = null;

function findSeries() {
  for (const element of document.querySelectorAll("[data-series]")) {
    const name = element.dataset.series;
    if (!carriers.has(name)) carriers.set(name, []);
    carriers.get(name).push(element);
  }
}

function seriesOf(element) {
  return element?.closest("[data-series]")?.dataset.series ?? null;
}

/** Dims all series but this one; null dims none. */
function highlight(name) {
  if (name === highlighted) return;
  highlighted = name;
  document.documentElement.classList.toggle("lit", name !== null);
  for (const [series, elements] of carriers) {
    for (const element of elements) element.classList.toggle("on", series === name);
  }
}

function followPointer() {
  document.addEventListener("pointerover", (event) => highlight(seriesOf(event.target)));
  document.documentElement.addEventListener("pointerleave", () => highlight(null));
}

function setHidden(name, away) {
  if (away) hidden.add(name);
  else hidden.delete(name);
  for (const element of carriers.get(name)) element.classList.toggle("away", away);
}

/** Line and marker of a series as its legend has them, as a picture of their own. */
function sample(name) {
  const entry = carriers.get(name).find((element) => element.matches(".entry"));
  const start = entry?.querySelector("path")?.getAttribute("d").match(/M([\d.]+) ([\d.]+)/);
  if (!start) return "";
  const picture = entry.ownerSVGElement.cloneNode(false);
  for (const attribute of [...picture.attributes]) picture.removeAttributeNode(attribute);
  picture.setAttribute("viewBox", `${start[1]} ${start[2] - 7} 28 14`);
  picture.setAttribute("aria-hidden", "true");
  picture.setAttribute("fill", "none");
  picture.append(...[...entry.querySelectorAll(":not(text)")].map((shape) => shape.cloneNode()));
  return picture;
}

function addSeriesSwitches(tools) {
  const note = document.createElement("p");
  note.className = "hidden-note";
  note.setAttribute("role", "status");
  const buttons = [...carriers.keys()].map((name) => seriesSwitch(name, note));
  if (buttons.length > 1) tools.append(...buttons, note);
}

function seriesSwitch(name, note) {
  const button = makeButton(name);
  button.prepend(sample(name));
  button.dataset.series = name;
  button.setAttribute("aria-pressed", "true");
  button.addEventListener("click", () => {
    setHidden(name, !hidden.has(name));
    button.setAttribute("aria-pressed", !hidden.has(name));
    sayWhatIsHidden(note);
    restoreEntrances();
    markFirstRows();
  });
  button.addEventListener("focus", () => highlight(name));
  button.addEventListener("blur", () => highlight(null));
  return button;
}

function sayWhatIsHidden(note) {
  const names = [...carriers.keys()].filter((name) => hidden.has(name));
  note.textContent = names.length
    ? `${names.length} series hidden: ${names.join(", ")}. Axes and sentences still count them.`
    : "";
}
