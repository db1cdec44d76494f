"use strict";
// One point at a time: what is to be seen of it, a class for it, and the table of all labels to be saved.
const data = JSON.parse(document.getElementById("data").textContent);
const $ = (id) => document.getElementById(id);
const CLASS_KEYS = ["Digit1", "Digit2", "Digit3", "Digit4", "Digit5", "Digit6", "Digit7", "Digit8", "Digit9", ..."ABCDEFGHIJKMNOPQTUVWXYZ"].map((k) => (k.length > 1 ? k : "Key" + k));
const COLOURS = ["#23634a", "#3a6ea5", "#c08a2b", "#7d4e9e", "#b3261e", "#8a8f3c"];
const SVG = "http://www.w3.org/2000/svg";
const stored = "carbonsink|" + data.sample + "|" + data.interpreter;
const labels = new Map();  // point id -> {label, certain, remark}
let language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
let at = 0;
let saved = true;

const word = (key) => data.words[language][key];
const filled = (key, facts) => word(key).replace(/\{(\w+)\}/g, (_, name) => facts[name]);
const point = () => data.points[at];
const keyName = (code) => code.replace(/^(Digit|Key)/, "");
const choices = () => [...data.classes.map((c, n) => ({...c, code: CLASS_KEYS[n]})), {id: data.unclear, zh: data.words.zh.unclear, en: data.words.en.unclear, code: "Digit0"}];

function element(tag, parent, properties = {}) {
  const made = document.createElement(tag);
  Object.assign(made, properties);
  parent.append(made);
  return made;
}

function drawn(tag, attributes, text = "") {
  const made = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.textContent = text;
  $("series").append(made);
}

function showWords() {
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
  for (const place of document.querySelectorAll("[data-word]")) place.textContent = filled(place.dataset.word, {metres: data.metres, year: data.year});
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", word(place.dataset.label));
  $("area").textContent = data.area[language];
  $("keys").replaceChildren();
  for (const [key, text] of [["1 … 9", "key-class"], ["Shift 1 … 9", "key-unsure"], ["0", "key-unclear"], ["← →", "key-move"], ["Enter", "key-open"], ["Backspace", "key-clear"], ["R  Esc", "key-remark"]]) {
    const line = element("li", $("keys"));
    element("kbd", line, {textContent: key});
    line.append(" " + word(text));
  }
}

function showClasses() {
  const own = labels.get(point().id);
  $("classes").replaceChildren();
  for (const choice of choices()) {
    const button = element("button", $("classes"), {type: "button"});
    element("kbd", button, {textContent: choice.code ? keyName(choice.code) : "·"});
    const text = element("span", button, {textContent: choice[language]});
    element("small", text, {textContent: choice[language === "zh" ? "en" : "zh"]});
    button.setAttribute("aria-pressed", String(own !== undefined && own.label === choice.id));
    button.addEventListener("click", () => choose(choice.id, $("certain").checked));
  }
  $("certain").checked = own ? own.certain : true;
  $("remark").value = own ? own.remark : "";
}

function showPictures() {
  const room = data.periods.length > 4 ? 125 : data.periods.length > 2 ? 200 : 375;
  const pixel = Math.max(1, Math.round(room / data.side)), chip = pixel * data.side;  // whole screen pixels, so that squares stay squares
  $("pictures").style.setProperty("--chip", `${chip}px`);
  $("pictures").replaceChildren();
  data.pictures.forEach((name, number) => {
    const picture = element("section", $("pictures"), {className: "picture"});
    element("h3", picture, {textContent: word("picture-" + name)});
    const chips = element("div", picture, {className: "chips"});
    data.periods.forEach((period, place) => {
      const frame = element("div", chips, {className: "chip"});
      const image = element("div", frame);
      image.setAttribute("role", "img");
      image.setAttribute("aria-label", word("picture-" + name) + " " + period);
      image.style.backgroundImage = `url(${point().strips[number]})`;
      image.style.backgroundSize = `${chip * data.periods.length}px ${chip}px`;
      image.style.backgroundPosition = `${-chip * place}px 0`;
      image.style.setProperty("--at", `${pixel * Math.floor(data.side / 2) - 1}px`);
      image.style.setProperty("--pixel", `${pixel}px`);
      element("span", frame, {textContent: period});
    });
  });
}

function showSeries() {
  const left = 34, right = 752, top = 10, bottom = 164, low = -0.2, high = 1;
  const day = (text) => Date.parse(text + "T00:00:00Z");
  const first = day(data.days[0][0]), last = Math.max(...data.days.map((d) => day(d[1])));
  const x = (time) => left + (right - left) * (time - first) / Math.max(last - first, 1);
  const y = (value) => bottom - (bottom - top) * (Math.min(Math.max(value, low), high) - low) / (high - low);
  $("series").replaceChildren();
  $("legend").replaceChildren();
  const from = Math.max(day(data.year + "-01-01"), first), to = Math.min(day(data.year + "-12-31"), last);
  drawn("rect", {x: x(from), y: top, width: Math.max(x(to) - x(from), 0), height: bottom - top, fill: "#fff6d8"});
  for (const value of [0, 0.25, 0.5, 0.75, 1]) {
    drawn("line", {x1: left, x2: right, y1: y(value), y2: y(value), stroke: "#d9e0db"});
    drawn("text", {x: left - 4, y: y(value) + 4, "text-anchor": "end"}, value.toFixed(2));
  }
  const step = Math.ceil(data.days.length / 12);
  data.days.forEach((d, n) => { if (n % step === 0) drawn("text", {x: x((day(d[0]) + day(d[1])) / 2), y: bottom + 16, "text-anchor": "middle"}, d[0].slice(0, 7)); });
  data.layers.forEach((layer, number) => {
    const colour = COLOURS[number % COLOURS.length];
    element("b", $("legend"), {textContent: layer.toUpperCase()}).style.color = colour;
    const values = point().series[number];
    let path = "";
    values.forEach((value, n) => {
      if (value === null) { path += " "; return; }
      const place = [x((day(data.days[n][0]) + day(data.days[n][1])) / 2), y(value / 10000)].map((v) => v.toFixed(1));
      path += (path === "" || path.endsWith(" ") ? "M" : "L") + place.join(",");
      drawn("circle", {cx: place[0], cy: place[1], r: number === 0 ? 3 : 2, fill: colour});
    });
    drawn("path", {d: path.trim(), fill: "none", stroke: colour, "stroke-width": number === 0 ? 2 : 1.2});
  });
  $("series").setAttribute("aria-label", word("series") + ": " + data.layers.join(", "));
}

function showProgress() {
  const all = data.points.length, done = labels.size;
  $("count").textContent = filled(done === all ? "complete" : "progress", {done, all});
  $("progress").setAttribute("aria-valuemax", all);
  $("progress").setAttribute("aria-valuenow", done);
  $("progress").firstElementChild.style.width = `${100 * done / all}%`;
  $("csv").value = table();
}

function show() {
  $("interpreter").textContent = data.interpreter;
  $("sample").textContent = data.sample;
  $("number").textContent = `${at + 1} / ${data.points.length}`;
  $("point").textContent = point().id;
  $("place").textContent = `${point().lat.toFixed(6)}, ${point().lon.toFixed(6)}`;
  showClasses();
  showPictures();
  showSeries();
  showProgress();
}

function say(text, bad = false) {
  $("said").textContent = text;
  $("said").className = bad ? "bad" : "";
}

function keepHere() {
  saved = false;
  try { localStorage.setItem(stored, JSON.stringify([...labels])); } catch { /* the table can be saved all the same */ }
}

function choose(label, certain) {
  const own = labels.get(point().id);
  labels.set(point().id, {label, certain, remark: own ? own.remark : $("remark").value});
  keepHere();
  say("");
  if (at < data.points.length - 1) at += 1;
  show();
}

function change(properties) {
  const own = labels.get(point().id);
  if (!own) return;
  labels.set(point().id, {...own, ...properties});
  keepHere();
  showProgress();
}

function clear() {
  labels.delete(point().id);
  keepHere();
  show();
}

function move(step) {
  at = Math.min(Math.max(at + step, 0), data.points.length - 1);
  show();
}

function nextOpen() {
  for (let step = 1; step <= data.points.length; step += 1) {
    const place = (at + step) % data.points.length;
    if (!labels.has(data.points[place].id)) { at = place; break; }
  }
  show();
}

const cell = (value) => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

function table() {
  const lines = [data.columns.join(",")];
  for (const p of data.points) {
    const own = labels.get(p.id);
    if (own) lines.push([data.sample, p.id, data.interpreter, p.lon, p.lat, own.label, own.certain, own.remark].map((v) => cell(String(v))).join(","));
  }
  return lines.join("\n") + "\n";
}

function save() {
  const address = URL.createObjectURL(new Blob(["\ufeff" + table()], {type: "text/csv;charset=utf-8"}));
  const link = element("a", document.body, {href: address, download: `labels-${data.year}-${data.interpreter.replace(/[^\p{L}\p{N}]+/gu, "-")}.csv`});
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 10000);
  saved = true;
  say(filled("saved", {done: labels.size, all: data.points.length}));
}

function cells(text) {
  const rows = [[""]];
  let quoted = false;
  for (let n = 0; n < text.length; n += 1) {
    const letter = text[n], row = rows[rows.length - 1];
    if (quoted && letter === '"' && text[n + 1] === '"') { row[row.length - 1] += '"'; n += 1; }
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && letter === ",") row.push("");
    else if (!quoted && letter === "\n") rows.push([""]);
    else if (quoted || letter !== "\r") row[row.length - 1] += letter;
  }
  return rows.filter((row) => row.length > 1);
}

function take(text) {
  const [head, ...rows] = cells(text.replace(/^\ufeff/, ""));
  const known = new Set(data.points.map((p) => p.id)), words = new Set(choices().map((c) => c.id));
  const mine = rows.map((row) => Object.fromEntries(data.columns.map((name, n) => [name, row[n] ?? ""])))
    .filter((row) => row.sample === data.sample && row.interpreter === data.interpreter && known.has(row.id) && words.has(row.label));
  if (!head || head.join() !== data.columns.join() || mine.length === 0) { say(word("refused"), true); return; }
  for (const row of mine) labels.set(row.id, {label: row.label, certain: row.certain !== "false", remark: row.remark});
  keepHere();
  say(filled("loaded", {count: mine.length}));
  nextOpen();
}

function other() {
  language = language === "zh" ? "en" : "zh";
  showWords();
  show();
}

function pressed(event) {
  if (event.target.id === "remark") { if (event.key === "Escape" || event.key === "Enter") event.target.blur(); return; }
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || event.target.tagName === "TEXTAREA") return;
  const choice = choices().find((c) => c.code !== undefined && (c.code === event.code || c.code === event.code.replace("Numpad", "Digit")));
  const moves = {ArrowLeft: () => move(-1), ArrowRight: () => move(1), Enter: nextOpen, Backspace: clear, KeyS: save, KeyL: other, KeyR: () => $("remark").focus()};
  if (event.key === "Enter" && ["BUTTON", "SUMMARY"].includes(event.target.tagName)) return;
  if (choice) choose(choice.id, !event.shiftKey && $("certain").checked);
  else if (moves[event.code]) moves[event.code]();
  else return;
  event.preventDefault();
}

try { for (const [id, own] of JSON.parse(localStorage.getItem(stored)) ?? []) if (data.points.some((p) => p.id === id)) labels.set(id, own); } catch { /* nothing was kept */ }
document.addEventListener("keydown", pressed);
$("back").addEventListener("click", () => move(-1));
$("on").addEventListener("click", () => move(1));
$("save").addEventListener("click", save);
$("language").addEventListener("click", other);
$("certain").addEventListener("change", () => change({certain: $("certain").checked}));
$("remark").addEventListener("input", () => change({remark: $("remark").value}));
$("load").addEventListener("change", async () => { const [file] = $("load").files; if (file) take(await file.text()); $("load").value = ""; });
addEventListener("beforeunload", (event) => { if (!saved && labels.size) event.preventDefault(); });
showWords();
if (labels.size) nextOpen(); else show();
