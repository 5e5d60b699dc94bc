// Making elements. Texts become text nodes, whatever is in them: nothing is ever parsed as HTML.
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name === "on") for (const [event, run] of Object.entries(value)) element.addEventListener(event, run);
    else element.setAttribute(name, value === true ? "" : value);
  }
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
  return element;
}

// columns: [heading, class]; rows: arrays of texts or elements, the first cell of each its heading.
function makeTable(attributes, columns, rows) {
  const cell = (content, n) =>
    make(n ? "td" : "th", { class: columns[n][1], scope: n ? null : "row", "data-label": columns[n][0] }, content);
  return make("table", attributes,
    make("thead", {}, make("tr", {}, columns.map(([name, kind]) => make("th", { scope: "col", class: kind }, name)))),
    make("tbody", {}, rows.map((row) => make("tr", {}, row.map(cell)))));
}
