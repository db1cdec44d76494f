// What is known of a parcel: a few lines for the map's popup, and beneath the map its series and the evidence on practice.
const outcomeText = (known, say) => {
  const byReason = {};
  Object.entries(known.outcome).forEach(([year, reason]) => (byReason[reason] = byReason[reason] || []).push(year));
  return Object.entries(byReason).map(([reason, years]) => `${say.outcome[reason]} (${years.join(", ")})`).join("; ");
};

const parcelFacts = (known, say) => [
  [say.area, `${number(known.ha, 2)} ${say.ha} = ${number(known.mu, 1)} ${say.mu}`],
  [say.stratum, say.strata[known.stratum] || known.stratum],
  ...(Object.keys(known.outcome).length ? [[say.counts, outcomeText(known, say)]] : []),
  ...(known.evidence.length ? [[say.evidence, say[known.against.length ? "against" : "not-against"]]] : []),
];

const factList = facts => make("dl", {}, ...facts.map(([name, value]) => make("div", {}, make("dt", {}, name), make("dd", {}, value))));

const warning = (known, say) =>
  known.against.length ? [make("p", { class: "contradicts" }, fill(say.contradiction, { years: known.against.join(", ") }))] : [];

const popup = (known, say) => make("div", {}, make("strong", {}, known.id), ...warning(known, say), factList(parcelFacts(known, say)));

const evidenceRows = (known, say) => known.evidence.map(one => [
  String(one.year), say.practice[one.practice], say.found[one.declared] || "\u2013", say.found[one.found] || say.unknown, say[one.verdict],
  one.flooded === null ? "\u2013" : String(one.flooded), one.drained === null ? "\u2013" : String(one.drained),
  triples(one.dry, 2).map(days => days.map(dayText).join(" \u2013 ")).join("; ") || "\u2013",
]);

const evidenceTable = (known, say) => {
  const heads = ["year", "practice-name", "record", "found-name", "verdict", "flooded-days", "drained-days", "drainages"].map(key => say[key]);
  return table(fill(say["evidence-of"], { parcel: known.id }), heads, evidenceRows(known, say));
};

const chartKey = (evidence, say) => {
  const water = evidence.some(one => one.practice === "water_regime");
  return make("ul", { class: "legend" }, ...["dot", "line", ...(water ? ["season", "dry"] : [])].map(name =>
    make("li", {}, make("span", { class: `key ${name}`, "aria-hidden": "true" }), say[`key-${name}`])));
};

const seriesShown = (known, series, width, say) => {
  if (!series) return [make("p", {}, say["no-series"])];
  const [single, ...more] = [...triples(series.seen, 3), ...triples(series.mean, 2)];
  if (!more.length) return [make("p", {}, fill(say["one-value"], { value: number(single[1] / 1000, 2) }))];
  return [make("figure", {}, chart(series, known.evidence, known.id || say["whole-area"], width, say), chartKey(known.evidence, say))];
};

const parcelPanel = (known, series, width, say) => [
  make("h4", {}, known.id || say["whole-area"]), ...warning(known, say),
  ...(known.id ? [factList(parcelFacts(known, say))] : []),
  ...seriesShown(known, series, width, say),
  ...(known.evidence.length ? [evidenceTable(known, say)] : []),
];
