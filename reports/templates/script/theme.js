// The page's own comfort; without it nothing is missing but what is below. Each file is one idea:
// theme, series, tip, marks, tables, and start, which reads as a table of contents.
//
// Dark or light: as the system has it, unless the reader chose otherwise.

const THEME_KEY = "hello-cluster theme";
const systemIsDark = matchMedia("(prefers-color-scheme: dark)");

/** Does what a browser may forbid: storage is, for files and in private windows. */
function attempt(action) {
  try {
    return action();
  } catch {
    return null;
  }
}

/** Runs before the page is drawn, so that it does not flash. */
function recallTheme() {
  const theme = attempt(() => localStorage.getItem(THEME_KEY));
  if (theme === "dark" || theme === "light") document.documentElement.dataset.theme = theme;
}

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : systemIsDark.matches;
}

/** A choice that is the system's own is forgotten: the page follows the system again. */
function chooseTheme(dark) {
  const root = document.documentElement;
  if (dark === systemIsDark.matches) {
    delete root.dataset.theme;
    attempt(() => localStorage.removeItem(THEME_KEY));
  } else {
    root.dataset.theme = dark ? "dark" : "light";
    attempt(() => localStorage.setItem(THEME_KEY, root.dataset.theme));
  }
}

function addThemeSwitch(tools) {
  const button = makeButton("dark");
  const update = () => button.setAttribute("aria-pressed", isDark());
  button.addEventListener("click", () => {
    chooseTheme(!isDark());
    update();
  });
  systemIsDark.addEventListener("change", update);
  update();
  tools.append(button);
}
