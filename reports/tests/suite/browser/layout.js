// The body of a function that lists text which is clipped or lies on other text.

const SLACK = 1;
const complaints = [];
const width = document.documentElement.clientWidth;
const shown = (element) => element.getClientRects().length > 0;
const brief = (text) => JSON.stringify(text.trim().replace(/\s+/g, " ").slice(0, 40));

/** Text in boxes, as many as it has lines; a line's box is higher than its letters. */
function lines(node) {
  const range = document.createRange();
  range.selectNodeContents(node);
  return [...range.getClientRects()].map(({ left, right, top, bottom, height }) => ({
    left, right, top: top + 0.2 * height, bottom: bottom - 0.2 * height,
    text: node.textContent, parent: node.parentElement,
  }));
}

function textsOf(root, accept) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    const node = walker.currentNode;
    if (node.textContent.trim() && accept(node.parentElement)) texts.push(...lines(node));
  }
  return texts;
}

function overlaps(a, b) {
  return Math.min(a.right, b.right) - Math.max(a.left, b.left) > SLACK
    && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > SLACK;
}

/** Pairs are looked for downwards, so that a long page does not take its length squared. */
function findOverlaps(texts, where) {
  texts.sort((a, b) => a.top - b.top);
  texts.forEach((one, index) => {
    for (let next = index + 1; next < texts.length && texts[next].top < one.bottom; next += 1) {
      if (overlaps(one, texts[next])) {
        complaints.push(`${where}: ${brief(one.text)} lies on ${brief(texts[next].text)}`);
      }
    }
  });
}

function within(text, { left, right, top, bottom }, where) {
  if (text.left < left - SLACK || text.right > right + SLACK || text.top < top - SLACK || text.bottom > bottom + SLACK) {
    complaints.push(`${where}: ${brief(text.text)} is clipped`);
  }
}

if (document.documentElement.scrollWidth > width) {
  complaints.push(`the page is ${document.documentElement.scrollWidth} wide, the window ${width}`);
}

for (const svg of document.querySelectorAll("figure svg")) {
  if (!shown(svg)) continue;
  const texts = textsOf(svg, (parent) => parent.localName === "text" && shown(parent));
  const name = `chart ${brief(svg.closest("figure").querySelector("figcaption").textContent)}`;
  for (const text of texts) within(text, svg.getBoundingClientRect(), name);
  findOverlaps(texts, name);
}

const prose = textsOf(document.body, (parent) => !parent.closest("svg, script, style") && shown(parent));
for (const text of prose) {
  const box = text.parent.closest(".scroll");
  const scrolls = box && getComputedStyle(box).overflowX !== "visible";
  const room = scrolls ? box.scrollWidth - box.scrollLeft : 0;
  const from = scrolls ? box.getBoundingClientRect().left : 0;
  const limits = scrolls ? { left: from - box.scrollLeft, right: from + room } : { left: 0, right: width };
  within(text, { ...limits, top: -Infinity, bottom: Infinity }, text.parent.localName);
}
findOverlaps(prose, "page");
return complaints;
