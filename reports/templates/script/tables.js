// Tables sorted by a column, within each workload: figures of different workloads are not compared.
// One click: rising; a second: falling; a third: as it was.

const SECONDS = { "µs": 1e-6, ms: 1e-3, s: 1 };

/** What a cell is sorted by: its first number, in the unit beside it, or else its words. */
function sortKey(cell) {
  const text = cell.textContent.trim();
  const number = text.replaceAll(",", "").replace("−", "-").match(/^(?:< )?(-?\d+(?:\.\d+)?)/);
  if (!number) return { text };
  const unit = text.match(/\d (µs|ms|s)\b/)?.[1];
  return { text, number: Number(number[1]) * (SECONDS[unit] ?? 1) };
}

/** Numbers before words, words before nothing, whichever way is up. */
function compare(a, b, way) {
  const rank = (key) => (key.number !== undefined ? 0 : key.text ? 1 : 2);
  if (rank(a) !== rank(b)) return rank(a) - rank(b);
  return way * (a.number !== undefined ? a.number - b.number : a.text.localeCompare(b.text));
}

function addSorting() {
  for (const table of document.querySelectorAll("table:not(.prose)")) {
    const rows = [...table.tBodies[0].rows];
    const headers = [...table.tHead.rows[table.tHead.rows.length - 1].cells];
    if (rows.length < 2 || rows.some((row) => row.cells.length !== headers.length)) continue;
    headers.forEach((header, column) => {
      if (header.textContent !== "workload") addSortButton(table, rows, header, column);
    });
  }
}

function addSortButton(table, rows, header, column) {
  const button = makeButton(header.textContent);
  button.className = "sort";
  header.replaceChildren(button);
  button.addEventListener("click", () => {
    const next = { ascending: "descending", descending: null }[header.getAttribute("aria-sort")];
    const order = next === undefined ? "ascending" : next;
    for (const other of table.querySelectorAll("th[aria-sort]")) other.removeAttribute("aria-sort");
    if (order) header.setAttribute("aria-sort", order);
    table.tBodies[0].append(...(order ? sorted(rows, column, order) : rows));
    markFirstRows();
  });
}

/** Rows in order of a column, each workload's for themselves; equal ones stay as they were. */
function sorted(rows, column, order) {
  const way = order === "ascending" ? 1 : -1;
  const workloads = [...new Set(rows.map(workloadOf))];
  const place = (row) => workloads.indexOf(workloadOf(row));
  const keys = new Map(rows.map((row) => [row, sortKey(row.cells[column])]));
  return [...rows].sort((a, b) => place(a) - place(b) || compare(keys.get(a), keys.get(b), way));
}

function workloadOf(row) {
  return row.cells[0].textContent;
}

/** The line above a workload's first row goes to the first that is shown. */
function markFirstRows() {
  for (const body of document.querySelectorAll("table:not(.prose) tbody")) {
    if (!body.querySelector("tr.first")) continue;
    const shown = [...body.rows].filter((row) => !row.matches(".away"));
    for (const row of body.rows) row.classList.remove("first");
    shown.forEach((row, index) => {
      const above = shown[index - 1];
      row.classList.toggle("first", !above || workloadOf(above) !== workloadOf(row));
    });
  }
}
