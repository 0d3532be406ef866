// Fields that two sides write to: the class, and the demo, which tells five times a second what is set.
// What somebody is about to set is left alone until it has been answered.

/** How long an answered field waits for the demo to tell of it. */
const SETTLES_MS = 1000;

/** Until when a field belongs to the one who edits it. */
const held = new Map();

/** Calls `send` with a field once it was changed and makes sense. */
export function onChange(field, send) {
  let sending = false;
  field.addEventListener("input", () => held.set(field, Infinity));
  field.addEventListener("blur", () => {
    if (!sending && held.get(field) === Infinity) held.delete(field);
  });
  field.addEventListener("change", async () => {
    if (!field.reportValidity()) return;
    held.set(field, Infinity);
    sending = true;
    await send(field);
    sending = false;
    held.set(field, performance.now() + SETTLES_MS);
  });
}

/** Shows what is set. */
export function set(field, value) {
  if (performance.now() < (held.get(field) ?? 0)) return;
  const shown = typeof value === "boolean" ? "checked" : "value";
  const text = shown === "value" ? `${value}` : value;
  if (field[shown] !== text) field[shown] = text;
}
