"use strict";
// Tables that are sorted by a column.
const sorting = (() => {
  const value = cell => {
    const text = cell.textContent.split("±")[0].trim().replace(/,/g, "").replace(/−/g, "-");
    if (text === "–" || text === "") return -Infinity;
    const units = { d: 86400, h: 3600, m: 60, s: 1, ms: 0.001 };
    const parts = [...text.matchAll(/(-?[\d.]+)(ms|[dhms])(?![a-z])/g)];
    if (parts.length > 0 && /^-?[\d.]/.test(text)) return parts.reduce((sum, [, n, unit]) => sum + Number(n) * units[unit], 0);
    const plain = parseFloat(text);
    return Number.isNaN(plain) ? text.toLowerCase() : plain;
  };
  const sort = (table, column, down) => {
    const body = table.tBodies[0];
    const lines = [...body.rows].map((line, n) => [value(line.cells[column] ?? line.cells[0]), n, line]);
    const compare = (one, other) => one === other ? 0 : typeof one === typeof other ? (one < other ? -1 : 1) : typeof one === "number" ? -1 : 1;
    lines.sort(([one, n], [other, m]) => (down ? compare(other, one) : compare(one, other)) || n - m);
    body.replaceChildren(...lines.map(([, , line]) => line));
  };
  const again = table => {
    const by = [...table.tHead.rows[0].cells].findIndex(head => head.hasAttribute("aria-sort"));
    if (by >= 0) sort(table, by, table.tHead.rows[0].cells[by].getAttribute("aria-sort") === "descending");
  };
  for (const table of document.querySelectorAll("table.sortable")) {
    [...table.tHead.rows[0].cells].forEach((head, column) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = head.textContent;
      head.replaceChildren(button);
      button.addEventListener("click", () => {
        const down = head.getAttribute("aria-sort") !== "descending";
        for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
        head.setAttribute("aria-sort", down ? "descending" : "ascending");
        sort(table, column, down);
      });
    });
  }
  return { again };
})();
