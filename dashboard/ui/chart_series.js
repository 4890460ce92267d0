// A label is the switch of its series: of all that is drawn in its colour.
function colourOf(trace) {
  const { type, mode = "", line, marker, fillcolor } = trace;
  if (typeof fillcolor === "string") return rgbOf(fillcolor)?.join();
  if (mode.includes("lines") && line?.color) return rgbOf(line.color)?.join();
  const drawn = type === "bar" || mode.includes("markers");
  return drawn && typeof marker?.color === "string" ? rgbOf(marker.color)?.join() : undefined;
}

// The series of each label, by its number: its colour, where something is drawn in it, and where
// the chart has others. A label that points at one of its points is its switch only where no other
// label is.
function seriesOfLabels(figure) {
  const drawn = new Set(figure.data.map(colourOf));
  const labels = (figure.layout.annotations ?? []).map(({ name, font, showarrow }) => {
    const colour = rgbOf(font?.color)?.join();
    return { colour: name === "label" && drawn.has(colour) ? colour : undefined, showarrow };
  });
  const plain = new Set(labels.filter((each) => !each.showarrow).map((each) => each.colour));
  const found = labels.map(({ colour, showarrow }) =>
    showarrow && plain.has(colour) ? undefined : colour,
  );
  return new Set(found.filter(Boolean)).size > 1 ? found : found.map(() => undefined);
}

// Also what points at something in a hidden series.
function hideSeries(figure, series, hidden) {
  for (const trace of figure.data) if (hidden.has(colourOf(trace))) trace.visible = false;
  for (const [index, each] of (figure.layout.annotations ?? []).entries())
    if (each.showarrow && !series[index] && hidden.has(rgbOf(each.font?.color)?.join()))
      each.visible = false;
}

// The labels of a chart that has just been drawn, as buttons. `change` draws the chart again.
function offerSwitches(host, series, hidden, change) {
  const offered = new Set();
  for (const element of host.querySelectorAll("g.annotation")) {
    const colour = series[Number(element.dataset.index)];
    if (!colour) continue;
    const text = element.querySelector(".annotation-text-g");
    const shown = !hidden.has(colour);
    const toggle = (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (!hidden.delete(colour)) hidden.add(colour);
      change();
    };
    element.classList.toggle("series-hidden", !shown);
    element.classList.add("series-switch");
    text.style.pointerEvents = "all";
    text.addEventListener("click", toggle);
    if (offered.has(colour)) continue;
    offered.add(colour);
    const words = element.textContent.trim();
    text.setAttribute("role", "button");
    text.setAttribute("tabindex", "0");
    text.setAttribute("aria-pressed", String(shown));
    text.setAttribute("aria-label", `Show ${words}`);
    text.addEventListener("keydown", (event) => {
      if (event.key === "Enter" || event.key === " ") toggle(event);
    });
    const hint = document.createElementNS("http://www.w3.org/2000/svg", "title");
    hint.textContent = shown ? `Hide ${words}` : `Show ${words}`;
    text.appendChild(hint);
  }
}
