// A keyboard's cursor on the marks: a chart is one stop of the Tab key; within it arrows lead along a
// series and from series to series, Home and End to a series' ends, Escape closes what is shown.

function prepareCharts() {
  const charts = [...document.querySelectorAll("figure svg")];
  const titles = charts.map(nameChart);
  for (const title of titles) title.remove();
  for (const chart of charts) {
    for (const mark of chart.querySelectorAll(".mark")) prepareMark(mark);
    chart.addEventListener("focusin", (event) => arrive(event.target));
    chart.addEventListener("focusout", leave);
    chart.addEventListener("keydown", move);
  }
  restoreEntrances();
}

/** A picture's parts cannot be reached, a group's can. Gives back the title, whose words it took. */
function nameChart(chart) {
  const [title, description] = chart
    .getAttribute("aria-labelledby")
    .split(" ")
    .map((id) => document.getElementById(id));
  chart.setAttribute("role", "group");
  chart.setAttribute("aria-label", title.textContent);
  chart.setAttribute("aria-describedby", description.id);
  chart.removeAttribute("aria-labelledby");
  return title;
}

function prepareMark(mark) {
  mark.setAttribute("role", "img");
  mark.setAttribute("aria-label", words.get(mark));
  mark.setAttribute("tabindex", "-1");
}

function shownMarks(within) {
  return [...within.querySelectorAll(".mark")].filter((mark) => !mark.closest(".away"));
}

/** Each chart is entered at its first mark, or where the reader last was. */
function restoreEntrances() {
  for (const chart of document.querySelectorAll("figure svg")) {
    const shown = shownMarks(chart);
    const entrance = shown.find((mark) => mark.getAttribute("tabindex") === "0") ?? shown[0];
    if (entrance) setEntrance(entrance);
  }
}

function setEntrance(mark) {
  for (const other of mark.ownerSVGElement.querySelectorAll(".mark[tabindex='0']")) {
    other.setAttribute("tabindex", "-1");
  }
  mark.setAttribute("tabindex", "0");
}

function arrive(mark) {
  setEntrance(mark);
  drawCursor(mark);
  highlight(seriesOf(mark));
  showTip(mark);
}

function leave() {
  document.querySelector(".cursor")?.remove();
  highlight(null);
  showTip(null);
}

/** A frame round the mark: browsers disagree about outlines within a drawing. */
function drawCursor(mark) {
  document.querySelector(".cursor")?.remove();
  const frame = document.createElementNS(mark.namespaceURI, "rect");
  const { x, y, width, height } = mark.getBBox();
  const place = { class: "cursor", x: x - 5, y: y - 5, width: width + 10, height: height + 10, rx: 3 };
  for (const [name, value] of Object.entries(place)) frame.setAttribute(name, value);
  mark.ownerSVGElement.append(frame);
}

function move(event) {
  const mark = event.target.closest(".mark");
  if (event.key === "Escape") leave();
  const next = mark && destination(mark, event.key);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

/** Where a key leads from a mark; at an end it leads nowhere. */
function destination(mark, key) {
  const own = mark.closest(".series");
  const along = shownMarks(own);
  const place = along.indexOf(mark);
  const all = [...mark.ownerSVGElement.querySelectorAll(".series:not(.away)")];
  const across = (step) => all[all.indexOf(own) + step] && nearest(all[all.indexOf(own) + step], mark);
  switch (key) {
    case "ArrowRight":
      return along[place + 1];
    case "ArrowLeft":
      return along[place - 1];
    case "ArrowDown":
      return across(1);
    case "ArrowUp":
      return across(-1);
    case "Home":
      return along[0];
    case "End":
      return along.at(-1);
    default:
      return undefined;
  }
}

/** The mark of a series that is nearest to another mark from side to side. */
function nearest(series, mark) {
  const middle = (element) => {
    const box = element.getBBox();
    return box.x + box.width / 2;
  };
  const away = (other) => Math.abs(middle(other) - middle(mark));
  return shownMarks(series).sort((a, b) => away(a) - away(b))[0];
}
