// Everything begins here; what fails leaves the page as it is without scripts.
const startMap = () => {
  const facts = data("map-data");
  if (!facts || !window.L) return;
  const slot = code => document.querySelector(`#${CSS.escape(code)} .map-slot`);
  document.documentElement.classList.add("mapped");
  const live = new LiveMap(facts, shownLanguage(), slot(shownLanguage()));
  live.describe();
  onLanguage(language => {
    slot(language).append(live.shell);
    live.map.invalidateSize({ animate: false });
    live.retell(language);
  });
  let waiting = 0;
  window.addEventListener("resize", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => live.describe(), 150);
  });
};

startTraces();
startMap();
document.documentElement.dataset.ready = "yes";
performance.mark("page-ready");
