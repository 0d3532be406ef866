// The body of a function that lists figures which a chart and a table show differently, or only one.

const complaints = [];
const keyed = (selector) => {
  const found = new Map();
  for (const element of document.querySelectorAll(selector)) {
    const { figure } = element.dataset;
    found.set(figure, [...(found.get(figure) ?? []), element]);
  }
  return found;
};
const cells = keyed("td[data-figure]");
const marks = keyed("figure [data-figure]");

for (const [key, shown] of marks) {
  const texts = (cells.get(key) ?? []).map((cell) => cell.textContent.trim());
  if (!texts.length) complaints.push(`${key} is in no table`);
  for (const { dataset } of shown) {
    if (texts.some((text) => text !== dataset.value)) {
      complaints.push(`${key}: ${dataset.value} in the chart, ${texts} in the tables`);
    }
  }
}

// Throughput, speed-up and ratio are drawn of every cell, for wide and for narrow screens.
for (const [key, [cell]] of cells) {
  const text = cell.textContent.trim();
  if (text && /\/(rps|rps95|speedup|speedup95|ratio)$/.test(key)) {
    const variants = (marks.get(key) ?? []).map((mark) => mark.ownerSVGElement.classList[0]);
    if (variants.join() !== "wide,narrow") complaints.push(`${key} is drawn ${variants.length} times`);
  }
}
return complaints;
