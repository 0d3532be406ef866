// Elements made in one call, of HTML and of SVG, and text that is set only where it differs.

const SVG = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** An element of HTML with its attributes and what it holds. */
export function make(name, attributes = {}, ...held) {
  return furnish(document.createElement(name), attributes, held);
}

/** An element of SVG. */
export function draw(name, attributes = {}, ...held) {
  return furnish(document.createElementNS(SVG, name), attributes, held);
}

function furnish(element, attributes, held) {
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...held);
  return element;
}

/** Unchanged text is left alone: it costs no layout, and a screen reader is not told of it again. */
export function say(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** An attribute, likewise. */
export function mark(element, name, value) {
  if (element.getAttribute(name) !== String(value)) element.setAttribute(name, value);
}

/** The size of `1rem` in pixels: drawings are measured in it, so that their text is the page's. */
export function rem() {
  return Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
}
