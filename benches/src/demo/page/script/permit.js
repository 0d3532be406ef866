// Whether controls may be used: not while the connection is lost, and not while a lab plays, which
// acts by itself.

/** Controls, each with what else may forbid it and whether a lab is no reason to. */
const controls = new Map();
let live = false;
let lab = false;

/** Registers a control; gives it back. */
export function guard(control, { forbidden = () => false, inLab = false } = {}) {
  controls.set(control, { forbidden, inLab });
  apply(control);
  return control;
}

export function setLive(now) {
  live = now;
  refresh();
}

export function setLab(now) {
  lab = now;
  refresh();
}

/** Looks at all controls again, and forgets those that have left the page. */
export function refresh() {
  for (const control of controls.keys()) {
    if (control.isConnected) apply(control);
    else controls.delete(control);
  }
}

function apply(control) {
  const { forbidden, inLab } = controls.get(control);
  const barred = !live || (lab && !inLab) || forbidden();
  if (control.disabled !== barred) control.disabled = barred;
}
