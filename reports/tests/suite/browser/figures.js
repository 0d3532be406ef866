// The body of a function that lists figures which a chart and a table show differently, or only one.

const complaints = [];
const keyOf = (element) => {
  const cell = element.closest("tr")?.dataset.cell;
  return cell ? `${cell}/${element.dataset.figure}` : element.dataset.figure;
};
const keyed = (selector) => {
  const found = new Map();
  for (const element of document.querySelectorAll(selector)) {
    const figure = keyOf(element);
    found.set(figure, [...(found.get(figure) ?? []), element]);
  }
  return found;
};
const cells = keyed("td[data-figure]");
const marks = keyed("figure svg [data-figure]");

for (const [key, shown] of marks) {
  const texts = (cells.get(key) ?? []).map((cell) => cell.textContent.trim());
  if (!texts.length) complaints.push(`${key} is in no table`);
  for (const element of shown) {
    // The tables write an interval as the title of its mark does, but for the spaces round its dash.
    const said = element.closest(".mark").getAttribute("aria-label");
    const other = texts.find((text) => !said.includes(text));
    if (other !== undefined) complaints.push(`${key}: ${other} in a table, the chart says: ${said}`);
  }
}

// Throughput, speed-up and ratio are drawn of every cell.
for (const [key, [cell]] of cells) {
  const text = cell.textContent.trim();
  if (text && /\/(rps|rps95|speedup|speedup95|ratio)$/.test(key) && marks.get(key)?.length !== 1) {
    complaints.push(`${key} is drawn ${marks.get(key)?.length ?? 0} times`);
  }
}

// A narrow drawing borrows the words of the wide one's marks, in their order.
for (const wide of document.querySelectorAll("figure svg.wide")) {
  const narrow = wide.parentElement.querySelector("svg.narrow");
  const order = (drawing) =>
    [...drawing.querySelectorAll(".mark")].map((mark) => mark.closest(".series").dataset.series).join();
  if (order(wide) !== order(narrow)) complaints.push(`${wide.getAttribute("aria-label")}: other marks when narrow`);
}
return complaints;
