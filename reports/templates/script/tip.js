// What a mark says, beside it: in place of the browser's own tooltip, which comes late and never to a
// keyboard.

/** What elements of charts say. */
const words = new Map();
/** How near a pointer must come to a mark, in pixels. */
const REACH = 12;
let tip;
/** What the tip says now, or null. */
let speaking = null;

/** Takes the titles over: left in place, the browser would show them too. */
function takeTitles() {
  for (const title of document.querySelectorAll("figure g > title")) {
    words.set(title.parentElement, title.textContent);
    title.remove();
  }
  for (const narrow of document.querySelectorAll("figure svg.narrow")) lendWords(narrow);
}

/** A narrow drawing has the marks of the wide one beside it, and leaves the words to that. */
function lendWords(narrow) {
  const parts = (drawing) => drawing.querySelectorAll(".mark, .series");
  const own = parts(narrow);
  parts(narrow.parentElement.querySelector("svg.wide")).forEach((lender, index) => {
    if (words.has(lender) && own[index]) words.set(own[index], words.get(lender));
  });
}

function makeTip() {
  tip = document.createElement("div");
  tip.className = "tip";
  tip.hidden = true;
  tip.setAttribute("aria-hidden", "true");
  document.body.append(tip);
  document.addEventListener("pointermove", (event) => showTip(speaker(event)));
  document.addEventListener("scroll", () => showTip(speaking), { passive: true, capture: true });
}

/** What is pointed at: the mark nearest to the pointer, or else what lies under it. */
function speaker(event) {
  const chart = event.target.closest?.("figure svg");
  if (!chart) return null;
  const distance = (mark) => {
    const box = mark.getBoundingClientRect();
    const right = Math.max(box.left - event.clientX, 0, event.clientX - box.right);
    const down = Math.max(box.top - event.clientY, 0, event.clientY - box.bottom);
    return Math.hypot(right, down);
  };
  const under = event.target.closest(".mark");
  if (under) return under;
  const near = shownMarks(chart).map((mark) => ({ mark, far: distance(mark) }));
  const [first] = near.sort((a, b) => a.far - b.far);
  if (first?.far <= REACH) return first.mark;
  return words.has(event.target.parentElement) ? event.target.parentElement : null;
}

/** Shows what an element says above it, or below where there is no room; null shows nothing. */
function showTip(element) {
  speaking = element;
  tip.hidden = !element;
  if (!element) return;
  tip.textContent = words.get(element);
  const box = element.getBoundingClientRect();
  const room = document.documentElement.clientWidth - tip.offsetWidth - 8;
  const left = (box.left + box.right - tip.offsetWidth) / 2;
  const above = box.top - tip.offsetHeight - 8;
  tip.style.left = `${Math.max(8, Math.min(left, room))}px`;
  tip.style.top = `${above < 8 ? Math.min(box.bottom + 8, innerHeight - tip.offsetHeight - 8) : above}px`;
}
