// What happens, in order: the theme before the page is drawn, all else once it is there.

recallTheme();
document.addEventListener("DOMContentLoaded", () => {
  takeTitles();
  prepareCharts();
  makeTip();
  addSorting();
  findSeries();
  followPointer();
  const tools = makeTools();
  addThemeSwitch(tools);
  addSeriesSwitches(tools);
  addHint(tools);
});

function makeButton(label) {
  const button = document.createElement("button");
  button.type = "button";
  button.append(label);
  return button;
}

/** The bar of switches: made here, so that a page without JavaScript shows no dead ones. */
function makeTools() {
  const tools = document.createElement("div");
  tools.className = "tools";
  tools.setAttribute("role", "region");
  tools.setAttribute("aria-label", "What is shown");
  document.querySelector("main").before(tools);
  return tools;
}

function addHint(tools) {
  if (!document.querySelector("figure .mark")) return;
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = "In a chart: arrow keys, Home, End, Esc. A heading of a table sorts it.";
  tools.append(hint);
}
