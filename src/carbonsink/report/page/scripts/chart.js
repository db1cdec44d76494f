// NDVI of one parcel: dots are single acquisitions (the more of the parcel was seen, the darker), the line the composites' means.
const LOW = -0.2, HIGH = 1, TALL = 240, LEFT = 44, RIGHT = 10, TOP = 12, BOTTOM = 30;

const triples = (flat, size) => Array.from({ length: flat.length / size }, (_, n) => flat.slice(n * size, n * size + size));

const chartScale = (days, width) => {
  const first = Math.min(...days), last = Math.max(...days, first + 1);
  return {
    first, last, width,
    x: day => LEFT + ((day - first) / (last - first)) * (width - LEFT - RIGHT),
    y: value => TOP + ((HIGH - Math.min(HIGH, Math.max(LOW, value))) / (HIGH - LOW)) * (TALL - TOP - BOTTOM),
  };
};

const chartAxes = scale => {
  const made = [];
  [0, 0.2, 0.4, 0.6, 0.8, 1].forEach(value => {
    const y = scale.y(value);
    made.push(draw("line", { x1: LEFT, x2: scale.width - RIGHT, y1: y, y2: y, class: value ? "grid" : "zero" }));
    made.push(draw("text", { x: LEFT - 6, y: y + 4, "text-anchor": "end" }, value.toFixed(1)));
  });
  const years = new Date(scale.last * DAY).getUTCFullYear() - new Date(scale.first * DAY).getUTCFullYear() + 1;
  const room = (scale.width - LEFT - RIGHT) / years;
  const step = room > 420 ? 1 : room > 150 ? 3 : 12;
  for (let year = new Date(scale.first * DAY).getUTCFullYear(), month = 0; ; month += step) {
    const day = Date.UTC(year, month, 1) / DAY;
    if (day > scale.last) break;
    if (day < scale.first) continue;
    const january = month % 12 === 0, x = scale.x(day), y = TALL - BOTTOM;
    made.push(draw("line", { x1: x, x2: x, y1: january ? TOP : y, y2: y + 4, class: january ? "year" : "tick" }));
    const label = january ? String(new Date(day * DAY).getUTCFullYear()) : String((month % 12) + 1);
    made.push(draw("text", { x: x + (january ? 3 : 0), y: y + 17, "text-anchor": january ? "start" : "middle", class: january ? "year-name" : "" }, label));
  }
  return made;
};

const chartBand = (scale, from, to, name, title) => {
  const left = scale.x(Math.max(from, scale.first)), right = scale.x(Math.min(to, scale.last));
  const facts = { x: left, y: TOP, width: Math.max(1, right - left), height: TALL - TOP - BOTTOM, class: name };
  return draw("rect", facts, draw("title", {}, title));
};

const chartBands = (scale, evidence, say) => evidence.filter(one => one.practice === "water_regime").flatMap(one => [
  ...(one.season.length ? [chartBand(scale, ...one.season, "season", `${say.season} ${one.season.map(dayText).join(" \u2013 ")}`)] : []),
  ...triples(one.dry, 2).map(([from, to]) => chartBand(scale, from, to, "dry", `${say.drainage} ${dayText(from)} \u2013 ${dayText(to)}`)),
]);

const chart = (series, evidence, name, width, say) => {
  const seen = triples(series.seen, 3), means = triples(series.mean, 2);
  const scale = chartScale([...seen, ...means].map(([day]) => day), width);
  const values = [...seen, ...means].map(([, value]) => value / 1000);
  const told = { parcel: name, count: seen.length, first: dayText(scale.first), last: dayText(scale.last), least: number(Math.min(...values), 2), most: number(Math.max(...values), 2) };
  const line = means.map(([day, value]) => `${scale.x(day).toFixed(1)},${scale.y(value / 1000).toFixed(1)}`).join(" ");
  const dots = seen.map(([day, value, share]) => draw("circle", { cx: scale.x(day).toFixed(1), cy: scale.y(value / 1000).toFixed(1), r: 2.4, opacity: (0.15 + (0.75 * share) / 9).toFixed(2) },
    draw("title", {}, `${dayText(day)}: ${number(value / 1000, 2)}`)));
  return draw("svg", { viewBox: `0 0 ${width} ${TALL}`, class: "series", role: "img", "aria-label": fill(say["chart-told"], told) },
    ...chartBands(scale, evidence, say), ...chartAxes(scale), draw("polyline", { points: line }), ...dots);
};
