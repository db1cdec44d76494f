// The map's controls: radio buttons for what lies beneath, check boxes for what lies above, a slider for the period, a list of parcels.
const option = (kind, name, value, checked, text, act) => {
  const input = make("input", { type: kind, name, value });
  input.checked = checked;
  input.addEventListener("change", () => act(input));
  return make("label", {}, input, " ", text);
};

Object.assign(LiveMap.prototype, {
  controls() {
    const say = this.say, now = this.ground ? this.ground.id : this.grounds()[0].id;
    this.legend = make("div", { class: "map-legend" });
    this.slider = this.periods();
    const grounds = this.grounds().map(one => option("radio", "map-ground", one.id, one.id === now, one.name, input => this.show(input.value)));
    const above = ["parcels", "boundary", "change", "alert"].filter(name => this.has(name)).map(name =>
      option("checkbox", "map-above", name, this.map ? this.map.hasLayer(this.layers[name]) : name !== "change", say[`show-${name}`], input => this.toggle(name, input.checked)));
    return [
      make("fieldset", { class: "map-controls" }, make("legend", {}, say.beneath), ...grounds, this.slider),
      make("fieldset", { class: "map-controls" }, make("legend", {}, say.above), ...above, this.back()),
    ];
  },

  has(name) {
    const { parcels, marks } = this.facts;
    return name === "boundary" || (name === "parcels" ? parcels.features.length > 0 : marks.some(mark => mark.what === name));
  },

  toggle(name, shown) {
    if (shown) this.layers[name].addTo(this.map);
    else this.layers[name].remove();
  },

  back() {
    const button = make("button", { type: "button" }, this.say["whole-map"]);
    button.addEventListener("click", () => this.map.fitBounds(this.whole));
    return button;
  },

  periods() {
    const shown = this.facts.pictures.filter(one => one.kind === "ndvi");
    if (this.period === undefined) this.period = Math.max(0, shown.findIndex(one => one.of.endsWith("-07")));
    const input = make("input", { type: "range", min: 0, max: Math.max(0, shown.length - 1), step: 1 });
    const told = make("span", {});
    const tell = () => {
      told.textContent = shown.length ? shown[this.period].of : "";
      input.setAttribute("aria-valuetext", told.textContent);
    };
    input.value = this.period;
    input.addEventListener("input", () => {
      this.period = Number(input.value);
      this.show("ndvi");
      tell();
    });
    tell();
    return make("label", { class: "map-period" }, `${this.say.period} `, input, " ", told);
  },

  chooser() {
    const { features } = this.facts.parcels, say = this.say;
    this.list = make("select", { id: "map-parcels" }, make("option", { value: "" }, say["no-parcel"]), ...features.map(({ properties: known }) => {
      const marks = [known.against.length ? say["mark-against"] : "", Object.values(known.outcome).some(reason => reason !== "counted") ? say["mark-out"] : ""];
      return make("option", { value: known.id }, [known.id, `${number(known.ha, 2)} ${say.ha}`, ...marks.filter(Boolean)].join(" \u00b7 "));
    }));
    this.list.value = this.parcel || "";
    this.list.addEventListener("change", () => this.choose(this.list.value));
    const left = this.facts.left ? [make("p", { class: "hint" }, fill(say.left, { count: this.facts.left }))] : [];
    return features.length ? [make("p", { class: "map-chooser" }, make("label", { for: "map-parcels" }, say["choose-parcel"]), " ", this.list), ...left] : [];
  },

  key() {
    const say = this.say, { ramp } = this.facts;
    const swatch = (colour, text) => {
      const square = make("span", { class: "swatch", "aria-hidden": "true" });
      square.style.background = colour;
      return make("li", {}, square, text);
    };
    const line = (name, text) => make("li", {}, make("span", { class: `key ${name}`, "aria-hidden": "true" }), text);
    const covers = this.ground.kind === "cover" ? say.classes.map(([colour, text]) => swatch(colour, text)) : [];
    const bar = make("span", { class: "ramp", "aria-hidden": "true" });
    bar.style.background = `linear-gradient(to right, ${ramp.colours.join(", ")})`;
    const green = this.ground.kind === "ndvi" ? [make("li", {}, `NDVI ${number(ramp.least, 1)} `, bar, ` ${number(ramp.most, 1)}`)] : [];
    const known = this.facts.parcels.features.map(feature => feature.properties);
    const drawn = [
      ...(known.length ? [line("outline", say["key-outline"])] : []),
      ...(known.some(one => one.against.length) ? [line("against", say["key-against"])] : []),
      ...(known.some(one => Object.values(one.outcome).some(reason => reason !== "counted")) ? [line("out", say["key-out"])] : []),
    ];
    return [make("ul", { class: "legend" }, ...covers, ...green, ...drawn)];
  },
});
