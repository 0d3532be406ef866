// Numbers as people read them: grouped, with their unit, and no digit that means nothing.

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat("en", { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** `12,345` */
export const count = (value) => whole.format(value);

/** A rate: with tenths as long as they tell something. */
export const rate = (value) => (value > 0 && value < 9.95 ? tenths : whole).format(value);

/** `42 %` of a share. */
export const percent = (share) => `${whole.format(share * 100)} %`;

/** `1 connection`, `2 connections` */
export const many = (value, one, more = `${one}s`) => `${count(value)} ${value === 1 ? one : more}`;

/** Microseconds in the unit that suits them: `["0.90", "ms"]`. */
export function time(us) {
  const [value, unit] = us < 1000 ? [us, "µs"] : us < 1e6 ? [us / 1000, "ms"] : [us / 1e6, "s"];
  const digits = unit === "µs" || value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return [value.toFixed(digits), unit];
}

/** A number on an axis: without zeros that say nothing. */
export const tick = (text) => text.replace(/(\.\d*?)0+(?=\D|$)/, "$1").replace(/\.(?=\D|$)/, "");

const SIGNALS = {
  1: "SIGHUP",
  2: "SIGINT",
  3: "SIGQUIT",
  4: "SIGILL",
  6: "SIGABRT",
  7: "SIGBUS",
  8: "SIGFPE",
  9: "SIGKILL",
  11: "SIGSEGV",
  13: "SIGPIPE",
  15: "SIGTERM",
  19: "SIGSTOP",
};

/** Why a process is gone: `SIGKILL (9)`, or `exit code 101`. */
export function fate({ signal, code }) {
  if (signal) return SIGNALS[signal] ? `${SIGNALS[signal]} (${signal})` : `signal ${signal}`;
  return code === null || code === undefined ? "gone" : `exit code ${code}`;
}
