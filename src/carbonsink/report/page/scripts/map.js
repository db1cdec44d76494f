// The map: pictures on the run's grid as a plane in metres, outlines over them, and controls that are plain form fields.
const RED = "#b3261e", INK = "#1f2b25", GOLD = "#b8860b", GREY = "#5d6b63";

const lonLat = (plane, x, y) => {
  const n = plane.nodes - 1;
  const [u, v] = [(x / plane.width) * n, (y / plane.height) * n];
  const [i, j] = [u, v].map(at => Math.min(n - 1, Math.max(0, Math.floor(at))));
  const at = (values, p, q) => values[(j + q) * plane.nodes + i + p];
  const between = values =>
    (1 - (v - j)) * ((1 - (u - i)) * at(values, 0, 0) + (u - i) * at(values, 1, 0)) + (v - j) * ((1 - (u - i)) * at(values, 0, 1) + (u - i) * at(values, 1, 1));
  return [between(plane.longitude), between(plane.latitude)];
};

const placeText = (plane, { lat: y, lng: x }) => {
  const [longitude, latitude] = lonLat(plane, x, y);
  const half = (value, plus, minus) => `${Math.abs(value).toFixed(5)}\u00b0 ${value < 0 ? minus : plus}`;
  return `${half(longitude, "E", "W")}, ${half(latitude, "N", "S")} \u00b7 ${plane.crs} ${Math.round(plane.west + x)} E, ${Math.round(plane.south + y)} N`;
};

const parcelStyle = (known, selected) => {
  const out = Object.values(known.outcome).some(reason => reason !== "counted");
  const colour = selected ? GOLD : known.against.length ? RED : out ? GREY : INK;
  return { color: colour, weight: selected ? 4 : known.against.length ? 2.5 : 1.2, dashArray: known.against.length ? "7 4" : out ? "2 4" : null, fillColor: "#ffffff", fillOpacity: selected ? 0.3 : 0.12 };
};

class LiveMap {
  constructor(facts, language, slot) {
    this.facts = facts;
    this.parcel = null;
    this.pictures = new Map();
    this.shell = make("section", { class: "map-live" });
    this.frame = make("div", { class: "map-frame" });
    this.place = make("p", { class: "map-place" });
    this.panel = make("div", { class: "map-parcel", "aria-live": "polite" });
    this.layers = {};
    this.speak(language);
    slot.append(this.shell);
    this.begin();
  }

  begin() {
    const { plane } = this.facts;
    const whole = L.latLngBounds([[0, 0], [plane.height, plane.width]]);
    const moves = !matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.map = L.map(this.frame, { crs: L.CRS.Simple, fadeAnimation: moves, zoomAnimation: moves, attributionControl: false, zoomControl: false, zoomSnap: 0.25, minZoom: -14, maxZoom: 3, scrollWheelZoom: false, preferCanvas: this.facts.parcels.features.length > 800 });
    this.whole = whole;
    this.map.fitBounds(whole);
    this.map.setMinZoom(this.map.getZoom() - 1).setMaxBounds(whole.pad(0.4));
    L.control.scale({ imperial: false, maxWidth: 160 }).addTo(this.map);
    this.map.on("focus", () => this.map.scrollWheelZoom.enable()).on("blur", () => this.map.scrollWheelZoom.disable());
    this.map.on("mousemove", event => this.tell(event.latlng)).on("move", () => this.tell(this.map.getCenter()));
    this.overlays();
    this.show(this.grounds()[0].id);
    this.zoomNames();
    this.tell(this.map.getCenter());
  }

  tell(place) {
    this.place.textContent = placeText(this.facts.plane, place);
  }

  grounds() {
    const { pictures } = this.facts, say = this.say;
    const covers = pictures.map((one, n) => [one, n]).filter(([one]) => one.kind === "cover").reverse();
    const made = covers.map(([one, n]) => ({ id: `cover-${one.of}`, name: fill(say["cover-of"], { year: one.of }), first: n, kind: "cover" }));
    const ndvi = pictures.findIndex(one => one.kind === "ndvi");
    const colour = pictures.findIndex(one => one.kind === "colour");
    if (ndvi >= 0) made.push({ id: "ndvi", name: say.ndvi, first: ndvi, kind: "ndvi" });
    if (colour >= 0) made.push({ id: "colour", name: fill(say.colour, { period: pictures[colour].of, bands: pictures[colour].bands }), first: colour, kind: "colour" });
    return [...made, { id: "none", name: say.none, first: -1, kind: "none" }];
  }

  show(id) {
    this.ground = this.grounds().find(one => one.id === id);
    const turn = this.ground.kind === "ndvi" ? this.period : 0;
    this.picture(this.ground.first < 0 ? -1 : this.ground.first + turn);
    this.slider.hidden = this.ground.kind !== "ndvi";
    this.legend.replaceChildren(...this.key());
  }

  picture(number) {
    this.pictures.forEach((layer, n) => n !== number && layer.remove());
    if (number < 0) return;
    if (!this.pictures.has(number)) {
      this.pictures.set(number, L.imageOverlay(this.facts.pictures[number].src, this.whole, { alt: "", className: "pixelated" }));
    }
    this.pictures.get(number).addTo(this.map);
  }

  overlays() {
    const { parcels, boundary, marks } = this.facts;
    this.layers.boundary = L.geoJSON(boundary, { interactive: false, style: { color: INK, weight: 1.5, dashArray: "8 3 2 3", fill: false } });
    this.shapes = new Map();
    this.layers.parcels = L.geoJSON(parcels, {
      style: feature => parcelStyle(feature.properties, false),
      onEachFeature: (feature, layer) => {
        this.shapes.set(feature.properties.id, layer);
        layer.on("click", event => this.choose(feature.properties.id, event.latlng));
      },
    });
    ["change", "alert"].forEach(what => {
      const points = marks.filter(mark => mark.what === what).map(mark => this.mark(mark));
      if (points.length) this.layers[what] = L.layerGroup(points);
    });
    Object.entries(this.layers).forEach(([name, layer]) => name !== "change" && layer.addTo(this.map));
  }

  mark(mark) {
    const [x, y] = mark.at, alert = mark.what === "alert";
    const point = L.circleMarker([y, x], { radius: alert ? 9 : 6, color: alert ? RED : GOLD, weight: 2.5, fillOpacity: 0.25 });
    return point.bindPopup(() => make("div", {}, make("strong", {}, this.say[mark.what]), factList([
      [this.say["kind-name"], this.say.kind[mark.kind]], [this.say.day, mark.date], [this.say.area, `${number(mark.ha, 2)} ${this.say.ha}`], [this.say.parcel, mark.parcel || "\u2013"],
    ])));
  }

  choose(id, place) {
    const shapes = this.shapes;
    if (this.parcel && shapes.has(this.parcel)) shapes.get(this.parcel).setStyle(parcelStyle(this.known(this.parcel), false));
    this.parcel = id;
    this.list.value = id;
    this.describe();
    if (!id) return this.map.closePopup();
    const shape = shapes.get(id);
    shape.setStyle(parcelStyle(this.known(id), true)).bringToFront();
    if (!place) this.map.fitBounds(shape.getBounds().pad(1.5), { maxZoom: 0, animate: false });
    L.popup({ maxWidth: 260, autoPanPadding: [20, 20] }).setLatLng(place || [shape.getBounds().getNorth(), shape.getBounds().getCenter().lng]).setContent(popup(this.known(id), this.say)).openOn(this.map);
    this.named();
  }

  known(id) {
    const shape = this.shapes.get(id);
    return shape ? shape.feature.properties : { id: "", outcome: {}, evidence: [], against: [] };
  }

  describe() {
    const id = this.parcel || "";
    const series = this.facts.series[id];
    const width = Math.max(280, this.panel.clientWidth || this.shell.clientWidth);
    const told = id || series ? parcelPanel(this.known(id), series, width, this.say) : [make("p", { class: "hint" }, this.say.choose)];
    this.panel.replaceChildren(...(this.facts.parcels.features.length || series ? told : []));
  }

  speak(language) {
    this.say = this.facts.words[language];
    this.shell.lang = this.say.lang;
    this.shell.setAttribute("aria-label", this.say.map);
    this.frame.setAttribute("role", "application");
    this.frame.setAttribute("aria-label", this.say["map-told"]);
    this.shell.replaceChildren(...this.controls(), this.frame, this.place, this.legend, ...this.chooser(), this.panel);
  }

  retell(language) {
    this.speak(language);
    this.map.closePopup();
    this.show(this.ground.id);
    this.zoomNames();
    this.describe();
  }

  zoomNames() {
    if (this.zoom) this.zoom.remove();
    this.zoom = L.control.zoom({ zoomInTitle: this.say["zoom-in"], zoomOutTitle: this.say["zoom-out"], position: "bottomright" }).addTo(this.map);
  }

  named() {
    const close = this.frame.querySelector(".leaflet-popup-close-button");
    if (close) close.setAttribute("aria-label", this.say.close);
  }
}
