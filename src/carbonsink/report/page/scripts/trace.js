// Figures that tell where they come from: the trees of `carbonsink explain`, opened line by line.
const OPEN = 2; // levels that stand open at first

const branch = (tree, number, depth) => {
  const [text, under] = tree.nodes[number];
  if (!under.length) return make("p", {}, text);
  const made = make("details", {}, make("summary", {}, text));
  const grow = () => made.childElementCount === 1 && made.append(make("div", {}, ...under.map(one => branch(tree, one, depth + 1))));
  made.addEventListener("toggle", grow);
  if (depth < OPEN) {
    grow();
    made.open = true;
  }
  return made;
};

const openTrace = (dialog, tree, asked, figure, words) => {
  const close = make("button", { type: "button", class: "close" }, words.close);
  close.addEventListener("click", () => dialog.close());
  const title = make("h2", { id: "trace-title" }, fill(words.click, { figure: figure.trim() }));
  dialog.lang = words.lang;
  dialog.replaceChildren(make("header", {}, title, close), make("p", { class: "hint" }, words.opened), make("div", { class: "tree" }, branch(tree, tree.roots[asked], 0)));
  dialog.showModal();
};

const startTraces = () => {
  const traces = data("trace-data");
  if (!traces || !window.HTMLDialogElement) return;
  const dialog = make("dialog", { class: "trace", "aria-labelledby": "trace-title" });
  document.body.append(dialog);
  dialog.addEventListener("click", event => event.target === dialog && dialog.close());
  document.querySelectorAll("[data-asks]").forEach(figure => {
    const { tree, words } = traces[figure.closest("article").id], asked = figure.dataset.asks;
    if (!Object.hasOwn(tree.roots, asked)) return;
    const text = figure.textContent, button = make("button", { type: "button", class: "asks", "aria-haspopup": "dialog" }, ...figure.childNodes);
    button.title = fill(words.click, { figure: text.trim() });
    button.addEventListener("click", () => openTrace(dialog, tree, asked, text, words));
    figure.replaceChildren(button);
  });
};
