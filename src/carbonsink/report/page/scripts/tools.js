// What the other scripts are written with. Texts are only ever put in as text nodes, so nothing of the data is read as markup.
const make = (name, facts = {}, ...inside) => {
  const made = document.createElement(name);
  Object.entries(facts).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...inside);
  return made;
};
const draw = (name, facts = {}, ...inside) => {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(facts).forEach(([key, value]) => made.setAttribute(key, value));
  made.append(...inside);
  return made;
};
const data = id => {
  const block = document.getElementById(id);
  return block && JSON.parse(block.textContent);
};
const fill = (text, facts) => text.replace(/\{(\w+)\}/g, (all, name) => (name in facts ? facts[name] : all));
const number = (value, places) =>
  value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places }).replace("-", "\u2212");
const DAY = 864e5;
const dayText = day => new Date(day * DAY).toISOString().slice(0, 10);
const table = (caption, heads, rows) =>
  make("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": caption }, make("table", {},
    make("caption", {}, caption),
    make("thead", {}, make("tr", {}, ...heads.map(head => make("th", { scope: "col" }, head)))),
    make("tbody", {}, ...rows.map(row => make("tr", {}, ...row.map((cell, n) => (n ? make("td", { "data-head": heads[n], class: cell === "\u2013" ? "nothing" : "" }, cell) : make("th", { scope: "row" }, cell))))))));
